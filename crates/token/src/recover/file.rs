//! The text of a file and the pictures in a mail, or what a file without readable text is.

use super::content_type::{content_type, mailbox};
use super::encoding::decode_text;
use super::extract::mail::attached;
use super::scan::scan;
use super::several_texts::error_without_token;
use super::text_error::TextError;
use super::work_budget::WorkBudget;
use crate::wire::seat_name::is_direction;

/// The longest name of an attachment that is shown, in characters.
const MAX_NAME_CHARS: usize = 80;

/// Returns the text of a file, whatever its encoding. If it isn't text and contains no token, the
/// error states what it is.
///
/// # Errors
/// [`TextError::Empty`], [`TextError::Picture`], [`TextError::Archive`], [`TextError::Document`],
/// [`TextError::Program`], [`TextError::Encrypted`], [`TextError::Attached`], or
/// [`TextError::Binary`].
///
/// # Examples
/// ```
/// use latchkey_token::{TextError, text_of_file};
///
/// assert_eq!(text_of_file("Grüße".as_bytes())?, "Grüße");
/// let document = text_of_file(b"%PDF-1.7\n1 0 obj");
/// assert_eq!(document, Err(TextError::Document { format: "PDF" }));
/// # Ok::<(), TextError>(())
/// ```
pub fn text_of_file(bytes: &[u8]) -> Result<String, TextError> {
    let text = decode_text(bytes);
    if text
        .trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
        .is_empty()
    {
        return Err(TextError::Empty);
    }
    let error = content_type(bytes, &text);
    let attached = if error.is_none() { first_attached(&text) } else { None };
    let Some(error) = error.or(attached) else {
        let mailbox = mailbox(&text).filter(|_| error_without_token(&text).is_some());
        return mailbox.map_or(Ok(text), Err);
    };
    // Some documents contain their text as it is. In others it is in pieces, which look like a
    // damaged token.
    let has_pieces = matches!(error, TextError::Document { format } if format != "RTF");
    match scan(&text) {
        Ok(found) if has_pieces && found.iter().all(|one| one.token.is_err()) => Err(error),
        Ok(_) | Err(TextError::TooManyTokens { .. }) => Ok(text),
        Err(_) => Err(error),
    }
}

/// Returns the first pictures that are attached to a mail.
#[must_use]
pub fn pictures_in_mail(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = decode_text(bytes);
    let is_picture = |bytes: &[u8]| TextError::picture_format(bytes).is_some();
    attached(&text, &WorkBudget::for_text(&text), is_picture)
        .into_iter()
        .map(|file| file.bytes)
        .collect()
}

/// Returns the type of the first attachment of a mail that isn't text. Other types come before
/// pictures, because a picture may be the sender's logo.
fn first_attached(text: &str) -> Option<TextError> {
    let is_no_text = |bytes: &[u8]| content_type(bytes, &decode_text(bytes)).is_some();
    let files = attached(text, &WorkBudget::for_text(text), is_no_text);
    let types = files.iter().filter_map(|file| {
        let content_type = content_type(&file.bytes, &decode_text(&file.bytes))?;
        let (what, format) = match content_type {
            TextError::Encrypted { .. } => return Some(content_type),
            TextError::Picture { format } => ("picture", format),
            TextError::Archive { format } => ("archive", format),
            TextError::Document { format } => ("document", format),
            TextError::Program { format } => ("file", format),
            _ => ("file", "?"),
        };
        let name = Some(excerpt(&file.name)).filter(|name| !name.is_empty());
        Some(TextError::Attached { what, name: name.unwrap_or_else(|| format.to_owned()) })
    });
    types.min_by_key(|content_type| {
        matches!(content_type, TextError::Attached { what: "picture", .. })
    })
}

