//! The errors of this crate, except that of its features, which contains a verdict. The status of a
//! licence is a [`crate::Verdict`], not an error.

use latchkey_device::{ApplyError, OpenDeviceError, TokenError};
use latchkey_token::{HasErrorCode, KeyError};
use thiserror::Error;

latchkey_token::error_codes! {
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
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OpenLicenceError {
    /// The definition has no vendor key.
    #[code(codes::SDK_NO_KEY)]
    #[error("no vendor public key is compiled in")]
    NoKey,
    /// A vendor key is invalid.
    #[code(transparent)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// This computer has no place for a licence, or the store policy forbids the one that was
    /// named.
    #[code(transparent)]
    #[error(transparent)]
    Device(#[from] OpenDeviceError),
}

/// A response or a refresh could not be applied. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OfflineTokenError {
    /// The text contains no token, or the licence can't be stored.
    #[code(transparent)]
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The text contains a token that can't be applied on this computer.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// The wizard can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum WizardError {
    /// It isn't where it was looked for.
    #[code(codes::SDK_NO_WIZARD)]
    #[error("{name} was not found")]
    NotFound {
        /// The name of the program.
        name: String,
    },
    /// The operating system can't start it.
    #[code(codes::SDK_WIZARD_FAILED)]
    #[error("the wizard can't be started: {reason}")]
    Failed {
        /// The operating system's error message.
        reason: String,
    },
}
