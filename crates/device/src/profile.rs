//! What this computer knows about one product before anything is activated: whose it is, which keys count,
//! how its features are called, and where its licence may be kept.

use std::collections::BTreeMap;

use latchkey_token::{ProductNumber, PublicKeys, VendorId};

/// A vendor's product, as the vendor's kit describes it (`latchkey.toml`) or as it is compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The vendor.
    pub vendor: VendorId,
    /// The vendor's name, for people.
    pub vendor_name: String,
    /// Keys whose signatures count, the active one first: it is the one that is written to.
    pub vendor_keys: Vec<PublicKeys>,
    /// The product's number, unique within its vendor.
    pub product: ProductNumber,
    /// The product's name, for people.
    pub product_name: String,
    /// The features by the key that people see.
    pub features: BTreeMap<String, FeatureDefinition>,
    /// Where the licence may be kept.
    pub store: StorePolicy,
}

/// A feature as the product knows it; tokens carry only its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeatureDefinition {
    /// Its number in tokens.
    pub number: u32,
    /// What its value means.
    pub kind: FeatureKind,
}

/// What a feature's value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureKind {
    /// Included or not.
    Bool,
    /// A number of elements to check out and return.
    Pool,
    /// A number of uses, which only counts up.
    Count,
    /// A number that the configuration doesn't name: this configuration is older than the licence.
    Unknown,
}

impl FeatureKind {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Pool => "pool",
            Self::Count => "count",
            Self::Unknown => "unknown",
        }
    }
}

/// The vendor's rules for where a licence is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StorePolicy {
    /// Whose licence it is. The scope `machine` always uses the shared file.
    pub scope: Scope,
    /// Where it is kept unless the person chooses otherwise.
    pub default: StoreKind,
    /// Whether a person without a keyring may choose the file.
    pub file_allowed: bool,
}

impl StorePolicy {
    /// Whether a person whose keyring can't be used may choose the file.
    #[must_use]
    pub fn offers_file(&self) -> bool {
        self.file_allowed && self.scope == Scope::User && self.default == StoreKind::Keyring
    }
}

impl Default for StorePolicy {
    fn default() -> Self {
        Self { scope: Scope::User, default: StoreKind::Keyring, file_allowed: true }
    }
}

/// Whose licence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Of whoever is logged in.
    User,
    /// Of everybody on this computer.
    Machine,
}

impl Scope {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
        }
    }
}

/// The kinds of place where a licence is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// The operating system's keyring.
    Keyring,
    /// A sealed file.
    File,
}

impl StoreKind {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}
