//! Accepts deactivation tokens, with which a computer returns its seat.

use latchkey_lease::Timestamp;
use latchkey_lease::time::to_rfc3339;
use latchkey_token::{
    Deactivation, HasErrorCode, Kind, OpenError, PublicKeys, ReadError, SeatId, Signed, Signer,
    Token, open, reverify,
};
use thiserror::Error;

use crate::database::{DatabaseError, EntitlementRow, NewAudit, SeatRow, SeatStatus, Transaction};
use crate::error_class::{ClassifiedError, codes};
use crate::issuer::Issuer;
use crate::rejection::{SeatRejection, TokenRejection};
use crate::time::{a_year_before, truncate_to_seconds};

/// A deactivation that is refused. No seat has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(RejectedToken)]
pub enum DeactivateError {
    /// The token.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenRejection),
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
    Seat(#[from] SeatRejection),
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

/// The name of this refusal's event in the audit log.
const REFUSED: &str = "deactivation_refused";

impl Issuer {
    /// Accepts a deactivation token.
    ///
    /// # Errors
    /// Returns [`DeactivateError`] if the token is refused, which is recorded in the audit log, or
    /// if keys or database fail.
    pub fn deactivate(
        &mut self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Deactivated, DeactivateError> {
        let now = truncate_to_seconds(now);
        let signed = self.opened_deactivation(token);
        if let Err(DeactivateError::Database(error)) = signed {
            return Err(error.into());
        }
        let ours = self.recipient(token).map(|keys| *keys.public()).map_err(DeactivateError::from);
        self.database.write(
            |queries| {
                let signed = signed.as_ref().map_err(Clone::clone)?;
                decide(queries, signed, ours.as_ref().map_err(Clone::clone)?, now)
            },
            |queries, error| {
                let Ok(signed) = &signed else {
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

    /// Counts in the audit log that a token was submitted as a deactivation and rejected before it
    /// could be assembled.
    ///
    /// # Errors
    /// Returns [`DatabaseError`] if the database can't be written.
    pub fn record_unread_deactivation(
        &mut self,
        error: &ReadError,
        now: Timestamp,
    ) -> Result<(), DatabaseError> {
        self.record_unread(REFUSED, error, now)
    }

    pub(crate) fn opened_deactivation(
        &mut self,
        token: &Token,
    ) -> Result<Signed<Deactivation>, DeactivateError> {
        if token.kind() != Kind::Deactivation {
            let expected = Kind::Deactivation;
            return Err(TokenRejection::from(OpenError::WrongKind {
                expected,
                found: token.kind(),
            })
            .into());
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
            OpenError::UnknownSigner { .. } => DeactivateError::UnknownDevice,
            other => TokenRejection::from(other).into(),
        })?;
        Ok(signed)
    }
}

/// Applies a decrypted deactivation if the seat's computer has signed it.
pub(crate) fn decide(
    queries: &Transaction<'_>,
    signed: &Signed<Deactivation>,
    ours: &PublicKeys,
    now: Timestamp,
) -> Result<Deactivated, DeactivateError> {
    let said = signed.payload();
    let unknown = || SeatRejection::Unknown { seat: said.seat };
    let id = queries.seat(said.seat)?.ok_or_else(unknown)?.entitlement;
    queries.lock_entitlement(id)?;
    let seat = queries.seat(said.seat)?.ok_or_else(unknown)?;
    let entitlement = queries.entitlement(id)?.ok_or_else(unknown)?;
    // The key id alone could be that of any device of any product; it must be this seat's.
    let signer = Signer { product: entitlement.product, keys: seat.device };
    reverify::<Deactivation>(signed.as_bytes(), ours, |_| vec![signer])
        .map_err(|_| DeactivateError::OtherDevice)?;
    // A seat is returned whatever the clock shows. While the clock is in doubt, the time of the
    // newest record counts.
    let now = queries.compare_clock(now)?.credible();
    release_seat(queries, seat, said, &entitlement, now)
}

fn release_seat(
    queries: &Transaction<'_>,
    mut seat: SeatRow,
    said: &Deactivation,
    entitlement: &EntitlementRow,
    now: Timestamp,
) -> Result<Deactivated, DeactivateError> {
    let mut notes = Vec::new();
    if !queries.traits_under_counter(&seat.device, said.counter, None)?.is_empty() {
        // The counter was used by a request: an old vault was restored, or there are two copies.
        notes.push("vault_copied");
    }
    let outcome = match seat.status {
        SeatStatus::Held | SeatStatus::Released if said.counter > seat.request_counter => {
            seat.status = SeatStatus::Deactivated;
            seat.deactivation_counter = Some(said.counter);
            seat.closed_at = Some(now);
            if count_return(queries, &seat, now)? {
                seat.reserved_until = seat.reserved_until.min(now);
            } else {
                notes.push("returned_too_often");
            }
            queries.change_seat(&seat)?;
            // The computer that was reported lost evidently isn't this one.
            queries.settle_notice(seat.id, now)?;
            Outcome::Released
        }
        SeatStatus::Deactivated if Some(said.counter) == seat.deactivation_counter => {
            Outcome::AlreadyReleased
        }
        // The seat was returned again under a higher counter: an old vault was restored in between.
        SeatStatus::Deactivated if Some(said.counter) > seat.deactivation_counter => {
            notes.push("vault_restored");
            Outcome::AlreadyReleased
        }
        SeatStatus::Reused => Outcome::Noted,
        SeatStatus::Held | SeatStatus::Released | SeatStatus::Deactivated => {
            return Err(DeactivateError::Superseded);
        }
    };
    let event = match outcome {
        Outcome::Released => "seat_deactivated",
        Outcome::AlreadyReleased => "deactivation_repeated",
        Outcome::Noted => "deactivation_noted",
    };
    let given_back = outcome != Outcome::Noted;
    let taken_until = Some(seat.reserved_until).filter(|until| given_back && *until > now);
    let mut detail = vec![("counter", said.counter.to_string())];
    if let Some(until) = taken_until {
        detail.push(("taken_until", to_rfc3339(until)));
    }
    if !notes.is_empty() {
        detail.push(("notes", notes.join(" ")));
    }
    let row = NewAudit {
        event,
        product: Some(entitlement.product),
        entitlement: Some(seat.entitlement),
        seat: Some(seat.id),
        device: Some(seat.device.id().to_string()),
        detail,
        ..Default::default()
    };
    match outcome {
        Outcome::Released => queries.add_audit(&row, now)?,
        Outcome::AlreadyReleased | Outcome::Noted => drop(queries.add_idle_audit(&row, now)?),
    }
    Ok(Deactivated {
        seat: seat.id,
        name: seat.name,
        lease_expiry: seat.lease_expiry,
        outcome,
        taken_until,
    })
}

/// Counts a seat that is returned before its lease and grace are over. Returns whether it is free
/// at once.
fn count_return(
    queries: &Transaction<'_>,
    seat: &SeatRow,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    if seat.reserved_until <= now {
        return Ok(true);
    }
    let before = queries.returns_since(seat.lineage, a_year_before(now))?;
    queries.add_return(seat.lineage, seat.id, now)?;
    Ok(before < u64::from(queries.early_returns()?))
}
