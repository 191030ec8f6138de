//! What a window manager and a person's mouse would do on the display.

use std::thread;

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window as XWindow,
};
use x11rb::rust_connection::RustConnection;

use crate::Desktop;
use crate::window::{PAUSE, tries};

impl Desktop {
    /// Asks the only window with this title to close, as a window manager does when somebody clicks its cross.
    ///
    /// # Errors
    /// If there is no such window.
    pub fn click_the_cross(&self, title: &str) -> Result<()> {
        let (x, root) = self.look()?;
        let protocols = atom(&x, "WM_PROTOCOLS")?;
        let delete = atom(&x, "WM_DELETE_WINDOW")?;
        for _ in 0..tries() {
            for window in windows(&x, root)? {
                if self::title(&x, window)?.contains(title) {
                    let asked =
                        ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
                    x.send_event(false, window, EventMask::NO_EVENT, asked)?.check()?;
                    return Ok(());
                }
            }
            thread::sleep(PAUSE);
        }
        bail!("No window is called “{title}”.")
    }

    /// How many visible windows have this in their title.
    ///
    /// # Errors
    /// If the display doesn't answer.
    pub fn windows_called(&self, title: &str) -> Result<usize> {
        let (x, root) = self.look()?;
        let mut count = 0;
        for window in windows(&x, root)? {
            count += usize::from(self::title(&x, window)?.contains(title));
        }
        Ok(count)
    }

    /// Whether somebody keeps what is on the clipboard when its owner ends (freedesktop's clipboard manager).
    ///
    /// # Errors
    /// If the display doesn't answer.
    pub fn has_clipboard_manager(&self) -> Result<bool> {
        let (x, _) = self.look()?;
        let manager = atom(&x, "CLIPBOARD_MANAGER")?;
        Ok(x.get_selection_owner(manager)?.reply()?.owner != 0)
    }

    fn look(&self) -> Result<(RustConnection, XWindow)> {
        let environment = self.environment();
        let display = environment.iter().find(|(name, _)| name == "DISPLAY");
        let (_, display) = display.context("there is no display")?;
        let (x, screen) =
            x11rb::connect(Some(display)).context("the display can't be looked at")?;
        let root = x.setup().roots[screen].root;
        Ok((x, root))
    }
}

/// The visible windows on the display.
fn windows(x: &RustConnection, root: XWindow) -> Result<Vec<XWindow>> {
    let mut visible = Vec::new();
    for window in x.query_tree(root)?.reply()?.children {
        // It may be gone again by now.
        let Ok(attributes) = x.get_window_attributes(window)?.reply() else { continue };
        if attributes.map_state == MapState::VIEWABLE {
            visible.push(window);
        }
    }
    Ok(visible)
}

fn title(x: &RustConnection, window: XWindow) -> Result<String> {
    let name = atom(x, "_NET_WM_NAME")?;
    let title = x.get_property(false, window, name, AtomEnum::ANY, 0, 1024)?.reply();
    Ok(title.map(|title| String::from_utf8_lossy(&title.value).into_owned()).unwrap_or_default())
}

fn atom(x: &RustConnection, name: &str) -> Result<u32> {
    Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom)
}
