//! Finds the activation code in what a user typed or pasted: between the words of a mail, with
//! quotes, labels and remarks around it, or in a link.

use std::borrow::Cow;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use zeroize::Zeroizing;

use super::extract::mail::quoted_printable;
use super::extract::percent_encoding::decode as without_percents;
use super::extract::terminal_escapes::remove as without_escapes;
use super::extract::{has_tags, visible_text};
use super::keyboard_layouts::readings as keyboard_readings;
use super::normal_forms::{digit, look_alike};
use super::scan::scan;
use crate::text::activation_code::ActivationCodeError;
use crate::text::code_check;
use crate::wire::activation_code::ActivationCode;
use crate::wire::kind::Kind;
use crate::wire::limits::MAX_CODE_SYMBOLS;
use crate::wire::symbols;

impl FromStr for ActivationCode {
    type Err = ActivationCodeError;

    /// Parses what a user typed or copied. Case, spaces and dashes of any kind are ignored, and
    /// what mails, spreadsheets and terminals put around a code is removed: quotes, brackets, a
    /// label before it, a remark after it. If that results in no code, the text is read as the
    /// token scanner reads it: without control characters, and without the formats of mails, pages,
    /// documents and links.
    ///
    /// # Errors
    /// [`ActivationCodeError::Unclear`] if several words could be the code,
    /// [`ActivationCodeError::Token`] if the text is a token, and the other variants if it isn't a
    /// code.
    ///
    /// # Examples
    /// ```
    /// use latchkey_token::ActivationCode;
    ///
    /// let code: ActivationCode = "ACME-2026-PROMO".parse()?;
    /// assert_eq!("acme 2026 promo".parse::<ActivationCode>()?, code);
    /// assert_eq!(code.masked(), "••••-R0M0");
    /// # Ok::<(), latchkey_token::ActivationCodeError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ActivationCodeError> {
        let decoded = without_quoted_printable(text);
        let code = decoded.and_then(|text| parse_decoded(&text).ok());
        code.map_or_else(|| parse_decoded(text), Ok)
    }
}

/// Parses a text that isn't encoded for a mail.
fn parse_decoded(text: &str) -> Result<ActivationCode, ActivationCodeError> {
    if let Some(code) = find_in_address(text) {
        return Ok(code);
    }
    let shown = find_in_page(text).unwrap_or_else(|| outside_of_pages(text));
    shown.map_err(|error| token_in(text).map_or(error, |kind| ActivationCodeError::Token { kind }))
}

/// Parses the source of a web page. The code is what the page shows: a tag may be inside it, and
/// the name of a tag isn't a word beside it.
fn find_in_page(text: &str) -> Option<Result<ActivationCode, ActivationCodeError>> {
    if text.len() > MAX_WRAPPED || !has_tags(text) {
        return None;
    }
    let shown = Zeroizing::new(visible_text(text)?);
    let shown = parse_plain(&shown, Signs::All)
        .or_else(|error| parse_unwrapped(&shown, &error).ok_or(error));
    // A form has it in an attribute.
    let written = among_signs(text, &ActivationCodeError::Symbol { found: '<' });
    Some(match (shown, written) {
        (Ok(shown), Some(written)) if !is_part_of(written.values(), shown.values()) => {
            Err(ActivationCodeError::Unclear)
        }
        (Err(error), Some(code)) if error != ActivationCodeError::Unclear => Ok(code),
        (shown, _) => shown,
    })
}

fn is_part_of(part: &[u8], whole: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

/// Parses a text that isn't the source of a web page.
fn outside_of_pages(text: &str) -> Result<ActivationCode, ActivationCodeError> {
    // The control words of a document could be taken for a code.
    let is_rich = text.trim_start().starts_with(r"{\rtf");
    let rich = is_rich.then(|| parse_unwrapped(text, &ActivationCodeError::Unclear)).flatten();
    rich.map_or_else(|| parse_plain(text, Signs::Usual), Ok)
        .or_else(|error| parse_unwrapped(text, &error).ok_or(error))
}

/// Returns a text in quoted-printable, as the source of a mail shows it, decoded. `code=2D…` may
/// also be a label before a code that begins with these digits. If there is one escape and no check
/// that decides, it counts at the end of a line, and as a hyphen after a word that isn't a label.
fn without_quoted_printable(text: &str) -> Option<Zeroizing<String>> {
    if text.len() > MAX_WRAPPED {
        return None;
    }
    let decoded = Zeroizing::new(quoted_printable(text)?);
    let is_certain = || {
        let mut escapes = text.split('=');
        let (before, after) = (escapes.next().unwrap_or_default(), escapes.next());
        let after = after.unwrap_or_default();
        let is_at_end = after.starts_with(['\r', '\n'])
            || after.get(2..).is_some_and(|rest| rest.trim().is_empty());
        let is_hyphen = after.get(..2).is_some_and(|sign| sign.eq_ignore_ascii_case("2D"));
        let is_label = |word: &str| {
            let last = word.rsplit('_').next().unwrap_or_default();
            word.chars().any(char::is_lowercase) || LABELS.contains(&last)
        };
        let word = before.split_whitespace().next_back();
        escapes.next().is_some()
            || is_at_end
            || is_hyphen && word.is_some_and(|word| !is_label(word))
    };
    let is_encoded = match (has_generated_code(text), has_generated_code(&decoded)) {
        (is_plain, is_decoded) if is_plain || is_decoded => !is_plain,
        _ => is_certain(),
    };
    is_encoded.then_some(decoded)
}

/// Words in capital letters before a code, as in the name of a variable.
const LABELS: [&str; 5] = ["CODE", "KEY", "LICENCE", "LICENSE", "SERIAL"];

/// The longest text, in bytes, from which formats around a code are removed.
const MAX_WRAPPED: usize = 64 * 1024;

/// The signs that may separate the groups of a code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// Those of [`is_joint`].
    Usual,
    /// Those of [`is_other_joint`] as well.
    All,
}

