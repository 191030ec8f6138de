//! The errors of this crate. The status of a licence is a [`crate::Verdict`], not an error.

use latchkey_device::{ApplyError, OpenDeviceError, TokenError};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, KeyError};
use thiserror::Error;

macro_rules! codes {
    ($($constant:ident = $name:literal, $number:literal;)*) => {
        /// The codes of this crate's verdicts and errors.
        pub mod codes {
            use latchkey_token::ErrorCode;
            $(#[doc = concat!("`", $name, "`")] pub const $constant: ErrorCode = ErrorCode::new($name, $number);)*
        }
        /// Every code that this crate's own verdicts and errors can have.
        pub const CODES: &[ErrorCode] = &[$(codes::$constant),*];
    };
}

codes! {
    VERDICT_ACTIVE = "verdict.active", 7001;
    VERDICT_IN_GRACE = "verdict.in_grace", 7002;
    VERDICT_EXPIRED = "verdict.expired", 7003;
    VERDICT_NOT_ACTIVATED = "verdict.not_activated", 7004;
    VERDICT_CLOCK_BEHIND = "verdict.clock_behind", 7005;
    VERDICT_CLOCK_AHEAD = "verdict.clock_ahead", 7006;
    VERDICT_HARDWARE_CHANGED = "verdict.hardware_changed", 7007;
    VERDICT_OTHER_HARDWARE = "verdict.other_hardware", 7008;
    VERDICT_OVER_BY_CLOCK = "verdict.over_by_clock", 7009;
    VERDICT_OTHER_COMPUTER = "verdict.other_computer", 7011;
    VERDICT_HARDWARE_UNRECORDED = "verdict.hardware_unrecorded", 7012;
    SDK_NO_KEY = "sdk.no_key", 7101;
    SDK_NO_WIZARD = "sdk.no_wizard", 7102;
    SDK_WIZARD_FAILED = "sdk.wizard_failed", 7103;
    SDK_ARGUMENT = "sdk.argument", 7110;
    SDK_INTERNAL = "sdk.internal", 7111;
    SDK_NOT_CHECKED = "sdk.not_checked", 7112;
    FEATURE_OFFLINE = "feature.offline", 7201;
    FEATURE_NOT_INCLUDED = "feature.not_included", 7202;
}

/// The compiled-in product definition is invalid, or there is no place for its licence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The definition has no vendor key.
    #[error("no vendor public key is compiled in")]
    NoKey,
    /// A vendor key is invalid.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This computer has no place for a licence, or the store policy forbids the one that was
    /// named.
    #[error(transparent)]
    Device(#[from] OpenDeviceError),
}

impl HasErrorCode for OpenError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoKey => codes::SDK_NO_KEY,
            Self::Key(inner) => inner.code(),
            Self::Device(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::NoKey => Vec::new(),
            Self::Key(inner) => inner.details(),
            Self::Device(inner) => inner.details(),
        }
    }
}

/// A response or a refresh could not be applied. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ActivateError {
    /// The text contains no token, or the licence can't be stored.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The text contains a token that can't be applied on this computer.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl HasErrorCode for ActivateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Apply(inner) => inner.code(),
            Self::Token(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Apply(inner) => inner.details(),
            Self::Token(inner) => inner.details(),
        }
    }
}

/// A feature can't be checked out or returned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// The lease is an offline lease. Counting concurrent use needs a Local License Server.
    #[error("an offline lease doesn't support feature checkout; it needs a Local License Server")]
    Offline,
    /// The licence doesn't include the feature.
    #[error("feature {feature} is not included")]
    NotIncluded {
        /// The feature's number.
        feature: u32,
    },
    /// The product may not run, so it has no features.
    #[error("the product may not run: {}", .0.code())]
    NotLicensed(std::sync::Arc<crate::Verdict>),
}

impl HasErrorCode for FeatureError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Offline => codes::FEATURE_OFFLINE,
            Self::NotIncluded { .. } => codes::FEATURE_NOT_INCLUDED,
            Self::NotLicensed(verdict) => verdict.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Offline => Vec::new(),
            Self::NotIncluded { feature } => vec![("feature", u64::from(*feature).into())],
            Self::NotLicensed(verdict) => verdict.details(latchkey_words::Language::of_process()),
        }
    }
}

/// The wizard can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WizardError {
    /// It is neither in this program's folder nor on the search path.
    #[error("{name} was not found")]
    NotFound {
        /// The name of the program.
        name: String,
    },
    /// The operating system can't start it.
    #[error("the wizard can't be started: {reason}")]
    Failed {
        /// The operating system's error message.
        reason: String,
    },
}

impl HasErrorCode for WizardError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } => codes::SDK_NO_WIZARD,
            Self::Failed { .. } => codes::SDK_WIZARD_FAILED,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::NotFound { name } => vec![("name", name.as_str().into())],
            Self::Failed { reason } => vec![("reason", reason.as_str().into())],
        }
    }
}
