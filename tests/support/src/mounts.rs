//! Mounts that only selected programs see: different hardware, a read-only folder, a full disk.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::desktop::ProcessGroup;

/// A mount namespace that exists until this value is dropped.
#[derive(Debug)]
pub struct Mounts {
    holder: ProcessGroup,
    // The holder ends when its input does.
    _input: ChildStdin,
}

impl Mounts {
    /// Runs shell commands in a new mount namespace, as its root, and keeps it.
    ///
    /// # Errors
    /// Fails if this machine doesn't allow it, or if one of the commands fails.
    pub fn new(commands: &[String]) -> Result<Self> {
        let mut words = unshare(commands);
        words.extend(["sh", "-c", "echo ready; read -r line"].map(OsString::from));
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut holder = ProcessGroup::spawn(&mut command)?;
        let input = holder.0.stdin.take().context("no input")?;
        let output = holder.0.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).context("no answer from the namespace")?;
        if line != "ready\n" {
            let mut said = String::new();
            if let Some(mut errors) = holder.0.stderr.take() {
                let _ = errors.read_to_string(&mut said);
            }
            bail!("The mounts can't be made: {said}");
        }
        Ok(Self { holder, _input: input })
    }

    /// The path outside this namespace of a path inside it.
    #[must_use]
    pub fn path_inside(&self, path: &Path) -> std::path::PathBuf {
        let root = std::path::PathBuf::from(format!("/proc/{}/root", self.holder.0.id()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The words that run a program in this namespace.
    #[must_use]
    pub fn wrapper(&self) -> Vec<OsString> {
        let target = self.holder.0.id().to_string();
        let mut words = vec!["nsenter", "--target", &target, "--mount"];
        if !is_root() {
            words.extend(["--user", "--preserve-credentials"]);
        }
        words.into_iter().map(OsString::from).collect()
    }
}

/// The words that run a program in a mount namespace of its own after `commands`.
pub(crate) fn unshare(commands: &[String]) -> Vec<OsString> {
    let script = format!("set -e; {}; exec \"$0\" \"$@\"", commands.join("; "));
    let flags = if is_root() { "--mount" } else { "-rm" };
    ["unshare", flags, "sh", "-c", &script].map(OsString::from).to_vec()
}

/// As [`unshare`], and in a time namespace as well, in which the machine has been running `seconds`
/// longer (or, if negative, shorter).
pub(crate) fn unshare_time(commands: &[String], seconds: i64) -> Vec<OsString> {
    let mut words = unshare(commands);
    // Before the program; the namespace is entered with it.
    let time = [OsString::from("--time"), "--boottime".into(), seconds.to_string().into()];
    words.splice(2..2, time);
    words
}

/// The command that runs a program in a PID namespace of its own.
#[must_use]
pub fn container_wrapper(words: &[&str]) -> Vec<String> {
    let mut all = vec!["unshare", "--pid", "--fork", "--mount-proc"];
    if !is_root() {
        all.push("--map-root-user");
    }
    all.extend(words);
    all.into_iter().map(str::to_owned).collect()
}

/// How long this machine has been running, in seconds.
pub(crate) fn uptime_seconds() -> Option<i64> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    uptime.split('.').next()?.parse().ok()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether this machine lets a test have mounts of its own. If it doesn't, the test fails.
#[must_use]
pub fn mounts_are_possible() -> bool {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    let possible = *POSSIBLE.get_or_init(|| {
        let words = unshare(&["mount -t tmpfs -o size=64k tmpfs /mnt".to_owned()]);
        let answer = Command::new(&words[0]).args(&words[1..]).arg("true").output();
        answer.is_ok_and(|answer| answer.status.success())
    });
    if !possible {
        not_tested("this machine allows no mounts of a program's own (`unshare --mount`)");
    }
    possible
}

/// Whether this machine lets a test have boots of its own: mounts and time namespaces. If it
/// doesn't, the test fails.
#[must_use]
pub fn boots_are_possible() -> bool {
    static POSSIBLE: OnceLock<bool> = OnceLock::new();
    let possible = *POSSIBLE.get_or_init(|| {
        let words = unshare_time(&["mount -t tmpfs -o size=64k tmpfs /mnt".to_owned()], 1);
        let answer = Command::new(&words[0]).args(&words[1..]).arg("true").output();
        answer.is_ok_and(|answer| answer.status.success())
    });
    if !possible {
        not_tested("this machine allows no boots of a program's own (`unshare --mount --time`)");
    }
    possible
}

/// Fails a test that this machine can't run: what wasn't tested doesn't count as passed.
///
/// # Panics
/// Always.
pub fn not_tested(reason: &str) {
    panic!("NOT TESTED: {reason}");
}
