//! Checks the buttons that messages mention: each exists under that name in every language.
//! Commands that messages mention are checked against the programs themselves
//! (`tests/command_lines/mentioned_commands.rs`).

use std::collections::{BTreeMap, BTreeSet};

use crate::Language;
use crate::catalogue::files;
use crate::catalogue::source::patterns;

/// What others' programs call theirs.
const OF_OTHERS: &[&str] =
    &["Passwords and Keys", "Passwörter und Verschlüsselung", "Security", "Sicherheit"];
/// Quoted text that isn't a button's name.
const NO_BUTTONS: &[&str] = &["Token"];

/// Quoted text that begins like a button's name.
fn named(pattern: &str) -> BTreeSet<&str> {
    let quoted = pattern.split(['“', '„']).skip(1).filter_map(|rest| {
        let end = rest.find(['”', '“']).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|quoted| !quoted.is_empty())
    });
    quoted
        .filter(|quoted| quoted.starts_with(char::is_uppercase) && !quoted.contains('{'))
        .filter(|quoted| !NO_BUTTONS.contains(quoted))
        .collect()
}

/// The messages with exactly this text.
fn labels<'m>(messages: &'m BTreeMap<String, String>, text: &str) -> BTreeSet<&'m str> {
    let same = messages.iter().filter(|(_, pattern)| *pattern == text);
    same.map(|(id, _)| id.as_str()).collect()
}

#[test]
fn a_button_in_an_english_sentence_is_in_quotes() {
    for (id, pattern) in patterns(files(Language::English)) {
        let mut words = pattern.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let is_asked = ["press", "choose", "click"].contains(&word.to_lowercase().as_str());
            let next = words.peek().copied().unwrap_or_default();
            let is_key = ["Ctrl-", "Enter"].iter().any(|key| next.starts_with(key));
            let is_name = next.starts_with(char::is_uppercase) && !is_key;
            assert!(!(is_asked && is_name), "{id}: {word} {next}");
        }
    }
}

#[test]
fn every_button_named_in_a_sentence_exists_in_every_language() {
    let english = patterns(files(Language::English));
    let mut seen = 0;
    for language in Language::ALL {
        let own = patterns(files(*language));
        for (id, pattern) in &own {
            let buttons = |messages, pattern| -> BTreeMap<String, BTreeSet<&str>> {
                let named = named(pattern).into_iter().filter(|name| !OF_OTHERS.contains(name));
                named.map(|name| (name.to_owned(), labels(messages, name))).collect()
            };
            let here = buttons(&own, pattern);
            let there = buttons(&english, &english[id]);
            for (name, labels) in &here {
                let tag = language.tag();
                assert!(!labels.is_empty(), "{tag}: {id}: nothing is called “{name}”");
                let same = there.values().any(|others| !others.is_disjoint(labels));
                assert!(same, "{tag}: {id} names “{name}”, in English it names {there:?}");
                seen += 1;
            }
            assert_eq!(here.len(), there.len(), "{}: {id}: {here:?}", language.tag());
        }
    }
    assert!(seen > 20, "{seen} buttons are named");
}
