//! The text of a token, which consists of line 0 with its kind and length and of self-checking
//! rows, and the scanner that finds tokens in any text that they were pasted into.
//!
//! ```text
//! line 0   prefix(5) length(3) tag(3) check(3)          length in bytes, tag = 15 bits of SHA-256(token)
//! row n    data(22, the last row fewer) check(3)        checked together with row number(2) and tag(3)
//! ```
//!
//! Every symbol is Crockford's base 32. A row's number and the tag take part in its check without
//! being written, so a row in the wrong place or of another token doesn't pass.

pub(crate) mod activation_code;
mod adjoining_text;
mod ambiguous_keys;
mod columns;
mod content_type;
mod encoding;
mod extract;
mod keyboard_layouts;
mod ligature_keys;
pub(crate) mod line_repair;
pub mod manual_entry;
#[cfg(test)]
mod mention_tests;
mod message_pieces;
mod normal_forms;
mod ocr_sheets;
mod reordered_pieces;
mod rows;
mod symbol_stream;
pub(crate) mod work_budget;
#[cfg(test)]
mod work_budget_tests;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use crate::error::{ReadError, TextError};
use crate::frames;
use crate::reed_solomon::{CHECKSUM_LEN, Remainder, checks, contribution};
use crate::wire::envelope::{Kind, Token};
use crate::wire::limits::{MAX_TEXT_BYTES, MAX_TOKENS};
use crate::wire::symbols;

pub use content_type::{pictures_in_mail, text_of_file};
pub use encoding::decode_text;
pub(crate) use extract::{without_escapes, without_percents};
pub(crate) use keyboard_layouts::readings as keyboard_readings;
pub(crate) use normal_forms::{digit, look_alike};
use symbol_stream::SymbolStream;
use work_budget::WorkBudget;

pub(crate) const PREFIX: usize = 5;
const LENGTH: usize = 3;
pub(crate) const TAG_LEN: usize = 3;
/// The number of symbols of line 0.
pub(crate) const LINE_0: usize = PREFIX + LENGTH + TAG_LEN + CHECKSUM_LEN;
pub(crate) const ROW_DATA: usize = 22;
/// The number of symbols of a row. The last row may have fewer.
pub(crate) const ROW: usize = ROW_DATA + CHECKSUM_LEN;
/// The number of implicit symbols, which are part of a row's check without being written: row
/// number and tag.
pub(crate) const IMPLICIT_LEN: usize = 2 + TAG_LEN;

/// How many symbols may have been lost or added in a line 0 that is too damaged to be read.
const MAX_HEADER_SHIFT: usize = 5;
/// Steps that hashing a symbol takes.
const DIGEST_STEPS_PER_SYMBOL: usize = 4;

/// A letter or digit that isn't a symbol. The check of its row may still determine the original
/// symbol.
pub(crate) const UNKNOWN: u8 = 32;

/// Returns the readable prefix of a kind. Prefixes differ from each other in three symbols:
/// REQuest, ANSwer, reFreSH, DeACtivation.
pub(crate) const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "LKREQ",
        Kind::Response => "LKANS",
        Kind::Refresh => "LKFSH",
        Kind::Deactivation => "LKDAC",
    }
}

/// The symbol values of the prefixes, in the order of [`Kind::ALL`].
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
pub(crate) fn encode(token: &Token) -> String {
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
        put(&checks(implicit_symbols(index + 1, tag).into_iter().chain(data.iter().copied())));
    }
    text
}

/// Returns the first 15 bits of the token's digest.
pub(crate) fn tag(token: &[u8]) -> [u8; TAG_LEN] {
    tag_of(Sha256::new_with_prefix(token))
}

fn tag_of(digest: Sha256) -> [u8; TAG_LEN] {
    let digest = digest.finalize();
    let bits = u16::from_be_bytes([digest[0], digest[1]]) >> 1;
    [(bits >> 10) as u8, (bits >> 5 & 31) as u8, (bits & 31) as u8]
}

/// Returns a number below 2¹⁵ as three symbol values.
fn number_values(number: usize) -> [u8; LENGTH] {
    [(number >> 10 & 31) as u8, (number >> 5 & 31) as u8, (number & 31) as u8]
}

/// Returns the number that three symbol values represent.
fn number_of(values: &[u8]) -> usize {
    values.iter().fold(0, |sum, &value| sum << 5 | usize::from(value))
}

