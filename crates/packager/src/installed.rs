//! The files that a package installs, all under the vendor's names.

use latchkey_archive::{Entry, Files};
use latchkey_config::{CONFIG_NAMES, PictureKind, WINDOW_ICON};

use crate::archives::ArchiveContents;
use crate::desktop;
use crate::error::PackageError;
use crate::kit::{Kit, LOGO};

/// The folder of the licences, in archives and in packages.
const LICENCES: &str = "licences/";
/// The wizard's program in an archive.
const WIZARD: &str = "latchkey-wizard";
/// The side of the largest picture that desktops look for, and of the one in the window's frame.
const MAX_DESKTOP_SIDE: u32 = 512;
const WINDOW_SIDE: u32 = 128;
/// What Windows' web view needs beside the wizard, if the archive has it.
const WEBVIEW_LOADER: &str = "WebView2Loader.dll";

/// The files of the installation folder: the wizard, the command line, their configuration, its
/// logo, and the licences.
pub(crate) fn programs(kit: &Kit, archive: &ArchiveContents) -> Result<Files, PackageError> {
    let suffix = archive.platform.program_suffix();
    let name = &kit.section.name;
    let mut files = Files::new();
    for (of_archive, own) in [(WIZARD, name.clone()), ("latchkey", [name, "-cli"].concat())] {
        let of_archive = format!("bin/{of_archive}{suffix}");
        let Some(program) = archive.files.get(&of_archive) else {
            return Err(match of_archive.contains(WIZARD) {
                true => PackageError::NoWizard { file: archive.file.clone() },
                false => incomplete_error(archive, &of_archive),
            });
        };
        if !archive.platform.runs(&program.content) {
            return Err(PackageError::WrongArchitecture {
                file: archive.file.clone(),
                program: of_archive,
            });
        }
        files.insert(format!("{own}{suffix}"), Entry::program(program.content.clone()));
    }
    if let Some(loader) = archive.files.get(&format!("bin/{WEBVIEW_LOADER}")) {
        files.insert(WEBVIEW_LOADER.to_owned(), loader.clone());
    }
    let licences = archive.files.iter().filter(|(name, _)| name.starts_with(LICENCES));
    let licences: Vec<_> = licences.map(|(name, file)| (name.clone(), file.clone())).collect();
    if licences.is_empty() {
        return Err(incomplete_error(archive, LICENCES));
    }
    files.extend(licences);
    // The second name, because the first one is ours.
    files.insert(CONFIG_NAMES[1].to_owned(), Entry::data(kit.config.clone()));
    let of_window = kit.pictures.png().find(|(side, _)| *side == WINDOW_SIDE);
    files.extend(of_window.map(|(_, png)| (WINDOW_ICON.to_owned(), Entry::data(png))));
    if let Some((name, content)) = &kit.logo {
        let replaced = files.insert(name.clone(), Entry::data(content.clone()));
        if replaced.is_some() {
            return Err(PackageError::Value { field: LOGO, found: name.clone() });
        }
    }
    Ok(files)
}

fn incomplete_error(archive: &ArchiveContents, lacks: &str) -> PackageError {
    PackageError::Incomplete { file: archive.file.clone(), lacks: lacks.to_owned() }
}

/// All files of a package for Linux: the installation folder, and what makes the wizard an
/// application of the desktop.
pub(crate) fn with_desktop_files(kit: &Kit, programs: Files) -> Files {
    let section = &kit.section;
    let (id, name, path) = (&section.id, &section.name, section.path());
    let folder = path.trim_start_matches('/');
    let mut files: Files =
        programs.into_iter().map(|(file, entry)| (format!("{folder}/{file}"), entry)).collect();
    let mut add_icon = |size: &str, end: &str, content: Vec<u8>| {
        let name = format!("usr/share/icons/hicolor/{size}/apps/{id}.{end}");
        files.insert(name, Entry::data(content));
    };
    if kit.icon.kind == PictureKind::Svg {
        add_icon("scalable", "svg", kit.icon.content.clone());
    }
    for (side, png) in kit.pictures.png().filter(|(side, _)| *side <= MAX_DESKTOP_SIDE) {
        add_icon(&format!("{side}x{side}"), "png", png.to_owned());
    }
    files.insert(
        format!("usr/share/applications/{id}.desktop"),
        Entry::data(desktop::application(section)),
    );
    if section.opens_tokens {
        files.insert(
            format!("usr/share/mime/packages/{name}.xml"),
            Entry::data(desktop::token_files(section)),
        );
    }
    files.insert(
        format!("usr/share/doc/{name}/copyright"),
        Entry::data(desktop::copyright(section)),
    );
    files
}
