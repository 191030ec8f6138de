//! `cargo xtask test-windows`: compiles the programs for Windows, and runs unit tests and the whole
//! life of a licence in Wine.
//!
//! Wine shows less than Windows: of a file's access rules it only keeps whether the file belongs to
//! this user and what everybody may do. Tests that need more are compiled but not run: `cargo xtask
//! test-windows --natively` runs them on Windows.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::run::{self, Steps, target};
use crate::{npm, setup, ui};

pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";

/// A function that Rust's standard library needs and Wine 8 doesn't have yet.
const RANDOMNESS: &str = "#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{ return SystemFunction036(bytes, (ULONG)count); }
";

/// The programs and the library that the tests start and load, and a product that is only compiled.
const PROGRAMS: &[&str] = &[
    "-p",
    "latchkey",
    "-p",
    "latchkey-server",
    "-p",
    "latchkey-sdk-c",
    "-p",
    "latchkey-wizard",
    "-p",
    "hello-product",
];

/// Tells the tests where `examples/hello-c` is, compiled for a vendor's product.
const C_EXAMPLE: &str = "LATCHKEY_C_EXAMPLE";
/// Tells the tests which folder is on a share.
const SHARE: &str = "LATCHKEY_SHARE";

/// Crates whose unit tests all run in Wine.
const UNITS: &[&str] = &[
    "-p",
    "latchkey-console",
    "-p",
    "latchkey-config",
    "-p",
    "latchkey-files",
    "-p",
    "latchkey-i18n",
    "-p",
    "latchkey-lease",
    "-p",
    "latchkey-token",
];

pub(crate) fn run(kills: Option<u32>) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up: a compiler for Windows, Wine, and the wizard's pages", || {
        setup::for_windows()?;
        setup::node()?;
        npm::packages()?;
        ui::build()?;
        prefix()
    })?;
    let _server = wine_server()?;
    steps.step("Build: the programs, the C library and two products", build)?;
    steps.tests("The life of a licence, in Wine", || life(kills));
    steps.tests("Installers of three vendors, in Wine", installers);
    steps.tests("Unit tests, in Wine", || {
        run::run(cargo("test").args(["--lib", "--no-fail-fast"]).args(UNITS))?;
        run::run(cargo("test").args(["--lib", "-p", "latchkey-device", "--", "store::", "lock::"]))
    });
    steps.tests("The wizard behind its window, in Wine", wizard);
    steps.all_passed()?;
    steps.finish("The programs compile for Windows, and the tests that Wine can run pass.");
    Ok(())
}

/// Installers are made here, and run in Wine one after the other, because they use one registry.
fn installers() -> Result<()> {
    for test in [
        "two_installed_products_are_upgraded_and_removed_side_by_side",
        "a_removed_installation_returns_the_licence_of_the_computer_if_it_is_told_to",
        "an_installer_uses_the_web_view_that_the_vendor_put_beside_it",
    ] {
        let mut cargo = run::cargo();
        cargo
            .args(["test", "-p", "latchkey-packager", "--lib", "--", "--ignored", "--exact"])
            .arg(format!("tests::installing::{test}"))
            .env("LATCHKEY_WINDOWS_PROGRAMS", built_path(""));
        in_wine(&mut cargo);
        run::run_one_test(&mut cargo)?;
    }
    Ok(())
}

fn build() -> Result<()> {
    run::run(cargo("build").args(PROGRAMS))?;
    c_example()
}

fn life(kills: Option<u32>) -> Result<()> {
    // To Wine's programs, this folder is a share.
    let share = target().join("wine/dosdevices/unc/server/share");
    std::fs::create_dir_all(&share)?;
    let mut tests = cargo("test");
    tests
        .args(["-p", "latchkey-windows-tests", "--test", "windows"])
        .env(SHARE, r"\\server\share")
        .env(C_EXAMPLE, windows_path(&c_example_folder()));
    if let Some(kills) = kills {
        tests.env("LATCHKEY_KILLS", kills.to_string());
    }
    run::run(&mut tests)
}

