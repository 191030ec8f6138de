//! How an error tells the outside who it is: a stable code, a number for C, and the values that its
//! sentence needs. The sentences themselves live in the message catalogues, not here.

use std::fmt;

/// The stable identity of an error: the name goes over wires and into support mails, the number into
/// C programs. Neither is ever changed or used again for something else.
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
    /// An instant, in seconds since 1970-01-01T00:00:00Z. The outer layer formats it for its reader.
    Time(i64),
    /// Ordinals in ascending order, such as rows, with neighbours drawn together: first and last of each run. The
    /// catalogue says what stands between them.
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

/// As it stands in documents and logs: numbers as they are, times in seconds, ordinals as `1, 4–6, 9`.
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

/// An error that reaches a person. `Display` is for logs; people get the catalogue's words for
/// [`HasErrorCode::code`], filled with [`HasErrorCode::details`].
pub trait HasErrorCode: std::error::Error {
    /// Who this error is. A wrapping variant gives the code of what it wraps.
    fn code(&self) -> ErrorCode;

    /// The values that the error's sentence needs, by the names that the catalogue uses.
    fn details(&self) -> Vec<(&'static str, ErrorArg)> {
        Vec::new()
    }
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
