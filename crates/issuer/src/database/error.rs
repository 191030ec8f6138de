//! What can go wrong with the database, told apart by what can be done.

use std::path::PathBuf;

use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode};
use rusqlite::ErrorCode as SqliteCode;
use thiserror::Error;

use crate::error_class::{ClassifiedError, ErrorClass, codes};

/// The database can't be used. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// Another program has been writing for too long.
    #[error("the database is busy")]
    Busy,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// The file, its folder or the disk can't be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// It can't be opened.
    #[error("the database can't be opened: {reason}")]
    NotOpened {
        /// SQLite's word for it.
        reason: String,
    },
    /// Damaged, or another program's.
    #[error("the database is damaged: {reason}")]
    Damaged {
        /// SQLite's word for it, or what doesn't hold.
        reason: String,
    },
    /// Made by a newer version.
    #[error("the database has layout {found}, known are {known}")]
    Newer {
        /// Its layout.
        found: u64,
        /// The newest layout that this version knows.
        known: u64,
    },
    /// Group or world may do something with it: it holds activation codes and the operators' second factors.
    #[error("{} is not its owner's alone", file.display())]
    ReadableByOthers {
        /// The file.
        file: PathBuf,
    },
    /// Anything else.
    #[error("the database failed: {reason}")]
    Failed {
        /// SQLite's word for it.
        reason: String,
    },
}

/// Something in the database isn't what it must be.
pub(crate) fn damaged(what: &str) -> DatabaseError {
    DatabaseError::Damaged { reason: what.to_owned() }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error;
        use rusqlite::ffi;
        match &error {
            Error::SqliteFailure(failure, _) => {
                // Not the long message: it may quote what stands in a statement.
                let reason = failure.to_string();
                match failure.code {
                    SqliteCode::DatabaseBusy | SqliteCode::DatabaseLocked => Self::Busy,
                    SqliteCode::DiskFull => Self::Full,
                    // The shared memory beside the file couldn't grow: no room either.
                    SqliteCode::SystemIoFailure
                        if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE =>
                    {
                        Self::Full
                    }
                    SqliteCode::ReadOnly => Self::ReadOnly,
                    SqliteCode::CannotOpen | SqliteCode::PermissionDenied => {
                        Self::NotOpened { reason }
                    }
                    SqliteCode::DatabaseCorrupt | SqliteCode::NotADatabase => {
                        Self::Damaged { reason }
                    }
                    _ => Self::Failed { reason },
                }
            }
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::QueryReturnedNoRows => damaged("value"),
            _ => Self::Failed { reason: error.to_string() },
        }
    }
}

impl HasErrorCode for DatabaseError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Busy => codes::DATABASE_BUSY,
            Self::Full => codes::DATABASE_FULL,
            Self::ReadOnly => codes::DATABASE_READ_ONLY,
            Self::NotOpened { .. } => codes::DATABASE_NOT_OPENED,
            Self::Damaged { .. } => codes::DATABASE_DAMAGED,
            Self::Newer { .. } => codes::DATABASE_NEWER,
            Self::ReadableByOthers { .. } => codes::DATABASE_READABLE,
            Self::Failed { .. } => codes::DATABASE_FAILED,
        }
    }

    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        match self {
            Self::NotOpened { reason } | Self::Damaged { reason } | Self::Failed { reason } => {
                vec![("reason", reason.as_str().into())]
            }
            Self::ReadableByOthers { file } => {
                vec![("file", file.display().to_string().into())]
            }
            Self::Newer { found, known } => {
                vec![("found", (*found).into()), ("known", (*known).into())]
            }
            Self::Busy | Self::Full | Self::ReadOnly => Vec::new(),
        }
    }
}

impl ClassifiedError for DatabaseError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }
}
