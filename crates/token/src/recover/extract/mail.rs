//! Decodes the bodies of mails in transit format (RFC 5322, RFC 2045 to 2047). They aren't parsed
//! as a tree, because the mails that people paste are truncated, joined from several, or without
//! their first lines: every block of headers that declares an encoding starts a body, wherever it
//! is.

use std::cell::RefCell;
use std::collections::HashSet;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::hex::decode_hex;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use zeroize::Zeroizing;

use super::super::encoding::decode_text;
use super::super::work_budget::WorkBudget;
use super::charset::in_utf8;
use super::mail_headers::encoded_words;
use super::nesting::MAX_DEPTH;
use crate::wire::limits::MAX_TEXT_BYTES;

/// The longest block of headers that is considered, in bytes. Mail servers refuse longer ones.
const MAX_HEADERS: usize = 64 * 1024;

/// The most attachments of a mail that are considered.
const MAX_ATTACHED: usize = 16;

/// A file that is attached to a mail.
pub(crate) struct Attached {
    /// As the mail has it; empty where it has none.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Returns a text with every encoded body of a mail decoded, or `None` if there are none.
pub(super) fn bodies(text: &str, work: &WorkBudget) -> Option<String> {
    decode(text, MAX_DEPTH, work, None)
}

/// Returns the first attachments in Base64 for which `is_wanted` returns `true`.
pub(crate) fn attached(
    text: &str,
    work: &WorkBudget,
    is_wanted: fn(&[u8]) -> bool,
) -> Vec<Attached> {
    let wanted = Wanted { is_wanted, found: RefCell::default() };
    decode(text, MAX_DEPTH, work, Some(&wanted));
    wanted.found.into_inner()
}

/// Attachments that are collected instead of being decoded as text.
struct Wanted {
    is_wanted: fn(&[u8]) -> bool,
    found: RefCell<Vec<Attached>>,
}

fn decode(text: &str, depth: usize, work: &WorkBudget, wanted: Option<&Wanted>) -> Option<String> {
    // Every mail with an encoded body contains this field, in any case.
    const NAME: &[u8] = b"content-transfer-encoding";
    let says_so = |colon: usize| {
        let start = colon.checked_sub(NAME.len());
        start.is_some_and(|start| text.as_bytes()[start..colon].eq_ignore_ascii_case(NAME))
    };
    work.spend(text.len());
    if depth == 0 || !memchr::memchr_iter(b':', text.as_bytes()).any(says_so) {
        return None;
    }
    let mut decoder = Decoder::new(depth, work, wanted);
    let mut rest = text;
    // No block of headers begins before this position: the last candidate began here and wasn't
    // one, and any later candidate ends where it ended. Therefore each line is read once.
    let mut scanned = 0;
    // Headers are at the beginning, after an empty line, and after a boundary.
    let mut may_begin = true;
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        if may_begin && at >= scanned {
            let (headers, length) = Headers::parse(rest);
            work.spend(length);
            scanned = at + length;
            if let Some(headers) = headers {
                decoder.begin(headers, &rest[..length]);
                rest = &rest[length..];
                continue;
            }
        }
        let (line, after) = split_line(rest);
        may_begin = line.trim().is_empty() || line.starts_with("--");
        decoder.take(line);
        rest = after;
    }
    decoder.finish();
    decoder.decoded_any.then_some(decoder.text)
}

/// Splits a text after its first line, including the line end.
fn split_line(text: &str) -> (&str, &str) {
    text.split_at(memchr::memchr(b'\n', text.as_bytes()).map_or(text.len(), |end| end + 1))
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Encoding {
    #[default]
    Plain,
    Base64,
    QuotedPrintable,
}

/// What a block of headers states about the body after it.
#[derive(Default)]
struct Headers {
    encoding: Encoding,
    charset: String,
    boundary: Option<String>,
    /// The name of a file.
    name: Option<String>,
}

impl Headers {
    /// Parses the block of headers at the beginning of a text, and returns it with its length,
    /// including the empty line that ends it. A block without information about a body doesn't
    /// count; its length is what was read.
    fn parse(text: &str) -> (Option<Self>, usize) {
        let mut headers = Self::default();
        let mut says_something = false;
        let mut field = String::new();
        let mut rest = text;
        loop {
            let (line, after) = split_line(rest);
            let is_folded = line.starts_with([' ', '\t']) && !line.trim().is_empty();
            if is_folded {
                field.push_str(line);
            } else {
                says_something |= headers.note(&field);
                line.clone_into(&mut field);
            }
            let is_first = rest.len() == text.len();
            let is_field = !is_first && is_folded
                || is_field(line)
                || is_first && line.starts_with("From ")
                || line.starts_with(">From ");
            if !is_field {
                let is_block = says_something && line.trim().is_empty();
                let length = text.len() - if is_block { after.len() } else { rest.len() };
                return (is_block.then_some(headers), length);
            }
            rest = after;
            if text.len() - rest.len() > MAX_HEADERS {
                return (None, text.len() - rest.len());
            }
        }
    }

    fn note(&mut self, field: &str) -> bool {
        let Some((name, value)) = field.split_once(':') else { return false };
        match name.to_ascii_lowercase().as_str() {
            "content-transfer-encoding" => {
                self.encoding = match value.trim().to_ascii_lowercase().as_str() {
                    "base64" => Encoding::Base64,
                    "quoted-printable" => Encoding::QuotedPrintable,
                    _ => Encoding::Plain,
                };
            }
            "content-type" => {
                self.charset = parameter(value, "charset").unwrap_or_default();
                self.boundary = parameter(value, "boundary");
                self.name = self.name.take().or_else(|| file_name(value, "name"));
            }
            // This field doesn't state how the body is encoded.
            "content-disposition" => {
                self.name = file_name(value, "filename").or_else(|| self.name.take());
                return false;
            }
            _ => return false,
        }
        true
    }
}

/// Returns whether a line begins a field. A line that begins with two dashes is a boundary, even if
/// it contains a colon.
fn is_field(line: &str) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let name = line.bytes().take_while(|byte| is_name(byte)).count();
    name > 0 && line.as_bytes().get(name) == Some(&b':') && !line.starts_with("--")
}

