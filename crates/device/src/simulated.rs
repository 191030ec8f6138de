//! A simulated computer in memory: its vault, its clocks, its hardware, and what its owner does to
//! them. Models of a licence's life go through more states than real computers could.
//!
//! It weakens no check. [`Device::open_simulated`](crate::Device::open_simulated) needs a simulated
//! computer from the caller, which no shipped program creates, and its vault is judged by the same
//! rules as any other.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_config::{Profile, Scope, StoreKind};
use latchkey_lease::Timestamp;
use latchkey_lease::{StoredClock, Uptime};
use latchkey_token::{HardwareTrait, RequestId, SeatId, Seconds, Seed};
use zeroize::Zeroizing;

use crate::error::{StoreError, VaultError};
use crate::fingerprint::TraitValues;
use crate::licence_view::verify_lease;
use crate::paths::ResolvedStore;
use crate::status::StoreDescription;
use crate::store::{Store, StoreHandle};
use crate::vault::Vault;

/// The rights with which a simulated computer's vault is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SimulatedRights {
    /// Reads and writes everything.
    #[default]
    Owner,
    /// Reads everything but can't write: the folder is read-only, or the disk is full.
    ReadOnly,
    /// Reads what everyone can read of a machine's licence, which excludes the secret, and can't
    /// write.
    OrdinaryUser,
}

/// The content of a vault, so that two states of a computer can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedState {
    /// The device's key.
    pub device: latchkey_token::KeyId,
    /// The counter of the last request or deactivation.
    pub counter: u64,
    /// The number of requests whose response would be accepted.
    pub pending: Vec<RequestId>,
    /// The lease, if the vendor's signatures verify.
    pub lease: Option<SimulatedLease>,
    /// Seats that were returned without confirmed delivery, each with the counter of its
    /// deactivation.
    pub outbox: Vec<(SeatId, u64)>,
    /// The effective clock.
    pub clock: StoredClock,
    /// When the hardware was first seen to have changed.
    pub hardware_changed_at: Option<Seconds>,
}

/// The signed content of a lease in a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimulatedLease {
    /// The seat.
    pub seat: SeatId,
    /// The sequence number of the newest token.
    pub sequence: u64,
    /// When it was granted.
    pub activated_at: Timestamp,
    /// When it ends.
    pub lease_expiry: Timestamp,
    /// When the product stops.
    pub grace_end: Timestamp,
}

/// A computer in memory. Copies of this value are the same computer.
#[derive(Debug, Clone, Default)]
pub struct SimulatedComputer(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    vault: Option<Vec<u8>>,
    /// The second file of a machine's licence, which contains the secret.
    secret: Option<Zeroizing<[u8; 32]>>,
    machine: bool,
    access: SimulatedRights,
    traits: TraitValues,
    uptime: Option<Uptime>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner(<redacted>)")
    }
}

impl SimulatedComputer {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store of a licence with this scope. The folder is for the lock between processes.
    pub(crate) fn resolved_store(&self, scope: Scope, folder: &Path) -> ResolvedStore {
        self.inner().machine = scope == Scope::Machine;
        ResolvedStore {
            store: Arc::new(self.clone()),
            description: StoreDescription { kind: StoreKind::Keyring, path: None, scope },
            lock: folder.join("simulated.lock"),
            register: None,
        }
    }

    /// Copies both files, to be restored later or on another computer.
    #[must_use]
    pub fn vault(&self) -> StoredVault {
        let inner = self.inner();
        StoredVault { vault: inner.vault.clone(), secret: inner.secret.clone() }
    }

    /// Restores both files.
    pub fn put_back(&self, stored: &StoredVault) {
        let mut inner = self.inner();
        (inner.vault, inner.secret) = (stored.vault.clone(), stored.secret.clone());
    }

    /// Sets the rights from now on.
    pub fn set_access(&self, access: SimulatedRights) {
        self.inner().access = access;
    }

    /// Changes the hardware.
    pub fn set_traits(&self, traits: BTreeMap<HardwareTrait, String>) {
        self.inner().traits = traits.into();
    }

    /// Advances the running time, or restarts the computer.
    pub fn set_uptime(&self, uptime: Option<Uptime>) {
        self.inner().uptime = uptime;
    }

    pub(crate) fn traits(&self) -> TraitValues {
        self.inner().traits.clone()
    }

    pub(crate) fn uptime(&self) -> Option<Uptime> {
        self.inner().uptime
    }
}

/// A copied vault with its separate secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StoredVault {
    pub(crate) vault: Option<Vec<u8>>,
    pub(crate) secret: Option<Zeroizing<[u8; 32]>>,
}

impl std::fmt::Debug for StoredVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredVault(<redacted>)")
    }
}

impl Hash for StoredVault {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.vault.hash(state);
        self.secret.as_deref().hash(state);
    }
}

impl StoredVault {
    /// The content of the vault; `None` if there is no vault.
    ///
    /// # Errors
    /// Returns [`VaultError::Store`] if the vault is damaged, [`VaultError::Key`] if the device's
    /// keys can't be derived, and [`VaultError::Lease`] if the vendor's signature on its lease
    /// doesn't verify.
    pub fn read_vault(&self, profile: &Profile) -> Result<Option<SimulatedState>, VaultError> {
        let Some(bytes) = &self.vault else { return Ok(None) };
        let vault = Vault::from_bytes(bytes)?;
        let keys = vault.identity.public()?;
        let lease = vault.licence.as_ref().map(|stored| verify_lease(profile, &keys, stored));
        let lease = lease.transpose()?.map(|lease| SimulatedLease {
            seat: lease.seat(),
            sequence: lease.sequence(),
            activated_at: lease.activated_at(),
            lease_expiry: lease.lease_expiry(),
            grace_end: lease.grace_end(),
        });
        Ok(Some(SimulatedState {
            device: keys.id(),
            lease,
            counter: vault.counter,
            pending: vault.pending.iter().map(|pending| pending.request).collect(),
            outbox: vault.outbox.iter().map(|entry| (entry.seat, entry.counter)).collect(),
            clock: vault.clock.to_stored(),
            hardware_changed_at: vault.hardware_changed_at,
        }))
    }
}

impl Store for SimulatedComputer {
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        Ok(Box::new(self.clone()))
    }
}

impl StoreHandle for SimulatedComputer {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(self.inner().vault.clone().map(Zeroizing::new))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.inner();
        refuse(inner.access)?;
        inner.vault = Some(bytes.to_vec());
        Ok(())
    }

    fn has_separate_secret(&self) -> bool {
        self.inner().machine
    }

    fn read_secret(&self) -> Result<Seed, StoreError> {
        let inner = self.inner();
        match &inner.secret {
            _ if inner.access == SimulatedRights::OrdinaryUser => Err(no_permission()),
            Some(secret) => Ok(Seed::from_bytes(**secret)),
            None => Err(StoreError::DAMAGED),
        }
    }

    fn write_secret(&self, seed: &Seed) -> Result<(), StoreError> {
        let mut inner = self.inner();
        refuse(inner.access)?;
        inner.secret = Some(Zeroizing::new(*seed.expose()));
        Ok(())
    }
}

fn refuse(access: SimulatedRights) -> Result<(), StoreError> {
    match access {
        SimulatedRights::Owner => Ok(()),
        SimulatedRights::ReadOnly => Err(StoreError::ReadOnly { path: PathBuf::from("simulated") }),
        SimulatedRights::OrdinaryUser => Err(no_permission()),
    }
}

fn no_permission() -> StoreError {
    StoreError::Permission { path: PathBuf::from("simulated") }
}
