//! `latchkey`: the wizard's functions on the command line. The work is done by `latchkey-device`;
//! this crate defines the arguments, the JSON documents and the exit statuses.
//!
//! Without `--json`, standard output carries only the result (tokens, or the report of a read-only
//! command), and everything else goes to standard error. With `--json`, there is one document on
//! standard output, or one that describes the error on standard error.

mod check;
mod cli;
mod commands;
mod doctor;
mod error;
mod input;
mod json_documents;
mod output;
mod prompt;
mod sheet;

use std::process::ExitCode;
use std::time::SystemTime;

use latchkey_device::Timestamp;
use latchkey_device::time::from_system;
use latchkey_i18n::Names;

use cli::Args;
use error::CliError;
use output::Output;

fn main() -> ExitCode {
    // This program may have been started to decode a picture. That process must not open anything
    // else first.
    if let Some(exit) = latchkey_paper::picture_process() {
        return exit;
    }
    name_installation();
    let args = match parse_args() {
        Ok(args) => args,
        Err(error) => return report_parse_error(&error),
    };
    let output = Output::new(args.json);
    let result = commands::run(args, || check_clock(SystemTime::now()), &output);
    let result = result.and_then(|exit| output.finish().map(|()| exit));
    result.map_or_else(|error| output.fail(&error), |exit| output.exit_code(exit))
}

/// Lets messages quote the names that this program and its configuration have here.
fn name_installation() {
    let ours = Names::default();
    let command_line = latchkey_console::own_name().unwrap_or(ours.command_line);
    Names { command_line, config_file: latchkey_config::config_name() }.choose();
}

/// Parses the arguments of this process. A configuration that was installed with this program takes
/// precedence over the variable.
fn parse_args() -> Result<Args, clap::Error> {
    let ignored = latchkey_config::ignored_variables();
    latchkey_console::parse_arguments_without(latchkey_console::of_process(), ignored)
}

/// The clock's time, if a lease can be checked against it.
fn check_clock(time: SystemTime) -> Result<Timestamp, CliError> {
    let time = from_system(time).ok_or(CliError::Clock)?;
    if time < Timestamp::UNIX_EPOCH { Err(CliError::Clock) } else { Ok(time) }
}

/// Help and version are successful results; everything else that clap reports is an error.
fn report_parse_error(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.render();
        return match Output::new(false).write_text(&text.to_string()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Output::new(false).fail(&error),
        };
    }
    let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    let text = error.render().to_string();
    let reason = text.trim_start_matches("error: ").trim_end();
    // The first paragraph describes the error; the rest is a hint for terminal users.
    let reason = if json { reason.split("\n\n").next().unwrap_or(reason) } else { reason };
    Output::new(json).fail(&CliError::Usage { reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_outside_the_calendar_is_an_error() {
        let at =
            |seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap();
        assert!(check_clock(at(0)).is_ok());
        // The end of the year 9999 by a clock is after the last instant of the calendar.
        assert!(matches!(check_clock(at(253_402_300_799)), Err(CliError::Clock)));
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert!(matches!(check_clock(before), Err(CliError::Clock)));
    }
}
