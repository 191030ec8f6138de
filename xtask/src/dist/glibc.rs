//! The version of glibc that a program or a shared library needs: the highest of the versions that
//! the symbols which it takes from there have.

use std::cmp::Ordering;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use goblin::elf::Elf;

/// Fails if a file needs a newer glibc than the given one.
pub(super) fn check(path: &Path, newest: &str) -> Result<()> {
    let needed = needed(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ensure!(
        compare(&needed, newest) != Ordering::Greater,
        "{name} needs glibc {needed}, which is newer than {newest}"
    );
    println!("  {name}: glibc {needed}.");
    Ok(())
}

/// The version that a file needs, such as “2.17”.
pub(super) fn needed(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let versions = versions(&bytes).with_context(|| path.display().to_string())?;
    let highest = versions.into_iter().max_by(|one, other| compare(one, other));
    match highest {
        Some(version) => Ok(version),
        // A program without any is linked statically, which none of ours is.
        None => bail!("{} needs no version of glibc", path.display()),
    }
}

/// The versions of glibc among those that a file needs of its libraries.
fn versions(bytes: &[u8]) -> Result<Vec<String>> {
    let elf = Elf::parse(bytes)?;
    let mut versions = Vec::new();
    let Some(needed) = elf.verneed else { return Ok(versions) };
    for of_library in needed.iter() {
        for version in of_library.iter() {
            let name = elf.dynstrtab.get_at(version.vna_name).context("a version has no name")?;
            if let Some(version) = name.strip_prefix("GLIBC_") {
                // Symbols that only glibc's own programs may use.
                ensure!(version != "PRIVATE", "it uses private symbols of glibc");
                versions.push(version.to_owned());
            }
        }
    }
    Ok(versions)
}

/// Compares versions number by number.
fn compare(one: &str, other: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u32> {
        version.split('.').map(|number| number.parse().unwrap_or(u32::MAX)).collect()
    };
    numbers(one).cmp(&numbers(other))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::process::Command;

    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (one, other, expected) in [
            ("2.2.5", "2.17", Ordering::Less),
            ("2.17", "2.17", Ordering::Equal),
            ("2.34", "2.17", Ordering::Greater),
            ("2.9", "2.17", Ordering::Less),
        ] {
            assert_eq!(compare(one, other), expected, "{one} {other}");
        }
    }

    /// This test is itself linked with the glibc of this computer, whose version `ldd` prints.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_that_needs_a_newer_glibc_is_refused() {
        let own = std::env::current_exe().unwrap();
        let needed = needed(&own).unwrap();
        let printed = Command::new("ldd").arg("--version").output().unwrap();
        let printed = String::from_utf8(printed.stdout).unwrap();
        let installed = printed.lines().next().unwrap().rsplit(' ').next().unwrap();
        assert_ne!(compare(&needed, installed), Ordering::Greater, "{needed} {installed}");
        assert!(check(&own, installed).is_ok());
        let error = check(&own, "2.2.5").unwrap_err().to_string();
        assert!(error.contains("newer than 2.2.5"), "{error}");
    }
}
