//! The guard of callbacks and the table of handles, under every interleaving of threads.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../src/callback_guard.rs"]
mod callback_guard;
#[path = "../src/handles.rs"]
mod handles;

/// The synchronisation primitives of a scheduler that tries every interleaving.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(crate) mod thread {
        pub(crate) use loom::thread::{ThreadId, current};
    }
}

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use callback_guard::{CallbackGuard, CallbackGuards};
use handles::Handles;
use sync::Arc;

/// The guards of one or more licences.
fn guards<const N: usize>() -> [Arc<CallbackGuard>; N] {
    let guards = Arc::new(CallbackGuards::default());
    std::array::from_fn(|_| Arc::new(CallbackGuard::new(&guards)))
}

/// Whether a callback is running, and how many have run.
#[derive(Default)]
struct Calls {
    running: AtomicBool,
    times: AtomicUsize,
}

impl Calls {
    fn during(&self, work: impl FnOnce()) {
        assert!(!self.running.swap(true, Ordering::SeqCst), "two callbacks ran at the same time");
        work();
        self.times.fetch_add(1, Ordering::SeqCst);
        self.running.store(false, Ordering::SeqCst);
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }
}

/// Runs a callback of the listener, which counts itself and does some work.
fn notify(
    guard: &CallbackGuard,
    listener: u64,
    calls: &Arc<Calls>,
    work: impl FnOnce() + Send + 'static,
) {
    let calls = Arc::clone(calls);
    guard.run(listener, Box::new(move || calls.during(work)));
}

#[test]
fn no_callback_runs_or_starts_after_closing() {
    loom::model(|| {
        let ([guard], calls) = (guards(), Arc::new(Calls::default()));
        let checking = {
            let (guard, calls) = (Arc::clone(&guard), Arc::clone(&calls));
            thread::spawn(move || notify(&guard, 1, &calls, || ()))
        };
        guard.close();
        assert!(!calls.is_running());
        let times = calls.times();
        notify(&guard, 1, &calls, || ());
        checking.join().unwrap();
        assert_eq!(calls.times(), times);
    });
}

#[test]
fn a_callback_that_closes_its_own_licence_does_not_wait_for_itself() {
    loom::model(|| {
        let ([guard], calls) = (guards(), Arc::new(Calls::default()));
        let other = {
            let (guard, calls) = (Arc::clone(&guard), Arc::clone(&calls));
            thread::spawn(move || notify(&guard, 2, &calls, || ()))
        };
        let own = Arc::clone(&guard);
        notify(&guard, 1, &calls, move || own.close());
        guard.close();
        assert!(!calls.is_running() && calls.times() <= 2);
        other.join().unwrap();
    });
}

#[test]
fn closing_another_licence_in_a_callback_waits_for_the_callback_of_that_licence() {
    loom::model(|| {
        let ([first, second], calls) = (guards(), Arc::new(Calls::default()));
        let of_second = Arc::new(Calls::default());
        let checking = {
            let (second, of_second) = (Arc::clone(&second), Arc::clone(&of_second));
            thread::spawn(move || notify(&second, 2, &of_second, || ()))
        };
        let seen = Arc::clone(&of_second);
        notify(&first, 1, &calls, move || {
            second.close();
            assert!(!seen.is_running());
        });
        assert_eq!(calls.times(), 1);
        checking.join().unwrap();
    });
}

