//! The fields that both sides read: the vendor's name, the addresses and the appearance. The portal
//! reads nothing else, and reads them by more lenient rules than the wizard.

use std::path::PathBuf;

use crate::accent::{AccentPalette, Colour};
use crate::document::{Document, Field, Section};
use crate::error::ConfigError;
use crate::schema::Expected;

/// The appearance of the wizard and of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appearance {
    /// The vendor's accent colour.
    pub accent: Option<Colour>,
    /// The logo, a file next to the configuration. [`Config::load`](crate::Config::load) makes the
    /// path absolute.
    pub logo: Option<PathBuf>,
    /// The languages that this product offers to users, in the vendor's order of preference. Empty
    /// for all available ones.
    pub languages: Vec<String>,
}

impl Appearance {
    /// The accent colours of both themes, from the vendor's colour or the default one.
    #[must_use]
    pub fn palette(&self) -> AccentPalette {
        AccentPalette::new(self.accent)
    }
}

/// What a portal needs of a configuration. A portal serves all products of a vendor, so the rest of
/// the file is of no concern to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Branding {
    /// The vendor's name.
    pub vendor_name: Option<String>,
    /// The portal's URL as the vendor wrote it. The portal itself decides which URLs it can have.
    pub portal: Option<String>,
    /// Where users find help: an address or free text.
    pub help: Option<String>,
    /// The appearance.
    pub look: Appearance,
}

impl Branding {
    /// Parses the branding of a configuration.
    ///
    /// Every field may be missing, and so may the rest of a complete configuration. Unknown fields,
    /// unknown languages and the spaces around a value are ignored.
    ///
    /// # Errors
    /// Returns [`ConfigError`] for the first error: [`ConfigError::TooLarge`],
    /// [`ConfigError::Syntax`] or [`ConfigError::Value`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let document = Document::parse(text)?;
        let root = document.root();
        let vendor = Rules::Branding.section(&root, "vendor")?;
        let vendor_name = Section::optional_field(vendor.as_ref(), "name", |field| field.text())?;
        let SharedFields { portal, help, look } =
            SharedSections::open(&root, Rules::Branding)?.read()?;
        Ok(Self { vendor_name, portal, help, look })
    }
}

/// How strictly the shared fields are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// The rules of [`Config`](crate::Config): exactly the documented values, and no other fields.
    Complete,
    /// The rules of [`Branding`].
    Branding,
}

impl Rules {
    /// An optional section. Something else under its name is an error in a complete configuration
    /// only.
    fn section<'t>(
        self,
        root: &Section<'t>,
        key: &str,
    ) -> Result<Option<Section<'t>>, ConfigError> {
        match self {
            Self::Complete => root.optional_section(key),
            Self::Branding => Ok(root.field(key).and_then(|field| field.section().ok())),
        }
    }

    /// Parses a text of a certain form.
    fn parse_field<T>(
        self,
        field: &Field<'_>,
        expected: Expected,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        match self {
            Self::Complete => field.parse_with(expected, parse),
            Self::Branding => field.parse_trimmed(expected, parse),
        }
    }

    fn url(self, field: &Field<'_>) -> Result<String, ConfigError> {
        self.parse_field(field, Expected::Address, |text| {
            let is_known = text.starts_with("https://") || text.starts_with("http://");
            (is_known || self == Self::Branding).then(|| text.to_owned())
        })
    }

    fn languages(self, field: &Field<'_>) -> Result<Vec<String>, ConfigError> {
        // Primary language subtags (RFC 5646, section 2.2.1).
        let is_tag = |text: &&str| {
            matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let list = field.value.as_array().ok_or_else(|| field.invalid(Expected::Languages))?;
        let texts = list.iter().map(|item| item.get_ref().as_str());
        match self {
            Self::Complete => {
                let tags: Option<Vec<_>> =
                    texts.map(|text| text.filter(is_tag).map(str::to_owned)).collect();
                tags.filter(|tags| !tags.is_empty())
                    .ok_or_else(|| field.invalid(Expected::Languages))
            }
            Self::Branding => Ok(texts.flatten().map(str::to_owned).collect()),
        }
    }
}

/// The sections that have only shared fields.
pub(crate) struct SharedSections<'t> {
    rules: Rules,
    look: Option<Section<'t>>,
    portal: Option<Section<'t>>,
    help: Option<Section<'t>>,
}

/// The shared fields, except for the vendor's name, which belongs to a section with other fields.
pub(crate) struct SharedFields {
    pub(crate) portal: Option<String>,
    pub(crate) help: Option<String>,
    pub(crate) look: Appearance,
}

impl<'t> SharedSections<'t> {
    pub(crate) fn open(root: &Section<'t>, rules: Rules) -> Result<Self, ConfigError> {
        let look = rules.section(root, "look")?;
        let portal = rules.section(root, "portal")?;
        let help = rules.section(root, "help")?;
        Ok(Self { rules, look, portal, help })
    }

