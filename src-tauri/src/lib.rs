//! The wizard's backend: a window, and commands that translate between its pages and the device.

use std::process::ExitCode;

use tauri::{WebviewUrl, WebviewWindowBuilder};

pub mod view;

/// Runs the wizard until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    let built = tauri::Builder::default()
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .title("Latchkey")
                .inner_size(760.0, 600.0)
                .min_inner_size(480.0, 400.0)
                .disable_drag_drop_handler()
                .build()?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}
