//! Measures how fast ordinary and hostile texts are scanned: none is slower than its floor, and the
//! time grows linearly with the length. `cargo xtask bench token` runs it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints its results")]

mod texts;

use std::time::Duration;

use latchkey_token::scan;
use texts::{Texts, filled};

/// In bytes.
const MIB: usize = 1024 * 1024;
/// The highest ratio of times for a text that is four times as long. The surplus over 4 allows for
/// memory and its caches.
const MAX_RATIO: f64 = 6.0;
/// How often a measurement is repeated until it is within its limits, because another process may
/// have disturbed it.
const ROUNDS: usize = 9;
/// The lowest speed, in million bytes per second of processor time: of any text, and of prose.
const MIN_SPEED: f64 = 20.0;
const MIN_SPEED_OF_PROSE: f64 = 150.0;

fn main() {
    let texts = Texts::new();
    // `cargo bench … -- PART` measures only the texts whose name contains this.
    let part = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    println!("{:<44}{:>12}{:>12}{:>12}{:>12}", "", "1 MiB", "4 MiB", "floor", "ratio");
    let mut failed = Vec::new();
    for (name, piece) in texts.pieces().into_iter().filter(|(name, _)| name.contains(&part)) {
        let floor = if name == "prose" { MIN_SPEED_OF_PROSE } else { MIN_SPEED };
        let both = [MIB, 4 * MIB].map(|bytes| filled(bytes, &piece));
        let mut best = [Duration::MAX; 2];
        let speed = |index: usize, time: Duration| {
            both[index].len() as f64 / 1e6 / time.as_secs_f64().max(f64::EPSILON)
        };
        let ratio = |[one, four]: [Duration; 2]| four.as_secs_f64() / one.as_secs_f64();
        let is_met = |best: [Duration; 2]| {
            ratio(best) <= MAX_RATIO && (0..2).all(|index| speed(index, best[index]) >= floor)
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
    assert!(
        failed.is_empty(),
        "these texts are slower than their floor, or more than linear: {failed:?}"
    );
}

fn measure(text: &str) -> Duration {
    let start = worked();
    let _ = std::hint::black_box(scan(std::hint::black_box(text)));
    worked() - start
}

/// Returns the processor time of this thread, which a busy machine affects less than the time of
/// day.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
