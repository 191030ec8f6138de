//! Audit rows: written in the transaction of the event, never changed, never deleted. An event that
//! changes something has its own row. Events that change nothing are counted if rows about them
//! would be unlimited: one row then stands for all of its kind in an hour, and its count grows.

use latchkey_lease::Timestamp;
use latchkey_lease::{from_seconds, to_seconds};
use latchkey_token::{ProductNumber, RequestId, SeatId};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{parse_stored, to_unsigned};
use super::engine::{Row, Value, values};
use super::error::{DatabaseError, damaged};
use super::row_quota::RowQuota;
use crate::model::{AuditRow, EntitlementId};

/// The period, in seconds, over which events are counted in one row.
const HOUR: i64 = 3600;

/// A row to write. Codes are masked already; no field holds a complete one.
#[derive(Debug, Default)]
pub(crate) struct NewAudit {
    pub(crate) event: &'static str,
    pub(crate) product: Option<ProductNumber>,
    pub(crate) entitlement: Option<EntitlementId>,
    pub(crate) seat: Option<SeatId>,
    pub(crate) code: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) refusal: Option<&'static str>,
    pub(crate) detail: Vec<(&'static str, String)>,
}

impl ReadTransaction<'_> {
    /// All rows, oldest first.
    pub(crate) fn audit(&self) -> Result<Vec<AuditRow>, DatabaseError> {
        self.audit_rows("ORDER BY id", &[])
    }

    /// The newest rows before a given one, newest first, that contain a text in one of their
    /// fields.
    pub(crate) fn audit_with(
        &self,
        text: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, DatabaseError> {
        // Escapes the wildcards in the text.
        let mut like = String::from("%");
        for character in text.chars() {
            if matches!(character, '%' | '_' | '!') {
                like.push('!');
            }
            like.push(character);
        }
        like.push('%');
        self.audit_rows(
            "WHERE id < $1 AND (event LIKE $2 ESCAPE '!' OR entitlement LIKE $2 ESCAPE '!'
                 OR seat LIKE $2 ESCAPE '!' OR code LIKE $2 ESCAPE '!' OR device LIKE $2 ESCAPE '!'
                 OR refusal LIKE $2 ESCAPE '!' OR detail LIKE $2 ESCAPE '!')
             ORDER BY id DESC LIMIT $3",
            &values![before.unwrap_or(i64::MAX), like, limit],
        )
    }

    /// The rows of one seat, oldest first.
    pub(crate) fn audit_of_seat(&self, seat: SeatId) -> Result<Vec<AuditRow>, DatabaseError> {
        self.audit_rows("WHERE seat = $1 ORDER BY id", &values![seat.to_string()])
    }

    /// The row about the grant of a seat in answer to a request.
    pub(crate) fn audit_of_grant(
        &self,
        seat: SeatId,
        request: RequestId,
    ) -> Result<Option<AuditRow>, DatabaseError> {
        let rows = self.audit_rows(
            "WHERE seat = $1 AND event = 'seat_granted' AND detail ->> 'request' = $2
             ORDER BY id DESC LIMIT 1",
            &values![seat.to_string(), request.to_string()],
        )?;
        Ok(rows.into_iter().next())
    }

    fn audit_rows(
        &self,
        which: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<AuditRow>, DatabaseError> {
        let sql = format!(
            "SELECT at, event, product, entitlement, seat, code, device, refusal, detail, id,
                    hour IS NOT NULL, count
             FROM audit {which}"
        );
        self.sql.query(&sql, values, audit_row)
    }
}

fn audit_row(row: &Row<'_>) -> Result<AuditRow, DatabaseError> {
    let entitlement: Option<String> = row.get(3)?;
    let seat: Option<String> = row.get(4)?;
    let detail: String = row.get(8)?;
    let detail: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&detail).map_err(|_| damaged("audit"))?;
    Ok(AuditRow {
        id: row.get(9)?,
        at: from_seconds(row.get(0)?),
        event: row.get(1)?,
        product: row.get(2)?,
        entitlement: entitlement.map(|id| parse_stored(&id, "entitlement")).transpose()?,
        seat: seat.map(|id| parse_stored(&id, "seat")).transpose()?,
        code: row.get(5)?,
        device: row.get(6)?,
        refusal: row.get(7)?,
        detail: detail
            .into_iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect(),
        counted: if row.get(10)? { Some(to_unsigned(row.get(11)?)?) } else { None },
    })
}

impl Transaction<'_> {
    pub(crate) fn add_audit(&self, row: &NewAudit, at: Timestamp) -> Result<(), DatabaseError> {
        let actor = self.actor.map(|name| ("by_operator", name));
        let said = row.detail.iter().map(|(name, value)| (*name, value.as_str())).chain(actor);
        let detail: serde_json::Map<_, _> =
            said.map(|(name, value)| (name.to_owned(), value.into())).collect();
        self.sql.execute(
            "INSERT INTO audit
                 (at, event, product, entitlement, seat, code, device, refusal, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &values![
                to_seconds(at),
                row.event,
                row.product,
                row.entitlement.map(|id| id.to_string()),
                row.seat.map(|id| id.to_string()),
                row.code.as_deref(),
                row.device.as_deref(),
                row.refusal,
                serde_json::Value::from(detail).to_string(),
            ],
        )?;
        self.move_record(at)
    }

    /// Adds a row about an event that changed nothing, which a caller could repeat without limit:
    /// beyond the quota it is counted. Returns whether it got its own row.
    pub(crate) fn add_idle_audit(
        &self,
        row: &NewAudit,
        at: Timestamp,
    ) -> Result<bool, DatabaseError> {
        let within = self.quota.is_none_or(RowQuota::take);
        if within {
            self.add_audit(row, at)?;
        } else {
            self.count_audit(row.event, row.refusal, at)?;
        }
        Ok(within)
    }

    /// Counts an event that changed nothing, together with all of its kind in the same hour.
    pub(crate) fn count_audit(
        &self,
        event: &'static str,
        refusal: Option<&'static str>,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        let hour = to_seconds(at).div_euclid(HOUR) * HOUR;
        self.sql.execute(
            "INSERT INTO audit (at, event, refusal, detail, hour) VALUES ($1, $2, $3, '{}', $1)
             ON CONFLICT (hour, event, COALESCE(refusal, '')) WHERE hour IS NOT NULL
             DO UPDATE SET count = audit.count + 1",
            &values![hour, event, refusal],
        )?;
        self.move_record(at)
    }

    fn move_record(&self, at: Timestamp) -> Result<(), DatabaseError> {
        let compared = self.compare_clock(at)?;
        if compared.advances_record() {
            self.set_newest_record(at)?;
        }
        Ok(())
    }
}
