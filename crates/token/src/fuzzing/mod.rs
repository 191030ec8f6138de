//! Properties that hold for any input: the bodies of the fuzz targets in `fuzz/`. Each is a
//! function of some bytes that panics if its property doesn't hold. They are compiled for fuzzing
//! and for tests, which replay the corpus, but never into shipped programs.
#![allow(
    clippy::expect_used,
    reason = "a claim that doesn't hold is a panic, which is what the fuzzer looks for"
)]

use std::sync::LazyLock;

use hpke::Serializable as _;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeS};

use crate::recover::manual_entry::{EntrySheet, LineCheck, without_number};
use crate::wire::cbor::Fields;
use crate::wire::envelope::{OpenError, Signer, Token, open, open_request, reverify};
use crate::wire::keys::{SecretKeys, Seed};
use crate::wire::kind::Kind;
use crate::{Deactivation, Payload, Refresh, Request, Response, decode_text, scan};

/// Two parties and a token that are always the same.
struct Fixture {
    device: SecretKeys,
    vendor: SecretKeys,
    token: Token,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let keys = |byte| SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).expect("keys");
    let (device, vendor) = (keys(1), keys(2));
    // HPKE draws its key at random, so the token is stored here as it was created once.
    let token = scan(include_str!("token.txt")).expect("a token").remove(0).token;
    Fixture { device, vendor, token: token.expect("a whole token") }
});

/// Scans any bytes as a text: the scanner returns tokens and damage within its limits, and intact
/// tokens are written and read again unchanged.
pub fn text(data: &[u8]) {
    for found in scan(&decode_text(data)).unwrap_or_default() {
        if let Ok(token) = found.token {
            assert_eq!(token.kind(), found.kind);
            let again = scan(&token.to_string()).expect("what was written is found");
            assert_eq!(again.len(), 1);
            assert_eq!((again[0].repaired, again[0].token.as_ref()), (0, Ok(&token)));
        }
    }
}

/// Damages the text of a token as the bytes describe, four bytes for each accident: the token is
/// read or refused, but never read as another one.
pub fn repair(data: &[u8]) {
    let text = damaged(&FIXTURE.token.to_string(), data);
    for found in scan(&text).unwrap_or_default() {
        if let Ok(token) = found.token {
            assert!(token == FIXTURE.token, "read as another token: {text}");
        }
    }
}

/// Types the bytes line by line, with a number before each or without: no input causes a panic, a
/// saved sheet is restored, and all lines together result in the same token as their text.
pub fn entry_sheet(data: &[u8]) {
    let text = decode_text(data);
    let mut sheet = EntrySheet::restore(&text);
    let paper = FIXTURE.token.lines();
    for (index, typed) in text.lines().take(40).enumerate() {
        let (number, rest) = match without_number(typed) {
            (Some(number), rest) => (number, rest),
            (None, rest) => (index, rest),
        };
        // Most of the typed text is right.
        let right = paper.get(number).map(ToString::to_string);
        let typed = if rest.is_empty() { right.unwrap_or_default() } else { rest.to_owned() };
        let judged = sheet.enter(number, &typed);
        if judged == LineCheck::Right {
            assert_eq!(sheet.check(number), judged);
        }
        assert_eq!(EntrySheet::restore(&sheet.to_saved()), sheet);
    }
    if let Some(Ok(token)) = sheet.token() {
        let lines: String = (0..=sheet.rows().unwrap_or(0))
            .map(|line| format!("{}\n", sheet.typed_line(line)))
            .collect();
        let found = scan(&lines).expect("what was typed is found");
        assert_eq!(found[0].token.as_ref(), Ok(&token));
    }
}

/// Returns a text after the accidents that some bytes describe: their kinds, positions and extents.
fn damaged(text: &str, data: &[u8]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for accident in data.chunks_exact(4).take(16) {
        let [what, high, low, how] = [accident[0], accident[1], accident[2], accident[3]];
        let from = (usize::from(high) << 8 | usize::from(low)) % (text.len() + 1);
        let length = usize::from(how % 64);
        let to = (from + length).min(text.len());
        let row = (from + 25).min(text.len());
        match what % 10 {
            0 | 1 if from < text.len() => text[from] = char::from(how),
            2 => drop(text.drain(from..(from + 1).min(text.len()))),
            3 => text.insert(from, char::from(how)),
            4 => drop(text.drain(from..to)),
            5 => {
                let piece = text[from..to].to_vec();
                text.splice(from..from, piece);
            }
            6 => text[from..to].reverse(),
            7 => text[from..to].iter_mut().for_each(|c| c.make_ascii_lowercase()),
            8 => {
                let moved: Vec<_> = text.drain(from..row).collect();
                let to = (usize::from(how) * 25).min(text.len());
                text.splice(to..to, moved);
            }
            _ => drop(text.splice(from..from, format!("\n{} ", how % 32).chars())),
        }
    }
    text.into_iter().collect()
}

