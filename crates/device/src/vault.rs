//! The vault: all state that has to survive on this computer, as one item of at most 2,500 bytes,
//! so that a write is one step. There is exactly one encoding; anything else is refused, never
//! repaired and never replaced.

use std::fmt;

use hkdf::Hkdf;
use latchkey_lease::Timestamp;
use latchkey_lease::{
    EffectiveClock, HardwareMatch, StoredClock, compare, from_seconds, to_seconds,
};
use latchkey_token::{
    ActivationCode, HardwareTraits, KeyError, ProductNumber, PublicKeys, RequestId, SeatId,
    SeatName, Seconds, SecretKeys, Seed, VendorId,
};
use minicbor::{Decoder, Encoder};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::error::{StoreError, StoredAt};
use crate::fingerprint::TraitHashes;

/// Maximum size of a vault in bytes. Credential Manager takes 2,560.
pub(crate) const MAX_VAULT_BYTES: usize = 2_500;
/// A vault in a file that everyone can read contains the public keys instead of the seed.
const MORE_BYTES_IN_PUBLIC: usize = PublicKeys::LENGTH - 32;
/// Maximum number of requests whose response is accepted.
pub(crate) const MAX_PENDING: usize = 8;
/// Number of deactivations in the outbox from which on no request is made, so that there is always
/// room for the next deactivation.
pub(crate) const MAX_OUTBOX: usize = 8;

/// Version 1 had no running time, hardware grace or check; it can still be read.
const VERSION: u64 = 2;
const FIRST_VERSION: u64 = 1;
const CHECK: usize = 16;

/// The content of a vault. The order of the fields is their order in the encoding.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Vault {
    pub(crate) vendor: VendorId,
    pub(crate) product: ProductNumber,
    pub(crate) identity: Identity,
    /// The device's monotonic counter, as used by the last request or deactivation.
    pub(crate) counter: u64,
    /// Pending requests, oldest first.
    pub(crate) pending: Vec<Pending>,
    /// The fields of the newest request, the last one in `pending`, needed to show it again.
    pub(crate) newest: Option<NewestRequest>,
    pub(crate) licence: Option<StoredLicence>,
    /// Undelivered deactivations, oldest first, with at most one for each seat.
    pub(crate) outbox: Vec<StoredDeactivation>,
    /// Present from the first write on.
    pub(crate) clock: EffectiveClock,
    /// The effective time at which too much of the hardware was first seen to have changed since
    /// the licence was granted.
    pub(crate) hardware_changed_at: Option<Seconds>,
}

/// The device's keys: the secret itself, or only the public part if everyone can read the vault.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Secret(Seed),
    /// The secret is stored separately.
    Public(PublicKeys),
}

impl Identity {
    pub(crate) fn public(&self) -> Result<PublicKeys, KeyError> {
        match self {
            Self::Secret(seed) => Ok(*SecretKeys::from_seed(seed)?.public()),
            Self::Public(public) => Ok(*public),
        }
    }
}

/// A request whose response is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) request: RequestId,
    /// The traits that the response's digest covers.
    pub(crate) traits: HardwareTraits,
    /// `None` if it equals the newest request's. Names of older requests are kept as long as there
    /// is room.
    pub(crate) seat_name: Option<SeatName>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewestRequest {
    pub(crate) code: ActivationCode,
    pub(crate) seat_name: SeatName,
    pub(crate) counter: u64,
    pub(crate) created_at: Seconds,
}

/// A lease as it was signed, with what is needed to verify it again.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredLicence {
    pub(crate) response: Vec<u8>,
    pub(crate) refresh: Option<Vec<u8>>,
    pub(crate) traits: HardwareTraits,
    pub(crate) seat_name: SeatName,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredDeactivation {
    pub(crate) seat: SeatId,
    pub(crate) counter: u64,
    pub(crate) created_at: Seconds,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(<redacted>)")
    }
}

