//! A backup of the whole data folder while others work with it, and putting it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use latchkey_token::{Code, Coded, Detail, IdError, VendorId};
use thiserror::Error;

use crate::blame::{Blame, Blamed, codes};
use crate::database::DatabaseError;
use crate::issuer::{Aside, DATABASE, Issuer, KEYS, OpenError, exists, sync_folder};
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
    /// An id can't be drawn.
    #[error(transparent)]
    Id(#[from] IdError),
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
            Self::Id(inner) => inner.code(),
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
            Self::Id(inner) => inner.details(),
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
        if exists(to) {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        let keys = self.folder().join(KEYS);
        // Nobody rotates while database and keys are copied: they belong together.
        let _lock = keys::lock(&keys)?;
        let not_written = not_written(to);
        let aside = beside(to)?;
        keys::create_folder(&aside.path.join(KEYS)).map_err(&not_written)?;
        // SQLite writes into the empty file; it would make one that others may read.
        let database = aside.path.join(DATABASE);
        keys::create_file(&database).map_err(&not_written)?;
        self.database.copy_to(&database)?;
        copy_keys(&keys, &aside.path.join(KEYS)).map_err(&not_written)?;
        sync_folder(&aside.path).map_err(&not_written)?;
        fs::rename(&aside.path, to).map_err(&not_written)
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
        if exists(&to.join(DATABASE)) || exists(&to.join(KEYS)) {
            return Err(BackupError::Exists { path: to.to_owned() });
        }
        let not_written = not_written(to);
        let aside = beside(to)?;
        keys::create_folder(&aside.path.join(KEYS)).map_err(&not_written)?;
        copy(&from.join(DATABASE), &aside.path.join(DATABASE)).map_err(&not_written)?;
        copy_keys(&from.join(KEYS), &aside.path.join(KEYS)).map_err(&not_written)?;
        // It is opened aside first, so that what can't be used is never put in place.
        let mut restored = Self::open_sealed(&aside.path, passphrase.clone(), now)?;
        restored.raise_epoch(now)?;
        restored.database.close()?;
        keys::create_folder(to).map_err(&not_written)?;
        fs::rename(aside.path.join(KEYS), to.join(KEYS))
            .and_then(|()| fs::rename(aside.path.join(DATABASE), to.join(DATABASE)))
            .and_then(|()| sync_folder(to))
            .map_err(&not_written)?;
        drop(aside);
        Ok(Self::open_sealed(to, passphrase, now)?)
    }
}

fn not_written(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::NotWritten { path: path.to_owned(), reason: keys::reason(&error) }
}

/// A folder beside another one, on the same disk, that goes away unless it is moved.
fn beside(path: &Path) -> Result<Aside, BackupError> {
    let name =
        format!(".{}-{}", path.file_name().unwrap_or_default().display(), VendorId::random()?);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(Aside::new(parent.unwrap_or(Path::new(".")).join(name)))
}

fn copy_keys(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let (Some("key" | "next"), Some(name)) =
            (path.extension().and_then(|extension| extension.to_str()), path.file_name())
        {
            copy(&path, &to.join(name))?;
        }
    }
    sync_folder(to)
}

/// Copies a file into a new one that only its owner may read.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = fs::File::open(from)?;
    let mut to = keys::create_file(to)?;
    io::copy(&mut from, &mut to)?;
    to.sync_all()
}
