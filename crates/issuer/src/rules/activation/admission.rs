//! Whether a request can get a seat at all, judged by its codes: the refusals that need no look at
//! the entitlement's seats, and the request that is answered again.

use latchkey_lease::Timestamp;

use super::error::ActivateError;
use super::facts::{NamedEntitlement, RequestFacts, StoredRequest};
use super::plan::PlannedReplay;
use super::request::ActivationRequest;
use crate::clock::Comparison;
use crate::database::{AnsweredRequest, EntitlementRow};
use crate::refusal::{EntitlementRefusal, SeatRefusal};
use crate::rules::lease::LeasePeriod;

/// What follows from a request's codes.
#[derive(Debug)]
pub(crate) enum Admission {
    /// The request was answered before and gets the same answer.
    Replay(PlannedReplay),
    /// The request may get a seat.
    Admitted(Box<AdmittedRequest>),
}

/// A request that may get a seat of an entitlement.
#[derive(Debug, Clone)]
pub(crate) struct AdmittedRequest {
    pub(crate) entitlement: EntitlementRow,
    pub(crate) period: LeasePeriod,
    pub(crate) clock: Comparison,
}

/// Decides whether a request may get a seat, and of which entitlement.
pub(crate) fn admit(
    facts: &RequestFacts,
    asked: ActivationRequest<'_>,
    now: Timestamp,
) -> Result<Admission, ActivateError> {
    Admitting { facts, asked, now }.admit()
}

/// A decision on one request.
struct Admitting<'d> {
    facts: &'d RequestFacts,
    asked: ActivationRequest<'d>,
    now: Timestamp,
}

/// A request that was handed in before, and its answer as far as that counts.
#[derive(Clone, Copy)]
struct Before<'d> {
    stored: &'d StoredRequest,
    answer: Option<&'d AnsweredRequest>,
}

impl<'d> Admitting<'d> {
    fn admit(&self) -> Result<Admission, ActivateError> {
        let Self { facts, asked, now } = *self;
        if let Some(doubt) = facts.clock.doubt_with(asked.request.created_at) {
            return Err(doubt.into());
        }
        let mut before = facts
            .before
            .as_ref()
            .map(|stored| Before { stored, answer: stored.row.answer.as_ref() });
        if asked.given.is_none()
            && let Some(before) = &mut before
            && before.stored.row.code_given
            && before.answer.is_some()
        {
            let own = self.valid_own_entitlement();
            if own.is_none_or(|own| own.id == before.stored.row.entitlement) {
                // A request that was answered once doesn't need the right code again.
                let entitlement = self.check_product(&before.stored.entitlement)?;
                if let Some(replay) = self.replay(entitlement, *before)? {
                    return Ok(Admission::Replay(replay));
                }
            } else {
                // Anyone who saw the request can have given a code of another entitlement while
                // this one had no free seat. Such an answer doesn't keep a request from the seat
                // that its own code entitles it to.
                before.answer = None;
            }
        }
        let code = match asked.given {
            Some(_) => &facts.given_code,
            None => &facts.own_code,
        };
        let code = code.as_ref().ok_or(ActivateError::CodeUnknown)?;
        let entitlement = self.check_product(&code.entitlement)?;
        if asked.given.is_some() {
            self.check_given_counts(entitlement, before)?;
        }
        if let Some(before) = before
            && let Some(replay) = self.replay(entitlement, before)?
        {
            return Ok(Admission::Replay(replay));
        }
        if code.disabled {
            return Err(ActivateError::CodeDisabled);
        }
        EntitlementRefusal::ensure_active(entitlement)?;
        Ok(Admission::Admitted(Box::new(AdmittedRequest {
            period: LeasePeriod::of(entitlement, now)?,
            entitlement: entitlement.clone(),
            clock: facts.clock,
        })))
    }

    /// A given code counts only if the request's own code can't get a seat or belongs to the same
    /// entitlement. Otherwise anyone who sees a request could have it answered under an entitlement
    /// of their own before its computer does.
    fn check_given_counts(
        &self,
        entitlement: &EntitlementRow,
        before: Option<Before<'_>>,
    ) -> Result<(), ActivateError> {
        let is_repeated = |Before { stored: StoredRequest { row, .. }, answer }: Before<'_>| {
            row.code_given && answer.is_some() && row.entitlement == entitlement.id
        };
        if before.is_some_and(is_repeated) {
            return Ok(());
        }
        match (self.valid_own_entitlement(), &self.facts.own_seats) {
            (Some(own), Some(seats))
                if own.id != entitlement.id && seats.have_room(own, self.now) =>
            {
                Err(ActivateError::OwnCodeValid)
            }
            _ => Ok(()),
        }
    }

    /// The entitlement of the request's own code, if the code is valid for it: known, not disabled,
    /// for the requesting product, and of an entitlement that grants leases. Whether a seat is free
    /// is a separate question.
    fn valid_own_entitlement(&self) -> Option<&'d EntitlementRow> {
        let code = self.facts.own_code.as_ref().filter(|code| !code.disabled)?;
        Some(&code.entitlement.row)
            .filter(|own| own.product == self.asked.request.product)
            .filter(|own| EntitlementRefusal::ensure_active(own).is_ok())
            .filter(|own| LeasePeriod::of(own, self.now).is_ok())
    }

    fn check_product(
        &self,
        entitlement: &'d NamedEntitlement,
    ) -> Result<&'d EntitlementRow, ActivateError> {
        let NamedEntitlement { row, product } = entitlement;
        match row.product == self.asked.request.product {
            true => Ok(row),
            false => Err(ActivateError::WrongProduct {
                asked: self.facts.product.clone(),
                belongs: product.clone(),
            }),
        }
    }

    /// Repeating a request returns the same response, byte for byte, as long as the seat still
    /// belongs to this device.
    fn replay(
        &self,
        entitlement: &EntitlementRow,
        before: Before<'_>,
    ) -> Result<Option<PlannedReplay>, ActivateError> {
        let (Before { stored, answer }, given) = (before, self.asked.given.is_some());
        // A refusal doesn't tie the request to an entitlement if another code is or was given with
        // it.
        let is_free = answer.is_none() && (given || stored.row.code_given);
        if stored.row.counter != self.asked.request.counter
            || stored.row.entitlement != entitlement.id && !is_free
        {
            return Err(ActivateError::RequestChanged);
        }
        let Some(answer) = answer else { return Ok(None) };
        let seat = stored.seat.as_ref().ok_or(SeatRefusal::Unknown { seat: answer.seat })?;
        SeatRefusal::ensure_held(seat)?;
        EntitlementRefusal::ensure_active(entitlement)?;
        Ok(Some(PlannedReplay {
            entitlement: entitlement.id,
            seat: seat.id,
            lease_expiry: answer.lease_expiry.unwrap_or(seat.lease_expiry),
            name: seat.name.clone(),
            response: answer.response.clone(),
            code_was_given: stored.row.code_given && !given,
        }))
    }
}
