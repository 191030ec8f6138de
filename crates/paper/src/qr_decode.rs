//! Reads QR codes from photographs, screenshots, scans and animations. Oversized pictures are
//! rejected before they are decoded. The decoded content is treated as plain text; messages about
//! it are up to the callers.

use std::borrow::Cow;

use image::imageops::{FilterType, invert, resize};
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageFormat, Luma, LumaA};
use latchkey_token::{TextError, pictures_in_mail, text_of_file};
use thiserror::Error;

use crate::detect::{DETECTORS, Work};
use crate::parts::Parts;

/// Codes are looked for in a picture of at most this side first: more only makes noise.
const GOOD_SIDE: u32 = 1_600;
/// Most pixels of a picture that is looked at inverted as large as it is. In a larger one a code is
/// inverted only at the size that is looked at first.
const MAX_INVERTED: u64 = 12_000_000;
/// Most pixels of a picture that is looked at three times as large, when nothing was found in it.
const SMALL: u64 = 500_000;
/// Most pixels of one that is looked at twice as large.
const RATHER_SMALL: u64 = 1_500_000;
/// Most pictures of a mail that are read. Each may take the time of any picture.
const MAX_MAILED: usize = 4;
/// Most pages of a file, or frames of an animation, that are looked at: twice as many as a token
/// has frames.
const MAX_PARTS: u32 = 64;
/// Most bytes that the codes in one picture say together: the largest code says 7,089. Of more the
/// first are kept.
pub(crate) const MAX_SAID: usize = 256 * 1024;

/// The content of the QR codes in a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// A line each.
    pub text: String,
    /// Why there may be more codes in it: something of it couldn't be read, or was too much. One
    /// reason where there are several.
    pub left: Option<ReadingError>,
}

/// Why a picture has no result, or was scanned only partly.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadingError {
    /// The picture has too many pixels.
    #[error("the picture is too large")]
    TooLarge,
    /// It is no whole picture of a format that is read.
    #[error("the picture can't be read")]
    Unreadable,
    /// It is a picture of a kind that isn't read, in a format of which other kinds are.
    #[error("pictures of this kind ({format}) aren't read")]
    Unsupported {
        /// The format's name.
        format: &'static str,
    },
    /// There is no QR code in it, or none that can be made out.
    #[error("there is no QR code in the picture")]
    NoCode,
    /// It has more pages or frames of an animation, or a mail has more pictures, than are looked
    /// at.
    #[error("only {looked} of {of} pages, frames or attached pictures were looked at")]
    PartsLeft {
        /// How many were looked at: the first ones.
        looked: u32,
        /// How many there are.
        of: u32,
    },
    /// The codes in it are parts of one (ISO/IEC 18004, structured append), and others of its parts
    /// are missing.
    #[error("only {have} of {count} parts of a QR code are in the picture")]
    CodeParts {
        /// How many parts are there.
        have: u8,
        /// How many it has.
        count: u8,
    },
    /// More in it looks like a QR code's corner than in any picture of a token, or looking for
    /// codes takes too long.
    #[error("looking for QR codes in the picture takes too much work")]
    TooMuchWork,
    /// The picture process couldn't be started, or ended without a result.
    #[error("reading the picture was interrupted")]
    Interrupted,
}

impl ReadingError {
    /// The same as an error of a text, if it is one: what a file is that can't be read here, or of
    /// which a part can't.
    #[must_use]
    pub const fn of_text(self) -> Option<TextError> {
        match self {
            Self::Unsupported { format } => Some(TextError::Picture { format }),
            Self::PartsLeft { looked, of } => {
                Some(TextError::PictureParts { looked: looked as usize, count: of as usize })
            }
            Self::CodeParts { have, count } => {
                Some(TextError::CodeParts { have: have as usize, count: count as usize })
            }
            _ => None,
        }
    }
}

/// Why a file has no result.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum FileError {
    /// It is a picture.
    #[error(transparent)]
    Picture(ReadingError),
    /// It isn't one, or what the codes in it hold is something else than a token.
    #[error(transparent)]
    Text(TextError),
}

