//! `cargo xtask fuzz`: runs libFuzzer on everything that reads untrusted input, starting with the
//! seeds in `fuzz/corpus/` and those that are generated from the test vectors. The targets and
//! their limits are listed in `fuzz/src/targets.rs`.
//!
//! Only the compiler is needed: the instrumentation is an option of rustc, and libFuzzer itself is
//! a dependency.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use data_encoding::HEXLOWER_PERMISSIVE;

use crate::run::{self, cargo, root, target};

#[path = "../../fuzz/src/targets.rs"]
mod targets;

use targets::{MEMORY, TARGETS, TIMEOUT, Target};

/// The compiler options with which a program reports to libFuzzer which code an input reaches.
/// `fuzz/rustc.sh` has the same ones.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Otherwise several comparisons are merged into one, and the fuzzer can't solve them one at a
    // time.
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    // Keeps short memory comparisons as calls, which the fuzzer intercepts.
    "-Cllvm-args=-max-loads-per-memcmp=0",
];

/// The names of the targets, for the command line.
pub(crate) fn names() -> impl Iterator<Item = clap::builder::PossibleValue> {
    TARGETS.iter().map(|target| clap::builder::PossibleValue::new(target.name).help(target.about))
}

/// The part of `cargo xtask test`: runs each target on its seeds and on a fixed number of other
/// inputs, which are the same ones every time. Only the workspace's crates are instrumented; the
/// dependencies are shared with the other steps.
pub(crate) fn run_short() -> Result<()> {
    let mut build = cargo();
    build.env("RUSTC_WORKSPACE_WRAPPER", root().join("fuzz/rustc.sh"));
    // A wrapper such as sccache would get a script where it expects the compiler. An empty variable
    // also overrides one that is set in Cargo's configuration.
    build.env("RUSTC_WRAPPER", "");
    build.args(["build", "--workspace", "--bin", "latchkey-fuzz"]);
    run::run(build.args(["--features", "latchkey-fuzz/instrumented"]))?;
    let program = target().join("debug/latchkey-fuzz");
    // One target per processor at a time, each with its own limits. A failure stops the rest.
    let waiting = Mutex::new(TARGETS.iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (processors, found) = (std::thread::available_parallelism()?.get(), Mutex::new(Ok(())));
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                while let Some(target) = next() {
                    if let Err(error) = short_run(&program, target) {
                        *found.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
                        while next().is_some() {}
                    }
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one target, first with its seeds and then without any.
fn short_run(program: &Path, target: &Target) -> Result<()> {
    let start = Instant::now();
    let mut lines = format!("  {}: {}.\n", target.name, target.about);
    let mut seeds = 0;
    for folder in seed_folders(target)? {
        seeds += fs::read_dir(folder)?.count();
    }
    for (runs, with_seeds) in [(target.runs + seeds, true), (target.from_nothing, false)] {
        let found = empty_folder(&["test", target.name])?;
        let mut fuzzer = fuzzer(program, target, &found, with_seeds)?;
        fuzzer.args([format!("-runs={runs}"), "-seed=1".to_owned()]);
        // Lets inputs grow faster than in a long run. Otherwise the first few thousand are only a
        // few bytes long.
        fuzzer.arg("-len_control=10");
        let Outcome { new_inputs, coverage } = run_quietly(&mut fuzzer, &found, target)?;
        let start = if with_seeds { format!("from {seeds} seeds") } else { "from nothing".into() };
        let _ = writeln!(
            lines,
            "    {runs} inputs, {start}: {coverage} edges, {new_inputs} inputs reached new code."
        );
    }
    println!("{lines}    {:.1} s.", start.elapsed().as_secs_f32());
    Ok(())
}

/// `cargo xtask fuzz`: fuzzes each target for some minutes. Dependencies are instrumented too, and
/// AddressSanitizer checks memory accesses, so the first build takes a while.
pub(crate) fn for_minutes(name: Option<&str>, minutes: u64) -> Result<()> {
    let host = run::host()?;
    let mut build = cargo();
    // A stable compiler includes the sanitizer, but accepts its option only with this variable.
    let flags = [COVERAGE, &["--cfg=fuzzing", "-Zsanitizer=address"]].concat().join(" ");
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
    build.env("CARGO_TARGET_DIR", target().join("fuzz/build"));
    // With an explicit target, programs that run during the build aren't instrumented.
    build.args(["build", "--package", "latchkey-fuzz", "--features", "instrumented"]);
    run::run(build.args(["--profile", "fuzz", "--target", &host]))?;
    let program = target().join("fuzz/build").join(host).join("fuzz/latchkey-fuzz");
    for target in TARGETS.iter().filter(|target| name.is_none_or(|name| name == target.name)) {
        println!("\n▸ {}: {}", target.name, target.about);
        let found = folder(&["found", target.name])?;
        let mut fuzzer = fuzzer(&program, target, &found, true)?;
        fuzzer.arg(format!("-max_total_time={}", minutes * 60)).arg("-print_final_stats=1");
        run::run(&mut fuzzer)?;
    }
    println!("\n✓ Nothing was found in {minutes} minutes for each target.");
    Ok(())
}

/// The command that runs libFuzzer with a target's limits. New inputs go to `found`; an input that
/// makes the target fail is written to `target/fuzz/artifacts`.
fn fuzzer(program: &Path, target: &Target, found: &Path, with_seeds: bool) -> Result<Command> {
    let artifacts = folder(&["artifacts", target.name])?;
    let mut fuzzer = Command::new(program);
    fuzzer.env("FUZZ_TARGET", target.name);
    // Files that a target writes go here, and nothing reaches the keyring or the home folder of the
    // user who runs this.
    let temporary = empty_folder(&["temporary", target.name])?;
    fuzzer.env("TMPDIR", &temporary).env("HOME", &temporary);
    fuzzer.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    fuzzer.arg(format!("-max_len={}", target.max_len)).arg(format!("-timeout={TIMEOUT}"));
    fuzzer.args([format!("-rss_limit_mb={MEMORY}"), format!("-malloc_limit_mb={MEMORY}")]);
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    // Coming closer to the other side of a comparison counts as progress, so that bytes are found
    // one at a time. A dictionary supplies the words that matter from the start.
    fuzzer.arg("-use_value_profile=1");
    let words = root().join("fuzz/dictionaries").join(target.name);
    if words.exists() {
        fuzzer.arg(format!("-dict={}", words.display()));
    }
    fuzzer.arg(found);
    if with_seeds {
        fuzzer.args(seed_folders(target)?);
    }
    Ok(fuzzer)
}

/// The result of a run that has found no fault.
struct Outcome {
    /// How many inputs reached code that no input before them had reached.
    new_inputs: usize,
    /// How many edges between basic blocks were reached.
    coverage: usize,
}

/// Runs libFuzzer and shows its output only if it finds a fault.
fn run_quietly(fuzzer: &mut Command, found: &Path, target: &Target) -> Result<Outcome> {
    let output = fuzzer.stdin(Stdio::null()).output().context("the fuzzer could not be started")?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!(
            "{log}\nThe target “{}” failed; the input is named above. To repeat it:\n\
             FUZZ_TARGET={} {} FILE",
            target.name,
            target.name,
            Path::new(fuzzer.get_program()).display()
        );
    }
    // A program without instrumentation would pass as well, but without any guidance.
    ensure!(log.contains("inline 8-bit counters"), "{log}\nThe program isn't instrumented.");
    // The last line can't be searched for as a whole: the portal's log is written at the same time,
    // and may come between two parts of it.
    let last = log.rfind("DONE").map(|start| &log[start..]);
    let last = last.with_context(|| format!("{log}\nThe fuzzer ended early."))?;
    let mut words = last.split_whitespace().skip_while(|word| *word != "cov:").skip(1);
    let coverage = words.next().and_then(|word| word.parse().ok());
    Ok(Outcome {
        new_inputs: fs::read_dir(found)?.count(),
        coverage: coverage.with_context(|| format!("{last}\nThe fuzzer reported no coverage."))?,
    })
}

/// The folders with a target's seeds: its corpus, and what is generated from the test vectors.
fn seed_folders(target: &Target) -> Result<Vec<PathBuf>> {
    let mut folders = vec![corpus(target)];
    let generated = seeds_from_vectors(target.name)?;
    if !generated.is_empty() {
        let folder = empty_folder(&["seeds", target.name])?;
        for (name, bytes) in generated {
            fs::write(folder.join(name), bytes)?;
        }
        folders.push(folder);
    }
    Ok(folders)
}

/// The seeds that the test vectors give a target, by the names of the vectors: texts with tokens as
/// they are handed in, or the payloads of one kind of token.
fn seeds_from_vectors(target: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut seeds = BTreeMap::new();
    for entry in fs::read_dir(root().join("testvectors"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let vector = fs::read_to_string(&path)?;
        let Some((headers, text)) = vector.split_once("\n\n") else { continue };
        let header = |name| headers.lines().find_map(|line| line.strip_prefix(name));
        if header("latchkey-vector: ").is_none() {
            continue;
        }
        let payload = header("payload: ").map(from_hex).transpose();
        let payload = payload.with_context(|| path.display().to_string())?;
        let seed = match target {
            // The other families of vectors vary what is inside of a token.
            "text" if ["text-", "frames-", "check-"].iter().any(|one| name.starts_with(one)) => {
                text.strip_suffix('\n').map(|text| text.as_bytes().to_vec())
            }
            // The first byte tells the target to seal the rest.
            "envelope" => payload.map(|payload| [&[1], payload.as_slice()].concat()),
            "request" | "response" | "refresh" | "deactivation" => {
                payload.filter(|_| header("kind: ") == Some(target))
            }
            _ => None,
        };
        seeds.extend(seed.map(|seed| (name, seed)));
    }
    Ok(seeds)
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).with_context(|| format!("not hexadecimal: {text}"))
}

fn corpus(target: &Target) -> PathBuf {
    root().join("fuzz/corpus").join(target.name)
}

/// A folder in `target/fuzz`.
fn folder(names: &[&str]) -> Result<PathBuf> {
    let folder = names.iter().fold(target().join("fuzz"), |folder, name| folder.join(name));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn empty_folder(names: &[&str]) -> Result<PathBuf> {
    fs::remove_dir_all(folder(names)?)?;
    folder(names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_target_has_a_corpus_and_a_function_and_every_corpus_a_target() {
        let folders: BTreeSet<_> = fs::read_dir(root().join("fuzz/corpus"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
        assert_eq!(names.len(), TARGETS.len(), "two targets have the same name");
        assert_eq!(folders, names);
        let program = fs::read_to_string(root().join("fuzz/src/main.rs")).unwrap();
        for target in TARGETS {
            assert!(program.contains(&format!("\"{}\" => ", target.name)), "{}", target.name);
            let files: Vec<_> = fs::read_dir(corpus(target)).unwrap().collect();
            assert!(files.len() >= 3, "{} has a corpus of {}", target.name, files.len());
            for file in files {
                let length = file.unwrap().metadata().unwrap().len();
                assert!(length <= target.max_len as u64, "{}: {length} bytes", target.name);
            }
        }
    }

    #[test]
    fn a_corpus_has_at_most_twenty_seeds_besides_regressions_and_each_is_named_in_words() {
        for target in TARGETS {
            let files = fs::read_dir(corpus(target)).unwrap();
            let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
            let (regressions, seeds): (Vec<_>, Vec<_>) =
                names.partition(|name| name.starts_with("regression-"));
            assert!(seeds.len() <= 20, "{} has {} seeds", target.name, seeds.len());
            for name in regressions.iter().chain(&seeds) {
                let is_word = |word: &str| {
                    let is_hash = word.len() > 12 && word.chars().all(|c| c.is_ascii_hexdigit());
                    !word.is_empty() && !is_hash
                };
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                assert!(name.chars().all(plain) && name.split('-').all(is_word), "{name}");
            }
        }
    }

    #[test]
    fn the_vectors_give_seeds_to_the_targets_that_read_texts_and_payloads() {
        for (target, at_least) in [
            ("text", 100),
            ("request", 5),
            ("response", 100),
            ("refresh", 5),
            ("deactivation", 5),
            ("envelope", 120),
        ] {
            let max_len = TARGETS.iter().find(|known| known.name == target).unwrap().max_len;
            let seeds = seeds_from_vectors(target).unwrap();
            assert!(seeds.len() >= at_least, "{target}: {} seeds", seeds.len());
            assert!(
                seeds.values().all(|seed| !seed.is_empty() && seed.len() <= max_len),
                "{target}"
            );
        }
        assert!(seeds_from_vectors("vault").unwrap().is_empty());
        assert!(from_hex("00f").is_err() && from_hex("0g").is_err());
    }

    #[test]
    fn every_dictionary_belongs_to_a_target_and_has_words_that_the_fuzzer_reads() {
        for file in fs::read_dir(root().join("fuzz/dictionaries")).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(TARGETS.iter().any(|target| target.name == name), "{name} has no target");
            let text = fs::read_to_string(&path).unwrap();
            let words: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(words.len() >= 3, "{name}");
            for word in words {
                let quoted = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                assert!(quoted.is_some_and(|word| !word.is_empty()), "{name}: {word}");
            }
        }
    }

    #[test]
    fn both_builds_are_instrumented_in_the_same_way() {
        let script = fs::read_to_string(root().join("fuzz/rustc.sh")).unwrap();
        let in_script: BTreeSet<_> = script
            .split_whitespace()
            .filter(|word| word.starts_with("-Cpasses") || word.starts_with("-Cllvm"))
            .collect();
        assert_eq!(in_script, COVERAGE.iter().copied().collect());
    }
}