/// Returns a parameter of a header's value, without its quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (here, value) = parameter.split_once('=')?;
        here.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Returns a file name in a header's value: plain, or in a character set (RFC 2231).
fn file_name(value: &str, parameter_name: &str) -> Option<String> {
    let in_a_charset = parameter(value, &format!("{parameter_name}*")).and_then(|name| {
        let (_, encoded) = name.split_once('\'').and_then(|(_, rest)| rest.split_once('\''))?;
        Some(decode_text(&decode_hex(encoded.as_bytes()).1))
    });
    in_a_charset.or_else(|| parameter(value, parameter_name)).filter(|name| !name.is_empty())
}

/// Collects the lines of a body until it ends.
struct Decoder<'w> {
    depth: usize,
    work: &'w WorkBudget,
    wanted: Option<&'w Wanted>,
    text: String,
    decoded_any: bool,
    boundaries: HashSet<String>,
    headers: Headers,
    body: String,
}

impl<'w> Decoder<'w> {
    fn new(depth: usize, work: &'w WorkBudget, wanted: Option<&'w Wanted>) -> Self {
        Self {
            depth,
            work,
            wanted,
            text: String::new(),
            decoded_any: false,
            boundaries: HashSet::new(),
            headers: Headers::default(),
            body: String::new(),
        }
    }

    fn begin(&mut self, headers: Headers, block: &str) {
        self.finish();
        self.text.push_str(block);
        self.boundaries.extend(headers.boundary.clone());
        self.headers = headers;
    }

    fn take(&mut self, line: &str) {
        let is_boundary = line.strip_prefix("--").is_some_and(|rest| {
            let rest = rest.trim_end();
            self.boundaries.contains(rest)
                || rest.strip_suffix("--").is_some_and(|rest| self.boundaries.contains(rest))
        });
        // A line that can't be Base64 ends this body.
        let is_behind = self.headers.encoding == Encoding::Base64 && !is_base64(line);
        if is_boundary || is_behind {
            self.finish();
        }
        match self.headers.encoding {
            Encoding::Plain => self.text.push_str(line),
            _ => self.body.push_str(line),
        }
    }

    /// Decodes the collected lines. Lines that can't be decoded are kept as they are.
    fn finish(&mut self) {
        let headers = std::mem::take(&mut self.headers);
        let body = std::mem::take(&mut self.body);
        let bytes = match headers.encoding {
            Encoding::Plain => None,
            Encoding::Base64 => base64_decode(body.as_bytes()),
            Encoding::QuotedPrintable => quoted_printable_decode(body.as_bytes()),
        };
        let Some(bytes) = bytes else { return self.text.push_str(&body) };
        self.decoded_any = true;
        drop(body);
        self.work.spend(bytes.len());
        if let Some(wanted) = self.wanted
            && headers.encoding == Encoding::Base64
            && wanted.found.borrow().len() < MAX_ATTACHED
            && (wanted.is_wanted)(&bytes)
        {
            let name = headers.name.unwrap_or_default();
            let name = encoded_words(&name, self.work).unwrap_or(name);
            return wanted.found.borrow_mut().push(Attached { name, bytes });
        }
        let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
        let decoded = in_utf8(&bytes, &headers.charset, room);
        drop(bytes);
        let Some(decoded) = decoded else { return self.work.exhaust() };
        self.work.spend(decoded.len());
        let inner = decode(&decoded, self.depth - 1, self.work, self.wanted);
        self.text.push_str(inner.as_deref().unwrap_or(&decoded));
        self.text.push('\n');
    }
}

