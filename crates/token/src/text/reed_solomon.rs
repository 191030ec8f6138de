//! Reed–Solomon over GF(32): three check symbols find any two wrong symbols of a codeword and
//! correct any one. Too small and too particular for a library: the codewords have symbols that are
//! never sent.
//!
//! The field is GF(2)\[x\] / (x⁵ + x² + 1) with generator x = 2; the code's roots are 2¹, 2² and
//! 2³. A codeword's first symbol has the highest degree.

/// The number of check symbols of a codeword.
pub(crate) const CHECKSUM_LEN: usize = 3;
/// The longest codeword, in symbols.
const MAX_LENGTH: usize = 31;

/// Powers of the generator, repeated once so that sums of logarithms need no reduction.
const POWERS: [u8; 62] = powers();
const LOGARITHMS: [u8; 32] = logarithms();

const fn powers() -> [u8; 62] {
    let mut table = [0; 62];
    let (mut index, mut value) = (0, 1_u8);
    while index < 62 {
        table[index] = value;
        value <<= 1;
        if value & 32 != 0 {
            value ^= 0b10_0101;
        }
        index += 1;
    }
    table
}

const fn logarithms() -> [u8; 32] {
    let mut table = [0; 32];
    let mut index = 0;
    while index < 31 {
        table[POWERS[index] as usize] = index as u8;
        index += 1;
    }
    table
}

pub(crate) const fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    POWERS[LOGARITHMS[a as usize] as usize + LOGARITHMS[b as usize] as usize]
}

/// The generator polynomial (x − 2¹)(x − 2²)(x − 2³) without its leading 1, highest degree first.
const GENERATOR: [u8; CHECKSUM_LEN] = {
    let (a, b, c) = (POWERS[1], POWERS[2], POWERS[3]);
    [a ^ b ^ c, multiply(a, b) ^ multiply(a, c) ^ multiply(b, c), multiply(a, multiply(b, c))]
};

/// A remainder of three symbols in 15 bits, the first symbol in the highest ones.
pub(crate) type Remainder = u16;

/// What the first symbol of a remainder becomes when a symbol is appended.
const REDUCTION: [Remainder; 32] = {
    let mut table = [0; 32];
    let mut value = 0;
    while value < 32 {
        table[value] = (multiply(value as u8, GENERATOR[0]) as Remainder) << 10
            | (multiply(value as u8, GENERATOR[1]) as Remainder) << 5
            | multiply(value as u8, GENERATOR[2]) as Remainder;
        value += 1;
    }
    table
};

/// Returns the remainder of a word after one more symbol, where the word includes the check
/// symbols.
const fn next(remainder: Remainder, symbol: u8) -> Remainder {
    ((remainder & 0x3ff) << 5 | symbol as Remainder & 31) ^ REDUCTION[(remainder >> 10) as usize]
}

/// What a symbol contributes to the remainder of its word, by its degree, which is the number of
/// symbols after it.
static CONTRIBUTIONS: [[Remainder; 32]; MAX_LENGTH] = {
    let mut table = [[0; 32]; MAX_LENGTH];
    let mut degree = 0;
    while degree < MAX_LENGTH {
        let mut value = 0;
        while value < 32 {
            table[degree][value] = match degree {
                0 => value as Remainder,
                _ => next(table[degree - 1][value], 0),
            };
            value += 1;
        }
        degree += 1;
    }
    table
};

/// The one wrong symbol that leaves a remainder: its degree and, in the lower five bits, what to
/// add to it; 0 where more than one symbol is wrong.
static CORRECTIONS: [u16; 1 << 15] = {
    let mut table = [0; 1 << 15];
    let mut degree = 0;
    while degree < MAX_LENGTH {
        let mut difference = 1;
        while difference < 32 {
            let remainder = CONTRIBUTIONS[degree][difference] as usize;
            table[remainder] = (degree << 5 | difference) as u16;
            difference += 1;
        }
        degree += 1;
    }
    table
};

/// Returns what a symbol contributes to the remainder of its word. `degree` is the number of
/// symbols after it, and below 31.
pub(crate) fn contribution(degree: usize, symbol: u8) -> Remainder {
    CONTRIBUTIONS[degree][usize::from(symbol & 31)]
}

/// Returns the remainder of a word of at most 31 symbols, which is 0 for a codeword. It is linear:
/// the remainder of a sum (exclusive or) is the sum of the remainders.
pub(crate) fn remainder(word: &[u8]) -> Remainder {
    debug_assert!(word.len() <= MAX_LENGTH, "longer words would have two positions alike");
    let symbols = word.iter().rev().zip(&CONTRIBUTIONS);
    symbols.fold(0, |sum, (symbol, of)| sum ^ of[usize::from(symbol & 31)])
}

