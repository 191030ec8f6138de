//! Line editing for a terminal mode in which the program handles the erase and end-of-file keys.

/// The special keys, as the terminal defines them.
pub(super) struct Keys {
    pub(super) end: u8,
    pub(super) erase: u8,
    pub(super) erase_word: u8,
    pub(super) erase_line: u8,
}

/// The effect of a key on the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyEffect {
    /// The key was added to the text.
    Added,
    /// The key removed text of this many columns on the screen.
    Erased(usize),
    /// The key ended the input.
    End,
    /// The key had no effect.
    Nothing,
}

/// The text so far, and how keys change it.
pub(super) struct LineEditor {
    text: Vec<u8>,
    /// Where its last line begins.
    line: usize,
    limit: usize,
    /// Whether nothing was typed since the last line end.
    begins_line: bool,
    /// Whether the last key was the end-of-file key within a line. As everywhere, it ends the input
    /// if it is pressed once more.
    ends_next: bool,
}

impl LineEditor {
    /// Of the bytes beyond `limit`, one is kept, and from then on nothing can be erased: it is
    /// unknown what was dropped, so the text stays too long.
    pub(super) const fn new(limit: usize) -> Self {
        Self { text: Vec::new(), line: 0, limit, begins_line: true, ends_next: false }
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        self.text
    }

    pub(super) fn handle_key(&mut self, byte: u8, keys: &Keys) -> KeyEffect {
        // The backspace key sends either code, depending on the terminal.
        const BACKSPACE: u8 = 8;
        // The value with which a terminal marks a key as undefined.
        const DISABLED: u8 = 0;
        let is = |key: u8| key != DISABLED && byte == key;
        if is(keys.end) {
            if self.ends_next || self.begins_line {
                return KeyEffect::End;
            }
            self.ends_next = true;
            return KeyEffect::Nothing;
        }
        self.ends_next = false;
        let is_erase = is(keys.erase) || byte == BACKSPACE;
        let is_full = self.text.len() > self.limit;
        if is_full && (is_erase || is(keys.erase_word) || is(keys.erase_line)) {
            return KeyEffect::Nothing;
        }
        let line = &self.text[self.line..];
        if is_erase {
            let last = line.iter().rposition(|byte| !is_continued(*byte));
            return self.erase(line.len() - last.unwrap_or(0));
        }
        if is(keys.erase_word) {
            let word = line.trim_ascii_end();
            let before = word.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
            return self.erase(line.len() - before);
        }
        if is(keys.erase_line) {
            return self.erase(line.len());
        }
        self.begins_line = byte == b'\n';
        if !is_full {
            self.text.push(byte);
            if self.begins_line {
                self.line = self.text.len();
            }
        }
        KeyEffect::Added
    }

    fn erase(&mut self, bytes: usize) -> KeyEffect {
        let erased = self.text.split_off(self.text.len() - bytes);
        self.begins_line = self.text.len() == self.line;
        let begun = erased.iter().filter(|byte| !is_continued(**byte));
        KeyEffect::Erased(begun.map(|byte| caret_notation(*byte).len()).sum())
    }
}

/// How a byte of the text is shown: a control character as a key, so that no pasted text controls
/// the terminal.
pub(super) fn caret_notation(byte: u8) -> Vec<u8> {
    match byte {
        b'\n' | b'\t' => vec![byte],
        0..0x20 | 0x7f => vec![b'^', byte ^ 0x40],
        _ => vec![byte],
    }
}

