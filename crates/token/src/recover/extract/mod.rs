//! Extracts the visible text from the formats of terminals, mails, web pages and links, so that the
//! scanner reads what the user sees. It doesn't search for tokens, and nothing depends on it alone:
//! the scanner reads the original text as well.

mod bare_base64;
mod byte_dumps;
mod charset;
mod escaped_bytes;
mod html;
pub(super) mod mail;
mod mail_headers;
mod mojibake;
mod nesting;
pub(super) mod percent_encoding;
mod rtf;
mod stretches;
mod string_escapes;
pub(super) mod terminal_escapes;

use std::borrow::Cow;

use super::text_error::TextError;
use super::work_budget::WorkBudget;
use crate::wire::limits::MAX_TEXT_BYTES;

/// Extracts text from one kind of format, or returns `None` if the text doesn't contain it. Counts
/// its steps.
type Stage = fn(&str, &WorkBudget) -> Option<String>;

/// The name of the stage whose result may have any of the formats again.
const DUMPS: &str = "dumps of bytes";
/// The name of the stage whose result may have dumps.
const PAGE: &str = "tags and entities";
/// The stages in their order.
const STAGES: [(&str, Stage); 13] = [
    ("terminal escapes", terminal_escapes::stage),
    ("encoded bodies of mails", mail::bodies),
    // The signs in a dump aren't tags, entities or escapes.
    (DUMPS, decode_dumps),
    ("encoded words of headers", mail_headers::encoded_words),
    ("quoted-printable without headers", mail::without_soft_breaks),
    ("characters with escaped bytes", escaped_bytes::decode),
    ("UTF-8 that was decoded as another character set", mojibake::repair),
    ("rich text", rtf::extract_text),
    (PAGE, html::text),
    ("addresses", percent_encoding::decode_links),
    ("characters in strings", string_escapes::decode),
    ("base 64 without headers", bare_base64::decode),
    ("terminal escapes in a string", terminal_escapes::stage),
];

/// Returns the visible text without all that a mail program, a browser or a link has wrapped around
/// it, or `None` if there is nothing to remove.
///
/// # Errors
/// [`TextError::TooMuchWork`] if it takes too many steps, or if the extracted text is longer than
/// any text may be.
pub(super) fn extract(text: &str, work: &WorkBudget) -> Result<Option<String>, TextError> {
    run_stages(true, text, work)
}

fn decode_dumps(text: &str, work: &WorkBudget) -> Option<String> {
    byte_dumps::decode(text, work, extract_from_dump)
}

/// As [`extract`], for a text that was a dump of bytes. A dump of a dump isn't decoded.
fn extract_from_dump(text: &str, work: &WorkBudget) -> Option<String> {
    run_stages(false, text, work).ok().flatten()
}

fn run_stages(
    may_be_dumps: bool,
    text: &str,
    work: &WorkBudget,
) -> Result<Option<String>, TextError> {
    let stages = STAGES.into_iter().filter(|(name, _)| may_be_dumps || *name != DUMPS);
    let mut extracted = Cow::Borrowed(text);
    for (name, stage) in stages {
        if let Some(next) = stage(&extracted, work) {
            extracted = Cow::Owned(next);
            // A web page may show a dump.
            if name == PAGE
                && may_be_dumps
                && let Some(next) = decode_dumps(&extracted, work)
            {
                extracted = Cow::Owned(next);
            }
        }
        work.check()?;
        // A character set can turn one byte into three.
        if extracted.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooMuchWork);
        }
    }
    Ok(match extracted {
        Cow::Borrowed(_) => None,
        Cow::Owned(extracted) => Some(extracted),
    })
}

/// Returns a text without the formats that mails, web pages, documents and links wrap around it, or
/// `None` if there are none.
pub(super) fn visible_text(text: &str) -> Option<String> {
    extract(text, &WorkBudget::for_text(text)).ok().flatten()
}

/// Returns whether a text is the source of a web page or a part of one.
pub(super) fn has_tags(text: &str) -> bool {
    html::has_tags(text, &WorkBudget::for_text(text))
}

#[cfg(test)]
mod tests {
    use super::super::work_budget::WorkBudget;
    use super::super::work_budget_tests::texts::{Texts, filled};
    use super::STAGES;

    fn extract(text: &str) -> Option<String> {
        super::extract(text, &WorkBudget::for_text(text)).unwrap()
    }

    #[test]
    fn a_text_without_other_formats_is_unchanged() {
        for text in [
            "",
            "Dear all, see floor 3 < floor 4 & floor 5 > floor 2: 100 % of it.\n",
            "> > LKREQ07Y6F604B\n<LKREQ07Y6F604B>\n",
            "From: somebody\n\nNo mail says so little.\n",
            "key = value, a=b; 50%25 off",
        ] {
            assert_eq!(extract(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_page_in_a_mail_in_a_mail_is_read_as_displayed() {
        let page = "<p>Ihr&nbsp;Token: LK<wbr>REQ&shy;0<b>7</b></p>";
        let inner = format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            data_encoding::BASE64.encode(page.as_bytes())
        );
        let outer = format!(
            "Subject: Fwd\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{}\n",
            data_encoding::BASE64.encode(inner.as_bytes())
        );
        let extracted = extract(&outer).unwrap();
        assert!(extracted.contains("Ihr\u{a0}Token: LKREQ\u{ad}07"), "{extracted}");
    }

    #[test]
    fn every_stage_counts_its_input_and_its_output() {
        let texts = Texts::new();
        let mut made_something = [false; STAGES.len()];
        let mut pieces = texts.pieces();
        pieces.push(("characters in strings", Box::new(|_| "one\\ntwo".to_owned())));
        pieces.push(("escapes", Box::new(|_| "\u{1b}[1mLKREQ\u{1b}[0m ".to_owned())));
        pieces.push(("rich text", Box::new(|_| "{\\rtf1 LK\\b REQ}".to_owned())));
        pieces.push(("misread characters", Box::new(|_| "LKREQÂ\u{a0}".to_owned())));
        pieces.push(("encoded words", Box::new(|_| "=?utf-8?Q?LKREQ?= ".to_owned())));
        let in_base_64 = data_encoding::BASE64.encode("LKREQ07Y6F".repeat(30).as_bytes());
        pieces.push(("base 64 alone", Box::new(move |_| format!("{in_base_64} "))));
        pieces.push(("escaped bytes", Box::new(|_| "LKREQ=E2=80=A607 ".to_owned())));
        pieces.push(("soft line breaks", Box::new(|_| "caf=C3=A9 =\nx=3D".to_owned())));
        for (name, piece) in pieces {
            let text = filled(64 * 1024, &piece);
            for ((stage, take_off), made_something) in STAGES.iter().zip(&mut made_something) {
                let work = WorkBudget::for_text(&text);
                let made = take_off(&text, &work);
                let made = made.map_or(0, |made| made.len());
                *made_something |= made > 0;
                assert!(work.done() >= text.len().max(made) as u64, "{stage}: {name}");
            }
        }
        assert_eq!(made_something, [true; STAGES.len()]);
    }
}
