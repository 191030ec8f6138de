//! Windows: flags that follow no link, and access rules that a file has from its creation and that
//! are checked before it is used. They correspond to Unix's owner and three sets of permissions.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, GENERIC_ALL,
    GENERIC_EXECUTE, GENERIC_READ, GENERIC_WRITE,
};
use windows_sys::Win32::Storage::FileSystem::{
    DELETE, FILE_APPEND_DATA, FILE_ATTRIBUTE_REPARSE_POINT, FILE_DELETE_CHILD, FILE_EXECUTE,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_DATA,
    FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, FILE_WRITE_EA, READ_CONTROL, WRITE_DAC, WRITE_OWNER,
};

use crate::acl::{self, Grant, Rules};
use crate::{Access, Fault, Mode};

/// How often, and at what interval, replacing a file is repeated if another program has it open:
/// three seconds in total.
const RENAME_TRIES: u32 = 60;
const RENAME_WAIT: Duration = Duration::from_millis(50);

/// Flags that open a link itself, and folders.
const ITSELF: u32 = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;

const SYSTEM: &str = "S-1-5-18";
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// Windows' own installer, which owns most system folders.
const INSTALLER: &str = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
/// The creator of a new item; grants no access to the folder itself.
const CREATOR: &str = "S-1-3-0";
/// The owner.
const OWNER: &str = "S-1-3-4";
/// The owner that Windows reports for every file on a file system without owners.
const EVERYBODY: &str = "S-1-1-0";

/// Rights to change a file or its rules.
const WRITE: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_WRITE_EA
    | FILE_WRITE_ATTRIBUTES
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;
/// The same rights, and reading.
const READ_OR_WRITE: u32 = WRITE | FILE_READ_DATA | FILE_EXECUTE | GENERIC_READ | GENERIC_EXECUTE;
/// Rights to replace the files in a folder. Creating new ones isn't among them: in `%ProgramData%`
/// everyone may do that.
const RENAME: u32 = FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

pub(crate) fn open(path: &Path, mode: Mode, access: Access) -> Result<File, Fault> {
    no_link(match mode {
        Mode::Read | Mode::Write => mode.options().custom_flags(ITSELF).open(path)?,
        Mode::WriteOrCreate => acl::create(path, &rules_for(access, false)?, true)?,
    })
}

pub(crate) fn open_named(path: &Path) -> Result<File, Fault> {
    // Windows reports a folder as a file that may not be accessed.
    File::open(path).map_err(|error| if path.is_dir() { Fault::NotAFile } else { error.into() })
}

pub(crate) fn open_folder(folder: &Path, access: Access) -> Result<File, Fault> {
    let opened = no_link(OpenOptions::new().read(true).custom_flags(ITSELF).open(folder)?)?;
    if !opened.metadata()?.is_dir() {
        return Err(Fault::NotAFile);
    }
    match is_machine(access) {
        true => judge(&acl::rules(&opened)?, &[&acl::current_user()?], RENAME)?,
        false => check(&opened, crate::folder_of(folder), access)?,
    }
    Ok(opened)
}

/// Opens a file or folder only to read its rules. A link is refused unless `followed`.
fn open_rules(path: &Path, followed: bool) -> Result<File, Fault> {
    let flags = if followed { FILE_FLAG_BACKUP_SEMANTICS } else { ITSELF };
    let opened = OpenOptions::new().access_mode(READ_CONTROL).custom_flags(flags).open(path)?;
    if followed { Ok(opened) } else { no_link(opened) }
}

fn no_link(file: File) -> Result<File, Fault> {
    let found = file.metadata()?;
    if found.is_symlink() {
        return Err(Fault::Link);
    }
    // A placeholder of another program: its content isn't in the file.
    if found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        return Err(Fault::NotAFile);
    }
    Ok(file)
}

pub(crate) fn create(path: &Path, access: Access) -> io::Result<File> {
    acl::create(path, &rules_for(access, false)?, false)
}

pub(crate) fn create_new_folder(folder: &Path, access: Access) -> io::Result<()> {
    acl::create_folder(folder, &rules_for(access, true)?)
}

