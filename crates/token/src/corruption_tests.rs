//! Tests more than forty ways in which a token's text changes in transit: its characters, its
//! lines, and the formats around it. The token is read after each of them and after combinations of
//! one of each sort, and it is never read as another one.

use data_encoding::BASE64_MIME;

use crate::{FoundToken, Token, scan};

type Kind = (&'static str, fn(&str) -> String);

/// Other characters in the place of some.
const CHARACTERS: &[Kind] = &[
    ("as they were", str::to_owned),
    ("lower case", str::to_lowercase),
    ("O for 0", |text| text.replace('0', "O")),
    ("o for 0 and l for 1", |text| text.replace('0', "o").replace('1', "l")),
    ("I for 1", |text| text.replace('1', "I")),
    ("U for V", |text| text.replace('V', "U")),
    ("full-width forms", |text| {
        text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect()
    }),
    ("Cyrillic letters", |text| {
        text.replace('A', "А").replace('C', "С").replace('H', "Н").replace('X', "Х")
    }),
    ("Greek letters", |text| text.replace('E', "Ε").replace('K', "Κ").replace('Z', "Ζ")),
    ("a stroke through zeros", |text| text.replace('0', "Ø")),
    ("mathematical bold letters", |text| {
        text.chars()
            .map(|c| match c {
                'A'..='Z' => char::from_u32(0x1d400 + u32::from(c) - 65).unwrap_or(c),
                other => other,
            })
            .collect()
    }),
    ("S for 5 once a row", |text| once_a_row(text, '5', 'S')),
    ("8 for B once a row", |text| once_a_row(text, 'B', '8')),
    ("2 for Z once a row", |text| once_a_row(text, 'Z', '2')),
    ("G for 6 once a row", |text| once_a_row(text, '6', 'G')),
    ("a letter that isn't a symbol once a row", |text| once_a_row(text, 'K', 'ß')),
];

/// Something between them.
const LINES: &[Kind] = &[
    ("one line", str::to_owned),
    ("wrapped at 76", |text| wrap(text, 76, "\r\n")),
    ("wrapped at 40 with blanks", |text| wrap(text, 40, " \n\t")),
    ("groups of five", |text| wrap(text, 5, " ")),
    ("groups of four", |text| wrap(text, 4, "  ")),
    ("a line each for rows", |text| rows(text).join("\n")),
    ("paper", |text| paper(text, 0, "\n")),
    ("paper with empty lines", |text| paper(text, 0, "\n\n")),
    ("paper run into one line", |text| paper(text, 0, "   ")),
    ("paper in the wrong order", |text| {
        let mut lines: Vec<_> = paper(text, 0, "\n").lines().map(str::to_owned).collect();
        lines[1..14].reverse();
        lines.join("\n")
    }),
    ("rows in the wrong order", |text| {
        let mut rows = rows(text);
        rows.swap(3, 4);
        rows.swap(9, 12);
        rows.concat()
    }),
    ("a row twice", |text| {
        let mut rows = rows(text);
        rows.insert(7, rows[7].clone());
        rows.concat()
    }),
    ("a page's foot in the middle", |text| {
        let mut rows = rows(text);
        rows.insert(8, "\n- page 1 of 2 -\n\n".to_owned());
        rows.join("\n")
    }),
    ("dashes", |text| wrap(text, 25, "-")),
    ("smart dashes and blanks", |text| wrap(text, 10, " \u{2014} ")),
    ("soft hyphens", |text| wrap(text, 17, "\u{ad}")),
    ("no-break spaces", |text| wrap(text, 11, "\u{a0}")),
    ("thin spaces", |text| wrap(text, 9, "\u{2009}")),
    ("zero-width spaces", |text| wrap(text, 13, "\u{200b}")),
    ("joiners and direction marks", |text| wrap(text, 8, "\u{2060}\u{200e}")),
    ("soft line breaks", |text| wrap(text, 75, "=\r\n")),
    ("dots", |text| wrap(text, 3, ".")),
    ("a symbol lost", |text| format!("{}{}", &text[..head(text, 130)], &text[head(text, 131)..])),
    ("a symbol doubled", |text| {
        format!("{}{}", &text[..head(text, 131)], &text[head(text, 130)..])
    }),
];

/// Something around it.
const PACKED: &[Kind] = &[
    ("nothing", str::to_owned),
    ("a sentence", |text| format!("Hello,\nplease use {text}. Thank you!\n-- \nSupport, floor 3")),
    ("quotation marks", |text| format!("Your token is “{text}”, dear customer.")),
    ("angle brackets", |text| format!("<{text}>")),
    ("Markdown", |text| format!("Here:\n```\n**{text}**\n```")),
    ("a quoted mail", |text| quote(text, "> ")),
    ("a mail quoted three times", |text| quote(&quote(&quote(text, "> "), "> "), ">")),
    ("a byte order mark", |text| format!("\u{feff}{text}\u{0}")),
    ("the same twice", |text| format!("{text}\n\n{text}")),
    ("JSON", |text| format!("{{\"token\": \"{}\"}}", text.replace('\n', "\\n").replace('\r', ""))),
    ("a page", |text| page(text)),
    ("a page with breaks", |text| page(&wrap(text, 35, "<wbr>"))),
    ("a page with line breaks", |text| page(&text.replace('\n', "<br>\n"))),
    ("a page with spans", |text| {
        format!("<p><span style='x'>{}</span></p>", text.replace('\n', "</span><br/><span>"))
    }),
    ("a page with entities", |text| {
        page(&text.chars().map(|c| format!("&#{};", u32::from(c))).collect::<String>())
    }),
    ("a mail in base 64", |text| {
        mail("text/plain; charset=utf-8", "base64", &BASE64_MIME.encode(text.as_bytes()))
    }),
    ("a mail in quoted-printable", |text| {
        mail("text/plain; charset=utf-8", "quoted-printable", &quoted_printable(text))
    }),
    ("a page in a mail", |text| {
        mail("text/html; charset=utf-8", "base64", &BASE64_MIME.encode(page(text).as_bytes()))
    }),
    ("text and page in a mail", |text| {
        let part = |kind: &str| format!("--=_b\r\nContent-Type: text/{kind}; charset=utf-8\r\n");
        let body = format!(
            "{}Content-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n{}Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_b--",
            part("plain"),
            quoted_printable(text),
            part("html"),
            BASE64_MIME.encode(page(text).as_bytes()),
        );
        mail("multipart/alternative; boundary=\"=_b\"", "7bit", &body)
    }),
    ("a mail in a mail", |text| {
        let inner =
            mail("text/plain; charset=utf-8", "base64", &BASE64_MIME.encode(text.as_bytes()));
        mail(
            "multipart/mixed; boundary=b",
            "8bit",
            &format!("--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--"),
        )
    }),
    ("a link", |text| format!("https://licence.acme.example/A/{}", percent(text))),
    ("a link in a link", |text| {
        let link = format!("https://licence.acme.example/A/{}", percent(text));
        format!("See https://filter.example/?url={}&data=05", percent(&link))
    }),
    ("a link in a page", |text| {
        format!("<a href=\"https://licence.acme.example/A/{}&amp;x=1\">Open</a>", percent(text))
    }),
];

/// Returns the byte index of a character.
fn head(text: &str, at: usize) -> usize {
    text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
}

fn chunks(text: &str, width: usize) -> Vec<String> {
    let characters: Vec<_> = text.chars().collect();
    characters.chunks(width).map(|chunk| chunk.iter().collect()).collect()
}

fn wrap(text: &str, width: usize, with: &str) -> String {
    chunks(text, width).join(with)
}

/// Returns line 0 and the rows.
fn rows(text: &str) -> Vec<String> {
    let (line_0, rest) = text.split_at(head(text, 14));
    std::iter::once(line_0.to_owned()).chain(chunks(rest, 25)).collect()
}

fn paper(text: &str, from: usize, between: &str) -> String {
    let numbered = rows(text).into_iter().enumerate().skip(from);
    let lines: Vec<_> =
        numbered.map(|(row, line)| format!("{row:>2}  {}", wrap(&line, 5, " "))).collect();
    lines.join(between)
}

/// Replaces one symbol in each row by a similar one, as text recognition does.
fn once_a_row(text: &str, right: char, wrong: char) -> String {
    rows(text).iter().map(|row| row.replacen(right, &wrong.to_string(), 1)).collect()
}

fn quote(text: &str, with: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| format!("{with}{line}\n")).collect();
    format!("On Monday, somebody wrote:\n{}\nRegards\n", lines.concat())
}

