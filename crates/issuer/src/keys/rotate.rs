//! Changing the vendor's keys: the spare becomes the active one and a new spare is made, and all of them are sealed
//! with a passphrase, or with another one.
//!
//! Whoever changes key files, or copies them, holds the folder's lock meanwhile.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use latchkey_token::{Code, Coded, Detail, KeyError, KeyId, SecretKeys, Seed};
use thiserror::Error;

use super::{ACTIVE, KeyFileError, NEXT, Passphrase, SPARE, VendorKeys, file, key_files, reason};
use crate::blame::{Blame, Blamed, codes};
use crate::database::{DatabaseError, NewAudit};
use crate::issuer::{Issuer, KEYS, whole_seconds};

/// Keys can't be changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeysError {
    /// A key's file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// A key's file can't be written.
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// Why, in a word of the catalogue.
        reason: &'static str,
    },
    /// A key can't be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Coded for KeysError {
    fn code(&self) -> Code {
        match self {
            Self::File(inner) => inner.code(),
            Self::NotWritten { .. } => codes::KEYS_NOT_WRITTEN,
            Self::Key(inner) => inner.code(),
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::File(inner) => inner.details(),
            Self::NotWritten { path, reason } => {
                vec![("path", path.display().to_string().into()), ("reason", (*reason).into())]
            }
            Self::Key(inner) => inner.details(),
            Self::Database(inner) => inner.details(),
        }
    }
}

impl Blamed for KeysError {
    fn blame(&self) -> Blame {
        Blame::Machine
    }
}

/// What a rotation has made of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// It was active before. It opens what was sealed for it, and signs nothing any more.
    pub old: KeyId,
    /// It was the spare before, and signs from now on.
    pub active: KeyId,
    /// It is new: products know it once they are built with a new kit.
    pub spare: KeyId,
}

/// A key of the vendor's, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// Its id.
    pub id: KeyId,
    /// `active`, `spare` or `old`.
    pub role: &'static str,
    /// Whether its file is on this machine.
    pub here: bool,
}

impl Issuer {
    /// Makes the spare key the active one, and a new spare. Running servers notice by themselves.
    ///
    /// # Errors
    /// [`KeysError`]; the spare key's file has to be there. After any of them the keys are as before, or as after.
    pub fn rotate_keys(&mut self, now: Timestamp) -> Result<Rotated, KeysError> {
        let now = whole_seconds(now);
        let folder = self.folder().join(KEYS);
        let _lock = lock(&folder)?;
        self.read_keys_again()?;
        tidy(&folder, self)?;
        let [old, spare] = self.vendor.keys[..] else {
            return Err(KeyFileError::Missing { file: folder.join(SPARE) }.into());
        };
        if self.keys.find(spare.id()).is_none() {
            return Err(KeyFileError::Missing { file: folder.join(SPARE) }.into());
        }
        let seed = Seed::random()?;
        let next = *SecretKeys::from_seed(&seed)?.public();
        let path = folder.join(NEXT);
        // What an earlier attempt left here is nobody's: the database never knew it.
        let _ = fs::remove_file(&path);
        file::write(&path, &seed, self.passphrase.as_ref())
            .map_err(|error| KeysError::NotWritten { path, reason: reason(&error) })?;
        self.database.write::<_, DatabaseError>(
            |queries| {
                queries.set_key_role(&old, "old")?;
                queries.set_key_role(&spare, "active")?;
                queries.add_vendor_key(&next, "spare", now)?;
                let detail = vec![
                    ("old", old.id().to_string()),
                    ("active", spare.id().to_string()),
                    ("spare", next.id().to_string()),
                ];
                queries.add_audit(
                    &NewAudit { event: "keys_rotated", detail, ..Default::default() },
                    now,
                )
            },
            |_, _| Ok(()),
        )?;
        self.read_keys_again()?;
        tidy(&folder, self)?;
        Ok(Rotated { old: old.id(), active: spare.id(), spare: next.id() })
    }

