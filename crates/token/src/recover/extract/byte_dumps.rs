//! Decodes what programs show of a file's bytes: dumps with an offset before each line (`xxd`,
//! `hexdump`, `od`, PowerShell's `Format-Hex`), lists of numbers as in source code and in exported
//! registry keys, escapes with octal digits, hexadecimal or binary digits alone, and uuencode. They
//! are only decoded if the result contains a token's prefix, so that no number of a text is taken
//! for a byte.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::super::encoding::decode_text;
use super::super::work_budget::WorkBudget;
use super::stretches::next_stretch;
use crate::text::frames;
use crate::text::layout::prefix;
use crate::wire::kind::Kind;

/// A token has more bytes than this number.
const LONG_ENOUGH: usize = 120;
/// Digits after a token's first bytes that may be more of it have this number at least: a date and
/// a time have fewer.
const LONG_ENOUGH_TO_CONTINUE: usize = 20;
/// The most control characters among the first [`LONG_ENOUGH`] characters of a text.
const MAX_CONTROLS: usize = 8;
/// The number of digits of an offset. `tshark` writes four, PowerShell sixteen.
const OFFSET: std::ops::RangeInclusive<usize> = 4..=16;
/// The most bytes that a line of a dump has.
const MAX_BYTES_PER_LINE: u64 = 256;
/// The most words before an offset.
const MAX_WORDS_BEFORE: usize = 8;
/// How many numbers of words before an offset are tried if one of these words may itself be one.
const MAX_TRIED_BEFORE: usize = 3;
/// How many of the last dumps a line may continue, if other lines are between.
const MAX_OPEN_BLOCKS: usize = 4;
/// Steps that it takes to parse an offset in each radix.
const STEPS_OF_AN_OFFSET: usize = 6;
/// The radixes of offsets.
const RADIXES: [u32; 3] = [16, 8, 10];
/// The most characters of a word of a dump in hexadecimal digits.
const MAX_WORD: usize = 18;
/// The width of a character and the spaces before it in the output of `od -c`.
const CELL: usize = 4;
/// The most characters that mails lose at the end of a line of uuencode, because they are spaces.
const MAX_LOST: usize = 3;

/// What mails and terminals put before a line.
const QUOTATION_MARKS: [char; 3] = [' ', '\t', '>'];

/// Returns a text without the formats around it, or `None` if there are none.
pub(super) type Extract = fn(&str, &WorkBudget) -> Option<String>;

/// Returns a text with all dumps that contain a token decoded and `extract` applied to each, or
/// `None` if there are none.
pub(super) fn decode(text: &str, work: &WorkBudget, extract: Extract) -> Option<String> {
    work.spend(text.len());
    let mut shown = Cow::Borrowed(text);
    for decode_kind in [decode_all_offsets, decode_uuencode, decode_numbers] {
        if let Some(next) = decode_kind(&shown, work, extract) {
            work.spend(next.len());
            shown = Cow::Owned(next);
        }
    }
    match shown {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    }
}

/// Collects a text in which some parts are replaced.
struct Replaced<'t> {
    text: &'t str,
    shown: String,
    copied: usize,
}

impl<'t> Replaced<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, shown: String::new(), copied: 0 }
    }

    fn replace(&mut self, from: usize, to: usize, decoded: &str) {
        self.shown.push_str(&self.text[self.copied..from]);
        self.shown.push('\n');
        self.shown.push_str(decoded);
        self.shown.push('\n');
        self.copied = to;
    }

    fn finish(self) -> Option<String> {
        (self.copied > 0).then(|| self.shown + &self.text[self.copied..])
    }
}

/// Returns the text that consists of these bytes, if it contains a token's prefix, and without the
/// formats around it. A text can consist of numbers that are bytes in several ways and of a page in
/// each, so that formats are only removed while few steps have been taken.
fn decode_text_with_token(bytes: &[u8], work: &WorkBudget, extract: Extract) -> Option<String> {
    if bytes.len() < LONG_ENOUGH {
        return None;
    }
    let text = decode_text(bytes);
    work.spend(2 * text.len());
    let is_shown = |sign: char| !sign.is_control() || sign.is_whitespace() || sign == '\u{1b}';
    if text.chars().take(LONG_ENOUGH).filter(|sign| !is_shown(*sign)).count() > MAX_CONTROLS {
        return None;
    }
    let extracted = work.has_taken_few_steps().then(|| extract(&text, work));
    let text = extracted.flatten().unwrap_or(text);
    work.spend(2 * text.len());
    let upper = text.to_ascii_uppercase();
    let mut prefixes = Kind::ALL.into_iter().map(prefix).chain([frames::PREFIX]);
    prefixes.any(|prefix| upper.contains(prefix)).then_some(text)
}

/// Splits a text into its lines, each with its position and including its end.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (start, rest) = (at, text.get(at..).filter(|rest| !rest.is_empty())?);
        let length = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        at += length;
        Some((start, &rest[..length]))
    })
}

/// Returns a line without its end and the quotation marks of a mail.
fn unquote(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n']).trim_start_matches(QUOTATION_MARKS)
}

// Dumps with offsets.

/// A line of a dump with an offset.
struct DumpLine<'t> {
    /// The digits of the offset.
    offset: &'t str,
    /// What follows the offset.
    data: &'t str,
}

impl<'t> DumpLine<'t> {
    fn parse(line: &'t str) -> Option<Self> {
        // This refuses nearly all lines of other texts at their first character.
        let begins = line.chars().find(|sign| !QUOTATION_MARKS.contains(sign))?;
        if !begins.is_ascii_hexdigit() {
            return None;
        }
        let line = unquote(line);
        let line = line.strip_prefix("0x").unwrap_or(line);
        let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (offset, data) = line.split_at(digits);
        let data = data.strip_prefix(':').unwrap_or(data);
        let data = after_symbol(data).unwrap_or(data);
        let is_offset =
            OFFSET.contains(&digits) && (data.is_empty() || data.starts_with([' ', '\t']));
        is_offset.then_some(Self { offset, data })
    }

    /// Returns the words after the offset, each with its column. Text that a dump shows between
    /// signs (`|LKREQ|`, `>LKREQ<`) isn't part of them.
    fn words(&self) -> impl Iterator<Item = (usize, &'t str)> {
        let data = self.data.find(['|', '>']).map_or(self.data, |end| &self.data[..end]);
        data.split_ascii_whitespace()
            .map(|word| (word.as_ptr() as usize - data.as_ptr() as usize, word))
    }
}

/// Returns what follows the name that debuggers write after an address: `<buffer+16>:`.
fn after_symbol(data: &str) -> Option<&str> {
    let (_, rest) = data.strip_prefix(" <")?.split_once('>')?;
    rest.strip_prefix(':')
}

/// What the words of a dump stand for. Words of several bytes are in the order of most computers,
/// the last byte first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Bytes in hexadecimal digits, in their order.
    Hexadecimal,
    HexadecimalWord,
    Octal,
    Binary,
    /// A decimal number of this many bytes.
    Decimal(usize),
    /// Characters in cells of the same width, or their numbers or names.
    Character,
}

impl Unit {
    /// The likelier ones first.
    const ALL: [Self; 9] = [
        Self::Hexadecimal,
        Self::HexadecimalWord,
        Self::Octal,
        Self::Binary,
        Self::Decimal(1),
        Self::Decimal(2),
        Self::Decimal(4),
        Self::Decimal(8),
        Self::Character,
    ];
    /// Those of a dump in a log.
    const BESIDE_TEXT: [Self; 2] = [Self::Hexadecimal, Self::HexadecimalWord];

    /// Adds the bytes that a word stands for. Returns `false` if it isn't such a word. `width` is
    /// the length of the dump's first word.
    fn push(self, word: &str, width: usize, bytes: &mut Vec<u8>) -> bool {
        let is_full = word.len() == width;
        let number = |radix| u64::from_str_radix(word, radix).ok();
        let is_digits = |is_digit: fn(&u8) -> bool| word.bytes().all(|byte| is_digit(&byte));
        let (number, size) = match self {
            // The last word of a line may be shorter.
            Self::Hexadecimal => return word.len() <= width && push_hexadecimal(word, bytes),
            Self::HexadecimalWord if is_full && is_digits(u8::is_ascii_hexdigit) => match width {
                4 | 8 | 16 => (number(16), width / 2),
                _ => return false,
            },
            Self::Octal if is_full && is_digits(|byte| matches!(byte, b'0'..=b'7')) => {
                let size = match width {
                    3 => 1,
                    6 => 2,
                    11 => 4,
                    _ => return false,
                };
                (number(8), size)
            }
            Self::Binary if word.len() == 8 && is_digits(|byte| matches!(byte, b'0' | b'1')) => {
                (number(2), 1)
            }
            Self::Decimal(size) if is_digits(u8::is_ascii_digit) => (number(10), size),
            _ => return false,
        };
        let Some(number) = number.filter(|number| size == 8 || *number >> (8 * size) == 0) else {
            return false;
        };
        bytes.extend_from_slice(&number.to_le_bytes()[..size]);
        true
    }
}

