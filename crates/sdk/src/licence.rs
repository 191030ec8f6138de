//! The product's view of its licence: checks, the last verdict, and notifications of changes.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use latchkey_device::{
    DataDirs, Device, OpenDeviceError, Profile, Snapshot, StoreChoice, StoreContents, StoreError,
    StoreKind, VaultError,
};
use latchkey_lease::Timestamp;

use crate::clock::wall_clock;
use crate::error::OpenLicenceError;
use crate::product::Product;
use crate::store_reader::CachedStore;
use crate::verdict::Verdict;

/// The product's view of its licence. Create one and keep it: every check but the first costs
/// little more than verifying the vendor's signatures. Clones share everything, and any number of
/// threads may check at the same time.
#[derive(Clone)]
pub struct Licence(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// The stores that may hold the licence.
    stores: Vec<CachedStore>,
    target: WriteTarget,
    /// This field and the next one need no lock, which a thread might hold while the process forks.
    last: ArcSwapOption<(Arc<Verdict>, Instant)>,
    listeners: ArcSwap<Vec<Listener>>,
}

/// The store that a product's own dialogs write to.
enum WriteTarget {
    /// The file that the product has named.
    File(Device),
    /// The store that the policy and the user choose, which may change while the product runs.
    Policy { profile: Profile, data_dirs: DataDirs, file: AtomicBool },
}

type Listener = Arc<dyn Fn(&Verdict) + Send + Sync>;

/// The last check's verdict, and how old it is.
#[derive(Debug, Clone)]
pub struct LastVerdict {
    /// The verdict.
    pub verdict: Arc<Verdict>,
    /// The time since the check.
    pub age: Duration,
}

impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Licence").field("stores", &self.0.stores).finish_non_exhaustive()
    }
}

impl Licence {
    /// Opens a product's licence. Nothing is read until the first check.
    ///
    /// # Errors
    /// [`OpenLicenceError::NoKey`] and [`OpenLicenceError::Key`] if the product's keys are missing
    /// or invalid; [`OpenLicenceError::Device`] if this computer has no place for a licence.
    pub fn open(product: &Product<'_>) -> Result<Self, OpenLicenceError> {
        Self::open_in(product, &DataDirs::system())
    }

    /// Opens a product's licence in a file of its own, which is useful in the product's tests. The
    /// user's own stores are neither read nor written. The wizard and the command line use the same
    /// file with `--store file:PATH`.
    ///
    /// # Errors
    /// As [`Licence::open`]; [`OpenLicenceError::Device`] also if the product's store policy
    /// forbids files (`store.file_forbidden`).
    pub fn open_file(product: &Product<'_>, file: &Path) -> Result<Self, OpenLicenceError> {
        let choice = StoreChoice::FileAt(file.to_owned());
        let device = Device::open(product.profile()?, choice)?.without_other_stores();
        Ok(Self::at(vec![device.clone()], WriteTarget::File(device)))
    }

    pub(crate) fn open_in(
        product: &Product<'_>,
        data_dirs: &DataDirs,
    ) -> Result<Self, OpenLicenceError> {
        let profile = product.profile()?;
        let devices = Device::all_stores_in(&profile, data_dirs)?;
        let (data_dirs, file) = (data_dirs.clone(), AtomicBool::new(false));
        Ok(Self::at(devices, WriteTarget::Policy { profile, data_dirs, file }))
    }

    fn at(devices: Vec<Device>, target: WriteTarget) -> Self {
        let inner = Inner {
            stores: devices.into_iter().map(CachedStore::new).collect(),
            target,
            last: ArcSwapOption::empty(),
            listeners: ArcSwap::default(),
        };
        Self(Arc::new(inner))
    }

