//! The Secret Service of a Linux desktop: GNOME Keyring, KWallet, KeePassXC. Only this module uses
//! it. Each attempt makes a new connection, and no call waits longer than D-Bus usually does; a
//! prompt that the keyring shows takes as long as the user does. After a user has dismissed one, a
//! mere read of this process shows no other for an hour.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secret_service::blocking::{Collection, Item, SecretService};
use secret_service::{EncryptionType, Error, SearchItemsResult};
use zbus::zvariant::OwnedObjectPath;
use zeroize::Zeroizing;

use super::duplicates::{self, Owner};
use super::interface::{SERVICE, Store, StoreHandle, label, user};
use latchkey_config::Profile;

use crate::error::StoreError;
use crate::fingerprint::TraitValues;

/// Timeout of one call. libdbus and GDBus wait as long, so every keyring is designed for it.
const REPLY_TIMEOUT: Duration = Duration::from_secs(25);

/// The same for a read that the caller can do without: a keyring that hangs must not delay every
/// status of a licence that is in a file.
const OPTIONAL_REPLY_TIMEOUT: Duration = Duration::from_secs(3);
const CONTENT: &str = "application/octet-stream";

/// What this process knows of a keyring, also for the children that it forks.
static CONNECTIONS: Connections = Connections(AtomicU64::new(0));

/// The process that first tried to connect to a keyring, in the upper half, and what came of it: 0
/// as a whole, or one of the states below. A process that has connected has threads of the client
/// library, which hold locks most of the time, and its children inherit the locks without the
/// threads. A single number can't be inherited half changed.
struct Connections(AtomicU64);

/// A thread is connecting for the first time, or none has learned whether there is a keyring.
const CONNECTING: u32 = 1;
/// The process is or was connected to a keyring that may have the licence.
const USED: u32 = 2;
/// There was no keyring when a thread last looked. The position in [`KINDS`] is added.
const NO_KEYRING: u32 = 3;
/// All errors that mean that there is no keyring.
const KINDS: [StoreError; 5] = [
    StoreError::NoSession,
    StoreError::NoService,
    StoreError::NotInitialised,
    StoreError::SessionOnly,
    StoreError::Unsupported,
];

impl Connections {
    /// Records that this process connects to a keyring.
    ///
    /// # Errors
    /// In the child of a process that has tried, which would wait for its parent's threads forever:
    /// the parent's error if it has found no keyring, and [`StoreError::Forked`] if it has found
    /// one or didn't know yet.
    fn begin(&self, process: u32) -> Result<(), StoreError> {
        let begun = pack(process, CONNECTING);
        match self.0.compare_exchange(0, begun, Ordering::Relaxed, Ordering::Relaxed) {
            Err(found) if found >> 32 != u64::from(process) => {
                let state = found & u64::from(u32::MAX);
                let kind = state.checked_sub(NO_KEYRING.into());
                let kind = kind.and_then(|kind| KINDS.get(usize::try_from(kind).ok()?).cloned());
                Err(kind.unwrap_or(StoreError::Forked))
            }
            _ => Ok(()),
        }
    }

