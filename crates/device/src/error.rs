//! Everything that can go wrong on the computer: one enum per operation, each variant with its
//! stable code. What the store can suffer is shared by all of them.

use std::path::{Path, PathBuf};

use latchkey_files::Fault;
use latchkey_lease::LeaseError;
use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{
    ActivationCodeError, ErrorArg, ErrorCode, HasErrorCode, IdError, KeyError, KeyId, OpenError,
    ReadError, SealError, SeatId, TextError, ToErrorArg as _,
};
use thiserror::Error;

/// The place where the licence is kept can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no D-Bus session, through which the keyring is reached.
    #[code(codes::STORE_NO_SESSION)]
    #[error("there is no D-Bus session")]
    NoSession,
    /// There is a session, but no keyring in it.
    #[code(codes::STORE_NO_SERVICE)]
    #[error("there is no Secret Service in this session")]
    NoService,
    /// The keyring has never been set up.
    #[code(codes::STORE_NOT_INITIALISED)]
    #[error("the keyring was never initialised")]
    NotInitialised,
    /// The keyring is locked and wasn't unlocked.
    #[code(codes::STORE_LOCKED)]
    #[error("the keyring is locked")]
    Locked,
    /// The user dismissed the keyring's prompt, or the keyring denies access to this program.
    #[code(codes::STORE_DENIED)]
    #[error("the keyring refused access")]
    Denied,
    /// The keyring doesn't accept an item of this size.
    #[code(codes::STORE_TOO_LARGE)]
    #[error("{bytes} bytes are too much for one item of the keyring")]
    TooLarge {
        /// The size of the item, in bytes.
        bytes: usize,
    },
    /// The keyring reports another failure.
    #[code(codes::STORE_KEYRING)]
    #[error("the keyring failed: {reason}")]
    Keyring {
        /// The platform's message, for support. It contains no secret.
        reason: String,
    },
    /// New items would go into a collection that is forgotten when the session ends.
    #[code(codes::STORE_SESSION_ONLY)]
    #[error("the default keyring lives for this session only")]
    SessionOnly,
    /// The keyring ended during a call, or doesn't answer.
    #[code(codes::STORE_NO_ANSWER)]
    #[error("the keyring does not answer")]
    NoAnswer,
    /// This process was forked from one that had connected to the keyring or was connecting. The
    /// client library of the Secret Service has threads that the child lacks.
    #[code(codes::STORE_FORKED)]
    #[error("the keyring can't be read in the child of a process that has connected to it")]
    Forked,
    /// This system has no keyring that this program supports.
    #[code(codes::STORE_UNSUPPORTED)]
    #[error("no keyring is known on this system")]
    Unsupported,
    /// The vendor doesn't allow licences in a file.
    #[code(codes::STORE_FILE_FORBIDDEN)]
    #[error("the vendor does not allow the file store")]
    FileForbidden,
    /// The user's data folder can't be determined.
    #[code(codes::STORE_NO_FOLDER)]
    #[error("the user's data directory could not be determined")]
    NoFolder,
    /// The operating system's installation has no id that a file could be bound to.
    #[code(codes::STORE_NO_MACHINE_ID)]
    #[error("this installation of the operating system has no id")]
    NoMachineId,
    /// The file was sealed on another computer, or before the operating system was reinstalled.
    #[code(codes::STORE_OTHER_MACHINE)]
    #[error("{} was sealed on another computer", path.display())]
    OtherMachine {
        /// The file.
        path: PathBuf,
    },
    /// The file system is read-only.
    #[code(codes::STORE_READ_ONLY)]
    #[error("{} is on a read-only file system", path.display())]
    ReadOnly {
        /// The file or folder that can't be written.
        path: PathBuf,
    },
    /// The disk is full, or a quota is used up.
    #[code(codes::STORE_FULL)]
    #[error("there is no space left for {}", path.display())]
    NoSpace {
        /// The file or folder that can't be written.
        path: PathBuf,
    },
    /// The operating system denies access to this user.
    #[code(codes::STORE_PERMISSION, details = permission_details(path))]
    #[error("no permission for {}", path.display())]
    Permission {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file with the device's secret, which is stored separately from the licence, is missing.
    #[code(codes::STORE_NO_KEY)]
    #[error("{} is not there", path.display())]
    MissingSecretFile {
        /// The file that is missing.
        path: PathBuf,
    },
    /// There is a link in place of the file. It would have another lock than the file that it
    /// points to.
    #[code(codes::STORE_LINK)]
    #[error("{} is a link", path.display())]
    IsLink {
        /// The link.
        path: PathBuf,
    },
    /// The file that was named has a Windows path, and this system isn't Windows.
    #[code(codes::STORE_WINDOWS_PATH)]
    #[error("{} is a Windows path", path.display())]
    WindowsPath {
        /// The path.
        path: PathBuf,
    },
    /// The file belongs to another user, who could have put anything there.
    #[code(codes::STORE_OTHER_OWNER)]
    #[error("{} belongs to another user", path.display())]
    OtherOwner {
        /// The file or folder.
        path: PathBuf,
    },
    /// Other users may change the file, or may read a file that only an administrator should read.
    #[code(codes::STORE_OPEN_TO_OTHERS)]
    #[error("others have access to {}", path.display())]
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file system reports another failure, or the path isn't a regular file.
    #[code(codes::STORE_FILE)]
    #[error("{} can't be used: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's message, or the name of a known reason.
        reason: String,
    },
    /// The operating system provided no random numbers.
    #[code(latchkey_token::codes::RANDOMNESS)]
    #[error("the operating system did not provide random bytes")]
    RngFailed,
    /// The stored item isn't a vault, or was altered.
    #[code(codes::STORE_DAMAGED)]
    #[error("what is stored is damaged")]
    Damaged {
        /// The location of the vault.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// The file is empty.
    #[code(codes::STORE_EMPTY)]
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program has written the vault.
    #[code(codes::STORE_NEWER)]
    #[error("version {version} of the vault is not known")]
    UnsupportedVersion {
        /// The version that it states.
        version: u64,
        /// The location of the vault.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// The stored vault belongs to another product.
    #[code(codes::STORE_OTHER_PRODUCT)]
    #[error("the vault of another product is stored there")]
    OtherProduct {
        /// The location of the vault.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// Another process holds the lock for longer than any operation takes.
    #[code(codes::STORE_BUSY)]
    #[error("the store is locked by another process")]
    Busy,
    /// The content that was read back differs from what was written.
    #[code(codes::STORE_NOT_READ_BACK)]
    #[error("what was read back is not what was written")]
    VerifyFailed,
}

/// Where something is kept that can't be used, so that a person finds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StoredAt {
    /// The location isn't known at this point.
    #[default]
    Unknown,
    /// A file.
    File(PathBuf),
    /// An item of the keyring, by the label that users see.
    Item(String),
}

impl StoredAt {
    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        let (place, path) = match self {
            Self::Unknown => ("unknown", String::new()),
            Self::File(path) => ("file", path.display().to_string()),
            Self::Item(name) => ("item", name.clone()),
        };
        vec![("place", place.into()), ("path", path.into())]
    }
}

