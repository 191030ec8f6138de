//! The life of a licence, and what Windows does to files and texts meanwhile.

use std::fs::{self, File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::programs::{Computer, Vendor, command, run};

/// `FILE_SHARE_READ`: others may read the file, but neither write nor replace it.
const MAY_BE_READ: u32 = 1;
/// Nobody else may open the file.
const EXCLUSIVE: u32 = 0;

fn live(computer: &Computer, vendor: &Vendor) {
    assert_eq!(computer.state(), "not_activated");
    computer.activate(vendor);
    computer.run(&["request", "--code", "-"], &vendor.code).fails(4, "lease.active");
    let seat = computer.run(&["status"], "").json()["seat_id"].as_str().unwrap().to_owned();
    let refresh = vendor.run(&["refresh", &seat], "").token();
    computer.run(&["apply"], &refresh).succeeds();
    assert_eq!(computer.state(), "active");
    computer.run(&["doctor"], "").succeeds();
    computer.deactivate(vendor);
    // The seat is free again.
    computer.activate(vendor);
    computer.deactivate(vendor);
}

#[test]
fn a_licence_lives_in_a_file() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    live(&Computer::with_file(&vendor, &folder.path().join("vault")), &vendor);
}

#[test]
fn a_licence_lives_in_credential_manager() {
    let vendor = Vendor::new();
    live(&Computer::with_keyring(&vendor), &vendor);
}

#[test]
fn a_licence_of_the_whole_machine_is_requested_at_the_first_attempt() {
    let vendor = Vendor::new();
    live(&Computer::with_policy(&vendor, &["--scope", "machine"]), &vendor);
}

#[test]
fn a_licence_lives_at_a_long_path_with_spaces_and_letters_of_every_script() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let long = ["Ein langer Ordner für Größe, 図面 и чертежи"; 4].join(" ");
    let vault = folder.path().join(&long).join(&long).join("Büro 1.vault");
    assert!(vault.to_str().unwrap().encode_utf16().count() > 300);
    let computer = Computer::with_file(&vendor, &vault);
    live(&computer, &vendor);
    // People see the path as they know it.
    let report = computer.run(&["doctor"], "").succeeds();
    assert!(!report.output.contains(r"\\\\?\\"), "{report:?}");
    assert!(report.output.is_ascii(), "{report:?}");
}

#[test]
fn exit_statuses_are_those_of_every_system() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let computer = Computer::with_file(&vendor, &folder.path().join("vault"));
    assert_eq!(run(command("latchkey.exe").arg("--version"), b"").exit, 0);
    assert_eq!(computer.run(&["nonsense"], "").exit, 2);
    computer.run(&["apply"], "no token at all").fails(3, "token.none_found");
    computer.run(&["deactivate", "--yes"], "").fails(4, "lease.not_activated");
    let nowhere = Computer::with_file(&vendor, Path::new(r"Q:\nowhere\vault"));
    assert_eq!(nowhere.run(&["request", "--code", "-"], &vendor.code).exit, 5);
}

#[test]
fn tokens_and_secrets_are_read_in_the_encodings_of_windows() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let computer = Computer::with_file(&vendor, &folder.path().join("vault"));
    let utf16 = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let latin =
        |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(c).unwrap()).collect() };
    for round in 0..4 {
        let request = computer.request(&vendor);
        let response = vendor.run(&["activate"], &request).token();
        let text = format!("Größe und Grüße\r\n{response}\r\n");
        let bytes = match round {
            0 => utf16(&text, u16::to_le_bytes),
            1 => utf16(&text, u16::to_be_bytes),
            2 => format!("\u{feff}{text}").into_bytes(),
            _ => latin(&text),
        };
        if round % 2 == 0 {
            run(&mut computer.command(&["apply"]), &bytes).succeeds();
        } else {
            let file = folder.path().join("token.txt");
            fs::write(&file, &bytes).unwrap();
            computer.run(&["apply", file.to_str().unwrap()], "").succeeds();
        }
        assert_eq!(computer.state(), "active");
        computer.deactivate(&vendor);
    }
    // `echo … > file` of Windows PowerShell writes UTF-16 for the vendor as well.
    let code = utf16(&format!("{}\r\n", vendor.code), u16::to_le_bytes);
    run(vendor.command().args(["--json", "seats", "--code", "-"]), &code).succeeds();
    let passphrase = folder.path().join("passphrase.txt");
    fs::write(&passphrase, utf16("Größe 図面\r\n", u16::to_le_bytes)).unwrap();
    let passphrase = passphrase.to_str().unwrap();
    vendor.run(&["key", "seal", "--new-passphrase-file", passphrase], "").succeeds();
    let in_utf8 = folder.path().join("utf8.txt");
    fs::write(&in_utf8, "Größe 図面\n").unwrap();
    let in_utf8 = in_utf8.to_str().unwrap();
    vendor.run(&["--passphrase-file", in_utf8, "key", "list"], "").succeeds();
}

#[test]
fn processes_that_run_at_once_lose_nothing() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    for computer in [
        Computer::with_file(&vendor, &folder.path().join("vault")),
        Computer::with_keyring(&vendor),
    ] {
        let requests: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..6).map(|_| scope.spawn(|| computer.request(&vendor))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        // Each of them is still pending, whichever was the last.
        let response = vendor.run(&["activate"], &requests[0]).token();
        computer.run(&["apply"], &response).succeeds();
        computer.deactivate(&vendor);
    }
}

