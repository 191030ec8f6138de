//! Texts pasted into a terminal, and the state in which the programs leave the terminal.

use std::fs;

use latchkey_e2e_support::{Call, container_wrapper, repository_root};
use serde_json::{Value, json};

use crate::fixture::{Fixture, ONE_SEAT};

const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const CTRL_Z: &str = "\u{1a}";
/// The number of characters at which a terminal truncates a line in canonical mode.
const LINE_LIMIT: usize = 4095;

/// What a terminal showed, and the program's exit status.
struct TerminalRun {
    exit: i64,
    shown: String,
}

/// Runs a call on a new terminal and performs some steps there. Asserts that the mode of the
/// terminal is restored at the end.
#[track_caller]
fn run_on_terminal(call: Call, through: &[&str], steps: &Value) -> TerminalRun {
    let player = repository_root().join("tests/command_lines/terminal.py");
    let (player, steps) = (player.to_string_lossy(), steps.to_string());
    let words = [&["python3", &*player, &steps], through].concat();
    let answer = call.env("LC_ALL", "C.UTF-8").wrapped_by(&words).run().succeeds();
    let seen = answer.json();
    let shown = seen["shown"].as_str().expect("a text").to_owned();
    assert_eq!(seen["is_as_before"], true, "the terminal's mode\n{shown}");
    TerminalRun { exit: seen["ended"].as_i64().expect("a status"), shown }
}

/// Words with this number of characters in total.
fn filler(characters: usize) -> String {
    "some words ".repeat(characters / 11 + 1)[..characters].to_owned()
}

#[test]
fn a_line_of_any_length_can_be_pasted_into_a_terminal() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let (first, rest) = request.split_at(request.len() / 2);
    for (name, text) in [
        ("the end of a long line", format!("{} {request}\n", filler(LINE_LIMIT - 200))),
        ("a line as long as the limit, and others", {
            let line = format!("{} {request}", filler(LINE_LIMIT - 1 - request.len()));
            format!("{line}\n{}\n{}\n", filler(LINE_LIMIT), filler(LINE_LIMIT + 1))
        }),
        ("lines of 1,024 characters", {
            let long = format!("{} {request} {}", filler(900), filler(1200));
            let lines = long.as_bytes().chunks(1024).map(String::from_utf8_lossy);
            lines.map(|line| format!("{line}\n")).collect()
        }),
        (
            "a paste in brackets",
            format!("\u{1b}[200~{} {request}\u{1b}[201~\n", filler(LINE_LIMIT)),
        ),
        ("no end of a line", format!("{} {request}{CTRL_D}", filler(LINE_LIMIT))),
        ("a slip that is taken back", format!("{first}XY\u{7f}\u{7f}{rest}\n")),
    ] {
        let steps = json!(["anything", {"type": text + CTRL_D}]);
        let inspect = computer.call().args(["inspect"]);
        let seen = run_on_terminal(inspect, &[], &steps);
        assert_eq!(seen.exit, 0, "{name}: {}", seen.shown);
        assert!(seen.shown.contains("It is whole."), "{name}: {}", seen.shown);
        let inspect = fixture.vendor.call().args(["inspect"]);
        let seen = run_on_terminal(inspect, &[], &steps);
        assert_eq!(seen.exit, 0, "{name}: {}", seen.shown);
        assert!(seen.shown.contains("A whole request token"), "{name}: {}", seen.shown);
    }
}

#[test]
fn input_typed_before_the_prompt_is_kept() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let steps = json!([{"type": format!("{request}\n{CTRL_D}")}, "start"]);
    let seen = run_on_terminal(computer.call().args(["inspect"]), &[], &steps);
    assert!(seen.exit == 0 && seen.shown.contains("It is whole."), "{}", seen.shown);
}

