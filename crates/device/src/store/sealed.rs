//! The format of a sealed file: what opens it, and which keys remain after the computer has
//! changed. This module doesn't access files.
//!
//! ```text
//! "LKVAULT2"(8) ‖ salt(16) ‖ count(1) ‖ count × wrap(53) ‖ nonce(12) ‖ check(4)
//!              ‖ ChaCha20-Poly1305(content)
//! wrap = trait's number(1) ‖ mark(4) ‖ ChaCha20-Poly1305(file key)(48)
//! ```
//!
//! A random file key seals the content (RFC 8439; everything before it is its associated data), and
//! the file key is wrapped once for each strong trait that could be read, and for up to three
//! earlier values of the trait. `docs/clock-and-hardware.md` specifies how each key is derived. An
//! installation's id is 128 random bits; serial numbers are short or sequential, so they are
//! stretched with Argon2id (RFC 9106), which makes guessing them from a lost file slow. A wrap is
//! made only when its trait has changed, so this cost isn't paid at every write.
//!
//! That a file opens doesn't mean that the licence holds on this computer. That is judged from the
//! content.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use hkdf::Hkdf;
use latchkey_lease::is_strong;
use latchkey_token::HardwareTrait;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::fingerprint::TraitValues;

const MAGIC: &[u8; 8] = b"LKVAULT2";
/// The first version, bound to the installation's id only; it can still be read.
const FIRST_MAGIC: &[u8; 8] = b"LKVAULT1";
const SALT: usize = 16;
const NONCE: usize = 12;
const CHECK: usize = 4;
const MARK: usize = 4;
const KEY: usize = 32;
/// The file key and its authentication tag.
const WRAPPED: usize = KEY + 16;
/// Maximum number of wraps in a file. There are four strong traits; a later version may have more.
const MAX_WRAPS: usize = 16;
/// Maximum number of wraps for one trait: its present value and earlier ones.
const MOST_FOR_ONE: usize = 4;
/// Length of the tag that identified the installation in the first version.
const FIRST_TAG: usize = 8;
const FIRST_HEADER: usize = FIRST_MAGIC.len() + SALT + FIRST_TAG + NONCE + CHECK;
/// KiB, passes and lanes of Argon2id, as OWASP recommends: a few milliseconds.
const COST: (u32, u32, u32) = (12 * 1024, 3, 1);
/// Maximum size of a file in bytes; none that this program writes comes near it.
pub(super) const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Why a sealed file can't be opened here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The bytes aren't a sealed file, or were altered.
    Damaged,
    /// The file is empty: the disk was full, or copying was interrupted.
    Empty,
    /// A later version wrote the file.
    Newer(u64),
    /// None of the readable traits opens the file.
    Elsewhere {
        /// Whether a trait that this process can't read might open it.
        undecided: bool,
    },
}

/// The content of a file, and what the next write keeps of it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) content: Zeroizing<Vec<u8>>,
    /// `None` for the first version.
    pub(crate) keys: Option<FileKeys>,
}

/// A file key with all its wraps.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FileKeys {
    salt: [u8; SALT],
    key: Zeroizing<[u8; KEY]>,
    /// The wraps in the traits' order; for one trait, the newest first.
    wraps: Vec<Wrap>,
}

impl std::fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKeys(<redacted>)")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Wrap {
    number: u8,
    /// Identifies the value that this wrap is for, to a holder of the file key.
    mark: [u8; MARK],
    sealed: [u8; WRAPPED],
}

impl FileKeys {
    fn random() -> Result<Self, StoreError> {
        let (mut salt, mut key) = ([0; SALT], Zeroizing::new([0; KEY]));
        getrandom::fill(&mut salt).map_err(|_| StoreError::RngFailed)?;
        getrandom::fill(&mut *key).map_err(|_| StoreError::RngFailed)?;
        Ok(Self { salt, key, wraps: Vec::new() })
    }

    /// Whether the file key is wrapped under each strong trait as it is now.
    pub(super) fn fits(&self, traits: &TraitValues) -> bool {
        strong_traits(traits).all(|(which, value)| self.wrap_for(which, value).is_some())
    }

