//! The bounds that hold before any work is done.

/// Most bytes a token has.
pub const MAX_TOKEN_BYTES: usize = 1_500;
/// Bytes of a token around its payload: header 6, encapsulated key 32, signer's key id 4, signature
/// 64, authentication tag 16.
pub const ENVELOPE_BYTES: usize = 6 + 32 + 4 + 64 + 16;
/// Fewest bytes a token has: an empty map is one byte.
pub const MIN_TOKEN_BYTES: usize = ENVELOPE_BYTES + 1;
/// Largest text that is looked through, in bytes.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// Most tokens that are read from one text.
pub const MAX_TOKENS: usize = 10_000;
/// Most bytes that features and attributes take together when encoded.
pub const MAX_TERMS_BYTES: usize = 512;
/// Most symbols of an activation code.
pub const MAX_CODE_SYMBOLS: usize = 32;
/// Most bytes of a seat name.
pub const MAX_SEAT_NAME_BYTES: usize = 64;
