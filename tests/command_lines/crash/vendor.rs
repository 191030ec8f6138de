//! The commands of the licensing server.

use std::collections::BTreeMap;
use std::path::Path;

use latchkey_e2e_support::{Clock, Vendor};
use serde_json::json;

use super::{Command, CrashRun, Group, names, programs};
use crate::fixture::{FEATURES, Fixture, ONE_SEAT};

/// Asserts that a vendor's folder opens with this passphrase, or without one, that it has this many
/// keys, and that no other file is left in it.
pub(super) fn assert_is_complete(vendor: &Vendor, passphrase: Option<&Path>, keys: usize) {
    let mut call = vendor.call().args(["--json"]);
    if let Some(passphrase) = passphrase {
        call = call.args(["--passphrase-file".as_ref(), passphrase.as_os_str()]);
    }
    let listed = call.args(["key", "list"]).run().succeeds().json();
    let listed = listed["keys"].as_array().expect("keys");
    assert_eq!(listed.len(), keys, "{listed:?}");
    assert!(listed.iter().all(|key| key["here"] == true), "{listed:?}");
    assert_eq!(names(&vendor.data), ["issuer.db", "keys"]);
    let stray: Vec<_> = names(&vendor.data.join("keys"))
        .into_iter()
        .filter(|name| name != "lock" && !name.ends_with(".key"))
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}

pub(super) static INIT: Group =
    Group { name: "init", commands: &["latchkey-server init"], one_in: 12, run: init };

fn init(run: &CrashRun) {
    let folder = tempfile::tempdir().expect("a folder");
    let vendor = Vendor::at(&programs(), &folder.path().join("data"));
    Command::new("latchkey-server init", &[folder.path()], &|| {
        vendor.call().args(["--json", "init", "--vendor", "Acme"])
    })
    .already_done(&["vendor.already_set_up"])
    .after_repeat(&|| assert_is_complete(&vendor, None, 2))
    .interrupt(run);
}

pub(super) static KEY_ROTATE: Group =
    Group { name: "key rotate", commands: &["latchkey-server key rotate"], one_in: 3, run: rotate };

