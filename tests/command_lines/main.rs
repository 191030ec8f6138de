//! Both command lines together, with the real programs: what the issuer and a computer without a
//! connection promise each other. Nothing here looks inside a crate.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "in a test, what was expected and didn't come is a panic"
)]

mod clock;
mod codes;
mod concurrency;
mod contract;
mod conventions;
mod crash;
mod crash_recovery;
mod documents;
mod files;
mod fixture;
mod guides;
mod hardware;
mod issuer_rules;
mod keyring;
mod languages;
mod lease_period;
mod mail;
mod paper;
mod policy;
mod product;
mod renewal;
mod requests;
mod server_clock;
mod snapshots;
mod storage;
mod tampering;
mod terminal;
mod wrong_tokens;
