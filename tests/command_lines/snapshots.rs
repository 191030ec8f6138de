//! The help and the human-readable output of both programs, as recorded in the sessions in `cmd/`.
//!
//! After a deliberate change, `TRYCMD=overwrite cargo test --workspace --test command_lines
//! snapshots` records them again. Review the difference like any other change.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use latchkey_e2e_support::{Programs, repository_root};

use crate::mentioned_commands::CommandTree;

const PROGRAMS: [&str; 2] = ["latchkey", "latchkey-server"];

/// The folder of the sessions.
fn sessions() -> PathBuf {
    repository_root().join("tests/command_lines/cmd")
}

/// The variables that would change the output, with values that don't depend on this machine. The
/// programs inherit all other variables. They treat an empty variable as unset, so an empty value
/// here overrides the machine's own.
const ENVIRONMENT: [(&str, &str); 16] = [
    ("LANG", "C.UTF-8"),
    ("LC_ALL", ""),
    ("LC_MESSAGES", ""),
    ("LANGUAGE", ""),
    ("TZ", "UTC"),
    ("COLUMNS", "100"),
    ("NO_COLOR", "1"),
    ("HOME", "/nonexistent"),
    ("XDG_CONFIG_HOME", "/nonexistent"),
    ("XDG_DATA_HOME", "/nonexistent"),
    ("XDG_RUNTIME_DIR", "/nonexistent"),
    ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"),
    ("LATCHKEY_CONFIG", ""),
    ("LATCHKEY_DATA", ""),
    ("LATCHKEY_PASSPHRASE", ""),
    ("LATCHKEY_PASSPHRASE_FILE", ""),
];

#[test]
fn help_and_human_readable_output_are_as_recorded() {
    let programs = Programs::find().expect("the programs");
    let cases = trycmd::TestCases::new();
    for program in PROGRAMS {
        cases.register_bin(program, programs.path(program));
    }
    for (name, value) in ENVIRONMENT {
        cases.env(name, value);
    }
    cases.case(sessions().join("*.trycmd"));
    // Reports every difference, and panics if there is one.
    cases.run();
}

#[test]
fn the_help_of_every_command_is_recorded() {
    let programs = Programs::find().expect("the programs");
    for program in PROGRAMS {
        let file = sessions().join(format!("{program}-help.trycmd"));
        let sessions = fs::read_to_string(file).expect("a file with sessions");
        let recorded: BTreeSet<_> = sessions
            .lines()
            .filter_map(|line| line.strip_prefix("$ "))
            .map(str::to_owned)
            .collect();
        let expected: BTreeSet<_> = CommandTree::read(&programs.path(program), &[])
            .paths()
            .into_iter()
            .map(|path| format!("{} --help", [vec![program.to_owned()], path].concat().join(" ")))
            .collect();
        assert_eq!(recorded, expected);
    }
}
