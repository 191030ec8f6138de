//! What this computer knows about a product before activation: its vendor, the trusted keys, the
//! names of its features, and where its licence may be kept.

use std::collections::BTreeMap;

use latchkey_token::{ProductNumber, PublicKeys, VendorId};

/// A vendor's product, as described by the vendor's kit (`latchkey.toml`) or compiled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The vendor.
    pub vendor: VendorId,
    /// The vendor's name, for people.
    pub vendor_name: String,
    /// The trusted keys, the active one first: tokens are encrypted for that one.
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
    /// The type of its value.
    pub kind: FeatureKind,
}

/// The type of a feature's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureKind {
    /// Included or not.
    Bool,
    /// A number of elements to check out and return.
    Pool,
    /// A number of uses, which only counts up.
    Count,
    /// A feature that the configuration doesn't name, because the configuration is older than the
    /// licence.
    Unknown,
}

impl FeatureKind {
    /// Returns the stable lower-case name.
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
    /// The scope of the licence. The scope `machine` always uses the shared file.
    pub scope: Scope,
    /// The default store.
    pub default: StoreKind,
    /// Whether a user without a keyring may choose the file.
    pub file_allowed: bool,
}

impl StorePolicy {
    /// Whether a user whose keyring can't be used may choose the file.
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

/// The scope of a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The licence of the user who is logged in.
    User,
    /// The licence of everyone on this computer.
    Machine,
}

impl Scope {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Machine => "machine",
        }
    }
}

/// The kinds of store for a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// The operating system's keyring.
    Keyring,
    /// A sealed file.
    File,
}

impl StoreKind {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}
