//! Generates `docs/errors.md`, which lists every error code with its messages, from the code and
//! the catalogue. Its test fails if the page is out of date; `cargo xtask docs` regenerates it.

use std::fmt::Write as _;
use std::path::Path;

use latchkey_token::ErrorCode;

use crate::catalogue::{catalogue, files};
use crate::{Language, Names, message_id};

/// The error codes of the libraries, by crate.
const LIBRARIES: &[(&str, &[&[ErrorCode]])] = &[
    ("Tokens and their text", &[latchkey_token::CODES]),
    ("Leases", &[latchkey_lease::CODES]),
    ("This computer", &[latchkey_device::CODES, latchkey_config::CODES]),
    ("The vendor's side", &[latchkey_issuer::CODES]),
];

/// The programs can't be linked here, so their own codes are read where they are defined.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "`latchkey-server`",
        &[
            "crates/server-core/src/error.rs",
            "crates/kit/src/error.rs",
            "crates/packager/src/error.rs",
            "crates/portal/src/error.rs",
            "crates/server/src/error.rs",
        ],
    ),
    ("`latchkey`", &["crates/cli/src/error.rs"]),
    ("The wizard", &["src-tauri/src/error.rs"]),
    ("The SDK", &["crates/sdk/src/error.rs"]),
];

/// A code and its number, as a row of the page needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    number: u32,
    code: String,
}

fn families() -> Vec<(&'static str, Vec<Row>)> {
    let libraries = LIBRARIES.iter().map(|(family, codes)| {
        let row = |code: &ErrorCode| Row { number: code.number, code: code.name.to_owned() };
        (*family, codes.iter().copied().flatten().map(row).collect())
    });
    let programs = PROGRAMS
        .iter()
        .map(|(family, files)| (*family, files.iter().flat_map(|file| defined_in(file)).collect()));
    let mut families: Vec<(_, Vec<Row>)> = libraries.chain(programs).collect();
    for (_, rows) in &mut families {
        rows.sort_by_key(|row| row.number);
    }
    families
}

/// Codes that a source file defines: `"name.of_it", 6001`.
fn defined_in(file: &str) -> Vec<Row> {
    let path = workspace().join(file);
    let source = std::fs::read_to_string(&path).unwrap();
    let mut rows = Vec::new();
    for (at, _) in source.match_indices("\", ") {
        let number: String = source[at + 3..].chars().take_while(char::is_ascii_digit).collect();
        let name = source[..at].rsplit('"').next().unwrap_or_default();
        if let (Ok(number), true) = (number.parse(), name.contains('.')) {
            rows.push(Row { number, code: name.to_owned() });
        }
    }
    assert!(!rows.is_empty(), "{file} defines no codes");
    // A test in the same file may name a code once more.
    rows.sort_by_key(|row: &Row| row.number);
    rows.dedup();
    rows
}

fn workspace() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A message's source on one line, with its placeables.
fn source_of(id: &str) -> Option<(String, String)> {
    let head = format!("{id} =");
    let (_, source) = files(Language::English)
        .iter()
        .find(|(_, source)| source.starts_with(&head) || source.contains(&format!("\n{head}")))?;
    let from = source.find(&format!("\n{head}")).map_or(0, |at| at + 1);
    let body: Vec<_> = source[from + head.len()..]
        .split('\n')
        .enumerate()
        .take_while(|(index, line)| *index == 0 || line.starts_with(' ') || line.is_empty())
        .map(|(_, line)| line.trim())
        .filter(|line| !line.is_empty())
        .collect();
    let mut body = body.join(" ");
    for (variable, name) in Names::default().variables() {
        body = body.replace(&format!("{{ ${variable} }}"), name);
    }
    let (value, action) = body.split_once(".action =").unwrap_or((&body, ""));
    Some((value.trim().to_owned(), action.trim().to_owned()))
}

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Every error that reaches a person has a code and a number. Neither ever changes its meaning \
         or is\nused again. Programs decide by the code, never by the words. This page is written from \
         the code and\nthe message catalogues by `cargo xtask docs`; `{ $… }` stands for a value.\n",
    );
    for (family, rows) in families() {
        let _ = write!(
            page,
            "\n## {family}\n\n| number | code | what happened | what to do |\n| --- | --- | --- | --- |\n"
        );
        for Row { number, code } in rows {
            let (message, action) = source_of(&message_id(&code)).unwrap_or_default();
            let cell = |text: String| text.replace('|', "\\|");
            let _ =
                writeln!(page, "| {number} | `{code}` | {} | {} |", cell(message), cell(action));
        }
    }
    page
}

#[test]
fn every_code_has_words_and_a_next_step() {
    for language in Language::ALL {
        for Row { code, .. } in families().into_iter().flat_map(|(_, rows)| rows) {
            let catalogue = catalogue(*language);
            let message = catalogue.get_message(&message_id(&code));
            let message = message.unwrap_or_else(|| panic!("{code} has no words: {language:?}"));
            assert!(message.value().is_some(), "{code} doesn't say what happened: {language:?}");
            let action = message.get_attribute("action");
            assert!(action.is_some(), "{code} doesn't say what to do: {language:?}");
        }
    }
}

#[test]
fn no_two_rooms_share_a_code_or_a_number() {
    let all: Vec<_> = families().into_iter().flat_map(|(_, rows)| rows).collect();
    for (index, row) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            assert!(row.code != other.code && row.number != other.number, "{row:?} {other:?}");
        }
    }
}

#[test]
fn the_page_of_errors_is_up_to_date() {
    let path = workspace().join("docs/errors.md");
    let page = page();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/errors.md is out of date: run `cargo xtask docs`");
}
