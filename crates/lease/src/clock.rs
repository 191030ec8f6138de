//! The effective clock: the time on a computer whose wall clock may be wrong, by accident or on
//! purpose. Expiry is judged by the later of the two, and a wrong clock is not taken for fraud. The
//! code that reads the computer's clocks is in the device crate.

use crate::time::{Timestamp, later};
use chrono::TimeDelta;
use latchkey_token::Seconds;
use sha2::{Digest as _, Sha256};

use crate::{from_seconds, to_seconds};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod year_simulation;

/// How far the wall clock may lag behind before the user is told.
pub const TOLERATED_LAG: TimeDelta = TimeDelta::hours(24);
/// The longest jump forward that is stored at once.
pub const CREDIBLE_JUMP: TimeDelta = TimeDelta::hours(30 * 24);
/// The time that is added once for a boot in which the wall clock has always lagged: the computer
/// was off before that boot, for an unknown time.
pub const OFF_TIME_PER_BOOT: TimeDelta = TimeDelta::hours(12);
/// The running time in seconds that has to pass between two such charges. Otherwise, a user who
/// restarts a computer with a dead CMOS battery several times a day would lose days of the lease. A
/// cheat gains less by restarting than by setting the clock back.
const MIN_RUN_BETWEEN_CHARGES: u64 = 6 * 3_600;
/// A jump forward is stored after this number of boots with it,
const CONFIRMING_BOOTS: u8 = 2;
/// or after this running time with it, in seconds.
const CONFIRMING_RUN: u64 = 7 * 86_400;
/// The longest running time, in seconds, that counts between two checks. A product that is in use
/// checks more often, and a computer that was suspended for longer has a wall clock that shows it.
/// The limit keeps a broken uptime counter from doing lasting harm.
const LONGEST_RUN: u64 = 30 * 86_400;

/// Identifies one boot of a computer. Running time is counted within a boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BootId([u8; 8]);

impl BootId {
    /// Derives the id from the name that the operating system gives to the boot.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let digest =
            Sha256::new().chain_update(b"latchkey/boot\0").chain_update(name.as_bytes()).finalize();
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        Self(short)
    }

    /// Restores a stored id.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// How long the computer has been running. Users cannot set this counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uptime {
    /// The boot from which the running time is counted.
    pub boot: BootId,
    /// Seconds since that boot, including the time in which the computer was suspended.
    pub running: u64,
}

/// What a computer's clocks show at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClockReading {
    /// The wall clock, which any user may be able to set.
    pub wall: Timestamp,
    /// The running time, or `None` if it can't be read. Then every jump forward of the wall clock
    /// is stored at once, and no running time is counted.
    pub uptime: Option<Uptime>,
}

impl ClockReading {
    /// Returns a reading of the wall clock alone.
    #[must_use]
    pub const fn from_wall(wall: Timestamp) -> Self {
        Self { wall, uptime: None }
    }
}

/// How the wall clock compares with the effective clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockState {
    /// The wall clock is plausible.
    Right,
    /// The wall clock is more than a day behind the effective clock.
    Behind {
        /// The difference.
        by: TimeDelta,
    },
    /// The wall clock has jumped forward by more than thirty days. Leases are judged by it, but it
    /// isn't stored before a second boot or seven days of running time confirm it. If it is
    /// corrected before that, the jump has cost nothing.
    Ahead {
        /// How far it is ahead of the effective clock.
        by: TimeDelta,
    },
}

/// The time that expiry is judged by: the later of the effective clock and the wall clock. Only
/// [`EffectiveClock::judging_time`] makes one, so that no lease is judged by stored time alone.
/// Otherwise, a lease would never end if its storage can't be written or is restored from a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JudgingTime(Timestamp);

impl JudgingTime {
    /// Returns the instant, to show it or to compare it with something other than an end.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl ClockState {
    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Behind { .. } => "behind",
            Self::Ahead { .. } => "ahead",
        }
    }

    /// Returns whether the user should check the computer's clock.
    #[must_use]
    pub const fn is_suspect(&self) -> bool {
        !matches!(self, Self::Right)
    }
}

