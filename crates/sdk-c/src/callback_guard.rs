//! Serialises callbacks: at most one of a licence runs at a time, none runs once the licence is
//! closed, and no thread waits for itself or in a cycle.
//!
//! The synchronisation primitives come from `crate::sync`, so that `tests/callback_guard.rs` can
//! explore every interleaving of threads.

use std::collections::BTreeMap;

use crate::sync::thread::{self, ThreadId};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What all guards of a process share: a thread that waits for one may be running a callback of
/// another.
#[derive(Default)]
pub(crate) struct CallbackGuards {
    state: Mutex<State>,
    finished: Condvar,
}

#[derive(Default)]
struct State {
    /// How many guards have been created. Each has its number.
    created: u64,
    /// The guards of which a callback is running.
    running: BTreeMap<u64, Running>,
    /// The threads that wait until no callback of a guard is running.
    waiting: Vec<(ThreadId, u64)>,
}

struct Running {
    thread: ThreadId,
    /// Calls that came in while a callback was running, at most one for each listener.
    queued: Vec<(u64, Call)>,
}

type Call = Box<dyn FnOnce() + Send>;

/// While this is held, no other thread starts or finishes a callback.
pub(crate) struct Lock<'g>(MutexGuard<'g, State>);

impl Lock<'_> {
    /// Forgets all threads but this one: the child of a fork has no other.
    pub(crate) fn forget_other_threads(&mut self) {
        let me = thread::current().id();
        self.0.running.retain(|_, running| running.thread == me);
        self.0.waiting.retain(|(thread, _)| *thread == me);
    }
}

/// Lets the callbacks of one licence run for as long as it is open.
pub(crate) struct CallbackGuard {
    guards: Arc<CallbackGuards>,
    number: u64,
    closed: Mutex<bool>,
}

impl CallbackGuards {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks all other threads until the lock is dropped.
    pub(crate) fn lock(&self) -> Lock<'_> {
        Lock(self.state())
    }
}

impl State {
    /// Whether the thread that runs a callback of this guard waits for `me`, directly or through
    /// other threads.
    fn waits_for(&self, guard: u64, me: ThreadId) -> bool {
        let mut guard = guard;
        // Each step leads to another waiting thread, so their number bounds the steps.
        for _ in 0..=self.waiting.len() {
            let Some(running) = self.running.get(&guard) else { return false };
            if running.thread == me {
                return true;
            }
            let mut waiting = self.waiting.iter();
            let Some((_, next)) = waiting.find(|(thread, _)| *thread == running.thread) else {
                return false;
            };
            guard = *next;
        }
        false
    }
}

impl CallbackGuard {
    pub(crate) fn new(guards: &Arc<CallbackGuards>) -> Self {
        let mut state = guards.state();
        state.created += 1;
        Self { guards: Arc::clone(guards), number: state.created, closed: Mutex::new(false) }
    }

    fn is_closed(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no callback is running.
    pub(crate) fn is_idle(&self) -> bool {
        !self.guards.state().running.contains_key(&self.number)
    }

    /// Runs a listener's call, unless the guard is closed. If a callback is running already, on
    /// this thread or another one, its thread runs this call when it has returned; of several
    /// calls of one listener it runs the last.
    pub(crate) fn run(&self, listener: u64, call: Call) {
        let me = thread::current().id();
        let mut state = self.guards.state();
        if self.is_closed() {
            return;
        }
        match state.running.get_mut(&self.number) {
            Some(running) => {
                running.queued.retain(|(other, _)| *other != listener);
                running.queued.push((listener, call));
                return;
            }
            None => state.running.insert(self.number, Running { thread: me, queued: Vec::new() }),
        };
        drop(state);
        let finish = FinishOnDrop(self);
        let mut next = Some(call);
        while let Some(call) = next {
            call();
            next = finish.next_or_finish();
        }
        // It has finished, and another thread may be running a callback by now.
        std::mem::forget(finish);
    }

    /// Closes the guard: from now on no callback starts. Waits for the one that is running, except
    /// when it runs on this thread, or its thread waits in turn for this one.
    pub(crate) fn close(&self) {
        let me = thread::current().id();
        let mut state = self.guards.state();
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        if let Some(running) = state.running.get_mut(&self.number) {
            running.queued.clear();
        }
        if state.waits_for(self.number, me) {
            return;
        }
        state.waiting.push((me, self.number));
        while state.running.contains_key(&self.number) {
            state = self.guards.finished.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.retain(|(thread, _)| *thread != me);
    }
}

/// Marks the guard as idle when a call has panicked.
struct FinishOnDrop<'g>(&'g CallbackGuard);

impl FinishOnDrop<'_> {
    /// The call that has been queued meanwhile; if there is none, the guard becomes idle.
    fn next_or_finish(&self) -> Option<Call> {
        let mut state = self.0.guards.state();
        let running = state.running.get_mut(&self.0.number)?;
        if !running.queued.is_empty() {
            return Some(running.queued.remove(0).1);
        }
        state.running.remove(&self.0.number);
        drop(state);
        self.0.guards.finished.notify_all();
        None
    }
}

impl Drop for FinishOnDrop<'_> {
    fn drop(&mut self) {
        self.0.guards.state().running.remove(&self.0.number);
        self.0.guards.finished.notify_all();
    }
}
