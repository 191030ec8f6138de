//! Tests of the effective clock: changed wall clocks, restarts and signed times.

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    from_seconds(1_800_000_000 + seconds)
}

fn boot(number: u8) -> BootId {
    BootId::from_bytes([number; 8])
}

/// Returns a reading: the wall clock in seconds, the number of the boot, and its running time in
/// seconds.
fn reading(wall: i64, number: u8, running: i64) -> ClockReading {
    let running = running.unsigned_abs();
    ClockReading { wall: at(wall), uptime: Some(Uptime { boot: boot(number), running }) }
}

#[test]
fn the_effective_clock_never_goes_back() {
    let mut clock = EffectiveClock::new(reading(10 * DAY, 1, 0));
    assert_eq!(clock.observe(reading(12 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.observe(reading(3 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.observed(reading(13 * DAY, 1, 10)).latest(), at(13 * DAY));
    assert_eq!(clock.latest(), at(12 * DAY));
}

#[test]
fn expiry_is_judged_by_the_later_of_the_stored_time_and_the_wall_clock() {
    let clock = EffectiveClock::new(reading(10 * DAY, 1, 0));
    for (wall, running, expected) in [
        (10 * DAY, 0, 10 * DAY),
        // A clock that was set back.
        (-400 * DAY, HOUR, 10 * DAY + HOUR),
        // A clock that is ahead, by any amount and in any number of checks.
        (41 * DAY, HOUR, 41 * DAY),
        (4_000 * DAY, HOUR, 4_000 * DAY),
        (4_000 * DAY, HOUR, 4_000 * DAY),
        // A clock that is right again.
        (11 * DAY, DAY, 11 * DAY),
    ] {
        let judged = clock.judging_time(reading(wall, 1, running)).timestamp();
        assert_eq!(judged, at(expected), "{wall} {running}");
    }
}

#[test]
fn a_wall_clock_that_is_far_ahead_is_judged_by_but_not_stored() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.observe(reading(4_000 * DAY, 1, HOUR));
    assert_eq!(clock.judging_time(reading(4_000 * DAY, 1, HOUR)).timestamp(), at(4_000 * DAY));
    assert_eq!(clock.judging_time(reading(HOUR, 1, HOUR)).timestamp(), at(HOUR));
}

#[test]
fn running_time_counts_while_the_wall_clock_is_behind() {
    let mut clock = EffectiveClock::new(reading(0, 1, 100));
    clock.observe(reading(-5 * DAY, 1, 100 + HOUR));
    assert_eq!(clock.latest(), at(HOUR));
    clock.observe(reading(-5 * DAY, 1, 100 + 9 * HOUR));
    assert_eq!(clock.latest(), at(9 * HOUR));
}

#[test]
fn a_boot_in_which_the_clock_is_always_far_behind_is_charged_once() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    for (number, running, expected) in
        [(2, HOUR, 13), (2, 7 * HOUR, 19), (3, 0, 31), (3, 7 * HOUR, 38), (4, HOUR, 51)]
    {
        assert_eq!(clock.observe(reading(-9 * DAY, number, running)), at(expected * HOUR));
    }
}

#[test]
fn several_boots_within_six_hours_of_running_time_are_charged_once() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    for (number, running, expected) in
        [(2, HOUR, 13), (3, 0, 13), (3, 2 * HOUR, 15), (4, 3 * HOUR, 18), (5, 0, 18), (6, HOUR, 31)]
    {
        assert_eq!(clock.observe(reading(-9 * DAY, number, running)), at(expected * HOUR));
    }
}

#[test]
fn a_boot_with_a_plausible_clock_is_not_charged() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.observe(reading(DAY, 2, HOUR));
    assert_eq!(clock.observe(reading(-9 * DAY, 2, 2 * HOUR)), at(DAY + HOUR));
    // A lag of exactly a day is tolerated.
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.observe(reading(-DAY, 2, 0)), at(0));
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.observe(reading(-DAY - 1, 2, 0)), at(12 * HOUR));
}

#[test]
fn an_unconfirmed_jump_does_not_account_for_a_boot() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.observe(reading(400 * DAY, 2, 0));
    assert_eq!(clock.observe(reading(-9 * DAY, 2, 0)), at(12 * HOUR));
}

#[test]
fn a_jump_of_thirty_days_is_stored_at_once_and_a_longer_one_is_not() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.observe(reading(30 * DAY, 1, 0)), at(30 * DAY));
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.observe(reading(30 * DAY + 1, 1, 0)), at(0));
    assert_eq!(
        clock.state(reading(40 * DAY, 1, HOUR)),
        ClockState::Ahead { by: TimeDelta::seconds(40 * DAY - HOUR) }
    );
}