fn rotate(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let roles = || {
        let keys = vendor.json(&["key", "list"]).succeeds().json();
        let keys = keys["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| key["key"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let before = roles();
    // Copies that have a name of another key in the end, or stand before it in the alphabet.
    let keys = vendor.data.join("keys");
    for (key, copy) in [
        ("active.key", "active-backup.key".to_owned()),
        ("active.key", format!("old-{}.key", before[0])),
        ("spare.key", "spare-copy.key".to_owned()),
    ] {
        std::fs::copy(keys.join(key), keys.join(copy)).expect("a copy of a key");
    }
    let content = |name: &str| std::fs::read(keys.join(name)).expect("a key");
    let contents = [content("active.key"), content("spare.key")];
    Command::new("latchkey-server key rotate", &[&vendor.data], &|| {
        vendor.call().args(["--json", "key", "rotate"])
    })
    .after_interruption(&|_| {
        let now = roles();
        assert!(now[0] == before[0] || now[0] == before[1], "neither before nor after");
    })
    .after_repeat(&|| {
        assert_is_complete(&vendor, None, 3);
        assert_eq!(roles()[0], before[1], "it was rotated more than once");
        assert!(content("active.key") == contents[1], "another key has the active one’s name");
        assert!(!contents.contains(&content("spare.key")), "another key has the spare one’s name");
    })
    .interrupt(run);
}

pub(super) static KEY_SEAL: Group =
    Group { name: "key seal", commands: &["latchkey-server key seal"], one_in: 5, run: seal };

fn seal(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let folder = vendor.folder().expect("a folder");
    let (first, second) = (folder.join("first"), folder.join("second"));
    std::fs::write(&first, "first passphrase\n").expect("a file");
    std::fs::write(&second, "second passphrase\n").expect("a file");
    let opens = |passphrase: Option<&Path>| {
        let mut call = vendor.call().args(["--json"]);
        if let Some(passphrase) = passphrase {
            call = call.args(["--passphrase-file".as_ref(), passphrase.as_os_str()]);
        }
        call.args(["key", "list"]).run().exit == Some(0)
    };
    let seal = |before: Option<&Path>, new: &Path| {
        let mut call = vendor.call().args(["--json"]);
        if let Some(before) = before {
            call = call.args(["--passphrase-file".as_ref(), before.as_os_str()]);
        }
        call.args(["key", "seal", "--new-passphrase-file"]).args([new.as_os_str()])
    };
    for (variant, before, new) in
        [("", None, &first), ("another passphrase", Some(&*first), &second)]
    {
        Command::new("latchkey-server key seal", &[&vendor.data], &|| seal(before, new))
            .variant(variant)
            .after_interruption(&|_| {
                assert!(opens(before) || opens(Some(new)), "it opens with neither")
            })
            .after_repeat(&|| {
                assert_is_complete(&vendor, Some(new), 2);
                if let Some(before) = before {
                    assert!(!opens(Some(before)), "it opens with the old one");
                }
            })
            .interrupt(run);
        let _ = seal(before, new).run().succeeds();
    }
}

pub(super) static BACKUP: Group =
    Group { name: "backup", commands: &["latchkey-server backup"], one_in: 8, run: backup };

fn backup(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let beside = tempfile::tempdir().expect("a folder");
    let out = beside.path().join("backup");
    let restored = tempfile::tempdir().expect("a folder");
    Command::new("latchkey-server backup", &[&vendor.data, beside.path()], &|| {
        vendor.call().args(["--json", "backup", "--out"]).args([out.as_os_str()])
    })
    .already_done(&["backup.exists"])
    .after_repeat(&|| {
        assert_eq!(names(beside.path()), ["backup"], "something is left beside it");
        assert_is_complete(&vendor, None, 2);
        let put_back = Vendor::at(&programs(), &restored.path().join("data"));
        let from = out.to_string_lossy();
        let _ = put_back.json(&["restore", "--from", &from]).succeeds();
        assert_is_complete(&put_back, None, 2);
        std::fs::remove_dir_all(&put_back.data).expect("it can be removed");
    })
    .interrupt(run);
}

pub(super) static RESTORE: Group =
    Group { name: "restore", commands: &["latchkey-server restore"], one_in: 12, run: restore };

fn restore(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let _ = vendor.add_product("Acme CAD", &[]);
    let folder = vendor.folder().expect("a folder");
    let backup = folder.join("backup");
    let _ = vendor.json(&["backup", "--out", &backup.to_string_lossy()]).succeeds();
    let beside = tempfile::tempdir().expect("a folder");
    let restored = Vendor::at(&programs(), &beside.path().join("data"));
    Command::new("latchkey-server restore", &[beside.path()], &|| {
        restored.call().args(["--json", "restore", "--from"]).args([backup.as_os_str()])
    })
    .already_done(&["backup.exists"])
    .after_repeat(&|| {
        assert_eq!(names(beside.path()), ["data"], "something is left beside it");
        assert_is_complete(&restored, None, 2);
        let products = restored.json(&["product", "list"]).succeeds().stdout;
        assert!(products.contains("Acme CAD"), "{products}");
    })
    .interrupt(run);
}

pub(super) static PRODUCTS: Group = Group {
    name: "products",
    commands: &[
        "latchkey-server product add",
        "latchkey-server kit",
        "latchkey-server entitlement add",
        "latchkey-server code disable",
        "latchkey-server entitlement end",
    ],
    one_in: 12,
    run: products,
};

fn products(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let listed = |what: &str| {
        let listed = vendor.json(&[what, "list"]).succeeds().json();
        let listed = listed.as_object().and_then(|listed| listed.values().next()).cloned();
        listed.and_then(|listed| listed.as_array().cloned()).expect("a list")
    };
    let count = |what: &str| listed(what).len();
    Command::new("latchkey-server product add", &[&vendor.data], &|| {
        vendor.call().args(["--json", "product", "add", "--name", "Acme CAD"])
    })
    .already_done(&["product.name_taken"])
    .after_repeat(&|| assert_eq!(count("product"), 1))
    .interrupt(run);
    let number = vendor.add_product("Acme CAD", FEATURES);
    let product = number.to_string();

    let beside = tempfile::tempdir().expect("a folder");
    let (whole, out) = (beside.path().join("whole"), beside.path().join("kit"));
    let _ = vendor.kit_for(number, &whole, "https://licence.acme.example");
    let files = |folder: &Path| -> BTreeMap<String, String> {
        let text = |name: String| {
            (name.clone(), std::fs::read_to_string(folder.join(name)).expect("a text"))
        };
        names(folder).into_iter().map(text).collect()
    };
    let files_of_a_whole_one = files(&whole);
    Command::new("latchkey-server kit", &[&vendor.data, beside.path()], &|| {
        let call = vendor.call().args(["--json", "kit", "--product", &product, "--out"]);
        call.args([out.as_os_str()]).args(["--portal", "https://licence.acme.example"])
    })
    .after_repeat(&|| assert_eq!(files(&out), files_of_a_whole_one))
    .interrupt(run);

    Command::new("latchkey-server entitlement add", &[&vendor.data], &|| {
        let call = vendor.call().args(["--json", "entitlement", "add", "--product", &product]);
        call.args(ONE_SEAT)
    })
    .after_interruption(&|succeeded| assert!(!succeeded || count("entitlement") == 1))
    // There may be a second one if only the answer was lost: nobody has its code.
    .after_repeat(&|| assert!((1..=2).contains(&count("entitlement"))))
    .interrupt(run);
    let entitlement = vendor.add_entitlement(number, ONE_SEAT);

    let codes = || listed("entitlement")[0]["codes"].clone();
    let before = codes();
    Command::new("latchkey-server code disable", &[&vendor.data], &|| {
        vendor.call().args(["--json", "code", "disable", "-"]).input(entitlement.code())
    })
    .after_interruption(&|succeeded| assert!(!succeeded || codes() != before))
    .after_repeat(&|| assert_ne!(codes(), before))
    .interrupt(run);

    let state = || listed("entitlement")[0]["state"].clone();
    Command::new("latchkey-server entitlement end", &[&vendor.data], &|| {
        vendor.call().args(["--json", "entitlement", "end", &entitlement.id])
    })
    .after_interruption(&|succeeded| assert!(!succeeded || state() == "ended"))
    .after_repeat(&|| assert_eq!(state(), "ended"))
    .interrupt(run);
}

pub(super) static SEATS: Group = Group {
    name: "seats",
    commands: &[
        "latchkey-server activate",
        "latchkey-server refresh",
        "latchkey-server seat release",
        "latchkey-server deactivate",
    ],
    one_in: 12,
    run: seats,
};

fn seats(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let vendor = &fixture.vendor;
    let at_most_one = |_: bool| assert!(fixture.seats_in_use() <= 1, "a seat too many");
    let with = |arguments: &[&str], input: &str| {
        vendor.call().args(["--json"]).args(arguments).input(input)
    };
    Command::new("latchkey-server activate", &[&vendor.data], &|| with(&["activate"], &request))
        .after_interruption(&at_most_one)
        .after_repeat(&|| {
            assert_eq!(fixture.seats_in_use(), 1);
            let (first, second) = (vendor.response_to(&request), vendor.response_to(&request));
            assert_eq!(first, second, "two answers to one request");
        })
        .interrupt(run);
    let _ = computer.apply(&vendor.response_to(&request)).succeeds();
    let seat = computer.seat();
    Command::new("latchkey-server refresh", &[&vendor.data], &|| with(&["refresh", &seat], ""))
        .after_interruption(&at_most_one)
        .after_repeat(&|| assert_eq!(fixture.seats_in_use(), 1))
        .interrupt(run);
    Command::new("latchkey-server seat release", &[&vendor.data], &|| {
        with(&["seat", "release", &seat, "--now"], "")
    })
    .already_done(&["seat.released"])
    .after_interruption(&at_most_one)
    .after_repeat(&|| assert_eq!(fixture.seats_in_use(), 0))
    .interrupt(run);
    let token = computer.deactivate();
    Command::new("latchkey-server deactivate", &[&vendor.data], &|| with(&["deactivate"], &token))
        .after_interruption(&at_most_one)
        .after_repeat(&|| assert_eq!(fixture.seats_in_use(), 0))
        .interrupt(run);
}

pub(super) static TAKEOVER: Group =
    Group { name: "takeover", commands: &["latchkey-server activate"], one_in: 16, run: takeover };

fn takeover(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let before = fixture.active_computer("Drawing office");
    let seat = before.seat();
    let newcomer = fixture.computer();
    let request = newcomer.request(fixture.code());
    let vendor = &fixture.vendor;
    let taken = || is_taken_over(&fixture, &seat);
    Command::new("latchkey-server activate", &[&vendor.data], &|| {
        vendor.call().args(["--json", "activate", "--take-over", &seat]).input(&*request)
    })
    .variant("takeover")
    .after_interruption(&|succeeded| {
        assert_eq!(fixture.seats_in_use(), 1, "a seat too many or too few");
        assert!(taken() || !succeeded, "success was told, and the old computer has its seat");
    })
    .after_repeat(&|| {
        assert_eq!(fixture.seats_in_use(), 1);
        assert!(taken(), "both have it");
        assert_taken_over_once(vendor);
        let (first, second) = (vendor.response_to(&request), vendor.response_to(&request));
        assert_eq!(first, second, "two answers to one request");
    })
    .interrupt(run);
}

/// Whether the computer that had this seat has lost it.
pub(super) fn is_taken_over(fixture: &Fixture, seat: &str) -> bool {
    let seats = fixture.vendor.seats(Some(fixture.code()));
    let old = seats.iter().find(|found| found["seat_id"] == json!(seat)).expect("a seat");
    old["state"] != "active"
}

/// Asserts that the takeover counts once, however often it was started: two are allowed a year.
pub(super) fn assert_taken_over_once(vendor: &Vendor) {
    let audit = vendor.audit();
    assert_eq!(audit.matches("\"grounds\":\"taken_over\"").count(), 1, "{audit}");
}

pub(super) static NOTICES: Group = Group {
    name: "notices",
    commands: &["latchkey-server notice dismiss"],
    one_in: 24,
    run: notices,
};

fn notices(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let open = || {
        let notices = fixture.vendor.json(&["notice", "list"]).succeeds().json();
        notices["early_returns"].as_array().expect("a list").len()
    };
    for number in 1..=4 {
        let computer = fixture.active_computer(&format!("PC {number}"));
        let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    }
    assert_eq!(open(), 1);
    Command::new("latchkey-server notice dismiss", &[&fixture.vendor.data], &|| {
        let call = fixture.vendor.call().args(["--json", "notice", "dismiss"]);
        call.args(["--entitlement", &fixture.entitlement.id])
    })
    .already_done(&["notice.no_returns"])
    .after_interruption(&|succeeded| assert!(!succeeded || open() == 0))
    .after_repeat(&|| assert_eq!(open(), 0))
    .interrupt(run);
}

pub(super) static OPERATORS: Group = Group {
    name: "operators",
    commands: &[
        "latchkey-server operator add",
        "latchkey-server operator passphrase",
        "latchkey-server operator second-factor",
        "latchkey-server operator remove",
    ],
    one_in: 24,
    run: operators,
};

fn operators(run: &CrashRun) {
    let vendor = Vendor::new(&programs(), "Acme");
    let listed = || {
        let listed = vendor.json(&["operator", "list"]).succeeds().json();
        listed["operators"].as_array().expect("a list").clone()
    };
    let call = |arguments: &[&str]| {
        let call = vendor.call().args(["--json", "operator"]).args(arguments);
        call.input("a passphrase of many words\n")
    };
    Command::new("latchkey-server operator add", &[&vendor.data], &|| call(&["add", "kim"]))
        .already_done(&["operator.taken"])
        .after_interruption(&|succeeded| assert!(!succeeded || listed().len() == 1))
        .after_repeat(&|| assert_eq!(listed().len(), 1))
        .interrupt(run);
    let _ = call(&["add", "kim"]).run().succeeds();
    Command::new("latchkey-server operator passphrase", &[&vendor.data], &|| {
        call(&["passphrase", "kim"])
    })
    .after_interruption(&|_| assert_eq!(listed().len(), 1))
    .after_repeat(&|| assert_eq!(listed().len(), 1))
    .interrupt(run);
    let second_factor = || listed()[0]["second_factor"] == true;
    Command::new("latchkey-server operator second-factor", &[&vendor.data], &|| {
        call(&["second-factor", "kim"])
    })
    .after_interruption(&|succeeded| assert!(!succeeded || second_factor()))
    .after_repeat(&|| assert!(second_factor()))
    .interrupt(run);
    Command::new("latchkey-server operator remove", &[&vendor.data], &|| call(&["remove", "kim"]))
        .already_done(&["operator.unknown"])
        .after_interruption(&|succeeded| assert!(!succeeded || listed().is_empty()))
        .after_repeat(&|| assert!(listed().is_empty()))
        .interrupt(run);
}

pub(super) static CLOCK: Group =
    Group { name: "clock", commands: &["latchkey-server clock confirm"], one_in: 10, run: clock };

fn clock(run: &CrashRun) {
    let mut fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let seat = computer.seat();
    // A day on which the clock was ahead, and was confirmed nevertheless.
    fixture.vendor.clock = Clock::days(20);
    let _ = fixture.vendor.json(&["clock", "confirm"]);
    let _ = fixture.vendor.refresh_of(&seat);
    fixture.vendor.clock = Clock::NOW;
    let vendor = &fixture.vendor;
    let in_doubt = || !vendor.json(&["clock", "status"]).json()["doubt"].is_null();
    assert!(in_doubt());
    Command::new("latchkey-server clock confirm", &[&vendor.data], &|| {
        vendor.call().args(["--json", "clock", "confirm"])
    })
    .after_interruption(&|succeeded| {
        let doubt = in_doubt();
        assert!(!doubt || !succeeded, "success was told, and the clock is in doubt");
        let granted = vendor.json(&["refresh", &seat]).exit == Some(0);
        assert_ne!(doubt, granted, "a refresh is granted while the clock is in doubt, or isn't");
    })
    .after_repeat(&|| {
        assert!(!in_doubt());
        let _ = vendor.refresh_of(&seat);
        assert_eq!(fixture.seats_in_use(), 1);
    })
    .interrupt(run);
}

pub(super) static REPEATABLE: Group = Group {
    name: "repeatable",
    commands: &[
        "latchkey-server product list",
        "latchkey-server entitlement set",
        "latchkey-server entitlement list",
        "latchkey-server code add",
        "latchkey-server seats",
        "latchkey-server audit",
        "latchkey-server notice list",
        "latchkey-server policy",
        "latchkey-server clock status",
        "latchkey-server key list",
        "latchkey-server operator list",
        "latchkey-server inspect",
    ],
    one_in: 20,
    run: repeatable,
};

/// Commands that can be repeated unchanged, because they only read or set the same value again.
fn repeatable(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let vendor = &fixture.vendor;
    let request = fixture.computer().request(fixture.code());
    for name in REPEATABLE.commands {
        let more: &[&str] = match *name {
            "latchkey-server entitlement set" => {
                &[&fixture.entitlement.id, "--customer", "Jane Doe"]
            }
            "latchkey-server code add" => &[&fixture.entitlement.id],
            "latchkey-server policy" => &["--early-returns", "2"],
            _ => &[],
        };
        Command::new(name, &[&vendor.data], &|| {
            let words = name.split(' ').skip(1);
            vendor.call().args(["--json"]).args(words).args(more).input(&*request)
        })
        .after_repeat(&|| assert_is_complete(vendor, None, 2))
        .interrupt(run);
    }
}
