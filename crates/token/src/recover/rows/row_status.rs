//! Classifies single rows, and rows that fill a stretch of symbols together: which are intact,
//! which can be repaired, and what is wrong with the others.

use std::ops::RangeInclusive;

use super::super::correction::correct;
use super::super::work_budget::WorkBudget;
use crate::text::layout::{ROW, ROW_DATA, TAG_LEN, UNKNOWN, implicit_remainder};
use crate::text::reed_solomon::{CHECKSUM_LEN, Remainder, contribution, one_wrong};
use crate::wire::symbols;

/// How many symbols a row may have lost or gained to be still recognised as a row.
pub(super) const MAX_SHIFT: usize = 4;

/// A row's data symbols, without the implicit ones and the check.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Data {
    symbols: [u8; ROW_DATA],
    length: u8,
}

impl Data {
    /// Returns the data of a written row.
    fn from_row(written: &[u8]) -> Self {
        let data = &written[..written.len() - CHECKSUM_LEN];
        let mut symbols = [0; ROW_DATA];
        symbols[..data.len()].copy_from_slice(data);
        Self { symbols, length: data.len() as u8 }
    }

    pub(super) fn symbols(&self) -> &[u8] {
        &self.symbols[..usize::from(self.length)]
    }
}

/// The state of one row, with its data if it is known.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Row {
    Whole(Data),
    /// The possible contents of the row: one candidate, or several if the position of a lost symbol
    /// is ambiguous.
    Repaired {
        candidates: Vec<Data>,
        corrections: usize,
    },
    Damaged,
    /// This number of symbols is missing, and their positions are unknown.
    Short(usize),
    /// The row has this number of surplus symbols, and their positions are unknown.
    Long(usize),
    Missing,
}

impl Row {
    pub(super) const fn is_bad(&self) -> bool {
        !matches!(self, Self::Whole(_) | Self::Repaired { .. })
    }
}

/// The layout of a token's rows according to its line 0.
pub(super) struct Layout<'w> {
    pub(super) work: &'w WorkBudget,
    symbols: usize,
    pub(super) count: usize,
    pub(super) tag: [u8; TAG_LEN],
}

impl<'w> Layout<'w> {
    pub(super) fn new(bytes: usize, tag: [u8; TAG_LEN], work: &'w WorkBudget) -> Self {
        let symbols = symbols::symbols_for(bytes);
        Self { work, symbols, count: symbols.div_ceil(ROW_DATA), tag }
    }

    /// Returns the number of written symbols of a row. Rows are numbered from 1.
    pub(super) fn length(&self, row: usize) -> usize {
        ROW_DATA.min(self.symbols - ROW_DATA * (row - 1)) + CHECKSUM_LEN
    }

    /// Returns the number of written symbols of several rows.
    pub(super) fn total_length(&self, rows: RangeInclusive<usize>) -> usize {
        rows.map(|row| self.length(row)).sum()
    }

    /// Returns the contribution of the row's number and the tag to its remainder.
    pub(super) fn implicit(&self, row: usize) -> Remainder {
        implicit_remainder(row, self.tag, self.length(row))
    }

    /// Returns a row's data if it passes its check after at most one correction, with the number of
    /// corrections.
    fn correct_row(&self, row: usize, written: &[u8]) -> Option<(Data, usize)> {
        let (word, corrections) = correct::<ROW>(self.implicit(row), written)?;
        Some((Data::from_row(&word[..written.len()]), corrections))
    }

