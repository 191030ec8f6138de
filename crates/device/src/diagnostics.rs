//! What can be seen of this computer, and what would happen if some of it changed: for a person who asks whether
//! a licence is safe here. Names of traits only, never their values.

use latchkey_lease::Timestamp;
use latchkey_lease::{HardwareMatch, compare, is_strong, weight};
use latchkey_token::HardwareTrait;

use crate::device::Device;
use crate::error::{OpenDeviceError, StatusError, StoreError, VaultError};
use crate::fingerprint::{self, TraitValues, Virtualization};
use crate::profile::{Profile, Scope};
use crate::status::{Hardware, Status, StoreDescription};

/// What [`examine`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// What this program runs in.
    pub surroundings: Virtualization,
    /// How long the computer has been running can be read, so that a wrong wall clock does little harm.
    pub knows_running_time: bool,
    /// Every trait that there is, in their order.
    pub traits: Vec<TraitReport>,
    /// How it stands with the licence, or why that can't be said.
    pub status: Result<Status, StatusError>,
    /// Why the licence's file can't be written, where it can be read.
    pub refused: Option<StoreError>,
}

/// One hardware trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraitReport {
    /// Which one.
    pub which: HardwareTrait,
    /// What it says about the computer's identity.
    pub weight: u32,
    /// Two of these have to agree, or the only one that can be read.
    pub strong: bool,
    /// What can be said of it.
    pub state: TraitState,
    /// What would become of a licence if it alone changed from now on. `None` where it can't be read.
    pub alone: Option<IfChanged>,
}

/// What becomes of a licence when a trait changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IfChanged {
    /// It stays good.
    Passes,
    /// Seven days to put that right begin.
    Grace,
    /// It would be another computer.
    Other,
}

impl IfChanged {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Grace => "grace",
            Self::Other => "other",
        }
    }
}

/// What can be said of a trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraitState {
    /// This process can't read it, or the computer doesn't have it.
    Unreadable,
    /// It can be read; there is no licence to compare it with, or it couldn't be read when that was granted.
    Readable,
    /// It is what it was when the licence was granted.
    Same,
    /// It isn't.
    Changed,
}

impl TraitState {
    /// Stable lower-case name.
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

/// Looks at this computer, and at the licence if it can. Writes nothing.
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

/// Why a file can't be written, as far as the system says so without a try. That an ordinary user can't write a
/// machine's licence is as it should be.
fn refused_write(store: &StoreDescription) -> Option<StoreError> {
    let path = store.path.as_ref()?;
    // What is replaced is an entry of the folder; one that is missing is made in the first one that is there.
    let folder = path.ancestors().skip(1).find(|folder| folder.exists())?;
    #[cfg(unix)]
    let error: std::io::Error =
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).err()?.into();
    // There the attribute of a folder says nothing of what may be written into it.
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
    // Only what was compared counts; without a licence, what one would be granted for now.
    let mut counting = values.clone();
    if hardware.verdict.is_some() {
        counting.retain(|which, _| hardware.compared.contains(which));
    }
    let with_another = |counting: &TraitValues| {
        let before = fingerprint::hashed(counting, profile.vendor, profile.product).traits;
        let mut changed = counting.clone();
        changed.entry(which).and_modify(|value| value.push_str(" that is another"));
        let after = fingerprint::hashed(&changed, profile.vendor, profile.product).traits;
        match compare(&before, &after) {
            HardwareMatch::Same(_) | HardwareMatch::Unknown => IfChanged::Passes,
            HardwareMatch::Changed => IfChanged::Grace,
            HardwareMatch::Different => IfChanged::Other,
        }
    };
    let alone = readable.then(|| with_another(&counting));
    TraitReport { which, weight: weight(which), strong: is_strong(which), state, alone }
}
