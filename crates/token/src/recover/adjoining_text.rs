//! Removes text that runs into the pieces of a token: `10:14LKREQ07Y6F`, a line number without a
//! space after it, or a chat or a list whose line ends were lost. Text is only removed if it occurs
//! with every piece of a token.
//!
//! These are alternative readings of a text with a token that isn't intact. They can add tokens but
//! never damage any.

use super::message_pieces::{for_each_piece, is_long, push_line};
use super::work_budget::WorkBudget;
use crate::text::layout::prefix;
use crate::wire::kind::Kind;

/// The longest text that is tried. Texts copied from a chat or a list are short.
const MAX_BYTES: usize = 32 * 1024;
/// The most digits that precede a prefix in its word: those of a year.
const MAX_DIGITS_BEFORE_PREFIX: usize = 4;
/// The least number of pieces that shows that the numbers at their ends count them.
const MIN_COUNTED_PIECES: usize = 3;

/// Returns the pieces of lines that contain several, each with the text before it, or `None` if no
/// line contains several.
pub(super) fn split_shared_lines(text: &str, work: &WorkBudget) -> Option<String> {
    let mut isolated = String::new();
    let lines = one_piece_per_line(text, work)?;
    for_each_piece(&lines, work, |piece| push_line(&mut isolated, piece));
    Some(isolated)
}

/// Returns the pieces without a time, a date or a line number that runs into them. The hour of a
/// time after a piece has two digits.
pub(super) fn without_adjoining_text(text: &str, work: &WorkBudget) -> Option<String> {
    remove_adjoining_text(text, 2, work)
}

/// The same for times whose hour has one digit.
pub(super) fn without_adjoining_text_one_digit_hours(
    text: &str,
    work: &WorkBudget,
) -> Option<String> {
    remove_adjoining_text(text, 1, work)
}

/// Returns a text with one line for each piece, or `None` if every line has at most one.
fn one_piece_per_line(text: &str, work: &WorkBudget) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    work.spend(4 * text.len());
    let mut broken = String::with_capacity(text.len());
    let mut is_broken = false;
    for line in text.lines() {
        let (mut from, mut last_end) = (0, None);
        let mut pieces = 0;
        let mut end_line = |from: &mut usize, end: usize, next: usize| {
            // A line ends where the next one may begin: text that follows a piece without a space
            // belongs to it.
            let is_between = |c: char| c.is_whitespace() || c == '<';
            let at = line[end..next].find(is_between).map_or(end, |at| end + at);
            broken.push_str(line[*from..at].trim_start());
            broken.push('\n');
            *from = at;
        };
        for (start, end) in runs(line).filter(|&(start, end)| is_long(&&line[start..end])) {
            if let Some(last) = last_end {
                end_line(&mut from, last, start);
            }
            last_end = Some(end);
            pieces += 1;
        }
        if let Some(last) = last_end.filter(|_| pieces > 1) {
            end_line(&mut from, last, line.len());
            is_broken = true;
        }
        broken.push_str(line[from..].trim_start());
        broken.push('\n');
    }
    is_broken.then_some(broken)
}

/// Returns the ranges of consecutive letters and digits in a line.
fn runs(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let words = line.split(|character: char| !character.is_alphanumeric());
    words.map(|word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        (start, start + word.len())
    })
}

fn remove_adjoining_text(text: &str, hour: usize, work: &WorkBudget) -> Option<String> {
    if text.len() > MAX_BYTES || !Kind::ALL.iter().any(|kind| text.contains(prefix(*kind))) {
        return None;
    }
    let broken = one_piece_per_line(text, work);
    let text = broken.as_deref().unwrap_or(text);
    let mut pieces = Vec::new();
    for_each_piece(text, work, |piece| pieces.push(piece));
    work.spend(4 * text.len());
    let mut isolated = String::new();
    let mut is_changed = false;
    for token in pieces.chunk_by(|_, next| beginning(next).is_none()) {
        let adjoining = Adjoining::detect(token, text);
        for (index, piece) in token.iter().enumerate() {
            let cut = adjoining.remove_from(piece, index, text, hour);
            is_changed |= cut.len() < piece.len();
            push_line(&mut isolated, cut);
        }
    }
    is_changed.then_some(isolated)
}

