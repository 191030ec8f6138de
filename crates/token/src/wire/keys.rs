//! Key pairs of the vendor and of a device. Each party has one for signatures (Ed25519) and one for
//! encryption (X25519), both derived from a seed of 32 bytes. The two public keys are exchanged as
//! one string.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use x25519_dalek::StaticSecret;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error_code::{ErrorArg, HasErrorCode, ToErrorArg, codes};
use crate::wire::ids::{parse_hex, write_hex};

/// A key that can't be used, or a signature that isn't its own.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum KeyError {
    /// Not an encoded public key.
    #[code(codes::KEY_MALFORMED)]
    #[error("not a public key")]
    Malformed,
    /// The key has small order, so signatures under it prove nothing.
    #[code(codes::KEY_WEAK)]
    #[error("a weak key")]
    Weak,
    /// The signature was not made by this key over this message.
    #[code(codes::KEY_SIGNATURE)]
    #[error("the signature does not verify")]
    BadSignature,
    /// The operating system didn't provide random bytes.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system did not provide random bytes")]
    RngFailed,
}

/// The first four bytes of a digest of both public keys. It is a hint for finding the keys, and
/// proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl ToErrorArg for KeyId {
    fn to_error_arg(&self) -> ErrorArg {
        ErrorArg::Text(self.to_string())
    }
}

/// The seed from which a party's secret keys are derived. It is zeroed when dropped, and printed as
/// `<redacted>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Draws a new seed from the operating system's random number generator.
    ///
    /// # Errors
    /// [`KeyError::RngFailed`] if the operating system provides no random bytes.
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| KeyError::RngFailed)?;
        Ok(Self(bytes))
    }

    /// Restores a stored seed.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the seed itself. Only the code that stores it needs this.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(<redacted>)")
    }
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Seed {}

/// A party's secret keys, derived from its [`Seed`] with HKDF-SHA256 (RFC 5869): no salt, info
/// `latchkey/sign` for the Ed25519 seed and `latchkey/receive` for the X25519 scalar.
#[derive(Clone)]
pub struct SecretKeys {
    signing: SigningKey,
    receiving: StaticSecret,
    public: PublicKeys,
}

impl SecretKeys {
    /// Derives the keys.
    ///
    /// # Errors
    /// [`KeyError::Weak`] if a derived public key has small order. This is a safeguard: no such
    /// seed is known.
    pub fn from_seed(seed: &Seed) -> Result<Self, KeyError> {
        let signing = SigningKey::from_bytes(&*derive(seed, b"latchkey/sign")?);
        let receiving = StaticSecret::from(*derive(seed, b"latchkey/receive")?);
        let verifying = signing.verifying_key();
        if verifying.is_weak() {
            return Err(KeyError::Weak);
        }
        // A derived encryption key never has small order, so that no multiplication is needed to
        // check it: its scalar is a multiple of 8 below 2^255, and the smallest one that results in
        // such a point is 8 times the order of the base point, which is larger.
        let public = PublicKeys::from_checked(
            verifying,
            x25519_dalek::PublicKey::from(&receiving).to_bytes(),
        );
        Ok(Self { signing, receiving, public })
    }

    /// Returns the public keys.
    #[must_use]
    pub const fn public(&self) -> &PublicKeys {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// # Errors
    /// [`KeyError::Weak`], which a derived key never gives.
    pub(crate) fn hpke_private(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, KeyError> {
        <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(self.receiving.as_bytes())
            .map_err(|_| KeyError::Weak)
    }
}

impl fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKeys({}, <redacted>)", self.public.id())
    }
}

fn derive(seed: &Seed, info: &[u8]) -> Result<zeroize::Zeroizing<[u8; 32]>, KeyError> {
    let mut okm = zeroize::Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, seed.expose()).expand(info, &mut *okm).map_err(|_| KeyError::Weak)?;
    Ok(okm)
}

