//! Damaged, truncated and foreign vault files, a read-only folder and a full disk lead to clear
//! errors, and nothing is lost.

use std::fs;
use std::path::Path;

use latchkey_e2e_support::{Answer, Call, Computer, Hardware, Mounts, Store, mounts_are_possible};

use crate::codes;
use crate::fixture::{Fixture, ONE_SEAT, THREE_SEATS};

/// Runs every command that reads or writes the vault.
#[track_caller]
fn run_every_command(computer: &Computer, fixture: &Fixture, response: &str) -> Vec<Answer> {
    vec![
        computer.json(&["status"]),
        computer.json(&["outbox"]),
        computer.json_with(&["request", "--code", "-"], fixture.code()),
        computer.json_with(&["apply"], response),
        computer.json(&["deactivate", "--yes"]),
    ]
}

/// Asserts that every command fails with one of these errors and leaves the vault unchanged.
#[track_caller]
fn assert_every_command_fails(
    computer: &Computer,
    fixture: &Fixture,
    response: &str,
    codes: &[&str],
) {
    let before = fs::read(computer.vault()).ok();
    for answer in run_every_command(computer, fixture, response) {
        let answer = answer.exits(5);
        let code = answer.error_code().unwrap_or_default();
        assert!(codes.contains(&code.as_str()), "{code} isn't one of {codes:?}\n{answer}");
        assert_eq!(fs::read(computer.vault()).ok(), before, "the vault was changed\n{answer}");
    }
}

#[test]
fn a_broken_vault_file_is_reported_and_left_unchanged() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    let whole = fs::read(computer.vault()).expect("the vault is there");

    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut first = whole.clone();
    first[0] ^= 0x80;
    let longer = [whole.clone(), b"x".to_vec()].concat();
    for broken in [
        flipped,
        first,
        longer,
        b"{\"not\": \"a vault\"}".to_vec(),
        vec![0; whole.len()],
        vec![0xff; 10_000_000],
    ] {
        fs::write(computer.vault(), &broken).expect("the vault can be written");
        assert_every_command_fails(
            &computer,
            &fixture,
            &response,
            &[codes::VAULT_BROKEN, codes::OTHER_MACHINE],
        );
    }

    fs::write(computer.vault(), whole).expect("the vault can be written");
    let _ = computer.apply(&response).succeeds();
}

#[test]
fn a_truncated_vault_file_is_reported_and_left_unchanged() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let whole = fs::read(computer.vault()).expect("the vault is there");

    for length in [0, 1, 8, whole.len() / 3, whole.len() - 1] {
        fs::write(computer.vault(), &whole[..length]).expect("the vault can be written");
        let expected = if length == 0 { codes::STORE_EMPTY } else { codes::VAULT_BROKEN };
        assert_every_command_fails(&computer, &fixture, &refresh, &[expected]);
        let said = computer.call().args(["status"]).run().stderr;
        assert!(said.contains(&computer.vault().display().to_string()), "{said}");
    }

    fs::write(computer.vault(), whole).expect("the vault can be written");
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_vault_of_another_product_or_vendor_is_reported_and_left_unchanged() {
    let (fixture, other_vendor) = (Fixture::new(THREE_SEATS), Fixture::new(THREE_SEATS));
    let viewer = fixture.vendor.add_product("Acme Viewer", &[]);
    let bought = fixture.vendor.add_entitlement(viewer, THREE_SEATS);
    let mut other_product = fixture.computer();
    other_product.config = fixture.vendor.kit_here(viewer).config();
    let _ = other_product.request(bought.code());
    let other_vendor = other_vendor.active_computer("Drawing office");
    let response = fixture.vendor.response_to(&fixture.computer().request(fixture.code()));

    for foreign in [&other_product, &other_vendor] {
        let computer = fixture.computer();
        fs::copy(foreign.vault(), computer.vault()).expect("the vault can be copied");
        assert_every_command_fails(
            &computer,
            &fixture,
            &response,
            &[codes::VAULT_OF_OTHER_PRODUCT],
        );
    }
}

