//! `cargo xtask ui`: installs npm packages, checks the wizard's pages, and builds them into
//! ui/dist.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::npm::{npm, packages};
use crate::{run, setup};

/// `cargo xtask ui`.
pub(crate) fn run() -> Result<()> {
    setup::node()?;
    packages()?;
    build()?;
    println!("\n✓ The wizard's pages are in ui/dist/.");
    Ok(())
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

/// Builds the same pages into another folder, with a source map beside each script.
pub(crate) fn build_with_source_map(folder: &Path) -> Result<()> {
    let folder = folder.to_str().context("the target folder's name isn't Unicode")?;
    npm(&["run", "build", "--", "--sourcemap", "hidden", "--outDir", folder])
}

/// Builds the pages from nothing, by the command that Tauri's own `tauri build` runs first.
pub(crate) fn build_for_tauri() -> Result<()> {
    let config = std::fs::read_to_string(run::root().join("tauri.conf.json"))?;
    let config: Value = serde_json::from_str(&config).context("tauri.conf.json")?;
    let command = &config["build"]["beforeBuildCommand"];
    let script = command["script"].as_str().context("beforeBuildCommand has no script")?;
    // Without it, Tauri looks for a package.json, and which one it finds depends on the folders
    // around it.
    let folder = command["cwd"].as_str().context("beforeBuildCommand has no folder")?;
    // As Tauri does: in a shell, in a folder below that of the configuration.
    let mut shell = Command::new(if cfg!(windows) { "cmd" } else { "sh" });
    shell.arg(if cfg!(windows) { "/C" } else { "-c" });
    run::run(shell.arg(format!("cd {folder} && {script}")).env("CI", "1"))
}
