//! `Snapshot`: the content of a store at one moment, which can be judged any number of times. A
//! running product keeps one, so that repeated checks cost the verification of the vendor's
//! signatures but no access to the keyring.
//!
//! It contains no secret, and nothing in it is trusted: [`Device::judge`] verifies the signatures
//! each time.

use std::fmt;

use latchkey_config::StoreKind;
use latchkey_lease::Timestamp;
use latchkey_token::{HardwareTrait, scan};

use crate::change_stamp::ChangeStamp;
use crate::device::{Device, Done};
use crate::error::{ApplyError, DeactivateError, StatusError, VaultError};
use crate::fingerprint::TraitHashes;
use crate::status::{Applied, OutboxEntry, Status};
use crate::vault::{Identity, Vault};

/// The content of a store when it was read.
#[derive(Clone)]
pub struct Snapshot {
    /// The vault, without the device's secret.
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

impl Device {
    /// Reads the store once. May cause the keyring to prompt, and then takes as long as the user
    /// does.
    ///
    /// # Errors
    /// Returns [`StatusError::Vault`] if the store can't be read or contains something else.
    pub fn snapshot(&self) -> Result<Snapshot, StatusError> {
        // The stamp is taken before reading, so that a write in between is noticed.
        let mark = self.change_stamp();
        let vault = self.load_once().map_err(VaultError::from)?;
        Ok(self.snapshot_of(vault, mark)?)
    }

    /// As [`Device::apply`]; also returns the store's content after it, which was read back anyway.
    /// What was done counts even if there is no snapshot of it.
    ///
    /// # Errors
    /// As [`Device::apply`].
    pub fn apply_with_snapshot(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Result<(Vec<Applied>, Option<Snapshot>), ApplyError> {
        let Done { value, vault, stamp, .. } = self.run_apply(&scan(text)?, now)?;
        Ok((value, self.snapshot_of(vault, stamp).ok()))
    }

    /// As [`Device::deactivate`]; also returns the store's content after it, which was read back
    /// anyway. What was done counts even if there is no snapshot of it.
    ///
    /// # Errors
    /// As [`Device::deactivate`].
    pub fn deactivate_with_snapshot(
        &self,
        now: Timestamp,
    ) -> Result<(OutboxEntry, Option<Snapshot>), DeactivateError> {
        let Done { value, vault, stamp, .. } = self.run_deactivate(now)?;
        Ok((value, self.snapshot_of(vault, stamp).ok()))
    }

    fn snapshot_of(
        &self,
        mut vault: Option<Vault>,
        mark: ChangeStamp,
    ) -> Result<Snapshot, VaultError> {
        if let Some(vault) = &mut vault {
            vault.identity = Identity::Public(vault.identity.public()?);
        }
        let values = self.trait_values();
        let traits = self.hash_traits(&values);
        Ok(Snapshot { vault, readable: values.keys().copied().collect(), traits, mark })
    }

    /// The status at this time, judged from the snapshot. Verifies the vendor's signatures; reads
    /// and writes nothing. The outbox is ignored.
    ///
    /// # Errors
    /// Returns [`StatusError::Vault`] if the vendor's signature on the stored lease doesn't verify.
    pub fn judge(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Status, StatusError> {
        let (readable, traits) = (snapshot.readable.clone(), &snapshot.traits);
        Ok(self.status_of(snapshot.vault.as_ref(), readable, traits, now)?)
    }

    /// Whether no program of Latchkey's has written since the snapshot was taken, and the vault's
    /// file, if it is one, is unchanged. Costs two file-system queries.
    #[must_use]
    pub fn is_current(&self, snapshot: &Snapshot) -> bool {
        self.change_stamp() == snapshot.mark
    }

    /// Whether there is state to persist: [`Device::remember`] would advance the effective clock,
    /// or a change of the hardware isn't recorded yet.
    #[must_use]
    pub fn snapshot_needs_persist(&self, snapshot: &Snapshot, now: Timestamp) -> bool {
        let traits = &snapshot.traits;
        snapshot.vault.as_ref().is_some_and(|vault| self.needs_persist(vault, traits, now))
    }

    pub(crate) fn change_stamp(&self) -> ChangeStamp {
        let store = self.store();
        let file = store.path.as_deref().filter(|_| store.kind == StoreKind::File);
        ChangeStamp::read(self.lock_file(), file)
    }
}
