//! What was read in QR codes: their text, and the parts of texts that other pictures may complete.

use latchkey_token::{TextError, has_rows_without_beginning};

use crate::code_parts::CodeParts;
use crate::reading_error::{FileReadError, ReadingError};

/// The content of the QR codes in a picture, or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// One line for each code.
    pub text: String,
    /// Why there may be more codes in the picture: a part of it couldn't be read, or was too much.
    /// Of a text, whether there are rows of a token without its beginning. If there are several
    /// reasons, this is one of them.
    pub incomplete: Option<ReadingError>,
}

impl Codes {
    /// A text that isn't the content of QR codes.
    pub(crate) fn of_text(text: String) -> Self {
        let incomplete = has_rows_without_beginning(&text).then_some(ReadingError::NoBeginning);
        Self { text, incomplete }
    }
}

/// What was read in a picture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) result: Result<Codes, ReadingError>,
    /// The parts of texts whose other parts aren't in the picture.
    pub(crate) parts: CodeParts,
}

impl From<Result<Codes, ReadingError>> for Reading {
    fn from(result: Result<Codes, ReadingError>) -> Self {
        Self { result, parts: CodeParts::default() }
    }
}

/// Returns the codes if they contain a token or a part of one.
pub(crate) fn token_codes(codes: Codes) -> Result<Codes, FileReadError> {
    match (TextError::of_other_code(&codes.text), codes.incomplete) {
        (None, _) => Ok(codes),
        // The token may be in the part that wasn't searched.
        (Some(_), Some(incomplete)) => Err(FileReadError::Picture(incomplete)),
        (Some(error), None) => Err(FileReadError::Text(error)),
    }
}