/// Adds the bytes of an even number of hexadecimal digits, or of two after `0x`. Returns `false`
/// for other words.
fn push_hexadecimal(word: &str, bytes: &mut Vec<u8>) -> bool {
    let word = word.strip_prefix("0x").unwrap_or(word);
    let (pairs, rest) = word.as_bytes().as_chunks::<2>();
    let is_hexadecimal = word.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_hexadecimal || !rest.is_empty() || pairs.is_empty() {
        return false;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
    bytes.extend(pairs.iter().map(|&[high, low]| value(high) << 4 | value(low)));
    true
}

/// Adds the bytes of binary digits, eight for each. Returns `false` for other words.
fn push_binary(word: &str, bytes: &mut Vec<u8>) -> bool {
    let (groups, rest) = word.as_bytes().as_chunks::<8>();
    let is_binary = word.bytes().all(|digit| matches!(digit, b'0' | b'1'));
    if !is_binary || !rest.is_empty() || groups.is_empty() {
        return false;
    }
    let value = |group: &[u8; 8]| group.iter().fold(0, |value, digit| value << 1 | (digit & 1));
    bytes.extend(groups.iter().map(value));
    true
}

/// The lines of a dump in a text. Other lines may be between them: people cut a dump into several
/// pieces, and logs have lines of other programs.
struct Block {
    /// The words before the offset in each line.
    words_before: usize,
    /// Where its lines are, and the empty ones between them. A text is shorter than 4 GiB.
    pieces: Vec<Range<u32>>,
    /// The last line's offset.
    last: Offset,
    /// How the last line's offset is written.
    width: OffsetWidth,
    /// An asterisk, which stands for repeated lines, follows the last line.
    is_squeezed: bool,
}

/// What the digits of an offset mean in each of [`RADIXES`].
type Offset = [Option<u64>; RADIXES.len()];

/// How an offset is written. Programs write all offsets of a dump with the same number of digits.
/// The numbers of other lines, which may follow it, usually have fewer.
#[derive(Clone, Copy)]
struct OffsetWidth {
    digits: usize,
    /// Whether there is a zero before the number, so that no further digit is needed yet.
    is_padded: bool,
}

impl OffsetWidth {
    fn of(digits: &str) -> Self {
        Self { digits: digits.len(), is_padded: digits.starts_with('0') }
    }

    /// Returns whether an offset that is written like `next` may follow one that is written so.
    const fn may_become(self, next: Self) -> bool {
        let is_longer = self.digits + 1 == next.digits && !self.is_padded && !next.is_padded;
        self.digits == next.digits || is_longer
    }
}

fn offset_of(digits: &str) -> Offset {
    RADIXES.map(|radix| u64::from_str_radix(digits, radix).ok())
}

impl Block {
    /// Returns whether a line with this offset may be the next one. Many words and numbers at the
    /// beginning of a line look like an offset.
    fn may_continue_at(&self, offset: &Offset, width: OffsetWidth) -> bool {
        if !self.width.may_become(width) {
            return false;
        }
        let is_step = |step| step > 0 && (self.is_squeezed || step <= MAX_BYTES_PER_LINE);
        steps(&self.last, offset).into_iter().flatten().any(is_step)
    }

    /// Decodes the dump in the first way that shows a token. `counted` is the number of words
    /// before its offsets if it is known.
    fn decode(
        &self,
        text: &str,
        counted: Option<usize>,
        work: &WorkBudget,
        extract: Extract,
    ) -> Option<String> {
        let pieces = || self.pieces.iter().map(|piece| &text[in_text(piece)]);
        if pieces().map(str::len).sum::<usize>() < LONG_ENOUGH {
            return None;
        }
        if self.words_before > 0 {
            let mut lines = String::new();
            for line in pieces().flat_map(str::lines) {
                let rest = match counted {
                    Some(words) => after_words(unquote(line), words),
                    None => offset_after_words(line).map(|(_, rest)| rest),
                };
                // Empty lines may be between.
                let Some(rest) = rest else { continue };
                lines.push_str(rest);
                lines.push('\n');
            }
            return decode_dump(&lines, &Unit::BESIDE_TEXT, work, extract);
        }
        match self.pieces.as_slice() {
            [only] => decode_dump(&text[in_text(only)], &Unit::ALL, work, extract),
            _ => decode_dump(&pieces().collect::<String>(), &Unit::ALL, work, extract),
        }
    }
}

/// The dumps of a text that were decoded. They may have millions of pieces, so that nothing but its
/// place is kept of each.
#[derive(Default)]
struct Replacements {
    pieces: Vec<Range<u32>>,
    /// What each dump shows, and where its first piece begins.
    decoded: Vec<(u32, String)>,
}

impl Replacements {
    fn add(&mut self, mut block: Block, decoded: String) {
        self.decoded.extend(block.pieces.first().map(|piece| (piece.start, decoded)));
        self.pieces.append(&mut block.pieces);
    }

    /// Returns the text with each dump in place of its first piece and without the other pieces.
    fn shown(mut self, text: &str) -> Option<String> {
        self.pieces.sort_unstable_by_key(|piece| piece.start);
        self.decoded.sort_unstable_by_key(|(start, _)| *start);
        let mut decoded = self.decoded.into_iter().peekable();
        let mut replaced = Replaced::new(text);
        for piece in &self.pieces {
            let shown = decoded.next_if(|(start, _)| *start == piece.start);
            let Range { start, end } = in_text(piece);
            replaced.replace(start, end, shown.as_ref().map_or("", |(_, shown)| shown));
        }
        replaced.finish()
    }
}

fn in_text(piece: &Range<u32>) -> Range<usize> {
    piece.start as usize..piece.end as usize
}

/// Returns the difference of two ascending offsets in each radix.
fn steps(from: &Offset, to: &Offset) -> [Option<u64>; RADIXES.len()] {
    std::array::from_fn(|radix| to[radix]?.checked_sub(from[radix]?))
}

/// Returns whether a word may follow an offset: a word of the dump, or a debugger's name for the
/// address.
fn may_follow_offset(word: &str) -> bool {
    is_word_of_dump(word) || word.starts_with('<') && word.ends_with(">:")
}

fn is_word_of_dump(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    matches!(digits.len(), 2 | 4 | 8 | 16) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Finds an offset after other words, such as the time in a log: digits at the end of a word, with
/// hexadecimal digits in the word after it.
fn offset_after_words(line: &str) -> Option<(usize, &str)> {
    let mut words = line.split_ascii_whitespace().take(MAX_WORDS_BEFORE + 1).enumerate().peekable();
    while let Some((number, word)) = words.next() {
        let digits = word.strip_suffix(':').unwrap_or(word);
        let length = digits.bytes().rev().take_while(u8::is_ascii_hexdigit).count();
        let (before, offset) = digits.split_at(digits.len() - length);
        let before = before.strip_suffix("0x").unwrap_or(before);
        let is_offset = OFFSET.contains(&length)
            && (number > 0 || !before.is_empty())
            && (before.is_empty() || before.ends_with([':', '|', ']', '>']))
            && words.peek().is_some_and(|(_, next)| may_follow_offset(next));
        if is_offset {
            // The words of a line and its digits are parts of it.
            let at = offset.as_ptr() as usize - line.as_ptr() as usize;
            return Some((number + usize::from(!before.is_empty()), line[at..].trim_end()));
        }
    }
    None
}

/// Returns whether a text shows a part of a token's prefix as hexadecimal digits: `L` and `K`, or
/// `K` and the letter after it if a line or a word of the dump ends between the first two. Their
/// order may be that of most computers. The digits are a word of a dump or a pair of them, so that
/// no token and hardly any other text has them.
fn shows_prefix(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'b', b'B', bytes)
        .filter(|&at| at > 0 && matches!(bytes[at - 1], b'4' | b'6'))
        .any(|at| {
            let is_in_word = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'x';
            let before = bytes[..at].iter().rev().take(MAX_WORD).take_while(is_in_word).count();
            let after = bytes[at..].iter().take(MAX_WORD).take_while(is_in_word).count();
            let word = &text[at - before..at + after];
            let is_byte = before % 2 == 1;
            is_word_of_dump(word) && is_byte && is_beside_letter(text, word, at)
        })
}

/// Returns whether one of the letters that are beside `K` in a prefix is beside the digits that end
/// at a position, in their word of the text or, if the word has no others, in the next ones.
fn is_beside_letter(text: &str, word: &str, end: usize) -> bool {
    const BETWEEN: [char; 2] = [' ', '\t'];
    let (mut before, mut after) = (&text[..end - 1], &text[end + 1..]);
    if word.trim_start_matches("0x").len() == 2 {
        before = before.strip_suffix("0x").unwrap_or(before).trim_end_matches(BETWEEN);
        after = after.trim_start_matches(BETWEEN);
        after = after.strip_prefix("0x").unwrap_or(after);
    }
    let before = before.len().checked_sub(2).and_then(|at| before.get(at..));
    [before, after.get(..2)].into_iter().flatten().any(|digits| {
        let letter = u8::from_str_radix(digits, 16).map(|byte| byte.to_ascii_uppercase());
        matches!(letter, Ok(b'L' | b'R' | b'A' | b'F' | b'D'))
    })
}

/// What follows this many words of a line.
fn after_words(line: &str, words: usize) -> Option<&str> {
    let next = line.split_ascii_whitespace().nth(words)?;
    // The words of a line are parts of it.
    Some(line[next.as_ptr() as usize - line.as_ptr() as usize..].trim_end())
}

/// Finds the numbers of words before the offsets of a dump if one of these words may itself be an
/// offset: what a log puts before a line, such as a time in seconds.
#[derive(Default)]
struct WordsBefore {
    /// The numbers that were found, one bit for each.
    found: u16,
    /// The last digits that may be an offset after each number of words, and their distance from
    /// the ones before.
    last: [(Offset, Offset); MAX_WORDS_BEFORE + 1],
}

impl WordsBefore {
    fn is_full(&self) -> bool {
        self.found.count_ones() >= MAX_TRIED_BEFORE as u32
    }

    /// Adds a line of which `known` is the number of words before its first possible offset.
    /// Another one is zero, or the third one of a series with the same distance.
    fn add(&mut self, line: &str, known: usize, work: &WorkBudget) {
        let words = unquote(line).split_ascii_whitespace().take(MAX_WORDS_BEFORE + 2);
        let mut words = words.enumerate().peekable();
        while let Some((number, word)) = words.next() {
            let digits = word.strip_suffix(':').unwrap_or(word);
            let digits = digits.strip_prefix("0x").unwrap_or(digits);
            let is_before_digits = |(_, next): &(usize, &str)| {
                let is_even = next.len().is_multiple_of(2);
                is_even && next.bytes().all(|digit| digit.is_ascii_hexdigit())
                    || may_follow_offset(next)
            };
            let is_offset = number > 0
                && number != known
                && OFFSET.contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                && words.peek().is_some_and(is_before_digits);
            let Some((last, distance)) = self.last.get_mut(number).filter(|_| is_offset) else {
                continue;
            };
            work.spend(STEPS_OF_AN_OFFSET);
            let offset = offset_of(digits);
            let is_possible = |step: &u64| (1..=MAX_BYTES_PER_LINE).contains(step);
            let next = steps(last, &offset).map(|step| step.filter(is_possible));
            let is_series =
                next.iter().zip(&*distance).any(|(next, step)| next.is_some() && next == step);
            if is_series || digits.bytes().all(|digit| digit == b'0') {
                self.found |= 1 << number;
            }
            (*last, *distance) = (offset, next);
        }
    }
}

/// Returns a text in which the dumps with offsets that contain a token are decoded. What a log puts
/// before a line may look like an offset itself.
fn decode_all_offsets(text: &str, work: &WorkBudget, extract: Extract) -> Option<String> {
    let mut before = WordsBefore::default();
    let mut shown = decode_offsets(text, None, &mut before, work, extract);
    let numbers = (1..=MAX_WORDS_BEFORE).filter(|number| before.found & 1 << number != 0);
    for number in numbers.take(MAX_TRIED_BEFORE) {
        if !work.has_taken_few_steps() {
            break;
        }
        let text = shown.as_deref().unwrap_or(text);
        work.spend(text.len());
        if let Some(next) =
            decode_offsets(text, Some(number), &mut WordsBefore::default(), work, extract)
        {
            shown = Some(next);
        }
    }
    shown
}

/// Returns a text in which the dumps with offsets that contain a token are decoded. `counted` is
/// the number of words before the offsets if it is known. If it isn't, `before` gets the lines that
/// may have another one.
fn decode_offsets(
    text: &str,
    counted: Option<usize>,
    before: &mut WordsBefore,
    work: &WorkBudget,
    extract: Extract,
) -> Option<String> {
    // A search in every line would cost too much. All dumps but those of memory and the ends of
    // others begin at zero.
    let may_be_after_words =
        memchr::memmem::find(text.as_bytes(), b"0000").is_some() || shows_prefix(text);
    // The blocks that a line may continue, the one with the most recent line last.
    let mut blocks: Vec<Block> = Vec::new();
    // Whether empty lines after the last one belong to it.
    let mut is_adjoining = false;
    let mut replacements = Replacements::default();
    let mut close = |block: Block| {
        if let Some(decoded) = block.decode(text, counted, work, extract) {
            replacements.add(block, decoded);
        }
    };
    for (at, line) in lines(text) {
        let (from, to) = (at as u32, (at + line.len()) as u32);
        let mut parsed = match counted {
            Some(words) => after_words(unquote(line), words)
                .and_then(|rest| Some((words, DumpLine::parse(rest)?))),
            None => DumpLine::parse(line).map(|parsed| (0, parsed)),
        };
        if parsed.is_none() {
            if let (Some(block), written @ ("" | "*")) = (blocks.last_mut(), unquote(line))
                && is_adjoining
            {
                if let Some(piece) = block.pieces.last_mut() {
                    piece.end = to;
                }
                block.is_squeezed |= written == "*";
                continue;
            }
            if counted.is_none()
                && may_be_after_words
                && let Some((words, rest)) = offset_after_words(line)
            {
                parsed = DumpLine::parse(rest).map(|parsed| (words, parsed));
            }
        }
        let Some((words_before, parsed)) = parsed else {
            is_adjoining = false;
            continue;
        };
        if counted.is_none() && may_be_after_words && !before.is_full() {
            before.add(line, words_before, work);
        }
        let read = |digits: &str| (offset_of(digits), OffsetWidth::of(digits));
        let (mut offset, mut width) = read(parsed.offset);
        let continued_by = |words_before: usize, offset: &Offset, width: OffsetWidth| {
            work.spend(STEPS_OF_AN_OFFSET + blocks.len());
            blocks.iter().rposition(|block| {
                block.words_before == words_before && block.may_continue_at(offset, width)
            })
        };
        let mut continued = continued_by(words_before, &offset, width);
        // The numbers of lines look like offsets from 1000 on.
        if continued.is_none()
            && words_before == 0
            && blocks.iter().any(|block| block.words_before > 0)
            && let Some((words, rest)) = offset_after_words(line)
            && let Some(next) = DumpLine::parse(rest).map(|parsed| read(parsed.offset))
        {
            continued = continued_by(words, &next.0, next.1);
            (offset, width) = if continued.is_some() { next } else { (offset, width) };
        }
        if let Some(number) = continued {
            is_adjoining &= number + 1 == blocks.len();
            let mut block = blocks.remove(number);
            match block.pieces.last_mut().filter(|_| is_adjoining) {
                Some(piece) => piece.end = to,
                None => block.pieces.push(from..to),
            }
            (block.last, block.width, block.is_squeezed) = (offset, width, false);
            blocks.push(block);
        } else if parsed.data.is_empty() {
            is_adjoining = false;
            continue;
        } else {
            if blocks.len() == MAX_OPEN_BLOCKS {
                close(blocks.remove(0));
            }
            let pieces = std::iter::once(from..to).collect();
            blocks.push(Block { words_before, pieces, last: offset, width, is_squeezed: false });
        }
        is_adjoining = true;
    }
    blocks.into_iter().for_each(close);
    replacements.shown(text)
}

/// The lines of a dump.
fn dump_lines(block: &str) -> impl Iterator<Item = DumpLine<'_>> {
    lines(block).filter_map(|(_, line)| DumpLine::parse(line))
}