/// Whether a byte continues a character in UTF-8.
const fn is_continued(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Keys = Keys { end: 4, erase: 0x7f, erase_word: 23, erase_line: 21 };

    /// The text, and whether it was ended.
    fn typed(bytes: &str) -> (String, bool) {
        let mut editor = LineEditor::new(1000);
        let ended = bytes.bytes().any(|byte| editor.handle_key(byte, &KEYS) == KeyEffect::End);
        (String::from_utf8(editor.into_text()).unwrap(), ended)
    }

    #[test]
    fn the_end_key_ends_the_text_at_a_line_start_or_when_repeated() {
        for (bytes, text, ended) in [
            ("\u{4}", "", true),
            ("ab\n\u{4}", "ab\n", true),
            ("ab\u{4}", "ab", false),
            ("ab\u{4}\u{4}", "ab", true),
            ("ab\u{4}c\u{4}", "abc", false),
            ("ab\u{4}c\n\u{4}", "abc\n", true),
        ] {
            assert_eq!(typed(bytes), (text.to_owned(), ended), "{bytes:?}");
        }
    }

    #[test]
    fn keys_erase_within_their_line_only() {
        for (bytes, text) in [
            ("abc\u{7f}d", "abd"),
            ("abc\u{8}d", "abd"),
            ("aß\u{7f}d", "ad"),
            ("a\n\u{7f}\u{7f}b", "a\nb"),
            ("a b  c \u{17}d", "a b  d"),
            ("a\nbcd\u{15}e", "a\ne"),
            ("\u{7f}\u{17}\u{15}", ""),
        ] {
            assert_eq!(typed(bytes).0, text, "{bytes:?}");
        }
        let mut two = LineEditor::new(10);
        for byte in "aß".bytes() {
            assert_eq!(two.handle_key(byte, &KEYS), KeyEffect::Added);
        }
        assert_eq!(two.handle_key(21, &KEYS), KeyEffect::Erased(2));
        for byte in [b'a', 0x1b] {
            assert_eq!(two.handle_key(byte, &KEYS), KeyEffect::Added);
        }
        assert_eq!(
            two.handle_key(21, &KEYS),
            KeyEffect::Erased(3),
            "a control character is shown as ^["
        );
    }

    #[test]
    fn a_key_that_the_terminal_lacks_is_ignored() {
        let keys = Keys { end: 0, erase: 0, erase_word: 0, erase_line: 0 };
        let mut text = LineEditor::new(10);
        for byte in [b'a', 0, 4, 0x7f] {
            assert_eq!(text.handle_key(byte, &keys), KeyEffect::Added, "{byte}");
        }
    }

    #[test]
    fn reading_stops_one_byte_after_the_limit() {
        let mut text = LineEditor::new(10);
        for _ in 0..100 {
            assert_eq!(text.handle_key(b'a', &KEYS), KeyEffect::Added);
        }
        assert_eq!(text.into_text().len(), 11);
    }

    #[test]
    fn overlong_input_stays_overlong_after_erasing_and_still_ends() {
        for keys in [&[0x7f][..], &[8; 50], &[23], &[21]] {
            let mut text = LineEditor::new(10);
            for byte in b"a bcdefghijklmn" {
                assert_eq!(text.handle_key(*byte, &KEYS), KeyEffect::Added);
            }
            for key in keys {
                assert_eq!(text.handle_key(*key, &KEYS), KeyEffect::Nothing, "{keys:?}");
            }
            assert_eq!(text.handle_key(b'\n', &KEYS), KeyEffect::Added);
            assert_eq!(text.handle_key(4, &KEYS), KeyEffect::End, "at the beginning of a line");
            assert_eq!(text.into_text(), b"a bcdefghij", "{keys:?}");
        }
    }

    #[test]
    fn a_line_of_a_megabyte_is_scanned_once_and_not_for_every_key() {
        const LENGTH: usize = 1_000_000;
        // A search of the line for each key would take hours.
        let mut text = LineEditor::new(2 * LENGTH);
        for _ in 0..LENGTH {
            assert_eq!(text.handle_key(b'a', &KEYS), KeyEffect::Added);
        }
        for _ in 0..LENGTH / 2 {
            assert_eq!(text.handle_key(0x7f, &KEYS), KeyEffect::Erased(1));
        }
        assert_eq!(text.into_text().len(), LENGTH / 2);
        // Nor where no byte of it begins a character.
        let mut text = LineEditor::new(2 * LENGTH);
        for _ in 0..LENGTH {
            assert_eq!(text.handle_key(0x80, &KEYS), KeyEffect::Added);
        }
        for _ in 0..LENGTH {
            assert_eq!(text.handle_key(0x7f, &KEYS), KeyEffect::Erased(0));
        }
        assert!(text.into_text().is_empty());
    }
}
