//! The numbers that C has instead of pointers, and what they stand for while it is open and while it is being closed.
//!
//! The synchronisation comes from `crate::sync`, as in `gate`.

use std::collections::BTreeMap;

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is open, and what somebody is closing.
pub(crate) struct Handles<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    given: usize,
    open: BTreeMap<usize, Arc<T>>,
    /// With how many threads are closing it.
    closing: BTreeMap<usize, (Arc<T>, usize)>,
}

/// While it lasts, no other thread opens, finds or closes anything.
pub(crate) struct Held<'h, T>(#[allow(dead_code, reason = "held")] MutexGuard<'h, State<T>>);

impl<T> Handles<T> {
    /// Numbers begin above this one.
    pub(crate) fn above(given: usize) -> Self {
        let state = State { given, open: BTreeMap::new(), closing: BTreeMap::new() };
        Self { state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps every thread out until this is dropped.
    pub(crate) fn hold(&self) -> Held<'_, T> {
        Held(self.state())
    }

    /// A number for something; none is given twice. They are odd, so that none is the address of anything that C could
    /// pass instead. `None` when there is none left.
    pub(crate) fn give(&self, value: T) -> Option<usize> {
        let mut state = self.state();
        let number = state.given.checked_mul(2)?.checked_add(3)?;
        state.given += 1;
        state.open.insert(number, Arc::new(value));
        Some(number)
    }

    /// What a number stands for, unless it is closed.
    pub(crate) fn get(&self, number: usize) -> Option<Arc<T>> {
        self.state().open.get(&number).cloned()
    }

    /// Closes: from now on the number stands for nothing. Whoever closes what another thread is still closing takes
    /// part in that, so that nobody returns before it is over; only what was closed before is nothing. `close` is told
    /// whether it is the first. `is_over` is asked when the last one leaves: it isn't over when a callback closes its own
    /// licence. Then [`Handles::left`] has to be called.
    pub(crate) fn close(
        &self,
        number: usize,
        close: impl FnOnce(&T, bool),
        is_over: impl Fn(&T) -> bool,
    ) {
        let (value, first) = {
            let mut state = self.state();
            let opened = state.open.remove(&number);
            let first = opened.is_some();
            if let Some(value) = opened {
                state.closing.insert(number, (value, 0));
            }
            let Some((value, closers)) = state.closing.get_mut(&number) else { return };
            *closers += 1;
            (Arc::clone(value), first)
        };
        let _leave = Leave { handles: self, number, is_over };
        close(&value, first);
    }

    /// Forgets what was closed from inside, now that this may be over.
    pub(crate) fn left(&self, number: usize, is_over: impl FnOnce(&T) -> bool) {
        let mut state = self.state();
        let over = match state.closing.get(&number) {
            Some((value, 0)) => is_over(value),
            _ => false,
        };
        let forgotten = over.then(|| state.closing.remove(&number));
        drop(state);
        drop(forgotten);
    }
}

/// Forgets what was closed when the last one who closed it leaves.
struct Leave<'h, T, F: Fn(&T) -> bool> {
    handles: &'h Handles<T>,
    number: usize,
    is_over: F,
}

impl<T, F: Fn(&T) -> bool> Drop for Leave<'_, T, F> {
    fn drop(&mut self) {
        let forgotten = {
            let mut state = self.handles.state();
            let over = state.closing.get_mut(&self.number).is_some_and(|(value, closers)| {
                *closers -= 1;
                // Asked here, where [`Handles::left`] is kept out: what ends between the question and the last one's
                // leaving would be kept for ever.
                *closers == 0 && (self.is_over)(value)
            });
            over.then(|| state.closing.remove(&self.number))
        };
        drop(forgotten);
    }
}
