//! What the commands work on: the product's configuration and this computer's device. Knows no window,
//! so it is tested without one. Everything here may block for minutes, because the keyring may ask the
//! person for a password; nothing of it belongs on the window's thread.

mod paper;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64;
use latchkey_device::Timestamp;
use latchkey_device::config::{Config, ConfigError};
use latchkey_device::time::{from_seconds, to_rfc3339, to_seconds};
use latchkey_device::{
    ApplyOutcome, ClockState, Device, HardwareReason, HardwareVerdict, Inspected, Licence,
    OutboxEntry, OutboxId, Places, State, Status, StoreChoice, StoreError,
};
use latchkey_token::limits::MAX_SEAT_NAME_BYTES;
use latchkey_token::worksheet::Worksheet;
use latchkey_token::{ActivationCode, FeatureValue, Kind, SeatName, Trait};
use latchkey_words::Language;

use crate::cli::Reason;
use crate::error::{Answer, Interrupted};
use crate::files;
use crate::view::{
    AppView, AppliedView, ClockView, ConfigView, DeactivatedView, DetailGroupView, DetailValueView,
    DetailView, DidView, FeatureView, HardwareReasonView, HardwareVerdictView, HardwareView,
    InspectionView, KindView, OpenedView, OutboxView, PendingView, Problem, ProductView,
    ReasonView, RequestView, SeatView, StateView, StatusView, SurroundingsView, TextView,
};

/// Largest logo that is shown, in bytes.
const MAX_LOGO_BYTES: u64 = 512 * 1024;

/// One run of the wizard.
pub struct Session {
    config_file: PathBuf,
    token_files: Vec<PathBuf>,
    reason: Option<Reason>,
    clock: fn() -> Timestamp,
    open: Opener,
    product: Mutex<Option<Product>>,
    /// This user's folder for what is kept between two runs.
    data: Option<PathBuf>,
    /// The rows that are being typed, once they were asked for.
    typing: Mutex<Option<Worksheet>>,
}

/// How a device is opened: tests have folders of their own.
type Opener = Box<dyn Fn(&Config, StoreChoice) -> Answer<Device> + Send + Sync>;

/// The product that the configuration names, and where the person wants the licence kept.
#[derive(Clone)]
struct Product {
    config: Config,
    choice: StoreChoice,
}

impl Session {
    /// A session for a configuration and the token files that were named at the start.
    #[must_use]
    pub fn new(config_file: PathBuf, token_files: Vec<PathBuf>, clock: fn() -> Timestamp) -> Self {
        let open: Opener =
            Box::new(|config, choice| Ok(Device::open(config.profile.clone(), choice)?));
        let data = Places::of_this_computer().user;
        let (product, typing) = (Mutex::new(None), Mutex::new(None));
        Self { config_file, token_files, reason: None, clock, open, product, data, typing }
    }

    /// The same, begun where the product said.
    pub fn because(self, reason: Option<Reason>) -> Self {
        Self { reason, ..self }
    }

