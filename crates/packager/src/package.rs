//! A finished package, and what it requires of a computer.

/// A package: its name and its bytes.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// What the programs require of a computer, as far as it depends on how they were built.
pub(crate) struct Requirements {
    /// The version of the C library.
    pub(crate) glibc: Option<String>,
}
