//! What goes wrong on the command line itself, and how every failure ends the program.

use std::io;
use std::path::{Path, PathBuf};

use latchkey_console::Exit;
use latchkey_issuer::{ClassifiedError, ErrorClass};
use latchkey_lease::LATEST;
use latchkey_paper::{FileError, ReadingError};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, TextError};
use latchkey_words::{Explained, explain};
use thiserror::Error;

/// The exit statuses by the names that are short enough here.
pub(crate) const DONE: u8 = Exit::Done.status();
pub(crate) const USAGE: u8 = Exit::Usage.status();
pub(crate) const REFUSED: u8 = Exit::Refused.status();
pub(crate) const STATE: u8 = Exit::State.status();
pub(crate) const MACHINE: u8 = Exit::Machine.status();

/// The codes of the command line. Each has its words in `server.ftl`.
#[cfg(test)]
pub(crate) const CODES: &[ErrorCode] = &[
    codes::USAGE,
    codes::KEY_VALUE,
    codes::FEATURE_TYPE,
    codes::TIME,
    codes::URL,
    codes::COUNT,
    codes::REQUEST_EVERY,
    codes::INPUT_NOT_READ,
    codes::INPUT_TOO_LARGE,
    codes::NO_CODE,
    codes::NO_PASSPHRASE,
    codes::PASSPHRASES_DIFFER,
    codes::PASSPHRASE_NOT_GIVEN,
    codes::PASSPHRASE_NOT_TEXT,
    codes::PASSPHRASE_SIGNS,
    codes::NOT_WRITTEN,
    codes::ONE_REQUEST,
    codes::CONFIG_DIFFERS,
    codes::KIT_NOT_WRITTEN,
    codes::CLOCK,
    codes::WEAK_CODE,
    codes::INTERRUPTED,
    codes::UNAVAILABLE,
    codes::BUSY,
    codes::FORM,
    codes::NO_PAGE,
    codes::LIMITED,
    codes::NO_BATCH,
    codes::NOT_TLS,
    codes::COOKIE_LOST,
    codes::NOTHING,
    codes::PICTURE_TOO_LARGE,
    codes::PICTURE_UNREADABLE,
    codes::PICTURE_NO_CODE,
    codes::PICTURE_TOO_MUCH_WORK,
    codes::NOT_LISTENING,
    codes::LOOK,
];

mod codes {
    use latchkey_token::ErrorCode;
    pub(super) const USAGE: ErrorCode = ErrorCode::new("usage.invalid", 6001);
    pub(super) const KEY_VALUE: ErrorCode = ErrorCode::new("usage.key_value", 6002);
    pub(super) const FEATURE_TYPE: ErrorCode = ErrorCode::new("usage.feature_type", 6003);
    pub(super) const TIME: ErrorCode = ErrorCode::new("usage.time", 6004);
    pub(super) const URL: ErrorCode = ErrorCode::new("usage.url", 6005);
    pub(super) const COUNT: ErrorCode = ErrorCode::new("usage.count", 6006);
    pub(super) const REQUEST_EVERY: ErrorCode = ErrorCode::new("usage.request_every", 6007);
    pub(super) const INPUT_NOT_READ: ErrorCode = ErrorCode::new("input.not_read", 6010);
    pub(super) const INPUT_TOO_LARGE: ErrorCode = ErrorCode::new("input.too_large", 6011);
    pub(super) const NO_CODE: ErrorCode = ErrorCode::new("input.no_code", 6012);
    pub(super) const NO_PASSPHRASE: ErrorCode = ErrorCode::new("input.no_passphrase", 6014);
    pub(super) const PASSPHRASES_DIFFER: ErrorCode =
        ErrorCode::new("input.passphrases_differ", 6015);
    pub(super) const PASSPHRASE_NOT_GIVEN: ErrorCode =
        ErrorCode::new("input.passphrase_not_given", 6016);
    pub(super) const PASSPHRASE_NOT_TEXT: ErrorCode =
        ErrorCode::new("input.passphrase_not_text", 6017);
    pub(super) const PASSPHRASE_SIGNS: ErrorCode = ErrorCode::new("input.passphrase_signs", 6018);
    pub(super) const NOT_WRITTEN: ErrorCode = ErrorCode::new("output.not_written", 6013);
    pub(super) const ONE_REQUEST: ErrorCode = ErrorCode::new("takeover.one_request", 6020);
    pub(super) const CONFIG_DIFFERS: ErrorCode = ErrorCode::new("kit.config_differs", 6021);
    pub(super) const KIT_NOT_WRITTEN: ErrorCode = ErrorCode::new("kit.not_written", 6022);
    pub(super) const CLOCK: ErrorCode = ErrorCode::new("system.clock", 6030);
    pub(super) const WEAK_CODE: ErrorCode = ErrorCode::new("activation_code.weak", 6040);
    pub(super) const INTERRUPTED: ErrorCode = ErrorCode::new("system.interrupted", 6031);
    pub(super) const UNAVAILABLE: ErrorCode = ErrorCode::new("portal.unavailable", 6101);
    pub(super) const BUSY: ErrorCode = ErrorCode::new("portal.busy", 6102);
    pub(super) const FORM: ErrorCode = ErrorCode::new("portal.form", 6103);
    pub(super) const NO_PAGE: ErrorCode = ErrorCode::new("portal.no_page", 6104);
    pub(super) const LIMITED: ErrorCode = ErrorCode::new("portal.limited", 6105);
    pub(super) const NO_BATCH: ErrorCode = ErrorCode::new("portal.no_batch", 6106);
    pub(super) const PICTURE_TOO_LARGE: ErrorCode =
        ErrorCode::new("portal.picture_too_large", 6107);
    pub(super) const PICTURE_UNREADABLE: ErrorCode =
        ErrorCode::new("portal.picture_unreadable", 6108);
    pub(super) const PICTURE_NO_CODE: ErrorCode = ErrorCode::new("portal.picture_no_code", 6109);
    pub(super) const PICTURE_TOO_MUCH_WORK: ErrorCode =
        ErrorCode::new("portal.picture_too_much_work", 6120);
    pub(super) const NOT_TLS: ErrorCode = ErrorCode::new("portal.not_tls", 6121);
    pub(super) const COOKIE_LOST: ErrorCode = ErrorCode::new("portal.cookie_lost", 6122);
    pub(super) const NOTHING: ErrorCode = ErrorCode::new("portal.nothing", 6123);
    pub(super) const NOT_LISTENING: ErrorCode = ErrorCode::new("serve.not_listening", 6110);
    pub(super) const LOOK: ErrorCode = ErrorCode::new("look.invalid", 6111);
}

