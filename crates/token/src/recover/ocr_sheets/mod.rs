//! Reads printed sheets that went through text recognition (OCR): symbols that were confused,
//! doubled or lost, wrong row numbers, groups in columns, and an unreadable line 0. Line 0 can be
//! derived from the rows: each row passes its check under exactly one tag, their total length gives
//! the length, and the first row shows the kind.
//!
//! This is an alternative reading of a text with a token that isn't intact. It can add tokens but
//! never damage any. The tag decides which candidates of the rows belong together, so that no row
//! is trusted by itself.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::found_token::{Detection, FoundToken, KnownParts};
use super::line_repair::{Candidate, MAX_EXTRA_COST, Steps, candidates, groups};
use super::text_error::TextError;
use super::work_budget::{DIGEST_STEPS_PER_SYMBOL, WorkBudget};
use crate::text::layout::{
    LENGTH, LINE_0, PREFIX, ROW, ROW_DATA, TAG_LEN, implicit_remainder, number_of, prefix_values,
    tag_of,
};
use crate::text::reed_solomon::{CHECKSUM_LEN, contribution, remainder};
use crate::wire::envelope::Token;
use crate::wire::kind::Kind;
use crate::wire::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::wire::symbols;

/// The longest text that is tried. Printed sheets are short.
const MAX_BYTES: usize = 32 * 1024;
/// The most sheets that are read in one text.
const MAX_SHEETS: usize = 4;
/// The most changes of rows that are tried in one text.
const MAX_STEPS: usize = 1_500_000;
/// The most candidates for line 0 that are tried for one sheet.
const MAX_BEGINNINGS: usize = 4;
/// The most combinations of the rows' candidates that are compared with the tag. A wrong
/// combination has the tag once in 32,768 times.
const MAX_COMBINATIONS: usize = 128;
/// The most that may be wrong with one row, in the costs of [`candidates`].
const MAX_COST: u8 = 4;
/// The most rows of a token.
const MAX_ROWS: usize = symbols::symbols_for(MAX_TOKEN_BYTES).div_ceil(ROW_DATA);
/// The least number of symbols of a line that can't be one of several columns.
const MIN_FULL_LINE: usize = 18;
/// The most symbols of a group.
const MAX_GROUP: usize = 8;

/// Returns the intact tokens of the sheets in a text.
///
/// # Errors
/// [`TextError::TooMuchWork`] if the text takes too many steps.
pub(super) fn scan_sheets(text: &str, work: &WorkBudget) -> Result<Vec<Detection>, TextError> {
    if text.len() > MAX_BYTES {
        return Ok(Vec::new());
    }
    work.spend(4 * text.len());
    let mut steps = Steps::new(MAX_STEPS);
    let mut seen = Vec::new();
    let sheets = split_into_sheets(lines(text), &mut steps);
    work.spend(steps.steps_taken());
    for sheet in sheets.into_iter().take(MAX_SHEETS) {
        let before = steps.steps_taken();
        seen.extend(
            sheet.read(&mut steps, work).map(|found| Detection::new(found, KnownParts::Whole)),
        );
        work.spend(steps.steps_taken() - before);
        work.check()?;
    }
    Ok(seen)
}

/// A line that looks like one of a sheet.
#[derive(Clone)]
struct Line<'t> {
    /// The number before the line, as it was read.
    number: Option<usize>,
    groups: Vec<&'t str>,
    /// Its letters and digits, including those of a number that isn't certain.
    symbols: usize,
    /// Whether an empty line or other text precedes it.
    is_apart: bool,
}

/// Returns the lines of a text that look like those of a sheet.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut is_apart = true;
    for written in text.lines() {
        match parse_line(written) {
            Some(line) => lines.push(Line { is_apart: std::mem::take(&mut is_apart), ..line }),
            None => is_apart = true,
        }
    }
    lines
}

