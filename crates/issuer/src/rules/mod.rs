//! The rules by which seats are granted, refreshed, returned and released: pure functions from what
//! is known to a plan or a refusal. Nothing here reads the database or a clock, or writes anything,
//! so a preview and a grant can't follow different rules.
//!
//! The other files use each other, and not this one.

pub(crate) mod activation;
pub(crate) mod deactivation;
pub(crate) mod hardware;
pub(crate) mod lease;
pub(crate) mod refresh;
pub(crate) mod release;
pub(crate) mod room;
#[cfg(test)]
mod tests;
