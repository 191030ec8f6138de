//! Builds the programs and libraries of an archive.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use latchkey_archive::Platform;

use super::glibc;
use super::release::{PACKAGES, WIZARD, git, host, libraries, program_names};
use crate::run::{self, Steps};
use crate::zig::{self, Target, ToolChain};
use crate::{macos, remap, setup, ui, windows};

/// What was built.
pub(super) struct Built {
    /// The folder with the programs and libraries.
    pub(super) folder: PathBuf,
    /// The licences of what the compiler added.
    pub(super) runtime: Vec<RuntimeLicence>,
}

/// The licence of something that the compiler or the linker adds to every program.
#[derive(Debug)]
pub(super) struct RuntimeLicence {
    /// Its name in the archive, in the folder of licences.
    pub(super) name: &'static str,
    /// Where it is on this computer.
    pub(super) path: PathBuf,
}

impl Built {
    /// Programs that were built before. What linked them isn't known.
    pub(super) fn before(platform: Platform, folder: PathBuf) -> Result<Self> {
        Ok(Self { folder, runtime: vec![standard_library(&rust_from(platform)?)] })
    }
}

/// Where the compiler's licences are.
enum Rust {
    /// The one that runs this task, and its folder.
    Own(PathBuf),
    /// Debian's.
    Debian,
}

/// The compiler that a platform's programs are usually built with.
fn rust_from(platform: Platform) -> Result<Rust> {
    if platform.is_windows() { Ok(Rust::Debian) } else { own_rust() }
}

fn own_rust() -> Result<Rust> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).args(["--print", "sysroot"]).output()?;
    Ok(Rust::Own(PathBuf::from(String::from_utf8(answer.stdout)?.trim())))
}

/// Builds everything for a platform, except for the wizard if it is left out.
pub(super) fn programs(
    platform: Platform,
    without_wizard: bool,
    steps: &mut Steps,
) -> Result<Built> {
    if !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty() {
        println!("  The folder has changes that aren't in a commit: this isn't a release.");
    }
    // A wizard for another Linux needs that system's libraries.
    let has_wizard = !without_wizard && (!platform.is_linux() || platform == host()?);
    if has_wizard {
        steps.step("The wizard's pages: build", || {
            setup::node()?;
            ui::build_for_tauri()
        })?;
    }
    let packages: Vec<&str> =
        PACKAGES.into_iter().filter(|package| has_wizard || *package != WIZARD).collect();
    match platform {
        Platform::LinuxX86_64 => for_linux(platform, Target::LinuxX86_64, &packages, steps),
        Platform::LinuxAarch64 => for_linux(platform, Target::LinuxAarch64, &packages, steps),
        Platform::WindowsX86_64 => for_windows(platform, &packages, steps),
        Platform::MacosX86_64 => for_macos(platform, Target::MacosX86_64, &packages, steps),
        Platform::MacosAarch64 => for_macos(platform, Target::MacosAarch64, &packages, steps),
    }
}

/// Adds the options of a release, and runs the command.
fn release(mut cargo: Command, packages: &[&str]) -> Result<()> {
    cargo.args(["--release", "--locked"]);
    for package in packages {
        cargo.args(["-p", package]);
    }
    run::run(&mut cargo)
}

/// The command lines, the server and the library are linked for an old glibc. The wizard needs the
/// libraries of this computer, and with them its glibc.
fn for_linux(
    platform: Platform,
    target: Target,
    packages: &[&str],
    steps: &mut Steps,
) -> Result<Built> {
    let mut tools = None;
    steps.step("Set-up: the linker for old systems", || {
        tools = Some(ToolChain::install(target)?);
        Ok(())
    })?;
    let tools = tools.context("no tool chain")?;
    let (wizard, others): (Vec<_>, Vec<_>) =
        packages.iter().partition(|package| **package == WIZARD);
    steps.step("Build: the command lines, the server and the C library", || {
        release(tools.cargo("build")?, &others)
    })?;
    let staged = staging_folder(platform)?;
    let has_wizard = !wizard.is_empty();
    if has_wizard {
        steps.step("Build: the wizard", || {
            let mut cargo = run::cargo();
            // With the target's name, most of what was just compiled is used again.
            cargo.args(["build", "--target", target.triple()]);
            remap::paths(&mut cargo)?;
            release(cargo, &wizard)
        })?;
        // Where cargo without zig puts it.
        let built = run::target().join(target.triple()).join("release");
        stage(&built, &staged, &[WIZARD.to_owned()])?;
    }
    let old: Vec<_> = program_names(platform)
        .into_iter()
        .filter(|name| name != WIZARD)
        .chain(libraries(platform).iter().map(|library| (*library).to_owned()))
        .collect();
    stage(&tools.built("release"), &staged, &old)?;
    steps.step("The versions of glibc that they need", || {
        let linked: Vec<_> = old.iter().filter(|name| !name.ends_with(".a")).collect();
        for name in linked {
            glibc::check(&staged.join(name), zig::GLIBC)?;
        }
        if has_wizard {
            println!("  {WIZARD}: glibc {}.", glibc::needed(&staged.join(WIZARD))?);
        }
        Ok(())
    })?;
    let runtime = runtime_licences(platform, &rust_of(&tools)?)?;
    Ok(Built { folder: staged, runtime })
}

