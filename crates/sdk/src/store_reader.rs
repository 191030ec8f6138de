//! One place where the licence may be, and what was last read there. A check reads again only if somebody has
//! written since, or after a minute; the keyring is asked on a thread of its own, because it may ask its owner.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use latchkey_device::{Device, Snapshot, Status, StatusError, StoreError, StoreKind, VaultError};
use latchkey_lease::Timestamp;
use latchkey_per_process::{PerProcess, Share};

/// A keyring may ask its owner for a password; a product doesn't wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a check waits for a keyring that gave no answer lately. One that works answers within a few milliseconds.
const BRIEFLY: Duration = Duration::from_millis(250);

/// Programs that aren't Latchkey's change a keyring's item without leaving a trace, and hardware changes: so what was
/// read is kept no longer than this.
const KEPT: Duration = Duration::from_secs(60);

/// Says that the note was written or has failed, also when the thread panicked or never began.
struct Noted {
    place: Place,
    /// What was read before.
    snapshot: Arc<Snapshot>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        let written = !self.place.device().is_current(&self.snapshot);
        let read = self.place.read();
        let mut slot = read.slot();
        if written {
            slot.noted = None;
        }
        slot.noting = None;
        drop(slot);
        read.arrived.notify_all();
    }
}

/// Whether something may be tried again, which it then is.
fn is_due(tried: &mut Option<Instant>) -> bool {
    let due = tried.is_none_or(|tried| tried.elapsed() >= KEPT);
    if due {
        *tried = Some(Instant::now());
    }
    due
}

/// How long something is still waited for that has begun at this time. A keyring that never answers keeps nobody waiting
/// after that.
fn still_to_wait(began: Instant, now: Instant) -> Duration {
    PATIENCE.saturating_sub(now.saturating_duration_since(began))
}

/// How long a check waits for an answer to what was asked at this time, where the keyring may have been silent lately.
fn worth_waiting(asked: Instant, silent: Option<Instant>, now: Instant) -> Duration {
    let lately = silent.is_some_and(|silent| now.saturating_duration_since(silent) < KEPT);
    if lately { BRIEFLY } else { still_to_wait(asked, now).max(BRIEFLY) }
}

/// A place. Cheap to clone; clones share what was read.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    device: Device,
    /// The child of a fork begins with nothing: it has none of the threads that hold the lock, or ask or write for the
    /// others.
    read: PerProcess<Read>,
}

#[derive(Debug, Default)]
struct Read {
    slot: Mutex<Slot>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Slot {
    kept: Option<(Arc<Snapshot>, Instant)>,
    /// Since when a thread has been asking the keyring.
    asking: Option<Instant>,
    /// When the keyring was last waited for in vain, unless it has answered since.
    silent: Option<Instant>,
    /// How many answers have come so far, and the last one if it was a failure.
    answers: u64,
    failure: Option<StatusError>,
    /// When something was last to be remembered in the vault.
    tried: Option<Instant>,
    /// When writing down a change of the hardware was last tried.
    noted: Option<Instant>,
    /// Since when a thread has been writing one down. The others wait for it: before it is written there is no grace.
    noting: Option<Instant>,
}

impl Read {
    /// Nothing that holds the lock panics; if something did, what is in the slot is still whole.
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub(crate) fn new(device: Device) -> Self {
        let shared = Shared { device, read: PerProcess::new() };
        Self(Arc::new(shared))
    }

    pub(crate) fn device(&self) -> &Device {
        &self.0.device
    }

    /// Whether a change of the hardware is being written down.
    #[cfg(test)]
    pub(crate) fn is_noting(&self) -> bool {
        self.read().slot().noting.is_some()
    }

    /// Whether this is a file, and it isn't there.
    pub(crate) fn is_missing_file(&self) -> bool {
        let store = self.device().store();
        store.kind == StoreKind::File && store.path.as_ref().is_some_and(|path| !path.exists())
    }

    /// How it stands here at this time.
    pub(crate) fn look(&self, now: Timestamp) -> Result<Status, StatusError> {
        let snapshot = self.snapshot()?;
        let status = self.device().judge(&snapshot, now)?;
        if !self.device().has_news(&snapshot, now) {
            return Ok(status);
        }
        // A change of the hardware has a grace only once it is written down, so that is done in this look. Anything
        // else there is to remember can wait.
        if status.hardware.is_unrecorded() {
            self.note(&snapshot, now);
            return self.device().judge(&*self.snapshot()?, now);
        }
        if !self.may_try() {
            return Ok(status);
        }
        if self.device().store().kind == StoreKind::File {
            self.remember(&snapshot, now);
            return self.device().judge(&*self.snapshot()?, now);
        }
        let place = self.clone();
        let thread = std::thread::Builder::new().name("latchkey".to_owned());
        // Nobody waits for a keyring to remember what time it is. Without a thread it is remembered later.
        let _ = thread.spawn(move || place.remember(&snapshot, now));
        Ok(status)
    }

    fn remember(&self, snapshot: &Snapshot, now: Timestamp) {
        self.device().remember(now);
        if !self.device().is_current(snapshot) {
            self.read().slot().tried = None;
        }
    }

    /// What is to be remembered and can't be is tried again after a minute, not at every check.
    fn may_try(&self) -> bool {
        is_due(&mut self.read().slot().tried)
    }

