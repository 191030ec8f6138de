//! The vendor's clock is wrong once, or the vendor was inactive for a long time; tested with the
//! real programs.

use std::fs;

use latchkey_e2e_support::{Clock, Mounts, Vendor, mounts_are_possible, not_tested};

use crate::fixture::{Fixture, ONE_SEAT};

const AHEAD: &str = "clock.ahead";
const BEHIND: &str = "clock.behind";

/// The vendor's machine has been switched off and on again.
fn boots(vendor: &mut Vendor) {
    let fake = vendor.folder().expect("a folder").join("boot_id");
    fs::write(&fake, "00000000-0000-4000-8000-0000000000aa\n").expect("a boot id");
    let mount = format!("mount --bind '{}' /proc/sys/kernel/random/boot_id", fake.display());
    vendor.mounts = Some(Mounts::new(&[mount]).expect("a mount"));
}

#[test]
fn a_server_clock_ten_years_ahead_frees_no_seat_and_grants_no_ten_years() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let running = fixture.active_computer("Drawing office");
    let request = fixture.computer().request(fixture.code());

    fixture.vendor.clock = Clock::days(3_650);
    let _ = fixture.vendor.activate(&request).fails(5, AHEAD);
    let _ = fixture.vendor.json(&["refresh", &running.seat()]).fails(5, AHEAD);

    fixture.vendor.clock = Clock::NOW;
    let _ = running.apply(&fixture.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
    assert_eq!(fixture.seats_in_use(), 1);
}

#[test]
fn a_server_clock_set_back_grants_nothing_until_it_is_confirmed() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let running = fixture.active_computer("Drawing office");
    let request = fixture.computer().request(fixture.code());

    fixture.vendor.clock = Clock::days(-400);
    let _ = fixture.vendor.json(&["refresh", &running.seat()]).fails(5, BEHIND);
    let _ = fixture.vendor.activate(&request).fails(5, BEHIND);
    let _ = fixture.vendor.json(&["clock", "confirm"]).succeeds();
    let _ = fixture.vendor.json(&["refresh", &running.seat()]).succeeds();

    // Right again, 400 days later within one boot: the vendor is asked once more.
    fixture.vendor.clock = Clock::NOW;
    let _ = fixture.vendor.json(&["refresh", &running.seat()]).fails(5, AHEAD);
    let _ = fixture.vendor.json(&["clock", "confirm"]).succeeds();
    let _ = running.apply(&fixture.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
}

#[test]
fn an_idle_server_needs_no_clock_confirmation() {
    if !mounts_are_possible() {
        return not_tested("another boot of the vendor's machine");
    }
    let mut fixture = Fixture::new(ONE_SEAT);
    let old = fixture.active_computer("Drawing office");
    boots(&mut fixture.vendor);
    fixture.vendor.clock = Clock::days(200);
    let mut computer = fixture.computer();
    computer.clock = Clock::days(200);

    fixture.activate(&computer, "Workshop");

    let _ = fixture.vendor.json(&["refresh", &old.seat()]).fails(4, crate::codes::SEAT_REUSED);
}

#[test]
fn after_a_long_idle_time_a_disputed_server_clock_frees_no_seat() {
    if !mounts_are_possible() {
        return not_tested("another boot of the vendor's machine");
    }
    let mut fixture = Fixture::new(ONE_SEAT);
    let running = fixture.active_computer("Drawing office");
    boots(&mut fixture.vendor);
    // In truth no day has passed.
    fixture.vendor.clock = Clock::days(200);
    let _ = fixture
        .vendor
        .activate(&fixture.computer().request(fixture.code()))
        .fails(5, "clock.disputed");

    fixture.vendor.clock = Clock::NOW;
    let _ = running.apply(&fixture.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
}

#[test]
fn moving_one_seat_over_five_computers_is_detected_and_delays_the_sixth() {
    let fixture = Fixture::new(ONE_SEAT);
    for number in 1..=5 {
        let computer = fixture.active_computer(&format!("PC {number}"));
        // The vault is copied and restored, so the computer keeps its licence.
        let vault = fs::read(computer.vault()).expect("a vault");
        let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
        fs::write(computer.vault(), vault).expect("a vault");
        assert_eq!(computer.state(), "active");
    }
    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, crate::codes::NONE_FREE);
    let notices = fixture.vendor.json(&["notice", "list"]).succeeds().json();
    assert_eq!(notices["early_returns"][0]["returns"], 5, "{notices}");
    assert!(fixture.vendor.audit().contains("returned_too_often"));
}