/// Returns the contribution of a row's number and the tag to its remainder, with `length` written
/// symbols after them.
pub(crate) fn implicit_remainder(row: usize, tag: [u8; TAG_LEN], length: usize) -> Remainder {
    let degrees = (0..length + IMPLICIT_LEN).rev();
    let symbols = implicit_symbols(row, tag).into_iter().zip(degrees);
    symbols.fold(0, |sum, (symbol, degree)| sum ^ contribution(degree, symbol))
}

pub(crate) fn implicit_symbols(row: usize, tag: [u8; TAG_LEN]) -> [u8; IMPLICIT_LEN] {
    [(row >> 5 & 31) as u8, (row & 31) as u8, tag[0], tag[1], tag[2]]
}

/// A token that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// The kind that its prefix states.
    pub kind: Kind,
    /// The number of characters that were corrected. A repaired token is trusted like any other:
    /// only once its signature verifies.
    pub repaired: usize,
    /// The token, or the reason why it can't be reconstructed.
    pub token: Result<Token, ReadError>,
}

/// Finds every token in a text: pasted, quoted, wrapped, numbered or typed; in the source of a mail
/// or a web page, or in a link. Identical tokens are returned once.
///
/// # Errors
/// - [`TextError::TooLarge`] and [`TextError::TooManyTokens`] if the text exceeds a limit.
/// - [`TextError::NoneFound`] and [`TextError::NoBeginning`] if there is no token in it.
/// - [`TextError::Encrypted`] and [`TextError::Picture`] if there is none because the text is an
///   encrypted mail or a drawing.
/// - [`TextError::TooMuchWork`] if scanning takes too many steps.
pub fn scan(text: &str) -> Result<Vec<FoundToken>, TextError> {
    match scan_within(text, &WorkBudget::for_text(text)) {
        Err(TextError::NoneFound) => {
            Err(content_type::of_unreadable_text(text).unwrap_or(TextError::NoneFound))
        }
        read => read,
    }
}

/// Returns a text without the formats that mails, web pages, documents and links wrap around it, or
/// `None` if there are none.
pub(crate) fn extracted_text(text: &str) -> Option<String> {
    extract::extract(text, &WorkBudget::for_text(text)).ok().flatten()
}

/// Scans a text as section 7 and sections B.1 to B.5 of the specification define, without unpacking
/// and alternative readings.
#[cfg(test)]
pub(crate) fn scan_as_specified(text: &str) -> Result<Vec<FoundToken>, TextError> {
    let work = WorkBudget::for_text(text);
    Ok(found(without_damaged_copies(read_plain(text, &work)?, &work)))
}

/// Like [`scan`], but reports beginnings of tokens that are only mentioned, as appendix B does.
#[cfg(test)]
pub(crate) fn scan_with_mentions(text: &str) -> Result<Vec<FoundToken>, TextError> {
    Ok(found(detections_in(text, &WorkBudget::for_text(text))?))
}

/// A token that was detected, with the information that shows whether it is a copy of another one
/// in the text.
pub(crate) struct Detection {
    pub(crate) found: FoundToken,
    pub(crate) identity: Identity,
    /// Whether only the beginning of a token is present, as in a text about tokens.
    pub(crate) is_mention: bool,
}

impl Detection {
    pub(crate) const fn new(found: FoundToken, identity: Identity) -> Self {
        Self { found, identity, is_mention: false }
    }
}

/// What is known about a token apart from the result.
pub(crate) enum Identity {
    /// The token is intact.
    Whole,
    /// The length in bytes and the tag that line 0 states.
    Line(usize, [u8; TAG_LEN]),
    /// The tag that a frame states.
    Frame([u8; TAG_LEN]),
    /// The symbols at the position of the first row, with some before and after them: line 0 is
    /// damaged.
    FirstRow(Vec<u8>),
}

/// Scans a text within a budget. If a token is intact, text that only mentions a token isn't
/// reported: mails state how their token begins.
pub(crate) fn scan_within(text: &str, work: &WorkBudget) -> Result<Vec<FoundToken>, TextError> {
    let mut seen = detections_in(text, work)?;
    if seen.iter().any(|sight| sight.found.token.is_ok()) {
        seen.retain(|sight| !sight.is_mention);
    }
    Ok(found(seen))
}

