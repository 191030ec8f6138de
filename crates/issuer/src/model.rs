//! Products, entitlements, seats and audit rows as callers see them. The rules that lead to them
//! are in the other modules.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use latchkey_lease::Interval;
use latchkey_lease::Timestamp;
use latchkey_token::{
    ActivationCode, Attributes, ErrorArg, Features, IdError, KeyId, ProductNumber, PublicKeys,
    SeatId, ToErrorArg, VendorId,
};

/// The id of an entitlement: eight random bytes.
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

impl ToErrorArg for EntitlementId {
    fn to_error_arg(&self) -> ErrorArg {
        ErrorArg::Text(self.to_string())
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

/// The vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// The id that is compiled into every product.
    pub id: VendorId,
    /// The name that customers see.
    pub name: String,
    /// The public halves of all keys whose signatures count: the active one first, then the spare.
    pub keys: Vec<PublicKeys>,
}

/// The type of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureType {
    /// A feature that is included or not.
    Bool,
    /// An element pool: a number of elements to check out and return.
    Pool,
    /// A usage count: a total number of uses.
    Count,
}

impl FeatureType {
    /// All types.
    pub const ALL: [Self; 3] = [Self::Bool, Self::Pool, Self::Count];

    /// The stable name, as used in commands and in `latchkey.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Pool => "pool",
            Self::Count => "count",
        }
    }

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl ToErrorArg for FeatureType {
    fn to_error_arg(&self) -> ErrorArg {
        self.name().to_error_arg()
    }
}

/// A feature of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// The number that tokens carry; features are numbered from 1 within a product.
    pub number: u32,
    /// The name that people and programs use.
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
    /// The code as the vendor wrote it. As confidential as the code itself.
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

/// What a customer bought of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Its id.
    pub id: EntitlementId,
    /// The product.
    pub product: ProductNumber,
    /// The customer, as the vendor calls them.
    pub customer: Option<String>,
    /// The number of seats.
    pub seats: u32,
    /// The number of seats that are granted beyond those.
    pub overdraft: u32,
    /// The length of a lease; without it, nothing is granted offline.
    pub offline_lease: Option<Interval>,
    /// The time beyond which no lease extends.
    pub subscription_end: Option<Timestamp>,
    /// How long the product continues to run after the lease expiry.
    pub grace: Option<Interval>,
    /// Every n-th renewal needs a request from the seat's computer; `None` if refreshes are enough.
    pub request_every: Option<NonZeroU32>,
    /// The features that it includes.
    pub features: Features,
    /// Free text that the vendor attaches to it.
    pub attributes: Attributes,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
    /// Its activation codes, oldest first.
    pub codes: Vec<CodeSummary>,
    /// The number of seats that count as taken now.
    pub seats_in_use: u32,
}

/// The state of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeatState {
    /// A computer has the seat and its lease is running.
    Active,
    /// A computer has the seat and its lease has expired; it can be refreshed until the seat is
    /// reused.
    LeaseExpired,
    /// Its computer returned the seat.
    Deactivated,
    /// Another computer has the seat by now.
    Reused,
    /// The vendor released the seat.
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

/// One tenancy of a seat: an entitlement's seat on one computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: SeatId,
    /// The entitlement that it belongs to.
    pub entitlement: EntitlementId,
    /// The product.
    pub product: ProductNumber,
    /// The seat's name, given on its computer.
    pub name: String,
    /// Its state.
    pub state: SeatState,
    /// When it was last activated.
    pub activated_at: Timestamp,
    /// The lease expiry in the newest response or refresh.
    pub lease_expiry: Timestamp,
    /// The time until which the longest lease ever issued for it may run, including grace.
    pub taken_until: Timestamp,
    /// The public key of its computer.
    pub device: KeyId,
    /// When the seat was returned, released or reused.
    pub closed_at: Option<Timestamp>,
    /// The seat that replaced it on another computer.
    pub reused_by: Option<SeatId>,
    /// How many refreshes may be issued before a renewal needs a request of the seat's computer;
    /// `None` if there is no limit.
    pub refreshes_left: Option<u32>,
}

/// One row of the audit log. It contains no secret and no complete activation code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The row's number: later rows have higher ones.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The event: a stable lower-case name.
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
    /// The error code, if something was refused.
    pub refusal: Option<String>,
    /// Further details by name.
    pub detail: Vec<(String, String)>,
    /// The number of events in the hour that begins at `at`, if the row stands for all of them.
    pub counted: Option<u64>,
}
