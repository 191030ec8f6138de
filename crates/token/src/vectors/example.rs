//! The example in the specification: the vector `request-example` with all intermediate values.

use std::fmt::Write as _;

use hpke::kem::X25519HkdfSha256;
use hpke::{Kem as _, Serializable as _};

use super::builders::{
    CODE, Lines, PRODUCT, TRAITS, VENDOR_ID, device, usual, usual_draft, vendor,
};
use super::cbor::{Item, diagnostic};
use super::sealing::Party;
use super::vector_file::hex;
use crate::{ActivationCode, Kind};

/// A list of names and values, in hex and broken into lines of 32 bytes.
struct Values(String);

impl Values {
    fn put(&mut self, name: &str, bytes: &[u8]) {
        for (index, line) in bytes.chunks(32).enumerate() {
            let name = if index == 0 { name } else { "" };
            writeln!(self.0, "{name:<24} {}", hex(line)).unwrap();
        }
    }

    fn block(self) -> String {
        format!("```\n{}```\n\n", self.0)
    }
}

fn keys_of(who: &str, party: &Party) -> String {
    let mut values = Values(String::new());
    let public = party.keys.public();
    values.put("seed", &party.seed);
    values.put("Ed25519 private key", &party.derived("latchkey/sign"));
    values.put("Ed25519 public key", public.signing_key());
    values.put("X25519 private key", &party.derived("latchkey/receive"));
    values.put("X25519 public key", public.encryption_key());
    values.put("key id", &public.id().0);
    format!("**The {who}'s keys**\n\n{}", values.block())
}

pub(super) fn page() -> String {
    let draft = usual_draft(Kind::Request);
    let token = draft.seal();
    let code: ActivationCode = CODE.parse().unwrap();

    let mut page = keys_of("device", &device());
    page += &keys_of("vendor", &vendor());

    writeln!(
        page,
        "**The payload.** The activation code is `{CODE}`, the product number {PRODUCT}. The\n\
         device has three traits:\n"
    )
    .unwrap();
    let mut values = Values(String::new());
    values.put("packed code", &code.to_packed());
    values.put("vendor id", &VENDOR_ID);
    page += "| bit | value | four bytes |\n| --- | --- | --- |\n";
    for (which, value) in TRAITS {
        let digest = super::builders::traits().get(which).unwrap();
        writeln!(page, "| {} | `{value}` | `{}` |", which as u8, hex(&digest)).unwrap();
    }
    values.put("traits", &super::builders::traits().to_bytes());
    values.put("digest of the traits", &super::builders::traits().digest());
    write!(page, "\n{}", values.block()).unwrap();
    let names = [
        "product",
        "activation code",
        "public keys",
        "request id",
        "counter",
        "seat name",
        "traits",
        "time",
    ];
    write!(page, "```\n{}```\n\n", diagnostic(&usual(Kind::Request), &names)).unwrap();

    page += "**The envelope.** The ephemeral key of HPKE is derived from key material with `DeriveKeyPair`\n\
             (RFC 9180, section 7.1.3). It is written clamped (section 7.1.2 there). In a real token it is\n\
             random.\n\n";
    assert_eq!(Item::Map(usual(Kind::Request)).to_bytes(), draft.payload);
    let plaintext = draft.plaintext();
    let (ephemeral, encapsulated) = X25519HkdfSha256::derive_keypair(&draft.key_material);
    assert_eq!(encapsulated.to_bytes()[..], token[6..38]);
    let mut values = Values(String::new());
    values.put("payload", &draft.payload);
    values.put("H", &draft.head);
    values.put("signed message", &draft.message());
    values.put("sig", &plaintext[plaintext.len() - 64..]);
    values.put("pt", &plaintext);
    values.put("info", &draft.info);
    values.put("ephemeral key material", &draft.key_material);
    values.put("ephemeral private key", &ephemeral.to_bytes());
    values.put("enc", &token[6..38]);
    values.put("ciphertext", &token[38..]);
    values.put("token", &token);
    page += &values.block();

    let lines = Lines::new(&token, Kind::Request);
    writeln!(
        page,
        "**The text.** {} bytes are {} data symbols in {} rows. The tag is `{}`. Line 0 and the rows:\n\n```",
        token.len(),
        lines.data.len(),
        lines.data.len().div_ceil(22),
        super::builders::written(&lines.tag)
    )
    .unwrap();
    for (number, line) in lines.all().iter().enumerate() {
        writeln!(page, "{number:>2}  {line}").unwrap();
    }
    write!(page, "```\n\nAnd in one piece:\n\n```\n{}\n```\n\n", lines.all().concat()).unwrap();
    page
}
