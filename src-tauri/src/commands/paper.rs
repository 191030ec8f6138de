//! Pictures, print sheets, and typing rows.

use tauri::ipc::{InvokeBody, Request};
use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};

use super::{aside, ask};
use crate::error::{Answer, PictureError};
use crate::state::Session;
use crate::view::{PictureView, WorksheetView};
use crate::{files, print, qr};

#[tauri::command]
pub(crate) async fn pictures<R: Runtime>(
    app: AppHandle<R>,
    token: String,
) -> Answer<Vec<PictureView>> {
    ask(app, move |session| session.pictures(&token)).await
}

#[tauri::command]
pub(crate) async fn seat_picture<R: Runtime>(
    app: AppHandle<R>,
    seat: String,
) -> Answer<Option<PictureView>> {
    ask(app, move |session| session.seat_picture(&seat)).await
}

/// What a file says that was dropped onto the window: its text, or that of the QR codes in it. The file's bytes are the
/// body of the call, and its name stays with the page.
#[tauri::command]
pub(crate) async fn read_file<R: Runtime>(
    app: AppHandle<R>,
    request: Request<'_>,
) -> Answer<String> {
    let bytes = body(&request)?;
    aside(app, move |_| Ok(files::said_in("", &bytes)?)).await
}

/// What the QR codes say that the camera shows, picture after picture.
#[tauri::command]
pub(crate) async fn read_frame<R: Runtime>(
    app: AppHandle<R>,
    request: Request<'_>,
) -> Answer<String> {
    let bytes = body(&request)?;
    aside(app, move |app| Ok(app.state::<qr::Camera>().read(bytes)?)).await
}

fn body(request: &Request<'_>) -> Answer<Vec<u8>> {
    match request.body() {
        InvokeBody::Raw(bytes) => Ok(bytes.clone()),
        InvokeBody::Json(_) => Err(PictureError::Unreadable.into()),
    }
}

/// Opens the system's print dialog for the print sheet of a token.
#[tauri::command]
pub(crate) async fn print_sheet<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
    token: String,
    seat_name: String,
) -> Answer<()> {
    aside(app, move |app| {
        let sheet = app.state::<Session>().sheet(&token, &seat_name)?;
        Ok(print::print(app, &window, sheet)?)
    })
    .await
}

#[tauri::command]
pub(crate) async fn worksheet<R: Runtime>(app: AppHandle<R>) -> Answer<WorksheetView> {
    ask(app, Session::worksheet).await
}

#[tauri::command]
pub(crate) async fn type_line<R: Runtime>(
    app: AppHandle<R>,
    line: usize,
    typed: String,
) -> Answer<WorksheetView> {
    ask(app, move |session| session.type_line(line, &typed)).await
}

#[tauri::command]
pub(crate) async fn clear_worksheet<R: Runtime>(app: AppHandle<R>) -> Answer<WorksheetView> {
    ask(app, Session::clear_worksheet).await
}
