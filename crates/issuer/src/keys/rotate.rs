//! Changes the vendor's keys: rotation activates the spare key and makes a new one, and all keys
//! can be sealed with a new passphrase.
//!
//! Every process that changes or copies key files holds the folder's lock.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use latchkey_lease::Timestamp;
use latchkey_lease::to_seconds;
use latchkey_token::{KeyId, PublicKeys, SecretKeys, Seed};

use super::error::{KeyFileError, KeysError, not_written};
use super::names::{KeyFile, Renaming, is_same_name, renamings};
use super::tidy::{lock_and_tidy, move_sealed};
use super::{NEXT, SEALED, SEALING, SPARE, VendorKeys, file, is_next, key_files};
use crate::database::{DatabaseError, NewAudit};
use crate::files::{self, KEYS};
use crate::issuer::Issuer;
use crate::passphrase::Passphrase;
use crate::time::truncate_to_seconds;

/// Seconds after a rotation in which another call is taken for the same one.
const ROTATED_JUST_NOW: i64 = 3600;

/// The result of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The previously active key. It opens what was encrypted for it and no longer signs.
    pub old: KeyId,
    /// The previous spare key, which signs from now on.
    pub active: KeyId,
    /// The new spare key. Products know it once they are built with a new kit.
    pub spare: KeyId,
    /// Whether the keys had been rotated a moment ago and this call changed nothing: no product can
    /// know the spare yet.
    pub again: bool,
}

/// A listed key of the vendor.
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
    /// Makes the spare key the active one and creates a new spare. Running servers notice by
    /// themselves.
    ///
    /// # Errors
    /// Returns [`KeysError::File`] if the spare key's file is missing or a file can't be read,
    /// [`KeysError::NotWritten`] if one can't be written or another file has the name of a key,
    /// [`KeysError::Key`] if the system provides no random bytes, and [`KeysError::Database`] if
    /// the database can't be written. The keys are then either as before or as after the rotation.
    pub fn rotate_keys(&mut self, now: Timestamp) -> Result<Rotated, KeysError> {
        let now = truncate_to_seconds(now);
        let folder = self.folder().join(KEYS);
        let _lock = lock_and_tidy(&folder)?;
        self.read_keys_again()?;
        let files = self.give_and_name(&folder)?;
        let [old, spare] = self.vendor.keys[..] else {
            return Err(KeyFileError::Missing { file: folder.join(SPARE) }.into());
        };
        if let Some(rotated) = self.rotated_just_now(now)? {
            return Ok(rotated);
        }
        if self.keys.find(spare.id()).is_none() {
            let unread = self.keys.unread().first().cloned();
            let missing = KeyFileError::Missing { file: folder.join(SPARE) };
            return Err(unread.unwrap_or(missing).into());
        }
        if let Some(unread) = self.keys.unread().iter().find(|error| is_next(error.file())) {
            // It could have a key that is kept nowhere else, and the new one is written over it.
            return Err(unread.clone().into());
        }
        let seed = Seed::random()?;
        let next = *SecretKeys::from_seed(&seed)?.public();
        let path = folder.join(NEXT);
        // Everything gets its new name afterwards, or nothing is changed.
        let mut after: Vec<_> = files.into_iter().filter(|file| !is_next(&file.path)).collect();
        after.push(KeyFile { path: path.clone(), key: Some(next.id()) });
        let renamings = renamings(&folder, &after, &[spare.id(), next.id()])
            .map_err(|path| in_the_way(&path))?;
        // A key left by an earlier attempt is discarded: the database never knew it.
        file::write(&path, &seed, self.passphrase.as_ref()).map_err(|error| {
            KeysError::NotWritten { path, reason: latchkey_files::reason(&error) }
        })?;
        self.database.write::<_, DatabaseError>(|queries| {
            queries.set_key_role(&old, "old")?;
            queries.set_key_role(&spare, "active")?;
            queries.add_vendor_key(&next, "spare", now)?;
            let detail = vec![
                ("old", old.id().to_string()),
                ("active", spare.id().to_string()),
                ("spare", next.id().to_string()),
            ];
            queries
                .add_audit(&NewAudit { event: "keys_rotated", detail, ..Default::default() }, now)
        })?;
        self.read_keys_again()?;
        rename_all(&folder, &renamings)?;
        Ok(Rotated { old: old.id(), active: spare.id(), spare: next.id(), again: false })
    }

    /// Gives the vendor's key files to the folder's owner, because an administrator may have copied
    /// one here, and names each after the key's role in the database. Returns all key files.
    fn give_and_name(&self, folder: &Path) -> Result<Vec<KeyFile>, KeysError> {
        let mut files = Vec::new();
        for path in key_files(folder)? {
            let mut key = None;
            // A file that can't be read keeps its name.
            if let Ok((file, _, keys)) = file::open_and_read(&path, self.passphrase.as_ref())
                && self.keys.find(keys.public().id()).is_some()
            {
                let given = files::give_own_to_owner_of(folder, &file);
                given.map_err(|error| not_written(&path)(&error))?;
                key = Some(keys.public().id());
            }
            files.push(KeyFile { path, key });
        }
        let roles: Vec<_> = self.vendor.keys.iter().map(PublicKeys::id).collect();
        let renamings = renamings(folder, &files, &roles).map_err(|path| in_the_way(&path))?;
        rename_all(folder, &renamings)?;
        for Renaming { from, to } in renamings {
            for file in files.iter_mut().filter(|file| file.path == from) {
                file.path.clone_from(&to);
            }
        }
        Ok(files)
    }

    /// The last rotation, if it was a moment ago. A command that was killed after its work was done
    /// is called again, and no product can know a spare key that is so new.
    fn rotated_just_now(&mut self, now: Timestamp) -> Result<Option<Rotated>, DatabaseError> {
        let all = self.database.read(|queries| queries.all_vendor_keys())?;
        let [active, spare, .., old] = all[..] else { return Ok(None) };
        let made = self.database.read(|queries| queries.key_made_at(&spare))?;
        let just_now = (to_seconds(now) - to_seconds(made)).abs() < ROTATED_JUST_NOW;
        let (old, active, spare) = (old.id(), active.id(), spare.id());
        Ok(just_now.then_some(Rotated { old, active, spare, again: true }))
    }

    /// Seals every key on this machine with a passphrase, which replaces the previous one if there
    /// was one. Keys that have this passphrase already keep it.
    ///
    /// # Errors
    /// Returns [`KeysError::File`] if a file can't be read, and [`KeysError::NotWritten`] if one
    /// can't be written. Then either none of the keys has the new passphrase or all have.
    pub fn seal_keys(
        &mut self,
        passphrase: Passphrase,
        now: Timestamp,
    ) -> Result<usize, KeysError> {
        let folder = self.folder().join(KEYS);
        let _lock = lock_and_tidy(&folder)?;
        let files = key_files(&folder)?;
        let sealing = folder.join(SEALING);
        let sealed = seal_aside(&files, &sealing, self.passphrase.as_ref(), &passphrase)
            .and_then(|()| Ok(fs::rename(&sealing, folder.join(SEALED))?));
        if let Err(error) = sealed {
            let _ = files::remove_folder(&sealing);
            return Err(match error {
                SealError::Read(error) => error,
                SealError::Write(error) => not_written(&sealing)(&error),
            });
        }
        self.passphrase = Some(passphrase);
        move_sealed(&folder).map_err(|error| not_written(&folder)(&error))?;
        self.database.write::<_, DatabaseError>(|queries| {
            queries.add_audit(
                &NewAudit { event: "keys_sealed", ..Default::default() },
                truncate_to_seconds(now),
            )
        })?;
        Ok(files.len())
    }

    /// All keys that the vendor ever had, the active one first.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn list_keys(&mut self) -> Result<Vec<ListedKey>, DatabaseError> {
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

    /// Makes this process sign with the key that is active now: another one may have rotated the
    /// keys.
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