#[test]
fn a_vault_file_from_another_machine_is_reported() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());

    computer.hardware = Hardware::Other(9);
    assert_every_command_fails(&computer, &fixture, &refresh, &[codes::OTHER_MACHINE]);
    // What the message advises leads to a licence that is found without naming its place, too.
    let named = std::mem::replace(&mut computer.store, Store::Policy);
    let arguments = ["--store", "file", "--json", "request", "--code", "-"];
    let made = computer.call().args(arguments).input(fixture.code()).run().succeeds().json_token();
    let response = fixture.vendor.response_to(&made.expect("a request"));
    let _ = computer.apply(&response).succeeds();
    assert_eq!(computer.state(), "active");

    (computer.hardware, computer.store) = (Hardware::ThisMachine, named);
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_vault_restored_after_deactivation_ends_with_its_lease_and_is_detected() {
    let mut fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let (seat, kept) = (computer.seat(), computer.home().join("kept"));
    fs::copy(computer.vault(), &kept).expect("the vault can be copied");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();

    // It can't be prevented here.
    fs::copy(&kept, computer.vault()).expect("the vault can be put back");
    assert_eq!(computer.state(), "active");
    let _ = fixture.vendor.json(&["refresh", &seat]).fails(4, codes::SEAT_DEACTIVATED);
    fixture.days_later(8, [&mut computer]);
    assert_eq!(computer.state(), "lease_expired");

    let request = computer.request(fixture.code());
    let _ = fixture.vendor.activate(&request).succeeds();
    assert!(fixture.vendor.audit().contains("older_than_deactivation"), "the audit says so");
}

#[test]
fn a_folder_in_place_of_the_vault_file_is_a_clear_error() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.computer();
    fs::create_dir(computer.vault()).expect("a folder");
    for answer in run_every_command(&computer, &fixture, "") {
        if answer.call.contains("apply") {
            continue; // There is no token in the text, which may be said first.
        }
        let answer = answer.exits(5);
        assert!(answer.error_code().is_some(), "{answer}");
    }
    assert!(computer.vault().is_dir());
}

#[test]
fn the_vault_file_is_accessible_to_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new(THREE_SEATS);
    let computer = fixture.active_computer("Drawing office");
    let mode = fs::metadata(computer.vault()).expect("the vault is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn in_a_read_only_folder_the_licence_is_read_and_nothing_is_lost() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    let refresh = fixture.vendor.refresh_of(&computer.seat());
    let before = fs::read(computer.vault()).expect("the vault is there");
    let folder = computer.vault().parent().expect("a folder").display().to_string();
    let mounts = Mounts::new(&[
        format!("mount --bind '{folder}' '{folder}'"),
        format!("mount -o remount,ro,bind '{folder}'"),
    ]);
    computer.mounts = Some(mounts.expect("a read-only mount"));

    assert_eq!(computer.state(), "active", "reading needs no writing");
    let examined = computer.json(&["doctor"]);
    assert!(examined.stdout.contains(codes::STORE_READ_ONLY), "{examined}");
    let _ = computer.json(&["deactivate", "--yes"]).fails(5, codes::STORE_READ_ONLY);
    let _ = computer.apply(&refresh).fails(5, codes::STORE_READ_ONLY);
    assert_eq!(computer.state(), "active");
    assert_eq!(fs::read(computer.vault()).expect("the vault is there"), before);

    computer.mounts = None;
    let _ = computer.apply(&refresh).succeeds();
}

#[test]
fn in_a_read_only_folder_a_first_request_is_a_clear_error() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    let folder = computer.vault().parent().expect("a folder").display().to_string();
    let mounts = Mounts::new(&[
        format!("mount --bind '{folder}' '{folder}'"),
        format!("mount -o remount,ro,bind '{folder}'"),
    ]);
    computer.mounts = Some(mounts.expect("a read-only mount"));

    let answer = computer.json_with(&["request", "--code", "-"], fixture.code());

    let answer = answer.fails(5, codes::STORE_READ_ONLY);
    assert!(answer.json_token().is_none(), "a token was shown that isn't kept\n{answer}");
    assert_eq!(computer.state(), "not_activated");
}

/// A small disk at `folder`. [`fill`] fills it to the last byte, and [`empty`] empties it again.
fn small_disk(folder: &Path, size: &str) -> Mounts {
    let mount = format!("mount -t tmpfs -o size={size} tmpfs '{}'", folder.display());
    Mounts::new(&[mount]).expect("a small disk")
}

fn fill(mounts: &Mounts, folder: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::create(mounts.path_inside(folder).join("filler")).expect("a file");
    while file.write_all(&[0; 512]).is_ok() {}
}

fn empty(mounts: &Mounts, folder: &Path) {
    fs::remove_file(mounts.path_inside(folder).join("filler")).expect("the filler is there");
}

