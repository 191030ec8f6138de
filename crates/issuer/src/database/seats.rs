//! Queries on seats, on their requests and responses, and on how often they moved.

use latchkey_lease::Timestamp;
use latchkey_lease::{from_seconds, to_seconds};
use latchkey_token::{
    HardwareTraits, KeyId, ProductNumber, PublicKeys, RequestId, SeatId, Seconds,
};

use super::connection::{ReadTransaction, Transaction};
use super::conversions::{counter_from, parse_stored, stored_counter, to_stored, to_unsigned};
use super::engine::{Row, values};
use super::error::{DatabaseError, damaged};
use crate::model::EntitlementId;

/// The stored status of a seat. Everything else follows from the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatStatus {
    Held,
    Deactivated,
    Reused,
    Released,
}

impl SeatStatus {
    const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Deactivated => "deactivated",
            Self::Reused => "reused",
            Self::Released => "released",
        }
    }

    fn from_name(name: &str) -> Result<Self, DatabaseError> {
        [Self::Held, Self::Deactivated, Self::Reused, Self::Released]
            .into_iter()
            .find(|held| held.name() == name)
            .ok_or_else(|| damaged("seat"))
    }
}

/// A row of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeatRow {
    pub(crate) id: SeatId,
    pub(crate) entitlement: EntitlementId,
    pub(crate) device: PublicKeys,
    pub(crate) name: String,
    pub(crate) status: SeatStatus,
    pub(crate) activated_at: Timestamp,
    pub(crate) lease_expiry: Timestamp,
    pub(crate) reserved_until: Timestamp,
    pub(crate) sequence: u64,
    pub(crate) request_counter: u64,
    pub(crate) traits: HardwareTraits,
    pub(crate) deactivation_counter: Option<u64>,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) reused_by: Option<SeatId>,
    pub(crate) lineage: SeatId,
    /// The number of refreshes since the last granted request that raised the counter.
    pub(crate) refreshes: u32,
}

/// A seat to insert, before anything was issued for it.
#[derive(Debug)]
pub(crate) struct NewSeat {
    pub(crate) id: SeatId,
    pub(crate) entitlement: EntitlementId,
    pub(crate) device: PublicKeys,
    pub(crate) traits: HardwareTraits,
    pub(crate) lineage: SeatId,
}

/// What is needed to count a seat that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OccupiedSeat {
    pub(crate) id: SeatId,
    pub(crate) name: String,
    pub(crate) status: SeatStatus,
    pub(crate) lease_expiry: Timestamp,
    pub(crate) reserved_until: Timestamp,
    pub(crate) traits: HardwareTraits,
}

/// A held seat whose lease and grace are over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpiredSeat {
    pub(crate) id: SeatId,
    pub(crate) name: String,
    pub(crate) lineage: SeatId,
}

/// A stored request, and its answer if it got one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestRow {
    pub(crate) counter: u64,
    pub(crate) entitlement: EntitlementId,
    /// The request was decided on with a code that was given with it.
    pub(crate) code_given: bool,
    pub(crate) answer: Option<AnsweredRequest>,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnsweredRequest {
    pub(crate) seat: SeatId,
    /// The text of the response token.
    pub(crate) response: String,
    /// Its lease expiry; `None` if an older layout didn't store it.
    pub(crate) lease_expiry: Option<Timestamp>,
}

/// The terms of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResponseTerms {
    pub(crate) grace: u64,
    pub(crate) subscription_end: Option<Seconds>,
    /// In one deterministic text form.
    pub(crate) features: String,
    /// In one deterministic text form.
    pub(crate) attributes: String,
}

/// A response to insert.
#[derive(Debug)]
pub(crate) struct ResponseRow<'r> {
    pub(crate) seat: SeatId,
    pub(crate) sequence: u64,
    pub(crate) issued_at: Timestamp,
    pub(crate) lease_expiry: Timestamp,
    pub(crate) terms: &'r ResponseTerms,
}

/// Why a line of seats continued on other hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransferKind {
    Takeover,
    Rebinding,
}

const SEAT: &str = "SELECT id, entitlement, device, name, state, activated_at, lease_expiry,
        taken_until, sequence, request_counter, traits, deactivation_counter, closed_at,
        reused_by, chain, refreshes
    FROM seat";

