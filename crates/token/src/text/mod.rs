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

mod adjoining_text;
mod ambiguous_keys;
mod columns;
mod content_type;
mod encoding;
mod extract;
mod keyboard_layouts;
mod ligature_keys;
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

use crate::envelope::{Kind, Token};
use crate::error::{ReadError, TextError};
use crate::frames;
use crate::limits::{MAX_TEXT_BYTES, MAX_TOKENS};
use crate::reed_solomon::{CHECKSUM_LEN, Remainder, checks, contribution};
use crate::symbols;

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
/// Symbols of line 0.
pub(crate) const LINE_0: usize = PREFIX + LENGTH + TAG_LEN + CHECKSUM_LEN;
pub(crate) const ROW_DATA: usize = 22;
/// Symbols of a row, the last one may have fewer.
pub(crate) const ROW: usize = ROW_DATA + CHECKSUM_LEN;
/// Symbols that take part in a row's check without being written: row number and tag.
pub(crate) const IMPLICIT_LEN: usize = 2 + TAG_LEN;

/// Symbols that may have been lost or added in a line 0 that is too damaged to be read.
const MAX_HEADER_SHIFT: usize = 5;
/// Steps that a symbol costs which goes into a digest.
const DIGEST_STEPS_PER_SYMBOL: usize = 4;

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

/// The first 15 bits of the token's digest.
pub(crate) fn tag(token: &[u8]) -> [u8; TAG_LEN] {
    tag_of(Sha256::new_with_prefix(token))
}

fn tag_of(digest: Sha256) -> [u8; TAG_LEN] {
    let digest = digest.finalize();
    let bits = u16::from_be_bytes([digest[0], digest[1]]) >> 1;
    [(bits >> 10) as u8, (bits >> 5 & 31) as u8, (bits & 31) as u8]
}

/// A number below 2¹⁵ as three values.
fn number_values(number: usize) -> [u8; LENGTH] {
    [(number >> 10 & 31) as u8, (number >> 5 & 31) as u8, (number & 31) as u8]
}

/// The number that three values are.
fn number_of(values: &[u8]) -> usize {
    values.iter().fold(0, |sum, &value| sum << 5 | usize::from(value))
}

/// What a row's number and the tag leave, with so many written symbols after them.
pub(crate) fn implicit_remainder(row: usize, tag: [u8; TAG_LEN], length: usize) -> Remainder {
    let degrees = (0..length + IMPLICIT_LEN).rev();
    let symbols = implicit_symbols(row, tag).into_iter().zip(degrees);
    symbols.fold(0, |sum, (symbol, degree)| sum ^ contribution(degree, symbol))
}

pub(crate) fn implicit_symbols(row: usize, tag: [u8; TAG_LEN]) -> [u8; IMPLICIT_LEN] {
    [(row >> 5 & 31) as u8, (row & 31) as u8, tag[0], tag[1], tag[2]]
}

/// A token that was recognised in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// What its prefix says it is.
    pub kind: Kind,
    /// Wrong characters that were corrected. Trust a repaired token like any other: only once its
    /// signature verifies.
    pub repaired: usize,
    /// The token, or why it can't be put together.
    pub token: Result<Token, ReadError>,
}

/// Finds every token in a text: pasted, quoted, wrapped, numbered or typed; in a mail as it was sent, in a web
/// page's source, in a link. Identical tokens are given once.
///
/// # Errors
/// [`TextError`] when the text is too large, has too many tokens, has none, or takes too much work. Where a text without
/// a token is an encrypted mail or a drawing, the error says so.
pub fn scan(text: &str) -> Result<Vec<FoundToken>, TextError> {
    match scan_within(text, &WorkBudget::for_text(text)) {
        Err(error @ (TextError::NoneFound | TextError::NoBeginning)) => {
            Err(content_type::of_unreadable_text(text).unwrap_or(error))
        }
        read => read,
    }
}

/// A text without what mails, web pages, documents and links wrap around it; `None` where there is nothing of it.
pub(crate) fn extracted_text(text: &str) -> Option<String> {
    extract::extract(text, &WorkBudget::for_text(text)).ok().flatten()
}

/// What appendix B of the format settles, without the other ways in which a reader may look at a text.
#[cfg(test)]
pub(crate) fn scan_as_specified(text: &str) -> Result<Vec<FoundToken>, TextError> {
    let work = WorkBudget::for_text(text);
    Ok(found(without_damaged_copies(read_plain(text, &work)?, &work)))
}

/// What [`read`] finds, with the beginnings of tokens that are only mentioned, which appendix B has reported.
#[cfg(test)]
pub(crate) fn scan_with_mentions(text: &str) -> Result<Vec<FoundToken>, TextError> {
    Ok(found(detections_in(text, &WorkBudget::for_text(text))?))
}

/// What was recognised, and what tells whether it is a copy of something else in the text.
pub(crate) struct Detection {
    pub(crate) found: FoundToken,
    pub(crate) identity: Identity,
    /// Nothing of a token is there but its beginning: text that speaks of tokens.
    pub(crate) is_mention: bool,
}