fn detections_in(text: &str, work: &WorkBudget) -> Result<Vec<Detection>, TextError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TextError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    let Some(unpacked) = extract::extract(text, work)? else {
        let seen = read_in_every_way(text, work, |seen| seen)?;
        return Ok(without_damaged_copies(seen, work));
    };
    let shown = read_in_every_way(&unpacked, work, without_repetitions);
    drop(unpacked);
    let shown = match shown {
        Err(TextError::NoneFound | TextError::NoBeginning) => {
            let seen = read_in_every_way(text, work, |seen| seen)?;
            return Ok(without_damaged_copies(seen, work));
        }
        shown => shown?,
    };
    // Text that was removed may have been part of a token, so intact tokens in the original text
    // count as well.
    let seen = merge_whole_tokens(shown, read_plain(text, work))?;
    Ok(without_damaged_copies(seen, work))
}

fn found(seen: Vec<Detection>) -> Vec<FoundToken> {
    seen.into_iter().map(|sight| sight.found).collect()
}

/// An alternative reading of a text, or `None` if it doesn't apply to the text.
type Reading = fn(&str, &WorkBudget) -> Option<String>;

/// When an alternative reading may find more.
#[derive(Clone, Copy)]
enum AppliesTo {
    /// A token is damaged.
    Damaged,
    /// A token is damaged, or it was repaired although it may have been correct.
    Repaired,
    /// A token is damaged or repaired, or nothing was found because a prefix that runs into other
    /// text isn't recognised.
    Nothing,
}

const ALTERNATIVE_READINGS: [(Reading, AppliesTo); 5] = [
    (message_pieces::isolated, AppliesTo::Repaired),
    (columns::columns_in_sequence, AppliesTo::Damaged),
    (adjoining_text::split_shared_lines, AppliesTo::Repaired),
    (adjoining_text::without_adjoining_text, AppliesTo::Nothing),
    (adjoining_text::without_adjoining_text_one_digit_hours, AppliesTo::Nothing),
];

/// Scans a text without further formats around it. If a token isn't intact, alternative readings
/// follow: without the text before and after each piece of a token, one column after the other,
/// with the pieces in their order, and as if it had been typed on another keyboard.
fn read_in_every_way(
    text: &str,
    work: &WorkBudget,
    tidied: fn(Vec<Detection>) -> Vec<Detection>,
) -> Result<Vec<Detection>, TextError> {
    let (mut seen, none) = match read_plain(text, work) {
        Ok(seen) => (tidied(seen), None),
        Err(error @ (TextError::NoneFound | TextError::NoBeginning)) => (Vec::new(), Some(error)),
        Err(error) => return Err(error),
    };
    for (reading, applies_to) in ALTERNATIVE_READINGS {
        let has_nothing = matches!(none, Some(TextError::NoneFound));
        let applies = match applies_to {
            AppliesTo::Damaged | AppliesTo::Repaired if has_nothing => false,
            AppliesTo::Repaired | AppliesTo::Nothing if is_repaired(&seen) => true,
            _ => !is_whole(&seen),
        };
        if applies
            && work.allows_another_reading()
            && let Some(other) = reading(text, work)
        {
            seen = merge_whole_tokens(seen, read_plain(&other, work))?;
            seen = without_damaged_copies(seen, work);
        }
    }
    if !is_whole(&seen)
        && none.is_none()
        && let Some(other) = reordered_pieces::reassemble(text, work)?
    {
        seen = merge_whole_tokens(seen, read_plain(&other, work))?;
        seen = without_damaged_copies(seen, work);
    }
    if !is_whole(&seen) {
        let sheets = ocr_sheets::scan_sheets(text, work)?;
        // Nothing shows that the damaged line 0 that was detected belongs to this sheet.
        let is_new =
            |sheet: &&Detection| seen.iter().all(|sight| sight.found.token != sheet.found.token);
        let new: Vec<_> = sheets.iter().filter(is_new).map(|sheet| sheet.found.kind).collect();
        for kind in new {
            let is_beginning = |sight: &Detection| {
                matches!(sight.identity, Identity::FirstRow(_)) && sight.found.kind == kind
            };
            if let Some(beginning) = seen.iter().position(is_beginning) {
                seen.remove(beginning);
            }
        }
        seen = merge_whole_tokens(seen, Ok(sheets))?;
        seen = without_damaged_copies(seen, work);
    }
    // The layout with which the most tokens are new counts. A token that is damaged in the original
    // text is damaged in this one as well, so this reading reports the damage.
    let mut best = (Vec::new(), Vec::new());
    for retyped in keyboard_layouts::retyped(text, is_whole(&seen), work) {
        let (mut whole, damaged) = partition_whole(read_plain(&retyped, work))?;
        whole.retain(|sight| seen.iter().all(|known| known.found.token != sight.found.token));
        let is_better = whole.len() > best.0.len()
            || whole.len() == best.0.len() && damaged.len() < best.1.len();
        if is_better && !whole.is_empty() {
            best = (whole, damaged);
        }
    }
    if !best.0.is_empty() {
        seen.retain(|sight| sight.found.token.is_ok());
        seen = merge_whole_tokens(seen, Ok(best.0))?;
        seen.extend(best.1);
        seen = without_damaged_copies(seen, work);
    }
    work.check()?;
    match seen.is_empty() {
        true => Err(none.unwrap_or(TextError::NoBeginning)),
        false => Ok(seen),
    }
}

