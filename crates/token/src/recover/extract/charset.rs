//! Decodes the character sets that mails declare.

use mail_parser::decoders::charsets::map::charset_decoder;

use super::super::encoding::decode_text;

/// Decodes bytes of a character set, or returns `None` if the result has no room.
pub(super) fn in_utf8(bytes: &[u8], charset: &str, room: usize) -> Option<String> {
    // A character set turns one byte into at most three.
    const GROWTH: usize = 3;
    const PIECE: usize = 1024 * 1024;
    let Some(decode) = charset_decoder(charset.as_bytes()) else {
        return Some(decode_text(bytes)).filter(|text| text.len() <= room);
    };
    // In all encodings but UTF-16, no character extends across a line end. Therefore the output
    // exceeds the room by at most one piece.
    if bytes.len() <= room / GROWTH || decode(b"\n") != "\n" {
        return Some(decode(bytes)).filter(|text| text.len() <= room);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let piece = &rest[..PIECE.min(rest.len())];
        let end = if piece.len() < rest.len() { memchr::memrchr(b'\n', piece) } else { None };
        let (piece, after) = rest.split_at(end.map_or(piece.len(), |end| end + 1));
        text.push_str(&decode(piece));
        if text.len() > room {
            return None;
        }
        rest = after;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_decoded_in_pieces_with_the_same_result() {
        let line = [b"\x93\xfa\x96\x7b \xb1 +AKM- ".repeat(3), b"\n".to_vec()].concat();
        for lines in [3, 40_000] {
            let bytes = line.repeat(lines);
            for charset in ["shift_jis", "windows-1252", "utf-7", "gbk", "koi8-r"] {
                let whole = charset_decoder(charset.as_bytes()).unwrap()(&bytes);
                assert_eq!(
                    in_utf8(&bytes, charset, whole.len()).as_ref(),
                    Some(&whole),
                    "{charset}"
                );
                assert_eq!(in_utf8(&bytes, charset, whole.len() - 1), None, "{charset}");
            }
        }
    }
}