impl Detection {
    pub(crate) const fn new(found: FoundToken, identity: Identity) -> Self {
        Self { found, identity, is_mention: false }
    }
}

/// What is known of a token beside what was found.
pub(crate) enum Identity {
    /// It is whole.
    Whole,
    /// Line 0 says its length and its tag.
    Line(usize, [u8; TAG_LEN]),
    /// A frame says its tag.
    Frame([u8; TAG_LEN]),
    /// The symbols where its first row should be, and some before and behind these: line 0 is damaged.
    FirstRow(Vec<u8>),
}

/// Counts the steps that it takes, and ends when they are too many. Where a token is whole, what only mentions one isn't
/// reported: a mail says what its token begins with.
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
    // What was taken off could have been part of it: what is whole as it came counts as well.
    let seen = merge_whole_tokens(shown, read_plain(text, work))?;
    Ok(without_damaged_copies(seen, work))
}

fn found(seen: Vec<Detection>) -> Vec<FoundToken> {
    seen.into_iter().map(|sight| sight.found).collect()
}

/// Another way of looking at a text, if there is anything to see in it.
type Reading = fn(&str, &WorkBudget) -> Option<String>;

/// Where another reading may find more.
#[derive(Clone, Copy)]
enum AppliesTo {
    /// Something isn't whole.
    Damaged,
    /// The same, or something is repaired that may have had nothing wrong.
    Repaired,
    /// The same, or nothing was found: a prefix that runs into something else is none.
    Nothing,
}

const ALTERNATIVE_READINGS: [(Reading, AppliesTo); 5] = [
    (message_pieces::isolated, AppliesTo::Repaired),
    (columns::columns_in_sequence, AppliesTo::Damaged),
    (adjoining_text::split_shared_lines, AppliesTo::Repaired),
    (adjoining_text::without_adjoining_text, AppliesTo::Nothing),
    (adjoining_text::without_adjoining_text_one_digit_hours, AppliesTo::Nothing),
];

/// Reads a text in which nothing is packed into something else; and once more, in other ways, where something isn't
/// whole: without what stands before and after each piece of a token, one column after the other, with the pieces in
/// their order, as if it had been typed on another keyboard.
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
        // Of a sheet whose line 0 is damaged nothing that was seen says that it is this token's.
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
    // The layout that makes the most new tokens. Whatever isn't whole in the text as it came isn't either in this one, so
    // what is damaged is told by this reading.
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

/// Something was wrong with what was found, or seemed to be.
fn is_repaired(seen: &[Detection]) -> bool {
    seen.iter().any(|sight| sight.found.repaired > 0)
}

/// Everything that was found is whole, and something was.
fn is_whole(seen: &[Detection]) -> bool {
    !seen.is_empty() && seen.iter().all(|sight| sight.found.token.is_ok())
}

/// What another reading found: the tokens that are whole, and those that aren't.
fn partition_whole(
    other: Result<Vec<Detection>, TextError>,
) -> Result<(Vec<Detection>, Vec<Detection>), TextError> {
    match other {
        Err(TextError::TooMuchWork) => Err(TextError::TooMuchWork),
        other => Ok(other.into_iter().flatten().partition(|sight| sight.found.token.is_ok())),
    }
}

/// Adds the tokens that are whole in another reading of the same text. What needs fewer repairs there was less damaged.
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

/// What was found, without what is a damaged copy of a token that is whole in the same text.
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

/// A mail says everything twice, as text and as a page: what is damaged alike in both is named once.
fn without_repetitions(seen: Vec<Detection>) -> Vec<Detection> {
    let mut named = HashSet::new();
    let is_new = |one: &Detection| match &one.found.token {
        Ok(_) => true,
        Err(error) => named.insert((one.found.kind, error.clone())),
    };
    seen.into_iter().filter(is_new).collect()
}

/// Finds every token in a text in which nothing is packed into something else.
fn read_plain(text: &str, work: &WorkBudget) -> Result<Vec<Detection>, TextError> {
    // Frames of several pictures stand for the tokens that they make together.
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
                // One in a word is a chance resemblance, or in a link: it has no sheet around it.
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

/// What stands at a place where a token could begin.
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

/// The places, from one on, at which a prefix stands or something that differs from one in one symbol.
fn beginnings(symbols: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let mut at = from;
    std::iter::from_fn(move || {
        let place = next_beginning(symbols, at)?;
        at = place + 1;
        Some(place)
    })
}

/// The first of [`beginnings`].
fn next_beginning(symbols: &[u8], from: usize) -> Option<usize> {
    // Many at a time: most symbols of most texts are far from every prefix.
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

/// Whether at each of many places four symbols or more are, each by itself, those of some prefix. It has no branches, so
/// that it becomes vector instructions.
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

/// The prefix that these symbols are, at most one of them wrong, and how many are.
#[inline]
fn similar_prefix(here: &[u8; PREFIX]) -> Option<(Kind, usize)> {
    // They differ from each other in three symbols, so at most one of them is as similar as that.
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
