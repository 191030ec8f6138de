//! The envelope: HPKE (RFC 9180, base mode) around a payload that its author signed with Ed25519.
//!
//! ```text
//! H     = suite(1) ‖ type(1) ‖ recipient key id(4)
//! sig   = Ed25519("latchkey/sig" 00 ‖ H ‖ product(4) ‖ recipient X25519(32)
//!                 ‖ signer Ed25519(32) ‖ payload)
//! pt    = signer key id(4) ‖ payload ‖ sig(64)
//! token = H ‖ enc(32) ‖ HPKE(info = "latchkey/enc" 00 ‖ H, aad = "", pt)
//! ```
//!
//! The signature is encrypted, so that the signer is hidden. It covers the product and both
//! parties, so that a token for one recipient can't be forwarded to another.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use thiserror::Error;

use crate::error_code::{HasErrorCode, codes};
use crate::wire::cbor::{CborError, FieldError, Fields};
use crate::wire::ids::ProductNumber;
use crate::wire::keys::{KeyError, KeyId, PublicKeys, SecretKeys};
use crate::wire::kind::Kind;
use crate::wire::limits::{ENVELOPE_BYTES, MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};
use crate::wire::payload::encoding::Wire as _;
use crate::wire::payload::{Payload, Request, field};

/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 and Ed25519. Suite 2 is kept for
/// X-Wing with Ed25519. The byte fixes every algorithm; nothing is negotiated.
const SUITE: u8 = 1;
const HEADER_LEN: usize = 6;
const ENCAPSULATED_LEN: usize = 32;
const SIGNER_ID_LEN: usize = 4;
const SIGNATURE_LEN: usize = 64;

/// The bytes of a token are not an envelope of this version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error, HasErrorCode)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Too short or too long for any token.
    #[code(codes::LENGTH)]
    #[error("{bytes} bytes, a token has {} to {}", MIN_TOKEN_BYTES, MAX_TOKEN_BYTES)]
    InvalidLength {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A set of algorithms that this version doesn't know.
    #[code(codes::SUITE)]
    #[error("suite {suite} is not known")]
    UnknownSuite {
        /// The suite byte.
        suite: u8,
    },
    /// A kind of token that this version doesn't know.
    #[code(codes::TYPE)]
    #[error("kind {kind} is not known")]
    UnknownKind {
        /// The type byte.
        kind: u8,
    },
    /// The prefix of the text says one kind and the sealed header another.
    #[code(codes::PREFIX)]
    #[error("the prefix and the header name different kinds")]
    PrefixMismatch,
}

/// A whole token that can't be opened or must not be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OpenError {
    /// Another kind than the one that belongs here.
    #[code(codes::WRONG_KIND)]
    #[error("a {found} token where a {expected} token belongs")]
    WrongKind {
        /// What belongs here.
        expected: Kind,
        /// What it is.
        found: Kind,
    },
    /// Sealed for another recipient's key.
    #[code(codes::OTHER_RECIPIENT)]
    #[error("sealed for key {recipient}")]
    OtherRecipient {
        /// The key that it is for.
        #[detail(name = "key")]
        recipient: KeyId,
    },
    /// The key id is ours and the content can't be decrypted: altered, or a chance match of ids.
    #[code(codes::DECRYPTION)]
    #[error("the content can't be decrypted")]
    DecryptionFailed,
    /// The payload isn't deterministically encoded CBOR.
    #[code(codes::ENCODING, reason = _0.to_string())]
    #[error("the payload is not deterministic CBOR: {0}")]
    InvalidEncoding(#[from] CborError),
    /// A field is missing or has a value that it can't have.
    #[code(codes::FIELD)]
    #[error("field {field} of the payload is missing or out of range")]
    InvalidField {
        /// The field's key.
        field: u64,
    },
    /// A field that must not be ignored, and that this version doesn't know.
    #[code(codes::CRITICAL)]
    #[error("field {field} must be understood and isn't")]
    UnknownCriticalField {
        /// The field's key.
        field: u64,
    },
    /// The signer's key is not trusted here.
    #[code(codes::UNKNOWN_SIGNER)]
    #[error("signed with key {signer}, which is not known here")]
    UnknownSigner {
        /// The key that it names.
        #[detail(name = "key")]
        signer: KeyId,
    },
    /// A key in the token is weak: anyone could make a signature that verifies with it.
    #[code(codes::WEAK_KEY)]
    #[error("the token contains a weak key")]
    WeakKey,
    /// The signature isn't the signer's over this content, this product and these two parties.
    #[code(codes::SIGNATURE)]
    #[error("the signature does not verify")]
    BadSignature,
}

