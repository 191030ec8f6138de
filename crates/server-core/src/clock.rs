//! Reads the machine's clock. Each call reads it afresh, so a caller asks for the time once all
//! input that it waits for has been read.

use std::time::SystemTime;

use latchkey_issuer::{ClassifiedError, Issuer};
use latchkey_lease::Timestamp;
use latchkey_lease::time::from_system;
use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::error::codes;

/// The clock can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(Internal)]
pub enum ClockError {
    /// It shows a time before 1970, or one that is too late to be written down.
    #[code(codes::CLOCK)]
    #[error("the clock shows no usable time")]
    Unusable,
}

/// The current time.
///
/// # Errors
///
/// [`ClockError::Unusable`] if the clock shows a time before 1970 or one that is too late to be
/// written down.
pub fn now() -> Result<Timestamp, ClockError> {
    check_usable(SystemTime::now())
}

/// The current time for an operation of the issuer, which also gets the machine's uptime and checks
/// the clock against it.
///
/// # Errors
///
/// As [`now`].
pub fn now_for(issuer: &mut Issuer) -> Result<Timestamp, ClockError> {
    issuer.set_uptime(latchkey_uptime::read());
    now()
}

fn check_usable(time: SystemTime) -> Result<Timestamp, ClockError> {
    from_system(time).filter(|time| *time >= Timestamp::UNIX_EPOCH).ok_or(ClockError::Unusable)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn an_unusable_clock_is_an_error_and_no_panic() {
        let day = Duration::from_hours(24);
        for time in [UNIX_EPOCH - day, UNIX_EPOCH + day * 366 * 8031] {
            assert_eq!(check_usable(time).unwrap_err().code(), codes::CLOCK);
        }
        assert!(check_usable(UNIX_EPOCH + day * 365 * 60).is_ok());
    }
}
