//! Finds, checks and reads the prebuilt archives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use latchkey_archive::{Files, MAX_ARCHIVE_BYTES, Platform, SUMS, digest, parse_sums};
use latchkey_files::reason;
use minisign_verify::{PublicKey, Signature};

use crate::error::PackageError;
use crate::kit::read_bounded;

/// The maximum size of the list of digests, and of its signature.
const MAX_SUMS_BYTES: u64 = 64 * 1024;

/// An archive that the list of digests names.
pub(crate) struct FoundArchive {
    path: PathBuf,
    name: String,
    pub(crate) platform: Platform,
    version: String,
    digest: String,
}

/// The checked content of an archive.
pub(crate) struct ArchiveContents {
    /// The archive's name.
    pub(crate) file: String,
    pub(crate) platform: Platform,
    pub(crate) files: Files,
    /// The time of everything that is made from it, in seconds of the Unix epoch.
    pub(crate) time: u64,
}

/// Finds the archives in a folder, in the order of their names. With a key, the list of digests has
/// to be signed.
pub(crate) fn find(
    folder: &Path,
    release_key: Option<&str>,
) -> Result<Vec<FoundArchive>, PackageError> {
    let key = match release_key {
        None => None,
        Some(text) => {
            let line = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            let key = PublicKey::from_base64(line.trim());
            Some(key.map_err(|_| PackageError::ReleaseKey)?)
        }
    };
    let not_read = |error: std::io::Error| PackageError::NotRead {
        path: folder.to_owned(),
        reason: reason(&error),
    };
    let mut found = BTreeMap::new();
    for entry in folder.read_dir().map_err(not_read)? {
        let name = entry.map_err(not_read)?.file_name().to_string_lossy().into_owned();
        if let Some((platform, version)) = Platform::of_archive(&name) {
            found.insert(name.clone(), (platform, version.to_owned()));
        }
    }
    let Some(first) = found.keys().next().cloned() else {
        return Err(PackageError::NoArchive { path: folder.to_owned() });
    };
    let mut of_platform = BTreeMap::new();
    for (name, (platform, _)) in &found {
        if let Some(first) = of_platform.insert(*platform, name) {
            return Err(PackageError::Several { first: first.clone(), second: name.clone() });
        }
    }
    let sums = match read_bounded(&folder.join(SUMS), MAX_SUMS_BYTES) {
        Err(PackageError::NotRead { reason: "missing", .. }) => {
            return Err(PackageError::NotListed { file: first });
        }
        other => other?,
    };
    if let Some(key) = key {
        let signature = read_bounded(&folder.join(format!("{SUMS}.minisig")), MAX_SUMS_BYTES);
        let signature = signature.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let signature = signature.and_then(|text| Signature::decode(&text).ok());
        let is_signed =
            signature.is_some_and(|signature| key.verify(&sums, &signature, false).is_ok());
        if !is_signed {
            return Err(PackageError::Signature);
        }
    }
    let sums = parse_sums(&String::from_utf8_lossy(&sums))
        .map_err(|error| PackageError::archive(SUMS, &error))?;
    let with_digest = |(name, (platform, version)): (String, (Platform, String))| {
        let Some(digest) = sums.get(&name).cloned() else {
            return Err(PackageError::NotListed { file: name });
        };
        Ok(FoundArchive { path: folder.join(&name), name, platform, version, digest })
    };
    found.into_iter().map(with_digest).collect()
}

impl FoundArchive {
    /// Reads the archive, once its digest has been checked.
    pub(crate) fn read(&self) -> Result<ArchiveContents, PackageError> {
        let bytes = read_bounded(&self.path, MAX_ARCHIVE_BYTES)?;
        if digest(&bytes) != self.digest {
            return Err(PackageError::Altered { file: self.name.clone() });
        }
        let content = latchkey_archive::read(self.platform, &self.version, &bytes);
        let content = content.map_err(|error| PackageError::archive(&self.name, &error))?;
        Ok(ArchiveContents {
            file: self.name.clone(),
            platform: self.platform,
            files: content.files,
            time: content.time,
        })
    }
}
