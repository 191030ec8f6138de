//! Administration of the server: keys, backups and operators.

use crate::http::Portal;
use crate::{CODE, Computer, Server};

/// A file with a passphrase.
fn file(server: &Server, name: &str, text: &str) -> String {
    let path = server.folder.path().join(name);
    std::fs::write(&path, format!("{text}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn sealed_keys_open_only_with_their_passphrase() {
    let server = Server::new(2);
    let first = file(&server, "first", "a first passphrase");
    let second = file(&server, "second", "a second passphrase");
    let sealed = server.run(&["--json", "key", "seal", "--new-passphrase-file", &first], "");
    assert_eq!(sealed.json()["sealed"], 2);
    let refused = server.run(&["--json", "seats"], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(5), "keys.sealed"));
    let refused = server.run(&["--json", "--passphrase-file", &second, "seats"], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(5), "keys.wrong_passphrase"));
    assert_eq!(server.run(&["--passphrase-file", &first, "seats"], "").exit, Some(0));
    let out = server.command(&["seats"]).env("LATCHKEY_PASSPHRASE", "a first passphrase").output();
    assert!(out.unwrap().status.success());

    // The portal grants with sealed keys, and the passphrase is in no log.
    let computer = Computer::new(server.vendor_with(&["--passphrase-file", &first]));
    let portal = Portal::start(&server, &["--passphrase-file", &first]);
    let request = computer.request("A", 1);
    assert_eq!(portal.post("/activate", &[("token", &request)]).name(), "granted");
    assert!(!portal.log().contains("a first passphrase"));
}

#[test]
fn old_passphrases_with_white_space_open_but_new_ones_are_refused() {
    let server = Server::new(1);
    let blank = file(&server, "blank", "  ");
    let seal = ["--json", "key", "seal", "--new-passphrase-file", &blank];
    let refused = server.run(&seal, "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(2), "input.no_passphrase"));
    // An earlier version did it.
    let now = chrono::Utc::now();
    let mut issuer = latchkey_issuer::Issuer::open(&server.data(), now).unwrap();
    issuer.seal_keys(latchkey_issuer::Passphrase::new("  ".to_owned()), now).unwrap();
    drop(issuer);
    assert_eq!(server.run(&["--passphrase-file", &blank, "seats"], "").exit, Some(0));
    let out = server.command(&["seats"]).env("LATCHKEY_PASSPHRASE", "  ").output();
    assert!(out.unwrap().status.success());
    let empty = file(&server, "empty", "");
    let refused = server.run(&["--json", "--passphrase-file", &empty, "seats"], "");
    assert_eq!((refused.exit, refused.error().as_str()), (Some(2), "input.no_passphrase"));
    let other = file(&server, "other", "a passphrase");
    let seal = ["--passphrase-file", &blank, "key", "seal", "--new-passphrase-file", &other];
    assert_eq!(server.run(&seal, "").exit, Some(0));
    assert_eq!(server.run(&["--passphrase-file", &other, "seats"], "").exit, Some(0));
}

#[test]
fn a_running_portal_uses_a_rotated_key_and_still_opens_old_requests() {
    let server = Server::new(2);
    let old = server.vendor();
    let portal = Portal::start(&server, &[]);
    let before = Computer::new(old).request("before", 1);
    let rotated = server.run(&["--json", "key", "rotate"], "").json();
    assert_eq!(rotated["old"], old.id().to_string());
    assert_eq!(portal.post("/activate", &[("token", &before)]).name(), "granted");
    // Its signature is checked by the product; here, that the new active key opens what is sealed
    // for it.
    let keys = server.run(&["--json", "key", "list"], "").json();
    let roles: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["active", "spare", "old"]);
    let kit = server.folder.path().join("new kit");
    let out = kit.to_str().unwrap();
    assert_eq!(server.run(&["kit", "--product", "1", "--out", out], "").exit, Some(0));
    let config: toml::Table =
        std::fs::read_to_string(kit.join("latchkey.toml")).unwrap().parse().unwrap();
    let new = config["vendor"]["key"][0]["public"].as_str().unwrap();
    let new = latchkey_token::PublicKeys::from_hex(new).unwrap();
    assert_eq!(rotated["active"], new.id().to_string());
    let after = Computer::new(new).request("after", 1);
    assert_eq!(portal.post("/activate", &[("token", &after)]).name(), "granted");
    let told = server.run(&["key", "rotate"], "");
    assert!(told.stdout.is_empty() && told.stderr.contains("latchkey-server kit"));
}

