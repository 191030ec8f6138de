//! Vectors with a token in a mail, a web page or a link.

use data_encoding::BASE64;

use super::builders::{All, Lines, add_mangled, mangled};
use crate::Kind;

/// Returns Base64 as mail programs write it, in lines of 76 characters.
fn base64(body: &str) -> String {
    let encoded = BASE64.encode(body.as_bytes());
    let lines: Vec<_> = encoded.as_bytes().chunks(76).map(String::from_utf8_lossy).collect();
    lines.join("\r\n")
}

/// Encodes a body as quoted-printable (RFC 2045, section 6.7).
fn quoted_printable(body: &str) -> String {
    let mut encoded = String::new();
    let mut column = 0;
    for byte in body.bytes() {
        let written = match byte {
            b'\n' => "\r\n".to_owned(),
            b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if byte == b'\n' {
            column = 0;
        } else if column + written.len() > 75 {
            encoded.push_str("=\r\n");
            column = 0;
        }
        column += written.len();
        encoded.push_str(&written);
    }
    encoded
}

fn mail(content_type: &str, encoding: &str, body: &str) -> String {
    format!(
        "From: Acme licences <licences@acme.example>\r\nTo: someone@customer.example\r\n\
         Subject: Your response token\r\nMIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
    )
}

/// A page as mail programs write it: the token with places where it may wrap, a telephone number
/// recognised in it.
fn page(text: &str) -> String {
    let (start, rest) = text.split_at(40);
    let (number, rest) = rest.split_at(9);
    format!(
        "<html><head><style>p {{ color: #333 }}</style></head><body><p>Guten Tag&nbsp;&ndash; Ihr Token:</p>\
         <p style=\"font-family: monospace\">{start}<a href=\"tel:0123456789\">{number}</a>&shy;{}</p>\
         <p>Gr&uuml;&szlig;e</p></body></html>",
        rest.as_bytes().chunks(30).map(String::from_utf8_lossy).collect::<Vec<_>>().join("<wbr>")
    )
}

pub(super) fn texts_that_are_packed(all: &mut All) {
    let lines = Lines::new(&mangled().0, Kind::Response).all();
    let text = &lines.concat();
    let mut add = |name: &str, comment: &str, text: String| add_mangled(all, name, comment, text);
    let prose = format!("Größe aus dem Büro,\n{text}\nund tschüss = bis bald.\n");
    add(
        "mail-base64",
        "a mail in base 64",
        mail("text/plain; charset=utf-8", "base64", &base64(&prose)),
    );
    add(
        "mail-quoted-printable",
        "a mail in quoted-printable",
        mail("text/plain; charset=utf-8", "quoted-printable", &quoted_printable(&prose)),
    );
    let soft: String = text
        .as_bytes()
        .chunks(20)
        .map(|c| format!("{}\u{ad}", String::from_utf8_lossy(c)))
        .collect();
    add(
        "mail-quoted-printable-alone",
        "the body of such a mail without its headers, with soft hyphens in the token",
        quoted_printable(&format!("Größe,\n{soft}\n")),
    );
    add("html", "the source of a page", page(text));
    let both = format!(
        "Two ways to read it.\r\n--=_part\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         {}\r\n--=_part\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_part--",
        quoted_printable(&prose),
        base64(&page(text)),
    );
    add(
        "mail-alternatives",
        "a mail that says it twice, as text and as a page: one token",
        mail("multipart/alternative;\r\n boundary=\"=_part\"", "7bit", &both),
    );
    let wide: Vec<u8> = prose.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let attached = format!(
        "--cut\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--cut--",
        mail("text/plain; charset=utf-16le", "base64", &BASE64.encode(&wide)),
    );
    add(
        "mail-attached",
        "a mail attached to a mail, in UTF-16 and in base 64",
        mail("multipart/mixed; boundary=cut", "7bit", &attached),
    );
    let table: String = lines
        .iter()
        .enumerate()
        .map(|(row, line)| format!("<tr><td>{row}</td><td>{line}</td></tr>"))
        .collect();
    add(
        "html-table",
        "a page with the rows in a table, beside their numbers",
        format!("<table>{table}</table>"),
    );

    let link = format!("https://licence.acme.example/A/{text}");
    add("link", "a link", format!("Open <{link}>."));
    let written = |link: &str| link.replace('%', "%25").replace(':', "%3A").replace('/', "%2F");
    let (start, end) = link.split_at(link.len() / 2);
    let broken = format!("{start}%0D%0A{end}");
    let wrapped = format!("https://filter.example/?url={}&data=05%7C01", written(&broken));
    add(
        "link-wrapped",
        "a link with a line's end in it, which a mail filter has wrapped into one of its own, and another one again",
        format!("https://other.example/?u={}&h=7", written(&wrapped)),
    );
    add("link-in-html", "a page that shows a word and has the token in its link", {
        format!("<p>Open <a class=\"button\" href=\"{link}&amp;x=1\">this</a> on a computer.</p>")
    });
}
