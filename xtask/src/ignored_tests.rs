//! Checks that every test that a plain test run leaves out is run by something else.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use crate::Arguments;
use crate::run::root;

/// The folders that may contain tests.
const SOURCES: &[&str] =
    &["crates", "src-tauri", "tests", "xtask", "fuzz", "benches", "bindings", "examples"];

/// An ignored test, and the reason in its attribute.
#[derive(Debug, PartialEq, Eq)]
struct Ignored {
    test: String,
    reason: Option<String>,
}

fn ignored_in(source: &str) -> Vec<Ignored> {
    let mut ignored: Vec<Ignored> = Vec::new();
    let mut reason = None;
    for line in source.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[ignore") {
            let quoted = rest.strip_prefix(" = \"").and_then(|rest| rest.strip_suffix("\"]"));
            reason = Some(quoted.map(str::to_owned));
        } else if let Some((_, name)) = line.split_once("fn ")
            && let Some(reason) = reason.take()
        {
            let test = name.split(['(', '<']).next().unwrap_or_default().to_owned();
            ignored.push(Ignored { test, reason });
        }
    }
    ignored
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("node_modules") || path.ends_with("target") => {}
            true => files.extend(rust_files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                files.push(path)
            }
            false => {}
        }
    }
    files
}

/// What is wrong with an ignored test. `tasks` are the sources of all tasks.
fn complaint(ignored: &Ignored, tasks: &str) -> Option<String> {
    let Ignored { test, reason } = ignored;
    let Some(reason) = reason else { return Some(format!("{test} is ignored without a reason")) };
    let quoted = reason.split('`').skip(1).step_by(2);
    let runners: Vec<_> = quoted
        .filter_map(|words| match words.strip_prefix("cargo xtask ") {
            Some(rest) => {
                let task = rest.split(' ').next().unwrap_or_default();
                Arguments::command().find_subcommand(task).map(|_| tasks.to_owned())
            }
            None => fs::read_to_string(root().join(words)).ok(),
        })
        .collect();
    if runners.is_empty() {
        return Some(format!(
            "{test} is ignored, and its reason names no task or script: {reason}"
        ));
    }
    let runs = runners.iter().any(|runner| runner.contains(test.as_str()));
    (!runs).then(|| format!("{test} isn't named by what is said to run it: {reason}"))
}

#[test]
fn every_ignored_test_is_run_by_a_task_or_a_script() {
    let tasks: String = rust_files(&root().join("xtask/src"))
        .into_iter()
        .filter(|file| !file.ends_with("ignored_tests.rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let files = SOURCES.iter().flat_map(|folder| rust_files(&root().join(folder)));
    let (mut count, mut complaints) = (0, Vec::new());
    for file in files {
        for ignored in ignored_in(&fs::read_to_string(&file).unwrap()) {
            count += 1;
            complaints.extend(complaint(&ignored, &tasks));
        }
    }
    assert!(count >= 9, "the ignored tests aren't found");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn an_ignored_test_that_nothing_runs_is_reported() {
    let source = "#[test]\n#[ignore]\nfn one() {}\n#[test]\nfn two() {}\n#[test]\n\
                  #[ignore = \"slow: `cargo xtask soak`\"]\nfn three() {}\n";
    let found = ignored_in(source);
    let of = |test: &str, reason: Option<&str>| Ignored {
        test: test.to_owned(),
        reason: reason.map(str::to_owned),
    };
    assert_eq!(found, [of("one", None), of("three", Some("slow: `cargo xtask soak`"))]);
    for (reason, is_run) in [
        (None, false),
        (Some("takes minutes; run it by hand"), false),
        (Some("`cargo xtask nothing` runs it"), false),
        (Some("`tests/no-such-script.sh` runs it"), false),
        (Some("`cargo xtask soak` runs it"), true),
    ] {
        assert_eq!(complaint(&of("three", reason), "run three").is_none(), is_run, "{reason:?}");
    }
    assert!(complaint(&found[1], "run another one").is_some());
}
