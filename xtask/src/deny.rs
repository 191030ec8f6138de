//! `cargo xtask deny`: licences, bans, sources and known weaknesses of the dependencies, and crates that
//! are there twice.
//!
//! cargo-deny wants RustSec's advisories as a git repository from the network. Here they are made from a
//! list that lies in packaging/advisories, so that the answer is the same wherever it is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::{self, cargo};
use crate::setup;

/// Where deny.toml looks for databases, and what cargo-deny calls the one of the address there.
const DATABASE: &str = "target/advisories/advisory-db-3157b0e258782691";

/// Dependencies that are judged by themselves, without what only tests need.
const ALONE: &[(&str, &str)] = &[
    ("crates/portal/Cargo.toml", "deny-server.toml"),
    ("crates/sdk-c/Cargo.toml", "deny-sdk.toml"),
];

pub(crate) fn run() -> Result<()> {
    setup::cargo_deny()?;
    database()?;
    // For all platforms that are judged, which is more than what is built here.
    run::run(cargo().args(["fetch", "--locked", "--quiet"]))?;
    let deny = || {
        let mut deny = Command::new(setup::cargo_deny_path());
        deny.args(["--offline", "--locked"]);
        deny
    };
    run::run(deny().args(["--workspace", "--config", "deny.toml", "check"]))?;
    for (manifest, config) in ALONE {
        let of = ["--manifest-path", manifest, "--exclude-dev", "--config", config];
        run::run(deny().args(of).args(["check", "bans"]))?;
    }
    Ok(())
}

/// Makes the database again from the list.
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
        // cargo-deny takes the commit's date for that of the advisories.
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

/// The list's date, and the files of the database: name and text.
fn files(list: &str) -> Result<(String, BTreeMap<String, String>)> {
    let head = list.lines().next().unwrap_or_default();
    let date = head.split(" of ").nth(1).and_then(|rest| rest.split(',').next());
    let date = date.context("the list doesn't say its date")?.to_owned();
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

    use super::files;

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

    /// Each of them would go unnoticed by whatever reads the list.
    #[test]
    fn every_line_of_the_list_has_its_fields_and_every_id_is_there_once() {
        let list = include_str!("../../packaging/advisories/advisories.tsv");
        let (_, files) = files(list).unwrap();
        assert_eq!(files.len(), list.lines().filter(|line| !line.starts_with('#')).count());
        assert!(files.len() > 1_000);
    }
}
