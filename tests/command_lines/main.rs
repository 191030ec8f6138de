//! End-to-end tests of both command lines with the real programs: the contract between the issuer
//! and a computer without a connection. No test accesses the inside of a crate.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "in a test, what was expected and didn't come is a panic"
)]

mod clean_debian;
mod clock;
mod codes;
mod concurrency;
mod contract;
mod conventions;
mod crash;
mod crash_recovery;
mod files;
mod fixture;
mod guides;
mod hardware;
mod issuer_rules;
mod keyring;
mod languages;
mod lease_period;
mod mail;
mod mentioned_commands;
mod packaging;
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
