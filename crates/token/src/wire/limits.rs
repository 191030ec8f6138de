//! Limits that are checked before any other work is done.

/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 1_500;
/// The bytes of a token in addition to its payload: header 6, encapsulated key 32, signer's key id
/// 4, signature 64, authentication tag 16.
pub const ENVELOPE_BYTES: usize = 6 + 32 + 4 + 64 + 16;
/// The shortest token, in bytes: an empty map is one byte.
pub const MIN_TOKEN_BYTES: usize = ENVELOPE_BYTES + 1;
/// The largest text that is scanned, in bytes.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// The most tokens that are read from one text.
pub const MAX_TOKENS: usize = 10_000;
/// The most bytes that features and attributes take together when encoded.
pub const MAX_TERMS_BYTES: usize = 512;
/// The most symbols of an activation code.
pub const MAX_CODE_SYMBOLS: usize = 32;
/// The longest seat name, in bytes.
pub const MAX_SEAT_NAME_BYTES: usize = 64;
