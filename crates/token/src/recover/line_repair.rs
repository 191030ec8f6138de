//! Repairs lines in which symbols were confused by text recognition or by a person who types from
//! paper. The check of a line locates a single wrong symbol anywhere. If more are wrong, only
//! symbols that look alike are tried, and characters that were lost, or doubled as text recognition
//! does.

use super::normal_forms::{digit, look_alike};
use crate::text::layout::{IMPLICIT_LEN, ROW, UNKNOWN};
use crate::text::reed_solomon::{Remainder, contribution, one_wrong, remainder};
use crate::wire::symbols;

/// Symbols of a printed group.
const GROUP: usize = 5;
/// The cost of replacing a symbol by one that looks nearly the same.
const COST_NEAR: u8 = 1;
/// The cost of replacing a symbol by one that looks similar, of a lost symbol, or of a surplus
/// symbol that resembles neither of its neighbours.
const COST_FAR: u8 = 2;
/// The cost of replacing a symbol by any other.
const COST_ANY: u8 = 3;
/// How much more a candidate may cost than the likeliest one.
pub(crate) const MAX_EXTRA_COST: u8 = 1;
/// How many more symbols and signs than its length a line may have. A longer line isn't such a
/// line.
const MAX_SURPLUS: usize = 12;
/// The most variants of a line with the right length that are considered.
const MAX_FITTED_LINES: usize = 96;
/// The most changes of one line that are tried.
const MAX_STEPS: usize = 24_000;
/// The most candidates of a line that are kept.
const MAX_CANDIDATES: usize = 8;

/// Symbols that text recognition confuses frequently.
const NEARLY_THE_SAME: [(u8, u8); 13] = [
    (b'0', b'9'),
    (b'0', b'Q'),
    (b'0', b'D'),
    (b'9', b'Q'),
    (b'1', b'J'),
    (b'3', b'J'),
    (b'5', b'S'),
    (b'2', b'Z'),
    (b'8', b'B'),
    (b'6', b'G'),
    (b'1', b'7'),
    (b'V', b'Y'),
    (b'7', b'T'),
];
/// Symbols that text recognition and people confuse occasionally.
const SIMILAR: [(u8, u8); 22] = [
    (b'8', b'S'),
    (b'3', b'8'),
    (b'3', b'B'),
    (b'1', b'T'),
    (b'4', b'A'),
    (b'C', b'G'),
    (b'0', b'C'),
    (b'0', b'G'),
    (b'0', b'6'),
    (b'0', b'8'),
    (b'6', b'8'),
    (b'E', b'F'),
    (b'M', b'N'),
    (b'H', b'N'),
    (b'H', b'M'),
    (b'M', b'W'),
    (b'V', b'W'),
    (b'K', b'X'),
    (b'P', b'R'),
    (b'B', b'R'),
    (b'2', b'7'),
    (b'7', b'Z'),
];
/// Signs that symbols are confused with.
const SIGN_LOOKALIKES: [(char, u8); 14] = [
    ('$', b'S'),
    ('§', b'S'),
    ('@', b'0'),
    ('©', b'0'),
    ('®', b'0'),
    ('°', b'0'),
    ('&', b'8'),
    ('|', b'1'),
    ('!', b'1'),
    ('€', b'C'),
    ('¢', b'C'),
    ('£', b'E'),
    ('¥', b'Y'),
    ('?', b'7'),
];

/// Returns the cost of replacing one symbol by another; 0 if they are equal or can't be confused.
static COSTS: [[u8; 32]; 32] = {
    let mut costs = [[0; 32]; 32];
    let mut index = 0;
    while index < SIMILAR.len() {
        let (a, b) = SIMILAR[index];
        set_cost(&mut costs, a, b, COST_FAR);
        index += 1;
    }
    index = 0;
    while index < NEARLY_THE_SAME.len() {
        let (a, b) = NEARLY_THE_SAME[index];
        set_cost(&mut costs, a, b, COST_NEAR);
        index += 1;
    }
    costs
};

const fn set_cost(costs: &mut [[u8; 32]; 32], a: u8, b: u8, cost: u8) {
    if let (Some(a), Some(b)) = (symbols::value(a as char), symbols::value(b as char)) {
        costs[a as usize][b as usize] = cost;
        costs[b as usize][a as usize] = cost;
    }
}

