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

/// The wall clock, the boot, and how long it has been running.
fn moment(wall: i64, number: u8, running: i64) -> ClockReading {
    let running = running.unsigned_abs();
    ClockReading { wall: at(wall), uptime: Some(Uptime { boot: boot(number), running }) }
}

#[test]
fn it_never_goes_back() {
    let mut clock = EffectiveClock::new(moment(10 * DAY, 1, 0));
    assert_eq!(clock.observe(moment(12 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.observe(moment(3 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.observed(moment(13 * DAY, 1, 10)).latest(), at(13 * DAY));
    assert_eq!(clock.latest(), at(12 * DAY));
}

#[test]
fn expiry_is_judged_by_the_later_of_what_is_remembered_and_the_wall_clock() {
    let clock = EffectiveClock::new(moment(10 * DAY, 1, 0));
    for (wall, running, expected) in [
        (10 * DAY, 0, 10 * DAY),
        // A clock that was set back.
        (-400 * DAY, HOUR, 10 * DAY + HOUR),
        // However far ahead it is, and however often it is asked.
        (41 * DAY, HOUR, 41 * DAY),
        (4_000 * DAY, HOUR, 4_000 * DAY),
        (4_000 * DAY, HOUR, 4_000 * DAY),
        // Right again.
        (11 * DAY, DAY, 11 * DAY),
    ] {
        let judged = clock.judging_time(moment(wall, 1, running)).timestamp();
        assert_eq!(judged, at(expected), "{wall} {running}");
    }
}

#[test]
fn a_wall_clock_far_ahead_is_judged_by_and_not_remembered() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.observe(moment(4_000 * DAY, 1, HOUR));
    assert_eq!(clock.judging_time(moment(4_000 * DAY, 1, HOUR)).timestamp(), at(4_000 * DAY));
    assert_eq!(clock.judging_time(moment(HOUR, 1, HOUR)).timestamp(), at(HOUR));
}

#[test]
fn while_the_wall_clock_is_behind_running_time_counts() {
    let mut clock = EffectiveClock::new(moment(0, 1, 100));
    clock.observe(moment(-5 * DAY, 1, 100 + HOUR));
    assert_eq!(clock.latest(), at(HOUR));
    clock.observe(moment(-5 * DAY, 1, 100 + 9 * HOUR));
    assert_eq!(clock.latest(), at(9 * HOUR));
}

#[test]
fn a_boot_that_only_sees_a_clock_far_behind_is_charged_once() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    for (number, running, expected) in
        [(2, HOUR, 13), (2, 7 * HOUR, 19), (3, 0, 31), (3, 7 * HOUR, 38), (4, HOUR, 51)]
    {
        assert_eq!(clock.observe(moment(-9 * DAY, number, running)), at(expected * HOUR));
    }
}

#[test]
fn several_boots_within_six_hours_of_running_are_charged_once() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    for (number, running, expected) in
        [(2, HOUR, 13), (3, 0, 13), (3, 2 * HOUR, 15), (4, 3 * HOUR, 18), (5, 0, 18), (6, HOUR, 31)]
    {
        assert_eq!(clock.observe(moment(-9 * DAY, number, running)), at(expected * HOUR));
    }
}

#[test]
fn a_boot_that_has_seen_a_clock_that_can_be_right_is_not_charged() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.observe(moment(DAY, 2, HOUR));
    assert_eq!(clock.observe(moment(-9 * DAY, 2, 2 * HOUR)), at(DAY + HOUR));
    // A day behind is tolerated, to the second.
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.observe(moment(-DAY, 2, 0)), at(0));
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.observe(moment(-DAY - 1, 2, 0)), at(12 * HOUR));
}

#[test]
fn a_jump_that_nobody_believed_does_not_pay_for_a_boot() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.observe(moment(400 * DAY, 2, 0));
    assert_eq!(clock.observe(moment(-9 * DAY, 2, 0)), at(12 * HOUR));
}

#[test]
fn a_jump_of_thirty_days_is_believed_and_a_longer_one_waits() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.observe(moment(30 * DAY, 1, 0)), at(30 * DAY));
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.observe(moment(30 * DAY + 1, 1, 0)), at(0));
    assert_eq!(
        clock.state(moment(40 * DAY, 1, HOUR)),
        ClockState::Ahead { by: TimeDelta::seconds(40 * DAY - HOUR) }
    );
}

#[test]
fn a_jump_is_believed_in_the_second_boot_that_sees_it() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.observe(moment(400 * DAY, 1, HOUR)), at(HOUR));
    assert_eq!(clock.observe(moment(400 * DAY, 2, HOUR)), at(400 * DAY));
}

