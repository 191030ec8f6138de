//! Build script of the bare window.

fn main() {
    tauri_build::build();
}
