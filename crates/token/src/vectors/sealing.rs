//! Seals tokens with every value fixed and replaceable. Shipped code can do neither, so the steps
//! of the specification are implemented here a second time.

use std::convert::Infallible;

use chacha20poly1305::KeyInit as _;
use chacha20poly1305::aead::Aead as _;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{OpModeS, Serializable as _};
use sha2::{Digest as _, Sha256, Sha512};

use super::cbor::Item;
use crate::{Kind, PublicKeys, SecretKeys, Seed};

pub(super) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// A party whose seed is the digest of a sentence with its name.
#[derive(Clone)]
pub(super) struct Party {
    pub(super) seed: [u8; 32],
    pub(super) keys: SecretKeys,
}

impl Party {
    pub(super) fn new(who: &str) -> Self {
        let seed = digest(&format!("latchkey test vector: {who}"));
        Self { seed, keys: SecretKeys::from_seed(&Seed::from_bytes(seed)).unwrap() }
    }

    pub(super) fn public(&self) -> [u8; 64] {
        self.keys.public().to_bytes()
    }

    /// Returns the output of HKDF that becomes a private key.
    pub(super) fn derived(&self, info: &str) -> [u8; 32] {
        let mut output = [0; 32];
        Hkdf::<Sha256>::new(None, &self.seed).expand(info.as_bytes(), &mut output).unwrap();
        output
    }

    pub(super) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derived("latchkey/sign"))
    }
}

/// "Randomness" that was chosen: the key material of HPKE's ephemeral key.
pub(super) struct Fixed(pub(super) [u8; 32]);

impl TryRng for Fixed {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("HPKE asks for bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("HPKE asks for bytes")
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

type Sign = Box<dyn Fn(&[u8]) -> [u8; 64]>;

/// All values that a token is made from.
pub(super) struct Draft {
    pub(super) head: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) signer_id: [u8; 4],
    /// The signed bytes before the payload.
    pub(super) signed_head: Vec<u8>,
    pub(super) sign: Sign,
    pub(super) recipient: PublicKeys,
    pub(super) info: Vec<u8>,
    pub(super) aad: Vec<u8>,
    pub(super) key_material: [u8; 32],
}

impl Draft {
    pub(super) fn new(
        kind: Kind,
        payload: &Item,
        product: u32,
        signer: &Party,
        recipient: &Party,
    ) -> Self {
        let recipient = *recipient.keys.public();
        let head = [&[1, kind as u8], &recipient.id().0[..]].concat();
        let payload = payload.to_bytes();
        let keys = signer.keys.clone();
        Self {
            info: [b"latchkey/enc\0", &head[..]].concat(),
            signed_head: signed_head(
                &head,
                product,
                recipient.encryption_key(),
                keys.public().signing_key(),
            ),
            key_material: Sha256::new()
                .chain_update("latchkey test vector: ephemeral key")
                .chain_update(&head)
                .chain_update(&payload)
                .finalize()
                .into(),
            signer_id: keys.public().id().0,
            sign: Box::new(move |message| keys.sign(message)),
            aad: Vec::new(),
            head,
            payload,
            recipient,
        }
    }

    pub(super) fn message(&self) -> Vec<u8> {
        [&self.signed_head[..], &self.payload].concat()
    }

    pub(super) fn plaintext(&self) -> Vec<u8> {
        let signature = (self.sign)(&self.message());
        [&self.signer_id[..], &self.payload, &signature].concat()
    }

    /// Replaces a byte of the header under which the token is encrypted and signed.
    pub(super) fn with_head(mut self, at: usize, byte: u8) -> Self {
        self.head[at] = byte;
        let place = self.info.len() - self.head.len() + at;
        self.info[place] = byte;
        self.signed_head[13 + at] = byte;
        self
    }

    /// Returns the token with an encapsulated key whose shared secret with every key is zero.
    pub(super) fn seal_with_zero(&self, enc: [u8; 32]) -> Vec<u8> {
        let recipient = self.recipient.encryption_key();
        let text = sealed_with_secret(&enc, recipient, &[0; 32], &self.info, &self.plaintext());
        [&self.head[..], &enc, &text].concat()
    }

    /// Returns the token's bytes.
    pub(super) fn seal(&self) -> Vec<u8> {
        let (encapsulated, ciphertext) =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &self.recipient.hpke_public().unwrap(),
                &self.info,
                &self.plaintext(),
                &self.aad,
                &mut Fixed(self.key_material),
            )
            .unwrap();
        [&self.head[..], &encapsulated.to_bytes(), &ciphertext].concat()
    }
}

/// RFC 9180 in base mode with what the encapsulated key gives, whatever it is: the key and the
/// nonce of the first message. Gives the ciphertext.
fn sealed_with_secret(
    enc: &[u8; 32],
    recipient: &[u8; 32],
    shared: &[u8; 32],
    info: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    let extract = |suite: &[u8], salt: &[u8], label: &str, material: &[u8]| {
        let material = [b"HPKE-v1", suite, label.as_bytes(), material].concat();
        Hkdf::<Sha256>::extract(Some(salt), &material).0.to_vec()
    };
    let expand = |suite: &[u8], key: &[u8], label: &str, context: &[u8], length: usize| {
        let info =
            [&(length as u16).to_be_bytes()[..], b"HPKE-v1", suite, label.as_bytes(), context];
        let mut output = vec![0; length];
        Hkdf::<Sha256>::from_prk(key).unwrap().expand(&info.concat(), &mut output).unwrap();
        output
    };
    let (kem, suite): (&[u8], &[u8]) = (b"KEM\0\x20", b"HPKE\0\x20\0\x01\0\x03");
    let key = extract(kem, &[], "eae_prk", shared);
    let shared = expand(kem, &key, "shared_secret", &[&enc[..], recipient].concat(), 32);
    let [psk, info] = [("psk_id_hash", &[][..]), ("info_hash", info)]
        .map(|(label, material)| extract(suite, &[], label, material));
    let context = [&[0], &psk[..], &info].concat();
    let secret = extract(suite, &shared, "secret", &[]);
    let (key, nonce) = (
        expand(suite, &secret, "key", &context, 32),
        expand(suite, &secret, "base_nonce", &context, 12),
    );
    let cipher = chacha20poly1305::ChaCha20Poly1305::new_from_slice(&key).unwrap();
    cipher.encrypt(nonce.as_slice().try_into().unwrap(), plaintext).unwrap()
}

pub(super) fn signed_head(
    head: &[u8],
    product: u32,
    recipient: &[u8; 32],
    signer: &[u8; 32],
) -> Vec<u8> {
    [b"latchkey/sig\0", head, &product.to_be_bytes(), recipient, signer].concat()
}

/// Returns Ed25519's challenge k = SHA-512(R ‖ A ‖ message).
pub(super) fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// Returns a scalar by number.
pub(super) fn nonce(number: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(
        &Sha512::digest(format!("latchkey test vector: nonce {number}")).into(),
    )
}

pub(super) fn joined(r: [u8; 32], s: Scalar) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r);
    signature[32..].copy_from_slice(&s.to_bytes());
    signature
}

/// Returns a signature with this offset added to R. It is valid up to the cofactor if the offset
/// has small order.
pub(super) fn sign_with_offset(key: &SigningKey, offset: EdwardsPoint, message: &[u8]) -> [u8; 64] {
    let nonce = nonce(0);
    let r = (EdwardsPoint::mul_base(&nonce) + offset).compress().to_bytes();
    let k = challenge(&r, key.verifying_key().as_bytes(), message);
    joined(r, nonce + k * key.to_scalar())
}
