//! The commands that take a text with any number of tokens: `activate`, `deactivate` and `inspect`.
//! Each token gets its own result, and a refused token doesn't affect the others.

use std::ffi::OsString;

use latchkey_console::Exit;
use latchkey_i18n::{Explained, explain, text};
use latchkey_issuer::{
    ActivateError, Choices, GrantReason, Granted, Issuer, Outcome, TokenContent, TokenRefusal,
};
use latchkey_lease::Timestamp;
use latchkey_server_core::{computer_clock_values, display_name, now, time_detail};
use latchkey_token::{
    ActivationCode, ErrorArg, FoundToken, KeyId, Kind, ReadError, SeatId, Token, scan,
};
use serde_json::{Value, json};

use crate::error::{CommandError, ServerError};
use crate::input;
use crate::output::{Output, error_value, time_value};

/// The commands that are given tokens.
#[derive(Clone, Copy)]
enum TokenCommand {
    Activate,
    Deactivate,
    Inspect,
}

/// What became of one token.
struct Entry {
    outcome: &'static str,
    kind: Kind,
    seat: Option<SeatId>,
    name: Option<String>,
    lease_expiry: Option<Timestamp>,
    /// `deactivate` only: until when the released seat still counts as taken.
    taken_until: Option<Timestamp>,
    /// `activate` only: what the computer's clock showed, where that is far from what is right
    /// here.
    computer_clock: Option<Timestamp>,
    /// `activate` only: whether the lease is over by that clock, so that the computer refuses the
    /// response until the clock is right.
    is_over_by_computer_clock: bool,
    /// `activate` only: whether the lease is over, so that the computer needs a new request.
    is_over: bool,
    token: Option<String>,
    repaired: usize,
    /// The sentence for a person.
    sentence: String,
    failure: Option<ServerError>,
    /// `activate` only: why an unknown code looks mistyped.
    doubt: Option<Explained>,
    /// `inspect` only: whom it is for.
    recipient: Option<(&'static str, KeyId)>,
}

impl Entry {
    fn of(found: &FoundToken, outcome: &'static str) -> Self {
        Self {
            outcome,
            kind: found.kind,
            seat: None,
            name: None,
            lease_expiry: None,
            taken_until: None,
            computer_clock: None,
            is_over_by_computer_clock: false,
            is_over: false,
            token: None,
            repaired: found.repaired,
            sentence: String::new(),
            failure: None,
            doubt: None,
            recipient: None,
        }
    }

    fn from_refusal(found: &FoundToken, failure: ServerError) -> Self {
        Self { failure: Some(failure), ..Self::of(found, "refused") }
    }

