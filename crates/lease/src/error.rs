//! What can be wrong with an interval or a lease.

use latchkey_token::{HasErrorCode, OpenError, SeatId};
use thiserror::Error;

/// A text that isn't an interval, or an interval that leads out of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum IntervalError {
    /// Not a whole number and a unit.
    #[code(codes::INTERVAL_MALFORMED)]
    #[error("{text:?} is not an interval such as 15m, 12h, 30d, 2w, 1mo or 1y")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Nought, or more than a thousand years.
    #[code(codes::INTERVAL_RANGE)]
    #[error("{text:?} is out of range")]
    OutOfRange {
        /// What was given.
        text: String,
    },
    /// The end would lie beyond the year 9999.
    #[code(codes::INTERVAL_CALENDAR)]
    #[error("the end lies beyond the calendar")]
    Calendar,
}

/// A stored lease that doesn't hold up.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum LeaseError {
    /// The response isn't the vendor's word to this computer about this product.
    #[code(codes::LEASE_ALTERED, reason = _0.code().name)]
    #[error("the response does not verify: {0}")]
    Response(#[source] OpenError),
    /// The refresh isn't.
    #[code(codes::LEASE_ALTERED, reason = _0.code().name)]
    #[error("the refresh does not verify: {0}")]
    Refresh(#[source] OpenError),
    /// The refresh is for another seat than the response.
    #[code(codes::LEASE_OTHER_SEAT)]
    #[error("the refresh is for seat {refresh}, the lease for {lease}")]
    OtherSeat {
        /// The response's seat.
        #[detail(skip)]
        lease: SeatId,
        /// The refresh's seat.
        #[detail(skip)]
        refresh: SeatId,
    },
    /// The list of traits isn't the one that the vendor signed for.
    #[code(codes::LEASE_TRAITS)]
    #[error("the list of traits is not the one that was signed for")]
    Traits,
}

latchkey_token::error_codes! {
    INTERVAL_MALFORMED = "interval.malformed", 2001;
    INTERVAL_RANGE = "interval.out_of_range", 2002;
    INTERVAL_CALENDAR = "interval.calendar", 2003;
    LEASE_ALTERED = "lease.altered", 2010;
    LEASE_OTHER_SEAT = "lease.other_seat", 2011;
    LEASE_TRAITS = "lease.traits_altered", 2012;
}

#[cfg(test)]
mod tests {
    use latchkey_token::ErrorArg;

    use super::*;

    #[test]
    fn intervals_and_leases_have_their_codes_and_details() {
        let text = || "31x".to_owned();
        let seat = "00112233445566ff".parse().unwrap();
        let altered = "token.weak_key";
        let errors: [(&dyn HasErrorCode, _, Vec<(_, ErrorArg)>); 7] = [
            (
                &IntervalError::Malformed { text: text() },
                codes::INTERVAL_MALFORMED,
                vec![("text", "31x".into())],
            ),
            (
                &IntervalError::OutOfRange { text: text() },
                codes::INTERVAL_RANGE,
                vec![("text", "31x".into())],
            ),
            (&IntervalError::Calendar, codes::INTERVAL_CALENDAR, vec![]),
            (
                &LeaseError::Response(OpenError::WeakKey),
                codes::LEASE_ALTERED,
                vec![("reason", altered.into())],
            ),
            (
                &LeaseError::Refresh(OpenError::WeakKey),
                codes::LEASE_ALTERED,
                vec![("reason", altered.into())],
            ),
            (
                &LeaseError::OtherSeat { lease: seat, refresh: seat },
                codes::LEASE_OTHER_SEAT,
                vec![],
            ),
            (&LeaseError::Traits, codes::LEASE_TRAITS, vec![]),
        ];
        for (error, code, details) in errors {
            assert_eq!((error.code(), error.details()), (code, details), "{error:?}");
        }
    }
}
