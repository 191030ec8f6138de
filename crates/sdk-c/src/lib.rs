//! The C interface of the SDK, for products in C, C++ and every language that can call C.
//! `latchkey.h` is generated from these sources.
//!
//! What lives here: handles, strings, numbers, and the boundary that no panic crosses. What
//! doesn't: any rule about licences; those are in `latchkey-sdk`.

pub mod boundary;
mod callback_guard;
pub mod change;
pub mod error;
pub mod features;
mod fork;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod handles;
#[cfg(test)]
mod header;
pub mod licence;
mod process;
pub mod product;
pub mod result;
mod sync;
#[cfg(test)]
mod tests;
pub mod tokens;
mod unload;
pub mod verdict;
pub mod wizard;
