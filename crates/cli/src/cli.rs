//! The command line as clap parses it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Parser, Subcommand};
use latchkey_console::{PathProblem, as_address, exit_statuses, path, path_of, strip_prefix};
use latchkey_device::{OutboxId, StoreChoice};

/// Activate, refresh and deactivate a licence on this computer without a network connection.
///
/// Standard output carries only the result: tokens, one per line, or the reports of “status”,
/// “doctor” and “inspect”. All other messages and every error go to standard error. With --json,
/// standard output carries one JSON document, and an error is a JSON document on standard error.
///
/// A leading ~ in a path means the home folder. A blank environment variable counts as unset.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version = latchkey_console::VERSION, after_help = exit_statuses())]
pub(crate) struct Args {
    /// The vendor's configuration [default: the one next to this program]
    #[arg(long, value_name = "FILE", env = "LATCHKEY_CONFIG", global = true, value_parser = path())]
    pub(crate) config: Option<PathBuf>,

    /// Where the licence is stored: “keyring”, “file” or “file:PATH”; overrides the configuration
    #[arg(
        long,
        value_name = "STORE",
        value_parser = OsStringValueParser::new().try_map(parse_store),
        global = true
    )]
    pub(crate) store: Option<StoreChoice>,

    /// Print the result as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a request token to take to the licence portal
    Request {
        /// The activation code; `-` reads it from standard input, so that no process list shows it
        #[arg(long, value_name = "CODE|-")]
        code: String,
        /// Don't ask for confirmation if the code looks mistyped. Without a terminal, it never asks
        #[arg(long)]
        code_is_right: bool,
        /// The seat's name [default: this computer's name; with --renew, the seat's current name]
        #[arg(long, value_name = "NAME")]
        seat_name: Option<String>,
        /// Renew the current licence, even before its lease ends, if the vendor requires a request
        #[arg(long)]
        renew: bool,
    },
    /// Apply the response and refresh tokens in a text that are meant for this computer
    Apply {
        /// Files that contain tokens, or a token itself [default: standard input, like -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// Show the licence status
    Status,
    /// Return the seat: removes the licence immediately and creates a deactivation token
    Deactivate {
        /// Confirm the deactivation (required)
        #[arg(long)]
        yes: bool,
    },
    /// List the deactivation tokens that haven't been delivered to the vendor yet
    Outbox {
        /// Mark this token as delivered
        #[arg(long, value_name = "ID")]
        delivered: Option<OutboxId>,
    },
    /// Create a print sheet for each token in a text: what it is for, and its rows for typing
    Sheet {
        /// Files that contain tokens, or a token itself [default: standard input, like -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
        /// Create a printable web page with a QR code
        #[arg(long)]
        html: bool,
        /// Print only the rows, spelled out for reading aloud
        #[arg(long, conflicts_with = "html")]
        aloud: bool,
    },
    /// Type a token from paper, row by row; each row is checked immediately
    Type {
        /// Apply the token once it is complete, instead of printing it
        #[arg(long)]
        apply: bool,
    },
    /// Show which hardware a licence is bound to and how stable it is, and check clock and store
    Doctor,
    /// Show which tokens a text contains and whether they are intact
    Inspect {
        /// Files that contain tokens, or a token itself [default: standard input, like -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// Work with the vendor's configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the version, like --version
    Version,
    /// Write the completions and manual pages of this program
    #[command(hide = true)]
    Documents {
        /// Folder to write to
        #[arg(long, value_name = "DIR", value_parser = path())]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Find what is wrong with the branding: the logo, the accent colour, the portal's address, the
    /// texts and the languages. Exit status 2 if there is a problem
    Check,
}

/// Why a value of `--store` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum StoreProblem {
    #[error("expected “keyring”, “file” or “file:PATH”")]
    Unknown,
    #[error("expected “file:PATH”, where “PATH” is on this computer, such as “file:/srv/licence”")]
    Host,
    #[error(transparent)]
    Path(#[from] PathProblem),
}

fn parse_store(text: OsString) -> Result<StoreChoice, StoreProblem> {
    // A script that was saved on Windows may add a carriage return.
    let text = match text.to_str() {
        Some(text) => text.trim_end_matches(['\r', '\n']).into(),
        None => text,
    };
    match text.to_str() {
        Some("keyring") => return Ok(StoreChoice::Keyring),
        Some("file") => return Ok(StoreChoice::File),
        _ => {}
    }
    let path = strip_prefix(&text, "file:").filter(|path| !path.is_empty());
    let path = path.ok_or(StoreProblem::Unknown)?;
    // Then the whole text is a file URL, and not a path after our own prefix.
    if path.to_str().is_some_and(|path| path.starts_with("//")) {
        let path = as_address(&text).ok_or(StoreProblem::Host)?;
        return path.map(StoreChoice::FileAt).map_err(|problem| match problem {
            PathProblem::Host { .. } | PathProblem::Address { .. } => StoreProblem::Host,
            other => StoreProblem::Path(other),
        });
    }
    Ok(StoreChoice::FileAt(path_of(&path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_definition_is_valid() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn a_store_is_the_keyring_or_a_file_and_nothing_else() {
        let read = |text: &str| parse_store(text.into());
        assert_eq!(read("keyring"), Ok(StoreChoice::Keyring));
        assert_eq!(read("file"), Ok(StoreChoice::File));
        assert_eq!(read("file:/a b:c"), Ok(StoreChoice::FileAt("/a b:c".into())));
        assert_eq!(read("file:///a%20b"), Ok(StoreChoice::FileAt("/a b".into())));
        assert_eq!(read("file:./~/a"), Ok(StoreChoice::FileAt("./~/a".into())));
        for with_return in ["keyring\r", "file\r\n", "file:lic\r"] {
            assert_eq!(read(with_return), read(with_return.trim_end()), "{with_return:?}");
        }
        let quoted = read("file:\"lic\"");
        assert!(matches!(quoted, Err(StoreProblem::Path(PathProblem::Quoted { .. }))));
        for host in ["file://a", "file://a/b", "file://~/a", "file://"] {
            assert_eq!(read(host), Err(StoreProblem::Host), "{host}");
        }
        #[cfg(not(windows))]
        for windows in
            [r"file:C:\a", "file:C:/a", "file:///C:/a", r"file:\\server\share\a", r"file:.\a"]
        {
            let problem = read(windows);
            assert!(matches!(problem, Err(StoreProblem::Path(PathProblem::Windows { .. }))));
        }
        for wrong in
            ["", "file:", "keyrings", "/a", "file:$HOME/a", "file:${HOME}/a", "file:~kim/a"]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
