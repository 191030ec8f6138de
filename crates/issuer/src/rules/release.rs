//! The rules of a release, with which the vendor takes a seat back.

use latchkey_lease::Timestamp;
use latchkey_token::{HasErrorCode, SeatId};
use thiserror::Error;

use crate::clock::Comparison;
use crate::database::{DatabaseError, SeatRow, SeatStatus};
use crate::error_class::ClassifiedError;
use crate::refusal::SeatRefusal;

/// A seat can't be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The seat doesn't exist, or no device holds it.
    #[code(transparent)]
    #[class(Conflict)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The seat as it is from now on.
#[derive(Debug)]
pub(crate) struct PlannedRelease {
    pub(crate) seat: SeatRow,
    /// The time under which it is recorded.
    pub(crate) at: Timestamp,
}

/// Decides on the release of a seat. Its lease may still run, so the seat counts as taken until the
/// end of lease and grace, unless `at_once` is set.
pub(crate) fn decide(
    seat: Option<SeatRow>,
    id: SeatId,
    at_once: bool,
    clock: &Comparison,
) -> Result<PlannedRelease, ReleaseError> {
    let now = clock.credible_time();
    let mut seat = seat.ok_or(SeatRefusal::Unknown { seat: id })?;
    match SeatRefusal::ensure_held(&seat) {
        Ok(()) => {
            seat.status = SeatStatus::Released;
            seat.closed_at = Some(now);
        }
        // A released seat can be released again, to free it at once.
        Err(SeatRefusal::Released) => {}
        // The seat was returned too often to be free yet; the vendor can decide that it is.
        Err(SeatRefusal::Deactivated) if at_once && seat.reserved_until > now => {}
        Err(refusal) => return Err(refusal.into()),
    }
    if at_once {
        seat.reserved_until = seat.reserved_until.min(clock.earliest());
    }
    Ok(PlannedRelease { seat, at: now })
}
