//! Where a product's licences may be stored, as the vendor decides it. The options of the command
//! line and the fields of the admin form have the same values.

use clap::ValueEnum;
use latchkey_config::StoreKind;

/// Where licences may be stored. This binds the wizard and, compiled in, the product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KitStorePolicy {
    /// Whom a licence is for.
    pub scope: KitScope,
    /// Where a licence is stored.
    pub default: DefaultStore,
}

/// Whom a licence is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum KitScope {
    /// One licence per user account.
    #[default]
    User,
    /// One licence for all users of the computer, in a file that an administrator writes.
    Machine,
}

/// Where a licence is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DefaultStore {
    /// In the keyring; users without a keyring may choose a file.
    #[default]
    Keyring,
    /// In a file.
    File,
    /// Only in the keyring.
    KeyringOnly,
}

impl KitStorePolicy {
    /// The policy of these names; the default in place of a name that is unknown or missing.
    #[must_use]
    pub fn from_names(scope: Option<&str>, default: Option<&str>) -> Self {
        Self { scope: from_name(scope), default: from_name(default) }
    }
}

/// As `latchkey.toml` states it.
impl From<KitStorePolicy> for latchkey_config::StorePolicy {
    fn from(policy: KitStorePolicy) -> Self {
        let scope = match policy.scope {
            KitScope::User => latchkey_config::Scope::User,
            KitScope::Machine => latchkey_config::Scope::Machine,
        };
        let (default, file_allowed) = match policy.default {
            DefaultStore::Keyring => (StoreKind::Keyring, true),
            DefaultStore::File => (StoreKind::File, true),
            DefaultStore::KeyringOnly => (StoreKind::Keyring, false),
        };
        Self { scope, default, file_allowed }
    }
}

fn from_name<T: ValueEnum + Default>(name: Option<&str>) -> T {
    name.and_then(|name| T::from_str(name, false).ok()).unwrap_or_default()
}