/// What goes wrong before or after the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum InputError {
    #[error("{reason}")]
    Usage { reason: String },
    #[error("{text:?} is not KEY=VALUE")]
    KeyValue { text: String },
    #[error("{text:?} is not a feature's type")]
    FeatureType { text: String },
    #[error("{text:?} is not a time")]
    Time { text: String },
    #[error("{text:?} is not an address for links: {fault}")]
    Url { text: String, fault: &'static str },
    #[error("{text:?} is not a number")]
    Count { text: String },
    #[error("{text:?} is not a number of renewals")]
    RequestEvery { text: String },
    #[error("{file} can't be read: {reason}")]
    InputNotRead { file: String, reason: &'static str },
    #[error("the input is too large")]
    InputTooLarge { limit: usize },
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("no activation code on standard input")]
    NoCode,
    #[error("no passphrase on the first line")]
    NoPassphrase,
    #[error("two different passphrases")]
    PassphrasesDiffer,
    #[error("no passphrase was given")]
    PassphraseNotGiven,
    #[error("the passphrase is neither UTF-8 nor UTF-16")]
    PassphraseNotText,
    #[error("there are control characters in the passphrase")]
    PassphraseSigns,
    #[error("standard {stream} can't be written: {reason}")]
    NotWritten { stream: &'static str, reason: &'static str },
    #[error("one request can take a seat over or be given a code, not {count}")]
    OneRequest { count: usize },
    #[error("{} differs", path.display())]
    ConfigDiffers { path: PathBuf },
    #[error("{} can't be written: {reason}", path.display())]
    KitNotWritten { path: PathBuf, reason: &'static str },
    #[error("the clock shows no usable time")]
    Clock,
    #[error("a short code: {masked}")]
    WeakCode { masked: String, symbols: usize },
    #[error("the work was interrupted")]
    Interrupted,
    #[error("the portal can't do it now")]
    Unavailable,
    #[error("too much at a time")]
    Busy,
    #[error("what was sent is no form of ours")]
    Form,
    #[error("no such page")]
    NoPage,
    #[error("too often; again in {seconds} s")]
    Limited { seconds: u64 },
    #[error("no such batch")]
    NoBatch,
    #[error("no sign-in without TLS")]
    NotTls,
    #[error("the browser didn't keep the cookie")]
    CookieLost,
    #[error("nothing was pasted or chosen")]
    Nothing,
    #[error(transparent)]
    Picture(ReadingError),
    #[error("{address} can't be listened on: {reason}")]
    NotListening { address: String, reason: &'static str },
    #[error("{}: {field} can't be used", path.display())]
    Look { path: PathBuf, field: &'static str },
}

impl From<FileError> for InputError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Picture(error) => error.into(),
            FileError::Text(error) => error.into(),
        }
    }
}

