//! Where the vault is kept: the keyring, or a sealed file. One item, read and written as a whole.

#[cfg(target_os = "linux")]
pub(crate) mod duplicates;
mod file;
#[cfg(not(target_os = "linux"))]
mod keyring;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod sealed;
mod search;
#[cfg(target_os = "linux")]
mod secret_service;

use std::fmt::Debug;

use latchkey_token::Seed;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::profile::Profile;

pub(crate) use file::FileStore;
#[cfg(not(target_os = "linux"))]
pub(crate) use keyring::KeyringStore;
pub(crate) use search::{FoundFile, find};
#[cfg(target_os = "linux")]
pub(crate) use secret_service::KeyringStore;

/// What every item of the keyring is filed under.
const SERVICE: &str = "latchkey";

/// What a product's item of the keyring is filed under: `<vendor id>/<product>`.
fn user(profile: &Profile) -> String {
    format!("{}/{}", profile.vendor, profile.product)
}

/// What the item is called where people look into their keyring.
pub(crate) fn label(profile: &Profile) -> String {
    format!("Latchkey: {}", profile.product_name)
}

/// A place for one item.
pub(crate) trait Store: Debug + Send + Sync {
    /// Gets access. May ask the person, and then takes as long as the person does: so never under the lock.
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError>;

    /// Gets access for a write, which may need more than a read does. May ask the person too.
    fn open_for_writing(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        self.open()
    }

    /// The item, for somebody who won't write. May ask the person too.
    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.open()?.read()
    }
}

/// Access to the item.
pub(crate) trait StoreHandle {
    /// The item; `None` when there is none yet.
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the item in one step: after a crash it is the old one or the new one.
    fn write(&self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Whether others read the item, so that the device's secret doesn't belong into it.
    fn has_separate_secret(&self) -> bool {
        false
    }

    /// The secret that is kept apart.
    fn read_secret(&self) -> Result<Seed, StoreError> {
        Err(StoreError::DAMAGED)
    }

    /// Keeps the secret apart; it has reached the disk before the item that needs it is written.
    fn write_secret(&self, _seed: &Seed) -> Result<(), StoreError> {
        Ok(())
    }
}
