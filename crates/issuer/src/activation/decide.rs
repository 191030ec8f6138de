//! Decides on a request: reads what the rules need, and applies them. It reads only, so that a
//! preview and a grant follow the same rules: a preview shows the plan, a grant carries it out in
//! the transaction in which it was made.

use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, ProductNumber, Request, SeatId};

use crate::database::{DatabaseError, ReadTransaction, SeatRow, damaged};
use crate::facts::{read_neighbours, read_occupancy, read_seats_for_computer};
use crate::model::EntitlementId;
use crate::rules::activation::admission::{Admission, AdmittedRequest, admit};
use crate::rules::activation::assignment::{Decision, assign};
use crate::rules::activation::error::ActivateError;
use crate::rules::activation::facts::{
    KnownCode, Line, NamedEntitlement, NewSeatFacts, RequestFacts, SeatCandidate, SeatFacts,
    SeatWithMoves, StoredRequest,
};
use crate::rules::activation::plan::Plan;
use crate::rules::activation::request::ActivationRequest;
use crate::rules::room::Vacancy;
use crate::time::a_year_before;

/// Decides on a request. `take_over` is the seat that its computer had before it was reinstalled.
pub(super) fn decide(
    queries: &ReadTransaction<'_>,
    asked: ActivationRequest<'_>,
    take_over: Option<SeatId>,
    now: Timestamp,
) -> Result<Plan, ActivateError> {
    let reader = FactsReader { queries, request: asked.request, now };
    let facts = reader.read_request_facts(asked)?;
    let admitted = match admit(&facts, asked, now)? {
        Admission::Replay(replay) => return Ok(Plan::Replay(replay)),
        Admission::Admitted(admitted) => *admitted,
    };
    let entitlement = admitted.entitlement.id;
    let facts = reader.read_seat_facts(&admitted, take_over)?;
    let mut decision = assign(admitted, facts, asked, take_over, now)?;
    loop {
        match decision {
            Decision::Grant(grant) => return Ok(Plan::Grant(grant)),
            Decision::AfterListing(pending) => {
                let occupied = queries.occupied(entitlement, &pending.device, pending.at)?;
                decision = pending.decide(&occupied)?;
            }
        }
    }
}

/// Reads what the rules need to know about one request.
struct FactsReader<'d> {
    queries: &'d ReadTransaction<'d>,
    request: &'d Request,
    now: Timestamp,
}

impl FactsReader<'_> {
    fn read_request_facts(
        &self,
        asked: ActivationRequest<'_>,
    ) -> Result<RequestFacts, DatabaseError> {
        let Self { queries, request, now } = *self;
        let before = queries.request(&request.device, request.request)?;
        let before = before.map(|row| {
            let seat = row.answer.as_ref().map(|answer| queries.seat(answer.seat)).transpose()?;
            let entitlement = self.read_entitlement(row.entitlement)?;
            Ok::<_, DatabaseError>(StoredRequest { entitlement, row, seat: seat.flatten() })
        });
        let own_code = self.read_code(&request.code)?;
        let given_code = asked.given.map(|given| self.read_code(&given.code)).transpose()?;
        let given_code = given_code.flatten();
        let of = |code: &Option<KnownCode>| code.as_ref().map(|code| code.entitlement.row.clone());
        let own_seats = match (of(&own_code), of(&given_code)) {
            (Some(own), Some(other)) if own.id != other.id => {
                Some(read_seats_for_computer(queries, &own, &request.device, now)?)
            }
            _ => None,
        };
        Ok(RequestFacts {
            clock: queries.compare_clock(now)?,
            product: self.read_product(request.product)?,
            before: before.transpose()?,
            own_code,
            given_code,
            own_seats,
        })
    }

    fn read_seat_facts(
        &self,
        admitted: &AdmittedRequest,
        take_over: Option<SeatId>,
    ) -> Result<SeatFacts, DatabaseError> {
        let Self { queries, request, .. } = *self;
        let entitlement = &admitted.entitlement;
        let candidate = match (queries.held_seat(entitlement.id, &request.device)?, take_over) {
            (Some(held), _) => SeatCandidate::Held(Box::new(self.read_moves(held)?)),
            (None, Some(id)) => {
                let old = queries.seat(id)?.map(|old| self.read_moves(old)).transpose()?;
                SeatCandidate::TakenOver { id, old: old.map(Box::new) }
            }
            (None, None) => SeatCandidate::New(Box::new(self.read_new_seat_facts(admitted)?)),
        };
        Ok(SeatFacts {
            features: queries.features(entitlement)?,
            attributes: queries.attributes(entitlement.id)?,
            same_counter: queries.traits_under_counter(
                &request.device,
                request.counter,
                Some(request.request),
            )?,
            newest_deactivation: queries.newest_deactivation(&request.device)?,
            candidate,
        })
    }

    fn read_new_seat_facts(
        &self,
        admitted: &AdmittedRequest,
    ) -> Result<NewSeatFacts, DatabaseError> {
        let Self { queries, request, now } = *self;
        let AdmittedRequest { entitlement, clock, .. } = admitted;
        let occupancy_at = |at| read_occupancy(queries, entitlement, &request.device, at);
        let (occupancy, occupancy_by_clock) = match clock.time_for_seats(request.created_at) {
            None => (occupancy_at(now)?, None),
            Some((at, _)) => (occupancy_at(at)?, Some(occupancy_at(now)?)),
        };
        // It is searched for among all seats that were given up.
        let idle_line = match Vacancy::of(entitlement, &occupancy) {
            Vacancy::Free | Vacancy::Overdraft => {
                queries.idle_line(entitlement.id, &request.device, now)?
            }
            Vacancy::Expired(_) | Vacancy::None => None,
        };
        let expired_line = occupancy.expired.first().map(|seat| seat.lineage);
        let given_up = queries.newest_seat_given_up(entitlement.id, &request.device, now)?;
        Ok(NewSeatFacts {
            idle_line: idle_line.map(|id| self.read_line(id)).transpose()?,
            expired_line: expired_line.map(|id| self.read_line(id)).transpose()?,
            given_up: given_up.map(|seat| seat.traits),
            occupancy,
            occupancy_by_clock,
        })
    }

    fn read_moves(&self, row: SeatRow) -> Result<SeatWithMoves, DatabaseError> {
        let Line { moves, .. } = self.read_line(row.lineage)?;
        Ok(SeatWithMoves { seat: read_neighbours(self.queries, row, self.now)?, moves })
    }

    fn read_line(&self, id: SeatId) -> Result<Line, DatabaseError> {
        Ok(Line { id, moves: self.queries.transfers_since(id, a_year_before(self.now))? })
    }

    fn read_code(&self, code: &ActivationCode) -> Result<Option<KnownCode>, DatabaseError> {
        let found = self.queries.code(code)?;
        let known = found.map(|code| {
            let entitlement = self.read_entitlement(code.entitlement)?;
            Ok(KnownCode { disabled: code.disabled, entitlement })
        });
        known.transpose()
    }

    fn read_entitlement(&self, id: EntitlementId) -> Result<NamedEntitlement, DatabaseError> {
        let row = self.queries.entitlement(id)?.ok_or_else(|| damaged("entitlement"))?;
        Ok(NamedEntitlement { product: self.read_product(row.product)?, row })
    }

    fn read_product(&self, number: ProductNumber) -> Result<String, DatabaseError> {
        let name = self.queries.product_name(number)?;
        Ok(name.unwrap_or_else(|| format!("#{number}")))
    }
}
