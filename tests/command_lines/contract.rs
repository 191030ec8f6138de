//! The contract of both command lines: standard output, exit statuses, and the structure of every
//! JSON document.

use std::collections::BTreeSet;

use latchkey_e2e_support::{Answer, Call};
use serde_json::{Value, json};

use crate::codes;
use crate::fixture::{Fixture, ONE_SEAT, THREE_SEATS};

#[track_caller]
fn keys(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("not an object: {value}"));
    object.keys().map(String::as_str).collect()
}

/// A document may say more than the contract, never less.
#[track_caller]
fn assert_has_keys(value: &Value, expected: &[&str]) {
    let there = keys(value);
    let missing: Vec<_> = expected.iter().filter(|key| !there.contains(**key)).collect();
    assert!(missing.is_empty(), "{missing:?} isn't in {value}");
}

#[track_caller]
fn assert_is_id(value: &Value) {
    let id = value.as_str().unwrap_or_else(|| panic!("not an id: {value}"));
    let hex = id.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    assert!(hex && id.len() == 16, "an id is 16 hex digits, not {id}");
}

#[track_caller]
fn assert_is_time(value: &Value) {
    let time = value.as_str().unwrap_or_else(|| panic!("not a time: {value}"));
    assert!(time.ends_with('Z'), "a time is in UTC, not {time}");
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "a time is RFC 3339, not {time}");
}

const RESULT_KEYS: &[&str] =
    &["outcome", "kind", "seat_id", "seat_name", "lease_expiry", "token", "error"];
const STATUS_KEYS: &[&str] = &[
    "state",
    "mode",
    "product",
    "seat_id",
    "seat_name",
    "activated_at",
    "lease_expiry",
    "in_grace",
    "features",
    "attributes",
    "pending_requests",
    "outbox",
];

/// A call without `--json`.
fn run_without_json(call: Call, arguments: &[&str], input: &str) -> Answer {
    call.args(arguments).input(input).run()
}

#[test]
fn without_json_tokens_stand_alone_on_standard_output() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let one = |answer: Answer| {
        let answer = answer.succeeds();
        let tokens = answer.tokens();
        assert_eq!(tokens.len(), 1, "{answer}");
        tokens[0].clone()
    };
    let none = |answer: Answer| {
        let answer = answer.succeeds();
        assert_eq!(answer.stdout, "", "{answer}");
    };
    let request =
        one(run_without_json(computer.call(), &["request", "--code", "-"], fixture.code()));
    let response = one(run_without_json(fixture.vendor.call(), &["activate"], &request));
    none(run_without_json(computer.call(), &["apply"], &response));
    let refresh = one(run_without_json(fixture.vendor.call(), &["refresh", &computer.seat()], ""));
    none(run_without_json(computer.call(), &["apply"], &refresh));
    let deactivation = one(run_without_json(computer.call(), &["deactivate", "--yes"], ""));
    assert!(!run_without_json(computer.call(), &["outbox"], "").succeeds().tokens().is_empty());
    none(run_without_json(fixture.vendor.call(), &["deactivate"], &deactivation));
    for listing in [&["seats"][..], &["audit"], &["product", "list"], &["entitlement", "list"]] {
        let answer = run_without_json(fixture.vendor.call(), listing, "").succeeds();
        assert!(!answer.stdout.is_empty() && answer.stderr.is_empty(), "a table\n{answer}");
    }
}

#[test]
fn a_status_document_has_every_field_in_every_state() {
    let fixture = Fixture::new(&[
        "--seats",
        "3",
        "--offline-lease",
        "7d",
        "--feature",
        "export=true",
        "--feature",
        "render=8",
        "--feature",
        "saves=100",
        "--attribute",
        "plan=gold",
    ]);
    let computer = fixture.computer();
    let status = computer.status();
    assert_has_keys(&status, STATUS_KEYS);
    assert_eq!(status["state"], "not_activated");
    for absent in ["seat_id", "seat_name", "activated_at", "lease_expiry"] {
        assert!(status[absent].is_null(), "{absent} isn't there yet: {status}");
    }
    assert_eq!(status["pending_requests"], 0);
    assert_eq!(status["outbox"], json!([]));

    fixture.activate(&computer, "Drawing office");
    let status = computer.status();
    assert_has_keys(&status, STATUS_KEYS);
    assert_eq!(status["state"], "active");
    assert_eq!(status["mode"], "offline");
    assert_is_id(&status["seat_id"]);
    assert_eq!(status["seat_name"], "Drawing office");
    assert_is_time(&status["activated_at"]);
    assert_is_time(&status["lease_expiry"]);
    assert_eq!(status["in_grace"], false);
    assert_eq!(status["features"]["export"], json!({"type": "bool", "value": true}));
    assert_eq!(status["features"]["render"], json!({"type": "pool", "value": 8}));
    assert_eq!(status["features"]["saves"], json!({"type": "count", "value": 100}));
    assert_eq!(status["attributes"], json!({"plan": "gold"}));

    let _ = computer.deactivate();
    let status = computer.status();
    assert_has_keys(&status, STATUS_KEYS);
    let entry = &status["outbox"][0];
    assert_has_keys(entry, &["id", "seat_id", "created_at", "token"]);
    assert_is_id(&entry["id"]);
    assert_is_id(&entry["seat_id"]);
    assert_is_time(&entry["created_at"]);
}