    /// Returns the possible contents of a row that has lost one symbol.
    fn with_symbol_inserted(&self, row: usize, written: &[u8]) -> Vec<Data> {
        self.work.spend(3 * written.len());
        // Only the inserted symbol may be corrected.
        if written.contains(&UNKNOWN) {
            return Vec::new();
        }
        let last = written.len();
        let mut word = [0; ROW];
        word[1..=last].copy_from_slice(written);
        // The remainder with a 0 inserted at the front, which then moves to each later position.
        let after = (0..last).rev().zip(written);
        let mut remainder = after
            .fold(self.implicit(row), |sum, (degree, &symbol)| sum ^ contribution(degree, symbol));
        let mut candidates = Vec::new();
        for at in 0..=last {
            let degree = last - at;
            let lost = match one_wrong(remainder) {
                _ if remainder == 0 => Some(0),
                Some((of, lost)) if of == degree => Some(lost),
                _ => None,
            };
            if let Some(lost) = lost {
                word[at] = lost;
                candidates.push(Data::from_row(&word[..=last]));
            }
            if let Some(&symbol) = written.get(at) {
                word[at] = symbol;
                word[at + 1] = 0;
                remainder ^= contribution(degree, symbol) ^ contribution(degree - 1, symbol);
            }
        }
        deduplicate(candidates)
    }

    /// Returns the possible contents of a row that has gained one symbol.
    fn with_symbol_removed(&self, row: usize, written: &[u8]) -> Vec<Data> {
        self.work.spend(3 * written.len());
        let length = written.len() - 1;
        let unknown = written.iter().filter(|&&symbol| symbol == UNKNOWN).count();
        let mut word = [0; ROW];
        word[..length].copy_from_slice(&written[1..]);
        let after = (0..length).rev().zip(&written[1..]);
        let mut remainder = after
            .fold(self.implicit(row), |sum, (degree, &symbol)| sum ^ contribution(degree, symbol));
        let mut candidates = Vec::new();
        for at in 0..=length {
            let is_known = unknown == usize::from(written[at] == UNKNOWN);
            if remainder == 0 && is_known {
                candidates.push(Data::from_row(&word[..length]));
            }
            if at < length {
                let degree = length - 1 - at;
                remainder ^=
                    contribution(degree, written[at]) ^ contribution(degree, written[at + 1]);
                word[at] = written[at];
            }
        }
        deduplicate(candidates)
    }

    /// Classifies a row from symbols that may be too few or too many.
    pub(super) fn classify_row(&self, row: usize, written: &[u8]) -> Row {
        let length = self.length(row);
        self.work.spend(ROW);
        let (candidates, corrections, otherwise) = if written.len() == length {
            match self.correct_row(row, written) {
                Some((data, 0)) => return Row::Whole(data),
                Some((data, corrections)) => (vec![data], corrections, Row::Damaged),
                None => (Vec::new(), 0, Row::Damaged),
            }
        } else if written.len() + 1 == length {
            (self.with_symbol_inserted(row, written), 1, Row::Short(1))
        } else if written.len() == length + 1 {
            (self.with_symbol_removed(row, written), 1, Row::Long(1))
        } else if written.len() < length {
            return Row::Short(length - written.len());
        } else if written.len() <= length + MAX_SHIFT {
            return Row::Long(written.len() - length);
        } else {
            return Row::Damaged;
        };
        match candidates.is_empty() {
            true => otherwise,
            false => Row::Repaired { candidates, corrections },
        }
    }

    /// Classifies rows at their nominal positions. Rows for which there aren't enough symbols are
    /// missing.
    pub(super) fn in_place(&self, rows: RangeInclusive<usize>, available: &[u8]) -> Vec<Row> {
        let mut rest = available;
        let classified = rows.map(|row| match rest.split_at_checked(self.length(row)) {
            Some((written, after)) => {
                rest = after;
                self.classify_row(row, written)
            }
            None => {
                rest = &[];
                Row::Missing
            }
        });
        classified.collect()
    }

    /// Returns all rows at their nominal positions if each is intact or repaired.
    pub(super) fn intact_in_place(&self, available: &[u8]) -> Option<Vec<Row>> {
        let mut rest = available;
        let classified = (1..=self.count).map(|row| {
            let (written, after) = rest.split_at_checked(self.length(row))?;
            rest = after;
            Some(self.classify_row(row, written)).filter(|classified| !classified.is_bad())
        });
        classified.collect()
    }

