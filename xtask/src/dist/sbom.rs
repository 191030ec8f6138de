//! What the programs consist of: the bill of materials (CycloneDX 1.6).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use latchkey_archive::Platform;
use serde_json::{Value, json};

use super::release::{PACKAGES, VERSION};
use crate::{run, ui};

/// A package of others that is in the programs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) version: String,
    /// An SPDX expression.
    pub(super) licence: String,
    pub(super) repository: Option<String>,
    /// Where its source is on this computer.
    pub(super) folder: PathBuf,
    registry: Registry,
    /// The algorithm and the digest, in hex digits.
    digest: Option<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Registry {
    Cargo,
    Npm,
}

/// Everything of others in the programs of a platform, in the order of the names.
pub(super) fn dependencies(platform: Platform) -> Result<BTreeSet<Dependency>> {
    let mut found = crates(platform)?;
    found.extend(pages()?);
    Ok(found)
}

const fn triple(platform: Platform) -> &'static str {
    match platform {
        Platform::LinuxX86_64 => "x86_64-unknown-linux-gnu",
        Platform::LinuxAarch64 => "aarch64-unknown-linux-gnu",
        Platform::WindowsX86_64 => "x86_64-pc-windows-gnu",
        Platform::MacosX86_64 => "x86_64-apple-darwin",
        Platform::MacosAarch64 => "aarch64-apple-darwin",
    }
}

/// The crates that are linked into the programs. Those that only run while the programs are built
/// aren't in them.
fn crates(platform: Platform) -> Result<BTreeSet<Dependency>> {
    let metadata = run::cargo()
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg(triple(platform))
        .current_dir(run::root())
        .output()?;
    ensure!(
        metadata.status.success(),
        "`cargo metadata` failed: {}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages: BTreeMap<String, Value> = array(&metadata["packages"])
        .into_iter()
        .map(|package| (text(&package["id"]), package))
        .collect();
    let nodes: BTreeMap<String, Value> = array(&metadata["resolve"]["nodes"])
        .into_iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let is_macro = |id: &str| {
        let targets = array(&packages[id]["targets"]);
        targets.iter().any(|target| array(&target["kind"]).iter().any(|kind| kind == "proc-macro"))
    };
    let is_ours = |id: &str| packages[id]["source"].is_null();
    let mut left: Vec<String> = packages
        .iter()
        .filter(|(id, package)| is_ours(id) && PACKAGES.iter().any(|name| package["name"] == *name))
        .map(|(id, _)| id.clone())
        .collect();
    ensure!(left.len() == PACKAGES.len(), "not all packages of the programs are in the workspace");
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        if !packages.contains_key(&id) || is_macro(&id) || !seen.insert(id.clone()) {
            continue;
        }
        for dependency in array(&nodes[&id]["deps"]) {
            let kinds = array(&dependency["dep_kinds"]);
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                left.push(text(&dependency["pkg"]));
            }
        }
    }
    let digests = digests()?;
    let of = |id: &String| {
        let package = &packages[id];
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let licence = match &package["license"] {
            // The old form of “or”.
            Value::String(licence) => licence.replace('/', " OR "),
            _ => format!("LicenseRef-{name}"),
        };
        Dependency {
            digest: digests.get(&(name.clone(), version.clone())).cloned().map(|d| ("SHA-256", d)),
            name,
            version,
            licence,
            repository: package["repository"].as_str().map(str::to_owned),
            folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
            registry: Registry::Cargo,
        }
    };
    Ok(seen.iter().filter(|id| !is_ours(id)).map(of).collect())
}

/// The digests of the crates in `Cargo.lock`, by name and version.
fn digests() -> Result<BTreeMap<(String, String), String>> {
    let lock = fs::read_to_string(run::root().join("Cargo.lock"))?;
    let mut digests = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let field = |key: &str| {
            let mut lines = package.lines();
            let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            value.map(|value| value.trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(digest)) =
            (field("name"), field("version"), field("checksum"))
        {
            digests.insert((name, version), digest);
        }
    }
    Ok(digests)
}

