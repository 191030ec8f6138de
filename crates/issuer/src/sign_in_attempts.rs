//! How long attempts to sign in are slowed or locked after failures: counted in memory, per name
//! and origin, and per name.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use latchkey_lease::time::later;
use latchkey_lease::{Timestamp, to_seconds};

/// Number of failed attempts in a row that are allowed from one origin.
const MAX_FAILURES: u64 = 5;
/// How long the name is then locked for that origin. Fewer failures are forgotten after the same
/// time.
const LOCK_DURATION: TimeDelta = TimeDelta::minutes(15);
/// Number of failed attempts under one name, from all origins, that cause no pause.
const MAX_UNPAUSED_FAILURES: u64 = 20;
/// Each further failure makes every attempt under this name wait a second longer, up to this limit.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Seconds after which one of these failures is forgotten.
const FORGET_FAILURE_AFTER: i64 = 60;
/// Maximum number of failures that are counted: the pause no longer grows, and should end soon
/// after an attack.
const MAX_COUNTED: u64 = MAX_UNPAUSED_FAILURES + LONGEST_PAUSE.as_secs();

/// The origin of attempts to sign in: an address, or a network that contains several addresses.
#[derive(Debug, Clone, Copy)]
pub struct SignInOrigin<'p> {
    /// The bytes that identify the origin.
    pub id: &'p [u8],
    /// The factor by which more attempts may fail there than at one address.
    pub addresses: u64,
}

/// Failed attempts to sign in, in this process: per name and origin, and per name. Unknown names
/// are counted like known ones, so that neither the answer nor a lock tells them apart. All
/// connections of the process share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    from_one: HashMap<u64, FromOne>,
    from_all: HashMap<u64, FromAll>,
}

/// Failures of one name from one origin.
#[derive(Debug, Clone, Copy)]
struct FromOne {
    failures: u64,
    /// The number of failures that locks it.
    most: u64,
    /// The time of the last failure.
    at: Timestamp,
}

impl FromOne {
    /// The time at which the failures are forgotten.
    fn end(self) -> Timestamp {
        later(self.at, LOCK_DURATION)
    }

    /// The end of the lock, if there is one.
    fn locked_until(self, now: Timestamp) -> Option<Timestamp> {
        (self.failures >= self.most && self.end() > now).then(|| self.end())
    }
}

/// Failures of one name from all origins.
#[derive(Debug, Clone, Copy)]
struct FromAll {
    /// The number of failures that haven't been forgotten.
    failures: u64,
    at: Timestamp,
}

impl FromAll {
    fn left(self, now: Timestamp) -> Self {
        let steps = (to_seconds(now) - to_seconds(self.at)).max(0) / FORGET_FAILURE_AFTER;
        let at = self.at.checked_add_signed(TimeDelta::seconds(steps * FORGET_FAILURE_AFTER));
        let failures = self.failures.saturating_sub(steps.unsigned_abs());
        Self { failures, at: at.unwrap_or(now) }
    }
}

/// Maximum number of names, and of pairs of a name and an origin, that are kept. Beyond it, expired
/// entries are dropped first, then those that don't lock anything, and finally all.
const MAX_COUNTERS: usize = 10_000;

/// The keys under which an attempt is counted.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// For each origin, its key and the number of failures that locks it.
    from_one: Vec<(u64, u64)>,
    from_all: u64,
}

impl Attempt {
    /// A new passphrase or second factor resets the count and so ends a lock. An unknown name
    /// always has the same generation.
    pub(crate) fn new(name: &str, generation: Option<u64>, from: &[SignInOrigin<'_>]) -> Self {
        let count = |origin: &SignInOrigin<'_>| {
            let key = keyed_hash((name, generation.unwrap_or(0), origin.id));
            (key, MAX_FAILURES.saturating_mul(origin.addresses))
        };
        Self { from_one: from.iter().map(count).collect(), from_all: keyed_hash(name) }
    }
}

impl Attempts {
    /// Counts an attempt before it is made, so that concurrent attempts don't count as one. While
    /// the name is locked for one of its origins, returns the end of the lock as the error.
    pub(crate) fn begin(&self, attempt: &Attempt, now: Timestamp) -> Result<(), Timestamp> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Counts { from_one, from_all } = &mut *counts;
        let found = attempt.from_one.iter().filter_map(|(key, _)| from_one.get(key));
        if let Some(until) = found.filter_map(|one| one.locked_until(now)).max() {
            return Err(until);
        }
        for (key, most) in &attempt.from_one {
            if from_one.len() >= MAX_COUNTERS && !from_one.contains_key(key) {
                from_one.retain(|_, one| one.end() > now);
                if from_one.len() >= MAX_COUNTERS {
                    from_one.retain(|_, one| one.locked_until(now).is_some());
                }
                if from_one.len() >= MAX_COUNTERS {
                    from_one.clear();
                }
            }
            let one = from_one.entry(*key).or_insert(FromOne { failures: 0, most: *most, at: now });
            if one.end() <= now {
                one.failures = 0;
            }
            one.failures += 1;
            one.at = now;
        }
        if from_all.len() >= MAX_COUNTERS && !from_all.contains_key(&attempt.from_all) {
            from_all.retain(|_, all| all.left(now).failures > 0);
            if from_all.len() >= MAX_COUNTERS {
                from_all.clear();
            }
        }
        let all = from_all.entry(attempt.from_all).or_insert(FromAll { failures: 0, at: now });
        *all = all.left(now);
        all.failures = (all.failures + 1).min(MAX_COUNTED);
        Ok(())
    }

    /// Forgets earlier failures from the same origin after a successful attempt.
    pub(crate) fn record_success(&self, attempt: &Attempt) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &attempt.from_one {
            counts.from_one.remove(key);
        }
        if let Some(all) = counts.from_all.get_mut(&attempt.from_all) {
            all.failures = all.failures.saturating_sub(1);
        }
    }

    /// How long an attempt under this name has to wait.
    pub(crate) fn pause(&self, name: &str, now: Timestamp) -> Duration {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures =
            counts.from_all.get(&keyed_hash(name)).map_or(0, |all| all.left(now).failures);
        Duration::from_secs(failures.saturating_sub(MAX_UNPAUSED_FAILURES)).min(LONGEST_PAUSE)
    }
}

/// A keyed hash that no one outside this process can compute.
fn keyed_hash(value: impl Hash) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    KEY.hash_one(value)
}
