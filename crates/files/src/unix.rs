//! Unix: flags that follow no link and don't wait for a pipe, and checks of the owner and
//! permissions of open files.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{Mode as NewMode, OFlags};
use rustix::io::Errno;

use crate::{Access, Fault, Mode};

/// How often, and at what interval, opening a file is repeated if a file server has leased it to a
/// client: one second in total.
const LEASE_TRIES: u32 = 20;
const LEASE_WAIT: Duration = Duration::from_millis(50);

pub(crate) fn open(path: &Path, mode: Mode, access: Access) -> Result<File, Fault> {
    if matches!(mode, Mode::WriteOrCreate) && is_for_user(access) {
        // An existing file isn't given away: it may be another name of an administrator's file.
        match create_for_owner(path, new_file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok(made?),
        }
    }
    open_with(mode.options().mode(0o600), path, OFlags::NOFOLLOW | OFlags::NONBLOCK)
}

/// What an administrator's command creates in a user's folder belongs to the user: the command
/// works on the user's behalf, and the user couldn't use it otherwise.
fn is_for_user(access: Access) -> bool {
    matches!(access, Access::User | Access::UserSecret) && rustix::process::geteuid().is_root()
}

/// Creates something and gives it to the owner of the folder that contains it. The folder is opened
/// once, so its owner can't replace it between the steps and have another folder's content given
/// away.
fn create_for_owner(
    path: &Path,
    make: impl FnOnce(&File, &OsStr) -> Result<OwnedFd, Errno>,
) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::open(crate::folder_of(path), flags, NewMode::empty())?);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let made = File::from(make(&folder, name)?);
    set_owner(&folder.metadata()?, &made)?;
    Ok(made)
}

fn new_file(folder: &File, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, NewMode::RUSR | NewMode::WUSR)
}

fn new_folder(folder: &File, name: &OsStr) -> Result<OwnedFd, Errno> {
    rustix::fs::mkdirat(folder, name, NewMode::RWXU)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, NewMode::empty())
}

/// Opening a file never fails because another program has it open.
pub(crate) const fn is_held(_: &std::io::Error) -> bool {
    false
}

pub(crate) fn open_named(path: &Path) -> Result<File, Fault> {
    open_with(OpenOptions::new().read(true), path, OFlags::NONBLOCK)
}

pub(crate) fn open_folder(folder: &Path, access: Access) -> Result<File, Fault> {
    let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
    let opened = open_with(OpenOptions::new().read(true), folder, flags)?;
    check(&opened, crate::folder_of(folder), access)?;
    Ok(opened)
}

fn open_with(options: &mut OpenOptions, path: &Path, flags: OFlags) -> Result<File, Fault> {
    options.custom_flags(flags.bits().cast_signed());
    let mut tries = 0;
    let opened = loop {
        match options.open(path) {
            // A file server has leased the file to a client and is recalling the lease.
            // `O_NONBLOCK` doesn't wait for that.
            Err(error)
                if Errno::from_io_error(&error) == Some(Errno::AGAIN) && tries < LEASE_TRIES =>
            {
                tries += 1;
                std::thread::sleep(LEASE_WAIT);
            }
            opened => break opened,
        }
    };
    opened.map_err(|error| {
        match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => Fault::Link,
            // With `O_DIRECTORY`, a link isn't a directory either.
            Some(Errno::NOTDIR) if flags.contains(OFlags::DIRECTORY) => match path.is_symlink() {
                true => Fault::Link,
                false => Fault::NotAFile,
            },
            // A folder opened for writing, a pipe without a reader, or a socket.
            Some(Errno::ISDIR | Errno::NXIO) => Fault::NotAFile,
            _ => error.into(),
        }
    })
}

