//! The life of a licence: one command for each operation of the [`crate::state::WizardState`].

use tauri::{AppHandle, Runtime};

use super::with_state;
use crate::error::CommandResult;
use crate::view::{
    AppView, AppliedView, DeactivatedView, DetailView, InspectionView, RequestView, StatusView,
};

#[tauri::command]
pub(crate) async fn load_app<R: Runtime>(app: AppHandle<R>) -> CommandResult<AppView> {
    with_state(app, |wizard| Ok(wizard.load_app())).await
}

#[tauri::command]
pub(crate) async fn status<R: Runtime>(app: AppHandle<R>) -> CommandResult<StatusView> {
    with_state(app, |wizard| wizard.status()).await
}

/// Creates a request. A code that looks mistyped is refused unless `confirmed` is set.
#[tauri::command]
pub(crate) async fn request<R: Runtime>(
    app: AppHandle<R>,
    code: String,
    seat_name: String,
    renew: bool,
    confirmed: bool,
) -> CommandResult<RequestView> {
    with_state(app, move |wizard| {
        if !confirmed {
            wizard.check_for_typos(&code)?;
        }
        match renew {
            true => wizard.request_renewal(&code, &seat_name),
            false => wizard.request(&code, &seat_name),
        }
    })
    .await
}

#[tauri::command]
pub(crate) async fn pending_request<R: Runtime>(
    app: AppHandle<R>,
) -> CommandResult<Option<RequestView>> {
    with_state(app, |wizard| wizard.pending_request()).await
}

#[tauri::command]
pub(crate) async fn cancel_request<R: Runtime>(app: AppHandle<R>) -> CommandResult<StatusView> {
    with_state(app, |wizard| wizard.cancel_request()).await
}

#[tauri::command]
pub(crate) async fn inspect<R: Runtime>(
    app: AppHandle<R>,
    text: String,
) -> CommandResult<InspectionView> {
    with_state(app, move |wizard| wizard.inspect(&text)).await
}

#[tauri::command]
pub(crate) async fn apply<R: Runtime>(
    app: AppHandle<R>,
    text: String,
) -> CommandResult<AppliedView> {
    with_state(app, move |wizard| wizard.apply(&text)).await
}

#[tauri::command]
pub(crate) async fn deactivate<R: Runtime>(app: AppHandle<R>) -> CommandResult<DeactivatedView> {
    with_state(app, |wizard| wizard.deactivate()).await
}

#[tauri::command]
pub(crate) async fn confirm_delivered<R: Runtime>(
    app: AppHandle<R>,
    id: String,
) -> CommandResult<StatusView> {
    with_state(app, move |wizard| wizard.confirm_delivered(&id)).await
}

#[tauri::command]
pub(crate) async fn details<R: Runtime>(app: AppHandle<R>) -> CommandResult<Vec<DetailView>> {
    with_state(app, |wizard| wizard.details()).await
}

#[tauri::command]
pub(crate) async fn use_file_store<R: Runtime>(app: AppHandle<R>) -> CommandResult<StatusView> {
    with_state(app, |wizard| wizard.use_file_store()).await
}
