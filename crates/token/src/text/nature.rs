//! What a file is that isn't text, by the bytes that it begins with: enough to say what to do with it.

use super::{decode_text, read};
use crate::error::TextError;

/// How far into a file its kind is looked for.
const BEGINNING: usize = 64 * 1024;
/// How much of a file's beginning has to be control characters for it to be no text: one of so many.
const ONE_CONTROL_OF: usize = 20;

/// What kinds there are, as far as what to do with a file depends on it.
#[derive(Clone, Copy)]
enum Nature {
    Picture,
    Archive,
    Document,
    Program,
}

/// What files of a kind begin with, from a place on.
const SIGNATURES: &[(usize, &[u8], Nature, &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", Nature::Picture, "PNG"),
    (0, b"\xff\xd8\xff", Nature::Picture, "JPEG"),
    (0, b"GIF8", Nature::Picture, "GIF"),
    (8, b"WEBP", Nature::Picture, "WebP"),
    // What cameras keep has the form of a TIFF file, with a small picture first.
    (8, b"CR\x02\0", Nature::Picture, "Canon raw"),
    (0, b"IIRO", Nature::Picture, "Olympus raw"),
    (0, b"IIU\0", Nature::Picture, "Panasonic raw"),
    (0, b"FUJIFILMCCD-RAW", Nature::Picture, "Fujifilm raw"),
    (4, b"ftypcrx ", Nature::Picture, "Canon raw"),
    (0, b"II+\0", Nature::Picture, "BigTIFF"),
    (0, b"MM\0+", Nature::Picture, "BigTIFF"),
    (0, b"II*\0", Nature::Picture, "TIFF"),
    (0, b"MM\0*", Nature::Picture, "TIFF"),
    (4, b"ftypheic", Nature::Picture, "HEIC"),
    (4, b"ftypheix", Nature::Picture, "HEIC"),
    (4, b"ftyphevc", Nature::Picture, "HEIC"),
    (4, b"ftypheim", Nature::Picture, "HEIC"),
    (4, b"ftypmif1", Nature::Picture, "HEIF"),
    (4, b"ftypmsf1", Nature::Picture, "HEIF"),
    (4, b"ftypavif", Nature::Picture, "AVIF"),
    (4, b"ftypavis", Nature::Picture, "AVIF"),
    (4, b"ftyphevx", Nature::Picture, "HEIC"),
    (4, b"ftypheis", Nature::Picture, "HEIC"),
    (4, b"ftypMA1", Nature::Picture, "AVIF"),
    (0, b"\0\0\0\x0cJXL ", Nature::Picture, "JPEG XL"),
    (0, b"\xff\x0a", Nature::Picture, "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", Nature::Picture, "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", Nature::Picture, "JPEG 2000"),
    (0, b"II\xbc", Nature::Picture, "JPEG XR"),
    (0, b"8BPS", Nature::Picture, "PSD"),
    (0, b"gimp xcf", Nature::Picture, "GIMP"),
    (0, b"\0\0\x01\0", Nature::Picture, "ICO"),
    (0, b"\0\0\x02\0\0\0\0\0", Nature::Picture, "TGA"),
    (0, b"\0\0\x03\0\0\0\0\0", Nature::Picture, "TGA"),
    (0, b"\0\0\x0a\0\0\0\0\0", Nature::Picture, "TGA"),
    (0, b"\0\0\x02\0", Nature::Picture, "CUR"),
    (0, b"DDS \x7c\0\0\0", Nature::Picture, "DDS"),
    (0, b"\x01\xda\0\x01", Nature::Picture, "SGI"),
    (0, b"\x01\xda\x01\x01", Nature::Picture, "SGI"),
    (0, b"\x0a\x05\x01\x01", Nature::Picture, "PCX"),
    (0, b"\x0a\x05\x01\x08", Nature::Picture, "PCX"),
    (0, b"icns", Nature::Picture, "ICNS"),
    (0, b"\xd7\xcd\xc6\x9a", Nature::Picture, "WMF"),
    (0, b"\x01\0\x09\0\0\x03", Nature::Picture, "WMF"),
    (40, b" EMF", Nature::Picture, "EMF"),
    (0, b"\xc5\xd0\xd3\xc6", Nature::Picture, "EPS"),
    (0, b"AT&TFORM", Nature::Document, "DjVu"),
    (0, b"\x1f\x8b", Nature::Archive, "gzip"),
    (0, b"BZh", Nature::Archive, "bzip2"),
    (0, b"\xfd7zXZ\0", Nature::Archive, "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", Nature::Archive, "7z"),
    (0, b"Rar!\x1a\x07", Nature::Archive, "RAR"),
    (0, b"\x28\xb5\x2f\xfd", Nature::Archive, "zstd"),
    (0, b"MSCF", Nature::Archive, "CAB"),
    (257, b"ustar", Nature::Archive, "tar"),
    (0, b"\x04\x22\x4d\x18", Nature::Archive, "lz4"),
    (0, b"LZIP", Nature::Archive, "lzip"),
    (0, b"\x1f\x9d", Nature::Archive, "compress"),
    (0, b"!<arch>\ndebian", Nature::Archive, "Debian package"),
    (0, b"xar!", Nature::Archive, "xar"),
    (0x8001, b"CD001", Nature::Archive, "ISO image"),
    (0, b"%PDF-", Nature::Document, "PDF"),
    (0, b"{\\rtf", Nature::Document, "RTF"),
    (0, b"%!PS", Nature::Document, "PostScript"),
    (0, b"\x4c\0\0\0\x01\x14\x02\0", Nature::Program, "Windows shortcut"),
    (0, b"MZ", Nature::Program, "Windows program"),
    (0, b"\x7fELF", Nature::Program, "Linux program"),
    (0, b"SQLite format 3\0", Nature::Program, "SQLite"),
    (0, b"\xfe\xed\xfa\xce", Nature::Program, "macOS program"),
    (0, b"\xfe\xed\xfa\xcf", Nature::Program, "macOS program"),
    (0, b"\xce\xfa\xed\xfe", Nature::Program, "macOS program"),
    (0, b"\xcf\xfa\xed\xfe", Nature::Program, "macOS program"),
    (0, b"\xca\xfe\xba\xbe", Nature::Program, "macOS or Java program"),
    (0, b"\0asm", Nature::Program, "WebAssembly"),
    // Voice messages and recordings of a screen.
    (4, b"ftypqt", Nature::Program, "QuickTime video"),
    (4, b"ftypM4A", Nature::Program, "MPEG-4 audio"),
    (4, b"ftyp", Nature::Program, "MPEG-4 video"),
    (0, b"\x1a\x45\xdf\xa3", Nature::Program, "Matroska or WebM video"),
    (8, b"AVI ", Nature::Program, "AVI video"),
    (8, b"WAVE", Nature::Program, "WAVE audio"),
    (0, b"OggS", Nature::Program, "Ogg audio or video"),
    (0, b"fLaC", Nature::Program, "FLAC audio"),
    (0, b"ID3", Nature::Program, "MP3 audio"),
    (0, b"\xff\xfb", Nature::Program, "MP3 audio"),
    (0, b"\xff\xf3", Nature::Program, "MP3 audio"),
    (0, b"#!AMR", Nature::Program, "AMR audio"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Nature::Program, "Windows Media"),
    (0, b"\0\0\x01\xba", Nature::Program, "MPEG video"),
    (0, b"wOFF", Nature::Program, "font"),
    (0, b"wOF2", Nature::Program, "font"),
    (0, b"OTTO", Nature::Program, "font"),
];

/// What an archive in the form of a ZIP file is, by the name of a file in it.
const IN_A_ZIP: &[(&[u8], &str)] = &[
    (b"word/", "Word"),
    (b"xl/", "Excel"),
    (b"ppt/", "PowerPoint"),
    (b"FixedDocSeq.fdseq", "XPS"),
    (b"FixedDocumentSequence.fdseq", "XPS"),
    (b"visio/", "Visio"),
    (b"opendocument.graphics", "OpenDocument"),
    (b"opendocument.text", "OpenDocument"),
    (b"opendocument.spreadsheet", "OpenDocument"),
    (b"opendocument.presentation", "OpenDocument"),
    (b"application/epub", "EPUB"),
    (b"Index/Document.iwa", "Pages"),
];

/// What a file of Office's old format is, by the name of a stream in it, which stands there in UTF-16.
const IN_A_COMPOUND: &[(&str, &str)] = &[
    ("__substg1.0", "Outlook"),
    ("WordDocument", "Word"),
    ("Workbook", "Excel"),
    ("PowerPoint Document", "PowerPoint"),
];

/// The text of a file, whatever its encoding. Where it is no text and no token is in it, the error says what it is.
///
/// # Errors
/// [`TextError::Empty`], [`TextError::Picture`], [`TextError::Archive`], [`TextError::Document`],
/// [`TextError::Program`], [`TextError::Binary`].
pub fn text_of_file(bytes: &[u8]) -> Result<String, TextError> {
    let text = decode_text(bytes);
    if text
        .trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}')
        .is_empty()
    {
        return Err(TextError::Empty);
    }
    let Some(error) = nature(bytes, &text) else { return Ok(text) };
    // Some documents have their text in them as it is.
    match read(&text) {
        Ok(_) | Err(TextError::TooManyTokens { .. }) => Ok(text),
        Err(_) => Err(error),
    }
}

