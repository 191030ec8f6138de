//! Characters as programs write them into strings: `\n`, `\u000a`, `\u{a}`, `\x0a`, `\033`. JSON, log files and source code
//! have them; and `_x000A_`, which PowerShell and Excel write into XML.

use super::super::work_budget::WorkBudget;

/// Begins what a terminal is told.
const ESCAPE: char = '\u{1b}';

/// A text with these characters written out; `None` where there is none of them.
pub(super) fn written_out(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    let mut written = String::new();
    let mut rest = text;
    let mut found_any = false;
    while let Some(at) = memchr::memchr2(b'\\', b'_', rest.as_bytes()) {
        written.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let sign = char::from(rest.as_bytes()[at]);
        let (character, length) = match after.as_bytes() {
            [b'x', _, _, _, _, b'_', ..] if sign == '_' => match number(after, 1, 4) {
                (_, 0) => (sign, 0),
                (character, length) => (character, length + 1),
            },
            _ if sign == '_' => (sign, 0),
            [b'n', ..] => ('\n', 1),
            [b'r', ..] => ('\r', 1),
            [b't', ..] => ('\t', 1),
            [b'f', ..] => ('\u{c}', 1),
            [b'v', ..] => ('\u{b}', 1),
            [b'e', b'[', ..] => (ESCAPE, 1),
            [b'0', b'3', b'3', ..] => (ESCAPE, 3),
            [b'u', b'{', ..] => in_braces(after),
            [b'u', ..] => number(after, 1, 4),
            [b'U', ..] => number(after, 1, 8),
            [b'x', ..] => number(after, 1, 2),
            _ => ('\\', 0),
        };
        found_any |= length > 0;
        written.push(character);
        rest = &after[length..];
    }
    written.push_str(rest);
    work.spend(written.len());
    found_any.then_some(written)
}

/// The character whose number stands between braces after `u`, and how long that is.
fn in_braces(text: &str) -> (char, usize) {
    const LONGEST: usize = 6;
    let digits = text[2..].bytes().take(LONGEST + 1).take_while(u8::is_ascii_hexdigit).count();
    match text.as_bytes().get(2 + digits) {
        Some(b'}') if digits > 0 => match number(text, 2, digits) {
            (_, 0) => ('\\', 0),
            (character, length) => (character, length + 1),
        },
        _ => ('\\', 0),
    }
}

/// The character whose number stands there in so many hexadecimal digits, and how long all of that is.
fn number(text: &str, at: usize, digits: usize) -> (char, usize) {
    let number = text.get(at..at + digits);
    let number = number.filter(|number| number.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let number = number.and_then(|number| u32::from_str_radix(number, 16).ok());
    match number.and_then(char::from_u32) {
        Some(character) => (character, at + digits),
        // Half of a pair of surrogates, for example: no token has it.
        None => ('\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        written_out(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn characters_are_written_out() {
        for (text, written) in [
            (r#"{"token":"LK\nREQ\r\n"}"#, "{\"token\":\"LK\nREQ\r\n\"}"),
            (r"LK\u000aREQ\u000D\u000A", "LK\nREQ\r\n"),
            (r"\x4c\x4B\u0052EQ", "LKREQ"),
            (r"LK\tREQ\\", "LK\tREQ\\\\"),
            (r"LK\u{200b}RE\U0000200bQ", "LK\u{200b}RE\u{200b}Q"),
            (r"\e[1mLK\033[0m", "\u{1b}[1mLK\u{1b}[0m"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn what_only_looks_so_stays_as_it_is() {
        for text in [
            r"LK\",
            r"\u00",
            r"\x",
            r"\ud83d",
            r"\u+123",
            r"LKREQ \ü",
            r"\u{",
            r"\u{}",
            r"\u{1234567}",
            "LKREQ",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
