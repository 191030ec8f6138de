//! Build script of the wizard: embeds the pages, and gates every command behind a permission.

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    tauri_build::build();
}
