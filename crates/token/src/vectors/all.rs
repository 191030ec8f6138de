//! All test vectors. Each one is refused for a single reason.

use std::collections::BTreeMap;

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::traits::Identity as _;

use super::builders::*;
use super::cbor::{Item, bytes, text};
use super::sealing::{Draft, Party, challenge, joined, nonce, sign_with_offset, signed_head};
use super::vector_file::Vector;
use crate::wire::limits::{MAX_TEXT_BYTES, MAX_TOKEN_BYTES, MAX_TOKENS};
use crate::*;

/// All vectors by the names of their files.
pub(super) fn vectors() -> BTreeMap<String, Vector> {
    let mut all = All(BTreeMap::new());
    payloads_that_are_understood(&mut all);
    texts_that_are_read(&mut all);
    super::mail::texts_that_are_packed(&mut all);
    texts_that_are_refused(&mut all);
    frames_of_pictures(&mut all);
    outsides_that_are_refused(&mut all);
    forgeries(&mut all);
    weak_keys(&mut all);
    encodings_that_are_refused(&mut all);
    fields_that_are_refused(&mut all);
    super::check_order::checks_in_order(&mut all);
    super::check_order::keys_at_the_edges(&mut all);
    super::check_order::fields_and_encodings(&mut all);
    super::scanning::limits_that_are_kept(&mut all);
    super::scanning::sheets(&mut all);
    super::scanning::frames(&mut all);
    super::rules::rules(&mut all);
    for vector in all.0.values_mut() {
        let seen = super::Seen::of(vector, crate::recover::scan::scan_with_mentions);
        (vector.damaged, vector.missing, vector.then) = (seen.damaged, seen.missing, seen.then);
    }
    all.0
}

fn payloads_that_are_understood(all: &mut All) {
    use Item::{Bool, List, Map, Negative, Null, Number};
    use Kind::{Deactivation, Refresh, Request, Response};

    let features = Map(vec![
        (1, Bool(true)),
        (2, Bool(false)),
        (3, Number(8)),
        (1000, Number(250)),
        (u64::from(u32::MAX), Number(u64::MAX)),
    ]);
    let attributes = list(&["", "no key is a key too", "edition", "Größe L", "über", ""]);
    // 1 byte for the head of the list, 2 for the key, 3 + 505 for its value.
    let value = "x".repeat(505);
    let largest_attributes = list(&["a", &value]);
    assert_eq!(largest_attributes.to_bytes().len(), 512 - 1);

    let plain = |kind| Map(usual(kind));
    all.good(Request, "example", "the example of the specification", &plain(Request), false);
    let smallest = with(
        Request,
        vec![
            (0, Number(0)),
            (1, bytes(&[1, 0xf8])),
            (4, Number(0)),
            (5, text("")),
            (6, bytes(&[0])),
            (7, Number(0)),
        ],
    );
    all.good(
        Request,
        "smallest",
        "a code of one symbol, no seat name, no traits, zeros",
        &smallest,
        false,
    );
    let mut every_trait = vec![0x7f];
    every_trait.extend((0..28).map(|byte| 0xff - byte));
    let largest = with(
        Request,
        vec![
            (0, Number(u32::MAX.into())),
            (1, bytes(&[&[32][..], &[0xff; 20]].concat())),
            (4, Number(u64::MAX)),
            (5, text(&"Zeichenbüro §".repeat(5)[..64])),
            (6, bytes(&every_trait)),
            (7, Number(LAST_SECOND)),
        ],
    );
    all.good(Request, "largest", "every field as large as it may be", &largest, false);
    let seven = "7ZZZZZZ".parse::<crate::ActivationCode>().unwrap().to_packed();
    all.good(
        Request,
        "padded-code",
        "a code of seven symbols has five bits of padding",
        &with(Request, vec![(1, bytes(&seven))]),
        false,
    );
    all.good(
        Request,
        "unknown-field",
        "a field below 128 that this version doesn't know is ignored",
        &with(Request, vec![(99, text("ignored"))]),
        true,
    );

    all.good(Response, "plain", "nothing that can be left out", &plain(Response), false);
    let full = vec![
        (10, Number(7 * DAY)),
        (12, features.clone()),
        (13, attributes.clone()),
        (14, Number(NOW + 365 * DAY)),
    ];
    all.good(
        Response,
        "full",
        "every field; an attribute with an empty key",
        &with(Response, full.clone()),
        false,
    );
    let zeros = || vec![(10, Number(0)), (12, Map(Vec::new())), (13, List(Vec::new()))];
    all.good(
        Response,
        "empty-options",
        "what may be left out because it is 0 or empty, and isn't",
        &with(Response, zeros()),
        true,
    );
    let largest = vec![
        (7, Number(LAST_SECOND)),
        (9, Number(LAST_SECOND)),
        (10, Number(LAST_SECOND)),
        (11, Number(u64::MAX)),
        (13, largest_attributes),
        (14, Number(LAST_SECOND)),
    ];
    all.good(
        Response,
        "largest",
        "attributes of 511 bytes and features left out, which count as one; every number at its limit",
        &with(Response, largest),
        false,
    );
    let deep = List(vec![List(vec![List(vec![Number(5), Null, List(Vec::new())])])]);
    let unknown =
        vec![(17, Negative(41)), (99, deep), (127, Map(vec![(0, Null), (u64::MAX, Bool(true))]))];
    all.good(
        Response,
        "unknown-fields",
        "17: a negative integer, 99: as deep as may be, 127: a map; all ignored",
        &with(Response, unknown),
        true,
    );
    all.good(
        Response,
        "certificate",
        "key 16 is kept for an issuing certificate and ignored in this version",
        &with(Response, vec![(16, bytes(&[7; 140]))]),
        true,
    );

    all.good(Refresh, "plain", "terms as in the response", &plain(Refresh), false);
    all.good(Refresh, "full", "every field", &with(Refresh, full), false);
    all.good(
        Refresh,
        "no-subscription",
        "null: the subscription has no end any more",
        &with(Refresh, vec![(14, Null)]),
        false,
    );
    let mut nothing_any_more = zeros();
    nothing_any_more.push((14, Null));
    all.good(
        Refresh,
        "nothing-any-more",
        "no grace, no features, no attributes, no subscription: in a refresh, empty isn't absent",
        &with(Refresh, nothing_any_more),
        false,
    );

    all.good(Deactivation, "plain", "all that it says", &plain(Deactivation), false);
    let start = with(Deactivation, vec![(4, Number(0)), (7, Number(0))]);
    all.good(Deactivation, "zeros", "the earliest time and counter", &start, false);
    let padding = MAX_TOKEN_BYTES - usual_draft(Deactivation).seal().len() - 2 - 3;
    let longest = with(Deactivation, vec![(100, bytes(&vec![0x5a; padding]))]);
    assert_eq!(draft(Deactivation, &longest).seal().len(), MAX_TOKEN_BYTES);
    all.good(
        Deactivation,
        "longest",
        "1,500 bytes: 110 rows, so that row numbers take both symbols",
        &longest,
        true,
    );

    // The spare key signs, and the active one is known as well.
    let spare = Party::new("vendor's spare");
    let payload = Map(usual(Refresh));
    let token = Draft::new(Refresh, &payload, PRODUCT, &spare, &device()).seal();
    let mut made =
        vector(Refresh, "success", "signed with the second known key", text_of(Refresh, &token));
    made.signers.push(spare.public().to_vec());
    made.payload = Some(payload.to_bytes());
    all.add("refresh-spare-key", made);
}

