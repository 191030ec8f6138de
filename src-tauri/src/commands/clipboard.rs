//! Copy and paste, through the backend: the pages have no clipboard permission of their own.

use tauri::{AppHandle, Manager as _, Runtime};

use super::aside;
use crate::clipboard::Clipboard;
use crate::error::Answer;
use crate::view::{CopiedView, TextView};

#[tauri::command]
pub(crate) async fn copy<R: Runtime>(app: AppHandle<R>, text: String) -> Answer<CopiedView> {
    aside(app, move |app| Ok(app.state::<Clipboard>().copy(app, &text)?)).await
}

#[tauri::command]
pub(crate) async fn paste<R: Runtime>(app: AppHandle<R>) -> Answer<TextView> {
    aside(app, |app| app.state::<Clipboard>().paste(app)).await
}
