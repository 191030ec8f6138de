//! Decodes bytes to text. A file may contain the output of programs with different encodings:
//! stretches of UTF-16 in either byte order, with or without a byte order mark, next to stretches
//! of UTF-8 or ASCII. A transfer that treated UTF-16 as ASCII shifts everything after a line end by
//! one byte. Therefore each stretch is decoded as the encoding that it looks like.

use crate::text::layout::prefix;
use crate::wire::kind::Kind;

/// The number of bytes that show whether a stretch of UTF-16 begins: four characters.
const WIDE: usize = 8;
/// The number of ASCII bytes that end a stretch of UTF-16. As UTF-16 they would be eight rare
/// characters in succession.
const NARROW: usize = 16;
/// The number of consecutive NUL bytes that are padding and not UTF-16.
const FILLED: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    const fn opposite(self) -> Self {
        match self {
            Self::Little => Self::Big,
            Self::Big => Self::Little,
        }
    }
}

/// Decodes the text of a file or of standard input: UTF-8, UTF-16 in either byte order, or
/// stretches of each; and, if a token shows it, EBCDIC from a mainframe, or ASCII with data in the
/// eighth bit. Tokens are ASCII, so that bytes of other encodings become question marks. NUL bytes
/// are dropped. Text in UTF-8 is never longer than its bytes, so that a limit on the bytes holds
/// for it; text in UTF-16 may be half as long again.
#[must_use]
pub fn decode_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((before, order, wide)) = next_wide(rest) {
        push_narrow(&mut text, before);
        rest = push_wide(&mut text, wide, order);
    }
    push_narrow(&mut text, rest);
    text
}

/// Returns the bytes before the next stretch of UTF-16, its byte order, and the bytes from there
/// on.
fn next_wide(bytes: &[u8]) -> Option<(&[u8], ByteOrder, &[u8])> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(0, 0xfe, 0xff, &bytes[at..])?;
        let (here, mark) = (&bytes[at..], at == 0 || has_wide(&bytes[at..]));
        match here {
            [0xff, 0xfe, wide @ ..] if mark => {
                return Some((&bytes[..at], ByteOrder::Little, wide));
            }
            [0xfe, 0xff, wide @ ..] if mark => return Some((&bytes[..at], ByteOrder::Big, wide)),
            [0, ..] => {
                // The character is before its NUL byte, or after it.
                let before = at.saturating_sub(1);
                if at > 0 && begins_wide(&bytes[before..], ByteOrder::Little) {
                    return Some((&bytes[..before], ByteOrder::Little, &bytes[before..]));
                }
                if begins_wide(here, ByteOrder::Big) {
                    return Some((&bytes[..at], ByteOrder::Big, here));
                }
                // Of consecutive NUL bytes, only the last can belong to a character.
                at += here.iter().take_while(|&&byte| byte == 0).count().saturating_sub(1).max(1);
            }
            _ => at += 1,
        }
    }
}

/// Returns whether a byte order mark in the middle of a file is followed by a NUL byte soon, as it
/// would be in UTF-16.
fn has_wide(marked: &[u8]) -> bool {
    marked.iter().skip(2).take(WIDE).any(|&byte| byte == 0)
}

/// Returns whether at least two ASCII characters in UTF-16 begin here.
fn begins_wide(bytes: &[u8], order: ByteOrder) -> bool {
    let window = &bytes[..bytes.len().min(WIDE)];
    let pairs = window.as_chunks::<2>().0.iter().map(|pair| code_unit(*pair, order));
    let mut characters = 0;
    for (index, unit) in pairs.enumerate() {
        if unit >= 0x80 || index == 0 && unit == 0 {
            return false;
        }
        characters += usize::from(unit != 0);
    }
    characters >= 2
}

fn code_unit(pair: [u8; 2], order: ByteOrder) -> u16 {
    match order {
        ByteOrder::Little => u16::from_le_bytes(pair),
        ByteOrder::Big => u16::from_be_bytes(pair),
    }
}