impl From<ReadingError> for InputError {
    fn from(error: ReadingError) -> Self {
        error.of_text().map_or(Self::Picture(error), Self::Text)
    }
}

impl HasErrorCode for InputError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Usage { .. } => codes::USAGE,
            Self::KeyValue { .. } => codes::KEY_VALUE,
            Self::FeatureType { .. } => codes::FEATURE_TYPE,
            Self::Time { .. } => codes::TIME,
            Self::Url { .. } => codes::URL,
            Self::Count { .. } => codes::COUNT,
            Self::RequestEvery { .. } => codes::REQUEST_EVERY,
            Self::InputNotRead { .. } => codes::INPUT_NOT_READ,
            Self::InputTooLarge { .. } => codes::INPUT_TOO_LARGE,
            Self::NoCode => codes::NO_CODE,
            Self::NoPassphrase => codes::NO_PASSPHRASE,
            Self::PassphrasesDiffer => codes::PASSPHRASES_DIFFER,
            Self::PassphraseNotGiven => codes::PASSPHRASE_NOT_GIVEN,
            Self::PassphraseNotText => codes::PASSPHRASE_NOT_TEXT,
            Self::PassphraseSigns => codes::PASSPHRASE_SIGNS,
            Self::NotWritten { .. } => codes::NOT_WRITTEN,
            Self::OneRequest { .. } => codes::ONE_REQUEST,
            Self::ConfigDiffers { .. } => codes::CONFIG_DIFFERS,
            Self::KitNotWritten { .. } => codes::KIT_NOT_WRITTEN,
            Self::Clock => codes::CLOCK,
            Self::WeakCode { .. } => codes::WEAK_CODE,
            Self::Interrupted => codes::INTERRUPTED,
            Self::Unavailable => codes::UNAVAILABLE,
            Self::Busy => codes::BUSY,
            Self::Form => codes::FORM,
            Self::NoPage => codes::NO_PAGE,
            Self::Limited { .. } => codes::LIMITED,
            Self::NoBatch => codes::NO_BATCH,
            Self::NotTls => codes::NOT_TLS,
            Self::CookieLost => codes::COOKIE_LOST,
            Self::Nothing => codes::NOTHING,
            Self::Text(error) => error.code(),
            Self::Picture(ReadingError::TooLarge) => codes::PICTURE_TOO_LARGE,
            Self::Picture(ReadingError::NoCode) => codes::PICTURE_NO_CODE,
            Self::Picture(ReadingError::TooMuchWork) => codes::PICTURE_TOO_MUCH_WORK,
            Self::Picture(ReadingError::Interrupted) => codes::INTERRUPTED,
            Self::Picture(_) => codes::PICTURE_UNREADABLE,
            Self::NotListening { .. } => codes::NOT_LISTENING,
            Self::Look { .. } => codes::LOOK,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        let shown = |path: &Path| ErrorArg::from(path.display().to_string());
        match self {
            Self::Usage { reason } => vec![("reason", reason.as_str().into())],
            Self::KeyValue { text }
            | Self::FeatureType { text }
            | Self::Count { text }
            | Self::RequestEvery { text } => {
                vec![("text", text.as_str().into())]
            }
            Self::Url { text, fault } => vec![
                ("text", text.as_str().into()),
                ("fault", (*fault).into()),
                ("limit", latchkey_paper::MAX_ADDRESS.into()),
            ],
            Self::Time { text } => {
                let latest = LATEST.format("%Y-%m-%dT%H:%M:%SZ").to_string();
                vec![("text", text.as_str().into()), ("latest", latest.into())]
            }
            Self::InputNotRead { file, reason } => {
                vec![("file", file.as_str().into()), ("reason", (*reason).into())]
            }
            Self::InputTooLarge { limit } => vec![("limit", (*limit).into())],
            Self::NotWritten { stream, reason } => {
                vec![("stream", (*stream).into()), ("reason", (*reason).into())]
            }
            Self::OneRequest { count } => vec![("count", (*count).into())],
            Self::ConfigDiffers { path } => vec![("path", shown(path))],
            Self::KitNotWritten { path, reason } => {
                vec![("path", shown(path)), ("reason", (*reason).into())]
            }
            Self::WeakCode { masked, symbols } => {
                vec![("code", masked.as_str().into()), ("symbols", (*symbols).into())]
            }
            Self::NotListening { address, reason } => {
                vec![("address", address.as_str().into()), ("reason", (*reason).into())]
            }
            Self::Look { path, field } => vec![("path", shown(path)), ("field", (*field).into())],
            Self::Limited { seconds } => vec![("seconds", (*seconds).into())],
            Self::Text(error) => error.details(),
            Self::NoCode
            | Self::NoPassphrase
            | Self::PassphrasesDiffer
            | Self::PassphraseNotGiven
            | Self::PassphraseNotText
            | Self::PassphraseSigns
            | Self::NoBatch
            | Self::NotTls
            | Self::CookieLost
            | Self::Nothing
            | Self::Picture(_)
            | Self::Clock
            | Self::Interrupted
            | Self::Unavailable
            | Self::Busy
            | Self::Form
            | Self::NoPage => Vec::new(),
        }
    }
}

