//! Tests of the server's own clock: what it is compared with, and what happens while it is in
//! doubt.

use chrono::TimeDelta;
use latchkey_lease::Timestamp;
use latchkey_lease::{BootId, Uptime};
use latchkey_token::SeatId;

use super::fixture::*;
use crate::*;

/// A machine that has been running for `hours` since a boot.
fn running(fixture: &mut Fixture, boot: u8, hours: u64) {
    let boot = BootId::from_bytes([boot; 8]);
    fixture.issuer.set_uptime(Some(Uptime { boot, running: hours * 3_600 }));
}

/// A vendor whose machine's running time isn't known unless the test sets it.
fn vendor(seats: u32) -> Fixture {
    let mut fixture = Fixture::new(seats);
    fixture.runs_all_the_time = false;
    fixture
}

fn doubt(fixture: &mut Fixture, now: Timestamp) -> Option<&'static str> {
    use latchkey_token::HasErrorCode as _;
    fixture.issuer.compare_clock(now).unwrap().doubt().map(|doubt| doubt.code().name)
}

/// The next request of a computer with a correct clock.
fn request_at(fixture: &Fixture, computer: &mut Computer, at: Timestamp) -> latchkey_token::Token {
    computer.clock = at;
    computer.request(fixture)
}

#[test]
fn a_clock_that_is_ten_years_ahead_once_grants_nothing_and_takes_no_seat_away() {
    let mut fixture = vendor(2);
    running(&mut fixture, 1, 10);
    let (mut a, mut b) = (Computer::new("A"), Computer::new("B"));
    let (seat, _) = (fixture.seat_of(&mut a, day(1)), fixture.seat_of(&mut b, day(1)));
    let before = fixture.events();
    let wrong = day(3_650);
    for (boot, hours) in [(1, 11), (2, 1)] {
        running(&mut fixture, boot, hours);
        // Even a request with the same wrong time changes nothing.
        let request = request_at(&fixture, &mut Computer::new("C"), wrong);
        assert_eq!(refused(fixture.activate(&request, wrong)), "clock.ahead");
        assert_eq!(refused(fixture.preview(&request, wrong)), "clock.ahead");
        assert_eq!(refused(fixture.issuer.refresh(seat, wrong)), "clock.ahead");
    }
    assert_eq!(fixture.events(), before);
    // Once the clock is right again, nothing has to be confirmed and nothing is lost.
    running(&mut fixture, 1, 24);
    assert_eq!(doubt(&mut fixture, day(2)), None);
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    assert_eq!(fixture.issuer.refresh(seat, day(2)).unwrap().lease_expiry, day(32));
}

#[test]
fn in_the_boot_of_the_set_up_no_more_than_a_standstill_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let uptime =
        |hours: u64| Some(Uptime { boot: BootId::from_bytes([1; 8]), running: hours * 3600 });
    for (set_up_with, name) in [(uptime(5), "counted"), (None, "not counted")] {
        let data = folder.path().join(name);
        let set_up = Issuer::set_up_sealed(&data, "Acme", None, set_up_with, day(0));
        let mut issuer = set_up.unwrap();
        issuer.set_uptime(uptime(5));
        if set_up_with.is_none() {
            // Within the same second.
            issuer.add_product("Acme CAD", &[], day(0)).unwrap();
        }
        let compared = issuer.compare_clock(day(100)).unwrap();
        assert!(compared.same_boot, "{name}");
        let doubt = compared.doubt().map(|doubt| latchkey_token::HasErrorCode::code(&doubt).name);
        assert_eq!(doubt, Some("clock.ahead"), "{name}");
    }
}

#[test]
fn a_clock_below_the_newest_record_grants_nothing_until_the_vendor_confirms_it() {
    let mut fixture = vendor(2);
    let request = request_at(&fixture, &mut Computer::new("A"), day(100));
    let seat = fixture.activate(&request, day(100)).unwrap().seat;
    let small_step = day(100) - TimeDelta::minutes(9);
    assert!(fixture.issuer.refresh(seat, small_step).is_ok());
    assert_eq!(refused(fixture.issuer.refresh(seat, day(1))), "clock.behind");
    let compared = fixture.issuer.confirm_clock(day(1)).unwrap();
    assert_eq!(compared.newest, Some(day(100)));
    assert_eq!(fixture.issuer.refresh(seat, day(1)).unwrap().lease_expiry, day(31));
    let confirmed =
        fixture.events().into_iter().filter(|row| row == "clock_confirmed clock.behind");
    assert_eq!(confirmed.count(), 1);
}

