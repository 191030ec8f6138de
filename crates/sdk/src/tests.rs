//! The SDK as a product uses it, with a vendor that consists of its keys.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use latchkey_device::simulated::{SimulatedComputer, SimulatedRights};
use latchkey_device::{DataDirs, Device, Hardware, HardwareVerdict, StoreChoice};
use latchkey_lease::Timestamp;
use latchkey_lease::{from_seconds, to_seconds};
use latchkey_token::{
    HardwareTrait, PublicKeys, Refresh, Response, SecretKeys, Seed, open_request, scan, seal,
};

use crate::store_reader::CachedStore;
use crate::*;

const DAY: i64 = 86_400;

fn day(day: i64) -> Timestamp {
    from_seconds(1_800_000_000 + day * DAY)
}

/// A vendor, its product, and a folder for the product's licence.
struct Fixture {
    vendor: SecretKeys,
    device: Option<PublicKeys>,
    product: Product<'static>,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::of_vendor(1)
    }

    fn of_vendor(byte: u8) -> Self {
        let vendor = SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap();
        let keys: &'static [[u8; 64]] = Vec::leak(vec![vendor.public().to_bytes()]);
        let product = Product::new([7; 8], 1, keys);
        Self { vendor, device: None, product, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("licence")
    }

    fn licence(&self) -> Licence {
        Licence::open_file(&self.product, &self.file()).unwrap()
    }

    fn on_file(&self, file: &Path) -> Device {
        let choice = StoreChoice::FileAt(file.to_owned());
        Device::open(self.product.profile().unwrap(), choice).unwrap()
    }

    /// A licence of thirty days with a grace period of seven.
    fn activate(&mut self, now: Timestamp) {
        let device = self.on_file(&self.file());
        let request = device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), now);
        let response = self.response(&request.unwrap().token.to_string(), now);
        device.apply(&response, now).unwrap();
    }

    fn response(&mut self, request: &str, now: Timestamp) -> String {
        let token = scan(request).unwrap().remove(0).token.unwrap();
        let request = open_request(&token, &self.vendor).unwrap().into_payload();
        self.device = Some(request.device);
        let response = Response {
            request: request.request,
            seat: SeatId::from_bytes([1; 8]),
            activated_at: to_seconds(now),
            lease_expiry: to_seconds(now) + 30 * DAY,
            grace: 7 * DAY as u64,
            sequence: 1,
            features: [
                (1, FeatureValue::Bool(true)),
                (2, FeatureValue::Bool(false)),
                (3, FeatureValue::Number(8)),
            ]
            .into(),
            attributes: [("plan".to_owned(), "pro".to_owned())].into(),
            subscription_end: None,
            traits_digest: request.traits.digest(),
        };
        seal(&response, self.product.number, &self.vendor, &request.device).unwrap().to_string()
    }

    fn refresh(&self, now: Timestamp) -> String {
        self.refresh_for(now, 30)
    }

    fn refresh_for(&self, now: Timestamp, days: i64) -> String {
        let refresh = Refresh {
            seat: SeatId::from_bytes([1; 8]),
            issued_at: to_seconds(now),
            lease_expiry: to_seconds(now) + days * DAY,
            sequence: 2,
            grace: None,
            features: None,
            attributes: None,
            subscription_end: None,
        };
        let device = self.device.as_ref().unwrap();
        seal(&refresh, self.product.number, &self.vendor, device).unwrap().to_string()
    }
}

#[test]
fn days_left_are_counted_as_people_count_them() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    fixture.activate(day(0));
    // The time that passes during the test counts too, so this is longer than any run takes.
    let moment = chrono::TimeDelta::minutes(10);
    for (at, left) in [
        (day(0), (30, 37)),
        (day(0) + moment, (30, 37)),
        (day(1), (29, 36)),
        (day(29) - moment, (2, 9)),
        (day(30) - moment, (1, 8)),
        (day(30), (0, 7)),
        (day(37) - moment, (0, 1)),
    ] {
        let verdict = licence.check_at(at);
        let terms = verdict.granted().unwrap();
        assert_eq!((terms.days_left(), terms.days_until_stop()), left, "{at}");
    }
}

