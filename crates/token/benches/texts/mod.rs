//! Ordinary and hostile texts that the benchmark measures and whose steps a test counts.

use latchkey_token::limits::MAX_TOKEN_BYTES;
use latchkey_token::{Kind, Token};

/// The bytes of a refresh token without features and attributes.
const REFRESH_BYTES: usize = 167;

/// Returns `bytes` bytes of pieces, of which the last one is cut off.
pub(crate) fn filled(bytes: usize, piece: &dyn Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(bytes + 8192);
    for index in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&piece(index));
    }
    text
}

/// A fixed random number generator, so that every run uses the same texts.
fn noise(index: usize) -> usize {
    let mixed =
        (index as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed >> 33) as usize
}

fn noise_symbols(index: usize, length: usize) -> String {
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (0..length).map(|at| char::from(alphabet[noise(index * length + at) % 32])).collect()
}

pub(crate) struct Texts {
    /// Different refresh tokens.
    tokens: Vec<String>,
    /// The longest response.
    longest: String,
}

pub(crate) type Piece<'t> = Box<dyn Fn(usize) -> String + 't>;

impl Texts {
    /// Creates the texts that are the same in every run.
    pub(crate) fn new() -> Self {
        Self::with_seed(0)
    }

    /// Creates other texts, which are the same for the same seed. The scanner can't distinguish
    /// encrypted data from noise.
    pub(crate) fn with_seed(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut token = |kind: Kind, bytes: usize| {
            let mut token = vec![1, kind as u8];
            token.extend(std::iter::repeat_with(|| random.u8(..)).take(bytes - token.len()));
            Token::from_bytes(token).unwrap().to_string()
        };
        Self {
            tokens: (0..10_000).map(|_| token(Kind::Refresh, REFRESH_BYTES)).collect(),
            longest: token(Kind::Response, MAX_TOKEN_BYTES),
        }
    }

