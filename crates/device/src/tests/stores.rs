//! Tests of several stores with something in them: which is used, and that none is forgotten.

use std::fs;
use std::path::{Path, PathBuf};

use super::hardware::computer;
use super::*;

/// Fills a store, in increasing order of importance: the store with the most important contents is
/// used. The licences have 30 days and a grace period of seven.
type Fill = fn(&Fixture);

const CONTENTS: [(&str, Fill); 8] = [
    ("nothing", |_| {}),
    ("a cancelled request", |fixture| {
        fixture.request(start());
        fixture.device.cancel_pending(start()).unwrap();
    }),
    ("a request", |fixture| drop(fixture.request(start()))),
    ("an undelivered deactivation", |fixture| {
        fixture.activate(start());
        fixture.device.deactivate(start()).unwrap();
    }),
    ("something damaged", |fixture| fixture.store.set_item(Some(b"not a vault".to_vec()))),
    ("an expired licence", |fixture| fixture.activate(start())),
    ("a licence that runs", |fixture| fixture.activate(days(35))),
    ("a newer licence that runs", |fixture| fixture.activate(days(39))),
];

#[test]
fn the_store_with_the_most_important_contents_is_used() {
    let now = days(40);
    for (in_first, (first_name, fill_first)) in CONTENTS.iter().enumerate() {
        for (in_second, (second_name, fill_second)) in CONTENTS.iter().enumerate() {
            let (first, second) = (fixture(), fixture());
            fill_first(&first);
            fill_second(&second);
            // A request that was cancelled is nothing that would be lost.
            let rank = |contents: usize| contents.max(1);
            let is_second = rank(in_second) > rank(in_first);
            let names = format!("{first_name}, {second_name}");
            let expected = if is_second { &second } else { &first };
            let is_expected = |chosen: &Device| chosen.has_store_of(&expected.device);

            // Of two files, the data folder's is only skipped if it can't be read and the home
            // folder's is in use.
            let files = vec![first.device.clone(), second.device.clone()];
            let (chosen, _) = Device::choose(files, None, now).unwrap();
            let is_skipped = in_first == 4 && matches!(in_second, 2 | 3);
            match is_skipped {
                true => assert!(chosen.has_store_of(&second.device), "{names}"),
                false => assert!(is_expected(&chosen), "{names}"),
            }

            // A licence in a file that runs is used without asking the keyring.
            let chosen =
                Device::choose(vec![first.device.clone()], Some(second.device.clone()), now);
            match chosen {
                Err(error) => {
                    assert_eq!(in_second, 4, "{names}: {error}");
                    assert!(in_first < 4, "{names}");
                }
                Ok((chosen, _)) if in_first >= 6 => {
                    assert!(chosen.has_store_of(&first.device), "{names}");
                }
                Ok((chosen, _)) => assert!(is_expected(&chosen), "{names}"),
            }
        }
    }
}

#[test]
fn the_keyring_is_opened_only_if_no_licence_in_a_file_runs() {
    // The lease ends after 30 days and its grace period after 37.
    for (day, is_opened) in [(1, false), (36, false), (38, true)] {
        let (file, keyring) = (fixture(), fixture());
        file.activate(start());
        keyring.activate(days(day));
        keyring.store.take_unlocks();
        let files = vec![file.device.clone()];
        let (chosen, _) = Device::choose(files, Some(keyring.device.clone()), days(day)).unwrap();
        assert_eq!(keyring.store.take_unlocks() > 0, is_opened, "{day}");
        // What replaced an expired licence counts.
        assert_eq!(chosen.has_store_of(&keyring.device), is_opened, "{day}");
    }
}