fn parse_line(written: &str) -> Option<Line<'_>> {
    let mut groups: Vec<_> = groups(written).collect();
    let letters = |group: &str| group.chars().filter(|letter| letter.is_alphanumeric()).count();
    let number = match groups[..] {
        [first, _, ..] if letters(first) < 4 => parse_row_number(first),
        _ => None,
    };
    if number.is_some() {
        groups.remove(0);
    }
    let symbols = groups.iter().map(|group| letters(group)).sum();
    let small = groups.iter().flat_map(|group| group.chars()).filter(|c| c.is_lowercase()).count();
    let long = groups.iter().filter(|group| letters(group) >= 4).count();
    let is_line = (1..=ROW + 6).contains(&symbols)
        && 2 * small <= symbols
        && groups.iter().all(|group| letters(group) <= MAX_GROUP || number.is_none())
        && (long > 0 || number.is_some());
    is_line.then_some(Line { number, groups, symbols, is_apart: false })
}

/// Parses a row number as text recognition may have read it: `O`, `l3`, `@`.
fn parse_row_number(written: &str) -> Option<usize> {
    let digits = written.chars().filter(|sign| !matches!(sign, '°')).map(|sign| match sign {
        'O' | 'o' | 'Q' | 'D' | '@' | '©' | '®' => Some(0),
        'I' | 'l' | 'i' | '|' | '!' => Some(1),
        'Z' | 'z' => Some(2),
        'S' | 's' | '$' | '§' => Some(5),
        'B' | '&' => Some(8),
        digit => digit.to_digit(10),
    });
    let number = { digits }.try_fold(0_usize, |number, digit| {
        Some(number.saturating_mul(10).saturating_add(digit? as usize))
    })?;
    (number <= MAX_ROWS).then_some(number)
}

/// The contents of line 0, read from it or derived from the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SheetStart {
    kind: Option<Kind>,
    bytes: usize,
    tag: [u8; TAG_LEN],
    /// How many symbols had to be corrected.
    wrong: usize,
}

impl SheetStart {
    fn rows(&self) -> usize {
        symbols::symbols_for(self.bytes).div_ceil(ROW_DATA)
    }

    fn length(&self, row: usize) -> usize {
        ROW_DATA.min(symbols::symbols_for(self.bytes) - ROW_DATA * (row - 1)) + CHECKSUM_LEN
    }
}

/// Returns the possible contents of a line as a line 0.
fn beginnings(groups: &[&str], steps: &mut Steps) -> Vec<SheetStart> {
    let understood =
        candidates(0, LINE_0, groups, MAX_COST, steps).into_iter().filter_map(|found| {
            let line = &found.line;
            let kind =
                Kind::ALL.into_iter().find(|&kind| line.starts_with(&prefix_values(kind)))?;
            let bytes = number_of(&line[PREFIX..PREFIX + LENGTH]);
            let tag = [line[8], line[9], line[10]];
            let is_possible = (MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&bytes);
            let wrong = usize::from(found.cost);
            is_possible.then_some(SheetStart { kind: Some(kind), bytes, tag, wrong })
        });
    understood.collect()
}

/// The lines of one sheet.
#[derive(Default)]
struct Sheet<'t> {
    beginnings: Vec<SheetStart>,
    lines: Vec<Line<'t>>,
}

/// Splits lines into sheets. A sheet begins with a line 0, if it can be recognised, or where the
/// numbers start again.
fn split_into_sheets<'t>(lines: Vec<Line<'t>>, steps: &mut Steps) -> Vec<Sheet<'t>> {
    let mut sheets = vec![Sheet::default()];
    let mut last = 0;
    for line in lines {
        let begins = looks_like_a_beginning(&line);
        let beginnings = if begins { beginnings(&line.groups, steps) } else { Vec::new() };
        let is_again = line.number.is_some_and(|number| number <= 1 && last > number + 1);
        if !beginnings.is_empty() || begins || is_again {
            sheets.push(Sheet::default());
        }
        last = line.number.unwrap_or(if begins { 0 } else { last });
        if let Some(sheet) = sheets.last_mut() {
            match begins {
                // Its end may be in another column.
                true if beginnings.is_empty() => sheet.lines.push(Line { number: Some(0), ..line }),
                true => sheet.beginnings = beginnings,
                false => sheet.lines.push(line),
            }
        }
    }
    sheets.retain(|sheet| sheet.lines.len() > 1);
    sheets
}

