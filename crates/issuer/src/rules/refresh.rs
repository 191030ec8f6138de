//! The rules of a refresh: whether a seat's lease is prolonged, and what the token has to say.

use std::num::NonZeroU32;

use latchkey_lease::{Timestamp, to_seconds};
use latchkey_token::{Attributes, Features, HasErrorCode, Refresh, SealError, SeatId};
use thiserror::Error;

use crate::clock::{ClockDoubt, Comparison};
use crate::database::{DatabaseError, EntitlementRow, OccupiedSeat, ResponseTerms, SeatRow};
use crate::error_class::{ClassifiedError, codes};
use crate::in_use::{InUse, no_free_seat_details, running_beside};
use crate::keys::KeysError;
use crate::refusal::{EntitlementRefusal, SeatRefusal};
use crate::rules::lease::{LeasePeriod, LeaseTerms};
use crate::rules::room::SeatWithNeighbours;

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

/// What is known when a refresh is decided on.
#[derive(Debug, Clone)]
pub(crate) struct RefreshFacts {
    pub(crate) clock: Comparison,
    /// The seat, if it exists.
    pub(crate) seat: Option<SeatToRefresh>,
}

/// A seat that is to be refreshed.
#[derive(Debug, Clone)]
pub(crate) struct SeatToRefresh {
    pub(crate) seat: SeatWithNeighbours,
    pub(crate) entitlement: EntitlementRow,
    pub(crate) features: Features,
    pub(crate) attributes: Attributes,
    /// The terms of all responses for the seat.
    pub(crate) responses: Vec<ResponseTerms>,
}

/// The decision on a refresh that isn't refused yet.
pub(crate) enum Decision {
    /// The lease is prolonged.
    Grant(Box<PlannedRefresh>),
    /// There is no room; [`no_room`] makes the refusal from the list of seats.
    NoRoom(Box<SeatRow>),
}

/// A seat and its next lease.
#[derive(Debug)]
pub(crate) struct PlannedRefresh {
    pub(crate) seat: SeatRow,
    pub(crate) entitlement: EntitlementRow,
    pub(crate) period: LeasePeriod,
    /// The content of the token, except for its sequence number.
    pub(crate) refresh: Refresh,
}

/// Decides on the refresh of a seat.
pub(crate) fn decide(
    facts: RefreshFacts,
    id: SeatId,
    now: Timestamp,
) -> Result<Decision, RefreshError> {
    if let Some(doubt) = facts.clock.doubt() {
        return Err(doubt.into());
    }
    let found = facts.seat.ok_or(SeatRefusal::Unknown { seat: id })?;
    let SeatToRefresh { seat, entitlement, features, attributes, responses } = found;
    SeatRefusal::ensure_held(&seat.row)?;
    EntitlementRefusal::ensure_active(&entitlement)?;
    let period = LeasePeriod::of(&entitlement, now)?;
    if !seat.has_room(&entitlement, now) {
        return Ok(Decision::NoRoom(Box::new(seat.row)));
    }
    if let Some(every) = entitlement.request_every
        && refreshes_left(every, seat.row.refreshes) == 0
    {
        return Err(RefreshError::NeedsRequest { every });
    }
    let lease = LeaseTerms { period, features, attributes };
    let refresh = shorten(&seat.row, &lease, &responses, now);
    let LeaseTerms { period, .. } = lease;
    Ok(Decision::Grant(Box::new(PlannedRefresh { seat: seat.row, entitlement, period, refresh })))
}

/// The refusal for want of room, given the seats that count as taken now.
pub(crate) fn no_room(seat: &SeatRow, occupied: &[OccupiedSeat], now: Timestamp) -> RefreshError {
    RefreshError::NoneFree { in_use: running_beside(occupied, seat.id, now) }
}

/// The content of the token. The server doesn't know which response was applied, so a refresh can
/// omit only what all of them contain.
fn shorten(
    seat: &SeatRow,
    lease: &LeaseTerms,
    responses: &[ResponseTerms],
    now: Timestamp,
) -> Refresh {
    let terms = lease.terms();
    let varies = |same: fn(&ResponseTerms, &ResponseTerms) -> bool| {
        responses.is_empty() || !responses.iter().all(|response| same(response, &terms))
    };
    Refresh {
        seat: seat.id,
        issued_at: to_seconds(now),
        lease_expiry: to_seconds(lease.period.expiry),
        sequence: 0,
        grace: varies(|a, b| a.grace == b.grace).then_some(lease.period.grace),
        features: varies(|a, b| a.features == b.features).then(|| lease.features.clone()),
        attributes: varies(|a, b| a.attributes == b.attributes).then(|| lease.attributes.clone()),
        subscription_end: varies(|a, b| a.subscription_end == b.subscription_end)
            .then_some(lease.period.subscription_end),
    }
}

/// How many refreshes a policy still allows, given their number since the newest request. Those
/// from before the policy count too: the policy is about how long a computer hasn't proved its key.
pub(crate) const fn refreshes_left(every: NonZeroU32, issued: u32) -> u32 {
    (every.get() - 1).saturating_sub(issued)
}
