//! Strictly deterministic CBOR (RFC 8949, section 4.2.1) to the extent that payloads need it: maps
//! with unsigned keys, unsigned and negative numbers, byte and text strings, arrays, booleans and
//! null.
//!
//! Decoders usually accept several encodings of a value. This module accepts one: [`check`]
//! validates the raw bytes before anything is decoded.

use minicbor::{Decode, Encode};
use thiserror::Error;

/// The deepest nesting of a payload: map, list of attributes, text.
const MAX_DEPTH: usize = 4;

/// The first critical field. A recipient must understand fields from here on, and ignores unknown
/// fields below.
pub(crate) const FIRST_CRITICAL_FIELD: u64 = 128;

/// The bytes are not deterministically encoded CBOR (RFC 8949, section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CborError {
    /// The bytes end inside an item.
    #[error("ends inside an item")]
    Truncated,
    /// Bytes are left after the item.
    #[error("bytes after the end")]
    TrailingBytes,
    /// A number or a length that fits in fewer bytes.
    #[error("a number that is not in its shortest form")]
    NotShortestForm,
    /// An item of indefinite length.
    #[error("an item of indefinite length")]
    IndefiniteLength,
    /// The same key twice in one map.
    #[error("duplicate map key")]
    DuplicateKey,
    /// Keys that are not in ascending order.
    #[error("keys out of order")]
    UnsortedKeys,
    /// A key that isn't an unsigned integer.
    #[error("a key that is not a number")]
    InvalidKeyType,
    /// A tag, a float, or another kind of value that payloads don't have.
    #[error("a kind of value that payloads do not have")]
    Unsupported,
    /// Text that isn't UTF-8.
    #[error("text that is not UTF-8")]
    Utf8,
    /// Items nested deeper than any payload's.
    #[error("nested too deeply")]
    Depth,
    /// The outermost item isn't a map.
    #[error("not a map")]
    NotAMap,
}

/// A field of a payload that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldError {
    /// It is missing, or has a value that it can't have.
    Invalid { field: u64 },
    /// It must not be ignored, and this version doesn't know it.
    UnknownCritical { field: u64 },
}

/// Checks that `bytes` are one map in its deterministic encoding.
///
/// # Errors
/// The first deviation: [`CborError::NotAMap`], [`CborError::Truncated`],
/// [`CborError::TrailingBytes`], or the variant of [`CborError`] for an item that isn't
/// deterministically encoded.
pub(crate) fn check(bytes: &[u8]) -> Result<(), CborError> {
    if bytes.first().is_none_or(|&first| first >> 5 != 5) {
        return Err(if bytes.is_empty() { CborError::Truncated } else { CborError::NotAMap });
    }
    match item(bytes, 0)? {
        [] => Ok(()),
        _ => Err(CborError::TrailingBytes),
    }
}

/// Checks one item, and returns the bytes after it.
fn item(bytes: &[u8], depth: usize) -> Result<&[u8], CborError> {
    if depth > MAX_DEPTH {
        return Err(CborError::Depth);
    }
    let (major, argument, rest) = head(bytes)?;
    match major {
        0 | 1 => Ok(rest),
        2 | 3 => {
            let length = usize::try_from(argument).map_err(|_| CborError::Truncated)?;
            let (string, rest) = rest.split_at_checked(length).ok_or(CborError::Truncated)?;
            if major == 3 && std::str::from_utf8(string).is_err() {
                return Err(CborError::Utf8);
            }
            Ok(rest)
        }
        4 => (0..argument).try_fold(rest, |rest, _| item(rest, depth + 1)),
        5 => {
            let mut rest = rest;
            let mut previous = None;
            for _ in 0..argument {
                let (major, key, value) = head(rest)?;
                if major != 0 {
                    return Err(CborError::InvalidKeyType);
                }
                match previous {
                    Some(previous) if key == previous => return Err(CborError::DuplicateKey),
                    Some(previous) if key < previous => return Err(CborError::UnsortedKeys),
                    _ => previous = Some(key),
                }
                rest = item(value, depth + 1)?;
            }
            Ok(rest)
        }
        7 if matches!(argument, 20..=22) && bytes[0] & 31 < 24 => Ok(rest),
        _ => Err(CborError::Unsupported),
    }
}

