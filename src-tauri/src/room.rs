//! Where the window's web view keeps what it stores, and how large the window opens: 760 × 600, and larger where the desktop is set to larger text,
//! so that as much fits into it as elsewhere.

use std::path::Path;

use tempfile::TempDir;

/// A folder for the web view's own files, where the usual one can't be used: the home folder is read-only, another user's,
/// full, or an administrator's command has left a folder in it. The wizard keeps nothing there that it needs again, and
/// the window system would give up. Nothing where the usual one can be used.
pub(crate) fn own_folder(usual: Option<&Path>) -> Option<OwnFolder> {
    if usual.is_some_and(is_usable) {
        return None;
    }
    tempfile::Builder::new().prefix("latchkey-").tempdir().ok().map(OwnFolder)
}

/// A folder for as long as the wizard runs.
#[derive(Debug)]
pub(crate) struct OwnFolder(TempDir);

impl OwnFolder {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The process ends without dropping anything.
    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_dir_all(self.path());
    }
}

/// A file can be made there. What is made of the folder is the user's, also by an administrator's command.
fn is_usable(folder: &Path) -> bool {
    latchkey_files::create_folder(folder, latchkey_files::Access::User).is_ok()
        && tempfile::tempfile_in(folder).is_ok()
}

/// Logical pixels, at the usual text size.
const USUAL: (f64, f64) = (760.0, 600.0);
/// Text grows further; a window that fills the screen gains nothing.
const LARGEST_SCALE: f64 = 2.0;
/// How much of the screen the window leaves to the desktop's panels.
const SHARE: f64 = 0.92;

/// The size to open with, in logical pixels.
#[must_use]
pub(crate) fn opening_size() -> (f64, f64) {
    let (scale, screen) = desktop();
    fitting(scale, screen)
}

/// As large as the text's scale asks for, as far as the screen has room; never smaller than usual, because the window
/// can be made smaller and its content scrolls.
fn fitting(scale: f64, screen: Option<(f64, f64)>) -> (f64, f64) {
    let scale = scale.clamp(1.0, LARGEST_SCALE);
    let (width, height) = screen.unwrap_or(USUAL);
    let side = |usual: f64, room: f64| (usual * scale).min(room * SHARE).max(usual);
    (side(USUAL.0, width), side(USUAL.1, height))
}

/// The text's scale, and the size of the screen that the window most likely opens on.
#[cfg(target_os = "linux")]
fn desktop() -> (f64, Option<(f64, f64)>) {
    use gtk::gdk::prelude::MonitorExt as _;

    // GTK keeps the text's scale as a resolution, where 96 dots per inch are the usual size and −1 is unknown.
    let resolution = gtk::gdk::Screen::default().map_or(-1.0, |screen| screen.resolution());
    let scale = if resolution > 0.0 { resolution / 96.0 } else { 1.0 };
    let display = gtk::gdk::Display::default();
    let monitor = display.and_then(|it| it.primary_monitor().or_else(|| it.monitor(0)));
    let area = monitor.map(|monitor| monitor.workarea());
    (scale, area.map(|area| (f64::from(area.width()), f64::from(area.height()))))
}

/// Elsewhere the system scales windows together with their text.
#[cfg(not(target_os = "linux"))]
const fn desktop() -> (f64, Option<(f64, f64)>) {
    (1.0, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_folder_that_can_t_be_used_gives_the_window_a_folder_for_its_time() {
        let home = tempfile::tempdir().unwrap();
        assert!(own_folder(Some(&home.path().join(".local/share/wizard"))).is_none());
        std::fs::write(home.path().join("file"), "").unwrap();
        for unusable in [Some(home.path().join("file/wizard")), None] {
            let own = own_folder(unusable.as_deref()).unwrap();
            std::fs::write(own.path().join("cookies"), "x").unwrap();
            own.remove();
            assert!(!own.path().exists());
        }
    }

    #[test]
    fn the_window_grows_with_the_text_as_far_as_the_screen_has_room() {
        for (scale, screen, size) in [
            (1.0, Some((1920.0, 1200.0)), (760.0, 600.0)),
            (1.5, Some((1920.0, 1200.0)), (1140.0, 900.0)),
            (9.0, Some((1920.0, 1200.0)), (1520.0, 1104.0)),
            (2.0, Some((1024.0, 600.0)), (942.08, 600.0)),
            (0.5, None, (760.0, 600.0)),
            (2.0, None, (760.0, 600.0)),
        ] {
            assert_eq!(fitting(scale, screen), size, "{scale} on {screen:?}");
        }
    }
}
