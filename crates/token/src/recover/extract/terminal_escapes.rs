//! Removes the control sequences of terminals (ECMA-48 and xterm) from their output: colours,
//! cursor positions, titles, and paste brackets; and characters that were deleted with a backspace.

use super::super::work_budget::WorkBudget;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
/// The single character that starts a control sequence.
const CSI: char = '\u{9b}';
const BACKSPACE: char = '\u{8}';
/// The longest control string, in bytes: a string without an end is taken to end there.
const LONGEST: usize = 4096;

/// Returns a text without escapes, or `None` if there are none.
pub(crate) fn remove(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if memchr::memchr2(ESCAPE as u8, BACKSPACE as u8, bytes).is_none() && !text.contains(CSI) {
        return None;
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([ESCAPE, CSI, BACKSPACE]) {
        shown.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        rest = match after.next() {
            Some(ESCAPE) => match after.next() {
                Some('[') => control(after.as_str()),
                // Operating system commands, device control, privacy messages, application
                // commands, strings.
                Some(']' | 'P' | '^' | '_' | 'X') => string(after.as_str()),
                // This escape is by itself before a letter of the text.
                Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
                    after.next();
                    after.as_str()
                }
                Some('7' | '8' | '=' | '>' | 'c' | 'D' | 'E' | 'H' | 'M' | 'N' | 'O' | 'Z') => {
                    after.as_str()
                }
                _ => &rest[at + ESCAPE.len_utf8()..],
            },
            Some(CSI) => control(after.as_str()),
            // The character was deleted, or printed twice to appear bold.
            _ => {
                if !shown.ends_with('\n') {
                    shown.pop();
                }
                after.as_str()
            }
        };
    }
    shown.push_str(rest);
    Some(shown)
}

/// Returns the text after a control sequence: parameters, followed by one letter or sign.
fn control(after: &str) -> &str {
    let end = after.bytes().position(|byte| !matches!(byte, b' '..=b'?')).unwrap_or(after.len());
    match after.as_bytes().get(end) {
        Some(b'@'..=b'~') => &after[end + 1..],
        // The sequence is truncated.
        _ => &after[end..],
    }
}

/// Returns the text after a control string, which a bell or an escape with a backslash ends.
fn string(after: &str) -> &str {
    let most = after.floor_char_boundary(LONGEST.min(after.len()));
    let within = &after[..most];
    match within.find([BELL, ESCAPE, '\u{9c}', '\n']) {
        Some(end) if within[end..].starts_with("\u{1b}\\") => &after[end + 2..],
        Some(end) if within[end..].starts_with(BELL) => &after[end + 1..],
        Some(end) => &after[end..],
        None => &after[most..],
    }
}

/// The stage of the extraction.
pub(super) fn stage(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    let shown = remove(text)?;
    work.spend(2 * text.len());
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_sequences_are_not_part_of_the_text() {
        for (written, shown) in [
            ("\u{1b}[200~LKREQ07\u{1b}[201~\n", "LKREQ07\n"),
            ("\u{1b}[1m\u{1b}[38;5;214mLKREQ\u{1b}[0m07\u{1b}[K", "LKREQ07"),
            ("\u{1b}]0;kim@office: ~\u{7}LKREQ", "LKREQ"),
            ("\u{1b}]8;;https://a.example/?q=1\u{1b}\\LKREQ\u{1b}]8;;\u{1b}\\07", "LKREQ07"),
            ("\u{1b}(B\u{1b}7LK\u{1b}8REQ\u{1b}[?2004h", "LKREQ"),
            ("\u{9b}31mLKREQ\u{9b}m", "LKREQ"),
            ("LKREX\u{8}Q07\n\u{8}", "LKREQ07\n"),
            ("\u{1b}[12;1H\u{1b}[KLKREQ", "LKREQ"),
            ("LKREQ\u{1b}", "LKREQ"),
            ("LKREQ\u{1b}[", "LKREQ"),
            ("LKREQ\u{1b}[3", "LKREQ"),
            ("\u{1b}]0;never ended\nLKREQ", "\nLKREQ"),
            ("\u{1b}Ü[200~", "Ü[200~"),
        ] {
            assert_eq!(remove(written).as_deref(), Some(shown), "{written:?}");
        }
        assert_eq!(remove("LKREQ [200~ \t\r\n"), None);
    }
}
