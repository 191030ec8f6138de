//! What a product links to ask whether it may run.
//!
//! The vendor's keys are compiled into the product, and the vendor's signature on the lease is verified
//! with them at every check: nothing is believed because a file on the computer says so. A check writes only to
//! remember how late it is, at most once an hour, so that turning the clock back gains nothing.
//!
//! ```no_run
//! use latchkey_sdk::{Answer, Licence, Product, open_wizard};
//!
//! # const KEYS: [[u8; 64]; 1] = [[0; 64]];
//! // From `latchkey_product.rs` in the vendor's kit.
//! const PRODUCT: Product = Product::new([0x3f; 8], 1, &KEYS);
//!
//! # let now = latchkey_sdk::Timestamp::UNIX_EPOCH;
//! match Licence::open(&PRODUCT)?.check(now)? {
//!     Answer::Active(terms) | Answer::InGrace(terms) => println!("until {}", terms.runs_until),
//!     Answer::Expired { .. } | Answer::NotActivated => open_wizard()?,
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use latchkey_device::{
    Device, Licence as Found, OpenDeviceError, Places, Profile, State, Status, StatusError,
    StoreChoice, StorePolicy,
};
use latchkey_token::{KeyError, PublicKeys, VendorId};
use thiserror::Error;

pub use jiff::Timestamp;
pub use latchkey_device::{Scope, StoreError};
pub use latchkey_token::{Attributes, Code, Coded, FeatureValue, Features, SeatId};

/// A keyring may ask its owner for a password; a product doesn't wait for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// A product, as its vendor's kit describes it for product code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// The vendor.
    pub vendor_id: [u8; 8],
    /// The product's number.
    pub number: u32,
    /// The keys whose signatures count, each Ed25519 followed by X25519.
    pub vendor_keys: &'static [[u8; 64]],
    /// Whose licence it is: of whoever is logged in, or of everybody on the computer.
    pub scope: Scope,
}

impl Product {
    /// A product with a licence for each user.
    #[must_use]
    pub const fn new(vendor_id: [u8; 8], number: u32, vendor_keys: &'static [[u8; 64]]) -> Self {
        Self { vendor_id, number, vendor_keys, scope: Scope::User }
    }
}

/// The compiled-in description of the product is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// One of the vendor's keys isn't one.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no place for a licence on this computer.
    #[error(transparent)]
    Device(#[from] OpenDeviceError),
}

impl Coded for OpenError {
    fn code(&self) -> Code {
        match self {
            Self::Key(inner) => inner.code(),
            Self::Device(inner) => inner.code(),
        }
    }

    fn details(&self) -> Vec<(&'static str, latchkey_token::Detail)> {
        match self {
            Self::Key(inner) => inner.details(),
            Self::Device(inner) => inner.details(),
        }
    }
}

/// Whether the product may run, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It may.
    Active(Terms),
    /// It may: the lease is over, and its grace isn't.
    InGrace(Terms),
    /// It may not: lease and grace are over.
    Expired {
        /// When the lease ended.
        since: Timestamp,
    },
    /// It may not: there is no licence.
    NotActivated,
}

impl Answer {
    /// What was granted, if the product may run.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        match self {
            Self::Active(terms) | Self::InGrace(terms) => Some(terms),
            Self::Expired { .. } | Self::NotActivated => None,
        }
    }
}

/// What was granted, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The seat.
    pub seat: SeatId,
    /// When the lease ends.
    pub lease_expiry: Timestamp,
    /// When the product stops: lease expiry and grace.
    pub runs_until: Timestamp,
    /// The time that expiry is judged by; it never goes back.
    pub effective_now: Timestamp,
    /// Features by their numbers, which the kit's constants name.
    pub features: Features,
    /// What else the vendor says.
    pub attributes: Attributes,
}

/// The product's view of its licence.
#[derive(Debug, Clone)]
pub struct Licence {
    /// Where a licence may be, the likelier place first.
    places: Vec<Device>,
}

impl Licence {
    /// Knows where to look. Nothing is read yet.
    ///
    /// # Errors
    /// [`OpenError`] when the keys are no keys or there is no place for a licence.
    pub fn open(product: &Product) -> Result<Self, OpenError> {
        Self::open_in(product, &Places::of_this_computer())
    }

    /// As [`Licence::open`], with a file of its own: for tests of the product.
    ///
    /// # Errors
    /// As [`Licence::open`].
    pub fn open_file(product: &Product, file: &Path) -> Result<Self, OpenError> {
        let choice = StoreChoice::FileAt(file.to_owned());
        Ok(Self { places: vec![Device::open(profile(product)?, choice)?] })
    }

