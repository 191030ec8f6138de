//! Tests of requests from reinstalled computers, and of releases by the vendor.

use latchkey_token::{HardwareTrait, RequestId};

use super::fixture::*;
use crate::*;

#[test]
fn a_reinstalled_computer_is_like_any_new_one_while_a_seat_is_free() {
    let mut fixture = Fixture::new(2);
    let mut computer = Computer::new("A");
    let old = fixture.seat_of(&mut computer, day(1));
    let request = computer.reinstalled().request(&fixture);
    let granted = fixture.activate(&request, day(2)).unwrap();
    assert_eq!(granted.grounds, GrantReason::Free);
    assert_eq!(fixture.state(old, day(2)), SeatState::Active);
}

#[test]
fn a_reinstalled_computer_is_offered_its_old_seat_and_gets_it_only_by_choice() {
    let mut fixture = Fixture::new(2);
    let mut computer = Computer::new("A");
    fixture.seat_of(&mut Computer::new("B"), day(1));
    let old = fixture.seat_of(&mut computer, day(1));
    let mut reinstalled = computer.reinstalled();
    let request = reinstalled.request(&fixture);
    let Err(ActivateError::NoneFree { looks_like, .. }) = fixture.activate(&request, day(2)) else {
        panic!("a seat was taken over without a choice");
    };
    assert_eq!(looks_like.map(|seat| (seat.seat, seat.name)), Some((old, "A".to_owned())));

    let granted = fixture.take_over(&request, Some(old), day(2)).unwrap();
    assert_eq!(granted.grounds, GrantReason::TakenOver { old });
    assert_ne!(granted.seat, old);
    assert_eq!(fixture.state(old, day(2)), SeatState::Reused);
    assert_eq!(refused(fixture.issuer.refresh(old, day(2))), "seat.reused");
    // The present request gets the same response, with or without the choice.
    for choice in [None, Some(old)] {
        let again = fixture.take_over(&request, choice, day(3)).unwrap();
        assert_eq!(again.token, granted.token);
    }
}

#[test]
fn computers_made_from_one_image_are_not_taken_for_one_another() {
    let mut fixture = Fixture::new(2);
    // The traits that a user can read are all the same.
    let clone = |name: &str| {
        let image = Computer::new("image");
        let hardware = image.hardware.iter().filter(|(which, _)| {
            matches!(
                which,
                HardwareTrait::OsInstall | HardwareTrait::SystemVolume | HardwareTrait::Processor
            )
        });
        Computer { name: name.to_owned(), hardware: hardware.cloned().collect(), ..image.clone() }
    };
    let seats = ["lab-01", "lab-02"].map(|name| fixture.seat_of(&mut clone(name), day(1)));
    let request = clone("lab-03").request(&fixture);
    let Err(ActivateError::NoneFree { looks_like, several_alike, in_use }) =
        fixture.activate(&request, day(2))
    else {
        panic!("there were two seats");
    };
    assert_eq!((looks_like, several_alike, in_use.len()), (None, true, 2));
    for seat in seats {
        let taken = fixture.take_over(&request, Some(seat), day(2));
        assert_eq!(refused(taken), "takeover.several_alike");
        assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    }
    // Once the vendor has released a seat, one is available.
    fixture.issuer.release(seats[0], true, day(2)).unwrap();
    assert_eq!(fixture.activate(&request, day(2)).unwrap().grounds, GrantReason::Free);
}

#[test]
fn an_image_on_other_hardware_is_another_computer_and_a_reinstallation_is_not() {
    let mut fixture = Fixture::new(1);
    let old = fixture.seat_of(&mut Computer::new("A"), day(1));
    let mut image = Computer::new("B");
    let id = |(which, _): &&(HardwareTrait, String)| *which == HardwareTrait::OsInstall;
    let of_a = Computer::new("A").hardware.iter().find(id).unwrap().clone();
    image.hardware.retain(|(which, _)| *which != HardwareTrait::OsInstall);
    image.hardware.push(of_a);
    let request = image.request(&fixture);
    let taken = fixture.take_over(&request, Some(old), day(2));
    assert_eq!(refused(taken), "takeover.not_same_computer");
    // A user's processes can read the disk but not the firmware.
    let users = |mut computer: Computer| {
        computer.hardware.retain(|(which, _)| {
            !matches!(which, HardwareTrait::SystemUuid | HardwareTrait::BoardSerial)
        });
        computer
    };
    let request = users(Computer::new("A").reinstalled()).request(&fixture);
    let granted = fixture.take_over(&request, Some(old), day(2)).unwrap();
    assert_eq!(granted.grounds, GrantReason::TakenOver { old });
}

