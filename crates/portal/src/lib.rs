//! `latchkey-server`: the vendor's command line and the End User Portal.
//!
//! What lives here: arguments, input, output. Every rule is `latchkey-issuer`'s, every sentence the
//! catalogue's. Without `--json` standard output carries what was asked for: tokens alone, or a table or a report; all
//! else is on standard error. With `--json` there is one document on standard output, or one that says what failed on
//! standard error.

mod address;
mod cli;
mod commands;
mod error;
mod input;
mod kit;
mod listen;
mod output;
mod serve;
mod tokens;
mod upkeep;

#[cfg(any(test, fuzzing))]
pub use serve::fuzzing;

use std::process::ExitCode;

use crate::cli::Arguments;
use crate::error::{InputError, ServerError};
use crate::output::Output;

/// Does what the command line asks for.
#[must_use]
pub fn run() -> ExitCode {
    // A picture is read in a process of its own, before anything else could be opened in it.
    if let Some(exit) = latchkey_paper::picture_process() {
        return exit;
    }
    // There are signing keys and a passphrase in this process: neither a core file nor another program of the same
    // user is to see them. Where the system has no such thing, nothing depends on it.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{
            DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit,
        };
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    let asks_for_json =
        std::env::args_os().take_while(|a| a != "--").any(|argument| argument == "--json");
    let arguments = match latchkey_console::parsed::<Arguments>(latchkey_console::of_process()) {
        Ok(arguments) => arguments,
        Err(error) => return explain_usage(&error, asks_for_json),
    };
    let mut output = Output::new(arguments.json);
    let exit = match commands::run(arguments, &mut output) {
        Ok(exit) => output.exit(exit),
        Err(failure) => {
            output.failure(&failure);
            failure.exit
        }
    };
    match output.write() {
        Ok(()) => exit.into(),
        Err(failure) => {
            Output::report_failure(asks_for_json, &failure);
            failure.exit.into()
        }
    }
}

/// Help and version are answers; everything else is a mistake in the call.
fn explain_usage(error: &clap::Error, json: bool) -> ExitCode {
    if !error.use_stderr() {
        let mut output = Output::new(false);
        output.report(error.render().to_string().trim_end());
        return match output.write() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                Output::report_failure(json, &failure);
                failure.exit.into()
            }
        };
    }
    if json {
        let reason = error.to_string();
        let first = reason.lines().next().unwrap_or_default();
        let reason = first.strip_prefix("error: ").unwrap_or(first).to_owned();
        Output::report_failure(true, &ServerError::from(InputError::Usage { reason }));
    } else {
        Output::new(false).line(error.render().to_string().trim_end());
    }
    ExitCode::from(error::USAGE)
}
