//! Why no package is made.

use std::path::PathBuf;

use latchkey_config::ConfigError;
use latchkey_issuer::ClassifiedError;
use latchkey_token::HasErrorCode;
use thiserror::Error;

// The sentences are in `server.ftl`.
latchkey_token::error_codes! {
    #[cfg(test)]
    SECTION_MISSING = "package.section_missing", 6050;
    SECTION = "package.section", 6051;
    VALUE = "package.value", 6052;
    NOT_READ = "package.not_read", 6053;
    TOO_LARGE = "package.too_large", 6054;
    PICTURE = "package.picture", 6055;
    NO_ARCHIVE = "package.no_archive", 6056;
    NOT_LISTED = "package.not_listed", 6057;
    ALTERED = "package.altered", 6058;
    SIGNATURE = "package.signature", 6059;
    ARCHIVE = "package.archive", 6060;
    INCOMPLETE = "package.incomplete", 6061;
    WRONG_ARCHITECTURE = "package.wrong_architecture", 6062;
    EXISTS = "package.exists", 6063;
    NOT_WRITTEN = "package.not_written", 6064;
    RELEASE_KEY = "package.release_key", 6065;
    REMOVAL = "package.removal", 6066;
    NO_WIZARD = "package.no_wizard", 6067;
    UNSIGNED = "package.unsigned", 6068;
    SEVERAL = "package.several", 6069;
    NO_MAKENSIS = "package.no_makensis", 6070;
    INSTALLER = "package.installer", 6071;
    WEBVIEW2 = "package.webview2", 6072;
    NO_OSSLSIGNCODE = "package.no_osslsigncode", 6073;
    NOT_SIGNED = "package.not_signed", 6074;
    NO_CERTIFICATE = "package.no_certificate", 6075;
    UNTRANSLATED = "package.untranslated", 6076;
    ICON_NOT_DRAWN = "package.icon_not_drawn", 6077;
    ICON_ELEMENT = "package.icon_element", 6078;
    ICON_SIZE = "package.icon_size", 6079;
    RESOURCES = "package.resources", 6080;
    NEVER_RUN = "package.never_run", 6081;
}

