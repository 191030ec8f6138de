//! `cargo xtask demo`: builds the programs and starts the demo itself
//! (`tests/support/src/bin/latchkey-demo.rs`).

use std::process::Command;

use anyhow::Result;

use crate::run::{self, Steps, cargo};
use crate::{npm, setup, ui};

/// `cargo xtask demo`.
pub(crate) fn run(headless: bool) -> Result<()> {
    println!("The whole life of a licence, in the real wizard, against a real issuer.");
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
    let display = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let mut demo = Command::new(run::target().join("debug/latchkey-demo"));
    demo.env("CARGO_TARGET_DIR", run::target());
    if headless || !display {
        demo.arg("--headless");
    }
    steps.step("The demo", || run::run(&mut demo))
}
