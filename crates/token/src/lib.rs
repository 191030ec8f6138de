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
//! let given_back = Deactivation { seat: SeatId::random()?, counter: 7, created_at: 1_790_000_000 };
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

mod code_check;
#[cfg(test)]
mod corruption_tests;
mod error;
mod error_code;
#[cfg(test)]
mod error_tests;
mod frames;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod lines;
mod recover;
mod reed_solomon;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
mod wire;

pub use code_check::CodeDoubt;
pub use error::{
    ActivationCodeError, CODES, CborError, EnvelopeError, IdError, KeyError, OpenError, ReadError,
    SealError, SeatNameError, TextError, codes,
};
pub use error_code::{ErrorArg, ErrorCode, HasErrorCode, ToErrorArg};
pub use frames::MAX_FRAMES;
pub use lines::Line;
pub use recover::activation_code::ActivationCode;
pub use recover::manual_entry;
pub use recover::{FoundToken, decode_text, pictures_in_mail, scan, text_of_file};
pub use wire::envelope::{Kind, Signed, Signer, Token, open, open_request, reverify, seal};
pub use wire::ids::{RequestId, SeatId, VendorId};
pub use wire::keys::{KeyId, PublicKeys, SecretKeys, Seed};
pub use wire::limits;
pub use wire::payload::{
    Attributes, Deactivation, FeatureValue, Features, HardwareTrait, HardwareTraits, Payload,
    ProductNumber, Refresh, Request, Response, SeatName, Seconds, encoded_terms_len,
};
