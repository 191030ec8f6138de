//! What mail programs and other transports do to a token between two computers.

/// A distortion of a text: its name, and the function that applies it.
type Distortion = (&'static str, fn(&str) -> String);

/// All distortions that a token has to survive.
pub(crate) const DISTORTIONS: &[Distortion] = &[
    ("as it was", str::to_owned),
    ("wrapped at 60 columns", |token| wrapped(token, 60, "\n")),
    ("wrapped at 72 columns with CR LF and blanks", |token| wrapped(token, 72, " \r\n\t")),
    ("quoted and wrapped in a mail", quoted),
    ("quoted twice", |token| quoted(&quoted(token))),
    ("wrapped with a dash at the line's end", |token| wrapped(token, 50, "\u{2010}\n")),
    ("an em dash between groups", |token| wrapped(token, 10, " — ")),
    ("soft hyphens", |token| wrapped(token, 8, "\u{ad}")),
    ("no-break spaces", |token| wrapped(token, 5, "\u{a0}")),
    ("zero-width spaces", |token| wrapped(token, 7, "\u{200b}")),
    ("byte order mark and joiners", |token| format!("\u{feff}{}", wrapped(token, 9, "\u{2060}"))),
    ("lower case", str::to_lowercase),
    ("full-width forms", |token| {
        let wide = |c: char| char::from_u32(c as u32 + 0xfee0).unwrap_or(c);
        token.chars().map(wide).collect()
    }),
    ("Markdown code", |token| format!("Here it is:\n\n```text\n{token}\n```\n\nBest wishes")),
    ("Markdown bold", |token| format!("**{}**", wrapped(token, 40, "**\n**"))),
    ("raw quoted-printable", |token| wrapped(token, 75, "=\r\n")),
    ("O for 0, and I and L for 1", |token| {
        let mut ones = 0;
        let confuse = |c| match c {
            '0' => 'O',
            '1' => {
                ones += 1;
                if ones % 2 == 0 { 'I' } else { 'l' }
            }
            other => other,
        };
        // The beginning tells which kind of token it is and holds no digit.
        token.chars().map(confuse).collect()
    }),
    ("Cyrillic letters that look alike", |token| {
        let confuse = |c| match c {
            'A' => 'А',
            'B' => 'В',
            'C' => 'С',
            'E' => 'Е',
            'H' => 'Н',
            'K' => 'К',
            'M' => 'М',
            'P' => 'Р',
            'T' => 'Т',
            'X' => 'Х',
            other => other,
        };
        token.chars().map(confuse).collect()
    }),
    ("paper: numbered rows of five groups", numbered_rows),
    ("smart quotes around it", |token| format!("Your token is “{token}”, dear customer.")),
    ("a mail as it was sent, in base 64", |token| {
        let body = data_encoding::BASE64_MIME.encode(quoted(token).as_bytes());
        mail_source("text/plain; charset=utf-8", "base64", &body)
    }),
    ("a mail as it was sent, in quoted-printable", |token| {
        mail_source(
            "text/plain",
            "quoted-printable",
            &format!("Gr=C3=BC=C3=9Fe:\n{}\n", wrapped(token, 75, "=\n")),
        )
    }),
    ("a page in a mail, with a number in the token taken for a telephone's", |token| {
        let (start, end) = token.split_at(60);
        let body = format!(
            "<p>Token:&nbsp;{start}<a href=\"tel:1\">{}</a>&shy;{}</p>",
            &end[..9],
            wrapped(&end[9..], 40, "<wbr>")
        );
        mail_source("text/html", "base64", &data_encoding::BASE64_MIME.encode(body.as_bytes()))
    }),
    ("a link that a mail filter has wrapped", |token| {
        format!(
            "https://filter.example/?url=https%3A%2F%2Flicence.acme.example%2FA%2F{}%0D%0A{}&data=05",
            &token[..99],
            &token[99..]
        )
    }),
    ("one wrong symbol in every row", |token| one_wrong_symbol_in_every_row(token, 4)),
    ("quoted, wrapped, and one wrong symbol in every row", |token| {
        quoted(&one_wrong_symbol_in_every_row(token, 9))
    }),
];

/// The source of a mail.
fn mail_source(kind: &str, encoding: &str, body: &str) -> String {
    format!(
        "From: licences@acme.example\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
    )
}

/// The number of symbols before the first row.
const HEADER_LEN: usize = 14;
/// The number of symbols in a row.
const ROW_LEN: usize = 25;

/// Breaks a text into pieces of `width` characters.
fn wrapped(text: &str, width: usize, between: &str) -> String {
    let symbols: Vec<char> = text.chars().collect();
    let pieces: Vec<String> = symbols.chunks(width).map(|piece| piece.iter().collect()).collect();
    pieces.join(between)
}

/// A mail that quotes a mail.
pub(crate) fn quoted(text: &str) -> String {
    let mut mail = "From: support@acme.example\nSubject: RE: AW: your licence\n\nHello,\n\n\
                    On Monday, 23 November 2026 at 14:05, you wrote:\n> Dear support,\n>\n"
        .to_owned();
    for line in text.lines() {
        for piece in wrapped(line, 64, "\n").lines() {
            mail.push_str("> ");
            mail.push_str(piece);
            mail.push('\n');
        }
    }
    mail.push_str(">\n> Thank you.\n\n-- \nAcme support, extension 1234\n");
    mail
}

/// The beginning on a line of its own, then numbered rows of five groups of five.
fn numbered_rows(token: &str) -> String {
    let mut sheet = format!("{}\n", &token[..HEADER_LEN]);
    for (number, row) in token.as_bytes()[HEADER_LEN..].chunks(ROW_LEN).enumerate() {
        let row = wrapped(&String::from_utf8_lossy(row), 5, " ");
        sheet.push_str(&format!("{:>2}  {row}\n", number + 1));
    }
    sheet
}

/// Another symbol of the same alphabet.
fn other_symbol(symbol: u8) -> u8 {
    if symbol == b'7' { b'W' } else { b'7' }
}

/// Changes one symbol of the header and of each row, at about `position`.
pub(crate) fn one_wrong_symbol_in_every_row(token: &str, position: usize) -> String {
    let mut symbols = token.as_bytes().to_vec();
    let (beginning, rows) = symbols.split_at_mut(HEADER_LEN);
    let line = beginning.len();
    beginning[position % line] = other_symbol(beginning[position % line]);
    for (number, row) in rows.chunks_mut(ROW_LEN).enumerate() {
        let at = (position + number) % row.len();
        row[at] = other_symbol(row[at]);
    }
    String::from_utf8_lossy(&symbols).into_owned()
}

/// Changes more symbols of a row than its check symbols can correct.
pub(crate) fn three_wrong_symbols_in_the_second_row(token: &str) -> String {
    let mut symbols = token.as_bytes().to_vec();
    for offset in [2, 9, 15] {
        let at = HEADER_LEN + ROW_LEN + offset;
        symbols[at] = other_symbol(symbols[at]);
    }
    String::from_utf8_lossy(&symbols).into_owned()
}