impl From<FieldError> for OpenError {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Invalid { field } => Self::InvalidField { field },
            FieldError::UnknownCritical { field } => Self::UnknownCriticalField { field },
        }
    }
}

/// A token that can't be made.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum SealError {
    /// The payload doesn't fit into a token.
    #[code(codes::SEAL_TOO_LONG)]
    #[error("{bytes} bytes, a token has at most {}", MAX_TOKEN_BYTES)]
    TooLong {
        /// The length that the token would have.
        bytes: usize,
    },
    /// The recipient's key can't be encrypted to, or the system didn't provide random bytes.
    #[code(codes::ENCRYPTION)]
    #[error("the content can't be encrypted")]
    EncryptionFailed,
}

/// A sealed token whose header is well-formed: length, suite and kind. Its contents aren't
/// authenticated.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token {
    kind: Kind,
    bytes: Vec<u8>,
}

impl Token {
    /// Checks the header of a token.
    ///
    /// # Errors
    /// [`EnvelopeError::InvalidLength`], [`EnvelopeError::UnknownSuite`] or
    /// [`EnvelopeError::UnknownKind`] if no token has this length, suite or type.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EnvelopeError> {
        if !(MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&bytes.len()) {
            return Err(EnvelopeError::InvalidLength { bytes: bytes.len() });
        }
        let kind = check_header(&bytes)?;
        Ok(Self { kind, bytes })
    }

    /// Returns the kind that the header states.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the id of the recipient's key. It is an unencrypted hint.
    #[must_use]
    pub fn recipient(&self) -> KeyId {
        recipient(&self.bytes)
    }

    /// Returns the bytes of the token.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn header(&self) -> &[u8] {
        &self.bytes[..HEADER_LEN]
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, for {}, {} bytes)", self.kind, self.recipient(), self.bytes.len())
    }
}

fn check_header(bytes: &[u8]) -> Result<Kind, EnvelopeError> {
    match bytes {
        [SUITE, kind, ..] => {
            Kind::from_byte(*kind).ok_or(EnvelopeError::UnknownKind { kind: *kind })
        }
        [suite, ..] => Err(EnvelopeError::UnknownSuite { suite: *suite }),
        [] => Err(EnvelopeError::InvalidLength { bytes: 0 }),
    }
}

fn recipient(bytes: &[u8]) -> KeyId {
    let mut id = [0; 4];
    id.copy_from_slice(&bytes[2..HEADER_LEN]);
    KeyId(id)
}

/// A party whose signature is accepted, and the product for which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// The product that the signature covers.
    pub product: ProductNumber,
    /// The signer's keys.
    pub keys: PublicKeys,
}

/// A payload whose signature was verified. Only verification makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<P> {
    payload: P,
    product: ProductNumber,
    signer: PublicKeys,
    bytes: Vec<u8>,
}

impl<P> Signed<P> {
    /// Returns the payload.
    #[must_use]
    pub const fn payload(&self) -> &P {
        &self.payload
    }

    /// Returns the product that was signed about.
    #[must_use]
    pub const fn product(&self) -> ProductNumber {
        self.product
    }

    /// Returns the keys of the signer.
    #[must_use]
    pub const fn signer(&self) -> &PublicKeys {
        &self.signer
    }

    /// Returns the signed bytes, to store them and to verify them again: header ‖ signer's key id ‖
    /// payload ‖ signature.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the payload by value.
    #[must_use]
    pub fn into_payload(self) -> P {
        self.payload
    }
}

/// Signs a payload about `product` as `signer`, and encrypts it to `recipient`.
///
/// # Errors
/// [`SealError::TooLong`] if the payload is too long for a token, and
/// [`SealError::EncryptionFailed`] if it can't be encrypted.
pub fn seal<P: Payload>(
    payload: &P,
    product: ProductNumber,
    signer: &SecretKeys,
    recipient: &PublicKeys,
) -> Result<Token, SealError> {
    let payload = payload.to_cbor();
    let length = ENVELOPE_BYTES + payload.len();
    if length > MAX_TOKEN_BYTES {
        return Err(SealError::TooLong { bytes: length });
    }
    let mut header = vec![SUITE, P::KIND as u8];
    header.extend_from_slice(&recipient.id().0);

    let mut plaintext = signer.public().id().0.to_vec();
    plaintext.extend_from_slice(&payload);
    let message = signed_message(&header, product, recipient, signer.public(), &payload);
    plaintext.extend_from_slice(&signer.sign(&message));

    let (encapsulated, ciphertext) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &recipient.hpke_public().map_err(|_| SealError::EncryptionFailed)?,
            &info(&header),
            &plaintext,
            &[],
        )
        .map_err(|_| SealError::EncryptionFailed)?;
    let mut bytes = header;
    bytes.extend_from_slice(&encapsulated.to_bytes());
    bytes.extend_from_slice(&ciphertext);
    Ok(Token { kind: P::KIND, bytes })
}

