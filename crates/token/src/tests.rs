//! Tests of tokens from the users' point of view: lengths, forgeries, and texts that were
//! transmitted.

use proptest::prelude::*;

use crate::*;

struct Parties {
    device: SecretKeys,
    vendor: SecretKeys,
}

fn keys(byte: u8) -> SecretKeys {
    SecretKeys::from_seed(&Seed::from_bytes([byte; 32])).unwrap()
}

fn parties() -> Parties {
    Parties { device: keys(1), vendor: keys(2) }
}

const PRODUCT: ProductNumber = 1;
const NOW: Seconds = 1_790_000_000;

fn request(device: &SecretKeys) -> Request {
    let vendor = VendorId::from_bytes([9; 8]);
    let mut traits = HardwareTraits::default();
    for which in HardwareTrait::ALL {
        traits.set(which, vendor, PRODUCT, which.name());
    }
    Request {
        product: PRODUCT,
        code: "0123-4567-89AB-CDEF".parse().unwrap(),
        device: *device.public(),
        request: RequestId::from_bytes([3; 8]),
        counter: 1,
        seat_name: SeatName::new("Drawing office4").unwrap(),
        traits,
        created_at: NOW,
    }
}

fn six_features() -> Features {
    [
        (1, FeatureValue::Bool(true)),
        (2, FeatureValue::Bool(false)),
        (3, FeatureValue::Number(8)),
        (4, FeatureValue::Number(250)),
        (5, FeatureValue::Number(10_000)),
        (6, FeatureValue::Bool(true)),
    ]
    .into()
}

fn response() -> Response {
    Response {
        request: RequestId::from_bytes([3; 8]),
        seat: SeatId::from_bytes([4; 8]),
        activated_at: NOW,
        lease_expiry: NOW + 30 * 86_400,
        grace: 7 * 86_400,
        sequence: 1 << 16 | 1,
        features: six_features(),
        attributes: Attributes::new(),
        subscription_end: Some(NOW + 365 * 86_400),
        traits_digest: [5; 10],
    }
}

fn refresh() -> Refresh {
    Refresh {
        seat: SeatId::from_bytes([4; 8]),
        issued_at: NOW,
        lease_expiry: NOW + 30 * 86_400,
        sequence: 1 << 16 | 2,
        grace: None,
        features: None,
        attributes: None,
        subscription_end: None,
    }
}

fn deactivation() -> Deactivation {
    Deactivation { seat: SeatId::from_bytes([4; 8]), counter: 1_000, created_at: NOW }
}

/// Splits a token into pieces of `symbols` symbols each.
pub(crate) fn pieces(token: &str, symbols: usize) -> Vec<&str> {
    let pieces = token.as_bytes().chunks(symbols);
    pieces.map(|piece| std::str::from_utf8(piece).unwrap()).collect()
}

/// A name, and a function that formats a piece by its index.
pub(crate) type Form<'f> = (&'f str, &'f dyn Fn(usize, &str) -> String);

