//! The wizard's pages: npm packages, checks and the build into ui/dist.

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

/// The npm packages of the lock file, unless exactly these are there already.
pub(crate) fn packages() -> Result<()> {
    let changed =
        |path: &str| fs::metadata(run::root().join(path)).and_then(|file| file.modified());
    let lock = changed("ui/package-lock.json")?;
    if changed("ui/node_modules/.package-lock.json").is_ok_and(|installed| installed >= lock) {
        println!("  npm packages: as ui/package-lock.json says.");
        return Ok(());
    }
    println!("  npm packages: installing what ui/package-lock.json says.");
    npm(&["ci", "--no-audit", "--no-fund"])
}

/// Types and the pages' unit tests.
pub(crate) fn check() -> Result<()> {
    npm(&["run", "check"])?;
    npm(&["test"])
}

/// The pages as the wizard carries them.
pub(crate) fn build() -> Result<()> {
    npm(&["run", "build"])
}

fn npm(arguments: &[&str]) -> Result<()> {
    // Without CI=1 a test runner may start to watch files instead of ending.
    run::run(Command::new("npm").args(["--prefix", "ui"]).args(arguments).env("CI", "1"))
}