#[test]
fn a_jump_is_stored_in_the_second_boot_that_sees_it() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.observe(reading(400 * DAY, 1, HOUR)), at(HOUR));
    assert_eq!(clock.observe(reading(400 * DAY, 2, HOUR)), at(400 * DAY));
}

#[test]
fn a_jump_is_stored_after_seven_days_of_running_time() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    for hours in 0..=7 * 24 {
        let now = clock.observe(reading(400 * DAY + hours * HOUR, 1, hours * HOUR));
        let expected = if hours < 7 * 24 { hours * HOUR } else { 400 * DAY + hours * HOUR };
        assert_eq!(now, at(expected), "{hours}");
    }
}

#[test]
fn a_jump_that_was_corrected_is_forgotten() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.observe(reading(400 * DAY, 1, HOUR));
    assert_eq!(clock.observe(reading(3 * HOUR, 1, 3 * HOUR)), at(3 * HOUR));
    assert_eq!(clock.state(reading(3 * HOUR, 1, 3 * HOUR)), ClockState::Right);
    // The next jump is counted from the beginning.
    assert_eq!(clock.observe(reading(500 * DAY, 2, 0)), at(3 * HOUR));
}

#[test]
fn a_signed_time_corrects_a_clock_that_was_in_the_future() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.apply_signed_time(at(0), reading(0, 1, 0));
    clock.observe(reading(4_000 * DAY, 1, HOUR));
    clock.observe(reading(4_000 * DAY, 2, HOUR));
    assert_eq!(clock.latest(), at(4_000 * DAY));
    assert_eq!(clock.apply_signed_time(at(2 * DAY), reading(2 * DAY, 2, 2 * HOUR)), at(2 * DAY));
}

#[test]
fn the_newest_signed_time_counts_even_if_an_older_one_was_later() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    // The vendor's clock was 400 days ahead.
    assert_eq!(clock.apply_signed_time(at(400 * DAY), reading(0, 1, 0)), at(400 * DAY));
    assert_eq!(clock.observe(reading(DAY, 1, DAY)), at(401 * DAY));
    assert_eq!(clock.apply_signed_time(at(2 * DAY), reading(2 * DAY, 1, 2 * DAY)), at(2 * DAY));
    // Only the running time after it counts.
    assert_eq!(clock.observe(reading(-9 * DAY, 1, 2 * DAY + HOUR)), at(2 * DAY + HOUR));
    assert_eq!(clock.to_stored().signed_floor, to_seconds(at(2 * DAY + HOUR)));
}

#[test]
fn a_signed_time_that_arrives_late_is_combined_with_the_present_wall_clock() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.apply_signed_time(at(0), reading(0, 1, 0));
    clock.observe(reading(25 * DAY, 1, 25 * DAY));
    // The token was signed on day 1, and the wall clock shows that this was long ago.
    assert_eq!(clock.apply_signed_time(at(DAY), reading(28 * DAY, 1, 28 * DAY)), at(28 * DAY));
    // So does a wall clock that is too far ahead to be stored at once.
    clock.apply_signed_time(at(DAY), reading(90 * DAY, 1, 90 * DAY));
    let judged = clock.judging_time(reading(90 * DAY, 1, 90 * DAY));
    assert_eq!((clock.latest(), judged.timestamp()), (at(DAY), at(90 * DAY)));
}

#[test]
fn the_boot_in_which_a_signed_time_arrives_is_not_charged() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    assert_eq!(clock.apply_signed_time(at(40 * DAY), reading(-9 * DAY, 2, HOUR)), at(40 * DAY));
    assert_eq!(clock.observe(reading(-9 * DAY, 2, 2 * HOUR)), at(40 * DAY + HOUR));
    assert_eq!(clock.observe(reading(-9 * DAY, 3, 0)), at(40 * DAY + 13 * HOUR));
}

#[test]
fn a_wall_clock_that_is_more_than_a_day_behind_is_reported() {
    let clock = EffectiveClock::new(reading(10 * DAY, 1, 0));
    for (wall, expected) in [
        (9 * DAY, ClockState::Right),
        (11 * DAY, ClockState::Right),
        (8 * DAY, ClockState::Behind { by: TimeDelta::seconds(2 * DAY) }),
    ] {
        assert_eq!(clock.state(reading(wall, 1, 0)), expected);
    }
}

#[test]
fn a_lower_uptime_counter_means_another_boot() {
    let mut clock = EffectiveClock::new(reading(0, 1, 5 * DAY));
    assert_eq!(clock.observe(reading(-9 * DAY, 1, HOUR)), at(13 * HOUR));
}

