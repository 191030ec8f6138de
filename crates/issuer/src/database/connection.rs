//! `Database`: the connection and what rows are written with, and the queries of a transaction.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use latchkey_lease::Uptime;

use super::engine::{Connection, OpenTransaction};
use super::error::DatabaseError;
use super::row_quota::RowQuota;

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

/// Queries that only read, inside a transaction. Code that decides gets these only.
pub(crate) struct ReadTransaction<'c> {
    pub(super) sql: OpenTransaction<'c>,
    pub(super) uptime: Option<Uptime>,
}

/// Queries inside a transaction beside which no other one writes.
pub(crate) struct Transaction<'c> {
    reads: ReadTransaction<'c>,
    /// The operator on whose behalf rows are written; recorded in each audit row.
    pub(super) actor: Option<&'c str>,
    pub(super) quota: Option<&'c RowQuota>,
}

impl<'c> Deref for Transaction<'c> {
    type Target = ReadTransaction<'c>;

    fn deref(&self) -> &ReadTransaction<'c> {
        &self.reads
    }
}

impl Database {
    /// Creates a database in an empty file.
    pub(crate) fn create(path: &Path) -> Result<Self, DatabaseError> {
        Connection::create(path).map(Self::new)
    }

    /// Opens a database and applies missing migrations.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Connection::open(path).map(Self::new)
    }

    const fn new(connection: Connection) -> Self {
        Self { connection, actor: None, quota: None, uptime: None }
    }

    /// Sets how long a transaction waits for other writers.
    pub(crate) fn wait_for_others(&self, longest: Duration) -> Result<(), DatabaseError> {
        self.connection.wait_for_others(longest)
    }

    /// Writes everything into the main file and closes it.
    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        self.connection.close()
    }

    /// Writes the database as it is at this moment into a new file, while others may write.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        self.connection.copy_to(path)
    }

    /// Reads from one consistent state, while others may write.
    pub(crate) fn read<T, E: From<DatabaseError>>(
        &mut self,
        read: impl FnOnce(&ReadTransaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let uptime = self.uptime;
        self.connection.read(|sql| read(&ReadTransaction { sql, uptime }))
    }

    /// Runs `work` in a transaction beside which no other one writes, and always rolls it back: for
    /// finding out whether something could be written.
    pub(crate) fn dry_run<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self { connection, actor, quota, uptime } = self;
        connection.dry_run(|sql| work(&queries(sql, actor, quota, *uptime)))
    }

    /// Runs `work` in a transaction beside which no other one writes. It is committed if `work`
    /// returns `Ok`; otherwise nothing is written.
    pub(crate) fn write<T, E: From<DatabaseError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self { connection, actor, quota, uptime } = self;
        connection.write(|sql| work(&queries(sql, actor, quota, *uptime)))
    }
}

fn queries<'c>(
    sql: OpenTransaction<'c>,
    actor: &'c Option<String>,
    quota: &'c Option<RowQuota>,
    uptime: Option<Uptime>,
) -> Transaction<'c> {
    let reads = ReadTransaction { sql, uptime };
    Transaction { reads, actor: actor.as_deref(), quota: quota.as_ref() }
}
