//! Payloads of the four token kinds. They carry only what the recipient doesn't already know.
//!
//! Field keys are assigned in one table for all kinds, so that a key always has the same meaning.
//! Key 16 is reserved for an issuing certificate in a response.

use minicbor::Decode;
use minicbor::data::Type;

use crate::wire::activation_code::ActivationCode;
use crate::wire::cbor::{FieldError, FieldWriter, Fields};
use crate::wire::hardware_traits::HardwareTraits;
use crate::wire::ids::{ProductNumber, RequestId, SeatId};
use crate::wire::keys::PublicKeys;
use crate::wire::kind::Kind;
use crate::wire::limits::MAX_TERMS_BYTES;
use crate::wire::seat_name::SeatName;
use crate::wire::terms::{Attributes, Features, FlatAttributes, encoded_terms_len};

pub(crate) mod field {
    //! The keys of all fields.
    pub(crate) const PRODUCT: u64 = 0;
    pub(crate) const CODE: u64 = 1;
    pub(crate) const DEVICE_KEYS: u64 = 2;
    pub(crate) const REQUEST: u64 = 3;
    pub(crate) const COUNTER: u64 = 4;
    pub(crate) const SEAT_NAME: u64 = 5;
    pub(crate) const TRAITS: u64 = 6;
    pub(crate) const TIME: u64 = 7;
    pub(crate) const SEAT: u64 = 8;
    pub(crate) const LEASE_EXPIRY: u64 = 9;
    pub(crate) const GRACE: u64 = 10;
    pub(crate) const SEQUENCE: u64 = 11;
    pub(crate) const FEATURES: u64 = 12;
    pub(crate) const ATTRIBUTES: u64 = 13;
    pub(crate) const SUBSCRIPTION_END: u64 = 14;
    pub(crate) const TRAITS_DIGEST: u64 = 15;
}

/// Seconds since the Unix epoch (1970-01-01T00:00:00Z), up to the year 9999.
pub type Seconds = i64;

/// The last second of the year 9999.
const MAX_SECONDS: Seconds = 253_402_300_799;

/// The payload of one kind of token. This trait is sealed, and has four implementations.
pub trait Payload: encoding::Wire {
    /// The kind of token with this payload.
    const KIND: Kind;
}

pub(crate) mod encoding {
    //! The encoding of payloads. It is private, so that no other type can be a payload.
    use super::{FieldError, Fields};

    pub trait Wire: Sized {
        fn to_cbor(&self) -> Vec<u8>;
        fn from_fields(fields: Fields<'_>) -> Result<Self, FieldError>;
    }
}

use encoding::Wire;

/// Requests a seat (from the computer to the vendor).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The product for which the seat is requested.
    pub product: ProductNumber,
    /// The activation code that the customer received.
    pub code: ActivationCode,
    /// The device's public keys. The token is signed with the matching secret key.
    pub device: PublicKeys,
    /// The id that the response will state.
    pub request: RequestId,
    /// The device's monotonic counter; each value is used at most once.
    pub counter: u64,
    /// The name of the seat.
    pub seat_name: SeatName,
    /// The computer's traits, as keyed digests.
    pub traits: HardwareTraits,
    /// The device's wall clock, in seconds since the Unix epoch. It is untrusted.
    pub created_at: Seconds,
}

impl Payload for Request {
    const KIND: Kind = Kind::Request;
}

impl Wire for Request {
    fn to_cbor(&self) -> Vec<u8> {
        FieldWriter::default()
            .put(field::PRODUCT, self.product)
            .put(field::CODE, bytes(&self.code.to_packed()))
            .put(field::DEVICE_KEYS, bytes(&self.device.to_bytes()))
            .put(field::REQUEST, self.request)
            .put(field::COUNTER, self.counter)
            .put(field::SEAT_NAME, self.seat_name.as_str())
            .put(field::TRAITS, bytes(&self.traits.to_bytes()))
            .put(field::TIME, self.created_at)
            .finish()
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, FieldError> {
        let request = Self {
            product: fields.take(field::PRODUCT)?,
            code: take_bytes(&mut fields, field::CODE, ActivationCode::from_packed)?,
            device: take_bytes(&mut fields, field::DEVICE_KEYS, |keys| {
                PublicKeys::from_bytes(keys).ok()
            })?,
            request: fields.take(field::REQUEST)?,
            counter: fields.take(field::COUNTER)?,
            seat_name: take_seat_name(&mut fields)?,
            traits: take_bytes(&mut fields, field::TRAITS, HardwareTraits::from_bytes)?,
            created_at: take_time(&mut fields, field::TIME)?,
        };
        fields.finish()?;
        Ok(request)
    }
}

/// Grants a seat (from the vendor to the computer). The vendor's signature makes it a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The request that it answers.
    pub request: RequestId,
    /// The seat.
    pub seat: SeatId,
    /// When the vendor granted the seat: a time that the vendor signed.
    pub activated_at: Seconds,
    /// When the lease ends.
    pub lease_expiry: Seconds,
    /// The grace period after the lease expiry, in seconds.
    pub grace: u64,
    /// The number of this grant within the seat: server epoch · 2¹⁶ + n.
    pub sequence: u64,
    /// The features that the licence includes.
    pub features: Features,
    /// The vendor's attributes of the licence.
    pub attributes: Attributes,
    /// When the subscription ends, or `None` if it has no end.
    pub subscription_end: Option<Seconds>,
    /// [`HardwareTraits::digest`] of the request's traits.
    pub traits_digest: [u8; 10],
}