fn for_windows(platform: Platform, packages: &[&str], steps: &mut Steps) -> Result<Built> {
    steps.step("Set-up: a compiler for Windows", setup::for_windows)?;
    steps.step("Build: all programs and libraries", || {
        let mut cargo = windows::cargo("build");
        remap::paths(&mut cargo)?;
        release(cargo, packages)
    })?;
    Ok(Built {
        folder: run::target().join("windows").join(windows::TARGET).join("release"),
        runtime: runtime_licences(platform, &Rust::Debian)?,
    })
}

fn for_macos(
    platform: Platform,
    target: Target,
    packages: &[&str],
    steps: &mut Steps,
) -> Result<Built> {
    if cfg!(target_os = "macos") {
        steps.step("Build: all programs and libraries", || {
            let mut cargo = run::cargo();
            cargo.args(["build", "--target", target.triple()]);
            remap::paths(&mut cargo)?;
            release(cargo, packages)
        })?;
        let folder = run::target().join(target.triple()).join("release");
        return Ok(Built { folder, runtime: runtime_licences(platform, &own_rust()?)? });
    }
    let mut tools = None;
    steps.step("Set-up: a linker for macOS, and its frameworks", || {
        tools = Some(macos::tool_chain(target)?);
        Ok(())
    })?;
    let tools = tools.context("no tool chain")?;
    steps.step("Build: all programs and libraries", || release(tools.cargo("build")?, packages))?;
    let folder = tools.built("release");
    steps.step("The frameworks that the symbols are looked for in", || {
        macos::check_linked(&folder)
    })?;
    Ok(Built { folder, runtime: runtime_licences(platform, &rust_of(&tools)?)? })
}

fn rust_of(tools: &ToolChain) -> Result<Rust> {
    if tools.compiles_standard_library() { Ok(Rust::Debian) } else { own_rust() }
}

/// An empty folder for the programs of a platform.
fn staging_folder(platform: Platform) -> Result<PathBuf> {
    let folder = run::target().join("dist-programs").join(platform.name());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn stage(from: &Path, to: &Path, names: &[String]) -> Result<()> {
    for name in names {
        let path = from.join(name);
        fs::copy(&path, to.join(name)).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The licence of Rust's standard library.
fn standard_library(rust: &Rust) -> RuntimeLicence {
    let (name, path) = match rust {
        Rust::Own(folder) => {
            ("RUST-STANDARD-LIBRARY.html", folder.join("share/doc/rust/COPYRIGHT-library.html"))
        }
        Rust::Debian => {
            ("RUST-STANDARD-LIBRARY.txt", PathBuf::from("/usr/share/doc/rust-web-src/copyright"))
        }
    };
    RuntimeLicence { name, path }
}

/// What compilers and linkers add to each program.
fn runtime_licences(platform: Platform, rust: &Rust) -> Result<Vec<RuntimeLicence>> {
    let mut licences = vec![standard_library(rust)];
    let mut add = |name, path: PathBuf| licences.push(RuntimeLicence { name, path });
    if platform.is_windows() {
        let documents = Path::new("/usr/share/doc");
        add("MINGW-W64.txt", documents.join("mingw-w64-x86-64-dev/copyright"));
        add("GCC.txt", documents.join("gcc-mingw-w64-base/copyright"));
    } else if !cfg!(target_os = "macos") {
        let zig = zig::package()?;
        add("ZIG.txt", zig.join("LICENSE"));
        if platform.is_linux() {
            add("LIBUNWIND.txt", zig.join("lib/libunwind/LICENSE.TXT"));
        }
    }
    Ok(licences)
}

/// Reads the licences.
pub(super) fn read_licences(runtime: &[RuntimeLicence]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut read = Vec::new();
    for RuntimeLicence { name, path } in runtime {
        match fs::read(path) {
            Ok(text) => read.push((format!("licences/{name}"), text)),
            Err(error) => bail!("The licence {name} can't be read at {}: {error}", path.display()),
        }
    }
    Ok(read)
}
