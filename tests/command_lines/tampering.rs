//! Attempts to deceive a product, with the real library and a real product: files are edited,
//! swapped, restored, or put where the vendor doesn't allow them.

use std::fs;
use std::path::Path;

use latchkey_e2e_support::{
    Clock, Computer, Hardware, Kit, Mounts, mounts_are_possible, not_tested,
};

use crate::fixture::Fixture;
use crate::languages::{ENTITLEMENT_OPTIONS, linked_c_product};

#[test]
fn no_changed_byte_in_the_vault_unlocks_or_crashes_the_product() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = linked_c_product(&fixture);
    let computer = fixture.active_computer("Drawing office");
    let whole = fs::read(computer.vault()).expect("the vault");
    // Every part of the header, and a sample of what is sealed; the library's own tests try every
    // byte.
    let places = (0..48).step_by(5).chain((48..whole.len()).step_by(97));
    for at in places {
        let mut edited = whole.clone();
        edited[at] ^= 0x04;
        fs::write(computer.vault(), edited).expect("the vault");
        let _ = product.run(&computer, &[]).exits(5);
    }
    fs::write(computer.vault(), whole).expect("the vault");
    let _ = product.run(&computer, &[]).succeeds();
}

#[test]
fn another_computers_vault_does_not_unlock_the_product() {
    if !mounts_are_possible() {
        not_tested("another installation's id needs mounts");
        return;
    }
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let computer = fixture.active_computer("Drawing office");
    let id = fixture.vendor.folder().expect("a folder").join("machine-id");
    fs::write(&id, "00112233445566778899aabbccddee0f\n").expect("a file");
    let mut mounts = vec![format!("mount --bind '{}' /etc/machine-id", id.display())];
    if Path::new("/var/lib/dbus/machine-id").is_file() {
        mounts.push(format!("mount --bind '{}' /var/lib/dbus/machine-id", id.display()));
    }
    // The id alone is one exchanged trait; another computer has another disk, too.
    for folder in ["/sys/class", "/sys/dev/block", "/dev/disk"] {
        if Path::new(folder).is_dir() {
            mounts.push(format!("mount -t tmpfs -o size=64k tmpfs '{folder}'"));
        }
    }
    let elsewhere = Mounts::new(&mounts).expect("mounts");
    let product = linked_c_product(&fixture).in_mounts(&elsewhere);
    let refused = product.run(&computer, &[]).exits(5);
    assert!(refused.stderr.contains("store.other_machine"), "{refused}");
}

#[test]
fn the_product_trusts_only_its_built_in_keys() {
    let (fixture, forger) = (Fixture::new(ENTITLEMENT_OPTIONS), Fixture::new(ENTITLEMENT_OPTIONS));
    let product = linked_c_product(&fixture);
    let computer = fixture.active_computer("Drawing office");
    // The real vendor's id with the forger's keys, and the other way round.
    let (real, forged) = (key_lines(&fixture.kit), key_lines(&forger.kit));
    let text = fs::read_to_string(fixture.kit.config()).expect("a config");
    let mut swapped = text.clone();
    for (real, forged) in real.iter().zip(&forged) {
        swapped = swapped.replace(real, forged);
    }
    assert_ne!(text, swapped);
    fs::write(fixture.kit.config(), swapped).expect("a config");
    // The command line goes by its config and doesn't know the lease any more; the product doesn't
    // care.
    let _ = computer.json(&["status"]).exits(5);
    let _ = product.run(&computer, &[]).succeeds();

    // A licence from the forger's issuer, for the same vendor's id and product's number, is none.
    let mut fooled = fixture.computer();
    fooled.config = fooled.home().join("latchkey.toml");
    let ids = [id_line(&fixture.kit), id_line(&forger.kit)];
    let forged = fs::read_to_string(forger.kit.config()).expect("a config");
    fs::write(&fooled.config, forged.replace(&ids[1], &ids[0])).expect("a config");
    let request = fooled.request(forger.code());
    if let Some(response) = forger.vendor.activate(&request).result()["token"].as_str() {
        let _ = fooled.apply(response).succeeds();
    }
    let refused = product.run(&fooled, &[]);
    assert!(matches!(refused.exit, Some(4 | 5)), "{refused}");
}

fn key_lines(kit: &Kit) -> Vec<String> {
    let text = fs::read_to_string(kit.config()).expect("a config");
    text.lines().filter(|line| line.starts_with("public = ")).map(str::to_owned).collect()
}

