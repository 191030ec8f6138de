//! Why a request is refused.

use latchkey_token::{HasErrorCode, IdError, SealError, SeatId};
use thiserror::Error;

use crate::clock::ClockDoubt;
use crate::database::DatabaseError;
use crate::error_class::{ClassifiedError, codes};
use crate::in_use::{InUse, name_or_id, no_free_seat_details};
use crate::keys::KeysError;
use crate::refusal::{EntitlementRefusal, SeatRefusal, TokenRefusal};
use crate::time::MOVE_DAYS;

/// How often a seat may move to another computer or to changed hardware within [`MOVE_DAYS`] days
/// before the vendor has to release it.
pub const MOVES: u64 = 2;

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(RefusedToken)]
pub enum ActivateError {
    /// The token.
    #[code(transparent)]
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// The activation code isn't known.
    #[code(codes::CODE_UNKNOWN)]
    #[error("the activation code is not known")]
    CodeUnknown,
    /// The activation code has been disabled.
    #[code(codes::CODE_DISABLED)]
    #[error("the activation code is disabled")]
    CodeDisabled,
    /// Another code was given beside a request whose own is valid.
    #[code(codes::OWN_CODE_VALID)]
    #[error("the activation code in the request is valid, no other one counts for it")]
    OwnCodeValid,
    /// The code is for another product.
    #[code(codes::WRONG_PRODUCT)]
    #[error("a request of product {asked}, the code is for product {belongs}")]
    WrongProduct {
        /// The product that asks, by name where it is known.
        asked: String,
        /// The product that the code is for.
        belongs: String,
    },
    /// The entitlement.
    #[code(transparent)]
    #[error(transparent)]
    Entitlement(#[from] EntitlementRefusal),
    /// The id was used before by a request that said something else.
    #[code(codes::REQUEST_CHANGED)]
    #[error("the request was submitted before with different content")]
    RequestChanged,
    /// Two computers have the same vault.
    #[code(codes::DEVICE_COPIED)]
    #[error("two computers use one copy of a vault")]
    DeviceCopied,
    /// All seats are in use.
    #[code(codes::NONE_FREE, details = no_free_seat_details(in_use, looks_like.as_ref(), *several_alike))]
    #[error("no seat is free, {} are in use", in_use.len())]
    NoneFree {
        /// The seats that are in use, the one that becomes free first first.
        in_use: Vec<InUse>,
        /// The one seat whose computer looks like the one that asks.
        looks_like: Option<InUse>,
        /// Several seats' computers look like it, as computers made from one image do, so none of
        /// them is identified.
        several_alike: bool,
    },
    /// The seat moved too often.
    #[code(codes::TAKEOVER_LIMIT, limit = MOVES, days = MOVE_DAYS.unsigned_abs())]
    #[error("the seat has moved {MOVES} times in {MOVE_DAYS} days")]
    TakeoverLimit,
    /// The seat's computer doesn't look like the one that asks.
    #[code(codes::NOT_SAME_COMPUTER)]
    #[error("not the computer of the seat {name:?}")]
    NotSameComputer {
        /// The seat's name.
        #[detail(name = "seat")]
        name: String,
    },
    /// More than one seat's computer looks like the one that asks.
    #[code(codes::SEVERAL_ALIKE)]
    #[error("several seats' computers look like the one that asks")]
    SeveralAlike {
        /// The seat's name.
        #[detail(name = "seat")]
        name: String,
    },
    /// The seat to be taken over is of another entitlement.
    #[code(codes::TAKEOVER_OTHER)]
    #[error("the seat {seat} is of another entitlement")]
    OtherEntitlement {
        /// The seat.
        seat: SeatId,
    },
    /// The computer has a seat of the entitlement already, so it has no use for another one.
    #[code(codes::TAKEOVER_HAS_SEAT, name = name_or_id(name, *seat))]
    #[error("the computer has the seat {seat} already")]
    HasSeat {
        /// The seat that it has.
        seat: SeatId,
        /// Its name.
        #[detail(skip)]
        name: String,
    },
    /// The seat isn't this computer's any more, or can't be taken over.
    #[code(transparent)]
    #[error(transparent)]
    Seat(#[from] SeatRefusal),
    /// This machine's clock is in doubt.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// An id can't be drawn.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Id(#[from] IdError),
    /// The response can't be sealed.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The keys: they have changed, and the new ones can't be read.
    #[code(transparent)]
    #[class(Internal)]
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[code(transparent)]
    #[class(transparent)]
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
