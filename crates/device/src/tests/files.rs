//! Tests of licences in files: what opens them when a computer changes, and which file belongs to
//! which computer in a shared folder.

use std::fs;
use std::path::PathBuf;

use super::hardware::computer;
use super::*;
use crate::fingerprint::TraitValues;

/// A folder on a file server, and a vendor.
struct Shared {
    vendor: Vendor,
    folder: tempfile::TempDir,
    scope: Scope,
}

impl Shared {
    fn new(scope: Scope) -> Self {
        Self { vendor: Vendor::new(1), folder: tempfile::tempdir().unwrap(), scope }
    }

    fn open(&self, letters: &str, choice: StoreChoice) -> Device {
        let folder = self.folder.path();
        let data_dirs =
            DataDirs { user: Some(folder.join("u")), home: None, machine: folder.join("m") };
        let store = StorePolicy { scope: self.scope, ..StorePolicy::default() };
        let profile = Profile { store, ..profile(&self.vendor) };
        Device::open_with(profile, choice, &data_dirs, &computer(letters).unwrap()).unwrap()
    }

    /// The device on the computer with these traits.
    fn on(&self, letters: &str) -> Device {
        self.open(letters, StoreChoice::File)
    }

    /// Activates for a year on the computer with these traits.
    fn activate(&self, letters: &str, number: u8, now: Timestamp) {
        let device = self.on(letters);
        let request = device.request(&code(), &name("Office"), now).unwrap().token;
        let (_, response) = self.vendor.grant(&request, seat(number), now, 365);
        let outcome = device.apply(&response.to_string(), now).unwrap().remove(0).outcome;
        assert!(matches!(outcome, ApplyOutcome::Activated(_)), "{outcome:?}");
    }

    fn verdict(&self, letters: &str, now: Timestamp) -> Option<HardwareVerdict> {
        self.on(letters).status(now).unwrap().hardware.verdict
    }

    /// The seat of the computer with these traits, and whether its licence runs.
    fn seat_on(&self, letters: &str, now: Timestamp) -> Option<(SeatId, bool)> {
        let status = self.on(letters).status(now).unwrap();
        status.licence.as_ref().map(|licence| (licence.seat, status.may_run()))
    }

    fn vaults(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join(match self.scope {
            Scope::User => "u",
            Scope::Machine => "m",
        });
        let entries = fs::read_dir(folder).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "vault")).collect();
        paths.sort_unstable();
        paths
    }

    fn path_on(&self, letters: &str) -> PathBuf {
        self.on(letters).store().path.clone().unwrap()
    }

    /// The only file name that was used before shared folders were supported.
    fn old_name(&self) -> PathBuf {
        self.folder.path().join("u/0101010101010101-1.vault")
    }
}

#[test]
fn a_file_for_the_former_installation_id_opens_stays_in_place_and_runs() {
    let shared = Shared::new(Scope::User);
    shared.activate("d------", 7, start());
    let path = shared.path_on("d------");
    let open = |values: TraitValues| {
        let data_dirs = DataDirs {
            user: Some(shared.folder.path().join("u")),
            home: None,
            machine: shared.folder.path().join("m"),
        };
        Device::open_with(profile(&shared.vendor), StoreChoice::File, &data_dirs, &values).unwrap()
    };
    let here = open(computer("e------").unwrap().with_former_installation("d"));
    assert_eq!(here.store().path.as_ref(), Some(&path));
    assert!(here.status(days(1)).unwrap().may_run());
    assert_eq!(shared.vaults(), [path]);
    // Without the copy, it counts as another computer.
    assert!(!open(computer("e------").unwrap()).status(days(1)).unwrap().may_run());
}

#[test]
fn a_new_installation_id_gets_a_grace_period_can_be_renewed_and_keeps_the_seat() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--a", 7, start());
    let key = shared.on("a--a--a").read_status(start()).unwrap().device_key;
    let path = shared.path_on("a--a--a");

    let grace = Some(HardwareVerdict::InGrace { until: days(8) });
    for day in 1..8 {
        assert_eq!(shared.verdict("b--a--a", days(day)), grace, "day {day}");
    }
    assert_eq!(shared.seat_on("b--a--a", days(8)), Some((seat(7), false)));
    // A new request of the same device gets a response for the same seat.
    shared.activate("b--a--a", 7, days(9));
    assert_eq!(shared.verdict("b--a--a", days(9)), Some(HardwareVerdict::Match));
    let status = shared.on("b--a--a").read_status(days(9)).unwrap();
    assert_eq!(
        (status.device_key, shared.seat_on("b--a--a", days(9))),
        (key, Some((seat(7), true)))
    );
    assert_eq!((shared.vaults(), shared.path_on("b--a--a")), (vec![path.clone()], path));
}

