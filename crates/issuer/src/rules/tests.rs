//! Tests of the rules with facts that are made up, and no database.

use std::num::NonZeroU32;

use latchkey_lease::{Timestamp, from_seconds};
use latchkey_token::{
    Deactivation, HardwareTrait, HardwareTraits, Request, RequestId, SeatId, SeatName, SecretKeys,
    Seed, Signed, Signer, VendorId, open, seal,
};

use super::activation::admission::AdmittedRequest;
use super::activation::assignment::{Decision, assign};
use super::activation::error::{ActivateError, MOVES};
use super::activation::facts::{Line, NewSeatFacts, SeatCandidate, SeatFacts, SeatWithMoves};
use super::activation::plan::{GrantReason, PlannedGrant, PlannedSeat};
use super::activation::request::ActivationRequest;
use super::deactivation::{
    self, DeactivationFacts, DeactivationTokenError, Outcome, PlannedDeactivation, SeatToReturn,
};
use super::lease::{LeasePeriod, LeaseTerms};
use super::refresh::{self, RefreshError, RefreshFacts, SeatToRefresh};
use super::release::{self, ReleaseError};
use super::room::{Occupancy, SeatWithNeighbours, Vacancy};
use crate::clock::Comparison;
use crate::database::{
    EntitlementRow, ExpiredSeat, OccupiedSeat, ResponseTerms, SeatRow, SeatStatus,
};
use crate::model::EntitlementId;
use crate::refusal::SeatRefusal;

fn now() -> Timestamp {
    from_seconds(1_800_000_000)
}

fn entitlement(seats: u32, overdraft: u32) -> EntitlementRow {
    EntitlementRow {
        id: "00112233445566aa".parse::<EntitlementId>().unwrap(),
        product: 1,
        customer: None,
        seats,
        overdraft,
        offline_lease: Some("30d".parse().unwrap()),
        subscription_end: None,
        grace: None,
        request_every: None,
        created_at: now(),
        ended_at: None,
    }
}

fn traits(computer: &str) -> HardwareTraits {
    let mut traits = HardwareTraits::default();
    let vendor = VendorId::from_bytes([7; 8]);
    for which in HardwareTrait::ALL {
        traits.set(which, vendor, 1, &format!("{computer} {}", which.name()));
    }
    traits
}

fn keys(seed: u8) -> SecretKeys {
    SecretKeys::from_seed(&Seed::from_bytes([seed; 32])).unwrap()
}

fn request(computer: &str) -> Request {
    Request {
        product: 1,
        code: "ACME-0000-1111-2222".parse().unwrap(),
        device: *keys(1).public(),
        request: RequestId::random().unwrap(),
        counter: 5,
        seat_name: SeatName::new(computer).unwrap(),
        traits: traits(computer),
        created_at: 1_800_000_000,
    }
}

fn expired(name: &str) -> ExpiredSeat {
    let id = SeatId::random().unwrap();
    ExpiredSeat { id, name: name.to_owned(), lineage: id }
}

/// A seat that a computer holds, with a lease that ended a second ago.
fn seat(computer: &str) -> SeatRow {
    let id = SeatId::random().unwrap();
    SeatRow {
        id,
        entitlement: entitlement(1, 0).id,
        device: *keys(2).public(),
        name: computer.to_owned(),
        status: SeatStatus::Held,
        activated_at: now(),
        lease_expiry: from_seconds(1_799_999_999),
        reserved_until: from_seconds(1_799_999_999),
        sequence: 1,
        request_counter: 1,
        traits: traits(computer),
        deactivation_counter: None,
        closed_at: None,
        reused_by: None,
        lineage: id,
        refreshes: 0,
    }
}

fn occupied(seat: &SeatRow) -> OccupiedSeat {
    OccupiedSeat {
        id: seat.id,
        name: seat.name.clone(),
        status: seat.status,
        lease_expiry: seat.lease_expiry,
        reserved_until: seat.reserved_until,
        traits: seat.traits,
    }
}

/// The result of a decision: the plan, a refusal, or the question which seats there are.
enum Decided {
    Plan(Box<PlannedGrant>),
    Refusal(ActivateError),
    Listing,
}

