//! Tokens on paper: the print sheet, and typing its rows.

use std::path::Path;

use latchkey_e2e_support::{Answer, Call, Computer, Programs};

use crate::codes;
use crate::fixture::{Fixture, THREE_SEATS};

/// What a call without `--json` says.
#[track_caller]
fn run_without_json(computer: &Computer, arguments: &[&str], input: &str) -> Answer {
    computer.call().args(arguments).input(input).run()
}

/// Runs a command with these lines typed on a terminal, which `script` makes.
fn run_on_terminal(computer: &Computer, arguments: &str, typed: &str) -> Answer {
    let program = Programs::find().expect("programs").path("latchkey");
    let command = format!("'{}' {arguments}", program.display());
    Call::new(Path::new("script"))
        .env("HOME", computer.home())
        .args(["-q", "-e", "-c", command.as_str(), "/dev/null"])
        .input(typed)
        .run()
}

/// The lines of a sheet with their numbers: ` 7  446JB 1BB8M …`.
fn numbered_lines(sheet: &str) -> Vec<(usize, String)> {
    let line = |line: &str| {
        let (number, rest) = line.trim_start().split_once("  ")?;
        let groups = rest.split(' ').all(|group| {
            (1..=5).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let number = number.parse().ok()?;
        groups.then(|| (number, rest.to_owned()))
    };
    sheet.lines().filter_map(line).collect()
}

/// A request token, its sheet, and the sheet's lines.
fn sheet_of_a_request() -> (Fixture, Computer, String, Vec<(usize, String)>) {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let sheet = run_without_json(&computer, &["sheet"], &request).succeeds();
    let lines = numbered_lines(&sheet.stdout);
    assert!(lines.len() > 10, "{sheet}");
    (fixture, computer, request, lines)
}

#[test]
fn every_kind_of_token_is_read_back_from_its_sheet() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let paper = |token: &str, arguments: &[&str]| {
        run_without_json(&computer, arguments, &format!("> {token}\n")).succeeds().stdout
    };
    for form in [&["sheet"][..], &["sheet", "--html"]] {
        let request = computer.request(fixture.code());
        let response = fixture.vendor.response_to(&paper(&request, form));
        let applied = computer.apply(&paper(&response, form)).succeeds().result();
        assert_eq!(applied["outcome"], "activated", "{applied}");
        assert_eq!(applied["repaired"], 0, "{applied}");
        let refresh = fixture.vendor.refresh_of(&computer.seat());
        let applied = computer.apply(&paper(&refresh, form)).succeeds().result();
        assert_eq!(applied["outcome"], "refreshed", "{applied}");
        let deactivation = computer.deactivate();
        let _ = fixture.vendor.deactivate(&paper(&deactivation, form)).succeeds();
        assert_eq!(fixture.seats_in_use(), 0);
    }
}

#[test]
fn a_sheet_has_its_purpose_its_destination_and_a_qr_code() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let text = run_without_json(&computer, &["sheet"], &request).succeeds().stdout;
    let page = run_without_json(&computer, &["sheet", "--html"], &request).succeeds().stdout;
    for sheet in [&text, &page] {
        assert!(sheet.contains("Acme CAD"), "{sheet}");
        assert!(!sheet.contains(fixture.code()), "the activation code is on it: {sheet}");
    }
    assert!(page.contains("<svg ") && !page.contains("<script"), "{page}");
    let german = computer.call().env("LANG", "de_DE.UTF-8").args(["sheet"]).input(request.as_str());
    let german = german.run().succeeds().stdout;
    assert_ne!(german, text);
    assert_eq!(numbered_lines(&german), numbered_lines(&text));
    let json = computer.json_with(&["sheet"], &request).succeeds().json();
    assert_eq!(json["kinds"][0], "request");
    assert_eq!(json["sheet"], text);
}

#[test]
fn a_damaged_token_has_no_sheet() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let half = &request[..request.len() / 2];
    let answer = computer.json_with(&["sheet"], half);
    answer.fails(3, codes::TRUNCATED);
    computer.json_with(&["sheet"], "hello").fails(3, codes::NONE_FOUND);
    let other = computer.request(fixture.code());
    let other = &other[..other.len() / 2];
    let both = run_without_json(&computer, &["sheet"], &format!("{other}\n\n{request}")).exits(3);
    assert_eq!(numbered_lines(&both.stdout)[0].0, 0, "the whole one is printed: {both}");
}