#[test]
fn a_vendor_who_was_idle_for_two_hundred_days_continues_without_confirmation() {
    let mut fixture = vendor(2);
    running(&mut fixture, 1, 5);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    running(&mut fixture, 2, 1);
    assert_eq!(doubt(&mut fixture, day(201)), None);
    assert!(fixture.issuer.refresh(seat, day(201)).is_ok());
    let request = request_at(&fixture, &mut Computer::new("B"), day(199));
    assert!(fixture.activate(&request, day(201)).is_ok());
    // The clock is confirmed by that, so an old request is granted too.
    let request = request_at(&fixture, &mut Computer::new("C"), day(20));
    assert_eq!(refused(fixture.activate(&request, day(201))), "seat.none_free");
}

#[test]
fn after_a_long_pause_a_request_that_contradicts_the_clock_blocks_only_itself() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 5);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    running(&mut fixture, 2, 1);
    let denies = request_at(&fixture, &mut Computer::new("B"), day(3));
    for _ in 0..3 {
        // By this clock, A's lease would be over.
        assert_eq!(refused(fixture.activate(&denies, day(201))), "clock.disputed");
    }
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    let agrees = request_at(&fixture, &mut Computer::new("C"), day(201));
    assert!(matches!(
        fixture.activate(&agrees, day(201)).unwrap().grounds,
        GrantReason::Reused { .. }
    ));
}

#[test]
fn a_request_with_any_time_is_granted_while_the_clock_is_explained() {
    let mut fixture = vendor(9);
    for said in [day(-20_000), day(-300), day(300), day(50_000)] {
        let request = request_at(&fixture, &mut Computer::new("A"), said);
        assert!(fixture.activate(&request, day(1)).is_ok());
        assert_eq!(doubt(&mut fixture, day(1)), None);
    }
}

#[test]
fn within_one_boot_running_time_explains_all_but_thirty_days() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 0);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    // The machine runs and is idle for very long.
    running(&mut fixture, 1, 24 * 500);
    assert_eq!(doubt(&mut fixture, day(501)), None);
    // A suspension of a virtual machine for four weeks is accepted, one of five weeks isn't.
    assert_eq!(doubt(&mut fixture, day(501 + 28)), None);
    assert_eq!(doubt(&mut fixture, day(501 + 35)), Some("clock.ahead"));
    // A counter that has decreased is from another boot: a restarted container.
    fixture.issuer.refresh(seat, day(501)).unwrap();
    running(&mut fixture, 1, 1);
    assert_eq!(doubt(&mut fixture, day(700)), None);
}

#[test]
fn a_clock_that_jumps_ahead_within_one_boot_takes_no_seat_that_a_request_contradicts() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 10);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    for wrong in [day(4), day(30)] {
        running(&mut fixture, 1, 11);
        // By this clock A's lease may be over, and this request has the right time.
        let request = request_at(&fixture, &mut Computer::new("B"), day(1));
        assert_eq!(refused(fixture.preview(&request, wrong)), "clock.disputed");
        assert_eq!(refused(fixture.activate(&request, wrong)), "clock.disputed");
        // What the vendor signs without a request doesn't make the wrong time count either.
        assert!(fixture.issuer.refresh(seat, wrong).is_ok());
    }
    // Once the clock is right again, nothing has to be confirmed and nothing is lost.
    running(&mut fixture, 1, 34);
    assert_eq!(doubt(&mut fixture, day(2)), None);
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    // A virtual machine that was suspended continues as soon as a request agrees.
    let request = request_at(&fixture, &mut Computer::new("B"), day(28));
    assert_eq!(refused(fixture.activate(&request, day(28))), "seat.none_free");
}