pub(crate) fn create(path: &Path, access: Access) -> io::Result<File> {
    if is_for_user(access) {
        return create_for_owner(path, new_file);
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

pub(crate) fn create_new_folder(folder: &Path, access: Access) -> io::Result<()> {
    DirBuilder::new().mode(folder_mode(access)).create(folder)
}

pub(crate) fn create_folder(folder: &Path, access: Access) -> Result<(), Fault> {
    if folder.is_dir() {
        return Ok(());
    }
    let mode = folder_mode(access);
    let missing: Vec<_> = folder.ancestors().take_while(|folder| !folder.is_dir()).collect();
    let mut missing = missing.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty());
    if is_for_user(access) {
        return missing.try_for_each(|missing| match create_for_owner(missing, new_folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && missing.is_dir() => {
                Ok(())
            }
            made => Ok(made.map(drop)?),
        });
    }
    DirBuilder::new().recursive(true).mode(mode).create(folder)?;
    // An administrator's umask must not exclude the others from what they may read.
    if mode != OWN_FOLDER {
        for made in missing {
            open_folder(made, Access::User)?.set_permissions(Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}

const OWN_FOLDER: u32 = 0o700;

const fn folder_mode(access: Access) -> u32 {
    match access {
        Access::User | Access::UserSecret => OWN_FOLDER,
        Access::Machine | Access::MachineSecret => 0o755,
    }
}

pub(crate) fn sync_folder(folder: &File) -> io::Result<()> {
    unless_unsupported(folder.sync_all())
}

/// The result of a folder's `fsync`, unless this file system doesn't support it for folders.
fn unless_unsupported(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error)
            if matches!(Errno::from_io_error(&error), Some(Errno::INVAL | Errno::NOTSUP)) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

pub(crate) fn let_everybody_read(file: &File) -> io::Result<()> {
    match file.set_permissions(Permissions::from_mode(0o644)) {
        // A file system without permissions may refuse to change them, and lets everyone read.
        Err(error)
            if error.kind() == io::ErrorKind::PermissionDenied
                && file.metadata()?.mode() & 0o044 == 0o044 =>
        {
            Ok(())
        }
        set => set,
    }
}

pub(crate) fn keep_to_owner(file: &File, _: Access) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o600))
}

pub(crate) fn blocking_folder(path: &Path, home: &Path) -> Option<(PathBuf, String)> {
    let me = rustix::process::geteuid();
    let owner = |path: &Path| std::fs::metadata(path).map(|found| found.uid()).ok();
    if me.is_root() || owner(home)? != me.as_raw() {
        return None;
    }
    let inside = path.ancestors().take_while(|folder| folder.starts_with(home) && *folder != home);
    // The innermost accessible folder is the one that blocks the way.
    let (found, owner) = { inside }.find_map(|found| Some((found, owner(found)?)))?;
    let name = if owner == 0 { "root".to_owned() } else { owner.to_string() };
    (owner != me.as_raw()).then(|| (found.to_owned(), name))
}

pub(crate) fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    set_owner(&std::fs::metadata(folder)?, made)
}

fn set_owner(owner: &Metadata, made: &File) -> io::Result<()> {
    if owner.uid() != made.metadata()?.uid() {
        match fchown(made, Some(owner.uid()), Some(owner.gid())) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn is_still(opened: &File, path: &Path) -> io::Result<bool> {
    let (opened, named) = (opened.metadata()?, std::fs::symlink_metadata(path)?);
    Ok((opened.dev(), opened.ino()) == (named.dev(), named.ino()))
}

/// The number of a file that was removed is soon given to another file, but not with the same
/// creation time.
pub(crate) fn identity(path: &Path) -> io::Result<String> {
    let file = std::fs::metadata(path)?;
    let created = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let created = created.map(|time| time.as_nanos().to_string()).unwrap_or_default();
    Ok(format!("{}:{}:{created}", file.dev(), file.ino()))
}

pub(crate) fn has_other_names(opened: &File) -> io::Result<bool> {
    Ok(opened.metadata()?.nlink() > 1)
}

pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.mode() & OTHERS != 0)
}

pub(crate) fn check(opened: &File, folder: &Path, access: Access) -> Result<(), Fault> {
    check_metadata(&opened.metadata()?, folder, access)
}

pub(crate) fn check_named(found: &Metadata, path: &Path, access: Access) -> Result<(), Fault> {
    check_metadata(found, crate::folder_of(path), access)
}

fn check_metadata(found: &Metadata, folder: &Path, access: Access) -> Result<(), Fault> {
    let me = rustix::process::geteuid().as_raw();
    judge(found.uid(), found.mode(), [me, 0, std::fs::metadata(folder)?.uid()], access)
}

