//! How important the contents of a store are if a licence may be in several. The programs and the
//! product choose by the same order.

use latchkey_lease::Timestamp;

use crate::error::{StatusError, VaultError};
use crate::status::Status;

/// What a store contains, in increasing order of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreContents {
    /// Nothing that would be lost.
    Blank,
    /// Requests that wait for a response.
    PendingRequest,
    /// Deactivations whose delivery hasn't been confirmed.
    Outbox,
    /// Unknown, because the store can't be read.
    Unreadable,
    /// A licence that doesn't verify.
    InvalidLicence,
    /// A licence that doesn't run: it has expired, or it isn't this computer's.
    EndedLicence,
    /// A licence that runs, and when its lease began.
    RunningLicence(Timestamp),
}

impl StoreContents {
    /// The contents of a store by the result of reading it.
    #[must_use]
    pub fn of(status: &Result<Status, StatusError>) -> Self {
        match status {
            Ok(status) => match &status.licence {
                Some(licence) if status.may_run() => Self::RunningLicence(licence.lease_start),
                Some(_) => Self::EndedLicence,
                None if status.undelivered > 0 => Self::Outbox,
                None if status.pending_requests > 0 => Self::PendingRequest,
                None => Self::Blank,
            },
            Err(StatusError::Vault(VaultError::Store(_))) => Self::Unreadable,
            Err(_) => Self::InvalidLicence,
        }
    }

    /// The same of a keyring. If there is none on this computer, nothing is in it.
    #[must_use]
    pub fn of_keyring(status: &Result<Status, StatusError>) -> Self {
        match status {
            Err(StatusError::Vault(VaultError::Store(error))) if error.is_no_keyring() => {
                Self::Blank
            }
            status => Self::of(status),
        }
    }

    /// Whether it is a licence that runs, so that no other store has to be read.
    #[must_use]
    pub const fn is_running(self) -> bool {
        matches!(self, Self::RunningLicence(_))
    }
}