impl StoreError {
    pub(crate) const DAMAGED: Self = Self::Damaged { kept: StoredAt::Unknown };

    /// Adds the location of the vault to the error, if it isn't known yet.
    pub(crate) fn with_location(mut self, place: StoredAt) -> Self {
        if let Self::Damaged { kept }
        | Self::UnsupportedVersion { kept, .. }
        | Self::OtherProduct { kept } = &mut self
            && *kept == StoredAt::Unknown
        {
            *kept = place;
        }
        self
    }

    /// Whether there is no keyring at all, so that it can't contain a licence, unlike a locked one.
    #[must_use]
    pub const fn is_no_keyring(&self) -> bool {
        matches!(
            self,
            Self::NoSession
                | Self::NoService
                | Self::NotInitialised
                | Self::SessionOnly
                | Self::Unsupported
        )
    }

    /// Whether a write was refused and would be refused again, unlike one that timed out.
    pub(crate) const fn is_refused_write(&self) -> bool {
        matches!(
            self,
            Self::Permission { .. }
                | Self::ReadOnly { .. }
                | Self::NoSpace { .. }
                | Self::File { .. }
                | Self::OtherOwner { .. }
                | Self::OpenToOthers { .. }
                | Self::Locked
                | Self::Denied
                | Self::VerifyFailed
        )
    }

