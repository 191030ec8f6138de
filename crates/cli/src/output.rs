//! Writes to standard output and standard error, and defines the JSON documents.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::process::ExitCode;

use latchkey_console::{Charset, Exit, json_in_ascii, shown, write_error, write_output};
use latchkey_device::time::to_rfc3339;
use latchkey_device::{
    Applied, ApplyOutcome, FeatureKind, Inspected, LicensedFeature, OutboxEntry, PendingRequest,
    Recipient, Status, StoreError, StorePolicy, days_left,
};
use latchkey_i18n::{Explained, explain};
use latchkey_token::{CodeDoubt, ErrorArg, FeatureValue, HasErrorCode, Kind};
use serde::Serialize;

use crate::doctor::{ClockDocument, HardwareDocument, SurroundingsDocument};
use crate::error::CliError;

/// Where results are written.
pub(crate) struct Output {
    json: bool,
    /// Where the keyring fails, the vendor lets people choose a file.
    offers_file: Cell<bool>,
    /// The report of a read-only command, for standard output; `None` while messages go to standard
    /// error.
    report: RefCell<Option<String>>,
    /// The files among several that couldn't be used.
    skipped: RefCell<Vec<ErrorFields>>,
    charset: Charset,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            offers_file: Cell::new(false),
            report: RefCell::default(),
            skipped: RefCell::default(),
            charset: Charset::of_process(),
        }
    }

    /// From here on, messages are the requested report.
    pub(crate) fn reports(&self) {
        self.report.replace(Some(String::new()));
    }

    /// Writes what was reported.
    ///
    /// # Errors
    /// [`CliError::Output`] when it doesn't arrive.
    pub(crate) fn finish(&self) -> Result<(), CliError> {
        match self.report.take() {
            Some(report) => self.text(&report),
            None => Ok(()),
        }
    }

    /// Records whether the vendor allows users to choose a file store.
    pub(crate) fn offers_file(&self, policy: StorePolicy) {
        self.offers_file.set(policy.offers_file());
    }

    /// Something on standard output, and nothing else there.
    ///
    /// # Errors
    /// [`CliError::Output`] when it doesn't arrive.
    pub(crate) fn text(&self, text: &str) -> Result<(), CliError> {
        let text = match (self.charset, self.json) {
            (Charset::Ascii, true) => json_in_ascii(text).into(),
            (charset, _) => charset.fitted(text),
        };
        write_output(&text).map_err(CliError::Output)
    }

    /// Writes the result: a document, or a text.
    ///
    /// # Errors
    /// [`CliError::Output`] when it doesn't arrive.
    pub(crate) fn document(&self, document: &impl Serialize, text: &str) -> Result<(), CliError> {
        if self.json { self.answer(document, []) } else { self.text(text) }
    }

    /// Writes the result: a document, or these tokens, one per line.
    ///
    /// # Errors
    /// [`CliError::Output`] when it doesn't arrive.
    pub(crate) fn answer<'t>(
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
        self.text(&text)
    }

    /// Writes a message of the catalogue to standard error, unless the result is a document.
    pub(crate) fn say(&self, id: &str, values: &[(&str, ErrorArg)]) {
        self.line(&latchkey_i18n::text(id, values));
    }

    /// Writes a question to standard error; the answer is typed on the same line.
    pub(crate) fn ask(&self, id: &str, values: &[(&str, ErrorArg)]) {
        if !self.json {
            let question = format!("{} ", latchkey_i18n::text(id, values));
            let _ = write_error(&self.charset.fitted(&question));
        }
    }

    /// Whether the result is a JSON document.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// What to do next.
    pub(crate) fn next(&self, action: &str) {
        if !action.is_empty() {
            self.say("cli-next", &[("action", action.into())]);
        }
    }

    /// Writes a line that is already formatted.
    pub(crate) fn line(&self, line: &str) {
        if self.json {
            return;
        }
        match &mut *self.report.borrow_mut() {
            Some(report) => {
                report.push_str(line);
                report.push('\n');
            }
            None => self.note(line),
        }
    }

    /// If standard error is closed, nothing more can be reported.
    fn note(&self, line: &str) {
        let _ = write_error(&self.charset.fitted(&format!("{line}\n")));
    }

    /// Reports an error and returns its exit status.
    pub(crate) fn fail(&self, error: &CliError) -> ExitCode {
        // A partial report is discarded.
        self.report.take();
        self.tell(error);
        error.status().into()
    }

    /// A file among several can't be used; the rest is, and the exit status tells.
    pub(crate) fn left(&self, error: &CliError) {
        self.skip(error);
        if !self.json {
            self.tell(error);
        }
    }

    /// Records a skipped file without reporting it yet.
    pub(crate) fn skip(&self, error: &CliError) {
        self.skipped.borrow_mut().push(error.into());
    }

    /// The exit status of a command that has done the rest.
    pub(crate) fn exit(&self, of_the_rest: ExitCode) -> ExitCode {
        let skipped = self.skipped.take();
        if skipped.is_empty() {
            return of_the_rest;
        }
        if self.json
            && let Some(first) = skipped.first().cloned()
        {
            self.error_document(first, skipped);
        }
        match of_the_rest == ExitCode::SUCCESS {
            true => Exit::Refused.into(),
            false => of_the_rest,
        }
    }

    fn error_document(&self, error: ErrorFields, skipped: Vec<ErrorFields>) {
        let document = ErrorDocument { error, skipped };
        self.note(&json_in_ascii(&serde_json::to_string(&document).unwrap_or_default()));
    }

    fn tell(&self, error: &CliError) {
        if self.json {
            self.error_document(error.into(), self.skipped.take());
        } else {
            match error {
                // Its words name the file.
                CliError::InFile { error, .. } if matches!(**error, CliError::Input { .. }) => {}
                CliError::InFile { file, .. } => {
                    self.note(&latchkey_i18n::text("cli-in-file", &[("file", shown(file).into())]));
                }
                _ => {}
            }
            let explained = explain(error);
            self.note(&explained.message);
            self.next(&explained.action);
            if self.offers_file.get() && StoreError::FILE_FALLBACK_CODES.contains(&error.code()) {
                self.say("cli-file_helps", &[]);
            }
        }
    }
}

