//! Opens, creates and replaces the programs' own files. A link that another user planted at a
//! file's path isn't followed, only regular files are opened, and a file of an untrusted owner is
//! refused.
//!
//! A file's owner is trusted if it is the user, the administrator, or the owner of the folder that
//! contains the file: the latter could replace the file anyway, and an administrator's command
//! works on their behalf.

#[cfg(windows)]
#[allow(unsafe_code, reason = "there is no other way to Windows' access rules")]
mod acl;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The owner of a file, and who else may access it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A user's private file. It may be on a file system without permissions.
    User,
    /// A user's private file that is so valuable that it isn't used if others have access to it.
    UserSecret,
    /// A file of the whole machine: an administrator writes it, everyone may read it.
    Machine,
    /// A secret of the whole machine: only an administrator writes and reads it.
    MachineSecret,
}

/// The purpose for which a file is opened.
#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write,
    WriteOrCreate,
}

impl Mode {
    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        match self {
            Self::Read => options.read(true),
            Self::Write => options.write(true),
            Self::WriteOrCreate => options.read(true).write(true).create(true),
        };
        options
    }
}

/// A file isn't opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Fault {
    /// A link is in its place.
    #[error("it is a link")]
    Link,
    /// Something else than a file is in its place: a folder, a pipe, a device.
    #[error("it is not a file")]
    NotAFile,
    /// It belongs to a user who isn't trusted.
    #[error("it belongs to another user")]
    OtherOwner,
    /// Others may change it, or may read what is a secret.
    #[error("others have access to it")]
    OpenToOthers,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Fault {
    /// Whether the error is that nothing of this name exists.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Io(error) => error,
            Fault::OtherOwner | Fault::OpenToOthers => {
                Self::new(io::ErrorKind::PermissionDenied, fault)
            }
            Fault::Link | Fault::NotAFile => Self::other(fault),
        }
    }
}

/// Why a file, a stream or an address can't be used, by a name that the message catalogue selects
/// on.
#[must_use]
pub fn reason(error: &io::Error) -> &'static str {
    match error.get_ref().and_then(|fault| fault.downcast_ref()) {
        Some(Fault::Link) => return "link",
        Some(Fault::OtherOwner) => return "owner",
        Some(Fault::OpenToOthers) => return "not_private",
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "missing",
        io::ErrorKind::PermissionDenied => "permission",
        io::ErrorKind::ReadOnlyFilesystem => "read_only",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "full",
        io::ErrorKind::IsADirectory => "folder",
        io::ErrorKind::InvalidFilename => "no_name",
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => "exists",
        io::ErrorKind::AddrInUse => "in_use",
        io::ErrorKind::AddrNotAvailable => "not_here",
        io::ErrorKind::NotConnected => "closed",
        _ if platform::is_held(error) => "in_use",
        _ => "other",
    }
}

/// Opens a file, a pipe or a device that the user named as input.
///
/// # Errors
/// Returns the system's error; [`io::ErrorKind::IsADirectory`] for a folder, at the latest when it
/// is read.
pub fn open_input(path: &Path) -> io::Result<File> {
    // Windows reports a folder as a file that may not be accessed.
    File::open(path).map_err(|error| match path.is_dir() {
        true => io::ErrorKind::IsADirectory.into(),
        false => error,
    })
}

/// Whether this is a Windows path (`C:\…`, `C:…`, `\\server\share`, `.\…`, `%APPDATA%\…`) on
/// another system, where it would be the name of a single file in the current folder. A path whose
/// first separator is a slash, such as `./C:\…`, is meant literally.
#[must_use]
pub fn is_foreign_windows_path(path: &Path) -> bool {
    if cfg!(windows) {
        return false;
    }
    // The characters that matter are ASCII.
    let text = path.to_string_lossy();
    let is_on_drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let first_separator = text.find(['/', '\\']);
    is_on_drive || first_separator.is_some_and(|at| text[at..].starts_with('\\'))
}

