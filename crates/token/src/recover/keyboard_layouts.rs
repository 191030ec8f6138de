//! Tokens and codes that a hand scanner typed on a computer with another keyboard layout than the
//! scanner's. A scanner acts as a keyboard: it presses the keys that have the letters and digits on
//! an American keyboard, and the computer's layout determines what appears. A German layout
//! exchanges Y and Z, and a French one writes `&` for 1.
//!
//! This is an alternative reading of a text with a token that isn't intact. It can add tokens but
//! never damage any.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use super::ambiguous_keys::{self, Typed};
use super::ligature_keys;
use super::work_budget::WorkBudget;
use crate::text::frames;
use crate::text::layout::{ROW, prefix};
use crate::wire::kind::Kind;

/// The longest text that is tried. A scanner types short texts, and each layout is one more
/// reading.
const MAX_BYTES: usize = 8 * 1024;

/// The keys that tokens need, as they are on the scanner's layout.
const KEYS: &str = "1234567890qwertyuiopasdfghjklzxcvbnm";

/// The characters on these keys, without and with Shift.
struct Layout {
    plain: &'static str,
    /// The character on the key of the dash, which codes contain.
    dash: char,
    /// The shifted characters of keys that aren't letters, or whose shifted character isn't the
    /// capital letter.
    shifted: &'static [(char, char)],
    /// The capital letter that two of the keys have, and what these have on the scanner's.
    ambiguous: Option<(char, [char; 2])>,
}

/// The one of [`LIGATURES`] that two other keys give as well.
const LAM_ALEF: char = '\u{fefb}';
/// Pairs of letters that one key gives, with the single character that they are displayed as.
const LIGATURES: [(&str, char); 4] = [
    ("\u{644}\u{627}", LAM_ALEF),
    ("\u{644}\u{623}", '\u{fef7}'),
    ("\u{644}\u{625}", '\u{fef9}'),
    ("\u{644}\u{622}", '\u{fef5}'),
];

