//! A budget for scanning a text. A text from an untrusted source may be made to be expensive, so
//! steps are counted, and the scan ends at a limit that no honest text comes near.

use std::cell::Cell;

use super::text_error::TextError;

/// The steps that every text may take, however short it is: a single damaged token is tried in
/// hundreds of ways, and a short text is scanned in several.
pub(crate) const STEPS: u64 = 16_000_000;
/// Further steps for each byte of a text. Ten thousand tokens take twelve steps a byte, or nineteen
/// in a web page; tokens with damage in every row take fifteen.
pub(crate) const STEPS_PER_BYTE: u64 = 80;

/// Steps that hashing a symbol takes.
pub(super) const DIGEST_STEPS_PER_SYMBOL: usize = 4;

/// Steps for each symbol of a damaged token that may be spent on trying its rows' candidates,
/// however much has been tried before. They are enough for four digests of the whole token, or for
/// more digests of its end.
const TRIES_PER_SYMBOL: u64 = 16;
/// The same in the alternative readings of a text: one digest of the whole token.
const TRIES_PER_SYMBOL_IN_OTHER_READINGS: u64 = 4;
/// Further steps that all tokens of a text share, and further ones for each of its bytes. A text
/// can consist of nothing but tokens that use up all their steps.
const SHARED_TRIES: u64 = 4_000_000;
const SHARED_TRIES_PER_BYTE: u64 = 4;

/// The steps after which no alternative reading of a text is tried, and further ones for each of
/// its bytes. Only texts that consist of damaged tokens take that many; a short text never does.
const STEPS_BEFORE_OTHER_READINGS: u64 = 6_000_000;
pub(super) const STEPS_BEFORE_OTHER_READINGS_PER_BYTE: u64 = 17;

/// Counts the steps of one scan. A step takes about as long as reading one symbol.
pub(crate) struct WorkBudget {
    done: Cell<u64>,
    most: u64,
    /// Steps for trying candidates that are left for all tokens.
    shared_tries: Cell<u64>,
    /// Steps for trying candidates that each token has for each of its symbols.
    tries_per_symbol: Cell<u64>,
    most_before_other_readings: u64,
}

impl WorkBudget {
    pub(crate) fn for_text(text: &str) -> Self {
        Self {
            done: Cell::new(0),
            most: STEPS + STEPS_PER_BYTE * text.len() as u64,
            shared_tries: Cell::new(SHARED_TRIES + SHARED_TRIES_PER_BYTE * text.len() as u64),
            tries_per_symbol: Cell::new(TRIES_PER_SYMBOL),
            most_before_other_readings: STEPS_BEFORE_OTHER_READINGS
                + STEPS_BEFORE_OTHER_READINGS_PER_BYTE * text.len() as u64,
        }
    }

    /// Counts steps.
    pub(crate) fn spend(&self, steps: usize) {
        self.done.set(self.done.get().saturating_add(steps as u64));
    }

    /// Makes the next check fail: a text has grown longer than any text may be.
    pub(crate) fn exhaust(&self) {
        self.done.set(self.most + 1);
    }

    /// Fails if too many steps were taken. The work between two checks is bounded by itself.
    pub(crate) fn check(&self) -> Result<(), TextError> {
        match self.done.get() > self.most {
            true => Err(TextError::TooMuchWork),
            false => Ok(()),
        }
    }

    /// Returns whether an alternative reading of the text may be tried. Fewer candidates of each
    /// token are tried in it.
    pub(super) fn allows_another_reading(&self) -> bool {
        self.tries_per_symbol.set(TRIES_PER_SYMBOL_IN_OTHER_READINGS);
        self.has_taken_few_steps()
    }

    /// Returns whether so few steps were taken that a text may also be read in less likely ways.
    pub(super) fn has_taken_few_steps(&self) -> bool {
        self.done.get() <= self.most_before_other_readings
    }

    /// Creates a budget with a fixed limit that doesn't depend on the text.
    #[cfg(test)]
    pub(crate) fn limited_to(most: u64) -> Self {
        Self { most, most_before_other_readings: u64::MAX, ..Self::for_text("") }
    }

    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.get()
    }
}

/// Counts the steps of trying one token's candidates.
pub(super) struct Tries<'w> {
    pub(super) work: &'w WorkBudget,
    own: u64,
}

impl<'w> Tries<'w> {
    /// Creates a counter for a token of `symbols` symbols.
    pub(super) fn for_token(work: &'w WorkBudget, symbols: usize) -> Self {
        Self { work, own: work.tries_per_symbol.get() * symbols as u64 }
    }

    /// Spends the steps of one more try. Returns `false` if not enough steps are left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let cost = steps as u64;
        let shared = &self.work.shared_tries;
        if let Some(left) = self.own.checked_sub(cost) {
            self.own = left;
        } else if let Some(left) = shared.get().checked_sub(cost) {
            shared.set(left);
        } else {
            return false;
        }
        self.work.spend(steps);
        true
    }
}