#[test]
fn the_verdict_follows_the_lease_and_its_grace() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    assert_eq!(*licence.check_at(day(0)), Verdict::NotActivated);
    fixture.activate(day(0));

    let active = licence.check_at(day(29));
    assert_eq!(active.kind(), VerdictKind::Active);
    let terms = active.granted().unwrap();
    assert_eq!((terms.lease_expiry, terms.runs_until), (day(30), day(37)));
    assert_eq!((terms.days_left(), terms.days_until_stop()), (1, 8));
    assert_eq!(terms.attributes["plan"], "pro");
    assert!(active.has_feature(1) && !active.has_feature(2) && active.has_feature(3));
    assert!(!active.has_feature(4));
    assert_eq!([1, 2, 3, 4].map(|feature| active.limit(feature)), [1, 0, 8, 0]);

    let grace = licence.check_at(day(36));
    assert_eq!((grace.kind(), grace.may_run()), (VerdictKind::InGrace, true));
    assert_eq!(grace.granted().unwrap().days_left(), 0);
    let over = licence.check_at(day(37));
    assert_eq!((over.kind(), over.may_run()), (VerdictKind::Expired, false));
    assert!(over.granted().is_none() && !over.has_feature(1));
    assert_eq!(over.terms().unwrap().lease_expiry, day(30));
}

#[test]
fn setting_the_clock_back_gains_nothing_and_is_reported() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    // A jump by more than thirty days would only be believed after a while.
    assert_eq!(fixture.licence().check_at(day(20)).kind(), VerdictKind::Active);
    assert_eq!(fixture.licence().check_at(day(40)).kind(), VerdictKind::Expired);
    let suspect = fixture.licence().check_at(day(5));
    assert_eq!((suspect.kind(), suspect.may_run()), (VerdictKind::ClockSuspect, false));
    assert_eq!(suspect.code().name, "verdict.clock_behind");
}

#[test]
fn every_verdict_has_a_message_and_a_next_step_in_every_language() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    let mut verdicts = vec![licence.check_at(day(0))];
    fixture.activate(day(0));
    verdicts.extend([29, 36, 40, 5].map(|at| licence.check_at(day(at))));
    std::fs::write(fixture.file(), "nonsense").unwrap();
    verdicts.push(licence.check_at(day(1)));
    std::fs::remove_file(fixture.file()).unwrap();
    std::fs::create_dir(fixture.file()).unwrap();
    verdicts.push(licence.check_at(day(1)));
    let terms = verdicts[1].terms().unwrap().clone();
    let changed = vec![HardwareTrait::SystemDisk, HardwareTrait::NetworkAddress];
    verdicts.push(Arc::new(Verdict::HardwareChanged { terms, changed, reason: None }));
    let kinds: Vec<_> = verdicts.iter().map(|verdict| verdict.kind() as u32).collect();
    assert_eq!(kinds, [4, 1, 2, 3, 5, 8, 7, 6]);
    for language in Language::ALL {
        for verdict in &verdicts {
            let said = verdict.explain_in(*language);
            assert!(said.message.contains(' ') && said.action.contains(' '), "{said:?}");
            assert!(!said.message.contains('{') && !said.message.contains('$'), "{said:?}");
        }
    }
    let said = verdicts[7].explain_in(Language::German).message;
    assert!(said.contains("Systemlaufwerk, Netzwerkkarte"), "{said}");
}

#[test]
fn a_clock_far_ahead_ends_the_lease_until_it_is_corrected() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    let licence = fixture.licence();
    assert!(licence.check_at(day(1)).may_run());
    for at in [50, 3_650] {
        let verdict = licence.check_at(day(at));
        assert_eq!((verdict.kind(), verdict.may_run()), (VerdictKind::ClockSuspect, false), "{at}");
        assert_eq!(verdict.code().name, "verdict.over_by_clock");
        assert!(verdict.granted().is_none() && !verdict.has_feature(1));
        let terms = verdict.terms().unwrap();
        assert_eq!((terms.effective_now, terms.days_until_stop()), (day(at), 0));
        assert!(!licence.last_verdict().unwrap().verdict.may_run());
        let said = verdict.explain_in(Language::English);
        assert!(said.message.contains("By this computer’s clock"), "{said:?}");
        assert!(said.action.contains("the licence works again immediately"), "{said:?}");
        assert!(verdict.explain_in(Language::German).action.contains("gilt sofort weiter"));
    }
    let verdict = licence.check_at(day(2));
    assert_eq!((verdict.kind(), verdict.may_run()), (VerdictKind::Active, true));
}