/// Decodes the lines of a dump in the first of these ways that shows a token.
fn decode_dump(block: &str, units: &[Unit], work: &WorkBudget, extract: Extract) -> Option<String> {
    if block.len() < LONG_ENOUGH {
        return None;
    }
    work.spend(block.len());
    let lines = || dump_lines(block);
    let (first, second) = (lines().next()?, lines().nth(1)?);
    // The offsets of a short dump may be numbers of several radixes.
    let mut counts = steps(&offset_of(first.offset), &offset_of(second.offset));
    for line in lines() {
        for (count, offset) in counts.iter_mut().zip(offset_of(line.offset)) {
            *count = count.filter(|_| offset.is_some());
        }
    }
    let is_possible = |count: &u64| (1..=MAX_BYTES_PER_LINE).contains(count);
    let counts: Vec<usize> =
        counts.into_iter().flatten().filter(is_possible).map(|count| count as usize).collect();
    let mut units = units.iter().copied();
    units.find_map(|unit| {
        decode_text_with_token(&bytes_of_dump(block, &first, &counts, unit, work)?, work, extract)
    })
}

/// Returns the bytes of a dump whose words are of this unit, or `None` if they aren't. `counts` are
/// the possible numbers of bytes in a line.
///
/// Programs such as `xxd` show the bytes as text beside the words. If a word of such a dump is
/// damaged, the dump isn't decoded, so that the text is read.
fn bytes_of_dump(
    block: &str,
    first: &DumpLine<'_>,
    counts: &[usize],
    unit: Unit,
    work: &WorkBudget,
) -> Option<Vec<u8>> {
    let most = counts.iter().copied().max()?;
    let lines = dump_lines(block).filter(|line| !line.data.is_empty());
    let mut bytes = Vec::new();
    let mut is_short = false;
    if unit == Unit::Character {
        work.spend(block.len());
        for line in lines {
            // A sentence after the dump may look like its last line.
            if is_short {
                return None;
            }
            let before = bytes.len();
            if push_cells(line.data, &mut bytes).is_none() {
                bytes.truncate(before);
                is_short = true;
            }
        }
        return Some(bytes);
    }
    // The words up to here are bytes. Others after them are the dump's own text.
    let width = first.words().next()?.1.len();
    let mut ends = Vec::new();
    for (column, word) in first.words() {
        if bytes.len() > most || !unit.push(word, width, &mut bytes) {
            break;
        }
        ends.push((bytes.len(), column + word.len()));
    }
    let (count, end) = ends.into_iter().rev().find(|(length, _)| counts.contains(length))?;
    let has_text = !first.data[end..].trim().is_empty();
    bytes.clear();
    work.spend(block.len());
    for line in lines {
        if is_short && has_text {
            return None;
        }
        let before = bytes.len();
        for (_, word) in line.words().take_while(|(column, _)| *column < end) {
            if !unit.push(word, width, &mut bytes) && has_text {
                break;
            }
        }
        is_short = bytes.len() - before < count;
        // No program writes fewer characters than bytes.
        if bytes.len() > block.len() {
            return None;
        }
    }
    Some(bytes)
}

