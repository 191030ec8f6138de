//! How much memory reading takes. A process of its own, in which nothing else runs: it is the process that is measured.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

#[path = "../benches/texts/mod.rs"]
mod texts;

use latchkey_token::limits::MAX_TEXT_BYTES;
use latchkey_token::read;
use texts::{Texts, filled};

/// Kibibytes that the process may take beyond what it took before, the text itself included.
const MOST: usize = 128 * 1024;

#[test]
fn the_longest_text_of_any_kind_is_read_in_bounded_memory() {
    let texts = Texts::new();
    let before = kibibytes("VmRSS");
    let mut longest = Vec::new();
    for (name, piece) in texts.pieces() {
        // From here on the highest is taken that there is.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let mut text = filled(MAX_TEXT_BYTES - 8192, &piece);
        let end = text.floor_char_boundary(MAX_TEXT_BYTES);
        text.truncate(end);
        text.shrink_to_fit();
        assert!(text.len() > MAX_TEXT_BYTES - 16 * 1024, "{name}: {}", text.len());
        let found = read(&text);
        let taken = kibibytes("VmHWM").saturating_sub(before);
        let said = found.map(|found| found.len());
        println!("{name}: {} MiB, {said:?}", taken / 1024);
        longest.push((taken, name));
    }
    let most = longest.into_iter().max().unwrap();
    assert!(most.0 <= MOST, "{}: {} MiB", most.1, most.0 / 1024);
    // It was measured at all: the text and its symbols alone are more.
    assert!(most.0 > 2 * MAX_TEXT_BYTES / 1024, "{}: {} MiB", most.1, most.0 / 1024);
}

fn kibibytes(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