#[test]
fn restoring_the_file_before_each_check_does_not_extend_the_lease() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    let pristine = std::fs::read(fixture.file()).unwrap();
    for at in [29, 31, 36, 38, 45, 365, 3_650] {
        std::fs::write(fixture.file(), &pristine).unwrap();
        // As a new process, and twice: from the file, and from what was kept of it.
        let licence = fixture.licence();
        assert_eq!(licence.check_at(day(at)).may_run(), at < 37, "{at}");
        assert_eq!(licence.check_at(day(at)).may_run(), at < 37, "{at}");
    }
}

#[test]
fn a_clock_far_ahead_within_the_lease_is_reported_and_blocks_nothing() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    // Four months at once are more than is remembered at first sight.
    let refresh = fixture.refresh_for(day(1), 365);
    fixture.on_file(&fixture.file()).apply(&refresh, day(1)).unwrap();
    let verdict = fixture.licence().check_at(day(120));
    assert_eq!((verdict.kind(), verdict.may_run()), (VerdictKind::ClockSuspect, true));
    assert_eq!(verdict.code().name, "verdict.clock_ahead");
    assert_eq!(verdict.granted().unwrap().effective_now, day(120));
}

#[test]
fn a_licence_signed_with_other_keys_is_refused() {
    let mut forger = Fixture::of_vendor(2);
    forger.activate(day(0));
    let real = Fixture::new();
    std::fs::copy(forger.file(), real.file()).unwrap();
    let verdict = real.licence().check_at(day(0));
    assert_eq!((verdict.kind(), verdict.may_run()), (VerdictKind::Tampered, false));
    assert_eq!(verdict.code().name, "lease.altered");
}

#[test]
fn a_product_with_its_own_dialogs_activates_refreshes_and_deactivates() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    let now = crate::clock::wall_clock();
    assert_eq!(licence.pending_request_token().unwrap(), None);
    let code = "TEST-CODE".parse().unwrap();
    let request =
        licence.generate_offline_activation_request_token(&code, &SeatName::default()).unwrap();
    assert!(licence.pending_request_token().unwrap().is_some());
    let nothing = licence.activate_offline("hello").unwrap_err();
    assert_eq!(nothing.code().name, "token.none_found");
    let wrong = licence.activate_offline(&request).unwrap_err();
    assert_eq!(wrong.code().name, "token.wrong_kind");

    let response = fixture.response(&request, now);
    assert_eq!(licence.activate_offline(&response).unwrap().kind(), VerdictKind::Active);
    let again = licence.generate_offline_activation_request_token(&code, &SeatName::default());
    assert_eq!(again.unwrap_err().code().name, "lease.active");
    let refresh = fixture.refresh(now + chrono::TimeDelta::hours(1));
    let refreshed = licence.refresh_lease_offline(&format!("Hello,\n> {refresh}\n")).unwrap();
    let later = now + chrono::TimeDelta::hours(1 + 30 * 24);
    assert_eq!(to_seconds(refreshed.granted().unwrap().lease_expiry), to_seconds(later));

    let given_back = licence.deactivate_offline().unwrap();
    assert_eq!(licence.last_verdict().unwrap().verdict.kind(), VerdictKind::NotActivated);
    let kept = licence.undelivered_deactivations().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].id, given_back.id);
    assert!(licence.confirm_delivered("nonsense").is_err());
    licence.confirm_delivered(&given_back.id).unwrap();
    assert!(licence.undelivered_deactivations().unwrap().is_empty());
}

#[test]
fn the_check_after_an_operation_does_not_read_the_store_again() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    let code = "TEST-CODE".parse().unwrap();
    let request =
        licence.generate_offline_activation_request_token(&code, &SeatName::default()).unwrap();
    let response = fixture.response(&request, crate::clock::wall_clock());
    for _ in 0..2 {
        // The second time, the response has been applied already.
        assert_eq!(licence.activate_offline(&response).unwrap().kind(), VerdictKind::Active);
        assert_eq!((licence.check().kind(), licence.reads()), (VerdictKind::Active, 0));
    }
    // What another program writes meanwhile is read.
    fixture.on_file(&fixture.file()).deactivate(crate::clock::wall_clock()).unwrap();
    assert_eq!((licence.check().kind(), licence.reads()), (VerdictKind::NotActivated, 1));
}