#[derive(Serialize)]
struct ErrorDocument {
    error: ErrorFields,
    /// Every file that couldn't be used, of several.
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

/// `request`.
#[derive(Serialize)]
pub(crate) struct RequestDocument {
    token: String,
    request_id: String,
    seat_name: String,
    created_at: String,
    /// Why the activation code looks mistyped, if it does.
    code_doubt: Option<ErrorFields>,
}

impl RequestDocument {
    pub(crate) fn of(request: &PendingRequest, doubt: Option<&CodeDoubt>) -> Self {
        Self {
            token: request.token.to_string(),
            request_id: request.summary.request.to_string(),
            seat_name: request.summary.seat_name.clone(),
            created_at: to_rfc3339(request.summary.created_at),
            code_doubt: doubt.map(|doubt| explain(doubt).into()),
        }
    }
}

/// A deactivation token: `deactivate`, and an entry of the outbox.
#[derive(Serialize)]
pub(crate) struct DeactivationDocument {
    pub(crate) id: String,
    pub(crate) seat_id: String,
    pub(crate) created_at: String,
    pub(crate) token: String,
}

impl From<&OutboxEntry> for DeactivationDocument {
    fn from(entry: &OutboxEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            seat_id: entry.seat.to_string(),
            created_at: to_rfc3339(entry.created_at),
            token: entry.token.to_string(),
        }
    }
}

/// `outbox`.
#[derive(Serialize)]
pub(crate) struct OutboxDocument {
    pub(crate) outbox: Vec<DeactivationDocument>,
}

/// `apply` and `inspect`.
#[derive(Serialize)]
pub(crate) struct ResultsDocument {
    pub(crate) results: Vec<ResultDocument>,
}

/// One token of a text.
#[derive(Serialize)]
pub(crate) struct ResultDocument {
    outcome: &'static str,
    kind: &'static str,
    seat_id: Option<String>,
    seat_name: Option<String>,
    lease_expiry: Option<String>,
    token: Option<String>,
    /// Wrong characters that were corrected.
    repaired: usize,
    error: Option<ErrorFields>,
    /// `inspect` only.
    #[serde(flatten)]
    inspected: Option<InspectedFields>,
}

/// The fields that `inspect` has in addition to those of `apply`.
#[derive(Serialize)]
struct InspectedFields {
    /// The recipient; null for a damaged token, or if the licence on this computer can't be read.
    recipient: Option<&'static str>,
    /// What `apply` would do with it.
    apply: ApplyFields,
}

#[derive(Serialize)]
struct ApplyFields {
    outcome: &'static str,
    error: Option<ErrorFields>,
}

impl ResultDocument {
    pub(crate) fn applied(applied: &Applied) -> Self {
        Self::new(applied.kind, applied.repaired, &applied.outcome)
    }

