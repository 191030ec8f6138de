//! The operating system's keyring if it isn't a Secret Service: Credential Manager or Keychain. The
//! platform's store is built for each attempt, because one that failed stays failed.

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::interface::{SERVICE, Store, StoreHandle, label, user};
use latchkey_config::Profile;

use crate::error::StoreError;
use crate::fingerprint::TraitValues;

/// An item of the keyring as a store.
#[derive(Debug, Clone)]
pub(crate) struct KeyringStore {
    /// `<vendor id>/<product>`.
    user: String,
    /// The item's label in the keyring's user interface.
    label: String,
}

impl KeyringStore {
    pub(crate) fn new(profile: &Profile, _: &TraitValues) -> Self {
        Self { user: user(profile), label: label(profile) }
    }
}

impl Store for KeyringStore {
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        platform::unlock(SERVICE, &self.user)?;
        let entry = platform::entry(SERVICE, &self.user, &self.label).map_err(map_error)?;
        Ok(Box::new(KeyringHandle { entry, store: self.clone() }))
    }

    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        // One connection instead of three. Any irregularity is then examined in full.
        let entry = platform::entry(SERVICE, &self.user, &self.label);
        match entry.and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(error) => match map_error(error) {
                // The prompt was shown and answered.
                refused @ (StoreError::Locked | StoreError::Denied) => Err(refused),
                _ => self.open()?.read(),
            },
        }
    }

    fn read_unprompted(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        // The Keychain may prompt the user for any read.
        if cfg!(target_os = "macos") { Err(StoreError::Locked) } else { self.read_once() }
    }
}

struct KeyringHandle {
    entry: Entry,
    store: KeyringStore,
}

impl StoreHandle for KeyringHandle {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        match self.entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(map_error(error)),
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let KeyringStore { user, label } = &self.store;
        platform::write(&self.entry, user, label, bytes).map_err(|error| match error {
            Error::TooLong(..) => StoreError::TooLarge { bytes: bytes.len() },
            other => map_error(other),
        })
    }
}

/// Maps the keyring's errors.
fn map_error(error: Error) -> StoreError {
    match error {
        Error::NoStorageAccess(inner) => {
            platform::map_error(&*inner).unwrap_or(platform::NO_ACCESS)
        }
        Error::PlatformFailure(inner) => platform::map_error(&*inner)
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

    /// Credential Manager belongs to a logon session, which some services and programs that are
    /// started by SSH don't have.
    pub(super) const NO_ACCESS: StoreError = StoreError::NoSession;

    /// Credential Manager is unlocked as long as its user is logged in.
    pub(super) fn unlock(_: &str, _: &str) -> std::result::Result<(), StoreError> {
        Ok(())
    }

    /// The default persistence would roam to the user's other computers.
    pub(super) fn entry(service: &str, user: &str, _: &str) -> Result<Entry> {
        let modifiers = Modifiers::from([("persistence", "local")]);
        windows_native_keyring_store::Store::new()?.build(service, user, Some(&modifiers))
    }

    pub(super) fn write(entry: &Entry, _: &str, _: &str, bytes: &[u8]) -> Result<()> {
        entry.set_secret(bytes)
    }

    pub(super) fn map_error(_: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        None
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Error, Result};
    use latchkey_keychain::{Added, add_shared_password, is_refusal};

    use super::SERVICE;
    use crate::error::StoreError;

    pub(super) const NO_ACCESS: StoreError = StoreError::Denied;

    /// Reading causes the Keychain to prompt.
    pub(super) fn unlock(service: &str, user: &str) -> std::result::Result<(), StoreError> {
        match entry(service, user, "").and_then(|entry| entry.get_secret()) {
            Ok(_) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(super::map_error(error)),
        }
    }

    pub(super) fn entry(service: &str, user: &str, _: &str) -> Result<Entry> {
        apple_native_keyring_store::keychain::Store::new()?.build(service, user, None)
    }

    /// An item that exists keeps its access rules. A new one gets those by which the product may
    /// read what the wizard has stored.
    pub(super) fn write(entry: &Entry, user: &str, label: &str, bytes: &[u8]) -> Result<()> {
        match entry.get_secret() {
            Err(Error::NoEntry) => match add_shared_password(SERVICE, user, label, bytes) {
                Ok(Added::Created) => Ok(()),
                // Another process was faster.
                Ok(Added::Existed) => entry.set_secret(bytes),
                Err(error) => Err(Error::PlatformFailure(Box::new(error))),
            },
            _ => entry.set_secret(bytes),
        }
    }

    pub(super) fn map_error(error: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        let error = error.downcast_ref::<latchkey_keychain::Error>()?;
        is_refusal(*error).then_some(StoreError::Denied)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
mod platform {
    use keyring_core::{Entry, Error, Result};

    use crate::error::StoreError;

    pub(super) const NO_ACCESS: StoreError = StoreError::Denied;

    pub(super) fn unlock(_: &str, _: &str) -> std::result::Result<(), StoreError> {
        Err(StoreError::Unsupported)
    }

    pub(super) fn entry(_: &str, _: &str, _: &str) -> Result<Entry> {
        Err(Error::NoDefaultStore)
    }

    pub(super) fn write(_: &Entry, _: &str, _: &str, _: &[u8]) -> Result<()> {
        Err(Error::NoDefaultStore)
    }

    pub(super) fn map_error(_: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        None
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn a_process_without_a_logon_session_has_no_keyring() {
        // ERROR_NO_SUCH_LOGON_SESSION
        let error = std::io::Error::from_raw_os_error(1312);
        let error = map_error(Error::NoStorageAccess(Box::new(error)));
        assert_eq!(error, StoreError::NoSession);
        assert!(error.is_no_keyring());
    }
}