#[test]
fn features_cannot_be_checked_out_offline_and_the_message_names_what_is_needed() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    let code = |result: Result<(), FeatureError>| result.unwrap_err().code().name;
    assert_eq!(code(licence.checkout_feature(3, 1)), "verdict.not_activated");
    fixture.activate(crate::clock::wall_clock());
    assert_eq!(code(licence.checkout_feature(2, 1)), "feature.not_included");
    for refused in [licence.checkout_feature(3, 1), licence.return_feature(3, 1)] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code().name, "feature.offline");
        let said = explain_in(Language::English, &refused);
        assert!(said.message.contains("Local License Server"), "{said:?}");
        // There is none yet, so no user is told to get one.
        assert!(!said.action.contains("Server"), "{said:?}");
    }
}

#[test]
fn listeners_are_called_for_changes_and_nothing_else() {
    let mut fixture = Fixture::new();
    let licence = fixture.licence();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&heard);
    licence.on_change(move |verdict| into.lock().unwrap().push(verdict.kind()));
    let _ = licence.check_at(day(0));
    fixture.activate(day(0));
    for at in [1, 2, 31, 32, 38] {
        let _ = licence.check_at(day(at));
    }
    assert_eq!(
        *heard.lock().unwrap(),
        [VerdictKind::Active, VerdictKind::InGrace, VerdictKind::Expired]
    );
}

#[test]
fn the_last_verdict_has_an_age_and_is_shared_by_clones() {
    let fixture = Fixture::new();
    let licence = fixture.licence();
    assert!(licence.last_verdict().is_none());
    let _ = licence.clone().check_at(day(0));
    let first = licence.last_verdict().unwrap();
    assert_eq!(*first.verdict, Verdict::NotActivated);
    let later = licence.last_verdict().unwrap();
    assert!(later.age >= first.age);
}

#[test]
fn many_threads_may_check_at_once() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    let licence = fixture.licence();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(licence.check_at(day(1)).may_run());
                    assert!(licence.last_verdict().unwrap().verdict.may_run());
                }
            });
        }
    });
}

#[test]
fn a_running_product_notices_at_once_that_its_licence_is_gone() {
    let mut fixture = Fixture::new();
    fixture.activate(day(0));
    let licence = fixture.licence();
    assert!(licence.check_at(day(1)).may_run());
    fixture.on_file(&fixture.file()).deactivate(day(1)).unwrap();
    assert_eq!(*licence.check_at(day(1)), Verdict::NotActivated);
}

#[test]
fn a_watch_checks_by_itself_until_it_is_dropped() {
    let fixture = Fixture::new();
    let licence = fixture.licence();
    let watch = licence.watch(std::time::Duration::ZERO).unwrap();
    while licence.last_verdict().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    drop(watch);
}

#[test]
fn no_file_is_read_where_the_store_policy_forbids_files() {
    let fixture = Fixture::new();
    let data_dirs = DataDirs {
        user: Some(fixture.folder.path().to_owned()),
        home: None,
        machine: fixture.folder.path().into(),
    };
    let forbidding = Product {
        store: StorePolicy { file_allowed: false, ..fixture.product.store },
        ..fixture.product
    };
    let opened = |product: &Product<'_>| Licence::open_in(product, &data_dirs).unwrap();
    assert_eq!(opened(&fixture.product).stores(), [StoreKind::File, StoreKind::Keyring]);
    assert_eq!(opened(&forbidding).stores(), [StoreKind::Keyring]);
    let refused = opened(&forbidding).keep_in_file().unwrap_err();
    assert_eq!(refused.code().name, "store.file_forbidden");
    let named = Licence::open_file(&forbidding, &fixture.file()).unwrap_err();
    assert_eq!(named.code().name, "store.file_forbidden");
    let machine = StorePolicy { scope: Scope::Machine, ..forbidding.store };
    assert_eq!(opened(&Product { store: machine, ..forbidding }).stores(), [StoreKind::File]);
    let by_default = StorePolicy { default: StoreKind::File, ..fixture.product.store };
    assert_eq!(opened(&Product { store: by_default, ..forbidding }).stores(), [StoreKind::File]);
}

