//! The commands of `latchkey`, each a few lines on top of `latchkey-device`.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use latchkey_config::Config;
use latchkey_console::Exit;
use latchkey_device::Timestamp;
use latchkey_device::{
    Applied, ApplyError, ApplyOutcome, DataDirs, Device, HardwareVerdict, InspectedToken,
    OpenDeviceError, OutboxEntry, OutboxId, ReadableOutbox, Recipient, State, Status, StoreChoice,
    TimeLeft, TokenError, VaultError,
};
use latchkey_i18n::{explain, text};
use latchkey_token::{
    ActivationCode, CodeDoubt, ErrorArg, FeatureValue, FoundToken, Kind, SeatName, scan,
};
use zeroize::Zeroizing;

use crate::check::{self, Severity};
use crate::cli::{Args, Command, ConfigCommand};
use crate::doctor::{
    doctor, report_clock, report_hardware, report_other_licences, report_undelivered,
    report_virtualization,
};
use crate::error::CliError;
use crate::input;
use crate::json_documents::{
    CheckDocument, DeactivationDocument, OutboxDocument, RequestDocument, ResultDocument,
    ResultsDocument, StatusDocument,
};
use crate::output::Output;
use crate::prompt;
use crate::sheet;

/// A configured product on this computer.
struct Context<'o, C> {
    config: Config,
    device: Device,
    /// Read only when it is needed, because waiting for input may take minutes.
    clock: C,
    output: &'o Output,
}