    fn new(kind: Kind, repaired: usize, outcome: &ApplyOutcome) -> Self {
        let licence = outcome.licence();
        Self {
            outcome: outcome.name(),
            kind: kind.name(),
            seat_id: licence.map(|licence| licence.seat.to_string()),
            seat_name: licence.map(|licence| licence.seat_name.clone()),
            lease_expiry: licence.map(|licence| to_rfc3339(licence.lease_expiry)),
            token: None,
            repaired,
            error: error_of(outcome),
            inspected: None,
        }
    }

    /// The token is the healed text. It is refused only when it is damaged; whether it could be
    /// applied here is another question.
    pub(crate) fn inspected(inspected: &Inspected) -> Self {
        let mut document = Self::new(inspected.kind, inspected.repaired, &inspected.outcome);
        document.token = inspected.token.as_ref().map(ToString::to_string);
        if inspected.token.is_some() {
            document.outcome = if inspected.repaired > 0 { "repaired" } else { "whole" };
            document.error = None;
        }
        document.inspected = Some(InspectedFields {
            recipient: inspected.recipient.as_ref().map(Recipient::name),
            apply: ApplyFields {
                outcome: inspected.outcome.name(),
                error: error_of(&inspected.outcome),
            },
        });
        document
    }
}

fn error_of(outcome: &ApplyOutcome) -> Option<ErrorFields> {
    match outcome {
        ApplyOutcome::Refused(error) => Some(explain(error).into()),
        _ => None,
    }
}

/// `status`.
#[derive(Serialize)]
pub(crate) struct StatusDocument {
    state: &'static str,
    /// Licences that came through an API in an isolated network will be `online`; here it is always
    /// `offline`, and null without a licence.
    mode: Option<&'static str>,
    product: String,
    seat_id: Option<String>,
    seat_name: Option<String>,
    activated_at: Option<String>,
    lease_expiry: Option<String>,
    in_grace: bool,
    /// Days until the lease ends, the last one begun: 1 within the last 24 hours, 0 once it is
    /// over.
    days_left: Option<u32>,
    /// Days until the product stops, grace included; 0 where it doesn't run.
    days_until_stop: Option<u32>,
    features: BTreeMap<String, FeatureDocument>,
    attributes: BTreeMap<String, String>,
    pending_requests: usize,
    outbox: Vec<DeactivationDocument>,
    /// The product runs: its lease or grace isn't over, and it is the computer that was activated.
    may_run: bool,
    clock: ClockDocument,
    hardware: HardwareDocument,
    surroundings: SurroundingsDocument,
}

#[derive(Serialize)]
struct FeatureDocument {
    #[serde(rename = "type")]
    kind: &'static str,
    value: ValueDocument,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ValueDocument {
    Bool(bool),
    Number(u64),
}

impl StatusDocument {
    pub(crate) fn new(status: &Status, product: &str) -> Self {
        let licence = status.licence.as_ref();
        Self {
            state: status.state.name(),
            mode: licence.map(|_| "offline"),
            product: product.to_owned(),
            seat_id: licence.map(|licence| licence.seat.to_string()),
            seat_name: licence.map(|licence| licence.seat_name.clone()),
            activated_at: licence.map(|licence| to_rfc3339(licence.activated_at)),
            lease_expiry: licence.map(|licence| to_rfc3339(licence.lease_expiry)),
            in_grace: licence.is_some_and(|licence| licence.in_grace),
            days_left: licence.map(|licence| days_left(licence.lease_expiry, status.effective_now)),
            days_until_stop: status
                .runs_until()
                .map(|until| days_left(until, status.effective_now)),
            features: licence.map_or_else(BTreeMap::new, |licence| {
                licence.features.iter().map(feature).collect()
            }),
            attributes: licence.map_or_else(BTreeMap::new, |licence| licence.attributes.clone()),
            pending_requests: status.pending_requests,
            outbox: status.outbox.iter().map(Into::into).collect(),
            may_run: status.may_run(),
            clock: status.into(),
            hardware: status.into(),
            surroundings: status.surroundings.into(),
        }
    }
}

fn feature(feature: &LicensedFeature) -> (String, FeatureDocument) {
    let value = match (feature.kind, feature.value) {
        (FeatureKind::Bool, FeatureValue::Number(number)) => ValueDocument::Bool(number != 0),
        (_, FeatureValue::Bool(value)) => ValueDocument::Bool(value),
        (_, FeatureValue::Number(number)) => ValueDocument::Number(number),
    };
    (feature.key.clone(), FeatureDocument { kind: feature.kind.name(), value })
}

/// The words of an error for a sentence around it.
pub(crate) fn words(error: &dyn HasErrorCode) -> Explained {
    explain(error)
}
