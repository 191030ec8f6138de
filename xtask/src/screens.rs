//! `cargo xtask screens`: builds the wizard and takes pictures of everything that it can show
//! (`tests/support/src/bin/latchkey-screens.rs`).

use std::process::Command;

use anyhow::Result;

use crate::run::{self, Steps, cargo};
use crate::{npm, setup, ui};

/// `cargo xtask screens`.
pub(crate) fn run(only: Option<&str>) -> Result<()> {
    println!("Pictures of every screen and every family of errors, for review.");
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::node()?;
        npm::packages()?;
        setup::webdriver()
    })?;
    steps.step("The wizard's pages: build", ui::build)?;
    steps.step("Build: all programs", || {
        run::run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    let mut screens = Command::new(run::target().join("debug/latchkey-screens"));
    screens.env("CARGO_TARGET_DIR", run::target()).args(only);
    steps.step("The pictures", || run::run(&mut screens))?;
    steps.finish("The pictures are in target/screens/; its index.html shows them all.");
    Ok(())
}
