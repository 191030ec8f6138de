//! Classifies the characters of a text in their normal form (NFKC): symbols, and what separates
//! them. Results are cached, because normalising one character can take as long as scanning a line.

use std::ops::Range;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick, is_nfkc_quick};

use super::work_budget::WorkBudget;
use crate::text::layout::UNKNOWN;
use crate::wire::symbols;

/// A character of a text in its normal form: a symbol's value or [`UNKNOWN`], with
/// [`CharClass::SMALL`] if it is lower case and [`CharClass::DIGIT`] if it is a decimal digit; or a
/// character that is neither a letter nor a digit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct CharClass(u16);

impl CharClass {
    const SMALL: u16 = 0x40;
    const NO_SYMBOL: u16 = 0x80;
    const DIGIT: u16 = 0x100;
    /// An ASCII character that ends a run of symbols. The next symbol is separated from it.
    pub(super) const SIGN: Self = Self(Self::NO_SYMBOL);
    /// White space that isn't ASCII. The next symbol is separated from it.
    const SPACE: Self = Self(Self::NO_SYMBOL | 1);
    /// Zero-width characters and soft hyphens, which are ignored.
    const NOTHING: Self = Self(Self::NO_SYMBOL | 2);

    /// Classifies a character in its normal form.
    fn of_char(character: char) -> Self {
        match character {
            '\0'..='\x7f' => ASCII[character as usize & 127],
            _ if let Some(digit) = digit(character) => Self(u16::from(digit) | Self::DIGIT),
            _ if character.is_alphanumeric() => {
                let value = u16::from(symbols::value(look_alike(character)).unwrap_or(UNKNOWN));
                Self(if character.is_lowercase() { value | Self::SMALL } else { value })
            }
            _ if character.is_whitespace() => Self::SPACE,
            _ => Self::NOTHING,
        }
    }

    pub(super) const fn of_ascii(byte: u8) -> Self {
        ASCII[(byte & 127) as usize]
    }

    pub(super) const fn is_symbol(self) -> bool {
        self.0 & Self::NO_SYMBOL == 0
    }

    /// Returns the symbol's value, or [`UNKNOWN`].
    pub(super) const fn value(self) -> u8 {
        (self.0 & 0x3f) as u8
    }

    /// Returns the decimal digit, if it is one.
    pub(super) const fn digit(self) -> Option<u16> {
        match self.0 & Self::DIGIT {
            0 => None,
            _ => Some(self.0 & 0x3f),
        }
    }

    /// Returns value, case and whether it is a symbol in one byte, without the bits that only other
    /// characters than ASCII need.
    pub(super) const fn byte(self) -> u8 {
        self.0 as u8
    }

    pub(super) const fn is_lower(self) -> bool {
        self.0 & Self::SMALL != 0
    }

    /// Returns whether the next symbol is separated from the one before.
    pub(super) const fn is_separated(self) -> bool {
        self.0 == Self::SIGN.0 || self.0 == Self::SPACE.0
    }

    pub(super) const fn is_sign(self) -> bool {
        self.0 == Self::SIGN.0
    }
}

const ASCII: [CharClass; 128] = {
    let mut table = [CharClass::SIGN; 128];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8 as char;
        if character.is_ascii_alphanumeric() {
            let value = match symbols::value(character) {
                Some(value) => value,
                None => UNKNOWN,
            };
            let case = if character.is_ascii_lowercase() { CharClass::SMALL } else { 0 };
            let digit = if character.is_ascii_digit() { CharClass::DIGIT } else { 0 };
            table[byte] = CharClass(value as u16 | case | digit);
        }
        byte += 1;
    }
    table
};

/// The cached result for one character.
#[derive(Clone, Copy, PartialEq, Eq)]
struct NormalForm(u32);

impl NormalForm {
    const UNSEEN: Self = Self(0);
    const SEEN: u32 = 1 << 31;
    /// The character starts a new normal form: no character before it changes the result.
    const BEGINS: u32 = 1 << 30;
    /// The character becomes several: the lower bits are their index and their count. Otherwise,
    /// they are the single result.
    const SEVERAL: u32 = 1 << 29;
    /// The number of bits of that count.
    const COUNT: u32 = 5;

    /// That of [`is_plain_letter`].
    const PLAIN_LETTER: Self = Self(Self::SEEN | Self::BEGINS | UNKNOWN as u32);