    fn open_in(product: &Product, places: &Places) -> Result<Self, OpenError> {
        let profile = profile(product)?;
        if product.scope == Scope::Machine {
            let machine = Device::open_in(profile, StoreChoice::Policy, places)?;
            return Ok(Self { places: vec![machine] });
        }
        // The file if the person once chose it, and then the keyring, which may ask.
        let file = Device::open_in(profile.clone(), StoreChoice::File, places)?;
        let keyring = Device::open_in(profile, StoreChoice::Keyring, places)?;
        let there = file.store().path.as_ref().is_some_and(|path| path.exists());
        Ok(Self { places: if there { vec![file, keyring] } else { vec![keyring] } })
    }

    /// Reads the licence and verifies it at this time. Waits for the keyring at most ten seconds.
    ///
    /// # Errors
    /// [`StatusError`] when no place could be read, or one that may hold the licence couldn't, or what is
    /// there isn't the vendor's word.
    pub fn check(&self, now: Timestamp) -> Result<Answer, StatusError> {
        let mut best = None;
        for place in &self.places {
            let answer = read(place, now).map(answered);
            match (&answer, &best) {
                (Ok(answer), _) if answer.terms().is_some() => return Ok(answer.clone()),
                (_, None) | (Ok(Answer::Expired { .. }), _) => best = Some(answer),
                // A locked keyring may hold a licence, so it isn't certain that there is none.
                (Err(error), Some(Ok(Answer::NotActivated))) if !is_no_keyring(error) => {
                    best = Some(answer);
                }
                _ => {}
            }
        }
        best.unwrap_or(Ok(Answer::NotActivated))
    }
}

fn profile(product: &Product) -> Result<Profile, OpenError> {
    let keys = product.vendor_keys.iter().map(|keys| PublicKeys::from_bytes(keys));
    Ok(Profile {
        vendor: VendorId::from_bytes(product.vendor_id),
        vendor_name: String::new(),
        vendor_keys: keys.collect::<Result<_, _>>()?,
        product: product.number,
        product_name: String::new(),
        features: std::collections::BTreeMap::new(),
        store: StorePolicy { scope: product.scope, ..StorePolicy::default() },
    })
}

fn is_no_keyring(error: &StatusError) -> bool {
    match error {
        StatusError::Vault(error) => error.store().is_some_and(StoreError::is_no_keyring),
        _ => false,
    }
}

/// On a thread of its own, which is left behind if the keyring doesn't answer.
fn read(device: &Device, now: Timestamp) -> Result<Status, StatusError> {
    let (sender, receiver) = mpsc::channel();
    let device = device.clone();
    std::thread::spawn(move || {
        // Nobody listens any more if it took too long.
        let _ = sender.send(device.status(now));
    });
    receiver
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| Err(StatusError::Vault(StoreError::Locked.into())))
}

fn answered(status: Status) -> Answer {
    let effective_now = status.effective_now;
    let terms = |found: Found| Terms {
        seat: found.seat,
        lease_expiry: found.lease_expiry,
        runs_until: found.grace_end,
        effective_now,
        features: found.features.iter().map(|one| (one.number, one.value)).collect(),
        attributes: found.attributes,
    };
    match (status.state, status.licence) {
        (State::Active, Some(found)) => Answer::Active(terms(found)),
        (_, Some(found)) if found.in_grace => Answer::InGrace(terms(found)),
        (_, Some(found)) => Answer::Expired { since: found.lease_expiry },
        (_, None) => Answer::NotActivated,
    }
}

