//! Finds rows of a token whose line 0 is missing, beside tokens that are read. Nothing in such rows
//! says what they are a part of, so they aren't a token; but people who have lost a line want to
//! know that.

use super::found_token::{Detection, KnownParts};
use super::symbol_stream::SymbolStream;
use super::work_budget::WorkBudget;
use crate::text::layout::{ROW, UNKNOWN, implicit_remainder};
use crate::text::reed_solomon::{Remainder, Windows};
use crate::wire::limits::MAX_TOKEN_BYTES;
use crate::wire::symbols;

/// How many rows in succession are certainly rows. The checks of any two others fit to each other
/// once in 2¹², and those of three once in 2²⁶.
const IN_SUCCESSION: usize = 3;
const MAX_ROWS: usize = symbols::symbols_for(MAX_TOKEN_BYTES).div_ceil(ROW);

/// Returns whether one of these rows belongs to none of the tokens that were found in its text. It
/// is `false` if a token has a damaged line 0, because they may be its rows.
pub(super) fn has_rows_of_no_token(rows: &[Remainder], found: &[Detection]) -> bool {
    if rows.is_empty() {
        return false;
    }
    let mut is_known = vec![false; 1 << Remainder::BITS];
    for sight in found {
        let tag = match (&sight.found.token, &sight.known_parts) {
            (Ok(token), _) => crate::text::layout::tag(token.as_bytes()),
            (Err(_), KnownParts::Line(_, tag) | KnownParts::Frame(tag)) => *tag,
            (Err(_), KnownParts::FirstRow(_) | KnownParts::Whole) => return false,
        };
        for number in 1..=MAX_ROWS {
            is_known[usize::from(implicit_remainder(number, tag, ROW))] = true;
        }
    }
    rows.iter().any(|row| !is_known[usize::from(*row)])
}

/// Applies [`first_rows`] to the symbols of a text without formats around it.
pub(super) fn rows_in_succession(text: &str) -> Vec<Remainder> {
    let stream = SymbolStream::from_text(text, &WorkBudget::for_text(text));
    stream.map_or_else(|_| Vec::new(), |stream| first_rows(&stream))
}

/// Returns the remainder of the first one of [`IN_SUCCESSION`] rows, wherever there are as many.
/// The remainder of a row's written symbols is that of its number and its token's tag, so that the
/// remainders of two rows of one token differ by those of their numbers alone.
fn first_rows(stream: &SymbolStream) -> Vec<Remainder> {
    let number = |number| implicit_remainder(number, [0; 3], ROW);
    let mut is_step = vec![false; 1 << Remainder::BITS];
    // The numbers of an even row and the next one differ in one bit, and the others in more.
    let even = number(2) ^ number(3);
    for row in (1..MAX_ROWS).step_by(2) {
        is_step[usize::from(number(row) ^ number(row + 1))] = true;
    }
    let symbols = &stream.symbols;
    let rows = |skipped: usize| Windows::new(symbols.get(skipped..).unwrap_or_default(), ROW);
    let in_succession = rows(0).zip(rows(ROW)).zip(rows(2 * ROW)).enumerate();
    let is_token = |place: usize| {
        let length = IN_SUCCESSION * ROW;
        let written = &symbols[place..place + length];
        // Letters that stand for a digit aren't counted.
        let letters = written.iter().filter(|&&value| value >= 10).count();
        let lower = stream.lower_case(place, length);
        !written.contains(&UNKNOWN) && (lower == 0 || lower >= letters)
    };
    in_succession
        .filter_map(|(place, ((first, second), third))| {
            let (one, other) = (first ^ second, second ^ third);
            let is_series = one == even && is_step[usize::from(other)]
                || other == even && is_step[usize::from(one)];
            (is_series && is_token(place)).then_some(first)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{pieces, sample};
    use crate::{Scan, has_rows_without_beginning};

    /// The rows of a token.
    fn rows(token: &str) -> Vec<&str> {
        pieces(&token[14..], ROW)
    }

    /// Texts that consist of these rows, the first of which has a number.
    fn forms(rows: &[&str], first: usize) -> Vec<String> {
        let groups: Vec<_> = rows.iter().map(|row| pieces(row, 5).join(" ")).collect();
        let numbered =
            groups.iter().zip(first..).map(|(row, number)| format!("{number:>3}  {row}\n"));
        let quoted = rows.iter().map(|row| format!("> {row}\n"));
        vec![
            rows.concat(),
            rows.join("\n"),
            groups.join("\n"),
            numbered.collect(),
            quoted.collect(),
            rows.concat().to_lowercase(),
            pieces(&rows.concat(), 64).join("\n"),
            format!("<p>{}</p>", rows.concat()),
            format!(
                "Content-Transfer-Encoding: base64\n\n{}\n\n",
                data_encoding::BASE64_MIME.encode(rows.concat().as_bytes())
            ),
        ]
    }

    #[test]
    fn rows_without_their_beginning_are_found_beside_a_token() {
        for which in 0..8 {
            let (token, other) = (sample(which), sample(which + 1));
            let rows = rows(&other);
            for lost in 1..5 {
                // What is lost is before the rows, and perhaps after them too.
                for rows in [&rows[lost..], &rows[lost..rows.len() - 2]] {
                    for rest in forms(rows, lost + 1) {
                        for text in [format!("{token}\n\n{rest}\n"), format!("{rest}\n\n{token}\n")]
                        {
                            let found = Scan::new(&text).unwrap();
                            assert_eq!(Ok(&found.tokens), crate::scan(&text).as_ref());
                            let has_rows = has_rows_without_beginning(&text);
                            assert_eq!(found.has_rows_without_beginning, has_rows);
                            assert!(has_rows || found.tokens.len() > 1, "{which} {lost}: {text}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_rows_of_the_tokens_that_are_found_are_not_found_again() {
        let (token, other) = (sample(1), sample(2));
        let mut texts = vec![
            token.clone(),
            format!("{token}\n{other}\n"),
            // Damaged ones are reported as such.
            format!("{token}\n{}\n", &other[..200]),
            format!("{token}\n{}{}\n", &other[..100], &other[140..]),
            format!("{token}\n{}XX{}\n", &other[..5], &other[7..]),
            format!("{token}\n{}ZZZZ{}\n", &other[..5], &other[9..]),
            // Alone, they are an error.
            other[39..].to_owned(),
            "Dear all, nothing to see here.\n".repeat(1_000),
        ];
        // They are copies of the token's own rows.
        texts.extend(forms(&rows(&token)[3..], 4).iter().map(|rest| format!("{token}\n{rest}\n")));
        for text in texts {
            assert!(!has_rows_without_beginning(&text), "{}", &text[..text.len().min(900)]);
        }
    }

    #[test]
    fn other_long_runs_of_symbols_are_not_rows() {
        let token = sample(1);
        let mut state = 7_u64;
        let mut next = || {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            (state >> 56) as u8
        };
        let noise: Vec<u8> = std::iter::repeat_with(&mut next).take(400_000).collect();
        for rest in [
            data_encoding::HEXUPPER.encode(&noise),
            data_encoding::BASE32_NOPAD.encode(&noise),
            "0".repeat(10_000),
            "ABCDEFGHJKMNPQRSTVWXYZ0123456789".repeat(500),
        ] {
            assert!(
                !has_rows_without_beginning(&format!("{token}\n\n{rest}\n")),
                "{}",
                &rest[..40]
            );
        }
    }
}
