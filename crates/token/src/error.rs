//! Everything that can be wrong with a token, from its text to its signature: one enum per
//! operation, each variant with its stable code.

use thiserror::Error;

use crate::error_code::HasErrorCode;
use crate::wire::envelope::Kind;
use crate::wire::keys::KeyId;

/// An identifier that isn't one.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum IdError {
    /// The text isn't made of this many hex digits.
    #[code(codes::ID_NOT_HEX)]
    #[error("not {digits} hex digits")]
    InvalidHex {
        /// How many there should be.
        digits: usize,
    },
    /// The operating system gave no randomness.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system gave no randomness")]
    RngFailed,
}

/// A key that can't be used, or a signature that isn't its own.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum KeyError {
    /// Not an encoded public key.
    #[code(codes::KEY_MALFORMED)]
    #[error("not a public key")]
    Malformed,
    /// A key of small order: it would vouch for anything.
    #[code(codes::KEY_WEAK)]
    #[error("a weak key")]
    Weak,
    /// The signature was not made by this key over this message.
    #[code(codes::KEY_SIGNATURE)]
    #[error("the signature does not verify")]
    BadSignature,
    /// The operating system gave no randomness.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system gave no randomness")]
    RngFailed,
}

/// An activation code that can't be one.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum ActivationCodeError {
    /// Nothing was typed.
    #[code(codes::CODE_EMPTY)]
    #[error("an activation code has at least one symbol")]
    Empty,
    /// More than 32 symbols, dashes and spaces not counted.
    #[code(codes::CODE_TOO_LONG)]
    #[error("{symbols} symbols, an activation code has at most 32")]
    TooLong {
        /// How many there are.
        symbols: usize,
    },
    /// A character that no activation code has.
    #[code(codes::CODE_SYMBOL)]
    #[error("activation codes have A to Z, 0 to 9 and dashes, not {found:?}")]
    Symbol {
        /// The first such character.
        found: char,
    },
    /// It is a token, or has some in it.
    #[code(codes::CODE_TOKEN)]
    #[error("a token in place of an activation code")]
    Token {
        /// What kind of token.
        kind: Kind,
    },
    /// Several words could be the code.
    #[code(codes::CODE_UNCLEAR)]
    #[error("several words that could be the activation code")]
    Unclear,
    /// The operating system gave no randomness to generate one.
    #[code(codes::RANDOMNESS)]
    #[error("the operating system gave no randomness")]
    RngFailed,
}

/// A seat name that can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum SeatNameError {
    /// More than 64 bytes of UTF-8.
    #[code(codes::SEAT_NAME_TOO_LONG)]
    #[error("{bytes} bytes, a seat name has at most 64")]
    TooLong {
        /// How many there are.
        bytes: usize,
    },
    /// A line break or another control character.
    #[code(codes::SEAT_NAME_CONTROL)]
    #[error("a seat name has no control characters")]
    Control,
}

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
    /// It is a picture of more pages, an animation of more frames, or a mail with more pictures, than are looked at.
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
        /// What they hold: `link`, `wifi`, `login`, `contact`, `appointment`, `payment`, or `text` for anything else.
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
    /// It isn't text, and there is no telling what it is.
    #[code(codes::TEXT_BINARY)]
    #[error("not text")]
    Binary,
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
        crate::wire::limits::MIN_TOKEN_BYTES,
        crate::wire::limits::MAX_TOKEN_BYTES
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
    /// Each row passes its check and the whole doesn't: rows of several tokens, or a token that was altered.
    #[code(codes::DIGEST)]
    #[error("the rows do not belong together")]
    DigestMismatch,
    /// The envelope's first bytes.
    #[code(transparent)]
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
}

