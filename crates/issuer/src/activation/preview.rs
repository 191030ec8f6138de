//! Previews of activations and deactivations, which a page shows before it asks for confirmation.
//! The same rules decide in a transaction that is rolled back, so nothing is granted, returned or
//! recorded, and no token is issued.

use latchkey_lease::Timestamp;
use latchkey_token::{SeatId, Token};

use crate::activation::{ActivateError, ActivationRequest, Choices, Decision, GrantReason};
use crate::deactivate::{self, DeactivateError, Deactivated};
use crate::issuer::Issuer;
use crate::time::truncate_to_seconds;

/// The preview of an activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationPreview {
    /// The product's name.
    pub product: String,
    /// The seat's name.
    pub name: String,
    /// When the lease would end.
    pub lease_expiry: Timestamp,
    /// Why it would be granted.
    pub grounds: GrantReason,
    /// The number of seats, including the overdraft. This and [`taken`](Self::taken) mean nothing
    /// for a response that is returned again, because it takes no seat.
    pub seats: u64,
    /// The number of them that are taken now.
    pub taken: u64,
}

/// The preview of a deactivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeactivationPreview {
    /// The product's name.
    pub product: String,
    /// The outcome that it would have.
    pub deactivated: Deactivated,
}

impl Issuer {
    /// Returns what [`Issuer::activate`] would grant, and grants nothing.
    ///
    /// # Errors
    /// Returns the error of the activation. It isn't recorded in the audit log, because nothing has
    /// been submitted yet.
    pub fn preview_activation(
        &mut self,
        token: &Token,
        take_over: Option<SeatId>,
        now: Timestamp,
    ) -> Result<ActivationPreview, ActivateError> {
        self.preview_activation_with(token, &Choices { take_over, code: None }, now)
    }

    /// Returns what [`Issuer::activate_with`] would grant, and grants nothing.
    ///
    /// # Errors
    /// Returns the error of the activation. It isn't recorded in the audit log, because nothing has
    /// been submitted yet.
    pub fn preview_activation_with(
        &mut self,
        token: &Token,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<ActivationPreview, ActivateError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        let request = self.opened_request(token)?;
        let keys = self.keys.active();
        let asked = ActivationRequest::of(&request, choices);
        self.database.dry_run(|queries| {
            // A request with an unknown code may still have been answered, with a code that was
            // given with it: its response is returned again and takes no seat.
            let entitlement = match queries.code(asked.code())? {
                Some(code) => queries.entitlement(code.entitlement)?,
                None => None,
            };
            let (seats, taken) = match &entitlement {
                Some(entitlement) => (
                    u64::from(entitlement.seats) + u64::from(entitlement.overdraft),
                    queries.count_occupied(entitlement.id, None, now)?,
                ),
                None => (0, 0),
            };
            let granted = Decision::new(queries, keys, asked, now).decide(choices.take_over)?;
            Ok(ActivationPreview {
                product: queries.product(request.product)?.map(|p| p.name).unwrap_or_default(),
                name: request.seat_name.as_str().to_owned(),
                lease_expiry: granted.lease_expiry,
                grounds: granted.grounds,
                seats,
                taken,
            })
        })
    }

    /// Returns what [`Issuer::deactivate`] would do, and does nothing.
    ///
    /// # Errors
    /// Returns the error of the deactivation, which isn't recorded in the audit log either.
    pub fn preview_deactivation(
        &mut self,
        token: &Token,
        now: Timestamp,
    ) -> Result<DeactivationPreview, DeactivateError> {
        let now = truncate_to_seconds(now);
        let signed = self.opened_deactivation(token)?;
        let ours = *self.recipient(token)?.public();
        self.database.dry_run(|queries| {
            let deactivated = deactivate::decide(queries, &signed, &ours, now)?;
            let product = match queries.seat(deactivated.seat)? {
                Some(seat) => queries.entitlement(seat.entitlement)?.map(|of| of.product),
                None => None,
            };
            let product = match product {
                Some(number) => queries.product(number)?.map(|product| product.name),
                None => None,
            };
            Ok(DeactivationPreview { product: product.unwrap_or_default(), deactivated })
        })
    }
}