/// Parses a text without further formats around the code.
fn parse_plain(text: &str, signs: Signs) -> Result<ActivationCode, ActivationCodeError> {
    let text = without_escapes(text).map_or(Cow::Borrowed(text), Cow::Owned);
    let text = normalize(without_paste_marks(text.trim()));
    let words = words(&text, signs);
    let (values, is_sentence) = match find_checked(&words).or_else(|| find_scanned(&text)) {
        Some(values) => (values?, false),
        None => {
            let values = choose_code(&words)?;
            let is_sentence = is_sentence(&words, &values);
            (values, is_sentence)
        }
    };
    match values.len() {
        0 => match text.chars().find(|&character| !is_around(character)) {
            Some(found) => Err(ActivationCodeError::Symbol { found }),
            None => Err(ActivationCodeError::Empty),
        },
        1..=MAX_CODE_SYMBOLS if is_sentence => Ok(ActivationCode::from_sentence(values)),
        1..=MAX_CODE_SYMBOLS => Ok(ActivationCode::from_values(values)),
        symbols => Err(ActivationCodeError::TooLong { symbols }),
    }
}

/// Parses a text that contains no code as it is, after removing the formats around it.
fn parse_unwrapped(text: &str, error: &ActivationCodeError) -> Option<ActivationCode> {
    if text.len() > MAX_WRAPPED {
        return None;
    }
    let mut texts = vec![Zeroizing::new(text.to_owned())];
    // The displayed text takes precedence over the source.
    texts.splice(0..0, visible_text(text).map(Zeroizing::new));
    let written = texts.iter().filter_map(|text| without_percents(text)).map(Zeroizing::new);
    let written: Vec<_> = written.collect();
    texts.extend(written);
    for text in &mut texts {
        let is_shown = |character: &char| !character.is_control() || character.is_whitespace();
        *text = Zeroizing::new(text.chars().filter(is_shown).collect());
    }
    let code = texts.iter().find_map(|text| parse_plain(text, Signs::All).ok());
    code.or_else(|| texts.iter().find_map(|text| among_signs(text, error)))
}

/// Returns the generated code in a link, a part of which could be taken for a code after a label.
fn find_in_address(text: &str) -> Option<ActivationCode> {
    if text.len() > MAX_WRAPPED || !text.contains("://") {
        return None;
    }
    // A number that is one of several words in a link isn't taken for a code by its form alone.
    let is_alone = !text.trim().contains(char::is_whitespace);
    let error = match is_alone {
        true => ActivationCodeError::Symbol { found: ':' },
        false => ActivationCodeError::Unclear,
    };
    let written = without_percents(text).map(Zeroizing::new);
    among_signs(text, &error).or_else(|| among_signs(&written?, &error))
}

/// Returns the generated code somewhere in a link or between other signs. Its letters may have
/// accents if its checks pass.
fn among_signs(text: &str, error: &ActivationCodeError) -> Option<ActivationCode> {
    let is_part = |character: char| {
        character.is_alphanumeric()
            || character.is_whitespace()
            || character == '.'
            || is_dash_or_invisible(character)
    };
    let apart = |character: char| if is_part(character) { character } else { ',' };
    let with_accents = Zeroizing::new(normalize(text).chars().map(apart).collect::<String>());
    let plain = text.nfkd().filter(|character| !is_accent(*character)).map(apart);
    let plain = Zeroizing::new(plain.collect::<String>());
    if let Some(values) = find_checked(&words(&plain, Signs::All)) {
        return values.ok().map(ActivationCode::from_values);
    }
    // A code without checks, or with a typing error, is recognised by its groups. If only a sign
    // was wrong, there is nothing else in the text.
    let ActivationCodeError::Symbol { .. } = error else { return None };
    let words = words(&with_accents, Signs::All);
    let is_code = |word: &&Word| {
        word.foreign.is_none()
            && !word.has_lower
            && word.groups.len() > 1
            && is_generated(&word.groups)
    };
    let mut codes = words.iter().filter(is_code);
    let code = codes.next()?;
    let is_alone = codes.all(|other| other.values == code.values);
    is_alone.then(|| ActivationCode::from_values(code.values.to_vec()))
}

/// Returns whether a text, as it is, contains a generated code whose checks pass.
pub(crate) fn has_generated_code(text: &str) -> bool {
    find_checked(&words(&normalize(text), Signs::Usual)).is_some()
}

/// Returns the kind of a token in a text.
fn token_in(text: &str) -> Option<Kind> {
    scan(text).ok()?.first().map(|found| found.kind)
}

/// Returns whether a code was assembled from the words of a sentence, or from several lines.
fn is_sentence(words: &[Word], values: &[u8]) -> bool {
    const WORDS: usize = 4;
    // Longer words aren't a code, and haven't been bounded yet.
    if values.is_empty() || values.len() > MAX_CODE_SYMBOLS {
        return false;
    }
    let taken = words.iter().enumerate().find_map(|(first, word)| {
        let mut left =
            values.strip_prefix(word.values.as_slice()).filter(|_| !word.values.is_empty())?;
        let mut end = first + 1;
        while !left.is_empty() {
            left = left.strip_prefix(words.get(end)?.values.as_slice())?;
            end += 1;
        }
        Some(&words[first..end])
    });
    let Some(taken) = taken else { return false };
    let in_prose = |word: &&Word| word.has_lower && !word.has_upper && !word.has_digit;
    let is_on_lines = taken.iter().skip(1).any(|word| word.before == Gap::Line);
    taken.iter().filter(in_prose).count() >= WORDS
        || is_on_lines && !is_generated_length(values.len())
}

