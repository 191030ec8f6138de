//! A store that may hold the licence, and a cache of what was last read from it. A check reads the
//! store again only if it has been written since, or after a minute. The keyring is read on a
//! thread of its own, because it may prompt the user.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use latchkey_device::{Device, Snapshot, Status, StatusError, StoreError, StoreKind, VaultError};
use latchkey_lease::Timestamp;
use latchkey_per_process::{PerProcess, Share};

/// How long a check waits for a keyring, which may be prompting the user for a password.
const KEYRING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a check waits for a keyring that has timed out recently. One that works answers within
/// a few milliseconds.
const SHORT_TIMEOUT: Duration = Duration::from_millis(250);

/// How long a snapshot is cached: another program may change the keyring's item without a trace,
/// and the hardware may change. It is also the delay before something that has failed is tried
/// again.
const CACHE_TTL: Duration = Duration::from_secs(60);

/// Marks the recording of changed hardware as finished when it is dropped, even if the thread has
/// panicked or could not be started.
struct RecordingGuard {
    store: CachedStore,
    /// The snapshot before the recording.
    snapshot: Arc<Snapshot>,
}

impl Drop for RecordingGuard {
    fn drop(&mut self) {
        let written = !self.store.device().is_current(&self.snapshot);
        let cache = self.store.cache();
        let mut slot = cache.slot();
        if written {
            slot.last_recording = None;
        }
        slot.recording_since = None;
        drop(slot);
        cache.changed.notify_all();
    }
}

/// Whether an attempt is due. If so, records it as made now.
fn take_attempt(last: &mut Option<Instant>) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= CACHE_TTL);
    if due {
        *last = Some(Instant::now());
    }
    due
}

/// The remaining time to wait for an operation that started at `began`.
fn remaining(began: Instant, now: Instant) -> Duration {
    KEYRING_TIMEOUT.saturating_sub(now.saturating_duration_since(began))
}

/// How long to wait for a keyring that has been read since `asked`. `timed_out` is when it last
/// timed out.
fn read_timeout(asked: Instant, timed_out: Option<Instant>, now: Instant) -> Duration {
    let recently = timed_out.is_some_and(|at| now.saturating_duration_since(at) < CACHE_TTL);
    if recently { SHORT_TIMEOUT } else { remaining(asked, now).max(SHORT_TIMEOUT) }
}