#[test]
fn the_most_important_file_counts_whichever_folder_it_is_in() {
    for (first, second) in [("user", "home"), ("home", "user")] {
        let mut fixture = Fixture::new();
        fixture.product.store.default = StoreKind::File;
        let path = |name: &str| fixture.folder.path().join(name);
        let data_dirs = |user: &str, home: &str| DataDirs {
            user: Some(path(user)),
            home: Some(path(home)),
            machine: path("machine"),
        };
        let (both, first, second) =
            (data_dirs("user", "home"), data_dirs(first, "other"), data_dirs(second, "other"));
        let profile = fixture.product.profile().unwrap();
        let device =
            |data_dirs| Device::open_in(profile.clone(), StoreChoice::Policy, data_dirs).unwrap();
        let request = |device: &Device, now| {
            let request = device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), now);
            request.unwrap().token.to_string()
        };
        let licence = Licence::open_in(&fixture.product, &both).unwrap();
        assert_eq!(licence.check_at(day(0)).kind(), VerdictKind::NotActivated);

        // A file without a licence hides none.
        let first = device(&first);
        let _ = request(&first, day(0));
        assert_eq!(licence.check_at(day(0)).kind(), VerdictKind::NotActivated);
        let second = device(&second);
        let token = request(&second, day(0));
        second.apply(&fixture.response(&token, day(0)), day(0)).unwrap();
        assert_eq!(licence.check_at(day(1)).kind(), VerdictKind::Active);

        // Of two licences that run, the newer one counts.
        let token = request(&first, day(2));
        first.apply(&fixture.response(&token, day(2)), day(2)).unwrap();
        let verdict = licence.check_at(day(3));
        assert_eq!(verdict.granted().unwrap().lease_expiry, day(32));

        // A damaged file hides none, and is reported where it is the only one.
        std::fs::write(first.store().path.as_ref().unwrap(), "damaged").unwrap();
        assert_eq!(licence.check_at(day(4)).granted().unwrap().lease_expiry, day(30));
        std::fs::remove_file(second.store().path.as_ref().unwrap()).unwrap();
        assert_eq!(licence.check_at(day(4)).code().name, "store.damaged");
    }
}

#[test]
fn a_folder_that_cannot_be_used_does_not_hide_that_the_home_folder_has_no_licence() {
    let mut fixture = Fixture::new();
    fixture.product.store.default = StoreKind::File;
    let path = |name: &str| fixture.folder.path().join(name);
    // A file where the folder would be keeps everyone from creating it.
    std::fs::write(path("share"), "").unwrap();
    let data_dirs = DataDirs {
        user: Some(path("share/latchkey")),
        home: Some(path("home")),
        machine: path("machine"),
    };
    let licence = Licence::open_in(&fixture.product, &data_dirs).unwrap();
    let profile = fixture.product.profile().unwrap();
    let device = Device::open_in(profile, StoreChoice::File, &data_dirs).unwrap();
    device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), day(0)).unwrap();
    assert_eq!(*licence.check_at(day(0)), Verdict::NotActivated);
    device.cancel_pending(day(0)).unwrap();
    assert_eq!(*licence.check_at(day(0)), Verdict::NotActivated);
}

#[test]
fn a_licence_that_does_not_verify_is_not_passed_over_for_a_request() {
    let mut fixture = Fixture::new();
    fixture.product.store.default = StoreKind::File;
    let root = fixture.folder.path().to_owned();
    let path = |name: &str| root.join(name);
    let data_dirs = |user: &str| DataDirs {
        user: Some(path(user)),
        home: Some(path("home")),
        machine: path("machine"),
    };
    let profile = fixture.product.profile().unwrap();
    let open = |data_dirs: &DataDirs| {
        Device::open_in(profile.clone(), StoreChoice::Policy, data_dirs).unwrap()
    };
    let request = |device: &Device| {
        let request = device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), day(0));
        request.unwrap().token.to_string()
    };
    let both = data_dirs("user");
    let activated = open(&both);
    activated.apply(&fixture.response(&request(&activated), day(0)), day(0)).unwrap();
    let _ = request(&open(&DataDirs { home: None, ..data_dirs("home") }));

    let check =
        |product: &Product<'_>| Licence::open_in(product, &both).unwrap().check_at(day(1)).kind();
    assert_eq!(check(&fixture.product), VerdictKind::Active);
    let vendor_keys = Fixture::of_vendor(2).product.vendor_keys;
    let other_keys = Product { vendor_keys, ..fixture.product };
    let device =
        Device::open_in(other_keys.profile().unwrap(), StoreChoice::Policy, &both).unwrap();
    assert_eq!(device.store().path, activated.store().path);
    assert_eq!(check(&other_keys), VerdictKind::Tampered);
}

