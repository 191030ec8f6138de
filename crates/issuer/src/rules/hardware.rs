//! Whether two computers can be one, judged by their hardware traits.

use latchkey_lease::{HardwareMatch, compare};
use latchkey_token::{HardwareTrait, HardwareTraits};

use crate::database::{OccupiedSeat, SeatStatus};

/// The held seats whose computer could be the requesting one. More than one is inconclusive:
/// computers made from one image look alike, and so do the seats of one computer's users.
pub(crate) fn find_alike<'o>(
    occupied: &'o [OccupiedSeat],
    traits: &HardwareTraits,
) -> Vec<&'o OccupiedSeat> {
    occupied
        .iter()
        .filter(|seat| seat.status == SeatStatus::Held && is_its_own(&seat.traits, traits))
        .collect()
}

/// Whether a computer could be the one that a seat was granted to: either it is the same one, or it
/// was reinstalled and its hardware is unchanged.
pub(crate) fn is_its_own(seat: &HardwareTraits, now: &HardwareTraits) -> bool {
    let same = |one, other| matches!(compare(one, other), HardwareMatch::Same(_));
    let hardware = |traits: &HardwareTraits| traits.without(HardwareTrait::OsInstall);
    same(seat, now) || same(&hardware(seat), &hardware(now))
}

/// Whether the hardware of a seat's computer differs too much from what it was.
pub(crate) fn is_changed(seat: &HardwareTraits, now: &HardwareTraits) -> bool {
    matches!(compare(seat, now), HardwareMatch::Changed | HardwareMatch::Different)
}
