//! The kernel's boot id, and `CLOCK_BOOTTIME`, which goes on while the computer is suspended.

use nix::time::{ClockId, clock_gettime};

/// Made anew at every boot.
pub(super) fn boot() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

/// In seconds.
pub(super) fn running() -> Option<u64> {
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
    u64::try_from(time.tv_sec()).ok()
}
