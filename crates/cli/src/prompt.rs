//! `latchkey type`: reads a token row by row, from a terminal or a pipe.
//! `latchkey_token::manual_entry` checks the rows; this module has the dialogue.

use std::io::{BufRead as _, Read as _};

use latchkey_i18n::Language;
use latchkey_paper::{entry_message, spell_groups};
use latchkey_token::manual_entry::{EntrySheet, LineCheck, without_number};
use latchkey_token::{FoundToken, TextError, Token, decode_text, scan};
use serde::Serialize;

use crate::error::CliError;
use crate::input;
use crate::json_documents::ResultDocument;
use crate::output::Output;

/// Far more bytes than any row has.
const MAX_LINE: u64 = 4096;

/// The document of `type`. It has the same fields whether or not the token is complete or was
/// applied.
#[derive(Serialize)]
struct TypedDocument {
    /// `kind` and `token` are null while rows are missing.
    kind: Option<&'static str>,
    token: Option<String>,
    /// The rows typed so far of an incomplete token, as text to continue with.
    rows: Option<String>,
    /// Wrong characters that were corrected in text from a pipe.
    repaired: usize,
    /// The result of `--apply`, in the form of the document of `apply`.
    results: Vec<ResultDocument>,
}

impl TypedDocument {
    fn complete(typed: &TypedToken, results: Vec<ResultDocument>) -> Self {
        let TypedToken { token, repaired } = typed;
        let (kind, token) = (Some(token.kind().name()), Some(token.to_string()));
        Self { kind, token, rows: None, repaired: *repaired, results }
    }
}

/// A complete token, and how many of its characters were corrected while reading it.
pub(crate) struct TypedToken {
    pub(crate) token: Token,
    repaired: usize,
}

/// Writes the token that was typed.
pub(crate) fn print_token(typed: &TypedToken, output: &Output) -> Result<(), CliError> {
    let (kind, text) = (typed.token.kind(), typed.token.to_string());
    output.write_tokens(&TypedDocument::complete(typed, Vec::new()), [text.as_str()])?;
    let kind = latchkey_i18n::text(&format!("kind-{kind}"), &[]);
    output.write_message("cli-type-done", &[("kind", kind.into())]);
    Ok(())
}

/// Writes the result of applying a typed token, and the token itself if the user may need it again.
pub(crate) fn print_applied(
    typed: &TypedToken,
    results: Vec<ResultDocument>,
    is_needed_again: bool,
    output: &Output,
) -> Result<(), CliError> {
    let text = is_needed_again.then(|| typed.token.to_string());
    output.write_tokens(&TypedDocument::complete(typed, results), text.as_deref())
}

/// Prompts for rows until the token is complete. Text from a pipe is first read as `apply` reads
/// it, which repairs wrong characters and finds rows that text recognition or a mail has
/// rearranged.
///
/// # Errors
/// [`CliError::RowsMissing`] if the input ends early; standard output then has what was typed.
/// [`CliError::Input`] or another error of the input if it can't be read.
pub(crate) fn read_token(output: &Output) -> Result<TypedToken, CliError> {
    // Before a user types rows of a token that couldn't be printed afterwards.
    latchkey_console::check_output().map_err(CliError::Output)?;
    let is_terminal = latchkey_console::is_terminal();
    let piped = match is_terminal {
        true => String::new(),
        false => match input::read_text(&[], output) {
            // An empty input is reported as missing rows.
            Err(CliError::Text(TextError::Empty)) => String::new(),
            piped => piped?,
        },
    };
    if let Some(typed) = only_token(&piped) {
        if typed.repaired > 0 {
            output.write_message("cli-repaired", &[("count", typed.repaired.into())]);
        }
        return Ok(typed);
    }
    let mut lines = piped.lines();
    let mut prompt =
        Prompt { sheet: EntrySheet::default(), line: 0, suggestion: None, is_terminal, output };
    if is_terminal {
        output.write_message("cli-type-begin", &[]);
    }
    loop {
        if let Some(token) = prompt.sheet.token() {
            return Ok(TypedToken { token: token?, repaired: 0 });
        }
        let typed = if is_terminal {
            prompt.show();
            read_line()?
        } else {
            lines.next().map(str::to_owned)
        };
        let Some(typed) = typed else { return Err(prompt.save_incomplete()?) };
        prompt.handle_line(typed.trim());
    }
}

