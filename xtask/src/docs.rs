//! `cargo xtask docs`: writes everything that is generated from the code. Each file is written by a
//! test next to the code that it describes, which otherwise fails if the file is out of date.

use std::process::Command;

use anyhow::{Result, ensure};

/// The generated files, the packages that write them, and the tests that compare or write them.
const GENERATED: &[(&str, &str, &str)] = &[
    ("docs/errors.md", "latchkey-i18n", "the_page_of_errors"),
    ("docs/command-lines.md", "latchkey-console", "the_page_of_the_command_lines"),
    (
        "docs/wizard-config.md and docs/latchkey.example.toml",
        "latchkey-config",
        "the_reference_page",
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
