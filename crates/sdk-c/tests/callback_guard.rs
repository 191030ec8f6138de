//! The gate that callbacks go through, in every order in which threads can meet at it.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../src/gate.rs"]
mod gate;
#[path = "../src/handles.rs"]
mod handles;

/// What the gate synchronises with: a scheduler that tries every order.
mod sync {
    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(crate) mod thread {
        pub(crate) use loom::thread::{ThreadId, current};
    }
}

use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use gate::{Gate, Gates};
use handles::Handles;
use sync::Arc;

/// One or more licences' gates.
fn gates<const N: usize>() -> [Arc<Gate>; N] {
    let gates = Arc::new(Gates::default());
    std::array::from_fn(|_| Arc::new(Gate::new(&gates)))
}

/// Whether a callback runs, and how often one has.
#[derive(Default)]
struct Heard {
    running: AtomicBool,
    times: AtomicUsize,
}

impl Heard {
    fn during(&self, work: impl FnOnce()) {
        assert!(!self.running.swap(true, Ordering::SeqCst), "two at a time");
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

/// Tells the listener through the gate, which does something more.
fn tell(gate: &Gate, listener: u64, heard: &Arc<Heard>, more: impl FnOnce() + Send + 'static) {
    let heard = Arc::clone(heard);
    gate.through(listener, Box::new(move || heard.during(more)));
}

#[test]
fn after_closing_no_callback_runs_or_begins() {
    loom::model(|| {
        let ([gate], heard) = (gates(), Arc::new(Heard::default()));
        let checking = {
            let (gate, heard) = (Arc::clone(&gate), Arc::clone(&heard));
            thread::spawn(move || tell(&gate, 1, &heard, || ()))
        };
        gate.close();
        assert!(!heard.is_running());
        let times = heard.times();
        tell(&gate, 1, &heard, || ());
        checking.join().unwrap();
        assert_eq!(heard.times(), times);
    });
}

#[test]
fn a_callback_that_closes_its_own_licence_does_not_wait_for_itself() {
    loom::model(|| {
        let ([gate], heard) = (gates(), Arc::new(Heard::default()));
        let other = {
            let (gate, heard) = (Arc::clone(&gate), Arc::clone(&heard));
            thread::spawn(move || tell(&gate, 2, &heard, || ()))
        };
        let own = Arc::clone(&gate);
        tell(&gate, 1, &heard, move || own.close());
        gate.close();
        assert!(!heard.is_running() && heard.times() <= 2);
        other.join().unwrap();
    });
}

#[test]
fn closing_a_second_licence_inside_the_first_one_s_callback_waits_for_the_second_one_s() {
    loom::model(|| {
        let ([first, second], heard) = (gates(), Arc::new(Heard::default()));
        let of_second = Arc::new(Heard::default());
        let checking = {
            let (second, of_second) = (Arc::clone(&second), Arc::clone(&of_second));
            thread::spawn(move || tell(&second, 2, &of_second, || ()))
        };
        let seen = Arc::clone(&of_second);
        tell(&first, 1, &heard, move || {
            second.close();
            assert!(!seen.is_running());
        });
        assert_eq!(heard.times(), 1);
        checking.join().unwrap();
    });
}

#[test]
fn two_callbacks_that_close_each_other_s_licence_both_return_and_one_of_them_has_waited() {
    loom::model(|| {
        let [a, b] = gates();
        let heard = [0; 2].map(|_| Arc::new(Heard::default()));
        let waited = Arc::new(AtomicUsize::new(0));
        let close = |own: &Arc<Gate>, other: &Arc<Gate>, mine: usize| {
            let (own, other) = (Arc::clone(own), Arc::clone(other));
            let (me, them) = (Arc::clone(&heard[mine]), Arc::clone(&heard[1 - mine]));
            let waited = Arc::clone(&waited);
            move || {
                tell(&own, 1, &me, move || {
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
fn three_callbacks_that_close_each_other_s_licence_in_a_circle_all_return() {
    let mut every_order = loom::model::Builder::new();
    every_order.preemption_bound = Some(2);
    every_order.check(|| {
        let gates: [Arc<Gate>; 3] = gates();
        let close = |at: usize| {
            let (own, next) = (Arc::clone(&gates[at]), Arc::clone(&gates[(at + 1) % 3]));
            move || own.through(1, Box::new(move || next.close()))
        };
        let others = [thread::spawn(close(0)), thread::spawn(close(1))];
        close(2)();
        for other in others {
            other.join().unwrap();
        }
    });
}

#[test]
fn callbacks_that_check_each_other_s_licence_return_and_no_news_is_lost() {
    loom::model(|| {
        let [a, b] = gates();
        let heard = [0; 2].map(|_| Arc::new(Heard::default()));
        let check = |own: &Arc<Gate>, other: &Arc<Gate>, mine: usize| {
            let (own, other) = (Arc::clone(own), Arc::clone(other));
            let (me, them) = (Arc::clone(&heard[mine]), Arc::clone(&heard[1 - mine]));
            move || tell(&own, 1, &me, move || tell(&other, 2, &them, || ()))
        };
        let there = thread::spawn(check(&a, &b, 0));
        check(&b, &a, 1)();
        there.join().unwrap();
        assert_eq!(heard.map(|heard| heard.times()), [2, 2]);
    });
}

#[test]
fn news_that_comes_during_a_callback_is_told_after_it_also_what_the_callback_finds_itself() {
    loom::model(|| {
        let ([gate], heard) = (gates(), Arc::new(Heard::default()));
        let there = {
            let (gate, heard) = (Arc::clone(&gate), Arc::clone(&heard));
            thread::spawn(move || tell(&gate, 2, &heard, || ()))
        };
        let (own, again) = (Arc::clone(&gate), Arc::clone(&heard));
        tell(&gate, 1, &heard, move || tell(&own, 1, &again, || ()));
        there.join().unwrap();
        assert_eq!(heard.times(), 3);
    });
}

#[test]
fn of_two_threads_that_close_one_licence_neither_returns_before_its_callback_has() {
    let mut every_order = loom::model::Builder::new();
    every_order.preemption_bound = Some(2);
    every_order.check(|| {
        let handles = Arc::new(Handles::above(0));
        let ([gate], heard) = (gates(), Arc::new(Heard::default()));
        let number = handles.give(Arc::clone(&gate)).unwrap();
        let checking = {
            let (handles, heard) = (Arc::clone(&handles), Arc::clone(&heard));
            thread::spawn(move || {
                if let Some(gate) = handles.get(number) {
                    tell(&gate, 1, &heard, || ());
                }
            })
        };
        let close = move |handles: &Handles<Arc<Gate>>, heard: &Heard| {
            handles.close(number, |gate, _| gate.close(), |gate| gate.is_empty());
            assert!(!heard.is_running());
            assert!(handles.get(number).is_none());
        };
        let other = {
            let (handles, heard) = (Arc::clone(&handles), Arc::clone(&heard));
            thread::spawn(move || close(&handles, &heard))
        };
        close(&handles, &heard);
        other.join().unwrap();
        checking.join().unwrap();
        assert!(heard.times() <= 1);
    });
}

#[test]
fn a_callback_and_another_thread_that_both_close_its_licence_return() {
    loom::model(|| {
        let handles = Arc::new(Handles::above(0));
        let ([gate], heard) = (gates(), Arc::new(Heard::default()));
        let number = handles.give(Arc::clone(&gate)).unwrap();
        let firsts = Arc::new(AtomicUsize::new(0));
        let close = move |handles: &Handles<Arc<Gate>>, firsts: &AtomicUsize| {
            let close = |gate: &Arc<Gate>, first| {
                firsts.fetch_add(usize::from(first), Ordering::SeqCst);
                gate.close();
            };
            handles.close(number, close, |gate| gate.is_empty());
        };
        let checking = {
            let (handles, heard) = (Arc::clone(&handles), Arc::clone(&heard));
            let (inside, counted) = (Arc::clone(&handles), Arc::clone(&firsts));
            thread::spawn(move || {
                if let Some(gate) = handles.get(number) {
                    tell(&gate, 1, &heard, move || close(&inside, &counted));
                    handles.left(number, |gate| gate.is_empty());
                }
            })
        };
        close(&handles, &firsts);
        assert!(!heard.is_running());
        checking.join().unwrap();
        // Nothing of it is kept.
        handles.close(number, |_, _| unreachable!("nobody is inside"), |_| true);
        assert_eq!(firsts.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn the_child_of_a_fork_finds_no_lock_held_and_waits_for_none_of_its_parent_s_threads() {
    loom::model(|| {
        let (all, handles) = (Arc::new(Gates::default()), Arc::new(Handles::above(0)));
        let gate = Arc::new(Gate::new(&all));
        let number = handles.give(Arc::clone(&gate)).unwrap();
        let inside = {
            thread::spawn(move || {
                let Some(found) = handles.get(number) else { return };
                // What the parent's thread is in the middle of while the process forks.
                let forks = move || {
                    thread::spawn(move || {
                        let (of_handles, mut of_gates) = (handles.hold(), all.hold());
                        of_gates.forget_other_threads();
                        drop((of_handles, of_gates));
                        handles.close(number, |gate, _| gate.close(), |gate| gate.is_empty());
                    })
                    .join()
                    .unwrap();
                };
                found.through(1, Box::new(forks));
            })
        };
        inside.join().unwrap();
        assert!(gate.is_empty());
    });
}

#[test]
fn nothing_is_kept_of_two_licences_whose_callbacks_close_each_other() {
    let mut every_order = loom::model::Builder::new();
    every_order.preemption_bound = Some(2);
    every_order.check(|| {
        let handles = Arc::new(Handles::above(0));
        let numbers = gates::<2>().map(|gate| handles.give(gate).unwrap());
        let closing = |own: usize, other: usize| {
            let handles = Arc::clone(&handles);
            move || {
                let Some(gate) = handles.get(own) else { return };
                let inside = Arc::clone(&handles);
                let close =
                    move || inside.close(other, |gate, _| gate.close(), |gate| gate.is_empty());
                gate.through(1, Box::new(close));
                handles.left(own, |gate| gate.is_empty());
            }
        };
        let there = thread::spawn(closing(numbers[0], numbers[1]));
        closing(numbers[1], numbers[0])();
        there.join().unwrap();
        for number in numbers {
            // It is open still, where the other one was closed before its callback began, or nothing at all.
            let open = handles.get(number).is_some();
            handles.close(number, |_, first| assert!(open && first, "kept"), |_| true);
        }
    });
}
