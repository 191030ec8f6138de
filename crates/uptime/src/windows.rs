//! `GetTickCount64`, which goes on while the computer sleeps. With fast startup, switching off is sleeping too, so
//! what Windows counts as boots doesn't go with it; a restart shows by the counter itself, which has fallen.

/// One for all.
pub(super) fn boot() -> Option<String> {
    Some("windows".to_owned())
}

/// In seconds.
pub(super) fn running() -> Option<u64> {
    sysinfo::System::uptime().ok()
}
