//! Why a text isn't read at all. [`crate::scan`] and [`crate::text_of_file`] return it.

use thiserror::Error;

use crate::error_code::{HasErrorCode, codes};

/// A text that isn't read at all.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum TextError {
    /// Over 16 MiB.
    #[code(codes::TEXT_TOO_LARGE)]
    #[error("the text has {bytes} bytes, at most {limit} are read")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Over 10,000 tokens.
    #[code(codes::TEXT_TOO_MANY)]
    #[error("more than {limit} tokens in one text")]
    TooManyTokens {
        /// The most that is read.
        limit: usize,
    },
    /// Nothing in it looks like a token.
    #[code(codes::NONE_FOUND)]
    #[error("no token in this text")]
    NoneFound,
    /// A long run of symbols, but no line 0 that says what it is.
    #[code(codes::NO_BEGINNING)]
    #[error("a token without its beginning")]
    NoBeginning,
    /// It is made so that looking through it would take very long.
    #[code(codes::TEXT_TOO_MUCH_WORK)]
    #[error("the text takes too much work to look through")]
    TooMuchWork,
    /// There is nothing in it but white space.
    #[code(codes::TEXT_EMPTY)]
    #[error("the file is empty")]
    Empty,
    /// It is a picture.
    #[code(codes::TEXT_PICTURE)]
    #[error("a picture ({format}), not text")]
    Picture {
        /// The name of its format.
        format: &'static str,
    },
    /// It is a picture of more pages, an animation of more frames, or a mail with more pictures,
    /// than are looked at.
    #[code(codes::TEXT_PICTURE_PARTS)]
    #[error("only {looked} of {count} pages, frames or attached pictures were looked at")]
    PictureParts {
        /// How many were looked at: the first ones.
        looked: usize,
        /// How many there are.
        count: usize,
    },
    /// It is an archive: files packed into one.
    #[code(codes::TEXT_ARCHIVE)]
    #[error("an archive ({format}), not text")]
    Archive {
        /// The name of its format.
        format: &'static str,
    },
    /// It is a document of a word processor or another program.
    #[code(codes::TEXT_DOCUMENT)]
    #[error("a document ({format}), not text")]
    Document {
        /// The name of its format, or of the program.
        format: &'static str,
    },
    /// It is a program, a shortcut or a database.
    #[code(codes::TEXT_PROGRAM)]
    #[error("{format}, not text")]
    Program {
        /// What it is.
        format: &'static str,
    },
    /// Its text is encrypted, so that only its recipient's program can show it.
    #[code(codes::TEXT_ENCRYPTED)]
    #[error("encrypted ({format})")]
    Encrypted {
        /// What it is encrypted with.
        format: &'static str,
    },
    /// It is a mail without a token in its text, and with a file attached.
    #[code(codes::TEXT_ATTACHED)]
    #[error("a mail with a {what} attached")]
    Attached {
        /// What the file is: `picture`, `document`, `archive`, or `file` for anything else.
        what: &'static str,
        /// Its name, short and without control characters; its format where it has none.
        name: String,
    },
    /// The QR codes in a picture hold something else than a token.
    #[code(codes::TEXT_OTHER_CODE)]
    #[error("the QR code holds something else")]
    OtherCode {
        /// What they hold: `link`, `wifi`, `login`, `contact`, `appointment`, `payment`, or `text`
        /// for anything else.
        what: &'static str,
        /// Where a link leads, its scheme and host; else nothing. The rest may be a secret.
        said: String,
        /// How many characters they hold.
        characters: usize,
    },
    /// The QR code in a picture holds an activation code.
    #[code(codes::TEXT_CODE_INSTEAD)]
    #[error("the QR code holds an activation code")]
    CodeInstead,
    /// The QR codes in a picture are parts of one, and others of its parts are missing.
    #[code(codes::TEXT_CODE_PARTS)]
    #[error("only {have} of {count} parts of a QR code")]
    CodeParts {
        /// How many parts are there.
        have: usize,
        /// How many it has.
        count: usize,
    },
    /// There are more QR codes in a picture than the ones that were read.
    #[code(codes::TEXT_CODES_UNREAD)]
    #[error("{count} further QR codes that can't be read")]
    CodesUnread {
        /// How many of them.
        count: usize,
    },
    /// It isn't text, and there is no telling what it is.
    #[code(codes::TEXT_BINARY)]
    #[error("not text")]
    Binary,
}

impl TextError {
    /// Returns whether [`crate::scan`] found nothing of a token in a text: neither a whole one nor
    /// a part. Of several texts, such a one is named and left out.
    #[must_use]
    pub const fn has_no_token(&self) -> bool {
        matches!(self, Self::NoneFound | Self::Encrypted { .. } | Self::Picture { .. })
    }
}
