//! What can be wrong with an interval or a lease.

use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, OpenError, SeatId};
use thiserror::Error;

/// A text that is no interval, or an interval that leads out of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IntervalError {
    /// Not a whole number and a unit.
    #[error("{text:?} is not an interval such as 15m, 12h, 30d, 2w, 1mo or 1y")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Nought, or more than a thousand years.
    #[error("{text:?} is out of range")]
    OutOfRange {
        /// What was given.
        text: String,
    },
    /// The end would lie beyond the year 9999.
    #[error("the end lies beyond the calendar")]
    Calendar,
}

/// A stored lease that doesn't hold up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The response isn't the vendor's word to this computer about this product.
    #[error("the response does not verify: {0}")]
    Response(#[source] OpenError),
    /// The refresh isn't.
    #[error("the refresh does not verify: {0}")]
    Refresh(#[source] OpenError),
    /// The refresh is for another seat than the response.
    #[error("the refresh is for seat {refresh}, the lease for {lease}")]
    OtherSeat {
        /// The response's seat.
        lease: SeatId,
        /// The refresh's seat.
        refresh: SeatId,
    },
    /// The list of traits isn't the one that the vendor signed for.
    #[error("the list of traits is not the one that was signed for")]
    Traits,
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $number:literal;)*) => {
        /// The codes of this crate's errors.
        pub mod codes {
            use latchkey_token::ErrorCode;
            $(#[doc = concat!("`", $name, "`")] pub const $constant: ErrorCode = ErrorCode::new($name, $number);)*
        }
        /// Every code that an error of this crate can have by itself.
        pub const CODES: &[ErrorCode] = &[$(codes::$constant),*];
    };
}

codes! {
    INTERVAL_MALFORMED = "interval.malformed", 2001;
    INTERVAL_RANGE = "interval.out_of_range", 2002;
    INTERVAL_CALENDAR = "interval.calendar", 2003;
    LEASE_ALTERED = "lease.altered", 2010;
    LEASE_OTHER_SEAT = "lease.other_seat", 2011;
    LEASE_TRAITS = "lease.traits_altered", 2012;
}

impl HasErrorCode for IntervalError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed { .. } => codes::INTERVAL_MALFORMED,
            Self::OutOfRange { .. } => codes::INTERVAL_RANGE,
            Self::Calendar => codes::INTERVAL_CALENDAR,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Malformed { text } | Self::OutOfRange { text } => {
                vec![("text", text.as_str().into())]
            }
            Self::Calendar => Vec::new(),
        }
    }
}

impl HasErrorCode for LeaseError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Response(_) | Self::Refresh(_) => codes::LEASE_ALTERED,
            Self::OtherSeat { .. } => codes::LEASE_OTHER_SEAT,
            Self::Traits => codes::LEASE_TRAITS,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Response(inner) | Self::Refresh(inner) => {
                vec![("reason", inner.code().name.into())]
            }
            Self::OtherSeat { .. } | Self::Traits => Vec::new(),
        }
    }
}
