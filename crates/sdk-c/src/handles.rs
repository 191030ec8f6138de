//! The handle table: the numbers that C gets instead of pointers, and the values they stand for
//! while those are open or being closed.
//!
//! The synchronisation primitives come from `crate::sync`, as in `callback_guard`.

use std::collections::BTreeMap;

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The values that are open or being closed, by their numbers.
pub(crate) struct Handles<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// How many numbers have been issued, plus the offset they start at.
    issued: usize,
    open: BTreeMap<usize, Arc<T>>,
    /// Values that are being closed, and by how many threads.
    closing: BTreeMap<usize, (Arc<T>, usize)>,
}

/// While this is held, no other thread opens, finds or closes anything.
pub(crate) struct Lock<'h, T>(#[allow(dead_code, reason = "only held")] MutexGuard<'h, State<T>>);

impl<T> Handles<T> {
    /// An empty table whose numbers are greater than `offset`.
    pub(crate) fn with_numbers_above(offset: usize) -> Self {
        let state = State { issued: offset, open: BTreeMap::new(), closing: BTreeMap::new() };
        Self { state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks all other threads until the lock is dropped.
    pub(crate) fn lock(&self) -> Lock<'_, T> {
        Lock(self.state())
    }

    /// Issues a number for a value; no number is used twice. Numbers are odd, so that none is the
    /// address of an object that C might pass by mistake. `None` if there are no more numbers.
    pub(crate) fn insert(&self, value: T) -> Option<usize> {
        let mut state = self.state();
        let number = state.issued.checked_mul(2)?.checked_add(3)?;
        state.issued += 1;
        state.open.insert(number, Arc::new(value));
        Some(number)
    }

    /// The value of a number, unless it is closed.
    pub(crate) fn get(&self, number: usize) -> Option<Arc<T>> {
        self.state().open.get(&number).cloned()
    }

    /// Closes a value: from now on its number isn't valid. A thread that closes a value while
    /// another one is still closing it takes part, so that neither returns before it is done; a
    /// value that has been closed is ignored. `close` is told whether this is the first call.
    /// `is_done` is asked when the last thread leaves: a value isn't done while a callback of its
    /// own closes it. [`Handles::forget_if_done`] has to be called then.
    pub(crate) fn close(
        &self,
        number: usize,
        close: impl FnOnce(&T, bool),
        is_done: impl Fn(&T) -> bool,
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
        let _leave = LeaveOnDrop { handles: self, number, is_done };
        close(&value, first);
    }

    /// Drops a value that was closed by a callback of its own, if that has returned.
    pub(crate) fn forget_if_done(&self, number: usize, is_done: impl FnOnce(&T) -> bool) {
        let mut state = self.state();
        let done = match state.closing.get(&number) {
            Some((value, 0)) => is_done(value),
            _ => false,
        };
        let forgotten = done.then(|| state.closing.remove(&number));
        drop(state);
        drop(forgotten);
    }
}

/// Drops a value when the last thread that closes it leaves.
struct LeaveOnDrop<'h, T, F: Fn(&T) -> bool> {
    handles: &'h Handles<T>,
    number: usize,
    is_done: F,
}

impl<T, F: Fn(&T) -> bool> Drop for LeaveOnDrop<'_, T, F> {
    fn drop(&mut self) {
        let forgotten = {
            let mut state = self.handles.state();
            let done = state.closing.get_mut(&self.number).is_some_and(|(value, closers)| {
                *closers -= 1;
                // Asked under the lock, which keeps [`Handles::forget_if_done`] out: a callback
                // that ended between the question and this thread's leaving would leave the value
                // behind for ever.
                *closers == 0 && (self.is_done)(value)
            });
            done.then(|| state.closing.remove(&self.number))
        };
        drop(forgotten);
    }
}
