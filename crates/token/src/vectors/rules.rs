//! Vectors for the steps R1 to R25 of the specification that the other vectors don't cover. Each
//! mutant of the second implementation, in which one rule is omitted or off by one, reads at least
//! one of these differently.

use super::builders::*;
use super::folder;
use super::scanning::add_read;
use crate::Kind::{self, Deactivation, Refresh, Response};

/// Vectors of damaged rows. Each line has a name, a description, and the recipe of the text.
const RECIPES: &str = "crates/token/src/vectors/damaged-rows.txt";

/// The tokens that texts consist of, by the letters that represent them in recipes.
pub(super) struct Pieces {
    /// [`mangled`], which has 14 rows.
    mangled: Vec<String>,
    refresh: Vec<String>,
    deactivation: Vec<String>,
}

impl Pieces {
    pub(super) fn new() -> Self {
        let of = |kind: Kind| Lines::new(&usual_draft(kind).seal(), kind).all();
        Self {
            mangled: Lines::new(&mangled().0, Response).all(),
            refresh: of(Refresh),
            deactivation: of(Deactivation),
        }
    }

    /// A text with `{…}` in place of what is taken from the tokens: `{M}`, `{R}`, `{D}` are whole
    /// ones, `{3}` is row 3 of the first of them, `{R3}` of the second, `{3-5}` are rows 3 to 5,
    /// `{3:0-10}` the first ten symbols of row 3; `{~3}` is in lower case, `{#3}` as on a sheet,
    /// and `{3!7!9}` has wrong symbols at 7 and 9.
    pub(super) fn text(&self, recipe: &str) -> String {
        let mut text = String::new();
        let mut rest = recipe;
        while let Some((before, after)) = rest.split_once('{') {
            let (piece, after) = after.split_once('}').unwrap();
            text += before;
            text += &self.piece(piece);
            rest = after;
        }
        text + rest
    }

    fn piece(&self, piece: &str) -> String {
        let (is_lower, piece) =
            piece.strip_prefix('~').map_or((false, piece), |piece| (true, piece));
        let (is_sheet, piece) =
            piece.strip_prefix('#').map_or((false, piece), |piece| (true, piece));
        let (lines, piece) = match piece.chars().next() {
            Some('R') => (&self.refresh, &piece[1..]),
            Some('D') => (&self.deactivation, &piece[1..]),
            Some('M') => (&self.mangled, &piece[1..]),
            _ => (&self.mangled, piece),
        };
        let (piece, symbols) = match piece.split_once(':') {
            Some((piece, symbols)) => (piece, Some(range(symbols))),
            None => (piece, None),
        };
        let mut wrong = piece.split('!');
        let rows = wrong.next().unwrap();
        let (first, last) = if rows.is_empty() { (0, lines.len() - 1) } else { range(rows) };
        let mut line = lines[first..=last].concat();
        wrong.for_each(|at| spoil(&mut line, at.parse().unwrap()));
        if let Some((from, to)) = symbols {
            line = line[from.min(line.len())..to.min(line.len())].to_owned();
        }
        if is_sheet {
            let number = if symbols.is_some_and(|(from, _)| from > 0) {
                String::new()
            } else {
                format!("{first:>3}  ")
            };
            line = format!("{number}{}", grouped(&line, " "));
        }
        if is_lower { line.to_lowercase() } else { line }
    }
}

/// Parses a range: `3-5`, or `3` for a single number.
fn range(text: &str) -> (usize, usize) {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    (from.parse().unwrap(), to.parse().unwrap())
}

/// Formats the first token as a sheet in which each row follows a recipe: `N` stands for its
/// number.
fn sheet(row: impl Fn(usize) -> &'static str) -> String {
    let rows = (0..=14).map(|number| row(number).replace('N', &number.to_string()));
    rows.collect::<Vec<_>>().join("\n")
}

pub(super) fn rules(all: &mut All) {
    let pieces = Pieces::new();
    let mut add = |name: &str, comment: &str, recipe: &str| {
        add_read(all, &format!("rule-{name}"), comment, pieces.text(recipe));
    };
    row_numbers(&mut add);
    beginnings(&mut add);
    // R15 to R25: what becomes of damaged rows.
    for line in std::fs::read_to_string(folder(RECIPES)).unwrap().lines() {
        let [name, comment, recipe] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line:?} isn't a name, a comment and a recipe");
        };
        add(name, comment, &recipe.replace("\\n", "\n"));
    }
}

