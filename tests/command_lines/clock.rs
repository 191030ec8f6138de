//! A wrong clock on a computer: the unmodified programs run with the wall clock, the boot ID and
//! the uptime changed from outside.

use latchkey_e2e_support::{
    Boot, Clock, Computer, Mounts, boots_are_possible, mounts_are_possible,
};

use crate::fixture::Fixture;

const WEEK: &[&str] = &["--seats", "3", "--offline-lease", "7d"];

fn clock_state(computer: &Computer) -> String {
    computer.status()["clock"]["state"].as_str().unwrap_or_default().to_owned()
}

/// A computer that was started an hour ago and activated for a week.
fn active(fixture: &Fixture) -> Computer {
    let mut computer = fixture.computer();
    computer.boot = Some(Boot { number: 1, hours: 1 });
    fixture.activate(&computer, "Drawing office");
    assert_eq!(clock_state(&computer), "right");
    computer
}

#[test]
fn a_short_jump_into_the_far_future_costs_nothing() {
    if !boots_are_possible() {
        return;
    }
    let fixture = Fixture::new(WEEK);
    let mut computer = active(&fixture);

    // Running time is moved on between the calls: one that falls would be another boot's.
    computer.clock = Clock::days(4_000);
    computer.boot = Some(Boot { number: 1, hours: 2 });
    let status = computer.status();
    assert_eq!(status["state"], "lease_expired", "{status}");
    assert_eq!(status["clock"]["state"], "ahead");
    assert_eq!(status["clock"]["stops_licence"], true);
    computer.boot = Some(Boot { number: 1, hours: 3 });
    let said = computer.call().args(["status"]).run();
    assert!(said.stdout.contains("By this computer’s clock"), "{said}");
    assert!(
        said.stdout.contains("set it right, and the licence works again immediately"),
        "{said}"
    );
    assert!(!said.stdout.contains("expired on"), "{said}");

    computer.clock = Clock::NOW;
    computer.boot = Some(Boot { number: 1, hours: 4 });
    assert_eq!(computer.state(), "active");
    assert_eq!(clock_state(&computer), "right");
}

/// A time in the past, in seconds since 1970, on a computer's clock.
fn set_back_to(seconds: i64) -> Clock {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.expect("a time").as_secs()).expect("a time");
    Clock::seconds(seconds - now)
}

#[test]
fn a_computer_whose_clock_stands_decades_back_is_activated_and_its_clock_is_named() {
    // Right after the epochs of Unix, of DOS and of many a built-in clock: no battery keeps it.
    for (seconds, year) in [(90, "1970-01-01"), (315_532_900, "1980-01-01"), (946_684_900, "2000-")]
    {
        let fixture = Fixture::new(WEEK);
        let mut computer = fixture.computer();
        computer.clock = set_back_to(seconds);
        let request = computer.request(fixture.code());
        let granted = fixture.vendor.call().args(["activate", "-"]).input(request).run().succeeds();
        assert!(granted.stderr.contains(&format!("clock showed {year}")), "{granted}");
        let response = granted.tokens().pop().expect("a response");
        let _ = computer.apply(&response).succeeds();
        assert_eq!(computer.state(), "active", "{year}");
        assert_eq!(clock_state(&computer), "behind", "{year}");

        // Once the clock is right, the licence is active again and lasts for the whole week.
        computer.clock = Clock::NOW;
        assert_eq!(computer.state(), "active", "{year}");
        assert_eq!(
            (clock_state(&computer).as_str(), fixture.seats_in_use()),
            ("right", 1),
            "{year}"
        );
        computer.clock = Clock::days(6);
        assert_eq!(computer.state(), "active", "{year}");
    }
}

#[test]
fn a_future_clock_confirmed_by_a_restart_ends_the_lease_until_a_refresh() {
    if !boots_are_possible() {
        return;
    }
    let fixture = Fixture::new(WEEK);
    let mut computer = active(&fixture);
    let seat = computer.seat();

    computer.clock = Clock::days(400);
    assert_eq!(computer.state(), "lease_expired");
    computer.boot = Some(Boot { number: 2, hours: 0 });
    assert_eq!(computer.state(), "lease_expired");
    computer.clock = Clock::NOW;
    assert_eq!(computer.state(), "lease_expired");
    assert_eq!(clock_state(&computer), "behind");

    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();
    assert_eq!(computer.state(), "active");
    assert_eq!(clock_state(&computer), "right");
}

#[test]
fn with_a_frozen_clock_running_time_and_restarts_end_the_lease() {
    if !boots_are_possible() {
        return;
    }
    let fixture = Fixture::new(WEEK);
    let mut computer = active(&fixture);
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
fn running_time_counts_within_one_boot_whatever_the_clock_shows() {
    if !boots_are_possible() {
        return;
    }
    let fixture = Fixture::new(WEEK);
    let mut computer = active(&fixture);
    for (hours, state) in [(24 * 6, "active"), (24 * 7 + 2, "lease_expired")] {
        computer.boot = Some(Boot { number: 1, hours });
        assert_eq!(computer.state(), state, "{hours}");
    }
}

/// Days after which a week's lease is over, whatever was done to the vault.
const LATER: [i64; 4] = [31, 45, 365, 3_650];

#[test]
fn a_lease_ends_without_a_writable_vault_and_resumes_once_the_clock_is_right() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(WEEK);
    let mut computer = fixture.active_computer("Drawing office");
    let before = std::fs::read(computer.vault()).expect("the vault");
    let folder = computer.vault().parent().expect("a folder").display().to_string();
    let mounts = Mounts::new(&[
        format!("mount --bind '{folder}' '{folder}'"),
        format!("mount -o remount,ro,bind '{folder}'"),
    ]);
    computer.mounts = Some(mounts.expect("a read-only mount"));
    for days in LATER {
        computer.clock = Clock::days(days);
        assert_eq!(computer.state(), "lease_expired", "after {days} days");
    }
    computer.clock = Clock::NOW;
    assert_eq!(computer.state(), "active");
    assert_eq!(std::fs::read(computer.vault()).expect("the vault"), before);
}

#[test]
fn restoring_the_vault_before_each_start_does_not_extend_the_lease() {
    let fixture = Fixture::new(WEEK);
    let mut computer = fixture.active_computer("Drawing office");
    let pristine = std::fs::read(computer.vault()).expect("the vault");
    for days in LATER {
        std::fs::write(computer.vault(), &pristine).expect("the vault");
        computer.clock = Clock::days(days);
        assert_eq!(computer.state(), "lease_expired", "after {days} days");
    }
    std::fs::write(computer.vault(), &pristine).expect("the vault");
    computer.clock = Clock::NOW;
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_refresh_from_a_wrong_server_clock_is_corrected_by_the_next_one() {
    let mut fixture = Fixture::new(WEEK);
    let computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    fixture.vendor.clock = Clock::days(400);
    let wrong = fixture.vendor.json(&["refresh", &seat]);
    // A server whose own clock is in doubt grants nothing; where it can't know, the token is
    // applied.
    if let Some(wrong) = wrong.json_token() {
        let _ = computer.apply(&wrong).succeeds();
    }
    fixture.vendor.clock = Clock::NOW;
    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();
    assert_eq!(computer.state(), "active");
    assert_eq!(clock_state(&computer), "right");
    assert_eq!((computer.seat(), fixture.seats_in_use()), (seat, 1));
}
