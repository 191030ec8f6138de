//! The prebuilt archives of a release: `latchkey-VERSION-PLATFORM.tar.gz`, or `.zip` for Windows,
//! and the list of their digests beside them.
//!
//! `cargo xtask dist` writes them, and `latchkey-server package` reads them. Writing is
//! reproducible: the same files make the same bytes. Reading expects anything: sizes and counts are
//! bounded before they are believed, and an archive that has a link, or a name that leads out of
//! its folder, is refused as a whole. Nothing is unpacked to the disk here.

mod error;
mod platform;
mod reader;
mod sums;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

pub use error::ArchiveError;
pub use platform::{Container, Platform};
pub use reader::read;
pub use sums::{digest, parse_sums, write_sums};
pub use writer::{gzip, tar, write, zip};

/// The name of the list of digests beside the archives.
pub const SUMS: &str = "SHA256SUMS";
/// The file in an archive whose programs were compiled and linked, but never run.
pub const NEVER_RUN: &str = "NEVER-RUN.md";
/// The maximum size of an archive.
pub const MAX_ARCHIVE_BYTES: u64 = 512 * 1024 * 1024;
/// The maximum size of all files in an archive.
pub const MAX_CONTENT_BYTES: u64 = 1024 * 1024 * 1024;
/// The maximum number of files in an archive.
pub const MAX_FILES: usize = 4_000;
/// The maximum length of a name in an archive, so that it fits into the oldest form of a header.
pub const MAX_NAME_BYTES: usize = 100;

/// A file in an archive or a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whether it is a program.
    pub is_program: bool,
    /// Its content.
    pub content: Vec<u8>,
}

impl Entry {
    /// A file that isn't a program.
    #[must_use]
    pub fn data(content: impl Into<Vec<u8>>) -> Self {
        Self { is_program: false, content: content.into() }
    }

    /// A program.
    #[must_use]
    pub fn program(content: impl Into<Vec<u8>>) -> Self {
        Self { is_program: true, content: content.into() }
    }

    const fn mode(&self) -> u32 {
        if self.is_program { 0o755 } else { 0o644 }
    }
}

/// Files by their names, with `/` between the parts.
pub type Files = BTreeMap<String, Entry>;

/// What was read from an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The files, by their names below the archive's only folder.
    pub files: Files,
    /// When the archive's files were changed: the date of the release's commit, in seconds of the
    /// Unix epoch. A zip archive has none that a package could use, so it is 0.
    pub time: u64,
}

/// Whether a name stays in its folder, and is that of a file, on every system. Its parts are
/// separated by `/`.
#[must_use]
pub fn is_safe(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-+@()".contains(c);
        !part.is_empty()
            && part.chars().all(is_plain)
            && !part.starts_with(' ')
            && !part.ends_with(['.', ' '])
            && !is_device(part)
    };
    name.len() <= MAX_NAME_BYTES && name.split('/').all(is_part)
}

/// Whether this is the name of a device on Windows, which it is with every extension.
#[must_use]
pub fn is_device(part: &str) -> bool {
    let name = part.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = |name: &str| name.len() == 1 && name.bytes().all(|b| b.is_ascii_digit());
    matches!(&*name, "CON" | "PRN" | "AUX" | "NUL")
        || ["COM", "LPT"].iter().any(|device| name.strip_prefix(device).is_some_and(is_numbered))
}

/// A name that would be the same as another one on a system that ignores the case of letters, or
/// that is a file and a folder.
fn clash(files: &Files) -> Option<&str> {
    let mut known = BTreeSet::new();
    let lower: Vec<_> = files.keys().map(|name| (name, name.to_ascii_lowercase())).collect();
    if let Some((name, _)) = lower.iter().find(|(_, lower)| !known.insert(lower.as_str())) {
        return Some(name);
    }
    let is_below_a_file =
        |name: &str| name.match_indices('/').any(|(at, _)| known.contains(&name[..at]));
    lower.iter().find(|(_, lower)| is_below_a_file(lower)).map(|(name, _)| name.as_str())
}
