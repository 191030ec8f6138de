//! Branding: the vendor's name, help address, accent colours, logo and languages from a
//! `latchkey.toml`, of which a portal needs only these. This module reads the files, and decides
//! which URL and which logo the portal can have.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use latchkey_config::{AccentPalette, ConfigError, MAX_CONFIG_BYTES};
use latchkey_i18n::{Explained, Language, explain};
use latchkey_paper::PortalUrl;
use latchkey_server_core::check_portal_url;

use crate::base_path::BasePath;
use crate::error::PortalError;

/// Largest logo.
const MAX_LOGO: u64 = 512 * 1024;

/// What visitors see of the vendor.
#[derive(Debug, Clone)]
pub struct Branding {
    /// The vendor's name.
    pub(crate) vendor: String,
    /// Where people ask: an address, an e-mail address or free text.
    pub(crate) help: Option<String>,
    /// The portal's own URL, as in the kit.
    pub(crate) portal: Option<String>,
    /// The path of that address.
    pub(crate) base: BasePath,
    /// What `kit` wouldn't take about that address, and the portal does without.
    pub doubt: Option<Explained>,
    /// The logo.
    pub(crate) logo: Option<Logo>,
    /// The one colour.
    pub(crate) accent: AccentPalette,
    /// The languages that are spoken, the first choice first. Never empty.
    pub(crate) languages: Vec<Language>,
}

/// A picture.
#[derive(Debug, Clone)]
pub(crate) struct Logo {
    pub(crate) kind: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Branding {
    /// Reads a `latchkey.toml`, or does without one.
    ///
    /// # Errors
    ///
    /// [`PortalError::InputNotRead`] if the file or the logo can't be read, and
    /// [`PortalError::Look`] or [`PortalError::PortalUrl`] if it has a value that can't be used.
    pub fn read(vendor: &str, look: Option<&Path>) -> Result<Self, PortalError> {
        let Some(path) = look else { return Ok(Self::without_look(vendor)) };
        let wrong = |_| PortalError::Look { path: path.to_owned(), field: "toml" };
        let bytes = read_bounded(path, MAX_CONFIG_BYTES as u64)?;
        let text = latchkey_config::decode_config(&bytes).map_err(wrong)?;
        Self::parse(vendor, &text, path, |logo| read_bounded(&resolve(path, logo), MAX_LOGO))
    }

    fn without_look(vendor: &str) -> Self {
        Self {
            vendor: vendor.to_owned(),
            help: None,
            portal: None,
            base: BasePath::default(),
            doubt: None,
            logo: None,
            accent: AccentPalette::new(None),
            languages: Language::ALL.to_vec(),
        }
    }

    /// Parses a `latchkey.toml`. `logo` reads the file of the given name in the same folder.
    pub(super) fn parse(
        vendor: &str,
        text: &str,
        path: &Path,
        logo: impl Fn(&str) -> Result<Vec<u8>, PortalError>,
    ) -> Result<Self, PortalError> {
        let mut branding = Self::without_look(vendor);
        let wrong = |field: &'static str| PortalError::Look { path: path.to_owned(), field };
        let latchkey_config::Branding { vendor_name, portal, help, look } =
            latchkey_config::Branding::parse(text).map_err(|error| wrong(wrong_field(&error)))?;
        if let Some(name) = vendor_name {
            branding.vendor = name;
        }
        if let Some(url) = portal {
            (branding.base, branding.doubt) = parse_base_path(&url)?;
            branding.portal = Some(url);
        }
        branding.help = help;
        branding.accent = look.palette();
        if let Some(file) = look.logo.as_deref().and_then(Path::to_str) {
            let kind = picture_kind(file).ok_or_else(|| wrong("logo"))?;
            branding.logo = Some(Logo { kind, bytes: logo(file)? });
        }
        let known = look.languages.iter().filter_map(|tag| Language::for_tag(tag));
        let mut languages: Vec<_> = known.collect();
        languages.dedup();
        if !languages.is_empty() {
            branding.languages = languages;
        }
        Ok(branding)
    }

    /// The accent colours as the style sheet's variables.
    pub(crate) fn css(&self) -> String {
        let AccentPalette { light, dark } = self.accent;
        format!(
            ":root{{--accent-light:{};--on-accent-light:{};--accent-dark:{};--on-accent-dark:{}}}\n",
            light.fill, light.on, dark.fill, dark.on
        )
    }
}

/// The value of a configuration that can't be used, by the name that the catalogue selects on.
fn wrong_field(error: &ConfigError) -> &'static str {
    let ConfigError::Value { field, .. } = error else {
        return if matches!(error, ConfigError::TooLarge { .. }) { "size" } else { "toml" };
    };
    match field.as_str() {
        "vendor.name" => "vendor.name",
        "portal.url" => "portal.url",
        "help.url" => "help.url",
        "look.accent" => "accent",
        "look.logo" => "logo",
        "look.languages" => "languages",
        _ => "toml",
    }
}

