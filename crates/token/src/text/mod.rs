//! The text of a token: line 0, which says what it is, and self-checking rows; and the reader that finds
//! tokens in whatever they were pasted in.
//!
//! ```text
//! line 0   prefix(5) length(3) tag(3) check(3)          length in bytes, tag = 15 bits of SHA-256(token)
//! row n    data(22, the last row fewer) check(3)        checked together with row number(2) and tag(3)
//! ```
//!
//! Every symbol is Crockford's base 32. A row's number and the tag take part in its check without being
//! written, so a row in the wrong place or of another token doesn't pass.

mod rows;

use std::borrow::Cow;
use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use crate::envelope::{Kind, Token};
use crate::error::{ReadError, TextError};
use crate::frames;
use crate::limits::{MAX_TEXT_BYTES, MAX_TOKENS};
use crate::reed_solomon::{CHECKS, checks};
use crate::symbols;

pub(crate) const PREFIX: usize = 5;
const LENGTH: usize = 3;
pub(crate) const TAG: usize = 3;
/// Symbols of line 0.
pub(crate) const LINE_0: usize = PREFIX + LENGTH + TAG + CHECKS;
pub(crate) const ROW_DATA: usize = 22;
/// Symbols of a row, the last one may have fewer.
pub(crate) const ROW: usize = ROW_DATA + CHECKS;
/// Symbols that take part in a row's check without being written: row number and tag.
pub(crate) const UNWRITTEN: usize = 2 + TAG;

/// A letter or digit that isn't a symbol. Its row's check may still say what stood there.
pub(crate) const UNKNOWN: u8 = 32;

/// Readable beginnings, which differ from each other in three symbols: REQuest, ANSwer, reFreSH, DeACtivation.
pub(crate) const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "LKREQ",
        Kind::Response => "LKANS",
        Kind::Refresh => "LKFSH",
        Kind::Deactivation => "LKDAC",
    }
}

/// The prefixes as values, in the order of [`Kind::ALL`].
const PREFIXES: [[u8; PREFIX]; 4] = {
    let mut all = [[UNKNOWN; PREFIX]; 4];
    let mut index = 0;
    while index < all.len() {
        let written = prefix(Kind::ALL[index]).as_bytes();
        let mut at = 0;
        while at < PREFIX {
            if let Some(value) = symbols::value(written[at] as char) {
                all[index][at] = value;
            }
            at += 1;
        }
        index += 1;
    }
    all
};

pub(crate) const fn prefix_values(kind: Kind) -> [u8; PREFIX] {
    // Kinds are numbered from 1 in the order of `Kind::ALL`.
    PREFIXES[kind as usize - 1]
}

/// Writes a token as one unbroken string.
pub(crate) fn write(token: &Token) -> String {
    let bytes = token.as_bytes();
    let tag = tag(bytes);
    let beginning: Vec<_> =
        [&prefix_values(token.kind())[..], &number_values(bytes.len()), &tag].concat();
    let mut text = prefix(token.kind()).to_owned();
    let mut put = |values: &[u8]| text.extend(values.iter().map(|&value| symbols::symbol(value)));
    put(&beginning[PREFIX..]);
    put(&checks(beginning.iter().copied()));
    for (index, data) in symbols::from_bytes(bytes).chunks(ROW_DATA).enumerate() {
        put(data);
        put(&checks(unwritten(index + 1, tag).into_iter().chain(data.iter().copied())));
    }
    text
}

/// The first 15 bits of the token's digest.
pub(crate) fn tag(token: &[u8]) -> [u8; TAG] {
    let digest = Sha256::digest(token);
    let values = symbols::from_bytes(&digest[..2]);
    [values[0], values[1], values[2]]
}

/// A number below 2¹⁵ as three values.
fn number_values(number: usize) -> [u8; LENGTH] {
    [(number >> 10 & 31) as u8, (number >> 5 & 31) as u8, (number & 31) as u8]
}

pub(crate) fn unwritten(row: usize, tag: [u8; TAG]) -> [u8; UNWRITTEN] {
    [(row >> 5 & 31) as u8, (row & 31) as u8, tag[0], tag[1], tag[2]]
}

/// A token that was recognised in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What its prefix says it is.
    pub kind: Kind,
    /// Wrong characters that were corrected. Trust a repaired token like any other: only once its
    /// signature verifies.
    pub repaired: usize,
    /// The token, or why it can't be put together.
    pub token: Result<Token, ReadError>,
}

/// Finds every token in a text: pasted, quoted, wrapped, numbered or typed. Identical tokens are given once.
///
/// # Errors
/// [`TextError`] when the text is too large, has too many tokens, or has none.
pub fn read(text: &str) -> Result<Vec<Found>, TextError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TextError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    // Frames of several pictures stand for the tokens that they make together.
    let (text, mut found) = match frames::put_together(text) {
        Some((text, incomplete)) => (Cow::Owned(text), incomplete),
        None => (Cow::Borrowed(text), Vec::new()),
    };
    if found.len() > MAX_TOKENS {
        return Err(TextError::TooManyTokens { limit: MAX_TOKENS });
    }
    let stream = Stream::from_text(&text);
    let mut seen = HashSet::new();
    let mut at = 0;
    while at < stream.symbols.len() {
        match beginning_at(&stream.symbols, at) {
            Some(Beginning::Damaged(kind)) if stream.stands_alone(at) => {
                found.push(Found { kind, repaired: 0, token: Err(ReadError::Beginning) });
                at += PREFIX;
            }
            Some(Beginning::Whole(line)) => {
                let token = rows::read(&stream.symbols, at + LINE_0, line);
                if token.found.token.is_err() && !token.has_whole_row && !stream.stands_alone(at) {
                    at += 1;
                    continue;
                }
                at = token.behind;
                let token = token.found;
                if token.token.as_ref().is_ok_and(|token| !seen.insert(token.clone())) {
                    continue;
                }
                found.push(token);
            }
            _ => at += 1,
        }
        if found.len() > MAX_TOKENS {
            return Err(TextError::TooManyTokens { limit: MAX_TOKENS });
        }
    }
    match found.is_empty() {
        false => Ok(found),
        true if stream.looks_like_rows => Err(TextError::NoBeginning),
        true => Err(TextError::NoneFound),
    }
}

