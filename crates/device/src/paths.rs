//! The stores that a licence may be in, with their files, locks and key registries, from the
//! vendor's policy and this computer's folders. `device` chooses between them.

use std::path::{Component, Path, PathBuf, Prefix};
use std::sync::Arc;

use latchkey_config::{Profile, Scope, StoreKind, StorePolicy};
use latchkey_files::{beside, folder_of};
use latchkey_token::ErrorCode;

use crate::error::StoreError;
use crate::fingerprint::TraitValues;
use crate::status::StoreDescription;
use crate::store::{FileStore, FoundFile, KeyringStore, Store, find};

/// The store to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// The vendor's policy decides. If it allows both, a file of this computer's that a user has
    /// chosen before is used instead of the keyring, unless the keyring contains more, such as a
    /// licence that the file lacks.
    Policy,
    /// The keyring.
    Keyring,
    /// The file at its default path, if the policy allows it; a user without a keyring can choose
    /// it. A new file is created in the data folder, or in the home folder if the data folder can't
    /// be used.
    File,
    /// A file at another path, if the policy allows it.
    FileAt(PathBuf),
}

/// The folders on this computer that contain licences, locks and the key registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDirs {
    /// `latchkey` in the user's data folder.
    pub user: Option<PathBuf>,
    /// `.latchkey` in the user's home folder, for a licence in a file if the data folder can't be
    /// used, for example because an administrator's command has left it behind.
    pub home: Option<PathBuf>,
    /// `latchkey` in the system's folder for shared data.
    pub machine: PathBuf,
}

impl DataDirs {
    /// The folders of this computer: `$XDG_DATA_HOME/latchkey` and its equivalents,
    /// `~/.latchkey`, and `/var/lib/latchkey`, `%ProgramData%\latchkey` or
    /// `/Library/Application Support/latchkey`.
    #[must_use]
    pub fn system() -> Self {
        let folders = directories::BaseDirs::new();
        let user = folders.as_ref().map(|folders| folders.data_local_dir().join("latchkey"));
        let home = folders.as_ref().map(|folders| folders.home_dir().join(".latchkey"));
        let machine = if cfg!(target_os = "windows") {
            let shared = std::env::var_os("ProgramData").filter(|folder| !folder.is_empty());
            PathBuf::from(shared.unwrap_or_else(|| "C:\\ProgramData".into())).join("latchkey")
        } else if cfg!(target_os = "macos") {
            PathBuf::from("/Library/Application Support/latchkey")
        } else {
            PathBuf::from("/var/lib/latchkey")
        };
        Self { user, home, machine }
    }

    /// The errors that a user can avoid on this computer by choosing the file
    /// ([`StoreChoice::File`]): those of the keyring, and those of the data folder if the home
    /// folder can be used instead.
    #[must_use]
    pub fn errors_avoided_by_file(&self, policy: StorePolicy) -> Vec<ErrorCode> {
        let mut avoided = Vec::new();
        if policy.offers_file() {
            avoided.extend(StoreError::FILE_FALLBACK_CODES);
        }
        let is_usable = |folder: &Option<PathBuf>| folder.as_deref().is_some_and(is_usable);
        let is_home_needed = !is_usable(&self.user) && is_usable(&self.home);
        if policy.scope == Scope::User && is_file_allowed(policy) && is_home_needed {
            avoided.extend(StoreError::HOME_FALLBACK_CODES);
        }
        avoided
    }

    /// The folders that may contain a licence of this scope, in order of preference.
    fn of_scope(&self, scope: Scope) -> Vec<&Path> {
        match scope {
            Scope::Machine => vec![&self.machine],
            Scope::User => [&self.user, &self.home].into_iter().flatten().map(|f| &**f).collect(),
        }
    }
}

/// A store and its paths.
pub(crate) struct ResolvedStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) description: StoreDescription,
    /// The lock file.
    pub(crate) lock: PathBuf,
    /// The path of the key registry.
    pub(crate) register: Option<PathBuf>,
}

/// Whether the policy allows a licence in a file.
pub(crate) fn is_file_allowed(policy: StorePolicy) -> bool {
    policy.file_allowed || policy.scope == Scope::Machine || policy.default == StoreKind::File
}

/// This computer's file in each folder that may contain a licence, whether or not it exists. Writes
/// nothing.
pub(crate) fn find_files(
    profile: &Profile,
    data_dirs: &DataDirs,
    traits: &TraitValues,
) -> Vec<FoundFile> {
    let scope = profile.store.scope;
    let machine = scope == Scope::Machine;
    let folders = data_dirs.of_scope(scope).into_iter();
    let found = folders.map(|folder| {
        let mut found = find(folder, &product_name(profile), machine, traits);
        // A user with write access here can read every trait, or creates a file that this computer
        // opens.
        if !machine || may_write(folder) {
            found.undecided = None;
        }
        found
    });
    found.collect()
}

