//! Signatures of programs for Windows (Authenticode), made by the program `osslsigncode`. The
//! passphrase of the vendor's key stays in the file that it is in: an argument would be in the list
//! of processes.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use latchkey_files::reason;

use crate::error::PackageError;
use crate::section::Section;

/// The vendor's key for signing programs.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'a> {
    /// The file with the certificate and its key (PKCS #12). `None` for the one that `package.toml`
    /// names.
    pub certificate: Option<&'a Path>,
    /// The file with its passphrase, if it has one.
    pub passphrase: Option<&'a Path>,
}

/// Signs programs with the name of a product.
pub(crate) struct Signer {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

impl Signer {
    /// The signer for a product, if a certificate is named. `kit` is the folder of `package.toml`.
    pub(crate) fn new(
        signing: Signing<'_>,
        section: &Section,
        kit: &Path,
    ) -> Result<Option<Self>, PackageError> {
        let of_kit = section.windows.certificate.as_ref().map(|name| kit.join(name));
        let Some(certificate) = signing.certificate.map(Path::to_owned).or(of_kit) else {
            return match signing.passphrase {
                Some(_) => Err(PackageError::NoCertificate),
                None => Ok(None),
            };
        };
        let mut arguments: Vec<OsString> =
            ["sign", "-h", "sha256", "-pkcs12"].map(OsString::from).into();
        arguments.push(to_absolute(&certificate)?.into());
        if let Some(passphrase) = signing.passphrase {
            arguments.push("-readpass".into());
            arguments.push(to_absolute(passphrase)?.into());
        }
        arguments.extend(["-n", section.menu.english()].map(OsString::from));
        if let Some(homepage) = &section.homepage {
            arguments.extend(["-i", homepage].map(OsString::from));
        }
        if let Some(timestamp) = &section.windows.timestamp {
            arguments.extend(["-ts", timestamp].map(OsString::from));
        }
        Ok(Some(Self { program: "osslsigncode".into(), arguments }))
    }

    /// The signed program.
    pub(crate) fn sign(&self, name: &str, program: &[u8]) -> Result<Vec<u8>, PackageError> {
        let not_written = |error: &io::Error| PackageError::NotWritten {
            path: std::env::temp_dir(),
            reason: reason(error),
        };
        let folder = tempfile::tempdir().map_err(|error| not_written(&error))?;
        let [unsigned, signed] =
            ["unsigned.exe", "signed.exe"].map(|name| folder.path().join(name));
        fs::write(&unsigned, program).map_err(|error| not_written(&error))?;
        let done = Command::new(&self.program)
            .args(&self.arguments)
            .args(["-in".as_ref(), unsigned.as_os_str(), "-out".as_ref(), signed.as_os_str()])
            .stdin(Stdio::null())
            .output();
        let not_signed = |reason: String| PackageError::NotSigned { file: name.to_owned(), reason };
        let done = done.map_err(|error| match error.kind() {
            ErrorKind::NotFound => PackageError::NoOsslsigncode,
            _ => not_signed(error.to_string()),
        })?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            let said = said.lines().map(str::trim).find(|line| !line.is_empty());
            let said = said.map_or_else(|| done.status.to_string(), str::to_owned);
            return Err(not_signed(said.chars().filter(|c| !c.is_control()).take(200).collect()));
        }
        fs::read(&signed).map_err(|error| not_signed(error.to_string()))
    }
}

fn to_absolute(path: &Path) -> Result<PathBuf, PackageError> {
    let file = latchkey_files::open_named(path).map_err(io::Error::from);
    let found = file.and_then(|_| std::path::absolute(path));
    found.map_err(|error| PackageError::NotRead { path: path.to_owned(), reason: reason(&error) })
}