impl Vault {
    /// An empty vault for a new device.
    pub(crate) fn new(
        vendor: VendorId,
        product: ProductNumber,
        seed: Seed,
        clock: EffectiveClock,
    ) -> Self {
        Self {
            vendor,
            product,
            identity: Identity::Secret(seed),
            counter: 0,
            pending: Vec::new(),
            newest: None,
            licence: None,
            outbox: Vec::new(),
            clock,
            hardware_changed_at: None,
        }
    }

    /// How well the hardware matches the one that the licence was granted to, and since when it
    /// doesn't, as far as that was recorded. `None` without a licence.
    pub(crate) fn hardware_match(
        &self,
        now: &TraitHashes,
    ) -> Option<(HardwareMatch, Option<Timestamp>)> {
        let licence = self.licence.as_ref()?;
        let since = self.hardware_changed_at.map(from_seconds);
        Some((compare(&licence.traits, now.comparable_with(&licence.traits)), since))
    }

    /// Records when the hardware was first seen to have changed too much.
    pub(crate) fn note_hardware(&mut self, traits: &TraitHashes, now: Timestamp) {
        self.hardware_changed_at = self.hardware_changed_by(traits, now);
    }

    /// The hardware state to persist, so that the grace period runs only once. Unchanged hardware
    /// or a new licence ends it; unreadable traits don't.
    pub(crate) fn hardware_changed_by(
        &self,
        traits: &TraitHashes,
        now: Timestamp,
    ) -> Option<Seconds> {
        let since = self.hardware_changed_at.map(|since| since.min(to_seconds(now)));
        match self.hardware_match(traits)?.0 {
            HardwareMatch::Same(_) => None,
            HardwareMatch::Unknown => since,
            HardwareMatch::Changed | HardwareMatch::Different => since.or(Some(to_seconds(now))),
        }
    }

    /// Takes the next counter value; each is used at most once.
    pub(crate) fn next_counter(&mut self) -> u64 {
        self.counter = self.counter.saturating_add(1);
        self.counter
    }

    /// Drops all pending requests, so that no response is accepted any more.
    pub(crate) fn clear_pending(&mut self) {
        self.pending.clear();
        self.newest = None;
    }