/// The bytes of a token are not an envelope of this version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Error, HasErrorCode)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// Too short or too long for any token.
    #[code(codes::LENGTH)]
    #[error(
        "{bytes} bytes, a token has {} to {}",
        crate::wire::limits::MIN_TOKEN_BYTES,
        crate::wire::limits::MAX_TOKEN_BYTES
    )]
    InvalidLength {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A set of algorithms that this version doesn't know.
    #[code(codes::SUITE)]
    #[error("suite {suite} is not known")]
    UnknownSuite {
        /// The suite byte.
        suite: u8,
    },
    /// A kind of token that this version doesn't know.
    #[code(codes::TYPE)]
    #[error("kind {kind} is not known")]
    UnknownKind {
        /// The type byte.
        kind: u8,
    },
    /// The prefix of the text says one kind and the sealed header another.
    #[code(codes::PREFIX)]
    #[error("the prefix and the header name different kinds")]
    PrefixMismatch,
}

/// A whole token that can't be opened or must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum OpenError {
    /// Another kind than the one that belongs here.
    #[code(codes::WRONG_KIND)]
    #[error("a {found} token where a {expected} token belongs")]
    WrongKind {
        /// What belongs here.
        expected: Kind,
        /// What it is.
        found: Kind,
    },
    /// Sealed for another recipient's key.
    #[code(codes::OTHER_RECIPIENT)]
    #[error("sealed for key {recipient}")]
    OtherRecipient {
        /// The key that it is for.
        #[detail(name = "key")]
        recipient: KeyId,
    },
    /// The key id is ours and the content can't be decrypted: altered, or a chance match of ids.
    #[code(codes::DECRYPTION)]
    #[error("the content can't be decrypted")]
    DecryptionFailed,
    /// The payload isn't deterministically encoded CBOR.
    #[code(codes::ENCODING, reason = _0.to_string())]
    #[error("the payload is not deterministic CBOR: {0}")]
    InvalidEncoding(#[from] CborError),
    /// A field is missing or has a value that it can't have.
    #[code(codes::FIELD)]
    #[error("field {field} of the payload is missing or out of range")]
    InvalidField {
        /// The field's key.
        field: u64,
    },
    /// A field that must not be ignored, and that this version doesn't know.
    #[code(codes::CRITICAL)]
    #[error("field {field} must be understood and isn't")]
    UnknownCriticalField {
        /// The field's key.
        field: u64,
    },
    /// Nobody whose signature counts here has this key.
    #[code(codes::UNKNOWN_SIGNER)]
    #[error("signed with key {signer}, which is not known here")]
    UnknownSigner {
        /// The key that it names.
        #[detail(name = "key")]
        signer: KeyId,
    },
    /// One of the keys that came in the token would vouch for anything.
    #[code(codes::WEAK_KEY)]
    #[error("the token brings a weak key")]
    WeakKey,
    /// The signature isn't the signer's over this content, this product and these two parties.
    #[code(codes::SIGNATURE)]
    #[error("the signature does not verify")]
    BadSignature,
}

/// Bytes that are not the one deterministic encoding of what they say (RFC 8949, section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CborError {
    /// The bytes end inside an item.
    #[error("ends inside an item")]
    Truncated,
    /// Bytes are left after the item.
    #[error("bytes after the end")]
    TrailingBytes,
    /// A number or a length that fits in fewer bytes.
    #[error("a number that is not in its shortest form")]
    NotShortestForm,
    /// An item of indefinite length.
    #[error("an item of indefinite length")]
    IndefiniteLength,
    /// The same key twice in one map.
    #[error("a key twice")]
    DuplicateKey,
    /// Keys that are not in ascending order.
    #[error("keys out of order")]
    UnsortedKeys,
    /// A key that isn't an unsigned integer.
    #[error("a key that is not a number")]
    InvalidKeyType,
    /// A tag, a float, or another kind of value that payloads don't have.
    #[error("a kind of value that payloads do not have")]
    Unsupported,
    /// Text that isn't UTF-8.
    #[error("text that is not UTF-8")]
    Utf8,
    /// Items nested deeper than any payload's.
    #[error("nested too deeply")]
    Depth,
    /// The outermost item isn't a map.
    #[error("not a map")]
    NotAMap,
}

