//! Windows access control: creates files and folders with their own rules, and reads the rules,
//! owner and identity of open ones. All unsafe code of this crate is here.
//!
//! Identities are text (`S-1-5-18`), and so are rules: SDDL, as written by `icacls /save` and in
//! Microsoft's documentation.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::windows::ffi::OsStrExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_OWNER, ERROR_PRIVILEGE_NOT_HELD, GENERIC_READ, GENERIC_WRITE, HANDLE,
    INVALID_HANDLE_VALUE, LocalFree,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo,
    SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetTokenInformation,
    INHERIT_ONLY_ACE, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES, SetKernelObjectSecurity, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CREATE_NEW, CreateDirectoryW, CreateFileW,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, GetFileInformationByHandle, OPEN_ALWAYS, READ_CONTROL, ReOpenFile, WRITE_DAC,
};
use windows_sys::Win32::System::SystemServices::{
    ACCESS_ALLOWED_ACE_TYPE, ACCESS_ALLOWED_CALLBACK_ACE_TYPE, ACCESS_DENIED_ACE_TYPE,
    ACCESS_DENIED_CALLBACK_ACE_TYPE,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Share mode that lets others open the file meanwhile, like the standard library: replacing and
/// locking need no exclusion.
const SHARED: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
/// Path length from which on a prefix is needed to lift the old limit; a folder's name has to leave
/// room for a file's.
const LONG: usize = 240;

/// The security information of a file: owner and list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) owner: String,
    /// The entries that grant access. `None` if there is no list, so everyone has full access.
    pub(crate) granted: Option<Vec<Grant>>,
}

/// An entry that grants access.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Who is granted access; empty if the entry is of a kind that files don't have.
    pub(crate) who: String,
    /// The access mask.
    pub(crate) may: u32,
}

/// Rules in Windows' own form, a security descriptor.
struct Descriptor(PSECURITY_DESCRIPTOR);

impl Descriptor {
    fn parse(rules: &str) -> io::Result<Self> {
        let rules = to_utf16(rules.as_ref());
        let mut made = null_mut();
        // SAFETY: the text ends with a zero, and `made` takes a pointer; the size isn't asked for.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                rules.as_ptr(),
                SDDL_REVISION_1,
                &raw mut made,
                null_mut(),
            )
        };
        check_success(done)?;
        Ok(Self(made))
    }

    fn attributes(&self) -> SECURITY_ATTRIBUTES {
        SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: it was made by a function that says to free it so, and nothing else has it.
        unsafe { LocalFree(self.0) };
    }
}

/// Creates a file with these rules or, with `or_open`, opens an existing one unchanged. It can be
/// written, and with `or_open` also read. Links aren't followed.
pub(crate) fn create(path: &Path, rules: &str, or_open: bool) -> io::Result<File> {
    let rules = Descriptor::parse(rules)?;
    let (attributes, path) = (rules.attributes(), system_path(path)?);
    let (access, disposition) = match or_open {
        true => (GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS),
        false => (GENERIC_WRITE, CREATE_NEW),
    };
    // SAFETY: the path ends with a zero, and the attributes and the rules live until the call is
    // over.
    let opened = unsafe {
        CreateFileW(
            path.as_ptr(),
            access,
            SHARED,
            &raw const attributes,
            disposition,
            FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS,
            null_mut(),
        )
    };
    file_from_handle(opened)
}

/// Creates a folder with these rules.
pub(crate) fn create_folder(path: &Path, rules: &str) -> io::Result<()> {
    let rules = Descriptor::parse(rules)?;
    let (attributes, path) = (rules.attributes(), system_path(path)?);
    // SAFETY: the path ends with a zero, and the attributes and the rules live until the call is
    // over.
    check_success(unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) })
}

/// Replaces the rules of an open file or folder and stops inheritance from its folder. The owner
/// stays.
pub(crate) fn protect(opened: &File, rules: &str) -> io::Result<()> {
    let rules = Descriptor::parse(rules)?;
    // SAFETY: the handle is open as long as `opened` is.
    let again = file_from_handle(unsafe {
        ReOpenFile(
            opened.as_raw_handle(),
            READ_CONTROL | WRITE_DAC,
            SHARED,
            FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS,
        )
    })?;
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: the handle is open, and the rules live until the call is over.
    check_success(unsafe { SetKernelObjectSecurity(again.as_raw_handle(), what, rules.0) })
}

