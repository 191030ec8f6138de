//! A budget for looking through a text: what a stranger sends may be made to be costly, so the work is counted and ends
//! where no honest text comes near.

use std::cell::Cell;

use crate::error::TextError;

/// Steps that every text may take, however short: one damaged token alone is tried in hundreds of ways, and a short text
/// is read in several.
pub(crate) const STEPS: u64 = 16_000_000;
/// Further steps for each byte of a text. Ten thousand tokens take twelve, in a web page nineteen; tokens that are
/// damaged in every row fifteen.
pub(crate) const STEPS_PER_BYTE: u64 = 80;

/// Steps for each symbol of a damaged token that its rows' candidates may be tried with, however much has been tried
/// before: they are enough for four digests of the whole token, or for more of its end.
const TRIES_PER_SYMBOL: u64 = 16;
/// The same when the text is looked at in another way: one digest of the whole token.
const TRIES_PER_SYMBOL_IN_OTHER_READINGS: u64 = 4;
/// Further ones for all tokens of a text together, and for each of its bytes. A text can be made of nothing but tokens
/// that need all that they get.
const SHARED_TRIES: u64 = 4_000_000;
const SHARED_TRIES_PER_BYTE: u64 = 4;

/// Steps after which a text isn't looked at in another way, and further ones for each of its bytes. Only texts that are made
/// of damaged tokens take as many; a short one never does.
const STEPS_BEFORE_OTHER_READINGS: u64 = 6_000_000;
const STEPS_BEFORE_OTHER_READINGS_PER_BYTE: u64 = 16;

/// Counts the steps of one reading. A step is about what it takes to look at one symbol.
pub(crate) struct WorkBudget {
    done: Cell<u64>,
    most: u64,
    /// Steps of trying that are left for all tokens.
    shared_tries: Cell<u64>,
    /// And for each symbol of one.
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

    /// Counts steps that are taken now.
    pub(crate) fn spend(&self, steps: usize) {
        self.done.set(self.done.get().saturating_add(steps as u64));
    }

    /// Ends it at the next question: a text has grown longer than any may be.
    pub(crate) fn exhaust(&self) {
        self.done.set(self.most + 1);
    }

    /// Ends the reading where too much has been done. What is done between two such questions is bounded by itself.
    pub(crate) fn check(&self) -> Result<(), TextError> {
        match self.done.get() > self.most {
            true => Err(TextError::TooMuchWork),
            false => Ok(()),
        }
    }

    /// Whether the text may be looked at in another way. Its tokens are then tried less.
    pub(super) fn allows_another_reading(&self) -> bool {
        self.tries_per_symbol.set(TRIES_PER_SYMBOL_IN_OTHER_READINGS);
        self.done.get() <= self.most_before_other_readings
    }

    /// No more than this, whatever the text.
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
    /// `symbols` is the length of the token.
    pub(super) fn for_token(work: &'w WorkBudget, symbols: usize) -> Self {
        Self { work, own: work.tries_per_symbol.get() * symbols as u64 }
    }

    /// Spends the steps of one more try, if there are as many left.
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