/// Adds the bytes of a line of `od -c`, `od -a` or `hexdump -c`, or returns `None` if it isn't one.
fn push_cells(data: &str, bytes: &mut Vec<u8>) -> Option<()> {
    if data.len() as u64 > MAX_BYTES_PER_LINE * CELL as u64 {
        return None;
    }
    // A shorter line has no cell.
    let cells: Vec<char> = data.chars().take_while(|_| data.len() >= CELL).collect();
    let is_cell = |cell: &[char]| {
        let first = cell.iter().position(|sign| *sign != ' ').unwrap_or(cell.len());
        cell.len() == CELL && cell[0] == ' ' && !cell[first..].contains(&' ')
    };
    if !cells.is_empty() && cells.chunks(CELL).all(is_cell) {
        for cell in cells.chunks(CELL) {
            push_cell(String::from_iter(cell).trim_start(), bytes)?;
        }
        return Some(());
    }
    // A program has changed the spaces.
    data.split_ascii_whitespace().try_for_each(|word| push_cell(word, bytes))
}

fn push_cell(cell: &str, bytes: &mut Vec<u8>) -> Option<()> {
    let byte = match cell {
        "" | "sp" => b' ',
        "\\n" | "nl" | "lf" => b'\n',
        "\\r" | "cr" => b'\r',
        "\\t" | "ht" => b'\t',
        "\\0" | "nul" => 0,
        "\\a" | "\\b" | "\\f" | "\\v" => b' ',
        // The bytes of a character after its first one.
        "**" => return Some(()),
        _ if cell.chars().count() == 1 => {
            bytes.extend_from_slice(cell.as_bytes());
            return Some(());
        }
        _ if cell.len() == 3 => match u8::from_str_radix(cell, 8) {
            Ok(byte) => byte,
            // The name of another control character.
            Err(_) => cell.bytes().all(|byte| byte.is_ascii_lowercase()).then_some(b' ')?,
        },
        _ => return None,
    };
    bytes.push(byte);
    Some(())
}

// uuencode (POSIX.1-2017, uuencode).

/// Returns a text in which the files in uuencode that contain a token are decoded.
fn decode_uuencode(text: &str, work: &WorkBudget, extract: Extract) -> Option<String> {
    memchr::memmem::find(text.as_bytes(), b"begin ")?;
    work.spend(text.len());
    let mut replaced = Replaced::new(text);
    let mut begun: Option<usize> = None;
    let mut bytes = Vec::new();
    for (at, line) in lines(text).chain([(text.len(), "")]) {
        let (Some(from), written) = (begun, unquote_uuencode(line)) else {
            begun = is_header(line).then_some(at);
            bytes.clear();
            continue;
        };
        if at < text.len() && push_uuencoded(written, &mut bytes) {
            continue;
        }
        let to = if written == "end" { at + line.len() } else { at };
        if let Some(decoded) = decode_text_with_token(&bytes, work, extract) {
            replaced.replace(from, to, &decoded);
        }
        begun = is_header(line).then_some(at);
        bytes.clear();
    }
    replaced.finish()
}

/// Returns whether a line begins a file in uuencode, with its mode.
fn is_header(line: &str) -> bool {
    let mut words = unquote(line).split_ascii_whitespace();
    let is_mode = |word: &str| {
        (3..=4).contains(&word.len()) && word.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
    };
    words.next() == Some("begin") && words.next().is_some_and(is_mode)
}

/// Returns a line without its end and the quotation marks of a mail. A line of uuencode may begin
/// with the same character, but no space follows it then, unless it is a short last line.
fn unquote_uuencode(line: &str) -> &str {
    let line = line.trim_end_matches(['\r', '\n']);
    line.strip_prefix("> ").unwrap_or(line)
}

