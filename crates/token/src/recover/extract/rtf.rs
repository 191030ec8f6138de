//! Returns the visible text of Rich Text Format (version 1.9.1 of its specification), which word
//! processors, mail programs and clipboards produce. It contains control words, and groups that
//! aren't displayed: these are moved to the end, so that nothing is lost in a broken document.

use super::super::work_budget::WorkBudget;

const BEGIN: &str = r"{\rtf";
/// Groups with formatting or metadata, of which nothing is displayed.
const HIDDEN: &[&str] =
    &["fonttbl", "colortbl", "stylesheet", "info", "pict", "listtable", "themedata", "generator"];
/// Control words that end a line or a cell.
const LINE_ENDS: &[&str] = &["par", "line", "row", "cell", "sect", "page", "tab", "nestcell"];
/// No control word is longer, including its number.
const MAX_WORD: usize = 48;
/// No program writes more replacement characters for one.
const MAX_REPLACEMENTS: usize = 8;
/// Steps that it takes to identify a control word.
const STEPS_OF_A_WORD: usize = 16;

/// Returns a text with each RTF document replaced by its text, or `None` if there are none.
pub(super) fn extract_text(text: &str, work: &WorkBudget) -> Option<String> {
    work.spend(text.len());
    let start = text.find(BEGIN)?;
    let mut shown = text[..start].to_owned();
    let mut rest = &text[start..];
    let mut aside = String::new();
    // The depth of the present group, and the depth from which on nothing is displayed.
    let (mut depth, mut hidden) = (0_usize, None::<usize>);
    // How many characters replace one that older readers don't know.
    let mut replaced_by = 1;
    while let Some(at) = rest.find(['{', '}', '\\', '\r', '\n']) {
        work.spend(STEPS_OF_A_WORD);
        let (before, here) = rest.split_at(at);
        let there = if hidden.is_none() { &mut shown } else { &mut aside };
        let mut show = |text: &str| there.push_str(text);
        show(before);
        let after = &here[1..];
        rest = after;
        match here.as_bytes()[0] {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                hidden = hidden.filter(|&from| from <= depth);
                if depth == 0 {
                    show("\n");
                }
            }
            b'\\' => {
                let control = Control::parse(after);
                rest = &after[control.length..];
                match control.kind {
                    Kind::Shown(character) => show(character.encode_utf8(&mut [0; 4])),
                    Kind::Unicode(character) => {
                        show(character.encode_utf8(&mut [0; 4]));
                        rest = without_replacements(rest, replaced_by);
                    }
                    Kind::ReplacedBy(characters) => replaced_by = characters,
                    Kind::Hidden => hidden = hidden.or(Some(depth)),
                    Kind::Nothing => {}
                }
            }
            // A line end in the document isn't part of its text; outside of a document it is.
            line_end if depth == 0 => show(char::from(line_end).encode_utf8(&mut [0; 4])),
            _ => {}
        }
    }
    if hidden.is_none() { &mut shown } else { &mut aside }.push_str(rest);
    shown.push('\n');
    shown.push_str(&aside);
    work.spend(shown.len());
    Some(shown)
}

/// Returns the text after the characters that replace the one just displayed.
fn without_replacements(text: &str, characters: usize) -> &str {
    let mut rest = text;
    for _ in 0..characters.min(MAX_REPLACEMENTS) {
        rest = match rest.as_bytes() {
            [b'{' | b'}', ..] | [] => return rest,
            [b'\\', ..] => &rest[1 + Control::parse(&rest[1..]).length..],
            _ => rest.split_at(rest.chars().next().map_or(0, char::len_utf8)).1,
        };
    }
    rest
}

/// A control word or symbol, which follows a backslash.
struct Control {
    kind: Kind,
    length: usize,
}

enum Kind {
    Shown(char),
    /// The character is displayed. The characters after it replace it in programs that don't know
    /// it.
    Unicode(char),
    /// The number of characters to skip from here on.
    ReplacedBy(usize),
    /// From here to the end of the group nothing is shown.
    Hidden,
    Nothing,
}

