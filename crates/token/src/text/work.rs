//! A budget for looking through a text: what a stranger sends may be made to be costly, so the work is counted and ends
//! where no honest text comes near.

use std::cell::Cell;

use crate::error::TextError;

/// Steps that every text may take, however short: one damaged token alone is tried in hundreds of ways.
pub(crate) const STEPS: u64 = 4_000_000;
/// Further steps for each byte of a text. Ten thousand tokens take twelve, in a web page nineteen; tokens that are
/// damaged in every row fifteen.
pub(crate) const STEPS_PER_BYTE: u64 = 80;

/// Ways of putting a token's rows together that are tried however many have been tried before.
const TRIES_OF_A_TOKEN: usize = 16;
/// Further ones for all tokens of a text together, and for so many of its bytes one more. Each can cost a digest of a
/// whole token, and a text can be made of nothing but tokens that need all that they get.
const TRIES: usize = 4096;
const BYTES_OF_A_TRY: usize = 512;

/// Counts the steps of one reading. A step is about what it takes to look at one symbol.
pub(crate) struct Work {
    done: Cell<u64>,
    most: u64,
    tries: Cell<usize>,
}

impl Work {
    pub(crate) fn on(text: &str) -> Self {
        Self {
            done: Cell::new(0),
            most: STEPS + STEPS_PER_BYTE * text.len() as u64,
            tries: Cell::new(TRIES + text.len() / BYTES_OF_A_TRY),
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

    /// No more than this, whatever the text.
    #[cfg(test)]
    pub(crate) fn at_most(most: u64) -> Self {
        Self { done: Cell::new(0), most, tries: Cell::new(TRIES) }
    }

    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.get()
    }
}

/// Counts the ways of putting one token's rows together that are tried.
pub(super) struct Tries<'w> {
    pub(super) work: &'w Work,
    own: usize,
}

impl<'w> Tries<'w> {
    pub(super) fn of_a_token(work: &'w Work) -> Self {
        Self { work, own: TRIES_OF_A_TOKEN }
    }

    /// Takes one more, if there is one left.
    pub(super) fn may_go_on(&mut self) -> bool {
        let left = match self.own {
            0 => self.work.tries.get(),
            own => own,
        };
        let Some(less) = left.checked_sub(1) else { return false };
        match self.own {
            0 => self.work.tries.set(less),
            _ => self.own = less,
        }
        true
    }
}
