//! `cargo xtask fuzz`: hands bytes that nobody thought of to everything that reads what others have written, beginning
//! with the corpus in `fuzz/corpus/`. The targets and their limits stand in `fuzz/src/targets.rs`.
//!
//! It is libFuzzer, and nothing but the compiler is needed for it: instrumentation is an option of rustc, and
//! the fuzzer's own part is a dependency.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{self, cargo, root, target};

#[path = "../../fuzz/src/targets.rs"]
mod targets;

use targets::{MEMORY, TARGETS, TIMEOUT, Target};

/// What makes a program tell libFuzzer which code an input reaches. `fuzz/rustc.sh` has the same.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Otherwise several comparisons become one, and the fuzzer can't find their bytes one after the other.
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    // And comparisons of a few bytes with others stay calls of a function that the fuzzer listens to.
    "-Cllvm-args=-max-loads-per-memcmp=0",
];

/// The names of the targets, for the command line.
pub(crate) fn names() -> impl Iterator<Item = clap::builder::PossibleValue> {
    TARGETS.iter().map(|target| clap::builder::PossibleValue::new(target.name).help(target.about))
}

/// Part of `cargo xtask test`: each target with its corpus and a stated number of other inputs, which are the same ones
/// every time. Only the workspace's own crates are instrumented; dependencies are those of the other steps.
pub(crate) fn short() -> Result<()> {
    let mut build = cargo();
    build.env("RUSTC_WORKSPACE_WRAPPER", root().join("fuzz/rustc.sh"));
    // A wrapper of the developer's, such as sccache, would get a script where it expects the compiler. An empty variable
    // also beats one that is set in Cargo's configuration.
    build.env("RUSTC_WRAPPER", "");
    build.args(["build", "--workspace", "--bin", "latchkey-fuzz"]);
    run::run(build.args(["--features", "latchkey-fuzz/instrumented"]))?;
    let program = target().join("debug/latchkey-fuzz");
    // As many at a time as there are processors; each has its own limits. The first that finds something ends the rest.
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

/// One target, beginning with its corpus and then beginning with nothing.
fn short_run(program: &Path, target: &Target) -> Result<()> {
    let start = Instant::now();
    let mut lines = format!("  {}: {}.\n", target.name, target.about);
    let runs = target.runs + fs::read_dir(corpus(target))?.count();
    for (runs, with_corpus) in [(runs, true), (target.from_nothing, false)] {
        let found = empty_folder(&["test", target.name])?;
        let mut fuzzer = fuzzer(program, target, &found, with_corpus)?;
        fuzzer.args([format!("-runs={runs}"), "-seed=1".to_owned()]);
        // Inputs become longer sooner than they would in a long run: otherwise a few thousand of them never have more
        // than some bytes.
        fuzzer.arg("-len_control=10");
        let seen = run_quietly(&mut fuzzer, &found, target)?;
        let beginning = if with_corpus { "the corpus" } else { "nothing" };
        let _ = writeln!(
            lines,
            "    {runs} inputs, beginning with {beginning}: {seen} reached something new."
        );
    }
    println!("{lines}    {:.1} s.", start.elapsed().as_secs_f32());
    Ok(())
}

/// `cargo xtask fuzz`: looks for more, some minutes for each target. Everything is instrumented here, dependencies too,
/// and memory is watched by AddressSanitizer, so the first build takes a while.
pub(crate) fn for_minutes(name: Option<&str>, minutes: u64) -> Result<()> {
    let host = run::host()?;
    let mut build = cargo();
    // A stable compiler has the sanitizer, but takes its option only so.
    let flags = [COVERAGE, &["--cfg=fuzzing", "-Zsanitizer=address"]].concat().join(" ");
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
    build.env("CARGO_TARGET_DIR", target().join("fuzz/build"));
    // With a target named, what runs during the build isn't instrumented.
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

/// libFuzzer with a target's limits. New inputs go to `found`; one that breaks the target is written to
/// `target/fuzz/artifacts`.
fn fuzzer(program: &Path, target: &Target, found: &Path, with_corpus: bool) -> Result<Command> {
    let artifacts = folder(&["artifacts", target.name])?;
    let mut fuzzer = Command::new(program);
    fuzzer.env("FUZZ_TARGET", target.name);
    // What a target writes goes here, and nothing of it to the keyring or the home of the user who runs this.
    let temporary = empty_folder(&["temporary", target.name])?;
    fuzzer.env("TMPDIR", &temporary).env("HOME", &temporary);
    fuzzer.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    fuzzer.arg(format!("-max_len={}", target.max_len)).arg(format!("-timeout={TIMEOUT}"));
    fuzzer.args([format!("-rss_limit_mb={MEMORY}"), format!("-malloc_limit_mb={MEMORY}")]);
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    // How near two compared values are to each other counts as something reached, so that bytes are found one after
    // the other; and the words that matter are known from the start.
    fuzzer.arg("-use_value_profile=1");
    let words = root().join("fuzz/dictionaries").join(target.name);
    if words.exists() {
        fuzzer.arg(format!("-dict={}", words.display()));
    }
    fuzzer.arg(found);
    if with_corpus {
        fuzzer.arg(corpus(target));
    }
    Ok(fuzzer)
}

/// Runs libFuzzer, and shows what it says only where something was found. Gives how many inputs reached something new.
fn run_quietly(fuzzer: &mut Command, found: &Path, target: &Target) -> Result<usize> {
    let output = fuzzer.stdin(Stdio::null()).output().context("the fuzzer could not be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!(
            "{said}\nThe target “{}” has found something; the input is named above. Again: FUZZ_TARGET={} {} FILE",
            target.name,
            target.name,
            Path::new(fuzzer.get_program()).display()
        );
    }
    // A program without instrumentation would pass as well, and see nothing.
    ensure!(said.contains("inline 8-bit counters"), "{said}\nThe program isn't instrumented.");
    ensure!(said.contains("DONE"), "{said}\nThe fuzzer ended early.");
    Ok(fs::read_dir(found)?.count())
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
        assert_eq!(names.len(), TARGETS.len(), "a name is there twice");
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
    fn every_dictionary_is_a_target_s_and_has_words_that_the_fuzzer_reads() {
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