fn texts_that_are_read(all: &mut All) {
    let (token, payload) = mangled();
    let lines = Lines::new(&token, Kind::Response).all();
    let text = lines.concat();
    let mut add = |name: &str, comment: &str, repaired: usize, text: String| {
        let made = vector(Kind::Response, "success", comment, text);
        let made = Vector { payload: Some(payload.clone()), repaired, ..made };
        all.add(&format!("text-{name}"), made);
    };

    add("wrapped", "wrapped at 76 with CR LF", 0, wrapped(&text, 76, "\r\n"));
    add("quoted", "quoted in a reply", 0, format!("> > {}", wrapped(&text, 60, "\n> > ")));
    add("lower-case", "case doesn't matter", 0, text.to_lowercase());
    add(
        "look-alikes",
        "letters that look like the symbols, of three alphabets",
        0,
        look_alikes(&text),
    );
    let mut letters = "\u{399}\u{3b9}\u{131}".chars().cycle();
    let mut iota = |symbol| if symbol == '1' { letters.next().unwrap() } else { symbol };
    add(
        "look-alikes-of-1",
        "Greek iota in both cases, and the i without a dot",
        0,
        text.chars().map(&mut iota).collect(),
    );
    let full_width = |symbol| char::from_u32(u32::from(symbol) + 0xfee0).unwrap();
    add("full-width", "full-width forms", 0, text.chars().map(full_width).collect());
    add(
        "separators",
        "no-break spaces, zero-width spaces, soft hyphens and dashes between groups",
        0,
        {
            let separators =
                ["\u{a0}", "\u{200b}", "\u{ad}", " \u{2013} ", "\u{feff}", "*", "_", "=\n"];
            let groups = grouped(&text, " ");
            let groups = groups.split(' ').zip(separators.iter().cycle());
            groups.map(|(group, separator)| format!("{group}{separator}")).collect()
        },
    );
    add("paper", "rows with their numbers, in groups of five", 0, on_paper(&lines));
    add(
        "prose",
        "a sentence around it, with numbers and words that resemble a beginning",
        0,
        format!("Like 1 Lark, 12345 ABCDE:\nLKAN 5\nplease use {text}, thank you.\n-- \nFloor 3\n"),
    );
    add("twice", "the same token twice is one token", 0, format!("{text}\n{text}"));
    let with_lines = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        changed.concat()
    };
    add(
        "prefix-repaired",
        "one wrong symbol in the prefix",
        1,
        with_lines(&|lines| {
            spoil(&mut lines[0], 3);
        }),
    );
    add(
        "line-0-repaired",
        "one wrong symbol in line 0's check",
        1,
        with_lines(&|lines| {
            spoil(&mut lines[0], 13);
        }),
    );
    add(
        "every-line-repaired",
        "one wrong symbol in every line",
        lines.len(),
        with_lines(&|lines| {
            for (number, line) in lines.iter_mut().enumerate() {
                let at = number * 5 % line.len();
                spoil(line, at);
            }
        }),
    );
    add(
        "no-symbol-repaired",
        "a letter that is no symbol, in row 5",
        1,
        with_lines(&|lines| {
            lines[5].replace_range(9..10, "ß");
        }),
    );
    add(
        "lost",
        "one symbol lost from row 4",
        1,
        with_lines(&|lines| {
            lines[4].remove(7);
        }),
    );
    add(
        "doubled",
        "one symbol doubled in row 4",
        1,
        with_lines(&|lines| {
            let doubled = lines[4][7..8].to_owned();
            lines[4].insert_str(7, &doubled);
        }),
    );
    add(
        "added",
        "a foreign symbol at the beginning of row 1",
        1,
        with_lines(&|lines| {
            lines[1].insert(0, 'Q');
        }),
    );
    add(
        "lost-and-added",
        "lost in rows 2 and 9, added in row 6",
        3,
        with_lines(&|lines| {
            lines[9].remove(4);
            lines[6].insert(12, 'Q');
            lines[2].remove(20);
        }),
    );
    add(
        "lost-beside-wrong",
        "row 6 lost one symbol, row 7 has a wrong one",
        2,
        with_lines(&|lines| {
            lines[6].remove(3);
            spoil(&mut lines[7], 18);
        }),
    );
    add(
        "wrong-beside-lost",
        "row 6 has a wrong symbol, row 7 lost one",
        2,
        with_lines(&|lines| {
            spoil(&mut lines[6], 18);
            lines[7].remove(3);
        }),
    );
    add(
        "rows-swapped",
        "rows 1 and 2 have changed places, and row 9 stands after row 11: each says by its check which it is",
        0,
        with_lines(&|lines| {
            lines.swap(1, 2);
            let moved = lines.remove(9);
            lines.insert(11, moved);
        }),
    );
    add(
        "rows-repeated",
        "row 5 stands there twice, damaged the first time, and rows 7 and 8 twice",
        0,
        with_lines(&|lines| {
            let again = [lines[7].clone(), lines[8].clone()];
            lines.splice(9..9, again);
            let mut first = lines[5].clone();
            spoil(&mut first, 2);
            spoil(&mut first, 9);
            lines.insert(5, first);
        }),
    );
    add(
        "words-between-rows",
        "the foot of one page and the head of the next stand between rows 6 and 7",
        0,
        with_lines(&|lines| {
            lines.insert(7, "\nPage 1 of 2\n\nResponse token, continued\n".to_owned());
        }),
    );
    add(
        "paper-shuffled",
        "numbered rows in the wrong order, one symbol wrong in two of them",
        2,
        {
            let mut shuffled = lines.clone();
            spoil(&mut shuffled[2], 7);
            spoil(&mut shuffled[10], 20);
            let paper = on_paper(&shuffled);
            let mut rows: Vec<_> = paper.lines().collect();
            rows[1..13].reverse();
            rows.swap(4, 9);
            rows.join("\n")
        },
    );
    add(
        "paper-spaces",
        "numbered rows with spaces in the middle of groups, and empty lines between them",
        0,
        on_paper(&lines)
            .lines()
            .map(|row| {
                format!("{}{}\n\n", &row[..12], row[12..].replace('7', "7 ").replace('M', "M "))
            })
            .collect(),
    );
    add("paper-in-one-line", "numbered rows that were run together into one line", 0, {
        let rows = on_paper(&lines);
        rows.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    });
    let last = lines.len() - 1;
    add(
        "lost-at-the-end",
        "one symbol lost from the last row",
        1,
        with_lines(&|lines| {
            lines[last].remove(2);
        }),
    );
    add(
        "added-at-the-end",
        "one symbol added to the last row",
        1,
        with_lines(&|lines| {
            lines[last].insert(2, 'Q');
        }),
    );
    add("last-symbol-lost", "the last symbol of all is lost", 1, text[..text.len() - 1].to_owned());
    add("followed", "more symbols right after the last row", 0, format!("{text}7Z7Z7Z"));

    let zero = 60 + text[60..].find('0').unwrap();
    let (before, after) = text.split_at(zero);
    let split = format!("{before}\n0 {} {}\n{}", &after[1..5], &after[5..10], &after[10..]);
    add("no-row-number", "a line that begins with 0 and isn't a row: no groups of five", 0, split);

    let other = draft(Kind::Refresh, &Item::Map(usual(Kind::Refresh))).seal();
    let other = text_of(Kind::Refresh, &other);
    let made = vector(
        Kind::Response,
        "success",
        "a refresh token runs into its end; the first token is opened",
        format!("{text}{other}"),
    );
    all.add("text-two-tokens", Vector { payload: Some(payload.clone()), tokens: 2, ..made });
    let made = vector(
        Kind::Response,
        "success",
        "the text is read as if it stood there 40 times; one token",
        format!("{text}\n"),
    );
    all.add("text-forty-times", Vector { payload: Some(payload), repeat: 40, ..made });
}