/// Adds the bytes of a line. Nothing is added if it isn't such a line, which returns `false`.
fn push_uuencoded(line: &str, bytes: &mut Vec<u8>) -> bool {
    let value = |byte: u8| matches!(byte, b' '..=b'`').then(|| (byte - b' ') & 63);
    let Some((&first, signs)) = line.as_bytes().split_first() else { return false };
    let Some(count) = value(first).map(usize::from).filter(|count| *count > 0) else {
        // The last line is empty.
        return false;
    };
    let length = 4 * count.div_ceil(3);
    // Some programs add a check at the end of a line.
    if !(length.saturating_sub(MAX_LOST)..=length + 1).contains(&signs.len()) {
        return false;
    }
    let padded = signs.iter().copied().chain([b' '; MAX_LOST]).take(length);
    let Some(values) = padded.map(value).collect::<Option<Vec<u8>>>() else { return false };
    let groups = values.as_chunks::<4>().0.iter();
    let decoded = groups.flat_map(|[a, b, c, d]| [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
    bytes.extend(decoded.take(count));
    true
}

// Numbers alone.

/// How the numbers of a list are written.
#[derive(Clone, Copy)]
enum List {
    /// `0x4c`, `0xa`.
    Prefixed,
    /// All bytes as one number, as in SQL: `0x4c4b`, `\x4c4b`.
    Number,
    /// `4c4b`, in groups of the same length, except for the last one.
    Hexadecimal,
    /// Words of two bytes, the second one first.
    HexadecimalWords,
    /// `01001100`, or several of them without a space, or `0b01001100`.
    Binary,
    /// `114`, or `12` and `0114` as after a backslash in a string, or `0o114`.
    Octal,
    Decimal,
}

impl List {
    const ALL: [Self; 7] = [
        Self::Prefixed,
        Self::Number,
        Self::Hexadecimal,
        Self::HexadecimalWords,
        Self::Binary,
        Self::Octal,
        Self::Decimal,
    ];

    /// How many bytes [`List::push`] adds at most for a word; 0 if it isn't such a word.
    fn most_bytes(self, word: &[u8]) -> usize {
        let length = word.len();
        match self {
            Self::Prefixed => usize::from(word.starts_with(b"0x") || word.starts_with(b"0X")),
            Self::Number if length > 2 * LONG_ENOUGH => length / 2,
            Self::Hexadecimal if length.is_multiple_of(2) => length / 2,
            Self::HexadecimalWords if length == 4 => 2,
            Self::Binary => length / 8,
            // Four digits with a prefix.
            Self::Octal => usize::from(length <= 6),
            Self::Decimal => usize::from(length <= 3),
            _ => 0,
        }
    }

    fn push(self, word: &str, bytes: &mut Vec<u8>) -> bool {
        let byte = |radix: u32| u8::from_str_radix(word, radix).ok();
        let prefixed = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
        let byte = match self {
            Self::Prefixed => {
                let digits = prefixed.filter(|digits| digits.len() <= 2);
                digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            Self::Number => {
                let digits = word.strip_prefix(['x', 'X']).unwrap_or(word);
                return word.len() > 2 * LONG_ENOUGH && push_hexadecimal(digits, bytes);
            }
            Self::Hexadecimal => return push_hexadecimal(word, bytes),
            Self::HexadecimalWords => return Unit::HexadecimalWord.push(word, 4, bytes),
            Self::Binary => {
                let digits = word.strip_prefix("0b").or_else(|| word.strip_prefix("0B"));
                return push_binary(digits.unwrap_or(word), bytes);
            }
            Self::Octal => {
                let digits = word.strip_prefix("0o").or_else(|| word.strip_prefix("0O"));
                let digits = digits.unwrap_or(word);
                (digits.len() <= 4).then(|| u8::from_str_radix(digits, 8).ok()).flatten()
            }
            Self::Decimal if word.len() <= 3 => byte(10),
            _ => None,
        };
        bytes.extend(byte);
        byte.is_some()
    }
}

/// What the words of a list allow.
#[derive(Default)]
struct WordCounts {
    /// The digits of all words.
    digits: usize,
    /// For each form, the most bytes that the last words are, and that successive words are.
    bytes: [(usize, usize); List::ALL.len()],
}

impl WordCounts {
    fn add(&mut self, word: &[u8]) {
        self.digits += word.len();
        for (list, (last, most)) in List::ALL.into_iter().zip(&mut self.bytes) {
            *last = match list.most_bytes(word) {
                0 => 0,
                bytes => *last + bytes,
            };
            *most = (*most).max(*last);
        }
    }

    /// The forms in which enough words follow each other for the bytes of a token.
    fn possible(&self) -> impl Iterator<Item = List> {
        let long_enough = self.bytes.iter().map(|(_, most)| *most >= LONG_ENOUGH);
        List::ALL.into_iter().zip(long_enough).filter_map(|(list, is)| is.then_some(list))
    }
}

/// Returns a text in which the numbers that are the bytes of a token are decoded.
fn decode_numbers(text: &str, work: &WorkBudget, extract: Extract) -> Option<String> {
    let mut replaced = Replaced::new(text);
    let (mut from, mut to, mut counts) = (0, 0, WordCounts::default());
    // How the numbers before this place were written that have begun a token.
    let begun: Cell<Option<List>> = Cell::new(None);
    let mut finish = |from: usize, to: usize, counts: &mut WordCounts| {
        let counts = std::mem::take(counts);
        // Each byte has at least one digit, and nearly all have two.
        if counts.digits >= LONG_ENOUGH
            && let Some((list, decoded)) = decode_list(&text[from..to], &counts, work, extract)
        {
            replaced.replace(from, to, &decoded);
            begun.set(Some(list));
        } else if counts.digits >= LONG_ENOUGH_TO_CONTINUE
            && let Some(list) = begun.get()
            && let Some(decoded) = decode_further_numbers(&text[from..to], list, work)
        {
            replaced.replace(from, to, &decoded);
        }
    };
    let bytes = text.as_bytes();
    let mut at = 0;
    // Up to here, every byte may be part of a list.
    let mut possible = 0;
    while let Some(&byte) = bytes.get(at) {
        if counts.digits == 0 && at >= possible {
            // Nearly every word of a text has another letter, so that few bytes of it are read.
            let least = begun.get().map_or(LONG_ENOUGH, |_| LONG_ENOUGH_TO_CONTINUE);
            let Some(next) = next_stretch(bytes, at, least, may_be_listed) else { break };
            possible = next + least;
            if next > at {
                // The word with the byte before isn't a number.
                at = next - 1;
                continue;
            }
        }
        if is_between(byte) {
            at += 1;
        } else if let Some(length) = number_len(&bytes[at..]) {
            from = if counts.digits == 0 { at } else { from };
            counts.add(&bytes[at..at + length]);
            at += length;
            to = at;
        } else {
            finish(from, to, &mut counts);
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            // What is neither a word nor between numbers, such as letters that aren't ASCII.
            at += bytes[at..]
                .iter()
                .take_while(|byte| !byte.is_ascii_alphanumeric() && !is_between(**byte))
                .count();
        }
    }
    finish(from, to, &mut counts);
    replaced.finish()
}

/// Returns whether a sign may be between two numbers of a list.
const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, b',' | b';' | b':' | b'-' | b'>' | b'$' | b'\\' | b'"' | b'\'')
}

/// Returns whether a list of numbers may have this byte.
const fn may_be_listed(byte: u8) -> bool {
    is_between(byte) || byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'o' | b'O')
}

/// Returns the length of the word that a text begins with if it may be a number of a list.
fn number_len(text: &[u8]) -> Option<usize> {
    let prefix = match text {
        [b'0', b'x' | b'X' | b'o' | b'O', ..] => 2,
        [b'x' | b'X', ..] => 1,
        _ => 0,
    };
    let digits = text[prefix..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let length = prefix + digits;
    let is_word = !text.get(length).is_some_and(u8::is_ascii_alphanumeric);
    (digits > 0 && is_word).then_some(length)
}

/// Splits a list into its words. It is faster by bytes than by characters.
fn words_of(run: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &run.as_bytes()[at..];
        let start = at + rest.iter().position(u8::is_ascii_alphanumeric)?;
        let word = &run.as_bytes()[start..];
        let length = word.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        at = start + length;
        run.get(start..at)
    })
}

/// Decodes numbers in the first way that shows a token. Numbers of another form between them, such
/// as a date in front of them, end a list.
fn decode_list(
    run: &str,
    counts: &WordCounts,
    work: &WorkBudget,
    extract: Extract,
) -> Option<(List, String)> {
    counts.possible().find_map(|list| {
        work.spend(run.len());
        let mut decoded = String::new();
        let mut bytes = Vec::new();
        let mut finish = |bytes: &mut Vec<u8>| {
            if let Some(text) = decode_text_with_token(bytes, work, extract) {
                decoded.push_str(&text);
                decoded.push('\n');
            }
            bytes.clear();
        };
        let mut words = words_of(run).peekable();
        // The length of the groups, where all have the same one.
        let mut width = 0;
        while let Some(word) = words.next() {
            let is_grouped = matches!(list, List::Hexadecimal) && !bytes.is_empty();
            let is_last = words.peek().is_none_or(|next| next.len() != word.len());
            if is_grouped && (word.len() > width || word.len() < width && !is_last) {
                finish(&mut bytes);
            }
            let is_shorter = is_grouped && !bytes.is_empty() && word.len() < width;
            width = word.len();
            if !list.push(word, &mut bytes) || is_shorter {
                finish(&mut bytes);
            }
        }
        finish(&mut bytes);
        (!decoded.is_empty()).then_some((list, decoded))
    })
}