    /// Wraps the file key under the present strong traits. Wraps for earlier values are kept,
    /// because an old part may come back and the folder may be read with another part meanwhile;
    /// whether the licence holds is judged elsewhere.
    fn rewrap(self, traits: &TraitValues) -> Self {
        let mut numbers: Vec<u8> = self.wraps.iter().map(|wrap| wrap.number).collect();
        numbers.extend(strong_traits(traits).map(|(which, _)| which as u8));
        numbers.sort_unstable();
        numbers.dedup();
        let mut wraps = Vec::new();
        for number in numbers {
            // If there is not enough memory to derive the key, this wrap is omitted.
            let today = by_number(number).and_then(|which| {
                let value = traits.get(&which)?;
                self.wrap_for(which, value).or_else(|| self.wrap(which, value))
            });
            let before = self.wraps.iter().filter(|wrap| wrap.number == number);
            let before = before.filter(|wrap| today.as_ref() != Some(*wrap)).copied();
            wraps.extend(today.into_iter().chain(before).take(MOST_FOR_ONE));
        }
        wraps.truncate(MAX_WRAPS);
        Self { wraps, ..self }
    }

    fn wrap_for(&self, which: HardwareTrait, value: &str) -> Option<Wrap> {
        let mark = self.mark(which, value);
        self.wraps.iter().find(|wrap| (wrap.number, wrap.mark) == (which as u8, mark)).copied()
    }

    fn wrap(&self, which: HardwareTrait, value: &str) -> Option<Wrap> {
        let key = wrapping_key(&self.salt, which, value)?;
        // This key seals nothing else, so its nonce can be constant.
        let sealed = seal_with(&key, [0; NONCE], &*self.key, &[which as u8]).ok()?;
        let (number, mark) = (which as u8, self.mark(which, value));
        Some(Wrap { number, mark, sealed: sealed.try_into().ok()? })
    }

    fn mark(&self, which: HardwareTrait, value: &str) -> [u8; MARK] {
        *derive(&self.salt, &*self.key, &[b"latchkey/mark", &[which as u8], value.as_bytes()])
    }

    fn content_key(&self) -> Zeroizing<[u8; KEY]> {
        derive(&self.salt, &*self.key, &[b"latchkey/file"])
    }
}

/// Seals content for the computer with these traits, under the file's previous key.
pub(crate) fn seal(
    content: &[u8],
    traits: &TraitValues,
    before: Option<FileKeys>,
) -> Result<Vec<u8>, StoreError> {
    let keys = before.map_or_else(FileKeys::random, Ok)?.rewrap(traits);
    if keys.wraps.is_empty() {
        return Err(StoreError::NoMachineId);
    }
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| StoreError::RngFailed)?;
    let mut sealed = Vec::new();
    sealed.extend_from_slice(MAGIC);
    sealed.extend_from_slice(&keys.salt);
    sealed.extend(u8::try_from(keys.wraps.len()));
    for wrap in &keys.wraps {
        sealed.push(wrap.number);
        sealed.extend_from_slice(&wrap.mark);
        sealed.extend_from_slice(&wrap.sealed);
    }
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&check(&sealed));
    let content = seal_with(&keys.content_key(), nonce, content, &sealed)?;
    sealed.extend_from_slice(&content);
    Ok(sealed)
}

/// Opens what [`seal`] returned, on a computer with one of the traits that it was sealed under.
pub(crate) fn open(sealed: &[u8], traits: &TraitValues) -> Result<Opened, Refused> {
    if sealed.len() as u64 > MAX_FILE_BYTES {
        return Err(Refused::Damaged);
    }
    if sealed.is_empty() {
        return Err(Refused::Empty);
    }
    if sealed.starts_with(FIRST_MAGIC) {
        let content = open_first(sealed, traits)?;
        return Ok(Opened { content, keys: None });
    }
    let mut rest = ByteReader(sealed);
    let magic: [u8; 8] = rest.take()?;
    if magic != *MAGIC {
        return Err(newer_version(magic).map_or(Refused::Damaged, Refused::Newer));
    }
    let salt = rest.take()?;
    let [count] = rest.take()?;
    if count == 0 || usize::from(count) > MAX_WRAPS {
        return Err(Refused::Damaged);
    }
    let mut wraps = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let [number] = rest.take()?;
        let (mark, sealed) = (rest.take()?, rest.take()?);
        if wraps.last().is_some_and(|last: &Wrap| last.number > number) {
            return Err(Refused::Damaged);
        }
        wraps.push(Wrap { number, mark, sealed });
    }
    let nonce = rest.take()?;
    let header = sealed.len() - rest.0.len();
    let sum: [u8; CHECK] = rest.take()?;
    // Report header corruption as damage, not as a different computer.
    if check(&sealed[..header]) != sum {
        return Err(Refused::Damaged);
    }
    let (associated, content) = sealed.split_at(header + CHECK);
    let key = unwrap(&salt, &wraps, traits)?;
    let keys = FileKeys { salt, key, wraps };
    let content = open_with(&keys.content_key(), nonce, content, associated);
    Ok(Opened { content: content.ok_or(Refused::Damaged)?, keys: Some(keys) })
}