/// The possible contents of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) line: Vec<u8>,
    /// The lower, the likelier; 0 if it is what was read.
    pub(crate) cost: u8,
}

/// A character of a line as it was read.
#[derive(Clone, Copy)]
struct ReadSymbol {
    value: u8,
    /// It is neither a letter nor a digit, and may not be a symbol at all.
    is_sign: bool,
}

/// Returns the symbols of a word as it was read, with signs that may be symbols; empty if there are
/// no symbols.
fn read(word: &str) -> Vec<ReadSymbol> {
    let as_read = |character: char| {
        if character.is_alphanumeric() {
            let value = digit(character).or_else(|| symbols::value(look_alike(character)));
            return Some(ReadSymbol { value: value.unwrap_or(UNKNOWN), is_sign: false });
        }
        let (_, symbol) = SIGN_LOOKALIKES.into_iter().find(|(sign, _)| *sign == character)?;
        let value = symbols::value(char::from(symbol))?;
        Some(ReadSymbol { value, is_sign: true })
    };
    word.chars().filter_map(as_read).collect()
}

/// Returns the groups of a line, which white space and dashes separate.
pub(crate) fn groups(line: &str) -> impl Iterator<Item = &str> {
    let is_between = |character: char| {
        !character.is_alphanumeric() && SIGN_LOOKALIKES.iter().all(|(sign, _)| *sign != character)
    };
    line.split(is_between).filter(|word| !word.is_empty())
}

/// Counts the changes that are tried, and limits them.
pub(crate) struct Steps {
    left: usize,
    done: usize,
}

impl Steps {
    pub(crate) const fn new(most: usize) -> Self {
        Self { left: most, done: 0 }
    }

    /// Returns the share of one line.
    fn share_for_line(&mut self) -> Self {
        Self::new(MAX_STEPS.min(self.left))
    }

    fn add(&mut self, other: &Self) {
        self.left -= other.done.min(self.left);
        self.done += other.done;
    }

    const fn try_take(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.done += 1;
        true
    }

    pub(crate) const fn steps_taken(&self) -> usize {
        self.done
    }
}

/// Returns the possible contents of a line of `length` symbols, the likeliest first, whose cost is
/// at most `most` and not much higher than that of the likeliest. `unwritten` is the contribution
/// of the implicit symbols before it to its remainder.
pub(crate) fn candidates(
    unwritten: Remainder,
    length: usize,
    groups: &[&str],
    most: u8,
    steps: &mut Steps,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut own = steps.share_for_line();
    // A line that is far too long isn't such a line, and nothing can be tried without steps.
    let written = groups.iter().flat_map(|group| group.chars()).take(length + MAX_SURPLUS + 1);
    if written.count() > length + MAX_SURPLUS || own.left == 0 {
        return found;
    }
    let fitted_lines = fitted_lines(length, groups, most, &mut own);
    // The likeliest changes are tried first, and those that are slightly less likely afterwards.
    for limit in 0..=most {
        if found.iter().any(|candidate| candidate.cost + MAX_EXTRA_COST < limit) {
            break;
        }
        // Candidates that were found before are found again, unless the steps run out: then the
        // earlier ones count.
        for way in fitted_lines.iter().filter(|way| way.cost <= limit) {
            let mut search = Search {
                deltas: deltas(&way.line),
                unknown: (0..length).filter(|&at| way.line[at] == UNKNOWN).collect(),
                // Unknown symbols count as 0.
                line: way.line.iter().map(|value| value & 31).collect(),
                steps: &mut own,
                found: &mut found,
            };
            let remainder = unwritten ^ remainder(&search.line);
            search.try_all(remainder, way.cost, limit);
        }
    }
    steps.add(&own);
    found.sort_by(|a, b| (a.cost, &a.line).cmp(&(b.cost, &b.line)));
    let mut known: Vec<Candidate> = Vec::new();
    for candidate in found {
        if known.len() < MAX_CANDIDATES && known.iter().all(|known| known.line != candidate.line) {
            known.push(candidate);
        }
    }
    known
}

/// A line with the right length, and its cost so far. An unknown symbol in it may be any symbol.
struct FittedLine {
    line: Vec<u8>,
    cost: u8,
}

