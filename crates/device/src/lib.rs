//! This computer's side of a licence: its operations, the vault that stores it and the computer's
//! fingerprint.
//!
//! This crate contains what the wizard, the command line and the product have in common. It
//! contains no sentences for people and no windows. Callers pass in the time; only the choice
//! between several licences reads the clock.
//!
//! ```no_run
//! use latchkey_config::Config;
//! use latchkey_device::{Device, StoreChoice};
//!
//! # let now = latchkey_lease::Timestamp::UNIX_EPOCH;
//! let config = Config::load("latchkey.toml".as_ref())?;
//! let device = Device::open(config.profile, StoreChoice::Policy)?;
//! let request = device.request(&"ACME-B10E-2V26".parse()?, &Default::default(), now)?;
//! println!("{}", request.token);
//! for applied in device.apply("… the mail with the response …", now)? {
//!     println!("{}: {}", applied.kind, applied.outcome.name());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod change_stamp;
mod device;
mod diagnostics;
mod error;
mod fingerprint;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod hardware_grace;
mod hostname;
mod key_registry;
mod licence_view;
mod lock;
mod paths;
pub mod simulated;
mod snapshot;
mod status;
mod store;
mod store_contents;
#[cfg(test)]
mod tests;
mod vault;
mod with_status;

pub use device::Device;
pub use diagnostics::{Diagnostics, IfChanged, TraitReport, TraitState, diagnose};
pub use error::{
    ApplyError, CODES, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError, StoreError, StoredAt, TokenError, VaultError, codes,
};
pub use fingerprint::{Virtualization, virtualization};
pub use hostname::{computer_name, distinguishable_name};
pub use latchkey_config::{FeatureDefinition, FeatureKind, Profile, Scope, StoreKind, StorePolicy};
pub use latchkey_lease::{
    ClockState, HardwareReason, HardwareVerdict, TimeLeft, Timestamp, days_left, time,
};
pub use paths::{DataDirs, StoreChoice};
pub use snapshot::Snapshot;
pub use status::{
    Applied, ApplyOutcome, Hardware, InspectedToken, Licence, LicensedFeature, OtherLicence,
    OutboxEntry, OutboxId, PendingRequest, PendingSummary, ReadableOutbox, Recipient, State,
    Status, StoreDescription,
};
pub use store_contents::StoreContents;
pub use with_status::WithStatus;
