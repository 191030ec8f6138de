//! Texts from files and standard input, never more than may be looked through.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use latchkey_device::file_reason;
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{TextError, decode_text, text_of_file};

use crate::error::CliError;
use crate::output::Output;

/// Far more than any code has.
const MAX_CODE_LINE: u64 = 4096;

/// The text of a file, or of standard input for none or `-`, whatever its encoding. What isn't text is named, unless a
/// token is in it all the same.
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
    Ok(text_of_file(&bytes)?)
}

/// The first line of standard input.
pub(crate) fn code() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_CODE_LINE).read_to_end(&mut bytes).map_err(|error| {
        CliError::Input { path: "standard input".to_owned(), reason: file_reason(&error) }
    })?;
    let text = decode_text(&bytes);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map(str::to_owned).ok_or(CliError::NoCode)
}

/// One byte more than the limit shows that there is more.
fn bounded(reader: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_as_many_bytes_as_may_be_is_read_whatever_they_are() {
        let folder = std::env::temp_dir().join(format!("latchkey-input-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("bytes");
        std::fs::write(&file, vec![0xf0_u8; MAX_TEXT_BYTES]).unwrap();
        let read = text(Some(&file), &Output::new(true)).unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        assert!(read.len() <= MAX_TEXT_BYTES, "{}", read.len());
    }

    #[test]
    fn no_more_than_the_limit_and_a_byte_is_read() {
        assert_eq!(bounded(std::io::repeat(0), 10).unwrap().len(), 11);
    }
}
