//! `latchkey.toml`: the vendor's configuration of a product, for the wizard and the command line.
//! The product itself never trusts this file; its keys are compiled in.

#[cfg(test)]
mod reference_doc;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use latchkey_token::{ErrorArg, HasErrorCode, PublicKeys, ToErrorArg};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::error::{codes, file_reason};
use crate::profile::{FeatureDefinition, FeatureKind, Profile, Scope, StoreKind, StorePolicy};

/// Maximum size of a configuration in bytes.
pub const MAX_CONFIG_BYTES: usize = 256 * 1024;
/// The version of the format that this program reads.
pub const FORMAT: i64 = 1;

/// A vendor's configuration of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The part that the device needs.
    pub profile: Profile,
    /// The portal's URL.
    pub portal: Option<String>,
    /// Where users find help: an address or free text.
    pub help: Option<String>,
    /// The appearance of the wizard.
    pub look: Appearance,
}

/// The appearance of the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appearance {
    /// The accent colour: `#` and six hex digits, in lower case.
    pub accent: Option<String>,
    /// The logo, a file next to the configuration. [`Config::load`] makes the path absolute.
    pub logo: Option<PathBuf>,
    /// The languages that this product offers to users, in the vendor's order of preference. Empty
    /// for all available ones.
    pub languages: Vec<String>,
}

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

/// A configuration that can't be used. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no such file.
    #[code(codes::CONFIG_NOT_FOUND)]
    #[error("{} doesn't exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The operating system doesn't give it.
    #[code(codes::CONFIG_NOT_READ)]
    #[error("{} can't be read: {reason}", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// Why: see [`crate::file_reason`].
        reason: &'static str,
    },
    /// Over 256 KiB.
    #[code(codes::CONFIG_TOO_LARGE)]
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Not UTF-8.
    #[code(codes::CONFIG_NOT_TEXT)]
    #[error("not text in UTF-8")]
    NotText {
        /// The line of the first wrong byte.
        line: usize,
    },
    /// Not TOML.
    #[code(codes::CONFIG_SYNTAX)]
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// An unknown field, probably a typing error.
    #[code(codes::CONFIG_UNKNOWN_FIELD)]
    #[error("line {line}, column {column}: {field} is not known")]
    UnknownField {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
    },
    /// A field that must be there.
    #[code(codes::CONFIG_MISSING_FIELD)]
    #[error("line {line}, column {column}: {field} is missing")]
    MissingField {
        /// The line where its section begins.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
    },
    /// A field has a value that it can't have.
    #[code(codes::CONFIG_VALUE)]
    #[error("line {line}, column {column}: {field} should be {}", expected.name())]
    Value {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The field, with its section.
        field: String,
        /// What belongs there.
        expected: Expected,
    },
    /// The file is of a version that this program doesn't read.
    #[code(codes::CONFIG_FORMAT)]
    #[error("line {line}: format {found} is not known")]
    Format {
        /// The line.
        line: usize,
        /// What stands there.
        #[detail(display)]
        found: i64,
    },
    /// Two fields that can't be true together.
    #[code(codes::CONFIG_CONFLICT)]
    #[error("line {line}, column {column}: {field} doesn't go with {with}")]
    Conflict {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// The one field.
        field: String,
        /// The other field.
        with: &'static str,
    },
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

impl ConfigError {
    /// The line with the error, if there is one.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::NotText { line }
            | Self::Syntax { line, .. }
            | Self::UnknownField { line, .. }
            | Self::MissingField { line, .. }
            | Self::Value { line, .. }
            | Self::Format { line, .. }
            | Self::Conflict { line, .. } => Some(*line),
            Self::NotFound { .. } | Self::NotRead { .. } | Self::TooLarge { .. } => None,
        }
    }
}

