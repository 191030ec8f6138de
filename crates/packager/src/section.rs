//! The section `[package]` of `package.toml`. It isn't part of `latchkey.toml`, because nothing of
//! it concerns an installed wizard.

use std::collections::BTreeMap;

use latchkey_config::is_app_id;
use serde::Deserialize;

use crate::error::PackageError;

/// The name of the file in the kit.
pub const SECTION: &str = "package.toml";
/// The maximum size of the file.
pub const MAX_SECTION_BYTES: u64 = 64 * 1024;

/// The maximum length of an id: the oldest form of tar has room for it with the end `.desktop`.
pub(crate) const MAX_ID_BYTES: usize = 90;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionFile {
    package: Section,
}

/// What a vendor decides about a package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    /// The application's id, a reverse domain name.
    pub(crate) id: String,
    /// The name of the package and of the wizard's program.
    pub(crate) name: String,
    pub(crate) version: String,
    /// A name and an e-mail address.
    pub(crate) maintainer: String,
    pub(crate) homepage: Option<String>,
    /// The folder that everything is installed in.
    pub(crate) path: Option<String>,
    /// The file of the icon, in the kit.
    pub(crate) icon: String,
    /// The name in the desktop's menu, by language.
    pub(crate) menu: Texts,
    /// One line about the package, by language.
    pub(crate) summary: Texts,
    /// Some paragraphs about the package.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether the wizard opens files with tokens from the file manager.
    #[serde(default = "default_true")]
    pub(crate) opens_tokens: bool,
    #[serde(default)]
    pub(crate) on_removal: OnRemoval,
    #[serde(default)]
    pub(crate) windows: Windows,
}

/// What only concerns Windows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Windows {
    /// The folder that everything is installed in, below the one for programs.
    folder: Option<String>,
    /// The file of the icon, in the kit, with pictures of several sizes (`.ico`).
    pub(crate) icon: Option<String>,
    /// Microsoft's WebView2 runtime, in the kit: the file of an installer, or the folder of a fixed
    /// version.
    pub(crate) webview2: Option<String>,
    /// The certificate and its key, with which the programs are signed (PKCS #12): a file relative
    /// to the kit.
    pub(crate) certificate: Option<String>,
    /// The address of a time-stamping service (RFC 3161).
    pub(crate) timestamp: Option<String>,
}

const fn default_true() -> bool {
    true
}

/// What happens to the computer's licence when the package is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnRemoval {
    /// It stays, and is in use again if the package is installed again.
    #[default]
    Keep,
    /// It is returned, and the deactivation token is left in a file.
    Deactivate,
}

/// A text in several languages: English, and others by their tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Texts(BTreeMap<String, String>);

impl Texts {
    /// The English text.
    pub(crate) fn english(&self) -> &str {
        self.0.get("en").map(String::as_str).unwrap_or_default()
    }

    /// Whether there is a text in a language.
    pub(crate) fn has_language(&self, language: &str) -> bool {
        self.0.contains_key(language)
    }

    /// The text in a language, or else the English one.
    pub(crate) fn in_language(&self, language: &str) -> &str {
        self.0.get(language).map_or_else(|| self.english(), String::as_str)
    }

    /// The other languages and their texts.
    pub(crate) fn translations(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().map(|(language, text)| (language.as_str(), text.as_str()));
        all.filter(|(language, _)| *language != "en")
    }

    fn check(&self, field: &'static str) -> Result<(), PackageError> {
        check(field, "", self.0.contains_key("en"))?;
        for (language, text) in &self.0 {
            let is_tag = matches!(language.len(), 2 | 3)
                && language.bytes().all(|byte| byte.is_ascii_lowercase());
            check(field, language, is_tag)?;
            check(field, text, is_line(text, 80))?;
        }
        Ok(())
    }
}

