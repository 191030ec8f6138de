//! The Secret Service of a Linux desktop: GNOME Keyring, KWallet, KeePassXC. The only module that touches it. It is
//! connected to anew for each attempt, and waited for no longer than D-Bus usually waits; a question that the keyring
//! asks its owner takes as long as the owner does.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use secret_service::blocking::{Collection, Item, SecretService};
use secret_service::{EncryptionType, Error, SearchItemsResult};
use zeroize::Zeroizing;

use super::twins::{self, Owner};
use super::{SERVICE, Session, Store, label, user};
use crate::error::StoreError;
use crate::fingerprint::Values;
use crate::profile::Profile;

/// How long one call may take. libdbus and GDBus wait as long, so every keyring is made for it.
const PATIENCE: Duration = Duration::from_secs(25);
const CONTENT: &str = "application/octet-stream";

type Found<'a> = SearchItemsResult<Item<'a>>;

/// An item of the keyring as a store.
#[derive(Debug, Clone)]
pub(crate) struct KeyringStore {
    user: String,
    label: String,
    owner: Owner,
}

impl KeyringStore {
    pub(crate) fn new(profile: &Profile, traits: &Values) -> Self {
        Self { user: user(profile), label: label(profile), owner: Owner::new(profile, traits) }
    }

    fn connect(&self) -> Result<KeyringSession, StoreError> {
        let builder = zbus::blocking::connection::Builder::session();
        let connection = builder.and_then(|builder| builder.method_timeout(PATIENCE).build());
        let connection = connection.map_err(|_| StoreError::NoSession)?;
        let keyring = SecretService::connect_with_existing(EncryptionType::Dh, connection);
        Ok(KeyringSession { keyring: keyring.map_err(sorted)?, store: self.clone() })
    }
}

impl Store for KeyringStore {
    fn unlock(&self) -> Result<Box<dyn Session>, StoreError> {
        let session = self.connect()?;
        session.unlock()?;
        Ok(Box::new(session))
    }

    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        // Where there is nothing yet, or nothing that may be read, it is looked into at length.
        match self.connect()?.read() {
            Ok(Some(content)) => Ok(Some(content)),
            _ => self.unlock()?.read(),
        }
    }
}

struct KeyringSession {
    keyring: SecretService<'static>,
    store: KeyringStore,
}

impl KeyringSession {
    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("username", self.store.user.as_str())])
    }

    fn search(&self) -> Result<Found<'_>, StoreError> {
        self.keyring.search_items(self.attributes()).map_err(sorted)
    }

    /// Gets as far as a write needs, so that the keyring asks its question now and not under the lock. It asks none
    /// where there is an item already that can be used.
    fn unlock(&self) -> Result<(), StoreError> {
        let found = self.search()?;
        if let Some(at) = self.chosen(&found.unlocked)?
            && (found.locked.is_empty() || !self.is_fleeting(&found.unlocked[at]))
        {
            return Ok(());
        }
        for item in &found.locked {
            item.unlock().map_err(sorted)?;
            if item.is_locked().map_err(sorted)? {
                return Err(StoreError::Locked);
            }
            if self.chosen(std::slice::from_ref(item))?.is_some() {
                return Ok(());
            }
        }
        // What is there and can't be used is told by those who read it.
        if found.unlocked.is_empty() && found.locked.is_empty() {
            let collection = self.default_collection()?;
            if collection.is_locked().map_err(sorted)? {
                collection.unlock().map_err(sorted)?;
                if collection.is_locked().map_err(sorted)? {
                    return Err(StoreError::Locked);
                }
            }
        }
        Ok(())
    }

    /// Where a new item is made.
    fn default_collection(&self) -> Result<Collection<'_>, StoreError> {
        let collection = self.keyring.get_default_collection().map_err(|error| match error {
            Error::NoResult => StoreError::NotInitialised,
            other => sorted(other),
        })?;
        match self.fleeting() {
            Some(it) if it == collection.collection_path.as_str() => Err(StoreError::SessionOnly),
            _ => Ok(collection),
        }
    }

    /// The collection that is kept in memory and forgotten at log-out. Not every keyring has one.
    fn fleeting(&self) -> Option<String> {
        let collection = self.keyring.get_collection_by_alias("session").ok()?;
        Some(collection.collection_path.as_str().to_owned())
    }

    /// Whether this item is forgotten at log-out. What is written to it alone would leave an older one for later.
    fn is_fleeting(&self, item: &Item<'_>) -> bool {
        let folder = self.fleeting();
        folder.is_some_and(|folder| Path::new(item.item_path.as_str()).starts_with(folder))
    }

    /// What is in these items. One that can't be read counts for nothing, unless none of them can be read.
    fn contents(items: &[Item<'_>]) -> Result<Vec<twins::Item>, StoreError> {
        let mut refused = None;
        let mut read = 0;
        let contents = items.iter().map(|item| {
            let content = item.get_secret().map_or_else(
                |error| {
                    refused.get_or_insert(error);
                    Vec::new()
                },
                |content| {
                    read += 1;
                    content
                },
            );
            // It decides between copies that are equal in everything else: not worth a failure.
            let modified = item.get_modified().unwrap_or_default();
            twins::Item { content: Zeroizing::new(content), modified }
        });
        let contents = contents.collect();
        match refused {
            Some(error) if read == 0 => Err(sorted(error)),
            _ => Ok(contents),
        }
    }

    fn chosen(&self, items: &[Item<'_>]) -> Result<Option<usize>, StoreError> {
        Ok(self.store.owner.chosen(&Self::contents(items)?))
    }
}

impl Session for KeyringSession {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let found = self.search()?;
        let mut contents = Self::contents(&found.unlocked)?;
        match self.store.owner.chosen(&contents) {
            Some(at) => Ok(Some(contents.swap_remove(at).content)),
            None if !found.locked.is_empty() => Err(StoreError::Locked),
            // No vault of this product: whoever reads it says what it is.
            None => Ok(contents.pop().map(|item| item.content)),
        }
    }

    /// Writes every item of this device's that is open, so that none of them is left behind for later; the one that
    /// counts comes first. Another device's is left alone: its key is in no other place.
    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let found = self.search()?;
        if found.unlocked.is_empty() {
            if !found.locked.is_empty() {
                return Err(StoreError::Locked);
            }
            let collection = self.default_collection()?;
            let (label, replace) = (&self.store.label, true);
            let made = collection.create_item(label, self.attributes(), bytes, replace, CONTENT);
            return made.map(drop).map_err(sorted);
        }
        let contents = Self::contents(&found.unlocked)?;
        let owner = &self.store.owner;
        let device = owner.vault(bytes).map(|vault| vault.identity);
        let is_own = |item: &twins::Item| {
            device.is_some() && owner.vault(&item.content).map(|vault| vault.identity) == device
        };
        let first = owner.chosen(&contents).filter(|&at| is_own(&contents[at]));
        let first = first.ok_or(StoreError::NotReadBack)?;
        found.unlocked[first].set_secret(bytes, CONTENT).map_err(sorted)?;
        for (at, (item, content)) in found.unlocked.iter().zip(&contents).enumerate() {
            if at != first && is_own(content) {
                // One that can't be written is older from now on, and doesn't count.
                let _ = item.set_secret(bytes, CONTENT);
            }
        }
        Ok(())
    }
}

