//! Printing: the print sheet opens in a window of its own, which may call no command, and the
//! system's print dialog opens over it.

use std::sync::{Mutex, PoisonError};

use latchkey_token::ErrorArg;
use tauri::http::{Response, header};
use tauri::webview::PageLoadEvent;
use tauri::{
    AppHandle, Builder, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
};

use crate::error::PrintFailed;
use crate::state::WizardState;

/// The label of the sheet's window, and the scheme of its only URL.
const SHEET: &str = "sheet";
const SHEET_URL: &str = "sheet://localhost/";

/// The HTML of the sheet that is shown.
#[derive(Default)]
struct SheetHtml(Mutex<String>);

/// Registers the URI scheme under which the sheet is shown.
pub(crate) fn register_sheet_protocol<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.manage(SheetHtml::default()).register_uri_scheme_protocol(SHEET, |context, _| {
        // Only the sheet's window may load the sheet.
        let html = match context.webview_label() {
            SHEET => context.app_handle().state::<SheetHtml>().get(),
            _ => String::new(),
        };
        let mut response = Response::new(html.into_bytes());
        let content_type = header::HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        response
    })
}

/// Shows a sheet and opens the print dialog. A sheet that is still open is replaced.
///
/// # Errors
/// [`PrintFailed`], which has no variants, if the window can't be opened.
pub(crate) fn print_sheet<R: Runtime>(
    app: &AppHandle<R>,
    wizard: &WebviewWindow<R>,
    html: String,
) -> Result<(), PrintFailed> {
    app.state::<SheetHtml>().set(html);
    if let Some(window) = app.get_webview_window(SHEET) {
        return window.reload().and_then(|()| window.set_focus()).map_err(|_| PrintFailed);
    }
    let product = app.state::<WizardState>().product_name().unwrap_or_default();
    let title = latchkey_i18n::text("wizard-sheet-window", &[("product", ErrorArg::Text(product))]);
    let url = SHEET_URL.parse().map_err(|_| PrintFailed)?;
    let window = WebviewWindowBuilder::new(app, SHEET, WebviewUrl::CustomProtocol(url))
        .title(title)
        .inner_size(820.0, 900.0)
        .on_navigation(|url| url.scheme() == SHEET || url.host_str() == Some("sheet.localhost"))
        .disable_drag_drop_handler()
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                // Without a print dialog the sheet can still be read on the screen.
                let _ = window.print();
            }
        });
    let window = window.parent(wizard).map_err(|_| PrintFailed)?;
    window.build().map(|_| ()).map_err(|_| PrintFailed)
}

impl SheetHtml {
    fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, html: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = html;
    }
}
