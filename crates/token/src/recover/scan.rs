//! The scanner: finds tokens in any text that they were pasted into. It reads the text as section
//! 7 and appendix B of the specification define, and then in other ways if a token isn't intact.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::beginnings::{Beginning, beginning_at, next_beginning};
use super::content_type;
use super::extract::extract;
use super::found_token::{Detection, FoundToken, KnownParts, ReadError};
use super::rows_without_beginning::{has_rows_of_no_token, rows_in_succession};
use super::symbol_stream::SymbolStream;
use super::text_error::TextError;
use super::work_budget::{DIGEST_STEPS_PER_SYMBOL, WorkBudget};
use super::{
    adjoining_text, columns, keyboard_layouts, message_pieces, ocr_sheets, reordered_pieces, rows,
};
use crate::text::frames;
use crate::text::layout::{LINE_0, PREFIX, ROW, tag};
use crate::wire::envelope::Token;
use crate::wire::limits::{MAX_TEXT_BYTES, MAX_TOKENS};
use crate::wire::symbols;

/// How many symbols may have been lost or added in a line 0 that is too damaged to be read.
const MAX_HEADER_SHIFT: usize = 5;
/// Finds every token in a text: pasted, quoted, wrapped, numbered or typed; in the source of a mail
/// or a web page, or in a link. Identical tokens are returned once.
///
/// # Errors
/// - [`TextError::TooLarge`] and [`TextError::TooManyTokens`] if the text exceeds a limit.
/// - [`TextError::NoneFound`] and [`TextError::NoBeginning`] if there is no token in it.
/// - [`TextError::Encrypted`] and [`TextError::Picture`] if there is none because the text is an
///   encrypted mail or a drawing.
/// - [`TextError::TooMuchWork`] if scanning takes too many steps.
///
/// # Examples
/// ```
/// use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};
///
/// # let keys = SecretKeys::from_seed(&Seed::random()?)?;
/// # let seat = SeatId::random()?;
/// # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
/// let token = seal(&given_back, 1, &keys, keys.public())?;
/// let mut text = format!("Here it is: {token}");
/// // One symbol of the first row was read as another one.
/// let wrong = if &text[32..33] == "7" { "W" } else { "7" };
/// text.replace_range(32..33, wrong);
///
/// let found = scan(&text)?;
/// assert_eq!(found[0].token.as_ref(), Ok(&token));
/// assert_eq!(found[0].repaired, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn scan(text: &str) -> Result<Vec<FoundToken>, TextError> {
    scan_within(text, &WorkBudget::for_text(text)).map_err(|error| explain_no_token(error, text))
}

/// All that a text contains of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Its tokens, as [`scan`] returns them.
    pub tokens: Vec<FoundToken>,
    /// Whether it also contains rows of another token whose beginning is missing. It is `false` for
    /// a text in which a token has a damaged line 0, because they may be the rows of that one.
    pub has_rows_without_beginning: bool,
}

impl Scan {
    /// Finds every token in a text as [`scan`] does, and rows that belong to none of them.
    ///
    /// # Errors
    /// As [`scan`], which also reports rows in a text without any token.
    pub fn new(text: &str) -> Result<Self, TextError> {
        Self::scan_within(text, &WorkBudget::for_text(text))
            .map_err(|error| explain_no_token(error, text))
    }

    fn scan_within(text: &str, work: &WorkBudget) -> Result<Self, TextError> {
        let unpacked = unpack(text, work)?;
        // What this takes is freed before the text is scanned, which takes as much again.
        let rows = rows_in_succession(unpacked.as_deref().unwrap_or(text));
        let seen = detections_in_unpacked(text, unpacked, work)?;
        let has_rows_without_beginning = has_rows_of_no_token(&rows, &seen);
        Ok(Self { tokens: found(without_mentions(seen)), has_rows_without_beginning })
    }
}

/// Returns [`Scan::has_rows_without_beginning`] of a text that is scanned later, together with
/// others: without scanning it if it contains no rows that could be without their beginning.
#[must_use]
pub fn has_rows_without_beginning(text: &str) -> bool {
    let work = WorkBudget::for_text(text);
    let Ok(unpacked) = unpack(text, &work) else { return false };
    let rows = rows_in_succession(unpacked.as_deref().unwrap_or(text));
    if rows.is_empty() {
        return false;
    }
    let seen = detections_in_unpacked(text, unpacked, &work);
    seen.is_ok_and(|seen| has_rows_of_no_token(&rows, &seen))
}

/// Says what a text is in which nothing is found, if that is known.
fn explain_no_token(error: TextError, text: &str) -> TextError {
    match error {
        TextError::NoneFound => content_type::of_unreadable_text(text).unwrap_or(error),
        error => error,
    }
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

/// Scans a text within a budget.
pub(crate) fn scan_within(text: &str, work: &WorkBudget) -> Result<Vec<FoundToken>, TextError> {
    Ok(found(without_mentions(detections_in(text, work)?)))
}

/// Leaves out text that only mentions a token if a token is intact: mails state how their token
/// begins.
fn without_mentions(mut seen: Vec<Detection>) -> Vec<Detection> {
    if seen.iter().any(|sight| sight.found.token.is_ok()) {
        seen.retain(|sight| !sight.is_mention);
    }
    seen
}

pub(super) fn detections_in(text: &str, work: &WorkBudget) -> Result<Vec<Detection>, TextError> {
    detections_in_unpacked(text, unpack(text, work)?, work)
}

/// Returns a text without the formats around it, or `None` if there are none.
fn unpack(text: &str, work: &WorkBudget) -> Result<Option<String>, TextError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TextError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    extract(text, work)
}

fn detections_in_unpacked(
    text: &str,
    unpacked: Option<String>,
    work: &WorkBudget,
) -> Result<Vec<Detection>, TextError> {
    let Some(unpacked) = unpacked else {
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
    (message_pieces::isolate, AppliesTo::Repaired),
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
                matches!(sight.known_parts, KnownParts::FirstRow(_)) && sight.found.kind == kind
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
    for retyped in keyboard_layouts::retype(text, is_whole(&seen), work) {
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
        match &sight.known_parts {
            KnownParts::Whole => false,
            KnownParts::Line(bytes, tag) => lines.contains(&(kind, *bytes, *tag)),
            KnownParts::Frame(tag) => frames.contains(&(kind, *tag)),
            KnownParts::FirstRow(stretch) => {
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
            (Cow::Owned(text), incomplete.into_iter().map(Detection::of_incomplete).collect())
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
                    known_parts: KnownParts::FirstRow(first_row.copied().collect()),
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
                let known_parts = match token.token {
                    Ok(_) => KnownParts::Whole,
                    Err(_) => KnownParts::Line(line.bytes, line.tag),
                };
                found.push(Detection { found: token, known_parts, is_mention });
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
