//! The protected product: it runs while its lease is valid, and trusts only the keys that are
//! compiled into it.

use std::fs;
use std::path::{Path, PathBuf};

use latchkey_e2e_support::{Answer, Call, Clock, Computer, Vendor};

use crate::fixture::{FEATURES, Fixture};

const WEEK_AND_GRACE: &[&str] = &["--seats", "3", "--offline-lease", "7d", "--grace", "3d"];

/// Builds the product with the fixture's kit.
fn installed(fixture: &Fixture) -> PathBuf {
    let folder = fixture.vendor.folder().expect("a folder").join("installed");
    fixture
        .programs
        .install_product(&fixture.kit.folder, &folder)
        .unwrap_or_else(|error| panic!("{error:#}"));
    folder.join("hello-product")
}

fn start(product: &Path, computer: &Computer) -> Answer {
    let mut call = Call::new(product).env("HOME", computer.home());
    for (name, value) in computer.clock.environment().expect("a clock") {
        call = call.env(name, value);
    }
    let store = format!("file:{}", computer.vault().display());
    call.args(["--no-wizard", "--store", &store]).run()
}

#[test]
fn the_product_runs_during_lease_and_grace_and_shows_the_days_left() {
    let mut fixture = Fixture::new(WEEK_AND_GRACE);
    let product = installed(&fixture);
    let mut computer = fixture.computer();
    let _ = start(&product, &computer).exits(4);

    fixture.activate(&computer, "Drawing office");
    let fresh = start(&product, &computer).succeeds();
    assert!(fresh.stdout.contains("6 days") || fresh.stdout.contains("7 days"), "{fresh}");
    for (days, status) in [(4, 0), (8, 0), (11, 4)] {
        fixture.days_later(days, [&mut computer]);
        let _ = start(&product, &computer).exits(status);
    }

    let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
    let _ = start(&product, &computer).succeeds();
    let _ = computer.deactivate();
    let _ = start(&product, &computer).exits(4);
}

#[test]
fn the_product_refuses_another_vendors_licence_despite_a_matching_config() {
    let fixture = Fixture::new(WEEK_AND_GRACE);
    let product = installed(&fixture);

    // An attacker sets up a vendor of their own and gives the computer a config with the real
    // vendor's id and the forged vendor's keys. The command line believes its config; the product
    // must not.
    let forger = Vendor::new(&fixture.programs, "Acme");
    let number = forger.add_product("Acme CAD", FEATURES);
    assert_eq!(number, fixture.product);
    let bought = forger.add_entitlement(number, WEEK_AND_GRACE);
    let forged = forger.kit_here(number);
    let id = |config: &Path| {
        let text = fs::read_to_string(config).expect("a config");
        let line = text.lines().find(|line| line.starts_with("id = ")).expect("an id").to_owned();
        (text, line)
    };
    let (_, real_id) = id(&fixture.kit.config());
    let (text, forged_id) = id(&forged.config());
    fs::write(forged.config(), text.replace(&forged_id, &real_id)).expect("a config");

    let computer = Computer::new(&fixture.programs, &forged);
    let request = computer.request(bought.code());
    // The forger's issuer may refuse or not; what counts is the product.
    if let Some(response) = forger.activate(&request).result()["token"].as_str() {
        let _ = computer.apply(response);
    }

    let answer = start(&product, &computer);
    assert!(matches!(answer.exit, Some(4 | 5)), "the product runs on a forged licence\n{answer}");
}

#[test]
fn the_product_refuses_a_vault_from_another_vendor_or_product() {
    let (fixture, other) = (Fixture::new(WEEK_AND_GRACE), Fixture::new(WEEK_AND_GRACE));
    let product = installed(&fixture);
    let foreign = other.active_computer("Drawing office");
    let answer = start(&product, &foreign);
    assert!(matches!(answer.exit, Some(4 | 5)), "{answer}");
    assert!(!answer.stderr.is_empty(), "{answer}");
}

#[test]
fn the_product_reports_a_broken_vault_and_leaves_it_unchanged() {
    let fixture = Fixture::new(WEEK_AND_GRACE);
    let product = installed(&fixture);
    let computer = fixture.active_computer("Drawing office");
    let whole = fs::read(computer.vault()).expect("the vault");
    fs::write(computer.vault(), &whole[..whole.len() / 2]).expect("the vault");
    let answer = start(&product, &computer).exits(5);
    assert!(answer.stderr.lines().count() >= 2, "what happened, and what to do\n{answer}");

    fs::write(computer.vault(), whole).expect("the vault");
    let _ = start(&product, &computer).succeeds();
}

#[test]
fn turning_the_clock_back_does_not_let_the_product_run_again() {
    let mut fixture = Fixture::new(WEEK_AND_GRACE);
    let product = installed(&fixture);
    let mut computer = fixture.active_computer("Drawing office");
    fixture.days_later(11, [&mut computer]);
    let _ = start(&product, &computer).exits(4);
    let _ = computer.request(fixture.code());

    computer.clock = Clock::NOW;

    let _ = start(&product, &computer).exits(4);
}
