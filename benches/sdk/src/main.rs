//! `cargo xtask bench sdk`: what a check costs, in one run with what it can't be cheaper than. Run
//! inside a session with an unlocked Secret Service and a home folder of its own; `--no-keyring`
//! leaves the keyring out.
//!
//! Times in a running process are medians over rounds in which everything is measured in turn; a
//! first check is measured in a fresh process each time, from `open` to the verdict; what a product
//! has compiled in (its keys) is made before.

mod error;
#[cfg(feature = "peer")]
mod peer;
mod vendor;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use keyring_core::api::CredentialStoreApi as _;
use latchkey_sdk::{Licence, Verdict};

use crate::error::Result;
use crate::vendor::Vendor;

/// Rounds in a running process, and how often each thing is done in one.
const ROUNDS: usize = 200;
const TIMES: u32 = 20;
/// Fresh processes.
const STARTS: usize = 40;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["first", what, signatures] => first(what, signatures),
        [] => run(true),
        ["--no-keyring"] => run(false),
        _ => Err("usage: latchkey-sdk-bench [--no-keyring]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("✗ {error}");
            ExitCode::FAILURE
        }
    }
}

/// Verification alone, with a key that was parsed before.
struct Floor {
    key: VerifyingKey,
    message: Vec<u8>,
    signature: Signature,
    times: usize,
}

impl Floor {
    fn new(times: usize) -> Self {
        let key = SigningKey::from_bytes(&[9; 32]);
        let message = vec![0x5a; 220];
        let signature = key.sign(&message);
        Self { key: key.verifying_key(), message, signature, times }
    }

    fn verify(&self) {
        for _ in 0..self.times {
            let verified = self.key.verify_strict(&self.message, &self.signature);
            assert!(std::hint::black_box(verified).is_ok());
        }
    }
}

/// A fresh process: one first check, or the floor of one. Prints nanoseconds, KiB and threads.
fn first(what: &str, signatures: &str) -> Result<()> {
    let vendor = Vendor::new();
    let floor = Floor::new(signatures.parse()?);
    let begin = Instant::now();
    match what {
        "file" => check(&Licence::open_file(&vendor.product(), &file(signatures))?)?,
        "keyring" => check(&Licence::open(&vendor.product())?)?,
        "signatures" => floor.verify(),
        "raw-keyring" => {
            let store = zbus_secret_service_keyring_store::Store::new()?;
            let secret = store.build("latchkey", &vendor.keyring_user(), None)?.get_secret()?;
            assert!(secret.len() > 100);
            floor.verify();
        }
        _ => return Err("nothing to begin with".into()),
    }
    let time = begin.elapsed().as_nanos();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().unwrap_or("0").to_owned()
    };
    println!("{time} {} {}", number("VmHWM:"), number("Threads:"));
    Ok(())
}

