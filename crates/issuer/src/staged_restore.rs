//! How a data folder comes to hold a vendor: by set-up or by a restored backup. Keys and database are made in
//! `.incoming`, and moved when both are whole. From the moment at which the mark `ready` is there, whoever comes
//! next finishes what a killed command has begun; without it, what lies there is nobody's and goes away.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use latchkey_files::{Access, open, open_folder};

use crate::files;
use crate::issuer::{DATABASE, KEYS};

const FOLDER: &str = ".incoming";
const READY: &str = "ready";
const LOCK: &str = "lock";
/// A folder's path and a few words.
const MAX_MARK: u64 = 64 * 1024;

/// What is being made, until it is in its place or dropped.
pub(crate) struct StagedRestore {
    /// Where keys and database are made.
    pub(crate) path: PathBuf,
    data: PathBuf,
    _lock: File,
    /// It is to be finished, not to be thrown away.
    keep: bool,
}

impl StagedRestore {
    /// Begins, when nobody else is at it.
    pub(crate) fn begin(data: &Path) -> io::Result<Self> {
        let path = data.join(FOLDER);
        loop {
            files::create_folder(&path)?;
            // Keys are made in there, so it isn't somebody else's.
            drop(open_folder(&path, Access::User)?);
            let Some(lock) = locked(&path, true)? else { continue };
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

    /// Moves everything to its place. `what` says what it is, for whoever has to finish it.
    pub(crate) fn commit(mut self, what: &str) -> io::Result<()> {
        files::write_secret(&self.path.join(READY), what.as_bytes())?;
        move_in(&self.path, &self.data, KEYS)?;
        // From here on there is something to be finished.
        self.keep = true;
        finish_locked(&self.data, &self.path)?;
        Ok(())
    }
}

impl Drop for StagedRestore {
    fn drop(&mut self) {
        if !self.keep {
            // The mark first: without it nobody takes what is half removed for whole. What can't be removed, the
            // next command tries to.
            let _ = files::remove(&self.path.join(READY));
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Finishes what a killed command has begun, or throws it away, and says what was finished. With `wait`, a command
/// that is still at it is waited for; otherwise it is left alone.
pub(crate) fn finish(data: &Path, wait: bool) -> io::Result<Option<String>> {
    let path = data.join(FOLDER);
    if !files::exists(&path) {
        return Ok(None);
    }
    drop(open_folder(&path, Access::User)?);
    let Some(_lock) = locked(&path, wait)? else { return Ok(None) };
    if files::exists(&path.join(READY)) {
        return finish_locked(data, &path).map(Some);
    }
    files::remove_folder(&path)?;
    Ok(None)
}

/// The lock, unless the folder went away meanwhile or another process has it.
fn locked(path: &Path, wait: bool) -> io::Result<Option<File>> {
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
    files::remove_folder(path)?;
    Ok(what)
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