/// Unwraps the file key with the first trait that opens a wrap. The installation's id is tried
/// first because it is cheap.
fn unwrap(
    salt: &[u8; SALT],
    wraps: &[Wrap],
    traits: &TraitValues,
) -> Result<Zeroizing<[u8; KEY]>, Refused> {
    let mut undecided = false;
    for wraps in wraps.chunk_by(|one, other| one.number == other.number) {
        let Some(which) = wraps.first().and_then(|wrap| by_number(wrap.number)) else { continue };
        // Derived once for all values that the trait has had. Without enough memory, the result is
        // undecided.
        let keys = traits.known_as(which).map(|value| wrapping_key(salt, which, value));
        let keys: Vec<_> = keys.collect();
        undecided |= keys.is_empty() || keys.iter().any(Option::is_none);
        for key in keys.into_iter().flatten() {
            for wrap in wraps {
                let opened = open_with(&key, [0; NONCE], &wrap.sealed, &[wrap.number]);
                if let Some(key) = opened.and_then(|key| <[u8; KEY]>::try_from(key.as_slice()).ok())
                {
                    return Ok(Zeroizing::new(key));
                }
            }
        }
    }
    Err(Refused::Elsewhere { undecided })
}

/// A short name for the computer that reveals nothing: the installation's id, hashed with the given
/// context to separate vendors and products. A serial number could be guessed from its hash, so
/// without such an id, computers are numbered.
pub(super) fn place_of(traits: &TraitValues, owner: &str) -> Option<String> {
    strong_traits(traits).next()?;
    let Some(id) = traits.get(&HardwareTrait::OsInstall) else { return Some("0".to_owned()) };
    let info: [&[u8]; 2] = [b"latchkey/place", &[HardwareTrait::OsInstall as u8]];
    let hash: Zeroizing<[u8; 5]> = derive(owner.as_bytes(), id.as_bytes(), &info);
    Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The strong traits in the form in which files are wrapped under them. A serial number without a
/// digit is a name that a hypervisor's configuration gives to the disks of all its computers
/// (`overlayblk`), and in a virtual machine any serial number may be one (`disk1`): it
/// distinguishes this computer from others that share a folder only in combination with the
/// computer's own name.
pub(super) fn distinguishing_traits(
    traits: &TraitValues,
    computer: Option<&str>,
    virtual_machine: bool,
) -> TraitValues {
    let numbered = |value: &str| value.bytes().any(|byte| byte.is_ascii_digit());
    let told = |which: HardwareTrait, value: &str| match computer {
        Some(name)
            if which != HardwareTrait::OsInstall && (virtual_machine || !numbered(value)) =>
        {
            format!("{value}\0{name}")
        }
        _ => value.to_owned(),
    };
    let told = strong_traits(traits).map(|(which, value)| (which, told(which, value)));
    traits.reduced_to(told.collect())
}

pub(super) fn strong_traits(traits: &TraitValues) -> impl Iterator<Item = (HardwareTrait, &str)> {
    traits.iter().filter(|(which, _)| is_strong(**which)).map(|(which, value)| (*which, &**value))
}

fn by_number(number: u8) -> Option<HardwareTrait> {
    HardwareTrait::ALL.into_iter().find(|which| *which as u8 == number && is_strong(*which))
}

/// The version in a magic number that a later version of this program may write.
fn newer_version(magic: [u8; 8]) -> Option<u64> {
    let [start @ .., digit] = magic;
    let known = MAGIC.strip_suffix(b"2") == Some(&start[..]);
    (known && (b'3'..=b'9').contains(&digit)).then(|| u64::from(digit - b'0'))
}

/// The wrapping key. `None` if there is not enough memory to derive it.
fn wrapping_key(
    salt: &[u8; SALT],
    which: HardwareTrait,
    value: &str,
) -> Option<Zeroizing<[u8; KEY]>> {
    if which == HardwareTrait::OsInstall {
        return Some(derive(salt, value.as_bytes(), &[b"latchkey/wrap", &[which as u8]]));
    }
    let (memory, passes, lanes) = COST;
    let salt: Vec<u8> = [&salt[..], &[which as u8]].concat();
    let parameters = Params::new(memory, passes, lanes, Some(KEY)).ok()?;
    let slow = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut key = Zeroizing::new([0; KEY]);
    slow.hash_password_into(value.as_bytes(), &salt, &mut *key).ok()?;
    Some(key)
}

/// HKDF-SHA256 (RFC 5869).
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let mut okm = Zeroizing::new([0; N]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand_multi_info(info, &mut *okm);
    debug_assert!(expanded.is_ok(), "HKDF gives up to 8,160 bytes");
    okm
}

fn check(header: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::digest(header);
    [digest[0], digest[1], digest[2], digest[3]]
}

fn seal_with(
    key: &[u8; KEY],
    nonce: [u8; NONCE],
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, StoreError> {
    ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::from(nonce), Payload { msg, aad })
        .map_err(|_| StoreError::TooLarge { bytes: msg.len() })
}

fn open_with(
    key: &[u8; KEY],
    nonce: [u8; NONCE],
    msg: &[u8],
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let opened =
        ChaCha20Poly1305::new(&Key::from(*key)).decrypt(&Nonce::from(nonce), Payload { msg, aad });
    opened.ok().map(Zeroizing::new)
}

/// The bytes that are still to be read.
struct ByteReader<'b>(&'b [u8]);