fn texts_that_are_refused(all: &mut All) {
    let (token, _) = mangled();
    let own = Lines::new(&token, Kind::Response);
    let lines = own.all();
    let text = lines.concat();
    let mut add = |name: &str, expect: &str, comment: &str, text: String| {
        all.add(name, vector(Kind::Response, expect, comment, text));
    };
    let with_lines = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        changed.concat()
    };

    add(
        "text-nothing",
        "text/token.none_found",
        "nothing like a token",
        "See you on floor 3.".into(),
    );
    add(
        "text-prefix-in-words",
        "text/token.none_found",
        "a prefix inside of words is none",
        "The bulk requests from the Balkans: talk, answers.".into(),
    );
    add(
        "text-without-beginning",
        "text/token.no_beginning",
        "rows without line 0, in one run",
        lines[1..].concat(),
    );
    let numbered = on_paper(&lines);
    // From all rows, a reader may derive line 0.
    let numbered: Vec<_> = numbered.split('\n').enumerate().collect();
    let some = numbered.iter().filter(|(line, _)| !matches!(line, 0 | 2)).map(|(_, row)| *row);
    add(
        "text-rows-without-beginning",
        "text/token.no_beginning",
        "numbered rows, line 0 and the second row left out",
        some.collect::<Vec<_>>().join("\n"),
    );

    let beginning = "check/token.beginning_damaged";
    let comment = "two wrong symbols in line 0, after a whole prefix";
    add(
        "check-line-0",
        beginning,
        comment,
        with_lines(&|lines| {
            spoil(&mut lines[0], 6);
            spoil(&mut lines[0], 12);
        }),
    );
    add("check-line-0-short", beginning, "the text ends inside line 0", text[..12].to_owned());
    let comment = "one symbol lost from line 0, which isn't repaired";
    add(
        "check-line-0-lost",
        beginning,
        comment,
        with_lines(&|lines| {
            lines[0].remove(6);
        }),
    );

    let damaged = "check/token.damaged";
    add(
        "check-row",
        damaged,
        "two wrong symbols in row 3",
        with_lines(&|lines| {
            spoil(&mut lines[3], 6);
            spoil(&mut lines[3], 12);
        }),
    );
    add(
        "check-last-row",
        damaged,
        "two wrong symbols in the last row",
        with_lines(&|lines| {
            let last = lines.last_mut().unwrap();
            spoil(last, 0);
            spoil(last, 2);
        }),
    );
    let foreign = Lines::new(&usual_draft(Kind::Response).seal(), Kind::Response);
    let comment = "row 2 is the row 2 of another token";
    add(
        "check-foreign-row",
        damaged,
        comment,
        with_lines(&|lines| {
            lines[2] = foreign.all()[2].clone();
        }),
    );
    let mut near_tag = own.tag;
    near_tag[1] ^= 4;
    let comment = "row 5 is of a token whose tag differs in one symbol: that symbol isn't written, so it can't be what is wrong";
    add(
        "check-unwritten-symbol",
        damaged,
        comment,
        with_lines(&|lines| {
            lines[5] = own.row(5, near_tag);
        }),
    );
    let lost = "check/token.rows_missing";
    let comment = "row 7 is missing as a whole, the last row is whole";
    add(
        "check-row-lost",
        lost,
        comment,
        with_lines(&|lines| {
            lines.remove(7);
        }),
    );
    let comment =
        "rows 3, 4, 8 and 9 are missing, and row 11 is on a line of its own after the last one";
    add(
        "check-rows-lost",
        lost,
        comment,
        with_lines(&|lines| {
            let moved = lines.remove(11);
            lines.drain(8..10);
            lines.drain(3..5);
            lines.push(format!("\n{moved}"));
        }),
    );
    add(
        "check-damaged-and-lost",
        "check/token.damaged_and_missing",
        "row 2 is damaged, rows 6 and 7 are missing",
        with_lines(&|lines| {
            lines.drain(6..8);
            spoil(&mut lines[2], 6);
            spoil(&mut lines[2], 12);
        }),
    );
    let missing = "check/token.symbols_missing";
    add(
        "check-symbols-missing",
        missing,
        "three symbols lost from row 4",
        with_lines(&|lines| {
            lines[4].replace_range(5..8, "");
        }),
    );
    let added = "check/token.symbols_added";
    add(
        "check-symbols-added",
        added,
        "three symbols added to row 4",
        with_lines(&|lines| {
            lines[4].insert_str(5, "7Z7");
        }),
    );
    let truncated = "check/token.truncated";
    let cut = lines[..7].concat();
    add(
        "check-truncated",
        truncated,
        "six rows and a piece of the seventh",
        format!("{cut}{}", &lines[7][..3]),
    );
    add("check-only-line-0", truncated, "line 0 and nothing else", lines[0].clone());
    add(
        "check-truncated-in-words",
        truncated,
        "six rows, and then words that are as long as the rest",
        format!("{cut}.\n{}", "With kind regards, the licence desk. ".repeat(8)),
    );
    let comment = "one symbol lost from the last row and another one wrong in it";
    add(
        "check-last-row-short",
        missing,
        comment,
        with_lines(&|lines| {
            let last = lines.last_mut().unwrap();
            spoil(last, 5);
            last.remove(2);
        }),
    );
    let another = text_of(Kind::Refresh, &usual_draft(Kind::Refresh).seal());
    for (name, expect, comment, between) in [
        (
            "check-truncated-by-another",
            truncated,
            "the text ends after six rows, and a whole refresh token follows on a line of its own",
            "\n",
        ),
        (
            "check-run-together",
            "check/token.run_together",
            "after six rows, without anything between them, a whole refresh token begins",
            "",
        ),
    ] {
        let made = vector(Kind::Response, expect, comment, format!("{cut}{between}{another}"));
        all.add(name, Vector { tokens: 2, ..made });
    }

    let made =
        vector(Kind::Response, "text/text.too_large", "a text of 16 MiB and one byte", "A".into());
    all.add("text-too-large", Vector { repeat: MAX_TEXT_BYTES + 1, tokens: 0, ..made });
    let comment = "10,001 beginnings; damaged tokens count as well";
    let made =
        vector(Kind::Response, "text/text.too_many_tokens", comment, format!("{}.", lines[0]));
    all.add("text-too-many", Vector { repeat: MAX_TOKENS + 1, tokens: 0, ..made });

    let digest = "tag/token.digest";
    let mut padded = Lines::new(&token, Kind::Response);
    assert!(token.len() * 8 % 5 != 0, "this token has no padding");
    *padded.data.last_mut().unwrap() |= 1;
    let comment = "a bit of the padding is set, and the last row checks";
    all.add("tag-padding", vector(Kind::Response, digest, comment, padded.text()));
    let mut tagged = Lines::new(&token, Kind::Response);
    tagged.tag[2] ^= 1;
    let comment = "another tag, with which every line checks";
    all.add("tag-wrong", vector(Kind::Response, digest, comment, tagged.text()));
    let mut altered = token.clone();
    altered[60] ^= 1;
    let mut lines_altered = Lines::new(&altered, Kind::Response);
    lines_altered.tag = Lines::new(&token, Kind::Response).tag;
    let comment = "a row was altered together with its check: the tag tells";
    all.add("tag-altered-row", vector(Kind::Response, digest, comment, lines_altered.text()));
}

