//! Issues refresh tokens, which prolong a seat's lease before or after its expiry.

use std::num::NonZeroU32;

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::to_seconds;
use latchkey_token::{HasErrorCode, Refresh, SealError, SeatId, SecretKeys, Token, seal};
use thiserror::Error;

use crate::clock::ClockDoubt;
use crate::database::{
    DatabaseError, EntitlementRow, NewAudit, ReadTransaction, SeatRow, Transaction,
};
use crate::error_class::{ClassifiedError, codes};
use crate::grant::{LeaseTerms, next_sequence};
use crate::in_use::{InUse, blocking_seats, no_free_seat_details};
use crate::issuer::Issuer;
use crate::keys::KeysError;
use crate::refusal::{EntitlementRefusal, SeatRefusal};
use crate::time::truncate_to_seconds;

/// A refresh that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum RefreshError {
    /// The seat isn't held any more.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// The entitlement.
    #[code(transparent)]
    #[error(transparent)]
    Entitlement(#[from] EntitlementRefusal),
    /// The lease is over and all seats, which the vendor has made fewer, are in use.
    #[code(codes::NONE_FREE, details = no_free_seat_details(in_use, None, false))]
    #[error("no seat is free, {} are in use", in_use.len())]
    NoneFree {
        /// The seats that are in use, the one that becomes free first first.
        in_use: Vec<InUse>,
    },
    /// The vendor's policy wants a request for this renewal: proof that its computer still has the
    /// device's key and counter.
    #[code(codes::REFRESH_NEEDS_REQUEST)]
    #[error("this renewal needs a request, as one in {every} does")]
    NeedsRequest {
        /// The policy.
        every: NonZeroU32,
    },
    /// This machine's clock is in doubt.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// The token can't be sealed.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys: they have changed, and the new ones can't be read.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

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
        self.database.write(
            |queries| {
                // Locked before its seats are counted.
                if let Some(seat) = queries.seat(id)? {
                    queries.lock_entitlement(seat.entitlement)?;
                }
                commit(queries, keys, decide(queries, id, now)?, now)
            },
            |queries, error: &RefreshError| {
                let seat = queries.seat(id)?;
                let row = NewAudit {
                    event: "refresh_refused",
                    entitlement: seat.map(|seat| seat.entitlement),
                    seat: Some(id),
                    refusal: Some(error.code().name),
                    ..Default::default()
                };
                queries.add_idle_audit(&row, now).map(drop)
            },
        )
    }
}

/// A seat and its next lease.
struct PlannedRefresh {
    seat: SeatRow,
    entitlement: EntitlementRow,
    lease: LeaseTerms,
}

/// Decides on a refresh. It reads only.
fn decide(
    queries: &ReadTransaction<'_>,
    id: SeatId,
    now: Timestamp,
) -> Result<PlannedRefresh, RefreshError> {
    queries.check_clock::<RefreshError>(now, None)?;
    let unknown = || SeatRefusal::Unknown { seat: id };
    let seat = queries.seat(id)?.ok_or_else(unknown)?;
    let entitlement = queries.entitlement(seat.entitlement)?.ok_or_else(unknown)?;
    SeatRefusal::ensure_held(&seat)?;
    EntitlementRefusal::ensure_active(&entitlement)?;
    let lease = LeaseTerms::of::<RefreshError>(queries, &entitlement, now)?;
    if let Some(in_use) = blocking_seats(queries, &entitlement, &seat, now)? {
        return Err(RefreshError::NoneFree { in_use });
    }
    if let Some(every) = entitlement.request_every
        && refreshes_left(every, seat.refreshes) == 0
    {
        return Err(RefreshError::NeedsRequest { every });
    }
    Ok(PlannedRefresh { seat, entitlement, lease })
}

/// Carries out a plan in the transaction in which it was made.
fn commit(
    queries: &Transaction<'_>,
    keys: &SecretKeys,
    plan: PlannedRefresh,
    now: Timestamp,
) -> Result<Refreshed, RefreshError> {
    let PlannedRefresh { mut seat, entitlement, lease } = plan;
    let sequence = next_sequence(queries, seat.sequence)?;

    // The server doesn't know which response was applied, so a refresh can omit only what all of
    // them contain.
    let (all, terms) = (queries.response_terms(seat.id)?, lease.terms());
    let always =
        |same: fn(&_, &_) -> bool| !all.is_empty() && all.iter().all(|one| same(one, &terms));
    let refresh = Refresh {
        seat: seat.id,
        issued_at: to_seconds(now),
        lease_expiry: to_seconds(lease.expiry),
        sequence,
        grace: (!always(|a, b| a.grace == b.grace)).then_some(lease.grace),
        features: (!always(|a, b| a.features == b.features)).then_some(lease.features),
        attributes: (!always(|a, b| a.attributes == b.attributes)).then_some(lease.attributes),
        subscription_end: (!always(|a, b| a.subscription_end == b.subscription_end))
            .then_some(lease.subscription_end),
    };
    let token = seal(&refresh, entitlement.product, keys, &seat.device)?;

    seat.lease_expiry = lease.expiry;
    seat.reserved_until = seat.reserved_until.max(lease.taken_until);
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
            ("lease_expiry", to_rfc3339(lease.expiry)),
            ("sequence", sequence.to_string()),
        ],
        ..Default::default()
    };
    queries.add_audit(&row, now)?;
    let left = |every| refreshes_left(every, seat.refreshes);
    Ok(Refreshed {
        token,
        product: queries.product_name(entitlement.product)?.unwrap_or_default(),
        seat: seat.id,
        refreshes_left: entitlement.request_every.map(left),
        name: seat.name,
        lease_expiry: lease.expiry,
    })
}

/// How many refreshes a policy still allows, given their number since the newest request. Those
/// from before the policy count too: the policy is about how long a computer hasn't proved its key.
pub(crate) const fn refreshes_left(every: NonZeroU32, issued: u32) -> u32 {
    (every.get() - 1).saturating_sub(issued)
}