impl Decided {
    fn refusal(self) -> ActivateError {
        match self {
            Self::Refusal(error) => error,
            Self::Plan(plan) => panic!("granted: {plan:?}"),
            Self::Listing => panic!("the seats are listed"),
        }
    }
}

/// Decides on the request of computer `A`, and lists these seats if it is asked for them.
fn decide(
    entitlement: &EntitlementRow,
    same_counter: Vec<HardwareTraits>,
    candidate: SeatCandidate,
    take_over: Option<SeatId>,
    seats: Option<&[OccupiedSeat]>,
) -> Decided {
    let request = request("A");
    let asked = ActivationRequest { request: &request, given: None };
    let admitted = AdmittedRequest {
        entitlement: entitlement.clone(),
        period: LeasePeriod::of(entitlement, now()).unwrap(),
        clock: Comparison::new(now(), None, None),
    };
    let (features, attributes) = Default::default();
    let newest_deactivation = None;
    let facts = SeatFacts { features, attributes, same_counter, newest_deactivation, candidate };
    let mut decision = assign(admitted, facts, asked, take_over, now());
    loop {
        match (decision, seats) {
            (Err(refusal), _) => return Decided::Refusal(refusal),
            (Ok(Decision::Grant(plan)), _) => return Decided::Plan(plan),
            (Ok(Decision::AfterListing(_)), None) => return Decided::Listing,
            (Ok(Decision::AfterListing(pending)), Some(seats)) => decision = pending.decide(seats),
        }
    }
}

fn new_seat(occupancy: Occupancy) -> NewSeatFacts {
    NewSeatFacts {
        expired_line: occupancy.expired.first().map(|seat| Line { id: seat.lineage, moves: 0 }),
        occupancy,
        occupancy_by_clock: None,
        idle_line: None,
        given_up: None,
    }
}

fn with_moves(row: SeatRow, running_beside: u64, moves: u64) -> Box<SeatWithMoves> {
    Box::new(SeatWithMoves { seat: SeatWithNeighbours { row, running_beside }, moves })
}

#[test]
fn a_seat_is_free_or_reused_or_overdrawn_in_this_order() {
    let [a, b, c] = ["A", "B", "C"].map(expired);
    for (seats, overdraft, taken, over, vacancy) in [
        (3, 0, 2, vec![a.clone()], Vacancy::Free),
        (3, 0, 3, vec![], Vacancy::None),
        (3, 0, 3, vec![a.clone()], Vacancy::Expired(vec![a.clone()])),
        // An expired seat is reused before the overdraft is used.
        (3, 1, 3, vec![a.clone()], Vacancy::Expired(vec![a.clone()])),
        (3, 1, 3, vec![], Vacancy::Overdraft),
        (3, 1, 4, vec![], Vacancy::None),
        // The vendor has lowered the number of seats: three have to go for one.
        (1, 0, 3, vec![a.clone(), b.clone()], Vacancy::None),
        (
            1,
            0,
            3,
            vec![a.clone(), b.clone(), c.clone()],
            Vacancy::Expired(vec![a.clone(), b.clone(), c.clone()]),
        ),
    ] {
        let occupancy = Occupancy { taken, expired: over };
        let found = Vacancy::of(&entitlement(seats, overdraft), &occupancy);
        assert_eq!(found, vacancy, "{seats} + {overdraft} seats, {taken} taken");
    }
}

#[test]
fn a_free_seat_is_granted_and_an_expired_one_reused_without_a_list_of_the_seats() {
    let plan = |occupancy| {
        let candidate = SeatCandidate::New(Box::new(new_seat(occupancy)));
        match decide(&entitlement(1, 0), Vec::new(), candidate, None, None) {
            Decided::Plan(plan) => plan.assignment,
            Decided::Refusal(error) => panic!("refused: {error}"),
            Decided::Listing => panic!("the seats are listed"),
        }
    };
    let free = plan(Occupancy { taken: 0, expired: Vec::new() });
    assert_eq!(free.reason, GrantReason::Free);
    assert_eq!(free.superseded, []);
    let old = expired("B");
    let reused = plan(Occupancy { taken: 1, expired: vec![old.clone()] });
    assert_eq!(reused.reason, GrantReason::Reused { old: "B".to_owned() });
    assert_eq!(reused.superseded, [old.id]);
    assert!(matches!(reused.seat, PlannedSeat::New { lineage } if lineage == Some(old.lineage)));
}

