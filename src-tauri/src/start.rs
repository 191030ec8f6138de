//! What the window needs of the system, and failures of the start that would otherwise be silent:
//! on Windows and macOS, a user who clicks an icon doesn't see standard error.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::NoWindow;

static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Shows a panic of this thread in a message window, until the wizard's window is open. The
/// libraries of the window panic where the system lacks something that they need.
pub(crate) fn show_panics() {
    let main = std::thread::current().id();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        if std::thread::current().id() == main && !IS_OVER.load(Ordering::Relaxed) {
            let reason = panic.payload_as_str().unwrap_or_default().to_owned();
            crate::show_message(&crate::format_error(&NoWindow { reason }));
        }
    }));
}

/// The window is open: from now on the pages show what fails.
pub(crate) fn finish() {
    IS_OVER.store(true, Ordering::Relaxed);
}

/// The folder of a fixed version of the WebView2 runtime, which the vendor's installer puts beside
/// the wizard.
#[cfg(windows)]
pub(crate) const OWN_WEBVIEW: &str = "webview2";

/// Whether such a version is beside the wizard.
#[cfg(windows)]
pub(crate) fn has_own_webview() -> bool {
    let folder = latchkey_config::program_folder().map(|folder| folder.join(OWN_WEBVIEW));
    folder.is_some_and(|folder| folder.join("msedgewebview2.exe").is_file())
}
