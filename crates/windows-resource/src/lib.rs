//! What Explorer and the Task Manager show of the programs for Windows: version, description and
//! icon; and the manifest, which tells Windows how to run a program. Called by build scripts, which
//! run on the machine that compiles.

#![allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::path::Path;

use embed_resource::CompilationResult;
use tauri_winres::{VersionInfo, WindowsResource};

/// The manifest of the programs: Windows 10 and later, the user's own privileges, paths beyond 260
/// characters, UTF-8 as the code page, sharp windows on every display, and current controls, which
/// message windows need.
///
/// It has no XML declaration, because the resource compiler is given it line by line, with a space
/// before the first one.
pub const MANIFEST: &str = include_str!("program.manifest");

/// The product's name in the version of every file.
const PRODUCT: &str = "Latchkey";
/// `VFT_DLL` of the version resource.
const LIBRARY: u64 = 2;

/// Adds version, icon and manifest to the program of this package. Does nothing unless it is
/// compiled for Windows. Where there is no resource compiler, the program goes without them, and
/// cargo shows a warning.
pub fn add_to_program(file: &str, description: &str) {
    add(file, description, |resource, source| {
        let icon = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../icons/icon.ico");
        println!("cargo::rerun-if-changed={}", icon.display());
        resource.set_icon_with_id(&icon.to_string_lossy(), "1");
        resource.set_manifest(MANIFEST);
        resource.write_resource_file(source)?;
        Ok(embed_resource::compile(source, embed_resource::NONE))
    });
}

/// Adds a version to the shared library of this package, like [`add_to_program`].
pub fn add_to_library(file: &str, description: &str) {
    add(file, description, |resource, source| {
        resource.set_version_info(VersionInfo::FILETYPE, LIBRARY);
        resource.write_resource_file(source)?;
        Ok(embed_resource::compile_for_cdylib(source, embed_resource::NONE))
    });
}

fn add(
    file: &str,
    description: &str,
    compile: impl FnOnce(&mut WindowsResource, &Path) -> std::io::Result<CompilationResult>,
) {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name| std::env::var(name).unwrap_or_default();
    if variable("CARGO_CFG_TARGET_OS") != "windows" {
        return;
    }
    let mut resource = WindowsResource::new();
    let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    for (field, value) in [
        ("ProductName", PRODUCT),
        ("CompanyName", PRODUCT),
        ("FileDescription", description),
        ("OriginalFilename", file),
        ("InternalName", &name),
    ] {
        resource.set(field, value);
    }
    let source = Path::new(&variable("OUT_DIR")).join("resource.rc");
    match compile(&mut resource, &source) {
        Ok(CompilationResult::Ok | CompilationResult::NotWindows) => {}
        Ok(CompilationResult::NotAttempted(reason)) => {
            println!("cargo::warning={file} has no version and no icon: {reason}");
        }
        Ok(failure) => println!("cargo::error={failure}"),
        Err(error) => println!("cargo::error=The resource of {file} can't be written: {error}"),
    }
}
