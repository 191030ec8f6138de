//! The vendor's secret keys: one file each, which only its owner may read.
//!
//! `keys/active.key` signs. `keys/spare.key` may be kept offline. Any other `*.key` is an old one: it still
//! opens what was sealed for it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use latchkey_token::{Code, Coded, Detail, KeyId, PublicKeys, SecretKeys, Seed};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::blame::{Blame, Blamed, codes};

/// The file of the key that signs.
pub(crate) const ACTIVE: &str = "active.key";
/// The file of the key that waits.
pub(crate) const SPARE: &str = "spare.key";

/// A file of 64 hex digits and a line of explanation is far below this.
const MAX_FILE: u64 = 4096;

/// A key file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It isn't there.
    #[error("{} is missing", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// It can't be read.
    #[error("{} can't be read: {reason}", file.display())]
    NotRead {
        /// The file.
        file: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// Group or world may do something with it.
    #[error("{} is not its owner's alone", file.display())]
    ReadableByOthers {
        /// The file or folder.
        file: PathBuf,
    },
    /// It doesn't hold a key.
    #[error("{} is not a key", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
    },
    /// The database doesn't know the key.
    #[error("{} is not a key of this vendor", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
    },
}

impl KeyFileError {
    fn file(&self) -> &Path {
        match self {
            Self::Missing { file }
            | Self::NotRead { file, .. }
            | Self::ReadableByOthers { file }
            | Self::Malformed { file }
            | Self::NotOurs { file } => file,
        }
    }
}

impl Coded for KeyFileError {
    fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => codes::KEYS_MISSING,
            Self::NotRead { .. } => codes::KEYS_NOT_READ,
            Self::ReadableByOthers { .. } => codes::KEYS_READABLE,
            Self::Malformed { .. } => codes::KEYS_MALFORMED,
            Self::NotOurs { .. } => codes::KEYS_NOT_OURS,
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        let mut details = vec![("file", self.file().display().to_string().into())];
        if let Self::NotRead { reason, .. } = self {
            details.push(("reason", (*reason).into()));
        }
        details
    }
}

impl Blamed for KeyFileError {
    fn blame(&self) -> Blame {
        Blame::Machine
    }
}

/// A word of the catalogue for what the system said.
pub(crate) fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "missing",
        io::ErrorKind::PermissionDenied => "permission",
        io::ErrorKind::ReadOnlyFilesystem => "read_only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "full",
        io::ErrorKind::IsADirectory => "folder",
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => "exists",
        _ => "other",
    }
}

/// The secret keys that are on this machine. They print as their ids.
#[derive(Debug)]
pub(crate) struct VendorKeys {
    active: SecretKeys,
    others: Vec<SecretKeys>,
}

impl VendorKeys {
    /// Reads the folder of keys. `ours` are the public halves that the database knows, the active one first.
    pub(crate) fn read(folder: &Path, ours: &[PublicKeys]) -> Result<Self, KeyFileError> {
        let not_read = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing { file: folder.join(ACTIVE) },
            _ => KeyFileError::NotRead { file: folder.to_owned(), reason: reason(error) },
        };
        let opened = std::fs::metadata(folder).map_err(|error| not_read(&error))?;
        check_owner_only(&opened, folder)?;
        let active = read_key(&folder.join(ACTIVE))?;
        if ours.first() != Some(active.public()) {
            return Err(KeyFileError::NotOurs { file: folder.join(ACTIVE) });
        }
        let mut others = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| not_read(&error))? {
            let file = entry.map_err(|error| not_read(&error))?.path();
            let is_key = file.extension().is_some_and(|extension| extension == "key");
            if !is_key || file.file_name().is_some_and(|name| name == ACTIVE) {
                continue;
            }
            let keys = read_key(&file)?;
            if !ours.contains(keys.public()) {
                return Err(KeyFileError::NotOurs { file });
            }
            others.push(keys);
        }
        Ok(Self { active, others })
    }

    /// The key that signs.
    pub(crate) const fn active(&self) -> &SecretKeys {
        &self.active
    }

    /// The key of an id, whatever its age.
    pub(crate) fn find(&self, id: KeyId) -> Option<&SecretKeys> {
        std::iter::once(&self.active).chain(&self.others).find(|keys| keys.public().id() == id)
    }
}

/// Makes the folder of keys, active and spare.
pub(crate) fn create(folder: &Path) -> Result<(SecretKeys, SecretKeys), CreateError> {
    create_folder(folder)?;
    let mut keys = Vec::new();
    for (file, role) in [(ACTIVE, "active"), (SPARE, "spare")] {
        let seed = Seed::random()?;
        write_key(&folder.join(file), role, &seed)?;
        keys.push(SecretKeys::from_seed(&seed)?);
    }
    match <[SecretKeys; 2]>::try_from(keys) {
        Ok([active, spare]) => Ok((active, spare)),
        Err(_) => Err(io::Error::other("two keys were made").into()),
    }
}