/// The wizard's state, commands and files, without a window. The test program needs the loader of
/// the web view, which is beside the wizard.
fn wizard() -> Result<()> {
    let mut tests = cargo("test");
    tests.args(["--lib", "-p", "latchkey-wizard"]).env("WINEPATH", windows_path(&built_path("")));
    run::run(&mut tests)
}

/// A program or library for Windows.
fn built_path(name: &str) -> PathBuf {
    target().join("windows").join(TARGET).join("debug").join(name)
}

/// The path by which programs in Wine reach a file of this system.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display())
}

fn c_example_folder() -> PathBuf {
    target().join("windows/c-example")
}

/// Compiles the product in C with the keys of a vendor who has nothing but this product.
fn c_example() -> Result<()> {
    let folder = c_example_folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let vendor = |arguments: &[&str]| {
        let mut server = Command::new("wine");
        in_wine(&mut server);
        let data = windows_path(&folder.join("data"));
        run::run(
            server.arg(built_path("latchkey-server.exe")).args(["--data", &data]).args(arguments),
        )
    };
    vendor(&["init", "--vendor", "Acme"])?;
    let features = ["--feature", "export=bool", "--feature", "render=pool"];
    vendor(&[&["product", "add", "--name", "CAD"], &features[..]].concat())?;
    let kit = folder.join("kit");
    vendor(&["kit", "--product", "1", "--out", &windows_path(&kit)])?;
    run::run(
        Command::new("x86_64-w64-mingw32-gcc")
            .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-Icrates/sdk-c/include"])
            .arg("-I")
            .arg(&kit)
            .arg("examples/hello-c/hello.c")
            .arg(built_path("liblatchkey.dll.a"))
            .arg("-o")
            .arg(folder.join("hello-c.exe")),
    )
}

/// Tests of access rules that Wine can't run, and whether they need an administrator.
const NATIVE_TESTS: [(&str, bool); 2] = [
    ("new_files_and_folders_have_exactly_the_intended_rules", true),
    ("only_an_administrator_can_create_a_machine_file", false),
];

/// `cargo xtask test-windows --natively`: on Windows itself, the tests of files and access rules
/// with those that Wine can't run, such as `a_planted_junction_is_not_followed`. It has to run
/// twice: as an administrator, and as another user.
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
pub(crate) fn cargo(what: &str) -> Command {
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

/// Wine's own server. Without one that stays, each program would start another one.
struct WineServer(Child);

impl Drop for WineServer {
    fn drop(&mut self) {
        let mut end = Command::new("wineserver");
        in_wine(end.arg("--kill"));
        let _ = end.status();
        let _ = self.0.wait();
    }
}

fn wine_server() -> Result<WineServer> {
    let mut server = Command::new("wineserver");
    in_wine(server.args(["--persistent", "--foreground"]));
    Ok(WineServer(server.spawn().context("wineserver could not be started")?))
}

fn prefix() -> Result<()> {
    let prefix = target().join("wine");
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if !library.is_file() {
        new_prefix(&prefix, &library)?;
    }
    // The default of Wine is older than what the programs and their installers are for.
    let mut version = Command::new("wine");
    in_wine(version.args(["winecfg", "/v", "win10"]));
    run::run(&mut version)
}

fn new_prefix(prefix: &Path, library: &Path) -> Result<()> {
    std::fs::create_dir_all(prefix)?;
    let mut boot = Command::new("wineboot");
    in_wine(boot.arg("--init"));
    run::run(&mut boot)?;
    let source = prefix.join("randomness.c");
    std::fs::write(&source, RANDOMNESS).context("the C file can't be written")?;
    run::run(
        Command::new("x86_64-w64-mingw32-gcc")
            .args(["-shared", "-o"])
            .args([library, &source])
            .arg("-ladvapi32"),
    )
}
