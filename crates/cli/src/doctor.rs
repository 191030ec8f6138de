//! Reports on the computer itself: its clock, its hardware, and whether it is virtual. This has the
//! warnings of `status` and `request`, and the whole `doctor` command.

use std::process::ExitCode;

use latchkey_config::Config;
use latchkey_console::Exit;
use latchkey_device::Timestamp;
use latchkey_device::{
    ClockState, DataDirs, Device, Diagnostics, HardwareReason, HardwareVerdict, IfChanged,
    OpenDeviceError, Scope, Status, StoreError, TraitReport, Virtualization, diagnose,
};
use latchkey_i18n::{explain, text};
use latchkey_token::{ErrorArg, HardwareTrait};

use crate::error::CliError;
use crate::json_documents::{DoctorDocument, other_licences};
use crate::output::Output;

/// Warns about a virtual machine or a container before anything is activated in it.
pub(crate) fn report_virtualization(output: &Output, surroundings: Virtualization) {
    let by = match surroundings.product_name() {
        "" => "none",
        by => by,
    };
    match surroundings {
        Virtualization::Computer => {}
        Virtualization::VirtualMachine { .. } => {
            output.write_message("surroundings-virtual_machine", &[("by", by.into())]);
        }
        Virtualization::Container { .. } => {
            output.write_message("surroundings-container", &[("by", by.into())]);
        }
    }
}

/// Reports what is wrong with the clock, if anything.
pub(crate) fn report_clock(output: &Output, product: &str, status: &Status) {
    let effective = ("effective", ErrorArg::Time(status.effective_now.timestamp()));
    match status.clock {
        ClockState::Right => {}
        ClockState::Ahead { .. } if status.is_over_by_clock_alone() => {
            let expiry = status.licence.as_ref().map(|licence| licence.lease_expiry.timestamp());
            let expiry = ("expiry", ErrorArg::Time(expiry.unwrap_or_default()));
            let product = ("product", product.into());
            output.write_message("cli-status-over-by-clock", &[effective, product, expiry]);
            output.next_step(&text("cli-status-over-by-clock-how", &[]));
        }
        ClockState::Behind { .. } => output.write_message("cli-status-clock", &[effective]),
        ClockState::Ahead { .. } => output.write_message("cli-status-clock-ahead", &[effective]),
    }
}

/// Reports what is wrong with the hardware, if anything.
pub(crate) fn report_hardware(output: &Output, status: &Status) {
    let traits = ("traits", ErrorArg::from(trait_names(&status.hardware.changed)));
    match status.hardware.verdict {
        Some(HardwareVerdict::InGrace { until }) => {
            output.write_message(
                "cli-status-hardware",
                &[traits, ("end", ErrorArg::Time(until.timestamp()))],
            );
            output.next_step(&text("cli-status-hardware-how", &[]));
        }
        Some(HardwareVerdict::Invalid { since, reason }) => {
            let end = ("end", ErrorArg::Time(since.timestamp()));
            match reason {
                HardwareReason::GraceEnded => {
                    output.write_message("cli-status-hardware-over", &[traits, end]);
                }
                HardwareReason::OtherComputer => {
                    output.write_message("cli-status-hardware-other", &[traits])
                }
                HardwareReason::NotRecorded => report_unrecorded_change(output, status, traits),
            }
            output.next_step(&text("cli-status-hardware-how", &[]));
        }
        Some(HardwareVerdict::Match | HardwareVerdict::KeyOnly) | None => {}
    }
}

/// Reports why a change of the hardware couldn't be recorded, and what to do about it.
fn report_unrecorded_change(output: &Output, status: &Status, traits: (&str, ErrorArg)) {
    output.write_message("cli-status-hardware-unrecorded", &[traits]);
    if let Some(refused) = &status.hardware.refused {
        let explained = latchkey_i18n::explain(refused);
        output
            .write_message("cli-status-hardware-refused", &[("message", explained.message.into())]);
    }
    let how = match status.store.scope {
        Scope::Machine => "cli-status-hardware-administrator",
        Scope::User => "cli-status-hardware-writable",
    };
    output.next_step(&text(how, &[]));
}

/// Reports that deactivation tokens haven't been handed in, if there are any.
pub(crate) fn report_undelivered(output: &Output, count: usize) {
    if count > 0 {
        output.write_message("cli-status-outbox", &[("count", count.into())]);
    }
}

/// Names the licences in other stores that run as well, and says how to return them.
pub(crate) fn report_other_licences(output: &Output, product: &str, status: &Status) {
    for other in &status.other_licences {
        let path = other.store.path.as_ref().map(|path| path.display().to_string());
        let kind = ("kind", ErrorArg::from(other.store.kind.name()));
        let path = ("path", ErrorArg::from(path.unwrap_or_default()));
        let values = [
            ("product", product.into()),
            ("seat", other.seat.to_string().into()),
            ("name", other.seat_name.as_str().into()),
            ("expiry", ErrorArg::Time(other.lease_expiry.timestamp())),
            kind.clone(),
            path.clone(),
        ];
        output.write_message("cli-status-other_licence", &values);
        output.next_step(&text("cli-status-other_licence-how", &[kind, path]));
    }
}