    pub(crate) fn pieces(&self) -> Vec<(&'static str, Piece<'_>)> {
        let words =
            ["the", "licence", "of", "this", "computer", "ends", "on", "Monday", "talk", "answers"];
        let token = |index: usize| &self.tokens[index % self.tokens.len()];
        let line_0 = &self.longest[..14];
        let damaged = |wrong: &[usize]| {
            let mut text = self.longest.clone().into_bytes();
            for row in (14..text.len()).step_by(25) {
                for at in wrong {
                    if let Some(symbol) = text.get_mut(row + at) {
                        *symbol = if *symbol == b'7' { b'8' } else { b'7' };
                    }
                }
            }
            String::from_utf8(text).unwrap()
        };
        let (one_wrong, two_wrong) = (damaged(&[3]), damaged(&[3, 9]));
        // Each row has lost one symbol, in turn.
        let lost: String = self.longest.as_bytes()[14..]
            .chunks(25)
            .map(|row| String::from_utf8_lossy(&row[1..]))
            .collect();
        let row = &self.longest[14..39];
        let every_second = puzzle(&self.longest, |row| row % 2 == 0);
        let the_first = puzzle(&self.longest, |row| row < 8);
        let mails = [0, 1].map(|wide| mail_in_mails(&self.longest, wide == 1));
        vec![
            ("prose", Box::new(move |index| format!("{} ", words[noise(index) % words.len()]))),
            ("symbols", Box::new(|index| noise_symbols(index, 64))),
            ("10,000 tokens, a line each", Box::new(move |index| format!("{}\n", token(index)))),
            (
                "tokens quoted and wrapped",
                Box::new(move |index| {
                    let lines = token(index).as_bytes().chunks(64).map(String::from_utf8_lossy);
                    lines.map(|line| format!("> {line}\n")).collect()
                }),
            ),
            ("prefixes alone", Box::new(|_| "LKREQ ".to_owned())),
            ("prefixes in a row", Box::new(|_| "LKREQ".to_owned())),
            (
                "prefixes with one symbol wrong",
                Box::new(|index| format!("LKRE{}", noise_symbols(index, 1))),
            ),
            ("line 0 in a row, in a word", Box::new(move |_| format!("x{line_0}"))),
            (
                "line 0 before symbols that never check",
                Box::new(move |index| format!("x{line_0}{}", noise_symbols(index, 3_000))),
            ),
            (
                "line 0 before one row over and over",
                Box::new(move |_| format!("x{line_0}{}", row.repeat(100))),
            ),
            ("one wrong symbol in every row", Box::new(move |_| format!("{one_wrong}\n"))),
            ("two wrong symbols in every row", Box::new(move |_| format!("{two_wrong}\n"))),
            ("one symbol lost from every row", Box::new(move |_| format!("{line_0}{lost}\n"))),
            (
                "numbered lines of groups",
                Box::new(|index| format!("{} {}\n", index % 100, "ABCDE ".repeat(5))),
            ),
            ("tags that never end", Box::new(|_| "<span ".to_owned())),
            ("tags that are none", Box::new(|_| "<x>".to_owned())),
            ("entities that never end", Box::new(|_| "&#x".to_owned())),
            (
                "headers without a body",
                Box::new(|_| "Content-Transfer-Encoding: base64\n\n".to_owned()),
            ),
            (
                "headers that never end",
                Box::new(|_| "Content-Transfer-Encoding: base64\n".to_owned()),
            ),
            (
                "boundaries that look like headers",
                Box::new(|index| match index % 30_000 {
                    0 => "\nContent-Transfer-Encoding: base64\n".to_owned(),
                    _ => "--:\n".to_owned(),
                }),
            ),
            (
                "blocks of headers in blocks of headers",
                Box::new(|index| match index % 1_000 {
                    0 => "x y\n\nContent-Transfer-Encoding: base64\n".to_owned(),
                    _ => "--a: b\n-b: --\n c\n".to_owned(),
                }),
            ),
            ("characters that are eighteen others", Box::new(|_| "\u{fdfa}".to_owned())),
            ("marks on one letter", Box::new(|_| "\u{301}\u{323}".to_owned())),
            (
                "frames of many tokens",
                Box::new(|index| format!("LKQRF{}\n", noise_symbols(index, 9))),
            ),
            ("entities", Box::new(|_| "&eacute;".to_owned())),
            ("ampersands", Box::new(|_| "&".to_owned())),
            (
                "one row whole at every place",
                Box::new(move |_| format!("{line_0}{}\n", "0".repeat(3_000))),
            ),
            (
                "a puzzle after a name",
                Box::new(|_| format!("x: {}\n", puzzle(&self.longest, |row| row % 2 == 0))),
            ),
            ("every second row a puzzle", Box::new(move |_| format!("{every_second}\n"))),
            ("the first eight rows a puzzle", Box::new(move |_| format!("{the_first}\n"))),
            (
                "prose in Cyrillic",
                Box::new(|index| format!("{} ", CYRILLIC[noise(index) % CYRILLIC.len()])),
            ),
            (
                "letters with their marks after them",
                Box::new(|index| MARKED[noise(index) % MARKED.len()].to_owned()),
            ),
            (
                "every character there is",
                Box::new(|index| {
                    char::from_u32(0x80 + index as u32 % 0x10_0000).unwrap_or('x').to_string()
                }),
            ),
            (
                "a dump of a page",
                Box::new(|index| {
                    let bytes = format!("<b>LKREQ&#{:05};", index % 100_000);
                    let pairs = bytes.as_bytes().chunks(2).map(|pair| {
                        pair.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + " "
                    });
                    format!("{:08x}: {} {bytes}\n", 16 * index, pairs.collect::<String>())
                }),
            ),
            (
                "lines that begin like dumps",
                Box::new(|index| format!("{:08x}: 4c4b 52\n\n", 16 * (index % 2))),
            ),
            ("lines that each begin a dump", Box::new(|_| "0000 \n".to_owned())),
            ("offsets after a word", Box::new(|_| "a 0000 00\n".to_owned())),
            (
                "lines of two dumps in turn",
                Box::new(|index| {
                    format!("{:04x} 0\n", (index / 2 + 32_768 * (index % 2)) % 65_536)
                }),
            ),
            (
                "bare offsets of two dumps in turn",
                Box::new(move |index| line_of_two_dumps(token(0), "", 4, index)),
            ),
            (
                "bare offsets of two dumps that never end",
                Box::new(move |index| line_of_two_dumps(token(0), "", 6, index)),
            ),
            (
                "bare offsets of two dumps between other lines",
                Box::new(move |index| line_of_two_dumps(token(0), "x\n", 4, index)),
            ),
            (
                "dumps after words that look like offsets",
                Box::new(move |index| {
                    let before = "0001 ".repeat(index / 32_768 % 4);
                    line_of_two_dumps(token(0), &before, 4, index)
                }),
            ),
            (
                "dumps of a page after words that look like offsets",
                Box::new(|index| {
                    let offset = match index % 2_048 {
                        0 => 0,
                        line => 0x4141 + 16 * line,
                    };
                    let offsets = format!("{offset:04x} ").repeat(4);
                    format!("{offsets}3c62 3e26 2378 3431 3b26 616d 703b 2020\n")
                }),
            ),
            ("offsets that zero follows", Box::new(|_| "> 1732809600 00000000: 00\n".to_owned())),
            ("digits that may be bytes", Box::new(|_| "101 ".to_owned())),
            (
                "bytes of a page as numbers",
                Box::new(|index| format!("{}, ", b"<b>LKREQ &eacute; "[index % 18])),
            ),
            (
                "dumps in a log between other lines",
                Box::new(|index| {
                    let (second, offset) = (index % 60, 16 * (index % 4096));
                    format!(
                        "12:00:{second:02} {offset:08x}: 4c4b 5245 5130 3759 beef\nface to face\n"
                    )
                }),
            ),
            (
                "octal escapes of a page",
                Box::new(|index| format!("\\{:03o}", b"<b>LKREQ &eacute; "[index % 18])),
            ),
            ("uuencode that never ends", Box::new(|_| "begin 644 x\n#0V%T\n".to_owned())),
            ("mails in mails in mails", Box::new(move |index| mails[index % mails.len()].clone())),
            (
                "a body in UTF-16 that grows",
                Box::new(|index| match index {
                    0 => "Content-Type: text/plain; charset=utf-16le\n\
                          Content-Transfer-Encoding: base64\n\n"
                        .to_owned(),
                    // Characters of two bytes that have three in UTF-8.
                    _ => format!("{}\n", data_encoding::BASE64.encode(&b"\xac\x20".repeat(30))),
                }),
            ),
            (
                "a body that its character set makes longer",
                Box::new(|index| match index {
                    0 => "Content-Type: text/plain; charset=windows-1252\n\
                          Content-Transfer-Encoding: quoted-printable\n\n"
                        .to_owned(),
                    _ => "\u{80}".to_owned(),
                }),
            ),
            (
                "addresses in addresses",
                Box::new(|_| format!("https://{} ", "%2525252541".repeat(40))),
            ),
            (
                "a page with a token in each link",
                Box::new(move |index| {
                    format!(
                        "<p>Open <a href=\"https://licence.acme.example/A/{}\">this</a></p>",
                        token(index)
                    )
                }),
            ),
        ]
    }
}

