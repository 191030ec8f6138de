//! Licences in files, with the real programs: a computer whose installation gets a new ID, and
//! computers that share a folder.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use latchkey_e2e_support::{
    Call, Clock, Computer, Hardware, Mounts, Store, mounts_are_possible, not_tested,
};
use serde_json::json;

use crate::fixture::{Fixture, THREE_SEATS};
use crate::languages::{ENTITLEMENT_OPTIONS, linked_c_product};
use crate::policy::{as_nobody, with_config};

const MONTH: &[&str] = &["--seats", "2", "--offline-lease", "60d"];

/// The files of licences in a folder.
fn vaults(folder: &std::path::Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it").path());
    let mut vaults: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "vault")).collect();
    vaults.sort_unstable();
    vaults
}

#[test]
fn a_new_machine_id_starts_grace_that_a_new_activation_ends() {
    if !mounts_are_possible() {
        not_tested("another installation's id needs mounts");
        return;
    }
    let mut fixture = Fixture::new(MONTH);
    let mut computer = fixture.computer();
    computer.hardware = Hardware::Installation(1);
    fixture.activate(&computer, "Drawing office");
    let seat = computer.seat();

    computer.hardware = Hardware::Installation(2);
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "in_grace", "{status}");
    assert_eq!(status["hardware"]["changed"], json!(["os-install"]));
    assert_eq!(status["may_run"], true);
    let doctor = computer.json(&["doctor"]).succeeds().json();
    assert_eq!(doctor["store"]["kind"], "file", "{doctor}");

    fixture.days_later(8, [&mut computer]);
    let status = computer.status();
    assert_eq!(status["hardware"]["verdict"], "over", "{status}");
    let request = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    assert_eq!(computer.status()["hardware"]["verdict"], "passes");
    assert_eq!((computer.seat(), fixture.seats_in_use()), (seat, 1));
    // The licence follows the computer: what has nothing but the id of before opens the file, and
    // is another one.
    computer.hardware = Hardware::Other(1);
    let status = computer.status();
    assert_eq!(status["hardware"]["reason"], "other_computer", "{status}");
    assert_eq!(status["may_run"], false);
}