    /// Encodes the vault. Names of older requests are omitted, oldest first, if it would be too
    /// long.
    ///
    /// # Errors
    /// Returns [`StoreError::TooLarge`], which the limits of tokens prevent.
    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let mut vault = self.clone();
        let most = match self.identity {
            Identity::Secret(_) => MAX_VAULT_BYTES,
            Identity::Public(_) => MAX_VAULT_BYTES + MORE_BYTES_IN_PUBLIC,
        };
        loop {
            let bytes = vault.encode_to_vec();
            if bytes.len() <= most {
                return Ok(bytes);
            }
            let oldest = vault.pending.iter_mut().find(|pending| pending.seat_name.is_some());
            match oldest {
                Some(pending) => pending.seat_name = None,
                None => return Err(StoreError::TooLarge { bytes: bytes.len() }),
            }
        }
    }

    fn encode_to_vec(&self) -> Zeroizing<Vec<u8>> {
        self.encoded_as(VERSION)
    }

    fn encoded_as(&self, version: u64) -> Zeroizing<Vec<u8>> {
        // The full capacity is reserved at once, so that no copy of the seed stays behind in freed
        // memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * MAX_VAULT_BYTES));
        let written = self.encode(version, &mut Encoder::new(&mut *bytes));
        debug_assert!(written.is_ok(), "writing to a vector never fails");
        if version > FIRST_VERSION {
            let check = self.check(&bytes);
            let mut e = Encoder::new(&mut *bytes);
            let written = match &check {
                Some(check) => e.bytes(check).map(drop),
                None => e.null().map(drop),
            };
            debug_assert!(written.is_ok(), "writing to a vector never fails");
        }
        bytes
    }

    /// A check over all other fields with the device's secret, so that no field can be edited on
    /// its own. Anyone who can read the secret can compute it, but that is anyone who may write the
    /// vault. If everyone can read the vault, the secret isn't in it, and only an administrator can
    /// write it.
    ///
    /// HKDF-SHA256 (RFC 5869) as a pseudo-random function: HMAC over the bytes with a key from the
    /// secret.
    fn check(&self, bytes: &[u8]) -> Option<[u8; CHECK]> {
        let Identity::Secret(seed) = &self.identity else { return None };
        let mut check = [0; CHECK];
        let keyed = Hkdf::<Sha256>::new(Some(b"latchkey/vault"), seed.expose());
        let expanded = keyed.expand(bytes, &mut check);
        debug_assert!(expanded.is_ok(), "HKDF gives up to 8,160 bytes");
        Some(check)
    }

    fn encode(&self, version: u64, e: &mut Encoder<&mut Vec<u8>>) -> Result<(), WriteError> {
        let clock = self.clock.to_stored();
        e.array(if version == FIRST_VERSION { 10 } else { 12 })?;
        e.u64(version)?.bytes(self.vendor.as_bytes())?.u32(self.product)?;
        match &self.identity {
            Identity::Secret(seed) => e.bytes(seed.expose())?,
            Identity::Public(public) => e.bytes(&public.to_bytes())?,
        };
        e.u64(self.counter)?;
        e.array(self.pending.len() as u64)?;
        for pending in &self.pending {
            e.array(3)?.bytes(pending.request.as_bytes())?.bytes(&pending.traits.to_bytes())?;
            match &pending.seat_name {
                Some(name) => e.str(name.as_str())?,
                None => e.null()?,
            };
        }
        match &self.newest {
            None => e.null()?,
            Some(newest) => {
                let code = Zeroizing::new(newest.code.expose());
                let code = Zeroizing::new(code.replace('-', ""));
                e.array(4)?.str(&code)?.str(newest.seat_name.as_str())?;
                e.u64(newest.counter)?.i64(newest.created_at)?
            }
        };
        match &self.licence {
            None => e.null()?,
            Some(licence) => {
                e.array(4)?.bytes(&licence.response)?;
                match &licence.refresh {
                    Some(refresh) => e.bytes(refresh)?,
                    None => e.null()?,
                };
                e.bytes(&licence.traits.to_bytes())?.str(licence.seat_name.as_str())?
            }
        };
        e.array(self.outbox.len() as u64)?;
        for entry in &self.outbox {
            e.array(3)?.bytes(entry.seat.as_bytes())?.u64(entry.counter)?.i64(entry.created_at)?;
        }
        if version == FIRST_VERSION {
            e.array(2)?.i64(clock.signed_floor)?.i64(clock.effective)?;
            return Ok(());
        }
        e.array(6)?.i64(clock.signed_floor)?.i64(clock.effective)?;
        match &clock.seen {
            Some((boot, running)) => e.array(2)?.bytes(boot)?.u64(*running)?,
            None => e.null()?,
        };
        e.bool(clock.boot_accounted)?.u64(clock.run_since_charge)?;
        match clock.jump {
            Some((boots, running)) => e.array(2)?.u8(boots)?.u64(running)?,
            None => e.null()?,
        };
        match self.hardware_changed_at {
            Some(since) => e.i64(since)?,
            None => e.null()?,
        };
        Ok(())
    }

    /// Whether losing the vault would lose nothing: it has no licence, no undelivered deactivation
    /// and no pending request.
    pub(crate) fn is_blank(&self) -> bool {
        self.licence.is_none() && self.outbox.is_empty() && self.pending.is_empty()
    }

    /// Decodes exactly what [`Vault::to_bytes`] returns.
    ///
    /// # Errors
    /// Returns [`StoreError::UnsupportedVersion`] for another version, and [`StoreError::Damaged`]
    /// for anything that isn't the one encoding of a vault.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut d = Decoder::new(bytes);
        let version = d.array().and_then(|_| d.u64()).map_err(|_| StoreError::DAMAGED)?;
        if version > VERSION {
            return Err(StoreError::UnsupportedVersion { version, kept: StoredAt::Unknown });
        }
        let vault = Self::decode(version, bytes).map_err(|_| StoreError::DAMAGED)?;
        // A vault has exactly one encoding: long forms, indefinite lengths, trailing bytes and a
        // wrong check are refused.
        let same = vault.encoded_as(version).ct_eq(bytes);
        if bool::from(same) { Ok(vault) } else { Err(StoreError::DAMAGED) }
    }

    /// The same vault with a correct check, for fuzzing and tests; otherwise no modified vault
    /// passes it.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn with_right_check(changed: &[u8]) -> Option<Vec<u8>> {
        Self::decode(VERSION, changed).ok().map(|vault| vault.encode_to_vec().to_vec())
    }

    fn decode(version: u64, bytes: &[u8]) -> Result<Self, ReadError> {
        let wrong = || ReadError::message("out of range");
        let d = &mut Decoder::new(bytes);
        fields(d, if version == FIRST_VERSION { 10 } else { 12 })?;
        if d.u64()? < FIRST_VERSION {
            return Err(wrong());
        }
        let vendor = VendorId::from_bytes(decode_array(d)?);
        let product = d.u32()?;
        let identity = match d.bytes()? {
            public if public.len() == PublicKeys::LENGTH => {
                Identity::Public(PublicKeys::from_bytes(public).map_err(|_| wrong())?)
            }
            secret => {
                let seed: [u8; 32] = secret.try_into().map_err(|_| wrong())?;
                Identity::Secret(Seed::from_bytes(*Zeroizing::new(seed)))
            }
        };
        let counter = d.u64()?;
        let pending = list(d, MAX_PENDING, |d| {
            fields(d, 3)?;
            Ok(Pending {
                request: RequestId::from_bytes(decode_array(d)?),
                traits: traits(d)?,
                seat_name: if_there(d, seat_name)?,
            })
        })?;
        let newest = if_there(d, |d| {
            fields(d, 4)?;
            Ok(NewestRequest {
                code: d.str()?.parse().map_err(|_| wrong())?,
                seat_name: seat_name(d)?,
                counter: d.u64()?,
                created_at: d.i64()?,
            })
        })?;
        let licence = if_there(d, |d| {
            fields(d, 4)?;
            Ok(StoredLicence {
                response: d.bytes()?.to_vec(),
                refresh: if_there(d, |d| Ok(d.bytes()?.to_vec()))?,
                traits: traits(d)?,
                seat_name: seat_name(d)?,
            })
        })?;
        let outbox = list(d, 2 * MAX_OUTBOX, |d| {
            fields(d, 3)?;
            Ok(StoredDeactivation {
                seat: SeatId::from_bytes(decode_array(d)?),
                counter: d.u64()?,
                created_at: d.i64()?,
            })
        })?;
        let (clock, hardware_changed_at) = match version {
            FIRST_VERSION => (first_clock(d)?, None),
            _ => (clock(d)?, if_there(d, |d| d.i64())?),
        };
        if version > FIRST_VERSION {
            if_there(d, |d| decode_array::<CHECK>(d))?;
        }
        if newest.is_some() == pending.is_empty() || d.position() != bytes.len() {
            return Err(wrong());
        }
        let clock = EffectiveClock::from_stored(clock);
        Ok(Self {
            vendor,
            product,
            identity,
            counter,
            pending,
            newest,
            licence,
            outbox,
            clock,
            hardware_changed_at,
        })
    }
}

