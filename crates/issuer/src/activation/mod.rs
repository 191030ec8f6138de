//! Answers activation requests: assigns a seat or rejects the request.

mod decide;
mod preview;

pub use decide::{ActivateError, Choices, GivenAt, GivenCode, GrantReason, Granted, InUse, MOVES};
pub(crate) use decide::{ActivationRequest, Decision, blocking_seats, no_free_seat_details};
pub use preview::{ActivationPreview, DeactivationPreview};