/// Sources: the layouts of Windows and of the X Keyboard Extension.
const LAYOUTS: [Layout; 32] = [
    // German, Swiss, Croatian and others: QWERTZ.
    letters("1234567890qwertzuiopasdfghjklyxcvbnm", 'ß'),
    // Hungarian.
    letters("123456789öqwertzuiopasdfghjklyxcvbnm", 'ü'),
    // Czech, in both orders, and Slovak.
    letters("+ěščřžýáíéqwertzuiopasdfghjklyxcvbnm", '='),
    letters("+ěščřžýáíéqwertyuiopasdfghjklzxcvbnm", '='),
    letters("+ľščťžýáíéqwertzuiopasdfghjklyxcvbnm", '='),
    // French and Belgian: AZERTY.
    Layout {
        plain: "&é\"'(-è_çàazertyuiopqsdfghjklwxcvbn,",
        dash: ')',
        shifted: &[(',', '?'), (')', '°')],
        ambiguous: None,
    },
    Layout {
        plain: "&é\"'(§è!çàazertyuiopqsdfghjklwxcvbn,",
        dash: ')',
        shifted: &[(',', '?'), (')', '°')],
        ambiguous: None,
    },
    // Lithuanian.
    letters("ąčęėįšųū90qwertyuiopasdfghjklzxcvbnm", '-'),
    // Russian, Ukrainian, Serbian, Macedonian, Bulgarian.
    letters("1234567890йцукенгшщзфывапролдячсмить", '-'),
    letters("1234567890йцукенгшщзфівапролдячсмить", '-'),
    letters("1234567890љњертзуиопасдфгхјклѕџцвбнм", '\''),
    letters("1234567890љњертѕуиопасдфгхјклзџцвбнм", '\''),
    Layout {
        plain: "1234567890,уеишщксдзьяаожгтнвюйъэфхп",
        dash: '-',
        shifted: &[(',', 'ы')],
        ambiguous: None,
    },
    Layout {
        plain: "1234567890,уеишщксдзьяаожгтнвюйъэфхп",
        dash: '-',
        shifted: &[(',', 'ы'), ('ь', 'ѝ')],
        ambiguous: None,
    },
    // Bulgarian by sound, as it is now and as it was.
    letters("1234567890чшертъуиопасдфгхйклзжцвбнм", '-'),
    letters("1234567890явертъуиопасдфгхйклзьцжбнм", '-'),
    // Hebrew: a scanner that doesn't press Shift.
    letters("1234567890/'קראטוןםפשדגכעיחלךזסבהנמצ", '-'),
    // Greek.
    Layout {
        plain: "1234567890;ςερτυθιοπασδφγηξκλζχψωβνμ",
        dash: '-',
        shifted: &[(';', ':')],
        ambiguous: Some(('Σ', ['W', 'S'])),
    },
    // Turkish F.
    Layout {
        plain: "1234567890fgğıodrnhpuieaütkmljövcçzs",
        dash: '-',
        shifted: &[('i', 'İ')],
        ambiguous: None,
    },
    // Dvorak and Colemak.
    Layout {
        plain: "1234567890',.pyfgcrlaoeuidhtn;qjkxbm",
        dash: '[',
        shifted: &[('\'', '"'), (',', '<'), ('.', '>'), (';', ':')],
        ambiguous: None,
    },
    Layout {
        plain: "1234567890qwfpgjluy;arstdhneizxcvbkm",
        dash: '-',
        shifted: &[(';', ':')],
        ambiguous: None,
    },
    // Arabic, for a scanner that doesn't press Shift and for one that does; and Persian, for one
    // that doesn't.
    letters("1234567890ضصثقفغعهخحشسيبلاتنمئءؤر\u{fefb}ىة", '-'),
    letters(
        "1234567890\u{64e}\u{64b}\u{64f}\u{64c}\u{fef9}إ‘÷×؛\u{650}\u{64d}][\u{fef7}أـ،/~\u{652}}{\u{fef5}آ’",
        '-',
    ),
    letters("1234567890ضصثقفغعهخحشسیبلاتنمظطزرذدپ", '-'),
    // Digits with Shift held, or locked: American, British, German, Swiss, Spanish, Italian,
    // Nordic; Dvorak.
    letters("!@#$%^&*()qwertyuiopasdfghjklzxcvbnm", '_'),
    letters("!\"£$%^&*()qwertyuiopasdfghjklzxcvbnm", '_'),
    letters("!\"§$%&/()=qwertzuiopasdfghjklyxcvbnm", '?'),
    letters("+\"*ç%&/()=qwertzuiopasdfghjklyxcvbnm", '?'),
    letters("!\"·$%&/()=qwertyuiopasdfghjklzxcvbnm", '?'),
    letters("!\"£$%&/()=qwertyuiopasdfghjklzxcvbnm", '?'),
    letters("!\"#¤%&/()=qwertyuiopasdfghjklzxcvbnm", '_'),
    Layout {
        plain: "!@#$%^&*()',.pyfgcrlaoeuidhtn;qjkxbm",
        dash: '{',
        shifted: &[('\'', '"'), (',', '<'), ('.', '>'), (';', ':')],
        ambiguous: None,
    },
];

const fn letters(plain: &'static str, dash: char) -> Layout {
    Layout { plain, dash, shifted: &[], ambiguous: None }
}

/// Returns the text as it would be if it had been typed on the scanner's layout, for each layout on
/// which the text contains a token's prefix, the likeliest layout first. If everything else in the
/// text is intact, only layouts on which the prefix looks different count.
pub(super) fn retype<'t>(
    text: &'t str,
    is_whole: bool,
    work: &WorkBudget,
) -> impl Iterator<Item = String> + use<'t> {
    let mut likely = Vec::new();
    if text.len() <= MAX_BYTES {
        work.spend(LAYOUTS.len() * text.len());
        let upper = text.to_uppercase();
        for layout in &LAYOUTS {
            let substitutions = layout.substitutions();
            let is_typed = |word: &str| {
                let mut typed = [false, true].map(|shift| layout.typed(word, shift)).into_iter();
                typed.any(|typed| upper.contains(&typed) && !(is_whole && typed == word))
            };
            if is_typed(frames::PREFIX) || Kind::ALL.into_iter().any(|kind| is_typed(prefix(kind)))
            {
                let explained =
                    text.chars().filter(|character| substitutions.contains_key(character));
                let explained = explained.count();
                if explained > 0 && (layout.ambiguous.is_some() || layout.has_ligature_key()) {
                    work.spend(ambiguous_keys::STEPS_PER_ROW * (text.len() / ROW + 1));
                }
                likely.push((explained, substitutions, layout));
            }
        }
    }
    likely.retain(|(explained, ..)| *explained > 0);
    // The sort is stable: among layouts that explain equally many characters, the first one listed
    // comes first.
    likely.sort_by_key(|(explained, ..)| Reverse(*explained));
    likely.into_iter().map(|(_, substitutions, layout)| match layout.ambiguous {
        Some((letter, keys)) => resolve_ambiguous_letter(text, &substitutions, letter, keys),
        None if layout.has_ligature_key() => {
            let text = with_ligatures(text, &substitutions);
            let typed = text.chars().map(|here| match here {
                LAM_ALEF => here,
                here => substitutions.get(&here).copied().unwrap_or(here),
            });
            ligature_keys::resolve(&typed.collect::<Vec<_>>(), LAM_ALEF)
        }
        None => as_on_scanner(text, &substitutions),
    })
}