#[test]
fn the_seats_are_not_listed_for_a_request_that_is_refused_without_them() {
    let own = entitlement(1, 0);
    let full = || {
        let occupancy = Occupancy { taken: 1, expired: Vec::new() };
        SeatCandidate::New(Box::new(new_seat(occupancy)))
    };
    let take_over =
        |row: SeatRow| SeatCandidate::TakenOver { id: row.id, old: Some(with_moves(row, 0, 0)) };
    let refused =
        |same_counter, candidate, old| decide(&own, same_counter, candidate, old, None).refusal();
    let copied = refused(vec![traits("B")], full(), None);
    assert_eq!(copied, ActivateError::DeviceCopied);
    let elsewhere = SeatRow { entitlement: EntitlementId::random().unwrap(), ..seat("A") };
    let (id, other) = (elsewhere.id, take_over(elsewhere));
    assert_eq!(refused(vec![], other, Some(id)), ActivateError::OtherEntitlement { seat: id });
    let (of_b, name) = (seat("B"), "B".to_owned());
    let (id, other) = (of_b.id, take_over(of_b));
    assert_eq!(refused(vec![], other, Some(id)), ActivateError::NotSameComputer { name });
    let held = seat("A");
    let held = SeatCandidate::Held(with_moves(held, 0, 0));
    let other = SeatId::random().ok();
    assert!(matches!(refused(vec![], held, other), ActivateError::HasSeat { .. }));
    // A full entitlement, and a seat that may be the wrong one of several.
    assert!(matches!(decide(&own, vec![], full(), None, None), Decided::Listing));
    let (old, id) = (seat("A"), seat("A").id);
    let old = take_over(SeatRow { id, ..old });
    assert!(matches!(decide(&own, vec![], old, Some(id), None), Decided::Listing));
}

