//! A text as the symbols that are in it, in order: everything that mail programs, typewriters and text recognition
//! put between them is dropped, and what looks like a symbol is that symbol. What the symbols mean is decided elsewhere.

use super::normal_forms::{CharClass, NormalForms};
use super::work_budget::WorkBudget;
use super::{LINE_0, PREFIX, ROW, UNKNOWN, beginning_at};
use crate::error::TextError;
use crate::limits::MAX_TEXT_BYTES;

/// White space, a sign or a line's end stands before the symbol.
const APART: u8 = 0x80;
/// It is written in lower case.
const LOWER: u8 = 0x40;

/// What each character of ASCII is: a symbol's value or [`UNKNOWN`], with [`LOWER`]; or [`APART`].
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
    /// The lines that had a row number, in the text's order.
    pub(super) rows: Vec<NumberedLine>,
    /// There is a run that looks like the inside of a token.
    pub(super) looks_like_rows: bool,
}

/// A line with a row number before it, as on paper.
#[derive(Clone, Copy)]
pub(super) struct NumberedLine {
    pub(super) number: u16,
    /// The number isn't among the symbols. Otherwise the line only may be a row, because its number wasn't expected there
    /// or its groups are others: then it is one where it is as long as the token's row with this number.
    is_certain: bool,
    /// How many symbols it has.
    length: u16,
    /// Its first symbol.
    at: u32,
}

impl NumberedLine {
    pub(super) fn at(self) -> usize {
        self.at as usize
    }

    pub(super) fn end(self) -> usize {
        self.at() + usize::from(self.length)
    }

    /// Whether it is taken for a row that has so many symbols when it is whole.
    pub(super) fn is_row_of(self, length: usize) -> bool {
        self.is_certain || usize::from(self.length).abs_diff(length) <= 1
    }
}

impl SymbolStream {
    /// A run of so many upper-case symbols is not a word.
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
                // Compatibility forms are written out: full-width letters, ligatures, letter-like signs.
                let mut pushed = stream.non_ascii_line(&mut numbering);
                forms.for_each(line, work, |codes| pushed.push(codes))?;
            }
            let number = numbering.number();
            let is_certain = number.is_some() && numbering.is_certain(previous);
            let mut first = at + numbering.digits;
            if is_certain {
                stream.remove_row_number(at, numbering.digits);
                first = at;
                // Empty lines may stand between two rows, and the foot of one page with the head of the next.
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

    /// Most of what is read is this. It has no branches, because what comes next in a text can't be foretold.
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

    /// From a place on, which begins a line of ASCII, there is a run of [`Self::MIN_TOKEN_RUN`] upper-case symbols.
    fn has_token_run(&self, start: usize) -> bool {
        // The inside of such a run fills two of these.
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

    /// Takes a line that isn't ASCII.
    const fn non_ascii_line<'s>(&'s mut self, numbering: &'s mut Numbering) -> NonAsciiLine<'s> {
        NonAsciiLine { stream: self, numbering, run: 0, apart: APART }
    }

    /// Takes a row's number off its line, of which these are the first symbols. What is behind it stands apart.
    fn remove_row_number(&mut self, at: usize, digits: usize) {
        self.symbols.drain(at..at + digits);
        self.marks.drain(at..at + digits);
        if let Some(mark) = self.marks.get_mut(at) {
            *mark |= APART;
        }
    }

    /// Something stands between this symbol and the one before it.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        self.marks.get(at).is_none_or(|mark| mark & APART != 0)
    }

    /// Whether the prefix at a place is written as one, not in the middle of words: bulk requests and Balkans
    /// are no tokens.
    pub(super) fn is_separate_prefix(&self, at: usize) -> bool {
        (at..self.symbols.len())
            .take(PREFIX)
            .enumerate()
            .all(|(index, at)| self.is_apart(at) == (index == 0))
    }

    /// How many symbols from a place on are written as a token is, `most` at most: the word there, and the words after it
    /// that are long, a group of five, line 0's last group or have a digit, and are in the same case; up to where another
    /// token begins. `O`, `I` and `L` may be letters, and a row's number may stand between groups.
    pub(super) fn uninterrupted_len(&self, at: usize, most: usize, work: &WorkBudget) -> usize {
        const GROUP: usize = 5;
        const LONG: usize = 12;
        const NUMBER: usize = 3;
        work.spend(3 * most);
        let end = self.symbols.len().min(at + most);
        let case = |at: usize| self.marks[at] & LOWER;
        // Every prefix begins with an `L`, which may be a one, and goes on with a letter that is nothing else.
        let own_case = self.marks.get(at + 1).map_or(0, |mark| mark & LOWER);
        let mut until = at;
        while until < end {
            let word = until..(until + 1..end).find(|&at| self.is_apart(at)).unwrap_or(end);
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
        until - at
    }

    /// How many of these symbols are written in lower case.
    pub(super) fn lower_case(&self, at: usize, length: usize) -> usize {
        self.marks.iter().skip(at).take(length).filter(|&mark| mark & LOWER != 0).count()
    }
}

/// A line that isn't ASCII, as it comes.
struct NonAsciiLine<'s> {
    stream: &'s mut SymbolStream,
    numbering: &'s mut Numbering,
    /// Upper-case symbols in a row.
    run: usize,
    /// [`APART`] if something stands before the next symbol.
    apart: u8,
}

impl NonAsciiLine<'_> {
    #[inline]
    fn push(&mut self, codes: &[CharClass]) -> Result<(), TextError> {
        // One character can become eighteen.
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
                self.apart = if code.parts() { APART } else { self.apart };
            }
        }
        Ok(())
    }
}

/// Whether a line begins with the number of a row. On paper every row has its number before it: one to three digits,
/// then groups of five. Anything but five groups is certainly a row only where one is expected, because prose begins with
/// numbers too.
#[derive(Default)]
struct Numbering {
    number: u16,
    digits: usize,
    /// There is a separator behind the number.
    is_after_number: bool,
    /// It can't be a row any more.
    is_ruled_out: bool,
    symbols: usize,
    groups: usize,
    /// How many groups have five symbols.
    fives: usize,
    /// Symbols of the group that isn't at its end yet, or of the last one.
    group: usize,
    is_in_group: bool,
}

impl Numbering {
    /// Takes the next character of the line.
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
                // Spaces may have come into a row, and one symbol; it never has more.
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

    /// The number before what may be a row, once the line has ended.
    fn number(&mut self) -> Option<u16> {
        self.end_group();
        (!self.is_ruled_out && self.groups > 0).then_some(self.number)
    }

    /// Whether it is a row for certain, with the number of the last one that was.
    fn is_certain(&self, previous: Option<u16>) -> bool {
        let (number, groups, last) = (self.number, self.groups, self.group);
        let others_are_fives = self.fives + usize::from(last != 5) == groups;
        let is_grouped = groups <= 5 && last <= 5 && others_are_fives;
        let is_expected = number == 0 || previous.is_some_and(|previous| previous + 1 == number);
        groups == 5 && self.fives == 5 || is_expected && (is_grouped || self.symbols == ROW)
    }
}
