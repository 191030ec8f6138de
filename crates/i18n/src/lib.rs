//! Messages for users: one set of message catalogues (Fluent, one folder per language) for the
//! wizard, the command lines, the portal and the print sheets. The wizard's pages use the same
//! files.
//!
//! An error's message is found by its code: `token.truncated` is the message `token-truncated`,
//! whose value describes what happened and whose attribute `action` describes what to do next.
//!
//! A process uses one language ([`Language::of_process`]), chosen once, from the environment unless
//! the program overrides it. A server that answers several users names the language with each
//! message.
//!
//! ```
//! use latchkey_i18n::Language;
//! let nothing = latchkey_token::scan("hello").unwrap_err();
//! let explained = latchkey_i18n::explain_in(Language::English, &nothing);
//! assert_eq!(explained.code, "token.none_found");
//! assert_eq!(explained.message, "There is no token in this text.");
//! let explained = latchkey_i18n::explain_in(Language::German, &nothing);
//! assert_eq!(explained.message, "In diesem Text ist kein Token.");
//! ```

mod catalogue;
#[cfg(test)]
mod consistency;
#[cfg(test)]
mod errors_page;
#[cfg(test)]
mod labels;
mod language;
mod names;
#[cfg(test)]
mod pseudo;
#[cfg(test)]
mod security_page;
#[cfg(test)]
mod usage;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Datelike as _, Utc};
use fluent_bundle::{FluentArgs, FluentValue};
use latchkey_token::{ActivationCode, ErrorArg, HasErrorCode};

use catalogue::format_or_english;
pub use language::Language;
pub use names::Names;

/// An error in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its stable name.
    pub code: &'static str,
    /// Its stable number.
    pub number: u32,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub action: String,
}

/// Whether [`explain`] escapes the characters of values that aren't ASCII.
static ESCAPES_VALUES: AtomicBool = AtomicBool::new(false);

/// Lets [`explain`] write characters of an error's values that aren't ASCII as `\u00e4` or
/// `\U0001d11e`, which shells and many languages read (`$'…'` in Bash). Programs call it if their
/// output is converted to ASCII: a sentence may be transliterated, but a path or a code has to stay
/// what the user typed.
pub fn escape_values() {
    ESCAPES_VALUES.store(true, Ordering::Relaxed);
}

/// Puts an error into words, in the process's language.
#[must_use]
pub fn explain(error: &dyn HasErrorCode) -> Explained {
    let mut details = error.details();
    if ESCAPES_VALUES.load(Ordering::Relaxed) {
        escape(&mut details);
    }
    explain_details(Language::of_process(), error, &details)
}

/// Puts an error into words of this language.
#[must_use]
pub fn explain_in(language: Language, error: &dyn HasErrorCode) -> Explained {
    explain_details(language, error, &error.details())
}

