//! Reads text in columns: sheets that were printed side by side, the rows of one sheet in two
//! columns, and the cells of a table. A line then contains rows from several places, and the
//! scanner needs one column after the other.
//!
//! This is an alternative reading of a text with a token that isn't intact. It can add tokens but
//! never damage any.

use super::work_budget::WorkBudget;

/// The longest text that is tried. Texts in columns are short.
const MAX_BYTES: usize = 32 * 1024;
/// The least number of letters and digits in a cell that is a row: four of its five groups.
const MIN_ROW_SYMBOLS: usize = 20;
/// The most cells of a line that are considered. No sheet of paper has more columns of rows, each
/// with a column of numbers.
const MAX_COLUMNS: usize = 16;
/// Characters that separate two cells.
const BORDERS: [char; 8] = ['\t', '|', '│', '┃', '║', ',', ';', '"'];

/// A cell, and either its first column of characters or its index.
struct Cell<'t> {
    at: usize,
    text: &'t str,
}

/// Returns the columns one after the other, or `None` if no line has two rows.
pub(super) fn columns_in_sequence(text: &str, work: &WorkBudget) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    work.spend(4 * text.len());
    let lines: Vec<_> = text.lines().map(cells).collect();
    let rows = |cells: &[Cell<'_>]| cells.iter().filter(|cell| is_row(cell.text)).count();
    let widest = lines.iter().max_by_key(|cells| (rows(cells), cells.len()))?;
    if rows(widest) < 2 {
        return None;
    }
    let mut columns = vec![String::new(); widest.len()];
    for cell in lines.iter().flatten() {
        // The number of a row may be a character longer, and the last row is short.
        let nearest = widest.iter().enumerate().min_by_key(|(_, there)| there.at.abs_diff(cell.at));
        if let Some(column) = nearest.and_then(|(nearest, _)| columns.get_mut(nearest)) {
            column.push_str(cell.text);
            column.push('\n');
        }
    }
    Some(columns.join("\n"))
}

/// Splits a line into cells at its borders or, without borders, at gaps of two or more spaces.
fn cells(line: &str) -> Vec<Cell<'_>> {
    if line.contains(BORDERS) {
        let cells = line.split(BORDERS).take(MAX_COLUMNS).enumerate();
        return cells.map(|(at, text)| Cell { at, text: text.trim() }).collect();
    }
    let mut cells = Vec::new();
    let mut characters = line.char_indices().enumerate().peekable();
    while cells.len() < MAX_COLUMNS {
        let Some((at, (start, _))) = characters.find(|(_, (_, c))| !c.is_whitespace()) else {
            break;
        };
        let mut end = line.len();
        while let Some((_, (place, character))) = characters.next() {
            let is_gap = |next: Option<&(usize, (usize, char))>| {
                next.is_none_or(|(_, (_, character))| character.is_whitespace())
            };
            if character.is_whitespace() && is_gap(characters.peek()) {
                end = place;
                break;
            }
        }
        cells.push(Cell { at, text: &line[start..end] });
    }
    cells
}

/// Returns whether a cell looks like a row: groups of letters and digits, and enough of them.
fn is_row(cell: &str) -> bool {
    let mut symbols = 0;
    let mut has_digit = false;
    let is_part = cell.chars().all(|character| {
        symbols += usize::from(character.is_alphanumeric());
        has_digit |= character.is_numeric();
        character.is_alphanumeric() || character.is_whitespace() || character == '-'
    });
    is_part && has_digit && symbols >= MIN_ROW_SYMBOLS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan;

    /// Returns the lines of a token's sheet, with their numbers.
    fn rows(token: &str) -> Vec<String> {
        let (first, rest) = token.split_at(14);
        let rest = rest.as_bytes().chunks(25).map(|row| std::str::from_utf8(row).unwrap());
        let grouped = |row: &str| {
            let groups = row.as_bytes().chunks(5).map(|group| String::from_utf8_lossy(group));
            groups.collect::<Vec<_>>().join(" ")
        };
        let rows = std::iter::once(first).chain(rest).enumerate();
        rows.map(|(number, row)| format!("{number:>3}  {}", grouped(row))).collect()
    }

    fn assert_read(name: &str, text: &str, tokens: &[&str]) {
        let found = scan(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let mut whole: Vec<_> =
            found.iter().flat_map(|found| &found.token).map(ToString::to_string).collect();
        whole.sort();
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable();
        assert_eq!(whole, tokens, "{name}\n{text}");
        assert_eq!(found.len(), tokens.len(), "{name}: {found:?}\n{text}");
    }

    /// Combines the left and the right part of a line.
    type Form = fn(&str, &str) -> String;
    const FORMS: [(&str, Form); 8] = [
        ("spaces", |left, right| format!("{left:40}{right}\n")),
        ("a table", |left, right| format!("| {left:40} | {right:40} |\n")),
        ("tabs", |left, right| format!("{left}\t{right}\n")),
        ("spaces that don't break", |left, right| format!("{left}\u{a0}\u{a0}\u{a0}{right}\n")),
        ("wide spaces", |left, right| format!("{left}\u{3000}\u{3000}{right}\n")),
        ("small letters", |left, right| format!("{left:40}{right}\n").to_lowercase()),
        ("values", |left, right| format!("\"{left}\";\"{right}\"\n")),
        ("boxes", |left, right| format!("│ {left:40} │ {right:40} │\n")),
    ];

    fn beside(form: Form, left: &[String], right: &[String]) -> String {
        let side = |rows: &[String], line: usize| rows.get(line).cloned().unwrap_or_default();
        let lines = 0..left.len().max(right.len());
        lines.map(|line| form(&side(left, line), &side(right, line))).collect()
    }

    #[test]
    fn two_sheets_side_by_side_are_read() {
        for which in 0..8 {
            let tokens = [crate::tests::sample(which), crate::tests::sample((which + 1) % 8)];
            for (name, form) in FORMS {
                let text = beside(form, &rows(&tokens[0]), &rows(&tokens[1]));
                assert_read(name, &text, &[&tokens[0], &tokens[1]]);
            }
        }
    }

    #[test]
    fn the_rows_of_one_sheet_in_two_columns_are_read() {
        for which in 0..8 {
            let token = crate::tests::sample(which);
            let rows = rows(&token);
            for middle in [rows.len().div_ceil(2), rows.len() / 2] {
                for (name, form) in FORMS {
                    let text = beside(form, &rows[..middle], &rows[middle..]);
                    assert_read(name, &format!("To be typed\n\n{text}\nPage 1\n"), &[&token]);
                }
            }
        }
    }

    #[test]
    fn a_text_whose_lines_have_one_row_each_has_no_columns() {
        let token = crate::tests::sample(1);
        for text in [token.clone(), rows(&token).join("\n"), "Dear all,  hello".to_owned()] {
            assert_eq!(columns_in_sequence(&text, &WorkBudget::for_text(&text)), None, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_not_tried() {
        let row = "ABCDE ABCD1 ABCDE ABCDE ABCDE";
        let line = format!("{row}  {row}\n");
        let text = line.repeat(MAX_BYTES / line.len() + 1);
        assert_eq!(columns_in_sequence(&text, &WorkBudget::for_text(&text)), None);
        assert!(columns_in_sequence(&line, &WorkBudget::for_text(&line)).is_some());
    }
}
