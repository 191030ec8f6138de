//! The plan that a decision makes: everything that a commit writes; a preview shows a part of it.

use chrono::TimeDelta;
use latchkey_lease::{Timestamp, from_seconds};
use latchkey_token::{Request, SeatId};

use crate::database::{SeatRow, TransferKind};
use crate::grant::LeaseTerms;
use crate::model::EntitlementId;

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
    pub(super) const fn name(&self) -> &'static str {
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
pub(super) enum Plan {
    Grant(Box<PlannedGrant>),
    Replay(PlannedReplay),
}

/// A seat and its lease.
pub(super) struct PlannedGrant {
    pub(super) entitlement: EntitlementId,
    pub(super) lease: LeaseTerms,
    pub(super) assignment: SeatAssignment,
    /// Additional remarks for the audit log's row about the grant.
    pub(super) audit_flags: Vec<&'static str>,
}

/// The seat that a grant is for, and why.
pub(super) struct SeatAssignment {
    pub(super) seat: PlannedSeat,
    pub(super) reason: GrantReason,
    /// The line of the seat continues on other hardware, which is counted.
    pub(super) transfer: Option<TransferKind>,
    /// The seats in whose place it comes. They can no longer be refreshed.
    pub(super) superseded: Vec<SeatId>,
}

/// Which seat is granted.
pub(super) enum PlannedSeat {
    /// The computer holds it.
    Held(Box<SeatRow>),
    /// A new one, in the line of an earlier one if there is one.
    New { lineage: Option<SeatId> },
}

/// The response that the same request got before.
pub(super) struct PlannedReplay {
    pub(super) entitlement: EntitlementId,
    pub(super) seat: SeatId,
    pub(super) name: String,
    pub(super) lease_expiry: Timestamp,
    /// The stored text of the response token.
    pub(super) response: String,
    /// It was granted with a given code, and this time none is given.
    pub(super) code_was_given: bool,
}

impl Plan {
    /// When the lease ends.
    pub(super) const fn lease_expiry(&self) -> Timestamp {
        match self {
            Self::Grant(grant) => grant.lease.expiry,
            Self::Replay(replay) => replay.lease_expiry,
        }
    }

    /// The time on the computer's clock when it made the request, if the answer mentions it.
    pub(super) fn computer_clock(&self, request: &Request, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Grant(grant) => notable_clock(request, grant.lease.expiry, now),
            Self::Replay(replay) => notable_clock_of_repeated(request, replay.lease_expiry, now),
        }
    }

    /// Why it is granted.
    pub(super) fn into_reason(self) -> GrantReason {
        match self {
            Self::Grant(grant) => grant.assignment.reason,
            Self::Replay(_) => GrantReason::Repeated,
        }
    }
}

/// The time on the computer's clock when it made a request, if that is far from the server's time,
/// or ends the lease: a lease of some hours ends by a clock that is only some hours ahead.
pub(super) fn notable_clock(
    request: &Request,
    expiry: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let shown = from_seconds(request.created_at);
    let is_far = shown.signed_duration_since(now).abs() > NOTABLE;
    (is_far || shown >= expiry).then_some(shown)
}

/// The same for a request that is answered again: an old one is expected to be from long ago.
pub(super) fn notable_clock_of_repeated(
    request: &Request,
    expiry: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    notable_clock(request, expiry, now).filter(|shown| *shown > now)
}