/// Decodes UTF-16 as far as it extends, and returns the bytes after it.
fn push_wide<'b>(text: &mut String, bytes: &'b [u8], mut order: ByteOrder) -> &'b [u8] {
    let mut rest = bytes;
    while let Some((&pair, after)) = rest.split_first_chunk::<2>() {
        let value = code_unit(pair, order);
        if value >= 0x80 {
            if is_narrow(rest) {
                return rest;
            }
            if !rest[0].is_ascii() && is_narrow(&rest[1..]) {
                text.push('?');
                return &rest[1..];
            }
            // A byte was inserted or removed at a line end. Skip it, so that the characters after
            // it are aligned again.
            let ends_a_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let is_line_end = ends_a_line(&rest[0]);
            if is_line_end
                && (rest.len() == 3 || rest.len() == 2 && (ends_a_line(&rest[1]) || rest[1] == 0))
            {
                text.push('\n');
                return &[];
            }
            // Two characters at the end of a text with an even number of bytes may look like this
            // by chance.
            let is_clear = is_line_end || rest.len() > WIDE || rest.len() % 2 == 1;
            if is_clear && begins_wide(rest, order.opposite()) && !is_line_end {
                order = order.opposite();
                continue;
            }
            if is_clear && begins_wide(&rest[1..], order) {
                text.push_str(if is_line_end { "\n" } else { "" });
                rest = &rest[1..];
                continue;
            }
        } else if value == 0 && rest.iter().take(FILLED).all(|&byte| byte == 0) {
            return rest;
        }
        rest = after;
        match (value, rest.split_first_chunk::<2>()) {
            (0 | 0xfeff, _) => {}
            (0xfffe, _) => order = order.opposite(),
            (0xd800..=0xdbff, Some((&pair, after)))
                if code_unit(pair, order) & 0xfc00 == 0xdc00 =>
            {
                let low = u32::from(code_unit(pair, order) & 0x3ff);
                let code = 0x1_0000 + (u32::from(value & 0x3ff) << 10 | low);
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = after;
            }
            _ => text.push(char::from_u32(u32::from(value)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }
    rest
}

/// Returns whether a stretch of ASCII begins. Some Chinese characters in UTF-16 consist of two
/// ASCII bytes, but not as many in succession.
fn is_narrow(bytes: &[u8]) -> bool {
    let is_text = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'\t' | b'\n' | b'\r' | b' ' | b','..=b'/' | b':')
    };
    bytes.get(..NARROW).is_some_and(|bytes| bytes.iter().all(is_text))
}

/// Maps a byte to ASCII in a text that isn't written in ASCII or a superset of it.
type Meaning = fn(u8) -> u8;

/// The number of bytes of a token's prefix.
const PREFIX: usize = 5;

/// Detects text that is neither UTF-8 nor UTF-16 by the prefix of a token in it: EBCDIC, or ASCII
/// with a parity or mark bit in the eighth bit. None of these prefixes is valid UTF-8.
fn detect_meaning(bytes: &[u8]) -> Option<Meaning> {
    let is_prefix = |meant: [u8; PREFIX]| {
        Kind::ALL.into_iter().any(|kind| prefix(kind).as_bytes() == meant.as_slice())
    };
    // The first byte of each prefix is `L`, and the second one `K`: of each pair, one of these
    // bytes is there.
    let mut at = 0;
    let mut found = None;
    while found.is_none() {
        at += memchr::memchr3(0xcc, 0xcb, 0xd3, &bytes[at..])?;
        let start = at - usize::from(bytes[at] == 0xcb && at > 0);
        if let Some((word, _)) = bytes[start..].split_first_chunk::<PREFIX>() {
            let seven: Meaning = |byte| byte & 0x7f;
            let meanings: [Meaning; 2] = [decode_ebcdic, seven];
            found = meanings.into_iter().find(|meaning| is_prefix(word.map(meaning)));
        }
        at += 1;
    }
    // If another program has written a plain prefix to the same file, that one counts.
    let is_plain = |kind| {
        let written = prefix(kind);
        [written.to_owned(), written.to_lowercase()]
            .iter()
            .any(|written| memchr::memmem::find(bytes, written.as_bytes()).is_some())
    };
    found.filter(|_| !Kind::ALL.into_iter().any(is_plain))
}

