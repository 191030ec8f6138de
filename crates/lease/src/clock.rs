//! The effective clock: what time it is on a computer whose own clock may be wrong, by accident or on purpose.
//! Expiry is judged by the later of it and the wall clock, and nobody is accused by it. What reads the computer's
//! clocks isn't here.

use crate::time::{Timestamp, later};
use chrono::TimeDelta;
use latchkey_token::Seconds;
use sha2::{Digest as _, Sha256};

use crate::{from_seconds, to_seconds};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod year_simulation;

/// How far the wall clock may lag behind before a person is told.
pub const TOLERATED_LAG: TimeDelta = TimeDelta::hours(24);
/// A jump forward that is longer isn't remembered at once.
pub const CREDIBLE_JUMP: TimeDelta = TimeDelta::hours(30 * 24);
/// Charged once for a boot in which only a wall clock that lags has been seen: the computer was off before it,
/// and nobody knows how long.
pub const OFF_TIME_PER_BOOT: TimeDelta = TimeDelta::hours(12);
/// But not before it has been running for so long, in seconds, since the last charge: whoever restarts a computer
/// without a battery several times a day would lose days of their lease, and a cheat gains less by restarting
/// than by setting the clock to where it was.
const MIN_TIME_BETWEEN_CHARGES: u64 = 6 * 3_600;
/// A jump is remembered once so many boots have seen it,
const CONFIRMING_BOOTS: u8 = 2;
/// or so much running time.
const CONFIRMING_RUN: u64 = 7 * 86_400;
/// Most running time that counts between two looks. A product that is used looks more often, and a computer
/// that slept for longer has a wall clock that says so; a counter that is broken does no lasting harm.
const LONGEST_RUN: u64 = 30 * 86_400;

/// Names one boot of a computer, so that running time is counted within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BootId([u8; 8]);

impl BootId {
    /// From whatever name the operating system gives to the boot.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let digest =
            Sha256::new().chain_update(b"latchkey/boot\0").chain_update(name.as_bytes()).finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        Self(short)
    }

    /// What was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// To store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// How long the computer has been running, which nobody can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uptime {
    /// Since when.
    pub boot: BootId,
    /// Seconds since that boot, the time in which the computer was suspended included.
    pub running: u64,
}

/// What a computer's clocks say at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClockReading {
    /// The wall clock, which anybody can set.
    pub wall: Timestamp,
    /// `None` where it can't be read. Then the wall clock's jumps are remembered, and running time isn't counted.
    pub uptime: Option<Uptime>,
}

impl ClockReading {
    /// The same, without knowing how long the computer has been running.
    #[must_use]
    pub const fn from_wall(wall: Timestamp) -> Self {
        Self { wall, uptime: None }
    }
}

/// What the effective clock thinks of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// It goes with what is known.
    Right,
    /// It shows more than a day less than what was seen or signed.
    Behind {
        /// How much less.
        by: TimeDelta,
    },
    /// It has jumped forward by more than thirty days. Leases are judged by it, but it isn't remembered until a
    /// second boot or seven days of running have seen it: once it is set right, it has cost nothing.
    Ahead {
        /// How much more it shows than the effective clock.
        by: TimeDelta,
    },
}

/// The time that expiry is judged by: the later of the effective clock and the wall clock. Only
/// [`EffectiveClock::judging_time`] makes one, so that nothing can be judged by what is remembered alone: whoever
/// kept the memory from being written, or put an older one back, would have a lease that never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JudgingTime(Timestamp);

impl JudgingTime {
    /// To show it, or to compare it with something else than an end.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl ClockState {
    /// Stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Behind { .. } => "behind",
            Self::Ahead { .. } => "ahead",
        }
    }

    /// Whether a person should look at the computer's clock.
    #[must_use]
    pub const fn is_suspect(&self) -> bool {
        !matches!(self, Self::Right)
    }
}

