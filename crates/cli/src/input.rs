//! Reads texts from files and standard input, up to the size that is scanned for tokens.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};

use latchkey_console::{Source, needless, shown, sources};
use latchkey_device::file_reason;
use latchkey_paper::{
    PERSONS_MEMORY, ReadingError, is_picture, read_file_aside, read_picture_aside,
};
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{ActivationCode, TextError, decode_text, text_of_file};

use crate::error::CliError;
use crate::output::Output;

/// Far more than any code has, and enough for a mail or a document that has one in it.
const MAX_CODE_LINE: u64 = 64 * 1024;
/// Fewer characters than any token has: what is shorter was meant as a file's name.
const LEAST_TOKEN: usize = 80;

/// The text of files, of the arguments themselves, or of standard input (without arguments, or for
/// `-`), in any encoding, and the content of QR codes in pictures. An unreadable source is
/// reported, unless it contains a token.
pub(crate) fn text(arguments: &[OsString], output: &Output) -> Result<String, CliError> {
    let is_token = |text: &str| text.len() >= LEAST_TOKEN && latchkey_token::scan(text).is_ok();
    let sources = sources(arguments, is_token)
        .map_err(|problem| CliError::Usage { reason: problem.to_string() })?;
    let mut texts: Vec<(Option<String>, String)> = Vec::new();
    let mut read = 0;
    let mut left = Vec::new();
    let mut cut = None;
    let are_several = sources.len() > 1;
    for source in sources {
        let name = match &source {
            Source::File(file) if are_several => Some(file.display().to_string()),
            _ => None,
        };
        let of = |error| in_file(name.clone(), error);
        let room = MAX_TEXT_BYTES.saturating_sub(read);
        let bytes = bytes(source, room, output).map_err(of)?;
        read += bytes.len();
        if read > MAX_TEXT_BYTES {
            return Err(TextError::TooLarge { bytes: read, limit: MAX_TEXT_BYTES }.into());
        }
        match said_in(&bytes) {
            Ok((text, unread)) => {
                left.extend(unread.map(|error| in_file(name.clone(), error)));
                texts.push((name, text));
                // The content of QR codes in a picture didn't pass through a terminal.
                if !is_picture(&bytes) {
                    cut = cut.max(latchkey_console::cut_line(&bytes));
                }
            }
            Err(error) => left.push(of(error)),
        }
    }
    let (names, mut texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
    if are_several {
        for index in without_any(&texts) {
            texts[index].clear();
            left.push(in_file(names[index].clone(), TextError::NoneFound.into()));
        }
    }
    texts.retain(|text| !text.is_empty());
    // What isn't text, and what has no token, holds up nothing else.
    let last = if texts.is_empty() { left.pop() } else { None };
    for error in left {
        output.left(&error);
    }
    if let Some(error) = last {
        output.skip(&error);
        return Err(error);
    }
    let text = texts.join("\n");
    if let Some(characters) = cut
        && !is_whole(&text)
    {
        output.say("cli-cut-line", &[("characters", characters.into())]);
    }
    Ok(text)
}

/// Names the file, where there are several.
fn in_file(file: Option<String>, error: CliError) -> CliError {
    match file {
        Some(file) => CliError::InFile { file, error: Box::new(error) },
        None => error,
    }
}

/// The text of a file, or the content of the QR codes if it is a picture, and why the picture may
/// contain more codes.
fn said_in(bytes: &[u8]) -> Result<(String, Option<CliError>), CliError> {
    let codes = read_file_aside(bytes, PERSONS_MEMORY)?;
    Ok((codes.text, codes.left.map(CliError::from)))
}

/// The texts that contain neither a token nor a part of one in another text, in order.
fn without_any(texts: &[String]) -> Vec<usize> {
    let has_none = |text: &str| latchkey_token::scan(text).is_err_and(|error| error.has_no_token());
    let doubtful: Vec<_> = (0..texts.len()).filter(|index| has_none(&texts[*index])).collect();
    let mut without = needless(texts, &doubtful, |text| latchkey_token::scan(text).ok());
    without.sort_unstable();
    without
}

fn is_whole(text: &str) -> bool {
    latchkey_token::scan(text).is_ok_and(|found| found.iter().all(|one| one.token.is_ok()))
}

fn bytes(source: Source, room: usize, output: &Output) -> Result<Vec<u8>, CliError> {
    let (name, bytes) = match source {
        Source::Text(text) => return Ok(text.into_bytes()),
        Source::File(file) => {
            let bytes = File::open(&file).and_then(|file| bounded(file, room));
            (shown(&file.display().to_string()), bytes)
        }
        Source::Input => {
            let bytes = if latchkey_console::is_terminal() {
                output.say("cli-paste", &[]);
                latchkey_console::pasted(room)
            } else {
                latchkey_console::standard_input().and_then(|input| bounded(input, room))
            };
            (name_of_input(), bytes)
        }
    };
    bytes.map_err(|error| CliError::Input { path: name, reason: reason(&error) })
}

/// Reads standard input: a code, possibly with a label or quotes around it and on several lines, or
/// a picture of its QR code. Users don't end the input after typing, so a terminal provides one
/// line.
pub(crate) fn code(output: &Output) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let read = latchkey_console::standard_input().and_then(|input| {
        if latchkey_console::is_terminal() {
            output.ask("cli-ask-code", &[]);
            BufReader::new(input.take(MAX_CODE_LINE)).read_until(b'\n', &mut bytes)
        } else {
            input.take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes)
        }
    });
    read.map_err(|error| CliError::Input { path: name_of_input(), reason: reason(&error) })?;
    if bytes.len() > MAX_TEXT_BYTES {
        let (bytes, limit) = (bytes.len(), MAX_TEXT_BYTES);
        return Err(TextError::TooLarge { bytes, limit }.into());
    }
    if is_picture(&bytes) {
        return match read_picture_aside(&bytes, PERSONS_MEMORY) {
            Ok(codes) => code_in_picture(&codes.text),
            Err(ReadingError::NoCode) => Err(CliError::PictureWithoutCode),
            Err(error) => Err(error.into()),
        };
    }
    bytes.truncate(MAX_CODE_LINE as usize);
    // Of a document in rich text the code can be read.
    let text = match text_of_file(&bytes) {
        Ok(text) => text,
        Err(TextError::Empty) => return Err(CliError::NoCode),
        Err(TextError::Document { format: "RTF" }) => decode_text(&bytes),
        // A mail that has pictures or documents with it has the code in its text.
        Err(error) => {
            let text = decode_text(&bytes);
            match text.parse::<ActivationCode>() {
                Ok(code) if code.is_generated() || matches!(error, TextError::Attached { .. }) => {
                    text
                }
                _ => return Err(error.into()),
            }
        }
    };
    Ok(text.trim().to_owned())
}

