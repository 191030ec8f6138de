//! Tests of the effective clock during a licence's life: restarts and running time, stored in the
//! vault.

use latchkey_lease::{BootId, Uptime};

use super::*;

impl Fixture {
    /// Another boot, or a later time in the same one.
    pub(super) fn runs(&mut self, boot: u8, hours: u64) {
        let boot = BootId::from_bytes([boot; 8]);
        self.device.uptime = Some(Uptime { boot, running: hours * 3_600 });
    }
}

/// A licence that is active for thirty days on a computer that has just been started.
fn active() -> Fixture {
    let mut fixture = fixture();
    fixture.runs(1, 0);
    fixture.activate(start());
    fixture
}

#[test]
fn a_lease_ends_by_running_time_if_the_clock_is_stopped() {
    let mut fixture = active();
    for day in 0..30 {
        assert!(fixture.device.status(start()).unwrap().may_run(), "day {day}");
        fixture.runs(1, 24 * (day + 1));
    }
    assert_eq!(fixture.device.status(start()).unwrap().state, State::LeaseExpired);
}

#[test]
fn restarts_with_a_slow_clock_cost_half_a_day_each() {
    let mut fixture = active();
    let mut boots = 0;
    while fixture.device.status(days(-400)).unwrap().state == State::Active {
        boots += 1;
        fixture.runs(1 + boots, 0);
        fixture.device.status(days(-400)).unwrap();
        fixture.runs(1 + boots, 8);
    }
    // Each day costs eight hours of running time and twelve for being off: thirty days are
    // thirty-six times that.
    assert_eq!(boots, 36);
}

#[test]
fn an_excursion_into_the_far_future_costs_nothing_once_it_is_over() {
    let mut fixture = active();
    fixture.runs(1, 1);
    let status = fixture.device.status(days(4_000)).unwrap();
    assert!(matches!(status.clock, ClockState::Ahead { .. }));
    assert_eq!((status.state, status.effective_now), (State::LeaseExpired, days(4_000)));
    assert!(!status.may_run() && status.is_over_by_clock_alone());
    fixture.runs(1, 3);
    let status = fixture.device.status(start() + TimeDelta::hours(3)).unwrap();
    assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
    assert!(!status.is_over_by_clock_alone());
}

#[test]
fn a_jump_ahead_within_the_lease_is_reported_and_stops_nothing() {
    let mut fixture = fixture();
    fixture.runs(1, 0);
    let (_, response) = fixture.vendor.grant(&fixture.request(start()), seat(7), start(), 365);
    fixture.apply(&response, start());
    let status = fixture.device.status(days(100)).unwrap();
    assert!(matches!(status.clock, ClockState::Ahead { .. }));
    assert_eq!((status.state, status.effective_now), (State::Active, days(100)));
    assert!(!status.is_over_by_clock_alone());
}

#[test]
fn a_lease_that_is_over_by_more_than_the_wall_clock_has_simply_expired() {
    let mut fixture = active();
    for day in 1..38 {
        fixture.runs(1, 24 * day);
        fixture.device.status(start()).unwrap();
    }
    let status = fixture.device.status(days(4_000)).unwrap();
    assert!(matches!(status.clock, ClockState::Ahead { .. }));
    assert!(!status.may_run() && !status.is_over_by_clock_alone());
}

#[test]
fn a_lease_ends_even_if_nothing_can_be_persisted() {
    let mut fixture = active();
    fixture.store.set_fault(Some(Fault::Write(StoreError::Denied)));
    let vault = fixture.store.item();
    for (day, state, runs) in [
        (29, State::Active, true),
        (31, State::LeaseExpired, true),
        (38, State::LeaseExpired, false),
        (45, State::LeaseExpired, false),
        (365, State::LeaseExpired, false),
        (3_650, State::LeaseExpired, false),
    ] {
        // Both in the same boot and in another one.
        for (boot, hours) in [(1, 1), (2, 0)] {
            fixture.runs(boot, hours);
            let status = fixture.device.status(days(day)).unwrap();
            assert_eq!((status.state, status.may_run()), (state, runs), "day {day}");
            assert_eq!(fixture.device.status(days(day)).unwrap().may_run(), runs, "day {day}");
            let snapshot = fixture.device.snapshot().unwrap();
            let judged = fixture.device.judge(&snapshot, days(day)).unwrap();
            assert_eq!((judged.state, judged.may_run()), (state, runs), "day {day}");
        }
    }
    assert_eq!(fixture.store.item(), vault);
    // The licence continues if the clock was always wrong.
    assert_eq!(fixture.state(days(2)), State::Active);
}