/// Returns whether a line's first group resembles a prefix.
fn looks_like_a_beginning(line: &Line<'_>) -> bool {
    line.groups.first().is_some_and(|group| {
        let letters: Vec<_> = group.chars().filter_map(symbols::value).collect();
        let resembles = |kind: &Kind| {
            let prefix = prefix_values(*kind);
            letters.iter().zip(prefix).filter(|(letter, prefix)| *letter == prefix).count() >= 4
        };
        line.groups.len() <= 4 && Kind::ALL.iter().any(resembles)
    })
}

impl<'t> Sheet<'t> {
    /// Returns the token if its rows can be read.
    fn read(&self, steps: &mut Steps, work: &WorkBudget) -> Option<FoundToken> {
        let mut rows = self.rows();
        let mut beginnings = self.beginnings.clone();
        if let Some(first) = rows.remove(&0) {
            beginnings.extend(self::beginnings(&first, steps));
        }
        beginnings.extend(beginnings_from_rows(&rows, steps));
        let mut tried: Vec<SheetStart> = Vec::new();
        for beginning in beginnings {
            let is_new = tried
                .iter()
                .all(|other| (other.bytes, other.tag) != (beginning.bytes, beginning.tag));
            if is_new && tried.len() < MAX_BEGINNINGS {
                tried.push(beginning);
            }
        }
        tried.into_iter().find_map(|beginning| join_candidates(&beginning, &rows, steps, work))
    }

    /// Returns the groups of each row.
    fn rows(&self) -> BTreeMap<usize, Vec<&'t str>> {
        let full = self.lines.iter().filter(|line| line.symbols >= MIN_FULL_LINE).count();
        match 2 * full >= self.lines.len() {
            true => self.numbered_rows(),
            false => self.rows_in_columns(),
        }
    }

    /// Returns the rows if each is on a line of its own. A number that is missing, or that fits
    /// neither the line before nor the line after it, is derived from the others.
    fn numbered_rows(&self) -> BTreeMap<usize, Vec<&'t str>> {
        let mut rows = BTreeMap::new();
        let confirmed = |at: usize| {
            let number = self.lines[at].number?;
            let is_by = |other: usize| {
                let there = self.lines.get(other).and_then(|line| line.number);
                there.is_some_and(|there| there + at == number + other)
            };
            let near = at.saturating_sub(2)..=at + 2;
            near.filter(|&other| other != at).any(is_by).then_some(number)
        };
        // The first confirmed number determines those before it.
        let first = (0..self.lines.len()).find_map(|at| Some((at, confirmed(at)?)));
        let mut next = first.map_or(1, |(at, number)| number.saturating_sub(at));
        for (at, line) in self.lines.iter().enumerate() {
            let number = confirmed(at).unwrap_or(next);
            next = number + 1;
            rows.entry(number).or_insert_with(|| line.groups.clone());
        }
        rows
    }

    /// Returns the rows if their groups follow each other in columns.
    fn rows_in_columns(&self) -> BTreeMap<usize, Vec<&'t str>> {
        let mut rows: BTreeMap<usize, Vec<&'t str>> = BTreeMap::new();
        let paragraphs: Vec<&[Line<'t>]> = self.lines.chunk_by(|_, next| !next.is_apart).collect();
        let longest = paragraphs.iter().map(|lines| lines.len()).max().unwrap_or(0);
        // The first column may have line 0 on top, as may the second and the third.
        let has_line_0 = paragraphs.first().is_some_and(|lines| lines[0].number == Some(0));
        let count = if has_line_0 { longest - 1 } else { longest };
        for paragraph in paragraphs {
            let first = match paragraph.len() {
                1 if count > 1 => 0,
                length if length == count + 1 => 0,
                length if length == count || length + 1 == count => 1,
                _ => continue,
            };
            for (row, line) in (first..).zip(paragraph) {
                rows.entry(row).or_default().extend(&line.groups);
            }
        }
        rows
    }
}