/// Runs one command.
///
/// # Errors
/// Returns [`CliError::Config`] if the configuration can't be used, [`CliError::Output`] if
/// standard output can't be written, and the variant of the operation that fails otherwise.
pub(crate) fn run(
    args: Args,
    clock: impl Fn() -> Result<Timestamp, CliError>,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let path = args.config.unwrap_or_else(latchkey_config::default_config);
    let choice = args.store.unwrap_or(StoreChoice::Policy);
    let load = || Config::load(&path);
    let open = |config: &Config| {
        // A user who has chosen a file is not advised to choose one.
        if matches!(choice, StoreChoice::Policy | StoreChoice::Keyring) {
            output.offers_file(config.profile.store);
        }
        Device::open(config.profile.clone(), choice.clone())
    };
    let context = || {
        let config = load()?;
        let device = open(&config)?;
        Ok::<_, CliError>(Context { config, device, clock: &clock, output })
    };
    match args.command {
        Command::Version => {
            output.write_text(&latchkey_console::version::<Args>())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Documents { out } => {
            latchkey_console::write_completions_and_manuals(Args::command(), &out)
                .map_err(CliError::Output)?;
            Ok(ExitCode::SUCCESS)
        }
        // Typing needs neither the configuration nor the store.
        Command::Type { apply: false } => {
            prompt::print_token(&prompt::read_token(output)?, output)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Type { apply: true } => context()?.apply_typed(),
        Command::Sheet { files, html, aloud } => {
            let config = load()?;
            let given = input::read_text(&files, output)?;
            sheet::sheets(&config, &given, sheet::SheetFormat::from_flags(html, aloud), output)
        }
        Command::Inspect { files } => {
            let config = load()?;
            let device = open(&config);
            inspect(&config, device, &files, &clock, output)
        }
        Command::Doctor => {
            let config = load()?;
            let device = open(&config);
            doctor(&config, &device, clock()?, output)
        }
        Command::Request { code, code_is_right, seat_name, renew } => {
            context()?.request(&code, code_is_right, seat_name, renew)
        }
        Command::Apply { files } => {
            let context = context()?;
            context.apply(&input::read_text(&files, output)?)
        }
        Command::Config(ConfigCommand::Check) => check_config(&path, &load()?, output),
        Command::Status => {
            let config = load()?;
            match open(&config) {
                Ok(device) => Context { config, device, clock: &clock, output }.status(),
                Err(error) => {
                    report_undelivered(output, outboxes(&config).len());
                    Err(error.into())
                }
            }
        }
        // Checked before the keyring is used, which may prompt the user.
        Command::Deactivate { yes: false } => Err(CliError::NotConfirmed),
        Command::Deactivate { yes: true } => context()?.deactivate(),
        Command::Outbox { delivered } => {
            let config = load()?;
            match open(&config) {
                Ok(device) => Context { config, device, clock: &clock, output }.outbox(delivered),
                Err(error) => outbox_without_device(&config, delivered, &clock, error, output),
            }
        }
    }
}

impl<C: Fn() -> Result<Timestamp, CliError>> Context<'_, C> {
    fn product(&self) -> (&'static str, ErrorArg) {
        ("product", self.config.profile.product_name.as_str().into())
    }

    /// Writes the message that names the portal, or its variant for products without a portal.
    fn message_with_portal(&self, id: &str, mut values: Vec<(&str, ErrorArg)>) {
        values.push(self.product());
        match &self.config.portal {
            Some(portal) => {
                values.push(("portal", portal.as_str().into()));
                self.output.write_message(id, &values);
            }
            None => {
                values.push(("vendor", self.config.profile.vendor_name.as_str().into()));
                self.output.write_message(&format!("{id}-no-portal"), &values);
            }
        }
    }

    fn request(
        &self,
        code: &str,
        code_is_right: bool,
        seat_name: Option<String>,
        renew: bool,
    ) -> Result<ExitCode, CliError> {
        let code = match code {
            "-" => input::read_code(self.output)?,
            path if !code_is_right && is_path(path) => {
                return Err(CliError::CodeIsFile { path: latchkey_console::shorten(path) });
            }
            code => Zeroizing::new(code.to_owned()),
        };
        let code: ActivationCode = code.parse()?;
        let doubt = code.doubt().filter(|_| !code_is_right);
        if let Some(doubt) = &doubt {
            self.confirm_doubtful_code(doubt)?;
        }
        let seat_name = seat_name.map(|name| SeatName::new(&name)).transpose()?;
        report_virtualization(self.output, latchkey_device::virtualization());
        let request = if renew {
            self.device.request_renewal(&code, seat_name.as_ref(), (self.clock)()?)?
        } else {
            let seat_name = match seat_name {
                Some(name) => name,
                None => {
                    let name = latchkey_device::computer_name().unwrap_or_default();
                    SeatName::new(&latchkey_device::distinguishable_name(name.as_str()))?
                }
            };
            self.device.request(&code, &seat_name, (self.clock)()?)?
        };
        let document = RequestDocument::new(&request, doubt.as_ref());
        self.output.write_tokens(&document, [request.token.to_string().as_str()])?;
        self.message_with_portal(if renew { "cli-renewal" } else { "cli-request" }, Vec::new());
        Ok(ExitCode::SUCCESS)
    }

    /// A code that looks mistyped may still be one that the vendor chose. A user decides that now,
    /// before going to the portal; a program finds the warning in the JSON document.
    fn confirm_doubtful_code(&self, doubt: &CodeDoubt) -> Result<(), CliError> {
        let explained = explain(doubt);
        self.output.write_line(&explained.message);
        self.output.next_step(&explained.action);
        if self.output.is_json() || !latchkey_console::is_terminal() {
            return Ok(());
        }
        self.output.ask("cli-ask-anyway", &[]);
        match input::is_yes()? {
            true => Ok(()),
            false => Err(CliError::CodeNotConfirmed),
        }
    }

    fn apply(&self, given: &str) -> Result<ExitCode, CliError> {
        let applied = self.device.apply(given, (self.clock)()?)?;
        let results = applied.iter().map(ResultDocument::from_applied);
        self.output.write_tokens(&ResultsDocument { results: results.collect() }, [])?;
        Ok(self.report_all_applied(&applied))
    }

    /// The store is opened before anything is typed. If the token still can't be applied, it is
    /// printed, so that nothing has to be typed twice.
    fn apply_typed(&self) -> Result<ExitCode, CliError> {
        let typed = prompt::read_token(self.output)?;
        let applied = (self.clock)().and_then(|now| {
            let found = FoundToken {
                kind: typed.token.kind(),
                repaired: 0,
                token: Ok(typed.token.clone()),
            };
            self.device.apply_tokens(&[found], now).map_err(ApplyError::from).map_err(Into::into)
        });
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) => {
                prompt::print_token(&typed, self.output)?;
                return Err(error);
            }
        };
        let was_not_applied = |one: &Applied| {
            matches!(one.outcome, ApplyOutcome::NotForThisComputer | ApplyOutcome::Refused(_))
        };
        let is_needed_again = applied.iter().any(was_not_applied);
        let results = applied.iter().map(ResultDocument::from_applied);
        prompt::print_applied(&typed, results.collect(), is_needed_again, self.output)?;
        Ok(self.report_all_applied(&applied))
    }

    fn report_all_applied(&self, applied: &[Applied]) -> ExitCode {
        // A file for a whole fleet contains thousands of tokens for other computers; the first one
        // and their number are enough.
        let is_for_others = |one: &&Applied| match &one.outcome {
            ApplyOutcome::NotForThisComputer => true,
            ApplyOutcome::Refused(error) => matches!(error, TokenError::OtherComputer { .. }),
            _ => false,
        };
        let (for_others, ours): (Vec<_>, Vec<_>) = applied.iter().partition(is_for_others);
        for one in ours {
            self.report_applied(one);
        }
        match &for_others[..] {
            [] => {}
            [one] => self.report_applied(one),
            [first, ..] => {
                if first.outcome != ApplyOutcome::NotForThisComputer {
                    self.report_applied(first);
                }
                self.output.write_message("cli-passed_over", &[("count", for_others.len().into())]);
            }
        }
        let refused = applied.iter().any(|one| matches!(one.outcome, ApplyOutcome::Refused(_)));
        if refused { Exit::Refused.into() } else { ExitCode::SUCCESS }
    }

    fn report_applied(&self, applied: &Applied) {
        let mut values = vec![self.product(), kind(applied.kind)];
        if let Some(licence) = applied.outcome.licence() {
            values.push(("seat", licence.seat.to_string().into()));
            values.push(time("expiry", licence.lease_expiry));
        }
        let mut action = String::new();
        if let ApplyOutcome::Refused(error) = &applied.outcome {
            let explained = explain(error);
            values.push(("message", explained.message.into()));
            action = explained.action;
        }
        self.output.write_message(&format!("cli-{}", applied.outcome.name()), &values);
        if applied.repaired > 0 {
            self.output.write_message("cli-repaired", &[("count", applied.repaired.into())]);
        }
        self.output.next_step(&action);
    }

    fn status(&self) -> Result<ExitCode, CliError> {
        let status = self.device.status((self.clock)()?).inspect_err(|_| {
            report_undelivered(self.output, self.device.outbox_elsewhere().len());
        })?;
        let document = StatusDocument::new(&status, &self.config.profile.product_name);
        self.output.write_tokens(&document, [])?;
        self.output.begin_report();
        self.report_status(&status);
        Ok(ExitCode::SUCCESS)
    }

    fn report_status(&self, status: &Status) {
        let say = |id: &str, values: &[(&str, ErrorArg)]| self.output.write_message(id, values);
        let Some(licence) = &status.licence else {
            say("cli-status-not_activated", &[self.product()]);
            return self.report_pending(status);
        };
        let other_hardware =
            matches!(status.hardware.verdict, Some(HardwareVerdict::Invalid { .. }));
        let id = match (status.state, licence.in_grace) {
            _ if other_hardware => "cli-status-other_hardware",
            (State::Active, _) => "cli-status-active",
            (_, true) => "cli-status-grace",
            (_, false) => "cli-status-lease_expired",
        };
        // In this case the clock is the reason, which is reported below.
        if other_hardware || !status.is_over_by_clock_alone() {
            let expiry = time("expiry", licence.lease_expiry);
            say(id, &[self.product(), expiry, time("end", licence.grace_end)]);
            let end = if licence.in_grace { licence.grace_end } else { licence.lease_expiry };
            // Hardware that has changed may stop it earlier.
            let end = status.runs_until().map_or(end, |until| end.min(until));
            let left = TimeLeft::until(end, status.effective_now);
            if status.may_run() {
                say(
                    "cli-status-left",
                    &[("unit", left.unit().into()), ("count", u64::from(left.count()).into())],
                );
            }
        }
        let seat = ("seat", licence.seat.to_string().into());
        say("cli-status-seat", &[seat, ("name", licence.seat_name.as_str().into())]);
        for feature in &licence.features {
            let value = match feature.value {
                FeatureValue::Bool(value) => ErrorArg::from(value.to_string()),
                FeatureValue::Number(number) => number.into(),
            };
            let name = ("name", feature.key.as_str().into());
            say("cli-status-feature", &[name, ("value", value)]);
        }
        for (name, value) in &licence.attributes {
            // The catalogue removes the other control characters; a line break could imitate one of
            // these lines.
            let [name, value] =
                [name, value].map(|text| ErrorArg::from(text.replace('\n', "\u{fffd}")));
            say("cli-status-attribute", &[("name", name), ("value", value)]);
        }
        self.report_pending(status);
    }

    fn report_pending(&self, status: &Status) {
        if status.pending_requests > 0 {
            self.output
                .write_message("cli-status-pending", &[("count", status.pending_requests.into())]);
        }
        report_undelivered(self.output, status.outbox.len());
        report_clock(self.output, &self.config.profile.product_name, status);
        report_hardware(self.output, status);
        report_other_licences(self.output, &self.config.profile.product_name, status);
    }

    fn deactivate(&self) -> Result<ExitCode, CliError> {
        let entry = self.device.deactivate((self.clock)()?)?;
        let document = DeactivationDocument::from(&entry);
        self.output.write_tokens(&document, [document.token.as_str()])?;
        self.message_with_portal("cli-deactivated", vec![("id", entry.id.to_string().into())]);
        Ok(ExitCode::SUCCESS)
    }

    fn outbox(&self, delivered: Option<OutboxId>) -> Result<ExitCode, CliError> {
        let ReadableOutbox { entries, unread } = match delivered {
            Some(id) => {
                let outbox = self.device.outbox_after_delivery(id, (self.clock)()?)?;
                report_delivered(self.output, id);
                outbox
            }
            None => self.device.readable_outbox(),
        };
        print_outbox(&entries, delivered.is_some(), unread.map(CliError::from), self.output)
    }
}