#[test]
fn all_parts_of_a_computer_may_be_replaced_one_after_the_other() {
    let shared = Shared::new(Scope::User);
    shared.activate("aaaa--a", 7, start());
    let key = shared.on("aaaa--a").read_status(start()).unwrap().device_key;
    for (day, letters) in ["baaa--a", "bbaa--a", "bbba--a", "bbbb--a", "cbbb--a"].iter().enumerate()
    {
        let now = days(1 + day as i64);
        assert!(shared.seat_on(letters, now).is_some_and(|(_, runs)| runs), "{letters}");
        if shared.on(letters).status(now).unwrap().may_request() {
            shared.activate(letters, 7, now);
        }
    }
    assert_eq!(shared.on("cbbb--a").read_status(days(9)).unwrap().device_key, key);
    assert_eq!(shared.vaults().len(), 1);
    // The old parts assembled again are another computer, and are reported as one.
    assert_eq!(shared.seat_on("aaaa--a", days(9)), Some((seat(7), false)));
}

#[test]
fn restored_hardware_opens_its_old_file_again() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--a", 7, start());
    // The disk is cloned and then the system is installed again; the status is checked after each
    // step.
    for (day, letters) in ["a--b--a", "b--b--a"].iter().enumerate() {
        assert!(shared.seat_on(letters, days(1 + day as i64)).is_some(), "{letters}");
    }
    assert_eq!(shared.verdict("a--a--a", days(3)), Some(HardwareVerdict::Match));
    assert_eq!(shared.seat_on("a--a--a", days(3)), Some((seat(7), true)));
}

#[test]
fn a_disk_that_moves_into_another_computer_takes_the_file_from_neither() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--a", 7, start());
    // The old disk is moved into another computer of the same home, which checks first.
    assert!(shared.seat_on("b--a--a", days(1)).is_some());
    // The computer itself has a copy of the disk in a new one.
    assert!(shared.seat_on("a--c--a", days(1)).is_some_and(|(_, runs)| runs));
    assert_eq!(shared.vaults().len(), 1);
}

#[test]
fn an_empty_file_of_its_own_hides_no_licence_from_a_computer() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--p", 7, start());
    let licensed = shared.path_on("a--a--p");
    // While the disk can't be read, nothing opens the file with the new installation id.
    let sealed_off = shared.on("c-----p");
    sealed_off.request(&code(), &name("Office"), days(1)).unwrap();
    sealed_off.cancel_pending(days(1)).unwrap();
    assert_eq!(shared.vaults().len(), 2);
    assert_eq!(shared.path_on("c--a--p"), licensed);
    assert!(shared.seat_on("c--a--p", days(1)).is_some());
    // A pending request isn't lost.
    sealed_off.request(&code(), &name("Office"), days(1)).unwrap();
    assert_ne!(shared.path_on("c--a--p"), licensed);
}

#[test]
fn replaced_hardware_is_judged_alike_in_a_file_and_in_a_keyring() {
    for (granted, now) in [
        ("aaaaaaa", "baaaaaa"),
        ("aaaaaaa", "bbaaaaa"),
        ("aaaaaaa", "bbbaaaa"),
        ("aaaaaaa", "abbbbbb"),
        ("aaaaaaa", "bbbbaaa"),
        ("a--a--a", "a--b--a"),
        ("a--a--a", "b--a--a"),
        ("a--a--a", "a-----a"),
        ("a-----a", "b-----a"),
        ("a-----a", "a--b--a"),
        ("a--aaaa", "bbbabba"),
    ] {
        let shared = Shared::new(Scope::User);
        shared.activate(granted, 7, start());
        let mut fixture = super::hardware::active_on(granted);
        fixture.device.traits = computer(now);
        for day in [1, 7, 8, 9] {
            let keyring = fixture.device.status(days(day)).unwrap();
            let file = shared.on(now).status(days(day)).unwrap();
            let context = format!("{granted} to {now} on day {day}");
            if keyring.hardware.reason() == Some(HardwareReason::OtherComputer) {
                // No trait of the computer opens the file, so it belongs to another one and stays
                // untouched.
                assert_eq!(file.state, State::NotActivated, "{context}");
                continue;
            }
            assert_eq!(file.hardware.verdict, keyring.hardware.verdict, "{context}");
            assert_eq!(
                (file.state, file.may_run()),
                (keyring.state, keyring.may_run()),
                "{context}"
            );
        }
        assert_eq!(shared.seat_on(granted, days(9)), Some((seat(7), true)), "{granted} to {now}");
    }
}

