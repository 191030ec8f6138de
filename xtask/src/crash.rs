//! `cargo xtask crash`: kills every command of both programs at every call that changes a file. The
//! tests use some of these points, this task all of them.

use anyhow::Result;

use crate::run::{Steps, cargo, run};
use crate::test;

/// `cargo xtask crash`: runs all groups of commands, or those whose name contains `only`.
pub(crate) fn run_all(only: Option<&str>) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Build: all programs and all tests", test::build)?;
    steps.step("Every command, killed at every point", || {
        let mut cargo = cargo();
        if let Some(only) = only {
            cargo.env("LATCHKEY_CRASH_ONLY", only);
        }
        run(cargo.args(["test", "--workspace", "--test", "command_lines", "--"]).args([
            "--ignored",
            "--nocapture",
            "every_command_is_interrupted_at_every_point",
        ]))
    })?;
    steps.finish("No command lost anything, and every command succeeded when it was repeated.");
    Ok(())
}
