//! Finds a token's rows. A row's number is part of its check, so an intact row shows which one it
//! is wherever it is. Rows may have been lost, repeated or swapped, and other text may have come
//! between them: the best chain of matches is a weighted longest increasing subsequence.

use std::cmp::Reverse;
use std::sync::LazyLock;

use crate::text::layout::{IMPLICIT_LEN, ROW, ROW_DATA, UNKNOWN, implicit_symbols};
use crate::text::reed_solomon::{CHECKSUM_LEN, Remainder, Windows, remainder};
use crate::wire::limits::MAX_TOKEN_BYTES;
use crate::wire::symbols;

use super::row_status::{Layout, MAX_SHIFT};

/// How many matches are considered: more than any honest text has, and few enough to be fast.
const MAX_MATCHES: usize = 512;
/// The most rows of a token.
const MAX_ROWS: usize = symbols::symbols_for(MAX_TOKEN_BYTES).div_ceil(ROW_DATA);

/// The number of the full row that leaves a remainder, without its tag; 0 if there is none.
static NUMBERS: LazyLock<Box<[u8; 1 << 15]>> = LazyLock::new(|| {
    let mut numbers = Box::new([0; 1 << 15]);
    for number in 1..=MAX_ROWS {
        let word = [&implicit_symbols(number, [0; 3])[..], &[0; ROW]].concat();
        numbers[usize::from(remainder(&word))] = number as u8;
    }
    numbers
});

/// A row that is intact at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowMatch {
    pub(super) row: usize,
    pub(super) place: usize,
}

impl RowMatch {
    /// Returns the position at which row 1 would begin if nothing were lost or added before this
    /// row. All rows but the last have the same length.
    const fn offset(self) -> isize {
        self.place as isize - (ROW * (self.row - 1)) as isize
    }

    /// Returns the class of the offset. Offsets of one class differ by whole rows.
    const fn class(self) -> usize {
        self.offset().rem_euclid(ROW as isize) as usize
    }
}

/// Returns every row that is intact somewhere, ordered by position.
pub(super) fn row_matches(layout: &Layout<'_>, window: &[u8]) -> Vec<RowMatch> {
    // The remainder of an intact codeword is 0, so that its implicit part has the same remainder as
    // its written part. Therefore one lookup for each position shows which row it can be.
    let last = layout.count;
    let is_short = layout.length(last) < ROW;
    let count = match is_short {
        _ if window.len() < ROW => 0,
        true => last - 1,
        false => last,
    };
    let tag_part = remainder(&[&[0, 0], &layout.tag[..], &[0; ROW]].concat());
    let numbers = &*NUMBERS;
    let full = |remainder: Remainder| {
        let row = usize::from(numbers[usize::from(remainder ^ tag_part) % numbers.len()]);
        (1..=count).contains(&row).then_some(row)
    };
    let last_part = layout.implicit(last);

    layout.work.spend(4 * window.len() + ROW);
    let mut shorts = Windows::new(window, layout.length(last));
    let mut fulls = Windows::new(window, ROW);
    let mut found = Vec::new();
    for place in 0..window.len() {
        let short = if is_short { shorts.next() } else { None };
        let full_one = fulls.next();
        let row = match (short, full_one) {
            (Some(short), _)
                if short == last_part && is_known(window, place, layout.length(last)) =>
            {
                Some(last)
            }
            (_, Some(remainder)) => full(remainder).filter(|_| is_known(window, place, ROW)),
            _ => None,
        };
        if let Some(row) = row {
            layout.work.spend(ROW);
            found.push(RowMatch { row, place });
        }
        if found.len() == MAX_MATCHES {
            break;
        }
    }
    found
}

/// Returns whether no symbol of the word is unknown.
fn is_known(window: &[u8], place: usize, length: usize) -> bool {
    !window[place..place + length].contains(&UNKNOWN)
}

/// The score of the best chain that ends with one of several matches, and the index of the first
/// match with that score.
type Best = (i32, Reverse<u16>);
const NO_CHAIN: Best = (i32::MIN / 2, Reverse(u16::MAX));

/// The best of the matches whose row is below a certain one, as a binary indexed tree over the
/// rows.
struct BestBelow<'t>(&'t mut [Best]);

impl BestBelow<'_> {
    fn record(&mut self, row: usize, best: Best) {
        let mut at = row;
        while let Some(entry) = self.0.get_mut(at) {
            *entry = best.max(*entry);
            at += at & at.wrapping_neg();
        }
    }

    fn get(&self, row: usize) -> Best {
        let mut best = NO_CHAIN;
        let mut at = row - 1;
        while at > 0 {
            best = best.max(self.0[at]);
            at &= at - 1;
        }
        best
    }
}

