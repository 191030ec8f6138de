//! Writes finished packages: aside first, and under their names only when all of them are there.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use latchkey_files::reason;

use crate::Package;
use crate::error::PackageError;

fn not_written(path: &Path, error: &io::Error) -> PackageError {
    PackageError::NotWritten { path: path.to_owned(), reason: reason(error) }
}

/// Checks that the folder can be written, before any work is done. Creates it if it is missing.
pub(crate) fn check(folder: &Path) -> Result<(), PackageError> {
    fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
    let probe = folder.join(".package.new");
    let written = fs::write(&probe, b"");
    let _ = fs::remove_file(&probe);
    written.map_err(|error| not_written(folder, &error))
}

/// Writes packages that don't exist yet, and returns their paths.
pub(crate) fn write(folder: &Path, packages: Vec<Package>) -> Result<Vec<PathBuf>, PackageError> {
    let paths: Vec<_> = packages.iter().map(|package| folder.join(&package.name)).collect();
    if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(PackageError::Exists { path: path.clone() });
    }
    let aside: Vec<_> =
        packages.iter().map(|package| folder.join(format!(".{}.new", package.name))).collect();
    let mut finished = Vec::new();
    let written =
        packages.iter().zip(&aside).zip(&paths).try_for_each(|((package, aside), path)| {
            let mut file = fs::File::create(aside).map_err(|error| not_written(path, &error))?;
            let flushed = file.write_all(&package.bytes).and_then(|()| file.sync_all());
            flushed.map_err(|error| not_written(path, &error))
        });
    let named = written.and_then(|()| {
        aside.iter().zip(&paths).try_for_each(|(aside, path)| {
            fs::rename(aside, path).map_err(|error| not_written(path, &error))?;
            finished.push(path.clone());
            Ok(())
        })
    });
    if named.is_err() {
        for path in aside.iter().chain(&finished) {
            let _ = fs::remove_file(path);
        }
    }
    named.map(|()| paths)
}
