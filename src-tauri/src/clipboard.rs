//! The system's clipboard. A copy counts as successful only once it was read back over a second
//! connection. The clipboard is read only when the user pastes.
//!
//! On Linux the program that copied keeps the text and passes it to the program that pastes, so a
//! clipboard manager must take it over when the program ends. GTK implements that protocol
//! completely (freedesktop.org, ClipboardManager: `SAVE_TARGETS`, with `MULTIPLE` and `INCR`),
//! arboard only in part; so GTK copies and arboard reads back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use latchkey_token::text_of_file;
use latchkey_token::{TextError, limits::MAX_TEXT_BYTES, scan};
use tauri::{AppHandle, Runtime};

use crate::copied_files::{self, CopiedFiles};
use crate::error::{ClipboardError, CommandResult, PictureError};
use crate::view::{CopiedView, TextView};
use crate::{files, qr};

/// How long reading may take: the program that owns the clipboard has to answer.
#[cfg(target_os = "linux")]
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a clipboard manager may take when the wizard exits. Some already have the text and
/// never answer.
#[cfg(target_os = "linux")]
const PERSIST_TIMEOUT: Duration = Duration::from_secs(2);
/// How long closing the window a second time counts as confirmation.
const CONFIRM_WINDOW: Duration = Duration::from_secs(20);
/// How often and how long to wait for a clipboard that another program is using.
const MAX_ATTEMPTS: u32 = 5;
const RETRY_DELAY: Duration = Duration::from_millis(60);

/// The formats in which file managers offer copied files. All offer the list of URIs, except older
/// ones of GNOME and MATE, which offer only their own variant of it.
#[cfg(target_os = "linux")]
const FILE_LIST_TARGETS: [&str; 3] =
    ["text/uri-list", "x-special/gnome-copied-files", "x-special/mate-copied-files"];
/// Formatted text. Most programs offer it in addition to plain text, and some offer nothing else.
#[cfg(target_os = "linux")]
const FORMATTED_TEXT_TARGETS: [&str; 5] =
    ["text/plain", "text/html", "text/rtf", "application/rtf", "text/richtext"];
/// The X11 targets of plain text (ICCCM 2.6.2).
#[cfg(target_os = "linux")]
const PLAIN_TEXT_TARGETS: [&str; 4] = ["UTF8_STRING", "STRING", "TEXT", "COMPOUND_TEXT"];
/// Targets of the selection protocol, which aren't content (ICCCM 2.6.2).
#[cfg(target_os = "linux")]
const PROTOCOL_TARGETS: [&str; 4] = ["TARGETS", "TIMESTAMP", "MULTIPLE", "SAVE_TARGETS"];

/// The clipboard, and the copied text that would be lost with the window.
#[derive(Default)]
pub struct Clipboard {
    /// A second connection to the display; on other systems the system's clipboard.
    connection: Mutex<Option<arboard::Clipboard>>,
    unsaved: Mutex<UnsavedCopy>,
}

#[derive(Default)]
struct UnsavedCopy {
    /// The copied text, if no clipboard manager keeps it and it wasn't saved to a file.
    text: Option<String>,
    /// When the user was last asked to confirm closing.
    confirmation_shown: Option<Instant>,
}

