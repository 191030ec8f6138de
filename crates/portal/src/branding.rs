//! Branding: the vendor's name, help address, logo and languages from a `latchkey.toml`, and an
//! accent palette with sufficient contrast.
//!
//! The device crate parses the complete configuration for the wizard, but the portal must not
//! depend on it. A portal serves all products of a vendor and needs only a few of the values, so
//! this module parses just those, equally strictly, and ignores the rest.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use latchkey_i18n::{Explained, Language, explain};
use latchkey_paper::Portal;
use latchkey_server_core::{check_portal_url, io_reason};

use crate::base_path::BasePath;
use crate::error::PortalError;

/// Maximum size of the configuration; the wizard has the same limit.
const MAX_CONFIG: u64 = 256 * 1024;
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
    /// [`PortalError`] if the file or the logo can't be read, or has a value that can't be used.
    pub fn read(vendor: &str, look: Option<&Path>) -> Result<Self, PortalError> {
        let Some(path) = look else { return Ok(Self::without_look(vendor)) };
        let wrong = |_| PortalError::Look { path: path.to_owned(), field: "toml" };
        let text = String::from_utf8(bounded(path, MAX_CONFIG)?).map_err(wrong)?;
        Self::parsed(vendor, &text, path, |logo| bounded(&beside(path, logo), MAX_LOGO))
    }

    fn without_look(vendor: &str) -> Self {
        Self {
            vendor: vendor.to_owned(),
            help: None,
            portal: None,
            base: BasePath::default(),
            doubt: None,
            logo: None,
            accent: AccentPalette::of(FALLBACK),
            languages: Language::ALL.to_vec(),
        }
    }

    /// Parses a `latchkey.toml`. `logo` reads the file of the given name in the same folder.
    pub(super) fn parsed(
        vendor: &str,
        text: &str,
        path: &Path,
        logo: impl Fn(&str) -> Result<Vec<u8>, PortalError>,
    ) -> Result<Self, PortalError> {
        let mut branding = Self::without_look(vendor);
        let wrong = |field: &'static str| PortalError::Look { path: path.to_owned(), field };
        let config: toml::Table = text.parse().map_err(|_| wrong("toml"))?;
        let field = |section: &str, key: &str| config.get(section).and_then(|s| s.get(key));
        let text = |section, key, name| match field(section, key) {
            None => Ok(None),
            Some(toml::Value::String(text))
                if !text.trim().is_empty() && !text.trim().chars().any(char::is_control) =>
            {
                Ok(Some(text.trim()))
            }
            Some(_) => Err(wrong(name)),
        };
        if let Some(name) = text("vendor", "name", "vendor.name")? {
            name.clone_into(&mut branding.vendor);
        }
        if let Some(url) = text("portal", "url", "portal.url")? {
            (branding.base, branding.doubt) = base(url)?;
            branding.portal = Some(url.to_owned());
        }
        branding.help = text("help", "url", "help.url")?.map(str::to_owned);
        if let Some(colour) = text("look", "accent", "accent")? {
            branding.accent = AccentPalette::of(rgb(colour).ok_or_else(|| wrong("accent"))?);
        }
        if let Some(file) = text("look", "logo", "logo")? {
            // A file name in the same folder, never a path that leaves it.
            let kind = picture_kind(file).ok_or_else(|| wrong("logo"))?;
            branding.logo = Some(Logo { kind, bytes: logo(file)? });
        }
        if let Some(list) = field("look", "languages") {
            let tags = list.as_array().ok_or_else(|| wrong("languages"))?;
            let known = tags.iter().filter_map(|tag| Language::for_tag(tag.as_str()?));
            let mut languages: Vec<_> = known.collect();
            languages.dedup();
            if !languages.is_empty() {
                branding.languages = languages;
            }
        }
        Ok(branding)
    }
}

/// The path of the portal's URL. A file that an older version has accepted doesn't prevent the
/// portal from starting: it warns about a URL that `kit` would no longer accept, and ignores a path
/// that can't be a prefix of pages.
fn base(url: &str) -> Result<(BasePath, Option<Explained>), PortalError> {
    let trouble = match check_portal_url(url) {
        Ok(address) => return Ok((BasePath::new(address.path()), None)),
        Err(trouble) => trouble,
    };
    let Some(lenient) = Portal::new(url) else { return Err(trouble.into()) };
    let path = check_portal_url(&format!("https://portal{}", lenient.path()));
    let base = path.map_or_else(|_| BasePath::default(), |address| BasePath::new(address.path()));
    Ok((base, Some(explain(&trouble))))
}

