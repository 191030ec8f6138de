//! The results of operations: states and outcomes, which are expected and not errors.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use latchkey_config::{FeatureKind, Scope, StoreKind};
use latchkey_lease::time::earlier;
use latchkey_lease::{ClockState, HardwareReason, HardwareVerdict};
use latchkey_lease::{LATEST, Timestamp};
use latchkey_token::{
    Attributes, FeatureValue, HardwareTrait, IdError, KeyId, Kind, RequestId, SeatId, Token,
};

use crate::error::{OutboxError, StoreError, TokenError};
use crate::fingerprint::Virtualization;

/// The state of the licence on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// There is no licence.
    NotActivated,
    /// There is a licence, and its lease is running.
    Active,
    /// There is a licence whose lease no longer holds: it has expired ([`Licence::in_grace`] tells
    /// whether the product still runs), or the hardware's grace has
    /// ([`HardwareVerdict::Invalid`]; the product doesn't run).
    LeaseExpired,
}

impl State {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotActivated => "not_activated",
            Self::Active => "active",
            Self::LeaseExpired => "lease_expired",
        }
    }
}

/// The complete status of the licence on this computer that a person or a product may see. It
/// contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The state of the licence.
    pub state: State,
    /// The licence, unless the state is [`State::NotActivated`].
    pub licence: Option<Licence>,
    /// The number of requests whose response would be accepted.
    pub pending_requests: usize,
    /// The newest of them.
    pub newest_request: Option<PendingSummary>,
    /// Deactivations whose delivery hasn't been confirmed, oldest first. Empty for a user who reads
    /// a machine's licence without being an administrator: their tokens need the device's secret,
    /// and [`crate::Device::outbox`] returns that error.
    pub outbox: Vec<OutboxEntry>,
    /// The number of deactivations in the store in use whose delivery hasn't been confirmed, also
    /// if their tokens can't be shown.
    pub undelivered: usize,
    /// Whether the store in use has room for one more deactivation. The outbox above may include
    /// those of the other store, which don't count for that.
    pub outbox_has_room: bool,
    /// Whether the store contains nothing that would be lost: no licence, no pending request and no
    /// undelivered deactivation. Such a store never hides another one.
    pub is_blank: bool,
    /// The time that expiry is judged by: the later of the effective clock, which never goes back,
    /// and the computer's own clock.
    pub effective_now: Timestamp,
    /// Whether the computer's clock agrees with that time.
    pub clock: ClockState,
    /// Whether this is still the computer that the licence was granted to.
    pub hardware: Hardware,
    /// The environment that this program runs in, which is shown before activation.
    pub surroundings: Virtualization,
    /// This device's key, once there is a vault.
    pub device_key: Option<KeyId>,
    /// Traits that can be read on this computer now. Their values leave it as keyed hashes only.
    pub traits: Vec<HardwareTrait>,
    /// The store in which the licence is kept.
    pub store: StoreDescription,
    /// Licences in other stores of this computer that run as well, as far as these can be read
    /// without prompting the user. The product uses the one of this status; each takes a seat.
    pub other_licences: Vec<OtherLicence>,
}

/// A licence that runs, in a store that isn't in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLicence {
    /// The seat.
    pub seat: SeatId,
    /// The seat's name; may be empty.
    pub seat_name: String,
    /// When the lease ends.
    pub lease_expiry: Timestamp,
    /// The store in which it is kept.
    pub store: StoreDescription,
}

impl Status {
    /// Whether the product may run: there is a licence, and neither its lease with grace nor the
    /// hardware's grace is over.
    #[must_use]
    pub fn may_run(&self) -> bool {
        let in_grace = self.licence.as_ref().is_some_and(|licence| licence.in_grace);
        (self.state == State::Active || in_grace)
            && self.hardware.verdict.is_none_or(|verdict| verdict.may_run())
    }

