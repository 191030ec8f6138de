//! The terms of a licence that only its product understands: features and attributes.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::{Decode, Encode};

use crate::wire::cbor::encode_value;
#[cfg(doc)]
use crate::wire::limits::MAX_TERMS_BYTES;

/// The value of a licensed feature. The product knows its exact type (pool or usage count).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureValue {
    /// A feature of type `bool`: included or not.
    Bool(bool),
    /// The size of an element pool, or the limit of a usage count.
    Number(u64),
}

impl<C> Encode<C> for FeatureValue {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match self {
            Self::Bool(value) => e.bool(*value)?.ok(),
            Self::Number(value) => e.u64(*value)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for FeatureValue {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        match d.datatype()? {
            Type::Bool => d.bool().map(Self::Bool),
            _ => d.u64().map(Self::Number),
        }
    }
}

/// Features by their number within the product.
pub type Features = BTreeMap<u32, FeatureValue>;

/// Attributes: free text by keys that the vendor chooses.
pub type Attributes = BTreeMap<String, String>;

/// Returns the number of bytes that features and attributes take together in a token. At most
/// [`MAX_TERMS_BYTES`] may be granted.
#[must_use]
pub fn encoded_terms_len(features: &Features, attributes: &Attributes) -> usize {
    encode_value(features).len() + encode_value(FlatAttributes(attributes.clone())).len()
}

/// Encodes attributes as a flat list of alternating keys and values with ascending keys, because
/// the keys of payload maps are numbers.
pub(super) struct FlatAttributes(pub(super) Attributes);

impl<C> Encode<C> for FlatAttributes {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2 * self.0.len() as u64)?;
        for (key, value) in &self.0 {
            e.str(key)?.str(value)?;
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for FlatAttributes {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let wrong = || minicbor::decode::Error::message("attributes come in pairs, keys ascending");
        let length = d.array()?.filter(|length| length % 2 == 0).ok_or_else(wrong)?;
        let mut attributes = Attributes::new();
        for _ in 0..length / 2 {
            let (key, value) = (d.str()?, d.str()?);
            if attributes.last_key_value().is_some_and(|(last, _)| last.as_str() >= key) {
                return Err(wrong());
            }
            attributes.insert(key.to_owned(), value.to_owned());
        }
        Ok(Self(attributes))
    }
}
