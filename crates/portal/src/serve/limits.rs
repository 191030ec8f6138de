//! How often somebody may ask: per address, and per activation code. Buckets that fill again with time; nothing is kept
//! of whoever hasn't asked for a while, and never an address's or a code's text.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use latchkey_token::ActivationCode;

use super::log;
use super::visit::{Problem, Visitor};
use crate::failure::Trouble;

/// Most buckets that are kept. Beyond it those that are full again go; if there are none, all do.
const MAX_BUCKETS: usize = 100_000;

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

/// All buckets.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    hasher: RandomState,
    buckets: Mutex<HashMap<(What, u64), Bucket>>,
}

impl Limits {
    /// Takes one for an address, or says that there is none left.
    pub(crate) fn take(&self, visitor: &Visitor, what: What) -> Result<(), Problem> {
        self.taken(visitor, what, self.hasher.hash_one(whose(visitor.address)), 1.0)
    }

    /// Looks whether there is one, and takes none.
    pub(crate) fn look(&self, visitor: &Visitor, what: What) -> Result<(), Problem> {
        self.taken(visitor, what, self.hasher.hash_one(whose(visitor.address)), 0.0)
    }

    /// Takes one for an activation code.
    pub(crate) fn take_code(
        &self,
        visitor: &Visitor,
        code: &ActivationCode,
    ) -> Result<(), Problem> {
        let folded = zeroize::Zeroizing::new(code.expose());
        self.taken(visitor, What::Code, self.hasher.hash_one(folded.as_str()), 1.0)
    }

    fn taken(&self, visitor: &Visitor, what: What, whose: u64, count: f64) -> Result<(), Problem> {
        self.take_at(what, whose, count, Instant::now()).map_err(|wait| {
            log::limited(what.name(), visitor.address);
            let trouble = Trouble::Limited { seconds: wait.as_secs().max(1) };
            visitor.problem_with(StatusCode::TOO_MANY_REQUESTS, &trouble)
        })
    }

    /// Gives how long it takes until there is one again.
    fn take_at(&self, what: What, whose: u64, count: f64, now: Instant) -> Result<(), Duration> {
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
        *bucket = Bucket { left: left - count, at: now };
        Ok(())
    }
}

/// Whoever has an address of version 6 has a whole network of them.
fn whose(address: IpAddr) -> [u8; 8] {
    let mut bytes = [0; 8];
    match address.to_canonical() {
        IpAddr::V4(address) => bytes[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => bytes.copy_from_slice(&address.octets()[..8]),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_empty_after_so_many_and_fills_again_with_time() {
        let limits = Limits::default();
        let now = Instant::now();
        for _ in 0..20 {
            assert_eq!(limits.take_at(What::WrongCode, 1, 1.0, now), Ok(()));
        }
        assert!(limits.take_at(What::WrongCode, 1, 1.0, now).is_err());
        assert!(limits.take_at(What::WrongCode, 1, 0.0, now).is_err());
        // Somebody else, and something else, has a bucket of its own.
        assert_eq!(limits.take_at(What::WrongCode, 2, 1.0, now), Ok(()));
        assert_eq!(limits.take_at(What::Code, 1, 1.0, now), Ok(()));
        let later = now + Duration::from_secs(61);
        assert_eq!(limits.take_at(What::WrongCode, 1, 1.0, later), Ok(()));
        assert!(limits.take_at(What::WrongCode, 1, 1.0, later).is_err());
    }

    #[test]
    fn memory_is_bounded_however_many_ask() {
        let limits = Limits::default();
        let now = Instant::now();
        for whose in 0..(MAX_BUCKETS as u64 * 2) {
            let _ = limits.take_at(What::Work, whose, 1.0, now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let address = |text: &str| whose(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::3"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::3"), address("2001:db8:1:3::3"));
        assert_eq!(address("192.0.2.7"), address("::ffff:192.0.2.7"));
        assert_ne!(address("192.0.2.7"), address("192.0.2.8"));
    }
}
