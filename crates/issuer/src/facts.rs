//! Reads what the rules need to know about an entitlement's seats. What follows from it is decided
//! in `rules`.

use latchkey_lease::Timestamp;
use latchkey_token::PublicKeys;

use crate::database::{DatabaseError, EntitlementRow, ReadTransaction, SeatRow};
use crate::rules::room::{Occupancy, SeatWithNeighbours, SeatsForComputer, seats_to_give_up};

/// Reads how full an entitlement is for a computer without a seat of it.
pub(crate) fn read_occupancy(
    queries: &ReadTransaction<'_>,
    entitlement: &EntitlementRow,
    device: &PublicKeys,
    at: Timestamp,
) -> Result<Occupancy, DatabaseError> {
    let taken = queries.count_occupied(entitlement.id, Some(device), at)?;
    let expired = match seats_to_give_up(entitlement, taken) {
        0 => Vec::new(),
        needed => queries.expired_seats(entitlement.id, at, needed)?,
    };
    Ok(Occupancy { taken, expired })
}

/// Reads how many other seats stand beside one.
pub(crate) fn read_neighbours(
    queries: &ReadTransaction<'_>,
    row: SeatRow,
    now: Timestamp,
) -> Result<SeatWithNeighbours, DatabaseError> {
    let running_beside = match row.reserved_until > now {
        true => 0,
        false => queries.count_running_beside(&row, now)?,
    };
    Ok(SeatWithNeighbours { row, running_beside })
}

/// Reads what an entitlement's seats are to a computer.
pub(crate) fn read_seats_for_computer(
    queries: &ReadTransaction<'_>,
    entitlement: &EntitlementRow,
    device: &PublicKeys,
    now: Timestamp,
) -> Result<SeatsForComputer, DatabaseError> {
    Ok(match queries.held_seat(entitlement.id, device)? {
        Some(row) => SeatsForComputer::Held(Box::new(read_neighbours(queries, row, now)?)),
        None => SeatsForComputer::NoneHeld(read_occupancy(queries, entitlement, device, now)?),
    })
}