#[test]
fn two_computers_with_a_shared_home_keep_a_licence_each() {
    if !mounts_are_possible() {
        not_tested("another installation's id needs mounts");
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut one = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    (one.store, one.hardware) = (Store::Policy, Hardware::Other(1));
    fixture.activate(&one, "Workstation one");
    let folder = one.home().join(".local/share/latchkey");
    let before = vaults(&folder);

    let mut two = one.in_the_same_home();
    two.hardware = Hardware::Other(2);
    assert_eq!(two.state(), "not_activated");
    fixture.activate(&two, "Workstation two");
    assert_ne!(one.seat(), two.seat());
    assert_eq!((before.len(), vaults(&folder).len(), fixture.seats_in_use()), (1, 2, 2));

    let _ = fixture.vendor.deactivate(&two.deactivate()).succeeds();
    assert_eq!((one.state(), two.state()), ("active".to_owned(), "not_activated".to_owned()));
    assert!(before[0].is_file());
}

#[test]
fn a_file_with_the_old_name_is_used_only_where_it_was_created() {
    if !mounts_are_possible() {
        not_tested("another installation's id needs mounts");
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut one = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    (one.store, one.hardware) = (Store::Policy, Hardware::Other(1));
    fixture.activate(&one, "Workstation one");
    let folder = one.home().join(".local/share/latchkey");
    let made = vaults(&folder).remove(0);
    let name = made.file_name().and_then(|name| name.to_str()).expect("a name");
    let (start, _) = name.rsplit_once('-').expect("the computer's part of the name");
    let old = folder.join(format!("{start}.vault"));
    fs::rename(&made, &old).expect("the file");

    let mut two = one.in_the_same_home();
    two.hardware = Hardware::Other(2);
    fixture.activate(&two, "Workstation two");
    let seat = one.seat();
    let _ = one.apply(&fixture.vendor.refresh_of(&seat)).succeeds();
    assert_eq!((one.state(), two.state()), ("active".to_owned(), "active".to_owned()));
    assert!(old.is_file() && vaults(&folder).len() == 2);
}

#[test]
fn a_machine_licence_with_a_new_machine_id_needs_an_administrator() {
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| {
        use std::os::unix::fs::MetadataExt as _;
        this.uid() == 0
    });
    if !is_root || !mounts_are_possible() {
        not_tested("the machine's scope needs root and mounts of its own");
        return;
    }
    let fixture = Fixture::new(MONTH);
    let mut computer = with_config(&fixture, &[("scope = \"user\"", "scope = \"machine\"")]);
    computer.store = Store::Policy;
    // What another user needs to start the program at all.
    let open = tempfile::tempdir().expect("a folder");
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).expect("an open folder");
    let (id, program) = (open.path().join("id"), open.path().join("latchkey"));
    let config = open.path().join("latchkey.toml");
    let installation = |number: u8| {
        fs::write(&id, format!("0f1e2d3c4b5a69788796a5b4c3d2e1{number:02x}\n")).expect("an id");
    };
    installation(1);
    // The board's serial number is the administrator's to read.
    let mut mounts = vec![
        "mount -t tmpfs -o size=1m,mode=755 tmpfs /var/lib".to_owned(),
        "mount -t tmpfs -o size=64k,mode=755 tmpfs /sys/class".to_owned(),
        "mkdir -p /sys/class/dmi/id".to_owned(),
        "echo PF3ABC0001 > /sys/class/dmi/id/board_serial".to_owned(),
        "chmod 400 /sys/class/dmi/id/board_serial".to_owned(),
        format!("mount --bind '{}' /etc/machine-id", id.display()),
    ];
    for folder in ["/sys/dev/block", "/dev/disk"] {
        if std::path::Path::new(folder).is_dir() {
            mounts.push(format!("mount -t tmpfs -o size=64k tmpfs '{folder}'"));
        }
    }
    computer.mounts = Some(Mounts::new(&mounts).expect("another computer"));
    fixture.activate(&computer, "Laboratory");
    fs::copy(fixture.programs.path("latchkey"), &program).expect("a copy");
    fs::copy(&computer.config, &config).expect("a copy");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).expect("a readable config");
    let status = |computer: &Computer| {
        let mounts = computer.mounts.as_ref().expect("mounts");
        let call = as_nobody(&program, mounts, open.path());
        call.args(["--config".as_ref(), config.as_os_str()]).args(["--json", "status"]).run()
    };
    assert_eq!(status(&computer).succeeds().json()["state"], "active");

    let seat = computer.seat();
    installation(2);
    let waits = status(&computer).fails(5, crate::codes::OTHER_MACHINE);
    assert!(
        waits.to_string().contains("an administrator has to open the licence window once"),
        "{waits}"
    );
    assert_eq!(computer.status()["hardware"]["verdict"], "in_grace");
    // Now the file opens for everybody. But a program that only reads what has changed sees
    // another computer.
    let after = status(&computer).succeeds().json();
    assert_eq!(after["hardware"]["reason"], "other_computer", "{after}");
    // The cure is the administrator's as well, and the device's secret could still be read for it.
    computer.clock = Clock::days(1);
    let request = computer.request(fixture.code());
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    let after = status(&computer).succeeds().json();
    assert_eq!(
        (&after["hardware"]["verdict"], &after["may_run"]),
        (&json!("passes"), &json!(true))
    );
    assert_eq!((after["seat_id"].as_str(), fixture.seats_in_use()), (Some(&*seat), 1));
}

/// As after a command under `sudo` that has left the data folder behind, which no administrator
/// could use either: a file is in its place.
#[test]
fn where_the_data_folder_cannot_be_used_the_product_finds_the_licence_in_the_home_folder() {
    let fixture = Fixture::new(ENTITLEMENT_OPTIONS);
    let product = linked_c_product(&fixture);
    let mut computer = fixture.computer();
    computer.store = Store::Policy;
    fs::create_dir_all(computer.home().join(".local")).expect("a folder");
    fs::write(computer.home().join(".local/share"), "").expect("a file in the way");

    let refused = computer.call().args(["request", "--code", fixture.code()]).run().exits(5);
    assert!(refused.stderr.contains("--store file"), "{refused}");
    let chosen = ["--store", "file", "--json", "request", "--code", fixture.code()];
    let request = computer.call().args(chosen).run().succeeds().json_token().expect("a token");
    assert_eq!(vaults(&computer.home().join(".latchkey")).len(), 1);
    let _ = computer.apply(&fixture.vendor.response_to(&request)).succeeds();
    assert_eq!(computer.state(), "active");
    let _ = product.run_by_policy(&computer).succeeds();

    let token = computer.deactivate();
    let _ = product.run_by_policy(&computer).exits(4);
    // The outbox is shown whichever store is named.
    let named = format!("file:{}", computer.home().join("another").display());
    for store in ["file", &named] {
        let shown = computer.call().args(["--store", store, "--json", "outbox"]).run().succeeds();
        assert_eq!(shown.json()["outbox"].as_array().map(Vec::len), Some(1), "{shown}");
    }
    let _ = fixture.vendor.deactivate(&token).succeeds();
}

