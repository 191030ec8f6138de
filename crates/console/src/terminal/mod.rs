//! Questions on a terminal, and long texts that are pasted into one.

#[cfg(unix)]
mod line_editor;
#[cfg(unix)]
mod unix;

use std::io::{self, IsTerminal as _};

use zeroize::Zeroizing;

/// The length in bytes at which Linux and macOS cut a pasted line if a program reads whole lines.
const CUT_AT: [usize; 2] = [4095, 1023];

/// Whether standard input is a terminal.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Reads a line that the terminal doesn't show while it is typed. The terminal's mode is restored
/// when this returns, and if a signal ends the process meanwhile. Afterwards such a signal ends the
/// process immediately, whatever else handles it; services don't prompt.
///
/// # Errors
/// Returns the operating system's [`io::Error`] if the terminal can't be read or its mode can't be
/// set, and [`io::ErrorKind::InvalidData`] if the line isn't UTF-8.
pub fn read_secret() -> io::Result<Zeroizing<String>> {
    #[cfg(unix)]
    return unix::read_secret();
    #[cfg(not(unix))]
    rpassword::read_password().map(Zeroizing::new)
}

/// Reads a line as [`read_secret`] does, in whatever encoding the terminal has. The end of the
/// input is an empty line.
///
/// # Errors
/// As [`read_secret`], except that any bytes are accepted on Unix.
pub fn read_secret_line() -> io::Result<Zeroizing<Vec<u8>>> {
    #[cfg(unix)]
    let read = unix::read_secret_line();
    #[cfg(not(unix))]
    let read = read_secret().map(|line| Zeroizing::new(line.as_bytes().to_vec()));
    match read {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Zeroizing::default()),
        read => read,
    }
}

/// Reads what is typed or pasted until the end-of-file key (Ctrl-D, on Windows Ctrl-Z and Enter).
/// Lines may have any length; a terminal in line mode would cut them. At most `limit` bytes and one
/// more are returned. The terminal's mode is restored when this returns, and if a signal ends or
/// stops the process meanwhile; afterwards it is as with [`read_secret`].
///
/// # Errors
/// As [`read_secret`].
pub fn read_pasted(limit: usize) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    return unix::read_pasted(limit);
    #[cfg(not(unix))]
    {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The length of a line that is as long as a terminal allows, so that its end is probably lost: it
/// was pasted into another program (`cat > file`), or before this one was running. It counts
/// undecoded bytes, as terminals do, because a character may have been cut in the middle.
#[must_use]
pub fn cut_line(bytes: &[u8]) -> Option<usize> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lengths = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line).len());
    lengths.filter(|length| CUT_AT.contains(length)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_at_the_limit_of_terminals_is_detected() {
        let line = |length: usize| format!("Hello,\n{}\r\nYours\n", "A".repeat(length));
        for (length, noticed) in
            [(4095, Some(4095)), (1023, Some(1023)), (4094, None), (4096, None), (70, None)]
        {
            assert_eq!(cut_line(line(length).as_bytes()), noticed, "{length}");
        }
        assert_eq!(cut_line(b""), None);
    }

    #[test]
    fn the_limit_of_a_line_counts_bytes_in_any_encoding() {
        let umlauts = "ü".repeat(3000);
        // Cut in the middle of a character, so that it isn't UTF-8.
        assert_eq!(cut_line(&umlauts.as_bytes()[..4095]), Some(4095));
        assert_eq!(cut_line("ü".repeat(4095).as_bytes()), None);
        assert_eq!(cut_line(&[0xfc; 4095]), Some(4095), "Latin-1");
    }
}