impl TextError {
    /// The format of a file that is a picture, as [`TextError::Picture`] names it.
    #[must_use]
    pub fn picture_format(bytes: &[u8]) -> Option<&'static str> {
        match known(bytes)? {
            (Nature::Picture, format) => Some(format),
            _ => None,
        }
    }
}

/// What the file is, if it isn't text.
fn nature(bytes: &[u8], text: &str) -> Option<TextError> {
    let Some((nature, format)) = known(bytes) else {
        return match drawn(text) {
            Some(format) => Some(TextError::Picture { format }),
            None => is_binary(text).then_some(TextError::Binary),
        };
    };
    Some(match nature {
        Nature::Picture => TextError::Picture { format },
        Nature::Archive => TextError::Archive { format },
        Nature::Document => TextError::Document { format },
        Nature::Program => TextError::Program { format },
    })
}

/// What the file is by the bytes that it begins with.
fn known(bytes: &[u8]) -> Option<(Nature, &'static str)> {
    let start = &bytes[..bytes.len().min(BEGINNING)];
    let has = |what: &[u8]| memchr::memmem::find(start, what).is_some();
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let has_nul = memchr::memchr(0, start).is_some();
    let known = SIGNATURES.iter().find(|(at, signature, nature, _)| {
        // A text may begin with the same letters.
        let could_be_text = !matches!(nature, Nature::Document) && signature.is_ascii();
        start.get(*at..).is_some_and(|behind| behind.starts_with(signature))
            && (has_nul || !could_be_text)
    });
    if let Some((_, _, nature, format)) = known {
        return Some((*nature, *format));
    }
    if start.starts_with(b"BM") && start.get(6..10) == Some(&[0; 4]) {
        return Some((Nature::Picture, "BMP"));
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        return Some(match IN_A_ZIP.iter().find(|(name, _)| has(name)) {
            Some((_, format)) => (Nature::Document, *format),
            None => (Nature::Archive, "ZIP"),
        });
    }
    if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // The names stand in a directory that may be anywhere in the file.
        let is_in = |name: &str| memchr::memmem::find(bytes, &wide(name)).is_some();
        let known = IN_A_COMPOUND.iter().find(|(name, _)| is_in(name));
        return Some((Nature::Document, known.map_or("Office", |(_, format)| *format)));
    }
    None
}

