//! A vendor's own packages of the wizard and the command line: made from a prebuilt archive of a
//! release, the kit of a product, and the section `[package]` in `package.toml` beside it. No
//! compiler and no network is needed, and everything in a package is the vendor's, except for the
//! licences.
//!
//! All packages are made in memory. They are written only when all of them are complete, aside
//! first, so that an error leaves nothing half-made.

mod archives;
mod deb;
mod desktop;
mod error;
mod icon;
mod installed;
mod kit;
mod macos;
mod output_folder;
mod package;
mod pictures;
mod resources;
mod rpm;
mod section;
mod signing;
#[cfg(test)]
mod tests;
mod windows;

use std::path::{Path, PathBuf};

use latchkey_archive::{Container, Files, NEVER_RUN, Platform, gzip, tar, zip};

pub use error::{PackageError, codes};
pub use section::{MAX_SECTION_BYTES, SECTION};
pub use signing::Signing;

use package::{Package, Requirements};
use section::OnRemoval;

/// What packages are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The folder with `latchkey.toml`, `package.toml`, and the pictures that they name.
    pub kit: &'a Path,
    /// The folder with the archives and `SHA256SUMS`.
    pub archives: &'a Path,
    /// The releaser's public key, if the list of digests has to be signed with it.
    pub release_key: Option<&'a str>,
    /// Whether an installer for Windows is made, which needs the program `makensis`.
    pub with_installer: bool,
    /// How programs for Windows are signed.
    pub signing: Signing<'a>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The product's name.
    pub product: String,
    /// The packages.
    pub files: Vec<PathBuf>,
    /// What the vendor should know: [`PackageError::Unsigned`], [`PackageError::NoWizard`],
    /// [`PackageError::NeverRun`] and [`PackageError::Untranslated`].
    pub warnings: Vec<PackageError>,
}

/// Makes all packages that the archives allow: for each Linux a `.deb`, a `.rpm` and a portable
/// `.tar.gz`, for Windows an installer and a portable `.zip`, and for macOS a portable `.tar.gz`.
/// An archive without a wizard is left out with a warning, unless it is the only one.
///
/// # Errors
/// Nothing has been written if any of these is returned:
///
/// - The kit: [`PackageError::Config`], [`PackageError::SectionMissing`],
///   [`PackageError::Section`], [`PackageError::Value`], [`PackageError::Picture`],
///   [`PackageError::IconNotDrawn`], [`PackageError::IconElement`], [`PackageError::IconSize`],
///   [`PackageError::WebView2`], and [`PackageError::Removal`] for a package that can't return the
///   licence.
/// - The archives: [`PackageError::NoArchive`], [`PackageError::Several`] for one platform,
///   [`PackageError::ReleaseKey`], [`PackageError::Signature`], [`PackageError::NotListed`],
///   [`PackageError::Altered`], [`PackageError::Archive`], [`PackageError::Incomplete`],
///   [`PackageError::WrongArchitecture`], [`PackageError::Resources`], and
///   [`PackageError::NoWizard`] if none has one.
/// - Either of them: [`PackageError::NotRead`] and [`PackageError::TooLarge`].
/// - Programs for Windows: [`PackageError::NoMakensis`] and [`PackageError::Installer`] if there is
///   no installer; [`PackageError::NoCertificate`], [`PackageError::NoOsslsigncode`] and
///   [`PackageError::NotSigned`] if they can't be signed.
/// - The packages: [`PackageError::Exists`] and [`PackageError::NotWritten`].
pub fn write(sources: Sources<'_>, out: &Path) -> Result<Written, PackageError> {
    let kit = kit::read(sources.kit)?;
    let archives = archives::find(sources.archives, sources.release_key)?;
    // The machine that makes packages for Linux needn't have the certificate.
    let signer = match archives.iter().any(|found| found.platform.is_windows()) {
        true => signing::Signer::new(sources.signing, &kit.section, sources.kit)?,
        false => None,
    };
    let builder = PackageBuilder { kit: &kit, signer, with_installer: sources.with_installer };
    let out = output_folder::OutputFolder::open(out)?;
    let mut packages = Vec::new();
    let mut left_out = Vec::new();
    let mut never_run = Vec::new();
    for found in archives {
        let archive = found.read()?;
        match builder.of_platform(&archive) {
            Err(error @ PackageError::NoWizard { .. }) => left_out.push(error),
            made => packages.extend(made?),
        }
        if archive.files.contains_key(NEVER_RUN) {
            never_run.push(PackageError::NeverRun { file: archive.file });
        }
    }
    if packages.is_empty() && !left_out.is_empty() {
        return Err(left_out.remove(0));
    }
    let unsigned = sources.release_key.is_none().then_some(PackageError::Unsigned);
    let untranslated = kit.untranslated.iter().cloned();
    let warnings =
        unsigned.into_iter().chain(left_out).chain(never_run).chain(untranslated).collect();
    let files = out.write(packages)?;
    Ok(Written { product: kit.product_name, files, warnings })
}

