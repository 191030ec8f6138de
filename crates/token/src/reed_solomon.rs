//! Reed–Solomon over GF(32): three check symbols find any two wrong symbols of a codeword and correct
//! any one. Too small and too particular for a library: the codewords have symbols that are never sent.
//!
//! The field is GF(2)\[x\] / (x⁵ + x² + 1) with generator x = 2; the code's roots are 2¹, 2² and 2³. A codeword's
//! first symbol has the highest degree.

/// Check symbols of a codeword.
pub(crate) const CHECKS: usize = 3;
/// Longest codeword.
const MAX_LENGTH: usize = 31;

/// Powers of the generator, twice over so that sums of logarithms need no remainder.
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
const GENERATOR: [u8; CHECKS] = {
    let (a, b, c) = (POWERS[1], POWERS[2], POWERS[3]);
    [a ^ b ^ c, multiply(a, b) ^ multiply(a, c) ^ multiply(b, c), multiply(a, multiply(b, c))]
};

/// A remainder of three symbols, the first one highest, in 15 bits.
type Remainder = u16;

/// What a symbol in front of a remainder becomes when one symbol comes behind it.
const CARRIES: [Remainder; 32] = {
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

/// The remainder of a word with one more symbol behind it, the check symbols included.
const fn next(remainder: Remainder, symbol: u8) -> Remainder {
    ((remainder & 0x3ff) << 5 | symbol as Remainder & 31) ^ CARRIES[(remainder >> 10) as usize]
}

/// The remainder of a word: 0 for a codeword. It is linear: that of a sum (exclusive or) is the sum of theirs.
pub(crate) fn remainder(word: impl IntoIterator<Item = u8>) -> Remainder {
    word.into_iter().fold(0, next)
}

/// The check symbols that make `data` a codeword.
pub(crate) fn checks(data: impl IntoIterator<Item = u8>) -> [u8; CHECKS] {
    let remainder = remainder(data.into_iter().chain([0; CHECKS]));
    [(remainder >> 10) as u8, (remainder >> 5 & 31) as u8, (remainder & 31) as u8]
}

/// The remainders of all words of one length in a stretch of symbols, one after the other.
pub(crate) struct Windows<'s> {
    symbols: &'s [u8],
    length: usize,
    /// What a symbol contributes that has just left the window.
    leaving: [Remainder; 32],
    remainder: Remainder,
    /// Symbols that have come in.
    taken: usize,
}

impl<'s> Windows<'s> {
    pub(crate) fn new(symbols: &'s [u8], length: usize) -> Self {
        let leaving = |value| remainder([value].into_iter().chain(std::iter::repeat_n(0, length)));
        let mut table = [0; 32];
        (0..).zip(&mut table).for_each(|(value, entry)| *entry = leaving(value));
        Self { symbols, length, leaving: table, remainder: 0, taken: 0 }
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
                let left = usize::from(self.symbols[place] & 31);
                self.remainder ^= self.leaving[left];
            }
            self.taken += 1;
            if self.taken >= self.length {
                return Some(self.remainder);
            }
        }
    }
}

/// What the checks say about a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It is a codeword.
    Whole,
    /// Changing this one symbol by this difference makes it one.
    OneWrong {
        /// Index of the symbol, from the front.
        index: usize,
        /// What to add (exclusive or) to it.
        difference: u8,
    },
    /// More than one symbol is wrong.
    Damaged,
}

/// Checks a word of at most 31 symbols, the last three of which are its checks.
pub(crate) fn check(word: &[u8]) -> Checked {
    debug_assert!(word.len() <= MAX_LENGTH, "longer words would have two positions alike");
    let remainder = remainder(word.iter().copied());
    if remainder == 0 {
        return Checked::Whole;
    }
    // A word and its remainder differ by a multiple of the generator, which is 0 at the roots.
    let remainder = [remainder >> 10, remainder >> 5 & 31, remainder & 31];
    let syndrome = |root: usize| {
        remainder.iter().fold(0, |sum, &symbol| multiply(sum, POWERS[root]) ^ symbol as u8)
    };
    let (s1, s2, s3) = (syndrome(1), syndrome(2), syndrome(3));
    // One error of value e at degree d gives s1 = e·2^d, s2 = e·2^2d, s3 = e·2^3d.
    if s1 == 0 || s2 == 0 || s3 == 0 || multiply(s2, s2) != multiply(s1, s3) {
        return Checked::Damaged;
    }
    let log = |value: u8| usize::from(LOGARITHMS[usize::from(value)]);
    let degree = (log(s2) + 31 - log(s1)) % 31;
    if degree >= word.len() {
        return Checked::Damaged;
    }
    let difference = POWERS[(log(s1) + 31 - degree) % 31];
    Checked::OneWrong { index: word.len() - 1 - degree, difference }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codeword() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(0_u8..32, 1..=MAX_LENGTH - CHECKS).prop_map(|mut data| {
            let checks = checks(data.iter().copied());
            data.extend(checks);
            data
        })
    }

    proptest! {
        #[test]
        fn a_codeword_is_whole(word in codeword()) {
            prop_assert_eq!(check(&word), Checked::Whole);
        }

        #[test]
        fn every_window_has_the_remainder_of_its_word(
            symbols in proptest::collection::vec(0_u8..32, 0..200), length in 1..=MAX_LENGTH,
        ) {
            let windows: Vec<_> = Windows::new(&symbols, length).collect();
            let words: Vec<_> =
                symbols.windows(length).map(|word| remainder(word.iter().copied())).collect();
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
        fn any_two_wrong_symbols_are_noticed(
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
