//! Values as columns have them.

use super::error::{DatabaseError, damaged};

/// Converts a number for the database. One that doesn't fit was never accepted.
pub(crate) fn to_stored(number: u64) -> Result<i64, DatabaseError> {
    i64::try_from(number).map_err(|_| damaged("number"))
}

/// Converts a number from the database.
pub(crate) fn to_unsigned(number: i64) -> Result<u64, DatabaseError> {
    u64::try_from(number).map_err(|_| damaged("number"))
}

/// Converts a device's counter for the database: a signed column holds as many numbers as a counter
/// has, so those from 2⁶³ on are stored as negative ones.
pub(crate) const fn stored_counter(counter: u64) -> i64 {
    counter.cast_signed()
}

/// Converts a device's counter from the database.
pub(crate) const fn counter_from(stored: i64) -> u64 {
    stored.cast_unsigned()
}

/// Parses a text from the database.
pub(crate) fn parse_stored<T: std::str::FromStr>(
    text: &str,
    what: &'static str,
) -> Result<T, DatabaseError> {
    text.parse().map_err(|_| damaged(what))
}