/// Returns the chain of matches with the highest score: its rows ascend and don't overlap. A match
/// scores 2. A jump, where symbols were lost or added since the previous match, costs 1 if it is
/// small or consists of whole rows, and otherwise 3: a row may be intact somewhere else by chance,
/// but not two in succession.
pub(super) fn best_chain(layout: &Layout<'_>, matches: &[RowMatch]) -> Vec<RowMatch> {
    if matches.is_empty() {
        return Vec::new();
    }
    let cost = |jump: isize| match jump.unsigned_abs() {
        0 => 0,
        small if small <= MAX_SHIFT || small % ROW == 0 => 1,
        _ => 3,
    };
    // Among the chains that end before a position: the best one for each offset, for each class of
    // offsets, and of all.
    let mut offsets: Vec<_> = matches.iter().map(|here| (here.offset(), NO_CHAIN)).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let of_a_tree = layout.count + 1;
    let mut trees = vec![NO_CHAIN; of_a_tree * (ROW + 1)];
    let in_class = |here: &RowMatch| here.class() * of_a_tree..(here.class() + 1) * of_a_tree;
    let in_all = ROW * of_a_tree..(ROW + 1) * of_a_tree;
    layout.work.spend(trees.len() + 60 * matches.len());

    let mut best: Vec<(i32, Option<usize>)> = Vec::with_capacity(matches.len());
    let mut noted = 0;
    for here in matches {
        // Only the last row is shorter than the others, and it precedes none, so that rows end in
        // the order of their positions.
        while matches[noted].place + ROW <= here.place {
            let there = &matches[noted];
            let score = (best[noted].0, Reverse(noted as u16));
            if let Ok(at) = offsets.binary_search_by_key(&there.offset(), |(offset, _)| *offset) {
                offsets[at].1 = score.max(offsets[at].1);
            }
            BestBelow(&mut trees[in_class(there)]).record(there.row, score);
            BestBelow(&mut trees[in_all.clone()]).record(there.row, score);
            noted += 1;
        }
        let with = |(score, before): Best, jump: isize| (score + 2 - cost(jump), before);
        // A match that ends before this one and has a similar offset has a lower row.
        let near = here.offset() - MAX_SHIFT as isize;
        let first = offsets.partition_point(|(offset, _)| *offset < near);
        let jumps = offsets[first..].iter().map(|(offset, best)| (here.offset() - offset, *best));
        let chosen = jumps
            .take_while(|(jump, _)| -jump <= MAX_SHIFT as isize)
            .map(|(jump, best)| with(best, jump))
            .chain([
                with(BestBelow(&mut trees[in_class(here)]).get(here.row), ROW as isize),
                with(BestBelow(&mut trees[in_all.clone()]).get(here.row), isize::MAX),
            ])
            .max()
            .unwrap_or(NO_CHAIN);
        let alone = 2 - cost(here.offset());
        best.push(match chosen {
            (score, Reverse(before)) if score > alone => (score, Some(usize::from(before))),
            _ => (alone, None),
        });
    }
    let mut end = None;
    for (index, (score, _)) in best.iter().enumerate() {
        if *score > end.map_or(0, |end: usize| best[end].0) {
            end = Some(index);
        }
    }
    let mut chain = Vec::new();
    while let Some(index) = end {
        chain.push(matches[index]);
        end = best[index].1;
    }
    chain.reverse();
    chain
}

/// Returns, for each row, its first match outside of the chain at a position where whole rows were
/// swapped or repeated.
pub(super) fn displaced_matches(
    layout: &Layout<'_>,
    matches: &[RowMatch],
    chain: &[RowMatch],
) -> Vec<Option<RowMatch>> {
    layout.work.spend(layout.count + 8 * matches.len());
    let mut classes = [false; ROW];
    classes[0] = true;
    chain.iter().for_each(|there| classes[there.class()] = true);
    let end = |of: &RowMatch| of.place + layout.length(of.row);
    let mut inserted = vec![None; layout.count + 1];
    for here in matches.iter().filter(|here| classes[here.class()]) {
        // The matches of the chain are ordered by position and don't overlap.
        let next = chain.partition_point(|there| end(there) <= here.place);
        let is_free = chain.get(next).is_none_or(|there| end(here) <= there.place);
        if is_free {
            inserted[here.row].get_or_insert(*here);
        }
    }
    inserted
}

const _: () =
    assert!(IMPLICIT_LEN + ROW_DATA + CHECKSUM_LEN <= 31, "a codeword of GF(32) has 31 symbols");
const _: () = assert!(MAX_ROWS <= u8::MAX as usize && MAX_MATCHES < u16::MAX as usize);