impl Section {
    /// Parses the file.
    pub(crate) fn parse(text: &str) -> Result<Self, PackageError> {
        // TOML keeps the ends of lines as they are.
        let text = &text.replace("\r\n", "\n");
        let SectionFile { package } = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.as_bytes().get(..at).unwrap_or_default();
            PackageError::Section {
                line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
                reason: error.message().chars().take(200).collect(),
            }
        })?;
        package.check()?;
        Ok(package)
    }

    /// The folder that everything is installed in.
    pub(crate) fn path(&self) -> String {
        self.path.clone().unwrap_or_else(|| format!("/opt/{}", self.name))
    }

    /// The name of the vendor, without the address.
    pub(crate) fn publisher(&self) -> &str {
        self.maintainer.split_once(" <").map_or(&self.maintainer, |(name, _)| name)
    }

    /// The folder that everything is installed in on Windows, below the one for programs.
    pub(crate) fn windows_folder(&self) -> String {
        self.windows.folder.as_ref().unwrap_or(&self.name).replace('/', "\\")
    }

    /// Everything here ends up in control files, scripts and file names, so each value has a form
    /// that needs no quoting in any of them.
    fn check(&self) -> Result<(), PackageError> {
        check("id", &self.id, is_app_id(&self.id) && self.id.len() <= MAX_ID_BYTES)?;
        check("name", &self.name, is_package_name(&self.name))?;
        check("version", &self.version, is_version(&self.version))?;
        check("maintainer", &self.maintainer, is_maintainer(&self.maintainer))?;
        if let Some(homepage) = &self.homepage {
            check("homepage", homepage, is_address(homepage))?;
        }
        let path = self.path();
        let is_own = path.rsplit('/').next() == Some(self.name.as_str());
        check("path", &path, is_own && is_install_path(&path))?;
        check("icon", &self.icon, is_file_name(&self.icon))?;
        let Windows { folder, icon, webview2, certificate, timestamp } = &self.windows;
        if let Some(folder) = folder {
            check("windows.folder", folder, is_windows_folder(folder))?;
        }
        if let Some(icon) = icon {
            check("windows.icon", icon, is_file_name(icon) && icon.ends_with(".ico"))?;
        }
        if let Some(name) = webview2 {
            check("windows.webview2", name, is_file_name(name))?;
        }
        if let Some(path) = certificate {
            check("windows.certificate", path, is_line(path, 1_000))?;
        }
        if let Some(timestamp) = timestamp {
            check("windows.timestamp", timestamp, is_address(timestamp))?;
        }
        self.menu.check("menu")?;
        self.summary.check("summary")?;
        let is_paragraphs = self.description.len() <= 4_000
            && self.description.chars().all(|c| c == '\n' || !c.is_control());
        check("description", &self.description, is_paragraphs)
    }
}

fn check(field: &'static str, found: &str, is_valid: bool) -> Result<(), PackageError> {
    let shortened = || found.chars().filter(|c| !c.is_control()).take(60).collect();
    is_valid.then_some(()).ok_or_else(|| PackageError::Value { field, found: shortened() })
}

/// A line of text without signs that could end it, at most this many characters long.
fn is_line(text: &str, most: usize) -> bool {
    let count = text.chars().count();
    (1..=most).contains(&count) && text.trim() == text && !text.chars().any(is_unfit)
}

fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Control characters, and line separators that aren't.
fn is_unfit(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// Debian's rule for names of packages (Policy, section 5.6.1), which RPM's includes, without a
/// dot and a plus.
fn is_package_name(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// What is an upstream version in Debian's (Policy, section 5.6.12) and RPM's packages alike.
fn is_version(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte))
}

/// `Name <address>`.
fn is_maintainer(text: &str) -> bool {
    let parts = text.strip_suffix('>').and_then(|text| text.split_once(" <"));
    parts.is_some_and(|(name, address)| {
        let is_address = address.contains('@')
            && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
        is_line(name, 80) && !name.contains(['<', '>']) && is_address && address.len() <= 100
    })
}

/// A folder below `/opt`, `/usr/lib` or `/usr/local/lib`.
fn is_install_path(text: &str) -> bool {
    let parents = ["/opt/", "/usr/lib/", "/usr/local/lib/"];
    let below = parents.iter().find_map(|parent| text.strip_prefix(parent));
    let is_part = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !part.is_empty() && part.bytes().all(is_plain) && !part.starts_with('.')
    };
    text.len() <= 60 && below.is_some_and(|below| below.split('/').all(is_part))
}

/// A folder of at most three parts, such as `Acme/CAD licence`.
fn is_windows_folder(text: &str) -> bool {
    text.len() <= 60 && text.matches('/').count() <= 2 && latchkey_archive::is_safe(text)
}

/// The name of a file in the kit.
pub(crate) fn is_file_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=60).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('.')
}
