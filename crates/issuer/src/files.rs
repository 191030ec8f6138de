//! Creates the vendor's files and folders. A secret is written next to its destination, flushed to
//! disk and renamed into place in one step. What is made in a folder belongs to the folder's owner,
//! no matter which user runs the command: an administrator's command must not leave files that the
//! service can't read.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use latchkey_files::{Access, UNFINISHED};
pub(crate) use latchkey_files::{beside, folder_of, give_to_owner_of};

/// The name of the database in a data folder.
pub(crate) const DATABASE: &str = "issuer.db";
/// The name of the folder of keys in a data folder.
pub(crate) const KEYS: &str = "keys";

/// Replaces a file with a secret that only its owner may read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    latchkey_files::replace_with(path, |aside| {
        let mut file = create(aside)?;
        file.write_all(bytes)?;
        Ok(file)
    })?;
    sync_folder(folder_of(path))
}

/// Copies a file of the vendor's, in the data folder or in a backup, into one that only its owner
/// may read. Refuses links, and files of other users that were hard-linked here.
pub(crate) fn copy_own_secret(from: &Path, to: &Path) -> io::Result<()> {
    let mut opened = latchkey_files::open(from, Access::User)?;
    if !opened.metadata()?.is_file() || is_linked_here(&opened, folder_of(from))? {
        return Err(io::Error::other("not a file of its own"));
    }
    let mut made = create(to)?;
    io::copy(&mut opened, &mut made)?;
    made.sync_all()
}

/// Gives a file to the owner of its folder, unless it was hard-linked there: it would then be given
/// away wherever else it is.
pub(crate) fn give_own_to_owner_of(folder: &Path, file: &File) -> io::Result<()> {
    check_not_linked_here(folder, file)?;
    give_to_owner_of(folder, file)
}

/// Refuses a file that the folder's owner may have hard-linked there without access to it.
pub(crate) fn check_not_linked_here(folder: &Path, file: &File) -> io::Result<()> {
    match is_linked_here(file, folder)? {
        true => Err(latchkey_files::Fault::OtherOwner.into()),
        false => Ok(()),
    }
}

/// Whether a file has other names and isn't of the folder's owner, who could have linked it there.
#[cfg(unix)]
fn is_linked_here(file: &File, folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let is_owners = file.metadata()?.uid() == fs::metadata(folder)?.uid();
    Ok(!is_owners && latchkey_files::has_other_names(file)?)
}

#[cfg(not(unix))]
const fn is_linked_here(_: &File, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Creates a file that only its owner may read. Fails if it exists.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let file = latchkey_files::create(path, Access::User)?;
    give_to_owner_of(folder_of(path), &file)?;
    Ok(file)
}

/// Creates a folder that only its owner may enter, and its parents. An existing folder stays as it
/// is.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<_> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    latchkey_files::create_folder(folder, Access::User)?;
    for made in missing.into_iter().rev() {
        // The owner of the parent folder could have put a link there in the meantime.
        give_to_owner_of(folder_of(made), &latchkey_files::open_folder(made, Access::User)?)?;
        sync_folder(folder_of(made))?;
    }
    Ok(())
}

/// The same on a file system that has permissions. If it has none (those of Windows and of cameras,
/// many file servers), nothing is left on it.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<_> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    let made = create_folder(folder).and_then(|()| check_private(folder));
    if made.is_err() {
        // Only empty folders are removed, the innermost first.
        let _ = missing.into_iter().try_for_each(fs::remove_dir);
    }
    made
}

/// The names of the files that [`check_private`] makes.
const PROBE: &str = ".latchkey-probe-";

/// Checks a file made for this purpose in the way in which key files are checked before use.
fn check_private(folder: &Path) -> io::Result<()> {
    // One that a killed process left behind.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PROBE) {
            remove(&entry.path())?;
        }
    }
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(|_| io::Error::other("no randomness"))?;
    let probe = folder.join(format!("{PROBE}{}", data_encoding::HEXLOWER.encode(&name)));
    let looked = create(&probe)
        .and_then(|_| Ok(latchkey_files::check_path(&probe, Access::UserSecret).map(drop)?));
    remove(&probe)?;
    looked
}

/// Creates a folder, with its content, that no other user can enter and that has the same owner as
/// another folder. The folder itself is handed over last, so that no one can enter in between.
pub(crate) fn give_all_to_owner_of(owner: &Path, made: &Path) -> io::Result<()> {
    for entry in fs::read_dir(made)? {
        let path = entry?.path();
        if fs::symlink_metadata(&path)?.is_dir() {
            give_all_to_owner_of(owner, &path)?;
        } else {
            give_to_owner_of(owner, &latchkey_files::open(&path, Access::User)?)?;
        }
    }
    give_to_owner_of(owner, &latchkey_files::open_folder(made, Access::User)?)
}

/// A folder of the vendor's that is neither a link nor another user's. It is kept open, so that a
/// replacement under the same name is noticed.
pub(crate) struct OwnFolder {
    opened: File,
    named: PathBuf,
}

impl OwnFolder {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let opened = latchkey_files::open_folder(folder, Access::User)?;
        Ok(Self { opened, named: folder.to_owned() })
    }

    /// Whether the folder's name still refers to it.
    pub(crate) fn is_in_place(&self) -> bool {
        is_still(&self.opened, &self.named)
    }
}

/// Creates a folder that only its owner may enter. Fails if it exists.
pub(crate) fn create_new_folder(folder: &Path) -> io::Result<File> {
    create_folder(folder_of(folder))?;
    latchkey_files::create_new_folder(folder, Access::User)?;
    Ok(latchkey_files::open_folder(folder, Access::User)?)
}

/// A lock that is held until it is dropped. Its file stays and is always empty.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let file = open_lock(path)?;
    file.lock()?;
    Ok(file)
}

/// The same, unless another process holds it.
pub(crate) fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = open_lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    match create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = latchkey_files::open_to_write(path, Access::User)?;
            // Earlier versions left one that only an administrator could open.
            give_own_to_owner_of(folder_of(path), &file)?;
            Ok(file)
        }
        made => made,
    }
}

/// Whether an open file is still the one with this name.
pub(crate) fn is_still(file: &File, path: &Path) -> bool {
    latchkey_files::is_still(file, path).unwrap_or(false)
}

/// A file that a killed [`write_secret`] left behind.
pub(crate) fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == UNFINISHED)
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether something exists at a path. Returns `true` if that can't be determined.
pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

/// Flushes a folder, so that the names in it survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { latchkey_files::sync_opened_folder(&File::open(folder)?) } else { Ok(()) }
}

/// Flushes a file that other code has written, so that its content survives a power cut.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    latchkey_files::open_to_write(path, Access::User)?.sync_all()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_link_at_the_path_of_a_lock_or_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, planted) = (folder.path().join("victim"), folder.path().join("planted"));
        fs::create_dir(&victim).unwrap();
        std::os::unix::fs::symlink(&victim, &planted).unwrap();
        assert!(create_new_folder(&planted).is_err());
        std::os::unix::fs::symlink(victim.join("made"), folder.path().join("lock")).unwrap();
        assert!(try_lock(&folder.path().join("lock")).is_err());
        assert_eq!(fs::read_dir(&victim).unwrap().count(), 0);
        let made = folder.path().join("made");
        create_new_folder(&made).unwrap();
        assert!(create_new_folder(&made).is_err());
    }
}