/// Reads the file with a releaser's public key.
///
/// # Errors
/// [`PackageError::NotRead`], [`PackageError::TooLarge`] or [`PackageError::ReleaseKey`].
pub fn read_release_key(path: &Path) -> Result<String, PackageError> {
    let bytes = kit::read_bounded(path, 4 * 1024)?;
    String::from_utf8(bytes).map_err(|_| PackageError::ReleaseKey)
}

/// What all packages have in common.
struct PackageBuilder<'a> {
    kit: &'a kit::Kit,
    signer: Option<signing::Signer>,
    with_installer: bool,
}

impl PackageBuilder<'_> {
    fn of_platform(
        &self,
        archive: &archives::ArchiveContents,
    ) -> Result<Vec<Package>, PackageError> {
        let Self { kit, signer, with_installer } = self;
        let section = &kit.section;
        let (name, version, platform) = (&section.name, &section.version, archive.platform);
        let mut programs = installed::programs(kit, archive)?;
        if platform.is_windows() {
            for (name, entry) in programs.iter_mut().filter(|(_, entry)| entry.is_program) {
                entry.content = resources::replace(kit, name, &entry.content)?;
            }
        }
        if let Some(signer) = signer.as_ref().filter(|_| platform.is_windows()) {
            for (name, entry) in &mut programs {
                if entry.is_program {
                    entry.content = signer.sign(name, &entry.content)?;
                }
            }
        }
        let folder = format!("{name}-{version}-{}", platform.name());
        let portable: Files = programs
            .iter()
            .map(|(file, entry)| (format!("{folder}/{file}"), entry.clone()))
            .collect();
        let too_large = |_| PackageError::TooLarge { file: folder.clone() };
        let portable = match platform.container() {
            Container::TarGz => Package {
                name: format!("{folder}.tar.gz"),
                bytes: tar(&portable, "", archive.time)
                    .and_then(|tar| gzip(&tar))
                    .map_err(too_large)?,
            },
            Container::Zip => {
                Package { name: format!("{folder}.zip"), bytes: zip(&portable).map_err(too_large)? }
            }
        };
        let mut packages = vec![portable];
        if platform.is_windows() && *with_installer {
            packages.push(Package {
                name: format!("{folder}.exe"),
                bytes: windows::installer(kit, &programs, signer.as_ref(), archive.time)?,
            });
        }
        if platform.is_macos() {
            let files = macos::files(kit, programs);
            let folder = [folder.as_str(), "-app"].concat();
            let files: Files = files
                .into_iter()
                .map(|(name, entry)| (format!("{folder}/{name}"), entry))
                .collect();
            let packed = tar(&files, "", archive.time).and_then(|tar| gzip(&tar));
            packages.push(Package {
                name: format!("{folder}.tar.gz"),
                bytes: packed.map_err(too_large)?,
            });
            return Ok(packages);
        }
        if let Some((of_debian, of_rpm)) = architectures(platform) {
            // Such a package is removed by the administrator, who can't reach the users' licences.
            if section.on_removal == OnRemoval::Deactivate && !kit.is_machine {
                return Err(PackageError::Removal);
            }
            let needed = Requirements { glibc: deb::glibc(&programs) };
            let files = installed::with_desktop_files(kit, programs);
            packages.push(Package {
                name: format!("{name}_{version}_{of_debian}.deb"),
                bytes: deb::write(kit, &files, &needed, of_debian, archive.time)
                    .map_err(too_large)?,
            });
            packages.push(Package {
                name: format!("{name}-{version}-{}.{of_rpm}.rpm", rpm::RELEASE),
                bytes: rpm::write(kit, &files, &needed, of_rpm, archive.time).map_err(too_large)?,
            });
        }
        Ok(packages)
    }
}

/// The names of a platform's processor in packages for Debian, and in those of RPM.
const fn architectures(platform: Platform) -> Option<(&'static str, &'static str)> {
    match platform {
        Platform::LinuxX86_64 => Some(("amd64", "x86_64")),
        Platform::LinuxAarch64 => Some(("arm64", "aarch64")),
        _ => None,
    }
}
