//! The sealed file: for users without a keyring, and for whole machines. It is bound to the
//! computer, so a copy on another one is useless; but anyone who may read the file and run programs
//! here can open it. The keyring is the better choice. The file's format is in [`super::sealed`].
//!
//! Everyone can read a machine's vault, so the device's secret isn't in it. It is in a second file
//! next to it (`.key`), sealed in the same way and readable only by its owner (on Windows, by
//! administrators). A user who runs the product needs only the public keys.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use latchkey_files::{Access, beside, create_folder, folder_of};
use latchkey_token::{SeatName, Seed};
use zeroize::Zeroizing;

use super::interface::{Store, StoreHandle};
use super::sealed::{self, MAX_FILE_BYTES, Opened, Refused};
use crate::error::{StoreError, StoredAt};
use crate::fingerprint::{self, TraitValues, Virtualization};
use crate::hostname::computer_name;

/// A file as a store.
#[derive(Debug, Clone)]
pub(crate) struct FileStore {
    pub(crate) path: PathBuf,
    /// Whether everyone who may run the product can read it; otherwise only its owner can.
    pub(crate) shared: bool,
    /// A file that may be this computer's, and that only a user who can read more of its hardware
    /// can open. While it exists, this process doesn't report that there is no licence.
    pub(crate) undecided: Option<PathBuf>,
    /// Another computer than this one, for tests.
    #[cfg(test)]
    pub(crate) traits: Option<TraitValues>,
}

impl FileStore {
    pub(crate) const fn new(path: PathBuf, shared: bool) -> Self {
        Self {
            path,
            shared,
            undecided: None,
            #[cfg(test)]
            traits: None,
        }
    }

    fn traits(&self) -> TraitValues {
        #[cfg(test)]
        if let Some(traits) = &self.traits {
            return traits.clone();
        }
        fingerprint::read()
    }
}

impl Store for FileStore {
    fn open(&self) -> Result<Box<dyn StoreHandle>, StoreError> {
        if let Some(path) = &self.undecided {
            return Err(StoreError::OtherMachine { path: path.clone() });
        }
        // Checked before the lock is taken, whose path would differ from the file's own.
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(StoreError::IsLink { path: self.path.clone() });
        }
        let traits = distinguishing_traits(&self.traits());
        if traits.is_empty() {
            return Err(StoreError::NoMachineId);
        }
        Ok(Box::new(FileStoreHandle { store: self.clone(), traits }))
    }
}

/// What distinguishes this computer from those that it shares a folder with.
pub(super) fn distinguishing_traits(traits: &TraitValues) -> TraitValues {
    let name = computer_name();
    let virtual_machine = fingerprint::virtualization() != Virtualization::Computer;
    sealed::distinguishing_traits(traits, name.as_ref().map(SeatName::as_str), virtual_machine)
}

/// The content of a sealed file; `None` if there is none.
pub(super) fn open(
    path: &Path,
    access: Access,
    traits: &TraitValues,
) -> Result<Option<Opened>, OpenFailed> {
    let file = match latchkey_files::open(path, access) {
        Err(fault) if fault.is_missing() => return Ok(None),
        file => file.map_err(|fault| OpenFailed::Store(StoreError::from_fault(&fault, path)))?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| OpenFailed::Store(StoreError::from_io(&error, path)))?;
    sealed::open(&bytes, traits).map(Some).map_err(OpenFailed::Content)
}

/// Why a file can't be opened: an error of the file system, or of its content.
#[derive(Debug)]
pub(super) enum OpenFailed {
    Store(StoreError),
    Content(Refused),
}

impl OpenFailed {
    fn into_error(self, path: &Path) -> StoreError {
        let kept = || StoredAt::File(path.to_owned());
        match self {
            Self::Store(error) => error,
            Self::Content(Refused::Damaged) => StoreError::Damaged { kept: kept() },
            Self::Content(Refused::Empty) => StoreError::Empty { path: path.to_owned() },
            Self::Content(Refused::Newer(version)) => {
                StoreError::UnsupportedVersion { version, kept: kept() }
            }
            Self::Content(Refused::Elsewhere { .. }) => {
                StoreError::OtherMachine { path: path.to_owned() }
            }
        }
    }
}

struct FileStoreHandle {
    store: FileStore,
    traits: TraitValues,
}