    /// Records what came of it.
    fn finish<T>(&self, process: u32, connected: &Result<T, StoreError>) {
        let state = match connected {
            Ok(_) => USED,
            // A keyring that doesn't answer or denies access may have the licence.
            Err(error) => no_keyring(error).unwrap_or(CONNECTING),
        };
        // A keyring that was there may have ended, and have the licence all the same.
        let used = pack(process, USED);
        let update = |found| (found != used).then_some(pack(process, state));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// Records why a keyring that has no item of this licence can't take one either: to a child it
    /// is as good as none.
    fn record_unusable(&self, process: u32, reason: &StoreError) {
        if let Some(state) = no_keyring(reason) {
            self.0.store(pack(process, state), Ordering::Relaxed);
        }
    }
}

/// The state of a process that found no keyring, if this error means that.
fn no_keyring(error: &StoreError) -> Option<u32> {
    (NO_KEYRING..).zip(&KINDS).find(|(_, kind)| *kind == error).map(|(state, _)| state)
}

fn pack(process: u32, state: u32) -> u64 {
    (u64::from(process) << 32) | u64::from(state)
}

/// How long a read doesn't prompt after the user has dismissed a prompt, in seconds. A product may
/// check its licence every minute.
const QUIET_AFTER_DISMISSAL: u32 = 60 * 60;

static DISMISSAL: Dismissal = Dismissal(AtomicU64::new(0));

/// The process in which the user last dismissed a prompt, in the upper half, and when, in seconds
/// since 1970; 0 as a whole if that hasn't happened. As above, a single number can't be inherited
/// half changed.
struct Dismissal(AtomicU64);

impl Dismissal {
    /// Records what came of an attempt that may have prompted.
    fn record<T>(&self, process: u32, now: u32, opened: &Result<T, StoreError>) {
        match opened {
            Ok(_) => self.0.store(0, Ordering::Relaxed),
            Err(StoreError::Denied | StoreError::Locked) => {
                self.0.store(pack(process, now), Ordering::Relaxed);
            }
            // No prompt was shown, or it wasn't answered.
            Err(_) => {}
        }
    }

    /// Whether this process doesn't prompt again yet. If the clock was changed since, it does.
    fn is_recent(&self, process: u32, now: u32) -> bool {
        let found = self.0.load(Ordering::Relaxed);
        let dismissed_at = (found & u64::from(u32::MAX)) as u32;
        found >> 32 == u64::from(process) && now.abs_diff(dismissed_at) < QUIET_AFTER_DISMISSAL
    }
}

fn seconds_now() -> u32 {
    // The lower half changes every second too.
    latchkey_lease::time::now().timestamp() as u32
}

type Found<'a> = SearchItemsResult<Item<'a>>;

/// An item of the keyring as a store.
#[derive(Debug, Clone)]
pub(crate) struct KeyringStore {
    user: String,
    label: String,
    owner: Owner,
}

impl KeyringStore {
    pub(crate) fn new(profile: &Profile, traits: &TraitValues) -> Self {
        Self { user: user(profile), label: label(profile), owner: Owner::new(profile, traits) }
    }

    fn connect(&self) -> Result<KeyringHandle, StoreError> {
        self.connect_within(REPLY_TIMEOUT)
    }

    /// Connects to the keyring, which has this long for each reply.
    fn connect_within(&self, timeout: Duration) -> Result<KeyringHandle, StoreError> {
        let process = std::process::id();
        CONNECTIONS.begin(process)?;
        let connected = connected_within(timeout);
        CONNECTIONS.finish(process, &connected);
        Ok(KeyringHandle {
            keyring: connected?,
            store: self.clone(),
            read: RefCell::default(),
            written: RefCell::default(),
        })
    }
}

fn connected_within(timeout: Duration) -> Result<SecretService<'static>, StoreError> {
    let builder = zbus::blocking::connection::Builder::session();
    let connection = builder.and_then(|builder| builder.method_timeout(timeout).build());
    let connection = connection.map_err(|_| StoreError::NoSession)?;
    SecretService::connect_with_existing(EncryptionType::Dh, connection).map_err(map_error)
}

impl Store for KeyringStore {
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        let handle = self.connect()?;
        handle.unlock_and_record(KeyringHandle::unlock)?;
        Ok(Box::new(handle))
    }

    fn open_for_writing(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        let handle = self.connect()?;
        handle.unlock_and_record(KeyringHandle::unlock_all)?;
        Ok(Box::new(handle))
    }

    fn read_once(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let handle = self.connect()?;
        // If there is no item yet, or no readable one, the keyring is examined in full.
        if let Ok(Some(content)) = handle.read() {
            return Ok(Some(content));
        }
        if DISMISSAL.is_recent(std::process::id(), seconds_now()) && handle.would_prompt()? {
            return Err(StoreError::Denied);
        }
        handle.unlock_and_record(KeyringHandle::unlock)?;
        handle.read()
    }

    fn read_unprompted(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.connect_within(OPTIONAL_REPLY_TIMEOUT)?.read()
    }
}

