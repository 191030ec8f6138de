//! Reads the rows that belong to a line 0: assembles them if they are intact or can be repaired,
//! and otherwise reports the damage.

mod alignment;
mod row_status;

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::beginnings::{Beginning, Line0, beginning_at, beginnings};
use super::found_token::{FoundToken, ReadError};
use super::symbol_stream::{NumberedLine, SymbolStream};
use super::work_budget::{DIGEST_STEPS_PER_SYMBOL, Tries, WorkBudget};
use crate::text::layout::{LINE_0, PREFIX, ROW, ROW_DATA, tag_of};
use crate::wire::envelope::{EnvelopeError, Token};
use crate::wire::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::wire::symbols;
use alignment::{best_chain, displaced_matches, row_matches};
use row_status::{Data, Layout, Row};

/// How many combinations of repaired rows are compared with the token's tag.
const MAX_COMBINATIONS: usize = 256;
/// The most symbols between a token's rows, in addition to as many as the rows have themselves.
const MAX_BETWEEN: usize = 100;
/// How many numbered lines before line 0 are considered for each row, starting with the nearest.
const LINES_BEFORE_PER_ROW: usize = 4;

/// One classification of all rows, and how many symbols they occupy.
struct Alignment {
    rows: Vec<Row>,
    length: usize,
}

/// The result of reading the rows that follow a line 0.
pub(super) struct ReadRows {
    pub(super) found: FoundToken,
    /// Whether at least one row passes its check as it is, so that this is a token and not a chance
    /// resemblance.
    pub(super) has_whole_row: bool,
    /// The position at which the scan continues.
    pub(super) end: usize,
}

/// The symbols in which a token's rows are searched for.
struct SearchWindow<'s> {
    stream: &'s SymbolStream,
    from: usize,
    symbols: &'s [u8],
    /// Numbered lines before line 0: the rows of a sheet may be in any order.
    before: Vec<NumberedLine>,
    /// Whether the prefix is in upper case. Lower-case text after it isn't part of this token then.
    is_upper: bool,
}

impl<'s> SearchWindow<'s> {
    /// Creates the window after a line 0. `floor` is the end of the token before it, if rows may
    /// precede line 0.
    fn new(
        stream: &'s SymbolStream,
        from: usize,
        floor: Option<usize>,
        layout: &Layout<'_>,
    ) -> Self {
        let length = 2 * layout.total_length(1..=layout.count) + MAX_BETWEEN;
        let end = (from + length).min(stream.symbols.len());
        // If another token begins in between, this one was cut off there.
        let end = beginnings(&stream.symbols, from)
            .take_while(|&at| at < end)
            .find(|&at| matches!(beginning_at(&stream.symbols, at), Some(Beginning::Whole(_))))
            .unwrap_or(end);
        let is_upper = stream.lower_case(from - LINE_0, PREFIX) == 0;
        let mut window = Self {
            stream,
            from,
            symbols: &stream.symbols[from..end],
            before: Vec::new(),
            is_upper,
        };
        if let Some(floor) = floor {
            window.before = window.lines_before(floor, layout);
        }
        window
    }

    /// Returns the numbered lines before line 0 if one of them is intact as a row of this token.
    /// Otherwise they belong to another one.
    fn lines_before(&self, floor: usize, layout: &Layout<'_>) -> Vec<NumberedLine> {
        let end = self.from - LINE_0;
        let lines = &self.stream.rows;
        let first = lines.partition_point(|line| line.start() < floor);
        let until = first + lines[first..].partition_point(|line| line.end() <= end);
        // The lines of the same sheet are near. A text may have millions of others before them.
        let most = LINES_BEFORE_PER_ROW * (layout.count + 1);
        let possible = lines[first.max(until.saturating_sub(most))..until].iter();
        let before: Vec<_> = possible.filter(|line| line.may_be_row(layout)).copied().collect();
        layout.work.spend((ROW + 1) * before.len());
        let is_whole = |line: &NumberedLine| {
            let (row, written) = (usize::from(line.number), self.written(*line));
            written.len() == layout.length(row)
                && matches!(layout.classify_row(row, written), Row::Whole(_))
        };
        if before.iter().any(is_whole) { before } else { Vec::new() }
    }