impl FileStoreHandle {
    fn secret_path(&self) -> PathBuf {
        beside(&self.store.path, ".key")
    }

    const fn access(&self) -> Access {
        if self.store.shared { Access::Machine } else { Access::User }
    }

    fn open(&self, path: &Path, access: Access) -> Result<Option<Opened>, StoreError> {
        open(path, access, &self.traits).map_err(|failed| failed.into_error(path))
    }

    fn write_to(&self, path: &Path, bytes: &[u8], access: Access) -> Result<(), StoreError> {
        // A file that can't be opened here was refused before; its replacement has its own key.
        let before = match open(path, access, &self.traits) {
            Ok(opened) => opened.and_then(|opened| opened.keys),
            Err(OpenFailed::Content(_)) => None,
            // Otherwise a temporary fault would result in a file that the computer's other traits
            // don't open.
            Err(failed) => return Err(failed.into_error(path)),
        };
        let sealed = sealed::seal(bytes, &self.traits, before)?;
        let folder = folder_of(path);
        create_folder(folder, self.access())
            .map_err(|fault| StoreError::from_fault(&fault, folder))?;
        latchkey_files::replace(path, &sealed, access)
            .map_err(|error| StoreError::from_io(&error, path))
    }

    /// The secret is written once and must be readable as long as the vault, so its wraps are
    /// updated with the traits.
    fn renew_secret(&self) -> Result<(), StoreError> {
        let path = self.secret_path();
        let Ok(Some(opened)) = self.open(&path, Access::MachineSecret) else { return Ok(()) };
        if opened.keys.as_ref().is_some_and(|keys| keys.fits(&self.traits)) {
            return Ok(());
        }
        self.write_to(&path, &opened.content, Access::MachineSecret)
    }
}

impl StoreHandle for FileStoreHandle {
    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(self.open(&self.store.path, self.access())?.map(|opened| opened.content))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.store.shared {
            self.renew_secret()?;
        }
        self.write_to(&self.store.path, bytes, self.access())
    }

    fn has_separate_secret(&self) -> bool {
        self.store.shared
    }

    fn read_secret(&self) -> Result<Seed, StoreError> {
        let path = self.secret_path();
        let opened = self.open(&path, Access::MachineSecret)?;
        let opened = opened.ok_or_else(|| StoreError::MissingSecretFile { path: path.clone() })?;
        let damaged = |_| StoreError::Damaged { kept: StoredAt::File(path.clone()) };
        let seed: &[u8; 32] = opened.content.as_slice().try_into().map_err(damaged)?;
        Ok(Seed::from_bytes(*seed))
    }

    fn write_secret(&self, seed: &Seed) -> Result<(), StoreError> {
        self.write_to(&self.secret_path(), seed.expose(), Access::MachineSecret)
    }
}

#[cfg(test)]
mod tests {
    use latchkey_token::HardwareTrait;

    use super::*;

    fn store(folder: &tempfile::TempDir) -> FileStore {
        let mut store = FileStore::new(folder.path().join("deep/er/a.vault"), false);
        store.traits = Some([(HardwareTrait::OsInstall, "this installation".to_owned())].into());
        store
    }

