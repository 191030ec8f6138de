//! How fast texts are looked through, friendly and hostile ones: that none is slower than it may
//! be, and that twice as much takes twice as long. `cargo xtask bench token` runs it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to the person at the terminal"
)]

mod texts;

use std::time::Duration;

use latchkey_token::scan;
use texts::{Texts, filled};

const MIB: usize = 1024 * 1024;
/// Four times as much text takes four times as long; memory and its caches are allowed the rest.
const MOST: f64 = 6.0;
/// A measurement that is within its bounds is believed; another one may have been disturbed and is
/// taken again.
const ROUNDS: usize = 9;
/// Million bytes that are looked through in a second of the processor's time, at least: of any
/// text, and of prose.
const FLOOR: f64 = 20.0;
const FLOOR_OF_PROSE: f64 = 150.0;

fn main() {
    let texts = Texts::new();
    // `cargo bench … -- PART`: only the texts whose name has this in it.
    let part = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    println!("{:<44}{:>12}{:>12}{:>12}{:>12}", "", "1 MiB", "4 MiB", "floor", "ratio");
    let mut failed = Vec::new();
    for (name, piece) in texts.pieces().into_iter().filter(|(name, _)| name.contains(&part)) {
        let floor = if name == "prose" { FLOOR_OF_PROSE } else { FLOOR };
        let both = [MIB, 4 * MIB].map(|bytes| filled(bytes, &piece));
        let mut best = [Duration::MAX; 2];
        let speed = |index: usize, time: Duration| {
            both[index].len() as f64 / 1e6 / time.as_secs_f64().max(f64::EPSILON)
        };
        let ratio = |[one, four]: [Duration; 2]| four.as_secs_f64() / one.as_secs_f64();
        let is_met = |best: [Duration; 2]| {
            ratio(best) <= MOST && (0..2).all(|index| speed(index, best[index]) >= floor)
        };
        for _ in 0..ROUNDS {
            for (best, text) in best.iter_mut().zip(&both) {
                *best = measure(text).min(*best);
            }
            if is_met(best) {
                break;
            }
        }
        let [one, four] = [0, 1].map(|index| format!("{:.0} MB/s", speed(index, best[index])));
        let ratio = ratio(best);
        println!("{name:<44}{one:>12}{four:>12}{floor:>12.0}{ratio:>12.1}");
        if !is_met(best) {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "slower than they may be, or more than linear: {failed:?}");
}

fn measure(text: &str) -> Duration {
    let start = worked();
    let _ = std::hint::black_box(scan(std::hint::black_box(text)));
    worked() - start
}

/// How long this thread has worked: a busy machine changes it less than the time of day.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
