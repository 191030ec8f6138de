//! Corrects a line in which one symbol is wrong (section B.1 of the specification).

use crate::text::layout::UNKNOWN;
use crate::text::reed_solomon::{Checked, Remainder, check_after};

/// Checks the written symbols of a codeword after its implicit ones, and corrects one that is
/// wrong. Returns the symbols with the number of corrections. Every unknown symbol counts as one.
pub(super) fn correct<const MOST: usize>(
    unwritten: Remainder,
    written: &[u8],
) -> Option<([u8; MOST], usize)> {
    // Unknown symbols take part as 0.
    let corrected = match check_after(unwritten, written) {
        Checked::Whole => None,
        Checked::OneWrong { index, difference } => Some((index, difference)),
        Checked::Damaged => return None,
    };
    let mut wrong = written.iter().filter(|&&symbol| symbol == UNKNOWN).count();
    let mut word = [0; MOST];
    for (symbol, written) in word.get_mut(..written.len())?.iter_mut().zip(written) {
        *symbol = written & 31;
    }
    if let Some((index, difference)) = corrected {
        wrong += usize::from(written[index] != UNKNOWN);
        word[index] ^= difference;
    }
    Some((word, wrong))
}