impl Payload for Response {
    const KIND: Kind = Kind::Response;
}

impl Wire for Response {
    fn to_cbor(&self) -> Vec<u8> {
        FieldWriter::default()
            .put(field::REQUEST, self.request)
            .put(field::TIME, self.activated_at)
            .put(field::SEAT, self.seat)
            .put(field::LEASE_EXPIRY, self.lease_expiry)
            .put_optional(field::GRACE, (self.grace != 0).then_some(self.grace))
            .put(field::SEQUENCE, self.sequence)
            .put_optional(field::FEATURES, (!self.features.is_empty()).then_some(&self.features))
            .put_optional(
                field::ATTRIBUTES,
                (!self.attributes.is_empty()).then(|| FlatAttributes(self.attributes.clone())),
            )
            .put_optional(field::SUBSCRIPTION_END, self.subscription_end)
            .put(field::TRAITS_DIGEST, bytes(&self.traits_digest))
            .finish()
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, FieldError> {
        let response = Self {
            request: fields.take(field::REQUEST)?,
            activated_at: take_time(&mut fields, field::TIME)?,
            seat: fields.take(field::SEAT)?,
            lease_expiry: take_time(&mut fields, field::LEASE_EXPIRY)?,
            grace: take_grace(&mut fields)?.unwrap_or_default(),
            sequence: fields.take(field::SEQUENCE)?,
            features: fields.take_optional(field::FEATURES)?.unwrap_or_default(),
            attributes: fields
                .take_optional::<FlatAttributes>(field::ATTRIBUTES)?
                .map(|attributes| attributes.0)
                .unwrap_or_default(),
            subscription_end: fields
                .take_optional(field::SUBSCRIPTION_END)?
                .map(|time| in_calendar(time, field::SUBSCRIPTION_END))
                .transpose()?,
            traits_digest: take_bytes(&mut fields, field::TRAITS_DIGEST, |digest| {
                digest.try_into().ok()
            })?,
        };
        check_terms(&response.features, &response.attributes)?;
        fields.finish()?;
        Ok(response)
    }
}

/// Extends a lease (from the vendor to the computer). Fields that are omitted keep their values
/// from the seat's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The seat.
    pub seat: SeatId,
    /// When the vendor issued the refresh: a time that the vendor signed.
    pub issued_at: Seconds,
    /// The new lease expiry.
    pub lease_expiry: Seconds,
    /// The number of this grant within the seat. It is only applied if it is higher than the
    /// present one.
    pub sequence: u64,
    /// The grace period in seconds; `None` keeps the value from the seat's response.
    pub grace: Option<u64>,
    /// The features; `None` keeps those from the seat's response.
    pub features: Option<Features>,
    /// The attributes; `None` keeps those from the seat's response.
    pub attributes: Option<Attributes>,
    /// The subscription end; `None` keeps it from the seat's response, and `Some(None)` removes
    /// it.
    pub subscription_end: Option<Option<Seconds>>,
}

impl Payload for Refresh {
    const KIND: Kind = Kind::Refresh;
}

