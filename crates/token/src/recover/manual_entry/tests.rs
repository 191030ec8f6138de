//! Tests of typing tokens from paper, with the errors that people make.

use proptest::prelude::*;

use super::*;
use crate::{Deactivation, Line, RequestId};
use crate::{Response, SeatId, SecretKeys, Seed, seal};

fn keys() -> SecretKeys {
    SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap()
}

fn token() -> Token {
    let keys = keys();
    let payload = Deactivation { seat: SeatId::from_bytes([1; 8]), counter: 3, created_at: 9 };
    seal(&payload, 1, &keys, keys.public()).unwrap()
}

/// Returns a token of nearly the maximum length.
fn long_token() -> Token {
    let keys = keys();
    let payload = Response {
        request: RequestId::from_bytes([3; 8]),
        activated_at: 1,
        seat: SeatId::from_bytes([1; 8]),
        lease_expiry: 2,
        grace: 0,
        sequence: 1,
        features: Default::default(),
        attributes: [("what".to_owned(), "x".repeat(480))].into(),
        subscription_end: None,
        traits_digest: [0; 10],
    };
    seal(&payload, 1, &keys, keys.public()).unwrap()
}

fn with_beginning(lines: &[Line]) -> EntrySheet {
    let mut sheet = EntrySheet::default();
    assert_eq!(sheet.enter(0, lines[0].symbols()), LineCheck::Right);
    sheet
}

/// Returns another symbol.
fn another(symbol: char, by: u8) -> char {
    symbols::symbol(symbols::value(symbol).unwrap() ^ (1 + by % 31))
}

#[test]
fn the_rows_can_be_typed_in_any_order_once_line_0_is_there() {
    let token = token();
    let lines = token.lines();
    let mut sheet = EntrySheet::default();
    assert_eq!(sheet.enter(5, lines[5].symbols()), LineCheck::LineZeroFirst);
    assert_eq!((sheet.kind(), sheet.rows(), sheet.length(5)), (None, None, None));
    assert_eq!(sheet.enter(0, &lines[0].to_string().to_lowercase()), LineCheck::Right);
    assert_eq!(sheet.kind(), Some(Kind::Deactivation));
    assert_eq!(sheet.rows(), Some(lines.len() - 1));
    assert_eq!(sheet.check(5), LineCheck::Right, "what was typed before counts now");
    for line in lines[1..].iter().rev() {
        assert_eq!(sheet.enter(line.number(), line.symbols()), LineCheck::Right);
    }
    assert_eq!(sheet.next_after(0), None);
    assert_eq!(sheet.right_rows(), lines.len() - 1);
    assert_eq!(sheet.token(), Some(Ok(token)));
}

#[test]
fn there_is_no_token_before_every_row_is_right_and_the_next_row_is_returned() {
    let lines = token().lines();
    let mut sheet = with_beginning(&lines);
    assert_eq!(sheet.next_after(0), Some(1));
    for line in &lines[2..] {
        assert_eq!(sheet.enter(line.number(), line.symbols()), LineCheck::Right);
    }
    assert_eq!((sheet.token(), sheet.next_after(5)), (None, Some(1)));
    sheet.enter(3, "");
    assert_eq!(sheet.next_after(1), Some(3));
}

#[test]
fn a_row_that_belongs_elsewhere_is_reported_with_its_number() {
    let lines = token().lines();
    let mut sheet = with_beginning(&lines);
    assert_eq!(sheet.enter(2, lines[4].symbols()), LineCheck::OtherLine { line: 4 });
    assert_eq!(sheet.enter(2, lines[0].symbols()), LineCheck::OtherLine { line: 0 });
    assert_eq!(sheet.enter(4, lines[2].symbols()), LineCheck::OtherLine { line: 2 });
}

#[test]
fn two_rows_of_another_token_are_detected() {
    let lines = token().lines();
    // A row of another token looks like a damaged row of this token once in forty times.
    let others = std::iter::repeat_with(|| long_token().lines()).find(|others| {
        let is_wrong = |row: usize| {
            let alone = with_beginning(&lines).enter(row, others[row].symbols());
            alone == LineCheck::Wrong
        };
        is_wrong(2) && is_wrong(3)
    });
    let others = others.unwrap();
    let mut sheet = with_beginning(&lines);
    assert_eq!(sheet.enter(2, others[2].symbols()), LineCheck::Wrong);
    assert_eq!(sheet.enter(3, others[3].symbols()), LineCheck::OtherToken);
    assert_eq!(sheet.check(2), LineCheck::OtherToken);
    assert_eq!(sheet.enter(3, lines[3].symbols()), LineCheck::Right);
    assert_eq!(sheet.check(2), LineCheck::Wrong);
}

