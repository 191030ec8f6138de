//! Builds an archive a second time, from a clone in another folder, and compares both byte for
//! byte.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use latchkey_archive::{Files, Platform};

use super::release::VERSION;
use crate::run;

/// Makes the archive of a platform again, with the task of a clone, and compares it with the one in
/// a folder.
pub(super) fn run(platform: Platform, out: &Path, without_wizard: bool) -> Result<()> {
    let clone = clone()?;
    let second = run::target().join("dist-compare/out");
    if second.exists() {
        fs::remove_dir_all(&second)?;
    }
    let mut task = run::cargo();
    task.args(["xtask", "dist", "--target", platform.name(), "--out"]).arg(&second);
    if without_wizard {
        task.arg("--without-wizard");
    }
    println!("    $ {}", run::command_line(&task));
    let built = clone.join("target");
    // What the clone compiles must not come from this folder.
    let done = task.current_dir(&clone).env("CARGO_TARGET_DIR", &built).status()?;
    ensure!(done.success(), "The second build failed ({done}).");
    let name = platform.archive_name(VERSION);
    let read = |folder: &Path| -> Result<Vec<u8>> {
        let path = folder.join(&name);
        fs::read(&path).with_context(|| path.display().to_string())
    };
    let (first, second) = (read(out)?, read(&second)?);
    if first == second {
        println!("  Both archives have the same {} bytes.", first.len());
        return Ok(());
    }
    let files = |bytes| latchkey_archive::read(platform, VERSION, bytes);
    let (first, second) = (files(&first)?.files, files(&second)?.files);
    let differences = differences(&first, &second);
    for difference in &differences {
        println!("  {difference}");
    }
    let all: BTreeSet<_> = first.keys().chain(second.keys()).collect();
    bail!("{} of {} files differ.", differences.len(), all.len())
}

/// A clone of the last commit in another folder, whose name has another length.
fn clone() -> Result<PathBuf> {
    let folder = run::target().join("dist-compare/a-clone-in-another-folder");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    run::run(
        Command::new("git").args(["clone", "--quiet", "--no-local"]).arg(run::root()).arg(&folder),
    )?;
    Ok(folder)
}

/// What differs between two archives, a line for each file.
fn differences(first: &Files, second: &Files) -> Vec<String> {
    let names: BTreeSet<_> = first.keys().chain(second.keys()).collect();
    let mut found = Vec::new();
    for name in names {
        let (Some(one), Some(other)) = (first.get(name), second.get(name)) else {
            found.push(format!("{name} is in one of them only"));
            continue;
        };
        if one == other {
            continue;
        }
        let (one, other) = (&one.content, &other.content);
        let pairs = || one.iter().zip(other);
        let count =
            pairs().filter(|(one, other)| one != other).count() + one.len().abs_diff(other.len());
        let at = pairs().position(|(one, other)| one != other);
        let at = at.unwrap_or_else(|| one.len().min(other.len()));
        found.push(format!(
            "{name}: {} and {} bytes, {count} of them differ, the first at {at:#x}",
            one.len(),
            other.len()
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use latchkey_archive::Entry;

    use super::*;

    #[test]
    fn each_file_that_differs_is_named() {
        let files = |contents: &[(&str, &str)]| -> Files {
            let entry = |&(name, content): &(&str, &str)| (name.to_owned(), Entry::data(content));
            contents.iter().map(entry).collect()
        };
        let first = files(&[("a", "same"), ("b", "one more"), ("c", "x")]);
        let second = files(&[("a", "same"), ("b", "oNe"), ("d", "x")]);
        assert_eq!(
            differences(&first, &second),
            [
                "b: 8 and 3 bytes, 6 of them differ, the first at 0x1",
                "c is in one of them only",
                "d is in one of them only",
            ]
        );
        assert!(differences(&first, &first).is_empty());
    }
}
