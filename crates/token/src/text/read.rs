//! Reads a token's text exactly as it is written. What people and programs make of a text is read
//! in `recover`.

use std::str::FromStr;

use thiserror::Error;

use crate::text::layout::{LENGTH, LINE_0, PREFIX, ROW, ROW_DATA, number_of};
use crate::text::reed_solomon::CHECKSUM_LEN;
use crate::wire::envelope::Token;
use crate::wire::limits::MAX_TOKEN_BYTES;
use crate::wire::symbols;

/// Longer than any token's text: a symbol has five bits, and a row has three check symbols.
const MAX_TEXT: usize = 2 * MAX_TOKEN_BYTES;

/// The text isn't exactly what a token is written as. [`crate::scan`] finds a token in any text.
///
/// It has no error code, because no user sees it: callers parse only text that a program wrote, and
/// say in their own error what that text should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the text of a token as it is written")]
pub struct NotTokenText;

/// Accepts only the text that `Display` writes, so that a token has one text.
impl FromStr for Token {
    type Err = NotTokenText;

    fn from_str(text: &str) -> Result<Self, NotTokenText> {
        // Look-alikes, other checks and other tags are written differently again.
        decode(text).filter(|token| token.to_string() == text).ok_or(NotTokenText)
    }
}

/// The token in the data symbols of a text, whose check symbols are skipped.
fn decode(text: &str) -> Option<Token> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let values: Vec<_> = text.chars().map(symbols::value).collect::<Option<_>>()?;
    let (line_0, rows) = values.split_at_checked(LINE_0)?;
    let length = number_of(&line_0[PREFIX..PREFIX + LENGTH]);
    let data: Vec<_> = rows
        .chunks(ROW)
        .flat_map(|row| &row[..ROW_DATA.min(row.len().saturating_sub(CHECKSUM_LEN))])
        .copied()
        .collect();
    Token::from_bytes(symbols::to_bytes(&data, length)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::limits::MIN_TOKEN_BYTES;
    use crate::{Deactivation, SeatId, SecretKeys, Seed, seal};

    fn token() -> Token {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        let payload = Deactivation { seat: SeatId::from_bytes([1; 8]), counter: 3, created_at: 9 };
        seal(&payload, 1, &keys, keys.public()).unwrap()
    }

    proptest! {
        #[test]
        fn a_token_of_any_length_is_read_from_its_own_text(
            rest in proptest::collection::vec(any::<u8>(), 0..=MAX_TOKEN_BYTES - MIN_TOKEN_BYTES),
        ) {
            let bytes = [&token().as_bytes()[..MIN_TOKEN_BYTES], &rest].concat();
            let token = Token::from_bytes(bytes).unwrap();
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }
    }

    #[test]
    fn every_other_text_is_refused() {
        let text = token().to_string();
        for end in 0..text.len() {
            assert_eq!(text[..end].parse::<Token>(), Err(NotTokenText), "{end}");
            let mut changed = text.clone();
            let other = if text.as_bytes()[end] == b'7' { "8" } else { "7" };
            changed.replace_range(end..=end, other);
            assert_eq!(changed.parse::<Token>(), Err(NotTokenText), "{end}");
        }
        for other in [
            text.to_lowercase(),
            text.replacen('1', "I", 1).replacen('0', "O", 1),
            format!(" {text}"),
            format!("{text}\n"),
            text.repeat(2),
            "Ä".repeat(100),
            "0".repeat(MAX_TEXT + 1),
        ] {
            assert_ne!(other, text);
            assert_eq!(other.parse::<Token>(), Err(NotTokenText), "{other}");
        }
    }
}
