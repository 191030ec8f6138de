//! Hardware changes of a computer: the unmodified programs run while the hardware information that
//! Linux exposes is replaced.

use latchkey_e2e_support::{Clock, Computer, Hardware, mounts_are_possible};
use serde_json::json;

use crate::codes;
use crate::fixture::{Fixture, ONE_SEAT};

const MONTH: &[&str] = &["--seats", "1", "--offline-lease", "30d", "--grace", "3d"];

/// Active on the first board.
fn active(fixture: &Fixture) -> Computer {
    let mut computer = fixture.computer();
    computer.hardware = Hardware::Board(1);
    fixture.activate(&computer, "Drawing office");
    assert_eq!(computer.status()["hardware"]["verdict"], "passes");
    computer
}

#[test]
fn a_new_mainboard_starts_grace_that_a_new_activation_ends() {
    if !mounts_are_possible() {
        return;
    }
    let mut fixture = Fixture::new(MONTH);
    let mut computer = active(&fixture);
    let seat = computer.seat();
    let refused = computer.json_with(&["request", "--code", "-"], fixture.code());
    let _ = refused.fails(4, codes::ALREADY_ACTIVE);

    computer.hardware = Hardware::Board(2);
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "in_grace", "{status}");
    assert_eq!(status["hardware"]["changed"], json!(["system-uuid", "board-serial"]));
    assert_eq!((&status["state"], &status["may_run"]), (&json!("active"), &json!(true)));
    assert_eq!((&status["days_left"], &status["days_until_stop"]), (&json!(30), &json!(7)));
    let said = computer.call().args(["status"]).run().succeeds().stdout;
    assert!(said.contains("7 days are left.") && !said.contains("30 days"), "{said}");

    fixture.days_later(8, [&mut computer]);
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "over", "{status}");
    assert_eq!((&status["state"], &status["may_run"]), (&json!("lease_expired"), &json!(false)));
    assert_eq!(status["in_grace"], false);
    // A refresh doesn't put it right.
    let _ = computer.apply(&fixture.vendor.refresh_of(&seat)).succeeds();
    assert_eq!(computer.status()["may_run"], false);

    let request = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "passes", "{status}");
    assert_eq!((&status["state"], &status["may_run"]), (&json!("active"), &json!(true)));
    assert_eq!((computer.seat(), fixture.seats_in_use()), (seat, 1));
    assert!(fixture.vendor.audit().contains("hardware_changed"), "the audit says so");
}

#[test]
fn grace_that_cannot_be_recorded_does_not_start() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(MONTH);
    let mut computer = active(&fixture);
    computer.hardware = Hardware::Board(2);
    // A vault in the lock's place: nothing can be written, even by root.
    let lock = std::path::PathBuf::from(format!("{}.lock", computer.vault().display()));
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).expect("a folder");
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "over", "{status}");
    assert_eq!(status["hardware"]["reason"], "not_recorded", "{status}");
    assert_eq!(status["may_run"], false);
    let plain = computer.call().args(["status"]).run();
    assert!(plain.stdout.contains("begin only once the change is recorded"), "{plain}");

    std::fs::remove_dir(&lock).expect("a folder");
    // It only reads: it states that, and not that anything has failed.
    let doctor = computer.call().args(["doctor"]).run();
    assert!(doctor.stdout.contains("“latchkey doctor” records nothing"), "{doctor}");
    assert!(!doctor.stdout.contains("wasn’t possible"), "{doctor}");
    assert_eq!(computer.json(&["doctor"]).json()["hardware"]["reason"], "not_recorded");

    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "in_grace", "{status}");
    assert_eq!(status["may_run"], true);
}

#[test]
fn restoring_the_old_mainboard_ends_the_grace() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(MONTH);
    let mut computer = active(&fixture);
    computer.hardware = Hardware::Board(2);
    assert_eq!(computer.status()["hardware"]["verdict"], "in_grace");
    computer.hardware = Hardware::Board(1);
    computer.clock = Clock::days(9);
    assert_eq!(computer.status()["hardware"]["verdict"], "passes");
}

#[test]
fn doctor_lists_the_traits_without_their_values() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(ONE_SEAT);
    let mut computer = active(&fixture);
    let doctor = computer.json(&["doctor"]).succeeds();
    let document = doctor.json();
    let states = |document: &serde_json::Value| -> Vec<(String, String)> {
        let traits = document["traits"].as_array().expect("traits").iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        traits.map(|of| (text(&of["name"]), text(&of["state"]))).collect()
    };
    let state = |document, name: &str| {
        states(document).into_iter().find(|(of, _)| of == name).map(|(_, state)| state)
    };
    assert_eq!(states(&document).len(), 7);
    assert_eq!(state(&document, "board-serial").as_deref(), Some("same"));
    assert_eq!(state(&document, "system-disk").as_deref(), Some("unreadable"));
    assert_eq!(document["store"]["kind"], "file");
    assert_eq!(document["knows_running_time"], true);

    computer.hardware = Hardware::Board(2);
    assert_eq!(
        state(&computer.json(&["doctor"]).json(), "board-serial").as_deref(),
        Some("changed")
    );
    let plain = computer.call().args(["doctor"]).run().succeeds();
    for answer in [&doctor, &plain] {
        let said = format!("{}{}", answer.stdout, answer.stderr).to_lowercase();
        for value in ["4c4c4544", "pf3abc"] {
            assert!(!said.contains(value), "{answer}");
        }
    }
    assert!(plain.stdout.contains("mainboard"), "{plain}");
}

#[test]
fn doctor_works_without_a_usable_store() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    std::fs::create_dir(computer.vault()).expect("a folder");
    let answer = computer.json(&["doctor"]).exits(5);
    let document = answer.json();
    assert!(document["error"]["code"].is_string() && document["store"].is_null(), "{answer}");
    assert!(document["traits"].as_array().is_some_and(|traits| traits.len() == 7));
}
