//! The text of a configuration file, in the encodings that editors save it in. An encoding that
//! doesn't identify itself is an error: a guess might change the names that the file contains.

use std::borrow::Cow;

use latchkey_token::{TextError, text_of_file};

use crate::document::{MAX_CONFIG_BYTES, newlines};
use crate::error::ConfigError;

/// Decodes UTF-8, UTF-16 and UTF-32, with or without a byte order mark. Bytes of another encoding
/// are accepted only in comments.
///
/// # Errors
/// [`ConfigError::TooLarge`], [`ConfigError::NotText`] for another encoding, and
/// [`ConfigError::OtherFile`] for a file that isn't text.
pub fn decode_config(bytes: &[u8]) -> Result<String, ConfigError> {
    if bytes.len() > MAX_CONFIG_BYTES {
        return Err(ConfigError::TooLarge { limit: MAX_CONFIG_BYTES });
    }
    let text = match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => utf_8(text),
        // This mark begins like the one of UTF-16.
        [0xff, 0xfe, 0, 0, text @ ..] => utf_32(text, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, text @ ..] => utf_32(text, u32::from_be_bytes),
        [0xff, 0xfe, text @ ..] => utf_16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf_16(text, u16::from_be_bytes),
        // Every configuration begins with an ASCII character.
        [1..=0x7f, 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [0, 0, 0, 1..=0x7f, ..] => utf_32(bytes, u32::from_be_bytes),
        [1..=0x7f, 0, ..] => utf_16(bytes, u16::from_le_bytes),
        [0, 1..=0x7f, ..] => utf_16(bytes, u16::from_be_bytes),
        _ => utf_8(bytes),
    };
    text.map_err(|line| other_file(bytes).unwrap_or(ConfigError::NotText { line }))
}

/// The error for a file that isn't text, whatever its encoding is.
pub(crate) fn other_file(bytes: &[u8]) -> Option<ConfigError> {
    let (kind, format) = match text_of_file(bytes).err()? {
        TextError::Picture { format } => ("picture", format),
        TextError::Archive { format } => ("archive", format),
        TextError::Document { format } => ("document", format),
        TextError::Program { format } => ("program", format),
        TextError::Encrypted { format } => ("encrypted", format),
        TextError::Binary => ("binary", ""),
        _ => return None,
    };
    Some(ConfigError::OtherFile { kind, format })
}

/// Decodes UTF-8. The error is the line of the first byte that isn't UTF-8, outside comments.
fn utf_8(bytes: &[u8]) -> Result<String, usize> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
    lines
        .map(|(line, number)| match std::str::from_utf8(line) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(_) if line.trim_ascii_start().starts_with(b"#") => {
                Ok(String::from_utf8_lossy(line))
            }
            Err(_) => Err(number),
        })
        .collect()
}

/// Decodes UTF-16. The error is the line of the first value that isn't a character.
fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let (units, rest) = bytes.as_chunks::<2>();
    let characters = char::decode_utf16(units.iter().map(|pair| unit(*pair)));
    collect_text(characters.map(Result::ok), rest)
}

/// Decodes UTF-32. The error is the line of the first value that isn't a character.
fn utf_32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<String, usize> {
    let (units, rest) = bytes.as_chunks::<4>();
    collect_text(units.iter().map(|four| char::from_u32(unit(*four))), rest)
}

fn collect_text(
    characters: impl Iterator<Item = Option<char>>,
    rest: &[u8],
) -> Result<String, usize> {
    let mut text = String::new();
    for character in characters {
        text.push(character.ok_or_else(|| 1 + newlines(text.as_bytes()))?);
    }
    if rest.is_empty() { Ok(text) } else { Err(1 + newlines(text.as_bytes())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "format = 1\n# für Müller\nname = \"Müller 😀\"\n";

    fn encoded(mark: bool, text: &str) -> Vec<(&'static str, Vec<u8>)> {
        let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        let utf_16: Vec<u16> = marked.encode_utf16().collect();
        let utf_32 = || marked.chars().map(u32::from);
        vec![
            ("UTF-8", marked.as_bytes().to_vec()),
            ("UTF-16LE", utf_16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
            ("UTF-16BE", utf_16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
            ("UTF-32LE", utf_32().flat_map(u32::to_le_bytes).collect()),
            ("UTF-32BE", utf_32().flat_map(u32::to_be_bytes).collect()),
        ]
    }

    #[test]
    fn every_unicode_encoding_is_read_with_and_without_a_mark() {
        for mark in [true, false] {
            for (name, bytes) in encoded(mark, TEXT) {
                assert_eq!(decode_config(&bytes).as_deref(), Ok(TEXT), "{name}, {mark}");
            }
        }
    }

    #[test]
    fn an_incomplete_character_is_reported_with_its_line() {
        for (name, mut bytes) in encoded(true, "format = 1\nname = 😀") {
            bytes.pop();
            assert_eq!(decode_config(&bytes), Err(ConfigError::NotText { line: 2 }), "{name}");
        }
    }

    #[test]
    fn another_encoding_is_accepted_in_comments_only() {
        let latin_1 = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<_>>();
        let read = decode_config(&latin_1("format = 1\n # für alle\nname = 2\n")).unwrap();
        assert_eq!(read, "format = 1\n # f\u{fffd}r alle\nname = 2\n");
        let name = decode_config(&latin_1("format = 1\n# für\nname = \"Müller\"\n"));
        assert_eq!(name, Err(ConfigError::NotText { line: 3 }));
    }

    #[test]
    fn a_file_that_is_not_text_is_named_for_what_it_is() {
        for (bytes, kind, format) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], "picture", "PNG"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "picture", "JPEG"),
            (b"PK\x03\x04\x14\0\0\0latchkey.toml\0\x01\xff", "archive", "ZIP"),
            (b"PK\x03\x04\x14\0\0\0word/document.xml\0\x01\xff", "document", "Word"),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "document", "PDF"),
            (b"\x1f\x8b\x08\0\0\0\0\0\xff", "archive", "gzip"),
            (b"\x01\x02\x03\xff\xfe\x04", "binary", ""),
        ] {
            let error = ConfigError::OtherFile { kind, format };
            assert_eq!(decode_config(bytes), Err(error), "{kind}, {format}");
        }
    }

    #[test]
    fn no_file_is_decoded_beyond_the_largest_size() {
        let large = vec![b'#'; MAX_CONFIG_BYTES + 1];
        assert_eq!(decode_config(&large), Err(ConfigError::TooLarge { limit: MAX_CONFIG_BYTES }));
    }
}