/// Opens the wizard: the one beside this program, or else the one on the search path. Doesn't wait for it.
///
/// # Errors
/// The operating system's, when there is no wizard or it can't be started.
pub fn open_wizard() -> std::io::Result<()> {
    let name = format!("latchkey-wizard{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()?.with_file_name(&name);
    let wizard = if beside.is_file() { beside } else { name.into() };
    let mut command = Command::new(wizard);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // In a group of its own, so that closing the product's terminal doesn't close the window.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map(drop)
}

#[cfg(test)]
mod tests {
    use latchkey_lease::{from_seconds, to_seconds};
    use latchkey_token::{Response, SeatName, SecretKeys, Seed, open_request, seal};

    use super::*;

    const DAY: i64 = 86_400;

    fn vendor(byte: u8) -> SecretKeys {
        SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap()
    }

    fn product(vendor: &SecretKeys) -> Product {
        let keys: &'static [[u8; 64]] = Vec::leak(vec![vendor.public().to_bytes()]);
        Product::new([7; 8], 1, keys)
    }

    /// A licence of thirty days and seven of grace in a file.
    fn activate(product: &Product, vendor: &SecretKeys, file: &Path, now: Timestamp) {
        let choice = StoreChoice::FileAt(file.to_owned());
        let device = Device::open(profile(product).unwrap(), choice).unwrap();
        let name = SeatName::new("x").unwrap();
        let request = device.request(&"TEST-CODE".parse().unwrap(), &name, now).unwrap();
        let request = open_request(&request.token, vendor).unwrap().into_payload();
        let response = Response {
            request: request.request,
            seat: SeatId::from_bytes([1; 8]),
            activated_at: to_seconds(now),
            lease_expiry: to_seconds(now) + 30 * DAY,
            grace: 7 * DAY as u64,
            sequence: 1,
            features: [(1, FeatureValue::Bool(true))].into(),
            attributes: Attributes::new(),
            subscription_end: None,
            traits_digest: request.traits.digest(),
        };
        let token = seal(&response, 1, vendor, &request.device).unwrap();
        device.apply(&token.to_string(), now).unwrap();
    }

    #[test]
    fn the_answer_follows_the_lease_and_its_grace() {
        let (folder, vendor) = (tempfile::tempdir().unwrap(), vendor(1));
        let (file, product) = (folder.path().join("v"), product(&vendor));
        let licence = Licence::open_file(&product, &file).unwrap();
        let day = |day: i64| from_seconds(1_800_000_000 + day * DAY);
        assert_eq!(licence.check(day(0)), Ok(Answer::NotActivated));
        activate(&product, &vendor, &file, day(0));
        let answer = licence.check(day(29)).unwrap();
        assert!(matches!(&answer, Answer::Active(terms) if terms.lease_expiry == day(30)));
        assert_eq!(answer.terms().unwrap().features[&1], FeatureValue::Bool(true));
        assert!(
            matches!(licence.check(day(36)), Ok(Answer::InGrace(t)) if t.runs_until == day(37))
        );
        assert_eq!(licence.check(day(37)), Ok(Answer::Expired { since: day(30) }));
    }

    #[test]
    fn turning_the_clock_back_behind_a_time_that_the_product_has_seen_gains_nothing() {
        let (folder, vendor) = (tempfile::tempdir().unwrap(), vendor(1));
        let (file, product) = (folder.path().join("v"), product(&vendor));
        let licence = Licence::open_file(&product, &file).unwrap();
        let day = |day: i64| from_seconds(1_800_000_000 + day * DAY);
        activate(&product, &vendor, &file, day(0));
        assert_eq!(licence.check(day(40)), Ok(Answer::Expired { since: day(30) }));
        assert_eq!(licence.check(day(5)), Ok(Answer::Expired { since: day(30) }));
    }

    #[test]
    fn a_licence_that_other_keys_signed_is_not_believed() {
        let (folder, signer) = (tempfile::tempdir().unwrap(), vendor(1));
        let file = folder.path().join("v");
        let now = from_seconds(1_800_000_000);
        activate(&product(&signer), &signer, &file, now);
        let licence = Licence::open_file(&product(&vendor(2)), &file).unwrap();
        assert!(licence.check(now).is_err());
    }

    #[test]
    fn a_file_is_looked_at_before_the_keyring_and_only_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let places =
            Places { user: Some(folder.path().to_owned()), machine: folder.path().join("m") };
        let product = product(&vendor(1));
        assert_eq!(Licence::open_in(&product, &places).unwrap().places.len(), 1);
        std::fs::write(folder.path().join("0707070707070707-1.vault"), "x").unwrap();
        let both = Licence::open_in(&product, &places).unwrap().places;
        assert_eq!(both.len(), 2);
        assert!(both[0].store().path.is_some() && both[1].store().path.is_none());
        // Something is there and it isn't known what: no certain answer, whatever the other place says.
        let nothing = Device::open_in(
            profile(&product).unwrap(),
            StoreChoice::FileAt(folder.path().join("nothing")),
            &places,
        )
        .unwrap();
        let unsure = Licence { places: vec![nothing.clone(), both[0].clone()] };
        assert!(unsure.check(from_seconds(1_800_000_000)).is_err());
        let sure = Licence { places: vec![nothing] };
        assert_eq!(sure.check(from_seconds(1_800_000_000)), Ok(Answer::NotActivated));
        let machine = Product { scope: Scope::Machine, ..product };
        assert_eq!(Licence::open_in(&machine, &places).unwrap().places.len(), 1);
    }
}
