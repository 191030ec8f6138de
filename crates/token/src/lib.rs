//! Tokens: short texts that carry licences between computers without a network connection.
//!
//! This crate seals, signs and encodes tokens, and defines the text that people copy, print and
//! type. It is pure: it uses no files, no clock and no network. Randomness comes from the operating
//! system in `ids`, `keys`, `activation_code` and inside of HPKE. The meaning of a lease is defined
//! by `latchkey-lease`.
//!
//! ```
//! use latchkey_token::{
//!     Deactivation, SeatId, SecretKeys, Seed, Signer, open, scan, seal,
//! };
//!
//! let device = SecretKeys::from_seed(&Seed::random()?)?;
//! let vendor = SecretKeys::from_seed(&Seed::random()?)?;
//! let seat = SeatId::random()?;
//! let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
//!
//! let text = seal(&given_back, 1, &device, vendor.public())?.to_string();
//! let mail = format!("> Hello, here it is:\n> {text}\n> Regards");
//!
//! let found = scan(&mail)?.remove(0);
//! let opened = open::<Deactivation>(&found.token?, &vendor, |_| {
//!     vec![Signer { product: 1, keys: *device.public() }]
//! })?;
//! assert_eq!(opened.payload(), &given_back);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The derive macros refer to this crate by name, and so do the benchmark's texts in a test.
extern crate self as latchkey_token;

#[cfg(test)]
mod corruption_tests;
mod error_code;
#[cfg(test)]
mod error_tests;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod recover;
#[cfg(test)]
mod tests;
mod text;
#[cfg(test)]
mod vectors;
mod wire;

pub use error_code::{CODES, ErrorArg, ErrorCode, HasErrorCode, ToErrorArg, codes};
pub use recover::encoding::decode_text;
pub use recover::file::{pictures_in_mail, text_of_file};
pub use recover::found_token::{FoundToken, ReadError};
pub use recover::manual_entry;
pub use recover::scan::{Scan, has_rows_without_beginning, scan};
pub use recover::several_texts::{
    error_without_token, has_only_whole_tokens, texts_without_token, unneeded_texts,
};
pub use recover::text_error::TextError;
pub use text::activation_code::ActivationCodeError;
pub use text::code_check::CodeDoubt;
pub use text::frames::MAX_FRAMES;
pub use text::lines::Line;
pub use text::read::NotTokenText;
pub use wire::activation_code::ActivationCode;
pub use wire::cbor::CborError;
pub use wire::envelope::{
    EnvelopeError, OpenError, SealError, Signed, Signer, Token, open, open_request, reverify, seal,
};
pub use wire::hardware_traits::{HardwareTrait, HardwareTraits};
pub use wire::ids::{IdError, ProductNumber, RequestId, SeatId, VendorId};
pub use wire::keys::{KeyError, KeyId, PublicKeys, SecretKeys, Seed};
pub use wire::kind::Kind;
pub use wire::limits;
pub use wire::payload::{Deactivation, Payload, Refresh, Request, Response, Seconds};
pub use wire::seat_name::{SeatName, SeatNameError};
pub use wire::terms::{Attributes, FeatureValue, Features, encoded_terms_len};
