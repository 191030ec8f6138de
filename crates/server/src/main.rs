//! `latchkey-server`: the vendor's command line, and `serve` for the End User Portal and the admin
//! pages.
//!
//! This crate contains arguments, input and output. The web pages are in `latchkey-portal`, every
//! licensing rule is in `latchkey-issuer`, and every sentence in the message catalogue. Without
//! `--json`, standard output carries only the result (tokens, a table or a report), and everything
//! else goes to standard error. With `--json`, there is one document on standard output, or one
//! that describes the failure on standard error.

mod cli;
mod commands;
mod error;
mod input;
mod listen;
mod output;
mod serve;
#[cfg(windows)]
mod service;

use std::process::ExitCode;

use latchkey_console::{Charset, Exit};
use latchkey_i18n::escaped_sentence;

use crate::cli::Arguments;
use crate::error::{CommandError, ServerError};
use crate::output::Output;

fn main() -> ExitCode {
    // A picture is read in a process of its own, before anything else could be opened in it.
    if let Some(exit) = latchkey_paper::picture_process() {
        return exit;
    }
    // This process holds signing keys and a passphrase, which neither a core dump nor another
    // program of the same user should see. This is defence in depth: nothing depends on it.
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
    let arguments =
        match latchkey_console::parse_arguments::<Arguments>(latchkey_console::of_process()) {
            Ok(arguments) => arguments,
            Err(error) => return explain_usage(&error, asks_for_json),
        };
    #[cfg(windows)]
    if matches!(arguments.command, cli::Command::Serve(_)) {
        let data = arguments.data.clone();
        return service::run(&data, move || run(arguments, asks_for_json)).into();
    }
    run(arguments, asks_for_json).into()
}

/// Runs a command and writes its result.
fn run(arguments: Arguments, asks_for_json: bool) -> Exit {
    let mut output = Output::new(arguments.json);
    let exit = match commands::run(arguments, &mut output) {
        Ok(exit) => output.exit_status(exit),
        Err(failure) => {
            output.write_failure(&failure);
            failure.exit
        }
    };
    match output.write() {
        Ok(()) => exit,
        Err(failure) => {
            Output::report_failure(asks_for_json, &failure);
            failure.exit
        }
    }
}

/// Help and version are successful results; everything else is a usage error.
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
        Output::report_failure(true, &ServerError::from(CommandError::Usage { reason }));
    } else {
        let text = error.render().to_string();
        let text = text.trim_end();
        // It quotes the arguments.
        match Charset::of_process() {
            Charset::Ascii => Output::new(false).write_line(&escaped_sentence(text)),
            _ => Output::new(false).write_line(text),
        }
    }
    Exit::Usage.into()
}
