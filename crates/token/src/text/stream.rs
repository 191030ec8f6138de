//! A text as the symbols that are in it, in order: everything that mail programs, typewriters and text recognition
//! put between them is dropped, and what looks like a symbol is that symbol. What the symbols mean is decided elsewhere.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use super::{PREFIX, ROW, UNKNOWN};
use crate::symbols;

/// White space, a sign or a line's end stands before the symbol.
const APART: u8 = 1;
/// It is written in lower case.
const LOWER: u8 = 2;

/// The symbols of a text.
pub(super) struct Stream {
    pub(super) symbols: Vec<u8>,
    /// [`APART`] and [`LOWER`] for each symbol.
    marks: Vec<u8>,
    /// The lines that had a row number, in the text's order.
    pub(super) rows: Vec<NumberedLine>,
    /// There is a run that looks like the inside of a token.
    pub(super) looks_like_rows: bool,
}

/// A line with a row number before it, as on paper.
#[derive(Clone, Copy)]
pub(super) struct NumberedLine {
    pub(super) number: usize,
    /// Its first symbol.
    pub(super) at: usize,
    /// How many symbols it has.
    pub(super) length: usize,
}

impl Stream {
    /// A run of so many upper-case symbols is not a word.
    const ROWS_RUN: usize = 50;

    pub(super) fn from_text(text: &str) -> Self {
        let mut stream = Self {
            symbols: Vec::with_capacity(text.len()),
            marks: Vec::with_capacity(text.len()),
            rows: Vec::new(),
            looks_like_rows: false,
        };
        let mut previous = None;
        for line in text.lines() {
            // Compatibility forms first: full-width letters, ligatures, letter-like signs.
            let line = match is_nfkc_quick(line.chars()) {
                IsNormalized::Yes => Cow::Borrowed(line),
                _ => Cow::Owned(line.nfkc().collect()),
            };
            let (number, rest) = without_row_number(&line, previous);
            let at = stream.symbols.len();
            stream.push_line(rest);
            let length = stream.symbols.len() - at;
            stream.rows.extend(number.map(|number| NumberedLine { number, at, length }));
            // Text recognition and some printers put an empty line between two rows.
            if length > 0 {
                previous = number;
            }
        }
        stream.looks_like_rows |= stream.rows.len() > 1;
        stream
    }

    fn push_line(&mut self, line: &str) {
        let mut run = 0;
        let mut apart = APART;
        for character in line.chars() {
            if !character.is_alphanumeric() {
                // Zero-width characters and soft hyphens don't end a run, spaces and signs do.
                run = if character.is_ascii() { 0 } else { run };
                if character.is_ascii() || character.is_whitespace() {
                    apart = APART;
                }
                continue;
            }
            let value = symbols::value(look_alike(character)).unwrap_or(UNKNOWN);
            let lower = if character.is_lowercase() { LOWER } else { 0 };
            self.symbols.push(value);
            self.marks.push(std::mem::take(&mut apart) | lower);
            run = if value == UNKNOWN || lower != 0 { 0 } else { run + 1 };
            self.looks_like_rows |= run >= Self::ROWS_RUN;
        }
    }

    /// Something stands between this symbol and the one before it.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        self.marks.get(at).is_none_or(|mark| mark & APART != 0)
    }

    /// Whether the prefix at a place is written as one, not in the middle of words: bulk requests and Balkans
    /// are no tokens.
    pub(super) fn stands_alone(&self, at: usize) -> bool {
        (at..self.symbols.len())
            .take(PREFIX)
            .enumerate()
            .all(|(index, at)| self.is_apart(at) == (index == 0))
    }

    /// How many of these symbols are written in lower case.
    pub(super) fn lower_case(&self, at: usize, length: usize) -> usize {
        self.marks.iter().skip(at).take(length).filter(|&mark| mark & LOWER != 0).count()
    }
}

/// On paper every row has its number before it: one to three digits, then groups of five. Takes the number off.
/// Anything but five groups is a row only where one is expected, because prose begins with numbers too.
fn without_row_number(line: &str, previous: Option<usize>) -> (Option<usize>, &str) {
    let separator = |character: char| !character.is_alphanumeric();
    let trimmed = line.trim_start_matches(separator);
    let Some((number, rest)) = trimmed.split_once(separator) else {
        return (None, line);
    };
    if number.is_empty() || number.len() > 3 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (None, line);
    }
    let groups = rest.split(separator).filter(|group| !group.is_empty());
    // Spaces may have come into a row; more groups than a row has symbols are none.
    let lengths: Vec<_> = groups.map(|group| group.chars().count()).take(ROW + 1).collect();
    let Some((&last, before)) = lengths.split_last() else {
        return (None, line);
    };
    let grouped = last <= 5 && before.len() <= 4 && before.iter().all(|&length| length == 5);
    let full = lengths == [5; 5];
    let as_long_as_a_row = lengths.iter().sum::<usize>() == ROW;
    let number = number.parse().ok();
    let expected = number == Some(0) || previous.map(|previous| previous + 1) == number;
    let is_row = full || expected && (grouped || as_long_as_a_row);
    if is_row { (number, rest) } else { (None, line) }
}

/// Letters of other alphabets that look like one of ours: what a text recognition or a helpful keyboard
/// makes of them.
pub(crate) fn look_alike(character: char) -> char {
    match character {
        'А' | 'а' | 'Α' | 'α' => 'A',
        'В' | 'Β' | 'β' => 'B',
        'С' | 'с' => 'C',
        'Е' | 'е' | 'Ε' | 'ε' => 'E',
        'Ԍ' => 'G',
        'Н' | 'Η' => 'H',
        'І' | 'і' | 'Ι' | 'ι' | 'ı' | 'Ӏ' => '1',
        'Ј' | 'ј' => 'J',
        'К' | 'к' | 'Κ' | 'κ' => 'K',
        'М' | 'м' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'о' | 'Ο' | 'ο' | 'Ø' | 'ø' => '0',
        'Р' | 'р' | 'Ρ' | 'ρ' => 'P',
        'Ѕ' | 'ѕ' => 'S',
        'Т' | 'т' | 'Τ' | 'τ' => 'T',
        'Ѵ' | 'ν' => 'V',
        'Ԝ' | 'ԝ' => 'W',
        'Х' | 'х' | 'Χ' | 'χ' => 'X',
        'У' | 'у' | 'Υ' | 'γ' => 'Y',
        'Ζ' | 'ζ' => 'Z',
        other => other,
    }
}
