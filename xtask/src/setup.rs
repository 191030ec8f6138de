//! `cargo xtask setup`: installs what the demo and the tests need.
//!
//! On Debian and Ubuntu it installs everything that is missing; on other systems it lists it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::npm;
use crate::run::{self, cargo, run, target, which};

/// The packages of Debian and Ubuntu, and what each of them is for.
const PACKAGES: &[(&str, &str)] = &[
    (
        "build-essential",
        "the C compiler that some crates need, and the C++ compiler that the fuzzer needs",
    ),
    ("pkg-config", "finding the libraries below"),
    ("libwebkit2gtk-4.1-dev", "the wizard's window"),
    ("libgtk-3-dev", "the wizard's window"),
    ("librsvg2-dev", "the wizard's icons"),
    ("libayatana-appindicator3-dev", "the wizard's bundle"),
    ("webkit2gtk-driver", "driving the real window"),
    ("xvfb", "a display where there is none"),
    ("dbus", "a session bus of the tests' own"),
    ("dbus-x11", "a session bus in a window session"),
    ("gnome-keyring", "a real Secret Service"),
    ("libsecret-tools", "looking into the keyring"),
    ("at-spi2-core", "the window's accessibility bus"),
    ("xclip", "reading the clipboard"),
    ("zbar-tools", "an independent reader of QR pictures"),
    ("librsvg2-bin", "drawing the pictures of a print sheet"),
    ("xfce4-clipman", "a clipboard manager, which keeps what a closed window had copied"),
    ("openbox", "a window manager, which decides what is in front"),
    ("xdotool", "typing into dialogs that no WebDriver reaches"),
    ("gcr", "the keyring's question for its password"),
    ("cmake", "building a product with the release's archive"),
    ("fakeroot", "installing packages into a folder"),
    ("rpm", "checking packages of RPM"),
    ("icoutils", "reading what Windows shows of a program"),
    ("nsis", "making installers for Windows"),
    ("minisign", "signing the list of digests of a release"),
    ("osslsigncode", "signing programs for Windows"),
    ("openssl", "making certificates for that"),
    ("faketime", "moving the clock of a program"),
    ("strace", "killing a program at a call that it makes"),
    ("chromium", "the browser that opens the portal"),
    ("chromium-driver", "driving that browser"),
    ("python3-venv", "the second implementation of the token format"),
    ("valgrind", "watching the memory of the C library"),
    ("golang-go", "the Go product"),
    ("mono-mcs", "the C# product's compiler"),
    ("mono-runtime", "running the C# product"),
];

/// The packages of Debian for `cargo xtask test-windows`.
const FOR_WINDOWS: &[(&str, &str)] = &[
    ("rustc-web", "a compiler that comes with the source of its standard library"),
    ("rust-web-src", "that source, which is compiled for Windows"),
    ("cargo-web", "the cargo of that compiler"),
    ("gcc-mingw-w64-x86-64", "the linker, and the C compiler for SQLite"),
    ("nsis", "making installers"),
    ("osslsigncode", "signing them"),
    ("openssl", "making certificates for that"),
    ("wine", "running programs for Windows"),
    ("wine64", "running programs for Windows"),
];

/// The packages of Debian for `cargo xtask test-packages`.
const FOR_PACKAGES: &[(&str, &str)] = &[("debootstrap", "making a clean Debian in a folder")];

/// The packages of Debian for targets that the project's compiler has no standard library of.
const FROM_SOURCE: &[(&str, &str)] = &[
    ("rustc-web", "a compiler that comes with the source of its standard library"),
    ("rust-web-src", "that source, which is compiled for the target"),
    ("cargo-web", "the cargo of that compiler"),
    ("llvm", "stripping programs for other systems"),
];

/// The packages of Debian for the checks of an archive.
const FOR_CHECKS: &[(&str, &str)] = &[
    ("build-essential", "the C compiler that builds a product with the archive"),
    ("pkg-config", "telling it where the library is"),
    ("cmake", "the same in another way"),
];

/// The same for programs of another processor.
const FOR_EMULATION: &[(&str, &str)] = &[
    ("qemu-user", "running programs for 64-bit ARM"),
    ("libc6-arm64-cross", "the C library that they use"),
    ("libgcc-s1-arm64-cross", "the compiler's library that they use"),
];