/// The text of a file: what the QR codes in it hold where it is a picture, or a mail with pictures
/// attached and no token in its text. `read` reads a picture.
pub(crate) fn text_or_codes(
    bytes: &[u8],
    read: impl Fn(&[u8]) -> Result<Codes, ReadingError>,
) -> Result<Codes, FileError> {
    if let Some((name, _)) = format(bytes) {
        // Such a picture begins with letters and digits, as a text may.
        if name == "PNM"
            && let Ok(text) = text_of_file(bytes)
        {
            return Ok(Codes { text, left: None });
        }
        return token_codes(read(bytes).map_err(FileError::Picture)?);
    }
    let error = match text_of_file(bytes) {
        Ok(text) => return Ok(Codes { text, left: None }),
        Err(error) => error,
    };
    if matches!(error, TextError::Attached { .. }) {
        let (readable, others): (Vec<_>, Vec<_>) =
            pictures_in_mail(bytes).into_iter().partition(|bytes| is_picture(bytes));
        let (mut texts, mut left) = (Vec::new(), None);
        for picture in readable.iter().take(MAX_MAILED) {
            match read(picture).map_err(FileError::Picture).and_then(token_codes) {
                Ok(codes) => {
                    texts.push(codes.text);
                    left = left.or(codes.left);
                }
                // A logo without a code, and one with a code that leads to the sender's pages.
                Err(FileError::Picture(ReadingError::NoCode) | FileError::Text(_)) => {}
                Err(FileError::Picture(error)) => left = left.or(Some(error)),
            }
        }
        if !texts.is_empty() {
            let more = readable.len() > MAX_MAILED;
            let (looked, of) = (count(MAX_MAILED), count(readable.len()));
            let more = more.then_some(ReadingError::PartsLeft { looked, of });
            let others = others.iter().find_map(|bytes| TextError::picture_format(bytes));
            let others = others.map(|format| ReadingError::Unsupported { format });
            return Ok(Codes { text: texts.join("\n"), left: left.or(more).or(others) });
        }
    }
    Err(FileError::Text(error))
}

fn count(pictures: usize) -> u32 {
    u32::try_from(pictures).unwrap_or(u32::MAX)
}

/// Codes with a token, or a part of one, in them.
fn token_codes(codes: Codes) -> Result<Codes, FileError> {
    match (TextError::of_other_code(&codes.text), codes.left) {
        (None, _) => Ok(codes),
        // It may be in what wasn't looked through.
        (Some(_), Some(left)) => Err(FileError::Picture(left)),
        (Some(error), None) => Err(FileError::Text(error)),
    }
}

/// The formats that are read, by the names that [`TextError::picture_format`] gives them.
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

/// Whether these bytes are a picture of a format that is read: PNG, JPEG, WebP, GIF, TIFF, BMP, PNM
/// or TGA.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<(&'static str, ImageFormat)> {
    let name = TextError::picture_format(bytes)?;
    FORMATS.into_iter().find(|(known, _)| *known == name)
}

/// The contents of the QR codes in a picture, of all its pages or frames together. Decoding takes at
/// most `memory` bytes of memory. Programs pass pictures from outside to
/// [`crate::read_picture_aside`].
///
/// # Errors
/// [`ReadingError`], all but [`ReadingError::Interrupted`].
pub fn read_picture(bytes: &[u8], memory: u64) -> Result<Codes, ReadingError> {
    read_within(bytes, memory, &Work::default())
}

