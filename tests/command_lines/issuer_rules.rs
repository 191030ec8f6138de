//! The issuer's rules for activation, refresh, deactivation and release: each test covers one of
//! them.

use latchkey_e2e_support::{Clock, Computer, Hardware, mounts_are_possible};
use serde_json::Value;

use crate::codes;
use crate::fixture::{FEATURES, Fixture, ONE_SEAT, THREE_SEATS};

#[track_caller]
fn rows_of_audit(fixture: &Fixture) -> usize {
    let audit: Value = serde_json::from_str(&fixture.vendor.audit()).expect("the audit is JSON");
    let rows = audit.as_object().and_then(|map| map.values().find_map(Value::as_array));
    rows.map(Vec::len).unwrap_or_else(|| panic!("the audit has no rows: {audit}"))
}

// --- a request comes in --------------------------------------------------------------------------

#[test]
fn a_request_with_an_unknown_code_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let request = fixture.computer().request("AAAA-BBBB-CCCC-DDDD");
    let _ = fixture.vendor.activate(&request).fails(3, codes::UNKNOWN_CODE);
}

#[test]
fn a_disabled_code_is_refused_and_another_code_works() {
    let fixture = Fixture::new(THREE_SEATS);
    let second =
        fixture.vendor.json(&["code", "add", &fixture.entitlement.id, "SECOND-CODE-2026-1234"]);
    let _ = second.succeeds();
    let _ = fixture.vendor.json(&["code", "disable", fixture.code()]).succeeds();

    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::CODE_DISABLED);

    let request = fixture.computer().request("second code 2026 1234");
    let _ = fixture.vendor.activate(&request).succeeds();
}

#[test]
fn a_request_for_an_ended_entitlement_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let _ = fixture.vendor.json(&["entitlement", "end", &fixture.entitlement.id]).succeeds();
    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::ENDED);
}

#[test]
fn a_request_with_the_code_of_another_product_is_refused() {
    let fixture = Fixture::new(THREE_SEATS);
    let viewer = fixture.vendor.add_product("Acme Viewer", FEATURES);
    let bought = fixture.vendor.add_entitlement(viewer, THREE_SEATS);
    let request = fixture.computer().request(bought.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::OTHER_PRODUCT);
}

#[test]
fn a_computer_with_a_seat_gets_the_same_seat_again() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    fixture.days_later(8, [&mut computer]);
    assert_eq!(computer.state(), "lease_expired");

    fixture.activate(&computer, "Drawing office");

    assert_eq!(computer.seat(), seat);
    assert_eq!(fixture.seats_in_use(), 1);
}

#[test]
fn when_no_seat_is_free_the_seats_in_use_are_listed_by_name_and_expiry() {
    let fixture = Fixture::new(ONE_SEAT);
    let holder = fixture.active_computer("Drawing office west");
    let expiry = holder.status()["lease_expiry"].as_str().expect("an expiry").to_owned();

    let request = fixture.computer().request(fixture.code());
    let answer = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);

    let said = answer.result().to_string();
    assert!(said.contains("Drawing office west"), "the holder isn't named\n{answer}");
    assert!(said.contains(&expiry[..10]), "the holder's lease expiry isn't named\n{answer}");
}

#[test]
fn expired_seats_are_reused_after_grace_oldest_first() {
    let options = ["--seats", "2", "--offline-lease", "7d", "--grace", "3d"];
    let mut fixture = Fixture::new(&options);
    let mut older = fixture.active_computer("Older");
    fixture.vendor.clock = Clock::days(1);
    let mut newer = fixture.computer();
    newer.clock = Clock::days(1);
    fixture.activate(&newer, "Newer");
    let (older_seat, newer_seat) = (older.seat(), newer.seat());

    // Day 9: both leases are over, both are within their grace.
    fixture.days_later(9, [&mut older, &mut newer]);
    let mut third = fixture.computer();
    third.clock = Clock::days(9);
    let request = third.request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);

    // Day 13: both are beyond it.
    fixture.days_later(13, [&mut older, &mut newer, &mut third]);
    let _ = third.apply(&fixture.vendor.response_to(&third.request(fixture.code()))).succeeds();

    let _ = fixture.vendor.json(&["refresh", &older_seat]).fails(4, codes::SEAT_REUSED);
    let _ = newer.apply(&fixture.vendor.refresh_of(&newer_seat)).succeeds();
    assert_eq!(newer.state(), "active");
    assert_eq!(fixture.seats_in_use(), 2);
}

