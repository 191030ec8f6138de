//! Questions on a terminal.

use std::io::{self, IsTerminal as _};

use zeroize::Zeroizing;

/// Whether a person types what is read on standard input.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// A line that the terminal doesn't show while it is typed. The terminal is as before when this returns.
///
/// # Errors
/// The terminal's.
pub fn secret() -> io::Result<Zeroizing<String>> {
    rpassword::read_password().map(Zeroizing::new)
}
