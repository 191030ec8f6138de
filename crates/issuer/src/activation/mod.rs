//! Answers activation requests: assigns a seat or refuses it.
//!
//! A token is received once, which decrypts it; [`decide`] reads what is known and makes a plan of
//! what the request gets, by the rules in `rules::activation`, and [`commit`] writes it. A preview
//! is the plan alone.

mod commit;
mod decide;

use latchkey_lease::Timestamp;
use latchkey_token::{
    ActivationCode, HasErrorCode, Kind, OpenError, ReadError, Request, SeatId, SecretKeys, Token,
    open_request,
};

pub use self::commit::Granted;
use self::commit::{Commit, REFUSED, lock_entitlements, record_refusal};
use self::decide::decide;
use crate::database::{DatabaseError, Operation, ReadTransaction, Transaction};
use crate::issuer::Issuer;
use crate::keys::KeysError;
use crate::refusal::TokenRefusal;
use crate::rules::activation::error::ActivateError;
use crate::rules::activation::plan::{GrantReason, Plan};
use crate::rules::activation::request::{ActivationRequest, Choices};
use crate::time::truncate_to_seconds;

/// A request token that was handed in and decrypted once, or why it can't be opened. A token that
/// can't be opened is answered too: with a refusal, which is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest(Result<Request, TokenRefusal>);

impl ReceivedRequest {
    /// The activation code in the request, so that attempts with it can be counted.
    #[must_use]
    pub fn code(&self) -> Option<&ActivationCode> {
        self.0.as_ref().ok().map(|request| &request.code)
    }

    /// The seat name in the request, so that a list of refusals can name it.
    #[must_use]
    pub fn seat_name(&self) -> Option<&str> {
        self.0.as_ref().ok().map(|request| request.seat_name.as_str())
    }
}

/// The answer to one request.
struct Activation<'d> {
    /// The request, or why its token can't be opened.
    asked: Result<ActivationRequest<'d>, &'d TokenRefusal>,
    take_over: Option<SeatId>,
    keys: &'d SecretKeys,
    now: Timestamp,
}

impl Operation for Activation<'_> {
    type Plan = Plan;
    type Done = Granted;
    type Error = ActivateError;

    fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError> {
        self.asked.map_or(Ok(()), |asked| lock_entitlements(queries, asked))
    }

    fn decide(&self, queries: &ReadTransaction<'_>) -> Result<Plan, ActivateError> {
        decide(queries, self.asked.map_err(Clone::clone)?, self.take_over, self.now)
    }

    fn carry_out(&self, queries: &Transaction<'_>, plan: Plan) -> Result<Granted, ActivateError> {
        let asked = self.asked.map_err(Clone::clone)?;
        Commit { queries, keys: self.keys, asked, now: self.now }.write(plan)
    }

    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &ActivateError,
    ) -> Result<(), DatabaseError> {
        match self.asked {
            Ok(asked) => record_refusal(queries, asked, refusal, self.now),
            Err(_) => queries.count_audit(REFUSED, Some(refusal.code().name), self.now),
        }
    }
}

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
    /// As [`Granted::computer_clock`].
    pub computer_clock: Option<Timestamp>,
}

impl ActivationPreview {
    /// Whether the lease is over at this time, as it can be for a request that is answered again:
    /// see [`Granted::is_over_at`].
    #[must_use]
    pub fn is_over_at(&self, now: Timestamp) -> bool {
        now >= self.lease_expiry
    }
}

