//! The licence in a real Secret Service, and what is said where there is none.

use latchkey_e2e_support::{Computer, Desktop, Store};

use crate::codes;
use crate::languages::{BOUGHT, linked_c_product};
use crate::scene::{Scene, THREE_SEATS};

#[test]
fn the_whole_life_with_the_licence_in_the_keyring() {
    let scene = Scene::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&scene.programs, &scene.kit, &desktop);

    scene.activate(&computer, "Drawing office");
    let found = desktop
        .command("secret-tool")
        .args(["search", "--all", "service", "latchkey"])
        .output()
        .expect("secret-tool starts");
    let found = String::from_utf8_lossy(&found.stdout).into_owned()
        + &String::from_utf8_lossy(&found.stderr);
    assert_eq!(found.matches("attribute.service = latchkey").count(), 1, "one item: {found}");
    assert!(found.contains(&format!("/{}", scene.product)), "named after the product: {found}");

    let _ = computer.apply(&scene.vendor.refresh_of(&computer.seat())).succeeds();
    let _ = scene.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(computer.state(), "not_activated");
    assert_eq!(scene.seats_in_use(), 0);
}

#[test]
fn the_product_finds_its_licence_in_the_keyring_and_doesn_t_wait_for_ever_for_it() {
    let scene = Scene::new(BOUGHT);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&scene.programs, &scene.kit, &desktop);
    let mut product = linked_c_product(&scene);
    for (name, value) in desktop.environment() {
        product = product.with(&name, std::path::Path::new(&value));
    }
    let nothing = product.run_by_policy(&computer).exits(4);
    assert!(nothing.stderr.contains("verdict.not_activated"), "{nothing}");
    scene.activate(&computer, "Drawing office");
    let _ = product.run_by_policy(&computer).succeeds();

    desktop.hold_keyring().expect("a keyring that gives no answer");
    let locked = product.run_by_policy(&computer).exits(5);
    assert!(locked.stderr.contains("store.locked"), "{locked}");
    desktop.release_keyring().expect("a keyring that answers");
    let _ = product.run_by_policy(&computer).succeeds();

    let _ = scene.vendor.deactivate(&computer.deactivate()).succeeds();
    let _ = product.run_by_policy(&computer).exits(4);
}

#[test]
fn two_products_share_one_keyring() {
    let scene = Scene::new(THREE_SEATS);
    let other = Scene::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let first = Computer::with_keyring(&scene.programs, &scene.kit, &desktop);
    let second = Computer::with_keyring(&other.programs, &other.kit, &desktop);

    scene.activate(&first, "Drawing office");
    assert_eq!(second.state(), "not_activated");
    other.activate(&second, "Drawing office");
    let _ = first.deactivate();

    assert_eq!(second.state(), "active");
}

#[test]
fn without_a_session_bus_the_error_says_so_and_the_file_store_works() {
    let scene = Scene::new(THREE_SEATS);
    let mut computer = scene.computer();
    let file = computer.store.clone();
    let nowhere = format!("unix:path={}/no-bus", computer.home().display());
    computer.store = Store::Keyring(vec![("DBUS_SESSION_BUS_ADDRESS".into(), nowhere)]);

    for answer in [
        computer.json(&["status"]),
        computer.json_with(&["request", "--code", "-"], scene.code()),
        computer.json(&["deactivate", "--yes"]),
    ] {
        let _ = answer.fails(5, codes::NO_SESSION);
    }

    computer.store = file;
    scene.activate(&computer, "Drawing office");
}

#[test]
fn on_a_bus_without_a_secret_service_the_error_says_so() {
    let scene = Scene::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::without_keyring(home.path()).expect("a bus");
    let computer = Computer::with_keyring(&scene.programs, &scene.kit, &desktop);
    let _ = computer.json(&["status"]).fails(5, codes::NO_SERVICE);
    let request = computer.json_with(&["request", "--code", "-"], scene.code());
    let _ = request.fails(5, codes::NO_SERVICE);
}

#[test]
fn in_a_keyring_that_was_never_set_up_no_request_is_shown_that_is_not_kept() {
    let scene = Scene::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let mut desktop = Desktop::without_keyring(home.path()).expect("a bus");
    desktop.start_keyring().expect("a keyring");
    let computer = Computer::with_keyring(&scene.programs, &scene.kit, &desktop);
    let answer = computer.json_with(&["request", "--code", "-"], scene.code());
    let answer = answer.fails(5, codes::NOT_INITIALISED);
    assert!(answer.json_token().is_none(), "{answer}");
}
