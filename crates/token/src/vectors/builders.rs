//! What the families of vectors are made of: usual payloads, texts of tokens, and the collection
//! that vectors are added to. The vectors themselves are in `all` and in the modules of the
//! families.

use std::collections::BTreeMap;

use super::cbor::{Item, bytes, text};
use super::sealing::{Draft, Party, digest, signed_head};
use super::vector_file::Vector;
use crate::text::reed_solomon::checks;
use crate::*;

pub(super) const PRODUCT: u32 = 7;
pub(super) const NOW: u64 = 1_790_000_000;
pub(super) const DAY: u64 = 86_400;
pub(super) const LAST_SECOND: u64 = 253_402_300_799;

pub(super) fn device() -> Party {
    Party::new("device")
}

pub(super) fn vendor() -> Party {
    Party::new("vendor")
}

pub(super) fn id(what: &str) -> Item {
    bytes(&digest(&format!("latchkey test vector: {what}"))[..8])
}

pub(super) fn list(texts: &[&str]) -> Item {
    Item::List(texts.iter().map(|entry| text(entry)).collect())
}

pub(super) const VENDOR_ID: [u8; 8] = [0x3f, 0x1c, 0x9a, 0x5e, 0x7b, 0x20, 0x4d, 0x68];

/// The traits of the example's computer: an installation of the operating system, a network address
/// and a processor.
pub(super) const TRAITS: [(HardwareTrait, &str); 3] = [
    (HardwareTrait::OsInstall, "0f6c3d5b8a9e4c1d8e7f6a5b4c3d2e1f"),
    (HardwareTrait::NetworkAddress, "02:00:5e:10:00:01"),
    (HardwareTrait::Processor, "Example Processor 9000"),
];

pub(super) const CODE: &str = "ACME-B10E-2V26";

pub(super) fn traits() -> HardwareTraits {
    let mut traits = HardwareTraits::default();
    for (which, value) in TRAITS {
        traits.set(which, VendorId::from_bytes(VENDOR_ID), PRODUCT, value);
    }
    traits
}

pub(super) type Entries = Vec<(u64, Item)>;

/// Returns an ordinary payload of a kind.
pub(super) fn usual(kind: Kind) -> Entries {
    let code: ActivationCode = CODE.parse().unwrap();
    match kind {
        Kind::Request => vec![
            (0, Item::Number(PRODUCT.into())),
            (1, bytes(&code.to_packed())),
            (2, bytes(&device().public())),
            (3, id("request")),
            (4, Item::Number(1)),
            (5, text("Drawing office 4")),
            (6, bytes(&traits().to_bytes())),
            (7, Item::Number(NOW)),
        ],
        Kind::Response => vec![
            (3, id("request")),
            (7, Item::Number(NOW)),
            (8, id("seat")),
            (9, Item::Number(NOW + 30 * DAY)),
            (11, Item::Number(1 << 16 | 1)),
            (15, bytes(&traits().digest())),
        ],
        Kind::Refresh => vec![
            (7, Item::Number(NOW)),
            (8, id("seat")),
            (9, Item::Number(NOW + 30 * DAY)),
            (11, Item::Number(1 << 16 | 2)),
        ],
        Kind::Deactivation => {
            vec![(4, Item::Number(2)), (7, Item::Number(NOW)), (8, id("seat"))]
        }
    }
}

/// Returns the usual payload with fields replaced or added.
pub(super) fn with(kind: Kind, changes: Entries) -> Item {
    let mut entries: BTreeMap<_, _> = usual(kind).into_iter().collect();
    entries.extend(changes);
    Item::Map(entries.into_iter().collect())
}

pub(super) fn without(kind: Kind, key: u64) -> Item {
    Item::Map(usual(kind).into_iter().filter(|(here, _)| *here != key).collect())
}

/// Seals a payload from the usual sender of its kind to the usual recipient.
pub(super) fn draft(kind: Kind, payload: &Item) -> Draft {
    let product = match payload {
        Item::Map(entries) if kind == Kind::Request => match entries.first() {
            Some((0, Item::Number(product))) => u32::try_from(*product).unwrap_or(PRODUCT),
            _ => PRODUCT,
        },
        _ => PRODUCT,
    };
    match kind {
        Kind::Request | Kind::Deactivation => {
            Draft::new(kind, payload, product, &device(), &vendor())
        }
        Kind::Response | Kind::Refresh => Draft::new(kind, payload, PRODUCT, &vendor(), &device()),
    }
}

