//! Decodes characters that are escaped in string literals: `\n`, `\u000a`, `\u{a}`, `\x0a`, `\033`
//! in JSON, log files and source code, and `_x000A_`, which PowerShell and Excel write into XML.

use super::super::work_budget::WorkBudget;

/// Starts a terminal's control sequence.
const ESCAPE: char = '\u{1b}';

/// Returns a text with these characters decoded, or `None` if there are none.
pub(super) fn decode(text: &str, work: &WorkBudget) -> Option<String> {
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

/// Returns the character whose number is in braces after `u`, and the length of that.
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

/// Returns the character with a number of `digits` hexadecimal digits at a position, and the length
/// of the whole escape.
fn number(text: &str, at: usize, digits: usize) -> (char, usize) {
    let number = text.get(at..at + digits);
    let number = number.filter(|number| number.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let number = number.and_then(|number| u32::from_str_radix(number, 16).ok());
    match number.and_then(char::from_u32) {
        Some(character) => (character, at + digits),
        // For example, half of a surrogate pair, which is not part of a token.
        None => ('\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        decode(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn escaped_characters_are_decoded() {
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
    fn text_that_only_resembles_an_escape_is_unchanged() {
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
