//! Why an archive is refused.

use thiserror::Error;

/// An archive or a list of digests is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It isn't such an archive, or it is incomplete.
    #[error("it is damaged")]
    Damaged,
    /// It, or what is in it, is larger than any release.
    #[error("it is too large")]
    TooLarge,
    /// An entry that no release has: a link, a name that leads elsewhere, or one that occurs twice.
    #[error("“{name}” doesn't belong in it")]
    Foreign {
        /// The entry's name, shortened.
        name: String,
    },
    /// A line of a list of digests isn't one.
    #[error("line {line} isn't a digest and a name")]
    Sums {
        /// The number of the line, from 1.
        line: usize,
    },
}

impl ArchiveError {
    /// Its name, by which a message catalogue can select, and what was found: an entry's name, or
    /// the number of a line.
    #[must_use]
    pub fn reason(&self) -> (&'static str, String) {
        match self {
            Self::Damaged => ("damaged", String::new()),
            Self::TooLarge => ("too_large", String::new()),
            Self::Foreign { name } => ("foreign", name.clone()),
            Self::Sums { line } => ("line", line.to_string()),
        }
    }

    pub(crate) fn foreign(name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        Self::Foreign { name: name.chars().filter(|c| !c.is_control()).take(100).collect() }
    }
}