/// A store and its cache. Cheap to clone; clones share the cache.
#[derive(Debug, Clone)]
pub(crate) struct CachedStore(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    device: Device,
    /// The child of a fork starts with an empty cache, because it lacks the threads that hold the
    /// lock, or read or write for others.
    cache: PerProcess<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    slot: Mutex<CacheSlot>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct CacheSlot {
    snapshot: Option<(Arc<Snapshot>, Instant)>,
    /// Since when a thread has been reading the keyring.
    reading_since: Option<Instant>,
    /// When the keyring last timed out, unless it has answered since.
    timed_out: Option<Instant>,
    /// How many reads have finished.
    reads: u64,
    /// The error of the last read, if it failed.
    failure: Option<StatusError>,
    /// When the state was last to be persisted.
    last_persist: Option<Instant>,
    /// When a change of the hardware was last to be recorded.
    last_recording: Option<Instant>,
    /// Since when a thread has been recording a change of the hardware. Others wait for it, because
    /// there is no grace period until it is recorded.
    recording_since: Option<Instant>,
}

impl Cache {
    /// No code panics while it holds the lock; if it did, the slot would still be consistent.
    fn slot(&self) -> MutexGuard<'_, CacheSlot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedStore {
    pub(crate) fn new(device: Device) -> Self {
        let shared = Shared { device, cache: PerProcess::new() };
        Self(Arc::new(shared))
    }

    pub(crate) fn device(&self) -> &Device {
        &self.0.device
    }

    /// Caches the store's content as an operation has read it back.
    pub(crate) fn keep(&self, snapshot: Snapshot) {
        let cache = self.cache();
        let mut slot = cache.slot();
        slot.snapshot = Some((Arc::new(snapshot), Instant::now()));
        slot.failure = None;
    }

    /// How often the store has been read.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        self.cache().slot().reads
    }

    /// Whether a change of the hardware is being recorded.
    #[cfg(test)]
    pub(crate) fn is_recording(&self) -> bool {
        self.cache().slot().recording_since.is_some()
    }

    /// Whether this is a file that doesn't exist. A file in a folder that can't be read may exist.
    pub(crate) fn is_missing_file(&self) -> bool {
        let is_missing = |path: &PathBuf| {
            let found = std::fs::symlink_metadata(path);
            found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
        };
        self.device().store().path.as_ref().is_some_and(is_missing)
    }

    /// The status of this store's licence at a time.
    pub(crate) fn status(&self, now: Timestamp) -> Result<Status, StatusError> {
        let snapshot = self.snapshot()?;
        let status = self.device().judge(&snapshot, now)?;
        if !self.device().snapshot_needs_persist(&snapshot, now) {
            return Ok(status);
        }
        // A change of the hardware has a grace period only once it is recorded, so that is done
        // during the check. Other state can be persisted later.
        if status.hardware.is_unrecorded() {
            self.record_hardware(&snapshot, now);
            return self.device().judge(&*self.snapshot()?, now);
        }
        // State that can't be persisted is tried again after a minute, not at every check.
        if !take_attempt(&mut self.cache().slot().last_persist) {
            return Ok(status);
        }
        if self.device().store().kind == StoreKind::File {
            self.persist(&snapshot, now);
            return self.device().judge(&*self.snapshot()?, now);
        }
        let store = self.clone();
        let thread = std::thread::Builder::new().name("latchkey".to_owned());
        // The check doesn't wait for the keyring to persist the time. If no thread can be started,
        // a later check persists it.
        let _ = thread.spawn(move || store.persist(&snapshot, now));
        Ok(status)
    }

    fn persist(&self, snapshot: &Snapshot, now: Timestamp) {
        self.device().remember(now);
        if !self.device().is_current(snapshot) {
            self.cache().slot().last_persist = None;
        }
    }

    /// Records a change of the hardware, and waits until that has succeeded or failed, on whichever
    /// thread. All threads together wait for a keyring no longer than [`KEYRING_TIMEOUT`].
    fn record_hardware(&self, snapshot: &Arc<Snapshot>, now: Timestamp) {
        let cache = self.cache();
        let mut slot = cache.slot();
        let running_since = slot.recording_since;
        let began = running_since.unwrap_or_else(Instant::now);
        if running_since.is_none() {
            if !take_attempt(&mut slot.last_recording) {
                return;
            }
            slot.recording_since = Some(began);
            drop(slot);
            let guard = RecordingGuard { store: self.clone(), snapshot: Arc::clone(snapshot) };
            let write = move || guard.store.device().remember_changed_hardware(now);
            if self.device().store().kind == StoreKind::File {
                return write();
            }
            let thread = std::thread::Builder::new().name("latchkey".to_owned());
            // If no thread can be started, the guard ends the recording at once, and it is tried
            // again later.
            let _ = thread.spawn(write);
            slot = cache.slot();
        }
        let is_running = |slot: &mut CacheSlot| slot.recording_since == Some(began);
        let timeout = remaining(began, Instant::now());
        drop(cache.changed.wait_timeout_while(slot, timeout, is_running));
    }

    /// The store's content, from the cache if it is recent.
    fn snapshot(&self) -> Result<Arc<Snapshot>, StatusError> {
        let cached = self.cache().slot().snapshot.clone();
        if let Some((snapshot, read_at)) = cached
            && read_at.elapsed() < CACHE_TTL
            && self.device().is_current(&snapshot)
        {
            return Ok(snapshot);
        }
        if self.device().store().kind == StoreKind::File {
            let result = self.device().snapshot();
            return self.store_in_cache(result);
        }
        self.read_keyring()
    }

    fn store_in_cache(
        &self,
        result: Result<Snapshot, StatusError>,
    ) -> Result<Arc<Snapshot>, StatusError> {
        let cache = self.cache();
        let mut slot = cache.slot();
        slot.reads += 1;
        // An error is an answer too, except for a timeout of the bus.
        if !matches!(&result, Err(StatusError::Vault(VaultError::Store(StoreError::NoAnswer)))) {
            slot.timed_out = None;
        }
        match result {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                slot.snapshot = Some((Arc::clone(&snapshot), Instant::now()));
                slot.failure = None;
                Ok(snapshot)
            }
            Err(error) => {
                slot.snapshot = None;
                slot.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Reads the keyring on a thread of its own, unless one is reading already, and waits for a
    /// limited time. An answer that comes later is cached for the next check. A keyring that
    /// doesn't answer delays one check a minute, not every check.
    fn read_keyring(&self) -> Result<Arc<Snapshot>, StatusError> {
        let cache = self.cache();
        let mut slot = cache.slot();
        let reads_before = slot.reads;
        let asked = slot.reading_since.unwrap_or_else(Instant::now);
        if slot.reading_since.is_none() {
            let store = self.clone();
            let thread = std::thread::Builder::new().name("latchkey".to_owned()).spawn(move || {
                let result = store.device().snapshot();
                // The result is in the cache, even if it is an error.
                let _ = store.store_in_cache(result);
                let cache = store.cache();
                cache.slot().reading_since = None;
                cache.changed.notify_all();
            });
            if let Err(error) = thread {
                let reason = error.to_string();
                return Err(StatusError::Vault(StoreError::Keyring { reason }.into()));
            }
            slot.reading_since = Some(asked);
        }
        let timeout = read_timeout(asked, slot.timed_out, Instant::now());
        let is_waiting = |slot: &mut CacheSlot| slot.reads == reads_before;
        let waited = cache.changed.wait_timeout_while(slot, timeout, is_waiting);
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if slot.reads == reads_before {
            let recently = slot.timed_out.filter(|at| at.elapsed() < CACHE_TTL);
            slot.timed_out = Some(recently.unwrap_or_else(Instant::now));
            return Err(StatusError::Vault(StoreError::NoAnswer.into()));
        }
        match (&slot.snapshot, &slot.failure) {
            (Some((snapshot, _)), _) => Ok(Arc::clone(snapshot)),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(StatusError::Vault(StoreError::VerifyFailed.into())),
        }
    }

    /// The cache of this process.
    fn cache(&self) -> Share<Cache> {
        self.0.cache.get_or_init(Cache::default)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn an_operation_that_hangs_is_waited_for_once_and_not_at_every_check() {
        let began = Instant::now();
        let after = |seconds| remaining(began, began + Duration::from_secs(seconds));
        assert_eq!(after(0), KEYRING_TIMEOUT);
        assert_eq!(after(4), KEYRING_TIMEOUT.checked_sub(Duration::from_secs(4)).unwrap());
        assert_eq!(after(10), Duration::ZERO);
        assert_eq!(after(3600), Duration::ZERO);
    }

    #[test]
    fn a_keyring_that_does_not_answer_delays_one_check_a_minute() {
        let asked = Instant::now();
        let wait = |timed_out: Option<u64>, now: u64| {
            let at = |seconds| asked + Duration::from_secs(seconds);
            read_timeout(asked, timed_out.map(at), at(now))
        };
        assert_eq!(wait(None, 0), KEYRING_TIMEOUT);
        assert_eq!(wait(None, 4), KEYRING_TIMEOUT.checked_sub(Duration::from_secs(4)).unwrap());
        assert_eq!(wait(None, 11), SHORT_TIMEOUT);
        assert_eq!(wait(Some(0), 0), SHORT_TIMEOUT);
        assert_eq!(wait(Some(0), 59), SHORT_TIMEOUT);
        // After a minute, a new read gets the full timeout.
        let later = asked + CACHE_TTL;
        assert_eq!(read_timeout(later, Some(asked), later), KEYRING_TIMEOUT);
    }
}