/// Reads a file, up to one byte more than a configuration may have.
fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_CONFIG_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Config {
    /// Reads a configuration from a file. The logo becomes a path next to it.
    ///
    /// # Errors
    /// Returns [`ConfigError`] if the file can't be read or isn't a valid configuration.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let not_read = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => ConfigError::NotFound { path: path.to_owned() },
            _ => ConfigError::NotRead { path: path.to_owned(), reason: file_reason(&error) },
        };
        if std::fs::metadata(path).map_err(not_read)?.is_dir() {
            return Err(not_read(std::io::ErrorKind::IsADirectory.into()));
        }
        let bytes = bounded(path).map_err(not_read)?;
        let text = String::from_utf8(bytes).map_err(|error| ConfigError::NotText {
            line: 1 + newlines(&error.as_bytes()[..error.utf8_error().valid_up_to()]),
        })?;
        let mut config = Self::parse(&text)?;
        if let Some(logo) = &mut config.look.logo {
            *logo = path.parent().unwrap_or_else(|| Path::new("")).join(&*logo);
        }
        Ok(config)
    }

    /// A line of an invalid configuration, to show it to the user who corrects it: at most 200
    /// characters.
    #[must_use]
    pub fn line(path: &Path, line: usize) -> Option<String> {
        const SHOWN: usize = 200;
        let bytes = bounded(path).ok()?;
        let bytes = bytes.split(|&byte| byte == b'\n').nth(line.checked_sub(1)?)?;
        let text = String::from_utf8_lossy(bytes);
        let text: String = text.trim_end().chars().take(SHOWN).collect();
        (!text.is_empty()).then_some(text)
    }

    /// Parses a configuration.
    ///
    /// # Errors
    /// Returns [`ConfigError`] for the first error.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        if text.len() > MAX_CONFIG_BYTES {
            return Err(ConfigError::TooLarge { limit: MAX_CONFIG_BYTES });
        }
        // An editor's byte order mark is ignored.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = DeTable::parse(text).map_err(|error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            ConfigError::Syntax { line, column, reason: error.message().to_owned() }
        })?;
        let root = Section { text, path: String::new(), at: 0, table: document.get_ref() };

        // A newer format may contain anything else, so the version is checked first.
        let format = root.required("format")?;
        match format
            .value
            .as_integer()
            .and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok())
        {
            Some(FORMAT) => {}
            Some(found) => return Err(ConfigError::Format { line: format.line(), found }),
            None => return Err(format.invalid(Expected::Number)),
        }
        root.deny_unknown("")?;

        let vendor = root.required("vendor")?.section()?;
        vendor.deny_unknown("vendor.")?;
        let product = root.required("product")?.section()?;
        product.deny_unknown("product.")?;
        let look = root.optional_section("look")?;
        let portal = root.optional_section("portal")?;
        let help = root.optional_section("help")?;
        Ok(Self {
            profile: Profile {
                vendor: vendor.required("id")?.parsed(Expected::Id, |text| text.parse().ok())?,
                vendor_name: vendor.required("name")?.text()?,
                vendor_keys: vendor_keys(&vendor)?,
                product: product.required("number")?.number()?,
                product_name: product.required("name")?.text()?,
                features: features(&product)?,
                store: store_policy(&root)?,
            },
            portal: Section::optional_field(portal.as_ref(), "url", |field| {
                field.parsed(Expected::Address, |text| {
                    let known = text.starts_with("https://") || text.starts_with("http://");
                    known.then(|| text.to_owned())
                })
            })?,
            help: Section::optional_field(help.as_ref(), "url", |field| field.text())?,
            look: Appearance {
                accent: Section::optional_field(look.as_ref(), "accent", |field| {
                    field.parsed(Expected::Colour, colour)
                })?,
                logo: Section::optional_field(look.as_ref(), "logo", |field| {
                    field.parsed(Expected::FileName, file_name)
                })?,
                languages: Section::optional_field(look.as_ref(), "languages", |field| {
                    languages(&field)
                })?
                .unwrap_or_default(),
            },
        })
    }
}

