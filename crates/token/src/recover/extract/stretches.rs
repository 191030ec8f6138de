//! Finds long stretches of bytes that belong together, without reading most bytes of other texts.

/// Returns where the next stretch of at least `length` bytes begins that all satisfy a condition,
/// from a position on.
///
/// The last byte of a possible stretch is read first: if it doesn't satisfy the condition, no
/// stretch begins before it. Each byte is read at most once.
pub(super) fn next_stretch(
    bytes: &[u8],
    from: usize,
    length: usize,
    is_part: impl Fn(u8) -> bool,
) -> Option<usize> {
    let (mut start, mut known) = (from, from);
    loop {
        let end = start + length;
        let unknown = bytes.get(known..end)?;
        match unknown.iter().rposition(|&byte| !is_part(byte)) {
            None => return Some(start),
            Some(other) => {
                start = known + other + 1;
                known = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_next_stretch_is_the_one_that_reading_every_byte_finds(
            text in "[a ]{0,60}", from in 0_usize..60, length in 1_usize..8,
        ) {
            let from = from.min(text.len());
            let reads = Cell::new(0);
            let is_part = |byte| {
                reads.set(reads.get() + 1);
                byte == b'a'
            };
            let found = next_stretch(text.as_bytes(), from, length, is_part);
            let expected = text[from..].find(&"a".repeat(length)).map(|at| from + at);
            prop_assert_eq!(found, expected);
            prop_assert!(reads.get() <= text.len() - from);
        }
    }
}
