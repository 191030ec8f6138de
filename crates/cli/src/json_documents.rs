//! The JSON documents of the commands. Their fields are a stable interface.

use std::collections::BTreeMap;

use latchkey_device::time::to_rfc3339;
use latchkey_device::{
    Applied, ApplyOutcome, ClockState, FeatureKind, HardwareReason, HardwareVerdict, IfChanged,
    InspectedToken, LicensedFeature, OtherLicence, OutboxEntry, PendingRequest, Recipient, Status,
    StoreDescription, TraitReport, Virtualization, days_left,
};
use latchkey_i18n::{Explained, explain};
use latchkey_token::{CodeDoubt, FeatureValue, Kind};
use serde::Serialize;

use crate::check::{Finding, Severity};
use crate::output::ErrorFields;

/// The document of `request`.
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
    pub(crate) fn new(request: &PendingRequest, doubt: Option<&CodeDoubt>) -> Self {
        Self {
            token: request.token.to_string(),
            request_id: request.summary.request.to_string(),
            seat_name: request.summary.seat_name.clone(),
            created_at: to_rfc3339(request.summary.created_at),
            code_doubt: doubt.map(|doubt| explain(doubt).into()),
        }
    }
}

/// A deactivation token: the document of `deactivate`, and an entry of the outbox.
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

/// The document of `outbox`.
#[derive(Serialize)]
pub(crate) struct OutboxDocument {
    pub(crate) outbox: Vec<DeactivationDocument>,
}

/// The document of `apply` and `inspect`.
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
    pub(crate) fn from_applied(applied: &Applied) -> Self {
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

    /// `token` is the repaired text. The outcome is `refused` only if the token is damaged; whether
    /// it could be applied here is in `apply`.
    pub(crate) fn from_inspected(inspected: &InspectedToken) -> Self {
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

/// The document of `status`.
#[derive(Serialize)]
pub(crate) struct StatusDocument {
    state: &'static str,
    /// Always `offline` with a licence, and null without one. Licences from an API in an isolated
    /// network would be `online`.
    mode: Option<&'static str>,
    product: String,
    seat_id: Option<String>,
    seat_name: Option<String>,
    activated_at: Option<String>,
    lease_expiry: Option<String>,
    in_grace: bool,
    /// Days until the lease ends, rounded up: 1 within the last 24 hours, 0 once it has ended.
    days_left: Option<u32>,
    /// Days until the product stops, including the grace period; 0 if it doesn't run.
    days_until_stop: Option<u32>,
    features: BTreeMap<String, FeatureDocument>,
    attributes: BTreeMap<String, String>,
    pending_requests: usize,
    outbox: Vec<DeactivationDocument>,
    /// Whether the product runs: its lease or grace hasn't ended, and this is the computer that was
    /// activated.
    may_run: bool,
    clock: ClockDocument,
    hardware: HardwareDocument,
    surroundings: SurroundingsDocument,
    other_licences: Vec<OtherLicenceDocument>,
}

/// A licence in another store that runs as well.
#[derive(Serialize)]
pub(crate) struct OtherLicenceDocument {
    seat_id: String,
    seat_name: String,
    lease_expiry: String,
    store: StoreDocument,
}

pub(crate) fn other_licences(status: &Status) -> Vec<OtherLicenceDocument> {
    let document = |other: &OtherLicence| OtherLicenceDocument {
        seat_id: other.seat.to_string(),
        seat_name: other.seat_name.clone(),
        lease_expiry: to_rfc3339(other.lease_expiry),
        store: (&other.store).into(),
    };
    status.other_licences.iter().map(document).collect()
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
            other_licences: other_licences(status),
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

/// The state of the clock.
#[derive(Serialize)]
pub(crate) struct ClockDocument {
    state: &'static str,
    /// How far the computer's clock is behind or ahead, in seconds.
    by_seconds: Option<i64>,
    /// Whether the clock is the only reason why the licence doesn't run. It runs again once the
    /// clock is right.
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

/// How the hardware compares with the one that was activated.
#[derive(Serialize)]
pub(crate) struct HardwareDocument {
    /// Null without a licence.
    verdict: Option<&'static str>,
    /// Why the hardware stops the product, if it does.
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

/// The virtual machine or container that the program runs in.
#[derive(Serialize)]
pub(crate) struct SurroundingsDocument {
    kind: &'static str,
    by: Option<&'static str>,
}

impl From<Virtualization> for SurroundingsDocument {
    fn from(surroundings: Virtualization) -> Self {
        let by = Some(surroundings.product_name()).filter(|by| !by.is_empty());
        Self { kind: surroundings.name(), by }
    }
}

/// The document of `doctor`.
#[derive(Serialize)]
pub(crate) struct DoctorDocument {
    pub(crate) product: String,
    pub(crate) surroundings: SurroundingsDocument,
    pub(crate) traits: Vec<TraitDocument>,
    /// Whether the system reports how long the computer has been running.
    pub(crate) knows_running_time: bool,
    /// `clock`, `hardware` and `store` are null if the store can't be read. If it just can't be
    /// written, they are there, and `error` has the reason.
    pub(crate) clock: Option<ClockDocument>,
    pub(crate) hardware: Option<HardwareDocument>,
    pub(crate) store: Option<StoreDocument>,
    pub(crate) other_licences: Vec<OtherLicenceDocument>,
    pub(crate) error: Option<ErrorFields>,
}

#[derive(Serialize)]
pub(crate) struct TraitDocument {
    name: &'static str,
    weight: u32,
    strong: bool,
    state: &'static str,
    /// Whether the licence would stay valid if only this trait changed; null if the trait can't be
    /// read.
    may_change: Option<bool>,
    /// What would happen to the licence if only this trait changed.
    alone: Option<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct StoreDocument {
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

/// The answer of `config check`.
#[derive(Serialize)]
pub(crate) struct CheckDocument<'f> {
    file: &'f str,
    findings: Vec<FindingDocument>,
}

/// Something that was found in a configuration.
#[derive(Serialize)]
struct FindingDocument {
    code: &'static str,
    severity: Severity,
    message: String,
    action: String,
}

impl<'f> CheckDocument<'f> {
    pub(crate) fn new(file: &'f str, findings: &[Finding]) -> Self {
        let document = |finding: &Finding| {
            let Explained { code, message, action, .. } = explain(finding);
            FindingDocument { code, severity: finding.severity(), message, action }
        };
        Self { file, findings: findings.iter().map(document).collect() }
    }
}
