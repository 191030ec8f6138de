//! Manual entry of a token from paper, one line at a time: line 0 first, then the rows in any
//! order. Each line is checked by itself as it is typed. Nothing can be decrypted before all lines
//! are there, so that a probable correction is only offered, and the user decides. An entry sheet
//! is pure, and small enough to be saved as text.
//!
//! ```
//! use latchkey_token::manual_entry::{EntrySheet, LineCheck};
//! # use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, seal};
//! # let keys = SecretKeys::from_seed(&Seed::random()?)?;
//! # let seat = SeatId::random()?;
//! # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
//! # let token = seal(&given_back, 1, &keys, keys.public())?;
//! let paper = token.lines();
//! let mut sheet = EntrySheet::default();
//! for line in &paper {
//!     assert_eq!(sheet.enter(line.number(), &line.to_string()), LineCheck::Right);
//!     sheet = EntrySheet::restore(&sheet.to_saved());
//! }
//! assert_eq!(sheet.token().unwrap().unwrap(), token);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::found_token::ReadError;
use super::line_repair::{Steps, candidates, groups};
use super::normal_forms::{digit, look_alike};
use super::scan::scan;
use crate::text::layout::{
    IMPLICIT_LEN, LINE_0, PREFIX, ROW, ROW_DATA, TAG_LEN, UNKNOWN, implicit_remainder,
    implicit_symbols, prefix, prefix_values,
};
use crate::text::reed_solomon::{CHECKSUM_LEN, Checked, Remainder, check, checks, multiply};
use crate::wire::envelope::Token;
use crate::wire::kind::Kind;
use crate::wire::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::wire::symbols;

/// The most characters of a line that are kept. Nobody types more by mistake.
const MAX_TYPED: usize = 200;
/// The highest cost, as in [`candidates`], at which a correction is offered: two symbols that look
/// nearly the same as the right ones, or a doubled symbol and a replaced one.
const MOST_WRONG: u8 = 2;
/// The most changes of one line that are tried.
const MAX_STEPS: usize = 10_000;
/// The most rows of a token.
const MAX_ROWS: usize = symbols::symbols_for(MAX_TOKEN_BYTES).div_ceil(ROW_DATA);

/// The result of checking a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineCheck {
    /// Nothing has been typed.
    Empty,
    /// Symbols are missing at the end, or were omitted at an unknown position.
    Unfinished {
        /// How many.
        missing: usize,
    },
    /// The line passes its check.
    Right,
    /// The line fails its check, and this is probably what is printed.
    Suggestion {
        /// The line as it would pass, in groups of five.
        line: String,
        /// What is wrong with what was typed.
        error: TypingError,
    },
    /// The line passes its check as another line of this token.
    OtherLine {
        /// That line's number.
        line: usize,
    },
    /// The line is a row of another token, as are other rows here.
    OtherToken,
    /// There are surplus symbols at unknown positions.
    TooLong {
        /// How many.
        added: usize,
    },
    /// Too much is wrong for a suggestion.
    Wrong,
    /// Line 0 has to be right before a row can be checked.
    LineZeroFirst,
}

/// The probable error in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypingError {
    /// One symbol was replaced by another.
    Wrong {
        /// Its place in the line, from 1.
        place: usize,
    },
    /// One symbol was omitted.
    Missing {
        /// The place where it belongs, from 1.
        place: usize,
    },
    /// One symbol is surplus.
    Added {
        /// Its place in what was typed, from 1.
        place: usize,
    },
    /// Several symbols were replaced by similar ones, or typed twice.
    Several,
}

/// The contents of line 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FirstLine {
    kind: Kind,
    bytes: usize,
    tag: [u8; TAG_LEN],
}

impl FirstLine {
    /// Decodes a line 0 whose check has passed.
    fn read(line: &[u8]) -> Option<Self> {
        let &[.., a, b, c, t, u, v, _, _, _] = line else { return None };
        let kind = Kind::ALL.into_iter().find(|&kind| line.starts_with(&prefix_values(kind)))?;
        let bytes = [a, b, c].iter().fold(0, |sum, &value| sum << 5 | usize::from(value));
        let possible = line.len() == LINE_0 && (MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&bytes);
        possible.then_some(Self { kind, bytes, tag: [t, u, v] })
    }