/// On other systems: the programs that must be found, and the packages that usually contain them.
const PROGRAMS: &[(&str, &str)] = &[
    ("cc", "a C compiler (Fedora: gcc; Arch: base-devel)"),
    ("c++", "a C++ compiler (Fedora: gcc-c++; Arch: base-devel)"),
    ("pkg-config", "pkg-config (Fedora: pkgconf-pkg-config; Arch: pkgconf)"),
    (
        "WebKitWebDriver",
        "WebKitGTK 4.1's WebDriver (Fedora: webkit2gtk-driver; Arch: webkit2gtk-4.1)",
    ),
    (
        "Xvfb",
        "the X server without a display (Fedora: xorg-x11-server-Xvfb; Arch: xorg-server-xvfb)",
    ),
    ("dbus-daemon", "D-Bus (Fedora: dbus-daemon; Arch: dbus)"),
    ("gnome-keyring-daemon", "GNOME Keyring (Fedora, Arch: gnome-keyring)"),
    ("secret-tool", "libsecret's tool (Fedora, Arch: libsecret)"),
    ("xclip", "xclip (Fedora, Arch: xclip)"),
    ("zbarimg", "a reader of QR pictures (Fedora, Arch: zbar)"),
    ("rsvg-convert", "librsvg's tool (Fedora: librsvg2-tools; Arch: librsvg)"),
    ("xfce4-clipman", "a clipboard manager (Fedora, Arch: xfce4-clipman-plugin)"),
    ("openbox", "a window manager (Fedora, Arch: openbox)"),
    ("xdotool", "xdotool (Fedora, Arch: xdotool)"),
    ("cmake", "CMake (Fedora, Arch: cmake)"),
    ("minisign", "minisign (Fedora, Arch: minisign)"),
    ("osslsigncode", "osslsigncode (Fedora, Arch: osslsigncode)"),
    ("openssl", "OpenSSL (Fedora, Arch: openssl)"),
    ("wrestool", "icoutils (Fedora, Arch: icoutils)"),
    ("makensis", "NSIS (Fedora: mingw-nsis-base; Arch: nsis)"),
    ("faketime", "libfaketime (Fedora, Arch: libfaketime)"),
    ("valgrind", "Valgrind (Fedora, Arch: valgrind)"),
    ("go", "Go (Fedora: golang; Arch: go)"),
    ("mcs", "Mono's C# compiler (Fedora: mono-core; Arch: mono)"),
    ("chromedriver", "Chromium's WebDriver (Fedora, Arch: chromium)"),
];

/// The oldest Node.js that builds the wizard's pages.
const NODE: u32 = 20;

/// `cargo xtask setup`.
pub(crate) fn install_all() -> Result<()> {
    println!("Checking what this machine needs for `cargo xtask demo` and `cargo xtask test`.");
    system()?;
    rust_components()?;
    node()?;
    npm::packages()?;
    webdriver()?;
    cargo_deny()?;
    println!("\n✓ Everything that the demo and the tests need is installed.");
    Ok(())
}

/// Installs the system packages.
pub(crate) fn system() -> Result<()> {
    if cfg!(not(target_os = "linux")) {
        bail!(
            "The demo and the end-to-end tests drive the window through WebKitGTK, which needs \
             Linux. What works here: `cargo xtask ui`, then `cargo test`."
        );
    }
    if !is_debian() || which("apt-get").is_none() {
        return system_elsewhere();
    }
    packages(PACKAGES)
}

/// Installs what is needed to build for Windows and to run the result in Wine.
pub(crate) fn for_windows() -> Result<()> {
    if !is_debian() || which("apt-get").is_none() {
        bail!(
            "Programs for Windows are built with Debian's own Rust, which includes the source \
             of its standard library, and run in Wine. This is neither Debian nor Ubuntu."
        );
    }
    packages(FOR_WINDOWS)
}

/// Installs what is needed to make a clean Debian in a folder.
pub(crate) fn for_packages() -> Result<()> {
    if !is_debian() || which("apt-get").is_none() {
        bail!("A clean Debian is made by Debian's own tools. This is neither Debian nor Ubuntu.");
    }
    packages(FOR_PACKAGES)
}

