//! The wizard's own errors, and how any error is passed to the pages: with its code, and with the
//! catalogue's message and next step.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use latchkey_console::PathProblem;
use latchkey_device::time::{in_calendar, to_rfc3339};
use latchkey_token::{ErrorArg, ErrorCode, HasErrorCode, TextError};
use thiserror::Error;

use crate::view::Problem;

/// What a command returns to the pages.
pub type CommandResult<T> = Result<T, Problem>;

// The codes of the wizard, 6500 to 6999. The pages use some of them as well: see ui/src/ipc.ts and
// ui/src/components/CameraDialog.svelte.
latchkey_token::error_codes! {
    INTERRUPTED = "wizard.interrupted", 6500;
    CLIPBOARD_UNAVAILABLE = "wizard.clipboard_unavailable", 6501;
    CLIPBOARD_NOT_KEPT = "wizard.clipboard_not_kept", 6502;
    CLIPBOARD_EMPTY = "wizard.clipboard_empty", 6503;
    FILE_NOT_WRITTEN = "wizard.file_not_written", 6504;
    FILE_NOT_READ = "wizard.file_not_read", 6505;
    FILE_TOO_LARGE = "wizard.file_too_large", 6506;
    CLIPBOARD_NOT_TEXT = "wizard.clipboard_not_text", 6508;
    NO_DISPLAY = "wizard.no_display", 6509;
    NO_WINDOW = "wizard.no_window", 6510;
    TOO_FEW_COLOURS = "wizard.too_few_colours", 6511;
    CLIPBOARD_REMOTE = "wizard.clipboard_remote", 6512;
    CLIPBOARD_MANY_FILES = "wizard.clipboard_many_files", 6513;
    CLIPBOARD_NO_FILE = "wizard.clipboard_no_file", 6514;
    NO_WEBVIEW = "wizard.no_webview", 6515;
    PICTURE_TOO_LARGE = "wizard.picture_too_large", 6530;
    PICTURE_UNREADABLE = "wizard.picture_unreadable", 6531;
    PICTURE_NO_CODE = "wizard.picture_no_code", 6532;
    PICTURE_TOO_MUCH_WORK = "wizard.picture_too_much_work", 6535;
    NOT_PRINTED = "wizard.not_printed", 6533;
    CAMERA = "wizard.camera", 6534;
}

/// An operation that ended without a result. Every cause has the same code, because the user can
/// only try again.
#[derive(Debug, Error, HasErrorCode)]
#[non_exhaustive]
pub enum InternalError {
    /// The task of the operation panicked.
    #[code(codes::INTERRUPTED)]
    #[error("the task of the operation panicked")]
    TaskPanicked,
    /// A command that needs the configuration was called before it was loaded.
    #[code(codes::INTERRUPTED)]
    #[error("the configuration isn't loaded")]
    ConfigNotLoaded,
    /// The text of the pages contains no token with a result.
    #[code(codes::INTERRUPTED)]
    #[error("the text contains no token with a result")]
    NoResult,
}

/// There is no display to open a window on.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::NO_DISPLAY)]
#[error("there is no display")]
pub struct NoDisplay;

/// The system lacks the web view that shows the window's content.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::NO_WEBVIEW)]
#[error("WebView2 isn't installed")]
pub struct NoWebView;

/// The window system can't open the wizard's window.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::NO_WINDOW)]
#[error("the window can't be opened: {reason}")]
pub struct NoWindow {
    /// The window system's message.
    pub reason: String,
}

/// The display has so few colours that the window would stay empty.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::TOO_FEW_COLOURS)]
#[error("the display has {depth} bits of colour")]
pub struct TooFewColours {
    /// Its colour depth in bits.
    #[detail(display)]
    pub depth: i32,
}

