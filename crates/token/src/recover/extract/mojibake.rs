//! Repairs UTF-8 that a program decoded as Windows-1252 (mojibake): `Â` before a no-break space, or
//! `â€“` in place of a dash.

use super::super::work_budget::WorkBudget;

/// The bytes from 0x80 to 0x9f in Windows-1252. Five have no character, and programs keep them as
/// control characters.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// The first bytes of characters that occur in English or German text, as they are displayed then:
/// spaces, dashes, quotation marks, umlauts, byte order marks, emoji. Others are letters of
/// ordinary words.
const FIRST: [char; 8] = ['Â', 'Ã', 'Å', 'Æ', 'Ë', 'â', 'ï', 'ð'];

/// How often a text is repaired: several programs may have decoded it wrongly, one after the other.
const MAX_TIMES: usize = 3;

/// Returns a text with each such character repaired, or `None` if there are none.
pub(super) fn repair(text: &str, work: &WorkBudget) -> Option<String> {
    let mut meant = repair_once(text, work)?;
    for _ in 1..MAX_TIMES {
        let Some(next) = repair_once(&meant, work) else { break };
        meant = next;
    }
    Some(meant)
}

fn repair_once(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    if text.is_ascii() {
        return None;
    }
    let mut meant = String::with_capacity(text.len());
    let mut rest = text;
    let mut found_any = false;
    while let Some(at) = rest.find(FIRST) {
        meant.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, length) = match character_at(rest) {
            Some((character, length)) => {
                found_any = true;
                (Some(character), length)
            }
            None => (rest.chars().next(), rest.chars().next().map_or(0, char::len_utf8)),
        };
        meant.extend(character);
        rest = &rest[length..];
    }
    meant.push_str(rest);
    work.spend(meant.len());
    found_any.then_some(meant)
}

/// Returns the original character at the beginning of a text, and the length of its present form.
fn character_at(text: &str) -> Option<(char, usize)> {
    let mut bytes = [0; 4];
    let mut length = 0;
    for (index, character) in text.chars().take(bytes.len()).enumerate() {
        bytes[index] = byte(character)?;
        length += character.len_utf8();
        if let Ok(meant) = std::str::from_utf8(&bytes[..=index]) {
            return meant.chars().next().filter(|_| index > 0).map(|meant| (meant, length));
        }
    }
    None
}

fn byte(character: char) -> Option<u8> {
    let high = HIGH.iter().position(|&high| high == character);
    high.map(|at| 0x80 + at as u8).or_else(|| u8::try_from(u32::from(character)).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a byte as Windows-1252 displays it.
    fn shown(byte: u8) -> char {
        match byte {
            0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
            other => char::from(other),
        }
    }

    fn of(text: &str) -> Option<String> {
        repair(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn wrongly_decoded_characters_are_repaired() {
        for text in
            ["LKREQ\u{a0}07", "LK–REQ", "LK\u{200b}REQ", "\u{feff}LKREQ", "„LKREQ“", "é", "😀"]
        {
            let misread: String = text.bytes().map(shown).collect();
            assert_eq!(of(&misread).as_deref(), Some(text), "{misread}");
            let twice: String = misread.bytes().map(shown).collect();
            assert_eq!(of(&twice).as_deref(), Some(text), "{twice}");
        }
    }

    #[test]
    fn other_characters_are_unchanged() {
        for text in ["LKREQ", "Âge â€", "à la carte", "Ã", "ÿ€", "Ελλάδα"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
