//! stories to be written