/// The only token of a text, if it is complete. The rows of several tokens must be told apart one
/// by one.
fn only_token(text: &str) -> Option<TypedToken> {
    match <[FoundToken; 1]>::try_from(scan(text).ok()?) {
        Ok([FoundToken { token: Ok(token), repaired, .. }]) => Some(TypedToken { token, repaired }),
        _ => None,
    }
}

/// A line from the terminal, or `None` at its end.
fn read_line() -> Result<Option<String>, CliError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_LINE).read_until(b'\n', &mut bytes);
    let read = read.map_err(|error| CliError::Input {
        path: input::name_of_input(),
        reason: latchkey_files::reason(&error),
    })?;
    Ok((read > 0).then(|| decode_text(&bytes)))
}

/// The dialogue: the rows so far and the line that comes next.
struct Prompt<'o> {
    sheet: EntrySheet,
    /// The line that is prompted for.
    line: usize,
    /// What that line probably is, if it was typed wrong.
    suggestion: Option<String>,
    is_terminal: bool,
    output: &'o Output,
}

impl Prompt<'_> {
    fn show(&self) {
        match self.sheet.rows() {
            Some(rows) if self.line > 0 => {
                let values = [("row", self.line.into()), ("rows", rows.into())];
                self.output.ask("cli-type-row", &values);
            }
            _ => self.output.ask("cli-type-zero", &[]),
        }
    }

    fn handle_line(&mut self, typed: &str) {
        match typed {
            "" => self.advance(),
            "=" => match self.suggestion.take() {
                Some(suggestion) => self.enter(self.line, &suggestion),
                None => self.output.write_message("cli-type-nothing-offered", &[]),
            },
            "?" => self.spell_out(),
            typed => {
                let (number, rest) = match without_number(typed) {
                    (Some(number), rest) if self.has_line(number) => (number, rest),
                    _ => (self.line, typed),
                };
                self.enter(number, rest);
            }
        }
    }

    fn has_line(&self, line: usize) -> bool {
        line <= self.sheet.rows().unwrap_or(0)
    }

    fn enter(&mut self, line: usize, typed: &str) {
        self.line = line;
        self.suggestion = None;
        let check = self.sheet.enter(line, typed);
        let messages = entry_message(Language::of_process(), line, &check);
        // With piped input, correct rows need no message.
        let silent = check == LineCheck::Right && !self.is_terminal;
        for sentence in messages.into_iter().flat_map(|(what, how)| [Some(what), how]).flatten() {
            if !silent {
                self.output.write_line(&sentence);
            }
        }
        match check {
            LineCheck::Right => self.advance(),
            LineCheck::Suggestion { line, .. } => {
                self.output.write_message("cli-type-offer", &[("line", line.as_str().into())]);
                self.suggestion = Some(line);
            }
            _ => {}
        }
    }

    fn advance(&mut self) {
        self.suggestion = None;
        self.line = self.sheet.next_after(self.line).unwrap_or(self.line);
    }

    fn spell_out(&self) {
        let typed: String =
            self.sheet.typed_line(self.line).chars().filter(|c| c.is_alphanumeric()).collect();
        let symbols: Vec<_> = typed.chars().collect();
        let groups: Vec<String> = symbols.chunks(5).map(|group| group.iter().collect()).collect();
        self.output.write_line(&spell_groups(groups.iter().map(String::as_str)).join(" / "));
    }

    /// Writes the rows that were typed, so that they aren't lost.
    fn save_incomplete(self) -> Result<CliError, CliError> {
        if self.is_terminal {
            self.output.write_line("");
        }
        let rows = self.sheet.rows().map_or(1, |rows| rows - self.sheet.right_rows());
        let saved = self.sheet.to_saved();
        let document = TypedDocument {
            kind: None,
            token: None,
            rows: Some(saved.clone()),
            repaired: 0,
            results: Vec::new(),
        };
        self.output.write_document(&document, &saved)?;
        Ok(CliError::RowsMissing { rows })
    }
}
