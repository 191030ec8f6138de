//! Measures how fast ordinary and hostile texts are scanned: none is slower than its floor, and the
//! time grows linearly with the length. `cargo xtask bench token` runs it.
//!
//! The floors are speeds on a processor that normalises prose at [`YARDSTICK`]. That speed is
//! measured again for each text. On a slower processor, such as a shared one, the floors are lower
//! in the same proportion; on a faster one they stay as they are.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints its results")]

mod texts;

use std::time::Duration;

use latchkey_token::scan;
use texts::{Texts, filled};
use unicode_normalization::UnicodeNormalization as _;

/// In bytes.
const MIB: usize = 1024 * 1024;
/// The highest ratio of times for a text that is four times as long. The surplus over 4 allows for
/// memory and its caches. The lowest of all rounds counts, because the processor may become slower
/// between the two.
const MAX_RATIO: f64 = 6.0;
/// How often a measurement is repeated until it is within its limits, because another process may
/// have disturbed it.
const ROUNDS: usize = 9;
/// The lowest speed, in million bytes per second of processor time: of any text, and of prose.
const MIN_SPEED: f64 = 20.0;
const MIN_SPEED_OF_PROSE: f64 = 150.0;
/// The speed of the processor to which the floors refer: how fast the library for Unicode's
/// normalisation, which has the same mixture of tables and branches, transforms prose, in million
/// bytes per second of processor time.
const YARDSTICK: f64 = 60.0;

fn main() {
    let texts = Texts::new();
    // `cargo bench … -- PART` measures only the texts whose name contains this.
    let part = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    println!("{:<44}{:>12}{:>12}{:>12}{:>12}", "", "1 MiB", "4 MiB", "floor", "ratio");
    let prose = texts.pieces().into_iter().find(|(name, _)| *name == "prose");
    let yardstick = filled(MIB / 4, &prose.unwrap().1);
    let (mut failed, mut fastest) = (Vec::new(), Duration::MAX);
    for (name, piece) in texts.pieces().into_iter().filter(|(name, _)| name.contains(&part)) {
        let full_floor = if name == "prose" { MIN_SPEED_OF_PROSE } else { MIN_SPEED };
        let both = [MIB, 4 * MIB].map(|bytes| filled(bytes, &piece));
        let (mut best, mut best_normalising) = ([Duration::MAX; 2], Duration::MAX);
        let mut ratio = f64::MAX;
        let speeds =
            |best: [Duration; 2]| [0, 1].map(|index| speed(both[index].len(), best[index]));
        let floor = |normalising: Duration| {
            full_floor * (speed(yardstick.len(), normalising) / YARDSTICK).min(1.0)
        };
        let is_met = |best: [Duration; 2], normalising: Duration, ratio: f64| {
            let floor = floor(normalising);
            ratio <= MAX_RATIO && speeds(best).iter().all(|speed| *speed >= floor)
        };
        for _ in 0..ROUNDS {
            best_normalising = best_normalising.min(processor_time(|| normalised(&yardstick)));
            let [one, four] = [0, 1].map(|index| processor_time(|| scan(&both[index])));
            best = [best[0].min(one), best[1].min(four)];
            ratio = ratio.min(four.as_secs_f64() / one.as_secs_f64());
            if is_met(best, best_normalising, ratio) {
                break;
            }
        }
        let [one, four] = speeds(best).map(|speed| format!("{speed:.0} MB/s"));
        let floor = floor(best_normalising);
        println!("{name:<44}{one:>12}{four:>12}{floor:>12.0}{ratio:>12.1}");
        if !is_met(best, best_normalising, ratio) {
            failed.push(name);
        }
        fastest = fastest.min(best_normalising);
    }
    let speed = speed(yardstick.len(), fastest);
    println!("This processor normalises prose at up to {speed:.0} MB/s; full floors: {YARDSTICK}.");
    assert!(
        failed.is_empty(),
        "these texts are slower than their floor, or more than linear: {failed:?}"
    );
}

fn normalised(text: &str) -> String {
    std::hint::black_box(text).nfkc().collect()
}

/// In million bytes per second.
fn speed(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64().max(f64::EPSILON)
}

fn processor_time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = worked();
    let _ = std::hint::black_box(work());
    worked() - start
}

/// Returns the processor time of this thread, which a busy machine affects less than the time of
/// day.
fn worked() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