    fn rows(self) -> usize {
        symbols::symbols_for(self.bytes).div_ceil(ROW_DATA)
    }

    /// Returns the number of symbols of a row, numbered from 1.
    fn length(self, row: usize) -> usize {
        let before = ROW_DATA * (row - 1);
        ROW_DATA.min(symbols::symbols_for(self.bytes).saturating_sub(before)) + CHECKSUM_LEN
    }
}

/// The lines of a token that a user is typing. It stores only what was typed, and checks it again
/// each time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntrySheet {
    typed: BTreeMap<usize, String>,
}

impl EntrySheet {
    /// Restores a sheet from [`EntrySheet::to_saved`]. Other lines are ignored, and nothing in it
    /// is trusted.
    #[must_use]
    pub fn restore(saved: &str) -> Self {
        let mut sheet = Self::default();
        for line in saved.lines().take(MAX_ROWS + 1) {
            if let Some((number, typed)) = line.split_once(' ')
                && let Ok(number) = number.parse()
            {
                sheet.keep(number, typed);
            }
        }
        sheet
    }

    /// Returns what was typed, line by line, to be saved. The token scanner can read this text as
    /// well.
    #[must_use]
    pub fn to_saved(&self) -> String {
        self.typed.iter().fold(String::new(), |mut saved, (number, typed)| {
            let _ = writeln!(saved, "{number} {typed}");
            saved
        })
    }

