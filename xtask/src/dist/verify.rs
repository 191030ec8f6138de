//! Checks an archive as a vendor uses it: it is unpacked, its programs are run where that is
//! possible, and a product in C is built with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use latchkey_archive::{Files, Platform};

use super::life::{self, Licensed, Runner, output_of};
use super::release::{VERSION, host};
use crate::run::{self, Steps};
use crate::{remap, setup};

/// What the licences of everything begin with.
const LICENCES: &str = "licences/";

/// Checks the archive of a platform in a folder. Programs that were built elsewhere may contain
/// paths of their computer. Their bill of materials isn't checked, which needs a package of PyPI.
pub(super) fn archive(
    platform: Platform,
    out: &Path,
    is_built_here: bool,
    steps: &mut Steps,
) -> Result<()> {
    // Several archives may be made at the same time.
    let place = run::target().join(format!("dist-check-{}", std::process::id()));
    let mut files = Files::new();
    let mut folder = PathBuf::new();
    steps.step("Check: the archive can be read, and is unpacked", || {
        let path = out.join(platform.archive_name(VERSION));
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        files = latchkey_archive::read(platform, VERSION, &bytes)?.files;
        folder = unpack(platform, &files, &place)?;
        Ok(())
    })?;
    if is_built_here {
        steps.step("Check: no path of this computer is in the programs", || check_paths(&files))?;
    }
    steps.step("Check: the licences are there", || check_licences(&files))?;
    if is_built_here {
        steps.step("Check: the bill of materials is valid", || {
            check_sbom(&folder.join("sbom.cdx.json"))
        })?;
    }
    let mut licensed = None;
    steps.step("Check: the programs run", || {
        if is_built_here {
            setup::for_checks(platform == Platform::LinuxAarch64)?;
        }
        match Runner::of(platform)? {
            Some(runner) => {
                licensed = Some(life::run(&folder, &runner, &place.join("life"))?);
            }
            None => println!("  Programs for {} can't be run here.", platform.name()),
        }
        Ok(())
    })?;
    let is_own = host().is_ok_and(|host| host == platform);
    if let Some(licensed) = licensed.filter(|_| is_own && platform.is_linux()) {
        steps.step("Check: a product in C is built with pkg-config, and with CMake", || {
            check_pkg_config(&folder, &licensed)?;
            let has_static = files.contains_key("lib/liblatchkey.a");
            check_cmake(&folder, &licensed, has_static)
        })?;
    }
    fs::remove_dir_all(&place).with_context(|| place.display().to_string())
}

/// Unpacks the files, and returns the archive's folder.
fn unpack(platform: Platform, files: &Files, place: &Path) -> Result<PathBuf> {
    let folder = place.join(platform.archive_folder(VERSION));
    for (name, entry) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(&path, &entry.content).with_context(|| path.display().to_string())?;
        #[cfg(unix)]
        if entry.is_program {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
    }
    println!("  {} files in {}.", files.len(), folder.display());
    Ok(folder)
}

/// Fails if a program or library names a folder of this computer.
fn check_paths(files: &Files) -> Result<()> {
    let folders = remap::private_folders()?;
    let folders: Vec<_> =
        folders.iter().filter_map(|folder| Some(format!("{}/", folder.to_str()?))).collect();
    let built = |name: &str| name.starts_with("bin/") || name.starts_with("lib/");
    for (name, entry) in files.iter().filter(|(name, _)| built(name)) {
        if let Some(found) = folders.iter().find_map(|folder| path_in(&entry.content, folder)) {
            anyhow::bail!("{name} contains a path of this computer: {found}");
        }
    }
    Ok(())
}

/// The first text in a file that begins with a folder.
fn path_in(content: &[u8], folder: &str) -> Option<String> {
    let at = content.windows(folder.len()).position(|window| window == folder.as_bytes())?;
    let text = content[at..].iter().take(200).take_while(|byte| byte.is_ascii_graphic());
    Some(String::from_utf8_lossy(&text.copied().collect::<Vec<_>>()).into_owned())
}

fn check_licences(files: &Files) -> Result<()> {
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"] {
        ensure!(files.contains_key(&format!("{LICENCES}{name}")), "{name} is missing");
    }
    let own = format!("{LICENCES}RUST-STANDARD-LIBRARY.");
    let standard = files.iter().find(|(name, _)| name.starts_with(&own));
    let (_, entry) = standard.context("the licence of the standard library is missing")?;
    let text = String::from_utf8_lossy(&entry.content);
    let has_text = |words: &str| text.contains(words);
    ensure!(
        has_text("Permission is hereby granted") && has_text("Apache License"),
        "the licence of the standard library has no text"
    );
    Ok(())
}

/// Checks the document with the schema of CycloneDX 1.6, by the reference implementation.
fn check_sbom(path: &Path) -> Result<()> {
    const SCRIPT: &str = "import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1], encoding='utf-8').read()
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
sys.exit(None if error is None else str(error)[:2000])
";
    let python = setup::cyclonedx()?;
    output_of(Command::new(python).args(["-c", SCRIPT]).arg(path), "")?;
    println!("  sbom.cdx.json is valid CycloneDX 1.6.");
    Ok(())
}