fn read_within(bytes: &[u8], memory: u64, work: &Work) -> Result<Codes, ReadingError> {
    let (name, format) = format(bytes).ok_or(ReadingError::Unreadable)?;
    let parts = Parts::of(bytes, name, format, memory, MAX_PARTS);
    // One picture is looked through to the end at once. Of several each has its first look before
    // any has its second.
    let looks = if parts.looked() == 1 { &[Look::All][..] } else { &[Look::First, Look::All] };
    let mut found = vec![Found::default(); parts.looked() as usize];
    let (mut fault, mut any, mut looked) = (None, false, 0);
    for &look in looks {
        if found.iter().all(Found::is_sure) {
            continue;
        }
        let mut before = None::<Shades>;
        let decoded = parts.each(work, |number, picture| {
            let Some(found) = found.get_mut(number) else { return false };
            any = true;
            let shades = Shades::of(picture);
            // In most animations nothing moves most of the time.
            let is_again = before.as_ref() == Some(&shades);
            if !found.is_sure() && !is_again {
                found.add(look_through(&shades, look, work));
                // Of several pictures that would be too much.
                if parts.looked() == 1 && found.texts.is_empty() && !found.was_refused {
                    found.add(look_closer(&shades, work));
                }
            }
            before = (parts.looked() > 1).then_some(shades);
            if !work.is_done() || !found.texts.is_empty() {
                looked = looked.max(count(number + 1));
            }
            !work.is_done()
        });
        fault = fault.or(decoded.err());
        if work.is_done() {
            break;
        }
    }
    let mut said = Said::default();
    for (number, found) in found.iter().enumerate() {
        for text in &found.texts {
            if !said.add(text) {
                looked = looked.min(count(number));
            }
        }
    }
    let (joined, code_parts) = work.joined();
    for text in &joined {
        said.add(text);
    }
    let parts_left = parts.left(looked);
    if !said.texts.is_empty() {
        // A picture in which a detector has found something counts as scanned.
        let was_refused = |found: &Found| found.was_refused && found.texts.is_empty();
        let too_much = work.is_done() || said.is_cut || found.iter().any(was_refused);
        let too_much = too_much.then_some(ReadingError::TooMuchWork);
        let left = fault.or(parts_left).or(too_much).or(code_parts);
        return Ok(Codes { text: said.texts.join("\n"), left });
    }
    let too_much = work.is_done() || found.iter().any(|found| found.was_refused);
    match fault {
        Some(fault) => Err(fault),
        None if too_much => Err(ReadingError::TooMuchWork),
        None if !any => Err(ReadingError::Unreadable),
        None => Err(code_parts.or(parts_left).unwrap_or(ReadingError::NoCode)),
    }
}

/// What all codes say, each once, as far as there is room.
#[derive(Default)]
struct Said<'a> {
    texts: Vec<&'a str>,
    bytes: usize,
    is_cut: bool,
}

impl<'a> Said<'a> {
    /// Gives whether it is kept.
    fn add(&mut self, text: &'a str) -> bool {
        if self.texts.contains(&text) {
            return true;
        }
        let bytes = self.bytes + text.len() + 1;
        if bytes > MAX_SAID {
            self.is_cut = true;
            return false;
        }
        self.bytes = bytes;
        self.texts.push(text);
        true
    }
}

/// How far a picture is looked through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// As it is, and not too large.
    First,
    /// In every way, at every size.
    All,
}

/// What was found in a picture.
#[derive(Debug, Clone, Default)]
struct Found {
    texts: Vec<String>,
    /// Two looks have found the same.
    is_agreed: bool,
    /// One look would have been too much work.
    was_refused: bool,
}

impl Found {
    const fn is_sure(&self) -> bool {
        self.is_agreed
    }

    fn add(&mut self, other: Self) {
        self.is_agreed |= other.is_agreed;
        self.was_refused |= other.was_refused;
        for text in other.texts {
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
    }

    /// What another look at the same picture has found.
    fn compare(&mut self, texts: Vec<String>) {
        let is_in = |texts: &[String], all: &[String]| texts.iter().all(|text| all.contains(text));
        self.is_agreed |=
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
enum Shades {
    Opaque(GrayImage),
    Transparent(GrayAlphaImage),
}

impl Shades {
    fn of(picture: DynamicImage) -> Self {
        if !picture.color().has_alpha() {
            return Self::Opaque(picture.into_luma8());
        }
        let picture = picture.into_luma_alpha8();
        match picture.pixels().any(|pixel| pixel.0[1] < 255) {
            true => Self::Transparent(picture),
            false => Self::Opaque(on(&picture, 255)),
        }
    }

    /// Programs show what is transparent on white, and on black where their windows are dark.
    const fn grounds(&self) -> &'static [u8] {
        match self {
            Self::Opaque(_) => &[255],
            Self::Transparent(_) => &[255, 0],
        }
    }

    fn on(&self, ground: u8) -> Cow<'_, GrayImage> {
        match self {
            Self::Opaque(picture) => Cow::Borrowed(picture),
            Self::Transparent(picture) => Cow::Owned(on(picture, ground)),
        }
    }
}

/// A picture as it looks on a ground of this shade.
fn on(picture: &GrayAlphaImage, ground: u8) -> GrayImage {
    let mut shown = GrayImage::new(picture.width(), picture.height());
    for (LumaA([shade, cover]), Luma([seen])) in picture.pixels().zip(shown.pixels_mut()) {
        let cover = u32::from(*cover);
        let mixed = u32::from(*shade) * cover + u32::from(ground) * (255 - cover);
        *seen = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
    }
    shown
}

/// The same picture, small enough to be looked at first, if it is larger than that.
fn smaller(picture: &GrayImage) -> Option<GrayImage> {
    let largest = picture.width().max(picture.height());
    let side = |side: u32| (u64::from(side) * u64::from(GOOD_SIDE) / u64::from(largest)).max(1);
    let side = |of| u32::try_from(side(of)).unwrap_or(GOOD_SIDE);
    (largest > GOOD_SIDE).then(|| {
        resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle)
    })
}

