//! Reads passphrases from files, variables, terminals and forms. What editors, shells and terminals
//! add around a passphrase isn't part of it, and letters that Unicode can encode in two ways are
//! equal: a person who types the passphrase elsewhere sees neither.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The marks that terminals put around a pasted text.
const PASTE_MARKS: [&str; 2] = ["\u{1b}[200~", "\u{1b}[201~"];

/// The bytes aren't text, so the passphrase couldn't be typed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is neither UTF-8 nor UTF-16")]
pub struct NotText;

/// A passphrase that opens sealed keys or signs an operator in. Its `Debug` output is
/// `<redacted>`, and its memory is wiped.
#[derive(Clone)]
pub struct Passphrase {
    text: Zeroizing<String>,
    /// How earlier versions and other systems read the same input. Such a reading opens what they
    /// have sealed, and is never used for sealing.
    others: Vec<Zeroizing<String>>,
}

impl Passphrase {
    /// A passphrase as a person typed it.
    #[must_use]
    pub fn new(text: String) -> Self {
        let given = Zeroizing::new(text);
        Self::of(normalise(&given), &given)
    }

    /// The first line of a file, in UTF-8 or UTF-16, with a byte order mark or without one.
    ///
    /// # Errors
    /// [`NotText`] for another encoding.
    pub fn of_first_line(bytes: &[u8]) -> Result<Self, NotText> {
        let line = first_line(bytes)?;
        // How earlier versions read the same bytes.
        let as_utf8 = first_line_in_utf8(bytes).unwrap_or_else(|_| line.clone());
        Ok(Self::of(normalise(&line), &as_utf8))
    }

    /// The value of an environment variable. A carriage return at its end comes from a script or
    /// file that was saved on Windows, and quotes around it are those that some programs leave
    /// around the values of an `.env` file.
    #[must_use]
    pub fn of_variable(value: String) -> Self {
        let given = Zeroizing::new(value);
        let plain = normalise(&given);
        Self::of(unquote(&plain).unwrap_or(plain), &given)
    }

    fn of(text: Zeroizing<String>, given: &Zeroizing<String>) -> Self {
        let decomposed = collect_bounded(text.nfd(), text.len());
        let unquoted = unquote(&text).unwrap_or_else(|| text.clone());
        let mut others: Vec<Zeroizing<String>> = Vec::new();
        for other in [given.clone(), normalise(given), decomposed, unquoted] {
            if other != text && !others.contains(&other) {
                others.push(other);
            }
        }
        Self { text, others }
    }

    /// Whether every reading is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.readings().all(str::is_empty)
    }

    /// Whether it consists of white space only.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether it contains a character that isn't text, such as an arrow key's: one that can't be
    /// typed on purpose, and certainly not elsewhere.
    #[must_use]
    pub fn has_control_characters(&self) -> bool {
        self.text.chars().any(|character| character.is_control() && character != '\t')
    }

    /// Whether another passphrase, typed to confirm this one, is equal.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// The passphrase to use when one is set.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The passphrases that may have been set, the likeliest first.
    pub(crate) fn readings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.text).chain(&self.others).map(|text| text.as_str())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Removes marks at the front, marks of a paste, and line ends and other control characters at the
/// end, and composes letters (NFC).
pub(crate) fn normalise(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(text.to_owned());
    for mark in PASTE_MARKS {
        if plain.contains(mark) {
            plain = Zeroizing::new(plain.replace(mark, ""));
        }
    }
    let ends = |character: char| character.is_control() && character != '\t';
    let plain = plain.trim_start_matches('\u{feff}').trim_end_matches(ends);
    collect_bounded(plain.nfc(), plain.len())
}

/// Collects into a single allocation, so that no copy is left unwiped.
fn collect_bounded(characters: impl Iterator<Item = char>, length: usize) -> Zeroizing<String> {
    // A character triples in length at most, in either form.
    let mut text = Zeroizing::new(String::with_capacity(3 * length));
    text.extend(characters);
    text
}

/// The text inside quotes, if all of it is quoted.
fn unquote(text: &str) -> Option<Zeroizing<String>> {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let inside = inside('"').or_else(|| inside('\''))?;
    (!inside.is_empty()).then(|| Zeroizing::new(inside.to_owned()))
}

/// The first line without its end, as it is in the file.
fn first_line(bytes: &[u8]) -> Result<Zeroizing<String>, NotText> {
    let (wide, order): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, wide @ ..] => (wide, u16::from_le_bytes),
        [0xfe, 0xff, wide @ ..] => (wide, u16::from_be_bytes),
        // No passphrase in UTF-8 starts with these bytes.
        [low, 0, ..] if *low != 0 => (bytes, u16::from_le_bytes),
        [0, low, ..] if *low != 0 => (bytes, u16::from_be_bytes),
        _ => return first_line_in_utf8(bytes),
    };
    let units = wide.as_chunks::<2>().0.iter().map(|unit| order(*unit));
    let units = units.take_while(|unit| *unit != u16::from(b'\n'));
    let mut line = Zeroizing::new(String::with_capacity(2 * wide.len()));
    for character in char::decode_utf16(units) {
        line.push(character.map_err(|_| NotText)?);
    }
    Ok(line)
}

