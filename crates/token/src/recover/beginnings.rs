//! Finds the places where a token begins: a prefix, in which one symbol may be wrong, and the rest
//! of line 0 (sections 7.3 and B.2 of the specification).

use super::correction::correct;
use crate::text::layout::{
    LENGTH, LINE_0, PREFIX, PREFIXES, TAG_LEN, UNKNOWN, number_of, prefix_values,
};
use crate::wire::kind::Kind;

/// What is at a position where a token may begin.
pub(super) enum Beginning {
    Whole(Line0),
    Damaged(Kind),
}

#[derive(Clone, Copy)]
pub(super) struct Line0 {
    pub(super) kind: Kind,
    pub(super) bytes: usize,
    pub(super) tag: [u8; TAG_LEN],
    /// The number of symbols that were corrected.
    pub(super) repaired: usize,
}

/// Returns the positions, starting with `from`, of a prefix or of symbols that differ from one in a
/// single symbol.
pub(super) fn beginnings(symbols: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let mut at = from;
    std::iter::from_fn(move || {
        let place = next_beginning(symbols, at)?;
        at = place + 1;
        Some(place)
    })
}

/// Returns the first of [`beginnings`].
pub(super) fn next_beginning(symbols: &[u8], from: usize) -> Option<usize> {
    // Positions are checked in blocks, because most symbols of most texts don't resemble a prefix.
    const BLOCK: usize = 64;
    const TOGETHER: usize = BLOCK + PREFIX - 1;
    let mut at = from;
    loop {
        let rest = symbols.get(at..)?;
        let padded;
        let (block, is_last) = match rest.first_chunk::<TOGETHER>() {
            Some(block) => (block, false),
            None => {
                let mut block = [UNKNOWN; TOGETHER];
                block[..rest.len()].copy_from_slice(rest);
                padded = block;
                (&padded, true)
            }
        };
        let resembles: [bool; BLOCK] = places_like_a_prefix(block);
        let mut places = resembles.iter().enumerate().filter(|(_, resembles)| **resembles);
        let is_one = |place: &usize| {
            let here = block[*place..].first_chunk();
            here.is_some_and(|here| similar_prefix(here).is_some())
        };
        if let Some(place) = places.by_ref().map(|(place, _)| place).find(is_one) {
            return Some(at + place);
        }
        if is_last {
            return None;
        }
        at += BLOCK;
    }
}

/// Returns, for each of many positions, whether at least four symbols are each those of some
/// prefix. It has no branches, so that it compiles to vector instructions.
fn places_like_a_prefix<const PLACES: usize, const SYMBOLS: usize>(
    symbols: &[u8; SYMBOLS],
) -> [bool; PLACES] {
    let [a, b, c, d] = PREFIXES;
    let mut places = [false; PLACES];
    for (place, here) in places.iter_mut().zip(symbols.array_windows::<PREFIX>()) {
        let fits = |at: usize| {
            (here[at] == a[at]) | (here[at] == b[at]) | (here[at] == c[at]) | (here[at] == d[at])
        };
        let fitting = u8::from(here[0] == a[0])
            + u8::from(here[1] == a[1])
            + u8::from(fits(2))
            + u8::from(fits(3))
            + u8::from(fits(4));
        *place = fitting >= PREFIX as u8 - 1;
    }
    places
}

/// Returns the prefix that these symbols are with at most one wrong symbol, and the number of wrong
/// symbols.
#[inline]
fn similar_prefix(here: &[u8; PREFIX]) -> Option<(Kind, usize)> {
    // Prefixes differ from each other in three symbols, so at most one of them is that similar.
    Kind::ALL.into_iter().zip(&PREFIXES).find_map(|(kind, prefix)| {
        let wrong = here.iter().zip(prefix).filter(|(here, there)| here != there).count();
        (wrong <= 1).then_some((kind, wrong))
    })
}

pub(super) fn beginning_at(stream: &[u8], at: usize) -> Option<Beginning> {
    let rest = &stream[at..];
    let (kind, wrong) = similar_prefix(rest.first_chunk()?)?;
    let line = rest.get(..LINE_0).and_then(|line| {
        let (line, repaired) = correct::<LINE_0>(0, line)?;
        (line[..PREFIX] == prefix_values(kind)).then(|| Line0 {
            kind,
            bytes: number_of(&line[PREFIX..PREFIX + LENGTH]),
            tag: [line[8], line[9], line[10]],
            repaired,
        })
    });
    match line {
        Some(line) => Some(Beginning::Whole(line)),
        // A prefix that is only similar and doesn't check is a chance resemblance.
        None if wrong == 0 => Some(Beginning::Damaged(kind)),
        None => None,
    }
}