    fn written(&self, line: NumberedLine) -> &'s [u8] {
        &self.stream.symbols[line.start()..line.end()]
    }

    /// Returns whether another token follows immediately, without a separator.
    fn is_followed_by_token(&self) -> bool {
        let end = self.from + self.symbols.len();
        !self.stream.is_apart(end) && beginning_at(&self.stream.symbols, end).is_some()
    }

    fn is_apart(&self, at: usize) -> bool {
        self.stream.is_apart(self.from + at)
    }

    /// Returns the numbered lines in the window that may be rows of the token, followed by those
    /// before line 0.
    fn lines(&self, layout: &Layout<'_>) -> impl Iterator<Item = (NumberedLine, &'s [u8])> {
        let (from, end) = (self.from, self.from + self.symbols.len());
        let lines = &self.stream.rows;
        let first = lines.partition_point(|line| line.start() < from);
        let inside = lines[first..].iter().take_while(move |line| line.end() <= end);
        let inside = inside.filter(|line| line.may_be_row(layout));
        inside.chain(&self.before).map(|line| (*line, self.written(*line)))
    }

    /// Returns whether there is neither enough room for the first row nor a numbered line.
    fn has_no_room(&self, layout: &Layout<'_>) -> bool {
        self.symbols.len() < ROW && self.lines(layout).next().is_none()
    }

    /// Returns whether a damaged row at a position consists of words instead.
    fn is_prose(&self, at: usize, length: usize) -> bool {
        let length = length.min(self.symbols.len().saturating_sub(at));
        self.is_upper && 2 * self.stream.lower_case(self.from + at, length) > length
    }
}

impl NumberedLine {
    /// Returns whether its number is that of a row of the token, and its length fits.
    fn may_be_row(self, layout: &Layout<'_>) -> bool {
        let row = usize::from(self.number);
        (1..=layout.count).contains(&row) && self.is_row_of(layout.length(row))
    }
}

/// Reads the rows of a line 0. They follow it or, on numbered lines from `floor` on, precede it;
/// `floor` is the end of the token before.
pub(super) fn read(
    stream: &SymbolStream,
    from: usize,
    floor: Option<usize>,
    line: Line0,
    work: &WorkBudget,
) -> ReadRows {
    let refused = |error, has_whole_row| ReadRows {
        found: FoundToken { kind: line.kind, repaired: line.repaired, token: Err(error) },
        has_whole_row,
        end: from,
    };
    if !(MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&line.bytes) {
        return refused(ReadError::InvalidLength { bytes: line.bytes }, false);
    }
    let layout = Layout::new(line.bytes, line.tag, work);
    // A row may be intact in a wrong position by chance (once in 2¹⁵), so the positions where the
    // rows should be come before every other.
    let nominal = layout.total_length(1..=layout.count);
    let in_place = layout.intact_in_place(&stream.symbols[from..]);
    let is_settled =
        in_place.as_ref().is_some_and(|rows| rows.iter().all(|row| matches!(row, Row::Whole(_))));
    let mut alignments: Vec<_> =
        in_place.map(|rows| Alignment { rows, length: nominal }).into_iter().collect();
    let mut runs_into_another = false;
    let mut tries = Tries::for_token(work, nominal);
    let mut whole = put_together(&alignments, line, &mut tries);
    if whole.is_none() && !is_settled {
        let window = SearchWindow::new(stream, from, floor, &layout);
        work.spend(window.symbols.len());
        // Text that is shorter than every row is only read if it is a numbered line.
        if window.has_no_room(&layout) && window.symbols.len() < layout.length(layout.count) {
            let of = layout.count;
            let error = match window.is_followed_by_token() {
                true => ReadError::MergedTokens { have: 0, of },
                false => ReadError::Truncated { have: 0, of },
            };
            return refused(error, false);
        }
        alignments = decode_relocated(&layout, &window);
        whole = put_together(&alignments, line, &mut tries);
        runs_into_another = window.is_followed_by_token();
    }
    let Some((bytes, alignment)) = whole else {
        let rows = alignments.last().map_or(&[][..], |alignment| &alignment.rows);
        let error = match rows.iter().any(Row::is_bad) {
            true => damage_error(rows, runs_into_another),
            false => wrongly_repaired(rows),
        };
        return refused(error, rows.iter().any(|row| matches!(row, Row::Whole(_))));
    };
    let corrections = alignment.rows.iter().map(|row| match row {
        Row::Repaired { corrections, .. } => *corrections,
        _ => 0,
    });
    match Token::from_bytes(bytes) {
        Ok(token) if token.kind() == line.kind => {
            let repaired = line.repaired + corrections.sum::<usize>();
            let found = FoundToken { kind: line.kind, repaired, token: Ok(token) };
            ReadRows { found, has_whole_row: true, end: from + alignment.length }
        }
        Ok(_) => refused(EnvelopeError::PrefixMismatch.into(), true),
        Err(error) => refused(error.into(), true),
    }
}

