//! The schema: every field of `latchkey.toml`, where it belongs, and the values that it accepts.

use latchkey_token::{ErrorArg, ToErrorArg};

/// A field of `latchkey.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRule {
    /// Its section with a dot after it, or empty. A `*` stands for a name that the vendor chooses.
    pub section: &'static str,
    /// Its name.
    pub key: &'static str,
    /// The values that it accepts.
    pub expected: Expected,
    /// Whether its section requires it.
    pub needed: bool,
}

/// All fields, in the order in which a person would write them. Any other field is rejected.
pub const FIELDS: &[FieldRule] = &[
    required_rule("", "format", Expected::Number),
    required_rule("", "vendor", Expected::Section),
    required_rule("vendor.", "id", Expected::Id),
    required_rule("vendor.", "name", Expected::Text),
    required_rule("vendor.", "key", Expected::Keys),
    required_rule("vendor.key.", "public", Expected::PublicKey),
    required_rule("", "product", Expected::Section),
    required_rule("product.", "number", Expected::Number),
    required_rule("product.", "name", Expected::Text),
    optional_rule("product.", "features", Expected::Section),
    required_rule("product.features.*.", "number", Expected::Number),
    required_rule("product.features.*.", "type", Expected::FeatureKind),
    optional_rule("", "portal", Expected::Section),
    optional_rule("portal.", "url", Expected::Address),
    optional_rule("", "help", Expected::Section),
    optional_rule("help.", "url", Expected::Text),
    optional_rule("", "look", Expected::Section),
    optional_rule("look.", "accent", Expected::Colour),
    optional_rule("look.", "logo", Expected::FileName),
    optional_rule("look.", "languages", Expected::Languages),
    optional_rule("", "store", Expected::Section),
    optional_rule("store.", "scope", Expected::Scope),
    optional_rule("store.", "default", Expected::StoreKind),
    optional_rule("store.", "file", Expected::Permission),
];

const fn required_rule(section: &'static str, key: &'static str, expected: Expected) -> FieldRule {
    FieldRule { section, key, expected, needed: true }
}

const fn optional_rule(section: &'static str, key: &'static str, expected: Expected) -> FieldRule {
    FieldRule { section, key, expected, needed: false }
}

/// The values that a field accepts; the variant's name selects the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// Non-empty text in quotes.
    Text,
    /// A section, or a table in braces.
    Section,
    /// One or more `[[vendor.key]]` sections.
    Keys,
    /// A whole number from 1 to 4294967295.
    Number,
    /// 16 hex digits.
    Id,
    /// 128 hex digits that are two public keys.
    PublicKey,
    /// A key that occurs only once.
    Unique,
    /// `"bool"`, `"pool"` or `"count"`.
    FeatureKind,
    /// `"user"` or `"machine"`.
    Scope,
    /// `"keyring"` or `"file"`.
    StoreKind,
    /// `"allowed"` or `"forbidden"`.
    Permission,
    /// `#` and six hex digits.
    Colour,
    /// A URL that begins with `https://` or `http://`.
    Address,
    /// The name of a file next to the configuration, without a path.
    FileName,
    /// A list of languages, such as `["en", "de"]`.
    Languages,
}

impl Expected {
    /// Returns the stable lower-case name, which the catalogue selects on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Section => "section",
            Self::Keys => "keys",
            Self::Number => "number",
            Self::Id => "id",
            Self::PublicKey => "public_key",
            Self::Unique => "unique",
            Self::FeatureKind => "feature_kind",
            Self::Scope => "scope",
            Self::StoreKind => "store_kind",
            Self::Permission => "permission",
            Self::Colour => "colour",
            Self::Address => "address",
            Self::FileName => "file_name",
            Self::Languages => "languages",
        }
    }
}

impl ToErrorArg for Expected {
    fn to_error_arg(&self) -> ErrorArg {
        self.name().to_error_arg()
    }
}
