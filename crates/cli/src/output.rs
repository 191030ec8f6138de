//! Writes to standard output and standard error, as text or as JSON.

use std::cell::RefCell;
use std::process::ExitCode;

use latchkey_console::{Charset, Exit, json_in_ascii, shorten, write_error, write_output};
use latchkey_device::{DataDirs, StorePolicy};
use latchkey_i18n::{Explained, explain};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode as _};
use serde::Serialize;

use crate::error::CliError;

/// Where results are written.
pub(crate) struct Output {
    json: bool,
    /// The errors that the user can avoid by choosing the file.
    file_avoids: RefCell<Vec<ErrorCode>>,
    /// The report of a read-only command, for standard output; `None` while messages go to standard
    /// error.
    report: RefCell<Option<String>>,
    /// The input files that couldn't be used while others could.
    skipped: RefCell<Vec<ErrorFields>>,
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
            file_avoids: RefCell::default(),
            report: RefCell::default(),
            skipped: RefCell::default(),
            charset,
        }
    }

    /// From here on, messages are collected as the report that was requested.
    pub(crate) fn begin_report(&self) {
        self.report.replace(Some(String::new()));
    }

    /// Writes the report.
    ///
    /// # Errors
    /// [`CliError::Output`] if standard output can't be written.
    pub(crate) fn finish(&self) -> Result<(), CliError> {
        match self.report.take() {
            Some(report) => self.write_text(&report),
            None => Ok(()),
        }
    }

    /// Records whether the vendor allows users to choose a file store.
    pub(crate) fn offers_file(&self, policy: StorePolicy) {
        self.file_avoids.replace(DataDirs::system().errors_avoided_by_file(policy));
    }

    /// Writes text to standard output.
    ///
    /// # Errors
    /// [`CliError::Output`] if standard output can't be written.
    pub(crate) fn write_text(&self, text: &str) -> Result<(), CliError> {
        let text = match self.json {
            true if Charset::of_json() == Charset::Ascii => json_in_ascii(text).into(),
            _ => self.charset.convert(text),
        };
        write_output(&text).map_err(CliError::Output)
    }

    /// Writes the result: a document, or a text.
    ///
    /// # Errors
    /// [`CliError::Output`] if standard output can't be written.
    pub(crate) fn write_document(
        &self,
        document: &impl Serialize,
        text: &str,
    ) -> Result<(), CliError> {
        if self.json { self.write_tokens(document, []) } else { self.write_text(text) }
    }

    /// Writes the result: a document, or these tokens, one per line.
    ///
    /// # Errors
    /// [`CliError::Output`] if standard output can't be written.
    pub(crate) fn write_tokens<'t>(
        &self,
        document: &impl Serialize,
        tokens: impl IntoIterator<Item = &'t str>,
    ) -> Result<(), CliError> {
        let mut text = String::new();
        if self.json {
            let json = serde_json::to_string(document);
            text = json.map_err(|error| CliError::Output(error.into()))?;
            text.push('\n');
        } else {
            for token in tokens {
                text.push_str(token);
                text.push('\n');
            }
        }
        self.write_text(&text)
    }

    /// Writes a message of the catalogue to standard error, unless the result is a document.
    pub(crate) fn write_message(&self, id: &str, values: &[(&str, ErrorArg)]) {
        self.write_line(&latchkey_i18n::text(id, values));
    }

    /// Writes a question to standard error; the answer is typed on the same line.
    pub(crate) fn ask(&self, id: &str, values: &[(&str, ErrorArg)]) {
        if !self.json {
            let question = format!("{} ", latchkey_i18n::text(id, values));
            let _ = write_error(&self.charset.convert(&question));
        }
    }

    /// Whether the result is a JSON document.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Writes what the user should do next.
    pub(crate) fn next_step(&self, action: &str) {
        if !action.is_empty() {
            self.write_message("cli-next", &[("action", action.into())]);
        }
    }

    /// Writes a line that is already formatted.
    pub(crate) fn write_line(&self, line: &str) {
        if self.json {
            return;
        }
        match &mut *self.report.borrow_mut() {
            Some(report) => {
                report.push_str(line);
                report.push('\n');
            }
            None => self.write_error_line(line),
        }
    }

    /// Writes to standard error. If it is closed, nothing more can be reported.
    fn write_error_line(&self, line: &str) {
        let _ = write_error(&self.charset.convert(&format!("{line}\n")));
    }

    /// Reports an error and returns its exit status.
    pub(crate) fn fail(&self, error: &CliError) -> ExitCode {
        // A partial report is discarded.
        self.report.take();
        self.report_error(error);
        error.status().into()
    }

    /// Reports a file that is skipped among several. The exit status will show that one was.
    pub(crate) fn report_skipped(&self, error: &CliError) {
        self.skip(error);
        if !self.json {
            self.report_error(error);
        }
    }

    /// Records a skipped file without reporting it yet.
    pub(crate) fn skip(&self, error: &CliError) {
        self.skipped.borrow_mut().push(error.into());
    }

    /// The exit status of a command that has finished, considering the files that were skipped.
    pub(crate) fn exit_code(&self, of_command: ExitCode) -> ExitCode {
        let skipped = self.skipped.take();
        if skipped.is_empty() {
            return of_command;
        }
        if self.json
            && let Some(first) = skipped.first().cloned()
        {
            self.error_document(first, skipped);
        }
        match of_command == ExitCode::SUCCESS {
            true => Exit::Refused.into(),
            false => of_command,
        }
    }

    fn error_document(&self, error: ErrorFields, skipped: Vec<ErrorFields>) {
        let document = ErrorDocument { error, skipped };
        self.write_error_line(&json_in_ascii(
            &serde_json::to_string(&document).unwrap_or_default(),
        ));
    }

    fn report_error(&self, error: &CliError) {
        if self.json {
            self.error_document(error.into(), self.skipped.take());
        } else {
            match error {
                // The message itself names the file.
                CliError::InFile { error, .. } if matches!(**error, CliError::Input { .. }) => {}
                CliError::InFile { file, .. } => {
                    self.write_error_line(&latchkey_i18n::text(
                        "cli-in-file",
                        &[("file", shorten(file).into())],
                    ));
                }
                _ => {}
            }
            let explained = explain(error);
            self.write_error_line(&explained.message);
            self.next_step(&explained.action);
            if self.file_avoids.borrow().contains(&error.code()) {
                self.write_message("cli-file_helps", &[]);
            }
        }
    }
}

#[derive(Serialize)]
struct ErrorDocument {
    error: ErrorFields,
    /// Every file that was skipped, if several were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<ErrorFields>,
}

/// An error in a document.
#[derive(Clone, Serialize)]
pub(crate) struct ErrorFields {
    code: &'static str,
    message: String,
    action: String,
    /// The input file that the error is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl From<&CliError> for ErrorFields {
    fn from(error: &CliError) -> Self {
        Self { file: error.file().map(str::to_owned), ..explain(error).into() }
    }
}

impl From<Explained> for ErrorFields {
    fn from(explained: Explained) -> Self {
        let Explained { code, message, action, .. } = explained;
        Self { code, message, action, file: None }
    }
}