#[test]
fn overdraft_is_granted_up_to_its_limit() {
    let options = ["--seats", "1", "--offline-lease", "7d", "--overdraft", "2"];
    let fixture = Fixture::new(&options);
    for name in ["First", "Second", "Third"] {
        let _ = fixture.active_computer(name);
    }
    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);
    assert_eq!(fixture.seats_in_use(), 3);
}

// --- the same request again ----------------------------------------------------------------------

#[test]
fn the_same_request_again_gets_the_same_response_byte_for_byte() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let first = fixture.vendor.response_to(&request);
    fixture.vendor.clock = Clock::days(1);
    assert_eq!(fixture.vendor.response_to(&request), first);
    let _ = computer.apply(&first).succeeds();
    assert_eq!(fixture.vendor.response_to(&request), first);
}

#[test]
fn a_request_from_a_deactivated_seat_is_reported() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();

    let _ = fixture.vendor.activate(&request).fails(3, codes::SEAT_DEACTIVATED);
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn a_request_from_a_reused_seat_is_reported() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let mut first = fixture.computer();
    let request = first.request(fixture.code());
    let _ = first.apply(&fixture.vendor.response_to(&request)).succeeds();
    let mut second = fixture.computer();
    fixture.days_later(8, [&mut first, &mut second]);
    fixture.activate(&second, "Second");

    let _ = fixture.vendor.activate(&request).fails(3, codes::SEAT_REUSED);
}

#[test]
fn a_request_answered_before_its_entitlement_ended_is_refused_afterwards() {
    let fixture = Fixture::new(THREE_SEATS);
    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.response_to(&request);
    let _ = fixture.vendor.json(&["entitlement", "end", &fixture.entitlement.id]).succeeds();

    let _ = fixture.vendor.activate(&request).fails(3, codes::ENDED);
}

// --- a re-installed computer ---------------------------------------------------------------------

#[test]
fn a_reinstalled_computer_gets_a_free_seat() {
    let fixture = Fixture::new(THREE_SEATS);
    let before = fixture.active_computer("Before");
    let reinstalled = fixture.active_computer("After");
    assert_ne!(before.seat(), reinstalled.seat());
    assert_eq!(fixture.seats_in_use(), 2);
}

#[test]
fn a_takeover_needs_an_explicit_choice_and_ends_the_old_licence() {
    let fixture = Fixture::new(ONE_SEAT);
    let before = fixture.active_computer("Drawing office");
    let seat = before.seat();
    let reinstalled = fixture.computer();
    let request = reinstalled.request(fixture.code());

    let offered = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);
    assert!(offered.result().to_string().contains(&seat), "the seat isn't offered\n{offered}");
    assert_eq!(fixture.seats_in_use(), 1);

    let taken = fixture.vendor.json_with(&["activate", "--take-over", &seat], &request).succeeds();
    let response = taken.result()["token"].as_str().expect("a response token").to_owned();
    let _ = reinstalled.apply(&response).succeeds();
    assert_eq!(reinstalled.state(), "active");
    assert_eq!(fixture.seats_in_use(), 1);

    // Whatever the issuer calls the seat now: the old holder gets nothing more.
    if let Some(refresh) = fixture.vendor.json(&["refresh", &seat]).json_token() {
        let _ = before.apply(&refresh).exits(3);
    }
    let _ = reinstalled.apply(&fixture.vendor.refresh_of(&reinstalled.seat())).succeeds();
}

