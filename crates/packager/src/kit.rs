//! Reads what a package needs of a kit.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use latchkey_archive::{MAX_FILES, is_safe};
use latchkey_config::{
    CONFIG_NAMES, Config, ConfigError, PictureKind, Scope, decode_config, picture_kind,
};
use latchkey_files::reason;

use crate::error::PackageError;
use crate::icon;
use crate::pictures::Pictures;
use crate::section::{MAX_SECTION_BYTES, SECTION, Section, is_file_name};

/// The maximum size of the icon. The configuration's own limit for a logo is the same.
const MAX_PICTURE_BYTES: u64 = 512 * 1024;

/// The configuration's field for the logo.
pub(crate) const LOGO: &str = "look.logo";

/// A kit with the section that a package needs.
pub(crate) struct Kit {
    pub(crate) section: Section,
    /// The text of the configuration, with the application's id.
    pub(crate) config: String,
    /// The name and the content of the logo.
    pub(crate) logo: Option<(String, Vec<u8>)>,
    pub(crate) icon: Icon,
    /// What is licensed, for people.
    pub(crate) product_name: String,
    /// The texts that are missing in a language of the product.
    pub(crate) untranslated: Vec<PackageError>,
    /// Whether the licence is the computer's, and not a user's.
    pub(crate) is_machine: bool,
    /// The icon's pictures in all sizes.
    pub(crate) pictures: Pictures,
    /// The icon of the programs and the installer for Windows.
    pub(crate) windows_icon: Vec<u8>,
    /// The WebView2 runtime for the installer for Windows.
    pub(crate) webview2: Option<WebView2>,
}

/// Microsoft's WebView2 runtime. It may be larger than everything else, so it isn't kept in memory.
pub(crate) enum WebView2 {
    /// An installer that needs no connection.
    Installer(PathBuf),
    /// The files of a fixed version, by their names below its folder.
    Fixed(Vec<(String, PathBuf)>),
}

/// The icon of the package, as it is in the kit.
pub(crate) struct Icon {
    pub(crate) content: Vec<u8>,
    pub(crate) kind: PictureKind,
}

/// Reads a kit.
pub(crate) fn read(folder: &Path) -> Result<Kit, PackageError> {
    let config_path = folder.join(CONFIG_NAMES[0]);
    let mut config = Config::load(&config_path)?;
    let section_path = folder.join(SECTION);
    let section = match read_bounded(&section_path, MAX_SECTION_BYTES) {
        Err(PackageError::NotRead { path, reason: "missing" }) => {
            return Err(PackageError::SectionMissing { path });
        }
        other => other?,
    };
    let section = decode_config(&section).map_err(|error| PackageError::Section {
        line: if let ConfigError::NotText { line } = error { line } else { 1 },
        reason: error.to_string(),
    })?;
    let section = Section::parse(&section)?;
    let is_machine = config.profile.store.scope == Scope::Machine;
    let icon_path = folder.join(&section.icon);
    let icon = picture(&icon_path)?;
    let pictures = Pictures::draw(&icon_path, icon.kind, &icon.content)?;
    let logo = match config.look.logo.take() {
        None => None,
        Some(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // The end keeps it apart from everything else in the package.
            if !is_file_name(&name) || !(name.ends_with(".svg") || name.ends_with(".png")) {
                return Err(PackageError::Value { field: LOGO, found: name });
            }
            let Icon { content, .. } = picture(&path)?;
            // The wizard looks for it beside the configuration.
            config.look.logo = Some(name.clone().into());
            Some((name, content))
        }
    };
    let windows_icon = match &section.windows.icon {
        Some(name) => windows_icon(&folder.join(name))?,
        None => icon::of_windows(&pictures)
            .ok_or_else(|| PackageError::Picture { path: icon_path.clone() })?,
    };
    let webview2 = match &section.windows.webview2 {
        Some(name) => Some(webview2(&folder.join(name))?),
        None => None,
    };
    let offered = &config.look.languages;
    let untranslated = [("menu", &section.menu), ("summary", &section.summary)]
        .into_iter()
        .flat_map(|(field, texts)| {
            let missing = offered.iter().filter(|language| !texts.has_language(language));
            missing.map(move |language| PackageError::Untranslated {
                field,
                language: language.clone(),
            })
        })
        .collect();
    config.app_id = Some(section.id.clone());
    let product_name = config.profile.product_name.clone();
    // Without the comments, which are for the person who edits a kit.
    let config = config.to_toml();
    let lines = config.lines().filter(|line| !line.starts_with('#'));
    let config = lines.fold(String::new(), |text, line| text + line + "\n");
    Ok(Kit {
        config: config.trim_start().to_owned(),
        section,
        logo,
        icon,
        product_name,
        untranslated,
        is_machine,
        pictures,
        windows_icon,
        webview2,
    })
}

