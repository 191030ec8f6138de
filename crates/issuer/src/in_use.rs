//! The seats that are in use, as a refusal for want of a free seat names them.

use latchkey_lease::Timestamp;
use latchkey_token::{ErrorArg, SeatId};

use crate::database::OccupiedSeat;

/// Maximum number of seats that a refusal names; people don't read longer lists.
const MAX_NAMED: usize = 20;

/// A seat that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// Its id.
    pub seat: SeatId,
    /// Its name.
    pub name: String,
    /// Its lease expiry.
    pub lease_expiry: Timestamp,
}

impl From<&OccupiedSeat> for InUse {
    fn from(seat: &OccupiedSeat) -> Self {
        Self { seat: seat.id, name: seat.name.clone(), lease_expiry: seat.lease_expiry }
    }
}

/// A seat's name, or its id if it has none.
pub(crate) fn name_or_id(name: &str, seat: SeatId) -> String {
    if name.is_empty() { seat.to_string() } else { name.to_owned() }
}

/// Returns the details of the error that no seat is free.
pub(crate) fn no_free_seat_details(
    in_use: &[InUse],
    looks_like: Option<&InUse>,
    several_alike: bool,
) -> Vec<(&'static str, ErrorArg)> {
    let (like, like_name) = match looks_like {
        Some(seat) => (seat.seat.to_string(), name_or_id(&seat.name, seat.seat)),
        None if several_alike => ("several".to_owned(), String::new()),
        None => ("none".to_owned(), String::new()),
    };
    vec![
        ("count", in_use.len().into()),
        ("seats", list_names(in_use).into()),
        ("like", like.into()),
        ("like_name", like_name.into()),
    ]
}

/// The seats beside `seat` whose leases may still run at a time.
pub(crate) fn running_beside(occupied: &[OccupiedSeat], seat: SeatId, at: Timestamp) -> Vec<InUse> {
    let running = occupied.iter().filter(|other| other.id != seat && other.reserved_until > at);
    running.map(InUse::from).collect()
}

/// Seat names and lease expiries, such as `Office 4 (2026-12-16 14:00 UTC), …`, in a form that
/// suits every language. A seat without a name is listed by its id.
fn list_names(in_use: &[InUse]) -> String {
    let mut named: Vec<_> = in_use
        .iter()
        .take(MAX_NAMED)
        .map(|seat| {
            format!(
                "{} ({})",
                name_or_id(&seat.name, seat.seat),
                seat.lease_expiry.format("%Y-%m-%d %H:%M UTC")
            )
        })
        .collect();
    if in_use.len() > MAX_NAMED {
        named.push("…".to_owned());
    }
    named.join(", ")
}
