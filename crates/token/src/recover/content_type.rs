//! Detects what a file without readable text is by its first bytes, precisely enough to tell the
//! user what to do with it.

use super::text_error::TextError;

/// How many bytes of a file are inspected to detect its type.
const MAX_INSPECTED_BYTES: usize = 64 * 1024;
/// A file is binary if at least one of this number of characters at its beginning is a control
/// character.
const MIN_CHARS_PER_CONTROL: usize = 20;

/// The types that call for different advice.
#[derive(Clone, Copy)]
enum ContentType {
    Picture,
    Archive,
    Document,
    Program,
    Encrypted,
}

/// What files of a type contain at an offset in bytes.
const SIGNATURES: &[(usize, &[u8], ContentType, &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", ContentType::Picture, "PNG"),
    (0, b"\xff\xd8\xff", ContentType::Picture, "JPEG"),
    (0, b"GIF8", ContentType::Picture, "GIF"),
    (8, b"WEBP", ContentType::Picture, "WebP"),
    // Raw files of cameras are TIFF files that begin with a thumbnail.
    (8, b"CR\x02\0", ContentType::Picture, "Canon raw"),
    (0, b"IIRO", ContentType::Picture, "Olympus raw"),
    (0, b"IIU\0", ContentType::Picture, "Panasonic raw"),
    (0, b"FUJIFILMCCD-RAW", ContentType::Picture, "Fujifilm raw"),
    (4, b"ftypcrx ", ContentType::Picture, "Canon raw"),
    (0, b"II+\0", ContentType::Picture, "BigTIFF"),
    (0, b"MM\0+", ContentType::Picture, "BigTIFF"),
    (0, b"II*\0", ContentType::Picture, "TIFF"),
    (0, b"MM\0*", ContentType::Picture, "TIFF"),
    (4, b"ftypheic", ContentType::Picture, "HEIC"),
    (4, b"ftypheix", ContentType::Picture, "HEIC"),
    (4, b"ftyphevc", ContentType::Picture, "HEIC"),
    (4, b"ftypheim", ContentType::Picture, "HEIC"),
    (4, b"ftypmif1", ContentType::Picture, "HEIF"),
    (4, b"ftypmsf1", ContentType::Picture, "HEIF"),
    (4, b"ftypavif", ContentType::Picture, "AVIF"),
    (4, b"ftypavis", ContentType::Picture, "AVIF"),
    (4, b"ftyphevx", ContentType::Picture, "HEIC"),
    (4, b"ftypheis", ContentType::Picture, "HEIC"),
    (4, b"ftypMA1", ContentType::Picture, "AVIF"),
    (0, b"\0\0\0\x0cJXL ", ContentType::Picture, "JPEG XL"),
    (0, b"\xff\x0a", ContentType::Picture, "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", ContentType::Picture, "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", ContentType::Picture, "JPEG 2000"),
    (0, b"II\xbc", ContentType::Picture, "JPEG XR"),
    (0, b"8BPS", ContentType::Picture, "PSD"),
    (0, b"gimp xcf", ContentType::Picture, "GIMP"),
    (0, b"\0\0\x01\0", ContentType::Picture, "ICO"),
    (0, b"\0\0\x02\0\0\0\0\0", ContentType::Picture, "TGA"),
    (0, b"\0\0\x03\0\0\0\0\0", ContentType::Picture, "TGA"),
    (0, b"\0\0\x0a\0\0\0\0\0", ContentType::Picture, "TGA"),
    (0, b"\0\0\x02\0", ContentType::Picture, "CUR"),
    (0, b"DDS \x7c\0\0\0", ContentType::Picture, "DDS"),
    (0, b"\x01\xda\0\x01", ContentType::Picture, "SGI"),
    (0, b"\x01\xda\x01\x01", ContentType::Picture, "SGI"),
    (0, b"icns", ContentType::Picture, "ICNS"),
    (0, b"\xd7\xcd\xc6\x9a", ContentType::Picture, "WMF"),
    (0, b"\x01\0\x09\0\0\x03", ContentType::Picture, "WMF"),
    (40, b" EMF", ContentType::Picture, "EMF"),
    (0, b"\xc5\xd0\xd3\xc6", ContentType::Picture, "EPS"),
    (0, b"AT&TFORM", ContentType::Document, "DjVu"),
    (0, b"\x1f\x8b", ContentType::Archive, "gzip"),
    (0, b"BZh", ContentType::Archive, "bzip2"),
    (0, b"\xfd7zXZ\0", ContentType::Archive, "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", ContentType::Archive, "7z"),
    (0, b"Rar!\x1a\x07", ContentType::Archive, "RAR"),
    (0, b"\x28\xb5\x2f\xfd", ContentType::Archive, "zstd"),
    (0, b"MSCF", ContentType::Archive, "CAB"),
    (257, b"ustar", ContentType::Archive, "tar"),
    (0, b"\x04\x22\x4d\x18", ContentType::Archive, "lz4"),
    (0, b"LZIP", ContentType::Archive, "lzip"),
    (0, b"\x1f\x9d", ContentType::Archive, "compress"),
    (0, b"!<arch>\ndebian", ContentType::Archive, "DEB"),
    (0, b"xar!", ContentType::Archive, "xar"),
    (0x8001, b"CD001", ContentType::Archive, "ISO 9660"),
    (0, b"\x78\x9f\x3e\x22", ContentType::Archive, "winmail.dat"),
    (0, b"%PDF-", ContentType::Document, "PDF"),
    (0, b"{\\rtf", ContentType::Document, "RTF"),
    (0, b"%!PS", ContentType::Document, "PostScript"),
    (0, b"\x4c\0\0\0\x01\x14\x02\0", ContentType::Program, "Windows (LNK)"),
    (0, b"MZ", ContentType::Program, "Windows (EXE)"),
    (0, b"\x7fELF", ContentType::Program, "Linux (ELF)"),
    (0, b"SQLite format 3\0", ContentType::Program, "SQLite"),
    (0, b"\xfe\xed\xfa\xce", ContentType::Program, "macOS (Mach-O)"),
    (0, b"\xfe\xed\xfa\xcf", ContentType::Program, "macOS (Mach-O)"),
    (0, b"\xce\xfa\xed\xfe", ContentType::Program, "macOS (Mach-O)"),
    (0, b"\xcf\xfa\xed\xfe", ContentType::Program, "macOS (Mach-O)"),
    (0, b"\xca\xfe\xba\xbe", ContentType::Program, "macOS (Mach-O) / Java"),
    (0, b"\0asm", ContentType::Program, "WebAssembly"),
    // Voice messages and recordings of a screen.
    (4, b"ftypqt", ContentType::Program, "QuickTime"),
    (4, b"ftypM4A", ContentType::Program, "MPEG-4"),
    (4, b"ftyp", ContentType::Program, "MPEG-4"),
    (0, b"\x1a\x45\xdf\xa3", ContentType::Program, "Matroska / WebM"),
    (8, b"AVI ", ContentType::Program, "AVI"),
    (8, b"WAVE", ContentType::Program, "WAVE"),
    (0, b"OggS", ContentType::Program, "Ogg"),
    (0, b"fLaC", ContentType::Program, "FLAC"),
    (0, b"ID3", ContentType::Program, "MP3"),
    (0, b"\xff\xfb", ContentType::Program, "MP3"),
    (0, b"\xff\xf3", ContentType::Program, "MP3"),
    (0, b"#!AMR", ContentType::Program, "AMR"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ContentType::Program, "Windows Media"),
    (0, b"\0\0\x01\xba", ContentType::Program, "MPEG"),
    (0, b"FLV\x01", ContentType::Program, "Flash Video"),
    (0, b"MThd\0\0\0\x06", ContentType::Program, "MIDI"),
    (0, b"caff\0\x01\0\0", ContentType::Program, "Core Audio"),
    (8, b"AIFF", ContentType::Program, "AIFF"),
    (8, b"AIFC", ContentType::Program, "AIFF"),
    (0, b"\xff\xf1", ContentType::Program, "AAC"),
    (0, b"\xff\xf9", ContentType::Program, "AAC"),
    (0, b"wOFF", ContentType::Program, "WOFF"),
    (0, b"wOF2", ContentType::Program, "WOFF"),
    (0, b"OTTO\0", ContentType::Program, "OpenType"),
    (0, b"\0\x01\0\0\0", ContentType::Program, "TrueType"),
    (0, b"true\0", ContentType::Program, "TrueType"),
    (0, b"ttcf\0", ContentType::Program, "TrueType"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", ContentType::Document, "OneNote"),
    (0, b"\xa1\x2f\xff\x43\xd9\xef\x76\x4c", ContentType::Document, "OneNote"),
    (4, b"Standard Jet DB\0", ContentType::Document, "Access"),
    (4, b"Standard ACE DB\0", ContentType::Document, "Access"),
    (0, b"!BDN", ContentType::Document, "Outlook (PST)"),
    (0, b"\xcf\xad\x12\xfe", ContentType::Document, "Outlook Express"),
    (0, b"ITSF\x03\0\0\0", ContentType::Document, "HTML Help"),
    (60, b"BOOKMOBI", ContentType::Document, "Mobipocket"),
    (0, b"bplist00", ContentType::Document, "Property List"),
    (0, b"AC10", ContentType::Program, "AutoCAD"),
    (0, b"regf", ContentType::Program, "Windows Registry"),
    (0, b"ElfFile\0", ContentType::Program, "Windows Event Log"),
    (0, b"MDMP\x93\xa7", ContentType::Program, "Windows Minidump"),
    (0, b"\x03\xd9\xa2\x9a", ContentType::Program, "KeePass"),
    (0, b"\0\x05\x16\x07\0\x02\0\0", ContentType::Program, "AppleDouble"),
    (0, b"\0\0\0\x01Bud1", ContentType::Program, ".DS_Store"),
    (0, b"\xd4\xc3\xb2\xa1", ContentType::Program, "pcap"),
    (0, b"\x0a\x0d\x0d\x0a", ContentType::Program, "pcapng"),
    (0, b"\xed\xab\xee\xdb", ContentType::Archive, "RPM"),
    (2, b"-lh5-", ContentType::Archive, "LHA"),
    (7, b"**ACE**", ContentType::Archive, "ACE"),
    (0, b"SIT!", ContentType::Archive, "StuffIt"),
    (0, b"StuffIt (c)", ContentType::Archive, "StuffIt"),
    (0, b"MSWIM\0\0\0", ContentType::Archive, "WIM"),
    (0, b"hsqs", ContentType::Archive, "SquashFS"),
    (0, b"conectix", ContentType::Archive, "VHD"),
    (0, b"vhdxfile", ContentType::Archive, "VHDX"),
    (0, b"KDMV", ContentType::Archive, "VMDK"),
    (0, b"QFI\xfb", ContentType::Archive, "QCOW"),
    (0x40, b"\x7f\x10\xda\xbe", ContentType::Archive, "VDI"),
];

/// The last bytes of a disk image of macOS begin with this signature.
const DMG_TRAILER: (usize, &[u8]) = (512, b"koly\0\0\0\x04");

/// What the source of a mail, or text copied from it, contains if its text is encrypted, in lower
/// case.
const ENCRYPTED: &[(&[u8], &str)] = &[
    (b"-----begin pgp message-----", "PGP"),
    (b"-----begin age encrypted file-----", "age"),
    (b"age-encryption.org/v1\n-> ", "age"),
    (b"-----begin cms-----", "CMS"),
    (b"-----begin pkcs7-----", "PKCS #7"),
    // The identifier of what is encrypted with certificates, in Base64: it may begin at any of
    // three places.
    (b"bgkqhkig9w0bbwog", "S/MIME"),
    (b"yjkozihvcnaqcdo", "S/MIME"),
    (b"gcsqgsib3dqeha6", "S/MIME"),
];

/// Data that is encrypted with certificates begins with this object identifier (RFC 5652, section
/// 6.1).
const ENVELOPED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
/// Data that is only signed with them (section 5.1) or compressed (RFC 3274) contains the text.
const OTHER_DATA: [&[u8]; 2] = [
    b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09",
];
/// The most bytes before that identifier in a file: two lengths.
const BEFORE_IDENTIFIER: usize = 8;

/// The format of a ZIP archive that is a program, by the name of a file in it.
const PROGRAMS_IN_A_ZIP: &[(&[u8], &str)] =
    &[(b"AndroidManifest.xml", "Android (APK)"), (b"META-INF/MANIFEST.MF", "Java (JAR)")];

/// The format of a ZIP archive that is a document.
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
    (b"Index/Slide", "Keynote"),
    (b"Index/Document.iwa", "iWork"),
];

/// The format of a file in Office's old format by the name of a stream in it, which is written in
/// UTF-16.
const IN_A_COMPOUND: &[(&str, &str)] = &[
    ("__substg1.0", "Outlook"),
    ("WordDocument", "Word"),
    ("Workbook", "Excel"),
    ("PowerPoint Document", "PowerPoint"),
    ("VisioDocument", "Visio"),
    ("Quill", "Publisher"),
];

impl TextError {
    /// Returns the format of a file that is a picture, as in [`TextError::Picture`].
    #[must_use]
    pub fn picture_format(bytes: &[u8]) -> Option<&'static str> {
        match detect_by_signature(bytes)? {
            (ContentType::Picture, format) => Some(format),
            _ => None,
        }
    }
}