/// A clock that running time and a credible wall clock move forward, and that nobody can turn back except the
/// vendor: a time that the vendor signed is the cure for everything that came from a wrong wall clock, or from a
/// wrong clock of the vendor's.
///
/// ```
/// use latchkey_lease::{BootId, ClockState, EffectiveClock, Moment, Timestamp, Uptime};
///
/// let boot = BootId::of("3a7c…");
/// let at = |wall: &str, running| Moment {
///     wall: wall.parse().unwrap(),
///     uptime: Some(Uptime { boot, running }),
/// };
/// let mut clock = EffectiveClock::new(at("2027-03-01T09:00:00Z", 0));
/// // Somebody turns the clock back by two days and works for eight hours: eight hours have passed.
/// clock.observe(at("2027-02-27T17:00:00Z", 8 * 3600));
/// assert_eq!(clock.latest(), "2027-03-01T17:00:00Z".parse::<Timestamp>().unwrap());
/// assert!(matches!(clock.state(at("2027-02-27T17:00:00Z", 8 * 3600)), ClockState::Behind { .. }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveClock {
    /// When the newest token was signed, and the running time since it arrived: what no wall clock of this
    /// computer had a part in.
    floor: Timestamp,
    /// The latest time that was remembered.
    effective: Timestamp,
    /// The last look at the running time.
    seen: Option<Uptime>,
    /// This boot is paid for: a wall clock that can be right was seen in it, or it was charged.
    settled: bool,
    /// Running time since the last charge, in seconds; not counted beyond [`MIN_TIME_BETWEEN_CHARGES`].
    uncharged: u64,
    /// The wall clock has jumped, which isn't remembered yet.
    jump: Option<Jump>,
}

/// Who has seen a jump forward of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Jump {
    boots: u8,
    running: u64,
}

/// An effective clock as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredClock {
    /// When the newest token was signed, and the running time since it arrived.
    pub floor: Seconds,
    /// The latest time that was remembered.
    pub effective: Seconds,
    /// The boot of the last look, and how long it was running then, in seconds.
    pub seen: Option<([u8; 8], u64)>,
    /// The boot is paid for.
    pub settled: bool,
    /// Running time since a boot was charged, in seconds.
    pub uncharged: u64,
    /// How many boots, and how many seconds of running time, have seen a jump forward.
    pub jump: Option<(u8, u64)>,
}

impl EffectiveClock {
    /// A clock that has looked once.
    #[must_use]
    pub const fn new(moment: ClockReading) -> Self {
        Self {
            floor: Timestamp::UNIX_EPOCH,
            effective: moment.wall,
            seen: moment.uptime,
            settled: true,
            uncharged: MIN_TIME_BETWEEN_CHARGES,
            jump: None,
        }
    }

    /// The time that expiry is judged by.
    #[must_use]
    pub fn judging_time(&self, moment: ClockReading) -> JudgingTime {
        JudgingTime(self.observed(moment).effective.max(moment.wall))
    }

    /// Remembers what a look tells, and gives the time that is remembered then. Expiry isn't judged by that.
    pub fn observe(&mut self, moment: ClockReading) -> Timestamp {
        let (ran, another_boot) = self.run(moment.uptime);
        let lead = moment.wall.signed_duration_since(self.effective);
        if lead < -TOLERATED_LAG {
            self.jump = None;
            if !self.settled && self.uncharged >= MIN_TIME_BETWEEN_CHARGES {
                self.effective = later(self.effective, OFF_TIME_PER_BOOT);
                self.uncharged = 0;
            }
            self.settled = true;
        } else if lead <= CREDIBLE_JUMP
            || moment.uptime.is_none()
            || self.confirms(ran, another_boot)
        {
            self.accept_wall_clock(moment.wall);
        }
        self.effective
    }

    fn observed(&self, moment: ClockReading) -> Self {
        let mut looked = *self;
        looked.observe(moment);
        looked
    }

    /// A time that the vendor signed has arrived, in a token that is newer than every one before it: a refresh
    /// with a higher sequence number, or the response to a request that is pending here. Everything that came from
    /// this computer's wall clock is dropped, and so is every time that was signed before: it may be a later one
    /// only because the vendor's clock was wrong. The wall clock is then looked at anew.
    pub fn apply_signed_time(&mut self, signed: Timestamp, moment: ClockReading) -> Timestamp {
        self.run(moment.uptime);
        (self.floor, self.effective) = (signed, signed);
        self.jump = None;
        // The signed time is younger than the time in which the computer was off.
        self.settled = true;
        self.observe(moment)
    }

