//! What interoperates: keys, the envelope around a payload, and the payloads (sections 3 to 5 and 8
//! of the specification). Nothing here knows the text of a token.

pub(crate) mod cbor;
pub(crate) mod envelope;
pub(crate) mod ids;
pub(crate) mod keys;
pub mod limits;
pub(crate) mod payload;
pub(crate) mod symbols;
