//! The symbols of a text in order. Everything that mail programs, typewriters and text recognition
//! insert between them is dropped, and characters that look like a symbol become that symbol. The
//! meaning of the symbols is decided elsewhere.

use super::beginnings::beginning_at;
use super::normal_forms::{CharClass, NormalForms};
use super::text_error::TextError;
use super::work_budget::WorkBudget;
use crate::text::layout::{LINE_0, PREFIX, ROW, UNKNOWN};
use crate::wire::limits::MAX_TEXT_BYTES;

/// White space, a sign or a line end precedes the symbol.
const APART: u8 = 0x80;
/// The symbol is written in lower case.
const LOWER: u8 = 0x40;

/// The class of each ASCII character: a symbol's value or [`UNKNOWN`], with [`LOWER`], or
/// [`APART`].
const ASCII: [u8; 256] = {
    let mut table = [APART; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = CharClass::of_ascii(byte as u8).byte();
        byte += 1;
    }
    table
};

/// The symbols of a text.
pub(super) struct SymbolStream {
    pub(super) symbols: Vec<u8>,
    /// [`APART`] and [`LOWER`] for each symbol.
    marks: Vec<u8>,
    /// The lines with a row number, in the text's order.
    pub(super) rows: Vec<NumberedLine>,
    /// Whether there is a run of symbols that looks like the inside of a token.
    pub(super) looks_like_rows: bool,
}

/// A line with a row number before it, as on paper.
#[derive(Clone, Copy)]
pub(super) struct NumberedLine {
    pub(super) number: u16,
    /// Whether the line is certainly a row, so that its number isn't among the symbols. Otherwise
    /// the number wasn't expected there, or the groups are unusual: the line is then a row if it is
    /// as long as the token's row with this number.
    is_certain: bool,
    /// The number of its symbols.
    length: u16,
    /// The index of its first symbol.
    at: u32,
}

impl NumberedLine {
    pub(super) fn start(self) -> usize {
        self.at as usize
    }

    pub(super) fn end(self) -> usize {
        self.start() + usize::from(self.length)
    }

    /// Returns whether the line is taken for a row that has `length` symbols when it is intact.
    pub(super) fn is_row_of(self, length: usize) -> bool {
        self.is_certain || usize::from(self.length).abs_diff(length) <= 1
    }
}

impl SymbolStream {
    /// A run of at least this number of upper-case symbols isn't a word.
    const MIN_TOKEN_RUN: usize = 50;

    pub(super) fn from_text(text: &str, work: &WorkBudget) -> Result<Self, TextError> {
        work.spend(text.len());
        let mut stream = Self {
            symbols: Vec::with_capacity(text.len()),
            marks: Vec::with_capacity(text.len()),
            rows: Vec::new(),
            looks_like_rows: false,
        };
        let mut previous = None;
        let mut certain = 0;
        let mut forms = NormalForms::new();
        for line in text.lines() {
            let at = stream.symbols.len();
            let mut numbering = Numbering::default();
            if line.is_ascii() {
                for byte in line.bytes() {
                    numbering.push(CharClass::of_ascii(byte));
                    if numbering.is_ruled_out {
                        break;
                    }
                }
                stream.push_ascii(line.as_bytes());
            } else {
                // Compatibility forms are normalised: full-width letters, ligatures, letter-like
                // signs.
                let mut pushed = stream.non_ascii_line(&mut numbering);
                forms.for_each(line, work, |codes| pushed.push(codes))?;
            }
            let number = numbering.number();
            let is_certain = number.is_some() && numbering.is_certain(previous);
            let mut first = at + numbering.digits;
            if is_certain {
                stream.remove_row_number(at, numbering.digits);
                first = at;
                // Empty lines may be between two rows, and the foot of one page with the head of
                // the next.
                previous = number;
                certain += 1;
            }
            work.check()?;
            if let Some(number) = number
                && let length = stream.symbols.len() - first
                && let (Ok(at), Ok(length)) = (u32::try_from(first), u16::try_from(length))
            {
                stream.rows.push(NumberedLine { number, is_certain, length, at });
            }
        }
        stream.looks_like_rows |= certain > 1;
        Ok(stream)
    }

