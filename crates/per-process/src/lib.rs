//! `PerProcess`: a static value that each process initialises for itself. Servers load a product
//! and fork their workers, and a lock that another thread of the parent held at that moment stays
//! locked in the child forever: a child that used the parent's lock, or waited for a value that a
//! thread of the parent was initialising, would hang. So nothing here waits for another thread, and
//! the child never uses the parent's value or any lock in it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

/// A value that is initialised at the first access, and again in the child of a fork.
///
/// ```
/// use std::sync::Mutex;
///
/// use latchkey_per_process::PerProcess;
///
/// static SEEN: PerProcess<Mutex<u32>> = PerProcess::new();
/// *SEEN.get_or_init(Mutex::default).lock().unwrap() += 1;
/// assert_eq!(*SEEN.get_or_init(Mutex::default).lock().unwrap(), 1);
/// ```
pub struct PerProcess<T>(ArcSwapOption<OwnedValue<T>>);

struct OwnedValue<T> {
    process: u32,
    value: T,
}

/// A shared reference to the value.
pub struct Share<T>(Arc<OwnedValue<T>>);

impl<T> Deref for Share<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> PerProcess<T> {
    /// Creates an uninitialised value.
    #[must_use]
    pub const fn new() -> Self {
        Self(ArcSwapOption::const_empty())
    }

    /// Returns this process's value, initialising it if necessary. Threads that access it first at
    /// the same time may each create one, and all get the same.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> Share<T> {
        let process = std::process::id();
        let mut known = self.0.load_full();
        if let Some(made) = known.take_if(|made| made.process == process) {
            return Share(made);
        }
        let made = Arc::new(OwnedValue { process, value: make() });
        loop {
            let before = self.0.compare_and_swap(&known, Some(Arc::clone(&made)));
            let same = match (&*before, &known) {
                (None, None) => true,
                (Some(before), Some(known)) => Arc::ptr_eq(before, known),
                _ => false,
            };
            if same {
                return Share(made);
            }
            known = before.as_ref().map(Arc::clone);
            if let Some(theirs) = known.take_if(|theirs| theirs.process == process) {
                return Share(theirs);
            }
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for PerProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerProcess(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_threads_get_the_same_value_whichever_made_it() {
        let (value, made) = (PerProcess::new(), AtomicUsize::new(0));
        let together = Barrier::new(8);
        let got: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        *value.get_or_init(|| made.fetch_add(1, Ordering::SeqCst))
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        assert_eq!(got.len(), 8);
        assert!(got.iter().all(|one| *one == got[0]), "{got:?}");
        assert_eq!(*value.get_or_init(|| usize::MAX), got[0]);
    }

    #[test]
    fn a_forked_process_initialises_its_own_value() {
        let value = PerProcess::new();
        value.0.store(Some(Arc::new(OwnedValue { process: std::process::id() ^ 1, value: 1 })));
        assert_eq!(*value.get_or_init(|| 2), 2);
        assert_eq!(*value.get_or_init(|| 3), 2);
    }
}