fn frames_of_pictures(all: &mut All) {
    let (token, payload) = mangled();
    let lines = Lines::new(&token, Kind::Response);
    let frames = framed(&lines.text(), Kind::Response, lines.tag, 120);
    assert!(frames.len() > 2);
    let payload = Some(payload);
    let made = |comment: &str, text: String| {
        let made = vector(Kind::Response, "success", comment, text);
        Vector { payload: payload.clone(), ..made }
    };
    let links: Vec<_> =
        frames.iter().rev().map(|frame| format!("HTTPS://HOST/A/{frame}\n")).collect();
    let comment = "the frames of several pictures, as links, the last one first";
    all.add("frames-backwards", made(comment, links.concat()));
    let twice = format!("{}\n{}", frames[0], frames.join("\n")).to_lowercase();
    all.add("frames-twice", made("one frame twice, in small letters", twice));
    let other = text_of(Kind::Refresh, &usual_draft(Kind::Refresh).seal());
    let comment = "a whole token stands among the frames of another one, which is given after it";
    let text = format!("{}\n{other}\n{}", frames[0], frames[1..].join("\n"));
    let mixed = vector(Kind::Response, "kind/token.wrong_kind", comment, text);
    all.add("frames-around-another", Vector { tokens: 2, ..mixed });
    let comment = "the second frame is missing";
    let text = format!("{}\n{}", frames[0], frames[2..].join("\n"));
    let missing = vector(Kind::Response, "check/token.frames_missing", comment, text);
    all.add("frames-missing", missing);
    let mut damaged = frames.clone();
    // The tag is changed. The rest of the header is right, except for the check.
    spoil(&mut damaged[1], 9);
    let comment = "a symbol in the header of the second frame is wrong: it is no frame";
    all.add(
        "frames-header",
        vector(Kind::Response, "check/token.frames_missing", comment, damaged.join("\n")),
    );
}

