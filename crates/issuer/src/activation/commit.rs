//! Carries out what was decided on a request: writes the seat, its response and the audit rows.

use std::collections::BTreeSet;

use latchkey_lease::time::to_rfc3339;
use latchkey_lease::{Timestamp, to_seconds};
use latchkey_token::{HasErrorCode, Response, SeatId, SecretKeys, Token, seal};

use crate::database::{
    DatabaseError, NewAudit, NewSeat, ResponseRow, SeatRow, SeatStatus, Transaction, damaged,
};
use crate::grant::next_sequence;
use crate::model::EntitlementId;
use crate::rules::activation::error::ActivateError;
use crate::rules::activation::plan::{
    GrantReason, Plan, PlannedGrant, PlannedReplay, PlannedSeat, notable_clock,
    notable_clock_of_repeated,
};
use crate::rules::activation::request::ActivationRequest;

/// The name of this refusal's event in the audit log.
pub(super) const REFUSED: &str = "request_refused";

/// How the audit log records where a code was given with a request.
const CODE_GIVEN: &str = "code_given";

/// How the audit log records the request's own code when another one counted.
const REQUEST_CODE: &str = "request_code";

/// A seat that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The response token.
    pub token: Token,
    /// The product's name.
    pub product: String,
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// When its lease ends.
    pub lease_expiry: Timestamp,
    /// On what grounds.
    pub grounds: GrantReason,
    /// The time on the computer's clock when it made the request, if that is more than a day from
    /// the server's time, or if the lease is over by it. The clock may be wrong, and the computer
    /// judges the lease by it. `None` for an old request that is answered again.
    pub computer_clock: Option<Timestamp>,
}

impl Granted {
    /// Whether the lease is over already by the clock of the computer that it is for. The computer
    /// refuses the response until its clock has been set right, so this isn't a success yet.
    #[must_use]
    pub fn is_over_by_computer_clock(&self) -> bool {
        self.computer_clock.is_some_and(|shown| shown >= self.lease_expiry)
    }

    /// Whether the lease is over at this time, as it can be for a request that is answered again.
    /// The computer refuses the response, so this isn't a success: it needs a new request.
    #[must_use]
    pub fn is_over_at(&self, now: Timestamp) -> bool {
        now >= self.lease_expiry
    }
}

/// Locks the entitlements whose seats the decision on a request can be about, before it counts
/// them: those of its own code and of a given one, and the one under which the request was handled
/// before.
pub(super) fn lock_entitlements(
    queries: &Transaction<'_>,
    asked: ActivationRequest<'_>,
) -> Result<(), DatabaseError> {
    let before = queries.request(&asked.request.device, asked.request.request)?;
    let mut all: BTreeSet<_> = before.map(|row| row.entitlement).into_iter().collect();
    for code in [&asked.request.code, asked.code()] {
        all.extend(queries.code(code)?.map(|code| code.entitlement));
    }
    // In one order, so that two transactions don't wait for each other.
    all.into_iter().try_for_each(|id| queries.lock_entitlement(id))
}

/// A refused request is stored too if its code is known, because a copied vault is detected by it.
/// If the code is unknown, anyone can have signed the request with a key made for the purpose. A
/// person who knows a code can make any number of them, so only as many are stored as get their own
/// row in the audit log.
pub(super) fn record_refusal(
    queries: &Transaction<'_>,
    asked: ActivationRequest<'_>,
    error: &ActivateError,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    let refusal = Some(error.code().name);
    let Some(code) = queries.code(asked.code())? else {
        return queries.count_audit(REFUSED, refusal, now);
    };
    let entitlement = Some(code.entitlement);
    let row = NewAudit { refusal, entitlement, ..audit_of(asked, REFUSED) };
    if queries.add_idle_audit(&row, now)? {
        queries.add_request(asked.request, code.entitlement, asked.given.is_some(), now)?;
    }
    Ok(())
}

