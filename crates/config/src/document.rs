//! A parsed TOML document whose tables and values know their position, so that an error names the
//! line and the column of the field that it is about.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::ConfigError;
use crate::schema::{Expected, FIELDS};

/// Maximum size of a configuration in bytes.
pub const MAX_CONFIG_BYTES: usize = 256 * 1024;

/// A parsed document and its text.
pub(crate) struct Document<'t> {
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses a document, up to the maximum size.
    pub(crate) fn parse(text: &'t str) -> Result<Self, ConfigError> {
        if text.len() > MAX_CONFIG_BYTES {
            return Err(ConfigError::TooLarge { limit: MAX_CONFIG_BYTES });
        }
        // An editor's byte order mark is ignored.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table = DeTable::parse(text).map_err(|error| {
            let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
            ConfigError::Syntax { line, column, reason: error.message().to_owned() }
        })?;
        Ok(Self { text, table })
    }

    /// The table of the top level.
    pub(crate) fn root(&self) -> Section<'_> {
        Section { text: self.text, path: String::new(), at: 0, table: self.table.get_ref() }
    }
}

/// A table and its position.
pub(crate) struct Section<'t> {
    text: &'t str,
    /// Its section such as `vendor.`, or empty for the whole file.
    pub(crate) path: String,
    at: usize,
    pub(crate) table: &'t DeTable<'t>,
}

/// A value and its position.
#[derive(Clone)]
pub(crate) struct Field<'t> {
    pub(crate) text: &'t str,
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) at: Range<usize>,
    pub(crate) value: &'t DeValue<'t>,
}

impl<'t> Section<'t> {
    pub(crate) fn field(&self, key: &str) -> Option<Field<'t>> {
        let (_, value) = self.table.iter().find(|(there, _)| there.get_ref().as_ref() == key)?;
        Some(Field {
            text: self.text,
            section: self.path.clone(),
            key: key.to_owned(),
            at: value.span(),
            value: value.get_ref(),
        })
    }

    pub(crate) fn required(&self, key: &str) -> Result<Field<'t>, ConfigError> {
        self.field(key).ok_or_else(|| {
            let (line, column) = line_and_column(self.text, self.at);
            ConfigError::MissingField { line, column, field: format!("{}{key}", self.path) }
        })
    }

    /// Refuses all fields except those that [`FIELDS`] has for this section.
    pub(crate) fn deny_unknown(&self, section: &str) -> Result<(), ConfigError> {
        let known =
            |key: &str| FIELDS.iter().any(|rule| (rule.section, rule.key) == (section, key));
        let unknown = self.table.keys().find(|key| !known(key.get_ref()));
        unknown.map_or(Ok(()), |key| {
            let (line, column) = line_and_column(self.text, key.span().start);
            let field = format!("{}{}", self.path, key.get_ref());
            Err(ConfigError::UnknownField { line, column, field })
        })
    }

    pub(crate) fn optional_section(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(field) = self.field(key) else {
            return Ok(None);
        };
        let section = field.section()?;
        section.deny_unknown(&section.path)?;
        Ok(Some(section))
    }

    pub(crate) fn optional_field<T>(
        section: Option<&Self>,
        key: &str,
        read: impl FnOnce(Field<'t>) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        section.and_then(|section| section.field(key)).map(read).transpose()
    }
}

impl<'t> Field<'t> {
    pub(crate) fn name(&self) -> String {
        format!("{}{}", self.section, self.key)
    }

    pub(crate) fn line_and_column(&self) -> (usize, usize) {
        line_and_column(self.text, self.at.start)
    }

    pub(crate) fn line(&self) -> usize {
        self.line_and_column().0
    }

    pub(crate) fn invalid(&self, expected: Expected) -> ConfigError {
        let (line, column) = self.line_and_column();
        ConfigError::Value { line, column, field: self.name(), expected }
    }

    pub(crate) fn section(&self) -> Result<Section<'t>, ConfigError> {
        let table = self.value.as_table().ok_or_else(|| self.invalid(Expected::Section))?;
        Ok(Section { text: self.text, path: format!("{}.", self.name()), at: self.at.start, table })
    }

    pub(crate) fn parse_with<T>(
        &self,
        expected: Expected,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.value.as_str().and_then(parse).ok_or_else(|| self.invalid(expected))
    }

    pub(crate) fn text(&self) -> Result<String, ConfigError> {
        self.parse_trimmed(Expected::Text, |text| Some(text.to_owned()))
    }

    /// Parses text that isn't empty and has no control characters, without the spaces around it.
    pub(crate) fn parse_trimmed<T>(
        &self,
        expected: Expected,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        self.parse_with(expected, |text| {
            let text = text.trim();
            let fit = !text.is_empty() && !text.chars().any(char::is_control);
            fit.then(|| parse(text)).flatten()
        })
    }

    pub(crate) fn number(&self) -> Result<u32, ConfigError> {
        let number = self.value.as_integer();
        number
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|&number| number > 0)
            .ok_or_else(|| self.invalid(Expected::Number))
    }

    pub(crate) fn one_of<T: Copy>(
        &self,
        expected: Expected,
        choices: &[(&str, T)],
    ) -> Result<T, ConfigError> {
        self.parse_with(expected, |text| {
            choices.iter().find(|(name, _)| *name == text).map(|&(_, value)| value)
        })
    }
}

/// Line and column of a position in the text, both counted from 1.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    (1 + newlines(before.as_bytes()), 1 + column)
}

pub(crate) fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}
