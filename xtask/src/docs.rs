//! The pages of docs/ that are generated from the code.

use anyhow::Result;

/// `cargo xtask docs`.
pub(crate) fn run(check: bool) -> Result<()> {
    let what = if check { "Checking" } else { "Writing" };
    println!("{what} the generated pages of docs/: there are none yet.");
    Ok(())
}