    /// Returns whether nothing has been typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// Returns the kind of token, once line 0 is right.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.beginning().map(|beginning| beginning.kind)
    }

    /// Returns the number of rows after line 0, once that is right.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        self.beginning().map(FirstLine::rows)
    }

    /// Returns the number of symbols of a line, as far as it is known.
    #[must_use]
    pub fn length(&self, line: usize) -> Option<usize> {
        match line {
            0 => Some(LINE_0),
            row => self.beginning().filter(|it| row <= it.rows()).map(|it| it.length(row)),
        }
    }

    /// Returns what was typed on a line.
    #[must_use]
    pub fn typed_line(&self, line: usize) -> &str {
        self.typed.get(&line).map_or("", String::as_str)
    }

    /// Stores a line as it was typed, with or without its number and in groups or not, and checks
    /// it. It is stored even if it is wrong; an empty line is removed.
    pub fn enter(&mut self, line: usize, typed: &str) -> LineCheck {
        let bare = match without_number(typed) {
            // Otherwise it may be the beginning of an unusually typed row.
            (Some(number), rest)
                if number == line || self.length(number) == Some(symbols_of(rest).len()) =>
            {
                rest
            }
            _ => typed,
        };
        self.keep(line, bare);
        self.check(line)
    }

    /// Checks a line as it was typed.
    #[must_use]
    pub fn check(&self, line: usize) -> LineCheck {
        let written = symbols_of(self.typed_line(line));
        if written.is_empty() {
            return LineCheck::Empty;
        }
        if line == 0 {
            return match check_line_0(&written) {
                found @ (LineCheck::Wrong | LineCheck::TooLong { .. }) => {
                    self.likely_line_0().unwrap_or(found)
                }
                found => found,
            };
        }
        let Some(beginning) = self.beginning() else { return LineCheck::LineZeroFirst };
        if line > beginning.rows() {
            return LineCheck::Wrong;
        }
        match check_row(&Word::of_row(beginning, line), &written) {
            found @ (LineCheck::Wrong
            | LineCheck::Suggestion { .. }
            | LineCheck::Unfinished { .. }) => match self.other_place(beginning, line, &written) {
                Some(elsewhere) => elsewhere,
                None if found == LineCheck::Wrong => {
                    self.likely_correction(beginning, line).unwrap_or(found)
                }
                None => found,
            },
            found @ LineCheck::TooLong { .. } => {
                self.likely_correction(beginning, line).unwrap_or(found)
            }
            found => found,
        }
    }

    /// Returns the first line that isn't right yet, after `line` and then from the beginning, or
    /// `None` if all are right.
    #[must_use]
    pub fn next_after(&self, line: usize) -> Option<usize> {
        let Some(rows) = self.rows() else { return Some(0) };
        (line + 1..=rows).chain(1..=line.min(rows)).find(|&row| self.check(row) != LineCheck::Right)
    }

    /// Returns the number of rows that are right.
    #[must_use]
    pub fn right_rows(&self) -> usize {
        let rows = self.rows().unwrap_or(0);
        (1..=rows).filter(|&row| self.check(row) == LineCheck::Right).count()
    }

    /// Returns the token once every line is right, or `None` if lines are missing.
    ///
    /// # Errors
    /// [`ReadError::DigestMismatch`] if a wrong line passed its check by chance, as one in 32,768
    /// does, and [`ReadError::Envelope`] if the token's header is malformed.
    #[must_use]
    pub fn token(&self) -> Option<Result<Token, ReadError>> {
        let rows = self.rows()?;
        if self.next_after(0).is_some() {
            return None;
        }
        let mut text = String::new();
        for line in 0..=rows {
            text.extend(symbols_of(self.typed_line(line)).into_iter().map(symbols::symbol));
        }
        let found = scan(&text).ok()?.into_iter().next()?;
        Some(found.token)
    }

    fn keep(&mut self, line: usize, typed: &str) {
        if line > MAX_ROWS {
            return;
        }
        let kept: String = typed.chars().filter(|c| !c.is_control()).take(MAX_TYPED).collect();
        match kept.trim() {
            "" => drop(self.typed.remove(&line)),
            kept => drop(self.typed.insert(line, kept.to_owned())),
        }
    }

    fn beginning(&self) -> Option<FirstLine> {
        let line = symbols_of(self.typed_line(0));
        let is_right = line.len() == LINE_0 && is_whole(&line);
        is_right.then(|| FirstLine::read(&line)).flatten()
    }

    /// Returns the only likely correction of a row with several wrong symbols.
    fn likely_correction(&self, beginning: FirstLine, row: usize) -> Option<LineCheck> {
        let length = beginning.length(row);
        let unwritten = implicit_remainder(row, beginning.tag, length);
        let line = self.only_likely(row, unwritten, length, |_| true)?;
        Some(LineCheck::Suggestion { line: in_groups(&line), error: TypingError::Several })
    }

    /// Returns the only likely correction of a line 0 with several wrong symbols.
    fn likely_line_0(&self) -> Option<LineCheck> {
        let is_one = |line: &[u8]| FirstLine::read(line).is_some();
        let line = self.only_likely(0, 0, LINE_0, is_one)?;
        let kind = FirstLine::read(&line)?.kind;
        let line = prefix(kind).to_owned() + in_groups(&line).get(PREFIX..)?;
        Some(LineCheck::Suggestion { line, error: TypingError::Several })
    }

    fn only_likely(
        &self,
        line: usize,
        unwritten: Remainder,
        length: usize,
        is_one: impl Fn(&[u8]) -> bool,
    ) -> Option<Vec<u8>> {
        let groups: Vec<_> = groups(self.typed_line(line)).collect();
        let mut steps = Steps::new(MAX_STEPS);
        let mut found = candidates(unwritten, length, &groups, MOST_WRONG, &mut steps);
        found.retain(|candidate| is_one(&candidate.line));
        if found.len() == 1 { found.pop().map(|candidate| candidate.line) } else { None }
    }

    /// Checks whether a row that fails its check belongs elsewhere.
    fn other_place(&self, beginning: FirstLine, line: usize, written: &[u8]) -> Option<LineCheck> {
        let fits = |row: &usize| {
            written.len() == beginning.length(*row)
                && is_whole(&Word::of_row(beginning, *row).with_implicit(written))
        };
        if let Some(row) = (1..=beginning.rows()).filter(|row| *row != line).find(fits) {
            return Some(LineCheck::OtherLine { line: row });
        }
        if written.len() == LINE_0 && is_whole(written) && FirstLine::read(written).is_some() {
            return Some(LineCheck::OtherLine { line: 0 });
        }
        // Every row passes its check under some tag. It is no coincidence if two rows pass under
        // the same one.
        let tag = tag_of(line, written)?;
        let others = (1..=beginning.rows()).filter(|row| *row != line);
        let alike = others.into_iter().any(|row| {
            let other = symbols_of(self.typed_line(row));
            other.len() == beginning.length(row) && tag_of(row, &other) == Some(tag)
        });
        (alike && tag != beginning.tag).then_some(LineCheck::OtherToken)
    }
}

