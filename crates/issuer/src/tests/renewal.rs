//! Tests of the policy by which every n-th renewal needs a request.

use std::num::NonZeroU32;

use super::fixture::*;
use crate::*;

fn every(n: u32) -> EntitlementTerms {
    EntitlementTerms { request_every: NonZeroU32::new(n).into(), ..Default::default() }
}

fn left(fixture: &mut Fixture, at: i64) -> Option<u32> {
    fixture.issuer.seats(None, day(at)).unwrap()[0].refreshes_left
}

#[test]
fn every_nth_renewal_needs_a_request_and_the_ones_between_do_not() {
    for n in [1, 2, 3, 7] {
        let mut fixture = Fixture::new(1);
        fixture.set(every(n));
        let mut computer = Computer::new("A");
        let seat = fixture.seat_of(&mut computer, day(1));
        let mut at = 1;
        for _ in 0..3 {
            for before in (0..n).rev() {
                assert_eq!(left(&mut fixture, at), Some(before), "of {n}");
                at += 1;
                if before > 0 {
                    let refreshed = fixture.issuer.refresh(seat, day(at)).unwrap();
                    assert_eq!(refreshed.refreshes_left, Some(before - 1));
                }
            }
            // However often it is requested.
            for _ in 0..2 {
                let error = fixture.issuer.refresh(seat, day(at)).unwrap_err();
                assert_eq!(error, RefreshError::NeedsRequest { every: n.try_into().unwrap() });
                assert_eq!(refused(Err::<(), _>(error)), "refresh.needs_request");
            }
            assert_eq!(
                fixture.events().pop().as_deref(),
                Some("refresh_refused refresh.needs_request")
            );
            // The seat is the same, and its lease is longer.
            let request = computer.request(&fixture);
            let granted = fixture.activate(&request, day(at)).unwrap();
            assert_eq!((granted.seat, granted.grounds), (seat, GrantReason::SameSeat));
            assert_eq!(granted.lease_expiry, day(at + 30));
        }
    }
}

#[test]
fn a_policy_is_off_until_it_is_set_and_after_it_is_removed() {
    let mut fixture = Fixture::new(1);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    let entitlement = fixture.issuer.entitlement(fixture.entitlement, day(1)).unwrap();
    assert_eq!((entitlement.request_every, left(&mut fixture, 1)), (None, None));
    for at in 2..12 {
        fixture.issuer.refresh(seat, day(at)).unwrap();
    }
    // Earlier refreshes count, because the vault may be anywhere by now.
    fixture.set(every(3));
    assert_eq!(refused(fixture.issuer.refresh(seat, day(12))), "refresh.needs_request");
    assert_eq!(left(&mut fixture, 12), Some(0));
    fixture.set(EntitlementTerms { seats: Some(1), ..Default::default() });
    assert_eq!(refused(fixture.issuer.refresh(seat, day(12))), "refresh.needs_request");
    fixture.set(EntitlementTerms { request_every: Update::Clear, ..Default::default() });
    assert!(fixture.issuer.refresh(seat, day(12)).is_ok());
    let said = fixture.issuer.audit().unwrap().into_iter();
    let said: Vec<_> = said
        .filter(|row| row.event == "entitlement_changed")
        .flat_map(|row| row.detail)
        .filter(|(name, _)| name == "request_every")
        .map(|(_, value)| value)
        .collect();
    assert_eq!(said, ["3", "none"]);
}

#[test]
fn an_entitlement_can_be_added_with_the_policy() {
    let mut fixture = Fixture::new(1);
    let terms = EntitlementTerms {
        request_every: every(4).request_every,
        ..terms(2, "ACME-3333-4444-5555")
    };
    let id = fixture.issuer.add_entitlement(1, &terms, day(0)).unwrap();
    let added = fixture.issuer.entitlement(id, day(0)).unwrap();
    assert_eq!(added.request_every, NonZeroU32::new(4));
}

#[test]
fn an_expired_lease_is_renewed_by_a_request_as_well() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(1));
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    assert_eq!(refused(fixture.issuer.refresh(seat, day(100))), "refresh.needs_request");
    assert_eq!(fixture.seat_of(&mut computer, day(100)), seat);
    assert_eq!(fixture.state(seat, day(100)), SeatState::Active);
}

#[test]
fn a_renewal_by_request_is_neither_a_move_nor_a_return_nor_another_seat() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(1));
    let mut computer = Computer::new("A");
    let seat = fixture.seat_of(&mut computer, day(1));
    // These are many more renewals than a seat may move in a year.
    for at in 2..22 {
        assert_eq!(fixture.seat_of(&mut computer, day(at)), seat);
        assert_eq!(fixture.last_notes(), ("seat_granted".to_owned(), String::new()));
    }
    let entitlement = fixture.issuer.entitlement(fixture.entitlement, day(22)).unwrap();
    assert_eq!(entitlement.seats_in_use, 1);
    assert_eq!(fixture.issuer.seats(None, day(22)).unwrap().len(), 1);
    assert_eq!(fixture.issuer.early_returns_reports(day(22)).unwrap(), []);
}