    /// Reads the configuration, anew each time: "Try again" means it.
    pub fn app(&self) -> AppView {
        let config = match self.load() {
            Ok(config) => ConfigView::Ready { product: product_view(&config) },
            Err(error) => ConfigView::Broken {
                problem: Problem::of(&error),
                file: self.config_file.display().to_string(),
                line: error.line().and_then(|line| u32::try_from(line).ok()),
                text: error.line().and_then(|line| Config::line(&self.config_file, line)),
            },
        };
        AppView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: Language::of_process().tag().to_owned(),
            config,
            opened: opened(&self.token_files),
            reason: self.reason.map(ReasonView::from),
        }
    }

    /// Reads the configuration. From here on the device can be asked.
    ///
    /// # Errors
    /// The configuration's.
    pub fn load(&self) -> Result<Config, ConfigError> {
        let config = Config::load(&self.config_file)?;
        let mut product = self.product();
        // The same file read again doesn't undo the person's choice.
        let choice = product.take().map_or(StoreChoice::Policy, |product| product.choice);
        *product = Some(Product { config: config.clone(), choice });
        Ok(config)
    }

    /// The name of the product, once the configuration was read.
    pub fn product_name(&self) -> Option<String> {
        self.product().as_ref().map(|product| product.config.profile.product_name.clone())
    }

    /// How it stands with the licence.
    ///
    /// # Errors
    /// The device's.
    pub fn status(&self) -> Answer<StatusView> {
        let status = self.device()?.status((self.clock)())?;
        Ok(status_view(&status))
    }

    /// Asks a person to compare a code that looks mistyped, before the way to the portal. A vendor's own code may look like
    /// that as well, so a request can be made with it all the same.
    ///
    /// # Errors
    /// The code's, and the doubt about it.
    pub fn compare_code(&self, code: &str) -> Answer<()> {
        let code: ActivationCode = code.parse()?;
        match code.doubt() {
            Some(doubt) => Err(doubt.into()),
            None => Ok(()),
        }
    }

    /// Makes a request. The code goes no further than this.
    ///
    /// # Errors
    /// The code's, the seat name's and the device's.
    pub fn request(&self, code: &str, seat_name: &str) -> Answer<RequestView> {
        let code = code.parse()?;
        let seat_name = SeatName::new(seat_name)?;
        let request = self.device()?.request(&code, &seat_name, (self.clock)())?;
        Ok(RequestView { token: request.token.to_string(), status: self.status()? })
    }

    /// The same for the licence that is here, while it runs.
    ///
    /// # Errors
    /// The code's, the seat name's and the device's.
    pub fn request_renewal(&self, code: &str, seat_name: &str) -> Answer<RequestView> {
        let code = code.parse()?;
        let seat_name = SeatName::new(seat_name)?;
        let request = self.device()?.request_renewal(&code, Some(&seat_name), (self.clock)())?;
        Ok(RequestView { token: request.token.to_string(), status: self.status()? })
    }

    /// The newest request that waits, shown again. None: there is none any more.
    ///
    /// # Errors
    /// The device's.
    pub fn pending_request(&self) -> Answer<Option<RequestView>> {
        let Some(request) = self.device()?.pending_request()? else { return Ok(None) };
        Ok(Some(RequestView { token: request.token.to_string(), status: self.status()? }))
    }

    /// Drops every request that waits.
    ///
    /// # Errors
    /// The device's.
    pub fn cancel_request(&self) -> Answer<StatusView> {
        self.device()?.cancel_pending((self.clock)())?;
        self.status()
    }

    /// What is in a text, and what applying it would do.
    ///
    /// # Errors
    /// The device's; what is wrong with the text is no error but the answer.
    pub fn inspect(&self, text: &str) -> Answer<InspectionView> {
        match self.device()?.inspect(text, (self.clock)()) {
            Ok(found) => Ok(inspection(&found)),
            Err(error) => Ok(InspectionView::Error { problem: error.into(), kind: None }),
        }
    }

    /// Applies what is in a text.
    ///
    /// # Errors
    /// The device's, and the reason why nothing in the text was applied.
    pub fn apply(&self, text: &str) -> Answer<AppliedView> {
        let applied = self.device()?.apply(text, (self.clock)())?;
        let mut did = None;
        let mut refused = None;
        for token in applied {
            match token.outcome {
                ApplyOutcome::Activated(_) => did = Some(DidView::Activated),
                ApplyOutcome::Refreshed(_) if did != Some(DidView::Activated) => {
                    did = Some(DidView::Refreshed);
                }
                ApplyOutcome::AlreadyApplied(_) => did = did.or(Some(DidView::AlreadyApplied)),
                ApplyOutcome::Refused(error) => refused = refused.or(Some(error)),
                ApplyOutcome::Refreshed(_) | ApplyOutcome::NotForThisComputer => {}
            }
        }
        match (did, refused) {
            (Some(did), _) => {
                // What was typed is in use now. What can't be removed is typed over next time.
                let _ = self.clear_worksheet();
                Ok(AppliedView { did, status: self.status()? })
            }
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err(Interrupted.into()),
        }
    }

    /// Takes the licence off this computer and gives the token for it.
    ///
    /// # Errors
    /// The device's.
    pub fn deactivate(&self) -> Answer<DeactivatedView> {
        let entry = self.device()?.deactivate((self.clock)())?;
        Ok(DeactivatedView { id: entry.id.to_string(), status: self.status()? })
    }

    /// A deactivation was handed in.
    ///
    /// # Errors
    /// The device's.
    pub fn confirm_delivered(&self, id: &str) -> Answer<StatusView> {
        let id: OutboxId = id.parse()?;
        self.device()?.confirm_delivered(id, (self.clock)())?;
        self.status()
    }

    /// From here on the licence is kept in a file: what a person without a keyring chooses. The choice is
    /// remembered by the file itself.
    ///
    /// # Errors
    /// The device's.
    pub fn use_file_store(&self) -> Answer<StatusView> {
        if let Some(product) = self.product().as_mut() {
            product.choice = StoreChoice::File;
        }
        self.status()
    }

    /// What support asks for. No secrets.
    ///
    /// # Errors
    /// The device's.
    pub fn details(&self) -> Answer<Vec<DetailView>> {
        let product = self.product().clone().ok_or(Interrupted)?;
        let status = self.device()?.status((self.clock)())?;
        Ok(details(&product.config, &self.config_file, &status))
    }

    fn device(&self) -> Answer<Device> {
        let Product { config, choice } = self.product().clone().ok_or(Interrupted)?;
        (self.open)(&config, choice)
    }

    fn product(&self) -> MutexGuard<'_, Option<Product>> {
        self.product.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of token files that the wizard was started with. None: there were no files.
