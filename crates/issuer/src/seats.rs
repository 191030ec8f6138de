//! Lists seats, inspects tokens and releases seats.

use latchkey_lease::Timestamp;
use latchkey_lease::from_seconds;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{ActivationCode, HasErrorCode, Kind, ProductNumber, RequestId, SeatId, Token};
use thiserror::Error;

use crate::database::{
    DatabaseError, EntitlementRow, NewAudit, Operation, ReadTransaction, SeatRow, SeatStatus,
    Transaction,
};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::model::{EntitlementId, Seat, SeatState};
use crate::refusal::TokenRefusal;
use crate::rules::deactivation::DeactivationTokenError;
use crate::rules::refresh::refreshes_left;
use crate::rules::release::{self, PlannedRelease, ReleaseError};
use crate::time::truncate_to_seconds;

/// Seats can't be shown.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
pub enum SeatsError {
    /// The activation code isn't known.
    #[code(codes::CODE_UNKNOWN)]
    #[class(Conflict)]
    #[error("the activation code is not known")]
    CodeUnknown,
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A seat that was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// Until when the seat counts as taken, because its lease may still run; `None` if it is free
    /// now.
    pub taken_until: Option<Timestamp>,
}

/// The content of a token that the vendor can read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenContent {
    /// A request.
    Request {
        /// Its id.
        request: RequestId,
        /// The requesting product, and its name if it is known.
        product: (ProductNumber, Option<String>),
        /// The name of the seat.
        name: String,
        /// The time on the computer's clock.
        created_at: Timestamp,
    },
    /// A deactivation.
    Deactivation {
        /// The seat.
        seat: SeatId,
        /// Its name, if the seat is known.
        name: Option<String>,
        /// The time on the computer's clock.
        created_at: Timestamp,
    },
    /// A response or a refresh: only its recipient can read it.
    ForComputer {
        /// The seat, if it is a response that was issued here.
        seat: Option<Box<Seat>>,
    },
    /// The token is encrypted for a key that was never this vendor's, so only that key's owner can
    /// read it.
    ForAnotherVendor,
}

impl Issuer {
    /// The seats of an activation code's entitlement, or all seats, oldest first.
    ///
    /// # Errors
    /// Returns [`SeatsError::CodeUnknown`] if the code is unknown, and [`SeatsError::Database`] if
    /// the database can't be read.
    pub fn seats(
        &mut self,
        code: Option<&ActivationCode>,
        now: Timestamp,
    ) -> Result<Vec<Seat>, SeatsError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let entitlement = match code {
                None => None,
                Some(code) => Some(queries.code(code)?.ok_or(SeatsError::CodeUnknown)?.entitlement),
            };
            let entitlements = queries.entitlements()?;
            let mut seats = Vec::new();
            for row in queries.seats(entitlement)? {
                let of = entitlements.iter().find(|entitlement| entitlement.id == row.entitlement);
                seats.extend(of.map(|of| seat(row, of, now)));
            }
            Ok(seats)
        })
    }

    /// An entitlement's seats, oldest first.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn seats_of(
        &mut self,
        id: EntitlementId,
        now: Timestamp,
    ) -> Result<Vec<Seat>, DatabaseError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let Some(of) = queries.entitlement(id)? else { return Ok(Vec::new()) };
            Ok(queries.seats(Some(id))?.into_iter().map(|row| seat(row, &of, now)).collect())
        })
    }

    /// A seat's name, if there is such a seat.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn seat_name(&mut self, id: SeatId) -> Result<Option<String>, DatabaseError> {
        Ok(self.database.read(|queries| queries.seat(id))?.map(|seat| seat.name))
    }

    /// Releases a seat, for example because its computer is gone. Its lease may still run, so the
    /// seat counts as taken until the end of lease and grace, unless `at_once` is set.
    ///
    /// # Errors
    /// Returns [`ReleaseError::Seat`] if the seat is unknown or no longer held, and
    /// [`ReleaseError::Database`] if the database can't be written.
    pub fn release(
        &mut self,
        id: SeatId,
        at_once: bool,
        now: Timestamp,
    ) -> Result<Released, ReleaseError> {
        let now = truncate_to_seconds(now);
        self.database.perform(&SeatRelease { seat: id, at_once, now })
    }

    /// Inspects a token without changing anything.
    ///
    /// # Errors
    /// Returns [`DeactivationTokenError::Token`] if a request or a deactivation can't be opened,
    /// and [`DeactivationTokenError::Database`] if the database can't be read.
    pub fn inspect(
        &mut self,
        token: &Token,
        now: Timestamp,
    ) -> Result<TokenContent, DeactivationTokenError> {
        let now = truncate_to_seconds(now);
        let for_vendor = matches!(token.kind(), Kind::Request | Kind::Deactivation);
        if for_vendor && matches!(self.recipient(token), Err(TokenRefusal::NotForThisVendor { .. }))
        {
            return Ok(TokenContent::ForAnotherVendor);
        }
        match token.kind() {
            Kind::Request => {
                let request = self.decrypt_request(token)?;
                let product = self.database.read(|queries| queries.product(request.product))?;
                Ok(TokenContent::Request {
                    request: request.request,
                    product: (request.product, product.map(|product| product.name)),
                    name: request.seat_name.as_str().to_owned(),
                    created_at: from_seconds(request.created_at),
                })
            }
            Kind::Deactivation => {
                let said = self.decrypt_deactivation(token)?.into_payload();
                let seat = self.database.read(|queries| queries.seat(said.seat))?;
                Ok(TokenContent::Deactivation {
                    seat: said.seat,
                    name: seat.map(|seat| seat.name),
                    created_at: from_seconds(said.created_at),
                })
            }
            Kind::Response | Kind::Refresh => self.database.read(|queries| {
                let Some(id) = queries.seat_of_response(&token.to_string())? else {
                    return Ok(TokenContent::ForComputer { seat: None });
                };
                let Some(row) = queries.seat(id)? else {
                    return Ok(TokenContent::ForComputer { seat: None });
                };
                let of = queries.entitlement(row.entitlement)?;
                Ok(TokenContent::ForComputer { seat: of.map(|of| Box::new(seat(row, &of, now))) })
            }),
        }
    }
}

