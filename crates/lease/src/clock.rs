//! The effective clock in its basic form: it never goes back, and never below a time that the vendor
//! signed. Expiry is judged by it, and nobody is accused by it.

use jiff::{SignedDuration, Timestamp};
use latchkey_token::Seconds;

use crate::{from_seconds, to_seconds};

/// How far the wall clock may lag behind before a person is told.
const TOLERATED_LAG: SignedDuration = SignedDuration::from_hours(24);

/// A clock that a wall clock can push forward and nobody can turn back, except the vendor: a refresh is the
/// cure for an excursion into the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveClock {
    /// The latest time that the vendor signed.
    floor: Timestamp,
    /// The latest time that was believed.
    effective: Timestamp,
}

impl EffectiveClock {
    /// A clock that has only seen the wall clock.
    #[must_use]
    pub const fn new(wall: Timestamp) -> Self {
        Self { floor: Timestamp::UNIX_EPOCH, effective: wall }
    }

    /// What time it is, with the wall clock's opinion.
    #[must_use]
    pub fn now(&self, wall: Timestamp) -> Timestamp {
        self.floor.max(self.effective).max(wall)
    }

    /// The same, and remembers it.
    pub fn observe(&mut self, wall: Timestamp) -> Timestamp {
        self.effective = self.now(wall);
        self.effective
    }

    /// Takes note of a time that the vendor signed.
    pub fn believe_signed(&mut self, signed: Timestamp) {
        self.floor = self.floor.max(signed);
        self.effective = self.effective.max(self.floor);
    }

    /// A refresh was applied: everything that came from the wall clock is dropped. A hoarded old refresh
    /// turns time back no further than to the latest time that the vendor signed.
    pub fn cure(&mut self, issued_at: Timestamp) {
        self.floor = self.floor.max(issued_at);
        self.effective = self.floor;
    }

    /// Whether the wall clock lags so far behind that a person should be told.
    #[must_use]
    pub fn is_behind(&self, wall: Timestamp) -> bool {
        self.now(wall).duration_since(wall) > TOLERATED_LAG
    }

    /// The latest remembered time.
    #[must_use]
    pub const fn latest(&self) -> Timestamp {
        self.effective
    }

    /// Floor and effective time, to store.
    #[must_use]
    pub fn to_parts(&self) -> (Seconds, Seconds) {
        (to_seconds(self.floor), to_seconds(self.effective))
    }

    /// What was stored.
    #[must_use]
    pub fn from_parts((floor, effective): (Seconds, Seconds)) -> Self {
        Self { floor: from_seconds(floor), effective: from_seconds(effective) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        from_seconds(1_800_000_000 + day * 86_400)
    }

    #[test]
    fn it_never_goes_back() {
        let mut clock = EffectiveClock::new(day(10));
        assert_eq!(clock.observe(day(12)), day(12));
        assert_eq!(clock.observe(day(3)), day(12));
        assert_eq!(clock.now(day(13)), day(13));
    }

    #[test]
    fn it_never_runs_before_a_time_that_the_vendor_signed() {
        let mut clock = EffectiveClock::new(day(1));
        clock.believe_signed(day(5));
        assert_eq!(clock.now(day(1)), day(5));
    }

    #[test]
    fn a_refresh_cures_an_excursion_into_the_future() {
        let mut clock = EffectiveClock::new(day(1));
        clock.believe_signed(day(1));
        clock.observe(day(4_000));
        clock.cure(day(2));
        assert_eq!(clock.observe(day(2)), day(2));
    }

    #[test]
    fn a_hoarded_refresh_does_not_turn_time_back_below_what_was_signed_later() {
        let mut clock = EffectiveClock::new(day(1));
        clock.believe_signed(day(50));
        clock.observe(day(60));
        clock.cure(day(20));
        assert_eq!(clock.now(day(20)), day(50));
    }

    #[test]
    fn a_wall_clock_more_than_a_day_behind_is_noticed() {
        let mut clock = EffectiveClock::new(day(10));
        clock.observe(day(10));
        assert!(!clock.is_behind(day(9)));
        assert!(clock.is_behind(day(8)));
        assert!(!clock.is_behind(day(11)));
    }

    #[test]
    fn it_comes_back_from_its_parts() {
        let mut clock = EffectiveClock::new(day(10));
        clock.believe_signed(day(4));
        assert_eq!(EffectiveClock::from_parts(clock.to_parts()), clock);
    }
}