/// The deactivations of all stores, if none of them can be chosen.
fn outbox_without_device(
    config: &Config,
    delivered: Option<OutboxId>,
    clock: impl Fn() -> Result<Timestamp, CliError>,
    error: OpenDeviceError,
    output: &Output,
) -> Result<ExitCode, CliError> {
    if let Some(id) = delivered {
        let folders = DataDirs::system();
        match Device::confirm_delivered_in(&config.profile, &folders, id, clock()?) {
            Ok(()) => report_delivered(output, id),
            Err(_) => return Err(error.into()),
        }
    }
    print_outbox(&outboxes(config), delivered.is_some(), Some(error.into()), output)
}

fn outboxes(config: &Config) -> Vec<OutboxEntry> {
    Device::outboxes_in(&config.profile, &DataDirs::system())
}

/// Writes the deactivations that could be read, and returns why others couldn't. Confirming prints
/// no token; `outbox` without an ID prints those that remain.
fn print_outbox(
    outbox: &[OutboxEntry],
    is_confirmation: bool,
    unread: Option<CliError>,
    output: &Output,
) -> Result<ExitCode, CliError> {
    match unread {
        Some(error) if outbox.is_empty() => return Err(error),
        None if outbox.is_empty() => output.write_message("cli-outbox-empty", &[]),
        _ => {}
    }
    for entry in outbox {
        let id = ("id", entry.id.to_string().into());
        let seat = ("seat", entry.seat.to_string().into());
        output.write_message("cli-outbox-entry", &[id, seat, time("created", entry.created_at)]);
    }
    let document = OutboxDocument { outbox: outbox.iter().map(Into::into).collect() };
    let shown: &[_] = if is_confirmation { &[] } else { &document.outbox };
    output.write_tokens(&document, shown.iter().map(|entry| entry.token.as_str()))?;
    unread.map_or(Ok(ExitCode::SUCCESS), Err)
}

