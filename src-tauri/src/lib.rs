//! The wizard's backend: a window, and commands that translate between its pages and the device. The rules
//! of a licence's life are `latchkey-device`'s; what is said about them is the catalogue's.

pub mod cli;
pub mod clipboard;
mod commands;
pub mod copied_files;
mod draft;
pub mod error;
pub mod events;
pub mod files;
pub mod instance;
#[cfg(test)]
mod permissions;
mod print;
pub mod qr;
pub mod state;
pub mod view;
mod window_size;
#[cfg(target_os = "linux")]
mod x11_message;

use std::process::ExitCode;

use latchkey_device::time;
use latchkey_token::Detail;
use latchkey_words::Language;
use tauri::webview::{PermissionKind, PermissionResponse};
use tauri::{
    Builder, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};

use crate::cli::Arguments;
use crate::clipboard::Clipboard;
use crate::events::News;
#[cfg(unix)]
use crate::instance::{
    HandOver,
    socket::{self, Start},
};
use crate::qr::Camera;
use crate::state::Session;

/// Runs the wizard until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    window_size::leave_other_users_session();
    let arguments = match latchkey_console::parsed::<Arguments>(latchkey_console::of_process()) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            let said = error.render().to_string();
            return wrong_arguments(said.trim_end());
        }
    };
    #[cfg(unix)]
    let message = HandOver::of_process(&arguments.token_files);
    let session = Session::new(arguments.config_file(), arguments.token_files, time::now)
        .because(arguments.reason);
    // What is wrong with the configuration, the pages will ask for and show; then nobody knows which
    // product's window this is.
    let config = session.load().ok();
    if let Some(config) = &config {
        state::language(config, Language::from_environment()).choose();
    }
    #[cfg(unix)]
    let start = config.map(|config| socket::start(&config.profile, &message));
    #[cfg(unix)]
    if let Some(Start::Second) = start {
        return ExitCode::SUCCESS;
    }
    // The window system's own way of saying so is a panic.
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        complain(&in_words(&error::NoDisplay));
        return ExitCode::FAILURE;
    }
    #[cfg(target_os = "linux")]
    if let Some(depth) = window_size::too_few_colours() {
        let said = in_words(&error::TooFewColours { depth });
        complain(&said);
        // Without that window it stands on standard error all the same.
        let _ = x11_message::show("Latchkey", &said);
        return ExitCode::FAILURE;
    }
    let (builder, context) = (tauri::Builder::default(), tauri::generate_context!());
    #[cfg(windows)]
    let (builder, context) = match config {
        Some(config) => instance::single(builder, context, &config.profile),
        None => (builder, context),
    };
    let built = wizard(builder, session).build(context);
    let app = match built {
        Ok(app) => app,
        Err(error) => return end_with(&in_words(&error::NoWindow { reason: error.to_string() })),
    };
    #[cfg(unix)]
    if let Some(Start::First(first)) = start {
        let app = app.handle().clone();
        std::thread::spawn(move || first.listen(|message| message.take(&app)));
    }
    app.run(|app, event| match event {
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. }
            if label == "main" && commands::asks_before_closing(app) =>
        {
            api.prevent_close();
        }
        // The wizard ends with its window, whatever is still shown beside it.
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == "main" => {
            app.exit(0);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let files = urls.iter().filter_map(|url| url.to_file_path().ok()).collect();
            let message = HandOver { startup: None, files };
            let app = app.clone();
            std::thread::spawn(move || message.take(&app));
        }
        RunEvent::Exit => {
            app.state::<Clipboard>().hand_over();
            if let Some(folder) = app.try_state::<window_size::OwnFolder>() {
                folder.remove();
            }
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

fn in_words(error: &dyn latchkey_token::Coded) -> String {
    let explained = latchkey_words::explain(error);
    format!("{}\n→ {}", explained.message, explained.action)
}

/// Where there is no window, standard error is all that is left.
fn complain(said: &str) {
    use std::io::Write as _;
    let said = format!("{said}\n");
    let said = latchkey_console::Charset::of_process().fitted(&said).into_owned();
    let _ = std::io::stderr().lock().write_all(said.as_bytes());
}

/// Wrong arguments: who has typed them sees the answer where they were typed, with the status that shells know. An
/// icon with wrong arguments says so in a window.
fn wrong_arguments(said: &str) -> ExitCode {
    use std::io::IsTerminal as _;

    complain(said);
    if !std::io::stderr().is_terminal() {
        show(said);
    }
    ExitCode::from(2)
}

/// Ends a start that can't become the wizard's window, with one that says why: a person who has clicked an
/// icon sees no standard error.
fn end_with(said: &str) -> ExitCode {
    complain(said);
    show(said);
    ExitCode::FAILURE
}

/// Says it in a plain window of the desktop's own, if there is a desktop.
fn show(said: &str) {
    #[cfg(target_os = "linux")]
    if gtk::init().is_ok() {
        use gtk::prelude::{DialogExt as _, GtkWindowExt as _};
        let dialog = gtk::MessageDialog::new(
            None::<&gtk::Window>,
            gtk::DialogFlags::empty(),
            gtk::MessageType::Error,
            gtk::ButtonsType::Close,
            said,
        );
        dialog.set_title("Latchkey");
        let _ = dialog.run();
    }
    #[cfg(not(target_os = "linux"))]
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Latchkey")
        .set_description(said)
        .show();
}

/// Everything but the window system, so that tests can have another one.
fn wizard<R: Runtime>(builder: Builder<R>, session: Session) -> Builder<R> {
    print::with_sheets(builder)
        // The camera for the wizard's own page, when the person has pressed its button; nothing else for anybody.
        .on_permission_request(|webview, kind| match kind {
            PermissionKind::Camera if webview.label() == "main" => PermissionResponse::Allow,
            _ => PermissionResponse::Deny,
        })
        .plugin(tauri_plugin_dialog::init())
        .manage(session)
        .manage(Clipboard::default())
        .manage(Camera::default())
        .manage(News::default())
        .invoke_handler(tauri::generate_handler![
            commands::licence::app,
            commands::licence::status,
            commands::licence::request,
            commands::licence::pending_request,
            commands::licence::cancel_request,
            commands::licence::inspect,
            commands::licence::apply,
            commands::licence::deactivate,
            commands::licence::confirm_delivered,
            commands::licence::details,
            commands::licence::use_file_store,
            commands::clipboard::copy,
            commands::clipboard::paste,
            commands::files::save,
            commands::files::open,
            commands::paper::pictures,
            commands::paper::seat_picture,
            commands::paper::read_file,
            commands::paper::read_frame,
            commands::paper::print_sheet,
            commands::paper::worksheet,
            commands::paper::type_line,
            commands::paper::clear_worksheet,
            commands::listen,
            commands::quit,
        ])
        .setup(|app| {
            // The title is in the catalogue too, so the configuration was read before the window opens.
            let product =
                app.state::<Session>().product_name().unwrap_or_else(|| "Latchkey".to_owned());
            let title = latchkey_words::text("wizard-title", &[("product", Detail::Text(product))]);
            let window_size::Sizes { opening, smallest } = window_size::sizes();
            let mut builder =
                WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                    .title(title)
                    .inner_size(opening.0, opening.1)
                    .min_inner_size(smallest.0, smallest.1)
                    // The pages' own address and no other.
                    .on_navigation(|url| {
                        url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
                    })
                    // Files are dropped into the page, which reads their text; it never learns a path.
                    .disable_drag_drop_handler();
            let usual = app.path().app_local_data_dir().ok();
            if let Some(folder) = window_size::own_folder(usual.as_deref()) {
                builder = builder.data_directory(folder.path().to_owned());
                app.manage(folder);
            }
            match builder.build() {
                Ok(window) => allow_camera(&window),
                // An error from here would be a panic in the window system's own loop.
                Err(error) => {
                    let error = error::NoWindow { reason: error.to_string() };
                    let _ = end_with(&in_words(&error));
                    app.handle().exit(1);
                }
            }
            Ok(())
        })
}

/// WebKitGTK shows cameras to a page only when it is told to; without it the page knows of none.
#[cfg(target_os = "linux")]
fn allow_camera<R: Runtime>(window: &tauri::WebviewWindow<R>) {
    use webkit2gtk::{SettingsExt as _, WebViewExt as _};
    // Where that fails there is no camera, which the page is ready for.
    let _ = window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            settings.set_enable_media_stream(true);
        }
    });
}

/// Elsewhere the web view knows cameras by itself.
#[cfg(not(target_os = "linux"))]
const fn allow_camera<R: Runtime>(_: &tauri::WebviewWindow<R>) {}
