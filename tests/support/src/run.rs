//! Runs a command-line program and captures its output.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// One call of a program, in an environment without this machine's variables.
#[derive(Debug)]
pub struct Call {
    command: Command,
    words: Vec<OsString>,
    input: Option<Vec<u8>>,
    output: Option<File>,
}

impl Call {
    /// A call of `program`. Of this machine's variables it gets only the search path.
    #[must_use]
    pub fn new(program: &Path) -> Self {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("RUST_BACKTRACE", "1");
        let name = program.file_name().unwrap_or(program.as_os_str()).to_owned();
        Self { command, words: vec![name], input: None, output: None }
    }

    /// The same call, made by another program: `wrapper arguments… program arguments…`.
    #[must_use]
    pub fn wrapped(program: &Path, wrapper: &[OsString]) -> Self {
        let Some((outer, arguments)) = wrapper.split_first() else { return Self::new(program) };
        let mut call = Self::new(Path::new(outer));
        call.command.args(arguments).arg(program);
        call.words = vec![program.file_name().unwrap_or(program.as_os_str()).to_owned()];
        call
    }

    /// The same call, made by another program: `wrapper arguments… program arguments…`.
    #[must_use]
    pub fn wrapped_by<S: AsRef<OsStr>>(mut self, wrapper: &[S]) -> Self {
        let Some((outer, arguments)) = wrapper.split_first() else { return self };
        let mut command = Command::new(outer.as_ref());
        command.args(arguments).arg(self.command.get_program()).args(self.command.get_args());
        command.env_clear();
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, arguments: I) -> Self {
        for argument in arguments {
            self.words.push(argument.as_ref().to_owned());
            self.command.arg(argument);
        }
        self
    }

    /// One environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What the program reads on standard input. Without it, standard input is empty.
    #[must_use]
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Redirects standard output to a file.
    ///
    /// # Panics
    /// If the file can't be opened for writing.
    #[track_caller]
    #[must_use]
    pub fn output_to(mut self, path: &str) -> Self {
        let file = File::options().write(true).open(path);
        self.output = Some(file.unwrap_or_else(|error| panic!("{path} can't be opened: {error}")));
        self
    }

    /// Whether the call contains these words, in this order.
    #[must_use]
    pub fn has_words(&self, words: &[&str]) -> bool {
        let mut said = self.words.iter();
        words.iter().all(|word| said.any(|said| said == OsStr::new(word)))
    }

    /// Starts the program without waiting, for tests that kill it or run many at once.
    ///
    /// # Panics
    /// If it can't be started.
    #[track_caller]
    #[must_use]
    pub fn spawn(mut self) -> Running {
        // Input goes through a file: a pipe would have to be fed while the program runs.
        let input = match self.input.take() {
            None => Stdio::null(),
            Some(text) => {
                let mut file =
                    tempfile::tempfile().unwrap_or_else(|e| panic!("no temporary file: {e}"));
                file.write_all(&text).unwrap_or_else(|e| panic!("no temporary file: {e}"));
                std::io::Seek::rewind(&mut file).unwrap_or_else(|e| panic!("no rewind: {e}"));
                file.into()
            }
        };
        let child = self
            .command
            .stdin(input)
            .stdout(self.output.map_or_else(Stdio::piped, Stdio::from))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?} can't be started: {error}", self.words));
        Running { child, words: self.words }
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// If it can't be started, or if it panicked: no input may make a program do that.
    #[track_caller]
    #[must_use]
    pub fn run(self) -> Answer {
        self.spawn().finish()
    }
}

/// A program that was started.
#[derive(Debug)]
pub struct Running {
    child: Child,
    words: Vec<OsString>,
}

