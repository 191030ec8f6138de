//! Reads QR codes from photographs, screenshots, scans and animations. Oversized pictures are
//! refused before they are decoded. The decoded content is treated as plain text; messages about
//! it are up to the callers.

use std::borrow::Cow;

use image::imageops::{FilterType, invert, resize};
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, Luma, LumaA};
use latchkey_token::{TextError, pictures_in_mail, text_of_file};

use crate::code_parts::CodeParts;
use crate::codes::{Codes, Reading};
use crate::detect::{DETECTORS, WorkBudget};
use crate::image_pages::ImagePages;
use crate::reading_error::{FileReadError, ReadingError};
use crate::several_files::FileOfSeveral;

/// A larger picture is first reduced to this side, because finer detail mostly adds noise.
const QUICK_SEARCH_SIDE: u32 = 1_600;
/// Maximum number of pixels of a picture that is searched inverted at full size. A larger one is
/// searched inverted only at its reduced size.
const MAX_INVERTED: u64 = 12_000_000;
/// Maximum number of pixels of a picture that is searched at three times its size if nothing was
/// found.
const MAX_PIXELS_TRIPLED: u64 = 500_000;
/// Maximum number of pixels of a picture that is searched at twice its size.
const MAX_PIXELS_DOUBLED: u64 = 1_500_000;
/// Maximum number of pictures of a mail that are read. Each may take the full time of a picture.
const MAX_MAIL_PICTURES: usize = 4;
/// Maximum number of pages of a file, or frames of an animation, that are searched: twice as many
/// as a token has frames.
const MAX_PAGES: u32 = 64;
/// Maximum number of bytes of all codes in one picture; the largest code has 7,089. Only the first
/// ones are kept.
pub(crate) const MAX_CONTENT_BYTES: usize = 256 * 1024;

/// Returns the text of a file. If the file is a picture, or a mail without a token in its text but
/// with pictures attached, the text is the content of the QR codes in them. `read` reads a picture.
pub(crate) fn text_or_codes(bytes: &[u8], read: impl Fn(&[u8]) -> Reading) -> FileOfSeveral {
    let of_text = |result| FileOfSeveral { result, parts: CodeParts::default() };
    if let Some((name, _)) = format(bytes) {
        // A PNM picture begins with letters and digits, as a text may.
        if name == "PNM"
            && let Ok(text) = text_of_file(bytes)
        {
            return of_text(Ok(Codes::of_text(text)));
        }
        return FileOfSeveral::of_picture(read(bytes));
    }
    let error = match text_of_file(bytes) {
        Ok(text) => return of_text(Ok(Codes::of_text(text))),
        Err(error) => error,
    };
    if matches!(error, TextError::Attached { .. }) {
        let (readable, others): (Vec<_>, Vec<_>) =
            pictures_in_mail(bytes).into_iter().partition(|bytes| is_picture(bytes));
        let pictures = readable.iter().take(MAX_MAIL_PICTURES);
        let pictures: Vec<_> =
            pictures.map(|picture| FileOfSeveral::of_picture(read(picture))).collect();
        let mut parts = CodeParts::default();
        for picture in &pictures {
            parts.extend(&picture.parts);
        }
        parts.take_joined();
        let (mut texts, mut incomplete) = (Vec::new(), None);
        for picture in FileOfSeveral::join_all(pictures) {
            match picture {
                Ok(Some(codes)) => {
                    texts.push(codes.text);
                    incomplete = incomplete.or(codes.incomplete);
                }
                Ok(None) => {}
                // The picture may be a logo, with or without a code that links to the sender's
                // site.
                Err(FileReadError::Picture(ReadingError::NoCode) | FileReadError::Text(_)) => {}
                Err(FileReadError::Picture(error)) => incomplete = incomplete.or(Some(error)),
            }
        }
        let (looked, of) = (count(MAX_MAIL_PICTURES), count(readable.len()));
        let more = (of > looked).then_some(ReadingError::PicturesLeft { looked, of });
        if !texts.is_empty() {
            let others = others.iter().find_map(|bytes| TextError::picture_format(bytes));
            let others = others.map(|format| ReadingError::Unsupported { format });
            let incomplete = incomplete.or(more).or(others);
            return FileOfSeveral {
                result: Ok(Codes { text: texts.join("\n"), incomplete }),
                parts,
            };
        }
        if let Some(missing) = parts.missing_parts() {
            // The missing ones may be in the pictures that were left out.
            let missing = more.unwrap_or(missing);
            return FileOfSeveral { result: Err(FileReadError::Picture(missing)), parts };
        }
    }
    of_text(Err(FileReadError::Text(error)))
}