    /// When the product stops, if there is a licence: after lease and grace, or earlier, after the
    /// grace for changed hardware.
    #[must_use]
    pub fn runs_until(&self) -> Option<Timestamp> {
        let until = self.licence.as_ref()?.grace_end;
        Some(match self.hardware.verdict {
            Some(HardwareVerdict::InGrace { until: end }) => until.min(end),
            Some(verdict) if !verdict.may_run() => until.min(self.effective_now),
            _ => until,
        })
    }

    /// Whether there is a licence that doesn't run for one reason only: the computer's clock has
    /// jumped so far ahead that the jump isn't recorded yet. It runs again as soon as the clock is
    /// corrected.
    #[must_use]
    pub fn is_over_by_clock_alone(&self) -> bool {
        let (ClockState::Ahead { by }, Some(licence)) = (self.clock, &self.licence) else {
            return false;
        };
        let remembered = earlier(self.effective_now, by);
        let hardware_ends = match self.hardware.verdict {
            Some(HardwareVerdict::Invalid { since, reason: HardwareReason::GraceEnded }) => since,
            // In that case the hardware has to be corrected.
            Some(HardwareVerdict::Invalid { .. }) => return false,
            _ => LATEST,
        };
        !self.may_run() && remembered < licence.grace_end.min(hardware_ends)
    }

    /// Whether the licence allows a request: it doesn't run, or it isn't this computer's any more.
    #[must_use]
    pub fn may_request(&self) -> bool {
        self.state != State::Active
            || self.hardware.verdict.is_some_and(|verdict| verdict.is_changed())
    }
}

/// Whether this is still the computer that the licence was granted to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hardware {
    /// The verdict; `None` without a licence.
    pub verdict: Option<HardwareVerdict>,
    /// Traits that were readable when the licence was granted and are readable now; an unreadable
    /// trait hasn't changed.
    pub compared: Vec<HardwareTrait>,
    /// Those of them that differ from what they were, few or many.
    pub changed: Vec<HardwareTrait>,
    /// Why the change couldn't be recorded, if that was tried.
    pub refused: Option<StoreError>,
}

/// The store in which the licence is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreDescription {
    /// The kind of store.
    pub kind: StoreKind,
    /// The file, if it is one.
    pub path: Option<PathBuf>,
    /// The scope of the licence.
    pub scope: Scope,
}

/// A licence from a verified lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// The seat.
    pub seat: SeatId,
    /// The seat's name; may be empty.
    pub seat_name: String,
    /// When the vendor granted it.
    pub activated_at: Timestamp,
    /// When the present lease began: the grant, or the newest refresh. A vendor-signed time.
    pub lease_start: Timestamp,
    /// When the lease ends.
    pub lease_expiry: Timestamp,
    /// When the product stops: lease expiry and grace.
    pub grace_end: Timestamp,
    /// Whether the lease has expired and the product still runs.
    pub in_grace: bool,
    /// When the subscription ends, if it does.
    pub subscription_end: Option<Timestamp>,
    /// The features that the licence includes, by key.
    pub features: Vec<LicensedFeature>,
    /// Free text that the vendor attaches to it.
    pub attributes: Attributes,
    /// The number of the grant within the seat.
    pub sequence: u64,
    /// The vendor's key that signed it.
    pub signer: KeyId,
}

/// A feature of a licence, under the name that people know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicensedFeature {
    /// The key from the configuration, or `#` and the number if it has none.
    pub key: String,
    /// Its number in tokens.
    pub number: u32,
    /// The type of its value.
    pub kind: FeatureKind,
    /// Its value in the licence.
    pub value: FeatureValue,
}

/// A pending request, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSummary {
    /// The request's id.
    pub request: RequestId,
    /// When it was made, by this computer's clock.
    pub created_at: Timestamp,
    /// The seat name in it.
    pub seat_name: String,
    /// The end of its activation code, enough to tell two codes apart.
    pub masked_code: String,
}

/// The newest pending request, with its token to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRequest {
    /// The request.
    pub summary: PendingSummary,
    /// The token. It is sealed again each time it is shown; each version is equally valid.
    pub token: Token,
}