/// Ends `request` at many moments, as the Task Manager does.
#[test]
fn a_process_that_is_terminated_anywhere_leaves_a_whole_vault() {
    let rounds = std::env::var("LATCHKEY_KILLS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: u32 = rounds.unwrap_or(20);
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    for computer in [
        Computer::with_file(&vendor, &folder.path().join("vault")),
        Computer::with_keyring(&vendor),
    ] {
        computer.request(&vendor);
        let start = std::time::Instant::now();
        computer.request(&vendor);
        // A little longer than a whole call, so that some calls end by themselves.
        let step = start.elapsed().mul_f64(1.2) / rounds;
        for round in 0..rounds {
            let arguments = ["request", "--code", &vendor.code, "--code-is-right"];
            let mut request = computer.command(&arguments);
            let mut request = request.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(step * round);
            request.kill().unwrap();
            request.wait().unwrap();
            assert_eq!(computer.state(), "not_activated", "round {round}");
        }
        computer.activate(&vendor);
        computer.deactivate(&vendor);
    }
}

/// Virus scanners and backups open a file for a moment.
#[test]
fn a_vault_that_another_program_reads_for_a_moment_is_replaced_when_it_is_closed() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let computer = Computer::with_file(&vendor, &vault);
    computer.request(&vendor);
    let reader = OpenOptions::new().read(true).share_mode(MAY_BE_READ).open(&vault).unwrap();
    let mut request = computer.command(&["request", "--code", &vendor.code, "--code-is-right"]);
    let mut request = request.stdout(Stdio::null()).spawn().unwrap();
    let is_writing = || {
        fs::read_dir(folder.path())
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().ends_with(".new"))
    };
    while !is_writing() && request.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(reader);
    assert_eq!(request.wait().unwrap().code(), Some(0));
    computer.activate(&vendor);
}

#[test]
fn a_folder_or_a_held_file_in_place_of_a_text_is_reported_as_what_it_is() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let computer = Computer::with_file(&vendor, &folder.path().join("vault"));
    let (texts, held) = (folder.path().join("texts"), folder.path().join("held.txt"));
    fs::create_dir(&texts).unwrap();
    fs::write(&held, "a token").unwrap();
    let _open = OpenOptions::new().read(true).share_mode(EXCLUSIVE).open(&held).unwrap();
    for (path, reason) in [(&texts, "it is a folder"), (&held, "another program is using it")] {
        let path = path.to_str().unwrap();
        let status = ["--json", "--config", path, "status"];
        for (answer, code) in [
            (computer.run(&["apply", path], ""), "cli.input"),
            (vendor.run(&["activate", path], ""), "input.not_read"),
            (run(command("latchkey.exe").args(status), b""), "config.not_read"),
        ] {
            answer.fails(2, code);
            assert!(answer.errors.contains(reason), "{answer:?}");
            let advice = if path.ends_with("held.txt") { "Close the other program" } else { "" };
            assert!(answer.errors.contains(advice), "{answer:?}");
            assert!(!answer.errors.contains("permissions"), "{answer:?}");
        }
    }
}

#[test]
fn a_folder_or_a_device_in_place_of_a_store_is_reported_as_what_it_is() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let computer = Computer::with_policy(&vendor, &[]);
    let folder = folder.path().to_str().unwrap();
    let folder_named = "it is a folder";
    for (end, reason) in [("", folder_named), (r"\new\", folder_named), (r"\NUL", "not a file")] {
        let store = format!("file:{folder}{end}");
        let answer = computer.run(&["--store", &store, "status"], "");
        answer.fails(2, "store.file");
        assert!(answer.errors.contains(reason), "{answer:?}");
    }
    assert!(!Path::new(folder).join("new").exists());
}

/// In Wine, `cargo xtask test-windows` provides a folder as a share.
#[test]
fn a_licence_lives_on_a_share() {
    let share = std::env::var("LATCHKEY_SHARE");
    let share = share.expect("NOT TESTED: LATCHKEY_SHARE doesn't name a folder of a share");
    assert!(share.starts_with(r"\\") && Path::new(&share).is_dir(), "{share}");
    let vendor = Vendor::new();
    let folder = tempfile::tempdir_in(&share).unwrap();
    let computer = Computer::with_file(&vendor, &folder.path().join("Büro 1.vault"));
    live(&computer, &vendor);
    let token = folder.path().join("token.txt");
    fs::write(&token, vendor.run(&["activate"], &computer.request(&vendor)).token()).unwrap();
    computer.run(&["apply", token.to_str().unwrap()], "").succeeds();
    assert_eq!(computer.state(), "active");
}

#[test]
fn a_vault_that_cannot_be_used_is_reported_and_unharmed() {
    let vendor = Vendor::new();
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    let computer = Computer::with_file(&vendor, &vault);
    computer.activate(&vendor);
    let before = fs::read(&vault).unwrap();
    for share in [EXCLUSIVE, MAY_BE_READ] {
        let held = OpenOptions::new().read(true).share_mode(share).open(&vault).unwrap();
        let answer = computer.run(&["deactivate", "--yes"], "");
        assert_eq!(answer.exit, 5, "{answer:?}");
        assert!(answer.errors.contains("\"code\":\"store."), "{answer:?}");
        assert!(!answer.errors.contains("os error"), "{answer:?}");
        drop(held);
        assert!(fs::read(&vault).unwrap() == before);
        assert_eq!(computer.state(), "active");
    }
    set_read_only(&vault, true);
    let answer = computer.run(&["deactivate", "--yes"], "");
    assert!(answer.exit == 5 || answer.exit == 0, "{answer:?}");
    if answer.exit == 5 {
        assert!(fs::read(&vault).unwrap() == before);
        assert_eq!(computer.state(), "active");
        set_read_only(&vault, false);
        computer.deactivate(&vendor);
    }
}

fn set_read_only(file: &Path, read_only: bool) {
    let mut permissions = File::open(file).unwrap().metadata().unwrap().permissions();
    permissions.set_readonly(read_only);
    fs::set_permissions(file, permissions).unwrap();
}