fn count(pictures: usize) -> u32 {
    u32::try_from(pictures).unwrap_or(u32::MAX)
}

/// The supported formats, by their names from [`TextError::picture_format`].
pub(crate) const FORMATS: [(&str, ImageFormat); 8] = [
    ("PNG", ImageFormat::Png),
    ("JPEG", ImageFormat::Jpeg),
    ("WebP", ImageFormat::WebP),
    ("GIF", ImageFormat::Gif),
    ("TIFF", ImageFormat::Tiff),
    ("BMP", ImageFormat::Bmp),
    ("PNM", ImageFormat::Pnm),
    ("TGA", ImageFormat::Tga),
];

/// Whether these bytes are a picture of a supported format: PNG, JPEG, WebP, GIF, TIFF, BMP, PNM or
/// TGA.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<(&'static str, ImageFormat)> {
    let name = TextError::picture_format(bytes)?;
    FORMATS.into_iter().find(|(known, _)| *known == name)
}

/// The contents of the QR codes in a picture, of all its pages or frames together. Decoding takes
/// at most `memory` bytes of memory. Programs pass pictures from outside to
/// [`crate::read_picture_isolated`].
///
/// # Errors
/// Returns any [`ReadingError`] except [`ReadingError::Interrupted`].
pub fn read_picture(bytes: &[u8], memory: u64) -> Result<Codes, ReadingError> {
    read_with_parts(bytes, memory).result
}

/// As [`read_picture`], with the parts of texts whose other parts are missing.
pub(crate) fn read_with_parts(bytes: &[u8], memory: u64) -> Reading {
    read_within(bytes, memory, &WorkBudget::default())
}

fn read_within(bytes: &[u8], memory: u64, work: &WorkBudget) -> Reading {
    let mut parts = CodeParts::default();
    let result = codes_within(bytes, memory, work, &mut parts);
    Reading { result, parts }
}