/// Compiles the product in C as a `Makefile` does.
fn check_pkg_config(folder: &Path, licensed: &Licensed) -> Result<()> {
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "latchkey"]);
    pkg_config.env("PKG_CONFIG_PATH", folder.join("lib/pkgconfig"));
    let options = String::from_utf8(output_of(&mut pkg_config, "")?)?;
    let program = folder.with_file_name("hello-c");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-I"]);
    compiler.arg(&licensed.kit).arg(folder.join("examples/hello-c/hello.c"));
    compiler.args(options.split_whitespace()).args(["-lpthread", "-o"]).arg(&program);
    output_of(&mut compiler, "")?;
    say_hello(&program, &folder.join("lib"), licensed)
}

/// Compiles the product in C with `find_package`, linked with each of the libraries. Programs that
/// were built elsewhere may lack the static one.
fn check_cmake(folder: &Path, licensed: &Licensed, has_static: bool) -> Result<()> {
    let place = folder.with_file_name("cmake");
    fs::create_dir_all(&place)?;
    let libraries: &[&str] = if has_static { &["Latchkey", "Static"] } else { &["Latchkey"] };
    let project = "cmake_minimum_required(VERSION 3.16)
project(hello C)
find_package(Latchkey VERSION_NEEDED REQUIRED CONFIG)
find_package(Threads REQUIRED)
foreach(library IN ITEMS LIBRARIES)
  add_executable(hello-${library} ${SOURCE})
  target_compile_definitions(hello-${library} PRIVATE _POSIX_C_SOURCE=200809L)
  target_include_directories(hello-${library} PRIVATE ${KIT})
  target_link_libraries(hello-${library} PRIVATE Latchkey::${library} Threads::Threads)
endforeach()
";
    let project =
        project.replace("VERSION_NEEDED", VERSION).replace("LIBRARIES", &libraries.join(" "));
    fs::write(place.join("CMakeLists.txt"), project)?;
    let define = |name: &str, path: &Path| format!("-D{name}={}", path.display());
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&place).arg("-B").arg(place.join("build"));
    configure.arg(define("CMAKE_PREFIX_PATH", folder)).arg(define("KIT", &licensed.kit));
    configure.arg(define("SOURCE", &folder.join("examples/hello-c/hello.c")));
    output_of(&mut configure, "")?;
    output_of(Command::new("cmake").arg("--build").arg(place.join("build")), "")?;
    for library in libraries {
        let program = place.join("build").join(format!("hello-{library}"));
        say_hello(&program, &folder.join("lib"), licensed)?;
    }
    Ok(())
}

/// Runs a product, which has a licence.
fn say_hello(program: &Path, libraries: &Path, licensed: &Licensed) -> Result<()> {
    let mut product = Command::new(program);
    life::isolate(&mut product, &licensed.home);
    product.args(["--no-wizard", "--store"]).arg(format!("file:{}", licensed.vault.display()));
    product.env("LD_LIBRARY_PATH", libraries).env("LC_ALL", "C");
    let said = String::from_utf8(output_of(&mut product, "")?)?;
    ensure!(said.contains("Hello!") && said.contains("render: 8"), "the product says: {said}");
    println!("  {} says hello.", program.file_name().unwrap_or_default().to_string_lossy());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use latchkey_archive::Entry;

    use super::*;

    #[test]
    fn a_program_with_a_path_of_this_computer_is_refused() {
        let file =
            |content: String| Files::from([("bin/latchkey".to_owned(), Entry::program(content))]);
        assert!(check_paths(&file("\0/crates/clap-4.0/src/lib.rs\0".to_owned())).is_ok());
        let source = run::root().join("crates/cli/src/main.rs");
        let leaked = check_paths(&file(format!("\0{}\0", source.display())));
        let error = leaked.unwrap_err().to_string();
        assert!(error.contains("crates/cli/src/main.rs"), "{error}");
        // A document may name what it likes.
        let document =
            Files::from([("docs/a.md".to_owned(), Entry::data(source.to_str().unwrap()))]);
        assert!(check_paths(&document).is_ok());
    }

    #[test]
    fn licences_without_their_texts_are_refused() {
        let mut files = Files::new();
        for name in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"] {
            files.insert(format!("licences/{name}"), Entry::data("text"));
        }
        let error = check_licences(&files).unwrap_err().to_string();
        assert!(error.contains("standard library is missing"), "{error}");
        let name = "licences/RUST-STANDARD-LIBRARY.html".to_owned();
        files.insert(name.clone(), Entry::data("MIT"));
        assert!(check_licences(&files).is_err());
        let text = "Permission is hereby granted … Apache License, Version 2.0";
        files.insert(name, Entry::data(text));
        assert!(check_licences(&files).is_ok());
    }
}