fn page(body: &str) -> String {
    format!(
        "<html><body><p>Guten Tag&nbsp;&ndash; Ihr Token:</p><pre>{body}</pre><p>Gr&uuml;&szlig;e</p></body></html>"
    )
}

fn mail(kind: &str, encoding: &str, body: &str) -> String {
    format!(
        "From: a@acme.example\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
    )
}

fn quoted_printable(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let escaped = line.trim_end_matches('\r').bytes().map(|byte| match byte {
            b' '..=b'~' if byte != b'=' => char::from(byte).to_string(),
            _ => format!("={byte:02X}"),
        });
        let mut encoded = String::new();
        let mut column = 0;
        for piece in escaped {
            if column + piece.len() > 75 {
                encoded.push_str("=\r\n");
                column = 0;
            }
            column += piece.len();
            encoded.push_str(&piece);
        }
        encoded
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// Percent-encodes a text.
fn percent(text: &str) -> String {
    let written = text.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    written.collect()
}

fn token() -> Token {
    scan(include_str!("fuzzing/token.txt")).unwrap().remove(0).token.unwrap()
}

/// A second accident beside a wrong symbol in each row is more than a row's check can mend; it may
/// only be named.
const TOO_MUCH: &[&str] = &[
    "a symbol lost",
    "a symbol doubled",
    "rows in the wrong order",
    "paper run into one line",
    "a page's foot in the middle",
];
/// Words on the last row's line, which is then no numbered row any more.
const ON_THE_LAST_LINE: &[&str] = &["a sentence", "quotation marks", "a link in a page"];

/// Returns whether the token and nothing else is found.
fn is_read(token: &Token, text: &str) -> bool {
    let found = scan(text).unwrap_or_default();
    let others = found.iter().any(|one| one.token.as_ref().is_ok_and(|read| read != token));
    assert!(!others, "read as something that it wasn't: {text}");
    matches!(&found[..], [FoundToken { token: Ok(_), .. }])
}

#[test]
fn a_token_is_read_after_every_single_corruption() {
    let token = token();
    let kinds = || CHARACTERS.iter().chain(LINES).chain(PACKED);
    assert!(kinds().count() >= 60, "{} kinds", kinds().count());
    let wrong: Vec<_> = kinds()
        .filter(|(_, mangle)| !is_read(&token, &mangle(&token.to_string())))
        .map(|(name, _)| name)
        .collect();
    assert!(wrong.is_empty(), "not read: {wrong:#?}");
}

#[test]
fn a_token_is_read_after_one_corruption_of_each_sort() {
    let token = token();
    let mut wrong = Vec::new();
    for (index, (characters, change)) in CHARACTERS.iter().enumerate() {
        for (lines, wrap) in LINES {
            let text = wrap(&change(&token.to_string()));
            let is_too_much = characters.ends_with("once a row") && TOO_MUCH.contains(lines);
            // Every pair is combined with a third of the formats around it, and the next pair with
            // another third.
            for (packed, pack) in PACKED.iter().skip(index % 3).step_by(3) {
                // The token is never read as another one.
                let is_too_much = is_too_much
                    || characters.ends_with("once a row")
                        && lines.starts_with("paper")
                        && ON_THE_LAST_LINE.contains(packed);
                if !is_read(&token, &pack(&text)) && !is_too_much {
                    wrong.push(format!("{characters}, {lines}, {packed}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not read: {wrong:#?}");
}
