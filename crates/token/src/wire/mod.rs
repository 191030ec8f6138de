//! What interoperates: keys, the envelope around a payload, and the payloads (sections 3 to 5 and 8
//! of the specification). Nothing here knows the text of a token.

pub(crate) mod activation_code;
pub(crate) mod cbor;
pub(crate) mod envelope;
pub(crate) mod hardware_traits;
pub(crate) mod ids;
pub(crate) mod keys;
pub(crate) mod kind;
pub mod limits;
pub(crate) mod payload;
pub(crate) mod seat_name;
pub(crate) mod symbols;
pub(crate) mod terms;