fn outsides_that_are_refused(all: &mut All) {
    use Kind::{Deactivation, Refresh, Request, Response};
    let length = "length/token.length";
    let short = &usual_draft(Deactivation).seal()[..122];
    all.bad(Deactivation, "length-122", length, "one byte less than any token", short);
    let long = [&usual_draft(Deactivation).seal()[..], &[0; 1_500]].concat();
    all.bad(
        Deactivation,
        "length-1501",
        length,
        "one byte more than a token may have",
        &long[..1_501],
    );
    all.bad(Deactivation, "length-0", length, "line 0 announces no bytes", &[]);
    let mut announced = Lines::new(short, Deactivation);
    announced.length = 32_767;
    let comment = "line 0 announces 32,767 bytes: refused before rows are looked for";
    all.add("length-32767", vector(Deactivation, length, comment, announced.text()));

    // They are encrypted and signed with their present header, so that nothing else is wrong with
    // them.
    let sealed_with =
        |kind: Kind, at: usize, byte: u8| usual_draft(kind).with_head(at, byte).seal();
    for kind in Kind::ALL {
        let token = sealed_with(kind, 0, 2);
        let comment = "a suite of the future";
        all.bad(kind, &format!("suite-2-{kind}"), "suite/token.suite", comment, &token);
    }
    let token = sealed_with(Refresh, 0, 0);
    all.bad(Refresh, "suite-0", "suite/token.suite", "no suite", &token);
    for unknown in [0, 5] {
        let token = sealed_with(Refresh, 1, unknown);
        let comment = "a kind that this version doesn't know";
        all.bad(Refresh, &format!("type-{unknown}"), "type/token.type", comment, &token);
    }
    let mismatch = "type/token.prefix_mismatch";
    for (kind, prefix) in
        [(Request, Deactivation), (Response, Refresh), (Refresh, Response), (Deactivation, Request)]
    {
        let text = text_of(prefix, &usual_draft(kind).seal());
        let comment = format!("a {kind} token under the prefix of a {prefix} token");
        all.add(&format!("type-prefix-{kind}"), vector(kind, mismatch, &comment, text));
    }
    for (wanted, sent) in
        [(Request, Deactivation), (Response, Refresh), (Refresh, Response), (Deactivation, Request)]
    {
        let text = text_of(sent, &usual_draft(sent).seal());
        let comment = format!("a {sent} token where a {wanted} token belongs");
        all.add(&format!("kind-{wanted}"), vector(wanted, "kind/token.wrong_kind", &comment, text));
    }

    let recipient = "key id/token.other_recipient";
    let (other_vendor, other_device) = (Party::new("another vendor"), Party::new("another device"));
    for kind in Kind::ALL {
        let payload = Item::Map(usual(kind));
        let token = match kind {
            Request | Deactivation => {
                Draft::new(kind, &payload, PRODUCT, &device(), &other_vendor).seal()
            }
            Response | Refresh => {
                Draft::new(kind, &payload, PRODUCT, &vendor(), &other_device).seal()
            }
        };
        let comment = "sealed for somebody else";
        all.bad(kind, &format!("key-id-{kind}"), recipient, comment, &token);
    }

    let decryption = "decryption/token.decryption";
    for (name, at, comment) in [
        ("encapsulated", 6 + 31, "a bit of the encapsulated key is changed"),
        ("ciphertext", 6 + 32 + 9, "a bit of the ciphertext is changed"),
        ("authentication", usize::MAX, "a bit of the authentication tag is changed"),
    ] {
        let mut token = usual_draft(Response).seal();
        let at = at.min(token.len() - 1);
        token[at] ^= 1;
        all.bad(Response, &format!("decryption-{name}"), decryption, comment, &token);
    }
    for kind in Kind::ALL {
        let mut token = usual_draft(kind).seal();
        token[80] ^= 0x10;
        let comment = "a bit of the ciphertext is changed";
        all.bad(kind, &format!("decryption-{kind}"), decryption, comment, &token);
    }
    for (name, point) in super::check_order::X25519_SMALL_ORDER {
        let comment = format!(
            "the encapsulated key is {name}, of small order, and the token is sealed with the shared secret of zeros that it gives"
        );
        let token = usual_draft(Response).seal_with_zero(*point);
        all.bad(Response, &format!("decryption-small-order-{name}"), decryption, &comment, &token);
    }
    let mut token = usual_draft(Response);
    token.recipient = *other_device.keys.public();
    let comment = "the key id is the recipient's by chance, the key isn't";
    all.bad(Response, "decryption-other-key", decryption, comment, &token.seal());
    let mut token = usual_draft(Refresh).seal();
    token[1] = Response as u8;
    let comment = "sealed as a refresh token, made a response token on its way";
    all.bad(Response, "decryption-other-type", decryption, comment, &token);
    let mut token = usual_draft(Response);
    token.info = token.head.clone();
    let comment = "info without \"latchkey/enc\" 0x00";
    all.bad(Response, "decryption-info", decryption, comment, &token.seal());
    let mut token = usual_draft(Response);
    token.aad = b"latchkey".to_vec();
    all.bad(Response, "decryption-aad", decryption, "the aad isn't empty", &token.seal());
}

