//! Queries on operators, who may sign in to the admin pages.

use latchkey_lease::{Timestamp, from_seconds, to_seconds};
use rusqlite::{Row, params};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{to_stored, to_unsigned};
use super::error::DatabaseError;

/// An operator as stored.
#[derive(Clone)]
pub(crate) struct OperatorRow {
    pub(crate) name: String,
    pub(crate) passphrase: String,
    pub(crate) totp: Option<String>,
    pub(crate) totp_step: u64,
    /// A random number that changes with every change of the operator's credentials.
    pub(crate) generation: u64,
    pub(crate) created_at: Timestamp,
}

const OPERATOR: &str =
    "SELECT name, passphrase, totp, totp_step, generation, created_at FROM operator";

impl ReadTransaction<'_> {
    pub(crate) fn operator(&self, name: &str) -> Result<Option<OperatorRow>, DatabaseError> {
        let mut statement =
            self.connection.prepare_cached(&format!("{OPERATOR} WHERE name = $1"))?;
        let mut rows = statement.query(params![name])?;
        rows.next()?.map(operator_row).transpose()
    }

    pub(crate) fn operators(&self) -> Result<Vec<OperatorRow>, DatabaseError> {
        let mut statement = self.connection.prepare(&format!("{OPERATOR} ORDER BY name"))?;
        let mut rows = statement.query([])?;
        let mut operators = Vec::new();
        while let Some(row) = rows.next()? {
            operators.push(operator_row(row)?);
        }
        Ok(operators)
    }
}

impl Transaction<'_> {
    /// Inserts an operator. Returns `false` if the name is taken.
    pub(crate) fn add_operator(
        &self,
        name: &str,
        passphrase: &str,
        generation: u64,
        at: Timestamp,
    ) -> Result<bool, DatabaseError> {
        let added = self.connection.execute(
            "INSERT INTO operator (name, passphrase, generation, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO NOTHING",
            params![name, passphrase, to_stored(generation)?, to_seconds(at)],
        )?;
        Ok(added == 1)
    }

    /// Updates every column of an operator except the name.
    pub(crate) fn change_operator(&self, operator: &OperatorRow) -> Result<(), DatabaseError> {
        self.connection.execute(
            "UPDATE operator SET passphrase = $1, totp = $2, totp_step = $3, generation = $4
             WHERE name = $5",
            params![
                operator.passphrase,
                operator.totp,
                to_stored(operator.totp_step)?,
                to_stored(operator.generation)?,
                operator.name
            ],
        )?;
        Ok(())
    }

    pub(crate) fn remove_operator(&self, name: &str) -> Result<(), DatabaseError> {
        self.connection.execute("DELETE FROM operator WHERE name = $1", params![name])?;
        Ok(())
    }
}

fn operator_row(row: &Row<'_>) -> Result<OperatorRow, DatabaseError> {
    Ok(OperatorRow {
        name: row.get(0)?,
        passphrase: row.get(1)?,
        totp: row.get(2)?,
        totp_step: to_unsigned(row.get(3)?)?,
        generation: to_unsigned(row.get(4)?)?,
        created_at: from_seconds(row.get(5)?),
    })
}