type WriteError = minicbor::encode::Error<std::convert::Infallible>;
type ReadError = minicbor::decode::Error;

fn fields(d: &mut Decoder<'_>, count: u64) -> Result<(), ReadError> {
    match d.array()? {
        Some(length) if length == count => Ok(()),
        _ => Err(ReadError::message("another number of fields")),
    }
}

fn list<'b, T>(
    d: &mut Decoder<'b>,
    most: usize,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    let length = d.array()?.and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|&length| length <= most);
    let length = length.ok_or_else(|| ReadError::message("too many entries"))?;
    (0..length).map(|_| read(d)).collect()
}

fn if_there<'b, T>(
    d: &mut Decoder<'b>,
    read: impl FnOnce(&mut Decoder<'b>) -> Result<T, ReadError>,
) -> Result<Option<T>, ReadError> {
    match d.datatype()? {
        minicbor::data::Type::Null => d.null().map(|()| None),
        _ => read(d).map(Some),
    }
}

fn decode_array<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], ReadError> {
    d.bytes()?.try_into().map_err(|_| ReadError::message("another length"))
}

fn first_clock(d: &mut Decoder<'_>) -> Result<StoredClock, ReadError> {
    fields(d, 2)?;
    // Version 1 didn't record boots, so the present one isn't charged.
    let (signed_floor, effective) = (d.i64()?, d.i64()?);
    Ok(StoredClock {
        signed_floor,
        effective,
        boot_accounted: true,
        run_since_charge: u64::MAX,
        ..StoredClock::default()
    })
}

