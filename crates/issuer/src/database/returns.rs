//! Queries on early returns, counted along lines of seats, and the vendor's limit on them.

use latchkey_lease::Timestamp;
use latchkey_lease::{from_seconds, to_seconds};
use latchkey_token::{PublicKeys, SeatId};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{parse_stored, to_unsigned};
use super::engine::values;
use super::error::DatabaseError;
use crate::model::EntitlementId;

/// An entitlement with more early returns than seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManyReturns {
    pub(crate) entitlement: EntitlementId,
    pub(crate) returns: u64,
    pub(crate) newest: Timestamp,
}

impl ReadTransaction<'_> {
    /// How many early returns of one line free the seat at once.
    pub(crate) fn early_returns(&self) -> Result<u32, DatabaseError> {
        self.sql.get("SELECT early_returns FROM vendor", &[], |row| row.get(0))
    }

    /// The number of early returns of a line after a time.
    pub(crate) fn returns_since(
        &self,
        lineage: SeatId,
        since: Timestamp,
    ) -> Result<u64, DatabaseError> {
        self.sql.get(
            "SELECT COUNT(*) FROM seat_return WHERE chain = $1 AND at > $2",
            &values![lineage.to_string(), to_seconds(since)],
            |row| to_unsigned(row.get(0)?),
        )
    }

    /// The line that a seat granted now continues: one whose newest seat was deactivated and no
    /// longer counts as taken, because its time is over, because its computer holds another seat,
    /// or because it was the requesting computer's own. That comes first, then the one that was
    /// returned last.
    pub(crate) fn idle_line(
        &self,
        entitlement: EntitlementId,
        asking: &PublicKeys,
        now: Timestamp,
    ) -> Result<Option<SeatId>, DatabaseError> {
        self.sql.find(
            "SELECT s.chain FROM seat s
             WHERE s.entitlement = $1 AND s.state = 'deactivated'
               AND (s.taken_until <= $2 OR s.device = $3
                    OR EXISTS (SELECT 1 FROM seat o WHERE o.entitlement = $1
                                 AND o.device = s.device AND o.state = 'held'))
               AND s.ordinal = (SELECT MAX(o.ordinal) FROM seat o
                                WHERE o.entitlement = $1 AND o.chain = s.chain)
             ORDER BY CASE WHEN s.device = $3 THEN 0 ELSE 1 END, s.closed_at DESC, s.ordinal DESC
             LIMIT 1",
            &values![entitlement.to_string(), to_seconds(now), asking.to_hex()],
            |row| parse_stored(&row.get::<String>(0)?, "seat"),
        )
    }

    /// The entitlements with more early returns after a time than seats, including one since the
    /// vendor last dismissed the notice.
    pub(crate) fn many_returns(&self, since: Timestamp) -> Result<Vec<ManyReturns>, DatabaseError> {
        self.sql.query(
            "SELECT e.id, COUNT(*), MAX(r.at)
             FROM seat_return r
             JOIN seat s ON s.id = r.seat
             JOIN entitlement e ON e.id = s.entitlement
             WHERE r.at > $1
             GROUP BY e.id, e.seats, e.returns_seen_at
             HAVING COUNT(*) > e.seats AND MAX(r.at) > e.returns_seen_at
             ORDER BY MAX(r.at), e.id",
            &values![to_seconds(since)],
            |row| {
                Ok(ManyReturns {
                    entitlement: parse_stored(&row.get::<String>(0)?, "entitlement")?,
                    returns: to_unsigned(row.get(1)?)?,
                    newest: from_seconds(row.get(2)?),
                })
            },
        )
    }
}

impl Transaction<'_> {
    pub(crate) fn set_early_returns(&self, limit: u32) -> Result<(), DatabaseError> {
        self.sql.execute("UPDATE vendor SET early_returns = $1", &values![limit])?;
        Ok(())
    }

    pub(crate) fn add_return(
        &self,
        lineage: SeatId,
        seat: SeatId,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO seat_return (chain, at, seat) VALUES ($1, $2, $3)",
            &values![lineage.to_string(), to_seconds(at), seat.to_string()],
        )?;
        Ok(())
    }

    /// Dismisses the notice about an entitlement's early returns up to a time.
    pub(crate) fn see_returns(
        &self,
        entitlement: EntitlementId,
        until: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE entitlement SET returns_seen_at = $1 WHERE id = $2",
            &values![to_seconds(until), entitlement.to_string()],
        )?;
        Ok(())
    }
}
