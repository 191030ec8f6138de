//! A backup of the whole data folder while others work with it, and putting it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use latchkey_token::{Code, Coded, Detail};
use thiserror::Error;

use crate::blame::{Blame, Blamed, codes};
use crate::database::DatabaseError;
use crate::files::{self, exists, folder_of};
use crate::incoming::{self, Incoming};
use crate::issuer::{DATABASE, Issuer, KEYS, OpenError};
use crate::keys::{self, KeysError, Passphrase};

/// A backup can't be made or put back. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is there already, and nothing is ever overwritten.
    #[error("{} is there already", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A file can't be read or written.
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The folder.
        path: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// The data isn't what it should be.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Coded for BackupError {
    fn code(&self) -> Code {
        match self {
            Self::Exists { .. } => codes::BACKUP_EXISTS,
            Self::NotWritten { .. } => codes::BACKUP_NOT_WRITTEN,
            Self::Open(inner) => inner.code(),
            Self::Keys(inner) => inner.code(),
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::Exists { path } => vec![("path", path.display().to_string().into())],
            Self::NotWritten { path, reason } => {
                vec![("path", path.display().to_string().into()), ("reason", (*reason).into())]
            }
            Self::Open(inner) => inner.details(),
            Self::Keys(inner) => inner.details(),
            Self::Database(inner) => inner.details(),
        }
    }
}

impl Blamed for BackupError {
    fn blame(&self) -> Blame {
        match self {
            Self::Exists { .. } => Blame::State,
            _ => Blame::Machine,
        }
    }
}

impl Issuer {
    /// Copies database and keys, as they are at one moment, into a new folder. Others may go on working meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; there is no half a backup then.
    pub fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let not_written = not_written(to);
        remove_unfinished(folder_of(to)).map_err(&not_written)?;
        if exists(to) {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        let keys = self.folder().join(KEYS);
        // Nobody rotates while database and keys are copied: they belong together.
        let _lock = keys::lock_and_tidy(&keys)?;
        let aside = Unfinished::begin(to, self.folder()).map_err(&not_written)?;
        files::create_folder(&aside.path.join(KEYS)).map_err(&not_written)?;
        // SQLite writes into the empty file; it would make one that others may read.
        let database = aside.path.join(DATABASE);
        files::create(&database).map_err(&not_written)?;
        self.database.copy_to(&database)?;
        files::sync_file(&database).map_err(&not_written)?;
        copy_keys(&keys, &aside.path.join(KEYS)).map_err(&not_written)?;
        aside.finish(to).map_err(&not_written)
    }

    /// Puts a backup into a folder where nothing is yet. What is granted from here on gets numbers that none before has
    /// had: nobody knows what was granted after the backup was made.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left behind.
    pub fn restore(
        from: &Path,
        to: &Path,
        passphrase: Option<Passphrase>,
        now: Timestamp,
    ) -> Result<Self, BackupError> {
        let not_written = not_written(to);
        let what = format!("restore {}", from.canonicalize().unwrap_or(from.to_owned()).display());
        // The same call was killed before: what it had put together is whole.
        let finished = incoming::finish(to, true).map_err(&not_written)?;
        if finished.is_some_and(|finished| finished == what) {
            return Ok(Self::open_sealed(to, passphrase, now)?);
        }
        let in_the_way = || exists(&to.join(DATABASE)) || exists(&to.join(KEYS));
        if in_the_way() {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        files::create_folder(to).map_err(&not_written)?;
        let incoming = Incoming::begin(to).map_err(&not_written)?;
        // Again, now that nobody else can be at it.
        if in_the_way() {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        files::create_folder(&incoming.path.join(KEYS)).map_err(&not_written)?;
        files::copy_secret(&from.join(DATABASE), &incoming.path.join(DATABASE))
            .map_err(&not_written)?;
        copy_keys(&from.join(KEYS), &incoming.path.join(KEYS)).map_err(&not_written)?;
        // It is opened aside first, so that what can't be used is never put in place.
        let mut restored = Self::open_sealed(&incoming.path, passphrase.clone(), now)?;
        restored.raise_epoch(now)?;
        restored.database.close()?;
        incoming.commit(&what).map_err(&not_written)?;
        Ok(Self::open_sealed(to, passphrase, now)?)
    }
}

fn not_written(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::NotWritten { path: path.to_owned(), reason: keys::reason(&error) }
}

/// The end of the name of a folder in which a backup is being made. It lies beside the backup, on the same disk.
const UNFINISHED: &str = ".unfinished-backup";
/// Held as long as somebody is making it.
const LOCK: &str = "lock";

/// A backup that is being made. It goes away unless it is finished.
struct Unfinished {
    path: PathBuf,
    lock: Option<fs::File>,
}

impl Unfinished {
    /// The folder, which belongs to the owner of the data, as everything that is made in it then does.
    fn begin(to: &Path, data: &Path) -> io::Result<Self> {
        let name = format!(".{}{UNFINISHED}", to.file_name().unwrap_or_default().display());
        let path = folder_of(to).join(name);
        // What a killed backup has left was removed before. What is there now is another one's that has just begun,
        // or somebody's who would like to see the keys in a folder of theirs.
        let made = files::create_new_folder(&path)?;
        files::give_to_owner_of(data, &made)?;
        let lock = files::try_lock(&path.join(LOCK))?;
        if lock.is_none() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(Self { path, lock })
    }

    fn finish(self, to: &Path) -> io::Result<()> {
        files::remove(&self.path.join(LOCK))?;
        files::sync_folder(&self.path)?;
        fs::rename(&self.path, to)?;
        files::sync_folder(folder_of(to))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What can't be removed, the next backup beside it tries to.
        let _ = fs::remove_dir_all(&self.path);
        self.lock = None;
    }
}

/// Removes what killed backups have left in a folder: there are keys in it.
fn remove_unfinished(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if !path.as_os_str().to_string_lossy().ends_with(UNFINISHED) || !path.is_dir() {
            continue;
        }
        let lock = path.join(LOCK);
        // Killed before there was a lock, or after it was taken away. Another backup makes its folder under
        // another name, so only that of the one that begins now could be just being made, and it isn't yet.
        if !exists(&lock) || files::try_lock(&lock)?.is_some() {
            files::remove_folder(&path)?;
        }
    }
    Ok(())
}

fn copy_keys(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let (Some("key" | "next"), Some(name)) =
            (path.extension().and_then(|extension| extension.to_str()), path.file_name())
        {
            files::copy_secret(&path, &to.join(name))?;
        }
    }
    files::sync_folder(to)
}
