//! Decodes percent-encoding (RFC 3986, section 2.1) in links, even if a mail filter has wrapped a
//! link into another one, and in the fields of a form, which are encoded in the same way.

use std::borrow::Cow;

use super::super::work_budget::WorkBudget;
use super::nesting::MAX_DEPTH;

/// A link with a token is longer than this.
pub(super) const LONG_ENOUGH: usize = 120;
/// The beginnings of links, plain or wrapped, and what shows that other text is encoded in the same
/// way, such as the fields of a form: line ends, spaces, and the first letters of a token.
const MARKS: &[&str] = &[
    "://",
    "%3A%2F%2F",
    "%3a%2f%2f",
    "%253A",
    "mailto:",
    "MAILTO:",
    "%0A",
    "%0a",
    "%0D",
    "%0d",
    "%20",
    "%4C%4B",
    "%4c%4b",
];

/// Returns a text with every long link decoded, or `None` if there is nothing to decode.
pub(super) fn decode_links(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    if !text.contains('%') {
        return None;
    }
    let mut decoded = String::with_capacity(text.len());
    let mut changed = false;
    for word in text.split_inclusive(char::is_whitespace) {
        // Each mark is searched for separately.
        work.spend(if word.len() >= LONG_ENOUGH { MARKS.len() * word.len() / 4 } else { 1 });
        let is_address = word.len() >= LONG_ENOUGH
            && word.contains('%')
            && MARKS.iter().any(|mark| word.contains(mark));
        let mut written = Cow::Borrowed(word);
        for _ in 0..if is_address { MAX_DEPTH } else { 0 } {
            work.spend(written.len());
            let Some(next) = decode_word(&written) else { break };
            written = Cow::Owned(next);
            changed = true;
        }
        decoded.push_str(&written);
    }
    changed.then_some(decoded)
}

/// Decodes a text of any length that is known to be percent-encoded.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut written = decode_word(text)?;
    for _ in 1..MAX_DEPTH {
        let Some(next) = decode_word(&written) else { break };
        written = next;
    }
    Some(written)
}

/// Decodes each `%` with two digits, or returns `None` if there are none.
fn decode_word(word: &str) -> Option<String> {
    let bytes = word.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut written = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                written.push((high << 4 | low) as u8);
                at += 3;
            }
            (byte, ..) => {
                written.push(byte);
                at += 1;
            }
        }
    }
    (written.len() < bytes.len()).then(|| String::from_utf8_lossy(&written).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_links(text: &str) -> Option<String> {
        super::decode_links(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn a_link_is_decoded_however_often_it_was_wrapped() {
        let token = "LKREQ".repeat(30);
        let wrapped = format!(
            "https://filter.example/?url=https%3A%2F%2Flicence.acme.example%2FA%2F{token}&data=1"
        );
        let twice = format!(
            "https://other.example/?u=https%3A%2F%2Ffilter.example%2F%3Furl%3Dhttps%253A%252F%252F\
             licence.acme.example%252FA%252F{token}"
        );
        for text in [wrapped, twice] {
            let decoded = decode_links(&format!("See {text} or not")).unwrap();
            assert!(
                decoded.contains(&format!("https://licence.acme.example/A/{token}")),
                "{decoded}"
            );
        }
        let mail = format!("mailto:a@b.example?body={}%0D%0A{}", &token[..70], &token[70..]);
        assert!(decode_links(&mail).unwrap().contains(&format!(
            "{}\r\n{}",
            &token[..70],
            &token[70..]
        )));
    }

    #[test]
    fn the_fields_of_a_form_are_decoded() {
        let token = "LKREQ".repeat(30);
        let form = format!("token={}%0D%0A{}&x=1", &token[..70], &token[70..]);
        let written = format!("token={}\r\n{}&x=1", &token[..70], &token[70..]);
        assert_eq!(decode_links(&form), Some(written));
        let every: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(decode_links(&every), Some(token));
    }

    #[test]
    fn text_without_a_link_is_unchanged() {
        let no_address = format!("100%25{}", "7".repeat(200));
        let nothing_to_write_out = format!("https://licence.acme.example/A/{}%", "7".repeat(200));
        for text in ["100%25", &no_address, &nothing_to_write_out] {
            assert_eq!(decode_links(text), None);
        }
    }
}