/// Returns the check symbols that make `data` a codeword.
pub(crate) fn checks(data: impl IntoIterator<Item = u8>) -> [u8; CHECKSUM_LEN] {
    let remainder = data.into_iter().chain([0; CHECKSUM_LEN]).fold(0, next);
    [(remainder >> 10) as u8, (remainder >> 5 & 31) as u8, (remainder & 31) as u8]
}

/// Iterates over the remainders of all words of one length in a sequence of symbols.
pub(crate) struct Windows<'s> {
    symbols: &'s [u8],
    length: usize,
    remainder: Remainder,
    /// Symbols that have come in.
    taken: usize,
}

impl<'s> Windows<'s> {
    /// Creates the iterator. `length` is below 31.
    pub(crate) fn new(symbols: &'s [u8], length: usize) -> Self {
        Self { symbols, length, remainder: 0, taken: 0 }
    }
}

/// The remainder of the word at each place.
impl Iterator for Windows<'_> {
    type Item = Remainder;

    fn next(&mut self) -> Option<Remainder> {
        loop {
            let coming = *self.symbols.get(self.taken)?;
            self.remainder = next(self.remainder, coming);
            if let Some(place) = self.taken.checked_sub(self.length) {
                self.remainder ^= contribution(self.length, self.symbols[place]);
            }
            self.taken += 1;
            if self.taken >= self.length {
                return Some(self.remainder);
            }
        }
    }
}

/// The result of checking a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It is a codeword.
    Whole,
    /// Changing this symbol by this difference makes the word a codeword.
    OneWrong {
        /// Index of the symbol, from the front.
        index: usize,
        /// What to add (exclusive or) to it.
        difference: u8,
    },
    /// More than one symbol is wrong.
    Damaged,
}

/// Checks a word of at most 31 symbols, the last three of which are its check symbols.
pub(crate) fn check(word: &[u8]) -> Checked {
    check_after(0, word)
}

/// Checks the written part of a word. Its implicit part precedes it, is correct, and contributes
/// `unwritten` to the remainder.
pub(crate) fn check_after(unwritten: Remainder, written: &[u8]) -> Checked {
    let remainder = unwritten ^ remainder(written);
    if remainder == 0 {
        return Checked::Whole;
    }
    match one_wrong(remainder) {
        Some((degree, difference)) if degree < written.len() => {
            Checked::OneWrong { index: written.len() - 1 - degree, difference }
        }
        _ => Checked::Damaged,
    }
}

/// Returns the degree of the single wrong symbol that leaves a remainder, and what to add to it.
pub(crate) fn one_wrong(remainder: Remainder) -> Option<(usize, u8)> {
    let correction = CORRECTIONS[usize::from(remainder) % CORRECTIONS.len()];
    (correction != 0).then_some((usize::from(correction >> 5), (correction & 31) as u8))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codeword() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0_u8..32, 1..=MAX_LENGTH - CHECKSUM_LEN).prop_map(|mut data| {
            let checks = checks(data.iter().copied());
            data.extend(checks);
            data
        })
    }

    proptest! {
        #[test]
        fn a_codeword_passes_its_check(word in codeword()) {
            prop_assert_eq!(check(&word), Checked::Whole);
        }

        #[test]
        fn every_window_has_the_remainder_of_its_word(
            symbols in proptest::collection::vec(0_u8..32, 0..200), length in 1..MAX_LENGTH,
        ) {
            let windows: Vec<_> = Windows::new(&symbols, length).collect();
            let words: Vec<_> =
                symbols.windows(length).map(remainder).collect();
            prop_assert_eq!(windows, words);
        }

        #[test]
        fn any_one_wrong_symbol_is_found_and_corrected(
            word in codeword(), at in any::<prop::sample::Index>(), difference in 1_u8..32,
        ) {
            let mut wrong = word.clone();
            let index = at.index(word.len());
            wrong[index] ^= difference;
            prop_assert_eq!(check(&wrong), Checked::OneWrong { index, difference });
        }

        #[test]
        fn any_two_wrong_symbols_are_detected(
            word in codeword(),
            first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>(),
            differences in (1_u8..32, 1_u8..32),
        ) {
            let (first, second) = (first.index(word.len()), second.index(word.len()));
            prop_assume!(first != second);
            let mut wrong = word;
            wrong[first] ^= differences.0;
            wrong[second] ^= differences.1;
            prop_assert_eq!(check(&wrong), Checked::Damaged);
        }
    }
}