enum SealError {
    Read(KeysError),
    Write(io::Error),
}

impl From<io::Error> for SealError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Seals all keys into a folder that counts only once it is renamed, which is one step.
fn seal_aside(
    files: &[PathBuf],
    sealing: &Path,
    before: Option<&Passphrase>,
    passphrase: &Passphrase,
) -> Result<(), SealError> {
    files::create_folder(sealing)?;
    for path in files {
        let (file, seed, _) = match file::open_and_read(path, before) {
            // The next key of a killed rotation was never in use.
            Err(KeyFileError::Malformed { .. }) if is_next(path) => continue,
            // A key that was elsewhere while the others were sealed may have this passphrase
            // already.
            Err(error @ (KeyFileError::WrongPassphrase { .. } | KeyFileError::Sealed { .. })) => {
                file::open_and_read(path, Some(passphrase))
                    .map_err(|_| SealError::Read(error.into()))?
            }
            read => read.map_err(|error| SealError::Read(error.into()))?,
        };
        // As a rotation and a backup do.
        files::check_not_linked_here(files::folder_of(path), &file)
            .map_err(|error| SealError::Read(not_written(path)(&error)))?;
        file::write(&sealing.join(path.file_name().unwrap_or_default()), &seed, Some(passphrase))?;
    }
    Ok(())
}

fn in_the_way(path: &Path) -> KeysError {
    not_written(path)(&io::ErrorKind::AlreadyExists.into())
}

fn rename_all(folder: &Path, renamings: &[Renaming]) -> Result<(), KeysError> {
    for Renaming { from, to } in renamings {
        // It was free a moment ago.
        if !is_same_name(from, to) && fs::symlink_metadata(to).is_ok() {
            return Err(in_the_way(to));
        }
        // After a power cut, a name must not have been given away before its file has its new one.
        fs::rename(from, to)
            .and_then(|()| files::sync_folder(folder))
            .map_err(|error| not_written(to)(&error))?;
    }
    Ok(())
}