/// Interprets the bytes, depending on the first one, as a token, as the contents of a token, or as
/// a stored lease: without the author's key, nothing is ever accepted.
pub fn envelope(data: &[u8]) {
    let Some((&way, rest)) = data.split_first() else { return };
    let Fixture { device, vendor, .. } = &*FIXTURE;
    let signers = |_| vec![Signer { product: 1, keys: *vendor.public() }];
    match way % 4 {
        0 => {
            let Ok(token) = Token::from_bytes(rest.to_vec()) else { return };
            let by_itself = token.to_string();
            let found = scan(&by_itself).expect("found").remove(0);
            assert_eq!(found.token.as_ref(), Ok(&token));
            refused(&token, device, vendor);
        }
        1 => {
            for kind in Kind::ALL {
                let to =
                    if kind == Kind::Response || kind == Kind::Refresh { device } else { vendor };
                if let Some(token) = sealed(kind, rest, to) {
                    refused(&token, device, vendor);
                }
            }
        }
        2 => assert!(reverify::<Response>(rest, device.public(), signers).is_err()),
        _ => assert!(reverify::<Refresh>(rest, device.public(), signers).is_err()),
    }
}

fn refused(token: &Token, device: &SecretKeys, vendor: &SecretKeys) {
    let of = |keys: &SecretKeys| {
        let keys = *keys.public();
        move |_| vec![Signer { product: 1, keys }]
    };
    assert!(open::<Response>(token, device, of(vendor)).is_err());
    assert!(open::<Refresh>(token, device, of(vendor)).is_err());
    assert!(open::<Deactivation>(token, vendor, of(device)).is_err());
    // A request contains its own key, so that this one may be genuine. Then it is what its author
    // signed.
    if let Ok(request) = open_request(token, vendor) {
        assert_eq!(request.signer(), &request.payload().device);
    }
}

/// Encrypts any plaintext, as an attacker can who has only the recipient's public key.
fn sealed(kind: Kind, plaintext: &[u8], to: &SecretKeys) -> Option<Token> {
    let header = [&[1, kind as u8][..], &to.public().id().0].concat();
    let recipient =
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(to.public().encryption_key()).ok()?;
    let info = [b"latchkey/enc\0", &header[..]].concat();
    let (encapsulated, ciphertext) = hpke::single_shot_seal::<
        ChaCha20Poly1305,
        HkdfSha256,
        X25519HkdfSha256,
    >(&OpModeS::Base, &recipient, &info, plaintext, &[])
    .ok()?;
    Token::from_bytes([&header[..], &encapsulated.to_bytes(), &ciphertext].concat()).ok()
}

/// Decodes any bytes as a request's payload.
pub fn request(data: &[u8]) {
    payload::<Request>(data);
}

/// Decodes any bytes as a response's payload.
pub fn response(data: &[u8]) {
    payload::<Response>(data);
}

/// Decodes any bytes as a refresh's payload.
pub fn refresh(data: &[u8]) {
    payload::<Refresh>(data);
}

/// Decodes any bytes as a deactivation's payload.
pub fn deactivation(data: &[u8]) {
    payload::<Deactivation>(data);
}

/// A payload that is accepted is encoded and decoded to the same payload. Its encoding is never
/// longer than the input, because every message has one encoding and unknown fields are dropped.
fn payload<P: Payload + PartialEq + std::fmt::Debug>(data: &[u8]) {
    let understood =
        |bytes: &[u8]| -> Result<P, OpenError> { Ok(P::from_fields(Fields::parse(bytes)?)?) };
    let Ok(said) = understood(data) else { return };
    let written = said.to_cbor();
    assert!(written.len() <= data.len());
    assert_eq!(understood(&written).as_ref(), Ok(&said));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replays every file of a target's corpus, as it is and with an accident in it.
    fn replay(target: &str, claim: fn(&[u8])) {
        let seed = fastrand::u64(..);
        // The seed is printed if the test fails; `Rng::with_seed` reproduces the accidents.
        println!("{target}: seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.len() >= 3, "{target} has a corpus of {}", files.len());
        for file in files {
            let mut bytes = std::fs::read(file).unwrap();
            claim(&bytes);
            let at = random.usize(..=bytes.len());
            match random.u8(..3) {
                0 => bytes.insert(at, random.u8(..)),
                1 => bytes.truncate(at),
                _ => {
                    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.u8(..8))
                }
            }
            claim(&bytes);
        }
    }

    #[test]
    fn the_properties_hold_for_the_fuzzing_corpus() {
        replay("text", text);
        replay("repair", repair);
        replay("entry_sheet", entry_sheet);
        replay("envelope", envelope);
        replay("request", request);
        replay("response", response);
        replay("refresh", refresh);
        replay("deactivation", deactivation);
    }

    #[test]
    fn the_known_token_is_intact_and_from_the_known_parties() {
        let Fixture { device, vendor, token } = &*FIXTURE;
        let keys = *vendor.public();
        let said = open::<Response>(token, device, |_| vec![Signer { product: 1, keys }]).unwrap();
        assert_eq!(said.payload().features.len(), 6);
    }
}