/// Where a new file can be created: in the first folder that can be used and has none.
pub(crate) fn new_file(found: &[FoundFile]) -> Option<&FoundFile> {
    found.iter().find(|file| !file.exists && has_usable_folder(&file.path))
}

/// Whether the folder of a file can be used.
pub(crate) fn has_usable_folder(file: &Path) -> bool {
    is_usable(folder_of(file))
}

/// The file as a store.
pub(crate) fn file_store(
    profile: &Profile,
    file: FoundFile,
    #[cfg_attr(not(test), allow(unused_variables))] traits: &TraitValues,
) -> ResolvedStore {
    let scope = profile.store.scope;
    let FoundFile { path, undecided, .. } = file;
    let store = FileStore {
        undecided,
        #[cfg(test)]
        traits: Some(traits.clone()),
        ..FileStore::new(path.clone(), scope == Scope::Machine)
    };
    ResolvedStore {
        store: Arc::new(store),
        lock: beside(&path, ".lock"),
        register: Some(folder_of(&path).to_owned()),
        description: StoreDescription { kind: StoreKind::File, path: Some(path), scope },
    }
}

/// A file at a path that the user has named, as a store.
pub(crate) fn named_file_store(
    profile: &Profile,
    path: &Path,
    data_dirs: &DataDirs,
    traits: &TraitValues,
) -> Result<ResolvedStore, StoreError> {
    if latchkey_files::is_foreign_windows_path(path) {
        return Err(StoreError::WindowsPath { path: path.to_owned() });
    }
    // A path that is made canonical has no such end any more, and would be that of a file.
    let file = |reason: &str| StoreError::File { path: path.to_owned(), reason: reason.to_owned() };
    if names_folder(path) {
        return Err(file("folder"));
    }
    if names_device(path) {
        return Err(file("not_file"));
    }
    let register =
        data_dirs.of_scope(profile.store.scope).first().map(|folder| (*folder).to_owned());
    let path = canonical_path(path);
    // Whatever the folder will be, a link or not, decides what is above it.
    if let Some(folder) = path.ancestors().filter(|folder| folder.ends_with("..")).last() {
        let path = folder_of(folder).to_owned();
        return Err(StoreError::File { path, reason: "missing".to_owned() });
    }
    let file = FoundFile::at(path);
    Ok(ResolvedStore { register, ..file_store(profile, file, traits) })
}

/// Whether a path is that of a folder, or ends like one.
fn names_folder(path: &Path) -> bool {
    let is_end = |byte: u8| std::path::is_separator(char::from(byte));
    path.as_os_str().as_encoded_bytes().last().copied().is_some_and(is_end) || path.is_dir()
}

/// Whether Windows takes a path for that of a device, which `NUL` is in every folder.
fn names_device(path: &Path) -> bool {
    let path = std::path::absolute(path);
    let is_device = |path: PathBuf| match path.components().next() {
        Some(Component::Prefix(prefix)) => matches!(prefix.kind(), Prefix::DeviceNS(_)),
        _ => false,
    };
    path.is_ok_and(is_device)
}

/// The keyring as a store.
pub(crate) fn keyring_store(
    profile: &Profile,
    data_dirs: &DataDirs,
    traits: &TraitValues,
) -> Result<ResolvedStore, StoreError> {
    let scope = profile.store.scope;
    let folder = data_dirs.user.as_ref().ok_or(StoreError::NoFolder)?;
    Ok(ResolvedStore {
        store: Arc::new(KeyringStore::new(profile, traits)),
        lock: folder.join(format!("{}.lock", product_name(profile))),
        register: data_dirs.of_scope(scope).first().map(|folder| (*folder).to_owned()),
        description: StoreDescription { kind: StoreKind::Keyring, path: None, scope },
    })
}

fn product_name(profile: &Profile) -> String {
    format!("{}-{}", profile.vendor, profile.product)
}

/// Whether this process can read and create files in a folder, or create the folder.
fn is_usable(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::Access;
        let missing = |folder: &&Path| {
            let found = std::fs::symlink_metadata(folder);
            found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        };
        let existing = folder.ancestors().find(|folder| !missing(folder));
        let access = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        existing.is_some_and(|folder| folder.is_dir() && rustix::fs::access(folder, access).is_ok())
    }
    // Elsewhere, no program of another user creates a user's data folder.
    #[cfg(not(unix))]
    {
        let _ = folder;
        true
    }
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
fn canonical_path(file: &Path) -> PathBuf {
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
            assert_eq!(canonical_path(&link.join(name)), real.join(name));
        }
        // The file itself isn't resolved: a link in its place is refused later.
        std::os::unix::fs::symlink("b.vault", real.join("a.vault")).unwrap();
        assert_eq!(canonical_path(&link.join("a.vault")), real.join("a.vault"));
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(canonical_path(Path::new("a.vault")), here.join("a.vault"));
    }
}
