//! Vectors for scanning texts: limits, sheets and frames.

use super::builders::*;
use super::read_vector;
use super::vector_file::Vector;
use crate::Kind::{self, Response};
use crate::text::reed_solomon::checks;
use crate::wire::limits::{MAX_TEXT_BYTES, MAX_TOKENS};
use crate::wire::symbols;

pub(super) fn limits_that_are_kept(all: &mut All) {
    let (token, _) = mangled();
    let line_0 = Lines::new(&token, Response).all().remove(0);
    let comment = "16 MiB of full stops, which is as much as a text may have";
    let made = vector(Response, "text/token.none_found", comment, ".".into());
    all.add("text-largest", Vector { repeat: MAX_TEXT_BYTES, ..made });
    let comment = "10,000 beginnings, which are as many tokens as a text may have";
    let made = vector(Response, "check/token.truncated", comment, format!("{line_0}."));
    all.add("text-many", Vector { repeat: MAX_TOKENS, tokens: MAX_TOKENS, ..made });
}

/// Returns the rows of a sheet, each with its number and with this separator between its groups.
fn rows_of_sheet(lines: &[String], separator: &str) -> Vec<String> {
    let paper = on_paper(lines);
    let rows =
        paper.lines().map(|row| format!("{}{}", &row[..5], row[5..].replace(' ', separator)));
    rows.collect()
}

pub(super) fn sheets(all: &mut All) {
    let lines = Lines::new(&mangled().0, Response).all();
    for (name, separator) in [("", " "), ("-ungrouped", "")] {
        let rows = rows_of_sheet(&lines, separator);
        let (line_0, rest) = rows.split_first().unwrap();
        let mut reversed = rest.to_vec();
        reversed.reverse();
        let comment = "the rows of a sheet from the last, which is shorter, to the first";
        let text = format!("{line_0}\n{}", reversed.join("\n"));
        add_mangled(all, &format!("printed-reversed{name}"), comment, text);
        let mut mixed = rest.to_vec();
        (0..mixed.len()).for_each(|at| mixed.swap(at, (at * 5 + 3) % rest.len()));
        let comment = "the rows of a sheet in any order";
        let text = format!("{line_0}\n{}", mixed.join("\n"));
        add_mangled(all, &format!("printed-any-order{name}"), comment, text);
    }
    let rows = rows_of_sheet(&lines, " ");
    let last = rows.len() - 1;
    let comment = "the foot of a page stands between the last two rows of a sheet";
    let text = format!("{}\nPage 1 of 2\n{}", rows[..last].join("\n"), rows[last]);
    add_mangled(all, "printed-foot", comment, text);
    let comment = "a line with letters stands between any two rows of a sheet";
    add_mangled(all, "printed-lines-between", comment, rows.join("\nsigned, Pat Doe\n"));
    for (name, separator) in [("", " "), ("-ungrouped", "")] {
        let mut reversed = rows_of_sheet(&lines, separator);
        reversed.reverse();
        let comment = "all lines of a sheet from the last to the first, which is line 0";
        add_mangled(all, &format!("printed-line-0-last{name}"), comment, reversed.join("\n"));
        let mut mixed = rows_of_sheet(&lines, separator);
        (0..mixed.len()).for_each(|at| mixed.swap(at, (at * 5 + 3) % lines.len()));
        let comment = "all lines of a sheet in any order, line 0 among them";
        add_mangled(all, &format!("printed-line-0-among{name}"), comment, mixed.join("\n"));
    }
    let mut reversed = rows_of_sheet(&lines, " ");
    reversed.remove(2);
    reversed.reverse();
    let comment = "the lines of a sheet from the last to the first, without row 2";
    add_read(all, "text-printed-line-0-last-lost", comment, reversed.join("\n"));
    let mut after_another = rows_of_sheet(&lines, " ");
    after_another.reverse();
    let comment =
        "the lines of a sheet from the last to the first, after those of a token that was cut off";
    let line_0 = lines[0].clone();
    let text = format!("{line_0}\n{}", after_another.join("\n"));
    add_read(all, "text-printed-line-0-last-after-another", comment, text);
    let comment = "the rows of a sheet stand before a line 0 that is in a word";
    let text = format!("{}\nx{line_0}", rows[1..].join("\n"));
    add_read(all, "text-printed-line-0-in-a-word", comment, text);
    for (name, comment, count) in [
        ("wrong", "has a wrong symbol", 0),
        ("lost", "has lost a symbol", 1),
        ("added", "has one too many", 2),
    ] {
        let mut reversed = rows[1..].to_vec();
        let end = reversed[last - 1].len();
        match count {
            0 => spoil(&mut reversed[last - 1], end - 2),
            1 => drop(reversed[last - 1].remove(end - 2)),
            _ => reversed[last - 1].insert(end - 2, 'Q'),
        }
        reversed.reverse();
        let comment = format!("the last row of a sheet stands first and {comment}");
        let text = format!("{}\n{}", rows[0], reversed.join("\n"));
        add_read(all, &format!("text-printed-last-{name}"), &comment, text);
    }
}

