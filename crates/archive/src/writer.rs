//! Writes archives: the files in the order of their names, all with the same time and owner.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};

use crate::{Container, Files, Platform};

/// Writes the archive of a platform. `time` is in seconds of the Unix epoch.
///
/// # Errors
/// Returns an [`io::Error`] if a name is too long or a file is too large for the container.
pub fn write(platform: Platform, version: &str, files: &Files, time: u64) -> io::Result<Vec<u8>> {
    let folder = platform.archive_folder(version);
    let files =
        files.iter().map(|(name, entry)| (format!("{folder}/{name}"), entry.clone())).collect();
    match platform.container() {
        Container::TarGz => gzip(&tar(&files, "", time)?),
        Container::Zip => zip(&files),
    }
}

/// Writes a tar archive (POSIX.1-1988, “ustar”) with the folders of the files. Names begin with
/// `prefix`.
///
/// # Errors
/// As [`write`].
pub fn tar(files: &Files, prefix: &str, time: u64) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |name: &str, kind, mode, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_path(name)?;
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        // The library removes the “./” that Debian's tools expect at the beginning of a name.
        if let Some(ustar) = header.as_ustar_mut()
            && !prefix.is_empty()
        {
            let name = [prefix.as_bytes(), name.as_bytes()].concat();
            if name.len() <= ustar.name.len() {
                ustar.name = [0; 100];
                ustar.name[..name.len()].copy_from_slice(&name);
                ustar.prefix = [0; 155];
            }
        }
        header.set_cksum();
        archive.append(&header, content)
    };
    let mut folders = BTreeSet::new();
    for name in files.keys() {
        folders.extend(name.match_indices('/').map(|(at, _)| &name[..=at]));
    }
    let folders = folders.into_iter().map(|folder| (folder, None));
    let mut entries: Vec<_> = folders.collect();
    entries.extend(files.iter().map(|(name, entry)| (name.as_str(), Some(entry))));
    entries.sort_by_key(|(name, _)| *name);
    for (name, entry) in entries {
        match entry {
            Some(entry) => {
                append(name, tar::EntryType::Regular, entry.mode(), &entry.content)?;
            }
            None => append(name, tar::EntryType::Directory, 0o755, &[])?,
        }
    }
    archive.into_inner()
}

/// Compresses with gzip (RFC 1952), without time and system.
///
/// # Errors
/// As [`write`].
pub fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    const UNKNOWN_SYSTEM: u8 = 255;
    let builder = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
    let mut encoder = builder.write(Vec::new(), Compression::new(6));
    encoder.write_all(content)?;
    encoder.finish()
}

/// Writes a zip archive. Its times are the earliest that the format has.
///
/// # Errors
/// As [`write`].
pub fn zip(files: &Files) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, entry) in files {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(entry.mode());
        archive.start_file(name.as_str(), options)?;
        archive.write_all(&entry.content)?;
    }
    Ok(archive.finish()?.into_inner())
}
