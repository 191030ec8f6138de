//! Queries on reports of lost computers, which are rows of the table `notice`.

use latchkey_lease::{Timestamp, from_seconds, to_seconds};
use latchkey_token::SeatId;

use super::connection::{ReadTransaction, Transaction};
use super::conversions::parse_stored;
use super::engine::values;
use super::error::DatabaseError;

impl ReadTransaction<'_> {
    /// When a seat's computer was reported lost, if that report is still open.
    pub(crate) fn open_notice(&self, seat: SeatId) -> Result<Option<Timestamp>, DatabaseError> {
        self.sql.find(
            "SELECT at FROM notice WHERE seat = $1 AND settled_at IS NULL",
            &values![seat.to_string()],
            |row| row.get(0).map(from_seconds),
        )
    }

    /// The seats with an open report and when each was reported, oldest first.
    pub(crate) fn open_notices(&self) -> Result<Vec<(SeatId, Timestamp)>, DatabaseError> {
        self.sql.query(
            "SELECT seat, at FROM notice WHERE settled_at IS NULL ORDER BY at, seat",
            &[],
            |row| {
                let seat: String = row.get(0)?;
                Ok((parse_stored(&seat, "seat")?, from_seconds(row.get(1)?)))
            },
        )
    }
}

impl Transaction<'_> {
    /// Records that a seat's computer was reported lost. Returns `false` if a report is open.
    pub(crate) fn add_notice(&self, seat: SeatId, at: Timestamp) -> Result<bool, DatabaseError> {
        let added = self.sql.execute(
            "INSERT INTO notice (seat, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &values![seat.to_string(), to_seconds(at)],
        )?;
        Ok(added == 1)
    }

    /// Settles the open report about a seat. Returns `false` if there was none.
    pub(crate) fn settle_notice(&self, seat: SeatId, at: Timestamp) -> Result<bool, DatabaseError> {
        let settled = self.sql.execute(
            "UPDATE notice SET settled_at = $1 WHERE seat = $2 AND settled_at IS NULL",
            &values![to_seconds(at), seat.to_string()],
        )?;
        Ok(settled > 0)
    }
}