/// Returns the position of a prefix in a piece that begins a token.
fn beginning(piece: &str) -> Option<usize> {
    let places = Kind::ALL.iter().filter_map(|kind| piece.find(prefix(*kind)));
    places.min().filter(|&at| at <= MAX_DIGITS_BEFORE_PREFIX)
}

/// The text that runs into the pieces of one token.
enum Adjoining {
    /// A number before or after each piece that counts the pieces. It has at least `digits` digits.
    Numbers { first: usize, digits: usize, is_before: bool },
    /// This number of digits before each piece, which are the end of a time or a date.
    Digits(usize),
    /// `AM` or `PM` before each piece.
    Noon,
    /// The text after each piece shows what belongs to it.
    After,
}

impl Adjoining {
    fn detect(token: &[&str], text: &str) -> Self {
        let Some(at) = token.first().and_then(|first| beginning(first)) else {
            return Self::After;
        };
        let before = &token[0][..at];
        if let Ok(first) = before.parse() {
            return match is_counted(token, first, at, true) {
                true => Self::Numbers { first, digits: at, is_before: true },
                false => Self::Digits(at),
            };
        }
        if is_noon(before) {
            return Self::Noon;
        }
        let is_at_an_end =
            |piece: &&str| text_after(piece, text).chars().next().is_none_or(char::is_whitespace);
        if token.iter().all(is_at_an_end) {
            for digits in (1..=MIN_COUNTED_PIECES).rev() {
                let last = token[0].get(token[0].len().saturating_sub(digits)..);
                if let Some(first) = last.and_then(|last| last.parse().ok())
                    && token.len() >= MIN_COUNTED_PIECES
                    && is_counted(token, first, digits, false)
                {
                    return Self::Numbers { first, digits, is_before: false };
                }
            }
        }
        Self::After
    }

    fn remove_from<'t>(&self, piece: &'t str, index: usize, text: &str, hour: usize) -> &'t str {
        match *self {
            Self::Numbers { first, digits, is_before } => {
                let number = number_in(piece, first + index, digits, is_before).unwrap_or_default();
                match is_before {
                    true => &piece[number..],
                    false => &piece[..piece.len() - number],
                }
            }
            Self::Digits(digits) => match piece.split_at_checked(digits) {
                Some((number, rest)) if is_number(number) => rest,
                _ => piece,
            },
            Self::Noon => match piece.split_at_checked(2) {
                Some((noon, rest)) if is_noon(noon) => rest,
                _ => piece,
            },
            Self::After => {
                let digits = digits_before(text_after(piece, text), hour);
                match piece.split_at_checked(piece.len().saturating_sub(digits)) {
                    Some((rest, number)) if is_number(number) => rest,
                    _ => piece,
                }
            }
        }
    }
}

fn is_noon(word: &str) -> bool {
    matches!(word, "AM" | "PM")
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the text after a piece.
fn text_after<'t>(piece: &str, text: &'t str) -> &'t str {
    let end = piece.as_ptr() as usize - text.as_ptr() as usize + piece.len();
    &text[end..]
}

/// Returns whether the numbers of the pieces ascend by one.
fn is_counted(token: &[&str], first: usize, digits: usize, is_before: bool) -> bool {
    let mut numbered = (first..).zip(token);
    numbered.all(|(number, piece)| number_in(piece, number, digits, is_before).is_some())
}

/// Returns the length of this number if it begins or ends a piece.
fn number_in(piece: &str, number: usize, digits: usize, is_before: bool) -> Option<usize> {
    let written = format!("{number:0digits$}");
    let is_there = if is_before { piece.starts_with(&written) } else { piece.ends_with(&written) };
    is_there.then_some(written.len())
}

