//! Pictures with QR codes in them, in the words of the window: decoded here and not in the pages. How a picture is read
//! and made is `latchkey-paper`'s business.

use latchkey_paper::{PERSONS_MEMORY, ReadingError};
use latchkey_token::TextError;

use crate::error::PictureError;

/// What the QR codes in a picture say, a line each. It is read in a process of its own.
///
/// # Errors
/// [`PictureError`].
pub fn read(bytes: &[u8]) -> Result<String, PictureError> {
    let (text, left) = look_through(bytes)?;
    match left {
        // Codes may be missing, and there is no place where that could be said beside the text. It is no loss where a
        // whole token is in it.
        Some(error @ PictureError::Text(_)) if !has_token(&text) => Err(error),
        _ => Ok(text),
    }
}

fn has_token(text: &str) -> bool {
    latchkey_token::read(text).is_ok_and(|found| found.iter().any(|one| one.token.is_ok()))
}

/// The same, and why there may be more codes in it.
fn look_through(bytes: &[u8]) -> Result<(String, Option<PictureError>), PictureError> {
    let codes = latchkey_paper::read_picture_aside(bytes, PERSONS_MEMORY)?;
    if codes.left.is_none()
        && let Some(other) = TextError::of_other_code(&codes.text)
    {
        return Err(PictureError::Text(other));
    }
    Ok((codes.text, codes.left.map(PictureError::from)))
}

/// What the camera sees, picture after picture: one process reads many of them.
#[derive(Debug)]
pub struct Camera(latchkey_paper::PictureSeries);

impl Default for Camera {
    fn default() -> Self {
        Self(latchkey_paper::PictureSeries::new(PERSONS_MEMORY))
    }
}

impl Camera {
    /// What the QR codes in the next picture say, a line each.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn read(&self, bytes: Vec<u8>) -> Result<String, PictureError> {
        Ok(self.0.read(bytes)?.text)
    }
}

/// What the QR codes in a picture say that is there as its pixels.
///
/// # Errors
/// [`PictureError`].
#[cfg(not(target_os = "linux"))]
pub fn codes(picture: &image::RgbaImage) -> Result<String, PictureError> {
    let mut bytes = Vec::new();
    let written = picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png);
    written.map_err(|_| PictureError::Unreadable)?;
    read(&bytes)
}

impl From<ReadingError> for PictureError {
    fn from(error: ReadingError) -> Self {
        match error {
            ReadingError::TooLarge => Self::TooLarge,
            ReadingError::NoCode => Self::NoCode,
            ReadingError::TooMuchWork => Self::TooMuchWork,
            ReadingError::Interrupted => Self::Interrupted,
            error => error.of_text().map_or(Self::Unreadable, Self::Text),
        }
    }
}
