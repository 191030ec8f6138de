//! Questions on a terminal, and long texts that are pasted into one.

#[cfg(unix)]
mod typed;
#[cfg(unix)]
mod unix;

use std::io::{self, IsTerminal as _};

use zeroize::Zeroizing;

/// Bytes of a line at which Linux cuts what is pasted where a program reads lines, and macOS.
const CUT_AT: [usize; 2] = [4095, 1023];

/// Whether a person types what is read on standard input.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// A line that the terminal doesn't show while it is typed. The terminal is as before when this
/// returns, and when a signal ends the process meanwhile. Afterwards such a signal ends it at once,
/// whatever else listens: a service asks nothing.
///
/// # Errors
/// The terminal's.
pub fn secret() -> io::Result<Zeroizing<String>> {
    #[cfg(unix)]
    return unix::secret();
    #[cfg(not(unix))]
    rpassword::read_password().map(Zeroizing::new)
}

/// What is typed or pasted until the end-of-file key (Ctrl-D, on Windows Ctrl-Z and Enter), lines
/// of any length: a terminal that gives a program whole lines cuts them. Of more than `limit` bytes
/// it is `limit` and one more. The terminal is as before when this returns, and when a signal ends
/// or stops the process meanwhile; afterwards as with [`secret`].
///
/// # Errors
/// The terminal's.
pub fn pasted(limit: usize) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    return unix::pasted(limit);
    #[cfg(not(unix))]
    {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The length of a line that is as long as a terminal lets one be, so that its end is probably
/// lost: it was pasted into another program (`cat > file`), or before this one was there. It counts
/// bytes, as terminals do, of what came before it is decoded: a character may have been cut in its
/// middle.
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