    const fn begins_form(self) -> bool {
        self.0 & Self::BEGINS != 0
    }

    /// Returns the single result.
    const fn code(self) -> CharClass {
        CharClass(self.0 as u16)
    }

    /// Returns the range of the results if there are several.
    const fn results(self) -> Option<Range<usize>> {
        if self.0 & Self::SEVERAL == 0 {
            return None;
        }
        let start = ((self.0 & (Self::SEVERAL - 1)) >> Self::COUNT) as usize;
        Some(start..start + (self.0 & ((1 << Self::COUNT) - 1)) as usize)
    }
}

/// Steps of a character that is normalised together with others.
const STEPS_TOGETHER: usize = 8;
/// Characters by code point, 256 in a page.
const PAGE: usize = 256;

/// Returns whether this is one of the many letters of East Asia that are their own normal form and
/// resemble no symbol. Nearly every character of a text in Chinese or Korean is one, and most of
/// them differ, so that a cache is of little use.
const fn is_plain_letter(character: char) -> bool {
    matches!(
        character,
        '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{20000}'..='\u{2a6df}'
    )
}

/// Returns whether a character is neither the second one of a pair that is composed, nor a mark on
/// the character before it. `is_normal` says that it is its own normal form, which is faster to
/// judge.
fn begins_normal_form(character: char, is_normal: bool) -> bool {
    if is_normal {
        return canonical_combining_class(character) == 0;
    }
    let mut first = None;
    decompose_compatible(character, |character| {
        first.get_or_insert(character);
    });
    first.is_some_and(|first| {
        canonical_combining_class(first) == 0
            && is_nfc_quick(std::iter::once(first)) != IsNormalized::Maybe
    })
}

/// A cache of the normal forms of all characters that a text has contained. It has at most one
/// entry for each Unicode character, which bounds it to five megabytes.
pub(super) struct NormalForms {
    pages: Vec<Option<Box<[NormalForm; PAGE]>>>,
    /// The results of characters that become several.
    several: Vec<CharClass>,
}

impl NormalForms {
    pub(super) const fn new() -> Self {
        Self { pages: Vec::new(), several: Vec::new() }
    }

    fn form(&mut self, character: char) -> NormalForm {
        if is_plain_letter(character) {
            return NormalForm::PLAIN_LETTER;
        }
        let (page, at) = (character as usize / PAGE, character as usize % PAGE);
        let known = self.pages.get(page).and_then(Option::as_ref).map(|page| page[at]);
        match known {
            Some(form) if form != NormalForm::UNSEEN => form,
            _ => self.look_up(character, page, at),
        }
    }

    #[cold]
    fn look_up(&mut self, character: char, page: usize, at: usize) -> NormalForm {
        let start = self.several.len();
        let is_normal = is_nfkc_quick(std::iter::once(character)) == IsNormalized::Yes;
        if is_normal {
            self.several.push(CharClass::of_char(character));
        } else {
            self.several.extend(std::iter::once(character).nfkc().map(CharClass::of_char));
        }
        let begins = begins_normal_form(character, is_normal);
        let form = match self.several[start..] {
            [CharClass(code)] => {
                self.several.truncate(start);
                u32::from(code)
            }
            ref several => {
                NormalForm::SEVERAL | (start << NormalForm::COUNT) as u32 | several.len() as u32
            }
        };
        let form =
            NormalForm(NormalForm::SEEN | form | if begins { NormalForm::BEGINS } else { 0 });
        if self.pages.len() <= page {
            self.pages.resize(page + 1, None);
        }
        self.pages[page].get_or_insert_with(|| Box::new([NormalForm::UNSEEN; PAGE]))[at] = form;
        form
    }