pub(crate) fn opened(token_files: &[PathBuf]) -> Option<OpenedView> {
    (!token_files.is_empty()).then(|| {
        files::read_all(token_files).map_or_else(
            |problem| OpenedView::Unreadable { problem },
            |TextView { text, skipped }| OpenedView::Text { text, skipped },
        )
    })
}

fn product_view(config: &Config) -> ProductView {
    ProductView {
        vendor: config.profile.vendor_name.clone(),
        name: config.profile.product_name.clone(),
        portal: config.portal.clone(),
        help: config.help.clone(),
        accent: config.look.accent.clone(),
        logo: config.look.logo.as_deref().and_then(logo),
        computer_name: computer_name(),
        file_helps_against: if config.profile.store.offers_file() {
            StoreError::HELPED_BY_A_FILE.map(|code| code.name.to_owned()).to_vec()
        } else {
            Vec::new()
        },
        max_seat_name_bytes: MAX_SEAT_NAME_BYTES as u32,
    }
}

/// The computer's own name, cut to what a seat name may have.
fn computer_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    let mut name: String = name.chars().filter(|character| !character.is_control()).collect();
    while name.len() > MAX_SEAT_NAME_BYTES {
        name.pop();
    }
    latchkey_device::telling_name(&name)
}

/// The language that a product's users are spoken to in: what the environment asks for, if the vendor
/// has it on their list; else the first of the list.
#[must_use]
pub fn language(config: &Config, environment: Language) -> Language {
    let offered: Vec<_> =
        config.look.languages.iter().filter_map(|tag| Language::for_tag(tag)).collect();
    match offered.first() {
        Some(first) if !offered.contains(&environment) => *first,
        _ => environment,
    }
}

/// A picture as an address that the content-security policy allows: in a picture a web view runs no script
/// and follows no link. A logo that can't be shown is no reason to stop: the product's first letter stands in.
fn logo(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = latchkey_files::open_named(path).ok()?;
    file.take(MAX_LOGO_BYTES + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_LOGO_BYTES {
        return None;
    }
    let kind = match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "svg" if std::str::from_utf8(&bytes).ok()?.contains("<svg") => "svg+xml",
        "png" if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => "png",
        _ => return None,
    };
    Some(format!("data:image/{kind};base64,{}", BASE64.encode(&bytes)))
}

/// A time as the pages get it: whole seconds, RFC 3339 in UTC.
fn rfc3339(time: Timestamp) -> String {
    to_rfc3339(from_seconds(to_seconds(time)))
}

