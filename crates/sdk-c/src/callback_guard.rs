//! The gate that callbacks go through: one at a time for each licence, none once it is closed, and
//! no thread waits for itself or in a circle.
//!
//! The synchronisation comes from `crate::sync`, so that `tests/gate.rs` can go through every order
//! in which threads can meet here.

use std::collections::BTreeMap;

use crate::sync::thread::{self, ThreadId};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What all gates of a process share: a thread that waits at one may be inside another.
#[derive(Default)]
pub(crate) struct Gates {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    made: u64,
    /// The gates that somebody is inside of.
    inside: BTreeMap<u64, Inside>,
    /// The gate that a thread waits at until nobody is inside.
    waiting: Vec<(ThreadId, u64)>,
}

struct Inside {
    thread: ThreadId,
    /// What came while another call was inside, at most one for each listener.
    later: Vec<(u64, Call)>,
}

type Call = Box<dyn FnOnce() + Send>;

/// While it lasts, no other thread goes in or out at any gate.
pub(crate) struct Held<'g>(MutexGuard<'g, State>);

impl Held<'_> {
    /// Forgets all threads but this one: in the child of a fork there is no other.
    pub(crate) fn forget_other_threads(&mut self) {
        let me = thread::current().id();
        self.0.inside.retain(|_, inside| inside.thread == me);
        self.0.waiting.retain(|(who, _)| *who == me);
    }
}

/// Lets a licence's callbacks through for as long as it is open.
pub(crate) struct Gate {
    gates: Arc<Gates>,
    number: u64,
    closed: Mutex<bool>,
}

impl Gates {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps every thread out until this is dropped.
    pub(crate) fn hold(&self) -> Held<'_> {
        Held(self.state())
    }
}

impl State {
    /// Whether the thread that is inside this gate waits, directly or through others, for `me`.
    fn waits_for(&self, gate: u64, me: ThreadId) -> bool {
        let mut gate = gate;
        // Each step leads to another waiting thread, so there are no more steps than those.
        for _ in 0..=self.waiting.len() {
            let Some(inside) = self.inside.get(&gate) else { return false };
            if inside.thread == me {
                return true;
            }
            let Some((_, next)) = self.waiting.iter().find(|(who, _)| *who == inside.thread) else {
                return false;
            };
            gate = *next;
        }
        false
    }
}

impl Gate {
    pub(crate) fn new(gates: &Arc<Gates>) -> Self {
        let mut state = gates.state();
        state.made += 1;
        Self { gates: Arc::clone(gates), number: state.made, closed: Mutex::new(false) }
    }

    fn is_closed(&self) -> bool {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody is inside.
    pub(crate) fn is_empty(&self) -> bool {
        !self.gates.state().inside.contains_key(&self.number)
    }

    /// Makes a listener's call, unless the gate is closed. While a thread is inside, this one or
    /// another, that thread makes the call when its own is over; of several calls of one listener
    /// it makes the last.
    pub(crate) fn through(&self, listener: u64, call: Call) {
        let me = thread::current().id();
        let mut state = self.gates.state();
        if self.is_closed() {
            return;
        }
        match state.inside.get_mut(&self.number) {
            Some(inside) => {
                inside.later.retain(|(other, _)| *other != listener);
                inside.later.push((listener, call));
                return;
            }
            None => state.inside.insert(self.number, Inside { thread: me, later: Vec::new() }),
        };
        drop(state);
        let leave = Leave(self);
        let mut next = Some(call);
        while let Some(call) = next {
            call();
            next = leave.or_the_next();
        }
        // It has left, and another thread may be inside by now.
        std::mem::forget(leave);
    }

    /// From now on nothing gets through, and what was inside is out – except when this is called
    /// from inside, or when the thread that is inside waits for this one in turn.
    pub(crate) fn close(&self) {
        let me = thread::current().id();
        let mut state = self.gates.state();
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        if let Some(inside) = state.inside.get_mut(&self.number) {
            inside.later.clear();
        }
        if state.waits_for(self.number, me) {
            return;
        }
        state.waiting.push((me, self.number));
        while state.inside.contains_key(&self.number) {
            state = self.gates.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting.retain(|(who, _)| *who != me);
    }
}

/// Leaves the gate when a call has panicked.
struct Leave<'g>(&'g Gate);

impl Leave<'_> {
    /// The call that has come meanwhile; without one nobody is inside any more.
    fn or_the_next(&self) -> Option<Call> {
        let mut state = self.0.gates.state();
        let inside = state.inside.get_mut(&self.0.number)?;
        if !inside.later.is_empty() {
            return Some(inside.later.remove(0).1);
        }
        state.inside.remove(&self.0.number);
        drop(state);
        self.0.gates.left.notify_all();
        None
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.gates.state().inside.remove(&self.0.number);
        self.0.gates.left.notify_all();
    }
}