    /// Calls `take` with the characters of a line in normal form, one or several at a time, until
    /// it fails. Counts the steps.
    ///
    /// # Errors
    /// Returns the error `E` of `take`.
    #[inline]
    pub(super) fn for_each<E>(
        &mut self,
        line: &str,
        work: &WorkBudget,
        mut take: impl FnMut(&[CharClass]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut steps = 0;
        let mut places = line.char_indices();
        let mut next = places.next().map(|(at, character)| (at, self.form(character)));
        let mut ended = Ok(());
        while let Some((start, form)) = next
            && ended.is_ok()
        {
            // A character that doesn't start a normal form belongs to the one before it.
            let mut is_alone = form.begins_form();
            loop {
                next = places.next().map(|(at, character)| (at, self.form(character)));
                if next.is_none_or(|(_, form)| form.begins_form()) {
                    break;
                }
                is_alone = false;
            }
            ended = match form.results() {
                None if is_alone => {
                    steps += 1;
                    take(&[form.code()])
                }
                Some(several) if is_alone => {
                    steps += several.len();
                    take(self.several.get(several).unwrap_or_default())
                }
                _ => {
                    let end = next.map_or(line.len(), |(at, _)| at);
                    // The stream-safe format limits the number of marks on one letter, which bounds
                    // the memory.
                    let mut together = line[start..end].chars().stream_safe().nfkc();
                    together.try_for_each(|character| {
                        steps += STEPS_TOGETHER;
                        // A character in normal form is its own normal form.
                        take(&[self.form(character).code()])
                    })
                }
            };
        }
        work.spend(steps);
        ended
    }
}

/// The zeros of all scripts with decimal digits (Unicode category Nd), without ASCII and
/// compatibility forms. The other nine digits follow each of them.
const ZEROS: [u32; 66] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
    0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0,
    0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950,
];

/// Returns the value of a decimal digit that isn't ASCII: ٣, ۳ and ३ are 3.
pub(crate) fn digit(character: char) -> Option<u8> {
    let character = u32::from(character);
    let zero = *ZEROS.get(ZEROS.partition_point(|&zero| zero <= character).checked_sub(1)?)?;
    u8::try_from(character - zero).ok().filter(|&digit| digit < 10)
}

/// Replaces a letter of another alphabet by the Latin one that it looks like. Text recognition and
/// keyboards that correct what people type produce them.
pub(crate) fn look_alike(character: char) -> char {
    match character {
        'А' | 'а' | 'Α' | 'α' => 'A',
        'В' | 'Β' | 'β' => 'B',
        'С' | 'с' => 'C',
        'Е' | 'е' | 'Ε' | 'ε' => 'E',
        'Ԍ' => 'G',
        'Н' | 'Η' => 'H',
        'І' | 'і' | 'Ι' | 'ι' | 'ı' | 'Ӏ' => '1',
        'Ј' | 'ј' => 'J',
        'К' | 'к' | 'Κ' | 'κ' => 'K',
        'М' | 'м' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'о' | 'Ο' | 'ο' | 'Ø' | 'ø' => '0',
        'Р' | 'р' | 'Ρ' | 'ρ' => 'P',
        'Ѕ' | 'ѕ' => 'S',
        'Т' | 'т' | 'Τ' | 'τ' => 'T',
        'Ѵ' | 'ν' => 'V',
        'Ԝ' | 'ԝ' => 'W',
        'Х' | 'х' | 'Χ' | 'χ' => 'X',
        'У' | 'у' | 'Υ' | 'γ' => 'Y',
        'Ζ' | 'ζ' => 'Z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_finds_the_same_beginnings_of_normal_forms_for_every_character() {
        for character in '\0'..=char::MAX {
            if is_nfkc_quick(std::iter::once(character)) == IsNormalized::Yes {
                let (fast, slow) =
                    [true, false].map(|fast| begins_normal_form(character, fast)).into();
                assert_eq!(fast, slow, "{character:?}");
            }
        }
    }

    #[test]
    fn plain_letters_have_the_normal_form_that_is_looked_up() {
        let mut forms = NormalForms::new();
        let mut count = 0;
        for character in ('\0'..=char::MAX).filter(|character| is_plain_letter(*character)) {
            let (page, at) = (character as usize / PAGE, character as usize % PAGE);
            let looked_up = forms.look_up(character, page, at);
            assert!(looked_up == NormalForm::PLAIN_LETTER, "{character:?}");
            count += 1;
        }
        assert!(count > 80_000, "{count}");
    }

    #[test]
    fn the_digits_of_every_script_are_digits() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS {
            for value in 0..10 {
                let character = char::from_u32(zero + u32::from(value)).unwrap();
                assert!(character.is_numeric(), "{character:?} isn't a digit");
                assert_eq!(digit(character), Some(value), "{character:?}");
            }
        }
        for (written, value) in
            [('٣', Some(3)), ('۹', Some(9)), ('०', Some(0)), ('½', None), ('五', None)]
        {
            assert_eq!(digit(written), value);
        }
    }
}