/// Returns whether a token was repaired, or seemed to need it.
fn is_repaired(seen: &[Detection]) -> bool {
    seen.iter().any(|sight| sight.found.repaired > 0)
}

/// Returns whether something was found and everything is intact.
fn is_whole(seen: &[Detection]) -> bool {
    !seen.is_empty() && seen.iter().all(|sight| sight.found.token.is_ok())
}

/// Partitions the result of another reading into intact tokens and others.
///
/// # Errors
/// [`TextError::TooMuchWork`] if the reading ran out of steps. Other errors mean that it found
/// nothing.
fn partition_whole(
    other: Result<Vec<Detection>, TextError>,
) -> Result<(Vec<Detection>, Vec<Detection>), TextError> {
    match other {
        Err(TextError::TooMuchWork) => Err(TextError::TooMuchWork),
        other => Ok(other.into_iter().flatten().partition(|sight| sight.found.token.is_ok())),
    }
}

/// Adds the tokens that are intact in another reading of the same text. The smaller number of
/// repairs counts.
///
/// # Errors
/// [`TextError::TooMuchWork`] if the reading ran out of steps, and [`TextError::TooManyTokens`].
fn merge_whole_tokens(
    mut seen: Vec<Detection>,
    other: Result<Vec<Detection>, TextError>,
) -> Result<Vec<Detection>, TextError> {
    let (other, _) = partition_whole(other)?;
    let mut known: HashMap<Token, usize> = HashMap::new();
    for (at, sight) in seen.iter().enumerate() {
        known.extend(sight.found.token.clone().ok().map(|token| (token, at)));
    }
    for sight in other {
        let Ok(token) = &sight.found.token else { continue };
        match known.entry(token.clone()) {
            Entry::Occupied(at) => {
                let found = &mut seen[*at.get()].found;
                found.repaired = found.repaired.min(sight.found.repaired);
            }
            Entry::Vacant(entry) => {
                entry.insert(seen.len());
                seen.push(sight);
            }
        }
    }
    match seen.len() > MAX_TOKENS {
        true => Err(TextError::TooManyTokens { limit: MAX_TOKENS }),
        false => Ok(seen),
    }
}

/// Removes damaged copies of tokens that are intact in the same text.
fn without_damaged_copies(mut seen: Vec<Detection>, work: &WorkBudget) -> Vec<Detection> {
    let is_damaged = |sight: &Detection| sight.found.token.is_err();
    if !seen.iter().any(is_damaged) {
        return seen;
    }
    let (mut lines, mut frames, mut rows) = (HashSet::new(), HashSet::new(), HashSet::new());
    for token in seen.iter().filter_map(|sight| sight.found.token.as_ref().ok()) {
        let (kind, tag, text) = (token.kind(), tag(token.as_bytes()), token.to_string());
        work.spend(DIGEST_STEPS_PER_SYMBOL * text.len());
        lines.insert((kind, token.as_bytes().len(), tag));
        frames.insert((kind, tag));
        let row: Vec<_> = text.chars().filter_map(symbols::value).skip(LINE_0).take(ROW).collect();
        rows.insert((kind, row));
    }
    let is_copy = |sight: &Detection| {
        let kind = sight.found.kind;
        match &sight.identity {
            Identity::Whole => false,
            Identity::Line(bytes, tag) => lines.contains(&(kind, *bytes, *tag)),
            Identity::Frame(tag) => frames.contains(&(kind, *tag)),
            Identity::FirstRow(stretch) => {
                stretch.windows(ROW).any(|row| rows.contains(&(kind, row.to_vec())))
            }
        }
    };
    seen.retain(|sight| !is_copy(sight));
    seen
}

