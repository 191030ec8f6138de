//! Tests of changing hardware: what still runs, for how long, and what corrects it.

use super::*;
use crate::fingerprint::TraitValues;

/// A computer, described by a letter for the value of each trait, or `-` if it can't be read:
/// installation, system UUID, board, disk, volume, network card, processor.
pub(super) fn computer(letters: &str) -> Option<TraitValues> {
    let readable =
        HardwareTrait::ALL.into_iter().zip(letters.chars()).filter(|(_, letter)| *letter != '-');
    Some(readable.map(|(which, letter)| (which, letter.to_string())).collect())
}

/// A licence that is active on this computer since [`start`], for a year.
pub(super) fn active_on(letters: &str) -> Fixture {
    let mut fixture = fixture();
    fixture.device.traits = computer(letters);
    let (_, response) = fixture.vendor.grant(&fixture.request(start()), seat(7), start(), 365);
    assert!(matches!(fixture.apply(&response, start()), ApplyOutcome::Activated(_)));
    fixture
}

fn over(since: Timestamp) -> HardwareVerdict {
    HardwareVerdict::Invalid { since, reason: HardwareReason::GraceEnded }
}

fn unrecorded(since: Timestamp) -> HardwareVerdict {
    HardwareVerdict::Invalid { since, reason: HardwareReason::NotRecorded }
}

fn verdict(fixture: &Fixture, at: Timestamp) -> HardwareVerdict {
    fixture.device.status(at).unwrap().hardware.verdict.unwrap()
}

/// Files of versions that used D-Bus's copy of the installation's id stay valid on this computer if
/// the copy differs.
#[test]
fn a_licence_with_the_former_installation_id_stays_valid() {
    let mut fixture = active_on("d------");
    let today = || computer("e------").unwrap();
    fixture.device.traits = Some(today());
    let status = fixture.device.status(start()).unwrap();
    assert_eq!(
        (status.state, status.hardware.changed),
        (State::LeaseExpired, vec![HardwareTrait::OsInstall])
    );

    fixture.device.traits = Some(today().with_former_installation("d"));
    let status = fixture.device.status(start()).unwrap();
    assert_eq!((status.state, status.hardware.changed), (State::Active, vec![]));
    // A third id isn't accepted.
    fixture.device.traits = Some(today().with_former_installation("x"));
    assert_eq!(fixture.device.status(start()).unwrap().state, State::LeaseExpired);

    // A licence granted since then is valid only for the present id: on a copy of this computer
    // that has D-Bus's old copy and a new id, it doesn't run.
    let (_, response) = fixture.vendor.grant(&fixture.request(start()), seat(8), start(), 365);
    assert!(matches!(fixture.apply(&response, start()), ApplyOutcome::Activated(_)));
    fixture.device.traits = computer("x------").map(|values| values.with_former_installation("d"));
    assert_eq!(fixture.device.status(start()).unwrap().state, State::LeaseExpired);
    fixture.device.traits = Some(today().with_former_installation("d"));
    assert_eq!(fixture.device.status(start()).unwrap().state, State::Active);
}

#[test]
fn small_changes_pass_and_are_named() {
    let mut fixture = active_on("aaaaaaa");
    for (what, now, changed) in [
        ("nothing", "aaaaaaa", &[][..]),
        ("a new network card", "aaaaaba", &[HardwareTrait::NetworkAddress]),
        ("a new disk, cloned", "aaabaaa", &[HardwareTrait::SystemDisk]),
        (
            "reinstalled on a new disk",
            "baabbaa",
            &[HardwareTrait::OsInstall, HardwareTrait::SystemDisk, HardwareTrait::SystemVolume],
        ),
        ("another user, who reads less", "a--aaaa", &[]),
        ("a new installation's id", "baaaaaa", &[HardwareTrait::OsInstall]),
    ] {
        fixture.device.traits = computer(now);
        let status = fixture.device.status(days(1)).unwrap();
        assert_eq!(status.hardware.verdict, Some(HardwareVerdict::Match), "{what}");
        assert_eq!(status.hardware.changed, changed, "{what}");
        assert!(status.may_run() && !status.may_request(), "{what}");
    }
}

