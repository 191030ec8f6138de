//! Accepts deactivation tokens, with which a computer returns its seat.

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{
    Deactivation, HasErrorCode, Kind, OpenError, ReadError, SeatId, Signed, Signer, Token, open,
};

use crate::database::{DatabaseError, NewAudit, Operation, ReadTransaction, Transaction, damaged};
use crate::issuer::Issuer;
use crate::refusal::TokenRefusal;
use crate::rules::deactivation::{
    Deactivated, DeactivationFacts, DeactivationTokenError, Outcome, PlannedDeactivation,
    SeatToReturn, decide,
};
use crate::time::{a_year_before, truncate_to_seconds};

/// The preview of a deactivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeactivationPreview {
    /// The product's name.
    pub product: String,
    /// The outcome that it would have.
    pub deactivated: Deactivated,
}

/// A deactivation token that was handed in, decrypted and verified once, or why it can't be. A
/// token that can't be opened is answered too: with a refusal, which is recorded.
#[derive(Debug, Clone)]
pub struct ReceivedDeactivation(Result<Signed<Deactivation>, DeactivationTokenError>);

impl ReceivedDeactivation {
    /// The seat that it is about, so that a list of refusals can name it. Whether its computer has
    /// signed the deactivation is decided later.
    #[must_use]
    pub fn seat(&self) -> Option<SeatId> {
        self.0.as_ref().ok().map(|signed| signed.payload().seat)
    }
}

/// The name of this refusal's event in the audit log.
const REFUSED: &str = "deactivation_refused";

impl Issuer {
    /// Receives a deactivation token and accepts it.
    ///
    /// # Errors
    /// Returns the [`DeactivationTokenError`] with which the token is refused, which is recorded in
    /// the audit log: [`DeactivationTokenError::Token`] if the token can't be opened,
    /// [`DeactivationTokenError::UnknownDevice`] or [`DeactivationTokenError::OtherDevice`] if it
    /// isn't from the seat's computer, [`DeactivationTokenError::Superseded`] if the seat was
    /// activated again after it, and [`DeactivationTokenError::Seat`] if there is no such seat.
    /// Returns [`DeactivationTokenError::Database`] if the database fails.
    ///
    /// # Examples
    /// ```
    /// use chrono::{TimeZone as _, Utc};
    /// use latchkey_issuer::{Issuer, Outcome};
    /// # use latchkey_issuer::{EntitlementTerms, NewCode, Update};
    /// # use latchkey_token::{Deactivation, HardwareTraits, Request, RequestId, SeatName};
    /// # use latchkey_token::{SecretKeys, Seed, seal};
    ///
    /// let now = Utc.with_ymd_and_hms(2027, 1, 15, 8, 0, 0).unwrap();
    /// let folder = tempfile::tempdir()?;
    /// let mut issuer = Issuer::set_up(&folder.path().join("data"), "Acme", now)?;
    /// # let product = issuer.add_product("Acme CAD", &[], now)?;
    /// # let terms = EntitlementTerms {
    /// #     seats: Some(5),
    /// #     offline_lease: Update::Set("30d".parse()?),
    /// #     codes: vec![NewCode::custom("ACME-0000-1111-2222")?],
    /// #     ..Default::default()
    /// # };
    /// # issuer.add_entitlement(product, &terms, now)?;
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
    /// # let granted = issuer.activate(&request, None, now)?;
    /// # let created_at = now.timestamp();
    /// # let returned = Deactivation { seat: granted.seat, counter: 2, created_at };
    /// # let deactivation = seal(&returned, product, &device, &issuer.vendor().keys[0])?;
    /// // `deactivation` is the token that the wizard has shown.
    /// let done = issuer.deactivate(&deactivation, now)?;
    /// assert_eq!((done.seat, done.outcome), (granted.seat, Outcome::Released));
    ///
    /// // Handed in again, it does no harm.
    /// let again = issuer.deactivate(&deactivation, now)?;
    /// assert_eq!(again.outcome, Outcome::AlreadyReleased);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deactivate(
        &mut self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Deactivated, DeactivationTokenError> {
        let received = self.receive_deactivation(token)?;
        self.accept_deactivation(&received, now)
    }

