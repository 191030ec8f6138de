//! Payloads that no correct implementation produces: fields in any order, of any type, and raw
//! bytes.

/// A CBOR item. The entries of a map keep their given order.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Number(u64),
    /// −1 − n.
    Negative(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    Map(Vec<(u64, Item)>),
    Bool(bool),
    Null,
    /// Raw bytes.
    Raw(&'static [u8]),
}

impl Item {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Number(value) => head(bytes, 0, *value),
            Self::Negative(value) => head(bytes, 1, *value),
            Self::Bytes(value) => {
                head(bytes, 2, value.len() as u64);
                bytes.extend_from_slice(value);
            }
            Self::Text(value) => {
                head(bytes, 3, value.len() as u64);
                bytes.extend_from_slice(value.as_bytes());
            }
            Self::List(items) => {
                head(bytes, 4, items.len() as u64);
                items.iter().for_each(|item| item.write(bytes));
            }
            Self::Map(entries) => {
                head(bytes, 5, entries.len() as u64);
                for (key, item) in entries {
                    head(bytes, 0, *key);
                    item.write(bytes);
                }
            }
            Self::Bool(value) => bytes.push(0xf4 + u8::from(*value)),
            Self::Null => bytes.push(0xf6),
            Self::Raw(raw) => bytes.extend_from_slice(raw),
        }
    }
}

fn head(bytes: &mut Vec<u8>, major: u8, value: u64) {
    let big_endian = value.to_be_bytes();
    let (info, width) = match value {
        0..24 => (value as u8, 0),
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    bytes.push(major << 5 | info);
    bytes.extend_from_slice(&big_endian[8 - width..]);
}

pub(super) fn text(value: &str) -> Item {
    Item::Text(value.to_owned())
}

pub(super) fn bytes(value: &[u8]) -> Item {
    Item::Bytes(value.to_vec())
}

/// Returns the CBOR diagnostic notation (RFC 8949, section 8) of a payload without lists, with one
/// entry on each line.
pub(super) fn diagnostic(entries: &[(u64, Item)], names: &[&str]) -> String {
    let value = |item: &Item| match item {
        Item::Number(value) => value.to_string(),
        Item::Bytes(value) => format!("h'{}'", super::vector_file::hex(value)),
        Item::Text(value) => format!("{value:?}"),
        other => unreachable!("the example has no {other:?}"),
    };
    let lines = entries.iter().zip(names);
    let lines: String = lines
        .map(|((key, item), name)| format!("  {key}: {},  / {name} /\n", value(item)))
        .collect();
    format!("{{\n{lines}}}\n")
}