#[test]
fn the_terminal_mode_is_restored_however_the_program_ends() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let inspect = || computer.call().args(["inspect"]);
    let (interrupt, hang_up, terminate) = (2, 1, 15);
    for (name, step, signal) in [
        ("Ctrl-C", json!({"type": CTRL_C}), interrupt),
        ("a hang-up", json!({"signal": hang_up}), hang_up),
        ("an end from outside", json!({"signal": terminate}), terminate),
    ] {
        let steps = json!(["anything", {"type": "some words"}, step]);
        let seen = run_on_terminal(inspect(), &[], &steps);
        assert_eq!(seen.exit, -i64::from(signal), "{name}: {}", seen.shown);
        let add = fixture.vendor.call().args(["operator", "add", "kim"]);
        let seen = run_on_terminal(add, &[], &json!(["hidden", {"type": "correct"}, step]));
        assert_eq!(seen.exit, -i64::from(signal), "{name}: {}", seen.shown);
        assert!(!seen.shown.contains("correct"), "{name}: {}", seen.shown);
        // The same at the second question, when the terminal has been in another mode once already.
        let add = fixture.vendor.call().args(["operator", "add", "kim"]);
        let first = json!({"type": "correct horse battery staple\n"});
        let steps = json!(["hidden", first, {"shown": "Once more"}, "hidden", step]);
        let seen = run_on_terminal(add, &[], &steps);
        assert_eq!(seen.exit, -i64::from(signal), "{name}: {}", seen.shown);
    }
    // A shell's job: it is stopped, the terminal is looked at, and it goes on.
    let job = ["sh", "-mc", "\"$@\"; stty -a; read line; fg", "sh"];
    let request = computer.request(fixture.code());
    let steps = json!([
        "anything",
        {"type": CTRL_Z},
        "lines",
        {"type": "\n"},
        "anything",
        {"type": format!("{request}\n{CTRL_D}")},
    ]);
    let seen = run_on_terminal(inspect(), &job, &steps);
    assert!(seen.exit == 0 && seen.shown.contains("It is whole."), "{}", seen.shown);
    assert!(seen.shown.contains(" icanon") && seen.shown.contains(" echo "), "{}", seen.shown);
    // Where no shell would let it go on, that key does nothing.
    let steps = json!(["anything", {"type": format!("{CTRL_Z}{request}\n{CTRL_D}")}]);
    let seen = run_on_terminal(inspect(), &[], &steps);
    assert!(seen.exit == 0 && seen.shown.contains("It is whole."), "{}", seen.shown);
}

#[test]
fn a_terminal_from_outside_the_container_works() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    // Process 1 of the namespace is the program's parent; the leader of their session is outside.
    let inside = container_wrapper(&["sh", "-c", "\"$@\"; exit $?", "sh"]);
    let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
    let steps = json!(["anything", {"type": format!("{CTRL_Z}{request}\n{CTRL_D}")}]);
    let seen = run_on_terminal(computer.call().args(["inspect"]), &inside, &steps);
    assert!(seen.exit == 0 && seen.shown.contains("It is whole."), "{}", seen.shown);
    let add = fixture.vendor.call().args(["operator", "add", "kim"]);
    let passphrase = json!({"type": "correct horse battery staple\n"});
    let steps = json!(["hidden", passphrase, {"shown": "Once more"}, "hidden", passphrase]);
    let seen = run_on_terminal(add, &inside, &steps);
    assert!(seen.exit == 0 && !seen.shown.contains("staple"), "{}", seen.shown);
}

#[test]
fn a_line_truncated_by_the_terminal_is_reported() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let file = computer.home().join("pasted.txt");
    let said = |text: &str| {
        fs::write(&file, text).expect("a file");
        let device = computer.call().args(["inspect"]).args([&file]).run();
        let vendor = fixture.vendor.call().args(["activate"]).args([&file]).run();
        let [device, vendor] = [device, vendor].map(|answer| answer.stdout + &answer.stderr);
        assert_eq!(device.contains("4,095"), vendor.contains("4,095"), "{device}\n{vendor}");
        device.contains("terminal cuts")
    };
    let cut = format!("{} {request}", filler(LINE_LIMIT - 100));
    assert!(said(&format!("{}\n", &cut[..LINE_LIMIT])));
    assert!(!said(&format!("{}\n", &cut[..LINE_LIMIT - 1])));
    assert!(!said(&format!("{}\n{request}\n", filler(LINE_LIMIT))), "everything is there");
}