    /// Has a change of the hardware written down, and waits until that was done or has failed, whichever thread is at
    /// it. A keyring that doesn't answer is waited for once: all threads together no longer than [`REPLY_TIMEOUT`].
    fn note(&self, snapshot: &Arc<Snapshot>, now: Timestamp) {
        let read = self.read();
        let mut slot = read.slot();
        let under_way = slot.noting;
        let began = under_way.unwrap_or_else(Instant::now);
        if under_way.is_none() {
            if !is_due(&mut slot.noted) {
                return;
            }
            slot.noting = Some(began);
            drop(slot);
            let noted = Noted { place: self.clone(), snapshot: Arc::clone(snapshot) };
            let write = move || noted.place.device().remember_changed_hardware(now);
            if self.device().store().kind == StoreKind::File {
                return write();
            }
            let thread = std::thread::Builder::new().name("latchkey".to_owned());
            // Without a thread it is over at once, and tried again later.
            let _ = thread.spawn(write);
            slot = read.slot();
        }
        let being_noted = |slot: &mut Slot| slot.noting == Some(began);
        let longest = still_to_wait(began, Instant::now());
        drop(read.arrived.wait_timeout_while(slot, longest, being_noted));
    }

    /// What this place held a moment ago.
    fn snapshot(&self) -> Result<Arc<Snapshot>, StatusError> {
        let kept = self.read().slot().kept.clone();
        if let Some((snapshot, read)) = kept
            && read.elapsed() < KEPT
            && self.device().is_current(&snapshot)
        {
            return Ok(snapshot);
        }
        if self.device().store().kind == StoreKind::File {
            let answer = self.device().snapshot();
            return self.keep(answer);
        }
        self.ask()
    }

    fn keep(&self, answer: Result<Snapshot, StatusError>) -> Result<Arc<Snapshot>, StatusError> {
        let read = self.read();
        let mut slot = read.slot();
        slot.answers += 1;
        // An error is an answer too, other than that of the bus after a long silence.
        if !matches!(&answer, Err(StatusError::Vault(VaultError::Store(StoreError::NoAnswer)))) {
            slot.silent = None;
        }
        match answer {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                slot.kept = Some((Arc::clone(&snapshot), Instant::now()));
                slot.failure = None;
                Ok(snapshot)
            }
            Err(error) => {
                slot.kept = None;
                slot.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Has the keyring asked, unless somebody is at it already, and waits for the answer, but not for ever. An
    /// answer that comes later is kept for the next check. A keyring that gives none keeps one check a minute waiting,
    /// and not every one.
    fn ask(&self) -> Result<Arc<Snapshot>, StatusError> {
        let read = self.read();
        let mut slot = read.slot();
        let before = slot.answers;
        let asked = slot.asking.unwrap_or_else(Instant::now);
        if slot.asking.is_none() {
            let place = self.clone();
            let asking = std::thread::Builder::new().name("latchkey".to_owned()).spawn(move || {
                let answer = place.device().snapshot();
                // Whatever it is, it is in the slot.
                let _ = place.keep(answer);
                let read = place.read();
                read.slot().asking = None;
                read.arrived.notify_all();
            });
            if let Err(error) = asking {
                let reason = error.to_string();
                return Err(StatusError::Vault(StoreError::Keyring { reason }.into()));
            }
            slot.asking = Some(asked);
        }
        let longest = worth_waiting(asked, slot.silent, Instant::now());
        let waited = read.arrived.wait_timeout_while(slot, longest, |slot| slot.answers == before);
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if slot.answers == before {
            let lately = slot.silent.filter(|silent| silent.elapsed() < KEPT);
            slot.silent = Some(lately.unwrap_or_else(Instant::now));
            return Err(StatusError::Vault(StoreError::NoAnswer.into()));
        }
        match (&slot.kept, &slot.failure) {
            (Some((snapshot, _)), _) => Ok(Arc::clone(snapshot)),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Err(StatusError::Vault(StoreError::VerifyFailed.into())),
        }
    }

    /// What this process has read here.
    fn read(&self) -> Share<Read> {
        self.0.read.get_or_init(Read::default)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn whatever_hangs_is_waited_for_once_and_not_again_at_every_check() {
        let began = Instant::now();
        let after = |seconds| still_to_wait(began, began + Duration::from_secs(seconds));
        assert_eq!(after(0), PATIENCE);
        assert_eq!(after(4), PATIENCE.checked_sub(Duration::from_secs(4)).unwrap());
        assert_eq!(after(10), Duration::ZERO);
        assert_eq!(after(3600), Duration::ZERO);
    }

    #[test]
    fn a_keyring_that_gives_no_answer_keeps_one_check_a_minute_waiting() {
        let asked = Instant::now();
        let wait = |silent: Option<u64>, now: u64| {
            let at = |seconds| asked + Duration::from_secs(seconds);
            worth_waiting(asked, silent.map(at), at(now))
        };
        assert_eq!(wait(None, 0), PATIENCE);
        assert_eq!(wait(None, 4), PATIENCE.checked_sub(Duration::from_secs(4)).unwrap());
        assert_eq!(wait(None, 11), BRIEFLY);
        assert_eq!(wait(Some(0), 0), BRIEFLY);
        assert_eq!(wait(Some(0), 59), BRIEFLY);
        // A thread that has just begun to ask after that is waited for again.
        let later = asked + KEPT;
        assert_eq!(worth_waiting(later, Some(asked), later), PATIENCE);
    }
}
