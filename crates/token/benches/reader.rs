//! How fast texts are looked through, friendly and hostile ones, and that twice as much takes twice as long.
//! `cargo xtask bench token` runs it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to the person at the terminal"
)]

mod texts;

use std::time::Duration;

use latchkey_token::read;
use texts::{Texts, filled};

const MIB: usize = 1024 * 1024;
/// Four times as much text takes four times as long; memory and its caches are allowed the rest.
const MOST: f64 = 6.0;
const ROUNDS: usize = 3;

fn main() {
    let texts = Texts::new();
    println!("{:<44}{:>12}{:>12}{:>12}", "", "1 MiB", "4 MiB", "ratio");
    let mut slower = Vec::new();
    for (name, piece) in texts.pieces() {
        let [one, four] = [MIB, 4 * MIB].map(|bytes| measure(&filled(bytes, &piece)));
        let ratio = four.as_secs_f64() / one.as_secs_f64();
        let speed = |time: Duration, mib: f64| {
            format!("{:.0} MB/s", mib * MIB as f64 / 1e6 / time.as_secs_f64())
        };
        println!("{name:<44}{:>12}{:>12}{ratio:>12.1}", speed(one, 1.0), speed(four, 4.0));
        if ratio > MOST {
            slower.push(name);
        }
    }
    assert!(slower.is_empty(), "more than linear: {slower:?}");
}

/// The fastest of a few rounds: the others were disturbed.
fn measure(text: &str) -> Duration {
    let round = || {
        let start = worked();
        let _ = std::hint::black_box(read(std::hint::black_box(text)));
        worked() - start
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

/// How long this thread has worked: a busy machine changes it less than the time of day.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