#[test]
fn lost_and_added_symbols_are_located_or_at_least_counted() {
    const TOKENS: usize = 100;
    let mut located = 0;
    for _ in 0..TOKENS {
        let lines = token().lines();
        let mut sheet = with_beginning(&lines);
        let row = lines[3].symbols();
        // Once in forty times, a symbol that is put in elsewhere passes the check as well.
        match sheet.enter(3, &format!("{}{}", &row[..7], &row[8..])) {
            LineCheck::Suggestion { line, error: TypingError::Missing { .. } } => {
                located += 1;
                assert_eq!(sheet.enter(3, &line), LineCheck::Right);
            }
            found => assert_eq!(found, LineCheck::Unfinished { missing: 1 }),
        }
        match sheet.enter(3, &format!("{}{}", &row[..8], &row[7..])) {
            LineCheck::Suggestion { line, .. } => {
                located += 1;
                assert_eq!(sheet.enter(3, &line), LineCheck::Right);
            }
            found => assert_eq!(found, LineCheck::TooLong { added: 1 }),
        }
    }
    assert!(located > 2 * TOKENS * 8 / 10, "{located}");
}

#[test]
fn symbols_that_are_not_typed_yet_or_too_many_are_counted() {
    let lines = token().lines();
    let mut sheet = with_beginning(&lines);
    let row = lines[3].symbols();
    assert_eq!(sheet.enter(3, &row[..20]), LineCheck::Unfinished { missing: 5 });
    assert_eq!(sheet.enter(3, &format!("{row}{row}")), LineCheck::TooLong { added: 25 });
    assert_eq!(sheet.enter(0, &lines[0].symbols()[..9]), LineCheck::Unfinished { missing: 5 });
}

#[test]
fn a_saved_sheet_is_restored_and_other_text_restores_an_empty_sheet() {
    let lines = token().lines();
    let mut sheet = with_beginning(&lines);
    sheet.enter(3, lines[3].symbols());
    sheet.enter(2, "half a r\u{7}ow");
    assert_eq!(EntrySheet::restore(&sheet.to_saved()), sheet);
    for wrong in ["", "\n\n", "x y", "99999999999999999999 A", "-1 A", "5000 A", "\u{feff}0 \0"] {
        assert!(EntrySheet::restore(wrong).is_empty(), "{wrong:?}");
    }
    assert!(EntrySheet::restore(&"1 A\n".repeat(100_000)).to_saved().len() < 10);
    assert!(EntrySheet::restore(&format!("0 {}", "A".repeat(100_000))).to_saved().len() < 250);
}

#[test]
fn look_alike_letters_are_read_as_the_symbols_that_they_resemble() {
    let lines = long_token().lines();
    let mut sheet = with_beginning(&lines);
    for line in &lines[1..] {
        let typed = line.symbols().to_lowercase().replace('0', "o").replace('1', "l");
        assert_eq!(sheet.enter(line.number(), &typed), LineCheck::Right, "{typed}");
    }
    assert_eq!(sheet.enter(1, &lines[1].symbols().replacen(|_| true, "ß", 1)), {
        LineCheck::Suggestion {
            line: lines[1].groups().collect::<Vec<_>>().join(" "),
            error: TypingError::Wrong { place: 1 },
        }
    });
}

#[test]
fn the_number_before_a_row_is_ignored_but_three_digits_of_a_row_are_not() {
    let lines = token().lines();
    let mut sheet = with_beginning(&lines);
    assert_eq!(sheet.enter(2, &lines[2].to_string()), LineCheck::Right);
    assert_eq!(sheet.enter(2, &lines[4].to_string()), LineCheck::OtherLine { line: 4 });
    let row = lines[3].symbols();
    assert_eq!(sheet.enter(3, &format!("{} {}", &row[..3], &row[3..])), LineCheck::Right);
}

#[test]
fn a_number_before_a_row_is_distinguished_from_its_first_group() {
    assert_eq!(without_number(" 7  446JB 1BB8M"), (Some(7), " 446JB 1BB8M"));
    assert_eq!(without_number("12: 446JB"), (Some(12), " 446JB"));
    for none in ["446JB 1BB8M", "44612 1BB8M", "7", "7 ", "1234 5", ""] {
        assert_eq!(without_number(none), (None, none));
    }
}

