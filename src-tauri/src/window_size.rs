//! Where the window's web view keeps what it stores, and how large the window opens: 760 × 600, larger where the desktop
//! is set to larger text, so that as much fits into it as elsewhere, and smaller where the screen is.

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

/// Starts the wizard again without a runtime folder that isn't this user's, as a shell of another user's has it
/// (`su`, `sudo -u`): the specification says to go without it then, and the desktop's services that are started with
/// it would keep the window waiting for half a minute. Does nothing where the folder can be used.
///
/// XDG Base Directory Specification 0.8, `$XDG_RUNTIME_DIR`.
#[cfg(target_os = "linux")]
pub(crate) fn leave_other_users_session() {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;

    const NAME: &str = "XDG_RUNTIME_DIR";
    let Some(folder) = std::env::var_os(NAME) else { return };
    let user = rustix::process::geteuid().as_raw();
    let own = std::fs::metadata(folder).is_ok_and(|it| it.is_dir() && it.uid() == user);
    if !own && let Ok(wizard) = std::env::current_exe() {
        // It comes back only if it can't be started: then with the folder.
        let arguments = std::env::args_os().skip(1);
        let _ = std::process::Command::new(wizard).args(arguments).env_remove(NAME).exec();
    }
}

/// Logical pixels, at the usual text size.
const USUAL: (f64, f64) = (760.0, 600.0);
/// Text grows further; a window that fills the screen gains nothing.
const LARGEST_SCALE: f64 = 2.0;
/// How much of the screen the window leaves to the desktop's panels.
const SHARE: f64 = 0.92;

/// How small the window can be made, where the screen is no smaller than that itself.
const SMALLEST: (f64, f64) = (480.0, 400.0);

/// The window's sizes, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sizes {
    /// The size to open with.
    pub(crate) opening: (f64, f64),
    /// The smallest size that it can be given.
    pub(crate) smallest: (f64, f64),
}

/// What fits on this desktop.
#[must_use]
pub(crate) fn sizes() -> Sizes {
    let (scale, screen) = desktop();
    fitting(scale, screen)
}

/// As large as the text's scale asks for, as far as the screen has room: no button may be off the screen.
fn fitting(scale: f64, screen: Option<(f64, f64)>) -> Sizes {
    let scale = scale.clamp(1.0, LARGEST_SCALE);
    let side = |usual: f64, smallest: f64, room: Option<f64>| {
        let Some(room) = room else { return (usual, smallest) };
        let smallest = smallest.min(room);
        ((usual * scale).min(room * SHARE).round().max(smallest), smallest)
    };
    let (width, height) = (screen.map(|(width, _)| width), screen.map(|(_, height)| height));
    let (width, narrowest) = side(USUAL.0, SMALLEST.0, width);
    let (height, lowest) = side(USUAL.1, SMALLEST.1, height);
    Sizes { opening: (width, height), smallest: (narrowest, lowest) }
}

/// The screen's colour depth in bits, where it is so low that the web view paints nothing: it needs true colour.
#[cfg(target_os = "linux")]
pub(crate) fn too_few_colours() -> Option<i32> {
    let visual = gtk::gdk::Screen::default()?.system_visual()?;
    let paints = visual.visual_type() == gtk::gdk::VisualType::TrueColor && visual.depth() >= 15;
    (!paints).then(|| visual.depth())
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
    // Some remote desktops know neither panels nor a size.
    let area = area.filter(|area| area.width() > 0 && area.height() > 0);
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
            (2.0, Some((1024.0, 600.0)), (942.0, 552.0)),
            (0.5, None, (760.0, 600.0)),
            (2.0, None, (760.0, 600.0)),
        ] {
            assert_eq!(fitting(scale, screen).opening, size, "{scale} on {screen:?}");
        }
    }

    #[test]
    fn the_window_opens_no_larger_than_the_screen_and_may_be_made_as_small_as_that() {
        for (screen, opening, smallest) in [
            ((640.0, 480.0), (589.0, 442.0), (480.0, 400.0)),
            ((800.0, 600.0), (736.0, 552.0), (480.0, 400.0)),
            ((5120.0, 420.0), (760.0, 400.0), (480.0, 400.0)),
            ((320.0, 240.0), (320.0, 240.0), (320.0, 240.0)),
        ] {
            for scale in [1.0, 2.0] {
                let sizes = fitting(scale, Some(screen));
                assert!(sizes.opening.0 <= screen.0 && sizes.opening.1 <= screen.1, "{sizes:?}");
                assert_eq!(sizes.smallest, smallest, "{screen:?}");
            }
            assert_eq!(fitting(1.0, Some(screen)).opening, opening, "{screen:?}");
        }
    }
}
