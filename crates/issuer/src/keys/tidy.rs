//! The lock of the folder of keys, and what happens to the remains of a killed command. The command
//! itself is in `rotate`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{KeysError, not_written};
use super::{SEALED, SEALING};
use crate::files::{self, OwnFolder};

const LOCK: &str = "lock";

/// The folder's lock, held until it is dropped. When it is taken, the remains of a killed command
/// are completed or removed. The lock file itself stays and is empty. The folder must not be a
/// link: an administrator's command must not remove or copy files where the data's owner has no
/// access.
pub(crate) fn lock_and_tidy(folder: &Path) -> Result<File, KeysError> {
    let opened = OwnFolder::open(folder).map_err(|error| not_written(folder)(&error))?;
    let lock =
        files::lock(&folder.join(LOCK)).map_err(|error| not_written(&folder.join(LOCK))(&error))?;
    if !opened.is_in_place() {
        // Other processes lock another file by now.
        return Err(not_written(folder)(&io::ErrorKind::NotFound.into()));
    }
    tidy_up_locked(folder).map_err(|error| not_written(folder)(&error))?;
    Ok(lock)
}

/// Completes or removes the remains of a killed command, unless another process is at work. If it
/// fails, nothing is lost: incomplete files are never read.
pub(crate) fn tidy_up(folder: &Path) {
    let Ok(opened) = OwnFolder::open(folder) else { return };
    if find_left_over(folder).is_ok_and(|found| !found.is_empty())
        && let Ok(Some(_lock)) = files::try_lock(&folder.join(LOCK))
        && opened.is_in_place()
    {
        let _ = tidy_up_locked(folder);
    }
}

fn tidy_up_locked(folder: &Path) -> io::Result<()> {
    for path in find_left_over(folder)? {
        if path.ends_with(SEALED) {
            move_sealed(folder)?;
        } else if path.ends_with(SEALING) {
            files::remove_folder(&path)?;
        } else {
            files::remove(&path)?;
        }
    }
    Ok(())
}

/// The remains of a killed command: incomplete files, and keys being sealed with another
/// passphrase.
fn find_left_over(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Other kinds of files aren't ours and stay.
        let left = if entry.file_type()?.is_dir() {
            path.ends_with(SEALING) || path.ends_with(SEALED)
        } else {
            // Earlier versions sealed a key next to its file, with this suffix.
            files::is_unfinished(&path)
                || path.extension().is_some_and(|extension| extension == "sealing")
        };
        found.extend(left.then_some(path));
    }
    Ok(found)
}

/// Moves the sealed keys into place.
pub(super) fn move_sealed(folder: &Path) -> io::Result<()> {
    let sealed = folder.join(SEALED);
    if !sealed.is_dir() {
        return Ok(());
    }
    drop(OwnFolder::open(&sealed)?);
    files::sync_folder(folder)?;
    for entry in fs::read_dir(&sealed)? {
        let entry = entry?;
        fs::rename(entry.path(), folder.join(entry.file_name()))?;
    }
    files::sync_folder(folder)?;
    fs::remove_dir(&sealed)
}
