//! The commands of a device, with the licence in a user's file, in a machine-wide file, and in a
//! keyring.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use latchkey_e2e_support::{
    Call, Computer, Desktop, Fault, Mounts, Store, mounts_are_possible, not_tested,
};

use super::{Command, CrashRun, Group};
use crate::fixture::{Fixture, ONE_SEAT};
use crate::policy::with_config;

/// The commands that change the licence, or may.
const LIFE_CYCLE: &[&str] = &[
    "latchkey request",
    "latchkey apply",
    "latchkey status",
    "latchkey deactivate",
    "latchkey outbox",
];

pub(super) static FILE: Group =
    Group { name: "a user’s file", commands: LIFE_CYCLE, one_in: 8, run: in_the_user_file };

fn in_the_user_file(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let vault = computer.vault().display().to_string();
    interrupt_life_cycle(&fixture, &computer, &|_, command| {
        let writes = command.name != "latchkey status";
        let command = command.variant(FILE.name);
        if writes { command.replaces(&vault) } else { command }.interrupt(run);
    });
}

pub(super) static MACHINE: Group = Group {
    name: "the machine’s file",
    commands: LIFE_CYCLE,
    one_in: 24,
    run: in_the_machine_file,
};

/// The data folder for the whole machine.
const MACHINE_DATA: &str = "/var/lib";

fn in_the_machine_file(run: &CrashRun) {
    let is_root = fs::metadata("/proc/self").is_ok_and(|this| {
        use std::os::unix::fs::MetadataExt as _;
        this.uid() == 0
    });
    if !is_root || !mounts_are_possible() {
        return not_tested("the machine's scope needs root and mounts of its own");
    }
    let fixture = Fixture::new(ONE_SEAT);
    let mut computer = with_config(&fixture, &[("scope = \"user\"", "scope = \"machine\"")]);
    computer.store = Store::Policy;
    // Nothing of this machine's own /var/lib is touched.
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("open to all");
    let mounts =
        Mounts::new(&[format!("mount --bind '{}' {MACHINE_DATA}", folder.path().display())]);
    computer.mounts = Some(mounts.expect("a private /var/lib"));
    interrupt_life_cycle(&fixture, &computer, &|between, command| {
        let checked = |succeeded: bool| {
            between(succeeded);
            assert_secrets_are_private(folder.path());
        };
        command
            .variant(MACHINE.name)
            .folder(folder.path())
            .mounted_at(Path::new(MACHINE_DATA), folder.path())
            .after_interruption(&checked)
            .interrupt(run);
    });
}

/// Asserts that no other user can read a secret, not even an incomplete one, and that every user
/// can read the licence.
fn assert_secrets_are_private(folder: &Path) {
    let folder = folder.join("latchkey");
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        let name = path.to_string_lossy();
        if name.contains(".key") {
            assert_eq!(mode, 0o600, "{name}");
        } else if name.ends_with(".vault") {
            assert_eq!(mode, 0o644, "{name}");
        }
    }
}

pub(super) static KEYRING: Group =
    Group { name: "the keyring", commands: LIFE_CYCLE, one_in: 60, run: in_the_keyring };

fn in_the_keyring(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let home = tempfile::tempdir().expect("a folder");
    let mut desktop = Desktop::without_keyring(home.path()).expect("a bus");
    desktop.unlock_keyring().expect("a keyring");
    let computer = Computer::with_keyring(&fixture.programs, &fixture.kit, &desktop);
    // Where the keyring has its files, and the program those that it needs beside it.
    let data = desktop.home().join(".local/share");
    let desktop = RefCell::new(desktop);
    interrupt_life_cycle(&fixture, &computer, &|between, command| {
        // The keyring reads its files when it starts, and sometimes ends when a program that speaks
        // to it is killed.
        let around = |put_back: &dyn Fn()| {
            let mut desktop = desktop.borrow_mut();
            desktop.end_keyring();
            put_back();
            desktop.unlock_keyring().expect("a keyring");
        };
        // A keyring that ended with the program comes up again when its user logs in.
        let logged_in = |succeeded: bool| {
            let mut desktop = desktop.borrow_mut();
            if !desktop.keyring_is_running() {
                desktop.unlock_keyring().expect("a keyring");
            }
            drop(desktop);
            between(succeeded);
        };
        command
            .variant(KEYRING.name)
            .folder(&data)
            .calls_the_keyring()
            // What the keyring has is on another program's disk.
            .faults(&[Fault::Kill, Fault::Broken])
            .around_restore(&around)
            .after_interruption(&logged_in)
            .interrupt(run);
    });
}

/// Interrupts a command, given what has to hold after the interruption and whether it succeeded.
type InterruptCommand<'a> = dyn Fn(&dyn Fn(bool), Command<'_>) + 'a;