/// The rules of an open file or folder.
pub(crate) fn rules(opened: &File) -> io::Result<Rules> {
    let (mut owner, mut list, mut found) = (null_mut(), null_mut(), null_mut());
    // SAFETY: the handle is open as long as `opened` is, and the other arguments take what is
    // found. Owner and list are parts of the descriptor.
    let error = unsafe {
        GetSecurityInfo(
            opened.as_raw_handle(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            &raw mut owner,
            null_mut(),
            &raw mut list,
            null_mut(),
            &raw mut found,
        )
    };
    check_error_code(error)?;
    let _found = Descriptor(found);
    let owner = if owner.is_null() { String::new() } else { identity(owner)? };
    let granted = if list.is_null() { None } else { Some(grants(list)?) };
    Ok(Rules { owner, granted })
}

/// The entries of a list that grant access. Entries that deny access are omitted, so the actual
/// rules are never wider than what is returned.
fn grants(list: *const ACL) -> io::Result<Vec<Grant>> {
    let mut granted = Vec::new();
    // SAFETY: the caller's list is whole.
    let count = unsafe { (*list).AceCount };
    for index in 0..u32::from(count) {
        let mut entry = null_mut();
        // SAFETY: the list is whole, and `entry` takes a pointer into it.
        check_success(unsafe { GetAce(list, index, &raw mut entry) })?;
        // SAFETY: each entry begins with a header, and lists and entries are aligned for it.
        let header = unsafe { *entry.cast::<ACE_HEADER>() };
        if u32::from(header.AceFlags) & INHERIT_ONLY_ACE != 0 {
            continue;
        }
        granted.push(match u32::from(header.AceType) {
            ACCESS_DENIED_ACE_TYPE | ACCESS_DENIED_CALLBACK_ACE_TYPE => continue,
            ACCESS_ALLOWED_ACE_TYPE | ACCESS_ALLOWED_CALLBACK_ACE_TYPE => {
                let entry = entry.cast::<ACCESS_ALLOWED_ACE>();
                // SAFETY: both kinds have a mask and the first bytes of an identity where this
                // structure has them.
                let (may, who) = unsafe { ((*entry).Mask, &raw mut (*entry).SidStart) };
                Grant { who: identity(who.cast())?, may }
            }
            _ => Grant { who: String::new(), may: u32::MAX },
        });
    }
    Ok(granted)
}

/// The identity of a file on this computer, and its number of names.
pub(crate) struct Number {
    pub(crate) file: (u32, u32, u32),
    pub(crate) names: u32,
}

pub(crate) fn number(opened: &File) -> io::Result<Number> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open as long as `opened` is, and `found` takes what is found.
    check_success(unsafe { GetFileInformationByHandle(opened.as_raw_handle(), &raw mut found) })?;
    Ok(Number {
        file: (found.dwVolumeSerialNumber, found.nFileIndexHigh, found.nFileIndexLow),
        names: found.nNumberOfLinks,
    })
}

/// The user of this process.
pub(crate) fn current_user() -> io::Result<String> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the process's own handle needs no closing, and `token` takes the token's.
    check_success(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) })?;
    // SAFETY: it was opened just now, and nothing else has it.
    let _token = unsafe { OwnedHandle::from_raw_handle(token) };
    // The buffer holds a structure with a pointer and the identity that it points to, of 68 bytes
    // at most; it is aligned for both.
    let mut answer = [0_u64; 16];
    let mut length = 0;
    // SAFETY: the token is open, and not more is written than the buffer has.
    check_success(unsafe {
        GetTokenInformation(
            token,
            TokenUser,
            answer.as_mut_ptr().cast(),
            size_of_val(&answer) as u32,
            &raw mut length,
        )
    })?;
    // SAFETY: the buffer holds the structure by now, and is aligned for it.
    let user = unsafe { (*answer.as_ptr().cast::<TOKEN_USER>()).User.Sid };
    identity(user)
}

/// Converts an identity to text.
fn identity(identity: PSID) -> io::Result<String> {
    let mut text = null_mut();
    // SAFETY: callers have an identity from Windows that is still there, and `text` takes a
    // pointer.
    check_success(unsafe { ConvertSidToStringSidW(identity, &raw mut text) })?;
    let mut units = Vec::new();
    // SAFETY: the text ends with a zero, and no unit after it is read.
    while let unit @ 1.. = unsafe { *text.add(units.len()) } {
        units.push(unit);
    }
    // SAFETY: the function that made it says to free it so, and nothing else has it.
    unsafe { LocalFree(text.cast()) };
    String::from_utf16(&units).map_err(io::Error::other)
}

fn file_from_handle(opened: HANDLE) -> io::Result<File> {
    if opened == INVALID_HANDLE_VALUE {
        return Err(last_error());
    }
    // SAFETY: the handle was opened just now, and nothing else has it.
    Ok(unsafe { File::from_raw_handle(opened) })
}

fn check_success(done: i32) -> io::Result<()> {
    if done == 0 { Err(last_error()) } else { Ok(()) }
}

fn last_error() -> io::Error {
    map_error(io::Error::last_os_error())
}

fn check_error_code(error: u32) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(map_error(io::Error::from_raw_os_error(error.cast_signed()))),
    }
}

/// Maps the errors for a user who isn't an administrator and creates what belongs to the
/// administrators. The standard library doesn't map these error codes of Windows.
fn map_error(error: io::Error) -> io::Error {
    const NOT_ALLOWED: [u32; 2] = [ERROR_INVALID_OWNER, ERROR_PRIVILEGE_NOT_HELD];
    match error.raw_os_error() {
        Some(code) if NOT_ALLOWED.contains(&code.cast_unsigned()) => {
            io::Error::new(io::ErrorKind::PermissionDenied, error)
        }
        _ => error,
    }
}

/// A zero-terminated path in a form that the system accepts at any length.
fn system_path(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let plain = path.as_os_str();
    if plain.encode_wide().any(|unit| unit == 0) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let text = plain.to_string_lossy();
    if plain.encode_wide().count() < LONG || text.starts_with(r"\\?\") || text.starts_with(r"\\.\")
    {
        return Ok(to_utf16(plain));
    }
    let (prefix, skipped) = match text.starts_with(r"\\") {
        true => (r"\\?\UNC\", 2),
        false => (r"\\?\", 0),
    };
    let rest = plain.encode_wide().skip(skipped);
    Ok(prefix.encode_utf16().chain(rest).chain([0]).collect())
}

fn to_utf16(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
