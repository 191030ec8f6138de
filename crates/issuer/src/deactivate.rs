//! Accepts deactivation tokens, with which a computer returns its seat.

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{
    Deactivation, HasErrorCode, Kind, OpenError, ReadError, SeatId, Signed, Signer, Token, open,
};
use thiserror::Error;

use crate::database::{
    DatabaseError, EntitlementRow, NewAudit, ReadTransaction, SeatRow, SeatStatus, Transaction,
};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::refusal::{SeatRefusal, TokenRefusal};
use crate::time::{a_year_before, truncate_to_seconds};

/// A deactivation that is refused. No seat has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(RefusedToken)]
pub enum DeactivationTokenError {
    /// The token.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// No seat was ever granted to the computer that signed it.
    #[code(codes::UNKNOWN_DEVICE)]
    #[error("no computer that is known here has signed it")]
    UnknownDevice,
    /// Signed by another computer than the seat's.
    #[code(codes::OTHER_DEVICE)]
    #[error("not signed by the seat's computer")]
    OtherDevice,
    /// A newer request of the computer was answered for the seat since.
    #[code(codes::SUPERSEDED)]
    #[error("older than the newest activation of the seat")]
    Superseded,
    /// The seat.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a deactivation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The seat has been returned.
    Released,
    /// The seat had been returned before.
    AlreadyReleased,
    /// Another computer has the seat by now; this was recorded, and nothing else has changed.
    Noted,
}

/// A deactivation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivated {
    /// The seat.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// The lease expiry that it had.
    pub lease_expiry: Timestamp,
    /// What it did.
    pub outcome: Outcome,
    /// Until when the seat still counts as taken, because its line has used up its early returns.
    /// `None` if the seat is free or another computer's.
    pub taken_until: Option<Timestamp>,
}

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
        self.database.write(
            |queries| {
                let signed = signed.map_err(Clone::clone)?;
                // Locked before its seats are counted.
                if let Some(seat) = queries.seat(signed.payload().seat)? {
                    queries.lock_entitlement(seat.entitlement)?;
                }
                Ok(commit(queries, decide(queries, signed, now)?)?)
            },
            |queries, error: &DeactivationTokenError| {
                let Ok(signed) = signed else {
                    return queries.count_audit(REFUSED, Some(error.code().name), now);
                };
                let said = signed.payload();
                let row = NewAudit {
                    event: REFUSED,
                    entitlement: queries.seat(said.seat)?.map(|seat| seat.entitlement),
                    seat: Some(said.seat),
                    device: Some(signed.signer().id().to_string()),
                    refusal: Some(error.code().name),
                    detail: vec![("counter", said.counter.to_string())],
                    ..Default::default()
                };
                queries.add_idle_audit(&row, now).map(drop)
            },
        )
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
            let plan = decide(queries, signed, now)?;
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

/// The plan of a deactivation: the seat as it is from now on, and what is recorded.
struct PlannedDeactivation {
    seat: SeatRow,
    entitlement: EntitlementRow,
    outcome: Outcome,
    /// The seat comes back before its lease and grace are over, which is counted.
    is_early: bool,
    taken_until: Option<Timestamp>,
    counter: u64,
    /// Additional remarks for the audit log's row.
    audit_flags: Vec<&'static str>,
    /// The time under which it is recorded.
    at: Timestamp,
}

impl PlannedDeactivation {
    fn into_deactivated(self) -> Deactivated {
        Deactivated {
            seat: self.seat.id,
            name: self.seat.name,
            lease_expiry: self.seat.lease_expiry,
            outcome: self.outcome,
            taken_until: self.taken_until,
        }
    }
}

/// Decides on a deactivation, which counts if the seat's computer has signed it. It reads only.
fn decide(
    queries: &ReadTransaction<'_>,
    signed: &Signed<Deactivation>,
    now: Timestamp,
) -> Result<PlannedDeactivation, DeactivationTokenError> {
    let said = signed.payload();
    let unknown = || SeatRefusal::Unknown { seat: said.seat };
    let mut seat = queries.seat(said.seat)?.ok_or_else(unknown)?;
    let entitlement = queries.entitlement(seat.entitlement)?.ok_or_else(unknown)?;
    // The signer can be any device of any product that ever had a seat; it must be this seat's.
    if *signed.signer() != seat.device || signed.product() != entitlement.product {
        return Err(DeactivationTokenError::OtherDevice);
    }
    // A seat is returned whatever the clock shows. While the clock is in doubt, the time of the
    // newest record counts.
    let compared = queries.compare_clock(now)?;
    let now = compared.credible_time();
    let mut audit_flags = Vec::new();
    if !queries.traits_under_counter(&seat.device, said.counter, None)?.is_empty() {
        // The counter was used by a request: an old vault was restored, or there are two copies.
        audit_flags.push("vault_copied");
    }
    let mut is_early = false;
    let outcome = match seat.status {
        SeatStatus::Held | SeatStatus::Released if said.counter > seat.request_counter => {
            seat.status = SeatStatus::Deactivated;
            seat.deactivation_counter = Some(said.counter);
            seat.closed_at = Some(now);
            is_early = seat.reserved_until > now;
            // By a clock that is ahead, a lease that is running seems to be over.
            let may_be_early = seat.reserved_until > compared.earliest();
            if may_be_early && may_return_early(queries, &seat, now)? {
                seat.reserved_until = seat.reserved_until.min(compared.earliest());
                if !is_early {
                    // By another clock it would count as an early return.
                    audit_flags.push("clock_unexplained");
                }
            } else if is_early {
                audit_flags.push("returned_too_often");
            }
            Outcome::Released
        }
        SeatStatus::Deactivated if Some(said.counter) == seat.deactivation_counter => {
            Outcome::AlreadyReleased
        }
        // The seat was returned again under a higher counter: an old vault was restored in between.
        SeatStatus::Deactivated if Some(said.counter) > seat.deactivation_counter => {
            audit_flags.push("vault_restored");
            Outcome::AlreadyReleased
        }
        SeatStatus::Reused => Outcome::Noted,
        SeatStatus::Held | SeatStatus::Released | SeatStatus::Deactivated => {
            return Err(DeactivationTokenError::Superseded);
        }
    };
    let given_back = outcome != Outcome::Noted;
    let taken_until = Some(seat.reserved_until).filter(|until| given_back && *until > now);
    let counter = said.counter;
    Ok(PlannedDeactivation {
        seat,
        entitlement,
        outcome,
        is_early,
        taken_until,
        counter,
        audit_flags,
        at: now,
    })
}

/// Whether a seat that is returned before its lease and grace are over is free at once.
fn may_return_early(
    queries: &ReadTransaction<'_>,
    seat: &SeatRow,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let before = queries.returns_since(seat.lineage, a_year_before(now))?;
    Ok(before < u64::from(queries.early_returns()?))
}

/// Carries out a plan in the transaction in which it was made.
fn commit(
    queries: &Transaction<'_>,
    plan: PlannedDeactivation,
) -> Result<Deactivated, DatabaseError> {
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
        Outcome::AlreadyReleased | Outcome::Noted => drop(queries.add_idle_audit(&row, *at)?),
    }
    Ok(plan.into_deactivated())
}