    /// Adds a line of ASCII, which is the most frequent case. It has no branches, because the next
    /// character of a text can't be predicted.
    fn push_ascii(&mut self, line: &[u8]) {
        const PIECE: usize = 256;
        let start = self.symbols.len();
        let mut before = APART;
        for piece in line.chunks(PIECE) {
            let (mut symbols, mut marks) = ([0; PIECE], [0; PIECE]);
            let mut count = 0;
            for &byte in piece {
                let what = ASCII[usize::from(byte)];
                symbols[count % PIECE] = what;
                marks[count % PIECE] = before;
                before = what;
                count += usize::from(what & APART == 0);
            }
            for (symbol, mark) in symbols.iter_mut().zip(&mut marks) {
                *mark = *mark & APART | *symbol & LOWER;
                *symbol &= !(APART | LOWER);
            }
            self.symbols.extend_from_slice(&symbols[..count]);
            self.marks.extend_from_slice(&marks[..count]);
        }
        self.looks_like_rows = self.looks_like_rows || self.has_token_run(start);
    }

    /// Returns whether the lines from a position on, which begins a line of ASCII, contain a run of
    /// [`Self::MIN_TOKEN_RUN`] upper-case symbols.
    fn has_token_run(&self, start: usize) -> bool {
        // Such a run fills at least two of these parts.
        const PART: usize = 16;
        let (symbols, marks) = (&self.symbols[start..], &self.marks[start..]);
        let parts = symbols.as_chunks::<PART>().0.iter().zip(marks.as_chunks::<PART>().0);
        let is_inside = |(symbols, marks): (&[u8; PART], &[u8; PART])| {
            let others = symbols.iter().zip(marks).map(|(symbol, mark)| symbol & UNKNOWN | mark);
            others.fold(0, |any, other| any | other) == 0
        };
        if !{ parts }.any(is_inside) {
            return false;
        }
        let mut run = 0;
        symbols.iter().zip(marks).any(|(&symbol, &mark)| {
            run = if mark & APART == 0 { run } else { 0 };
            run = if symbol == UNKNOWN || mark & LOWER != 0 { 0 } else { run + 1 };
            run >= Self::MIN_TOKEN_RUN
        })
    }

    /// Starts a line that isn't ASCII.
    const fn non_ascii_line<'s>(&'s mut self, numbering: &'s mut Numbering) -> NonAsciiLine<'s> {
        NonAsciiLine { stream: self, numbering, run: 0, apart: APART }
    }

    /// Removes a row number whose digits are the first symbols of its line. The symbol after it is
    /// separated.
    fn remove_row_number(&mut self, at: usize, digits: usize) {
        self.symbols.drain(at..at + digits);
        self.marks.drain(at..at + digits);
        if let Some(mark) = self.marks.get_mut(at) {
            *mark |= APART;
        }
    }

    /// Returns whether the symbol is separated from the one before it.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        self.marks.get(at).is_none_or(|mark| mark & APART != 0)
    }

    /// Returns whether the prefix at a position is a word of its own or begins one, so that it
    /// isn't found in the middle of words such as bulk requests or Balkans.
    pub(super) fn is_separate_prefix(&self, at: usize) -> bool {
        (at..self.symbols.len())
            .take(PREFIX)
            .enumerate()
            .all(|(index, at)| self.is_apart(at) == (index == 0))
    }

    /// Returns how many symbols from a position on, at most `most`, are written as a token is: the
    /// word there, and the following words that are long, are a group of five or the last group of
    /// line 0, or have a digit, and are in the same case, up to the beginning of another token.
    /// `O`, `I` and `L` may be letters, and a row number may be between groups. Each word counts
    /// with all of its symbols, so that the last one isn't a shorter group only because it is cut
    /// off.
    pub(super) fn uninterrupted_len(&self, at: usize, most: usize, work: &WorkBudget) -> usize {
        const GROUP: usize = 5;
        const LONG: usize = 12;
        const NUMBER: usize = 3;
        work.spend(3 * (most + LONG));
        let end = self.symbols.len().min(at + most);
        let longest_end = self.symbols.len().min(end + LONG);
        let case = |at: usize| self.marks[at] & LOWER;
        // Every prefix begins with an `L`, which may be a one, followed by a letter that can't be a
        // digit.
        let own_case = self.marks.get(at + 1).map_or(0, |mark| mark & LOWER);
        let mut until = at;
        while until < end {
            let next = (until + 1..longest_end).find(|&at| self.is_apart(at));
            let word = until..next.unwrap_or(longest_end);
            let symbols = &self.symbols[word.clone()];
            let is_number = word.len() <= NUMBER && symbols.iter().all(|&value| value < 10);
            let is_written_so = symbols.iter().any(|value| (2..10).contains(value))
                || word.len() == GROUP
                || word.end == at + LINE_0
                || word.len() >= LONG
                || is_number;
            let is_in_case =
                word.clone().all(|here| self.symbols[here] < 10 || case(here) == own_case);
            let begins = beginning_at(&self.symbols, until).is_some();
            if until > at && (begins || !is_written_so || !is_in_case) {
                break;
            }
            until = word.end;
        }
        most.min(until - at)
    }

    /// Returns how many of these symbols are written in lower case.
    pub(super) fn lower_case(&self, at: usize, length: usize) -> usize {
        self.marks.iter().skip(at).take(length).filter(|&mark| mark & LOWER != 0).count()
    }
}

