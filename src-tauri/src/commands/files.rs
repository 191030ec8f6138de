//! Token files: saved and opened through the system's own dialogs, or dropped onto the window. The
//! pages receive the text of a file and choose no path.

use serde::Deserialize;
use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};

use super::run_blocking;
use crate::clipboard::Clipboard;
use crate::error::{CommandResult, PictureError};
use crate::files::DroppedFile;
use crate::state::WizardState;
use crate::view::{DroppedView, TextView};
use crate::{files, qr};

/// The kind of token that is saved; the suggested file name contains it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SaveAs {
    Request,
    Deactivation,
}

/// Saves a token and returns the path, or `None` if the dialog was cancelled.
#[tauri::command]
pub(crate) async fn save<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
    text: String,
    save_as: SaveAs,
) -> CommandResult<Option<String>> {
    run_blocking(app, move |app| {
        let product = app.state::<WizardState>().product_name().unwrap_or_default();
        let dialog = dialog(app, &window).set_file_name(file_name(&product, save_as));
        let chosen = dialog.blocking_save_file();
        let Some(path) = chosen.and_then(|path| path.into_path().ok()) else { return Ok(None) };
        files::write(&path, &text)?;
        app.state::<Clipboard>().mark_saved(&text);
        Ok(Some(path.display().to_string()))
    })
    .await
}

/// Returns the text of the files that the user chooses, or `None` if the dialog was cancelled.
#[tauri::command]
pub(crate) async fn open<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
) -> CommandResult<Option<TextView>> {
    run_blocking(app, move |app| {
        let Some(chosen) = dialog(app, &window).blocking_pick_files() else { return Ok(None) };
        let paths: Vec<_> = chosen.into_iter().filter_map(|path| path.into_path().ok()).collect();
        files::read_all(&paths).map(Some)
    })
    .await
}

/// Returns the text of all files that were dropped onto the window together, and what is in it. The
/// body of the call is what [`DroppedFile::parse_all`] reads.
#[tauri::command]
pub(crate) async fn read_dropped<R: Runtime>(
    app: AppHandle<R>,
    request: Request<'_>,
) -> CommandResult<DroppedView> {
    let body = raw_body(&request)?;
    run_blocking(app, move |app| {
        let files = DroppedFile::parse_all(&body).ok_or(PictureError::Unreadable)?;
        app.state::<WizardState>().read_dropped(&files)
    })
    .await
}

/// Returns the text of the QR codes in one frame of the camera's video.
#[tauri::command]
pub(crate) async fn read_frame<R: Runtime>(
    app: AppHandle<R>,
    request: Request<'_>,
) -> CommandResult<String> {
    let bytes = raw_body(&request)?;
    run_blocking(app, move |app| Ok(app.state::<qr::Camera>().decode_frame(bytes)?)).await
}

fn raw_body(request: &Request<'_>) -> CommandResult<Vec<u8>> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(bytes.clone()),
        InvokeBody::Json(_) => Err(PictureError::Unreadable.into()),
    }
}

fn dialog<R: Runtime>(app: &AppHandle<R>, window: &WebviewWindow<R>) -> FileDialogBuilder<R> {
    app.dialog().file().set_parent(window)
}

/// A file name such as `acme-cad-request.txt`.
fn file_name(product: &str, save_as: SaveAs) -> String {
    let kind = match save_as {
        SaveAs::Request => "request",
        SaveAs::Deactivation => "deactivation",
    };
    let words: Vec<_> = product
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .chain([kind.to_owned()])
        .collect();
    format!("{}.txt", words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_contains_product_and_kind_whatever_the_product_is_called() {
        assert_eq!(file_name("Acme CAD", SaveAs::Request), "acme-cad-request.txt");
        assert_eq!(file_name("../A/B: \"C\"", SaveAs::Deactivation), "a-b-c-deactivation.txt");
        assert_eq!(file_name("", SaveAs::Request), "request.txt");
    }
}
