//! The tool chain that compiles for other systems, and for older ones of the same kind: zig is the
//! C compiler and the linker, and `cargo-zigbuild` tells cargo so. Both are packages of PyPI, in a
//! folder of their own.
//!
//! The project's compiler is used if it has the standard library of the target (`rustup target
//! add`). Otherwise it is Debian's, which compiles the standard library from source.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::run::{self, target};
use crate::{remap, setup};

/// What is installed.
const REQUIREMENTS: &str = "xtask/zig/requirements.txt";

/// The oldest glibc that programs for Linux need: that of CentOS 7, older than all distributions
/// that are still supported.
pub(crate) const GLIBC: &str = "2.17";

/// The oldest macOS that programs are for. It is also in the packager's `Info.plist`.
const MACOS: &str = "11.0";

/// A target that zig links for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    LinuxX86_64,
    LinuxAarch64,
    MacosX86_64,
    MacosAarch64,
}

impl Target {
    pub(crate) const fn triple(self) -> &'static str {
        match self {
            Self::LinuxX86_64 => "x86_64-unknown-linux-gnu",
            Self::LinuxAarch64 => "aarch64-unknown-linux-gnu",
            Self::MacosX86_64 => "x86_64-apple-darwin",
            Self::MacosAarch64 => "aarch64-apple-darwin",
        }
    }

    const fn is_linux(self) -> bool {
        matches!(self, Self::LinuxX86_64 | Self::LinuxAarch64)
    }
}

/// Compiles for one target.
#[derive(Debug)]
pub(crate) struct ToolChain {
    target: Target,
    compiler: Compiler,
    /// The folder with the frameworks, for macOS.
    frameworks: Option<PathBuf>,
    /// A variable that the programs are compiled with.
    variable: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compiler {
    /// The one that runs this task.
    Own,
    /// Debian's.
    FromSource,
}

impl ToolChain {
    /// Installs what is missing.
    pub(crate) fn install(target: Target) -> Result<Self> {
        setup::python()?;
        install()?;
        let compiler = if has_standard_library(target)? {
            Compiler::Own
        } else {
            println!(
                "  The compiler has no standard library for {}, so it is compiled from source.",
                target.triple()
            );
            setup::compiler_from_source()?;
            Compiler::FromSource
        };
        Ok(Self { target, compiler, frameworks: None, variable: None })
    }

    /// The same, with a folder that has macOS's frameworks as an SDK has them.
    pub(crate) fn with_frameworks(self, folder: PathBuf) -> Self {
        Self { frameworks: Some(folder), ..self }
    }

    /// The same, with a variable that the programs are compiled with.
    pub(crate) fn with_variable(self, name: &'static str, value: &'static str) -> Self {
        Self { variable: Some((name, value)), ..self }
    }

    /// A command of cargo for the target, such as `build`.
    pub(crate) fn cargo(&self, what: &str) -> Result<Command> {
        let Self { target, compiler, frameworks, variable } = self;
        let mut cargo = Command::new(venv().join("bin/cargo-zigbuild"));
        let what = if what == "build" { "zigbuild" } else { what };
        let glibc = if target.is_linux() { format!(".{GLIBC}") } else { String::new() };
        cargo.arg(what).arg("--target").arg(format!("{}{glibc}", target.triple()));
        cargo
            .env("CARGO_TARGET_DIR", self.target_folder())
            .env("CARGO_ZIGBUILD_PYTHON_PATH", venv().join("bin/python3"))
            .env("CARGO_ZIGBUILD_CACHE_DIR", tools().join("zig-cache"))
            .env("ZIG_GLOBAL_CACHE_DIR", tools().join("zig-cache"))
            .env("PATH", path()?);
        match compiler {
            Compiler::Own => {
                if let Some(own) = std::env::var_os("CARGO") {
                    cargo.env("CARGO", own);
                }
            }
            Compiler::FromSource => {
                cargo
                    .arg("-Zbuild-std=std,panic_abort")
                    .env("CARGO", "/usr/bin/cargo")
                    .env("RUSTC", "/usr/bin/rustc")
                    // Building the standard library requires this variable.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env_remove("RUSTUP_TOOLCHAIN");
            }
        }
        if let Some(folder) = frameworks {
            cargo.env("SDKROOT", folder).env("MACOSX_DEPLOYMENT_TARGET", MACOS);
        }
        cargo.envs(*variable);
        remap::paths(&mut cargo)?;
        Ok(cargo)
    }

    /// Whether the standard library is compiled from Debian's source.
    pub(crate) fn compiles_standard_library(&self) -> bool {
        self.compiler == Compiler::FromSource
    }

    /// The folder with what was built. Another compiler has another one, because cargo would delete
    /// what the first one built.
    pub(crate) fn built(&self, profile: &str) -> PathBuf {
        self.target_folder().join(self.target.triple()).join(profile)
    }

    fn target_folder(&self) -> PathBuf {
        match self.compiler {
            Compiler::Own => target(),
            Compiler::FromSource => target().join("from-source"),
        }
    }
}

/// The folder of the package with zig, which has the licences of what zig adds to programs.
pub(crate) fn package() -> Result<PathBuf> {
    let libraries = venv().join("lib");
    let folders = libraries.read_dir().with_context(|| libraries.display().to_string())?;
    for python in folders {
        let package = python?.path().join("site-packages/ziglang");
        if package.is_dir() {
            return Ok(package);
        }
    }
    bail!("zig isn't in {}", libraries.display())
}

fn tools() -> PathBuf {
    target().join("tools")
}

fn venv() -> PathBuf {
    tools().join("zig")
}

/// The search path with tools that cargo and the compiler expect under other names than Debian's.
fn path() -> Result<OsString> {
    let folder = tools().join("zig-path");
    fs::create_dir_all(&folder)?;
    // A release is stripped by it. `rustup` installs it beside the compiler, Debian has it in LLVM.
    let link = folder.join("rust-objcopy");
    if run::which("rust-objcopy").is_none()
        && !link.exists()
        && let Some(objcopy) = run::which("llvm-objcopy")
    {
        make_link(&objcopy, &link)?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("a folder of the search path has a colon")
}

#[cfg(unix)]
fn make_link(file: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(file, link).with_context(|| link.display().to_string())
}

#[cfg(not(unix))]
fn make_link(file: &Path, link: &Path) -> Result<()> {
    fs::copy(file, link).map(drop).with_context(|| link.display().to_string())
}

/// Installs zig and cargo-zigbuild, unless exactly these versions are there.
fn install() -> Result<()> {
    let wanted = fs::read_to_string(run::root().join(REQUIREMENTS))?;
    let installed = venv().join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        println!("  zig and cargo-zigbuild: installed.");
        return Ok(());
    }
    println!("  zig and cargo-zigbuild: installing them (100 MB, once).");
    setup::new_venv(&venv(), REQUIREMENTS)?;
    fs::write(&installed, wanted).with_context(|| installed.display().to_string())
}

/// Whether the compiler that runs this task has the standard library of the target.
fn has_standard_library(target: Target) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", target.triple()])
        .output()
        .context("rustc could not be started")?;
    let folder = String::from_utf8_lossy(&answer.stdout);
    Ok(answer.status.success() && Path::new(folder.trim()).is_dir())
}