/// What a picture is that begins with text.
fn drawn(text: &str) -> Option<&'static str> {
    let text = text
        .trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let start = &text.as_bytes()[..text.len().min(BEGINNING)];
    let has = |what: &[u8]| memchr::memmem::find(start, what).is_some();
    match start {
        [b'<', ..] => {
            // A page may have such a picture in it.
            let is_drawing = start.starts_with(b"<svg")
                || ((start.starts_with(b"<?xml") || start.starts_with(b"<!")) && has(b"<svg"));
            (is_drawing && !has(b"<html")).then_some("SVG")
        }
        // The width, or a comment before it.
        [b'P', b'1'..=b'6', b'\n' | b'\r' | b' ', b'0'..=b'9' | b'#', ..] => Some("PNM"),
        [b'/', ..] if start.starts_with(b"/* XPM */") => Some("XPM"),
        [b'#', ..] if start.starts_with(b"#define ") && has(b"_width ") && has(b"_bits[]") => {
            Some("XBM")
        }
        _ => None,
    }
}

/// Control characters are in no text, apart from those of lines, pages and terminals.
fn is_binary(text: &str) -> bool {
    let start = &text.as_bytes()[..text.len().min(BEGINNING)];
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, 7..=13 | 0x1a | 0x1b);
    let controls = start.iter().filter(|byte| is_control(byte)).count();
    controls > 0 && controls * ONE_CONTROL_OF >= start.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(bytes: &[u8]) -> (&'static str, String) {
        match text_of_file(bytes) {
            Ok(text) => ("text", text),
            Err(TextError::Picture { format }) => ("picture", format.to_owned()),
            Err(TextError::Archive { format }) => ("archive", format.to_owned()),
            Err(TextError::Document { format }) => ("document", format.to_owned()),
            Err(TextError::Program { format }) => ("program", format.to_owned()),
            Err(error) => ("other", format!("{error:?}")),
        }
    }

    #[test]
    fn what_is_no_text_is_named_for_what_it_is() {
        let zip =
            |name: &str| [b"PK\x03\x04\x14\0\0\0\x08\0", name.as_bytes(), b"\x9c\xed\0"].concat();
        let wide: Vec<u8> =
            "__substg1.0_1000001F".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let compound =
            |inside: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 504][..], inside].concat();
        let tar = [&b"request.txt"[..], &[0; 246], b"ustar\x0000"].concat();
        for (bytes, expected) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), ("picture", "PNG")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), ("picture", "JPEG")),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), ("picture", "HEIC")),
            (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), ("picture", "WebP")),
            (b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0".to_vec(), ("picture", "BMP")),
            (b"<svg xmlns=\"x\"><path d=\"M0 0\"/></svg>".to_vec(), ("picture", "SVG")),
            (b"<?xml version=\"1.0\"?>\n<!-- x -->\n<svg/>".to_vec(), ("picture", "SVG")),
            (b"<!doctype html><html><svg/></html>".to_vec(), {
                ("text", "<!doctype html><html><svg/></html>")
            }),
            (b"P6\n2 2\n255\n\xff\xff\xff\xff\xff\xff".to_vec(), ("picture", "PNM")),
            (b"/* XPM */\nstatic char *x[] = {".to_vec(), ("picture", "XPM")),
            (b"#define x_width 8\nstatic char x_bits[] = {".to_vec(), ("picture", "XBM")),
            (b"\0\0\x02\0\0\0\0\0\0\0\0\0\x28\0\x28\0\x18".to_vec(), ("picture", "TGA")),
            (b"P4\n8 8\n\x01\x02\x03\x04\x05\x06\0\x07".to_vec(), ("picture", "PNM")),
            (b"II*\0\x10\0\0\0CR\x02\0".to_vec(), ("picture", "Canon raw")),
            (b"II*\0\x08\0\0\0\x0c\0".to_vec(), ("picture", "TIFF")),
            (b"\xff\x0a\xfa\x7f\x01\x90".to_vec(), ("picture", "JPEG XL")),
            (b"\xff\x4f\xff\x51\0\x2f".to_vec(), ("picture", "JPEG 2000")),
            (b"\xd7\xcd\xc6\x9a\0\0".to_vec(), ("picture", "WMF")),
            (b"\xc5\xd0\xd3\xc6\x1e\0\0\0".to_vec(), ("picture", "EPS")),
            (b"AT&TFORM\0\0\x04\0DJVU".to_vec(), ("document", "DjVu")),
            (zip("FixedDocSeq.fdseq"), ("document", "XPS")),
            (b"\0\0\0\x18ftypavif\0\0\0\0mif1".to_vec(), ("picture", "AVIF")),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec(), { ("program", "MPEG-4 video") }),
            (b"RIFF\x24\0\0\0WAVEfmt \x10\0".to_vec(), ("program", "WAVE audio")),
            (b"ID3\x04\0\0\0\0\0\x23".to_vec(), ("program", "MP3 audio")),
            (b"OggS\0\x02\0\0".to_vec(), ("program", "Ogg audio or video")),
            (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), ("program", "macOS or Java program")),
            (zip("request.txt"), ("archive", "ZIP")),
            (zip("[Content_Types].xml PK word/document.xml"), ("document", "Word")),
            (zip("mimetypeapplication/vnd.oasis.opendocument.text"), ("document", "OpenDocument")),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), ("archive", "gzip")),
            (tar, ("archive", "tar")),
            (b"%PDF-1.7\n1 0 obj".to_vec(), ("document", "PDF")),
            (compound(&wide), ("document", "Outlook")),
            (compound(b"else"), ("document", "Office")),
            (b"MZ\x90\0\x03\0".to_vec(), ("program", "Windows program")),
            (b"\x01\x02\x03\x04 some \x05\x06".to_vec(), ("other", "Binary")),
            (b"".to_vec(), ("other", "Empty")),
            (b"\xef\xbb\xbf \r\n\0\0".to_vec(), ("other", "Empty")),
        ] {
            assert_eq!(named(&bytes), (expected.0, expected.1.to_owned()), "{bytes:?}");
        }
    }

    #[test]
    fn a_document_that_has_its_text_in_it_as_it_is_is_read() {
        let token = crate::tests::sample(1);
        let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let compound =
            [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 504][..], &wide, &[0; 40]].concat();
        let pdf = format!("%PDF-1.4\nBT ({token}) Tj ET");
        let rich = format!("{{\\rtf1\\ansi\\fs22 {token}\\par}}");
        for bytes in [compound, pdf.into_bytes(), rich.into_bytes()] {
            let found = read(&text_of_file(&bytes).unwrap()).unwrap();
            assert_eq!(found[0].token.as_ref().unwrap().to_string(), token);
        }
    }

    #[test]
    fn text_is_text_in_whatever_encoding_and_with_colours() {
        for bytes in [
            "Grüße\n".as_bytes(),
            b"Gr\xfc\xdfe\r\n",
            b"\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5",
            b"\x1b[1mrequest\x1b[0m \x07\x0c",
            b"B\xc3\xbcro",
            b"L\0K\0R\0E\0Q\0",
            b"MZ and GIF89 are letters\n",
        ] {
            assert_eq!(named(bytes).0, "text", "{bytes:?}");
        }
    }
}