#[test]
fn a_possibly_mistyped_code_is_confirmed_on_a_terminal() {
    let fixture = Fixture::new(ONE_SEAT);
    let slip = mistyped(fixture.code());
    for (options, answer, ended) in
        [(&[][..], "n\n", 2), (&[], "\n", 2), (&[], "y\n", 0), (&["--code-is-right"], "", 0)]
    {
        let computer = fixture.computer();
        let request = computer.call().args(["request", "--code", &slip]).args(options);
        let seen = run_on_terminal(request, &[], &json!(["lines", {"type": answer}]));
        assert_eq!(seen.exit, ended, "{answer:?}: {}", seen.shown);
        let is_asked = options.is_empty();
        assert_eq!(seen.shown.contains("a typing error in group 1"), is_asked, "{}", seen.shown);
        assert_eq!(seen.shown.contains("Use it anyway?"), is_asked, "{}", seen.shown);
        assert_eq!(seen.shown.contains("LKREQ"), ended == 0, "{}", seen.shown);
    }
    // A right one isn't asked about.
    let request = fixture.computer().call().args(["request", "--code", fixture.code()]);
    let seen = run_on_terminal(request, &[], &json!(["lines"]));
    assert!(seen.exit == 0 && !seen.shown.contains("anyway"), "{}", seen.shown);
}

#[test]
fn an_activation_code_that_is_typed_on_a_terminal_is_not_shown() {
    let fixture = Fixture::new(ONE_SEAT);
    let typed = json!(["hidden", {"type": format!("{}\n", fixture.code())}]);
    let request = fixture.computer().call().args(["request", "--code", "-"]);
    let disable = fixture.vendor.call().args(["code", "disable", "-"]);
    for call in [request, disable] {
        let seen = run_on_terminal(call, &[], &typed);
        assert_eq!(seen.exit, 0, "{}", seen.shown);
        assert!(seen.shown.contains("Activation code:"), "{}", seen.shown);
        assert!(!seen.shown.contains(fixture.code()), "{}", seen.shown);
    }
}

#[test]
fn an_activation_code_is_read_from_a_terminal_in_any_encoding() {
    let fixture = Fixture::new(ONE_SEAT);
    let typed = |text: &str| {
        let line = json!({"type": format!("{text}\n"), "encoding": "latin-1"});
        let steps = json!(["hidden", line]);
        let request = fixture.computer().call().args(["request", "--code", "-"]);
        let disable = fixture.vendor.call().args(["code", "disable", "-"]);
        [request, disable].map(|call| run_on_terminal(call, &[], &steps))
    };
    for seen in typed("Müller-2026") {
        assert_eq!(seen.exit, 2, "{}", seen.shown);
        assert!(seen.shown.contains("→ Enter the code alone"), "{}", seen.shown);
    }
    for seen in typed(&fixture.code().replace('-', "\u{a0}")) {
        assert_eq!(seen.exit, 0, "{}", seen.shown);
    }
}

/// The code with its first symbol mistyped.
fn mistyped(code: &str) -> String {
    let typed = if code.starts_with('7') { "8" } else { "7" };
    format!("{typed}{}", &code[1..])
}

#[test]
fn a_possibly_mistyped_code_is_a_warning_without_a_terminal() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = |code: &str, json: bool| {
        let call = computer.call().args(if json { &["--json"][..] } else { &[] });
        call.args(["request", "--code", code]).run().succeeds()
    };
    let slip = mistyped(fixture.code());
    let warned = request(&slip, false);
    assert!(warned.stderr.contains("a typing error in group 1"), "{warned}");
    assert!(!warned.stderr.contains(&slip), "no code on standard error\n{warned}");
    assert_eq!(request(&slip, true).json()["code_doubt"]["code"], "activation_code.groups");
    let half = &fixture.code()[..11];
    assert_eq!(request(half, true).json()["code_doubt"]["code"], "activation_code.missing");
    let much = format!("{}-EXTRA-2", &fixture.code()[..23].replace('-', ""));
    assert_eq!(request(&much, true).json()["code_doubt"]["code"], "activation_code.added");
    for fine in [fixture.code(), "KW7M-3RTZ-9PHC-X2VB", "ACME-2026-PROMO", "A"] {
        let fine = request(fine, true);
        assert_eq!(fine.json()["code_doubt"], Value::Null, "{fine}");
    }
}

#[test]
fn a_request_with_a_mistyped_code_is_answered_only_with_the_right_code() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(&mistyped(fixture.code()));
    let refused = fixture.vendor.json_with(&["activate"], &request);
    assert_eq!(refused.error_code().as_deref(), Some("code.unknown"), "{refused}");
    let granted = fixture.vendor.json_with(&["activate", "--code", fixture.code()], &request);
    let response = granted.succeeds().json()["results"][0]["token"].clone();
    let _ = computer.apply(response.as_str().expect("a token")).succeeds();
    assert_eq!(computer.status()["state"], "active");
}
