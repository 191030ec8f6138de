//! The effective clock as a licence meets it: restarts and running time, kept in the vault.

use latchkey_lease::{BootId, Uptime};

use super::*;

impl World {
    /// Another boot, or further on in the same one.
    fn runs(&mut self, boot: u8, hours: u64) {
        let boot = BootId::from_bytes([boot; 8]);
        self.device.uptime = Some(Uptime { boot, running: hours * 3_600 });
    }
}

/// Active for thirty days on a computer that was started just now.
fn active() -> World {
    let mut world = world();
    world.runs(1, 0);
    world.activate(start());
    world
}

#[test]
fn a_lease_ends_by_running_time_when_the_clock_is_held() {
    let mut world = active();
    for day in 0..30 {
        assert!(world.device.status(start()).unwrap().may_run(), "day {day}");
        world.runs(1, 24 * (day + 1));
    }
    assert_eq!(world.device.status(start()).unwrap().state, State::LeaseExpired);
}

#[test]
fn restarts_with_a_clock_that_is_held_far_behind_cost_half_a_day_each() {
    let mut world = active();
    let mut boots = 0;
    while world.device.status(days(-400)).unwrap().state == State::Active {
        boots += 1;
        world.runs(1 + boots, 0);
        world.device.status(days(-400)).unwrap();
        world.runs(1 + boots, 8);
    }
    // Eight hours of running and twelve for having been off: thirty days are thirty-six times that.
    assert_eq!(boots, 36);
}

#[test]
fn an_excursion_into_the_far_future_costs_nothing_once_it_is_over() {
    let mut world = active();
    world.runs(1, 1);
    let status = world.device.status(days(4_000)).unwrap();
    assert!(matches!(status.clock, ClockState::Ahead { .. }));
    assert!(status.may_run());
    world.runs(1, 3);
    let status = world.device.status(start() + SignedDuration::from_hours(3)).unwrap();
    assert_eq!((status.state, status.clock), (State::Active, ClockState::Right));
}

#[test]
fn a_far_future_that_a_restart_confirms_is_believed_and_a_refresh_cures_it() {
    let mut world = active();
    world.device.status(days(4_000)).unwrap();
    world.runs(2, 0);
    assert_eq!(world.device.status(days(4_000)).unwrap().state, State::LeaseExpired);
    assert_eq!(world.device.status(days(1)).unwrap().state, State::LeaseExpired);
    world.apply(&world.refresh(days(1)), days(1));
    assert_eq!(world.state(days(1)), State::Active);
}

#[test]
fn a_refresh_that_was_held_back_does_not_turn_time_back_behind_what_ran_since() {
    let mut world = active();
    let held_back = world.refresh(days(0));
    world.runs(1, 20 * 24);
    world.device.status(days(100)).unwrap();
    world.runs(1, 30 * 24);
    // Its thirty days began when the lease did, and they have run.
    let outcome = world.apply(&held_back, start());
    let ApplyOutcome::Refreshed(licence) = outcome else { panic!("{outcome:?}") };
    assert!(licence.in_grace);
}

#[test]
fn each_restart_is_remembered_once() {
    let mut world = active();
    let writes = world.store.writes();
    let minutes = |minutes| start() + SignedDuration::from_mins(minutes);
    world.runs(2, 0);
    for minute in 1..5 {
        world.device.status(minutes(minute)).unwrap();
    }
    assert_eq!(world.store.writes(), writes + 1);
}
