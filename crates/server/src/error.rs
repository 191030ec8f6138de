//! What goes wrong on the command line itself, and how every failure ends the program.

use std::io;
use std::path::PathBuf;

use latchkey_console::Exit;
use latchkey_i18n::{Explained, explain};
use latchkey_issuer::{ClassifiedError, ErrorClass};
use latchkey_lease::LATEST;
use latchkey_paper::{FileError, ReadingError};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, TextError};
use thiserror::Error;

/// The exit statuses by the names that are short enough here.
pub(crate) const DONE: u8 = Exit::Done.status();
pub(crate) const USAGE: u8 = Exit::Usage.status();
pub(crate) const REFUSED: u8 = Exit::Refused.status();
pub(crate) const STATE: u8 = Exit::State.status();
pub(crate) const MACHINE: u8 = Exit::Machine.status();

// The codes of the command line and the portal. Each has its sentence in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    USAGE = "usage.invalid", 6001;
    KEY_VALUE = "usage.key_value", 6002;
    FEATURE_TYPE = "usage.feature_type", 6003;
    TIME = "usage.time", 6004;
    URL = "usage.url", 6005;
    COUNT = "usage.count", 6006;
    REQUEST_EVERY = "usage.request_every", 6007;
    INPUT_NOT_READ = "input.not_read", 6010;
    INPUT_TOO_LARGE = "input.too_large", 6011;
    NO_CODE = "input.no_code", 6012;
    NO_PASSPHRASE = "input.no_passphrase", 6014;
    PASSPHRASES_DIFFER = "input.passphrases_differ", 6015;
    PASSPHRASE_NOT_GIVEN = "input.passphrase_not_given", 6016;
    PASSPHRASE_NOT_TEXT = "input.passphrase_not_text", 6017;
    PASSPHRASE_SIGNS = "input.passphrase_signs", 6018;
    NOT_WRITTEN = "output.not_written", 6013;
    ONE_REQUEST = "takeover.one_request", 6020;
    CONFIG_DIFFERS = "kit.config_differs", 6021;
    KIT_NOT_WRITTEN = "kit.not_written", 6022;
    CLOCK = "system.clock", 6030;
    WEAK_CODE = "activation_code.weak", 6040;
    INTERRUPTED = "system.interrupted", 6031;
    UNAVAILABLE = "portal.unavailable", 6101;
    BUSY = "portal.busy", 6102;
    FORM = "portal.form", 6103;
    NO_PAGE = "portal.no_page", 6104;
    LIMITED = "portal.limited", 6105;
    NO_BATCH = "portal.no_batch", 6106;
    PICTURE_TOO_LARGE = "portal.picture_too_large", 6107;
    PICTURE_UNREADABLE = "portal.picture_unreadable", 6108;
    PICTURE_NO_CODE = "portal.picture_no_code", 6109;
    PICTURE_TOO_MUCH_WORK = "portal.picture_too_much_work", 6120;
    NOT_TLS = "portal.not_tls", 6121;
    COOKIE_LOST = "portal.cookie_lost", 6122;
    NOTHING = "portal.nothing", 6123;
    NOT_LISTENING = "serve.not_listening", 6110;
    LOOK = "look.invalid", 6111;
}

