//! What a caller who knows an activation code can see and do: list the seats of its entitlement,
//! and refresh one of them.

use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, HasErrorCode, SeatId};
use thiserror::Error;

use crate::database::DatabaseError;
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::model::{AuditRow, Entitlement, Product, Seat};
use crate::refresh::Refreshed;
use crate::refusal::SeatRefusal;
use crate::rules::refresh::RefreshError;
use crate::rules::release::ReleaseError;
use crate::seats::SeatsError;
use crate::time::truncate_to_seconds;

/// Showing a seat to the holder of an activation code, or refreshing it, failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum SelfServiceError {
    /// The activation code isn't known.
    #[code(codes::CODE_UNKNOWN)]
    #[error("the activation code is not known")]
    CodeUnknown,
    /// The seat isn't one of the code's entitlement, or there is none.
    #[code(codes::TAKEOVER_OTHER)]
    #[error("the seat {seat} is of another entitlement")]
    OtherEntitlement {
        /// The seat.
        seat: SeatId,
    },
    /// The seat is no longer held.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// The refresh is refused.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<SeatsError> for SelfServiceError {
    fn from(error: SeatsError) -> Self {
        match error {
            SeatsError::CodeUnknown => Self::CodeUnknown,
            SeatsError::Database(inner) => inner.into(),
        }
    }
}

/// What an activation code gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeOverview {
    /// The product.
    pub product: Product,
    /// The entitlement.
    pub entitlement: Entitlement,
    /// Its seats, oldest first.
    pub seats: Vec<Seat>,
}

/// A seat and what happened to it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatHistory {
    /// The entitlement and product of the seat.
    pub product: Product,
    /// The seat.
    pub seat: Seat,
    /// The audit log's rows about it.
    pub history: Vec<AuditRow>,
    /// When its computer was reported lost, if that report is still open.
    pub gone: Option<Timestamp>,
}

impl Issuer {
    /// The seats of a code's entitlement, with product and terms.
    ///
    /// # Errors
    /// Returns [`SelfServiceError::CodeUnknown`] if the code is unknown, and
    /// [`SelfServiceError::Database`] if the database can't be read.
    pub fn code_overview(
        &mut self,
        code: &ActivationCode,
        now: Timestamp,
    ) -> Result<CodeOverview, SelfServiceError> {
        let now = truncate_to_seconds(now);
        let id = self.entitlement_of(code)?;
        self.database.read(|queries| {
            let row = queries.entitlement(id)?.ok_or(SelfServiceError::CodeUnknown)?;
            let product = queries.product(row.product)?.ok_or(SelfServiceError::CodeUnknown)?;
            let seats = queries.seats(Some(id))?;
            let seats = seats.into_iter().map(|seat| crate::seats::seat(seat, &row, now)).collect();
            let entitlement = crate::entitlements::load_entitlement(queries, row, now)?;
            Ok(CodeOverview { product, entitlement, seats })
        })
    }

    /// One seat of a code's entitlement, with its history.
    ///
    /// # Errors
    /// Returns [`SelfServiceError::CodeUnknown`] if the code is unknown,
    /// [`SelfServiceError::OtherEntitlement`] if the seat isn't one of its entitlement's or doesn't
    /// exist, and [`SelfServiceError::Database`] if the database can't be read.
    pub fn seat_history_with_code(
        &mut self,
        code: &ActivationCode,
        seat: SeatId,
        now: Timestamp,
    ) -> Result<SeatHistory, SelfServiceError> {
        let holding = self.code_overview(code, now)?;
        let (history, gone) = self.database.read(|queries| {
            Ok::<_, DatabaseError>((queries.audit_of_seat(seat)?, queries.open_notice(seat)?))
        })?;
        let mut seats = holding.seats.into_iter();
        let found = seats.find(|found| found.id == seat);
        let seat = found.ok_or(SelfServiceError::OtherEntitlement { seat })?;
        Ok(SeatHistory { product: holding.product, seat, history, gone })
    }

    /// Issues a refresh for a seat to a caller who knows the code of its entitlement.
    ///
    /// # Errors
    /// Returns [`SelfServiceError::CodeUnknown`] if the code is unknown,
    /// [`SelfServiceError::OtherEntitlement`] if the seat isn't one of its entitlement's or doesn't
    /// exist, and [`SelfServiceError::Refresh`] if the refresh is refused, which is recorded in the
    /// audit log. Returns [`SelfServiceError::Database`] if the database fails.
    pub fn refresh_with_code(
        &mut self,
        code: &ActivationCode,
        seat: SeatId,
        now: Timestamp,
    ) -> Result<Refreshed, SelfServiceError> {
        let id = self.entitlement_of(code)?;
        // A seat never changes its entitlement, so nothing can change between the two calls.
        let found = self.database.read(|queries| queries.seat(seat))?;
        if found.is_none_or(|found| found.entitlement != id) {
            return Err(SelfServiceError::OtherEntitlement { seat });
        }
        Ok(self.refresh(seat, now)?)
    }

    /// One seat with its history, for the vendor.
    ///
    /// # Errors
    /// Returns [`ReleaseError::Seat`] if there is no such seat, and [`ReleaseError::Database`] if
    /// the database can't be read.
    pub fn seat_history(
        &mut self,
        id: SeatId,
        now: Timestamp,
    ) -> Result<SeatHistory, ReleaseError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let unknown = || SeatRefusal::Unknown { seat: id };
            let row = queries.seat(id)?.ok_or_else(unknown)?;
            let of = queries.entitlement(row.entitlement)?.ok_or_else(unknown)?;
            Ok(SeatHistory {
                product: queries.product(of.product)?.ok_or_else(unknown)?,
                seat: crate::seats::seat(row, &of, now),
                history: queries.audit_of_seat(id)?,
                gone: queries.open_notice(id)?,
            })
        })
    }

    fn entitlement_of(
        &mut self,
        code: &ActivationCode,
    ) -> Result<crate::EntitlementId, SelfServiceError> {
        let found = self.database.read(|queries| queries.code(code))?;
        Ok(found.ok_or(SelfServiceError::CodeUnknown)?.entitlement)
    }
}
