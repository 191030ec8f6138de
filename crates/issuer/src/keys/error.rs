//! Why the vendor's keys can't be used or changed. The words for I/O errors are in the message
//! catalogue.

use std::io;
use std::path::{Path, PathBuf};

use latchkey_token::{HasErrorCode, KeyError};
use thiserror::Error;

use crate::database::DatabaseError;
use crate::error_class::{ClassifiedError, codes};

/// A key file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum KeyFileError {
    /// It isn't there.
    #[code(codes::KEYS_MISSING)]
    #[error("{} is missing", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// It can't be read.
    #[code(codes::KEYS_NOT_READ)]
    #[error("{} can't be read: {reason}", file.display())]
    NotRead {
        /// The file.
        file: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// Group or world may do something with it.
    #[code(codes::KEYS_READABLE)]
    #[error("other users can access {}", file.display())]
    ReadableByOthers {
        /// The file or folder.
        file: PathBuf,
    },
    /// It doesn't hold a key.
    #[code(codes::KEYS_MALFORMED)]
    #[error("{} is not a key", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
    },
    /// It is sealed, and there is no passphrase.
    #[code(codes::KEYS_SEALED)]
    #[error("{} is sealed with a passphrase", file.display())]
    Sealed {
        /// The file.
        file: PathBuf,
    },
    /// It is sealed with another passphrase, or was altered.
    #[code(codes::KEYS_PASSPHRASE)]
    #[error("{} doesn't open with this passphrase", file.display())]
    WrongPassphrase {
        /// The file.
        file: PathBuf,
    },
    /// The database doesn't know the key.
    #[code(codes::KEYS_NOT_OURS)]
    #[error("{} is not a key of this vendor", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
}

impl KeyFileError {
    /// The file or folder.
    pub(crate) fn file(&self) -> &Path {
        match self {
            Self::Missing { file }
            | Self::NotRead { file, .. }
            | Self::ReadableByOthers { file }
            | Self::Malformed { file }
            | Self::Sealed { file }
            | Self::WrongPassphrase { file }
            | Self::NotOurs { file } => file,
        }
    }
}

/// Keys can't be changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum KeysError {
    /// A key's file.
    #[code(transparent)]
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// A key's file can't be written.
    #[code(codes::KEYS_NOT_WRITTEN)]
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// A key can't be made.
    #[code(transparent)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[code(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

pub(super) fn not_written(path: &Path) -> impl Fn(&io::Error) -> KeysError {
    move |error| KeysError::NotWritten {
        path: path.to_owned(),
        reason: latchkey_files::reason(error),
    }
}