    /// Every result of a command has the same fields.
    fn value(&self, command: TokenCommand) -> Value {
        let mut value = json!({
            "outcome": self.outcome,
            "kind": self.kind.name(),
            "seat_id": self.seat.map(|seat| seat.to_string()),
            "seat_name": self.name,
            "lease_expiry": time_value(self.lease_expiry),
            "token": self.token,
            "repaired": self.repaired,
            "error": self.failure.as_ref().map(|failure| error_value(&failure.words)),
        });
        match command {
            TokenCommand::Activate => {
                value["computer_clock"] = time_value(self.computer_clock);
                value["over_by_computer_clock"] = self.is_over_by_computer_clock.into();
                value["lease_over"] = self.is_over.into();
                value["code_doubt"] = self.doubt.as_ref().map(error_value).into();
            }
            TokenCommand::Deactivate => value["taken_until"] = time_value(self.taken_until),
            TokenCommand::Inspect => {
                let (recipient, key) = self
                    .recipient
                    .as_ref()
                    .map_or((None, None), |(who, key)| (Some(*who), Some(key.to_string())));
                value["recipient"] = recipient.into();
                value["recipient_key"] = key.into();
            }
        }
        value
    }
}

/// Handles each token of a text and returns the exit status of the command.
fn for_each_token(
    command: TokenCommand,
    output: &mut Output,
    found: &[FoundToken],
    mut handle: impl FnMut(&FoundToken, Result<&Token, &ReadError>) -> Result<Entry, ServerError>,
) -> Exit {
    let mut entries = Vec::new();
    // When the database can't be used there is no point in trying it ten thousand times.
    let mut broken: Option<ServerError> = None;
    for found in found {
        let handled = match (&broken, &found.token) {
            (Some(failure), _) => Err(failure.clone()),
            (None, token) => handle(found, token.as_ref()),
        };
        let entry = handled.unwrap_or_else(|failure| {
            if failure.exit == Exit::Machine {
                broken = Some(failure.clone());
            }
            Entry::from_refusal(found, failure)
        });
        entries.push(entry);
    }
    if output.is_json() {
        let results: Vec<_> = entries.iter().map(|entry| entry.value(command)).collect();
        output.write_document(&json!({ "results": results }));
    } else {
        let many = entries.len() > 1;
        for (number, entry) in (1_usize..).zip(&entries) {
            print_outcome(output, entry, many.then_some(number));
        }
        let refused = entries.iter().filter(|entry| entry.failure.is_some()).count();
        if many && refused > 0 {
            let done = entries.len() - refused;
            output.write_message(
                "server-token-summary",
                &[("done", done.into()), ("refused", refused.into())],
            );
        }
    }
    entries
        .iter()
        .filter_map(|entry| entry.failure.as_ref())
        .map(|f| f.exit)
        .max()
        .unwrap_or(Exit::Done)
}

fn print_outcome(output: &mut Output, entry: &Entry, number: Option<usize>) {
    match (number, &entry.failure, &entry.name) {
        (None, ..) => {}
        // What was granted is named in its own sentence.
        (Some(number), Some(_), Some(name)) => {
            let values = [("number", number.into()), ("name", display_name(name))];
            output.write_message("server-token-number-named", &values);
        }
        (Some(number), ..) => {
            output.write_message("server-token-number", &[("number", number.into())])
        }
    }
    if entry.repaired > 0 {
        output.write_message("server-repaired", &[("repaired", entry.repaired.into())]);
    }
    if let Some(failure) = &entry.failure {
        output.write_failure(failure);
        if let Some(doubt) = &entry.doubt {
            output.warn(doubt);
        }
    } else if !entry.sentence.is_empty() {
        output.write_message("server-sentence", &[("sentence", entry.sentence.as_str().into())]);
    }
    if let Some(token) = &entry.token {
        output.write_token(token);
    }
}

fn find_tokens(files: &[OsString], output: &Output) -> Result<Vec<FoundToken>, ServerError> {
    scan(&input::text(files, output)?).map_err(|error| ServerError::refusal(&error))
}

/// `activate [FILE…] [--take-over SEAT] [--code CODE]`
pub(crate) fn activate(
    issuer: &mut Issuer,
    output: &mut Output,
    files: &[OsString],
    choices: &Choices,
) -> Result<Exit, ServerError> {
    let found = find_tokens(files, output)?;
    let now = now()?;
    if *choices != Choices::default() && found.len() != 1 {
        return Err(CommandError::OneRequest { count: found.len() }.into());
    }
    Ok(for_each_token(TokenCommand::Activate, output, &found, |found, token| {
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                issuer.record_unread_request(error, now)?;
                return Err(ServerError::refusal(error));
            }
        };
        let request = issuer.receive_request(token)?;
        let granted = match issuer.answer(&request, choices, now) {
            Ok(granted) => granted,
            Err(error) => {
                let is_unknown = error == ActivateError::CodeUnknown;
                let failure = ServerError::from(error);
                if failure.exit == Exit::Machine {
                    return Err(failure);
                }
                let given = choices.code.as_ref().map(|given| &given.code);
                let code = given.or_else(|| request.code()).filter(|_| is_unknown);
                return Ok(Entry {
                    name: request.seat_name().map(str::to_owned),
                    doubt: code.and_then(ActivationCode::doubt).map(|doubt| explain(&doubt)),
                    ..Entry::from_refusal(found, failure)
                });
            }
        };
        let outcome = match granted.grounds {
            GrantReason::Repeated => "already_applied",
            _ => "granted",
        };
        Ok(Entry {
            seat: Some(granted.seat),
            lease_expiry: Some(granted.lease_expiry),
            computer_clock: granted.computer_clock,
            is_over_by_computer_clock: granted.is_over_by_computer_clock(),
            is_over: granted.is_over_at(now),
            sentence: granted_sentence(&granted, now),
            name: Some(granted.name),
            token: Some(granted.token.to_string()),
            ..Entry::of(found, outcome)
        })
    }))
}

fn granted_sentence(granted: &Granted, clock: Timestamp) -> String {
    let mut values: Vec<(&str, ErrorArg)> = vec![
        ("seat", granted.seat.to_string().into()),
        ("name", display_name(&granted.name)),
        ("expiry", time_detail(granted.lease_expiry)),
    ];
    let id = match &granted.grounds {
        GrantReason::Repeated => "server-granted-again",
        GrantReason::Reused { old } => {
            values.push(("old", display_name(old)));
            "server-granted-reused"
        }
        GrantReason::TakenOver { old } => {
            values.push(("old", old.to_string().into()));
            "server-granted-taken_over"
        }
        GrantReason::Free | GrantReason::SameSeat | GrantReason::Overdraft => "server-granted",
    };
    let sentence = text(id, &values);
    if granted.is_over_at(clock) {
        // The response is useless, so this comes first.
        return format!("{}\n{sentence}", text("server-granted-expired", &values));
    }
    let values = computer_clock_values(granted.computer_clock, granted.lease_expiry, clock);
    let Some(values) = values else { return sentence };
    let about_clock = text("server-granted-clock", &values);
    if granted.is_over_by_computer_clock() {
        // The response is useless until the clock is set, so this comes first.
        let first = text("server-granted-clock-first", &[("name", display_name(&granted.name))]);
        format!("{first} {about_clock}\n{sentence}")
    } else {
        format!("{sentence}\n{about_clock}")
    }
}

