//! Activation, refresh and deactivation for products that bring their own dialogs. They do what the wizard does, and may
//! wait for as long as a person takes to answer the keyring's question: call them where that is no harm.

use std::sync::Arc;

use latchkey_device::{
    ApplyError, ApplyOutcome, DeactivateError, OutboxEntry, OutboxError, PendingError, RequestError,
};
use latchkey_token::{ActivationCode, SeatName, TextError};

use crate::clock::wall;
use crate::error::ActivateError;
use crate::licence::Licence;
use crate::verdict::Verdict;

/// A deactivation that hasn't been confirmed as delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivation {
    /// What [`Licence::confirm_delivered`] takes.
    pub id: String,
    /// The token, to be shown until the person says that the portal has it.
    pub token: String,
}

impl From<OutboxEntry> for Deactivation {
    fn from(entry: OutboxEntry) -> Self {
        Self { id: entry.id.to_string(), token: entry.token.to_string() }
    }
}

impl Licence {
    /// Makes a request token, which the person takes to the licence portal. It can be made again any number of times
    /// until a response has been applied; a response to any of the newest eight is accepted.
    ///
    /// # Errors
    /// [`RequestError::Active`] while the licence is active, and the store's.
    pub fn generate_offline_activation_request_token(
        &self,
        code: &ActivationCode,
        seat_name: &SeatName,
    ) -> Result<String, RequestError> {
        Ok(self.device()?.request(code, seat_name, wall())?.token.to_string())
    }

    /// The newest request that waits for its response, to show it again; `None` when there is none.
    ///
    /// # Errors
    /// The store's.
    pub fn pending_request_token(&self) -> Result<Option<String>, PendingError> {
        Ok(self.device()?.pending_request()?.map(|pending| pending.token.to_string()))
    }

    /// Applies the response token in a text, whatever else the text holds, and checks again. Success is said only
    /// after the stored licence was read back and verified.
    ///
    /// # Errors
    /// [`ActivateError`], with what is wrong with the token or the store. Nothing has changed then.
    pub fn activate_offline(&self, text: &str) -> Result<Arc<Verdict>, ActivateError> {
        let applied = self.device().map_err(ApplyError::from)?.apply(text, wall())?;
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
        Err(refused.map_or(ApplyError::Text(TextError::NoneFound).into(), ActivateError::Token))
    }

    /// Applies the refresh token in a text, which prolongs the lease, and checks again.
    ///
    /// # Errors
    /// As [`Licence::activate_offline`].
    pub fn refresh_lease_offline(&self, text: &str) -> Result<Arc<Verdict>, ActivateError> {
        self.activate_offline(text)
    }

    /// Gives the seat back. The licence is gone in the same instant; the token is to be taken to the licence portal, and
    /// is among [`Licence::undelivered_deactivations`] until the person says that it has arrived.
    ///
    /// # Errors
    /// [`DeactivateError::NotActivated`], and the store's.
    pub fn deactivate_offline(&self) -> Result<Deactivation, DeactivateError> {
        let entry = self.device()?.deactivate(wall())?;
        let _ = self.check();
        Ok(entry.into())
    }

    /// Deactivations that haven't been confirmed as delivered, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub fn undelivered_deactivations(&self) -> Result<Vec<Deactivation>, OutboxError> {
        Ok(self.device()?.outbox()?.into_iter().map(Deactivation::from).collect())
    }

    /// The person says that the licence portal has this deactivation: it isn't kept any longer.
    ///
    /// # Errors
    /// [`OutboxError::NoSuchEntry`], and the store's.
    pub fn confirm_delivered(&self, id: &str) -> Result<(), OutboxError> {
        let id = id.parse().map_err(|_| OutboxError::NoSuchEntry)?;
        self.device()?.confirm_delivered(id, wall())
    }
}
