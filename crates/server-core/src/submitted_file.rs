//! Why a file that was handed in, a text or a picture of QR codes, can't be used.

use latchkey_issuer::{ClassifiedError, ErrorClass};
use latchkey_paper::{FileReadError, ReadingError};
use latchkey_token::{ErrorCode, HasErrorCode, TextError};
use thiserror::Error;

use crate::error::codes;

/// The content of a file can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode, ClassifiedError)]
#[class(RefusedToken)]
pub enum FileContentError {
    /// The text can't be used.
    #[code(transparent)]
    #[error(transparent)]
    Text(#[from] TextError),
    /// The picture can't be used.
    #[code(picture_code(_0))]
    #[class(picture_class(_0))]
    #[error(transparent)]
    Picture(ReadingError),
}

impl From<FileReadError> for FileContentError {
    fn from(error: FileReadError) -> Self {
        match error {
            FileReadError::Picture(error) => error.into(),
            FileReadError::Text(error) => error.into(),
        }
    }
}

impl From<ReadingError> for FileContentError {
    fn from(error: ReadingError) -> Self {
        error.of_text().map_or(Self::Picture(error), Self::Text)
    }
}

fn picture_code(error: &ReadingError) -> ErrorCode {
    match error {
        ReadingError::TooLarge => codes::PICTURE_TOO_LARGE,
        ReadingError::NoCode => codes::PICTURE_NO_CODE,
        ReadingError::TooMuchWork => codes::PICTURE_TOO_MUCH_WORK,
        ReadingError::Interrupted => codes::INTERRUPTED,
        _ => codes::PICTURE_UNREADABLE,
    }
}

fn picture_class(error: &ReadingError) -> ErrorClass {
    match error {
        ReadingError::Interrupted => ErrorClass::Internal,
        _ => ErrorClass::RefusedToken,
    }
}
