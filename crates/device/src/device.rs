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
use latchkey_lease::{ClockReading, ClockState, EffectiveClock, time, to_seconds};
use latchkey_token::{
    ActivationCode, FoundToken, HardwareTrait, HardwareTraits, RequestId, SeatName, SecretKeys,
    Seed, scan,
};
use zeroize::Zeroizing;

use crate::apply::{ApplyContext, ApplyPlan, DeviceKeys};
use crate::change_stamp::ChangeStamp;
use crate::error::{
    ApplyError, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError, StoreError, StoredAt, VaultError,
};
use crate::fingerprint;
use crate::key_registry;
use crate::licence_view::{licence, sealed_outbox, sealed_request, summary};
use crate::lock::{self, Lock};
use crate::paths::{
    DataDirs, ResolvedStore, StoreChoice, file_store, find_files, has_usable_folder,
    is_file_allowed, keyring_store, named_file_store, new_file,
};
use crate::simulated::SimulatedComputer;
use crate::status::{
    Applied, Hardware, InspectedToken, OtherLicence, OutboxEntry, OutboxId, PendingRequest,
    ReadableOutbox, State, Status, StoreDescription,
};
use crate::store::{FoundFile, Store, StoreHandle};
use crate::store_contents::StoreContents;
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
    /// The other stores that the policy allows. Their outboxes are used, because seats stay taken
    /// until the tokens are delivered, and their licences that run are named.
    others: OtherStores,
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

/// A completed operation: its result, the open store, the vault as it is there now, and the store's
/// stamp from before the vault was read.
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) handle: Box<dyn StoreHandle>,
    pub(crate) vault: Option<Vault>,
    pub(crate) stamp: ChangeStamp,
}

/// A change of the vault: its result, the vault as it was read back, if there is one, and the
/// store's stamp from before that.
struct Changed<T> {
    value: T,
    vault: Option<Vault>,
    stamp: ChangeStamp,
}

/// What to do with the vault after a change.
enum Change<T> {
    Commit(T),
    Unchanged(T),
}

/// The stores that aren't in use.
#[derive(Clone)]
enum OtherStores {
    /// They were opened in order to choose the one in use. An outbox in them is worth a prompt of
    /// the keyring.
    Known(Vec<Device>),
    /// The caller has named the store in use, perhaps because another one can't be used. They are
    /// looked for when they are needed, in these folders, and the user isn't prompted.
    In {
        data_dirs: DataDirs,
        /// Whether the keyring is also read for the status, and not only for a list of the
        /// deactivations. A file with a path of its own is for tests, whose results shouldn't
        /// depend on the user's keyring.
        status_reads_keyring: bool,
    },
}

impl OtherStores {
    fn of(data_dirs: &DataDirs) -> Self {
        Self::In { data_dirs: data_dirs.clone(), status_reads_keyring: true }
    }
}

