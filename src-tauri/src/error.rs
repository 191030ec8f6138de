//! Errors that only the wizard has, and how any error is told to the pages: the code for machines, the
//! catalogue's words for people.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use latchkey_device::time::{in_calendar, to_rfc3339};
use latchkey_token::{Code, Coded, Detail, TextError};
use thiserror::Error;

use crate::view::Problem;

/// What a command gives back.
pub type Answer<T> = Result<T, Problem>;

/// All codes of the wizard, 6500 to 6999.
pub const CODES: &[Code] = &[
    INTERRUPTED,
    CLIPBOARD_UNAVAILABLE,
    CLIPBOARD_NOT_KEPT,
    CLIPBOARD_EMPTY,
    FILE_NOT_WRITTEN,
    FILE_NOT_READ,
    FILE_TOO_LARGE,
    CLIPBOARD_NOT_TEXT,
    NO_DISPLAY,
    NO_WINDOW,
    TOO_FEW_COLOURS,
    CLIPBOARD_REMOTE,
    CLIPBOARD_MANY_FILES,
    PICTURE_TOO_LARGE,
    PICTURE_UNREADABLE,
    PICTURE_NO_CODE,
    PICTURE_TOO_MUCH_WORK,
    NOT_PRINTED,
    CAMERA,
];

// The pages use these as well, see ui/src/ipc.ts, ui/src/files.ts and ui/src/components/CameraDialog.svelte.
const CAMERA: Code = Code::new("wizard.camera", 6534);
const INTERRUPTED: Code = Code::new("wizard.interrupted", 6500);
const FILE_TOO_LARGE: Code = Code::new("wizard.file_too_large", 6506);

const NO_DISPLAY: Code = Code::new("wizard.no_display", 6509);
const NO_WINDOW: Code = Code::new("wizard.no_window", 6510);
const TOO_FEW_COLOURS: Code = Code::new("wizard.too_few_colours", 6511);
const CLIPBOARD_REMOTE: Code = Code::new("wizard.clipboard_remote", 6512);
const CLIPBOARD_MANY_FILES: Code = Code::new("wizard.clipboard_many_files", 6513);
const CLIPBOARD_UNAVAILABLE: Code = Code::new("wizard.clipboard_unavailable", 6501);
const CLIPBOARD_NOT_KEPT: Code = Code::new("wizard.clipboard_not_kept", 6502);
const CLIPBOARD_EMPTY: Code = Code::new("wizard.clipboard_empty", 6503);
const CLIPBOARD_NOT_TEXT: Code = Code::new("wizard.clipboard_not_text", 6508);
const FILE_NOT_WRITTEN: Code = Code::new("wizard.file_not_written", 6504);
const FILE_NOT_READ: Code = Code::new("wizard.file_not_read", 6505);
const PICTURE_TOO_LARGE: Code = Code::new("wizard.picture_too_large", 6530);
const PICTURE_UNREADABLE: Code = Code::new("wizard.picture_unreadable", 6531);
const PICTURE_NO_CODE: Code = Code::new("wizard.picture_no_code", 6532);
const PICTURE_TOO_MUCH_WORK: Code = Code::new("wizard.picture_too_much_work", 6535);
const NOT_PRINTED: Code = Code::new("wizard.not_printed", 6533);

/// Work that ended without an answer, for example because its thread died.
#[derive(Debug, Error)]
#[error("the work ended without an answer")]
pub struct Interrupted;

impl Coded for Interrupted {
    fn code(&self) -> Code {
        INTERRUPTED
    }
}

/// There is no display to open a window on.
#[derive(Debug, Error)]
#[error("there is no display")]
pub struct NoDisplay;

impl Coded for NoDisplay {
    fn code(&self) -> Code {
        NO_DISPLAY
    }
}

/// The window system can't open the wizard's window.
#[derive(Debug, Error)]
#[error("the window can't be opened: {reason}")]
pub struct NoWindow {
    /// What the window system says.
    pub reason: String,
}

impl Coded for NoWindow {
    fn code(&self) -> Code {
        NO_WINDOW
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        vec![("reason", self.reason.as_str().into())]
    }
}

/// The display shows so few colours that the window would stay empty.
#[derive(Debug, Error)]
#[error("the display has {depth} bits of colour")]
pub struct TooFewColours {
    /// Its colour depth in bits.
    pub depth: i32,
}

impl Coded for TooFewColours {
    fn code(&self) -> Code {
        TOO_FEW_COLOURS
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        vec![("depth", self.depth.to_string().into())]
    }
}

