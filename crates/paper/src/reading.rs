//! Reading pictures with QR codes in them: photographs and screenshots. What is large is refused before it is decoded.
//! What the codes say is text like any other; what to say to a person is the outer crates' business.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::imageops::FilterType;
use image::{GenericImage, GenericImageView, GrayImage, ImageFormat, ImageReader, Limits, Luma};

use thiserror::Error;

/// Largest picture on each side, in pixels. A telephone's camera gives about half of it.
const MAX_SIDE: u32 = 12_000;
/// Codes are looked for in a picture of at most this side first: more only makes noise.
const GOOD_SIDE: u32 = 1_600;

/// Why a picture says nothing.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadingError {
    /// It has more pixels than are looked at.
    #[error("the picture is too large")]
    TooLarge,
    /// It is no whole PNG or JPEG picture.
    #[error("the picture can't be read")]
    Unreadable,
    /// There is no QR code in it, or none that can be made out.
    #[error("there is no QR code in the picture")]
    NoCode,
    /// More in it looks like a QR code's corner than in any picture of a token, or looking for codes takes too long.
    #[error("looking for QR codes in the picture takes too much work")]
    TooMuchWork,
    /// The process that reads pictures couldn't be started, or ended without an answer.
    #[error("reading the picture was interrupted")]
    Interrupted,
}

/// Whether these bytes are a picture of a kind that is read: PNG or JPEG.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(ImageFormat::Jpeg)
    } else {
        None
    }
}

/// What the QR codes in a picture say, a line each. Decoding takes at most so many bytes of memory. Programs hand
/// pictures from outside to [`crate::read_picture_aside`].
///
/// # Errors
/// [`ReadingError::TooLarge`], [`ReadingError::Unreadable`], [`ReadingError::NoCode`],
/// [`ReadingError::TooMuchWork`].
pub fn read_picture(bytes: &[u8], memory: u64) -> Result<String, ReadingError> {
    let format = format(bytes).ok_or(ReadingError::Unreadable)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(memory);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => ReadingError::TooLarge,
        _ => ReadingError::Unreadable,
    })?;
    read_codes(&picture.into_luma8())
}

/// What the QR codes in a picture in shades of grey say.
pub(crate) fn read_codes(picture: &GrayImage) -> Result<String, ReadingError> {
    let largest = picture.width().max(picture.height());
    let smaller = (largest > GOOD_SIDE).then(|| {
        let side = |side: u32| (u64::from(side) * u64::from(GOOD_SIDE) / u64::from(largest)).max(1);
        let side = |of| u32::try_from(side(of)).unwrap_or(GOOD_SIDE);
        image::imageops::resize(
            picture,
            side(picture.width()),
            side(picture.height()),
            FilterType::Triangle,
        )
    });
    // A fine code may need every pixel of a large picture after all.
    for picture in smaller.iter().chain([picture]) {
        let found = detect(picture)?;
        if !found.is_empty() {
            return Ok(found.join("\n"));
        }
    }
    Err(ReadingError::NoCode)
}

fn detect(picture: &GrayImage) -> Result<Vec<String>, ReadingError> {
    let canvas = Canvas::new(picture.clone());
    let done = Rc::clone(&canvas.done);
    // The detector can't be asked to stop, so its canvas ends it. It can also panic by itself: on what it didn't expect.
    let found = catch_unwind(AssertUnwindSafe(move || {
        let mut prepared = rqrr::PreparedImage::prepare(canvas);
        let grids = prepared.detect_grids();
        grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    }));
    found.map_err(|_| match done.is_too_much() {
        true => ReadingError::TooMuchWork,
        false => ReadingError::Unreadable,
    })
}

/// Most finder patterns, the three corners of a code, that are looked at: those of all frames that a token can
/// have. The detector tries all pairs of neighbours of each.
const MAX_FINDERS: u32 = 3 * latchkey_token::MAX_FRAMES as u32;
/// How often the detector may touch each pixel, on average. A photograph of one code takes about fifteen.
const TOUCHES: u64 = 400;
/// What the detector paints a finder pattern with, once it has taken it for one.
const FINDER: u8 = 2;

/// What has been done to a picture and its copies.
struct Done {
    touches: Cell<u64>,
    most: u64,
    finders: Cell<u32>,
    last_painted: Cell<u8>,
}

impl Done {
    fn is_too_much(&self) -> bool {
        self.touches.get() > self.most || self.finders.get() > MAX_FINDERS
    }

    /// Counts touches, and ends the detector where they are too many.
    fn touch(&self, times: u64) {
        self.touches.set(self.touches.get() + times);
        if self.is_too_much() {
            resume_unwind(Box::new(()));
        }
    }
}