/// Parses the first bytes of an item, and returns its major type, its argument, and the bytes after
/// them.
fn head(bytes: &[u8]) -> Result<(u8, u64, &[u8]), CborError> {
    let (&first, rest) = bytes.split_first().ok_or(CborError::Truncated)?;
    let (major, short) = (first >> 5, first & 31);
    let width = match short {
        0..=23 => return Ok((major, u64::from(short), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 if (2..=5).contains(&major) => return Err(CborError::IndefiniteLength),
        _ => return Err(CborError::Unsupported),
    };
    if major == 7 {
        return Err(CborError::Unsupported);
    }
    let (argument, rest) = rest.split_at_checked(width).ok_or(CborError::Truncated)?;
    let argument = argument.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    let fits_shorter = match width {
        1 => argument < 24,
        width => argument >> (width * 4) == 0,
    };
    if fits_shorter { Err(CborError::NotShortestForm) } else { Ok((major, argument, rest)) }
}

/// The fields of a validated payload, each with the raw bytes of its value.
pub struct Fields<'b>(Vec<(u64, &'b [u8])>);

impl<'b> Fields<'b> {
    /// Validates the payload and splits it into its fields.
    ///
    /// # Errors
    /// As [`check`].
    pub(crate) fn parse(payload: &'b [u8]) -> Result<Self, CborError> {
        check(payload)?;
        let (_, count, mut rest) = head(payload)?;
        let mut fields = Vec::new();
        for _ in 0..count {
            let (_, key, value) = head(rest)?;
            rest = item(value, 1)?;
            fields.push((key, &value[..value.len() - rest.len()]));
        }
        Ok(Self(fields))
    }

    /// Removes and decodes a required field.
    ///
    /// # Errors
    /// [`FieldError::Invalid`] if it is missing or has another type.
    pub(crate) fn take<T: Decode<'b, ()>>(&mut self, key: u64) -> Result<T, FieldError> {
        self.take_optional(key)?.ok_or(FieldError::Invalid { field: key })
    }

    /// Removes and decodes an optional field.
    ///
    /// # Errors
    /// [`FieldError::Invalid`] if it has another type.
    pub(crate) fn take_optional<T: Decode<'b, ()>>(
        &mut self,
        key: u64,
    ) -> Result<Option<T>, FieldError> {
        let Some(index) = self.0.iter().position(|&(here, _)| here == key) else {
            return Ok(None);
        };
        let (_, value) = self.0.remove(index);
        let mut decoder = minicbor::Decoder::new(value);
        match T::decode(&mut decoder, &mut ()) {
            Ok(decoded) if decoder.position() == value.len() => Ok(Some(decoded)),
            _ => Err(FieldError::Invalid { field: key }),
        }
    }

    /// Ends decoding. Remaining fields are ignored, unless they are critical.
    ///
    /// # Errors
    /// [`FieldError::UnknownCritical`] if a critical field remains.
    pub(crate) fn finish(self) -> Result<(), FieldError> {
        match self.0.iter().find(|&&(key, _)| key >= FIRST_CRITICAL_FIELD) {
            Some(&(field, _)) => Err(FieldError::UnknownCritical { field }),
            None => Ok(()),
        }
    }
}

/// Writes a payload. Fields are added in ascending order of their keys.
#[derive(Default)]
pub(crate) struct FieldWriter {
    fields: Vec<u8>,
    count: u64,
    last: Option<u64>,
}

impl FieldWriter {
    pub(crate) fn put<T: Encode<()>>(&mut self, key: u64, value: T) -> &mut Self {
        debug_assert!(self.last.is_none_or(|last| last < key), "fields go in ascending order");
        self.last = Some(key);
        self.count += 1;
        append(&mut self.fields, key);
        append(&mut self.fields, value);
        self
    }

