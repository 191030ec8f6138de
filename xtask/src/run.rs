//! Starting other programs so that a person can follow, and repeat, every step.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The workspace's folder: every path and every command of a chore starts there.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// The one target folder that every step shares.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The program's path if a shell would find it.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The cargo that runs this chore, so that a `+toolchain` holds for every step.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.env("CARGO_TARGET_DIR", target());
    command
}

/// The platform that this compiler runs on, as its options want it named.
pub(crate) fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).arg("-vV").output().context("rustc could not be started")?;
    let said = String::from_utf8_lossy(&answer.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc doesn't say its host")?.to_owned())
}

/// Runs a command in the workspace's folder, shows it first, and fails when it fails.
///
/// Nobody is there to answer questions in CI, so standard input is empty.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("    $ {line}");
    let status = command
        .current_dir(root())
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status}).");
    }
    Ok(())
}

/// The command as somebody would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy()));
    words
        .iter()
        .map(|word| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@^".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                word.to_string()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The steps of one chore, with the time each of them took.
#[derive(Default)]
pub(crate) struct Steps {
    finished: Vec<(String, Duration)>,
    failed: Vec<String>,
}

impl Steps {
    /// Announces a step in plain words, does it, and remembers how long it took.
    pub(crate) fn step(&mut self, words: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n▸ {words}");
        let start = Instant::now();
        work().with_context(|| format!("This step failed: {words}"))?;
        self.finished.push((words.to_owned(), start.elapsed()));
        Ok(())
    }

    /// The same with tests that later steps don't rest on: a failure is kept for [`Steps::all_passed`], so that one run
    /// shows all of them.
    pub(crate) fn tests(&mut self, words: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = self.step(words, work) {
            println!("\n✗ {error:#}");
            self.failed.push(words.to_owned());
        }
    }

    /// Fails if one of the [`Steps::tests`] did.
    pub(crate) fn all_passed(&self) -> Result<()> {
        if self.failed.is_empty() {
            return Ok(());
        }
        bail!("These steps failed; see above: {}", self.failed.join("; "));
    }

    /// The closing lines: what was done and how long it took.
    pub(crate) fn finish(&self, words: &str) {
        println!();
        for (step, time) in &self.finished {
            println!("{:>7}  {step}", minutes(*time));
        }
        let total = self.finished.iter().map(|(_, time)| *time).sum();
        println!("{:>7}  in all\n\n✓ {words}", minutes(total));
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
