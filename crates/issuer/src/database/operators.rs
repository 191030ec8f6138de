//! Queries on operators, who may sign in to the admin pages.

use latchkey_lease::{Timestamp, from_seconds, to_seconds};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{to_stored, to_unsigned};
use super::engine::{Row, values};
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
        self.sql.find(&format!("{OPERATOR} WHERE name = $1"), &values![name], operator_row)
    }

    pub(crate) fn operators(&self) -> Result<Vec<OperatorRow>, DatabaseError> {
        self.sql.query(&format!("{OPERATOR} ORDER BY name"), &[], operator_row)
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
        let added = self.sql.execute(
            "INSERT INTO operator (name, passphrase, generation, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO NOTHING",
            &values![name, passphrase, to_stored(generation)?, to_seconds(at)],
        )?;
        Ok(added == 1)
    }

    /// Updates every column of an operator except the name.
    pub(crate) fn change_operator(&self, operator: &OperatorRow) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE operator SET passphrase = $1, totp = $2, totp_step = $3, generation = $4
             WHERE name = $5",
            &values![
                &operator.passphrase,
                operator.totp.as_deref(),
                to_stored(operator.totp_step)?,
                to_stored(operator.generation)?,
                &operator.name,
            ],
        )?;
        Ok(())
    }

    pub(crate) fn remove_operator(&self, name: &str) -> Result<(), DatabaseError> {
        self.sql.execute("DELETE FROM operator WHERE name = $1", &values![name])?;
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
