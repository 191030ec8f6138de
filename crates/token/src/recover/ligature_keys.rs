//! Resolves the letters of a keyboard layout on which one key gives two letters that two other keys
//! give as well, such as لا on an Arabic layout. The checks of a token's rows show, row by row,
//! which keys a scanner pressed.

use crate::text::layout::{
    LENGTH, LINE_0, PREFIX, ROW_DATA, TAG_LEN, implicit_symbols, number_of, prefix_values,
};
use crate::text::reed_solomon::{CHECKSUM_LEN, checks};
use crate::wire::kind::Kind;
use crate::wire::symbols;

/// The most such letters of a row that are tried in every combination.
const MAX_JOINED: usize = 8;
/// The scanner's key that gives two letters, and the two keys that give one of them each.
pub(super) const LIGATURE_KEYS: (char, [char; 2]) = ('B', ['G', 'H']);

/// Writes the symbols of two keys in each place where the checks show them, and that of the one key
/// in all other places that have `joined`.
pub(super) fn resolve(typed: &[char], joined: char) -> String {
    let is_symbol = |at: &usize| typed[*at] == joined || symbols::value(typed[*at]).is_some();
    let places: Vec<_> = (0..typed.len()).filter(is_symbol).collect();
    let mut text = Symbols { typed, places, joined, two: vec![false; typed.len()] };
    let mut at = 0;
    while at + LINE_0 / 2 <= text.places.len() {
        at = text.token(at).unwrap_or(at + 1);
    }
    let (one, two) = LIGATURE_KEYS;
    let mut resolved = String::new();
    for (here, is_two) in typed.iter().zip(text.two) {
        match (*here == joined, is_two) {
            (false, _) => resolved.push(*here),
            (true, false) => resolved.push(one),
            (true, true) => resolved.extend(two),
        }
    }
    resolved
}

/// The letters and digits of a text.
struct Symbols<'t> {
    typed: &'t [char],
    /// Their positions.
    places: Vec<usize>,
    joined: char,
    /// Whether two keys were pressed at a position.
    two: Vec<bool>,
}

/// Where a row begins: at a position, or with the second of two letters there.
#[derive(Clone, Copy)]
struct Start {
    at: usize,
    has_second: bool,
}

impl Symbols<'_> {
    fn is_joined(&self, at: usize) -> bool {
        self.typed[self.places[at]] == self.joined
    }

    /// Resolves the token that begins at a position, as far as its checks pass. Returns its end.
    fn token(&mut self, at: usize) -> Option<usize> {
        let here = self.places.get(at..at + PREFIX)?.iter();
        let here: Vec<_> = here.map(|&at| symbols::value(self.typed[at])).collect();
        let is_prefix =
            |kind: &Kind| prefix_values(*kind).iter().zip(&here).all(|(a, b)| Some(*a) == *b);
        Kind::ALL.iter().find(|kind| is_prefix(kind))?;
        let start = Start { at, has_second: false };
        let (line, mut start) = self.row(start, LINE_0, &[])?;
        let bytes = number_of(&line[PREFIX..PREFIX + LENGTH]);
        let tag: [u8; TAG_LEN] = line[PREFIX + LENGTH..LINE_0 - CHECKSUM_LEN].try_into().ok()?;
        let mut left = symbols::symbols_for(bytes);
        for row in 1.. {
            let data = left.min(ROW_DATA);
            if data == 0 {
                break;
            }
            let Some((_, next)) = self.row(start, data + CHECKSUM_LEN, &implicit_symbols(row, tag))
            else {
                break;
            };
            (start, left) = (next, left - data);
        }
        Some(start.at)
    }

    /// Tries every combination in a row until its check passes, and keeps that one.
    fn row(&mut self, start: Start, length: usize, before: &[u8]) -> Option<(Vec<u8>, Start)> {
        let end = self.places.len().min(start.at + length);
        let first = start.at + usize::from(start.has_second);
        let joined: Vec<_> = (first..end).filter(|&at| self.is_joined(at)).collect();
        if joined.len() > MAX_JOINED {
            return None;
        }
        for choice in 0..1_usize << joined.len() {
            let is_two = |at: usize| {
                let index = joined.iter().position(|&joined| joined == at);
                index.is_some_and(|index| choice >> index & 1 == 1)
            };
            let Some((values, next)) = self.choose(start, length, is_two) else { continue };
            let (data, check) = values.split_at(length - CHECKSUM_LEN);
            if checks(before.iter().chain(data).copied()) == *check {
                for at in joined.iter().copied().filter(|&at| is_two(at)) {
                    // Letters after the end of the row belong to the next one.
                    if at < next.at || next.has_second && at == next.at {
                        self.two[self.places[at]] = true;
                    }
                }
                return Some((values, next));
            }
        }
        None
    }

    /// Returns the symbols of a row for a combination, and where the next row begins.
    fn choose(
        &self,
        start: Start,
        length: usize,
        is_two: impl Fn(usize) -> bool,
    ) -> Option<(Vec<u8>, Start)> {
        let (one, two) = LIGATURE_KEYS;
        let mut values = Vec::with_capacity(length + 1);
        let mut at = start.at;
        if start.has_second {
            values.push(symbols::value(two[1])?);
            at += 1;
        }
        while values.len() < length {
            let place = *self.places.get(at)?;
            match self.is_joined(at) {
                true if is_two(at) => {
                    values.push(symbols::value(two[0])?);
                    if values.len() == length {
                        return Some((values, Start { at, has_second: true }));
                    }
                    values.push(symbols::value(two[1])?);
                }
                true => values.push(symbols::value(one)?),
                false => values.push(symbols::value(self.typed[place])?),
            }
            at += 1;
        }
        Some((values, Start { at, has_second: false }))
    }
}
