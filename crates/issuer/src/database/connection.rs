//! `Database`: opening, migrations, and the transactions in which queries run.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use latchkey_lease::Uptime;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{DatabaseError, damaged};
use super::row_quota::RowQuota;

/// "LKIS": distinguishes our files from other programs' databases.
const APPLICATION: i64 = 0x4c4b_4953;

/// The migrations in order; the database's `user_version` is the number of those that were applied.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_file_identity_and_answer.sql"),
    include_str!("migrations/0003_lost_devices_and_operators.sql"),
    include_str!("migrations/0004_clock_and_early_returns.sql"),
    include_str!("migrations/0005_counted_audit_and_generations.sql"),
    include_str!("migrations/0006_request_every.sql"),
    include_str!("migrations/0007_given_codes.sql"),
];

/// How long a transaction waits for other writers.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// The database of one vendor.
#[derive(Debug)]
pub(crate) struct Database {
    connection: Connection,
    /// The operator on whose behalf rows are written.
    pub(crate) actor: Option<String>,
    /// How many audit rows may still be written about events that change nothing.
    pub(crate) quota: Option<RowQuota>,
    /// How long this machine is known to have been running.
    pub(crate) uptime: Option<Uptime>,
}

/// Queries that only read, inside a transaction. What takes a snapshot can decide, and can't write.
pub(crate) struct ReadTransaction<'c> {
    pub(super) connection: &'c Connection,
    pub(super) uptime: Option<Uptime>,
}

/// Queries inside a transaction beside which no other one writes.
pub(crate) struct Transaction<'c> {
    snapshot: ReadTransaction<'c>,
    /// The operator on whose behalf rows are written; recorded in each audit row.
    pub(super) actor: Option<&'c str>,
    pub(super) quota: Option<&'c RowQuota>,
}

impl<'c> Deref for Transaction<'c> {
    type Target = ReadTransaction<'c>;

    fn deref(&self) -> &ReadTransaction<'c> {
        &self.snapshot
    }
}

impl Database {
    /// Creates a database in an empty file.
    pub(crate) fn create(path: &Path) -> Result<Self, DatabaseError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        let mut database = Self::new(connection);
        database.migrate(MIGRATIONS)?;
        Ok(database)
    }

    /// Opens a database and applies missing migrations.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        let opened = || {
            make_log(path);
            let connection = connect(path, OpenFlags::empty())?;
            let mut database = Self::new(connection);
            if database.pragma("application_id")? != APPLICATION {
                return Err(damaged("application_id"));
            }
            database.migrate(MIGRATIONS)?;
            Ok(database)
        };
        opened().map_err(|error| match error {
            DatabaseError::NotOpened { .. } => why_not_opened(path).unwrap_or(error),
            other => other,
        })
    }

    const fn new(connection: Connection) -> Self {
        Self { connection, actor: None, quota: None, uptime: None }
    }

    /// Sets how long a transaction waits for other writers.
    pub(crate) fn wait_for_others(&self, longest: Duration) -> Result<(), DatabaseError> {
        Ok(self.connection.busy_timeout(longest)?)
    }

    /// Writes everything into the main file and closes it.
    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        // Closing does this too, but without reporting a failure, after which the main file would
        // be incomplete.
        let busy: i64 =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(DatabaseError::Busy);
        }
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// Writes the database as it is at this moment into a new file, while others may write.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        let path = path.to_str().ok_or_else(|| damaged("path"))?;
        self.connection.execute("VACUUM INTO $1", [path])?;
        Ok(())
    }

    fn pragma(&self, name: &str) -> Result<i64, DatabaseError> {
        Ok(self.connection.pragma_query_value(None, name, |row| row.get(0))?)
    }

    fn migrate(&mut self, layouts: &[&str]) -> Result<(), DatabaseError> {
        let newest = layouts.len();
        let known = |found: i64| match usize::try_from(found) {
            Ok(found) if found <= newest => Ok(found),
            _ => Err(DatabaseError::Newer { found: found.unsigned_abs(), known: newest as u64 }),
        };
        if known(self.pragma("user_version")?)? == newest {
            return Ok(());
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Check again, inside the transaction.
        let found = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for layout in &layouts[known(found)?..] {
            transaction.execute_batch(layout)?;
        }
        transaction.pragma_update(None, "user_version", newest as i64)?;
        Ok(transaction.commit()?)
    }

    /// Reads from one consistent snapshot, while others may write.
    pub(crate) fn read<T, E: From<DatabaseError>>(
        &mut self,
        read: impl FnOnce(&ReadTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.connection.transaction().map_err(DatabaseError::from)?;
        check_layout(&transaction)?;
        read(&ReadTransaction { connection: &transaction, uptime: self.uptime })
    }

    /// Runs `work` in a transaction beside which no other one writes, and always rolls it back: for
    /// finding out whether something could be written.
    pub(crate) fn dry_run<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self { connection, actor, quota, uptime } = self;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(DatabaseError::from)?;
        check_layout(&transaction)?;
        let done = work(&queries(&transaction, actor, quota, *uptime));
        transaction.rollback().map_err(DatabaseError::from)?;
        done
    }

    /// Runs `work` in a transaction beside which no other one writes. It is committed if `work`
    /// returns `Ok`; otherwise nothing is written.
    pub(crate) fn write<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self { connection, actor, quota, uptime } = self;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(DatabaseError::from)?;
        check_layout(&transaction)?;
        let done = work(&queries(&transaction, actor, quota, *uptime))?;
        transaction.commit().map_err(DatabaseError::from)?;
        Ok(done)
    }
}

