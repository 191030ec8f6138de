//! Benchmarks of what users and products wait for, as ratios within one run, because machines
//! differ.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::run::{self, Steps, cargo};
use crate::{npm, setup, ui};

/// The subjects of benchmarks.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    /// The wizard's window against the smallest Tauri window
    Wizard,
    /// The SDK's checks against verification alone, a raw read of the keyring, and a peer
    Sdk,
    /// The reader of texts, ordinary and hostile ones: MB/s, a minimum for each, and linear time
    Token,
    /// Ten thousand requests in one file, answered at once
    Fleet,
}

/// `cargo xtask bench`.
pub(crate) fn run(subject: Subject) -> Result<()> {
    match subject {
        Subject::Wizard => wizard(),
        Subject::Sdk => sdk(),
        Subject::Fleet => fleet(),
        Subject::Token => token(),
    }
}

/// Counts the steps for damaged texts of many seeds, which takes too long for the tests, and
/// measures the speed.
fn token() -> Result<()> {
    let test = ["test", "--release", "--package", "latchkey-token", "--lib", "--"];
    let which = "recover::work_budget_tests::\
                 the_texts_of_many_seeds_take_a_bounded_number_of_steps_a_byte";
    run::run_one_test(cargo().args(test).args([which, "--exact", "--ignored", "--nocapture"]))?;
    run::run(cargo().args(["bench", "--package", "latchkey-token", "--bench", "reader"]))
}

/// `cargo xtask soak`: the release build of the portal with an abusive client and a well-behaved
/// one.
pub(crate) fn soak() -> Result<()> {
    let test = ["test", "--release", "--package", "latchkey-server", "--test", "server"];
    let which = ["hostile_clients::soak_for_longer", "--exact", "--ignored", "--nocapture"];
    run::run_one_test(cargo().args(test).arg("--").args(which))
}

fn wizard() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::node()?;
        npm::packages()
    })?;
    steps.step("The wizard's pages: build", ui::build)?;
    steps.step("Build: release builds and packages of both windows, and the rest", || {
        packages()?;
        run::run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    let mut bench = Command::new(run::target().join("debug/latchkey-bench"));
    bench.env("CARGO_TARGET_DIR", run::target());
    steps.step("The measurement", || run::run(&mut bench))
}

/// Builds both windows as Debian packages with Tauri's own command, which the tests don't need.
fn packages() -> Result<()> {
    let tools = run::target().join("tools");
    run::run(
        Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&tools)
            .arg("@tauri-apps/cli@2"),
    )?;
    // The pages are built already.
    let built = r#"{ "build": { "beforeBuildCommand": "" } }"#;
    for folder in [".", "tests/bare-window"] {
        let tauri = std::path::absolute(tools.join("node_modules/.bin/tauri"))?;
        let command = format!(
            "cd '{folder}' && exec '{}' build --bundles deb --config '{built}'",
            tauri.display()
        );
        let mut shell = Command::new("sh");
        run::run(shell.args(["-c", &command]).env("CARGO_TARGET_DIR", run::target()))?;
    }
    Ok(())
}

fn fleet() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Build: both command lines", || {
        run::run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    let mut bench = Command::new(run::target().join("debug/latchkey-fleet"));
    bench.env("CARGO_TARGET_DIR", run::target());
    steps.step("The measurement", || run::run(&mut bench))
}

/// Benchmarks the SDK. The bench is a workspace of its own (`benches/sdk`), because its peer
/// depends on a hundred crates. The tests check that it compiles without the peer.
fn sdk() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", setup::system)?;
    let folder = run::target().join("bench");
    steps.step("Build: the bench with its peer, and the release build of the library", || {
        let manifest = run::root().join("benches/sdk/Cargo.toml");
        run::run(
            cargo()
                .args(["build", "--release", "--locked", "--manifest-path"])
                .arg(manifest)
                .arg("--target-dir")
                .arg(&folder),
        )?;
        run::run(cargo().args(["build", "--release", "--package", "latchkey-sdk-c"]))
    })?;
    steps.step("The measurement", || {
        let bench = folder.join("release/latchkey-sdk-bench");
        let home = folder.join("home");
        let mut session = run::in_keyring_session(&home, bench.as_os_str())?;
        run::run(session.env("HOME", &home))
    })?;
    for library in ["liblatchkey.so", "liblatchkey.a"] {
        let size = std::fs::metadata(run::target().join("release").join(library))?.len();
        println!("{library}, stripped: {:.1} MiB", size as f64 / 1024.0 / 1024.0);
    }
    Ok(())
}
