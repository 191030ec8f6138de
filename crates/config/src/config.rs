//! The complete configuration, for the wizard and the command line: every field is read, and a
//! field that [`FIELDS`](crate::FIELDS) doesn't list is an error.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use latchkey_token::PublicKeys;

use crate::branding::{Appearance, Rules, SharedFields, SharedSections};
use crate::document::{Document, Field, MAX_CONFIG_BYTES, Section};
use crate::encoding::{decode_config, other_file};
use crate::error::ConfigError;
use crate::profile::{FeatureDefinition, FeatureKind, Profile, Scope, StoreKind, StorePolicy};
use crate::schema::Expected;

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
    /// The application's id on the desktop, a reverse domain name.
    pub app_id: Option<String>,
}

/// Reads a file, up to one byte more than a configuration may have.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_CONFIG_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Config {
    /// Reads a configuration from a file. The logo becomes a path next to it.
    ///
    /// # Errors
    /// Returns [`ConfigError::NotFound`], [`ConfigError::NotRead`] or [`ConfigError::NotText`] if
    /// the file can't be read, and the errors of [`Config::parse`] if it isn't a valid
    /// configuration.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let not_read = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => ConfigError::NotFound { path: path.to_owned() },
            _ => ConfigError::NotRead {
                path: path.to_owned(),
                reason: latchkey_files::reason(&error),
            },
        };
        if std::fs::metadata(path).map_err(not_read)?.is_dir() {
            return Err(not_read(std::io::ErrorKind::IsADirectory.into()));
        }
        let bytes = read_bounded(path).map_err(not_read)?;
        let mut config = Self::parse(&decode_config(&bytes)?).map_err(|error| match error {
            // Some files that aren't configurations consist of text, such as RTF.
            ConfigError::Syntax { .. } => other_file(&bytes).unwrap_or(error),
            error => error,
        })?;
        if let Some(logo) = &mut config.look.logo {
            *logo = path.parent().unwrap_or_else(|| Path::new("")).join(&*logo);
        }
        Ok(config)
    }

    /// A line of an invalid configuration, to show it to the user who corrects it: at most 200
    /// characters.
    #[must_use]
    pub fn read_line(path: &Path, line: usize) -> Option<String> {
        const SHOWN: usize = 200;
        let bytes = read_bounded(path).ok()?;
        let text = match decode_config(&bytes) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(&bytes),
        };
        let line = text.split('\n').nth(line.checked_sub(1)?)?;
        let text: String = line.trim_end().chars().take(SHOWN).collect();
        (!text.is_empty()).then_some(text)
    }

    /// Parses a configuration.
    ///
    /// # Errors
    /// Returns the first error: [`ConfigError::Syntax`] if the text isn't TOML,
    /// [`ConfigError::Format`] if its version isn't known, [`ConfigError::UnknownField`],
    /// [`ConfigError::MissingField`] or [`ConfigError::Value`] for a field, and
    /// [`ConfigError::Conflict`] for two fields.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let document = Document::parse(text)?;
        let root = document.root();

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
        let shared = SharedSections::open(&root, Rules::Complete)?;
        let profile = Profile {
            vendor: vendor.required("id")?.parse_with(Expected::Id, |text| text.parse().ok())?,
            vendor_name: vendor.required("name")?.text()?,
            vendor_keys: vendor_keys(&vendor)?,
            product: product.required("number")?.number()?,
            product_name: product.required("name")?.text()?,
            features: features(&product)?,
            store: store_policy(&root)?,
        };
        let SharedFields { portal, help, look } = shared.read()?;
        let app = root.optional_section("app")?;
        let app_id = Section::optional_field(app.as_ref(), "id", |field| {
            field.parse_with(Expected::AppId, app_id)
        })?;
        Ok(Self { profile, portal, help, look, app_id })
    }
}

fn app_id(text: &str) -> Option<String> {
    is_app_id(text).then(|| text.to_owned())
}

/// Whether this is a reverse domain name of at least two parts: what all desktops accept as an
/// application's id.
#[must_use]
pub fn is_app_id(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 100 && text.contains('.') && text.split('.').all(is_part)
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
        let key = public.parse_with(Expected::PublicKey, |text| PublicKeys::from_hex(text).ok())?;
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
            let (line, column) = file.line_and_column();
            return Err(ConfigError::Conflict { line, column, field: file.name(), with });
        }
    }
    Ok(policy)
}
