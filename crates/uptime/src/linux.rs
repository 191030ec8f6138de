//! Reads the kernel's boot id and `CLOCK_BOOTTIME`, which includes the time in which the computer
//! was suspended.

use nix::time::{ClockId, clock_gettime};

/// The boot id, which is new at every boot.
pub(super) fn boot() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

/// The running time in seconds.
pub(super) fn running() -> Option<u64> {
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
    u64::try_from(time.tv_sec()).ok()
}
