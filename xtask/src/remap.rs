//! Keeps the paths of this computer out of what is built, so that builds in other folders make the
//! same bytes.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run;

/// Tells the compilers what the paths of this computer are called in what they make.
///
/// Cargo's own `trim-paths` isn't stable yet. The flags apply to what is compiled for a named
/// target (`--target`).
pub(crate) fn paths(cargo: &mut Command) -> Result<()> {
    let mut rust = Vec::new();
    let mut c = Vec::new();
    for (path, name) in names()? {
        let path = path.to_str().with_context(|| format!("{} isn't UTF-8", path.display()))?;
        rust.push(format!("--remap-path-prefix={path}={name}"));
        c.push(format!("-ffile-prefix-map={path}={name}"));
    }
    // This form allows spaces in paths, which that of C doesn't.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}"));
    c.retain(|flag| !flag.contains(' '));
    cargo.env("CFLAGS", c.join(" "));
    Ok(())
}

/// The folders whose paths must not be in what is built, and their names there. The compiler uses
/// the last one that fits.
fn names() -> Result<Vec<(PathBuf, &'static str)>> {
    let mut names = vec![(run::target(), "/latchkey/target"), (run::root(), "/latchkey")];
    // A folder of sources is called after the registry's address.
    let sources = cargo_home()?.join("registry/src");
    if let Ok(folders) = sources.read_dir() {
        let mut folders: Vec<_> = folders.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        folders.sort();
        names.extend(folders.into_iter().map(|folder| (folder, "/crates")));
    }
    Ok(names)
}

/// Folders of this computer that nothing shipped may name.
pub(crate) fn private_folders() -> Result<Vec<PathBuf>> {
    let home = std::env::home_dir().filter(|home| home.parent().is_some());
    let mut folders = vec![run::root(), run::target(), cargo_home()?];
    folders.extend(home);
    Ok(folders)
}

fn cargo_home() -> Result<PathBuf> {
    let by_variable = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let by_home = || Some(std::env::home_dir()?.join(".cargo"));
    by_variable.or_else(by_home).context("there is no home folder")
}
