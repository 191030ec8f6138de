//! Decides what a request gets. It reads only, so that a preview and a grant follow the same rules:
//! a preview shows the plan, a grant commits it in the transaction in which it was made.

use latchkey_lease::{HardwareMatch, Timestamp, compare, has_strong};
use latchkey_token::{ProductNumber, Request, SeatId};

use super::error::{ActivateError, MOVES};
use super::hardware::{find_alike, is_changed, is_its_own};
use super::plan::{GrantReason, Plan, PlannedGrant, PlannedReplay, PlannedSeat, SeatAssignment};
use super::request::ActivationRequest;
use super::vacancy::{Vacancy, has_room};
use crate::database::{
    DatabaseError, EntitlementRow, ReadTransaction, RequestRow, SeatRow, TransferKind,
};
use crate::grant::LeaseTerms;
use crate::in_use::{InUse, blocking_seats};
use crate::model::EntitlementId;
use crate::refusal::{EntitlementRefusal, SeatRefusal};
use crate::time::a_year_before;

/// Decides on a request. `take_over` is the seat that its computer had before it was reinstalled.
pub(super) fn decide(
    queries: &ReadTransaction<'_>,
    asked: ActivationRequest<'_>,
    take_over: Option<SeatId>,
    now: Timestamp,
) -> Result<Plan, ActivateError> {
    Decision { queries, request: asked.request, asked, now, audit_flags: Vec::new() }
        .plan(take_over)
}

/// A decision on one request.
struct Decision<'d> {
    queries: &'d ReadTransaction<'d>,
    request: &'d Request,
    asked: ActivationRequest<'d>,
    now: Timestamp,
    /// Additional remarks for the audit log's row about the grant.
    audit_flags: Vec<&'static str>,
}

