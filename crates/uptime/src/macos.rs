//! Reads the boot session's UUID and the raw monotonic clock, which includes the time in which the
//! computer was asleep.

use std::process::{Command, Stdio};

use nix::libc::CLOCK_MONOTONIC_RAW;
use nix::time::{ClockId, clock_gettime};

/// The boot id, which is new at every boot. Read once per process.
pub(super) fn boot() -> Option<String> {
    let mut command = Command::new("/usr/sbin/sysctl");
    command.args(["-n", "kern.bootsessionuuid"]).stdin(Stdio::null()).stderr(Stdio::null());
    let answer = command.output().ok().filter(|answer| answer.status.success())?;
    let name = String::from_utf8(answer.stdout).ok()?;
    (!name.trim().is_empty()).then_some(name)
}

/// The running time in seconds.
pub(super) fn running() -> Option<u64> {
    let time = clock_gettime(ClockId::from_raw(CLOCK_MONOTONIC_RAW)).ok()?;
    u64::try_from(time.tv_sec()).ok()
}
