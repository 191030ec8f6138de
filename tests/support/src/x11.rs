//! Actions of a window manager and a mouse on the display.

use std::path::Path;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, MapState,
    Window as XWindow,
};
use x11rb::rust_connection::RustConnection;

use crate::Desktop;
use crate::window::{PAUSE, max_tries};

impl Desktop {
    /// Asks the only window with this title to close, as a window manager does when the user
    /// presses its close button.
    ///
    /// # Errors
    /// Fails if there is no such window.
    pub fn close_window(&self, title: &str) -> Result<()> {
        let (x, root) = self.connect_to_display()?;
        let protocols = atom(&x, "WM_PROTOCOLS")?;
        let delete = atom(&x, "WM_DELETE_WINDOW")?;
        for _ in 0..max_tries() {
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

    /// The number of visible windows whose title contains this text.
    ///
    /// # Errors
    /// Fails if the display doesn't answer.
    pub fn count_windows(&self, title: &str) -> Result<usize> {
        let (x, root) = self.connect_to_display()?;
        let mut count = 0;
        for window in windows(&x, root)? {
            count += usize::from(self::title(&x, window)?.contains(title));
        }
        Ok(count)
    }

    /// Waits until a window whose title contains this text is visible.
    ///
    /// # Errors
    /// Fails if the window doesn't appear.
    pub fn wait_for_window(&self, title: &str) -> Result<()> {
        self.wait_for_windows(title, true)
    }

    /// Waits until no window whose title contains this text is visible.
    ///
    /// # Errors
    /// Fails if the window stays open.
    pub fn wait_until_gone(&self, title: &str) -> Result<()> {
        self.wait_for_windows(title, false)
    }

    fn wait_for_windows(&self, title: &str, there: bool) -> Result<()> {
        for _ in 0..max_tries() {
            if (self.count_windows(title)? > 0) == there {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        let (x, root) = self.connect_to_display()?;
        let titles: Result<Vec<_>> =
            windows(&x, root)?.into_iter().map(|window| self::title(&x, window)).collect();
        bail!("A window “{title}” should be {there}; there are {:?}.", titles?)
    }

    /// Writes the content of the window with this title into a PPM file.
    ///
    /// # Errors
    /// Fails if there is no such window, or the display shows colours in another way than in 32
    /// bits.
    pub fn picture_of(&self, title: &str, path: &Path) -> Result<()> {
        let (x, root) = self.connect_to_display()?;
        for window in windows(&x, root)? {
            if self::title(&x, window)?.contains(title) {
                let size = x.get_geometry(window)?.reply()?;
                let image = x.get_image(
                    ImageFormat::Z_PIXMAP,
                    window,
                    0,
                    0,
                    size.width,
                    size.height,
                    u32::MAX,
                )?;
                let pixels = image.reply()?.data;
                ensure!(
                    pixels.len() == usize::from(size.width) * usize::from(size.height) * 4,
                    "the display doesn't have 32 bits per pixel"
                );
                let mut picture = format!("P6 {} {} 255\n", size.width, size.height).into_bytes();
                picture.extend(pixels.as_chunks().0.iter().flat_map(|[b, g, r, _]| [*r, *g, *b]));
                return fs::write(path, picture).context("the picture can't be written");
            }
        }
        bail!("No window is called “{title}”.")
    }

    /// Whether a clipboard manager (freedesktop) keeps the clipboard when the owner of its content
    /// ends.
    ///
    /// # Errors
    /// Fails if the display doesn't answer.
    pub fn has_clipboard_manager(&self) -> Result<bool> {
        let (x, _) = self.connect_to_display()?;
        let manager = atom(&x, "CLIPBOARD_MANAGER")?;
        Ok(x.get_selection_owner(manager)?.reply()?.owner != 0)
    }

    /// A connection for looking at the display again and again.
    ///
    /// # Errors
    /// Fails if the display doesn't answer.
    pub fn look(&self) -> Result<DisplayView> {
        let (connection, root) = self.connect_to_display()?;
        Ok(DisplayView { connection, root })
    }

    pub(crate) fn connect_to_display(&self) -> Result<(RustConnection, XWindow)> {
        let environment = self.environment();
        let display = environment.iter().find(|(name, _)| name == "DISPLAY");
        let (_, display) = display.context("there is no display")?;
        let (x, screen) = x11rb::connect(Some(display)).context("no connection to the display")?;
        let root = x.setup().roots[screen].root;
        Ok((x, root))
    }
}

/// What is on a display.
#[derive(Debug)]
pub struct DisplayView {
    connection: RustConnection,
    root: XWindow,
}

impl DisplayView {
    /// Whether a pixel has this colour: red, green, blue.
    ///
    /// # Errors
    /// Fails if the display doesn't answer.
    pub fn shows_colour(&self, [red, green, blue]: [u8; 3]) -> Result<bool> {
        let Self { connection, root } = self;
        let size = connection.get_geometry(*root)?.reply()?;
        let (width, height) = (size.width, size.height);
        let picture =
            connection.get_image(ImageFormat::Z_PIXMAP, *root, 0, 0, width, height, !0)?.reply()?;
        // A display stores blue first.
        Ok(picture.data.chunks_exact(4).any(|pixel| pixel[..3] == [blue, green, red]))
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

pub(crate) fn title(x: &RustConnection, window: XWindow) -> Result<String> {
    let name = atom(x, "_NET_WM_NAME")?;
    let title = x.get_property(false, window, name, AtomEnum::ANY, 0, 1024)?.reply();
    Ok(title.map(|title| String::from_utf8_lossy(&title.value).into_owned()).unwrap_or_default())
}

pub(crate) fn atom(x: &RustConnection, name: &str) -> Result<u32> {
    Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom)
}