#[test]
fn a_lease_ends_even_if_the_vault_is_restored_before_every_check() {
    let mut fixture = active();
    let vault = fixture.store.item();
    for (number, day) in [29, 31, 38, 45, 365, 3_650].into_iter().enumerate() {
        for boot in [1, u8::try_from(number).unwrap() + 2] {
            fixture.store.set_item(vault.clone());
            fixture.runs(boot, 0);
            let status = fixture.device.status(days(day)).unwrap();
            assert_eq!(status.may_run(), day < 37, "day {day}");
            assert_eq!(status.state == State::Active, day < 30, "day {day}");
        }
    }
}

#[test]
fn without_persistence_a_jump_is_reported_only_if_it_ends_the_lease() {
    let mut fixture = fixture();
    fixture.runs(1, 0);
    let (_, response) = fixture.vendor.grant(&fixture.request(start()), seat(7), start(), 60);
    fixture.apply(&response, start());
    fixture.store.set_fault(Some(Fault::Write(StoreError::Denied)));
    fixture.runs(2, 0);
    let status = fixture.device.status(days(45)).unwrap();
    assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
    let status = fixture.device.status(days(68)).unwrap();
    assert!(matches!(status.clock, ClockState::Ahead { .. }));
    assert!(status.is_over_by_clock_alone());
}

#[test]
fn a_request_during_a_wall_clock_expiry_is_harmless() {
    let mut fixture = active();
    fixture.runs(1, 1);
    let request = fixture.request(days(4_000));
    assert_eq!(fixture.state(start()), State::Active);
    // A vendor with a correct clock answers it: the response is expired by this clock, and valid
    // once the clock is corrected.
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(1), 30);
    fixture.refused(&response, days(4_000), codes::LEASE_ALREADY_OVER);
    fixture.runs(1, 25);
    let outcome = fixture.apply(&response, days(1));
    assert!(matches!(&outcome, ApplyOutcome::Activated(l) if l.lease_expiry == days(31)));
    assert_eq!(fixture.state(days(1)), State::Active);
}

#[test]
fn a_token_refused_by_a_wrong_clock_is_accepted_later() {
    // In the first boot the time is only judged by, in the second it is persisted.
    for wrong in [60, 4_000] {
        for boots in [1, 2] {
            let mut fixture = active();
            for boot in 1..=boots {
                fixture.runs(boot, 1);
                fixture.device.status(days(wrong)).unwrap();
            }
            let refresh = fixture.refresh(days(1));
            fixture.refused(&refresh, days(wrong), codes::LEASE_ALREADY_OVER);
            fixture.runs(boots, 2);
            let outcome = fixture.apply(&refresh, days(1));
            assert!(matches!(&outcome, ApplyOutcome::Refreshed(l) if l.lease_expiry == days(31)));
            let status = fixture.device.status(days(1)).unwrap();
            assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
        }
    }
}

#[test]
fn a_vendor_clock_that_was_a_year_ahead_is_corrected_by_the_next_correct_token() {
    // Once in the refresh, and once in the response.
    for in_the_response in [true, false] {
        let mut fixture = fixture();
        fixture.runs(1, 0);
        if in_the_response {
            let (_, wrong) =
                fixture.vendor.grant(&fixture.request(start()), seat(7), days(400), 30);
            fixture.apply(&wrong, start());
        } else {
            fixture.activate(start());
            fixture.apply(&fixture.refresh(days(400)), start());
        }
        let status = fixture.device.status(start()).unwrap();
        assert!(matches!(status.clock, ClockState::Behind { .. }));
        let licence = status.licence.unwrap();
        assert_eq!((licence.lease_start, licence.lease_expiry), (days(400), days(430)));

        fixture.runs(1, 24);
        let right = fixture.refresh(days(1));
        let outcome = fixture.apply(&right, days(1));
        assert!(matches!(&outcome, ApplyOutcome::Refreshed(_)), "{outcome:?}");
        let status = fixture.device.status(days(1)).unwrap();
        assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
        assert_eq!(status.effective_now, days(1));
        let licence = status.licence.unwrap();
        assert_eq!((licence.lease_start, licence.lease_expiry), (days(1), days(31)));
    }
}