impl ReadTransaction<'_> {
    pub(crate) fn seat(&self, id: SeatId) -> Result<Option<SeatRow>, DatabaseError> {
        self.sql.find(&format!("{SEAT} WHERE id = $1"), &values![id.to_string()], seat_row)
    }

    /// The seat of an entitlement that a device holds.
    pub(crate) fn held_seat(
        &self,
        entitlement: EntitlementId,
        device: &PublicKeys,
    ) -> Result<Option<SeatRow>, DatabaseError> {
        let sql = format!("{SEAT} WHERE entitlement = $1 AND device = $2 AND state = 'held'");
        self.sql.find(&sql, &values![entitlement.to_string(), device.to_hex()], seat_row)
    }

    /// The newest seat of an entitlement that a device no longer holds and whose lease or grace may
    /// still run.
    pub(crate) fn newest_seat_given_up(
        &self,
        entitlement: EntitlementId,
        device: &PublicKeys,
        now: Timestamp,
    ) -> Result<Option<SeatRow>, DatabaseError> {
        let sql = format!(
            "{SEAT} WHERE entitlement = $1 AND device = $2 AND taken_until > $3
               AND state IN ('deactivated', 'released') ORDER BY ordinal DESC LIMIT 1"
        );
        let values = values![entitlement.to_string(), device.to_hex(), to_seconds(now)];
        self.sql.find(&sql, &values, seat_row)
    }

    /// All seats, or an entitlement's, oldest first.
    pub(crate) fn seats(
        &self,
        entitlement: Option<EntitlementId>,
    ) -> Result<Vec<SeatRow>, DatabaseError> {
        match entitlement {
            None => self.sql.query(&format!("{SEAT} ORDER BY ordinal"), &[], seat_row),
            Some(id) => {
                let sql = format!("{SEAT} WHERE entitlement = $1 ORDER BY ordinal");
                self.sql.query(&sql, &values![id.to_string()], seat_row)
            }
        }
    }

    /// The number of seats that count as taken at `now`: all held ones, and released or returned
    /// ones whose lease may still run. Of the latter, those of the requesting computer are left
    /// out, and those of a computer that holds a seat again: the leases of one computer can't run
    /// at the same time.
    pub(crate) fn count_occupied(
        &self,
        entitlement: EntitlementId,
        asking: Option<&PublicKeys>,
        now: Timestamp,
    ) -> Result<u64, DatabaseError> {
        let asking = asking.map(PublicKeys::to_hex).unwrap_or_default();
        self.sql.get(
            "SELECT (SELECT COUNT(*) FROM seat WHERE entitlement = $1 AND state = 'held')
                  + (SELECT COUNT(DISTINCT s.device) FROM seat s
                     WHERE s.entitlement = $1 AND s.state IN ('released', 'deactivated')
                       AND s.taken_until > $2 AND s.device <> $3
                       AND NOT EXISTS (SELECT 1 FROM seat o
                                       WHERE o.entitlement = $1 AND o.device = s.device
                                         AND o.state = 'held'))",
            &values![entitlement.to_string(), to_seconds(now), asking],
            |row| to_unsigned(row.get(0)?),
        )
    }

    /// The number of other seats than `seat` whose lease may still run at `now`. As above, former
    /// seats of the same computer are left out.
    pub(crate) fn count_running_beside(
        &self,
        seat: &SeatRow,
        now: Timestamp,
    ) -> Result<u64, DatabaseError> {
        self.sql.get(
            "SELECT COUNT(DISTINCT device) FROM seat
             WHERE entitlement = $1 AND taken_until > $2 AND id <> $3
               AND (state = 'held'
                    OR (state IN ('released', 'deactivated') AND device <> $4))",
            &values![
                seat.entitlement.to_string(),
                to_seconds(now),
                seat.id.to_string(),
                seat.device.to_hex(),
            ],
            |row| to_unsigned(row.get(0)?),
        )
    }

    /// The seats that [`Transaction::count_occupied`] counts, ordered by the end of their leases.
    pub(crate) fn occupied(
        &self,
        entitlement: EntitlementId,
        asking: &PublicKeys,
        now: Timestamp,
    ) -> Result<Vec<OccupiedSeat>, DatabaseError> {
        self.sql.query(
            "SELECT s.id, s.name, s.state, s.lease_expiry, s.taken_until, s.traits
             FROM seat s
             WHERE s.entitlement = $1
               AND (s.state = 'held'
                    OR (s.state IN ('released', 'deactivated')
                        AND s.taken_until > $2 AND s.device <> $3
                        AND NOT EXISTS (SELECT 1 FROM seat o
                                        WHERE o.entitlement = $1 AND o.device = s.device
                                          AND (o.state = 'held'
                                               OR (o.state IN ('released', 'deactivated')
                                                   AND o.ordinal > s.ordinal
                                                   AND o.taken_until > $2)))))
             ORDER BY s.taken_until, s.ordinal",
            &values![entitlement.to_string(), to_seconds(now), asking.to_hex()],
            |row| {
                Ok(OccupiedSeat {
                    id: parse_stored(&row.get::<String>(0)?, "seat")?,
                    name: row.get(1)?,
                    status: SeatStatus::from_name(&row.get::<String>(2)?)?,
                    lease_expiry: from_seconds(row.get(3)?),
                    reserved_until: from_seconds(row.get(4)?),
                    traits: traits_from(&row.get::<String>(5)?)?,
                })
            },
        )
    }

    /// The held seats whose lease and grace are over at `at`, the one that ended first first; at
    /// most `limit` of them.
    pub(crate) fn expired_seats(
        &self,
        entitlement: EntitlementId,
        at: Timestamp,
        limit: u64,
    ) -> Result<Vec<ExpiredSeat>, DatabaseError> {
        self.sql.query(
            "SELECT id, name, chain FROM seat
             WHERE entitlement = $1 AND state = 'held' AND taken_until <= $2
             ORDER BY taken_until, ordinal LIMIT $3",
            &values![entitlement.to_string(), to_seconds(at), to_stored(limit)?],
            |row| {
                Ok(ExpiredSeat {
                    id: parse_stored(&row.get::<String>(0)?, "seat")?,
                    name: row.get(1)?,
                    lineage: parse_stored(&row.get::<String>(2)?, "seat")?,
                })
            },
        )
    }

    /// The devices with this key id that ever had a seat, with the products of those seats.
    pub(crate) fn devices(
        &self,
        id: KeyId,
    ) -> Result<Vec<(PublicKeys, ProductNumber)>, DatabaseError> {
        self.sql.query(
            "SELECT DISTINCT s.device, e.product
             FROM seat s JOIN entitlement e ON e.id = s.entitlement
             WHERE s.device_id = $1",
            &values![id.to_string()],
            |row| Ok((device_from(&row.get::<String>(0)?)?, row.get(1)?)),
        )
    }

    /// The highest counter of a device's deactivations.
    pub(crate) fn newest_deactivation(
        &self,
        device: &PublicKeys,
    ) -> Result<Option<u64>, DatabaseError> {
        self.sql.find(
            // Counters from 2⁶³ on are stored as negative numbers and are the higher ones; they
            // keep their order.
            "SELECT deactivation_counter FROM seat
             WHERE device_id = $1 AND device = $2 AND deactivation_counter IS NOT NULL
             ORDER BY deactivation_counter < 0 DESC, deactivation_counter DESC LIMIT 1",
            &values![device.id().to_string(), device.to_hex()],
            |row| row.get(0).map(counter_from),
        )
    }

    pub(crate) fn request(
        &self,
        device: &PublicKeys,
        id: RequestId,
    ) -> Result<Option<RequestRow>, DatabaseError> {
        self.sql.find(
            "SELECT q.counter, q.entitlement, q.seat, q.response, r.lease_expiry, q.code_given
             FROM request q
             LEFT JOIN response r ON r.seat = q.seat AND r.sequence = q.sequence
             WHERE q.device = $1 AND q.id = $2",
            &values![device.to_hex(), id.to_string()],
            |row| {
                let answer = match (row.get::<Option<String>>(2)?, row.get(3)?) {
                    (Some(seat), Some(response)) => Some(AnsweredRequest {
                        seat: parse_stored(&seat, "seat")?,
                        response,
                        lease_expiry: row.get::<Option<i64>>(4)?.map(from_seconds),
                    }),
                    _ => None,
                };
                Ok(RequestRow {
                    counter: counter_from(row.get(0)?),
                    entitlement: parse_stored(&row.get::<String>(1)?, "entitlement")?,
                    code_given: row.get(5)?,
                    answer,
                })
            },
        )
    }

    /// The hardware traits in other requests with the same counter from the same device.
    pub(crate) fn traits_under_counter(
        &self,
        device: &PublicKeys,
        counter: u64,
        but: Option<RequestId>,
    ) -> Result<Vec<HardwareTraits>, DatabaseError> {
        let but = but.map(|id| id.to_string()).unwrap_or_default();
        self.sql.query(
            "SELECT traits FROM request WHERE device = $1 AND counter = $2 AND id <> $3",
            &values![device.to_hex(), stored_counter(counter), but],
            |row| traits_from(&row.get::<String>(0)?),
        )
    }

    /// The seat of a response, found by its text.
    pub(crate) fn seat_of_response(&self, response: &str) -> Result<Option<SeatId>, DatabaseError> {
        self.sql.find("SELECT seat FROM request WHERE response = $1", &values![response], |row| {
            parse_stored(&row.get::<String>(0)?, "seat")
        })
    }

    /// The terms of all responses for a seat.
    pub(crate) fn response_terms(&self, seat: SeatId) -> Result<Vec<ResponseTerms>, DatabaseError> {
        self.sql.query(
            "SELECT DISTINCT grace, subscription_end, features, attributes FROM response
             WHERE seat = $1",
            &values![seat.to_string()],
            |row| {
                Ok(ResponseTerms {
                    grace: to_unsigned(row.get(0)?)?,
                    subscription_end: row.get(1)?,
                    features: row.get(2)?,
                    attributes: row.get(3)?,
                })
            },
        )
    }

    /// The number of moves of a line after a time.
    pub(crate) fn transfers_since(
        &self,
        lineage: SeatId,
        since: Timestamp,
    ) -> Result<u64, DatabaseError> {
        self.sql.get(
            "SELECT COUNT(*) FROM seat_move WHERE chain = $1 AND at > $2",
            &values![lineage.to_string(), to_seconds(since)],
            |row| to_unsigned(row.get(0)?),
        )
    }
}