    pub(crate) fn read(&self) -> Result<SharedFields, ConfigError> {
        let Self { rules, look, portal, help } = self;
        let of_look = look.as_ref();
        Ok(SharedFields {
            portal: Section::optional_field(portal.as_ref(), "url", |field| rules.url(&field))?,
            help: Section::optional_field(help.as_ref(), "url", |field| field.text())?,
            look: Appearance {
                accent: Section::optional_field(of_look, "accent", |field| {
                    rules.parse_field(&field, Expected::Colour, Colour::parse)
                })?,
                logo: Section::optional_field(of_look, "logo", |field| {
                    rules.parse_field(&field, Expected::FileName, file_name)
                })?,
                languages: Section::optional_field(of_look, "languages", |field| {
                    rules.languages(&field)
                })?
                .unwrap_or_default(),
            },
        })
    }
}

fn file_name(text: &str) -> Option<PathBuf> {
    let plain =
        !text.is_empty() && !text.contains(['/', '\\', ':', '\0']) && text != "." && text != "..";
    plain.then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use latchkey_token::{SecretKeys, Seed};

    use crate::Config;

    use super::*;

    /// A configuration with a field, complete for the wizard.
    fn with(section: &str, field: &str) -> String {
        let key = SecretKeys::from_seed(&Seed::from_bytes([1; 32])).unwrap().public().to_hex();
        format!(
            "format = 1\n[vendor]\nid = \"3f1c9a5e7b204d68\"\nname = \"Acme\"\n[[vendor.key]]\n\
             public = \"{key}\"\n[product]\nnumber = 1\nname = \"Acme CAD\"\n[{section}]\n{field}\n"
        )
    }

    #[test]
    fn both_readers_find_the_same_in_a_complete_configuration() {
        for (section, field) in [
            ("portal", "url = \"https://licence.acme.example\""),
            ("help", "url = \" help@acme.example \""),
            ("look", "accent = \"#FFEE00\"\nlogo = \"logo.png\"\nlanguages = [\"de\", \"en\"]"),
        ] {
            let text = with(section, field);
            let Config { profile, portal, help, look, app_id: _ } = Config::parse(&text).unwrap();
            let vendor_name = Some(profile.vendor_name);
            assert_eq!(Branding::parse(&text), Ok(Branding { vendor_name, portal, help, look }));
        }
        assert_eq!(Branding::parse(""), Ok(Branding::default()));
    }

    #[test]
    fn the_portal_accepts_what_only_the_wizard_refuses() {
        for (section, field) in [
            ("portal", "url = \" HTTPS://licence.acme.example \""),
            ("portal", "url = \"licence.acme.example\""),
            ("portal", "address = \"https://licence.acme.example\""),
            ("look", "accent = \" #ffee00 \""),
            ("look", "languages = []"),
            ("look", "languages = [\"de-AT\", 5]"),
            ("look", "akzent = \"#ffee00\""),
            ("looks", "accent = \"#ffee00\""),
        ] {
            let text = with(section, field);
            assert!(Config::parse(&text).is_err(), "{field}");
            assert!(Branding::parse(&text).is_ok(), "{field}");
        }
        let branding = Branding::parse(&with("look", "accent = \" #FFee00 \"")).unwrap();
        assert_eq!(branding.look.accent, Colour::parse("#ffee00"));
        assert!(Branding::parse("look = 5\nhelp = []\n[[portal]]\nurl = 5").is_ok());
    }

    #[test]
    fn both_readers_refuse_a_wrong_value() {
        for (section, field, name) in [
            ("portal", "url = 5", "portal.url"),
            ("help", "url = \"\\u0007\"", "help.url"),
            ("help", "url = \" \"", "help.url"),
            ("look", "accent = \"blue\"", "look.accent"),
            ("look", "accent = \"#ffee0\"", "look.accent"),
            ("look", "logo = \"../logo.png\"", "look.logo"),
            ("look", "logo = \"C:logo.png\"", "look.logo"),
            ("look", "languages = \"de\"", "look.languages"),
        ] {
            let text = with(section, field);
            for error in [Config::parse(&text).err(), Branding::parse(&text).err()] {
                let Some(ConfigError::Value { field, .. }) = error else { panic!("{error:?}") };
                assert_eq!(field, name);
            }
        }
        let text = with("look", "accent = \"#ffee00\" # until the end").replace("[look]", "[look");
        assert!(matches!(Branding::parse(&text), Err(ConfigError::Syntax { .. })));
    }

    #[test]
    fn only_the_portal_refuses_control_characters_in_its_url() {
        let text = with("portal", "url = \"https://licence.acme.example/\\u0007\"");
        assert!(Config::parse(&text).is_ok());
        assert!(matches!(Branding::parse(&text), Err(ConfigError::Value { .. })));
    }
}
