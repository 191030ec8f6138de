//! `Device`: requests, applies, renews and deactivates a licence on this computer. Each operation
//! that changes something is one write.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use latchkey_config::{Profile, Scope, StoreKind};
use latchkey_lease::Timestamp;
use latchkey_lease::{ClockReading, ClockState, EffectiveClock, to_seconds};
use latchkey_token::{
    ActivationCode, FoundToken, HardwareTrait, HardwareTraits, RequestId, SeatName, SecretKeys,
    Seed, scan,
};
use zeroize::Zeroizing;

use crate::apply::{ApplyContext, ApplyPlan, DeviceKeys};
use crate::error::{
    ApplyError, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError, StoreError, StoredAt, VaultError,
};
use crate::fingerprint;
use crate::key_registry;
use crate::licence_view::{licence, sealed_outbox, sealed_request, summary};
use crate::lock::{self, Lock};
use crate::paths::{DataDirs, ResolvedStore, StoreChoice, choose};
use crate::simulated::SimulatedComputer;
use crate::status::{
    Applied, Hardware, Inspected, OutboxEntry, OutboxId, PendingRequest, State, Status,
    StoreDescription,
};
use crate::store::{Store, StoreHandle};
use crate::vault::{
    Identity, MAX_OUTBOX, MAX_PENDING, NewestRequest, Pending, StoredDeactivation, Vault,
};

/// Reading the status advances the effective clock at most this often.
const CLOCK_STEP: TimeDelta = TimeDelta::hours(1);
/// How long reading the status waits for the lock in order to advance the clock.
const CLOCK_LOCK_TIMEOUT: Duration = Duration::from_millis(500);
/// How long it waits in order to record changed hardware, which has to be recorded before it gets a
/// grace period.
const PERSIST_TIMEOUT: Duration = Duration::from_secs(5);

/// This computer, for one product. Cheap to create and to keep; each operation opens the store
/// again.
#[derive(Clone)]
pub struct Device {
    profile: Profile,
    description: StoreDescription,
    store: Arc<dyn Store>,
    lock: PathBuf,
    /// The path of the key registry.
    register: Option<PathBuf>,
    /// The other store that the policy allows, if it may contain a licence or an outbox too. Only
    /// its outbox is used: until its tokens are delivered, their seats stay taken.
    other: Option<Arc<Device>>,
    /// Whether the last attempt to persist clock or hardware state failed.
    refused: Arc<AtomicBool>,
    /// The simulated computer that replaces this one's clocks and hardware.
    simulated: Option<SimulatedComputer>,
    #[cfg(test)]
    pub(crate) traits: Option<fingerprint::TraitValues>,
    #[cfg(test)]
    pub(crate) uptime: Option<latchkey_lease::Uptime>,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("store", &self.description).finish_non_exhaustive()
    }
}

/// A completed operation: its result, the open store, and the vault as it is there now.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) session: Box<dyn StoreHandle>,
    pub(crate) vault: Option<Vault>,
}

/// What to do with the vault after a change.
enum Change<T> {
    Commit(T),
    Unchanged(T),
}

/// What a store contains, in increasing order of importance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum StoreContents {
    /// At most a pending request.
    Nothing,
    Outbox,
    Licence,
}

impl Device {
    /// Chooses the store and writes nothing. Determines which file of the folder is this
    /// computer's; if the policy has two places to choose from, the keyring may prompt the user
    /// here.
    ///
    /// # Errors
    /// Returns [`StoreError::FileForbidden`] if the policy forbids the file,
    /// [`StoreError::NoFolder`] if there is no folder for it, and the keyring's error if the
    /// keyring can't be read and the file contains no licence.
    pub fn open(profile: Profile, choice: StoreChoice) -> Result<Self, OpenDeviceError> {
        Self::open_in(profile, choice, &DataDirs::system())
    }