/// Fills a store, given the time.
type Fill = fn(&mut Fixture, &Device, Timestamp);

fn request_on(device: &Device, now: Timestamp) -> String {
    let request = device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), now);
    request.unwrap().token.to_string()
}

fn activate_on(fixture: &mut Fixture, device: &Device, now: Timestamp) {
    let response = fixture.response(&request_on(device, now), now);
    device.apply(&response, now).unwrap();
}

fn ago(now: Timestamp, days: i64) -> Timestamp {
    now - chrono::TimeDelta::days(days)
}

const CONTENTS: [(&str, Fill); 9] = [
    ("nothing", |_, _, _| {}),
    ("a request", |_, device, now| drop(request_on(device, now))),
    ("an undelivered deactivation", |fixture, device, now| {
        activate_on(fixture, device, now);
        device.deactivate(now).unwrap();
    }),
    ("something damaged", |_, device, now| {
        let _ = request_on(device, now);
        std::fs::write(device.store().path.as_ref().unwrap(), "damaged").unwrap();
    }),
    ("a folder", |_, device, _| {
        std::fs::create_dir_all(device.store().path.as_ref().unwrap()).unwrap();
    }),
    (OTHER_VENDOR, |_, device, now| activate_on(&mut Fixture::of_vendor(2), device, now)),
    ("an expired licence", |fixture, device, now| activate_on(fixture, device, ago(now, 40))),
    ("a licence that runs", |fixture, device, now| activate_on(fixture, device, ago(now, 5))),
    ("a newer licence that runs", |fixture, device, now| activate_on(fixture, device, ago(now, 1))),
];

const OTHER_VENDOR: &str = "a licence that does not verify";

#[test]
fn a_product_and_the_programs_choose_the_same_store() {
    // The choice of the programs reads the clock.
    let now = crate::clock::wall_clock();
    for (first_name, fill_first) in CONTENTS {
        for (second_name, fill_second) in CONTENTS {
            let mut fixture = Fixture::new();
            fixture.product.store.default = StoreKind::File;
            let root = fixture.folder.path().to_owned();
            let data_dirs = |user: &str, home: Option<&str>| DataDirs {
                user: Some(root.join(user)),
                home: home.map(|home| root.join(home)),
                machine: root.join("machine"),
            };
            for (folder, name, fill) in
                [("user", first_name, fill_first), ("home", second_name, fill_second)]
            {
                let vendor_keys = match name {
                    OTHER_VENDOR => Fixture::of_vendor(2).product.vendor_keys,
                    _ => fixture.product.vendor_keys,
                };
                let profile = Product { vendor_keys, ..fixture.product }.profile().unwrap();
                let folder = data_dirs(folder, None);
                let device = Device::open_in(profile, StoreChoice::Policy, &folder).unwrap();
                fill(&mut fixture, &device, now);
            }
            let both = data_dirs("user", Some("home"));
            let profile = fixture.product.profile().unwrap();
            let device = Device::open_in(profile, StoreChoice::Policy, &both).unwrap();
            let expected = Verdict::from_status(device.read_status(now), now);
            let verdict = Licence::open_in(&fixture.product, &both).unwrap().check_at(now);
            let names = format!("{first_name}, {second_name}");
            assert!(!verdict.differs_from(&expected), "{names}: {verdict:?}, not {expected:?}");
        }
    }
}

#[test]
fn deactivations_are_found_without_a_device() {
    let mut fixture = Fixture::new();
    fixture.product.store.default = StoreKind::File;
    let path = |name: &str| fixture.folder.path().join(name);
    let data_dirs =
        DataDirs { user: Some(path("user")), home: Some(path("home")), machine: path("machine") };
    let home = DataDirs { user: Some(path("home")), home: None, ..data_dirs.clone() };
    let profile = fixture.product.profile().unwrap();
    let device = Device::open_in(profile.clone(), StoreChoice::Policy, &home).unwrap();
    activate_on(&mut fixture, &device, day(0));
    let id = device.deactivate(day(0)).unwrap().id;
    let ids = |dirs: &DataDirs| {
        let entries = Device::outboxes_in(&profile, dirs);
        entries.iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&data_dirs), [id]);
    let confirm = |id| Device::confirm_delivered_in(&profile, &data_dirs, id, day(0));
    let nowhere = confirm("0000000000000000".parse().unwrap());
    assert_eq!(nowhere, Err(OutboxError::NoSuchEntry));
    confirm(id).unwrap();
    assert_eq!(ids(&data_dirs), []);
}