/// Splits off the number before a line, if there is one: `7 446JB 1BB8M …`. Users who type line by
/// line may include it.
#[must_use]
pub fn without_number(typed: &str) -> (Option<usize>, &str) {
    let separator = |character: char| !character.is_alphanumeric();
    let trimmed = typed.trim_start_matches(separator);
    let Some((number, rest)) = trimmed.split_once(separator) else { return (None, typed) };
    let is_number = number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    match number.parse() {
        Ok(number) if is_number && !rest.trim_matches(separator).is_empty() => (Some(number), rest),
        _ => (None, typed),
    }
}

/// Returns the symbols of a line, with look-alikes folded. Other letters and digits become unknown
/// symbols.
fn symbols_of(typed: &str) -> Vec<u8> {
    let letters = typed.chars().filter(|character| character.is_alphanumeric());
    let value = |letter| digit(letter).or_else(|| symbols::value(look_alike(letter)));
    letters.map(|letter| value(letter).unwrap_or(UNKNOWN)).collect()
}

/// A codeword with written symbols after implicit ones.
struct Word {
    unwritten: Vec<u8>,
    /// Symbols that are written.
    length: usize,
}

impl Word {
    fn of_row(beginning: FirstLine, row: usize) -> Self {
        let unwritten = implicit_symbols(row, beginning.tag).to_vec();
        Self { unwritten, length: beginning.length(row) }
    }

    fn with_implicit(&self, written: &[u8]) -> Vec<u8> {
        [&self.unwritten, written].concat()
    }

    /// Returns the written symbols with the single wrong one corrected, and its index.
    fn correct(&self, written: &[u8]) -> Option<(Vec<u8>, usize)> {
        let word = self.with_implicit(written);
        let unknown: Vec<_> = (0..word.len()).filter(|&at| word[at] == UNKNOWN).collect();
        let mut folded: Vec<_> = word.iter().map(|&value| value & 31).collect();
        let index = match (check(&folded), &unknown[..]) {
            // An unknown symbol counts as 0, which may happen to be right.
            (Checked::Whole, &[index]) => index,
            (Checked::OneWrong { index, difference }, &[] | &[_]) => {
                folded[index] ^= difference;
                index
            }
            _ => return None,
        };
        let expected = unknown.first().is_none_or(|&unknown| unknown == index);
        let at = index.checked_sub(self.unwritten.len()).filter(|_| expected)?;
        Some((folded.split_off(self.unwritten.len()), at))
    }
}

fn is_whole(word: &[u8]) -> bool {
    !word.contains(&UNKNOWN) && check(word) == Checked::Whole
}

fn check_line_0(written: &[u8]) -> LineCheck {
    let word = Word { unwritten: Vec::new(), length: LINE_0 };
    match check_row(&word, written) {
        // Passing the check is not sufficient for a line 0.
        LineCheck::Right if FirstLine::read(written).is_none() => LineCheck::Wrong,
        LineCheck::Suggestion { line, error: slip } => match FirstLine::read(&symbols_of(&line)) {
            // The prefix is displayed with its L, which counts as 1 in the check.
            Some(FirstLine { kind, .. }) => {
                let line = prefix(kind).to_owned() + line.get(PREFIX..).unwrap_or_default();
                LineCheck::Suggestion { line, error: slip }
            }
            None => LineCheck::Wrong,
        },
        found => found,
    }
}

