//! Starts other programs in a way that lets users follow and repeat every step.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The workspace's folder: every path and every command of a task is relative to it.
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

/// The cargo that runs this task, so that a `+toolchain` applies to every step.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.env("CARGO_TARGET_DIR", target());
    command
}

/// The compiler's host platform, as a target triple.
pub(crate) fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).arg("-vV").output().context("rustc could not be started")?;
    let version = String::from_utf8_lossy(&answer.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc doesn't report its host")?.to_owned())
}

/// Prints a command, runs it in the workspace's folder, and fails if it fails.
///
/// Standard input is empty, because nobody can answer prompts in CI.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
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

/// Runs a command that starts one test by its name, and fails unless exactly that test passed. If a
/// test is renamed, `cargo test` runs none and succeeds.
pub(crate) fn run_one_test(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    println!("    $ {line}");
    let mut child = command
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{line}` could not be started"))?;
    // A test that takes minutes reports its progress.
    let mut printed = String::new();
    for row in BufReader::new(child.stdout.take().context("no output")?).split(b'\n') {
        let row = row?;
        let row = String::from_utf8_lossy(&row);
        println!("{row}");
        printed.push_str(&row);
        printed.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{line}` failed ({status}).");
    }
    let passed = passed_tests(&printed);
    if passed != 1 {
        bail!("`{line}` ran {passed} tests instead of one. Was the test renamed?");
    }
    Ok(())
}

/// Counts the tests that passed according to the output of `cargo test`, which has a line for each
/// test program.
fn passed_tests(printed: &str) -> u32 {
    let results = printed.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    results.filter_map(|result| result.split_once(" passed")?.0.parse::<u32>().ok()).sum()
}

/// A command that runs a program in a session of its own, with a bus and an unlocked keyring in a
/// folder. Both end with it, and nothing reaches the keyring of the user who runs this.
pub(crate) fn in_keyring_session(folder: &Path, program: &OsStr) -> Result<Command> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let session = "printf 'a password for tests' | gnome-keyring-daemon --daemonize --unlock \
                   --components=secrets > /dev/null && exec \"$0\" \"$@\"";
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-c", session]).arg(program);
    command.env("XDG_DATA_HOME", folder).env("XDG_RUNTIME_DIR", folder).env_remove("DISPLAY");
    Ok(command)
}

/// The command as one would type it in a shell.
pub(crate) fn command_line(command: &Command) -> String {
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

/// The steps of a task, and the time that each of them took.
#[derive(Default)]
pub(crate) struct Steps {
    finished: Vec<(String, Duration)>,
    failed: Vec<String>,
}

impl Steps {
    /// Announces a step, runs it, and records how long it took. If it fails, the task ends, so the
    /// times are printed.
    pub(crate) fn step(&mut self, title: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.time_step(title, work).inspect_err(|_| self.print_times())
    }

    /// Runs tests that later steps don't depend on. A failure is kept for [`Steps::all_passed`], so
    /// that one run shows all failures.
    pub(crate) fn tests(&mut self, title: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(error) = self.time_step(title, work) {
            println!("\n✗ {error:#}");
            self.failed.push(title.to_owned());
        }
    }

    fn time_step(&mut self, title: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n▸ {title}");
        let start = Instant::now();
        let done = work().with_context(|| format!("This step failed: {title}"));
        self.finished.push((title.to_owned(), start.elapsed()));
        done
    }

    /// Fails if one of the [`Steps::tests`] has failed, and prints how long the steps took then.
    pub(crate) fn all_passed(&self) -> Result<()> {
        if self.failed.is_empty() {
            return Ok(());
        }
        self.print_times();
        bail!("These steps failed; see above: {}", self.failed.join("; "));
    }

    /// Prints the steps and how long they took.
    pub(crate) fn finish(&self, message: &str) {
        self.print_times();
        println!("\n✓ {message}");
    }

    fn print_times(&self) {
        println!();
        for (step, time) in &self.finished {
            println!("{:>7}  {step}", format_duration(*time));
        }
        let total = self.finished.iter().map(|(_, time)| *time).sum();
        println!("{:>7}  in all", format_duration(total));
    }
}

fn format_duration(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::passed_tests;

    #[test]
    fn the_passed_tests_of_all_test_programs_are_counted() {
        let result = |passed| {
            format!(
                "\nrunning {passed} tests\n\ntest result: ok. {passed} passed; 0 failed; \
                 0 ignored; 0 measured; 7 filtered out; finished in 0.10s\n\n"
            )
        };
        for (passed, count) in [(&[] as &[u32], 0), (&[0, 0], 0), (&[0, 1, 0], 1), (&[10, 1], 11)] {
            let printed: String = passed.iter().map(result).collect();
            assert_eq!(passed_tests(&printed), count, "{printed}");
        }
    }
}
