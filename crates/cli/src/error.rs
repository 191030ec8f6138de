//! What goes wrong on the command line itself, and which exit status every error has.

use latchkey_config::ConfigError;
use latchkey_console::Exit;
use latchkey_device::{
    ApplyError, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError,
};
use latchkey_paper::{FileReadError, ReadingError};
use latchkey_token::{
    ActivationCodeError, ErrorCode, HasErrorCode, ReadError, SeatNameError, TextError,
};
use thiserror::Error;

/// Everything that ends a call without its answer.
#[derive(Debug, Error, HasErrorCode)]
pub(crate) enum CliError {
    #[code(codes::USAGE)]
    #[error("{reason}")]
    Usage { reason: String },
    #[code(codes::NOT_CONFIRMED)]
    #[error("--yes is missing")]
    NotConfirmed,
    #[code(codes::CODE_NOT_CONFIRMED)]
    #[error("the activation code isn't to be used")]
    CodeNotConfirmed,
    #[code(codes::CODE_IS_FILE)]
    #[error("{path} is a file")]
    CodeIsFile { path: String },
    #[code(codes::INPUT)]
    #[error("{path}: {reason}")]
    Input { path: String, reason: &'static str },
    /// One of several files can't be used.
    #[code(error.code(), details = error.details())]
    #[error("{file}: {error}")]
    InFile { file: String, error: Box<CliError> },
    #[code(codes::NO_CODE)]
    #[error("no activation code on standard input")]
    NoCode,
    #[code(codes::PICTURE_WITHOUT_CODE)]
    #[error("no code in the picture on standard input")]
    PictureWithoutCode,
    #[code(codes::ROWS_MISSING)]
    #[error("{rows} rows are missing")]
    RowsMissing {
        #[detail(name = "count")]
        rows: usize,
    },
    #[code(transparent)]
    #[error(transparent)]
    Read(#[from] ReadError),
    #[code(codes::CLOCK)]
    #[error("the clock's time can't be used")]
    Clock,
    #[code(codes::OUTPUT, reason = output_reason(_0))]
    #[error("standard output: {0}")]
    Output(std::io::Error),
    #[code(transparent)]
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[code(transparent)]
    #[error(transparent)]
    ActivationCode(#[from] ActivationCodeError),
    #[code(transparent)]
    #[error(transparent)]
    SeatName(#[from] SeatNameError),
    #[code(transparent)]
    #[error(transparent)]
    Text(#[from] TextError),
    #[code(picture_code(_0))]
    #[error(transparent)]
    Picture(ReadingError),
    #[code(transparent)]
    #[error(transparent)]
    Open(#[from] OpenDeviceError),
    #[code(transparent)]
    #[error(transparent)]
    Status(#[from] StatusError),
    #[code(transparent)]
    #[error(transparent)]
    Request(#[from] RequestError),
    #[code(transparent)]
    #[error(transparent)]
    Pending(#[from] PendingError),
    #[code(transparent)]
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[code(transparent)]
    #[error(transparent)]
    Deactivate(#[from] DeactivateError),
    #[code(transparent)]
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

latchkey_token::error_codes! {
    #[cfg(test)]
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
    LOGO_FILE = "check.logo_file", 6220;
    LOGO_FORMAT = "check.logo_format", 6221;
    LOGO_LARGE = "check.logo_large", 6222;
    LOGO_PIXELS = "check.logo_pixels", 6223;
    ACCENT = "check.accent", 6224;
    PORTAL = "check.portal", 6225;
    LANGUAGE = "check.language", 6226;
    TEXT_MISSING = "check.text_missing", 6227;
    TEXT_LONG = "check.text_long", 6228;
}

impl From<FileReadError> for CliError {
    fn from(error: FileReadError) -> Self {
        match error {
            FileReadError::Picture(error) => error.into(),
            FileReadError::Text(error) => error.into(),
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
}

fn picture_code(error: &ReadingError) -> ErrorCode {
    match error {
        ReadingError::NoCode => codes::PICTURE_NO_CODE,
        ReadingError::TooLarge => codes::PICTURE_TOO_LARGE,
        ReadingError::TooMuchWork => codes::PICTURE_TOO_MUCH_WORK,
        ReadingError::Interrupted => codes::PICTURE_INTERRUPTED,
        _ => codes::PICTURE_UNREADABLE,
    }
}

/// Why the output can't be written: a word of the catalogue, or what the system says.
fn output_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotConnected => "closed".to_owned(),
        std::io::ErrorKind::StorageFull => "full".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unwritable_answer_exits_with_5() {
        let status = |kind: std::io::ErrorKind| CliError::Output(kind.into()).status();
        assert_eq!(status(std::io::ErrorKind::StorageFull), Exit::Machine);
        assert_eq!(status(std::io::ErrorKind::Other), Exit::Machine);
    }

    #[test]
    fn every_error_code_has_a_message() {
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
            let explained = latchkey_i18n::explain(&error);
            assert_ne!(explained.message, explained.code);
            assert!(!explained.action.is_empty(), "{}", explained.code);
            assert!(CODES.contains(&error.code()));
        }
    }
}
