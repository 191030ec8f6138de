//! Takes mails, web pages and links apart, so that the reader sees what a person sees. Which tokens are in it is
//! not its business, and nothing depends on it alone: the reader looks through the text as it came as well.

mod html;
mod links;
mod mail;

use std::borrow::Cow;

use super::work::Work;
use crate::error::TextError;
use crate::limits::MAX_TEXT_BYTES;

/// How often something may be packed into something else: a mail that is attached to a mail, and so on.
const MAX_DEPTH: usize = 4;

/// What is left of a text when all that a mail program, a browser or a link has wrapped around it is taken off.
/// `None` when there is nothing to take off.
///
/// # Errors
/// [`TextError::TooMuchWork`], also where what was packed is longer than any text may be.
pub(super) fn unpack(text: &str, work: &Work) -> Result<Option<String>, TextError> {
    let mut unpacked = Cow::Borrowed(text);
    for step in [mail::bodies, mail::without_soft_breaks, html::text, links::decoded, line_ends] {
        if let Some(next) = step(&unpacked, work) {
            unpacked = Cow::Owned(next);
        }
        work.check()?;
        // A character set can make three bytes of one.
        if unpacked.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooMuchWork);
        }
    }
    Ok(match unpacked {
        Cow::Borrowed(_) => None,
        Cow::Owned(unpacked) => Some(unpacked),
    })
}

/// Line ends as programs write them into strings, JSON among them: `\n`.
fn line_ends(text: &str, work: &Work) -> Option<String> {
    work.spend(text.len());
    text.contains("\\n").then(|| text.replace("\\r", "").replace("\\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::super::work::Work;

    fn unpack(text: &str) -> Option<String> {
        super::unpack(text, &Work::on(text)).unwrap()
    }

    #[test]
    fn a_text_in_which_nothing_is_packed_stays_as_it_is() {
        for text in [
            "",
            "Dear all, see floor 3 < floor 4 & floor 5 > floor 2: 100 % of it.\n",
            "> > LKREQ07Y6F604B\n<LKREQ07Y6F604B>\n",
            "From: somebody\n\nNo mail says so little.\n",
            "key = value, a=b; 50%25 off",
        ] {
            assert_eq!(unpack(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_page_in_a_mail_in_a_mail_is_read_as_it_is_shown() {
        let page = "<p>Ihr&nbsp;Token: LK<wbr>REQ&shy;0<b>7</b></p>";
        let inner = format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            data_encoding::BASE64.encode(page.as_bytes())
        );
        let outer = format!(
            "Subject: Fwd\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{}\n",
            data_encoding::BASE64.encode(inner.as_bytes())
        );
        let unpacked = unpack(&outer).unwrap();
        assert!(unpacked.contains("Ihr\u{a0}Token: LKREQ\u{ad}07"), "{unpacked}");
    }
}
