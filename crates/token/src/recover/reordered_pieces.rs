//! Reassembles a token whose pieces arrived in another order, twice, or overlapping, as text
//! messages do. The intact rows in a piece show its position, because a row's number is part of its
//! check.
//!
//! This is an alternative reading of a text with a token that isn't intact. It can add tokens but
//! never damage any.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::beginnings::{Beginning, Line0, beginning_at, beginnings};
use super::message_pieces;
use super::symbol_stream::SymbolStream;
use super::text_error::TextError;
use super::work_budget::WorkBudget;
use crate::text::frames;
use crate::text::layout::{LINE_0, ROW, ROW_DATA, implicit_remainder, prefix};
use crate::text::reed_solomon::{CHECKSUM_LEN, Remainder, Windows};
use crate::wire::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::wire::symbols;

/// The longest text that is tried. Texts sent in messages are short.
const MAX_BYTES: usize = 32 * 1024;
/// The most tokens that are reassembled in one text.
const MAX_TOKENS: usize = 8;
/// The most pieces without an intact row that are tried: an end, or a piece that overlaps with
/// others.
const MAX_UNPLACED: usize = 8;
/// The least number of symbols of a piece. A piece that is shorter than a row can only close a gap.
const MIN_PIECE: usize = 3;
/// Marks a symbol that no piece has: a letter that isn't a symbol.
const MISSING: char = 'Ü';

/// Returns each token reassembled from its pieces, or `None` if there is nothing to reassemble.
///
/// # Errors
/// [`TextError::TooMuchWork`] if the text takes too many steps.
pub(super) fn reassemble(text: &str, work: &WorkBudget) -> Result<Option<String>, TextError> {
    // Frames of QR codes contain their position.
    if text.len() > MAX_BYTES || text.to_ascii_uppercase().contains(frames::PREFIX) {
        return Ok(None);
    }
    // A short end, which may have come first, is the last word of its line.
    let is_end = |word: &&str| word.len() < ROW && message_pieces::is_piece(word);
    let alone = message_pieces::isolate(text, work);
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
        .map(|(line_0, first)| (TargetToken::new(line_0), first))
        .collect();
    if tokens.is_empty() || lines.len() < 2 {
        return Ok(None);
    }
    // A row of another token may match one of these by chance, so a piece belongs to the token that
    // has most of its rows.
    let mut placed = vec![Vec::new(); tokens.len()];
    let mut unplaced = Vec::new();
    for piece in &lines {
        work.spend(8 * piece.len() * tokens.len());
        let places = tokens.iter().enumerate().filter_map(|(index, (token, _))| {
            token.find_places(piece).map(|(places, rows)| (index, Placed { places, rows, piece }))
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

/// A piece, its possible positions in a token's rows, and the number of rows that are intact there.
#[derive(Clone)]
struct Placed<'l> {
    places: Vec<usize>,
    rows: usize,
    piece: &'l [u8],
}

/// A token whose line 0 is known.
struct TargetToken {
    line_0: Line0,
    /// Written symbols of all rows, of the last row, and how many rows there are.
    length: usize,
    last: usize,
    count: usize,
    /// The numbers of the full rows by the remainder that their symbols leave.
    rows: HashMap<Remainder, usize>,
}

impl TargetToken {
    fn new(line_0: Line0) -> Self {
        let data = symbols::symbols_for(line_0.bytes);
        let count = data.div_ceil(ROW_DATA);
        let last = data - ROW_DATA * (count - 1) + CHECKSUM_LEN;
        let full = if last == ROW { count } else { count - 1 };
        let rows = (1..=full).map(|row| (Self::implicit(line_0, row, ROW), row)).collect();
        Self { line_0, length: data + CHECKSUM_LEN * count, last, count, rows }
    }

    /// Returns the contribution of a row's number and the tag to the remainder, with `length`
    /// symbols after them.
    fn implicit(line_0: Line0, row: usize, length: usize) -> Remainder {
        implicit_remainder(row, line_0.tag, length)
    }

    /// Returns the text of the token as far as its pieces contain it.
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
        // The most certain pieces come first, so that a row that is intact by chance contradicts
        // what is known already. The sort is stable: among equally certain pieces, the first one in
        // the text counts.
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
        // A piece without an intact row belongs where it closes a gap: it is as long as the gap, or
        // it is longer and its other symbols match the known ones.
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

    /// Returns the positions of a piece that most of its intact rows agree on, and the number of
    /// these rows.
    fn find_places(&self, piece: &[u8]) -> Option<(Vec<usize>, usize)> {
        let mut places: HashMap<usize, usize> = HashMap::new();
        let rows = Windows::new(piece, ROW).enumerate().filter_map(|(at, remainder)| {
            let row = *self.rows.get(&remainder)?;
            (ROW * (row - 1)).checked_sub(at)
        });
        for place in rows {
            *places.entry(place).or_default() += 1;
        }
        // The last piece may contain only the end of the second last row, and the last row.
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
    use super::*;
    use crate::scan;

    /// Returns whether exactly these tokens are read.
    fn is_read(text: &str, tokens: &[&str]) -> bool {
        let Ok(found) = scan(text) else { return false };
        let mut whole: Vec<_> =
            found.iter().flat_map(|found| &found.token).map(ToString::to_string).collect();
        whole.sort();
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable();
        whole == tokens && found.len() == tokens.len()
    }

    /// In about one of a thousand pieces, a row is intact in a wrong place by chance, which can
    /// damage its token.
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
                // A piece of two symbols could be anything.
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
    fn the_pieces_of_several_tokens_are_assigned_to_their_tokens() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut read = Vec::new();
        for first in (0..8).cycle().take(40) {
            for symbols in [100, 134] {
                let tokens = [0, 1, 2].map(|next| crate::tests::sample((first + next) % 8));
                let mut all: Vec<_> =
                    tokens.iter().flat_map(|token| pieces(token, symbols)).collect();
                let ends = all.iter().filter(|piece| piece.len() < ROW);
                let lengths: std::collections::HashSet<_> = ends.clone().map(String::len).collect();
                // Nothing shows to which token each of two equally long ends belongs, and two
                // symbols could be anything.
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
    fn a_token_without_one_of_its_pieces_is_not_read() {
        let token = crate::tests::sample(1);
        let pieces = pieces(&token, 100);
        let text = [&pieces[2..], &pieces[..1]].concat().join("\n");
        let found = scan(&text).unwrap();
        assert!(found.iter().all(|found| found.token.is_err()), "{found:?}");
    }
}
