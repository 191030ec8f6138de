//! The name of a seat, as the user chose it.

use thiserror::Error;

use crate::error_code::{HasErrorCode, codes};
use crate::wire::limits::MAX_SEAT_NAME_BYTES;

/// A seat name that can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum SeatNameError {
    /// More than 64 bytes of UTF-8.
    #[code(codes::SEAT_NAME_TOO_LONG)]
    #[error("{bytes} bytes, a seat name has at most 64")]
    TooLong {
        /// How many there are.
        bytes: usize,
    },
    /// A line break or another control character.
    #[code(codes::SEAT_NAME_CONTROL)]
    #[error("a seat name has no control characters")]
    Control,
}

/// The name that a user gives to the seat on a computer: at most 64 bytes, without control
/// characters and characters that change the text direction. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SeatName(String);

impl SeatName {
    /// Validates a name after removing white space around it.
    ///
    /// # Errors
    /// [`SeatNameError::TooLong`] if it has more than 64 bytes, and [`SeatNameError::Control`] if
    /// it contains control characters.
    ///
    /// # Examples
    /// ```
    /// use latchkey_token::{SeatName, SeatNameError};
    ///
    /// assert_eq!(SeatName::new(" Front desk ")?.as_str(), "Front desk");
    /// assert_eq!(SeatName::new("Front\ndesk"), Err(SeatNameError::Control));
    /// # Ok::<(), SeatNameError>(())
    /// ```
    pub fn new(name: &str) -> Result<Self, SeatNameError> {
        let name = name.trim();
        if name.len() > MAX_SEAT_NAME_BYTES {
            return Err(SeatNameError::TooLong { bytes: name.len() });
        }
        if name.chars().any(|character| character.is_control() || is_direction(character)) {
            return Err(SeatNameError::Control);
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a character changes the text direction (Unicode's `Bidi_Control`), with which a
/// name could appear as another one.
pub(crate) const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