    /// Seals every key that is here with a passphrase, instead of the one before or of none.
    ///
    /// # Errors
    /// [`KeysError`]. Each file is replaced in one step; after an error some may have the new passphrase already.
    pub fn seal_keys(
        &mut self,
        passphrase: Passphrase,
        now: Timestamp,
    ) -> Result<usize, KeysError> {
        let folder = self.folder().join(KEYS);
        let _lock = lock(&folder)?;
        let files = key_files(&folder)?;
        for path in &files {
            let (seed, _) = match file::read(path, self.passphrase.as_ref()) {
                // From an attempt that was cut short.
                Err(KeyFileError::WrongPassphrase { .. }) => file::read(path, Some(&passphrase))?,
                read => read?,
            };
            let aside = path.with_extension("sealing");
            let not_written = |error: &std::io::Error| KeysError::NotWritten {
                path: path.clone(),
                reason: reason(error),
            };
            let _ = fs::remove_file(&aside);
            file::write(&aside, &seed, Some(&passphrase))
                .and_then(|()| fs::rename(&aside, path))
                .map_err(|error| not_written(&error))?;
        }
        self.passphrase = Some(passphrase);
        self.database.write::<_, DatabaseError>(
            |queries| {
                queries.add_audit(
                    &NewAudit { event: "keys_sealed", ..Default::default() },
                    whole_seconds(now),
                )
            },
            |_, _| Ok(()),
        )?;
        Ok(files.len())
    }

    /// All keys that were ever the vendor's, the active one first.
    ///
    /// # Errors
    /// [`DatabaseError`] when they can't be read.
    pub fn listed_keys(&mut self) -> Result<Vec<ListedKey>, DatabaseError> {
        let all = self.database.read(|queries| queries.all_vendor_keys())?;
        let role = |index: usize| match index {
            0 => "active",
            1 if self.vendor.keys.len() > 1 => "spare",
            _ => "old",
        };
        let listed = all.iter().enumerate().map(|(index, key)| ListedKey {
            id: key.id(),
            role: role(index),
            here: self.keys.find(key.id()).is_some(),
        });
        Ok(listed.collect())
    }

    /// Sees that this process signs with the key that is active now: another one may have rotated.
    pub(crate) fn use_current_keys(&mut self) -> Result<(), KeysError> {
        let active = self.database.read(|queries| queries.active_key())?;
        if active != *self.keys.active().public() {
            self.read_keys_again()?;
        }
        Ok(())
    }

    fn read_keys_again(&mut self) -> Result<(), KeysError> {
        let (vendor, all) = self.database.read(|queries| {
            Ok::<_, DatabaseError>((queries.vendor()?, queries.all_vendor_keys()?))
        })?;
        self.keys = VendorKeys::read(&self.folder().join(KEYS), &all, self.passphrase.as_ref())?;
        self.vendor = vendor;
        Ok(())
    }
}

/// The folder's lock, until it is dropped. The file itself stays: it holds nothing.
pub(crate) fn lock(folder: &Path) -> Result<File, KeysError> {
    let path = folder.join("lock");
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let locked = opened.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| KeysError::NotWritten { path, reason: reason(&error) })
}

/// Gives every key's file the name that says what the database says. A new name never takes the place of a file.
fn tidy(folder: &Path, issuer: &Issuer) -> Result<(), KeysError> {
    let mut files = Vec::new();
    for path in key_files(folder)? {
        let (_, keys) = file::read(&path, issuer.passphrase.as_ref())?;
        let known = issuer.keys.find(keys.public().id()).is_some();
        files.extend(known.then(|| (path, keys.public().id())));
    }
    let ids: Vec<_> = issuer.vendor.keys.iter().map(|keys| keys.id()).collect();
    let name_of = |id: KeyId| match ids.iter().position(|ours| *ours == id) {
        Some(0) => ACTIVE.to_owned(),
        Some(_) => SPARE.to_owned(),
        None => format!("old-{id}.key"),
    };
    // Old ones first: that makes room for the one behind them.
    files.sort_by_key(|(_, id)| ids.iter().position(|ours| ours == id).map_or(0, |at| at + 1));
    for (path, id) in files {
        let named = folder.join(name_of(id));
        if path != named && !named.exists() {
            fs::rename(&path, &named).map_err(|error| KeysError::NotWritten {
                path: named.clone(),
                reason: reason(&error),
            })?;
        }
    }
    Ok(())
}