    /// Classifies rows that fill `written` together if all but one have their nominal length.
    /// Returns `None` if a row remains damaged.
    pub(super) fn with_one_resized(
        &self,
        rows: RangeInclusive<usize>,
        written: &[u8],
    ) -> Option<Vec<Row>> {
        let nominal = self.total_length(rows.clone());
        if written.len() == nominal {
            let classified = self.in_place(rows, written);
            return (!classified.iter().any(Row::is_bad)).then_some(classified);
        }
        // The rows before the resized one are at their positions counted from the front, and those
        // after it counted from the back.
        let mut before = Vec::new();
        let mut after = Vec::new();
        let mut from_back = written.len();
        for row in rows.clone().rev() {
            let Some(start) = from_back.checked_sub(self.length(row)) else { break };
            let classified = self.classify_row(row, &written[start..from_back]);
            if classified.is_bad() {
                break;
            }
            from_back = start;
            after.push(classified);
        }
        let mut from_front = 0;
        for row in rows.clone() {
            let left = *rows.end() - row;
            let odd = (self.length(row) + written.len()).checked_sub(nominal);
            if let Some(odd) = odd.filter(|_| after.len() >= left) {
                let classified = written
                    .get(from_front..from_front + odd)
                    .map(|odd| self.classify_row(row, odd));
                if let Some(classified) = classified.filter(|classified| !classified.is_bad()) {
                    after.truncate(left);
                    before.push(classified);
                    before.extend(after.into_iter().rev());
                    return Some(before);
                }
            }
            let here = written.get(from_front..from_front + self.length(row))?;
            let classified = self.classify_row(row, here);
            if classified.is_bad() {
                return None;
            }
            from_front += self.length(row);
            before.push(classified);
        }
        None
    }

    /// Classifies rows between two intact ones: repairs those that can be repaired, and describes
    /// the others as precisely as their length allows.
    pub(super) fn fill_gap(&self, rows: RangeInclusive<usize>, written: &[u8]) -> Vec<Row> {
        let nominal = self.total_length(rows.clone());
        if written.len() == nominal {
            return self.in_place(rows, written);
        }
        if written.len().abs_diff(nominal) <= MAX_SHIFT
            && let Some(classified) = self.with_one_resized(rows.clone(), written)
        {
            return classified;
        }
        // Proceed from both ends as far as possible. The lost or inserted symbols are in between.
        let (mut first, mut last) = (*rows.start(), *rows.end());
        // The last remaining row is reported with the few surplus symbols: if it looks repairable,
        // it does so by chance.
        let may_go = |left: usize, symbols: usize| left > 1 || symbols == 0 || symbols > MAX_SHIFT;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut rest = written;
        while first <= last
            && let Some((here, more)) = rest.split_at_checked(self.length(first))
            && may_go(last + 1 - first, more.len())
            && let classified = self.classify_row(first, here)
            && !classified.is_bad()
        {
            (first, rest) = (first + 1, more);
            before.push(classified);
        }
        while first <= last
            && let Some(start) = rest.len().checked_sub(self.length(last))
            && may_go(last + 1 - first, start)
            && let classified = self.classify_row(last, &rest[start..])
            && !classified.is_bad()
        {
            (last, rest) = (last - 1, &rest[..start]);
            after.push(classified);
        }
        if first <= last {
            let between = first..=last;
            let classified = match between.clone().count() {
                _ if rest.len() <= MAX_SHIFT => vec![Row::Missing; last + 1 - first],
                1 => vec![self.classify_row(first, rest)],
                _ if rest.len() == self.total_length(between.clone()) => {
                    self.in_place(between, rest)
                }
                several => vec![Row::Damaged; several],
            };
            before.extend(classified);
        }
        before.extend(after.into_iter().rev());
        before
    }
}

fn deduplicate(mut candidates: Vec<Data>) -> Vec<Data> {
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}