fn beside(config: &Path, file: &str) -> PathBuf {
    config.parent().unwrap_or(Path::new(".")).join(file)
}

fn picture_kind(file: &str) -> Option<&'static str> {
    // On Windows, a colon follows a drive letter and precedes a stream name.
    if file.contains(['/', '\\', ':']) || file.starts_with('.') {
        return None;
    }
    match Path::new(file).extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "svg" => Some("image/svg+xml"),
        "png" => Some("image/png"),
        _ => None,
    }
}

fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, PortalError> {
    let not_read = |error: std::io::Error| PortalError::InputNotRead {
        file: path.display().to_string(),
        reason: io_reason(&error),
    };
    let mut bytes = Vec::new();
    let file = latchkey_files::open_named(path).map_err(|fault| not_read(fault.into()))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(not_read)?;
    if bytes.len() as u64 > limit {
        return Err(PortalError::Look { path: path.to_owned(), field: "size" });
    }
    Ok(bytes)
}

type Rgb = [u8; 3];

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [16, 18, 27];
/// The background colours of the two themes, as in theme.css.
const LIGHT: Rgb = [247, 247, 248];
const DARK: Rgb = [32, 33, 37];
const FALLBACK: Rgb = [59, 91, 219];

/// The vendor's colour with a contrast of at least 4.5:1 (WCAG 2.2) in both themes, and what can be
/// written on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccentPalette {
    light: (Rgb, Rgb),
    dark: (Rgb, Rgb),
}

impl AccentPalette {
    fn of(colour: Rgb) -> Self {
        let with_text = |fill: Rgb| {
            let on = if contrast(fill, WHITE) >= contrast(fill, INK) { WHITE } else { INK };
            (fill, on)
        };
        Self {
            light: with_text(moved(colour, INK, |c| contrast(c, LIGHT) >= 4.5)),
            dark: with_text(moved(colour, WHITE, |c| contrast(c, DARK) >= 6.0)),
        }
    }

    /// Whether it has the contrast that it promises.
    #[cfg(any(test, fuzzing))]
    pub(super) fn is_legible(self) -> bool {
        let of_text = |(fill, on)| contrast(fill, on) >= 4.5;
        of_text(self.light)
            && of_text(self.dark)
            && contrast(self.light.0, LIGHT) >= 4.5
            && contrast(self.dark.0, DARK) >= 4.5
    }

    /// As the style sheet's variables.
    pub(crate) fn css(self) -> String {
        let hex = |[r, g, b]: Rgb| format!("#{r:02x}{g:02x}{b:02x}");
        format!(
            ":root{{--accent-light:{};--on-accent-light:{};--accent-dark:{};--on-accent-dark:{}}}\n",
            hex(self.light.0),
            hex(self.light.1),
            hex(self.dark.0),
            hex(self.dark.1)
        )
    }
}

fn rgb(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Moves a colour towards another one in small steps until it is good enough.
fn moved(from: Rgb, to: Rgb, enough: impl Fn(Rgb) -> bool) -> Rgb {
    for step in 0..25_u16 {
        let part = |from: u8, to: u8| {
            let mixed = (u16::from(from) * (25 - step) + u16::from(to) * step) / 25;
            u8::try_from(mixed).unwrap_or(to)
        };
        let mixed = [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2])];
        if enough(mixed) {
            return mixed;
        }
    }
    to
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let part = |value: u8| {
        let part = f64::from(value) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2])
}

#[cfg(test)]
mod tests {
    use latchkey_token::HasErrorCode as _;

    use super::*;

    #[test]
    fn every_colour_is_made_legible_in_both_themes() {
        let steps = [0, 64, 128, 192, 255];
        for r in steps {
            for g in steps {
                for b in steps {
                    let accents = AccentPalette::of([r, g, b]);
                    assert!(accents.is_legible(), "{accents:?}");
                }
            }
        }
    }

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
