//! The vendor's secret keys: one file each, readable only by its owner, optionally sealed with a
//! passphrase.
//!
//! `keys/active.key` signs. `keys/spare.key` may be kept offline. Any other `*.key` is an old key
//! that still opens what was encrypted for it, or a copy. The file names are for people: the
//! database records which key is which, so an interrupted rotation does no harm.

mod error;
pub(crate) mod file;
mod names;
pub(crate) mod rotate;
pub(crate) mod tidy;

use std::io;
use std::path::{Path, PathBuf};

pub use error::{KeyFileError, KeysError};

use latchkey_token::{KeyId, PublicKeys, SecretKeys, Seed};
use thiserror::Error;

use crate::files;
use crate::passphrase::Passphrase;

/// File name of the signing key.
pub(crate) const ACTIVE: &str = "active.key";
/// File name of the spare key.
pub(crate) const SPARE: &str = "spare.key";
/// File name of a key that a rotation is making.
const NEXT: &str = "spare.next";
/// Folder in which keys are sealed with a new passphrase, until all of them are.
const SEALING: &str = "sealing";
/// Name of the same folder afterwards: its files replace those of the same name outside it.
const SEALED: &str = "sealed";
/// How often the folder is read again if a file disappeared meanwhile because another process is
/// changing the keys.
const LOOKS: u32 = 10;

/// The secret keys on this machine. Their `Debug` output is their ids.
#[derive(Debug, Clone)]
pub(crate) struct VendorKeys {
    active: SecretKeys,
    others: Vec<SecretKeys>,
    unread: Vec<KeyFileError>,
}

