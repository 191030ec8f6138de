//! Tests that text which only mentions tokens, as vendors' mails do, isn't reported as damage
//! beside an intact token.

use crate::tests::{pieces, sample};
use crate::{FoundToken, ReadError, scan};

/// Returns a token of which other texts contain only a part.
fn other() -> String {
    sample(2)
}

fn damaged(found: &[FoundToken]) -> Vec<&ReadError> {
    found.iter().filter_map(|found| found.token.as_ref().err()).collect()
}

/// Returns texts that mention a token before or after it without containing one.
fn mentions() -> Vec<String> {
    let other = other();
    let (start, longer, end) = (&other[..10], &other[..18], &other[other.len() - 3..]);
    vec![
        "Your response begins with LKANS. Copy all of it:".to_owned(),
        format!("It starts with {start} and ends with {end}."),
        format!("{start}...{end}"),
        format!("You sent {start}… on Monday."),
        format!("Subject: Re: {longer}"),
        format!("Re: {longer}"),
        "Paste the LKREQ… token into the portal, then apply LKANS…".to_owned(),
        "PASTE THE TOKEN THAT BEGINS WITH LKREQ AND APPLY THE ONE WITH LKANS".to_owned(),
        "from LKANSAS-01, port 443".to_owned(),
        "tokens begin with lkreq, lkans, lkfsh or lkdac".to_owned(),
        format!("Line 0 is {} {} {}, for example.", &other[..5], &other[5..10], &other[10..14]),
    ]
}

#[test]
fn a_beginning_that_is_only_mentioned_beside_an_intact_token_is_not_reported() {
    let token = sample(1);
    for mention in mentions() {
        for text in [
            format!("{mention}\n\n{token}\n"),
            format!("{token}\n\n{mention}\n"),
            format!("<p>{mention}</p><p>{token}</p>"),
        ] {
            let found = scan(&text).unwrap();
            assert_eq!(damaged(&found), [] as [&ReadError; 0], "{text}");
            assert_eq!(found.len(), 1, "{text}");
        }
    }
}

#[test]
fn without_an_intact_token_a_mention_is_reported() {
    for mention in ["It begins with LKANS. Copy all of it.", "apply LKREQ07JDJ1SBN040M"] {
        assert_eq!(damaged(&scan(mention).unwrap()).len(), 1, "{mention}");
    }
}

#[test]
fn a_real_part_of_another_token_is_reported_beside_an_intact_one() {
    let (token, other) = (sample(1), other());
    let quoted = |width: usize| {
        let lines = pieces(&other[..other.len() / 2], width);
        lines.iter().map(|line| format!("> {line}\n")).collect::<String>()
    };
    // Two symbols are wrong, because a single wrong symbol of line 0 would be corrected.
    let wrong: String = other[7..9].chars().map(|c| if c == 'Z' { 'Y' } else { 'Z' }).collect();
    let without_its_line_0 = format!("{}{wrong}{}", &other[..7], &other[9..]);
    for part in [
        other[..other.len() / 2].to_owned(),
        other[..60].to_owned(),
        other[..other.len() - 40].to_owned() + " is all",
        pieces(&other[..80], 5).join(" "),
        pieces(&other[..80], 5).join("-"),
        other[..80].to_lowercase(),
        quoted(20),
        quoted(64),
        format!("{}\n{}", &other[..14], &other[100..]),
        pieces(&without_its_line_0.to_lowercase()[..80], 5).join(" "),
        format!(
            "0 LKREQ ABCDE FGHJ\n1 {}\n2 {}",
            pieces(&other[14..39], 5).join(" "),
            pieces(&other[39..64], 5).join(" ")
        ),
        format!("0 LKREQZZZZZVHN7\n1 {}\n2 {}", &other[14..39], &other[39..64]),
        without_its_line_0.clone(),
    ] {
        for text in [format!("{part}\n\n{token}\n"), format!("{token}\n\n{part}\n")] {
            let found = scan(&text).unwrap();
            let count = damaged(&found).len();
            assert_eq!(count, usize::from(found.len() == 2), "{text}\n{found:?}");
            assert_eq!(found.len(), 2, "{text}\n{found:?}");
        }
    }
}

/// Bytes without a meaning, the same each time.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn dumped(bytes: &[u8]) -> String {
    let line = |(at, row): (usize, &[u8])| {
        let row: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:08x}: {}\n", 16 * at, row.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

/// What has no token's beginning is other text, however long it is: a mail's attachments and a
/// log's dumps are usually beside a token.
#[test]
fn a_large_rest_without_a_token_is_not_reported_beside_an_intact_one() {
    let token = sample(1);
    let noise = noise(20_000);
    let attached = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{token}\n\n--b\n\
         Content-Type: application/octet-stream; name=terms.bin\n\
         Content-Transfer-Encoding: base64\n\n{}\n--b--\n",
        data_encoding::BASE64_MIME.encode(&noise)
    );
    let log = "Feb  3 12:40:01 host app[4711]: nothing to see here\n".repeat(400);
    let signed = format!(
        "-- \nKim Doe, Acme\n-----BEGIN PGP SIGNATURE-----\n\n{}\n-----END PGP SIGNATURE-----\n",
        data_encoding::BASE64_MIME.encode(&noise[..400])
    );
    let mut texts = vec![attached];
    for rest in [
        dumped(&noise),
        data_encoding::HEXLOWER.encode(&noise),
        data_encoding::BASE64.encode(&noise),
        String::from_utf8_lossy(&noise).into_owned(),
        log,
        signed,
    ] {
        texts.push(format!("{rest}\n{token}\n"));
        texts.push(format!("{token}\n{rest}\n"));
    }
    for text in texts {
        let found = scan(&text).unwrap();
        assert_eq!(damaged(&found), [] as [&ReadError; 0], "{}", &text[..200]);
        assert_eq!(found.len(), 1, "{}", &text[..200]);
    }
}

/// A dump that contains a token isn't such a rest, even if its bytes are damaged.
#[test]
fn a_damaged_token_in_a_dump_is_reported_beside_an_intact_one() {
    let (token, other) = (sample(1), other());
    let mut bytes = [&noise(64)[..], b"\n", other.as_bytes(), b"\n", &noise(2_000)].concat();
    for at in [150, 151, 152, 190, 191, 192] {
        bytes[at] = b'-';
    }
    for text in [
        format!("{}\n{token}\n", dumped(&bytes[64..])),
        format!("{token}\n{}", dumped(&bytes[64..])),
    ] {
        let found = scan(&text).unwrap();
        assert_eq!((damaged(&found).len(), found.len()), (1, 2), "{found:?}");
    }
}
