//! Rate limits per address and per activation code, as token buckets. Idle buckets are evicted, and
//! neither addresses nor codes are stored in readable form.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use latchkey_issuer::RowQuota;
use latchkey_token::ActivationCode;

use crate::client::ClientId;
use crate::error::PortalError;
use crate::log;
use crate::request_context::{HttpError, RequestContext};

/// Maximum number of buckets. Beyond it, full buckets are evicted; if there are none, all are.
const MAX_BUCKETS: usize = 100_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quota {
    /// Everything that costs work: tokens that are opened, and forms that are sent.
    Work,
    /// Attempts with unknown activation codes.
    WrongCode,
    /// Uses of one activation code, whether it is known or not.
    Code,
    /// Attempts to sign in to the vendor's pages.
    SignIn,
    /// Rows of the audit about what changed nothing.
    Row,
}

impl Quota {
    /// The burst size, and how long one token takes to refill.
    const fn burst_and_refill(self) -> (f64, f64) {
        match self {
            Self::Work => (240.0, 0.25),
            Self::WrongCode => (20.0, 60.0),
            Self::Code => (60.0, 10.0),
            Self::SignIn => (20.0, 30.0),
            Self::Row => (200.0, 18.0),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::WrongCode => "wrong_code",
            Self::Code => "code",
            Self::SignIn => "sign_in",
            Self::Row => "row",
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// An attempt with an activation code, typed or inside a request. Its quota is consumed in advance,
/// so that concurrent attempts get no more answers than sequential ones. It is refunded on drop,
/// unless the code turned out to be wrong.
#[derive(Debug)]
#[must_use = "an attempt that is dropped is given back"]
pub(crate) struct Guess {
    limits: Arc<RateLimiter>,
    context: RequestContext,
    code: Option<ActivationCode>,
    wrong: bool,
}

impl Guess {
    /// Sets the activation code, whose uses are counted as well.
    pub(crate) fn charge_code(&mut self, code: ActivationCode) -> Result<(), HttpError> {
        self.limits.take_code(&self.context, &code)?;
        self.code = Some(code);
        Ok(())
    }

    /// The code is unknown, so the attempt counts.
    pub(crate) fn was_wrong(mut self) {
        self.wrong = true;
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        if self.wrong {
            return;
        }
        self.limits.give_back(&self.context, Quota::WrongCode);
        if let Some(code) = &self.code {
            self.limits.give_code_back(code);
        }
    }
}

/// All buckets.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    hasher: RandomState,
    buckets: Mutex<HashMap<Key, Bucket>>,
}

/// The quota, the number of addresses that it is for, and the hashed client.
type Key = (Quota, usize, u64);

impl RateLimiter {
    /// Consumes one unit for an address, or returns the rate-limit error.
    pub(crate) fn take(&self, context: &RequestContext, what: Quota) -> Result<(), HttpError> {
        self.take_of(context.origin.client_id(), what)
            .map_err(|wait| limit_error(context, what, wait))
    }

    /// Consumes one unit, or returns how long it takes until one is available.
    fn take_of(&self, whose: ClientId, what: Quota) -> Result<(), Duration> {
        let now = Instant::now();
        let keys: Vec<_> =
            whose.with_network().map(|(one, many)| self.key(what, many, one)).collect();
        for (taken, key) in keys.iter().enumerate() {
            if let Err(wait) = self.take_at(*key, now) {
                for key in &keys[..taken] {
                    self.refund(*key);
                }
                return Err(wait);
            }
        }
        Ok(())
    }

    fn key(&self, what: Quota, many: usize, of: impl Hash) -> Key {
        (what, many, self.hasher.hash_one(of))
    }

    /// How many rows a client may still add to the audit log with requests that change nothing.
    pub(crate) fn rows(self: &Arc<Self>, context: &RequestContext) -> RowQuota {
        let (limits, whose) = (Arc::clone(self), context.origin.client_id());
        RowQuota::new(move || limits.take_of(whose, Quota::Row).is_ok())
    }

    /// Refunds a unit of an address, because its operation didn't happen.
    pub(crate) fn give_back(&self, context: &RequestContext, what: Quota) {
        for (one, many) in context.origin.client_id().with_network() {
            self.refund(self.key(what, many, one));
        }
    }

    /// Begins an attempt with an activation code: it is paid for until it turns out not to be a
    /// wrong one.
    pub(crate) fn guess(self: &Arc<Self>, context: &RequestContext) -> Result<Guess, HttpError> {
        self.take(context, Quota::WrongCode)?;
        Ok(Guess { limits: Arc::clone(self), context: context.clone(), code: None, wrong: false })
    }

    /// Takes one for an activation code.
    pub(crate) fn take_code(
        &self,
        context: &RequestContext,
        code: &ActivationCode,
    ) -> Result<(), HttpError> {
        let taken = self.take_at(self.code_key(code), Instant::now());
        taken.map_err(|wait| limit_error(context, Quota::Code, wait))
    }

    /// Refunds a unit of an activation code.
    pub(crate) fn give_code_back(&self, code: &ActivationCode) {
        self.refund(self.code_key(code));
    }

    fn code_key(&self, code: &ActivationCode) -> Key {
        let folded = zeroize::Zeroizing::new(code.expose());
        self.key(Quota::Code, 1, folded.as_str())
    }

    fn refund(&self, key: Key) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&key) {
            bucket.left = (bucket.left + 1.0).min(burst_and_refill(key).0);
        }
    }

