//! `cargo xtask link-macos`: type-checks the workspace and links the programs for macOS, from
//! Linux. None of it is ever run.
//!
//! Apple's SDK can't be had here, so the linker is told from a list of our own which framework has
//! which symbol ([`stubs`]). A wrong entry would link here and fail at the start there. So the list
//! is compared with what the crates declare ([`declarations`]), and on a computer with an SDK with
//! Apple's own lists ([`sdk`]).

mod declarations;
mod linked;
mod sdk;
mod stubs;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use self::stubs::List;
use crate::run::{self, Steps, target};
use crate::zig::{Target, ToolChain};
use crate::{npm, setup, ui};

const TARGETS: [Target; 2] = [Target::MacosAarch64, Target::MacosX86_64];

/// What is linked.
const PROGRAMS: &[&str] = &[
    "-p",
    "latchkey",
    "-p",
    "latchkey-server",
    "-p",
    "latchkey-sdk-c",
    "-p",
    "latchkey-wizard",
    "-p",
    "hello-product",
];

/// `cargo xtask link-macos`.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: the wizard's pages", || {
        setup::node()?;
        npm::packages()?;
        ui::build()
    })?;
    let mut linkers = Vec::new();
    steps.step("Set-up: a linker for macOS, and its frameworks", || {
        linkers = TARGETS.into_iter().map(tool_chain).collect::<Result<_>>()?;
        Ok(())
    })?;
    if let [first, ..] = &linkers[..] {
        steps.step("Type checks: the whole workspace, without warnings", || {
            let mut check = first.cargo("check")?;
            check.args(["--workspace", "--all-targets", "--locked"]);
            run_without_warnings(&mut check)
        })?;
    }
    for (target, tools) in TARGETS.into_iter().zip(&linkers) {
        steps.step(&format!("Build: the programs for {}", target.triple()), || {
            run::run(tools.cargo("build")?.args(PROGRAMS).arg("--locked"))?;
            check_linked(&tools.built("debug"))
        })?;
    }
    steps.finish("Everything is linked for macOS. None of it was run.");
    Ok(())
}

/// Runs a command of cargo, prints the compiler's messages, and fails if it has warned. The option
/// by which the compiler itself would fail would compile everything again.
fn run_without_warnings(cargo: &mut Command) -> Result<()> {
    cargo.arg("--message-format=json-diagnostic-rendered-ansi");
    println!("    $ {}", run::command_line(cargo));
    let mut child =
        cargo.current_dir(run::root()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut warnings = 0;
    for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
        let message: Value = serde_json::from_str(&line?)?;
        if let Some(text) = message["message"]["rendered"].as_str() {
            eprint!("{text}");
            warnings += usize::from(message["message"]["level"] == "warning");
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "The type check failed ({status}).");
    ensure!(warnings == 0, "There are {warnings} warnings.");
    Ok(())
}

/// `cargo xtask link-macos --sdk DIR`: compares the list with Apple's.
pub(crate) fn compare_with_sdk(folder: &Path) -> Result<()> {
    let list = List::read()?;
    let found = sdk::compare(&list, folder)?;
    for problem in &found.problems {
        println!("  {problem}");
    }
    println!(
        "  {} symbols are where Apple's lists have them; {} are in frameworks that {} lacks.",
        found.confirmed,
        found.unknown,
        folder.display()
    );
    ensure!(found.problems.is_empty(), "The list differs from Apple's.");
    ensure!(found.confirmed > 0, "{} has no lists of symbols (.tbd)", folder.display());
    Ok(())
}

/// What links for a macOS. The command lines print with their version that nobody has run them.
pub(crate) fn tool_chain(of: Target) -> Result<ToolChain> {
    let folder = target().join("tools/macos-frameworks");
    stubs::write(&List::read()?, &folder)?;
    Ok(ToolChain::install(of)?.with_frameworks(folder).with_variable("LATCHKEY_NEVER_RUN", "1"))
}

/// Checks where the linked programs in a folder look for their symbols, and prints how far that is
/// known.
pub(crate) fn check_linked(folder: &Path) -> Result<()> {
    let list = List::read()?;
    let symbols = linked::symbols(folder)?;
    let declared = declarations::read()?;
    let known = declarations::compare(&symbols, &declared, &list);
    for problem in &known.problems {
        println!("  {problem}");
    }
    println!(
        "  {} symbols of frameworks: {} are declared for theirs by a crate, {} only by our list.",
        symbols.len(),
        known.declared,
        known.assumed.len()
    );
    for symbol in &known.assumed {
        println!("    {symbol}");
    }
    ensure!(known.problems.is_empty(), "A symbol is looked for in the wrong framework.");
    Ok(())
}
