//! SQLite: opening and migrating its file, and the transactions in which statements run.

use std::path::Path;
use std::time::Duration;

use rusqlite::{OpenFlags, TransactionBehavior};

use super::migrations::{MIGRATIONS, check_layout};
use super::row::Row;
use super::value::Value;
use crate::database::error::{DatabaseError, damaged};

/// "LKIS": distinguishes our files from other programs' databases.
const APPLICATION: i64 = 0x4c4b_4953;

/// How long a transaction waits for other writers.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// Each statement is prepared once per connection; there are fewer statements than this.
const PREPARED_STATEMENTS: usize = 128;

/// A connection to a database.
#[derive(Debug)]
pub(crate) struct Connection(rusqlite::Connection);

impl Connection {
    /// Creates a database in an empty file.
    pub(crate) fn create(path: &Path) -> Result<Self, DatabaseError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        let mut created = Self(connection);
        created.migrate(MIGRATIONS)?;
        Ok(created)
    }

    /// Opens a database and applies missing migrations.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        let opened = || {
            make_log(path);
            let mut opened = Self(connect(path, OpenFlags::empty())?);
            if pragma(&opened.0, "application_id")? != APPLICATION {
                return Err(damaged("application_id"));
            }
            opened.migrate(MIGRATIONS)?;
            Ok(opened)
        };
        opened().map_err(|error| match error {
            DatabaseError::NotOpened { .. } => why_not_opened(path).unwrap_or(error),
            other => other,
        })
    }

    /// Sets how long a transaction waits for other writers.
    pub(crate) fn wait_for_others(&self, longest: Duration) -> Result<(), DatabaseError> {
        Ok(self.0.busy_timeout(longest)?)
    }

    /// Writes everything into the main file and closes it.
    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        // Closing does this too, but without reporting a failure, after which the main file would
        // be incomplete.
        let busy: i64 =
            self.0.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(DatabaseError::Busy);
        }
        self.0.close().map_err(|(_, error)| error.into())
    }

    /// Writes the database as it is at this moment into a new file, while others may write.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        let path = path.to_str().ok_or_else(|| damaged("path"))?;
        self.0.execute("VACUUM INTO $1", [path])?;
        Ok(())
    }

    /// Applies the migrations that are missing. Processes that open one database at once apply each
    /// of them once: the layout is read again in the transaction that writes.
    fn migrate(&mut self, migrations: &[&str]) -> Result<(), DatabaseError> {
        let newest = migrations.len();
        if check_layout(pragma(&self.0, "user_version")?, newest)? == newest {
            return Ok(());
        }
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = check_layout(pragma(&transaction, "user_version")?, newest)?;
        for migration in &migrations[found..] {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "user_version", newest as i64)?;
        Ok(transaction.commit()?)
    }

    /// Reads from one consistent snapshot, while others may write.
    pub(crate) fn read<T, E: From<DatabaseError>>(
        &mut self,
        read: impl FnOnce(OpenTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.0.transaction().map_err(DatabaseError::from)?;
        read(OpenTransaction::begin(&transaction)?)
    }

    /// Runs `work` in a transaction beside which no other one writes. It is committed if `work`
    /// returns `Ok`; otherwise nothing is written.
    pub(crate) fn write<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(OpenTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.begin_writing()?;
        let done = work(OpenTransaction::begin(&transaction)?)?;
        transaction.commit().map_err(DatabaseError::from)?;
        Ok(done)
    }

    /// As [`Connection::write`], and rolls back whatever was written.
    pub(crate) fn dry_run<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(OpenTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self.begin_writing()?;
        let done = work(OpenTransaction::begin(&transaction)?);
        transaction.rollback().map_err(DatabaseError::from)?;
        done
    }

    fn begin_writing(&mut self) -> Result<rusqlite::Transaction<'_>, DatabaseError> {
        Ok(self.0.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// The statements of one transaction.
#[derive(Clone, Copy)]
pub(crate) struct OpenTransaction<'c>(&'c rusqlite::Connection);

impl<'c> OpenTransaction<'c> {
    /// Checks first that this program still knows the layout.
    fn begin(transaction: &'c rusqlite::Transaction<'_>) -> Result<Self, DatabaseError> {
        check_layout(pragma(transaction, "user_version")?, MIGRATIONS.len())?;
        Ok(Self(transaction))
    }

    /// Returns what `read` makes of each row of the result.
    pub(crate) fn query<T>(
        self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DatabaseError>,
    ) -> Result<Vec<T>, DatabaseError> {
        let mut statement = self.prepare(sql, values)?;
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(&Row::new(row))?);
        }
        Ok(all)
    }

    /// Returns what `read` makes of the first row of the result, if there is one.
    pub(crate) fn find<T>(
        self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DatabaseError>,
    ) -> Result<Option<T>, DatabaseError> {
        let mut statement = self.prepare(sql, values)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(|row| read(&Row::new(row))).transpose()
    }

    /// The same for a result that has a row. If it has none, the database is damaged.
    pub(crate) fn get<T>(
        self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        self.find(sql, values, read)?.ok_or_else(|| damaged("value"))
    }

    /// Runs a statement that writes. Returns the number of rows that it changed.
    pub(crate) fn execute(self, sql: &str, values: &[Value<'_>]) -> Result<usize, DatabaseError> {
        Ok(self.prepare(sql, values)?.raw_execute()?)
    }

    fn prepare(
        self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<rusqlite::CachedStatement<'c>, DatabaseError> {
        let mut statement = self.0.prepare_cached(sql)?;
        for (number, value) in (1..).zip(values) {
            // To SQLite, `$2` is a name, and need not be the second parameter.
            let name = format!("${number}");
            let index = statement.parameter_index(&name)?;
            let index = index.ok_or_else(|| wrong_parameters(&name))?;
            match value {
                Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
                Value::Integer(number) => statement.raw_bind_parameter(index, number)?,
                Value::Text(text) => statement.raw_bind_parameter(index, text.as_ref())?,
            }
        }
        match statement.parameter_count() == values.len() {
            true => Ok(statement),
            false => {
                let (wanted, given) = (statement.parameter_count(), values.len());
                Err(wrong_parameters(&format!("{wanted} parameters, {given} values")))
            }
        }
    }
}

