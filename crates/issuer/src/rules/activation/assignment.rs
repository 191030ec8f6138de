//! Which seat an admitted request gets. The list of an entitlement's seats can be long, so a
//! decision asks for it ([`Decision::AfterListing`]) only for what needs it: a computer that was
//! perhaps activated before, and taking over a seat.

use latchkey_lease::{HardwareMatch, Timestamp, compare, has_strong};
use latchkey_token::{HardwareTraits, PublicKeys, SeatId};

use super::admission::AdmittedRequest;
use super::error::{ActivateError, MOVES};
use super::facts::{Line, NewSeatFacts, SeatCandidate, SeatFacts, SeatWithMoves};
use super::plan::{GrantReason, PlannedGrant, PlannedSeat, SeatAssignment};
use super::request::ActivationRequest;
use crate::clock::Comparison;
use crate::database::{EntitlementRow, OccupiedSeat, SeatRow, TransferKind};
use crate::in_use::{InUse, running_beside};
use crate::refusal::SeatRefusal;
use crate::rules::hardware::{find_alike, is_changed, is_its_own};
use crate::rules::lease::LeaseTerms;
use crate::rules::room::Vacancy;

/// The decision on an admitted request that isn't refused.
pub(crate) enum Decision<'d> {
    /// It gets a seat.
    Grant(Box<PlannedGrant>),
    /// It depends on the list of the entitlement's seats.
    AfterListing(Box<PendingDecision<'d>>),
}

/// A decision that continues with [`PendingDecision::decide`], given the seats that count as taken
/// [`at`](Self::at) a time for a [`device`](Self::device).
pub(crate) struct PendingDecision<'d> {
    pub(crate) device: PublicKeys,
    pub(crate) at: Timestamp,
    question: Question,
    assigning: Assigning<'d>,
}

/// What the list of seats decides.
enum Question {
    /// Which seats are in the way of a new one.
    NoneFree,
    /// Which seats are in the way of granting this one again.
    NoRoom { seat: SeatId },
    /// Whether this seat's computer is the only one that looks like the one that asks.
    TakeOver(Box<SeatWithMoves>),
}

/// Decides which seat an admitted request gets. `take_over` is the seat that its computer had
/// before it was reinstalled.
pub(crate) fn assign<'d>(
    admitted: AdmittedRequest,
    facts: SeatFacts,
    asked: ActivationRequest<'d>,
    take_over: Option<SeatId>,
    now: Timestamp,
) -> Result<Decision<'d>, ActivateError> {
    let SeatFacts { features, attributes, same_counter, newest_deactivation, candidate } = facts;
    let AdmittedRequest { entitlement, period, clock } = admitted;
    let lease = LeaseTerms { period, features, attributes };
    let mut assigning =
        Assigning { asked, entitlement, clock, lease, now, audit_flags: Vec::new() };
    assigning.detect_cloned_vault(&same_counter, newest_deactivation)?;
    match candidate {
        SeatCandidate::Held(held) => {
            let SeatRow { id, name, .. } = &held.seat.row;
            if take_over.is_some_and(|old| old != *id) {
                return Err(ActivateError::HasSeat { seat: *id, name: name.clone() });
            }
            assigning.renew(*held)
        }
        SeatCandidate::TakenOver { id, old } => {
            assigning.consider_take_over(*old.ok_or(SeatRefusal::Unknown { seat: id })?)
        }
        SeatCandidate::New(facts) => assigning.assign_new(*facts),
    }
}

impl<'d> PendingDecision<'d> {
    /// Continues the decision, now that the seats are known.
    pub(crate) fn decide(self, occupied: &[OccupiedSeat]) -> Result<Decision<'d>, ActivateError> {
        let Self { at, question, assigning, .. } = self;
        match question {
            Question::NoneFree => Err(assigning.none_free(occupied)),
            Question::NoRoom { seat } => Err(ActivateError::NoneFree {
                in_use: running_beside(occupied, seat, at),
                looks_like: None,
                several_alike: false,
            }),
            Question::TakeOver(old) => assigning.take_over(*old, occupied),
        }
    }
}