/// A clock that running time and a credible wall clock move forward. Only the vendor can set it
/// back: a time that the vendor signed corrects all errors of the wall clock, and of the vendor's
/// own clock.
///
/// ```
/// use latchkey_lease::{BootId, ClockReading, ClockState, EffectiveClock, Timestamp, Uptime};
///
/// let boot = BootId::from_name("3a7c…");
/// let at = |wall: &str, running| ClockReading {
///     wall: wall.parse().unwrap(),
///     uptime: Some(Uptime { boot, running }),
/// };
/// let mut clock = EffectiveClock::new(at("2027-03-01T09:00:00Z", 0));
/// // A user sets the clock back by two days and works for eight hours: eight hours have passed.
/// clock.observe(at("2027-02-27T17:00:00Z", 8 * 3600));
/// assert_eq!(clock.latest(), "2027-03-01T17:00:00Z".parse::<Timestamp>().unwrap());
/// assert!(matches!(clock.state(at("2027-02-27T17:00:00Z", 8 * 3600)), ClockState::Behind { .. }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveClock {
    /// When the newest token was signed, plus the running time since it arrived. The wall clock of
    /// this computer doesn't affect it.
    signed_floor: Timestamp,
    /// The latest time that was stored.
    effective: Timestamp,
    /// The running time at the last check.
    seen: Option<Uptime>,
    /// The time before this boot is accounted for: a plausible wall clock was seen in it, or it was
    /// charged.
    boot_accounted: bool,
    /// Running time since the last charge, in seconds, at most [`MIN_RUN_BETWEEN_CHARGES`].
    run_since_charge: u64,
    /// A jump forward of the wall clock that isn't confirmed yet.
    jump: Option<Jump>,
}

/// How often and for how long a jump forward of the wall clock has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Jump {
    boots: u8,
    /// In seconds.
    running: u64,
}

/// An effective clock as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredClock {
    /// When the newest token was signed, plus the running time since it arrived.
    pub signed_floor: Seconds,
    /// The latest time that was stored.
    pub effective: Seconds,
    /// The boot of the last check, and its running time then, in seconds.
    pub seen: Option<([u8; 8], u64)>,
    /// Whether the time before this boot is accounted for.
    pub boot_accounted: bool,
    /// The running time since a boot was last charged, in seconds.
    pub run_since_charge: u64,
    /// In how many boots, and for how many seconds of running time, a jump forward has been seen.
    pub jump: Option<(u8, u64)>,
}

impl EffectiveClock {
    /// Creates a clock from its first reading.
    #[must_use]
    pub const fn new(reading: ClockReading) -> Self {
        Self {
            signed_floor: Timestamp::UNIX_EPOCH,
            effective: reading.wall,
            seen: reading.uptime,
            boot_accounted: true,
            run_since_charge: MIN_RUN_BETWEEN_CHARGES,
            jump: None,
        }
    }

    /// Returns the time that expiry is judged by.
    #[must_use]
    pub fn judging_time(&self, reading: ClockReading) -> JudgingTime {
        JudgingTime(self.observed(reading).effective.max(reading.wall))
    }

    /// Takes a reading into account, and returns the new effective time. Expiry isn't judged by it,
    /// but by [`EffectiveClock::judging_time`].
    pub fn observe(&mut self, reading: ClockReading) -> Timestamp {
        let (ran, another_boot) = self.count_running_time(reading.uptime);
        let lead = reading.wall.signed_duration_since(self.effective);
        if lead < -TOLERATED_LAG {
            self.jump = None;
            if !self.boot_accounted && self.run_since_charge >= MIN_RUN_BETWEEN_CHARGES {
                self.effective = later(self.effective, OFF_TIME_PER_BOOT);
                self.run_since_charge = 0;
            }
            self.boot_accounted = true;
        } else if lead <= CREDIBLE_JUMP
            || reading.uptime.is_none()
            || self.confirm_jump(ran, another_boot)
        {
            self.accept_wall_clock(reading.wall);
        }
        self.effective
    }

    fn observed(&self, reading: ClockReading) -> Self {
        let mut observed = *self;
        observed.observe(reading);
        observed
    }