#[test]
fn a_full_disk_is_reported_and_keeps_the_licence() {
    if !mounts_are_possible() {
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    let folder = computer.vault().parent().expect("a folder").to_path_buf();
    computer.mounts = Some(small_disk(&folder, "128k"));
    let disk = computer.mounts.as_ref().expect("a disk");

    // Full before the first request.
    fill(disk, &folder);
    let request = computer.json_with(&["request", "--code", "-"], fixture.code());
    let request = request.fails(5, codes::STORE_FULL);
    assert!(request.json_token().is_none(), "a token was shown that isn't kept\n{request}");
    empty(disk, &folder);

    // Full when the response comes.
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    fill(disk, &folder);
    let _ = computer.apply(&response).fails(5, codes::STORE_FULL);
    assert_eq!(computer.state(), "not_activated");
    empty(disk, &folder);
    let _ = computer.apply(&response).succeeds();

    // Full when it is deactivated.
    fill(disk, &folder);
    let deactivation = computer.json(&["deactivate", "--yes"]).fails(5, codes::STORE_FULL);
    assert!(deactivation.json_token().is_none(), "both licence and token\n{deactivation}");
    assert_eq!(computer.state(), "active");
    assert_eq!(computer.status()["outbox"], serde_json::json!([]));
    empty(disk, &folder);
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn on_a_full_disk_the_server_grants_nothing_and_loses_nothing() {
    if !mounts_are_possible() {
        return;
    }
    let mut fixture = Fixture::new(ONE_SEAT);
    // The whole set-up moves onto the small disk.
    let folder = fixture.vendor.folder().expect("a folder").join("disk");
    fs::create_dir(&folder).expect("a folder");
    let mount = format!("mount -t tmpfs -o size=3m tmpfs '{}'", folder.display());
    let copy = format!("cp -a '{}/.' '{}/'", fixture.vendor.data.display(), folder.display());
    fixture.vendor.mounts = Some(Mounts::new(&[mount, copy]).expect("a small disk"));
    fixture.vendor.data = folder.clone();
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let disk = fixture.vendor.mounts.as_ref().expect("a disk");

    fill(disk, &folder);
    let refused = fixture.vendor.activate(&request).exits(5);
    assert!(refused.error_code().is_some(), "{refused}");
    empty(disk, &folder);

    assert_eq!(fixture.seats_in_use(), 0, "a seat was taken without a response");
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();

    let deactivation = computer.deactivate();
    fill(disk, &folder);
    let refused = fixture.vendor.deactivate(&deactivation).exits(5);
    assert!(refused.error_code().is_some(), "{refused}");
    empty(disk, &folder);
    assert_eq!(fixture.seats_in_use(), 1);
    let _ = fixture.vendor.deactivate(&deactivation).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

#[test]
fn a_read_only_data_folder_is_a_clear_error_of_the_server() {
    if !mounts_are_possible() {
        return;
    }
    let mut fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let request = computer.request(fixture.code());
    let folder = fixture.vendor.data.display().to_string();
    let mounts = Mounts::new(&[
        format!("mount --bind '{folder}' '{folder}'"),
        format!("mount -o remount,ro,bind '{folder}'"),
    ]);
    fixture.vendor.mounts = Some(mounts.expect("a read-only mount"));

    let refused = fixture.vendor.activate(&request).exits(5);
    assert!(refused.error_code().is_some(), "{refused}");

    fixture.vendor.mounts = None;
    assert_eq!(fixture.seats_in_use(), 0);
    let _ = fixture.vendor.activate(&request).succeeds();
}

#[test]
fn a_missing_or_broken_database_is_a_clear_error() {
    let fixture = Fixture::new(ONE_SEAT);
    let nowhere = latchkey_e2e_support::Vendor::at(
        &fixture.programs,
        &fixture.vendor.folder().expect("a folder").join("nowhere"),
    );
    let answer = nowhere.json(&["seats"]).exits(5);
    assert!(answer.error_code().is_some(), "{answer}");
    assert!(!nowhere.data.exists(), "looking must not make a data folder");

    for entry in fs::read_dir(&fixture.vendor.data).expect("the data folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::write(&path, "this is neither a database nor a key").expect("a file");
        }
    }
    let answer = fixture.vendor.json(&["seats"]).exits(5);
    assert!(answer.error_code().is_some(), "{answer}");
}

#[test]
fn a_second_set_up_over_the_first_is_refused() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.active_computer("Drawing office");
    let again = fixture.vendor.json(&["init", "--vendor", "Other Vendor"]);
    assert!(matches!(again.exit, Some(4 | 5)), "{again}");
    let _ = computer.apply(&fixture.vendor.refresh_of(&computer.seat())).succeeds();
}

#[test]
fn output_that_cannot_be_written_is_an_error_and_loses_nothing() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let failed = |call: latchkey_e2e_support::Call| {
        let answer = call.output_to("/dev/full").run();
        assert!(answer.exit.is_some_and(|status| status != 0), "{answer}");
    };
    failed(computer.call().args(["request", "--code", "-"]).input(fixture.code()));
    let request = computer.request(fixture.code());
    failed(fixture.vendor.call().args(["activate"]).input(request.as_str()));
    let response = fixture.vendor.response_to(&request);
    failed(computer.call().args(["--json", "apply"]).input(response.as_str()));
    let _ = computer.apply(&response).succeeds();
    failed(fixture.vendor.call().args(["refresh", &computer.seat()]));
    failed(computer.call().args(["deactivate", "--yes"]));

    let status = computer.status();
    assert_eq!(status["state"], "not_activated");
    let token = status["outbox"][0]["token"].as_str().expect("the token is kept").to_owned();
    failed(fixture.vendor.call().args(["--json", "deactivate"]).input(token.as_str()));
    let _ = fixture.vendor.deactivate(&token).succeeds();
    assert_eq!(fixture.seats_in_use(), 0);
}

