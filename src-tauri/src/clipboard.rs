//! The system's clipboard. Copied means copied: what was put there is read back before the person is
//! told. It is read only when the person asks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Runtime};

use crate::error::ClipboardError;
use crate::view::CopiedView;

/// How long a reading back may take.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(3);
/// How often and how long to wait for a clipboard that somebody else is using.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(60);

/// On X11 and Wayland the program that copied keeps the text and hands it to whoever pastes, so this
/// lives as long as the wizard does.
#[derive(Default)]
pub struct Clipboard(Mutex<Option<arboard::Clipboard>>);

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
        self.with(|clipboard| clipboard.set_text(text))?;
        let (found, outlives_window) = read_back(app)?;
        if found != text {
            return Err(ClipboardError::NotKept);
        }
        let characters = u32::try_from(found.chars().count()).unwrap_or(u32::MAX);
        Ok(CopiedView { characters, outlives_window })
    }

    /// Takes the text from the clipboard. Blocks; not for the window's thread.
    ///
    /// # Errors
    /// [`ClipboardError::Unavailable`], [`ClipboardError::Empty`].
    pub fn paste(&self) -> Result<String, ClipboardError> {
        let text = self.with(arboard::Clipboard::get_text)?;
        if text.trim().is_empty() { Err(ClipboardError::Empty) } else { Ok(text) }
    }

    /// Hands what was copied to the clipboard manager, if there is one. To be called at the end: the
    /// process ends without dropping its state.
    pub fn release(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn with<T>(
        &self,
        mut work: impl FnMut(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, ClipboardError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The clipboard's text as another program sees it: over the window's own connection to the display,
/// which isn't the one that copied. And whether somebody takes the text over when the wizard closes.
#[cfg(target_os = "linux")]
fn read_back<R: Runtime>(app: &AppHandle<R>) -> Result<(String, bool), ClipboardError> {
    let (send, receive) = std::sync::mpsc::channel();
    app.run_on_main_thread(move || {
        let manager = gtk::gdk::Display::default()
            .is_some_and(|display| display.supports_clipboard_persistence());
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).request_text(move |_, text| {
            // Nobody waits any more once the patience is over; there is nobody to tell.
            let _ = send.send((text.map(ToOwned::to_owned), manager));
        });
    })
    .map_err(|_| ClipboardError::Unavailable)?;
    match receive.recv_timeout(PATIENCE) {
        Ok((Some(text), manager)) => Ok((text, manager)),
        _ => Err(ClipboardError::NotKept),
    }
}

/// Elsewhere the system keeps the text itself; a second opening sees what others see.
#[cfg(not(target_os = "linux"))]
fn read_back<R: Runtime>(_: &AppHandle<R>) -> Result<(String, bool), ClipboardError> {
    let text = arboard::Clipboard::new()
        .and_then(|mut clipboard| clipboard.get_text())
        .map_err(|_| ClipboardError::NotKept)?;
    Ok((text, true))
}