impl Clipboard {
    /// Copies `text` and verifies it by reading it back. Blocking: don't call on the main thread.
    ///
    /// # Errors
    /// [`ClipboardError::Unavailable`] if the clipboard can't be accessed;
    /// [`ClipboardError::VerifyFailed`] if the text that was read back differs.
    pub fn copy<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        text: &str,
    ) -> Result<CopiedView, ClipboardError> {
        let outlives_window = self.set_text(app, text)?;
        let found = self.read_back(app)?;
        if found != text {
            return Err(ClipboardError::VerifyFailed);
        }
        *self.unsaved() = UnsavedCopy {
            text: (!outlives_window).then(|| text.to_owned()),
            confirmation_shown: None,
        };
        let characters = u32::try_from(found.chars().count()).unwrap_or(u32::MAX);
        Ok(CopiedView { characters, outlives_window })
    }

    /// Returns the clipboard's content as text: that of files that were copied in a file manager,
    /// text, that of the QR codes in a picture, or formatted text that has no plain form. Blocking:
    /// don't call on the main thread.
    ///
    /// # Errors
    /// Every [`ClipboardError`] except [`ClipboardError::VerifyFailed`]; a
    /// [`crate::error::FileError`] if no copied file can be read; a [`PictureError`] if no code of
    /// a picture can be read; a [`TextError::TooLarge`] if the text is larger than any text with
    /// tokens.
    pub fn paste<R: Runtime>(&self, app: &AppHandle<R>) -> CommandResult<TextView> {
        if let Some(files) = self.copied_files(app)? {
            return text_of_files(files);
        }
        let text = match self.read(app) {
            Err(ClipboardError::NotText | ClipboardError::Empty) => self.read_other_formats(app)?,
            text => text?,
        };
        if text.trim().is_empty() {
            return Err(ClipboardError::Empty.into());
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES }.into());
        }
        if let Some(files) = copied_files::from_text(&text) {
            return text_of_files(files);
        }
        // Some programs truncate what they offer as plain text, or offer only a summary of it.
        let text = match has_whole_tokens(&text) {
            true => text,
            false => self.formatted_tokens(app).unwrap_or(text),
        };
        match copied_files::missing_path(&text) {
            Some(path) if scan(&text).is_err() => Err(ClipboardError::NoFile { path }.into()),
            _ => Ok(TextView { text, skipped: None }),
        }
    }

    /// Records that a text was saved to a file, so the clipboard may lose it.
    pub fn mark_saved(&self, text: &str) {
        let mut unsaved = self.unsaved();
        if unsaved.text.as_deref() == Some(text) {
            unsaved.text = None;
        }
    }

    /// Whether the clipboard contains a copied text that would be lost with the window. Blocking:
    /// don't call on the main thread.
    pub fn would_lose_copy<R: Runtime>(&self, app: &AppHandle<R>) -> bool {
        let Some(text) = self.unsaved().text.clone() else { return false };
        // Something else was copied since, so nothing can be lost any more.
        if self.read(app).ok().as_ref() != Some(&text) {
            self.unsaved().text = None;
            return false;
        }
        true
    }

    /// Whether a copied text may be lost with the window, and the user wasn't just asked about
    /// it. Doesn't block; [`Clipboard::would_lose_copy`] also reads the clipboard.
    pub fn may_lose_copy(&self) -> bool {
        let unsaved = self.unsaved();
        unsaved.text.is_some()
            && unsaved.confirmation_shown.is_none_or(|shown| shown.elapsed() > CONFIRM_WINDOW)
    }

    /// Records that the user is being asked to confirm closing.
    pub fn mark_confirmation_shown(&self) {
        self.unsaved().confirmation_shown = Some(Instant::now());
    }

    fn unsaved(&self) -> MutexGuard<'_, UnsavedCopy> {
        self.unsaved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an operation on the second connection, again while another program uses the clipboard.
    fn with_connection<T>(
        &self,
        mut operation: impl FnMut(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, ClipboardError> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.is_none() {
            *connection = Some(arboard::Clipboard::new().map_err(|_| ClipboardError::Unavailable)?);
        }
        let clipboard = connection.as_mut().ok_or(ClipboardError::Unavailable)?;
        let mut attempts = 1;
        loop {
            return match operation(clipboard) {
                Ok(value) => Ok(value),
                Err(arboard::Error::ClipboardOccupied) if attempts < MAX_ATTEMPTS => {
                    attempts += 1;
                    std::thread::sleep(RETRY_DELAY);
                    continue;
                }
                Err(arboard::Error::ContentNotAvailable) => Err(ClipboardError::Empty),
                Err(_) => Err(ClipboardError::Unavailable),
            };
        }
    }
}

#[cfg(target_os = "linux")]
impl Clipboard {
    /// Copies a text, and returns whether a clipboard manager will keep it when the wizard exits.
    fn set_text<R: Runtime>(&self, app: &AppHandle<R>, text: &str) -> Result<bool, ClipboardError> {
        use gtk::prelude::TextBufferExt as _;
        let text = text.to_owned();
        on_main_thread(app, move |done| {
            // A text buffer marks its copy for the clipboard manager; `gtk::Clipboard::set_text`
            // doesn't.
            let buffer = gtk::TextBuffer::builder().text(&text).build();
            let (start, end) = buffer.bounds();
            buffer.select_range(&start, &end);
            buffer.copy_clipboard(&clipboard());
            let manager = gtk::gdk::Display::default()
                .is_some_and(|display| display.supports_clipboard_persistence());
            done(manager);
        })
        .ok_or(ClipboardError::Unavailable)
    }

