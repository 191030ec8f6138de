//! Tests of how changed hardware is judged: which changes pass, and which start a grace period.

use latchkey_token::VendorId;

use super::*;
use crate::{ClockReading, EffectiveClock};

/// Returns the traits of a computer. Each letter is the value of the trait at that position in
/// [`HardwareTrait::ALL`]; `-` is a trait that can't be read.
fn computer(letters: &str) -> HardwareTraits {
    let mut traits = HardwareTraits::default();
    assert_eq!(letters.len(), HardwareTrait::ALL.len());
    for (which, letter) in HardwareTrait::ALL.into_iter().zip(letters.chars()) {
        if letter != '-' {
            traits.set(which, VendorId::from_bytes([1; 8]), 1, &letter.to_string());
        }
    }
    traits
}

#[test]
fn realistic_changes_are_judged_as_people_expect() {
    use HardwareMatch::{Changed, Different, Same, Unknown};
    // The letters are: installation, system UUID, board, disk, volume, network, processor.
    for (what, before, now, expected) in [
        ("nothing", "aaaaaaa", "aaaaaaa", Same(13)),
        ("a kernel update", "aaaaaaa", "aaaaaaa", Same(13)),
        ("a new network card", "aaaaaaa", "aaaaaba", Same(12)),
        ("a docking station with a network card, at home", "aaaaa-a", "aaaaaba", Same(12)),
        ("the docking station left at home", "aaaaaaa", "aaaaa-a", Same(12)),
        ("a new system disk, cloned from the old one", "aaaaaaa", "aaabaaa", Same(11)),
        ("a new system disk, reinstalled", "aaaaaaa", "baabbaa", Same(7)),
        ("reinstalled on the same disk", "aaaaaaa", "baaabaa", Same(9)),
        ("a new processor", "aaaaaaa", "aaaaaab", Same(12)),
        ("a new board with all that is on it", "aaaaaaa", "abbaaba", Same(7)),
        ("a new board and a new disk, cloned", "aaaaaaa", "abbbaba", Changed),
        ("the disk in another computer", "aaaaaaa", "abbaabb", Changed),
        ("another computer", "aaaaaaa", "bbbbbbb", Different),
        ("a firmware update that loses the UUID", "aaaaaaa", "a-aaaaa", Same(10)),
        ("a root process and then a user's", "aaaaaaa", "a--aaaa", Same(8)),
        ("a user's process and then root's", "a--aaaa", "aaaaaaa", Same(8)),
        ("a new disk, seen by a user", "aaaaaaa", "b--bbaa", Different),
        ("a copy of a virtual machine that got new ids", "aa-aaaa", "ab-aaba", Same(7)),
        ("a copy of a virtual machine, reinstalled", "aa-aaaa", "bb-aaba", Changed),
        ("one of two strong ones", "a--a--a", "b--a--a", Changed),
        ("a new disk, seen by a user, cloned", "a--aaaa", "a--baaa", Changed),
        ("exactly half of what counts", "aa-aaaa", "aa-bbbb", Same(6)),
        ("less than half of what counts", "aaaaaaa", "baabbbb", Changed),
        ("an image on other hardware", "a--aaaa", "a--bbba", Changed),
        ("an image on other hardware, seen by root", "aaaaaaa", "abbbbba", Changed),
        ("a container that was restarted", "a----aa", "a----ba", Same(4)),
        ("a container of another image", "a----aa", "b----ba", Different),
        ("a container without an installation's id", "-----aa", "-----ba", Unknown),
        ("nothing readable any more", "aaaaaaa", "-------", Unknown),
        ("strong ones differ, weak ones agree", "---aaaa", "---baaa", Different),
        ("weak ones alone differ", "----a-a", "----b-b", Unknown),
    ] {
        let (before, now) = (computer(before), computer(now));
        assert_eq!(compare(&before, &now), expected, "{what}");
        assert_eq!(compare(&now, &before), expected, "{what}, the other way round");
    }
}

#[test]
fn changed_traits_are_listed_and_unreadable_ones_do_not_count_as_changed() {
    let changed = |before, now| changed(&computer(before), &computer(now));
    assert_eq!(changed("aaaaaaa", "a--aaaa"), []);
    assert_eq!(
        changed("aaaaaaa", "ab-aaba"),
        [HardwareTrait::SystemUuid, HardwareTrait::NetworkAddress]
    );
}

#[test]
fn a_computer_without_strong_traits_is_recognised() {
    assert!(has_strong(&computer("--a----")));
    assert!(!has_strong(&computer("----aaa")));
}

#[test]
fn the_grace_period_starts_when_the_change_was_first_noticed_and_ends_to_the_second() {
    let at = |seconds: i64| crate::from_seconds(1_800_000_000 + seconds);
    let week = 7 * 86_400;
    let verdict = |comparison, since, now| {
        let moment = ClockReading::from_wall(at(now));
        HardwareVerdict::new(comparison, since, EffectiveClock::new(moment).judging_time(moment))
    };
    let over = |since, reason| HardwareVerdict::Invalid { since: at(since), reason };
    let grace = HardwareVerdict::InGrace { until: at(week) };
    let ended = over(week, HardwareReason::GraceEnded);
    for (comparison, since, now, expected) in [
        (HardwareMatch::Changed, Some(at(0)), 0, grace),
        (HardwareMatch::Changed, Some(at(0)), week - 1, grace),
        (HardwareMatch::Changed, Some(at(0)), week, ended),
        // Without a recorded time there is no grace period.
        (HardwareMatch::Changed, None, 0, over(0, HardwareReason::NotRecorded)),
        (HardwareMatch::Changed, None, week, over(week, HardwareReason::NotRecorded)),
        // A different computer has none, whatever was recorded.
        (HardwareMatch::Different, None, 5, over(5, HardwareReason::OtherComputer)),
        (HardwareMatch::Different, Some(at(0)), 5, over(0, HardwareReason::OtherComputer)),
        // Hiding a change gains nothing after it was noticed, and costs nothing before.
        (HardwareMatch::Unknown, Some(at(0)), week, ended),
        (HardwareMatch::Unknown, None, week, HardwareVerdict::KeyOnly),
        // The original parts are back.
        (HardwareMatch::Same(8), Some(at(0)), 2 * week, HardwareVerdict::Match),
        // The time was recorded while the clock was wrongly set to the future. It has to be
        // recorded again, because the grace period would otherwise never end.
        (HardwareMatch::Changed, Some(at(900 * week)), 0, over(0, HardwareReason::NotRecorded)),
    ] {
        assert_eq!(verdict(comparison, since, now), expected, "{comparison:?} {since:?} {now}");
    }
}