/// Installs Debian's compiler, which compiles its standard library for other targets from source.
pub(crate) fn compiler_from_source() -> Result<()> {
    if !is_debian() || which("apt-get").is_none() {
        bail!(
            "The standard library for this target is missing (`rustup target add` installs it). \
             Without it, Debian's own Rust is used, and this is neither Debian nor Ubuntu."
        );
    }
    packages(FROM_SOURCE)
}

/// Installs what the checks of an archive need. On systems other than Debian and Ubuntu, a check
/// fails if its program is missing.
pub(crate) fn for_checks(is_emulated: bool) -> Result<()> {
    if !is_debian() || which("apt-get").is_none() {
        return Ok(());
    }
    packages(FOR_CHECKS)?;
    if is_emulated { packages(FOR_EMULATION) } else { Ok(()) }
}

/// Installs Python with its virtual environments.
pub(crate) fn python() -> Result<()> {
    if is_debian() && which("apt-get").is_some() {
        return packages(&[("python3-venv", "installing packages of PyPI in a folder")]);
    }
    which("python3").map(drop).context("python3 is missing")
}

/// Installs packages of PyPI into a folder of their own, from a file that lists them.
pub(crate) fn new_venv(folder: &Path, requirements: &str) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let pip = ["install", "--quiet", "--disable-pip-version-check", "--requirement", requirements];
    run(Command::new(folder.join("bin/pip")).args(pip))
}

/// The version of CycloneDX's own library that checks bills of materials.
const CYCLONEDX: &str = "cyclonedx-python-lib[json-validation]==11.12.0\n";

/// Installs that library, and returns the path of the Python that has it.
pub(crate) fn cyclonedx() -> Result<PathBuf> {
    python()?;
    let folder = target().join("tools/cyclonedx");
    let python = folder.join("bin/python3");
    let installed = folder.join("requirements.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == CYCLONEDX) {
        return Ok(python);
    }
    let wanted = target().join("tools/cyclonedx.txt");
    std::fs::create_dir_all(target().join("tools"))?;
    std::fs::write(&wanted, CYCLONEDX)?;
    new_venv(&folder, wanted.to_str().context("a folder in UTF-8")?)?;
    std::fs::write(&installed, CYCLONEDX)?;
    Ok(python)
}

/// Installs those of these packages that are missing.
fn packages(wanted: &[(&str, &str)]) -> Result<()> {
    let installed = installed_packages(wanted)?;
    let missing: Vec<_> =
        wanted.iter().filter(|(name, _)| !installed.iter().any(|i| i == name)).collect();
    if missing.is_empty() {
        println!("  System packages: all {} are installed.", wanted.len());
        return Ok(());
    }
    println!("  System packages to install:");
    for (name, purpose) in &missing {
        println!("    {name}: {purpose}");
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    let by_hand = format!("apt-get update && apt-get install -y {}", names.join(" "));
    let update = run(as_root(&by_hand)?.args(["apt-get", "update", "-q"]));
    if let Err(error) = update {
        println!("    {error:#} Trying with the existing package lists.");
    }
    run(as_root(&by_hand)?
        .args(["apt-get", "install", "-q", "-y", "-o", "Dpkg::Use-Pty=0"])
        .args(&names))
    .with_context(|| format!("System packages are missing. By hand, as root: {by_hand}"))
}

fn system_elsewhere() -> Result<()> {
    let mut missing: Vec<_> = PROGRAMS
        .iter()
        .filter(|(program, _)| which(program).is_none())
        .map(|(program, origin)| format!("  {program}: {origin}"))
        .collect();
    let webkit =
        Command::new("pkg-config").args(["--exists", "webkit2gtk-4.1", "gtk+-3.0"]).status();
    if !webkit.is_ok_and(|status| status.success()) {
        missing.push(
            "  webkit2gtk-4.1 and gtk+-3.0 for development (Fedora: webkit2gtk4.1-devel gtk3-devel; \
             Arch: webkit2gtk-4.1)"
                .to_owned(),
        );
    }
    if missing.is_empty() {
        println!("  System packages: everything is installed.");
        return Ok(());
    }
    bail!(
        "This is neither Debian nor Ubuntu, so nothing was installed. Please install, with this \
         system's own package manager:\n{}",
        missing.join("\n")
    )
}

fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .any(|id| id == "debian" || id == "ubuntu")
}