#[test]
fn a_vendor_clock_that_was_a_year_ahead_is_corrected_by_deactivating_and_activating() {
    let mut fixture = active();
    fixture.apply(&fixture.refresh(days(400)), start());
    fixture.device.deactivate(start()).unwrap();
    fixture.runs(1, 1);
    fixture.activate(start());
    let status = fixture.device.status(start()).unwrap();
    assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
    assert_eq!(status.licence.unwrap().lease_expiry, days(30));
}

#[test]
fn a_vendor_clock_a_year_slow_ends_no_running_lease() {
    let mut fixture = active();
    fixture.runs(1, 24);
    fixture.refused(&fixture.refresh(days(-400)), days(1), codes::LEASE_ALREADY_OVER);
    assert_eq!(fixture.state(days(1)), State::Active);
    let outcome = fixture.apply(&fixture.refresh(days(1)), days(1));
    assert!(matches!(outcome, ApplyOutcome::Refreshed(_)));
}

#[test]
fn applying_an_older_token_again_turns_no_time_back() {
    let mut fixture = fixture();
    fixture.runs(1, 0);
    let response = fixture.response(start());
    fixture.apply(&response, start());
    let (older, newer) = (fixture.refresh(days(1)), fixture.refresh(days(20)));
    fixture.runs(1, 20 * 24);
    fixture.apply(&newer, days(20));
    fixture.runs(1, 25 * 24);
    fixture.device.status(days(0)).unwrap();
    let effective = |fixture: &Fixture| fixture.device.status(start()).unwrap().effective_now;
    assert_eq!(effective(&fixture), days(25));
    fixture.refused(&older, start(), codes::REFRESH_OLDER);
    for again in [&newer, &response] {
        let outcome = fixture.apply(again, start());
        assert!(matches!(outcome, ApplyOutcome::AlreadyApplied(_)), "{outcome:?}");
    }
    assert_eq!(effective(&fixture), days(25));
}

#[test]
fn a_future_clock_confirmed_by_a_restart_is_persisted_until_a_refresh() {
    let mut fixture = active();
    fixture.device.status(days(4_000)).unwrap();
    fixture.runs(2, 0);
    assert_eq!(fixture.device.status(days(4_000)).unwrap().state, State::LeaseExpired);
    assert_eq!(fixture.device.status(days(1)).unwrap().state, State::LeaseExpired);
    fixture.apply(&fixture.refresh(days(1)), days(1));
    assert_eq!(fixture.state(days(1)), State::Active);
}

#[test]
fn a_withheld_refresh_works_only_while_the_clock_is_set_back() {
    let mut fixture = active();
    let held_back = fixture.refresh(days(0));
    fixture.runs(1, 20 * 24);
    fixture.device.status(days(20)).unwrap();
    fixture.runs(1, 40 * 24);
    // By a correct clock it is over.
    fixture.refused(&held_back, days(40), codes::LEASE_ALREADY_OVER);
    let outcome = fixture.apply(&held_back, start());
    assert!(matches!(outcome, ApplyOutcome::Refreshed(_)));
    for day in 0..=37 {
        fixture.runs(1, (40 + day) * 24);
        assert_eq!(fixture.device.status(start()).unwrap().may_run(), day < 37, "day {day}");
    }
    assert!(matches!(fixture.apply(&held_back, start()), ApplyOutcome::AlreadyApplied(_)));
    assert!(!fixture.device.status(start()).unwrap().may_run());
    // Nor does it run meanwhile if the clock is correct.
    assert!(!fixture.device.status(days(78)).unwrap().may_run());
}

#[test]
fn each_restart_is_recorded_once() {
    let mut fixture = active();
    let writes = fixture.store.writes();
    let minutes = |minutes| start() + TimeDelta::minutes(minutes);
    fixture.runs(2, 0);
    for minute in 1..5 {
        fixture.device.status(minutes(minute)).unwrap();
    }
    assert_eq!(fixture.store.writes(), writes + 1);
}
