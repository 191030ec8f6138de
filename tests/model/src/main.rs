//! A model of the licence life cycle: explores every state that is reachable in a given number of
//! steps with the real code of device and issuer. `cargo xtask model --depth N` goes deeper than
//! the tests.
#![allow(clippy::print_stdout, reason = "a task reports to the user at the terminal")]

mod cases;
mod explore;
mod identity;
mod life;
mod parts;
mod rules;
mod server;
mod settings;
mod state;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Explores the life cycle of a licence to a depth, and reports the result")]
struct Arguments {
    /// The number of steps; by default the depth of the tests
    #[arg(long)]
    depth: Option<usize>,
    /// Only settings whose name contains this
    #[arg(long, default_value = "")]
    setting: String,
    /// Also explore from duplicate states, and check that they have the same successors
    #[arg(long)]
    compare: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut broken = false;
    for setting in settings::all() {
        if !setting.name.contains(&arguments.setting) {
            continue;
        }
        let explore = if arguments.compare { explore::compare } else { explore::explore };
        let report = explore(&setting, arguments.depth.unwrap_or(setting.depth))?;
        println!("{}", report.summary());
        let missing = report.missing(&setting);
        for what in &missing {
            println!("  {what}");
        }
        broken |= !report.broken.is_empty() || !report.different.is_empty() || !missing.is_empty();
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod stories;
#[cfg(test)]
mod tests;
