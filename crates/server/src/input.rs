//! Reads texts and activation codes from files and standard input, with size limits and tolerant
//! decoding.

use std::ffi::OsString;
use std::io::Read;

use latchkey_console::{Source, shorten, sources};
use latchkey_paper::{
    CodeFileError, FileOfSeveral, INTERACTIVE_MEMORY, ReadingError, is_picture, read_code_isolated,
    read_one_of_several_isolated,
};
use latchkey_server_core::FileContentError;
use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::{TextError, has_only_whole_tokens, texts_without_token};
use zeroize::Zeroizing;

use crate::error::{CommandError, ServerError};
use crate::output::Output;

/// Fewer characters than any token has: what is shorter was meant as a file's name.
const LEAST_TOKEN: usize = 80;

/// The text of files, of the arguments themselves, or of standard input for none or `-`.
pub(crate) fn text(arguments: &[OsString], output: &Output) -> Result<String, ServerError> {
    let is_token = |text: &str| text.len() >= LEAST_TOKEN && latchkey_token::scan(text).is_ok();
    let sources = sources(arguments, is_token)
        .map_err(|problem| CommandError::Usage { reason: problem.to_string() })?;
    let (mut files, mut names) = (Vec::new(), Vec::new());
    let mut room = MAX_TEXT_BYTES;
    let are_several = sources.len() > 1;
    for source in sources {
        let mut name = None;
        let bytes = match source {
            Source::File(path) => {
                let file = path.display().to_string();
                name = are_several.then(|| file.clone());
                let bytes = match latchkey_files::open_input(&path) {
                    Ok(opened) => read_bounded(opened, shorten(&file), room),
                    Err(error) => check_room(Err(error), shorten(&file), room),
                };
                bytes.map_err(|failure| failure.with_file(name.clone()))?
            }
            Source::Text(text) => text.into_bytes(),
            Source::Input => {
                if latchkey_console::is_terminal() {
                    let system = [("system", std::env::consts::OS.into())];
                    output.write_message("server-paste", &system);
                    check_room(latchkey_console::read_pasted(room), name_of_input(), room)?
                } else {
                    match latchkey_console::standard_input() {
                        Ok(input) => read_bounded(input, name_of_input(), room)?,
                        Err(error) => check_room(Err(error), name_of_input(), room)?,
                    }
                }
            }
        };
        room = room.saturating_sub(bytes.len());
        // The content of QR codes in a picture didn't pass through a terminal.
        let cut = if is_picture(&bytes) { None } else { latchkey_console::cut_line(&bytes) };
        files.push(read_one_of_several_isolated(&bytes, INTERACTIVE_MEMORY));
        names.push((name, cut));
    }
    let mut texts: Vec<(Option<String>, String)> = Vec::new();
    let mut left: Vec<(Option<String>, FileContentError)> = Vec::new();
    let mut cut = None;
    for ((name, cut_here), said) in names.into_iter().zip(FileOfSeveral::join_all(files)) {
        match said {
            Ok(Some(codes)) => {
                left.extend(codes.incomplete.map(|error| (name.clone(), error.into())));
                texts.push((name, codes.text));
                cut = cut.max(cut_here);
            }
            // Another file has the text of its codes.
            Ok(None) => {}
            Err(error) => left.push((name, error.into())),
        }
    }
    let (names, mut texts): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
    if are_several {
        for (index, _) in texts_without_token(&texts) {
            texts[index].clear();
            left.push((names[index].clone(), TextError::NoneFound.into()));
        }
    }
    texts.retain(|text| !text.is_empty());
    // What isn't text, and what has no token, holds up nothing else.
    let last = if texts.is_empty() { left.pop() } else { None };
    let named = |name: &Option<String>| {
        if let Some(name) = name {
            output.write_message("server-in-file", &[("file", shorten(name).into())]);
        }
    };
    for (name, error) in left {
        named(&name);
        output.report_skipped(&ServerError::from(error).with_file(name));
    }
    if let Some((name, error)) = last {
        named(&name);
        let failure = ServerError::from(error).with_file(name);
        output.skip(&failure);
        return Err(failure);
    }
    let text = texts.join("\n");
    if let Some(characters) = cut
        && !has_only_whole_tokens(&text)
    {
        output.write_message("server-cut-line", &[("characters", characters.into())]);
    }
    Ok(text)
}

/// What standard input is called where it can't be read.
pub(crate) fn name_of_input() -> String {
    latchkey_i18n::text("server-standard-input", &[])
}

fn read_bounded(input: impl Read, file: String, room: usize) -> Result<Vec<u8>, ServerError> {
    let mut bytes = Vec::new();
    let read = input.take(room as u64 + 1).read_to_end(&mut bytes);
    check_room(read.map(|_| bytes), file, room)
}

fn check_room(
    bytes: std::io::Result<Vec<u8>>,
    file: String,
    room: usize,
) -> Result<Vec<u8>, ServerError> {
    let bytes = bytes.map_err(|error| CommandError::InputNotRead {
        file,
        reason: latchkey_files::reason(&error),
    })?;
    if bytes.len() > room {
        return Err(CommandError::InputTooLarge { limit: MAX_TEXT_BYTES }.into());
    }
    Ok(bytes)
}

/// Reads an activation code from an argument. `-` means standard input: a code, possibly with other
/// text around it, or a picture of its QR code. Users don't end the input after typing, so a
/// terminal provides one line, which it doesn't show.
pub(crate) fn code(argument: &str, output: &Output) -> Result<Zeroizing<String>, ServerError> {
    if argument != "-" {
        return Ok(Zeroizing::new(argument.to_owned()));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let read = latchkey_console::standard_input().and_then(|input| {
        match latchkey_console::is_terminal() {
            true => {
                output.ask("server-ask-code");
                latchkey_console::read_secret_line()
                    .map(|read_line| bytes.extend_from_slice(&read_line))
            }
            false => input.take(MAX_TEXT_BYTES as u64 + 1).read_to_end(&mut bytes).map(|_| ()),
        }
    });
    read.map_err(|error| CommandError::InputNotRead {
        file: name_of_input(),
        reason: latchkey_files::reason(&error),
    })?;
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(CommandError::InputTooLarge { limit: MAX_TEXT_BYTES }.into());
    }
    read_code_isolated(&bytes, INTERACTIVE_MEMORY).map_err(|error| match error {
        CodeFileError::Empty => CommandError::NoCode.into(),
        CodeFileError::PictureWithoutCode => FileContentError::from(ReadingError::NoCode).into(),
        CodeFileError::File(error) => FileContentError::from(error).into(),
    })
}

#[cfg(test)]
mod tests {
    use latchkey_console::Exit;

    use super::*;

    #[test]
    fn more_than_sixteen_mebibytes_are_not_read() {
        let endless = std::io::repeat(b' ');
        let refused = read_bounded(endless, name_of_input(), MAX_TEXT_BYTES).unwrap_err();
        assert_eq!((refused.words.code, refused.exit), ("input.too_large", Exit::Refused));
    }
}