/// An audit row about a request.
fn audit_of(asked: ActivationRequest<'_>, event: &'static str) -> NewAudit {
    let ActivationRequest { request, given } = asked;
    let mut detail = vec![
        ("request", request.request.to_string()),
        ("name", request.seat_name.as_str().to_owned()),
    ];
    if let Some(given) = given {
        detail.push((CODE_GIVEN, given.place.name().to_owned()));
        detail.push((REQUEST_CODE, request.code.masked()));
    }
    NewAudit {
        event,
        product: Some(request.product),
        code: Some(asked.code().masked()),
        device: Some(request.device.id().to_string()),
        detail,
        ..Default::default()
    }
}

/// Writes a plan in the transaction in which it was made.
pub(super) struct Commit<'d> {
    pub(super) queries: &'d Transaction<'d>,
    pub(super) keys: &'d SecretKeys,
    pub(super) asked: ActivationRequest<'d>,
    pub(super) now: Timestamp,
}

impl Commit<'_> {
    pub(super) fn write(&self, plan: Plan) -> Result<Granted, ActivateError> {
        match plan {
            Plan::Grant(grant) => self.grant(*grant),
            Plan::Replay(replay) => self.repeat(replay),
        }
    }

    fn grant(&self, plan: PlannedGrant) -> Result<Granted, ActivateError> {
        let Self { queries, keys, asked, now } = *self;
        let PlannedGrant { entitlement, lease, assignment, audit_flags } = plan;
        let (request, reason) = (asked.request, assignment.reason);
        let code_given = asked.given.is_some();
        queries.add_request(request, entitlement, code_given, now)?;
        let mut seat = match assignment.seat {
            PlannedSeat::Held(seat) => *seat,
            PlannedSeat::New { lineage } => self.new_seat(entitlement, lineage)?,
        };
        if let Some(kind) = assignment.transfer {
            queries.add_transfer(seat.lineage, kind, seat.id, now)?;
        }
        let why = match reason {
            GrantReason::TakenOver { .. } => "taken_over",
            _ => "lease_over",
        };
        for old in assignment.superseded {
            self.supersede(old, &seat, why)?;
        }

        let sequence = next_sequence(queries, seat.sequence)?;
        let (terms, period) = (lease.terms(), lease.period);
        let response = Response {
            request: request.request,
            seat: seat.id,
            activated_at: to_seconds(now),
            lease_expiry: to_seconds(period.expiry),
            grace: period.grace,
            sequence,
            features: lease.features,
            attributes: lease.attributes,
            subscription_end: period.subscription_end,
            traits_digest: request.traits.digest(),
        };
        let token = seal(&response, request.product, keys, &request.device)?;

        seat.activated_at = now;
        seat.lease_expiry = period.expiry;
        seat.reserved_until = seat.reserved_until.max(period.taken_until);
        seat.sequence = sequence;
        // Only a counter that hasn't been seen before proves anything. A copy of the vault, or a
        // request that was made long ago, renews the lease like any request, but doesn't allow
        // refreshes again.
        if request.counter > seat.request_counter {
            seat.refreshes = 0;
        }
        // Requests may arrive in any order; the newest one describes the computer best.
        if request.counter >= seat.request_counter {
            seat.request_counter = request.counter;
            seat.traits = request.traits;
            request.seat_name.as_str().clone_into(&mut seat.name);
        }
        queries.change_seat(&seat)?;
        queries.add_response(&ResponseRow {
            seat: seat.id,
            sequence,
            issued_at: now,
            lease_expiry: period.expiry,
            terms: &terms,
        })?;
        let text = token.to_string();
        queries.answer_request(&request.device, request.request, &seat, &text, code_given)?;

        let mut row = NewAudit {
            entitlement: Some(entitlement),
            seat: Some(seat.id),
            ..audit_of(asked, "seat_granted")
        };
        row.detail.push(("grounds", reason.name().to_owned()));
        row.detail.push(("lease_expiry", to_rfc3339(period.expiry)));
        row.detail.push(("sequence", sequence.to_string()));
        if !audit_flags.is_empty() {
            row.detail.push(("notes", audit_flags.join(" ")));
        }
        queries.add_audit(&row, now)?;
        let compared = queries.compare_clock(now)?;
        if compared.agrees_with(request.created_at)
            && compared.newest.is_none_or(|newest| newest < now)
        {
            queries.set_newest_record(now)?;
        }
        Ok(Granted {
            token,
            product: self.product()?,
            seat: seat.id,
            name: seat.name,
            lease_expiry: period.expiry,
            grounds: reason,
            computer_clock: notable_clock(request, period.expiry, now),
        })
    }

    /// Repeating a request returns the same response, byte for byte.
    fn repeat(&self, plan: PlannedReplay) -> Result<Granted, ActivateError> {
        let Self { queries, asked, now, .. } = *self;
        let mut row = NewAudit {
            entitlement: Some(plan.entitlement),
            seat: Some(plan.seat),
            ..audit_of(asked, "response_repeated")
        };
        if plan.code_was_given {
            self.record_code_of_grant(plan.seat, &mut row)?;
        }
        queries.add_idle_audit(&row, now)?;
        Ok(Granted {
            token: stored_response(&plan.response)?,
            product: self.product()?,
            seat: plan.seat,
            name: plan.name,
            lease_expiry: plan.lease_expiry,
            grounds: GrantReason::Repeated,
            computer_clock: notable_clock_of_repeated(asked.request, plan.lease_expiry, now),
        })
    }

    /// A response that was granted with a given code is recorded under that code, and not under the
    /// request's own, when it is returned again without it. The audit row of the grant has the
    /// details.
    fn record_code_of_grant(&self, seat: SeatId, row: &mut NewAudit) -> Result<(), DatabaseError> {
        let grant = self.queries.audit_of_grant(seat, self.asked.request.request)?;
        let (code, detail) = grant.map(|grant| (grant.code, grant.detail)).unwrap_or_default();
        row.code = code;
        for name in [CODE_GIVEN, REQUEST_CODE] {
            if let Some((_, value)) = detail.iter().find(|(key, _)| key == name) {
                row.detail.push((name, value.clone()));
            }
        }
        Ok(())
    }

    fn product(&self) -> Result<String, DatabaseError> {
        Ok(self.queries.product_name(self.asked.request.product)?.unwrap_or_default())
    }

    fn new_seat(
        &self,
        entitlement: EntitlementId,
        lineage: Option<SeatId>,
    ) -> Result<SeatRow, ActivateError> {
        let id = SeatId::random()?;
        let new = NewSeat {
            id,
            entitlement,
            device: self.asked.request.device,
            traits: self.asked.request.traits,
            lineage: lineage.unwrap_or(id),
        };
        self.queries.add_seat(&new, self.now)?;
        Ok(self.queries.seat(id)?.ok_or_else(|| damaged("seat"))?)
    }

    /// Marks a seat as reused by another one. It can no longer be refreshed.
    fn supersede(
        &self,
        old: SeatId,
        new: &SeatRow,
        why: &'static str,
    ) -> Result<(), DatabaseError> {
        let mut seat = self.queries.seat(old)?.ok_or_else(|| damaged("seat"))?;
        seat.status = SeatStatus::Reused;
        seat.closed_at = Some(self.now);
        seat.reused_by = Some(new.id);
        self.queries.change_seat(&seat)?;
        let row = NewAudit {
            event: "seat_reused",
            product: Some(self.asked.request.product),
            entitlement: Some(seat.entitlement),
            seat: Some(old),
            device: Some(seat.device.id().to_string()),
            detail: vec![("by", new.id.to_string()), ("why", why.to_owned())],
            ..Default::default()
        };
        self.queries.add_audit(&row, self.now)
    }
}

/// The token of a stored response.
fn stored_response(text: &str) -> Result<Token, DatabaseError> {
    text.parse().map_err(|_| damaged("response"))
}
