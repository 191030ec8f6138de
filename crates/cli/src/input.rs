//! Reads texts from files and standard input, up to the size that is scanned for tokens.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};

use latchkey_console::{Source, shorten, sources};
use latchkey_paper::{
    CodeFileError, Codes, FileOfSeveral, INTERACTIVE_MEMORY, is_picture, read_code_isolated,
    read_one_of_several_isolated,
};
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{TextError, decode_text, has_only_whole_tokens, texts_without_token};
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::output::Output;

/// Far more bytes than anyone types on one line.
const MAX_LINE: u64 = 64 * 1024;
/// Fewer characters than any token has. A shorter argument was meant as the name of a file.
const MIN_TOKEN_CHARS: usize = 80;

/// The text of files, of the arguments themselves, or of standard input (without arguments, or for
/// `-`), in any encoding, and the content of QR codes in pictures. An unreadable source is
/// reported, unless it contains a token.
pub(crate) fn read_text(arguments: &[OsString], output: &Output) -> Result<String, CliError> {
    let is_token = |text: &str| text.len() >= MIN_TOKEN_CHARS && latchkey_token::scan(text).is_ok();
    let sources = sources(arguments, is_token)
        .map_err(|problem| CliError::Usage { reason: problem.to_string() })?;
    let (mut files, mut names) = (Vec::new(), Vec::new());
    let mut read = 0;
    let are_several = sources.len() > 1;
    for source in sources {
        let name = match &source {
            Source::File(file) if are_several => Some(file.display().to_string()),
            _ => None,
        };
        let with_name = |error| with_file(name.clone(), error);
        let limit = MAX_TEXT_BYTES.saturating_sub(read);
        let bytes = bytes(source, limit, output).map_err(with_name)?;
        read += bytes.len();
        if read > MAX_TEXT_BYTES {
            return Err(TextError::TooLarge { bytes: read, limit: MAX_TEXT_BYTES }.into());
        }
        // The content of QR codes in a picture didn't pass through a terminal.
        let cut = if is_picture(&bytes) { None } else { latchkey_console::cut_line(&bytes) };
        files.push(read_one_of_several_isolated(&bytes, INTERACTIVE_MEMORY));
        names.push((name, cut));
    }
    let mut texts: Vec<(Option<String>, String)> = Vec::new();
    let mut skipped = Vec::new();
    let mut cut = None;
    for ((name, cut_here), read) in names.into_iter().zip(FileOfSeveral::join_all(files)) {
        match read {
            Ok(Some(Codes { text, incomplete })) => {
                skipped.extend(incomplete.map(|error| with_file(name.clone(), error.into())));
                texts.push((name, text));
                cut = cut.max(cut_here);
            }
            // Another file has the text of its codes.
            Ok(None) => {}
            Err(error) => skipped.push(with_file(name, error.into())),
        }
    }
    let (names, mut texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
    if are_several {
        for (index, _) in texts_without_token(&texts) {
            texts[index].clear();
            skipped.push(with_file(names[index].clone(), TextError::NoneFound.into()));
        }
    }
    texts.retain(|text| !text.is_empty());
    // A file without text or without a token doesn't stop the others from being used.
    let last = if texts.is_empty() { skipped.pop() } else { None };
    for error in skipped {
        output.report_skipped(&error);
    }
    if let Some(error) = last {
        output.skip(&error);
        return Err(error);
    }
    let text = texts.join("\n");
    if let Some(characters) = cut
        && !has_only_whole_tokens(&text)
    {
        output.write_message("cli-cut-line", &[("characters", characters.into())]);
    }
    Ok(text)
}

/// Adds the name of the file to an error if there are several files.
fn with_file(file: Option<String>, error: CliError) -> CliError {
    match file {
        Some(file) => CliError::InFile { file, error: Box::new(error) },
        None => error,
    }
}

fn bytes(source: Source, limit: usize, output: &Output) -> Result<Vec<u8>, CliError> {
    let (name, bytes) = match source {
        Source::Text(text) => return Ok(text.into_bytes()),
        Source::File(file) => {
            let bytes =
                latchkey_files::open_input(&file).and_then(|file| read_bounded(file, limit));
            (shorten(&file.display().to_string()), bytes)
        }
        Source::Input => {
            let bytes = if latchkey_console::is_terminal() {
                output.write_message("cli-paste", &[("system", std::env::consts::OS.into())]);
                latchkey_console::read_pasted(limit)
            } else {
                latchkey_console::standard_input().and_then(|input| read_bounded(input, limit))
            };
            (name_of_input(), bytes)
        }
    };
    bytes.map_err(|error| CliError::Input { path: name, reason: latchkey_files::reason(&error) })
}

/// Reads standard input: a code, possibly with a label or quotes around it and on several lines, or
/// a picture of its QR code. Users don't end the input after typing, so a terminal provides one
/// line, which it doesn't show: a code is enough to take its customer's seats.
pub(crate) fn read_code(output: &Output) -> Result<Zeroizing<String>, CliError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = latchkey_console::standard_input().and_then(|input| {
        if latchkey_console::is_terminal() {
            output.ask("cli-ask-code", &[]);
            latchkey_console::read_secret_line()
                .map(|read_line| bytes.extend_from_slice(&read_line))
        } else {
            input.take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes).map(|_| ())
        }
    });
    read.map_err(|error| CliError::Input {
        path: name_of_input(),
        reason: latchkey_files::reason(&error),
    })?;
    if bytes.len() > MAX_TEXT_BYTES {
        let (bytes, limit) = (bytes.len(), MAX_TEXT_BYTES);
        return Err(TextError::TooLarge { bytes, limit }.into());
    }
    read_code_isolated(&bytes, INTERACTIVE_MEMORY).map_err(|error| match error {
        CodeFileError::Empty => CliError::NoCode,
        CodeFileError::PictureWithoutCode => CliError::PictureWithoutCode,
        CodeFileError::File(error) => error.into(),
    })
}

/// Whether the user answers a question with yes. Anything else counts as no, including the end of
/// the input.
pub(crate) fn is_yes() -> Result<bool, CliError> {
    let mut answer = Vec::new();
    let input = std::io::stdin().lock().take(MAX_LINE);
    BufReader::new(input).read_until(b'\n', &mut answer).map_err(|error| CliError::Input {
        path: name_of_input(),
        reason: latchkey_files::reason(&error),
    })?;
    // The letters of every language in which the question is asked.
    Ok(matches!(decode_text(&answer).trim().to_lowercase().as_str(), "y" | "yes" | "j" | "ja"))
}

/// The name of standard input in error messages.
pub(crate) fn name_of_input() -> String {
    latchkey_i18n::text("cli-standard-input", &[])
}

/// Reads one byte more than the limit, which shows that the input is too large.
fn read_bounded(reader: impl Read, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_maximum_size_is_read_whatever_its_bytes_are() {
        let folder = std::env::temp_dir().join(format!("latchkey-input-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("bytes");
        std::fs::write(&file, vec![0xf0_u8; MAX_TEXT_BYTES]).unwrap();
        let read = read_text(&[file.into_os_string()], &Output::new(true)).unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        assert!(read.len() <= MAX_TEXT_BYTES, "{}", read.len());
    }

    #[test]
    fn at_most_one_byte_more_than_the_limit_is_read() {
        assert_eq!(read_bounded(std::io::repeat(0), 10).unwrap().len(), 11);
    }
}