fn forgeries(all: &mut All) {
    use Kind::{Deactivation, Refresh, Request, Response};

    let signer = "signer/token.unknown_signer";
    let stranger = Party::new("a stranger");
    for kind in [Response, Refresh, Deactivation] {
        let recipient = if kind == Deactivation { vendor() } else { device() };
        let token =
            Draft::new(kind, &Item::Map(usual(kind)), PRODUCT, &stranger, &recipient).seal();
        let comment = "signed by somebody whom the recipient doesn't know";
        all.bad(kind, &format!("signer-{kind}"), signer, comment, &token);
    }
    let mut token = usual_draft(Request);
    token.signer_id = stranger.keys.public().id().0;
    let comment = "the signer's key id isn't that of the keys in the request";
    all.bad(Request, "signer-request", signer, comment, &token.seal());

    let signature = "signature/token.signature";
    for kind in Kind::ALL {
        let mut token = usual_draft(kind);
        let sign = token.sign;
        token.sign = Box::new(move |message| {
            let mut signature = sign(message);
            signature[40] ^= 1;
            signature
        });
        let comment = "a bit of the signature is changed";
        all.bad(kind, &format!("signature-{kind}"), signature, comment, &token.seal());
    }
    let mut bad = |name: &str, comment: &str, change: &dyn Fn(&mut Draft)| {
        let mut token = usual_draft(Response);
        change(&mut token);
        all.bad(Response, &format!("signature-{name}"), signature, comment, &token.seal());
    };
    let head = |draft: &Draft, product: u32, recipient: &Party| {
        signed_head(
            &draft.head,
            product,
            recipient.keys.public().encryption_key(),
            vendor().keys.public().signing_key(),
        )
    };
    bad("other-product", "signed for product 8, opened for product 7", &|draft| {
        draft.signed_head = head(draft, PRODUCT + 1, &device());
    });
    bad("little-endian-product", "the product's bytes in the wrong order", &|draft| {
        draft.signed_head = head(draft, PRODUCT.swap_bytes(), &device());
    });
    bad("forwarded", "signed for another device, sealed again for this one", &|draft| {
        draft.signed_head = head(draft, PRODUCT, &Party::new("another device"));
    });
    bad("other-head", "signed for another type", &|draft| {
        let mut other = draft.head.clone();
        other[1] = Refresh as u8;
        draft.signed_head = signed_head(
            &other,
            PRODUCT,
            device().keys.public().encryption_key(),
            vendor().keys.public().signing_key(),
        );
    });
    bad("bare", "signed over the payload alone", &|draft| draft.signed_head.clear());
    bad("without-context", "signed without \"latchkey/sig\" 0x00", &|draft| {
        draft.signed_head.drain(..13);
    });
    bad("other-signer", "made by another key than the one that it names", &|draft| {
        let stranger = Party::new("a stranger");
        draft.sign = Box::new(move |message| stranger.keys.sign(message));
    });
    bad("other-payload", "made over another payload", &|draft| {
        let sign = usual_draft(Response).sign;
        draft.sign = Box::new(move |message| sign(&[message, &[0]].concat()));
    });
    bad("zero", "64 zero bytes", &|draft| draft.sign = Box::new(|_| [0; 64]));
    bad("no-point", "R is no point", &|draft| {
        let keys = vendor().keys;
        draft.sign = Box::new(move |message| {
            let mut signature = keys.sign(message);
            signature[..32].fill(0);
            signature[0] = 2;
            signature
        });
    });
    bad("large-s", "S + the order of the group, which plain arithmetic takes for S", &|draft| {
        let keys = vendor().keys;
        draft.sign = Box::new(move |message| {
            // The order of the group, little-endian.
            const ORDER: [u8; 32] = [
                0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
                0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
            ];
            let mut signature = keys.sign(message);
            let mut carry = 0;
            for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(order) + carry;
                *byte = sum as u8;
                carry = sum >> 8;
            }
            signature
        });
    });
    bad(
        "small-order-r",
        "R is the neutral element: valid for a verifier that isn't strict",
        &|draft| {
            let key = vendor().signing_key();
            draft.sign = Box::new(move |message| {
                let r = EdwardsPoint::identity().compress().to_bytes();
                let k = challenge(&r, key.verifying_key().as_bytes(), message);
                joined(r, k * key.to_scalar())
            });
        },
    );
    bad("cofactor", "valid only for a verifier that multiplies with the cofactor", &|draft| {
        let key = vendor().signing_key();
        draft.sign = Box::new(move |message| sign_with_offset(&key, EIGHT_TORSION[1], message));
    });

    let stolen = Party::new("a stranger");
    let mut token = usual_draft(Request);
    token.sign = Box::new(move |message| stolen.keys.sign(message));
    let comment =
        "signed with another key than the request brings: somebody asks in a device's name";
    all.bad(Request, "signature-request-other-key", signature, comment, &token.seal());
    let mut token = usual_draft(Request);
    token.signed_head = signed_head(
        &token.head,
        PRODUCT + 1,
        vendor().keys.public().encryption_key(),
        device().keys.public().signing_key(),
    );
    let comment = "signed for another product than the request names";
    all.bad(Request, "signature-request-other-product", signature, comment, &token.seal());
    let mut token = usual_draft(Deactivation);
    token.signed_head = signed_head(
        &token.head,
        PRODUCT + 1,
        vendor().keys.public().encryption_key(),
        device().keys.public().signing_key(),
    );
    let comment = "signed for product 8, opened for product 7";
    all.bad(
        Deactivation,
        "signature-deactivation-other-product",
        signature,
        comment,
        &token.seal(),
    );
}

fn weak_keys(all: &mut All) {
    let expect = "weak key/token.weak_key";
    let good = device().public();
    for (name, point) in [("1", EIGHT_TORSION[0]), ("2", EIGHT_TORSION[4]), ("8", EIGHT_TORSION[3])]
    {
        let mut keys = good;
        let encoded = point.compress().to_bytes();
        keys[..32].copy_from_slice(&encoded);
        // Under a key of small order, R = [S]B is a signature as soon as [k]A is the neutral
        // element.
        let token = request_with(keys, move |message| {
            let made = (0..).find_map(|number| {
                let s = nonce(number);
                let r = EdwardsPoint::mul_base(&s).compress().to_bytes();
                let k = challenge(&r, &encoded, message);
                (k * point == EdwardsPoint::identity()).then(|| joined(r, s))
            });
            made.unwrap()
        });
        let comment = format!(
            "an Ed25519 key of order {name}, with a signature that a verifier takes that isn't strict"
        );
        all.bad(Kind::Request, &format!("weak-key-ed25519-order-{name}"), expect, &comment, &token);
    }
    let order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ];
    let mut one = [0; 32];
    one[0] = 1;
    for (name, point) in [("zero", [0; 32]), ("one", one), ("order-8", order_8)] {
        let mut keys = good;
        keys[32..].copy_from_slice(&point);
        let token = request_with(keys, |message| device().keys.sign(message));
        let comment = "an X25519 key of small order: everybody would know the shared secret";
        all.bad(Kind::Request, &format!("weak-key-x25519-{name}"), expect, comment, &token);
    }
    // No point has this y. y = p + 3 is another encoding of 3, which is a point that doesn't have
    // small order.
    let mut no_point = good;
    no_point[..32].fill(0);
    no_point[0] = 2;
    let mut spelt_otherwise = good;
    spelt_otherwise[..32].fill(0xff);
    spelt_otherwise[0] = 0xed + 3;
    spelt_otherwise[31] = 0x7f;
    for (name, keys, comment) in [
        ("no-point", no_point, "an Ed25519 key that is no point"),
        (
            "not-canonical",
            spelt_otherwise,
            "an Ed25519 key with y = p + 3; nobody knows its private key",
        ),
    ] {
        let token = request_with(keys, |message| device().keys.sign(message));
        all.bad(
            Kind::Request,
            &format!("fields-key-{name}"),
            "fields/token.field",
            comment,
            &token,
        );
    }
}

