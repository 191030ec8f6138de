//! The icon of Windows: a list of pictures of several sizes, each of which may be a PNG picture.

/// The size of the list's header, and of each of its entries.
const HEADER_BYTES: u32 = 6;
const ENTRY_BYTES: u32 = 16;

/// The icon with this PNG picture, if it has the size that the largest picture of an icon has: 256
/// by 256 pixels.
pub(crate) fn from_png(png: &[u8]) -> Option<Vec<u8>> {
    if !is_png_of_256(png) {
        return None;
    }
    let length = u32::try_from(png.len()).ok()?;
    let mut icon = vec![0, 0, 1, 0, 1, 0];
    // 0 stands for 256 pixels; then no palette, one plane, and 32 bits a pixel.
    icon.extend([0, 0, 0, 0, 1, 0, 32, 0]);
    icon.extend(length.to_le_bytes());
    icon.extend((HEADER_BYTES + ENTRY_BYTES).to_le_bytes());
    icon.extend(png);
    Some(icon)
}

/// Whether this is a PNG picture of 256 by 256 pixels.
pub(crate) fn is_png_of_256(content: &[u8]) -> bool {
    let size = [256_u32, 256].map(u32::to_be_bytes).concat();
    // The width and the height follow the name of the first chunk (ISO/IEC 15948, section 11.2.1).
    content.starts_with(b"\x89PNG\r\n\x1a\n") && content.get(16..24) == Some(&*size)
}

/// Whether this is an icon with at least one picture.
pub(crate) fn is_icon(content: &[u8]) -> bool {
    let is_list = content.starts_with(&[0, 0, 1, 0]) && content.get(4..6) != Some(&[0, 0]);
    is_list && content.len() > (HEADER_BYTES + ENTRY_BYTES) as usize
}
