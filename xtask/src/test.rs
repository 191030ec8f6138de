//! `cargo xtask test`: all checks that a change has to pass.
//!
//! Every cargo step selects the whole workspace, so that all steps have the same features and share
//! their artefacts.

use std::process::Command;

use anyhow::Result;

use crate::run::{self, Steps, cargo};
use crate::{deny, fuzz, setup, ui};

/// The end-to-end tests. They have `test = false` in the manifest, so that a plain `cargo test`
/// needs no set-up.
const END_TO_END: &[&str] = &["--test", "command_lines", "--test", "window"];

/// The selections of targets that make up the workspace. `--all-targets` leaves out what has
/// `test = false`, even if the same call names it.
const EVERY_TARGET: [&[&str]; 2] = [&["--all-targets"], END_TO_END];

/// `cargo xtask test`.
pub(crate) fn run() -> Result<()> {
    println!(
        "Checking the whole project. This changes nothing outside of this folder, except that"
    );
    println!("it installs missing system packages that the tests need.");
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::rust_components()?;
        setup::node()?;
        setup::webdriver()?;
        setup::cargo_deny()
    })?;
    steps.step("Formatting of the Rust code", || {
        run::run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    steps
        .step("The wizard's pages: build, by the command of `tauri build`", ui::build_for_tauri)?;
    steps.step("The wizard's pages: types and unit tests", ui::check)?;
    steps.step("Lints", || {
        for targets in EVERY_TARGET {
            let lints = ["--", "-D", "warnings"];
            run::run(cargo().args(["clippy", "--workspace"]).args(targets).args(lints))?;
        }
        // A workspace of its own, which no other step compiles. Its peer is left out, because it
        // takes minutes to compile.
        run::run(
            cargo()
                .args(["clippy", "--locked", "--no-default-features"])
                .args(["--manifest-path", "benches/sdk/Cargo.toml"])
                .arg("--target-dir")
                .arg(run::target().join("bench"))
                .args(["--", "-D", "warnings"]),
        )
    })?;
    steps.step("Licences, bans, sources and advisories of the dependencies", deny::run)?;
    steps.step("Build: all programs and all tests", build)?;
    // They include tests that fail if a generated page of docs/ is out of date.
    steps.tests("Unit, property and documentation tests", || {
        run::run(cargo().args(["test", "--workspace", "--quiet", "--no-fail-fast"]))
    });
    steps.tests("The device with a real keyring, without the programs around it", keyring);
    steps.tests("Fuzz targets: their seeds and some thousand other inputs each", fuzz::run_short);
    steps.tests("A second implementation of the token format, in Python", || {
        interop("--workspace", &[])
    });
    steps.tests("End to end: both command lines, with the real programs", || {
        run::run(cargo().args(["test", "--workspace", "--test", "command_lines"]))
    });
    steps.tests("End to end: the real window, with a real keyring and the real issuer", || {
        run::run(cargo().args(["test", "--workspace", "--test", "window"]))
    });
    steps.all_passed()?;
    steps.finish("Everything passed.");
    Ok(())
}

/// Builds all programs and all tests.
pub(crate) fn build() -> Result<()> {
    for targets in EVERY_TARGET {
        run::run(cargo().args(["build", "--workspace"]).args(targets))?;
    }
    Ok(())
}

/// Runs the test that needs a keyring. The unit tests run without one.
fn keyring() -> Result<()> {
    let cargo = cargo();
    let folder = run::target().join("keyring");
    let test = ["test", "--workspace", "--lib", "--quiet", "--", "--ignored", "--exact"];
    let which = "tests::the_life_cycle_works_in_a_real_keyring";
    let mut session = run::in_keyring_session(&folder, cargo.get_program())?;
    run::run_one_test(session.env("CARGO_TARGET_DIR", run::target()).args(test).arg(which))
}

/// `cargo xtask mutants`: leaves out one rule of the second implementation of the token format at a
/// time, and reports which vectors detect it.
pub(crate) fn mutants(arguments: &[String]) -> Result<()> {
    interop("--mutants", arguments)
}

fn interop(what: &str, arguments: &[String]) -> Result<()> {
    let mut interop = Command::new("sh");
    interop.args(["tests/interop/run.sh", what]).args(arguments);
    run::run(interop.env("CARGO_TARGET_DIR", run::target()))
}