#[test]
fn another_computer_cannot_take_a_seat_over() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let request = Computer::new("B").request(&fixture);
    let taken = fixture.take_over(&request, Some(seat), day(2));
    assert_eq!(refused(taken), "takeover.not_same_computer");
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
}

#[test]
fn only_a_held_seat_of_the_same_entitlement_can_be_taken_over() {
    let mut fixture = Fixture::new(1);
    let code = "ANOTHER-CODE-ALTOGETHER";
    fixture.issuer.add_entitlement(1, &terms(1, code), day(0)).unwrap();
    let mut computer = Computer { code: code.to_owned(), ..Computer::new("A") };
    let elsewhere = fixture.seat_of(&mut computer, day(1));
    let mut reinstalled = Computer { code: CODE.to_owned(), ..computer.reinstalled() };
    let request = reinstalled.request(&fixture);
    let taken = fixture.take_over(&request, Some(elsewhere), day(2));
    assert_eq!(refused(taken), "takeover.other_entitlement");
    let nowhere = latchkey_token::SeatId::from_bytes([7; 8]);
    assert_eq!(refused(fixture.take_over(&request, Some(nowhere), day(2))), "seat.unknown");

    let gone = computer.deactivation(&fixture, elsewhere);
    fixture.issuer.deactivate(&gone, day(2)).unwrap();
    let mut reinstalled = computer.reinstalled();
    let request = reinstalled.request(&fixture);
    let taken = fixture.take_over(&request, Some(elsewhere), day(2));
    assert_eq!(refused(taken), "seat.deactivated");
}

#[test]
fn a_seat_moves_twice_in_365_days_takeovers_and_rebindings_together() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let mut seat = fixture.seat_of(&mut computer, day(0));
    // The first move is the same key on other hardware, with the same seat.
    let mut rebound = computer.moved_to("B");
    assert_eq!(fixture.seat_of(&mut rebound, day(10)), seat);
    assert_eq!(fixture.last_notes().1, "hardware_changed");
    // The second one is a new installation.
    let mut reinstalled = rebound.reinstalled();
    let request = reinstalled.request(&fixture);
    seat = fixture.take_over(&request, Some(seat), day(20)).unwrap().seat;
    // There is no third one, in either way.
    let mut third = reinstalled.reinstalled();
    let request = third.request(&fixture);
    let taken = fixture.take_over(&request, Some(seat), day(30));
    assert_eq!(refused(taken), "takeover.limit");
    let elsewhere = reinstalled.moved_to("C").request(&fixture);
    assert_eq!(refused(fixture.activate(&elsewhere, day(30))), "takeover.limit");
    // The first one is forgotten after 365 days. The lease would be over by then, so it is kept
    // running.
    fixture.issuer.refresh(seat, day(360)).unwrap();
    let taken = fixture.take_over(&request, Some(seat), day(374));
    assert_eq!(refused(taken), "takeover.limit");
    assert!(fixture.take_over(&request, Some(seat), day(375)).is_ok());
}

#[test]
fn beyond_the_limit_the_vendor_has_to_release_the_seat() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let mut seat = fixture.seat_of(&mut computer, day(0));
    for _ in 0..MOVES {
        computer = computer.reinstalled();
        let request = computer.request(&fixture);
        seat = fixture.take_over(&request, Some(seat), day(1)).unwrap().seat;
    }
    let request = computer.reinstalled().request(&fixture);
    let taken = fixture.take_over(&request, Some(seat), day(1));
    assert_eq!(refused(taken), "takeover.limit");
    fixture.issuer.release(seat, true, day(1)).unwrap();
    assert_eq!(fixture.activate(&request, day(1)).unwrap().grounds, GrantReason::Free);
}