impl ByteReader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Refused::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }
}

/// The first version: `magic ‖ salt ‖ installation tag(8) ‖ nonce ‖ check ‖
/// ChaCha20-Poly1305(content)`, with a key derived from the installation's id.
fn open_first(sealed: &[u8], traits: &TraitValues) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let (header, content) = sealed.split_at_checked(FIRST_HEADER).ok_or(Refused::Damaged)?;
    let (checked, sum) = header.split_at(FIRST_HEADER - CHECK);
    if check(checked) != *sum {
        return Err(Refused::Damaged);
    }
    let mut rest = ByteReader(&header[FIRST_MAGIC.len()..]);
    let salt: [u8; SALT] = rest.take()?;
    let tag: [u8; FIRST_TAG] = rest.take()?;
    let nonce = rest.take()?;
    let mut ids = traits.known_as(HardwareTrait::OsInstall);
    let is_it = |id: &&str| tag == *derive(&salt, id.as_bytes(), &[b"latchkey/where"]);
    let Some(installation) = ids.find(is_it) else {
        let undecided = !traits.contains_key(&HardwareTrait::OsInstall);
        return Err(Refused::Elsewhere { undecided });
    };
    let key = derive(&salt, installation.as_bytes(), &[b"latchkey/file"]);
    open_with(&key, nonce, content, header).ok_or(Refused::Damaged)
}

