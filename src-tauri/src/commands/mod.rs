//! The commands that the pages may call. Each only passes its arguments to the [`WizardState`], the
//! clipboard or a native dialog, on a thread where blocking is allowed.

pub(crate) mod clipboard;
pub(crate) mod files;
pub(crate) mod licence;
pub(crate) mod manual_entry;
pub(crate) mod print;

use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::clipboard::Clipboard;
use crate::error::{CommandResult, InternalError};
use crate::events::EventChannel;
use crate::state::WizardState;
use crate::view::BackendEvent;

/// Runs blocking work off the main thread.
async fn run_blocking<R, T>(
    app: AppHandle<R>,
    work: impl FnOnce(&AppHandle<R>) -> CommandResult<T> + Send + 'static,
) -> CommandResult<T>
where
    R: Runtime,
    T: Send + 'static,
{
    let done = tauri::async_runtime::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|_| Err(InternalError::TaskPanicked.into()))
}

/// Runs an operation of the [`WizardState`] off the main thread.
async fn with_state<R, T>(
    app: AppHandle<R>,
    operation: impl FnOnce(&WizardState) -> CommandResult<T> + Send + 'static,
) -> CommandResult<T>
where
    R: Runtime,
    T: Send + 'static,
{
    run_blocking(app, move |app| operation(&app.state::<WizardState>())).await
}

/// Opens the channel for the events that the backend sends on its own.
#[tauri::command]
pub(crate) fn listen<R: Runtime>(app: AppHandle<R>, channel: Channel<BackendEvent>) {
    app.state::<EventChannel>().connect(channel);
}

/// Closes the wizard. A clipboard manager takes over what was copied; where there is none, the
/// pages ask for confirmation first, unless `confirmed` is set.
#[tauri::command]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>, confirmed: bool) {
    if confirmed || !defer_close(&app) {
        app.exit(0);
    }
}

/// Defers closing the window if the clipboard might lose a token with it, and returns whether it
/// did. Afterwards either the pages are told to ask for confirmation, or the wizard exits.
pub(crate) fn defer_close<R: Runtime>(app: &AppHandle<R>) -> bool {
    // Pages that aren't loaded can't ask.
    if !app.state::<EventChannel>().is_connected() || !app.state::<Clipboard>().may_lose_copy() {
        return false;
    }
    let app = app.clone();
    std::thread::spawn(move || {
        if app.state::<Clipboard>().would_lose_copy(&app) {
            app.state::<Clipboard>().mark_confirmation_shown();
            app.state::<EventChannel>().send(BackendEvent::CloseRequested);
        } else {
            app.exit(0);
        }
    });
    true
}