/// Why a text can't be copied to or pasted from the clipboard.
#[derive(Debug, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ClipboardError {
    /// There is no clipboard, or it can't be accessed.
    #[code(codes::CLIPBOARD_UNAVAILABLE)]
    #[error("the clipboard can't be used")]
    Unavailable,
    /// The text that was read back differs from the text that was copied.
    #[code(codes::CLIPBOARD_NOT_KEPT)]
    #[error("the text didn't arrive on the clipboard")]
    VerifyFailed,
    /// The clipboard is empty.
    #[code(codes::CLIPBOARD_EMPTY)]
    #[error("the clipboard is empty")]
    Empty,
    /// The clipboard has content in other formats only, such as a picture.
    #[code(codes::CLIPBOARD_NOT_TEXT)]
    #[error("the clipboard contains no text")]
    NotText,
    /// The clipboard contains a picture from which no code could be read.
    #[code(transparent)]
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The copied file is on another device, such as a phone or a server.
    #[code(codes::CLIPBOARD_REMOTE)]
    #[error("the copied file is on another computer: {address}")]
    Remote {
        /// The file's address.
        address: String,
    },
    /// More files were copied than can be read at once.
    #[code(codes::CLIPBOARD_MANY_FILES)]
    #[error("more than {limit} files were copied")]
    TooManyFiles {
        /// The largest number of files that can be read at once.
        limit: usize,
    },
    /// The copied text is the path of a file that doesn't exist on this device.
    #[code(codes::CLIPBOARD_NO_FILE)]
    #[error("{path} doesn't exist on this device")]
    NoFile {
        /// The path.
        path: String,
    },
}

/// Why no code was read from a picture.
#[derive(Debug, Error, PartialEq, Eq, HasErrorCode)]
#[non_exhaustive]
pub enum PictureError {
    /// The picture has more pixels than are processed.
    #[code(codes::PICTURE_TOO_LARGE)]
    #[error("the picture is too large")]
    TooLarge,
    /// The picture is incomplete, or its format isn't supported.
    #[code(codes::PICTURE_UNREADABLE)]
    #[error("the picture can't be read")]
    Unreadable,
    /// The picture contains no readable QR code.
    #[code(codes::PICTURE_NO_CODE)]
    #[error("there is no QR code in the picture")]
    NoCode,
    /// Searching the picture for codes takes too much work.
    #[code(codes::PICTURE_TOO_MUCH_WORK)]
    #[error("searching the picture for QR codes takes too much work")]
    TooMuchWork,
    /// The process that decodes pictures couldn't be started, or ended without a result.
    #[code(codes::INTERRUPTED)]
    #[error("decoding the picture was interrupted")]
    Interrupted,
    /// The file is of an unsupported kind, or has more pages than are processed.
    #[code(transparent)]
    #[error(transparent)]
    Text(#[from] TextError),
}

/// The system's print dialog can't be opened.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::NOT_PRINTED)]
#[error("the print dialog can't be opened")]
pub struct PrintFailed;

/// Why a file couldn't be written or read.
#[derive(Debug, Error, HasErrorCode)]
#[non_exhaustive]
pub enum FileError {
    /// The file couldn't be written.
    #[code(codes::FILE_NOT_WRITTEN, reason = write_reason(source))]
    #[error("{file} couldn't be written")]
    WriteFailed {
        /// The file.
        file: String,
        /// The operating system's error.
        #[source]
        #[detail(skip)]
        source: io::Error,
    },
    /// The file couldn't be read.
    #[code(codes::FILE_NOT_READ, reason = reason(source))]
    #[error("{file} couldn't be read")]
    ReadFailed {
        /// The file.
        file: String,
        /// The operating system's error.
        #[source]
        #[detail(skip)]
        source: io::Error,
    },
    /// The name that was given isn't a path of a file on this computer.
    #[code(codes::FILE_NOT_READ, reason = path_reason(problem))]
    #[error("{file}: {problem}")]
    NotAPath {
        /// The name.
        file: String,
        /// Why it isn't a path.
        #[detail(skip)]
        problem: PathProblem,
    },
    /// The file is larger than any text with tokens.
    #[code(codes::FILE_TOO_LARGE)]
    #[error("{file} is larger than {limit} MiB")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// The file is a picture from which no code could be read.
    #[code(error.code(), details = details_with_file(file, error))]
    #[error("{file}: {error}")]
    Picture {
        /// The file.
        file: String,
        /// What is wrong with the picture.
        error: PictureError,
    },
    /// The file isn't text.
    #[code(error.code(), details = details_with_file(file, error))]
    #[error("{file}: {error}")]
    NotText {
        /// The file.
        file: String,
        /// What the file is.
        error: TextError,
    },
}

impl FileError {
    pub(crate) fn write_failed(file: &Path, source: io::Error) -> Self {
        Self::WriteFailed { file: file.display().to_string(), source }
    }

    pub(crate) fn read_failed(file: &Path, source: io::Error) -> Self {
        Self::ReadFailed { file: file.display().to_string(), source }
    }
}

/// The reason why a file isn't written: if it isn't found, its folder is missing.
fn write_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => latchkey_i18n::text("wizard-reason-no_folder", &[]),
        _ => reason(error),
    }
}

