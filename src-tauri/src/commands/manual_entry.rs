//! Typing a token from paper, row by row.

use tauri::{AppHandle, Runtime};

use super::with_state;
use crate::error::CommandResult;
use crate::state::WizardState;
use crate::view::EntrySheetView;

#[tauri::command]
pub(crate) async fn entry_sheet<R: Runtime>(app: AppHandle<R>) -> CommandResult<EntrySheetView> {
    with_state(app, WizardState::entry_sheet).await
}

#[tauri::command]
pub(crate) async fn type_line<R: Runtime>(
    app: AppHandle<R>,
    line: usize,
    typed: String,
) -> CommandResult<EntrySheetView> {
    with_state(app, move |wizard| wizard.type_line(line, &typed)).await
}

#[tauri::command]
pub(crate) async fn clear_entry_sheet<R: Runtime>(
    app: AppHandle<R>,
) -> CommandResult<EntrySheetView> {
    with_state(app, WizardState::clear_entry_sheet).await
}
