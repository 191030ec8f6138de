//! `cargo xtask ui`: installs npm packages, checks the wizard's pages, and builds them into
//! ui/dist.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::run;
use crate::setup;

/// `cargo xtask ui`.
pub(crate) fn run() -> Result<()> {
    setup::node()?;
    packages()?;
    build()?;
    println!("\n✓ The wizard's pages are in ui/dist/.");
    Ok(())
}

/// Installs the npm packages of the lock file, unless they are installed already.
pub(crate) fn packages() -> Result<()> {
    let changed =
        |path: &str| fs::metadata(run::root().join(path)).and_then(|file| file.modified());
    let lock = changed("ui/package-lock.json")?;
    if changed("ui/node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
        println!("  npm packages: up to date with ui/package-lock.json.");
        return Ok(());
    }
    println!("  npm packages: installing those of ui/package-lock.json.");
    npm(&["ci", "--no-audit", "--no-fund"])
}

/// Checks types and runs the pages' unit tests.
pub(crate) fn check() -> Result<()> {
    npm(&["run", "check"])?;
    npm(&["test"])
}

/// Builds the pages that the wizard embeds.
pub(crate) fn build() -> Result<()> {
    npm(&["run", "build"])
}

fn npm(arguments: &[&str]) -> Result<()> {
    // Without CI=1 a test runner may watch files instead of exiting.
    run::run(Command::new("npm").args(["--prefix", "ui"]).args(arguments).env("CI", "1"))
}