impl Transaction<'_> {
    pub(crate) fn add_seat(&self, seat: &NewSeat, at: Timestamp) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO seat
                 (id, entitlement, device, device_id, name, state, created_at, activated_at,
                  lease_expiry, taken_until, sequence, request_counter, traits, chain, ordinal)
             VALUES ($1, $2, $3, $4, '', 'held', $5, $5, $5, $5, 0, 0, $6, $7,
                     (SELECT COALESCE(MAX(ordinal), 0) + 1 FROM seat))",
            &values![
                seat.id.to_string(),
                seat.entitlement.to_string(),
                seat.device.to_hex(),
                seat.device.id().to_string(),
                to_seconds(at),
                traits_text(&seat.traits),
                seat.lineage.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Updates what changes while a seat is held, and its end.
    pub(crate) fn change_seat(&self, seat: &SeatRow) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE seat
             SET name = $1, state = $2, activated_at = $3, lease_expiry = $4,
                 taken_until = $5, sequence = $6, request_counter = $7, traits = $8,
                 deactivation_counter = $9, closed_at = $10, reused_by = $11,
                 refreshes = $12
             WHERE id = $13",
            &values![
                &seat.name,
                seat.status.name(),
                to_seconds(seat.activated_at),
                to_seconds(seat.lease_expiry),
                to_seconds(seat.reserved_until),
                to_stored(seat.sequence)?,
                stored_counter(seat.request_counter),
                traits_text(&seat.traits),
                seat.deactivation_counter.map(stored_counter),
                seat.closed_at.map(to_seconds),
                seat.reused_by.map(|id| id.to_string()),
                seat.refreshes,
                seat.id.to_string(),
            ],
        )?;
        Ok(())
    }

    /// Stores a request, answered or not. The first one with an id stays.
    pub(crate) fn add_request(
        &self,
        request: &latchkey_token::Request,
        entitlement: EntitlementId,
        code_given: bool,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO request
                 (device, id, counter, entitlement, traits, received_at, code_given)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device, id) DO NOTHING",
            &values![
                request.device.to_hex(),
                request.request.to_string(),
                stored_counter(request.counter),
                entitlement.to_string(),
                traits_text(&request.traits),
                to_seconds(at),
                code_given,
            ],
        )?;
        Ok(())
    }

    /// Stores the answer to a request as it was given, and its entitlement.
    pub(crate) fn answer_request(
        &self,
        device: &PublicKeys,
        id: RequestId,
        seat: &SeatRow,
        response: &str,
        code_given: bool,
    ) -> Result<(), DatabaseError> {
        self.sql.execute(
            "UPDATE request
             SET seat = $1, sequence = $2, response = $3, entitlement = $4, code_given = $5
             WHERE device = $6 AND id = $7",
            &values![
                seat.id.to_string(),
                to_stored(seat.sequence)?,
                response,
                seat.entitlement.to_string(),
                code_given,
                device.to_hex(),
                id.to_string()
            ],
        )?;
        Ok(())
    }

    pub(crate) fn add_response(&self, response: &ResponseRow<'_>) -> Result<(), DatabaseError> {
        self.sql.execute(
            "INSERT INTO response
                 (seat, sequence, issued_at, lease_expiry, grace, subscription_end, features,
                  attributes)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &values![
                response.seat.to_string(),
                to_stored(response.sequence)?,
                to_seconds(response.issued_at),
                to_seconds(response.lease_expiry),
                to_stored(response.terms.grace)?,
                response.terms.subscription_end,
                &response.terms.features,
                &response.terms.attributes,
            ],
        )?;
        Ok(())
    }

    pub(crate) fn add_transfer(
        &self,
        lineage: SeatId,
        kind: TransferKind,
        seat: SeatId,
        at: Timestamp,
    ) -> Result<(), DatabaseError> {
        let kind = match kind {
            TransferKind::Takeover => "takeover",
            TransferKind::Rebinding => "rebinding",
        };
        self.sql.execute(
            "INSERT INTO seat_move (chain, at, kind, seat) VALUES ($1, $2, $3, $4)",
            &values![lineage.to_string(), to_seconds(at), kind, seat.to_string()],
        )?;
        Ok(())
    }
}