/// R3: which lines have a row number. One symbol is wrong in every row, so that none matches, and
/// each row continues on the next line. So the token is read only in place and with the numbers
/// dropped.
fn row_numbers(add: &mut impl FnMut(&str, &str, &str)) {
    const WRAPPED: &str = "{#N!3:0-10}\n{N!3:10-25}";
    let usual = |number| if number == 0 { "{#0}" } else { WRAPPED };
    let with = |row: usize, other: &'static str| {
        sheet(move |number| if number == row { other } else { usual(number) })
    };
    add(
        "wrapped-rows",
        "rows that go on on the next line, with a wrong symbol each",
        &sheet(usual),
    );
    let one_line = |number| if number == 0 { "{#0}" } else { "{#N!3}" };
    add("five-groups", "rows in five groups, with a wrong symbol each", &sheet(one_line));
    let dashes = |number| match number {
        0 => "0. {0}",
        _ => " (N) {N!3:0-5}-{N!3:5-10}\n{N!3:10-25}",
    };
    let comment =
        "brackets around the numbers and dashes between groups; one wrong symbol in each row";
    add("separators", comment, &sheet(dashes));
    for (name, comment, row) in [
        (
            "one-symbol",
            "only the first symbol of row 4 is on the line of its number",
            "  N  {N!3:0-1}\n{N!3:1-25}",
        ),
        ("three-digits", "row 4's number has three digits", "00N  {N!3:0-5}\n{N!3:5-25}"),
        (
            "four-digits",
            "what stands before row 4 has four digits and is no row number",
            "000N  {N!3:0-5}\n{N!3:5-25}",
        ),
        (
            "no-separator",
            "nothing between row 4's number and its symbols: it is no row number",
            "00N{N!3:0-5}\n{N!3:5-25}",
        ),
        (
            "other-number",
            "row 4 has number 6, and only two groups: it is no row number",
            "  6  {N!3:0-5} {N!3:5-10}\n{N!3:10-25}",
        ),
        (
            "five-groups-other",
            "row 4 has number 6 and five groups: it is one",
            "  6  {N!3:0-5} {N!3:5-10} {N!3:10-15} {N!3:15-20} {N!3:20-25}",
        ),
        ("25-characters", "row 4 has 25 characters in other groups", "  N  {N!3:0-7} {N!3:7-25}"),
        (
            "24-characters",
            "row 4 has 24 characters in other groups on its line: it has no row number",
            "  N  {N!3:0-7} {N!3:7-24}\n{N!3:24-25}",
        ),
        (
            "26-characters",
            "row 4 has 26 characters in other groups: it has no row number",
            "  N  {N!3:0-7} {N!3:7-25}Q",
        ),
        (
            "long-last-group",
            "the last group on row 4's line has ten characters: it has no row number",
            "  N  {N!3:0-5} {N!3:5-15}\n{N!3:15-25}",
        ),
        (
            "six-in-last-group",
            "the last group on row 4's line has six characters: it has no row number",
            "  N  {N!3:0-5} {N!3:5-11}\n{N!3:11-25}",
        ),
        (
            "six-groups",
            "a sixth group after row 4's five: it has no row number",
            "  N  {N!3:0-5} {N!3:5-10} {N!3:10-15} {N!3:15-20} {N!3:20-25} Q",
        ),
        (
            "four-in-first-group",
            "the first group on row 4's line has four characters: it has no row number",
            "  N  {N!3:0-4} {N!3:4-9}\n{N!3:9-25}",
        ),
        (
            "six-in-first-group",
            "the first group on row 4's line has six characters: it has no row number",
            "  N  {N!3:0-6} {N!3:6-11}\n{N!3:11-25}",
        ),
        (
            "digits-of-a-script",
            "row 4's number is in Arabic-Indic digits",
            "  \u{664}  {N!3:0-5}\n{N!3:5-25}",
        ),
        (
            "digit-that-is-no-decimal",
            "a line that begins with an Ethiopic digit, which is no decimal digit",
            "  \u{136c}  {N!3:0-5}\n{N!3:5-25}",
        ),
        (
            "superscript",
            "row 4's number is a superscript, which NFKC makes a digit",
            "  \u{2074}  {N!3:0-5}\n{N!3:5-25}",
        ),
        (
            "number-alone",
            "row 4's number is on a line of its own, where it is none",
            "  N  \n{N!3}",
        ),
        ("number-ends-line", "row 4's number ends its line, without a separator", "N\n{N!3}"),
    ] {
        add(&format!("row-number-{name}"), comment, &with(4, row));
    }
    let comment =
        "row 4's line comes without its number, so row 5's isn't one more than the last: it stays";
    add("row-number-after-a-gap", comment, &with(4, "{N!3}"));
    let without_0 = |number| if number == 0 { "{0}" } else { usual(number) };
    let comment = "line 0 has no number, so row 1's isn't one more than another";
    add("row-number-without-0", comment, &sheet(without_0));

    // A possible row: its length is that of the row or differs by one.
    for (name, comment, row) in [
        ("two-too-many", "row 4's line has two symbols too many", "  N  {N!3}QQ"),
        ("one-too-many", "row 4's line has one symbol too many", "  N  {N:0-8}Q{N:8-25}"),
        ("one-too-few", "row 4's line has one symbol too few", "  N  {N:0-8}{N:9-25}"),
        ("two-too-few", "row 4's line has two symbols too few", "  N  {N:0-8}{N:10-25}"),
        (
            "twice",
            "row 4 is there twice, first with two wrong symbols, then right",
            "  N  {N!3!5}\n  N  {N}",
        ),
        (
            "repaired-then-right",
            "row 4 is there twice, first with one wrong symbol, then right",
            "  N  {N!3}\n  N  {N}",
        ),
        (
            "right-then-damaged",
            "row 4 is there twice, the second one with two wrong symbols",
            "  N  {N}\n  N  {N!3!5}",
        ),
        (
            "damaged-then-repaired",
            "row 4 is there twice, two wrong symbols and then one",
            "  N  {N!3!5}\n  N  {N!4}",
        ),
    ] {
        let other = |number| {
            if number == 4 {
                row
            } else if number == 0 {
                "0 {0}"
            } else {
                "  N  {N!3}"
            }
        };
        add(&format!("possible-row-{name}"), comment, &sheet(other));
        let reversed: Vec<_> = sheet(other).lines().rev().map(str::to_owned).collect();
        let (line_0, rest) = reversed.split_last().unwrap();
        let text = format!("{line_0}\n{}", rest.join("\n"));
        add(
            &format!("possible-row-{name}-reversed"),
            &format!("{comment}; the rows from the last on"),
            &text,
        );
    }
    let after = sheet(|number| match number {
        0 => "0 {0}",
        4 => "  N  {N!3!5}",
        _ => "  N  {N!3}",
    });
    for (name, comment, before) in [
        ("", "a line with row 4's number before line 0 counts, as it is whole", "  4  {4}"),
        (
            "-wrong",
            "a line with row 4's number before line 0 doesn't count, as none there is whole",
            "  4  {4!3}",
        ),
        (
            "-with-another",
            "a line with row 4's number before line 0 counts, as another one there is whole",
            "  4  {4!3}\n  5  {5}",
        ),
    ] {
        add(&format!("row-before-line-0{name}"), comment, &format!("{before}\n{after}"));
    }
    let comment = "numbers above those of the token's rows";
    let text = format!("{}\n 14  {{R1}}\n200  {{R2}}", with(4, "  N  {N!3!5}"));
    add("row-numbers-above", comment, &text);

    // R12.
    add(
        "one-row-number",
        "one line with a row number, and nothing else",
        "  1  {#1:0-5} {1:5-10} {1:10-15} {1:15-20} {1:20-25}",
    );
    add("certain-row-alone", "one row of a sheet", "{#1}");
    add("two-row-numbers", "two rows of a sheet", "{#1}\n{#5}");
    add("49-symbols", "49 symbols in a row", "{1}{2:0-24}");
    add("50-symbols", "50 symbols in a row", "{1}{2}");
    add("50-symbols-space", "50 symbols with a space between", "{1} {2}");
    add("50-symbols-no-break-space", "50 symbols with a no-break space between", "{1}\u{a0}{2}");
    add("50-symbols-zero-width", "50 symbols with a zero-width space between", "{1}\u{200b}{2}");
    add("50-symbols-lower", "50 symbols of which one is in lower case", "{1}{~2:0-5}{2:5-25}");
    add("50-symbols-unknown", "50 letters of which one is no symbol", "{1}ß{2:0-24}");
    add("50-symbols-dash", "50 symbols with a dash between that isn't of ASCII", "{1}\u{2013}{2}");
}

