//! `latchkey type`: reads a token row by row, from a terminal or a pipe.
//! `latchkey_token::manual_entry` checks the rows; this module has the dialogue.

use std::io::{BufRead as _, Read as _};

use latchkey_device::file_reason;
use latchkey_i18n::Language;
use latchkey_paper::{aloud, judged};
use latchkey_token::manual_entry::{EntrySheet, LineCheck, without_number};
use latchkey_token::{FoundToken, TextError, Token, decode_text, scan};
use serde::Serialize;

use crate::error::CliError;
use crate::input;
use crate::output::{Output, ResultDocument};

/// Far more than any row has.
const MAX_LINE: u64 = 4096;

/// The document of `type`. It has the same fields whether or not the token is complete or was
/// applied.
#[derive(Serialize)]
struct TypedDocument {
    /// These two are null while rows are missing.
    kind: Option<&'static str>,
    token: Option<String>,
    /// What was typed of a token whose rows aren't all there, as text to go on with.
    rows: Option<String>,
    /// With `--apply`, what became of the token, as `apply` has it.
    results: Vec<ResultDocument>,
}

impl TypedDocument {
    fn whole(token: &Token, results: Vec<ResultDocument>) -> Self {
        let (kind, token) = (Some(token.kind().name()), Some(token.to_string()));
        Self { kind, token, rows: None, results }
    }
}

/// Writes the token that was typed.
pub(crate) fn tell(token: &Token, output: &Output) -> Result<(), CliError> {
    let (kind, text) = (token.kind(), token.to_string());
    output.answer(&TypedDocument::whole(token, Vec::new()), [text.as_str()])?;
    let kind = latchkey_i18n::text(&format!("kind-{kind}"), &[]);
    output.say("cli-type-done", &[("kind", kind.into())]);
    Ok(())
}

/// Writes the result of applying a typed token, and the token itself if the user may need it again.
pub(crate) fn tell_applied(
    token: &Token,
    results: Vec<ResultDocument>,
    is_wanted_again: bool,
    output: &Output,
) -> Result<(), CliError> {
    let text = is_wanted_again.then(|| token.to_string());
    output.answer(&TypedDocument::whole(token, results), text.as_deref())
}

/// Asks until the token is whole. A text from a pipe is first read as `apply` reads it, which repairs wrong characters
/// and finds rows that text recognition or a mail has rearranged.
///
/// # Errors
/// [`CliError::RowsMissing`] when the input ends before; what was typed is on standard output then.
pub(crate) fn token(output: &Output) -> Result<Token, CliError> {
    // Before a user types rows whose token could not be given back.
    latchkey_console::check_output().map_err(CliError::Output)?;
    let is_terminal = latchkey_console::is_terminal();
    let piped = match is_terminal {
        true => String::new(),
        false => match input::text(&[], output) {
            // No row at all is missing rows.
            Err(CliError::Text(TextError::Empty)) => String::new(),
            piped => piped?,
        },
    };
    if let Some((token, repaired)) = only_token(&piped) {
        if repaired > 0 {
            output.say("cli-repaired", &[("count", repaired.into())]);
        }
        return Ok(token);
    }
    let mut lines = piped.lines();
    let mut talk =
        Talk { sheet: EntrySheet::default(), line: 0, offered: None, is_terminal, output };
    if is_terminal {
        output.say("cli-type-begin", &[]);
    }
    loop {
        if let Some(token) = talk.sheet.token() {
            return Ok(token?);
        }
        let typed = if is_terminal {
            talk.ask();
            asked()?
        } else {
            lines.next().map(str::to_owned)
        };
        let Some(typed) = typed else { return Err(talk.give_up()?) };
        talk.hear(typed.trim());
    }
}

/// The only token of a text, if it is whole, and how many of its characters were repaired. Of several tokens the rows
/// must be told apart one by one.
fn only_token(text: &str) -> Option<(Token, usize)> {
    match <[FoundToken; 1]>::try_from(scan(text).ok()?) {
        Ok([FoundToken { token: Ok(token), repaired, .. }]) => Some((token, repaired)),
        _ => None,
    }
}

/// A line from the terminal; none at the end.
fn asked() -> Result<Option<String>, CliError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_LINE).read_until(b'\n', &mut bytes);
    let read = read.map_err(|error| CliError::Input {
        path: input::name_of_input(),
        reason: file_reason(&error),
    })?;
    Ok((read > 0).then(|| decode_text(&bytes)))
}

struct Talk<'o> {
    sheet: EntrySheet,
    /// The line that is asked for.
    line: usize,
    /// What it probably is.
    offered: Option<String>,
    is_terminal: bool,
    output: &'o Output,
}

impl Talk<'_> {
    fn ask(&self) {
        match self.sheet.rows() {
            Some(rows) if self.line > 0 => {
                let values = [("row", self.line.into()), ("rows", rows.into())];
                self.output.ask("cli-type-row", &values);
            }
            _ => self.output.ask("cli-type-zero", &[]),
        }
    }

    fn hear(&mut self, typed: &str) {
        match typed {
            "" => self.go_on(),
            "=" => match self.offered.take() {
                Some(offered) => self.enter(self.line, &offered),
                None => self.output.say("cli-type-nothing-offered", &[]),
            },
            "?" => self.read_back(),
            typed => {
                let (number, rest) = match without_number(typed) {
                    (Some(number), rest) if self.is_there(number) => (number, rest),
                    _ => (self.line, typed),
                };
                self.enter(number, rest);
            }
        }
    }

    fn is_there(&self, line: usize) -> bool {
        line <= self.sheet.rows().unwrap_or(0)
    }

    fn enter(&mut self, line: usize, typed: &str) {
        self.line = line;
        self.offered = None;
        let judgement = self.sheet.enter(line, typed);
        let said = judged(Language::of_process(), line, &judgement);
        // With piped input, correct rows need no message.
        let silent = judgement == LineCheck::Right && !self.is_terminal;
        for sentence in said.into_iter().flat_map(|(what, how)| [Some(what), how]).flatten() {
            if !silent {
                self.output.line(&sentence);
            }
        }
        match judgement {
            LineCheck::Right => self.go_on(),
            LineCheck::Suggestion { line, .. } => {
                self.output.say("cli-type-offer", &[("line", line.as_str().into())]);
                self.offered = Some(line);
            }
            _ => {}
        }
    }

    fn go_on(&mut self) {
        self.offered = None;
        self.line = self.sheet.next_after(self.line).unwrap_or(self.line);
    }

    fn read_back(&self) {
        let typed: String =
            self.sheet.typed(self.line).chars().filter(|c| c.is_alphanumeric()).collect();
        let symbols: Vec<_> = typed.chars().collect();
        let groups: Vec<String> = symbols.chunks(5).map(|group| group.iter().collect()).collect();
        self.output.line(&aloud(groups.iter().map(String::as_str)).join(" / "));
    }

    /// What was typed isn't lost.
    fn give_up(self) -> Result<CliError, CliError> {
        if self.is_terminal {
            self.output.line("");
        }
        let rows = self.sheet.rows().map_or(1, |rows| rows - self.sheet.right());
        let saved = self.sheet.saved();
        let document = TypedDocument {
            kind: None,
            token: None,
            rows: Some(saved.clone()),
            results: Vec::new(),
        };
        self.output.document(&document, &saved)?;
        Ok(CliError::RowsMissing { rows })
    }
}