fn queries<'c>(
    connection: &'c Connection,
    actor: &'c Option<String>,
    quota: &'c Option<RowQuota>,
    uptime: Option<Uptime>,
) -> Transaction<'c> {
    let snapshot = ReadTransaction { connection, uptime };
    Transaction { snapshot, actor: actor.as_deref(), quota: quota.as_ref() }
}

/// Checks that this program still knows the layout. A newer program may have migrated the database
/// since it was opened here, and rows written by older rules could then have another meaning.
fn check_layout(connection: &Connection) -> Result<(), DatabaseError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match usize::try_from(found) {
        Ok(found) if found <= MIGRATIONS.len() => Ok(()),
        _ => Err(DatabaseError::Newer {
            found: found.unsigned_abs(),
            known: MIGRATIONS.len() as u64,
        }),
    }
}

fn connect(path: &Path, more: OpenFlags) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    // SQLite treats a path that starts with `file:` as a URI; an absolute path never does.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Grants survive a power cut: the response may be on its way already.
    connection.pragma_update(None, "synchronous", "full")?;
    // Rows are short; this keeps deleted codes and tokens out of the file's free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Creates the write-ahead log with restricted permissions. On Unix, SQLite gives it the database's
/// permissions; on Windows it would inherit the folder's. If it can't be created, SQLite reports a
/// better error.
fn make_log(path: &Path) {
    if cfg!(windows) {
        let _ = crate::files::create(&crate::files::beside(path, "-wal"));
    }
}

/// SQLite needs to create files next to the database and reports only that it can't open it.
/// Creating one shows why.
fn why_not_opened(path: &Path) -> Option<DatabaseError> {
    use std::io::ErrorKind;
    let probe = path.with_extension(format!("probe-{}", std::process::id()));
    let made = std::fs::File::options().write(true).create_new(true).open(&probe);
    if made.is_ok() {
        // The probe has served its purpose; a left-over file does no harm.
        let _ = std::fs::remove_file(&probe);
    }
    match made.err()?.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            Some(DatabaseError::ReadOnly)
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(DatabaseError::Full),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::audit::NewAudit;
    use super::*;

    #[test]
    fn a_database_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let database = Database::create(&path).unwrap();
        database.connection.pragma_update(None, "user_version", 99).unwrap();
        database.close().unwrap();
        assert_eq!(
            Database::open(&path).unwrap_err(),
            DatabaseError::Newer { found: 99, known: MIGRATIONS.len() as u64 }
        );
    }

    #[test]
    fn a_database_that_is_migrated_while_it_is_open_is_neither_written_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let mut old = Database::create(&path).unwrap();
        let add = |queries: &Transaction<'_>| {
            queries
                .add_audit(&NewAudit { event: "tested", ..Default::default() }, chrono::Utc::now())
        };
        old.write(add).unwrap();
        // A newer program migrates the database.
        let mut layouts = MIGRATIONS.to_vec();
        layouts.push("ALTER TABLE vendor ADD COLUMN motto TEXT");
        let mut new = Database::open(&path).unwrap();
        new.migrate(&layouts).unwrap();
        let newer =
            DatabaseError::Newer { found: layouts.len() as u64, known: MIGRATIONS.len() as u64 };
        assert_eq!(old.write(add), Err(newer.clone()));
        assert_eq!(old.dry_run(add), Err(newer.clone()));
        assert_eq!(old.read(|queries| queries.audit()), Err(newer));
        let rows: i64 =
            old.connection.query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn an_older_layout_is_migrated_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Database::create(&folder.path().join("issuer.db")).unwrap();
        let mut layouts = MIGRATIONS.to_vec();
        layouts.push("ALTER TABLE vendor ADD COLUMN motto TEXT");
        database.migrate(&layouts).unwrap();
        database.migrate(&layouts).unwrap();
        assert_eq!(database.pragma("user_version").unwrap() as usize, layouts.len());
    }

    #[test]
    fn a_foreign_file_is_reported_as_a_damaged_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        for content in
            [&b""[..], b"This is a letter to my aunt, and a long one. ".repeat(90).as_slice()]
        {
            std::fs::write(&path, content).unwrap();
            let opened = Database::open(&path).map(drop);
            assert!(matches!(opened, Err(DatabaseError::Damaged { .. })), "{opened:?}");
        }
    }

    #[test]
    fn the_database_uses_a_write_ahead_log_full_synchronisation_and_foreign_keys() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(&folder.path().join("issuer.db")).unwrap();
        let mode: String =
            database.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(database.pragma("synchronous"), Ok(2));
        assert_eq!(database.pragma("foreign_keys"), Ok(1));
    }
}