#[test]
fn a_jump_is_believed_after_seven_days_of_running() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    for hours in 0..=7 * 24 {
        let now = clock.observe(moment(400 * DAY + hours * HOUR, 1, hours * HOUR));
        let expected = if hours < 7 * 24 { hours * HOUR } else { 400 * DAY + hours * HOUR };
        assert_eq!(now, at(expected), "{hours}");
    }
}

#[test]
fn a_jump_that_was_taken_back_is_forgotten() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.observe(moment(400 * DAY, 1, HOUR));
    assert_eq!(clock.observe(moment(3 * HOUR, 1, 3 * HOUR)), at(3 * HOUR));
    assert_eq!(clock.state(moment(3 * HOUR, 1, 3 * HOUR)), ClockState::Right);
    // Another one begins from the start.
    assert_eq!(clock.observe(moment(500 * DAY, 2, 0)), at(3 * HOUR));
}

#[test]
fn a_signed_time_cures_an_excursion_into_the_future() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.apply_signed_time(at(0), moment(0, 1, 0));
    clock.observe(moment(4_000 * DAY, 1, HOUR));
    clock.observe(moment(4_000 * DAY, 2, HOUR));
    assert_eq!(clock.latest(), at(4_000 * DAY));
    assert_eq!(clock.apply_signed_time(at(2 * DAY), moment(2 * DAY, 2, 2 * HOUR)), at(2 * DAY));
}

#[test]
fn the_newest_signed_time_counts_also_when_an_older_one_was_later() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    // The vendor's clock was 400 days ahead.
    assert_eq!(clock.apply_signed_time(at(400 * DAY), moment(0, 1, 0)), at(400 * DAY));
    assert_eq!(clock.observe(moment(DAY, 1, DAY)), at(401 * DAY));
    assert_eq!(clock.apply_signed_time(at(2 * DAY), moment(2 * DAY, 1, 2 * DAY)), at(2 * DAY));
    // From there on running time counts, and nothing of what ran before.
    assert_eq!(clock.observe(moment(-9 * DAY, 1, 2 * DAY + HOUR)), at(2 * DAY + HOUR));
    assert_eq!(clock.to_stored().floor, to_seconds(at(2 * DAY + HOUR)));
}

#[test]
fn a_signed_time_that_was_held_back_counts_with_the_wall_clock_as_it_is_now() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.apply_signed_time(at(0), moment(0, 1, 0));
    clock.observe(moment(25 * DAY, 1, 25 * DAY));
    // Signed on day 1: the wall clock says that this was long ago.
    assert_eq!(clock.apply_signed_time(at(DAY), moment(28 * DAY, 1, 28 * DAY)), at(28 * DAY));
    // So does one that is further ahead than is remembered at once.
    clock.apply_signed_time(at(DAY), moment(90 * DAY, 1, 90 * DAY));
    let judged = clock.judging_time(moment(90 * DAY, 1, 90 * DAY));
    assert_eq!((clock.latest(), judged.timestamp()), (at(DAY), at(90 * DAY)));
}

#[test]
fn the_boot_in_which_a_signed_time_arrives_is_not_charged() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.apply_signed_time(at(40 * DAY), moment(-9 * DAY, 2, HOUR)), at(40 * DAY));
    assert_eq!(clock.observe(moment(-9 * DAY, 2, 2 * HOUR)), at(40 * DAY + HOUR));
    assert_eq!(clock.observe(moment(-9 * DAY, 3, 0)), at(40 * DAY + 13 * HOUR));
}

#[test]
fn a_wall_clock_more_than_a_day_behind_is_noticed() {
    let clock = EffectiveClock::new(moment(10 * DAY, 1, 0));
    for (wall, expected) in [
        (9 * DAY, ClockState::Right),
        (11 * DAY, ClockState::Right),
        (8 * DAY, ClockState::Behind { by: TimeDelta::seconds(2 * DAY) }),
    ] {
        assert_eq!(clock.state(moment(wall, 1, 0)), expected);
    }
}

#[test]
fn a_counter_that_has_fallen_is_another_boot_s() {
    let mut clock = EffectiveClock::new(moment(0, 1, 5 * DAY));
    assert_eq!(clock.observe(moment(-9 * DAY, 1, HOUR)), at(13 * HOUR));
}