/// Tells the keyring's errors apart.
fn sorted(error: Error) -> StoreError {
    let known = match &error {
        Error::Locked => Some(StoreError::Locked),
        Error::Prompt => Some(StoreError::Denied),
        Error::PromptDisconnected => Some(StoreError::NoAnswer),
        Error::NoResult => Some(StoreError::NotInitialised),
        Error::Unavailable => Some(StoreError::NoService),
        Error::Zbus(error) => bus(error),
        Error::ZbusFdo(error) => fdo(error),
        _ => None,
    };
    known.unwrap_or_else(|| StoreError::Keyring { reason: error.to_string() })
}

fn bus(error: &zbus::Error) -> Option<StoreError> {
    match error {
        zbus::Error::MethodError(name, ..) => match name.as_str() {
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.UnknownObject"
            | "org.freedesktop.DBus.Error.UnknownInterface"
            | "org.freedesktop.DBus.Error.UnknownMethod" => Some(StoreError::NoService),
            "org.freedesktop.DBus.Error.NoReply"
            | "org.freedesktop.DBus.Error.Timeout"
            | "org.freedesktop.DBus.Error.TimedOut"
            | "org.freedesktop.DBus.Error.Disconnected" => Some(StoreError::NoAnswer),
            "org.freedesktop.Secret.Error.IsLocked" => Some(StoreError::Locked),
            "org.freedesktop.Secret.Error.NoSession" => Some(StoreError::NoSession),
            "org.freedesktop.DBus.Error.AccessDenied" => Some(StoreError::Denied),
            name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => {
                Some(StoreError::NoService)
            }
            _ => None,
        },
        zbus::Error::FDO(error) => fdo(error),
        // The keyring hasn't answered in time, or the bus has gone.
        zbus::Error::InputOutput(_) => Some(StoreError::NoAnswer),
        zbus::Error::Address(_) | zbus::Error::Connection(..) => Some(StoreError::NoSession),
        _ => None,
    }
}

fn fdo(error: &zbus::fdo::Error) -> Option<StoreError> {
    match error {
        zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_) => {
            Some(StoreError::NoService)
        }
        zbus::fdo::Error::NoReply(_)
        | zbus::fdo::Error::Timeout(_)
        | zbus::fdo::Error::TimedOut(_)
        | zbus::fdo::Error::Disconnected(_) => Some(StoreError::NoAnswer),
        zbus::fdo::Error::AccessDenied(_) => Some(StoreError::Denied),
        zbus::fdo::Error::ZBus(error) => bus(error),
        _ => None,
    }
}
