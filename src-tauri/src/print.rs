//! Printing: the sheet is shown in a window of its own, which may call nothing, and the system's print dialog opens on it.

use std::sync::{Mutex, PoisonError};

use latchkey_token::Detail;
use tauri::http::{Response, header};
use tauri::webview::PageLoadEvent;
use tauri::{
    AppHandle, Builder, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
};

use crate::error::NotPrinted;
use crate::state::Session;

/// The window's label, and the scheme of the one address that it has.
const SHEET: &str = "sheet";
const ADDRESS: &str = "sheet://localhost/";

/// The page that is to be printed.
#[derive(Default)]
struct Page(Mutex<String>);

/// Teaches the builder the scheme that the sheet is shown under.
pub(crate) fn with_sheets<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.manage(Page::default()).register_uri_scheme_protocol(SHEET, |context, _| {
        // The wizard's own window has no business there.
        let page = match context.webview_label() {
            SHEET => context.app_handle().state::<Page>().get(),
            _ => String::new(),
        };
        let mut response = Response::new(page.into_bytes());
        let html = header::HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, html);
        response
    })
}

/// Shows a sheet and opens the print dialog. A sheet that is still shown makes room for the new one.
///
/// # Errors
/// [`NotPrinted`] when the window can't be opened.
pub(crate) fn print<R: Runtime>(
    app: &AppHandle<R>,
    wizard: &WebviewWindow<R>,
    page: String,
) -> Result<(), NotPrinted> {
    app.state::<Page>().set(page);
    if let Some(shown) = app.get_webview_window(SHEET) {
        return shown.reload().and_then(|()| shown.set_focus()).map_err(|_| NotPrinted);
    }
    let product = app.state::<Session>().product_name().unwrap_or_default();
    let title = latchkey_words::text("wizard-sheet-window", &[("product", Detail::Text(product))]);
    let address = ADDRESS.parse().map_err(|_| NotPrinted)?;
    let window = WebviewWindowBuilder::new(app, SHEET, WebviewUrl::CustomProtocol(address))
        .title(title)
        .inner_size(820.0, 900.0)
        .on_navigation(|url| url.scheme() == SHEET || url.host_str() == Some("sheet.localhost"))
        .disable_drag_drop_handler()
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                // Where there is no dialog the sheet itself is still there to be looked at.
                let _ = window.print();
            }
        });
    let window = window.parent(wizard).map_err(|_| NotPrinted)?;
    window.build().map(|_| ()).map_err(|_| NotPrinted)
}

impl Page {
    fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, page: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = page;
    }
}