impl Control {
    fn parse(text: &str) -> Self {
        let word = text.bytes().take(MAX_WORD).take_while(u8::is_ascii_alphabetic).count();
        if word > 0 {
            return Self::parse_word(text, word);
        }
        let mut characters = text.chars();
        let Some(sign) = characters.next() else { return Self { kind: Kind::Nothing, length: 0 } };
        let length = sign.len_utf8();
        let kind = match sign {
            '\'' => {
                let code = text.get(1..3).and_then(|code| u8::from_str_radix(code, 16).ok());
                return match code {
                    Some(code) => Self { kind: Kind::Shown(char::from(code)), length: 3 },
                    None => Self { kind: Kind::Nothing, length },
                };
            }
            '~' => Kind::Shown(' '),
            '_' => Kind::Shown('-'),
            // This hyphen is displayed only at a line end.
            '-' => Kind::Nothing,
            '*' => Kind::Hidden,
            '\r' | '\n' => Kind::Shown('\n'),
            other => Kind::Shown(other),
        };
        Self { kind, length }
    }

    /// Parses a control word, its number, and the single space that ends it.
    fn parse_word(text: &str, word: usize) -> Self {
        let (name, after) = text.split_at(word);
        let sign = usize::from(after.starts_with('-'));
        let digits = after[sign..].bytes().take(MAX_WORD).take_while(u8::is_ascii_digit).count();
        let number = if digits > 0 { &after[..sign + digits] } else { "" };
        let mut length = word + number.len();
        let kind = match name {
            "u" if !number.is_empty() => {
                let code = number.parse::<i32>().ok().map(|code| code.rem_euclid(0x1_0000) as u32);
                // Half of a surrogate pair is not part of a token.
                Kind::Unicode(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            "uc" => Kind::ReplacedBy(number.parse().unwrap_or(1)),
            _ if LINE_ENDS.contains(&name) => Kind::Shown('\n'),
            _ if HIDDEN.contains(&name) => Kind::Hidden,
            _ => Kind::Nothing,
        };
        length += usize::from(text[length..].starts_with(' '));
        Self { kind, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        extract_text(text, &WorkBudget::for_text(text))
    }

    #[test]
    fn a_document_is_read_as_displayed() {
        for (written, text) in [
            (
                r"{\rtf1\ansi{\fonttbl{\f0\fnil Calibri;}}{\*\generator Riched20;}\f0\fs22 LK\b REQ\b0 07\par}",
                "LKREQ07\n\n\nCalibri;Riched20;",
            ),
            (
                r"{\rtf1 LK{\rtlch\af0 \insrsid6043223 REQ}\u8209?07\-Y\_6\~F\'34}",
                "LKREQ\u{2011}07Y-6 F4\n\n",
            ),
            ("{\\rtf1 LK\r\nREQ\\line\r\n07}\r\nend", "LKREQ\n07\n\r\nend\n"),
            (r"{\rtf1\u-4051 ?LK", "\u{f02d}LK\n"),
            (
                r"{\rtf1 LK\u8203\'3fRE\u8209\'2dQ\uc2\u8209\'2d\'2d0\uc0\u8203 7",
                "LK\u{200b}RE\u{2011}Q\u{2011}0\u{200b}7\n",
            ),
            (r"LKREQ{\rtf1{\fonttbl cut 07Y6", "LKREQ\ncut 07Y6"),
        ] {
            assert_eq!(of(written).as_deref(), Some(text), "{written}");
        }
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in ["LKREQ", r"{\rt1 LKREQ}", r"\rtf1 LKREQ"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_truncated_document_is_read_up_to_its_end() {
        let whole = r"{\rtf1\ansi{\fonttbl{\f0 Ä;}}\u8209?LK\'c4\b REQ\-07\*}";
        for end in (6..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            assert!(of(&whole[..end]).is_some(), "{end}");
        }
    }
}
