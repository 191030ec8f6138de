//! Determines where the licence, its lock and the key registry are stored, from the vendor's
//! policy, the user's choice and this computer's folders.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey_config::{Profile, Scope, StoreKind};

use crate::error::StoreError;
use crate::fingerprint::TraitValues;
use crate::status::StoreDescription;
use crate::store::{FileStore, FoundFile, KeyringStore, Store, find};

/// The store to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// The vendor's policy decides. The file in the user's folder is used instead if the user has
    /// chosen it before (one of this computer's exists), the policy allows it, and the keyring
    /// doesn't contain more, such as a licence or undelivered deactivations that the file lacks.
    Policy,
    /// The keyring.
    Keyring,
    /// The file at its default path, if the policy allows it; a user without a keyring can choose
    /// it.
    File,
    /// A file at another path, if the policy allows it.
    FileAt(PathBuf),
}

/// The folders on this computer that contain licences, locks and the key registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDirs {
    /// `latchkey` in the user's data folder.
    pub user: Option<PathBuf>,
    /// `latchkey` in the system's folder for shared data.
    pub machine: PathBuf,
}

impl DataDirs {
    /// The folders of this computer: `$XDG_DATA_HOME/latchkey` and its equivalents, and
    /// `/var/lib/latchkey`, `%ProgramData%\latchkey` or `/Library/Application Support/latchkey`.
    #[must_use]
    pub fn system() -> Self {
        let user = directories::BaseDirs::new();
        let user = user.map(|folders| folders.data_local_dir().join("latchkey"));
        let machine = if cfg!(target_os = "windows") {
            let shared = std::env::var_os("ProgramData").filter(|folder| !folder.is_empty());
            PathBuf::from(shared.unwrap_or_else(|| "C:\\ProgramData".into())).join("latchkey")
        } else if cfg!(target_os = "macos") {
            PathBuf::from("/Library/Application Support/latchkey")
        } else {
            PathBuf::from("/var/lib/latchkey")
        };
        Self { user, machine }
    }
}

/// The chosen store and its paths.
pub(crate) struct ResolvedStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) description: StoreDescription,
    /// The lock file.
    pub(crate) lock: PathBuf,
    /// The path of the key registry.
    pub(crate) register: Option<PathBuf>,
}

/// Chooses the store and writes nothing. For a file in this computer's folders, it takes the one
/// that these traits open.
pub(crate) fn choose(
    profile: &Profile,
    choice: StoreChoice,
    places: &DataDirs,
    traits: &TraitValues,
) -> Result<ResolvedStore, StoreError> {
    let policy = profile.store;
    let name = format!("{}-{}", profile.vendor, profile.product);
    let machine = policy.scope == Scope::Machine;
    let folder = if machine { Some(&places.machine) } else { places.user.as_ref() };
    let mut undecided = None;
    let mut own_file = || {
        let folder = folder.ok_or(StoreError::NoFolder)?;
        let place = find(folder, &name, machine, traits);
        // A user with write access here can read every trait, or creates a file that this computer
        // opens.
        if machine && !may_write(folder) {
            undecided.clone_from(&place.undecided);
        }
        Ok::<FoundFile, StoreError>(place)
    };
    let file_allowed = policy.file_allowed || machine || policy.default == StoreKind::File;

    let file = match choice {
        StoreChoice::Policy if machine || policy.default == StoreKind::File => {
            Some(own_file()?.path)
        }
        StoreChoice::Policy if !file_allowed || folder.is_none() => None,
        StoreChoice::Policy => {
            Some(own_file()?).filter(|place| place.exists).map(|place| place.path)
        }
        StoreChoice::Keyring => None,
        StoreChoice::File if !file_allowed => return Err(StoreError::FileForbidden),
        StoreChoice::File => Some(own_file()?.path),
        StoreChoice::FileAt(path) => Some(in_real_folder(&path)),
    };
    if file.is_some() && !file_allowed {
        return Err(StoreError::FileForbidden);
    }
    let kind = if file.is_some() { StoreKind::File } else { StoreKind::Keyring };
    let lock = match &file {
        Some(file) => {
            let mut lock = file.clone().into_os_string();
            lock.push(".lock");
            lock.into()
        }
        None => {
            let folder = places.user.as_ref().ok_or(StoreError::NoFolder)?;
            folder.join(format!("{name}.lock"))
        }
    };
    let store: Arc<dyn Store> = match &file {
        Some(file) => Arc::new(FileStore {
            undecided,
            #[cfg(test)]
            traits: Some(traits.clone()),
            ..FileStore::new(file.clone(), machine)
        }),
        None => Arc::new(KeyringStore::new(profile, traits)),
    };
    let register = folder.cloned();
    let description = StoreDescription { kind, path: file, scope: policy.scope };
    Ok(ResolvedStore { store, description, lock, register })
}

/// Whether this process could create a file there.
fn may_write(folder: &Path) -> bool {
    #[cfg(unix)]
    return rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    // On other systems everyone can read every trait, so it makes no difference.
    #[cfg(not(unix))]
    {
        let _ = folder;
        true
    }
}

/// The canonical path of the file, so that all processes that use it take the same lock. The
/// folder, or the last part of its path, need not exist yet.
fn in_real_folder(file: &Path) -> PathBuf {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let real = |folder: &Path| {
        let rest = file.strip_prefix(folder).ok()?;
        Some(canonicalize(folder).ok()?.join(rest))
    };
    file.ancestors().skip(1).find_map(real).unwrap_or_else(|| file.clone())
}

/// Without Windows' prefix `\\?\` where the path is valid without it: people and other programs
/// get to see the path.
#[cfg(windows)]
fn canonicalize(folder: &Path) -> std::io::Result<PathBuf> {
    dunce::canonicalize(folder)
}

#[cfg(not(windows))]
fn canonicalize(folder: &Path) -> std::io::Result<PathBuf> {
    folder.canonicalize()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_canonical_path_whatever_links_lead_to_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        std::fs::create_dir(&real).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        for name in ["a.vault", "not/yet/there/a.vault"] {
            assert_eq!(in_real_folder(&link.join(name)), real.join(name));
        }
        // The file itself isn't resolved: a link in its place is rejected later.
        std::os::unix::fs::symlink("b.vault", real.join("a.vault")).unwrap();
        assert_eq!(in_real_folder(&link.join("a.vault")), real.join("a.vault"));
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(in_real_folder(Path::new("a.vault")), here.join("a.vault"));
    }
}
