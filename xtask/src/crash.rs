//! `cargo xtask crash`: kills every command of both programs at every call that changes a file. The
//! tests use some of these points, this task all of them.

use anyhow::Result;

use crate::run::{Steps, cargo, run};

/// `cargo xtask crash`: runs all groups of commands, or those whose name contains `only`.
pub(crate) fn run_all(only: Option<&str>) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Build: both command lines", || {
        run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    steps.step("Every command, killed at every point", || {
        let mut test = cargo();
        if let Some(only) = only {
            test.env("LATCHKEY_CRASH_ONLY", only);
        }
        run(test.args(["test", "--workspace", "--test", "command_lines", "--"]).args([
            "--ignored",
            "--nocapture",
            "every_command_is_interrupted_at_every_point",
        ]))
    })?;
    steps.finish("No command lost anything, and every command succeeded when it was repeated.");
    Ok(())
}
