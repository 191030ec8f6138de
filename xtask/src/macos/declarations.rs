//! Reads from the sources of the crates in which framework they declare a symbol to be, and
//! compares that with where the programs look for it.
//!
//! A block of foreign functions names its framework in an attribute. A crate that describes one
//! framework has an empty block with the attribute, which counts for all of its blocks and classes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::stubs::List;
use crate::run;

/// The frameworks that symbols are declared in. Symbols have the linker's names.
pub(super) type Declared = BTreeMap<String, BTreeSet<String>>;

/// What the declarations say of the symbols.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// How many are declared for the framework that they are looked for in.
    pub(super) declared: usize,
    /// Those that nothing declares.
    pub(super) assumed: Vec<String>,
    pub(super) problems: Vec<String>,
}

/// The declarations of all crates that are linked into something for macOS.
pub(super) fn read() -> Result<Declared> {
    let mut declared = Declared::new();
    for folder in crates()? {
        let mut sources = Vec::new();
        for source in rust_files(&folder)? {
            sources
                .push(fs::read_to_string(&source).with_context(|| source.display().to_string())?);
        }
        add_crate(&sources, &mut declared);
    }
    ensure!(declared.len() > 1_000, "The declarations of the crates aren't found.");
    Ok(declared)
}

/// Compares where symbols are looked for with the declarations.
pub(super) fn compare(
    symbols: &BTreeMap<String, String>,
    declared: &Declared,
    list: &List,
) -> Known {
    let names = list.by_install_name();
    let mut known = Known::default();
    for (symbol, library) in symbols {
        let Some(name) = names.get(library) else {
            known.problems.push(format!("{symbol} is looked for in {library}, which isn't listed"));
            continue;
        };
        match declared.get(symbol) {
            None => known.assumed.push(format!("{symbol} in {name}")),
            Some(frameworks) if frameworks.contains(*name) => known.declared += 1,
            Some(frameworks) => known.problems.push(format!(
                "{symbol} is looked for in {name}, but declared in {}",
                frameworks.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            )),
        }
    }
    known
}

/// The folders of the crates.
fn crates() -> Result<Vec<PathBuf>> {
    let metadata = run::cargo()
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg("aarch64-apple-darwin")
        .current_dir(run::root())
        .output()?;
    ensure!(metadata.status.success(), "`cargo metadata` failed");
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    let folders: Vec<_> =
        manifests.filter_map(|path| Path::new(path).parent()).map(Path::to_owned).collect();
    Ok(folders)
}

/// The files of a crate's library.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.join("src")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = folder.read_dir() else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn add_crate(sources: &[String], declared: &mut Declared) {
    let blocks: Vec<_> = sources.iter().flat_map(|source| blocks(source)).collect();
    // The framework of the whole crate, if it describes one.
    let of_crate: BTreeSet<_> = blocks
        .iter()
        .filter(|block| block.symbols.is_empty())
        .filter_map(|block| block.framework.clone())
        .collect();
    let of_crate = of_crate.first().filter(|_| of_crate.len() == 1);
    for block in blocks {
        let Some(framework) = block.framework.or_else(|| of_crate.cloned()) else { continue };
        for symbol in block.symbols {
            declared.entry(format!("_{symbol}")).or_default().insert(framework.clone());
        }
    }
    let Some(framework) = of_crate else { return };
    for class in sources.iter().flat_map(|source| classes(source)) {
        let name = format!("_OBJC_CLASS_$_{class}");
        declared.entry(name).or_default().insert(framework.clone());
    }
}

/// A block of foreign functions and variables.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// The framework of its attribute.
    framework: Option<String>,
    symbols: Vec<String>,
}

/// The blocks in a source.
fn blocks(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut framework = None;
    let mut lines = source.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(name) = framework_of(line) {
            framework = Some(name.to_owned());
            continue;
        }
        let is_block = line
            .trim_start_matches("unsafe ")
            .strip_prefix("extern \"")
            .and_then(|rest| rest.split_once("\" {"));
        let Some((_, rest)) = is_block else {
            // An attribute counts for the next item.
            let is_between =
                line.starts_with('#') || line.starts_with("//") || matches!(line, "" | ")]");
            if !is_between {
                framework = None;
            }
            continue;
        };
        let mut symbols = Vec::new();
        let mut link_name = None;
        let mut depth = 1 + depth(rest);
        while depth > 0 {
            let Some(line) = lines.next() else { break };
            depth += self::depth(line);
            if let Some((_, rest)) = line.split_once("link_name = \"") {
                link_name = rest.split('"').next().map(str::to_owned);
            }
            if let Some(name) = declared_name(line) {
                symbols.push(link_name.take().unwrap_or_else(|| name.to_owned()));
            }
        }
        blocks.push(Block { framework: framework.take(), symbols });
    }
    blocks
}