/// A statement and its values don't fit together, which tests find.
fn wrong_parameters(name: &str) -> DatabaseError {
    DatabaseError::Failed { reason: name.to_owned() }
}

fn pragma(connection: &rusqlite::Connection, name: &str) -> Result<i64, DatabaseError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

fn connect(path: &Path, more: OpenFlags) -> Result<rusqlite::Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    // SQLite treats a path that starts with `file:` as a URI; an absolute path never does.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
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
    use std::sync::Barrier;

    use super::*;
    use crate::database::engine::value::values;

    fn newer(migrations: usize) -> DatabaseError {
        DatabaseError::Newer { found: migrations as u64, known: MIGRATIONS.len() as u64 }
    }

    /// Adds a row to the audit log.
    fn add(connection: &mut Connection) -> Result<usize, DatabaseError> {
        let sql = "INSERT INTO audit (at, event, detail) VALUES (1, 'tested', '{}')";
        connection.write(|transaction| transaction.execute(sql, &[]))
    }

    fn count(connection: &mut Connection) -> Result<i64, DatabaseError> {
        connection.read(|transaction| {
            transaction.get("SELECT COUNT(*) FROM audit", &[], |row| row.get(0))
        })
    }

    #[test]
    fn a_database_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let database = Connection::create(&path).unwrap();
        database.0.pragma_update(None, "user_version", 99).unwrap();
        database.close().unwrap();
        assert_eq!(Connection::open(&path).unwrap_err(), newer(99));
    }

    #[test]
    fn a_database_that_is_migrated_while_it_is_open_is_neither_written_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let mut old = Connection::create(&path).unwrap();
        add(&mut old).unwrap();
        // A newer program migrates the database.
        let mut migrations = MIGRATIONS.to_vec();
        migrations.push("ALTER TABLE vendor ADD COLUMN motto TEXT");
        let mut new = Connection::open(&path).unwrap();
        new.migrate(&migrations).unwrap();
        let newer = newer(migrations.len());
        assert_eq!(add(&mut old), Err(newer.clone()));
        assert_eq!(old.dry_run(|_| Ok::<_, DatabaseError>(())), Err(newer.clone()));
        assert_eq!(count(&mut old), Err(newer));
        let rows: i64 =
            old.0.query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn an_older_layout_is_migrated_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let mut database = Connection(connect(&path, OpenFlags::SQLITE_OPEN_CREATE).unwrap());
        for known in 1..=MIGRATIONS.len() {
            database.migrate(&MIGRATIONS[..known]).unwrap();
            database.migrate(&MIGRATIONS[..known]).unwrap();
            assert_eq!(pragma(&database.0, "user_version").unwrap() as usize, known);
        }
        add(&mut database).unwrap();
    }

    #[test]
    fn connections_that_open_an_older_database_at_once_apply_each_migration_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        let mut older = Connection(connect(&path, OpenFlags::SQLITE_OPEN_CREATE).unwrap());
        older.0.pragma_update(None, "journal_mode", "wal").unwrap();
        older.0.pragma_update(None, "application_id", APPLICATION).unwrap();
        older.migrate(&MIGRATIONS[..1]).unwrap();
        let mut migrations = MIGRATIONS.to_vec();
        // Fails, or counts twice, if it is applied twice.
        migrations.push("INSERT INTO audit (at, event, detail) VALUES (1, 'migrated', '{}')");
        let start = &Barrier::new(8);
        let migrations = &migrations;
        let opened = [(); 8].map(|()| Connection(connect(&path, OpenFlags::empty()).unwrap()));
        std::thread::scope(|scope| {
            for mut opened in opened {
                scope.spawn(move || {
                    start.wait();
                    opened.migrate(migrations).unwrap();
                });
            }
        });
        let rows: i64 =
            older.0.query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_older_layout() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Connection::create(&folder.path().join("issuer.db")).unwrap();
        let mut migrations = MIGRATIONS.to_vec();
        migrations.push("ALTER TABLE vendor ADD COLUMN motto TEXT; INSERT INTO nowhere VALUES (1)");
        assert!(database.migrate(&migrations).is_err());
        assert_eq!(pragma(&database.0, "user_version").unwrap() as usize, MIGRATIONS.len());
        migrations.pop();
        migrations.push("ALTER TABLE vendor ADD COLUMN motto TEXT");
        database.migrate(&migrations).unwrap();
    }

    #[test]
    fn a_foreign_file_is_reported_as_a_damaged_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.db");
        for content in
            [&b""[..], b"This is a letter to my aunt, and a long one. ".repeat(90).as_slice()]
        {
            std::fs::write(&path, content).unwrap();
            let opened = Connection::open(&path).map(drop);
            assert!(matches!(opened, Err(DatabaseError::Damaged { .. })), "{opened:?}");
        }
    }

    #[test]
    fn the_database_uses_a_write_ahead_log_full_synchronisation_and_foreign_keys() {
        let folder = tempfile::tempdir().unwrap();
        let database = Connection::create(&folder.path().join("issuer.db")).unwrap();
        let mode: String =
            database.0.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(pragma(&database.0, "synchronous"), Ok(2));
        assert_eq!(pragma(&database.0, "foreign_keys"), Ok(1));
    }

    #[test]
    fn a_parameter_is_the_one_with_its_number_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Connection::create(&folder.path().join("issuer.db")).unwrap();
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let row: (String, Option<u32>, i64, bool) = database
            .read(|sql| {
                let values = values!["one", None::<u32>, -3_i64, true];
                sql.get("SELECT $1, $2, $3, $4 WHERE $4 = 1 AND $1 = 'one'", &values, read)
            })
            .unwrap();
        assert_eq!(row, ("one".to_owned(), None, -3, true));
        let row: (String, Option<u32>, i64, bool) = database
            .read(|sql| {
                let values = values![true, -3_i64, "one", None::<u32>];
                sql.get("SELECT $3, $4, $2, $1", &values, read)
            })
            .unwrap();
        assert_eq!(row, ("one".to_owned(), None, -3, true));
        for values in [&values![1_u32][..], &values![1_u32, 2_u32, 3_u32]] {
            let found = database.read(|sql| sql.find("SELECT $2, $1", values, |_| Ok(())));
            assert!(matches!(found, Err(DatabaseError::Failed { .. })), "{found:?}");
        }
    }

    #[test]
    fn a_column_of_another_type_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Connection::create(&folder.path().join("issuer.db")).unwrap();
        let damage = Err(DatabaseError::Damaged { reason: "value".to_owned() });
        for column in ["NULL", "'text'", "1.5", "x'00'", "-1", "4294967296"] {
            let sql = format!("SELECT {column}");
            let number = database.read(|open| open.get(&sql, &[], |row| row.get::<u32>(0)));
            assert_eq!(number, damage, "{column}");
        }
        for column in ["NULL", "1", "x'00'", "CAST(x'ff' AS TEXT)"] {
            let sql = format!("SELECT {column}");
            let text = database.read(|open| open.get(&sql, &[], |row| row.get::<String>(0)));
            assert_eq!(text.map(drop), damage.clone().map(|_: u32| ()), "{column}");
        }
        let missing = database.read(|open| {
            open.get("SELECT at FROM audit WHERE at = 0", &[], |row| row.get::<i64>(0))
        });
        assert_eq!(missing.map(drop), damage.map(drop));
    }
}
