//! Reads archives, which anybody may have altered or made.

use std::io::{Cursor, Read};

use crate::error::ArchiveError;
use crate::{
    Container, Content, Entry, Files, MAX_ARCHIVE_BYTES, MAX_CONTENT_BYTES, MAX_FILES, Platform,
    clash, is_safe,
};

/// Reads the archive of a platform and version.
///
/// # Errors
/// Returns [`ArchiveError::TooLarge`] before anything of that size is read,
/// [`ArchiveError::Foreign`] for an entry that isn't a plain file of the archive's folder, and
/// [`ArchiveError::Damaged`] if the bytes aren't an archive.
pub fn read(platform: Platform, version: &str, bytes: &[u8]) -> Result<Content, ArchiveError> {
    if bytes.len() as u64 > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLarge);
    }
    let mut collector = EntryCollector {
        folder: platform.archive_folder(version),
        left: MAX_CONTENT_BYTES,
        files: Files::new(),
    };
    let time = match platform.container() {
        Container::TarGz => collector.read_tar(bytes)?,
        Container::Zip => collector.read_zip(bytes)?,
    };
    match clash(&collector.files) {
        Some(name) => Err(ArchiveError::foreign(name.as_bytes())),
        None => Ok(Content { files: collector.files, time }),
    }
}

struct EntryCollector {
    folder: String,
    /// How many bytes may follow.
    left: u64,
    files: Files,
}

impl EntryCollector {
    fn read_tar(&mut self, bytes: &[u8]) -> Result<u64, ArchiveError> {
        // Each entry has a header, and is filled up to a whole number of blocks.
        let overhead = (MAX_FILES as u64 + 2) * 2 * 1024;
        let unpacked = flate2::read::GzDecoder::new(bytes).take(MAX_CONTENT_BYTES + overhead);
        let mut archive = tar::Archive::new(unpacked);
        let mut latest = 0;
        let mut count = 0;
        // Extensions of the format are entries of their own kinds here, and refused like them.
        for entry in archive.entries().map_err(|_| ArchiveError::Damaged)?.raw(true) {
            let mut entry = entry.map_err(|_| ArchiveError::Damaged)?;
            count += 1;
            if count > MAX_FILES {
                return Err(ArchiveError::TooLarge);
            }
            let name = entry.path_bytes().into_owned();
            let header = entry.header();
            latest = latest.max(header.mtime().map_err(|_| ArchiveError::Damaged)?);
            let mode = header.mode().map_err(|_| ArchiveError::Damaged)?;
            let size = header.size().map_err(|_| ArchiveError::Damaged)?;
            match header.entry_type() {
                tar::EntryType::Directory => self.check_folder(&name, size)?,
                tar::EntryType::Regular => {
                    self.file(&name, size, mode & 0o111 != 0, &mut entry)?;
                }
                _ => return Err(ArchiveError::foreign(&name)),
            }
        }
        Ok(latest)
    }

    fn read_zip(&mut self, bytes: &[u8]) -> Result<u64, ArchiveError> {
        if has_zip64_count(bytes) {
            return Err(ArchiveError::TooLarge);
        }
        let mut archive =
            zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ArchiveError::Damaged)?;
        // The library keeps only the last entry of a name.
        if archive.has_duplicate_names() {
            return Err(ArchiveError::foreign(b"a name that occurs twice"));
        }
        if archive.len() > MAX_FILES {
            return Err(ArchiveError::TooLarge);
        }
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(|_| ArchiveError::Damaged)?;
            let name = entry.name_raw().to_vec();
            let size = entry.size();
            if entry.is_symlink() {
                return Err(ArchiveError::foreign(&name));
            }
            if entry.is_dir() {
                self.check_folder(&name, size)?;
                continue;
            }
            let is_program = entry.unix_mode().unwrap_or_default() & 0o111 != 0;
            self.file(&name, size, is_program, &mut entry)?;
        }
        Ok(0)
    }

    /// A name below the archive's folder.
    fn name(&self, name: &[u8]) -> Result<String, ArchiveError> {
        let below = std::str::from_utf8(name).ok().and_then(|name| {
            name.strip_prefix(&self.folder)?.strip_prefix('/').filter(|name| is_safe(name))
        });
        below.map(str::to_owned).ok_or_else(|| ArchiveError::foreign(name))
    }

    fn check_folder(&self, name: &[u8], size: u64) -> Result<(), ArchiveError> {
        let shown = name.strip_suffix(b"/").unwrap_or(name);
        if size != 0 {
            return Err(ArchiveError::foreign(name));
        }
        if shown == self.folder.as_bytes() { Ok(()) } else { self.name(shown).map(drop) }
    }

    fn file(
        &mut self,
        name: &[u8],
        size: u64,
        is_program: bool,
        content: &mut impl Read,
    ) -> Result<(), ArchiveError> {
        let below = self.name(name)?;
        self.left = self.left.checked_sub(size).ok_or(ArchiveError::TooLarge)?;
        let mut bytes = Vec::new();
        // The size is only what the header claims, so the memory for it isn't reserved.
        content.take(size + 1).read_to_end(&mut bytes).map_err(|_| ArchiveError::Damaged)?;
        if bytes.len() as u64 != size {
            return Err(ArchiveError::Damaged);
        }
        match self.files.insert(below, Entry { is_program, content: bytes }) {
            None => Ok(()),
            Some(_) => Err(ArchiveError::foreign(name)),
        }
    }
}

/// Whether anything in a zip archive could be read as a number of entries with 64 bits. The library
/// reserves memory for that number before it has seen an entry, and no release needs more than the
/// 16 bits of the usual record. A locator of 20 bytes immediately before that record points to the
/// 64 bits (APPNOTE.TXT, sections 4.3.15 and 4.3.16). The library accepts any such pair of records
/// in the file if it can't use the last one.
fn has_zip64_count(bytes: &[u8]) -> bool {
    const LOCATOR: &[u8] = b"PK\x06\x07";
    const END: &[u8] = b"PK\x05\x06";
    bytes.windows(24).any(|window| window.starts_with(LOCATOR) && window.ends_with(END))
}
