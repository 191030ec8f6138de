//! Decoding QR codes in pictures, with the wizard's errors. `latchkey-paper` does the work; the
//! pages decode nothing.

use latchkey_paper::{INTERACTIVE_MEMORY, ReadingError};
use latchkey_token::TextError;

use crate::error::PictureError;

/// Returns the text of the QR codes in a picture, one line each. A separate process decodes it.
///
/// # Errors
/// [`PictureError::TooLarge`], [`PictureError::Unreadable`], [`PictureError::NoCode`],
/// [`PictureError::TooMuchWork`] and [`PictureError::Interrupted`]; [`PictureError::Text`] for a
/// code that isn't a token's, and where codes may be missing and no whole token was found.
pub fn decode_picture(bytes: &[u8]) -> Result<String, PictureError> {
    let (text, incomplete) = decode(bytes)?;
    match incomplete {
        // Codes may be missing, and the result has no room for a warning. With a whole token in the
        // text nothing is lost.
        Some(error @ PictureError::Text(_)) if !contains_token(&text) => Err(error),
        _ => Ok(text),
    }
}

fn contains_token(text: &str) -> bool {
    latchkey_token::scan(text).is_ok_and(|found| found.iter().any(|one| one.token.is_ok()))
}

/// The same, and why the picture may contain more codes.
fn decode(bytes: &[u8]) -> Result<(String, Option<PictureError>), PictureError> {
    let codes = latchkey_paper::read_picture_isolated(bytes, INTERACTIVE_MEMORY)?;
    if codes.incomplete.is_none()
        && let Some(other) = TextError::of_other_code(&codes.text)
    {
        return Err(PictureError::Text(other));
    }
    Ok((codes.text, codes.incomplete.map(PictureError::from)))
}

/// Decodes the frames of the camera's video. One process decodes many of them.
#[derive(Debug)]
pub struct Camera(latchkey_paper::PictureSeries);

impl Default for Camera {
    fn default() -> Self {
        Self(latchkey_paper::PictureSeries::new(INTERACTIVE_MEMORY))
    }
}

impl Camera {
    /// Returns the text of the QR codes in the next frame, one line each.
    ///
    /// # Errors
    /// As [`decode_picture`], except [`PictureError::Text`].
    pub fn decode_frame(&self, bytes: Vec<u8>) -> Result<String, PictureError> {
        Ok(self.0.read(bytes)?.text)
    }
}

/// Returns the text of the QR codes in a picture that is given as pixels.
///
/// # Errors
/// As [`decode_picture`].
#[cfg(not(target_os = "linux"))]
pub fn decode_pixels(picture: &image::RgbaImage) -> Result<String, PictureError> {
    let mut bytes = Vec::new();
    let written = picture.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png);
    written.map_err(|_| PictureError::Unreadable)?;
    decode_picture(&bytes)
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
