//! The product's view of its licence: asking, what was answered last, and being told when it changes.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use latchkey_device::{
    DataDirs, Device, OpenDeviceError, Profile, Scope, StoreChoice, StoreError, StoreKind,
    VaultError,
};
use latchkey_lease::Timestamp;

use crate::clock::wall;
use crate::error::OpenError;
use crate::place::Place;
use crate::product::Product;
use crate::verdict::Verdict;

/// The product's view of its licence. Make one and keep it: the second check and those after it cost little more than
/// verifying the vendor's signatures. Clones share everything; any number of threads may ask at once.
#[derive(Clone)]
pub struct Licence(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Where a licence may be.
    places: Vec<Place>,
    /// The place that had the licence last time.
    likely: AtomicUsize,
    home: Home,
    /// Neither this nor the next has a lock, which a thread might hold while the process forks.
    last: ArcSwapOption<(Arc<Verdict>, Instant)>,
    listeners: ArcSwap<Vec<Listener>>,
}

/// Where a product's own dialogs put a licence.
enum Home {
    /// In the one file that was named.
    File(Device),
    /// Where the policy and the person say; that may change while the product runs.
    Policy { profile: Profile, places: DataDirs, file: AtomicBool },
}

type Listener = Arc<dyn Fn(&Verdict) + Send + Sync>;

/// The last check's verdict, and how old it is.
#[derive(Debug, Clone)]
pub struct LastVerdict {
    /// What it said.
    pub verdict: Arc<Verdict>,
    /// How long ago.
    pub age: Duration,
}

impl fmt::Debug for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Licence").field("places", &self.0.places).finish_non_exhaustive()
    }
}

impl Licence {
    /// Knows where to look. Nothing is read yet.
    ///
    /// # Errors
    /// [`OpenError`] when the product's keys are no keys or there is no place for a licence.
    pub fn open(product: &Product<'_>) -> Result<Self, OpenError> {
        Self::open_in(product, &DataDirs::system())
    }

    /// As [`Licence::open`], with the licence in a file of its own: for tests of the product. The wizard and the
    /// command line take the same file with `--store file:PATH`.
    ///
    /// # Errors
    /// As [`Licence::open`], and `store.file_forbidden` where the product's store policy forbids files.
    pub fn open_file(product: &Product<'_>, file: &Path) -> Result<Self, OpenError> {
        let choice = StoreChoice::FileAt(file.to_owned());
        let device = Device::open(product.profile()?, choice)?;
        Ok(Self::at(vec![device.clone()], Home::File(device)))
    }

    pub(crate) fn open_in(product: &Product<'_>, places: &DataDirs) -> Result<Self, OpenError> {
        let profile = product.profile()?;
        let policy = product.store;
        let open = |choice| Device::open_in(profile.clone(), choice, places);
        let devices = if policy.scope == Scope::Machine || policy.default == StoreKind::File {
            vec![open(StoreChoice::File)?]
        } else if policy.file_allowed {
            // A person without a keyring may have chosen the file; it is looked at before the keyring, which may
            // ask its question.
            vec![open(StoreChoice::File)?, open(StoreChoice::Keyring)?]
        } else {
            vec![open(StoreChoice::Keyring)?]
        };
        let (places, file) = (places.clone(), AtomicBool::new(false));
        Ok(Self::at(devices, Home::Policy { profile, places, file }))
    }

    fn at(devices: Vec<Device>, home: Home) -> Self {
        let inner = Inner {
            places: devices.into_iter().map(Place::new).collect(),
            likely: AtomicUsize::new(0),
            home,
            last: ArcSwapOption::empty(),
            listeners: ArcSwap::default(),
        };
        Self(Arc::new(inner))
    }

    #[cfg(test)]
    pub(crate) fn stores(&self) -> Vec<StoreKind> {
        self.0.places.iter().map(|place| place.device().store().kind).collect()
    }

    /// Asks how it stands: verifies the vendor's signatures with the compiled-in keys, at this computer's time. The
    /// first time the store is read, which waits for a keyring at most ten seconds.
    #[must_use]
    pub fn check(&self) -> Arc<Verdict> {
        self.check_at(wall())
    }

    /// As [`Licence::check`], at a time that is passed in: for tests of the product.
    #[must_use]
    pub fn check_at(&self, now: Timestamp) -> Arc<Verdict> {
        let verdict = Arc::new(self.ask(now));
        let latest = Arc::new((Arc::clone(&verdict), Instant::now()));
        let before = self.0.last.swap(Some(latest));
        if before.is_some_and(|before| verdict.differs(&before.0)) {
            self.tell(&verdict);
        }
        verdict
    }

    /// What the last check said, without looking at anything; `None` before the first one. Takes less than a
    /// microsecond, so it can be asked in an inner loop.
    #[must_use]
    pub fn last_verdict(&self) -> Option<LastVerdict> {
        let last = self.0.last.load();
        let (verdict, at) = &**last.as_ref()?;
        Some(LastVerdict { verdict: Arc::clone(verdict), age: at.elapsed() })
    }

    /// Has a function called whenever a check finds something else than the one before: another verdict, or
    /// other terms. It is called by whoever checks, [`Licence::watch`] included, after the check and without any lock held.
    pub fn on_change(&self, listener: impl Fn(&Verdict) + Send + Sync + 'static) {
        let listener: Listener = Arc::new(listener);
        self.0.listeners.rcu(|listeners| {
            let mut listeners = Vec::clone(listeners);
            listeners.push(Arc::clone(&listener));
            listeners
        });
    }

    fn tell(&self, verdict: &Verdict) {
        for listener in self.0.listeners.load_full().iter() {
            listener(verdict);
        }
    }

    fn ask(&self, now: Timestamp) -> Verdict {
        let places = &self.0.places;
        let likely = self.0.likely.load(Ordering::Relaxed);
        let order = std::iter::once(likely).chain((0..places.len()).filter(|at| *at != likely));
        let mut best: Option<Verdict> = None;
        for at in order {
            let Some(place) = places.get(at) else { continue };
            // A file that nobody has chosen says nothing: the licence may be in a keyring that can't be reached.
            if places.len() > 1 && place.is_missing_file() {
                continue;
            }
            let verdict = Verdict::of(place.look(now), now);
            let weight = verdict.weight();
            if verdict.may_run() {
                self.0.likely.store(at, Ordering::Relaxed);
                return verdict;
            }
            if best.as_ref().is_none_or(|best| weight > best.weight()) {
                best = Some(verdict);
            }
        }
        best.unwrap_or(Verdict::NotActivated)
    }

    /// Says that a person without a keyring wants the licence to be kept in a file. It holds for requests that are
    /// made from now on; once the file is there, it is found without being told.
    ///
    /// # Errors
    /// `store.file_forbidden` where the product's store policy forbids files.
    pub fn keep_in_file(&self) -> Result<(), OpenError> {
        if let Home::Policy { profile, places, file } = &self.0.home {
            Device::open_in(profile.clone(), StoreChoice::File, places)?;
            file.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The device that a product's own dialogs work with.
    pub(crate) fn device(&self) -> Result<Device, VaultError> {
        let (profile, places, file) = match &self.0.home {
            Home::File(device) => return Ok(device.clone()),
            Home::Policy { profile, places, file } => (profile, places, file),
        };
        let choice =
            if file.load(Ordering::Relaxed) { StoreChoice::File } else { StoreChoice::Policy };
        Device::open_in(profile.clone(), choice, places).map_err(|error| match error {
            OpenDeviceError::Store(error) => error.into(),
            _ => StoreError::NoFolder.into(),
        })
    }
}