fn explain_details(
    language: Language,
    error: &dyn HasErrorCode,
    details: &[(&'static str, ErrorArg)],
) -> Explained {
    let code = error.code();
    let id = message_id(code.name);
    let args = arguments(language, details);
    Explained {
        code: code.name,
        number: code.number,
        // A code without words is a defect that the tests find; until then the code itself is
        // shown.
        message: format_or_english(language, &id, None, &args)
            .unwrap_or_else(|| code.name.to_owned()),
        action: format_or_english(language, &id, Some("action"), &args).unwrap_or_default(),
    }
}

/// A message of the catalogue by its id, in the process's language; the id itself when it doesn't
/// exist.
#[must_use]
pub fn text(id: &str, values: &[(&str, ErrorArg)]) -> String {
    text_in(Language::of_process(), id, values)
}

/// A message of the catalogue in this language; in English when only that has it, the id itself
/// when nothing has.
#[must_use]
pub fn text_in(language: Language, id: &str, values: &[(&str, ErrorArg)]) -> String {
    let args = arguments(language, values);
    format_or_english(language, id, None, &args).unwrap_or_else(|| id.to_owned())
}

/// The messages that the wizard's pages format themselves, in Fluent's syntax. The pages get only
/// one language, because they are painted sooner without the others.
#[must_use]
pub fn messages_for_pages(language: Language) -> String {
    let files = catalogue::files(language).iter();
    files.filter(|(name, _)| FILES_FOR_PAGES.contains(name)).map(|(_, text)| *text).collect()
}

/// The files of a language whose messages the wizard's pages format themselves.
const FILES_FOR_PAGES: [&str; 2] = ["wizard.ftl", "device.ftl"];

/// What is shown in ASCII in place of [`ActivationCode::MASK`].
const ASCII_MASK: &str = "****";

/// Escapes what isn't ASCII in the texts among these values, except for the signs that mask a code:
/// they are ours, and nobody has to type them.
fn escape(details: &mut [(&'static str, ErrorArg)]) {
    for (_, detail) in details {
        let ErrorArg::Text(text) = detail else { continue };
        let (mask, text) = match text.strip_prefix(ActivationCode::MASK) {
            Some(end) => (ASCII_MASK, end),
            None => ("", text.as_str()),
        };
        let is_escaped = ["\\u", "\\U"].iter().any(|escape| text.contains(escape));
        let text = match text.is_ascii() && !is_escaped {
            true => text.to_owned(),
            false => escape_text(&sanitize(text)),
        };
        *detail = ErrorArg::from([mask, &text].concat());
    }
}

/// Escapes what isn't ASCII in a value as [`escape_values`] describes, and the backslash in it, so
/// that the result has one meaning.
#[must_use]
pub fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(2 * text.len());
    for character in text.chars() {
        let number = u32::from(character);
        let _ = match character {
            '\\' => escaped.write_str(r"\\"),
            _ if character.is_ascii() => escaped.write_char(character),
            _ if number <= 0xffff => write!(escaped, "\\u{number:04x}"),
            _ => write!(escaped, "\\U{number:08x}"),
        };
    }
    escaped
}

/// Escapes a sentence of ours that quotes arguments in the same way. Its own quotation marks and
/// dashes become those of ASCII, and a sentence that is ASCII then stays as it is.
#[must_use]
pub fn escaped_sentence(text: &str) -> String {
    let plain = text.replace(['“', '”', '„'], "\"").replace(['‘', '’'], "'").replace('–', "-");
    if plain.is_ascii() { plain } else { escape_text(&plain) }
}

/// The id of a code's message.
fn message_id(code: &str) -> String {
    code.replace('.', "-")
}

fn arguments(language: Language, values: &[(&str, ErrorArg)]) -> FluentArgs<'static> {
    arguments_with(Names::of_process(), language, values)
}

/// The values of a message. Every message can use the names of programs and files.
fn arguments_with(
    names: &Names,
    language: Language,
    values: &[(&str, ErrorArg)],
) -> FluentArgs<'static> {
    let mut args = FluentArgs::new();
    for (name, value) in names.variables() {
        args.set(name, FluentValue::from(sanitize(value)));
    }
    for (name, detail) in values {
        args.set((*name).to_owned(), value(language, detail));
    }
    args
}

fn value(language: Language, detail: &ErrorArg) -> FluentValue<'static> {
    match detail {
        ErrorArg::Text(text) => FluentValue::from(sanitize(text)),
        ErrorArg::Number(number) => FluentValue::from(*number),
        ErrorArg::Time(seconds) => FluentValue::from(
            DateTime::from_timestamp(*seconds, 0)
                .filter(|time| (-9999..=9999).contains(&time.year()))
                .map_or_else(|| seconds.to_string(), |time| format_time(language, time)),
        ),
        ErrorArg::Numbers(runs) => FluentValue::from(join_ranges(language, runs)),
    }
}

/// A text as it may be shown. What a file or a token says can hold characters that move a
/// terminal's cursor, colour what follows or turn the direction of writing; each of these is shown
/// as a replacement character.
fn sanitize(text: &str) -> String {
    let is_shown = |character: char| {
        let turns = matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        );
        !turns && (!character.is_control() || matches!(character, '\n' | '\t'))
    };
    let replaced = |character| if is_shown(character) { character } else { '\u{fffd}' };
    text.chars().map(replaced).collect()
}

/// Ordinals as they are said: “1, 4 to 6 and 9”.
fn join_ranges(language: Language, runs: &[(u64, u64)]) -> String {
    let mut items = Vec::new();
    for &(first, last) in runs {
        if last - first > 1 {
            let ends = [("first", first.into()), ("last", last.into())];
            items.push(text_in(language, "numbers-run", &ends));
        } else {
            items.extend((first..=last).map(|number| number.to_string()));
        }
    }
    match items.split_last() {
        Some((last, before @ [_, ..])) => {
            let before = before.join(", ");
            text_in(
                language,
                "numbers-and",
                &[("before", before.into()), ("last", last.as_str().into())],
            )
        }
        _ => items.concat(),
    }
}

/// Always UTC: without a window, the reader's time zone is unknown.
fn format_time(language: Language, time: DateTime<Utc>) -> String {
    time.format(language.time_format()).to_string()
}

#[cfg(test)]
mod tests {
    use latchkey_token::ReadError;

    use super::*;

    #[test]
    fn a_plural_follows_its_number_in_every_language() {
        let damaged = |language, rows: &[_]| {
            explain_in(language, &ReadError::Damaged { rows: rows.to_vec(), of: 15 }).message
        };
        for (language, one, several) in [
            (Language::English, "Row 7 of 15 is damaged.", "Rows 3, 4 and 7 of 15 are damaged."),
            (
                Language::German,
                "Zeile 7 von 15 ist beschädigt.",
                "Die Zeilen 3, 4 und 7 von 15 sind beschädigt.",
            ),
        ] {
            assert_eq!(damaged(language, &[7]), one);
            assert_eq!(damaged(language, &[3, 4, 7]), several);
        }
    }