#[test]
fn a_store_that_cannot_be_read_hides_no_deactivation_of_another() {
    let mut fixture = Fixture::new();
    fixture.product.store.default = StoreKind::File;
    let path = |name: &str| fixture.folder.path().join(name);
    let data_dirs =
        DataDirs { user: Some(path("user")), home: Some(path("home")), machine: path("machine") };
    let of = |folder: &str| {
        let folder = DataDirs { user: Some(path(folder)), home: None, ..data_dirs.clone() };
        let profile = fixture.product.profile().unwrap();
        Device::open_in(profile, StoreChoice::Policy, &folder).unwrap()
    };
    let (user, home) = (of("user"), of("home"));
    activate_on(&mut fixture, &user, day(0));
    let id = user.deactivate(day(0)).unwrap().id.to_string();
    let _ = request_on(&home, day(0));
    std::fs::write(home.store().path.as_ref().unwrap(), "damaged").unwrap();
    let licence = Licence::open_in(&fixture.product, &data_dirs).unwrap();
    assert_eq!(licence.check_at(day(0)).code().name, "store.damaged");
    let waiting = licence.undelivered_deactivations().unwrap();
    assert_eq!(waiting.iter().map(|one| &one.id).collect::<Vec<_>>(), [&id]);
    licence.confirm_delivered(&id).unwrap();
    assert!(licence.undelivered_deactivations().is_err());
}

/// A licence on a simulated computer whose board has been replaced since.
fn on_another_board(fixture: &mut Fixture) -> (SimulatedComputer, Device) {
    let computer = SimulatedComputer::default();
    let set = |board: &str| {
        let traits = [
            (HardwareTrait::SystemUuid, board),
            (HardwareTrait::BoardSerial, board),
            (HardwareTrait::SystemDisk, "the same"),
        ];
        computer.set_traits(traits.map(|(which, value)| (which, value.to_owned())).into());
    };
    set("first");
    let device = Device::open_simulated(
        fixture.product.profile().unwrap(),
        &computer,
        fixture.folder.path(),
    );
    let request = device.request(&"TEST-CODE".parse().unwrap(), &SeatName::default(), day(0));
    let response = fixture.response(&request.unwrap().token.to_string(), day(0));
    device.apply(&response, day(0)).unwrap();
    set("second");
    (computer, device)
}

#[test]
fn all_threads_wait_until_a_hardware_change_is_recorded() {
    let mut fixture = Fixture::new();
    let (_, device) = on_another_board(&mut fixture);
    let store = CachedStore::new(device);
    // Another program holds the lock for longer than a check waits to persist the time.
    let other = File::open(fixture.folder.path().join("simulated.lock")).unwrap();
    other.lock().unwrap();
    let verdicts: Vec<_> = std::thread::scope(|scope| {
        let status = || store.status(day(0)).unwrap().hardware.verdict;
        let first = scope.spawn(status);
        let given_up = Instant::now() + Duration::from_secs(300);
        while !store.is_recording() && Instant::now() < given_up {
            std::thread::yield_now();
        }
        // Not inside the loop: the scope waits for the first thread, and that one for the lock.
        let recording = store.is_recording();
        let others = [scope.spawn(status), scope.spawn(status)];
        std::thread::sleep(Duration::from_secs(1));
        other.unlock().unwrap();
        assert!(recording, "nothing was recorded");
        [first].into_iter().chain(others).map(|thread| thread.join().unwrap()).collect()
    });
    let in_grace = |verdict| matches!(verdict, Some(HardwareVerdict::InGrace { .. }));
    assert!(verdicts.iter().copied().all(in_grace), "{verdicts:?}");
}

#[test]
fn no_thread_gets_a_grace_period_if_the_change_cannot_be_recorded() {
    let mut fixture = Fixture::new();
    let (computer, device) = on_another_board(&mut fixture);
    computer.set_access(SimulatedRights::ReadOnly);
    let store = CachedStore::new(device);
    let hardware = std::thread::scope(|scope| {
        let status = || store.status(day(0)).unwrap().hardware;
        [(); 3].map(|()| scope.spawn(status)).map(|thread| thread.join().unwrap())
    });
    assert!(hardware.iter().all(Hardware::is_unrecorded), "{hardware:?}");
}
