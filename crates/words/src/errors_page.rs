//! `docs/errors.md`: every code with its words, written from the code and the catalogue. The test fails
//! when the page is out of date; `cargo xtask docs` writes it again.

use std::fmt::Write as _;
use std::path::Path;

use latchkey_token::Code;

use crate::catalogue::{catalogue, files};
use crate::{Language, message_id};

/// Every crate's codes, by who gives them.
const FAMILIES: &[(&str, &[Code])] = &[
    ("Tokens and their text", latchkey_token::CODES),
    ("Leases", latchkey_lease::CODES),
    ("This computer", latchkey_device::CODES),
    ("The vendor's side", latchkey_issuer::CODES),
];

/// A message as it stands in its file, on one line, with its placeables.
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
    let body = body.join(" ");
    let (value, action) = body.split_once(".action =").unwrap_or((&body, ""));
    Some((value.trim().to_owned(), action.trim().to_owned()))
}

fn page() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Every error that reaches a person has a code and a number. Neither ever changes its meaning or is used \
         again. Programs decide by the code, never by the words. This page is written from the code and the \
         message catalogues by `cargo xtask docs`; `{ $… }` stands for a value.\n",
    );
    for (family, codes) in FAMILIES {
        let mut codes = codes.to_vec();
        codes.sort_by_key(|code| code.number);
        let _ = write!(
            page,
            "\n## {family}\n\n| number | code | what happened | what to do |\n| --- | --- | --- | --- |\n"
        );
        for code in codes {
            let (message, action) = source_of(&message_id(code.name)).unwrap_or_default();
            let cell = |text: String| text.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| {} | `{}` | {} | {} |",
                code.number,
                code.name,
                cell(message),
                cell(action)
            );
        }
    }
    page
}

#[test]
fn every_code_has_words_and_a_next_step() {
    for language in Language::ALL {
        for code in FAMILIES.iter().flat_map(|(_, codes)| *codes) {
            let message = catalogue(*language).get_message(&message_id(code.name));
            let message = message.unwrap_or_else(|| panic!("{code} has no words: {language:?}"));
            assert!(message.value().is_some(), "{code} doesn't say what happened: {language:?}");
            let action = message.get_attribute("action");
            assert!(action.is_some(), "{code} doesn't say what to do: {language:?}");
        }
    }
}

#[test]
fn no_two_crates_share_a_code_or_a_number() {
    let all: Vec<_> = FAMILIES.iter().flat_map(|(_, codes)| *codes).collect();
    for (index, code) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            let same = code == other;
            assert!(!same && code.name != other.name && code.number != other.number, "{code}");
        }
    }
}

#[test]
fn the_page_of_errors_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let page = page();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/errors.md is out of date: run `cargo xtask docs`");
}
