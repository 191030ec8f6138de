//! The system's clipboard. Copied means copied: what was put there is read back over a second connection
//! before the person is told. It is read only when the person asks.
//!
//! On Linux the program that copied keeps the text and hands it to whoever pastes, so a clipboard manager must
//! take it over when the program ends. GTK speaks that protocol whole (freedesktop.org, ClipboardManager:
//! `SAVE_TARGETS`, with `MULTIPLE` and `INCR`), arboard only in part; so GTK copies and arboard reads back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use latchkey_token::{limits::MAX_TEXT_BYTES, text_of_file};
use tauri::{AppHandle, Runtime};

use crate::copied_files::{self, Named};
use crate::error::{Answer, ClipboardError, PictureError};
use crate::view::{CopiedView, TextView};
use crate::{files, qr};

/// How long a reading may take: whoever owns the clipboard has to answer.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a clipboard manager may take at the end. Some have the text long since and never answer.
#[cfg(target_os = "linux")]
const HANDOVER: Duration = Duration::from_secs(2);
/// How long it is remembered that the person was asked before closing: who closes again means it.
const ASKED: Duration = Duration::from_secs(20);
/// How often and how long to wait for a clipboard that somebody else is using.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(60);

/// What file managers offer when a file is copied: all of them the list of addresses, older ones of GNOME and MATE only
/// their own form of it.
#[cfg(target_os = "linux")]
const FILES: [&str; 3] =
    ["text/uri-list", "x-special/gnome-copied-files", "x-special/mate-copied-files"];
/// Text in forms that GTK doesn't take for text. Most programs offer them beside the plain one, and some alone.
#[cfg(target_os = "linux")]
const FORMATTED: [&str; 5] =
    ["text/plain", "text/html", "text/rtf", "application/rtf", "text/richtext"];
/// What belongs to the selection and not to what is in it (ICCCM 2.6.2).
#[cfg(target_os = "linux")]
const PROTOCOL: [&str; 4] = ["TARGETS", "TIMESTAMP", "MULTIPLE", "SAVE_TARGETS"];

/// The clipboard, and what of ours would be gone with the window.
#[derive(Default)]
pub struct Clipboard {
    /// A connection of its own to the display; elsewhere the system's clipboard.
    connection: Mutex<Option<arboard::Clipboard>>,
    fleeting: Mutex<Fleeting>,
}

#[derive(Default)]
struct Fleeting {
    /// What was copied and nobody keeps.
    text: Option<String>,
    asked: Option<Instant>,
}

