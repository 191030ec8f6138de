//! Whether an entitlement has room for a computer.

use latchkey_lease::Timestamp;

use crate::database::{EntitlementRow, ExpiredSeat, SeatRow};

/// The number of seats that are granted at most.
pub(crate) fn seat_limit(entitlement: &EntitlementRow) -> u64 {
    u64::from(entitlement.seats) + u64::from(entitlement.overdraft)
}

/// How many expired seats have to be given up for a computer without a seat, if so many count as
/// taken. None while a seat is free. More than one only if the vendor has lowered the number of
/// seats since.
pub(crate) fn seats_to_give_up(entitlement: &EntitlementRow, taken: u64) -> u64 {
    match taken < u64::from(entitlement.seats) {
        true => 0,
        false => (taken + 1).saturating_sub(seat_limit(entitlement)).max(1),
    }
}

/// How full an entitlement is for a computer without a seat of it, at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occupancy {
    /// The number of seats that count as taken.
    pub(crate) taken: u64,
    /// Held seats whose lease and grace are over, the one that ended first first; no more than
    /// [`seats_to_give_up`].
    pub(crate) expired: Vec<ExpiredSeat>,
}

/// Where a computer without a seat of an entitlement can get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Vacancy {
    /// A seat is free.
    Free,
    /// Expired seats that have to be reused for it; the one that expired first comes first.
    Expired(Vec<ExpiredSeat>),
    /// The overdraft has a seat left.
    Overdraft,
    /// No seat is available.
    None,
}

impl Vacancy {
    /// What an entitlement has for a computer without a seat of it.
    pub(crate) fn of(entitlement: &EntitlementRow, occupancy: &Occupancy) -> Self {
        let Occupancy { taken, expired } = occupancy;
        match usize::try_from(seats_to_give_up(entitlement, *taken)).unwrap_or(usize::MAX) {
            0 => Self::Free,
            needed if expired.len() >= needed => Self::Expired(expired[..needed].to_vec()),
            _ if *taken < seat_limit(entitlement) => Self::Overdraft,
            _ => Self::None,
        }
    }
}

/// A seat and how many others stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeatWithNeighbours {
    pub(crate) row: SeatRow,
    /// The number of other seats whose lease may still run. Not counted, and zero, while that of
    /// this seat runs.
    pub(crate) running_beside: u64,
}

impl SeatWithNeighbours {
    /// Whether there is room to grant the lease of this seat again. Only an expired lease can lose
    /// its room, if the vendor has lowered the number of seats since; a running one stays as it is.
    pub(crate) fn has_room(&self, entitlement: &EntitlementRow, now: Timestamp) -> bool {
        self.row.reserved_until > now || self.running_beside < seat_limit(entitlement)
    }
}

/// What an entitlement's seats are to one computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SeatsForComputer {
    /// It holds this one.
    Held(Box<SeatWithNeighbours>),
    /// It holds none.
    NoneHeld(Occupancy),
}

impl SeatsForComputer {
    /// Whether there is a seat for the computer, apart from taking one over.
    pub(crate) fn have_room(&self, entitlement: &EntitlementRow, now: Timestamp) -> bool {
        match self {
            Self::Held(seat) => seat.has_room(entitlement, now),
            Self::NoneHeld(occupancy) => Vacancy::of(entitlement, occupancy) != Vacancy::None,
        }
    }
}