    /// How often the stores have been read.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        self.0.stores.iter().map(CachedStore::reads).sum()
    }

    #[cfg(test)]
    pub(crate) fn stores(&self) -> Vec<StoreKind> {
        self.0.stores.iter().map(|store| store.device().store().kind).collect()
    }

    /// Checks the licence at this computer's time. The vendor's signatures are verified with the
    /// keys that are compiled in. The first check reads the store, and waits for a keyring at most
    /// ten seconds.
    #[must_use]
    pub fn check(&self) -> Arc<Verdict> {
        self.check_at(wall_clock())
    }

    /// Checks the licence at a given time, which is useful in the product's tests.
    #[must_use]
    pub fn check_at(&self, now: Timestamp) -> Arc<Verdict> {
        let verdict = Arc::new(self.load(now));
        let latest = Arc::new((Arc::clone(&verdict), Instant::now()));
        let before = self.0.last.swap(Some(latest));
        if before.is_some_and(|before| verdict.differs_from(&before.0)) {
            self.notify(&verdict);
        }
        verdict
    }

    /// Returns the verdict of the last check without checking again; `None` before the first one.
    /// It takes less than a microsecond, so it can be called in an inner loop.
    #[must_use]
    pub fn last_verdict(&self) -> Option<LastVerdict> {
        let last = self.0.last.load();
        let (verdict, at) = &**last.as_ref()?;
        Some(LastVerdict { verdict: Arc::clone(verdict), age: at.elapsed() })
    }

    /// Registers a function that is called when a check finds a different verdict, or different
    /// terms, than the check before it. It is called after the check, on the thread that checks,
    /// which may be that of [`Licence::watch`], and no lock is held during the call.
    pub fn on_change(&self, listener: impl Fn(&Verdict) + Send + Sync + 'static) {
        let listener: Listener = Arc::new(listener);
        self.0.listeners.rcu(|listeners| {
            let mut listeners = Vec::clone(listeners);
            listeners.push(Arc::clone(&listener));
            listeners
        });
    }

    fn notify(&self, verdict: &Verdict) {
        for listener in self.0.listeners.load_full().iter() {
            listener(verdict);
        }
    }

    /// Reads the stores and returns the verdict on the one that [`Device::open`] would choose. The
    /// keyring may prompt the user, so it isn't read if a licence in a file runs. A licence in a
    /// file that has ended is no reason to leave the keyring alone: it may have been replaced by
    /// one in the keyring, with which the product has to run.
    fn load(&self, now: Timestamp) -> Verdict {
        let is_keyring = |store: &&CachedStore| store.device().store().kind == StoreKind::Keyring;
        let (keyrings, files): (Vec<_>, Vec<_>) = self.0.stores.iter().partition(is_keyring);
        // A missing file doesn't mean that there is no licence: it may be in a keyring that can't
        // be reached.
        let is_only_one = self.0.stores.len() == 1;
        let files = files.into_iter().filter(|file| is_only_one || !file.is_missing_file());
        let mut read: Vec<_> = files.map(|file| (file.device(), file.status(now))).collect();
        let contents: Vec<_> =
            read.iter().map(|(file, status)| (*file, StoreContents::of(status))).collect();
        let best = Device::most_important(&contents);
        let contents = best.map(|index| contents[index].1);
        let mut chosen = best.map(|index| read.swap_remove(index).1);
        if !contents.is_some_and(StoreContents::is_running)
            && let Some(keyring) = keyrings.first()
        {
            let status = keyring.status(now);
            if contents.is_none_or(|contents| StoreContents::of_keyring(&status) > contents) {
                chosen = Some(status);
            }
        }
        chosen.map_or(Verdict::NotActivated, |status| Verdict::from_status(status, now))
    }

    /// Stores the licence in a file instead of the keyring, starting with the next request. Call it
    /// when a user who has no keyring agrees to it. Once the file exists, it is found without this
    /// call.
    ///
    /// # Errors
    /// Returns [`OpenLicenceError::Device`] if the product's store policy forbids files
    /// (`store.file_forbidden`).
    pub fn keep_in_file(&self) -> Result<(), OpenLicenceError> {
        if let WriteTarget::Policy { profile, data_dirs, file } = &self.0.target {
            Device::open_in(profile.clone(), StoreChoice::File, data_dirs)?;
            file.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Caches what an operation has read back from its store, so that the next check doesn't read
    /// it again.
    pub(crate) fn keep(&self, device: &Device, snapshot: Option<Snapshot>) {
        let is_of = |store: &&CachedStore| store.device().store() == device.store();
        if let (Some(snapshot), Some(store)) = (snapshot, self.0.stores.iter().find(is_of)) {
            store.keep(snapshot);
        }
    }

    /// The profile and the folders of the stores, unless the product has named a file.
    pub(crate) fn policy(&self) -> Option<(&Profile, &DataDirs)> {
        match &self.0.target {
            WriteTarget::File(_) => None,
            WriteTarget::Policy { profile, data_dirs, .. } => Some((profile, data_dirs)),
        }
    }

    /// The device that a product's own dialogs work with.
    pub(crate) fn device(&self) -> Result<Device, VaultError> {
        let (profile, data_dirs, file) = match &self.0.target {
            WriteTarget::File(device) => return Ok(device.clone()),
            WriteTarget::Policy { profile, data_dirs, file } => (profile, data_dirs, file),
        };
        let choice =
            if file.load(Ordering::Relaxed) { StoreChoice::File } else { StoreChoice::Policy };
        Device::open_in(profile.clone(), choice, data_dirs).map_err(|error| match error {
            OpenDeviceError::Store(error) => error.into(),
            _ => StoreError::NoFolder.into(),
        })
    }
}
