//! What every store can do, and the names of a product's item in a keyring. The stores themselves
//! are in `file` and in the modules of the keyrings.

use std::fmt::Debug;

use latchkey_config::Profile;
use latchkey_token::Seed;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// The service name of all keyring items.
pub(super) const SERVICE: &str = "latchkey";

/// The account name of a product's keyring item: `<vendor id>/<product>`.
pub(super) fn user(profile: &Profile) -> String {
    format!("{}/{}", profile.vendor, profile.product)
}

/// The item's label in the keyring's user interface.
pub(crate) fn label(profile: &Profile) -> String {
    format!("{} ({})", profile.product_name, profile.vendor_name)
}

/// A store of one item.
pub(crate) trait Store: Debug + Send + Sync {
    /// Unlocks the store for reading. May prompt the user and then takes as long as the user does,
    /// so it is never called under the lock.
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError>;

    /// Unlocks the store for a write, which may need more than a read. May prompt the user too.
    fn open_for_writing(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        self.open()
    }

    /// Reads the item without intending to write. May prompt the user too.
    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.open()?.read()
    }

    /// Reads the item only if that needs no prompt.
    fn read_unprompted(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.read_once()
    }
}

/// An unlocked store.
pub(crate) trait StoreHandle {
    /// Reads the item; `None` if there is none yet.
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError>;

    /// Replaces the item in one step: after a crash, it is either the old one or the new one.
    fn write(&self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Whether other users can read the item, so that the device's secret doesn't belong in it.
    fn has_separate_secret(&self) -> bool {
        false
    }

    /// Reads the secret that is stored separately.
    fn read_secret(&self) -> Result<Seed, StoreError> {
        Err(StoreError::DAMAGED)
    }

    /// Stores the secret separately; it is flushed to disk before the item that needs it is
    /// written.
    fn write_secret(&self, _seed: &Seed) -> Result<(), StoreError> {
        Ok(())
    }
}