fn report_delivered(output: &Output, id: OutboxId) {
    output.write_message("cli-outbox-delivered", &[("id", id.to_string().into())]);
}

/// Inspects a text, which is possible without access to the licence too.
fn inspect(
    config: &Config,
    device: Result<Device, OpenDeviceError>,
    files: &[OsString],
    clock: impl Fn() -> Result<Timestamp, CliError>,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let device = match device {
        Err(OpenDeviceError::Store(error)) => Err(error.into()),
        device => Ok(device?),
    };
    let found = scan(&input::read_text(files, output)?)?;
    let inspected = match device {
        Ok(device) => device.inspect_tokens(&found, clock()?),
        Err(error) => Err(error),
    };
    let inspected = inspected.unwrap_or_else(|error| inspect_without_vault(found, &error));
    report_inspected(config, output, &inspected)
}

/// Reports the tokens that were found, and returns whether all are intact.
fn report_inspected(
    config: &Config,
    output: &Output,
    inspected: &[InspectedToken],
) -> Result<ExitCode, CliError> {
    let results = inspected.iter().map(ResultDocument::from_inspected);
    output.write_tokens(&ResultsDocument { results: results.collect() }, [])?;
    output.begin_report();
    for one in inspected {
        report_inspected_token(config, output, one);
    }
    let damaged = inspected.iter().any(|one| one.token.is_none());
    Ok(if damaged { Exit::Refused.into() } else { ExitCode::SUCCESS })
}

