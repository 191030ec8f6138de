//! Reports on the computer itself: its clock, its hardware, and whether it is virtual. This has the
//! warnings of `status` and `request`, and the whole `doctor` command.

use std::process::ExitCode;

use latchkey_console::Exit;
use latchkey_device::Timestamp;
use latchkey_device::config::Config;
use latchkey_device::time::to_rfc3339;
use latchkey_device::{
    ClockState, Device, Diagnostics, HardwareReason, HardwareVerdict, IfChanged, OpenDeviceError,
    Scope, Status, StoreDescription, StoreError, TraitReport, Virtualization, diagnose,
};
use latchkey_i18n::{explain, text};
use latchkey_token::{ErrorArg, HardwareTrait};
use serde::Serialize;

use crate::error::CliError;
use crate::output::{ErrorFields, Output};

/// Warns about a virtual machine or a container before anything is activated in it.
pub(crate) fn say_surroundings(output: &Output, surroundings: Virtualization) {
    let by = match surroundings.by() {
        "" => "none",
        by => by,
    };
    match surroundings {
        Virtualization::Computer => {}
        Virtualization::VirtualMachine { .. } => {
            output.say("surroundings-virtual_machine", &[("by", by.into())]);
        }
        Virtualization::Container { .. } => {
            output.say("surroundings-container", &[("by", by.into())]);
        }
    }
}

/// What is wrong with the clock, if anything.
pub(crate) fn say_clock(output: &Output, product: &str, status: &Status) {
    let effective = ("effective", ErrorArg::Time(status.effective_now.timestamp()));
    match status.clock {
        ClockState::Right => {}
        ClockState::Ahead { .. } if status.is_over_by_clock_alone() => {
            let expiry = status.licence.as_ref().map(|licence| licence.lease_expiry.timestamp());
            let expiry = ("expiry", ErrorArg::Time(expiry.unwrap_or_default()));
            let product = ("product", product.into());
            output.say("cli-status-over-by-clock", &[effective, product, expiry]);
            output.next(&text("cli-status-over-by-clock-how", &[]));
        }
        ClockState::Behind { .. } => output.say("cli-status-clock", &[effective]),
        ClockState::Ahead { .. } => output.say("cli-status-clock-ahead", &[effective]),
    }
}

/// What is wrong with the hardware, if anything.
pub(crate) fn say_hardware(output: &Output, status: &Status) {
    let traits = ("traits", ErrorArg::from(named(&status.hardware.changed)));
    match status.hardware.verdict {
        Some(HardwareVerdict::InGrace { until }) => {
            output
                .say("cli-status-hardware", &[traits, ("end", ErrorArg::Time(until.timestamp()))]);
            output.next(&text("cli-status-hardware-how", &[]));
        }
        Some(HardwareVerdict::Invalid { since, reason }) => {
            let end = ("end", ErrorArg::Time(since.timestamp()));
            match reason {
                HardwareReason::GraceEnded => {
                    output.say("cli-status-hardware-over", &[traits, end]);
                }
                HardwareReason::OtherComputer => output.say("cli-status-hardware-other", &[traits]),
                HardwareReason::NotRecorded => say_unrecorded(output, status, traits),
            }
            output.next(&text("cli-status-hardware-how", &[]));
        }
        Some(HardwareVerdict::Match | HardwareVerdict::KeyOnly) | None => {}
    }
}

/// A change that couldn't be written down: why, and what is to be done about that.
fn say_unrecorded(output: &Output, status: &Status, traits: (&str, ErrorArg)) {
    output.say("cli-status-hardware-unrecorded", &[traits]);
    if let Some(refused) = &status.hardware.refused {
        let explained = latchkey_i18n::explain(refused);
        output.say("cli-status-hardware-refused", &[("message", explained.message.into())]);
    }
    let how = match status.store.scope {
        Scope::Machine => "cli-status-hardware-administrator",
        Scope::User => "cli-status-hardware-writable",
    };
    output.next(&text(how, &[]));
}

