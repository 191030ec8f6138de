//! Crockford's Base32: 32 symbols that can be read aloud, typed and photographed without confusion,
//! and the folding of characters that people and programs write instead.

/// The symbols in the order of their values. They don't include I, L, O and U.
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Returns the symbol of a value below 32.
pub(crate) fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// Marks characters in [`VALUES`] that aren't symbols.
const NONE: u8 = 255;

/// The value of every ASCII character, with look-alikes folded: O is read as 0, I and L as 1, and U
/// as V. Case is ignored.
const VALUES: [u8; 128] = {
    let mut table = [NONE; 128];
    let mut value = 0;
    while value < ALPHABET.len() {
        let upper = ALPHABET[value];
        table[upper as usize] = value as u8;
        table[upper.to_ascii_lowercase() as usize] = value as u8;
        value += 1;
    }
    let folds = [(b'O', b'0'), (b'I', b'1'), (b'L', b'1'), (b'U', b'V')];
    let mut index = 0;
    while index < folds.len() {
        let (written, meant) = folds[index];
        table[written as usize] = table[meant as usize];
        table[written.to_ascii_lowercase() as usize] = table[meant as usize];
        index += 1;
    }
    table
};

/// Returns the value of a letter or digit after folding look-alikes, or `None` for anything else.
pub(crate) const fn value(character: char) -> Option<u8> {
    if !character.is_ascii() {
        return None;
    }
    match VALUES[character as usize] {
        NONE => None,
        value => Some(value),
    }
}

/// Returns the number of symbols for this number of bytes.
pub(crate) const fn symbols_for(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// Converts bytes to values below 32, most significant bit first, padded with zero bits.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut values = Vec::with_capacity(symbols_for(bytes.len()));
    let (mut held, mut bits) = (0_u32, 0);
    for &byte in bytes {
        held = held << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            values.push((held >> bits & 31) as u8);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        values.push((held << (5 - bits) & 31) as u8);
    }
    values
}

/// Converts values back to `length` bytes. Returns `None` if there are too few or too many values,
/// or if the padding isn't zero: a token has exactly one text.
pub(crate) fn to_bytes(values: &[u8], length: usize) -> Option<Vec<u8>> {
    if values.len() != symbols_for(length) {
        return None;
    }
    let mut bytes = Vec::with_capacity(length);
    let (mut held, mut bits) = (0_u32, 0);
    for &value in values {
        held = held << 5 | u32::from(value & 31);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_survive_conversion_to_symbols_and_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let values = from_bytes(&bytes);
            prop_assert_eq!(values.len(), symbols_for(bytes.len()));
            prop_assert_eq!(to_bytes(&values, bytes.len()), Some(bytes));
        }
    }

    #[test]
    fn padding_that_is_not_zero_is_refused() {
        assert_eq!(to_bytes(&[0, 0], 1), Some(vec![0]));
        assert_eq!(to_bytes(&[0, 1], 1), None);
    }

    #[test]
    fn look_alikes_are_folded() {
        for (written, meant) in [('o', '0'), ('O', '0'), ('l', '1'), ('I', '1'), ('u', 'V')] {
            assert_eq!(value(written), value(meant));
        }
        assert_eq!(value('-'), None);
        assert_eq!(value('ß'), None);
    }
}
