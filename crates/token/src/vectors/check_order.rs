//! Vectors with two faults, of which the earlier one in the order of checks is reported; keys at
//! the limits of what is accepted; and one vector for each field that is missing or wrong and for
//! each form of CBOR that payloads don't use.

use std::collections::HashMap;

use curve25519_dalek::constants::EIGHT_TORSION;
use sha2::{Digest as _, Sha256};

use super::builders::*;
use super::cbor::{Item, bytes, text};
use super::sealing::{Draft, Party};
use super::vector_file::Vector;
use crate::Kind::{self, Deactivation, Refresh, Request, Response};

const fn number(low: u8, others: u8, last: u8) -> [u8; 32] {
    let mut number = [others; 32];
    number[0] = low;
    number[31] = last;
    number
}

const ORDER_8: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
    0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];
const OTHER_ORDER_8: [u8; 32] = [
    0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
    0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
];

const fn with_bit_255(mut point: [u8; 32]) -> [u8; 32] {
    point[31] |= 0x80;
    point
}

/// Every string of 32 bytes that X25519 decodes to a point of small order. The first five are
/// canonical.
pub(super) const X25519_SMALL_ORDER: &[(&str, [u8; 32])] = &[
    ("zero", number(0, 0, 0)),
    ("one", number(1, 0, 0)),
    ("order-8", ORDER_8),
    ("other-order-8", OTHER_ORDER_8),
    ("p-minus-1", number(0xec, 0xff, 0x7f)),
    ("p", number(0xed, 0xff, 0x7f)),
    ("p-plus-1", number(0xee, 0xff, 0x7f)),
    ("zero-bit-255", with_bit_255(number(0, 0, 0))),
    ("one-bit-255", with_bit_255(number(1, 0, 0))),
    ("order-8-bit-255", with_bit_255(ORDER_8)),
    ("other-order-8-bit-255", with_bit_255(OTHER_ORDER_8)),
    ("p-minus-1-bit-255", number(0xec, 0xff, 0xff)),
    ("p-bit-255", number(0xed, 0xff, 0xff)),
    ("p-plus-1-bit-255", number(0xee, 0xff, 0xff)),
];
const CANONICAL: usize = 5;

fn entries(kind: Kind, changes: Entries) -> Item {
    with(kind, changes)
}

fn spoilt_signature(mut draft: Draft) -> Draft {
    let sign = draft.sign;
    draft.sign = Box::new(move |message| {
        let mut signature = sign(message);
        signature[40] ^= 1;
        signature
    });
    draft
}

fn with_one_byte_more(mut draft: Draft) -> Draft {
    draft.payload.push(0);
    draft
}

