//! `cargo xtask crash`: every command of both sides, cut short at every call that changes a file. The tests take some
//! of these points; this takes all.

use anyhow::Result;

use crate::run::{Steps, cargo, run};

/// `cargo xtask crash`: all of them, or those whose group has a name that holds a word.
pub(crate) fn run_all(only: Option<&str>) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Build: both command lines", || {
        run(cargo().args(["build", "--workspace", "--bins"]))
    })?;
    steps.step("Every command, cut short at every point", || {
        let mut test = cargo();
        if let Some(only) = only {
            test.env("LATCHKEY_CRASH_ONLY", only);
        }
        run(test.args(["test", "--workspace", "--test", "command_lines", "--"]).args([
            "--ignored",
            "--nocapture",
            "every_command_is_cut_short_at_every_point",
        ]))
    })?;
    steps.finish("No command lost anything, and none refused for ever.");
    Ok(())
}