    pub(crate) fn put_optional<T: Encode<()>>(&mut self, key: u64, value: Option<T>) -> &mut Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(self.fields.len() + 3);
        let written = minicbor::Encoder::new(&mut payload).map(self.count).map(drop);
        debug_assert!(written.is_ok(), "writing into a vector can't fail");
        payload.extend_from_slice(&self.fields);
        payload
    }
}

/// Returns the encoding of a value by itself.
pub(crate) fn encode_value<T: Encode<()>>(value: T) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(&mut bytes, value);
    bytes
}

fn append<T: Encode<()>>(bytes: &mut Vec<u8>, value: T) {
    // Writing to a vector can't fail, and neither can the encoding of the values in payloads.
    let written = minicbor::Encoder::new(&mut *bytes).encode(value).map(drop);
    debug_assert!(written.is_ok(), "values of payloads always encode");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deviation_from_the_one_encoding_is_refused_with_its_reason() {
        let cases: &[(&str, &[u8], CborError)] = &[
            ("nothing", &[], CborError::Truncated),
            ("a number alone", &[0x01], CborError::NotAMap),
            ("a map without its value", &[0xa1, 0x00], CborError::Truncated),
            ("bytes after the map", &[0xa0, 0x00], CborError::TrailingBytes),
            ("a long form of 5", &[0xa1, 0x00, 0x18, 0x05], CborError::NotShortestForm),
            ("a long form of 255", &[0xa1, 0x00, 0x19, 0x00, 0xff], CborError::NotShortestForm),
            (
                "a long form of 65535",
                &[0xa1, 0, 0x1a, 0, 0, 0xff, 0xff],
                CborError::NotShortestForm,
            ),
            ("a long count", &[0xb8, 0x01, 0x00, 0x00], CborError::NotShortestForm),
            ("an indefinite map", &[0xbf, 0xff], CborError::IndefiniteLength),
            ("an indefinite string", &[0xa1, 0x00, 0x5f, 0xff], CborError::IndefiniteLength),
            ("a key twice", &[0xa2, 0x01, 0x00, 0x01, 0x00], CborError::DuplicateKey),
            ("keys descending", &[0xa2, 0x02, 0x00, 0x01, 0x00], CborError::UnsortedKeys),
            ("a text key", &[0xa1, 0x61, b'a', 0x00], CborError::InvalidKeyType),
            ("a negative key", &[0xa1, 0x20, 0x00], CborError::InvalidKeyType),
            ("a tag", &[0xa1, 0x00, 0xc0, 0x00], CborError::Unsupported),
            ("a float", &[0xa1, 0x00, 0xf9, 0, 0], CborError::Unsupported),
            ("undefined", &[0xa1, 0x00, 0xf7], CborError::Unsupported),
            ("a two-byte boolean", &[0xa1, 0x00, 0xf8, 0x14], CborError::Unsupported),
            ("text that is not UTF-8", &[0xa1, 0x00, 0x61, 0xff], CborError::Utf8),
            ("deep nesting", &[0xa1, 0, 0x81, 0x81, 0x81, 0x81, 0x00], CborError::Depth),
        ];
        for (what, bytes, reason) in cases {
            assert_eq!(check(bytes), Err(*reason), "{what}");
        }
        assert_eq!(check(&[0xa2, 0x00, 0x18, 0x18, 0x01, 0xf5]), Ok(()));
    }

    #[test]
    fn a_map_with_a_false_length_allocates_no_memory() {
        let announces_2_to_the_63 = [0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(check(&announces_2_to_the_63), Err(CborError::Truncated));
    }

    #[test]
    fn unknown_fields_are_ignored_unless_they_are_critical() {
        let with_unknown = |key: u64| FieldWriter::default().put(0, 1_u64).put(key, 5_u64).finish();
        let read = |payload: Vec<u8>| {
            let mut fields = Fields::parse(&payload).unwrap();
            fields.take::<u64>(0).unwrap();
            fields.finish()
        };
        assert_eq!(read(with_unknown(99)), Ok(()));
        assert_eq!(read(with_unknown(128)), Err(FieldError::UnknownCritical { field: 128 }));
    }
}