/// Derives the contents of line 0 from the rows: a tag that two of them share, and their length.
fn beginnings_from_rows(rows: &BTreeMap<usize, Vec<&str>>, steps: &mut Steps) -> Vec<SheetStart> {
    let Some((&count, last)) = rows.last_key_value() else { return Vec::new() };
    if count > MAX_ROWS {
        return Vec::new();
    }
    // Each row passes its check under exactly one tag.
    let mut votes: BTreeMap<[u8; TAG_LEN], usize> = BTreeMap::new();
    for (&row, groups) in rows.range(1..count) {
        let written: Vec<_> = groups.concat().chars().filter_map(symbols::value).collect();
        if written.len() == ROW
            && let Some(tag) = tag_of_row(row, remainder(&written))
        {
            *votes.entry(tag).or_default() += 1;
        }
    }
    let mut tags: Vec<_> = votes.into_iter().filter(|(_, votes)| *votes > 1).collect();
    tags.sort_by_key(|(tag, votes)| (usize::MAX - votes, *tag));
    let written = last.concat().chars().filter(|letter| letter.is_alphanumeric()).count();
    let mut beginnings = Vec::new();
    for (tag, _) in tags.into_iter().take(2) {
        for length in [written, written.saturating_sub(1), written + 1] {
            let Some(data) =
                length.checked_sub(CHECKSUM_LEN).filter(|data| (1..=ROW_DATA).contains(data))
            else {
                continue;
            };
            // At most one number of bytes has this number of symbols.
            let symbols = ROW_DATA * (count - 1) + data;
            let bytes = symbols * 5 / 8;
            let unwritten = implicit_remainder(count, tag, length);
            if symbols::symbols_for(bytes) == symbols
                && (MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&bytes)
                && !candidates(unwritten, length, last, MAX_COST, steps).is_empty()
            {
                beginnings.push(SheetStart { kind: None, bytes, tag, wrong: LINE_0 });
            }
        }
    }
    beginnings
}

/// Returns the tag under which a full row with this remainder passes its check. There is at most
/// one: the tag has three symbols, and so has the check.
fn tag_of_row(row: usize, written: u16) -> Option<[u8; TAG_LEN]> {
    let needed = written ^ implicit_remainder(row, [0; TAG_LEN], ROW);
    (0..32).find_map(|a| {
        let left = needed ^ contribution(ROW + 2, a);
        (0..32).find_map(|b| {
            let left = left ^ contribution(ROW + 1, b);
            (0..32).find(|&c| contribution(ROW, c) == left).map(|c| [a, b, c])
        })
    })
}

/// Combines the candidates of the rows. The tag decides, and the likeliest combinations are tried
/// first.
fn join_candidates(
    beginning: &SheetStart,
    rows: &BTreeMap<usize, Vec<&str>>,
    steps: &mut Steps,
    work: &WorkBudget,
) -> Option<FoundToken> {
    let mut all = Vec::new();
    for row in 1..=beginning.rows() {
        let length = beginning.length(row);
        let unwritten = implicit_remainder(row, beginning.tag, length);
        let mut found = candidates(unwritten, length, rows.get(&row)?, MAX_COST, steps);
        let least = found.first()?.cost;
        // A row that passes as it was read needs no other candidate.
        if least == 0 {
            found.truncate(1);
        }
        all.push(found);
    }
    let mut join = Join { beginning, rows: &all, tries: MAX_COMBINATIONS, work };
    let extra_cost = all.len() * usize::from(MAX_EXTRA_COST);
    let chosen =
        (0..=extra_cost).find_map(|extra_cost| join.choose(&mut Vec::new(), extra_cost))?;
    let wrong = all.iter().zip(&chosen.0).map(|(row, &choice)| usize::from(row[choice].cost));
    let repaired = beginning.wrong + wrong.sum::<usize>();
    let token = chosen.1;
    Some(FoundToken { kind: token.kind(), repaired, token: Ok(token) })
}

/// The search for candidates of all rows that belong together.
struct Join<'s> {
    beginning: &'s SheetStart,
    rows: &'s [Vec<Candidate>],
    tries: usize,
    work: &'s WorkBudget,
}