/// Returns the key id of two public keys.
fn key_id(keys: &[u8]) -> [u8; 4] {
    let digest = Sha256::new().chain_update(b"latchkey/key\0").chain_update(keys).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Returns two pairs of keys with the same id: the vendor's signing key and another one, each with
/// some encryption key.
fn colliding_keys() -> ([u8; 64], [u8; 64]) {
    let with = |signing: &Party, number: u32| {
        let mut keys = signing.public();
        keys[32..36].copy_from_slice(&number.to_le_bytes());
        keys
    };
    let (vendor, other) = (vendor(), Party::new("another vendor"));
    let known: HashMap<[u8; 4], u32> =
        (0..1 << 16).map(|number| (key_id(&with(&vendor, number)), number)).collect();
    let found = (0..).find_map(|number| {
        let keys = with(&other, number);
        known.get(&key_id(&keys)).map(|own| (with(&vendor, *own), keys))
    });
    found.unwrap()
}

pub(super) fn checks_in_order(all: &mut All) {
    let other_device = Party::new("another device");
    let stranger = Party::new("a stranger");
    let mut bad = |name: &str, expect: &str, comment: &str, draft: Draft| {
        let kind =
            Kind::ALL.into_iter().find(|kind| name.ends_with(kind.name())).unwrap_or(Response);
        all.bad(kind, &format!("order-{name}"), expect, comment, &draft.seal());
    };
    let usual = |kind| draft(kind, &Item::Map(usual(kind)));

    let comment = "suite 2 and type 5";
    bad(
        "suite-type",
        "suite/token.suite",
        comment,
        usual(Response).with_head(0, 2).with_head(1, 5),
    );
    let comment = "for another device, and its ciphertext can't be decrypted";
    let mut for_other = Draft::new(
        Response,
        &Item::Map(super::builders::usual(Response)),
        PRODUCT,
        &vendor(),
        &other_device,
    );
    for_other.aad = vec![1];
    bad("key-id-decryption", "key id/token.other_recipient", comment, for_other);
    let by_stranger = || {
        Draft::new(
            Response,
            &Item::Map(super::builders::usual(Response)),
            PRODUCT,
            &stranger,
            &device(),
        )
    };
    let mut sealed_otherwise = by_stranger();
    sealed_otherwise.aad = vec![1];
    let comment = "from a stranger, and it can't be decrypted";
    bad("decryption-signer", "decryption/token.decryption", comment, sealed_otherwise);
    let comment = "from a stranger, with a signature that isn't valid";
    bad(
        "signer-signature",
        "signer/token.unknown_signer",
        comment,
        spoilt_signature(by_stranger()),
    );
    let comment = "a signature that isn't valid over a payload with a byte after it";
    let both = spoilt_signature(with_one_byte_more(usual(Response)));
    bad("signature-encoding", "signature/token.signature", comment, both);
    let comment = "a signature that isn't valid over a payload without its seat";
    let both = spoilt_signature(draft(Deactivation, &without(Deactivation, 8)));
    bad("signature-fields-deactivation", "signature/token.signature", comment, both);
    let comment = "a payload without its seat, and a byte after it";
    let both = with_one_byte_more(draft(Refresh, &without(Refresh, 8)));
    bad("encoding-fields-refresh", "encoding/token.encoding", comment, both);
    let absent = Item::Map(
        super::builders::usual(Response)
            .into_iter()
            .filter(|(key, _)| *key != 15)
            .chain([(128, Item::Null)])
            .collect(),
    );
    let comment =
        "a required field is absent, and there is an unknown one that must not be ignored";
    bad("fields-critical", "fields/token.field", comment, draft(Response, &absent));
    let value = "x".repeat(600);
    let long = entries(Response, vec![(13, list(&["a", &value])), (128, Item::Null)]);
    let comment = "too many attributes, and an unknown field that must not be ignored";
    bad("terms-critical", "fields/token.field", comment, draft(Response, &long));

    let comment = "a request whose product is 2³², and a byte after the payload";
    let range = entries(Request, vec![(0, Item::Number(1 << 32))]);
    let both = with_one_byte_more(draft(Request, &range));
    bad("encoding-product-request", "encoding/token.encoding", comment, both);
    let comment = "a signature that isn't valid over a request with a time after the year 9999";
    let late = entries(Request, vec![(7, Item::Number(253_402_300_800))]);
    let both = spoilt_signature(draft(Request, &late));
    bad("signature-time-request", "signature/token.signature", comment, both);
    let comment = "a signature that isn't valid over a request with an unknown field that must not be ignored";
    let critical = entries(Request, vec![(128, Item::Null)]);
    let both = spoilt_signature(draft(Request, &critical));
    bad("signature-critical-request", "signature/token.signature", comment, both);
    let comment = "the key id of other keys than the request's, and a signature that isn't valid";
    let mut both = spoilt_signature(usual(Request));
    both.signer_id = stranger.keys.public().id().0;
    bad("signer-signature-request", "signer/token.unknown_signer", comment, both);

    let mut weak = device().public();
    weak[32..].fill(0);
    let with_keys = |keys: &[u8; 64], changes: Entries| {
        let changes = changes.into_iter().chain([(2, bytes(keys))]).collect();
        let mut draft = draft(Request, &entries(Request, changes));
        draft.signer_id = key_id(keys);
        draft
    };
    let comment = "a request whose product is 2³², with an X25519 key of small order";
    let both = with_keys(&weak, vec![(0, Item::Number(1 << 32))]);
    bad("product-weak-key-request", "fields/token.field", comment, both);
    let comment = "an X25519 key of small order, and a byte after the payload";
    let both = with_one_byte_more(with_keys(&weak, Vec::new()));
    bad("encoding-weak-key-request", "encoding/token.encoding", comment, both);
    let comment = "an X25519 key of small order, and the key id of other keys";
    let mut both = with_keys(&weak, Vec::new());
    both.signer_id = [0; 4];
    bad("weak-key-signer-request", "weak key/token.weak_key", comment, both);
    let comment = "a time after the year 9999, and an X25519 key of small order";
    let both = with_keys(&weak, vec![(7, Item::Number(253_402_300_800))]);
    bad("weak-key-time-request", "weak key/token.weak_key", comment, both);

    // The header of a token.
    let token = usual(Response).with_head(0, 2).seal();
    let mut lines = Lines::new(&token, Response);
    lines.tag[2] ^= 1;
    let comment = "a wrong tag around a token of suite 2";
    let text = lines.all().concat();
    all.add("order-tag-suite", vector(Response, "tag/token.digest", comment, text));
    let text = text_of(Refresh, &usual(Response).with_head(1, 5).seal());
    let comment = "type 5 under a refresh token's prefix";
    all.add("order-type-prefix", vector(Response, "type/token.type", comment, text));
    let text = text_of(Refresh, &usual(Response).seal());
    let comment =
        "a response token under a refresh token's prefix, where a deactivation token belongs";
    all.add("order-prefix-kind", vector(Deactivation, "type/token.prefix_mismatch", comment, text));
    let payload = Item::Map(super::builders::usual(Refresh));
    let token = Draft::new(Refresh, &payload, PRODUCT, &vendor(), &other_device).seal();
    let comment = "a refresh token for another device, where a response token belongs";
    let text = text_of(Refresh, &token);
    all.add("order-kind-key-id", vector(Response, "kind/token.wrong_kind", comment, text));
}

pub(super) fn keys_at_the_edges(all: &mut All) {
    let (weak, field) = ("weak key/token.weak_key", "fields/token.field");
    let good = device().public();
    let mut bad = |name: &str, expect: &str, comment: &str, keys: [u8; 64]| {
        let token = request_with(keys, |message| device().keys.sign(message));
        all.bad(Request, name, expect, comment, &token);
    };
    let known = ["zero", "one", "order-8"];
    for (index, (name, point)) in X25519_SMALL_ORDER.iter().enumerate() {
        if known.contains(name) {
            continue;
        }
        let mut keys = good;
        keys[32..].copy_from_slice(point);
        if index < CANONICAL {
            let comment = "an X25519 key of small order: everybody would know the shared secret";
            bad(&format!("weak-key-x25519-{name}"), weak, comment, keys);
        } else {
            let comment = "an X25519 key that isn't canonical; it has small order as well";
            bad(&format!("fields-key-x25519-{name}"), field, comment, keys);
        }
    }
    let mut keys = good;
    keys[63] |= 0x80;
    let comment = "an X25519 key with bit 255, which is another spelling of one without it";
    bad("fields-key-x25519-bit-255", field, comment, keys);
    let mut keys = good;
    keys[32..].copy_from_slice(&number(0xed + 9, 0xff, 0x7f));
    let comment = "the X25519 key p + 9, which is another spelling of 9";
    bad("fields-key-x25519-p-plus-9", field, comment, keys);

    for (name, point) in [("4", EIGHT_TORSION[2]), ("other-8", EIGHT_TORSION[1])] {
        let mut keys = good;
        keys[..32].copy_from_slice(&point.compress().to_bytes());
        let comment = format!("an Ed25519 key of order {}", name.trim_start_matches("other-"));
        bad(&format!("weak-key-ed25519-order-{name}"), weak, &comment, keys);
    }
    for (name, point, comment) in [
        ("one-sign", number(1, 0, 0x80), "y = 1, so x = 0, with the sign of x"),
        ("p-minus-1-sign", number(0xec, 0xff, 0xff), "y = p − 1, so x = 0, with the sign of x"),
        ("p", number(0xed, 0xff, 0x7f), "y = p, another spelling of 0, which has order 4"),
        ("p-sign", number(0xed, 0xff, 0xff), "y = p with the sign of x"),
        (
            "p-plus-1",
            number(0xee, 0xff, 0x7f),
            "y = p + 1, another spelling of 1, which has order 1",
        ),
    ] {
        let mut keys = good;
        keys[..32].copy_from_slice(&point);
        let comment = format!("an Ed25519 key that isn't canonical: {comment}");
        bad(&format!("fields-key-ed25519-{name}"), field, &comment, keys);
    }

    let (own, other) = colliding_keys();
    let payload = Item::Map(usual(Refresh));
    let mut token = draft(Refresh, &payload);
    token.signer_id = key_id(&own);
    let comment = "signed with the second of two known keys that have the same key id";
    let mut made = vector(Refresh, "success", comment, text_of(Refresh, &token.seal()));
    made.signers = vec![other.to_vec(), own.to_vec()];
    made.payload = Some(payload.to_bytes());
    all.add("refresh-key-ids-collide", made);
    let comment = "two known keys have the key id, and the signature is neither's";
    let token = spoilt_signature(token).seal();
    let mut made = vector(Refresh, "signature/token.signature", comment, text_of(Refresh, &token));
    made.signers = vec![other.to_vec(), own.to_vec()];
    all.add("signature-key-ids-collide", Vector { ..made });
}

pub(super) fn fields_and_encodings(all: &mut All) {
    use Item::{Bool, List, Map, Negative, Null, Number, Raw};
    let expect = "fields/token.field";
    for (kind, keys) in [
        (Request, &[1, 3, 4, 5, 6][..]),
        (Response, &[7, 8, 9, 11]),
        (Refresh, &[7, 8, 11]),
        (Deactivation, &[4, 7]),
    ] {
        for &key in keys {
            let comment = format!("the required field {key} is absent");
            let name = format!("fields-{kind}-without-{key}");
            all.bad_payload(kind, &name, expect, &comment, &without(kind, key));
        }
    }
    let late = || Number(253_402_300_800);
    for (kind, key, name, comment, value) in [
        (Request, 1, "code-text", "a code as a text", text("A")),
        (Request, 2, "keys-long", "keys of 65 bytes", bytes(&[1; 65])),
        (Request, 2, "keys-text", "keys as a text", text(&"k".repeat(64))),
        (Request, 3, "id-text", "a request id as a text", text("12345678")),
        (Request, 4, "counter-bool", "a counter that is true", Bool(true)),
        (Request, 6, "traits-text", "traits as a text", text("")),
        (Request, 6, "traits-text-of-zero", "traits as a text with U+0000", text("\0")),
        (Request, 6, "traits-number", "traits as a number", Number(0)),
        (Response, 3, "id-short", "a request id of 7 bytes", bytes(&[1; 7])),
        (Response, 7, "time-late", "one second after the year 9999", late()),
        (Response, 8, "seat-long", "a seat of 9 bytes", bytes(&[1; 9])),
        (Response, 11, "sequence-negative", "the sequence −1", Negative(0)),
        (Response, 12, "features-list", "features as an array", List(Vec::new())),
        (Response, 13, "attributes-bytes", "a key of bytes", List(vec![bytes(b"a"), text("")])),
        (Response, 14, "end-late", "one second after the year 9999", late()),
        (Response, 15, "digest-short", "a digest of 9 bytes", bytes(&[5; 9])),
        (Response, 15, "digest-text", "a digest as a text", text("0123456789")),
        (Refresh, 7, "time-late", "one second after the year 9999", late()),
        (Refresh, 8, "seat-short", "a seat of 7 bytes", bytes(&[1; 7])),
        (Refresh, 10, "grace-null", "null for the grace", Null),
        (Refresh, 11, "sequence-null", "null for the sequence", Null),
        (Refresh, 12, "feature-negative", "a feature with −1", Map(vec![(1, Negative(0))])),
        (Refresh, 12, "features-null", "null for the features", Null),
        (Refresh, 13, "attributes-null", "null for the attributes", Null),
        (Refresh, 14, "end-text", "a text for the subscription's end", text("never")),
        (Deactivation, 4, "counter-text", "a counter as a text", text("2")),
        (Deactivation, 7, "time-late", "one second after the year 9999", late()),
        (Deactivation, 8, "seat-text", "a seat as a text", text("12345678")),
    ] {
        let payload = with(kind, vec![(key, value)]);
        all.bad_payload(kind, &format!("fields-{kind}-{name}"), expect, comment, &payload);
    }
    let unsorted = with(Response, vec![(13, list(&["\u{10000}", "", "\u{ff5a}", ""]))]);
    let comment = "U+10000 before U+FF5A: in order of UTF-16, not of bytes";
    all.bad_payload(Response, "fields-attributes-utf-16", expect, comment, &unsorted);
    let sorted = with(Response, vec![(13, list(&["\u{ff5a}", "", "\u{10000}", ""]))]);
    let comment = "U+FF5A before U+10000: in order of bytes, not of UTF-16";
    all.good(Response, "attributes-by-bytes", comment, &sorted, false);
    for character in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
        let code = u32::from(character);
        let comment = format!("a seat name with U+{code:04X}, which has the property Bidi_Control");
        let payload = with(Request, vec![(5, text(&format!("Of{character}fice")))]);
        all.bad_payload(Request, &format!("fields-seat-name-{code:04x}"), expect, &comment, &payload);
    }
    let longest = with(Request, vec![(5, text(&format!("{}ß", "n".repeat(62))))]);
    all.good(Request, "seat-name-64", "a seat name of 63 characters and 64 bytes", &longest, false);
    let ignored = with(Refresh, vec![(99, text("ignored"))]);
    let comment = "a field below 128 that this version doesn't know is ignored";
    all.good(Refresh, "unknown-field", comment, &ignored, true);
    let code = "5ZZZZ".parse::<crate::ActivationCode>().unwrap().to_packed();
    let comment = "a code of five symbols, whose last byte has one bit of it";
    all.good(Request, "code-of-five", comment, &with(Request, vec![(1, bytes(&code))]), false);
    let large = with(Request, vec![(13, bytes(&[0x5a; 600]))]);
    let comment = "key 13 is none of a request's, so it is ignored, and so is how large it is";
    all.good(Request, "unknown-13", comment, &large, true);
    let small = with(Deactivation, vec![(12, Null), (14, text("never"))]);
    let comment = "keys 12 and 14 are none of a deactivation's";
    all.good(Deactivation, "unknown-12", comment, &small, true);
    let last = with(Deactivation, vec![(127, Null)]);
    all.good(Deactivation, "unknown-127", "127 is the last that may be ignored", &last, true);
    let value = "x".repeat(505);
    let features = with(Refresh, vec![(13, list(&["a", &value])), (12, Map(Vec::new()))]);
    let comment = "attributes of 511 bytes and features of one: 512 together";
    all.good(Refresh, "terms-512", comment, &features, false);
    let value = "x".repeat(504);
    let terms = vec![(12, Map(vec![(1, Bool(true))])), (13, list(&["a", &value]))];
    let comment = "attributes of 510 bytes and features of three: 513 together";
    all.bad_payload(Refresh, "fields-terms-together", expect, comment, &with(Refresh, terms));

    let expect = "encoding/token.encoding";
    for (name, comment, raw) in [
        ("simple-0", "the simple value 0", &[0xe0][..]),
        ("simple-19", "the simple value 19", &[0xf3]),
        ("simple-20-long", "false in two bytes", &[0xf8, 20]),
        ("float-32", "a float of 32 bits", &[0xfa, 0x3f, 0x80, 0, 0]),
        ("float-64", "a float of 64 bits", &[0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
        ("long-negative", "−6 in two bytes", &[0x38, 5]),
        ("long-array", "an array's count in two bytes", &[0x98, 1, 0]),
        ("long-text", "a text's length in two bytes", &[0x78, 1, b'a']),
        ("long-map", "a map's count in two bytes", &[0xb8, 1, 0, 0]),
        ("additional-29", "additional information 29", &[0x1d]),
        (
            "tag-20",
            "a tag whose number is that of a simple value, false, and nothing else",
            &[0xd4],
        ),
        ("tag-21", "a tag whose number is that of a simple value, true, and nothing else", &[0xd5]),
        ("tag-22", "a tag whose number is that of a simple value, null, and nothing else", &[0xd6]),
        ("additional-30", "additional information 30", &[0x1e]),
        ("additional-31", "an integer of indefinite length", &[0x1f]),
        (
            "nested-unsorted",
            "a map in an unknown field with its keys unsorted",
            &[0xa2, 2, 0, 1, 0],
        ),
        (
            "nested-text-key",
            "a map in an unknown field with a text for a key",
            &[0xa1, 0x61, b'a', 0],
        ),
        ("nested-utf-8", "a text in an unknown field that isn't UTF-8", &[0x81, 0x61, 0xff]),
        ("long-24", "23 in two bytes", &[0x18, 23]),
        (
            "short-string",
            "a byte string that announces more than there is",
            &[0x5a, 0xff, 0xff, 0xff, 0xff],
        ),
    ] {
        let payload = with(Response, vec![(99, Raw(raw))]);
        all.bad_payload(Response, &format!("encoding-{name}"), expect, comment, &payload);
    }
    let comment = "24 and 256 and 65536 and 2³², each in as many bytes as it takes";
    let numbers = [24, 256, 65_536, 1 << 32].map(Number).to_vec();
    let payload = with(Response, vec![(99, List(numbers))]);
    all.good(Response, "shortest-forms", comment, &payload, true);
    let mut empty = draft(Deactivation, &Item::Map(usual(Deactivation)));
    empty.payload = vec![0xf6];
    let comment = "null instead of a map";
    all.bad(Deactivation, "encoding-null", expect, comment, &empty.seal());
}
