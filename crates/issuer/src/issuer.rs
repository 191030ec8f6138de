//! `Issuer`: the crate's entry point. It creates and opens the data directory and gives the
//! operations keys and database.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_files::{Access, Fault};
use latchkey_lease::Timestamp;
use latchkey_lease::Uptime;
use latchkey_token::{HasErrorCode, ReadError, SecretKeys, Token, VendorId};
use thiserror::Error;

use crate::clock::ClockDoubt;
use crate::database::{Database, DatabaseError, NewAudit, RowQuota};
use crate::error_class::{ClassifiedError, codes};
use crate::files::{self, DATABASE, KEYS, exists};
use crate::keys::tidy::tidy_up;
use crate::keys::{self, CreateError, KeyFileError, KeysError, VendorKeys};
use crate::model::{AuditRow, Vendor};
use crate::passphrase::Passphrase;
use crate::refusal::TokenRefusal;
use crate::sign_in_attempts::Attempts;
use crate::staging::{self, StagedData};
use crate::time::truncate_to_seconds;
use crate::validation::{ValueError, validate_name};

/// A vendor can't be set up. Nothing is left behind.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum SetUpError {
    /// There is a vendor in this folder.
    #[code(codes::ALREADY_SET_UP)]
    #[class(Conflict)]
    #[error("a vendor is set up in {}", folder.display())]
    AlreadySetUp {
        /// The folder.
        folder: PathBuf,
    },
    /// There are keys in this folder, which must not be lost.
    #[code(codes::KEYS_WITHOUT_DATABASE)]
    #[class(Conflict)]
    #[error("there are keys without a database in {}", folder.display())]
    KeysWithoutDatabase {
        /// The folder.
        folder: PathBuf,
    },
    /// The name can't be used.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A file can't be written.
    #[code(codes::DATA_NOT_WRITTEN)]
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The folder.
        path: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// A key can't be made.
    #[code(transparent)]
    #[error(transparent)]
    Key(#[from] latchkey_token::KeyError),
    /// An id can't be drawn.
    #[code(transparent)]
    #[error(transparent)]
    Id(#[from] latchkey_token::IdError),
    /// The database can't be made.
    #[code(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The vendor's data can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum OpenIssuerError {
    /// No vendor was set up here.
    #[code(codes::NOT_SET_UP)]
    #[error("no vendor is set up in {}", folder.display())]
    NotSetUp {
        /// The folder.
        folder: PathBuf,
    },
    /// The database is gone, the keys are there.
    #[code(codes::KEYS_WITHOUT_DATABASE)]
    #[error("there are keys without a database in {}", folder.display())]
    KeysWithoutDatabase {
        /// The folder.
        folder: PathBuf,
    },
    /// The keys.
    #[code(transparent)]
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The database.
    #[code(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// No request could be answered now.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum ProbeError {
    /// This machine's clock is in doubt.
    #[code(transparent)]
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// The keys.
    #[code(transparent)]
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[code(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The opened data of a vendor. All commands and pages use it.
///
/// A process can open it repeatedly, and any number of processes can have it open: transactions
/// isolate them from each other.
#[derive(Debug)]
pub struct Issuer {
    pub(crate) database: Database,
    pub(crate) keys: VendorKeys,
    pub(crate) vendor: Vendor,
    pub(crate) passphrase: Option<Passphrase>,
    pub(crate) attempts: Attempts,
    folder: PathBuf,
}

/// Resets what was set for one call, even if that call panics, because the connection outlives it.
struct Reset<'i>(&'i mut Issuer, fn(&mut Database));

impl Drop for Reset<'_> {
    fn drop(&mut self) {
        (self.1)(&mut self.0.database);
    }
}

impl Issuer {
    /// Sets up a vendor in an empty or new folder: an id, two keys and a database.
    ///
    /// # Errors
    /// Returns [`SetUpError::AlreadySetUp`] or [`SetUpError::KeysWithoutDatabase`] if the folder is
    /// in use, [`SetUpError::Value`] if the name can't be used, [`SetUpError::NotWritten`] or
    /// [`SetUpError::Database`] if the data can't be written, and [`SetUpError::Key`] or
    /// [`SetUpError::Id`] if the system provides no random bytes; existing data is never
    /// overwritten.
    pub fn set_up(folder: &Path, name: &str, now: Timestamp) -> Result<Self, SetUpError> {
        Self::set_up_sealed(folder, name, None, None, now)
    }

    /// The same with keys that are sealed with a passphrase, on a machine that has been running for
    /// `uptime`.
    ///
    /// # Errors
    /// As [`Issuer::set_up`].
    pub fn set_up_sealed(
        folder: &Path,
        name: &str,
        passphrase: Option<Passphrase>,
        uptime: Option<Uptime>,
        now: Timestamp,
    ) -> Result<Self, SetUpError> {
        let name = validate_name(name)?;
        let not_written = |error: &io::Error| SetUpError::NotWritten {
            path: folder.to_owned(),
            reason: latchkey_files::reason(error),
        };
        let in_the_way = |folder: &Path| match () {
            () if exists(&folder.join(DATABASE)) => {
                Some(SetUpError::AlreadySetUp { folder: folder.to_owned() })
            }
            () if exists(&folder.join(KEYS)) => {
                Some(SetUpError::KeysWithoutDatabase { folder: folder.to_owned() })
            }
            () => None,
        };
        let what = format!("set-up {name}");
        let opened = |passphrase| {
            Self::open_sealed(folder, passphrase, now).map_err(|error| match error {
                OpenIssuerError::Database(error) => error.into(),
                _ => SetUpError::NotWritten { path: folder.to_owned(), reason: "other" },
            })
        };
        // An earlier call was killed after everything was complete.
        let finished = staging::finish(folder, true).map_err(|error| not_written(&error))?;
        if finished.is_some_and(|finished| finished == what) {
            return opened(passphrase);
        }
        if let Some(error) = in_the_way(folder) {
            return Err(error);
        }
        files::create_private_folder(folder).map_err(|error| not_written(&error))?;
        let id = VendorId::random()?;
        let incoming = StagedData::begin(folder).map_err(|error| not_written(&error))?;
        // Check again, now that this process has the lock.
        if let Some(error) = in_the_way(folder) {
            return Err(error);
        }
        let (active, spare) = keys::create(&incoming.path.join(KEYS), passphrase.as_ref())
            .map_err(|error| match error {
                CreateError::Key(error) => error.into(),
                CreateError::Write(error) => not_written(&error),
            })?;
        let path = incoming.path.join(DATABASE);
        files::create(&path).map_err(|error| not_written(&error))?;
        let mut database = Database::create(&path)?;
        database.uptime = uptime;
        let now = truncate_to_seconds(now);
        database.write::<_, DatabaseError>(|queries| {
            queries.add_vendor(id, &name, now)?;
            queries.add_vendor_key(active.public(), "active", now)?;
            queries.add_vendor_key(spare.public(), "spare", now)?;
            let detail = vec![("vendor", id.to_string()), ("name", name.clone())];
            queries
                .add_audit(&NewAudit { event: "vendor_set_up", detail, ..Default::default() }, now)
        })?;
        database.close()?;
        incoming.commit(&what).map_err(|error| not_written(&error))?;
        opened(passphrase)
    }

    /// Opens a vendor's data. A database that was restored or moved uses new sequence numbers from
    /// here on.
    ///
    /// # Errors
    /// Returns [`OpenIssuerError::NotSetUp`] if the folder was never set up,
    /// [`OpenIssuerError::KeysWithoutDatabase`] if only its keys are left, and
    /// [`OpenIssuerError::Keys`] or [`OpenIssuerError::Database`] if keys or database can't be
    /// used.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, OpenIssuerError> {
        Self::open_sealed(folder, None, now)
    }

    /// The same with the passphrase of the keys, if they have one.
    ///
    /// # Errors
    /// As [`Issuer::open`].
    pub fn open_sealed(
        folder: &Path,
        passphrase: Option<Passphrase>,
        now: Timestamp,
    ) -> Result<Self, OpenIssuerError> {
        let path = folder.join(DATABASE);
        // The remains of a killed command are completed or removed. If that fails, the files that
        // are in place count.
        let _ = staging::finish(folder, false);
        tidy_up(&folder.join(KEYS));
        // The file is only checked, not opened: closing a database file that this process has open
        // would release its locks.
        let found = match latchkey_files::check_path(&path, Access::UserSecret) {
            Err(Fault::OpenToOthers) => {
                return Err(DatabaseError::ReadableByOthers { file: path }.into());
            }
            found => found.map_err(io::Error::from),
        };
        if let Err(error) = found {
            let owned = folder.to_owned();
            return Err(match error.kind() {
                io::ErrorKind::NotFound if exists(&folder.join(KEYS)) => {
                    OpenIssuerError::KeysWithoutDatabase { folder: owned }
                }
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    OpenIssuerError::NotSetUp { folder: owned }
                }
                _ => {
                    let fault = error.get_ref().map(ToString::to_string);
                    let reason = fault.unwrap_or_else(|| error.kind().to_string());
                    DatabaseError::NotOpened { reason }.into()
                }
            });
        }
        let mut database = Database::open(&path)?;
        let (vendor, all) = database.read(|queries| {
            Ok::<_, OpenIssuerError>((queries.vendor()?, queries.all_vendor_keys()?))
        })?;
        let keys = VendorKeys::read(&folder.join(KEYS), &all, passphrase.as_ref())?;
        if let Ok(file) = latchkey_files::identity(&path) {
            bump_epoch_if_moved(&mut database, &file, now)?;
        }
        let attempts = Attempts::default();
        Ok(Self { database, keys, vendor, passphrase, attempts, folder: folder.to_owned() })
    }

    /// Another connection to the same data, with the same keys.
    ///
    /// # Errors
    /// Returns [`DatabaseError::NotOpened`] if the database can't be opened again, and another
    /// variant if it is no longer what it was.
    pub fn open_connection(&self) -> Result<Self, DatabaseError> {
        Ok(Self {
            database: Database::open(&self.folder.join(DATABASE))?,
            keys: self.keys.clone(),
            vendor: self.vendor.clone(),
            passphrase: self.passphrase.clone(),
            attempts: self.attempts.clone(),
            folder: self.folder.clone(),
        })
    }

    /// Sets how long a transaction waits for other writers at most.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Failed`] if it can't be set.
    pub fn wait_for_others(&mut self, longest: Duration) -> Result<(), DatabaseError> {
        self.database.wait_for_others(longest)
    }

    /// Checks whether a request could be answered now: by the clock and with the keys that a grant
    /// needs, in a transaction like its own, which is rolled back.
    ///
    /// # Errors
    /// Returns what a grant would fail with: [`ProbeError::Clock`] if this machine's clock is in
    /// doubt, [`ProbeError::Keys`] if the keys have changed and the new ones can't be read, and
    /// [`ProbeError::Database`] if the database can't be written.
    pub fn probe_grant(&mut self, now: Timestamp) -> Result<(), ProbeError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        self.database.dry_run(|queries| {
            queries.check_clock::<ProbeError>(now)?;
            Ok(queries.vendor().map(drop)?)
        })
    }

    /// Runs `work` on behalf of an operator, who is named in each audit row that it writes.
    pub fn on_behalf_of<T>(&mut self, operator: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.database.actor = Some(operator.to_owned());
        let reset = Reset(self, |database| database.actor = None);
        work(&mut *reset.0)
    }

    /// Runs `work` with a limit on the audit rows about calls that change nothing: refusals and
    /// repetitions. Beyond the limit they are counted by the hour.
    pub fn within_quota<T>(&mut self, quota: RowQuota, work: impl FnOnce(&mut Self) -> T) -> T {
        self.database.quota = Some(quota);
        let reset = Reset(self, |database| database.quota = None);
        work(&mut *reset.0)
    }

    /// The vendor.
    #[must_use]
    pub const fn vendor(&self) -> &Vendor {
        &self.vendor
    }

    /// The vendor as the database has it now: another process may have rotated the keys.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn vendor_now(&mut self) -> Result<Vendor, DatabaseError> {
        self.database.read(|queries| queries.vendor())
    }

    /// The other key files that can't be read, and why; they count as absent.
    #[must_use]
    pub fn unread_keys(&self) -> &[KeyFileError] {
        self.keys.unread()
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The audit log, oldest row first.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn audit(&mut self) -> Result<Vec<AuditRow>, DatabaseError> {
        self.database.read(|queries| queries.audit())
    }

    /// Counts in the audit log that a token was refused before it could be assembled.
    pub(crate) fn record_unread(
        &mut self,
        event: &'static str,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        let (refusal, now) = (Some(error.code().name), truncate_to_seconds(now));
        self.database.write(|queries| queries.count_audit(event, refusal, now))
    }

    /// The key that a token is encrypted for, if it is one of the vendor's and its file is on this
    /// machine.
    pub(crate) fn recipient(&self, token: &Token) -> Result<&SecretKeys, TokenRefusal> {
        let key = token.recipient();
        match self.keys.find(key) {
            Some(keys) => Ok(keys),
            None if self.vendor.keys.iter().any(|ours| ours.id() == key) => {
                Err(TokenRefusal::KeyOffline { key })
            }
            None => Err(TokenRefusal::NotForThisVendor { key }),
        }
    }

    /// Raises the epoch of all later sequence numbers.
    pub(crate) fn increment_epoch(&mut self, now: Timestamp) -> Result<(), DatabaseError> {
        self.database.write(|queries| {
            let detail = vec![("epoch", queries.increment_epoch()?.to_string())];
            queries.add_audit(
                &NewAudit { event: "backup_restored", detail, ..Default::default() },
                truncate_to_seconds(now),
            )
        })
    }

    /// The newest rows of the audit log before row `before`, newest first: those that contain
    /// `text` in any field, at most `limit` of them. Only non-ASCII letters are matched by case; an
    /// empty text matches everything.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn audit_with(
        &mut self,
        text: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, DatabaseError> {
        self.database.read(|queries| queries.audit_with(text, before, limit))
    }
}

/// Raises the epoch if the database isn't in the file that it was in: it may be an older one, and
/// the numbers that it would assign next may already be in use.
pub(crate) fn bump_epoch_if_moved(
    database: &mut Database,
    file: &str,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    if database.read(|queries| queries.file())?.as_deref() == Some(file) {
        return Ok(());
    }
    database.write(|queries| {
        // Check again, inside the transaction.
        let before = queries.file()?;
        if before.as_deref() == Some(file) {
            return Ok(());
        }
        queries.set_file(file)?;
        if before.is_none() {
            return Ok(());
        }
        let detail = vec![("epoch", queries.increment_epoch()?.to_string())];
        queries.add_audit(
            &NewAudit { event: "database_put_back", detail, ..Default::default() },
            truncate_to_seconds(now),
        )
    })
}