/// The traits as people call them.
fn named(traits: &[HardwareTrait]) -> String {
    let names = traits.iter().map(|of| text(&format!("wizard-trait-{}", of.name()), &[]));
    names.collect::<Vec<_>>().join(", ")
}

/// The clock in a document.
#[derive(Serialize)]
pub(crate) struct ClockDocument {
    state: &'static str,
    /// How far the computer's clock is behind or ahead, in seconds.
    by_seconds: Option<i64>,
    /// The licence doesn't run for this reason alone, and goes on once the clock is right.
    stops_licence: bool,
    effective_now: String,
}

impl From<&Status> for ClockDocument {
    fn from(status: &Status) -> Self {
        let by = match status.clock {
            ClockState::Right => None,
            ClockState::Behind { by } | ClockState::Ahead { by } => Some(by.num_seconds()),
        };
        Self {
            state: status.clock.name(),
            by_seconds: by,
            stops_licence: status.is_over_by_clock_alone(),
            effective_now: to_rfc3339(status.effective_now),
        }
    }
}

/// The hardware in a document.
#[derive(Serialize)]
pub(crate) struct HardwareDocument {
    /// Null without a licence.
    verdict: Option<&'static str>,
    /// Why the product doesn't run, where it is the hardware.
    reason: Option<&'static str>,
    /// When grace ends or has ended.
    grace_end: Option<String>,
    changed: Vec<&'static str>,
}

impl From<&Status> for HardwareDocument {
    fn from(status: &Status) -> Self {
        let hardware = &status.hardware;
        let end = match hardware.verdict {
            Some(
                HardwareVerdict::InGrace { until: end }
                | HardwareVerdict::Invalid { since: end, reason: HardwareReason::GraceEnded },
            ) => Some(to_rfc3339(end)),
            _ => None,
        };
        Self {
            verdict: hardware.verdict.map(|verdict| verdict.name()),
            reason: hardware.reason().map(HardwareReason::name),
            grace_end: end,
            changed: hardware.changed.iter().map(|of| of.name()).collect(),
        }
    }
}

/// What the program runs in, in a document.
#[derive(Serialize)]
pub(crate) struct SurroundingsDocument {
    kind: &'static str,
    by: Option<&'static str>,
}

impl From<Virtualization> for SurroundingsDocument {
    fn from(surroundings: Virtualization) -> Self {
        let by = Some(surroundings.by()).filter(|by| !by.is_empty());
        Self { kind: surroundings.name(), by }
    }
}

/// `doctor`.
#[derive(Serialize)]
struct DoctorDocument {
    product: String,
    surroundings: SurroundingsDocument,
    traits: Vec<TraitDocument>,
    /// How long the computer has been running can be read.
    knows_running_time: bool,
    /// These three are null if the store can't be read; if it only can't be written, `error` has
    /// the reason.
    clock: Option<ClockDocument>,
    hardware: Option<HardwareDocument>,
    store: Option<StoreDocument>,
    error: Option<ErrorFields>,
}

#[derive(Serialize)]
struct TraitDocument {
    name: &'static str,
    weight: u32,
    strong: bool,
    state: &'static str,
    /// The licence would stay good if this one alone changed; null where it can't be read.
    may_change: Option<bool>,
    /// What would become of the licence if it alone changed.
    alone: Option<&'static str>,
}

#[derive(Serialize)]
struct StoreDocument {
    kind: &'static str,
    scope: &'static str,
    path: Option<String>,
}

impl From<&TraitReport> for TraitDocument {
    fn from(report: &TraitReport) -> Self {
        Self {
            name: report.which.name(),
            weight: report.weight,
            strong: report.strong,
            state: report.state.name(),
            may_change: report.alone.map(|alone| alone == IfChanged::Passes),
            alone: report.alone.map(IfChanged::name),
        }
    }
}

impl From<&StoreDescription> for StoreDocument {
    fn from(store: &StoreDescription) -> Self {
        let path = store.path.as_ref().map(|path| path.display().to_string());
        Self { kind: store.kind.name(), scope: store.scope.name(), path }
    }
}