/// Adds a text with the result of this implementation's scanner.
pub(super) fn add_read(all: &mut All, name: &str, comment: &str, text: String) {
    let mut made = vector(Response, "", comment, text);
    let (outcome, tokens) = read_vector(&made, crate::recover::scan::scan_with_mentions);
    made.tokens = tokens;
    match outcome {
        Ok(opened) => {
            made.expect = "success".to_owned();
            (made.payload, made.repaired) = (Some(opened.payload), opened.repaired);
        }
        Err(refusal) => made.expect = refusal,
    }
    all.add(name, made);
}

/// Returns a frame with any header whose check passes.
fn frame(said: [u8; 6], part: &str) -> String {
    let prefix = "LKQRF".chars().map(|symbol| symbols::value(symbol).unwrap());
    format!("LKQRF{}{part}", written(&[&said[..], &checks(prefix.chain(said))].concat()))
}

pub(super) fn frames(all: &mut All) {
    let (token, _) = mangled();
    let lines = Lines::new(&token, Response);
    let [a, b, c] = lines.tag;
    let text = lines.all().concat();
    let frames = framed(&text, Response, lines.tag, text.len().div_ceil(2));
    let [first, second] = [&frames[0], &frames[1]];
    let (half, rest) = text.split_at(text.len().div_ceil(2));
    let kind = Response as u8;
    let mut wrong = rest.to_owned();
    (0..4).for_each(|at| spoil(&mut wrong, at * 3));
    let altered = frame([kind, 1, 1, a, b, c], &wrong);
    let mut add = |name: &str, comment: &str, text: String| {
        add_read(all, &format!("frames-{name}"), comment, text);
    };
    let comment = "of two frames with the same index the first counts, which is right";
    add("first-right", comment, format!("{first}\n{second}\n{altered}"));
    let comment = "of two frames with the same index the first counts, which is damaged";
    add("first-wrong", comment, format!("{first}\n{altered}\n{second}"));
    let comment = "a header whose index is above its last is none";
    add("index-above-last", comment, format!("{first}\n{}", frame([kind, 2, 1, a, b, c], rest)));
    for (name, comment, said) in [
        ("other-tag", "the second frame has another tag", [kind, 1, 1, a, b, c ^ 1]),
        ("other-last", "the second frame is one of three", [kind, 1, 2, a, b, c]),
        ("other-type", "the second frame has another type", [Kind::Refresh as u8, 1, 1, a, b, c]),
    ] {
        add(name, comment, format!("{first}\n{}", frame(said, rest)));
    }
    for (name, kind) in [("type-0", 0), ("type-5", 5)] {
        let frames = [frame([kind, 0, 1, a, b, c], half), frame([kind, 1, 1, a, b, c], rest)];
        add(name, "a header of another type than 1 to 4 is none", frames.join("\n"));
    }
    let refresh = Kind::Refresh as u8;
    let comment = "the type in the headers isn't the token's, which is what counts";
    let frames = [frame([refresh, 0, 1, a, b, c], half), frame([refresh, 1, 1, a, b, c], rest)];
    add("type-not-the-token-s", comment, frames.join("\n"));
    // A symbol of the first header that has look-alikes, as each of them.
    for (index, tag) in [(0_u8, "O"), (1, "I"), (1, "L")] {
        let written = if index == 0 { first } else { second };
        let at = 6;
        let alike = format!("{}{tag}{}", &written[..at], &written[at + 1..]);
        let other = if index == 0 { second } else { first };
        let comment = format!("a look-alike, {tag}, in a header, which then is none");
        add(&format!("look-alike-{}", tag.to_lowercase()), &comment, format!("{alike}\n{other}"));
    }
    for (name, end) in [("dash", "-"), ("umlaut", "ä"), ("full-width", "Ａ")] {
        let comment = "what is no ASCII letter or digit ends a part";
        add(&format!("end-{name}"), comment, format!("{first}{end}Z7Q\n{second}{end}7Z7"));
    }
    let comment = "letters after the part belong to it, and run on into the next part";
    add("run-on", comment, format!("{first}Z\n{second}"));
    let comment = "a frame stands right after other letters";
    add("behind-letters", comment, format!("xyz{first}\n007{second}"));
    let comment = "what isn't whole because frames are missing comes before all others";
    let line_0 = &lines.all()[0];
    add("missing-first", comment, format!("{line_0}\n{first}"));
    let comment = "two tokens of which frames are missing, in the order of their first frames";
    let others = frame([refresh, 1, 2, 1, 2, 3], "ABC");
    add("missing-two", comment, format!("{others}\n{first}\n{others}"));
    let comment = "words stand between a token's beginning and its end, each in a frame";
    add("words-between", comment, format!("{second}\nthe first one:\n{first}\nthanks"));
    let comment = "a header without its part, whose token has nothing in its first frame";
    add(
        "empty-part",
        comment,
        format!("{}\n{}", frame([kind, 0, 1, a, b, c], ""), frame([kind, 1, 1, a, b, c], &text)),
    );
    let comment = "the prefix of frames, and no header";
    add("prefix-only", comment, format!("LKQRF LKQRFLKQRF{}\n{second}", &first[5..]));
}