    /// Counts what the computer has been running since the last look; tells also whether it was restarted.
    fn run(&mut self, uptime: Option<Uptime>) -> (u64, bool) {
        let Some(uptime) = uptime else { return (0, false) };
        let (ran, another_boot) = match self.seen {
            None => (0, false),
            // A counter that has fallen is another boot's, whatever its name: a copy of a virtual machine.
            Some(seen) if seen.boot == uptime.boot && seen.running <= uptime.running => {
                (uptime.running - seen.running, false)
            }
            Some(_) => (uptime.running, true),
        };
        let ran = ran.min(LONGEST_RUN);
        let length = TimeDelta::seconds(ran.cast_signed());
        (self.floor, self.effective) = (later(self.floor, length), later(self.effective, length));
        self.seen = Some(uptime);
        self.settled &= !another_boot;
        self.uncharged = self.uncharged.saturating_add(ran).min(MIN_TIME_BETWEEN_CHARGES);
        (ran, another_boot)
    }

    /// Notes that a jump was seen once more, and tells whether that is enough.
    fn confirms(&mut self, ran: u64, another_boot: bool) -> bool {
        let jump = match self.jump {
            None => Jump { boots: 1, running: 0 },
            Some(Jump { boots, running }) => Jump {
                boots: boots.saturating_add(u8::from(another_boot)),
                running: running.saturating_add(ran),
            },
        };
        self.jump = Some(jump);
        jump.boots >= CONFIRMING_BOOTS || jump.running >= CONFIRMING_RUN
    }

    fn accept_wall_clock(&mut self, wall: Timestamp) {
        self.effective = self.effective.max(wall);
        self.settled = true;
        self.jump = None;
    }

    /// What to think of the wall clock.
    #[must_use]
    pub fn state(&self, moment: ClockReading) -> ClockState {
        let looked = self.observed(moment);
        let lag = looked.effective.signed_duration_since(moment.wall);
        if looked.jump.is_some() {
            ClockState::Ahead { by: -lag }
        } else if lag > TOLERATED_LAG {
            ClockState::Behind { by: lag }
        } else {
            ClockState::Right
        }
    }

    /// Whether a look at this moment tells more than what is remembered, so that it is worth a write: it is
    /// later by more than `step`, the computer was restarted, or the wall clock has jumped.
    #[must_use]
    pub fn needs_persist(&self, moment: ClockReading, step: TimeDelta) -> bool {
        let looked = self.observed(moment);
        let restarted = match (self.seen, looked.seen) {
            (Some(before), Some(now)) => now.boot != before.boot || now.running < before.running,
            (before, now) => before.is_some() != now.is_some(),
        };
        looked.effective.signed_duration_since(self.effective) > step
            || restarted
            || looked.jump.is_some() != self.jump.is_some()
    }

    /// The latest remembered time.
    #[must_use]
    pub const fn latest(&self) -> Timestamp {
        self.effective
    }

    /// To store.
    #[must_use]
    pub fn to_stored(&self) -> StoredClock {
        StoredClock {
            floor: to_seconds(self.floor),
            effective: to_seconds(self.effective),
            seen: self.seen.map(|seen| (*seen.boot.as_bytes(), seen.running)),
            settled: self.settled,
            uncharged: self.uncharged,
            jump: self.jump.map(|jump| (jump.boots, jump.running)),
        }
    }

    /// What was stored.
    #[must_use]
    pub fn from_stored(parts: StoredClock) -> Self {
        let seen =
            parts.seen.map(|(boot, running)| Uptime { boot: BootId::from_bytes(boot), running });
        let floor = from_seconds(parts.floor);
        Self {
            floor,
            effective: from_seconds(parts.effective).max(floor),
            seen,
            settled: parts.settled,
            uncharged: parts.uncharged.min(MIN_TIME_BETWEEN_CHARGES),
            jump: parts.jump.map(|(boots, running)| Jump { boots, running }),
        }
    }
}