/// A request with a mistyped code is refused, which is an event of this time.
fn mistyped(fixture: &mut Fixture, now: Timestamp) {
    let mut computer = Computer { code: "WR0NG-C0DE-0000".to_owned(), ..Computer::new("X") };
    let request = request_at(fixture, &mut computer, now);
    assert_eq!(refused(fixture.activate(&request, now)), "code.unknown");
}

/// A seat of A's from day 1, whose lease and grace end on day 38, and a newest record of day 20.
/// The machine has been restarted since.
fn restarted_after_day_20(seats: u32) -> (Fixture, SeatId) {
    let mut fixture = vendor(seats);
    running(&mut fixture, 1, 0);
    let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
    running(&mut fixture, 1, 24 * 19);
    mistyped(&mut fixture, day(20));
    running(&mut fixture, 2, 1);
    (fixture, seat)
}

#[test]
fn after_a_restart_a_clock_that_a_request_contradicts_reuses_no_running_seat() {
    let (mut fixture, seat) = restarted_after_day_20(1);
    let wrong = day(49);
    // An event without a time of its own doesn't make the clock count.
    mistyped(&mut fixture, wrong);
    let request = request_at(&fixture, &mut Computer::new("B"), day(21));
    assert_eq!(refused(fixture.preview(&request, wrong)), "clock.disputed");
    assert_eq!(refused(fixture.activate(&request, wrong)), "clock.disputed");
    assert_eq!(fixture.state(seat, day(21)), SeatState::Active);
    // With the clock right, nothing was lost.
    assert!(fixture.issuer.refresh(seat, day(21)).is_ok());
}

#[test]
fn after_a_restart_an_old_request_gets_a_seat_that_is_free_by_any_clock() {
    let (mut fixture, _) = restarted_after_day_20(2);
    // The machine was off for twelve days, and the letter was nearly as long on its way.
    let letter = request_at(&fixture, &mut Computer::new("B"), day(22));
    assert!(fixture.activate(&letter, day(32)).is_ok());
    // It doesn't confirm the clock for others, while A's lease may still be running.
    let letter = request_at(&fixture, &mut Computer::new("C"), day(22));
    assert_eq!(refused(fixture.activate(&letter, day(49))), "clock.disputed");
    let agrees = request_at(&fixture, &mut Computer::new("C"), day(49));
    assert!(matches!(
        fixture.activate(&agrees, day(49)).unwrap().grounds,
        GrantReason::Reused { .. }
    ));
}

/// The server is ahead by six days, which is less than a request's time may differ.
#[test]
fn a_request_that_agrees_ends_no_lease_that_runs_by_its_own_time() {
    let (mut fixture, seat) = restarted_after_day_20(1);
    // A's lease and grace end between the two.
    let (right, wrong) = (day(34), day(40));
    let request = request_at(&fixture, &mut Computer::new("B"), right);
    assert_eq!(refused(fixture.activate(&request, wrong)), "clock.disputed");
    assert_eq!(fixture.state(seat, right), SeatState::LeaseExpired);
    let agrees = request_at(&fixture, &mut Computer::new("B"), wrong);
    assert!(fixture.activate(&agrees, wrong).is_ok());
}

#[test]
fn a_request_is_compared_with_what_running_time_explains_not_with_an_old_record() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 0);
    let mut a = Computer::new("A");
    let seat = fixture.seat_of(&mut a, day(1));
    // Nothing was written for forty days, and the clock was set ahead by twenty.
    running(&mut fixture, 1, 24 * 40);
    let request = request_at(&fixture, &mut Computer::new("B"), day(41));
    assert_eq!(refused(fixture.activate(&request, day(61))), "clock.disputed");
    assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
    assert!(fixture.activate(&request, day(41)).is_ok());
}

#[test]
fn a_computer_whose_clock_is_far_ahead_does_not_confirm_a_wrong_clock() {
    // After a restart, and within one boot.
    for (boot, wrong) in [(2, day(301)), (1, day(30))] {
        let mut fixture = vendor(1);
        running(&mut fixture, 1, 10);
        let seat = fixture.seat_of(&mut Computer::new("A"), day(1));
        running(&mut fixture, boot, 11);
        for said in [day(20_000), wrong + TimeDelta::days(200), wrong + TimeDelta::days(16)] {
            let request = request_at(&fixture, &mut Computer::new("B"), said);
            assert_eq!(refused(fixture.activate(&request, wrong)), "clock.disputed", "{said}");
            assert_eq!(fixture.state(seat, day(2)), SeatState::Active);
        }
    }
}