/// Opens a request, which contains its signer's keys.
///
/// # Errors
/// The first check that fails, in this order: [`OpenError::WrongKind`],
/// [`OpenError::OtherRecipient`], [`OpenError::DecryptionFailed`], [`OpenError::InvalidEncoding`],
/// [`OpenError::WeakKey`] or [`OpenError::UnknownSigner`] for its keys,
/// [`OpenError::BadSignature`], and [`OpenError::InvalidField`] or
/// [`OpenError::UnknownCriticalField`].
///
/// # Examples
/// ```
/// use latchkey_token::{
///     ActivationCode, HardwareTraits, Request, RequestId, SeatName, SecretKeys, Seed,
///     open_request, seal,
/// };
///
/// let device = SecretKeys::from_seed(&Seed::random()?)?;
/// let vendor = SecretKeys::from_seed(&Seed::random()?)?;
/// let request = Request {
///     product: 1,
///     code: ActivationCode::generate()?,
///     device: *device.public(),
///     request: RequestId::random()?,
///     counter: 1,
///     seat_name: SeatName::new("Front desk")?,
///     traits: HardwareTraits::default(),
///     created_at: 1_790_000_000,
/// };
/// let token = seal(&request, request.product, &device, vendor.public())?;
///
/// let opened = open_request(&token, &vendor)?;
/// assert_eq!(opened.payload(), &request);
/// assert_eq!(opened.signer(), device.public());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_request(token: &Token, recipient: &SecretKeys) -> Result<Signed<Request>, OpenError> {
    let bytes = decrypt(token, Kind::Request, recipient)?;
    verify_request(bytes, recipient.public())
}

/// Opens a response, a refresh or a deactivation. `signers` returns the candidates for a key id,
/// which is only a hint: the first candidate whose signature verifies is the signer.
///
/// # Errors
/// The first check that fails, in this order: [`OpenError::WrongKind`],
/// [`OpenError::OtherRecipient`], [`OpenError::DecryptionFailed`], [`OpenError::UnknownSigner`],
/// [`OpenError::BadSignature`], [`OpenError::InvalidEncoding`], and [`OpenError::InvalidField`] or
/// [`OpenError::UnknownCriticalField`].
pub fn open<P: Payload>(
    token: &Token,
    recipient: &SecretKeys,
    signers: impl FnOnce(KeyId) -> Vec<Signer>,
) -> Result<Signed<P>, OpenError> {
    let bytes = decrypt(token, P::KIND, recipient)?;
    verify(bytes, recipient.public(), signers)
}

/// Verifies the bytes that [`Signed::as_bytes`] returned again: stored bytes aren't trusted.
///
/// # Errors
/// As [`open`]; [`OpenError::DecryptionFailed`] if the bytes aren't a decrypted token.
///
/// # Examples
/// ```
/// use latchkey_token::{
///     Deactivation, KeyId, SeatId, SecretKeys, Seed, Signer, open, reverify, seal,
/// };
///
/// # let device = SecretKeys::from_seed(&Seed::random()?)?;
/// # let vendor = SecretKeys::from_seed(&Seed::random()?)?;
/// # let seat = SeatId::random()?;
/// # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
/// let token = seal(&given_back, 1, &device, vendor.public())?;
/// let signers = |_: KeyId| vec![Signer { product: 1, keys: *device.public() }];
/// let mut stored = open::<Deactivation>(&token, &vendor, signers)?.as_bytes().to_vec();
///
/// assert!(reverify::<Deactivation>(&stored, vendor.public(), signers).is_ok());
/// stored[20] ^= 1;
/// assert!(reverify::<Deactivation>(&stored, vendor.public(), signers).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reverify<P: Payload>(
    bytes: &[u8],
    recipient: &PublicKeys,
    signers: impl FnOnce(KeyId) -> Vec<Signer>,
) -> Result<Signed<P>, OpenError> {
    if bytes.len() < HEADER_LEN + SIGNER_ID_LEN + SIGNATURE_LEN || bytes.len() > MAX_TOKEN_BYTES {
        return Err(OpenError::DecryptionFailed);
    }
    let found = check_header(bytes).map_err(|_| OpenError::DecryptionFailed)?;
    if found != P::KIND {
        return Err(OpenError::WrongKind { expected: P::KIND, found });
    }
    if self::recipient(bytes) != recipient.id() {
        return Err(OpenError::OtherRecipient { recipient: self::recipient(bytes) });
    }
    verify(bytes.to_vec(), recipient, signers)
}