struct KeyringHandle {
    keyring: SecretService<'static>,
    store: KeyringStore,
    /// The item that was read last.
    read: RefCell<Option<OwnedObjectPath>>,
    /// The item that was written. A write may change which item would be chosen, so it is read back
    /// by its path.
    written: RefCell<Option<OwnedObjectPath>>,
}

impl KeyringHandle {
    fn attributes(&self) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("username", self.store.user.as_str())])
    }

    fn search(&self) -> Result<Found<'_>, StoreError> {
        self.keyring.search_items(self.attributes()).map_err(map_error)
    }

    /// Unlocks the keyring, and remembers whether the user has dismissed its prompt.
    fn unlock_and_record(
        &self,
        unlock: impl FnOnce(&Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let unlocked = unlock(self);
        DISMISSAL.record(std::process::id(), seconds_now(), &unlocked);
        unlocked
    }

    /// Whether [`KeyringHandle::unlock`] would have to prompt.
    fn would_prompt(&self) -> Result<bool, StoreError> {
        let found = self.search()?;
        if self.choose(&found.unlocked)?.is_some() {
            return Ok(false);
        }
        match found.unlocked.is_empty() && found.locked.is_empty() {
            true => self.default_collection()?.is_locked().map_err(map_error),
            false => Ok(!found.locked.is_empty()),
        }
    }

    /// Does everything that a read needs, so that the keyring prompts now and not under the lock.
    /// It doesn't prompt if there is a usable item already.
    fn unlock(&self) -> Result<(), StoreError> {
        let found = self.search()?;
        if self.choose(&found.unlocked)?.is_some() {
            return Ok(());
        }
        for item in &found.locked {
            item.unlock().map_err(map_error)?;
            if item.is_locked().map_err(map_error)? {
                return Err(StoreError::Locked);
            }
            if self.choose(std::slice::from_ref(item))?.is_some() {
                return Ok(());
            }
        }
        // Unusable items are reported by the read.
        if found.unlocked.is_empty() && found.locked.is_empty() {
            self.unlock_for_first_item()?;
        }
        Ok(())
    }

    /// Does everything that a write needs: a locked item may be newer than the unlocked ones, so
    /// all of them are unlocked first.
    fn unlock_all(&self) -> Result<(), StoreError> {
        // The first call doesn't prompt if it could unlock some of them without.
        for _ in 0..2 {
            let found = self.search()?;
            if found.locked.is_empty() {
                break;
            }
            let locked: Vec<_> = found.locked.iter().collect();
            self.keyring.unlock_all(&locked).map_err(map_error)?;
        }
        let found = self.search()?;
        if !found.locked.is_empty() {
            return Err(StoreError::Locked);
        }
        if found.unlocked.is_empty() {
            return self.unlock_for_first_item();
        }
        let chosen = self.choose(&found.unlocked)?;
        if chosen.is_some_and(|at| self.is_in_session_collection(&found.unlocked[at])) {
            // A write that needs a persistent collection reports itself if there is none.
            let _ = self.unlock_default_collection();
        }
        Ok(())
    }

    /// Unlocks the collection in which the first item is created.
    fn unlock_for_first_item(&self) -> Result<(), StoreError> {
        self.unlock_default_collection()
            .inspect_err(|reason| CONNECTIONS.record_unusable(std::process::id(), reason))
    }

    fn unlock_default_collection(&self) -> Result<(), StoreError> {
        let collection = self.default_collection()?;
        if collection.is_locked().map_err(map_error)? {
            collection.unlock().map_err(map_error)?;
            if collection.is_locked().map_err(map_error)? {
                return Err(StoreError::Locked);
            }
        }
        Ok(())
    }

    /// Creates a new item in the default place, without a prompt.
    fn add(&self, bytes: &[u8]) -> Result<OwnedObjectPath, StoreError> {
        let collection = self.default_collection()?;
        if collection.is_locked().map_err(map_error)? {
            return Err(StoreError::Locked);
        }
        // Never replace another item: it may be another device's.
        let (label, replace) = (&self.store.label, false);
        let made = collection.create_item(label, self.attributes(), bytes, replace, CONTENT);
        Ok(made.map_err(map_error)?.item_path)
    }

    /// The collection in which a new item is created.
    fn default_collection(&self) -> Result<Collection<'_>, StoreError> {
        let collection = self.keyring.get_default_collection().map_err(|error| match error {
            Error::NoResult => StoreError::NotInitialised,
            other => map_error(other),
        })?;
        match self.session_collection() {
            Some(it) if it == collection.collection_path.as_str() => Err(StoreError::SessionOnly),
            _ => Ok(collection),
        }
    }

    /// The collection that is kept in memory and discarded at logout. Not every keyring has one.
    fn session_collection(&self) -> Option<String> {
        let collection = self.keyring.get_collection_by_alias("session").ok()?;
        Some(collection.collection_path.as_str().to_owned())
    }

    /// Whether this item is discarded at logout.
    fn is_in_session_collection(&self, item: &Item<'_>) -> bool {
        let folder = self.session_collection();
        folder.is_some_and(|folder| Path::new(item.item_path.as_str()).starts_with(folder))
    }

    /// The content of these items. Unreadable ones are ignored, unless none can be read.
    fn contents(items: &[Item<'_>]) -> Result<Vec<duplicates::Item>, StoreError> {
        let mut refused = None;
        let mut read = 0;
        let contents = items.iter().map(|item| {
            let content = item.get_secret().map_or_else(
                |error| {
                    refused.get_or_insert(error);
                    Vec::new()
                },
                |content| {
                    read += 1;
                    content
                },
            );
            // It only decides between copies that are otherwise equal, which isn't worth a failure.
            let modified = item.get_modified().unwrap_or_default();
            duplicates::Item { content: Zeroizing::new(content), modified }
        });
        let contents = contents.collect();
        match refused {
            Some(error) if read == 0 => Err(map_error(error)),
            _ => Ok(contents),
        }
    }

    fn choose(&self, items: &[Item<'_>]) -> Result<Option<usize>, StoreError> {
        Ok(self.store.owner.choose(&Self::contents(items)?, latchkey_lease::time::now()))
    }
}

impl StoreHandle for KeyringHandle {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        if let Some(path) = self.written.borrow().clone() {
            let item = self.keyring.get_item_by_path(path).map_err(map_error)?;
            return Ok(Some(Zeroizing::new(item.get_secret().map_err(map_error)?)));
        }
        let found = self.search()?;
        let mut contents = Self::contents(&found.unlocked)?;
        match self.store.owner.choose(&contents, latchkey_lease::time::now()) {
            Some(at) => {
                self.read.replace(Some(found.unlocked[at].item_path.clone()));
                Ok(Some(contents.swap_remove(at).content))
            }
            None if !found.locked.is_empty() => Err(StoreError::Locked),
            // This isn't a vault of this product; the caller reports what it is.
            None => Ok(contents.pop().map(|item| item.content)),
        }
    }

    /// Writes all items of this device, so that no outdated one remains; a persistent one comes
    /// first and is created if there is none. Two kinds are left alone: another device's item,
    /// because its key exists nowhere else, and an item of this device's with a request or a
    /// deactivation that the one that was read lacks. Nothing is written while an item is locked.
    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let found = self.search()?;
        if !found.locked.is_empty() {
            return Err(StoreError::Locked);
        }
        if found.unlocked.is_empty() {
            self.written.replace(Some(self.add(bytes)?));
            return Ok(());
        }
        let contents = Self::contents(&found.unlocked)?;
        let owner = &self.store.owner;
        let read = self.read.borrow().clone();
        let chosen = match read {
            Some(read) => found.unlocked.iter().position(|item| item.item_path == read),
            None => owner.choose(&contents, latchkey_lease::time::now()),
        };
        let chosen = chosen.ok_or(StoreError::VerifyFailed)?;
        let next = owner.vault(bytes).ok_or(StoreError::VerifyFailed)?;
        let before = owner.vault(&contents[chosen].content);
        let before = before.filter(|vault| vault.identity == next.identity);
        let before = before.ok_or(StoreError::VerifyFailed)?;

        let may_be_written = |at: &usize| {
            let twin = owner.vault(&contents[*at].content);
            *at == chosen || twin.is_some_and(|twin| duplicates::is_covered(&twin, &before))
        };
        let others = (0..contents.len()).filter(|&at| at != chosen);
        let items = std::iter::once(chosen).chain(others).filter(may_be_written);
        let (fleeting, lasting): (Vec<_>, Vec<_>) = items
            .map(|at| &found.unlocked[at])
            .partition(|item| self.is_in_session_collection(item));
        let mut written = None;
        if lasting.is_empty() {
            match self.add(bytes) {
                Ok(path) => written = Some(path),
                Err(StoreError::NotInitialised) if duplicates::has_gained(&before, &next) => {
                    return Err(StoreError::SessionOnly);
                }
                Err(error) if duplicates::has_gained(&before, &next) => return Err(error),
                // A deactivation, or a mere update of the time, is written to the existing item.
                Err(_) => {}
            }
        }
        for item in lasting.into_iter().chain(fleeting) {
            let result = item.set_secret(bytes, CONTENT).map_err(map_error);
            if written.is_none() {
                result?;
                written = Some(item.item_path.clone());
            }
            // Another item that can't be written is outdated from now on and doesn't count.
        }
        self.written.replace(written);
        Ok(())
    }
}

