//! The operating system's keyring where it isn't a Secret Service: Credential Manager, Keychain. The platform's store is
//! built per attempt, because one that failed is remembered as failed.

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{SERVICE, Session, Store, label, user};
use crate::error::StoreError;
use crate::fingerprint::Values;
use crate::profile::Profile;

/// An item of the keyring as a store.
#[derive(Debug, Clone)]
pub(crate) struct KeyringStore {
    /// `<vendor id>/<product>`.
    user: String,
    /// What the item is called where people look into their keyring.
    label: String,
}

impl KeyringStore {
    pub(crate) fn new(profile: &Profile, _: &Values) -> Self {
        Self { user: user(profile), label: label(profile) }
    }
}

impl Store for KeyringStore {
    fn unlock(&self) -> Result<Box<dyn Session>, StoreError> {
        platform::unlock(SERVICE, &self.user)?;
        let entry = platform::entry(SERVICE, &self.user, &self.label).map_err(sorted)?;
        Ok(Box::new(KeyringSession(entry)))
    }

    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        // One connection instead of three. Whatever is not as it should be is looked into at length.
        let entry = platform::entry(SERVICE, &self.user, &self.label);
        match entry.and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(error) => match sorted(error) {
                // The question was asked and answered.
                refused @ (StoreError::Locked | StoreError::Denied) => Err(refused),
                _ => self.unlock()?.read(),
            },
        }
    }
}

struct KeyringSession(Entry);

impl Session for KeyringSession {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        match self.0.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(sorted(error)),
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.set_secret(bytes).map_err(|error| match error {
            Error::TooLong(..) => StoreError::TooLarge { bytes: bytes.len() },
            other => sorted(other),
        })
    }
}

/// Tells the keyring's errors apart.
fn sorted(error: Error) -> StoreError {
    match error {
        Error::NoStorageAccess(inner) => platform::sorted(&*inner).unwrap_or(StoreError::Denied),
        Error::PlatformFailure(inner) => platform::sorted(&*inner)
            .unwrap_or_else(|| StoreError::Keyring { reason: inner.to_string() }),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => StoreError::DAMAGED,
        other => StoreError::Keyring { reason: other.to_string() },
    }
}

#[cfg(target_os = "windows")]
type Modifiers<'m> = std::collections::HashMap<&'m str, &'m str>;

#[cfg(target_os = "windows")]
mod platform {
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Result};

    use super::Modifiers;
    use crate::error::StoreError;

    /// Credential Manager is open as long as its user is logged in.
    pub(super) fn unlock(_: &str, _: &str) -> std::result::Result<(), StoreError> {
        Ok(())
    }

    /// The default would roam to the user's other computers.
    pub(super) fn entry(service: &str, user: &str, _: &str) -> Result<Entry> {
        let modifiers = Modifiers::from([("persistence", "local")]);
        windows_native_keyring_store::Store::new()?.build(service, user, Some(&modifiers))
    }

    pub(super) fn sorted(_: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        None
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Error, Result};

    use crate::error::StoreError;

    /// Reading is what makes the Keychain ask.
    pub(super) fn unlock(service: &str, user: &str) -> std::result::Result<(), StoreError> {
        match entry(service, user, "").and_then(|entry| entry.get_secret()) {
            Ok(_) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(super::sorted(error)),
        }
    }

    pub(super) fn entry(service: &str, user: &str, _: &str) -> Result<Entry> {
        apple_native_keyring_store::keychain::Store::new()?.build(service, user, None)
    }

    pub(super) fn sorted(_: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        None
    }
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
mod platform {
    use keyring_core::{Entry, Error, Result};

    use crate::error::StoreError;

    pub(super) fn unlock(_: &str, _: &str) -> std::result::Result<(), StoreError> {
        Err(StoreError::Unsupported)
    }

    pub(super) fn entry(_: &str, _: &str, _: &str) -> Result<Entry> {
        Err(Error::NoDefaultStore)
    }

    pub(super) fn sorted(_: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        None
    }
}
