//! The licence in a real Secret Service, and the messages if there is none.

use latchkey_e2e_support::{Computer, Desktop, LOGIN_COLLECTION, SESSION_COLLECTION, Store};

use crate::codes;
use crate::fixture::{Fixture, THREE_SEATS};
use crate::languages::{ENTITLEMENT_OPTIONS, linked_c_product, linked_c_program};
use crate::policy::with_config;

#[test]
fn the_whole_life_cycle_works_with_the_keyring() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);

    fixture.activate(&computer, "Drawing office");
    let found = desktop
        .command("secret-tool")
        .args(["search", "--all", "service", "latchkey"])
        .output()
        .expect("secret-tool starts");
    let found = String::from_utf8_lossy(&found.stdout).into_owned()
        + &String::from_utf8_lossy(&found.stderr);
    assert_eq!(found.matches("attribute.service = latchkey").count(), 1, "one item: {found}");
    assert!(found.contains(&format!("/{}", fixture.product)), "named after the product: {found}");

    let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(computer.state(), "not_activated");
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn the_product_reads_the_keyring_without_waiting_forever() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let mut product = linked_c_product(&fixture);
    for (name, value) in desktop.environment() {
        product = product.with_env(&name, std::path::Path::new(&value));
    }
    let nothing = product.run_by_policy(&computer).exits(4);
    assert!(nothing.stderr.contains("verdict.not_activated"), "{nothing}");
    fixture.activate(&computer, "Drawing office");
    let _ = product.run_by_policy(&computer).succeeds();

    desktop.suspend_keyring().expect("a keyring that doesn't answer");
    let silent = product.run_by_policy(&computer).exits(5);
    assert!(silent.stderr.contains("store.no_answer"), "{silent}");
    desktop.resume_keyring().expect("a keyring that answers");
    let _ = product.run_by_policy(&computer).succeeds();

    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    let _ = product.run_by_policy(&computer).exits(4);
}

#[test]
fn a_forked_worker_reads_the_keyring_unless_its_parent_has_and_is_told_so() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    fixture.activate(&computer, "Drawing office");

    let source = "tests/command_lines/forking_with_keyring.c";
    let mut server = linked_c_program(&fixture, source, "forking-with-keyring");
    for (name, value) in desktop.environment() {
        server = server.with_env(&name, std::path::Path::new(&value));
    }
    let _ = server.run_by_policy(&computer).succeeds();
}

#[test]
fn a_forked_worker_finds_what_its_parent_finds_where_there_is_no_keyring() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    // The program keeps its licence in a file, where the product looks as well.
    let mut computer = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    computer.store = Store::Policy;
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::without_keyring(home.path()).expect("a bus");
    let nowhere = format!("unix:path={}/no-bus", computer.home().display());
    let address = "DBUS_SESSION_BUS_ADDRESS";
    let bus = desktop.environment().into_iter().find(|(name, _)| name == address);
    let (_, bus) = bus.expect("the address of the bus");
    let source = "tests/command_lines/forking_with_keyring.c";
    let servers = [nowhere, bus].map(|bus| {
        linked_c_program(&fixture, source, "forking-without-keyring")
            .with_env(address, std::path::Path::new(&bus))
            .with_env("WITHOUT_KEYRING", std::path::Path::new("1"))
    });
    let find = |what: [&str; 2]| {
        for (server, what) in servers.iter().zip(what) {
            let found = server.run_by_policy(&computer).succeeds();
            assert!(found.stderr.contains(&format!("the parent found {what}\n")), "{found}");
        }
    };
    find(["3101", "3102"]);
    let request = computer.request(fixture.code());
    find(["7004"; 2]);
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    find(["0"; 2]);
}

#[test]
fn two_products_share_one_keyring() {
    let fixture = Fixture::new(THREE_SEATS);
    let other = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let first = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let second = Computer::with_keyring(&other.programs, &other.kit, &desktop);

    fixture.activate(&first, "Drawing office");
    assert_eq!(second.state(), "not_activated");
    other.activate(&second, "Drawing office");
    let _ = first.deactivate();

    assert_eq!(second.state(), "active");
}

#[test]
fn a_missing_session_bus_is_reported_and_the_file_store_works() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    let file = computer.store.clone();
    let nowhere = format!("unix:path={}/no-bus", computer.home().display());
    computer.store = Store::Keyring(vec![("DBUS_SESSION_BUS_ADDRESS".into(), nowhere)]);

    for answer in [
        computer.json(&["status"]),
        computer.json_with(&["request", "--code", "-"], fixture.code()),
        computer.json(&["deactivate", "--yes"]),
    ] {
        let _ = answer.fails(5, codes::NO_SESSION);
    }

    computer.store = file;
    fixture.activate(&computer, "Drawing office");
}