impl Join<'_> {
    /// Tries all combinations, from a row on, that cost `extra_cost` more than the likeliest one.
    fn choose(
        &mut self,
        chosen: &mut Vec<usize>,
        extra_cost: usize,
    ) -> Option<(Vec<usize>, Token)> {
        let Some(row) = self.rows.get(chosen.len()) else {
            return (extra_cost == 0)
                .then(|| self.token(chosen))
                .flatten()
                .map(|token| (chosen.clone(), token));
        };
        for (index, candidate) in row.iter().enumerate() {
            let Some(left) = extra_cost.checked_sub(usize::from(candidate.cost - row[0].cost))
            else {
                break;
            };
            if self.tries == 0 {
                return None;
            }
            chosen.push(index);
            let found = self.choose(chosen, left);
            chosen.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn token(&mut self, chosen: &[usize]) -> Option<Token> {
        self.tries = self.tries.checked_sub(1)?;
        let mut symbols = Vec::with_capacity(ROW_DATA * self.rows.len());
        for (row, &choice) in self.rows.iter().zip(chosen) {
            let line = &row[choice].line;
            symbols.extend_from_slice(&line[..line.len() - CHECKSUM_LEN]);
        }
        self.work.spend(DIGEST_STEPS_PER_SYMBOL * symbols.len());
        let bytes = symbols::to_bytes(&symbols, self.beginning.bytes)?;
        if tag_of(Sha256::new_with_prefix(&bytes)) != self.beginning.tag {
            return None;
        }
        let token = Token::from_bytes(bytes).ok()?;
        self.beginning.kind.is_none_or(|kind| kind == token.kind()).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan;

    /// Returns the token of a test vector.
    fn token_of(vector: &str) -> String {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = here.join("../../testvectors").join(format!("{vector}.txt"));
        let vector = std::fs::read_to_string(file).unwrap();
        vector.lines().find(|line| line.starts_with("LK")).unwrap().to_owned()
    }

    /// Returns what tesseract recognised on sheets with the vectors' tokens, with the token that is
    /// on each. The sheets were printed in several fonts, and recognised from the original image, a
    /// scan, a phone's photograph, or a fax. The last digit of a name is the page segmentation
    /// mode.
    fn recognised_texts() -> Vec<(String, String, String)> {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(here.join("src/recover/ocr_sheets/sheets")).unwrap();
        let mut texts: Vec<_> = files
            .map(|file| {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let token = token_of(name.split_once('.').unwrap().0);
                (name, std::fs::read_to_string(path).unwrap(), token)
            })
            .collect();
        texts.sort();
        texts
    }

    #[test]
    fn most_recognised_sheets_are_read_and_none_as_another_token() {
        let mut whole = 0;
        let texts = recognised_texts();
        for (name, text, token) in &texts {
            let found = scan(text).unwrap_or_default();
            let read: Vec<_> = found.iter().flat_map(|found| &found.token).collect();
            assert!(read.iter().all(|read| read.to_string() == *token), "{name}");
            let is_read = read.len() == 1 && found.len() == 1;
            println!("{name}: {}", if is_read { "read" } else { "not read" });
            whole += usize::from(is_read);
        }
        println!("{whole} of {}", texts.len());
        assert!(texts.len() == 24 && whole >= 22, "{whole} of {}", texts.len());
    }

    /// Returns the lines of a token's sheet, in groups.
    fn sheet(token: &str) -> Vec<String> {
        let (first, rest) = token.split_at(LINE_0);
        let grouped =
            |line: &[u8]| line.chunks(5).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
        let lines = std::iter::once(first.as_bytes()).chain(rest.as_bytes().chunks(ROW));
        lines.enumerate().map(|(number, line)| format!("{number:>3}  {}", grouped(line))).collect()
    }

    /// Replaces the symbol at a position after the line's number.
    fn replace(line: &mut String, place: usize, by: char) {
        let at = 5 + place + place / 5;
        line.replace_range(at..=at, &by.to_string());
    }

    fn symbol_at(line: &str, place: usize) -> char {
        line.as_bytes()[5 + place + place / 5].into()
    }

    /// Returns a symbol that text recognition confuses with this one.
    fn alike(symbol: char) -> Option<char> {
        let pairs = ["09", "5S", "2Z", "8B", "6G", "1J"];
        pairs.iter().find_map(|pair| {
            let (a, b) = (pair.as_bytes()[0].into(), pair.as_bytes()[1].into());
            if symbol == a { Some(b) } else { (symbol == b).then_some(a) }
        })
    }

    fn whole(text: &str) -> Vec<String> {
        let found = scan(text).unwrap_or_default();
        found.iter().flat_map(|found| &found.token).map(ToString::to_string).collect()
    }

    #[test]
    fn two_confused_symbols_in_every_row_are_corrected() {
        for vector in ["request-example", "response-plain", "deactivation-plain"] {
            let token = token_of(vector);
            let mut lines = sheet(&token);
            for line in &mut lines[1..] {
                let symbols = line.bytes().filter(u8::is_ascii_alphanumeric).count();
                let length = symbols - line.trim().split(' ').next().unwrap().len();
                let places = (0..length).filter_map(|at| Some((at, alike(symbol_at(line, at))?)));
                let places: Vec<_> = places.step_by(2).take(2).collect();
                for (place, by) in places {
                    replace(line, place, by);
                }
            }
            assert_eq!(whole(&lines.join("\n")), [token], "{vector}");
        }
    }

    #[test]
    fn line_0_is_derived_from_the_rows() {
        for vector in ["request-example", "response-plain", "refresh-full", "deactivation-plain"] {
            let token = token_of(vector);
            let mut lines = sheet(&token);
            for line_0 in ["", "O LKAN5 0B46X", "Page 1", "@ 1KREO O7Y"] {
                line_0.clone_into(&mut lines[0]);
                assert_eq!(whole(&lines.join("\n")), [token.as_str()], "{vector} {line_0}");
            }
            // At least two rows have to agree on the tag.
            assert!(whole(&[&lines[..2], &lines[3..]].concat().join("\n")).is_empty());
        }
    }

    #[test]
    fn misread_and_missing_numbers_are_derived_from_their_neighbours() {
        let token = token_of("request-example");
        let mut lines = sheet(&token);
        lines[0] = lines[0].replacen("0 ", "@ ", 1);
        lines[3] = lines[3].replacen('3', "S", 1);
        lines[7] = lines[7].replacen('7', " ", 1);
        lines[10] = lines[10].replacen("10", "l0.", 1);
        lines[12] = lines[12].replacen("12", "12 °", 1);
        // Without damage this reading isn't tried.
        let by = alike(symbol_at(&lines[1], 0)).unwrap();
        replace(&mut lines[1], 0, by);
        replace(&mut lines[1], 6, 'Z');
        let wrong = symbol_at(&lines[2], 1);
        replace(&mut lines[2], 1, alike(wrong).unwrap());
        assert_eq!(whole(&lines.join("\n")), [token]);
    }

    /// Five symbols of a row are replaced: the row can't be corrected, but may resemble others.
    #[test]
    fn rows_that_are_damaged_beyond_repair_are_never_read_as_others() {
        let mut random = fastrand::Rng::with_seed(18);
        let (mut tried, mut with_candidates) = (0, 0);
        for vector in ["request-example", "response-plain", "deactivation-plain"] {
            let token = token_of(vector);
            for _ in 0..100 {
                let mut lines = sheet(&token);
                let row = random.usize(1..lines.len() - 1);
                let mut places: Vec<_> = (0..ROW).collect();
                random.shuffle(&mut places);
                for place in places.into_iter().take(5) {
                    let was = symbol_at(&lines[row], place);
                    let value = symbols::value(was).unwrap() ^ random.u8(1..32);
                    replace(&mut lines[row], place, symbols::symbol(value));
                }
                let found = whole(&lines.join("\n"));
                assert!(found.iter().all(|found| *found == token), "{lines:?}");
                let tag: Vec<_> = token[8..11].chars().filter_map(symbols::value).collect();
                let unwritten = implicit_remainder(row, [tag[0], tag[1], tag[2]], ROW);
                let groups: Vec<_> = groups(lines[row].trim()).skip(1).collect();
                let mut steps = Steps::new(MAX_STEPS);
                let likely = candidates(unwritten, ROW, &groups, MAX_COST, &mut steps);
                tried += 1;
                with_candidates += usize::from(!likely.is_empty());
            }
        }
        println!("{with_candidates} of {tried} rows look like others");
        // Each combination has the tag once in 32,768 times, and no signature verifies then.
        assert!(with_candidates * 4 < tried * 3, "{with_candidates} of {tried}");
    }

    #[test]
    fn signs_that_would_be_a_long_number_are_not_a_row_number() {
        for signs in ["&".repeat(64), "8".repeat(64), format!("{}1", "O".repeat(64))] {
            assert!(parse_row_number(&signs).is_none_or(|number| number <= 1), "{signs}");
        }
    }
}
