//! The arguments and variables of the process.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::Resettable;
use clap::{Command, CommandFactory, FromArgMatches};

/// An environment variable. One that is empty or contains only white space counts as unset, because
/// `.env` files, systemd and container tools write variables without a value like that.
#[must_use]
pub fn variable(name: impl AsRef<OsStr>) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !is_blank(value))
}

/// An environment variable with a secret. Only an empty one counts as unset: white space may be
/// part of a secret, or all of it.
#[must_use]
pub fn secret_variable(name: impl AsRef<OsStr>) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn is_blank(value: &OsStr) -> bool {
    value.to_string_lossy().trim().is_empty()
}

/// The arguments of this process. On Windows, where shells don't expand `*` and `?`, they are
/// replaced by the names of the matching files.
pub fn of_process() -> impl Iterator<Item = OsString> {
    wild::args_os()
}

/// The name by which this program was called. A vendor's package may give it another one than ours.
#[must_use]
pub fn own_name() -> Option<String> {
    let called = std::env::args_os().next()?;
    let called = Path::new(&called);
    let name = if cfg!(windows) { called.file_stem() } else { called.file_name() };
    Some(name?.to_string_lossy().into_owned())
}

/// The name and the version of this program, as `--version` shows them.
#[must_use]
pub fn version<A: CommandFactory>() -> String {
    with_own_name(A::command()).render_version()
}

fn with_own_name(command: Command) -> Command {
    match own_name() {
        Some(name) => command.display_name(name),
        None => command,
    }
}

/// Parses a command line. A blank environment variable counts as unset.
///
/// # Errors
/// Returns the [`clap::Error`], which is also how clap reports help and version.
pub fn parse_arguments<A: CommandFactory + FromArgMatches>(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<A, clap::Error> {
    parse_arguments_without(arguments, &[])
}

/// Parses a command line as [`parse_arguments`], and ignores these environment variables.
///
/// # Errors
/// As [`parse_arguments`].
pub fn parse_arguments_without<A: CommandFactory + FromArgMatches>(
    arguments: impl IntoIterator<Item = OsString>,
    ignored: &[&str],
) -> Result<A, clap::Error> {
    let mut command = with_own_name(without_blank_variables(A::command(), ignored));
    let mut matches = command.try_get_matches_from_mut(arguments)?;
    A::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Removes the environment variables that are blank or ignored from the arguments that clap would
/// read them for.
fn without_blank_variables(command: Command, ignored: &[&str]) -> Command {
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if variable(name).is_none() || ignored.iter().any(|i| name == *i) => {
                argument.env(Resettable::Reset)
            }
            _ => argument,
        })
        .mut_subcommands(|command| without_blank_variables(command, ignored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_white_space_only_is_blank() {
        for blank in ["", " ", "\t", " \r\n", "\u{a0}", "\u{3000} "] {
            assert!(is_blank(OsStr::new(blank)), "{blank:?}");
        }
        for value in ["a", " a ", "-", "\u{200b}a"] {
            assert!(!is_blank(OsStr::new(value)), "{value:?}");
        }
    }
}
