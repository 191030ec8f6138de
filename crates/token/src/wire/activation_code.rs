//! The activation code that a customer receives from the vendor. It is confidential: anyone who
//! knows it can activate a seat. `Debug` and [`ActivationCode::masked`] show only its end.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wire::limits::MAX_CODE_SYMBOLS;
use crate::wire::symbols;

/// An activation code in its normalised form: 1 to 32 symbols of Crockford's base 32. Vendors may
/// use A–Z, 0–9 and dashes. O and 0 are the same, as are I, L and 1, and U and V; dashes and spaces
/// are ignored.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ActivationCode {
    values: Vec<u8>,
    /// Whether it was assembled from the words of a sentence.
    #[zeroize(skip)]
    is_sentence: bool,
}

impl ActivationCode {
    /// Creates a code from its symbols: 1 to [`MAX_CODE_SYMBOLS`] values below 32.
    pub(crate) const fn from_values(values: Vec<u8>) -> Self {
        Self { values, is_sentence: false }
    }

    /// Creates a code from symbols that are, together, words of a sentence.
    pub(crate) const fn from_sentence(values: Vec<u8>) -> Self {
        Self { values, is_sentence: true }
    }

    /// Returns the values of its symbols.
    pub(crate) fn values(&self) -> &[u8] {
        &self.values
    }

    /// Returns whether it was assembled from the words of a sentence.
    pub(crate) const fn is_sentence(&self) -> bool {
        self.is_sentence
    }

    /// Returns the number of symbols.
    #[must_use]
    pub fn symbols(&self) -> usize {
        self.values.len()
    }

    /// Returns the whole code in groups of four with dashes. It is only for its owner and for the
    /// vendor's database, which looks up codes in this form.
    #[must_use]
    pub fn expose(&self) -> String {
        self.in_groups_of(4)
    }

    pub(crate) fn in_groups_of(&self, group: usize) -> String {
        let mut text = String::with_capacity(self.values.len() + self.values.len() / group);
        for (index, &value) in self.values.iter().enumerate() {
            if index > 0 && index % group == 0 {
                text.push('-');
            }
            text.push(symbols::symbol(value));
        }
        text
    }

    /// What [`ActivationCode::masked`] shows in place of all symbols but the last ones.
    pub const MASK: &str = "••••";

    /// Returns a form such as `••••-R7K2`: enough to distinguish two codes, and too little to use
    /// one. Codes of fewer than twelve symbols show nothing.
    #[must_use]
    pub fn masked(&self) -> String {
        let end =
            if self.values.len() < 12 { &[][..] } else { &self.values[self.values.len() - 4..] };
        let end: String = end.iter().map(|&value| symbols::symbol(value)).collect();
        if end.is_empty() { Self::MASK.to_owned() } else { format!("{}-{end}", Self::MASK) }
    }

    /// Returns a byte with the number of symbols, followed by the symbols with five bits each.
    pub(crate) fn to_packed(&self) -> Vec<u8> {
        // Values of five bits are padded to whole bytes by the inverse of the rule for text.
        let mut bytes = vec![self.values.len() as u8];
        let (mut held, mut bits) = (0_u32, 0);
        for &value in &self.values {
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
        let code = Self::from_values(values.to_vec());
        // A code has one encoding: the padding must be zero.
        (padding.iter().all(|&value| value == 0) && code.to_packed()[1..] == *packed)
            .then_some(code)
    }
}

impl PartialEq for ActivationCode {
    fn eq(&self, other: &Self) -> bool {
        self.values.ct_eq(&other.values).into()
    }
}

impl Eq for ActivationCode {}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActivationCode({})", self.masked())
    }
}
