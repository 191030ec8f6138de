//! What the pages may call. Each command only carries a question to the [`Session`], the clipboard or a
//! native dialog, on a thread where waiting is allowed.

pub(crate) mod clipboard;
pub(crate) mod files;
pub(crate) mod licence;

use tauri::{AppHandle, Manager as _, Runtime};

use crate::error::{Answer, Interrupted};
use crate::session::Session;

/// Does the work off the window's thread.
async fn aside<R, T>(
    app: AppHandle<R>,
    work: impl FnOnce(&AppHandle<R>) -> Answer<T> + Send + 'static,
) -> Answer<T>
where
    R: Runtime,
    T: Send + 'static,
{
    let done = tauri::async_runtime::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|_| Err(Interrupted.into()))
}

/// Asks the session, off the window's thread.
async fn ask<R, T>(
    app: AppHandle<R>,
    question: impl FnOnce(&Session) -> Answer<T> + Send + 'static,
) -> Answer<T>
where
    R: Runtime,
    T: Send + 'static,
{
    aside(app, move |app| question(&app.state::<Session>())).await
}

/// Closes the wizard. What was copied is handed over on the way out.
#[tauri::command]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    app.exit(0);
}
