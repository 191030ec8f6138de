//! `cargo xtask model`: runs the exploration of `tests/model` to a greater depth than the tests do.

use anyhow::Result;

use crate::run::{cargo, run};

/// Explores every setting, or those whose name contains a word, and fails if a rule is broken.
pub(crate) fn explore(depth: Option<usize>, setting: Option<&str>) -> Result<()> {
    let mut model = cargo();
    model.args(["run", "--quiet", "-p", "latchkey-model", "--"]);
    if let Some(depth) = depth {
        model.arg("--depth").arg(depth.to_string());
    }
    if let Some(setting) = setting {
        model.arg("--setting").arg(setting);
    }
    run(&mut model)
}