fn vendor_keys(vendor: &Section<'_>) -> Result<Vec<PublicKeys>, ConfigError> {
    let field = vendor.required("key")?;
    let list = field.value.as_array().ok_or_else(|| field.invalid(Expected::Keys))?;
    let mut keys = Vec::new();
    for item in list.iter() {
        let item = Field { at: item.span(), value: item.get_ref(), ..field.clone() };
        let section = item.section()?;
        section.deny_unknown("vendor.key.")?;
        let public = section.required("public")?;
        let key = public.parsed(Expected::PublicKey, |text| PublicKeys::from_hex(text).ok())?;
        if keys.contains(&key) {
            return Err(public.invalid(Expected::Unique));
        }
        keys.push(key);
    }
    if keys.is_empty() { Err(field.invalid(Expected::Keys)) } else { Ok(keys) }
}

fn features(product: &Section<'_>) -> Result<BTreeMap<String, FeatureDefinition>, ConfigError> {
    let mut features = BTreeMap::new();
    let Some(field) = product.field("features") else {
        return Ok(features);
    };
    let section = field.section()?;
    let mut numbers = std::collections::BTreeSet::new();
    for key in section.table.keys() {
        let feature = section.required(key.get_ref())?.section()?;
        feature.deny_unknown("product.features.*.")?;
        let number = feature.required("number")?;
        let definition = FeatureDefinition {
            number: number.number()?,
            kind: feature.required("type")?.one_of(
                Expected::FeatureKind,
                &[
                    ("bool", FeatureKind::Bool),
                    ("pool", FeatureKind::Pool),
                    ("count", FeatureKind::Count),
                ],
            )?,
        };
        if !numbers.insert(definition.number) {
            return Err(number.invalid(Expected::Unique));
        }
        features.insert(key.get_ref().to_string(), definition);
    }
    Ok(features)
}

fn store_policy(root: &Section<'_>) -> Result<StorePolicy, ConfigError> {
    let mut policy = StorePolicy::default();
    let Some(store) = root.optional_section("store")? else {
        return Ok(policy);
    };
    if let Some(scope) = store.field("scope") {
        let scopes = [("user", Scope::User), ("machine", Scope::Machine)];
        policy.scope = scope.one_of(Expected::Scope, &scopes)?;
    }
    let default = store.field("default");
    if let Some(default) = &default {
        let kinds = [("keyring", StoreKind::Keyring), ("file", StoreKind::File)];
        policy.default = default.one_of(Expected::StoreKind, &kinds)?;
    }
    if let Some(file) = store.field("file") {
        let permissions = [("allowed", true), ("forbidden", false)];
        policy.file_allowed = file.one_of(Expected::Permission, &permissions)?;
        let needs_file = match policy {
            StorePolicy { scope: Scope::Machine, .. } => Some("store.scope"),
            StorePolicy { default: StoreKind::File, .. } => Some("store.default"),
            _ => None,
        };
        if let (false, Some(with)) = (policy.file_allowed, needs_file) {
            let (line, column) = file.place();
            return Err(ConfigError::Conflict { line, column, field: file.name(), with });
        }
    }
    Ok(policy)
}

fn languages(field: &Field<'_>) -> Result<Vec<String>, ConfigError> {
    // Primary language subtags (RFC 5646, section 2.2.1).
    let tag = |value: &str| {
        let fit = matches!(value.len(), 2 | 3) && value.bytes().all(|b| b.is_ascii_lowercase());
        fit.then(|| value.to_owned())
    };
    let list = field.value.as_array().ok_or_else(|| field.invalid(Expected::Languages))?;
    let tags: Option<Vec<_>> =
        list.iter().map(|item| item.get_ref().as_str().and_then(tag)).collect();
    tags.filter(|tags| !tags.is_empty()).ok_or_else(|| field.invalid(Expected::Languages))
}

fn colour(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?;
    let whole = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    whole.then(|| text.to_ascii_lowercase())
}