/// A picture that counts what is done to it. A copy counts on with the original.
struct Canvas {
    picture: GrayImage,
    done: Rc<Done>,
}

impl Canvas {
    fn new(picture: GrayImage) -> Self {
        let most = TOUCHES * (picture.as_raw().len() as u64).max(10_000);
        let (touches, finders, last_painted) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self { picture, done: Rc::new(Done { touches, most, finders, last_painted }) }
    }
}

impl Clone for Canvas {
    fn clone(&self) -> Self {
        self.done.touch(self.picture.as_raw().len() as u64);
        Self { picture: self.picture.clone(), done: Rc::clone(&self.done) }
    }
}

impl GenericImageView for Canvas {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.picture.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.done.touch(1);
        *self.picture.get_pixel(x, y)
    }
}

impl GenericImage for Canvas {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.picture.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let Luma([value]) = pixel;
        // The pixels of one pattern are painted without another colour between.
        if value == FINDER && self.done.last_painted.get() != FINDER {
            self.done.finders.set(self.done.finders.get() + 1);
        }
        self.done.last_painted.set(value);
        self.done.touch(1);
        self.picture.put_pixel(x, y, pixel);
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Picture, Portal, pictures};
    use image::{ExtendedColorType, ImageEncoder as _};
    use latchkey_token::{Response, SeatId, SecretKeys, Seed, Token, seal};

    use super::*;

    fn read(bytes: &[u8]) -> Result<String, ReadingError> {
        read_picture(bytes, 200 * 1024 * 1024)
    }

    fn long_token() -> Token {
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

    /// Drawn with so many pixels a module on a grey ground.
    fn drawn(picture: &Picture, size: u32) -> GrayImage {
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

    fn png(picture: &GrayImage) -> Vec<u8> {
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
        assert_eq!(latchkey_token::read(&texts.join("\n")).unwrap()[0].token, Ok(token));
    }

    #[test]
    fn a_code_in_a_large_picture_is_found() {
        let picture = &pictures(&long_token(), None)[0];
        let large = drawn(picture, 25);
        assert!(large.width() > GOOD_SIDE);
        assert_eq!(read_codes(&large).unwrap(), picture.text());
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
        assert_eq!(read(b"GIF89a"), Err(ReadingError::Unreadable));
    }

    /// So many finder patterns in rows and columns, as one code has three of.
    fn finders(side: u32) -> GrayImage {
        GrayImage::from_fn(side * 16 + 16, side * 16 + 16, |x, y| {
            let inside = x >= 16 && y >= 16;
            let at = |at: u32| (at % 16 / 2).min(7) as i32 - 3;
            let ring = at(x).abs().max(at(y).abs());
            Luma([if inside && (ring <= 1 || ring == 3) { 0 } else { 255 }])
        })
    }

    #[test]
    fn a_picture_full_of_finder_patterns_is_refused_after_a_bounded_number_of_steps() {
        for side in [10, 30, 100] {
            let picture = finders(side);
            let canvas = Canvas::new(picture.clone());
            let done = Rc::clone(&canvas.done);
            let seen = catch_unwind(AssertUnwindSafe(move || {
                rqrr::PreparedImage::prepare(canvas).detect_grids().len()
            }));
            assert!(seen.is_err(), "{side}");
            assert_eq!(done.finders.get(), MAX_FINDERS + 1, "{side}");
            // Every pixel is looked at some times before the first pattern is taken for one, and no pair is tried.
            let steps = done.touches.get() / picture.as_raw().len() as u64;
            assert!(steps < 30, "{side}: {steps}");
            assert_eq!(read(&png(&picture)), Err(ReadingError::TooMuchWork));
        }
        assert_eq!(read(&png(&finders(3))), Err(ReadingError::NoCode));
    }

    #[test]
    fn honest_pictures_take_a_small_part_of_the_steps_that_they_may() {
        for size in [2, 4, 9] {
            let picture = drawn(&pictures(&long_token(), None)[0], size);
            let canvas = Canvas::new(picture.clone());
            let done = Rc::clone(&canvas.done);
            assert_eq!(rqrr::PreparedImage::prepare(canvas).detect_grids().len(), 1);
            assert!(done.touches.get() * 8 < done.most, "{} of {}", done.touches.get(), done.most);
            // Its three, and what in a token's data happens to look like one.
            let finders = done.finders.get();
            assert!(finders >= 3 && finders * 8 <= MAX_FINDERS, "{finders}");
        }
    }

    /// PNG's check (ISO/IEC 15948, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }
}
