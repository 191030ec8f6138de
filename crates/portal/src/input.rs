//! Text and codes that are handed in. Bounded, and generous about their encoding.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::text_of_file;
use zeroize::Zeroizing;

use crate::failure::{Failure, Trouble, reason};
use crate::output::Output;

/// The longest line that could hold an activation code, with all its dashes and spaces.
const MAX_CODE_LINE: u64 = 1024;

/// A text from a file, or from standard input for none or `-`.
pub(crate) fn text(file: Option<&Path>, output: &Output) -> Result<String, Failure> {
    let bytes = match file.filter(|file| file.as_os_str() != "-") {
        Some(path) => {
            let name = path.display().to_string();
            let opened = File::open(path).map_err(|error| Trouble::InputNotRead {
                file: name.clone(),
                reason: reason(&error),
            })?;
            bounded(opened, name)?
        }
        None => {
            let input = std::io::stdin().lock();
            if input.is_terminal() {
                output.say("server-paste", &[]);
            }
            bounded(input, "-".to_owned())?
        }
    };
    text_of_file(&bytes).map_err(|error| Trouble::from(error).into())
}

fn bounded(input: impl Read, file: String) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input
        .take(MAX_TEXT_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Trouble::InputNotRead { file, reason: reason(&error) })?;
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(Trouble::InputTooLarge { limit: MAX_TEXT_BYTES }.into());
    }
    Ok(bytes)
}

/// A code that was given as an argument; `-` stands for a line on standard input.
pub(crate) fn code(argument: &str) -> Result<Zeroizing<String>, Failure> {
    if argument != "-" {
        return Ok(Zeroizing::new(argument.to_owned()));
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .take(MAX_CODE_LINE)
        .read_to_string(&mut line)
        .map_err(|error| Trouble::InputNotRead { file: "-".to_owned(), reason: reason(&error) })?;
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Err(Trouble::NoCode.into());
    }
    Ok(Zeroizing::new(trimmed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_sixteen_mebibytes_are_not_read() {
        let endless = std::io::repeat(b' ');
        let refused = bounded(endless, "-".to_owned()).unwrap_err();
        assert_eq!((refused.words.code, refused.exit), ("input.too_large", 3));
    }
}