/// The text of a file or of standard input, whatever its encoding: UTF-16 where it begins with a byte order mark,
/// which is what some editors save; otherwise UTF-8. Tokens are ASCII, so bytes that are neither become a question
/// mark. In UTF-8 the text is never longer than its bytes, so a bound on these holds for it.
#[must_use]
pub fn decode_text(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<_> = bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.push_str(if chunk.invalid().is_empty() { "" } else { "?" });
            }
            text
        }
    }
}

/// The symbols of a text, in order, with everything else dropped.
struct Stream {
    symbols: Vec<u8>,
    /// For each symbol: white space, a sign or a line's end stood before it.
    apart: Vec<bool>,
    /// There is a run that looks like the inside of a token.
    looks_like_rows: bool,
}

impl Stream {
    /// A run of so many upper-case symbols is not a word.
    const ROWS_RUN: usize = 50;

    fn from_text(text: &str) -> Self {
        let mut stream = Self {
            symbols: Vec::with_capacity(text.len()),
            apart: Vec::with_capacity(text.len()),
            looks_like_rows: false,
        };
        let mut previous_row = None;
        let mut grouped_rows = 0;
        for line in text.lines() {
            // Compatibility forms first: full-width letters, ligatures, letter-like signs.
            let line = match is_nfkc_quick(line.chars()) {
                IsNormalized::Yes => Cow::Borrowed(line),
                _ => Cow::Owned(line.nfkc().collect()),
            };
            let (row, rest) = without_row_number(&line, previous_row);
            grouped_rows += usize::from(row.is_some());
            previous_row = row;
            stream.push_line(rest);
        }
        stream.looks_like_rows |= grouped_rows > 1;
        stream
    }

    fn push_line(&mut self, line: &str) {
        let mut run = 0;
        let mut apart = true;
        for character in line.chars() {
            if !character.is_alphanumeric() {
                // Zero-width characters and soft hyphens don't end a run, spaces and signs do.
                run = if character.is_ascii() { 0 } else { run };
                apart |= character.is_ascii() || character.is_whitespace();
                continue;
            }
            let value = symbols::value(look_alike(character)).unwrap_or(UNKNOWN);
            self.symbols.push(value);
            self.apart.push(std::mem::take(&mut apart));
            run = if value == UNKNOWN || character.is_lowercase() { 0 } else { run + 1 };
            self.looks_like_rows |= run >= Self::ROWS_RUN;
        }
    }
}

impl Stream {
    /// Whether the prefix at a place is written as one, not in the middle of words: bulk requests and Balkans
    /// are no tokens.
    fn stands_alone(&self, at: usize) -> bool {
        self.apart[at..]
            .iter()
            .take(PREFIX)
            .enumerate()
            .all(|(index, &apart)| apart == (index == 0))
    }
}

/// On paper every row has its number before it: one to three digits, then groups of five. Takes the
/// number off. Fewer than five groups are a row only where one is expected, because prose begins with
/// numbers too.
fn without_row_number(line: &str, previous: Option<u32>) -> (Option<u32>, &str) {
    let separator = |character: char| !character.is_alphanumeric();
    let trimmed = line.trim_start_matches(separator);
    let Some((number, rest)) = trimmed.split_once(separator) else {
        return (None, line);
    };
    if number.is_empty() || number.len() > 3 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (None, line);
    }
    let lengths: Vec<_> = rest
        .split(separator)
        .filter(|group| !group.is_empty())
        .map(|group| group.chars().count())
        .take(6)
        .collect();
    let Some((&last, before)) = lengths.split_last() else {
        return (None, line);
    };
    if last > 5 || before.len() > 4 || before.iter().any(|&length| length != 5) {
        return (None, line);
    }
    let number = number.parse().ok();
    let expected = number == Some(0) || previous.map(|previous| previous + 1) == number;
    let full = before.len() == 4 && last == 5;
    if full || expected { (number, rest) } else { (None, line) }
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

/// What stands at a place where a token could begin.
enum Beginning {
    Whole(Line0),
    Damaged(Kind),
}

#[derive(Clone, Copy)]
struct Line0 {
    kind: Kind,
    bytes: usize,
    tag: [u8; TAG],
    repaired: usize,
}

fn beginning_at(stream: &[u8], at: usize) -> Option<Beginning> {
    let rest = &stream[at..];
    let here = rest.get(..PREFIX)?;
    let [l, k, ..] = prefix_values(Kind::Request);
    if here[0] != l && here[1] != k {
        return None;
    }
    let (kind, wrong) = Kind::ALL
        .into_iter()
        .map(|kind| {
            let wrong =
                here.iter().zip(prefix_values(kind)).filter(|&(&here, there)| here != there);
            (kind, wrong.count())
        })
        .min_by_key(|&(_, wrong)| wrong)
        .filter(|&(_, wrong)| wrong <= 1)?;
    let line = rest.get(..LINE_0).and_then(|line| {
        let (line, repaired) = rows::corrected(line, 0)?;
        (line[..PREFIX] == prefix_values(kind)).then(|| Line0 {
            kind,
            bytes: line[PREFIX..PREFIX + LENGTH]
                .iter()
                .fold(0, |sum, &value| sum << 5 | usize::from(value)),
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