fn file_name(text: &str) -> Option<PathBuf> {
    let plain =
        !text.is_empty() && !text.contains(['/', '\\', ':', '\0']) && text != "." && text != "..";
    plain.then(|| PathBuf::from(text))
}

/// A table and its position.
struct Section<'t> {
    text: &'t str,
    /// Its section such as `vendor.`, or empty for the whole file.
    path: String,
    at: usize,
    table: &'t DeTable<'t>,
}

/// A value and its position.
#[derive(Clone)]
struct Field<'t> {
    text: &'t str,
    section: String,
    key: String,
    at: Range<usize>,
    value: &'t DeValue<'t>,
}

impl<'t> Section<'t> {
    fn field(&self, key: &str) -> Option<Field<'t>> {
        let (_, value) = self.table.iter().find(|(there, _)| there.get_ref().as_ref() == key)?;
        Some(Field {
            text: self.text,
            section: self.path.clone(),
            key: key.to_owned(),
            at: value.span(),
            value: value.get_ref(),
        })
    }

    fn required(&self, key: &str) -> Result<Field<'t>, ConfigError> {
        self.field(key).ok_or_else(|| {
            let (line, column) = place(self.text, self.at);
            ConfigError::MissingField { line, column, field: format!("{}{key}", self.path) }
        })
    }

    /// Rejects all fields except those that [`FIELDS`] has for this section.
    fn deny_unknown(&self, section: &str) -> Result<(), ConfigError> {
        let known =
            |key: &str| FIELDS.iter().any(|rule| (rule.section, rule.key) == (section, key));
        let unknown = self.table.keys().find(|key| !known(key.get_ref()));
        unknown.map_or(Ok(()), |key| {
            let (line, column) = place(self.text, key.span().start);
            let field = format!("{}{}", self.path, key.get_ref());
            Err(ConfigError::UnknownField { line, column, field })
        })
    }

    fn optional_section(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(field) = self.field(key) else {
            return Ok(None);
        };
        let section = field.section()?;
        section.deny_unknown(&section.path)?;
        Ok(Some(section))
    }

    fn optional_field<T>(
        section: Option<&Self>,
        key: &str,
        read: impl FnOnce(Field<'t>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        section.and_then(|section| section.field(key)).map(read).transpose()
    }
}

impl<'t> Field<'t> {
    fn name(&self) -> String {
        format!("{}{}", self.section, self.key)
    }

    fn place(&self) -> (usize, usize) {
        place(self.text, self.at.start)
    }

    fn line(&self) -> usize {
        self.place().0
    }

    fn invalid(&self, expected: Expected) -> ConfigError {
        let (line, column) = self.place();
        ConfigError::Value { line, column, field: self.name(), expected }
    }

    fn section(&self) -> Result<Section<'t>, ConfigError> {
        let table = self.value.as_table().ok_or_else(|| self.invalid(Expected::Section))?;
        Ok(Section { text: self.text, path: format!("{}.", self.name()), at: self.at.start, table })
    }

    fn parsed<T>(
        &self,
        expected: Expected,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.value.as_str().and_then(parse).ok_or_else(|| self.invalid(expected))
    }

    fn text(&self) -> Result<String, ConfigError> {
        self.parsed(Expected::Text, |text| {
            let text = text.trim();
            let fit = !text.is_empty() && !text.chars().any(char::is_control);
            fit.then(|| text.to_owned())
        })
    }

    fn number(&self) -> Result<u32, ConfigError> {
        let number = self.value.as_integer();
        number
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|&number| number > 0)
            .ok_or_else(|| self.invalid(Expected::Number))
    }

    fn one_of<T: Copy>(&self, expected: Expected, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        self.parsed(expected, |text| {
            choices.iter().find(|(name, _)| *name == text).map(|&(_, value)| value)
        })
    }
}

/// Line and column of a position in the text, both counted from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    (1 + newlines(before.as_bytes()), 1 + column)
}

fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}