/// Corrects the check of a header, for fuzzing and tests; otherwise no made-up header passes it.
#[cfg(any(test, fuzzing))]
pub(crate) fn with_check(made_up: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(made_up);
    let wraps = usize::from(bytes.get(MAGIC.len() + SALT).copied().unwrap_or_default());
    let header = MAGIC.len() + SALT + 1 + wraps * (1 + MARK + WRAPPED) + NONCE;
    if let Some((header, content)) = bytes.split_at_checked(header) {
        return [header, &check(header), content].concat();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn computer(traits: &[(HardwareTrait, &str)]) -> TraitValues {
        traits.iter().map(|(which, value)| (*which, (*value).to_owned())).collect()
    }

    fn installed(id: &str) -> TraitValues {
        computer(&[(HardwareTrait::OsInstall, id)])
    }

    fn content(sealed: &[u8], traits: &TraitValues) -> Result<Vec<u8>, Refused> {
        open(sealed, traits).map(|opened| opened.content.to_vec())
    }

    fn resealed(sealed: &[u8], traits: &TraitValues) -> Vec<u8> {
        let opened = open(sealed, traits).unwrap();
        seal(&opened.content, traits, opened.keys).unwrap()
    }

    const ELSEWHERE: Refused = Refused::Elsewhere { undecided: false };

    #[test]
    fn each_strong_trait_alone_opens_the_file_and_a_weak_one_never_does() {
        let traits = [
            (HardwareTrait::OsInstall, "an installation"),
            (HardwareTrait::SystemUuid, "a system"),
            (HardwareTrait::BoardSerial, "a board"),
            (HardwareTrait::SystemDisk, "a disk"),
            (HardwareTrait::SystemVolume, "a volume"),
            (HardwareTrait::NetworkAddress, "a network card"),
            (HardwareTrait::Processor, "a processor"),
        ];
        let sealed = seal(b"content", &computer(&traits), None).unwrap();
        for (which, value) in traits {
            let alone = content(&sealed, &computer(&[(which, value)]));
            let another = content(&sealed, &computer(&[(which, "another")]));
            let undecided = Err(Refused::Elsewhere { undecided: true });
            assert_eq!(another, undecided, "{which:?}");
            assert_eq!(alone, if is_strong(which) { Ok(b"content".to_vec()) } else { undecided });
            // The value of one trait doesn't match another trait.
            let swapped = if which == HardwareTrait::SystemDisk {
                HardwareTrait::OsInstall
            } else {
                HardwareTrait::SystemDisk
            };
            assert!(content(&sealed, &computer(&[(swapped, value)])).is_err());
        }
        let exchanged = traits.map(|(which, _)| (which, "another"));
        assert_eq!(content(&sealed, &computer(&exchanged)), Err(ELSEWHERE));
    }

    #[test]
    fn the_next_write_adds_replaced_traits_and_keeps_unreadable_ones() {
        let of = |os: &str, disk: &str| {
            computer(&[(HardwareTrait::OsInstall, os), (HardwareTrait::SystemDisk, disk)])
        };
        let first = seal(b"x", &of("one", "disk"), None).unwrap();
        let second = resealed(&first, &of("two", "disk"));
        assert!(content(&second, &of("two", "other")).is_ok());
        // Only the installation's id can be read; the disk's wrap is kept.
        let third = resealed(&second, &installed("two"));
        assert!(content(&third, &of("three", "disk")).is_ok());
        // So all traits of a computer can be replaced, one after the other.
        let fourth = resealed(&third, &of("two", "new"));
        assert!(content(&fourth, &of("three", "new")).is_ok());
        // An old part may also come back.
        assert!(content(&fourth, &of("three", "disk")).is_ok());
        assert!(content(&fourth, &of("one", "other")).is_ok());
    }

    #[test]
    fn the_latest_trait_values_open_the_file_and_unknown_wraps_are_kept() {
        let disk = |disk: &str| {
            computer(&[(HardwareTrait::OsInstall, "one"), (HardwareTrait::SystemDisk, disk)])
        };
        let mut sealed = seal(b"x", &disk("0"), None).unwrap();
        let mut keys = open(&sealed, &disk("0")).unwrap().keys.unwrap();
        let later = Wrap { number: 200, mark: [1; MARK], sealed: [2; WRAPPED] };
        keys.wraps.push(later);
        sealed = seal(b"x", &disk("0"), Some(keys)).unwrap();
        for exchanged in ["1", "2", "3", "4", "4", "3"] {
            sealed = resealed(&sealed, &disk(exchanged));
        }
        let opens =
            |one: &str| content(&sealed, &computer(&[(HardwareTrait::SystemDisk, one)])).is_ok();
        let opening: Vec<_> =
            ["0", "1", "2", "3", "4"].into_iter().filter(|one| opens(one)).collect();
        assert_eq!(opening, ["1", "2", "3", "4"]);
        let keys = open(&sealed, &disk("3")).unwrap().keys.unwrap();
        let numbers: Vec<_> = keys.wraps.iter().map(|wrap| wrap.number).collect();
        assert_eq!(numbers, [0, 3, 3, 3, 3, 200]);
        assert!(keys.wraps.last() == Some(&later));
    }

    #[test]
    fn wraps_are_renewed_only_when_their_trait_has_changed() {
        let traits = computer(&[
            (HardwareTrait::OsInstall, "an installation"),
            (HardwareTrait::BoardSerial, "b"),
        ]);
        let first = seal(b"one", &traits, None).unwrap();
        let second = resealed(&first, &traits);
        let header = MAGIC.len() + SALT + 1 + 2 * (1 + MARK + WRAPPED);
        assert_eq!(first[..header], second[..header]);
        assert_ne!(first[header..], second[header..]);
        let keys = |sealed: &[u8]| open(sealed, &traits).unwrap().keys.unwrap();
        assert!(keys(&second).fits(&traits));
        assert!(!keys(&second).fits(&installed("another")));
        assert!(keys(&second).fits(&installed("an installation")));
    }

    #[test]
    fn every_changed_byte_of_a_file_with_several_wraps_is_damage_not_another_computer() {
        let traits = computer(&[
            (HardwareTrait::OsInstall, "an installation"),
            (HardwareTrait::SystemDisk, "d"),
        ]);
        let whole = seal(b"something", &traits, None).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            assert_eq!(content(&changed, &traits), Err(Refused::Damaged), "byte {at}");
            let cut = if at == 0 { Refused::Empty } else { Refused::Damaged };
            assert_eq!(content(&whole[..at], &traits), Err(cut), "cut at {at}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert_eq!(content(&longer, &traits), Err(Refused::Damaged));
    }

    /// Written by a Python program from `docs/clock-and-hardware.md` that shares no code with this
    /// one.
    #[test]
    fn a_file_written_by_another_program_from_the_documentation_is_opened_and_kept() {
        let written = concat!(
            "4c4b5641554c5432000102030405060708090a0b0c0d0e0f0200e5b5ee28a39c4552ebaa2138607d",
            "f6fc84a4623eaaec2f15f255e173f127610202c4776a889e67a89c5f4bbc7fd9501fc451d6640395",
            "07bc5653384cd42d0e7903553f6ce974a2bfa3bdccf70047d403f582c1b2aa2d0b51fa1ac11ee24f",
            "ce79f3177da183de3d1737c8c9cacbcccdcecfd0d1d2d33849f6e4f1d70f2ad2981ef6c3229a5c77",
            "ef9aa6711a999a24e896",
        );
        let bytes = written.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        let sealed: Vec<_> = bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        let both = [
            (HardwareTrait::OsInstall, "an installation"),
            (HardwareTrait::SystemDisk, "eui.0025388b71b2c3d4"),
        ];
        for one in both {
            assert_eq!(content(&sealed, &computer(&[one])).unwrap(), b"a vault");
        }
        let opened = open(&sealed, &computer(&both)).unwrap();
        assert!(opened.keys.clone().unwrap().fits(&computer(&both)));
        let again = seal(&opened.content, &computer(&both), opened.keys).unwrap();
        assert_eq!((again.len(), &again[..131]), (sealed.len(), &sealed[..131]));
        let place = place_of(&computer(&both), "0101010101010101-1");
        assert_eq!(place.as_deref(), Some("9da8d0c68f"));
    }

    #[test]
    fn a_file_of_a_later_version_is_reported_as_one() {
        let mut sealed = seal(b"x", &installed("a"), None).unwrap();
        sealed[7] = b'3';
        assert_eq!(content(&sealed, &installed("a")), Err(Refused::Newer(3)));
        sealed[7] = b'0';
        assert_eq!(content(&sealed, &installed("a")), Err(Refused::Damaged));
    }

    /// A file as it was sealed when only the installation's id could open it.
    fn first_version(content: &[u8], installation: &str) -> Vec<u8> {
        let (salt, nonce) = ([7; SALT], [9; NONCE]);
        let tag: Zeroizing<[u8; 8]> = derive(&salt, installation.as_bytes(), &[b"latchkey/where"]);
        let mut sealed = [&FIRST_MAGIC[..], &salt, &*tag, &nonce].concat();
        sealed.extend_from_slice(&check(&sealed));
        let key = derive(&salt, installation.as_bytes(), &[b"latchkey/file"]);
        let content = seal_with(&key, nonce, content, &sealed).unwrap();
        [sealed, content].concat()
    }

    #[test]
    fn the_first_version_is_read_and_written_as_this_one() {
        let old = first_version(b"content", "an installation");
        let here = computer(&[
            (HardwareTrait::OsInstall, "an installation"),
            (HardwareTrait::SystemDisk, "d"),
        ]);
        assert_eq!(content(&old, &here).unwrap(), b"content");
        assert_eq!(content(&old, &installed("another")), Err(ELSEWHERE));
        let new = resealed(&old, &here);
        assert!(new.starts_with(MAGIC));
        assert_eq!(
            content(&new, &computer(&[(HardwareTrait::SystemDisk, "d")])).unwrap(),
            b"content"
        );
        for at in 0..old.len() {
            let mut changed = old.clone();
            changed[at] ^= 0x10;
            assert_eq!(content(&changed, &here), Err(Refused::Damaged), "byte {at}");
        }
    }

    #[test]
    fn a_file_name_depends_on_installation_and_product_and_reveals_neither() {
        let name = |id, owner| place_of(&installed(id), owner).unwrap();
        assert_eq!(name("a", "one").len(), 10);
        assert_eq!(name("a", "one"), name("a", "one"));
        assert_ne!(name("a", "one"), name("b", "one"));
        assert_ne!(name("a", "one"), name("a", "two"));
        assert_eq!(place_of(&computer(&[(HardwareTrait::Processor, "p")]), "one"), None);
        // The hash of a serial number would reveal it to anyone who tries them all.
        let disk = computer(&[(HardwareTrait::SystemDisk, "d")]);
        assert_eq!(place_of(&disk, "one").as_deref(), Some("0"));
    }

    #[test]
    fn a_disk_name_counts_only_with_the_computer_name() {
        let of = |id, disk| {
            computer(&[(HardwareTrait::OsInstall, id), (HardwareTrait::SystemDisk, disk)])
        };
        let named = |id, name| distinguishing_traits(&of(id, "overlayblk"), Some(name), false);
        let numbered =
            |id, name| distinguishing_traits(&of(id, "eui.0025388b71b2c3d4"), Some(name), false);
        let sealed = seal(b"x", &named("id 1", "ws-a"), None).unwrap();
        assert!(content(&sealed, &named("id 2", "ws-a")).is_ok());
        assert_eq!(content(&sealed, &named("id 2", "ws-b")), Err(ELSEWHERE));
        assert!(content(&sealed, &named("id 1", "ws-b")).is_ok());
        let sealed = seal(b"x", &numbered("id 1", "ws-a"), None).unwrap();
        assert!(content(&sealed, &numbered("id 2", "ws-b")).is_ok());
        // In a virtual machine it may come from a template.
        let virtual_disk = |id, name| distinguishing_traits(&of(id, "disk1"), Some(name), true);
        let sealed = seal(b"x", &virtual_disk("id 1", "vm-a"), None).unwrap();
        assert_eq!(content(&sealed, &virtual_disk("id 2", "vm-b")), Err(ELSEWHERE));
        assert!(content(&sealed, &virtual_disk("id 1", "vm-b")).is_ok());
    }

    #[test]
    fn nothing_is_sealed_for_a_computer_without_a_distinctive_trait() {
        let refused = seal(b"x", &computer(&[(HardwareTrait::Processor, "p")]), None);
        assert_eq!(refused, Err(StoreError::NoMachineId));
    }

    proptest! {
        #[test]
        fn no_random_bytes_open_or_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(open(&bytes, &installed("a")).is_err());
            prop_assert!(open(&with_check(&bytes), &installed("a")).is_err());
            let first = [&FIRST_MAGIC[..], &bytes].concat();
            prop_assert!(open(&first, &installed("a")).is_err());
        }
    }
}
