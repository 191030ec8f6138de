//! Tests of early returns: how often a seat's line may be freed at once.

use latchkey_lease::Timestamp;

use super::fixture::*;
use crate::*;

/// Returns a computer's seat and keeps its earlier vault, which continues to run until its lease
/// ends.
fn swap(fixture: &mut Fixture, computer: &mut Computer, at: Timestamp) -> Deactivated {
    let seat = fixture.seat_of(computer, at);
    let token = computer.deactivation(fixture, seat);
    fixture.issuer.deactivate(&token, at).unwrap()
}

#[test]
fn one_seat_serves_five_computers_once_and_the_vendor_is_told() {
    let mut fixture = Fixture::new(1);
    let mut computers: Vec<_> = (1..=6).map(|n| Computer::new(&format!("PC{n}"))).collect();
    for (n, computer) in computers.iter_mut().take(5).enumerate() {
        let done = swap(&mut fixture, computer, day(1));
        // Lease and grace last 37 days.
        assert_eq!(done.taken_until, (n == 4).then(|| day(38)), "{n}");
    }
    let request = computers[5].request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(1))), "seat.none_free");
    assert_eq!(refused(fixture.activate(&request, day(37))), "seat.none_free");
    let notice = fixture.issuer.early_returns_reports(day(2)).unwrap().remove(0);
    assert_eq!((notice.entitlement, notice.returns, notice.seats), (fixture.entitlement, 5, 1));

    // In the second round, all leases are over and the vaults from after the deactivation are
    // restored.
    let done = swap(&mut fixture, &mut computers[0], day(39));
    assert_eq!(done.taken_until, Some(day(39 + 37)));
    for computer in &mut computers[1..] {
        let request = computer.request(&fixture);
        assert_eq!(refused(fixture.activate(&request, day(40))), "seat.none_free");
    }
    let noted = fixture.issuer.audit().unwrap().into_iter().filter(|row| {
        row.detail.iter().any(|(name, said)| name == "notes" && said.contains("returned_too_often"))
    });
    assert_eq!(noted.count(), 2);
}

#[test]
fn a_key_that_moves_to_other_hardware_after_too_many_returns_is_counted_as_a_move() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    for _ in 0..5 {
        swap(&mut fixture, &mut a, day(1));
    }
    // Its own former seat doesn't block it, but each change of hardware counts: two in a year.
    for n in 0..3 {
        a = a.moved_to(&format!("PC{n}"));
        let request = a.request(&fixture);
        let answer = fixture.activate(&request, day(2));
        if n == 2 {
            assert_eq!(refused(answer), "takeover.limit");
            break;
        }
        assert!(answer.is_ok(), "{n}");
        swap(&mut fixture, &mut a, day(2));
    }
}

#[test]
fn a_seat_that_was_returned_too_often_can_be_freed_by_the_vendor_at_once() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    for _ in 0..4 {
        swap(&mut fixture, &mut a, day(1));
    }
    let seat = fixture.seat_of(&mut a, day(1));
    let token = a.deactivation(&fixture, seat);
    assert_eq!(fixture.issuer.deactivate(&token, day(1)).unwrap().taken_until, Some(day(38)));
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "seat.none_free");
    fixture.issuer.release(seat, true, day(2)).unwrap();
    assert!(fixture.activate(&request, day(2)).is_ok());
}

#[test]
fn a_computer_that_deactivated_and_asks_again_counts_and_is_not_locked_out() {
    let mut fixture = Fixture::new(1);
    let mut a = Computer::new("A");
    for n in 0..7 {
        let done = swap(&mut fixture, &mut a, day(1));
        assert_eq!(done.taken_until.is_some(), n >= 4, "{n}");
    }
    let request = Computer::new("B").request(&fixture);
    assert_eq!(refused(fixture.activate(&request, day(2))), "seat.none_free");
    // Its old leases and its new one together take one seat.
    fixture
        .issuer
        .change_entitlement(
            fixture.entitlement,
            &EntitlementTerms { seats: Some(2), ..Default::default() },
            day(2),
        )
        .unwrap();
    fixture.seat_of(&mut a, day(2));
    assert!(fixture.activate(&request, day(2)).is_ok());
}

#[test]
fn one_move_per_quarter_is_always_allowed() {
    let mut fixture = Fixture::new(1);
    for quarter in 0..20 {
        let mut computer = Computer::new(&format!("Laptop {quarter}"));
        let at = day(1 + quarter * 92);
        let seat = fixture.seat_of(&mut computer, at);
        let later = day(1 + quarter * 92 + 91);
        let refreshed = day(1 + quarter * 92 + 80);
        fixture.issuer.refresh(seat, refreshed).unwrap();
        let token = computer.deactivation(&fixture, seat);
        assert_eq!(fixture.issuer.deactivate(&token, later).unwrap().taken_until, None);
    }
}

#[test]
fn a_seat_that_is_returned_after_its_lease_and_grace_is_no_early_return() {
    let mut fixture = Fixture::new(1);
    let mut computer = Computer::new("A");
    for round in 0..8 {
        let seat = fixture.seat_of(&mut computer, day(1 + round * 40));
        let token = computer.deactivation(&fixture, seat);
        let done = fixture.issuer.deactivate(&token, day(1 + round * 40 + 38)).unwrap();
        assert_eq!(done.taken_until, None);
    }
    assert_eq!(fixture.issuer.early_returns_reports(day(330)).unwrap(), []);
}

#[test]
fn the_line_continues_when_a_seat_is_reused_after_its_lease() {
    let mut fixture = Fixture::new(1);
    for n in 0..4 {
        swap(&mut fixture, &mut Computer::new(&format!("PC{n}")), day(1));
    }
    fixture.seat_of(&mut Computer::new("B"), day(2));
    let mut c = Computer::new("C");
    assert_eq!(swap(&mut fixture, &mut c, day(60)).taken_until, Some(day(60 + 37)));
}

#[test]
fn the_preview_returns_whether_the_seat_would_be_free() {
    let mut fixture = Fixture::new(1);
    fixture.issuer.set_early_returns(0, day(1)).unwrap();
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    let token = a.deactivation(&fixture, seat);
    let preview = fixture.preview_deactivation(&token, day(2)).unwrap();
    assert_eq!(preview.deactivated.taken_until, Some(day(38)));
    let done = fixture.issuer.deactivate(&token, day(2)).unwrap();
    assert_eq!(done.taken_until, Some(day(38)));
    // Submitting it again has the same result.
    assert_eq!(fixture.issuer.deactivate(&token, day(3)).unwrap().taken_until, Some(day(38)));
    assert_eq!(fixture.events().iter().filter(|event| *event == "policy_changed").count(), 1);
}

#[test]
fn a_dismissed_notice_reappears_with_the_next_early_return() {
    let mut fixture = Fixture::new(1);
    let id = fixture.entitlement;
    for n in 0..2 {
        swap(&mut fixture, &mut Computer::new(&format!("PC{n}")), day(1));
    }
    assert_eq!(fixture.issuer.early_returns_reports(day(2)).unwrap().len(), 1);
    fixture.issuer.dismiss_early_returns(id, day(2)).unwrap();
    assert_eq!(fixture.issuer.early_returns_reports(day(2)).unwrap(), []);
    assert_eq!(refused(fixture.issuer.dismiss_early_returns(id, day(2))), "notice.no_returns");
    swap(&mut fixture, &mut Computer::new("PC3"), day(3));
    assert_eq!(fixture.issuer.early_returns_reports(day(3)).unwrap()[0].returns, 3);
    assert_eq!(fixture.issuer.early_returns_reports(day(400)).unwrap(), []);
}