impl Clipboard {
    /// Puts a text on the clipboard and reads it back. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// [`ClipboardError::Unavailable`], [`ClipboardError::NotKept`].
    pub fn copy<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        text: &str,
    ) -> Result<CopiedView, ClipboardError> {
        let outlives_window = self.put(app, text)?;
        let found = self.read_back(app)?;
        if found != text {
            return Err(ClipboardError::NotKept);
        }
        *self.fleeting() =
            Fleeting { text: (!outlives_window).then(|| text.to_owned()), asked: None };
        let characters = u32::try_from(found.chars().count()).unwrap_or(u32::MAX);
        Ok(CopiedView { characters, outlives_window })
    }

    /// Takes what is on the clipboard: the text of the files that were copied in a file manager, text, what the QR codes
    /// in a picture say, a formatted text that has no other form. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// All of [`ClipboardError`] but [`ClipboardError::NotKept`], and what is wrong with files that were copied.
    pub fn paste<R: Runtime>(&self, app: &AppHandle<R>) -> Answer<TextView> {
        if let Some(named) = self.copied_files(app)? {
            return of_files(named);
        }
        let text = match self.read(app) {
            Err(ClipboardError::NotText | ClipboardError::Empty) => self.read_otherwise(app)?,
            text => text?,
        };
        if text.trim().is_empty() {
            return Err(ClipboardError::Empty.into());
        }
        match copied_files::in_text(&text) {
            Some(named) => of_files(named),
            None => Ok(TextView { text, skipped: None }),
        }
    }

    /// A text is in a file now: it may vanish from the clipboard.
    pub fn is_saved(&self, text: &str) {
        let mut fleeting = self.fleeting();
        if fleeting.text.as_deref() == Some(text) {
            fleeting.text = None;
        }
    }

    /// Something that was copied here would be gone with the window, and the person hasn't just been asked
    /// about it. Blocks; not for the window's thread.
    pub fn is_worth_a_question<R: Runtime>(&self, app: &AppHandle<R>) -> bool {
        let Some(text) = self.fleeting().text.clone() else { return false };
        // Something else has been copied since: ours has been gone for long.
        if self.read(app).ok().as_ref() != Some(&text) {
            self.fleeting().text = None;
            return false;
        }
        true
    }

    /// Something that was copied here may be worth a question before closing.
    pub fn may_be_worth_a_question(&self) -> bool {
        let fleeting = self.fleeting();
        fleeting.text.is_some() && fleeting.asked.is_none_or(|asked| asked.elapsed() > ASKED)
    }

    /// The person is being asked.
    pub fn is_asked(&self) {
        self.fleeting().asked = Some(Instant::now());
    }

    fn fleeting(&self) -> MutexGuard<'_, Fleeting> {
        self.fleeting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        mut work: impl FnMut(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, ClipboardError> {
        let mut held = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_none() {
            *held = Some(arboard::Clipboard::new().map_err(|_| ClipboardError::Unavailable)?);
        }
        let clipboard = held.as_mut().ok_or(ClipboardError::Unavailable)?;
        let mut tries = 1;
        loop {
            return match work(clipboard) {
                Ok(value) => Ok(value),
                Err(arboard::Error::ClipboardOccupied) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(PAUSE);
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
    /// Copies, and says whether somebody takes the text over when the wizard ends.
    fn put<R: Runtime>(&self, app: &AppHandle<R>, text: &str) -> Result<bool, ClipboardError> {
        use gtk::prelude::TextBufferExt as _;
        let text = text.to_owned();
        on_main_thread(app, move |done| {
            // A text buffer marks what it copies as to be handed over; `Clipboard::set_text` doesn't.
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

    /// As another program sees it; over the window's own connection only where there is no other way in.
    fn read_back<R: Runtime>(&self, app: &AppHandle<R>) -> Result<String, ClipboardError> {
        match self.with(arboard::Clipboard::get_text) {
            Err(ClipboardError::Unavailable) => self.read(app),
            Err(_) => Err(ClipboardError::NotKept),
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

    /// The forms in which what is there is offered, by their names.
    fn offered<R: Runtime>(&self, app: &AppHandle<R>) -> Result<Vec<String>, ClipboardError> {
        let offered = on_main_thread(app, |done| {
            clipboard().request_contents(&gtk::gdk::Atom::intern("TARGETS"), move |_, found| {
                let targets = found.targets().unwrap_or_default();
                done(targets.iter().map(|target| target.name().to_string()).collect());
            });
        });
        offered.ok_or(ClipboardError::Unavailable)
    }

    /// What is there in one of these forms.
    fn content<R: Runtime>(
        &self,
        app: &AppHandle<R>,
        form: &str,
    ) -> Result<Vec<u8>, ClipboardError> {
        let form = form.to_owned();
        let content = on_main_thread(app, move |done| {
            clipboard().request_contents(&gtk::gdk::Atom::intern(&form), move |_, found| {
                done(found.data());
            });
        });
        content.ok_or(ClipboardError::Unavailable)
    }

    /// The files that were copied in a file manager, if that is what is there.
    fn copied_files<R: Runtime>(
        &self,
        app: &AppHandle<R>,
    ) -> Result<Option<Named>, ClipboardError> {
        let offered = self.offered(app)?;
        for form in FILES.iter().filter(|form| offered.iter().any(|offer| offer == *form)) {
            let list = self.content(app, form)?;
            if list.len() <= MAX_TEXT_BYTES
                && let Some(named) = copied_files::in_list(&String::from_utf8_lossy(&list))
            {
                return Ok(Some(named));
            }
        }
        Ok(None)
    }

    /// What is there, if it isn't text: what a picture says, or a formatted text that is offered as nothing else.
    fn read_otherwise<R: Runtime>(&self, app: &AppHandle<R>) -> Result<String, ClipboardError> {
        let offered = self.offered(app)?;
        let picture = offered.iter().filter(|form| form.starts_with("image/"));
        // Most programs offer what they copy as PNG, and some in every form there is.
        let picture = picture.min_by_key(|form| match form.as_str() {
            "image/png" => 0,
            "image/jpeg" => 1,
            _ => 2,
        });
        if let Some(form) = picture {
            let bytes = self.content(app, form)?;
            if bytes.len() > MAX_TEXT_BYTES {
                return Err(PictureError::TooLarge.into());
            }
            if !bytes.is_empty() {
                return Ok(qr::read(&bytes)?);
            }
        }
        for form in FORMATTED.iter().filter(|form| offered.iter().any(|offer| offer == *form)) {
            let bytes = self.content(app, form)?;
            if bytes.len() <= MAX_TEXT_BYTES
                && let Ok(text) = text_of_file(&bytes)
            {
                return Ok(text);
            }
        }
        let nothing = offered.iter().all(|form| PROTOCOL.contains(&form.as_str()));
        Err(if nothing { ClipboardError::Empty } else { ClipboardError::NotText })
    }

    /// Hands what was copied to the clipboard manager, if there is one. To be called at the very end, on the
    /// window's thread: a manager that doesn't answer ends the process after a while.
    pub fn hand_over(&self) {
        let manager = gtk::gdk::Display::default()
            .is_some_and(|display| display.supports_clipboard_persistence());
        if manager {
            std::thread::spawn(|| {
                std::thread::sleep(HANDOVER);
                std::process::exit(0);
            });
            clipboard().store();
        }
    }
}

/// The text of files that were copied.
fn of_files(named: Named) -> Answer<TextView> {
    match named {
        Named::Files(paths) => files::read_all(&paths),
        Named::Remote(address) => Err(ClipboardError::Remote { address }.into()),
        Named::TooMany { limit } => Err(ClipboardError::TooManyFiles { limit }.into()),
    }
}

#[cfg(target_os = "linux")]
fn clipboard() -> gtk::Clipboard {
    gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD)
}

/// Has something done on the window's thread and waits for its answer. None: there was none in time.
#[cfg(target_os = "linux")]
fn on_main_thread<R: Runtime, T: Send + 'static>(
    app: &AppHandle<R>,
    work: impl FnOnce(Box<dyn FnOnce(T) + Send>) + Send + 'static,
) -> Option<T> {
    let (send, receive) = std::sync::mpsc::channel();
    // Nobody waits any more once the patience is over; there is nobody to tell.
    let done = Box::new(move |answer| drop(send.send(answer)));
    app.run_on_main_thread(move || work(done)).ok()?;
    receive.recv_timeout(PATIENCE).ok()
}

/// Elsewhere the system keeps the text itself.
#[cfg(not(target_os = "linux"))]
impl Clipboard {
    fn put<R: Runtime>(&self, _: &AppHandle<R>, text: &str) -> Result<bool, ClipboardError> {
        self.with(|clipboard| clipboard.set_text(text)).map(|()| true)
    }

    /// A second opening sees what others see.
    fn read_back<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        arboard::Clipboard::new()
            .and_then(|mut clipboard| clipboard.get_text())
            .map_err(|_| ClipboardError::NotKept)
    }

    fn read<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        self.with(arboard::Clipboard::get_text)
    }

    fn copied_files<R: Runtime>(&self, _: &AppHandle<R>) -> Result<Option<Named>, ClipboardError> {
        match self.with(|clipboard| clipboard.get().file_list()) {
            Ok(paths) => Ok(copied_files::named(paths, None)),
            Err(ClipboardError::Empty) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is there, if it isn't text: what a picture says, or a formatted text that is offered as nothing else.
    fn read_otherwise<R: Runtime>(&self, _: &AppHandle<R>) -> Result<String, ClipboardError> {
        match self.read_picture() {
            Err(ClipboardError::Empty) => self.with(|clipboard| clipboard.get().html()),
            said => said,
        }
    }

    fn read_picture(&self) -> Result<String, ClipboardError> {
        let picture = self.with(arboard::Clipboard::get_image)?;
        let (width, height) = (picture.width, picture.height);
        let pixels = picture.bytes.into_owned();
        let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
        let picture = size.and_then(|(w, h)| image::RgbaImage::from_raw(w, h, pixels));
        Ok(qr::codes(&picture.ok_or(PictureError::Unreadable)?)?)
    }

    /// There is nobody to hand anything over to.
    #[allow(clippy::unused_self, reason = "the same on every system")]
    pub const fn hand_over(&self) {}
}