#[test]
fn a_token_is_typed_row_by_row_in_any_order() {
    let (fixture, computer, request, lines) = sheet_of_a_request();
    let mut shuffled = lines.clone();
    shuffled[1..].reverse();
    let typed: String = shuffled
        .iter()
        .map(|(number, line)| format!("{number} {}\n", line.to_lowercase()))
        .collect();
    let token = run_without_json(&computer, &["type"], &typed).succeeds().tokens();
    assert_eq!(token, std::slice::from_ref(&request));
    let in_order: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    let token = computer.json_with(&["type"], &in_order).succeeds().json_token();
    assert_eq!(token.as_deref(), Some(request.as_str()));

    let response = fixture.vendor.response_to(&request);
    let sheet = run_without_json(&computer, &["sheet"], &response).succeeds().stdout;
    let rows: String =
        numbered_lines(&sheet).iter().map(|(n, line)| format!("{n} {line}\n")).collect();
    let fields = |document: &serde_json::Value| -> Vec<String> {
        document.as_object().expect("an object").keys().cloned().collect()
    };
    let only_typed = computer.json_with(&["type"], &rows).succeeds().json();
    let missing = rows.lines().take(3).collect::<Vec<_>>().join("\n");
    let begun = computer.json_with(&["type"], &missing).exits(3).json();
    let answer = computer.json_with(&["type", "--apply"], &rows).succeeds();
    let applied = answer.json();
    assert_eq!(answer.result()["outcome"], "activated");
    assert_eq!(only_typed["results"].as_array().map(Vec::len), Some(0));
    assert_eq!(applied["token"].as_str(), Some(response.as_str()));
    assert!(begun["token"].is_null() && begun["rows"].is_string(), "{begun}");
    for other in [&only_typed, &begun] {
        assert_eq!(fields(other), fields(&applied), "one document however it is called");
    }
}

#[test]
fn a_typed_token_that_cannot_be_applied_is_not_lost() {
    let (_fixture, computer, request, lines) = sheet_of_a_request();
    let rows: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    std::fs::write(computer.vault(), "no vault any more").expect("the store's file");
    let answer = run_without_json(&computer, &["type", "--apply"], &rows).exits(5);
    assert_eq!(answer.tokens(), std::slice::from_ref(&request), "{answer}");
    let answer = computer.json_with(&["type", "--apply"], &rows).exits(5);
    assert_eq!(answer.json()["token"].as_str(), Some(request.as_str()), "{answer}");
}

#[test]
fn a_typing_error_is_corrected_only_after_confirmation() {
    let (_fixture, computer, request, lines) = sheet_of_a_request();
    let with_slip = |answer: &str| -> String {
        let typed = lines.iter().map(|(number, line)| match number {
            3 => {
                let wrong = if line.as_bytes()[7] == b'7' { "W" } else { "7" };
                format!("3 {}{wrong}{}\n{answer}", &line[..7], &line[8..])
            }
            number => format!("{number} {line}\n"),
        });
        typed.collect()
    };
    let taken = run_on_terminal(&computer, "type", &with_slip("=\n")).succeeds();
    assert!(taken.stdout.contains(&request), "{taken}");
    assert!(taken.stdout.contains(&lines[3].1), "the right row is offered: {taken}");

    let refused = run_on_terminal(&computer, "type", &with_slip("")).exits(3);
    assert!(!refused.stdout.contains(&request), "it was taken without being told: {refused}");
}

