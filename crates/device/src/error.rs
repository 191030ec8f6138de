//! Everything that can go wrong on the computer: one enum per operation, each variant with its stable code.
//! What the store can suffer is shared by all of them.

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
    /// There is no D-Bus session, which the keyring is reached through.
    #[code(codes::STORE_NO_SESSION)]
    #[error("there is no D-Bus session")]
    NoSession,
    /// There is a session, and nothing in it keeps secrets.
    #[code(codes::STORE_NO_SERVICE)]
    #[error("there is no Secret Service in this session")]
    NoService,
    /// The keyring has never been set up.
    #[code(codes::STORE_NOT_INITIALISED)]
    #[error("the keyring was never initialised")]
    NotInitialised,
    /// The keyring is locked and stayed so.
    #[code(codes::STORE_LOCKED)]
    #[error("the keyring is locked")]
    Locked,
    /// The keyring's question was dismissed, or it refuses this program.
    #[code(codes::STORE_DENIED)]
    #[error("the keyring refused access")]
    Denied,
    /// The keyring doesn't take an item of this size.
    #[code(codes::STORE_TOO_LARGE)]
    #[error("{bytes} bytes are too much for one item of the keyring")]
    TooLarge {
        /// What was to be stored, in bytes.
        bytes: usize,
    },
    /// Another failure of the keyring, in its own words.
    #[code(codes::STORE_KEYRING)]
    #[error("the keyring failed: {reason}")]
    Keyring {
        /// What the platform says. For support; it holds no secret.
        reason: String,
    },
    /// New items would go into a collection that is forgotten when the session ends.
    #[code(codes::STORE_SESSION_ONLY)]
    #[error("the default keyring lives for this session only")]
    SessionOnly,
    /// The keyring has ended while it was asked, or gives no answer.
    #[code(codes::STORE_NO_ANSWER)]
    #[error("the keyring gives no answer")]
    NoAnswer,
    /// This system has no keyring that this program knows.
    #[code(codes::STORE_UNSUPPORTED)]
    #[error("no keyring is known on this system")]
    Unsupported,
    /// The vendor doesn't allow the file.
    #[code(codes::STORE_FILE_FORBIDDEN)]
    #[error("the vendor does not allow the file store")]
    FileForbidden,
    /// There is no folder for a user's data.
    #[code(codes::STORE_NO_FOLDER)]
    #[error("there is no folder for this user's data")]
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
        /// The file or folder that was to be written.
        path: PathBuf,
    },
    /// The disk is full, or a quota is used up.
    #[code(codes::STORE_FULL)]
    #[error("there is no space left for {}", path.display())]
    NoSpace {
        /// The file or folder that was to be written.
        path: PathBuf,
    },
    /// The operating system doesn't let this user.
    #[code(codes::STORE_PERMISSION, details = permission_details(path))]
    #[error("no permission for {}", path.display())]
    Permission {
        /// The file or folder.
        path: PathBuf,
    },
    /// The device's secret is kept apart from the licence in this file, and isn't there.
    #[code(codes::STORE_NO_KEY)]
    #[error("{} is not there", path.display())]
    MissingSecretFile {
        /// Where it belongs.
        path: PathBuf,
    },
    /// A link stands where the file belongs. It would have another lock than the file that it leads to.
    #[code(codes::STORE_LINK)]
    #[error("{} is a link", path.display())]
    IsLink {
        /// The link.
        path: PathBuf,
    },
    /// The file belongs to another user, who could have put anything there.
    #[code(codes::STORE_OTHER_OWNER)]
    #[error("{} belongs to another user", path.display())]
    OtherOwner {
        /// The file or folder.
        path: PathBuf,
    },
    /// Others may change the file, or may read what only an administrator may.
    #[code(codes::STORE_OPEN_TO_OTHERS)]
    #[error("others have access to {}", path.display())]
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
    },
    /// Another failure of a file, or something that is no file where one belongs.
    #[code(codes::STORE_FILE)]
    #[error("{} can't be used: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The operating system gave no randomness.
    #[code(latchkey_token::codes::RANDOMNESS)]
    #[error("the operating system gave no randomness")]
    RngFailed,
    /// What is stored isn't a vault, or was altered.
    #[code(codes::STORE_DAMAGED)]
    #[error("what is stored is damaged")]
    Damaged {
        /// Where it is.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// There is a file, and nothing in it.
    #[code(codes::STORE_EMPTY)]
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program has written it.
    #[code(codes::STORE_NEWER)]
    #[error("version {version} of the vault is not known")]
    UnsupportedVersion {
        /// The version that it states.
        version: u64,
        /// Where it is.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// It is the vault of another product.
    #[code(codes::STORE_OTHER_PRODUCT)]
    #[error("the vault of another product is stored there")]
    OtherProduct {
        /// Where it is.
        #[detail(flatten)]
        kept: StoredAt,
    },
    /// Another process holds the lock for longer than anything takes.
    #[code(codes::STORE_BUSY)]
    #[error("the store is locked by another process")]
    Busy,
    /// What was read back isn't what was written.
    #[code(codes::STORE_NOT_READ_BACK)]
    #[error("what was read back is not what was written")]
    VerifyFailed,
}

/// Where something is kept that can't be used, so that a person finds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StoredAt {
    /// It isn't known at this point.
    #[default]
    Unknown,
    /// A file.
    File(PathBuf),
    /// An item of the keyring, by the name that people see there.
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

    /// The same error with where it is kept, if that wasn't known yet.
    pub(crate) fn kept_in(mut self, place: StoredAt) -> Self {
        if let Self::Damaged { kept }
        | Self::UnsupportedVersion { kept, .. }
        | Self::OtherProduct { kept } = &mut self
            && *kept == StoredAt::Unknown
        {
            *kept = place;
        }
        self
    }

    /// There is no keyring at all, so there is nothing in it either: unlike one that is locked.
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

    /// A write was refused, and will be refused again: unlike one for which there was no time.
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

    /// What keeping the licence in a file instead would help against. A damaged or a foreign vault isn't among
    /// them: it is to be looked at.
    pub const FILE_FALLBACK_CODES: [ErrorCode; 10] = [
        codes::STORE_NO_SESSION,
        codes::STORE_NO_SERVICE,
        codes::STORE_NOT_INITIALISED,
        codes::STORE_LOCKED,
        codes::STORE_DENIED,
        codes::STORE_TOO_LARGE,
        codes::STORE_KEYRING,
        codes::STORE_SESSION_ONLY,
        codes::STORE_NO_ANSWER,
        codes::STORE_UNSUPPORTED,
    ];

    /// Says why a file of our own isn't opened.
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

    /// Sorts an error of the file system.
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

/// Why a file or a folder can't be used, by a name that the catalogue selects on, or in the system's own words without
/// its number.
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
    /// The store.
    #[code(transparent)]
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored lease isn't the vendor's word: altered, or the vendor's keys have changed.
    #[code(transparent)]
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The device's keys can't be derived, or there was no randomness for new ones.
    #[code(transparent)]
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A token to show can't be sealed.
    #[code(transparent)]
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The profile has no vendor's key to write to.
    #[code(codes::CONFIG_NO_VENDOR_KEY)]
    #[error("no key of the vendor is known")]
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
    /// The vault.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::request`] is refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum RequestError {
    /// The licence is active; there is nothing to ask for.
    #[code(codes::LEASE_ACTIVE)]
    #[error("the licence is active until {}", to_rfc3339(*until))]
    Active {
        /// When the lease ends.
        #[detail(time)]
        until: Timestamp,
    },
    /// A renewal was asked for, and there is no licence.
    #[code(codes::LEASE_NOTHING_TO_RENEW)]
    #[error("there is no licence to renew")]
    NothingToRenew,
    /// Eight deactivation tokens wait to be handed in.
    #[code(codes::OUTBOX_FULL)]
    #[error("{entries} deactivation tokens wait to be handed in")]
    OutboxFull {
        /// How many there are.
        entries: usize,
    },
    /// There was no randomness for the request's id.
    #[code(transparent)]
    #[error(transparent)]
    Id(#[from] IdError),
    /// The stored activation code can't be read any more.
    #[code(transparent)]
    #[error(transparent)]
    Code(#[from] ActivationCodeError),
    /// The vault.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::pending_request`] or [`crate::Device::cancel_pending`] failed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum PendingError {
    /// The vault.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// [`crate::Device::apply`] or [`crate::Device::inspect`] couldn't begin. What is wrong with a single token
/// is in its own result.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ApplyError {
    /// The text.
    #[code(transparent)]
    #[error(transparent)]
    Text(#[from] TextError),
    /// The vault.
    #[code(transparent)]
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// One token of a text isn't applied.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum TokenError {
    /// It is damaged or incomplete.
    #[code(transparent)]
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is of the wrong kind, or its content doesn't hold up.
    #[code(transparent)]
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It was made for another computer, or for another user of this one.
    #[code(codes::TOKEN_OTHER_COMPUTER)]
    #[error("made for another computer, key {key}")]
    OtherComputer {
        /// The key that it is for.
        key: KeyId,
    },
    /// It was made for another product of this vendor on this computer.
    #[code(codes::TOKEN_OTHER_PRODUCT)]
    #[error("made for another product")]
    OtherProduct {
        /// That product's name.
        product: String,
    },
    /// It was made for a product of another vendor on this computer.
    #[code(codes::TOKEN_OTHER_VENDOR)]
    #[error("made for another vendor's product")]
    OtherVendor {
        /// That vendor's name.
        vendor: String,
        /// That product's name.
        product: String,
    },
    /// A response to a request that isn't pending (any more).
    #[code(codes::RESPONSE_NOT_PENDING)]
    #[error("the request that it answers is not pending")]
    NotPending,
    /// A response whose lease is over by now, or a refresh whose grace is over as well.
    #[code(codes::LEASE_ALREADY_OVER)]
    #[error("the lease was over at {}, and here it is {}", to_rfc3339(*lease_expiry), to_rfc3339(*now))]
    AlreadyOver {
        /// When it ended.
        #[detail(time)]
        lease_expiry: Timestamp,
        /// What it was judged by. If that is wrong, the token is good once the computer's clock is right.
        #[detail(time)]
        now: Timestamp,
    },
    /// A response that is older than the lease in use.
    #[code(codes::RESPONSE_OLDER)]
    #[error("a response older than the lease in use")]
    OlderResponse {
        /// When the vendor granted it.
        #[detail(time)]
        activated_at: Timestamp,
    },
    /// A refresh that is older than the lease in use.
    #[code(codes::REFRESH_OLDER)]
    #[error("older than the lease in use")]
    OlderRefresh {
        /// When the vendor issued it.
        #[detail(time)]
        issued_at: Timestamp,
    },
    /// A refresh for a seat that isn't this computer's.
    #[code(codes::REFRESH_OTHER_SEAT)]
    #[error("for seat {seat}, this computer has another one")]
    OtherSeat {
        /// The refresh's seat.
        seat: SeatId,
        /// The seat that is active here.
        here: SeatId,
    },
    /// A refresh, and there is nothing to refresh.
    #[code(codes::REFRESH_NOT_ACTIVATED)]
    #[error("there is no licence to refresh")]
    NotActivated,
    /// What it says doesn't fit what is stored.
    #[code(transparent)]
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// It is for this computer, but the caller may not use the device's secret to open it.
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
    /// The vault.
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
    #[error("no deactivation with this id waits here")]
    NoSuchEntry,
    /// The vault.
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
    let behind = latchkey_files::left_behind(path);
    let (folder, owner) = behind.unwrap_or_else(|| (path.to_owned(), "none".to_owned()));
    let folder = folder.display().to_string();
    // Between single quotes of a shell.
    let quoted = folder.replace('\'', r"'\''");
    let command = format!("sudo chown -R \"$(id -u)\" '{quoted}'");
    let mut details = vec![
        ("path", path.to_error_arg()),
        ("folder", folder.into()),
        ("quoted", quoted.into()),
        ("owner", owner.as_str().into()),
    ];
    if owner != "none" {
        details.push(("command", command.into()));
    }
    details
}

/// Whether what went wrong is the store's fault: command lines end with 5, the wizard offers the file.
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
