//! Reads `GetTickCount64`, which includes the time in which the computer was asleep. With fast
//! startup, shutting down is a kind of sleep, so Windows' own count of boots doesn't match; a
//! restart shows in the counter itself, which has decreased.

/// A constant id for all boots.
pub(super) fn boot() -> Option<String> {
    Some("windows".to_owned())
}

/// The running time in seconds.
pub(super) fn running() -> Option<u64> {
    sysinfo::System::uptime().ok()
}
