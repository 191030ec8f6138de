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
fn a_vendors_clock_ten_years_ahead_once_takes_no_seat_away_and_grants_no_ten_years() {
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
fn a_vendors_clock_that_falls_behind_grants_nothing_until_it_is_confirmed() {
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
fn a_vendor_who_was_idle_for_two_hundred_days_is_asked_nothing() {
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
fn after_two_hundred_idle_days_a_computer_that_denies_the_vendors_clock_takes_nobodys_seat() {
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
fn one_seat_on_five_computers_is_noticed_and_the_sixth_waits_for_the_end_of_the_lease() {
    let fixture = Fixture::new(ONE_SEAT);
    for number in 1..=5 {
        let computer = fixture.active_computer(&format!("PC {number}"));
        // The vault is copied and put back: the computer goes on running.
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
