//! "This computer is gone", said by somebody who knows the activation code. The vendor is told; nothing is freed by it,
//! because the lease may still run and anybody who has the code could say so.

use jiff::Timestamp;
use latchkey_token::{ActivationCode, Code, Coded, Detail, SeatId};
use thiserror::Error;

use crate::blame::{Blame, Blamed, codes};
use crate::database::{DatabaseError, NewAudit};
use crate::holder::HolderError;
use crate::issuer::{Issuer, whole_seconds};
use crate::model::Seat;
use crate::refusal::SeatRefusal;

/// A notice can't be settled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// Nobody has said that this computer is gone, or it is settled.
    #[error("no notice about the seat {seat} is open")]
    None {
        /// The seat.
        seat: SeatId,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Coded for NoticeError {
    fn code(&self) -> Code {
        match self {
            Self::None { .. } => codes::NOT_GONE,
            Self::Database(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Detail)> {
        match self {
            Self::None { seat } => vec![("seat", seat.to_string().into())],
            Self::Database(inner) => inner.details(),
        }
    }
}

impl Blamed for NoticeError {
    fn blame(&self) -> Blame {
        match self {
            Self::None { .. } => Blame::State,
            Self::Database(inner) => inner.blame(),
        }
    }
}

/// What came of saying that a computer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneReported {
    /// The vendor is told.
    Noted,
    /// The vendor had been told before.
    Before,
}

/// A notice that nobody has settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Since when the computer is said to be gone.
    pub at: Timestamp,
    /// Its seat.
    pub seat: Seat,
    /// The name of the product.
    pub product: String,
}

impl Issuer {
    /// Tells the vendor that a seat's computer is gone. The seat stays as it is.
    ///
    /// # Errors
    /// [`HolderError`]: the code isn't known, the seat isn't one of its seats, or nobody has it.
    pub fn report_gone(
        &mut self,
        code: &ActivationCode,
        id: SeatId,
        now: Timestamp,
    ) -> Result<GoneReported, HolderError> {
        let now = whole_seconds(now);
        self.database.write(
            |queries| {
                let of = queries.code(code)?.ok_or(HolderError::CodeUnknown)?.entitlement;
                let seat = queries.seat(id)?.filter(|seat| seat.entitlement == of);
                let seat = seat.ok_or(HolderError::OtherEntitlement { seat: id })?;
                SeatRefusal::check_held(&seat)?;
                if !queries.add_notice(id, now)? {
                    return Ok(GoneReported::Before);
                }
                let row = NewAudit {
                    event: "computer_reported_gone",
                    entitlement: Some(of),
                    seat: Some(id),
                    code: Some(code.masked()),
                    ..Default::default()
                };
                queries.add_audit(&row, now)?;
                Ok(GoneReported::Noted)
            },
            |_, _| Ok(()),
        )
    }

    /// The notices that nobody has settled yet, oldest first. Releasing a seat settles its notice.
    ///
    /// # Errors
    /// [`DatabaseError`] when they can't be read.
    pub fn notices(&mut self, now: Timestamp) -> Result<Vec<Notice>, DatabaseError> {
        let now = whole_seconds(now);
        self.database.read(|queries| {
            let mut notices = Vec::new();
            for (id, at) in queries.open_notices()? {
                let Some(row) = queries.seat(id)? else { continue };
                let Some(of) = queries.entitlement(row.entitlement)? else { continue };
                let product = queries.product(of.product)?.map(|product| product.name);
                let seat = crate::seats::seat(row, &of, now);
                notices.push(Notice { at, seat, product: product.unwrap_or_default() });
            }
            Ok(notices)
        })
    }

    /// Puts a notice aside without releasing the seat.
    ///
    /// # Errors
    /// [`NoticeError::None`] when there is none.
    pub fn dismiss_notice(&mut self, id: SeatId, now: Timestamp) -> Result<(), NoticeError> {
        let now = whole_seconds(now);
        self.database.write(
            |queries| {
                if !queries.settle_notice(id, now)? {
                    return Err(NoticeError::None { seat: id });
                }
                let row =
                    NewAudit { event: "notice_dismissed", seat: Some(id), ..Default::default() };
                queries.add_audit(&row, now)?;
                Ok(())
            },
            |_, _| Ok(()),
        )
    }
}