impl Wire for Refresh {
    fn to_cbor(&self) -> Vec<u8> {
        FieldWriter::default()
            .put(field::TIME, self.issued_at)
            .put(field::SEAT, self.seat)
            .put(field::LEASE_EXPIRY, self.lease_expiry)
            .put_optional(field::GRACE, self.grace)
            .put(field::SEQUENCE, self.sequence)
            .put_optional(field::FEATURES, self.features.as_ref())
            .put_optional(field::ATTRIBUTES, self.attributes.clone().map(FlatAttributes))
            .put_optional(field::SUBSCRIPTION_END, self.subscription_end)
            .finish()
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, FieldError> {
        let refresh = Self {
            issued_at: take_time(&mut fields, field::TIME)?,
            seat: fields.take(field::SEAT)?,
            lease_expiry: take_time(&mut fields, field::LEASE_EXPIRY)?,
            grace: take_grace(&mut fields)?,
            sequence: fields.take(field::SEQUENCE)?,
            features: fields.take_optional(field::FEATURES)?,
            attributes: fields
                .take_optional::<FlatAttributes>(field::ATTRIBUTES)?
                .map(|attributes| attributes.0),
            subscription_end: take_optional_time(&mut fields, field::SUBSCRIPTION_END)?,
        };
        check_terms(
            refresh.features.as_ref().unwrap_or(&Features::new()),
            refresh.attributes.as_ref().unwrap_or(&Attributes::new()),
        )?;
        fields.finish()?;
        Ok(refresh)
    }
}

/// Returns a seat (from the computer to the vendor).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivation {
    /// The seat.
    pub seat: SeatId,
    /// The device's monotonic counter; each value is used at most once.
    pub counter: u64,
    /// The device's wall clock, in seconds since the Unix epoch. It is untrusted.
    pub created_at: Seconds,
}

impl Payload for Deactivation {
    const KIND: Kind = Kind::Deactivation;
}

impl Wire for Deactivation {
    fn to_cbor(&self) -> Vec<u8> {
        FieldWriter::default()
            .put(field::COUNTER, self.counter)
            .put(field::TIME, self.created_at)
            .put(field::SEAT, self.seat)
            .finish()
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, FieldError> {
        let deactivation = Self {
            counter: fields.take(field::COUNTER)?,
            created_at: take_time(&mut fields, field::TIME)?,
            seat: fields.take(field::SEAT)?,
        };
        fields.finish()?;
        Ok(deactivation)
    }
}

fn bytes(bytes: &[u8]) -> &minicbor::bytes::ByteSlice {
    bytes.into()
}

fn take_bytes<T>(
    fields: &mut Fields<'_>,
    key: u64,
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, FieldError> {
    let bytes: &minicbor::bytes::ByteSlice = fields.take(key)?;
    read(bytes).ok_or(FieldError::Invalid { field: key })
}

fn take_seat_name(fields: &mut Fields<'_>) -> Result<SeatName, FieldError> {
    let sent: &str = fields.take(field::SEAT_NAME)?;
    match SeatName::new(sent) {
        Ok(name) if name.as_str() == sent => Ok(name),
        _ => Err(FieldError::Invalid { field: field::SEAT_NAME }),
    }
}

fn in_calendar(time: Seconds, field: u64) -> Result<Seconds, FieldError> {
    if (0..=MAX_SECONDS).contains(&time) { Ok(time) } else { Err(FieldError::Invalid { field }) }
}

fn take_time(fields: &mut Fields<'_>, key: u64) -> Result<Seconds, FieldError> {
    in_calendar(fields.take(key)?, key)
}

/// Removes and decodes a field that is absent, null, or a time.
fn take_optional_time(
    fields: &mut Fields<'_>,
    key: u64,
) -> Result<Option<Option<Seconds>>, FieldError> {
    struct OrNull(Option<Seconds>);
    impl<'b, C> Decode<'b, C> for OrNull {
        fn decode(
            d: &mut minicbor::Decoder<'b>,
            _: &mut C,
        ) -> Result<Self, minicbor::decode::Error> {
            match d.datatype()? {
                Type::Null => d.null().map(|()| Self(None)),
                _ => d.i64().map(|time| Self(Some(time))),
            }
        }
    }
    match fields.take_optional::<OrNull>(key)? {
        None => Ok(None),
        Some(OrNull(None)) => Ok(Some(None)),
        Some(OrNull(Some(time))) => in_calendar(time, key).map(|time| Some(Some(time))),
    }
}

fn take_grace(fields: &mut Fields<'_>) -> Result<Option<u64>, FieldError> {
    match fields.take_optional::<u64>(field::GRACE)? {
        Some(grace) if grace > MAX_SECONDS.unsigned_abs() => {
            Err(FieldError::Invalid { field: field::GRACE })
        }
        grace => Ok(grace),
    }
}

fn check_terms(features: &Features, attributes: &Attributes) -> Result<(), FieldError> {
    if encoded_terms_len(features, attributes) > MAX_TERMS_BYTES {
        return Err(FieldError::Invalid { field: field::FEATURES });
    }
    Ok(())
}
