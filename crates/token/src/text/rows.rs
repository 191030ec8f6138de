//! The rows behind a line 0: which are whole, which can be repaired, and what to say about the rest.
//!
//! A symbol that was lost or doubled moves everything after it. So bad rows wait until the next whole row,
//! looked for a few symbols before and behind its place, shows how long they really are.

use std::ops::RangeInclusive;

use crate::envelope::Token;
use crate::error::{EnvelopeError, ReadError};
use crate::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::reed_solomon::{CHECKS, Checked, check};
use crate::symbols;

use super::{Beginning, Found, Line0, ROW_DATA, TAG, UNKNOWN, UNWRITTEN};
use super::{beginning_at, tag, unwritten};

/// How many symbols may be lost or added between two whole rows.
const MAX_SHIFT: usize = 4;
/// How many ways of putting repaired rows together are tried against the token's tag.
const MAX_COMBINATIONS: usize = 256;

/// What became of one row, with its data where there is any.
#[derive(Clone, PartialEq, Eq)]
enum Row {
    Whole(Vec<u8>),
    /// What it may have been: one candidate, or several where a lost symbol leaves a choice.
    Repaired {
        candidates: Vec<Vec<u8>>,
        corrections: usize,
    },
    Damaged,
    /// Symbols are missing from it, and there is no telling which.
    Short,
    /// Symbols too many are in it, and there is no telling which.
    Long,
    Missing,
}

impl Row {
    const fn is_bad(&self) -> bool {
        !matches!(self, Self::Whole(_) | Self::Repaired { .. })
    }
}

/// How a token's rows are laid out, as its line 0 says.
struct Layout {
    symbols: usize,
    count: usize,
    tag: [u8; TAG],
}

impl Layout {
    /// Written symbols of a row, numbered from 1.
    fn length(&self, row: usize) -> usize {
        ROW_DATA.min(self.symbols - ROW_DATA * (row - 1)) + CHECKS
    }

    /// Written symbols of several rows.
    fn lengths(&self, rows: RangeInclusive<usize>) -> usize {
        rows.map(|row| self.length(row)).sum()
    }

    /// A row's data if it checks, after at most one correction; and how many characters were corrected.
    fn corrected(&self, row: usize, written: &[u8]) -> Option<(Vec<u8>, usize)> {
        let (word, corrections) =
            corrected(&[&unwritten(row, self.tag), written].concat(), UNWRITTEN)?;
        Some((data(&word), corrections))
    }

    /// A row's data if it is whole at this place.
    fn whole_at(&self, row: usize, available: &[u8], at: usize) -> Option<Vec<u8>> {
        let written = available.get(at..at + self.length(row))?;
        self.corrected(row, written)
            .filter(|(_, corrections)| *corrections == 0)
            .map(|(data, _)| data)
    }

    /// What a row may have been from which one symbol was lost.
    fn with_one_more(&self, row: usize, written: &[u8]) -> Vec<Vec<u8>> {
        let candidates = (0..=written.len()).filter_map(|at| {
            let (before, behind) = written.split_at(at);
            let word = [&unwritten(row, self.tag), before, &[UNKNOWN], behind].concat();
            match corrected(&word, UNWRITTEN) {
                // Only the symbol that was put in may be corrected.
                Some((word, 1)) => Some(data(&word)),
                _ => None,
            }
        });
        without_repetitions(candidates)
    }

    /// What a row may have been to which one symbol was added.
    fn with_one_less(&self, row: usize, written: &[u8]) -> Vec<Vec<u8>> {
        let candidates = (0..written.len()).filter_map(|at| {
            let word = [&written[..at], &written[at + 1..]].concat();
            self.corrected(row, &word).filter(|(_, corrections)| *corrections == 0)
        });
        without_repetitions(candidates.map(|(data, _)| data))
    }

    /// Judges one row from symbols that may be too few or too many.
    fn judge(&self, row: usize, written: &[u8]) -> Row {
        let length = self.length(row);
        let (candidates, corrections, otherwise) = if written.len() == length {
            match self.corrected(row, written) {
                Some((data, 0)) => return Row::Whole(data),
                Some((data, corrections)) => (vec![data], corrections, Row::Damaged),
                None => (Vec::new(), 0, Row::Damaged),
            }
        } else if written.len() + 1 == length {
            (self.with_one_more(row, written), 1, Row::Short)
        } else if written.len() == length + 1 {
            (self.with_one_less(row, written), 1, Row::Long)
        } else {
            (Vec::new(), 0, if written.len() < length { Row::Short } else { Row::Long })
        };
        match candidates.is_empty() {
            true => otherwise,
            false => Row::Repaired { candidates, corrections },
        }
    }

