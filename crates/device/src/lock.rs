//! The lock between processes: held while the vault is read, changed and written, and never while
//! the user is asked. The operating system releases it when the process ends.

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use latchkey_files::{Access, Fault, create_folder, folder_of};

use crate::error::StoreError;

/// Upper bound on how long a well-behaved process holds the lock.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(20);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);
/// The lock file's length counts the writes of the vault, up to this number and then from zero
/// again.
const ROUND: u64 = 4096;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Waits for the lock, but no longer than `timeout`.
    ///
    /// # Errors
    /// Returns [`StoreError::Busy`] if another process holds the lock, and the file system's error
    /// if the file can't be opened.
    pub(crate) fn take(path: &Path, shared: bool, timeout: Duration) -> Result<Self, StoreError> {
        let folder = folder_of(path);
        let access = if shared { Access::Machine } else { Access::User };
        // Links aren't followed, not even dangling ones, which would create a file at their target;
        // and a pipe doesn't block.
        let made = CreatedFile::find_missing(path, folder);
        create_folder(folder, access).map_err(|fault| StoreError::from_fault(&fault, folder))?;
        let file = latchkey_files::open_or_create(path, Access::User)
            .map_err(|fault| failed_to_open(&fault, path, folder))?;
        refuse_a_link(&file, path)?;
        // Anyone who can open the file can hold the lock and stall the administrator. Readers take
        // no lock.
        if shared {
            let kept = keep_to_owner(&file, path, &made);
            if kept.is_err() {
                made.undo(path);
            }
            kept?;
        }
        let start = Instant::now();
        loop {
            match file.try_lock() {
                // While another process holds it, some systems don't let this one read it.
                Ok(()) => {
                    refuse_anything_but_a_lock(&file, path)?;
                    return Ok(Self { file });
                }
                Err(TryLockError::WouldBlock) if start.elapsed() < timeout => {
                    std::thread::sleep(RETRY_INTERVAL);
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
                Err(TryLockError::Error(error)) => return Err(StoreError::from_io(&error, path)),
            }
        }
    }

    /// Signals to holders of a snapshot that the vault was written. The length signals it, because
    /// two writes may share one tick of the file system's clock. A failure isn't an error:
    /// snapshots are read again after a while anyway.
    pub(crate) fn record_write(&self) {
        let length = self.file.metadata().map_or(0, |metadata| metadata.len());
        let _ = self.file.set_len((length + 1) % ROUND);
    }
}

impl Drop for Lock {
    /// Closing the file isn't enough: a child forked in the meantime has it open as well and would
    /// hold the lock as long as it lives.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The parts of a lock file's path that don't exist yet.
struct CreatedFile<'p> {
    file: bool,
    folders: Vec<&'p Path>,
}

impl<'p> CreatedFile<'p> {
    fn find_missing(path: &Path, folder: &'p Path) -> Self {
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let folders = folder.ancestors().take_while(is_missing).collect();
        Self { file: std::fs::symlink_metadata(path).is_err(), folders }
    }

    /// Removes the created file and folders; of the folders only empty ones, the innermost first.
    fn undo(&self, path: &Path) {
        if self.file {
            let _ = std::fs::remove_file(path);
        }
        let _ = self.folders.iter().try_for_each(std::fs::remove_dir);
    }
}

/// On a file system without permissions (those of Windows and of cameras, many file servers),
/// everyone could read a machine's secret. The lock file shows that before anything is written.
fn keep_to_owner(file: &File, path: &Path, made: &CreatedFile<'_>) -> Result<(), StoreError> {
    let open_to_others = || StoreError::OpenToOthers { path: path.to_owned() };
    match latchkey_files::keep_to_owner(file, Access::MachineSecret) {
        // The file was created just now, so it isn't another user's: this file system doesn't let
        // its permissions be changed.
        Err(error) if made.file && error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(open_to_others())
        }
        Err(error) => Err(StoreError::from_io(&error, path)),
        Ok(()) if made.file => match latchkey_files::check_path(path, Access::MachineSecret) {
            Err(Fault::OpenToOthers) => Err(open_to_others()),
            _ => Ok(()),
        },
        Ok(()) => Ok(()),
    }
}

fn failed_to_open(fault: &Fault, path: &Path, folder: &Path) -> StoreError {
    match fault {
        Fault::NotAFile => not_a_lock(path),
        Fault::Io(error) => StoreError::from_io(error, folder),
        fault => StoreError::from_fault(fault, path),
    }
}

/// Refuses a file with another hard link.
fn refuse_a_link(file: &File, path: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::from_io(&error, path);
    let still = latchkey_files::is_still(file, path).map_err(failed)?;
    if !still || latchkey_files::has_other_names(file).map_err(failed)? {
        return Err(StoreError::IsLink { path: path.to_owned() });
    }
    Ok(())
}