impl Running {
    /// Kills it (SIGKILL).
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it panicked.
    #[track_caller]
    #[must_use]
    pub fn finish(self) -> Answer {
        let output = self
            .child
            .wait_with_output()
            .unwrap_or_else(|error| panic!("{:?} can't be waited for: {error}", self.words));
        let answer = Answer {
            call: shell_line(&self.words),
            exit: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(
            answer.exit != Some(101) && !answer.stderr.contains("panicked at"),
            "a program panicked\n{answer}"
        );
        answer
    }
}

fn shell_line(words: &[OsString]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// The output and the exit status of a program.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The call, for messages.
    pub call: String,
    /// The exit status; nothing if the program was killed.
    pub exit: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "  $ {}\n  exit: {:?}\n  standard output: {}\n  standard error: {}",
            self.call, self.exit, self.stdout, self.stderr
        )
    }
}

impl Answer {
    /// Asserts an exit status.
    ///
    /// # Panics
    /// If it is another one.
    #[track_caller]
    #[must_use]
    pub fn exits(self, status: i32) -> Self {
        assert!(self.exit == Some(status), "the exit status should be {status}\n{self}");
        self
    }

    /// Asserts success.
    ///
    /// # Panics
    /// If the exit status isn't 0.
    #[track_caller]
    #[must_use]
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    /// Asserts an error: exit status and code.
    ///
    /// # Panics
    /// If it is another one, or if its document doesn't follow the contract.
    #[track_caller]
    pub fn fails(self, status: i32, code: &str) -> Self {
        let answer = self.exits(status);
        assert!(
            answer.error_code().as_deref() == Some(code),
            "the error should be {code}, not {:?}\n{answer}",
            answer.error_code()
        );
        answer
    }

    /// The one JSON document on standard output.
    ///
    /// # Panics
    /// If there is none, or something else beside it.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("standard output isn't one JSON document ({error})\n{self}")
        })
    }

    /// The entries of a `{"results":[…]}` document.
    ///
    /// # Panics
    /// If it isn't one.
    #[track_caller]
    #[must_use]
    pub fn results(&self) -> Vec<Value> {
        let json = self.json();
        json["results"].as_array().cloned().unwrap_or_else(|| panic!("no \"results\"\n{self}"))
    }

    /// The only entry of a `{"results":[…]}` document.
    ///
    /// # Panics
    /// If there isn't exactly one.
    #[track_caller]
    #[must_use]
    pub fn result(&self) -> Value {
        let results = self.results();
        assert!(results.len() == 1, "there should be one result\n{self}");
        results[0].clone()
    }

    /// The token of a `{"token",…}` document, if there is one.
    #[must_use]
    pub fn json_token(&self) -> Option<String> {
        let document: Value = serde_json::from_str(&self.stdout).ok()?;
        document["token"].as_str().map(str::to_owned)
    }

    /// The error's code: from standard error, or from the first refused entry of the results.
    ///
    /// # Panics
    /// If the error has no message or no advice.
    #[track_caller]
    #[must_use]
    pub fn error_code(&self) -> Option<String> {
        let of_document = self.stderr.lines().find_map(|line| {
            let document: Value = serde_json::from_str(line).ok()?;
            document.get("error").cloned()
        });
        let error = of_document.or_else(|| {
            let document: Value = serde_json::from_str(&self.stdout).ok()?;
            let results = document.get("results")?.as_array()?.clone();
            results.into_iter().map(|entry| entry["error"].clone()).find(|error| !error.is_null())
        })?;
        for part in ["code", "message", "action"] {
            assert!(
                error[part].as_str().is_some_and(|text| !text.trim().is_empty()),
                "the error has no {part}\n{self}"
            );
        }
        error["code"].as_str().map(str::to_owned)
    }

    /// The tokens on standard output of a call without `--json`: one per line and nothing else.
    ///
    /// # Panics
    /// If anything else is there.
    #[track_caller]
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        let mut said = String::new();
        for line in self.stdout.lines() {
            let plain = line.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            if !plain || line.len() < 100 {
                let _ = writeln!(said, "{line}");
            }
        }
        assert!(
            said.is_empty(),
            "standard output holds something that isn't a token: {said}\n{self}"
        );
        self.stdout.lines().map(str::to_owned).collect()
    }
}
