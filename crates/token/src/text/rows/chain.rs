//! Where a token's rows are: a row's number takes part in its check, so a whole row says which one it is wherever it
//! stands. Rows may have been lost, repeated or swapped, and other text may have come between them.

use crate::reed_solomon::{CHECKS, checks};

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
pub(super) fn sightings(layout: &Layout, area: &[u8]) -> Vec<Sighting> {
    // A check is linear: that of a word is that of its written part plus that of its unwritten one, and so one look
    // at each place tells which row it can be.
    let unwritten_part = |row: usize, length: usize| {
        let word =
            unwritten(row, layout.tag).into_iter().chain(std::iter::repeat_n(0, length - CHECKS));
        checks(word)
    };
    let mut full: Vec<_> = (1..=layout.count)
        .filter(|&row| layout.length(row) == ROW)
        .map(|row| (unwritten_part(row, ROW), row))
        .collect();
    full.sort_unstable();
    let last = layout.count;
    let last_length = layout.length(last);
    let last_part = unwritten_part(last, last_length);

    let difference = |place: usize, length: usize| {
        let written = area.get(place..place + length).filter(|word| !word.contains(&UNKNOWN))?;
        let (data, check) = written.split_at(length - CHECKS);
        let computed = checks(data.iter().copied());
        Some([0, 1, 2].map(|index| computed[index] ^ check[index]))
    };
    let sighted = (0..area.len()).filter_map(|place| {
        let is_last = last_length < ROW && difference(place, last_length) == Some(last_part);
        if is_last {
            return Some(Sighting { row: last, place });
        }
        let found = full.binary_search_by_key(&difference(place, ROW)?, |(part, _)| *part).ok()?;
        Some(Sighting { row: full[found].1, place })
    });
    sighted.take(MAX_SIGHTINGS).collect()
}

/// The sightings that make the best sense together: rows ascending, none on top of another. One is worth 2; a jump,
/// where symbols were lost or added since the one before, costs 1 if it is small or of whole rows, and otherwise 3:
/// by chance a row looks whole somewhere else, but not two of them in a row.
pub(super) fn best_chain(layout: &Layout, sightings: &[Sighting]) -> Vec<Sighting> {
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
    layout: &Layout,
    sightings: &[Sighting],
    chain: &[Sighting],
    row: usize,
) -> Option<Sighting> {
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
