//! The licences of everything in the programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::sbom::Dependency;

/// The beginnings of the names of files with licences.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// The maximum size of a licence.
const MAX_BYTES: u64 = 256 * 1024;

/// The list of all packages with their licences, and the texts of the licences, each once.
pub(super) fn texts(dependencies: &BTreeSet<Dependency>) -> Result<String> {
    let mut list = String::from(
        "The programs and libraries in this archive contain the following packages of others.\n\
         The texts of their licences follow the list. They also contain Rust's standard library\n\
         and what the linker adds, whose licences are beside this file, and SQLite, which is in\n\
         the public domain.\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for dependency in dependencies {
        let Dependency { name, version, licence, repository, folder, .. } = dependency;
        let _ = write!(list, "{name} {version}: {licence}");
        match repository {
            Some(repository) => drop(writeln!(list, ", {repository}")),
            None => list.push('\n'),
        }
        let files = fs::read_dir(folder).with_context(|| {
            format!("the source of {name} isn't in {}: `cargo fetch`", folder.display())
        })?;
        for file in files {
            let file = file?;
            let file_name = file.file_name().to_string_lossy().to_uppercase();
            let is_licence = NAMES.iter().any(|begin| file_name.starts_with(begin));
            let about = file.metadata()?;
            if !is_licence || !about.is_file() || about.len() > MAX_BYTES {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(file.path())?).replace("\r\n", "\n");
            texts.entry(text.trim().to_owned()).or_default().push(format!("{name} {version}"));
        }
    }
    // In the order of the first package that has the text.
    let mut texts: Vec<_> = texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort();
    for (of, text) in texts {
        let _ = write!(list, "\n{}\n{}\n\n{text}\n", "-".repeat(80), of.join(", "));
    }
    Ok(list)
}
