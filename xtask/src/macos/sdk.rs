//! Compares our list with that of an SDK of Apple's: the `.tbd` files (version 4) of its
//! frameworks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::stubs::List;

/// What the SDK says of the list.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many symbols are where the list has them.
    pub(super) confirmed: usize,
    /// How many are in a framework that the SDK lacks.
    pub(super) unknown: usize,
    pub(super) problems: Vec<String>,
}

/// A library as the SDK describes it.
#[derive(Debug, Default)]
struct Library {
    symbols: BTreeSet<String>,
    /// The paths of libraries whose symbols are found in this one as well.
    exported_again: BTreeSet<String>,
}

/// Compares the list with the SDK in a folder.
pub(super) fn compare(list: &List, folder: &Path) -> Result<Found> {
    let mut libraries = BTreeMap::new();
    for file in stub_files(folder)? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        ensure!(
            !text.trim_start().starts_with('{'),
            "{} has version 5 of the format, which this task can't read",
            file.display()
        );
        for document in text.split("--- !tapi-tbd").skip(1) {
            add(document, &mut libraries);
        }
    }
    let mut found = Found::default();
    for (name, provider) in &list.0 {
        let path = provider.install_name(name);
        let is_known = libraries.contains_key(&path);
        // A program that has another path of a framework doesn't start.
        let end = format!("/{name}.framework/");
        let other = libraries.keys().find(|other| {
            other.contains(&end) && other.ends_with(&format!("/{name}")) && !is_known
        });
        if let Some(other) = other {
            found.problems.push(format!("{path} is called {other}"));
            continue;
        }
        for symbol in provider.linker_names() {
            if !is_known {
                found.unknown += 1;
            } else if has_symbol(&libraries, &path, &symbol) {
                found.confirmed += 1;
            } else {
                let elsewhere: Vec<_> = libraries
                    .iter()
                    .filter(|(_, library)| library.symbols.contains(&symbol))
                    .map(|(path, _)| path.as_str())
                    .collect();
                let elsewhere = elsewhere.join(", ");
                found.problems.push(format!("{symbol} isn't in {name}, but in: {elsewhere}"));
            }
        }
    }
    Ok(found)
}

/// The files with lists of symbols. An SDK has links to them, which lead nowhere new.
fn stub_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "tbd")
            {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Adds what one document of a file describes.
fn add(document: &str, libraries: &mut BTreeMap<String, Library>) {
    let Some(path) = document.lines().find_map(|line| line.strip_prefix("install-name:")) else {
        return;
    };
    let path = path.trim().trim_matches('\'').to_owned();
    let library = libraries.entry(path).or_default();
    for (key, names) in lists(document) {
        let begins: &[&str] = match key {
            "symbols" | "weak-symbols" | "thread-local-symbols" => &[""],
            "objc-classes" => &["_OBJC_CLASS_$_", "_OBJC_METACLASS_$_"],
            "objc-eh-types" => &["_OBJC_EHTYPE_$_"],
            "libraries" => {
                library.exported_again.extend(names.iter().map(|name| (*name).to_owned()));
                continue;
            }
            _ => continue,
        };
        for begin in begins {
            library.symbols.extend(names.iter().map(|name| format!("{begin}{name}")));
        }
    }
}

/// The lists in a document: their keys, and their items.
fn lists(document: &str) -> Vec<(&str, Vec<&str>)> {
    let mut lists = Vec::new();
    let mut rest = document;
    while let Some((before, after)) = rest.split_once('[') {
        let line = before.lines().next_back().unwrap_or_default();
        let key = line.trim().trim_start_matches("- ").trim_end_matches(':');
        let (items, left) = after.split_once(']').unwrap_or((after, ""));
        let items = items.split(',').map(|item| item.trim().trim_matches('\''));
        lists.push((key, items.filter(|item| !item.is_empty()).collect()));
        rest = left;
    }
    lists
}

/// Whether the loader finds a symbol in a library, or in one that it exports again.
fn has_symbol(libraries: &BTreeMap<String, Library>, path: &str, symbol: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![path];
    while let Some(path) = left.pop() {
        if !seen.insert(path) {
            continue;
        }
        let Some(library) = libraries.get(path) else { continue };
        if library.symbols.contains(symbol) {
            return true;
        }
        left.extend(library.exported_again.iter().map(String::as_str));
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const FOUNDATION: &str = "--- !tapi-tbd
tbd-version:     4
targets:         [ x86_64-macos, arm64-macos ]
install-name:    '/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation'
reexported-libraries:
  - targets:         [ x86_64-macos, arm64-macos ]
    libraries:       [ '/usr/lib/libobjc.A.dylib' ]
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ _NSLog, '_$s10Foundation',
                       _NSStringFromClass ]
    objc-classes:    [ NSBundle, NSDate ]
...
--- !tapi-tbd
tbd-version:     4
targets:         [ x86_64-macos, arm64-macos ]
install-name:    '/usr/lib/libobjc.A.dylib'
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ _objc_msgSend ]
...
";

    #[test]
    fn a_list_is_compared_with_that_of_an_sdk() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("System/Library/Frameworks/Foundation.framework");
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join("Foundation.tbd"), FOUNDATION).unwrap();
        let list: List = toml::from_str(
            "[Foundation]\nversion = \"C\"\nclasses = [\"NSDate\", \"NSAlert\"]\n\
             symbols = [\"NSStringFromClass\", \"objc_msgSend\"]\n\
             [AppKit]\nversion = \"C\"\nsymbols = [\"NSApp\", \"NSLog\"]\n",
        )
        .unwrap();
        let found = compare(&list, folder.path()).unwrap();
        assert_eq!((found.confirmed, found.unknown), (3, 2));
        assert_eq!(found.problems, ["_OBJC_CLASS_$_NSAlert isn't in Foundation, but in: "]);
        let list: List = toml::from_str("[Foundation]\nversion = \"A\"\n").unwrap();
        let found = compare(&list, folder.path()).unwrap();
        let of = |version| {
            format!("/System/Library/Frameworks/Foundation.framework/Versions/{version}/Foundation")
        };
        assert_eq!(found.problems, [format!("{} is called {}", of("A"), of("C"))]);
    }
}