/// The release of one seat.
struct SeatRelease {
    seat: SeatId,
    at_once: bool,
    now: Timestamp,
}

impl Operation for SeatRelease {
    type Plan = PlannedRelease;
    type Done = Released;
    type Error = ReleaseError;

    fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError> {
        match queries.seat(self.seat)? {
            Some(seat) => queries.lock_entitlement(seat.entitlement),
            None => Ok(()),
        }
    }

    fn decide(&self, queries: &ReadTransaction<'_>) -> Result<PlannedRelease, ReleaseError> {
        let clock = queries.compare_clock(self.now)?;
        release::decide(queries.seat(self.seat)?, self.seat, self.at_once, &clock)
    }

    fn carry_out(
        &self,
        queries: &Transaction<'_>,
        plan: PlannedRelease,
    ) -> Result<Released, ReleaseError> {
        let PlannedRelease { seat, at } = plan;
        queries.change_seat(&seat)?;
        queries.settle_notice(seat.id, at)?;
        let row = NewAudit {
            event: "seat_released",
            entitlement: Some(seat.entitlement),
            seat: Some(seat.id),
            device: Some(seat.device.id().to_string()),
            detail: vec![("taken_until", to_rfc3339(seat.reserved_until))],
            ..Default::default()
        };
        queries.add_audit(&row, at)?;
        let taken_until = Some(seat.reserved_until).filter(|until| *until > at);
        Ok(Released { seat: seat.id, name: seat.name, taken_until })
    }

    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &ReleaseError,
    ) -> Result<(), DatabaseError> {
        let row = NewAudit {
            event: "release_refused",
            seat: Some(self.seat),
            refusal: Some(refusal.code().name),
            ..Default::default()
        };
        queries.add_audit(&row, self.now)
    }
}

pub(crate) fn seat(row: SeatRow, of: &EntitlementRow, now: Timestamp) -> Seat {
    let state = match row.status {
        SeatStatus::Deactivated => SeatState::Deactivated,
        SeatStatus::Reused => SeatState::Reused,
        SeatStatus::Released => SeatState::Released,
        SeatStatus::Held if of.ended_at.is_some() => SeatState::Ended,
        SeatStatus::Held if row.lease_expiry <= now => SeatState::LeaseExpired,
        SeatStatus::Held => SeatState::Active,
    };
    Seat {
        refreshes_left: of.request_every.map(|every| refreshes_left(every, row.refreshes)),
        id: row.id,
        entitlement: row.entitlement,
        product: of.product,
        name: row.name,
        state,
        activated_at: row.activated_at,
        lease_expiry: row.lease_expiry,
        taken_until: row.reserved_until,
        device: row.device.id(),
        closed_at: row.closed_at,
        reused_by: row.reused_by,
    }
}