#[test]
fn a_missing_secret_service_is_reported() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::without_keyring(home.path()).expect("a bus");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let _ = computer.json(&["status"]).fails(5, codes::NO_SERVICE);
    let request = computer.json_with(&["request", "--code", "-"], fixture.code());
    let _ = request.fails(5, codes::NO_SERVICE);
}

#[test]
fn with_an_uninitialised_keyring_no_request_is_created() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let mut desktop = Desktop::without_keyring(home.path()).expect("a bus");
    desktop.start_keyring().expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let answer = computer.json_with(&["request", "--code", "-"], fixture.code());
    let answer = answer.fails(5, codes::NOT_INITIALISED);
    assert!(answer.json_token().is_none(), "{answer}");
}

#[test]
fn duplicate_items_are_read_and_the_next_write_removes_the_older_one() {
    for collection in [LOGIN_COLLECTION, SESSION_COLLECTION] {
        let fixture = Fixture::new(THREE_SEATS);
        let home = tempfile::tempdir().expect("a folder");
        let desktop = Desktop::start(home.path()).expect("a keyring");
        let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
        fixture.activate(&computer, "Drawing office");
        let items = desktop.keyring_items().expect("items");
        desktop.add_keyring_items(&items, collection).expect("a second item");

        assert_eq!(computer.state(), "active", "{collection}");
        let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
        let refreshed = desktop.keyring_items().expect("items");
        assert_eq!(refreshed.len(), 2, "{collection}");
        assert!(refreshed[0] == refreshed[1] && refreshed[0] != items[0], "{collection}");
        let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
        assert_eq!((computer.state().as_str(), fixture.seats_in_use()), ("not_activated", 0));
        let left = desktop.keyring_items().expect("items");
        assert!(left[0] == left[1] && left[0] != refreshed[0], "{collection}");
    }
}

#[test]
fn an_older_item_beside_the_present_one_does_not_revive_the_licence() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    fixture.activate(&computer, "Drawing office");
    let before = desktop.keyring_items().expect("items");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    desktop.add_keyring_items(&before, LOGIN_COLLECTION).expect("an older item");
    assert_eq!(computer.state(), "not_activated");

    // The next write brings both up to date.
    fixture.activate(&computer, "Drawing office");
    let items = desktop.keyring_items().expect("items");
    assert!(items.len() == 2 && items[0] == items[1]);
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_locked_item_does_not_hide_an_unlocked_one() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let mut product = linked_c_product(&fixture);
    for (name, value) in desktop.environment() {
        product = product.with_env(&name, std::path::Path::new(&value));
    }
    fixture.activate(&computer, "Drawing office");
    let items = desktop.keyring_items().expect("items");
    desktop.add_keyring_items(&items, SESSION_COLLECTION).expect("a second item");
    desktop.lock_collection(LOGIN_COLLECTION).expect("a locked collection");

    let _ = product.run_by_policy(&computer).succeeds();
    // The open one is forgotten at log-out, and the locked one would be what it was: so nothing is
    // written to it alone. No prompter is running here that could ask for the password.
    let refused = computer.json(&["deactivate", "--yes"]).exits(5);
    assert!(refused.json_token().is_none(), "{refused}");
    assert_eq!(desktop.keyring_items().expect("items"), items);
}

/// No prompter is running here, which the keyring treats as a dismissed prompt.
#[test]
fn after_a_dismissed_prompt_a_product_does_not_prompt_at_every_check() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    fixture.activate(&computer, "Drawing office");
    desktop.lock_collection(LOGIN_COLLECTION).expect("a locked collection");
    let source = "tests/command_lines/checking_again.c";
    let mut product = linked_c_program(&fixture, source, "checking-again");
    for (name, value) in desktop.environment() {
        product = product.with_env(&name, std::path::Path::new(&value));
    }

    let prompts = home.path().join("prompts");
    let written = std::fs::File::create(&prompts).expect("a file");
    let seen = || std::fs::read_to_string(&prompts).expect("what the monitor has seen");
    let mut monitor = desktop
        .command("dbus-monitor")
        .args(["--session", "interface='org.freedesktop.Secret.Prompt',member='Prompt'"])
        .stdout(written)
        .spawn()
        .expect("dbus-monitor starts");
    while seen().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    for runs in 1..=2 {
        let _ = product.run_by_policy(&computer).succeeds();
        // Another process asks again. The monitor gets the calls in their order.
        let _ = desktop.command("secret-tool").args(["search", "no", "item"]).status();
        let count = seen().matches("member=Prompt").count();
        assert_eq!(count, runs, "a prompt for each process: {}", seen());
    }
    monitor.kill().and_then(|()| monitor.wait()).expect("dbus-monitor ends");
}

