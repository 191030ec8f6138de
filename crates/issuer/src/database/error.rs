//! What can go wrong with the database, told apart by what can be done.

use std::path::PathBuf;

use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::error_class::{ClassifiedError, codes};

/// The database can't be used. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum DatabaseError {
    /// Another program has been writing for too long.
    #[code(codes::DATABASE_BUSY)]
    #[error("the database is busy")]
    Busy,
    /// No room on the disk.
    #[code(codes::DATABASE_FULL)]
    #[error("the disk is full")]
    Full,
    /// The file, its folder or the disk can't be written.
    #[code(codes::DATABASE_READ_ONLY)]
    #[error("the database is read-only")]
    ReadOnly,
    /// It can't be opened.
    #[code(codes::DATABASE_NOT_OPENED)]
    #[error("the database can't be opened: {reason}")]
    NotOpened {
        /// The database's word for it.
        reason: String,
    },
    /// Damaged, or another program's.
    #[code(codes::DATABASE_DAMAGED)]
    #[error("the database is damaged: {reason}")]
    Damaged {
        /// The database's word for it, or what doesn't hold.
        reason: String,
    },
    /// Made by a newer version.
    #[code(codes::DATABASE_NEWER)]
    #[error("the database has layout {found}, known are {known}")]
    Newer {
        /// Its layout.
        found: u64,
        /// The newest layout that this version knows.
        known: u64,
    },
    /// Group or world may do something with it: it holds activation codes and the operators' second
    /// factors.
    #[code(codes::DATABASE_READABLE)]
    #[error("other users can access {}", file.display())]
    ReadableByOthers {
        /// The file.
        file: PathBuf,
    },
    /// Anything else.
    #[code(codes::DATABASE_FAILED)]
    #[error("the database failed: {reason}")]
    Failed {
        /// The database's word for it.
        reason: String,
    },
}

/// Something in the database isn't what it must be.
pub(crate) fn damaged(what: &str) -> DatabaseError {
    DatabaseError::Damaged { reason: what.to_owned() }
}
