//! The file of one vector: headers, a blank line, and the text. `testvectors/README.md` explains
//! the headers.

use std::fmt;

use crate::Kind;

#[derive(Debug, Clone)]
pub(super) struct Vector {
    /// `success`, or the stage and the code.
    pub(super) expect: String,
    /// The kind of token that the recipient expects.
    pub(super) kind: Kind,
    pub(super) recipient: [u8; 32],
    /// The product and the keys that the recipient knows already. A request contains both.
    pub(super) product: Option<u32>,
    pub(super) signers: Vec<Vec<u8>>,
    pub(super) payload: Option<Vec<u8>>,
    /// The payload contains unknown fields, or values that are encoded in a longer form.
    pub(super) has_more: bool,
    pub(super) repaired: usize,
    pub(super) tokens: usize,
    /// Rows of the first token that are damaged, and rows or frames of it that are missing.
    pub(super) damaged: Vec<usize>,
    pub(super) missing: Vec<usize>,
    /// The other tokens: their kinds, and `success` or the reason why they can't be reconstructed.
    pub(super) then: Vec<String>,
    pub(super) repeat: usize,
    pub(super) comment: String,
    pub(super) text: String,
}

const MARK: &str = "latchkey-vector: 1; every key in here is public, for tests only\n";

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}expect: {}\nkind: {}\n", self.expect, self.kind)?;
        writeln!(f, "recipient-seed: {}", hex(&self.recipient))?;
        if let Some(product) = self.product {
            writeln!(f, "product: {product}")?;
        }
        for keys in &self.signers {
            writeln!(f, "signer: {}", hex(keys))?;
        }
        if let Some(payload) = &self.payload {
            writeln!(f, "payload: {}", hex(payload))?;
        }
        if self.has_more {
            writeln!(f, "re-encoded: differently")?;
        }
        for (name, value, usual) in
            [("repaired", self.repaired, 0), ("tokens", self.tokens, 1), ("repeat", self.repeat, 1)]
        {
            if value != usual {
                writeln!(f, "{name}: {value}")?;
            }
        }
        for (name, rows) in [("damaged", &self.damaged), ("missing", &self.missing)] {
            if !rows.is_empty() {
                let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
                writeln!(f, "{name}: {}", rows.join(" "))?;
            }
        }
        for then in &self.then {
            writeln!(f, "then: {then}")?;
        }
        write!(f, "comment: {}\n\n{}\n", self.comment, self.text)
    }
}

impl Vector {
    pub(super) fn parse(file: &str) -> Result<Self, String> {
        let rest = file.strip_prefix(MARK).ok_or("not a vector of version 1")?;
        let (headers, text) = rest.split_once("\n\n").ok_or("no blank line")?;
        let text = text.strip_suffix('\n').ok_or("no line feed at the end")?.to_owned();
        let mut vector = Self {
            expect: String::new(),
            kind: Kind::Request,
            recipient: [0; 32],
            product: None,
            signers: Vec::new(),
            payload: None,
            has_more: false,
            repaired: 0,
            tokens: 1,
            damaged: Vec::new(),
            missing: Vec::new(),
            then: Vec::new(),
            repeat: 1,
            comment: String::new(),
            text,
        };
        for line in headers.lines() {
            let (name, value) = line.split_once(": ").ok_or_else(|| format!("header {line:?}"))?;
            let number = || value.parse::<usize>().map_err(|_| format!("number {value:?}"));
            match name {
                "expect" => value.clone_into(&mut vector.expect),
                "kind" => {
                    let named = Kind::ALL.into_iter().find(|kind| kind.name() == value);
                    vector.kind = named.ok_or_else(|| format!("kind {value:?}"))?;
                }
                "recipient-seed" => {
                    vector.recipient = unhex(value)?.try_into().map_err(|_| "seed of 32 bytes")?;
                }
                "product" => vector.product = value.parse().ok(),
                "signer" => vector.signers.push(unhex(value)?),
                "payload" => vector.payload = Some(unhex(value)?),
                "re-encoded" => vector.has_more = true,
                "repaired" => vector.repaired = number()?,
                "tokens" => vector.tokens = number()?,
                "damaged" => vector.damaged = numbers(value)?,
                "missing" => vector.missing = numbers(value)?,
                "then" => vector.then.push(value.to_owned()),
                "repeat" => vector.repeat = number()?,
                "comment" => value.clone_into(&mut vector.comment),
                other => return Err(format!("header {other:?}")),
            }
        }
        Ok(vector)
    }
}

fn numbers(value: &str) -> Result<Vec<usize>, String> {
    let numbers = value.split(' ').map(str::parse);
    numbers.collect::<Result<_, _>>().map_err(|_| format!("numbers {value:?}"))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digit = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<_> = (0..text.len()).step_by(2).map(digit).collect();
    bytes.ok_or_else(|| format!("hex {text:?}"))
}