/// Why something isn't on the clipboard, or can't be taken from there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClipboardError {
    /// There is no clipboard, or it can't be reached.
    #[error("the clipboard can't be used")]
    Unavailable,
    /// What was read back isn't what was put there.
    #[error("the text didn't arrive on the clipboard")]
    NotKept,
    /// There is nothing on it.
    #[error("there is nothing on the clipboard")]
    Empty,
    /// There is something on it, such as a picture, and no text.
    #[error("there is no text on the clipboard")]
    NotText,
    /// There is a picture on it that says nothing.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A file was copied that is on another computer, such as a phone or a server.
    #[error("the copied file is on another computer: {address}")]
    Remote {
        /// Its address.
        address: String,
    },
    /// More files were copied than are read at once.
    #[error("more than {limit} files were copied")]
    TooManyFiles {
        /// How many may be read.
        limit: usize,
    },
}

impl Coded for ClipboardError {
    fn code(&self) -> Code {
        match self {
            Self::Unavailable => CLIPBOARD_UNAVAILABLE,
            Self::NotKept => CLIPBOARD_NOT_KEPT,
            Self::Empty => CLIPBOARD_EMPTY,
            Self::NotText => CLIPBOARD_NOT_TEXT,
            Self::Picture(error) => error.code(),
            Self::Remote { .. } => CLIPBOARD_REMOTE,
            Self::TooManyFiles { .. } => CLIPBOARD_MANY_FILES,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::Picture(error) => error.details(),
            Self::Remote { address } => vec![("address", address.as_str().into())],
            Self::TooManyFiles { limit } => vec![("limit", (*limit).into())],
            _ => Vec::new(),
        }
    }
}

/// Why a picture says nothing.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureError {
    /// It has more pixels than are looked at.
    #[error("the picture is too large")]
    TooLarge,
    /// It is no whole picture of a format that is read.
    #[error("the picture can't be read")]
    Unreadable,
    /// There is no QR code in it, or none that can be made out.
    #[error("there is no QR code in the picture")]
    NoCode,
    /// Looking for codes in it takes too long.
    #[error("looking for QR codes in the picture takes too much work")]
    TooMuchWork,
    /// The process that reads pictures couldn't be started, or ended without an answer.
    #[error("reading the picture was interrupted")]
    Interrupted,
    /// It is of a kind that isn't read, or has more pages than are looked at.
    #[error(transparent)]
    Text(#[from] TextError),
}

impl Coded for PictureError {
    fn code(&self) -> Code {
        match self {
            Self::TooLarge => PICTURE_TOO_LARGE,
            Self::Unreadable => PICTURE_UNREADABLE,
            Self::NoCode => PICTURE_NO_CODE,
            Self::TooMuchWork => PICTURE_TOO_MUCH_WORK,
            Self::Interrupted => INTERRUPTED,
            Self::Text(error) => error.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::Text(error) => error.details(),
            _ => Vec::new(),
        }
    }
}

/// The system's print dialog can't be opened.
#[derive(Debug, Error)]
#[error("nothing can be printed")]
pub struct NotPrinted;

impl Coded for NotPrinted {
    fn code(&self) -> Code {
        NOT_PRINTED
    }
}