    /// Judges rows that fill `written` together. Where it is too short or too long, one of them has to
    /// account for the whole difference.
    fn settle(&self, rows: RangeInclusive<usize>, written: &[u8]) -> Vec<Row> {
        let (first, last) = (*rows.start(), *rows.end());
        let nominal = self.lengths(rows.clone());
        let chunked = |odd: usize| {
            let mut rest = written;
            let judged = rows.clone().map(|row| {
                let length = match row == odd {
                    true => (self.length(row) + written.len()).checked_sub(nominal)?,
                    false => self.length(row),
                };
                let (here, behind) = rest.split_at_checked(length)?;
                rest = behind;
                let judged = self.judge(row, here);
                // Where one row has to account for the difference, the others have to be good.
                (!judged.is_bad() || written.len() == nominal || first == last).then_some(judged)
            });
            judged.collect::<Option<Vec<_>>>()
        };
        if written.len() == nominal || first == last {
            return chunked(first).unwrap_or_else(|| vec![Row::Damaged; last + 1 - first]);
        }
        rows.clone().find_map(chunked).unwrap_or_else(|| vec![Row::Damaged; last + 1 - first])
    }

    /// Judges the rows at the end, behind which there is no whole one to tell their length: every way in which
    /// all of them can be repaired, or else what they are at their places.
    fn settle_end(&self, rows: RangeInclusive<usize>, available: &[u8]) -> Vec<Judged> {
        let nominal = self.lengths(rows.clone());
        let ways = [nominal, nominal - 1, nominal + 1].into_iter().filter_map(|length| {
            let judged = self.settle(rows.clone(), available.get(..length)?);
            (!judged.iter().any(Row::is_bad)).then_some(Judged { rows: judged, length })
        });
        let ways: Vec<_> = ways.collect();
        if !ways.is_empty() {
            return ways;
        }
        vec![self.in_place(rows, available)]
    }

    /// Judges rows where they should be.
    fn in_place(&self, rows: RangeInclusive<usize>, available: &[u8]) -> Judged {
        let mut rest = available;
        let judged = rows.map(|row| match rest.split_at_checked(self.length(row)) {
            Some((written, behind)) => {
                rest = behind;
                self.judge(row, written)
            }
            None => Row::Missing,
        });
        let rows = judged.collect();
        Judged { rows, length: available.len() - rest.len() }
    }

    /// Judges all rows. Gives several ways, the likelier ones first: a row may look whole in a wrong place by
    /// chance (once in 2¹⁵), so the places where the rows should be come before every other.
    fn judge_all(&self, available: &[u8]) -> Vec<Judged> {
        let in_place = self.in_place(1..=self.count, available);
        if in_place.rows.iter().all(|row| matches!(row, Row::Whole(_))) {
            return vec![in_place];
        }
        let mut ways = self.judge_shifted(available);
        if !in_place.rows.iter().any(Row::is_bad) {
            ways.insert(0, in_place);
        }
        ways
    }

    /// Judges all rows, looking for where symbols were lost or added.
    fn judge_shifted(&self, available: &[u8]) -> Vec<Judged> {
        let mut judged = Vec::with_capacity(self.count);
        let mut at = 0;
        for row in 1..=self.count {
            let waiting = judged.len() + 1..=row - 1;
            let nominal = at + self.lengths(waiting.clone());
            let shifts = if waiting.is_empty() { 0 } else { MAX_SHIFT };
            // Nearest places first.
            let places =
                (0..=shifts).flat_map(|shift| [nominal + shift, nominal.saturating_sub(shift)]);
            let found = places
                .filter(|&place| place >= at)
                .find_map(|place| Some((place, self.whole_at(row, available, place)?)));
            if let Some((place, data)) = found {
                if !waiting.is_empty() {
                    judged.extend(self.settle(waiting, &available[at..place]));
                }
                judged.push(Row::Whole(data));
                at = place + self.length(row);
            }
        }
        if judged.len() == self.count {
            return vec![Judged { rows: judged, length: at }];
        }
        let rest = available.get(at..).unwrap_or_default();
        let ends = self.settle_end(judged.len() + 1..=self.count, rest);
        ends.into_iter()
            .map(|end| Judged { rows: [&judged[..], &end.rows].concat(), length: at + end.length })
            .collect()
    }
}

/// One way of judging rows, and how many symbols they take.
struct Judged {
    rows: Vec<Row>,
    length: usize,
}

/// What stands behind a line 0.
pub(super) struct ReadRows {
    pub(super) found: Found,
    /// At least one row passes its check as it is: this is a token and no chance resemblance.
    pub(super) has_whole_row: bool,
    /// The place to look on from.
    pub(super) behind: usize,
}