/// Returns a text without compatibility characters, and without accents that are characters of
/// their own: they come from a slip or a decoration, whether or not Unicode has a letter for both.
fn normalize(text: &str) -> Zeroizing<String> {
    let plain = text.chars().filter(|character| !is_accent(*character));
    Zeroizing::new(plain.nfkc().collect())
}

fn is_accent(character: char) -> bool {
    canonical_combining_class(character) != 0
}

/// Removes paste brackets whose escape characters a program has dropped.
fn without_paste_marks(text: &str) -> &str {
    let begun = ["[200~", "200~", "00~"].iter().find_map(|mark| text.strip_prefix(mark));
    let Some(text) = begun else { return text };
    let ended = ["[201~", "201~", "01~"].iter().find_map(|mark| text.strip_suffix(mark));
    ended.unwrap_or(text)
}

/// What separates a word from the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Space,
    Line,
    /// A sign that no code contains, or a tab.
    Cut,
}

/// A word that may be a code or a part of one.
#[derive(Default)]
struct Word {
    values: Zeroizing<Vec<u8>>,
    /// The numbers of symbols between its dashes.
    groups: Vec<usize>,
    has_lower: bool,
    has_upper: bool,
    has_digit: bool,
    /// A character that isn't a symbol.
    foreign: Option<char>,
    before: Gap,
    /// Only mark-up, or a dash and another sign, separates it from the word before it.
    goes_on: bool,
    /// A colon or an equals sign follows: it may be a label.
    is_label: bool,
}

impl Word {
    /// Returns whether it looks like a word of a sentence or a number, and not like a part of a
    /// code in capitals.
    fn is_remark(&self) -> bool {
        self.foreign.is_some() || self.has_lower || !self.has_upper
    }
}

/// Returns whether a generated code of this or an earlier version has this number of symbols.
const fn is_generated_length(symbols: usize) -> bool {
    matches!(symbols, code_check::SYMBOLS | code_check::EARLIER_SYMBOLS)
}

/// Returns whether groups of these lengths are those of a generated code.
fn is_generated(groups: &[usize]) -> bool {
    match groups {
        [symbols] => is_generated_length(*symbols),
        _ => groups == [4; 4] || groups == [code_check::GROUP; 4],
    }
}

/// Returns the only generated code among the words whose checks pass, whatever surrounds it.
fn find_checked(words: &[Word]) -> Option<Result<Vec<u8>, ActivationCodeError>> {
    let mut found: Option<Zeroizing<Vec<u8>>> = None;
    for first in 0..words.len() {
        let mut values = Zeroizing::new(Vec::with_capacity(code_check::SYMBOLS + MAX_CODE_SYMBOLS));
        for word in &words[first..] {
            if word.foreign.is_some() || values.len() + word.values.len() > code_check::SYMBOLS {
                break;
            }
            values.extend_from_slice(&word.values);
        }
        if code_check::is_generated(&values) {
            match &found {
                Some(other) if *other != values => return Some(Err(ActivationCodeError::Unclear)),
                _ => found = Some(values),
            }
        }
    }
    found.map(|values| Ok(values.to_vec()))
}

/// The same if a scanner typed it on another keyboard layout than its own. The checks identify it
/// as a code. Layouts on which every sign is a symbol or a dash take precedence. Where two of them
/// result in different codes, nothing shows which one was scanned.
fn find_scanned(text: &str) -> Option<Result<Vec<u8>, ActivationCodeError>> {
    let mut is_unclear = false;
    let mut found: Vec<(bool, Zeroizing<Vec<u8>>)> = Vec::new();
    for typed in keyboard_readings(text).map(Zeroizing::new) {
        match find_checked(&words(&typed, Signs::Usual)) {
            Some(Ok(values)) => {
                let is_part = |sign: char| {
                    sign.is_whitespace()
                        || is_dash_or_invisible(sign)
                        || symbols::value(sign).is_some()
                };
                found.push((typed.chars().all(is_part), Zeroizing::new(values)));
            }
            Some(Err(_)) => is_unclear = true,
            None => {}
        }
    }
    let is_alone = found.iter().any(|(is_alone, _)| *is_alone);
    let mut codes = found.iter().filter(|(is_one, _)| *is_one == is_alone).map(|(_, code)| code);
    match codes.next() {
        Some(code) if codes.all(|other| other == code) => Some(Ok(code.to_vec())),
        None if !is_unclear => None,
        _ => Some(Err(ActivationCodeError::Unclear)),
    }
}

/// Returns whether a sign may surround a code but isn't part of one.
fn is_around(character: char) -> bool {
    is_cut(character) || is_joint(character) || character.is_whitespace()
}

/// Returns whether a character always ends a word.
fn is_cut(character: char) -> bool {
    character == '\t'
        || matches!(
            character,
            '"' | '\'' | '`' | '´' | '‘'
                ..='‟'
                    | '«'
                    | '»'
                    | '‹'
                    | '›'
                    | '<'
                    | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | ':'
                    | ';'
                    | ','
                    | '='
                    | '|'
                    | '!'
                    | '?'
                    | '*'
                    | '•'
                    | '→'
                    | '\u{3001}'
                    | '\u{3002}'
                    | '「'
                    | '」'
        )
}

/// Returns whether a character separates the groups of a code, or is invisible.
fn is_joint(character: char) -> bool {
    is_dash_or_invisible(character)
        || matches!(character, '.' | '/' | '\\' | '·' | '∙' | '~' | '+')
        || is_accent(character)
}