fn status_view(status: &Status) -> StatusView {
    StatusView {
        now: rfc3339(status.effective_now),
        state: match status.state {
            State::NotActivated => StateView::NotActivated,
            State::Active => StateView::Active,
            State::LeaseExpired => StateView::LeaseExpired,
        },
        in_grace: status.licence.as_ref().is_some_and(|licence| licence.in_grace),
        seat: status.licence.as_ref().map(seat_view),
        pending_requests: u32::try_from(status.pending_requests).unwrap_or(u32::MAX),
        pending: status.newest_request.as_ref().map(|request| PendingView {
            seat_name: request.seat_name.clone(),
            created_at: rfc3339(request.created_at),
        }),
        outbox: status.outbox.iter().map(outbox_view).collect(),
        outbox_has_room: status.outbox.len() < latchkey_device::MAX_OUTBOX,
        may_request: status.may_request(),
        clock: match status.clock {
            ClockState::Right => ClockView::Right,
            ClockState::Behind { .. } => ClockView::Behind,
            ClockState::Ahead { .. } => ClockView::Ahead,
        },
        over_by_clock: status.is_over_by_clock_alone(),
        hardware: status.hardware.verdict.map(|verdict| HardwareView {
            verdict: match verdict {
                HardwareVerdict::Passes => HardwareVerdictView::Passes,
                HardwareVerdict::KeyOnly => HardwareVerdictView::KeyOnly,
                HardwareVerdict::InGrace { .. } => HardwareVerdictView::InGrace,
                HardwareVerdict::Over { .. } => HardwareVerdictView::Over,
            },
            reason: status.hardware.reason().map(|reason| match reason {
                HardwareReason::GraceEnded => HardwareReasonView::GraceEnded,
                HardwareReason::OtherComputer => HardwareReasonView::OtherComputer,
                HardwareReason::NotRecorded => HardwareReasonView::NotRecorded,
            }),
            until: match verdict {
                HardwareVerdict::InGrace { until: end }
                | HardwareVerdict::Over { since: end, .. } => Some(rfc3339(end)),
                HardwareVerdict::Passes | HardwareVerdict::KeyOnly => None,
            },
            changed: status.hardware.changed.iter().map(trait_name).collect(),
        }),
        surroundings: SurroundingsView {
            kind: status.surroundings.name().to_owned(),
            by: match status.surroundings.by() {
                "" => "none".to_owned(),
                by => by.to_owned(),
            },
        },
    }
}

fn trait_name(of: &Trait) -> String {
    latchkey_words::text(&format!("wizard-trait-{}", of.name()), &[])
}

fn seat_view(licence: &Licence) -> SeatView {
    SeatView {
        id: licence.seat.to_string(),
        name: licence.seat_name.clone(),
        activated_at: rfc3339(licence.activated_at),
        lease_start: rfc3339(licence.lease_start),
        lease_expiry: rfc3339(licence.lease_expiry),
        grace_end: (licence.grace_end > licence.lease_expiry).then(|| rfc3339(licence.grace_end)),
        features: licence
            .features
            .iter()
            .filter_map(|feature| {
                let count = match feature.value {
                    FeatureValue::Bool(true) => None,
                    FeatureValue::Bool(false) => return None,
                    FeatureValue::Number(count) => Some(count),
                };
                Some(FeatureView { key: feature.key.clone(), count })
            })
            .collect(),
    }
}

fn outbox_view(entry: &OutboxEntry) -> OutboxView {
    OutboxView {
        id: entry.id.to_string(),
        seat_id: entry.seat.to_string(),
        created_at: rfc3339(entry.created_at),
        token: entry.token.to_string(),
    }
}

fn kind_view(kind: Kind) -> KindView {
    match kind {
        Kind::Request => KindView::Request,
        Kind::Response => KindView::Response,
        Kind::Refresh => KindView::Refresh,
        Kind::Deactivation => KindView::Deactivation,
    }
}

/// The one thing that a text means to this person: what can be applied, else what is in use already, else
/// the first thing that is wrong.
fn inspection(found: &[Inspected]) -> InspectionView {
    let ready = found.iter().rev().find_map(|token| match &token.outcome {
        ApplyOutcome::Activated(licence) | ApplyOutcome::Refreshed(licence) => {
            Some((token, licence))
        }
        _ => None,
    });
    if let Some((token, licence)) = ready {
        return InspectionView::Ready {
            kind: kind_view(token.kind),
            lease_expiry: Some(rfc3339(licence.lease_expiry)),
            repaired: u32::try_from(token.repaired).unwrap_or(u32::MAX),
            tokens: u32::try_from(found.len()).unwrap_or(u32::MAX),
        };
    }
    let already =
        found.iter().find(|token| matches!(token.outcome, ApplyOutcome::AlreadyApplied(_)));
    if let Some(token) = already {
        return InspectionView::AlreadyApplied { kind: kind_view(token.kind) };
    }
    let wrong = found.iter().find_map(|token| match &token.outcome {
        ApplyOutcome::Refused(error) => Some((token, error)),
        _ => None,
    });
    match wrong {
        Some((token, error)) => {
            InspectionView::Error { problem: Problem::of(error), kind: Some(kind_view(token.kind)) }
        }
        None => InspectionView::Error { problem: Interrupted.into(), kind: None },
    }
}