    /// Applies a time that the vendor signed in a token that is newer than all before it: a refresh
    /// with a higher sequence number, or the response to a pending request. It replaces all that
    /// came from this computer's wall clock, and all times that were signed before: those can only
    /// be later because the vendor's clock was wrong. Then the wall clock is checked again.
    pub fn apply_signed_time(&mut self, signed: Timestamp, reading: ClockReading) -> Timestamp {
        self.count_running_time(reading.uptime);
        (self.signed_floor, self.effective) = (signed, signed);
        self.jump = None;
        // The token was signed after the computer was off.
        self.boot_accounted = true;
        self.observe(reading)
    }

    /// Counts the running time since the last check. Returns it in seconds, and whether the
    /// computer was restarted.
    fn count_running_time(&mut self, uptime: Option<Uptime>) -> (u64, bool) {
        let Some(uptime) = uptime else { return (0, false) };
        let (ran, another_boot) = match self.seen {
            None => (0, false),
            // If the counter is lower, this is a different boot with the same name: a copied
            // virtual machine.
            Some(seen) if seen.boot == uptime.boot && seen.running <= uptime.running => {
                (uptime.running - seen.running, false)
            }
            Some(_) => (uptime.running, true),
        };
        let ran = ran.min(LONGEST_RUN);
        let length = TimeDelta::seconds(ran.cast_signed());
        (self.signed_floor, self.effective) =
            (later(self.signed_floor, length), later(self.effective, length));
        self.seen = Some(uptime);
        self.boot_accounted &= !another_boot;
        self.run_since_charge =
            self.run_since_charge.saturating_add(ran).min(MIN_RUN_BETWEEN_CHARGES);
        (ran, another_boot)
    }

    /// Counts a check that has seen the jump, and returns whether the jump is confirmed.
    fn confirm_jump(&mut self, ran: u64, another_boot: bool) -> bool {
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
        self.boot_accounted = true;
        self.jump = None;
    }

    /// Compares the wall clock with the effective clock.
    #[must_use]
    pub fn state(&self, reading: ClockReading) -> ClockState {
        let observed = self.observed(reading);
        let lag = observed.effective.signed_duration_since(reading.wall);
        if observed.jump.is_some() {
            ClockState::Ahead { by: -lag }
        } else if lag > TOLERATED_LAG {
            ClockState::Behind { by: lag }
        } else {
            ClockState::Right
        }
    }

    /// Returns whether a reading adds enough to what is stored to be worth a write: it is later by
    /// more than `step`, the computer was restarted, or a jump of the wall clock has begun or
    /// ended.
    #[must_use]
    pub fn needs_persist(&self, reading: ClockReading, step: TimeDelta) -> bool {
        let observed = self.observed(reading);
        let restarted = match (self.seen, observed.seen) {
            (Some(before), Some(now)) => now.boot != before.boot || now.running < before.running,
            (before, now) => before.is_some() != now.is_some(),
        };
        observed.effective.signed_duration_since(self.effective) > step
            || restarted
            || observed.jump.is_some() != self.jump.is_some()
    }

    /// Returns the effective time: the latest that was accepted. Unconfirmed jumps forward aren't
    /// in it.
    #[must_use]
    pub const fn latest(&self) -> Timestamp {
        self.effective
    }

    /// Returns the clock in the form in which it is stored.
    #[must_use]
    pub fn to_stored(&self) -> StoredClock {
        StoredClock {
            signed_floor: to_seconds(self.signed_floor),
            effective: to_seconds(self.effective),
            seen: self.seen.map(|seen| (*seen.boot.as_bytes(), seen.running)),
            boot_accounted: self.boot_accounted,
            run_since_charge: self.run_since_charge,
            jump: self.jump.map(|jump| (jump.boots, jump.running)),
        }
    }

    /// Restores a stored clock. The effective time is never earlier than the signed floor.
    #[must_use]
    pub fn from_stored(stored: StoredClock) -> Self {
        let seen =
            stored.seen.map(|(boot, running)| Uptime { boot: BootId::from_bytes(boot), running });
        let signed_floor = from_seconds(stored.signed_floor);
        Self {
            signed_floor,
            effective: from_seconds(stored.effective).max(signed_floor),
            seen,
            boot_accounted: stored.boot_accounted,
            run_since_charge: stored.run_since_charge.min(MIN_RUN_BETWEEN_CHARGES),
            jump: stored.jump.map(|(boots, running)| Jump { boots, running }),
        }
    }
}
