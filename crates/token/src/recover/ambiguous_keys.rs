//! Resolves the letters of a keyboard layout on which two keys give the same letter, such as the
//! capital Σ of a Greek layout. The checks of a token's rows show, row by row, which key a scanner
//! pressed.

use std::ops::Range;

use crate::text::layout::{
    LINE_0, PREFIX, ROW, ROW_DATA, TAG_LEN, implicit_symbols, prefix_values,
};
use crate::text::reed_solomon::{CHECKSUM_LEN, checks};
use crate::wire::kind::Kind;
use crate::wire::symbols;

/// The most ambiguous letters of a row that are tried in every combination.
const MAX_AMBIGUOUS: u32 = 8;
/// Steps that such a row takes.
pub(super) const STEPS_PER_ROW: usize = (1 << MAX_AMBIGUOUS) * ROW;

/// A character that was typed: its value, if it is a symbol, and whether it may be the letter of
/// the other key.
pub(super) struct Typed {
    pub(super) character: char,
    pub(super) is_either: bool,
}

/// Replaces each ambiguous letter by the one that the checks determine.
pub(super) fn resolve(typed: &mut [Typed], keys: [char; 2]) {
    let is_symbol = |at: &usize| typed[*at].character.is_ascii_alphanumeric();
    let places: Vec<_> = (0..typed.len()).filter(is_symbol).collect();
    let mut text = Symbols { typed, places, keys };
    let mut at = 0;
    while at + LINE_0 <= text.places.len() {
        at = match text.line_0(at) {
            Some((symbols, tag)) => text.rows(at + LINE_0, symbols, tag),
            None => at + 1,
        };
    }
}

/// The letters and digits of a text.
struct Symbols<'t> {
    typed: &'t mut [Typed],
    /// Their positions.
    places: Vec<usize>,
    keys: [char; 2],
}

impl Symbols<'_> {
    fn value(&self, at: usize) -> Option<u8> {
        symbols::value(self.typed[self.places[at]].character)
    }

    fn is_either(&self, at: usize) -> bool {
        self.typed[self.places[at]].is_either
    }

    fn choose(&mut self, at: usize, key: usize) {
        self.typed[self.places[at]].character = self.keys[key];
    }

    /// Returns the number of symbols of the token's data and its tag if a line 0 begins here.
    fn line_0(&mut self, at: usize) -> Option<(usize, [u8; TAG_LEN])> {
        let may_be = |kind: &Kind| {
            (at..).zip(prefix_values(*kind)).all(|(at, value)| {
                let mut keys = self.keys.iter();
                self.value(at) == Some(value)
                    || self.is_either(at) && keys.any(|key| symbols::value(*key) == Some(value))
            })
        };
        Kind::ALL.into_iter().find(may_be)?;
        let values = self.solve(at..at + LINE_0, &[])?;
        let number = values[PREFIX..LINE_0 - TAG_LEN - CHECKSUM_LEN].iter();
        let bytes = number.fold(0, |number, value| number << 5 | usize::from(*value));
        let tag = values[LINE_0 - TAG_LEN - CHECKSUM_LEN..LINE_0 - CHECKSUM_LEN].try_into().ok()?;
        Some((symbols::symbols_for(bytes), tag))
    }

    /// Resolves each row of a token, and returns the end of the last one that is present.
    fn rows(&mut self, mut at: usize, mut left: usize, tag: [u8; TAG_LEN]) -> usize {
        let mut row = 1;
        while left > 0 {
            let data = left.min(ROW_DATA);
            let end = at + data + CHECKSUM_LEN;
            if end > self.places.len() {
                break;
            }
            self.solve(at..end, &implicit_symbols(row, tag));
            (at, left, row) = (end, left - data, row + 1);
        }
        at
    }

    /// Tries every combination in a row until its check passes. If none does, the row remains as it
    /// is.
    fn solve(&mut self, row: Range<usize>, before: &[u8]) -> Option<Vec<u8>> {
        let either: Vec<_> = row.clone().filter(|at| self.is_either(*at)).collect();
        if either.len() > MAX_AMBIGUOUS as usize {
            return None;
        }
        let mut values: Vec<_> = row.clone().map(|at| self.value(at)).collect::<Option<_>>()?;
        let of_keys = self.keys.map(symbols::value);
        for choice in 0..1_usize << either.len() {
            for (bit, at) in either.iter().enumerate() {
                values[at - row.start] = of_keys[choice >> bit & 1]?;
            }
            let (data, check) = values.split_at(values.len() - CHECKSUM_LEN);
            if checks(before.iter().chain(data).copied()) == *check {
                for (bit, at) in either.iter().enumerate() {
                    self.choose(*at, choice >> bit & 1);
                }
                return Some(values);
            }
        }
        None
    }
}
