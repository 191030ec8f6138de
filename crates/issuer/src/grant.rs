//! The sequence numbers of grants, which activation and refresh share.

use crate::database::{DatabaseError, Transaction, damaged};

/// The number of bits of a sequence number that count within a seat; the higher bits hold the
/// server's epoch.
const SEQUENCE_BITS: u32 = 16;

/// The sequence number of a seat's next grant: epoch · 2¹⁶ + n. A seat that has used up its numbers
/// raises the epoch, as a restored backup does, so that a later restore can't reach the same
/// numbers again.
pub(crate) fn next_sequence(queries: &Transaction<'_>, last: u64) -> Result<u64, DatabaseError> {
    let epoch = queries.epoch()?;
    let next = if last >> SEQUENCE_BITS < epoch {
        epoch << SEQUENCE_BITS | 1
    } else if last & ((1 << SEQUENCE_BITS) - 1) == (1 << SEQUENCE_BITS) - 1 {
        queries.increment_epoch()? << SEQUENCE_BITS | 1
    } else {
        last + 1
    };
    if next > last { Ok(next) } else { Err(damaged("epoch")) }
}
