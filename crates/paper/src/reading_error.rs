//! Why a picture or a file has no result, or was searched only in part.

use latchkey_token::TextError;
use thiserror::Error;

/// Why a picture has no result, or why a picture or a text contains more than was read.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadingError {
    /// The picture has too many pixels.
    #[error("the picture is too large")]
    TooLarge,
    /// The file isn't a complete picture of a supported format.
    #[error("the picture can't be read")]
    Unreadable,
    /// The picture is of an unsupported kind of a format of which other kinds are supported.
    #[error("pictures of this kind ({format}) aren't read")]
    Unsupported {
        /// The format's name.
        format: &'static str,
    },
    /// There is no QR code in the picture, or none that can be recognised.
    #[error("there is no QR code in the picture")]
    NoCode,
    /// The file has more pages or frames of an animation, or a mail has more pictures, than are
    /// searched.
    #[error("only {looked} of {of} pages, frames or attached pictures were searched")]
    PicturesLeft {
        /// How many were searched, from the first one on.
        looked: u32,
        /// How many there are.
        of: u32,
    },
    /// The codes in the picture are parts of one text (ISO/IEC 18004, structured append), and other
    /// parts of it are missing.
    #[error("only {have} of {count} parts of a QR code are in the picture")]
    CodeParts {
        /// How many parts are there.
        have: u8,
        /// How many parts the text has.
        count: u8,
    },
    /// There are more codes in the picture than the ones that were read.
    #[error("{count} further codes in the picture can't be read")]
    CodesUnread {
        /// How many of them.
        count: u8,
    },
    /// Beside the tokens in the text there are rows of another one whose beginning is missing.
    #[error("there are rows of a token without its beginning")]
    NoBeginning,
    /// More in the picture looks like a QR code's corner than in any picture of a token, or
    /// searching it takes too many steps.
    #[error("searching the picture for QR codes takes too much work")]
    TooMuchWork,
    /// The picture process couldn't be started, or ended without a result.
    #[error("reading the picture was interrupted")]
    Interrupted,
}

impl ReadingError {
    /// The same as an error of a text, if there is one: a file that can't be read here, or only in
    /// part.
    #[must_use]
    pub const fn of_text(self) -> Option<TextError> {
        match self {
            Self::Unsupported { format } => Some(TextError::Picture { format }),
            Self::PicturesLeft { looked, of } => {
                Some(TextError::PictureParts { looked: looked as usize, count: of as usize })
            }
            Self::CodeParts { have, count } => {
                Some(TextError::CodeParts { have: have as usize, count: count as usize })
            }
            Self::NoBeginning => Some(TextError::NoBeginning),
            Self::CodesUnread { count } => Some(TextError::CodesUnread { count: count as usize }),
            _ => None,
        }
    }
}

/// Why a file has no result.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum FileReadError {
    /// The file is a picture that can't be read.
    #[error(transparent)]
    Picture(ReadingError),
    /// The file isn't a picture, or its codes contain something other than a token.
    #[error(transparent)]
    Text(TextError),
}
