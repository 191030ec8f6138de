//! A wrong clock on a real computer: the unmodified programs, with the wall clock, the boot and the running time moved
//! from outside.

use latchkey_e2e_support::{Boot, Clock, Computer, boots_are_possible};

use crate::scene::Scene;

const WEEK: &[&str] = &["--seats", "3", "--offline-lease", "7d"];

fn clock_state(computer: &Computer) -> String {
    computer.status()["clock"]["state"].as_str().unwrap_or_default().to_owned()
}

/// A computer that was started an hour ago and activated for a week.
fn active(scene: &Scene) -> Computer {
    let mut computer = scene.computer();
    computer.boot = Some(Boot { number: 1, hours: 1 });
    scene.activate(&computer, "Drawing office");
    assert_eq!(clock_state(&computer), "right");
    computer
}

#[test]
fn a_short_excursion_into_the_far_future_costs_nothing() {
    if !boots_are_possible() {
        return;
    }
    let scene = Scene::new(WEEK);
    let mut computer = active(&scene);

    // Running time is moved on between the calls: one that falls would be another boot's.
    computer.clock = Clock::days(4_000);
    computer.boot = Some(Boot { number: 1, hours: 2 });
    let status = computer.status();
    assert_eq!(status["state"], "lease_expired", "{status}");
    assert_eq!(status["clock"]["state"], "ahead");
    assert_eq!(status["clock"]["stops_licence"], true);
    computer.boot = Some(Boot { number: 1, hours: 3 });
    let said = computer.call().args(["status"]).run();
    assert!(said.stderr.contains("By this computer’s clock"), "{said}");
    assert!(said.stderr.contains("set it right, and the licence goes on at once"), "{said}");
    assert!(!said.stderr.contains("ran out on"), "{said}");

    computer.clock = Clock::NOW;
    computer.boot = Some(Boot { number: 1, hours: 4 });
    assert_eq!(computer.state(), "active");
    assert_eq!(clock_state(&computer), "right");
}

#[test]
fn a_far_future_that_a_restart_confirms_ends_the_lease_and_a_refresh_cures_it() {
    if !boots_are_possible() {
        return;
    }
    let scene = Scene::new(WEEK);
    let mut computer = active(&scene);
    let seat = computer.seat();

    computer.clock = Clock::days(400);
    assert_eq!(computer.state(), "lease_expired");
    computer.boot = Some(Boot { number: 2, hours: 0 });
    assert_eq!(computer.state(), "lease_expired");
    computer.clock = Clock::NOW;
    assert_eq!(computer.state(), "lease_expired");
    assert_eq!(clock_state(&computer), "behind");

    let _ = computer.apply(&scene.vendor.refresh_of(&seat)).succeeds();
    assert_eq!(computer.state(), "active");
    assert_eq!(clock_state(&computer), "right");
}

#[test]
fn while_the_clock_is_held_the_lease_runs_out_by_running_time_and_restarts() {
    if !boots_are_possible() {
        return;
    }
    let scene = Scene::new(WEEK);
    let mut computer = active(&scene);
    computer.clock = Clock::days(-30);
    // A boot with seven hours of running costs nineteen: nine of them are more than a week.
    for number in 2..12 {
        computer.boot = Some(Boot { number, hours: 0 });
        let state = computer.state();
        computer.boot = Some(Boot { number, hours: 7 });
        let _ = computer.state();
        let expected = if number < 11 { "active" } else { "lease_expired" };
        assert_eq!(state, expected, "boot {number}");
        assert_eq!(clock_state(&computer), "behind");
    }
}

#[test]
fn running_time_counts_in_one_boot_whatever_the_clock_shows() {
    if !boots_are_possible() {
        return;
    }
    let scene = Scene::new(WEEK);
    let mut computer = active(&scene);
    for (hours, state) in [(24 * 6, "active"), (24 * 7 + 2, "lease_expired")] {
        computer.boot = Some(Boot { number: 1, hours });
        assert_eq!(computer.state(), state, "{hours}");
    }
}
