//! The stores of a vault: the keyring, or a sealed file. A store contains one item, which is read
//! and written as a whole.

#[cfg(target_os = "linux")]
pub(crate) mod duplicates;
mod file;
mod interface;
#[cfg(not(target_os = "linux"))]
mod keyring;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod sealed;
mod search;
#[cfg(target_os = "linux")]
mod secret_service;

pub(crate) use file::FileStore;
pub(crate) use interface::{Store, StoreHandle, label};
#[cfg(not(target_os = "linux"))]
pub(crate) use keyring::KeyringStore;
pub(crate) use search::{FoundFile, find};
#[cfg(target_os = "linux")]
pub(crate) use secret_service::KeyringStore;