#[test]
fn every_result_has_the_same_fields() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let granted = fixture.vendor.activate(&request).succeeds().result();
    assert_has_keys(&granted, RESULT_KEYS);
    assert_eq!(granted["kind"], "request");
    assert_is_id(&granted["seat_id"]);
    assert_eq!(granted["seat_name"], "Drawing office");
    assert_is_time(&granted["lease_expiry"]);
    assert!(granted["error"].is_null());
    let response = granted["token"].as_str().expect("a token");

    let inspected = computer.json_with(&["inspect"], response).succeeds().result();
    assert_has_keys(&inspected, RESULT_KEYS);
    assert_eq!(inspected["kind"], "response");
    let inspected = fixture.vendor.json_with(&["inspect"], &request).succeeds().result();
    assert_has_keys(&inspected, RESULT_KEYS);
    assert_eq!(inspected["kind"], "request");

    let applied = computer.apply(response).succeeds().result();
    assert_has_keys(&applied, RESULT_KEYS);
    assert_eq!(applied["kind"], "response");
    assert_eq!(applied["seat_id"], granted["seat_id"]);
    assert_eq!(applied["lease_expiry"], granted["lease_expiry"]);

    let refused =
        fixture.vendor.activate(&fixture.computer().request(fixture.code())).exits(3).result();
    assert_has_keys(&refused, RESULT_KEYS);
    assert!(refused["token"].is_null());
    assert_has_keys(&refused["error"], &["code", "message", "action"]);

    let released = fixture.vendor.deactivate(&computer.deactivate()).succeeds().result();
    assert_has_keys(&released, RESULT_KEYS);
    assert_eq!(released["kind"], "deactivation");
    assert_eq!(released["seat_id"], granted["seat_id"]);
}

#[test]
fn the_document_of_a_command_has_the_same_fields_in_every_form() {
    let fixture = Fixture::new(THREE_SEATS);
    let [first, second] = ["one", "two"].map(|name| fixture.active_computer(name).seat());
    let unknown = "0123456789abcdef";

    let one = fixture.vendor.json(&["refresh", &first]).succeeds().json();
    let many = fixture.vendor.json(&["refresh", &second, unknown]).exits(4).json();
    let of_one = &one["results"][0];
    for result in many["results"].as_array().expect("results") {
        assert_eq!(keys(of_one), keys(result));
    }
    assert_eq!(many["results"].as_array().map(Vec::len), Some(2));
    // Programs that were written for one seat find it where it was.
    for field in ["token", "seat_id", "seat_name", "lease_expiry", "refreshes_left"] {
        assert_eq!(one[field], of_one[field], "{field}");
    }
    assert_eq!(of_one["outcome"], "refreshed");

    let add = ["operator", "add", "ann"];
    let _ = fixture.vendor.json_with(&add, "correct horse battery staple\n").succeeds();
    let on = fixture.vendor.json(&["operator", "second-factor", "ann"]).succeeds().json();
    let off = fixture.vendor.json(&["operator", "second-factor", "ann", "--off"]).succeeds().json();
    assert_eq!(keys(&on), keys(&off));
    assert!(on["address"].is_string() && off["address"].is_null());
}

