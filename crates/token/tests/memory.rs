//! Tests how much memory reading a text takes. The whole process is measured, so this file has a
//! single test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

#[path = "../benches/texts/mod.rs"]
mod texts;

use latchkey_token::Scan;
use latchkey_token::limits::MAX_TEXT_BYTES;
use texts::{Texts, filled};

/// The most memory, in kibibytes, that the process may use in addition to its memory before,
/// including the text itself.
const MOST: usize = 128 * 1024;

/// The variable that makes this program measure one text, which it reads from its standard input.
const ONE: &str = "LATCHKEY_TEST_ONE_TEXT";

#[test]
fn the_longest_text_of_any_kind_is_read_in_bounded_memory() {
    if std::env::var_os(ONE).is_some() {
        return one();
    }
    let texts = Texts::new();
    let mut longest = Vec::new();
    for (name, piece) in texts.pieces() {
        let mut text = filled(MAX_TEXT_BYTES - 8192, &piece);
        let end = text.floor_char_boundary(MAX_TEXT_BYTES);
        text.truncate(end);
        assert!(text.len() > MAX_TEXT_BYTES - 16 * 1024, "{name}: {}", text.len());
        // Each text is scanned in a process of its own, because the peak is measured, and memory
        // that an earlier text has fragmented would count as well.
        let taken = in_a_process_of_its_own(&text);
        println!("{name}: {} MiB", taken / 1024);
        longest.push((taken, name));
    }
    let most = longest.into_iter().max().unwrap();
    assert!(most.0 <= MOST, "{}: {} MiB", most.1, most.0 / 1024);
    // The measurement works: the text and its symbols alone take more than this.
    assert!(most.0 > 2 * MAX_TEXT_BYTES / 1024, "{}: {} MiB", most.1, most.0 / 1024);
}

fn in_a_process_of_its_own(text: &str) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_longest_text_of_any_kind_is_read_in_bounded_memory", "--nocapture"])
        .env(ONE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("taken: ")).unwrap().parse().unwrap()
}

fn one() {
    let before = kibibytes("VmRSS");
    let mut text = String::with_capacity(MAX_TEXT_BYTES);
    std::io::stdin().read_to_string(&mut text).unwrap();
    text.shrink_to_fit();
    drop(Scan::new(&text));
    println!("\ntaken: {}", kibibytes("VmHWM").saturating_sub(before));
}

fn kibibytes(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