impl Decision<'_> {
    fn plan(mut self, take_over: Option<SeatId>) -> Result<Plan, ActivateError> {
        let Self { queries, request, now, .. } = self;
        queries.check_clock::<ActivateError>(now, Some(request.created_at))?;
        let mut before = queries.request(&request.device, request.request)?;
        if self.asked.given.is_none()
            && let Some(before) = &mut before
            && before.code_given
            && before.answer.is_some()
        {
            let own = self.own_entitlement()?;
            if own.is_none_or(|own| own.id == before.entitlement) {
                // A request that was answered once doesn't need the right code again.
                let entitlement = self.entitlement(before.entitlement)?;
                if let Some(replay) = self.replay(&entitlement, before)? {
                    return Ok(Plan::Replay(replay));
                }
            } else {
                // Anyone who saw the request can have given a code of another entitlement while
                // this one had no free seat. Such an answer doesn't keep a request from the seat
                // that its own code entitles it to.
                before.answer = None;
            }
        }
        let code = queries.code(self.asked.code())?.ok_or(ActivateError::CodeUnknown)?;
        let entitlement = self.entitlement(code.entitlement)?;
        if self.asked.given.is_some() {
            self.check_given_counts(&entitlement, before.as_ref())?;
        }
        if let Some(before) = &before
            && let Some(replay) = self.replay(&entitlement, before)?
        {
            return Ok(Plan::Replay(replay));
        }
        if code.disabled {
            return Err(ActivateError::CodeDisabled);
        }
        EntitlementRefusal::ensure_active(&entitlement)?;
        let lease = LeaseTerms::of::<ActivateError>(queries, &entitlement, now)?;
        self.detect_cloned_vault()?;
        let assignment = self.assign_seat(&entitlement, take_over)?;
        Ok(Plan::Grant(Box::new(PlannedGrant {
            entitlement: entitlement.id,
            lease,
            assignment,
            audit_flags: self.audit_flags,
        })))
    }

    /// A given code counts only if the request's own code can't get a seat or belongs to the same
    /// entitlement. Otherwise anyone who sees a request could have it answered under an entitlement
    /// of their own before its computer does.
    fn check_given_counts(
        &self,
        entitlement: &EntitlementRow,
        before: Option<&RequestRow>,
    ) -> Result<(), ActivateError> {
        let is_repeated = |before: &RequestRow| {
            before.code_given && before.answer.is_some() && before.entitlement == entitlement.id
        };
        if before.is_some_and(is_repeated) {
            return Ok(());
        }
        match self.own_entitlement()? {
            Some(own)
                if own.id != entitlement.id
                    && has_room(self.queries, &own, &self.request.device, self.now)? =>
            {
                Err(ActivateError::OwnCodeValid)
            }
            _ => Ok(()),
        }
    }

    /// The entitlement of the request's own code, if the code is valid for it: known, not disabled,
    /// for the requesting product, and of an entitlement that grants leases. Whether a seat is free
    /// is a separate question.
    fn own_entitlement(&self) -> Result<Option<EntitlementRow>, ActivateError> {
        let Self { queries, request, now, .. } = self;
        let Some(code) = queries.code(&request.code)?.filter(|code| !code.disabled) else {
            return Ok(None);
        };
        let entitlement = queries.entitlement(code.entitlement)?;
        let Some(own) = entitlement
            .filter(|own| own.product == request.product)
            .filter(|own| EntitlementRefusal::ensure_active(own).is_ok())
        else {
            return Ok(None);
        };
        match LeaseTerms::of::<ActivateError>(queries, &own, *now) {
            Ok(_) => Ok(Some(own)),
            Err(ActivateError::Entitlement(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn entitlement(&self, id: EntitlementId) -> Result<EntitlementRow, ActivateError> {
        let entitlement = self.queries.entitlement(id)?.ok_or(ActivateError::CodeUnknown)?;
        if entitlement.product != self.request.product {
            return Err(ActivateError::WrongProduct {
                asked: self.product_name(self.request.product)?,
                belongs: self.product_name(entitlement.product)?,
            });
        }
        Ok(entitlement)
    }

    fn product_name(&self, number: ProductNumber) -> Result<String, DatabaseError> {
        let product = self.queries.product(number)?;
        Ok(product.map_or_else(|| format!("#{number}"), |product| product.name))
    }

    /// Repeating a request returns the same response, byte for byte, as long as the seat still
    /// belongs to this device.
    fn replay(
        &self,
        entitlement: &EntitlementRow,
        before: &RequestRow,
    ) -> Result<Option<PlannedReplay>, ActivateError> {
        // A refusal doesn't tie the request to an entitlement if another code is or was given with
        // it.
        let is_free = before.answer.is_none() && (self.asked.given.is_some() || before.code_given);
        if before.counter != self.request.counter
            || before.entitlement != entitlement.id && !is_free
        {
            return Err(ActivateError::RequestChanged);
        }
        let Some(answer) = &before.answer else { return Ok(None) };
        let seat =
            self.queries.seat(answer.seat)?.ok_or(SeatRefusal::Unknown { seat: answer.seat })?;
        SeatRefusal::ensure_held(&seat)?;
        EntitlementRefusal::ensure_active(entitlement)?;
        Ok(Some(PlannedReplay {
            entitlement: entitlement.id,
            seat: seat.id,
            lease_expiry: answer.lease_expiry.unwrap_or(seat.lease_expiry),
            name: seat.name,
            response: answer.response.clone(),
            code_was_given: before.code_given && self.asked.given.is_none(),
        }))
    }

    /// One counter under two request ids means that the vault was copied. If the hardware traits
    /// differ too, two computers use it.
    fn detect_cloned_vault(&mut self) -> Result<(), ActivateError> {
        let Self { queries, request, .. } = self;
        let others = queries.traits_under_counter(
            &request.device,
            request.counter,
            Some(request.request),
        )?;
        let elsewhere = |other| compare(other, &request.traits) == HardwareMatch::Different;
        if others.iter().any(elsewhere) {
            return Err(ActivateError::DeviceCopied);
        }
        if !others.is_empty() {
            self.audit_flags.push("vault_copied");
        }
        if queries.newest_deactivation(&request.device)? >= Some(request.counter) {
            // Either an old request was held back, or an old vault was restored.
            self.audit_flags.push("older_than_deactivation");
        }
        if !has_strong(&request.traits) {
            self.audit_flags.push("no_strong_trait");
        }
        Ok(())
    }

    fn assign_seat(
        &mut self,
        entitlement: &EntitlementRow,
        take_over: Option<SeatId>,
    ) -> Result<SeatAssignment, ActivateError> {
        let Self { queries, request, .. } = *self;
        if let Some(seat) = queries.held_seat(entitlement.id, &request.device)? {
            if take_over.is_some_and(|old| old != seat.id) {
                return Err(ActivateError::HasSeat { seat: seat.id, name: seat.name });
            }
            return self.renew(entitlement, seat);
        }
        if let Some(old) = take_over {
            return self.take_over(entitlement, old);
        }
        let occupied = match self.vacancy(entitlement)? {
            Vacancy::Free => return self.reassign(entitlement, GrantReason::Free),
            Vacancy::Overdraft => return self.reassign(entitlement, GrantReason::Overdraft),
            Vacancy::Over(over) => {
                let lineage = Some(over[0].lineage);
                return Ok(SeatAssignment {
                    seat: PlannedSeat::New { lineage },
                    reason: GrantReason::Reused { old: over[0].name.clone() },
                    transfer: self.hardware_change_since(entitlement, lineage)?,
                    superseded: over.into_iter().map(|over| over.id).collect(),
                });
            }
            Vacancy::None(occupied) => occupied,
        };
        let alike = find_alike(&occupied, &request.traits);
        let (looks_like, several_alike) = match alike.as_slice() {
            [one] => (Some(InUse::from(*one)), false),
            several => (None, !several.is_empty()),
        };
        let in_use = occupied.iter().map(InUse::from).collect();
        Err(ActivateError::NoneFree { in_use, looks_like, several_alike })
    }

    /// What the entitlement has for the computer. A lease that ended in the unexplained time, and
    /// after the request was made, may still be running.
    fn vacancy(&self, entitlement: &EntitlementRow) -> Result<Vacancy, ActivateError> {
        let Self { queries, request, now, .. } = *self;
        let compared = queries.compare_clock(now)?;
        let vacancy_at = |time| Vacancy::of(queries, entitlement, &request.device, time);
        let Some((at, doubt)) = compared.time_for_seats(request.created_at) else {
            return Ok(vacancy_at(now)?);
        };
        match vacancy_at(at)? {
            Vacancy::None(occupied) => match vacancy_at(now)? {
                Vacancy::None(_) => Ok(Vacancy::None(occupied)),
                _ => Err(doubt.into()),
            },
            vacancy => Ok(vacancy),
        }
    }

    /// The seat that the computer holds. On changed hardware this is allowed, and counted like a
    /// takeover.
    fn renew(
        &mut self,
        entitlement: &EntitlementRow,
        seat: SeatRow,
    ) -> Result<SeatAssignment, ActivateError> {
        self.check_room(entitlement, &seat)?;
        let transfer = match is_changed(&seat.traits, &self.request.traits) {
            true => Some(self.hardware_change(Some(seat.lineage))?),
            false => None,
        };
        if entitlement.request_every.is_some() && self.request.counter < seat.request_counter {
            // If the policy requires requests as proof, this one was held back or comes from a copy
            // of the vault.
            self.audit_flags.push("older_than_newest");
        }
        Ok(SeatAssignment {
            seat: PlannedSeat::Held(Box::new(seat)),
            reason: GrantReason::SameSeat,
            transfer,
            superseded: Vec::new(),
        })
    }

    /// A new seat that replaces a returned one, if there is one; its early returns keep counting.
    fn reassign(
        &mut self,
        entitlement: &EntitlementRow,
        reason: GrantReason,
    ) -> Result<SeatAssignment, ActivateError> {
        let lineage = self.queries.idle_line(entitlement.id, &self.request.device, self.now)?;
        Ok(SeatAssignment {
            seat: PlannedSeat::New { lineage },
            reason,
            transfer: self.hardware_change_since(entitlement, lineage)?,
            superseded: Vec::new(),
        })
    }

    fn take_over(
        &self,
        entitlement: &EntitlementRow,
        old: SeatId,
    ) -> Result<SeatAssignment, ActivateError> {
        let Self { queries, request, now, .. } = self;
        let seat = queries.seat(old)?.ok_or(SeatRefusal::Unknown { seat: old })?;
        if seat.entitlement != entitlement.id {
            return Err(ActivateError::OtherEntitlement { seat: old });
        }
        SeatRefusal::ensure_held(&seat)?;
        if !is_its_own(&seat.traits, &request.traits) {
            return Err(ActivateError::NotSameComputer { name: seat.name });
        }
        let occupied = queries.occupied(entitlement.id, &request.device, *now)?;
        if find_alike(&occupied, &request.traits).iter().any(|other| other.id != old) {
            return Err(ActivateError::SeveralAlike { name: seat.name });
        }
        self.check_room(entitlement, &seat)?;
        self.check_moves(Some(seat.lineage))?;
        Ok(SeatAssignment {
            seat: PlannedSeat::New { lineage: Some(seat.lineage) },
            reason: GrantReason::TakenOver { old },
            transfer: Some(TransferKind::Takeover),
            superseded: vec![old],
        })
    }

    fn check_room(
        &self,
        entitlement: &EntitlementRow,
        seat: &SeatRow,
    ) -> Result<(), ActivateError> {
        match blocking_seats(self.queries, entitlement, seat, self.now)? {
            Some(in_use) => {
                Err(ActivateError::NoneFree { in_use, looks_like: None, several_alike: false })
            }
            None => Ok(()),
        }
    }

    /// The same device on other hardware than that on which a lease of a seat that it has given up
    /// may still run. The old seat isn't counted in addition to the new one, because both belong to
    /// one computer; so the change of hardware is counted.
    fn hardware_change_since(
        &mut self,
        entitlement: &EntitlementRow,
        lineage: Option<SeatId>,
    ) -> Result<Option<TransferKind>, ActivateError> {
        let device = &self.request.device;
        let old = self.queries.newest_seat_given_up(entitlement.id, device, self.now)?;
        match old.is_some_and(|old| is_changed(&old.traits, &self.request.traits)) {
            true => self.hardware_change(lineage).map(Some),
            false => Ok(None),
        }
    }

    /// The line of a seat continues on changed hardware.
    fn hardware_change(&mut self, lineage: Option<SeatId>) -> Result<TransferKind, ActivateError> {
        self.check_moves(lineage)?;
        self.audit_flags.push("hardware_changed");
        Ok(TransferKind::Rebinding)
    }

    /// Whether a line of seats may move once more. A new line never has.
    fn check_moves(&self, lineage: Option<SeatId>) -> Result<(), ActivateError> {
        let Some(lineage) = lineage else { return Ok(()) };
        match self.queries.transfers_since(lineage, a_year_before(self.now))? {
            MOVES.. => Err(ActivateError::TakeoverLimit),
            _ => Ok(()),
        }
    }
}
