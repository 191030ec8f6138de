//! Validation of the values that an operator enters, and the errors for invalid ones.

use latchkey_lease::IntervalError;
use latchkey_token::{HasErrorCode, limits};
use thiserror::Error;

use crate::error_class::{ClassifiedError, codes};
use crate::model::FeatureType;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 200;
/// Maximum number of characters of a feature's key.
pub(crate) const MAX_KEY: usize = 40;
/// Maximum number of seats and of overdraft: far more than anyone sells, and sums can't overflow.
pub(crate) const MAX_SEATS: u32 = 10_000_000;

/// A value that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(InvalidInput)]
pub enum ValueError {
    /// Empty, too long, or with control characters.
    #[code(codes::NAME_INVALID, limit = MAX_NAME)]
    #[error("not a name: {name:?}")]
    Name {
        /// What was given, shortened.
        name: String,
    },
    /// Not a key that program code can be made from.
    #[code(codes::FEATURE_KEY_INVALID)]
    #[error("not a feature's key: {key:?}")]
    FeatureKey {
        /// What was given, shortened.
        key: String,
    },
    /// Two keys that program code couldn't tell apart.
    #[code(codes::FEATURE_KEY_TWICE)]
    #[error("two features have the key {key:?}")]
    FeatureKeyTwice {
        /// The second of them.
        key: String,
    },
    /// The product has no such feature.
    #[code(codes::FEATURE_UNKNOWN, known = known.join(", "), count = known.len())]
    #[error("no feature {key:?}")]
    FeatureUnknown {
        /// What was given, shortened.
        key: String,
        /// The product's features.
        #[detail(skip)]
        known: Vec<String>,
    },
    /// Not a value of the feature's type.
    #[code(codes::FEATURE_WRONG_VALUE)]
    #[error("{value:?} is not a value for {key:?}")]
    FeatureValue {
        /// The feature.
        key: String,
        /// What was given, shortened.
        value: String,
        /// The feature's type.
        #[detail(name = "type")]
        kind: FeatureType,
    },
    /// Key or value is empty or has control characters.
    #[code(codes::ATTRIBUTE_INVALID)]
    #[error("not an attribute: {key:?}")]
    Attribute {
        /// The key, shortened.
        key: String,
    },
    /// Features and attributes don't fit into a token.
    #[code(codes::TERMS_TOO_LONG, limit = limits::MAX_TERMS_BYTES)]
    #[error("features and attributes take {bytes} bytes")]
    TermsTooLong {
        /// How many bytes they take together.
        bytes: usize,
    },
    /// Not a number of seats.
    #[code(codes::SEATS_OUT_OF_RANGE, limit = MAX_SEATS)]
    #[error("not a number of seats: {seats}")]
    Seats {
        /// What was given.
        seats: u32,
    },
    /// The interval leads out of the calendar.
    #[code(transparent)]
    #[error(transparent)]
    Interval(#[from] IntervalError),
}

/// Trims and validates a name.
pub(crate) fn validate_name(name: &str) -> Result<String, ValueError> {
    let trimmed = name.trim();
    let length = trimmed.chars().count();
    if length == 0 || length > MAX_NAME || trimmed.chars().any(is_unfit) {
        return Err(ValueError::Name { name: shorten(name) });
    }
    Ok(trimmed.to_owned())
}

/// Whether a character doesn't belong in a line of text: control characters, those that change the
/// direction of writing (Unicode's `Bidi_Control`), which can make a text read as another, and
/// those that end a line in program code.
#[must_use]
pub fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

pub(crate) fn shorten(text: &str) -> String {
    text.chars().filter(|character| !is_unfit(*character)).take(40).collect()
}
