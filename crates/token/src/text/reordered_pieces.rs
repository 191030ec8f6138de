//! The pieces of a token that arrived in another order, twice, or with some symbols in common, as text messages do. Where
//! a piece belongs is told by the rows that are whole in it: a row's number takes part in its check.
//!
//! This is another reading of a text in which something isn't whole; nothing is damaged because of it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::implicit_remainder;
use super::message_pieces;
use super::symbol_stream::SymbolStream;
use super::work_budget::WorkBudget;
use super::{Beginning, LINE_0, Line0, ROW, ROW_DATA, beginning_at, beginnings, prefix};
use crate::error::TextError;
use crate::frames;
use crate::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::reed_solomon::{CHECKSUM_LEN, Remainder, Windows};
use crate::symbols;

/// What is sent in messages is short, and so is what is tried here.
const MAX_BYTES: usize = 32 * 1024;
/// Tokens that are put together in one text.
const MAX_TOKENS: usize = 8;
/// Pieces without a whole row that are tried: an end, or what overlaps with others.
const MAX_UNPLACED: usize = 8;
/// Symbols that a piece has at least. What is shorter than a row can only be what closes a gap.
const MIN_PIECE: usize = 3;
/// A sign for a symbol that no piece has: a letter that is none.
const MISSING: char = 'Ü';

/// Each token put together from its pieces; `None` where no piece is in another place than its own.
pub(super) fn reassemble(text: &str, work: &WorkBudget) -> Result<Option<String>, TextError> {
    // Frames of pictures say themselves where they belong.
    if text.len() > MAX_BYTES || text.to_ascii_uppercase().contains(frames::PREFIX) {
        return Ok(None);
    }
    // A short end, which may have come first, is the last word of its line.
    let is_end = |word: &&str| word.len() < ROW && message_pieces::is_piece(word);
    let alone = message_pieces::isolated(text, work);
    let ends = text.lines().filter_map(|line| line.split_whitespace().last()).filter(is_end);
    let mut lines = Vec::new();
    for line in alone.as_deref().unwrap_or(text).lines().chain(ends) {
        let symbols = SymbolStream::from_text(line, work)?.symbols;
        if symbols.len() >= MIN_PIECE {
            lines.push(symbols);
        }
    }
    let beginnings = lines.iter().flat_map(|line| {
        beginnings(line, 0).filter_map(|at| match beginning_at(line, at) {
            Some(Beginning::Whole(found)) => Some((found, &line[at..])),
            _ => None,
        })
    });
    let tokens: Vec<_> = beginnings
        .filter(|(line_0, _)| (MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&line_0.bytes))
        .take(MAX_TOKENS)
        .map(|(line_0, first)| (Token::new(line_0), first))
        .collect();
    if tokens.is_empty() || lines.len() < 2 {
        return Ok(None);
    }
    // One row of another token may look like one of these by chance: a piece is the token's that has most of its rows.
    let mut placed = vec![Vec::new(); tokens.len()];
    let mut unplaced = Vec::new();
    for piece in &lines {
        work.spend(8 * piece.len() * tokens.len());
        let places = tokens.iter().enumerate().filter_map(|(index, (token, _))| {
            token.places(piece).map(|(places, rows)| (index, Placed { places, rows, piece }))
        });
        match places.max_by_key(|(index, placed)| (placed.rows, Reverse(*index))) {
            Some((index, piece)) => placed[index].push(piece),
            None => unplaced.push(piece.as_slice()),
        }
    }
    let mut all = String::new();
    for ((token, first), placed) in tokens.iter().zip(placed) {
        all.push_str(&token.put_together(first, placed, &unplaced, work));
        all.push('\n');
    }
    Ok(Some(all))
}

/// A piece, where it may begin in a token's rows, and how many of these are whole in it then.
#[derive(Clone)]
struct Placed<'l> {
    places: Vec<usize>,
    rows: usize,
    piece: &'l [u8],
}

/// A token of which line 0 is known.
struct Token {
    line_0: Line0,
    /// Written symbols of all rows, of the last row, and how many rows there are.
    length: usize,
    last: usize,
    count: usize,
    /// The full row that leaves this remainder.
    rows: HashMap<Remainder, usize>,
}

impl Token {
    fn new(line_0: Line0) -> Self {
        let data = symbols::symbols_for(line_0.bytes);
        let count = data.div_ceil(ROW_DATA);
        let last = data - ROW_DATA * (count - 1) + CHECKSUM_LEN;
        let full = if last == ROW { count } else { count - 1 };
        let rows = (1..=full).map(|row| (Self::implicit(line_0, row, ROW), row)).collect();
        Self { line_0, length: data + CHECKSUM_LEN * count, last, count, rows }
    }

