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
mod contract;
mod crash;
mod documents;
mod files;
mod fooled;
mod guides;
mod hardware;
mod keyring;
mod killed;
mod languages;
mod lease_period;
mod mail;
mod manners;
mod many_at_once;
mod paper;
mod policy;
mod product;
mod renewal;
mod requests;
mod scene;
mod server_clock;
mod server_table;
mod snapshots;
mod storage;
mod terminal;
mod wrong_tokens;