/// Checks the written symbols by their own check alone.
fn check_row(word: &Word, written: &[u8]) -> LineCheck {
    let suggestion =
        |line: &[u8], slip| LineCheck::Suggestion { line: in_groups(line), error: slip };
    if written.len() == word.length {
        if is_whole(&word.with_implicit(written)) {
            return LineCheck::Right;
        }
        return match word.correct(written) {
            Some((line, at)) => suggestion(&line, TypingError::Wrong { place: at + 1 }),
            None => LineCheck::Wrong,
        };
    }
    if let Some(missing @ 1..) = word.length.checked_sub(written.len()) {
        if missing == 1
            && let Some((line, at)) = only_line(with_one_more(word, written))
        {
            return suggestion(&line, TypingError::Missing { place: at + 1 });
        }
        return LineCheck::Unfinished { missing };
    }
    let added = written.len() - word.length;
    if added == 1
        && let Some((line, at)) = only_line(with_one_less(word, written))
    {
        return suggestion(&line, TypingError::Added { place: at + 1 });
    }
    LineCheck::TooLong { added }
}

/// Returns each line that results from inserting one symbol and passes its check.
fn with_one_more(word: &Word, written: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let ways = (0..=written.len()).filter_map(|at| {
        let (before, after) = written.split_at(at);
        word.correct(&[before, &[UNKNOWN], after].concat()).filter(|(_, found)| *found == at)
    });
    ways.collect()
}

/// Returns each line that results from removing one symbol and passes its check.
fn with_one_less(word: &Word, written: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let ways = (0..written.len()).filter_map(|at| {
        let rest = [&written[..at], &written[at + 1..]].concat();
        is_whole(&word.with_implicit(&rest)).then_some((rest, at))
    });
    ways.collect()
}

/// Returns the only line among several variants, if all are the same.
fn only_line(mut ways: Vec<(Vec<u8>, usize)>) -> Option<(Vec<u8>, usize)> {
    ways.dedup_by(|a, b| a.0 == b.0);
    if ways.len() == 1 { ways.pop() } else { None }
}

fn in_groups(line: &[u8]) -> String {
    let groups = line.chunks(5).map(|group| group.iter().copied().map(symbols::symbol).collect());
    groups.collect::<Vec<String>>().join(" ")
}

/// Returns the tag under which a row passes its check. There is exactly one: the tag has three
/// symbols, and so has the check.
fn tag_of(row: usize, written: &[u8]) -> Option<[u8; TAG_LEN]> {
    if written.contains(&UNKNOWN) || written.len() > ROW || written.len() <= CHECKSUM_LEN {
        return None;
    }
    let (data, found) = written.split_at(written.len() - CHECKSUM_LEN);
    let under = |tag| checks(implicit_symbols(row, tag).into_iter().chain(data.iter().copied()));
    // The checks are linear. These are the contributions of each symbol of the tag.
    let without = under([0; TAG_LEN]);
    let add =
        |a: [u8; CHECKSUM_LEN], b: [u8; CHECKSUM_LEN]| [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2]];
    let times = |by: u8, of: [u8; CHECKSUM_LEN]| of.map(|value| multiply(by, value));
    let of = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(|unit| add(under(unit), without));
    let needed = [found[0] ^ without[0], found[1] ^ without[1], found[2] ^ without[2]];
    (0..32).find_map(|a| {
        let left = add(needed, times(a, of[0]));
        (0..32).find_map(|b| {
            let left = add(left, times(b, of[1]));
            (0..32).find(|&c| times(c, of[2]) == left).map(|c| [a, b, c])
        })
    })
}

const _: () =
    assert!(IMPLICIT_LEN + ROW <= 31, "a row and what isn't written of it are one codeword");

#[cfg(test)]
mod tests;