/// Returns the error for a file that isn't text.
pub(super) fn content_type(bytes: &[u8], text: &str) -> Option<TextError> {
    let Some((content_type, format)) = detect_by_signature(bytes) else {
        return of_unreadable_text(text).or_else(|| is_binary(text).then_some(TextError::Binary));
    };
    Some(match content_type {
        ContentType::Picture => TextError::Picture { format },
        ContentType::Archive => TextError::Archive { format },
        ContentType::Document => TextError::Document { format },
        ContentType::Program => TextError::Program { format },
        ContentType::Encrypted => TextError::Encrypted { format },
    })
}

/// Returns the error for a text that can't contain a readable token: an encrypted message or a
/// drawing.
pub(super) fn of_unreadable_text(text: &str) -> Option<TextError> {
    match text_picture_format(text) {
        Some(format) => Some(TextError::Picture { format }),
        None => encrypted(text),
    }
}

/// Returns the type of a file by its first bytes.
fn detect_by_signature(bytes: &[u8]) -> Option<(ContentType, &'static str)> {
    let start = &bytes[..bytes.len().min(MAX_INSPECTED_BYTES)];
    let has = |what: &[u8]| memchr::memmem::find(start, what).is_some();
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let has_nul = memchr::memchr(0, start).is_some();
    let known = SIGNATURES.iter().find(|(at, signature, content_type, _)| {
        // Text may begin with the same letters.
        let could_be_text = !matches!(content_type, ContentType::Document) && signature.is_ascii();
        start.get(*at..).is_some_and(|after| after.starts_with(signature))
            && (has_nul || !could_be_text)
    });
    if let Some((_, _, content_type, format)) = known {
        return Some((*content_type, *format));
    }
    if start.first() == Some(&0x30) {
        let is_near = |what: &[u8]| {
            let near = &start[..start.len().min(BEFORE_IDENTIFIER + what.len())];
            memchr::memmem::find(near, what).is_some()
        };
        if is_near(ENVELOPED_DATA) {
            return Some((ContentType::Encrypted, "S/MIME"));
        }
        if OTHER_DATA.into_iter().any(is_near) {
            return Some((ContentType::Document, "S/MIME"));
        }
    }
    if is_pgp(start) {
        return Some((ContentType::Encrypted, "PGP"));
    }
    let (from_end, trailer) = DMG_TRAILER;
    let end = bytes.len().checked_sub(from_end).map(|at| &bytes[at..]);
    if end.is_some_and(|end| end.starts_with(trailer)) {
        return Some((ContentType::Archive, "DMG"));
    }
    if is_pcx(start) {
        return Some((ContentType::Picture, "PCX"));
    }
    if let Some(picture) = netpbm_format(start) {
        return Some((ContentType::Picture, picture));
    }
    if start.starts_with(b"BM") && start.get(6..10) == Some(&[0; 4]) {
        return Some((ContentType::Picture, "BMP"));
    }
    if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
        let found = |names: &[(&[u8], &'static str)]| {
            names.iter().find(|(name, _)| has(name)).map(|(_, format)| *format)
        };
        let program = found(PROGRAMS_IN_A_ZIP).map(|format| (ContentType::Program, format));
        let document = found(IN_A_ZIP).map(|format| (ContentType::Document, format));
        return Some(program.or(document).unwrap_or((ContentType::Archive, "ZIP")));
    }
    if start.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // The names are in a directory that may be anywhere in the file.
        let is_in = |name: &str| memchr::memmem::find(bytes, &wide(name)).is_some();
        let known = IN_A_COMPOUND.iter().find(|(name, _)| is_in(name));
        return Some((ContentType::Document, known.map_or("Office", |(_, format)| *format)));
    }
    None
}