/// `latchkey doctor`: also where the licence's place can't be used, which is when people call for
/// one.
///
/// # Errors
/// [`CliError`] when the answer can't be written.
pub(crate) fn doctor(
    config: &Config,
    device: &Result<Device, OpenDeviceError>,
    now: Timestamp,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let examination = diagnose(&config.profile, device, now);
    let status = examination.status.as_ref();
    let document = DoctorDocument {
        product: config.profile.product_name.clone(),
        surroundings: examination.surroundings.into(),
        traits: examination.traits.iter().map(Into::into).collect(),
        knows_running_time: examination.knows_running_time,
        clock: status.ok().map(Into::into),
        hardware: status.ok().map(Into::into),
        store: status.ok().map(|status| (&status.store).into()),
        error: match (status, &examination.refused) {
            (Err(error), _) => Some(explain(error).into()),
            (Ok(_), Some(refused)) => Some(explain(refused).into()),
            (Ok(_), None) => None,
        },
    };
    output.answer(&document, [])?;
    output.reports();
    say_examination(config, output, &examination);
    let is_fine = examination.status.is_ok() && examination.refused.is_none();
    Ok(if is_fine { ExitCode::SUCCESS } else { Exit::Machine.into() })
}

fn say_examination(config: &Config, output: &Output, examination: &Diagnostics) {
    if examination.surroundings == Virtualization::Computer {
        output.say("cli-doctor-computer", &[]);
    }
    say_surroundings(output, examination.surroundings);
    output.say("cli-doctor-traits", &[]);
    for report in &examination.traits {
        say_trait(output, report);
    }
    let running = if examination.knows_running_time { "yes" } else { "no" };
    output.say("cli-doctor-running", &[("can", running.into())]);
    match &examination.status {
        Ok(status) => say_licence(config, output, status, examination.refused.as_ref()),
        Err(error) => {
            let explained = explain(error);
            output.say("cli-doctor-no-store", &[("message", explained.message.into())]);
            output.next(&explained.action);
        }
    }
}

fn say_trait(output: &Output, report: &TraitReport) {
    let name = report.which.name();
    let alone = report.alone.map_or("none", IfChanged::name);
    let values = [
        ("name", ErrorArg::from(text(&format!("wizard-trait-{name}"), &[]))),
        ("weight", u64::from(report.weight).into()),
        ("state", report.state.name().into()),
        ("stable", text(&format!("cli-doctor-stable-{name}"), &[]).into()),
        ("alone", alone.into()),
    ];
    output.say("cli-doctor-trait", &values);
}

fn say_licence(config: &Config, output: &Output, status: &Status, refused: Option<&StoreError>) {
    if status.clock == ClockState::Right {
        let effective = ("effective", ErrorArg::Time(status.effective_now.timestamp()));
        output.say("cli-doctor-clock", &[effective]);
    }
    say_clock(output, &config.profile.product_name, status);
    let path = status.store.path.as_ref().map(|path| path.display().to_string());
    let path = ("path", ErrorArg::from(path.unwrap_or_default()));
    let kind = if refused.is_some() { "unwritable" } else { status.store.kind.name() };
    output.say("cli-doctor-store", &[("kind", kind.into()), path]);
    if let Some(refused) = refused {
        let explained = explain(refused);
        output.line(&explained.message);
        output.next(&explained.action);
    }
    let product = ("product", config.profile.product_name.as_str().into());
    match status.hardware.verdict {
        None => output.say("cli-doctor-not_activated", &[product]),
        Some(HardwareVerdict::Match) => output.say("cli-doctor-passes", &[product]),
        Some(HardwareVerdict::KeyOnly) => output.say("cli-doctor-key_only", &[product]),
        // Nothing was tried here, so nothing has failed.
        Some(_) if status.hardware.is_unrecorded() => {
            let traits = ("traits", ErrorArg::from(named(&status.hardware.changed)));
            output.say("cli-doctor-hardware-unrecorded", &[traits]);
            output.next(&text("cli-doctor-hardware-how", &[]));
        }
        Some(HardwareVerdict::InGrace { .. } | HardwareVerdict::Invalid { .. }) => {
            say_hardware(output, status);
        }
    }
}
