//! Issues refresh tokens, which prolong a seat's lease before or after its expiry.

use std::num::NonZeroU32;

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_lease::to_seconds;
use latchkey_token::{HasErrorCode, Refresh, SealError, SeatId, seal};
use thiserror::Error;

use crate::activation::{InUse, blocking_seats, no_free_seat_details};
use crate::clock::{self, ClockDoubt};
use crate::database::{DatabaseError, NewAudit};
use crate::error_class::{ClassifiedError, codes};
use crate::grant::{LeaseTerms, next_sequence};
use crate::issuer::Issuer;
use crate::keys::KeysError;
use crate::rejection::{EntitlementRejection, SeatRejection};
use crate::time::truncate_to_seconds;

/// A refresh that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Conflict)]
pub enum RefreshError {
    /// The seat isn't held any more.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRejection),
    /// The entitlement.
    #[code(transparent)]
    #[error(transparent)]
    Entitlement(#[from] EntitlementRejection),
    /// The lease is over and all seats, which the vendor has made fewer, are in use.
    #[code(codes::NONE_FREE, details = no_free_seat_details(in_use, None, false))]
    #[error("no seat is free, {} are in use", in_use.len())]
    NoneFree {
        /// The seats that are in use, the one that becomes free first first.
        in_use: Vec<InUse>,
    },
    /// The vendor's policy wants a request for this renewal: proof that its computer still has the device's key
    /// and counter.
    #[code(codes::REFRESH_NEEDS_REQUEST)]
    #[error("this renewal needs a request, as each one of number {every} does")]
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
    /// The text of the refresh token.
    pub token: String,
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
    /// Returns [`RefreshError`] if the refresh is refused, which is recorded in the audit log, or
    /// if keys or database fail.
    pub fn refresh(&mut self, id: SeatId, now: Timestamp) -> Result<Refreshed, RefreshError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        let keys = self.keys.active();
        self.database.write(
            |queries| {
                clock::check::<RefreshError>(queries, now, None)?;
                let unknown = || SeatRejection::Unknown { seat: id };
                let entitlement = queries.seat(id)?.ok_or_else(unknown)?.entitlement;
                queries.lock_entitlement(entitlement)?;
                // Read the seat again, now that its entitlement is locked.
                let mut seat = queries.seat(id)?.ok_or_else(unknown)?;
                let entitlement = queries.entitlement(entitlement)?.ok_or_else(unknown)?;
                SeatRejection::ensure_held(&seat)?;
                EntitlementRejection::ensure_active(&entitlement)?;
                let lease = LeaseTerms::of::<RefreshError>(queries, &entitlement, now)?;
                if let Some(in_use) = blocking_seats(queries, &entitlement, &seat, now)? {
                    return Err(RefreshError::NoneFree { in_use });
                }
                if let Some(every) = entitlement.request_every
                    && refreshes_left(every, seat.refreshes) == 0
                {
                    return Err(RefreshError::NeedsRequest { every });
                }
                let sequence = next_sequence(queries, seat.sequence)?;

                // The server doesn't know which response was applied, so a refresh can omit only
                // what all of them contain.
                let (all, terms) = (queries.response_terms(id)?, lease.terms());
                let always = |same: fn(&_, &_) -> bool| {
                    !all.is_empty() && all.iter().all(|one| same(one, &terms))
                };
                let refresh = Refresh {
                    seat: id,
                    issued_at: to_seconds(now),
                    lease_expiry: to_seconds(lease.expiry),
                    sequence,
                    grace: (!always(|a, b| a.grace == b.grace)).then_some(lease.grace),
                    features: (!always(|a, b| a.features == b.features))
                        .then(|| lease.features.clone()),
                    attributes: (!always(|a, b| a.attributes == b.attributes))
                        .then(|| lease.attributes.clone()),
                    subscription_end: (!always(|a, b| a.subscription_end == b.subscription_end))
                        .then_some(lease.subscription_end),
                };
                let token = seal(&refresh, entitlement.product, keys, &seat.device)?.to_string();

                seat.lease_expiry = lease.expiry;
                seat.reserved_until = seat.reserved_until.max(lease.taken_until);
                seat.sequence = sequence;
                seat.refreshes = seat.refreshes.saturating_add(1);
                queries.change_seat(&seat)?;
                let row = NewAudit {
                    event: "refresh_granted",
                    product: Some(entitlement.product),
                    entitlement: Some(entitlement.id),
                    seat: Some(id),
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
                    seat: id,
                    refreshes_left: entitlement.request_every.map(left),
                    name: seat.name,
                    lease_expiry: lease.expiry,
                })
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

/// How many refreshes a policy still allows, given their number since the newest request. Those
/// from before the policy count too: the policy is about how long a computer hasn't proved its key.
pub(crate) const fn refreshes_left(every: NonZeroU32, issued: u32) -> u32 {
    (every.get() - 1).saturating_sub(issued)
}
