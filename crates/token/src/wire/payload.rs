//! Payloads of the four token kinds. They carry only what the recipient doesn't already know.
//!
//! Field keys are assigned in one table for all kinds, so that a key always has the same meaning.
//! Key 16 is reserved for an issuing certificate in a response.

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::{Decode, Encode};
use sha2::{Digest as _, Sha256};

use crate::error::{OpenError, SeatNameError};
use crate::recover::activation_code::ActivationCode;
use crate::wire::cbor::{FieldWriter, Fields, encoded};
use crate::wire::envelope::Kind;
use crate::wire::ids::{RequestId, SeatId, VendorId};
use crate::wire::keys::PublicKeys;
use crate::wire::limits::{MAX_SEAT_NAME_BYTES, MAX_TERMS_BYTES};

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

/// The number of a product, unique within its vendor.
pub type ProductNumber = u32;

/// Seconds since the Unix epoch (1970-01-01T00:00:00Z), up to the year 9999.
pub type Seconds = i64;

/// The last second of the year 9999.
const MAX_SECONDS: Seconds = 253_402_300_799;

/// The name that a user gives to the seat on a computer: at most 64 bytes, without control
/// characters and characters that change the text direction. It may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct SeatName(String);

impl SeatName {
    /// Validates a name after removing white space around it.
    ///
    /// # Errors
    /// [`SeatNameError`] if it is too long or contains control characters.
    pub fn new(name: &str) -> Result<Self, SeatNameError> {
        let name = name.trim();
        if name.len() > MAX_SEAT_NAME_BYTES {
            return Err(SeatNameError::TooLong { bytes: name.len() });
        }
        if name.chars().any(|character| character.is_control() || is_direction(character)) {
            return Err(SeatNameError::Control);
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a character changes the text direction (Unicode's `Bidi_Control`), with which a
/// name could appear as another one.
pub(crate) const fn is_direction(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// One hardware trait of a computer. Their weights are defined by `latchkey-lease`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum HardwareTrait {
    /// The id of the operating system's installation.
    OsInstall = 0,
    /// The UUID that the firmware assigns to the system.
    SystemUuid = 1,
    /// The serial number of the main board.
    BoardSerial = 2,
    /// The serial number or WWID of the system's disk.
    SystemDisk = 3,
    /// The id of the system's volume.
    SystemVolume = 4,
    /// The permanent address of a network card.
    NetworkAddress = 5,
    /// The model of the processor.
    Processor = 6,
}

impl HardwareTrait {
    /// All traits in the order of their bits.
    pub const ALL: [Self; 7] = [
        Self::OsInstall,
        Self::SystemUuid,
        Self::BoardSerial,
        Self::SystemDisk,
        Self::SystemVolume,
        Self::NetworkAddress,
        Self::Processor,
    ];

    /// Returns the stable lower-case name, for diagnostics and catalogues.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OsInstall => "os-install",
            Self::SystemUuid => "system-uuid",
            Self::BoardSerial => "board-serial",
            Self::SystemDisk => "system-disk",
            Self::SystemVolume => "system-volume",
            Self::NetworkAddress => "network-address",
            Self::Processor => "processor",
        }
    }
}

/// The traits of a computer in a token: four bytes of a keyed digest each. They distinguish
/// computers for one product, and reveal nothing about the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HardwareTraits([Option<[u8; 4]>; 7]);

impl HardwareTraits {
    /// Sets a trait from its value on this computer. The value is hashed with the vendor and the
    /// product, so that two vendors can't compare their data.
    pub fn set(
        &mut self,
        which: HardwareTrait,
        vendor: VendorId,
        product: ProductNumber,
        value: &str,
    ) {
        let digest = Sha256::new()
            .chain_update(b"latchkey/trait\0")
            .chain_update(vendor.as_bytes())
            .chain_update(product.to_be_bytes())
            .chain_update([which as u8])
            .chain_update(value.as_bytes())
            .finalize();
        self.0[which as usize] = Some([digest[0], digest[1], digest[2], digest[3]]);
    }

    /// Returns the digest of a trait, or `None` if the trait couldn't be read.
    #[must_use]
    pub const fn get(&self, which: HardwareTrait) -> Option<[u8; 4]> {
        self.0[which as usize]
    }

    /// Returns the traits without this one.
    #[must_use]
    pub fn without(mut self, which: HardwareTrait) -> Self {
        self.0[which as usize] = None;
        self
    }

    /// Returns the traits that could be read.
    pub fn present(&self) -> impl Iterator<Item = (HardwareTrait, [u8; 4])> + '_ {
        HardwareTrait::ALL.into_iter().filter_map(|which| Some((which, self.get(which)?)))
    }

    /// Returns the digest that the vendor's signature covers instead of the list: ten bytes of
    /// SHA-256(`"latchkey/traits" 0x00` ‖ presence byte ‖ four bytes for each trait that is
    /// present).
    #[must_use]
    pub fn digest(&self) -> [u8; 10] {
        let digest = Sha256::new()
            .chain_update(b"latchkey/traits\0")
            .chain_update(self.to_bytes())
            .finalize();
        let mut short = [0; 10];
        short.copy_from_slice(&digest[..10]);
        short
    }

    /// Encodes the traits as a presence byte (bit 0 is [`HardwareTrait::OsInstall`]) and four bytes
    /// for each trait that is present.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0];
        for (which, digest) in self.present() {
            bytes[0] |= 1 << which as u8;
            bytes.extend_from_slice(&digest);
        }
        bytes
    }

