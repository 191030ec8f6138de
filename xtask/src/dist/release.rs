//! What is released: the version, the packages, the commit, and the platform of this computer.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use latchkey_archive::Platform;

use crate::run;

/// The version of every program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The package and the program that an archive may lack.
pub(super) const WIZARD: &str = "latchkey-wizard";

/// The packages whose programs and libraries are in an archive.
pub(super) const PACKAGES: [&str; 4] = [WIZARD, "latchkey", "latchkey-server", "latchkey-sdk-c"];

/// The files of the programs on a platform.
pub(super) fn program_names(platform: Platform) -> Vec<String> {
    let suffix = platform.program_suffix();
    [WIZARD, "latchkey", "latchkey-server"].map(|name| format!("{name}{suffix}")).to_vec()
}

/// The files of the libraries on a platform.
pub(super) const fn libraries(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::LinuxX86_64 | Platform::LinuxAarch64 => &["liblatchkey.so", "liblatchkey.a"],
        Platform::WindowsX86_64 => &["latchkey.dll", "liblatchkey.dll.a", "liblatchkey.a"],
        Platform::MacosX86_64 | Platform::MacosAarch64 => &["liblatchkey.dylib", "liblatchkey.a"],
    }
}

/// The platform of this computer.
pub(super) fn host() -> Result<Platform> {
    match run::host()?.as_str() {
        "x86_64-unknown-linux-gnu" => Ok(Platform::LinuxX86_64),
        "aarch64-unknown-linux-gnu" => Ok(Platform::LinuxAarch64),
        "x86_64-apple-darwin" => Ok(Platform::MacosX86_64),
        "aarch64-apple-darwin" => Ok(Platform::MacosAarch64),
        other => bail!("There are no archives for {other}. --target names another platform."),
    }
}

/// The date of the commit, in seconds of the Unix epoch.
pub(super) fn commit_time() -> Result<u64> {
    let shown = git(&["log", "-1", "--format=%ct"])?;
    shown.trim().parse().with_context(|| format!("`git log` shows “{shown}”"))
}

pub(super) fn git(arguments: &[&str]) -> Result<String> {
    let done = Command::new("git").args(arguments).current_dir(run::root()).output()?;
    ensure!(done.status.success(), "`git {}` failed", arguments.join(" "));
    Ok(String::from_utf8(done.stdout)?)
}