/// Returns how many digits at the end of a piece belong to the text after it: to the hour of a
/// time, a year, or a day.
fn digits_before(after: &str, hour: usize) -> usize {
    let digit = |at: usize| after.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let sign = |at: usize| after.as_bytes().get(at).copied().unwrap_or_default();
    let is_followed = digit(1) && (digit(2) || sign(2) == sign(0));
    match sign(0) {
        b'-' | b'/' if is_followed && sign(3) == sign(0) && digit(2) && hour == 2 => 4,
        b':' | b'.' | b'-' | b'/' if is_followed => hour,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{Form, assert_read, pieces, sample};

    #[test]
    fn text_that_runs_into_each_piece_is_removed() {
        let forms: [Form<'_>; 16] = [
            ("time before", &|at, piece| format!("10:{:02}{piece}", 14 + at)),
            ("time with seconds before", &|at, piece| format!("10:14:{:02}{piece}", 14 + at)),
            ("time in brackets", &|at, piece| format!("[10:{:02}]{piece}", 14 + at)),
            ("hours before", &|at, piece| format!("{}:{:02}{piece}", 9 + at / 2, 30 * (at % 2))),
            ("noon before", &|at, piece| {
                format!("11:{:02} {}{piece}", 50 + at % 10, if at < 2 { "AM" } else { "PM" })
            }),
            ("date before", &|at, piece| format!("2027-02-{:02}{piece}", 1 + at)),
            ("year before", &|_, piece| format!("03.02.2027{piece}")),
            ("number before", &|at, piece| format!("{:03}{piece}", 1 + at)),
            ("short number before", &|at, piece| format!("{}{piece}", 8 + at)),
            ("time after", &|at, piece| format!("{piece}10:{:02}", 14 + at)),
            ("short time after", &|at, piece| format!("{piece}9:{:02}", 14 + at)),
            ("time and noon after", &|at, piece| format!("{piece}9:{:02} PM", 14 + at)),
            ("date after", &|at, piece| format!("{piece}2027-02-{:02}", 1 + at)),
            ("another date after", &|at, piece| format!("{piece}{:02}.02.27", 1 + at)),
            ("number after", &|at, piece| format!("{piece}{:03}", 1 + at)),
            ("short number after", &|at, piece| format!("{piece}{}", 8 + at)),
        ];
        for which in 0..8 {
            let token = sample(which);
            for symbols in [25, 64, 90] {
                for (name, form) in forms {
                    for between in ["\n", "\r\n", " "] {
                        let pieces = pieces(&token, symbols);
                        // Nothing shows whether 08, 09, 10 are the numbers 8 to 10 after symbols.
                        if name == "short number after"
                            && pieces.iter().take(2).all(|piece| piece.ends_with('0'))
                        {
                            continue;
                        }
                        let pieces = pieces.into_iter().enumerate();
                        let lines: Vec<_> = pieces.map(|(at, piece)| form(at, piece)).collect();
                        let text = lines.join(between);
                        let name = format!("{name} {symbols} {between:?}");
                        assert_read(&name, &text, &token);
                    }
                }
            }
        }
    }

    #[test]
    fn a_token_in_a_chat_or_list_on_one_line_is_read() {
        let forms: [Form<'_>; 8] = [
            ("a chat", &|at, piece| format!("[10:{:02}] Kim: {piece} ", 14 + at)),
            ("an export", &|at, piece| format!("03.02.27, 09:{:02} - Pat Doe: {piece} ", 14 + at)),
            ("time after", &|at, piece| format!("{piece} 09:{:02} ✓✓ ", 14 + at)),
            ("a numbered list", &|at, piece| format!("{}. {piece} ", 1 + at)),
            ("an array", &|at, piece| format!("{{\"n\":{at},\"text\":\"{piece}\"}},")),
            ("elements", &|at, piece| format!("<row n=\"{at}\">{piece}</row>")),
            ("what PowerShell prints", &|_, piece| {
                format!("<S S=\"Output\">{piece}_x000D__x000A_</S>")
            }),
            ("cells", &|at, piece| {
                format!(
                    "<Row ss:Index=\"{at}\"><Cell><Data ss:Type=\"String\">{piece}</Data></Cell></Row>"
                )
            }),
        ];
        for which in 0..8 {
            let token = sample(which);
            for symbols in [40, 64, 90] {
                for (name, form) in forms {
                    let pieces = pieces(&token, symbols).into_iter().enumerate();
                    let text: String = pieces.map(|(at, piece)| form(at, piece)).collect();
                    assert_read(&format!("{name} {symbols}"), &text, &token);
                }
            }
        }
    }
}
