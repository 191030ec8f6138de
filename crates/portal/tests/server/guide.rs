//! docs/vendor-guide.md, run as it is printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::http::Portal;

/// The commands of the guide, in order.
fn commands() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vendor-guide.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let boxes = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    boxes.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_vendor_s_guide_does_what_it_says() {
    let server = crate::Server { folder: tempfile::tempdir().unwrap() };
    let folder = server.folder.path();
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_latchkey-server"));
    let programs = programs.parent().unwrap();
    let search = std::env::join_paths(
        std::iter::once(programs.to_owned())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    // The device's command line is another package's program; a plain test of this one may not have built it.
    let has_device = programs.join("latchkey").is_file();
    let mut code = String::new();
    let mut seen = 0;
    for command in commands() {
        let with_device =
            command.starts_with("latchkey --config") || command.contains("activate request.txt");
        if with_device && !has_device {
            continue;
        }
        if command.contains(" serve ") {
            // That one goes on: it is started elsewhere, and asked whether it is there.
            let portal = Portal::start(
                &server,
                &["--look", folder.join("kit/latchkey.toml").to_str().unwrap()],
            );
            assert!(portal.get("/").body.contains("Acme"));
            assert_eq!(portal.get("/ready").status, 200);
            seen += 1;
            continue;
        }
        let mut shell = Command::new("sh")
            .args(["-euc", &command])
            .current_dir(folder)
            .env("PATH", &search)
            .env("LANG", "C.UTF-8")
            .env("LATCHKEY_DATA", server.data())
            .env_remove("LATCHKEY_PASSPHRASE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = shell.stdin.take().unwrap();
        // What is asked for on standard input is the activation code.
        let _ = std::io::Write::write_all(&mut input, format!("{code}\n").as_bytes());
        drop(input);
        let said = shell.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success(), "{command}\n{words}");
        if let Some((_, rest)) = words.split_once("Activation code: ") {
            code = rest.split_whitespace().next().unwrap().to_owned();
        }
        seen += 1;
    }
    assert!(seen >= 14 && !code.is_empty(), "{seen} commands were run");
    if has_device {
        let seats = Command::new(programs.join("latchkey-server"))
            .args(["--data", "restored", "--passphrase-file", "passphrase", "--json", "seats"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&seats.stdout).contains("\"active\""));
    }
}
