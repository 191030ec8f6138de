//! Whether an entitlement has a seat for a computer.

use latchkey_lease::Timestamp;
use latchkey_token::PublicKeys;

use crate::database::{DatabaseError, EntitlementRow, OccupiedSeat, ReadTransaction, SeatStatus};
use crate::in_use::blocking_seats;

/// Where a computer without a seat of an entitlement can get one.
pub(super) enum Vacancy {
    /// A seat is free.
    Free,
    /// Expired seats that have to be reused for it; the one that expired first comes first.
    Over(Vec<OccupiedSeat>),
    /// The overdraft has a seat left.
    Overdraft,
    /// No seat is available; these are in use.
    None(Vec<OccupiedSeat>),
}

impl Vacancy {
    /// What an entitlement has for a computer without a seat of it.
    pub(super) fn of(
        queries: &ReadTransaction<'_>,
        entitlement: &EntitlementRow,
        device: &PublicKeys,
        now: Timestamp,
    ) -> Result<Self, DatabaseError> {
        let total = queries.count_occupied(entitlement.id, Some(device), now)?;
        let seats = u64::from(entitlement.seats);
        let limit = seats + u64::from(entitlement.overdraft);
        if total < seats {
            return Ok(Self::Free);
        }
        let occupied = queries.occupied(entitlement.id, device, now)?;
        let is_over =
            |seat: &&OccupiedSeat| seat.status == SeatStatus::Held && seat.reserved_until <= now;
        // More than one seat has to be given up only if the vendor has lowered the number of seats
        // since.
        let needed =
            usize::try_from((total + 1).saturating_sub(limit).max(1)).unwrap_or(usize::MAX);
        let over: Vec<_> = occupied.iter().filter(is_over).take(needed).cloned().collect();
        if over.len() == needed {
            return Ok(Self::Over(over));
        }
        Ok(if total < limit { Self::Overdraft } else { Self::None(occupied) })
    }
}

/// Whether an entitlement has a seat for a computer, apart from taking one over.
pub(super) fn has_room(
    queries: &ReadTransaction<'_>,
    entitlement: &EntitlementRow,
    device: &PublicKeys,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    match queries.held_seat(entitlement.id, device)? {
        Some(seat) => Ok(blocking_seats(queries, entitlement, &seat, now)?.is_none()),
        None => Ok(!matches!(Vacancy::of(queries, entitlement, device, now)?, Vacancy::None(_))),
    }
}
