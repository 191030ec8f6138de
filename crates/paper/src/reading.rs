//! Reading pictures with QR codes in them: photographs and screenshots. What is large is refused before it is decoded.
//! What the codes say is text like any other; what to say to a person is the outer crates' business.

use std::borrow::Cow;
use std::io::Cursor;

use image::imageops::{FilterType, invert, resize};
use image::{GrayAlphaImage, GrayImage, ImageFormat, ImageReader, Limits, Luma, LumaA};
use latchkey_token::TextError;
use thiserror::Error;

use crate::detect::{DETECTORS, TooMuchWork};

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
    /// It is no whole picture of a format that is read.
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

/// Whether these bytes are a picture of a format that is read: PNG, JPEG, WebP, GIF, TIFF or BMP.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    format(bytes).is_some()
}

fn format(bytes: &[u8]) -> Option<ImageFormat> {
    Some(match TextError::picture_format(bytes)? {
        "PNG" => ImageFormat::Png,
        "JPEG" => ImageFormat::Jpeg,
        "WebP" => ImageFormat::WebP,
        "GIF" => ImageFormat::Gif,
        "TIFF" => ImageFormat::Tiff,
        "BMP" => ImageFormat::Bmp,
        _ => return None,
    })
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
    if !picture.color().has_alpha() {
        return read_codes(&picture.into_luma8());
    }
    // Programs show what is transparent on white, and on black where their windows are dark.
    let picture = picture.into_luma_alpha8();
    match read_codes(&on(&picture, 255)) {
        Err(ReadingError::NoCode) if picture.pixels().any(|pixel| pixel.0[1] < 255) => {
            read_codes(&on(&picture, 0))
        }
        read => read,
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

/// What the QR codes in a picture in shades of grey say. The detectors don't find the same codes: it is looked through
/// until two looks in it have found the same, or to the end.
pub(crate) fn read_codes(picture: &GrayImage) -> Result<String, ReadingError> {
    let largest = picture.width().max(picture.height());
    let smaller = (largest > GOOD_SIDE).then(|| {
        let side = |side: u32| (u64::from(side) * u64::from(GOOD_SIDE) / u64::from(largest)).max(1);
        let side = |of| u32::try_from(side(of)).unwrap_or(GOOD_SIDE);
        resize(picture, side(picture.width()), side(picture.height()), FilterType::Triangle)
    });
    // A fine code may need every pixel of a large picture after all.
    let mut sizes: Vec<_> = smaller.into_iter().map(Cow::Owned).collect();
    sizes.push(Cow::Borrowed(picture));
    let mut too_much = false;
    for is_inverted in [false, true] {
        let mut all = Vec::<String>::new();
        for picture in &mut sizes {
            if is_inverted {
                invert(picture.to_mut());
            }
            for detector in DETECTORS {
                let found = match detector(picture) {
                    Ok(found) => found,
                    Err(TooMuchWork) => {
                        too_much = true;
                        continue;
                    }
                };
                let is_in =
                    |texts: &[String], all: &[String]| texts.iter().all(|text| all.contains(text));
                if !all.is_empty() && is_in(&all, &found) && is_in(&found, &all) {
                    return Ok(all.join("\n"));
                }
                for text in found {
                    if !all.contains(&text) {
                        all.push(text);
                    }
                }
            }
        }
        if !all.is_empty() {
            return Ok(all.join("\n"));
        }
    }
    Err(if too_much { ReadingError::TooMuchWork } else { ReadingError::NoCode })
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::{Picture, Portal, pictures};
    use image::{ExtendedColorType, ImageEncoder as _};
    use latchkey_token::{Response, SeatId, SecretKeys, Seed, Token, seal};

    use super::*;

    pub(crate) fn read(bytes: &[u8]) -> Result<String, ReadingError> {
        read_picture(bytes, 200 * 1024 * 1024)
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

    /// Drawn with so many pixels a module on a grey ground.
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
        // 10,000 by 10,000 pixels fit into no memory that is allowed here; what is wider isn't looked at in any.
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

    /// PNG's check (ISO/IEC 15948, annex D).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |sum, &byte| {
            (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
        })
    }
}