/// Returns whether this begins with the encrypted key of a message in PGP's binary format (RFC
/// 9580, sections 4.2 and 5.1 to 5.3): for a public key of version 3, or for a passphrase of
/// version 4.
const fn is_pgp(start: &[u8]) -> bool {
    matches!(
        start,
        [0x84, _, 3, ..] | [0x85, 1 | 2, _, 3, ..] | [0xc1, _, 3, ..] | [0x8c, 0x0d, 4, ..]
    )
}

/// Returns the error for a file with several mails (RFC 4155), each after a line such as `From
/// a@b.example Thu Feb  4 10:14:00 2027`.
pub(super) fn mailbox(text: &str) -> Option<TextError> {
    const TIME: usize = 24;
    let is_separator = |line: &str| {
        let is_time = |time: &str| {
            let (day, clock) = (&time.as_bytes()[..3], &time.as_bytes()[11..19]);
            day.iter().all(u8::is_ascii_alphabetic) && clock[2] == b':' && clock[5] == b':'
        };
        let line = line.trim_end();
        let sender_and_time = line.strip_prefix("From ").filter(|rest| rest.is_ascii());
        sender_and_time.is_some_and(|rest| rest.len() > TIME && is_time(&rest[rest.len() - TIME..]))
    };
    let is_field = |line: &str| {
        let name = line.split_once(':').map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let begins = |(line, next): &(&str, &str)| is_separator(line) && is_field(next);
    let mut pairs = text.lines().zip(text.lines().skip(1));
    let is_first = pairs.next().is_some_and(|pair| begins(&pair));
    (is_first && pairs.any(|pair| begins(&pair))).then_some(TextError::Document { format: "mbox" })
}

/// Returns whether this is a picture of PC Paintbrush, by its version, its encoding, its bits per
/// pixel, and a reserved byte.
fn is_pcx(start: &[u8]) -> bool {
    matches!(start, [0x0a, 0 | 2..=5, 0 | 1, 1 | 2 | 4 | 8, ..]) && start.get(64) == Some(&0)
}

/// Returns whether this is a picture of a Netpbm format with a size, whose pixels are bytes, or
/// text with nothing else.
fn netpbm_format(start: &[u8]) -> Option<&'static str> {
    let (kind, rest) = match start {
        [b'P', kind @ b'1'..=b'6', rest @ ..] => (kind, rest),
        _ => return None,
    };
    let without_comments = rest.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    let mut words = without_comments
        .flat_map(|line| line.split(|byte| byte.is_ascii_whitespace()))
        .filter(|word| !word.is_empty());
    let is_number = |word: &[u8]| word.len() <= 5 && word.iter().all(u8::is_ascii_digit);
    // The numbers are width, height and, unless the pixels are black or white, the maximum value.
    let numbers = if matches!(kind, b'1' | b'4') { 2 } else { 3 };
    let is_sized = rest.first().is_some_and(u8::is_ascii_whitespace)
        && words.by_ref().take(numbers).filter(|word| is_number(word)).count() == numbers;
    let has_pixels = match kind {
        b'1'..=b'3' => words.all(|word| word.iter().all(u8::is_ascii_digit)),
        _ => rest.iter().any(|byte| !byte.is_ascii() || *byte < 7),
    };
    (is_sized && has_pixels).then_some("PNM")
}