/// The detectors don't find the same codes: a picture is looked through until two looks in it have
/// found the same, or to the end. What costs little comes first: its small versions on each ground
/// and inverted, then the large ones.
fn look_through(shades: &Shades, look: Look, work: &Work) -> Found {
    let mut refused = false;
    let small: Vec<_> =
        shades.grounds().iter().map(|&ground| smaller(&shades.on(ground))).collect();
    for is_small in [true, false] {
        for (&ground, small) in shades.grounds().iter().zip(&small) {
            let sizes: Vec<Cow<'_, GrayImage>> = match (small, is_small) {
                // Where a small version says something, a fine code may need every pixel of the
                // large one after all.
                (Some(small), true) => vec![Cow::Borrowed(small), shades.on(ground)],
                (None, true) | (Some(_), false) => vec![shades.on(ground)],
                (None, false) => continue,
            };
            for is_inverted in [false, true] {
                let mut found = Found::default();
                for (number, picture) in sizes.iter().enumerate() {
                    let is_large =
                        u64::from(picture.width()) * u64::from(picture.height()) > MAX_INVERTED;
                    if (number > 0 && (found.texts.is_empty() || look == Look::First))
                        || (is_inverted && is_large)
                    {
                        break;
                    }
                    let picture = match is_inverted {
                        true => Cow::Owned(inverted(picture)),
                        false => Cow::Borrowed(picture.as_ref()),
                    };
                    for detector in DETECTORS {
                        match detector(&picture, work) {
                            Ok(texts) => found.compare(texts),
                            Err(_) => refused = true,
                        }
                        if found.is_agreed {
                            return found;
                        }
                    }
                }
                found.was_refused = refused;
                if !found.texts.is_empty() || look == Look::First || work.is_done() {
                    return found;
                }
            }
        }
    }
    Found { was_refused: refused, ..Found::default() }
}

/// Looks once more at a picture that is so small that a code's modules may have less than two
/// pixels each.
fn look_closer(shades: &Shades, work: &Work) -> Found {
    let mut found = Found::default();
    let picture = shades.on(255);
    let (width, height) = picture.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let times = if pixels <= SMALL { 3 } else { 2 };
    if pixels > RATHER_SMALL {
        return found;
    }
    let larger = resize(picture.as_ref(), width * times, height * times, FilterType::CatmullRom);
    for detector in DETECTORS {
        match detector(&larger, work) {
            Ok(texts) => found.compare(texts),
            Err(_) => found.was_refused = true,
        }
        if !found.texts.is_empty() {
            break;
        }
    }
    found
}

fn inverted(picture: &GrayImage) -> GrayImage {
    let mut inverted = picture.clone();
    invert(&mut inverted);
    inverted
}