    /// The errors of the keyring that a user can avoid by keeping the licence in a file. They don't
    /// include a damaged or a foreign vault, which has to be examined instead.
    pub(crate) const FILE_FALLBACK_CODES: [ErrorCode; 11] = [
        codes::STORE_NO_SESSION,
        codes::STORE_NO_SERVICE,
        codes::STORE_NOT_INITIALISED,
        codes::STORE_LOCKED,
        codes::STORE_DENIED,
        codes::STORE_TOO_LARGE,
        codes::STORE_KEYRING,
        codes::STORE_SESSION_ONLY,
        codes::STORE_NO_ANSWER,
        codes::STORE_FORKED,
        codes::STORE_UNSUPPORTED,
    ];

    /// The errors of the data folder that a user can avoid by keeping the licence in the home
    /// folder.
    pub(crate) const HOME_FALLBACK_CODES: [ErrorCode; 4] = [
        codes::STORE_READ_ONLY,
        codes::STORE_PERMISSION,
        codes::STORE_FILE,
        codes::STORE_OTHER_OWNER,
    ];

    /// The error for a file of this program that can't be opened.
    pub(crate) fn from_fault(fault: &Fault, path: &Path) -> Self {
        let path = path.to_owned();
        match fault {
            Fault::Link => Self::IsLink { path },
            Fault::OtherOwner => Self::OtherOwner { path },
            Fault::OpenToOthers => Self::OpenToOthers { path },
            Fault::Io(error) => Self::from_io(error, &path),
            Fault::NotAFile => Self::File { path, reason: "not_file".to_owned() },
            other => Self::File { path, reason: other.to_string() },
        }
    }

    /// The error for a failure of the file system.
    pub(crate) fn from_io(error: &std::io::Error, path: &Path) -> Self {
        use std::io::ErrorKind;
        let path = path.to_owned();
        match error.kind() {
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::NoSpace { path }
            }
            ErrorKind::PermissionDenied => Self::Permission { path },
            _ => Self::File { path, reason: store_reason(error) },
        }
    }
}

/// Why a file or a folder can't be used, by a name that the catalogue selects on, or in the
/// system's own words without its number.
fn store_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let known = match error.kind() {
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "not_folder",
        ErrorKind::IsADirectory => "folder",
        ErrorKind::NotFound => "missing",
        ErrorKind::InvalidFilename => "too_long",
        ErrorKind::StaleNetworkFileHandle => "gone",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "in_use",
        _ => match error.raw_os_error() {
            // EIO and ELOOP have no kind that is stable.
            #[cfg(unix)]
            Some(5) => "device",
            #[cfg(unix)]
            Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => "loop",
            // ERROR_SHARING_VIOLATION
            #[cfg(windows)]
            Some(32) => "in_use",
            _ => "",
        },
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let said = error.to_string();
    said.split(" (os error ").next().unwrap_or_default().to_owned()
}

/// What every operation can meet.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum VaultError {
    /// The store can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored lease doesn't verify: it was altered, or the vendor's keys have changed.
    #[code(transparent)]
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The device's keys can't be derived, or there were no random numbers for new ones.
    #[code(transparent)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A token can't be sealed.
    #[code(transparent)]
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The profile has no vendor key to encrypt for.
    #[code(codes::CONFIG_NO_VENDOR_KEY)]
    #[error("no vendor public key is configured")]
    NoVendorKey,
}

