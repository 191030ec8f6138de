//! Failures of the start that would otherwise be silent: on Windows and macOS, a user who clicks an
//! icon doesn't see standard error.

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