/// What the QR codes in a picture in shades of grey say.
#[cfg(any(test, fuzzing))]
pub(crate) fn read_codes(picture: &GrayImage) -> Result<String, ReadingError> {
    let found = look_through(&Shades::Opaque(picture.clone()), Look::All, &Work::default());
    match found.texts.is_empty() {
        false => Ok(found.texts.join("\n")),
        true if found.was_refused => Err(ReadingError::TooMuchWork),
        true => Err(ReadingError::NoCode),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use crate::{Picture, Portal, pictures};
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

    /// Drawn with `size` pixels per module on a grey background.
    pub(crate) fn drawn(picture: &Picture, size: u32) -> GrayImage {
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
    fn every_frame_of_a_long_token_is_read_from_png_and_jpeg_and_makes_the_token() {
        let token = long_token();
        let portal = Portal::new("https://licence.acme.example").unwrap();
        let mut texts = Vec::new();
        for picture in pictures(&token, Some(&portal)) {
            let drawn = drawn(&picture, 4);
            assert_eq!(read(&png(&drawn)).unwrap(), picture.text());
            texts.push(read(&jpeg(&drawn)).unwrap());
        }
        assert_eq!(texts.len(), 2);
        assert_eq!(latchkey_token::scan(&texts.join("\n")).unwrap()[0].token, Ok(token));
    }

    #[test]
    fn a_code_in_a_large_picture_is_found() {
        let picture = &pictures(&long_token(), None)[0];
        let large = drawn(picture, 25);
        assert!(large.width() > GOOD_SIDE);
        assert_eq!(read_codes(&large).unwrap(), picture.text());
    }

    /// Large, with so much in it that looking for codes never comes to an end before its bound.
    fn woven(side: u32) -> GrayImage {
        let mut state = 1_u32;
        let mut woven = GrayImage::from_fn(side / 3, side / 3, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Luma([if state >> 31 == 0 { 0 } else { 255 }])
        });
        woven = resize(&woven, side, side, FilterType::Nearest);
        woven
    }

    #[test]
    fn the_work_for_one_file_is_bounded_for_all_its_versions_and_what_was_found_before_is_given() {
        let picture = &pictures(&long_token(), None)[0];
        let mut large = woven(2_400);
        let code = drawn(picture, 12);
        image::imageops::replace(&mut large, &code, 30, 60);
        let large = Shades::Opaque(large);
        let looked = |looks| {
            let work = Work::of(looks);
            let found = look_through(&large, Look::All, &work);
            (found.texts, found.was_refused, work.is_done())
        };
        let says = vec![picture.text().to_owned()];
        // Not even one look; one that finds the code and then no other; all that are needed.
        let small = 1_600 * 1_600;
        assert_eq!(looked(small), (vec![], true, true));
        assert_eq!(looked(13 * small), (says.clone(), true, true));
        let (texts, _, is_done) = looked(u64::MAX / 2);
        assert_eq!((texts, is_done), (says, false));
        // Without a code, every version ends at the same bound.
        let work = Work::of(13 * small);
        let found = look_through(&Shades::Opaque(woven(2_400)), Look::All, &work);
        assert!(found.texts.is_empty() && found.was_refused && work.is_done());
    }

    #[test]
    fn a_picture_that_says_more_than_it_has_is_refused_before_it_is_decoded() {
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
    fn a_picture_of_any_format_that_says_more_than_it_has_is_refused_before_it_is_decoded() {
        let large = |format, at: usize, size: &[u8]| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::DynamicImage::new_rgb8(4, 4).write_to(&mut bytes, format).unwrap();
            let mut bytes = bytes.into_inner();
            bytes[at..at + size.len()].copy_from_slice(size);
            bytes
        };
        // 10,000 by 10,000 pixels fit into no memory that is allowed here; what is wider isn't
        // looked at in any.
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
    fn what_is_transparent_is_read_as_it_is_shown_on_white_or_else_on_black() {
        let picture = &pictures(&long_token(), None)[0];
        let drawn = drawn(picture, 4);
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

    fn mail(files: &[&[u8]]) -> Vec<u8> {
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

    fn of_file(bytes: &[u8]) -> Result<Codes, FileError> {
        text_or_codes(bytes, |picture| read_picture(picture, 200 * 1024 * 1024))
    }

    #[test]
    fn the_pictures_in_a_mail_without_a_token_in_its_text_are_read() {
        let picture = &pictures(&long_token(), None)[0];
        let (code, logo) = (png(&drawn(picture, 4)), png(&GrayImage::new(64, 64)));
        let found = Ok(Codes { text: picture.text().to_owned(), left: None });
        assert_eq!(of_file(&mail(&[&logo, &code])), found);
        assert_eq!(of_file(&code), found);
        let attached = TextError::Attached { what: "picture", name: "a.png".to_owned() };
        assert_eq!(of_file(&mail(&[&logo])), Err(FileError::Text(attached.clone())));
        // No more than the limit.
        assert_eq!(
            of_file(&mail(&[&logo, &logo, &logo, &logo, &code])),
            Err(FileError::Text(attached))
        );
    }

    #[test]
    fn what_was_not_read_of_a_mail_s_pictures_is_said_beside_what_was_found() {
        let picture = &pictures(&long_token(), None)[0];
        let (code, logo) = (png(&drawn(picture, 4)), png(&GrayImage::new(64, 64)));
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        let cut = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let left = |files: &[&[u8]]| {
            let codes = of_file(&mail(files)).unwrap();
            assert_eq!(codes.text, picture.text());
            codes.left
        };
        assert_eq!(left(&[&code, &logo, &logo, &logo]), None);
        let more = ReadingError::PartsLeft { looked: 4, of: 5 };
        assert_eq!(left(&[&code, &logo, &logo, &logo, &logo]), Some(more));
        assert_eq!(left(&[cut, &code]), Some(ReadingError::Unreadable));
        assert_eq!(left(&[heic, &code]), Some(ReadingError::Unsupported { format: "HEIC" }));
        let mut reads = 0..;
        let tired = text_or_codes(&mail(&[&code, &code]), {
            let reads = std::cell::RefCell::new(&mut reads);
            move |bytes| match reads.borrow_mut().next() {
                Some(0) => read_picture(bytes, 200 * 1024 * 1024),
                _ => Err(ReadingError::TooMuchWork),
            }
        });
        assert_eq!(tired.unwrap().left, Some(ReadingError::TooMuchWork));
    }

    #[test]
    fn a_text_with_a_token_that_begins_as_a_picture_does_is_a_text() {
        let token = long_token().to_string();
        for begins in ["P5 2027 30 Plätze", "P5 2027 30 12 Plätze", "P4 20 30 Plätze"] {
            let text = format!("{begins}\n{token}");
            assert_eq!(of_file(text.as_bytes()), Ok(Codes { text, left: None }));
        }
        let picture = &pictures(&long_token(), None)[0];
        let drawn = drawn(picture, 4);
        let header = format!("P5 {} {} 255\n", drawn.width(), drawn.height());
        let bytes = [header.as_bytes(), drawn.as_raw()].concat();
        let text = picture.text().to_owned();
        assert_eq!(of_file(&bytes), Ok(Codes { text, left: None }));
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
    fn frames_that_were_not_looked_through_are_said_beside_what_was_found() {
        let picture = &pictures(&long_token(), None)[0];
        let code = drawn(picture, 4);
        let blank = GrayImage::from_pixel(code.width(), code.height(), Luma([255]));
        let mut grey = blank.clone();
        grey.fill(128);
        let left = |frames: &[GrayImage], looks| {
            let work = Work::of(looks);
            let codes = read_within(&animated(frames), 200 * 1024 * 1024, &work).unwrap();
            assert_eq!(codes.text, picture.text());
            (codes.left, work.left_for_test())
        };
        let plenty = 2_000_000_000;
        let (none, after_one) = left(std::slice::from_ref(&code), plenty);
        assert_eq!(none, None);
        let one = plenty - after_one;
        // Enough for the first frame and no other; for a first look at each of them.
        let frames = [code.clone(), blank.clone(), grey];
        let few = ReadingError::PartsLeft { looked: 1, of: 3 };
        assert_eq!(left(&frames, one).0, Some(few));
        let (none, after_all) = left(&frames, plenty);
        assert_eq!(none, None);
        let all = plenty - after_all;
        assert_eq!(left(&frames, all - 1).0, Some(ReadingError::TooMuchWork));
        // One in which there is too much.
        let mut full = blank;
        image::imageops::replace(&mut full, &crate::detect::tests::finders(30), 0, 0);
        assert_eq!(left(&[code, full], plenty).0, Some(ReadingError::TooMuchWork));
    }

    #[test]
    fn of_more_text_than_there_is_room_for_the_first_is_kept() {
        let (half, rest) = ("x".repeat(MAX_SAID / 2), "y".repeat(MAX_SAID / 2));
        let mut said = Said::default();
        assert!(said.add(&half) && said.add(&half) && !said.add(&rest));
        assert!(said.add("z") && said.is_cut);
        assert_eq!(said.texts, [&half, "z"]);
        assert!(said.texts.join("\n").len() <= MAX_SAID);
    }

    #[test]
    fn a_code_that_holds_something_else_than_a_token_is_said_to() {
        let code = |text: &str| {
            let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Low).unwrap();
            png(&GrayImage::from_fn(400, 400, |x, y| {
                let at = |at: u32| (at / 6) as i32 - 4;
                Luma([if code.get_module(at(x), at(y)) { 0 } else { 255 }])
            }))
        };
        let said = "https://acme.example/…".to_owned();
        let other = TextError::OtherCode { what: "link", said, characters: 27 };
        assert_eq!(of_file(&code("https://acme.example/secret")), Err(FileError::Text(other)));
        let activation = latchkey_token::ActivationCode::generate().unwrap().expose_for_people();
        assert_eq!(of_file(&code(&activation)), Err(FileError::Text(TextError::CodeInstead)));
    }

    /// PNG's check (ISO/IEC 15948, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }
}