/// A seat that is being assigned.
struct Assigning<'d> {
    asked: ActivationRequest<'d>,
    entitlement: EntitlementRow,
    clock: Comparison,
    lease: LeaseTerms,
    now: Timestamp,
    /// Additional remarks for the audit log's row about the grant.
    audit_flags: Vec<&'static str>,
}

impl<'d> Assigning<'d> {
    fn grant(self, assignment: SeatAssignment) -> Decision<'d> {
        Decision::Grant(Box::new(PlannedGrant {
            entitlement: self.entitlement.id,
            lease: self.lease,
            assignment,
            audit_flags: self.audit_flags,
        }))
    }

    fn after_listing(self, device: PublicKeys, at: Timestamp, question: Question) -> Decision<'d> {
        Decision::AfterListing(Box::new(PendingDecision { device, at, question, assigning: self }))
    }

    /// One counter under two request ids means that the vault was copied. If the hardware traits
    /// differ too, two computers use it.
    fn detect_cloned_vault(
        &mut self,
        same_counter: &[HardwareTraits],
        newest_deactivation: Option<u64>,
    ) -> Result<(), ActivateError> {
        let request = self.asked.request;
        let elsewhere = |other| compare(other, &request.traits) == HardwareMatch::Different;
        if same_counter.iter().any(elsewhere) {
            return Err(ActivateError::DeviceCopied);
        }
        if !same_counter.is_empty() {
            self.audit_flags.push("vault_copied");
        }
        if newest_deactivation >= Some(request.counter) {
            // Either an old request was held back, or an old vault was restored.
            self.audit_flags.push("older_than_deactivation");
        }
        if !has_strong(&request.traits) {
            self.audit_flags.push("no_strong_trait");
        }
        Ok(())
    }

    /// The seat that the computer holds. On changed hardware this is allowed, and counted like a
    /// takeover.
    fn renew(mut self, held: SeatWithMoves) -> Result<Decision<'d>, ActivateError> {
        let SeatWithMoves { seat, moves } = held;
        if !seat.has_room(&self.entitlement, self.now) {
            return Ok(self.after_room(&seat.row));
        }
        let row = seat.row;
        let transfer = match is_changed(&row.traits, &self.asked.request.traits) {
            true => Some(self.change_hardware(Some(Line { id: row.lineage, moves }))?),
            false => None,
        };
        if self.entitlement.request_every.is_some()
            && self.asked.request.counter < row.request_counter
        {
            // If the policy requires requests as proof, this one was held back or comes from a copy
            // of the vault.
            self.audit_flags.push("older_than_newest");
        }
        Ok(self.grant(SeatAssignment {
            seat: PlannedSeat::Held(Box::new(row)),
            reason: GrantReason::SameSeat,
            transfer,
            superseded: Vec::new(),
        }))
    }

    /// There is no room for this seat, and the refusal names those that are in the way.
    fn after_room(self, seat: &SeatRow) -> Decision<'d> {
        let (device, now) = (seat.device, self.now);
        self.after_listing(device, now, Question::NoRoom { seat: seat.id })
    }

    fn assign_new(mut self, facts: NewSeatFacts) -> Result<Decision<'d>, ActivateError> {
        let NewSeatFacts { occupancy, occupancy_by_clock, idle_line, expired_line, given_up } =
            facts;
        let disputed = self.clock.time_for_seats(self.asked.request.created_at);
        let (seats, reason, line) = match Vacancy::of(&self.entitlement, &occupancy) {
            Vacancy::Free => (Vec::new(), GrantReason::Free, idle_line),
            Vacancy::Overdraft => (Vec::new(), GrantReason::Overdraft, idle_line),
            Vacancy::Expired(expired) => {
                let old = expired.first().map(|seat| seat.name.clone()).unwrap_or_default();
                (expired, GrantReason::Reused { old }, expired_line)
            }
            Vacancy::None => {
                // A lease that ended in the unexplained time, and after the request was made, may
                // still be running.
                let by_clock = occupancy_by_clock.as_ref();
                let vacancy = by_clock.map(|found| Vacancy::of(&self.entitlement, found));
                if let (Some((_, doubt)), Some(vacancy)) = (disputed, vacancy)
                    && vacancy != Vacancy::None
                {
                    return Err(doubt.into());
                }
                let at = disputed.map_or(self.now, |(at, _)| at);
                let device = self.asked.request.device;
                return Ok(self.after_listing(device, at, Question::NoneFree));
            }
        };
        // The same device on other hardware than that on which a lease of a seat that it has given
        // up may still run. The old seat isn't counted in addition to the new one, because both
        // belong to one computer; so the change of hardware is counted.
        let has_changed = |old: &HardwareTraits| is_changed(old, &self.asked.request.traits);
        let transfer = match given_up.as_ref().is_some_and(has_changed) {
            true => Some(self.change_hardware(line)?),
            false => None,
        };
        Ok(self.grant(SeatAssignment {
            // It replaces a returned or an expired one, if there is one, and that one's early
            // returns keep counting.
            seat: PlannedSeat::New { lineage: line.map(|line| line.id) },
            reason,
            transfer,
            superseded: seats.into_iter().map(|seat| seat.id).collect(),
        }))
    }

    /// The refusal for want of a free seat.
    fn none_free(&self, occupied: &[OccupiedSeat]) -> ActivateError {
        let alike = find_alike(occupied, &self.asked.request.traits);
        let (looks_like, several_alike) = match alike.as_slice() {
            [one] => (Some(InUse::from(*one)), false),
            several => (None, !several.is_empty()),
        };
        let in_use = occupied.iter().map(InUse::from).collect();
        ActivateError::NoneFree { in_use, looks_like, several_alike }
    }

    /// Whether a seat may be taken over at all. Whether it is the only one that it can be is
    /// decided by the list of seats.
    fn consider_take_over(self, old: SeatWithMoves) -> Result<Decision<'d>, ActivateError> {
        let row = &old.seat.row;
        if row.entitlement != self.entitlement.id {
            return Err(ActivateError::OtherEntitlement { seat: row.id });
        }
        SeatRefusal::ensure_held(row)?;
        if !is_its_own(&row.traits, &self.asked.request.traits) {
            return Err(ActivateError::NotSameComputer { name: row.name.clone() });
        }
        let (device, now) = (self.asked.request.device, self.now);
        Ok(self.after_listing(device, now, Question::TakeOver(Box::new(old))))
    }

    fn take_over(
        self,
        old: SeatWithMoves,
        occupied: &[OccupiedSeat],
    ) -> Result<Decision<'d>, ActivateError> {
        let SeatWithMoves { seat, moves } = old;
        let SeatRow { id, lineage, .. } = seat.row;
        let alike = find_alike(occupied, &self.asked.request.traits);
        if alike.iter().any(|other| other.id != id) {
            return Err(ActivateError::SeveralAlike { name: seat.row.name });
        }
        if !seat.has_room(&self.entitlement, self.now) {
            return Ok(self.after_room(&seat.row));
        }
        check_moves(Some(Line { id: lineage, moves }))?;
        Ok(self.grant(SeatAssignment {
            seat: PlannedSeat::New { lineage: Some(lineage) },
            reason: GrantReason::TakenOver { old: id },
            transfer: Some(TransferKind::Takeover),
            superseded: vec![id],
        }))
    }

    /// The line of a seat continues on changed hardware.
    fn change_hardware(&mut self, line: Option<Line>) -> Result<TransferKind, ActivateError> {
        check_moves(line)?;
        self.audit_flags.push("hardware_changed");
        Ok(TransferKind::Rebinding)
    }
}

/// Whether a line of seats may move once more. A new line never has.
fn check_moves(line: Option<Line>) -> Result<(), ActivateError> {
    match line.map_or(0, |line| line.moves) {
        MOVES.. => Err(ActivateError::TakeoverLimit),
        _ => Ok(()),
    }
}