#[test]
fn a_seat_is_taken_over_at_most_twice_a_year() {
    let fixture = Fixture::new(ONE_SEAT);
    let mut seat = fixture.active_computer("Drawing office").seat();
    for _ in 0..2 {
        let next = fixture.computer();
        let request = next.request(fixture.code());
        let answer =
            fixture.vendor.json_with(&["activate", "--take-over", &seat], &request).succeeds();
        let _ = next.apply(answer.result()["token"].as_str().expect("a token")).succeeds();
        seat = next.seat();
    }

    let request = fixture.computer().request(fixture.code());
    let third = fixture.vendor.json_with(&["activate", "--take-over", &seat], &request);

    let _ = third.fails(3, codes::TAKE_OVER_LIMIT);
    assert_eq!(fixture.seats_in_use(), 1);
}

#[test]
fn another_computer_cannot_take_a_seat_over() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(ONE_SEAT);
    let seat = fixture.active_computer("Drawing office").seat();
    let mut other = fixture.computer();
    other.hardware = Hardware::Other(7);
    let request = other.request(fixture.code());

    let answer = fixture.vendor.json_with(&["activate", "--take-over", &seat], &request);

    let _ = answer.fails(3, codes::TAKE_OVER_REFUSED);
    let refused = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);
    assert!(
        !refused.result().to_string().contains(&seat),
        "a stranger is offered the seat\n{refused}"
    );
}

// --- a copied vault ------------------------------------------------------------------------------

/// Copies the vault of a computer to a new one, before its next request.
fn copy_of(fixture: &Fixture, original: &Computer) -> Computer {
    let copy = fixture.computer();
    std::fs::copy(original.vault(), copy.vault()).expect("the vault can be copied");
    copy
}

#[test]
fn a_cloned_vault_is_recorded_in_the_audit() {
    let fixture = Fixture::new(THREE_SEATS);
    let original = fixture.computer();
    let _ = original.request(fixture.code());
    let copy = copy_of(&fixture, &original);
    let from_original = original.request(fixture.code());
    let from_copy = copy.request(fixture.code());
    let _ = fixture.vendor.activate(&from_original).succeeds();
    let before = fixture.vendor.audit();

    let answer = fixture.vendor.activate(&from_copy).succeeds();

    assert_eq!(fixture.seats_in_use(), 1, "the copy must not get a seat of its own\n{answer}");
    let (before, after) = (before.matches("copied").count(), fixture.vendor.audit());
    assert!(after.matches("copied").count() > before, "the audit doesn't note the copy: {after}");
}

#[test]
fn a_cloned_vault_on_other_hardware_is_refused() {
    if !mounts_are_possible() {
        return;
    }
    // The file store refuses to be read on another machine, the keyring doesn't know better.
    let programs = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = latchkey_e2e_support::Desktop::start(home.path()).expect("a keyring");
    let fixture = programs;
    let mut original = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let _ = original.request(fixture.code());
    let keyrings = home.path().join(".local/share/keyrings");
    let other_home = tempfile::tempdir().expect("a folder");
    copy_folder(&keyrings, &other_home.path().join(".local/share/keyrings"));
    let other_desktop = latchkey_e2e_support::Desktop::start(other_home.path()).expect("a keyring");
    let mut copy = Computer::with_keyring(&fixture.programs, &fixture.kit, &other_desktop);
    assert_eq!(copy.status()["pending_requests"], 1, "the copy has the vault");
    (original.hardware, copy.hardware) = (Hardware::Other(1), Hardware::Other(2));

    let _ = fixture.vendor.activate(&original.request(fixture.code())).succeeds();
    let _ = fixture.vendor.activate(&copy.request(fixture.code())).fails(3, codes::COPIED);
    assert_eq!(fixture.seats_in_use(), 1);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

// --- a refresh is asked for ----------------------------------------------------------------------

#[test]
fn a_refresh_revives_an_expired_lease() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    fixture.days_later(8, [&mut computer]);
    assert_eq!(computer.state(), "lease_expired");

    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();

    assert_eq!(computer.state(), "active");
    assert_eq!(computer.seat(), seat);
}