/// The details by group, in the order in which they are shown.
fn details(config: &Config, config_file: &Path, status: &Status) -> Vec<DetailView> {
    use DetailGroupView::{Computer, Licence, Programme};

    let text = |text: String| Some(DetailValueView::Text { text });
    let word = |word: &str| Some(DetailValueView::Word { word: word.to_owned() });
    let time = |time: Timestamp| Some(DetailValueView::Time { time: rfc3339(time) });
    let listed = |ids: Vec<String>| (!ids.is_empty()).then(|| text(ids.join(", "))).flatten();

    let profile = &config.profile;
    let licence = status.licence.as_ref();
    let keys = profile.vendor_keys.iter().map(|key| key.id().to_string()).collect();
    let named = |traits: &[Trait]| listed(traits.iter().map(trait_name).collect());

    let mut rows = vec![(Licence, "state", word(status.state.name()))];
    if let Some(licence) = licence {
        rows.extend([
            (Licence, "mode", word("offline")),
            (Licence, "seat_name", text(licence.seat_name.clone())),
            (Licence, "seat_id", text(licence.seat.to_string())),
            (Licence, "activated_at", time(licence.activated_at)),
            (Licence, "lease_start", time(licence.lease_start)),
            (Licence, "lease_expiry", time(licence.lease_expiry)),
            (
                Licence,
                "grace_end",
                (licence.grace_end > licence.lease_expiry)
                    .then(|| time(licence.grace_end))
                    .flatten(),
            ),
            (Licence, "in_grace", word(if licence.in_grace { "yes" } else { "no" })),
            (Licence, "subscription_end", licence.subscription_end.and_then(time)),
            (Licence, "features", listed(licence.features.iter().map(feature_text).collect())),
            (
                Licence,
                "attributes",
                listed(
                    licence
                        .attributes
                        .iter()
                        .map(|(key, value)| format!("{key} = {value}"))
                        .collect(),
                ),
            ),
            (Licence, "signer", text(licence.signer.to_string())),
        ]);
    }
    rows.extend([
        (Licence, "pending_requests", text(status.pending_requests.to_string())),
        (Licence, "outbox", text(status.outbox.len().to_string())),
        (Computer, "now", time(status.effective_now)),
        (Computer, "clock", word(status.clock.name())),
        (Computer, "store", word(status.store.kind.name())),
        (
            Computer,
            "store_path",
            status.store.path.as_ref().and_then(|path| text(path.display().to_string())),
        ),
        (Computer, "scope", word(status.store.scope.name())),
        (Computer, "device_key_id", status.device_key.and_then(|key| text(key.to_string()))),
        (Computer, "hardware", status.hardware.verdict.and_then(|verdict| word(verdict.name()))),
        (Computer, "changed_traits", named(&status.hardware.changed)),
        (Computer, "traits", named(&status.traits)),
        (Computer, "surroundings", word(status.surroundings.name())),
        (Computer, "system", text(format!("{} {}", std::env::consts::OS, std::env::consts::ARCH))),
        (Programme, "version", text(env!("CARGO_PKG_VERSION").to_owned())),
        (Programme, "vendor", text(profile.vendor_name.clone())),
        (Programme, "vendor_id", text(profile.vendor.to_string())),
        (Programme, "product", text(profile.product_name.clone())),
        (Programme, "product_number", text(profile.product.to_string())),
        (Programme, "key_ids", listed(keys)),
        (Programme, "config", text(config_file.display().to_string())),
    ]);
    // Where there is no file and no key yet, there is nothing to say about them.
    rows.retain(|(_, key, value)| {
        value.is_some()
            || !matches!(*key, "store_path" | "device_key_id" | "hardware" | "changed_traits")
    });
    rows.into_iter()
        .map(|(group, key, value)| DetailView { group, key: key.to_owned(), value })
        .collect()
}

fn feature_text(feature: &latchkey_device::LicensedFeature) -> String {
    match feature.value {
        FeatureValue::Bool(value) => format!("{} = {value}", feature.key),
        FeatureValue::Number(value) => format!("{} = {value}", feature.key),
    }
}

#[cfg(test)]
mod tests;
