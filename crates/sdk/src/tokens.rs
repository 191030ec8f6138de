//! Activation, refresh and deactivation for products with dialogs of their own. These functions do
//! what the wizard does, and may block for as long as a user takes to unlock the keyring.

use std::sync::Arc;

use latchkey_device::{
    ApplyError, ApplyOutcome, DeactivateError, Device, OutboxEntry, OutboxError, PendingError,
    ReadableOutbox, RequestError,
};
use latchkey_token::{ActivationCode, SeatName, TextError};

use crate::clock::wall_clock;
use crate::error::OfflineTokenError;
use crate::licence::Licence;
use crate::verdict::Verdict;

/// A deactivation that hasn't been confirmed as delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivation {
    /// The id that [`Licence::confirm_delivered`] takes.
    pub id: String,
    /// The token. Show it until the user confirms that the portal has it.
    pub token: String,
}

impl From<OutboxEntry> for Deactivation {
    fn from(entry: OutboxEntry) -> Self {
        Self { id: entry.id.to_string(), token: entry.token.to_string() }
    }
}

impl Licence {
    /// Makes a request token, which the user takes to the licence portal. It can be made any number
    /// of times until a response has been applied; a response to any of the newest eight is
    /// accepted.
    ///
    /// # Errors
    /// [`RequestError::Active`] while the licence is active, and other variants if the store can't
    /// be read or written.
    pub fn generate_offline_activation_request_token(
        &self,
        code: &ActivationCode,
        seat_name: &SeatName,
    ) -> Result<String, RequestError> {
        Ok(self.device()?.request(code, seat_name, wall_clock())?.token.to_string())
    }

    /// Returns the newest request token that still waits for its response, to show it again.
    ///
    /// # Errors
    /// [`PendingError::Vault`] if the store can't be read.
    pub fn pending_request_token(&self) -> Result<Option<String>, PendingError> {
        Ok(self.device()?.pending_request()?.map(|pending| pending.token.to_string()))
    }

    /// Applies the response token in a text, ignoring other text around it, and checks again.
    /// Success means that the stored licence was read back and verified.
    ///
    /// # Errors
    /// [`OfflineTokenError::Apply`] if the text contains no token or the store fails, and
    /// [`OfflineTokenError::Token`] if the token can't be applied. Nothing has changed then.
    pub fn activate_offline(&self, text: &str) -> Result<Arc<Verdict>, OfflineTokenError> {
        let device = self.device().map_err(ApplyError::from)?;
        let (applied, snapshot) = device.apply_with_snapshot(text, wall_clock())?;
        self.keep(&device, snapshot);
        let mut refused = None;
        for one in applied {
            match one.outcome {
                ApplyOutcome::Activated(_)
                | ApplyOutcome::Refreshed(_)
                | ApplyOutcome::AlreadyApplied(_) => return Ok(self.check()),
                ApplyOutcome::Refused(error) => refused = refused.or(Some(error)),
                ApplyOutcome::NotForThisComputer => {}
            }
        }
        Err(refused.map_or(ApplyError::Text(TextError::NoneFound).into(), OfflineTokenError::Token))
    }

    /// Applies the refresh token in a text, which extends the lease, and checks again.
    ///
    /// # Errors
    /// As [`Licence::activate_offline`].
    pub fn refresh_lease_offline(&self, text: &str) -> Result<Arc<Verdict>, OfflineTokenError> {
        self.activate_offline(text)
    }

    /// Releases the seat. The licence is removed at once, and the user takes the token to the
    /// licence portal. [`Licence::undelivered_deactivations`] lists it until the user confirms its
    /// delivery.
    ///
    /// # Errors
    /// [`DeactivateError::NotActivated`] if there is no licence, and other variants if the store
    /// can't be written.
    pub fn deactivate_offline(&self) -> Result<Deactivation, DeactivateError> {
        let device = self.device()?;
        let (entry, snapshot) = device.deactivate_with_snapshot(wall_clock())?;
        self.keep(&device, snapshot);
        let _ = self.check();
        Ok(entry.into())
    }

    /// Returns the deactivations that haven't been confirmed as delivered, oldest first. If the
    /// store in use can't be read, which [`Licence::check`] reports, those in the other stores are
    /// returned.
    ///
    /// # Errors
    /// [`OutboxError::Vault`] if the store can't be read and there are none in the others.
    pub fn undelivered_deactivations(&self) -> Result<Vec<Deactivation>, OutboxError> {
        let ReadableOutbox { entries, unread } = match (self.device(), self.policy()) {
            (Ok(device), _) => device.readable_outbox(),
            (Err(error), None) => return Err(error.into()),
            (Err(error), Some((profile, data_dirs))) => ReadableOutbox {
                entries: Device::outboxes_in(profile, data_dirs),
                unread: Some(error.into()),
            },
        };
        match unread {
            Some(error) if entries.is_empty() => Err(error),
            _ => Ok(entries.into_iter().map(Deactivation::from).collect()),
        }
    }

    /// Records that the licence portal has received a deactivation, which isn't kept any longer.
    /// Call it when the user confirms it.
    ///
    /// # Errors
    /// [`OutboxError::NoSuchEntry`] if no deactivation has this id, and other variants if the store
    /// can't be written.
    pub fn confirm_delivered(&self, id: &str) -> Result<(), OutboxError> {
        let id = id.parse().map_err(|_| OutboxError::NoSuchEntry)?;
        match (self.device(), self.policy()) {
            (Ok(device), _) => device.confirm_delivered(id, wall_clock()),
            (Err(error), None) => Err(error.into()),
            (Err(error), Some((profile, data_dirs))) => {
                let confirmed = Device::confirm_delivered_in(profile, data_dirs, id, wall_clock());
                confirmed.map_err(|_| error.into())
            }
        }
    }
}