/// Returns the variants of a line with the right length: each group is fitted separately if the
/// number of groups is right.
fn fitted_lines(length: usize, groups: &[&str], most: u8, steps: &mut Steps) -> Vec<FittedLine> {
    let groups: Vec<_> = groups.iter().map(|group| read(group)).collect();
    let whole = || groups.concat();
    let count = length.div_ceil(GROUP);
    let is_grouped = groups.len() == count;
    let mut fitted_lines = vec![FittedLine { line: Vec::new(), cost: 0 }];
    let parts: Vec<(Vec<ReadSymbol>, usize)> = match is_grouped {
        true => {
            let length_of = |at: usize| GROUP.min(length - GROUP * at);
            groups.iter().cloned().enumerate().map(|(at, group)| (group, length_of(at))).collect()
        }
        false => vec![(whole(), length)],
    };
    for (read, length) in parts {
        let here = fit_length(&read, length, most, steps);
        let mut next = Vec::new();
        for way in &fitted_lines {
            for more in &here {
                if way.cost + more.cost <= most && steps.try_take() {
                    let line = [&way.line[..], &more.line].concat();
                    next.push(FittedLine { line, cost: way.cost + more.cost });
                }
            }
        }
        next.sort_by_key(|way| way.cost);
        next.truncate(MAX_FITTED_LINES);
        fitted_lines = next;
    }
    // A group was split, or two were joined: no symbol is missing.
    let letters: Vec<_> =
        whole().into_iter().filter(|read| !read.is_sign).map(|read| read.value).collect();
    if is_grouped && letters.len() == length && fitted_lines.iter().all(|way| way.line != letters) {
        fitted_lines.insert(0, FittedLine { line: letters, cost: 0 });
    }
    // An unknown symbol that was read counts as a wrong one.
    fitted_lines.retain(|way| way.line.iter().filter(|&&value| value == UNKNOWN).count() <= 2);
    fitted_lines
}

/// Returns variants of a stretch of symbols with the right length: without doubled symbols, and
/// with lost ones.
fn fit_length(read: &[ReadSymbol], length: usize, most: u8, steps: &mut Steps) -> Vec<FittedLine> {
    let letters: Vec<_> = read.iter().filter(|read| !read.is_sign).map(|read| read.value).collect();
    let mut fitted_lines = Vec::new();
    if letters.len() >= length {
        let mut search = Resizing { most, steps, fitted_lines: &mut fitted_lines };
        search.remove_symbols(&letters, letters.len() - length, 0, 0);
    } else if read.len() >= length {
        // As many of the signs count as symbols as are needed.
        let all: Vec<_> = read.iter().map(|read| read.value).collect();
        let signs: Vec<_> = (0..read.len()).filter(|&at| read[at].is_sign).collect();
        let surplus = all.len() - length;
        for first in 0..=signs.len().saturating_sub(surplus) {
            let dropped = signs.iter().skip(first).take(surplus);
            let dropped: Vec<_> = dropped.copied().collect();
            let kept = (0..all.len()).filter(|at| !dropped.contains(at)).map(|at| all[at]);
            fitted_lines.push(FittedLine { line: kept.collect(), cost: 0 });
        }
    } else {
        let all: Vec<_> = read.iter().map(|read| read.value).collect();
        let mut search = Resizing { most, steps, fitted_lines: &mut fitted_lines };
        search.insert_unknown(&all, length - all.len(), 0, 0);
    }
    fitted_lines.sort_by(|a, b| (a.cost, &a.line).cmp(&(b.cost, &b.line)));
    fitted_lines.dedup_by(|a, b| a.line == b.line);
    fitted_lines.truncate(MAX_FITTED_LINES);
    fitted_lines
}

/// The search for lines with the right length.
struct Resizing<'s> {
    most: u8,
    steps: &'s mut Steps,
    fitted_lines: &'s mut Vec<FittedLine>,
}