#[test]
fn deactivation_keeps_the_licence_of_the_other_device() {
    let fixture = Fixture::new(THREE_SEATS);
    let (home, other_home) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let other_desktop = Desktop::start(other_home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let other = Computer::with_keyring(&fixture.programs, &fixture.kit, &other_desktop);
    fixture.activate(&computer, "One");
    fixture.activate(&other, "Two");
    let items = other_desktop.keyring_items().expect("items");
    desktop.add_keyring_items(&items, LOGIN_COLLECTION).expect("another device's item");

    for left in ["active", "not_activated"] {
        let given_back = computer.seat();
        let _ = computer.deactivate();
        assert_eq!(computer.state(), "not_activated");
        let outbox = computer.status()["outbox"].clone();
        assert_eq!(outbox[0]["seat_id"], given_back.as_str(), "{outbox}");
        let shown = outbox[0]["token"].as_str().expect("a token");
        let _ = fixture.vendor.deactivate(shown).succeeds();
        let id = outbox[0]["id"].to_string();
        let _ = computer.json(&["outbox", "--delivered", id.trim_matches('"')]).succeeds();
        assert_eq!(computer.state(), left);
    }
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn a_write_unlocks_a_locked_item_or_changes_nothing() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    fixture.activate(&computer, "Drawing office");
    let active = desktop.keyring_items().expect("items");
    let given_back = computer.seat();
    let _ = computer.deactivate();
    let newer = desktop.keyring_items().expect("items");

    // The newer item is locked, and the older one is open.
    let restored = desktop.add_collection("restored").expect("a collection");
    desktop.add_keyring_items(&newer, &restored).expect("the newer item");
    desktop.lock_collection(&restored).expect("a locked collection");
    desktop.replace_keyring_items(&active).expect("the older item");
    assert_eq!(computer.state(), "active", "as far as can be seen");
    // No prompter is running here that could ask for the password.
    let refused = computer.json(&["deactivate", "--yes"]).exits(5);
    assert!(refused.json_token().is_none(), "{refused}");
    let refused = computer.json_with(&["request", "--renew", "--code", "-"], fixture.code());
    assert!(refused.exits(5).json_token().is_none());
    assert_eq!(desktop.keyring_items().expect("items"), active);

    desktop.unlock_collection(&restored).expect("an open collection");
    assert_eq!(computer.state(), "not_activated");
    assert_eq!(computer.status()["outbox"][0]["seat_id"], given_back.as_str());
    let _ = computer.request(fixture.code());
    let items = desktop.keyring_items().expect("items");
    assert!(items.len() == 2 && items[0] == items[1], "both are up to date");
}

#[test]
fn a_licence_in_a_session_keyring_can_only_be_deactivated() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    fixture.activate(&computer, "Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let items = desktop.keyring_items().expect("items");
    desktop.add_keyring_items(&items, SESSION_COLLECTION).expect("a fleeting item");
    desktop.delete_keyring_items(LOGIN_COLLECTION).expect("no lasting item");
    desktop.make_default_collection(SESSION_COLLECTION).expect("another default");

    let _ = computer.apply(&refresh).fails(5, codes::SESSION_ONLY);
    let request = computer.json_with(&["request", "--renew", "--code", "-"], fixture.code());
    assert!(request.fails(5, codes::SESSION_ONLY).json_token().is_none());
    assert_eq!(desktop.keyring_items().expect("items"), items);

    // With a lasting one that new items go into, it is kept there as well.
    desktop.make_default_collection(LOGIN_COLLECTION).expect("the usual default");
    let _ = computer.apply(&refresh).succeeds();
    let both = desktop.keyring_items().expect("items");
    assert!(both.len() == 2 && both[0] == both[1] && both[0] != items[0]);

    desktop.delete_keyring_items(LOGIN_COLLECTION).expect("no lasting item");
    desktop.make_default_collection(SESSION_COLLECTION).expect("another default");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!((computer.state().as_str(), fixture.seats_in_use()), ("not_activated", 0));
}

#[test]
fn a_session_keyring_is_refused_for_a_new_licence() {
    let fixture = Fixture::new(THREE_SEATS);
    let home = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start(home.path()).expect("a keyring");
    desktop.make_default_collection(SESSION_COLLECTION).expect("another default");
    let mut computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    let request = computer.json_with(&["request", "--code", "-"], fixture.code());
    let request = request.fails(5, codes::SESSION_ONLY);
    assert!(request.json_token().is_none(), "{request}");
    assert_eq!(desktop.keyring_items().expect("items"), []);

    // Back with a keyring that stays.
    desktop.make_default_collection(LOGIN_COLLECTION).expect("the usual default");
    fixture.activate(&computer, "Drawing office");
    // What is there already is used, whatever new items would go into.
    desktop.make_default_collection(SESSION_COLLECTION).expect("another default");
    assert_eq!(computer.state(), "active");
    computer.store = fixture.computer().store.clone();
    assert_eq!(computer.state(), "not_activated");
}