pub(crate) fn create_folder(folder: &Path, access: Access) -> Result<(), Fault> {
    if !folder.is_dir() {
        let missing: Vec<_> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
            .collect();
        for missing in missing.into_iter().rev() {
            match create_new_folder(missing, access) {
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && missing.is_dir() => {}
                made => made?,
            }
        }
    }
    // Every user may create folders in `%ProgramData%`, and a folder's creator could replace its
    // content.
    if is_machine(access) {
        open_folder(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }, access)?;
    }
    Ok(())
}

/// Windows flushes names by itself.
pub(crate) fn sync_folder(_: &File) -> io::Result<()> {
    Ok(())
}

/// A file can't be replaced while a virus scanner or a backup has it open and, on file systems
/// without POSIX semantics, while anything reads it. That takes moments, so it is tried again.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 0..RENAME_TRIES {
        match std::fs::rename(from, to) {
            Err(error) if is_in_use(&error) => std::thread::sleep(RENAME_WAIT),
            done => return done,
        }
    }
    std::fs::rename(from, to)
}

/// Windows reports an open file as one that may not be accessed, depending on how it was opened.
fn is_in_use(error: &io::Error) -> bool {
    const IN_USE: [u32; 2] = [ERROR_SHARING_VIOLATION, ERROR_ACCESS_DENIED];
    error.raw_os_error().is_some_and(|code| IN_USE.contains(&code.cast_unsigned()))
}

/// Whether a file can't be opened because another program has it open, or has locked a part of it.
pub(crate) fn is_held(error: &io::Error) -> bool {
    const HELD: [u32; 2] = [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION];
    error.raw_os_error().is_some_and(|code| HELD.contains(&code.cast_unsigned()))
}

/// Everyone has been able to read it since its creation.
pub(crate) fn let_everybody_read(_: &File) -> io::Result<()> {
    Ok(())
}

pub(crate) fn keep_to_owner(file: &File, access: Access) -> io::Result<()> {
    acl::protect(file, &rules_for(access, file.metadata()?.is_dir())?)
}

/// Windows has no folders that a command with `sudo` left behind.
pub(crate) const fn blocking_folder(_: &Path, _: &Path) -> Option<(std::path::PathBuf, String)> {
    None
}

/// Grants access to the owner of the folder. Changing the owner needs a privilege that isn't
/// necessary: that user is an administrator then and can take ownership.
pub(crate) fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    let owner = acl::rules(&open_rules(folder, true)?)?.owner;
    if is_known(&owner, &acl::current_user()?) || owner == EVERYBODY || owner.is_empty() {
        return Ok(());
    }
    let inherited = inheritance_flags(made.metadata()?.is_dir());
    let rules = rules_for(Access::User, made.metadata()?.is_dir())?;
    acl::protect(made, &format!("{rules}(A;{inherited};FA;;;{owner})"))
}

pub(crate) fn check(opened: &File, folder: &Path, access: Access) -> Result<(), Fault> {
    let (rules, user) = (acl::rules(opened)?, acl::current_user()?);
    let forbidden = match access {
        // A user's file may be on a file system without rules, so only its owner is checked there.
        Access::User if rules.owner == EVERYBODY => return Ok(()),
        Access::User => 0,
        Access::UserSecret | Access::MachineSecret => READ_OR_WRITE,
        Access::Machine => WRITE,
    };
    if is_machine(access) {
        // The folder's owner could replace the file, and may be any user in `%ProgramData%`.
        judge(&acl::rules(&open_rules(folder, false)?)?, &[&user], RENAME)?;
        return judge(&rules, &[&user], forbidden);
    }
    match judge(&rules, &[&user], forbidden) {
        Ok(()) => Ok(()),
        Err(_) => {
            let owner = acl::rules(&open_rules(folder, true)?)?.owner;
            judge(&rules, &[&user, &owner], forbidden)
        }
    }
}

pub(crate) fn check_named(_: &Metadata, path: &Path, access: Access) -> Result<(), Fault> {
    check(&open_rules(path, false)?, crate::folder_of(path), access)
}