#[test]
fn a_seat_that_is_returned_under_an_unexplained_clock_is_free_when_the_clock_is_right() {
    for by_vendor in [false, true] {
        let mut fixture = vendor(1);
        running(&mut fixture, 1, 10);
        let mut a = Computer::new("A");
        let seat = fixture.seat_of(&mut a, day(1));
        // By the second clock, after a restart, its lease and grace are over.
        let (boot, wrong) = if by_vendor { (1, day(20)) } else { (2, day(45)) };
        running(&mut fixture, boot, 34);
        if by_vendor {
            fixture.issuer.release(seat, true, wrong).unwrap();
        } else {
            let token = a.deactivation(&fixture, seat);
            assert_eq!(fixture.issuer.deactivate(&token, wrong).unwrap().taken_until, None);
            assert_eq!(fixture.last_notes().1, "clock_unexplained");
        }
        assert_eq!(doubt(&mut fixture, day(3)), None);
        let request = request_at(&fixture, &mut Computer::new("B"), day(3));
        let granted = fixture.activate(&request, day(3));
        assert_eq!(granted.unwrap().grounds, GrantReason::Free, "{by_vendor}");
    }
}

#[test]
fn an_unexplained_clock_makes_no_early_return_a_late_one() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 10);
    for _ in 0..4 {
        let mut computer = Computer::new("A");
        let request = request_at(&fixture, &mut computer, day(1));
        let seat = fixture.activate(&request, day(1)).unwrap().seat;
        let token = computer.deactivation(&fixture, seat);
        assert_eq!(fixture.issuer.deactivate(&token, day(1)).unwrap().taken_until, None);
    }
    let mut computer = Computer::new("A");
    let request = request_at(&fixture, &mut computer, day(1));
    let seat = fixture.activate(&request, day(1)).unwrap().seat;
    // By a clock that is a hundred days ahead after a restart, lease and grace are over.
    running(&mut fixture, 2, 1);
    let token = computer.deactivation(&fixture, seat);
    fixture.issuer.deactivate(&token, day(100)).unwrap();
    let other = request_at(&fixture, &mut Computer::new("B"), day(2));
    assert_eq!(refused(fixture.activate(&other, day(2))), "seat.none_free");
}

#[test]
fn a_deactivation_is_accepted_at_any_clock_and_dated_by_the_newest_record() {
    for wrong in [day(3_650), day(-400)] {
        let mut fixture = vendor(1);
        let mut a = Computer::new("A");
        let seat = fixture.seat_of(&mut a, day(1));
        let token = a.deactivation(&fixture, seat);
        assert_eq!(fixture.issuer.deactivate(&token, wrong).unwrap().outcome, Outcome::Released);
        assert_eq!(fixture.issuer.seats(None, day(2)).unwrap()[0].closed_at, Some(day(1)));
        assert_eq!(doubt(&mut fixture, day(2)), None);
        let request = request_at(&fixture, &mut Computer::new("B"), day(2));
        assert_eq!(fixture.activate(&request, day(2)).unwrap().grounds, GrantReason::Free);
    }
}

#[test]
fn a_database_of_an_older_version_takes_its_newest_audit_row_as_the_newest_record() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    drop(Issuer::set_up(&data, "Acme", day(7)).unwrap());
    let path = data.join("issuer.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP INDEX audit_counted;
         ALTER TABLE audit DROP COLUMN hour;
         ALTER TABLE audit DROP COLUMN count;
         ALTER TABLE operator DROP COLUMN generation;
         ALTER TABLE entitlement DROP COLUMN request_every;
         ALTER TABLE seat DROP COLUMN refreshes;
         ALTER TABLE request DROP COLUMN code_given;
         DROP TABLE clock; DROP TABLE seat_return; DROP INDEX seat_chain;
         ALTER TABLE vendor DROP COLUMN early_returns;
         ALTER TABLE entitlement DROP COLUMN returns_seen_at;
         PRAGMA user_version = 3;",
    )
    .unwrap();
    drop(old);
    // Opening it a second time leaves nothing to do.
    for _ in 0..2 {
        let mut issuer = Issuer::open(&data, day(8)).unwrap();
        assert_eq!(issuer.compare_clock(day(8)).unwrap().newest, Some(day(7)));
        assert_eq!(issuer.early_returns().unwrap(), 4);
        assert!(issuer.audit().unwrap().iter().all(|row| row.counted.is_none()));
    }
}