/// A user's folders, and the real files in them.
struct Folders {
    vendor: Vendor,
    root: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        Self { vendor: Vendor::new(1), root: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Opens the device with a store in these folders.
    fn open_in(&self, user: &str, home: &str, choice: StoreChoice) -> Device {
        self.open_on("a--a--a", user, home, choice)
    }

    /// The same on the computer with these traits.
    fn open_on(&self, letters: &str, user: &str, home: &str, choice: StoreChoice) -> Device {
        let data_dirs = DataDirs {
            user: Some(self.path(user)),
            home: Some(self.path(home)),
            machine: self.path("machine"),
        };
        let store = StorePolicy { default: StoreKind::File, ..StorePolicy::default() };
        let profile = Profile { store, ..profile(&self.vendor) };
        Device::open_with(profile, choice, &data_dirs, &computer(letters).unwrap()).unwrap()
    }

    fn open(&self) -> Device {
        self.open_in("user", "home", StoreChoice::Policy)
    }

    /// The device with a new file in this folder.
    fn only_in(&self, folder: &str) -> Device {
        self.open_in(folder, "nowhere", StoreChoice::Policy)
    }

    fn activate(&self, device: &Device, number: u8, now: Timestamp, days: i64) {
        let request = device.request(&code(), &name("Office"), now).unwrap().token;
        let (_, response) = self.vendor.grant(&request, seat(number), now, days);
        let outcome = device.apply(&response.to_string(), now).unwrap().remove(0).outcome;
        assert!(matches!(outcome, ApplyOutcome::Activated(_)), "{outcome:?}");
    }

    fn seat_in_use(&self) -> Option<SeatId> {
        self.open().status(start()).unwrap().licence.map(|licence| licence.seat)
    }
}

fn folder_of(device: &Device) -> &Path {
    device.store().path.as_deref().unwrap().parent().unwrap()
}

#[test]
fn the_newer_licence_is_used_whether_it_is_in_the_data_folder_or_in_the_home_folder() {
    for (older, newer) in [("user", "home"), ("home", "user")] {
        let folders = Folders::new();
        folders.activate(&folders.only_in(newer), 2, start() - TimeDelta::days(1), 90);
        folders.activate(&folders.only_in(older), 1, start() - TimeDelta::days(2), 90);
        assert_eq!(folders.seat_in_use(), Some(seat(2)), "{newer}");
        // A licence that runs comes before one that doesn't, even if that was granted later.
        let folders = Folders::new();
        folders.activate(&folders.only_in(newer), 2, start() - TimeDelta::days(60), 90);
        folders.activate(&folders.only_in(older), 1, start() - TimeDelta::days(30), 10);
        assert_eq!(folders.seat_in_use(), Some(seat(2)), "{newer}");
    }
}

#[test]
fn a_damaged_file_hides_no_licence_and_is_reported_without_one() {
    for (licensed, damaged) in [("user", "home"), ("home", "user")] {
        let folders = Folders::new();
        let device = folders.only_in(damaged);
        device.request(&code(), &name(""), start()).unwrap();
        fs::write(device.store().path.as_ref().unwrap(), "damaged").unwrap();
        let error = folders.open().status(start()).unwrap_err();
        assert_eq!(error.code(), codes::STORE_DAMAGED, "{damaged}");
        folders.activate(&folders.only_in(licensed), 1, start(), 30);
        assert_eq!(folders.seat_in_use(), Some(seat(1)), "{licensed}");
    }
}

#[test]
fn a_damaged_file_beside_the_one_with_the_licence_does_not_hide_it() {
    let folders = Folders::new();
    folders.activate(&folders.only_in("user"), 1, start(), 30);
    let licensed = folders.only_in("user").store().path.clone().unwrap();
    // The name of the file before its name contained the installation.
    let former = folders.path("user").join("0101010101010101-1.vault");
    fs::rename(&licensed, &former).unwrap();
    fs::write(&licensed, "damaged").unwrap();
    assert_eq!(folders.open().store().path.as_ref(), Some(&former));
    assert_eq!(folders.seat_in_use(), Some(seat(1)));
    fs::remove_file(&former).unwrap();
    assert_eq!(folders.open().status(start()).unwrap_err().code(), codes::STORE_DAMAGED);
}

#[test]
fn a_damaged_file_is_not_passed_over_for_one_with_only_a_request() {
    let folders = Folders::new();
    folders.only_in("user").request(&code(), &name(""), start()).unwrap();
    let own = folders.only_in("user").store().path.clone().unwrap();
    let former = folders.path("user").join("0101010101010101-1.vault");
    fs::rename(&own, &former).unwrap();
    assert_eq!(folders.open().store().path.as_ref(), Some(&former));
    fs::write(&own, "damaged").unwrap();
    assert_eq!(folders.open().store().path.as_ref(), Some(&own));
    assert_eq!(folders.open().status(start()).unwrap_err().code(), codes::STORE_DAMAGED);
}

// On Windows, every folder counts as usable.
#[cfg(unix)]
#[test]
fn a_file_that_is_chosen_is_created_in_the_home_folder_if_the_data_folder_cannot_be_used() {
    let folders = Folders::new();
    // A file where the folder would be keeps everyone from creating it, the administrator as well.
    fs::write(folders.path("share"), "").unwrap();
    let blocked = |choice| folders.open_in("share/latchkey", "home", choice);
    let chosen = blocked(StoreChoice::File);
    assert_eq!(folder_of(&chosen), folders.path("home"));
    folders.activate(&chosen, 1, start(), 30);
    // From then on it is found without being named.
    let found = blocked(StoreChoice::Policy);
    assert_eq!(found.status(start()).unwrap().state, State::Active);
    // If neither folder can be used, the error names the data folder.
    let neither = folders.open_in("share/latchkey", "share/home", StoreChoice::File);
    assert!(folder_of(&neither).starts_with(folders.path("share/latchkey")));
    assert!(neither.request(&code(), &name(""), start()).is_err());
}

#[cfg(unix)]
#[test]
fn a_file_in_the_home_folder_that_became_blank_is_used_again_for_the_next_licence() {
    for choice in [StoreChoice::Policy, StoreChoice::File] {
        let folders = Folders::new();
        fs::write(folders.path("share"), "").unwrap();
        let open = |choice: &StoreChoice| folders.open_in("share/latchkey", "home", choice.clone());
        folders.activate(&open(&StoreChoice::File), 1, start(), 30);
        let delivered = open(&choice).deactivate(start()).unwrap();
        open(&choice).confirm_delivered(delivered.id, start()).unwrap();
        let blank = open(&choice);
        assert_eq!(folder_of(&blank), folders.path("home"), "{choice:?}");
        assert!(blank.status(start()).unwrap().is_blank, "{choice:?}");
        folders.activate(&blank, 2, start(), 30);
        assert!(open(&choice).status(start()).unwrap().may_run(), "{choice:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_chosen_is_the_first_one_that_can_be_used() {
    let folders = Folders::new();
    // The data folder's file is blank, and the home folder can't be used.
    let blank = folders.only_in("user");
    blank.request(&code(), &name(""), start()).unwrap();
    blank.cancel_pending(start()).unwrap();
    fs::write(folders.path("share"), "").unwrap();
    let chosen = folders.open_in("user", "share/home", StoreChoice::File);
    assert_eq!(folder_of(&chosen), folders.path("user"));
    folders.activate(&chosen, 1, start(), 30);
}

#[test]
fn the_outboxes_of_all_stores_are_shown_also_if_one_of_them_is_named() {
    let folders = Folders::new();
    for (folder, number) in [("user", 1), ("home", 2)] {
        let device = folders.only_in(folder);
        folders.activate(&device, number, start(), 30);
        device.deactivate(start()).unwrap();
    }
    let named = folders.open_in("user", "home", StoreChoice::FileAt(folders.path("named")));
    folders.activate(&named, 3, start(), 30);
    named.deactivate(start()).unwrap();

    let seats =
        |entries: &[OutboxEntry]| entries.iter().map(|entry| entry.seat).collect::<BTreeSet<_>>();
    let all: BTreeSet<_> = [1, 2, 3].map(seat).into();
    assert_eq!(seats(&named.outbox().unwrap()), all);
    assert_eq!(seats(&named.status(start()).unwrap().outbox), all);
    // A file that only its name leads to isn't found by the policy.
    let default: BTreeSet<_> = [1, 2].map(seat).into();
    for choice in [StoreChoice::Policy, StoreChoice::File] {
        let device = folders.open_in("user", "home", choice);
        assert_eq!(seats(&device.outbox().unwrap()), default);
        assert_eq!(seats(&device.status(start()).unwrap().outbox), default);
    }

    // Each can be confirmed, wherever it is.
    for left in (0..3).rev() {
        let id = named.outbox().unwrap()[0].id;
        assert_eq!(named.outbox_after_delivery(id, start()).unwrap().entries.len(), left);
        assert_eq!(named.confirm_delivered(id, start()), Err(OutboxError::NoSuchEntry));
    }
}

#[test]
fn a_store_in_use_that_cannot_be_read_hides_no_outbox_of_another() {
    let folders = Folders::new();
    let device = folders.only_in("user");
    folders.activate(&device, 2, start(), 30);
    let waiting = device.deactivate(start()).unwrap().id;
    let damaged = folders.only_in("home");
    damaged.request(&code(), &name(""), start()).unwrap();
    let path = damaged.store().path.clone().unwrap();
    fs::write(&path, "damaged").unwrap();
    let ids = |entries: Vec<OutboxEntry>| entries.iter().map(|one| one.id).collect::<Vec<_>>();
    for choice in [StoreChoice::Policy, StoreChoice::FileAt(path.clone())] {
        let device = folders.open_in("user", "home", choice.clone());
        assert_eq!(device.store().path.as_ref(), Some(&path), "{choice:?}");
        assert_eq!(device.status(start()).unwrap_err().code(), codes::STORE_DAMAGED);
        assert_eq!(device.outbox().unwrap_err().code(), codes::STORE_DAMAGED);
        assert_eq!(ids(device.outbox_elsewhere()), [waiting], "{choice:?}");
        let ReadableOutbox { entries, unread } = device.readable_outbox();
        assert_eq!(ids(entries), [waiting], "{choice:?}");
        assert_eq!(unread.unwrap().code(), codes::STORE_DAMAGED);
    }

    // It can be confirmed despite that, and an entry that is nowhere can't.
    let device = folders.open_in("user", "home", StoreChoice::Policy);
    let nowhere = device.confirm_delivered("0000000000000000".parse().unwrap(), start());
    assert_eq!(nowhere.unwrap_err().code(), codes::STORE_DAMAGED);
    let left = device.outbox_after_delivery(waiting, start()).unwrap();
    assert!(left.entries.is_empty() && left.unread.is_some());
    assert!(device.outbox_elsewhere().is_empty());
}

#[test]
fn another_licence_that_runs_is_named() {
    let folders = Folders::new();
    let older = folders.only_in("home");
    folders.activate(&older, 1, start() - TimeDelta::days(2), 30);
    folders.activate(&folders.only_in("user"), 2, start() - TimeDelta::days(1), 30);
    for status in
        [folders.open().status(start()).unwrap(), folders.open().read_status(start()).unwrap()]
    {
        assert_eq!(status.licence.unwrap().seat, seat(2));
        let [other] = &status.other_licences[..] else { panic!("{:?}", status.other_licences) };
        assert_eq!((other.seat, other.seat_name.as_str()), (seat(1), "Office"));
        assert_eq!(other.lease_expiry, start() + TimeDelta::days(28));
        assert_eq!(&other.store, older.store());
    }
    // Once it has ended, it isn't one that runs; nor once it is given back.
    assert_eq!(
        folders.open().read_status(start() + TimeDelta::days(36)).unwrap().other_licences,
        []
    );
    older.deactivate(start()).unwrap();
    assert_eq!(folders.open().status(start()).unwrap().other_licences, []);
}

#[test]
fn a_copy_of_the_licence_in_use_is_no_other_licence() {
    let folders = Folders::new();
    let device = folders.only_in("user");
    folders.activate(&device, 1, start(), 30);
    let path = device.store().path.as_ref().unwrap();
    fs::create_dir_all(folders.path("home")).unwrap();
    fs::copy(path, folders.path("home").join(path.file_name().unwrap())).unwrap();
    let status = folders.open().status(start()).unwrap();
    assert!(status.may_run());
    assert_eq!(status.other_licences, []);
}

/// A vault of another computer that lies in the home folder, such as one that came with a copied
/// home, is found without being named.
#[test]
fn a_copied_vault_in_the_home_folder_is_judged_as_a_copy() {
    let folders = Folders::new();
    let original = folders.only_in("there");
    folders.activate(&original, 1, start(), 90);
    let file = original.store().path.clone().unwrap();
    let copy = folders.path("home").join(file.file_name().unwrap());
    fs::create_dir_all(folders.path("home")).unwrap();
    fs::copy(&file, &copy).unwrap();
    let before = fs::read(&copy).unwrap();
    let on = |letters: &str| folders.open_on(letters, "user", "home", StoreChoice::Policy);

    // Nothing of the other computer is here: the file isn't this one's, and stays as it is.
    let other = on("b--b--b");
    assert_ne!(other.store().path.as_ref(), Some(&copy));
    assert_eq!(other.status(start()).unwrap().state, State::NotActivated);
    assert!(other.outbox().unwrap().is_empty());
    assert_eq!(fs::read(&copy).unwrap(), before);
    // The installation was copied with it: the licence runs for seven days and not longer.
    let cloned = on("a--b--b");
    assert_eq!(cloned.store().path.as_ref(), Some(&copy));
    let grace = HardwareVerdict::InGrace { until: start() + TimeDelta::days(7) };
    assert_eq!(cloned.status(start()).unwrap().hardware.verdict, Some(grace));
    let over = cloned.status(start() + TimeDelta::days(8)).unwrap();
    assert!(!over.may_run() && over.state == State::LeaseExpired);
    // The computer itself is unaffected.
    assert!(original.status(start() + TimeDelta::days(8)).unwrap().may_run());
}

#[test]
fn confirming_a_delivery_and_listing_the_others_opens_the_store_once() {
    let fixture = fixture();
    for number in 1..=2 {
        let (_, response) =
            fixture.vendor.grant(&fixture.request(start()), seat(number), start(), 30);
        fixture.apply(&response, start());
        fixture.device.deactivate(start()).unwrap();
    }
    let first = fixture.device.outbox().unwrap().remove(0);
    fixture.store.take_unlocks();
    let left = fixture.device.outbox_after_delivery(first.id, start()).unwrap();
    assert_eq!((left.entries.len(), fixture.store.take_unlocks()), (1, 1));
}

#[test]
fn another_store_is_unlocked_only_to_confirm_an_entry_that_is_in_it() {
    let fixture = fixture();
    fixture.activate(start());
    let entry = fixture.device.deactivate(start()).unwrap();
    let others = [fixture.device.clone()];
    fixture.store.take_unlocks();
    let confirm = |id| Device::confirm_in_one_of(&others, id, start(), false);
    let wrong = "0000000000000000".parse().unwrap();
    assert_eq!(confirm(wrong), Err(OutboxError::NoSuchEntry));
    assert_eq!(fixture.store.take_unlocks(), 0);
    confirm(entry.id).unwrap();
    assert_eq!(fixture.store.take_unlocks(), 1);
    // It has been confirmed already.
    assert_eq!(confirm(entry.id), Err(OutboxError::NoSuchEntry));
    assert_eq!(fixture.store.take_unlocks(), 0);
}

#[cfg(not(windows))]
#[test]
fn a_path_of_windows_is_refused_as_a_file() {
    let folders = Folders::new();
    let data_dirs = DataDirs { user: None, home: None, machine: folders.path("machine") };
    for path in [r"C:\licence", r"\\server\share\licence", r"%APPDATA%\licence"] {
        let choice = StoreChoice::FileAt(path.into());
        let refused = Device::open_in(profile(&folders.vendor), choice, &data_dirs).unwrap_err();
        assert_eq!(refused.code(), codes::STORE_WINDOWS_PATH, "{path}");
    }
}

#[test]
fn a_path_of_a_folder_or_a_device_is_refused_before_anything_is_made() {
    let folders = Folders::new();
    let data_dirs = DataDirs { user: None, home: None, machine: folders.path("machine") };
    let there = folders.path("there");
    std::fs::create_dir(&there).unwrap();
    let ends_like_one = |path: PathBuf| {
        let mut path = path.into_os_string();
        path.push(std::path::MAIN_SEPARATOR_STR);
        PathBuf::from(path)
    };
    let mut refused = vec![
        (there.clone(), "folder"),
        (ends_like_one(there), "folder"),
        (ends_like_one(folders.path("new")), "folder"),
    ];
    if cfg!(windows) {
        refused.push((folders.path("NUL"), "not_file"));
    }
    for (path, reason) in refused {
        let choice = StoreChoice::FileAt(path.clone());
        let error = Device::open_in(profile(&folders.vendor), choice, &data_dirs).unwrap_err();
        assert_eq!(error, StoreError::File { path, reason: reason.to_owned() }.into());
    }
    assert!(!folders.path("new").exists());
}
