//! `cargo xtask bench fleet`, after the programs are built: computers request seats, one file with
//! all their requests is answered, and one of them finds its own response in the answer. Times are
//! wall-clock times.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench talks to the person at the terminal"
)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use latchkey_e2e_support::{Computer, Programs, Vendor};

/// The maximum number of tokens in one text.
const COMPUTERS: usize = 10_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let programs = Programs::find()?;
    let vendor = Vendor::new(&programs, "Acme");
    let product = vendor.add_product("Acme CAD", &["export=bool"]);
    let seats = (COMPUTERS - 10).to_string();
    let entitlement =
        vendor.add_entitlement(product, &["--seats", &seats, "--offline-lease", "7d"]);
    let kit = vendor.kit_here(product);

    let (fleet, asking) = timed(|| {
        let ask = |number| {
            let computer = Computer::new(&programs, &kit);
            let request = computer.request_as(entitlement.code(), &format!("Lab seat {number}"));
            // The last of them is kept; ten thousand folders would be too many.
            (request, (number == COMPUTERS - 11).then_some(computer))
        };
        (0..COMPUTERS).map(ask).collect::<Vec<_>>()
    });
    let text: String = fleet.iter().map(|(request, _)| format!("{request}\n")).collect();
    let (answer, answering) = timed(|| vendor.call().args(["activate"]).input(text.as_str()).run());
    let answers = answer.tokens().len();
    ensure!(answers == COMPUTERS - 10, "{answers} responses");
    let named = answer.stderr.lines().filter(|line| line.contains("“Lab seat ")).count();
    println!("{COMPUTERS} requests made             {asking:>8.1?}");
    println!(
        "{answers} answered, the rest refused {answering:>8.1?}  ({:.2} ms each)",
        each(answering)
    );
    println!("lines that name a seat            {named:>8}");
    let Some(computer) = fleet.iter().find_map(|(_, computer)| computer.as_ref()) else {
        return Ok(());
    };
    let (applied, applying) =
        timed(|| computer.call().args(["apply"]).input(answer.stdout.as_str()).run());
    ensure!(applied.exit == Some(0), "the response wasn't applied");
    println!(
        "one computer finds its own        {applying:>8.1?}  in {} bytes",
        answer.stdout.len()
    );
    Ok(())
}

fn each(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0 / COMPUTERS as f64
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}