/// A line that isn't ASCII, while its characters are added.
struct NonAsciiLine<'s> {
    stream: &'s mut SymbolStream,
    numbering: &'s mut Numbering,
    /// The length of the present run of upper-case symbols.
    run: usize,
    /// [`APART`] if the next symbol is separated.
    apart: u8,
}

impl NonAsciiLine<'_> {
    #[inline]
    fn push(&mut self, codes: &[CharClass]) -> Result<(), TextError> {
        // A single character can become eighteen.
        if self.stream.symbols.len() + codes.len() > MAX_TEXT_BYTES {
            return Err(TextError::TooMuchWork);
        }
        for &code in codes {
            self.numbering.push(code);
            if code.is_symbol() {
                let lower = if code.is_lower() { LOWER } else { 0 };
                self.stream.symbols.push(code.value());
                self.stream.marks.push(std::mem::take(&mut self.apart) | lower);
                let is_upper = code.value() != UNKNOWN && lower == 0;
                self.run = if is_upper { self.run + 1 } else { 0 };
                self.stream.looks_like_rows |= self.run >= SymbolStream::MIN_TOKEN_RUN;
            } else {
                // Zero-width characters and soft hyphens don't end a run, spaces and signs do.
                self.run = if code.is_sign() { 0 } else { self.run };
                self.apart = if code.is_separated() { APART } else { self.apart };
            }
        }
        Ok(())
    }
}

/// Detects whether a line begins with a row number. On paper, every row has its number before it:
/// one to three digits, then groups of five. Prose begins with numbers as well, so that anything
/// but five groups is certainly a row only if a row is expected.
#[derive(Default)]
struct Numbering {
    number: u16,
    digits: usize,
    /// Whether a separator after the number has been seen.
    is_after_number: bool,
    /// Whether the line can't be a row.
    is_ruled_out: bool,
    symbols: usize,
    groups: usize,
    /// The number of groups of five symbols.
    fives: usize,
    /// The number of symbols in the present or the last group.
    group: usize,
    is_in_group: bool,
}

impl Numbering {
    /// Adds the next character of the line.
    #[inline]
    fn push(&mut self, code: CharClass) {
        if !self.is_ruled_out {
            self.update(code);
        }
    }

    fn update(&mut self, code: CharClass) {
        match (self.is_after_number, code.is_symbol()) {
            (false, true) => match code.digit() {
                Some(digit) if self.digits < 3 => {
                    self.number = 10 * self.number + digit;
                    self.digits += 1;
                }
                _ => self.is_ruled_out = true,
            },
            (false, false) => self.is_after_number = self.digits > 0,
            (true, true) => {
                self.group = if self.is_in_group { self.group + 1 } else { 1 };
                self.is_in_group = true;
                self.symbols += 1;
                // A row may have gained spaces and one symbol, but not more.
                self.is_ruled_out |= self.symbols > ROW + 1;
            }
            (true, false) => self.end_group(),
        }
    }

    fn end_group(&mut self) {
        if std::mem::take(&mut self.is_in_group) {
            self.groups += 1;
            self.fives += usize::from(self.group == 5);
        }
    }

    /// Returns the number before a possible row, once the line has ended.
    fn number(&mut self) -> Option<u16> {
        self.end_group();
        (!self.is_ruled_out && self.groups > 0).then_some(self.number)
    }

    /// Returns whether the line is certainly a row, given the number of the last row that was.
    fn is_certain(&self, previous: Option<u16>) -> bool {
        let (number, groups, last) = (self.number, self.groups, self.group);
        let others_are_fives = self.fives + usize::from(last != 5) == groups;
        let is_grouped = groups <= 5 && last <= 5 && others_are_fives;
        let is_expected = number == 0 || previous.is_some_and(|previous| previous + 1 == number);
        groups == 5 && self.fives == 5 || is_expected && (is_grouped || self.symbols == ROW)
    }
}
