//! The characters that the terminal of the current locale can show. If that isn't UTF-8, all output
//! is converted to ASCII.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The characters that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// All of Unicode.
    Utf8,
    /// Only ASCII, which every terminal shows.
    Ascii,
}

impl Charset {
    /// The character set of the environment: the first non-empty variable of `LC_ALL`, `LC_CTYPE`
    /// and `LANG` counts (POSIX.1-2017, XBD 8.2), and none means the locale `C`. On Windows,
    /// programs write Unicode regardless.
    #[must_use]
    pub fn of_process() -> Self {
        if cfg!(windows) {
            return Self::Utf8;
        }
        Self::from_variables(|name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
        // `language[_territory][.codeset][@modifier]`; macOS has a locale whose name is its codeset
        // alone.
        let codeset = locale.split('@').next().unwrap_or_default();
        let codeset = codeset.rsplit('.').next().unwrap_or_default();
        let plain = codeset.replace(['-', '_'], "").to_ascii_lowercase();
        if plain == "utf8" { Self::Utf8 } else { Self::Ascii }
    }

    /// The same for JSON documents. On Windows they are ASCII, because Windows PowerShell decodes
    /// what it captures from a program in the code page of the console.
    #[must_use]
    pub fn of_json() -> Self {
        if cfg!(windows) { Self::Ascii } else { Self::of_process() }
    }

    /// Converts a text to characters that may be written. In ASCII, quotes and dashes get their
    /// ASCII form, and letters the most similar one.
    #[must_use]
    pub fn convert(self, text: &str) -> Cow<'_, str> {
        if self == Self::Utf8 || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut fitted = String::with_capacity(text.len());
        for character in text.chars() {
            match in_german(character) {
                Some(letters) => fitted.push_str(letters),
                None if character.is_ascii() => fitted.push(character),
                None => fitted.push_str(deunicode::deunicode_char(character).unwrap_or("?")),
            }
        }
        Cow::Owned(fitted)
    }
}

/// The usual German transcription of umlauts, and the symbols of the catalogues, which thus don't
/// depend on another project's table.
const fn in_german(character: char) -> Option<&'static str> {
    Some(match character {
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        'Ä' => "Ae",
        'Ö' => "Oe",
        'Ü' => "Ue",
        'ß' => "ss",
        'ẞ' => "SS",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '‘' | '’' | '‚' => "'",
        '→' => "->",
        '–' | '—' | '‑' => "-",
        '…' => "...",
        '·' => "-",
        // Two of them end a line. A name from a request must not be able to start another row of a
        // table.
        '\u{a0}' | '\u{202f}' | '\u{2028}' | '\u{2029}' => " ",
        _ => return None,
    })
}

/// Escapes every character beyond ASCII in a JSON document (RFC 8259, section 7), so that it has
/// the same meaning in every character set.
#[must_use]
pub fn json_in_ascii(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for character in document.chars() {
        if character.is_ascii() {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// Replaces every character beyond ASCII in an HTML page by a reference (HTML, section 13.1.4),
/// which a browser shows the same.
#[must_use]
pub fn page_in_ascii(page: &str) -> String {
    let mut escaped = String::with_capacity(page.len());
    for character in page.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            let _ = write!(escaped, "&#{};", u32::from(character));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(environment: &[(&str, &str)]) -> Charset {
        Charset::from_variables(|name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_a_locale_that_names_utf_8_is_utf_8() {
        for (environment, expected) in [
            (&[("LANG", "de_DE.UTF-8")][..], Charset::Utf8),
            (&[("LANG", "C.utf8")], Charset::Utf8),
            (&[("LANG", "C"), ("LC_CTYPE", "UTF-8")], Charset::Utf8),
            (&[("LANG", "sr_RS.UTF-8@latin")], Charset::Utf8),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "")], Charset::Utf8),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], Charset::Ascii),
            (&[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "de_DE@euro")], Charset::Ascii),
            (&[("LANG", "de_DE.ISO-8859-1")], Charset::Ascii),
            (&[("LANG", "ja_JP.SJIS")], Charset::Ascii),
            (&[("LANG", "de")], Charset::Ascii),
            (&[("LC_ALL", "POSIX")], Charset::Ascii),
            (&[], Charset::Ascii),
        ] {
            assert_eq!(under(environment), expected, "{environment:?}");
        }
    }

    #[test]
    fn every_message_has_a_legible_ascii_form() {
        for (text, expected) in [
            ("“--yes” isn’t there → add it", "\"--yes\" isn't there -> add it"),
            ("Die Lizenz läuft für Größe ‚Ä‘ – ab", "Die Lizenz laeuft fuer Groesse 'Ae' - ab"),
            ("Łódź, Œuvre, Москва", "Lodz, OEuvre, Moskva"),
            ("3 … 4\u{a0}d", "3 ... 4 d"),
            ("plain", "plain"),
        ] {
            assert_eq!(Charset::Ascii.convert(text), expected);
            assert_eq!(Charset::Utf8.convert(text), text);
        }
        for character in ('\u{80}'..='\u{2fff}').chain('\u{1f300}'..'\u{1f700}') {
            let text = character.to_string();
            let fitted = Charset::Ascii.convert(&text);
            assert!(fitted.is_ascii() && !fitted.contains('\n'), "{character:?}: {fitted:?}");
        }
    }

    #[test]
    fn an_escaped_document_is_ascii_with_the_same_meaning() {
        let escaped = json_in_ascii("{\"name\":\"Größe 𝄞\"}");
        assert_eq!(escaped, "{\"name\":\"Gr\\u00f6\\u00dfe \\ud834\\udd1e\"}");
        assert_eq!(page_in_ascii("<p>Größe ＜</p>"), "<p>Gr&#246;&#223;e &#65308;</p>");
    }
}