/// `code_parts` gets the parts of texts whose other parts are missing.
fn codes_within(
    bytes: &[u8],
    memory: u64,
    work: &WorkBudget,
    code_parts: &mut CodeParts,
) -> Result<Codes, ReadingError> {
    let (name, format) = format(bytes).ok_or(ReadingError::Unreadable)?;
    let pages = ImagePages::new(bytes, name, format, memory, MAX_PAGES);
    // A single picture is searched completely at once. Of several pictures, each is searched
    // quickly before any is searched completely.
    let depths = if pages.searched_count() == 1 {
        &[SearchDepth::Full][..]
    } else {
        &[SearchDepth::Quick, SearchDepth::Full]
    };
    let mut found = vec![SearchResult::default(); pages.searched_count() as usize];
    let (mut fault, mut any, mut looked) = (None, false, 0);
    for &depth in depths {
        if found.iter().all(|found| found.is_confirmed) {
            continue;
        }
        let mut before = None::<Grayscale>;
        let decoded = pages.for_each(work, |number, picture| {
            let Some(found) = found.get_mut(number) else { return false };
            any = true;
            let shades = Grayscale::from_picture(picture);
            // In most animations, most frames repeat the previous one.
            let is_again = before.as_ref() == Some(&shades);
            if !found.is_confirmed && !is_again {
                found.add(search_picture(&shades, depth, work));
                // For several pictures this would be too much work.
                if pages.searched_count() == 1 && found.texts.is_empty() && !found.was_refused {
                    found.add(search_enlarged(&shades, work));
                }
            }
            before = (pages.searched_count() > 1).then_some(shades);
            if !work.is_exhausted() || !found.texts.is_empty() {
                looked = looked.max(count(number + 1));
            }
            !work.is_exhausted()
        });
        fault = fault.or(decoded.err());
        if work.is_exhausted() {
            break;
        }
    }
    let mut collected = CollectedTexts::default();
    for (number, found) in found.iter().enumerate() {
        for text in &found.texts {
            if !collected.add(text) {
                looked = looked.min(count(number));
            }
        }
    }
    *code_parts = work.take_parts();
    let joined = code_parts.take_joined();
    for text in &joined {
        collected.add(text);
    }
    let code_parts = code_parts.missing_parts();
    let pages_left = pages.unsearched_error(looked);
    // Between the frames of an animation, codes that fade are normal.
    let unread = if pages.searched_count() == 1 { work.unread_codes() } else { None };
    if !collected.texts.is_empty() {
        // A picture in which a detector has found something counts as scanned.
        let was_refused = |found: &SearchResult| found.was_refused && found.texts.is_empty();
        let too_much = work.is_exhausted() || collected.is_cut || found.iter().any(was_refused);
        let too_much = too_much.then_some(ReadingError::TooMuchWork);
        let incomplete = fault.or(pages_left).or(too_much).or(code_parts).or(unread);
        return Ok(Codes { text: collected.texts.join("\n"), incomplete });
    }
    let too_much = work.is_exhausted() || found.iter().any(|found| found.was_refused);
    match fault {
        Some(fault) => Err(fault),
        None if too_much => Err(ReadingError::TooMuchWork),
        None if !any => Err(ReadingError::Unreadable),
        None => Err(code_parts.or(pages_left).unwrap_or(ReadingError::NoCode)),
    }
}

/// The content of all codes, each once, up to [`MAX_CONTENT_BYTES`].
#[derive(Default)]
struct CollectedTexts<'a> {
    texts: Vec<&'a str>,
    bytes: usize,
    is_cut: bool,
}

impl<'a> CollectedTexts<'a> {
    /// Returns whether the text is kept.
    fn add(&mut self, text: &'a str) -> bool {
        if self.texts.contains(&text) {
            return true;
        }
        let bytes = self.bytes + text.len() + 1;
        if bytes > MAX_CONTENT_BYTES {
            self.is_cut = true;
            return false;
        }
        self.bytes = bytes;
        self.texts.push(text);
        true
    }
}

/// How thoroughly a picture is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SearchDepth {
    /// As it is, at a reduced size.
    Quick,
    /// In every version, at every size.
    Full,
}

/// The codes that were found in a picture.
#[derive(Debug, Clone, Default)]
struct SearchResult {
    texts: Vec<String>,
    /// Both detectors have found the same codes.
    is_confirmed: bool,
    /// A detector has stopped because of too much work.
    was_refused: bool,
}

impl SearchResult {
    fn add(&mut self, other: Self) {
        self.is_confirmed |= other.is_confirmed;
        self.was_refused |= other.was_refused;
        for text in other.texts {
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
    }

    /// Adds the codes that another detector has found in the same picture.
    fn merge_detector(&mut self, texts: Vec<String>) {
        let is_in = |texts: &[String], all: &[String]| texts.iter().all(|text| all.contains(text));
        self.is_confirmed |=
            !self.texts.is_empty() && is_in(&self.texts, &texts) && is_in(&texts, &self.texts);
        for text in texts {
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
    }
}

/// A picture without its colours.
#[derive(PartialEq)]
enum Grayscale {
    Opaque(GrayImage),
    Transparent(GrayAlphaImage),
}

impl Grayscale {
    fn from_picture(picture: DynamicImage) -> Self {
        if !picture.color().has_alpha() {
            return Self::Opaque(picture.into_luma8());
        }
        let picture = picture.into_luma_alpha8();
        match picture.pixels().any(|pixel| pixel.0[1] < 255) {
            true => Self::Transparent(picture),
            false => Self::Opaque(blend(&picture, 255)),
        }
    }

    /// Programs show transparent pictures on white, or on black in a dark theme.
    const fn background_shades(&self) -> &'static [u8] {
        match self {
            Self::Opaque(_) => &[255],
            Self::Transparent(_) => &[255, 0],
        }
    }

    fn on_background(&self, background: u8) -> Cow<'_, GrayImage> {
        match self {
            Self::Opaque(picture) => Cow::Borrowed(picture),
            Self::Transparent(picture) => Cow::Owned(blend(picture, background)),
        }
    }
}