#[test]
fn each_result_of_a_command_has_the_fields_of_the_others() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let (good, wrong) = (computer.request(fixture.code()), computer.request("NO-SUCH-CODE-AT-ALL"));
    let both = format!("{good}\n{wrong}\n");
    let damaged = format!("{good}\n\n{}", &wrong[..wrong.len() / 2]);
    let same = |answer: &Answer, extra: &[&str]| {
        let results = answer.results();
        assert_eq!(results.len(), 2, "{answer}");
        assert_eq!(keys(&results[0]), keys(&results[1]), "{answer}");
        assert_has_keys(&results[0], extra);
    };
    let granted = fixture.vendor.activate(&both).exits(3);
    same(&granted, &["computer_clock", "over_by_computer_clock", "lease_over", "code_doubt"]);
    same(
        &fixture.vendor.json_with(&["inspect"], &damaged).exits(3),
        &["recipient", "recipient_key"],
    );
    same(&computer.json_with(&["inspect"], &damaged).exits(3), &["recipient", "apply"]);
    let response = granted.results()[0]["token"].as_str().expect("a token").to_owned();
    same(&computer.apply(&format!("{response}\n{good}")).succeeds(), &["error"]);
    let deactivation = computer.deactivate();
    let returned = format!("{deactivation}\n{good}");
    same(&fixture.vendor.deactivate(&returned).exits(3), &["taken_until"]);
}

#[test]
fn the_seats_document_lists_every_seat() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let seats = fixture.vendor.seats(Some(fixture.code()));
    assert_eq!(seats.len(), 1);
    assert_has_keys(&seats[0], &["seat_id", "seat_name", "state", "activated_at", "lease_expiry"]);
    assert_eq!(seats[0]["seat_id"], computer.status()["seat_id"]);
    assert_eq!(seats[0]["seat_name"], "Drawing office");
    assert_eq!(seats[0]["activated_at"], computer.status()["activated_at"]);
    assert_eq!(seats[0]["lease_expiry"], computer.status()["lease_expiry"]);
    assert_eq!(fixture.vendor.seats(None), seats);
}

#[test]
fn generated_activation_codes_have_four_groups_of_five_and_given_ones_are_kept() {
    let fixture = Fixture::new(THREE_SEATS);
    assert_is_id(&json!(fixture.entitlement.id));
    assert_eq!(fixture.entitlement.codes.len(), 1);
    let groups: Vec<_> = fixture.code().split('-').map(str::len).collect();
    assert_eq!(groups, [5; 4], "{}", fixture.code());

    let options = [
        "--seats",
        "1",
        "--offline-lease",
        "7d",
        "--code",
        "ACME-ONE",
        "--code",
        "ACME-TWO",
        "--allow-weak-code",
    ];
    let bought = fixture.vendor.add_entitlement(fixture.product, &options);
    assert_eq!(bought.codes, ["ACME-ONE", "ACME-TWO"]);
    for code in ["acme one", "ACME-TWO"] {
        let request = fixture.computer().request(code);
        let answer = fixture.vendor.activate(&request);
        let full = answer.error_code().as_deref() == Some(codes::NONE_FREE);
        assert!(answer.exit == Some(0) || full, "both codes are of one entitlement\n{answer}");
    }

    let mut taken = vec!["entitlement", "add", "--product", "1"];
    taken.extend(options);
    let refused = fixture.vendor.json(&taken);
    assert!(refused.exit != Some(0) && refused.error_code().is_some(), "{refused}");
}

#[test]
fn wrong_usage_exits_with_2_and_does_nothing() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["request"],
        &["request", "--code"],
        &["status", "--no-such-option"],
        &["outbox", "--delivered", "not an id"],
    ] {
        let answer = computer.json(arguments).exits(2);
        assert_eq!(answer.stdout, "", "{answer}");
        assert!(!answer.stderr.trim().is_empty(), "{answer}");
    }
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["product", "add"],
        &["product", "add", "--name", "X", "--feature", "export=perhaps"],
        &["entitlement", "add", "--product", "one"],
        &["seat", "release", "not an id"],
    ] {
        let answer = fixture.vendor.json(arguments).exits(2);
        assert_eq!(answer.stdout, "", "{answer}");
        assert!(!answer.stderr.trim().is_empty(), "{answer}");
    }
}

#[test]
fn with_json_every_error_is_a_document_on_standard_error() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let answers = [
        computer.json(&["deactivate", "--yes"]).exits(4),
        computer.json(&["request"]).exits(2),
        computer.json_with(&["apply"], "no token here").exits(3),
        fixture.vendor.json(&["refresh", "0123456789abcdef"]).exits(4),
        fixture.vendor.json(&["product", "add"]).exits(2),
        fixture.vendor.json_with(&["activate"], "no token here").exits(3),
    ];
    for answer in answers {
        let document: Value = serde_json::from_str(&answer.stderr)
            .unwrap_or_else(|_| panic!("standard error isn't one JSON document\n{answer}"));
        assert_has_keys(&document, &["error"]);
        assert_has_keys(&document["error"], &["code", "message", "action"]);
        assert_eq!(answer.stdout, "", "{answer}");
    }
}

