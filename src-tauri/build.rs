//! The wizard's build script: embeds the pages, and gives each command a permission of its own.

use std::path::Path;

/// The commands for which permissions are generated. Only these can be named in
/// `capabilities/wizard.json`, and only those that are named there can be called.
const COMMANDS: &[&str] = &[
    "load_app",
    "listen",
    "status",
    "request",
    "pending_request",
    "cancel_request",
    "inspect",
    "apply",
    "deactivate",
    "confirm_delivered",
    "details",
    "copy",
    "paste",
    "save",
    "open",
    "use_file_store",
    "token_qr_codes",
    "seat_qr_code",
    "read_dropped",
    "read_frame",
    "print_sheet",
    "entry_sheet",
    "type_line",
    "clear_entry_sheet",
    "quit",
];

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    if !Path::new("ui/dist/index.html").is_file() {
        println!(
            "cargo:error=The wizard's pages aren't built yet: ui/dist/index.html is missing. \
             Run `cargo xtask ui`, or `npm ci` and `npm run build` in ui/."
        );
        return;
    }
    let attributes = tauri_build::Attributes::new()
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS))
        .windows_attributes(
            tauri_build::WindowsAttributes::new().app_manifest(latchkey_windows_resource::MANIFEST),
        );
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error=The wizard's window can't be built: {error:#}");
    }
}