    #[test]
    fn escaped_values_are_ascii_and_no_two_are_equal() {
        let texts = [
            "Größe",
            "Groesse",
            "Gr\\u00f6\\u00dfe",
            "Größe\\",
            "𝄞",
            "e\u{301}",
            "é",
            "Привет",
            "a\\b",
        ];
        let mut details = texts.map(|text| ("path", ErrorArg::from(text)));
        escape(&mut details);
        let escaped = details.map(|(_, detail)| match detail {
            ErrorArg::Text(text) => text,
            other => panic!("{other:?}"),
        });
        assert_eq!(escaped[0], "Gr\\u00f6\\u00dfe");
        assert_eq!(escaped[3], "Gr\\u00f6\\u00dfe\\\\");
        assert_eq!(escaped[4], "\\U0001d11e");
        // A text in ASCII stays as it is.
        assert_eq!(escaped[8], "a\\b");
        assert!(escaped.iter().all(|text| text.is_ascii()));
        let different: std::collections::BTreeSet<_> = escaped.iter().collect();
        assert_eq!(different.len(), escaped.len(), "{escaped:?}");
    }

    #[test]
    fn a_masked_code_is_legible_in_ascii() {
        for (masked, expected) in [
            (ActivationCode::MASK.to_owned(), "****"),
            (format!("{}-2V26", ActivationCode::MASK), "****-2V26"),
            ("a\u{2022}".to_owned(), "a\\u2022"),
        ] {
            let mut details = [("code", ErrorArg::from(masked))];
            escape(&mut details);
            assert_eq!(details[0].1, ErrorArg::from(expected));
        }
    }

    #[test]
    fn adjacent_rows_are_listed_as_ranges() {
        let missing = |language, rows: &[_]| {
            explain_in(language, &ReadError::RowsMissing { rows: rows.to_vec(), of: 20 }).message
        };
        assert_eq!(missing(Language::English, &[13, 14, 15]), "Rows 13 to 15 of 20 are missing.");
        assert_eq!(missing(Language::English, &[4]), "Row 4 of 20 is missing.");
        assert_eq!(
            missing(Language::German, &[1, 4, 5, 6, 9, 10]),
            "Die Zeilen 1, 4 bis 6, 9 und 10 von 20 fehlen."
        );
    }

    #[test]
    fn text_from_a_token_cannot_control_the_terminal_or_text_direction() {
        for hostile in ["a\u{1b}[2Jb", "a\rb", "a\u{7}b", "a\u{9b}31mb", "a\u{202e}b", "a\u{2068}b"]
        {
            let values = [
                ("name", ErrorArg::from("edition")),
                ("value", ErrorArg::from(hostile.to_owned())),
            ];
            let said = text_in(Language::English, "cli-status-attribute", &values);
            assert!(said.contains("a\u{fffd}"), "{said:?}");
            assert!(!said.chars().any(|character| character.is_control()), "{said:?}");
            assert!(!said.contains(['\u{202e}', '\u{2068}']), "{said:?}");
        }
        let said = sanitize("Größe L, ١٢٣, 東京\tß");
        assert_eq!(said, "Größe L, ١٢٣, 東京\tß");
    }

    #[test]
    fn a_time_is_written_in_utc_as_the_language_writes_it() {
        let time = ErrorArg::Time(1_800_000_000);
        for (language, written) in [
            (Language::English, "2027-01-15 08:00 UTC"),
            (Language::German, "15.01.2027, 08:00 UTC"),
        ] {
            assert_eq!(value(language, &time), FluentValue::from(written));
        }
    }

    #[test]
    fn another_language_changes_the_words_and_never_the_code() {
        let error = ReadError::Damaged { rows: vec![7], of: 15 };
        let english = explain_in(Language::English, &error);
        let german = explain_in(Language::German, &error);
        assert_eq!((english.code, english.number), (german.code, german.number));
        assert_ne!(english.message, german.message);
        assert_ne!(english.action, german.action);
    }

    #[test]
    fn advice_has_the_names_that_programs_and_files_have_here() {
        let names =
            Names { command_line: "acme-cli".to_owned(), config_file: "licence.toml".to_owned() };
        for language in Language::ALL {
            let action = |id: &str, names: &Names| {
                let args = arguments_with(names, *language, &[("reason", "closed".into())]);
                format_or_english(*language, id, Some("action"), &args).unwrap()
            };
            for (id, own, ours) in [
                ("cli-usage", "acme-cli --help", "latchkey --help"),
                ("config-not_found", "licence.toml", "latchkey.toml"),
            ] {
                assert!(action(id, &names).contains(own), "{}", action(id, &names));
                assert!(action(id, &Names::default()).contains(ours), "{id}");
            }
        }
        let hostile = Names { command_line: "a\u{1b}[2Jb".to_owned(), ..names };
        let args = arguments_with(&hostile, Language::English, &[]);
        assert_eq!(args.get("command_line"), Some(&FluentValue::from("a\u{fffd}[2Jb")));
    }

    #[test]
    fn what_no_language_has_is_shown_as_its_id() {
        for language in Language::ALL {
            assert_eq!(text_in(*language, "no-such-id", &[]), "no-such-id");
        }
    }
}