/// The public keys of a party: Ed25519 for its signatures, and X25519 for messages to it. A value
/// of this type has been checked: both keys are well-formed, and neither has small order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKeys {
    /// A point of the curve. Decompressing it takes a tenth of the time of a verification.
    signing: VerifyingKey,
    receiving: [u8; 32],
    /// Calculated once, because every check of a lease compares it.
    id: KeyId,
}

impl PublicKeys {
    /// The length of the string with both keys, in bytes.
    pub const LENGTH: usize = 64;

    /// Checks two public keys.
    ///
    /// # Errors
    /// - [`KeyError::Malformed`] if a key is not the canonical encoding of a point or of an
    ///   x-coordinate.
    /// - [`KeyError::Weak`] if a key has small order. With such a signing key, a forged signature
    ///   would verify for every message.
    pub fn new(signing: [u8; 32], receiving: [u8; 32]) -> Result<Self, KeyError> {
        let verifying = VerifyingKey::from_bytes(&signing).map_err(|_| KeyError::Malformed)?;
        // The libraries accept other encodings as well. A key with two encodings would have two
        // ids, and get two seats.
        let sign_of_zero = sign(&signing) && [ONE, MINUS_ONE].contains(&without_sign_bit(signing));
        if sign_of_zero || !is_reduced(without_sign_bit(signing)) {
            return Err(KeyError::Malformed);
        }
        if sign(&receiving) || !is_reduced(receiving) {
            return Err(KeyError::Malformed);
        }
        if verifying.is_weak() || has_small_order(receiving) {
            return Err(KeyError::Weak);
        }
        Ok(Self::from_checked(verifying, receiving))
    }

    fn from_checked(signing: VerifyingKey, receiving: [u8; 32]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"latchkey/key\0")
            .chain_update(signing.as_bytes())
            .chain_update(receiving)
            .finalize();
        let id = KeyId([digest[0], digest[1], digest[2], digest[3]]);
        Self { signing, receiving, id }
    }

    /// Parses the string of 64 bytes: Ed25519, followed by X25519.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if the length or an encoding is wrong, and [`KeyError::Weak`] if a
    /// key has small order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let (signing, receiving) = bytes.split_at_checked(32).ok_or(KeyError::Malformed)?;
        Self::new(
            signing.try_into().map_err(|_| KeyError::Malformed)?,
            receiving.try_into().map_err(|_| KeyError::Malformed)?,
        )
    }

    /// Parses 128 hexadecimal digits, as the vendor's kit contains them.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] if it isn't two keys in hexadecimal digits, and [`KeyError::Weak`]
    /// if a key has small order.
    ///
    /// # Examples
    /// ```
    /// use latchkey_token::{PublicKeys, SecretKeys, Seed};
    ///
    /// let keys = SecretKeys::from_seed(&Seed::random()?)?;
    /// let text = keys.public().to_hex();
    /// assert_eq!(PublicKeys::from_hex(&text)?, *keys.public());
    /// # Ok::<(), latchkey_token::KeyError>(())
    /// ```
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&parse_hex::<64>(text).map_err(|_| KeyError::Malformed)?)
    }

    /// Returns both keys as 128 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the string of 64 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(self.signing.as_bytes());
        bytes[32..].copy_from_slice(&self.receiving);
        bytes
    }

    /// Returns the hint by which a token names these keys: the first four bytes of
    /// SHA-256(`"latchkey/key" 0x00` ‖ Ed25519 ‖ X25519).
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the Ed25519 public key.
    #[must_use]
    pub fn signing_key(&self) -> &[u8; 32] {
        self.signing.as_bytes()
    }

    /// Returns the X25519 public key.
    #[must_use]
    pub const fn encryption_key(&self) -> &[u8; 32] {
        &self.receiving
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), KeyError> {
        // Strict verification, because ordinary verification accepts non-canonical and small-order
        // components.
        self.signing
            .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| KeyError::BadSignature)
    }

    pub(crate) fn hpke_public(&self) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, KeyError> {
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.receiving)
            .map_err(|_| KeyError::Malformed)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeys({})", self.id())
    }
}

