//! The store policy in `latchkey.toml`: the vendor decides where a licence may be stored.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use latchkey_e2e_support::{Call, Computer, Mounts, Store, mounts_are_possible, not_tested};

use crate::codes;
use crate::fixture::{Fixture, THREE_SEATS};

/// A computer with a config of its own, in which something was replaced.
pub(crate) fn with_config(fixture: &Fixture, replacements: &[(&str, &str)]) -> Computer {
    let mut computer = fixture.computer();
    let mut text = fs::read_to_string(&computer.config).expect("the kit has a config");
    for (from, to) in replacements {
        assert!(text.contains(from), "{from} isn't in\n{text}");
        text = text.replace(from, to);
    }
    computer.config = computer.home().join("latchkey.toml");
    fs::write(&computer.config, text).expect("a config");
    computer
}

#[test]
fn the_vendor_may_make_the_file_store_the_default() {
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = with_config(&fixture, &[("default = \"keyring\"", "default = \"file\"")]);
    computer.store = Store::Policy;
    fixture.activate(&computer, "Drawing office");

    let folder = computer.home().join(".local/share/latchkey");
    let vault = fs::read_dir(&folder)
        .expect("a folder in the user's data")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|kind| kind == "vault"))
        .expect("a vault file");
    assert_eq!(fs::metadata(vault).expect("a file").permissions().mode() & 0o777, 0o600);
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
}

#[test]
fn the_vendor_may_forbid_the_file_store() {
    let fixture = Fixture::new(THREE_SEATS);
    let computer = with_config(&fixture, &[("file = \"allowed\"", "file = \"forbidden\"")]);
    let answer = computer.json_with(&["request", "--code", "-"], fixture.code());
    let _ = answer.fails(5, codes::FILE_FORBIDDEN);
    assert!(!computer.vault().exists());
}

/// A call by a user who owns nothing, in the same mounts.
pub(crate) fn as_nobody(program: &Path, mounts: &Mounts, home: &Path) -> Call {
    let mut words = mounts.wrapper();
    let user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    words.extend(user.map(Into::into));
    Call::wrapped(program, &words).env("HOME", home)
}

#[test]
fn a_machine_licence_is_usable_by_all_and_managed_by_administrators() {
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| {
        use std::os::unix::fs::MetadataExt as _;
        this.uid() == 0
    });
    if !is_root || !mounts_are_possible() {
        not_tested("the machine's scope needs root and mounts of its own");
        return;
    }
    let fixture = Fixture::new(THREE_SEATS);
    let mut computer = with_config(&fixture, &[("scope = \"user\"", "scope = \"machine\"")]);
    computer.store = Store::Policy;
    // Nothing of this machine's own /var/lib is touched.
    let mounts = Mounts::new(&["mount -t tmpfs -o size=1m,mode=755 tmpfs /var/lib".into()]);
    computer.mounts = Some(mounts.expect("a private /var/lib"));
    fixture.activate(&computer, "Laboratory");

    // What another user needs to start the program at all.
    let open = tempfile::tempdir().expect("a folder");
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).expect("an open folder");
    let program = open.path().join("latchkey");
    fs::copy(fixture.programs.path("latchkey"), &program).expect("a copy");
    let config = open.path().join("latchkey.toml");
    fs::copy(&computer.config, &config).expect("a copy");
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).expect("a readable config");
    let mounts = computer.mounts.as_ref().expect("mounts");
    let call = |arguments: &[&str]| {
        let call = as_nobody(&program, mounts, open.path());
        call.args(["--config".as_ref(), config.as_os_str()]).args(["--json"]).args(arguments).run()
    };

    let status = call(&["status"]).succeeds().json();
    assert_eq!(status["state"], "active");
    let refused = call(&["deactivate", "--yes"]).exits(5);
    assert!(refused.json_token().is_none(), "{refused}");
    assert_eq!(refused.error_code().as_deref(), Some(codes::PERMISSION), "{refused}");
    assert_eq!(computer.state(), "active");
    let _ = fixture.vendor.deactivate(&computer.deactivate()).succeeds();
}