/// Maps the keyring's errors.
fn map_error(error: Error) -> StoreError {
    let known = match &error {
        Error::Locked => Some(StoreError::Locked),
        Error::Prompt => Some(StoreError::Denied),
        Error::PromptDisconnected => Some(StoreError::NoAnswer),
        Error::NoResult => Some(StoreError::NotInitialised),
        Error::Unavailable => Some(StoreError::NoService),
        Error::Zbus(error) => dbus_error(error),
        Error::ZbusFdo(error) => fdo_error(error),
        _ => None,
    };
    known.unwrap_or_else(|| StoreError::Keyring { reason: error.to_string() })
}

fn dbus_error(error: &zbus::Error) -> Option<StoreError> {
    match error {
        zbus::Error::MethodError(name, ..) => match name.as_str() {
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.UnknownObject"
            | "org.freedesktop.DBus.Error.UnknownInterface"
            | "org.freedesktop.DBus.Error.UnknownMethod" => Some(StoreError::NoService),
            "org.freedesktop.DBus.Error.NoReply"
            | "org.freedesktop.DBus.Error.Timeout"
            | "org.freedesktop.DBus.Error.TimedOut"
            | "org.freedesktop.DBus.Error.Disconnected" => Some(StoreError::NoAnswer),
            "org.freedesktop.Secret.Error.IsLocked" => Some(StoreError::Locked),
            "org.freedesktop.Secret.Error.NoSession" => Some(StoreError::NoSession),
            "org.freedesktop.DBus.Error.AccessDenied" => Some(StoreError::Denied),
            name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => {
                Some(StoreError::NoService)
            }
            _ => None,
        },
        zbus::Error::FDO(error) => fdo_error(error),
        // The keyring hasn't answered in time, or the bus is gone.
        zbus::Error::InputOutput(_) => Some(StoreError::NoAnswer),
        zbus::Error::Address(_) | zbus::Error::Connection(..) => Some(StoreError::NoSession),
        _ => None,
    }
}