fn is_base64(line: &str) -> bool {
    line.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// Decodes quoted-printable text without its headers, as it is copied from the source of a mail:
/// soft line breaks, and bytes as two digits. Returns `None` for any other text.
pub(super) fn without_soft_breaks(text: &str, work: &WorkBudget) -> Option<String> {
    const USUAL: &[&str] = &["=3D", "=20", "=0A", "=0D", "=C2=", "=E2="];
    work.spend(text.len());
    let is_encoded = (text.contains("=\n") || text.contains("=\r\n"))
        && USUAL.iter().any(|escape| text.contains(escape));
    let decode = || quoted_printable_decode(text.as_bytes()).map(|bytes| decode_text(&bytes));
    is_encoded.then(decode).flatten()
}

/// Decodes a text in quoted-printable (RFC 2045, section 6.7). Returns `None` if it has none, or if
/// an `=` in it isn't part of such an encoding.
pub(in super::super) fn quoted_printable(text: &str) -> Option<String> {
    let is_escape = |(at, _): (usize, &str)| match text.as_bytes()[at + 1..] {
        [b'\n', ..] | [b'\r', b'\n', ..] => true,
        [high, low, ..] => {
            [high, low].iter().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'))
        }
        _ => false,
    };
    let is_encoded = text.contains('=') && text.match_indices('=').all(is_escape);
    let bytes = is_encoded.then(|| quoted_printable_decode(text.as_bytes())).flatten()?;
    Some(decode_text(&Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Option<String> {
        super::bodies(text, &WorkBudget::for_text(text))
    }

    fn without_soft_breaks(text: &str) -> Option<String> {
        super::without_soft_breaks(text, &WorkBudget::for_text(text))
    }

    const BODY: &str = "LKREQ07Y6F604B040NFACX8BM85Z07BXS947WG5";

    fn base64(text: &str) -> String {
        data_encoding::BASE64.encode(text.as_bytes())
    }

    #[test]
    fn bodies_are_decoded_wherever_they_are() {
        let encoded = base64(BODY);
        let (start, end) = encoded.split_at(20);
        for mail in [
            // The mails are truncated at the front, joined with another one, after quoted headers,
            // or have a folded parameter.
            format!("content-transfer-encoding: BASE64\n\n{start}\n{end}\n"),
            format!("Hello\n\nX: y\nContent-Transfer-Encoding: base64\n\n{encoded}\n-- \nMe\n"),
            format!(
                "Content-Type: multipart/mixed;\r\n boundary=\"=_x\"\r\n\r\nNo MIME?\r\n--=_x\r\n\
                 Content-Type: text/plain;\r\n\tcharset=us-ascii\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                 {start}\r\n{end}\r\n--=_x--\r\n"
            ),
            format!("--cut\nContent-Transfer-Encoding: base64\n\n{encoded}"),
            format!(
                "From a@b Mon\nContent-Transfer-Encoding: base64\n\n{encoded}\n\nFrom c@d Tue\n"
            ),
        ] {
            let decoded = bodies(&mail).unwrap();
            assert!(decoded.contains(BODY), "{decoded}");
        }
    }

    #[test]
    fn wide_characters_are_read_with_and_without_a_mark() {
        for (charset, mark) in [("utf-16", true), ("utf-16le", false)] {
            let mark = if mark { &[0xff, 0xfe][..] } else { &[] };
            let wide: Vec<u8> = BODY.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let wide = data_encoding::BASE64.encode(&[mark, &wide].concat());
            let mail = format!(
                "Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n{wide}\n"
            );
            assert!(bodies(&mail).unwrap().contains(BODY));
        }
    }

    #[test]
    fn text_that_cannot_be_decoded_is_unchanged() {
        let mail = format!("Content-Transfer-Encoding: quoted-printable\n\n{BODY}=ZZ\n");
        assert_eq!(bodies(&mail), None);
        let mail = format!("Content-Transfer-Encoding: base64\n\n{BODY}.\n");
        assert!(bodies(&mail).is_none_or(|decoded| decoded.contains(BODY)));
    }

    #[test]
    fn quoted_printable_is_recognised_without_headers() {
        let source = "LKREQ=C2=AD07=\r\nY6F6=E2=80=8B04B=3D\r\n";
        assert_eq!(
            without_soft_breaks(source).unwrap().trim_end(),
            "LKREQ\u{ad}07Y6F6\u{200b}04B="
        );
        assert_eq!(without_soft_breaks("LKREQ07=\nY6F604B"), None);
    }

    #[test]
    fn no_header_line_is_read_twice() {
        for line in
            ["--:\n", "--x:y\n", "-:\n", "a:\n", "\n", "\nContent-Type: a\n\nb:\n", "a: b\n c\n"]
        {
            let text = |lines: usize| {
                format!("Content-Transfer-Encoding: base64\n{}x y\n", line.repeat(lines))
            };
            for lines in [100, 1_000, 60_000] {
                let text = text(lines);
                let work = WorkBudget::for_text(&text);
                super::bodies(&text, &work);
                assert!(work.done() <= 3 * text.len() as u64, "{line:?} {} {}", lines, work.done());
            }
        }
    }

    #[test]
    fn a_boundary_with_a_colon_is_not_a_header() {
        let mail =
            format!("--a:b\nContent-Transfer-Encoding: base64\n\n{}\n--a:b--\n", base64(BODY));
        assert!(bodies(&mail).unwrap().contains(BODY));
    }
}
