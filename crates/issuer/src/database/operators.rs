//! Who may use the vendor's pages, and what was said about lost computers.

use latchkey_lease::Timestamp;
use latchkey_lease::{from_seconds, to_seconds};
use latchkey_token::SeatId;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{DatabaseError, Transaction, parsed, stored, unsigned};

/// Somebody who may use the vendor's pages, as it is stored.
#[derive(Clone)]
pub(crate) struct OperatorRow {
    pub(crate) name: String,
    pub(crate) passphrase: String,
    pub(crate) totp: Option<String>,
    pub(crate) totp_step: u64,
    /// Drawn at random whenever access is given or changed.
    pub(crate) generation: u64,
    pub(crate) created_at: Timestamp,
}

const OPERATOR: &str =
    "SELECT name, passphrase, totp, totp_step, generation, created_at FROM operator";

impl Transaction<'_> {
    /// Adds somebody; false when there is somebody of this name.
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
            params![name, passphrase, stored(generation)?, to_seconds(at)],
        )?;
        Ok(added == 1)
    }

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

    /// Writes everything about somebody but the name.
    pub(crate) fn change_operator(&self, operator: &OperatorRow) -> Result<(), DatabaseError> {
        self.connection.execute(
            "UPDATE operator SET passphrase = $1, totp = $2, totp_step = $3, generation = $4
             WHERE name = $5",
            params![
                operator.passphrase,
                operator.totp,
                stored(operator.totp_step)?,
                stored(operator.generation)?,
                operator.name
            ],
        )?;
        Ok(())
    }

    pub(crate) fn remove_operator(&self, name: &str) -> Result<(), DatabaseError> {
        self.connection.execute("DELETE FROM operator WHERE name = $1", params![name])?;
        Ok(())
    }

    /// Notes that a seat's computer is said to be gone; false when that is noted already.
    pub(crate) fn add_notice(&self, seat: SeatId, at: Timestamp) -> Result<bool, DatabaseError> {
        let added = self.connection.execute(
            "INSERT INTO notice (seat, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            params![seat.to_string(), to_seconds(at)],
        )?;
        Ok(added == 1)
    }

    /// Whether something was open about a seat; it is settled now.
    pub(crate) fn settle_notice(&self, seat: SeatId, at: Timestamp) -> Result<bool, DatabaseError> {
        let settled = self.connection.execute(
            "UPDATE notice SET settled_at = $1 WHERE seat = $2 AND settled_at IS NULL",
            params![to_seconds(at), seat.to_string()],
        )?;
        Ok(settled > 0)
    }

    /// When a seat's computer was said to be gone, if that isn't settled.
    pub(crate) fn open_notice(&self, seat: SeatId) -> Result<Option<Timestamp>, DatabaseError> {
        let at: Option<i64> = self
            .connection
            .prepare_cached("SELECT at FROM notice WHERE seat = $1 AND settled_at IS NULL")?
            .query_row(params![seat.to_string()], |row| row.get(0))
            .optional()?;
        Ok(at.map(from_seconds))
    }

    /// The seats whose computers are said to be gone, and since when, oldest first.
    pub(crate) fn open_notices(&self) -> Result<Vec<(SeatId, Timestamp)>, DatabaseError> {
        let mut statement = self
            .connection
            .prepare("SELECT seat, at FROM notice WHERE settled_at IS NULL ORDER BY at, seat")?;
        let mut rows = statement.query([])?;
        let mut notices = Vec::new();
        while let Some(row) = rows.next()? {
            let seat: String = row.get(0)?;
            notices.push((parsed(&seat, "seat")?, from_seconds(row.get(1)?)));
        }
        Ok(notices)
    }
}

fn operator_row(row: &Row<'_>) -> Result<OperatorRow, DatabaseError> {
    Ok(OperatorRow {
        name: row.get(0)?,
        passphrase: row.get(1)?,
        totp: row.get(2)?,
        totp_step: unsigned(row.get(3)?)?,
        generation: unsigned(row.get(4)?)?,
        created_at: from_seconds(row.get(5)?),
    })
}
