//! QR codes and print sheets.

use tauri::{AppHandle, Manager as _, Runtime, WebviewWindow};

use super::{run_blocking, with_state};
use crate::error::CommandResult;
use crate::print;
use crate::state::WizardState;
use crate::view::QrCodeView;

#[tauri::command]
pub(crate) async fn token_qr_codes<R: Runtime>(
    app: AppHandle<R>,
    token: String,
) -> CommandResult<Vec<QrCodeView>> {
    with_state(app, move |wizard| wizard.token_qr_codes(&token)).await
}

#[tauri::command]
pub(crate) async fn seat_qr_code<R: Runtime>(
    app: AppHandle<R>,
    seat: String,
) -> CommandResult<Option<QrCodeView>> {
    with_state(app, move |wizard| wizard.seat_qr_code(&seat)).await
}

/// Opens the system's print dialog for the print sheet of a token.
#[tauri::command]
pub(crate) async fn print_sheet<R: Runtime>(
    app: AppHandle<R>,
    window: WebviewWindow<R>,
    token: String,
    seat_name: String,
) -> CommandResult<()> {
    run_blocking(app, move |app| {
        let sheet = app.state::<WizardState>().sheet(&token, &seat_name)?;
        Ok(print::print_sheet(app, &window, sheet)?)
    })
    .await
}
