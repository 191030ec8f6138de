//! Tests that scanning a text takes a bounded number of steps for each of its bytes, even where an
//! attacker wrote it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::scan::scan_within;
use super::work_budget::{STEPS, STEPS_BEFORE_OTHER_READINGS_PER_BYTE, STEPS_PER_BYTE, WorkBudget};
use crate::wire::limits::MAX_TEXT_BYTES;
use crate::{FoundToken, TextError};

#[path = "../../benches/texts/mod.rs"]
pub(super) mod texts;

use texts::{Texts, filled};

/// The most steps that any of these texts takes for each of its bytes. A scan takes about 24, and
/// trying the candidates of damaged tokens may take 20 more. How many of these a token needs
/// depends on its random bytes, so that the result of one run isn't a bound.
const MOST_PER_BYTE: u64 = 48;
/// Further steps that one token's candidates and the alternative readings of a short text may take.
const SHORT_TEXT: u64 = 12_000_000;

#[test]
fn the_documents_state_the_limits_that_count() {
    let per_byte = STEPS_BEFORE_OTHER_READINGS_PER_BYTE;
    for (document, sentence) in [
        (
            include_str!("../../../../SECURITY.md"),
            format!(
                "more than 6 million steps plus {per_byte} a byte is not read in the other ways"
            ),
        ),
        (
            include_str!("../../../../docs/token-format.md"),
            format!("more than {per_byte} steps a byte (and six million) by then"),
        ),
    ] {
        let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(document.contains(&sentence), "{sentence}");
    }
}

/// Scans a text, and returns the result with the number of steps.
fn counted(text: &str) -> (Result<Vec<FoundToken>, TextError>, u64) {
    let work = WorkBudget::for_text(text);
    let found = scan_within(text, &work);
    (found, work.done())
}

#[test]
fn every_text_of_the_bench_takes_a_bounded_number_of_steps_a_byte() {
    let texts = Texts::new();
    for (name, piece) in texts.pieces() {
        for bytes in [64 * 1024, 1024 * 1024] {
            let text = filled(bytes, &piece);
            let (found, steps) = counted(&text);
            let most = MOST_PER_BYTE * text.len() as u64 + SHORT_TEXT;
            println!(
                "{name}, {bytes}: {:.1} steps a byte, {:?}",
                steps as f64 / text.len() as f64,
                found.err()
            );
            assert!(steps <= most, "{name}: {steps} steps for {bytes} bytes");
        }
    }
}

#[test]
#[ignore = "takes minutes: `cargo xtask bench token` runs it"]
fn the_texts_of_many_seeds_take_a_bounded_number_of_steps_a_byte() {
    let mut most: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for seed in 0..200 {
        let texts = Texts::with_seed(seed);
        let damaged = |name: &str| {
            ["puzzle", "symbol", "row", "line 0", "quoted"].iter().any(|part| name.contains(part))
        };
        for (name, piece) in texts.pieces().into_iter().filter(|(name, _)| damaged(name)) {
            let text = filled(256 * 1024, &piece);
            let (_, steps) = counted(&text);
            let worst = most.entry(name).or_default();
            *worst = (*worst).max((steps, seed));
            assert!(
                steps <= MOST_PER_BYTE * text.len() as u64 + SHORT_TEXT,
                "{name}, {seed}: {steps}"
            );
        }
    }
    for (name, (steps, seed)) in most {
        println!("{name}: {:.1} steps a byte, seed {seed}", steps as f64 / (256.0 * 1024.0));
    }
}

#[test]
fn honest_texts_take_a_small_part_of_their_budget() {
    let texts = Texts::new();
    // Dumps are looked for in a page twice: in its source and in what it shows.
    let honest = BTreeMap::from([
        ("prose", 40),
        ("10,000 tokens, a line each", 40),
        ("tokens quoted and wrapped", 40),
        ("a page with a token in each link", 42),
        ("one wrong symbol in every row", 40),
    ]);
    for (name, piece) in texts.pieces() {
        let Some(percent) = honest.get(name) else { continue };
        let text = filled(1024 * 1024, &piece);
        let (found, steps) = counted(&text);
        assert!(!matches!(found, Err(TextError::TooMuchWork)), "{name}");
        assert!(100 * steps < percent * STEPS_PER_BYTE * text.len() as u64, "{name}: {steps}");
    }
}

#[test]
fn a_text_that_takes_too_much_work_is_refused() {
    let work = WorkBudget::for_text("x");
    work.spend((STEPS + STEPS_PER_BYTE + 1) as usize);
    assert_eq!(scan_within("x", &work), Err(TextError::TooMuchWork));
}

#[test]
fn a_text_whose_characters_become_more_than_any_text_has_is_refused() {
    // This character becomes eighteen.
    let text = "\u{fdfa}".repeat(MAX_TEXT_BYTES / 14);
    assert_eq!(counted(&text).0, Err(TextError::TooMuchWork));
}

#[test]
fn a_body_that_its_character_set_makes_longer_than_any_text_is_refused() {
    let texts = Texts::new();
    let pieces = texts.pieces();
    let (_, piece) = pieces.iter().find(|(name, _)| name.contains("character set")).unwrap();
    assert_eq!(counted(&filled(8 * 1024 * 1024, piece)).0, Err(TextError::TooMuchWork));
}