#[test]
fn a_grant_reports_a_computer_clock_that_is_more_than_a_day_off() {
    let hours = |hours| day(10) + chrono::TimeDelta::hours(hours);
    for (clock, named) in [(-25, true), (-23, false), (0, false), (23, false), (25, true)] {
        let mut fixture = vendor(1);
        let mut computer = Computer { clock: hours(clock), ..Computer::new("A") };
        let request = computer.request(&fixture);
        let granted = fixture.activate(&request, day(10)).unwrap();
        assert_eq!(granted.computer_clock, named.then_some(hours(clock)), "{clock} hours");
        // A repeated request keeps its age.
        let again = fixture.activate(&request, day(20)).unwrap();
        assert_eq!((again.grounds, again.computer_clock), (GrantReason::Repeated, None));
    }
}

#[test]
fn a_grant_says_whether_its_lease_is_over_by_the_clock_of_its_computer() {
    let hours = |hours| day(10) + TimeDelta::hours(hours);
    // The lease, the computer's clock in hours from the server's, and what the grant says.
    for (lease, clock, named, over) in [
        ("30d", 0, false, false),
        ("30d", -24 * 400, true, false),
        ("30d", 24 * 30 - 1, true, false),
        ("30d", 24 * 30, true, true),
        ("30d", 24 * 3650, true, true),
        // Less than a day ahead is enough for a short lease.
        ("12h", 11, false, false),
        ("12h", 12, true, true),
        ("12h", -12, false, false),
    ] {
        let mut fixture = Fixture::new(1);
        let lease = Update::Set(lease.parse().unwrap());
        fixture.set(EntitlementTerms { offline_lease: lease, ..Default::default() });
        let request = request_at(&fixture, &mut Computer::new("A"), hours(clock));
        let granted = fixture.activate(&request, day(10)).unwrap();
        assert_eq!(granted.computer_clock, named.then_some(hours(clock)), "{clock} hours");
        assert_eq!(granted.is_over_by_computer_clock(), over, "{clock} hours");
        // The same response says it again, as the clock may still be wrong.
        let again = fixture.activate(&request, day(10)).unwrap();
        assert_eq!(again.grounds, GrantReason::Repeated);
        assert_eq!(again.is_over_by_computer_clock(), over, "{clock} hours");
        // After the lease, it is over whatever the computer's clock shows.
        let expiry = granted.lease_expiry;
        for (later, is_over) in [(expiry - TimeDelta::seconds(1), false), (expiry, true)] {
            let again = fixture.activate(&request, later).unwrap();
            assert_eq!(again.token, granted.token);
            assert_eq!(again.is_over_at(later), is_over, "{clock} hours");
        }
    }
}

#[test]
fn a_probe_grants_nothing_and_fails_as_a_grant_does_while_the_clock_is_in_doubt() {
    let mut fixture = vendor(1);
    running(&mut fixture, 1, 0);
    let request = request_at(&fixture, &mut Computer::new("A"), day(100));
    fixture.activate(&request, day(100)).unwrap();
    let events = fixture.events();
    assert_eq!(fixture.issuer.probe_grant(day(100)), Ok(()));
    for (now, code) in [(day(99), "clock.behind"), (day(600), "clock.ahead")] {
        assert_eq!(refused(fixture.issuer.probe_grant(now)), code);
    }
    assert_eq!(fixture.events(), events, "a probe has written something");
    fixture.issuer.confirm_clock(day(99)).unwrap();
    assert_eq!(fixture.issuer.probe_grant(day(99)), Ok(()));
}
