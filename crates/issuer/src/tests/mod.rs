//! Tests of the issuer's rules, with devices that are simulated with the token crate and with a
//! time that is passed in.

mod clock;
mod concurrency;
mod deactivation;
mod entitlements;
mod errors;
mod fixture;
mod keys;
mod operators;
mod refresh;
mod renewal;
mod request;
mod returns;
mod takeover;
