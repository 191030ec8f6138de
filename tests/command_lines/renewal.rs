//! The policy that every N-th renewal needs a request, on the device and on the server.

use std::fs;

use crate::codes;
use crate::fixture::{Fixture, ONE_SEAT};

/// One seat, a week's lease, and each second renewal needs a request.
const EVERY_SECOND: &[&str] = &["--seats", "1", "--offline-lease", "7d", "--request-every", "2"];

#[test]
fn a_licence_is_extended_by_refresh_and_renewal_in_turn() {
    let mut fixture = Fixture::new(EVERY_SECOND);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    for week in 0..3 {
        fixture.days_later(12 * week + 6, [&mut computer]);
        let refresh = fixture.vendor.refresh_of(&seat);
        let _ = computer.apply(&refresh).succeeds();

        fixture.days_later(12 * week + 12, [&mut computer]);
        let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::NEEDS_REQUEST);
        let before = computer.status()["lease_expiry"].clone();
        let request = computer.renewal(fixture.code());
        let status = computer.status();
        assert_eq!((&status["state"], &status["lease_expiry"]), (&"active".into(), &before));
        let response = fixture.vendor.response_to(&request);
        let _ = computer.apply(&response).succeeds();
        let status = computer.status();
        assert_eq!((&status["state"], &status["pending_requests"]), (&"active".into(), &0.into()));
        assert_eq!((computer.seat(), fixture.vendor.seats(None).len()), (seat.clone(), 1));
    }
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn a_renewal_during_a_running_lease_must_be_requested_explicitly() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let renew = ["request", "--renew", "--code", "-"];
    let _ = computer.json_with(&renew, fixture.code()).fails(4, codes::NOTHING_TO_RENEW);
    assert!(!computer.vault().exists(), "a refused renewal wrote something");

    fixture.activate(&computer, "Drawing office");
    let _ = computer
        .json_with(&["request", "--code", "-"], fixture.code())
        .fails(4, codes::ALREADY_ACTIVE);
    let request = computer.renewal(fixture.code());
    // It keeps the seat's name.
    let granted = fixture.vendor.activate(&request).succeeds().result();
    assert_eq!(
        (&granted["seat_name"], &granted["seat_id"]),
        (&"Drawing office".into(), &computer.seat().into())
    );
    // For a person it says that nothing has changed yet.
    let said = computer.call().args(renew).input(fixture.code()).run().succeeds();
    assert!(said.stderr.contains("Until then the licence stays as it is"), "{said}");
}

#[test]
fn a_refresh_does_not_invalidate_a_pending_renewal() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let (older, newer) = (computer.renewal(fixture.code()), computer.renewal(fixture.code()));
    let first = fixture.vendor.response_to(&older);
    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();
    let _ = computer.apply(&first).fails(3, codes::OLDER_RESPONSE);
    let second = fixture.vendor.response_to(&newer);
    let _ = computer.apply(&second).succeeds();
    assert_eq!((computer.state().as_str(), computer.seat()), ("active", seat));
}

#[test]
fn a_renewal_reveals_a_cloned_vault_in_the_audit() {
    let fixture = Fixture::new(EVERY_SECOND);
    let computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let copy = fs::read(computer.vault()).expect("a vault");
    // One refresh counts on both.
    let refresh = fixture.vendor.refresh_of(&seat);
    let _ = computer.apply(&refresh).succeeds();
    let own = fs::read(computer.vault()).expect("a vault");
    fs::write(computer.vault(), &copy).expect("the copy");
    let _ = computer.apply(&refresh).succeeds();
    let copy = fs::read(computer.vault()).expect("a vault");

    // The next renewal needs a request, and its response is of no use to the copy.
    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::NEEDS_REQUEST);
    fs::write(computer.vault(), &own).expect("the vault");
    let response = fixture.vendor.response_to(&computer.renewal(fixture.code()));
    let _ = computer.apply(&response).succeeds();
    fs::write(computer.vault(), &copy).expect("the copy");
    let _ = computer.apply(&response).fails(3, codes::NOT_PENDING);
    assert!(!fixture.vendor.audit().contains("vault_copied"), "nothing has shown it yet");
    let _ = fixture.vendor.response_to(&computer.renewal(fixture.code()));
    assert!(fixture.vendor.audit().contains("vault_copied"), "the audit says so");
}