fn clock(d: &mut Decoder<'_>) -> Result<StoredClock, ReadError> {
    fields(d, 6)?;
    Ok(StoredClock {
        signed_floor: d.i64()?,
        effective: d.i64()?,
        seen: if_there(d, |d| {
            fields(d, 2)?;
            Ok((decode_array(d)?, d.u64()?))
        })?,
        boot_accounted: d.bool()?,
        run_since_charge: d.u64()?,
        jump: if_there(d, |d| {
            fields(d, 2)?;
            Ok((d.u8()?, d.u64()?))
        })?,
    })
}

fn traits(d: &mut Decoder<'_>) -> Result<HardwareTraits, ReadError> {
    HardwareTraits::from_bytes(d.bytes()?).ok_or_else(|| ReadError::message("not a list of traits"))
}

fn seat_name(d: &mut Decoder<'_>) -> Result<SeatName, ReadError> {
    SeatName::new(d.str()?).map_err(|_| ReadError::message("not a seat name"))
}

#[cfg(test)]
mod tests {
    use latchkey_lease::{Binding, ClockReading, from_seconds};
    use latchkey_token::{
        Attributes, FeatureValue, Features, HardwareTrait, Payload, Refresh, Response, SecretKeys,
        encoded_terms_len, open, seal,
    };
    use proptest::prelude::*;

    use super::*;

    const LATE: Seconds = 253_402_300_799;

    fn all_traits(value: &str) -> HardwareTraits {
        let mut traits = HardwareTraits::default();
        for which in HardwareTrait::ALL {
            traits.set(which, VendorId::from_bytes([1; 8]), 1, value);
        }
        traits
    }

    fn largest_terms() -> (Features, Attributes) {
        let features: Features =
            (0..6).map(|n| (u32::MAX - n, FeatureValue::Number(u64::MAX))).collect();
        let mut attributes = Attributes::new();
        attributes.insert("note".to_owned(), String::new());
        let room =
            latchkey_token::limits::MAX_TERMS_BYTES - encoded_terms_len(&features, &attributes);
        // A text of 256 or more characters has a header of three bytes instead of one.
        attributes.insert("note".to_owned(), "x".repeat(room - 2));
        assert_eq!(encoded_terms_len(&features, &attributes), 512);
        (features, attributes)
    }

    fn signed<P: Payload>(payload: &P) -> Vec<u8> {
        let keys = |byte| SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap();
        let (vendor, device) = (keys(1), keys(2));
        let binding = Binding {
            product: u32::MAX,
            vendor_keys: vec![*vendor.public()],
            device: *device.public(),
        };
        let token = seal(payload, u32::MAX, &vendor, device.public()).unwrap();
        open::<P>(&token, &device, binding.signers()).unwrap().as_bytes().to_vec()
    }

