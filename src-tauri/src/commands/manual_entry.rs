//! Typing a token from paper, row by row.

use tauri::{AppHandle, Runtime};

use super::with_state;
use crate::error::CommandResult;
use crate::state::WizardState;
use crate::view::WorksheetView;

#[tauri::command]
pub(crate) async fn worksheet<R: Runtime>(app: AppHandle<R>) -> CommandResult<WorksheetView> {
    with_state(app, WizardState::worksheet).await
}

#[tauri::command]
pub(crate) async fn type_line<R: Runtime>(
    app: AppHandle<R>,
    line: usize,
    typed: String,
) -> CommandResult<WorksheetView> {
    with_state(app, move |wizard| wizard.type_line(line, &typed)).await
}

#[tauri::command]
pub(crate) async fn clear_worksheet<R: Runtime>(app: AppHandle<R>) -> CommandResult<WorksheetView> {
    with_state(app, WizardState::clear_worksheet).await
}