#[test]
fn a_broken_counter_does_no_lasting_harm() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.apply_signed_time(at(0), moment(0, 1, 0));
    clock.observe(moment(0, 1, 20_000 * DAY));
    assert_eq!(clock.latest(), at(30 * DAY));
}

#[test]
fn without_running_time_the_wall_clock_is_believed_and_nothing_is_charged() {
    let mut clock = EffectiveClock::new(ClockReading::from_wall(at(0)));
    assert_eq!(clock.observe(ClockReading::from_wall(at(400 * DAY))), at(400 * DAY));
    assert_eq!(clock.observe(ClockReading::from_wall(at(0))), at(400 * DAY));
    // Nor is anything lost when it can be read later, or not any more.
    assert_eq!(clock.observe(moment(0, 1, 9 * DAY)), at(400 * DAY));
    assert_eq!(clock.observe(ClockReading::from_wall(at(800 * DAY))), at(800 * DAY));
}

#[test]
fn a_look_is_worth_a_write_when_it_is_later_another_boot_or_a_jump() {
    let step = TimeDelta::hours(1);
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    for (look, expected) in [
        (moment(HOUR, 1, HOUR), false),
        (moment(HOUR + 1, 1, HOUR), true),
        (moment(60, 2, 10), true),
        (moment(400 * DAY, 1, 0), true),
        (moment(-400 * DAY, 1, HOUR), false),
        (moment(-400 * DAY, 1, HOUR + 1), true),
    ] {
        assert_eq!(clock.needs_persist(look, step), expected, "{look:?}");
    }
    clock.observe(moment(400 * DAY, 1, 0));
    assert!(!clock.needs_persist(moment(400 * DAY, 1, 0), step));
}

#[test]
fn it_comes_back_from_its_parts() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.apply_signed_time(at(4), moment(0, 1, 0));
    clock.observe(moment(400 * DAY, 7, HOUR));
    assert_eq!(EffectiveClock::from_stored(clock.to_stored()), clock);
    // Below the floor it can't be, whatever was stored.
    let parts =
        StoredClock { floor: 5_000, uncharged: u64::MAX, effective: 0, ..StoredClock::default() };
    assert_eq!(EffectiveClock::from_stored(parts).latest(), from_seconds(5_000));
}

proptest! {
    /// Whatever the wall clock shows, time goes forward, and never slower than the computer runs.
    #[test]
    fn nobody_who_sets_the_wall_clock_turns_time_back_or_makes_it_slower_than_running(
        looks in proptest::collection::vec((-900 * DAY..900 * DAY, any::<bool>(), 0..3 * DAY), 1..40),
    ) {
        let mut clock = EffectiveClock::new(moment(0, 1, 0));
        let (mut number, mut running) = (1, 0);
        for (wall, restarted, ran) in looks {
            let before = clock.latest();
            if restarted {
                (number, running) = (number + 1, 0);
            }
            running += ran;
            let now = clock.observe(moment(wall, number, running));
            prop_assert!(now >= later(before, TimeDelta::seconds(ran)));
            prop_assert_eq!(now, clock.latest());
        }
    }

    /// A vendor-signed time always cures.
    #[test]
    fn after_a_cure_nothing_of_an_older_wall_clock_or_an_older_signed_time_is_left(
        before in proptest::collection::vec((-900 * DAY..900 * DAY, any::<bool>()), 1..20),
        signed in -100 * DAY..100 * DAY,
    ) {
        let mut clock = EffectiveClock::new(moment(0, 1, 0));
        for (number, (time, is_signed)) in (1..).zip(before) {
            if is_signed {
                clock.apply_signed_time(at(time), moment(time, number, 0));
            } else {
                clock.observe(moment(time, number, 0));
            }
        }
        prop_assert_eq!(clock.apply_signed_time(at(signed), moment(signed, 99, 0)), at(signed));
    }

    /// Whatever is remembered, a lease is over when the wall clock says so.
    #[test]
    fn no_memory_makes_the_judging_time_earlier_than_the_wall_clock(
        looks in proptest::collection::vec((-900 * DAY..900 * DAY, 1..4_u8), 0..20),
        wall in -900 * DAY..9_000 * DAY,
        boot in 1..5_u8,
    ) {
        let mut clock = EffectiveClock::new(moment(0, 1, 0));
        for (wall, number) in looks {
            clock.observe(moment(wall, number, 0));
        }
        let judged = clock.judging_time(moment(wall, boot, HOUR)).timestamp();
        prop_assert_eq!(judged, clock.observed(moment(wall, boot, HOUR)).latest().max(at(wall)));
        prop_assert!(judged >= at(wall));
    }
}