fn installed_packages(wanted: &[(&str, &str)]) -> Result<Vec<String>> {
    // dpkg-query fails if it doesn't know one of the names, but still prints the others.
    let answer = Command::new("dpkg-query")
        .args(["-W", "-f=${Package} ${db:Status-Status}\\n"])
        .args(wanted.iter().map(|(name, _)| name))
        .output()
        .context("dpkg-query could not be started")?;
    Ok(String::from_utf8_lossy(&answer.stdout)
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .map(str::to_owned)
        .collect())
}

/// Whether root runs this task.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

/// A command prefix that runs a command as root without prompting.
fn as_root(by_hand: &str) -> Result<Command> {
    let mut command = if is_root() {
        Command::new("env")
    } else if which("sudo").is_some() {
        println!("    (as root, through sudo)");
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    } else {
        bail!("System packages are missing and there is no sudo. As root, run: {by_hand}");
    };
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Ok(command)
}

/// Installs rustfmt and clippy, which a minimal toolchain lacks.
pub(crate) fn rust_components() -> Result<()> {
    for (component, program) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let present = cargo().args([program, "--version"]).output();
        if present.is_ok_and(|answer| answer.status.success()) {
            continue;
        }
        if which("rustup").is_none() {
            bail!("`cargo {program}` is missing. Install the Rust toolchain's {component}.");
        }
        println!("  Rust: installing {component}.");
        run(Command::new("rustup").args(["component", "add", component]))?;
    }
    println!("  Rust: rustfmt and clippy are installed.");
    Ok(())
}

/// Installs Node.js and npm, which build the wizard's pages.
pub(crate) fn node() -> Result<()> {
    if which("node").is_none() || which("npm").is_none() {
        if !is_debian() || which("apt-get").is_none() {
            bail!("Node.js {NODE} or newer with npm is missing: https://nodejs.org/en/download");
        }
        let by_hand = "apt-get install -y nodejs npm";
        println!("  Node.js and npm: installing the distribution's.");
        run(as_root(by_hand)?.args(["apt-get", "update", "-q"]))?;
        run(as_root(by_hand)?.args(["apt-get", "install", "-q", "-y", "nodejs", "npm"]))?;
    }
    let answer = Command::new("node").arg("--version").output().context("node doesn't start")?;
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < NODE) {
        bail!(
            "Node.js {version} is too old: the wizard's pages need {NODE} or newer. Install one \
             from https://nodejs.org/en/download and try again."
        );
    }
    println!("  Node.js: {version}.");
    Ok(())
}

/// The path at which [`webdriver`] installs Tauri's WebDriver.
pub(crate) fn webdriver_path() -> PathBuf {
    target().join("tools/bin/tauri-driver")
}

/// Installs Tauri's WebDriver, which connects the tests with WebKit's own WebDriver.
pub(crate) fn webdriver() -> Result<()> {
    let path = webdriver_path();
    if path.is_file() {
        println!("  tauri-driver: {}.", relative_to_root(&path));
        return Ok(());
    }
    println!("  tauri-driver: building it (less than a minute, once).");
    install("tauri-driver", "^2")
}

/// The path at which [`cargo_deny`] installs cargo-deny.
pub(crate) fn cargo_deny_path() -> PathBuf {
    target().join("tools/bin/cargo-deny")
}

/// Installs cargo-deny, which checks the dependencies.
pub(crate) fn cargo_deny() -> Result<()> {
    let path = cargo_deny_path();
    if path.is_file() {
        println!("  cargo-deny: {}.", relative_to_root(&path));
        return Ok(());
    }
    println!("  cargo-deny: building it (one to two minutes, once).");
    install("cargo-deny", "^0.20")
}

/// Builds a tool into `target/tools`, without optimisation and debug information: it runs for
/// seconds, and an optimised cargo-deny takes five times as long to build.
fn install(tool: &str, version: &str) -> Result<()> {
    run(cargo()
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
        .args(["install", tool, "--version", version, "--debug", "--locked", "--quiet", "--root"])
        .arg(target().join("tools")))
}

fn relative_to_root(path: &Path) -> String {
    path.strip_prefix(run::root()).unwrap_or(path).display().to_string()
}
