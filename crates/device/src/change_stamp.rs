//! `ChangeStamp`: shows without opening a store whether it may have changed.

use std::path::Path;
use std::time::SystemTime;

/// A stamp that changes whenever one of Latchkey's programs writes the vault: the lock's file,
/// which grows by a byte at each write, and the vault's own file if it is one. Other programs can
/// change a keyring without changing either, so a snapshot has to be read again after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChangeStamp {
    lock: Option<FileStamp>,
    vault: Option<FileStamp>,
}

impl ChangeStamp {
    /// Reads the stamp of a lock's file and, if there is one, of the vault's file. Costs a query of
    /// the file system each.
    pub(crate) fn read(lock: &Path, vault: Option<&Path>) -> Self {
        Self { lock: FileStamp::read(lock), vault: vault.and_then(FileStamp::read) }
    }
}

/// A file as the operating system describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// On Unix, a file that replaced another one has another inode number.
    number: u64,
}

impl FileStamp {
    fn read(path: &Path) -> Option<Self> {
        let metadata = std::fs::symlink_metadata(path).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let number = 0;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock;

    #[test]
    fn every_write_changes_the_stamp_however_fast_writes_follow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let mut seen = vec![FileStamp::read(&path)];
        for _ in 0..50 {
            lock::Lock::take(&path, false, lock::LOCK_TIMEOUT).unwrap().record_write();
            seen.push(FileStamp::read(&path));
        }
        for pair in seen.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