#[test]
fn two_callbacks_that_close_each_others_licence_both_return_and_one_has_waited() {
    loom::model(|| {
        let [a, b] = guards();
        let calls = [0; 2].map(|_| Arc::new(Calls::default()));
        let waited = Arc::new(AtomicUsize::new(0));
        let close = |own: &Arc<CallbackGuard>, other: &Arc<CallbackGuard>, mine: usize| {
            let (own, other) = (Arc::clone(own), Arc::clone(other));
            let (me, them) = (Arc::clone(&calls[mine]), Arc::clone(&calls[1 - mine]));
            let waited = Arc::clone(&waited);
            move || {
                notify(&own, 1, &me, move || {
                    other.close();
                    if !them.is_running() {
                        waited.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        };
        let there = thread::spawn(close(&a, &b, 0));
        close(&b, &a, 1)();
        there.join().unwrap();
        assert!(waited.load(Ordering::SeqCst) >= 1);
    });
}

#[test]
fn three_callbacks_that_close_each_others_licence_in_a_cycle_all_return() {
    let mut interleavings = loom::model::Builder::new();
    interleavings.preemption_bound = Some(2);
    interleavings.check(|| {
        let guards: [Arc<CallbackGuard>; 3] = guards();
        let close = |at: usize| {
            let (own, next) = (Arc::clone(&guards[at]), Arc::clone(&guards[(at + 1) % 3]));
            move || own.run(1, Box::new(move || next.close()))
        };
        let others = [thread::spawn(close(0)), thread::spawn(close(1))];
        close(2)();
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn callbacks_that_check_each_others_licence_return_and_no_change_is_lost() {
    loom::model(|| {
        let [a, b] = guards();
        let calls = [0; 2].map(|_| Arc::new(Calls::default()));
        let check = |own: &Arc<CallbackGuard>, other: &Arc<CallbackGuard>, mine: usize| {
            let (own, other) = (Arc::clone(own), Arc::clone(other));
            let (me, them) = (Arc::clone(&calls[mine]), Arc::clone(&calls[1 - mine]));
            move || notify(&own, 1, &me, move || notify(&other, 2, &them, || ()))
        };
        let there = thread::spawn(check(&a, &b, 0));
        check(&b, &a, 1)();
        there.join().unwrap();
        assert_eq!(calls.map(|calls| calls.times()), [2, 2]);
    });
}

#[test]
fn a_change_during_a_callback_is_reported_after_it_even_if_the_callback_found_it() {
    loom::model(|| {
        let ([guard], calls) = (guards(), Arc::new(Calls::default()));
        let there = {
            let (guard, calls) = (Arc::clone(&guard), Arc::clone(&calls));
            thread::spawn(move || notify(&guard, 2, &calls, || ()))
        };
        let (own, again) = (Arc::clone(&guard), Arc::clone(&calls));
        notify(&guard, 1, &calls, move || notify(&own, 1, &again, || ()));
        there.join().unwrap();
        assert_eq!(calls.times(), 3);
    });
}

#[test]
fn two_threads_that_close_a_licence_both_return_after_its_callback() {
    let mut interleavings = loom::model::Builder::new();
    interleavings.preemption_bound = Some(2);
    interleavings.check(|| {
        let handles = Arc::new(Handles::with_numbers_above(0));
        let ([guard], calls) = (guards(), Arc::new(Calls::default()));
        let number = handles.insert(Arc::clone(&guard)).unwrap();
        let checking = {
            let (handles, calls) = (Arc::clone(&handles), Arc::clone(&calls));
            thread::spawn(move || {
                if let Some(guard) = handles.get(number) {
                    notify(&guard, 1, &calls, || ());
                }
            })
        };
        let close = move |handles: &Handles<Arc<CallbackGuard>>, calls: &Calls| {
            handles.close(number, |guard, _| guard.close(), |guard| guard.is_idle());
            assert!(!calls.is_running());
            assert!(handles.get(number).is_none());
        };
        let other = {
            let (handles, calls) = (Arc::clone(&handles), Arc::clone(&calls));
            thread::spawn(move || close(&handles, &calls))
        };
        close(&handles, &calls);
        other.join().unwrap();
        checking.join().unwrap();
        assert!(calls.times() <= 1);
    });
}

#[test]
fn a_callback_and_another_thread_that_close_its_licence_both_return() {
    loom::model(|| {
        let handles = Arc::new(Handles::with_numbers_above(0));
        let ([guard], calls) = (guards(), Arc::new(Calls::default()));
        let number = handles.insert(Arc::clone(&guard)).unwrap();
        let firsts = Arc::new(AtomicUsize::new(0));
        let close = move |handles: &Handles<Arc<CallbackGuard>>, firsts: &AtomicUsize| {
            let close = |guard: &Arc<CallbackGuard>, first| {
                firsts.fetch_add(usize::from(first), Ordering::SeqCst);
                guard.close();
            };
            handles.close(number, close, |guard| guard.is_idle());
        };
        let checking = {
            let (handles, calls) = (Arc::clone(&handles), Arc::clone(&calls));
            let (inside, counted) = (Arc::clone(&handles), Arc::clone(&firsts));
            thread::spawn(move || {
                if let Some(guard) = handles.get(number) {
                    notify(&guard, 1, &calls, move || close(&inside, &counted));
                    handles.forget_if_done(number, |guard| guard.is_idle());
                }
            })
        };
        close(&handles, &firsts);
        assert!(!calls.is_running());
        checking.join().unwrap();
        // The table has dropped it.
        handles.close(number, |_, _| unreachable!("nothing is open"), |_| true);
        assert_eq!(firsts.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn the_child_of_a_fork_finds_no_lock_held_and_waits_for_no_thread_of_its_parent() {
    loom::model(|| {
        let (all, handles) =
            (Arc::new(CallbackGuards::default()), Arc::new(Handles::with_numbers_above(0)));
        let guard = Arc::new(CallbackGuard::new(&all));
        let number = handles.insert(Arc::clone(&guard)).unwrap();
        let inside = {
            thread::spawn(move || {
                let Some(found) = handles.get(number) else { return };
                // The process forks while a thread of the parent runs this callback.
                let forks = move || {
                    thread::spawn(move || {
                        let (handle_lock, mut guard_lock) = (handles.lock(), all.lock());
                        guard_lock.forget_other_threads();
                        drop((handle_lock, guard_lock));
                        handles.close(number, |guard, _| guard.close(), |guard| guard.is_idle());
                    })
                    .join()
                    .unwrap();
                };
                found.run(1, Box::new(forks));
            })
        };
        inside.join().unwrap();
        assert!(guard.is_idle());
    });
}

#[test]
fn two_licences_whose_callbacks_close_each_other_are_both_dropped() {
    let mut interleavings = loom::model::Builder::new();
    interleavings.preemption_bound = Some(2);
    interleavings.check(|| {
        let handles = Arc::new(Handles::with_numbers_above(0));
        let numbers = guards::<2>().map(|guard| handles.insert(guard).unwrap());
        let closing = |own: usize, other: usize| {
            let handles = Arc::clone(&handles);
            move || {
                let Some(guard) = handles.get(own) else { return };
                let inside = Arc::clone(&handles);
                let close =
                    move || inside.close(other, |guard, _| guard.close(), |guard| guard.is_idle());
                guard.run(1, Box::new(close));
                handles.forget_if_done(own, |guard| guard.is_idle());
            }
        };
        let there = thread::spawn(closing(numbers[0], numbers[1]));
        closing(numbers[1], numbers[0])();
        there.join().unwrap();
        for number in numbers {
            // It is still open if the other one was closed before its callback started. Otherwise
            // it has been dropped.
            let open = handles.get(number).is_some();
            handles.close(
                number,
                |_, first| assert!(open && first, "it was not dropped"),
                |_| true,
            );
        }
    });
}
