//! Writes finished packages: aside first, and under their names only when all of them are there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use latchkey_files::{reason, sync_opened_folder};
use tempfile::NamedTempFile;

use crate::error::PackageError;
use crate::package::Package;

/// The folder for the packages. Folders that were made for it are removed again if they are empty
/// in the end.
pub(crate) struct OutputFolder<'a> {
    folder: &'a Path,
    /// The folders that were missing, the innermost first.
    made: Vec<PathBuf>,
}

fn not_written(path: &Path, error: &io::Error) -> PackageError {
    PackageError::NotWritten { path: path.to_owned(), reason: reason(error) }
}

/// A new file in the folder. Other users may be allowed to write there, so its name is
/// random, and it is never a file that exists.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".package.");
    // The umask decides, as for each new file. Otherwise only the owner could read a package.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

impl<'a> OutputFolder<'a> {
    /// Checks that the folder can be written, before any work is done. Creates it if it is missing.
    pub(crate) fn open(folder: &'a Path) -> Result<Self, PackageError> {
        let missing = folder.ancestors().take_while(|folder| {
            !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err()
        });
        let out = Self { folder, made: missing.map(Path::to_owned).collect() };
        let can_be_written = fs::create_dir_all(folder).and_then(|()| new_file(folder).map(drop));
        can_be_written.map_err(|error| not_written(folder, &error))?;
        Ok(out)
    }

    /// Writes packages that don't exist yet, and returns their paths.
    pub(crate) fn write(&self, packages: Vec<Package>) -> Result<Vec<PathBuf>, PackageError> {
        let path = |package: &Package| self.folder.join(&package.name);
        let exists = |path: &Path| path.symlink_metadata().is_ok();
        if let Some(path) = packages.iter().map(path).find(|path| exists(path)) {
            return Err(PackageError::Exists { path });
        }
        let mut aside = Vec::new();
        for package in packages {
            let path = path(&package);
            let written = new_file(self.folder).and_then(|mut file| {
                file.write_all(&package.bytes)?;
                file.as_file().sync_all()?;
                Ok(file)
            });
            aside.push((written.map_err(|error| not_written(&path, &error))?, path));
        }
        let mut finished = Vec::new();
        let named = self.name(aside, &mut finished);
        if named.is_err() {
            for path in &finished {
                let _ = fs::remove_file(path);
            }
        }
        named.map(|()| finished)
    }

    fn name(
        &self,
        aside: Vec<(NamedTempFile, PathBuf)>,
        finished: &mut Vec<PathBuf>,
    ) -> Result<(), PackageError> {
        for (file, path) in aside {
            // A file that has been put there since is not replaced either.
            file.persist_noclobber(&path).map_err(|failed| match failed.error.kind() {
                io::ErrorKind::AlreadyExists => PackageError::Exists { path: path.clone() },
                _ => not_written(&path, &failed.error),
            })?;
            finished.push(path);
        }
        // If folders can't be opened, naming the files is enough.
        let synced = File::open(self.folder).map_or(Ok(()), |folder| sync_opened_folder(&folder));
        synced.map_err(|error| not_written(self.folder, &error))
    }
}

impl Drop for OutputFolder<'_> {
    fn drop(&mut self) {
        // A folder that has packages isn't removed by this.
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}
