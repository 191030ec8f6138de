//! Decodes characters beyond ASCII whose bytes in UTF-8, or whose number, programs write in ASCII
//! in a text that isn't otherwise encoded. Where a program has shortened a token with an ellipsis,
//! the digits of such an escape would be taken for symbols.

use super::super::work_budget::WorkBudget;

/// How a notation begins, and what returns the byte that an escape at the beginning of a text
/// stands for, and the length of the escape.
type Notation = (&'static str, fn(&[u8]) -> Option<(u8, usize)>);

const NOTATIONS: [Notation; 6] = [
    // Mails.
    ("=", |text| hexadecimal(text, "=", "")),
    // Addresses.
    ("%", |text| hexadecimal(text, "%", "")),
    // Python, C and shells. The first byte of a character is at least 0o302.
    ("\\x", |text| hexadecimal(text, "\\x", "")),
    ("\\3", octal),
    // `less`, `vim` and `git`.
    ("<", |text| hexadecimal(text, "<", ">")),
    // `cat -v`.
    ("M-", meta),
];
/// How `less` and R begin the number of a character.
const NUMBER: &str = "<U+";

/// Returns a text with these characters decoded, or `None` if there are none.
pub(super) fn decode(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    let mut decoded = None::<String>;
    for (begins, byte) in NOTATIONS {
        let written = decoded.as_deref().unwrap_or(text);
        let next = with_each_decoded(written, begins, |text| character_of_bytes(text, byte));
        work.spend(next.as_ref().map_or(0, String::len));
        decoded = next.or(decoded);
    }
    let written = decoded.as_deref().unwrap_or(text);
    let next = with_each_decoded(written, NUMBER, numbered_character);
    work.spend(next.as_ref().map_or(0, String::len));
    next.or(decoded)
}

fn with_each_decoded(
    text: &str,
    begins: &str,
    character: impl Fn(&[u8]) -> Option<(char, usize)>,
) -> Option<String> {
    let mut decoded = String::new();
    let mut copied = 0;
    for at in memchr::memmem::find_iter(text.as_bytes(), begins) {
        // The escapes are ASCII.
        if at >= copied
            && let Some((character, length)) = character(&text.as_bytes()[at..])
        {
            decoded.push_str(&text[copied..at]);
            decoded.push(character);
            copied = at + length;
        }
    }
    (copied > 0).then(|| decoded + &text[copied..])
}

/// Returns the character whose bytes are escaped at the beginning of a text, and the length of the
/// escapes. An ASCII character has no such bytes.
fn character_of_bytes(
    text: &[u8],
    byte: fn(&[u8]) -> Option<(u8, usize)>,
) -> Option<(char, usize)> {
    let (first, mut length) = byte(text)?;
    let count = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut bytes = [first, 0, 0, 0];
    for next in &mut bytes[1..count] {
        let (value, more) = byte(text.get(length..)?)?;
        *next = value;
        length += more;
    }
    Some((std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?, length))
}

fn hexadecimal(text: &[u8], before: &str, after: &str) -> Option<(u8, usize)> {
    let (digits, rest) = text.strip_prefix(before.as_bytes())?.split_at_checked(2)?;
    rest.starts_with(after.as_bytes()).then_some(())?;
    let value = value(digits, 16)?;
    Some((u8::try_from(value).ok()?, before.len() + 2 + after.len()))
}

fn octal(text: &[u8]) -> Option<(u8, usize)> {
    let value = value(text.strip_prefix(b"\\")?.get(..3)?, 8)?;
    Some((u8::try_from(value).ok()?, 4))
}

/// A byte with its eighth bit as `M-`, and a control character after `^`.
fn meta(text: &[u8]) -> Option<(u8, usize)> {
    match text.strip_prefix(b"M-")? {
        [b'^', letter @ b'?'..=b'_', ..] => Some((0x80 | letter ^ 0x40, 4)),
        [sign @ b' '..=b'~', ..] => Some((0x80 | sign, 3)),
        _ => None,
    }
}

/// Returns the character whose number is at the beginning of a text, and the length of that.
fn numbered_character(text: &[u8]) -> Option<(char, usize)> {
    const DIGITS: std::ops::RangeInclusive<usize> = 4..=6;
    let rest = text.strip_prefix(NUMBER.as_bytes())?;
    let digits = rest.iter().take(DIGITS.end() + 1).take_while(|digit| digit.is_ascii_hexdigit());
    let digits = digits.count();
    (DIGITS.contains(&digits) && rest.get(digits) == Some(&b'>')).then_some(())?;
    let character = char::from_u32(value(&rest[..digits], 16)?)?;
    (!character.is_ascii()).then_some((character, NUMBER.len() + digits + 1))
}

/// The value of digits, of which there are no more than six.
fn value(digits: &[u8], radix: u32) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |value, &digit| Some(value * radix + char::from(digit).to_digit(radix)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sample;
    use crate::{FoundToken, scan};

    fn shown(text: &str) -> Option<String> {
        decode(text, &WorkBudget::for_text(text))
    }

    /// The escapes of a character in every notation.
    fn escapes(character: char) -> Vec<String> {
        let mut utf_8 = [0; 4];
        let bytes = character.encode_utf8(&mut utf_8).as_bytes();
        let each = |escape: fn(u8) -> String| bytes.iter().map(|&byte| escape(byte)).collect();
        let of_cat = |byte| match byte & 0x7f {
            control @ 0..0x20 => format!("M-^{}", char::from(control | 0x40)),
            sign => format!("M-{}", char::from(sign)),
        };
        vec![
            each(|byte| format!("={byte:02X}")),
            each(|byte| format!("%{byte:02x}")),
            each(|byte| format!("\\x{byte:02x}")),
            each(|byte| format!("\\{byte:o}")),
            each(|byte| format!("<{byte:02X}>")),
            each(of_cat),
            format!("<U+{:04X}>", u32::from(character)),
        ]
    }

    #[test]
    fn a_character_is_decoded_from_its_escaped_bytes() {
        for character in ['…', 'ü', '\u{a0}', '\u{200b}', '😀'] {
            for escape in escapes(character) {
                let text = format!("LKREQ{escape}07 {escape}{escape}");
                let expected = format!("LKREQ{character}07 {character}{character}");
                assert_eq!(shown(&text), Some(expected), "{escape}");
            }
        }
    }

    #[test]
    fn what_stands_for_no_character_beyond_ascii_is_unchanged() {
        for text in [
            "LKREQ=07=4C",
            "=E2=80",
            "=E2=80=",
            "=E2=80=41",
            "=FF=FE",
            "100 %",
            "%E2%28%A1",
            "\\xe2",
            "\\342\\200",
            "\\3",
            "<E2><80>",
            "<U+41>",
            "<U+0041>",
            "<U+D800>",
            "<U+2026",
            "M-bM-^@",
            "M-",
            "M-ü",
            "key=E2, x<3",
            "<b>M-1</b>",
            "=é=80",
            "=E2=80=é",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    /// What is left of a token whose middle a program has replaced by an ellipsis is reported as it
    /// is, whatever other programs have made of the ellipsis.
    #[test]
    fn an_escaped_ellipsis_in_a_token_is_not_part_of_it() {
        let (token, other) = (sample(2), sample(1));
        let also = ["...", "[...]", "\\u2026", "\\u{2026}", "&hellip;", "&#8230;", "&#x2026;"];
        let escaped: Vec<_> = escapes('…')
            .into_iter()
            .chain(also.map(str::to_owned))
            .chain(["â€¦".to_owned()])
            .collect();
        for (start, end) in [(10, 3), (18, 0), (64, 25), (90, 0), (100, 40), (110, 12), (39, 50)] {
            let text = |ellipsis: &str| {
                let (start, end) = (&token[..start], &token[token.len() - end..]);
                format!("Your token {start}{ellipsis}{end} has arrived.\n")
            };
            for around in ["", other.as_str()] {
                let read = |ellipsis: &str| -> Vec<FoundToken> {
                    scan(&format!("{}\n{around}\n", text(ellipsis))).unwrap()
                };
                let expected = read("…");
                for escape in &escaped {
                    assert_eq!(read(escape), expected, "{start} {end} {escape}");
                }
            }
        }
    }
}
