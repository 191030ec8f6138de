//! Decodes Base64 without the headers that would declare it: the body of a mail by itself, a field
//! of a document, or the output of a program; its lines may be quoted or indented. It is only
//! decoded if the result contains a token's prefix, so that no word of a text is taken for Base64.

use std::ops::RangeInclusive;

use mail_parser::decoders::base64::base64_decode;

use super::super::encoding::decode_text;
use super::super::work_budget::WorkBudget;
use super::stretches::next_stretch;
use crate::text::layout::prefix;
use crate::wire::kind::Kind;

/// A token is longer than this number of Base64 characters.
const LONG_ENOUGH: usize = 120;
/// The length of a body's lines. All have the length of the first one, except for the last, which
/// may be shorter.
const LINE: RangeInclusive<usize> = 40..=80;
/// The longest quotation or indentation before a line.
const MAX_MARGIN: usize = 16;

/// Returns a text with all Base64 that contains a token decoded, or `None` if there is none.
pub(super) fn decode(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    let mut decoded = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.1;
        let found = decode_token(&text[run.0..run.1], work);
        if let Some(found) = found {
            decoded.push_str(&text[copied..run.0]);
            decoded.push('\n');
            decoded.push_str(&found);
            decoded.push('\n');
            copied = run.1;
        }
    }
    (copied > 0).then(|| decoded + &text[copied..])
}

const fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Returns the length of the line end and of the quotation signs and the indentation after it.
fn line_end_and_margin(bytes: &[u8]) -> (usize, usize) {
    let end = bytes.iter().take(2).take_while(|byte| b"\r\n".contains(byte)).count();
    let signs = bytes[end..].iter().take(MAX_MARGIN);
    (end, signs.take_while(|byte| b" \t>|".contains(byte)).count())
}

/// Returns the range of the next Base64 characters that are long enough: on one line, or on lines
/// without other text than the same margin. Each byte is read once, and a margin at most twice.
fn next_run(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        // Words are shorter than the first line of a body, so that few bytes of prose are read.
        let start = next_stretch(bytes, at, *LINE.start(), is_sign)?;
        let (mut end, mut signs) = (start, 0);
        let (mut width, mut margin) = (None, None);
        loop {
            let line = bytes[end..].iter().take_while(|&&byte| is_sign(byte)).count();
            (end, signs) = (end + line, signs + line);
            let padded = bytes[end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
            let (line_end, next_margin) = line_end_and_margin(&bytes[end..]);
            let next = end + line_end + next_margin;
            let before = &bytes[end + line_end..next];
            // A name may be before the first of indented lines, which is shorter then.
            let is_short_first = margin.is_none() && !before.is_empty();
            let goes_on = padded == 0
                && line_end > 0
                && LINE.contains(&line)
                && (is_short_first || line == *width.get_or_insert(line))
                && before == *margin.get_or_insert(before)
                && bytes.get(next).is_some_and(|&byte| is_sign(byte));
            if !goes_on {
                end += padded;
                break;
            }
            end = next;
        }
        if signs >= LONG_ENOUGH {
            return Some((start, end));
        }
        at = end;
    }
}

/// Decodes Base64, and returns the result if it contains a token's prefix.
fn decode_token(signs: &str, work: &WorkBudget) -> Option<String> {
    work.spend(signs.len());
    // A token itself consists of capital letters and digits, or of small letters and digits.
    let has = |is: fn(&u8) -> bool| signs.bytes().any(|byte| is(&byte));
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return None;
    }
    let plain = signs.chars().filter_map(|sign| match sign {
        '-' => Some('+'),
        '_' => Some('/'),
        ' ' | '\t' | '>' | '|' => None,
        sign => Some(sign),
    });
    let plain: String = plain.collect();
    let bytes = base64_decode(plain.as_bytes())?;
    work.spend(bytes.len());
    let text = decode_text(&bytes);
    let has_prefix = Kind::ALL.into_iter().any(|kind| text.contains(prefix(kind)));
    has_prefix.then_some(text)
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL_NOPAD};

    use super::*;

    fn decode(text: &str) -> Option<String> {
        super::decode(text, &WorkBudget::for_text(text))
    }

    fn lines(text: &str, width: usize, end: &str) -> String {
        let signs: Vec<_> = text.chars().collect();
        let lines = signs.chunks(width).map(|line| line.iter().collect::<String>());
        lines.collect::<Vec<_>>().join(end)
    }

    #[test]
    fn a_token_in_base_64_is_read_without_headers() {
        let token = format!("Dear Ann,\nLKREQ{}\n", "07Y6F".repeat(40));
        let wide: Vec<_> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for written in [
            BASE64.encode(token.as_bytes()),
            BASE64URL_NOPAD.encode(token.as_bytes()),
            BASE64.encode(&wide),
            lines(&BASE64.encode(token.as_bytes()), 76, "\r\n"),
            lines(&BASE64.encode(token.as_bytes()), 64, "\n"),
        ] {
            for text in [
                written.clone(),
                format!("Here it is:\n\n{written}\n\nKind regards\n"),
                format!("{{\"token\":\"{written}\",\"x\":1}}"),
            ] {
                let read = decode(&text).unwrap_or_else(|| panic!("{text}"));
                assert!(read.contains(token.trim()), "{text}: {read}");
            }
        }
        let read = decode(&format!("Hello\n{}\nBye", BASE64.encode(token.as_bytes()))).unwrap();
        assert!(read.starts_with("Hello\n") && read.ends_with("\nBye"), "{read}");
    }

    #[test]
    fn base64_with_a_quotation_or_an_indentation_before_each_line_is_read() {
        let token = format!("Dear Ann,\nLKREQ{}\n", "07Y6F".repeat(40));
        let written = BASE64.encode(token.as_bytes());
        for margin in [">", "> ", "> > ", ">> ", " ", "    ", "\t", "| "] {
            for (width, end) in [(76, "\n"), (64, "\r\n")] {
                let body = lines(&written, width, &format!("{end}{margin}"));
                for text in [
                    format!("{margin}{body}{end}"),
                    format!("Ann wrote:{end}{margin}{body}{end}{margin}{end}{margin}Regards{end}"),
                    format!("token: !!binary |{end}{margin}{body}{end}other: 1{end}"),
                ] {
                    let read = decode(&text).unwrap_or_else(|| panic!("{text:?}"));
                    assert!(read.contains(token.trim()), "{text:?}: {read}");
                }
            }
            // A directory's record: the name is on the first line, and each line has 76 characters.
            let (first, rest) = written.split_at(62);
            let rest = lines(rest, 75, &format!("\n{margin}"));
            let text = format!("cn: Ann\ndescription:: {first}\n{margin}{rest}\nsn: Lee\n");
            let read = decode(&text).unwrap_or_else(|| panic!("{text:?}"));
            assert!(read.contains(token.trim()), "{text:?}: {read}");
            assert!(read.ends_with("\nsn: Lee\n"), "{read}");
        }
    }

    #[test]
    fn base64_without_a_token_is_unchanged() {
        let picture = BASE64.encode(&(0..=255).cycle().take(600).collect::<Vec<u8>>());
        let token = format!("LKREQ{}", "07Y6F".repeat(40));
        for text in [&picture, &token, &token.to_lowercase(), "Dear all,\nhow are you?\n"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
