//! A minimal Tauri window with one page, one button and no commands. Whatever the wizard needs
//! beyond it is due to the wizard itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tauri::Builder::default().run(tauri::generate_context!()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