fn seat_row(row: &Row<'_>) -> Result<SeatRow, DatabaseError> {
    let text = |index: usize| row.get::<String>(index);
    let reused_by: Option<String> = row.get(13)?;
    let deactivation: Option<i64> = row.get(11)?;
    let closed: Option<i64> = row.get(12)?;
    Ok(SeatRow {
        id: parse_stored(&text(0)?, "seat")?,
        entitlement: parse_stored(&text(1)?, "entitlement")?,
        device: device_from(&text(2)?)?,
        name: text(3)?,
        status: SeatStatus::from_name(&text(4)?)?,
        activated_at: from_seconds(row.get(5)?),
        lease_expiry: from_seconds(row.get(6)?),
        reserved_until: from_seconds(row.get(7)?),
        sequence: to_unsigned(row.get(8)?)?,
        request_counter: counter_from(row.get(9)?),
        traits: traits_from(&text(10)?)?,
        deactivation_counter: deactivation.map(counter_from),
        closed_at: closed.map(from_seconds),
        reused_by: reused_by.map(|id| parse_stored(&id, "seat")).transpose()?,
        lineage: parse_stored(&text(14)?, "seat")?,
        refreshes: row.get(15)?,
    })
}

fn device_from(text: &str) -> Result<PublicKeys, DatabaseError> {
    PublicKeys::from_hex(text).map_err(|_| damaged("device"))
}

fn traits_text(traits: &HardwareTraits) -> String {
    data_encoding::HEXLOWER.encode(&traits.to_bytes())
}

fn traits_from(text: &str) -> Result<HardwareTraits, DatabaseError> {
    data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .ok()
        .and_then(|bytes| HardwareTraits::from_bytes(&bytes))
        .ok_or_else(|| damaged("traits"))
}
