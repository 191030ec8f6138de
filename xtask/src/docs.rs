//! The pages of docs/ that are generated from the code. The code that writes a page stands beside what it
//! describes, as a test that fails when the page is out of date; here it is told to write.

use std::process::Command;

use anyhow::{Result, ensure};

/// `cargo xtask docs`.
pub(crate) fn run(check: bool) -> Result<()> {
    println!("{} docs/errors.md.", if check { "Checking" } else { "Writing" });
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--quiet", "--package", "latchkey-words", "the_page_of_errors"]);
    if !check {
        cargo.env("LATCHKEY_WRITE_DOCS", "1");
    }
    ensure!(cargo.status()?.success(), "docs/errors.md is out of date: run `cargo xtask docs`");
    Ok(())
}