#[test]
fn a_copied_file_is_refused_without_the_copied_installation() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--a", 7, start());
    let pristine = fs::read(shared.path_on("a--a--a")).unwrap();
    // Image and file are copied to another disk: seven days of grace, as for a copied keyring.
    assert_eq!(
        shared.verdict("a--b--a", days(1)),
        Some(HardwareVerdict::InGrace { until: days(8) })
    );
    assert_eq!(shared.seat_on("a--b--a", days(8)), Some((seat(7), false)));
    fs::write(shared.path_on("a--a--a"), pristine).unwrap();
    // Only the file is copied: nothing opens it.
    for letters in ["c--c--a", "c-----a", "---c--a"] {
        let path = StoreChoice::FileAt(shared.path_on("a--a--a"));
        let refused = shared.open(letters, path).status(days(1)).unwrap_err();
        assert_eq!(refused.code(), codes::STORE_OTHER_MACHINE);
        assert_eq!(shared.seat_on(letters, days(1)), None);
    }
    assert_eq!(shared.seat_on("a--a--a", days(1)), Some((seat(7), true)));
}

#[test]
fn computers_that_share_a_home_have_one_file_each_and_touch_no_other() {
    let shared = Shared::new(Scope::User);
    for (number, letters) in ["a--a--p", "b--b--p", "c-----p"].iter().enumerate() {
        assert_eq!(shared.on(letters).status(start()).unwrap().state, State::NotActivated);
        shared.activate(letters, number as u8, start());
        assert_eq!(shared.vaults().len(), number + 1);
    }
    for (number, letters) in ["a--a--p", "b--b--p", "c-----p"].iter().enumerate() {
        assert_eq!(shared.seat_on(letters, days(1)), Some((seat(number as u8), true)));
    }
    // Deactivating one doesn't affect the others.
    shared.on("b--b--p").deactivate(days(2)).unwrap();
    assert_eq!(shared.seat_on("a--a--p", days(2)), Some((seat(0), true)));
    assert_eq!(shared.on("b--b--p").outbox().unwrap().len(), 1);
    assert!(shared.on("c-----p").outbox().unwrap().is_empty());
}

#[test]
fn another_computers_file_is_not_taken_for_this_users_choice() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--p", 7, start());
    let kind = |letters| shared.open(letters, StoreChoice::Policy).store().kind;
    assert_eq!((kind("a--a--p"), kind("b--b--p")), (StoreKind::File, StoreKind::Keyring));
}

#[test]
fn a_file_with_the_old_name_is_used_only_if_it_opens() {
    let shared = Shared::new(Scope::User);
    let old = shared.old_name();
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    shared.activate("a--a--p", 7, start());
    fs::rename(shared.path_on("a--a--p"), &old).unwrap();
    let before = fs::read(&old).unwrap();

    assert_eq!(shared.path_on("a--a--p"), old);
    assert_eq!(shared.seat_on("a--a--p", start()), Some((seat(7), true)));
    assert_eq!(shared.seat_on("b--b--p", start()), None);
    shared.activate("b--b--p", 8, start());
    assert_ne!(shared.path_on("b--b--p"), old);
    assert_eq!(fs::read(&old).unwrap(), before);
    // The same with a new installation id.
    assert_eq!(shared.path_on("c--a--p"), old);
    // Its error is reported, because its owner is unknown.
    fs::write(&old, &before[..20]).unwrap();
    assert_eq!(shared.on("a--a--p").status(start()).unwrap_err().code(), codes::STORE_DAMAGED);
    assert_eq!(shared.seat_on("b--b--p", start()), Some((seat(8), true)));
}

