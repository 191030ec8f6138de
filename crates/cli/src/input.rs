//! Texts from files and standard input, never more than may be looked through.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use latchkey_device::file_reason;
use latchkey_token::TextError;
use latchkey_token::limits::MAX_TEXT_BYTES;

use crate::error::CliError;
use crate::output::Output;

/// Far more than any code has.
const MAX_CODE_LINE: u64 = 4096;

/// The text of a file, or of standard input for none or `-`. What isn't text is read as well as it can be:
/// a token may still be in it.
pub(crate) fn text(file: Option<&Path>, output: &Output) -> Result<String, CliError> {
    let failed = |error: &std::io::Error| CliError::Input {
        path: file.map_or_else(|| "standard input".to_owned(), |file| file.display().to_string()),
        reason: file_reason(error),
    };
    let bytes = match file.filter(|file| file.as_os_str() != "-") {
        Some(file) => bounded(File::open(file).map_err(|error| failed(&error))?, MAX_TEXT_BYTES),
        None => {
            if std::io::stdin().is_terminal() {
                output.say("cli-paste", &[]);
            }
            bounded(std::io::stdin().lock(), MAX_TEXT_BYTES)
        }
    };
    let bytes = bytes.map_err(|error| failed(&error))?;
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(TextError::TooLarge { bytes: bytes.len(), limit: MAX_TEXT_BYTES }.into());
    }
    Ok(decoded(&bytes))
}

/// The first line of standard input.
pub(crate) fn code() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_CODE_LINE).read_to_end(&mut bytes).map_err(|error| {
        CliError::Input { path: "standard input".to_owned(), reason: file_reason(&error) }
    })?;
    let text = decoded(&bytes);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map(str::to_owned).ok_or(CliError::NoCode)
}

/// One byte more than the limit shows that there is more.
fn bounded(reader: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// UTF-8, or the UTF-16 that Windows' own tools write when output goes into a file.
fn decoded(bytes: &[u8]) -> String {
    let units = |rest: &[u8], read: fn([u8; 2]) -> u16| -> String {
        let units: Vec<_> = rest.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_writes_into_a_file_is_read() {
        let little: Vec<u8> = "\u{feff}LK".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}LK".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!((decoded(&little).as_str(), decoded(&big).as_str()), ("LK", "LK"));
        assert_eq!(decoded(b"L\xffK"), "L\u{fffd}K");
    }

    #[test]
    fn no_more_than_the_limit_and_a_byte_is_read() {
        assert_eq!(bounded(std::io::repeat(0), 10).unwrap().len(), 11);
    }
}
