//! The wizard's backend: its window, and the commands that connect the pages with the device. The
//! rules of a licence's life are in `latchkey-device`, the messages in the message catalogue.

pub mod cli;
pub mod clipboard;
mod commands;
pub mod copied_files;
mod draft;
mod environment;
pub mod error;
pub mod events;
pub mod files;
pub mod instance;
mod names;
#[cfg(test)]
mod permissions;
mod print;
pub mod qr;
#[cfg(not(target_os = "linux"))]
mod start;
pub mod state;
pub mod view;
mod window_size;
#[cfg(target_os = "linux")]
mod x11_message;

use std::process::ExitCode;

use latchkey_device::time;
use latchkey_i18n::Language;
use latchkey_token::ErrorArg;
use tauri::webview::{PermissionKind, PermissionResponse};
use tauri::{
    Builder, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};

use crate::cli::Arguments;
use crate::clipboard::Clipboard;
use crate::events::EventChannel;
#[cfg(unix)]
use crate::instance::{
    LaunchRequest,
    socket::{self, Instance},
};
use crate::qr::Camera;
use crate::state::WizardState;

/// Runs the wizard until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    environment::drop_foreign_runtime_dir();
    #[cfg(not(target_os = "linux"))]
    start::show_panics();
    names::choose();
    let arguments = match Arguments::of_process() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => return print_help(&error.render().to_string()),
        Err(error) => {
            return report_usage_error(error.render().to_string().trim_end());
        }
    };
    let token_files = arguments.token_files();
    #[cfg(unix)]
    let request = LaunchRequest::from_process(token_files.clone());
    let config_file = arguments.config_file();
    let window_icon = names::window_icon(&config_file);
    let state = WizardState::new(config_file, token_files, time::now).with_reason(arguments.reason);
    // The pages load the configuration again and show what is wrong with it. Until it is valid, the
    // product is unknown, so there can be no single instance of it.
    let config = state.load_config().ok();
    if let Some(config) = &config {
        names::set_product(&config.profile.product_name);
        state::choose_language(config, Language::from_environment()).choose();
    }
    let app_id = config.as_ref().and_then(|config| config.app_id.clone());
    #[cfg(unix)]
    let instance = config.map(|config| socket::acquire(&config.profile, &request));
    #[cfg(unix)]
    if let Some(Instance::Forwarded) = instance {
        return ExitCode::SUCCESS;
    }
    // The desktop takes the first part of the window's class from it, and on Wayland the
    // application's id.
    #[cfg(target_os = "linux")]
    if let Some(app_id) = &app_id {
        gtk::glib::set_prgname(Some(app_id));
    }
    // Without this check Tauri would panic.
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        print_error(&format_error(&error::NoDisplay));
        return ExitCode::FAILURE;
    }
    #[cfg(target_os = "linux")]
    if let Some(app_id) = &app_id {
        gtk::gdk::set_program_class(app_id);
    }
    #[cfg(target_os = "linux")]
    if let Some(depth) = environment::unsupported_colour_depth() {
        let message = format_error(&error::TooFewColours { depth });
        print_error(&message);
        // If the window can't be shown, the message is on standard error.
        let _ = x11_message::show(&names::title(), &message);
        return ExitCode::FAILURE;
    }
    // Tauri's own message is in English, and links to a page that this computer may not reach.
    #[cfg(windows)]
    let has_own_webview = start::has_own_webview();
    #[cfg(windows)]
    if !has_own_webview && tauri::webview_version().is_err() {
        return fail_with(&format_error(&error::NoWebView));
    }
    let (builder, mut context) = (tauri::Builder::default(), tauri::generate_context!());
    if let Some(app_id) = app_id {
        context.config_mut().identifier = app_id;
    }
    if let Some(icon) = window_icon {
        context.set_default_window_icon(Some(icon));
    }
    // Tauri uses it in place of the one that is installed.
    #[cfg(windows)]
    if has_own_webview {
        let path = start::OWN_WEBVIEW.into();
        context.config_mut().bundle.windows.webview_install_mode =
            tauri::utils::config::WebviewInstallMode::FixedRuntime { path };
    }
    #[cfg(windows)]
    let (builder, context) = match config {
        Some(config) => instance::with_single_instance(builder, context, &config.profile),
        None => (builder, context),
    };
    let app = match configure(builder, state).build(context) {
        Ok(app) => app,
        Err(error) => {
            return fail_with(&format_error(&error::NoWindow { reason: error.to_string() }));
        }
    };
    // Not earlier: the window system changes environment variables when it starts, a second
    // instance on Windows has exited before this point, and the keyring's question for its password
    // would be below the window.
    app.state::<WizardState>().begin_first_status();
    #[cfg(unix)]
    if let Some(Instance::Primary(instance)) = instance {
        let app = app.handle().clone();
        std::thread::spawn(move || instance.listen(|request| request.handle(&app)));
    }
    app.run(|app, event| match event {
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { api, .. }, .. }
            if label == "main" && commands::defer_close(app) =>
        {
            api.prevent_close();
        }
        // The wizard exits with its main window, even if a print sheet is still open.
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == "main" => {
            app.exit(0);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let files = urls.iter().filter_map(|url| url.to_file_path().ok()).collect();
            let request = LaunchRequest { activation_token: None, files };
            let app = app.clone();
            std::thread::spawn(move || request.handle(&app));
        }
        RunEvent::Exit => {
            app.state::<Clipboard>().persist();
            if let Some(folder) = app.try_state::<environment::FallbackDataDir>() {
                folder.remove();
            }
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

/// An error's message and next step, in the user's language.
fn format_error(error: &dyn latchkey_token::HasErrorCode) -> String {
    let explained = latchkey_i18n::explain(error);
    format!("{}\n→ {}", explained.message, explained.action)
}

/// Writes a message to standard error, in the terminal's character set.
fn print_error(message: &str) {
    use std::io::Write as _;
    #[cfg(windows)]
    latchkey_console::attach_parent_console();
    let line = format!("{message}\n");
    let line = latchkey_console::Charset::of_process().convert(&line).into_owned();
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Writes the help or the version to standard output. If that is closed or full, the exit status is
/// that of the command lines in this case.
///
/// On Windows the wizard has no console of its own, so that none flashes up when it is started by
/// an icon. Where there is no output at all, the text is shown in a message window.
fn print_help(text: &str) -> ExitCode {
    #[cfg(windows)]
    if !latchkey_console::attach_parent_console() {
        show_message_at(rfd::MessageLevel::Info, text);
        return ExitCode::SUCCESS;
    }
    let text = latchkey_console::Charset::of_process().convert(text);
    match latchkey_console::write_output(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::NotConnected => "closed".to_owned(),
                std::io::ErrorKind::StorageFull => "full".to_owned(),
                _ => error.to_string(),
            };
            print_error(&latchkey_i18n::text("cli-output", &[("reason", reason.into())]));
            latchkey_console::Exit::Machine.into()
        }
    }
}

/// Reports wrong arguments: in the terminal where they were typed, with the exit status that shells
/// know, or in a message window if the wizard was started by an icon.
fn report_usage_error(message: &str) -> ExitCode {
    use std::io::IsTerminal as _;

    print_error(message);
    if !std::io::stderr().is_terminal() {
        show_message(message);
    }
    ExitCode::from(2)
}

/// Ends a start that fails before the window opens, and shows why in a message window: a user who
/// clicked an icon doesn't see standard error.
fn fail_with(message: &str) -> ExitCode {
    print_error(message);
    show_message(message);
    ExitCode::FAILURE
}

/// Shows a message in the desktop's own message window, if there is a desktop.
fn show_message(message: &str) {
    #[cfg(target_os = "linux")]
    if gtk::init().is_ok() {
        use gtk::prelude::{DialogExt as _, GtkWindowExt as _};
        let dialog = gtk::MessageDialog::new(
            None::<&gtk::Window>,
            gtk::DialogFlags::empty(),
            gtk::MessageType::Error,
            gtk::ButtonsType::Close,
            message,
        );
        dialog.set_title(&names::title());
        let _ = dialog.run();
    }
    #[cfg(not(target_os = "linux"))]
    show_message_at(rfd::MessageLevel::Error, message);
}

#[cfg(not(target_os = "linux"))]
fn show_message_at(level: rfd::MessageLevel, message: &str) {
    rfd::MessageDialog::new()
        .set_level(level)
        .set_title(names::title())
        .set_description(message)
        .show();
}

/// Configures the app, independently of the window system.
fn configure<R: Runtime>(builder: Builder<R>, state: WizardState) -> Builder<R> {
    print::register_sheet_protocol(builder)
        // Only the wizard's own page may use the camera, and no page may use anything else. The
        // page asks for it when the user presses its button.
        .on_permission_request(|webview, kind| match kind {
            PermissionKind::Camera if webview.label() == "main" => PermissionResponse::Allow,
            _ => PermissionResponse::Deny,
        })
        .plugin(tauri_plugin_dialog::init())
        .manage(state)
        .manage(Clipboard::default())
        .manage(Camera::default())
        .manage(EventChannel::default())
        .invoke_handler(tauri::generate_handler![
            commands::licence::load_app,
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
            commands::files::read_dropped,
            commands::files::read_frame,
            commands::print::token_qr_codes,
            commands::print::seat_qr_code,
            commands::print::print_sheet,
            commands::manual_entry::entry_sheet,
            commands::manual_entry::type_line,
            commands::manual_entry::clear_entry_sheet,
            commands::listen,
            commands::quit,
        ])
        .setup(|app| {
            // The title contains the product's name, so the configuration was loaded before.
            let product = app.state::<WizardState>().product_name().unwrap_or_else(names::program);
            let title =
                latchkey_i18n::text("wizard-title", &[("product", ErrorArg::Text(product))]);
            let window_size::Sizes { opening, smallest } = window_size::sizes();
            let mut builder =
                WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                    .title(title)
                    .inner_size(opening.0, opening.1)
                    .min_inner_size(smallest.0, smallest.1)
                    // Only the pages' own origin is allowed.
                    .on_navigation(|url| {
                        url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
                    })
                    // The page handles dropped files itself: it reads their content, never a path.
                    .disable_drag_drop_handler();
            builder = builder
                .initialization_script(global("catalogue", &view::CatalogueView::of_process()))
                .initialization_script(global(
                    "firstView",
                    &app.state::<WizardState>().first_view(),
                ));
            let usual = app.path().app_local_data_dir().ok();
            if let Some(folder) = environment::fallback_data_dir(usual.as_deref()) {
                builder = builder.data_directory(folder.path().to_owned());
                app.manage(folder);
            }
            match builder.build() {
                Ok(window) => {
                    #[cfg(not(target_os = "linux"))]
                    start::finish();
                    set_up_webview(&window);
                }
                // Returning the error would make Tauri panic in its event loop.
                Err(error) => {
                    let error = error::NoWindow { reason: error.to_string() };
                    let _ = fail_with(&format_error(&error));
                    app.handle().exit(1);
                }
            }
            Ok(())
        })
}

/// The script that hands a value to the pages before their own script runs.
fn global(name: &str, value: &impl serde::Serialize) -> String {
    // JSON is JavaScript.
    let value = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    format!("window.{name} = {value};")
}

/// Sets up WebKitGTK for these pages, before it has loaded anything.
#[cfg(target_os = "linux")]
fn set_up_webview<R: Runtime>(window: &tauri::WebviewWindow<R>) {
    use webkit2gtk::{SettingsExt as _, WebViewExt as _};
    // If this fails, the page finds no camera, which it handles.
    let _ = window.with_webview(|webview| {
        if let Some(settings) = webview.inner().settings() {
            // It hides cameras by default.
            settings.set_enable_media_stream(true);
            // Tauri allows them, and no page uses them.
            settings.set_enable_webgl(false);
            settings.set_enable_webaudio(false);
            settings.set_enable_page_cache(false);
        }
    });
}

/// On other systems the defaults suit these pages.
#[cfg(not(target_os = "linux"))]
const fn set_up_webview<R: Runtime>(_: &tauri::WebviewWindow<R>) {}