    /// Reads the text as another program would. If there is no second connection, the window's own
    /// has to do.
    fn read_back<R: Runtime>(&self, app: &AppHandle<R>) -> Result<String, ClipboardError> {
        match self.with_connection(arboard::Clipboard::get_text) {
            Err(ClipboardError::Unavailable) => self.read(app),
            Err(_) => Err(ClipboardError::VerifyFailed),
            found => found,
        }
    }

    fn read<R: Runtime>(&self, app: &AppHandle<R>) -> Result<String, ClipboardError> {
        let found = on_main_thread(app, |done| {
            clipboard().request_text(move |_, text| done(text.map(ToOwned::to_owned)));
        });
        match found {
            Some(Some(text)) => Ok(text),
            Some(None) => Err(ClipboardError::NotText),
            None => Err(ClipboardError::Unavailable),
        }
    }

    /// The names of the formats that the clipboard offers.
    fn targets<R: Runtime>(&self, app: &AppHandle<R>) -> Result<Vec<String>, ClipboardError> {
        let targets = on_main_thread(app, |done| {
            clipboard().request_contents(&gtk::gdk::Atom::intern("TARGETS"), move |_, found| {
                let targets = found.targets().unwrap_or_default();
                done(targets.iter().map(|target| target.name().to_string()).collect());
            });
        });
        targets.ok_or(ClipboardError::Unavailable)
    }

    /// The clipboard's content in one of these formats.
    fn content<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        target: &str,
    ) -> Result<Vec<u8>, ClipboardError> {
        let target = target.to_owned();
        let content = on_main_thread(app, move |done| {
            clipboard().request_contents(&gtk::gdk::Atom::intern(&target), move |_, found| {
                done(found.data());
            });
        });
        content.ok_or(ClipboardError::Unavailable)
    }

    /// The files that were copied in a file manager, if there are any.
    fn copied_files<R: Runtime>(
        &self,
        app: &AppHandle<R>,
    ) -> Result<Option<CopiedFiles>, ClipboardError> {
        let targets = self.targets(app)?;
        for target in select_offered(&FILE_LIST_TARGETS, &targets) {
            let list = self.content(app, target)?;
            if list.len() <= MAX_TEXT_BYTES
                && let Some(files) = copied_files::from_uri_list(&String::from_utf8_lossy(&list))
            {
                return Ok(Some(files));
            }
        }
        Ok(None)
    }

    /// Reads content that isn't plain text: the QR codes in a picture, or formatted text.
    fn read_other_formats<R: Runtime>(&self, app: &AppHandle<R>) -> Result<String, ClipboardError> {
        let targets = self.targets(app)?;
        let pictures = targets.iter().filter(|target| target.starts_with("image/"));
        // Most programs offer pictures as PNG, and some in every format there is.
        let picture = pictures.min_by_key(|target| match target.as_str() {
            "image/png" => 0,
            "image/jpeg" => 1,
            _ => 2,
        });
        if let Some(target) = picture {
            let bytes = self.content(app, target)?;
            if bytes.len() > MAX_TEXT_BYTES {
                return Err(PictureError::TooLarge.into());
            }
            if !bytes.is_empty() {
                return Ok(qr::decode_picture(&bytes)?);
            }
        }
        let is_plain =
            |target: &str| PLAIN_TEXT_TARGETS.contains(&target) || target.starts_with("text/plain");
        // GTK decodes UTF-8 only. A text in another encoding is read as a file's text is.
        let plain = targets.iter().map(String::as_str).filter(|target| is_plain(target));
        let mut has_content = false;
        for target in select_offered(&FORMATTED_TEXT_TARGETS, &targets).chain(plain) {
            let bytes = self.content(app, target)?;
            has_content |= !bytes.is_empty();
            if bytes.len() <= MAX_TEXT_BYTES
                && let Ok(text) = text_of_file(&bytes)
            {
                return Ok(text);
            }
        }
        // Remote desktops and virtual machines offer an empty text if there is nothing to paste.
        let is_empty = !has_content
            && targets
                .iter()
                .all(|target| PROTOCOL_TARGETS.contains(&target.as_str()) || is_plain(target));
        Err(if is_empty { ClipboardError::Empty } else { ClipboardError::NotText })
    }

    /// The first formatted text whose tokens are whole. An owner that doesn't answer isn't asked
    /// for the other formats.
    fn formatted_tokens<R: Runtime>(&self, app: &AppHandle<R>) -> Option<String> {
        let targets = self.targets(app).ok()?;
        for target in select_offered(&FORMATTED_TEXT_TARGETS, &targets) {
            let bytes = self.content(app, target).ok()?;
            if bytes.len() <= MAX_TEXT_BYTES
                && let Ok(text) = text_of_file(&bytes)
                && has_whole_tokens(&text)
            {
                return Some(text);
            }
        }
        None
    }

    /// Passes what was copied to the clipboard manager, if there is one. Call it last, on the main
    /// thread: if the manager doesn't answer, the process ends after a timeout.
    pub fn persist(&self) {
        let manager = gtk::gdk::Display::default()
            .is_some_and(|display| display.supports_clipboard_persistence());
        if manager {
            std::thread::spawn(|| {
                std::thread::sleep(PERSIST_TIMEOUT);
                std::process::exit(0);
            });
            clipboard().store();
        }
    }
}

