//! What the vendor has: products, entitlements, seats and audit rows, as callers see them. The rules that lead
//! to them stand elsewhere.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use latchkey_lease::Interval;
use latchkey_lease::Timestamp;
use latchkey_token::{
    ActivationCode, Attributes, Features, IdError, KeyId, ProductNumber, PublicKeys, SeatId,
    VendorId,
};

/// An entitlement, named by eight random bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntitlementId([u8; 8]);

impl EntitlementId {
    pub(crate) fn random() -> Result<Self, IdError> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|_| IdError::RngFailed)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for EntitlementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for EntitlementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntitlementId({self})")
    }
}

impl FromStr for EntitlementId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.trim().as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(IdError::InvalidHex { digits: 16 })
    }
}

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// Compiled into every product.
    pub id: VendorId,
    /// The name that customers know.
    pub name: String,
    /// Public halves of all keys whose signatures count: the active one first, then the spare.
    pub keys: Vec<PublicKeys>,
}

/// What kind of thing a feature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureType {
    /// Included or not.
    Bool,
    /// An element pool: so many at a time, checked out and returned.
    Pool,
    /// A usage count: so many in all.
    Count,
}

impl FeatureType {
    /// All types.
    pub const ALL: [Self; 3] = [Self::Bool, Self::Pool, Self::Count];

    /// Stable name, as commands and `latchkey.toml` write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Pool => "pool",
            Self::Count => "count",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A feature of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// What tokens carry: numbered from 1 within the product.
    pub number: u32,
    /// What people and programs call it.
    pub key: String,
    /// Its type.
    pub kind: FeatureType,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its number, from 1.
    pub number: ProductNumber,
    /// Its name.
    pub name: String,
    /// Its features in the order of their numbers.
    pub features: Vec<Feature>,
}

/// An activation code of an entitlement. It prints masked.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeSummary {
    /// The code.
    pub code: ActivationCode,
    /// As the vendor wrote it. Confidential like the code itself.
    pub written: String,
    /// Whether new activations are refused.
    pub disabled: bool,
}

impl fmt::Debug for CodeSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.disabled { ", disabled" } else { "" };
        write!(f, "Code({}{state})", self.code.masked())
    }
}

/// What a customer bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Its id.
    pub id: EntitlementId,
    /// The product.
    pub product: ProductNumber,
    /// Whose it is, in the vendor's words.
    pub customer: Option<String>,
    /// How many seats.
    pub seats: u32,
    /// How many seats beyond that.
    pub overdraft: u32,
    /// How long a lease is; without it nothing is granted offline.
    pub offline_lease: Option<Interval>,
    /// No lease goes beyond this.
    pub subscription_end: Option<Timestamp>,
    /// How long the product runs on after lease expiry.
    pub grace: Option<Interval>,
    /// Each renewal of this number needs a request of the seat's computer; `None`: refreshes are enough.
    pub request_every: Option<NonZeroU32>,
    /// What it includes.
    pub features: Features,
    /// What else the vendor says about it.
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
    /// Its activation codes, oldest first.
    pub codes: Vec<CodeSummary>,
    /// Seats that count as taken now.
    pub seats_in_use: u32,
}

/// The state of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// A computer has it and its lease runs.
    Active,
    /// A computer has it and its lease has run out; it can be refreshed until it is reused.
    LeaseExpired,
    /// Its computer gave it back.
    Deactivated,
    /// Another computer has it by now.
    Reused,
    /// The vendor took it back.
    Released,
    /// Its entitlement has ended; a lease may still run.
    Ended,
}

impl SeatState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::LeaseExpired,
        Self::Deactivated,
        Self::Reused,
        Self::Released,
        Self::Ended,
    ];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::LeaseExpired => "lease_expired",
            Self::Deactivated => "deactivated",
            Self::Reused => "reused",
            Self::Released => "released",
            Self::Ended => "ended",
        }
    }
}

/// One tenancy: an entitlement's seat on one computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: SeatId,
    /// The entitlement that it is of.
    pub entitlement: EntitlementId,
    /// The product.
    pub product: ProductNumber,
    /// What its computer calls it.
    pub name: String,
    /// Its state.
    pub state: SeatState,
    /// When it was last activated.
    pub activated_at: Timestamp,
    /// Lease expiry of the newest response or refresh.
    pub lease_expiry: Timestamp,
    /// Until when the longest lease ever issued for it may run, grace included.
    pub taken_until: Timestamp,
    /// Its computer's key.
    pub device: KeyId,
    /// When it was given back, taken back or reused.
    pub closed_at: Option<Timestamp>,
    /// The seat that another computer got in its place.
    pub reused_by: Option<SeatId>,
    /// How many refreshes may be issued before a renewal needs a request of its computer; `None`: any number.
    pub refreshes_left: Option<u32>,
}

/// One row of the audit. It holds no secret and no whole activation code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number: later rows have higher ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What: a stable lower-case name.
    pub event: String,
    /// The product that it is about.
    pub product: Option<ProductNumber>,
    /// The entitlement that it is about.
    pub entitlement: Option<EntitlementId>,
    /// The seat that it is about.
    pub seat: Option<SeatId>,
    /// The activation code, masked.
    pub code: Option<String>,
    /// The device's key id.
    pub device: Option<String>,
    /// The code of the refusal, where something was refused.
    pub refusal: Option<String>,
    /// What else there is to say, by name.
    pub detail: Vec<(String, String)>,
    /// How often it happened in the hour that begins at `at`, where the row stands for all of them.
    pub counted: Option<u64>,
}
