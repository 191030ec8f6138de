//! Backs up the whole data folder while other processes use it, and restores it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_lease::Timestamp;
use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::database::DatabaseError;
use crate::error_class::{ClassifiedError, codes};
use crate::files::{self, DATABASE, KEYS, OwnFolder, exists, folder_of};
use crate::issuer::{Issuer, OpenIssuerError};
use crate::keys::tidy::lock_and_tidy;
use crate::keys::{KeysError, is_key_file};
use crate::passphrase::Passphrase;
use crate::staging::{self, StagedData};

/// A backup can't be made or put back. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum BackupError {
    /// Something is there already, and nothing is ever overwritten.
    #[code(codes::BACKUP_EXISTS)]
    #[class(Conflict)]
    #[error("{} is there already", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A file can't be read or written.
    #[code(codes::BACKUP_NOT_WRITTEN)]
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The folder.
        path: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// The data isn't what it should be.
    #[code(transparent)]
    #[error(transparent)]
    Open(#[from] OpenIssuerError),
    /// The keys.
    #[code(transparent)]
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[code(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Issuer {
    /// Copies database and keys, as they are at one moment, into a new folder. Other processes can
    /// continue to work meanwhile.
    ///
    /// # Errors
    /// Returns [`BackupError::Exists`] if there is something at the path,
    /// [`BackupError::NotWritten`] if a file can't be copied, and [`BackupError::Keys`] or
    /// [`BackupError::Database`] if the data can't be read; no partial backup is left.
    pub fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let not_written = not_written(to);
        let keys = self.folder().join(KEYS);
        // The keys can't be rotated while database and keys are copied, because they belong
        // together. Nor does another backup of the same data mistake this one for the remains of a
        // killed one.
        let _lock = lock_and_tidy(&keys)?;
        remove_unfinished(folder_of(to)).map_err(&not_written)?;
        if exists(to) {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        let aside = Unfinished::begin(to).map_err(&not_written)?;
        files::create_folder(&aside.path.join(KEYS)).map_err(&not_written)?;
        // The file is created first and SQLite writes into it; SQLite itself would create one that
        // others can read.
        let database = aside.path.join(DATABASE);
        files::create(&database).map_err(&not_written)?;
        self.database.copy_to(&database)?;
        files::sync_file(&database).map_err(&not_written)?;
        copy_keys(&keys, &aside.path.join(KEYS)).map_err(&not_written)?;
        aside.finish(to, self.folder()).map_err(&not_written)
    }

    /// Restores a backup into a folder without a vendor's data. Later grants get sequence
    /// numbers that none before has had, because it is unknown what was granted after the backup
    /// was made.
    ///
    /// # Errors
    /// Returns [`BackupError::Exists`] if the folder has a vendor's data,
    /// [`BackupError::NotWritten`] if a file can't be copied, [`BackupError::Open`] if the backup
    /// can't be used, and [`BackupError::Database`] if its database can't be written; nothing is
    /// left behind.
    pub fn restore(
        from: &Path,
        to: &Path,
        passphrase: Option<Passphrase>,
        now: Timestamp,
    ) -> Result<Self, BackupError> {
        let not_written = not_written(to);
        let what = format!("restore {}", from.canonicalize().unwrap_or(from.to_owned()).display());
        // An earlier call was killed after everything had been staged.
        let finished = staging::finish(to, true).map_err(&not_written)?;
        if finished.is_some_and(|finished| finished == what) {
            return Ok(Self::open_sealed(to, passphrase, now)?);
        }
        let in_the_way = || exists(&to.join(DATABASE)) || exists(&to.join(KEYS));
        if in_the_way() {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        files::create_private_folder(to).map_err(&not_written)?;
        let incoming = StagedData::begin(to).map_err(&not_written)?;
        // Check again, now that this process has the lock.
        if in_the_way() {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        files::create_folder(&incoming.path.join(KEYS)).map_err(&not_written)?;
        // The target of a link isn't part of the backup: it could be a file that only an
        // administrator can read.
        files::copy_own_secret(&from.join(DATABASE), &incoming.path.join(DATABASE))
            .map_err(&not_written)?;
        copy_keys(&from.join(KEYS), &incoming.path.join(KEYS)).map_err(&not_written)?;
        // The backup is opened in the staging folder first, so that an unusable one is never put in
        // place.
        let mut restored = Self::open_sealed(&incoming.path, passphrase.clone(), now)?;
        restored.increment_epoch(now)?;
        restored.database.close()?;
        incoming.commit(&what).map_err(&not_written)?;
        Ok(Self::open_sealed(to, passphrase, now)?)
    }
}

fn not_written(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::NotWritten {
        path: path.to_owned(),
        reason: latchkey_files::reason(&error),
    }
}

/// The suffix of a folder in which a backup is being made. The folder is next to the backup, on the
/// same disk.
const UNFINISHED: &str = ".unfinished-backup";
/// The suffix of the file next to it that is locked while the backup is made. It isn't in the
/// folder, because the lock has to be held until the folder has its final name.
const LOCK: &str = ".lock";

/// A backup that is being made. It is removed unless it is finished.
struct Unfinished {
    path: PathBuf,
    lock_file: PathBuf,
    lock: Option<fs::File>,
}

impl Unfinished {
    /// The folder, which belongs to the user who makes the backup until it is complete. The owner
    /// of the data, for whom an administrator may make it, must not be able to put links where
    /// files are about to be written.
    fn begin(to: &Path) -> io::Result<Self> {
        let name = format!(".{}{UNFINISHED}", to.file_name().unwrap_or_default().display());
        let path = folder_of(to).join(name);
        files::create_private_folder(folder_of(to))?;
        let lock_file = files::beside(&path, LOCK);
        // A backup of other data may be checking for remains, and releases the lock at once.
        let mut tries = 20;
        let lock = loop {
            match lock_to_make(&lock_file)? {
                Some(lock) => break lock,
                None if tries == 0 => return Err(io::ErrorKind::AlreadyExists.into()),
                None => {
                    tries -= 1;
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        };
        let unfinished = Self { path, lock_file, lock: Some(lock) };
        // The remains of killed backups have been removed by now. Whatever is here was put here by
        // someone who wants the keys in a folder of their own.
        files::create_new_folder(&unfinished.path)?;
        Ok(unfinished)
    }

    fn finish(self, to: &Path, data: &Path) -> io::Result<()> {
        files::sync_folder(&self.path)?;
        files::give_all_to_owner_of(data, &self.path)?;
        fs::rename(&self.path, to)?;
        files::sync_folder(folder_of(to))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // The next backup in the same folder tries again to remove what can't be removed now. The
        // lock goes last, so that no other backup can have begun before.
        let _ = fs::remove_dir_all(&self.path);
        let _ = fs::remove_file(&self.lock_file);
        self.lock = None;
    }
}

/// Takes the lock unless another process has it. It counts only while the file still has its name.
fn lock_to_make(lock_file: &Path) -> io::Result<Option<fs::File>> {
    loop {
        match files::try_lock(lock_file) {
            Ok(Some(lock)) if !files::is_still(&lock, lock_file) => {}
            // The file was removed in the meantime.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && folder_of(lock_file).is_dir() => {}
            other => return other,
        }
    }
}

/// Removes the remains of killed backups from a folder: they contain keys.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let locked = format!("{UNFINISHED}{LOCK}");
    for entry in entries {
        let path = entry?.path();
        let name = path.as_os_str().to_string_lossy();
        let unfinished = match name.strip_suffix(LOCK) {
            Some(unfinished) if name.ends_with(&locked) => PathBuf::from(unfinished),
            _ if name.ends_with(UNFINISHED) && path.is_dir() => path.clone(),
            _ => continue,
        };
        let lock_file = files::beside(&unfinished, LOCK);
        // A file that can't be locked belongs to another user and doesn't prevent this backup.
        if let Ok(Some(lock)) = lock_to_make(&lock_file) {
            drop(Unfinished { path: unfinished, lock_file, lock: Some(lock) });
        }
    }
    Ok(())
}

fn copy_keys(from: &Path, to: &Path) -> io::Result<()> {
    // The target of a link isn't copied for the owner of the data.
    let opened = OwnFolder::open(from)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            // It isn't a key, whatever its name is.
            continue;
        }
        if let Some(name) = path.file_name().filter(|_| is_key_file(&path)) {
            // The target of a link isn't changed: the owner of the folder may have fewer rights
            // than the user who makes the backup.
            files::copy_own_secret(&path, &to.join(name))?;
        }
    }
    if !opened.is_in_place() {
        return Err(io::ErrorKind::NotFound.into());
    }
    files::sync_folder(to)
}
