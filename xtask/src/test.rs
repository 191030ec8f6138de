//! `cargo xtask test`: everything that has to pass before a change is done.
//!
//! Every cargo step selects the whole workspace, so that all of them see the same features and
//! the artefacts of one are those of the next.

use std::process::Command;

use anyhow::Result;

use crate::run::{self, Steps, cargo};
use crate::{deny, fuzz, setup, ui};

/// End-to-end tests: `test = false` in the manifest, so that a plain `cargo test` needs no set-up.
const END_TO_END: &[&str] = &["--test", "command_lines", "--test", "window"];

/// `cargo xtask test`.
pub(crate) fn run() -> Result<()> {
    println!("Checking the whole project. Nothing outside of this folder is changed, except that");
    println!("system packages which the tests need are installed if they are missing.");
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::rust_components()?;
        setup::node()?;
        ui::packages()?;
        setup::webdriver()?;
        setup::cargo_deny()
    })?;
    steps.step("Formatting of the Rust code", || {
        run::run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    steps.step("The wizard's pages: types and unit tests", ui::check)?;
    steps.step("The wizard's pages: build", ui::build)?;
    steps.step("Lints", || {
        run::run(
            cargo()
                .args(["clippy", "--workspace", "--all-targets"])
                .args(END_TO_END)
                .args(["--", "-D", "warnings"]),
        )?;
        // A workspace of its own, which nothing else here compiles. Its peer stays away: that takes minutes.
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
    steps.step("Build: all programs and all tests", || {
        run::run(cargo().args(["build", "--workspace", "--all-targets"]).args(END_TO_END))
    })?;
    // Among them one that fails when a generated page of docs/ isn't what the code says.
    steps.tests("Unit, property and documentation tests", || {
        run::run(cargo().args(["test", "--workspace", "--quiet", "--no-fail-fast"]))
    });
    steps.tests("Fuzz targets: the corpus and some thousand other inputs each", fuzz::short);
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

/// `cargo xtask mutants`: the second implementation of the token format with one rule left out at a time, and what the
/// vectors say to each.
pub(crate) fn mutants(arguments: &[String]) -> Result<()> {
    interop("--mutants", arguments)
}

fn interop(what: &str, arguments: &[String]) -> Result<()> {
    let mut interop = Command::new("sh");
    interop.args(["tests/interop/run.sh", what]).args(arguments);
    run::run(interop.env("CARGO_TARGET_DIR", run::target()))
}
