//! Runs npm for the wizard's pages, and installs their packages.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::run;

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

/// Runs npm in the folder of the wizard's pages.
pub(crate) fn npm(arguments: &[&str]) -> Result<()> {
    // Without CI=1 a test runner may watch files instead of exiting.
    run::run(Command::new("npm").args(["--prefix", "ui"]).args(arguments).env("CI", "1"))
}