/// Keys can't be made: for set-up to put into its own words.
#[derive(Debug, Error)]
pub(crate) enum CreateError {
    #[error(transparent)]
    Key(#[from] latchkey_token::KeyError),
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Makes a folder, and those above it, that only its owner may enter.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Makes a file that must not be there yet and that only its owner may read.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

fn write_key(path: &Path, role: &str, seed: &Seed) -> io::Result<()> {
    let hex = Zeroizing::new(HEXLOWER.encode(seed.expose()));
    let text = Zeroizing::new(format!(
        "# Latchkey: the vendor's {role} signing key. Whoever can read this file can grant licences.\n\
         {}\n",
        *hex
    ));
    let mut file = create_file(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read_key(path: &Path) -> Result<SecretKeys, KeyFileError> {
    let file = || path.to_owned();
    let not_read = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { file: file() },
        _ => KeyFileError::NotRead { file: file(), reason: reason(&error) },
    };
    let opened = File::open(path).map_err(not_read)?;
    check_owner_only(&opened.metadata().map_err(not_read)?, path)?;
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize));
    opened.take(MAX_FILE).read_to_end(&mut text).map_err(not_read)?;
    let malformed = || KeyFileError::Malformed { file: file() };
    let line = std::str::from_utf8(&text)
        .map_err(|_| malformed())?
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .ok_or_else(malformed)?;
    let bytes =
        Zeroizing::new(HEXLOWER_PERMISSIVE.decode(line.as_bytes()).map_err(|_| malformed())?);
    let seed = Zeroizing::new(<[u8; 32]>::try_from(&bytes[..]).map_err(|_| malformed())?);
    SecretKeys::from_seed(&Seed::from_bytes(*seed)).map_err(|_| malformed())
}

/// On Windows the data folder's own access rules decide; there are no mode bits to look at.
#[cfg_attr(not(unix), expect(unused_variables, reason = "no mode bits"))]
fn check_owner_only(found: &std::fs::Metadata, path: &Path) -> Result<(), KeyFileError> {
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
        return Err(KeyFileError::ReadableByOthers { file: path.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, PathBuf, Vec<PublicKeys>) {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let (active, spare) = create(&keys).unwrap();
        (folder, keys, vec![*active.public(), *spare.public()])
    }

    #[test]
    fn keys_read_back_as_they_were_made() {
        let (_folder, path, ours) = made();
        let keys = VendorKeys::read(&path, &ours).unwrap();
        assert_eq!(keys.active().public(), &ours[0]);
        assert!(keys.find(ours[1].id()).is_some());
    }

    #[test]
    fn the_spare_key_may_be_elsewhere_and_the_active_one_may_not() {
        let (_folder, path, ours) = made();
        std::fs::remove_file(path.join(SPARE)).unwrap();
        assert!(VendorKeys::read(&path, &ours).unwrap().find(ours[1].id()).is_none());
        std::fs::remove_file(path.join(ACTIVE)).unwrap();
        let missing = KeyFileError::Missing { file: path.join(ACTIVE) };
        assert_eq!(VendorKeys::read(&path, &ours).unwrap_err(), missing);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path, ours) = made();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        assert_eq!(
            std::fs::metadata(path.join(ACTIVE)).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for (target, strict) in
            [(path.join(ACTIVE), 0o600), (path.join(SPARE), 0o600), (path.clone(), 0o700)]
        {
            for open in [strict | 0o040, strict | 0o004, strict | 0o020] {
                set(&target, open);
                let refused = KeyFileError::ReadableByOthers { file: target.clone() };
                assert_eq!(VendorKeys::read(&path, &ours).unwrap_err(), refused);
            }
            set(&target, strict);
        }
        assert!(VendorKeys::read(&path, &ours).is_ok());
    }

    #[test]
    fn files_that_hold_no_key_or_a_strangers_are_refused() {
        let (_folder, path, ours) = made();
        for content in
            ["", "# nothing\n", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(5000)]
        {
            std::fs::write(path.join(SPARE), content).unwrap();
            let malformed = KeyFileError::Malformed { file: path.join(SPARE) };
            assert_eq!(VendorKeys::read(&path, &ours).unwrap_err(), malformed, "{content:.10}");
        }
        std::fs::write(path.join(SPARE), "1".repeat(64)).unwrap();
        let strange = KeyFileError::NotOurs { file: path.join(SPARE) };
        assert_eq!(VendorKeys::read(&path, &ours).unwrap_err(), strange);
    }
}