proptest! {
    #[test]
    fn the_correction_of_one_wrong_symbol_is_offered_and_never_applied(
        row in 0_usize..100, place in any::<prop::sample::Index>(), by in any::<u8>(),
    ) {
        let lines = token().lines();
        let mut sheet = with_beginning(&lines);
        let line = &lines[row % lines.len()];
        let mut typed: Vec<char> = line.symbols().chars().collect();
        let at = place.index(typed.len());
        typed[at] = another(typed[at], by);
        let found = sheet.enter(line.number(), &typed.into_iter().collect::<String>());
        // In the prefix two kinds may be equally near.
        prop_assume!(line.number() != 0 || at >= 5 || found != LineCheck::Wrong);
        let expected = line.groups().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(found, LineCheck::Suggestion { line: expected, error: TypingError::Wrong { place: at + 1 } });
    }

    #[test]
    fn any_text_can_be_checked_as_a_line(lines in proptest::collection::vec((0_usize..200, ".{0,40}"), 0..20)) {
        let mut sheet = EntrySheet::default();
        sheet.enter(0, token().lines()[0].symbols());
        for (number, typed) in lines {
            let _ = sheet.enter(number, &typed);
            let _ = sheet.next_after(number);
        }
        let _ = sheet.token();
        prop_assert_eq!(EntrySheet::restore(&sheet.to_saved()).to_saved(), sheet.to_saved());
    }
}

/// The results of checking rows with random wrong symbols.
#[derive(Debug, Default)]
struct Shares {
    right: usize,
    suggested: usize,
    wrongly_suggested: usize,
    flagged: usize,
    wrongly_right: usize,
}

/// Types rows with random wrong symbols, and counts the results.
fn type_rows(rows: usize, per_mille: u32) -> Shares {
    let mut random = fastrand::Rng::with_seed(20_261_124);
    let lines = long_token().lines();
    let sheet = with_beginning(&lines);
    let mut shares = Shares::default();
    // These are full rows, so that all have the same probability.
    for line in lines[1..lines.len() - 1].iter().cycle().take(rows) {
        let slip = |symbol: char| match random.u32(..1000) < per_mille {
            true => another(symbol, random.u8(..31)),
            false => symbol,
        };
        let typed: String = line.symbols().chars().map(slip).collect();
        let mut sheet = sheet.clone();
        match sheet.enter(line.number(), &typed) {
            LineCheck::Right if typed == line.symbols() => shares.right += 1,
            LineCheck::Right => shares.wrongly_right += 1,
            LineCheck::Suggestion { line: offered, .. } => {
                match offered.replace(' ', "") == line.symbols() {
                    true => shares.suggested += 1,
                    false => shares.wrongly_suggested += 1,
                }
            }
            _ => shares.flagged += 1,
        }
    }
    shares
}

/// `cargo test -p latchkey-token -- --nocapture typed_rows` shows the counts.
#[test]
#[allow(clippy::print_stdout, reason = "the counts are what this is for")]
fn none_of_ten_thousand_typed_rows_with_wrong_symbols_passes() {
    for (per_mille, right, suggested) in
        [(10, 7_500..8_100, 1_700..2_200), (30, 4_400..5_000, 3_300..3_900)]
    {
        let shares = type_rows(10_000, per_mille);
        println!("{per_mille} ‰ wrong symbols, 10,000 rows: {shares:?}");
        assert_eq!(shares.wrongly_right, 0, "{shares:?}");
        assert!(right.contains(&shares.right), "{shares:?}");
        assert!(suggested.contains(&shares.suggested), "{shares:?}");
        assert!(shares.wrongly_suggested <= 30, "{shares:?}");
    }
}

#[test]
fn the_correction_of_two_confused_symbols_is_offered_and_never_applied() {
    let lines = long_token().lines();
    let sheet = with_beginning(&lines);
    let alike = |symbol: char| {
        let pairs = ["09", "5S", "2Z", "8B", "6G", "1J"].map(|pair| pair.split_at(1));
        pairs.iter().find_map(|(a, b)| {
            let other = if a.contains(symbol) { Some(b) } else { b.contains(symbol).then_some(a) };
            other?.chars().next()
        })
    };
    let (mut offered, mut tried) = (0, 0);
    for line in &lines[1..] {
        let places = line.symbols().char_indices();
        let places: Vec<_> = places.filter_map(|(at, symbol)| Some((at, alike(symbol)?))).collect();
        let [.., (first, a), (second, b)] = places[..] else { continue };
        let mut typed = line.symbols().to_owned();
        typed.replace_range(first..=first, &a.to_string());
        typed.replace_range(second..=second, &b.to_string());
        tried += 1;
        let found = sheet.clone().enter(line.number(), &typed);
        assert_ne!(found, LineCheck::Right);
        if let LineCheck::Suggestion { line: right, error: TypingError::Several } = found {
            offered += usize::from(right.replace(' ', "") == line.symbols());
        }
    }
    // Another row hardly ever looks as similar.
    println!("{offered} of {tried} are offered");
    assert!(tried > 5 && offered + 2 >= tried, "{offered} of {tried}");
}
