//! The plan that a decision makes: everything that carrying it out writes. A preview shows a part
//! of it.

use chrono::TimeDelta;
use latchkey_lease::{Timestamp, from_seconds};
use latchkey_token::{Request, SeatId};

use crate::database::{SeatRow, TransferKind};
use crate::model::EntitlementId;
use crate::rules::lease::LeaseTerms;

/// How far a computer's clock may differ from the server's before the answer mentions it. It allows
/// for time zones and a day in transit.
const NOTABLE: TimeDelta = TimeDelta::hours(24);

/// Why a seat was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantReason {
    /// A seat was free.
    Free,
    /// The computer already has this seat.
    SameSeat,
    /// Another seat's lease and grace had run out.
    Reused {
        /// That seat's name.
        old: String,
    },
    /// The entitlement's overdraft allowed another seat.
    Overdraft,
    /// The seat was taken over from one that the same computer had before it was reinstalled.
    TakenOver {
        /// That seat.
        old: SeatId,
    },
    /// The same request has been answered before, and the response is the same.
    Repeated,
}

impl GrantReason {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::SameSeat => "same_seat",
            Self::Reused { .. } => "reused",
            Self::Overdraft => "overdraft",
            Self::TakenOver { .. } => "taken_over",
            Self::Repeated => "repeated",
        }
    }
}

/// What a request gets.
#[derive(Debug)]
pub(crate) enum Plan {
    Grant(Box<PlannedGrant>),
    Replay(PlannedReplay),
}

/// A seat and its lease.
#[derive(Debug)]
pub(crate) struct PlannedGrant {
    pub(crate) entitlement: EntitlementId,
    pub(crate) lease: LeaseTerms,
    pub(crate) assignment: SeatAssignment,
    /// Additional remarks for the audit log's row about the grant.
    pub(crate) audit_flags: Vec<&'static str>,
}

/// The seat that a grant is for, and why.
#[derive(Debug)]
pub(crate) struct SeatAssignment {
    pub(crate) seat: PlannedSeat,
    pub(crate) reason: GrantReason,
    /// The line of the seat continues on other hardware, which is counted.
    pub(crate) transfer: Option<TransferKind>,
    /// The seats in whose place it comes. They can no longer be refreshed.
    pub(crate) superseded: Vec<SeatId>,
}

/// Which seat is granted.
#[derive(Debug)]
pub(crate) enum PlannedSeat {
    /// The computer holds it.
    Held(Box<SeatRow>),
    /// A new one, in the line of an earlier one if there is one.
    New { lineage: Option<SeatId> },
}

/// The response that the same request got before.
#[derive(Debug)]
pub(crate) struct PlannedReplay {
    pub(crate) entitlement: EntitlementId,
    pub(crate) seat: SeatId,
    pub(crate) name: String,
    pub(crate) lease_expiry: Timestamp,
    /// The stored text of the response token.
    pub(crate) response: String,
    /// It was granted with a given code, and this time none is given.
    pub(crate) code_was_given: bool,
}

impl Plan {
    /// When the lease ends.
    pub(crate) const fn lease_expiry(&self) -> Timestamp {
        match self {
            Self::Grant(grant) => grant.lease.period.expiry,
            Self::Replay(replay) => replay.lease_expiry,
        }
    }

    /// The time on the computer's clock when it made the request, if the answer mentions it.
    pub(crate) fn computer_clock(&self, request: &Request, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Grant(grant) => notable_clock(request, grant.lease.period.expiry, now),
            Self::Replay(replay) => notable_clock_of_repeated(request, replay.lease_expiry, now),
        }
    }

    /// Why it is granted.
    pub(crate) fn into_reason(self) -> GrantReason {
        match self {
            Self::Grant(grant) => grant.assignment.reason,
            Self::Replay(_) => GrantReason::Repeated,
        }
    }
}

/// The time on the computer's clock when it made a request, if that is far from the server's time,
/// or ends the lease: a lease of some hours ends by a clock that is only some hours ahead.
pub(crate) fn notable_clock(
    request: &Request,
    expiry: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let shown = from_seconds(request.created_at);
    let is_far = shown.signed_duration_since(now).abs() > NOTABLE;
    (is_far || shown >= expiry).then_some(shown)
}

/// The same for a request that is answered again: an old one is expected to be from long ago.
pub(crate) fn notable_clock_of_repeated(
    request: &Request,
    expiry: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    notable_clock(request, expiry, now).filter(|shown| *shown > now)
}
