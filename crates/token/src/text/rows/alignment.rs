//! Where a token's rows are: a row's number takes part in its check, so a whole row says which one it is wherever it
//! stands. Rows may have been lost, repeated or swapped, and other text may have come between them.

use std::cmp::Reverse;
use std::sync::LazyLock;

use crate::limits::MAX_TOKEN_BYTES;
use crate::reed_solomon::{CHECKSUM_LEN, Remainder, Windows, remainder};
use crate::symbols;

use super::super::{IMPLICIT_LEN, ROW, ROW_DATA, UNKNOWN, implicit_symbols};
use super::row_status::{Layout, MAX_SHIFT};

/// How many sightings are looked at: more than any honest text has, few enough for a quick answer.
const MAX_SIGHTINGS: usize = 512;
/// Most rows of a token.
const MAX_ROWS: usize = symbols::symbols_for(MAX_TOKEN_BYTES).div_ceil(ROW_DATA);

/// The number of the full row whose number leaves a remainder, without its tag; 0 where there is none.
static NUMBERS: LazyLock<Box<[u8; 1 << 15]>> = LazyLock::new(|| {
    let mut numbers = Box::new([0; 1 << 15]);
    for number in 1..=MAX_ROWS {
        let word = [&implicit_symbols(number, [0; 3])[..], &[0; ROW]].concat();
        numbers[usize::from(remainder(&word))] = number as u8;
    }
    numbers
});

/// A row that is whole at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowMatch {
    pub(super) row: usize,
    pub(super) place: usize,
}

impl RowMatch {
    /// Where row 1 would begin if everything between were as it should be. All rows are equally long but the last.
    const fn offset(self) -> isize {
        self.place as isize - (ROW * (self.row - 1)) as isize
    }

    /// Origins of one class differ by whole rows.
    const fn class(self) -> usize {
        self.offset().rem_euclid(ROW as isize) as usize
    }
}

/// Every row that is whole somewhere, in the order of their places.
pub(super) fn row_matches(layout: &Layout<'_>, area: &[u8]) -> Vec<RowMatch> {
    // The remainder of a whole word is 0, and that of its unwritten part the same as that of its written one: so one
    // look at each place tells which row it can be.
    let last = layout.count;
    let is_short = layout.length(last) < ROW;
    let count = match is_short {
        _ if area.len() < ROW => 0,
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

    layout.work.spend(4 * area.len() + ROW);
    let mut shorts = Windows::new(area, layout.length(last));
    let mut fulls = Windows::new(area, ROW);
    let mut sighted = Vec::new();
    for place in 0..area.len() {
        let short = if is_short { shorts.next() } else { None };
        let full_one = fulls.next();
        let row = match (short, full_one) {
            (Some(short), _)
                if short == last_part && is_known(area, place, layout.length(last)) =>
            {
                Some(last)
            }
            (_, Some(remainder)) => full(remainder).filter(|_| is_known(area, place, ROW)),
            _ => None,
        };
        if let Some(row) = row {
            layout.work.spend(ROW);
            sighted.push(RowMatch { row, place });
        }
        if sighted.len() == MAX_SIGHTINGS {
            break;
        }
    }
    sighted
}

/// No symbol of the word is unknown.
fn is_known(area: &[u8], place: usize, length: usize) -> bool {
    !area[place..place + length].contains(&UNKNOWN)
}

/// The points of the best chain that ends with one of several sightings, and the first of these that has so many.
type Best = (i32, Reverse<u16>);
const NO_CHAIN: Best = (i32::MIN / 2, Reverse(u16::MAX));

/// The best of the sightings whose row is below a certain one (a binary indexed tree over the rows).
struct BestBelow<'t>(&'t mut [Best]);

impl BestBelow<'_> {
    fn note(&mut self, row: usize, best: Best) {
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

/// The sightings that make the best sense together: rows ascending, none on top of another. One is worth 2; a jump,
/// where symbols were lost or added since the one before, costs 1 if it is small or of whole rows, and otherwise 3:
/// by chance a row looks whole somewhere else, but not two of them in a row.
pub(super) fn best_chain(layout: &Layout<'_>, sightings: &[RowMatch]) -> Vec<RowMatch> {
    if sightings.is_empty() {
        return Vec::new();
    }
    let cost = |jump: isize| match jump.unsigned_abs() {
        0 => 0,
        small if small <= MAX_SHIFT || small % ROW == 0 => 1,
        _ => 3,
    };
    // Of those that end before a place: the best of each origin, of each class of origins, and of all.
    let mut origins: Vec<_> = sightings.iter().map(|here| (here.offset(), NO_CHAIN)).collect();
    origins.sort_unstable();
    origins.dedup();
    let of_a_tree = layout.count + 1;
    let mut trees = vec![NO_CHAIN; of_a_tree * (ROW + 1)];
    let in_class = |here: &RowMatch| here.class() * of_a_tree..(here.class() + 1) * of_a_tree;
    let in_all = ROW * of_a_tree..(ROW + 1) * of_a_tree;
    layout.work.spend(trees.len() + 60 * sightings.len());

    let mut best: Vec<(i32, Option<usize>)> = Vec::with_capacity(sightings.len());
    let mut noted = 0;
    for here in sightings {
        // Only the last row is shorter than others, and it comes before none: so they end in the order of their places.
        while sightings[noted].place + ROW <= here.place {
            let there = &sightings[noted];
            let points = (best[noted].0, Reverse(noted as u16));
            if let Ok(at) = origins.binary_search_by_key(&there.offset(), |(origin, _)| *origin) {
                origins[at].1 = points.max(origins[at].1);
            }
            BestBelow(&mut trees[in_class(there)]).note(there.row, points);
            BestBelow(&mut trees[in_all.clone()]).note(there.row, points);
            noted += 1;
        }
        let with = |(points, before): Best, jump: isize| (points + 2 - cost(jump), before);
        // What ends before this one and has an origin near its own has a lower row.
        let near = here.offset() - MAX_SHIFT as isize;
        let first = origins.partition_point(|(origin, _)| *origin < near);
        let jumps = origins[first..].iter().map(|(origin, best)| (here.offset() - origin, *best));
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
            (points, Reverse(before)) if points > alone => (points, Some(usize::from(before))),
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
        chain.push(sightings[index]);
        end = best[index].1;
    }
    chain.reverse();
    chain
}

/// For each row the first sighting of it beside the chain, in a place where whole rows were swapped or repeated.
pub(super) fn insertions(
    layout: &Layout<'_>,
    sightings: &[RowMatch],
    chain: &[RowMatch],
) -> Vec<Option<RowMatch>> {
    layout.work.spend(layout.count + 8 * sightings.len());
    let mut classes = [false; ROW];
    classes[0] = true;
    chain.iter().for_each(|there| classes[there.class()] = true);
    let end = |of: &RowMatch| of.place + layout.length(of.row);
    let mut strays = vec![None; layout.count + 1];
    for here in sightings.iter().filter(|here| classes[here.class()]) {
        // The chain's are in the order of their places, none on top of another.
        let next = chain.partition_point(|there| end(there) <= here.place);
        let is_free = chain.get(next).is_none_or(|there| end(here) <= there.place);
        if is_free {
            strays[here.row].get_or_insert(*here);
        }
    }
    strays
}

const _: () =
    assert!(IMPLICIT_LEN + ROW_DATA + CHECKSUM_LEN <= 31, "a codeword of GF(32) has 31 symbols");
const _: () = assert!(MAX_ROWS <= u8::MAX as usize && MAX_SIGHTINGS < u16::MAX as usize);
