//! The licence's life: one command for each operation of the session.

use tauri::{AppHandle, Runtime};

use super::ask;
use crate::error::Answer;
use crate::view::{
    AppView, AppliedView, DeactivatedView, DetailView, InspectionView, RequestView, StatusView,
};

#[tauri::command]
pub(crate) async fn app<R: Runtime>(app: AppHandle<R>) -> Answer<AppView> {
    ask(app, |session| Ok(session.app())).await
}

#[tauri::command]
pub(crate) async fn status<R: Runtime>(app: AppHandle<R>) -> Answer<StatusView> {
    ask(app, |session| session.status()).await
}

#[tauri::command]
pub(crate) async fn request<R: Runtime>(
    app: AppHandle<R>,
    code: String,
    seat_name: String,
    renew: bool,
    sure: bool,
) -> Answer<RequestView> {
    ask(app, move |session| {
        if !sure {
            session.compare_code(&code)?;
        }
        match renew {
            true => session.request_renewal(&code, &seat_name),
            false => session.request(&code, &seat_name),
        }
    })
    .await
}

#[tauri::command]
pub(crate) async fn pending_request<R: Runtime>(app: AppHandle<R>) -> Answer<Option<RequestView>> {
    ask(app, |session| session.pending_request()).await
}

#[tauri::command]
pub(crate) async fn cancel_request<R: Runtime>(app: AppHandle<R>) -> Answer<StatusView> {
    ask(app, |session| session.cancel_request()).await
}

#[tauri::command]
pub(crate) async fn inspect<R: Runtime>(app: AppHandle<R>, text: String) -> Answer<InspectionView> {
    ask(app, move |session| session.inspect(&text)).await
}

#[tauri::command]
pub(crate) async fn apply<R: Runtime>(app: AppHandle<R>, text: String) -> Answer<AppliedView> {
    ask(app, move |session| session.apply(&text)).await
}

#[tauri::command]
pub(crate) async fn deactivate<R: Runtime>(app: AppHandle<R>) -> Answer<DeactivatedView> {
    ask(app, |session| session.deactivate()).await
}

#[tauri::command]
pub(crate) async fn confirm_delivered<R: Runtime>(
    app: AppHandle<R>,
    id: String,
) -> Answer<StatusView> {
    ask(app, move |session| session.confirm_delivered(&id)).await
}

#[tauri::command]
pub(crate) async fn details<R: Runtime>(app: AppHandle<R>) -> Answer<Vec<DetailView>> {
    ask(app, |session| session.details()).await
}

#[tauri::command]
pub(crate) async fn use_file_store<R: Runtime>(app: AppHandle<R>) -> Answer<StatusView> {
    ask(app, |session| session.use_file_store()).await
}
