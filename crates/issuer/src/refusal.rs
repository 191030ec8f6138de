//! Refusals that several operations share.

use latchkey_lease::IntervalError;
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{HasErrorCode, KeyId, OpenError, SeatId};
use thiserror::Error;

use crate::database::{EntitlementRow, SeatRow, SeatStatus};
use crate::error_class::codes;

/// A token that isn't for this vendor, or isn't what it says.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// Sealed for a key that was never this vendor's.
    #[code(codes::NOT_FOR_THIS_VENDOR)]
    #[error("sealed for key {key}, which is not this vendor's")]
    NotForThisVendor {
        /// The key.
        key: KeyId,
    },
    /// Sealed for one of this vendor's keys whose file isn't on this machine.
    #[code(codes::KEY_OFFLINE)]
    #[error("sealed for key {key}, which is not on this machine")]
    KeyOffline {
        /// The key.
        key: KeyId,
    },
    /// It can't be opened, or its signature doesn't count.
    #[code(transparent)]
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// An entitlement that doesn't allow it.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum EntitlementRefusal {
    /// The vendor ended it.
    #[code(codes::ENTITLEMENT_ENDED)]
    #[error("the entitlement has ended")]
    Ended,
    /// Its subscription is over.
    #[code(codes::SUBSCRIPTION_OVER)]
    #[error("the subscription ended at {}", to_rfc3339(*end))]
    SubscriptionOver {
        /// When.
        #[detail(time)]
        end: Timestamp,
    },
    /// It has no offline lease period.
    #[code(codes::NO_OFFLINE_LEASE)]
    #[error("the entitlement has no offline lease period")]
    NoOfflineLease,
    /// Its periods lead out of the calendar.
    #[code(codes::LEASE_NOT_GRANTED)]
    #[error("the lease can't be worked out: {0}")]
    Lease(#[from] IntervalError),
}

impl EntitlementRefusal {
    /// Checks that the vendor hasn't ended the entitlement. This check comes before all others.
    pub(crate) fn ensure_active(row: &EntitlementRow) -> Result<(), Self> {
        if row.ended_at.is_some() { Err(Self::Ended) } else { Ok(()) }
    }
}

/// A seat that isn't this computer's any more.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum SeatRefusal {
    /// There is no such seat.
    #[code(codes::SEAT_UNKNOWN)]
    #[error("there is no seat {seat}")]
    Unknown {
        /// Its id.
        seat: SeatId,
    },
    /// Another computer has it by now.
    #[code(codes::SEAT_REUSED)]
    #[error("the seat has been reused")]
    Reused,
    /// Its computer gave it back.
    #[code(codes::SEAT_DEACTIVATED)]
    #[error("the seat has been deactivated")]
    Deactivated,
    /// The vendor took it back.
    #[code(codes::SEAT_RELEASED)]
    #[error("the seat has been released by the vendor")]
    Released,
}

impl SeatRefusal {
    /// Checks that the seat is still held.
    pub(crate) fn ensure_held(seat: &SeatRow) -> Result<(), Self> {
        match seat.status {
            SeatStatus::Held => Ok(()),
            SeatStatus::Reused => Err(Self::Reused),
            SeatStatus::Deactivated => Err(Self::Deactivated),
            SeatStatus::Released => Err(Self::Released),
        }
    }
}