    fn fullest() -> Vault {
        let name = |byte: char| SeatName::new(&byte.to_string().repeat(64)).unwrap();
        let (features, attributes) = largest_terms();
        let response = Response {
            request: RequestId::from_bytes([0xff; 8]),
            seat: SeatId::from_bytes([0xff; 8]),
            activated_at: LATE,
            lease_expiry: LATE,
            grace: LATE.unsigned_abs(),
            sequence: u64::MAX,
            features: features.clone(),
            attributes: attributes.clone(),
            subscription_end: Some(LATE),
            traits_digest: [0xff; 10],
        };
        let refresh = Refresh {
            seat: SeatId::from_bytes([0xff; 8]),
            issued_at: LATE,
            lease_expiry: LATE,
            sequence: u64::MAX,
            grace: Some(LATE.unsigned_abs()),
            features: Some(features),
            attributes: Some(attributes),
            subscription_end: Some(Some(LATE)),
        };
        // `latchkey_lease::LATEST` is a day before the end of the tokens' calendar.
        let late = LATE - 2 * 86_400;
        let clock = EffectiveClock::from_stored(StoredClock {
            signed_floor: late,
            effective: late,
            seen: Some(([0xff; 8], u64::from(u32::MAX) + 1)),
            boot_accounted: true,
            run_since_charge: 21_600,
            jump: Some((u8::MAX, u64::from(u32::MAX))),
        });
        Vault {
            vendor: VendorId::from_bytes([0xff; 8]),
            product: u32::MAX,
            identity: Identity::Secret(Seed::from_bytes([0xff; 32])),
            counter: u64::MAX,
            pending: (0..MAX_PENDING as u8)
                .map(|n| Pending {
                    request: RequestId::from_bytes([n; 8]),
                    traits: all_traits(&n.to_string()),
                    seat_name: None,
                })
                .collect(),
            newest: Some(NewestRequest {
                code: "Z".repeat(32).parse().unwrap(),
                seat_name: name('n'),
                counter: u64::MAX,
                created_at: LATE,
            }),
            licence: Some(StoredLicence {
                response: signed(&response),
                refresh: Some(signed(&refresh)),
                traits: all_traits("t"),
                seat_name: name('l'),
            }),
            outbox: (0..MAX_OUTBOX as u8)
                .map(|n| StoredDeactivation {
                    seat: SeatId::from_bytes([n; 8]),
                    counter: u64::MAX,
                    created_at: LATE,
                })
                .collect(),
            clock,
            hardware_changed_at: Some(LATE),
        }
    }

    /// A vault as it was written before running time and hardware were stored.
    fn first_version(vault: &Vault) -> Vec<u8> {
        vault.encoded_as(FIRST_VERSION).to_vec()
    }

    #[test]
    fn a_vault_of_the_first_version_is_read_and_written_as_this_one() {
        let clock = EffectiveClock::new(ClockReading::from_wall(from_seconds(LATE - 2 * 86_400)));
        let before = Vault { clock, hardware_changed_at: None, ..fullest() };
        let bytes = first_version(&before);
        assert_eq!(bytes[..2], [0x8a, 1]);
        let read = Vault::from_bytes(&bytes).unwrap();
        assert_eq!(read, before);
        assert_eq!(Vault::from_bytes(&read.to_bytes().unwrap()), Ok(before));
    }