/// Classifies all rows wherever they are. Returns several alignments, the likelier ones first.
fn decode_relocated(layout: &Layout<'_>, window: &SearchWindow<'_>) -> Vec<Alignment> {
    let matches = row_matches(layout, window.symbols);
    if matches.is_empty() && window.has_no_room(layout) {
        return vec![Alignment { rows: vec![Row::Missing; layout.count], length: 0 }];
    }
    let chain = best_chain(layout, &matches);
    let mut alignments = align_by_chain(layout, window, &chain);
    let mut lines: HashMap<usize, Vec<(NumberedLine, &[u8])>> = HashMap::new();
    for line in window.lines(layout) {
        lines.entry(usize::from(line.0.number)).or_default().push(line);
    }
    let displaced_matches = displaced_matches(layout, &matches, &chain);
    // Alignments are searched and copied.
    layout.work.spend(4 * layout.count * (1 + alignments.len()) + window.symbols.len());
    // Classifies a row on the lines that have its number, with the end of each line.
    let on_lines = |row: usize| {
        let numbered = lines.get(&row).into_iter().flatten();
        numbered.map(move |(line, written)| {
            (layout.classify_row(row, written), line.end().saturating_sub(window.from))
        })
    };
    // Classifies a row elsewhere. A line with its number is better evidence than its position.
    let beside = |row: usize| {
        let insertion = displaced_matches[row].map(|there| {
            let end = there.place + layout.length(row);
            (layout.classify_row(row, &window.symbols[there.place..end]), end)
        });
        best_of(on_lines(row).chain(insertion))
    };
    let mut known: HashMap<usize, Option<(Row, usize)>> = HashMap::new();
    let mut complete = |alignment: &Alignment| {
        let is_beside = |row: usize| displaced_matches[row].is_some() || lines.contains_key(&row);
        let is_whole = |classified: &Row| matches!(classified, Row::Whole(_));
        let others = (1..)
            .zip(&alignment.rows)
            .filter(|(row, classified)| !is_whole(classified) && is_beside(*row));
        let others: Vec<usize> = others.map(|(row, _)| row).collect();
        let mut completed = None;
        for row in others {
            if let Some((better, end)) = known.entry(row).or_insert_with(|| beside(row)) {
                // If the row is intact elsewhere, it is repairable here only by chance.
                if alignment.rows[row - 1].is_bad() || is_whole(better) {
                    let alignment = completed.get_or_insert_with(|| Alignment {
                        rows: alignment.rows.clone(),
                        length: alignment.length,
                    });
                    alignment.length = alignment.length.max(*end);
                    alignment.rows[row - 1] = better.clone();
                }
            }
        }
        completed
    };
    let completed: Vec<_> = alignments.iter().filter_map(&mut complete).collect();
    alignments.extend(completed);
    // A complete sheet has the number of every row.
    let sheet: Option<Vec<_>> = match lines.len() == layout.count {
        true => (1..=layout.count)
            .map(|row| best_of(on_lines(row)).filter(|(classified, _)| !classified.is_bad()))
            .collect(),
        false => None,
    };
    if let Some(sheet) = sheet {
        let length = sheet.iter().map(|(_, end)| *end).max().unwrap_or(0);
        alignments
            .insert(0, Alignment { rows: sheet.into_iter().map(|(row, _)| row).collect(), length });
    }
    alignments
}