/// The npm packages whose code is in the wizard's pages. The others of the lock file only build
/// them, or nothing of them is left.
fn pages() -> Result<BTreeSet<Dependency>> {
    let lock = fs::read_to_string(run::root().join("ui/package-lock.json"))?;
    let lock: Value = serde_json::from_str(&lock)?;
    let of = |name: &String| {
        let package = &lock["packages"][format!("node_modules/{name}")];
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        let digest = text("integrity").and_then(|integrity| {
            let digest = BASE64.decode(integrity.strip_prefix("sha512-")?.as_bytes()).ok()?;
            Some(("SHA-512", data_encoding::HEXLOWER.encode(&digest)))
        });
        Ok(Dependency {
            name: name.clone(),
            version: text("version").with_context(|| format!("{name} isn't in the lock file"))?,
            licence: text("license").with_context(|| format!("{name} has no licence"))?,
            repository: None,
            folder: run::root().join("ui/node_modules").join(name),
            registry: Registry::Npm,
            digest,
        })
    };
    packages_in_pages()?.iter().map(of).collect()
}

/// The names of these packages, from the source map of the pages: the bundler knows what it used.
fn packages_in_pages() -> Result<BTreeSet<String>> {
    let folder = run::target().join("dist-pages");
    ui::build_with_source_map(&folder)?;
    let mut packages = BTreeSet::new();
    for entry in fs::read_dir(folder.join("assets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "map") {
            let map: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
            let sources = map["sources"].as_array().context("the source map has no sources")?;
            packages.extend(sources.iter().filter_map(Value::as_str).filter_map(package));
        }
    }
    ensure!(packages.contains("svelte"), "The source map doesn't name the packages in the pages.");
    Ok(packages)
}

/// The npm package of a source file, if it is in one.
fn package(source: &str) -> Option<String> {
    let (_, path) = source.rsplit_once("node_modules/")?;
    let parts = if path.starts_with('@') { 2 } else { 1 };
    Some(path.split('/').take(parts).collect::<Vec<_>>().join("/"))
}

/// The document.
pub(super) fn document(dependencies: &BTreeSet<Dependency>) -> Result<String> {
    let of = |dependency: &Dependency| {
        let Dependency { name, version, licence, repository, digest, .. } = dependency;
        let purl = match dependency.registry {
            Registry::Cargo => format!("pkg:cargo/{name}@{version}"),
            Registry::Npm => format!("pkg:npm/{}@{version}", name.replace('@', "%40")),
        };
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "licenses": [{ "expression": licence }],
            "purl": purl,
        });
        if let Some((algorithm, digest)) = digest {
            component["hashes"] = json!([{ "alg": algorithm, "content": digest }]);
        }
        if let Some(repository) = repository {
            component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
        }
        component
    };
    let components: Vec<_> = dependencies.iter().map(of).collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": commit_date()?,
            "component": {
                "type": "application",
                "bom-ref": "latchkey",
                "name": "latchkey",
                "version": VERSION,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The date of the commit, in RFC 3339.
fn commit_date() -> Result<String> {
    let mut log = Command::new("git");
    log.args(["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"]);
    let shown = log.env("TZ", "UTC").current_dir(run::root()).output()?;
    ensure!(shown.status.success(), "`git log` failed");
    Ok(String::from_utf8(shown.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_names_the_package_that_it_is_in() {
        for (source, expected) in [
            ("../../node_modules/svelte/src/index-client.js", Some("svelte")),
            ("../node_modules/@fluent/bundle/esm/bundle.js", Some("@fluent/bundle")),
            ("../node_modules/svelte/node_modules/clsx/dist/clsx.mjs", Some("clsx")),
            ("../../src/App.svelte", None),
        ] {
            assert_eq!(package(source).as_deref(), expected, "{source}");
        }
    }
}
