//! Checks whether this machine's clock can be right: it is compared with the newest record in the
//! database, with the time for which the machine has been running, and with the times in the
//! requests at hand. While the clock is in doubt, nothing is granted and no seat is judged by it,
//! until the operator has checked and confirmed it.
//!
//! - A clock more than [`TOLERATED_LAG`] below the newest record is *behind*.
//! - The time since the newest record, minus the time for which the machine is known to have been
//!   running since, is *unexplained*. Within one boot, only a virtual machine that was suspended
//!   can explain it: more than [`STANDSTILL`] is refused. Across boots the machine was off,
//!   perhaps for long: up to [`IDLE`] is accepted.
//! - If more than [`STANDSTILL`] is unexplained, or within one boot more than [`SUSPENSION`], each
//!   request is checked for itself: it is granted only if its computer's clock agrees with this
//!   machine's, which means that it is nearer to it than half of what is unexplained, and than
//!   fifteen days, on either side. One that agrees becomes a new record. One that doesn't blocks
//!   only itself. A refresh that the vendor creates without a request is created as usual.
//! - If more than [`SUSPENSION`] is unexplained within one boot, or more than [`OFF`] across boots,
//!   only a request that agrees becomes a new record and makes the leases of other seats end, and
//!   those only up to its own time. For one that doesn't agree, no seat is reused whose lease ended
//!   in the unexplained time.

use chrono::TimeDelta;
use latchkey_lease::Timestamp;
use latchkey_lease::time::{seconds, to_rfc3339};
use latchkey_lease::{Uptime, from_seconds, to_seconds};
use latchkey_token::{HasErrorCode, Seconds};
use thiserror::Error;

use crate::error_class::{ClassifiedError, codes};

/// How far the clock may be below the newest record. Clocks are set back in small steps, and two
/// processes may write at once.
pub const TOLERATED_LAG: TimeDelta = TimeDelta::minutes(10);
/// How long a machine may seem to have been suspended within one boot before each request is
/// checked for itself. Running time includes the suspension of a computer; only a virtual machine
/// can have stood still.
pub const SUSPENSION: TimeDelta = TimeDelta::hours(48);
/// How long a machine may seem to have been suspended within one boot at all, and how long it may
/// have been off before each request is checked for itself.
pub const STANDSTILL: TimeDelta = TimeDelta::hours(30 * 24);
/// How long a machine may have been off before its clock alone makes a lease end or becomes a new
/// record.
pub const OFF: TimeDelta = TimeDelta::hours(7 * 24);
/// How long the database may have had no new record across boots.
pub const IDLE: TimeDelta = TimeDelta::hours(400 * 24);

/// The newest time in the database, and how long the machine had been running at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) at: Timestamp,
    pub(crate) uptime: Option<Uptime>,
}

/// This machine's clock is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[non_exhaustive]
#[class(Internal)]
pub enum ClockDoubt {
    /// It is below the newest record.
    #[code(codes::CLOCK_BEHIND)]
    #[error("the clock shows {}, the newest record is from {}", to_rfc3339(*now), to_rfc3339(*newest))]
    Behind {
        /// What the clock shows.
        #[detail(time)]
        now: Timestamp,
        /// The time of the newest record.
        #[detail(time)]
        newest: Timestamp,
    },
    /// It is further ahead of the newest record than can be explained.
    #[code(codes::CLOCK_AHEAD, days = unexplained.num_days().unsigned_abs())]
    #[error("the clock shows {}, {unexplained} more than {} and running time explain", to_rfc3339(*now), to_rfc3339(*newest))]
    Ahead {
        /// What the clock shows.
        #[detail(time)]
        now: Timestamp,
        /// The time of the newest record.
        #[detail(time)]
        newest: Timestamp,
        /// What can't be explained by running time.
        #[detail(skip)]
        unexplained: TimeDelta,
    },
    /// It has jumped, and the request at hand says that it is wrong.
    #[code(codes::CLOCK_DISPUTED)]
    #[error("the clock shows {}, the newest record is from {}, the request of {}", to_rfc3339(*now), to_rfc3339(*newest), to_rfc3339(*request))]
    Disputed {
        /// What the clock shows.
        #[detail(time)]
        now: Timestamp,
        /// The time of the newest record.
        #[detail(time)]
        newest: Timestamp,
        /// What the requesting computer's clock showed.
        #[detail(time)]
        request: Timestamp,
    },
}

/// The result of comparing this machine's clock with the newest record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// What the clock shows.
    pub now: Timestamp,
    /// The time of the newest record, if there is one.
    pub newest: Option<Timestamp>,
    /// Whether the machine is known to have been running since then.
    pub same_boot: bool,
    /// How long the machine is known to have been running since then.
    pub running: TimeDelta,
    /// Whether the machine's running time at that record is known.
    counted: bool,
    uptime: Option<Uptime>,
}

