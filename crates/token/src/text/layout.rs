//! The layout of a token's text, which consists of line 0 with its kind and length and of
//! self-checking rows.
//!
//! ```text
//! line 0   prefix(5) length(3) tag(3) check(3)   length in bytes, tag = 15 bits of SHA-256(token)
//! row n    data(22, the last row fewer) check(3) checked together with row number(2) and tag(3)
//! ```
//!
//! Every symbol is Crockford's base 32. A row's number and the tag take part in its check without
//! being written, so a row in the wrong place or of another token doesn't pass.

use sha2::{Digest as _, Sha256};

use crate::text::reed_solomon::{CHECKSUM_LEN, Remainder, contribution};
use crate::wire::kind::Kind;
use crate::wire::symbols;

pub(crate) const PREFIX: usize = 5;
pub(crate) const LENGTH: usize = 3;
pub(crate) const TAG_LEN: usize = 3;
/// The number of symbols of line 0.
pub(crate) const LINE_0: usize = PREFIX + LENGTH + TAG_LEN + CHECKSUM_LEN;
pub(crate) const ROW_DATA: usize = 22;
/// The number of symbols of a row. The last row may have fewer.
pub(crate) const ROW: usize = ROW_DATA + CHECKSUM_LEN;
/// The number of implicit symbols, which are part of a row's check without being written: row
/// number and tag.
pub(crate) const IMPLICIT_LEN: usize = 2 + TAG_LEN;

/// A letter or digit that isn't a symbol. The check of its row may still determine the original
/// symbol.
pub(crate) const UNKNOWN: u8 = 32;

/// Returns the readable prefix of a kind. Prefixes differ from each other in three symbols:
/// REQuest, ANSwer, reFreSH, DeACtivation.
pub(crate) const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "LKREQ",
        Kind::Response => "LKANS",
        Kind::Refresh => "LKFSH",
        Kind::Deactivation => "LKDAC",
    }
}

/// The symbol values of the prefixes, in the order of [`Kind::ALL`].
pub(crate) const PREFIXES: [[u8; PREFIX]; 4] = {
    let mut all = [[UNKNOWN; PREFIX]; 4];
    let mut index = 0;
    while index < all.len() {
        let written = prefix(Kind::ALL[index]).as_bytes();
        let mut at = 0;
        while at < PREFIX {
            if let Some(value) = symbols::value(written[at] as char) {
                all[index][at] = value;
            }
            at += 1;
        }
        index += 1;
    }
    all
};

pub(crate) const fn prefix_values(kind: Kind) -> [u8; PREFIX] {
    // Kinds are numbered from 1 in the order of `Kind::ALL`.
    PREFIXES[kind as usize - 1]
}

/// Returns the first 15 bits of the token's digest.
pub(crate) fn tag(token: &[u8]) -> [u8; TAG_LEN] {
    tag_of(Sha256::new_with_prefix(token))
}

pub(crate) fn tag_of(digest: Sha256) -> [u8; TAG_LEN] {
    let digest = digest.finalize();
    let bits = u16::from_be_bytes([digest[0], digest[1]]) >> 1;
    [(bits >> 10) as u8, (bits >> 5 & 31) as u8, (bits & 31) as u8]
}

/// Returns a number below 2¹⁵ as three symbol values.
pub(crate) fn number_values(number: usize) -> [u8; LENGTH] {
    [(number >> 10 & 31) as u8, (number >> 5 & 31) as u8, (number & 31) as u8]
}

/// Returns the number that three symbol values represent.
pub(crate) fn number_of(values: &[u8]) -> usize {
    values.iter().fold(0, |sum, &value| sum << 5 | usize::from(value))
}

/// Returns the contribution of a row's number and the tag to its remainder, with `length` written
/// symbols after them.
pub(crate) fn implicit_remainder(row: usize, tag: [u8; TAG_LEN], length: usize) -> Remainder {
    let degrees = (0..length + IMPLICIT_LEN).rev();
    let symbols = implicit_symbols(row, tag).into_iter().zip(degrees);
    symbols.fold(0, |sum, (symbol, degree)| sum ^ contribution(degree, symbol))
}

pub(crate) fn implicit_symbols(row: usize, tag: [u8; TAG_LEN]) -> [u8; IMPLICIT_LEN] {
    [(row >> 5 & 31) as u8, (row & 31) as u8, tag[0], tag[1], tag[2]]
}
