//! A window manager, the desktop's text size, and keyboard input for the focused window, including
//! windows that WebDriver can't reach, such as file dialogs and the keyring's prompt.

use std::io::Write as _;
use std::process::Stdio;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, PropMode};
use x11rb::wrapper::ConnectionExt as _;

use crate::Desktop;
use crate::desktop::ProcessGroup;
use crate::window::{PAUSE, max_tries};
use crate::x11::{atom, title};

/// The paths of the prompter of GNOME's keyring: on Debian and Ubuntu, and elsewhere.
const PROMPTERS: [&str; 3] =
    ["/usr/libexec/gcr-prompter", "/usr/lib/gcr/gcr-prompter", "/usr/lib/gcr-prompter"];

impl Desktop {
    /// Starts a window manager, which ends when the returned value is dropped.
    ///
    /// # Errors
    /// Fails if the window manager isn't installed or doesn't start.
    pub fn start_window_manager(&self) -> Result<impl Drop + use<>> {
        let mut command = self.command("openbox");
        let manager = ProcessGroup::spawn(
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        for _ in 0..max_tries() {
            let (x, root) = self.connect_to_display()?;
            let check = atom(&x, "_NET_SUPPORTING_WM_CHECK")?;
            let there = x.get_property(false, root, check, AtomEnum::WINDOW, 0, 1)?.reply()?;
            if there.value_len > 0 {
                return Ok(manager);
            }
            thread::sleep(PAUSE);
        }
        bail!("The window manager didn't come up.")
    }

    /// Starts the program that asks for the keyring's password, for the keyring on this bus.
    ///
    /// # Errors
    /// Fails if the prompter isn't installed.
    pub fn start_prompter(&self, bus: &str) -> Result<impl Drop + use<>> {
        let program = PROMPTERS.iter().find(|path| std::path::Path::new(path).is_file());
        let program = program.context("gcr is missing: `cargo xtask setup` installs it")?;
        let mut command = self.command(program);
        command.env("DBUS_SESSION_BUS_ADDRESS", bus);
        ProcessGroup::spawn(
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()),
        )
    }

    /// Sets the text size, in per cent of the usual size, for programs that are started later.
    ///
    /// # Errors
    /// Fails if the display doesn't answer.
    pub fn scale_text(&self, percent: u32) -> Result<()> {
        let (x, root) = self.connect_to_display()?;
        let resources = format!("Xft.dpi:\t{}\n", 96 * percent / 100);
        x.change_property8(
            PropMode::REPLACE,
            root,
            AtomEnum::RESOURCE_MANAGER,
            AtomEnum::STRING,
            resources.as_bytes(),
        )?
        .check()
        .context("the display keeps no resources")
    }

    /// Waits until a window whose title contains this text is active. Needs a window manager.
    ///
    /// # Errors
    /// Fails if the window never becomes active.
    pub fn wait_until_active(&self, wanted: &str) -> Result<()> {
        let mut active = String::new();
        for _ in 0..max_tries() {
            active = self.active()?.map_or_else(String::new, |(title, _)| title);
            if active.contains(wanted) {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("“{wanted}” doesn't become active; “{active}” is.")
    }

    /// Minimises the window whose title contains this text. Needs a window manager.
    ///
    /// # Errors
    /// Fails if there is no such window.
    pub fn minimise(&self, title: &str) -> Result<()> {
        self.xdotool(&["search", "--name", title, "windowminimize", "--sync"], "")
    }

    /// Presses keys, by their X names, in the active window.
    ///
    /// # Errors
    /// Fails if xdotool isn't installed.
    pub fn press_keys(&self, keys: &[&str]) -> Result<()> {
        self.xdotool(&[&["key", "--delay", "40"], keys].concat(), "")
    }

    /// Types a text into the active window.
    ///
    /// # Errors
    /// Fails if xdotool isn't installed.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.xdotool(&["type", "--delay", "15", "--file", "-"], text)
    }

    /// Types a path into the file dialog that is opening, and accepts it.
    ///
    /// # Errors
    /// Fails if the dialog doesn't open or doesn't close.
    pub fn answer_file_dialog(&self, path: &str) -> Result<()> {
        self.wait_for_dialog()?;
        self.press_keys(&["ctrl+l", "ctrl+a"])?;
        self.type_text(path)?;
        // If the dialog has just opened its list of suggestions, the list takes the first Enter.
        for _ in 0..max_tries() / 10 {
            self.press_keys(&["Return"])?;
            thread::sleep(10 * PAUSE);
            if !self.dialog_has_focus()? {
                return Ok(());
            }
        }
        bail!("The dialog doesn't take {path}.")
    }

    fn dialog_has_focus(&self) -> Result<bool> {
        Ok(self.active()?.is_some_and(|(_, is_dialog)| is_dialog))
    }

    /// Waits until a dialog has the focus. Needs a window manager.
    ///
    /// # Errors
    /// Fails if no dialog opens.
    pub fn wait_for_dialog(&self) -> Result<()> {
        self.wait_for_focus_on(true)
    }

    /// Waits until no dialog has the focus any more. Needs a window manager.
    ///
    /// # Errors
    /// Fails if a dialog stays open.
    pub fn wait_for_no_dialog(&self) -> Result<()> {
        self.wait_for_focus_on(false)
    }

    fn wait_for_focus_on(&self, dialog: bool) -> Result<()> {
        let mut active = None;
        for _ in 0..max_tries() {
            active = self.active()?;
            if active.as_ref().is_some_and(|(_, is_dialog)| *is_dialog == dialog) {
                // The window has the focus. One of its fields gets it a moment later.
                thread::sleep(3 * PAUSE);
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        bail!("The focus isn't where it should be (on a dialog: {dialog}) but on {active:?}.")
    }

    /// The active window's title, and whether it is a dialog.
    fn active(&self) -> Result<Option<(String, bool)>> {
        let (x, root) = self.connect_to_display()?;
        let active = atom(&x, "_NET_ACTIVE_WINDOW")?;
        let found = x.get_property(false, root, active, AtomEnum::WINDOW, 0, 1)?.reply()?;
        let Some(window) = found.value32().and_then(|mut ids| ids.next()).filter(|&id| id != 0)
        else {
            return Ok(None);
        };
        let kind = atom(&x, "_NET_WM_WINDOW_TYPE")?;
        let dialog = atom(&x, "_NET_WM_WINDOW_TYPE_DIALOG")?;
        // It may be gone again by now.
        let Ok(kinds) = x.get_property(false, window, kind, AtomEnum::ATOM, 0, 16)?.reply() else {
            return Ok(None);
        };
        let is_dialog = kinds.value32().is_some_and(|mut kinds| kinds.any(|kind| kind == dialog));
        Ok(Some((title(&x, window)?, is_dialog)))
    }

    fn xdotool(&self, arguments: &[&str], input: &str) -> Result<()> {
        let mut child = self
            .command("xdotool")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("xdotool is missing: `cargo xtask setup` installs it")?;
        child.stdin.take().context("xdotool has no input")?.write_all(input.as_bytes())?;
        let status = child.wait()?;
        ensure!(status.success(), "xdotool {arguments:?}: {status}");
        Ok(())
    }
}
