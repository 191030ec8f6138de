//! Characters as programs write them into strings: `\n`, `\u000a`, `\x0a`. JSON, log files and source code have them.

use super::super::work::Work;

/// A text with these characters written out; `None` where there is none of them.
pub(super) fn written_out(text: &str, work: &Work) -> Option<String> {
    work.spend(text.len());
    let mut written = String::new();
    let mut rest = text;
    let mut found_any = false;
    while let Some(at) = rest.find('\\') {
        written.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let (character, length) = match behind.as_bytes().first() {
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(b'u') => number(behind, 1, 4),
            Some(b'x') => number(behind, 1, 2),
            _ => ('\\', 0),
        };
        found_any |= length > 0;
        written.push(character);
        rest = &behind[length..];
    }
    written.push_str(rest);
    work.spend(written.len());
    found_any.then_some(written)
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
        written_out(text, &Work::on(text))
    }

    #[test]
    fn characters_are_written_out() {
        for (text, written) in [
            (r#"{"token":"LK\nREQ\r\n"}"#, "{\"token\":\"LK\nREQ\r\n\"}"),
            (r"LK\u000aREQ\u000D\u000A", "LK\nREQ\r\n"),
            (r"\x4c\x4B\u0052EQ", "LKREQ"),
            (r"LK\tREQ\\", "LK\tREQ\\\\"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn what_only_looks_so_stays_as_it_is() {
        for text in [r"LK\", r"\u00", r"\x", r"\ud83d", r"\u+123", r"LKREQ \ü", "LKREQ"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
