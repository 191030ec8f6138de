//! The pages of docs/ that are generated from the code. The code that writes a page stands beside what it
//! describes, as a test that fails when the page is out of date; here it is told to write.

use std::process::Command;

use anyhow::{Result, ensure};

/// What is generated, the package that does it, and the tests there that compare or write.
const GENERATED: &[(&str, &str, &str)] = &[
    ("docs/errors.md", "latchkey-words", "the_page_of_errors"),
    ("docs/command-lines.md", "latchkey-console", "the_page_of_the_command_lines"),
    (
        "docs/wizard-config.md and docs/latchkey.example.toml",
        "latchkey-device",
        "the_page_of_the_configuration",
    ),
    ("crates/sdk-c/include/latchkey.h", "latchkey-sdk-c", "the_c_header"),
    ("testvectors/ and the example in docs/token-format.md", "latchkey-token", "vectors::the_"),
];

/// `cargo xtask docs`.
pub(crate) fn run(check: bool) -> Result<()> {
    for (what, package, tests) in GENERATED {
        println!("{} {what}.", if check { "Checking" } else { "Writing" });
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["test", "--quiet", "--package", package, "--lib", tests]);
        if !check {
            cargo.env("LATCHKEY_WRITE_DOCS", "1");
        }
        ensure!(cargo.status()?.success(), "{what}: out of date, run `cargo xtask docs`");
    }
    Ok(())
}