    #[test]
    fn no_bit_of_a_vault_can_be_changed_on_its_own() {
        let bytes = fullest().to_bytes().unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                assert!(Vault::from_bytes(&changed).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn the_check_depends_on_the_secret_of_the_device() {
        let whole = fullest();
        let mut others = whole.clone();
        others.identity = Identity::Secret(Seed::from_bytes([0xfe; 32]));
        let (ours, theirs) = (whole.encode_to_vec(), others.encode_to_vec());
        // The two differ in the secret and in the check at the end.
        let mut put_together = ours.to_vec();
        let end = put_together.len() - CHECK;
        put_together[end..].copy_from_slice(&theirs[end..]);
        assert_eq!(Vault::from_bytes(&put_together), Err(StoreError::DAMAGED));
    }

    #[test]
    fn the_largest_vault_fits_into_every_keyring() {
        let bytes = fullest().to_bytes().unwrap();
        println!("the fullest vault has {} bytes, {MAX_VAULT_BYTES} are allowed", bytes.len());
        assert!(bytes.len() <= MAX_VAULT_BYTES);
        assert_eq!(Vault::from_bytes(&bytes), Ok(fullest()));
    }

    #[test]
    fn a_full_world_readable_vault_is_decoded_without_the_secret() {
        let mut vault = fullest();
        vault.identity = Identity::Public(vault.identity.public().unwrap());
        let bytes = vault.to_bytes().unwrap();
        assert!(!bytes.windows(32).any(|part| part == [0xff; 32]));
        assert_eq!(Vault::from_bytes(&bytes), Ok(vault));
    }

    #[test]
    fn names_of_older_requests_are_dropped_if_there_is_no_room() {
        let mut vault = fullest();
        for (n, pending) in vault.pending.iter_mut().enumerate() {
            pending.seat_name = Some(SeatName::new(&n.to_string().repeat(64)).unwrap());
        }
        let read = Vault::from_bytes(&vault.to_bytes().unwrap()).unwrap();
        assert_eq!(read.pending.len(), MAX_PENDING);
        assert_eq!(read.pending[0].seat_name, None);
        assert_eq!(read.pending[MAX_PENDING - 1], vault.pending[MAX_PENDING - 1]);
    }

    #[test]
    fn an_empty_vault_is_decoded_as_it_was_encoded() {
        let clock = EffectiveClock::new(ClockReading::from_wall(from_seconds(1_800_000_000)));
        let vault = Vault::new(VendorId::from_bytes([1; 8]), 1, Seed::from_bytes([2; 32]), clock);
        assert_eq!(Vault::from_bytes(&vault.to_bytes().unwrap()), Ok(vault));
    }

    #[test]
    fn a_newer_version_is_distinguished_from_damage() {
        let mut bytes = fullest().to_bytes().unwrap();
        assert_eq!(bytes[1], VERSION as u8);
        bytes[1] = 3;
        assert_eq!(
            Vault::from_bytes(&bytes),
            Err(StoreError::UnsupportedVersion { version: 3, kept: StoredAt::Unknown })
        );
        bytes[1] = 0;
        assert_eq!(Vault::from_bytes(&bytes), Err(StoreError::DAMAGED));
    }

    #[test]
    fn another_encoding_of_the_same_vault_is_refused() {
        let bytes = fullest().to_bytes().unwrap();
        assert_eq!(bytes[..2], [0x8c, VERSION as u8]);
        let long_head = [&[0x98, 0x0c], &bytes[1..]].concat();
        let long_version = [&[0x8c, 0x18, VERSION as u8], &bytes[2..]].concat();
        for other in [long_head, long_version] {
            assert_eq!(Vault::from_bytes(&other), Err(StoreError::DAMAGED));
        }
    }

    #[test]
    fn a_vault_prints_no_secret() {
        assert_eq!(format!("{:?}", fullest()), "Vault(<redacted>)");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Vault::from_bytes(&bytes).is_err());
        }

        #[test]
        fn a_cut_or_longer_vault_is_refused(cut in 1_usize..2_000, more in any::<u8>()) {
            let bytes = fullest().to_bytes().unwrap();
            let cut = cut.min(bytes.len());
            prop_assert_eq!(Vault::from_bytes(&bytes[..bytes.len() - cut]), Err(StoreError::DAMAGED));
            let longer = [&bytes[..], &[more]].concat();
            prop_assert_eq!(Vault::from_bytes(&longer), Err(StoreError::DAMAGED));
        }
    }
}
