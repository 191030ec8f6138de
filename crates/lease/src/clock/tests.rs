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
fn moment(wall: i64, number: u8, running: i64) -> Moment {
    let running = running.unsigned_abs();
    Moment { wall: at(wall), uptime: Some(Uptime { boot: boot(number), running }) }
}

#[test]
fn it_never_goes_back() {
    let mut clock = EffectiveClock::new(moment(10 * DAY, 1, 0));
    assert_eq!(clock.observe(moment(12 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.observe(moment(3 * DAY, 1, 10)), at(12 * DAY));
    assert_eq!(clock.now(moment(13 * DAY, 1, 10)), at(13 * DAY));
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
        ClockState::Ahead { by: SignedDuration::from_secs(40 * DAY - HOUR) }
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
    clock.cure(at(0), moment(0, 1, 0));
    clock.observe(moment(4_000 * DAY, 1, HOUR));
    clock.observe(moment(4_000 * DAY, 2, HOUR));
    assert_eq!(clock.latest(), at(4_000 * DAY));
    assert_eq!(clock.cure(at(2 * DAY), moment(2 * DAY, 2, 2 * HOUR)), at(2 * DAY));
}

#[test]
fn a_signed_time_that_was_held_back_turns_time_back_no_further_than_it_must() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.cure(at(50 * DAY), moment(50 * DAY, 1, 0));
    clock.observe(moment(60 * DAY, 1, 3 * DAY));
    // Signed on day 20: what stays is day 50, and the three days that the computer has been running since.
    assert_eq!(clock.cure(at(20 * DAY), moment(20 * DAY, 1, 3 * DAY)), at(53 * DAY));
}

#[test]
fn the_boot_in_which_a_signed_time_arrives_is_not_charged() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    assert_eq!(clock.cure(at(40 * DAY), moment(-9 * DAY, 2, HOUR)), at(40 * DAY));
    assert_eq!(clock.observe(moment(-9 * DAY, 2, 2 * HOUR)), at(40 * DAY + HOUR));
    assert_eq!(clock.observe(moment(-9 * DAY, 3, 0)), at(40 * DAY + 13 * HOUR));
}

#[test]
fn a_wall_clock_more_than_a_day_behind_is_noticed() {
    let clock = EffectiveClock::new(moment(10 * DAY, 1, 0));
    for (wall, expected) in [
        (9 * DAY, ClockState::Right),
        (11 * DAY, ClockState::Right),
        (8 * DAY, ClockState::Behind { by: SignedDuration::from_secs(2 * DAY) }),
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
    clock.cure(at(0), moment(0, 1, 0));
    clock.observe(moment(0, 1, 20_000 * DAY));
    assert_eq!(clock.latest(), at(30 * DAY));
}

#[test]
fn without_running_time_the_wall_clock_is_believed_and_nothing_is_charged() {
    let mut clock = EffectiveClock::new(Moment::of_wall(at(0)));
    assert_eq!(clock.observe(Moment::of_wall(at(400 * DAY))), at(400 * DAY));
    assert_eq!(clock.observe(Moment::of_wall(at(0))), at(400 * DAY));
    // Nor is anything lost when it can be read later, or not any more.
    assert_eq!(clock.observe(moment(0, 1, 9 * DAY)), at(400 * DAY));
    assert_eq!(clock.observe(Moment::of_wall(at(800 * DAY))), at(800 * DAY));
}

#[test]
fn a_look_is_worth_a_write_when_it_is_later_another_boot_or_a_jump() {
    let step = SignedDuration::from_hours(1);
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    for (look, expected) in [
        (moment(HOUR, 1, HOUR), false),
        (moment(HOUR + 1, 1, HOUR), true),
        (moment(60, 2, 10), true),
        (moment(400 * DAY, 1, 0), true),
        (moment(-400 * DAY, 1, HOUR), false),
        (moment(-400 * DAY, 1, HOUR + 1), true),
    ] {
        assert_eq!(clock.is_news(look, step), expected, "{look:?}");
    }
    clock.observe(moment(400 * DAY, 1, 0));
    assert!(!clock.is_news(moment(400 * DAY, 1, 0), step));
}

#[test]
fn it_comes_back_from_its_parts() {
    let mut clock = EffectiveClock::new(moment(0, 1, 0));
    clock.cure(at(4), moment(0, 1, 0));
    clock.observe(moment(400 * DAY, 7, HOUR));
    assert_eq!(EffectiveClock::from_parts(clock.to_parts()), clock);
    // Below the floor it can't be, whatever was stored.
    let parts =
        ClockParts { floor: 5_000, uncharged: u64::MAX, effective: 0, ..ClockParts::default() };
    assert_eq!(EffectiveClock::from_parts(parts).latest(), from_seconds(5_000));
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
            prop_assert!(now >= later(before, SignedDuration::from_secs(ran)));
            prop_assert_eq!(now, clock.latest());
        }
    }

    /// A vendor-signed time always cures: afterwards it is the signed time, the floor, or a wall clock
    /// that is credible from there.
    #[test]
    fn after_a_cure_nothing_of_an_older_wall_clock_is_left(
        walls in proptest::collection::vec(-900 * DAY..900 * DAY, 1..20),
        signed in -100 * DAY..100 * DAY,
    ) {
        let mut clock = EffectiveClock::new(moment(0, 1, 0));
        for (number, wall) in (1..).zip(walls) {
            clock.observe(moment(wall, number, 0));
        }
        let floor = at(signed).max(Timestamp::UNIX_EPOCH);
        prop_assert_eq!(clock.cure(at(signed), moment(signed, 99, 0)), floor);
    }
}
