//! The limit that all formats share.

/// How often formats may be nested, as in a mail that is attached to a mail.
pub(super) const MAX_DEPTH: usize = 4;