/// Decodes numbers that are written as those of a token before them, if they are nothing but the
/// characters of a token, of its sheet, or of a quoted one.
fn decode_further_numbers(run: &str, list: List, work: &WorkBudget) -> Option<String> {
    work.spend(run.len());
    let mut bytes = Vec::new();
    if !words_of(run).all(|word| list.push(word, &mut bytes)) {
        return None;
    }
    // In UTF-16, every second byte is zero.
    bytes.retain(|byte| *byte != 0);
    let text = String::from_utf8(bytes).ok()?;
    let is_part =
        |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, ' ' | '\r' | '\n' | '>');
    text.chars().all(is_part).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::extract_from_dump;
    use super::*;
    use crate::tests::sample;
    use crate::{TextError, scan};

    /// A name, and a function that shows bytes.
    type Dump = (&'static str, fn(&[u8]) -> String);

    /// Returns lines of 16 bytes, each with its offset.
    fn lines_of(bytes: &[u8], line: impl Fn(usize, &[u8]) -> String) -> String {
        bytes.chunks(16).enumerate().map(|(at, row)| line(16 * at, row)).collect()
    }

    fn shown(row: &[u8]) -> String {
        let sign = |byte: &u8| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' };
        row.iter().map(sign).collect()
    }

    fn words(row: &[u8], separator: &str, word: impl Fn(&[u8]) -> String) -> String {
        row.chunks(2).map(word).collect::<Vec<_>>().join(separator)
    }

    fn number(word: &[u8]) -> u16 {
        u16::from_le_bytes([word[0], word.get(1).copied().unwrap_or(0)])
    }

    fn each(row: &[u8], separator: &str, byte: impl Fn(u8) -> String) -> String {
        row.iter().map(|&one| byte(one)).collect::<Vec<_>>().join(separator)
    }

    fn cell(byte: u8) -> String {
        match byte {
            b'\n' => "  \\n".to_owned(),
            b'\r' => "  \\r".to_owned(),
            b' '..=b'~' => format!("   {}", char::from(byte)),
            _ => format!(" {byte:03o}"),
        }
    }

    fn xxd(bytes: &[u8]) -> String {
        lines_of(bytes, |at, row| {
            let pairs = words(row, " ", |word| each(word, "", |byte| format!("{byte:02x}")));
            format!("{at:08x}: {pairs:<39}  {}\n", shown(row))
        })
    }

    fn canonical(bytes: &[u8]) -> String {
        let lines = lines_of(bytes, |at, row| {
            let halves: Vec<_> =
                row.chunks(8).map(|half| each(half, " ", |byte| format!("{byte:02x}"))).collect();
            format!("{at:08x}  {:<48}  |{}|\n", halves.join("  "), shown(row))
        });
        format!("{lines}{:08x}\n", bytes.len())
    }

    fn bytes_alone(bytes: &[u8]) -> String {
        lines_of(bytes, |at, row| {
            format!("{at:08x}: {}\n", each(row, " ", |byte| format!("{byte:02x}")))
        })
    }

    fn words_alone(bytes: &[u8]) -> String {
        lines_of(bytes, |at, row| {
            format!("{at:07x} {}\n", words(row, " ", |word| format!("{:04x}", number(word))))
        })
    }

    fn uuencode(bytes: &[u8]) -> String {
        let sign = |value: u8| if value == 0 { '`' } else { char::from(b' ' + value) };
        let mut text = "begin 644 token.txt\n".to_owned();
        for line in bytes.chunks(45) {
            text.push(sign(line.len() as u8));
            for group in line.chunks(3) {
                let [a, b, c] = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
                let values = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
                text.extend(values.map(sign));
            }
            text.push('\n');
        }
        text + "`\nend\n"
    }

    /// A value as the registry editor of Windows exports it.
    fn registry_key(form: &str, bytes: &[u8]) -> String {
        let mut text = format!(
            "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Acme]\r\n\"Token\"={form}"
        );
        for (at, row) in bytes.chunks(25).enumerate() {
            text.push_str(if at == 0 { "" } else { ",\\\r\n  " });
            text.push_str(&each(row, ",", |byte| format!("{byte:02x}")));
        }
        text + "\r\n\r\n"
    }

    const DUMPS: &[Dump] = &[
        ("xxd", xxd),
        ("hexdump -C", canonical),
        ("hexdump", |bytes| {
            let lines = lines_of(bytes, |at, row| {
                format!("{at:07x} {}\n", words(row, " ", |word| format!("{:04x}", number(word))))
            });
            format!("{lines}{:07x}\n", bytes.len())
        }),
        ("hexdump -x", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:07x}{}\n", words(row, "", |word| format!("    {:04x}", number(word))))
            })
        }),
        ("od", |bytes| {
            let lines = lines_of(bytes, |at, row| {
                format!("{at:07o} {}\n", words(row, " ", |word| format!("{:06o}", number(word))))
            });
            format!("{lines}{:07o}\n", bytes.len())
        }),
        ("od -x", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:07o} {}\n", words(row, " ", |word| format!("{:04x}", number(word))))
            })
        }),
        ("od -d", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:07o} {}\n", words(row, " ", |word| format!("{:5}", number(word))))
            })
        }),
        ("od -D", |bytes| {
            lines_of(bytes, |at, row| {
                let numbers = row.chunks(4).map(|word| {
                    let four = [0, 1, 2, 3].map(|at| word.get(at).copied().unwrap_or(0));
                    format!(" {:10}", u32::from_le_bytes(four))
                });
                format!("{at:07o}{}\n", numbers.collect::<String>())
            })
        }),
        ("od -b", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:07o} {}\n", each(row, " ", |byte| format!("{byte:03o}")))
            })
        }),
        ("od -c", |bytes| {
            let lines = lines_of(bytes, |at, row| format!("{at:07o}{}\n", each(row, "", cell)));
            format!("{lines}{:07o}\n", bytes.len())
        }),
        ("od -c with other spaces", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:07o} {}\n", each(row, " ", |byte| cell(byte).trim().to_owned()))
            })
        }),
        ("od -A x -t u1", |bytes| {
            lines_of(bytes, |at, row| {
                format!("{at:06x} {}\n", each(row, " ", |byte| format!("{byte:3}")))
            })
        }),
        ("od -A d -t x1z", |bytes| {
            lines_of(bytes, |at, row| {
                let bytes = each(row, " ", |byte| format!("{byte:02x}"));
                format!("{at:07} {bytes:<47}  >{}<\n", shown(row))
            })
        }),
        ("od -A n -t x1", |bytes| {
            lines_of(bytes, |_, row| format!(" {}\n", each(row, " ", |byte| format!("{byte:02x}"))))
        }),
        ("xxd -b", |bytes| {
            let rows = bytes.chunks(6).enumerate();
            let line = |(at, row): (usize, &[u8])| {
                let bits = each(row, " ", |byte| format!("{byte:08b}"));
                format!("{:08x}: {bits:<53}  {}\n", 6 * at, shown(row))
            };
            rows.map(line).collect()
        }),
        ("xxd -p", |bytes| {
            let lines = bytes.chunks(30).map(|row| each(row, "", |byte| format!("{byte:02x}")));
            lines.collect::<Vec<_>>().join("\n")
        }),
        ("digits on one line", |bytes| each(bytes, "", |byte| format!("{byte:02X}"))),
        ("digits for SQL", |bytes| {
            format!("VALUES (0x{})", each(bytes, "", |byte| format!("{byte:02X}")))
        }),
        ("digits for PostgreSQL", |bytes| {
            format!("  \\x{}\n(1 row)", each(bytes, "", |byte| format!("{byte:02x}")))
        }),
        ("PowerShell 5", |bytes| {
            let head = "           Path: C:\\token.txt\n\n           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\n";
            head.to_owned()
                + &lines_of(bytes, |at, row| {
                    let bytes = each(row, " ", |byte| format!("{byte:02X}"));
                    format!("{at:08X}   {bytes:<47}  {}\n", shown(row))
                })
        }),
        ("PowerShell 7", |bytes| {
            let head = "   Label: C:\\token.txt\n\n          Offset Bytes                                           Ascii\n                 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n          ------ ----------------------------------------------- -----\n";
            head.to_owned()
                + &lines_of(bytes, |at, row| {
                    let bytes = each(row, " ", |byte| format!("{byte:02X}"));
                    format!("{at:016X} {bytes:<47} {}\n", shown(row))
                })
        }),
        ("gdb", |bytes| {
            let rows = bytes.chunks(8).enumerate();
            let line = |(at, row): (usize, &[u8])| {
                let bytes = each(row, "\t", |byte| format!("0x{byte:02x}"));
                format!("0x{:x}:\t{bytes}\n", 0x5555_5555_92a0 + 8 * at)
            };
            rows.map(line).collect()
        }),
        ("an array in C", |bytes| {
            let lines = bytes.chunks(12).map(|row| each(row, ", ", |byte| format!("0x{byte:02x}")));
            let lines = lines.collect::<Vec<_>>().join(",\n  ");
            format!(
                "unsigned char token_txt[] = {{\n  {lines}\n}};\nunsigned int token_txt_len = 3;\n"
            )
        }),
        ("an array without zeros", |bytes| {
            format!("{{{}}}", each(bytes, ",", |byte| format!("0x{byte:x}")))
        }),
        ("a decimal array", |bytes| format!("[{}]", each(bytes, ", ", |byte| byte.to_string()))),
        ("decimal numbers, a line each", |bytes| each(bytes, "\r\n", |byte| byte.to_string())),
        ("with dashes", |bytes| each(bytes, "-", |byte| format!("{byte:02X}"))),
        ("with colons", |bytes| each(bytes, ":", |byte| format!("{byte:02x}"))),
        ("an exported registry key", |bytes| registry_key("hex:", bytes)),
        ("an exported registry key with several texts", |bytes| {
            let wide = bytes.iter().flat_map(|&byte| [byte, 0]).chain([0; 4]);
            registry_key("hex(7):", &wide.collect::<Vec<_>>())
        }),
        ("octal escapes", |bytes| {
            format!("printf '{}'", each(bytes, "", |byte| format!("\\{byte:03o}")))
        }),
        ("octal escapes of four digits", |bytes| {
            format!("printf %b '{}'", each(bytes, "", |byte| format!("\\0{byte:03o}")))
        }),
        ("octal escapes in several strings of C", |bytes| {
            let strings = bytes
                .chunks(16)
                .map(|row| format!("  \"{}\"\n", each(row, "", |byte| format!("\\{byte:o}"))));
            format!("static const char token[] =\n{};\n", strings.collect::<String>())
        }),
        ("octal numbers in Python", |bytes| {
            format!("[{}]", each(bytes, ", ", |byte| format!("0o{byte:o}")))
        }),
        ("binary digits", |bytes| each(bytes, " ", |byte| format!("{byte:08b}"))),
        ("binary digits without spaces", |bytes| each(bytes, "", |byte| format!("{byte:08b}"))),
        ("binary digits, a line each", |bytes| each(bytes, "\n", |byte| format!("{byte:08b}"))),
        ("binary numbers in Python", |bytes| {
            format!("[{}]", each(bytes, ", ", |byte| format!("0b{byte:08b}")))
        }),
        ("hexadecimal numbers in quotes", |bytes| {
            format!("[\"{}\"]", each(bytes, "\", \"", |byte| format!("{byte:02X}")))
        }),
        ("uuencode", uuencode),
    ];

    #[test]
    fn a_token_in_a_dump_is_read_once() {
        for which in 0..8 {
            let token = sample(which);
            for (name, dump) in DUMPS {
                for written in [
                    format!("{token}\n"),
                    format!("{token}\r\n"),
                    format!("{token}\nx"),
                    token.clone(),
                    format!("Dear Ann, here it is:\r\n\r\n{token}\r\n\r\nKind regards"),
                ] {
                    let dumped = dump(written.as_bytes());
                    let quoted =
                        dumped.lines().map(|line| format!("> {line}\n")).collect::<String>();
                    for text in [
                        dumped.clone(),
                        format!("Here is the file as of 3 Feb 2027:\n\n{dumped}\n\nKim\n"),
                        quoted,
                    ] {
                        crate::tests::assert_read(name, &text, &token);
                    }
                }
            }
        }
    }

    #[test]
    fn a_dump_in_a_mail_or_a_page_and_of_a_mail_is_read() {
        let token = sample(1);
        let mail = |body: &str| {
            format!(
                "Subject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{}\n",
                data_encoding::BASE64_MIME.encode(body.as_bytes())
            )
        };
        let escape =
            |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for (name, dump) in DUMPS {
            let dumped = dump(token.as_bytes());
            crate::tests::assert_read(name, &mail(&dumped), &token);
            crate::tests::assert_read(name, &dump(mail(&token).as_bytes()), &token);
            crate::tests::assert_read(name, &dump(format!("<p>{token}</p>").as_bytes()), &token);
            let page = format!("<html><body><pre>{}</pre></body></html>", escape(&dumped));
            crate::tests::assert_read(name, &page, &token);
        }
        let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for dump in [xxd, canonical, uuencode] {
            crate::tests::assert_read("UTF-16", &dump(&wide), &token);
        }
    }

    #[test]
    fn the_last_line_of_a_dump_with_characters_counts_however_short_it_is() {
        let token = sample(1);
        let (_, dump) = DUMPS.iter().find(|(name, _)| *name == "od -c").unwrap();
        for before in 0..16 {
            let text = format!("{}{token}", "-".repeat(before));
            crate::tests::assert_read("od -c", &dump(text.as_bytes()), &token);
        }
    }

    #[test]
    fn the_text_beside_the_bytes_is_not_read_as_a_second_copy() {
        // One byte was changed in its number but not in the text beside it, and another is missing.
        let token = sample(1);
        for dump in [xxd, canonical] {
            let text = dump(token.as_bytes());
            let read = decode(&text, &WorkBudget::for_text(&text), extract_from_dump).unwrap();
            assert_eq!(read.matches("LKFSH").count(), 1, "{read}");
            assert_eq!(read.trim(), token);
        }
    }

    #[test]
    fn a_token_is_read_from_the_text_beside_damaged_bytes() {
        for which in 0..8 {
            let token = sample(which);
            for dump in [xxd, canonical] {
                let text = dump(token.as_bytes());
                for line in 0..text.lines().count().min(12) {
                    for digit in [11, 15, 20, 30] {
                        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
                        let last = lines[line].len();
                        if last < 60 || lines[line].as_bytes()[digit] == b' ' {
                            continue;
                        }
                        lines[line].replace_range(digit..=digit, "O");
                        crate::tests::assert_read("another digit", &lines.join("\n"), &token);
                        lines[line].remove(digit);
                        crate::tests::assert_read("no digit", &lines.join("\n"), &token);
                    }
                }
            }
        }
    }

    #[test]
    fn a_sentence_that_looks_like_a_line_of_a_dump_is_not_part_of_it() {
        for which in [0, 1] {
            let token = sample(which);
            for (name, dump) in DUMPS {
                let dumped = dump(token.as_bytes());
                let dumped = dumped.trim_end();
                for sentence in [
                    "Added below is the dump:",
                    "Added by Kim",
                    "2027 was the year",
                    "dead link, therefore a dump",
                    "20271128 4711",
                ] {
                    for text in [
                        format!("{sentence}\n{dumped}\n"),
                        format!("{sentence}\n\n{dumped}\n"),
                        format!("{dumped}\n{sentence}\n"),
                        format!("{dumped}\n\n{sentence}\n"),
                    ] {
                        crate::tests::assert_read(name, &text, &token);
                    }
                }
            }
        }
    }

    #[test]
    fn a_sentence_with_the_next_offset_does_not_make_characters_unreadable() {
        let token = sample(1);
        let (_, dump) = DUMPS.iter().find(|(name, _)| *name == "od -c").unwrap();
        let dumped = dump(token.as_bytes());
        let text = format!("{dumped}{:07o} sheets were printed\n", token.len() + 1);
        crate::tests::assert_read("od -c", &text, &token);
    }

    #[test]
    fn a_dump_in_several_pieces_is_read_as_one() {
        for which in 0..8 {
            let token = sample(which);
            for (name, dump) in DUMPS.iter().filter(|(name, _)| *name != "uuencode") {
                let dumped = dump(format!("{token}\n").as_bytes());
                let lines: Vec<_> = dumped.split_inclusive('\n').collect();
                // The first piece is long enough to be recognised.
                let at = 3 * lines.len() / 4;
                if lines.len() < 8 {
                    continue;
                }
                for between in [
                    "```\n\nand the rest:\n\n```\n",
                    "\nKim wrote on 3 Feb 2027 at 12:40:01:\n> Part 2, the end\n",
                    "Added by Kim\n2027 was the year\n",
                ] {
                    let pieces = [&lines[..at], &lines[at..]].map(|piece| piece.concat());
                    let text = format!("Part 1\n{}\n{between}{}", pieces[0], pieces[1]);
                    crate::tests::assert_read(name, &text, &token);
                }
            }
        }
    }

    #[test]
    fn two_dumps_between_whose_lines_are_others_are_two_tokens() {
        let tokens = [sample(0), sample(1)];
        let [first, second] = tokens.each_ref().map(|token| canonical(token.as_bytes()));
        let (start, end) = first.split_at(first.len() / 79 * 79 / 2);
        let (start, end) = match start.rfind('\n') {
            Some(line) => (&start[..=line], format!("{}{end}", &start[line + 1..])),
            None => (start, end.to_owned()),
        };
        let text = format!("{start}\nMeanwhile:\n\n{second}\nand now the rest:\n\n{end}");
        let found = scan(&text).unwrap();
        let read = found.iter().map(|found| found.token.as_ref().unwrap().to_string());
        assert_eq!(read.collect::<Vec<_>>(), tokens);
    }

    #[test]
    fn a_dump_whose_lines_begin_with_other_words_is_read() {
        let time =
            |line: usize| format!("2027-02-03 12:40:{:02}.{:04}", line / 7, 1_000 + line * 9);
        type Prefix<'t> = &'t dyn Fn(usize) -> String;
        let prefixes: &[Prefix<'_>] = &[
            &|line| format!("{} INFO  ", time(line)),
            &|line| format!("Feb  3 12:40:{line:02} host app[4711]: "),
            &|line| format!("[{:9.3}] app: ", line as f64 / 7.0),
            &|line| format!("{line:6}\t"),
            &|line| format!("{line}:"),
            &|line| format!("log.txt:{line}:"),
            &|line| format!("{} app | ", time(line)),
            // What looks like an offset itself.
            &|_| "> 1732809600 ".to_owned(),
            &|line| format!("{} ", 1_732_809_600 + line / 3),
            &|line| format!("{:06} {:04} ", 93_012 + line, 4_711),
            &|line| format!("20270203 host app[4711]: {} ", 1_732_809_600 + line),
            &|line| format!("20270203 12:40:{:02} app: ", line / 7),
            &|line| format!("{:6}\t", 1_000 + line),
            &|_| "4711 ".to_owned(),
            &|_| "7f3a2c001700 app: ".to_owned(),
            // What looks like an offset only in later lines.
            &|line| format!("{:6}\t", 990 + line),
        ];
        for which in 0..8 {
            let token = sample(which);
            // The first two have the text beside the bytes as well.
            for dump in [xxd, canonical, bytes_alone, words_alone] {
                for (number, prefix) in prefixes.iter().enumerate() {
                    let dumped = dump(format!("{token}\n").as_bytes());
                    let lines = dumped.lines().enumerate();
                    let text = lines.map(|(at, line)| format!("{}{line}\n", prefix(at)));
                    let text: String = text.collect();
                    crate::tests::assert_read(&number.to_string(), &text, &token);
                    // Lines of other programs are between.
                    let busy = text.replace('\n', "\n2027-02-03 12:41:00 WARN face to face\n");
                    crate::tests::assert_read(&number.to_string(), &busy, &token);
                }
            }
        }
    }

    /// Returns whether the token and nothing else is found.
    fn is_read(text: &str, token: &str) -> bool {
        let found = scan(text).unwrap_or_default();
        let read: Vec<_> = found.iter().map(|found| found.token.as_ref().ok()).collect();
        matches!(&read[..], [Some(read)] if read.to_string() == token)
    }

    /// What a debugger shows of memory, or the end of a dump whose beginning is missing.
    #[test]
    fn a_dump_that_does_not_begin_at_zero_is_read_after_other_words() {
        const START: usize = 0x7ffe_1234_1110;
        let address = |at: usize| START + at;
        let bytes = |row: &[u8], before: &str| each(row, " ", |byte| format!("{before}{byte:02x}"));
        type Line<'t> = &'t dyn Fn(usize, &[u8]) -> String;
        let lines: [Line<'_>; 7] = [
            &|at, row| format!("{:x}: {}", address(at), bytes(row, "")),
            &|at, row| format!("{:016x}  {}  |{}|", address(at), bytes(row, ""), shown(row)),
            &|at, row| format!("0x{:x}:\t{}", address(at), bytes(row, "0x")),
            &|at, row| format!("0x{:x} <buffer+{at}>:\t{}", address(at), bytes(row, "0x")),
            &|at, row| {
                let pairs = words(row, " ", |word| each(word, "", |byte| format!("{byte:02x}")));
                format!("{:x} {pairs}", address(at))
            },
            &|at, row| {
                format!(
                    "{:x} {}",
                    address(at),
                    words(row, " ", |word| format!("{:04x}", number(word)))
                )
            },
            &|at, row| {
                let long = |word: &[u8]| u32::from_le_bytes(word.try_into().unwrap());
                let longs = row.chunks(4).map(|word| format!("{:08x}", long(word)));
                format!("{:x} {}", address(at), longs.collect::<Vec<_>>().join(" "))
            },
        ];
        type Prefix<'t> = &'t dyn Fn(usize) -> String;
        let prefixes: [Prefix<'_>; 9] = [
            &|_| String::new(),
            &|line| format!("2027-02-03 12:40:{:02} app: ", line / 7),
            &|line| format!("Feb  3 12:40:{line:02} host app[4711]: "),
            &|line| format!("{line:6}\t"),
            // What looks like an offset itself.
            &|_| "4711 ".to_owned(),
            &|line| format!("{} ", 1_732_809_600 + line / 3),
            &|line| format!("{} 4711 app: ", 1_732_809_600 + line),
            &|line| format!("{:6}\t", 1_000 + line),
            &|line| format!("{:6}\t", 990 + line),
        ];
        let mut wrong = Vec::new();
        for which in [0, 1, 5] {
            let token = sample(which);
            // What is before the token decides where its lines end.
            for before in ["", "\n", "-- ", "> > > > "] {
                let text = format!("{before}{token}\n\n\n\n\n\n\n");
                // The last word of a dump of memory is complete.
                let text = &text.as_bytes()[..text.len() / 8 * 8];
                for (form, line) in lines.iter().enumerate() {
                    for (number, prefix) in prefixes.iter().enumerate() {
                        let dumped = lines_of(text, |at, row| {
                            format!("{}{}\n", prefix(at / 16), line(at, row))
                        });
                        if !is_read(&dumped, &token) {
                            wrong.push(format!("{form} {number} {which} {before:?}"));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn numbered_lines_after_a_dump_are_no_part_of_it() {
        let token = sample(1);
        let mut wrong = Vec::new();
        for (name, dump) in DUMPS {
            for before in [0, 700, 830, 990] {
                let text = format!("{}\n{token}\n", "-".repeat(before));
                let dumped = dump(text.as_bytes());
                // Numbers that are the next offsets.
                let next = text.len().next_multiple_of(16);
                for first in [next.to_string(), format!("{next:04x}"), format!("{next:04o}")] {
                    let number: usize = first.parse().unwrap_or(next);
                    for words in ["face to face", "4711 sheets", "beef", "be af 47 11"] {
                        let text = format!(
                            "{dumped}\n{first} {words}\n{} {words}\n{} {words}\n",
                            number + 1,
                            number + 16
                        );
                        if !is_read(&text, &token) {
                            wrong.push(format!("{name} {before} {first} {words}"));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    proptest::proptest! {
        #[test]
        fn no_word_has_more_bytes_than_are_expected_of_it(word in "(0[xXoObB])?[0-9a-fxX]{1,300}") {
            for list in List::ALL {
                let mut bytes = Vec::new();
                if list.push(&word, &mut bytes) {
                    proptest::prop_assert!(bytes.len() <= list.most_bytes(word.as_bytes()));
                }
            }
        }

        #[test]
        fn no_short_word_has_more_bytes_than_are_expected_of_it(word in "(0[xXoObB])?[01]{1,34}") {
            for list in List::ALL {
                let mut bytes = Vec::new();
                if list.push(&word, &mut bytes) {
                    proptest::prop_assert!(bytes.len() <= list.most_bytes(word.as_bytes()));
                }
            }
        }
    }

    #[test]
    fn two_dumps_in_succession_are_two_tokens() {
        let tokens = [sample(0), sample(1)];
        let text = tokens.each_ref().map(|token| canonical(token.as_bytes())).concat();
        let read = decode(&text, &WorkBudget::for_text(&text), extract_from_dump).unwrap();
        assert_eq!(
            read.split_whitespace().collect::<Vec<_>>(),
            tokens.join(" ").split_whitespace().collect::<Vec<_>>()
        );
    }

    #[test]
    fn numbers_are_not_turned_into_more_bytes_than_they_have_digits() {
        let text: String =
            (0..20).map(|line| format!("{:04x}{}\n", 256 * line, " 0".repeat(32))).collect();
        let work = WorkBudget::for_text(&text);
        let first = text.lines().find_map(DumpLine::parse).unwrap();
        assert_eq!(bytes_of_dump(&text, &first, &[256], Unit::Decimal(8), &work), None);
    }

    #[test]
    fn a_line_that_is_not_uuencode_leaves_nothing() {
        let token = sample(1);
        let text = uuencode(token.as_bytes());
        let mut lines: Vec<_> = text.lines().collect();
        // The third line has a sign that doesn't occur in uuencode.
        let broken = lines[3].replacen(|sign: char| sign.is_ascii_alphabetic(), "~", 1);
        lines[3] = &broken;
        let text = lines.join("\n");
        let read = decode(&text, &WorkBudget::for_text(&text), extract_from_dump);
        assert!(
            read.is_none_or(|read| read.trim_start().starts_with(&token[..90])
                && !read.contains(&token[90..92]))
        );
        let mut bytes = Vec::new();
        assert!(!push_uuencoded(&broken, &mut bytes));
        assert_eq!(bytes, [] as [u8; 0]);
    }

    #[test]
    fn numbers_without_a_token_are_unchanged() {
        let mut list = String::new();
        for number in 0..400 {
            write!(list, "{number}, ").unwrap();
        }
        let prose = "Nothing to see here, only a long text about the weather. ".repeat(5);
        for (name, dump) in DUMPS {
            let text = dump(prose.as_bytes());
            assert_eq!(
                decode(&text, &WorkBudget::for_text(&text), extract_from_dump),
                None,
                "{name}"
            );
        }
        for text in [
            list.as_str(),
            "begin 644 x\nend\n",
            "begin at 10",
            "00000000: 4c4b\n00000002: 5245\n",
            "dead beef",
        ] {
            assert_eq!(
                decode(text, &WorkBudget::for_text(text), extract_from_dump),
                None,
                "{text}"
            );
        }
        assert_eq!(scan("00000000: 4c4b\n"), Err(TextError::NoneFound));
    }

    #[test]
    fn no_dump_is_longer_than_its_steps() {
        for text in [
            "0 ".repeat(50_000),
            "00 ".repeat(50_000),
            "begin 644 x\n".repeat(20_000),
            "begin 644 x\n#0V%T\n".repeat(20_000),
            "00000000: 00\n00000001: 00\n\n".repeat(5_000),
            format!("0000 {}\n", "00 ".repeat(50_000)).repeat(2),
            "0000\n".repeat(50_000),
        ] {
            let work = WorkBudget::for_text(&text);
            decode(&text, &work, extract_from_dump);
            let steps = work.done() / text.len() as u64;
            assert!(steps <= 24, "{steps} steps a byte: {}", &text[..30]);
        }
    }
}
