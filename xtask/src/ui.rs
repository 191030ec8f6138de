//! `cargo xtask ui`: installs npm packages, checks the wizard's pages, and builds them into
//! ui/dist.

use anyhow::Result;

use crate::npm::{npm, packages};
use crate::setup;

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