/// Runs a call in a shell that closes or redirects standard streams.
fn run_redirected(call: Call, redirection: &str) -> Answer {
    call.wrapped_by(&["sh", "-c", &format!("exec \"$@\" {redirection}"), "sh"]).run()
}

#[test]
fn closed_standard_output_is_an_error_and_loses_nothing() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    // The last one is open, but not for writing.
    for closed in [">&-", "1</dev/null"] {
        let fails = |call: Call, code: &str| {
            let answer = run_redirected(call, closed).exits(5);
            assert!(answer.stderr.contains(code), "{closed}: {answer}");
        };
        let (client, server) =
            ("to standard output: it is closed", "standard output: it is closed");
        let request = || computer.call().args(["request", "--code", "-"]).input(fixture.code());
        fails(request(), client);
        let token = computer.request(fixture.code());
        fails(computer.call().args(["inspect"]).input(token.as_str()), client);
        fails(computer.call().args(["sheet"]).input(token.as_str()), client);
        fails(computer.call().args(["status"]), client);
        fails(computer.call().args(["doctor"]), client);
        fails(computer.call().args(["--version"]), client);
        fails(computer.call().args(["--help"]), client);
        fails(computer.call().args(["--json", "outbox"]), "cli.output");
        fails(fixture.vendor.call().args(["activate"]).input(token.as_str()), server);
        let response = fixture.vendor.response_to(&token);
        fails(computer.call().args(["--json", "apply"]).input(response.as_str()), "cli.output");
        let _ = computer.apply(&response).succeeds();
        fails(fixture.vendor.call().args(["seats"]), server);
        fails(fixture.vendor.call().args(["--json", "refresh", &computer.seat()]), "not_written");
        fails(fixture.vendor.call().args(["--help"]), server);
        fails(computer.call().args(["deactivate", "--yes"]), client);
        let status = computer.status();
        assert_eq!(status["state"], "not_activated");
        let kept = &status["outbox"].as_array().expect("the outbox")[0];
        let token = kept["token"].as_str().expect("the token is kept");
        fails(fixture.vendor.call().args(["--json", "deactivate"]).input(token), "not_written");
        let _ = fixture.vendor.deactivate(token).succeeds();
        let id = kept["id"].as_str().expect("its id");
        let _ = computer.call().args(["outbox", "--delivered", id]).run().succeeds();
        assert_eq!(fixture.seats_in_use(), 0);
    }
    // Discarding the output on purpose isn't an error, however it is opened.
    for open in [">/dev/null", "1<>/dev/null", "2>&-", "<&-"] {
        let request = computer.call().args(["request", "--code", fixture.code()]);
        let _ = run_redirected(request, open).exits(0);
    }
    let request = computer.request(fixture.code());
    let response = fixture.vendor.response_to(&request);
    let _ =
        run_redirected(computer.call().args(["apply"]).input(response.as_str()), ">&-").exits(0);
    assert_eq!(computer.state(), "active");
}

