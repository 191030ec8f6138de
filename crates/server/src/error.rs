//! What goes wrong on the command line itself, and how every failure ends the program.

use latchkey_console::Exit;
use latchkey_i18n::{Explained, explain};
use latchkey_issuer::{ClassifiedError, ErrorClass};
use latchkey_token::HasErrorCode;
use thiserror::Error;

// The codes of the command line. Each has its sentence in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    NO_CODE = "input.no_code", 6012;
    NOT_WRITTEN = "output.not_written", 6013;
    NO_PASSPHRASE = "input.no_passphrase", 6014;
    PASSPHRASES_DIFFER = "input.passphrases_differ", 6015;
    PASSPHRASE_NOT_GIVEN = "input.passphrase_not_given", 6016;
    PASSPHRASE_NOT_TEXT = "input.passphrase_not_text", 6017;
    PASSPHRASE_SIGNS = "input.passphrase_signs", 6018;
    ONE_REQUEST = "takeover.one_request", 6020;
    NOT_LISTENING = "serve.not_listening", 6110;
}

/// What goes wrong on the command line itself, before or after the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub(crate) enum CommandError {
    #[code(latchkey_server_core::codes::USAGE)]
    #[error("{reason}")]
    Usage { reason: String },
    #[code(latchkey_server_core::codes::INPUT_NOT_READ)]
    #[error("{file} can't be read: {reason}")]
    InputNotRead { file: String, reason: &'static str },
    #[code(latchkey_server_core::codes::INPUT_TOO_LARGE)]
    #[class(RefusedToken)]
    #[error("the input is too large")]
    InputTooLarge { limit: usize },
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
    #[code(codes::NOT_LISTENING)]
    #[class(Internal)]
    #[error("can't listen on {address}: {reason}")]
    NotListening { address: String, reason: &'static str },
    #[code(latchkey_server_core::codes::INTERRUPTED)]
    #[class(Internal)]
    #[error("the work was interrupted")]
    Interrupted,
}

/// A failure in words, and the exit status that it ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerError {
    pub(crate) exit: Exit,
    /// In the process's language.
    pub(crate) words: Explained,
    /// The input file that the error is about.
    pub(crate) file: Option<String>,
}

impl ServerError {
    /// What was entered is invalid.
    pub(crate) fn usage(error: &dyn HasErrorCode) -> Self {
        Self { exit: Exit::Usage, words: explain(error), file: None }
    }

    /// The same, about one of the files that were handed in.
    pub(crate) fn with_file(self, file: Option<String>) -> Self {
        Self { file, ..self }
    }

    /// A text or a token is refused.
    pub(crate) fn refusal(error: &dyn HasErrorCode) -> Self {
        Self { exit: Exit::Refused, words: explain(error), file: None }
    }
}

impl<E: ClassifiedError> From<E> for ServerError {
    fn from(error: E) -> Self {
        let exit = match error.class() {
            ErrorClass::InvalidInput => Exit::Usage,
            ErrorClass::RefusedToken => Exit::Refused,
            ErrorClass::Conflict => Exit::State,
            ErrorClass::Internal => Exit::Machine,
        };
        Self { exit, words: explain(&error), file: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_code_has_a_message_and_a_next_step() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
        let words = explain(&CommandError::NotWritten { stream: "output", reason: "full" });
        assert!(!words.action.is_empty());
    }
}