#[test]
fn traits_that_were_unreadable_at_activation_do_not_count_later() {
    let mut fixture = active_on("a--aaaa");
    fixture.device.traits = computer("abbaaaa");
    let hardware = fixture.device.status(days(1)).unwrap().hardware;
    assert_eq!((hardware.verdict, hardware.changed), (Some(HardwareVerdict::Match), vec![]));
}

#[test]
fn a_larger_change_starts_seven_days_of_grace() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbaba");
    let second = TimeDelta::seconds(1);
    let until = days(17);
    for at in [days(10), days(12), until - second] {
        let status = fixture.device.status(at).unwrap();
        assert_eq!(status.hardware.verdict, Some(HardwareVerdict::InGrace { until }));
        assert_eq!(status.state, State::Active);
        assert!(status.may_run() && status.may_request());
        assert_eq!(
            status.hardware.changed,
            [
                HardwareTrait::SystemUuid,
                HardwareTrait::BoardSerial,
                HardwareTrait::SystemDisk,
                HardwareTrait::NetworkAddress
            ]
        );
    }
    let status = fixture.device.status(until).unwrap();
    assert_eq!(status.hardware.verdict, Some(over(until)));
    assert_eq!(status.state, State::LeaseExpired);
    assert!(!status.may_run() && !status.licence.unwrap().in_grace);
}

#[test]
fn the_grace_period_starts_when_the_change_is_first_detected() {
    let mut fixture = active_on("aaaaaaa");
    fixture.runs(1, 1);
    fixture.device.status(days(0)).unwrap();
    // Forty days are a jump that the clock doesn't persist at first.
    fixture.runs(2, 0);
    fixture.device.traits = computer("abbbaba");
    assert_eq!(verdict(&fixture, days(40)), HardwareVerdict::InGrace { until: days(47) });
    fixture.runs(3, 0);
    assert_eq!(verdict(&fixture, days(46)), HardwareVerdict::InGrace { until: days(47) });
    assert_eq!(verdict(&fixture, days(47)), over(days(47)));
}

#[test]
fn a_change_recorded_by_a_future_clock_gets_one_grace_period() {
    let mut fixture = active_on("aaaaaaa");
    fixture.runs(1, 1);
    fixture.device.traits = computer("abbbaba");
    fixture.device.status(days(300)).unwrap();
    assert_eq!(verdict(&fixture, days(10)), HardwareVerdict::InGrace { until: days(17) });
    assert_eq!(verdict(&fixture, days(12)), HardwareVerdict::InGrace { until: days(17) });
    assert_eq!(verdict(&fixture, days(17)), over(days(17)));
}

#[test]
fn the_grace_of_the_lease_never_outlasts_that_of_the_hardware() {
    let mut fixture = fixture();
    fixture.device.traits = computer("aaaaaaa");
    fixture.activate(start());
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(26)).unwrap();
    assert!(fixture.device.status(days(32)).unwrap().may_run());
    let status = fixture.device.status(days(33)).unwrap();
    assert!(!status.may_run() && !status.licence.unwrap().in_grace);
}

