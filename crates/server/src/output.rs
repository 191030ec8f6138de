//! The output of a command: collected while it runs and written at the end.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io;

use latchkey_console::{Charset, Exit, json_in_ascii, write_error, write_output};
use latchkey_i18n::{Explained, text};
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_server_core::not_set;
use latchkey_token::ErrorArg;
use serde_json::{Value, json};

use crate::error::{CommandError, ServerError};

/// Both channels of one call.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    answer: String,
    /// The exit status for input that couldn't be used.
    skipped_exit: Cell<Exit>,
    /// The files among several that couldn't be used, as documents have them.
    skipped: RefCell<Vec<Value>>,
    /// Why a sentence that the call was made for couldn't be written to standard error.
    unwritten: Cell<Option<&'static str>>,
    charset: Charset,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let charset = Charset::of_process();
        if !json && charset == Charset::Ascii {
            latchkey_i18n::escape_values();
        }
        Self {
            json,
            answer: String::new(),
            skipped_exit: Cell::new(Exit::Done),
            skipped: RefCell::default(),
            unwritten: Cell::new(None),
            charset,
        }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// The one document of a call with `--json`.
    pub(crate) fn write_document(&mut self, document: &Value) {
        let _ = writeln!(self.answer, "{document}");
    }

    /// A token, alone on its line of standard output.
    pub(crate) fn write_token(&mut self, token: &str) {
        let _ = writeln!(self.answer, "{token}");
    }

    /// Writes a line for the user to standard error, unless `--json` is set.
    pub(crate) fn write_line(&self, line: &str) {
        if !self.json {
            write_error_line(line);
        }
    }

    /// Adds a line to the report of a read-only command, on standard output.
    pub(crate) fn report(&mut self, line: &str) {
        if !self.json {
            let _ = writeln!(self.answer, "{line}");
        }
    }

    /// Adds a message of the catalogue to the report.
    pub(crate) fn report_text(&mut self, id: &str, values: &[(&str, ErrorArg)]) {
        self.report(&text(id, values));
    }

    /// Asks a question on a terminal; the answer is typed on the same line.
    pub(crate) fn ask(&self, id: &str) {
        let question = format!("{} ", text(id, &[]));
        let _ = write_error(&self.charset.convert(&question));
    }

    /// A sentence for the person.
    pub(crate) fn write_message(&self, id: &str, values: &[(&str, ErrorArg)]) {
        self.write_line(&text(id, values));
    }

    /// A warning: something was done that the user may not have intended. In documents, warnings
    /// are a field.
    pub(crate) fn warn(&self, words: &Explained) {
        let (message, action) = (words.message.as_str(), words.action.as_str());
        self.write_message(
            "server-warning",
            &[("message", message.into()), ("action", action.into())],
        );
    }

    /// What failed.
    pub(crate) fn write_failure(&self, failure: &ServerError) {
        match self.json {
            true => write_error_document(failure_value(failure), self.skipped.take()),
            false => Self::report_failure(false, failure),
        }
    }

    /// One of several files can't be used. The others are, and the exit status reports the failure.
    pub(crate) fn report_skipped(&self, failure: &ServerError) {
        self.skip(failure);
        if !self.json {
            self.write_failure(failure);
        }
    }

    /// Records a skipped file without reporting it yet.
    pub(crate) fn skip(&self, failure: &ServerError) {
        self.skipped_exit.set(self.skipped_exit.get().max(failure.exit));
        self.skipped.borrow_mut().push(failure_value(failure));
    }

    /// The exit status of a command that has done the rest.
    pub(crate) fn exit_status(&self, of_the_rest: Exit) -> Exit {
        let skipped = self.skipped.take();
        if self.json
            && let Some(first) = skipped.first().cloned()
        {
            write_error_document(first, skipped);
        }
        of_the_rest.max(self.skipped_exit.get())
    }

    /// What failed, before the output exists or after it has been consumed.
    pub(crate) fn report_failure(json: bool, failure: &ServerError) {
        let words = &failure.words;
        if json {
            write_error_document(failure_value(failure), Vec::new());
        } else {
            write_error_line(&words.message);
            write_error_line(&text(
                "server-error-next",
                &[("action", words.action.as_str().into())],
            ));
        }
    }

    /// The result of the call, as a sentence on standard error. If it can't be written, the call
    /// fails.
    pub(crate) fn required_sentence(&self, id: &str, values: &[(&str, ErrorArg)]) {
        if !self.json
            && let Err(error) = write_on_error(&text(id, values))
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.unwritten.set(Some(latchkey_files::reason(&error)));
        }
    }

    /// Writes the result to standard output.
    pub(crate) fn write(self) -> Result<(), ServerError> {
        let answer = match self.json {
            true if Charset::of_json() == Charset::Ascii => json_in_ascii(&self.answer).into(),
            _ => self.charset.convert(&self.answer),
        };
        let not_written =
            |stream, reason| ServerError::from(CommandError::NotWritten { stream, reason });
        write_output(&answer)
            .map_err(|error| not_written("output", latchkey_files::reason(&error)))?;
        match self.unwritten.get() {
            Some(reason) => Err(not_written("error", reason)),
            None => Ok(()),
        }
    }
}

/// The one document on standard error: what ended the call, and every file that couldn't be used,
/// of several.
fn write_error_document(error: Value, skipped: Vec<Value>) {
    let mut document = json!({ "error": error });
    if !skipped.is_empty() {
        document["skipped"] = skipped.into();
    }
    write_error_line(&json_in_ascii(&document.to_string()));
}

fn failure_value(failure: &ServerError) -> Value {
    let mut value = error_value(&failure.words);
    if let Some(file) = &failure.file {
        value["file"] = file.as_str().into();
    }
    value
}

fn write_on_error(line: &str) -> io::Result<()> {
    write_error(&Charset::of_process().convert(&format!("{line}\n")))
}

/// Writes to standard error; if that is closed too, nothing can be reported.
fn write_error_line(line: &str) {
    let _ = write_on_error(line);
}

/// An error in JSON documents.
pub(crate) fn error_value(words: &Explained) -> Value {
    json!({ "code": words.code, "message": words.message, "action": words.action })
}

/// A time in documents, RFC 3339 in UTC.
pub(crate) fn time_value(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| to_rfc3339(time).into())
}

/// A time in tables.
pub(crate) fn time_cell(time: Option<Timestamp>) -> String {
    time.map_or_else(not_set, |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// A text in tables.
pub(crate) fn or_none(text: String) -> String {
    if text.is_empty() { not_set() } else { text }
}

/// A table with a heading; `columns` are ids of the catalogue.
pub(crate) fn report_table(output: &mut Output, columns: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        output.write_message("server-nothing", &[]);
        return;
    }
    // As they will be written: where the locale isn't UTF-8, a letter can become two.
    let fitted = |cell: &str| output.charset.convert(cell).into_owned();
    let heading: Vec<_> = columns.iter().map(|id| fitted(&text(id, &[]))).collect();
    let rows: Vec<Vec<_>> =
        rows.iter().map(|row| row.iter().map(|cell| fitted(cell)).collect()).collect();
    let all = || std::iter::once(&heading).chain(&rows);
    let width = |column: usize| {
        all().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    for row in all() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        output.report(line.trim_end());
    }
}
