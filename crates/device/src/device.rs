//! The life of a licence on this computer.

use std::path::PathBuf;

use jiff::Timestamp;
use latchkey_token::{ActivationCode, SeatName};

use crate::error::{
    ApplyError, DeactivateError, OpenDeviceError, OutboxError, PendingError, RequestError,
    StatusError, StoreError,
};
use crate::outcome::{
    Applied, Inspected, OutboxEntry, OutboxId, PendingRequest, Status, StoreDescription,
};
use crate::profile::Profile;

/// Where the licence is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// Where the vendor's policy says; the file in the user's folder instead, if the person has chosen it
    /// before (it exists) and the policy allows it.
    Policy,
    /// The keyring.
    Keyring,
    /// The file in its own place, if the policy allows it: what a person without a keyring chooses.
    File,
    /// A file elsewhere, if the policy allows it.
    FileAt(PathBuf),
}

/// The folders of this computer that licences, locks and the register of known keys live in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `latchkey` in the user's data folder.
    pub user: Option<PathBuf>,
    /// `latchkey` in the system's place for shared data.
    pub machine: PathBuf,
}

/// This computer, for one product. Cheap to make and to keep; each operation opens the store anew.
#[derive(Debug)]
pub struct Device {
    profile: Profile,
    store: StoreDescription,
}

impl Device {
    /// Chooses the store. Nothing is read or written yet.
    ///
    /// # Errors
    /// [`StoreError::FileForbidden`] and [`StoreError::NoFolder`].
    pub fn open(_profile: Profile, _choice: StoreChoice) -> Result<Self, OpenDeviceError> {
        Err(StoreError::Unsupported.into())
    }

    /// As [`Device::open`], with other folders than this computer's: for tests.
    ///
    /// # Errors
    /// As [`Device::open`].
    pub fn open_in(
        _profile: Profile,
        _choice: StoreChoice,
        _places: &Places,
    ) -> Result<Self, OpenDeviceError> {
        Err(StoreError::Unsupported.into())
    }

    /// The product that this is about.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Where the licence is kept.
    #[must_use]
    pub const fn store(&self) -> &StoreDescription {
        &self.store
    }

    /// How it stands. Moves the effective clock on, at most once an hour; failing that is no error.
    ///
    /// # Errors
    /// [`StatusError`] when the vault can't be read or its lease isn't the vendor's word.
    pub fn status(&self, _now: Timestamp) -> Result<Status, StatusError> {
        Err(StatusError::Vault(StoreError::Unsupported.into()))
    }

    /// As [`Device::status`], and certainly without writing: what a product asks.
    ///
    /// # Errors
    /// As [`Device::status`].
    pub fn read_status(&self, _now: Timestamp) -> Result<Status, StatusError> {
        Err(StatusError::Vault(StoreError::Unsupported.into()))
    }

    /// Makes a request. It can be made again any number of times; a response to any of the newest eight
    /// is accepted. Its token is given only once it was stored and read back.
    ///
    /// # Errors
    /// [`RequestError::Active`] while the lease runs, [`RequestError::OutboxFull`], and the vault's.
    pub fn request(
        &self,
        _code: &ActivationCode,
        _seat_name: &SeatName,
        _now: Timestamp,
    ) -> Result<PendingRequest, RequestError> {
        Err(RequestError::Vault(StoreError::Unsupported.into()))
    }

    /// The newest pending request, with its token sealed anew; `None` when there is none.
    ///
    /// # Errors
    /// The vault's.
    pub fn pending_request(&self) -> Result<Option<PendingRequest>, PendingError> {
        Err(PendingError::Vault(StoreError::Unsupported.into()))
    }

    /// Drops every pending request: responses to them can't be applied any more. Gives how many there were.
    ///
    /// # Errors
    /// The vault's.
    pub fn cancel_pending(&self, _now: Timestamp) -> Result<usize, PendingError> {
        Err(PendingError::Vault(StoreError::Unsupported.into()))
    }

    /// Applies every response and refresh for this computer that a text holds, in one write, and says
    /// for each token of the text what became of it, in the text's order. Success is said only after the
    /// stored lease was read back and verified.
    ///
    /// # Errors
    /// [`ApplyError::Text`] when there is no token in it, and the vault's. Then nothing was applied.
    pub fn apply(&self, _text: &str, _now: Timestamp) -> Result<Vec<Applied>, ApplyError> {
        Err(ApplyError::Vault(StoreError::Unsupported.into()))
    }

    /// Says for each token of a text what it is and what [`Device::apply`] would do with it.
    ///
    /// # Errors
    /// As [`Device::apply`].
    pub fn inspect(&self, _text: &str, _now: Timestamp) -> Result<Vec<Inspected>, ApplyError> {
        Err(ApplyError::Vault(StoreError::Unsupported.into()))
    }

    /// Gives the seat back: in one write the licence is gone and the deactivation is in the outbox.
    ///
    /// # Errors
    /// [`DeactivateError::NotActivated`], and the vault's.
    pub fn deactivate(&self, _now: Timestamp) -> Result<OutboxEntry, DeactivateError> {
        Err(DeactivateError::Vault(StoreError::Unsupported.into()))
    }

    /// Deactivations that haven't been confirmed as delivered, oldest first, their tokens sealed anew.
    ///
    /// # Errors
    /// The vault's.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>, OutboxError> {
        Err(OutboxError::Vault(StoreError::Unsupported.into()))
    }

    /// The person says that the portal has this deactivation: it is shown no more.
    ///
    /// # Errors
    /// [`OutboxError::NoSuchEntry`], and the vault's.
    pub fn confirm_delivered(&self, _id: OutboxId, _now: Timestamp) -> Result<(), OutboxError> {
        Err(OutboxError::Vault(StoreError::Unsupported.into()))
    }
}