    /// As [`Device::open`], with other folders than this computer's; for tests.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub fn open_in(
        profile: Profile,
        choice: StoreChoice,
        places: &DataDirs,
    ) -> Result<Self, OpenDeviceError> {
        Self::open_on(profile, choice, places, &fingerprint::read())
    }

    fn open_on(
        profile: Profile,
        choice: StoreChoice,
        places: &DataDirs,
        traits: &fingerprint::TraitValues,
    ) -> Result<Self, OpenDeviceError> {
        let policy = profile.store;
        let by_habit = choice == StoreChoice::Policy
            && (policy.scope, policy.default) == (Scope::User, StoreKind::Keyring);
        let device = Self::with(profile.clone(), choose(&profile, choice, places, traits)?);
        if !by_habit || device.description.kind == StoreKind::Keyring {
            return Ok(device);
        }
        let keyring = choose(&profile, StoreChoice::Keyring, places, traits)?;
        Ok(device.prefer_store_with_licence(Self::with(profile, keyring))?)
    }

    /// As [`Device::open_in`], on a computer with these traits.
    #[cfg(test)]
    pub(crate) fn open_with(
        profile: Profile,
        choice: StoreChoice,
        places: &DataDirs,
        traits: &fingerprint::TraitValues,
    ) -> Result<Self, OpenDeviceError> {
        let mut device = Self::open_on(profile, choice, places, traits)?;
        device.traits = Some(traits.clone());
        Ok(device)
    }

    fn with(profile: Profile, chosen: ResolvedStore) -> Self {
        let ResolvedStore { store, description, lock, register } = chosen;
        Self {
            profile,
            description,
            store,
            lock,
            register,
            other: None,
            refused: Arc::default(),
            simulated: None,
            #[cfg(test)]
            traits: None,
            #[cfg(test)]
            uptime: None,
        }
    }

    /// Opens a device on a simulated computer. The folder is for the lock between processes.
    #[must_use]
    pub fn open_simulated(profile: Profile, computer: &SimulatedComputer, folder: &Path) -> Self {
        let chosen = computer.resolved_store(profile.store.scope, folder);
        Self { simulated: Some(computer.clone()), ..Self::with(profile, chosen) }
    }

    /// Prefers an existing file that the user once chose, unless the keyring contains more: a
    /// request that was made while there was no keyring must not hide the licence in the keyring.
    pub(crate) fn prefer_store_with_licence(self, keyring: Self) -> Result<Self, StoreError> {
        let here = self.contents();
        if here == Ok(StoreContents::Licence) {
            return Ok(self.and(keyring));
        }
        match (here, keyring.contents()) {
            (Ok(here), Ok(there)) if there > here => Ok(keyring.and(self)),
            (Err(_), Ok(StoreContents::Licence)) => Ok(keyring.and(self)),
            // The keyring's content is unknown, so it isn't known either that there is no licence.
            (Ok(_), Err(error)) if !error.is_no_keyring() => Err(error),
            _ => Ok(self.and(keyring)),
        }
    }

    fn and(self, other: Self) -> Self {
        Self { other: Some(Arc::new(other)), ..self }
    }

    fn contents(&self) -> Result<StoreContents, StoreError> {
        let vault = self.load(&*self.store.open()?)?;
        Ok(match vault {
            Some(vault) if vault.licence.is_some() => StoreContents::Licence,
            Some(vault) if !vault.outbox.is_empty() => StoreContents::Outbox,
            _ => StoreContents::Nothing,
        })
    }

    /// A device on another store, for tests.
    #[cfg(test)]
    pub(crate) fn on_store(
        profile: Profile,
        store: Arc<dyn Store>,
        folder: &std::path::Path,
    ) -> Self {
        Self {
            description: StoreDescription {
                kind: StoreKind::Keyring,
                path: None,
                scope: profile.store.scope,
            },
            profile,
            store,
            lock: folder.join("lock"),
            register: Some(folder.to_owned()),
            other: None,
            refused: Arc::default(),
            simulated: None,
            traits: None,
            uptime: None,
        }
    }

    /// The product.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The store in which the licence is kept.
    #[must_use]
    pub const fn store(&self) -> &StoreDescription {
        &self.description
    }

    pub(crate) fn lock_file(&self) -> &std::path::Path {
        &self.lock
    }

    /// Returns the status. Advances the effective clock, at most once an hour and once per boot,
    /// and records when the hardware was first seen to have changed; failing to do so is no error.
    /// But a change that isn't in the store starts no grace period, so it is written and read back
    /// before the status reports one.
    ///
    /// # Errors
    /// Returns [`StatusError::Vault`] if the vault can't be read, or if the vendor's signature on
    /// its lease doesn't verify.
    pub fn status(&self, now: Timestamp) -> Result<Status, StatusError> {
        let (session, vault) = self.open_and_load()?;
        Ok(self.status_in(session, vault.as_ref(), now)?)
    }

    /// [`Device::status`] on an open store and the vault that was read from it.
    pub(crate) fn status_in(
        &self,
        session: Box<dyn StoreHandle>,
        vault: Option<&Vault>,
        now: Timestamp,
    ) -> Result<Status, VaultError> {
        let mut status = self.status_with_outbox(&*session, vault, now)?;
        status.outbox.extend(self.outbox_of_other(false));
        status.outbox.sort_by_key(|entry| entry.created_at);
        if let Some(vault) = vault
            && self.needs_persist(vault, &self.traits(), now)
        {
            let unrecorded = status.hardware.is_unrecorded();
            let patience = if unrecorded { PERSIST_TIMEOUT } else { CLOCK_LOCK_TIMEOUT };
            // Recording a hardware change is worth a keyring prompt; recording the time isn't.
            let remembered = if unrecorded {
                drop(session);
                let session = self.open_for_writing();
                session.and_then(|session| self.remember_in(&*session, now, patience))
            } else {
                self.remember_in(&*session, now, patience)
            };
            match remembered {
                Ok(vault) => {
                    let (readable, outbox) = (status.traits, status.outbox);
                    status = self.status_of(vault.as_ref(), readable, &self.traits(), now)?;
                    status.outbox = outbox;
                }
                Err(VaultError::Store(error)) if unrecorded => {
                    status.hardware.refused = Some(error);
                }
                Err(_) => {}
            }
            self.judge_jump(&mut status);
        }
        Ok(status)
    }

    /// As [`Device::status`], but never writes.
    ///
    /// # Errors
    /// As [`Device::status`].
    pub fn read_status(&self, now: Timestamp) -> Result<Status, StatusError> {
        let (session, vault) = self.open_and_load()?;
        Ok(self.status_with_outbox(&*session, vault.as_ref(), now)?)
    }

    /// Advances the effective clock, as [`Device::status`] does. Failing is no error.
    pub fn remember(&self, now: Timestamp) {
        if let Ok(session) = self.unlock() {
            let _ = self.remember_in(&*session, now, CLOCK_LOCK_TIMEOUT);
        }
    }

    /// As [`Device::remember`], if the hardware has changed and that isn't recorded yet. It waits
    /// as long for another writing program as [`Device::status`] does, because without the record
    /// there is no grace period, and a product that gives up earlier doesn't run.
    pub fn remember_changed_hardware(&self, now: Timestamp) {
        if let Ok(session) = self.open_for_writing() {
            let _ = self.remember_in(&*session, now, PERSIST_TIMEOUT);
        }
    }

    /// The persisted state as it was read back. A caller who may only read (a machine's licence)
    /// still needs the status, so most callers ignore a failure.
    fn remember_in(
        &self,
        session: &dyn StoreHandle,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Option<Vault>, VaultError> {
        let moved = self.change_in(session, now, patience, |vault| {
            Ok::<_, VaultError>(if vault.is_some() {
                Change::Commit(())
            } else {
                Change::Unchanged(())
            })
        });
        let refused = matches!(&moved, Err(VaultError::Store(error)) if error.is_refused_write());
        self.refused.store(refused, Ordering::Relaxed);
        moved.map(|(vault, ())| vault)
    }

    /// Whether there is state to persist.
    pub(crate) fn needs_persist(
        &self,
        vault: &Vault,
        traits: &fingerprint::TraitHashes,
        now: Timestamp,
    ) -> bool {
        let moment = self.clock_reading(now);
        let at = vault.clock.judging_time(moment).timestamp();
        vault.clock.needs_persist(moment, CLOCK_STEP)
            || vault.hardware_changed_by(traits, at) != vault.hardware_changed_at
    }

    fn open_and_load(&self) -> Result<(Box<dyn StoreHandle>, Option<Vault>), VaultError> {
        let session = self.store.open()?;
        let vault = self.load(&*session)?;
        Ok((session, vault))
    }

    /// The status of a vault at this time. Writes nothing.
    fn status_with_outbox(
        &self,
        session: &dyn StoreHandle,
        vault: Option<&Vault>,
        now: Timestamp,
    ) -> Result<Status, VaultError> {
        let values = self.trait_values();
        let traits = self.hashed(&values);
        let readable = values.keys().copied().collect();
        let mut status = self.status_of(vault, readable, &traits, now)?;
        if let Some(vault) = vault.filter(|vault| !vault.outbox.is_empty())
            && let Ok(keys) = secret(session, vault)
        {
            status.outbox = sealed_outbox(&self.profile, vault, &keys)?;
        }
        Ok(status)
    }

    /// The status of a vault at this time, without its outbox.
    pub(crate) fn status_of(
        &self,
        vault: Option<&Vault>,
        readable: Vec<HardwareTrait>,
        traits: &fingerprint::TraitHashes,
        now: Timestamp,
    ) -> Result<Status, VaultError> {
        let moment = self.clock_reading(now);
        let mut status = Status {
            state: State::NotActivated,
            licence: None,
            pending_requests: 0,
            newest_request: None,
            outbox: Vec::new(),
            outbox_has_room: true,
            effective_now: now,
            clock: EffectiveClock::new(moment).state(moment),
            hardware: Hardware::default(),
            surroundings: fingerprint::virtualization(),
            device_key: None,
            traits: readable,
            store: self.description.clone(),
        };
        let Some(vault) = vault else {
            return Ok(status);
        };
        let at = vault.clock.judging_time(moment);
        status.effective_now = at.timestamp();
        status.clock = vault.clock.state(moment);
        status.device_key = Some(vault.identity.public()?.id());
        status.pending_requests = vault.pending.len();
        status.outbox_has_room = vault.outbox.len() < MAX_OUTBOX;
        status.newest_request = summary(vault);
        if let Some((state, licence)) = licence(&self.profile, vault, at)? {
            (status.state, status.licence) = (state, Some(licence));
        }
        status.judge_hardware(Self::hardware(vault, traits, at));
        self.judge_jump(&mut status);
        Ok(status)
    }

    /// If nothing can be persisted, an apparent jump is as often the time since an administrator's
    /// program last wrote as a wrong clock. While the licence runs, the user isn't bothered with
    /// that.
    fn judge_jump(&self, status: &mut Status) {
        let jumped = matches!(status.clock, ClockState::Ahead { .. });
        if jumped && status.may_run() && self.refused.load(Ordering::Relaxed) {
            status.clock = ClockState::Right;
        }
    }

    /// Makes a request. It can be repeated any number of times; a response to any of the newest
    /// eight is accepted. The token is returned only once it was stored and read back.
    ///
    /// # Errors
    /// Returns [`RequestError::Active`] while the lease runs on the computer that it was granted to
    /// (see [`Device::request_renewal`]), [`RequestError::OutboxFull`] if too many deactivations
    /// wait for delivery, and [`VaultError`] if the vault can't be read or written.
    pub fn request(
        &self,
        code: &ActivationCode,
        seat_name: &SeatName,
        now: Timestamp,
    ) -> Result<PendingRequest, RequestError> {
        Ok(self.run_request(code, seat_name, now)?.value)
    }

    pub(crate) fn run_request(
        &self,
        code: &ActivationCode,
        seat_name: &SeatName,
        now: Timestamp,
    ) -> Result<Done<PendingRequest>, RequestError> {
        self.make_request(now, |stored, traits| {
            let vault = match stored {
                Some(vault) => vault,
                None => stored.insert(self.new_vault(now)?),
            };
            let at = vault.clock.judging_time(self.clock_reading(now));
            // A lease that doesn't verify (any more) is no licence, so it doesn't prevent a
            // request.
            if let Ok(Some((State::Active, licence))) = licence(&self.profile, vault, at)
                && !Self::hardware(vault, traits, at)
                    .verdict
                    .is_some_and(|verdict| verdict.is_changed())
            {
                return Err(RequestError::Active { until: licence.lease_expiry });
            }
            Self::add_request(vault, code, seat_name, traits.traits, now)
        })
    }

    /// Makes a request that renews the present licence, even while its lease runs: if a refresh
    /// isn't enough for the vendor, this proves that the computer has the device's key and counter.
    /// The seat keeps its name unless another one is given. The present lease stays until the
    /// response is applied, and a refresh that is applied meanwhile removes nothing from it.
    ///
    /// # Errors
    /// Returns [`RequestError::NothingToRenew`] without a licence, [`RequestError::OutboxFull`] if
    /// too many deactivations wait for delivery, and [`VaultError`] if the vault can't be read or
    /// written.
    pub fn request_renewal(
        &self,
        code: &ActivationCode,
        seat_name: Option<&SeatName>,
        now: Timestamp,
    ) -> Result<PendingRequest, RequestError> {
        Ok(self.run_renewal(code, seat_name, now)?.value)
    }

    pub(crate) fn run_renewal(
        &self,
        code: &ActivationCode,
        seat_name: Option<&SeatName>,
        now: Timestamp,
    ) -> Result<Done<PendingRequest>, RequestError> {
        self.make_request(now, |stored, traits| {
            let vault = stored.as_mut().ok_or(RequestError::NothingToRenew)?;
            let held = vault.licence.as_ref().ok_or(RequestError::NothingToRenew)?;
            let seat_name = seat_name.unwrap_or(&held.seat_name).clone();
            Self::add_request(vault, code, &seat_name, traits.traits, now)
        })
    }

    /// Applies `add` to the vault, writes it and returns the newest request as it was read back.
    fn make_request(
        &self,
        now: Timestamp,
        add: impl FnOnce(&mut Option<Vault>, &fingerprint::TraitHashes) -> Result<(), RequestError>,
    ) -> Result<Done<PendingRequest>, RequestError> {
        let traits = self.traits();
        let session = self.open_for_writing()?;
        let (vault, ()) = self.change_in(&*session, now, lock::LOCK_TIMEOUT, |stored| {
            if let Some(vault) = stored {
                secret(&*session, vault)?;
            }
            add(stored, &traits).map(Change::Commit)
        })?;
        let vault = vault.ok_or(VaultError::Store(StoreError::VerifyFailed))?;
        let keys = secret(&*session, &vault)?;
        if let Some(register) = &self.register {
            let shared = self.description.scope == Scope::Machine;
            key_registry::record(register, shared, keys.public().id(), &self.profile);
        }
        let value = sealed_request(&self.profile, &vault, &keys)?
            .ok_or(RequestError::Vault(StoreError::VerifyFailed.into()))?;
        Ok(Done { value, session, vault: Some(vault) })
    }

    fn add_request(
        vault: &mut Vault,
        code: &ActivationCode,
        seat_name: &SeatName,
        traits: HardwareTraits,
        now: Timestamp,
    ) -> Result<(), RequestError> {
        if vault.outbox.len() >= MAX_OUTBOX {
            return Err(RequestError::OutboxFull { entries: vault.outbox.len() });
        }
        // Names of older requests are omitted if they equal the newest one's.
        if let Some(newest) = &vault.newest {
            for pending in &mut vault.pending {
                pending.seat_name.get_or_insert_with(|| newest.seat_name.clone());
            }
        }
        if vault.pending.len() >= MAX_PENDING {
            vault.pending.drain(..=vault.pending.len() - MAX_PENDING);
        }
        vault.pending.push(Pending { request: RequestId::random()?, traits, seat_name: None });
        for pending in &mut vault.pending {
            if pending.seat_name.as_ref() == Some(seat_name) {
                pending.seat_name = None;
            }
        }
        vault.newest = Some(NewestRequest {
            code: code.clone(),
            seat_name: seat_name.clone(),
            counter: vault.next_counter(),
            created_at: to_seconds(now),
        });
        Ok(())
    }

    /// The newest pending request, with its token sealed again; `None` if there is none.
    ///
    /// # Errors
    /// Returns [`PendingError::Vault`] if the vault can't be read, or if its requests can't be
    /// sealed again.
    pub fn pending_request(&self) -> Result<Option<PendingRequest>, PendingError> {
        Ok(self.run_pending_request()?.value)
    }

    pub(crate) fn run_pending_request(&self) -> Result<Done<Option<PendingRequest>>, PendingError> {
        let session = self.unlock()?;
        let vault = self.load(&*session).map_err(VaultError::from)?;
        let value = match &vault {
            Some(vault) if !vault.pending.is_empty() => {
                sealed_request(&self.profile, vault, &secret(&*session, vault)?)?
            }
            _ => None,
        };
        Ok(Done { value, session, vault })
    }

    /// Drops all pending requests, so that responses to them can't be applied any more. Returns how
    /// many there were.
    ///
    /// # Errors
    /// Returns [`PendingError::Vault`] if the vault can't be read or written.
    pub fn cancel_pending(&self, now: Timestamp) -> Result<usize, PendingError> {
        Ok(self.run_cancel_pending(now)?.value)
    }

    pub(crate) fn run_cancel_pending(&self, now: Timestamp) -> Result<Done<usize>, PendingError> {
        self.change(now, |vault| {
            let Some(vault) = vault.as_mut().filter(|vault| !vault.pending.is_empty()) else {
                return Ok(Change::Unchanged(0));
            };
            let count = vault.pending.len();
            vault.clear_pending();
            Ok(Change::Commit(count))
        })
    }

    /// Applies all responses and refreshes for this computer in a text, in one write, and returns
    /// the outcome for each token, in the text's order. Success is reported only after the stored
    /// lease was read back and verified.
    ///
    /// # Errors
    /// Returns [`ApplyError::Text`] if the text contains no token, and [`ApplyError::Vault`] if the
    /// vault can't be read or written. Then nothing was applied.
    pub fn apply(&self, text: &str, now: Timestamp) -> Result<Vec<Applied>, ApplyError> {
        Ok(self.apply_tokens(&scan(text)?, now)?)
    }

    /// As [`Device::apply`], with tokens that were found already.
    ///
    /// # Errors
    /// Returns [`VaultError::Store`] if the vault can't be read or written, and
    /// [`VaultError::Lease`] if the vendor's signature on its lease doesn't verify. Then nothing
    /// was applied.
    pub fn apply_tokens(
        &self,
        found: &[FoundToken],
        now: Timestamp,
    ) -> Result<Vec<Applied>, VaultError> {
        Ok(self.run_apply(found, now)?.value)
    }

    pub(crate) fn run_apply(
        &self,
        found: &[FoundToken],
        now: Timestamp,
    ) -> Result<Done<Vec<Applied>>, VaultError> {
        let session = self.open_for_writing()?;
        let mut plan = None;
        let (vault, ()) =
            self.change_in::<_, VaultError>(&*session, now, lock::LOCK_TIMEOUT, |stored| {
                let made = self.plan(&*session, stored.as_mut(), found, now)?;
                let changed = made.changed;
                plan = Some(made);
                Ok(if changed { Change::Commit(()) } else { Change::Unchanged(()) })
            })?;
        let Some(mut plan) = plan else {
            return Err(StoreError::VerifyFailed.into());
        };
        if let (true, Some(vault)) = (plan.changed, &vault) {
            // The store's present content counts, not what was meant to be written.
            let at = vault.clock.judging_time(self.clock_reading(now));
            let stored = licence(&self.profile, vault, at)?
                .ok_or(VaultError::Store(StoreError::VerifyFailed))?
                .1;
            plan.confirm(&stored);
        }
        let applied = plan.entries.into_iter().map(|entry| Applied {
            kind: entry.kind,
            repaired: entry.repaired,
            outcome: entry.outcome,
        });
        Ok(Done { value: applied.collect(), session, vault })
    }

    /// Returns for each token of a text what it is and what [`Device::apply`] would do with it.
    ///
    /// # Errors
    /// As [`Device::apply`].
    pub fn inspect(&self, text: &str, now: Timestamp) -> Result<Vec<Inspected>, ApplyError> {
        Ok(self.inspect_tokens(&scan(text)?, now)?)
    }

    /// As [`Device::inspect`], with tokens that were found already.
    ///
    /// # Errors
    /// Returns [`VaultError::Store`] if the vault can't be read, and [`VaultError::Lease`] if the
    /// vendor's signature on its lease doesn't verify.
    pub fn inspect_tokens(
        &self,
        found: &[FoundToken],
        now: Timestamp,
    ) -> Result<Vec<Inspected>, VaultError> {
        let session = self.unlock()?;
        let mut vault = self.load(&*session)?;
        let plan = self.plan(&*session, vault.as_mut(), found, now)?;
        Ok(plan
            .entries
            .into_iter()
            .zip(found)
            .map(|(entry, found)| Inspected {
                kind: entry.kind,
                repaired: entry.repaired,
                recipient: entry.recipient,
                token: found.token.as_ref().ok().cloned(),
                outcome: entry.outcome,
            })
            .collect())
    }

    fn plan(
        &self,
        session: &dyn StoreHandle,
        vault: Option<&mut Vault>,
        found: &[FoundToken],
        now: Timestamp,
    ) -> Result<ApplyPlan, VaultError> {
        let keys = |vault: &&mut Vault| -> Result<_, VaultError> {
            Ok(DeviceKeys { public: vault.identity.public()?, secret: secret(session, vault) })
        };
        let keys = vault.as_ref().map(keys).transpose()?;
        let situation = ApplyContext {
            profile: &self.profile,
            register: self.register.as_deref(),
            keys,
            now: self.clock_reading(now),
        };
        situation.plan(vault, found, |vault, at| {
            Ok(licence(&self.profile, vault, at)?.map(|(_, licence)| licence))
        })
    }

    /// Deactivates the licence: one write removes the licence and puts the deactivation into the
    /// outbox.
    ///
    /// # Errors
    /// Returns [`DeactivateError::NotActivated`] without a licence, and [`VaultError`] if the vault
    /// can't be read or written.
    pub fn deactivate(&self, now: Timestamp) -> Result<OutboxEntry, DeactivateError> {
        Ok(self.run_deactivate(now)?.value)
    }

    pub(crate) fn run_deactivate(
        &self,
        now: Timestamp,
    ) -> Result<Done<OutboxEntry>, DeactivateError> {
        let session = self.open_for_writing()?;
        let give_back = |stored: &mut Option<Vault>| {
            let vault = stored.as_mut().ok_or(DeactivateError::NotActivated)?;
            let at = vault.clock.judging_time(self.clock_reading(now));
            let (_, licence) =
                licence(&self.profile, vault, at)?.ok_or(DeactivateError::NotActivated)?;
            // If the token can't be created, the licence stays in place.
            secret(&*session, vault)?;
            vault.licence = None;
            vault.clear_pending();
            let counter = vault.next_counter();
            vault.outbox.retain(|entry| entry.seat != licence.seat);
            vault.outbox.push(StoredDeactivation {
                seat: licence.seat,
                counter,
                created_at: to_seconds(now),
            });
            Ok::<_, DeactivateError>(Change::Commit(counter))
        };
        let (vault, counter) = self.change_in(&*session, now, lock::LOCK_TIMEOUT, give_back)?;
        let vault = vault.ok_or(VaultError::Store(StoreError::VerifyFailed))?;
        let keys = secret(&*session, &vault)?;
        let id = OutboxId::new(keys.public().id(), counter);
        let value = sealed_outbox(&self.profile, &vault, &keys)?
            .into_iter()
            .find(|entry| entry.id == id)
            .ok_or(DeactivateError::Vault(StoreError::VerifyFailed.into()))?;
        Ok(Done { value, session, vault: Some(vault) })
    }

    /// Deactivations whose delivery hasn't been confirmed, oldest first, with their tokens sealed
    /// again. If the policy allows a keyring and a file, and the caller leaves the choice to it,
    /// the outboxes of both are returned; the one of the store that isn't in use is left out if
    /// that store can't be read.
    ///
    /// # Errors
    /// Returns [`OutboxError::Vault`] if the vault can't be read, or if its deactivations can't be
    /// sealed again.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>, OutboxError> {
        let session = self.unlock()?;
        let vault = self.load(&*session).map_err(VaultError::from)?;
        let mut outbox = match vault.filter(|vault| !vault.outbox.is_empty()) {
            Some(vault) => sealed_outbox(&self.profile, &vault, &secret(&*session, &vault)?)?,
            None => Vec::new(),
        };
        outbox.extend(self.outbox_of_other(true));
        outbox.sort_by_key(|entry| entry.created_at);
        Ok(outbox)
    }

    /// The outbox of the other store, if that can be read. The keyring may prompt the user if
    /// `may_prompt` is set.
    fn outbox_of_other(&self, may_prompt: bool) -> Vec<OutboxEntry> {
        let sealed = |other: &Self| {
            let bytes = match may_prompt {
                true => other.store.read_once(),
                false => other.store.read_unprompted(),
            };
            let vault = other.decode_and_check_product(bytes).ok().flatten()?;
            // A user's vault contains its device's secret.
            let Identity::Secret(seed) = &vault.identity else { return None };
            let keys = SecretKeys::from_seed(seed).ok()?;
            sealed_outbox(&other.profile, &vault, &keys).ok()
        };
        self.other.as_deref().and_then(sealed).unwrap_or_default()
    }

    /// Confirms that the portal has received this deactivation; it is no longer shown.
    ///
    /// # Errors
    /// Returns [`OutboxError::NoSuchEntry`] if the outbox has no such deactivation, and
    /// [`VaultError`] if the vault can't be read or written.
    pub fn confirm_delivered(&self, id: OutboxId, now: Timestamp) -> Result<(), OutboxError> {
        self.confirm_in_either(id, now).map(drop)
    }

    pub(crate) fn run_confirm_delivered(
        &self,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<Done<()>, OutboxError> {
        if let Some(done) = self.confirm_in_either(id, now)? {
            return Ok(done);
        }
        let (session, vault) = self.open_and_load()?;
        Ok(Done { value: (), session, vault })
    }

    /// Confirms an entry of this store or of the other one; `None` if it was in the other one.
    fn confirm_in_either(
        &self,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<Option<Done<()>>, OutboxError> {
        match (self.confirm_here(id, now), &self.other) {
            (Err(OutboxError::NoSuchEntry), Some(other)) => {
                other.confirm_here(id, now).map(|_| None)
            }
            (confirmed, _) => confirmed.map(Some),
        }
    }

    fn confirm_here(&self, id: OutboxId, now: Timestamp) -> Result<Done<()>, OutboxError> {
        self.change(now, |stored| {
            let vault = stored.as_mut().ok_or(OutboxError::NoSuchEntry)?;
            let device = vault.identity.public().map_err(VaultError::from)?.id();
            let before = vault.outbox.len();
            vault.outbox.retain(|entry| OutboxId::new(device, entry.counter) != id);
            if vault.outbox.len() == before {
                return Err(OutboxError::NoSuchEntry);
            }
            Ok(Change::Commit(()))
        })
    }

    fn new_vault(&self, now: Timestamp) -> Result<Vault, VaultError> {
        let clock = EffectiveClock::new(self.clock_reading(now));
        Ok(Vault::new(self.profile.vendor, self.profile.product, Seed::random()?, clock))
    }

    fn unlock(&self) -> Result<Box<dyn StoreHandle>, VaultError> {
        Ok(self.store.open().map_err(|error| self.named(error))?)
    }

    fn open_for_writing(&self) -> Result<Box<dyn StoreHandle>, VaultError> {
        Ok(self.store.open_for_writing().map_err(|error| self.named(error))?)
    }

    fn load(&self, session: &dyn StoreHandle) -> Result<Option<Vault>, StoreError> {
        self.decode_and_check_product(session.read()).map_err(|error| self.named(error))
    }

    /// Reads without unlocking what only a write needs.
    pub(crate) fn load_once(&self) -> Result<Option<Vault>, StoreError> {
        self.decode_and_check_product(self.store.read_once()).map_err(|error| self.named(error))
    }

    /// Adds the vault's location to an error, so that the user can find it.
    fn named(&self, error: StoreError) -> StoreError {
        let kept = match (self.description.kind, &self.description.path) {
            (StoreKind::File, Some(path)) => StoredAt::File(path.clone()),
            (StoreKind::File, None) => StoredAt::Unknown,
            (StoreKind::Keyring, _) => StoredAt::Item(crate::store::label(&self.profile)),
        };
        error.kept_in(kept)
    }

    fn decode_and_check_product(
        &self,
        bytes: Result<Option<Zeroizing<Vec<u8>>>, StoreError>,
    ) -> Result<Option<Vault>, StoreError> {
        let Some(bytes) = bytes? else {
            return Ok(None);
        };
        let vault = Vault::from_bytes(&bytes)?;
        if (vault.vendor, vault.product) != (self.profile.vendor, self.profile.product) {
            return Err(StoreError::OtherProduct { kept: StoredAt::Unknown });
        }
        Ok(Some(vault))
    }

    /// Reads, changes and writes the vault under the lock.
    fn change<T, E: From<VaultError>>(
        &self,
        now: Timestamp,
        step: impl FnOnce(&mut Option<Vault>) -> Result<Change<T>, E>,
    ) -> Result<Done<T>, E> {
        // The keyring may prompt here, before the lock is taken.
        let session = self.open_for_writing().map_err(E::from)?;
        let (vault, value) = self.change_in(&*session, now, lock::LOCK_TIMEOUT, step)?;
        Ok(Done { value, session, vault })
    }

    /// The same in a store that is already open; returns the vault as it was read back, if there is
    /// one.
    fn change_in<T, E: From<VaultError>>(
        &self,
        session: &dyn StoreHandle,
        now: Timestamp,
        patience: Duration,
        step: impl FnOnce(&mut Option<Vault>) -> Result<Change<T>, E>,
    ) -> Result<(Option<Vault>, T), E> {
        let store = |error: StoreError| E::from(VaultError::from(error));
        let shared = self.description.scope == Scope::Machine;
        let lock = Lock::take(&self.lock, shared, patience).map_err(store)?;
        let mut stored = self.load(session).map_err(store)?;
        let value = match step(&mut stored)? {
            Change::Unchanged(value) => return Ok((stored, value)),
            Change::Commit(value) => value,
        };
        let Some(mut vault) = stored else {
            return Err(store(StoreError::VerifyFailed));
        };
        let moment = self.clock_reading(now);
        vault.clock.observe(moment);
        let at = vault.clock.judging_time(moment).timestamp();
        vault.note_hardware(&self.traits(), at);
        if let Identity::Secret(seed) = &vault.identity
            && session.has_separate_secret()
        {
            let public = vault.identity.public().map_err(|error| E::from(error.into()))?;
            session.write_secret(seed).map_err(store)?;
            vault.identity = Identity::Public(public);
        }
        let bytes = vault.to_bytes().map_err(store)?;
        let written = session.write(&bytes);
        // Also after a failed write, whose effect is unknown.
        lock.record_write();
        written.map_err(store)?;
        match session.read().map_err(store)? {
            Some(back) if *back == *bytes => {
                Vault::from_bytes(&back).map(|vault| (Some(vault), value)).map_err(store)
            }
            _ => Err(store(StoreError::VerifyFailed)),
        }
    }

    /// The reading of this computer's clocks. The wall clock is passed in, the running time isn't.
    fn clock_reading(&self, wall: Timestamp) -> ClockReading {
        if let Some(computer) = &self.simulated {
            return ClockReading { wall, uptime: computer.uptime() };
        }
        #[cfg(test)]
        return ClockReading { wall, uptime: self.uptime };
        #[cfg(not(test))]
        ClockReading { wall, uptime: latchkey_uptime::read() }
    }

    pub(crate) fn trait_values(&self) -> fingerprint::TraitValues {
        if let Some(computer) = &self.simulated {
            return computer.traits();
        }
        #[cfg(test)]
        if let Some(values) = &self.traits {
            return values.clone();
        }
        fingerprint::read()
    }

    fn traits(&self) -> fingerprint::TraitHashes {
        self.hashed(&self.trait_values())
    }

    pub(crate) fn hashed(&self, values: &fingerprint::TraitValues) -> fingerprint::TraitHashes {
        fingerprint::hashed(values, self.profile.vendor, self.profile.product)
    }
}

/// The device's secret. With scope `machine`, only an administrator can read it.
fn secret(session: &dyn StoreHandle, vault: &Vault) -> Result<SecretKeys, VaultError> {
    match &vault.identity {
        Identity::Secret(seed) => Ok(SecretKeys::from_seed(seed)?),
        Identity::Public(public) => {
            let keys = SecretKeys::from_seed(&session.read_secret()?)?;
            // A secret of another device, perhaps from a backup; its signatures would be rejected.
            if keys.public() != public { Err(StoreError::DAMAGED.into()) } else { Ok(keys) }
        }
    }
}
