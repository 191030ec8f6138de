//! Pictures with QR codes in them, in the words of the window: decoded here and not in the pages. How a picture is read
//! and made is `latchkey-paper`'s business.

use image::GrayImage;
use latchkey_paper::ReadingError;

pub use latchkey_paper::is_picture;

use crate::error::PictureError;

/// Most memory that decoding takes, in bytes: fifty million pixels in colour.
const MAX_ALLOC: u64 = 200 * 1024 * 1024;

/// What the QR codes in a picture say, a line each.
///
/// # Errors
/// [`PictureError::TooLarge`], [`PictureError::Unreadable`], [`PictureError::NoCode`].
pub fn read(bytes: &[u8]) -> Result<String, PictureError> {
    latchkey_paper::read_picture(bytes, MAX_ALLOC).map_err(PictureError::from)
}

/// What the QR codes in a picture in shades of grey say.
///
/// # Errors
/// [`PictureError::NoCode`].
pub fn codes(picture: &GrayImage) -> Result<String, PictureError> {
    latchkey_paper::read_codes(picture).map_err(PictureError::from)
}

impl From<ReadingError> for PictureError {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::TooLarge => Self::TooLarge,
            ReadingError::NoCode => Self::NoCode,
            _ => Self::Unreadable,
        }
    }
}