/// The first line of UTF-8 text. A carriage return belongs to the line's end only if a line feed
/// follows it.
fn first_line_in_utf8(bytes: &[u8]) -> Result<Zeroizing<String>, NotText> {
    let line = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]),
        None => bytes,
    };
    Ok(Zeroizing::new(std::str::from_utf8(line).map_err(|_| NotText)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "correct horse bättery staple";

    fn to_utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn a_file_of_any_editor_gives_the_same_passphrase() {
        let lines = format!("{TEXT}\r\nanother line\r\n");
        for bytes in [
            TEXT.as_bytes().to_vec(),
            lines.clone().into_bytes(),
            format!("\u{feff}{lines}").into_bytes(),
            format!("{TEXT}\r").into_bytes(),
            format!("{TEXT}\u{1a}").into_bytes(),
            TEXT.replace('ä', "a\u{308}").into_bytes(),
            // Anything may follow the first line.
            [TEXT.as_bytes(), b"\n\xff\xfe\0"].concat(),
            to_utf16(&format!("\u{feff}{lines}"), u16::to_le_bytes),
            to_utf16(&format!("\u{feff}{lines}"), u16::to_be_bytes),
            to_utf16(&lines, u16::to_le_bytes),
            to_utf16(&lines, u16::to_be_bytes),
        ] {
            let read = Passphrase::of_first_line(&bytes);
            assert_eq!(read.unwrap().expose(), TEXT, "{bytes:?}");
        }
        for bytes in [&b"b\xe4ttery"[..], b"\xff\xfe\x00\xd8a\0", b"\xef\xbb\xbfb\xe4ttery"] {
            assert!(Passphrase::of_first_line(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_marks_of_a_terminal_around_a_paste_are_not_part_of_the_passphrase() {
        for typed in [
            format!("\u{1b}[200~{TEXT}\u{1b}[201~"),
            // The copied text ended with its line, so the mark follows on the next line.
            format!("\u{1b}[201~\u{1b}[200~{TEXT}"),
            format!("{TEXT}\r\n"),
        ] {
            let typed = Passphrase::new(typed);
            assert_eq!(typed.expose(), TEXT);
            assert!(typed.is(&Passphrase::new(TEXT.to_owned())));
        }
        // What a person may have chosen is kept.
        for chosen in [" correct horse ", "[200~", "a\tb", "\"quoted\"", "b\u{e4}\u{feff}r"] {
            assert_eq!(Passphrase::new(chosen.to_owned()).expose(), chosen);
        }
        assert!(Passphrase::new("correct\u{1b}[D horse".to_owned()).has_control_characters());
        assert!(!Passphrase::new("correct\thorse".to_owned()).has_control_characters());
        assert!(Passphrase::new("\u{feff} \r".to_owned()).is_blank());
    }

    #[test]
    fn a_variable_has_neither_the_quotes_nor_the_carriage_return_of_its_file() {
        for value in
            [TEXT.to_owned(), format!("{TEXT}\r"), format!("\"{TEXT}\"\r"), format!("'{TEXT}'")]
        {
            assert_eq!(Passphrase::of_variable(value).expose(), TEXT);
        }
        assert_eq!(Passphrase::of_variable("\"\"".to_owned()).expose(), "\"\"");
        assert_eq!(Passphrase::of_variable("it's".to_owned()).expose(), "it's");
    }

    #[test]
    fn the_reading_of_earlier_versions_is_among_the_readings_of_a_passphrase() {
        let has =
            |passphrase: &Passphrase, text: &str| passphrase.readings().any(|one| one == text);
        let file = Passphrase::of_first_line(format!("\u{feff}{TEXT}\r\n").as_bytes()).unwrap();
        assert!(has(&file, &format!("\u{feff}{TEXT}")));
        assert!(has(&Passphrase::of_variable(format!("{TEXT}\r")), &format!("{TEXT}\r")));
        assert!(has(&Passphrase::of_variable(format!("\"{TEXT}\"")), &format!("\"{TEXT}\"")));
        let decomposed = TEXT.replace('ä', "a\u{308}");
        assert!(has(&Passphrase::new(decomposed.clone()), &decomposed));
        // Another system composes it.
        assert!(has(&Passphrase::new(TEXT.to_owned()), &decomposed));
        assert_eq!(Passphrase::new("plain".to_owned()).readings().count(), 1);
    }

    #[test]
    fn a_passphrase_has_an_empty_debug_output() {
        assert_eq!(format!("{:?}", Passphrase::new(TEXT.to_owned())), "<redacted>");
    }
}
