//! `latchkey config check`: what is wrong with a branded configuration, before customers see it.
//! The configuration has been read when these checks begin, so all of it can be used; what is found
//! here looks bad, or is left out or replaced without a word.

use std::io::Read as _;
use std::path::Path;

use latchkey_config::{AccentPalette, Colour, Config, PictureKind, picture_kind};
use latchkey_i18n::Language;
use latchkey_paper::{MAX_ADDRESS, PortalUrl};
use latchkey_token::HasErrorCode;
use serde::Serialize;
use thiserror::Error;

use crate::error::codes;

/// The most that the wizard and the portal read of a logo, in KiB.
const MAX_LOGO_KIB: u64 = 512;
/// The height of a logo on the screen at twice the usual density, and the most that makes sense.
const LOGO_PIXELS: std::ops::RangeInclusive<u32> = 64..=4_096;
/// The most characters of a name. It is in the window's title, and in the middle of sentences.
const MAX_NAME: usize = 60;
/// The most characters of the text on the help screen.
const MAX_HELP: usize = 200;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Customers see something else than the vendor wants.
    Problem,
    /// It works, and the vendor may want to know.
    Note,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Error, HasErrorCode)]
pub(crate) enum Finding {
    /// The logo can't be read.
    #[code(codes::LOGO_FILE)]
    #[error("{path} can't be read: {reason}")]
    LogoFile { path: String, reason: &'static str },
    /// The logo is neither SVG nor PNG.
    #[code(codes::LOGO_FORMAT)]
    #[error("{path} is neither SVG nor PNG")]
    LogoFormat { path: String },
    /// The logo's file is too large, so it isn't shown.
    #[code(codes::LOGO_LARGE)]
    #[error("{path} is larger than {limit} KiB")]
    LogoLarge { path: String, limit: u64 },
    /// The logo has too few pixels, so it is blurred, or far too many.
    #[code(codes::LOGO_PIXELS)]
    #[error("{path} has {width} by {height} pixels")]
    LogoPixels { path: String, width: u32, height: u32 },
    /// The accent has too little contrast, so another colour is shown in the light theme.
    #[code(codes::ACCENT)]
    #[error("{accent} has a contrast of {contrast}, and {shown} is shown")]
    Accent { accent: String, contrast: String, shown: String },
    /// Links to the portal can't be in a QR code.
    #[code(codes::PORTAL)]
    #[error("{text} can't be in a QR code: {fault}")]
    Portal { text: String, fault: &'static str, limit: usize },
    /// A language is offered that no program has.
    #[code(codes::LANGUAGE)]
    #[error("there are no texts in {language}")]
    Language { language: String },
    /// A text is missing, so that customers are told less.
    #[code(codes::TEXT_MISSING)]
    #[error("{field} is missing")]
    TextMissing { field: &'static str, what: &'static str },
    /// A text is too long for its place.
    #[code(codes::TEXT_LONG)]
    #[error("{field} has {count} characters, and there is room for {limit}")]
    TextLong { field: &'static str, count: usize, limit: usize },
}

impl Finding {
    pub(crate) const fn severity(&self) -> Severity {
        match self {
            Self::Accent { .. } | Self::TextMissing { .. } => Severity::Note,
            _ => Severity::Problem,
        }
    }
}

/// Everything that is found, in the order of the file.
pub(crate) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let profile = &config.profile;
    for (field, text, limit) in [
        ("vendor.name", Some(&profile.vendor_name), MAX_NAME),
        ("product.name", Some(&profile.product_name), MAX_NAME),
        ("help.url", config.help.as_ref(), MAX_HELP),
    ] {
        let count = text.map_or(0, |text| text.chars().count());
        if count > limit {
            findings.push(Finding::TextLong { field, count, limit });
        }
    }
    match &config.portal {
        None => findings.push(Finding::TextMissing { field: "portal.url", what: "portal" }),
        Some(url) => {
            if let Err(fault) = PortalUrl::parse_strict(url) {
                let (text, fault) = (latchkey_console::shorten(url), fault.name());
                findings.push(Finding::Portal { text, fault, limit: MAX_ADDRESS });
            }
        }
    }
    if config.help.is_none() {
        findings.push(Finding::TextMissing { field: "help.url", what: "help" });
    }
    findings.extend(config.look.accent.and_then(accent));
    findings.extend(config.look.logo.as_deref().and_then(logo));
    let is_known = |tag: &&String| Language::ALL.iter().any(|language| language.tag() == **tag);
    let unknown = config.look.languages.iter().filter(|tag| !is_known(tag));
    findings.extend(unknown.map(|tag| Finding::Language { language: tag.clone() }));
    findings
}

/// WCAG 2.2 requires 4.5:1 for text, so the wizard shows a colour that has it.
fn accent(colour: Colour) -> Option<Finding> {
    let shown = AccentPalette::new(Some(colour)).light.fill;
    (shown != colour).then(|| Finding::Accent {
        accent: colour.to_string(),
        // Rounded down, because what is just below the limit doesn't reach it.
        contrast: format!(
            "{:.2}",
            (AccentPalette::contrast_in_light(colour) * 100.0).floor() / 100.0
        ),
        shown: shown.to_string(),
    })
}

fn logo(path: &Path) -> Option<Finding> {
    let shown = latchkey_console::shorten(&path.display().to_string());
    let not_read = |error: &std::io::Error| Finding::LogoFile {
        path: shown.clone(),
        reason: latchkey_files::reason(error),
    };
    let file = match latchkey_files::open_named(path) {
        Ok(file) => file,
        Err(fault) => return Some(not_read(&std::io::Error::from(fault))),
    };
    let mut content = Vec::new();
    let limit = MAX_LOGO_KIB * 1024;
    if let Err(error) = file.take(limit + 1).read_to_end(&mut content) {
        return Some(not_read(&error));
    }
    if content.len() as u64 > limit {
        return Some(Finding::LogoLarge { path: shown, limit: MAX_LOGO_KIB });
    }
    match picture_kind(path, &content) {
        None => Some(Finding::LogoFormat { path: shown }),
        Some(PictureKind::Svg) => None,
        Some(PictureKind::Png) => {
            // The first chunk has the size (ISO/IEC 15948, section 11.2.1).
            let number = |at: usize| {
                let bytes = content.get(at..at + 4)?;
                Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            };
            let Some((width, height)) = number(16).zip(number(20)) else {
                return Some(Finding::LogoFormat { path: shown });
            };
            let is_fit = LOGO_PIXELS.contains(&height) && width <= *LOGO_PIXELS.end();
            (!is_fit).then_some(Finding::LogoPixels { path: shown, width, height })
        }
    }
}

#[cfg(test)]
mod tests {
    use latchkey_token::HasErrorCode as _;

    use super::*;

    const EXAMPLE: &str = include_str!("../../../docs/latchkey.example.toml");

    fn png(width: u32, height: u32) -> Vec<u8> {
        let size = [width, height].map(u32::to_be_bytes).concat();
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &size].concat()
    }

    #[test]
    fn what_is_wrong_with_a_branding_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| {
            std::fs::write(folder.path().join(name), content).unwrap();
        };
        write("logo.svg", b"<svg/>");
        write("wrong.svg", b"GIF89a");
        write("short.png", b"\x89PNG\r\n\x1a\n");
        write("small.png", &png(40, 20));
        write("wide.png", &png(9_000, 100));
        write("good.png", &png(256, 64));
        write("large.svg", &[b"<svg/>".as_slice(), &[b' '; 512 * 1024]].concat());
        std::fs::create_dir(folder.path().join("folder.png")).unwrap();
        let long = "x".repeat(61);
        for (replaced, by, codes) in [
            ("", "", &[] as &[&str]),
            ("logo.svg", "good.png", &[]),
            ("logo.svg", "missing.png", &["check.logo_file"]),
            ("logo.svg", "folder.png", &["check.logo_file"]),
            ("logo.svg", "wrong.svg", &["check.logo_format"]),
            ("logo.svg", "short.png", &["check.logo_format"]),
            ("logo.svg", "large.svg", &["check.logo_large"]),
            ("logo.svg", "small.png", &["check.logo_pixels"]),
            ("logo.svg", "wide.png", &["check.logo_pixels"]),
            ("#3b5bdb", "#ffd43b", &["check.accent"]),
            ("https://licence.acme.example", "https://büro.example", &["check.portal"]),
            ("https://licence.acme.example", "https://acme.example/?a=1", &["check.portal"]),
            ("[portal]", "[x]", &["check.text_missing"]),
            ("[help]", "[x]", &["check.text_missing"]),
            ("\"Acme CAD\"", &format!("\"{long}\""), &["check.text_long"]),
            ("[\"en\", \"de\"]", "[\"en\", \"fr\", \"nl\"]", &["check.language"; 2]),
        ] {
            let mut text = EXAMPLE.replace(replaced, by);
            assert!(replaced.is_empty() || text != EXAMPLE, "{replaced} isn't in the example");
            if by == "[x]" {
                let (before, rest) = text.split_once("[x]\n").unwrap();
                let rest =
                    rest.split_once("\n[").map_or(String::new(), |(_, rest)| format!("[{rest}"));
                text = format!("{before}{rest}");
            }
            let path = folder.path().join("latchkey.toml");
            std::fs::write(&path, text).unwrap();
            let findings = check(&Config::load(&path).unwrap());
            let found: Vec<_> = findings.iter().map(|one| one.code().name).collect();
            assert_eq!(found, codes, "{replaced} → {by}");
            for finding in &findings {
                let explained = latchkey_i18n::explain(finding);
                assert_ne!(explained.message, explained.code);
                assert!(!explained.action.is_empty(), "{}", explained.code);
                let is_note = matches!(explained.code, "check.accent" | "check.text_missing");
                assert_eq!(finding.severity() == Severity::Note, is_note, "{}", explained.code);
            }
        }
    }
}