pub(super) fn usual_draft(kind: Kind) -> Draft {
    draft(kind, &Item::Map(usual(kind)))
}

/// Returns a vector with a text and what the usual recipient of the kind knows.
pub(super) fn vector(kind: Kind, expect: &str, comment: &str, text: String) -> Vector {
    let (recipient, signer) = match kind {
        Kind::Request | Kind::Deactivation => (vendor(), device()),
        Kind::Response | Kind::Refresh => (device(), vendor()),
    };
    let known = kind != Kind::Request;
    Vector {
        expect: expect.to_owned(),
        kind,
        recipient: recipient.seed,
        product: known.then_some(PRODUCT),
        signers: if known { vec![signer.public().to_vec()] } else { Vec::new() },
        payload: None,
        has_more: false,
        repaired: 0,
        tokens: usize::from(!expect.starts_with("text/")),
        damaged: Vec::new(),
        missing: Vec::new(),
        then: Vec::new(),
        repeat: 1,
        comment: comment.to_owned(),
        text,
    }
}

/// Returns the lines of a token's text for any bytes: line 0, followed by the rows.
pub(super) struct Lines {
    pub(super) prefix: &'static str,
    pub(super) length: usize,
    pub(super) tag: [u8; 3],
    pub(super) data: Vec<u8>,
}

impl Lines {
    pub(super) fn new(token: &[u8], kind: Kind) -> Self {
        let values = crate::wire::symbols::from_bytes(&sha2_256(token)[..2]);
        Self {
            prefix: ["LKREQ", "LKANS", "LKFSH", "LKDAC"][kind as usize - 1],
            length: token.len(),
            tag: [values[0], values[1], values[2]],
            data: crate::wire::symbols::from_bytes(token),
        }
    }

    pub(super) fn row(&self, number: usize, tag: [u8; 3]) -> String {
        let data = self.data.chunks(22).nth(number - 1).unwrap();
        let unwritten = [(number >> 5) as u8, (number & 31) as u8, tag[0], tag[1], tag[2]];
        written(&[data, &checks(unwritten.iter().chain(data).copied())].concat())
    }

    pub(super) fn all(&self) -> Vec<String> {
        let prefix = self.prefix.chars().map(|symbol| crate::wire::symbols::value(symbol).unwrap());
        let length = [10, 5, 0].map(|bits| (self.length >> bits & 31) as u8);
        let line: Vec<_> = prefix.chain(length).chain(self.tag).collect();
        let line_0 = [&line[5..], &checks(line.iter().copied())].concat();
        let rows = 1..=self.data.len().div_ceil(22);
        std::iter::once(format!("{}{}", self.prefix, written(&line_0)))
            .chain(rows.map(|number| self.row(number, self.tag)))
            .collect()
    }

    pub(super) fn text(&self) -> String {
        self.all().concat()
    }
}

pub(super) fn sha2_256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

pub(super) fn written(values: &[u8]) -> String {
    values.iter().map(|&value| crate::wire::symbols::symbol(value)).collect()
}

pub(super) fn text_of(kind: Kind, token: &[u8]) -> String {
    Lines::new(token, kind).text()
}

pub(super) struct All(pub(super) BTreeMap<String, Vector>);

impl All {
    pub(super) fn add(&mut self, name: &str, vector: Vector) {
        assert!(self.0.insert(name.to_owned(), vector).is_none(), "{name} stands twice");
    }

    /// Adds a payload that is accepted; `says_more` if it is not encoded as it was when encoded
    /// again.
    pub(super) fn good(
        &mut self,
        kind: Kind,
        name: &str,
        comment: &str,
        payload: &Item,
        says_more: bool,
    ) {
        let token = draft(kind, payload).seal();
        let made = vector(kind, "success", comment, text_of(kind, &token));
        let payload = Some(payload.to_bytes());
        self.add(&format!("{kind}-{name}"), Vector { payload, has_more: says_more, ..made });
    }

    /// Adds a token whose text is well-formed and which is refused afterwards.
    pub(super) fn bad(
        &mut self,
        kind: Kind,
        name: &str,
        expect: &str,
        comment: &str,
        token: &[u8],
    ) {
        self.add(name, vector(kind, expect, comment, text_of(kind, token)));
    }

    pub(super) fn bad_payload(
        &mut self,
        kind: Kind,
        name: &str,
        expect: &str,
        comment: &str,
        payload: &Item,
    ) {
        self.bad(kind, name, expect, comment, &draft(kind, payload).seal());
    }
}

