//! The properties of key files that must hold for all input: the body of the fuzz target in
//! `fuzz/`. It is compiled for fuzzing and for tests, which replay the corpus; no shipped program
//! contains it.
#![allow(
    clippy::expect_used,
    reason = "a claim that doesn't hold is a panic, which is what the fuzzer looks for"
)]

use std::path::Path;
use std::sync::LazyLock;

use latchkey_token::Seed;

use crate::Passphrase;
use crate::keys::file::{MAX_COST, parse_key_file, read_cost, seal_at_cost};

/// The lowest cost of Argon2, so that thousands of files can be opened.
const CHEAP: (u32, u32, u32) = (8, 1, 1);
const SEED: [u8; 32] = [7; 32];

static PASSPHRASE: LazyLock<Passphrase> = LazyLock::new(|| Passphrase::new("known".to_owned()));

/// A sealed key of a known seed, with a new salt each time.
static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let line = seal_at_cost(CHEAP, &Seed::from_bytes(SEED), &PASSPHRASE)
        .expect("the key should be sealable");
    line.as_bytes().to_vec()
});

/// The first byte decides whether the rest is a key file, or modifications of a sealed one, three
/// bytes each. No file may cost more work than the bound allows, and a sealed one opens as the key
/// that was sealed or not at all.
pub fn key_file(data: &[u8]) {
    let Some((&way, rest)) = data.split_first() else { return };
    let path = Path::new("fuzzed.key");
    if way % 2 == 0 {
        let text = String::from_utf8_lossy(rest);
        let costs: Vec<_> = text.split_whitespace().filter_map(read_cost).collect();
        for (m, t, p) in &costs {
            assert!(*m <= MAX_COST.0 && *t <= MAX_COST.1 && *p <= MAX_COST.2);
        }
        let plain = parse_key_file(rest, None, path);
        assert!(
            plain.is_err() || !text.contains("argon2id"),
            "a sealed key's file opens without it"
        );
        if costs.iter().all(|(m, t, _)| m * t <= 64) {
            let _ = parse_key_file(rest, Some(&PASSPHRASE), path);
        }
        return;
    }
    let mut text = SEALED.clone();
    for accident in rest.chunks_exact(3).take(8) {
        let at = usize::from(u16::from_be_bytes([accident[0], accident[1]])) % text.len();
        text[at] = accident[2];
    }
    match parse_key_file(&text, Some(&PASSPHRASE), path) {
        Ok((seed, _)) => assert!(seed.expose() == &SEED),
        Err(_) => assert!(text != *SEALED, "the file doesn't open as it was written"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The property that fuzzing searches for, tested exhaustively: turning one or two lines of a
    /// sealed file into comments never yields another key.
    #[test]
    fn commenting_out_lines_of_a_sealed_file_never_yields_another_key() {
        for (first, to) in [(0, b'#'), (0, b'\n'), (0, b' '), (8, b'\n')] {
            for second in 1..SEALED.len() {
                for other in [b'\n', b'#', b'\r', b' '] {
                    let mut accidents = vec![1];
                    for (at, byte) in [(first, to), (second, other)] {
                        let at = u16::try_from(at).unwrap();
                        accidents.extend([&at.to_be_bytes()[..], &[byte]].concat());
                    }
                    key_file(&accidents);
                }
            }
        }
    }

    #[test]
    fn every_key_file_of_the_corpus_opens_as_its_own_key_or_not_at_all() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/key_file");
        for file in std::fs::read_dir(folder).unwrap() {
            key_file(&std::fs::read(file.unwrap().path()).unwrap());
        }
        // The unmodified file opens.
        key_file(&[1]);
    }
}