/// Returns whether a character is another sign, line or letter that people, keyboards and tables
/// use as a dash. Any other character that isn't ASCII may be what distinguishes two codes of a
/// vendor.
fn is_other_joint(character: char) -> bool {
    matches!(
        character,
        '\u{1173}'
            | '\u{30fc}'
            | '\u{3161}'
            | '\u{4e00}'
            | '\u{ff70}'
            | '\u{58a}'
            | '\u{5be}'
            | '\u{2043}'
            | '\u{2500}'
            ..='\u{257f}' | '\u{2e3a}' | '\u{2e3b}' | '\u{301c}' | '\u{3030}' | '\u{30a0}'
    )
}

/// Returns whether a character may be mark-up that emphasises a part of a code.
fn is_markup(character: char) -> bool {
    matches!(character, '<' | '>' | '[' | ']' | '*' | '`')
}

/// Returns the words of a text.
fn words(text: &str, signs: Signs) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut is_open, mut is_new_group, mut gap) = (false, true, Gap::Space);
    // What has been read since the last word.
    let (mut has_space, mut has_markup, mut has_dash) = (false, false, false);
    for character in text.chars() {
        has_space |= character.is_whitespace();
        has_markup |= is_markup(character);
        if is_cut(character) {
            if let (':' | '=', Some(word)) = (character, words.last_mut()) {
                word.is_label |= gap < Gap::Cut;
            }
            (is_open, gap) = (false, Gap::Cut);
        } else if character.is_whitespace() {
            is_open = false;
            gap = gap.max(if character == '\n' { Gap::Line } else { Gap::Space });
        } else if is_joint(character) || signs == Signs::All && is_other_joint(character) {
            let is_visible = !is_invisible(character) && !is_accent(character);
            is_new_group |= is_visible;
            has_dash |= is_visible;
        } else {
            if !std::mem::replace(&mut is_open, true) {
                let goes_on = gap == Gap::Cut && !has_space && (has_markup || has_dash);
                words.push(Word { before: std::mem::take(&mut gap), goes_on, ..Word::default() });
                is_new_group = true;
            }
            (has_space, has_markup, has_dash) = (false, false, false);
            let Some(word) = words.last_mut() else { break };
            let digit = digit(character);
            let plain =
                digit.map_or_else(|| look_alike(character), |digit| char::from(b'0' + digit));
            match symbols::value(plain) {
                Some(value) => {
                    if std::mem::take(&mut is_new_group) {
                        word.groups.push(0);
                    }
                    if let Some(group) = word.groups.last_mut() {
                        *group += 1;
                    }
                    word.values.push(value);
                }
                None => {
                    word.foreign.get_or_insert(character);
                }
            }
            word.has_lower |= character.is_lowercase();
            word.has_upper |= character.is_uppercase();
            word.has_digit |= digit.is_some() || character.is_ascii_digit();
        }
    }
    words
}

/// Returns the symbols of the only code among the words.
fn choose_code(words: &[Word]) -> Result<Vec<u8>, ActivationCodeError> {
    // A word before a colon is a label, unless it contains a digit, as most codes do.
    let label = words.iter().position(|word| word.is_label);
    let label = label.filter(|&at| words[..=at].iter().all(|word| !word.has_digit));
    match label.map(|at| &words[at + 1..]).filter(|rest| !rest.is_empty()) {
        Some(rest) => choose_unlabelled(rest, true),
        None => choose_unlabelled(words, false),
    }
}

/// The same for the words after a label, or for all words. A vendor's own code is all of them,
/// ignoring dashes and spaces. A part of them is only used if the rest isn't part of the code:
/// beside a generated code, or if a sign that can't be inside of a code separates it from one with
/// a label.
fn choose_unlabelled(words: &[Word], has_label: bool) -> Result<Vec<u8>, ActivationCodeError> {
    let all = |words: &[Word]| {
        words.iter().flat_map(|word| word.values.iter().copied()).collect::<Vec<u8>>()
    };
    let is_apart = |word: &Word| word.before == Gap::Cut;
    let is_plain =
        words.iter().all(|word| word.foreign.is_none()) && !words.iter().skip(1).any(is_apart);

    // A single word is a generated code.
    let is_code = |word: &&Word| word.foreign.is_none() && is_generated(&word.groups);
    let mut codes: Vec<&Word> = words.iter().filter(is_code).collect();
    // Sixteen letters may be a word of a sentence.
    if codes.iter().any(|code| code.has_digit) {
        codes.retain(|code| code.has_digit);
    }
    if let Some((code, others)) = codes.split_first() {
        let is_other = |word: &Word| word.values != code.values;
        let is_beside = |word: &Word| word.is_remark() || word.before > Gap::Space;
        let is_clear = !is_plain || words.iter().filter(|word| is_other(word)).all(is_beside);
        return match is_clear && !others.iter().any(|other| is_other(other)) {
            true => Ok(code.values.to_vec()),
            false => Err(ActivationCodeError::Unclear),
        };
    }
    let length: usize = words.iter().map(|word| word.values.len()).sum();
    if is_plain && is_generated_length(length) {
        return Ok(all(words));
    }

    // Several words are one code.
    let windows = (2..=4).flat_map(|size| words.windows(size).enumerate());
    let is_code = |window: &[Word]| {
        let groups = window.iter().flat_map(|word| word.groups.iter().copied());
        window.iter().all(|word| word.foreign.is_none())
            && is_generated(&groups.collect::<Vec<_>>())
    };
    let codes: Vec<_> = windows.filter(|(_, window)| is_code(window)).collect();
    match codes[..] {
        [(at, code)] => {
            let others = words[..at].iter().chain(&words[at + code.len()..]);
            let is_capital = code.iter().all(|word| !word.has_lower);
            if !is_plain || is_capital && { others }.all(Word::is_remark) {
                return Ok(all(code));
            }
        }
        [_, _, ..] if !is_plain => return Err(ActivationCodeError::Unclear),
        _ => {}
    }

    if is_plain {
        return Ok(all(words));
    }
    let end = words.iter().skip(1).position(is_apart).map_or(words.len(), |at| at + 1);
    let first = &words[..end];
    let is_whole = !words.get(end).is_some_and(|next| next.goes_on);
    if has_label && is_whole && first.iter().all(|word| word.foreign.is_none()) {
        return Ok(all(first));
    }
    Err(match words.iter().find_map(|word| word.foreign) {
        Some(found) => ActivationCodeError::Symbol { found },
        None => ActivationCodeError::Unclear,
    })
}

