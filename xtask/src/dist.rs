//! `cargo xtask dist`: the prebuilt archive of a platform, with everything that a vendor needs, and
//! the list of digests beside it.
//!
//! Everything but the programs is the same in each run: names in order, one owner, and the date of
//! the commit as the only time.

mod contents;
mod licences;
mod release;
mod sbom;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use latchkey_archive::{Platform, SUMS, digest, parse_sums, write_sums};

use self::release::{PACKAGES, VERSION, commit_time, host};
use crate::run::{self, Steps, cargo};
use crate::{setup, ui, windows};

/// What is made, and from what.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// The platform: linux-x86_64 or windows-x86_64 [default: this one]
    #[arg(long, value_name = "PLATFORM")]
    target: Option<String>,
    /// Use the programs in this folder instead of building them, and leave out those that it lacks
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// The folder to write to [default: target/dist]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Sign the list of digests with this secret key, by the program `minisign`
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
}

/// `cargo xtask dist`.
pub(crate) fn run(choices: &Choices) -> Result<()> {
    let platform = match &choices.target {
        Some(name) => Platform::from_name(name).with_context(|| {
            let names: Vec<_> = Platform::ALL.iter().map(|platform| platform.name()).collect();
            format!("“{name}” isn't one of {}", names.join(", "))
        })?,
        None => host()?,
    };
    let mut steps = Steps::default();
    let programs = match &choices.programs {
        Some(folder) => fs::canonicalize(folder).with_context(|| folder.display().to_string())?,
        None => build(platform, &mut steps)?,
    };
    let out = match &choices.out {
        Some(folder) => std::path::absolute(folder)?,
        None => run::target().join("dist"),
    };
    steps.step("The archive, and the list of digests", || archive(platform, &programs, &out))?;
    if let Some(key) = &choices.sign {
        steps.step("The signature", || sign(key, &out))?;
    }
    steps.finish(&format!("{} is in {}.", platform.archive_name(VERSION), out.display()));
    Ok(())
}

/// Builds the programs, and returns their folder.
fn build(platform: Platform, steps: &mut Steps) -> Result<PathBuf> {
    let is_clean = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=no"])
        .current_dir(run::root())
        .output()?;
    if !is_clean.stdout.is_empty() {
        println!("  The folder has changes that aren't in a commit: this isn't a release.");
    }
    let release = |mut cargo: Command, packages: &[&str]| {
        cargo.args(["--release", "--locked"]);
        for package in packages {
            cargo.args(["-p", package]);
        }
        run::run(&mut cargo)
    };
    if platform.is_windows() {
        steps.step("Set-up: a compiler for Windows", setup::for_windows)?;
        pages(steps)?;
        steps.step("Build: all programs and libraries", || {
            release(windows::cargo("build"), &PACKAGES)
        })?;
        return Ok(run::target().join("windows").join(windows::TARGET).join("release"));
    }
    ensure!(platform == host()?, "Archives for {} are made on such a computer.", platform.name());
    pages(steps)?;
    steps.step("Build: all programs and libraries", || {
        let mut build = cargo();
        build.arg("build");
        release(build, &PACKAGES)
    })?;
    Ok(run::target().join("release"))
}

fn pages(steps: &mut Steps) -> Result<()> {
    steps.step("The wizard's pages: build", || {
        setup::node()?;
        ui::build_for_tauri()
    })
}

/// Makes the archive, and puts its digest into the list.
fn archive(platform: Platform, programs: &Path, out: &Path) -> Result<()> {
    let time = commit_time()?;
    let files = contents::files(platform, programs)?;
    let bytes = latchkey_archive::write(platform, VERSION, &files, time)?;
    // What can't be read back must not be shipped.
    latchkey_archive::read(platform, VERSION, &bytes)?;
    fs::create_dir_all(out)?;
    let name = platform.archive_name(VERSION);
    let list = out.join(SUMS);
    let mut sums = match fs::read_to_string(&list) {
        Ok(text) => parse_sums(&text).with_context(|| list.display().to_string())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error).with_context(|| list.display().to_string()),
    };
    sums.insert(name.clone(), digest(&bytes));
    replace(&out.join(&name), &bytes)?;
    replace(&list, write_sums(&sums).as_bytes())?;
    let unpacked: usize = files.values().map(|file| file.content.len()).sum();
    println!(
        "  {name}: {:.1} MB, {} files with {:.1} MB.",
        megabytes(bytes.len()),
        files.len(),
        megabytes(unpacked)
    );
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "it is printed with one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}

fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = path.with_extension("new");
    fs::write(&aside, bytes).with_context(|| aside.display().to_string())?;
    fs::rename(&aside, path).with_context(|| path.display().to_string())
}

/// Signs the list. `minisign` asks for the key's passphrase.
fn sign(key: &Path, out: &Path) -> Result<()> {
    let mut minisign = Command::new("minisign");
    minisign.arg("-S").arg("-s").arg(key).arg("-m").arg(out.join(SUMS));
    println!("    $ {}", run::command_line(&minisign));
    let done = minisign.status().context("`minisign` can't be started; Debian has it")?;
    ensure!(done.success(), "`minisign` failed ({done}).");
    Ok(())
}
