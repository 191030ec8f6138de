//! The four kinds of tokens.

use std::fmt;

use crate::error_code::{ErrorArg, ToErrorArg};

/// The kind of a token, which states its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Requests a seat (from the computer to the vendor).
    Request = 1,
    /// Grants a seat (from the vendor to the computer).
    Response = 2,
    /// Extends a lease (from the vendor to the computer).
    Refresh = 3,
    /// Returns a seat (from the computer to the vendor).
    Deactivation = 4,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Request, Self::Response, Self::Refresh, Self::Deactivation];

    /// Returns the stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Refresh => "refresh",
            Self::Deactivation => "deactivation",
        }
    }

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| kind as u8 == byte)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl ToErrorArg for Kind {
    fn to_error_arg(&self) -> ErrorArg {
        self.name().into()
    }
}