    #[test]
    fn a_written_file_is_read_back_and_no_temporary_file_remains() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let handle = store.open().unwrap();
        assert_eq!(handle.read(), Ok(None));
        for text in ["first", "second"] {
            handle.write(text.as_bytes()).unwrap();
            assert_eq!(handle.read().unwrap().unwrap().as_slice(), text.as_bytes());
        }
        assert_eq!(fs::read_dir(folder.path().join("deep/er")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_user_file_is_private_and_a_machine_file_is_readable_by_everyone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let store = store(&folder);
        store.open().unwrap().write(b"x").unwrap();
        assert_eq!((mode(&store.path), mode(folder_of(&store.path))), (0o600, 0o700));
        let shared = FileStore { path: folder.path().join("all/b.vault"), shared: true, ..store };
        shared.open().unwrap().write(b"x").unwrap();
        assert_eq!((mode(&shared.path), mode(folder_of(&shared.path))), (0o644, 0o755));
    }

    /// The umask belongs to the process, so this test starts itself again with another one.
    #[cfg(unix)]
    #[test]
    fn a_machine_file_is_readable_by_everyone_whatever_the_umask() {
        use std::os::unix::fs::PermissionsExt as _;
        const STRICT: &str = "LATCHKEY_TEST_STRICT_UMASK";
        if std::env::var_os(STRICT).is_none() {
            let name =
                "store::file::tests::a_machine_file_is_readable_by_everyone_whatever_the_umask";
            let program = std::env::current_exe().unwrap();
            let again = std::process::Command::new("sh")
                .args(["-c", "umask 077; exec \"$0\" --exact \"$1\""])
                .args([program.as_os_str(), name.as_ref()])
                .env(STRICT, "1")
                .output()
                .unwrap();
            assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
            assert!(String::from_utf8_lossy(&again.stdout).contains("1 passed"));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let store = FileStore { shared: true, ..store(&folder) };
        let handle = store.open().unwrap();
        handle.write_secret(&Seed::from_bytes([3; 32])).unwrap();
        handle.write(b"x").unwrap();
        assert_eq!(mode(&store.path), 0o644);
        assert_eq!(mode(&folder.path().join("deep")), 0o755);
        assert_eq!(mode(&folder.path().join("deep/er")), 0o755);
        assert_eq!(mode(&beside(&store.path, ".key")), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_a_machine_secret() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore { shared: true, ..store(&folder) };
        let handle = store.open().unwrap();
        assert!(handle.has_separate_secret());
        let key = beside(&store.path, ".key");
        assert_eq!(handle.read_secret(), Err(StoreError::MissingSecretFile { path: key.clone() }));
        handle.write_secret(&Seed::from_bytes([3; 32])).unwrap();
        assert_eq!(handle.read_secret(), Ok(Seed::from_bytes([3; 32])));
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_copy_on_another_computer_is_reported_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        store.open().unwrap().write(b"x").unwrap();
        let traits = Some([(HardwareTrait::OsInstall, "another installation".to_owned())].into());
        let elsewhere = FileStore { traits, ..store.clone() };
        assert_eq!(
            elsewhere.open().unwrap().read(),
            Err(StoreError::OtherMachine { path: store.path })
        );
    }

    #[test]
    fn every_changed_byte_and_every_truncation_is_reported_as_damage() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let handle = store.open().unwrap();
        handle.write(b"something").unwrap();
        let whole = fs::read(&store.path).unwrap();
        let damaged = StoreError::Damaged { kept: StoredAt::File(store.path.clone()) };
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            fs::write(&store.path, &changed).unwrap();
            assert_eq!(handle.read(), Err(damaged.clone()), "byte {at}");
            fs::write(&store.path, &whole[..at]).unwrap();
            let cut = match at {
                0 => StoreError::Empty { path: store.path.clone() },
                _ => damaged.clone(),
            };
            assert_eq!(handle.read(), Err(cut), "cut at {at}");
        }
        fs::write(&store.path, vec![0; 100_000]).unwrap();
        assert_eq!(handle.read(), Err(damaged));
    }

    #[test]
    fn a_temporary_file_of_a_killed_process_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let handle = store.open().unwrap();
        handle.write(b"old").unwrap();
        let mut beside = store.path.clone().into_os_string();
        beside.push(".new");
        fs::write(&beside, b"half").unwrap();
        assert_eq!(handle.read().unwrap().unwrap().as_slice(), b"old");
        handle.write(b"new").unwrap();
        assert_eq!(handle.read().unwrap().unwrap().as_slice(), b"new");
        assert!(!Path::new(&beside).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_file_is_refused_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let target = store(&folder);
        target.open().unwrap().write(b"x").unwrap();
        for target in [target.path.clone(), folder.path().join("missing")] {
            let link = FileStore { path: target.with_extension("link"), ..store(&folder) };
            std::os::unix::fs::symlink(target, &link.path).unwrap();
            let refused = link.open().err().unwrap();
            assert_eq!(refused, StoreError::IsLink { path: link.path.clone() });
            assert!(fs::symlink_metadata(link.path).unwrap().is_symlink());
        }
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        fs::create_dir_all(&store.path).unwrap();
        let handle = store.open().unwrap();
        assert!(matches!(handle.read(), Err(StoreError::File { .. })));
        assert!(handle.write(b"x").is_err());
    }
}
