//! How long the things take that a person or a product waits for.

use anyhow::Result;

/// `cargo xtask bench`.
pub(crate) fn run() -> Result<()> {
    println!("There is nothing to measure yet.");
    Ok(())
}