/// Returns a short text as it would be on the scanner's layout, for each layout in turn.
pub(crate) fn readings(text: &str) -> impl Iterator<Item = String> {
    let layouts = if text.len() <= MAX_BYTES { &LAYOUTS[..] } else { &[] };
    layouts.iter().map(|layout| as_on_scanner(text, &layout.substitutions()))
}

/// The same for a layout on which two keys give one letter, as far as the checks of a token's rows
/// determine the key.
fn resolve_ambiguous_letter(
    text: &str,
    substitutions: &HashMap<char, char>,
    letter: char,
    keys: [char; 2],
) -> String {
    let typed = text.chars().map(|here| Typed {
        character: substitutions.get(&here).copied().unwrap_or(here),
        is_either: here == letter,
    });
    let mut typed: Vec<_> = typed.collect();
    ambiguous_keys::resolve(&mut typed, keys);
    typed.into_iter().map(|typed| typed.character).collect()
}

fn as_on_scanner(text: &str, substitutions: &HashMap<char, char>) -> String {
    with_ligatures(text, substitutions)
        .chars()
        .map(|here| substitutions.get(&here).copied().unwrap_or(here))
        .collect()
}

/// Replaces pairs of letters that one key gives by one character, if the layout has such a key.
fn with_ligatures<'t>(text: &'t str, substitutions: &HashMap<char, char>) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for (letters, joined) in LIGATURES {
        if substitutions.contains_key(&joined) && text.contains(letters) {
            text = text.replace(letters, joined.encode_utf8(&mut [0; 4])).into();
        }
    }
    text
}

impl Layout {
    /// Returns whether a key gives two letters that two other keys give as well.
    fn has_ligature_key(&self) -> bool {
        self.plain.contains(LAM_ALEF)
    }

    fn with_shift(&self, here: char) -> char {
        let sign = self.shifted.iter().find(|(plain, _)| *plain == here);
        sign.map_or_else(|| upper(here), |(_, shifted)| *shifted)
    }

    /// Maps the characters of this layout to those of the scanner's, where they differ.
    fn substitutions(&self) -> HashMap<char, char> {
        let keys = || self.plain.chars().zip(KEYS.chars().map(upper));
        let shifted = keys().map(|(here, key)| (self.with_shift(here), key));
        let dash = [self.dash, self.with_shift(self.dash)].map(|dash| (dash, '-'));
        keys().chain(shifted).chain(dash).filter(|(here, key)| upper(*here) != *key).collect()
    }

    /// Returns what appears when a word is typed, in capital letters.
    fn typed(&self, word: &str, shift: bool) -> String {
        let here = |character: char| {
            let key = KEYS.chars().position(|key| key == character.to_ascii_lowercase());
            let here = key.and_then(|key| self.plain.chars().nth(key)).unwrap_or(character);
            upper(if shift { self.with_shift(here) } else { here })
        };
        word.chars().map(here).collect()
    }
}

