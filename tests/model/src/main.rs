//! A model of the licence life cycle: explores every state that is reachable in a given number of
//! steps with the real code of device and issuer. `cargo xtask model --depth N` goes deeper than
//! the tests.
#![allow(clippy::print_stdout, reason = "a task reports to the user at the terminal")]

mod explore;
mod identity;
mod life;
mod rules;
mod server;
mod settings;
mod state;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Explores the life of a licence to a depth, and says what was seen")]
struct Arguments {
    /// How many steps; the tests' own depth where it isn't said
    #[arg(long)]
    depth: Option<usize>,
    /// Only settings whose name holds this
    #[arg(long, default_value = "")]
    setting: String,
    /// Go on from states that count as one with another as well, and see that they lead to the same
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
        println!("{}", report.shown());
        broken |= !report.broken.is_empty() || !report.different.is_empty();
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests;