#[test]
fn tokens_that_use_up_all_their_tries_take_a_bounded_number_of_steps_a_byte() {
    // No combination of candidates is right, and each takes a digest of nearly the whole token.
    let texts = Texts::new();
    let pieces = texts.pieces();
    let (_, piece) = pieces.iter().find(|(name, _)| name.contains("first eight")).unwrap();
    let text = filled(4 * 1024 * 1024, piece);
    let (_, steps) = counted(&text);
    assert!(steps <= MOST_PER_BYTE * text.len() as u64 + SHORT_TEXT, "{steps}");
}

#[test]
fn with_any_budget_a_text_is_scanned_completely_or_refused() {
    let (token, other) = (crate::tests::sample(1), crate::tests::sample(2));
    let mail = format!(
        "Content-Transfer-Encoding: base64\n\n{}\n\n",
        data_encoding::BASE64.encode(other.as_bytes())
    );
    let damaged = token.replacen('7', "", 1);
    for text in [
        format!("{token}\nDear all\n{other}\n{mail}"),
        format!("{token}\n<p>{other}</p>{}", "&amp;".repeat(2_000)),
        format!("{damaged}\n{other}\n{}", "x LKREQ ".repeat(300)),
    ] {
        let (whole, steps) = counted(&text);
        assert!(whole.as_ref().is_ok_and(|found| found.len() >= 2), "{whole:?}");
        let mut refused = 0;
        for most in (0..200).map(|part| steps * part / 200) {
            let found = scan_within(&text, &WorkBudget::limited_to(most));
            refused += usize::from(found == Err(TextError::TooMuchWork));
            assert!(found == whole || found == Err(TextError::TooMuchWork), "{most}: {found:?}");
        }
        assert!(refused > 100, "{refused}");
    }
}

#[test]
fn ten_thousand_tokens_in_one_text_are_all_read_with_few_steps() {
    let texts = Texts::new();
    let pieces = texts.pieces();
    let (_, piece) = pieces.iter().find(|(name, _)| name.starts_with("10,000 tokens")).unwrap();
    let text: String = (0..10_000).map(piece).collect();
    let (found, steps) = counted(&text);
    assert_eq!(found.map(|found| found.len()), Ok(10_000));
    assert!(steps < MOST_PER_BYTE / 2 * text.len() as u64, "{steps}");
}

#[test]
fn a_token_keeps_its_first_tries_when_those_of_the_text_are_used_up() {
    let token = crate::tests::sample(1);
    // Two rows with an intact one between them have lost a symbol, which leaves a few combinations.
    let lost = [&token[..20], &token[21..70], &token[71..]].concat();
    let texts = Texts::new();
    let pieces = texts.pieces();
    let (_, piece) = pieces.iter().find(|(name, _)| name.contains("first eight")).unwrap();
    let text = format!("{}\n{lost}\n", filled(256 * 1024, piece));
    let found = counted(&text).0.unwrap();
    assert!(found.iter().rev().any(|found| {
        found.token.as_ref().is_ok_and(|token_read| token_read.to_string() == token)
    }));
}

/// What texts consist of from the scanner's point of view, and what only looks so.
const PIECES: &[&str] = &[
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: text/plain; charset=utf-7\n",
    "Content-Type: text/plain;\n\tcharset=iso-8859-5\n",
    "From a@b\n",
    ">From a@b\n",
    "a: b\n",
    " c\n",
    "\n",
    "--:\n",
    "--b\n",
    "--b--\n",
    "x y\n",
    "TEtSRVEwN1k2RjYwNEIwNDBORkFDWDhCTTg1WjA3QlhTOTQ3V0c1\n",
    "Q29udGVudC1UcmFuc2Zlci1FbmNvZGluZzogYmFzZTY0CgpUVA==\n",
    "=\n",
    "=3D",
    "=C2=A0",
    "&",
    "&#x41;",
    "&amp;",
    "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "<",
    "<br>",
    "<a href=\"",
    "\">",
    "https://a.example/",
    "%253A%2F%2F",
    "%25252525",
    "\\n",
    "LKQRF",
    "LKREQ",
    "LKANS",
    "LKFSH ",
    "LKDAC",
    "\n0 ",
    "\n1 ABCDE ABCDE ABCDE ABCDE ABCDE",
    "\u{fdfa}",
    "\u{301}",
    "\u{ad}",
    "0000000000000000000000000",
    "ABCDEFGHJKMNPQRSTVWXYZ012",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_sequence_of_pieces_takes_a_bounded_number_of_steps_a_byte(
        pieces in proptest::collection::vec((0..PIECES.len() + 4, 0..4_u32), 1..40),
        again in 1..200_usize,
    ) {
        let (token, other) = (crate::tests::sample(1), crate::tests::sample(2));
        let tokens = [token.as_str(), &token[..14], &other[..60], &other[14..]];
        let once: String = pieces
            .iter()
            .map(|&(piece, times)| {
                let piece = PIECES.get(piece).copied().unwrap_or_else(|| tokens[piece - PIECES.len()]);
                piece.repeat(1 << (2 * times))
            })
            .collect();
        let text = once.repeat(again.min(60_000 / once.len() + 1));
        let (_, steps) = counted(&text);
        let most = MOST_PER_BYTE * text.len() as u64 + SHORT_TEXT;
        prop_assert!(steps <= most, "{steps} steps for {} bytes", text.len());
    }
}