/// [`crate::Device::open`] failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OpenDeviceError {
    /// The store can't be chosen.
    #[code(transparent)]
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// [`crate::Device::status`] failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum StatusError {
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::request`] is refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum RequestError {
    /// The licence is active, so there is nothing to request.
    #[code(codes::LEASE_ACTIVE)]
    #[error("the licence is active until {}", to_rfc3339(*until))]
    Active {
        /// When the lease ends.
        #[detail(time)]
        until: Timestamp,
    },
    /// A renewal was requested, but there is no licence.
    #[code(codes::LEASE_NOTHING_TO_RENEW)]
    #[error("there is no licence to renew")]
    NothingToRenew,
    /// Eight deactivation tokens haven't been delivered yet.
    #[code(codes::OUTBOX_FULL)]
    #[error("{entries} deactivation tokens wait to be handed in")]
    OutboxFull {
        /// How many there are.
        entries: usize,
    },
    /// There were no random numbers for the request's id.
    #[code(transparent)]
    #[error(transparent)]
    Id(#[from] IdError),
    /// The stored activation code can no longer be read.
    #[code(transparent)]
    #[error(transparent)]
    Code(#[from] ActivationCodeError),
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::pending_request`] or [`crate::Device::cancel_pending`] failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum PendingError {
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::apply`] or [`crate::Device::inspect`] couldn't begin. What is wrong with a
/// single token is in its own result.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ApplyError {
    /// The text contains no token, or can't be read.
    #[code(transparent)]
    #[error(transparent)]
    Text(#[from] TextError),
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One token of a text isn't applied.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum TokenError {
    /// The token is damaged or incomplete.
    #[code(transparent)]
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The token is of the wrong kind, or its content is invalid.
    #[code(transparent)]
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The token was made for another computer, or for another user of this one.
    #[code(codes::TOKEN_OTHER_COMPUTER)]
    #[error("made for another computer, key {key}")]
    OtherComputer {
        /// The id of the recipient's key.
        key: KeyId,
    },
    /// The token was made for another product of this vendor on this computer.
    #[code(codes::TOKEN_OTHER_PRODUCT)]
    #[error("made for another product")]
    OtherProduct {
        /// That product's name.
        product: String,
    },
    /// The token was made for a product of another vendor on this computer.
    #[code(codes::TOKEN_OTHER_VENDOR)]
    #[error("made for another vendor's product")]
    OtherVendor {
        /// That vendor's name.
        vendor: String,
        /// That product's name.
        product: String,
    },
    /// The response answers a request that isn't pending, or no longer pending.
    #[code(codes::RESPONSE_NOT_PENDING)]
    #[error("the request that it answers is not pending")]
    NotPending,
    /// The response's lease has expired already, or the refresh's grace period has ended too.
    #[code(codes::LEASE_ALREADY_OVER)]
    #[error("the lease was over at {}, and here it is {}", to_rfc3339(*lease_expiry), to_rfc3339(*now))]
    AlreadyOver {
        /// When it ended.
        #[detail(time)]
        lease_expiry: Timestamp,
        /// The time that it was checked against. If that is wrong, the token can be applied once
        /// the computer's clock is right.
        #[detail(time)]
        now: Timestamp,
    },
    /// The response is older than the lease in use.
    #[code(codes::RESPONSE_OLDER)]
    #[error("a response older than the lease in use")]
    OlderResponse {
        /// When the vendor granted it.
        #[detail(time)]
        activated_at: Timestamp,
    },
    /// The refresh is older than the lease in use.
    #[code(codes::REFRESH_OLDER)]
    #[error("older than the lease in use")]
    OlderRefresh {
        /// When the vendor issued it.
        #[detail(time)]
        issued_at: Timestamp,
    },
    /// The refresh is for a seat that isn't this computer's.
    #[code(codes::REFRESH_OTHER_SEAT)]
    #[error("for seat {seat}, this computer has another one")]
    OtherSeat {
        /// The refresh's seat.
        seat: SeatId,
        /// The seat that is active here.
        here: SeatId,
    },
    /// The token is a refresh, but there is no licence to refresh.
    #[code(codes::REFRESH_NOT_ACTIVATED)]
    #[error("there is no licence to refresh")]
    NotActivated,
    /// The content of the token doesn't match what is stored.
    #[code(transparent)]
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The token is for this computer, but the caller may not use the device's secret to open it.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::deactivate`] is refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum DeactivateError {
    /// There is nothing to deactivate.
    #[code(codes::LEASE_NOT_ACTIVATED)]
    #[error("there is no licence to deactivate")]
    NotActivated,
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::outbox`] or [`crate::Device::confirm_delivered`] is refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is no such deactivation.
    #[code(codes::OUTBOX_NO_SUCH_ENTRY)]
    #[error("no undelivered deactivation has this id")]
    NoSuchEntry,
    /// The vault can't be read or written.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

latchkey_token::error_codes! {
    LEASE_ACTIVE = "lease.active", 3001;
    LEASE_NOT_ACTIVATED = "lease.not_activated", 3002;
    LEASE_ALREADY_OVER = "lease.already_over", 3003;
    LEASE_NOTHING_TO_RENEW = "lease.nothing_to_renew", 3004;
    RESPONSE_NOT_PENDING = "response.not_pending", 3010;
    RESPONSE_OLDER = "response.older", 3011;
    REFRESH_OLDER = "refresh.older", 3020;
    REFRESH_OTHER_SEAT = "refresh.other_seat", 3021;
    REFRESH_NOT_ACTIVATED = "refresh.not_activated", 3022;
    TOKEN_OTHER_COMPUTER = "token.other_computer", 3030;
    TOKEN_OTHER_PRODUCT = "token.other_product", 3031;
    TOKEN_OTHER_VENDOR = "token.other_vendor", 3032;
    OUTBOX_FULL = "outbox.full", 3040;
    OUTBOX_NO_SUCH_ENTRY = "outbox.no_such_entry", 3041;
    STORE_NO_SESSION = "store.no_session", 3101;
    STORE_NO_SERVICE = "store.no_service", 3102;
    STORE_NOT_INITIALISED = "store.not_initialised", 3103;
    STORE_LOCKED = "store.locked", 3104;
    STORE_DENIED = "store.denied", 3105;
    STORE_TOO_LARGE = "store.too_large", 3106;
    STORE_KEYRING = "store.keyring", 3107;
    STORE_UNSUPPORTED = "store.unsupported", 3108;
    STORE_SESSION_ONLY = "store.session_only", 3109;
    STORE_NO_ANSWER = "store.no_answer", 3110;
    STORE_FORKED = "store.forked", 3111;
    STORE_FILE_FORBIDDEN = "store.file_forbidden", 3120;
    STORE_NO_FOLDER = "store.no_folder", 3121;
    STORE_NO_MACHINE_ID = "store.no_machine_id", 3122;
    STORE_OTHER_MACHINE = "store.other_machine", 3123;
    STORE_READ_ONLY = "store.read_only", 3124;
    STORE_FULL = "store.full", 3125;
    STORE_PERMISSION = "store.permission", 3126;
    STORE_FILE = "store.file", 3127;
    STORE_NO_KEY = "store.no_key", 3128;
    STORE_LINK = "store.link", 3129;
    STORE_OTHER_OWNER = "store.other_owner", 3130;
    STORE_OPEN_TO_OTHERS = "store.open_to_others", 3131;
    STORE_WINDOWS_PATH = "store.windows_path", 3132;
    STORE_DAMAGED = "store.damaged", 3140;
    STORE_NEWER = "store.newer", 3141;
    STORE_OTHER_PRODUCT = "store.other_product", 3142;
    STORE_BUSY = "store.busy", 3143;
    STORE_NOT_READ_BACK = "store.not_read_back", 3144;
    STORE_EMPTY = "store.empty", 3145;
    CONFIG_NO_VENDOR_KEY = "config.no_vendor_key", 4016;
}

/// The details of [`StoreError::Permission`]: the path, and the folder of another user in the way.
fn permission_details(path: &Path) -> Vec<(&'static str, ErrorArg)> {
    let behind = latchkey_files::blocking_folder(path);
    let (folder, owner) = behind.unwrap_or_else(|| (path.to_owned(), "none".to_owned()));
    let folder = folder.display().to_string();
    // Between single quotes of a shell.
    let quoted = folder.replace('\'', r"'\''");
    let command = format!("sudo chown -R \"$(id -u)\" '{quoted}'");
    let mut details = vec![
        ("path", path.to_error_arg()),
        ("folder", folder.into()),
        ("owner", owner.as_str().into()),
    ];
    if owner != "none" {
        details.push(("command", command.into()));
    }
    details
}

/// Whether what went wrong is the store's fault: command lines end with 5, the wizard offers the
/// file.
impl VaultError {
    /// The store's error, if it is one.
    #[must_use]
    pub const fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(store) => Some(store),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_numbers_are_unique_and_in_range() {
        let mut names: Vec<_> = CODES.iter().map(|code| code.name).collect();
        let mut numbers: Vec<_> = CODES.iter().map(|code| code.number).collect();
        names.sort_unstable();
        names.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!((names.len(), numbers.len()), (CODES.len(), CODES.len()));
        assert!(numbers.iter().all(|number| (3000..5000).contains(number)));
    }
}