/// Opens one of the program's own files for reading.
///
/// # Errors
/// Returns [`Fault::Link`], [`Fault::NotAFile`], [`Fault::OtherOwner`] or [`Fault::OpenToOthers`]
/// if the file is refused, and [`Fault::Io`] if it can't be opened.
pub fn open(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::Read, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// Opens one of the program's own files, which has to exist, for locking or flushing. It isn't
/// truncated.
///
/// # Errors
/// As [`open`].
pub fn open_to_write(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::Write, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// The same, but creates the file if it doesn't exist. It can be read as well.
///
/// # Errors
/// As [`open`]; [`Fault::Io`] also if it can't be created.
pub fn open_or_create(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::WriteOrCreate, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// Checks one of the program's own files without opening it.
///
/// # Errors
/// Returns [`Fault::Link`], [`Fault::NotAFile`], [`Fault::OtherOwner`] or [`Fault::OpenToOthers`]
/// if the file is refused, and [`Fault::Io`] if it can't be found.
pub fn check_path(path: &Path, access: Access) -> Result<fs::Metadata, Fault> {
    let found = fs::symlink_metadata(path)?;
    match (found.is_symlink(), found.is_file()) {
        (true, _) => Err(Fault::Link),
        (false, true) => {
            platform::check_named(&found, path, access)?;
            Ok(found)
        }
        (false, false) => Err(Fault::NotAFile),
    }
}

/// Opens a file that the user named: it may belong to anyone, and a link may lead to it, but it has
/// to be a regular file. Reading a pipe or a device could block forever.
///
/// # Errors
/// Returns [`Fault::NotAFile`] if it isn't a regular file, and [`Fault::Io`] if it can't be opened.
pub fn open_named(path: &Path) -> Result<File, Fault> {
    let file = platform::open_named(path)?;
    file.metadata()?.is_file().then_some(()).ok_or(Fault::NotAFile)?;
    Ok(file)
}

/// Creates a file that must not exist, not even as a link. On Unix, only its owner can read it
/// until it is complete; on Windows it has its rules from the start, and only an administrator can
/// create a machine's file.
///
/// # Errors
/// Returns the operating system's [`io::Error`], for example if the file exists.
pub fn create(path: &Path, access: Access) -> io::Result<File> {
    platform::create(path, access)
}

/// Replaces a file in one step, once its content has been flushed to disk. If there is a link, it
/// is replaced and not its target. Two processes must not do this at the same time.
///
/// # Errors
/// Returns the operating system's [`io::Error`]. The previous file is unchanged then.
pub fn replace(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    replace_with(path, |aside| {
        let mut file = create(aside, access)?;
        file.write_all(bytes)?;
        if access == Access::Machine {
            platform::let_everybody_read(&file)?;
        }
        Ok(file)
    })?;
    // The new name is durable only when the folder is flushed. If folders can't be opened, renaming
    // is enough.
    match File::open(folder_of(path)) {
        Ok(folder) => sync_opened_folder(&folder),
        Err(_) => Ok(()),
    }
}

/// The extension of a file that [`replace_with`] is writing. A file has exactly one such name, so
/// that the next attempt finds the remains of a killed process.
pub const UNFINISHED: &str = "new";

/// Replaces a file in one step with one that `write` has made next to it, under the name that it is
/// given. The folder isn't flushed: [`sync_opened_folder`] makes the new name durable.
///
/// # Errors
/// Returns the [`io::Error`] of `write` or of the replacement. The previous file is unchanged then,
/// and nothing is left of the new one.
pub fn replace_with(path: &Path, write: impl FnOnce(&Path) -> io::Result<File>) -> io::Result<()> {
    let aside = beside(path, &format!(".{UNFINISHED}"));
    remove(&aside)?;
    let written = write(&aside).and_then(|file| {
        file.sync_all()?;
        drop(file);
        platform::rename(&aside, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

/// Flushes a folder, so that the names in it survive a power cut, if the file system supports that:
/// some network and user-space file systems don't, and report it.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the folder can't be flushed.
pub fn sync_opened_folder(folder: &File) -> io::Result<()> {
    platform::sync_folder(folder)
}

/// Creates a folder and its missing parents. An existing one stays as it is.
///
/// # Errors
/// Returns [`Fault::Io`] if the folder can't be created, and another variant of [`Fault`] if it
/// must not be used.
pub fn create_folder(folder: &Path, access: Access) -> Result<(), Fault> {
    platform::create_folder(folder, access)
}

/// Creates a folder that must not exist, in an existing one.
///
/// # Errors
/// Returns the operating system's [`io::Error`], for example if the folder exists.
pub fn create_new_folder(folder: &Path, access: Access) -> io::Result<()> {
    platform::create_new_folder(folder, access)
}

/// Opens one of the program's own folders, which must not be a link or belong to another user.
///
/// # Errors
/// Returns a [`Fault`] if the folder is refused or can't be opened; [`Fault::NotAFile`] if it
/// isn't a folder.
pub fn open_folder(folder: &Path, access: Access) -> Result<File, Fault> {
    platform::open_folder(folder, access)
}

/// Restricts an existing file to its owner; on Windows, to those who may use a secret.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the rules can't be set.
pub fn keep_to_owner(file: &File, access: Access) -> io::Result<()> {
    platform::keep_to_owner(file, access)
}

/// The path in this user's home folder that another user owns and that therefore blocks access to
/// `path`, and its owner: a user id or `root`. Programs leave such folders behind if they are run
/// as administrator with the user's `HOME`. `None` if that isn't the reason, and on Windows.
#[must_use]
pub fn blocking_folder(path: &Path) -> Option<(PathBuf, String)> {
    let home = std::env::home_dir().filter(|home| home.is_absolute())?;
    platform::blocking_folder(path, &home)
}

/// Gives a new file or folder to the owner of the folder that contains it. Only an administrator
/// can do that, and no other user needs it: a user's files are the user's own. On Windows, that
/// owner is granted access.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the owner can't be read or changed.
pub fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    platform::give_to_owner_of(folder, made)
}

/// Whether a name still refers to an open file or folder. Something else may have taken it
/// meanwhile, even a link.
///
/// # Errors
/// Returns the operating system's [`io::Error`], for example if the name no longer exists.
pub fn is_still(opened: &File, path: &Path) -> io::Result<bool> {
    platform::is_still(opened, path)
}

/// Text that identifies a file on this computer. A file keeps it while it is written and when it is
/// renamed within its file system. Every other file has another one: a copy, a file that was
/// restored from a backup, and a file that was moved to another file system. Follows links, and on
/// Unix doesn't open the file, because closing it would release the locks that this process has on
/// it.
///
/// # Errors
/// Returns an [`io::Error`] if the file can't be examined.
pub fn identity(path: &Path) -> io::Result<String> {
    platform::identity(path)
}

/// Whether an open file has other hard links, in this folder or elsewhere.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the file's links can't be counted.
pub fn has_other_names(opened: &File) -> io::Result<bool> {
    platform::has_other_names(opened)
}

/// Whether users other than its owner may read or change a file, by permissions or rules. Follows
/// links.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the permissions can't be read.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    platform::is_open_to_others(path)
}

fn check(file: &File, path: &Path, access: Access) -> Result<(), Fault> {
    if !file.metadata()?.is_file() {
        return Err(Fault::NotAFile);
    }
    platform::check(file, folder_of(path), access)
}

/// Removes a file if it exists.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The path with a suffix appended to the file name.
#[must_use]
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(end);
    beside.into()
}

/// The folder that contains the path.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Behaviour that all systems share.
#[cfg(test)]
mod shared_tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_identity_and_a_copy_has_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("issuer.db"), folder.path().join("copy.db"));
        fs::write(&file, "first").unwrap();
        let before = identity(&file).unwrap();
        fs::write(&file, "second, and longer").unwrap();
        File::options().append(true).open(&file).unwrap().write_all(b"third").unwrap();
        assert_eq!(identity(&file).unwrap(), before);
        let moved = folder.path().join("moved.db");
        fs::rename(&file, &moved).unwrap();
        assert_eq!(identity(&moved).unwrap(), before);
        fs::copy(&moved, &copy).unwrap();
        let other = identity(&copy).unwrap();
        assert_ne!(other, before);
        // A backup that is put in the place of the file is not the file.
        fs::rename(&copy, &moved).unwrap();
        assert_eq!(identity(&moved).unwrap(), other);
        assert_eq!(identity(&file).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const VICTIM: &str = "ssh-ed25519 AAAA";

    /// A folder with another user's valuable file, and a link to it at the path of ours.
    fn planted(soft: bool) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (victim, ours) = (folder.path().join("victim"), folder.path().join("ours"));
        fs::write(&victim, VICTIM).unwrap();
        match soft {
            true => std::os::unix::fs::symlink(&victim, &ours).unwrap(),
            false => fs::hard_link(&victim, &ours).unwrap(),
        }
        (folder, victim, ours)
    }

    #[test]
    fn a_planted_link_is_neither_read_nor_written_through() {
        let (folder, victim, ours) = planted(true);
        for opening in [open, open_to_write, open_or_create] {
            assert!(matches!(opening(&ours, Access::User), Err(Fault::Link)));
        }
        let made = create(&ours, Access::User).unwrap_err();
        assert_eq!(made.kind(), io::ErrorKind::AlreadyExists);
        // Nor is anything created at the target of a dangling link.
        let dangling = folder.path().join("dangling");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &dangling).unwrap();
        assert!(matches!(open_or_create(&dangling, Access::User), Err(Fault::Link)));
        assert!(create(&dangling, Access::User).is_err());
        assert!(!folder.path().join("nowhere").exists());
        assert_eq!(fs::read_to_string(victim).unwrap(), VICTIM);
    }

    #[test]
    fn replacing_a_file_replaces_a_planted_link_and_not_its_target() {
        for soft in [true, false] {
            let (folder, victim, ours) = planted(soft);
            // At the temporary path there is a planted file as well.
            std::os::unix::fs::symlink(&victim, beside(&ours, ".new")).unwrap();
            replace(&ours, b"ours", Access::Machine).unwrap();
            assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
            assert_eq!(fs::read_to_string(&ours).unwrap(), "ours");
            assert!(!ours.is_symlink());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_folder_and_a_pipe_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [folder.path(), &pipe] {
            for opening in [open, open_to_write, open_or_create] {
                assert!(matches!(opening(path, Access::User), Err(Fault::NotAFile)), "{path:?}");
            }
            assert!(matches!(open_named(path), Err(Fault::NotAFile)));
        }
    }

    #[test]
    fn a_file_that_the_user_named_may_be_a_link() {
        let (_folder, _, ours) = planted(true);
        assert_eq!(io::read_to_string(open_named(&ours).unwrap()).unwrap(), VICTIM);
    }

    #[test]
    fn a_link_and_a_file_are_refused_as_a_folder() {
        let (folder, victim, _) = planted(true);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(open_folder(folder.path(), Access::User).is_ok());
        assert!(matches!(open_folder(&link, Access::User), Err(Fault::Link)));
        assert!(matches!(open_folder(&victim, Access::User), Err(Fault::NotAFile)));
    }
}
