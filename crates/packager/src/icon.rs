//! The files in which Windows and macOS expect the pictures of an icon.

use std::io::Cursor;

use ico::{IconDir, IconDirEntry, IconImage, ResourceType};

use crate::pictures::Pictures;

/// The side of the largest picture in an icon of Windows.
const MAX_WINDOWS_SIDE: u32 = 256;
/// The types of the pictures in an icon of macOS, with their sides: first those for usual displays,
/// then those for displays with twice as many pixels, whose pictures are the same.
const MACOS_TYPES: [(&[u8; 4], u32); 11] = [
    (b"icp4", 16),
    (b"icp5", 32),
    (b"icp6", 64),
    (b"ic07", 128),
    (b"ic08", 256),
    (b"ic09", 512),
    (b"ic10", 1024),
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic13", 256),
    (b"ic14", 512),
];

/// The icon of Windows. Only the largest picture is PNG: not every program reads small ones that
/// are. Returns `None` if a picture can't be written.
pub(crate) fn of_windows(pictures: &Pictures) -> Option<Vec<u8>> {
    let mut icon = IconDir::new(ResourceType::Icon);
    for (side, png) in pictures.png().filter(|(side, _)| *side <= MAX_WINDOWS_SIDE) {
        let picture = IconImage::read_png(Cursor::new(png)).ok()?;
        let entry = match side == MAX_WINDOWS_SIDE {
            true => IconDirEntry::encode_as_png(&picture),
            false => IconDirEntry::encode_as_bmp(&picture),
        };
        icon.add_entry(entry.ok()?);
    }
    let mut bytes = Vec::new();
    icon.write(&mut bytes).ok()?;
    Some(bytes)
}

/// The maximum number of pictures in an icon of Windows. Each may refer to the whole file.
const MAX_PICTURES: u16 = 64;

/// Whether this is an icon of Windows with at least one picture.
pub(crate) fn is_of_windows(content: &[u8]) -> bool {
    // The number follows two others (`ICONDIR`).
    let pictures =
        content.get(4..6).and_then(|bytes| Some(u16::from_le_bytes(bytes.try_into().ok()?)));
    if pictures.is_none_or(|pictures| pictures > MAX_PICTURES) {
        return false;
    }
    let icon = IconDir::read(Cursor::new(content));
    icon.is_ok_and(|icon| icon.resource_type() == ResourceType::Icon && !icon.entries().is_empty())
}

/// The icon of macOS.
pub(crate) fn of_macos(pictures: &Pictures) -> Option<Vec<u8>> {
    const HEADER_BYTES: usize = 8;
    let mut entries = Vec::new();
    for (of_type, side) in MACOS_TYPES {
        let Some((_, png)) = pictures.png().find(|(of, _)| *of == side) else { continue };
        entries.extend(of_type);
        entries.extend(u32::try_from(png.len() + HEADER_BYTES).ok()?.to_be_bytes());
        entries.extend(png);
    }
    let length = u32::try_from(entries.len() + HEADER_BYTES).ok()?;
    Some([b"icns".as_slice(), &length.to_be_bytes(), &entries].concat())
}