/// `deactivate [FILE…]`
pub(crate) fn deactivate(
    issuer: &mut Issuer,
    output: &mut Output,
    files: &[OsString],
) -> Result<Exit, ServerError> {
    let found = find_tokens(files, output)?;
    let now = now()?;
    Ok(for_each_token(TokenCommand::Deactivate, output, &found, |found, token| {
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                issuer.record_unread_deactivation(error, now)?;
                return Err(ServerError::refusal(error));
            }
        };
        let done = issuer.deactivate(token, now)?;
        let (outcome, id) = match done.outcome {
            Outcome::Released if done.taken_until.is_some() => {
                ("released", "server-deactivated-taken")
            }
            Outcome::Released => ("released", "server-deactivated"),
            Outcome::AlreadyReleased => ("already_applied", "server-deactivated-again"),
            Outcome::Noted => ("noted", "server-deactivated-noted"),
        };
        let mut values =
            vec![("seat", done.seat.to_string().into()), ("name", display_name(&done.name))];
        values.extend(done.taken_until.map(|until| ("until", time_detail(until))));
        Ok(Entry {
            seat: Some(done.seat),
            taken_until: done.taken_until,
            lease_expiry: Some(done.lease_expiry),
            sentence: text(id, &values),
            name: Some(done.name),
            ..Entry::of(found, outcome)
        })
    }))
}

/// `inspect [FILE…]`
pub(crate) fn inspect(
    issuer: &mut Issuer,
    output: &mut Output,
    files: &[OsString],
) -> Result<Exit, ServerError> {
    let found = find_tokens(files, output)?;
    let now = now()?;
    let mut lines = Vec::new();
    let exit = for_each_token(TokenCommand::Inspect, output, &found, |found, token| {
        let token = token.map_err(|error| ServerError::refusal(error))?;
        let (outcome, id) = match found.repaired {
            0 => ("whole", "server-inspect-whole"),
            _ => ("repaired", "server-inspect-repaired"),
        };
        lines.push(text(
            id,
            &[
                ("kind", found.kind.name().into()),
                ("recipient", token.recipient().to_string().into()),
                ("repaired", found.repaired.into()),
            ],
        ));
        let mut entry = Entry::of(found, outcome);
        let mut recipient = "vendor";
        match issuer.inspect(token, now)? {
            TokenContent::Request { request, product: (number, product), name, created_at } => {
                let product = product.unwrap_or_else(|| format!("#{number}"));
                lines.push(text(
                    "server-inspect-request",
                    &[
                        ("request", request.to_string().into()),
                        ("product", product.into()),
                        ("name", display_name(&name)),
                        ("created", time_detail(created_at)),
                    ],
                ));
                entry.name = Some(name);
            }
            TokenContent::Deactivation { seat, name, created_at } => {
                lines.push(text(
                    "server-inspect-deactivation",
                    &[
                        ("seat", seat.to_string().into()),
                        ("name", display_name(name.as_deref().unwrap_or_default())),
                        ("created", time_detail(created_at)),
                    ],
                ));
                (entry.seat, entry.name) = (Some(seat), name);
            }
            TokenContent::ForComputer { seat } => {
                recipient = "computer";
                if let Some(seat) = seat {
                    lines.push(text("server-inspect-ours", &[]));
                    entry.seat = Some(seat.id);
                    entry.lease_expiry = Some(seat.lease_expiry);
                    entry.name = Some(seat.name);
                }
            }
            TokenContent::ForAnotherVendor => {
                recipient = "unknown_vendor";
                // The same message as when the token is submitted.
                let key = token.recipient();
                let words = latchkey_i18n::explain(&TokenRefusal::NotForThisVendor { key });
                lines.extend([
                    words.message,
                    text("server-error-next", &[("action", words.action.into())]),
                ]);
            }
            _ => {}
        }
        entry.recipient = Some((recipient, token.recipient()));
        Ok(entry)
    });
    for line in lines {
        output.report(&line);
    }
    Ok(exit)
}