fn windows_icon(path: &Path) -> Result<Vec<u8>, PackageError> {
    let content = read_bounded(path, MAX_PICTURE_BYTES)?;
    if icon::is_of_windows(&content) {
        Ok(content)
    } else {
        Err(PackageError::Picture { path: path.to_owned() })
    }
}

fn webview2(path: &Path) -> Result<WebView2, PackageError> {
    let none = || PackageError::WebView2 { path: path.to_owned() };
    if !path.is_dir() {
        let mut start = Vec::new();
        let file = latchkey_files::open_named(path).map_err(|fault| PackageError::NotRead {
            path: path.to_owned(),
            reason: reason(&std::io::Error::from(fault)),
        })?;
        let read = file.take(2).read_to_end(&mut start);
        return match (read, path.extension()) {
            (Ok(2), Some(end)) if end == "exe" && start == b"MZ" => {
                Ok(WebView2::Installer(path.to_owned()))
            }
            _ => Err(none()),
        };
    }
    let mut files = Vec::new();
    files_below(path, "", &mut files)?;
    files.sort();
    let is_complete = files.iter().any(|(name, _)| name == "msedgewebview2.exe");
    if is_complete { Ok(WebView2::Fixed(files)) } else { Err(none()) }
}

/// Collects the files of a folder, by their names below it.
fn files_below(
    folder: &Path,
    below: &str,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), PackageError> {
    let not_read = |error: &std::io::Error| PackageError::NotRead {
        path: folder.to_owned(),
        reason: reason(error),
    };
    for entry in folder.read_dir().map_err(|error| not_read(&error))? {
        let entry = entry.map_err(|error| not_read(&error))?;
        let kind = entry.file_type().map_err(|error| not_read(&error))?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if !is_safe(&name) || kind.is_symlink() {
            return Err(PackageError::Value { field: "windows.webview2", found: name });
        }
        if kind.is_dir() {
            files_below(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
        if files.len() > MAX_FILES {
            return Err(PackageError::TooLarge { file: folder.display().to_string() });
        }
    }
    Ok(())
}

fn picture(path: &Path) -> Result<Icon, PackageError> {
    let content = read_bounded(path, MAX_PICTURE_BYTES)?;
    match picture_kind(path, &content) {
        Some(kind) => Ok(Icon { content, kind }),
        None => Err(PackageError::Picture { path: path.to_owned() }),
    }
}

/// Reads a regular file of at most this size.
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, PackageError> {
    let not_read = |reason: &'static str| PackageError::NotRead { path: path.to_owned(), reason };
    let file = latchkey_files::open_named(path).map_err(|fault| {
        let error = std::io::Error::from(fault);
        not_read(if path.is_dir() { "folder" } else { reason(&error) })
    })?;
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| not_read(reason(&error)))?;
    if bytes.len() as u64 > most {
        return Err(PackageError::TooLarge { file: path.display().to_string() });
    }
    Ok(bytes)
}