    /// What a row's number and the tag leave, with so many symbols after them.
    fn implicit(line_0: Line0, row: usize, length: usize) -> Remainder {
        implicit_remainder(row, line_0.tag, length)
    }

    /// The text of the token as far as its pieces have it.
    fn put_together(
        &self,
        first: &[u8],
        mut placed: Vec<Placed<'_>>,
        unplaced: &[&[u8]],
        work: &WorkBudget,
    ) -> String {
        let mut known: Vec<Option<u8>> = vec![None; LINE_0 + self.length];
        let place = |known: &mut [Option<u8>], at: usize, piece: &[u8]| {
            for (known, &symbol) in known.iter_mut().skip(at).zip(piece) {
                known.get_or_insert(symbol);
            }
        };
        place(&mut known, 0, first);
        // What is surest comes first; a row that looks whole by chance is told by what is known already. The sort is
        // stable: of pieces that are as sure, what came first counts.
        placed.sort_by_key(|placed| (placed.places.len(), Reverse(placed.rows)));
        for Placed { places, piece, .. } in placed {
            let agrees = |at: &&usize| {
                let there = known[LINE_0 + **at..].iter().zip(piece);
                { there }.all(|(known, symbol)| known.is_none_or(|known| known == *symbol))
            };
            if let Some(&at) = places.iter().find(agrees).or(places.first()) {
                place(&mut known, LINE_0 + at, piece);
            }
        }
        // What has no whole row belongs where it closes a gap: where it is as long, or else has some symbols in common
        // with what is known.
        for _ in 0..MAX_UNPLACED {
            let Some(gap) = known.iter().position(Option::is_none) else { break };
            let length = known[gap..].iter().position(Option::is_some);
            let end = length.map_or(known.len(), |length| gap + length);
            work.spend(unplaced.len());
            let overlaps = |piece: &&&[u8]| piece.len() > end - gap && piece.len() >= ROW / 2;
            let fitting =
                unplaced.iter().filter(|piece| piece.len() == end - gap).take(MAX_UNPLACED);
            let longer = unplaced.iter().filter(overlaps).take(MAX_UNPLACED);
            let found = fitting.chain(longer).find_map(|piece| {
                work.spend(ROW * piece.len());
                let fits = |at: &usize| {
                    let mut there = known[*at..].iter().zip(*piece);
                    at + piece.len() <= known.len()
                        && there.all(|(known, symbol)| known.is_none_or(|known| known == *symbol))
                };
                (end.saturating_sub(piece.len())..=gap).find(fits).map(|at| (at, *piece))
            });
            let Some((at, piece)) = found else { break };
            place(&mut known, at, piece);
        }
        let prefix = prefix(self.line_0.kind).chars();
        let rest = known.iter().skip(prefix.clone().count());
        let symbol = |known: &Option<u8>| known.filter(|&value| value < 32).map(symbols::symbol);
        prefix.chain(rest.map(|known| symbol(known).unwrap_or(MISSING))).collect()
    }