#[test]
fn a_new_request_and_its_response_accept_changed_hardware() {
    for at in [days(12), days(40)] {
        let mut fixture = active_on("aaaaaaa");
        let unchanged = fixture.device.request(&code(), &name(""), days(9));
        assert_eq!(unchanged.unwrap_err(), RequestError::Active { until: days(365) });
        fixture.device.traits = computer("abbbbbb");
        fixture.device.status(days(10)).unwrap();
        let request = fixture.request(at);
        // Until the response is applied, nothing changes.
        let status = fixture.device.status(at).unwrap();
        assert!(status.licence.is_some() && status.hardware.verdict.unwrap().is_changed());
        let (_, response) = fixture.vendor.grant(&request, seat(7), at, 30);
        assert!(matches!(fixture.apply(&response, at), ApplyOutcome::Activated(_)));
        assert_eq!(verdict(&fixture, at), HardwareVerdict::Match);
        assert_eq!(fixture.state(at), State::Active);
        // The next change gets its own seven days.
        fixture.device.traits = computer("acccbbb");
        let until = at + TimeDelta::hours(14 * 24);
        assert_eq!(
            verdict(&fixture, at + TimeDelta::hours(7 * 24)),
            HardwareVerdict::InGrace { until }
        );
    }
}

#[test]
fn a_change_between_the_request_and_its_response_gets_its_own_seven_days() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(1)).unwrap();
    let request = fixture.request(days(7));
    fixture.device.traits = computer("accc-cc");
    let (_, response) = fixture.vendor.grant(&request, seat(7), days(7), 30);
    fixture.apply(&response, days(7));
    assert_eq!(verdict(&fixture, days(9)), HardwareVerdict::InGrace { until: days(14) });
}

#[test]
fn a_refresh_prolongs_the_lease_and_does_not_accept_changed_hardware() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(1)).unwrap();
    fixture.apply(&fixture.refresh(days(2)), days(2));
    assert_eq!(verdict(&fixture, days(8)), over(days(8)));
}

#[test]
fn restoring_the_old_hardware_ends_the_grace_period() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(1)).unwrap();
    fixture.device.traits = computer("aaaaaaa");
    assert_eq!(verdict(&fixture, days(20)), HardwareVerdict::Match);
    fixture.device.traits = computer("abbbbbb");
    assert_eq!(verdict(&fixture, days(30)), HardwareVerdict::InGrace { until: days(37) });
}

#[test]
fn hiding_changed_traits_does_not_prolong_the_grace() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(1)).unwrap();
    fixture.device.traits = computer("-------");
    assert_eq!(verdict(&fixture, days(5)), HardwareVerdict::InGrace { until: days(8) });
    assert_eq!(verdict(&fixture, days(8)), over(days(8)));
}

#[test]
fn without_a_strong_trait_the_key_alone_binds() {
    let mut fixture = active_on("----aaa");
    fixture.device.traits = computer("----bbb");
    let status = fixture.device.status(days(1)).unwrap();
    assert_eq!(status.hardware.verdict, Some(HardwareVerdict::KeyOnly));
    assert!(status.may_run());
}

#[test]
fn turning_the_clock_back_does_not_prolong_the_grace() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.traits = computer("abbbbbb");
    fixture.device.status(days(1)).unwrap();
    assert_eq!(verdict(&fixture, days(8)), over(days(8)));
    assert_eq!(verdict(&fixture, days(2)), over(days(8)));
}

#[test]
fn a_grace_period_starts_only_with_a_record() {
    let mut fixture = active_on("aaaaaaa");
    fixture.device.status(days(3)).unwrap();
    fixture.device.traits = computer("abbbbbb");
    let before = fixture.store.item();
    for refused in [
        StoreError::Permission { path: "/x".into() },
        StoreError::ReadOnly { path: "/x".into() },
        StoreError::NoSpace { path: "/x".into() },
        StoreError::Denied,
    ] {
        fixture.store.set_fault(Some(Fault::Write(refused.clone())));
        let status = fixture.device.status(days(9)).unwrap();
        assert_eq!(status.hardware.verdict, Some(unrecorded(days(9))));
        assert_eq!(status.hardware.refused, Some(refused));
        assert_eq!(status.state, State::LeaseExpired);
        assert!(!status.may_run() && status.may_request());
    }
    // A read-only check writes nothing, so it doesn't start a grace period either.
    fixture.store.set_fault(None);
    let status = fixture.device.read_status(days(9)).unwrap();
    assert_eq!(status.hardware.verdict, Some(unrecorded(days(9))));
    assert_eq!(fixture.store.item(), before);
    // The first check that can persist it starts the grace period, in the same call.
    let status = fixture.device.status(days(20)).unwrap();
    assert_eq!(status.hardware.verdict, Some(HardwareVerdict::InGrace { until: days(27) }));
    assert_eq!((status.state, status.may_run()), (State::Active, true));
    let noted = Vault::from_bytes(&fixture.store.item().unwrap()).unwrap().hardware_changed_at;
    assert_eq!(noted, Some(days(20).timestamp()));
}