/// The path of the portal's URL. A file that an older version has accepted doesn't prevent the
/// portal from starting: it warns about a URL that `kit` would no longer accept, and ignores a path
/// that can't be a prefix of pages.
fn parse_base_path(url: &str) -> Result<(BasePath, Option<Explained>), PortalError> {
    let error = match check_portal_url(url) {
        Ok(address) => return Ok((BasePath::new(address.path()), None)),
        Err(error) => error,
    };
    let Some(lenient) = PortalUrl::new(url) else { return Err(error.into()) };
    let path = check_portal_url(&format!("https://portal{}", lenient.path()));
    let base = path.map_or_else(|_| BasePath::default(), |address| BasePath::new(address.path()));
    Ok((base, Some(explain(&error))))
}

fn resolve(config: &Path, file: &str) -> PathBuf {
    config.parent().unwrap_or(Path::new(".")).join(file)
}

/// The media type of a logo. Its name has no path, which the configuration's reader checks.
fn picture_kind(file: &str) -> Option<&'static str> {
    if file.starts_with('.') {
        return None;
    }
    match Path::new(file).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        _ => None,
    }
}

fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, PortalError> {
    let not_read = |error: std::io::Error| PortalError::InputNotRead {
        file: path.display().to_string(),
        reason: latchkey_files::reason(&error),
    };
    let mut bytes = Vec::new();
    let file = latchkey_files::open_named(path).map_err(|fault| not_read(fault.into()))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(not_read)?;
    if bytes.len() as u64 > limit {
        return Err(PortalError::Look { path: path.to_owned(), field: "size" });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use latchkey_token::HasErrorCode as _;

    use super::*;

    #[test]
    fn a_configuration_brands_the_portal_and_a_wrong_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latchkey.toml");
        std::fs::write(folder.path().join("logo.png"), b"a picture").unwrap();
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Branding::read("Acme", Some(&path))
        };
        let branding = read(
            "[vendor]\nname = \"Acme GmbH\"\n[help]\nurl = \"help@acme.example\"\n[look]\n\
             accent = \"#ffee00\"\nlogo = \"logo.png\"\nlanguages = [\"de\"]\n",
        )
        .unwrap();
        assert_eq!(
            (branding.vendor.as_str(), branding.help.as_deref()),
            ("Acme GmbH", Some("help@acme.example"))
        );
        assert_eq!(branding.logo.unwrap().kind, "image/png");
        assert_eq!(branding.languages, [Language::German]);
        assert_eq!(Branding::read("Acme", None).unwrap().vendor, "Acme");
        for (url, base, doubt) in [
            ("https://acme.example/licence/", "/licence", None),
            (" HTTPS://Acme.example/licence ", "/licence", None),
            ("https://acme.example/?shop=1", "", Some("usage.url")),
            ("https://acme.example/licence/?shop=1#top", "/licence", Some("usage.url")),
            ("https://acme.example/seats", "", Some("usage.url")),
            ("https://acme.example//evil.example", "", Some("usage.url")),
        ] {
            let branding = read(&format!("[portal]\nurl = \"{url}\"\n")).unwrap();
            assert_eq!(branding.base, BasePath::new(base), "{url}");
            assert_eq!(branding.doubt.map(|words| words.code), doubt, "{url}");
        }
        let none = read("[portal]\nurl = \"licence.acme.example\"\n").unwrap_err();
        assert_eq!(none.code().name, "usage.url");
        for wrong in [
            "[look]\naccent = \"blue\"\n",
            "[look]\nlogo = \"../logo.png\"\n",
            "[look]\nlogo = \"logo.gif\"\n",
            "[look]\nlogo = \"C:logo.png\"\n",
            "[vendor]\nname = \"Acme\\u0007GmbH\"\n",
            "[look\n",
        ] {
            assert_eq!(read(wrong).unwrap_err().code().name, "look.invalid", "{wrong}");
        }
    }
}
