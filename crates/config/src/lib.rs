//! `latchkey.toml`, the vendor's configuration of a product: its schema, its reader, its writer and
//! its errors, and the accent colours that follow from it.
//!
//! The kit of the vendor's side writes the file, the End User Portal reads the branding in it, and
//! the wizard and the command line read all of it on the end user's computer, so this crate is
//! below both sides. The product itself never trusts the file: its keys are compiled in.

mod accent;
mod branding;
mod config;
mod document;
mod encoding;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod installed;
mod picture;
mod profile;
#[cfg(test)]
mod reference_doc;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

pub use accent::{Accent, AccentPalette, Colour};
pub use branding::{Appearance, Branding};
pub use config::{Config, FORMAT, is_app_id};
pub use document::MAX_CONFIG_BYTES;
pub use encoding::decode_config;
pub use error::{CODES, ConfigError, codes};
pub use installed::{
    CONFIG_NAMES, CONFIG_VARIABLE, WINDOW_ICON, command_line_of, config_name, default_config,
    ignored_variables, installed_config, program_folder,
};
pub use picture::{PictureKind, picture_kind};
pub use profile::{FeatureDefinition, FeatureKind, Profile, Scope, StoreKind, StorePolicy};
pub use schema::{Expected, FIELDS, FieldRule};