/// Returns the error for a text that only its recipient can decrypt.
fn encrypted(text: &str) -> Option<TextError> {
    let start = text.as_bytes()[..text.len().min(MAX_INSPECTED_BYTES)].to_ascii_lowercase();
    let is_in = |what: &[u8]| memchr::memmem::find(&start, what).is_some();
    let (_, format) = ENCRYPTED.iter().find(|(what, _)| is_in(what))?;
    Some(TextError::Encrypted { format })
}

/// Returns the format of a picture that begins with text.
fn text_picture_format(text: &str) -> Option<&'static str> {
    let text = text
        .trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let start = &text.as_bytes()[..text.len().min(MAX_INSPECTED_BYTES)];
    let has = |what: &[u8]| memchr::memmem::find(start, what).is_some();
    match start {
        [b'<', ..] => {
            // A web page may contain such a picture.
            let start = start.to_ascii_lowercase();
            let has = |what: &[u8]| memchr::memmem::find(&start, what).is_some();
            let begins = |what: &[u8]| start.starts_with(what);
            let is_drawing = begins(b"<svg")
                || begins(b"<!doctype svg")
                || ((begins(b"<?xml") || begins(b"<!--")) && has(b"<svg"));
            (is_drawing && !has(b"<html") && !has(b"<!doctype html")).then_some("SVG")
        }
        [b'/', ..] if start.starts_with(b"/* XPM */") => Some("XPM"),
        [b'#', ..] if start.starts_with(b"#define ") && has(b"_width ") && has(b"_bits[]") => {
            Some("XBM")
        }
        _ => None,
    }
}