#[test]
fn a_seat_reused_by_another_computer_gets_no_refresh() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let mut first = fixture.active_computer("First");
    let seat = first.seat();
    let mut second = fixture.computer();
    fixture.days_later(8, [&mut first, &mut second]);
    fixture.activate(&second, "Second");

    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SEAT_REUSED);
    assert_eq!(first.state(), "lease_expired");
    assert_eq!(second.state(), "active");
}

#[test]
fn a_deactivated_seat_gets_no_refresh() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();

    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SEAT_DEACTIVATED);
}

#[test]
fn a_seat_of_an_ended_entitlement_gets_no_refresh() {
    let fixture = Fixture::new(THREE_SEATS);
    let seat = fixture.active_computer("Drawing office").seat();
    let _ = fixture.vendor.json(&["entitlement", "end", &fixture.entitlement.id]).succeeds();

    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::ENDED);
}

#[test]
fn an_unknown_seat_gets_no_refresh() {
    let fixture = Fixture::new(THREE_SEATS);
    let _ = fixture.vendor.json(&["refresh", "0123456789abcdef"]).fails(4, codes::SEAT_UNKNOWN);
    let _ = fixture.vendor.json(&["refresh", "not an id"]).exits(2);
}

// --- a deactivation comes in ---------------------------------------------------------------------

#[test]
fn a_deactivation_frees_the_seat_for_another_computer() {
    let fixture = Fixture::new(ONE_SEAT);
    let first = fixture.active_computer("First");
    let second = fixture.computer();
    let request = second.request(fixture.code());
    let _ = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);
    let deactivation = first.deactivate();
    assert_eq!(fixture.seats_in_use(), 1, "the seat is taken until the token has arrived");

    let _ = fixture.vendor.deactivate(&deactivation).succeeds();

    assert_eq!(fixture.seats_in_use(), 0);
    let _ = second.apply(&fixture.vendor.response_to(&request)).succeeds();
    assert_eq!(second.state(), "active");
}

#[test]
fn a_repeated_deactivation_is_reported_as_already_released() {
    let fixture = Fixture::new(ONE_SEAT);
    let first = fixture.active_computer("First");
    let deactivation = first.deactivate();
    let _ = fixture.vendor.deactivate(&deactivation).succeeds();
    let second = fixture.active_computer("Second");

    let again = fixture.vendor.deactivate(&deactivation);

    assert_ne!(again.exit, Some(5), "{again}");
    assert_eq!(fixture.seats_in_use(), 1, "the second computer keeps its seat\n{again}");
    let _ = second.apply(&fixture.vendor.refresh_of(&second.seat())).succeeds();
}

#[test]
fn a_repeated_deactivation_is_no_error() {
    let fixture = Fixture::new(THREE_SEATS);
    let deactivation = fixture.active_computer("First").deactivate();
    let first = fixture.vendor.deactivate(&deactivation).succeeds();
    let again = fixture.vendor.deactivate(&deactivation).succeeds();

    assert_eq!(first.result()["outcome"], "released", "{first}");
    assert_eq!(again.result()["outcome"], "already_applied", "{again}");
}

#[test]
fn a_deactivation_older_than_the_seats_newest_request_is_superseded() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let held_back = computer.deactivate();
    fixture.activate(&computer, "Drawing office");

    let _ = fixture.vendor.deactivate(&held_back).fails(3, codes::SUPERSEDED);

    assert_eq!(fixture.seats_in_use(), 1, "the computer is active again and keeps its seat");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn a_deactivation_of_a_reused_seat_changes_nothing() {
    let mut fixture = Fixture::new(ONE_SEAT);
    let mut first = fixture.active_computer("First");
    let mut second = fixture.computer();
    fixture.days_later(8, [&mut first, &mut second]);
    fixture.activate(&second, "Second");
    let (before, rows) = (fixture.vendor.seats(None), rows_of_audit(&fixture));

    let answer = fixture.vendor.deactivate(&first.deactivate());

    assert_eq!(fixture.vendor.seats(None), before, "{answer}");
    assert!(rows_of_audit(&fixture) > rows, "the audit doesn't note it\n{answer}");
}

