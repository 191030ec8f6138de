//! Everything that can be wrong with a `latchkey.toml`, each with its stable code.

use std::path::PathBuf;

use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::schema::Expected;

/// A configuration that can't be used. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no such file.
    #[code(codes::CONFIG_NOT_FOUND)]
    #[error("{} doesn't exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The operating system doesn't give it.
    #[code(codes::CONFIG_NOT_READ)]
    #[error("{} can't be read: {reason}", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// Why: see [`latchkey_files::reason`].
        reason: &'static str,
    },
    /// Over 256 KiB.
    #[code(codes::CONFIG_TOO_LARGE)]
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Text in an encoding that isn't Unicode, outside comments.
    #[code(codes::CONFIG_NOT_TEXT)]
    #[error("not text in UTF-8")]
    NotText {
        /// The line of the first wrong byte.
        line: usize,
    },
    /// Not text: a picture, an archive or something else.
    #[code(codes::CONFIG_OTHER_FILE)]
    #[error("not text, but {kind} {format}")]
    OtherFile {
        /// What the file is: `picture`, `archive`, `document`, `program`, `encrypted`, or `binary`
        /// for anything else.
        kind: &'static str,
        /// The name of its format; empty if it isn't known.
        format: &'static str,
    },
    /// Not TOML.
    #[code(codes::CONFIG_SYNTAX)]
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// An unknown field, probably a typing error.
    #[code(codes::CONFIG_UNKNOWN_FIELD)]
    #[error("line {line}, column {column}: {field} is not known")]
    UnknownField {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
    },
    /// A field that must be there.
    #[code(codes::CONFIG_MISSING_FIELD)]
    #[error("line {line}, column {column}: {field} is missing")]
    MissingField {
        /// The line where its section begins.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
    },
    /// A field has a value that it can't have.
    #[code(codes::CONFIG_VALUE)]
    #[error("line {line}, column {column}: {field} should be {}", expected.name())]
    Value {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
        /// What belongs there.
        expected: Expected,
    },
    /// The file is of a version that this program doesn't read.
    #[code(codes::CONFIG_FORMAT)]
    #[error("line {line}: format {found} is not known")]
    Format {
        /// The line.
        line: usize,
        /// The version that was found.
        #[detail(display)]
        found: i64,
    },
    /// Two fields that can't be true together.
    #[code(codes::CONFIG_CONFLICT)]
    #[error("line {line}, column {column}: {field} doesn't go with {with}")]
    Conflict {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The one field.
        field: String,
        /// The other field.
        with: &'static str,
    },
}

impl ConfigError {
    /// The line with the error, if there is one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::NotText { line }
            | Self::Syntax { line, .. }
            | Self::UnknownField { line, .. }
            | Self::MissingField { line, .. }
            | Self::Value { line, .. }
            | Self::Format { line, .. }
            | Self::Conflict { line, .. } => Some(*line),
            Self::NotFound { .. }
            | Self::NotRead { .. }
            | Self::TooLarge { .. }
            | Self::OtherFile { .. } => None,
        }
    }
}

latchkey_token::error_codes! {
    CONFIG_NOT_FOUND = "config.not_found", 4001;
    CONFIG_NOT_READ = "config.not_read", 4002;
    CONFIG_TOO_LARGE = "config.too_large", 4003;
    CONFIG_NOT_TEXT = "config.not_text", 4004;
    CONFIG_OTHER_FILE = "config.other_file", 4005;
    CONFIG_SYNTAX = "config.syntax", 4010;
    CONFIG_UNKNOWN_FIELD = "config.unknown_field", 4011;
    CONFIG_MISSING_FIELD = "config.missing_field", 4012;
    CONFIG_VALUE = "config.value", 4013;
    CONFIG_FORMAT = "config.format", 4014;
    CONFIG_CONFLICT = "config.conflict", 4015;
}
