//! Decodes the encoded words (RFC 2047) in the header fields of a mail. A token in a subject is
//! split into several of them, wherever a line was full.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

use super::super::work_budget::WorkBudget;
use super::charset::in_utf8;
use crate::wire::limits::MAX_TEXT_BYTES;

const BEGIN: &str = "=?";
/// The longest name of a character set that is considered, with a language (RFC 2231).
const MAX_CHARSET: usize = 60;
/// Steps that it takes to find out that a word isn't encoded.
const STEPS_OF_A_WORD: usize = 16;

/// Returns a text with its encoded words decoded, or `None` if there are none.
pub(super) fn encoded_words(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    if !text.contains(BEGIN) {
        return None;
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_after_one = false;
    let mut found_any = false;
    while let Some(at) = rest.find(BEGIN) {
        work.spend(STEPS_OF_A_WORD);
        let (before, here) = rest.split_at(at);
        let room = MAX_TEXT_BYTES.saturating_sub(shown.len());
        let Some((word, length)) = encoded_word(here, room) else {
            shown.push_str(before);
            shown.push_str(BEGIN);
            rest = &here[BEGIN.len()..];
            is_after_one = false;
            continue;
        };
        // White space between two encoded words isn't displayed.
        if !(is_after_one && before.trim().is_empty()) {
            shown.push_str(before);
        }
        work.spend(length + word.len());
        shown.push_str(&word);
        rest = &here[length..];
        (is_after_one, found_any) = (true, true);
    }
    shown.push_str(rest);
    work.spend(shown.len());
    found_any.then_some(shown)
}

/// Decodes the encoded word at the beginning of a text, and returns it with its length.
fn encoded_word(text: &str, room: usize) -> Option<(String, usize)> {
    let inside = text.strip_prefix(BEGIN)?;
    let (charset, encoded) = until_mark(inside).filter(|(name, _)| name.len() <= MAX_CHARSET)?;
    let (encoding, encoded) = until_mark(encoded)?;
    let (content, after) = until_mark(encoded)?;
    let after = after.strip_prefix('=')?;
    let bytes = match encoding {
        "B" | "b" => base64_decode(content.as_bytes())?,
        "Q" | "q" => {
            let spaced = if content.contains('_') {
                Cow::Owned(content.replace('_', " "))
            } else {
                Cow::Borrowed(content)
            };
            quoted_printable_decode(spaced.as_bytes())?
        }
        _ => return None,
    };
    let charset = charset.split_once('*').map_or(charset, |(charset, _)| charset);
    Some((in_utf8(&bytes, charset, room)?, text.len() - after.len()))
}

/// Splits a text at the next question mark of the line. An encoded word has no white space.
fn until_mark(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| c == '?' || c.is_ascii_whitespace())?;
    let (before, after) = text.split_at(end);
    Some((before, after.strip_prefix('?')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        encoded_words(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn encoded_words_are_decoded_and_joined_if_only_white_space_separates_them() {
        for (header, text) in [
            (
                "Subject: =?utf-8?B?TEtSRVE=?=\r\n =?utf-8?B?MDdZNg==?=\r\n",
                "Subject: LKREQ07Y6\r\n",
            ),
            ("Subject: =?ISO-8859-1?q?LK=52EQ_caf=E9?= x", "Subject: LKREQ café x"),
            ("=?utf-8*de?Q?LKREQ?= and =?utf-8?Q?07Y6?=", "LKREQ and 07Y6"),
            ("=?utf-16le?B?TABLAA==?=", "LK"),
        ] {
            assert_eq!(shown(header).as_deref(), Some(text), "{header}");
        }
    }

    #[test]
    fn text_that_only_resembles_encoded_words_is_unchanged() {
        for text in
            ["=?", "a =? b ?= c", "=?utf-8?X?LK?=", "=?utf-8?B?TEtSRVE", "=?u tf?B?TEtSRVE=?="]
        {
            assert_eq!(shown(text), None, "{text}");
        }
        let both = "=?x?=?utf-8?Q?LK?= =?utf-8?Q?RE?= =?utf-8?B?";
        assert_eq!(shown(both).as_deref(), Some("=?x?LKRE =?utf-8?B?"));
    }
}