/// Returns whether a text contains control characters other than those of lines, pages and
/// terminals.
fn is_binary(text: &str) -> bool {
    let start = &text.as_bytes()[..text.len().min(MAX_INSPECTED_BYTES)];
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, 7..=13 | 0x1a | 0x1b);
    let controls = start.iter().filter(|byte| is_control(byte)).count();
    controls > 0 && controls * MIN_CHARS_PER_CONTROL >= start.len()
}

#[cfg(test)]
mod tests {
    use super::super::file::tests::named;
    use super::*;
    use crate::scan;

    #[test]
    fn the_error_names_the_type_of_a_file_that_is_not_text() {
        let zip =
            |name: &str| [b"PK\x03\x04\x14\0\0\0\x08\0", name.as_bytes(), b"\x9c\xed\0"].concat();
        let wide: Vec<u8> =
            "__substg1.0_1000001F".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let compound =
            |inside: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 504][..], inside].concat();
        let random = (0..9000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
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
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec(), { ("program", "MPEG-4") }),
            (b"RIFF\x24\0\0\0WAVEfmt \x10\0".to_vec(), ("program", "WAVE")),
            (b"ID3\x04\0\0\0\0\0\x23".to_vec(), ("program", "MP3")),
            (b"OggS\0\x02\0\0".to_vec(), ("program", "Ogg")),
            (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), ("program", "macOS (Mach-O) / Java")),
            (zip("request.txt"), ("archive", "ZIP")),
            (zip("[Content_Types].xml PK word/document.xml"), ("document", "Word")),
            (zip("mimetypeapplication/vnd.oasis.opendocument.text"), ("document", "OpenDocument")),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), ("archive", "gzip")),
            (tar, ("archive", "tar")),
            (b"%PDF-1.7\n1 0 obj".to_vec(), ("document", "PDF")),
            (compound(&wide), ("document", "Outlook")),
            (compound(b"else"), ("document", "Office")),
            (b"MZ\x90\0\x03\0".to_vec(), ("program", "Windows (EXE)")),
            (b"P5\n2 2\n255\n\0\xff\0\xff".to_vec(), ("picture", "PNM")),
            (b"P3\n# x\n1 1\n255\n255 0 0\n".to_vec(), ("picture", "PNM")),
            (b"\x78\x9f\x3e\x22\x01\0".to_vec(), ("archive", "winmail.dat")),
            ([b"\x30\x82\x01\x10", ENVELOPED_DATA].concat(), ("encrypted", "S/MIME")),
            ([b"\x30\x80", OTHER_DATA[0]].concat(), ("document", "S/MIME")),
            (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0abcd\n=ab\n".to_vec(), ("encrypted", "PGP")),
            (
                format!(
                    "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n{}\n",
                    data_encoding::BASE64.encode(&[b"\x30\x80", ENVELOPED_DATA].concat())
                )
                .into_bytes(),
                ("encrypted", "S/MIME"),
            ),
            ([&[0x0a, 5, 1, 1][..], &[0; 124]].concat(), ("picture", "PCX")),
            ([&[0x0a, 3, 0, 4][..], &[0; 124]].concat(), ("picture", "PCX")),
            (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1".to_vec(), ("document", "OneNote")),
            (b"\0\x01\0\0Standard Jet DB\0\x01".to_vec(), ("document", "Access")),
            (b"\0\x01\0\0Standard ACE DB\0\x02".to_vec(), ("document", "Access")),
            (b"!BDN\x01\x02\x03\x04SM\x17\0".to_vec(), ("document", "Outlook (PST)")),
            (b"\0\x01\0\0\0\x12\x01\0".to_vec(), ("program", "TrueType")),
            (b"ttcf\0\x01\0\0".to_vec(), ("program", "TrueType")),
            (b"OTTO\0\x0c\0\x80".to_vec(), ("program", "OpenType")),
            (b"wOF2\0\x01\0\0".to_vec(), ("program", "WOFF")),
            (b"\x7fELF\x02\x01\x01\0".to_vec(), ("program", "Linux (ELF)")),
            (b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec(), ("program", "macOS (Mach-O)")),
            (b"SQLite format 3\0\x10\0".to_vec(), ("program", "SQLite")),
            (b"bplist00\xd1\x01\x02SURL".to_vec(), ("document", "Property List")),
            (b"\0\x05\x16\x07\0\x02\0\0Mac OS X".to_vec(), ("program", "AppleDouble")),
            (b"conectix\0\0\0\x02".to_vec(), ("archive", "VHD")),
            ([&[1; 600][..], b"koly\0\0\0\x04", &[0; 504]].concat(), ("archive", "DMG")),
            ([&[0; 0x8001][..], b"CD001\x01\0"].concat(), ("archive", "ISO 9660")),
            (b"%!PS-Adobe-3.0\n".to_vec(), ("document", "PostScript")),
            (zip("AndroidManifest.xml"), ("program", "Android (APK)")),
            (zip("Index/Slide.iwa Index/Document.iwa"), ("document", "Keynote")),
            (b"\x85\x01\x0c\x03\x12\x34".to_vec(), ("encrypted", "PGP")),
            (b"\x8c\x0d\x04\x09\x03\x02".to_vec(), ("encrypted", "PGP")),
            (b"age-encryption.org/v1\n-> X25519 abc\n".to_vec(), ("encrypted", "age")),
            (random, ("other", "Binary")),
            (b"\x01\x02\x03\x04 some \x05\x06".to_vec(), ("other", "Binary")),
            (b"".to_vec(), ("other", "Empty")),
            (b"\xef\xbb\xbf \r\n\0\0".to_vec(), ("other", "Empty")),
        ] {
            assert_eq!(named(&bytes), (expected.0, expected.1.to_owned()), "{bytes:?}");
        }
    }

    #[test]
    fn encrypted_text_that_is_pasted_is_reported_as_encrypted() {
        let token = crate::tests::sample(1);
        let smime = |length: &[u8]| {
            let bytes = [length, ENVELOPED_DATA, b"\xa0\x82\x01\x03\x30\x82\x01"].concat();
            data_encoding::BASE64_MIME.encode(&bytes)
        };
        for (text, format) in [
            ("-----BEGIN PGP MESSAGE-----\n\nhQEMA0abcd\n=ab\n".to_owned(), "PGP"),
            ("> -----BEGIN PGP MESSAGE-----\n>\n> hQEMA0abcd\n".to_owned(), "PGP"),
            (smime(b"\x30\x80"), "S/MIME"),
            (smime(b"\x30\x81\xff"), "S/MIME"),
            (smime(b"\x30\x82\x01\x10"), "S/MIME"),
            (smime(b"\x30\x83\x01\x02\x03"), "S/MIME"),
        ] {
            assert_eq!(scan(&text), Err(TextError::Encrypted { format }), "{text}");
            let both = scan(&format!("{text}\n{token}\n")).unwrap();
            assert!(both[0].token.is_ok());
        }
        let drawing = "<svg xmlns=\"x\"><path d=\"M0 0\"/></svg>";
        assert_eq!(scan(drawing), Err(TextError::Picture { format: "SVG" }));
        assert_eq!(scan("Dear all,"), Err(TextError::NoneFound));
    }

    #[test]
    fn a_mailbox_without_a_token_is_named_and_a_mail_is_text() {
        let mail = "From a@b.example Thu Feb  4 10:14:00 2027\nFrom: a@b.example\n\nHello\n\n";
        let mailbox = mail.repeat(2);
        assert_eq!(named(mailbox.as_bytes()), ("document", "mbox".to_owned()));
        let windows = mailbox.replace('\n', "\r\n");
        assert_eq!(named(windows.as_bytes()), ("document", "mbox".to_owned()));
        let token = crate::tests::sample(1);
        for text in [
            mail.to_owned(),
            format!("{mailbox}{token}\n"),
            format!("{mailbox}{}\n", &token[..120]),
            "From: a@b.example\nSubject: x\n\nHello\n".to_owned(),
            "From Monday on I am away.\nKim: ask Pat\n\nFrom Tuesday on as well.\nPat: no\n"
                .to_owned(),
            format!("Hello,\n\n{mailbox}"),
        ] {
            assert_eq!(named(text.as_bytes()).0, "text", "{text}");
        }
        let picture = format!(
            "{mail}From a@b.example Thu Feb  4 10:14:00 2027\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n{}\n",
            data_encoding::BASE64.encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        );
        assert_eq!(named(picture.as_bytes()), ("picture", "a.png".to_owned()));
    }

    #[test]
    fn a_part_of_a_token_and_a_web_page_are_not_reported_as_something_else() {
        let token = crate::tests::sample(1);
        let part = &token[80..];
        for text in [
            format!("> -----BEGIN PGP MESSAGE-----\n> ...\nHere is the rest:\n{part}\n"),
            format!("<!DOCTYPE html><title>x</title><body><svg></svg><p>{part}</p>"),
        ] {
            assert_eq!(scan(&text), Err(TextError::NoBeginning), "{text}");
        }
        for page in ["<!DOCTYPE html><body><svg></svg><p>Hello</p>", "<!-- x --><HTML><svg></svg>"]
        {
            assert_eq!(scan(page), Err(TextError::NoneFound), "{page}");
        }
    }

    #[test]
    fn text_in_any_encoding_and_with_colours_is_text() {
        for bytes in [
            "Grüße\n".as_bytes(),
            b"Gr\xfc\xdfe\r\n",
            b"\xc7\xe4\xf0\xe0\xe2\xf1\xf2\xe2\xf3\xe9\xf2\xe5",
            b"\x1b[1mrequest\x1b[0m \x07\x0c",
            b"B\xc3\xbcro",
            b"L\0K\0R\0E\0Q\0",
            b"MZ and GIF89 are letters\n",
            b"P2 2027 4 licences\nLKREQ\n",
            b"P5 20 30 seats\n",
            "P5 2027 30 Plätze\n".as_bytes(),
            "P6 2027 30 Pl\u{e4}tze und \u{fc}ber 5 \u{d7} 3\n".as_bytes(),
        ] {
            assert_eq!(named(bytes).0, "text", "{bytes:?}");
        }
    }
}