impl VendorKeys {
    /// Reads the folder of keys. `ours` are the public halves in the database, the active one
    /// first.
    pub(crate) fn read(
        folder: &Path,
        ours: &[PublicKeys],
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, KeyFileError> {
        let mut looks = 0;
        loop {
            match Self::read_once(folder, ours, passphrase) {
                Err(KeyFileError::Missing { .. }) if looks < LOOKS && folder.is_dir() => looks += 1,
                read => return read,
            }
        }
    }

    fn read_once(
        folder: &Path,
        ours: &[PublicKeys],
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, KeyFileError> {
        let mut active = None;
        let mut others = Vec::new();
        let mut unread = Vec::new();
        let files = key_files(folder)?;
        for file in &files {
            let keys = match file::read(file, passphrase) {
                Ok((_, keys)) => keys,
                // A file left by a killed rotation of a version that wrote it in place.
                Err(KeyFileError::Malformed { .. }) if is_next(file) => continue,
                // Only the active key has to be here, and it is recognised by its content. Another
                // one may be half copied.
                Err(
                    error @ (KeyFileError::NotRead { .. }
                    | KeyFileError::Malformed { .. }
                    | KeyFileError::Sealed { .. }
                    | KeyFileError::WrongPassphrase { .. }),
                ) => {
                    unread.push(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            if ours.first() == Some(keys.public()) {
                active = Some(keys);
            } else if ours.contains(keys.public()) {
                others.push(keys);
            } else if !is_next(file) {
                return Err(KeyFileError::NotOurs { file: file.clone() });
            }
        }
        match active {
            Some(active) => Ok(Self { active, others, unread }),
            None => Err(without_active(folder, &files, unread, !others.is_empty())),
        }
    }

    /// The files that can't be read, and why.
    pub(crate) fn unread(&self) -> &[KeyFileError] {
        &self.unread
    }

    /// The signing key.
    pub(crate) const fn active(&self) -> &SecretKeys {
        &self.active
    }

    /// The key with this id, active or old.
    pub(crate) fn find(&self, id: KeyId) -> Option<&SecretKeys> {
        std::iter::once(&self.active).chain(&self.others).find(|keys| keys.public().id() == id)
    }
}

/// Why there is no active key. Where its file is missing, no other file is blamed, unless one could
/// have the key under another name: a killed rotation leaves that behind, and a file that is sealed
/// with an unknown passphrase can't be told from it. `has_opened` is whether another key was read.
fn without_active(
    folder: &Path,
    files: &[PathBuf],
    mut unread: Vec<KeyFileError>,
    has_opened: bool,
) -> KeyFileError {
    let is_active = |file: &Path| file.file_name().is_some_and(|name| name == ACTIVE);
    let needs_passphrase = |error: &KeyFileError| {
        matches!(error, KeyFileError::Sealed { .. } | KeyFileError::WrongPassphrase { .. })
    };
    let cause = match files.iter().any(|file| is_active(file)) {
        // If it was read, it has another key, and the names are outdated.
        true => {
            let active = unread.iter().position(|error| is_active(error.file()));
            active.or((!unread.is_empty()).then_some(0))
        }
        false if has_opened => None,
        false => unread.iter().position(needs_passphrase),
    };
    let missing = || KeyFileError::Missing { file: folder.join(ACTIVE) };
    cause.map_or_else(missing, |at| unread.swap_remove(at))
}

/// The files that contain keys, including one that a rotation has made and not yet renamed.
fn key_files(folder: &Path) -> Result<Vec<PathBuf>, KeyFileError> {
    let not_read = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { file: folder.join(ACTIVE) },
        _ => {
            KeyFileError::NotRead { file: folder.to_owned(), reason: latchkey_files::reason(error) }
        }
    };
    if latchkey_files::is_open_to_others(folder).map_err(|error| not_read(&error))? {
        return Err(KeyFileError::ReadableByOthers { file: folder.to_owned() });
    }
    // A link would lead to keys that this folder's owner may have no access to.
    let sealed = folder.join(SEALED);
    let has_sealed = sealed.symlink_metadata().is_ok_and(|found| found.is_dir());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| not_read(&error))? {
        let file = entry.map_err(|error| not_read(&error))?.path();
        if is_key_file(&file) {
            let sealed = file.file_name().filter(|_| has_sealed).map(|name| sealed.join(name));
            files.push(sealed.filter(|sealed| sealed.is_file()).unwrap_or(file));
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a name is that of a key. Case doesn't matter in the extension: on a file system that
/// ignores case, `ACTIVE.KEY` is the active key.
pub(crate) fn is_key_file(file: &Path) -> bool {
    is_next(file) || file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("key"))
}

/// The key that a rotation is making, until the database knows it.
fn is_next(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == NEXT)
}

/// Creates the folder with the active and the spare key.
pub(crate) fn create(
    folder: &Path,
    passphrase: Option<&Passphrase>,
) -> Result<(SecretKeys, SecretKeys), CreateError> {
    files::create_folder(folder)?;
    let mut keys = Vec::new();
    for file in [ACTIVE, SPARE] {
        let seed = Seed::random()?;
        file::write(&folder.join(file), &seed, passphrase)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, PathBuf, Vec<PublicKeys>) {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let (active, spare) = create(&keys, None).unwrap();
        (folder, keys, vec![*active.public(), *spare.public()])
    }

    #[test]
    fn keys_are_read_back_as_they_were_created() {
        let (_folder, path, ours) = made();
        let keys = VendorKeys::read(&path, &ours, None).unwrap();
        assert_eq!(keys.active().public(), &ours[0]);
        assert!(keys.find(ours[1].id()).is_some());
    }

    #[test]
    fn the_spare_key_may_be_elsewhere_and_the_active_one_may_not() {
        let (_folder, path, ours) = made();
        std::fs::remove_file(path.join(SPARE)).unwrap();
        assert!(VendorKeys::read(&path, &ours, None).unwrap().find(ours[1].id()).is_none());
        std::fs::remove_file(path.join(ACTIVE)).unwrap();
        let missing = KeyFileError::Missing { file: path.join(ACTIVE) };
        assert_eq!(VendorKeys::read(&path, &ours, None).unwrap_err(), missing);
    }

    #[test]
    fn a_missing_active_key_is_reported_whatever_else_cannot_be_read() {
        let seal = |path: &Path, from: &Path, passphrase: Option<&Passphrase>| {
            let (seed, _) = file::read(from, None).unwrap();
            file::write(path, &seed, passphrase).unwrap();
        };
        let (right, wrong) = ["right", "wrong"].map(|it| Passphrase::new(it.to_owned())).into();
        let (_folder, path, ours) = made();
        let (active, spare, old) = (path.join(ACTIVE), path.join(SPARE), path.join("old.key"));
        let kept = path.join("kept");
        std::fs::rename(&active, &kept).unwrap();
        let spare_kept = path.join("spare kept");
        std::fs::copy(&spare, &spare_kept).unwrap();
        let found = |ours: &[PublicKeys], passphrase| {
            VendorKeys::read(&path, ours, passphrase).unwrap_err()
        };
        let missing = KeyFileError::Missing { file: active.clone() };

        std::fs::write(&spare, "half").unwrap();
        assert_eq!(found(&ours, None), missing);
        std::fs::remove_file(&spare).unwrap();
        std::fs::create_dir(&spare).unwrap();
        assert_eq!(found(&ours, Some(&right)), missing);
        std::fs::remove_dir(&spare).unwrap();
        // It may be the active key, under the name that it had before a rotation.
        seal(&spare, &spare_kept, Some(&right));
        assert_eq!(found(&ours, None), KeyFileError::Sealed { file: spare.clone() });
        assert_eq!(
            found(&ours, Some(&wrong)),
            KeyFileError::WrongPassphrase { file: spare.clone() }
        );
        // Another key opens, so this one was only elsewhere when the keys were sealed.
        seal(&old, &spare_kept, None);
        assert_eq!(found(&ours, Some(&wrong)), missing);
        // A rotation was killed: the names are outdated, and the active key is damaged.
        std::fs::copy(&spare_kept, &active).unwrap();
        std::fs::write(&spare, "half").unwrap();
        assert_eq!(found(&ours, None), KeyFileError::Malformed { file: spare.clone() });
        // Its own file comes before others.
        std::fs::write(&active, "half").unwrap();
        std::fs::copy(&active, path.join("a.key")).unwrap();
        assert_eq!(found(&ours, None), KeyFileError::Malformed { file: active.clone() });
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
                assert_eq!(VendorKeys::read(&path, &ours, None).unwrap_err(), refused);
            }
            set(&target, strict);
        }
        assert!(VendorKeys::read(&path, &ours, None).is_ok());
    }

    #[test]
    fn a_file_with_no_key_counts_as_absent_and_one_with_an_unknown_key_is_refused() {
        let (_folder, path, ours) = made();
        for content in
            ["", "# nothing\n", "abc", &"0".repeat(63), &"g".repeat(64), &"0".repeat(5000)]
        {
            std::fs::write(path.join(SPARE), content).unwrap();
            let malformed = |name| KeyFileError::Malformed { file: path.join(name) };
            let keys = VendorKeys::read(&path, &ours, None).unwrap();
            assert_eq!(keys.unread(), [malformed(SPARE)], "{content:.10}");
            let active = std::fs::read(path.join(ACTIVE)).unwrap();
            std::fs::write(path.join(ACTIVE), content).unwrap();
            assert_eq!(VendorKeys::read(&path, &ours, None).unwrap_err(), malformed(ACTIVE));
            std::fs::write(path.join(ACTIVE), active).unwrap();
        }
        std::fs::write(path.join(SPARE), "1".repeat(64)).unwrap();
        let strange = KeyFileError::NotOurs { file: path.join(SPARE) };
        assert_eq!(VendorKeys::read(&path, &ours, None).unwrap_err(), strange);
    }
}
