//! How the shared library presents itself to the linker, the loader and Windows' Explorer.

fn main() {
    latchkey_windows_resource::add_to_library("latchkey.dll", "Latchkey SDK");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if target == "linux" {
        // Programs ask the loader for this name, wherever the file was when they were linked.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,liblatchkey.so");
        // A keyring that doesn't answer leaves a thread behind, whose code must stay.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    } else if target == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/liblatchkey.dylib");
    }
}