fn id_line(kit: &Kit) -> String {
    let text = fs::read_to_string(kit.config()).expect("a config");
    text.lines().find(|line| line.starts_with("id = ")).expect("an id").to_owned()
}

#[test]
fn a_forbidden_file_store_is_ignored_whatever_the_config_contains() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let strict = fixture.vendor.folder().expect("a folder").join("strict");
    let (out, number) = (strict.to_string_lossy().into_owned(), fixture.product.to_string());
    let kit = ["kit", "--product", &number, "--out", &out, "--store", "keyring-only"];
    let _ = fixture.vendor.json(&kit).succeeds();
    // The customer edits the config and activates with a file.
    fixture.kit = Kit { folder: strict };
    let text = fs::read_to_string(fixture.kit.config()).expect("a config");
    assert!(text.contains("file = \"forbidden\""), "{text}");
    fs::write(fixture.kit.config(), text.replace("file = \"forbidden\"", "file = \"allowed\""))
        .expect("a config");
    let computer = fixture.active_computer("Drawing office");

    let product = linked_c_product(&fixture);
    let refused = product.run(&computer, &[]).exits(5);
    assert!(refused.stderr.contains("store.file_forbidden"), "{refused}");
    // Nor in the place where the wizard would have put it.
    let place = computer.home().join(".local/share/latchkey");
    fs::create_dir_all(&place).expect("a folder");
    let vendor = id_line(&fixture.kit).replace("id = ", "").replace('"', "");
    let own = place.join(format!("{vendor}-{}.vault", fixture.product));
    fs::copy(computer.vault(), own).expect("a copy");
    let nowhere = product.run_by_policy(&computer).exits(5);
    assert!(nowhere.stderr.contains("store.no_session"), "{nowhere}");
}

#[test]
fn a_vault_restored_after_deactivation_ends_with_its_lease() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = linked_c_product(&fixture);
    let mut computer = fixture.active_computer("Drawing office");
    let (seat, kept) = (computer.seat(), fs::read(computer.vault()).expect("the vault"));
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    let _ = product.run(&computer, &[]).exits(4);

    // What software on a computer that its owner controls can't prevent:
    fs::write(computer.vault(), kept).expect("the vault");
    let _ = product.run(&computer, &[]).succeeds();
    // It is noticed at the next token, and it ends.
    let refused = fixture.vendor.json(&["refresh", &seat]);
    assert!(refused.exit != Some(0), "{refused}");
    fixture.days_later(11, [&mut computer]);
    let _ = product.run(&computer, &[]).exits(4);
    let again = fixture.vendor.deactivate(&computer.deactivate());
    assert_eq!(fixture.seats_in_use(), 0, "{again}");
}

#[test]
fn setting_the_clock_back_daily_gains_no_days() {
    let mut fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = linked_c_product(&fixture);
    let mut computer = fixture.active_computer("Drawing office");
    let mut ran = 0;
    for day in 0..16 {
        fixture.days_later(day, [&mut computer]);
        ran += i32::from(product.run(&computer, &[]).exit == Some(0));
        // Back to the day of the activation, as soon as the product has seen the new one.
        computer.clock = Clock::NOW;
        let turned: &Computer = &computer;
        let back = product.run(turned, &[]);
        assert!(day <= 9 || back.exit != Some(0), "day {day}\n{back}");
    }
    assert!(ran <= 10, "seven days and three of grace, and it ran on {ran}");
}

#[test]
fn a_vault_on_changed_hardware_runs_for_a_week_and_reports_the_change() {
    if !mounts_are_possible() {
        not_tested("other hardware needs mounts");
        return;
    }
    let mut fixture = Fixture::new(&["--seats", "1", "--offline-lease", "30d"]);
    let product = linked_c_product(&fixture);
    let mut computer = fixture.computer();
    computer.hardware = Hardware::Board(1);
    fixture.activate(&computer, "Drawing office");
    let _ = product.run(&computer, &[]).succeeds();

    computer.hardware = Hardware::Board(2);
    let changed = product.run(&computer, &[]).succeeds();
    assert!(changed.stderr.contains("verdict.hardware_changed 7007"), "{changed}");
    assert!(changed.stderr.contains("mainboard"), "it says what has changed\n{changed}");
    fixture.days_later(8, [&mut computer]);
    let over = product.run(&computer, &[]).exits(4);
    assert!(over.stderr.contains("verdict.other_hardware 7008"), "{over}");

    // The cure: a new request and its response, for the same seat.
    let request = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    let _ = product.run(&computer, &[]).succeeds();
    assert_eq!(fixture.seats_in_use(), 1);
}