fn depth(line: &str) -> isize {
    let count = |sign| isize::try_from(line.matches(sign).count()).unwrap_or_default();
    count('{') - count('}')
}

/// The framework that an attribute names.
fn framework_of(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("link(name = \"")?;
    let (name, rest) = rest.split_once('"')?;
    rest.contains("kind = \"framework\"").then_some(name)
}

/// The function or variable that a line of a block declares.
fn declared_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("safe ").or_else(|| line.strip_prefix("unsafe ")).unwrap_or(line);
    let (rest, end): (_, &[char]) = match line.strip_prefix("fn ") {
        Some(rest) => (rest, &['(', '<']),
        None => (line.strip_prefix("static ")?.trim_start_matches("mut "), &[':']),
    };
    let name = rest.split(end).next()?.trim();
    (!name.is_empty()).then_some(name)
}

/// The classes that a source declares by `extern_class!`.
fn classes(source: &str) -> Vec<&str> {
    let mut classes = Vec::new();
    for text in source.split("extern_class!(").skip(1) {
        let text = text.split(");").next().unwrap_or_default();
        let other = text.split_once("#[name = \"").and_then(|(_, rest)| rest.split('"').next());
        let own = text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix("pub struct ")?;
            rest.split([';', '<', ' ']).next()
        });
        classes.extend(other.or(own));
    }
    classes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    const CRATE: &str = r#"
#[cfg_attr(target_vendor = "apple", link(name = "AppKit", kind = "framework"))]
extern "C" {}

extern "C" {
    /// The application.
    pub static NSApp: *mut Object;
}

pub extern "C-unwind" fn NSBeep() {
    extern "C-unwind" {
        fn NSBeep();
    }
    unsafe { NSBeep() }
}

#[link(name = "Carbon", kind = "framework")]
#[allow(non_snake_case)]
extern "C" {
  pub fn TISGetInputSourceProperty(
    source: Source,
  ) -> CFDataRef;
  #[link_name = "LMGetKbdType"]
  pub fn keyboard_type() -> u8;
}

extern_class!(
    /// A view.
    #[unsafe(super(NSResponder, NSObject))]
    pub struct NSView;
);
"#;

    fn declared() -> Declared {
        let mut declared = Declared::new();
        add_crate(&[CRATE.to_owned()], &mut declared);
        declared
    }

    #[test]
    fn declarations_name_the_framework_of_their_block_or_of_their_crate() {
        let declared = declared();
        let found: Vec<_> = declared
            .iter()
            .map(|(symbol, of)| (symbol.as_str(), of.iter().next().unwrap().as_str()))
            .collect();
        let expected = [
            ("_LMGetKbdType", "Carbon"),
            ("_NSApp", "AppKit"),
            ("_NSBeep", "AppKit"),
            ("_OBJC_CLASS_$_NSView", "AppKit"),
            ("_TISGetInputSourceProperty", "Carbon"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_symbol_that_is_looked_for_in_another_framework_is_reported() {
        let list: List = toml::from_str(
            "[AppKit]\nversion = \"C\"\n[Carbon]\nversion = \"A\"\n\
             [libobjc]\npath = \"/usr/lib/libobjc.A.dylib\"\n",
        )
        .unwrap();
        let paths = list.by_install_name();
        let path = |of: &str| {
            let found = paths.iter().find(|(_, name)| **name == of);
            found.map(|(path, _)| path.clone()).unwrap()
        };
        let symbols = BTreeMap::from([
            ("_NSApp".to_owned(), path("AppKit")),
            ("_NSBeep".to_owned(), path("Carbon")),
            ("_LMGetKbdType".to_owned(), "/usr/lib/libnew.dylib".to_owned()),
            ("_objc_msgSend".to_owned(), path("libobjc")),
        ]);
        let known = compare(&symbols, &declared(), &list);
        assert_eq!(known.declared, 1);
        assert_eq!(known.assumed, ["_objc_msgSend in libobjc"]);
        assert_eq!(
            known.problems,
            [
                "_LMGetKbdType is looked for in /usr/lib/libnew.dylib, which isn't listed",
                "_NSBeep is looked for in Carbon, but declared in AppKit",
            ]
        );
    }
}