/// Asserts that a text contains one intact token and nothing else.
#[track_caller]
pub(crate) fn assert_read(name: &str, text: &str, token: &str) {
    let found = scan(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    assert_eq!(found.len(), 1, "{name}: {found:?}\n{text}");
    let whole = found[0].token.as_ref();
    assert_eq!(whole.map(ToString::to_string).as_deref(), Ok(token), "{name}\n{text}");
    assert_eq!(found[0].repaired, 0, "{name}");
}

/// Returns the text of a token, which differs for each number.
pub(crate) fn sample(sequence: u64) -> String {
    to_device(&Refresh { sequence, ..refresh() }).to_string()
}

fn to_device<P: Payload>(payload: &P) -> Token {
    let Parties { device, vendor } = parties();
    seal(payload, PRODUCT, &vendor, device.public()).unwrap()
}

fn to_vendor<P: Payload>(payload: &P) -> Token {
    let Parties { device, vendor } = parties();
    seal(payload, PRODUCT, &device, vendor.public()).unwrap()
}

fn signed_by(keys: &SecretKeys) -> impl FnOnce(KeyId) -> Vec<Signer> {
    let keys = *keys.public();
    move |_| vec![Signer { product: PRODUCT, keys }]
}

fn only(text: &str) -> FoundToken {
    let mut found = scan(text).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn tokens_are_no_longer_than_specified() {
    let device = parties().device;
    let with_features = Refresh { features: Some(six_features()), ..refresh() };
    for (what, token, limit) in [
        ("request", to_vendor(&request(&device)), 520),
        ("response with six features", to_device(&response()), 400),
        ("refresh", to_device(&refresh()), 290),
        ("refresh with six features", to_device(&with_features), 330),
        ("deactivation", to_vendor(&deactivation()), 290),
    ] {
        let characters = token.to_string().len();
        println!("{what}: {characters} characters, {limit} allowed");
        assert!(characters <= limit, "{what} has {characters} characters, {limit} are allowed");
    }
}

#[test]
fn each_kind_carries_its_payload_to_its_recipient() {
    let Parties { device, vendor } = parties();
    let request = request(&device);
    let opened = open_request(&to_vendor(&request), &vendor).unwrap();
    assert_eq!((opened.payload(), opened.signer()), (&request, device.public()));

    let without_terms = Response {
        grace: 0,
        features: Features::new(),
        attributes: [("edition".to_owned(), "Größe L".to_owned())].into(),
        subscription_end: None,
        ..response()
    };
    for response in [response(), without_terms] {
        let opened = open::<Response>(&to_device(&response), &device, signed_by(&vendor)).unwrap();
        assert_eq!(opened.payload(), &response);
        let again = reverify(opened.as_bytes(), device.public(), signed_by(&vendor));
        assert_eq!(again, Ok(opened));
    }

    let no_subscription_any_more = Refresh {
        grace: Some(0),
        features: Some(Features::new()),
        attributes: Some(Attributes::new()),
        subscription_end: Some(None),
        ..refresh()
    };
    for refresh in [refresh(), no_subscription_any_more] {
        let opened = open::<Refresh>(&to_device(&refresh), &device, signed_by(&vendor)).unwrap();
        assert_eq!(opened.into_payload(), refresh);
    }

    let token = to_vendor(&deactivation());
    let opened = open::<Deactivation>(&token, &vendor, signed_by(&device)).unwrap();
    assert_eq!(opened.into_payload(), deactivation());
}

#[test]
fn a_token_of_another_kind_is_refused() {
    let Parties { device, vendor } = parties();
    let token = to_device(&refresh());
    assert_eq!(
        open::<Response>(&token, &device, signed_by(&vendor)),
        Err(OpenError::WrongKind { expected: Kind::Response, found: Kind::Refresh })
    );
}

#[test]
fn only_the_recipient_can_open_a_token() {
    let vendor = parties().vendor;
    let other = keys(7);
    assert_eq!(
        open::<Response>(&to_device(&response()), &other, signed_by(&vendor)),
        Err(OpenError::OtherRecipient { recipient: parties().device.public().id() })
    );
}

#[test]
fn a_signature_is_valid_for_one_product_one_signer_and_one_recipient() {
    let Parties { device, vendor } = parties();
    let token = to_device(&response());
    let other_product = |_| vec![Signer { product: 2, keys: *vendor.public() }];
    assert_eq!(open::<Response>(&token, &device, other_product), Err(OpenError::BadSignature));
    assert_eq!(
        open::<Response>(&token, &device, signed_by(&keys(7))),
        Err(OpenError::UnknownSigner { signer: vendor.public().id() })
    );
    // A response for one computer was encrypted again for another by someone who read it.
    let opened = open::<Response>(&token, &device, signed_by(&vendor)).unwrap();
    let other = keys(7);
    let mut forwarded = opened.as_bytes().to_vec();
    forwarded[2..6].copy_from_slice(&other.public().id().0);
    assert_eq!(
        reverify::<Response>(&forwarded, other.public(), signed_by(&vendor)),
        Err(OpenError::BadSignature)
    );
}

#[test]
fn no_bit_of_a_token_can_be_changed() {
    let Parties { device, vendor } = parties();
    let token = to_device(&refresh());
    for bit in 0..token.as_bytes().len() * 8 {
        let mut bytes = token.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = Token::from_bytes(bytes)
            .is_ok_and(|token| open::<Refresh>(&token, &device, signed_by(&vendor)).is_ok());
        assert!(!opened, "bit {bit} was changed and the token was believed");
    }
}

#[test]
fn no_bit_of_a_stored_lease_can_be_changed() {
    let Parties { device, vendor } = parties();
    let stored = open::<Response>(&to_device(&response()), &device, signed_by(&vendor)).unwrap();
    for bit in 0..stored.as_bytes().len() * 8 {
        let mut bytes = stored.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verified = reverify::<Response>(&bytes, device.public(), signed_by(&vendor));
        assert!(verified.is_err(), "bit {bit} was changed and the lease was believed");
    }
}

#[test]
fn malformed_headers_are_refused_with_their_reason() {
    let token = to_device(&refresh()).as_bytes().to_vec();
    let with = |at: usize, byte: u8| {
        let mut bytes = token.clone();
        bytes[at] = byte;
        Token::from_bytes(bytes).unwrap_err()
    };
    assert_eq!(with(0, 2), EnvelopeError::UnknownSuite { suite: 2 });
    assert_eq!(with(1, 9), EnvelopeError::UnknownKind { kind: 9 });
    for bytes in [0, 122, 1_501] {
        assert_eq!(Token::from_bytes(vec![1; bytes]), Err(EnvelopeError::InvalidLength { bytes }));
    }
}

#[test]
fn a_payload_that_is_too_long_is_refused_when_it_is_sealed() {
    let attributes = [("a".to_owned(), "x".repeat(1_500))].into();
    let too_long = Response { attributes, ..response() };
    let sealed = seal(&too_long, PRODUCT, &parties().vendor, parties().device.public());
    assert!(matches!(sealed, Err(SealError::TooLong { .. })), "{sealed:?}");
}

#[test]
fn seat_names_with_misleading_characters_are_refused() {
    for name in ["a\nb", "a\u{202e}b", "a\u{2066}b", "a\u{200f}b", "a\u{85}x"] {
        assert_eq!(SeatName::new(name), Err(SeatNameError::Control), "{name:?}");
    }
    assert_eq!(SeatName::new(&"x".repeat(65)), Err(SeatNameError::TooLong { bytes: 65 }));
    assert_eq!(SeatName::new("  Zeichenbüro 4 ").unwrap().as_str(), "Zeichenbüro 4");
}

/// One way in which a text is changed on its way, without changing the order of its symbols.
type Mangling = (&'static str, fn(&str) -> String);

const MANGLINGS: &[Mangling] = &[
    ("wrapped at 60", |text| wrap(text, 60, "\n")),
    ("wrapped at 76 with CR LF", |text| wrap(text, 76, "\r\n")),
    ("quoted", |text| format!("> {}", wrap(text, 70, "\n> "))),
    ("quoted twice", |text| format!(">> {}", wrap(text, 70, "\n>> "))),
    ("lower case", str::to_lowercase),
    ("zeros as letters", |text| text.replace('0', "O")),
    ("ones as letters", |text| text.replace('1', "l")),
    ("groups of five", |text| wrap(text, 5, " ")),
    ("smart dashes", |text| wrap(text, 20, "\u{2014}")),
    ("no-break spaces", |text| wrap(text, 11, "\u{a0}")),
    ("zero-width spaces", |text| wrap(text, 13, "\u{200b}")),
    ("soft hyphens", |text| wrap(text, 17, "\u{ad}")),
    ("soft line breaks of quoted-printable", |text| wrap(text, 75, "=\r\n")),
    ("full-width forms", |text| {
        text.chars().map(|c| char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap_or(c)).collect()
    }),
    ("Cyrillic look-alikes", |text| text.replace('A', "А").replace('C', "С").replace('H', "Н")),
    ("Markdown", |text| format!("```\n**{text}**\n```")),
    ("in a sentence", |text| {
        format!("Hello,\nplease use {text}. Thank you!\n-- \nSupport, floor 3")
    }),
    ("in angle brackets", |text| format!("<{text}>")),
    ("with a byte order mark", |text| format!("\u{feff}{text}\u{0}")),
];

fn wrap(text: &str, width: usize, with: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    lines.join(with)
}

#[test]
fn a_token_is_found_however_its_text_was_changed() {
    let token = to_device(&response());
    for (what, mangle) in MANGLINGS {
        let found = only(&mangle(&token.to_string()));
        assert_eq!((found.token.as_ref(), found.repaired), (Ok(&token), 0), "{what}");
    }
}

#[test]
fn numbered_rows_are_read_as_printed() {
    let token = to_device(&response());
    let text = token.to_string();
    let (line_0, rows) = text.split_at(14);
    let mut paper = format!("Response token\n\n 0  {}\n", wrap(line_0, 5, " "));
    for (index, row) in rows.as_bytes().chunks(25).enumerate() {
        let row = wrap(std::str::from_utf8(row).unwrap(), 5, " ");
        paper += &format!("{:>2}  {row}\n", index + 1);
    }
    assert_eq!(only(&paper).token, Ok(token));
}

/// Returns line 0 and the rows of a sheet, each with its number, and with these separators between
/// the groups of a row.
fn sheet(token: &str, separator: &str) -> (String, Vec<String>) {
    let (line_0, rows) = token.split_at(14);
    let rows = rows.as_bytes().chunks(25).map(|row| std::str::from_utf8(row).unwrap());
    let numbered =
        rows.enumerate().map(|(at, row)| format!("{:>2}  {}", at + 1, wrap(row, 5, separator)));
    (format!(" 0  {}", wrap(line_0, 5, separator)), numbered.collect())
}

#[test]
fn the_rows_of_a_sheet_are_read_in_any_order() {
    for which in 0..6 {
        let token = sample(which);
        for separator in [" ", "-", ""] {
            let (line_0, rows) = sheet(&token, separator);
            for step in 1..rows.len() {
                let mut shuffled = rows.clone();
                match step {
                    1 => shuffled.reverse(),
                    2 => shuffled.swap(0, rows.len() - 1),
                    step => {
                        for at in 0..shuffled.len() {
                            let other = (at * step + step) % shuffled.len();
                            shuffled.swap(at, other);
                        }
                    }
                }
                let text = format!("{line_0}\n{}\n", shuffled.join("\n"));
                let found = only(&text);
                assert_eq!(found.repaired, 0, "{text}");
                assert_eq!(found.token.map(|token| token.to_string()), Ok(token.clone()), "{text}");
            }
        }
    }
}

#[test]
fn other_lines_between_the_rows_of_a_sheet_are_ignored() {
    let feet =
        ["Page 1 of 2", "Signed: Pat Doe, 3 May", "2 of 2", "7 days left", "12345 Town", "-- 4 --"];
    for which in 0..6 {
        let token = sample(which);
        let (line_0, rows) = sheet(&token, " ");
        for foot in feet {
            for between in 0..=rows.len() {
                let (before, after) = rows.split_at(between);
                let text =
                    format!("{line_0}\n{}\n{foot}\n{}\n", before.join("\n"), after.join("\n"));
                let found = only(&text);
                assert_eq!(found.token.map(|token| token.to_string()), Ok(token.clone()), "{text}");
            }
        }
    }
}

#[test]
fn a_symbol_lost_from_the_last_row_of_a_shuffled_sheet_is_restored() {
    let token = sample(1);
    let (line_0, mut rows) = sheet(&token, " ");
    rows.reverse();
    let at = rows[0].len() - 3;
    rows[0].remove(at);
    let found = only(&format!("{line_0}\n{}", rows.join("\n")));
    assert_eq!(found.token.map(|token| token.to_string()), Ok(token));
    assert_eq!(found.repaired, 1);
}

#[test]
fn one_wrong_symbol_in_every_row_is_repaired_and_counted() {
    let token = to_device(&response());
    let mut text = token.to_string().into_bytes();
    let mut wrong = vec![2];
    wrong.extend((14..text.len()).step_by(25).map(|row| row + 1));
    for &at in &wrong {
        text[at] = if text[at] == b'7' { b'8' } else { b'7' };
    }
    let found = only(std::str::from_utf8(&text).unwrap());
    assert_eq!((found.token, found.repaired), (Ok(token), wrong.len()));
}

#[test]
fn one_wrong_symbol_in_every_row_is_repaired_in_any_token() {
    // In one of some hundred tokens, a row is intact in a wrong position by chance.
    for _ in 0..3_000 {
        let token = to_device(&refresh());
        let mut text = token.to_string().into_bytes();
        for row in (14..text.len()).step_by(25) {
            text[row] = if text[row] == b'7' { b'8' } else { b'7' };
        }
        let found = only(std::str::from_utf8(&text).unwrap());
        assert_eq!((found.token, found.repaired), (Ok(token), 11));
    }
}

/// Returns a fixed token with 15 rows: in one of 30,000 losses, a row is intact in a wrong position
/// by chance.
fn known() -> Token {
    only(include_str!("fuzzing/token.txt")).token.unwrap()
}

#[test]
fn one_symbol_lost_or_doubled_anywhere_is_repaired() {
    let token = known();
    let text = token.to_string();
    for at in 14..text.len() {
        let lost = format!("{}{}", &text[..at], &text[at + 1..]);
        let doubled = format!("{}{}", &text[..=at], &text[at..]);
        // A symbol that is doubled at the very end follows the token.
        let doublings = usize::from(at + 1 < text.len());
        for (what, text, repaired) in [("lost", lost, 1), ("doubled", doubled, doublings)] {
            let found = only(&text);
            assert_eq!(found.token.as_ref(), Ok(&token), "{what} at {at}");
            assert_eq!(found.repaired, repaired, "{what} at {at}");
        }
    }
}

#[test]
fn losses_in_several_rows_are_repaired_together() {
    let token = known();
    let mut text = token.to_string();
    text.remove(14 + 25 * 9 + 4);
    text.insert(14 + 25 * 6 + 2, 'Q');
    text.remove(14 + 25 * 2 + 20);
    let found = only(&text);
    assert_eq!((found.token.as_ref(), found.repaired), (Ok(&token), 3));
}

#[test]
fn a_row_that_has_lost_too_much_is_reported() {
    let text = known().to_string();
    let at = 14 + 25 * 3;
    let lost = format!("{}{}", &text[..at + 5], &text[at + 8..]);
    assert_eq!(only(&lost).token, Err(ReadError::SymbolsMissing { row: 4, count: 3, of: 15 }));
    let added = format!("{}7Z7{}", &text[..at + 5], &text[at + 5..]);
    assert_eq!(only(&added).token, Err(ReadError::SymbolsAdded { row: 4, count: 3, of: 15 }));
}

#[test]
fn a_letter_that_is_not_a_symbol_is_repaired() {
    let token = known();
    let mut text: Vec<_> = token.to_string().chars().collect();
    text[20] = 'ß';
    let found = only(&text.into_iter().collect::<String>());
    assert_eq!((found.token, found.repaired), (Ok(token), 1));
}

#[test]
fn rows_that_are_damaged_beyond_repair_are_reported() {
    let mut text = known().to_string().into_bytes();
    for row in [3, 4, 7] {
        // Two wrong symbols are always detected; more may resemble one.
        let at = 14 + 25 * (row - 1);
        for symbol in &mut text[at..at + 2] {
            *symbol = if *symbol == b'7' { b'8' } else { b'7' };
        }
    }
    let found = only(std::str::from_utf8(&text).unwrap());
    assert_eq!(found.token, Err(ReadError::Damaged { rows: vec![3, 4, 7], of: 15 }));
}

#[test]
fn a_token_cut_in_half_is_reported_as_truncated() {
    let text = known().to_string();
    let found = only(&text[..14 + 25 * 6 + 3]);
    assert_eq!(found.token, Err(ReadError::Truncated { have: 6, of: 15 }));
}

#[test]
fn the_second_of_two_tokens_that_run_into_each_other_is_read() {
    let (first, second) = (known(), to_device(&refresh()));
    let text = format!("{}{second}", &first.to_string()[..14 + 25 * 6 + 3]);
    let found = scan(&text).unwrap();
    assert_eq!(found[0].token, Err(ReadError::MergedTokens { have: 6, of: 15 }));
    assert_eq!(found[1].token, Ok(second));
    assert_eq!(found.len(), 2);
}

/// Returns the rows. Row 1 follows line 0.
fn rows_of(text: &str) -> Vec<String> {
    let rows = text.as_bytes()[14..].chunks(25).map(String::from_utf8_lossy);
    std::iter::once(text[..14].to_owned()).chain(rows.map(String::from)).collect()
}

#[test]
fn rows_in_any_order_and_repeated_rows_are_read() {
    let token = known();
    for chance in 0..200 {
        let mut rows = rows_of(&token.to_string());
        let mut random = fastrand::Rng::with_seed(chance);
        random.shuffle(&mut rows[1..15]);
        let again = rows[random.usize(1..15)].clone();
        rows.insert(random.usize(1..15), again);
        assert_eq!(only(&rows.concat()).token.as_ref(), Ok(&token), "{chance}");
    }
}

#[test]
fn missing_rows_are_reported_wherever_they_were() {
    let text = known().to_string();
    for (lost, error) in [
        (4..7, ReadError::RowsMissing { rows: vec![4, 5, 6], of: 15 }),
        (1..2, ReadError::RowsMissing { rows: vec![1], of: 15 }),
        (1..15, ReadError::RowsMissing { rows: (1..15).collect(), of: 15 }),
        (13..15, ReadError::RowsMissing { rows: vec![13, 14], of: 15 }),
        (12..16, ReadError::Truncated { have: 11, of: 15 }),
        (1..16, ReadError::Truncated { have: 0, of: 15 }),
    ] {
        let mut rows = rows_of(&text);
        rows.drain(lost.clone());
        assert_eq!(only(&rows.concat()).token, Err(error.clone()), "{lost:?}");
        // The same with one wrong symbol in each of the others.
        if rows.len() > 3 {
            let rows = rows.iter().enumerate().map(|(index, row)| match index % 3 {
                1 => row.replace(['7', 'Q'], "8"),
                _ => row.clone(),
            });
            let damaged = only(&format!("{} -- Regards", rows.collect::<String>()));
            assert!(damaged.token.is_err());
        }
    }
}

#[test]
fn damage_to_the_last_row_is_reported() {
    let text = known().to_string();
    let last = rows_of(&text)[15].len();
    let before = text.len() - last;
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut row = text.as_bytes()[before..].to_vec();
        change(&mut row);
        only(&format!("{}{}", &text[..before], String::from_utf8(row).unwrap())).token
    };
    let other = |symbol: u8| if symbol == b'7' { b'8' } else { b'7' };
    let wrong = with(&|row| {
        row[0] = other(row[0]);
        row[3] = other(row[3]);
    });
    assert_eq!(wrong, Err(ReadError::Damaged { rows: vec![15], of: 15 }));
    let lost = with(&|row| drop(row.drain(2..5)));
    assert_eq!(lost, Err(ReadError::SymbolsMissing { row: 15, count: 3, of: 15 }));
    let cut = with(&|row| row.truncate(3));
    assert_eq!(cut, Err(ReadError::Truncated { have: 14, of: 15 }));
}

#[test]
fn damaged_and_missing_rows_are_reported_together() {
    let mut rows = rows_of(&known().to_string());
    rows[2] = rows[2].chars().rev().collect();
    rows.drain(13..);
    assert_eq!(
        only(&rows.concat()).token,
        Err(ReadError::DamagedAndMissing { damaged: vec![2], missing: vec![13, 14, 15], of: 15 })
    );
}

#[test]
fn a_row_of_another_token_is_detected() {
    let (one, other) = (to_device(&response()).to_string(), to_device(&response()).to_string());
    let mixed = format!("{}{}{}", &one[..14 + 25], &other[14 + 25..14 + 50], &one[14 + 50..]);
    assert_eq!(only(&mixed).token, Err(ReadError::Damaged { rows: vec![2], of: 15 }));
}

#[test]
fn many_tokens_in_one_text_are_all_found_once() {
    let tokens: Vec<_> = (0..20).map(|_| to_device(&refresh())).collect();
    let text: String =
        tokens.iter().chain(&tokens).map(|token| format!("Seat:\n{token}\n\n")).collect();
    let found: Vec<_> = scan(&text).unwrap().into_iter().map(|found| found.token).collect();
    assert_eq!(found, tokens.into_iter().map(Ok).collect::<Vec<_>>());
}

#[test]
fn texts_without_a_token_are_reported() {
    let text = to_device(&response()).to_string();
    assert_eq!(scan(""), Err(TextError::NoneFound));
    assert_eq!(scan("Dear all, the 3 keys are at the desk."), Err(TextError::NoneFound));
    assert_eq!(scan(&text[30..]), Err(TextError::NoBeginning));
    assert_eq!(only(&text[..10]).token, Err(ReadError::DamagedHeader));
}

#[test]
fn words_that_happen_to_contain_a_prefix_are_not_tokens() {
    let token = to_device(&response());
    let prose = [
        "Here are the bulk requests of this week.",
        "greetings from the Balkans",
        "Volkan S. sends his regards",
        "talk, answers and questions",
        "We walk DACHSHUNDS",
    ];
    for sentence in prose {
        assert_eq!(scan(sentence), Err(TextError::NoneFound), "{sentence}");
        let mail = format!("{sentence}\n{token}\n{sentence}");
        assert_eq!(only(&mail).token.as_ref(), Ok(&token), "{sentence}");
    }
    // The text after such a word may pass the check by chance, once in a hundred times.
    for number in 0..2_000 {
        let sentence = format!("the bulk requests{number} of the year {number}5 and 9{number}");
        assert_eq!(scan(&sentence), Err(TextError::NoneFound), "{sentence}");
    }
}

#[test]
fn a_token_is_found_in_a_file_of_any_encoding() {
    let token = to_device(&refresh());
    let text = format!("Größe\n{token}\n");
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let latin1 = [b"Gr\xf6\xdfe\n", token.to_string().as_bytes(), b"\xff\xff"].concat();
    for bytes in
        [text.as_bytes().to_vec(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), latin1]
    {
        assert_eq!(only(&decode_text(&bytes)).token.as_ref(), Ok(&token));
    }
    let rubbish = vec![0xff; 1_000];
    assert!(decode_text(&rubbish).len() <= rubbish.len());
}

#[test]
fn a_text_that_is_too_large_is_refused_before_it_is_read() {
    let limit = limits::MAX_TEXT_BYTES;
    assert_eq!(scan(&" ".repeat(limit + 1)), Err(TextError::TooLarge { bytes: limit + 1, limit }));
}

#[test]
fn more_than_ten_thousand_tokens_are_refused() {
    let one = to_device(&refresh()).to_string();
    // Line 0 alone counts as a token.
    let text = format!("{}\n", &one[..14]).repeat(limits::MAX_TOKENS + 1);
    assert_eq!(scan(&text), Err(TextError::TooManyTokens { limit: limits::MAX_TOKENS }));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_makes_the_scanner_panic(text in ".*") {
        let _ = scan(&text);
    }

    #[test]
    fn no_bytes_after_a_prefix_make_the_scanner_panic(
        kind in 0_usize..4, text in "[0-9A-Z]{0,400}",
    ) {
        let prefix = ["LKREQ", "LKANS", "LKFSH", "LKDAC"][kind];
        let _ = scan(&format!("{prefix}{text}"));
    }

    #[test]
    fn no_bytes_make_the_envelope_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let Parties { device, vendor } = parties();
        let mut bytes = bytes;
        if bytes.len() > 6 {
            bytes[..2].copy_from_slice(&[1, 2]);
            bytes[2..6].copy_from_slice(&device.public().id().0);
        }
        if let Ok(token) = Token::from_bytes(bytes.clone()) {
            prop_assert!(open::<Response>(&token, &device, signed_by(&vendor)).is_err());
        }
        prop_assert!(reverify::<Response>(&bytes, device.public(), signed_by(&vendor)).is_err());
    }

    #[test]
    fn a_text_with_wrong_symbols_is_never_read_as_another_token(
        wrong in proptest::collection::vec((any::<prop::sample::Index>(), "[0-9A-Z]"), 0..40),
    ) {
        let token = to_device(&refresh());
        let mut text = token.to_string();
        for (at, symbol) in wrong {
            let at = at.index(text.len());
            text.replace_range(at..=at, &symbol);
        }
        for found in scan(&text).unwrap_or_default() {
            if let Ok(read) = found.token {
                prop_assert_eq!(&read, &token);
            }
        }
    }
}

#[test]
fn a_damaged_copy_of_a_token_that_is_whole_in_the_same_text_is_not_reported() {
    let (token, other) = (sample(1), sample(2));
    let damaged = format!("{}????{}", &token[..60], &token[80..]);
    let cut_off = &token[..90];
    let no_line_0 = format!("LKFSH????{}", &token[9..]);
    let page = format!("<p>{}</p>", &token[..120]);
    for copy in [&damaged, cut_off, &no_line_0, &page] {
        for text in [format!("{copy}\n\n{token}\n"), format!("{token}\n\n{copy}\n")] {
            let found = crate::scan(&text).unwrap();
            let whole: Vec<_> =
                found.iter().map(|found| found.token.as_ref().map(ToString::to_string)).collect();
            assert_eq!(whole, [Ok(token.clone())], "{text}");
        }
        // It isn't a copy of another token.
        let found = crate::scan(&format!("{copy}\n\n{other}\n")).unwrap();
        assert_eq!(found.len(), 2, "{copy}: {found:?}");
        assert!(found[0].token.is_err());
    }
    let frames = crate::scan(&token).unwrap()[0].token.as_ref().unwrap().frames(3);
    let found = crate::scan(&format!("{}\n{token}\n{}", frames[0], frames[2])).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].token.is_ok());
}

#[test]
fn a_token_with_the_digits_of_another_script_is_read() {
    let token = sample(3);
    for zero in ['٠', '۰', '०', '০', '๐', '０'] {
        let digit = |c: char| c.to_digit(10).and_then(|d| char::from_u32(u32::from(zero) + d));
        let written: String = token.chars().map(|c| digit(c).unwrap_or(c)).collect();
        let found = only(&written);
        assert_eq!(
            (found.token.unwrap().to_string(), found.repaired),
            (token.clone(), 0),
            "{zero}"
        );
    }
}
