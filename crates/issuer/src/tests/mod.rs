//! The server's table, row by row, with devices that are simulated by the token crate and a time that is
//! passed in.

mod clock;
mod concurrency;
mod deactivation;
mod entitlements;
mod fixture;
mod keys;
mod operators;
mod refresh;
mod renewal;
mod request;
mod returns;
mod takeover;