/// Removes repeated damage: a mail contains everything twice, as text and as HTML.
fn without_repetitions(seen: Vec<Detection>) -> Vec<Detection> {
    let mut named = HashSet::new();
    let is_new = |one: &Detection| match &one.found.token {
        Ok(_) => true,
        Err(error) => named.insert((one.found.kind, error.clone())),
    };
    seen.into_iter().filter(is_new).collect()
}

/// Finds every token in a text without further formats around it.
fn read_plain(text: &str, work: &WorkBudget) -> Result<Vec<Detection>, TextError> {
    // Frames of several QR codes are replaced by the tokens that they make up.
    work.spend(text.len());
    let (text, mut found) = match frames::put_together(text) {
        Some((text, incomplete)) => {
            work.spend(2 * text.len());
            (Cow::Owned(text), incomplete)
        }
        None => (Cow::Borrowed(text), Vec::new()),
    };
    if found.len() > MAX_TOKENS {
        return Err(TextError::TooManyTokens { limit: MAX_TOKENS });
    }
    let stream = SymbolStream::from_text(&text, work)?;
    drop(text);
    work.spend(stream.symbols.len());
    let mut seen = HashSet::new();
    let (mut at, mut floor) = (0, 0);
    while let Some(place) = next_beginning(&stream.symbols, at) {
        at = place;
        work.spend(LINE_0);
        work.check()?;
        match beginning_at(&stream.symbols, at) {
            Some(Beginning::Damaged(kind)) if stream.is_separate_prefix(at) => {
                let first_row =
                    at + LINE_0 - MAX_HEADER_SHIFT..at + LINE_0 + ROW + MAX_HEADER_SHIFT;
                let first_row = stream.symbols.iter().take(first_row.end).skip(first_row.start);
                found.push(Detection {
                    found: FoundToken { kind, repaired: 0, token: Err(ReadError::DamagedHeader) },
                    identity: Identity::FirstRow(first_row.copied().collect()),
                    is_mention: stream.uninterrupted_len(at, LINE_0 + ROW, work) < LINE_0 + ROW,
                });
                at += PREFIX;
            }
            Some(Beginning::Whole(line)) => {
                // A prefix inside a word is a chance resemblance or part of a link, so that no
                // sheet surrounds it.
                let floor_of_sheet = stream.is_separate_prefix(at).then_some(floor);
                let token = rows::read(&stream, at + LINE_0, floor_of_sheet, line, work);
                if token.found.token.is_err()
                    && !token.has_whole_row
                    && !stream.is_separate_prefix(at)
                {
                    at += 1;
                    continue;
                }
                let is_mention = token.found.token.is_err()
                    && !token.has_whole_row
                    && stream.uninterrupted_len(at, LINE_0 + ROW, work) < LINE_0 + ROW;
                (at, floor) = (token.end, token.end);
                let token = token.found;
                if token.token.as_ref().is_ok_and(|token| !seen.insert(token.clone())) {
                    continue;
                }
                let identity = match token.token {
                    Ok(_) => Identity::Whole,
                    Err(_) => Identity::Line(line.bytes, line.tag),
                };
                found.push(Detection { found: token, identity, is_mention });
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

/// What is at a position where a token may begin.
enum Beginning {
    Whole(Line0),
    Damaged(Kind),
}

#[derive(Clone, Copy)]
struct Line0 {
    kind: Kind,
    bytes: usize,
    tag: [u8; TAG_LEN],
    repaired: usize,
}

/// Returns the positions, starting with `from`, of a prefix or of symbols that differ from one in a
/// single symbol.
fn beginnings(symbols: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let mut at = from;
    std::iter::from_fn(move || {
        let place = next_beginning(symbols, at)?;
        at = place + 1;
        Some(place)
    })
}

/// Returns the first of [`beginnings`].
fn next_beginning(symbols: &[u8], from: usize) -> Option<usize> {
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

fn beginning_at(stream: &[u8], at: usize) -> Option<Beginning> {
    let rest = &stream[at..];
    let (kind, wrong) = similar_prefix(rest.first_chunk()?)?;
    let line = rest.get(..LINE_0).and_then(|line| {
        let (line, repaired) = rows::corrected::<LINE_0>(0, line)?;
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