const CYRILLIC: &[&str] =
    &["лицензия", "на", "этом", "компьютере", "заканчивается", "в", "понедельник", "МАЯ"];
const MARKED: &[&str] = &["e\u{301}", "A\u{30a}", "o\u{323}\u{302}", "n", "\u{1112}\u{1161}"];

/// Returns a line of two dumps of a token in turn, whose offsets have this number of digits. Bare
/// offsets follow the token's bytes, until the two dumps begin again.
fn line_of_two_dumps(token: &str, before: &str, digits: usize, index: usize) -> String {
    let offsets = 1 << (4 * digits);
    let (dump, line) = (index % 2, index / 2 % (offsets / 4));
    let lines = token.len().div_ceil(16);
    let offset = match line.checked_sub(lines) {
        None => 16 * line,
        Some(further) => 16 * (lines - 1) + 1 + further,
    };
    let bytes = token.as_bytes().chunks(16).nth(line).unwrap_or_default();
    let bytes: String = bytes.iter().map(|byte| format!(" {byte:02x}")).collect();
    format!("{before}{:0digits$x}{bytes}\n", offset + dump * (offsets / 2))
}

/// Returns a token in a mail that is attached to a mail, and so on, either as it is or in UTF-16.
fn mail_in_mails(token: &str, is_wide: bool) -> String {
    let mut inner = token.as_bytes().to_vec();
    let mut charset = "us-ascii";
    if is_wide {
        inner = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        charset = "utf-16le";
    }
    for _ in 0..4 {
        inner = format!(
            "Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n{}\n\n",
            data_encoding::BASE64.encode(&inner)
        )
        .into_bytes();
        charset = "us-ascii";
    }
    String::from_utf8(inner).unwrap()
}

/// Returns a token in which some rows have lost a symbol, so that each has several candidates. One
/// row is replaced by another whose check passes, so that no combination is right and all are
/// tried.
fn puzzle(text: &str, has_lost: fn(usize) -> bool) -> String {
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let (line_0, rows) = text.split_at(14);
    let mut rows: Vec<_> = rows.as_bytes().chunks(25).map(<[u8]>::to_vec).collect();
    let value = |symbol: u8| alphabet.iter().position(|&one| one == symbol).unwrap();
    // The code is linear and includes the row numbers: the sum of rows 1, 2 and 4 is a row 7.
    rows[6] = (0..25)
        .map(|at| alphabet[value(rows[0][at]) ^ value(rows[1][at]) ^ value(rows[3][at])])
        .collect();
    let rows = rows.iter().enumerate().map(|(index, row)| &row[usize::from(has_lost(index))..]);
    format!("{line_0}{}", String::from_utf8_lossy(&rows.collect::<Vec<_>>().concat()))
}
