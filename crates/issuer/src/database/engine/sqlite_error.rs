//! SQLite's errors, told apart by what can be done.

use rusqlite::ErrorCode as SqliteCode;

use crate::database::error::{DatabaseError, damaged};

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error;
        use rusqlite::ffi;
        match &error {
            Error::SqliteFailure(failure, _) => {
                // Not the long message: it may quote the statement.
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