#[test]
fn rows_from_a_pipe_are_repaired_like_apply_does_and_the_repair_is_reported() {
    let (fixture, computer, request, lines) = sheet_of_a_request();
    let response = fixture.vendor.response_to(&request);
    // What text recognition makes of a sheet: look-alike letters, among them the zero of line 0.
    let recognised = |sheet: &[(usize, String)]| -> String {
        let row = |(number, line): &(usize, String)| match number {
            0 => format!("O {line}\n"),
            3 => {
                let wrong = if line.as_bytes()[7] == b'7' { "W" } else { "7" };
                format!("3 {}{wrong}{}\n", &line[..7], &line[8..])
            }
            _ => format!("{number} {line}\n"),
        };
        sheet.iter().map(row).collect()
    };
    let typed = run_without_json(&computer, &["type"], &recognised(&lines)).succeeds();
    assert_eq!(typed.tokens(), std::slice::from_ref(&request));
    assert!(typed.stderr.contains("1 wrong character was repaired."), "{typed}");

    let document = computer.json_with(&["type"], &recognised(&lines)).succeeds().json();
    assert_eq!(document["repaired"], 1, "{document}");

    let sheet = run_without_json(&computer, &["sheet"], &response).succeeds().stdout;
    let answer =
        computer.json_with(&["type", "--apply"], &recognised(&numbered_lines(&sheet))).succeeds();
    assert_eq!(answer.result()["outcome"], "activated");
    assert_eq!(answer.json()["repaired"], 1, "{answer}");
}

#[test]
fn typing_resumes_at_the_first_missing_row() {
    let (_fixture, computer, request, lines) = sheet_of_a_request();
    let without_third = lines.iter().filter(|(number, _)| *number != 3);
    let typed: String = without_third.map(|(number, line)| format!("{number} {line}\n")).collect();
    computer.json_with(&["type"], &typed).fails(3, "cli.rows_missing");
    let ended = run_without_json(&computer, &["type"], &typed).exits(3);
    let rest = format!("{}3 {}\n", ended.stdout, lines[3].1);
    assert_eq!(run_without_json(&computer, &["type"], &rest).succeeds().tokens(), [request]);
}

#[test]
fn missing_wrong_and_misplaced_rows_are_reported() {
    let (_fixture, computer, _, lines) = sheet_of_a_request();
    let typed = format!(
        "{}\n2 {}\n3 {}\n4 {}\n",
        lines[0].1,
        lines[5].1,
        &lines[3].1[..20],
        lines[4].1.chars().rev().collect::<String>(),
    );
    let answer = run_without_json(&computer, &["type"], &typed).exits(3);
    assert!(answer.stderr.contains("row 5"), "{answer}");
    assert!(answer.stderr.contains("8 characters"), "{answer}");
    assert!(answer.stderr.lines().count() >= 4, "{answer}");
    let nothing = computer.json_with(&["type"], "");
    nothing.fails(3, "cli.rows_missing");
}

#[test]
fn rows_can_be_spelled_in_words() {
    let (_fixture, computer, request, lines) = sheet_of_a_request();
    let aloud = run_without_json(&computer, &["sheet", "--aloud"], &request).succeeds().stdout;
    assert!(aloud.starts_with("  0  Lima Kilo Romeo Echo Quebec / "), "{aloud}");
    assert_eq!(aloud.lines().count(), lines.len());
    let words = |line: &str| line.split_whitespace().filter(|word| *word != "/").count();
    for ((_, row), aloud) in lines.iter().zip(aloud.lines()) {
        assert_eq!(words(aloud) - 1, row.replace(' ', "").len(), "{aloud}");
    }
    let read_back = format!("{}\n1 {}\n?\n", lines[0].1, &lines[1].1[..5]);
    let answer = run_without_json(&computer, &["type"], &read_back).exits(3);
    let spoken: String = aloud.lines().nth(1).expect("a row").trim().chars().skip(3).collect();
    let first_group = spoken.split(" / ").next().expect("a group");
    assert!(answer.stderr.contains(first_group), "{first_group}: {answer}");
}

/// On a terminal each row is asked for.
#[test]
fn a_terminal_prompts_for_each_row() {
    let (_fixture, computer, request, lines) = sheet_of_a_request();
    let typed: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
    let answer = run_on_terminal(&computer, "type", &typed).succeeds();
    assert!(answer.stdout.contains(&request), "{answer}");
    assert!(answer.stdout.contains(&format!("Row 1 of {}:", lines.len() - 1)), "{answer}");
}