    /// Decodes the traits, or returns `None` if the length doesn't match the presence byte.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&presence, mut rest) = bytes.split_first()?;
        if presence & 0x80 != 0 {
            return None;
        }
        let mut traits = Self::default();
        for which in HardwareTrait::ALL {
            if presence & 1 << which as u8 != 0 {
                let (digest, after) = rest.split_first_chunk::<4>()?;
                traits.0[which as usize] = Some(*digest);
                rest = after;
            }
        }
        rest.is_empty().then_some(traits)
    }
}

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
    encoded(features).len() + encoded(FlatAttributes(attributes.clone())).len()
}

/// Encodes attributes as a flat list of alternating keys and values with ascending keys, because
/// the keys of payload maps are numbers.
struct FlatAttributes(Attributes);

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

/// The payload of one kind of token. This trait is sealed, and has four implementations.
pub trait Payload: wire::Wire {
    /// The kind of token with this payload.
    const KIND: Kind;
}

pub(crate) mod wire {
    //! The encoding of payloads. It is private, so that no other type can be a payload.
    use super::{Fields, OpenError};

    pub trait Wire: Sized {
        fn to_cbor(&self) -> Vec<u8>;
        fn from_fields(fields: Fields<'_>) -> Result<Self, OpenError>;
    }
}

use wire::Wire;

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

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, OpenError> {
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

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, OpenError> {
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

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, OpenError> {
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

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, OpenError> {
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
) -> Result<T, OpenError> {
    let bytes: &minicbor::bytes::ByteSlice = fields.take(key)?;
    read(bytes).ok_or(OpenError::InvalidField { field: key })
}

fn take_seat_name(fields: &mut Fields<'_>) -> Result<SeatName, OpenError> {
    let sent: &str = fields.take(field::SEAT_NAME)?;
    match SeatName::new(sent) {
        Ok(name) if name.as_str() == sent => Ok(name),
        _ => Err(OpenError::InvalidField { field: field::SEAT_NAME }),
    }
}

fn in_calendar(time: Seconds, field: u64) -> Result<Seconds, OpenError> {
    if (0..=MAX_SECONDS).contains(&time) {
        Ok(time)
    } else {
        Err(OpenError::InvalidField { field })
    }
}

fn take_time(fields: &mut Fields<'_>, key: u64) -> Result<Seconds, OpenError> {
    in_calendar(fields.take(key)?, key)
}

/// Removes and decodes a field that is absent, null, or a time.
fn take_optional_time(
    fields: &mut Fields<'_>,
    key: u64,
) -> Result<Option<Option<Seconds>>, OpenError> {
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

fn take_grace(fields: &mut Fields<'_>) -> Result<Option<u64>, OpenError> {
    match fields.take_optional::<u64>(field::GRACE)? {
        Some(grace) if grace > MAX_SECONDS.unsigned_abs() => {
            Err(OpenError::InvalidField { field: field::GRACE })
        }
        grace => Ok(grace),
    }
}

fn check_terms(features: &Features, attributes: &Attributes) -> Result<(), OpenError> {
    if encoded_terms_len(features, attributes) > MAX_TERMS_BYTES {
        return Err(OpenError::InvalidField { field: field::FEATURES });
    }
    Ok(())
}