/// A deactivation whose delivery hasn't been confirmed, with its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// The id that [`crate::Device::confirm_delivered`] takes.
    pub id: OutboxId,
    /// The seat that is returned.
    pub seat: SeatId,
    /// When it was made, by this computer's clock.
    pub created_at: Timestamp,
    /// The token. It is sealed again each time it is shown.
    pub token: Token,
}

/// The deactivations in all stores that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadableOutbox {
    /// Deactivations whose delivery hasn't been confirmed, oldest first.
    pub entries: Vec<OutboxEntry>,
    /// Why those in the store in use can't be read.
    pub unread: Option<OutboxError>,
}

/// The id of a deactivation in the outbox, as sixteen hex digits: the id of the device's key, and
/// the device's counter that the deactivation took. The keyring and a file may have the outboxes of
/// two devices, whose counters are often equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(u64);

impl OutboxId {
    pub(crate) fn new(device: KeyId, counter: u64) -> Self {
        Self(u64::from(u32::from_be_bytes(device.0)) << 32 | counter & u64::from(u32::MAX))
    }
}

impl fmt::Display for OutboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for OutboxId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(IdError::InvalidHex { digits: 16 })
    }
}

/// The outcome of one token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The kind of token, according to its prefix.
    pub kind: Kind,
    /// The number of wrong characters that were corrected.
    pub repaired: usize,
    /// The outcome.
    pub outcome: ApplyOutcome,
}

/// The outcome of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum ApplyOutcome {
    /// The licence is on this computer: stored, read back and verified.
    Activated(Licence),
    /// The lease is prolonged: stored, read back and verified.
    Refreshed(Licence),
    /// Exactly this token is in use already; nothing has changed.
    AlreadyApplied(Licence),
    /// A token for another recipient, in a text that also has one for this computer, such as a
    /// fleet's file.
    NotForThisComputer,
    /// It wasn't applied. Every other token of the text was.
    Refused(TokenError),
}

impl ApplyOutcome {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Activated(_) => "activated",
            Self::Refreshed(_) => "refreshed",
            Self::AlreadyApplied(_) => "already_applied",
            Self::NotForThisComputer => "not_for_this_computer",
            Self::Refused(_) => "refused",
        }
    }

    /// The licence after this token.
    #[must_use]
    pub const fn licence(&self) -> Option<&Licence> {
        match self {
            Self::Activated(licence) | Self::Refreshed(licence) | Self::AlreadyApplied(licence) => {
                Some(licence)
            }
            Self::NotForThisComputer | Self::Refused(_) => None,
        }
    }
}

/// What one token of a text is, and what [`crate::Device::apply`] would do with it. Nothing has
/// changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedToken {
    /// The kind of token, according to its prefix.
    pub kind: Kind,
    /// The number of wrong characters that were corrected.
    pub repaired: usize,
    /// Its recipient, if it is intact.
    pub recipient: Option<Recipient>,
    /// The intact token in its canonical form.
    pub token: Option<Token>,
    /// The outcome that applying it would have. A request or a deactivation, which are for the
    /// vendor, would be refused as the wrong kind.
    pub outcome: ApplyOutcome,
}

/// The recipient of a token, judged by the key id that it carries in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// This device.
    ThisComputer,
    /// This product's vendor.
    Vendor,
    /// Another product of this vendor on this computer.
    OtherProduct {
        /// That product's name.
        product: String,
    },
    /// A product of another vendor on this computer.
    OtherVendor {
        /// That vendor's name.
        vendor: String,
        /// That product's name.
        product: String,
    },
    /// Another computer, or another user of this one.
    OtherComputer {
        /// The key that it is for.
        key: KeyId,
    },
    /// A vendor that isn't this product's.
    UnknownVendor {
        /// The key that it is for.
        key: KeyId,
    },
}

impl Recipient {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ThisComputer => "this_computer",
            Self::Vendor => "vendor",
            Self::OtherProduct { .. } => "other_product",
            Self::OtherVendor { .. } => "other_vendor",
            Self::OtherComputer { .. } => "other_computer",
            Self::UnknownVendor { .. } => "unknown_vendor",
        }
    }
}
