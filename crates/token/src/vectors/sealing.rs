//! Sealing with everything fixed and everything replaceable. Shipped code can do neither, so the steps of the
//! specification stand here a second time.

use std::convert::Infallible;

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

/// A party whose seed is the digest of a sentence that says so.
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

    /// The output of HKDF that becomes a private key.
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

/// Everything that a token is made of.
pub(super) struct Draft {
    pub(super) head: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) signer_id: [u8; 4],
    /// What is signed in front of the payload.
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
                recipient.receiving(),
                keys.public().signing(),
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

    /// The token's bytes.
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

pub(super) fn signed_head(
    head: &[u8],
    product: u32,
    recipient: &[u8; 32],
    signer: &[u8; 32],
) -> Vec<u8> {
    [b"latchkey/sig\0", head, &product.to_be_bytes(), recipient, signer].concat()
}

/// Ed25519's challenge k = SHA-512(R ‖ A ‖ message).
pub(super) fn challenge(r: &[u8; 32], a: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = Sha512::new().chain_update(r).chain_update(a).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

/// Any scalar, by number.
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

/// A signature with this R-offset added: valid up to the cofactor if the offset has small order.
pub(super) fn sign_with_offset(key: &SigningKey, offset: EdwardsPoint, message: &[u8]) -> [u8; 64] {
    let nonce = nonce(0);
    let r = (EdwardsPoint::mul_base(&nonce) + offset).compress().to_bytes();
    let k = challenge(&r, key.verifying_key().as_bytes(), message);
    joined(r, nonce + k * key.to_scalar())
}
