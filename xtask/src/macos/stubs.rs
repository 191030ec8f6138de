//! The list of macOS's frameworks and libraries with the symbols that our programs take from them,
//! and the files that tell the linker so (`.tbd`, version 4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::run;

/// The list.
const LIST: &str = "xtask/macos/frameworks.toml";

/// The frameworks and libraries by their names.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct List(pub(super) BTreeMap<String, Provider>);

/// A framework, or a library with a path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    /// A framework's version, which is a part of its path.
    #[serde(default)]
    version: Option<String>,
    /// A library's path.
    #[serde(default)]
    path: Option<String>,
    /// Classes of Objective-C.
    #[serde(default)]
    classes: Vec<String>,
    /// Functions and variables, without the underscore that C adds.
    #[serde(default)]
    symbols: Vec<String>,
}

impl List {
    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(run::root().join(LIST))?;
        toml::from_str(&text).context(LIST)
    }

    /// The names by the paths that programs have in their load commands.
    pub(super) fn by_install_name(&self) -> BTreeMap<String, &str> {
        self.0.iter().map(|(name, of)| (of.install_name(name), name.as_str())).collect()
    }
}

impl Provider {
    /// The path by which a program finds it.
    pub(super) fn install_name(&self, name: &str) -> String {
        match (&self.path, &self.version) {
            (Some(path), _) => path.clone(),
            (None, version) => {
                let version = version.as_deref().unwrap_or("A");
                format!("/System/Library/Frameworks/{name}.framework/Versions/{version}/{name}")
            }
        }
    }

    /// The names of the symbols as the linker sees them.
    pub(super) fn linker_names(&self) -> impl Iterator<Item = String> {
        let classes = self.classes.iter().map(|name| format!("_OBJC_CLASS_$_{name}"));
        classes.chain(self.symbols.iter().map(|name| format!("_{name}")))
    }

    /// Where the linker looks for it below the SDK's folder.
    fn file(&self, name: &str) -> String {
        match self.path {
            Some(_) => format!("usr/lib/{name}.tbd"),
            None => format!("System/Library/Frameworks/{name}.framework/{name}.tbd"),
        }
    }

    fn stub(&self, name: &str) -> String {
        const TARGETS: &str = "[ x86_64-macos, arm64-macos ]";
        let quoted = |names: &[String], begin: &str| {
            let names: Vec<_> = names.iter().map(|name| format!("'{begin}{name}'")).collect();
            names.join(", ")
        };
        let mut text = format!(
            "--- !tapi-tbd\ntbd-version: 4\ntargets: {TARGETS}\ninstall-name: '{}'\n\
             current-version: 1\n",
            self.install_name(name)
        );
        if !self.classes.is_empty() || !self.symbols.is_empty() {
            let _ = writeln!(text, "exports:\n  - targets: {TARGETS}");
        }
        if !self.symbols.is_empty() {
            let _ = writeln!(text, "    symbols: [ {} ]", quoted(&self.symbols, "_"));
        }
        if !self.classes.is_empty() {
            let _ = writeln!(text, "    objc-classes: [ {} ]", quoted(&self.classes, ""));
        }
        text.push_str("...\n");
        text
    }
}

/// Writes the files into a folder that is laid out as an SDK is.
pub(super) fn write(list: &List, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (name, provider) in &list.0 {
        let path = folder.join(provider.file(name));
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(&path, provider.stub(name)).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_symbol_is_in_one_framework_and_the_list_is_in_order() {
        let list = List::read().unwrap();
        let mut all = BTreeSet::new();
        for (name, provider) in &list.0 {
            assert!(provider.path.is_some() != provider.version.is_some(), "{name}");
            for names in [&provider.classes, &provider.symbols] {
                assert!(names.is_sorted(), "{name} isn't in alphabetical order");
            }
            for symbol in provider.linker_names() {
                assert!(all.insert(symbol.clone()), "{symbol} is listed twice");
            }
        }
        assert!(all.len() > 400, "{}", all.len());
    }

    #[test]
    fn a_stub_names_the_path_and_the_symbols() {
        let text = "version = \"C\"\nclasses = [\"NSAlert\"]\nsymbols = [\"NSApp\", \"NSBeep\"]\n";
        let provider: Provider = toml::from_str(text).unwrap();
        assert_eq!(
            provider.stub("AppKit"),
            "--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos, arm64-macos ]\n\
             install-name: '/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit'\n\
             current-version: 1\nexports:\n  - targets: [ x86_64-macos, arm64-macos ]\n    \
             symbols: [ '_NSApp', '_NSBeep' ]\n    objc-classes: [ 'NSAlert' ]\n...\n"
        );
    }
}
