//! How often somebody may ask: per address, and per activation code. Buckets that fill again with time; nothing is kept
//! of whoever hasn't asked for a while, and never an address's or a code's text.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use latchkey_token::ActivationCode;

use super::log;
use super::visit::{Problem, Visitor};
use crate::failure::Trouble;

/// Most buckets that are kept. Beyond it those that are full again go; if there are none, all do.
const MAX_BUCKETS: usize = 100_000;

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Address(IpAddr),
    /// The proxy said nothing that can be understood. All of these count as one address, which is not the proxy's.
    Unknown,
}

/// What counts as one address: an address of version 4, or a network of version 6 of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Whose([u8; 9]);

impl Origin {
    pub(crate) fn whose(self) -> Whose {
        let mut bytes = [0; 9];
        match self {
            Self::Unknown => {}
            Self::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => {
                    bytes[0] = 4;
                    bytes[1..5].copy_from_slice(&address.octets());
                }
                IpAddr::V6(address) => {
                    bytes[0] = 6;
                    bytes[1..].copy_from_slice(&address.octets()[..8]);
                }
            },
        }
        Whose(bytes)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// Whatever makes the server work: tokens that are opened, forms that are sent.
    Work,
    /// Activation codes that weren't known.
    WrongCode,
    /// Uses of one activation code, known or not.
    Code,
    /// Attempts to sign in to the vendor's pages.
    SignIn,
}

impl What {
    /// How many at once, and how long one takes to come back.
    const fn bounds(self) -> (f64, f64) {
        match self {
            Self::Work => (240.0, 0.25),
            Self::WrongCode => (20.0, 60.0),
            Self::Code => (60.0, 10.0),
            Self::SignIn => (20.0, 30.0),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::WrongCode => "wrong_code",
            Self::Code => "code",
            Self::SignIn => "sign_in",
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// An attempt with an activation code, typed or inside a request. It is paid for before it is made, so that of many that
/// are made at once no more get an answer than of many one after the other; and given back when it is dropped, whatever
/// came in between, unless the code turned out to be wrong.
#[derive(Debug)]
#[must_use = "an attempt that is dropped is given back"]
pub(crate) struct Guess {
    limits: Arc<Limits>,
    visitor: Visitor,
    code: Option<ActivationCode>,
    wrong: bool,
}

impl Guess {
    /// Says which code it is: attempts with it are counted as well.
    pub(crate) fn with(&mut self, code: ActivationCode) -> Result<(), Problem> {
        self.limits.take_code(&self.visitor, &code)?;
        self.code = Some(code);
        Ok(())
    }

    /// The code wasn't known: the attempt counts.
    pub(crate) fn was_wrong(mut self) {
        self.wrong = true;
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        if self.wrong {
            return;
        }
        self.limits.give_back(&self.visitor, What::WrongCode);
        if let Some(code) = &self.code {
            self.limits.give_code_back(code);
        }
    }
}

/// All buckets.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    hasher: RandomState,
    buckets: Mutex<HashMap<(What, u64), Bucket>>,
}

impl Limits {
    /// Takes one for an address, or says that there is none left.
    pub(crate) fn take(&self, visitor: &Visitor, what: What) -> Result<(), Problem> {
        self.taken(visitor, what, self.hasher.hash_one(visitor.origin.whose()))
    }

    /// Gives back what was taken for an address: what it was taken for didn't happen.
    pub(crate) fn give_back(&self, visitor: &Visitor, what: What) {
        self.given_back(what, self.hasher.hash_one(visitor.origin.whose()));
    }

    /// Begins an attempt with an activation code: it is paid for until it turns out not to be a wrong one.
    pub(crate) fn guess(self: &Arc<Self>, visitor: &Visitor) -> Result<Guess, Problem> {
        self.take(visitor, What::WrongCode)?;
        Ok(Guess { limits: Arc::clone(self), visitor: *visitor, code: None, wrong: false })
    }

    /// Takes one for an activation code.
    pub(crate) fn take_code(
        &self,
        visitor: &Visitor,
        code: &ActivationCode,
    ) -> Result<(), Problem> {
        self.taken(visitor, What::Code, self.of_code(code))
    }

    /// Gives back what was taken for an activation code.
    pub(crate) fn give_code_back(&self, code: &ActivationCode) {
        self.given_back(What::Code, self.of_code(code));
    }

    fn of_code(&self, code: &ActivationCode) -> u64 {
        let folded = zeroize::Zeroizing::new(code.expose());
        self.hasher.hash_one(folded.as_str())
    }

    fn given_back(&self, what: What, whose: u64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&(what, whose)) {
            bucket.left = (bucket.left + 1.0).min(what.bounds().0);
        }
    }

    fn taken(&self, visitor: &Visitor, what: What, whose: u64) -> Result<(), Problem> {
        self.take_at(what, whose, Instant::now()).map_err(|wait| {
            log::limited(what.name(), visitor.origin);
            let trouble = Trouble::Limited { seconds: wait.as_secs().max(1) };
            visitor.problem_with(StatusCode::TOO_MANY_REQUESTS, &trouble)
        })
    }

    /// Gives how long it takes until there is one again.
    fn take_at(&self, what: What, whose: u64, now: Instant) -> Result<(), Duration> {
        let (most, each) = what.bounds();
        let filled = |bucket: &Bucket, most: f64, each: f64| {
            let time = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.left + time / each).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&(what, whose)) {
            buckets.retain(|(what, _), bucket| {
                let (most, each) = what.bounds();
                filled(bucket, most, each) < most
            });
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry((what, whose)).or_insert(Bucket { left: most, at: now });
        let left = filled(bucket, most, each);
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) * each));
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_empty_after_so_many_and_fills_again_with_time() {
        let limits = Limits::default();
        let now = Instant::now();
        for _ in 0..20 {
            assert_eq!(limits.take_at(What::WrongCode, 1, now), Ok(()));
        }
        assert!(limits.take_at(What::WrongCode, 1, now).is_err());
        // What is given back can be taken once more.
        limits.given_back(What::WrongCode, 1);
        assert_eq!(limits.take_at(What::WrongCode, 1, now), Ok(()));
        assert!(limits.take_at(What::WrongCode, 1, now).is_err());
        // Somebody else, and something else, has a bucket of its own.
        assert_eq!(limits.take_at(What::WrongCode, 2, now), Ok(()));
        assert_eq!(limits.take_at(What::Code, 1, now), Ok(()));
        let later = now + Duration::from_secs(61);
        assert_eq!(limits.take_at(What::WrongCode, 1, later), Ok(()));
        assert!(limits.take_at(What::WrongCode, 1, later).is_err());
    }

    #[test]
    fn memory_is_bounded_however_many_ask() {
        let limits = Limits::default();
        let now = Instant::now();
        for whose in 0..(MAX_BUCKETS as u64 * 2) {
            let _ = limits.take_at(What::Work, whose, now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let address = |text: &str| Origin::Address(text.parse().unwrap()).whose();
        assert_eq!(address("2001:db8:1:2::3"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::3"), address("2001:db8:1:3::3"));
        assert_eq!(address("192.0.2.7"), address("::ffff:192.0.2.7"));
        assert_ne!(address("192.0.2.7"), address("192.0.2.8"));
        assert_ne!(address("0.0.0.0"), Origin::Unknown.whose());
    }
}
