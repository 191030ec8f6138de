//! The migrations in order, one file each. A file that was released never changes. The number of
//! those that were applied to a database is its layout.

use crate::database::error::DatabaseError;

pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_file_identity_and_answer.sql"),
    include_str!("../migrations/0003_lost_devices_and_operators.sql"),
    include_str!("../migrations/0004_clock_and_early_returns.sql"),
    include_str!("../migrations/0005_counted_audit_and_generations.sql"),
    include_str!("../migrations/0006_request_every.sql"),
    include_str!("../migrations/0007_given_codes.sql"),
];

/// The number of migrations that were applied, if a program that knows `newest` of them can use the
/// database. A newer program may have migrated it since it was opened here, and rows written by
/// older rules could then have another meaning.
pub(super) fn check_layout(found: i64, newest: usize) -> Result<usize, DatabaseError> {
    match usize::try_from(found) {
        Ok(found) if found <= newest => Ok(found),
        _ => Err(DatabaseError::Newer { found: found.unsigned_abs(), known: newest as u64 }),
    }
}
