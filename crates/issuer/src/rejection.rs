//! Rejections that several operations share.

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{IntervalError, to_seconds};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, KeyId, OpenError, SeatId};
use thiserror::Error;

use crate::database::{EntitlementRow, SeatRow, SeatStatus};
use crate::error_class::codes;

/// A token that isn't for this vendor, or isn't what it says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenRejection {
    /// Sealed for a key that was never this vendor's.
    #[error("sealed for key {key}, which is not this vendor's")]
    NotForThisVendor {
        /// The key.
        key: KeyId,
    },
    /// Sealed for one of this vendor's keys whose file isn't on this machine.
    #[error("sealed for key {key}, which is not on this machine")]
    KeyOffline {
        /// The key.
        key: KeyId,
    },
    /// It can't be opened, or its signature doesn't count.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl HasErrorCode for TokenRejection {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotForThisVendor { .. } => codes::NOT_FOR_THIS_VENDOR,
            Self::KeyOffline { .. } => codes::KEY_OFFLINE,
            Self::Open(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::NotForThisVendor { key } | Self::KeyOffline { key } => {
                vec![("key", key.to_string().into())]
            }
            Self::Open(inner) => inner.details(),
        }
    }
}

/// An entitlement that doesn't allow it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntitlementRejection {
    /// The vendor ended it.
    #[error("the entitlement has ended")]
    Ended,
    /// Its subscription is over.
    #[error("the subscription ended at {}", to_rfc3339(*end))]
    SubscriptionOver {
        /// When.
        end: Timestamp,
    },
    /// It has no offline lease period.
    #[error("the entitlement has no offline lease period")]
    NoOfflineLease,
    /// Its periods lead out of the calendar.
    #[error("the lease can't be worked out: {0}")]
    Lease(#[from] IntervalError),
}

impl EntitlementRejection {
    /// Checks that the vendor hasn't ended the entitlement. This check comes before all others.
    pub(crate) fn ensure_active(row: &EntitlementRow) -> Result<(), Self> {
        if row.ended_at.is_some() { Err(Self::Ended) } else { Ok(()) }
    }
}

impl HasErrorCode for EntitlementRejection {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Ended => codes::ENTITLEMENT_ENDED,
            Self::SubscriptionOver { .. } => codes::SUBSCRIPTION_OVER,
            Self::NoOfflineLease => codes::NO_OFFLINE_LEASE,
            Self::Lease(_) => codes::LEASE_NOT_GRANTED,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::SubscriptionOver { end } => vec![("end", ErrorArg::Time(to_seconds(*end)))],
            Self::Ended | Self::NoOfflineLease | Self::Lease(_) => Vec::new(),
        }
    }
}

/// A seat that isn't this computer's any more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SeatRejection {
    /// There is no such seat.
    #[error("there is no seat {seat}")]
    Unknown {
        /// Its id.
        seat: SeatId,
    },
    /// Another computer has it by now.
    #[error("the seat has been reused")]
    Reused,
    /// Its computer gave it back.
    #[error("the seat has been deactivated")]
    Deactivated,
    /// The vendor took it back.
    #[error("the seat has been released by the vendor")]
    Released,
}

impl SeatRejection {
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

impl HasErrorCode for SeatRejection {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unknown { .. } => codes::SEAT_UNKNOWN,
            Self::Reused => codes::SEAT_REUSED,
            Self::Deactivated => codes::SEAT_DEACTIVATED,
            Self::Released => codes::SEAT_RELEASED,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Unknown { seat } => vec![("seat", seat.to_string().into())],
            Self::Reused | Self::Deactivated | Self::Released => Vec::new(),
        }
    }
}