pub(crate) fn is_still(opened: &File, path: &Path) -> io::Result<bool> {
    let named = OpenOptions::new().access_mode(READ_CONTROL).custom_flags(ITSELF).open(path)?;
    Ok(acl::number(opened)?.file == acl::number(&named)?.file)
}

/// NTFS counts in the file number how often the number was given to a new file. The creation time
/// would add nothing: Windows gives it to a new file of the same name within 15 seconds as well
/// (file system tunnelling), and a file system without it (Samba's, Wine's) reports the time of the
/// last change in its place.
pub(crate) fn identity(path: &Path) -> io::Result<String> {
    let (volume, high, low) = acl::number(&open_rules(path, true).map_err(io::Error::from)?)?.file;
    Ok(format!("{volume:08x}:{high:08x}{low:08x}"))
}

pub(crate) fn has_other_names(opened: &File) -> io::Result<bool> {
    Ok(acl::number(opened)?.names > 1)
}

pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    let opened = open_rules(path, true)?;
    match check(&opened, crate::folder_of(path), Access::UserSecret) {
        Err(Fault::OpenToOthers) => Ok(true),
        Ok(()) | Err(Fault::OtherOwner) => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

const fn is_machine(access: Access) -> bool {
    matches!(access, Access::Machine | Access::MachineSecret)
}

/// Whether an identity is the user, or has full access to this computer anyway.
fn is_known(identity: &str, user: &str) -> bool {
    [user, SYSTEM, ADMINISTRATORS, INSTALLER].contains(&identity)
}

/// Checks that everyone with a forbidden right is trusted, or has full access anyway.
fn judge(rules: &Rules, trusted: &[&str], forbidden: u32) -> Result<(), Fault> {
    let is_trusted = |who: &str| trusted.iter().any(|user| is_known(who, user));
    if !is_trusted(&rules.owner) {
        return Err(Fault::OtherOwner);
    }
    let harmless = |grant: &Grant| {
        grant.may & forbidden == 0
            || is_trusted(&grant.who)
            || [CREATOR, OWNER].contains(&grant.who.as_str())
    };
    match &rules.granted {
        _ if forbidden == 0 => Ok(()),
        Some(granted) if granted.iter().all(harmless) => Ok(()),
        _ => Err(Fault::OpenToOthers),
    }
}

/// The rules of a new item. Nothing is inherited from the folder (`P`). A machine's item belongs to
/// the administrators, whichever of them creates it, and no one else can create it.
fn rules_for(access: Access, folder: bool) -> io::Result<String> {
    let inherited = inheritance_flags(folder);
    let all = |who: &str| format!("(A;{inherited};FA;;;{who})");
    let administrators = all(SYSTEM) + &all(ADMINISTRATORS);
    Ok(match access {
        Access::User | Access::UserSecret => {
            format!("D:P{administrators}{}", all(&acl::current_user()?))
        }
        Access::Machine => {
            let users = if folder { "(A;OICI;FRFX;;;BU)" } else { "(A;;FR;;;BU)" };
            format!("O:BAD:P{administrators}{users}")
        }
        Access::MachineSecret => format!("O:BAD:P{administrators}"),
    })
}

/// Files and folders that other programs create in a folder inherit its rules.
const fn inheritance_flags(folder: bool) -> &'static str {
    if folder { "OICI" } else { "" }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ME: &str = "S-1-5-21-1-2-3-1001";
    const STRANGER: &str = "S-1-5-21-1-2-3-1002";
    const USERS: &str = "S-1-5-32-545";
    /// `FA`, `FR` and `FRFX`.
    const ALL: u32 = 0x001f_01ff;
    const READ: u32 = 0x0012_0089;
    const READ_AND_ENTER: u32 = 0x0012_00a9;

    fn rules(owner: &str, granted: &[(&str, u32)]) -> Rules {
        let grant = |(who, may): &(&str, u32)| Grant { who: (*who).to_owned(), may: *may };
        Rules { owner: owner.to_owned(), granted: Some(granted.iter().map(grant).collect()) }
    }

    /// Grants everyone full access to a file or folder, and to what other programs create in it.
    fn open_to_everybody(path: &Path, also: u32) {
        let opened = open_rules(path, true).unwrap();
        let rules = format!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;{also:#x};;;WD)");
        acl::protect(&opened, &rules).unwrap();
    }

    /// Everyone without full access to the computer.
    fn others_in(path: &Path) -> Vec<Grant> {
        let user = acl::current_user().unwrap();
        let granted = acl::rules(&open_rules(path, false).unwrap()).unwrap().granted.unwrap();
        granted.into_iter().filter(|grant| !is_known(&grant.who, &user)).collect()
    }

    #[test]
    fn only_the_user_and_administrators_are_trusted() {
        for forbidden in [0, WRITE, READ_OR_WRITE, RENAME] {
            for owner in [ME, SYSTEM, ADMINISTRATORS, INSTALLER] {
                let own = rules(owner, &[(SYSTEM, ALL), (ADMINISTRATORS, ALL), (ME, ALL)]);
                assert!(judge(&own, &[ME], forbidden).is_ok(), "{owner}");
            }
            for owner in [STRANGER, USERS, EVERYBODY, CREATOR, ""] {
                let judged = judge(&rules(owner, &[]), &[ME], forbidden);
                assert!(matches!(judged, Err(Fault::OtherOwner)), "{owner}");
            }
        }
    }

    #[test]
    fn changeable_machine_files_and_readable_secrets_are_refused() {
        let judged = |who, may, forbidden| {
            judge(&rules(ADMINISTRATORS, &[(SYSTEM, ALL), (who, may)]), &[ME], forbidden)
        };
        for (who, may, forbidden) in [
            (USERS, READ, WRITE),
            (USERS, READ_AND_ENTER, WRITE),
            (STRANGER, READ_CONTROL, READ_OR_WRITE),
            // The rights of every user in `%ProgramData%`.
            (USERS, READ_AND_ENTER | FILE_WRITE_DATA | FILE_APPEND_DATA, RENAME),
            (OWNER, ALL, READ_OR_WRITE),
            (CREATOR, GENERIC_ALL, READ_OR_WRITE),
            (EVERYBODY, ALL, 0),
        ] {
            assert!(judged(who, may, forbidden).is_ok(), "{who} {may:#x} {forbidden:#x}");
        }
        for (who, may, forbidden) in [
            (USERS, READ, READ_OR_WRITE),
            (USERS, FILE_READ_DATA, READ_OR_WRITE),
            (USERS, GENERIC_READ, READ_OR_WRITE),
            (EVERYBODY, FILE_WRITE_DATA, WRITE),
            (EVERYBODY, FILE_APPEND_DATA, WRITE),
            (STRANGER, DELETE, WRITE),
            (STRANGER, WRITE_DAC, WRITE),
            (STRANGER, WRITE_OWNER, WRITE),
            (STRANGER, GENERIC_ALL, WRITE),
            (STRANGER, FILE_DELETE_CHILD, RENAME),
            (STRANGER, DELETE, RENAME),
            // A kind of entry that files don't have.
            ("", u32::MAX, WRITE),
        ] {
            let refused = judged(who, may, forbidden);
            assert!(matches!(refused, Err(Fault::OpenToOthers)), "{who} {may:#x} {forbidden:#x}");
        }
        let no_list = Rules { owner: ME.to_owned(), granted: None };
        assert!(matches!(judge(&no_list, &[ME], WRITE), Err(Fault::OpenToOthers)));
        assert!(judge(&no_list, &[ME], 0).is_ok());
    }

    #[test]
    fn a_new_user_file_is_private_whatever_its_folder_allows() {
        let folder = tempfile::tempdir().unwrap();
        open_to_everybody(folder.path(), ALL);
        let theirs = folder.path().join("other program's");
        fs::write(&theirs, "x").unwrap();
        assert_ne!(others_in(&theirs), []);
        for access in [Access::User, Access::UserSecret] {
            let made = |name: &str| folder.path().join(format!("{access:?} {name}"));
            drop(create(&made("created"), access).unwrap());
            drop(open(&made("opened"), Mode::WriteOrCreate, access).unwrap());
            crate::replace(&made("replaced"), b"x", access).unwrap();
            crate::replace(&made("replaced"), b"y", access).unwrap();
            create_folder(&made("folder").join("deep"), access).unwrap();
            create_new_folder(&made("new"), access).unwrap();
            for name in ["created", "opened", "replaced", "folder", "folder/deep", "new"] {
                assert_eq!(others_in(&made(name)), [], "{name}");
                assert!(!is_open_to_others(&made(name)).unwrap(), "{name}");
            }
            assert!(crate::open(&made("replaced"), access).is_ok());
        }
    }

    /// This test needs administrator rights.
    #[test]
    fn only_administrators_change_machine_files_and_read_machine_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("all/of it");
        create_folder(&place, Access::Machine).unwrap();
        for access in [Access::Machine, Access::MachineSecret] {
            let path = place.join(format!("{access:?}"));
            for content in ["first", "second"] {
                crate::replace(&path, content.as_bytes(), access).unwrap();
                let read = io::read_to_string(crate::open(&path, access).unwrap()).unwrap();
                assert_eq!(read, content);
            }
            let others = others_in(&path);
            assert!(others.iter().all(|grant| grant.may & WRITE == 0), "{others:?}");
            assert!(access == Access::Machine || others.is_empty(), "{others:?}");
        }
        for made in [&place, place.parent().unwrap()] {
            let others = others_in(made);
            assert!(others.iter().all(|grant| grant.may & (RENAME | WRITE) == 0), "{others:?}");
        }
    }

    #[test]
    fn world_accessible_files_are_refused_where_that_matters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        crate::replace(&path, b"x", Access::User).unwrap();
        let all = [Access::User, Access::UserSecret, Access::Machine, Access::MachineSecret];
        let refused = |path: &Path| {
            all.map(|access| {
                let opened = crate::open(path, access);
                assert_eq!(opened.is_ok(), crate::check_path(path, access).is_ok());
                assert_eq!(opened.is_ok(), crate::open_to_write(path, access).is_ok());
                matches!(opened, Err(Fault::OpenToOthers))
            })
        };
        assert_eq!(refused(&path), [false; 4]);
        open_to_everybody(&path, READ);
        assert_eq!(refused(&path), [false, true, false, true]);
        assert!(is_open_to_others(&path).unwrap());
        open_to_everybody(&path, ALL);
        assert_eq!(refused(&path), [false, true, true, true]);
        // An existing file, as a lock file may be.
        keep_to_owner(&crate::open_to_write(&path, Access::User).unwrap(), Access::MachineSecret)
            .unwrap();
        assert_eq!(others_in(&path), []);
    }

    #[test]
    fn a_machine_file_in_a_replaceable_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        crate::replace(&path, b"x", Access::User).unwrap();
        assert!(crate::open(&path, Access::Machine).is_ok());
        assert!(create_folder(folder.path(), Access::Machine).is_ok());
        open_to_everybody(folder.path(), ALL);
        for access in [Access::Machine, Access::MachineSecret] {
            assert!(matches!(crate::open(&path, access), Err(Fault::OpenToOthers)));
            let refused = create_folder(folder.path(), access);
            assert!(matches!(refused, Err(Fault::OpenToOthers)));
        }
        assert!(crate::open(&path, Access::User).is_ok());
        assert!(create_folder(folder.path(), Access::User).is_ok());
    }

    #[test]
    fn files_and_folders_are_distinguished_and_nothing_is_created_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for opening in [crate::open, crate::open_to_write, crate::open_or_create] {
            let opened = opening(folder.path(), Access::User);
            assert!(matches!(opened, Err(Fault::NotAFile)), "{opened:?}");
        }
        drop(create(&path, Access::User).unwrap());
        let again = create(&path, Access::User).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert!(matches!(open_folder(&path, Access::User), Err(Fault::NotAFile)));
        let again = create_new_folder(folder.path(), Access::User).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert!(create_folder(&path.join("b"), Access::User).is_err());
    }

    #[test]
    fn a_file_is_identified_under_each_of_its_own_names_only() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        let file = create(&path, Access::User).unwrap();
        assert!(is_still(&file, &path).unwrap() && !has_other_names(&file).unwrap());
        fs::hard_link(&path, &other).unwrap();
        assert!(is_still(&file, &other).unwrap() && has_other_names(&file).unwrap());
        let another = folder.path().join("c");
        assert_eq!(is_still(&file, &another).unwrap_err().kind(), io::ErrorKind::NotFound);
        crate::replace(&another, b"x", Access::User).unwrap();
        assert!(!is_still(&file, &another).unwrap());
        let opened = open_folder(folder.path(), Access::User).unwrap();
        assert!(is_still(&opened, folder.path()).unwrap());
    }

    #[test]
    fn a_path_may_exceed_the_old_limit_of_windows() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join(["a"; 8].map(|part| part.repeat(40)).join("/"));
        create_folder(&deep, Access::User).unwrap();
        let path = deep.join("Büro.vault");
        crate::replace(&path, b"x", Access::User).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert!(crate::open(&path, Access::User).is_ok());
    }

    #[test]
    #[ignore = "Wine keeps no owners and no entries for groups: `cargo xtask test-windows --natively`"]
    fn new_files_and_folders_have_exactly_the_intended_rules() {
        let folder = tempfile::tempdir().unwrap();
        open_to_everybody(folder.path(), ALL);
        let me = acl::current_user().unwrap();
        let administrators = [(SYSTEM, ALL), (ADMINISTRATORS, ALL)];
        for (access, for_files, for_folders) in [
            (Access::User, Some((me.as_str(), ALL)), Some((me.as_str(), ALL))),
            (Access::Machine, Some((USERS, READ)), Some((USERS, READ_AND_ENTER))),
            (Access::MachineSecret, None, None),
        ] {
            let path = folder.path().join(format!("{access:?}"));
            crate::replace(&path, b"x", access).unwrap();
            let found = acl::rules(&open_rules(&path, false).unwrap()).unwrap();
            let list =
                |third: Option<_>| administrators.into_iter().chain(third).collect::<Vec<_>>();
            assert_eq!(found.granted, rules("", &list(for_files)).granted);
            assert!(access == Access::User || found.owner == ADMINISTRATORS);
            let path = path.with_extension("folder");
            create_new_folder(&path, access).unwrap();
            let found = acl::rules(&open_rules(&path, false).unwrap()).unwrap();
            assert_eq!(found.granted, rules("", &list(for_folders)).granted);
            // A file that SQLite creates in a vendor's folder.
            fs::write(path.join("other program's"), "x").unwrap();
            assert!(access == Access::Machine || others_in(&path.join("other program's")) == []);
        }
    }

    #[test]
    #[ignore = "Wine takes everybody for an administrator: `cargo xtask test-windows --natively`"]
    fn only_an_administrator_can_create_a_machine_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for access in [Access::Machine, Access::MachineSecret] {
            let refused = create(&path, access).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
            let refused = io::Error::from(create_folder(&path, access).unwrap_err());
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
            assert!(!path.exists());
        }
    }

    #[test]
    #[ignore = "Wine makes no junctions: `cargo xtask test-windows --natively`"]
    fn a_planted_junction_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (real, junction) = (folder.path().join("real"), folder.path().join("junction"));
        create_folder(&real, Access::User).unwrap();
        let made = std::process::Command::new("cmd")
            .args(["/c", "mklink", "/J"])
            .args([&junction, &real])
            .status();
        assert!(made.unwrap().success());
        assert!(matches!(open_folder(&junction, Access::User), Err(Fault::Link)));
        assert!(matches!(create_folder(&junction, Access::Machine), Err(Fault::Link)));
        assert!(matches!(crate::open(&junction, Access::User), Err(Fault::Link)));
        assert!(matches!(crate::check_path(&junction, Access::User), Err(Fault::Link)));
        crate::replace(&real.join("a"), b"x", Access::User).unwrap();
        assert!(matches!(crate::open(&junction.join("a"), Access::Machine), Err(Fault::Link)));
        assert!(create(&junction, Access::User).is_err());
        assert_eq!(fs::read_dir(&real).unwrap().count(), 1);
    }
}