/// Whether a text contains tokens and all of them are whole.
fn has_whole_tokens(text: &str) -> bool {
    scan(text).is_ok_and(|found| found.iter().all(|found| found.token.is_ok()))
}

/// The text of files that were copied.
fn text_of_files(files: CopiedFiles) -> CommandResult<TextView> {
    match files {
        CopiedFiles::Local(paths) => files::read_all(&paths),
        CopiedFiles::Remote(address) => Err(ClipboardError::Remote { address }.into()),
        CopiedFiles::TooMany { limit } => Err(ClipboardError::TooManyFiles { limit }.into()),
    }
}

/// Those of these formats that the clipboard offers.
#[cfg(target_os = "linux")]
fn select_offered<'t>(
    wanted: &'t [&'t str],
    targets: &'t [String],
) -> impl Iterator<Item = &'t str> {
    wanted.iter().copied().filter(|target| targets.iter().any(|offer| offer == target))
}

#[cfg(target_os = "linux")]
fn clipboard() -> gtk::Clipboard {
    gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD)
}

/// Runs work on the main thread and waits for its result. Returns `None` if there is none in time.
#[cfg(target_os = "linux")]
fn on_main_thread<R: Runtime, T: Send + 'static>(
    app: &AppHandle<R>,
    work: impl FnOnce(Box<dyn FnOnce(T) + Send>) + Send + 'static,
) -> Option<T> {
    let (send, receive) = std::sync::mpsc::channel();
    // After the timeout nothing receives the result any more.
    let done = Box::new(move |result| drop(send.send(result)));
    app.run_on_main_thread(move || work(done)).ok()?;
    receive.recv_timeout(READ_TIMEOUT).ok()
}

/// On other systems the operating system keeps the text.
#[cfg(not(target_os = "linux"))]
impl Clipboard {
    fn set_text<R: Runtime>(&self, _: &AppHandle<R>, text: &str) -> Result<bool, ClipboardError> {
        self.with_connection(|clipboard| clipboard.set_text(text)).map(|()| true)
    }

    /// Reads the text as another program would, over a new connection.
    fn read_back<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        arboard::Clipboard::new()
            .and_then(|mut clipboard| clipboard.get_text())
            .map_err(|_| ClipboardError::VerifyFailed)
    }

    fn read<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        self.with_connection(arboard::Clipboard::get_text)
    }

    fn copied_files<R: Runtime>(
        &self,
        _: &AppHandle<R>,
    ) -> Result<Option<CopiedFiles>, ClipboardError> {
        match self.with_connection(|clipboard| clipboard.get().file_list()) {
            Ok(paths) => Ok(copied_files::classify(paths, None)),
            Err(ClipboardError::Empty) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads content that isn't plain text: the QR codes in a picture, or formatted text.
    fn read_other_formats<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        match self.read_picture() {
            Err(ClipboardError::Empty) => self.with_connection(|clipboard| clipboard.get().html()),
            result => result,
        }
    }

    fn formatted_tokens<R: Runtime>(&self, _: &AppHandle<R>) -> Option<String> {
        let html = self.with_connection(|clipboard| clipboard.get().html()).ok()?;
        (html.len() <= MAX_TEXT_BYTES && has_whole_tokens(&html)).then_some(html)
    }

    fn read_picture(&self) -> Result<String, ClipboardError> {
        let picture = self.with_connection(arboard::Clipboard::get_image)?;
        let (width, height) = (picture.width, picture.height);
        let pixels = picture.bytes.into_owned();
        let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
        let picture = size.and_then(|(w, h)| image::RgbaImage::from_raw(w, h, pixels));
        Ok(qr::decode_pixels(&picture.ok_or(PictureError::Unreadable)?)?)
    }

    /// Does nothing: the system keeps the clipboard.
    #[allow(clippy::unused_self, reason = "the same on every system")]
    pub const fn persist(&self) {}
}
