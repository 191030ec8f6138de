//! The first command that opens data of an earlier version migrates it; that command is interrupted
//! too.

use std::fs;

use latchkey_e2e_support::{
    Store, downgrade_database, downgrade_vault, is_first_version, latest_layout, layout_of,
};

use super::{Command, CrashRun, Group, vendor};
use crate::fixture::{Fixture, ONE_SEAT};
use crate::policy::with_config;

pub(super) static LAYOUTS: Group = Group {
    name: "older databases",
    commands: &["latchkey-server seats", "latchkey-server refresh"],
    one_in: 40,
    run: older_layouts,
};

fn older_layouts(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let (seat, vendor) = (computer.seat(), &fixture.vendor);
    let database = vendor.data.join("issuer.db");
    let today = fs::read(&database).expect("a database");
    let newest = latest_layout().expect("the migrations");
    assert_eq!(layout_of(&database).expect("a layout"), newest, "a layout's file is missing");
    for older in 1..newest {
        let variant = format!("layout {older}");
        for (name, words) in [
            ("latchkey-server seats", &["seats"][..]),
            ("latchkey-server refresh", &["refresh", &seat]),
        ] {
            fs::write(&database, &today).expect("today's database");
            downgrade_database(&database, older).expect("an older database");
            assert_eq!(layout_of(&database).expect("a layout"), older);
            Command::new(name, &[&vendor.data], &|| vendor.call().args(["--json"]).args(words))
                .variant(&variant)
                .migrates()
                .after_interruption(&|_| {
                    let found = layout_of(&database).expect("a layout");
                    assert!(found == older || found == newest, "half of the way: {found}");
                    assert_eq!(fixture.seats_in_use(), 1);
                })
                .after_repeat(&|| {
                    assert_eq!(layout_of(&database).expect("a layout"), newest);
                    vendor::assert_is_complete(vendor, None, 2);
                    let _ = vendor.refresh_of(&seat);
                    assert_eq!(fixture.seats_in_use(), 1);
                })
                .interrupt(run);
        }
    }
}

pub(super) static VAULT: Group = Group {
    name: "an older file",
    commands: &["latchkey apply", "latchkey deactivate"],
    one_in: 16,
    run: an_older_vault,
};

fn an_older_vault(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let mut computer = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    computer.store = Store::Policy;
    fixture.activate(&computer, "Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let folder = computer.home().join(".local/share/latchkey");
    let is_vault = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "vault");
    let vaults = || {
        let entries = fs::read_dir(&folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).filter(is_vault).collect::<Vec<_>>()
    };
    // It had its product's name alone.
    let found = vaults();
    let [new] = &found[..] else { panic!("{found:?}") };
    let stem = new.file_stem().expect("a name").to_string_lossy().into_owned();
    let (product, _computer) = stem.rsplit_once('-').expect("a name of two parts");
    let vault = folder.join(format!("{product}.vault"));
    fs::rename(new, &vault).expect("its name");
    downgrade_vault(&vault).expect("a file of the first version");
    let is_old = || is_first_version(&vault).expect("a file");
    assert!(is_old());
    assert_eq!(computer.state(), "active");

    let call = |arguments: &[&str], input: &str| {
        computer.call().args(["--json"]).args(arguments).input(input)
    };
    // The licence, or its deactivation; and how many deactivations there may be at most.
    let is_there = |most: usize| {
        assert_eq!(vaults(), std::slice::from_ref(&vault), "another file");
        let status = computer.status();
        let tokens = status["outbox"].as_array().map_or(0, Vec::len);
        assert!(tokens <= most && (status["state"] == "active") == (tokens == 0), "{status}");
    };
    let file = vault.display().to_string();
    for (name, words, input, done, most) in [
        ("latchkey apply", &["apply"][..], &*refresh, &[][..], 0),
        ("latchkey deactivate", &["deactivate", "--yes"], "", &["lease.not_activated"], 1),
    ] {
        Command::new(name, &[computer.home()], &|| call(words, input))
            .variant(VAULT.name)
            .replaces(&file)
            .already_done(done)
            .after_interruption(&|succeeded| {
                is_there(most);
                assert!(!succeeded || !is_old(), "success was told, and nothing was written");
            })
            .after_repeat(&|| {
                is_there(most);
                assert!(!is_old());
            })
            .interrupt(run);
        assert!(is_old());
    }
}
