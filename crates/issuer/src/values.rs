//! Validation of the values that an operator enters, and the errors for invalid ones.

use latchkey_lease::IntervalError;
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, limits};
use thiserror::Error;

use crate::error_class::{ClassifiedError, ErrorClass, codes};
use crate::model::FeatureType;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 200;
/// Maximum number of characters of a feature's key.
pub(crate) const MAX_KEY: usize = 40;
/// Maximum number of seats and of overdraft: far more than anyone sells, and sums can't overflow.
pub(crate) const MAX_SEATS: u32 = 10_000_000;

/// A value that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// Empty, too long, or with control characters.
    #[error("not a name: {name:?}")]
    Name {
        /// What was given, shortened.
        name: String,
    },
    /// Not a key that program code can be made from.
    #[error("not a feature's key: {key:?}")]
    FeatureKey {
        /// What was given, shortened.
        key: String,
    },
    /// Two keys that program code couldn't tell apart.
    #[error("two features have the key {key:?}")]
    FeatureKeyTwice {
        /// The second of them.
        key: String,
    },
    /// The product has no such feature.
    #[error("no feature {key:?}")]
    FeatureUnknown {
        /// What was given, shortened.
        key: String,
        /// The product's features.
        known: Vec<String>,
    },
    /// Not a value of the feature's type.
    #[error("{value:?} is no value for {key:?}")]
    FeatureValue {
        /// The feature.
        key: String,
        /// What was given, shortened.
        value: String,
        /// The feature's type.
        kind: FeatureType,
    },
    /// Key or value is empty or has control characters.
    #[error("not an attribute: {key:?}")]
    Attribute {
        /// The key, shortened.
        key: String,
    },
    /// Features and attributes don't fit into a token.
    #[error("features and attributes take {bytes} bytes")]
    TermsTooLong {
        /// How many bytes they take together.
        bytes: usize,
    },
    /// Not a number of seats.
    #[error("not a number of seats: {seats}")]
    Seats {
        /// What was given.
        seats: u32,
    },
    /// The interval leads out of the calendar.
    #[error(transparent)]
    Interval(#[from] IntervalError),
}

impl HasErrorCode for ValueError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Name { .. } => codes::NAME_INVALID,
            Self::FeatureKey { .. } => codes::FEATURE_KEY_INVALID,
            Self::FeatureKeyTwice { .. } => codes::FEATURE_KEY_TWICE,
            Self::FeatureUnknown { .. } => codes::FEATURE_UNKNOWN,
            Self::FeatureValue { .. } => codes::FEATURE_WRONG_VALUE,
            Self::Attribute { .. } => codes::ATTRIBUTE_INVALID,
            Self::TermsTooLong { .. } => codes::TERMS_TOO_LONG,
            Self::Seats { .. } => codes::SEATS_OUT_OF_RANGE,
            Self::Interval(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Name { name } => {
                vec![("name", name.as_str().into()), ("limit", MAX_NAME.into())]
            }
            Self::FeatureKey { key } | Self::FeatureKeyTwice { key } | Self::Attribute { key } => {
                vec![("key", key.as_str().into())]
            }
            Self::FeatureUnknown { key, known } => {
                let known = if known.is_empty() { "–".to_owned() } else { known.join(", ") };
                vec![("key", key.as_str().into()), ("known", known.into())]
            }
            Self::FeatureValue { key, value, kind } => vec![
                ("key", key.as_str().into()),
                ("value", value.as_str().into()),
                ("type", kind.name().into()),
            ],
            Self::TermsTooLong { bytes } => {
                vec![("bytes", (*bytes).into()), ("limit", limits::MAX_TERMS_BYTES.into())]
            }
            Self::Seats { seats } => {
                vec![("seats", u64::from(*seats).into()), ("limit", u64::from(MAX_SEATS).into())]
            }
            Self::Interval(inner) => inner.details(),
        }
    }
}

impl ClassifiedError for ValueError {
    fn class(&self) -> ErrorClass {
        ErrorClass::InvalidInput
    }
}

/// Trims and validates a name.
pub(crate) fn validate_name(name: &str) -> Result<String, ValueError> {
    let trimmed = name.trim();
    let length = trimmed.chars().count();
    if length == 0 || length > MAX_NAME || trimmed.chars().any(is_unfit) {
        return Err(ValueError::Name { name: shortened(name) });
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

pub(crate) fn shortened(text: &str) -> String {
    text.chars().filter(|character| !is_unfit(*character)).take(40).collect()
}
