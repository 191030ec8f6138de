//! The tasks of the workspace, one subcommand each: `cargo xtask --help`.
//!
//! This program only starts other programs and prints what it does. The tests and the demo are in
//! `tests/`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task prints its progress")]

mod bench;
mod crash;
mod demo;
mod deny;
mod dist;
mod docs;
mod fuzz;
#[cfg(test)]
mod ignored_tests;
#[cfg(test)]
mod line_width;
mod macos;
mod model;
mod npm;
mod packages;
mod remap;
mod run;
mod screens;
mod setup;
mod test;
mod ui;
mod windows;
mod zig;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set-up, demo, test and bench: one place for every task")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install whatever the demo and the tests need that is missing on this machine
    Setup,
    /// Show how a licence is requested, activated, refreshed and deactivated in the real wizard
    Demo {
        /// Drive the window without a display; screenshots and a transcript go to target/demo/
        #[arg(long)]
        headless: bool,
    },
    /// Run the formatter, lints, type checks and every test, which a change has to pass
    Test,
    /// Install the wizard's npm packages and build its pages
    Ui,
    /// Take pictures of every screen and every family of errors, in target/screens/
    Screens {
        /// Take only these: light, dark, German, or “double text”
        only: Option<String>,
    },
    /// Write the generated pages of docs/, the C header and the test vectors
    Docs {
        /// Change nothing, and fail if one of them is out of date
        #[arg(long)]
        check: bool,
    },
    /// Make the prebuilt archive of a platform, with SHA256SUMS, in target/dist/
    Dist(dist::Choices),
    /// Check the dependencies: licences, bans, sources, advisories and duplicates
    Deny,
    /// Fuzz everything that reads untrusted input
    Fuzz {
        /// The target to fuzz
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(fuzz::names()))]
        #[arg(required_unless_present_any = ["all", "short"])]
        target: Option<String>,
        /// Fuzz all targets, one after the other
        #[arg(long, conflicts_with = "target")]
        all: bool,
        /// Run all targets on a fixed number of inputs each, as the tests do
        #[arg(long, conflicts_with_all = ["target", "all"])]
        short: bool,
        /// How long to fuzz each target
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// Explore the life of a licence: every state that can be reached in a number of steps
    Model {
        /// The number of steps; by default the depth of the tests
        #[arg(long)]
        depth: Option<usize>,
        /// Explore only settings whose name contains this
        #[arg(long)]
        setting: Option<String>,
    },
    /// Check that the test vectors detect an implementation of the token format that lacks one rule
    Mutants {
        /// Passed on: words in the names of mutants, `--every N`, `--list`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Check for some minutes that the portal serves well-behaved clients next to an abusive one
    Soak,
    /// Kill every command of both programs at each call that changes a file, and repeat the command
    Crash {
        /// Run only groups of commands whose name contains this, such as “key” or “keyring”
        #[arg(long)]
        only: Option<String>,
    },
    /// Install a vendor's package with its libraries in a clean Debian, and open its window
    TestPackages,
    /// Build for Windows, and run unit tests and the whole life of a licence in Wine
    #[command(alias = "windows")]
    TestWindows {
        /// How often each store is left by a process that is terminated
        #[arg(long)]
        kills: Option<u32>,
        /// Run on Windows itself, with the tests of access rules that Wine can't run
        #[arg(long, conflicts_with = "kills")]
        natively: bool,
    },
    /// Type-check everything for macOS and link the programs, from Linux; nothing is run
    LinkMacos {
        /// Only compare the list of frameworks and their symbols with the SDK in this folder
        #[arg(long, value_name = "DIR")]
        sdk: Option<PathBuf>,
    },
    /// Measure how long users and products have to wait
    Bench {
        /// What to measure
        subject: bench::Subject,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Setup => setup::install_all(),
        Task::Demo { headless } => demo::run(headless),
        Task::Test => test::run(),
        Task::Ui => ui::run(),
        Task::Screens { only } => screens::run(only.as_deref()),
        Task::Dist(choices) => dist::run(&choices),
        Task::Deny => deny::run(),
        Task::Docs { check } => docs::run(check),
        Task::Fuzz { short: true, .. } => fuzz::run_short(),
        Task::Fuzz { target, minutes, .. } => fuzz::for_minutes(target.as_deref(), minutes),
        Task::Model { depth, setting } => model::explore(depth, setting.as_deref()),
        Task::Mutants { arguments } => test::mutants(&arguments),
        Task::Soak => bench::soak(),
        Task::Crash { only } => crash::run_all(only.as_deref()),
        Task::TestPackages => packages::run(),
        Task::TestWindows { natively: true, .. } => windows::run_natively(),
        Task::TestWindows { kills, .. } => windows::run(kills),
        Task::LinkMacos { sdk: Some(folder) } => macos::compare_with_sdk(&folder),
        Task::LinkMacos { sdk: None } => macos::run(),
        Task::Bench { subject } => bench::run(subject),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}
