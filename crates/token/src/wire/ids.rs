//! The number of a product, and identifiers of eight random bytes, which are displayed as sixteen
//! hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::error_code::{ErrorArg, HasErrorCode, ToErrorArg, codes};

/// An identifier that isn't one.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum IdError {
    /// The text isn't made of this many hex digits.
    #[code(codes::ID_NOT_HEX)]
    #[error("not {digits} hex digits")]
    InvalidHex {
        /// How many there should be.
        digits: usize,
    },
    /// The operating system didn't provide random bytes.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system did not provide random bytes")]
    RngFailed,
}

/// The number of a product, unique within its vendor.
pub type ProductNumber = u32;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 8]);

        impl $name {
            /// Draws a new identifier from the operating system's random number generator.
            ///
            /// # Errors
            /// [`IdError::RngFailed`] if the operating system provides no random bytes.
            pub fn random() -> Result<Self, IdError> {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes).map_err(|_| IdError::RngFailed)?;
                Ok(Self(bytes))
            }

            /// Creates an identifier from its eight bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 8]) -> Self {
                Self(bytes)
            }

            /// Returns the eight bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex(text).map(Self)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                bytes.try_into().map(Self).map_err(|_| {
                    minicbor::decode::Error::message("an id has eight bytes")
                })
            }
        }
    };
}

id! {
    /// A vendor, made when the vendor is set up and compiled into its products. Two vendors may
    /// both have a product 1; nothing may ever confuse them.
    VendorId
}
id! {
    /// One seat: one activation of an entitlement on one computer.
    SeatId
}
id! {
    /// One request of a device. The response names it, so that it fits no other.
    RequestId
}

impl ToErrorArg for SeatId {
    fn to_error_arg(&self) -> ErrorArg {
        ErrorArg::Text(self.to_string())
    }
}

pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(crate) fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], IdError> {
    let digits = text.trim().as_bytes();
    if digits.len() != 2 * N {
        return Err(IdError::InvalidHex { digits: 2 * N });
    }
    let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
            return Err(IdError::InvalidHex { digits: 2 * N });
        };
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_parsed_from_its_sixteen_hex_digits() {
        let id = SeatId::random().unwrap();
        assert_eq!(id.to_string().len(), 16);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse(), Ok(id));
    }

    #[test]
    fn text_other_than_sixteen_hex_digits_is_refused() {
        for text in ["", "12", "zz00000000000000", "00000000000000001", "öö000000000000"] {
            assert_eq!(text.parse::<SeatId>(), Err(IdError::InvalidHex { digits: 16 }), "{text:?}");
        }
    }
}
