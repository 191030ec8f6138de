//! `latchkey.toml`, the vendor's configuration of a product: its schema, its reader and its errors.
//!
//! The kit of the vendor's side writes the file, and the wizard and the command line read it on the
//! end user's computer, so this crate is below both sides. The product itself never trusts the file:
//! its keys are compiled in.

mod config;
mod document;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod profile;
#[cfg(test)]
mod reference_doc;
mod schema;
#[cfg(test)]
mod tests;

pub use config::{Appearance, Config, FORMAT, MAX_CONFIG_BYTES};
pub use error::{CODES, ConfigError, codes};
pub use profile::{FeatureDefinition, FeatureKind, Profile, Scope, StoreKind, StorePolicy};
pub use schema::{Expected, FIELDS, FieldRule};