#[test]
fn a_deactivation_of_an_ended_entitlement_still_releases_the_seat() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let _ = fixture.vendor.json(&["entitlement", "end", &fixture.entitlement.id]).succeeds();
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

// --- the vendor releases a seat ------------------------------------------------------------------

#[test]
fn a_released_seat_counts_as_taken_until_its_lease_and_grace_are_over() {
    let options = ["--seats", "1", "--offline-lease", "7d", "--grace", "3d"];
    let mut fixture = Fixture::new(&options);
    let gone = fixture.active_computer("The machine is gone");
    let _ = fixture.vendor.json(&["seat", "release", &gone.seat()]).succeeds();

    for days in [0, 9] {
        let mut next = fixture.computer();
        fixture.days_later(days, [&mut next]);
        let request = next.request(fixture.code());
        let _ = fixture.vendor.activate(&request).fails(3, codes::NONE_FREE);
    }
    let mut next = fixture.computer();
    fixture.days_later(11, [&mut next]);
    fixture.activate(&next, "Next");
}

#[test]
fn a_released_seat_is_free_at_once_if_the_entitlement_allows_it() {
    let fixture = Fixture::new(ONE_SEAT);
    let gone = fixture.active_computer("The machine is gone");
    let seat = gone.seat();
    let _ = fixture.vendor.json(&["seat", "release", &seat, "--now"]).succeeds();

    let _ = fixture.active_computer("Next");

    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SEAT_RELEASED);
}

#[test]
fn a_released_seat_gets_no_refresh() {
    let fixture = Fixture::new(ONE_SEAT);
    let seat = fixture.active_computer("The machine is gone").seat();
    let _ = fixture.vendor.json(&["seat", "release", &seat]).succeeds();
    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SEAT_RELEASED);
}

// --- the audit -----------------------------------------------------------------------------------

#[test]
fn every_decision_and_administrative_action_is_in_the_audit() {
    let fixture = Fixture::new(ONE_SEAT);
    let mut rows = rows_of_audit(&fixture);
    assert!(rows >= 3, "setting up vendor, product and entitlement leaves rows");
    let mut noted = |what: &str| {
        let now = rows_of_audit(&fixture);
        assert!(now > rows, "{what} left no row in the audit");
        rows = now;
    };
    let computer = fixture.active_computer("Drawing office");
    noted("a grant");
    let request = fixture.computer().request(fixture.code());
    let _ = fixture.vendor.activate(&request).exits(3);
    noted("a refusal");
    let _ = fixture.vendor.refresh_of(&computer.seat());
    noted("a refresh");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    noted("a deactivation");
    let _ = fixture
        .vendor
        .json(&["entitlement", "set", &fixture.entitlement.id, "--seats", "2"])
        .succeeds();
    noted("a changed entitlement");
    let _ = fixture
        .vendor
        .json(&["code", "add", &fixture.entitlement.id, "ANOTHER-CODE-2026-1234"])
        .succeeds();
    noted("a new code");
    let _ = fixture.vendor.json(&["code", "disable", "ANOTHER-CODE-2026-1234"]).succeeds();
    noted("a disabled code");
    let seat = fixture.active_computer("Next").seat();
    noted("another grant");
    let _ = fixture.vendor.json(&["seat", "release", &seat]).succeeds();
    noted("a release");
    let _ = fixture.vendor.json(&["entitlement", "end", &fixture.entitlement.id]).succeeds();
    noted("an ended entitlement");
    let audit = fixture.vendor.audit();
    assert!(!audit.contains(fixture.code()), "activation codes are masked in logs");
}