/// What goes wrong before or after the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub(crate) enum PortalError {
    #[code(codes::USAGE)]
    #[error("{reason}")]
    Usage { reason: String },
    #[code(codes::KEY_VALUE)]
    #[error("{text:?} is not KEY=VALUE")]
    KeyValue { text: String },
    #[code(codes::FEATURE_TYPE)]
    #[error("{text:?} is not a feature's type")]
    FeatureType { text: String },
    #[code(codes::TIME, latest = LATEST.format("%Y-%m-%dT%H:%M:%SZ").to_string())]
    #[error("{text:?} is not a time")]
    Time { text: String },
    #[code(codes::URL, limit = latchkey_paper::MAX_ADDRESS)]
    #[error("{text:?} is not an address for links: {fault}")]
    Url { text: String, fault: &'static str },
    #[code(codes::COUNT)]
    #[error("{text:?} is not a number")]
    Count { text: String },
    #[code(codes::REQUEST_EVERY)]
    #[error("{text:?} is not a number of renewals")]
    RequestEvery { text: String },
    #[code(codes::INPUT_NOT_READ)]
    #[error("{file} can't be read: {reason}")]
    InputNotRead { file: String, reason: &'static str },
    #[code(codes::INPUT_TOO_LARGE)]
    #[class(RejectedToken)]
    #[error("the input is too large")]
    InputTooLarge { limit: usize },
    #[code(transparent)]
    #[class(RejectedToken)]
    #[error(transparent)]
    Text(#[from] TextError),
    #[code(codes::NO_CODE)]
    #[error("no activation code on standard input")]
    NoCode,
    #[code(codes::NO_PASSPHRASE)]
    #[error("no passphrase on the first line")]
    NoPassphrase,
    #[code(codes::PASSPHRASES_DIFFER)]
    #[error("two different passphrases")]
    PassphrasesDiffer,
    #[code(codes::PASSPHRASE_NOT_GIVEN)]
    #[error("no passphrase was given")]
    PassphraseNotGiven,
    #[code(codes::PASSPHRASE_NOT_TEXT)]
    #[error("the passphrase is neither UTF-8 nor UTF-16")]
    PassphraseNotText,
    #[code(codes::PASSPHRASE_SIGNS)]
    #[error("there are control characters in the passphrase")]
    PassphraseSigns,
    #[code(codes::NOT_WRITTEN)]
    #[class(Internal)]
    #[error("standard {stream} can't be written: {reason}")]
    NotWritten { stream: &'static str, reason: &'static str },
    #[code(codes::ONE_REQUEST)]
    #[error("one request can take a seat over or be given a code, not {count}")]
    OneRequest { count: usize },
    #[code(codes::CONFIG_DIFFERS)]
    #[class(Conflict)]
    #[error("{} differs", path.display())]
    ConfigDiffers { path: PathBuf },
    #[code(codes::KIT_NOT_WRITTEN)]
    #[class(Internal)]
    #[error("{} can't be written: {reason}", path.display())]
    KitNotWritten { path: PathBuf, reason: &'static str },
    #[code(codes::CLOCK)]
    #[class(Internal)]
    #[error("the clock shows no usable time")]
    Clock,
    #[code(codes::WEAK_CODE)]
    #[error("a short code: {masked}")]
    WeakCode {
        #[detail(name = "code")]
        masked: String,
        symbols: usize,
    },
    #[code(codes::INTERRUPTED)]
    #[class(Internal)]
    #[error("the work was interrupted")]
    Interrupted,
    #[code(codes::UNAVAILABLE)]
    #[class(Internal)]
    #[error("the portal can't do it now")]
    Unavailable,
    #[code(codes::BUSY)]
    #[class(Internal)]
    #[error("too much at a time")]
    Busy,
    #[code(codes::FORM)]
    #[error("what was sent is no form of ours")]
    Form,
    #[code(codes::NO_PAGE)]
    #[error("no such page")]
    NoPage,
    #[code(codes::LIMITED)]
    #[error("too often; again in {seconds} s")]
    Limited { seconds: u64 },
    #[code(codes::NO_BATCH)]
    #[error("no such batch")]
    NoBatch,
    #[code(codes::NOT_TLS)]
    #[error("no sign-in without TLS")]
    NotTls,
    #[code(codes::COOKIE_LOST)]
    #[error("the browser didn't keep the cookie")]
    CookieLost,
    #[code(codes::NOTHING)]
    #[error("nothing was pasted or chosen")]
    Nothing,
    #[code(picture_code(_0))]
    #[class(picture_class(_0))]
    #[error(transparent)]
    Picture(ReadingError),
    #[code(codes::NOT_LISTENING)]
    #[class(Internal)]
    #[error("{address} can't be listened on: {reason}")]
    NotListening { address: String, reason: &'static str },
    #[code(codes::LOOK)]
    #[error("{}: {field} can't be used", path.display())]
    Look { path: PathBuf, field: &'static str },
}

impl From<FileError> for PortalError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Picture(error) => error.into(),
            FileError::Text(error) => error.into(),
        }
    }
}

impl From<ReadingError> for PortalError {
    fn from(error: ReadingError) -> Self {
        error.of_text().map_or(Self::Picture(error), Self::Text)
    }
}

fn picture_code(error: &ReadingError) -> ErrorCode {
    match error {
        ReadingError::TooLarge => codes::PICTURE_TOO_LARGE,
        ReadingError::NoCode => codes::PICTURE_NO_CODE,
        ReadingError::TooMuchWork => codes::PICTURE_TOO_MUCH_WORK,
        ReadingError::Interrupted => codes::INTERRUPTED,
        _ => codes::PICTURE_UNREADABLE,
    }
}

fn picture_class(error: &ReadingError) -> ErrorClass {
    match error {
        ReadingError::Interrupted => ErrorClass::Internal,
        _ => ErrorClass::RejectedToken,
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
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[code(*code, details = details.clone())]
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

impl ServerError {
    /// What was entered is invalid.
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
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
        let words = explain(&PortalError::Clock);
        assert!(!words.action.is_empty());
    }
}