impl Comparison {
    pub(crate) fn new(now: Timestamp, uptime: Option<Uptime>, record: Option<Record>) -> Self {
        let before = record.and_then(|record| record.uptime);
        // A counter that has decreased is from another boot, whatever the boot is called.
        let since = match (uptime, before) {
            (Some(now), Some(then)) if now.boot == then.boot => {
                now.running.checked_sub(then.running)
            }
            _ => None,
        };
        let running = since.or(uptime.map(|up| up.running)).unwrap_or(0);
        Self {
            now,
            newest: record.map(|record| record.at),
            same_boot: since.is_some(),
            running: seconds(running),
            counted: before.is_some(),
            uptime,
        }
    }

    /// The part of the time since the newest record that running time doesn't explain.
    #[must_use]
    pub fn unexplained_time(&self) -> TimeDelta {
        let newest = self.newest.unwrap_or(self.now);
        let passed = self.now.signed_duration_since(newest);
        passed.checked_sub(&self.running).unwrap_or_default().max(TimeDelta::zero())
    }

    /// Why the clock can't be right, judged without a request.
    #[must_use]
    pub fn doubt(&self) -> Option<ClockDoubt> {
        let (now, newest) = (self.now, self.newest?);
        if newest.signed_duration_since(now) > TOLERATED_LAG {
            return Some(ClockDoubt::Behind { now, newest });
        }
        let unexplained = self.unexplained_time();
        let believed = if self.same_boot { STANDSTILL } else { IDLE };
        (unexplained > believed).then_some(ClockDoubt::Ahead { now, newest, unexplained })
    }

    /// Whether the clock counts without the time of a request that agrees with it.
    fn is_explained(&self) -> bool {
        self.unexplained_time() <= if self.same_boot { SUSPENSION } else { STANDSTILL }
    }

    /// Whether the clock alone makes leases end and becomes a new record.
    fn is_usual(&self) -> bool {
        self.unexplained_time() <= if self.same_boot { SUSPENSION } else { OFF }
    }

    /// Whether requests are compared with the clock, because too much time is unexplained: all of
    /// them, or those that another seat's lease stands in the way of.
    #[must_use]
    pub fn checks_requests(&self) -> bool {
        self.doubt().is_none() && !self.is_usual()
    }

    /// The same, also judged by the time in a request.
    pub(crate) fn doubt_with(&self, created_at: Seconds) -> Option<ClockDoubt> {
        let disputed = || (!self.is_explained()).then(|| self.dispute(created_at)).flatten();
        self.doubt().or_else(disputed)
    }

    /// The contradiction between this clock and the time in a request.
    fn dispute(&self, created_at: Seconds) -> Option<ClockDoubt> {
        let (now, newest) = (self.now, self.newest?);
        // Otherwise it is nearer to what the newest record and running time explain, or so far
        // ahead that it says nothing about this clock.
        let distance = i128::from(created_at).abs_diff(i128::from(to_seconds(now)));
        let unexplained = self.unexplained_time().min(STANDSTILL).num_seconds().unsigned_abs();
        let request = from_seconds(created_at);
        let is_disputed = 2 * distance >= unexplained.into();
        is_disputed.then_some(ClockDoubt::Disputed { now, newest, request })
    }

    /// Whether the clock counts, by itself or because a request agrees with it.
    pub(crate) fn agrees_with(&self, created_at: Seconds) -> bool {
        self.is_usual() || self.dispute(created_at).is_none()
    }

    /// The time by which the leases of other seats are judged for a request, if this clock alone
    /// doesn't make them end, and why none of them ends later. A clock that is wrong by less than
    /// the tolerance for requests must not end a lease that runs by the request's time.
    pub(crate) fn time_for_seats(&self, created_at: Seconds) -> Option<(Timestamp, ClockDoubt)> {
        if self.is_usual() {
            return None;
        }
        let (now, newest, request) = (self.now, self.newest?, from_seconds(created_at));
        let at = match self.agrees_with(created_at) {
            true => self.earliest().max(request.min(now)),
            false => self.earliest(),
        };
        Some((at, ClockDoubt::Disputed { now, newest, request }))
    }

    /// Whether a record that is written now advances the newest one.
    pub(crate) fn advances_record(&self) -> bool {
        // A record of the same time is better if running time was unknown before.
        let knows_more = !self.counted && self.uptime.is_some();
        let later = self
            .newest
            .is_none_or(|newest| self.now > newest || (self.now == newest && knows_more));
        later && self.doubt().is_none() && self.is_usual()
    }

    /// The time under which an event is recorded that is accepted whatever the clock shows.
    pub(crate) fn credible_time(&self) -> Timestamp {
        match (self.doubt(), self.newest) {
            (Some(_), Some(newest)) => newest,
            _ => self.now,
        }
    }

    /// The time at which a seat is free that is freed now. If the clock turns out to have been
    /// ahead by all that is unexplained, the seat is free nonetheless.
    pub(crate) fn earliest(&self) -> Timestamp {
        let credible = self.credible_time();
        if self.is_usual() { credible } else { credible.min(self.now - self.unexplained_time()) }
    }
}