/// The two y-coordinates whose x is 0, which has no sign: 1 and p − 1.
const ONE: [u8; 32] = {
    let mut one = [0; 32];
    one[0] = 1;
    one
};
const MINUS_ONE: [u8; 32] = {
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    minus_one
};

/// Returns the highest bit of an encoding, which is the sign of x or must be 0.
const fn sign(encoded: &[u8; 32]) -> bool {
    encoded[31] & 0x80 != 0
}

/// Returns the encoding without its highest bit.
const fn without_sign_bit(mut encoded: [u8; 32]) -> [u8; 32] {
    encoded[31] &= 0x7f;
    encoded
}

/// Returns whether a coordinate is below p = 2²⁵⁵ − 19.
fn is_reduced(coordinate: [u8; 32]) -> bool {
    let [first, middle @ .., last] = coordinate;
    first < 0xed || middle.iter().any(|&byte| byte != 0xff) || last != 0x7f
}

/// Returns whether an X25519 public key has small order. Its shared secret with any other key is
/// all zeros then (RFC 7748, section 6.1), which any clamped scalar shows.
fn has_small_order(receiving: [u8; 32]) -> bool {
    let probe = StaticSecret::from([0x42; 32]);
    !probe.diffie_hellman(&x25519_dalek::PublicKey::from(receiving)).was_contributory()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_keys_are_restored_from_their_bytes() {
        for byte in 0..=255 {
            let keys = SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap();
            assert_eq!(PublicKeys::from_bytes(&keys.public().to_bytes()).unwrap(), *keys.public());
        }
    }

    #[test]
    fn secrets_are_printed_as_redacted() {
        let seed = Seed::from_bytes([7; 32]);
        let keys = SecretKeys::from_seed(&seed).unwrap();
        assert_eq!(format!("{seed:?}"), "Seed(<redacted>)");
        assert!(format!("{keys:?}").ends_with("<redacted>)"));
    }

    #[test]
    fn a_seed_always_results_in_the_same_keys() {
        let keys = || SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        assert_eq!(keys().public(), keys().public());
        let public = keys().public().to_hex();
        assert_eq!(PublicKeys::from_hex(&public).as_ref(), Ok(keys().public()));
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        let good = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap().public;
        // The neutral element of Edwards25519, encoded: y = 1.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(PublicKeys::new(neutral, good.receiving), Err(KeyError::Weak));
        assert_eq!(PublicKeys::new(*good.signing_key(), [0; 32]), Err(KeyError::Weak));
        assert_eq!(PublicKeys::new(*good.signing_key(), neutral), Err(KeyError::Weak));
    }

    #[test]
    fn a_signing_key_is_accepted_in_one_encoding_only() {
        let good = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap().public;
        for low in 0xed..=0xff {
            for last in [0x7f, 0xff] {
                let mut above = [0xff; 32];
                above[0] = low;
                above[31] = last;
                let taken = PublicKeys::new(above, good.receiving);
                assert_eq!(taken, Err(KeyError::Malformed), "y = p + {}", low - 0xed);
            }
        }
        for mut zero in [ONE, MINUS_ONE] {
            assert_eq!(PublicKeys::new(zero, good.receiving), Err(KeyError::Weak));
            zero[31] |= 0x80;
            assert_eq!(PublicKeys::new(zero, good.receiving), Err(KeyError::Malformed), "−0");
        }
    }

    #[test]
    fn an_encryption_key_is_accepted_in_one_encoding_only() {
        let good = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap().public;
        let mut negative = good.receiving;
        negative[31] |= 0x80;
        assert_eq!(PublicKeys::new(*good.signing_key(), negative), Err(KeyError::Malformed));
        for low in 0xed..=0xff {
            let mut above = MINUS_ONE;
            above[0] = low;
            assert_eq!(
                PublicKeys::new(*good.signing_key(), above),
                Err(KeyError::Malformed),
                "{low}"
            );
        }
        assert_eq!(PublicKeys::new(*good.signing_key(), MINUS_ONE), Err(KeyError::Weak));
    }
}