    /// Where in the rows a piece begins by most of the rows that are whole in it, and how many these are.
    fn places(&self, piece: &[u8]) -> Option<(Vec<usize>, usize)> {
        let mut places: HashMap<usize, usize> = HashMap::new();
        let rows = Windows::new(piece, ROW).enumerate().filter_map(|(at, remainder)| {
            let row = *self.rows.get(&remainder)?;
            (ROW * (row - 1)).checked_sub(at)
        });
        for place in rows {
            *places.entry(place).or_default() += 1;
        }
        // The last piece may have nothing but the end of the last row but one, and the last.
        let last = piece.len().checked_sub(self.last).and_then(|at| {
            let last = Windows::new(&piece[at..], self.last).next()?;
            let is_last = last == Self::implicit(self.line_0, self.count, self.last);
            is_last.then(|| ROW * (self.count - 1))?.checked_sub(at)
        });
        if let Some(last) = last {
            *places.entry(last).or_default() += 1;
        }
        let most = places.values().copied().max()?;
        let mut best: Vec<_> =
            places.into_iter().filter(|&(_, rows)| rows == most).map(|(place, _)| place).collect();
        best.sort_unstable();
        Some((best, most))
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    /// Whether the tokens are read and nothing else.
    fn is_read(text: &str, tokens: &[&str]) -> bool {
        let Ok(found) = scan(text) else { return false };
        let mut whole: Vec<_> =
            found.iter().flat_map(|found| &found.token).map(ToString::to_string).collect();
        whole.sort();
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable();
        whole == tokens && found.len() == tokens.len()
    }

    /// A row looks whole in a wrong place once in some thousand pieces, and its token can be damaged by that.
    fn assert_nearly_all(read: &[bool]) {
        let missed = read.iter().filter(|is_read| !**is_read).count();
        assert!(read.len() >= 8 && missed * 10 <= read.len(), "{missed} of {}", read.len());
    }

    fn pieces(token: &str, symbols: usize) -> Vec<String> {
        let pieces = token.as_bytes().chunks(symbols);
        pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
    }

    #[test]
    fn messages_in_any_order_are_read() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut all = Vec::new();
        for which in 0..8 {
            let token = crate::tests::sample(which);
            for symbols in [67, 70, 134, 153, 160] {
                let mut pieces = pieces(&token, symbols);
                // Two symbols by themselves could be anything.
                if pieces.last().is_some_and(|last| last.len() < MIN_PIECE) {
                    continue;
                }
                for _ in 0..5 {
                    random.shuffle(&mut pieces);
                    all.push(is_read(&pieces.join("\n"), &[&token]));
                    let message = |(at, piece): (usize, &String)| {
                        format!("+49 170 1234567, 2027-02-03 09:{:02}\n{piece}\n\n", 10 + at)
                    };
                    let text: String = pieces.iter().enumerate().map(message).collect();
                    all.push(is_read(&text, &[&token]));
                }
            }
        }
        assert_nearly_all(&all);
    }

    #[test]
    fn messages_that_overlap_or_came_twice_are_read() {
        let mut all = Vec::new();
        for which in 0..8 {
            let token = crate::tests::sample(which);
            let overlapping: Vec<_> = (0..token.len())
                .step_by(90)
                .map(|at| &token[at..token.len().min(at + 100)])
                .collect();
            all.push(is_read(&overlapping.join("\n"), &[&token]));
            let pieces = pieces(&token, 80);
            let twice = [&pieces[..2], &pieces[1..]].concat();
            all.push(is_read(&twice.join("\n"), &[&token]));
            let mut late = pieces.clone();
            let missing = late.remove(1);
            let text = format!("{}\n\nSorry, this was missing:\n{missing}\n", late.join("\n"));
            all.push(is_read(&text, &[&token]));
        }
        assert_nearly_all(&all);
    }

    #[test]
    fn the_pieces_of_several_tokens_are_told_apart() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut read = Vec::new();
        for first in (0..8).cycle().take(40) {
            for symbols in [100, 134] {
                let tokens = [0, 1, 2].map(|next| crate::tests::sample((first + next) % 8));
                let mut all: Vec<_> =
                    tokens.iter().flat_map(|token| pieces(token, symbols)).collect();
                let ends = all.iter().filter(|piece| piece.len() < ROW);
                let lengths: std::collections::HashSet<_> = ends.clone().map(String::len).collect();
                // Of two ends that are as long nothing shows which is whose; and two symbols could be anything.
                if lengths.len() < ends.count() || lengths.iter().any(|&length| length < MIN_PIECE)
                {
                    continue;
                }
                random.shuffle(&mut all);
                read.push(is_read(&all.join("\n"), &[&tokens[0], &tokens[1], &tokens[2]]));
            }
        }
        assert_nearly_all(&read);
    }

    #[test]
    fn a_chat_whose_newest_message_comes_first_is_read() {
        let mut all = Vec::new();
        for which in 0..8 {
            let token = crate::tests::sample(which);
            for symbols in [100, 134, 153, 160] {
                let pieces = pieces(&token, symbols);
                if pieces.last().is_some_and(|last| last.len() < MIN_PIECE) {
                    continue;
                }
                let line =
                    |(at, piece): (usize, &String)| format!("09:{} - Pat: {piece}\n", 10 + at);
                let lines: Vec<_> = pieces.iter().enumerate().map(line).collect();
                let text: String = lines.iter().rev().map(String::as_str).collect();
                all.push(is_read(&text, &[&token]));
            }
        }
        assert_nearly_all(&all);
    }

    #[test]
    fn a_piece_that_is_missing_is_missed() {
        let token = crate::tests::sample(1);
        let pieces = pieces(&token, 100);
        let text = [&pieces[2..], &pieces[..1]].concat().join("\n");
        let found = scan(&text).unwrap();
        assert!(found.iter().all(|found| found.token.is_err()), "{found:?}");
    }
}
