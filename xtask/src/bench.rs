//! How long the things take that a person or a product waits for: as ratios within one run, because
//! machines differ.

use std::process::Command;

use anyhow::Result;
use clap::ValueEnum;

use crate::run::{self, Steps, cargo};
use crate::{setup, ui};

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    /// The wizard's window against the smallest Tauri window
    Wizard,
}

/// `cargo xtask bench`.
pub(crate) fn run(subject: Subject) -> Result<()> {
    match subject {
        Subject::Wizard => wizard(),
    }
}

fn wizard() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::node()?;
        ui::packages()
    })?;
    steps.step("The wizard's pages: build", ui::build)?;
    steps.step("Build: both windows as they are shipped, and the rest", || {
        run::run(cargo().args(["build", "--release", "--package", "latchkey-wizard"]))?;
        run::run(cargo().args(["build", "--release", "--package", "bare-window"]))?;
        run::run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    let mut bench = Command::new(run::target().join("debug/latchkey-bench"));
    bench.env("CARGO_TARGET_DIR", run::target());
    steps.step("The measurement", || run::run(&mut bench))
}