/// Returns the first classification that is intact, or else the first repaired one, or else the
/// first.
fn best_of(classified: impl Iterator<Item = (Row, usize)>) -> Option<(Row, usize)> {
    let mut best: Option<(Row, usize)> = None;
    for found in classified {
        if matches!(found.0, Row::Whole(_)) {
            return Some(found);
        }
        if best.as_ref().is_none_or(|(best, _)| best.is_bad() && !found.0.is_bad()) {
            best = Some(found);
        }
    }
    best
}

/// Classifies all rows: those of the chain at their positions, and the others between them.
fn align_by_chain(
    layout: &Layout<'_>,
    window: &SearchWindow<'_>,
    chain: &[alignment::RowMatch],
) -> Vec<Alignment> {
    let mut rows = Vec::with_capacity(layout.count);
    let mut at = 0;
    for there in chain {
        if rows.len() + 1 < there.row {
            let waiting = rows.len() + 1..=there.row - 1;
            rows.extend(layout.fill_gap(waiting, &window.symbols[at..there.place]));
            at = there.place;
        }
        let end = there.place + layout.length(there.row);
        // A single symbol between two rows was added to the second one, unless it is a word of its
        // own. Then, as with several symbols, it isn't part of the token.
        let is_next = rows.len() + 1 == there.row && at + 1 == there.place;
        let is_added = is_next && !(window.is_apart(at) && window.is_apart(there.place));
        let start = if is_added { at } else { there.place };
        rows.push(layout.classify_row(there.row, &window.symbols[start..end]));
        at = end;
    }
    let (first, rest) = (rows.len() + 1, &window.symbols[at..]);
    if first > layout.count {
        return vec![Alignment { rows, length: at }];
    }
    // No intact row follows that would show their length: try every length with which all of them
    // can be repaired.
    let waiting = first..=layout.count;
    let nominal = layout.total_length(waiting.clone());
    let repaired = [nominal, nominal - 1, nominal + 1].into_iter().filter_map(|length| {
        let end = layout.with_one_resized(waiting.clone(), rest.get(..length)?)?;
        Some(Alignment { rows: [&rows[..], &end].concat(), length: at + length })
    });
    let repaired: Vec<_> = repaired.collect();
    if !repaired.is_empty() {
        return repaired;
    }
    let mut place = at;
    for (row, classified) in waiting.clone().zip(layout.in_place(waiting, rest)) {
        let length = layout.length(row);
        let here = &window.symbols[place.min(window.symbols.len())..];
        rows.push(match classified {
            // A part of the last row shows how much of it is missing. A part of another row is
            // where the text ends.
            Row::Missing if row == layout.count && 2 * here.len() >= length => {
                layout.classify_row(row, here)
            }
            // Words look like a row with one wrong symbol once in forty times.
            _ if window.is_prose(place, length) => Row::Missing,
            classified => classified,
        });
        place += length;
    }
    vec![Alignment { rows, length: window.symbols.len().min(place) }]
}

/// Joins the rows of the first alignment whose tag matches.
fn put_together<'y>(
    alignments: &'y [Alignment],
    line: Line0,
    tries: &mut Tries<'_>,
) -> Option<(Vec<u8>, &'y Alignment)> {
    alignments
        .iter()
        .find_map(|alignment| Some((join_rows(&alignment.rows, line, tries)?, alignment)))
}