/// The picture on a background of this shade.
fn blend(picture: &GrayAlphaImage, background: u8) -> GrayImage {
    let mut shown = GrayImage::new(picture.width(), picture.height());
    for (LumaA([shade, cover]), Luma([seen])) in picture.pixels().zip(shown.pixels_mut()) {
        let cover = u32::from(*cover);
        let mixed = u32::from(*shade) * cover + u32::from(background) * (255 - cover);
        *seen = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
    }
    shown
}

/// The picture at a reduced size for the quick search, if it is larger than that.
fn shrink(picture: &GrayImage) -> Option<GrayImage> {
    let largest = picture.width().max(picture.height());
    let side =
        |side: u32| (u64::from(side) * u64::from(QUICK_SEARCH_SIDE) / u64::from(largest)).max(1);
    let side = |of| u32::try_from(side(of)).unwrap_or(QUICK_SEARCH_SIDE);
    (largest > QUICK_SEARCH_SIDE).then(|| {
        resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle)
    })
}

/// Searches a picture until two detectors agree, because each finds codes that the other misses, or
/// until every version was searched. Cheap versions come first: the reduced ones on each background
/// and inverted, then the full-size ones.
fn search_picture(shades: &Grayscale, depth: SearchDepth, work: &WorkBudget) -> SearchResult {
    let mut refused = false;
    let small: Vec<_> = shades
        .background_shades()
        .iter()
        .map(|&background| shrink(&shades.on_background(background)))
        .collect();
    for is_small in [true, false] {
        for (&background, small) in shades.background_shades().iter().zip(&small) {
            let sizes: Vec<Cow<'_, GrayImage>> = match (small, is_small) {
                // If the reduced version contains a code, a finer code may still need every pixel
                // of the full size.
                (Some(small), true) => vec![Cow::Borrowed(small), shades.on_background(background)],
                (None, true) | (Some(_), false) => vec![shades.on_background(background)],
                (None, false) => continue,
            };
            for is_inverted in [false, true] {
                let mut found = SearchResult::default();
                for (number, picture) in sizes.iter().enumerate() {
                    let is_large =
                        u64::from(picture.width()) * u64::from(picture.height()) > MAX_INVERTED;
                    if (number > 0 && (found.texts.is_empty() || depth == SearchDepth::Quick))
                        || (is_inverted && is_large)
                    {
                        break;
                    }
                    let picture = match is_inverted {
                        true => Cow::Owned(to_inverted(picture)),
                        false => Cow::Borrowed(picture.as_ref()),
                    };
                    for detector in DETECTORS {
                        match detector(&picture, work) {
                            Ok(texts) => found.merge_detector(texts),
                            Err(_) => refused = true,
                        }
                        if found.is_confirmed {
                            return found;
                        }
                    }
                }
                found.was_refused = refused;
                if !found.texts.is_empty() || depth == SearchDepth::Quick || work.is_exhausted() {
                    return found;
                }
            }
        }
    }
    SearchResult { was_refused: refused, ..SearchResult::default() }
}

/// Searches an enlarged version of a picture that is so small that each module of a code may have
/// less than two pixels.
fn search_enlarged(shades: &Grayscale, work: &WorkBudget) -> SearchResult {
    let mut found = SearchResult::default();
    let picture = shades.on_background(255);
    let (width, height) = picture.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let times = if pixels <= MAX_PIXELS_TRIPLED { 3 } else { 2 };
    if pixels > MAX_PIXELS_DOUBLED {
        return found;
    }
    let larger = resize(picture.as_ref(), width * times, height * times, FilterType::CatmullRom);
    for detector in DETECTORS {
        match detector(&larger, work) {
            Ok(texts) => found.merge_detector(texts),
            Err(_) => found.was_refused = true,
        }
        if !found.texts.is_empty() {
            break;
        }
    }
    found
}