/// Reads the rows behind a line 0.
pub(super) fn read(stream: &[u8], from: usize, line: Line0) -> ReadRows {
    let refused = |error, has_whole_row| ReadRows {
        found: Found { kind: line.kind, repaired: line.repaired, token: Err(error) },
        has_whole_row,
        behind: from,
    };
    if !(MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&line.bytes) {
        return refused(ReadError::Length { bytes: line.bytes }, false);
    }
    let symbols = symbols::symbols_for(line.bytes);
    let layout = Layout { symbols, count: symbols.div_ceil(ROW_DATA), tag: line.tag };
    let end = (from + layout.lengths(1..=layout.count) + MAX_SHIFT).min(stream.len());
    // What begins in between is another token: this one was cut off there.
    let end = (from..end)
        .find(|&at| matches!(beginning_at(stream, at), Some(Beginning::Whole(_))))
        .unwrap_or(end);
    let ways = layout.judge_all(&stream[from..end]);
    let whole = ways.iter().find_map(|way| Some((put_together(&way.rows, line)?, way)));
    let Some((bytes, way)) = whole else {
        let rows = ways.last().map_or(&[][..], |way| &way.rows);
        let error =
            if rows.iter().any(Row::is_bad) { damage(rows) } else { wrongly_repaired(rows) };
        return refused(error, rows.iter().any(|row| matches!(row, Row::Whole(_))));
    };
    let corrections = way.rows.iter().map(|row| match row {
        Row::Repaired { corrections, .. } => *corrections,
        _ => 0,
    });
    match Token::from_bytes(bytes) {
        Ok(token) if token.kind() == line.kind => {
            let repaired = line.repaired + corrections.sum::<usize>();
            let found = Found { kind: line.kind, repaired, token: Ok(token) };
            ReadRows { found, has_whole_row: true, behind: from + way.length }
        }
        Ok(_) => refused(EnvelopeError::PrefixMismatch.into(), true),
        Err(error) => refused(error.into(), true),
    }
}

/// Puts the rows together; where repairs leave a choice, the tag decides.
fn put_together(rows: &[Row], line: Line0) -> Option<Vec<u8>> {
    let mut ways = vec![Vec::new()];
    for row in rows {
        let candidates = match row {
            Row::Whole(data) => std::slice::from_ref(data),
            Row::Repaired { candidates, .. } => candidates,
            _ => return None,
        };
        ways = ways
            .iter()
            .flat_map(|way: &Vec<u8>| candidates.iter().map(|data| [&way[..], data].concat()))
            .take(MAX_COMBINATIONS)
            .collect();
    }
    ways.into_iter()
        .filter_map(|way| symbols::to_bytes(&way, line.bytes))
        .find(|bytes| tag(bytes) == line.tag)
}

/// Names the damage. When rows are missing and no row behind the first bad one is whole, the token was cut
/// off there: what follows is something else, a row of which may look repairable by chance.
fn damage(rows: &[Row]) -> ReadError {
    let of = rows.len();
    let bad: Vec<_> = (1..=of).filter(|&row| rows[row - 1].is_bad()).collect();
    let have = bad.first().map_or(of, |first| first - 1);
    let whole_behind = rows[have..].iter().any(|row| matches!(row, Row::Whole(_)));
    match (&bad[..], rows.get(have)) {
        _ if rows.contains(&Row::Missing) && !whole_behind => ReadError::Truncated { have, of },
        (&[row], Some(Row::Short)) => ReadError::SymbolsMissing { row, of },
        (&[row], Some(Row::Long)) => ReadError::SymbolsAdded { row, of },
        _ => ReadError::Damaged { rows: bad, of },
    }
}

/// The rows pass and the whole doesn't: then the rows that were repaired were more damaged than they looked.
fn wrongly_repaired(rows: &[Row]) -> ReadError {
    let of = rows.len();
    let is_repaired = |row: &usize| matches!(rows[row - 1], Row::Repaired { .. });
    let repaired: Vec<_> = (1..=of).filter(is_repaired).collect();
    match repaired.is_empty() {
        true => ReadError::Digest,
        false => ReadError::Damaged { rows: repaired, of },
    }
}

/// Checks a word and corrects one wrong symbol behind the first `unwritten`. Gives the word and how many
/// characters were corrected.
pub(super) fn corrected(word: &[u8], unwritten: usize) -> Option<(Vec<u8>, usize)> {
    let mut wrong: Vec<_> = (0..word.len()).filter(|&index| word[index] == UNKNOWN).collect();
    let mut word: Vec<_> = word.iter().map(|&value| value & 31).collect();
    match check(&word) {
        Checked::Whole => {}
        Checked::OneWrong { index, difference } if index >= unwritten => {
            word[index] ^= difference;
            wrong.retain(|&there| there != index);
            wrong.push(index);
        }
        _ => return None,
    }
    Some((word, wrong.len()))
}

/// A row's data, without what is not written and without its check.
fn data(word: &[u8]) -> Vec<u8> {
    word[UNWRITTEN..word.len() - CHECKS].to_vec()
}

fn without_repetitions(candidates: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut candidates: Vec<_> = candidates.collect();
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}
