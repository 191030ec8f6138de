//! How the programs open, make and replace files of their own. A link that another user planted in a file's
//! place isn't followed, nothing but a file is opened, and a file that belongs to a stranger is refused.
//!
//! A file's owner is trusted where it is the user, the administrator, or the owner of the folder that the file is in:
//! that one could exchange the file anyway, and it is whom an administrator's command works for.

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

/// Whose a file is, and who else may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A user's own, and nobody else's. It may lie on a disk that knows no permissions.
    User,
    /// A user's own, and worth so much that it isn't used where others have access to it.
    UserSecret,
    /// The whole machine's: an administrator writes it, everybody may read it.
    Machine,
    /// A secret of the whole machine: an administrator writes and reads it.
    MachineSecret,
}

/// What a file is opened for.
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
    /// It belongs to somebody who isn't trusted.
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
    /// There is nothing of this name.
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

/// Opens a file of the program's own to read it.
///
/// # Errors
/// [`Fault`].
pub fn open(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::Read, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// Opens a file of the program's own that is there, to lock it or to bring it to the disk. It isn't cut.
///
/// # Errors
/// [`Fault`].
pub fn open_to_write(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::Write, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// The same, and makes it where it isn't there. It can be read as well.
///
/// # Errors
/// [`Fault`].
pub fn open_or_create(path: &Path, access: Access) -> Result<File, Fault> {
    let file = platform::open(path, Mode::WriteOrCreate, access)?;
    check(&file, path, access)?;
    Ok(file)
}

/// Looks at a file of the program's own without opening it.
///
/// # Errors
/// [`Fault`].
pub fn look(path: &Path, access: Access) -> Result<fs::Metadata, Fault> {
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

/// Opens a file that a person named: it may be anybody's, and a link may lead to it, but it is a file. A pipe or a
/// device could keep everybody waiting.
///
/// # Errors
/// [`Fault::NotAFile`] and [`Fault::Io`].
pub fn open_named(path: &Path) -> Result<File, Fault> {
    let file = platform::open_named(path)?;
    file.metadata()?.is_file().then_some(()).ok_or(Fault::NotAFile)?;
    Ok(file)
}

/// Makes a file that must not be there yet, not even as a link. On Unix, only its owner reads it until it is whole; on
/// Windows it has its rules from the start, and a machine's file is made by an administrator or not at all.
///
/// # Errors
/// The system's.
pub fn create(path: &Path, access: Access) -> io::Result<File> {
    platform::create(path, access)
}

/// Puts a file in the place of what is there, in one step, once everything has reached the disk. Where a link is, the
/// link is replaced and not what it leads to. Two processes must not do it at once.
///
/// # Errors
/// The system's. What was there is untouched then.
pub fn replace(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let aside = beside(path, ".new");
    // What a killed process left.
    remove(&aside)?;
    let written = create(&aside, access).and_then(|mut file| {
        file.write_all(bytes)?;
        if access == Access::Machine {
            platform::let_everybody_read(&file)?;
        }
        file.sync_all()?;
        drop(file);
        fs::rename(&aside, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written?;
    // The new name is safe only when the folder is. Where folders can't be opened, renaming is enough.
    match File::open(folder_of(path)) {
        Ok(folder) => sync_opened_folder(&folder),
        Err(_) => Ok(()),
    }
}

/// Makes the names in a folder survive a power cut, where the file system can do that: some of those that lie on other
/// computers or in user space can't, and say so.
///
/// # Errors
/// The system's.
pub fn sync_opened_folder(folder: &File) -> io::Result<()> {
    platform::sync_folder(folder)
}

/// Makes a folder, and those above it that aren't there. One that is there stays as it is.
///
/// # Errors
/// The system's.
pub fn create_folder(folder: &Path, access: Access) -> Result<(), Fault> {
    platform::create_folder(folder, access)
}

/// Makes a folder that must not be there yet, in one that is.
///
/// # Errors
/// The system's.
pub fn create_new_folder(folder: &Path, access: Access) -> io::Result<()> {
    platform::create_new_folder(folder, access)
}

/// Opens a folder of the program's own: no link, and nobody else's.
///
/// # Errors
/// [`Fault`]; [`Fault::NotAFile`] where it is no folder.
pub fn open_folder(folder: &Path, access: Access) -> Result<File, Fault> {
    platform::open_folder(folder, access)
}

/// Lets the owner alone use a file that may have been there before; on Windows, those who may use a secret.
///
/// # Errors
/// The system's.
pub fn keep_to_owner(file: &File, access: Access) -> io::Result<()> {
    platform::keep_to_owner(file, access)
}

/// What another user owns in this user's home folder, so that it bars the way to this path; and whose it is: the
/// owner's number, or `root`. That is what a program leaves that was run as administrator with the user's `HOME`.
/// Nothing where that isn't the reason, and on Windows.
#[must_use]
pub fn left_behind(path: &Path) -> Option<(PathBuf, String)> {
    let home = std::env::home_dir().filter(|home| home.is_absolute())?;
    platform::left_behind(path, &home)
}

/// Gives what was just made to the owner of a folder. Only an administrator can do that, and no other user needs it: a
/// user's files are the user's own. On Windows that owner is let in.
///
/// # Errors
/// The system's.
pub fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    platform::give_to_owner_of(folder, made)
}

/// Whether a name still leads to an open file or folder. Something else may have got it meanwhile, also a link.
///
/// # Errors
/// The system's; among them, that there is nothing of this name any more.
pub fn is_still(opened: &File, path: &Path) -> io::Result<bool> {
    platform::is_still(opened, path)
}

/// Whether an open file has other names, in this folder or elsewhere.
///
/// # Errors
/// The system's.
pub fn has_other_names(opened: &File) -> io::Result<bool> {
    platform::has_other_names(opened)
}

/// Whether others than its owner may read or change what is there, by permissions or rules. A link is followed.
///
/// # Errors
/// The system's.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    platform::is_open_to_others(path)
}

fn check(file: &File, path: &Path, access: Access) -> Result<(), Fault> {
    if !file.metadata()?.is_file() {
        return Err(Fault::NotAFile);
    }
    platform::check(file, folder_of(path), access)
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The file's name with something after it.
#[must_use]
pub fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(end);
    beside.into()
}

/// The folder that something is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const VICTIM: &str = "ssh-ed25519 AAAA";

    /// A folder with somebody's precious file in it, and a link to it where ours belongs.
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
        // Nor is anything made at the other end of a link to nowhere.
        let dangling = folder.path().join("dangling");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &dangling).unwrap();
        assert!(matches!(open_or_create(&dangling, Access::User), Err(Fault::Link)));
        assert!(create(&dangling, Access::User).is_err());
        assert!(!folder.path().join("nowhere").exists());
        assert_eq!(fs::read_to_string(victim).unwrap(), VICTIM);
    }

    #[test]
    fn replacing_replaces_a_planted_link_and_not_what_it_leads_to() {
        for soft in [true, false] {
            let (folder, victim, ours) = planted(soft);
            // Where the new one is written, somebody has planted one as well.
            std::os::unix::fs::symlink(&victim, beside(&ours, ".new")).unwrap();
            replace(&ours, b"ours", Access::Machine).unwrap();
            assert_eq!(fs::read_to_string(&victim).unwrap(), VICTIM);
            assert_eq!(fs::read_to_string(&ours).unwrap(), "ours");
            assert!(!ours.is_symlink());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        }
    }

    #[test]
    fn a_folder_and_a_pipe_are_no_file_and_nobody_waits_for_them() {
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
    fn a_file_that_a_person_named_may_be_a_link() {
        let (_folder, _, ours) = planted(true);
        assert_eq!(io::read_to_string(open_named(&ours).unwrap()).unwrap(), VICTIM);
    }

    #[test]
    fn a_folder_of_ours_is_no_link_and_no_file() {
        let (folder, victim, _) = planted(true);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(open_folder(folder.path(), Access::User).is_ok());
        assert!(matches!(open_folder(&link, Access::User), Err(Fault::Link)));
        assert!(matches!(open_folder(&victim, Access::User), Err(Fault::NotAFile)));
    }
}