/// Activates and asks for the status, with these variables and through these words of a shell.
fn activated(fixture: &Fixture, here: &Path, variables: &[(&str, &OsStr)], shell: &str) {
    let call = |words: &[&str]| {
        let mut call = Call::new(&fixture.programs.path("latchkey"))
            .args([OsStr::new("--config"), fixture.kit.config().as_os_str()])
            .args(["--json", "--store", "file"])
            .args(words);
        for (name, value) in variables {
            call = call.env(name, value);
        }
        let shell = format!("cd \"$0\"; {shell}; exec \"$@\"");
        call.wrapped_by(&["sh".as_ref(), "-c".as_ref(), OsStr::new(&shell), here.as_os_str()])
    };
    let asked = call(&["request", "--code", fixture.code()]).run().succeeds();
    let request = asked.json_token().expect("a request");
    let response = fixture.vendor.response_to(&request);
    let _ = call(&["apply", "-"]).input(response).run().succeeds();
    assert_eq!(call(&["status"]).run().json()["state"], "active", "{variables:?} {shell}");
}

#[test]
fn a_licence_is_kept_in_a_home_folder_of_any_name() {
    let fixture = Fixture::new(&["--seats", "20", "--offline-lease", "7d"]);
    let here = tempfile::tempdir().expect("a folder");
    // Almost as long as a path may be: the file has to fit into it as well.
    let deep: PathBuf = std::iter::repeat_n("x".repeat(200), 17).collect();
    let not_unicode = OsStr::from_bytes(b"caf\xe9");
    let names: [&OsStr; 9] = [
        deep.as_os_str(),
        not_unicode,
        "Zoë Ødegård/設計".as_ref(),
        "100%25 #1?x=\"y\"&'z'".as_ref(),
        "two\nlines".as_ref(),
        " ".as_ref(),
        "-rf".as_ref(),
        "$HOME".as_ref(),
        "~".as_ref(),
    ];
    for name in names {
        let home = here.path().join(name);
        fs::create_dir_all(&home).expect("a home folder");
        activated(&fixture, here.path(), &[("HOME", home.as_os_str())], ":");
        assert_eq!(vaults(&home.join(".local/share/latchkey")).len(), 1, "{name:?}");
    }
    // A home folder that nobody has created yet.
    let home = here.path().join("not/yet");
    activated(&fixture, here.path(), &[("HOME", home.as_os_str())], ":");
    assert_eq!(vaults(&home.join(".local/share/latchkey")).len(), 1);
}

#[test]
fn a_data_folder_that_is_no_absolute_path_is_ignored() {
    let fixture = Fixture::new(&["--seats", "20", "--offline-lease", "7d"]);
    for data in ["", "data", "./data", "~/data", "$HOME/data"] {
        let here = tempfile::tempdir().expect("a folder");
        let home = here.path().join("kim");
        fs::create_dir(&home).expect("a home folder");
        let variables = [("HOME", home.as_os_str()), ("XDG_DATA_HOME", data.as_ref())];
        activated(&fixture, here.path(), &variables, ":");
        assert_eq!(vaults(&home.join(".local/share/latchkey")).len(), 1, "{data:?}");
        assert_eq!(fs::read_dir(here.path()).expect("a folder").count(), 1, "{data:?}");
    }
}

#[test]
fn a_licence_is_private_and_usable_whatever_the_umask() {
    let fixture = Fixture::new(&["--seats", "20", "--offline-lease", "7d"]);
    for umask in ["000", "022", "027", "077"] {
        let home = tempfile::tempdir().expect("a home folder");
        let variables = [("HOME", home.path().as_os_str())];
        activated(&fixture, home.path(), &variables, &format!("umask {umask}"));
        let folder = home.path().join(".local/share/latchkey");
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{umask}");
        let vaults = vaults(&folder);
        assert_eq!(vaults.iter().map(|path| mode(path)).collect::<Vec<_>>(), [0o600], "{umask}");
    }
}

#[test]
fn a_configuration_in_another_encoding_is_read_and_a_picture_is_named() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    let text = fs::read_to_string(&computer.config).expect("a config");
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for bytes in [
        [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        utf_16(&format!("\u{feff}{text}")),
        utf_16(&text),
        text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
    ] {
        fs::write(&computer.config, bytes).expect("a config");
        assert_eq!(computer.state(), "not_activated");
    }
    for (bytes, kind) in [
        (&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], "PNG"),
        (b"PK\x03\x04\x14\0\0\0latchkey.toml\0\x01\xff", "ZIP"),
    ] {
        fs::write(&computer.config, bytes).expect("a config");
        let answer = computer.json(&["status"]).fails(2, "config.other_file");
        assert!(answer.stderr.contains(kind), "{answer}");
    }
}