fn to_inverted(picture: &GrayImage) -> GrayImage {
    let mut inverted = picture.clone();
    invert(&mut inverted);
    inverted
}

/// The content of the QR codes in a greyscale picture.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_codes(picture: &GrayImage) -> Result<String, ReadingError> {
    let found = search_picture(
        &Grayscale::Opaque(picture.clone()),
        SearchDepth::Full,
        &WorkBudget::default(),
    );
    match found.texts.is_empty() {
        false => Ok(found.texts.join("\n")),
        true if found.was_refused => Err(ReadingError::TooMuchWork),
        true => Err(ReadingError::NoCode),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use crate::{Picture, PortalUrl, pictures};
    use image::{ExtendedColorType, ImageEncoder as _};
    use latchkey_token::{Response, SeatId, SecretKeys, Seed, Token, seal};

    use super::*;

    pub(crate) fn read(bytes: &[u8]) -> Result<String, ReadingError> {
        read_picture(bytes, 200 * 1024 * 1024).map(|codes| codes.text)
    }

    pub(crate) fn long_token() -> Token {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        let payload = Response {
            request: latchkey_token::RequestId::from_bytes([3; 8]),
            activated_at: 1,
            seat: SeatId::from_bytes([1; 8]),
            lease_expiry: 2,
            grace: 0,
            sequence: 1,
            features: Default::default(),
            attributes: [("what".to_owned(), "x".repeat(490))].into(),
            subscription_end: None,
            traits_digest: [0; 10],
        };
        seal(&payload, 1, &keys, keys.public()).unwrap()
    }

    /// Draws a picture with `size` pixels per module on a grey background.
    pub(crate) fn draw(picture: &Picture, size: u32) -> GrayImage {
        let side = picture.side() as u32 * size;
        GrayImage::from_fn(side + 80, side + 40, |x, y| {
            let inside = (40..40 + side).contains(&x) && (20..20 + side).contains(&y);
            let at = |at: u32, margin: u32| ((at - margin) / size) as usize;
            Luma([match inside {
                true if picture.is_dark(at(x, 40), at(y, 20)) => 20,
                true => 235,
                false => 120,
            }])
        })
    }

    pub(crate) fn png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::codecs::png::PngEncoder::new(&mut bytes)
            .write_image(picture, picture.width(), picture.height(), ExtendedColorType::L8)
            .unwrap();
        bytes
    }

    fn jpeg(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 60)
            .encode(picture, picture.width(), picture.height(), ExtendedColorType::L8)
            .unwrap();
        bytes
    }

    #[test]
    fn every_frame_of_a_long_token_is_read_from_png_and_jpeg() {
        let token = long_token();
        let portal = PortalUrl::new("https://licence.acme.example").unwrap();
        let mut texts = Vec::new();
        for picture in pictures(&token, Some(&portal)) {
            let drawn = draw(&picture, 4);
            assert_eq!(read(&png(&drawn)).unwrap(), picture.text());
            texts.push(read(&jpeg(&drawn)).unwrap());
        }
        assert_eq!(texts.len(), 2);
        assert_eq!(latchkey_token::scan(&texts.join("\n")).unwrap()[0].token, Ok(token));
    }

    #[test]
    fn a_code_in_a_large_picture_is_found() {
        let picture = &pictures(&long_token(), None)[0];
        let large = draw(picture, 25);
        assert!(large.width() > QUICK_SEARCH_SIDE);
        assert_eq!(read_codes(&large).unwrap(), picture.text());
    }

    /// Draws a large picture with so much detail that the search always reaches its limit.
    fn draw_pattern(side: u32) -> GrayImage {
        let mut state = 1_u32;
        let mut woven = GrayImage::from_fn(side / 3, side / 3, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Luma([if state >> 31 == 0 { 0 } else { 255 }])
        });
        woven = resize(&woven, side, side, FilterType::Nearest);
        woven
    }

    #[test]
    fn the_work_for_a_file_is_bounded_and_earlier_results_are_kept() {
        let picture = &pictures(&long_token(), None)[0];
        let mut large = draw_pattern(2_400);
        let code = draw(picture, 12);
        image::imageops::replace(&mut large, &code, 30, 60);
        let large = Grayscale::Opaque(large);
        let looked = |looks| {
            let work = WorkBudget::with_steps(looks);
            let found = search_picture(&large, SearchDepth::Full, &work);
            (found.texts, found.was_refused, work.is_exhausted())
        };
        let says = vec![picture.text().to_owned()];
        // Steps for less than one version, for one that finds the code, and for all versions.
        let small = 1_600 * 1_600;
        assert_eq!(looked(small), (vec![], true, true));
        assert_eq!(looked(13 * small), (says.clone(), true, true));
        let (texts, _, is_done) = looked(u64::MAX / 2);
        assert_eq!((texts, is_done), (says, false));
        // Without a code, the search of every version ends at the same limit.
        let work = WorkBudget::with_steps(13 * small);
        let found =
            search_picture(&Grayscale::Opaque(draw_pattern(2_400)), SearchDepth::Full, &work);
        assert!(found.texts.is_empty() && found.was_refused && work.is_exhausted());
    }

    #[test]
    fn a_picture_with_inflated_dimensions_is_refused_before_decoding() {
        let mut bytes = png(&GrayImage::new(2, 2));
        // The header's width and height, and its check.
        bytes[16..24].copy_from_slice(&[0, 0, 0x90, 0, 0, 0, 0x90, 0]);
        let check = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&check.to_be_bytes());
        assert_eq!(read(&bytes), Err(ReadingError::TooLarge));
        assert_eq!(read(&png(&GrayImage::new(64, 64))), Err(ReadingError::NoCode));
        assert_eq!(read(b"\x89PNG\r\n\x1a\n"), Err(ReadingError::Unreadable));
        assert_eq!(read(&[0xff, 0xd8, 0xff]), Err(ReadingError::Unreadable));
        assert_eq!(read(b"GIF89a\0"), Err(ReadingError::Unreadable));
    }

    #[test]
    fn inflated_dimensions_are_refused_in_every_format() {
        let large = |format, at: usize, size: &[u8]| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::DynamicImage::new_rgb8(4, 4).write_to(&mut bytes, format).unwrap();
            let mut bytes = bytes.into_inner();
            bytes[at..at + size.len()].copy_from_slice(size);
            bytes
        };
        // 10,000 by 10,000 pixels need more memory than is allowed here. A wider picture isn't
        // decoded at all, however much memory is allowed.
        let (side, wide) = ([0x10, 0x27], [0xff, 0x3f]);
        let both = [side, side].concat();
        let (four, four_wide) = ([0x10, 0x27, 0, 0], [0xff, 0x7f, 0, 0]);
        for bytes in [
            large(ImageFormat::Gif, 6, &both),
            large(ImageFormat::Gif, 6, &wide),
            large(ImageFormat::Bmp, 18, &[four, four].concat()),
            large(ImageFormat::Bmp, 18, &four_wide),
        ] {
            assert_eq!(read_picture(&bytes, 64 * 1024 * 1024), Err(ReadingError::TooLarge));
        }
    }

    #[test]
    fn transparency_is_read_on_white_and_then_on_black() {
        let picture = &pictures(&long_token(), None)[0];
        let drawn = draw(picture, 4);
        for shade in [0, 255] {
            let cover = GrayAlphaImage::from_fn(drawn.width(), drawn.height(), |x, y| {
                let dark = drawn.get_pixel(x, y).0[0] < 60;
                LumaA([shade, if dark { 255 } else { 0 }])
            });
            let mut bytes = Cursor::new(Vec::new());
            cover.write_to(&mut bytes, ImageFormat::Png).unwrap();
            assert_eq!(read(bytes.get_ref()).unwrap(), picture.text(), "{shade}");
        }
    }

    pub(crate) fn mail(files: &[&[u8]]) -> Vec<u8> {
        let mut mail =
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee attached\n".to_owned();
        for file in files {
            let encoded = data_encoding::BASE64_MIME.encode(file);
            mail += &format!(
                "--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n{encoded}\n"
            );
        }
        mail.into_bytes()
    }

    fn of_file(bytes: &[u8]) -> Result<Codes, FileReadError> {
        text_or_codes(bytes, |picture| read_with_parts(picture, 200 * 1024 * 1024)).result
    }

    #[test]
    fn the_pictures_in_a_mail_without_a_token_in_its_text_are_read() {
        let picture = &pictures(&long_token(), None)[0];
        let (code, logo) = (png(&draw(picture, 4)), png(&GrayImage::new(64, 64)));
        let found = Ok(Codes { text: picture.text().to_owned(), incomplete: None });
        assert_eq!(of_file(&mail(&[&logo, &code])), found);
        assert_eq!(of_file(&code), found);
        let attached = TextError::Attached { what: "picture", name: "a.png".to_owned() };
        assert_eq!(of_file(&mail(&[&logo])), Err(FileReadError::Text(attached.clone())));
        // The fifth picture is beyond the limit.
        assert_eq!(
            of_file(&mail(&[&logo, &logo, &logo, &logo, &code])),
            Err(FileReadError::Text(attached))
        );
    }

    #[test]
    fn unread_pictures_of_a_mail_are_reported_with_the_result() {
        let picture = &pictures(&long_token(), None)[0];
        let (code, logo) = (png(&draw(picture, 4)), png(&GrayImage::new(64, 64)));
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let cut = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let incomplete = |files: &[&[u8]]| {
            let codes = of_file(&mail(files)).unwrap();
            assert_eq!(codes.text, picture.text());
            codes.incomplete
        };
        assert_eq!(incomplete(&[&code, &logo, &logo, &logo]), None);
        let more = ReadingError::PicturesLeft { looked: 4, of: 5 };
        assert_eq!(incomplete(&[&code, &logo, &logo, &logo, &logo]), Some(more));
        assert_eq!(incomplete(&[cut, &code]), Some(ReadingError::Unreadable));
        assert_eq!(incomplete(&[heic, &code]), Some(ReadingError::Unsupported { format: "HEIC" }));
        let mut reads = 0..;
        let tired = text_or_codes(&mail(&[&code, &code]), {
            let reads = std::cell::RefCell::new(&mut reads);
            move |bytes| match reads.borrow_mut().next() {
                Some(0) => read_with_parts(bytes, 200 * 1024 * 1024),
                _ => Err(ReadingError::TooMuchWork).into(),
            }
        });
        assert_eq!(tired.result.unwrap().incomplete, Some(ReadingError::TooMuchWork));
    }

    #[test]
    fn a_text_with_the_magic_bytes_of_a_picture_is_a_text() {
        let token = long_token().to_string();
        for begins in ["P5 2027 30 Plätze", "P5 2027 30 12 Plätze", "P4 20 30 Plätze"] {
            let text = format!("{begins}\n{token}");
            assert_eq!(of_file(text.as_bytes()), Ok(Codes { text, incomplete: None }));
        }
        let picture = &pictures(&long_token(), None)[0];
        let drawn = draw(picture, 4);
        let header = format!("P5 {} {} 255\n", drawn.width(), drawn.height());
        let bytes = [header.as_bytes(), drawn.as_raw()].concat();
        let text = picture.text().to_owned();
        assert_eq!(of_file(&bytes), Ok(Codes { text, incomplete: None }));
    }

    fn animated(frames: &[GrayImage]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
        for frame in frames {
            let frame = DynamicImage::from(frame.clone()).to_rgba8();
            encoder.encode_frame(image::Frame::new(frame)).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn unread_frames_are_reported_with_the_result() {
        let picture = &pictures(&long_token(), None)[0];
        let code = draw(picture, 4);
        let blank = GrayImage::from_pixel(code.width(), code.height(), Luma([255]));
        let mut grey = blank.clone();
        grey.fill(128);
        let incomplete = |frames: &[GrayImage], looks| {
            let work = WorkBudget::with_steps(looks);
            let codes = read_within(&animated(frames), 200 * 1024 * 1024, &work).result.unwrap();
            assert_eq!(codes.text, picture.text());
            (codes.incomplete, work.left_for_test())
        };
        let plenty = 2_000_000_000;
        let (none, after_one) = incomplete(std::slice::from_ref(&code), plenty);
        assert_eq!(none, None);
        let one = plenty - after_one;
        // Steps for the first frame only, and almost enough for all of them.
        let frames = [code.clone(), blank.clone(), grey];
        let few = ReadingError::PicturesLeft { looked: 1, of: 3 };
        assert_eq!(incomplete(&frames, one).0, Some(few));
        let (none, after_all) = incomplete(&frames, plenty);
        assert_eq!(none, None);
        let all = plenty - after_all;
        assert_eq!(incomplete(&frames, all - 1).0, Some(ReadingError::TooMuchWork));
        // A frame with too much detail.
        let mut full = blank;
        image::imageops::replace(&mut full, &crate::detect::tests::finders(30), 0, 0);
        assert_eq!(incomplete(&[code, full], plenty).0, Some(ReadingError::TooMuchWork));
    }

    #[test]
    fn a_code_that_cannot_be_read_beside_one_that_can_is_reported() {
        let both = pictures(&long_token(), None);
        let (first, second) = (draw(&both[0], 4), draw(&both[1], 4));
        let beside = |right: &GrayImage| {
            let width = first.width() + right.width() + 60;
            let mut page =
                GrayImage::from_pixel(width, first.height().max(right.height()), Luma([120]));
            image::imageops::replace(&mut page, &first, 0, 0);
            image::imageops::replace(&mut page, right, i64::from(first.width()) + 60, 0);
            read_picture(&png(&page), 200 * 1024 * 1024).unwrap()
        };
        let whole = beside(&second);
        assert_eq!((whole.text.lines().count(), whole.incomplete), (2, None));
        // The second code is scratched across its data, and its three corners are intact.
        let mut scratched = second.clone();
        let (width, height) = scratched.dimensions();
        for y in height * 2 / 5..height * 4 / 5 {
            for x in width / 5..width * 9 / 10 {
                scratched.put_pixel(x, y, Luma([if (x / 4 + y / 4) % 3 == 0 { 20 } else { 235 }]));
            }
        }
        let half = beside(&scratched);
        assert_eq!(half.text, both[0].text());
        assert_eq!(half.incomplete, Some(ReadingError::CodesUnread { count: 1 }));
        // The same code twice, and a pattern that only looks like a part of a code.
        assert_eq!(beside(&first).incomplete, None);
        assert_eq!(beside(&crate::detect::tests::finders(3)).incomplete, None);
    }

    #[test]
    fn text_beyond_the_limit_is_dropped_from_the_end() {
        let (half, rest) = ("x".repeat(MAX_CONTENT_BYTES / 2), "y".repeat(MAX_CONTENT_BYTES / 2));
        let mut collected = CollectedTexts::default();
        assert!(collected.add(&half) && collected.add(&half) && !collected.add(&rest));
        assert!(collected.add("z") && collected.is_cut);
        assert_eq!(collected.texts, [&half, "z"]);
        assert!(collected.texts.join("\n").len() <= MAX_CONTENT_BYTES);
    }

    #[test]
    fn a_code_without_a_token_is_reported() {
        let code = |text: &str| {
            let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Low).unwrap();
            png(&GrayImage::from_fn(400, 400, |x, y| {
                let at = |at: u32| (at / 6) as i32 - 4;
                Luma([if code.get_module(at(x), at(y)) { 0 } else { 255 }])
            }))
        };
        let said = "https://acme.example/…".to_owned();
        let other = TextError::OtherCode { what: "link", said, characters: 27 };
        assert_eq!(of_file(&code("https://acme.example/secret")), Err(FileReadError::Text(other)));
        let activation = latchkey_token::ActivationCode::generate().unwrap().expose_for_people();
        assert_eq!(of_file(&code(&activation)), Err(FileReadError::Text(TextError::CodeInstead)));
    }

    /// PNG's check (ISO/IEC 15948, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }
}
