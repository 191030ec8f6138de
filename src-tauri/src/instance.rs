//! One instance per product: what a second start passes on, and how the first instance handles it.

#[cfg(unix)]
pub mod socket;

use std::path::PathBuf;

use tauri::{AppHandle, Manager as _, Runtime};

use crate::events::EventChannel;
use crate::state::read_token_files;
use crate::view::BackendEvent;

/// What a start of the wizard was asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaunchRequest {
    /// The desktop's token that allows the window to come to the front: X11 startup notification or
    /// Wayland's xdg-activation.
    pub activation_token: Option<String>,
    /// Token files: absolute paths, or what can't be a path on this computer.
    pub files: Vec<PathBuf>,
}

impl LaunchRequest {
    /// What this process was asked to do.
    #[cfg(unix)]
    #[must_use]
    pub fn from_process(files: Vec<PathBuf>) -> Self {
        let activation_token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|id| !id.is_empty()));
        Self { activation_token, files }
    }

    /// Focuses the window and sends the files' text to the pages. Blocking: it reads the files, so
    /// don't call it on the main thread.
    pub fn handle<R: Runtime>(self, app: &AppHandle<R>) {
        let Self { activation_token, files } = self;
        let handle = app.clone();
        // This fails only when the wizard is about to exit.
        let _ = app.run_on_main_thread(move || focus_window(&handle, activation_token.as_deref()));
        if let Some(files) = read_token_files(&files) {
            app.state::<EventChannel>().send(BackendEvent::FilesOpened { files });
        }
    }
}

/// Installs the plugin that does the same on Windows, by a mutex and a window message. The plugin
/// tells instances apart by the app's identifier, so each product gets one of its own.
#[cfg(windows)]
pub(crate) fn with_single_instance(
    builder: tauri::Builder<tauri::Wry>,
    mut context: tauri::Context,
    profile: &latchkey_device::Profile,
) -> (tauri::Builder<tauri::Wry>, tauri::Context) {
    use clap::Parser as _;

    let product = format!(".p{}.n{}", profile.vendor, profile.product);
    context.config_mut().identifier.push_str(&product);
    let plugin = tauri_plugin_single_instance::init(|app, arguments, folder| {
        let arguments = crate::cli::Arguments::try_parse_from(arguments).unwrap_or_default();
        // This process may be in another folder than the one that was started.
        let exists = |file: &PathBuf| file.exists();
        let files = arguments.token_files.iter().map(|file| {
            let there = PathBuf::from(&folder).join(file);
            Some(there.clone()).filter(exists).unwrap_or_else(|| {
                latchkey_console::path_of(file)
                    .map_or_else(|_| file.into(), |path| PathBuf::from(&folder).join(path))
            })
        });
        let request = LaunchRequest { activation_token: None, files: files.collect() };
        let app = app.clone();
        std::thread::spawn(move || request.handle(&app));
    });
    (builder.plugin(plugin), context)
}

fn focus_window<R: Runtime>(app: &AppHandle<R>, activation_token: Option<&str>) {
    let Some(window) = app.get_webview_window("main") else { return };
    #[cfg(target_os = "linux")]
    if let (Ok(window), Some(token)) = (window.gtk_window(), activation_token) {
        use gtk::prelude::GtkWindowExt as _;
        window.set_startup_id(token);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = activation_token;
    // The desktop may refuse each of these, and there is no other way to ask.
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
}
