//! How the shared library presents itself to the linker, the loader and Windows' Explorer.

use std::path::Path;

fn main() {
    latchkey_windows_resource::add_to_library("latchkey.dll", "Latchkey SDK");
    let variable = |name| std::env::var(name).unwrap_or_default();
    let target = variable("CARGO_CFG_TARGET_OS");
    if target == "linux" {
        // Programs ask the loader for this name, wherever the file was when they were linked.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,liblatchkey.so");
        // A keyring that doesn't answer leaves a thread behind, whose code must stay.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    } else if target == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/liblatchkey.dylib");
    } else if variable("CARGO_CFG_TARGET_ENV") == "msvc" {
        // Otherwise Microsoft's linker would write the debugging information of the library and of
        // `latchkey.exe` into the same file. This one is beside them, above `build/PACKAGE/out`.
        if let Some(folder) = Path::new(&variable("OUT_DIR")).ancestors().nth(3) {
            let file = folder.join("latchkey.dll.pdb");
            println!("cargo::rustc-cdylib-link-arg=/PDB:{}", file.display());
        }
    }
}