/// Reports what is wrong with a configuration.
fn check_config(path: &Path, config: &Config, output: &Output) -> Result<ExitCode, CliError> {
    let findings = check::check(config);
    let file = latchkey_console::shorten(&path.display().to_string());
    output.write_tokens(&CheckDocument::new(&file, &findings), [])?;
    output.begin_report();
    for finding in &findings {
        let explained = explain(finding);
        output.write_line(&explained.message);
        output.next_step(&explained.action);
    }
    let is_problem = |finding: &check::Finding| finding.severity() == Severity::Problem;
    let problems = findings.iter().filter(|finding| is_problem(finding)).count();
    output.write_message("cli-checked", &[("file", file.into()), ("count", problems.into())]);
    Ok(if problems == 0 { ExitCode::SUCCESS } else { Exit::Usage.into() })
}

/// Inspects tokens without access to the licence on this computer: the recipients stay unknown.
fn inspect_without_vault(found: Vec<FoundToken>, error: &VaultError) -> Vec<InspectedToken> {
    let inspected = |found: FoundToken| {
        let (token, error) = match found.token {
            Ok(token) => (Some(token), error.clone().into()),
            Err(error) => (None, error.into()),
        };
        let (kind, repaired) = (found.kind, found.repaired);
        let outcome = ApplyOutcome::Refused(error);
        InspectedToken { kind, repaired, recipient: None, token, outcome }
    };
    found.into_iter().map(inspected).collect()
}