/// The names of traits in the user's language.
fn trait_names(traits: &[HardwareTrait]) -> String {
    let names = traits.iter().map(|of| text(&format!("wizard-trait-{}", of.name()), &[]));
    names.collect::<Vec<_>>().join(", ")
}

/// Runs `latchkey doctor`. It also works if the store can't be opened, which is when it is needed
/// most.
///
/// # Errors
/// [`CliError::Output`] if standard output can't be written.
pub(crate) fn doctor(
    config: &Config,
    device: &Result<Device, OpenDeviceError>,
    now: Timestamp,
    output: &Output,
) -> Result<ExitCode, CliError> {
    let diagnostics = diagnose(&config.profile, device, now);
    let status = diagnostics.status.as_ref();
    let document = DoctorDocument {
        product: config.profile.product_name.clone(),
        surroundings: diagnostics.surroundings.into(),
        traits: diagnostics.traits.iter().map(Into::into).collect(),
        knows_running_time: diagnostics.knows_running_time,
        clock: status.ok().map(Into::into),
        hardware: status.ok().map(Into::into),
        store: status.ok().map(|status| (&status.store).into()),
        other_licences: status.ok().map(other_licences).unwrap_or_default(),
        error: match (status, &diagnostics.refused) {
            (Err(error), _) => Some(explain(error).into()),
            (Ok(_), Some(refused)) => Some(explain(refused).into()),
            (Ok(_), None) => None,
        },
    };
    output.write_tokens(&document, [])?;
    output.begin_report();
    report_diagnostics(config, output, &diagnostics);
    if diagnostics.status.is_err() {
        let elsewhere = match device {
            Ok(device) => device.outbox_elsewhere(),
            Err(_) => Device::outboxes_in(&config.profile, &DataDirs::system()),
        };
        report_undelivered(output, elsewhere.len());
    }
    let is_fine = diagnostics.status.is_ok() && diagnostics.refused.is_none();
    Ok(if is_fine { ExitCode::SUCCESS } else { Exit::Machine.into() })
}

fn report_diagnostics(config: &Config, output: &Output, diagnostics: &Diagnostics) {
    if diagnostics.surroundings == Virtualization::Computer {
        output.write_message("cli-doctor-computer", &[]);
    }
    report_virtualization(output, diagnostics.surroundings);
    output.write_message("cli-doctor-traits", &[]);
    for report in &diagnostics.traits {
        report_trait(output, report);
    }
    let running = if diagnostics.knows_running_time { "yes" } else { "no" };
    output.write_message("cli-doctor-running", &[("can", running.into())]);
    match &diagnostics.status {
        Ok(status) => report_licence(config, output, status, diagnostics.refused.as_ref()),
        Err(error) => {
            let explained = explain(error);
            output.write_message("cli-doctor-no-store", &[("message", explained.message.into())]);
            output.next_step(&explained.action);
        }
    }
}

fn report_trait(output: &Output, report: &TraitReport) {
    let name = report.which.name();
    let alone = report.alone.map_or("none", IfChanged::name);
    let values = [
        ("name", ErrorArg::from(text(&format!("wizard-trait-{name}"), &[]))),
        ("weight", u64::from(report.weight).into()),
        ("state", report.state.name().into()),
        ("stable", text(&format!("cli-doctor-stable-{name}"), &[]).into()),
        ("alone", alone.into()),
    ];
    output.write_message("cli-doctor-trait", &values);
}

fn report_licence(config: &Config, output: &Output, status: &Status, refused: Option<&StoreError>) {
    if status.clock == ClockState::Right {
        let effective = ("effective", ErrorArg::Time(status.effective_now.timestamp()));
        output.write_message("cli-doctor-clock", &[effective]);
    }
    report_clock(output, &config.profile.product_name, status);
    let path = status.store.path.as_ref().map(|path| path.display().to_string());
    let path = ("path", ErrorArg::from(path.unwrap_or_default()));
    let kind = if refused.is_some() { "unwritable" } else { status.store.kind.name() };
    output.write_message("cli-doctor-store", &[("kind", kind.into()), path]);
    if let Some(refused) = refused {
        let explained = explain(refused);
        output.write_line(&explained.message);
        output.next_step(&explained.action);
    }
    report_other_licences(output, &config.profile.product_name, status);
    let product = ("product", config.profile.product_name.as_str().into());
    match status.hardware.verdict {
        None => output.write_message("cli-doctor-not_activated", &[product]),
        Some(HardwareVerdict::Match) => output.write_message("cli-doctor-passes", &[product]),
        Some(HardwareVerdict::KeyOnly) => output.write_message("cli-doctor-key_only", &[product]),
        // `doctor` doesn't try to record the change, so no failure is reported.
        Some(_) if status.hardware.is_unrecorded() => {
            let traits = ("traits", ErrorArg::from(trait_names(&status.hardware.changed)));
            output.write_message("cli-doctor-hardware-unrecorded", &[traits]);
            output.next_step(&text("cli-doctor-hardware-how", &[]));
        }
        Some(HardwareVerdict::InGrace { .. } | HardwareVerdict::Invalid { .. }) => {
            report_hardware(output, status);
        }
    }
}