/// Takes a computer through its life cycle, from the first request to the delivered deactivation,
/// and passes each command to `interrupt`, with what has to hold after the interruption.
fn interrupt_life_cycle(fixture: &Fixture, computer: &Computer, interrupt: &InterruptCommand<'_>) {
    let call = |arguments: &[&str], input: &str| {
        computer.call().args(["--json"]).args(arguments).input(input)
    };
    let state = || {
        let status = computer.status();
        let tokens = status["outbox"].as_array().map_or(0, Vec::len);
        (status["state"] == "active", tokens)
    };
    let pending = || computer.status()["pending_requests"].as_u64().unwrap_or(0);
    let interrupt_command = |name: &'static str,
                             call: &dyn Fn() -> Call,
                             done: &[&str],
                             between: &dyn Fn(bool),
                             after: &dyn Fn()| {
        let command = Command::new(name, &[computer.home()], call);
        interrupt(
            between,
            command.already_done(done).after_interruption(between).after_repeat(after),
        );
    };
    interrupt_command(
        "latchkey request",
        &|| call(&["request", "--code", "-"], fixture.code()),
        &[],
        &|succeeded| {
            assert_eq!(state(), (false, 0));
            assert!(pending() > 0 || !succeeded, "a request was shown that isn't kept");
        },
        &|| assert!((1..=2).contains(&pending()), "{} requests", pending()),
    );
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    interrupt_command(
        "latchkey apply",
        &|| call(&["apply"], &response),
        &[],
        &|succeeded| {
            let (active, tokens) = state();
            let pending = pending();
            assert!(tokens == 0 && active != (pending > 0), "neither licence nor request, or both");
            assert!(active || !succeeded, "success was told, and there is no licence");
        },
        &|| assert_eq!(state(), (true, 0)),
    );
    let _ = computer.apply(&response).succeeds();
    let is_active = || assert_eq!(state(), (true, 0));
    interrupt_command(
        "latchkey status",
        &|| call(&["status"], ""),
        &[],
        &|_| is_active(),
        &is_active,
    );
    interrupt_command(
        "latchkey request",
        &|| call(&["request", "--renew", "--code", "-"], fixture.code()),
        &[],
        &|succeeded| {
            is_active();
            assert!(pending() > 0 || !succeeded, "a request was shown that isn't kept");
        },
        &|| {
            is_active();
            assert!((1..=2).contains(&pending()), "{} requests", pending());
        },
    );
    let renewal = call(&["request", "--renew", "--code", "-"], fixture.code()).run().succeeds();
    let renewed = fixture.vendor.response_to(&renewal.json_token().expect("a token"));
    interrupt_command(
        "latchkey apply",
        &|| call(&["apply"], &renewed),
        &[],
        &|succeeded| {
            is_active();
            assert!(!succeeded || pending() == 0, "success was told, and the request waits");
        },
        &|| {
            is_active();
            assert_eq!((pending(), fixture.seats_in_use()), (0, 1));
        },
    );
    let _ = computer.apply(&renewed).succeeds();
    interrupt_command(
        "latchkey deactivate",
        &|| call(&["deactivate", "--yes"], ""),
        &["lease.not_activated"],
        &|succeeded| {
            let (active, tokens) = state();
            assert!(active != (tokens == 1), "both or neither: licence {active}, tokens {tokens}");
            assert!(!active || !succeeded, "success was told, and the licence is there");
        },
        &|| assert_eq!(state(), (false, 1)),
    );
    let _ = computer.deactivate();
    let id = computer.status()["outbox"][0]["id"].as_str().expect("an id").to_owned();
    interrupt_command(
        "latchkey outbox",
        &|| call(&["outbox", "--delivered", &id], ""),
        &["outbox.no_such_entry"],
        &|succeeded| {
            assert!(!state().0);
            assert!(!succeeded || state().1 == 0, "success was told, and the token still waits");
        },
        &|| assert_eq!(state(), (false, 0)),
    );
}

pub(super) static PAPER: Group = Group {
    name: "paper",
    commands: &["latchkey sheet", "latchkey type", "latchkey inspect", "latchkey doctor"],
    one_in: 16,
    run: paper,
};

fn paper(run: &CrashRun) {
    let fixture = Fixture::new(ONE_SEAT);
    let computer = fixture.computer();
    let response = fixture.vendor.response_to(&computer.request(fixture.code()));
    let sheet = || computer.call().args(["sheet"]).input(&*response);
    let rows = sheet().run().succeeds().stdout;
    let call = |arguments: &[&str], input: &str| {
        computer.call().args(["--json"]).args(arguments).input(input)
    };
    let is_active = || computer.state() == "active";
    for name in PAPER.commands {
        let (more, input): (&[&str], &str) = match *name {
            "latchkey type" => (&["--apply"], &rows),
            _ => (&[], &response),
        };
        let words: Vec<_> = name.split(' ').skip(1).chain(more.iter().copied()).collect();
        let applies = *name == "latchkey type";
        Command::new(name, &[computer.home()], &|| call(&words, input))
            .after_interruption(&|succeeded| match applies {
                true => assert!(is_active() || !succeeded),
                false => assert!(!is_active()),
            })
            .after_repeat(&|| assert_eq!(is_active(), applies))
            .interrupt(run);
    }
}