fn report_inspected_token(config: &Config, output: &Output, inspected: &InspectedToken) {
    let mut values = vec![kind(inspected.kind), ("count", inspected.repaired.into())];
    if let Some(recipient) = &inspected.recipient {
        values.push(("recipient", recipient_name(config, recipient).into()));
    }
    let explained = match &inspected.outcome {
        ApplyOutcome::Refused(error) => Some(explain(error)),
        _ => None,
    };
    let message = explained.as_ref().map(|explained| explained.message.clone());
    values.push(("message", message.unwrap_or_default().into()));
    if let Some(licence) = inspected.outcome.licence() {
        values.push(time("expiry", licence.lease_expiry));
    }
    let id = match (&inspected.recipient, inspected.repaired) {
        (None, _) if inspected.token.is_none() => "cli-inspect-damaged",
        (None, _) => "cli-inspect-alone",
        (Some(_), 0) => "cli-inspect-whole",
        (Some(_), _) => "cli-inspect-repaired",
    };
    output.write_message(id, &values);
    match (&inspected.recipient, &inspected.outcome) {
        (_, ApplyOutcome::Activated(_) | ApplyOutcome::Refreshed(_)) => {
            output.write_message("cli-inspect-ready", &values);
        }
        (_, ApplyOutcome::AlreadyApplied(_)) => {
            output.write_message("cli-inspect-already", &values);
        }
        (Some(Recipient::ThisComputer), ApplyOutcome::Refused(_)) => {
            output.write_message("cli-inspect-refused", &values);
        }
        _ => {}
    }
    // A request is refused here because it is meant for the portal, which its own message already
    // states.
    let ours = !matches!(inspected.kind, Kind::Request | Kind::Deactivation);
    if let Some(explained) = explained.filter(|_| ours || inspected.recipient.is_none()) {
        output.next_step(&explained.action);
    }
}

fn recipient_name(config: &Config, recipient: &Recipient) -> String {
    let mut values = vec![("vendor", ErrorArg::from(config.profile.vendor_name.as_str()))];
    match recipient {
        Recipient::OtherProduct { product } => values.push(("product", product.as_str().into())),
        Recipient::OtherVendor { vendor, product } => {
            values = vec![("vendor", vendor.as_str().into()), ("product", product.as_str().into())];
        }
        Recipient::OtherComputer { key } | Recipient::UnknownVendor { key } => {
            values.push(("key", key.to_string().into()));
        }
        Recipient::ThisComputer | Recipient::Vendor => {}
    }
    text(&format!("cli-recipient-{}", recipient.name()), &values)
}

/// The kind as it is called in a sentence.
fn kind(kind: Kind) -> (&'static str, ErrorArg) {
    ("kind", text(&format!("kind-{kind}"), &[]).into())
}

fn time(name: &'static str, time: Timestamp) -> (&'static str, ErrorArg) {
    (name, ErrorArg::Time(time.timestamp()))
}

/// Whether a path was given instead of a code. With some keyboard layouts, a scanned code begins
/// like a path: then it counts as a path only if the file exists.
fn is_path(text: &str) -> bool {
    let is_generated = || text.parse::<ActivationCode>().is_ok_and(|code| code.is_generated());
    latchkey_console::is_meant_as_path(text)
        && (std::path::Path::new(text).is_file() || !is_generated())
}

#[cfg(test)]
mod tests {
    use latchkey_device::StoreError;
    use latchkey_token::{HasErrorCode as _, Refresh, SeatId, SecretKeys, Seed, seal};

    use super::*;

    #[test]
    fn a_text_is_inspected_without_the_licence_when_the_keyring_is_locked() {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([1; 32])).unwrap();
        let refresh = Refresh {
            seat: SeatId::from_bytes([1; 8]),
            issued_at: 0,
            lease_expiry: 1,
            sequence: 1,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        };
        let [whole, other] =
            [(); 2].map(|()| seal(&refresh, 1, &keys, keys.public()).unwrap().to_string());
        let text = format!("{whole}\n\n{}", &other[..other.len() / 2]);
        let found = scan(&text).unwrap();
        let inspected = inspect_without_vault(found, &StoreError::Locked.into());
        let codes = inspected.iter().map(|one| match &one.outcome {
            ApplyOutcome::Refused(error) => error.code().name,
            other => panic!("{other:?}"),
        });
        assert_eq!(codes.collect::<Vec<_>>(), ["store.locked", "token.truncated"]);
        assert!(inspected[0].token.is_some() && inspected[1].token.is_none());
        assert!(inspected.iter().all(|one| one.recipient.is_none()));
        assert!(scan("hello").is_err());
    }
}
