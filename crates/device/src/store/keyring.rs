//! The operating system's keyring: Secret Service, Credential Manager, Keychain. The only module that
//! touches it. The platform's store is built per attempt, because one that failed is remembered as failed.

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{Session, Store};
use crate::error::StoreError;

/// What every item of this program is filed under.
const SERVICE: &str = "latchkey";

/// An item of the keyring as a store.
#[derive(Debug, Clone)]
pub(crate) struct KeyringStore {
    /// `<vendor id>/<product>`.
    pub(crate) user: String,
    /// What the item is called where people look into their keyring.
    pub(crate) label: String,
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
        Error::BadEncoding(_) | Error::BadDataFormat(..) => StoreError::Damaged,
        other => StoreError::Keyring { reason: other.to_string() },
    }
}

#[cfg(any(target_os = "linux", target_os = "windows"))]
type Modifiers<'m> = std::collections::HashMap<&'m str, &'m str>;

#[cfg(target_os = "linux")]
mod platform {
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Result};
    use secret_service::blocking::SecretService;
    use secret_service::{EncryptionType, Error as ServiceError};
    use zbus_secret_service_keyring_store::Store;

    use super::Modifiers;
    use crate::error::StoreError;

    /// Gets as far as a write would need, so that it asks its question now and not under the lock.
    pub(super) fn unlock(service: &str, user: &str) -> std::result::Result<(), StoreError> {
        drop(zbus::blocking::Connection::session().map_err(|_| StoreError::NoSession)?);
        let keyring = SecretService::connect(EncryptionType::Plain).map_err(known)?;
        let item = Modifiers::from([("service", service), ("username", user)]);
        let found = keyring.search_items(item).map_err(known)?;
        if !found.unlocked.is_empty() {
            return Ok(());
        }
        if let Some(item) = found.locked.first() {
            item.unlock().map_err(known)?;
            return if item.is_locked().map_err(known)? { Err(StoreError::Locked) } else { Ok(()) };
        }
        // There is no item yet; the first write will make it in the default collection.
        let collection = keyring.get_default_collection().map_err(|error| match error {
            ServiceError::NoResult => StoreError::NotInitialised,
            other => known(other),
        })?;
        if collection.is_locked().map_err(known)? {
            collection.unlock().map_err(known)?;
            if collection.is_locked().map_err(known)? {
                return Err(StoreError::Locked);
            }
        }
        Ok(())
    }

    pub(super) fn entry(service: &str, user: &str, label: &str) -> Result<Entry> {
        Store::new()?.build(service, user, Some(&Modifiers::from([("label", label)])))
    }

    fn known(error: ServiceError) -> StoreError {
        sorted(&error).unwrap_or_else(|| StoreError::Keyring { reason: error.to_string() })
    }

    /// What a failure below means, where that is known.
    pub(super) fn sorted(error: &(dyn std::error::Error + 'static)) -> Option<StoreError> {
        match error.downcast_ref::<ServiceError>()? {
            ServiceError::Locked => Some(StoreError::Locked),
            ServiceError::Prompt | ServiceError::PromptDisconnected => Some(StoreError::Denied),
            ServiceError::NoResult => Some(StoreError::NotInitialised),
            ServiceError::Unavailable => Some(StoreError::NoService),
            ServiceError::Zbus(error) => bus(error),
            ServiceError::ZbusFdo(error) => fdo(error),
            _ => None,
        }
    }

    fn bus(error: &zbus::Error) -> Option<StoreError> {
        match error {
            zbus::Error::MethodError(name, ..) => match name.as_str() {
                "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner"
                | "org.freedesktop.DBus.Error.UnknownObject"
                | "org.freedesktop.DBus.Error.UnknownInterface"
                | "org.freedesktop.DBus.Error.UnknownMethod" => Some(StoreError::NoService),
                "org.freedesktop.Secret.Error.IsLocked" => Some(StoreError::Locked),
                "org.freedesktop.Secret.Error.NoSession" => Some(StoreError::NoSession),
                "org.freedesktop.DBus.Error.AccessDenied" => Some(StoreError::Denied),
                name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => {
                    Some(StoreError::NoService)
                }
                _ => None,
            },
            zbus::Error::FDO(error) => fdo(error),
            zbus::Error::Address(_) | zbus::Error::Connection(..) => Some(StoreError::NoSession),
            _ => None,
        }
    }

    fn fdo(error: &zbus::fdo::Error) -> Option<StoreError> {
        match error {
            zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_) => {
                Some(StoreError::NoService)
            }
            zbus::fdo::Error::AccessDenied(_) => Some(StoreError::Denied),
            zbus::fdo::Error::ZBus(error) => bus(error),
            _ => None,
        }
    }
}

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