/// Refuses a file with content: a lock file contains only zero bytes. Another file in its place
/// would otherwise be truncated.
fn refuse_anything_but_a_lock(file: &File, path: &Path) -> Result<(), StoreError> {
    let mut inside = Vec::new();
    let read = std::io::Read::take(file, ROUND + 1).read_to_end(&mut inside);
    read.map_err(|error| StoreError::from_io(&error, path))?;
    if inside.len() as u64 > ROUND || inside.iter().any(|byte| *byte != 0) {
        return Err(not_a_lock(path));
    }
    Ok(())
}

fn not_a_lock(path: &Path) -> StoreError {
    StoreError::File { path: path.to_owned(), reason: "not a lock of a licence".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_machine_lock_that_cannot_be_restricted_to_its_owner_is_refused() {
        // Its permissions can't be changed and everyone can read it, as on a file system without
        // permissions.
        let path = Path::new("/proc/self/status");
        let file = File::open(path).unwrap();
        let made = CreatedFile { file: true, folders: Vec::new() };
        let refused = keep_to_owner(&file, path, &made).unwrap_err();
        assert_eq!(refused, StoreError::OpenToOthers { path: path.to_owned() });
        // An existing file may be another user's.
        let refused = keep_to_owner(&file, path, &CreatedFile { file: false, ..made }).unwrap_err();
        assert!(!matches!(refused, StoreError::OpenToOthers { .. }), "{refused:?}");
    }

    #[test]
    fn a_refused_lock_leaves_only_what_existed_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.lock");
        let made = CreatedFile::find_missing(&path, folder_of(&path));
        drop(Lock::take(&path, true, LOCK_TIMEOUT).unwrap());
        let again = CreatedFile::find_missing(&path, folder_of(&path));
        again.undo(&path);
        assert!(path.exists(), "the file should exist");
        std::fs::write(folder.path().join("a/other"), "x").unwrap();
        made.undo(&path);
        assert!(!folder.path().join("a/b").exists());
        assert!(folder.path().join("a/other").exists());
    }

    #[test]
    fn the_second_process_waits_for_the_lock_and_finally_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.lock");
        let first = Lock::take(&path, false, LOCK_TIMEOUT).unwrap();
        let second = Lock::take(&path, false, Duration::from_millis(50));
        assert_eq!(second.unwrap_err(), StoreError::Busy);
        drop(first);
        assert!(Lock::take(&path, false, Duration::from_millis(50)).is_ok());
    }

    #[test]
    fn a_lock_file_with_a_second_hard_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.lock"), folder.path().join("b.lock"));
        drop(Lock::take(&path, false, LOCK_TIMEOUT).unwrap());
        std::fs::hard_link(&path, &other).unwrap();
        for path in [path, other] {
            let refused = Lock::take(&path, false, LOCK_TIMEOUT).unwrap_err();
            assert_eq!(refused, StoreError::IsLink { path });
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_file_that_is_not_a_lock_are_refused_and_not_truncated() {
        let folder = tempfile::tempdir().unwrap();
        let precious = folder.path().join("precious");
        std::fs::write(&precious, "ssh-ed25519 ".repeat(700)).unwrap();
        let before = std::fs::read(&precious).unwrap();
        let (soft, hard) = (folder.path().join("soft.lock"), folder.path().join("hard.lock"));
        std::os::unix::fs::symlink(&precious, &soft).unwrap();
        std::fs::hard_link(&precious, &hard).unwrap();
        for path in [&soft, &hard, &precious] {
            assert!(Lock::take(path, false, LOCK_TIMEOUT).is_err());
            assert_eq!(std::fs::read(&precious).unwrap(), before);
        }
        // A dangling link creates nothing at its target.
        let (dangling, nowhere) = (folder.path().join("dangling"), folder.path().join("nowhere"));
        std::os::unix::fs::symlink(&nowhere, &dangling).unwrap();
        let refused = Lock::take(&dangling, false, LOCK_TIMEOUT).unwrap_err();
        assert_eq!(refused, StoreError::IsLink { path: dangling });
        assert!(!nowhere.exists());
        // A pipe is refused without waiting for it.
        let pipe = folder.path().join("pipe.lock");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(Lock::take(&pipe, false, LOCK_TIMEOUT), Err(StoreError::File { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn no_other_user_can_hold_a_machine_lock_not_even_an_existing_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        for there in [false, true] {
            let path = folder.path().join(format!("{there}.lock"));
            if there {
                let file = File::create(&path).unwrap();
                file.set_permissions(std::fs::Permissions::from_mode(0o666)).unwrap();
            }
            drop(Lock::take(&path, true, LOCK_TIMEOUT).unwrap());
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