/// A token that can't be made.
#[derive(Debug, Clone, PartialEq, Eq, Error, HasErrorCode)]
#[non_exhaustive]
pub enum SealError {
    /// The payload doesn't fit into a token.
    #[code(codes::SEAL_TOO_LONG)]
    #[error("{bytes} bytes, a token has at most {}", crate::wire::limits::MAX_TOKEN_BYTES)]
    TooLong {
        /// The length that the token would have.
        bytes: usize,
    },
    /// The recipient's key can't be encrypted to, or there was no randomness.
    #[code(codes::ENCRYPTION)]
    #[error("the content can't be encrypted")]
    EncryptionFailed,
}

crate::error_codes! {
    TEXT_TOO_LARGE = "text.too_large", 1001;
    TEXT_TOO_MANY = "text.too_many_tokens", 1002;
    NONE_FOUND = "token.none_found", 1003;
    NO_BEGINNING = "token.no_beginning", 1004;
    RUN_TOGETHER = "token.run_together", 1009;
    BEGINNING = "token.beginning_damaged", 1010;
    LENGTH = "token.length", 1011;
    DAMAGED = "token.damaged", 1012;
    TRUNCATED = "token.truncated", 1013;
    DIGEST = "token.digest", 1014;
    SYMBOLS_MISSING = "token.symbols_missing", 1015;
    SYMBOLS_ADDED = "token.symbols_added", 1016;
    ROWS_MISSING = "token.rows_missing", 1017;
    DAMAGED_AND_MISSING = "token.damaged_and_missing", 1018;
    FRAMES_MISSING = "token.frames_missing", 1019;
    SUITE = "token.suite", 1020;
    TYPE = "token.type", 1021;
    PREFIX = "token.prefix_mismatch", 1022;
    WRONG_KIND = "token.wrong_kind", 1030;
    OTHER_RECIPIENT = "token.other_recipient", 1031;
    DECRYPTION = "token.decryption", 1032;
    ENCODING = "token.encoding", 1033;
    FIELD = "token.field", 1034;
    CRITICAL = "token.critical_field", 1035;
    UNKNOWN_SIGNER = "token.unknown_signer", 1036;
    WEAK_KEY = "token.weak_key", 1037;
    SIGNATURE = "token.signature", 1038;
    SEAL_TOO_LONG = "token.too_long", 1040;
    ENCRYPTION = "token.encryption", 1041;
    TEXT_TOO_MUCH_WORK = "text.too_much_work", 1042;
    TEXT_EMPTY = "text.empty", 1043;
    TEXT_PICTURE = "text.picture", 1044;
    TEXT_ARCHIVE = "text.archive", 1045;
    TEXT_DOCUMENT = "text.document", 1046;
    TEXT_PROGRAM = "text.program", 1047;
    TEXT_BINARY = "text.binary", 1048;
    TEXT_PICTURE_PARTS = "text.picture_parts", 1049;
    TEXT_ENCRYPTED = "text.encrypted", 1050;
    TEXT_ATTACHED = "text.attached", 1051;
    TEXT_OTHER_CODE = "text.other_code", 1052;
    TEXT_CODE_INSTEAD = "text.code_instead", 1053;
    TEXT_CODE_PARTS = "text.code_parts", 1054;
    CODE_EMPTY = "activation_code.empty", 1101;
    CODE_TOO_LONG = "activation_code.too_long", 1102;
    CODE_SYMBOL = "activation_code.symbol", 1103;
    CODE_UNCLEAR = "activation_code.unclear", 1104;
    CODE_GROUPS = "activation_code.groups", 1105;
    CODE_MISSING = "activation_code.missing", 1106;
    CODE_ADDED = "activation_code.added", 1107;
    CODE_SENTENCE = "activation_code.sentence", 1108;
    CODE_BEGINS_LIKE_TOKEN = "activation_code.begins_like_token", 1109;
    CODE_TOKEN = "activation_code.token", 1110;
    SEAT_NAME_TOO_LONG = "seat_name.too_long", 1111;
    SEAT_NAME_CONTROL = "seat_name.control", 1112;
    RANDOMNESS = "system.randomness", 1201;
    KEY_MALFORMED = "key.malformed", 1211;
    KEY_WEAK = "key.weak", 1212;
    KEY_SIGNATURE = "key.signature", 1213;
    ID_NOT_HEX = "id.not_hex", 1221;
}