fn encodings_that_are_refused(all: &mut All) {
    use Item::{Bytes, Map, Number, Raw};
    use Kind::{Deactivation, Refresh, Request, Response};
    let expect = "encoding/token.encoding";

    // A payload as raw bytes.
    let mut raw = |kind: Kind, name: &str, comment: &str, payload: Vec<u8>| {
        let mut token = draft(kind, &Map(usual(kind)));
        token.payload = payload;
        all.bad(kind, &format!("encoding-{name}"), expect, comment, &token.seal());
    };
    let usual_bytes = |kind| Map(usual(kind)).to_bytes();
    let entries = |kind| usual_bytes(kind)[1..].to_vec();
    for kind in Kind::ALL {
        let payload = [usual_bytes(kind), vec![0]].concat();
        raw(kind, &format!("left-over-{kind}"), "a byte after the map", payload);
    }
    let mut truncated = usual_bytes(Deactivation);
    truncated.pop();
    raw(Deactivation, "truncated", "the last byte is missing", truncated);
    raw(
        Deactivation,
        "two-maps",
        "a second map after the first",
        [usual_bytes(Deactivation), vec![0xa0]].concat(),
    );
    raw(Deactivation, "list", "not a map", vec![0x83, 1, 2, 3]);
    raw(
        Deactivation,
        "huge-count",
        "a map that announces 2⁶³ entries",
        vec![0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0],
    );
    let indefinite = [vec![0xbf], entries(Deactivation), vec![0xff]].concat();
    raw(Deactivation, "indefinite-map", "a map of indefinite length", indefinite);
    let long_count = [vec![0xb8, 3], entries(Deactivation)].concat();
    raw(Deactivation, "long-count", "the number of entries in two bytes", long_count);
    let mut unsorted = usual(Refresh);
    unsorted.swap(1, 2);
    raw(Refresh, "unsorted", "9 before 8", Map(unsorted).to_bytes());
    let mut twice = usual(Refresh);
    twice.insert(1, twice[0].clone());
    raw(Refresh, "key-twice", "7 twice, with the same value", Map(twice).to_bytes());
    let with_raw_key = |key: &[u8]| {
        let mut payload = vec![0xa4];
        payload.extend(entries(Deactivation));
        payload.extend_from_slice(key);
        payload.push(0);
        payload
    };
    raw(Deactivation, "text-key", "a key that is a text", with_raw_key(&[0x61, b'a']));
    raw(Deactivation, "negative-key", "the key −100", with_raw_key(&[0x38, 99]));
    raw(Deactivation, "long-key", "the key 16 in two bytes", with_raw_key(&[0x18, 16]));

    let mut field = |kind: Kind, name: &str, comment: &str, key: u64, value: Item| {
        let payload = with(kind, vec![(key, value)]);
        all.bad_payload(kind, &format!("encoding-{name}"), expect, comment, &payload);
    };
    field(Deactivation, "long-1", "5 in two bytes", 4, Raw(&[0x18, 5]));
    field(Deactivation, "long-2", "255 in three bytes", 4, Raw(&[0x19, 0, 255]));
    field(Deactivation, "long-4", "65535 in five bytes", 4, Raw(&[0x1a, 0, 0, 255, 255]));
    field(
        Deactivation,
        "long-8",
        "2³² − 1 in nine bytes",
        4,
        Raw(&[0x1b, 0, 0, 0, 0, 255, 255, 255, 255]),
    );
    field(Deactivation, "reserved-length", "additional information 28", 4, Raw(&[0x1c]));
    field(
        Deactivation,
        "long-string",
        "the length 8 of a byte string in two bytes",
        8,
        Raw(&[0x58, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
    );
    field(
        Deactivation,
        "indefinite-bytes",
        "a byte string in pieces",
        8,
        Raw(&[0x5f, 0x44, 1, 2, 3, 4, 0x44, 5, 6, 7, 8, 0xff]),
    );
    field(Request, "indefinite-text", "a text in pieces", 5, Raw(&[0x7f, 0x61, b'a', 0xff]));
    field(Response, "indefinite-list", "a list of indefinite length", 13, Raw(&[0x9f, 0xff]));
    field(Request, "utf-8", "a text that isn't UTF-8", 5, Raw(&[0x62, 0xc3, 0x28]));
    field(Request, "utf-8-surrogate", "a surrogate in UTF-8", 5, Raw(&[0x63, 0xed, 0xa0, 0x80]));
    field(
        Deactivation,
        "tag",
        "a time with its tag",
        7,
        Raw(&[0xc1, 0x1a, 0x6a, 0xb1, 0x3b, 0x80]),
    );
    field(Response, "float", "an unknown field with a float", 99, Raw(&[0xf9, 0x3c, 0]));
    field(Response, "undefined", "an unknown field with undefined", 99, Raw(&[0xf7]));
    field(Response, "simple", "an unknown field with the simple value 99", 99, Raw(&[0xf8, 99]));
    field(Response, "long-true", "true in two bytes", 12, Raw(&[0xa1, 1, 0xf8, 21]));
    field(Response, "break", "a break where a value belongs", 99, Raw(&[0xff]));
    field(
        Response,
        "features-unsorted",
        "features out of order",
        12,
        Map(vec![(2, Number(1)), (1, Number(1))]),
    );
    field(
        Response,
        "feature-twice",
        "a feature twice",
        12,
        Map(vec![(2, Number(1)), (2, Number(1))]),
    );
    field(
        Refresh,
        "feature-text-key",
        "a feature with a text for its number",
        12,
        Raw(&[0xa1, 0x61, b'a', 0xf5]),
    );
    field(Response, "depth", "an item of depth 5", 99, Raw(&[0x81, 0x81, 0x81, 0x81, 0]));
    field(
        Response,
        "depth-unknown-map",
        "a key twice inside an unknown field",
        99,
        Map(vec![(1, Number(1)), (1, Bytes(vec![]))]),
    );
}

fn fields_that_are_refused(all: &mut All) {
    use Item::{Bool, List, Map, Negative, Null, Number};
    use Kind::{Deactivation, Refresh, Request, Response};
    let expect = "fields/token.field";

    for (kind, key, what) in [
        (Request, 0, "product"),
        (Request, 2, "keys"),
        (Request, 7, "time"),
        (Response, 3, "request"),
        (Response, 15, "traits-digest"),
        (Refresh, 9, "lease-expiry"),
        (Deactivation, 8, "seat"),
    ] {
        let name = format!("fields-{kind}-without-{what}");
        all.bad_payload(kind, &name, expect, "a required field is absent", &without(kind, key));
    }
    let mut token = usual_draft(Deactivation);
    token.payload = vec![0xa0];
    let comment = "an empty map, in the shortest token there is";
    all.bad(Deactivation, "fields-none", expect, comment, &token.seal());

    let mut field = |kind: Kind, name: &str, comment: &str, key: u64, value: Item| {
        let payload = with(kind, vec![(key, value)]);
        all.bad_payload(kind, &format!("fields-{name}"), expect, comment, &payload);
    };
    field(Request, "product-range", "product 2³²", 0, Number(1 << 32));
    field(Request, "product-type", "the product as a text", 0, text("7"));
    field(Request, "code-empty", "a code of no symbols", 1, bytes(&[0]));
    field(Request, "code-33", "a code of 33 symbols", 1, bytes(&[&[33][..], &[0; 21]].concat()));
    field(Request, "code-padding", "a code whose padding isn't zero", 1, bytes(&[1, 0xf9]));
    field(Request, "code-short", "a code with a byte too few", 1, bytes(&[4, 0, 0]));
    field(Request, "code-long", "a code with a byte too many", 1, bytes(&[3, 0, 0, 0]));
    field(Request, "code-nothing", "a code without its count", 1, bytes(&[]));
    field(Request, "keys-short", "keys of 63 bytes", 2, bytes(&device().public()[..63]));
    field(Request, "request-short", "a request id of 7 bytes", 3, bytes(&[1; 7]));
    field(Request, "counter-negative", "the counter −1", 4, Negative(0));
    field(Request, "seat-name-long", "a seat name of 65 bytes", 5, text(&"n".repeat(65)));
    let long = format!("{}ß", "n".repeat(63));
    field(Request, "seat-name-bytes-65", "64 characters that take 65 bytes", 5, text(&long));
    field(Request, "seat-name-control", "a seat name with a line feed in it", 5, text("a\nb"));
    field(
        Request,
        "seat-name-delete",
        "a seat name with a C1 control character",
        5,
        text("a\u{80}b"),
    );
    field(Request, "seat-name-space", "a seat name with a space after it", 5, text("Office "));
    field(
        Request,
        "seat-name-no-break-space",
        "a seat name with a no-break space before it",
        5,
        text("\u{a0}Office"),
    );
    field(Request, "seat-name-bytes", "a seat name as a byte string", 5, bytes(b"Office"));
    field(Request, "traits-bit-7", "traits with bit 7", 6, bytes(&[0x80, 1, 2, 3, 4]));
    field(Request, "traits-short", "two traits announced, one there", 6, bytes(&[3, 1, 2, 3, 4]));
    field(
        Request,
        "traits-long",
        "one trait announced, two there",
        6,
        bytes(&[1, 1, 2, 3, 4, 5, 6, 7, 8]),
    );
    field(Request, "traits-nothing", "traits without their presence byte", 6, bytes(&[]));
    field(Request, "time-range", "one second after the year 9999", 7, Number(LAST_SECOND + 1));
    field(Deactivation, "time-negative", "one second before 1970", 7, Negative(0));
    field(Response, "expiry-range", "one second after the year 9999", 9, Number(LAST_SECOND + 1));
    field(Refresh, "expiry-2-64", "2⁶⁴ − 1 as a time", 9, Number(u64::MAX));
    field(Response, "grace-range", "a grace longer than the calendar", 10, Number(LAST_SECOND + 1));
    field(Response, "grace-null", "null for the grace", 10, Null);
    field(
        Response,
        "feature-range",
        "a feature's number is 2³²",
        12,
        Map(vec![(1 << 32, Bool(true))]),
    );
    field(Response, "feature-text", "a feature with a text", 12, Map(vec![(1, text("yes"))]));
    field(Response, "feature-negative", "a feature with −1", 12, Map(vec![(1, Negative(0))]));
    field(Response, "feature-null", "a feature with null", 12, Map(vec![(1, Null)]));
    field(Response, "attributes-odd", "a key without its value", 13, list(&["a"]));
    field(Response, "attributes-unsorted", "keys out of order", 13, list(&["b", "", "a", ""]));
    field(Refresh, "attributes-twice", "a key twice", 13, list(&["a", "", "a", ""]));
    field(
        Response,
        "attributes-by-length",
        "\"b\" before \"aa\": in order of length, not of bytes",
        13,
        list(&["b", "", "aa", ""]),
    );
    field(
        Response,
        "attributes-number",
        "a value that is a number",
        13,
        List(vec![text("a"), Number(1)]),
    );
    field(Response, "attributes-map", "attributes as a map", 13, Map(Vec::new()));
    field(Response, "subscription-null", "null, which only a refresh may say", 14, Null);
    field(
        Refresh,
        "subscription-range",
        "one second after the year 9999",
        14,
        Number(LAST_SECOND + 1),
    );
    field(Response, "traits-digest-long", "a digest of 11 bytes", 15, bytes(&[5; 11]));
    let value = "x".repeat(506);
    field(
        Response,
        "terms-513",
        "attributes of 512 bytes and features left out, which count as one",
        13,
        list(&["a", &value]),
    );
    let features = Map((0..100).map(|number| (number, Number(1_000_000))).collect());
    field(Refresh, "terms-features", "features of more than 512 bytes", 12, features);

    let critical = "fields/token.critical_field";
    for (kind, key) in
        [(Request, 128), (Response, 128), (Refresh, 65_535), (Deactivation, u64::MAX)]
    {
        let comment = format!("field {key}, which must not be ignored");
        let payload = with(kind, vec![(key, Null)]);
        all.bad_payload(kind, &format!("fields-critical-{kind}"), critical, &comment, &payload);
    }
}