impl Device {
    /// Chooses the store by what the stores contain, and writes nothing. A file with a licence that
    /// runs is used without reading the keyring, which may prompt the user. If the licence in the
    /// file has ended, the keyring is read despite that: it may contain the licence that replaced
    /// it, and a product that has one must run.
    ///
    /// # Errors
    /// Returns [`StoreError::FileForbidden`] if the policy forbids the file,
    /// [`StoreError::NoFolder`] if there is no folder for it, [`StoreError::WindowsPath`] for a
    /// path of another system, and the keyring's error if the keyring can't be read and no file
    /// contains a licence.
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
        data_dirs: &DataDirs,
    ) -> Result<Self, OpenDeviceError> {
        Ok(Self::open_on(&profile, choice, data_dirs, &fingerprint::read(), time::now())?)
    }

    /// All stores that the policy allows, in the order in which they are searched for a licence:
    /// the files, whether or not they exist, and then the keyring. Reads no vault.
    ///
    /// # Errors
    /// Returns [`StoreError::NoFolder`] if there is no folder for them.
    pub fn all_stores_in(
        profile: &Profile,
        data_dirs: &DataDirs,
    ) -> Result<Vec<Self>, OpenDeviceError> {
        let stores = Self::allowed_stores(profile, data_dirs, &fingerprint::read())?;
        Ok(stores.into_iter().map(|(device, _)| device).collect())
    }

    /// All stores that the policy allows, and whether each exists as far as is known.
    fn allowed_stores(
        profile: &Profile,
        data_dirs: &DataDirs,
        traits: &fingerprint::TraitValues,
    ) -> Result<Vec<(Self, bool)>, StoreError> {
        let policy = profile.store;
        let named =
            |stores: ResolvedStore| Self::with(profile.clone(), stores, OtherStores::of(data_dirs));
        let mut stores = Vec::new();
        if is_file_allowed(policy) {
            for file in find_files(profile, data_dirs, traits) {
                let exists = file.exists;
                stores.push((named(file_store(profile, file, traits)), exists));
            }
        }
        if (policy.scope, policy.default) == (Scope::User, StoreKind::Keyring) {
            stores.push((named(keyring_store(profile, data_dirs, traits)?), true));
        }
        if stores.is_empty() { Err(StoreError::NoFolder) } else { Ok(stores) }
    }

    pub(crate) fn open_on(
        profile: &Profile,
        choice: StoreChoice,
        data_dirs: &DataDirs,
        traits: &fingerprint::TraitValues,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let policy = profile.store;
        let is_file_default = policy.scope == Scope::Machine || policy.default == StoreKind::File;
        let named = |store: ResolvedStore| {
            let others = match choice {
                StoreChoice::Policy => OtherStores::Known(Vec::new()),
                StoreChoice::FileAt(_) => {
                    OtherStores::In { data_dirs: data_dirs.clone(), status_reads_keyring: false }
                }
                _ => OtherStores::of(data_dirs),
            };
            #[cfg_attr(not(test), allow(unused_mut))]
            let mut device = Self::with(profile.clone(), store, others);
            #[cfg(test)]
            device.traits.replace(traits.clone());
            device
        };
        match &choice {
            StoreChoice::File | StoreChoice::FileAt(_) if !is_file_allowed(policy) => {
                return Err(StoreError::FileForbidden);
            }
            StoreChoice::FileAt(path) => {
                return Ok(named(named_file_store(profile, path, data_dirs, traits)?));
            }
            StoreChoice::Keyring => return Ok(named(keyring_store(profile, data_dirs, traits)?)),
            StoreChoice::File | StoreChoice::Policy => {}
        }
        let found = match is_file_allowed(policy) {
            true => find_files(profile, data_dirs, traits),
            false => Vec::new(),
        };
        let is_chosen = choice == StoreChoice::File;
        let keyring = match is_chosen || is_file_default {
            true => None,
            false => Some(named(keyring_store(profile, data_dirs, traits)?)),
        };
        let open = |file: &FoundFile| named(file_store(profile, file.clone(), traits));
        let existing: Vec<_> = found.iter().filter(|file| file.exists).map(open).collect();
        if existing.is_empty() {
            let first = || new_file(&found).or(found.first()).map(open);
            return keyring.or_else(first).ok_or(StoreError::NoFolder);
        }
        let (device, contents) = match (&existing[..], &keyring) {
            // There is nothing to choose from.
            ([only], None) if !is_chosen || found.len() == 1 => return Ok(only.clone()),
            _ => Self::choose(existing, keyring, now)?,
        };
        if !is_chosen {
            return Ok(device);
        }
        // A user who chooses the file although a folder can't be used needs another folder.
        if contents == StoreContents::Unreadable && !device.has_usable_folder() {
            let mut usable = found.iter().filter(|file| has_usable_folder(&file.path)).map(open);
            if let Some(readable) = usable.find(|device| device.contents(now).is_ok()) {
                return Ok(readable);
            }
        }
        Ok(Self { others: OtherStores::of(data_dirs), ..device })
    }

    /// As [`Device::open_in`], on a computer with these traits.
    #[cfg(test)]
    pub(crate) fn open_with(
        profile: Profile,
        choice: StoreChoice,
        data_dirs: &DataDirs,
        traits: &fingerprint::TraitValues,
    ) -> Result<Self, OpenDeviceError> {
        let now = latchkey_lease::from_seconds(1_800_000_000);
        Ok(Self::open_on(&profile, choice, data_dirs, traits, now)?)
    }

    fn with(profile: Profile, chosen: ResolvedStore, others: OtherStores) -> Self {
        let ResolvedStore { store, description, lock, register } = chosen;
        Self {
            profile,
            description,
            store,
            lock,
            register,
            others,
            refused: Arc::default(),
            simulated: None,
            #[cfg(test)]
            traits: None,
            #[cfg(test)]
            uptime: None,
        }
    }

    /// The same device without the other stores: they are neither read nor written.
    #[must_use]
    pub fn without_other_stores(self) -> Self {
        Self { others: OtherStores::Known(Vec::new()), ..self }
    }

    /// Opens a device on a simulated computer. The folder is for the lock between processes.
    #[must_use]
    pub fn open_simulated(profile: Profile, computer: &SimulatedComputer, folder: &Path) -> Self {
        let chosen = computer.resolved_store(profile.store.scope, folder);
        let device = Self::with(profile, chosen, OtherStores::Known(Vec::new()));
        Self { simulated: Some(computer.clone()), ..device }
    }

    /// Chooses the store with the most important contents. The keyring may prompt the user, so it
    /// isn't read if a licence in a file runs; and it is used only if it contains more than the
    /// files, which a user has chosen once.
    pub(crate) fn choose(
        files: Vec<Self>,
        keyring: Option<Self>,
        now: Timestamp,
    ) -> Result<(Self, StoreContents), StoreError> {
        let mut stores: Vec<_> = files
            .into_iter()
            .map(|file| (file.contents(now).unwrap_or(StoreContents::Unreadable), file))
            .collect();
        let contents: Vec<_> = stores.iter().map(|(contents, file)| (file, *contents)).collect();
        let best = Self::most_important(&contents);
        let mut best = best.map(|index| (index, contents[index].1));
        if let Some(keyring) = keyring {
            let contents = match best.is_some_and(|(_, contents)| contents.is_running()) {
                true => StoreContents::Blank,
                false => match keyring.contents(now) {
                    Ok(contents) => contents,
                    Err(error) if error.is_no_keyring() => StoreContents::Blank,
                    // Its contents are unknown, so it isn't known either that there is no licence.
                    Err(error) if best.is_none_or(|(_, best)| best < StoreContents::Unreadable) => {
                        return Err(error);
                    }
                    Err(_) => StoreContents::Unreadable,
                },
            };
            if best.is_none_or(|(_, best)| contents > best) {
                best = Some((stores.len(), contents));
            }
            stores.push((contents, keyring));
        }
        let (index, contents) = best.ok_or(StoreError::NoFolder)?;
        let (_, device) = stores.remove(index);
        let others = stores.into_iter().map(|(_, other)| other).collect();
        Ok((Self { others: OtherStores::Known(others), ..device }, contents))
    }

    /// The index of the file that is used, of files with these contents in the order of their
    /// folders. `None` if there are no files.
    #[must_use]
    pub fn most_important(files: &[(&Self, StoreContents)]) -> Option<usize> {
        // The first of several with equal contents.
        let best = files.iter().enumerate().rev().max_by_key(|(index, (file, contents))| {
            let is_skipped = file.is_skipped(*contents, &files[index + 1..]);
            (!is_skipped, *contents)
        });
        best.map(|(index, _)| index)
    }

    /// Whether the choice of the store skips this file with these contents, given the files in
    /// later folders: a user has chosen one of them because this one couldn't be used.
    pub(crate) fn is_skipped(
        &self,
        contents: StoreContents,
        later: &[(&Self, StoreContents)],
    ) -> bool {
        let has_usable_folder = self.has_usable_folder();
        let may_replace = |(_, later): &(&Self, StoreContents)| match later {
            // As long as the folder can't be used, nothing else can be used instead.
            StoreContents::Blank => !has_usable_folder,
            StoreContents::Unreadable => false,
            _ => true,
        };
        contents == StoreContents::Unreadable && later.iter().any(may_replace)
    }

    /// Whether this is a keyring, or a file whose folder can be used.
    fn has_usable_folder(&self) -> bool {
        self.description.path.as_deref().is_none_or(has_usable_folder)
    }

    fn contents(&self, now: Timestamp) -> Result<StoreContents, StoreError> {
        let vault = self.load(&*self.store.open()?)?;
        let status = self.status_of(vault.as_ref(), Vec::new(), &self.traits(), now);
        Ok(StoreContents::of(&status.map_err(StatusError::from)))
    }

    /// The stores that aren't in use.
    fn other_stores(&self) -> Vec<Self> {
        match &self.others {
            OtherStores::Known(others) => others.clone(),
            OtherStores::In { data_dirs, .. } => {
                let stores = Self::allowed_stores(&self.profile, data_dirs, &self.trait_values());
                let is_other = |(store, exists): &(Self, bool)| {
                    let (here, there) = (&self.description, &store.description);
                    *exists && (here.kind, &here.path) != (there.kind, &there.path)
                };
                let others = stores.into_iter().flatten().filter(is_other);
                others.map(|(store, _)| store).collect()
            }
        }
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
            others: OtherStores::Known(Vec::new()),
            refused: Arc::default(),
            simulated: None,
            traits: None,
            uptime: None,
        }
    }

    /// Whether both use the same store, for tests.
    #[cfg(test)]
    pub(crate) fn has_store_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.store, &other.store)
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
    /// and records when the hardware was first seen to have changed; failing to do so isn't an
    /// error. But a change that isn't in the store starts no grace period, so it is written and
    /// read back before the status reports one.
    ///
    /// # Errors
    /// Returns [`StatusError::Vault`] if the vault can't be read, or if the vendor's signature on
    /// its lease doesn't verify.
    pub fn status(&self, now: Timestamp) -> Result<Status, StatusError> {
        let (handle, vault) = self.open_and_load()?;
        Ok(self.status_in(handle, vault.as_ref(), now)?)
    }

    /// [`Device::status`] on an open store and the vault that was read from it.
    pub(crate) fn status_in(
        &self,
        handle: Box<dyn StoreHandle>,
        vault: Option<&Vault>,
        now: Timestamp,
    ) -> Result<Status, VaultError> {
        let mut status = self.status_with_outbox(&*handle, vault, now)?;
        let others = self.vaults_of_others(true);
        status.outbox.extend(outboxes(&others));
        status.outbox.sort_by_key(|entry| entry.created_at);
        status.other_licences = licences_beside(&status, &others, now);
        if let Some(vault) = vault
            && self.needs_persist(vault, &self.traits(), now)
        {
            let unrecorded = status.hardware.is_unrecorded();
            let timeout = if unrecorded { PERSIST_TIMEOUT } else { CLOCK_LOCK_TIMEOUT };
            // Recording a hardware change is worth a keyring prompt; recording the time isn't.
            let remembered = if unrecorded {
                drop(handle);
                let handle = self.open_for_writing();
                handle.and_then(|handle| self.remember_in(&*handle, now, timeout))
            } else {
                self.remember_in(&*handle, now, timeout)
            };
            match remembered {
                Ok(vault) => {
                    let (readable, outbox) = (status.traits, status.outbox);
                    let other_licences = status.other_licences;
                    status = self.status_of(vault.as_ref(), readable, &self.traits(), now)?;
                    (status.outbox, status.other_licences) = (outbox, other_licences);
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
        let (handle, vault) = self.open_and_load()?;
        let mut status = self.status_with_outbox(&*handle, vault.as_ref(), now)?;
        status.other_licences = licences_beside(&status, &self.vaults_of_others(true), now);
        Ok(status)
    }

    /// Advances the effective clock, as [`Device::status`] does. A failure isn't an error.
    pub fn remember(&self, now: Timestamp) {
        if let Ok(handle) = self.unlock() {
            let _ = self.remember_in(&*handle, now, CLOCK_LOCK_TIMEOUT);
        }
    }

    /// As [`Device::remember`], if the hardware has changed and that isn't recorded yet. It waits
    /// as long for another writing program as [`Device::status`] does, because without the record
    /// there is no grace period, and a product that gives up earlier doesn't run.
    pub fn remember_changed_hardware(&self, now: Timestamp) {
        if let Ok(handle) = self.open_for_writing() {
            let _ = self.remember_in(&*handle, now, PERSIST_TIMEOUT);
        }
    }

    /// The persisted state as it was read back. A caller who may only read (a machine's licence)
    /// still needs the status, so most callers ignore a failure.
    fn remember_in(
        &self,
        handle: &dyn StoreHandle,
        now: Timestamp,
        timeout: Duration,
    ) -> Result<Option<Vault>, VaultError> {
        let moved = self.change_vault_in(handle, now, timeout, |vault| {
            Ok::<_, VaultError>(if vault.is_some() {
                Change::Commit(())
            } else {
                Change::Unchanged(())
            })
        });
        let refused = matches!(&moved, Err(VaultError::Store(error)) if error.is_refused_write());
        self.refused.store(refused, Ordering::Relaxed);
        moved.map(|moved| moved.vault)
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
        let handle = self.store.open()?;
        let vault = self.load(&*handle)?;
        Ok((handle, vault))
    }

    /// The status of a vault at this time. Writes nothing.
    fn status_with_outbox(
        &self,
        handle: &dyn StoreHandle,
        vault: Option<&Vault>,
        now: Timestamp,
    ) -> Result<Status, VaultError> {
        let values = self.trait_values();
        let traits = self.hash_traits(&values);
        let readable = values.keys().copied().collect();
        let mut status = self.status_of(vault, readable, &traits, now)?;
        if let Some(vault) = vault.filter(|vault| !vault.outbox.is_empty())
            && let Ok(keys) = secret(handle, vault)
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
            undelivered: vault.map_or(0, |vault| vault.outbox.len()),
            outbox_has_room: true,
            is_blank: vault.is_none_or(Vault::is_blank),
            effective_now: now,
            clock: EffectiveClock::new(moment).state(moment),
            hardware: Hardware::default(),
            surroundings: fingerprint::virtualization(),
            device_key: None,
            traits: readable,
            store: self.description.clone(),
            other_licences: Vec::new(),
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
            // A lease that doesn't verify (any more) isn't a licence, so it doesn't prevent a
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
        let handle = self.open_for_writing()?;
        let changed = self.change_vault_in(&*handle, now, lock::LOCK_TIMEOUT, |stored| {
            if let Some(vault) = stored {
                secret(&*handle, vault)?;
            }
            add(stored, &traits).map(Change::Commit)
        })?;
        let Changed { value: (), vault, stamp } = changed;
        let vault = vault.ok_or(VaultError::Store(StoreError::VerifyFailed))?;
        let keys = secret(&*handle, &vault)?;
        if let Some(register) = &self.register {
            let shared = self.description.scope == Scope::Machine;
            key_registry::record(register, shared, keys.public().id(), &self.profile);
        }
        let value = sealed_request(&self.profile, &vault, &keys)?
            .ok_or(RequestError::Vault(StoreError::VerifyFailed.into()))?;
        Ok(Done { value, handle, vault: Some(vault), stamp })
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
        let stamp = self.change_stamp();
        let handle = self.unlock()?;
        let vault = self.load(&*handle).map_err(VaultError::from)?;
        let value = match &vault {
            Some(vault) if !vault.pending.is_empty() => {
                sealed_request(&self.profile, vault, &secret(&*handle, vault)?)?
            }
            _ => None,
        };
        Ok(Done { value, handle, vault, stamp })
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
        self.change_vault(now, |vault| {
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
        let handle = self.open_for_writing()?;
        let mut plan = None;
        let Changed { value: (), vault, stamp } =
            self.change_vault_in::<_, VaultError>(&*handle, now, lock::LOCK_TIMEOUT, |stored| {
                let made = self.plan(&*handle, stored.as_mut(), found, now)?;
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
        Ok(Done { value: applied.collect(), handle, vault, stamp })
    }

    /// Returns for each token of a text what it is and what [`Device::apply`] would do with it.
    ///
    /// # Errors
    /// As [`Device::apply`].
    pub fn inspect(&self, text: &str, now: Timestamp) -> Result<Vec<InspectedToken>, ApplyError> {
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
    ) -> Result<Vec<InspectedToken>, VaultError> {
        let handle = self.unlock()?;
        let mut vault = self.load(&*handle)?;
        let plan = self.plan(&*handle, vault.as_mut(), found, now)?;
        Ok(plan
            .entries
            .into_iter()
            .zip(found)
            .map(|(entry, found)| InspectedToken {
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
        handle: &dyn StoreHandle,
        vault: Option<&mut Vault>,
        found: &[FoundToken],
        now: Timestamp,
    ) -> Result<ApplyPlan, VaultError> {
        let keys = |vault: &&mut Vault| -> Result<_, VaultError> {
            Ok(DeviceKeys { public: vault.identity.public()?, secret: secret(handle, vault) })
        };
        let keys = vault.as_ref().map(keys).transpose()?;
        let context = ApplyContext {
            profile: &self.profile,
            register: self.register.as_deref(),
            keys,
            now: self.clock_reading(now),
        };
        context.plan(vault, found, |vault, at| {
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
        let handle = self.open_for_writing()?;
        let remove_licence = |stored: &mut Option<Vault>| {
            let vault = stored.as_mut().ok_or(DeactivateError::NotActivated)?;
            let at = vault.clock.judging_time(self.clock_reading(now));
            let (_, licence) =
                licence(&self.profile, vault, at)?.ok_or(DeactivateError::NotActivated)?;
            // If the token can't be created, the licence stays in place.
            secret(&*handle, vault)?;
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
        let Changed { value: counter, vault, stamp } =
            self.change_vault_in(&*handle, now, lock::LOCK_TIMEOUT, remove_licence)?;
        let vault = vault.ok_or(VaultError::Store(StoreError::VerifyFailed))?;
        let keys = secret(&*handle, &vault)?;
        let id = OutboxId::new(keys.public().id(), counter);
        let value = sealed_outbox(&self.profile, &vault, &keys)?
            .into_iter()
            .find(|entry| entry.id == id)
            .ok_or(DeactivateError::Vault(StoreError::VerifyFailed.into()))?;
        Ok(Done { value, handle, vault: Some(vault), stamp })
    }

    /// Deactivations whose delivery hasn't been confirmed, oldest first, with their tokens sealed
    /// again. Those in the other stores that the policy allows are included, whichever store is in
    /// use, unless such a store can't be read.
    ///
    /// # Errors
    /// Returns [`OutboxError::Vault`] if the vault can't be read, or if its deactivations can't be
    /// sealed again.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>, OutboxError> {
        match self.readable_outbox() {
            ReadableOutbox { entries, unread: None } => Ok(entries),
            ReadableOutbox { unread: Some(error), .. } => Err(error),
        }
    }

    /// As [`Device::outbox`]. If the store in use can't be read, the deactivations in the other
    /// stores are returned with the reason.
    #[must_use]
    pub fn readable_outbox(&self) -> ReadableOutbox {
        let opened = self.unlock().and_then(|handle| {
            let vault = self.load(&*handle)?;
            Ok((handle, vault))
        });
        self.outbox_of(opened.map_err(OutboxError::from))
    }

    fn outbox_of(
        &self,
        opened: Result<(Box<dyn StoreHandle>, Option<Vault>), OutboxError>,
    ) -> ReadableOutbox {
        let own = opened.and_then(|(handle, vault)| self.outbox_in(&*handle, vault.as_ref()));
        let (mut entries, unread) = match own {
            Ok(entries) => (entries, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        entries.extend(outboxes(&self.vaults_of_others(false)));
        entries.sort_by_key(|entry| entry.created_at);
        ReadableOutbox { entries, unread }
    }

    /// The deactivations in the stores that aren't in use, as far as they can be read without
    /// prompting the user: for a program that can't read the store in use.
    #[must_use]
    pub fn outbox_elsewhere(&self) -> Vec<OutboxEntry> {
        let mut entries = outboxes(&self.vaults_of_others(true));
        entries.sort_by_key(|entry| entry.created_at);
        entries
    }

    /// The deactivations in all stores that the policy allows, as far as they can be read without
    /// prompting the user: for a program that can't open a device.
    #[must_use]
    pub fn outboxes_in(profile: &Profile, data_dirs: &DataDirs) -> Vec<OutboxEntry> {
        let stores = Self::all_stores_in(profile, data_dirs).unwrap_or_default();
        let read = |store: Self| Some((store.vault_unprompted()?, store));
        let vaults: Vec<_> = stores.into_iter().filter_map(read).collect();
        let mut entries = outboxes(&vaults);
        entries.sort_by_key(|entry| entry.created_at);
        entries
    }

    /// Confirms a deactivation that [`Device::outboxes_in`] has returned.
    ///
    /// # Errors
    /// As [`Device::confirm_delivered`].
    pub fn confirm_delivered_in(
        profile: &Profile,
        data_dirs: &DataDirs,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        let stores = Self::all_stores_in(profile, data_dirs).unwrap_or_default();
        Self::confirm_in_one_of(&stores, id, now, false)
    }

    /// The deactivations in this store's vault.
    fn outbox_in(
        &self,
        handle: &dyn StoreHandle,
        vault: Option<&Vault>,
    ) -> Result<Vec<OutboxEntry>, OutboxError> {
        Ok(match vault.filter(|vault| !vault.outbox.is_empty()) {
            Some(vault) => sealed_outbox(&self.profile, vault, &secret(handle, vault)?)?,
            None => Vec::new(),
        })
    }

    /// The other stores that can be read, and their vaults. The keyring may prompt the user unless
    /// they are for the status, or the user has named another store.
    fn vaults_of_others(&self, for_status: bool) -> Vec<(Vault, Self)> {
        let (may_prompt, reads_keyring) = match &self.others {
            OtherStores::Known(_) => (!for_status, true),
            OtherStores::In { status_reads_keyring, .. } => {
                (false, !for_status || *status_reads_keyring)
            }
        };
        let read = |other: Self| {
            if other.description.kind == StoreKind::Keyring && !reads_keyring {
                return None;
            }
            let vault = match may_prompt {
                true => other.decode_and_check_product(other.store.read_once()).ok().flatten(),
                false => other.vault_unprompted(),
            };
            Some((vault?, other))
        };
        self.other_stores().into_iter().filter_map(read).collect()
    }

    /// The vault, if it can be read without prompting the user.
    fn vault_unprompted(&self) -> Option<Vault> {
        self.decode_and_check_product(self.store.read_unprompted()).ok().flatten()
    }

    /// Confirms that the portal has received this deactivation; it is no longer shown.
    ///
    /// # Errors
    /// Returns [`OutboxError::NoSuchEntry`] if the outbox has no such deactivation, and
    /// [`VaultError`] if the vault can't be read or written.
    pub fn confirm_delivered(&self, id: OutboxId, now: Timestamp) -> Result<(), OutboxError> {
        self.confirm_in_any(id, now).map(drop)
    }

    /// As [`Device::confirm_delivered`], and returns the deactivations that remain, as
    /// [`Device::readable_outbox`] does, without opening the store again.
    ///
    /// # Errors
    /// As [`Device::confirm_delivered`].
    pub fn outbox_after_delivery(
        &self,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<ReadableOutbox, OutboxError> {
        Ok(match self.confirm_in_any(id, now)? {
            Some(Done { handle, vault, .. }) => self.outbox_of(Ok((handle, vault))),
            None => self.readable_outbox(),
        })
    }

    pub(crate) fn run_confirm_delivered(
        &self,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<Done<()>, OutboxError> {
        if let Some(done) = self.confirm_in_any(id, now)? {
            return Ok(done);
        }
        let stamp = self.change_stamp();
        let (handle, vault) = self.open_and_load()?;
        Ok(Done { value: (), handle, vault, stamp })
    }

    /// Confirms an entry of this store or of another one; `None` if it was in another one. If this
    /// store can't be read, the entry may still be in another one.
    fn confirm_in_any(
        &self,
        id: OutboxId,
        now: Timestamp,
    ) -> Result<Option<Done<()>>, OutboxError> {
        let unread = match self.confirm_here(id, now) {
            Ok(done) => return Ok(Some(done)),
            Err(OutboxError::NoSuchEntry) => None,
            Err(error) => Some(error),
        };
        let may_prompt = matches!(self.others, OtherStores::Known(_));
        match Self::confirm_in_one_of(&self.other_stores(), id, now, may_prompt) {
            Ok(()) => Ok(None),
            Err(error) => Err(unread.unwrap_or(error)),
        }
    }

    /// Confirms an entry of one of these stores. A store that can't be read doesn't keep the entry
    /// of the next one from being confirmed; without `may_prompt`, it is as if there were no
    /// entries in it.
    pub(crate) fn confirm_in_one_of(
        stores: &[Self],
        id: OutboxId,
        now: Timestamp,
        may_prompt: bool,
    ) -> Result<(), OutboxError> {
        let mut failed = OutboxError::NoSuchEntry;
        for store in stores {
            // Opening a keyring for the write may prompt the user, so the entry has to be in it.
            if !may_prompt && !store.has_entry_unprompted(id) {
                continue;
            }
            match store.confirm_here(id, now) {
                Ok(_) => return Ok(()),
                Err(OutboxError::NoSuchEntry) => {}
                Err(OutboxError::Vault(VaultError::Store(error))) if error.is_no_keyring() => {}
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Whether this store's outbox contains an entry, as far as is known without a prompt.
    fn has_entry_unprompted(&self, id: OutboxId) -> bool {
        let Some(vault) = self.vault_unprompted() else { return false };
        vault.identity.public().is_ok_and(|device| {
            let device = device.id();
            vault.outbox.iter().any(|entry| OutboxId::new(device, entry.counter) == id)
        })
    }

    fn confirm_here(&self, id: OutboxId, now: Timestamp) -> Result<Done<()>, OutboxError> {
        self.change_vault(now, |stored| {
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
        Ok(self.store.open().map_err(|error| self.with_location(error))?)
    }

    fn open_for_writing(&self) -> Result<Box<dyn StoreHandle>, VaultError> {
        Ok(self.store.open_for_writing().map_err(|error| self.with_location(error))?)
    }

    fn load(&self, handle: &dyn StoreHandle) -> Result<Option<Vault>, StoreError> {
        self.decode_and_check_product(handle.read()).map_err(|error| self.with_location(error))
    }

    /// Reads without unlocking what only a write needs.
    pub(crate) fn load_once(&self) -> Result<Option<Vault>, StoreError> {
        self.decode_and_check_product(self.store.read_once())
            .map_err(|error| self.with_location(error))
    }

    /// Adds the vault's location to an error, so that the user can find it.
    fn with_location(&self, error: StoreError) -> StoreError {
        let kept = match (self.description.kind, &self.description.path) {
            (StoreKind::File, Some(path)) => StoredAt::File(path.clone()),
            (StoreKind::File, None) => StoredAt::Unknown,
            (StoreKind::Keyring, _) => StoredAt::Item(crate::store::label(&self.profile)),
        };
        error.with_location(kept)
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
    fn change_vault<T, E: From<VaultError>>(
        &self,
        now: Timestamp,
        step: impl FnOnce(&mut Option<Vault>) -> Result<Change<T>, E>,
    ) -> Result<Done<T>, E> {
        // The keyring may prompt here, before the lock is taken.
        let handle = self.open_for_writing().map_err(E::from)?;
        let Changed { value, vault, stamp } =
            self.change_vault_in(&*handle, now, lock::LOCK_TIMEOUT, step)?;
        Ok(Done { value, handle, vault, stamp })
    }

    /// The same in a store that is already open.
    fn change_vault_in<T, E: From<VaultError>>(
        &self,
        handle: &dyn StoreHandle,
        now: Timestamp,
        timeout: Duration,
        step: impl FnOnce(&mut Option<Vault>) -> Result<Change<T>, E>,
    ) -> Result<Changed<T>, E> {
        let store = |error: StoreError| E::from(VaultError::from(error));
        let shared = self.description.scope == Scope::Machine;
        // Without a lock file, no licence has been written yet. A file that is there is validated
        // first, so that no lock file is left beside a foreign one.
        if self.description.kind == StoreKind::File && !self.lock.exists() {
            let _ = self.load(handle).map_err(store)?;
        }
        let lock = Lock::take(&self.lock, shared, timeout).map_err(store)?;
        let stamp = self.change_stamp();
        let mut stored = self.load(handle).map_err(store)?;
        let value = match step(&mut stored)? {
            Change::Unchanged(value) => return Ok(Changed { value, vault: stored, stamp }),
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
            && handle.has_separate_secret()
        {
            let public = vault.identity.public().map_err(|error| E::from(error.into()))?;
            handle.write_secret(seed).map_err(store)?;
            vault.identity = Identity::Public(public);
        }
        let bytes = vault.to_bytes().map_err(store)?;
        let written = handle.write(&bytes);
        // Also after a failed write, whose effect is unknown.
        lock.record_write();
        written.map_err(store)?;
        let stamp = self.change_stamp();
        match handle.read().map_err(store)? {
            Some(back) if *back == *bytes => {
                let vault = Some(Vault::from_bytes(&back).map_err(store)?);
                Ok(Changed { value, vault, stamp })
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
        self.hash_traits(&self.trait_values())
    }

    pub(crate) fn hash_traits(
        &self,
        values: &fingerprint::TraitValues,
    ) -> fingerprint::TraitHashes {
        fingerprint::hash_traits(values, self.profile.vendor, self.profile.product)
    }
}

/// The deactivations in the vaults of these stores whose tokens can be sealed again.
fn outboxes(stores: &[(Vault, Device)]) -> Vec<OutboxEntry> {
    let sealed = |(vault, store): &(Vault, Device)| {
        // A user's vault contains its device's secret.
        let Identity::Secret(seed) = &vault.identity else { return None };
        sealed_outbox(&store.profile, vault, &SecretKeys::from_seed(seed).ok()?).ok()
    };
    stores.iter().filter_map(sealed).flatten().collect()
}

/// The licences in the vaults of other stores that run as well. A copy of the vault in use isn't a
/// second licence.
fn licences_beside(
    status: &Status,
    others: &[(Vault, Device)],
    now: Timestamp,
) -> Vec<OtherLicence> {
    let running = |(vault, store): &(Vault, Device)| {
        let other = store.status_of(Some(vault), Vec::new(), &store.traits(), now).ok()?;
        let may_run = other.may_run();
        let licence = other.licence.filter(|_| may_run)?;
        let is_copy = other.device_key == status.device_key
            && status.licence.as_ref().is_some_and(|own| own.seat == licence.seat);
        (!is_copy).then_some(OtherLicence {
            seat: licence.seat,
            seat_name: licence.seat_name,
            lease_expiry: licence.lease_expiry,
            store: other.store,
        })
    };
    others.iter().filter_map(running).collect()
}

/// The device's secret. With scope `machine`, only an administrator can read it.
fn secret(handle: &dyn StoreHandle, vault: &Vault) -> Result<SecretKeys, VaultError> {
    match &vault.identity {
        Identity::Secret(seed) => Ok(SecretKeys::from_seed(seed)?),
        Identity::Public(public) => {
            let keys = SecretKeys::from_seed(&handle.read_secret()?)?;
            // A secret of another device, perhaps from a backup; its signatures would be refused.
            if keys.public() != public { Err(StoreError::DAMAGED.into()) } else { Ok(keys) }
        }
    }
}