fn fdo_error(error: &zbus::fdo::Error) -> Option<StoreError> {
    match error {
        zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_) => {
            Some(StoreError::NoService)
        }
        zbus::fdo::Error::NoReply(_)
        | zbus::fdo::Error::Timeout(_)
        | zbus::fdo::Error::TimedOut(_)
        | zbus::fdo::Error::Disconnected(_) => Some(StoreError::NoAnswer),
        zbus::fdo::Error::AccessDenied(_) => Some(StoreError::Denied),
        zbus::fdo::Error::ZBus(error) => dbus_error(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: u32 = 4_000_000_000;
    const CHILD: u32 = 17;

    fn child_finds(connections: &Connections) -> Result<(), StoreError> {
        // A child inherits the number as it is at that moment.
        let inherited = Connections(AtomicU64::new(connections.0.load(Ordering::Relaxed)));
        let found = inherited.begin(CHILD);
        assert_eq!(inherited.begin(CHILD), found, "the second attempt finds something else");
        found
    }

    #[test]
    fn a_forked_child_finds_what_its_parent_knows_of_the_keyring() {
        const FORKED: Result<(), StoreError> = Err(StoreError::Forked);
        let connections = Connections(AtomicU64::new(0));
        assert_eq!(child_finds(&connections), Ok(()), "the parent has never tried");
        connections.begin(PARENT).unwrap();
        assert_eq!(child_finds(&connections), FORKED, "a thread is connecting");
        connections.finish(PARENT, &Err::<(), _>(StoreError::NoAnswer));
        assert_eq!(child_finds(&connections), FORKED, "the keyring has given no answer");
        for kind in KINDS {
            connections.begin(PARENT).unwrap();
            connections.finish(PARENT, &Err::<(), _>(kind.clone()));
            assert_eq!(child_finds(&connections), Err(kind.clone()));
            connections.begin(PARENT).unwrap();
            assert_eq!(child_finds(&connections), Err(kind), "a thread tries again");
        }
        connections.finish(PARENT, &Err::<(), _>(StoreError::Denied));
        assert_eq!(child_finds(&connections), FORKED, "there is a keyring after all");
        connections.finish(PARENT, &Ok(()));
        assert_eq!(child_finds(&connections), FORKED);
        // The keyring ended: the licence may be in it all the same.
        connections.finish(PARENT, &Err::<(), _>(StoreError::NoService));
        assert_eq!(child_finds(&connections), FORKED);
        assert_eq!(connections.begin(PARENT), Ok(()), "the parent itself may try again");
        for reason in [StoreError::NotInitialised, StoreError::SessionOnly] {
            connections.finish(PARENT, &Ok(()));
            connections.record_unusable(PARENT, &reason);
            assert_eq!(
                child_finds(&connections),
                Err(reason),
                "nothing is in it, and nothing can be"
            );
        }
        connections.record_unusable(PARENT, &StoreError::Locked);
        connections.finish(PARENT, &Ok(()));
        assert_eq!(child_finds(&connections), FORKED, "the keyring has been set up meanwhile");
    }

    #[test]
    fn after_a_dismissed_prompt_a_process_does_not_prompt_at_every_read() {
        const DISMISSED_AT: u32 = 1_800_000_000;
        const DENIED: Result<(), StoreError> = Err(StoreError::Denied);
        let dismissal = Dismissal(AtomicU64::new(0));
        let is_recent =
            |after: i64| dismissal.is_recent(PARENT, (i64::from(DISMISSED_AT) + after) as u32);
        assert!(!is_recent(0), "nobody has dismissed anything");
        for dismissed in [DENIED, Err(StoreError::Locked)] {
            dismissal.record(PARENT, DISMISSED_AT, &dismissed);
            let quiet = [0, 1, 3_599, -3_599].map(is_recent);
            assert_eq!((quiet, [3_600, -3_600].map(is_recent)), ([true; 4], [false; 2]));
            assert!(!dismissal.is_recent(CHILD, DISMISSED_AT), "another process may ask");
            dismissal.record(PARENT, DISMISSED_AT, &Err::<(), _>(StoreError::NoAnswer));
            assert!(is_recent(0), "an error that isn't the user's changes nothing");
            dismissal.record(PARENT, DISMISSED_AT, &Ok(()));
            assert!(!is_recent(0), "the user has unlocked the keyring");
        }
    }

    #[test]
    fn every_error_that_a_child_repeats_means_that_there_is_no_keyring() {
        assert!(KINDS.iter().all(StoreError::is_no_keyring));
        assert!(!StoreError::Forked.is_no_keyring());
    }
}
