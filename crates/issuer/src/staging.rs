//! Fills a data folder, by set-up or from a backup. Keys and database are made in `.incoming` and
//! moved when both are complete. Once the marker file `ready` exists, the next command finishes
//! what a killed one has begun; without it, the content is discarded.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use latchkey_files::{Access, open, open_folder};

use crate::files::{self, DATABASE, KEYS};

const FOLDER: &str = ".incoming";
const READY: &str = "ready";
const LOCK: &str = "lock";
/// A folder's path and a few words.
const MAX_MARK: u64 = 64 * 1024;

/// The staged content, until it is in place or dropped.
pub(crate) struct StagedData {
    /// The folder in which keys and database are made.
    pub(crate) path: PathBuf,
    data: PathBuf,
    _lock: File,
    /// The content has to be completed, not discarded.
    keep: bool,
}

impl StagedData {
    /// Begins unless another process has begun.
    pub(crate) fn begin(data: &Path) -> io::Result<Self> {
        let path = data.join(FOLDER);
        loop {
            files::create_folder(&path)?;
            // Keys are made in it, so it must not be another user's folder.
            drop(open_folder(&path, Access::User)?);
            let Some(lock) = open_locked(&path, true)? else { continue };
            if !files::exists(&path.join(READY)) {
                files::remove_folder(&path.join(KEYS))?;
                for entry in fs::read_dir(&path)? {
                    let entry = entry?;
                    if entry.file_name() != LOCK {
                        files::remove(&entry.path())?;
                    }
                }
                return Ok(Self { path, data: data.to_owned(), _lock: lock, keep: false });
            }
            finish_locked(data, &path)?;
        }
    }

    /// Moves everything into place. `what` describes it for the command that may have to finish it.
    pub(crate) fn commit(mut self, what: &str) -> io::Result<()> {
        files::write_secret(&self.path.join(READY), what.as_bytes())?;
        move_in(&self.path, &self.data, KEYS)?;
        // From here on, an interrupted command can be finished.
        self.keep = true;
        finish_locked(&self.data, &self.path)?;
        Ok(())
    }
}

impl Drop for StagedData {
    fn drop(&mut self) {
        if !self.keep {
            // The marker is removed first: without it, half-removed content isn't taken for
            // complete. The next command tries again to remove what can't be removed now.
            let _ = files::remove(&self.path.join(READY));
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Finishes or discards what a killed command has begun, and returns what was finished. With
/// `wait`, it waits for a command that is still running; otherwise it leaves that one alone.
pub(crate) fn finish(data: &Path, wait: bool) -> io::Result<Option<String>> {
    let path = data.join(FOLDER);
    if !files::exists(&path) {
        return Ok(None);
    }
    drop(open_folder(&path, Access::User)?);
    let Some(_lock) = open_locked(&path, wait)? else { return Ok(None) };
    if files::exists(&path.join(READY)) {
        return finish_locked(data, &path).map(Some);
    }
    remove_staging(&path)?;
    Ok(None)
}

/// Takes the lock, unless the folder was removed meanwhile or another process has it.
fn open_locked(path: &Path, wait: bool) -> io::Result<Option<File>> {
    let name = path.join(LOCK);
    let lock = match if wait { files::lock(&name).map(Some) } else { files::try_lock(&name) } {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        lock => lock?,
    };
    Ok(lock.filter(|lock| files::is_still(lock, &name)))
}

fn finish_locked(data: &Path, path: &Path) -> io::Result<String> {
    let mut what = String::new();
    io::Read::read_to_string(
        &mut io::Read::take(open(&path.join(READY), Access::User)?, MAX_MARK),
        &mut what,
    )?;
    move_in(path, data, KEYS)?;
    move_in(path, data, DATABASE)?;
    files::sync_folder(data)?;
    remove_staging(path)?;
    Ok(what)
}

/// Removes the folder. On Windows' file systems without POSIX semantics the lock is only removed
/// when this process closes it, so the folder stays, empty, and the next command removes it or
/// leaves it again.
fn remove_staging(path: &Path) -> io::Result<()> {
    let is_lock = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|it| it.file_name() == LOCK);
    match files::remove_folder(path) {
        Err(_) if cfg!(windows) && fs::read_dir(path)?.all(is_lock) => Ok(()),
        removed => removed,
    }
}

fn move_in(from: &Path, to: &Path, name: &str) -> io::Result<()> {
    if files::exists(&from.join(name)) {
        if files::exists(&to.join(name)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(from.join(name), to.join(name))?;
    }
    Ok(())
}
