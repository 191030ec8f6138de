//! The vendor's own clock is wrong once, or the vendor was idle for long: with the real programs.

use std::fs;

use latchkey_e2e_support::{Clock, Mounts, Vendor, mounts_are_possible, not_tested};

use crate::fixture::{ONE_SEAT, Scene};

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
    let mut scene = Scene::new(ONE_SEAT);
    let running = scene.active_computer("Drawing office");
    let request = scene.computer().request(scene.code());

    scene.vendor.clock = Clock::days(3_650);
    let _ = scene.vendor.activate(&request).fails(5, AHEAD);
    let _ = scene.vendor.json(&["refresh", &running.seat()]).fails(5, AHEAD);

    scene.vendor.clock = Clock::NOW;
    let _ = running.apply(&scene.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
    assert_eq!(scene.seats_in_use(), 1);
}

#[test]
fn a_vendors_clock_that_falls_behind_grants_nothing_until_it_is_confirmed() {
    let mut scene = Scene::new(ONE_SEAT);
    let running = scene.active_computer("Drawing office");
    let request = scene.computer().request(scene.code());

    scene.vendor.clock = Clock::days(-400);
    let _ = scene.vendor.json(&["refresh", &running.seat()]).fails(5, BEHIND);
    let _ = scene.vendor.activate(&request).fails(5, BEHIND);
    let _ = scene.vendor.json(&["clock", "confirm"]).succeeds();
    let _ = scene.vendor.json(&["refresh", &running.seat()]).succeeds();

    // Right again, 400 days later within one boot: the vendor is asked once more.
    scene.vendor.clock = Clock::NOW;
    let _ = scene.vendor.json(&["refresh", &running.seat()]).fails(5, AHEAD);
    let _ = scene.vendor.json(&["clock", "confirm"]).succeeds();
    let _ = running.apply(&scene.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
}

#[test]
fn a_vendor_who_was_idle_for_two_hundred_days_is_asked_nothing() {
    if !mounts_are_possible() {
        return not_tested("another boot of the vendor's machine");
    }
    let mut scene = Scene::new(ONE_SEAT);
    let old = scene.active_computer("Drawing office");
    boots(&mut scene.vendor);
    scene.vendor.clock = Clock::days(200);
    let mut computer = scene.computer();
    computer.clock = Clock::days(200);

    scene.activate(&computer, "Workshop");

    let _ = scene.vendor.json(&["refresh", &old.seat()]).fails(4, crate::codes::SEAT_REUSED);
}

#[test]
fn after_two_hundred_idle_days_a_computer_that_denies_the_vendors_clock_takes_nobodys_seat() {
    if !mounts_are_possible() {
        return not_tested("another boot of the vendor's machine");
    }
    let mut scene = Scene::new(ONE_SEAT);
    let running = scene.active_computer("Drawing office");
    boots(&mut scene.vendor);
    // In truth no day has passed.
    scene.vendor.clock = Clock::days(200);
    let _ =
        scene.vendor.activate(&scene.computer().request(scene.code())).fails(5, "clock.disputed");

    scene.vendor.clock = Clock::NOW;
    let _ = running.apply(&scene.vendor.refresh_of(&running.seat())).succeeds();
    assert_eq!(running.state(), "active");
}

#[test]
fn one_seat_on_five_computers_is_noticed_and_the_sixth_waits_for_the_end_of_the_lease() {
    let scene = Scene::new(ONE_SEAT);
    for number in 1..=5 {
        let computer = scene.active_computer(&format!("PC {number}"));
        // The vault is copied and put back: the computer goes on running.
        let vault = fs::read(computer.vault()).expect("a vault");
        let _ = scene.vendor.deactivate(&computer.deactivate()).succeeds();
        fs::write(computer.vault(), vault).expect("a vault");
        assert_eq!(computer.state(), "active");
    }
    let request = scene.computer().request(scene.code());
    let _ = scene.vendor.activate(&request).fails(3, crate::codes::NONE_FREE);
    let notices = scene.vendor.json(&["notice", "list"]).succeeds().json();
    assert_eq!(notices["early_returns"][0]["returns"], 5, "{notices}");
    assert!(scene.vendor.audit().contains("returned_too_often"));
}
