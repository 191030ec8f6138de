//! The tokens that the scanner finds, and why one can't be reconstructed.

use thiserror::Error;

use crate::error_code::{HasErrorCode, codes};
use crate::text::frames::IncompleteFrames;
use crate::text::layout::TAG_LEN;
use crate::wire::envelope::{EnvelopeError, Token};
use crate::wire::kind::Kind;
use crate::wire::limits::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES};

/// A token that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// The kind that its prefix states.
    pub kind: Kind,
    /// The number of characters that were corrected. A repaired token is trusted like any other:
    /// only once its signature verifies.
    pub repaired: usize,
    /// The token, or the reason why it can't be reconstructed.
    pub token: Result<Token, ReadError>,
}

/// A token that was recognised in a text and can't be put together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ReadError {
    /// Line 0 is there, and more than one of its symbols is wrong.
    #[code(codes::BEGINNING)]
    #[error("line 0 is damaged")]
    DamagedHeader,
    /// Line 0 announces a token that is longer than any.
    #[code(codes::LENGTH)]
    #[error(
        "line 0 announces {bytes} bytes, a token has {} to {}",
        MIN_TOKEN_BYTES,
        MAX_TOKEN_BYTES
    )]
    InvalidLength {
        /// The announced length in bytes.
        bytes: usize,
    },
    /// More than one symbol is wrong in these rows; every other row is whole.
    #[code(codes::DAMAGED)]
    #[error("rows {rows:?} of {of} are damaged")]
    Damaged {
        /// Row numbers, from 1.
        #[detail(len = "count")]
        rows: Vec<usize>,
        /// How many rows the token has.
        of: usize,
    },
    /// These rows aren't there at all; every other row is whole.
    #[code(codes::ROWS_MISSING)]
    #[error("rows {rows:?} of {of} are missing")]
    RowsMissing {
        /// Row numbers, from 1.
        #[detail(len = "count")]
        rows: Vec<usize>,
        /// How many rows the token has.
        of: usize,
    },
    /// Some rows are damaged and others aren't there at all.
    #[code(codes::DAMAGED_AND_MISSING)]
    #[error("rows {damaged:?} of {of} are damaged, rows {missing:?} are missing")]
    DamagedAndMissing {
        /// Row numbers, from 1.
        #[detail(len = "damaged_count")]
        damaged: Vec<usize>,
        /// Row numbers, from 1.
        #[detail(len = "missing_count")]
        missing: Vec<usize>,
        /// How many rows the token has.
        of: usize,
    },
    /// Another token begins in the middle of this one, without anything between them.
    #[code(codes::RUN_TOGETHER)]
    #[error("another token begins after {have} of {of} rows")]
    MergedTokens {
        /// Whole rows that are here.
        have: usize,
        /// How many rows the token has.
        of: usize,
    },
    /// Symbols were lost from this row; every other row is whole.
    #[code(codes::SYMBOLS_MISSING)]
    #[error("{count} symbols are missing in row {row} of {of}")]
    SymbolsMissing {
        /// Row number, from 1.
        row: usize,
        /// How many are missing.
        count: usize,
        /// How many rows the token has.
        of: usize,
    },
    /// This row has symbols too many; every other row is whole.
    #[code(codes::SYMBOLS_ADDED)]
    #[error("row {row} of {of} has {count} symbols too many")]
    SymbolsAdded {
        /// Row number, from 1.
        row: usize,
        /// How many are too many.
        count: usize,
        /// How many rows the token has.
        of: usize,
    },
    /// The text ends, or another token begins, before the token does.
    #[code(codes::TRUNCATED)]
    #[error("{have} of {of} rows are here")]
    Truncated {
        /// Whole rows that are here.
        have: usize,
        /// How many rows the token has.
        of: usize,
    },
    /// Pictures are missing of a token that was cut into several.
    #[code(codes::FRAMES_MISSING)]
    #[error("frames {frames:?} of {of} are missing")]
    FramesMissing {
        /// Numbers of the pictures, from 1.
        #[detail(len = "count")]
        frames: Vec<usize>,
        /// How many pictures there are.
        of: usize,
    },
    /// Each row passes its check and the whole doesn't: rows of several tokens, or a token that was
    /// altered.
    #[code(codes::DIGEST)]
    #[error("the rows do not belong together")]
    DigestMismatch,
    /// The envelope's first bytes.
    #[code(transparent)]
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
}

/// A token that was detected, with the information that shows whether it is a copy of another one
/// in the text.
pub(crate) struct Detection {
    pub(crate) found: FoundToken,
    pub(crate) known_parts: KnownParts,
    /// Whether only the beginning of a token is present, as in a text about tokens.
    pub(crate) is_mention: bool,
}

impl Detection {
    pub(crate) const fn new(found: FoundToken, known_parts: KnownParts) -> Self {
        Self { found, known_parts, is_mention: false }
    }

    /// Creates the detection of a token of which frames are missing.
    pub(crate) fn of_incomplete(set: IncompleteFrames) -> Self {
        let IncompleteFrames { kind, tag, missing, of } = set;
        let token = Err(ReadError::FramesMissing { frames: missing, of });
        Self::new(FoundToken { kind, repaired: 0, token }, KnownParts::Frame(tag))
    }
}

/// What is known about a token apart from the result.
pub(crate) enum KnownParts {
    /// The token is intact.
    Whole,
    /// The length in bytes and the tag that line 0 states.
    Line(usize, [u8; TAG_LEN]),
    /// The tag that a frame states.
    Frame([u8; TAG_LEN]),
    /// The symbols at the position of the first row, with some before and after them: line 0 is
    /// damaged.
    FirstRow(Vec<u8>),
}