/// Joins the rows. If repairs leave several candidates, the tag decides.
fn join_rows(rows: &[Row], line: Line0, tries: &mut Tries<'_>) -> Option<Vec<u8>> {
    if rows.iter().any(Row::is_bad) {
        return None;
    }
    // The first candidates of all rows, and the rows that have others.
    let mut symbols = Vec::with_capacity(rows.len() * ROW_DATA);
    let mut choices = Vec::new();
    for row in rows {
        let candidates = match row {
            Row::Whole(data) => std::slice::from_ref(data),
            Row::Repaired { candidates, .. } => candidates,
            _ => return None,
        };
        if candidates.len() > 1 {
            choices.push(Choice { at: symbols.len(), chosen: 0, candidates });
        }
        symbols.extend_from_slice(candidates.first()?.symbols());
    }
    // Combinations are tried in an order in which the first rows never reach their second
    // candidates, so that their bytes remain the same.
    let (mut combinations, mut fixed) = (1, choices.len());
    while combinations < MAX_COMBINATIONS && fixed > 0 {
        fixed -= 1;
        combinations *= choices[fixed].candidates.len();
    }
    let (beginning, rest) = symbols.split_at(match choices.get(fixed) {
        // Eight symbols are five bytes.
        Some(choice) => choice.at / 8 * 8,
        None => 0,
    });
    let mut bytes = symbols::to_bytes(beginning, beginning.len() / 8 * 5)?;
    let length = line.bytes.checked_sub(bytes.len())?;
    let (from, mut rest) = (beginning.len(), rest.to_vec());
    let digest = Sha256::new_with_prefix(&bytes);
    if !tries.spend(DIGEST_STEPS_PER_SYMBOL * from) {
        return None;
    }
    for _ in 0..MAX_COMBINATIONS {
        if !tries.spend(DIGEST_STEPS_PER_SYMBOL * rest.len()) {
            return None;
        }
        if let Some(after) = symbols::to_bytes(&rest, length)
            && tag_of(digest.clone().chain_update(&after)) == line.tag
        {
            bytes.extend(after);
            return Some(bytes);
        }
        // The last row with several candidates changes first.
        let mut is_another = false;
        for choice in choices[fixed..].iter_mut().rev() {
            choice.chosen = (choice.chosen + 1) % choice.candidates.len();
            let data = choice.candidates[choice.chosen].symbols();
            rest[choice.at - from..][..data.len()].copy_from_slice(data);
            is_another = choice.chosen > 0;
            if is_another {
                break;
            }
        }
        if !is_another {
            return None;
        }
    }
    None
}

/// A row with several candidates.
struct Choice<'r> {
    /// The index of its first symbol in the data of all rows.
    at: usize,
    chosen: usize,
    candidates: &'r [Data],
}

/// Returns the error that describes the damage.
fn damage_error(rows: &[Row], runs_into_another: bool) -> ReadError {
    let of = rows.len();
    let which = |is: &dyn Fn(&Row) -> bool| -> Vec<usize> {
        (1..=of).filter(|&row| is(&rows[row - 1])).collect()
    };
    let missing = which(&|row| *row == Row::Missing);
    let damaged = which(&|row| row.is_bad() && *row != Row::Missing);
    let is_cut_off =
        missing.last() == Some(&of) && missing.windows(2).all(|two| two[0] + 1 == two[1]);
    match (&damaged[..], &missing[..]) {
        ([], [first, ..]) if is_cut_off => {
            let have = first - 1;
            match runs_into_another {
                true => ReadError::MergedTokens { have, of },
                false => ReadError::Truncated { have, of },
            }
        }
        ([], _) => ReadError::RowsMissing { rows: missing, of },
        (&[row], []) => match rows[row - 1] {
            Row::Short(count) => ReadError::SymbolsMissing { row, count, of },
            Row::Long(count) => ReadError::SymbolsAdded { row, count, of },
            _ => ReadError::Damaged { rows: damaged, of },
        },
        (_, []) => ReadError::Damaged { rows: damaged, of },
        _ => ReadError::DamagedAndMissing { damaged, missing, of },
    }
}

