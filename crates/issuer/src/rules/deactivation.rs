//! The rules of a deactivation: whether it is the seat's computer that returns it, and whether the
//! seat is free at once.

use latchkey_lease::Timestamp;
use latchkey_token::{Deactivation, HasErrorCode, SeatId, Signed};
use thiserror::Error;

use crate::clock::Comparison;
use crate::database::{DatabaseError, EntitlementRow, SeatRow, SeatStatus};
use crate::error_class::{ClassifiedError, codes};
use crate::refusal::{SeatRefusal, TokenRefusal};

/// A deactivation that is refused. No seat has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(RefusedToken)]
pub enum DeactivationTokenError {
    /// The token.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// No seat was ever granted to the computer that signed it.
    #[code(codes::UNKNOWN_DEVICE)]
    #[error("no computer that is known here has signed it")]
    UnknownDevice,
    /// Signed by another computer than the seat's.
    #[code(codes::OTHER_DEVICE)]
    #[error("not signed by the seat's computer")]
    OtherDevice,
    /// A newer request of the computer was answered for the seat since.
    #[code(codes::SUPERSEDED)]
    #[error("older than the newest activation of the seat")]
    Superseded,
    /// The seat.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a deactivation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The seat has been returned.
    Released,
    /// The seat had been returned before.
    AlreadyReleased,
    /// Another computer has the seat by now; this was recorded, and nothing else has changed.
    Noted,
}

/// A deactivation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivated {
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// The lease expiry that it had.
    pub lease_expiry: Timestamp,
    /// What it did.
    pub outcome: Outcome,
    /// Until when the seat still counts as taken, because its line has used up its early returns.
    /// `None` if the seat is free or another computer's.
    pub taken_until: Option<Timestamp>,
}

/// What is known when a deactivation is decided on.
#[derive(Debug, Clone)]
pub(crate) struct DeactivationFacts {
    pub(crate) clock: Comparison,
    /// The seat, if it exists.
    pub(crate) seat: Option<SeatToReturn>,
}

/// A seat that is to be returned.
#[derive(Debug, Clone)]
pub(crate) struct SeatToReturn {
    pub(crate) row: SeatRow,
    pub(crate) entitlement: EntitlementRow,
    /// Whether a request of the same device has the deactivation's counter.
    pub(crate) counter_was_requested: bool,
    /// The number of early returns of the seat's line within a year.
    pub(crate) returns: u64,
    /// How many early returns of one line free the seat at once.
    pub(crate) early_returns: u32,
}

/// The plan of a deactivation: the seat as it is from now on, and what is recorded.
#[derive(Debug)]
pub(crate) struct PlannedDeactivation {
    pub(crate) seat: SeatRow,
    pub(crate) entitlement: EntitlementRow,
    pub(crate) outcome: Outcome,
    /// The seat comes back before its lease and grace are over, which is counted.
    pub(crate) is_early: bool,
    pub(crate) taken_until: Option<Timestamp>,
    pub(crate) counter: u64,
    /// Additional remarks for the audit log's row.
    pub(crate) audit_flags: Vec<&'static str>,
    /// The time under which it is recorded.
    pub(crate) at: Timestamp,
}

impl PlannedDeactivation {
    pub(crate) fn into_deactivated(self) -> Deactivated {
        Deactivated {
            seat: self.seat.id,
            name: self.seat.name,
            lease_expiry: self.seat.lease_expiry,
            outcome: self.outcome,
            taken_until: self.taken_until,
        }
    }
}

/// Decides on a deactivation, which counts if the seat's computer has signed it.
pub(crate) fn decide(
    facts: DeactivationFacts,
    signed: &Signed<Deactivation>,
) -> Result<PlannedDeactivation, DeactivationTokenError> {
    let said = signed.payload();
    let found = facts.seat.ok_or(SeatRefusal::Unknown { seat: said.seat })?;
    let SeatToReturn { row: mut seat, entitlement, counter_was_requested, .. } = found;
    // The signer can be any device of any product that ever had a seat; it must be this seat's.
    if *signed.signer() != seat.device || signed.product() != entitlement.product {
        return Err(DeactivationTokenError::OtherDevice);
    }
    // A seat is returned whatever the clock shows. While the clock is in doubt, the time of the
    // newest record counts.
    let now = facts.clock.credible_time();
    let mut audit_flags = Vec::new();
    if counter_was_requested {
        // An old vault was restored, or there are two copies.
        audit_flags.push("vault_copied");
    }
    let mut is_early = false;
    let outcome = match seat.status {
        SeatStatus::Held | SeatStatus::Released if said.counter > seat.request_counter => {
            seat.status = SeatStatus::Deactivated;
            seat.deactivation_counter = Some(said.counter);
            seat.closed_at = Some(now);
            is_early = seat.reserved_until > now;
            // By a clock that is ahead, a lease that is running seems to be over.
            let may_be_early = seat.reserved_until > facts.clock.earliest();
            if may_be_early && found.returns < u64::from(found.early_returns) {
                seat.reserved_until = seat.reserved_until.min(facts.clock.earliest());
                if !is_early {
                    // By another clock it would count as an early return.
                    audit_flags.push("clock_unexplained");
                }
            } else if is_early {
                audit_flags.push("returned_too_often");
            }
            Outcome::Released
        }
        SeatStatus::Deactivated if Some(said.counter) == seat.deactivation_counter => {
            Outcome::AlreadyReleased
        }
        // The seat was returned again under a higher counter: an old vault was restored in between.
        SeatStatus::Deactivated if Some(said.counter) > seat.deactivation_counter => {
            audit_flags.push("vault_restored");
            Outcome::AlreadyReleased
        }
        SeatStatus::Reused => Outcome::Noted,
        SeatStatus::Held | SeatStatus::Released | SeatStatus::Deactivated => {
            return Err(DeactivationTokenError::Superseded);
        }
    };
    let given_back = outcome != Outcome::Noted;
    let taken_until = Some(seat.reserved_until).filter(|until| given_back && *until > now);
    let counter = said.counter;
    Ok(PlannedDeactivation {
        seat,
        entitlement,
        outcome,
        is_early,
        taken_until,
        counter,
        audit_flags,
        at: now,
    })
}