/// Returns the token whose text is changed, which has rows with padding, and its payload.
pub(super) fn mangled() -> (Vec<u8>, Vec<u8>) {
    let features = Item::Map(vec![(1, Item::Bool(true)), (2, Item::Number(4_000))]);
    let payload = with(Kind::Response, vec![(12, features)]);
    (draft(Kind::Response, &payload).seal(), payload.to_bytes())
}

/// Adds a text in which [`mangled`] is found unchanged.
pub(super) fn add_mangled(all: &mut All, name: &str, comment: &str, text: String) {
    let payload = Some(mangled().1);
    let made = vector(Kind::Response, "success", comment, text);
    all.add(&format!("text-{name}"), Vector { payload, ..made });
}

/// Returns another symbol than the one at this position.
pub(super) fn spoil(line: &mut String, at: usize) {
    let other = if line.as_bytes()[at] == b'7' { "8" } else { "7" };
    line.replace_range(at..=at, other);
}

pub(super) fn grouped(line: &str, separator: &str) -> String {
    let groups: Vec<_> =
        line.as_bytes().chunks(5).map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(separator)
}

pub(super) fn wrapped(text: &str, width: usize, with: &str) -> String {
    let lines: Vec<_> =
        text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(with)
}

pub(super) fn look_alikes(text: &str) -> String {
    // All characters that look like one symbol, in turn.
    const ALIKE: &[(char, &str)] = &[
        ('0', "OoОоΟοØø"),
        ('1', "IilLІіӀΙιı"),
        ('A', "АаΑα"),
        ('B', "ВΒβ"),
        ('C', "Сс"),
        ('E', "ЕеΕε"),
        ('G', "Ԍ"),
        ('H', "НΗ"),
        ('J', "Јј"),
        ('K', "КкΚκ"),
        ('M', "МмΜ"),
        ('N', "Ν"),
        ('P', "РрΡρ"),
        ('S', "Ѕѕ"),
        ('T', "ТтΤτ"),
        ('V', "UuѴν"),
        ('W', "Ԝԝ"),
        ('X', "ХхΧχ"),
        ('Y', "УуΥγ"),
        ('Z', "Ζζ"),
    ];
    let mut turn = BTreeMap::new();
    let alike = |symbol: char| {
        let Some((_, alike)) = ALIKE.iter().find(|(of, _)| *of == symbol) else {
            return symbol;
        };
        let next = turn.entry(symbol).or_insert(0_usize);
        *next += 1;
        alike.chars().nth((*next - 1) % alike.chars().count()).unwrap()
    };
    text.chars().map(alike).collect()
}

/// Returns line 0 and the rows as on paper.
pub(super) fn on_paper(lines: &[String]) -> String {
    let numbered = lines.iter().enumerate();
    let rows: Vec<_> =
        numbered.map(|(row, line)| format!("{row:>3}  {}", grouped(line, " "))).collect();
    rows.join("\n")
}

/// Returns a text in frames, whose headers are encoded independently here.
pub(super) fn framed(text: &str, kind: Kind, tag: [u8; 3], size: usize) -> Vec<String> {
    let parts: Vec<_> = wrapped(text, size, "\n").lines().map(str::to_owned).collect();
    let last = parts.len() as u8 - 1;
    let frame = |(part, index): (&String, u8)| {
        let said = [kind as u8, index, last, tag[0], tag[1], tag[2]];
        let prefix = "LKQRF".chars().map(|symbol| crate::wire::symbols::value(symbol).unwrap());
        let check = checks(prefix.chain(said));
        format!("LKQRF{}{part}", written(&[&said[..], &check].concat()))
    };
    parts.iter().zip(0..).map(frame).collect()
}

/// Returns a request with these keys and their id, and with a signature made for them.
pub(super) fn request_with(keys: [u8; 64], sign: impl Fn(&[u8]) -> [u8; 64] + 'static) -> Vec<u8> {
    use sha2::Digest as _;
    let mut token = draft(Kind::Request, &with(Kind::Request, vec![(2, bytes(&keys))]));
    let digest = sha2::Sha256::new().chain_update(b"latchkey/key\0").chain_update(keys).finalize();
    token.signer_id = [digest[0], digest[1], digest[2], digest[3]];
    let mut signing = [0; 32];
    signing.copy_from_slice(&keys[..32]);
    token.signed_head =
        signed_head(&token.head, PRODUCT, vendor().keys.public().encryption_key(), &signing);
    token.sign = Box::new(sign);
    token.seal()
}