/// No package is made.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(InvalidInput)]
pub enum PackageError {
    /// The configuration in the kit can't be used.
    #[code(transparent)]
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The kit has no `package.toml`.
    #[code(codes::SECTION_MISSING)]
    #[error("{} doesn't exist", path.display())]
    SectionMissing {
        /// The file.
        path: PathBuf,
    },
    /// `package.toml` isn't TOML, or has another structure.
    #[code(codes::SECTION)]
    #[error("package.toml, line {line}: {reason}")]
    Section {
        /// The number of the line, from 1.
        line: usize,
        /// The parser's reason.
        reason: String,
    },
    /// A value of `package.toml` can't be in a package.
    #[code(codes::VALUE)]
    #[error("package.toml: {field} can't be “{found}”")]
    Value {
        /// The field.
        field: &'static str,
        /// The value, shortened.
        found: String,
    },
    /// The licence is to be returned when a package for Linux is removed, but it isn't the
    /// computer's.
    #[code(codes::REMOVAL)]
    #[error("package.toml: on_removal needs the scope “machine”")]
    Removal,
    /// A file or folder can't be read.
    #[code(codes::NOT_READ)]
    #[error("{} can't be read: {reason}", path.display())]
    NotRead {
        /// The file or folder.
        path: PathBuf,
        /// The catalogue's word for the cause.
        reason: &'static str,
    },
    /// A file is larger than any that is needed.
    #[code(codes::TOO_LARGE)]
    #[error("{file} is too large")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// The icon or the logo is neither SVG nor PNG.
    #[code(codes::PICTURE)]
    #[error("{} is neither SVG nor PNG", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
    },
    /// The icon is damaged, or too complex.
    #[code(codes::ICON_NOT_DRAWN)]
    #[error("{} can't be drawn: {reason}", path.display())]
    IconNotDrawn {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, shortened.
        reason: String,
    },
    /// The icon is an SVG picture with an element that isn't drawn.
    #[code(codes::ICON_ELEMENT)]
    #[error("{} has an element “{element}”", path.display())]
    IconElement {
        /// The file.
        path: PathBuf,
        /// The element's name.
        element: String,
    },
    /// The icon is a PNG picture that is too small or too large.
    #[code(codes::ICON_SIZE)]
    #[error("{} has {width} × {height} pixels", path.display())]
    IconSize {
        /// The file.
        path: PathBuf,
        /// The picture's width in pixels.
        width: u32,
        /// The picture's height in pixels.
        height: u32,
    },
    /// What is named as the WebView2 runtime is neither a program nor a folder with one.
    #[code(codes::WEBVIEW2)]
    #[error("{} is not a WebView2 runtime", path.display())]
    WebView2 {
        /// The file or folder.
        path: PathBuf,
    },
    /// The installer for Windows can't be made, because `makensis` isn't there.
    #[code(codes::NO_MAKENSIS)]
    #[class(Internal)]
    #[error("makensis can't be found")]
    NoMakensis,
    /// `makensis` doesn't make the installer for Windows.
    #[code(codes::INSTALLER)]
    #[class(Internal)]
    #[error("makensis fails: {reason}")]
    Installer {
        /// What it says, shortened.
        reason: String,
    },
    /// The programs for Windows can't be signed, because `osslsigncode` isn't there.
    #[code(codes::NO_OSSLSIGNCODE)]
    #[class(Internal)]
    #[error("osslsigncode can't be found")]
    NoOsslsigncode,
    /// `osslsigncode` doesn't sign a program.
    #[code(codes::NOT_SIGNED)]
    #[class(Internal)]
    #[error("{file} isn't signed: {reason}")]
    NotSigned {
        /// The program.
        file: String,
        /// What it says, shortened.
        reason: String,
    },
    /// There is a passphrase, but nothing names its certificate.
    #[code(codes::NO_CERTIFICATE)]
    #[error("a passphrase without a certificate")]
    NoCertificate,
    /// The folder has no archive of a release.
    #[code(codes::NO_ARCHIVE)]
    #[error("there is no archive in {}", path.display())]
    NoArchive {
        /// The folder.
        path: PathBuf,
    },
    /// There is no list of digests, or it doesn't name an archive.
    #[code(codes::NOT_LISTED)]
    #[error("SHA256SUMS doesn't list {file}")]
    NotListed {
        /// The archive.
        file: String,
    },
    /// An archive has another digest than the list says.
    #[code(codes::ALTERED)]
    #[class(RefusedToken)]
    #[error("{file} was altered")]
    Altered {
        /// The archive.
        file: String,
    },
    /// The list of digests isn't signed with the releaser's key.
    #[code(codes::SIGNATURE)]
    #[class(RefusedToken)]
    #[error("SHA256SUMS has no signature of this key")]
    Signature,
    /// The releaser's key isn't one.
    #[code(codes::RELEASE_KEY)]
    #[error("this isn't a public key of minisign")]
    ReleaseKey,
    /// An archive can't be read, or contains what no release contains.
    #[code(codes::ARCHIVE)]
    #[class(RefusedToken)]
    #[error("{file}: {reason} {found}")]
    Archive {
        /// The archive, or the list of digests.
        file: String,
        /// The catalogue's word for the cause.
        reason: &'static str,
        /// The entry or the number of the line that is the cause, if one is.
        found: String,
    },
    /// An archive lacks a file.
    #[code(codes::INCOMPLETE)]
    #[class(RefusedToken)]
    #[error("{file} lacks {lacks}")]
    Incomplete {
        /// The archive.
        file: String,
        /// What it lacks.
        lacks: String,
    },
    /// An archive has no wizard, so there is no package for its platform. It is a warning if there
    /// are packages for another one.
    #[code(codes::NO_WIZARD)]
    #[error("{file} has no wizard")]
    NoWizard {
        /// The archive.
        file: String,
    },
    /// A warning: nothing has shown who made the archives.
    #[code(codes::UNSIGNED)]
    #[error("no signature was checked")]
    Unsigned,
    /// A warning: the programs of an archive were only linked.
    #[code(codes::NEVER_RUN)]
    #[error("the programs in {file} have never been run")]
    NeverRun {
        /// The archive.
        file: String,
    },
    /// A warning: the product is offered in a language that a text of the package isn't in.
    #[code(codes::UNTRANSLATED)]
    #[error("package.toml: {field} isn't there in {language}")]
    Untranslated {
        /// The field.
        field: &'static str,
        /// The language.
        language: String,
    },
    /// Two archives are for the same platform.
    #[code(codes::SEVERAL)]
    #[error("{first} and {second} are for the same platform")]
    Several {
        /// The first archive.
        first: String,
        /// The second archive.
        second: String,
    },
    /// A program in an archive is for another platform than the archive's name says.
    #[code(codes::WRONG_ARCHITECTURE)]
    #[class(RefusedToken)]
    #[error("{program} in {file} is for another platform")]
    WrongArchitecture {
        /// The archive.
        file: String,
        /// The program.
        program: String,
    },
    /// A program for Windows has no version and icon that could be replaced by the vendor's.
    #[code(codes::RESOURCES)]
    #[class(RefusedToken)]
    #[error("the resources of {program} can't be replaced: {reason}")]
    Resources {
        /// The program.
        program: String,
        /// What is wrong with it, shortened.
        reason: String,
    },
    /// The folder has a package of this name already.
    #[code(codes::EXISTS)]
    #[class(Conflict)]
    #[error("{} exists", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A package can't be written.
    #[code(codes::NOT_WRITTEN)]
    #[class(Internal)]
    #[error("{} can't be written: {reason}", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// The catalogue's word for the cause.
        reason: &'static str,
    },
}

impl PackageError {
    pub(crate) fn archive(file: &str, error: &latchkey_archive::ArchiveError) -> Self {
        let (reason, found) = error.reason();
        Self::Archive { file: file.to_owned(), reason, found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_a_package_has_words() {
        for code in CODES {
            let id = code.name.replace('.', "-");
            assert_ne!(latchkey_i18n::text(&id, &[]), id, "{code} has no words");
        }
    }
}