#[test]
fn a_full_entitlement_names_its_seats_and_the_one_that_looks_like_the_computer() {
    let occupancy = Occupancy { taken: 2, expired: Vec::new() };
    let candidate = SeatCandidate::New(Box::new(new_seat(occupancy)));
    let seats = [occupied(&seat("B")), occupied(&seat("A"))];
    match decide(&entitlement(2, 0), vec![], candidate, None, Some(&seats)).refusal() {
        ActivateError::NoneFree { in_use, looks_like, several_alike } => {
            let names: Vec<_> = in_use.iter().map(|seat| &seat.name[..]).collect();
            assert_eq!(names, ["B", "A"]);
            assert_eq!(looks_like.map(|seat| seat.seat), Some(seats[1].id));
            assert!(!several_alike);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn an_expired_seat_that_others_replaced_names_those_whose_leases_run() {
    let old = seat("A");
    let mut running = occupied(&seat("B"));
    running.reserved_until = from_seconds(1_800_000_001);
    let seats = [occupied(&old), running, occupied(&seat("C"))];
    let candidate = SeatCandidate::Held(with_moves(old, 1, 0));
    match decide(&entitlement(1, 0), vec![], candidate, None, Some(&seats)).refusal() {
        ActivateError::NoneFree { in_use, looks_like: None, .. } => {
            let names: Vec<_> = in_use.iter().map(|seat| &seat.name[..]).collect();
            assert_eq!(names, ["B"]);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_line_that_has_moved_too_often_moves_no_further() {
    let old = seat("A");
    for (moves, may) in [(MOVES - 1, true), (MOVES, false)] {
        let taken_over =
            SeatCandidate::TakenOver { id: old.id, old: Some(with_moves(old.clone(), 0, moves)) };
        let seats = [occupied(&old)];
        let own = entitlement(1, 0);
        match decide(&own, vec![], taken_over, Some(old.id), Some(&seats)) {
            Decided::Plan(plan) => {
                assert!(may);
                assert_eq!(plan.assignment.reason, GrantReason::TakenOver { old: old.id });
                assert_eq!(plan.assignment.superseded, [old.id]);
            }
            other => {
                assert!(!may);
                assert_eq!(other.refusal(), ActivateError::TakeoverLimit);
            }
        }
    }
}

/// A deactivation with a counter, signed by the computer of [`seat`].
fn deactivation(seat: &SeatRow, counter: u64) -> Signed<Deactivation> {
    let (computer, vendor) = (keys(2), keys(9));
    let said = Deactivation { seat: seat.id, counter, created_at: 1_800_000_000 };
    let token = seal(&said, 1, &computer, vendor.public()).unwrap();
    let signer = Signer { product: 1, keys: *computer.public() };
    open(&token, &vendor, |_| vec![signer]).unwrap()
}

fn seat_to_return(row: SeatRow, returns: u64) -> SeatToReturn {
    let entitlement = entitlement(1, 0);
    SeatToReturn { row, entitlement, counter_was_requested: false, returns, early_returns: 2 }
}

fn return_seat(
    row: SeatRow,
    counter: u64,
    returns: u64,
) -> Result<PlannedDeactivation, DeactivationTokenError> {
    let signed = deactivation(&row, counter);
    let seat = Some(seat_to_return(row, returns));
    let clock = Comparison::new(now(), None, None);
    deactivation::decide(DeactivationFacts { clock, seat }, &signed)
}

#[test]
fn a_deactivation_counts_if_it_is_newer_than_what_the_seat_has_seen() {
    use Outcome::{AlreadyReleased, Noted, Released};
    for (status, returned_with, counter, outcome) in [
        (SeatStatus::Held, None, 5, Some(Released)),
        (SeatStatus::Held, None, 4, None),
        (SeatStatus::Released, None, 5, Some(Released)),
        (SeatStatus::Released, None, 4, None),
        (SeatStatus::Deactivated, Some(5), 5, Some(AlreadyReleased)),
        (SeatStatus::Deactivated, Some(5), 6, Some(AlreadyReleased)),
        (SeatStatus::Deactivated, Some(6), 5, None),
        (SeatStatus::Reused, None, 5, Some(Noted)),
        (SeatStatus::Reused, None, 1, Some(Noted)),
    ] {
        let deactivation_counter = returned_with;
        let row = SeatRow { status, deactivation_counter, request_counter: 4, ..seat("A") };
        let found = return_seat(row, counter, 0);
        let expected = outcome.ok_or(DeactivationTokenError::Superseded);
        assert_eq!(found.map(|plan| plan.outcome), expected, "{status:?}, {counter}");
    }
}

#[test]
fn a_seat_is_free_at_once_until_its_line_has_used_up_its_early_returns() {
    let running = from_seconds(1_800_000_001);
    for (reserved_until, returns, is_early, taken_until) in [
        (running, 1, true, None),
        (running, 2, true, Some(running)),
        // Its lease and grace are over.
        (now(), 2, false, None),
    ] {
        let plan = return_seat(SeatRow { reserved_until, ..seat("A") }, 5, returns).unwrap();
        assert_eq!((plan.is_early, plan.taken_until), (is_early, taken_until), "{returns}");
    }
}

#[test]
fn a_seat_is_returned_only_by_its_own_computer_and_only_if_it_exists() {
    let signed = deactivation(&seat("A"), 5);
    let id = signed.payload().seat;
    let decide = |seat| {
        let clock = Comparison::new(now(), None, None);
        deactivation::decide(DeactivationFacts { clock, seat }, &signed).map(|plan| plan.outcome)
    };
    let unknown = DeactivationTokenError::Seat(SeatRefusal::Unknown { seat: id });
    assert_eq!(decide(None), Err(unknown));
    let of_another_device = SeatRow { device: *keys(3).public(), ..seat("A") };
    let other = Err(DeactivationTokenError::OtherDevice);
    assert_eq!(decide(Some(seat_to_return(of_another_device, 0))), other);
    let mut of_another_product = seat_to_return(seat("A"), 0);
    of_another_product.entitlement.product = 2;
    assert_eq!(decide(Some(of_another_product)), other);
}

#[test]
fn a_released_seat_counts_as_taken_until_its_lease_is_over_unless_it_is_freed_at_once() {
    let running = from_seconds(1_800_000_001);
    let clock = Comparison::new(now(), None, None);
    let refused = |refusal: SeatRefusal| Err(ReleaseError::Seat(refusal));
    for (status, reserved_until, at_once, expected) in [
        (SeatStatus::Held, running, false, Ok(running)),
        (SeatStatus::Held, running, true, Ok(now())),
        (SeatStatus::Released, running, true, Ok(now())),
        (SeatStatus::Deactivated, running, true, Ok(now())),
        (SeatStatus::Deactivated, running, false, refused(SeatRefusal::Deactivated)),
        (SeatStatus::Deactivated, now(), true, refused(SeatRefusal::Deactivated)),
        (SeatStatus::Reused, running, true, refused(SeatRefusal::Reused)),
    ] {
        let row = SeatRow { status, reserved_until, ..seat("A") };
        let id = row.id;
        let found = release::decide(Some(row), id, at_once, &clock);
        let found = found.map(|plan| plan.seat.reserved_until);
        assert_eq!(found, expected, "{status:?}, {at_once}");
    }
    let id = seat("A").id;
    let unknown = release::decide(None, id, false, &clock).map(|plan| plan.at);
    assert_eq!(unknown, refused(SeatRefusal::Unknown { seat: id }));
}

/// Decides on the refresh of the seat of computer `A`, whose responses had these terms.
fn decide_refresh(
    entitlement: &EntitlementRow,
    seat: SeatWithNeighbours,
    responses: Vec<ResponseTerms>,
) -> Result<refresh::Decision, RefreshError> {
    let (id, entitlement) = (seat.row.id, entitlement.clone());
    let (features, attributes) = Default::default();
    let seat = SeatToRefresh { seat, entitlement, features, attributes, responses };
    let clock = Comparison::new(now(), None, None);
    refresh::decide(RefreshFacts { clock, seat: Some(seat) }, id, now())
}

#[test]
fn a_refresh_omits_only_what_all_responses_of_the_seat_say() {
    let own = entitlement(1, 0);
    let period = LeasePeriod::of(&own, now()).unwrap();
    let (features, attributes) = Default::default();
    let same = LeaseTerms { period, features, attributes }.terms();
    let other_grace = ResponseTerms { grace: 9, ..same.clone() };
    let other_features = ResponseTerms { features: "1=true".to_owned(), ..same.clone() };
    for (responses, grace, features, end) in [
        (vec![], true, true, true),
        (vec![same.clone()], false, false, false),
        (vec![same.clone(), other_grace], true, false, false),
        (vec![other_features, same], false, true, false),
    ] {
        let seat = SeatWithNeighbours { row: seat("A"), running_beside: 0 };
        let Ok(refresh::Decision::Grant(plan)) = decide_refresh(&own, seat, responses) else {
            panic!("refused")
        };
        let said = plan.refresh;
        let found =
            (said.grace.is_some(), said.features.is_some(), said.subscription_end.is_some());
        assert_eq!(found, (grace, features, end));
    }
}

#[test]
fn a_refresh_without_room_lists_the_seats_before_the_policy_asks_for_a_request() {
    let own = EntitlementRow { request_every: NonZeroU32::new(1), ..entitlement(1, 0) };
    let with = |running_beside| SeatWithNeighbours { row: seat("A"), running_beside };
    assert!(matches!(decide_refresh(&own, with(1), vec![]), Ok(refresh::Decision::NoRoom(_))));
    assert!(matches!(
        decide_refresh(&own, with(0), vec![]),
        Err(RefreshError::NeedsRequest { .. })
    ));
    let held = SeatRow { status: SeatStatus::Reused, ..seat("A") };
    let reused = SeatWithNeighbours { row: held, running_beside: 1 };
    let refused = decide_refresh(&own, reused, vec![]).map(drop);
    assert_eq!(refused, Err(RefreshError::Seat(SeatRefusal::Reused)));
}