fn check(licence: &Licence) -> Result<()> {
    match &*licence.check() {
        Verdict::Active(_) => Ok(()),
        other => Err(format!("the licence isn't active: {}", other.explain().message).into()),
    }
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn file(signatures: &str) -> PathBuf {
    home().join(format!("licence-{signatures}"))
}

fn run(keyring: bool) -> Result<()> {
    let vendor = Vendor::new();
    for (signatures, refreshed) in [("1", false), ("2", true)] {
        let file = file(signatures);
        let _ = std::fs::remove_file(&file);
        vendor.activate(&Licence::open_file(&vendor.product(), &file)?, refreshed)?;
    }
    println!("\nIn a running process, the licence in a file");
    let mut last = Vec::new();
    for signatures in ["1", "2"] {
        let licence = Licence::open_file(&vendor.product(), &file(signatures))?;
        let floor = Floor::new(signatures.parse()?);
        let [check_time, floor_time, last_time] = in_turn([
            &mut || {
                assert!(licence.check().may_run());
            },
            &mut || floor.verify(),
            &mut || {
                assert!(licence.last_verdict().is_some());
            },
        ]);
        line(&format!("check, {signatures} signature(s)"), check_time, Some((floor_time, 1.2)));
        line("  verification alone", floor_time, None);
        last.push(last_time);
    }
    println!("{:<44}{:>12}   goal: under 1 µs", "last_verdict()", shown(last[0].max(last[1])));

    #[cfg(feature = "peer")]
    against_a_peer(&vendor)?;

    println!("\nA first check in a fresh process, medians of {STARTS}");
    for signatures in ["1", "2"] {
        let [ours, alone] = fresh([&["file", signatures], &["signatures", signatures]])?;
        line(&format!("file store, {signatures} signature(s)"), ours.time, None);
        line("  verification alone", alone.time, None);
        ours.tell();
    }
    if !keyring {
        return Ok(());
    }
    let licence = Licence::open(&vendor.product())?;
    vendor.activate(&licence, false)?;
    check(&licence)?;
    let [ours, raw] = fresh([&["keyring", "1"], &["raw-keyring", "1"]])?;
    line("Secret Service, 1 signature", ours.time, Some((raw.time, 1.3)));
    line("  a raw read of the keyring, and verification", raw.time, None);
    ours.tell();

    let floor = Floor::new(1);
    let [warm, alone] = in_turn([
        &mut || {
            assert!(licence.check().may_run());
        },
        &mut || floor.verify(),
    ]);
    println!("\nIn a running process, the licence in the keyring");
    line("check, 1 signature", warm, Some((alone, 1.2)));
    Ok(())
}

/// A check in turn with the peer's.
#[cfg(feature = "peer")]
fn against_a_peer(vendor: &Vendor) -> Result<()> {
    let peer = peer::Peer::new()?;
    let floor = Floor::new(1);
    let licence = Licence::open_file(&vendor.product(), &file("1"))?;
    let [ours, theirs, alone] = in_turn([
        &mut || {
            assert!(licence.check().may_run());
        },
        &mut || peer.check(),
        &mut || floor.verify(),
    ]);
    println!("\nA peer in the same run: keygen-rs 0.14, machine file of the same content");
    line("keygen-rs: verify and decrypt, from memory", theirs, Some((alone, f64::NAN)));
    line("Latchkey: check, 1 signature", ours, Some((alone, f64::NAN)));
    println!("{:<44}{:>12.2} ×", "Latchkey / keygen-rs", ratio(ours, theirs));
    Ok(())
}

/// Does several things in turn, so that all of them see the same machine. Gives each one's median.
fn in_turn<const N: usize>(mut things: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=ROUNDS {
        for (thing, times) in things.iter_mut().zip(&mut times) {
            let begin = Instant::now();
            for _ in 0..TIMES {
                thing();
            }
            if round > 0 {
                times.push(begin.elapsed() / TIMES);
            }
        }
    }
    times.map(median)
}

struct Start {
    time: Duration,
    memory: u64,
    threads: u64,
}

impl Start {
    fn tell(&self) {
        let memory = self.memory as f64 / 1024.0;
        println!(
            "{:<44}{memory:>8.1} MiB, {} thread(s)",
            "  memory at most, threads", self.threads
        );
    }
}

fn fresh<const N: usize>(things: [&[&str]; N]) -> Result<[Start; N]> {
    let mut seen: [Vec<(Duration, u64, u64)>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=STARTS {
        for (thing, seen) in things.iter().zip(&mut seen) {
            let answer =
                Command::new(std::env::current_exe()?).arg("first").args(*thing).output()?;
            let said = String::from_utf8_lossy(&answer.stdout).into_owned();
            let numbers: Vec<u64> =
                said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            let [time, memory, threads] = numbers[..] else {
                return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
            };
            if round > 0 {
                seen.push((Duration::from_nanos(time), memory, threads));
            }
        }
    }
    Ok(seen.map(|seen| Start {
        time: median(seen.iter().map(|one| one.0).collect()),
        memory: median(seen.iter().map(|one| one.1).collect()),
        threads: seen.iter().map(|one| one.2).max().unwrap_or(0),
    }))
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn shown(time: Duration) -> String {
    match time.as_nanos() {
        nanos @ ..1_000 => format!("{nanos} ns"),
        nanos @ 1_000..1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        nanos => format!("{:.2} ms", nanos as f64 / 1e6),
    }
}

fn line(what: &str, time: Duration, floor: Option<(Duration, f64)>) {
    print!("{what:<44}{:>12}", shown(time));
    if let Some((floor, goal)) = floor {
        print!("   {:.2} × the floor", ratio(time, floor));
        if goal.is_finite() {
            print!(", goal {goal}");
        }
    }
    println!();
}