#[test]
fn a_file_of_the_first_version_keeps_its_seat_and_is_rewritten_in_this_version() {
    // Written by the program before files had a wrap for each trait: seat 7, active for 365 days,
    // on a--a--a.
    let first: &[u8] = include_bytes!("active-of-version-1.vault");
    let shared = Shared::new(Scope::User);
    let old = shared.old_name();
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::write(&old, first).unwrap();

    assert_eq!(shared.seat_on("b--a--a", days(1)), None);
    let licence = shared.on("a--a--a").read_status(days(1)).unwrap().licence.unwrap();
    assert_eq!(
        (licence.seat, licence.seat_name.as_str(), licence.lease_expiry, licence.features.len()),
        (seat(7), "Office", days(365), 2)
    );
    assert_eq!(fs::read(&old).unwrap(), first);

    // A refresh is the vendor's second token for it.
    let device = shared.on("a--a--a");
    let vault = device.snapshot().unwrap().vault.unwrap();
    let key = vault.identity.public().unwrap();
    shared.vendor.next_sequence();
    let refresh = shared.vendor.refresh(&key, seat(7), days(200), 365).to_string();
    shared.on("a--a--a").apply(&refresh, days(200)).unwrap();
    assert!(fs::read(&old).unwrap().starts_with(b"LKVAULT2"));
    assert_eq!(shared.seat_on("a--a--a", days(500)), Some((seat(7), true)));
    // Now it is bound to the disk as well.
    assert_eq!(shared.seat_on("b--a--a", days(500)), Some((seat(7), true)));
}

#[test]
fn a_file_for_this_computer_that_does_not_open_is_unchanged() {
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--p", 7, start());
    let first = shared.path_on("a--a--p");
    // Another computer's file is there, as after restoring a backup on the wrong one.
    shared.activate("b--b--p", 8, start());
    fs::rename(shared.path_on("b--b--p"), &first).unwrap();
    let before = fs::read(&first).unwrap();
    assert_eq!(shared.seat_on("a--a--p", start()), None);
    shared.activate("a--a--p", 9, start());
    assert_eq!(shared.seat_on("a--a--p", start()), Some((seat(9), true)));
    assert_eq!(fs::read(&first).unwrap(), before);
    assert_eq!(shared.seat_on("b--b--p", start()), Some((seat(8), true)));
}

#[test]
fn with_a_new_installation_id_only_the_newest_files_are_tried() {
    use std::time::{Duration, SystemTime};
    let shared = Shared::new(Scope::User);
    shared.activate("a--a--p", 7, start());
    let (own, now) = (shared.path_on("a--a--p"), SystemTime::now());
    let last_used = |path: &std::path::Path, ago: u64| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(now - Duration::from_secs(ago)).unwrap();
    };
    let foreign = fs::read(&own).unwrap();
    shared.activate("b-----p", 8, start());
    let b = fs::read(shared.path_on("b-----p")).unwrap();
    for number in 0..80_u64 {
        let path = shared.folder.path().join(format!("u/0101010101010101-1-{number:010x}.vault"));
        fs::write(&path, &b).unwrap();
        last_used(&path, 1_000 + number);
    }
    last_used(&own, 1_005);
    last_used(&shared.path_on("b-----p"), 2_000);
    assert_eq!(shared.path_on("c--a--p"), own);
    last_used(&own, 3_000);
    assert_ne!(shared.path_on("c--a--p"), own);
    // The computer's own file is always tried, whatever their number.
    assert_eq!(shared.path_on("a--a--p"), own);
    assert_eq!(fs::read(&own).unwrap(), foreign);
}

#[test]
fn a_machine_secret_can_be_opened_as_long_as_its_vault() {
    let shared = Shared::new(Scope::Machine);
    shared.activate("aa-a--p", 7, start());
    // One strong trait changes after the other, and each time only the clock is persisted.
    for (day, letters) in ["ba-a--p", "bb-a--p", "bb-b--p"].iter().enumerate() {
        assert!(shared.seat_on(letters, days(1 + day as i64)).is_some(), "{letters}");
    }
    let token = shared.on("bb-b--p").deactivate(days(4)).unwrap().token;
    let status = shared.on("bb-b--p").read_status(days(4)).unwrap();
    assert_eq!(status.outbox.len(), 1);
    assert_eq!(shared.vaults().len(), 1);
    drop(token);
}