#[test]
fn repeating_a_request_allows_no_further_refreshes() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(2));
    let mut computer = Computer::new("A");
    let request = computer.request(&fixture);
    let seat = fixture.activate(&request, day(1)).unwrap().seat;
    fixture.issuer.refresh(seat, day(2)).unwrap();
    let again = fixture.activate(&request, day(3)).unwrap();
    assert_eq!((again.grounds, left(&mut fixture, 3)), (GrantReason::Repeated, Some(0)));
    assert_eq!(refused(fixture.issuer.refresh(seat, day(3))), "refresh.needs_request");
}

#[test]
fn a_copied_vault_is_detected_by_the_first_renewal_that_needs_a_request() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(2));
    let mut one = Computer::new("A");
    let seat = fixture.seat_of(&mut one, day(1));
    // The whole computer is copied: key, counter and hardware. One refresh is applied on both.
    let mut copy = one.clone();
    fixture.issuer.refresh(seat, day(20)).unwrap();
    assert_eq!(refused(fixture.issuer.refresh(seat, day(40))), "refresh.needs_request");
    let request = one.request(&fixture);
    fixture.activate(&request, day(40)).unwrap();
    assert_eq!((fixture.last_notes().1, left(&mut fixture, 40)), (String::new(), Some(1)));
    // The copy doesn't know the request of the response, so it has to make a request, too.
    let request = copy.request(&fixture);
    assert_eq!(fixture.activate(&request, day(41)).unwrap().seat, seat);
    assert_eq!(fixture.last_notes().1, "vault_copied");
}

#[test]
fn a_copy_on_other_hardware_that_asks_second_gets_no_lease() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(1));
    let mut one = Computer::new("A");
    fixture.seat_of(&mut one, day(1));
    let mut copy = Computer { hardware: Computer::new("B").hardware, ..one.clone() };
    let request = one.request(&fixture);
    fixture.activate(&request, day(20)).unwrap();
    let request = copy.request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(20))), "device.copied");
}

#[test]
fn a_request_without_a_newer_counter_renews_and_allows_no_further_refreshes() {
    let mut fixture = Fixture::new(1);
    fixture.set(every(2));
    let mut computer = Computer::new("A");
    let mut put_back = computer.clone();
    for at in [1, 2, 3] {
        fixture.seat_of(&mut computer, day(at));
    }
    let seat = fixture.seat_of(&mut computer, day(4));
    fixture.issuer.refresh(seat, day(5)).unwrap();
    // A restored vault makes requests with an old counter: it isn't locked out, and has to continue
    // making requests until its counter is a new one.
    for (at, notes, left_then) in [
        (6, "vault_copied older_than_newest", 0),
        (7, "vault_copied older_than_newest", 0),
        (8, "vault_copied older_than_newest", 0),
        (9, "vault_copied", 0),
        (10, "", 1),
    ] {
        assert_eq!(fixture.seat_of(&mut put_back, day(at)), seat);
        let (said, now_left) = (fixture.last_notes().1, left(&mut fixture, at));
        assert_eq!((said.as_str(), now_left), (notes, Some(left_then)), "day {at}");
    }
}

#[test]
fn a_database_of_the_previous_layout_starts_without_policy_and_counts() {
    let mut fixture = Fixture::new(1);
    fixture.seat_of(&mut Computer::new("A"), day(1));
    let folder = fixture.issuer.folder().to_owned();
    let entitlement = fixture.entitlement;
    // The last connection that closes the database moves everything into its main file.
    fixture.issuer = Fixture::new(1).issuer;
    let old = rusqlite::Connection::open(folder.join("issuer.db")).unwrap();
    old.execute_batch(
        "ALTER TABLE entitlement DROP COLUMN request_every;
         ALTER TABLE seat DROP COLUMN refreshes;
         ALTER TABLE request DROP COLUMN code_given;
         PRAGMA user_version = 5;",
    )
    .unwrap();
    drop(old);
    for _ in 0..2 {
        let mut issuer = Issuer::open(&folder, day(2)).unwrap();
        assert_eq!(issuer.entitlement(entitlement, day(2)).unwrap().request_every, None);
        assert_eq!(issuer.seats(None, day(2)).unwrap()[0].refreshes_left, None);
    }
    fixture.issuer = Issuer::open(&folder, day(2)).unwrap();
    fixture.set(every(3));
    assert_eq!(left(&mut fixture, 2), Some(2));
}
