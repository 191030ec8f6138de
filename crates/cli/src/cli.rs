//! The command line's shape.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Parser, Subcommand};
use latchkey_console::{PathProblem, after_prefix, as_address, exit_statuses, path, path_of};
use latchkey_device::{OutboxId, StoreChoice};

/// Activate, refresh and deactivate a licence on this computer, which needs no connection.
///
/// Standard output carries what was asked for: tokens, one a line and nothing beside them, or what “status”, “doctor”
/// and “inspect” report. What is said beside that, and every error, is on standard error. With --json there is one
/// document on standard output, and an error is a document on standard error.
///
/// Wherever a path is asked for, ~ at its front is the home folder. A variable that is empty isn't set.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, after_help = exit_statuses())]
pub(crate) struct Args {
    /// The vendor's configuration [default: latchkey.toml beside this program]
    #[arg(long, value_name = "FILE", env = "LATCHKEY_CONFIG", global = true, value_parser = path())]
    pub(crate) config: Option<PathBuf>,

    /// Where the licence is kept, instead of what the configuration says
    #[arg(long, value_name = "keyring|file|file:PATH", value_parser = OsStringValueParser::new().try_map(store), global = true)]
    pub(crate) store: Option<StoreChoice>,

    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a request token, to be taken to the licence portal
    Request {
        /// The activation code; `-` reads it from standard input, where no list of processes shows it
        #[arg(long, value_name = "CODE|-")]
        code: String,
        /// The code is as it was sent: don't ask about one that looks mistyped. Without a terminal nothing is asked
        #[arg(long)]
        code_is_right: bool,
        /// The seat's name [default: this computer's name; with --renew the name that it has]
        #[arg(long, value_name = "NAME")]
        seat_name: Option<String>,
        /// Renew the licence that is here, also while its lease runs: where the vendor wants a request for it
        #[arg(long)]
        renew: bool,
    },
    /// Apply the response and refresh tokens in a text; it picks its own among many
    Apply {
        /// Files with any text that has tokens in it, or a token itself [default: standard input, as for -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// How it stands with the licence on this computer
    Status,
    /// Give the seat back: the licence is gone at once, and there is a deactivation token
    Deactivate {
        /// Yes, really
        #[arg(long)]
        yes: bool,
    },
    /// Deactivation tokens that haven't been handed in yet
    Outbox {
        /// This one has been handed in
        #[arg(long, value_name = "ID")]
        delivered: Option<OutboxId>,
    },
    /// A print sheet of each token in a text: what it is, what to do with it, and its rows to type
    Sheet {
        /// Files with any text that has tokens in it, or a token itself [default: standard input, as for -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
        /// As a web page to print, with a picture to scan
        #[arg(long)]
        html: bool,
        /// Only the rows, in words for reading aloud
        #[arg(long, conflicts_with = "html")]
        aloud: bool,
    },
    /// Type a token from paper, row by row; each row is checked at once
    Type {
        /// Apply it when it is whole, instead of writing it to standard output
        #[arg(long)]
        apply: bool,
    },
    /// What of this computer a licence is bound to, how stable that is, and whether clock and store are in order
    Doctor,
    /// What is in this text: kind, for whom, whole, repaired, or damaged and where
    Inspect {
        /// Files with any text that has tokens in it, or a token itself [default: standard input, as for -]
        #[arg(value_name = "FILE")]
        files: Vec<OsString>,
    },
    /// Which version this is, as --version says it
    Version,
}

/// Why a place isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum StoreProblem {
    #[error("expected “keyring”, “file” or “file:PATH”")]
    Unknown,
    #[error("expected “file:PATH”, where “PATH” is on this computer, such as “file:/srv/licence”")]
    Host,
    #[error(transparent)]
    Path(#[from] PathProblem),
}

fn store(text: OsString) -> Result<StoreChoice, StoreProblem> {
    // A script that was saved on Windows has one there.
    let text = match text.to_str() {
        Some(text) => text.trim_end_matches(['\r', '\n']).into(),
        None => text,
    };
    match text.to_str() {
        Some("keyring") => return Ok(StoreChoice::Keyring),
        Some("file") => return Ok(StoreChoice::File),
        _ => {}
    }
    let path = after_prefix(&text, "file:").filter(|path| !path.is_empty());
    let path = path.ok_or(StoreProblem::Unknown)?;
    // The whole is an address then, and not a path behind a word of ours.
    if path.to_str().is_some_and(|path| path.starts_with("//")) {
        let path = as_address(&text).ok_or(StoreProblem::Host)?;
        return path.map(StoreChoice::FileAt).map_err(|_| StoreProblem::Host);
    }
    Ok(StoreChoice::FileAt(path_of(&path)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn a_store_is_the_keyring_or_a_file_and_nothing_else() {
        let read = |text: &str| store(text.into());
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
        for wrong in
            ["", "file:", "keyrings", "/a", "file:$HOME/a", "file:${HOME}/a", "file:~kim/a"]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
