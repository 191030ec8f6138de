//! A second start of the same product: what it hands over, and how the first window takes it.

#[cfg(unix)]
pub mod socket;

use std::path::PathBuf;

use tauri::{AppHandle, Manager as _, Runtime};

use crate::events::News;
use crate::state::opened;
use crate::view::NewsView;

/// What a start was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandOver {
    /// The desktop's token for coming forward: X11 startup notification, or Wayland's xdg-activation.
    pub startup: Option<String>,
    /// Token files, as whole paths.
    pub files: Vec<PathBuf>,
}

impl HandOver {
    /// What this process was asked for.
    #[cfg(unix)]
    #[must_use]
    pub fn of_process(files: &[PathBuf]) -> Self {
        let startup = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|id| !id.is_empty()));
        Self {
            startup,
            files: files.iter().filter_map(|file| std::path::absolute(file).ok()).collect(),
        }
    }

    /// Brings the window forward and tells the pages of the files. Reads them: not for the window's thread.
    pub fn take<R: Runtime>(self, app: &AppHandle<R>) {
        let Self { startup, files } = self;
        let handle = app.clone();
        // When it can't be asked any more, the wizard is about to end.
        let _ = app.run_on_main_thread(move || come_forward(&handle, startup.as_deref()));
        if let Some(opened) = opened(&files) {
            app.state::<News>().tell(NewsView::Opened { opened });
        }
    }
}

/// On Windows a plugin does the same by a mutex and a window message. It tells instances apart by the
/// app's identifier, so each product has one of its own.
#[cfg(windows)]
pub(crate) fn single(
    builder: tauri::Builder<tauri::Wry>,
    mut context: tauri::Context,
    profile: &latchkey_device::Profile,
) -> (tauri::Builder<tauri::Wry>, tauri::Context) {
    use clap::Parser as _;

    let product = format!(".p{}.n{}", profile.vendor, profile.product);
    context.config_mut().identifier.push_str(&product);
    let plugin = tauri_plugin_single_instance::init(|app, arguments, folder| {
        let asked = crate::cli::Arguments::try_parse_from(arguments).unwrap_or_default();
        let files = asked.token_files.iter().map(|file| PathBuf::from(&folder).join(file));
        let message = HandOver { startup: None, files: files.collect() };
        let app = app.clone();
        std::thread::spawn(move || message.take(&app));
    });
    (builder.plugin(plugin), context)
}

fn come_forward<R: Runtime>(app: &AppHandle<R>, startup: Option<&str>) {
    let Some(window) = app.get_webview_window("main") else { return };
    #[cfg(target_os = "linux")]
    if let (Ok(window), Some(startup)) = (window.gtk_window(), startup) {
        use gtk::prelude::GtkWindowExt as _;
        window.set_startup_id(startup);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = startup;
    // Each of them may be refused by the desktop; there is no other way then.
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
}
