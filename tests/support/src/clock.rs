//! Changes the clock of an unmodified program from outside, with libfaketime.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// How far a simulated computer's clock is ahead of this machine's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    seconds: i64,
}

impl Clock {
    /// This machine's own clock.
    pub const NOW: Self = Self { seconds: 0 };

    /// A clock that is a number of seconds ahead (or, if negative, behind).
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// A clock that is a number of days of 24 hours ahead (or, if negative, behind).
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self::seconds(days * 24 * 3600)
    }

    /// What a program needs in its environment to see this clock.
    ///
    /// # Errors
    /// Fails if the clock is moved and libfaketime isn't installed.
    pub fn environment(self) -> Result<Vec<(String, String)>> {
        if self.seconds == 0 {
            return Ok(Vec::new());
        }
        // The library and not the `faketime` program: that one stays between a test and the
        // process that the test wants to kill.
        Ok(vec![
            ("LD_PRELOAD".into(), library()?),
            ("FAKETIME".into(), format!("{:+}", self.seconds)),
            // Otherwise the time since boot jumps to the seconds since 1970.
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
            ("DONT_FAKE_MONOTONIC".into(), "1".into()),
        ])
    }
}

/// The path of libfaketime, as its own program reports it.
fn library() -> Result<String> {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    if let Some(library) = LIBRARY.get() {
        return Ok(library.clone());
    }
    // A process that is killed under it leaves shared memory under its process id, which a later
    // `faketime` with the same id stumbles over. The next one has another id.
    for _ in 0..20 {
        let answer = Command::new("faketime")
            .args(["-f", "+1", "printenv", "LD_PRELOAD"])
            .env_remove("LD_PRELOAD")
            .output()
            .context("faketime is missing: `cargo xtask setup` installs it")?;
        let library = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if !library.is_empty() {
            return Ok(LIBRARY.get_or_init(|| library).clone());
        }
    }
    bail!("faketime didn't say where its library is.")
}
