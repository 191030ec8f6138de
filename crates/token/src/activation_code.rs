//! The activation code that the customer got from the vendor. It is confidential: whoever knows it can
//! take a seat. `Debug` and [`ActivationCode::masked`] show only its end.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::ActivationCodeError;
use crate::limits::MAX_CODE_SYMBOLS;
use crate::symbols;

/// An activation code in its folded form: 1 to 32 symbols of Crockford's base 32. Vendors choose from
/// A–Z, 0–9 and dash; O and 0, I, L and 1, U and V are one and the same, dashes and spaces don't count.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ActivationCode(Vec<u8>);

impl ActivationCode {
    /// Symbols of a generated code: 80 random bits.
    pub const GENERATED_SYMBOLS: usize = 16;

    /// Generates a code of 16 symbols.
    ///
    /// # Errors
    /// [`ActivationCodeError::Randomness`] when the operating system has no randomness to give.
    pub fn generate() -> Result<Self, ActivationCodeError> {
        let mut bytes = [0; Self::GENERATED_SYMBOLS * 5 / 8];
        getrandom::fill(&mut bytes).map_err(|_| ActivationCodeError::Randomness)?;
        let code = Self(symbols::from_bytes(&bytes));
        bytes.zeroize();
        Ok(code)
    }

    /// Number of symbols.
    #[must_use]
    pub fn symbols(&self) -> usize {
        self.0.len()
    }

    /// The whole code, in groups of four with dashes: for its owner and for the vendor's database only.
    #[must_use]
    pub fn expose(&self) -> String {
        let mut text = String::with_capacity(self.0.len() + self.0.len() / 4);
        for (index, &value) in self.0.iter().enumerate() {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            text.push(symbols::symbol(value));
        }
        text
    }

    /// `••••-R7K2`: enough to tell two codes apart, too little to use one. Codes of fewer than
    /// twelve symbols show nothing.
    #[must_use]
    pub fn masked(&self) -> String {
        let end = if self.0.len() < 12 { &[][..] } else { &self.0[self.0.len() - 4..] };
        let end: String = end.iter().map(|&value| symbols::symbol(value)).collect();
        if end.is_empty() { "••••".to_owned() } else { format!("••••-{end}") }
    }

    /// A count byte and the symbols, five bits each.
    pub(crate) fn to_packed(&self) -> Vec<u8> {
        // Values of five bits are padded to whole bytes by the same rule as in text, read the other way.
        let mut bytes = vec![self.0.len() as u8];
        let (mut held, mut bits) = (0_u32, 0);
        for &value in &self.0 {
            held = held << 5 | u32::from(value);
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits & 255) as u8);
                held &= (1 << bits) - 1;
            }
        }
        if bits > 0 {
            bytes.push((held << (8 - bits) & 255) as u8);
        }
        bytes
    }

    pub(crate) fn from_packed(packed: &[u8]) -> Option<Self> {
        let (&count, packed) = packed.split_first()?;
        let count = usize::from(count);
        if count == 0 || count > MAX_CODE_SYMBOLS || packed.len() != (count * 5).div_ceil(8) {
            return None;
        }
        let values = symbols::from_bytes(packed);
        let (values, padding) = values.split_at_checked(count)?;
        let code = Self(values.to_vec());
        // One code has one encoding: what is left over must be zero.
        (padding.iter().all(|&value| value == 0) && code.to_packed()[1..] == *packed)
            .then_some(code)
    }
}

impl FromStr for ActivationCode {
    type Err = ActivationCodeError;

    /// Reads what a person typed: case, spaces and dashes of any kind don't matter.
    fn from_str(text: &str) -> Result<Self, ActivationCodeError> {
        let mut values = Vec::with_capacity(MAX_CODE_SYMBOLS);
        let mut symbols = 0;
        for character in text.chars() {
            if character.is_whitespace() || is_dash_or_invisible(character) {
                continue;
            }
            let value = symbols::value(character)
                .ok_or(ActivationCodeError::Symbol { found: character })?;
            symbols += 1;
            if symbols <= MAX_CODE_SYMBOLS {
                values.push(value);
            }
        }
        match symbols {
            0 => Err(ActivationCodeError::Empty),
            1..=MAX_CODE_SYMBOLS => Ok(Self(values)),
            _ => Err(ActivationCodeError::TooLong { symbols }),
        }
    }
}

fn is_dash_or_invisible(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

impl PartialEq for ActivationCode {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for ActivationCode {}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivationCode({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_code_has_sixteen_symbols_in_groups_of_four() {
        let code = ActivationCode::generate().unwrap();
        assert_eq!((code.symbols(), code.expose().len()), (16, 19));
        assert_eq!(code.expose().parse(), Ok(code));
    }

    #[test]
    fn it_is_read_however_it_is_typed() {
        let code: ActivationCode = "ACME-B10E-2V26".parse().unwrap();
        for typed in ["acmebloe2v26", " acme – blOe \u{200b}2U26 ", "ACME\u{2011}BL0E\u{2011}2V26"]
        {
            assert_eq!(typed.parse().as_ref(), Ok(&code), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_with_the_reason() {
        let parse = |text: &str| text.parse::<ActivationCode>();
        assert_eq!(parse(" - "), Err(ActivationCodeError::Empty));
        assert_eq!(parse("AB#C"), Err(ActivationCodeError::Symbol { found: '#' }));
        assert_eq!(parse(&"A".repeat(33)), Err(ActivationCodeError::TooLong { symbols: 33 }));
    }

    #[test]
    fn every_length_packs_and_unpacks_and_has_one_encoding() {
        for length in 1..=MAX_CODE_SYMBOLS {
            let code: ActivationCode = "7Z".repeat(32)[..length].parse().unwrap();
            let mut packed = code.to_packed();
            assert_eq!(ActivationCode::from_packed(&packed), Some(code));
            if length % 8 != 0 {
                *packed.last_mut().unwrap() |= 1;
                assert_eq!(ActivationCode::from_packed(&packed), None);
            }
        }
    }

    #[test]
    fn it_is_masked_wherever_it_is_printed() {
        let code: ActivationCode = "0123-4567-89AB-CDEF".parse().unwrap();
        assert_eq!(code.masked(), "••••-CDEF");
        assert_eq!(format!("{code:?}"), "ActivationCode(••••-CDEF)");
        assert_eq!("SHORT".parse::<ActivationCode>().unwrap().masked(), "••••");
    }
}