    /// Returns how long it takes until a unit is available.
    fn take_at(&self, key: Key, now: Instant) -> Result<(), Duration> {
        let (most, each) = burst_and_refill(key);
        let filled = |bucket: &Bucket, most: f64, each: f64| {
            let time = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.left + time / each).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_BUCKETS && !buckets.contains_key(&key) {
            buckets.retain(|key, bucket| {
                let (most, each) = burst_and_refill(*key);
                filled(bucket, most, each) < most
            });
            if buckets.len() >= MAX_BUCKETS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { left: most, at: now });
        let left = filled(bucket, most, each);
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) * each));
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }
}

/// The burst size, and how long one token takes to refill.
fn burst_and_refill((what, many, _): Key) -> (f64, f64) {
    let (most, each) = what.burst_and_refill();
    (most * many as f64, each / many as f64)
}

fn limit_error(context: &RequestContext, what: Quota, wait: Duration) -> HttpError {
    log::limited(what.name(), context.origin);
    let error = PortalError::Limited { seconds: wait.as_secs().max(1) };
    context.problem_with(StatusCode::TOO_MANY_REQUESTS, &error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Origin;

    #[test]
    fn a_bucket_empties_and_refills_over_time() {
        let limits = RateLimiter::default();
        let now = Instant::now();
        for _ in 0..20 {
            assert_eq!(limits.take_at((Quota::WrongCode, 1, 1), now), Ok(()));
        }
        assert!(limits.take_at((Quota::WrongCode, 1, 1), now).is_err());
        // A refunded unit can be consumed again.
        limits.refund((Quota::WrongCode, 1, 1));
        assert_eq!(limits.take_at((Quota::WrongCode, 1, 1), now), Ok(()));
        assert!(limits.take_at((Quota::WrongCode, 1, 1), now).is_err());
        // Other clients and other quotas have separate buckets.
        assert_eq!(limits.take_at((Quota::WrongCode, 1, 2), now), Ok(()));
        assert_eq!(limits.take_at((Quota::Code, 1, 1), now), Ok(()));
        let later = now + Duration::from_secs(61);
        assert_eq!(limits.take_at((Quota::WrongCode, 1, 1), later), Ok(()));
        assert!(limits.take_at((Quota::WrongCode, 1, 1), later).is_err());
    }

    #[test]
    fn the_memory_for_buckets_is_bounded() {
        let limits = RateLimiter::default();
        let now = Instant::now();
        for whose in 0..(MAX_BUCKETS as u64 * 2) {
            let _ = limits.take_at((Quota::Work, 1, whose), now);
        }
        assert!(limits.buckets.lock().unwrap().len() <= MAX_BUCKETS);
    }

    #[test]
    fn many_networks_of_one_customer_share_eight_quotas() {
        let limits = RateLimiter::default();
        let taken = |third: &str| {
            let networks = (0..1000).map(|n| format!("2001:db8:{third}:{n:x}::1"));
            networks
                .map(|text| Origin::Address(text.parse().unwrap()).client_id())
                .flat_map(|whose| [whose; 20])
                .filter(|whose| limits.take_of(*whose, Quota::WrongCode).is_ok())
                .count()
        };
        assert_eq!(taken("1"), 8 * 20);
        // A refused attempt consumes nothing of other quotas.
        let first = Origin::Address("2001:db8:1::1".parse().unwrap()).client_id();
        assert!(limits.take_of(first, Quota::WrongCode).is_err());
        assert_eq!(taken("2"), 8 * 20);
        // Addresses of version 4 have each their own.
        let whose = |n: u8| Origin::Address([192, 0, 2, n].into()).client_id();
        assert!((0..100).all(|n| limits.take_of(whose(n), Quota::WrongCode).is_ok()));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let address = |text: &str| Origin::Address(text.parse().unwrap()).client_id();
        assert_eq!(address("2001:db8:1:2::3"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::3"), address("2001:db8:1:3::3"));
        assert_eq!(address("192.0.2.7"), address("::ffff:192.0.2.7"));
        assert_ne!(address("192.0.2.7"), address("192.0.2.8"));
        assert_ne!(address("0.0.0.0"), Origin::Unknown.client_id());
    }
}
