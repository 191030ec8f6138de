//! `cargo xtask deny`: checks licences, bans, sources, advisories and duplicates of the
//! dependencies.
//!
//! cargo-deny expects RustSec's advisories in a git repository from the network. This task builds
//! that repository from a list in packaging/advisories, so that the result is the same everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{self, cargo};
use crate::setup;

/// The path at which cargo-deny expects the database whose address is in deny.toml.
const DATABASE: &str = "target/advisories/advisory-db-3157b0e258782691";

/// The workspaces and their configurations. Each has a `Cargo.lock` of its own.
const WORKSPACES: &[(&str, &str)] =
    &[("Cargo.toml", "deny.toml"), ("benches/sdk/Cargo.toml", "deny-bench.toml")];

/// Packages whose dependencies are also checked on their own, without dev-dependencies.
const ALONE: &[(&str, &str)] = &[
    ("crates/server/Cargo.toml", "deny-server.toml"),
    ("crates/sdk-c/Cargo.toml", "deny-sdk.toml"),
];

pub(crate) fn run() -> Result<()> {
    setup::cargo_deny()?;
    database()?;
    for (manifest, _) in WORKSPACES {
        // For all platforms in the configuration, not just the one that is built here.
        let of = ["--manifest-path", manifest];
        run::run(cargo().args(["fetch", "--locked", "--quiet"]).args(of))?;
    }
    let deny = || {
        let mut deny = Command::new(setup::cargo_deny_path());
        deny.args(["--offline", "--locked"]);
        deny
    };
    for (manifest, config) in WORKSPACES {
        let of = ["--manifest-path", manifest, "--workspace", "--config", config];
        run::run(deny().args(of).arg("check"))?;
    }
    for (manifest, config) in ALONE {
        let of = ["--manifest-path", manifest, "--exclude-dev", "--config", config];
        run::run(deny().args(of).args(["check", "bans"]))?;
    }
    Ok(())
}

/// Writes the database from the list.
fn database() -> Result<()> {
    let list = fs::read_to_string(run::root().join("packaging/advisories/advisories.tsv"))?;
    let (date, files) = files(&list)?;
    let folder: PathBuf = run::root().join(DATABASE);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for (path, text) in &files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, text)?;
    }
    println!("  {} advisories, as of {date}.", files.len());
    for step in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &[
            "-c",
            "user.name=xtask",
            "-c",
            "user.email=xtask@localhost",
            "commit",
            "-qm",
            "As of then",
        ],
    ] {
        // cargo-deny uses the commit's date as that of the advisories.
        let done = Command::new("git")
            .args(step)
            .current_dir(&folder)
            .env("GIT_COMMITTER_DATE", format!("{date}T00:00:00Z"))
            .status()
            .context("git could not be started")?;
        ensure!(done.success(), "git {step:?} failed in {}", folder.display());
    }
    Ok(())
}

/// Parses the list: its date, and the database's files by their names.
fn files(list: &str) -> Result<(String, BTreeMap<String, String>)> {
    let head = list.lines().next().unwrap_or_default();
    let date = head.split(" of ").nth(1).and_then(|rest| rest.split(',').next());
    let date = date.context("the list has no date")?.to_owned();
    let mut files = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<_> = line.split('\t').collect();
        let [id, package, day, kind, patched, unaffected] = fields[..] else {
            anyhow::bail!("not six fields: {line}");
        };
        let versions = |text: &str| match text {
            "-" => String::new(),
            _ => text.split(" | ").map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", "),
        };
        let kind = match kind {
            "vulnerability" => String::new(),
            _ => format!("informational = \"{kind}\"\n"),
        };
        let text = format!(
            "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"{day}\"\n{kind}\n\
             [versions]\npatched = [{}]\nunaffected = [{}]\n```\n\n\
             # https://rustsec.org/advisories/{id}\n",
            versions(patched),
            versions(unaffected),
        );
        files.insert(format!("crates/{package}/{id}.md"), text);
    }
    Ok((date, files))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::{WORKSPACES, files};
    use crate::run::root;

    /// The folders in a tree that contain a `Cargo.lock`.
    fn locked_folders(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in folder.read_dir().unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if name == "Cargo.lock" {
                found.push(folder.to_owned());
            }
            // A link to a folder isn't followed.
            let is_output = ["target", "node_modules", ".git"].iter().any(|output| name == *output);
            if entry.file_type().unwrap().is_dir() && !is_output {
                found.extend(locked_folders(&entry.path()));
            }
        }
        found
    }

    #[test]
    fn the_dependencies_of_every_workspace_are_checked() {
        let locked: BTreeSet<_> = locked_folders(&root()).into_iter().collect();
        let checked: BTreeSet<_> = WORKSPACES
            .iter()
            .map(|(manifest, _)| root().join(manifest).parent().unwrap().to_owned())
            .collect();
        assert_eq!(locked, checked);
        assert!(WORKSPACES.iter().all(|(_, config)| root().join(config).is_file()));
    }

    #[test]
    fn the_list_of_advisories_becomes_the_files_that_cargo_deny_reads() {
        let list = "# RustSec's advisories at abc of 2026-08-21, written by x.\n\
                    RUSTSEC-1\ta\t2020-01-02\tunsound\t>= 1.1 | 2.0\t-\n";
        let (date, files) = files(list).unwrap();
        assert_eq!(date, "2026-08-21");
        let text = &files["crates/a/RUSTSEC-1.md"];
        for line in
            ["informational = \"unsound\"", "patched = [\">= 1.1\", \"2.0\"]", "unaffected = []"]
        {
            assert!(text.contains(line), "{text}");
        }
    }

    /// The programs that read the list wouldn't notice a missing field or a repeated ID.
    #[test]
    fn every_advisory_has_its_fields_and_a_unique_id() {
        let list = include_str!("../../packaging/advisories/advisories.tsv");
        let (_, files) = files(list).unwrap();
        assert_eq!(files.len(), list.lines().filter(|line| !line.starts_with('#')).count());
        assert!(files.len() > 1_000);
    }
}
