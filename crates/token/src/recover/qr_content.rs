//! What the QR codes in a picture contain instead of a token.

use super::activation_code::has_generated_code;
use super::several_texts::error_without_token;
use super::text_error::TextError;

/// The longest beginning of a code's text that is inspected, and the longest host that is shown, in
/// characters.
const MAX_EXCERPT_CHARS: usize = 80;

impl TextError {
    /// Describes the codes in a picture that contain no token: [`TextError::CodeInstead`] or
    /// [`TextError::OtherCode`]. Returns `None` if they contain a token or a part of one. Their
    /// contents may be secret, so that only their kind is shown, and the host of a link.
    #[must_use]
    pub fn of_other_code(codes: &str) -> Option<Self> {
        error_without_token(codes)?;
        // A picture may contain thousands of lines; one with an activation code contains few.
        let mut lines =
            codes.lines().filter(|line| line.len() <= MAX_CODE_LINE).take(MAX_CODE_LINES);
        if lines.any(has_generated_code) {
            return Some(Self::CodeInstead);
        }
        let characters = codes.trim().chars().count();
        let (what, said) = match mask_link(codes) {
            Some(host) => ("link", host),
            None => (kind_of_code(codes), String::new()),
        };
        Some(Self::OtherCode { what, said, characters })
    }
}

/// How many lines of the codes in a picture are searched for an activation code, and the longest
/// such line in bytes.
const MAX_CODE_LINES: usize = 64;
const MAX_CODE_LINE: usize = 200;

/// The beginnings of codes that programs understand, in lower case, and the kinds of their
/// contents.
const CODE_PREFIXES: &[(&str, &str)] = &[
    ("wifi:", "wifi"),
    ("otpauth:", "login"),
    ("otpauth-migration:", "login"),
    ("fido:", "login"),
    ("begin:vcard", "contact"),
    ("mecard:", "contact"),
    ("bizcard:", "contact"),
    ("begin:vevent", "appointment"),
    ("begin:vcalendar", "appointment"),
    ("bcd\n", "payment"),
    ("spc\n", "payment"),
];

/// Returns the kind of a code's text, as in [`TextError::OtherCode`].
fn kind_of_code(text: &str) -> &'static str {
    let start: String = text.trim_start().chars().take(MAX_EXCERPT_CHARS).collect();
    let start = start.to_ascii_lowercase().replace("\r\n", "\n");
    CODE_PREFIXES
        .iter()
        .find(|(begins, _)| start.starts_with(begins))
        .map_or("text", |(_, what)| what)
}

/// Returns the scheme and the host of a link, with an ellipsis for the rest. A user name or
/// password before the host is omitted. A host without a dot isn't shown, because it may be
/// anything.
fn mask_link(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://")?;
    let scheme = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    let end = |c: char| matches!(c, '/' | '?' | '#' | '\\') || c.is_whitespace();
    let (authority, more) = rest.split_at(rest.find(end).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next()?;
    let (host, _) = host.split_once(':').unwrap_or((host, ""));
    let is_name = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        && host.trim_matches('.').contains('.')
        && host.len() <= MAX_EXCERPT_CHARS;
    let more = if matches!(more, "" | "/") { "" } else { "/…" };
    is_name.then(|| format!("{scheme}://{host}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_kind_of_a_code_without_a_token_is_reported() {
        let token = crate::tests::sample(1);
        assert_eq!(TextError::of_other_code(&token), None);
        assert_eq!(TextError::of_other_code(&token[60..200]), None);
        for (code, kind, said) in [
            ("https://acme.example", "link", "https://acme.example"),
            ("HTTP://acme.example:80/", "link", "http://acme.example"),
            ("https://acme.example/a?code=ACME-B10E-2V26", "link", "https://acme.example/…"),
            ("https://me:ACME-B10E-2V26@acme.example#x", "link", "https://acme.example/…"),
            ("https://ACME-B10E-2V26", "text", ""),
            ("https://acme\u{202e}.example", "text", ""),
            ("WIFI:T:WPA;S:Acme;P:secret;;", "wifi", ""),
            ("otpauth://totp/Acme?secret=JBSWY3DPEHPK3PXP", "login", ""),
            ("BEGIN:VCARD\r\nFN:Jo\r\nEND:VCARD", "contact", ""),
            ("BCD\r\n002\r\n1\r\nSCT", "payment", ""),
            ("a\nb\u{202e}", "text", ""),
        ] {
            let (what, said, characters) = (kind, said.to_owned(), code.chars().count());
            let other = TextError::OtherCode { what, said, characters };
            assert_eq!(TextError::of_other_code(code), Some(other), "{code}");
        }
        let code = crate::ActivationCode::generate().unwrap().expose();
        for codes in [code.clone(), format!("https://acme.example\n{code}\n")] {
            assert_eq!(TextError::of_other_code(&codes), Some(TextError::CodeInstead));
        }
    }

    #[test]
    fn no_activation_code_in_a_qr_code_is_repeated_in_an_error() {
        for code in ["ACME-B10E-2V26", "7K3MQ-9XW2V-RT8HN-PABCD"] {
            for codes in [
                code.to_owned(),
                format!("https://acme.example/?code={code}"),
                format!("https://acme.example\n{code}"),
                format!("{code}\nhttps://acme.example"),
                format!("https://{code}@acme.example"),
                format!("{code}://acme.example"),
                format!("lic:{code}"),
            ] {
                let error = TextError::of_other_code(&codes).unwrap();
                assert!(matches!(error, TextError::OtherCode { .. }), "{codes}");
                let shown = format!("{error} {error:?} {:?}", crate::HasErrorCode::details(&error));
                assert!(!shown.to_uppercase().contains(&code[5..9]), "{shown}");
            }
        }
    }
}
