//! `cargo xtask windows`: compiles the programs for Windows, and runs the tests of the crates that
//! deal with files in Wine.
//!
//! Wine shows less than Windows: of a file's access rules it only keeps whether the file belongs to
//! this user and what everybody may do. Tests that need more are compiled but not run: `cargo xtask
//! windows --natively` runs them on Windows. The same goes for the tests of the server's data
//! directory, because Wine doesn't remove a directory with an open file, which is the last step of
//! set-up.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::run::{self, Steps, target};
use crate::setup;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// A function that Rust's standard library needs and Wine 8 doesn't have yet.
const RANDOMNESS: &str = "#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{ return SystemFunction036(bytes, (ULONG)count); }
";

pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: a compiler for Windows, and Wine", || {
        setup::for_windows()?;
        prefix()
    })?;
    steps.step("Types: both command lines, the C library and the tests of these", || {
        run::run(
            cargo("check")
                .args(["-p", "latchkey", "-p", "latchkey-server", "-p", "latchkey-sdk-c"])
                .args(["-p", "hello-product"]),
        )
    })?;
    steps.step("Access rules and the computer's files, in Wine", || {
        run::run(cargo("test").arg("--lib").args(["-p", "latchkey-files"]))?;
        run::run(cargo("test").args(["--lib", "-p", "latchkey-device", "--", "store::", "lock::"]))
    })?;
    steps.finish("The programs compile for Windows, and the tests that Wine can run pass.");
    Ok(())
}

/// Tests of access rules that Wine can't run, and whether they need an administrator.
const NATIVE_TESTS: [(&str, bool); 2] = [
    ("new_files_and_folders_have_exactly_the_intended_rules", true),
    ("only_an_administrator_can_create_a_machine_file", false),
];

/// `cargo xtask windows --natively`: on Windows itself, the tests of files and access rules with
/// those that Wine can't run, such as `a_planted_junction_is_not_followed`. It has to run twice: as
/// an administrator, and as another user.
pub(crate) fn run_natively() -> Result<()> {
    ensure!(
        cfg!(windows),
        "NOT TESTED: these tests need Windows itself, and this is another system."
    );
    let session =
        Command::new("net").arg("session").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_administrator = session.context("`net` could not be started")?.success();
    let mut test = run::cargo();
    test.args(["test", "-p", "latchkey-files", "--lib", "--", "--include-ignored"]);
    for (name, needs_administrator) in NATIVE_TESTS {
        if needs_administrator != is_administrator {
            let whom = if needs_administrator { "an administrator" } else { "another user" };
            println!("  NOT TESTED: {name}. Run this task again as {whom}.");
            test.args(["--skip", name]);
        }
    }
    run::run(&mut test)
}

/// The distribution's cargo and compiler, which build the standard library for Windows from source.
fn cargo(what: &str) -> Command {
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo
        .env("RUSTC", "/usr/bin/rustc")
        // Building the standard library requires this variable.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("CARGO_TARGET_DIR", target().join("windows"))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
        .args([what, "-Zbuild-std", "--target", TARGET]);
    in_wine(&mut cargo);
    cargo
}

/// Uses a Wine prefix of its own, so that the user's isn't changed.
fn in_wine(command: &mut Command) {
    command
        .env("WINEPREFIX", target().join("wine"))
        .env("WINEDLLOVERRIDES", "winemenubuilder.exe=d")
        .env("WINEDEBUG", "-all");
}

fn prefix() -> Result<()> {
    let prefix = target().join("wine");
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if library.is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(&prefix)?;
    let mut boot = Command::new("wineboot");
    in_wine(boot.arg("--init"));
    run::run(&mut boot)?;
    let source = prefix.join("randomness.c");
    std::fs::write(&source, RANDOMNESS).context("the C file can't be written")?;
    run::run(
        Command::new("x86_64-w64-mingw32-gcc")
            .args(["-shared", "-o"])
            .args([&library, &source])
            .arg("-ladvapi32"),
    )
}
