//! Reads how long this computer has been running since its last boot, including the time in which
//! it was suspended. `latchkey-lease` and `latchkey-issuer` judge the wall clock by it.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "windows", path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg(any(target_os = "linux", target_os = "windows", target_os = "macos"))]
mod platform;

use latchkey_lease::{BootId, Uptime};
use latchkey_per_process::PerProcess;

/// The uptime; `None` if the system doesn't provide it.
#[must_use]
pub fn read() -> Option<Uptime> {
    /// Cached, because a process lives within one boot.
    static BOOT: PerProcess<Option<BootId>> = PerProcess::new();
    let boot = (*BOOT.get_or_init(|| platform::boot().map(|name| BootId::from_name(name.trim()))))?;
    Some(Uptime { boot, running: platform::running()? })
}

/// Other systems don't provide it.
#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
mod platform {
    pub(super) fn boot() -> Option<String> {
        None
    }

    pub(super) fn running() -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_time_increases_within_one_boot() {
        let first = read().unwrap();
        let second = read().unwrap();
        assert_eq!(first.boot, second.boot);
        assert!(first.running > 0 && second.running >= first.running);
    }
}