/// A failure in words, and the exit status that it ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerError {
    pub(crate) exit: u8,
    /// In the process's language.
    pub(crate) words: Explained,
    /// What the same says in another one.
    pub(crate) again: Box<ErrorCopy>,
    /// The input file that the error is about.
    pub(crate) file: Option<String>,
}

/// An error to be put into words once more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{code}")]
pub(crate) struct ErrorCopy {
    code: ErrorCode,
    details: Vec<(&'static str, ErrorArg)>,
}

impl ErrorCopy {
    fn of(error: &dyn HasErrorCode) -> Box<Self> {
        Box::new(Self { code: error.code(), details: error.details() })
    }
}

impl HasErrorCode for ErrorCopy {
    fn code(&self) -> ErrorCode {
        self.code
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        self.details.clone()
    }
}

impl ServerError {
    /// Somebody typed what makes no sense.
    pub(crate) fn usage(error: &dyn HasErrorCode) -> Self {
        Self { exit: USAGE, words: explain(error), again: ErrorCopy::of(error), file: None }
    }

    /// The same, about one of the files that were handed in.
    pub(crate) fn in_file(self, file: Option<String>) -> Self {
        Self { file, ..self }
    }

    /// A text or a token is refused.
    pub(crate) fn refused(error: &dyn HasErrorCode) -> Self {
        Self { exit: REFUSED, words: explain(error), again: ErrorCopy::of(error), file: None }
    }
}

impl<E: ClassifiedError> From<E> for ServerError {
    fn from(error: E) -> Self {
        let exit = match error.class() {
            ErrorClass::InvalidInput => USAGE,
            ErrorClass::RejectedToken => REFUSED,
            ErrorClass::Conflict => STATE,
            ErrorClass::Internal => MACHINE,
        };
        Self { exit, words: explain(&error), again: ErrorCopy::of(&error), file: None }
    }
}

impl ClassifiedError for InputError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Usage { .. }
            | Self::KeyValue { .. }
            | Self::FeatureType { .. }
            | Self::Time { .. }
            | Self::Url { .. }
            | Self::Count { .. }
            | Self::RequestEvery { .. }
            | Self::NoCode
            | Self::NoPassphrase
            | Self::PassphrasesDiffer
            | Self::PassphraseNotGiven
            | Self::PassphraseNotText
            | Self::PassphraseSigns
            | Self::OneRequest { .. }
            | Self::InputNotRead { .. }
            | Self::WeakCode { .. }
            | Self::Form
            | Self::NoPage
            | Self::NoBatch
            | Self::NotTls
            | Self::CookieLost
            | Self::Nothing
            | Self::Limited { .. }
            | Self::Look { .. } => ErrorClass::InvalidInput,
            Self::Picture(ReadingError::Interrupted) => ErrorClass::Internal,
            Self::InputTooLarge { .. } | Self::Text(_) | Self::Picture(_) => {
                ErrorClass::RejectedToken
            }
            Self::ConfigDiffers { .. } => ErrorClass::Conflict,
            Self::NotWritten { .. }
            | Self::KitNotWritten { .. }
            | Self::Clock
            | Self::Interrupted
            | Self::Unavailable
            | Self::Busy
            | Self::NotListening { .. } => ErrorClass::Internal,
        }
    }
}

/// A word of the catalogue for what the system said.
pub(crate) fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "missing",
        io::ErrorKind::PermissionDenied => "permission",
        io::ErrorKind::ReadOnlyFilesystem => "read_only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "full",
        io::ErrorKind::IsADirectory => "folder",
        io::ErrorKind::InvalidFilename => "no_name",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "exists",
        io::ErrorKind::AddrInUse => "in_use",
        io::ErrorKind::AddrNotAvailable => "not_here",
        io::ErrorKind::NotConnected => "closed",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_command_line_has_words_and_a_next_step() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_words::text(&id, &[]), id, "{code} has no words");
        }
        let words = explain(&InputError::Clock);
        assert!(!words.action.is_empty());
    }
}