/// Why a file wasn't written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// It couldn't be written.
    #[error("{file} couldn't be written")]
    NotWritten {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It couldn't be read.
    #[error("{file} couldn't be read")]
    NotRead {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is larger than any text with tokens.
    #[error("{file} is larger than {limit} MiB")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// It is a picture that says nothing.
    #[error("{file}: {error}")]
    Picture {
        /// The file.
        file: String,
        /// What is wrong with the picture.
        error: PictureError,
    },
    /// It isn't text.
    #[error("{file}: {error}")]
    NotText {
        /// The file.
        file: String,
        /// What it is.
        error: TextError,
    },
}

impl FileError {
    pub(crate) fn not_written(file: &Path, source: io::Error) -> Self {
        Self::NotWritten { file: file.display().to_string(), source }
    }

    pub(crate) fn not_read(file: &Path, source: io::Error) -> Self {
        Self::NotRead { file: file.display().to_string(), source }
    }
}

impl Coded for FileError {
    fn code(&self) -> Code {
        match self {
            Self::NotWritten { .. } => FILE_NOT_WRITTEN,
            Self::NotRead { .. } => FILE_NOT_READ,
            Self::TooLarge { .. } => FILE_TOO_LARGE,
            Self::NotText { error, .. } => error.code(),
            Self::Picture { error, .. } => error.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::NotWritten { file, source } if source.kind() == io::ErrorKind::NotFound => {
                let reason = latchkey_words::text("wizard-reason-no_folder", &[]);
                vec![("file", file.clone().into()), ("reason", reason.into())]
            }
            Self::NotWritten { file, source } | Self::NotRead { file, source } => {
                vec![("file", file.clone().into()), ("reason", reason(source).into())]
            }
            Self::TooLarge { file, limit } => {
                vec![("file", file.clone().into()), ("limit", (*limit).into())]
            }
            Self::NotText { file, error } => about(file, error),
            Self::Picture { file, error } => about(file, error),
        }
    }
}

/// An error's details, and the file; the pages know by themselves what a file is called that was dropped.
fn about(file: &str, error: &dyn Coded) -> Vec<(&'static str, Detail)> {
    let mut details = error.details();
    if !file.is_empty() {
        details.push(("file", file.into()));
    }
    details
}

/// What the system says, in the catalogue's words: its own are for programmers.
fn reason(error: &io::Error) -> String {
    let id = match error.kind() {
        io::ErrorKind::NotFound => "wizard-reason-missing",
        io::ErrorKind::PermissionDenied => "wizard-reason-permission",
        io::ErrorKind::ReadOnlyFilesystem => "wizard-reason-read_only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "wizard-reason-full",
        io::ErrorKind::IsADirectory => "wizard-reason-folder",
        _ => "wizard-reason-other",
    };
    latchkey_words::text(id, &[])
}

impl<E: Coded> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

impl Problem {
    /// Several as one: the first, which has the words of all of them.
    #[must_use]
    pub fn of_several(problems: Vec<Self>) -> Option<Self> {
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.clone()).collect();
        let first = problems.into_iter().next()?;
        Some(Self { message: messages.join(" "), ..first })
    }

    /// An error in words.
    #[must_use]
    pub fn of(error: &dyn Coded) -> Self {
        let explained = latchkey_words::explain(error);
        let details = error
            .details()
            .into_iter()
            .map(|(name, detail)| {
                let value = match detail {
                    Detail::Time(seconds) => {
                        in_calendar(seconds).map_or_else(|| seconds.to_string(), to_rfc3339)
                    }
                    other => other.to_string(),
                };
                (name.to_owned(), value)
            })
            .collect::<BTreeMap<_, _>>();
        // Of several files, a person wants to know which: not every sentence says so by itself.
        let message = match details.get("file") {
            Some(file) if !explained.message.contains(file.as_str()) => {
                let values =
                    [("file", file.as_str().into()), ("message", explained.message.into())];
                latchkey_words::text("wizard-in-file", &values)
            }
            _ => explained.message,
        };
        let Code { name, number } = error.code();
        Self { code: name.to_owned(), number, message, action: explained.action, details }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_its_range_and_used_once() {
        let mut seen = std::collections::BTreeSet::new();
        for code in CODES {
            assert!((6500..7000).contains(&code.number), "{code}");
            assert!(seen.insert(code.number), "{code}");
            assert!(code.name.starts_with("wizard."));
        }
    }

    /// An error that has nothing but its code.
    #[derive(Debug, Error)]
    #[error("{0}")]
    struct Bare(Code);

    impl Coded for Bare {
        fn code(&self) -> Code {
            self.0
        }
    }

    #[test]
    fn whatever_a_token_or_the_computer_gives_has_words_of_its_own_and_a_next_step() {
        let mut said = BTreeMap::new();
        for code in latchkey_token::CODES.iter().chain(latchkey_device::CODES).chain(CODES) {
            let Problem { message, action, number, .. } = Problem::of(&Bare(*code));
            assert_eq!(number, code.number);
            assert!(
                message.contains(' ') && message.ends_with(['.', ':', '}', '?', '!']),
                "{code}: {message}"
            );
            assert!(action.contains(' ') && action.ends_with(['.', '?']), "{code}: {action}");
            if let Some(other) = said.insert(message.clone(), code) {
                panic!("{code} and {other} say the same: {message}");
            }
        }
    }

    #[test]
    fn an_error_reaches_the_pages_in_words_with_its_code_and_the_details() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let problem = Problem::from(FileError::not_written(Path::new("/media/stick/a.txt"), full));
        assert_eq!((problem.code.as_str(), problem.number), ("wizard.file_not_written", 6504));
        assert_eq!(problem.details["file"], "/media/stick/a.txt");
        assert!(problem.message.contains("/media/stick/a.txt"));
        assert!(problem.message.contains(&latchkey_words::text("wizard-reason-full", &[])));
        assert!(!problem.action.is_empty());
    }
}
