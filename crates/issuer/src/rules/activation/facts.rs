//! What is known when a request is decided on. It is read in two steps, because the codes show
//! which entitlement's seats the second one is about.

use latchkey_token::{Attributes, Features, HardwareTraits, SeatId};

use crate::clock::Comparison;
use crate::database::{EntitlementRow, RequestRow, SeatRow};
use crate::rules::room::{Occupancy, SeatWithNeighbours, SeatsForComputer};

/// What is known of a request and its codes.
#[derive(Debug, Clone)]
pub(crate) struct RequestFacts {
    pub(crate) clock: Comparison,
    /// The requesting product, by name where it is known.
    pub(crate) product: String,
    /// The same request as it was stored before.
    pub(crate) before: Option<StoredRequest>,
    /// The request's own code, if it is known.
    pub(crate) own_code: Option<KnownCode>,
    /// The code that is given with the request, if it is known.
    pub(crate) given_code: Option<KnownCode>,
    /// What the seats of the own code's entitlement are to the computer. Read only if a code of
    /// another entitlement is given.
    pub(crate) own_seats: Option<SeatsForComputer>,
}

/// A request that was handed in before.
#[derive(Debug, Clone)]
pub(crate) struct StoredRequest {
    pub(crate) row: RequestRow,
    pub(crate) entitlement: NamedEntitlement,
    /// The seat of its answer.
    pub(crate) seat: Option<SeatRow>,
}

/// An activation code that exists.
#[derive(Debug, Clone)]
pub(crate) struct KnownCode {
    pub(crate) disabled: bool,
    pub(crate) entitlement: NamedEntitlement,
}

/// An entitlement and its product, by name where it is known.
#[derive(Debug, Clone)]
pub(crate) struct NamedEntitlement {
    pub(crate) row: EntitlementRow,
    pub(crate) product: String,
}

/// What is known of the seats of the entitlement that a request is for.
#[derive(Debug, Clone)]
pub(crate) struct SeatFacts {
    pub(crate) features: Features,
    pub(crate) attributes: Attributes,
    /// The hardware traits in other requests with the same counter from the same device.
    pub(crate) same_counter: Vec<HardwareTraits>,
    /// The highest counter of the device's deactivations.
    pub(crate) newest_deactivation: Option<u64>,
    pub(crate) candidate: SeatCandidate,
}

/// The seat that the request can get.
#[derive(Debug, Clone)]
pub(crate) enum SeatCandidate {
    /// The computer holds a seat.
    Held(Box<SeatWithMoves>),
    /// It holds none and asks to take this one over, which may not exist.
    TakenOver {
        /// The seat's id.
        id: SeatId,
        /// The seat.
        old: Option<Box<SeatWithMoves>>,
    },
    /// It holds none.
    New(Box<NewSeatFacts>),
}

/// A seat and how often its line has moved within a year.
#[derive(Debug, Clone)]
pub(crate) struct SeatWithMoves {
    pub(crate) seat: SeatWithNeighbours,
    pub(crate) moves: u64,
}

/// What decides whether and where a computer gets a new seat.
#[derive(Debug, Clone)]
pub(crate) struct NewSeatFacts {
    /// How full the entitlement is at the time by which leases of other seats are judged.
    pub(crate) occupancy: Occupancy,
    /// How full it is by this machine's clock, where that is another time.
    pub(crate) occupancy_by_clock: Option<Occupancy>,
    /// The line that a new seat continues if none has to be reused for it.
    pub(crate) idle_line: Option<Line>,
    /// The line of the first expired seat in `occupancy`.
    pub(crate) expired_line: Option<Line>,
    /// The hardware traits of the newest seat that the computer no longer holds and whose lease
    /// may still run.
    pub(crate) given_up: Option<HardwareTraits>,
}

/// A line of seats, and how often it has moved within a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) id: SeatId,
    pub(crate) moves: u64,
}
