//! Tests of deactivations.

use super::fixture::*;
use crate::*;

#[test]
fn a_deactivation_frees_the_seat() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let token = a.deactivation(&fixture, seat);
    let done = fixture.issuer.deactivate(&token, day(2)).unwrap();
    assert_eq!((done.seat, done.outcome, done.name.as_str()), (seat, Outcome::Released, "A"));
    assert_eq!(fixture.state(seat, day(2)), SeatState::Deactivated);
    let request = Computer::new("B").request(&fixture);
    assert_eq!(fixture.activate(&request, day(2)).unwrap().grounds, GrantReason::Free);
}

#[test]
fn the_same_deactivation_again_is_already_released() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let token = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&token, day(2)).unwrap();
    // A deactivation that is shown again is sealed again: other bytes, the same deactivation.
    let shown_again = a.deactivation_as(&fixture, seat, a.counter);
    for again in [token, shown_again] {
        let done = fixture.issuer.deactivate(&again, day(3)).unwrap();
        assert_eq!(done.outcome, Outcome::AlreadyReleased);
    }
    assert_eq!(fixture.issuer.seats(None, day(3)).unwrap()[0].closed_at, Some(day(2)));
}

#[test]
fn a_deactivation_older_than_the_newest_answered_request_of_its_seat_is_superseded() {
    let mut fixture = Fixture::new(2);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let held_back = a.deactivation(&fixture, seat);
    assert_eq!(fixture.seat_of(&mut a, day(2)), seat);
    let refusal = fixture.issuer.deactivate(&held_back, day(3));
    assert_eq!(refused(refusal), "deactivation.superseded");
    assert_eq!(fixture.state(seat, day(3)), SeatState::Active);
    let newer = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&newer, day(4)).unwrap();
    let refusal = fixture.issuer.deactivate(&held_back, day(5));
    assert_eq!(refused(refusal), "deactivation.superseded");
}

#[test]
fn only_requests_that_were_answered_for_the_seat_count() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let held_back = a.deactivation(&fixture, seat);
    // There is a newer request that was refused, and one for another entitlement's seat.
    fixture.issuer.disable_code(&CODE.parse().unwrap(), day(1)).unwrap();
    let request = a.request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "code.disabled");
    let code = "ANOTHER-CODE-ALTOGETHER";
    fixture.issuer.add_entitlement(1, &terms(1, code), day(0)).unwrap();
    a.code = code.to_owned();
    fixture.seat_of(&mut a, day(2));
    let done = fixture.issuer.deactivate(&held_back, day(3)).unwrap();
    assert_eq!(done.outcome, Outcome::Released);
}

#[test]
fn a_deactivation_of_a_reused_seat_is_recorded_and_changes_nothing() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let other = fixture.seat_of(&mut Computer::new("B"), day(60));
    let token = a.deactivation(&fixture, seat);
    let done = fixture.issuer.deactivate(&token, day(61)).unwrap();
    assert_eq!(done.outcome, Outcome::Noted);
    assert_eq!(fixture.state(seat, day(61)), SeatState::Reused);
    assert_eq!(fixture.state(other, day(61)), SeatState::Active);
    assert_eq!(fixture.events().last().map(String::as_str), Some("deactivation_noted"));
}

#[test]
fn a_deactivation_frees_a_released_seat_at_once() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    fixture.issuer.release(seat, false, day(2)).unwrap();
    let token = a.deactivation(&fixture, seat);
    let done = fixture.issuer.deactivate(&token, day(3)).unwrap();
    assert_eq!(done.outcome, Outcome::Released);
    let request = Computer::new("B").request(&fixture);
    assert!(fixture.activate(&request, day(3)).is_ok());
}

#[test]
fn only_the_seats_own_computer_can_deactivate_it() {
    let mut fixture = Fixture::new(2);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let seat = fixture.seat_of(&mut a, day(1));
    let stranger = b.deactivation(&fixture, seat);
    let refusal = fixture.issuer.deactivate(&stranger, day(2));
    assert_eq!(refused(refusal), "deactivation.unknown_device");
    fixture.seat_of(&mut b, day(2));
    let neighbour = b.deactivation(&fixture, seat);
    let refusal = fixture.issuer.deactivate(&neighbour, day(2));
    assert_eq!(refused(refusal), "deactivation.other_device");
    // The key is right, but the product is another one: it never has that seat.
    a.product = 2;
    let other_product = a.deactivation(&fixture, seat);
    let refusal = fixture.issuer.deactivate(&other_product, day(2));
    assert_eq!(refused(refusal), "token.signature");
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    let refusals =
        fixture.events().into_iter().filter(|event| event.starts_with("deactivation_refused"));
    assert_eq!(refusals.count(), 3);
}

#[test]
fn the_right_key_for_a_seat_of_another_of_its_products_is_not_enough() {
    let mut fixture = Fixture::new(1);
    let code = "ANOTHER-CODE-ALTOGETHER";
    fixture.issuer.add_entitlement(2, &terms(1, code), day(0)).unwrap();
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    (a.product, a.code) = (2, code.to_owned());
    fixture.seat_of(&mut a, day(1));
    let about_product_2 = a.deactivation(&fixture, seat);
    let refusal = fixture.issuer.deactivate(&about_product_2, day(2));
    assert_eq!(refused(refusal), "deactivation.other_device");
}

#[test]
fn a_seat_that_was_never_granted_is_unknown() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    fixture.seat_of(&mut a, day(1));
    let token = a.deactivation(&fixture, latchkey_token::SeatId::from_bytes([7; 8]));
    assert_eq!(refused(fixture.issuer.deactivate(&token, day(1))), "seat.unknown");
}

#[test]
fn a_request_in_place_of_a_deactivation_is_refused_with_its_own_code() {
    let mut fixture = Fixture::new(1);
    let request = Computer::new("A").request(&fixture);
    assert_eq!(refused(fixture.issuer.deactivate(&request, day(1))), "token.wrong_kind");
    let elsewhere = Fixture::new(1);
    let mut a = Computer::new("A");
    let foreign = a.deactivation(&elsewhere, latchkey_token::SeatId::from_bytes([7; 8]));
    assert_eq!(refused(fixture.issuer.deactivate(&foreign, day(1))), "token.not_for_this_vendor");
}

#[test]
fn a_vault_restored_after_a_deactivation_is_detected_at_its_next_token() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let mut restored = a.clone();
    let token = a.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&token, day(2)).unwrap();
    // The old vault continues counting where it was.
    fixture.seat_of(&mut restored, day(3));
    assert_eq!(fixture.last_notes().1, "older_than_deactivation");
    restored.counter += 5;
    let twice = restored.deactivation(&fixture, seat);
    let done = fixture.issuer.deactivate(&twice, day(4)).unwrap();
    assert_eq!(done.outcome, Outcome::AlreadyReleased);
    assert_eq!(fixture.last_notes().1, "vault_restored");
}