/// Returns whether a character is shown as nothing (`Default_Ignorable_Code_Point` of Unicode).
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_dash_or_invisible(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    ) || is_invisible(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeDoubt;

    /// A generated code.
    const CHECKED: &str = "2V7KX-M9QXE-3TRHG-8NPW6";

    #[test]
    fn a_generated_code_has_twenty_symbols_in_groups_of_five_and_is_not_suspicious() {
        let code = ActivationCode::generate().unwrap();
        assert_eq!((code.symbols(), code.expose_for_people().len(), code.doubt()), (20, 23, None));
        assert!(code.expose_for_people().split('-').all(|group| group.len() == 5));
        assert_eq!(code.expose_for_people().parse().as_ref(), Ok(&code));
        // Databases look up codes in this form, which is the same for all lengths since the first
        // version.
        assert!(code.expose().split('-').all(|group| group.len() == 4));
        assert_eq!(code.expose().parse().as_ref(), Ok(&code));
        assert_ne!(ActivationCode::generate().unwrap(), code);
    }

    #[test]
    fn a_generated_code_is_found_by_its_checks_whatever_surrounds_it() {
        let code: ActivationCode = CHECKED.parse().unwrap();
        assert_eq!((code.expose_for_people().as_str(), code.doubt()), (CHECKED, None));
        let plain = CHECKED.replace('-', "");
        for written in [
            plain.clone(),
            plain.to_lowercase(),
            CHECKED.replace('-', " "),
            CHECKED.replace('-', "\u{2013}"),
            format!("{CHECKED} EXTRA"),
            format!("ACME GOLD {CHECKED} 2026"),
            format!("{plain} 3 SEATS"),
            format!("{CHECKED}\t3 seats"),
            format!("Activation code: {CHECKED}."),
            format!("{} EXTRA", CHECKED.replace('-', " ")),
            format!("{CHECKED}\n{CHECKED}"),
            plain.chars().map(|symbol| format!("{symbol} ")).collect(),
            format!("\u{202b}{CHECKED}\u{202c}"),
        ] {
            assert_eq!(written.parse().as_ref(), Ok(&code), "{written:?}");
        }
        let other = ActivationCode::generate().unwrap().expose();
        let several = format!("{CHECKED}\n{other}").parse::<ActivationCode>();
        assert_eq!(several, Err(ActivationCodeError::Unclear));
    }

    #[test]
    fn a_typing_error_in_a_generated_code_is_reported_and_the_code_is_accepted() {
        let doubt = |text: &str| text.parse::<ActivationCode>().unwrap().doubt();
        let slip = CHECKED.replace("2V7K", "2V7H");
        assert_eq!(doubt(&slip), Some(CodeDoubt::Groups { wrong: vec![1] }));
        let marked = format!("Code: {slip}\t3 seats");
        assert_eq!(doubt(&marked), Some(CodeDoubt::Groups { wrong: vec![1] }));
        let (half, _) = CHECKED.split_at(11);
        assert_eq!(doubt(half), Some(CodeDoubt::Missing { symbols: 10, group: 3 }));
        let added = format!("{}EXTRA", CHECKED.replace('-', ""));
        assert_eq!(doubt(&added), Some(CodeDoubt::Added { symbols: 5 }));
        for own in ["KW7M-3RTZ-9PHC-X2VB", "ACME-2026-PROMO", "A", "AAAA-BBBB-CCCC-DDDD-EEEE"] {
            assert_eq!(doubt(own), None, "{own}");
        }
    }

    #[test]
    fn a_code_is_read_from_every_format_that_tokens_are_read_from() {
        let checked: ActivationCode = CHECKED.parse().unwrap();
        let earlier: ActivationCode = "KW7M-3RTZ-9PHC-X2VB".parse().unwrap();
        let chosen: ActivationCode = "ACME-2026-PROMO".parse().unwrap();
        for code in [&checked, &earlier, &chosen] {
            let plain = code.expose_for_people();
            for dash in
                ["&#8209;", "&ndash;", "&shy;", "%2D", "\u{2500}", "\u{2043}", "\u{30fc}", "\u{ad}"]
            {
                let written = plain.replace('-', dash);
                assert_eq!(written.parse().as_ref(), Ok(code), "{written:?}");
            }
            for written in [
                format!("&nbsp;{plain}"),
                format!("<p><b>{plain}</b></p>"),
                format!("code%3D{}", plain.replace('-', "%2D")),
                format!("{{\\rtf1\\ansi\\pard {plain}\\par}}"),
                format!("{plain}\u{1a}"),
                format!("\u{16}{plain}"),
                format!("\u{2}{plain}\u{3}"),
            ] {
                assert_eq!(written.parse().as_ref(), Ok(code), "{written:?}");
            }
        }
        for code in [&checked, &earlier] {
            let plain = code.expose_for_people();
            for written in [
                format!("https://x.example/#{plain}"),
                format!("https://x.example/activate?code={plain}&lang=de"),
                format!("code={plain}&seats=3"),
            ] {
                assert_eq!(written.parse().as_ref(), Ok(code), "{written:?}");
            }
        }
        let accent = CHECKED.replace("3T", "3T\u{301}").replace('E', "É");
        assert_eq!(accent.parse().as_ref(), Ok(&checked));
    }

    #[test]
    fn a_code_with_tags_inside_is_read_as_the_page_shows_it() {
        for plain in [CHECKED, "KW7M-3RTZ-9PHC-X2VB", "ACME-2026-PROMO"] {
            let code: ActivationCode = plain.parse().unwrap();
            let (start, end) = plain.split_at(plain.find('-').unwrap());
            let (first, last) = plain.split_at(plain.rfind('-').unwrap() + 1);
            let mut written = vec![
                format!("{first}<wbr>{last}"),
                format!("{first}&#8203;{last}"),
                format!("{first}&zwnj;<wbr/>{last}"),
                format!("{start}&#8209;{}", &end[1..]),
                format!("{start} <b> {end}</b>"),
            ];
            for tag in ["b", "i", "em", "strong", "code", "span", "font", "a", "u", "mark", "tt"] {
                written.push(format!("<{tag}>{start}</{tag}>{end}"));
                written.push(format!("<{tag} class=\"x\" href='y'>{first}</{tag}>{last}"));
                written.push(format!("{start}<{tag}>{end}</{tag}>"));
                written.push(format!("<{tag}>{start}</{tag}><b><i>{end}</i></b>"));
            }
            for written in written {
                for written in [
                    format!("<p>Activation code: {written}</p>"),
                    format!("Activation code: {written}<br>\n"),
                    format!("<td>Code:</td><td>{written}</td>"),
                ] {
                    assert_eq!(written.parse().as_ref(), Ok(&code), "{written:?}");
                }
            }
        }
        // The code is in the last four of five groups, and it isn't these four alone.
        let own: ActivationCode = "ACME-KW7M-3RTZ-9PHC-X2VB".parse().unwrap();
        assert_eq!("ACME<b>-KW7M-3RTZ-9PHC-X2VB</b>".parse().as_ref(), Ok(&own));
        let earlier: ActivationCode = "KW7M-3RTZ-9PHC-X2VB".parse().unwrap();
        let form = "<p><input type=text name=\"code\" value=\"KW7M-3RTZ-9PHC-X2VB\"></p>";
        assert_eq!(form.parse().as_ref(), Ok(&earlier));
    }

    #[test]
    fn a_part_of_a_code_is_never_taken_for_the_code() {
        for written in [
            "Activation code: [b]ACME[/b]-2026-PROMO",
            "Activation code: ACME**-2026**-PROMO",
            "Activation code: **ACME**2026",
            "Activation code: `ACME`-2026",
            "Activation code: (ACME)-2026",
            "Activation code: ACME-\"2026\"",
            "Activation code: ACME<2026>",
            "<p>Code: KW7M-3RTZ-9PHC-X2VB or AB7M-<wbr>3RTZ-9PHC-X2VB</p>",
            "<p>Code: ACME-2026 <input value=KW7M-3RTZ-9PHC-X2VB></p>",
        ] {
            let parsed = written.parse::<ActivationCode>();
            assert_eq!(parsed, Err(ActivationCodeError::Unclear), "{written:?}");
        }
    }

    #[test]
    fn a_code_in_the_source_of_a_mail_is_decoded() {
        for plain in [CHECKED, "KW7M-3RTZ-9PHC-X2VB", "ACME-2026-PROMO", "PROMO-2026"] {
            let code: ActivationCode = plain.parse().unwrap();
            let (start, end) = plain.split_at(7);
            for written in [
                plain.replace('-', "=2D"),
                plain.replace('-', "=E2=80=91"),
                format!("{}=20", plain.replace('-', "=2D")),
                format!("=20{plain}=20"),
                format!("code=3D{}", plain.replace('-', "=2D")),
                format!("{start}=\r\n{end}=20\n"),
                format!("{start}=\n{end}"),
            ] {
                assert_eq!(written.parse().as_ref(), Ok(&code), "{written:?}");
            }
        }
        // The checks decide, even if there is one escape or none.
        let code: ActivationCode = CHECKED.parse().unwrap();
        for written in [format!("code=3D{CHECKED}"), CHECKED.replacen('-', "=2D", 1)] {
            assert_eq!(written.parse().as_ref(), Ok(&code), "{written:?}");
        }
        let label = loop {
            let code = ActivationCode::generate().unwrap().expose_for_people();
            if code.starts_with("2D") || code.starts_with("3D") {
                break code;
            }
        };
        assert_eq!(format!("CODE={label}").parse(), label.parse::<ActivationCode>());
        for chosen in ["2D26-PROMO", "3DPRINT-2026", "20AB-2026"] {
            for label in ["code", "CODE", "LATCHKEY_CODE"] {
                assert_eq!(format!("{label}={chosen}").parse(), chosen.parse::<ActivationCode>());
            }
        }
        // One escape in the middle that isn't a hyphen decides nothing.
        for chosen in ["2026-PROMO", "41BC-2026"] {
            assert_eq!(format!("ACME={chosen}").parse(), chosen.parse::<ActivationCode>());
        }
    }

    #[test]
    fn a_token_is_not_a_code_and_is_reported_as_a_token() {
        let token = crate::tests::sample(1);
        let found = Err(ActivationCodeError::Token { kind: Kind::Refresh });
        assert_eq!(token.parse::<ActivationCode>(), found);
        assert_eq!(format!("Here it is:\n{token}\nBye").parse::<ActivationCode>(), found);
        for kind in Kind::ALL {
            let beginning = format!("{}05NVGQ45J0410JVB4K2J2", crate::text::layout::prefix(kind));
            let code: ActivationCode = beginning.parse().unwrap();
            assert_eq!(code.doubt(), Some(CodeDoubt::Token { kind }));
        }
        // A code beside a token is the code.
        let both = format!("{CHECKED}\n\n{}", crate::tests::sample(1));
        assert_eq!(both.parse(), CHECKED.parse::<ActivationCode>());
    }

    #[test]
    fn a_sentence_is_suspicious_and_a_custom_code_is_not() {
        let doubt = |text: &str| text.parse::<ActivationCode>().unwrap().doubt();
        for text in [
            "please send me a code",
            "please send a code",
            "ACME\nsee subject",
            "code: please send it to me",
        ] {
            assert_eq!(doubt(text), Some(CodeDoubt::Sentence), "{text:?}");
        }
        for text in [
            "Acme 2026 Promo",
            "acme gold edition",
            "acme gold team 2026",
            "acme-gold-team-edition",
            "Acme Gold 2026 Team Extra",
            "AAAA BBBB CCCC DDDD EEEE",
            "please use this code: kw7m 3rtz 9phc x2vb",
            "please use this code: Acme 2026 Promo",
            "kw7m 3rtz\n9phc x2vb",
            &format!("please use this code now {CHECKED}"),
        ] {
            assert_eq!(doubt(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code: ActivationCode = "ACME-B10E-2V26".parse().unwrap();
        let chosen: ActivationCode = "ACME-2026-PROMO".parse().unwrap();
        let digits: ActivationCode = "SECOND-CODE-2026-1234".parse().unwrap();
        assert_eq!("second code 2026 1234".parse().as_ref(), Ok(&digits));
        for typed in ["Acme 2026 Promo", "acme 2026 promo", "ACME 2026 PROMO"] {
            assert_eq!(typed.parse().as_ref(), Ok(&chosen), "{typed:?}");
        }
        for typed in ["acmebloe2v26", " acme – blOe \u{200b}2U26 ", "ACME\u{2011}BL0E\u{2011}2V26"]
        {
            assert_eq!(typed.parse().as_ref(), Ok(&code), "{typed:?}");
        }
    }

    #[test]
    fn text_without_a_code_is_refused_with_the_reason() {
        let parse = |text: &str| text.parse::<ActivationCode>();
        assert_eq!(parse(" - "), Err(ActivationCodeError::Empty));
        assert_eq!(parse("<input value=\"ACME-2026\">"), Err(ActivationCodeError::Empty));
        assert_eq!(parse("AB#C"), Err(ActivationCodeError::Symbol { found: '#' }));
        for (written, found) in [("ACME&CO 2026", '&'), ("Müller 2026", 'ü'), ("SAVE 20% NOW", '%')]
        {
            assert_eq!(parse(written), Err(ActivationCodeError::Symbol { found }), "{written:?}");
        }
        assert_eq!(parse(&"A".repeat(33)), Err(ActivationCodeError::TooLong { symbols: 33 }));
    }

    #[test]
    fn text_around_a_code_is_removed() {
        let code: ActivationCode = "KW7M-3RTZ-9PHC-X2VB".parse().unwrap();
        for written in [
            "“KW7M-3RTZ-9PHC-X2VB”",
            "\"KW7M-3RTZ-9PHC-X2VB\"",
            "'KW7M-3RTZ-9PHC-X2VB",
            "KW7M-3RTZ-9PHC-X2VB.",
            "Code – KW7M-3RTZ-9PHC-X2VB",
            "ACTIVATION-CODE:-KW7M-3RTZ-9PHC-X2VB",
            "KW7M-3RTZ-9PHC\nX2VB",
            "Activation code: KW7M-3RTZ-9PHC-X2VB",
            "Ihr Aktivierungscode lautet KW7M-3RTZ-9PHC-X2VB, gültig für 3 Plätze",
            "Код активации: KW7M-3RTZ-9PHC-X2VB",
            "LICENCE CODE: KW7M3RTZ9PHCX2VB",
            "Your code is KW7M3RTZ9PHCX2VB",
            "<KW7M-3RTZ-9PHC-X2VB>",
            "[KW7M/3RTZ/9PHC/X2VB]",
            "KW7M.3RTZ.9PHC.X2VB",
            "KW7M\\3RTZ\\9PHC\\X2VB",
            "• KW7M-3RTZ-9PHC-X2VB",
            "- KW7M-3RTZ-9PHC-X2VB",
            "=\"KW7M-3RTZ-9PHC-X2VB\"",
            "ＫＷ７Ｍ－３ＲＴＺ－９ＰＨＣ－Ｘ２ＶＢ",
            "КW7М-3RТZ-9РНС-Х2VВ",
            "KW٧M-٣RTZ-٩PHC-X٢VB",
            "KW7M-3RTZ-9PHC-X2VB\t3 seats",
            "KW7M-3RTZ-9PHC-X2VB 3 seats",
            "KW7M 3RTZ 9PHC X2VB 3 seats",
            "KW7M-3RTZ-\n9PHC-X2VB\n",
            "KW7M-3RTZ 9PHC-X2VB",
            "KW7M-3RTZ-9PHC-X2VB\u{301}",
            "KW7\u{301}M\u{301}-3R\u{30c}TZ\u{307}-9PHC-X2VB",
            "KW7M-3RTZ-\u{2061}9PHC\u{34f}-X2V\u{fe0f}B",
            "KW7M – 3RTZ – 9PHC – X2VB",
            "\u{1b}[200~KW7M-3RTZ-9PHC-X2VB\u{1b}[201~",
            "00~KW7M-3RTZ-9PHC-X2VB01~",
            "\u{1b}[1mkw7m-3rtz-9phc-x2vb\u{1b}[0m",
            "activation code: kw7m-3rtz-9phc-x2vb",
            "KW7M\u{ad}3RTZ\u{200b}9PHCX2VB",
            "KW7M 3RTZ-9PHC-X2VB",
            "KW7M 3RTZ 9PHC-X2VB",
            "KW7M-3RTZ\n9PHC-X2VB",
            "KW7M-3RTZ-9PHC\tX2VB",
            "KW7M\t3RTZ\t9PHC\tX2VB",
            "KW7M, 3RTZ, 9PHC, X2VB",
            "Code:\nKW7M 3RTZ\n9PHC X2VB",
            "YOUR CODE: KW7M 3RTZ 9PHC X2VB for 3 seats",
            "licence-key: KW7M3RTZ9PHCX2VB",
            "activation-code KW7M 3RTZ 9PHC X2VB",
            "Aktivierungscode KW7M-3RTZ-9PHC-X2VB",
            "Aktivierungs-Code: KW7M 3RTZ 9PHC X2VB",
            "KW7M3RTZ9PHCX2VB valid until 2027-02-03",
            "Valid 2027-02-03: KW7M3RTZ9PHCX2VB",
            "KW7M 3RTZ 9PHC X2VB (2027-02-03)",
            "KW7M 3RTZ 9PHC X2VB: 3 seats",
            "KW7M3RTZ9PHCX2VB https://a.example",
            "KW7M-3RTZ-9PHC-X2VB. Thanks",
            "KW7M-3RTZ-9PHC-X2VB.\nKim",
            "KW7M-3RTZ-9PHC-X2VB\n\n--\nACME Ltd",
            "KW7M-3RTZ-9PHC-X2VB - 3 seats",
            "KW7M-3RTZ-9PHC-X2VB – gold",
            "KW7M-3RTZ-9PHC-X2VB / 3",
            "1. KW7M-3RTZ-9PHC-X2VB",
        ] {
            assert_eq!(written.parse().as_ref(), Ok(&code), "{written:?}");
        }
    }

    #[test]
    fn custom_codes_are_read_as_they_are() {
        let parse = |text: &str| text.parse::<ActivationCode>().unwrap();
        for (written, plain) in [
            ("ACME GOLD 2026", "ACMEGOLD2026"),
            ("Acme Gold", "ACMEGOLD"),
            ("ACME-PRO", "ACMEPRO"),
            ("A", "A"),
            ("A-1", "A1"),
            ("demo demo demo", "DEMODEMODEMO"),
            ("AAAA-BBBB-CCCC-DDDD-EEEE", "AAAABBBBCCCCDDDDEEEE"),
            ("AAAA BBBB CCCC DDDD EEEE", "AAAABBBBCCCCDDDDEEEE"),
            ("ACME GOLD-2026", "ACMEGOLD2026"),
            ("ACME-2026 PRO", "ACME2026PRO"),
            ("ACME 2026-promo", "ACME2026PROMO"),
            ("ACME-GOLD 2026 EDU", "ACMEGOLD2026EDU"),
            ("acme-gold-2026 pro", "ACMEGOLD2026PRO"),
            ("ACME Gold 2026", "ACMEGOLD2026"),
            ("ACME 2026 pro", "ACME2026PRO"),
            ("Acme Gold 2026 Team Extra", "ACMEGOLD2026TEAMEXTRA"),
            ("PROMO-CODE: ACME2026", "ACME2026"),
            ("Aktivierungs-Code: ACME-2026-PROMO", "ACME2026PROMO"),
            ("Code: demo", "DEMO"),
            ("Activation code: ACME-2026 (3 seats)", "ACME2026"),
            ("Код: ACME Gold 2026", "ACMEGOLD2026"),
        ] {
            assert_eq!(parse(written), parse(plain), "{written:?}");
        }
    }

    #[test]
    fn ambiguous_text_is_not_taken_for_a_code() {
        for written in [
            "KW7M-3RTZ-9PHC-X2VB\nAB7M-3RTZ-9PHC-X2VB",
            "KW7M-3RTZ-9PHC-X2VB, AB7M-3RTZ-9PHC-X2VB",
            "ACME, KW7M 3RTZ 9PHC X2VB",
            "KW7M-3RTZ-9PHC-X2VB EXTRA",
            "ACME (2026)",
            "ACME-2026\t3 seats",
        ] {
            assert_eq!(
                written.parse::<ActivationCode>(),
                Err(ActivationCodeError::Unclear),
                "{written:?}"
            );
        }
    }

    #[test]
    fn codes_of_every_length_have_one_packed_encoding() {
        for length in 1..=MAX_CODE_SYMBOLS {
            let code: ActivationCode = "7Z".repeat(32)[..length].parse().unwrap();
            let mut packed = code.to_packed();
            assert_eq!(ActivationCode::from_packed(&packed), Some(code));
            if length % 8 != 0 {
                *packed.last_mut().unwrap() |= 1;
                assert_eq!(ActivationCode::from_packed(&packed), None);
            }
        }
    }

    #[test]
    fn a_code_is_masked_wherever_it_is_printed() {
        let code: ActivationCode = "0123-4567-89AB-CDEF".parse().unwrap();
        assert_eq!(code.masked(), "••••-CDEF");
        assert_eq!(format!("{code:?}"), "ActivationCode(••••-CDEF)");
        assert_eq!("SHORT".parse::<ActivationCode>().unwrap().masked(), "••••");
    }
}
