//! The pictures that a configuration may name.

use std::path::Path;

/// The formats of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// SVG, as UTF-8 text.
    Svg,
    /// PNG.
    Png,
}

/// The format of a picture, if the end of its name and its content agree on one that the wizard
/// shows.
#[must_use]
pub fn picture_kind(path: &Path, content: &[u8]) -> Option<PictureKind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "svg" if std::str::from_utf8(content).ok()?.contains("<svg") => Some(PictureKind::Svg),
        "png" if content.starts_with(b"\x89PNG\r\n\x1a\n") => Some(PictureKind::Png),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_both_its_name_and_its_content_say() {
        let png = b"\x89PNG\r\n\x1a\n and so on".as_slice();
        for (name, content, kind) in [
            ("logo.svg", b"<svg/>".as_slice(), Some(PictureKind::Svg)),
            ("logo.SVG", b"<svg/>", Some(PictureKind::Svg)),
            ("logo.png", png, Some(PictureKind::Png)),
            ("logo.png", b"<svg/>", None),
            ("logo.svg", png, None),
            ("logo.svg", b"<svg>\xff</svg>", None),
            ("logo.gif", b"GIF89a", None),
            ("logo", b"<svg/>", None),
        ] {
            assert_eq!(picture_kind(Path::new(name), content), kind, "{name}");
        }
    }
}
