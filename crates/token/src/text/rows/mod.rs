//! The rows behind a line 0: put together if they are whole or can be repaired, else named as they are damaged.

mod chain;
mod layout;

use std::collections::HashMap;

use crate::envelope::Token;
use crate::error::{EnvelopeError, ReadError};
use crate::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::reed_solomon::{Checked, check};
use crate::symbols;

use super::stream::{NumberedLine, Stream};
use super::work::Work;
use super::{Beginning, Found, LINE_0, Line0, PREFIX, ROW, UNKNOWN};
use super::{beginning_at, tag};
use chain::{best_chain, sightings, stray};
use layout::{Layout, Row};

/// How many ways of putting repaired rows together are tried against the token's tag.
const MAX_COMBINATIONS: usize = 256;
/// Symbols that may have come between a token's rows, beside as many as the rows themselves take.
const MAX_BETWEEN: usize = 100;

/// One way of judging rows, and how many symbols they take.
struct Way {
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

/// The symbols in which a token's rows are looked for.
struct Area<'s> {
    stream: &'s Stream,
    from: usize,
    symbols: &'s [u8],
    /// The text goes on in lower case: that isn't this token any more.
    is_upper: bool,
}

impl<'s> Area<'s> {
    fn new(stream: &'s Stream, from: usize, length: usize) -> Self {
        let end = (from + length).min(stream.symbols.len());
        // What begins in between is another token: this one was cut off there.
        let end = (from..end)
            .find(|&at| matches!(beginning_at(&stream.symbols, at), Some(Beginning::Whole(_))))
            .unwrap_or(end);
        let is_upper = stream.lower_case(from - LINE_0, PREFIX) == 0;
        Self { stream, from, symbols: &stream.symbols[from..end], is_upper }
    }

    /// Another token begins right behind, in the same breath.
    fn runs_into_another(&self) -> bool {
        let end = self.from + self.symbols.len();
        !self.stream.is_apart(end) && beginning_at(&self.stream.symbols, end).is_some()
    }

    fn is_apart(&self, at: usize) -> bool {
        self.stream.is_apart(self.from + at)
    }

    /// The numbered lines in it.
    fn lines(&self) -> impl Iterator<Item = (NumberedLine, &'s [u8])> {
        let (from, end) = (self.from, self.from + self.symbols.len());
        let lines = &self.stream.rows;
        let first = lines.partition_point(|line| line.at() < from);
        let symbols = &self.stream.symbols;
        lines[first..]
            .iter()
            .take_while(move |line| line.end() <= end)
            .map(move |line| (*line, &symbols[line.at()..line.end()]))
    }

    /// Not even the first row has room in it, nor is there a numbered line.
    fn has_no_room(&self) -> bool {
        self.symbols.len() < ROW && self.lines().next().is_none()
    }

    /// Whether the row that is judged bad at a place is no row at all but words.
    fn is_prose(&self, at: usize, length: usize) -> bool {
        let length = length.min(self.symbols.len().saturating_sub(at));
        self.is_upper && 2 * self.stream.lower_case(self.from + at, length) > length
    }
}