impl Issuer {
    /// Receives a request token and answers it. `take_over` names the seat that this computer had
    /// before it was reinstalled; a seat is taken over only if the caller asks for it.
    ///
    /// # Errors
    /// Returns the [`ActivateError`] with which the request is refused, which is recorded in the
    /// audit log: [`ActivateError::Token`] if it can't be opened, [`ActivateError::CodeUnknown`] or
    /// another variant about its code, [`ActivateError::Entitlement`] if nothing can be granted,
    /// [`ActivateError::NoneFree`] if all seats are in use, and [`ActivateError::DeviceCopied`] if
    /// two computers use one vault. Returns [`ActivateError::Clock`] while this machine's clock is
    /// in doubt. Returns [`ActivateError::Keys`] or [`ActivateError::Database`] if keys or database
    /// fail.
    ///
    /// # Examples
    /// ```
    /// use chrono::{TimeZone as _, Utc};
    /// use latchkey_issuer::{EntitlementTerms, Issuer, NewCode, Update};
    /// # use latchkey_token::{HardwareTraits, Request, RequestId, SeatName, SecretKeys};
    /// # use latchkey_token::{Seed, seal};
    ///
    /// let now = Utc.with_ymd_and_hms(2027, 1, 15, 8, 0, 0).unwrap();
    /// let folder = tempfile::tempdir()?;
    /// let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now)?;
    /// let product = issuer.add_product("Acme CAD", &[], now)?;
    /// let terms = EntitlementTerms {
    ///     seats: Some(5),
    ///     offline_lease: Update::Set("30d".parse()?),
    ///     codes: vec![NewCode::custom("ACME-0000-1111-2222")?],
    ///     ..Default::default()
    /// };
    /// issuer.add_entitlement(product, &terms, now)?;
    ///
    /// # // The computer's part.
    /// # let device = SecretKeys::from_seed(&Seed::random()?)?;
    /// # let request = Request {
    /// #     product,
    /// #     code: "ACME-0000-1111-2222".parse()?,
    /// #     device: *device.public(),
    /// #     request: RequestId::random()?,
    /// #     counter: 1,
    /// #     seat_name: SeatName::new("Office 4")?,
    /// #     traits: HardwareTraits::default(),
    /// #     created_at: now.timestamp(),
    /// # };
    /// # let request = seal(&request, product, &device, &issuer.vendor().keys[0])?;
    /// // `request` is the token that the wizard has shown.
    /// let granted = issuer.activate(&request, None, now)?;
    /// assert_eq!(granted.product, "Acme CAD");
    /// assert_eq!(granted.name, "Office 4");
    ///
    /// // The same request gets the same response, and takes no other seat.
    /// let again = issuer.activate(&request, None, now)?;
    /// assert_eq!(again.token, granted.token);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn activate(
        &mut self,
        token: &Token,
        take_over: Option<SeatId>,
        now: Timestamp,
    ) -> Result<Granted, ActivateError> {
        let request = self.receive_request(token)?;
        self.answer(&request, &Choices { take_over, code: None }, now)
    }

    /// Decrypts a request, which decides and records nothing. A token that can't be opened is
    /// received too: [`Issuer::answer`] refuses it and records that.
    ///
    /// # Errors
    /// Returns [`KeysError::File`] if the keys have changed and the new ones can't be read, and
    /// [`KeysError::Database`] if the database can't be read.
    pub fn receive_request(&mut self, token: &Token) -> Result<ReceivedRequest, KeysError> {
        self.use_current_keys()?;
        Ok(ReceivedRequest(self.decrypt_request(token)))
    }

    /// Answers a request with the caller's choices.
    ///
    /// # Errors
    /// Returns the [`ActivateError`] with which the request is refused, which is recorded in the
    /// audit log: [`ActivateError::Token`] if it can't be opened, [`ActivateError::CodeUnknown`] or
    /// another variant about its code, [`ActivateError::Entitlement`] if nothing can be granted,
    /// [`ActivateError::NoneFree`] if all seats are in use, and [`ActivateError::DeviceCopied`] if
    /// two computers use one vault. Returns [`ActivateError::Clock`] while this machine's clock is
    /// in doubt. Returns [`ActivateError::Keys`] or [`ActivateError::Database`] if keys or database
    /// fail.
    pub fn answer(
        &mut self,
        request: &ReceivedRequest,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<Granted, ActivateError> {
        let now = truncate_to_seconds(now);
        self.use_current_keys()?;
        let keys = self.keys.active();
        let asked = request.0.as_ref().map(|request| ActivationRequest::of(request, choices));
        self.database.perform(&Activation { asked, take_over: choices.take_over, keys, now })
    }

    /// Returns what [`Issuer::answer`] would grant, and grants nothing.
    ///
    /// # Errors
    /// Returns the error that [`Issuer::answer`] would return, such as [`ActivateError::NoneFree`].
    /// It isn't recorded in the audit log, because nothing has been submitted yet.
    pub fn preview_activation(
        &mut self,
        request: &ReceivedRequest,
        choices: &Choices,
        now: Timestamp,
    ) -> Result<ActivationPreview, ActivateError> {
        let now = truncate_to_seconds(now);
        let request = request.0.as_ref().map_err(Clone::clone)?;
        let asked = ActivationRequest::of(request, choices);
        self.database.read(|queries| {
            let plan = decide(queries, asked, choices.take_over, now)?;
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
            Ok(ActivationPreview {
                product: queries.product_name(request.product)?.unwrap_or_default(),
                name: request.seat_name.as_str().to_owned(),
                lease_expiry: plan.lease_expiry(),
                computer_clock: plan.computer_clock(request, now),
                grounds: plan.into_reason(),
                seats,
                taken,
            })
        })
    }

    /// Counts in the audit log that a token was submitted for activation and refused before it
    /// could be assembled.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked,
    /// [`DatabaseError::Full`] or [`DatabaseError::ReadOnly`] if the disk takes nothing more, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be used otherwise.
    pub fn record_unread_request(
        &mut self,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.record_unread(REFUSED, error, now)
    }

    pub(crate) fn decrypt_request(&self, token: &Token) -> Result<Request, TokenRefusal> {
        if token.kind() != Kind::Request {
            let expected = Kind::Request;
            return Err(OpenError::WrongKind { expected, found: token.kind() }.into());
        }
        Ok(open_request(token, self.recipient(token)?)?.into_payload())
    }
}