#[test]
fn closed_standard_input_and_standard_error_are_reported() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    for (call, code) in [
        (computer.call().args(["--json", "apply"]), "cli.input"),
        (computer.call().args(["--json", "request", "--code", "-"]), "cli.input"),
        (fixture.vendor.call().args(["--json", "activate"]), "input.not_read"),
    ] {
        let answer = run_redirected(call, "<&-").exits(2);
        assert_eq!(answer.error_code().as_deref(), Some(code), "{answer}");
        assert!(answer.stderr.contains("it is closed"), "{answer}");
    }
    let listed = fixture.vendor.json(&["entitlement", "list"]).json();
    let entitlement = listed["entitlements"][0]["entitlement_id"].as_str().expect("an id");
    let add = || fixture.vendor.call().args(["code", "add", entitlement]);
    for closed in ["2>&-", "2>/dev/full"] {
        let _ = run_redirected(add(), closed).exits(5);
    }
    let _ = run_redirected(add(), "2>/dev/null").exits(0);
}

#[test]
fn a_missing_file_is_a_clear_error() {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    for answer in [
        computer.json(&["apply", "/nowhere/response.txt"]),
        computer.json(&["inspect", "/nowhere"]),
        fixture.vendor.json(&["activate", "/nowhere/request.txt"]),
        fixture.vendor.json(&["deactivate", "/"]),
    ] {
        assert!(matches!(answer.exit, Some(2 | 5)), "{answer}");
        assert!(answer.error_code().is_some(), "{answer}");
    }
}

/// Activates in the file that belongs to the product, without naming it afterwards.
#[track_caller]
fn activate_in_own_file(fixture: &Fixture, computer: &mut Computer) {
    let named = std::mem::replace(&mut computer.store, Store::Policy);
    let request = ["--store", "file", "--json", "request", "--code", "-"];
    let made = computer.call().args(request).input(fixture.code()).run().succeeds().json_token();
    let response = fixture.vendor.response_to(&made.expect("a request"));
    let _ = computer.apply(&response).succeeds();
    computer.store = named;
}

#[test]
fn a_vault_that_cannot_be_read_hides_no_deactivation_of_another() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.computer();
    activate_in_own_file(&fixture, &mut computer);
    let in_own_file = ["--store", "file", "--json", "deactivate", "--yes"];
    let named = std::mem::replace(&mut computer.store, Store::Policy);
    let waiting = computer.call().args(in_own_file).run().succeeds().json();
    computer.store = named;
    fs::write(computer.vault(), "not a vault").expect("a file");

    let status = computer.call().args(["status"]).run().exits(5);
    assert!(status.stderr.contains("1 deactivation token hasn’t been handed in"), "{status}");
    let doctor = computer.call().args(["doctor"]).run().exits(5);
    assert!(doctor.stdout.contains("1 deactivation token hasn’t been handed in"), "{doctor}");
    let outbox = computer.json(&["outbox"]).exits(5);
    assert_eq!(outbox.error_code().as_deref(), Some(codes::VAULT_BROKEN), "{outbox}");
    assert_eq!(outbox.json()["outbox"][0]["id"], waiting["id"], "{outbox}");
    let outbox = computer.call().args(["outbox"]).run().exits(5);
    assert!(outbox.stdout.starts_with("LKDAC"), "{outbox}");

    // Confirming it is possible as well.
    let id = waiting["id"].as_str().expect("an id");
    let confirmed = computer.call().args(["outbox", "--delivered", id]).run().exits(5);
    assert!(confirmed.stderr.contains(id), "{confirmed}");
    let status = computer.call().args(["status"]).run().exits(5);
    assert!(!status.stderr.contains("handed in"), "{status}");
}

#[test]
fn another_licence_on_the_same_computer_is_named_and_can_be_returned() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = fixture.active_computer("Drawing office");
    activate_in_own_file(&fixture, &mut computer);
    let document = computer.json(&["status"]).succeeds().json();
    let [other] = &document["other_licences"].as_array().expect("a list")[..] else {
        panic!("{document}")
    };
    assert_ne!(other["seat_id"], document["seat_id"]);
    let path = other["store"]["path"].as_str().expect("a path");
    assert_eq!(computer.json(&["doctor"]).succeeds().json()["other_licences"][0], *other);
    for command in ["status", "doctor"] {
        let said = computer.call().args([command]).run().succeeds().stdout;
        assert!(said.contains(&format!("It is kept in the file {path}")), "{said}");
        assert!(said.contains(&format!("--store \"file:{path}\" deactivate --yes")), "{said}");
    }
    let store = format!("file:{path}");
    let named = std::mem::replace(&mut computer.store, Store::Policy);
    let _ = computer.call().args(["--store", &store, "deactivate", "--yes"]).run().succeeds();
    computer.store = named;
    let document = computer.json(&["status"]).succeeds().json();
    assert_eq!(document["other_licences"].as_array().map(Vec::len), Some(0), "{document}");
    assert_eq!(document["outbox"].as_array().map(Vec::len), Some(1), "{document}");
}
