//! Where a token's rows are: a row's number takes part in its check, so a whole row says which one it is wherever it
//! stands. Rows may have been lost, repeated or swapped, and other text may have come between them.

use crate::reed_solomon::{CHECKS, Windows, remainder};

use super::super::{ROW, ROW_DATA, UNKNOWN, UNWRITTEN, unwritten};
use super::layout::{Layout, MAX_SHIFT};

/// How many sightings are looked at: more than any honest text has, few enough for a quick answer.
const MAX_SIGHTINGS: usize = 512;

/// A row that is whole at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) row: usize,
    pub(super) place: usize,
}

impl Sighting {
    /// Where row 1 would begin if everything between were as it should be. All rows are equally long but the last.
    const fn origin(self) -> isize {
        self.place as isize - (ROW * (self.row - 1)) as isize
    }
}

/// Every row that is whole somewhere, in the order of their places.
pub(super) fn sightings(layout: &Layout<'_>, area: &[u8]) -> Vec<Sighting> {
    // The remainder of a whole word is 0, and that of its unwritten part the same as that of its written one: so one
    // look at each place tells which row it can be.
    let unwritten_part = |row: usize| {
        let behind = std::iter::repeat_n(0, layout.length(row));
        remainder(unwritten(row, layout.tag).into_iter().chain(behind))
    };
    let last = layout.count;
    let is_short = layout.length(last) < ROW;
    let count = match is_short {
        _ if area.len() < ROW => 0,
        true => last - 1,
        false => last,
    };
    let mut full: Vec<_> = (1..=count).map(|row| (unwritten_part(row), row)).collect();
    full.sort_unstable();
    let last_part = unwritten_part(last);

    layout.work.spend(3 * area.len() + ROW * layout.count);
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
            (_, Some(remainder)) => {
                let found = full.binary_search_by_key(&remainder, |(part, _)| *part);
                found.ok().filter(|_| is_known(area, place, ROW)).map(|index| full[index].1)
            }
            _ => None,
        };
        sighted.extend(row.map(|row| Sighting { row, place }));
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

/// The sightings that make the best sense together: rows ascending, none on top of another. One is worth 2; a jump,
/// where symbols were lost or added since the one before, costs 1 if it is small or of whole rows, and otherwise 3:
/// by chance a row looks whole somewhere else, but not two of them in a row.
pub(super) fn best_chain(layout: &Layout<'_>, sightings: &[Sighting]) -> Vec<Sighting> {
    layout.work.spend(sightings.len() * sightings.len() / 2);
    let cost = |jump: isize| match jump.unsigned_abs() {
        0 => 0,
        small if small <= MAX_SHIFT || small % ROW == 0 => 1,
        _ => 3,
    };
    let mut best: Vec<(i32, Option<usize>)> = Vec::with_capacity(sightings.len());
    for (index, here) in sightings.iter().enumerate() {
        let mut chosen = (2 - cost(here.origin()), None);
        for (before, there) in sightings[..index].iter().enumerate() {
            if there.row < here.row && there.place + layout.length(there.row) <= here.place {
                let score = best[before].0 + 2 - cost(here.origin() - there.origin());
                if score > chosen.0 {
                    chosen = (score, Some(before));
                }
            }
        }
        best.push(chosen);
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

/// A sighting of this row beside the chain, in a place where whole rows were swapped or repeated.
pub(super) fn stray(
    layout: &Layout<'_>,
    sightings: &[Sighting],
    chain: &[Sighting],
    row: usize,
) -> Option<Sighting> {
    layout.work.spend(sightings.len());
    let length = |of: &Sighting| layout.length(of.row);
    sightings.iter().copied().find(|here| {
        let fits = |origin: isize| (here.origin() - origin) % ROW as isize == 0;
        let is_free = |there: &Sighting| {
            here.place + length(here) <= there.place || there.place + length(there) <= here.place
        };
        here.row == row
            && (fits(0) || chain.iter().any(|there| fits(there.origin())))
            && chain.iter().all(is_free)
    })
}

const _: () = assert!(UNWRITTEN + ROW_DATA + CHECKS <= 31, "a codeword of GF(32) has 31 symbols");