#[test]
fn a_backup_is_made_online_and_restored_into_an_empty_folder() {
    let server = Server::new(2);
    let computer = Computer::new(server.vendor());
    let portal = Portal::start(&server, &[]);
    let request = computer.request("A", 1);
    let response = portal.post("/activate", &[("token", &request)]).token();
    let backup = server.folder.path().join("backup");
    let backup = backup.to_str().unwrap();
    assert_eq!(server.run(&["backup", "--out", backup], "").exit, Some(0));
    let again = server.run(&["--json", "backup", "--out", backup], "");
    assert_eq!((again.exit, again.error().as_str()), (Some(4), "backup.exists"));
    let onto = server.run(&["--json", "restore", "--from", backup], "");
    assert_eq!((onto.exit, onto.error().as_str()), (Some(4), "backup.exists"));
    portal.kill();

    std::fs::rename(server.data(), server.folder.path().join("lost")).unwrap();
    assert_eq!(server.run(&["restore", "--from", backup], "").exit, Some(0));
    assert_eq!(server.seats()[0]["state"], "active");
    let portal = Portal::start(&server, &[]);
    assert_eq!(portal.post("/activate", &[("token", &request)]).token(), response);
    let audit = server.run(&["--json", "audit"], "").stdout;
    assert!(audit.contains("backup_restored") && audit.contains("\"epoch\""), "{audit}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::new(1);
    let backup = server.folder.path().join("backup");
    assert_eq!(server.run(&["backup", "--out", backup.to_str().unwrap()], "").exit, Some(0));
    for name in ["", "issuer.db", "keys", "keys/active.key", "keys/spare.key"] {
        let mode = std::fs::metadata(backup.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn operators_are_added_given_a_second_factor_and_removed() {
    let server = Server::new(1);
    let run =
        |arguments: &[&str], input: &str| server.run(&[&["--json"], arguments].concat(), input);
    assert_eq!(run(&["operator", "add", "kim"], "short\n").error(), "operator.passphrase_short");
    assert_eq!(run(&["operator", "add", "kim"], "\n").error(), "input.no_passphrase");
    assert_eq!(run(&["operator", "add", "kim"], "a long passphrase\n").exit, Some(0));
    let address = run(&["operator", "second-factor", "kim"], "").json()["address"].clone();
    assert!(address.as_str().unwrap().starts_with("otpauth://totp/Acme:kim?secret="));
    let listed = run(&["operator", "list"], "").json();
    assert_eq!(listed["operators"][0]["second_factor"], true);
    assert_eq!(run(&["operator", "remove", "kim"], "").exit, Some(0));
    assert_eq!(run(&["operator", "remove", "kim"], "").error(), "operator.unknown");
    let audit = server.run(&["--json", "audit"], "").stdout;
    assert!(audit.contains("operator_removed") && !audit.contains("a long passphrase"));
    assert!(!audit.contains(CODE));
}

/// What makes a program see a disk without permissions.
#[cfg(target_os = "linux")]
fn without_permissions(folder: &std::path::Path) -> std::path::PathBuf {
    let library = folder.join("no_modes.so");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/no_modes.c");
    let compiled = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    assert!(compiled.unwrap().success());
    library
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_without_permissions_gets_neither_data_nor_backups() {
    let server = Server::new(1);
    let scratch = tempfile::tempdir().unwrap();
    let library = without_permissions(scratch.path());
    let run = |data: &std::path::Path, arguments: &[&str], code: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_latchkey-server"));
        command.args(["--json", "--data"]).arg(data).args(arguments);
        let output = command.env("LD_PRELOAD", &library).output();
        let said = crate::CommandOutput::from(output.unwrap());
        assert_eq!((said.exit, said.error().as_str()), (Some(5), code), "{arguments:?}");
        said.stderr
    };
    let disk = scratch.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let (data, backup) = (disk.join("deep/vendor"), disk.join("backups/monday"));
    let good = scratch.path().join("good");
    assert_eq!(server.run(&["backup", "--out", good.to_str().unwrap()], "").exit, Some(0));
    let init = ["init", "--vendor", "Acme"];
    for told in [
        run(&data, &init, "data.not_written"),
        run(&disk, &init, "data.not_written"),
        run(&data, &["restore", "--from", good.to_str().unwrap()], "backup.not_written"),
    ] {
        assert!(told.contains("keep files private"), "{told}");
    }
    assert_eq!(std::fs::read_dir(&disk).unwrap().count(), 0);
    // The data themselves, after they were moved there: nothing is used, and the advice isn't to
    // try "chmod" only.
    let moved = server.data();
    for arguments in [&["backup", "--out", backup.to_str().unwrap()][..], &["product", "list"]] {
        let told = run(&moved, arguments, "database.readable_by_others");
        assert!(told.contains("umask=077"), "{told}");
    }
    assert_eq!(std::fs::read_dir(&disk).unwrap().count(), 0);
}
