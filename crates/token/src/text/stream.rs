//! A text as the symbols that are in it, in order: everything that mail programs, typewriters and text recognition
//! put between them is dropped, and what looks like a symbol is that symbol. What the symbols mean is decided elsewhere.

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use super::work::Work;
use super::{PREFIX, ROW, UNKNOWN};
use crate::error::TextError;
use crate::limits::MAX_TEXT_BYTES;
use crate::symbols;

/// White space, a sign or a line's end stands before the symbol.
const APART: u8 = 1;
/// It is written in lower case.
const LOWER: u8 = 2;

/// Longest line that is written in its usual form before it is looked at as a whole. No row is so long; of a longer
/// line the form is made as it goes, because it can have eighteen characters for one.
const LONG_LINE: usize = 4096;

/// What each ASCII character is: a symbol's value or [`UNKNOWN`], with [`SMALL`] where it is a lower-case letter;
/// or [`SIGN`].
const ASCII: [u8; 128] = {
    let mut table = [SIGN; 128];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8 as char;
        if character.is_ascii_alphanumeric() {
            let value = match symbols::value(character) {
                Some(value) => value,
                None => UNKNOWN,
            };
            table[byte] = if character.is_ascii_lowercase() { value | SMALL } else { value };
        }
        byte += 1;
    }
    table
};
const SIGN: u8 = 0x80;
const SMALL: u8 = 0x40;

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
    pub(super) number: u16,
    /// How many symbols it has.
    length: u16,
    /// Its first symbol.
    at: u32,
}

impl NumberedLine {
    pub(super) fn at(self) -> usize {
        self.at as usize
    }

    pub(super) fn end(self) -> usize {
        self.at() + usize::from(self.length)
    }
}

/// Where a line has got to.
struct Place {
    /// Upper-case symbols in a row.
    run: usize,
    /// [`APART`] if something stands before the next symbol.
    apart: u8,
}

impl Stream {
    /// A run of so many upper-case symbols is not a word.
    const ROWS_RUN: usize = 50;

    pub(super) fn from_text(text: &str, work: &Work) -> Result<Self, TextError> {
        work.spend(text.len());
        let mut stream = Self {
            symbols: Vec::with_capacity(text.len()),
            marks: Vec::with_capacity(text.len()),
            rows: Vec::new(),
            looks_like_rows: false,
        };
        let mut previous = None;
        let mut usual = String::new();
        for line in text.lines() {
            let at = stream.symbols.len();
            // Compatibility forms first: full-width letters, ligatures, letter-like signs.
            let is_usual = line.is_ascii() || is_nfkc_quick(line.chars()) == IsNormalized::Yes;
            let number = if is_usual {
                let (number, rest) = without_row_number(line, previous);
                stream.push_line(rest)?;
                number
            } else if line.len() <= LONG_LINE {
                usual.clear();
                usual.extend(usual_form(line));
                work.spend(usual.len());
                let (number, rest) = without_row_number(&usual, previous);
                stream.push_line(rest)?;
                number
            } else {
                stream.push_characters(usual_form(line))?;
                work.spend(stream.symbols.len() - at);
                None
            };
            work.check()?;
            let length = stream.symbols.len() - at;
            if let Some(number) = number
                && let (Ok(at), Ok(length)) = (u32::try_from(at), u16::try_from(length))
            {
                stream.rows.push(NumberedLine { number, length, at });
            }
            // Text recognition and some printers put an empty line between two rows.
            if length > 0 {
                previous = number;
            }
        }
        stream.looks_like_rows |= stream.rows.len() > 1;
        Ok(stream)
    }

    fn push_line(&mut self, line: &str) -> Result<(), TextError> {
        if !line.is_ascii() {
            return self.push_characters(line.chars());
        }
        // Most of what is read is this, and it isn't longer than the text.
        let mut place = Place { run: 0, apart: APART };
        for &byte in line.as_bytes() {
            let what = ASCII[usize::from(byte & 127)];
            if what == SIGN {
                place = Place { run: 0, apart: APART };
                continue;
            }
            self.push(what & !SMALL, if what & SMALL == 0 { 0 } else { LOWER }, &mut place);
        }
        Ok(())
    }

    fn push_characters(&mut self, characters: impl Iterator<Item = char>) -> Result<(), TextError> {
        let mut place = Place { run: 0, apart: APART };
        for character in characters {
            if !character.is_alphanumeric() {
                // Zero-width characters and soft hyphens don't end a run, spaces and signs do.
                place.run = if character.is_ascii() { 0 } else { place.run };
                if character.is_ascii() || character.is_whitespace() {
                    place.apart = APART;
                }
                continue;
            }
            if self.symbols.len() >= MAX_TEXT_BYTES {
                return Err(TextError::TooMuchWork);
            }
            let value = symbols::value(look_alike(character)).unwrap_or(UNKNOWN);
            self.push(value, if character.is_lowercase() { LOWER } else { 0 }, &mut place);
        }
        Ok(())
    }

    #[inline]
    fn push(&mut self, value: u8, lower: u8, place: &mut Place) {
        self.symbols.push(value);
        self.marks.push(std::mem::take(&mut place.apart) | lower);
        place.run = if value == UNKNOWN || lower != 0 { 0 } else { place.run + 1 };
        self.looks_like_rows |= place.run >= Self::ROWS_RUN;
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

/// A line with one character for every way of writing it. Of marks on one letter it takes only so many at a time,
/// which bounds what it holds.
fn usual_form(line: &str) -> impl Iterator<Item = char> {
    line.chars().stream_safe().nfkc()
}

/// On paper every row has its number before it: one to three digits, then groups of five. Takes the number off.
/// Anything but five groups is a row only where one is expected, because prose begins with numbers too.
fn without_row_number(line: &str, previous: Option<u16>) -> (Option<u16>, &str) {
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
