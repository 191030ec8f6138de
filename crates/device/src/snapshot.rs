//! What a store held at one moment, to be judged any number of times. A running product keeps one, so that asking
//! again costs the verification of the vendor's signatures and not the keyring's answer.
//!
//! There is no secret in it, and nothing in it is believed: [`Device::judge`] verifies the signatures each time.

use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use latchkey_lease::Timestamp;
use latchkey_token::HardwareTrait;

use crate::device::Device;
use crate::error::{StatusError, VaultError};
use crate::fingerprint::TraitHashes;
use crate::profile::StoreKind;
use crate::status::Status;
use crate::vault::{Identity, Vault};

/// What a store held when it was read.
#[derive(Clone)]
pub struct Snapshot {
    /// Without the device's secret.
    pub(crate) vault: Option<Vault>,
    /// The traits that could be read, and their hashes.
    readable: Vec<HardwareTrait>,
    traits: TraitHashes,
    mark: ChangeStamp,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("vault", &self.vault).finish_non_exhaustive()
    }
}

/// What changes whenever one of Latchkey's programs writes the vault: the lock's file, which grows by a byte at
/// each write, and the vault's own, where it is one. What a keyring holds can be changed by other programs without
/// any of it, so whoever keeps a snapshot reads again after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChangeStamp {
    lock: Option<FileStamp>,
    file: Option<FileStamp>,
}

/// A file as the operating system describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// On Unix, a file that took another one's place has another number.
    number: u64,
}

impl FileStamp {
    fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::symlink_metadata(path).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let number = 0;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), number })
    }
}

impl Device {
    /// Reads the store, once. May ask the keyring's question, and then takes as long as the person does.
    ///
    /// # Errors
    /// [`StatusError`] when the store can't be read or holds something else.
    pub fn snapshot(&self) -> Result<Snapshot, StatusError> {
        // Before reading: what is written in between is then noticed.
        let mark = self.change_stamp();
        let mut vault = self.load_once().map_err(VaultError::from)?;
        if let Some(vault) = &mut vault {
            vault.identity = Identity::Public(vault.identity.public().map_err(VaultError::from)?);
        }
        let values = self.trait_values();
        let traits = self.hashed(&values);
        Ok(Snapshot { vault, readable: values.keys().copied().collect(), traits, mark })
    }

    /// How it stood when the snapshot was taken, judged at this time. Verifies the vendor's signatures; reads
    /// nothing and writes nothing. The outbox isn't looked at.
    ///
    /// # Errors
    /// [`StatusError`] when the stored lease isn't the vendor's word.
    pub fn judge(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Status, StatusError> {
        let (readable, traits) = (snapshot.readable.clone(), &snapshot.traits);
        Ok(self.status_of(snapshot.vault.as_ref(), readable, traits, now)?)
    }

    /// Whether no program of Latchkey's has written since the snapshot was taken, and nobody else has touched
    /// the file, if it is one. Costs two questions to the file system.
    #[must_use]
    pub fn is_current(&self, snapshot: &Snapshot) -> bool {
        self.change_stamp() == snapshot.mark
    }

    /// Whether [`Device::remember`] would move the effective clock on.
    #[must_use]
    pub fn has_news(&self, snapshot: &Snapshot, now: Timestamp) -> bool {
        let traits = &snapshot.traits;
        snapshot.vault.as_ref().is_some_and(|vault| self.needs_persist(vault, traits, now))
    }

    fn change_stamp(&self) -> ChangeStamp {
        let store = self.store();
        let file = store.path.as_deref().filter(|_| store.kind == StoreKind::File);
        ChangeStamp { lock: FileStamp::at(self.lock_file()), file: file.and_then(FileStamp::at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock;

    #[test]
    fn every_write_changes_the_mark_however_fast_they_follow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let mut seen = vec![FileStamp::at(&path)];
        for _ in 0..50 {
            lock::Lock::take(&path, false, lock::LOCK_TIMEOUT).unwrap().record_write();
            seen.push(FileStamp::at(&path));
        }
        for pair in seen.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
