//! Issues refresh tokens, which prolong a seat's lease before or after its expiry.

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{HasErrorCode, Refresh, SeatId, SecretKeys, Token, seal};

use crate::database::{DatabaseError, NewAudit, Operation, ReadTransaction, Transaction, damaged};
use crate::facts::read_neighbours;
use crate::grant::next_sequence;
use crate::issuer::Issuer;
use crate::rules::refresh::{
    Decision, PlannedRefresh, RefreshError, RefreshFacts, SeatToRefresh, decide, no_room,
    refreshes_left,
};
use crate::time::truncate_to_seconds;

/// A prolonged lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The refresh token.
    pub token: Token,
    /// The product's name.
    pub product: String,
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// The new lease expiry.
    pub lease_expiry: Timestamp,
    /// How many refreshes may follow before a renewal needs a request; `None` if there is no limit.
    pub refreshes_left: Option<u32>,
}

impl Issuer {
    /// Issues a refresh for a seat.
    ///
    /// # Errors
    /// Returns the [`RefreshError`] with which the refresh is refused, which is recorded in the
    /// audit log: [`RefreshError::Seat`] if the seat isn't held any more,
    /// [`RefreshError::Entitlement`] if nothing can be granted, [`RefreshError::NoneFree`] if all
    /// seats are in use, and [`RefreshError::NeedsRequest`] if the vendor's policy wants a request.
    /// Returns [`RefreshError::Clock`] while this machine's clock is in doubt. Returns
    /// [`RefreshError::Seal`], [`RefreshError::Keys`] or [`RefreshError::Database`] if the token
    /// can't be made.
    ///
    /// # Examples
    /// ```
    /// use chrono::{TimeDelta, TimeZone as _, Utc};
    /// use latchkey_issuer::Issuer;
    /// # use latchkey_issuer::{EntitlementTerms, NewCode, Update};
    /// # use latchkey_token::{HardwareTraits, Request, RequestId, SeatName, SecretKeys};
    /// # use latchkey_token::{Seed, seal};
    ///
    /// let now = Utc.with_ymd_and_hms(2027, 1, 15, 8, 0, 0).unwrap();
    /// let folder = tempfile::tempdir()?;
    /// let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now)?;
    /// # let product = issuer.add_product("Acme CAD", &[], now)?;
    /// # let terms = EntitlementTerms {
    /// #     seats: Some(5),
    /// #     offline_lease: Update::Set("30d".parse()?),
    /// #     codes: vec![NewCode::custom("ACME-0000-1111-2222")?],
    /// #     ..Default::default()
    /// # };
    /// # issuer.add_entitlement(product, &terms, now)?;
    /// # let device = SecretKeys::from_seed(&Seed::random()?)?;
    /// # let request = Request {
    /// #     product,
    /// #     code: "ACME-0000-1111-2222".parse()?,
    /// #     device: *device.public(),
    /// #     request: RequestId::random()?,
    /// #     counter: 1,
    /// #     seat_name: SeatName::new("Office 4")?,
    /// #     traits: HardwareTraits::default(),
    /// #     created_at: now.timestamp(),
    /// # };
    /// # let request = seal(&request, product, &device, &issuer.vendor().keys[0])?;
    /// # let granted = issuer.activate(&request, None, now)?;
    ///
    /// // Three weeks after the activation, the seat's lease is prolonged.
    /// let later = now + TimeDelta::days(21);
    /// let refreshed = issuer.refresh(granted.seat, later)?;
    /// assert_eq!(refreshed.lease_expiry, later + TimeDelta::days(30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refresh(&mut self, id: SeatId, now: Timestamp) -> Result<Refreshed, RefreshError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        let keys = self.keys.active();
        self.database.perform(&SeatRefresh { seat: id, keys, now })
    }
}

/// The refresh of one seat.
struct SeatRefresh<'d> {
    seat: SeatId,
    keys: &'d SecretKeys,
    now: Timestamp,
}

impl Operation for SeatRefresh<'_> {
    type Plan = PlannedRefresh;
    type Done = Refreshed;
    type Error = RefreshError;

    fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError> {
        match queries.seat(self.seat)? {
            Some(seat) => queries.lock_entitlement(seat.entitlement),
            None => Ok(()),
        }
    }

    fn decide(&self, queries: &ReadTransaction<'_>) -> Result<PlannedRefresh, RefreshError> {
        let facts = read_facts(queries, self.seat, self.now)?;
        match decide(facts, self.seat, self.now)? {
            Decision::Grant(plan) => Ok(*plan),
            Decision::NoRoom(seat) => {
                let occupied = queries.occupied(seat.entitlement, &seat.device, self.now)?;
                Err(no_room(&seat, &occupied, self.now))
            }
        }
    }

    fn carry_out(
        &self,
        queries: &Transaction<'_>,
        plan: PlannedRefresh,
    ) -> Result<Refreshed, RefreshError> {
        let PlannedRefresh { mut seat, entitlement, period, refresh } = plan;
        let sequence = next_sequence(queries, seat.sequence)?;
        let refresh = Refresh { sequence, ..refresh };
        let token = seal(&refresh, entitlement.product, self.keys, &seat.device)?;

        seat.lease_expiry = period.expiry;
        seat.reserved_until = seat.reserved_until.max(period.taken_until);
        seat.sequence = sequence;
        seat.refreshes = seat.refreshes.saturating_add(1);
        queries.change_seat(&seat)?;
        let row = NewAudit {
            event: "refresh_granted",
            product: Some(entitlement.product),
            entitlement: Some(entitlement.id),
            seat: Some(seat.id),
            device: Some(seat.device.id().to_string()),
            detail: vec![
                ("lease_expiry", to_rfc3339(period.expiry)),
                ("sequence", sequence.to_string()),
            ],
            ..Default::default()
        };
        queries.add_audit(&row, self.now)?;
        let left = |every| refreshes_left(every, seat.refreshes);
        Ok(Refreshed {
            token,
            product: queries.product_name(entitlement.product)?.unwrap_or_default(),
            seat: seat.id,
            refreshes_left: entitlement.request_every.map(left),
            name: seat.name,
            lease_expiry: period.expiry,
        })
    }

    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &RefreshError,
    ) -> Result<(), DatabaseError> {
        let seat = queries.seat(self.seat)?;
        let row = NewAudit {
            event: "refresh_refused",
            entitlement: seat.map(|seat| seat.entitlement),
            seat: Some(self.seat),
            refusal: Some(refusal.code().name),
            ..Default::default()
        };
        queries.add_idle_audit(&row, self.now).map(drop)
    }
}

fn read_facts(
    queries: &ReadTransaction<'_>,
    id: SeatId,
    now: Timestamp,
) -> Result<RefreshFacts, DatabaseError> {
    let clock = queries.compare_clock(now)?;
    let Some(row) = queries.seat(id)? else { return Ok(RefreshFacts { clock, seat: None }) };
    let entitlement =
        queries.entitlement(row.entitlement)?.ok_or_else(|| damaged("entitlement"))?;
    let seat = SeatToRefresh {
        seat: read_neighbours(queries, row, now)?,
        features: queries.features(&entitlement)?,
        attributes: queries.attributes(entitlement.id)?,
        responses: queries.response_terms(id)?,
        entitlement,
    };
    Ok(RefreshFacts { clock, seat: Some(seat) })
}
