//! Where the vault is kept: the keyring, or a sealed file. One item, read and written as a whole.

mod file;
mod keyring;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod sealed;
mod search;

use std::fmt::Debug;

use latchkey_token::Seed;
use zeroize::Zeroizing;

use crate::error::StoreError;

pub(crate) use file::FileStore;
pub(crate) use keyring::KeyringStore;
pub(crate) use search::{Place, find};

/// A place for one item.
pub(crate) trait Store: Debug + Send + Sync {
    /// Gets access. May ask the person, and then takes as long as the person does: so never under the lock.
    fn unlock(&self) -> Result<Box<dyn Session>, StoreError>;

    /// The item, for somebody who won't write. May ask the person too.
    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.unlock()?.read()
    }
}

/// Access to the item.
pub(crate) trait Session {
    /// The item; `None` when there is none yet.
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the item in one step: after a crash it is the old one or the new one.
    fn write(&self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Whether others read the item, so that the device's secret doesn't belong into it.
    fn keeps_secret_apart(&self) -> bool {
        false
    }

    /// The secret that is kept apart.
    fn read_secret(&self) -> Result<Seed, StoreError> {
        Err(StoreError::Damaged)
    }

    /// Keeps the secret apart; it has reached the disk before the item that needs it is written.
    fn write_secret(&self, _seed: &Seed) -> Result<(), StoreError> {
        Ok(())
    }
}
