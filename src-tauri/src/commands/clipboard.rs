//! Copying and pasting through the backend: the pages have no clipboard permission of their own.

use tauri::{AppHandle, Manager as _, Runtime};

use super::run_blocking;
use crate::clipboard::Clipboard;
use crate::error::CommandResult;
use crate::view::{CopiedView, TextView};

#[tauri::command]
pub(crate) async fn copy<R: Runtime>(app: AppHandle<R>, text: String) -> CommandResult<CopiedView> {
    run_blocking(app, move |app| Ok(app.state::<Clipboard>().copy(app, &text)?)).await
}

#[tauri::command]
pub(crate) async fn paste<R: Runtime>(app: AppHandle<R>) -> CommandResult<TextView> {
    run_blocking(app, |app| app.state::<Clipboard>().paste(app)).await
}
