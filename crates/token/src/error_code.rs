//! The identity of an error outside its crate: a stable code, a number for C, and the values that
//! its sentence needs. The sentences themselves live in the message catalogues, not here.

use std::fmt;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

pub use latchkey_error_derive::HasErrorCode;

/// The stable identity of an error: the name goes over wires and into support mails, the number
/// into C programs. Neither is ever changed or used again for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode {
    /// Dotted lower-case name, such as `token.truncated`.
    pub name: &'static str,
    /// Number for callers without strings. Tokens have 1000 to 1999.
    pub number: u32,
}

impl ErrorCode {
    /// Makes a code. Each crate lists its own in one table called `CODES`.
    #[must_use]
    pub const fn new(name: &'static str, number: u32) -> Self {
        Self { name, number }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A value that an error's sentence mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorArg {
    /// Text that is shown as it is.
    Text(String),
    /// A count or an ordinal; the catalogue chooses the plural.
    Number(u64),
    /// An instant, in seconds since 1970-01-01T00:00:00Z. The outer layer formats it for its
    /// reader.
    Time(i64),
    /// Ordinals in ascending order, such as rows, with neighbours drawn together: first and last of
    /// each run. The catalogue says what stands between them.
    Numbers(Vec<(u64, u64)>),
}

impl ErrorArg {
    /// Ordinals in ascending order.
    #[must_use]
    pub fn numbers(numbers: &[usize]) -> Self {
        let runs = numbers.chunk_by(|a, b| a + 1 == *b);
        let ends = runs.filter_map(|run| Some((*run.first()? as u64, *run.last()? as u64)));
        Self::Numbers(ends.collect())
    }
}

/// Formats the value for documents and logs: a time in seconds, and ordinals as `1, 4–6, 9`.
impl fmt::Display for ErrorArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Time(seconds) => seconds.fmt(f),
            Self::Numbers(runs) => {
                for (index, (first, last)) in runs.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    match first == last {
                        true => write!(f, "{comma}{first}")?,
                        false => write!(f, "{comma}{first}–{last}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl From<&str> for ErrorArg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for ErrorArg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for ErrorArg {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for ErrorArg {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

/// How a field of an error becomes a value of its sentence; `#[derive(HasErrorCode)]` calls it.
pub trait ToErrorArg {
    /// The value that the catalogue gets.
    fn to_error_arg(&self) -> ErrorArg;
}

impl<T: ToErrorArg + ?Sized> ToErrorArg for &T {
    fn to_error_arg(&self) -> ErrorArg {
        (**self).to_error_arg()
    }
}

/// Implements [`ToErrorArg`] by an expression of the value.
macro_rules! to_error_arg {
    ($($type:ty: |$value:ident| $arg:expr;)*) => {
        $(impl ToErrorArg for $type {
            fn to_error_arg(&self) -> ErrorArg {
                let $value = self;
                $arg
            }
        })*
    };
}

to_error_arg! {
    u8: |number| ErrorArg::Number(u64::from(*number));
    u32: |number| ErrorArg::Number(u64::from(*number));
    u64: |number| ErrorArg::Number(*number);
    usize: |number| ErrorArg::Number(*number as u64);
    NonZeroU32: |number| ErrorArg::Number(u64::from(number.get()));
    [usize]: |ordinals| ErrorArg::numbers(ordinals);
    Vec<usize>: |ordinals| ErrorArg::numbers(ordinals);
    char: |character| ErrorArg::Text(character.to_string());
    str: |text| ErrorArg::Text(text.to_owned());
    String: |text| ErrorArg::Text(text.clone());
    Path: |path| ErrorArg::Text(path.display().to_string());
    PathBuf: |path| ErrorArg::Text(path.display().to_string());
}

/// An error that reaches a person. `Display` is for logs; people get the catalogue's sentence for
/// [`HasErrorCode::code`], filled with [`HasErrorCode::details`].
///
/// The derive macro of the same name implements it from attributes. Each variant, or the struct,
/// has `#[code(…)]`:
///
/// - `#[code(codes::NAME)]`: its own code. Every named field is a detail under its own name, by
///   [`ToErrorArg`].
/// - `#[code(transparent)]`: code and details of the one unnamed field.
/// - `#[code(codes::NAME, limit = MAX_NAME)]`: more details, after those of the fields.
/// - `#[code(codes::NAME, details = list(field))]`: these details in place of all others.
///
/// The fields are bound by reference in all these expressions, unnamed ones as `_0`, `_1` and so
/// on.
///
/// `#[detail(…)]` changes what a field gives: `skip`, `name = "…"`, `display` (its `Display`),
/// `time` (a `chrono` time, as [`ErrorArg::Time`]), `len = "…"` (its length as one more detail
/// under that name), or `flatten` (the list that its `details` method returns).
///
/// ```
/// use latchkey_token::{ErrorArg, HasErrorCode, IdError};
///
/// latchkey_token::error_codes! {
///     NAME_TOO_LONG = "seat_name.too_long", 1111;
///     ROWS_MISSING = "token.rows_missing", 1017;
/// }
///
/// #[derive(Debug, thiserror::Error, HasErrorCode)]
/// enum NameError {
///     #[code(codes::NAME_TOO_LONG, most = 40_usize)]
///     #[error("{name:?} is too long")]
///     TooLong { name: String },
///     #[code(codes::ROWS_MISSING)]
///     #[error("rows {rows:?} are missing")]
///     RowsMissing {
///         #[detail(len = "count")]
///         rows: Vec<usize>,
///     },
///     #[code(transparent)]
///     #[error(transparent)]
///     Id(#[from] IdError),
/// }
///
/// let too_long = NameError::TooLong { name: "Office".to_owned() };
/// assert_eq!(too_long.code(), codes::NAME_TOO_LONG);
/// assert_eq!(too_long.details(), [("name", "Office".into()), ("most", ErrorArg::Number(40))]);
///
/// let missing = NameError::RowsMissing { rows: vec![1, 2, 3] };
/// let rows = ErrorArg::Numbers(vec![(1, 3)]);
/// assert_eq!(missing.details(), [("rows", rows), ("count", 3_u64.into())]);
///
/// let id = NameError::Id(IdError::RngFailed);
/// assert_eq!(id.code(), IdError::RngFailed.code());
/// ```
pub trait HasErrorCode: std::error::Error {
    /// Identifies this error. A wrapping variant gives the code of what it wraps.
    fn code(&self) -> ErrorCode;

    /// The values that the error's sentence needs, by the names that the catalogue uses.
    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        Vec::new()
    }
}

/// Defines the table of a crate's codes: a constant for each in a module `codes`, and the list
/// `CODES`. Attributes that come first are those of the list; a program that needs it in its tests
/// only writes `#[cfg(test)]`.
///
/// ```
/// latchkey_token::error_codes! {
///     NAME_TOO_LONG = "seat_name.too_long", 1111;
/// }
/// assert_eq!(CODES, [codes::NAME_TOO_LONG]);
/// ```
#[macro_export]
macro_rules! error_codes {
    ($(#[$list:meta])* $($constant:ident = $name:literal, $number:literal;)*) => {
        /// The codes of this crate's errors.
        pub mod codes {
            $(
                #[doc = concat!("`", $name, "`")]
                pub const $constant: $crate::ErrorCode = $crate::ErrorCode::new($name, $number);
            )*
        }
        /// Every code that this crate defines.
        $(#[$list])*
        pub const CODES: &[$crate::ErrorCode] = &[$(codes::$constant),*];
    };
}

error_codes! {
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
    TEXT_CODES_UNREAD = "text.codes_unread", 1055;
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
    CODE_PLACEHOLDER = "activation_code.placeholder", 1113;
    RANDOMNESS = "system.randomness", 1201;
    KEY_MALFORMED = "key.malformed", 1211;
    KEY_WEAK = "key.weak", 1212;
    KEY_SIGNATURE = "key.signature", 1213;
    ID_NOT_HEX = "id.not_hex", 1221;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_numbers_are_drawn_together() {
        assert_eq!(ErrorArg::numbers(&[7]).to_string(), "7");
        assert_eq!(ErrorArg::numbers(&[1, 4, 5, 6, 9]).to_string(), "1, 4–6, 9");
    }
}
