//! The meaning of the exit statuses of both programs: the single table from which the programs,
//! their `--help` and the documentation are generated.

use std::fmt::Write as _;
use std::process::ExitCode;

/// The exit status of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// The command was successful.
    Done = 0,
    /// The command line is invalid.
    Usage = 2,
    /// A token or a text was refused.
    Refused = 3,
    /// The current state doesn't allow it.
    State = 4,
    /// A resource of the machine can't be used.
    Machine = 5,
}

impl Exit {
    /// All exit statuses, in order.
    pub const ALL: [Self; 5] = [Self::Done, Self::Usage, Self::Refused, Self::State, Self::Machine];

    /// The number that the calling program sees.
    #[must_use]
    pub const fn status(self) -> u8 {
        self as u8
    }

    /// The description of when a program exits with this status.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "Success. It is not an error if the reader of a pipe closes it early.",
            Self::Usage => {
                "The command line is invalid, or a file that it names can't be read. Nothing was \
                 done."
            }
            Self::Refused => {
                "A token was refused, or there is none in the text. The other tokens of the same \
                 text were used."
            }
            Self::State => {
                "The current state doesn't allow it: the licence is already active, there is none, \
                 no seat is free. That one was not changed; of several tokens or seats, the others \
                 were used."
            }
            Self::Machine => {
                "A failure of the machine: the keyring, the database, the keys, the clock, the disk, \
                 standard output or standard error can't be used."
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// The table at the end of `--help`.
#[must_use]
pub fn exit_statuses() -> String {
    let mut text = String::from("Exit status, the highest where several apply:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit.status(), exit.meaning());
    }
    text.truncate(text.trim_end().len());
    text
}
