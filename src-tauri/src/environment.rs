//! Checks and repairs the environment that the window needs: the runtime folder, the webview's data
//! folder, and a display with enough colours.

use std::path::Path;

use tempfile::TempDir;

/// A temporary folder for the webview's own files, if the usual one can't be used: the home folder
/// is read-only, full or another user's, or an administrator's command has left a folder in it.
/// Without a usable folder the webview would not start; the wizard stores nothing there that it
/// needs again. Returns `None` if the usual folder can be used.
pub(crate) fn fallback_data_dir(usual: Option<&Path>) -> Option<FallbackDataDir> {
    if usual.is_some_and(is_usable) {
        return None;
    }
    tempfile::Builder::new().prefix("latchkey-").tempdir().ok().map(FallbackDataDir)
}

/// A data folder that is deleted when the wizard exits.
#[derive(Debug)]
pub(crate) struct FallbackDataDir(TempDir);

impl FallbackDataDir {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Deletes the folder. Needed because the process exits without dropping values.
    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_dir_all(self.path());
    }
}

/// Whether files can be created in a folder. If the folder is created here, it belongs to the user,
/// also when an administrator's command runs.
fn is_usable(folder: &Path) -> bool {
    latchkey_files::create_folder(folder, latchkey_files::Access::User).is_ok()
        && tempfile::tempfile_in(folder).is_ok()
}

/// Restarts the wizard without `XDG_RUNTIME_DIR` if that folder isn't this user's, as in a shell of
/// another user (`su`, `sudo -u`). The specification requires programs to do without it then, and
/// desktop services that start with it would block the window for half a minute. Does nothing if
/// the folder can be used.
///
/// XDG Base Directory Specification 0.8, `$XDG_RUNTIME_DIR`.
#[cfg(target_os = "linux")]
pub(crate) fn drop_foreign_runtime_dir() {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;

    const NAME: &str = "XDG_RUNTIME_DIR";
    let Some(folder) = std::env::var_os(NAME) else { return };
    let user = rustix::process::geteuid().as_raw();
    let is_own = std::fs::metadata(folder).is_ok_and(|it| it.is_dir() && it.uid() == user);
    if !is_own && let Ok(wizard) = std::env::current_exe() {
        // `exec` returns only if it fails; then the wizard continues with the folder.
        let arguments = std::env::args_os().skip(1);
        let _ = std::process::Command::new(wizard).args(arguments).env_remove(NAME).exec();
    }
}

/// The display's colour depth in bits, if it is too low for the webview, which needs true colour to
/// paint anything.
#[cfg(target_os = "linux")]
pub(crate) fn unsupported_colour_depth() -> Option<i32> {
    let visual = gtk::gdk::Screen::default()?.system_visual()?;
    let paints = visual.visual_type() == gtk::gdk::VisualType::TrueColor && visual.depth() >= 15;
    (!paints).then(|| visual.depth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_data_folder_is_replaced_by_a_temporary_one() {
        let home = tempfile::tempdir().unwrap();
        assert!(fallback_data_dir(Some(&home.path().join(".local/share/wizard"))).is_none());
        std::fs::write(home.path().join("file"), "").unwrap();
        for unusable in [Some(home.path().join("file/wizard")), None] {
            let own = fallback_data_dir(unusable.as_deref()).unwrap();
            std::fs::write(own.path().join("cookies"), "x").unwrap();
            own.remove();
            assert!(!own.path().exists());
        }
    }
}
