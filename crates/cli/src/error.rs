//! What goes wrong on the command line itself, and which exit status every error has.

use latchkey_console::Exit;
use latchkey_device::config::ConfigError;
use latchkey_device::{
    ApplyError, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError,
};
use latchkey_paper::{FileError, ReadingError};
use latchkey_token::{
    ActivationCodeError, ErrorArg, ErrorCode, HasErrorCode, ReadError, SeatNameError, TextError,
};
use thiserror::Error;

/// Everything that ends a call without its answer.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    #[error("{reason}")]
    Usage { reason: String },
    #[error("--yes is missing")]
    NotConfirmed,
    #[error("the activation code isn't to be used")]
    CodeNotConfirmed,
    #[error("{path} is a file")]
    CodeIsFile { path: String },
    #[error("{path}: {reason}")]
    Input { path: String, reason: &'static str },
    /// One of several files can't be used.
    #[error("{file}: {error}")]
    InFile { file: String, error: Box<CliError> },
    #[error("no activation code on standard input")]
    NoCode,
    #[error("no code in the picture on standard input")]
    PictureWithoutCode,
    #[error("{rows} rows are missing")]
    RowsMissing { rows: usize },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the clock's time can't be used")]
    Clock,
    #[error("standard output: {0}")]
    Output(std::io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    ActivationCode(#[from] ActivationCodeError),
    #[error(transparent)]
    SeatName(#[from] SeatNameError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error(transparent)]
    Picture(ReadingError),
    #[error(transparent)]
    Open(#[from] OpenDeviceError),
    #[error(transparent)]
    Status(#[from] StatusError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Pending(#[from] PendingError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Deactivate(#[from] DeactivateError),
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $number:literal;)*) => {
        mod codes {
            use latchkey_token::ErrorCode;
            $(pub(super) const $constant: ErrorCode = ErrorCode::new($name, $number);)*
        }
        /// The codes of the command line itself.
        #[cfg(test)]
        const CODES: &[ErrorCode] = &[$(codes::$constant),*];
    };
}

codes! {
    USAGE = "cli.usage", 6201;
    NOT_CONFIRMED = "cli.not_confirmed", 6202;
    INPUT = "cli.input", 6203;
    NO_CODE = "cli.no_code", 6204;
    OUTPUT = "cli.output", 6205;
    CLOCK = "cli.clock", 6206;
    ROWS_MISSING = "cli.rows_missing", 6207;
    CODE_NOT_CONFIRMED = "cli.code_not_confirmed", 6208;
    PICTURE_NO_CODE = "cli.picture_no_code", 6209;
    PICTURE_UNREADABLE = "cli.picture_unreadable", 6210;
    PICTURE_TOO_LARGE = "cli.picture_too_large", 6211;
    PICTURE_TOO_MUCH_WORK = "cli.picture_too_much_work", 6212;
    PICTURE_INTERRUPTED = "cli.picture_interrupted", 6213;
    CODE_IS_FILE = "cli.code_is_file", 6214;
    PICTURE_WITHOUT_CODE = "cli.picture_without_code", 6215;
}

impl From<FileError> for CliError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Picture(error) => error.into(),
            FileError::Text(error) => error.into(),
        }
    }
}

impl From<ReadingError> for CliError {
    fn from(error: ReadingError) -> Self {
        error.of_text().map_or(Self::Picture(error), Self::Text)
    }
}

impl CliError {
    /// How the call ends.
    pub(crate) fn status(&self) -> Exit {
        match self {
            Self::InFile { error, .. } => error.status(),
            Self::Picture(ReadingError::Interrupted) => Exit::Machine,
            Self::Usage { .. }
            | Self::NotConfirmed
            | Self::CodeNotConfirmed
            | Self::CodeIsFile { .. }
            | Self::Input { .. }
            | Self::NoCode
            | Self::PictureWithoutCode
            | Self::Config(_)
            | Self::ActivationCode(_)
            | Self::SeatName(_) => Exit::Usage,
            Self::Text(_)
            | Self::Picture(_)
            | Self::Read(_)
            | Self::RowsMissing { .. }
            | Self::Apply(ApplyError::Text(_)) => Exit::Refused,
            Self::Request(
                RequestError::Active { .. }
                | RequestError::NothingToRenew
                | RequestError::OutboxFull { .. },
            )
            | Self::Deactivate(DeactivateError::NotActivated)
            | Self::Outbox(OutboxError::NoSuchEntry) => Exit::State,
            Self::Output(_)
            | Self::Clock
            | Self::Open(_)
            | Self::Status(_)
            | Self::Request(_)
            | Self::Pending(_)
            | Self::Apply(_)
            | Self::Deactivate(_)
            | Self::Outbox(_) => Exit::Machine,
        }
    }

