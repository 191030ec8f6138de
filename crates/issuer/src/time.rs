//! Times as the rules use them: whole seconds, and the period over which moves count.

use chrono::TimeDelta;
use latchkey_lease::time::earlier;
use latchkey_lease::{Timestamp, from_seconds, to_seconds};

/// The period, in days, over which moves and early returns of a seat are counted.
pub const MOVE_DAYS: i64 = 365;

/// Tokens and the database have whole seconds; a fraction that was cut off must not reappear.
pub(crate) fn truncate_to_seconds(time: Timestamp) -> Timestamp {
    from_seconds(to_seconds(time))
}

/// The time since which moves and early returns count.
pub(crate) fn a_year_before(now: Timestamp) -> Timestamp {
    earlier(now, TimeDelta::days(MOVE_DAYS))
}