/// Returns the error for rows that pass their checks although the digest doesn't match: the
/// repaired rows had more damage than their checks can show.
fn wrongly_repaired(rows: &[Row]) -> ReadError {
    let of = rows.len();
    let is_repaired = |row: &usize| matches!(rows[row - 1], Row::Repaired { .. });
    let repaired: Vec<_> = (1..=of).filter(is_repaired).collect();
    match repaired.is_empty() {
        true => ReadError::DigestMismatch,
        false => ReadError::Damaged { rows: repaired, of },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scan::{scan, scan_as_specified};
    use crate::tests::sample;

    /// Returns the lines of a sheet, each with its printed number.
    fn sheet(token: &str, separator: &str) -> Vec<String> {
        let (line_0, rows) = token.split_at(14);
        let rows = rows.as_bytes().chunks(25).map(|row| std::str::from_utf8(row).unwrap());
        let grouped = |row: &str| {
            let groups = row.as_bytes().chunks(5).map(|group| String::from_utf8_lossy(group));
            groups.collect::<Vec<_>>().join(separator)
        };
        let rows = std::iter::once(line_0).chain(rows).enumerate();
        rows.map(|(number, row)| format!("{number:>3}  {}", grouped(row))).collect()
    }

    /// Other forms in which a line and its number are written.
    const FORMS: [fn(&str, &str) -> String; 7] = [
        |number, row| format!("{number:>3}  {row}\n"),
        |number, row| format!("{number} {row}\r\n"),
        |number, row| format!("{number}. {row}\n"),
        |number, row| format!("{number}\t{row}\n"),
        |number, row| format!("> {number:>2}  {row}\n"),
        |number, row| format!("({number}) {row}\r\n\r\n"),
        |number, row| format!("| {number} | {row} |\n"),
    ];

    fn written(rows: &[String], form: usize) -> String {
        let line = |row: &String| {
            let (number, row) = row.trim_start().split_once("  ").unwrap();
            FORMS[form](number, row)
        };
        rows.iter().map(line).collect()
    }

    fn assert_only(found: &[super::FoundToken], token: &str, text: &str) {
        let whole: Vec<_> = found.iter().map(|found| found.token.clone()).collect();
        assert_eq!(whole.len(), 1, "{whole:?}\n{text}");
        assert_eq!(whole[0].as_ref().map(ToString::to_string).as_deref(), Ok(token), "{text}");
        assert_eq!(found[0].repaired, 0, "{text}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(120))]

        #[test]
        fn the_numbered_lines_of_a_sheet_are_read_in_any_order(
            seed: u64,
            which in 0..8_u64,
            form in 0..FORMS.len(),
            separator in prop_oneof![Just(" "), Just("-"), Just("")],
        ) {
            let token = sample(which);
            let mut rows = sheet(&token, separator);
            fastrand::Rng::with_seed(seed).shuffle(&mut rows);
            let text = written(&rows, form);
            for found in [scan(&text), scan_as_specified(&text)] {
                assert_only(&found.unwrap(), &token, &text);
            }
        }

        #[test]
        fn two_sheets_each_in_any_order_are_both_read(
            seed: u64,
            form in 0..FORMS.len(),
            between in prop_oneof![Just(""), Just("\n"), Just("Dear all,\n")],
        ) {
            let tokens = [sample(1), sample(2)];
            let mut random = fastrand::Rng::with_seed(seed);
            let mut texts = Vec::new();
            for token in &tokens {
                let mut rows = sheet(token, " ");
                random.shuffle(&mut rows);
                texts.push(written(&rows, form));
            }
            let text = texts.join(between);
            let found = scan(&text).unwrap();
            let whole: Vec<_> = found.iter().flat_map(|found| &found.token).collect();
            prop_assert!(whole.iter().map(ToString::to_string).eq(tokens), "{:?}\n{}", found, text);
        }
    }

    #[test]
    fn a_sheet_from_its_last_line_to_its_first_is_read() {
        for which in 0..8 {
            let token = sample(which);
            for form in 0..FORMS.len() {
                let mut rows = sheet(&token, " ");
                rows.reverse();
                let text = written(&rows, form);
                assert_only(&scan(&text).unwrap(), &token, &text);
            }
        }
    }

    #[test]
    fn the_error_names_the_line_that_is_missing_from_a_reversed_sheet() {
        let token = sample(1);
        let mut rows = sheet(&token, " ");
        rows.remove(4);
        rows.reverse();
        let text = written(&rows, 0);
        let found = scan(&text).unwrap();
        let errors: Vec<_> = found.iter().map(|found| found.token.as_ref().unwrap_err()).collect();
        let of = rows.len();
        let expected = crate::ReadError::RowsMissing { rows: vec![4], of };
        assert_eq!(errors, [&expected], "{text}");
    }

    #[test]
    fn the_lines_of_the_previous_sheet_are_not_rows_of_a_truncated_token() {
        let (token, cut) = (sample(1), sample(2));
        let text = format!("{}\n{}", written(&sheet(&token, " "), 0), &cut[..70]);
        let found = scan(&text).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        let error = found[1].token.as_ref().unwrap_err();
        assert!(matches!(error, crate::ReadError::Truncated { have: 2, .. }), "{error:?}");
    }
}