/// Returns an excerpt of foreign text that can be shown safely: short, and without characters that
/// affect other text.
fn excerpt(text: &str) -> String {
    let shown = |c: char| if c.is_control() || is_direction(c) { '\u{fffd}' } else { c };
    let mut said: String = text.trim().chars().take(MAX_NAME_CHARS).map(shown).collect();
    if text.trim().chars().nth(MAX_NAME_CHARS).is_some() {
        said.push('…');
    }
    said
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns the type of a file that isn't text with the format or the name that is reported.
    pub(in super::super) fn named(bytes: &[u8]) -> (&'static str, String) {
        match text_of_file(bytes) {
            Ok(text) => ("text", text),
            Err(TextError::Picture { format }) => ("picture", format.to_owned()),
            Err(TextError::Archive { format }) => ("archive", format.to_owned()),
            Err(TextError::Document { format }) => ("document", format.to_owned()),
            Err(TextError::Program { format }) => ("program", format.to_owned()),
            Err(TextError::Encrypted { format }) => ("encrypted", format.to_owned()),
            Err(TextError::Attached { what, name }) => (what, name),
            Err(error) => ("other", format!("{error:?}")),
        }
    }

    #[test]
    fn a_document_that_contains_plain_text_is_read() {
        let token = crate::tests::sample(1);
        let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let compound =
            [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 504][..], &wide, &[0; 40]].concat();
        let pdf = format!("%PDF-1.4\nBT ({token}) Tj ET");
        let rich = format!("{{\\rtf1\\ansi\\fs22 {token}\\par}}");
        for bytes in [compound, pdf.into_bytes(), rich.into_bytes()] {
            let found = scan(&text_of_file(&bytes).unwrap()).unwrap();
            assert_eq!(found[0].token.as_ref().unwrap().to_string(), token);
        }
    }

    #[test]
    fn a_document_with_its_text_in_pieces_is_reported_as_a_document() {
        let token = crate::tests::sample(1);
        let mut pieces: Vec<_> = token.as_bytes().chunks(40).map(String::from_utf8_lossy).collect();
        // Complete pieces make up a token.
        pieces.remove(3);
        let pdf = format!("%PDF-1.4\nBT ({}) Tj ET", pieces.join(") Tj 0 -12 Td 5 Ts ("));
        assert!(scan(&pdf).is_ok_and(|found| found.iter().all(|one| one.token.is_err())), "{pdf}");
        assert_eq!(named(pdf.as_bytes()), ("document", "PDF".to_owned()));
        let rich = format!("{{\\rtf1\\ansi {}\\par}}", &token[..120]);
        assert_eq!(named(rich.as_bytes()).0, "text");
    }

    #[test]
    fn a_link_in_a_shortcut_is_read() {
        let token = crate::tests::sample(1);
        let link = format!("https://licence.acme.example/A/{token}");
        let link_file = format!("[InternetShortcut]\r\nURL={link}\r\nIconIndex=0\r\n");
        let wide: Vec<u8> = link_file.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let desktop = format!(
            "[Desktop Entry]\nVersion=1.0\nType=Link\nName=Activate\nName[de]=Aktivieren\nURL={link}\nIcon=text-html\n"
        );
        let webloc = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n\t<key>URL</key>\n\t<string>{link}</string>\n</dict>\n</plist>\n"
        );
        // A dictionary with one string, whose length needs two bytes.
        let length = (link.len() as u16).to_be_bytes();
        let binary = [
            &b"bplist00\xd1\x01\x02SURL_\x11"[..],
            &length,
            link.as_bytes(),
            b"\x08\x0b\x0f\0\0\0\0\0\0\x01\x01\0\0\0\0\0\0\0\x03",
        ];
        let page = format!(
            "<html><head><meta http-equiv=\"refresh\" content=\"0; url={link}\"></head></html>"
        );
        let files = [
            link_file.clone().into_bytes(),
            [&b"\xff\xfe"[..], &wide].concat(),
            link_file.replace("/A/", "%2FA%2F").into_bytes(),
            desktop.into_bytes(),
            webloc.into_bytes(),
            binary.concat(),
            page.into_bytes(),
        ];
        for file in files {
            let text = text_of_file(&file).unwrap();
            crate::tests::assert_read("a shortcut", &text, &token);
        }
    }

    fn mail(text: &str, files: &[(&str, &[u8])]) -> String {
        let mut mail = format!(
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{text}\n"
        );
        for (disposition, bytes) in files {
            let encoded = data_encoding::BASE64_MIME.encode(bytes);
            mail += &format!(
                "--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment;\n {disposition}\nContent-Transfer-Encoding: base64\n\n{encoded}\n"
            );
        }
        mail + "--b--\n"
    }

    #[test]
    fn the_attachment_of_a_mail_without_a_token_is_named() {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        const PDF: &[u8] = b"%PDF-1.4\n\0\0\0";
        const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\x08\0request.txt";
        const OTHER: &[u8] = b"\x01\x02\x03\x04\x05\x06";
        for (files, expected) in [
            (&[("filename=\"qr code.png\"", PNG)][..], ("picture", "qr code.png")),
            // A logo isn't reported if there is any other attachment.
            (&[("filename=logo.png", PNG), ("filename=a.pdf", PDF)], ("document", "a.pdf")),
            (&[("filename*=UTF-8\'\'Gr%C3%BC%0A%E2%80%AEx.zip", ZIP)], {
                ("archive", "Grü\u{fffd}\u{fffd}x.zip")
            }),
            (&[("filename=\"=?utf-8?B?w7w=?=\"", OTHER)], ("file", "ü")),
            (&[("size=3", PNG)], ("picture", "PNG")),
            (&[("filename=a.txt", b"no token")], ("text", "")),
        ] {
            let (what, name) = named(mail("see attached", files).as_bytes());
            assert_eq!(what, expected.0);
            assert!(what == "text" || name == expected.1, "{name}");
        }
        // A token in the text, even a damaged one, comes first.
        let token = crate::tests::sample(1);
        for token in [&token[..], &token[..100]] {
            let mail = mail(token, &[("filename=logo.png", PNG)]);
            assert_eq!(named(mail.as_bytes()).0, "text");
        }
        let long = format!("filename={}", "x".repeat(5000));
        let (_, name) = named(mail("", &[(&long, PNG)]).as_bytes());
        assert_eq!(name, format!("{}…", "x".repeat(MAX_NAME_CHARS)));
    }

    #[test]
    fn only_the_first_pictures_of_a_mail_are_returned() {
        let file = ("filename=a.png", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]);
        let other = ("filename=a.pdf", &b"%PDF-1.4\n"[..]);
        let found = pictures_in_mail(mail("", &[other, file, file]).as_bytes());
        assert_eq!(found, [file.1, file.1]);
        assert_eq!(pictures_in_mail(mail("", &[file; 40]).as_bytes()).len(), 16);
    }
}