/// The permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// A user's file may be on a file system without permissions, so only its owner is checked there.
fn judge(owner: u32, mode: u32, trusted: [u32; 3], access: Access) -> Result<(), Fault> {
    let others = match access {
        Access::User => 0,
        Access::Machine => 0o022,
        Access::UserSecret | Access::MachineSecret => OTHERS,
    };
    if !trusted.contains(&owner) {
        return Err(Fault::OtherOwner);
    }
    if mode & others != 0 {
        return Err(Fault::OpenToOthers);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_user_root_and_the_owner_of_the_folder_are_trusted() {
        for access in [Access::User, Access::Machine, Access::MachineSecret] {
            for owner in [1000, 0, 998] {
                assert!(judge(owner, 0o100_600, [1000, 0, 998], access).is_ok());
            }
            let refused = judge(1001, 0o100_600, [1000, 0, 998], access);
            assert!(matches!(refused, Err(Fault::OtherOwner)));
        }
    }

    #[test]
    fn writable_machine_files_and_readable_secrets_are_refused() {
        let judged = |mode, access| judge(0, mode, [0; 3], access);
        assert!(judged(0o100_644, Access::Machine).is_ok());
        assert!(matches!(judged(0o100_664, Access::Machine), Err(Fault::OpenToOthers)));
        assert!(matches!(judged(0o100_646, Access::Machine), Err(Fault::OpenToOthers)));
        assert!(judged(0o100_600, Access::MachineSecret).is_ok());
        assert!(matches!(judged(0o100_640, Access::MachineSecret), Err(Fault::OpenToOthers)));
        assert!(matches!(judged(0o100_604, Access::MachineSecret), Err(Fault::OpenToOthers)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn unchangeable_permissions_are_an_error_unless_everyone_may_read_anyway() {
        // The permissions of files in /proc can't be changed, not even by an administrator.
        let set = |path: &str| let_everybody_read(&File::open(path).unwrap());
        assert!(set("/proc/self/status").is_ok(), "not everyone can read it");
        let refused = set("/proc/self/environ").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "others can read it");
    }

    #[test]
    fn a_missing_folder_flush_is_tolerated_but_a_broken_disk_is_an_error() {
        let said = |errno: Errno| unless_unsupported(Err(errno.into()));
        for errno in [Errno::INVAL, Errno::NOTSUP] {
            assert!(said(errno).is_ok(), "{errno}");
        }
        for errno in [Errno::IO, Errno::NOSPC, Errno::DQUOT, Errno::BADF] {
            assert!(said(errno).is_err(), "{errno}");
        }
        assert!(unless_unsupported(Ok(())).is_ok());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_a_file_server_has_leased_is_opened_once_the_lease_is_returned() {
        use std::io::Read as _;
        use std::process::{Command, Stdio};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leased");
        std::fs::write(&path, "x").unwrap();
        // The kernel signals a lease recall, which ends this process.
        let lease = "import fcntl, sys, time\n\
            file = open(sys.argv[1])\n\
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)\n\
            print('!', end='', flush=True)\n\
            time.sleep(600)";
        let mut holder = Command::new("python3")
            .args(["-c", lease])
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        holder.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let opened = crate::open(&path, Access::User);
        holder.kill().unwrap();
        let ended = holder.wait().unwrap();
        assert!(opened.is_ok(), "{opened:?}");
        // It ended by the signal of the recall, before it was killed.
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(29));
    }

    #[test]
    fn files_that_root_creates_in_a_users_folder_belong_to_the_user() {
        assert!(rustix::process::geteuid().is_root(), "NOT TESTED: only root can do this");
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(home.path(), Some(12_345), Some(54_321)).unwrap();
        let owner = |path: &Path| {
            let found = std::fs::metadata(path).unwrap();
            (found.uid(), found.gid())
        };
        let folder = home.path().join(".local/share");
        let (lock, vault) = (folder.join("a.lock"), folder.join("a.vault"));
        crate::create_folder(&folder, Access::User).unwrap();
        crate::open_or_create(&lock, Access::User).unwrap();
        crate::replace(&vault, b"x", Access::User).unwrap();
        for made in [home.path().join(".local"), folder, lock, vault] {
            assert_eq!(owner(&made), (12_345, 54_321), "{made:?}");
        }
        // Files of the whole computer stay the administrator's.
        let machine = home.path().join("machine");
        crate::create_folder(&machine, Access::Machine).unwrap();
        assert_eq!(owner(&machine).0, 0);
        // An existing file may be another name of an administrator's file.
        let (others, planted) = (tempfile::tempdir().unwrap(), home.path().join("b.lock"));
        let others = others.path().join("precious");
        std::fs::write(&others, "x").unwrap();
        std::fs::hard_link(&others, &planted).expect("NOT TESTED: needs hard links");
        crate::open_or_create(&planted, Access::User).unwrap();
        assert_eq!(owner(&others).0, 0);
        // A link doesn't change this: the folder at its target counts.
        let link = home.path().join("link");
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &link).unwrap();
        crate::create_folder(&link.join("made"), Access::User).unwrap();
        assert_eq!(owner(&elsewhere.path().join("made")).0, 0);
    }

    #[test]
    fn root_refuses_another_users_file_in_its_folder() {
        // Only an administrator can create another user's file.
        assert!(rustix::process::geteuid().is_root(), "NOT TESTED: only root can do this");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "x").unwrap();
        assert!(crate::open(&path, Access::User).is_ok());
        std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        assert!(matches!(crate::open(&path, Access::User), Err(Fault::OtherOwner)));
        // In that user's own folder it is accepted.
        std::os::unix::fs::chown(folder.path(), Some(12_345), None).unwrap();
        assert!(crate::open(&path, Access::User).is_ok());
    }
}
