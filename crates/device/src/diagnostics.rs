//! Diagnostics of this computer, and what would happen to a licence if some of it changed. They
//! contain the names of traits, never their values.

use latchkey_config::{Profile, Scope};
use latchkey_lease::Timestamp;
use latchkey_lease::{HardwareMatch, compare, is_strong, weight};
use latchkey_token::HardwareTrait;

use crate::device::Device;
use crate::error::{OpenDeviceError, StatusError, StoreError, VaultError};
use crate::fingerprint::{self, TraitValues, Virtualization};
use crate::status::{Hardware, Status, StoreDescription};

/// The result of [`diagnose`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// The environment that this program runs in.
    pub surroundings: Virtualization,
    /// Whether the computer's running time can be read, so that a wrong wall clock does little
    /// harm.
    pub knows_running_time: bool,
    /// All traits in their order.
    pub traits: Vec<TraitReport>,
    /// The status of the licence, or why it is unavailable.
    pub status: Result<Status, StatusError>,
    /// Why the licence's file can't be written, if it can be read.
    pub refused: Option<StoreError>,
}

/// One hardware trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraitReport {
    /// The trait.
    pub which: HardwareTrait,
    /// Its significance for the computer's identity.
    pub weight: u32,
    /// Whether it is strong: two of these have to match, or the only one that can be read.
    pub strong: bool,
    /// Its state.
    pub state: TraitState,
    /// What would happen to a licence if only this trait changed. `None` if it can't be read.
    pub alone: Option<IfChanged>,
}

/// What happens to a licence when a trait changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IfChanged {
    /// It stays valid.
    Passes,
    /// A grace period of seven days begins.
    Grace,
    /// The computer would count as another one.
    Other,
}

impl IfChanged {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Grace => "grace",
            Self::Other => "other",
        }
    }
}

/// The state of a trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraitState {
    /// This process can't read it, or the computer doesn't have it.
    Unreadable,
    /// It can be read, but there is no licence to compare it with, or it couldn't be read when the
    /// licence was granted.
    Readable,
    /// It is the same as when the licence was granted.
    Same,
    /// It has changed since.
    Changed,
}

impl TraitState {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Readable => "readable",
            Self::Same => "same",
            Self::Changed => "changed",
        }
    }
}

/// Examines this computer, and the licence if possible. Writes nothing.
#[must_use]
pub fn diagnose(
    profile: &Profile,
    device: &Result<Device, OpenDeviceError>,
    now: Timestamp,
) -> Diagnostics {
    let values = device.as_ref().map_or_else(|_| fingerprint::read(), Device::trait_values);
    let status = match device {
        Ok(device) => device.read_status(now),
        Err(OpenDeviceError::Store(error)) => Err(VaultError::Store(error.clone()).into()),
    };
    let refused = status.as_ref().ok().and_then(|status| refused_write(&status.store));
    let hardware = status.as_ref().map(|status| status.hardware.clone()).unwrap_or_default();
    let report = |which| report(profile, &values, &hardware, which);
    Diagnostics {
        surroundings: fingerprint::virtualization(),
        knows_running_time: latchkey_uptime::read().is_some(),
        traits: HardwareTrait::ALL.into_iter().map(report).collect(),
        status,
        refused,
    }
}

/// Why a file can't be written, as far as the system reports it without an attempt. That an
/// ordinary user can't write a machine's licence is intended.
fn refused_write(store: &StoreDescription) -> Option<StoreError> {
    let path = store.path.as_ref()?;
    // Replacing a file changes its folder; a missing folder is created in its nearest existing
    // parent.
    let folder = path.ancestors().skip(1).find(|folder| folder.exists())?;
    #[cfg(unix)]
    let error: std::io::Error =
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).err()?.into();
    // On Windows, a folder's attribute doesn't decide who may write into it.
    #[cfg(not(unix))]
    let error: std::io::Error = std::fs::metadata(folder).err()?;
    let error = StoreError::from_io(&error, path);
    let is_theirs = store.scope == Scope::Machine && matches!(error, StoreError::Permission { .. });
    (!is_theirs).then_some(error)
}

fn report(
    profile: &Profile,
    values: &TraitValues,
    hardware: &Hardware,
    which: HardwareTrait,
) -> TraitReport {
    let readable = values.contains_key(&which);
    let state = match (hardware.compared.contains(&which), hardware.changed.contains(&which)) {
        _ if !readable => TraitState::Unreadable,
        (false, _) => TraitState::Readable,
        (true, false) => TraitState::Same,
        (true, true) => TraitState::Changed,
    };
    // Only compared traits count; without a licence, those that one would be granted for now.
    let mut counting = values.clone();
    if hardware.verdict.is_some() {
        counting.retain(|which, _| hardware.compared.contains(which));
    }
    let with_another = |counting: &TraitValues| {
        let before = fingerprint::hash_traits(counting, profile.vendor, profile.product).traits;
        let mut changed = counting.clone();
        changed.entry(which).and_modify(|value| value.push_str(" that is another"));
        let after = fingerprint::hash_traits(&changed, profile.vendor, profile.product).traits;
        match compare(&before, &after) {
            HardwareMatch::Same(_) | HardwareMatch::Unknown => IfChanged::Passes,
            HardwareMatch::Changed => IfChanged::Grace,
            HardwareMatch::Different => IfChanged::Other,
        }
    };
    let alone = readable.then(|| with_another(&counting));
    TraitReport { which, weight: weight(which), strong: is_strong(which), state, alone }
}