/// Reads the rows behind a line 0.
pub(super) fn read(stream: &Stream, from: usize, line: Line0, work: &Work) -> ReadRows {
    let refused = |error, has_whole_row| ReadRows {
        found: Found { kind: line.kind, repaired: line.repaired, token: Err(error) },
        has_whole_row,
        behind: from,
    };
    if !(MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&line.bytes) {
        return refused(ReadError::Length { bytes: line.bytes }, false);
    }
    let layout = Layout::new(line.bytes, line.tag, work);
    // A row may look whole in a wrong place by chance (once in 2¹⁵), so the places where the rows should be come
    // before every other.
    let nominal = layout.lengths(1..=layout.count);
    let in_place = layout.good_in_place(&stream.symbols[from..]);
    let is_settled =
        in_place.as_ref().is_some_and(|rows| rows.iter().all(|row| matches!(row, Row::Whole(_))));
    let mut ways: Vec<_> = in_place.map(|rows| Way { rows, length: nominal }).into_iter().collect();
    let mut runs_into_another = false;
    let mut whole = put_together(&ways, line, work);
    if whole.is_none() && !is_settled {
        let area = Area::new(stream, from, 2 * nominal + MAX_BETWEEN);
        work.spend(area.symbols.len());
        // What is shorter than every row is only looked at where it is a numbered line.
        if area.has_no_room() && area.symbols.len() < layout.length(layout.count) {
            let of = layout.count;
            let error = match area.runs_into_another() {
                true => ReadError::RunTogether { have: 0, of },
                false => ReadError::Truncated { have: 0, of },
            };
            return refused(error, false);
        }
        ways = elsewhere(&layout, &area);
        whole = put_together(&ways, line, work);
        runs_into_another = area.runs_into_another();
    }
    let Some((bytes, way)) = whole else {
        let rows = ways.last().map_or(&[][..], |way| &way.rows);
        let error = match rows.iter().any(Row::is_bad) {
            true => damage(rows, runs_into_another),
            false => wrongly_repaired(rows),
        };
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

/// Judges all rows wherever they stand. Gives several ways, the likelier ones first.
fn elsewhere(layout: &Layout<'_>, area: &Area<'_>) -> Vec<Way> {
    let sightings = sightings(layout, area.symbols);
    if sightings.is_empty() && area.has_no_room() {
        return vec![Way { rows: vec![Row::Missing; layout.count], length: 0 }];
    }
    let chain = best_chain(layout, &sightings);
    let mut ways = follow(layout, area, &chain);
    let mut lines: HashMap<usize, Vec<(NumberedLine, &[u8])>> = HashMap::new();
    for line in area.lines() {
        lines.entry(usize::from(line.0.number)).or_default().push(line);
    }
    let complete = |way: &Way| {
        let mut way = Way { rows: way.rows.clone(), length: way.length };
        let mut changed = false;
        for (row, judged) in (1..).zip(&mut way.rows).filter(|(_, judged)| judged.is_bad()) {
            // Its own line says more than its place does.
            let numbered = lines.get(&row).into_iter().flatten();
            let on_line = numbered
                .map(|(line, written)| (layout.judge(row, written), line.end() - area.from));
            let stray = stray(layout, &sightings, &chain, row).map(|there| {
                let end = there.place + layout.length(row);
                (layout.judge(row, &area.symbols[there.place..end]), end)
            });
            let found: Vec<_> = on_line.chain(stray).collect();
            let good = found.iter().position(|(judged, _)| !judged.is_bad());
            if let Some((better, end)) = found.into_iter().nth(good.unwrap_or(0)) {
                way.length = way.length.max(end);
                *judged = better;
                changed = true;
            }
        }
        changed.then_some(way)
    };
    let completed: Vec<_> = ways.iter().filter_map(complete).collect();
    ways.extend(completed);
    ways
}

/// Judges all rows with those of the chain where they are and the others between them.
fn follow(layout: &Layout<'_>, area: &Area<'_>, chain: &[chain::Sighting]) -> Vec<Way> {
    let mut rows = Vec::with_capacity(layout.count);
    let mut at = 0;
    for there in chain {
        if rows.len() + 1 < there.row {
            let waiting = rows.len() + 1..=there.row - 1;
            rows.extend(layout.settle(waiting, &area.symbols[at..there.place]));
            at = there.place;
        }
        let end = there.place + layout.length(there.row);
        // One symbol between two rows was added to the second, unless it is a word of its own; then, like more of
        // them, it is no part of the token.
        let is_next = rows.len() + 1 == there.row && at + 1 == there.place;
        let is_added = is_next && !(area.is_apart(at) && area.is_apart(there.place));
        let start = if is_added { at } else { there.place };
        rows.push(layout.judge(there.row, &area.symbols[start..end]));
        at = end;
    }
    let (first, rest) = (rows.len() + 1, &area.symbols[at..]);
    if first > layout.count {
        return vec![Way { rows, length: at }];
    }
    // Behind them no whole row tells their length: every way in which all of them can be repaired.
    let waiting = first..=layout.count;
    let nominal = layout.lengths(waiting.clone());
    let repaired = [nominal, nominal - 1, nominal + 1].into_iter().filter_map(|length| {
        let end = layout.with_one_odd(waiting.clone(), rest.get(..length)?)?;
        Some(Way { rows: [&rows[..], &end].concat(), length: at + length })
    });
    let repaired: Vec<_> = repaired.collect();
    if !repaired.is_empty() {
        return repaired;
    }
    let mut place = at;
    for (row, judged) in waiting.clone().zip(layout.in_place(waiting, rest)) {
        let length = layout.length(row);
        let here = &area.symbols[place.min(area.symbols.len())..];
        rows.push(match judged {
            // Of the last row a piece tells how much of it is missing; of another one it is where the text ends.
            Row::Missing if row == layout.count && 2 * here.len() >= length => {
                layout.judge(row, here)
            }
            // Words look like a row with one wrong symbol once in forty times.
            _ if area.is_prose(place, length) => Row::Missing,
            judged => judged,
        });
        place += length;
    }
    vec![Way { rows, length: area.symbols.len().min(place) }]
}

/// Puts the rows together in the first way in which the tag is right.
fn put_together<'y>(ways: &'y [Way], line: Line0, work: &Work) -> Option<(Vec<u8>, &'y Way)> {
    ways.iter().find_map(|way| Some((joined(&way.rows, line, work)?, way)))
}

/// Joins the rows; where repairs leave a choice, the tag decides.
fn joined(rows: &[Row], line: Line0, work: &Work) -> Option<Vec<u8>> {
    if rows.iter().any(Row::is_bad) {
        return None;
    }
    let mut ways = vec![Vec::new()];
    for row in rows {
        let candidates = match row {
            Row::Whole(data) => std::slice::from_ref(data),
            Row::Repaired { candidates, .. } => candidates,
            _ => return None,
        };
        if let [data] = candidates {
            work.spend(ways.len() * data.len() / 16);
            ways.iter_mut().for_each(|way: &mut Vec<u8>| way.extend_from_slice(data));
            continue;
        }
        work.spend(ways.len() * (1 + ways[0].len() / 16) * candidates.len());
        ways = ways
            .iter()
            .flat_map(|way| candidates.iter().map(|data| [&way[..], data].concat()))
            .take(MAX_COMBINATIONS)
            .collect();
    }
    ways.into_iter()
        .filter_map(|way| {
            // The digest takes most of it.
            work.spend(4 * way.len());
            symbols::to_bytes(&way, line.bytes)
        })
        .find(|bytes| tag(bytes) == line.tag)
}

/// Names the damage.
fn damage(rows: &[Row], runs_into_another: bool) -> ReadError {
    let of = rows.len();
    let which = |is: &dyn Fn(&Row) -> bool| -> Vec<usize> {
        (1..=of).filter(|&row| is(&rows[row - 1])).collect()
    };
    let missing = which(&|row| *row == Row::Missing);
    let damaged = which(&|row| row.is_bad() && *row != Row::Missing);
    let is_cut_off =
        missing.last() == Some(&of) && missing.windows(2).all(|two| two[0] + 1 == two[1]);
    match (&damaged[..], &missing[..]) {
        ([], [first, ..]) if is_cut_off => {
            let have = first - 1;
            match runs_into_another {
                true => ReadError::RunTogether { have, of },
                false => ReadError::Truncated { have, of },
            }
        }
        ([], _) => ReadError::RowsMissing { rows: missing, of },
        (&[row], []) => match rows[row - 1] {
            Row::Short(count) => ReadError::SymbolsMissing { row, count, of },
            Row::Long(count) => ReadError::SymbolsAdded { row, count, of },
            _ => ReadError::Damaged { rows: damaged, of },
        },
        (_, []) => ReadError::Damaged { rows: damaged, of },
        _ => ReadError::DamagedAndMissing { damaged, missing, of },
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
    // Unknown symbols take part as 0.
    let checked = check(word);
    let corrected = match checked {
        Checked::Whole => None,
        Checked::OneWrong { index, difference } if index >= unwritten => Some((index, difference)),
        _ => return None,
    };
    let is_wrong = |index: usize| {
        word[index] == UNKNOWN || corrected.is_some_and(|(corrected, _)| corrected == index)
    };
    let wrong = (0..word.len()).filter(|&index| is_wrong(index)).count();
    let mut word: Vec<_> = word.iter().map(|&value| value & 31).collect();
    if let Some((index, difference)) = corrected {
        word[index] ^= difference;
    }
    Some((word, wrong))
}