    /// Decrypts a deactivation and verifies its signature, which decides and records nothing. A
    /// token that can't be opened is received too: [`Issuer::accept_deactivation`] refuses it and
    /// records that.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be read.
    pub fn receive_deactivation(
        &mut self,
        token: &Token,
    ) -> Result<ReceivedDeactivation, DatabaseError> {
        // Keys that can't be read again stay as they are, and may still open the token.
        let _ = self.use_current_keys();
        match self.decrypt_deactivation(token) {
            Err(DeactivationTokenError::Database(error)) => Err(error),
            opened => Ok(ReceivedDeactivation(opened)),
        }
    }

    /// Accepts a deactivation.
    ///
    /// # Errors
    /// Returns the [`DeactivationTokenError`] with which the deactivation is refused, which is
    /// recorded in the audit log: [`DeactivationTokenError::Token`] if the token can't be opened,
    /// [`DeactivationTokenError::UnknownDevice`] or [`DeactivationTokenError::OtherDevice`] if it
    /// isn't from the seat's computer, [`DeactivationTokenError::Superseded`] if the seat was
    /// activated again after it, and [`DeactivationTokenError::Seat`] if there is no such seat.
    /// Returns [`DeactivationTokenError::Database`] if the database fails.
    pub fn accept_deactivation(
        &mut self,
        deactivation: &ReceivedDeactivation,
        now: Timestamp,
    ) -> Result<Deactivated, DeactivationTokenError> {
        let now = truncate_to_seconds(now);
        let signed = deactivation.0.as_ref();
        self.database.perform(&DeactivationAttempt { signed, now })
    }

    /// Returns what [`Issuer::accept_deactivation`] would do, and does nothing.
    ///
    /// # Errors
    /// Returns the error that [`Issuer::accept_deactivation`] would return, such as
    /// [`DeactivationTokenError::Superseded`]. It isn't recorded in the audit log either.
    pub fn preview_deactivation(
        &mut self,
        deactivation: &ReceivedDeactivation,
        now: Timestamp,
    ) -> Result<DeactivationPreview, DeactivationTokenError> {
        let now = truncate_to_seconds(now);
        let signed = deactivation.0.as_ref().map_err(Clone::clone)?;
        self.database.read(|queries| {
            let plan = decide(read_facts(queries, signed.payload(), now)?, signed)?;
            let product = queries.product_name(plan.entitlement.product)?.unwrap_or_default();
            Ok(DeactivationPreview { product, deactivated: plan.into_deactivated() })
        })
    }

    /// Counts in the audit log that a token was submitted as a deactivation and refused before it
    /// could be assembled.
    ///
    /// # Errors
    /// Returns [`DatabaseError::Busy`] if other programs keep the database locked,
    /// [`DatabaseError::Full`] or [`DatabaseError::ReadOnly`] if the disk takes nothing more, and
    /// [`DatabaseError::Damaged`] or [`DatabaseError::Failed`] if it can't be used otherwise.
    pub fn record_unread_deactivation(
        &mut self,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.record_unread(REFUSED, error, now)
    }

    pub(crate) fn decrypt_deactivation(
        &mut self,
        token: &Token,
    ) -> Result<Signed<Deactivation>, DeactivationTokenError> {
        if token.kind() != Kind::Deactivation {
            let expected = Kind::Deactivation;
            return Err(
                TokenRefusal::from(OpenError::WrongKind { expected, found: token.kind() }).into()
            );
        }
        let keys = self.recipient(token)?.clone();
        let mut failed = None;
        let opened = open::<Deactivation>(token, &keys, |id| {
            let devices = self.database.read(|queries| queries.devices(id));
            let devices = devices.unwrap_or_else(|error: DatabaseError| {
                failed = Some(error);
                Vec::new()
            });
            devices.into_iter().map(|(keys, product)| Signer { product, keys }).collect()
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        let signed = opened.map_err(|error| match error {
            OpenError::UnknownSigner { .. } => DeactivationTokenError::UnknownDevice,
            other => TokenRefusal::from(other).into(),
        })?;
        Ok(signed)
    }
}

/// A deactivation that is decided on.
struct DeactivationAttempt<'d> {
    /// The deactivation, or why its token can't be opened.
    signed: Result<&'d Signed<Deactivation>, &'d DeactivationTokenError>,
    now: Timestamp,
}

impl Operation for DeactivationAttempt<'_> {
    type Plan = PlannedDeactivation;
    type Done = Deactivated;
    type Error = DeactivationTokenError;