/// An error's details and the file's name.
fn details_with_file(file: &str, error: &dyn HasErrorCode) -> Vec<(&'static str, ErrorArg)> {
    let mut details = error.details();
    details.push(("file", file.into()));
    details
}

/// The reason why a name isn't a path, in the catalogue's words.
fn path_reason(problem: &PathProblem) -> String {
    let id = match problem {
        PathProblem::Windows { .. } => "wizard-reason-windows_path",
        PathProblem::Host { .. } | PathProblem::Address { .. } => "wizard-reason-address",
        PathProblem::Variable { .. } => "wizard-reason-variable",
        PathProblem::Quoted { .. } => "wizard-reason-quoted",
        _ => "wizard-reason-no_path",
    };
    latchkey_i18n::text(id, &[])
}

/// The reason of an I/O error in the catalogue's words; the system's own are for programmers.
fn reason(error: &io::Error) -> String {
    let id = match latchkey_files::reason(error) {
        "missing" => "wizard-reason-missing",
        "permission" => "wizard-reason-permission",
        "read_only" => "wizard-reason-read_only",
        "full" => "wizard-reason-full",
        "folder" => "wizard-reason-folder",
        "in_use" => "wizard-reason-in_use",
        _ => "wizard-reason-other",
    };
    latchkey_i18n::text(id, &[])
}

impl<E: HasErrorCode> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::new(&error)
    }
}

impl Problem {
    /// Merges several problems: the first, with the messages of all.
    #[must_use]
    pub fn merge(problems: Vec<Self>) -> Option<Self> {
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.clone()).collect();
        let first = problems.into_iter().next()?;
        Some(Self { message: messages.join(" "), ..first })
    }

    /// The same problem, which also says that other stores have this many deactivations that
    /// weren't handed in.
    #[must_use]
    pub fn with_outbox_elsewhere(self, count: usize) -> Self {
        if count == 0 {
            return self;
        }
        let more = latchkey_i18n::text("wizard-store-outbox-elsewhere", &[("count", count.into())]);
        Self { action: format!("{} {more}", self.action), ..self }
    }

    /// An error with its message and next step in the user's language.
    #[must_use]
    pub fn new(error: &dyn HasErrorCode) -> Self {
        let explained = latchkey_i18n::explain(error);
        let details = error
            .details()
            .into_iter()
            .map(|(name, detail)| {
                let value = match detail {
                    ErrorArg::Time(seconds) => {
                        in_calendar(seconds).map_or_else(|| seconds.to_string(), to_rfc3339)
                    }
                    other => other.to_string(),
                };
                (name.to_owned(), value)
            })
            .collect::<BTreeMap<_, _>>();
        // With several files the user must see which one is meant, and not every message names it.
        let message = match details.get("file") {
            Some(file) if !explained.message.contains(file.as_str()) => {
                let values =
                    [("file", file.as_str().into()), ("message", explained.message.into())];
                latchkey_i18n::text("wizard-in-file", &values)
            }
            _ => explained.message,
        };
        let ErrorCode { name, number } = error.code();
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

    /// An error with a code and no details.
    #[derive(Debug, Error, HasErrorCode)]
    #[code(*_0)]
    #[error("{0}")]
    struct Bare(ErrorCode);

    #[test]
    fn every_error_of_token_device_and_wizard_has_its_own_message_and_a_next_step() {
        let mut messages = BTreeMap::new();
        for code in latchkey_token::CODES
            .iter()
            .chain(latchkey_device::CODES)
            .chain(latchkey_config::CODES)
            .chain(CODES)
        {
            let Problem { message, action, number, .. } = Problem::new(&Bare(*code));
            assert_eq!(number, code.number);
            assert!(
                message.contains(' ') && message.ends_with(['.', ':', '}', '?', '!']),
                "{code}: {message}"
            );
            assert!(action.contains(' ') && action.ends_with(['.', '?']), "{code}: {action}");
            if let Some(other) = messages.insert(message.clone(), code) {
                panic!("{code} and {other} have the same message: {message}");
            }
        }
    }

    #[test]
    fn a_problem_contains_message_next_step_code_and_details() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let problem = Problem::from(FileError::write_failed(Path::new("/media/stick/a.txt"), full));
        assert_eq!((problem.code.as_str(), problem.number), ("wizard.file_not_written", 6504));
        assert_eq!(problem.details["file"], "/media/stick/a.txt");
        assert!(problem.message.contains("/media/stick/a.txt"));
        assert!(problem.message.contains(&latchkey_i18n::text("wizard-reason-full", &[])));
        assert!(!problem.action.is_empty());
    }
}
