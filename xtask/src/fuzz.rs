//! `cargo xtask fuzz`: hands random bytes to everything that reads what others have written, beginning with the corpus
//! in `fuzz/corpus/`. Tests replay that corpus; this looks for more.

use anyhow::{Result, bail};

use crate::run::{self, cargo, root, run, which};

/// What can be fuzzed: the targets of `fuzz/`, each a function in the `fuzzing` module of a crate.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Target {
    /// Any bytes as a text with tokens
    Text,
    /// A token's text after accidents
    Healing,
    /// Any bytes as a token, as what is sealed in one, as a stored lease
    Envelope,
    /// Any bytes as a request's payload
    Request,
    /// Any bytes as a response's payload
    Response,
    /// Any bytes as a refresh's payload
    Refresh,
    /// Any bytes as a deactivation's payload
    Deactivation,
    /// Any bytes as what somebody types from paper
    Worksheet,
    /// Any bytes as a vault
    Vault,
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Healing => "healing",
            Self::Envelope => "envelope",
            Self::Request => "request",
            Self::Response => "response",
            Self::Refresh => "refresh",
            Self::Deactivation => "deactivation",
            Self::Worksheet => "worksheet",
            Self::Vault => "vault",
        }
    }
}

/// Runs one target for some minutes. What it finds on the way goes to `target/fuzz/`, what it finds wrong to
/// `fuzz/artifacts/`.
pub(crate) fn run_target(target: Target, minutes: u64) -> Result<()> {
    if which("cargo-fuzz").is_none() {
        bail!("cargo-fuzz isn't installed: `cargo install cargo-fuzz` adds it.");
    }
    let name = target.name();
    let found = run::target().join("fuzz").join(name);
    std::fs::create_dir_all(&found)?;
    let corpus = root().join("fuzz/corpus").join(name);
    let mut fuzz = cargo();
    // A stable compiler takes the options of the instrumentation only so; and the targets have a folder of their own.
    fuzz.env("RUSTC_BOOTSTRAP", "1").env_remove("CARGO_TARGET_DIR");
    fuzz.args(["fuzz", "run", name]).arg(found).arg(corpus).arg("--");
    fuzz.arg(format!("-max_total_time={}", minutes * 60)).arg("-max_len=8192");
    run(&mut fuzz)?;
    println!("\n✓ Nothing was found in {minutes} minutes.");
    Ok(())
}