fn info(header: &[u8]) -> Vec<u8> {
    [b"latchkey/enc\0", header].concat()
}

fn signed_message(
    header: &[u8],
    product: ProductNumber,
    recipient: &PublicKeys,
    signer: &PublicKeys,
    payload: &[u8],
) -> Vec<u8> {
    [
        b"latchkey/sig\0",
        header,
        &product.to_be_bytes(),
        recipient.encryption_key(),
        signer.signing_key(),
        payload,
    ]
    .concat()
}

/// Returns the header followed by the plaintext.
fn decrypt(token: &Token, expected: Kind, keys: &SecretKeys) -> Result<Vec<u8>, OpenError> {
    if token.kind != expected {
        return Err(OpenError::WrongKind { expected, found: token.kind });
    }
    if token.recipient() != keys.public().id() {
        return Err(OpenError::OtherRecipient { recipient: token.recipient() });
    }
    let (encapsulated, ciphertext) = token.bytes[HEADER_LEN..].split_at(ENCAPSULATED_LEN);
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_| OpenError::DecryptionFailed)?;
    let plaintext = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &keys.hpke_private().map_err(|_| OpenError::DecryptionFailed)?,
        &encapsulated,
        &info(token.header()),
        ciphertext,
        &[],
    )
    .map_err(|_| OpenError::DecryptionFailed)?;
    Ok([token.header(), &plaintext].concat())
}

/// The parts of a decrypted token.
struct Parts<'b> {
    header: &'b [u8],
    signer: KeyId,
    payload: &'b [u8],
    signature: &'b [u8; SIGNATURE_LEN],
}

fn split(bytes: &[u8]) -> Result<Parts<'_>, OpenError> {
    let (header, rest) = bytes.split_at_checked(HEADER_LEN).ok_or(OpenError::DecryptionFailed)?;
    let (signer, rest) =
        rest.split_first_chunk::<SIGNER_ID_LEN>().ok_or(OpenError::DecryptionFailed)?;
    let (payload, signature) =
        rest.split_last_chunk::<SIGNATURE_LEN>().ok_or(OpenError::DecryptionFailed)?;
    Ok(Parts { header, signer: KeyId(*signer), payload, signature })
}

fn verify<P: Payload>(
    bytes: Vec<u8>,
    recipient: &PublicKeys,
    signers: impl FnOnce(KeyId) -> Vec<Signer>,
) -> Result<Signed<P>, OpenError> {
    let Parts { header, signer: id, payload, signature } = split(&bytes)?;
    let candidates: Vec<_> =
        signers(id).into_iter().filter(|signer| signer.keys.id() == id).collect();
    if candidates.is_empty() {
        return Err(OpenError::UnknownSigner { signer: id });
    }
    let signer = candidates
        .into_iter()
        .find(|signer| {
            let message = signed_message(header, signer.product, recipient, &signer.keys, payload);
            signer.keys.verify(&message, signature).is_ok()
        })
        .ok_or(OpenError::BadSignature)?;
    let payload = P::from_fields(Fields::parse(payload)?)?;
    Ok(Signed { payload, product: signer.product, signer: signer.keys, bytes })
}

/// Verifies a request, whose signer is stated in the request itself. Only product and keys are
/// decoded before the signature is verified with them.
fn verify_request(bytes: Vec<u8>, recipient: &PublicKeys) -> Result<Signed<Request>, OpenError> {
    let Parts { header, signer: id, payload, signature } = split(&bytes)?;
    let mut fields = Fields::parse(payload)?;
    let product: ProductNumber = fields.take(field::PRODUCT)?;
    let keys: &minicbor::bytes::ByteSlice = fields.take(field::DEVICE_KEYS)?;
    let signer = PublicKeys::from_bytes(keys).map_err(|error| match error {
        KeyError::Weak => OpenError::WeakKey,
        _ => OpenError::InvalidField { field: field::DEVICE_KEYS },
    })?;
    if signer.id() != id {
        return Err(OpenError::UnknownSigner { signer: id });
    }
    signer
        .verify(&signed_message(header, product, recipient, &signer, payload), signature)
        .map_err(|_| OpenError::BadSignature)?;
    let payload = Request::from_fields(Fields::parse(payload)?)?;
    Ok(Signed { payload, product, signer, bytes })
}
