//! What an exit status means, in both programs: the one table that the programs, their `--help` and the documentation
//! are made from.

use std::fmt::Write as _;
use std::process::ExitCode;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// The call did what it was asked for.
    Done = 0,
    /// The call makes no sense as it was written.
    Usage = 2,
    /// A token or a text was refused.
    Refused = 3,
    /// The present state doesn't allow it.
    State = 4,
    /// The machine fails.
    Machine = 5,
}

impl Exit {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::Done, Self::Usage, Self::Refused, Self::State, Self::Machine];

    /// The number that the calling program sees.
    #[must_use]
    pub const fn status(self) -> u8 {
        self as u8
    }

    /// When a program ends with it.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "Done. That nobody read the answer to its end is no error.",
            Self::Usage => {
                "The call makes no sense as it was written, or a file that it names can't be read. \
                 Nothing was done."
            }
            Self::Refused => {
                "A token was refused, or there is none in the text. The other tokens of the same \
                 text were used all the same."
            }
            Self::State => {
                "The present state doesn't allow it: the licence is active already, there is none, \
                 no seat is free. Nothing was done about that one; of several tokens or seats, the \
                 others were used all the same."
            }
            Self::Machine => {
                "The machine fails: the keyring, the database, the keys, the clock, the disk, or \
                 standard output can't be used."
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// The table as it stands at the end of `--help`.
#[must_use]
pub fn exit_statuses() -> String {
    let mut text = String::from("Exit status, the highest where several apply:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit.status(), exit.meaning());
    }
    text.truncate(text.trim_end().len());
    text
}