/// R6, R7, R10 and R14: where tokens begin, and boundaries.
fn beginnings(add: &mut impl FnMut(&str, &str, &str)) {
    let damaged = "{0!6!12}";
    for (name, comment, before) in [
        (
            "space-zero-width",
            "a space and a zero-width space before a damaged line 0: it stands apart",
            "to \u{200b}",
        ),
        (
            "zero-width",
            "letters and a zero-width space before a damaged line 0: it doesn't stand apart",
            "to\u{200b}",
        ),
        ("bracket", "a bracket before a damaged line 0: it stands apart", "to("),
        (
            "ogham-space",
            "a white space that isn't of ASCII before a damaged line 0: it stands apart",
            "to\u{1680}",
        ),
        (
            "dash",
            "a dash that isn't of ASCII before a damaged line 0: it doesn't stand apart",
            "to\u{2013}",
        ),
        ("letters", "letters before a damaged line 0: it doesn't stand apart", "to"),
    ] {
        add(&format!("apart-{name}"), comment, &format!("{before}{damaged}\n{{R}}"));
    }
    let comment = "a space inside of the prefix of a damaged line 0: it doesn't stand alone";
    add("apart-inside", comment, "{0:0-4} {0!6!12:4-14}\n{R}");
    add(
        "apart-after-prefix",
        "a space right after the prefix of a damaged line 0",
        "{0:0-5} {0!6!12:5-14}\n{R}",
    );
    add("prefix-cut", "the text ends in four symbols of a prefix", "{R} {0:0-4}");
    add("prefix-at-end", "the text ends in a prefix", "{R} {0:0-5}");
    add("prefix-13", "the text ends one symbol before line 0 does", "{R} {0:0-13}");
    add("prefix-two-wrong", "two wrong symbols in the prefix", "{0!2!3}{1-14}\n{R}");
    add("prefix-first-wrong", "the first symbol of the prefix is wrong", "{0!0}{1-14}");
    add("prefix-second-wrong", "the second symbol of the prefix is wrong", "{0!1}{1-14}");
    add(
        "prefix-wrong-and-another",
        "one symbol of the prefix and one of the check are wrong",
        "{0!2!12}{1-14}\n{R}",
    );
    add("line-0-unknown", "two symbols of line 0 are unknown", "{0:0-6}ßß{0:8-14}{1-14}");
    add("prefix-in-prefix", "a damaged line 0 in which another token begins", "{0:0-5}{R}");
    add("prefix-twice", "a prefix right before a token", "\nLKANS LKANS {M}");
    add("line-0-twice", "line 0 twice", "{0}{M}");
    add("line-0-twice-apart", "line 0 twice, the first one on a line of its own", "{0}\n{M}");
    add("line-0-before-another", "line 0 right before a token of another kind", "{0}{R}");
    add(
        "cut-in-words",
        "a line 0 that doesn't stand alone, and none of its rows",
        "to{0}{2:0-9}\n{R}",
    );
    add(
        "cut-in-words-row",
        "a line 0 that doesn't stand alone, and one of its rows",
        "to{0}{1}\n{R}",
    );
    add(
        "cut-in-words-repaired-row",
        "a line 0 that doesn't stand alone, and one of its rows with a wrong symbol",
        "to{0}{1!4}\n{R}",
    );
    // Appendix B.5.
    for (name, comment, recipe) in [
        ("line-0", "a damaged copy with its line 0 after the whole token", "{M}\n{0}{1!3!5}{2-12}"),
        (
            "line-0-first",
            "a damaged copy with its line 0 before the whole token",
            "{0}{1!3!5}{2-12}\n{M}",
        ),
        (
            "of-another",
            "a damaged token after a whole one of another kind",
            "{R}\n{0}{1!3!5}{2-12}",
        ),
        (
            "beginning",
            "a copy whose beginning is damaged and whose first row isn't",
            "{M}\n{0!6!12}{1-14}",
        ),
        (
            "beginning-lost-5",
            "a copy whose line 0 has lost five symbols",
            "{M}\n{0:0-5}{0:10-14}{1-14}",
        ),
        (
            "beginning-lost-6",
            "a copy whose line 0 has lost six symbols",
            "{M}\n{0:0-5}{0:11-14}{1-14}",
        ),
        (
            "beginning-added-5",
            "a copy whose line 0 has five symbols too many",
            "{M}\n{0:0-5}QQQQQ{0:5-14}{1-14}",
        ),
        (
            "beginning-added-6",
            "a copy whose line 0 has six symbols too many",
            "{M}\n{0:0-5}QQQQQQ{0:5-14}{1-14}",
        ),
        (
            "beginning-row",
            "a copy whose beginning and first row are damaged",
            "{M}\n{0!6!12}{1!3}{2-14}",
        ),
        (
            "beginning-other-kind",
            "the first row of a whole token after the damaged beginning of another kind",
            "{M}\n{R0!6!12}{1-14}",
        ),
        (
            "two-damaged",
            "two damaged copies, and no whole one",
            "{0}{1!3!5}{2-14}\n{0}{1}{2!4!6}{3-14}",
        ),
    ] {
        add(&format!("copy-{name}"), comment, recipe);
    }
}