    /// The input file that the error is about.
    pub(crate) fn file(&self) -> Option<&str> {
        match self {
            Self::InFile { file, .. } => Some(file),
            _ => None,
        }
    }

    fn inner(&self) -> Option<&dyn HasErrorCode> {
        Some(match self {
            Self::InFile { error, .. } => &**error,
            Self::Usage { .. }
            | Self::NotConfirmed
            | Self::CodeNotConfirmed
            | Self::CodeIsFile { .. }
            | Self::Input { .. }
            | Self::NoCode
            | Self::PictureWithoutCode
            | Self::RowsMissing { .. }
            | Self::Clock
            | Self::Picture(_)
            | Self::Output(_) => return None,
            Self::Read(inner) => inner,
            Self::Config(inner) => inner,
            Self::ActivationCode(inner) => inner,
            Self::SeatName(inner) => inner,
            Self::Text(inner) => inner,
            Self::Open(inner) => inner,
            Self::Status(inner) => inner,
            Self::Request(inner) => inner,
            Self::Pending(inner) => inner,
            Self::Apply(inner) => inner,
            Self::Deactivate(inner) => inner,
            Self::Outbox(inner) => inner,
        })
    }
}

impl HasErrorCode for CliError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Usage { .. } => codes::USAGE,
            Self::NotConfirmed => codes::NOT_CONFIRMED,
            Self::CodeNotConfirmed => codes::CODE_NOT_CONFIRMED,
            Self::CodeIsFile { .. } => codes::CODE_IS_FILE,
            Self::PictureWithoutCode => codes::PICTURE_WITHOUT_CODE,
            Self::Input { .. } => codes::INPUT,
            Self::NoCode => codes::NO_CODE,
            Self::Clock => codes::CLOCK,
            Self::RowsMissing { .. } => codes::ROWS_MISSING,
            Self::Output(_) => codes::OUTPUT,
            Self::Picture(ReadingError::NoCode) => codes::PICTURE_NO_CODE,
            Self::Picture(ReadingError::TooLarge) => codes::PICTURE_TOO_LARGE,
            Self::Picture(ReadingError::TooMuchWork) => codes::PICTURE_TOO_MUCH_WORK,
            Self::Picture(ReadingError::Interrupted) => codes::PICTURE_INTERRUPTED,
            Self::Picture(_) => codes::PICTURE_UNREADABLE,
            other => other.inner().map_or(codes::USAGE, HasErrorCode::code),
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::Usage { reason } => vec![("reason", reason.as_str().into())],
            Self::CodeIsFile { path } => vec![("path", path.as_str().into())],
            Self::Input { path, reason } => {
                vec![("path", path.as_str().into()), ("reason", (*reason).into())]
            }
            Self::RowsMissing { rows } => vec![("count", (*rows).into())],
            Self::Output(error) => vec![(
                "reason",
                match error.kind() {
                    std::io::ErrorKind::NotConnected => "closed".into(),
                    std::io::ErrorKind::StorageFull => "full".into(),
                    _ => error.to_string().into(),
                },
            )],
            Self::NotConfirmed
            | Self::CodeNotConfirmed
            | Self::NoCode
            | Self::PictureWithoutCode
            | Self::Clock
            | Self::Picture(_) => Vec::new(),
            other => other.inner().map_or_else(Vec::new, HasErrorCode::details),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_can_t_be_written_is_5() {
        let status = |kind: std::io::ErrorKind| CliError::Output(kind.into()).status();
        assert_eq!(status(std::io::ErrorKind::StorageFull), Exit::Machine);
        assert_eq!(status(std::io::ErrorKind::Other), Exit::Machine);
    }

    #[test]
    fn every_code_of_the_command_line_has_words() {
        for error in [
            CliError::Usage { reason: "x".to_owned() },
            CliError::NotConfirmed,
            CliError::CodeNotConfirmed,
            CliError::Input { path: "x".to_owned(), reason: "other" },
            CliError::NoCode,
            CliError::PictureWithoutCode,
            CliError::Clock,
            CliError::RowsMissing { rows: 3 },
            CliError::Picture(ReadingError::NoCode),
            CliError::Picture(ReadingError::Unreadable),
            CliError::Picture(ReadingError::TooLarge),
            CliError::Picture(ReadingError::TooMuchWork),
            CliError::Picture(ReadingError::Interrupted),
            CliError::Output(std::io::Error::other("z")),
        ] {
            let explained = latchkey_words::explain(&error);
            assert_ne!(explained.message, explained.code);
            assert!(!explained.action.is_empty(), "{}", explained.code);
            assert!(CODES.contains(&error.code()));
        }
    }
}