/// Maps the characters that are the same in all EBCDIC code pages and that tokens need: letters,
/// digits, white space and separators.
const fn decode_ebcdic(byte: u8) -> u8 {
    match byte {
        0x81..=0x89 => byte - 0x81 + b'a',
        0x91..=0x99 => byte - 0x91 + b'j',
        0xa2..=0xa9 => byte - 0xa2 + b's',
        0xc1..=0xc9 => byte - 0xc1 + b'A',
        0xd1..=0xd9 => byte - 0xd1 + b'J',
        0xe2..=0xe9 => byte - 0xe2 + b'S',
        0xf0..=0xf9 => byte - 0xf0 + b'0',
        0x05 => b'\t',
        0x0d | 0x15 | 0x25 => b'\n',
        0x40 => b' ',
        0x4c => b'<',
        0x4d => b'(',
        0x5d => b')',
        0x60 => b'-',
        0x61 => b'/',
        0x6b => b',',
        0x6e => b'>',
        0x7a => b':',
        0x7e => b'=',
        0x4b => b'.',
        _ => b'?',
    }
}

/// Decodes UTF-8. A single NUL byte is a remainder of UTF-16, and several are the padding of a
/// field.
fn push_narrow(text: &mut String, bytes: &[u8]) {
    let meaning = detect_meaning(bytes);
    let mut rest = bytes;
    loop {
        let end = memchr::memchr(0, rest).unwrap_or(rest.len());
        if let Some(meaning) = meaning {
            text.extend(rest[..end].iter().map(|&byte| char::from(meaning(byte))));
        }
        for chunk in rest[..if meaning.is_none() { end } else { 0 }].utf8_chunks() {
            text.push_str(chunk.valid());
            text.push_str(if chunk.invalid().is_empty() { "" } else { "?" });
        }
        let nuls = rest[end..].iter().take_while(|&&byte| byte == 0).count();
        if nuls == 0 {
            return;
        }
        text.push_str(if nuls > 1 { "\n" } else { "" });
        rest = &rest[end + nuls..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn little(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn big(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    /// Returns the lines without empty ones, of which there may be one more between stretches.
    fn lines(bytes: &[u8]) -> Vec<String> {
        decode_text(bytes).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn a_file_that_two_programs_have_written_to_is_read_stretch_by_stretch() {
        let (le, be) = (little("Büro 1\r\nLKREQ07Y6F\r\n"), big("Büro 2\r\nLKANS07Y6F\r\n"));
        let narrow = &b"Desk 3\r\nLKFSH07Y6F604B\r\n"[..];
        let (first, second) = (["Büro 1", "LKREQ07Y6F"], ["Büro 2", "LKANS07Y6F"]);
        let third = ["Desk 3", "LKFSH07Y6F604B"];
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let (le_marked, be_marked) = (marked(&[0xff, 0xfe], &le), marked(&[0xfe, 0xff], &be));
        for (parts, expected) in [
            (vec![&le_marked[..], narrow], [first, third].concat()),
            (vec![narrow, &le_marked], [third, first].concat()),
            (vec![narrow, &be_marked, narrow], [third, second, third].concat()),
            (vec![&le_marked, &be_marked], [first, second].concat()),
            (vec![&be_marked, narrow, &le_marked], [second, third, first].concat()),
            (vec![&le_marked, narrow, &le_marked], [first, third, first].concat()),
        ] {
            assert_eq!(lines(&parts.concat()), expected);
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_read_in_either_order_and_beside_ascii() {
        let (le, be) = (little("LKREQ07Y6F – Büro\n"), big("LKANS07Y6F – Büro\n"));
        let narrow = b"LKFSH07Y6F604B04\n";
        assert_eq!(lines(&le), ["LKREQ07Y6F – Büro"]);
        assert_eq!(lines(&be), ["LKANS07Y6F – Büro"]);
        assert_eq!(lines(&[narrow, &le[..]].concat()), ["LKFSH07Y6F604B04", "LKREQ07Y6F – Büro"]);
        assert_eq!(lines(&[&be[..], narrow].concat()), ["LKANS07Y6F – Büro", "LKFSH07Y6F604B04"]);
        assert_eq!(lines(&[&le[..], &be].concat()), ["LKREQ07Y6F – Büro", "LKANS07Y6F – Büro"]);
    }

    #[test]
    fn utf_16_that_a_transfer_as_ascii_shifted_by_a_byte_is_read() {
        for encoded in [little("LKREQ\r\n07Y6F\r\n604BÄ\r\n"), big("LKREQ\r\n07Y6F\r\n604BÄ\r\n")]
        {
            let mut with_returns = Vec::new();
            for &byte in &encoded {
                with_returns.extend((byte == b'\n').then_some(b'\r'));
                with_returns.push(byte);
            }
            let without: Vec<_> = encoded.iter().copied().filter(|&byte| byte != b'\r').collect();
            for moved in [with_returns, without] {
                let read = lines(&moved);
                let read: Vec<_> = read.iter().map(|line| line.trim_matches('\r')).collect();
                assert_eq!(read, ["LKREQ", "07Y6F", "604BÄ"], "{moved:?}");
            }
        }
    }

    #[test]
    fn nul_bytes_that_pad_a_field_or_a_file_are_not_part_of_the_text() {
        let filled = [&b"LKREQ07Y6F"[..], &[0; 500], b"604B", &[0; 12]].concat();
        assert_eq!(lines(&filled), ["LKREQ07Y6F", "604B"]);
        let wide = [&little("LKREQ07Y6F")[..], &[0; 64], &little("604B"), &[0; 9]].concat();
        assert_eq!(lines(&wide), ["LKREQ07Y6F", "604B"]);
        let four_bytes: Vec<u8> =
            "LKREQ".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(lines(&four_bytes), ["LKREQ"]);
    }

    #[test]
    fn text_in_other_scripts_is_preserved_in_utf_16() {
        let text = "Здравствуйте 你好，请看附件 😀 こんにちは\n";
        // Some have the bytes of line ends and of ASCII in them.
        for text in [text, "请看附件上", "请看附件一一", "上"] {
            for (mark, encoded) in [([0xff, 0xfe], little(text)), ([0xfe, 0xff], big(text))] {
                assert_eq!(decode_text(&[&mark[..], &encoded].concat()), text);
            }
        }
    }

    #[test]
    fn ebcdic_is_read_if_a_token_shows_it() {
        let there = |byte: u8| {
            (0..=255)
                .find(|&code| code != 0x0d && decode_ebcdic(code) == byte)
                .expect("a character")
        };
        for kind in Kind::ALL {
            let text = format!("Dear Ann, (2):\n{}07Y6F-604B zyx jkr\n", prefix(kind));
            let bytes: Vec<u8> = text.bytes().map(there).collect();
            assert_eq!(decode_text(&bytes), text);
            // Records of a fixed length have no line ends, and may be filled up with NULs.
            let filled = [&bytes[..], &[0; 40], &bytes].concat();
            assert_eq!(decode_text(&filled), format!("{text}\n{text}"));
        }
        // The first bytes of the code page 037, 273 and 500 for it.
        assert_eq!(decode_text(b"\xd3\xd2\xd9\xc5\xd8\xf0\xf7\xe8\xf6\xc6"), "LKREQ07Y6F");
    }

    #[test]
    fn a_parity_or_mark_bit_is_removed_if_a_token_shows_it() {
        let even = |byte: u8| byte | u8::from(!byte.count_ones().is_multiple_of(2)) << 7;
        let odd = |byte: u8| byte | u8::from(byte.count_ones().is_multiple_of(2)) << 7;
        for kind in Kind::ALL {
            let text = format!("Dear Ann,\r\n{}07Y6F604B\r\n", prefix(kind));
            for with in [&even as &dyn Fn(u8) -> u8, &odd, &|byte| byte | 0x80] {
                let bytes: Vec<u8> = text.bytes().map(with).collect();
                assert_eq!(decode_text(&bytes), text, "{bytes:x?}");
            }
        }
    }

    #[test]
    fn bytes_that_resemble_ebcdic_beside_a_plain_token_change_nothing() {
        let both = b"\xd3\xd2\xd9\xc5\xd8 LKANS07Y6F \xcc\xcb";
        assert_eq!(decode_text(both), "????? LKANS07Y6F ??");
        for text in ["Лк ЛКРЕК", "ӒӒ ̋", "caf\u{301} Ӓ"] {
            assert_eq!(decode_text(text.as_bytes()), text);
        }
    }

    #[test]
    fn utf_8_and_latin_1_are_read_as_before() {
        assert_eq!(decode_text("\u{feff}Büro – 你好".as_bytes()), "\u{feff}Büro – 你好");
        assert_eq!(decode_text(b"gr\xfc\xdfe LKREQ \xff\xfe."), "gr??e LKREQ ??.");
        assert_eq!(decode_text(b""), "");
    }
}
