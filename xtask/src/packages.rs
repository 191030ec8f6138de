//! `cargo xtask test-packages`: installs a vendor's package with all that it depends on, in a
//! Debian that has nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{self, Steps, cargo, target};
use crate::{npm, setup, test, ui};

/// `cargo xtask test-packages`.
pub(crate) fn run() -> Result<()> {
    ensure!(setup::is_root(), "This task mounts folders and changes users: run it as root.");
    let mut steps = Steps::default();
    steps.step("Set-up: installing what is missing", || {
        setup::system()?;
        setup::for_packages()?;
        setup::node()?;
        npm::packages()?;
        ui::build()
    })?;
    steps.step("Build: all programs and all tests", test::build)?;
    let mut base = PathBuf::new();
    steps.step("Debian's base system", || {
        base = base_system()?;
        Ok(())
    })?;
    steps.step("A package on that system", || {
        let tests =
            ["test", "--workspace", "--test", "command_lines", "--", "--ignored", "--exact"];
        let which = "clean_debian::\
                     a_package_brings_its_libraries_and_its_window_opens_on_a_clean_debian";
        run::run_one_test(cargo().args(tests).arg(which).env("LATCHKEY_CLEAN_DEBIAN", &base))
    })?;
    steps.finish("The package works on a clean Debian; target/packages/ has a picture.");
    Ok(())
}

/// The folder with the base system of this machine's release of Debian, from its mirror.
fn base_system() -> Result<PathBuf> {
    let folder = target().join("clean-debian");
    if folder.exists() {
        println!("  {} exists already.", folder.display());
        return Ok(folder);
    }
    // What a broken run has left has another name.
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)?;
    }
    let (release, mirror) = release_and_mirror()?;
    let mut debootstrap = Command::new("debootstrap");
    run::run(debootstrap.args(["--variant=minbase", &release]).arg(&unfinished).arg(mirror))?;
    // Where this machine's packages come from, and how they are reached.
    for name in ["sources.list", "sources.list.d", "apt.conf.d", "auth.conf.d"] {
        let (from, to) = (Path::new("/etc/apt").join(name), unfinished.join("etc/apt"));
        if from.exists() {
            run::run(Command::new("cp").arg("-a").arg(from).arg(to))?;
        }
    }
    // Nothing that is installed there may start a service.
    let policy = unfinished.join("usr/sbin/policy-rc.d");
    std::fs::write(&policy, "#!/bin/sh\nexit 101\n")?;
    run::run(Command::new("chmod").arg("755").arg(&policy))?;
    run::run(Command::new("mv").arg(&unfinished).arg(&folder))?;
    Ok(folder)
}

/// This machine's release of Debian, and the mirror that its packages come from.
fn release_and_mirror() -> Result<(String, String)> {
    let file = Path::new("/etc/os-release");
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let release = name.context("this is no release of Debian")?.trim_matches('"').to_owned();
    let listed = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
        .args([&format!("Codename: {release}"), "Origin: Debian"])
        .output()
        .context("apt-get could not be started")?;
    let mirrors = String::from_utf8(listed.stdout)?;
    let mirror = mirrors.lines().next().context("no mirror of this release is configured")?;
    Ok((release, mirror.to_owned()))
}
