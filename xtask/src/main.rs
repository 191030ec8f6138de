//! Every chore of the workspace, one subcommand each: `cargo xtask --help`.
//!
//! This program only starts other programs and says what it does. What the tests and the demo do
//! themselves lives in `tests/`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person at the terminal"
)]

mod bench;
mod crash;
mod demo;
mod deny;
mod docs;
mod fuzz;
mod model;
mod run;
mod screens;
mod setup;
mod test;
mod ui;
mod windows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set-up, demo, test and bench: one place for every chore")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what the demo and the tests need and this machine doesn't have yet
    Setup,
    /// See a licence being requested, activated, refreshed and deactivated in the real wizard
    Demo {
        /// Drive the window without a display; screenshots and a transcript go to target/demo/
        #[arg(long)]
        headless: bool,
    },
    /// Formatting, lints, types, and every test: what has to pass before a change is done
    Test,
    /// Install the wizard's npm packages and build its pages
    Ui,
    /// Take pictures of every screen and every family of errors; they go to target/screens/
    Screens {
        /// Only these: light, dark, German, or “double text”
        only: Option<String>,
    },
    /// Write the generated pages of docs/
    Docs {
        /// Change nothing; fail if a page isn't what the code says
        #[arg(long)]
        check: bool,
    },
    /// Judge the dependencies: licences, bans, sources, advisories, and crates that are there twice
    Deny,
    /// Look for bytes that break what reads them
    Fuzz {
        /// What to hand them to
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(fuzz::names()))]
        #[arg(required_unless_present_any = ["all", "short"])]
        target: Option<String>,
        /// One target after the other
        #[arg(long, conflicts_with = "target")]
        all: bool,
        /// As in the tests: all targets, a stated number of inputs each
        #[arg(long, conflicts_with_all = ["target", "all"])]
        short: bool,
        /// For how long, each target
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// Explore the life of a licence: every state that can be reached in so many steps
    Model {
        /// How many steps; the tests' own depth where it isn't said
        #[arg(long)]
        depth: Option<usize>,
        /// Only settings whose name holds this
        #[arg(long)]
        setting: Option<String>,
    },
    /// See that the test vectors notice an implementation of the token format with one rule left out
    Mutants {
        /// Handed on: words that a mutant's name has, `--every N`, `--list`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// See that honest visitors of the portal are served beside a rude one, for some minutes
    Soak,
    /// Cut every command of both sides short at each call that changes a file, and call it again
    Crash {
        /// Only groups of commands whose name holds this, such as “key” or “keyring”
        #[arg(long)]
        only: Option<String>,
    },
    /// Build for Windows, and run there, in Wine, the tests of what differs most: files and their access rules
    Windows,
    /// Measure how long the things take that a person or a product waits for
    Bench {
        /// What to measure
        subject: bench::Subject,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Setup => setup::everything(),
        Chore::Demo { headless } => demo::run(headless),
        Chore::Test => test::run(),
        Chore::Ui => ui::run(),
        Chore::Screens { only } => screens::run(only.as_deref()),
        Chore::Deny => deny::run(),
        Chore::Docs { check } => docs::run(check),
        Chore::Fuzz { short: true, .. } => fuzz::short(),
        Chore::Fuzz { target, minutes, .. } => fuzz::for_minutes(target.as_deref(), minutes),
        Chore::Model { depth, setting } => model::explore(depth, setting.as_deref()),
        Chore::Mutants { arguments } => test::mutants(&arguments),
        Chore::Soak => bench::soak(),
        Chore::Crash { only } => crash::run_all(only.as_deref()),
        Chore::Windows => windows::run(),
        Chore::Bench { subject } => bench::run(subject),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}