#[test]
fn without_json_errors_are_sentences_and_no_token_is_lost() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let answer = computer.call().args(["deactivate", "--yes"]).run().exits(4);
    assert_eq!(answer.stdout, "");
    assert!(answer.stderr.len() > 20 && !answer.stderr.contains('{'), "{answer}");

    // Of two requests one is refused: the other's response is there.
    let good = computer.request(fixture.code());
    let bad = fixture.computer().request("NO-SUCH-CODE");
    let answer =
        run_without_json(fixture.vendor.call(), &["activate"], &format!("{bad}\n{good}")).exits(3);
    assert_eq!(answer.tokens().len(), 1);
    let _ = computer.apply(&answer.stdout).succeeds();
}

#[test]
fn the_config_may_come_from_the_environment() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let store = format!("file:{}", computer.vault().display());
    let arguments = ["--store", &store, "--json", "status"];
    let call = || Call::new(&fixture.programs.path("latchkey")).env("HOME", computer.home());

    let answer =
        call().env("LATCHKEY_CONFIG", fixture.kit.config()).args(arguments).run().succeeds();
    assert_eq!(answer.json()["state"], "not_activated");

    let answer = call().env("LATCHKEY_CONFIG", "/nowhere/latchkey.toml").args(arguments).run();
    assert!(!matches!(answer.exit, Some(0 | 3)), "{answer}");
    let code = answer.error_code().unwrap_or_default();
    assert!(code.starts_with("config."), "{answer}");
}

#[test]
fn a_broken_config_is_reported_with_its_line() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    let good = std::fs::read_to_string(fixture.kit.config()).expect("the kit has a config");
    computer.config = computer.home().join("latchkey.toml");
    let broken = [
        good.replacen("format = 1", "format = 99", 1),
        good.replacen("format = 1", "format = ", 1),
        good.replacen("[product]", "[produkt]", 1),
        good.replacen("public = \"", "public = \"zz", 1),
        String::new(),
        "\u{0}".to_owned(),
    ];
    for text in broken {
        std::fs::write(&computer.config, &text).expect("a config");
        let answer = computer.json(&["status"]);
        assert!(!matches!(answer.exit, Some(0 | 3)), "{answer}");
        let code = answer.error_code().unwrap_or_default();
        assert!(code.starts_with("config."), "{answer}");
    }
}

#[test]
fn token_sizes_stay_within_their_limits() {
    let fixture = Fixture::new(&[
        "--seats",
        "3",
        "--offline-lease",
        "7d",
        "--feature",
        "export=true",
        "--feature",
        "render=8",
        "--feature",
        "saves=100",
    ]);
    let computer = fixture.computer();
    let request = computer.request_as(fixture.code(), "Drawing office4");
    let response = fixture.vendor.response_to(&request);
    let _ = computer.apply(&response).succeeds();
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let deactivation = computer.deactivate();
    for (kind, token, limit) in [
        ("request", request, 520),
        ("response", response, 400),
        ("refresh", refresh, 290),
        ("deactivation", deactivation, 290),
    ] {
        println!("{kind}: {} characters, at most {limit}", token.len());
        assert!(token.len() <= limit, "{kind}: {} characters", token.len());
    }
}

#[test]
fn no_secret_is_in_any_output_or_in_the_kit() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut keys = Vec::new();
    collect_files(&fixture.vendor.data, &mut keys);
    let owner_only = |path: &std::path::PathBuf| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 == 0)
    };
    assert!(keys.iter().all(owner_only), "a file of the issuer is readable by others: {keys:?}");

    let request = fixture.computer().request("WRONG-CODE-1234-ABCD");
    let answer = fixture.vendor.activate(&request).exits(3);
    assert!(!answer.stdout.contains("WRONG-CODE-1234-ABCD"), "the whole code is shown\n{answer}");
    assert!(!answer.stderr.contains("WRONG-CODE-1234-ABCD"), "the whole code is shown\n{answer}");
}

fn collect_files(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect_files(&path, files);
        } else {
            files.push(path);
        }
    }
}