    fn lock(&self, queries: &Transaction<'_>) -> Result<(), DatabaseError> {
        let Ok(signed) = self.signed else { return Ok(()) };
        match queries.seat(signed.payload().seat)? {
            Some(seat) => queries.lock_entitlement(seat.entitlement),
            None => Ok(()),
        }
    }

    fn decide(
        &self,
        queries: &ReadTransaction<'_>,
    ) -> Result<PlannedDeactivation, DeactivationTokenError> {
        let signed = self.signed.map_err(Clone::clone)?;
        decide(read_facts(queries, signed.payload(), self.now)?, signed)
    }

    fn carry_out(
        &self,
        queries: &Transaction<'_>,
        plan: PlannedDeactivation,
    ) -> Result<Deactivated, DeactivationTokenError> {
        let PlannedDeactivation { seat, at, .. } = &plan;
        let mut detail = vec![("counter", plan.counter.to_string())];
        if let Some(until) = plan.taken_until {
            detail.push(("taken_until", to_rfc3339(until)));
        }
        if !plan.audit_flags.is_empty() {
            detail.push(("notes", plan.audit_flags.join(" ")));
        }
        let row = NewAudit {
            event: match plan.outcome {
                Outcome::Released => "seat_deactivated",
                Outcome::AlreadyReleased => "deactivation_repeated",
                Outcome::Noted => "deactivation_noted",
            },
            product: Some(plan.entitlement.product),
            entitlement: Some(seat.entitlement),
            seat: Some(seat.id),
            device: Some(seat.device.id().to_string()),
            detail,
            ..Default::default()
        };
        match plan.outcome {
            Outcome::Released => {
                if plan.is_early {
                    queries.add_return(seat.lineage, seat.id, *at)?;
                }
                queries.change_seat(seat)?;
                // The computer that was reported lost evidently isn't this one.
                queries.settle_notice(seat.id, *at)?;
                queries.add_audit(&row, *at)?;
            }
            Outcome::AlreadyReleased | Outcome::Noted => {
                queries.add_idle_audit(&row, *at)?;
            }
        }
        Ok(plan.into_deactivated())
    }

    fn record_refusal(
        &self,
        queries: &Transaction<'_>,
        refusal: &DeactivationTokenError,
    ) -> Result<(), DatabaseError> {
        let Ok(signed) = self.signed else {
            return queries.count_audit(REFUSED, Some(refusal.code().name), self.now);
        };
        let said = signed.payload();
        let row = NewAudit {
            event: REFUSED,
            entitlement: queries.seat(said.seat)?.map(|seat| seat.entitlement),
            seat: Some(said.seat),
            device: Some(signed.signer().id().to_string()),
            refusal: Some(refusal.code().name),
            detail: vec![("counter", said.counter.to_string())],
            ..Default::default()
        };
        queries.add_idle_audit(&row, self.now).map(drop)
    }
}

fn read_facts(
    queries: &ReadTransaction<'_>,
    said: &Deactivation,
    now: Timestamp,
) -> Result<DeactivationFacts, DatabaseError> {
    let clock = queries.compare_clock(now)?;
    let Some(row) = queries.seat(said.seat)? else {
        return Ok(DeactivationFacts { clock, seat: None });
    };
    let same_counter = queries.traits_under_counter(&row.device, said.counter, None)?;
    let since = a_year_before(clock.credible_time());
    let seat = SeatToReturn {
        entitlement: queries.entitlement(row.entitlement)?.ok_or_else(|| damaged("entitlement"))?,
        counter_was_requested: !same_counter.is_empty(),
        returns: queries.returns_since(row.lineage, since)?,
        early_returns: queries.early_returns()?,
        row,
    };
    Ok(DeactivationFacts { clock, seat: Some(seat) })
}
