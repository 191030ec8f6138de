//! Save and open, with the system's own dialogs. The pages learn a file's text, and choose no path.

use serde::Deserialize;
use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};

use super::aside;
use crate::clipboard::Clipboard;
use crate::error::Answer;
use crate::files;
use crate::state::Session;
use crate::view::TextView;

/// What a saved file is named after.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SaveAs {
    Request,
    Deactivation,
}

#[tauri::command]
pub(crate) async fn save<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
    text: String,
    save_as: SaveAs,
) -> Answer<Option<String>> {
    aside(app, move |app| {
        let product = app.state::<Session>().product_name().unwrap_or_default();
        let dialog = dialog(app, &window).set_file_name(file_name(&product, save_as));
        let chosen = dialog.blocking_save_file();
        let Some(path) = chosen.and_then(|path| path.into_path().ok()) else { return Ok(None) };
        files::write(&path, &text)?;
        app.state::<Clipboard>().is_saved(&text);
        Ok(Some(path.display().to_string()))
    })
    .await
}

#[tauri::command]
pub(crate) async fn open<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
) -> Answer<Option<TextView>> {
    aside(app, move |app| {
        let Some(chosen) = dialog(app, &window).blocking_pick_files() else { return Ok(None) };
        let paths: Vec<_> = chosen.into_iter().filter_map(|path| path.into_path().ok()).collect();
        files::read_all(&paths).map(Some)
    })
    .await
}

fn dialog<R: Runtime>(app: &AppHandle<R>, window: &WebviewWindow<R>) -> FileDialogBuilder<R> {
    app.dialog().file().set_parent(window)
}

/// `acme-cad-request.txt`
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
    fn a_file_is_named_after_product_and_kind_whatever_the_product_is_called() {
        assert_eq!(file_name("Acme CAD", SaveAs::Request), "acme-cad-request.txt");
        assert_eq!(file_name("../A/B: \"C\"", SaveAs::Deactivation), "a-b-c-deactivation.txt");
        assert_eq!(file_name("", SaveAs::Request), "request.txt");
    }
}