impl Resizing<'_> {
    /// Returns whether `count` changes that cost `each` are still possible. This takes one step.
    fn goes_on(&mut self, cost: u8, count: usize, each: u8) -> bool {
        let least = usize::from(cost) + count * usize::from(each);
        least <= usize::from(self.most)
            && self.fitted_lines.len() < MAX_FITTED_LINES
            && self.steps.try_take()
    }

    /// Removes `count` symbols, from a position on.
    fn remove_symbols(&mut self, line: &[u8], count: usize, from: usize, cost: u8) {
        if !self.goes_on(cost, count, COST_NEAR) {
            return;
        }
        if count == 0 {
            self.fitted_lines.push(FittedLine { line: line.to_vec(), cost });
            return;
        }
        let resembles = |a: u8, b: Option<&u8>| {
            b.is_some_and(|&b| {
                a == b || a < 32 && b < 32 && COSTS[usize::from(a)][usize::from(b)] == COST_NEAR
            })
        };
        for at in from..line.len() {
            let before = at.checked_sub(1).and_then(|at| line.get(at));
            let is_double = resembles(line[at], before) || resembles(line[at], line.get(at + 1));
            let rest = [&line[..at], &line[at + 1..]].concat();
            let more = if is_double { COST_NEAR } else { COST_FAR };
            self.remove_symbols(&rest, count - 1, at, cost + more);
        }
    }

    /// Inserts `count` unknown symbols, from a position on.
    fn insert_unknown(&mut self, line: &[u8], count: usize, from: usize, cost: u8) {
        if !self.goes_on(cost, count, COST_FAR) {
            return;
        }
        if count == 0 {
            self.fitted_lines.push(FittedLine { line: line.to_vec(), cost });
            return;
        }
        for at in from..=line.len() {
            let rest = [&line[..at], &[UNKNOWN], &line[at..]].concat();
            self.insert_unknown(&rest, count - 1, at + 1, cost + COST_FAR);
        }
    }
}

/// One symbol replaced by another.
struct Delta {
    at: usize,
    difference: u8,
    remainder: Remainder,
    cost: u8,
}

fn deltas(line: &[u8]) -> Vec<Delta> {
    let mut deltas = Vec::new();
    for (at, &value) in line.iter().enumerate().filter(|(_, value)| **value < 32) {
        for (other, &cost) in (0..).zip(&COSTS[usize::from(value)]).filter(|(_, cost)| **cost > 0) {
            let difference = value ^ other;
            let remainder = contribution(line.len() - 1 - at, difference);
            deltas.push(Delta { at, difference, remainder, cost });
        }
    }
    deltas
}

/// The search for all changes of one line that make it pass its check.
struct Search<'s> {
    line: Vec<u8>,
    /// The places of its unknown symbols: two at most.
    unknown: Vec<usize>,
    deltas: Vec<Delta>,
    steps: &'s mut Steps,
    found: &'s mut Vec<Candidate>,
}

impl Search<'_> {
    fn try_all(&mut self, remainder: Remainder, cost: u8, most: u8) {
        match self.unknown[..] {
            [first, _] => {
                let degree = self.line.len() - 1 - first;
                for value in 0..32 {
                    self.line[first] = value;
                    self.change(remainder ^ contribution(degree, value), 0, cost, most);
                }
            }
            _ => self.change(remainder, 0, cost, most),
        }
    }

    /// Tries the line as it is, and then with each change from a certain one on.
    fn change(&mut self, remainder: Remainder, from: usize, cost: u8, most: u8) {
        if !self.steps.try_take() {
            return;
        }
        let wrong = one_wrong(remainder).and_then(|(degree, difference)| {
            Some(((self.line.len() - 1).checked_sub(degree)?, difference))
        });
        match (self.unknown.last(), wrong) {
            (_, None) if remainder == 0 => self.keep(None, cost),
            (Some(&unknown), Some((at, value))) if at == unknown => {
                self.keep(Some((at, value)), cost)
            }
            (None, Some(any)) if cost + COST_ANY <= most => self.keep(Some(any), cost + COST_ANY),
            _ => {}
        }
        for index in from..self.deltas.len() {
            let Delta { at, difference, remainder: more, cost: of } = self.deltas[index];
            if cost + of > most {
                continue;
            }
            // Each symbol is replaced at most once.
            let after = self.deltas[index..].iter().position(|other| other.at != at);
            let after = after.map_or(self.deltas.len(), |count| index + count);
            self.line[at] ^= difference;
            self.change(remainder ^ more, after, cost + of, most);
            self.line[at] ^= difference;
        }
    }

    fn keep(&mut self, change: Option<(usize, u8)>, cost: u8) {
        let mut line = self.line.clone();
        if let Some((at, difference)) = change {
            line[at] ^= difference;
        }
        self.found.push(Candidate { line, cost });
    }
}

const _: () = assert!(ROW + IMPLICIT_LEN <= 31, "a row is one codeword");
