//! The operations of a [`Device`] together with the status after them, for programs that show it at
//! once. The status comes from the vault that the operation already has, so the store is opened
//! only once.

use latchkey_lease::Timestamp;
use latchkey_token::{ActivationCode, SeatName, scan};

use crate::device::{Device, Done};
use crate::error::{
    ApplyError, DeactivateError, OutboxError, PendingError, RequestError, VaultError,
};
use crate::status::{Applied, OutboxEntry, OutboxId, PendingRequest, Status};

/// A [`Device`] at one point in time; each operation also returns the status after it. If only the
/// status can't be read, the operation has been done, and the error is that of the status.
#[derive(Debug, Clone, Copy)]
pub struct WithStatus<'a> {
    device: &'a Device,
    now: Timestamp,
}

impl Device {
    /// The operations of this device that also return the status after them, at this time.
    #[must_use]
    pub const fn with_status(&self, now: Timestamp) -> WithStatus<'_> {
        WithStatus { device: self, now }
    }
}

impl WithStatus<'_> {
    /// As [`Device::request`].
    ///
    /// # Errors
    /// As [`Device::request`].
    pub fn request(
        &self,
        code: &ActivationCode,
        seat_name: &SeatName,
    ) -> Result<(PendingRequest, Status), RequestError> {
        Ok(self.report(self.device.run_request(code, seat_name, self.now)?)?)
    }

    /// As [`Device::request_renewal`].
    ///
    /// # Errors
    /// As [`Device::request_renewal`].
    pub fn request_renewal(
        &self,
        code: &ActivationCode,
        seat_name: Option<&SeatName>,
    ) -> Result<(PendingRequest, Status), RequestError> {
        Ok(self.report(self.device.run_renewal(code, seat_name, self.now)?)?)
    }

    /// As [`Device::pending_request`].
    ///
    /// # Errors
    /// As [`Device::pending_request`].
    pub fn pending_request(&self) -> Result<(Option<PendingRequest>, Status), PendingError> {
        Ok(self.report(self.device.run_pending_request()?)?)
    }

    /// As [`Device::cancel_pending`].
    ///
    /// # Errors
    /// As [`Device::cancel_pending`].
    pub fn cancel_pending(&self) -> Result<(usize, Status), PendingError> {
        Ok(self.report(self.device.run_cancel_pending(self.now)?)?)
    }

    /// As [`Device::apply`].
    ///
    /// # Errors
    /// As [`Device::apply`].
    pub fn apply(&self, text: &str) -> Result<(Vec<Applied>, Status), ApplyError> {
        Ok(self.report(self.device.run_apply(&scan(text)?, self.now)?)?)
    }

    /// As [`Device::deactivate`].
    ///
    /// # Errors
    /// As [`Device::deactivate`].
    pub fn deactivate(&self) -> Result<(OutboxEntry, Status), DeactivateError> {
        Ok(self.report(self.device.run_deactivate(self.now)?)?)
    }

    /// As [`Device::confirm_delivered`].
    ///
    /// # Errors
    /// As [`Device::confirm_delivered`].
    pub fn confirm_delivered(&self, id: OutboxId) -> Result<Status, OutboxError> {
        let ((), status) = self.report(self.device.run_confirm_delivered(id, self.now)?)?;
        Ok(status)
    }

    fn report<T>(&self, done: Done<T>) -> Result<(T, Status), VaultError> {
        let Done { value, handle, vault, .. } = done;
        let status = self.device.status_in(handle, vault.as_ref(), self.now)?;
        Ok((value, status))
    }
}