/// The activation code that a picture's QR code holds. Any other QR code is named for what it is:
/// it may hold a password, which must not go to the vendor as a code.
fn code_in_picture(text: &str) -> Result<String, CliError> {
    let text = text.trim();
    let is_one_word = !text.contains(|character: char| {
        character.is_whitespace() || matches!(character, ':' | '/' | '=' | ';')
    });
    match TextError::of_other_code(text) {
        // One that the vendor chose has no form by which it could be known.
        Some(TextError::OtherCode { .. })
            if is_one_word && text.parse::<ActivationCode>().is_ok() =>
        {
            Ok(text.to_owned())
        }
        Some(TextError::CodeInstead) => Ok(text.to_owned()),
        Some(other) => Err(other.into()),
        None => Ok(text.to_owned()),
    }
}

/// Whether the user answers a question with yes. Anything else counts as no, including the end of
/// the input.
pub(crate) fn is_yes() -> Result<bool, CliError> {
    let mut answer = Vec::new();
    let input = std::io::stdin().lock().take(MAX_CODE_LINE);
    BufReader::new(input)
        .read_until(b'\n', &mut answer)
        .map_err(|error| CliError::Input { path: name_of_input(), reason: file_reason(&error) })?;
    // In each language that questions are asked in.
    Ok(matches!(decode_text(&answer).trim().to_lowercase().as_str(), "y" | "yes" | "j" | "ja"))
}

/// What standard input is called where it can't be read.
pub(crate) fn name_of_input() -> String {
    latchkey_i18n::text("cli-standard-input", &[])
}

/// Why a file or standard input can't be read.
fn reason(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotConnected => "closed",
        _ => file_reason(error),
    }
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
        let read = text(&[file.into_os_string()], &Output::new(true)).unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        assert!(read.len() <= MAX_TEXT_BYTES, "{}", read.len());
    }

    #[test]
    fn no_more_than_the_limit_and_a_byte_is_read() {
        assert_eq!(bounded(std::io::repeat(0), 10).unwrap().len(), 11);
    }
}