/// The capital letter, where it is one character.
fn upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    upper.next().filter(|_| upper.next().is_none()).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::super::activation_code::has_generated_code;
    use super::*;
    use crate::{ActivationCode, ActivationCodeError, scan};

    /// The same where Caps Lock is on and works as Shift does: French digits are digits then.
    fn scanned_with_shift_locked(text: &str, layout: &Layout) -> String {
        let here = |character: char| match character {
            '-' => layout.with_shift(layout.dash),
            digit if digit.is_ascii_digit() => digit,
            letter => scanned(&letter.to_string(), layout, true).chars().next().unwrap(),
        };
        text.chars().map(here).collect()
    }

    /// Returns what a computer displays when a scanner types on a layout, with Shift for capital
    /// letters or without any.
    fn scanned(text: &str, layout: &Layout, shift: bool) -> String {
        let here = |character: char| {
            if character == '-' {
                return layout.dash;
            }
            let key = KEYS.chars().position(|key| key == character.to_ascii_lowercase());
            let here = key.and_then(|key| layout.plain.chars().nth(key)).unwrap_or(character);
            if shift && character.is_ascii_uppercase() { layout.with_shift(here) } else { here }
        };
        let text: String = text.chars().map(here).collect();
        let apart = |text: String, (letters, joined): (&str, char)| text.replace(joined, letters);
        LIGATURES.into_iter().fold(text, apart)
    }

    #[test]
    fn a_scanner_that_types_in_french_with_caps_lock_is_read() {
        let token = crate::tests::sample(1);
        let code = ActivationCode::generate().unwrap();
        for layout in LAYOUTS.iter().filter(|layout| layout.plain.starts_with('&')) {
            let found = scan(&scanned_with_shift_locked(&token, layout)).unwrap();
            let whole = found[0].token.as_ref().map(ToString::to_string);
            assert_eq!(whole.as_deref(), Ok(token.as_str()), "{found:?}");
            let text = scanned_with_shift_locked(&code.expose_for_people(), layout);
            let _ = is_read(&text, &code);
        }
    }

    #[test]
    fn the_checks_determine_which_of_two_keys_was_pressed() {
        let layout = LAYOUTS.iter().find(|layout| layout.has_ligature_key()).unwrap();
        let mut with_both = 0;
        for which in 0..200 {
            let token = crate::tests::sample(which);
            let found = scan(&scanned(&token, layout, false)).unwrap();
            let whole = found[0].token.as_ref().map(ToString::to_string);
            assert_eq!(whole.as_deref(), Ok(token.as_str()), "{found:?}");
            with_both += usize::from(token.contains("GH"));
        }
        assert!(with_both > 10, "{with_both}");
    }

    #[test]
    fn a_token_that_a_scanner_types_on_another_layout_is_read() {
        for which in 0..8 {
            let token = crate::tests::sample(which);
            for layout in &LAYOUTS {
                for shift in [true, false] {
                    // A Hebrew layout has Latin capitals.
                    if shift && layout.plain.contains('ק') {
                        continue;
                    }
                    let text = scanned(&token, layout, shift);
                    let name = format!("{} {shift}: {text}", layout.plain);
                    let found = scan(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert_eq!(found.len(), 1, "{name}: {found:?}");
                    let whole = found[0].token.as_ref().map(ToString::to_string);
                    assert_eq!(whole.as_deref(), Ok(token.as_str()), "{name}");
                }
            }
        }
    }

    /// Returns whether a scanned code is read. Otherwise it has to be a code on another layout as
    /// well, which the checks of a code show once in some thousand times, and nothing tells the two
    /// apart.
    #[track_caller]
    fn is_read(text: &str, code: &ActivationCode) -> bool {
        match text.parse::<ActivationCode>() {
            Ok(read) if read == *code => return true,
            Ok(_) => assert!(has_generated_code(text), "{text}"),
            Err(error) => {
                assert_eq!(error, ActivationCodeError::Unclear, "{text}");
                let codes = readings(text).filter(|typed| has_generated_code(typed)).count();
                assert!(codes > 1, "{text}");
            }
        }
        false
    }

    #[test]
    fn a_generated_code_that_a_scanner_types_on_another_layout_is_read() {
        let (mut read, mut typed) = (0, 0);
        for _ in 0..20 {
            let code = ActivationCode::generate().unwrap();
            for layout in &LAYOUTS {
                for shift in [true, false] {
                    // A code has too few checks to tell which of two keys gave a letter.
                    if shift && layout.ambiguous.is_some() {
                        continue;
                    }
                    // Unicode has an order of its own for the marks of an Arabic one with Shift.
                    if layout.plain.contains('\u{64e}') {
                        continue;
                    }
                    let written = code.expose_for_people();
                    if layout.has_ligature_key() && written.contains("GH") {
                        continue;
                    }
                    typed += 1;
                    read += usize::from(is_read(&scanned(&written, layout, shift), &code));
                }
            }
        }
        assert!(read * 10 > typed * 9, "{read} of {typed}");
    }

    #[test]
    fn a_code_that_two_layouts_explain_is_not_guessed() {
        // The dash shows that these signs were typed on an Italian keyboard, although the digits of
        // a British one pass as well.
        let italian = "$%YXE?HBE\"M?NJQQD?£)Q(N";
        assert_eq!(italian.parse(), "45YXE-HBE2M-NJQQD-39Q8N".parse::<ActivationCode>());
        // With the dash of both, nothing shows it.
        let either = italian.replace('?', " ");
        assert_eq!(either.parse::<ActivationCode>(), Err(ActivationCodeError::Unclear));
    }

    #[test]
    fn two_tokens_typed_one_after_the_other_are_both_read() {
        let tokens = [crate::tests::sample(1), crate::tests::sample(2)];
        for layout in &LAYOUTS {
            let text = scanned(&tokens.join("\n"), layout, false);
            let found = scan(&text).unwrap();
            let whole: Vec<_> = found.iter().flat_map(|found| &found.token).collect();
            assert_eq!(found.len(), 2, "{}: {found:?}", layout.plain);
            assert!(whole.iter().map(ToString::to_string).eq(tokens.iter().cloned()));
        }
    }

    #[test]
    fn a_damaged_token_beside_an_intact_one_is_reported_whichever_was_scanned() {
        for first in 0..8 {
            let (token, other) =
                (crate::tests::sample(first), crate::tests::sample((first + 1) % 8));
            let cut = &other[..other.len() - 60];
            for beside in ["Call +49 170 1234567", "x = y", "Jiří", "charset=utf-8", "café"] {
                let text = format!("{token}\n{beside}\n{cut}\n");
                assert_one_of_two(&text, &token);
            }
            for layout in &LAYOUTS {
                let scan = |text: &str| scanned(text, layout, false);
                assert_one_of_two(&format!("{}\n\n{}", scan(cut), scan(&token)), &token);
                assert_one_of_two(&format!("{}\n\n{}", scan(&token), scan(cut)), &token);
            }
        }
    }

    /// Two tokens are found, and the one that is whole is this one.
    fn assert_one_of_two(text: &str, token: &str) {
        let found = scan(text).unwrap();
        let whole: Vec<_> = found.iter().flat_map(|found| &found.token).collect();
        assert_eq!(whole.len(), 1, "{found:?}\n{text}");
        assert_eq!(whole[0].to_string(), token, "{text}");
        assert!(found.len() > 1, "{text}");
    }

    #[test]
    fn a_scanned_token_beside_one_that_came_as_it_is_is_read() {
        let tokens = [crate::tests::sample(1), crate::tests::sample(2)];
        // Where a prefix looks as it is, nothing shows that there is another token.
        for layout in LAYOUTS.iter().filter(|layout| layout.typed("LKFSH", false) != "LKFSH") {
            let text = format!("{}\n{}\n", tokens[0], scanned(&tokens[1], layout, false));
            let found = scan(&text).unwrap();
            let whole: Vec<_> = found.iter().flat_map(|found| &found.token).collect();
            assert!(whole.iter().map(ToString::to_string).eq(tokens.iter().cloned()), "{text}");
        }
    }

    #[test]
    fn a_text_without_a_prefix_on_any_layout_is_not_tried() {
        for text in ["LKREQ", "Dear all, the token comes later: 1, 2, 3.", "Привет, как дела"]
        {
            assert_eq!(retype(text, false, &WorkBudget::for_text(text)).count(), 0, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_not_tried() {
        let text = format!("LKREQ y{}", " ".repeat(MAX_BYTES));
        assert_eq!(retype(&text, false, &WorkBudget::for_text(&text)).count(), 0);
        assert!(retype(&text[..9], false, &WorkBudget::for_text(&text)).count() > 0);
    }
}