#[test]
fn a_broken_uptime_counter_does_no_lasting_harm() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.apply_signed_time(at(0), reading(0, 1, 0));
    clock.observe(reading(0, 1, 20_000 * DAY));
    assert_eq!(clock.latest(), at(30 * DAY));
}

#[test]
fn without_running_time_the_wall_clock_is_accepted_and_nothing_is_charged() {
    let mut clock = EffectiveClock::new(ClockReading::from_wall(at(0)));
    assert_eq!(clock.observe(ClockReading::from_wall(at(400 * DAY))), at(400 * DAY));
    assert_eq!(clock.observe(ClockReading::from_wall(at(0))), at(400 * DAY));
    // Nothing is lost if the running time can be read later, or can't be read any more.
    assert_eq!(clock.observe(reading(0, 1, 9 * DAY)), at(400 * DAY));
    assert_eq!(clock.observe(ClockReading::from_wall(at(800 * DAY))), at(800 * DAY));
}

#[test]
fn a_reading_is_stored_if_it_is_later_from_another_boot_or_a_jump() {
    let step = TimeDelta::hours(1);
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    for (reading, expected) in [
        (reading(HOUR, 1, HOUR), false),
        (reading(HOUR + 1, 1, HOUR), true),
        (reading(60, 2, 10), true),
        (reading(400 * DAY, 1, 0), true),
        (reading(-400 * DAY, 1, HOUR), false),
        (reading(-400 * DAY, 1, HOUR + 1), true),
    ] {
        assert_eq!(clock.needs_persist(reading, step), expected, "{reading:?}");
    }
    clock.observe(reading(400 * DAY, 1, 0));
    assert!(!clock.needs_persist(reading(400 * DAY, 1, 0), step));
}

#[test]
fn a_stored_clock_is_restored_as_it_was() {
    let mut clock = EffectiveClock::new(reading(0, 1, 0));
    clock.apply_signed_time(at(4), reading(0, 1, 0));
    clock.observe(reading(400 * DAY, 7, HOUR));
    assert_eq!(EffectiveClock::from_stored(clock.to_stored()), clock);
    // The effective time is never below the signed floor, whatever was stored.
    let stored = StoredClock {
        signed_floor: 5_000,
        run_since_charge: u64::MAX,
        effective: 0,
        ..StoredClock::default()
    };
    assert_eq!(EffectiveClock::from_stored(stored).latest(), from_seconds(5_000));
}

proptest! {
    /// Whatever the wall clock shows, the effective time goes forward by at least the running time.
    #[test]
    fn setting_the_wall_clock_never_slows_or_reverses_time(
        readings in proptest::collection::vec(
            (-900 * DAY..900 * DAY, any::<bool>(), 0..3 * DAY), 1..40,
        ),
    ) {
        let mut clock = EffectiveClock::new(reading(0, 1, 0));
        let (mut number, mut running) = (1, 0);
        for (wall, restarted, ran) in readings {
            let before = clock.latest();
            if restarted {
                (number, running) = (number + 1, 0);
            }
            running += ran;
            let now = clock.observe(reading(wall, number, running));
            prop_assert!(now >= later(before, TimeDelta::seconds(ran)));
            prop_assert_eq!(now, clock.latest());
        }
    }

    /// A time that the vendor signed corrects every earlier error.
    #[test]
    fn a_signed_time_replaces_all_earlier_wall_clocks_and_signed_times(
        before in proptest::collection::vec((-900 * DAY..900 * DAY, any::<bool>()), 1..20),
        signed in -100 * DAY..100 * DAY,
    ) {
        let mut clock = EffectiveClock::new(reading(0, 1, 0));
        for (number, (time, is_signed)) in (1..).zip(before) {
            if is_signed {
                clock.apply_signed_time(at(time), reading(time, number, 0));
            } else {
                clock.observe(reading(time, number, 0));
            }
        }
        prop_assert_eq!(clock.apply_signed_time(at(signed), reading(signed, 99, 0)), at(signed));
    }

    /// Whatever is stored, a lease has expired if the wall clock shows so.
    #[test]
    fn the_judging_time_is_never_earlier_than_the_wall_clock(
        readings in proptest::collection::vec((-900 * DAY..900 * DAY, 1..4_u8), 0..20),
        wall in -900 * DAY..9_000 * DAY,
        boot in 1..5_u8,
    ) {
        let mut clock = EffectiveClock::new(reading(0, 1, 0));
        for (wall, number) in readings {
            clock.observe(reading(wall, number, 0));
        }
        let judged = clock.judging_time(reading(wall, boot, HOUR)).timestamp();
        prop_assert_eq!(judged, clock.observed(reading(wall, boot, HOUR)).latest().max(at(wall)));
        prop_assert!(judged >= at(wall));
    }
}
