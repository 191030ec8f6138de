//! Notices for the vendor: reports of lost computers, made by someone who knows the activation
//! code, and entitlements whose seats are given back early very often. A report frees nothing,
//! because the lease may still run and anyone who has the code could make it.

use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, HasErrorCode, SeatId};
use thiserror::Error;

use crate::database::{DatabaseError, NewAudit};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::model::{EntitlementId, Seat};
use crate::refusal::SeatRefusal;
use crate::self_service::SelfServiceError;
use crate::time::{a_year_before, truncate_to_seconds};

/// A notice can't be settled.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum NoticeError {
    /// This computer hasn't been reported lost, or the report was dismissed.
    #[code(codes::NOT_GONE)]
    #[error("no notice about the seat {seat} is open")]
    None {
        /// The seat.
        seat: SeatId,
    },
    /// No notice about early returns of this entitlement's seats is open.
    #[code(codes::NO_RETURNS)]
    #[error("no notice about the entitlement {entitlement} is open")]
    NoReturns {
        /// The entitlement.
        entitlement: EntitlementId,
    },
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The outcome of reporting a computer lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportOutcome {
    /// The report was recorded.
    Recorded,
    /// A report is open already.
    AlreadyOpen,
}

/// An open report of a lost computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostDeviceReport {
    /// When the computer was reported lost.
    pub at: Timestamp,
    /// Its seat.
    pub seat: Seat,
    /// The name of the product.
    pub product: String,
}

/// An entitlement with more early returns than seats: perhaps one seat serves several computers. A
/// copy of a vault from before its deactivation keeps running until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlyReturnsReport {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The customer, as the vendor calls them.
    pub customer: Option<String>,
    /// The name of the product.
    pub product: String,
    /// The number of seats.
    pub seats: u32,
    /// The number of early returns in the last 365 days.
    pub returns: u64,
    /// The time of the newest early return.
    pub newest: Timestamp,
}

impl Issuer {
    /// How many deactivations before the lease expiry free a seat of one line at once, within 365
    /// days.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn early_returns(&mut self) -> Result<u32, DatabaseError> {
        self.database.read(|queries| queries.early_returns())
    }

    /// Sets how many deactivations before the lease expiry free a seat of one line at once, within
    /// 365 days.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked,
    /// [`DatabaseError::Full`] or [`DatabaseError::ReadOnly`] if the disk takes nothing more, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be used otherwise.
    pub fn set_early_returns(&mut self, limit: u32, now: Timestamp) -> Result<(), DatabaseError> {
        self.database.write(|queries| {
            queries.set_early_returns(limit)?;
            let detail = vec![("early_returns", limit.to_string())];
            let row = NewAudit { event: "policy_changed", detail, ..Default::default() };
            queries.add_audit(&row, truncate_to_seconds(now))
        })
    }

    /// The entitlements with more early returns in the last 365 days than seats, unless the vendor
    /// has dismissed the notice since the newest one.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn early_returns_reports(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<EarlyReturnsReport>, DatabaseError> {
        let since = a_year_before(truncate_to_seconds(now));
        self.database.read(|queries| {
            let mut notices = Vec::new();
            for many in queries.many_returns(since)? {
                let Some(of) = queries.entitlement(many.entitlement)? else { continue };
                let product = queries.product(of.product)?.map(|product| product.name);
                notices.push(EarlyReturnsReport {
                    entitlement: of.id,
                    customer: of.customer,
                    product: product.unwrap_or_default(),
                    seats: of.seats,
                    returns: many.returns,
                    newest: many.newest,
                });
            }
            Ok(notices)
        })
    }

    /// Dismisses the notice about an entitlement's early returns until a seat is returned early
    /// again.
    ///
    /// # Errors
    /// Returns [`NoticeError::NoReturns`] if there is no such notice.
    pub fn dismiss_early_returns(
        &mut self,
        entitlement: EntitlementId,
        now: Timestamp,
    ) -> Result<(), NoticeError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let many = queries.many_returns(a_year_before(now))?;
            let found = many.iter().find(|many| many.entitlement == entitlement);
            let found = found.ok_or(NoticeError::NoReturns { entitlement })?;
            queries.see_returns(entitlement, found.newest)?;
            let row = NewAudit {
                event: "notice_dismissed",
                entitlement: Some(entitlement),
                ..Default::default()
            };
            queries.add_audit(&row, now)?;
            Ok(())
        })
    }

    /// Reports a seat's computer lost. The seat stays as it is.
    ///
    /// # Errors
    /// Returns [`SelfServiceError::CodeUnknown`] if the code is unknown,
    /// [`SelfServiceError::OtherEntitlement`] if the seat isn't one of its entitlement's,
    /// [`SelfServiceError::Seat`] if it is no longer held, and [`SelfServiceError::Database`] if
    /// the database can't be written.
    pub fn report_lost_device(
        &mut self,
        code: &ActivationCode,
        id: SeatId,
        now: Timestamp,
    ) -> Result<ReportOutcome, SelfServiceError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            let of = queries.code(code)?.ok_or(SelfServiceError::CodeUnknown)?.entitlement;
            let seat = queries.seat(id)?.filter(|seat| seat.entitlement == of);
            let seat = seat.ok_or(SelfServiceError::OtherEntitlement { seat: id })?;
            SeatRefusal::ensure_held(&seat)?;
            if !queries.add_notice(id, now)? {
                return Ok(ReportOutcome::AlreadyOpen);
            }
            let row = NewAudit {
                event: "computer_reported_gone",
                entitlement: Some(of),
                seat: Some(id),
                code: Some(code.masked()),
                ..Default::default()
            };
            queries.add_audit(&row, now)?;
            Ok(ReportOutcome::Recorded)
        })
    }

    /// The open reports of lost computers, oldest first. Releasing a seat settles its report.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn lost_device_reports(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<LostDeviceReport>, DatabaseError> {
        let now = truncate_to_seconds(now);
        self.database.read(|queries| {
            let mut notices = Vec::new();
            for (id, at) in queries.open_notices()? {
                let Some(row) = queries.seat(id)? else { continue };
                let Some(of) = queries.entitlement(row.entitlement)? else { continue };
                let product = queries.product(of.product)?.map(|product| product.name);
                let seat = crate::seats::seat(row, &of, now);
                notices.push(LostDeviceReport { at, seat, product: product.unwrap_or_default() });
            }
            Ok(notices)
        })
    }

    /// Dismisses a report without releasing the seat.
    ///
    /// # Errors
    /// Returns [`NoticeError::None`] if there is no open report.
    pub fn dismiss_lost_device_report(
        &mut self,
        id: SeatId,
        now: Timestamp,
    ) -> Result<(), NoticeError> {
        let now = truncate_to_seconds(now);
        self.database.write(|queries| {
            if !queries.settle_notice(id, now)? {
                return Err(NoticeError::None { seat: id });
            }
            let row = NewAudit { event: "notice_dismissed", seat: Some(id), ..Default::default() };
            queries.add_audit(&row, now)?;
            Ok(())
        })
    }
}
