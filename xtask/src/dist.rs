//! `cargo xtask dist`: the prebuilt archive of a platform, with everything that a vendor needs, and
//! the list of digests beside it.
//!
//! Everything but the programs is the same in each run: names in order, one owner, and the date of
//! the commit as the only time.

mod build;
mod compare;
mod contents;
mod glibc;
mod import_library;
mod licences;
mod life;
mod release;
mod sbom;
mod verify;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use latchkey_archive::{NEVER_RUN, Platform, SUMS, digest, parse_sums, write_sums};

use self::build::Built;
use self::release::{VERSION, commit_time, host};
use crate::run::{self, Steps};

/// What is made, and from what.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// The platform, such as linux-x86_64 [default: this one]
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
    /// Check the archive also if its programs weren't built here
    #[arg(long, requires = "programs")]
    check: bool,
    /// Leave out the wizard, which takes the longest to build
    #[arg(long, conflicts_with = "programs")]
    without_wizard: bool,
    /// Build everything a second time, from a clone in another folder, and compare the archives
    #[arg(long, conflicts_with = "programs")]
    compare: bool,
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
    let built = match &choices.programs {
        Some(folder) => {
            let folder = fs::canonicalize(folder).with_context(|| folder.display().to_string())?;
            Built::before(platform, folder)?
        }
        None => build::programs(platform, choices.without_wizard, &mut steps)?,
    };
    let out = match &choices.out {
        Some(folder) => std::path::absolute(folder)?,
        None => run::target().join("dist"),
    };
    steps.step("The archive, and the list of digests", || archive(platform, &built, &out))?;
    let is_built_here = choices.programs.is_none();
    if is_built_here || choices.check {
        verify::archive(platform, &out, is_built_here, &mut steps)?;
    }
    if let Some(key) = &choices.sign {
        steps.step("The signature", || sign(key, &out))?;
    }
    if choices.compare {
        steps.step("A second build, from a clone in another folder", || {
            compare::run(platform, &out, choices.without_wizard)
        })?;
    }
    let name = platform.archive_name(VERSION);
    let note = match contents::is_never_run(platform) {
        true => {
            format!(" Its programs were linked, and have never been run: see {NEVER_RUN} in it.")
        }
        false => String::new(),
    };
    steps.finish(&format!("{name} is in {}.{note}", out.display()));
    Ok(())
}

/// Makes the archive, and puts its digest into the list.
fn archive(platform: Platform, built: &Built, out: &Path) -> Result<()> {
    let time = commit_time()?;
    let files = contents::files(platform, built)?;
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
    let done = minisign.status().context("`minisign` could not be started")?;
    ensure!(done.success(), "`minisign` failed ({done}).");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    /// The signature is made and verified by Debian's `minisign`.
    #[test]
    fn the_list_of_digests_is_signed_and_an_altered_one_is_refused() {
        let minisign = |arguments: &[&str], folder: &Path| {
            let mut minisign = Command::new("minisign");
            let done = minisign.args(arguments).current_dir(folder).output();
            done.expect("NOT TESTED: `minisign` isn't installed: `cargo xtask setup`").status
        };
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        // Without a passphrase, because nobody can type one.
        let generate = ["-G", "-W", "-p", "latchkey.pub", "-s", "latchkey.key"];
        assert!(minisign(&generate, out).success());
        let list = out.join(SUMS);
        fs::write(&list, write_sums(&BTreeMap::from([("a".to_owned(), digest(b"a"))]))).unwrap();
        sign(&out.join("latchkey.key"), out).unwrap();
        let verify = ["-V", "-p", "latchkey.pub", "-m", SUMS];
        assert!(minisign(&verify, out).success());
        fs::write(&list, write_sums(&BTreeMap::from([("a".to_owned(), digest(b"b"))]))).unwrap();
        assert!(!minisign(&verify, out).success());
        assert!(sign(&out.join("no.key"), out).is_err());
    }
}
