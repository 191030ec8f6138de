//! Takes the programs of an archive through the life of a licence up to `status`: on this computer,
//! or in an emulator of another processor.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use latchkey_archive::Platform;
use serde_json::Value;

use super::release::{VERSION, host};
use crate::run;

/// How programs of an archive are started here.
#[derive(Debug, Clone)]
pub(super) struct Runner {
    /// The emulator and its options.
    before: Vec<OsString>,
}

impl Runner {
    /// None if nothing here runs them.
    pub(super) fn of(platform: Platform) -> Result<Option<Self>> {
        if host().is_ok_and(|host| host == platform) {
            return Ok(Some(Self { before: Vec::new() }));
        }
        if platform != Platform::LinuxAarch64 {
            return Ok(None);
        }
        let emulator = ["qemu-aarch64", "qemu-aarch64-static"].into_iter().find_map(run::which);
        let emulator = emulator.context("NOT TESTED: qemu-aarch64 isn't installed")?;
        // Debian's C library for this processor.
        let before = [emulator.into_os_string(), "-L".into(), "/usr/aarch64-linux-gnu".into()];
        Ok(Some(Self { before: before.to_vec() }))
    }

    fn command(&self, program: &Path) -> Command {
        let mut words = self.before.iter().map(OsString::as_os_str).chain([program.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// What is left of the life: a kit and an active licence.
pub(super) struct Licensed {
    /// The user's home folder.
    pub(super) home: PathBuf,
    /// The kit of the product.
    pub(super) kit: PathBuf,
    /// The file of the licence.
    pub(super) vault: PathBuf,
}

/// Goes from nothing to an active licence, with the programs in an unpacked archive.
pub(super) fn run(archive: &Path, runner: &Runner, folder: &Path) -> Result<Licensed> {
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    let kit = folder.join("kit");
    let vault = folder.join("vault");
    let call = |program: &str, arguments: &[&str], input: &str| -> Result<Value> {
        let mut command = runner.command(&archive.join("bin").join(program));
        command.arg("--json").args(arguments);
        isolate(&mut command, &home);
        command.env("LATCHKEY_CONFIG", kit.join("latchkey.toml"));
        command.env("LATCHKEY_DATA", folder.join("data")).env("LC_ALL", "C");
        let answer = output_of(&mut command, input)?;
        serde_json::from_slice(&answer).with_context(|| format!("{program} {arguments:?}"))
    };
    let server = |arguments: &[&str], input: &str| call("latchkey-server", arguments, input);
    let store = format!("file:{}", vault.display());
    let device = |arguments: &[&str], input: &str| {
        call("latchkey", &[&["--store", store.as_str()], arguments].concat(), input)
    };
    let text = |value: &Value, key: &str| {
        let text = value[key].as_str().map(str::to_owned);
        text.with_context(|| format!("no “{key}” in {value}"))
    };
    for program in ["latchkey", "latchkey-server"] {
        let mut command = runner.command(&archive.join("bin").join(program));
        let printed = output_of(command.arg("--version"), "")?;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        ensure!(printed.contains(VERSION), "{program} has the version “{printed}”");
    }
    server(&["init", "--vendor", "Acme"], "")?;
    let features = ["--feature", "export=bool", "--feature", "render=pool"];
    server(&[&["product", "add", "--name", "CAD"], &features[..]].concat(), "")?;
    let terms = ["--seats", "1", "--offline-lease", "30d", "--grace", "7d"];
    let features = ["--feature", "export=true", "--feature", "render=8"];
    let of = ["entitlement", "add", "--product", "1", "--customer", "Test"];
    let sold = server(&[&of[..], &terms[..], &features[..]].concat(), "")?;
    let code = sold["codes"][0].as_str().with_context(|| format!("no code in {sold}"))?;
    let out = kit.to_str().context("a folder in UTF-8")?;
    server(&["kit", "--product", "1", "--out", out], "")?;
    let request = text(&device(&["request", "--code", "-"], code)?, "token")?;
    let answered = server(&["activate"], &request)?;
    let response = text(&answered["results"][0], "token")?;
    device(&["apply"], &response)?;
    let state = text(&device(&["status"], "")?, "state")?;
    ensure!(state == "active", "the licence is “{state}” after the response was applied");
    println!("  The programs start, and a licence is requested, granted, applied and active.");
    Ok(Licensed { home, kit, vault })
}

/// Gives a program an environment in which nothing belongs to the person who runs this task.
pub(super) fn isolate(command: &mut Command, home: &Path) {
    command.env_clear().env("HOME", home);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
}

/// Runs a command that has to succeed, and returns its standard output.
pub(super) fn output_of(command: &mut Command, input: &str) -> Result<Vec<u8>> {
    let line = run::command_line(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{line}` could not be started"))?;
    // A program that fails at once doesn't read its input.
    let _ = child.stdin.take().context("no input")?.write_all(input.as_bytes());
    let done = child.wait_with_output()?;
    let errors = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "`{line}` failed ({}): {errors}", done.status);
    Ok(done.stdout)
}