#[test]
fn another_computer_has_no_grace_however_often_its_vault_is_restored() {
    let mut fixture = active_on("aaaaaaa");
    let pristine = fixture.store.item();
    // Everything else may match: the strong traits distinguish computers.
    for letters in ["bbbbbbb", "bbbbaaa", "b--baaa", "b---aaa"] {
        fixture.device.traits = computer(letters);
        for day in 1..60 {
            fixture.store.set_item(pristine.clone());
            let status = fixture.device.status(days(day)).unwrap();
            assert!(!status.may_run(), "{letters} on day {day}");
            assert_eq!(status.hardware.reason(), Some(HardwareReason::OtherComputer));
            assert!(status.may_request() && status.licence.is_some());
        }
    }
}

#[test]
fn the_installation_alone_does_not_identify_a_computer_with_other_readable_traits() {
    let mut fixture = active_on("a--a--a");
    fixture.device.traits = computer("a--b--a");
    assert_eq!(verdict(&fixture, days(1)), HardwareVerdict::InGrace { until: days(8) });
    assert_eq!(verdict(&fixture, days(8)), over(days(8)));
    let mut fixture = active_on("a-----a");
    fixture.device.traits = computer("a--b--a");
    assert_eq!(verdict(&fixture, days(1)), HardwareVerdict::Match);
}

#[test]
fn a_change_is_recorded_at_once_and_not_at_every_check() {
    let mut fixture = active_on("aaaaaaa");
    let minutes = |minutes| start() + TimeDelta::minutes(minutes);
    let writes = fixture.store.writes();
    fixture.device.traits = computer("abbbbbb");
    for minute in 1..30 {
        fixture.device.status(minutes(minute)).unwrap();
    }
    assert_eq!(fixture.store.writes(), writes + 1);
}

#[test]
fn diagnostics_name_every_trait_and_the_effect_of_its_change() {
    let mut fixture = active_on("a--aa-a");
    fixture.device.traits = computer("a--ba-a");
    let examination = diagnose(&profile(&fixture.vendor), &Ok(fixture.device.clone()), days(1));
    let of = |which| *examination.traits.iter().find(|report| report.which == which).unwrap();
    assert_eq!(examination.traits.len(), HardwareTrait::ALL.len());
    assert_eq!(of(HardwareTrait::OsInstall).state, TraitState::Same);
    assert_eq!(of(HardwareTrait::SystemDisk).state, TraitState::Changed);
    let unreadable = of(HardwareTrait::SystemUuid);
    assert_eq!((unreadable.state, unreadable.alone), (TraitState::Unreadable, None));
    // The disk has changed already, and the installation is the only remaining strong trait.
    assert_eq!(of(HardwareTrait::OsInstall).alone, Some(IfChanged::Grace));
    assert_eq!(of(HardwareTrait::Processor).alone, Some(IfChanged::Passes));
    assert!(examination.knows_running_time);
    let only = Some([(HardwareTrait::SystemDisk, "a".to_owned())].into());
    fixture.device.traits = only;
    let examination = diagnose(&profile(&fixture.vendor), &Ok(fixture.device), days(1));
    let disk =
        examination.traits.iter().find(|report| report.which == HardwareTrait::SystemDisk).unwrap();
    assert_eq!(disk.alone, Some(IfChanged::Other));
}