#[test]
fn a_computer_that_has_a_seat_is_told_so_when_it_asks_to_take_over_another_one() {
    let mut fixture = Fixture::new(2);
    let mut computer = Computer::new("A");
    let old = fixture.seat_of(&mut computer, day(1));
    let mut reinstalled = computer.reinstalled();
    let seat = fixture.seat_of(&mut reinstalled, day(1));
    let request = reinstalled.request(&fixture);
    assert_eq!(
        fixture.take_over(&request, Some(old), day(2)),
        Err(ActivateError::HasSeat { seat, name: "A".to_owned() })
    );
    let last = fixture.events().pop();
    assert_eq!(last.as_deref(), Some("request_refused takeover.has_seat"));
    assert_eq!(fixture.state(old, day(2)), SeatState::Active);
    // Without the choice, or if it names that very seat, the computer gets its own.
    for choice in [None, Some(seat)] {
        let request = reinstalled.request(&fixture);
        let granted = fixture.take_over(&request, choice, day(2)).unwrap();
        assert_eq!((granted.seat, granted.grounds), (seat, GrantReason::SameSeat));
    }
}

#[test]
fn a_small_change_of_the_hardware_is_not_a_move() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    for card in ["one", "another", "a third"] {
        computer.hardware[5].1 = card.to_owned();
        assert_eq!(fixture.seat_of(&mut computer, day(2)), seat);
        assert_eq!(fixture.last_notes().1, "");
    }
}

#[test]
fn a_licence_that_is_bound_only_by_its_key_never_counts_as_moved() {
    let mut fixture = Fixture::new(1);
    let weak = |which| matches!(which, latchkey_token::HardwareTrait::NetworkAddress);
    let mut computer = Computer::new("A");
    computer.hardware.retain(|(which, _)| weak(*which));
    let seat = fixture.seat_of(&mut computer, day(1));
    for card in ["one", "another", "a third", "a fourth"] {
        computer.hardware[0].1 = card.to_owned();
        assert_eq!(fixture.seat_of(&mut computer, day(2)), seat);
        assert_eq!(fixture.last_notes().1, "no_strong_trait");
    }
}

#[test]
fn a_released_seat_counts_as_taken_until_its_lease_and_grace_are_over() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let released = fixture.issuer.release(seat, false, day(2)).unwrap();
    assert_eq!(released.taken_until, Some(day(38)));
    assert_eq!(fixture.state(seat, day(2)), SeatState::Released);
    assert_eq!(refused(fixture.issuer.refresh(seat, day(2))), "seat.released");
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(37))), "seat.none_free");
    assert!(fixture.activate(&request, day(38)).is_ok());
}

#[test]
fn a_seat_that_is_released_at_once_is_free_at_once() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    fixture.issuer.release(seat, false, day(2)).unwrap();
    // The operator then decides to free it at once.
    let released = fixture.issuer.release(seat, true, day(2)).unwrap();
    assert_eq!(released.taken_until, None);
    let request = Computer::new("B").request(&fixture);
    assert!(fixture.activate(&request, day(2)).is_ok());
    assert_eq!(fixture.events().iter().filter(|event| *event == "seat_released").count(), 2);
}

#[test]
fn the_computer_of_a_released_seat_is_not_blocked_by_its_own_lease() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let old = fixture.seat_of(&mut computer, day(1));
    fixture.issuer.release(old, false, day(2)).unwrap();
    let again = computer.request(&fixture);
    let granted = fixture.activate(&again, day(3)).unwrap();
    assert_ne!(granted.seat, old);
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(3))), "seat.none_free");
}

#[test]
fn a_seat_that_is_not_held_cannot_be_released() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    let gone = computer.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&gone, day(1)).unwrap();
    assert_eq!(refused(fixture.issuer.release(seat, true, day(1))), "seat.deactivated");
    let nowhere = latchkey_token::SeatId::from_bytes([7; 8]);
    assert_eq!(refused(fixture.issuer.release(nowhere, true, day(1))), "seat.unknown");
}

#[test]
fn a_cloned_image_with_the_same_key_is_detected_by_its_counter() {
    let mut fixture = Fixture::new(5);
    let mut original = Computer::new("A");
    fixture.seat_of(&mut original, day(1));
    // Both continue counting from the same number.
    let clone = original.moved_to("B");
    let counter = original.counter + 1;
    let first = original.request_as(&fixture, RequestId::random().unwrap(), counter);
    fixture.activate(&first, day(2)).unwrap();
    let second = clone.request_as(&fixture, RequestId::random().unwrap(), counter);
    assert_eq!(refused(fixture.activate(&second, day(2))), "device.copied");
}
