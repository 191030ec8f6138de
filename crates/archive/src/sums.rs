//! The list of digests beside the archives, in the form that `sha256sum --check` reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::error::ArchiveError;

/// The SHA-256 digest of a file, in hex digits.
#[must_use]
pub fn digest(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}

/// Parses a list: the digests by the names of the files.
///
/// # Errors
/// Returns [`ArchiveError::Sums`] for the first line that isn't a digest and a plain name, or that
/// has a name for the second time.
pub fn parse_sums(text: &str) -> Result<BTreeMap<String, String>, ArchiveError> {
    let mut sums = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let parsed = line.split_once(' ').and_then(|(digest, name)| {
            // A star marks a file that was read as bytes.
            let name = name.strip_prefix([' ', '*'])?;
            let digest = digest.to_ascii_lowercase();
            let is_digest = HEXLOWER.decode(digest.as_bytes()).is_ok_and(|bytes| bytes.len() == 32);
            (is_digest && crate::is_safe(name)).then(|| (name.to_owned(), digest))
        });
        let is_new = parsed.is_some_and(|(name, digest)| sums.insert(name, digest).is_none());
        if !is_new {
            return Err(ArchiveError::Sums { line: index + 1 });
        }
    }
    Ok(sums)
}

/// Writes a list.
#[must_use]
pub fn write_sums(sums: &BTreeMap<String, String>) -> String {
    sums.iter().fold(String::new(), |mut text, (name, digest)| {
        let _ = writeln!(text, "{digest}  {name}");
        text
    })
}
