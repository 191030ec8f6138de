//! Codes that together contain one text (ISO/IEC 18004, section 8, structured append). Its parts
//! may be in one picture, in several pictures of one file, or in several files.

use std::collections::{BTreeMap, BTreeSet};

use crate::reading_error::ReadingError;

/// Maximum number of parts that are kept: those of two texts of the most parts possible.
pub(crate) const MAX_CODE_PARTS: usize = 32;
/// The most characters that one code has: 7,089 digits.
const MAX_PART_BYTES: usize = 7_089;
/// The bytes before the text of an encoded part: parity, count, number, and the text's length.
const HEADER: usize = 5;
/// Maximum number of bytes of encoded parts.
pub(crate) const MAX_ENCODED: usize = MAX_CODE_PARTS * (HEADER + MAX_PART_BYTES);

/// The codes that belong together: the parity that all of them share, and how many there are.
pub(crate) type CodeSet = (u8, u8);

/// The contents of codes that are parts of a text, by their set and their number in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CodeParts {
    parts: BTreeMap<(CodeSet, u8), String>,
    /// Whether there were more parts than are kept.
    is_cut: bool,
}

impl CodeParts {
    pub(crate) fn insert(&mut self, set: CodeSet, number: u8, text: String) {
        if self.parts.len() < MAX_CODE_PARTS {
            self.parts.insert((set, number), text);
        } else if !self.parts.contains_key(&(set, number)) {
            self.is_cut = true;
        }
    }

    /// Adds all parts of another file or picture, whose number is limited there.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.parts.extend(other.parts.clone());
    }

    /// What is missing of a text.
    pub(crate) fn missing(&self) -> Option<ReadingError> {
        let missing = self.sets().into_iter().find_map(|set| self.text_of(set).err());
        missing.or(self.is_cut.then_some(ReadingError::TooMuchWork))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The sets of which there are parts.
    pub(crate) fn sets(&self) -> BTreeSet<CodeSet> {
        self.parts.keys().map(|(set, _)| *set).collect()
    }

    /// The text of a set if all of its parts are there, or how many of them are.
    pub(crate) fn text_of(&self, set: CodeSet) -> Result<String, ReadingError> {
        let parts: Vec<_> =
            self.parts.iter().filter(|((of, _), _)| *of == set).map(|(_, text)| &**text).collect();
        let (count, have) = (set.1, u8::try_from(parts.len()).unwrap_or(u8::MAX));
        if have < count { Err(ReadingError::CodeParts { have, count }) } else { Ok(parts.concat()) }
    }

    /// Removes the sets of which all parts are there, and returns their texts.
    pub(crate) fn take_joined(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        for set in self.sets() {
            if let Ok(text) = self.text_of(set) {
                texts.push(text);
                self.parts.retain(|(of, _), _| *of != set);
            }
        }
        texts
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (((parity, count), number), text) in &self.parts {
            let Ok(length) = u16::try_from(text.len()) else { continue };
            bytes.extend([*parity, *count, *number]);
            bytes.extend(length.to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    /// Decodes what [`CodeParts::encode`] returned. `None` for anything else.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut parts = Self::default();
        while !bytes.is_empty() {
            let (&[parity, count, number, low, high], rest) =
                bytes.split_first_chunk::<HEADER>()?;
            let length = usize::from(u16::from_le_bytes([low, high]));
            let (text, rest) = rest.split_at_checked(length)?;
            let is_part = count > 1 && number < count && length <= MAX_PART_BYTES;
            if !is_part || parts.parts.len() == MAX_CODE_PARTS {
                return None;
            }
            parts.insert((parity, count), number, String::from_utf8(text.to_vec()).ok()?);
            bytes = rest;
        }
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_encoded_and_nothing_else_is_decoded() {
        let mut parts = CodeParts::default();
        parts.insert((7, 3), 2, "c".to_owned());
        parts.insert((7, 3), 0, "ä".to_owned());
        parts.insert((9, 2), 1, String::new());
        assert_eq!(CodeParts::decode(&parts.encode()), Some(parts.clone()));
        assert_eq!(CodeParts::decode(b""), Some(CodeParts::default()));
        for bytes in [
            &[7, 3, 2, 1][..],
            &[7, 3, 2, 1, 0],
            &[7, 3, 3, 0, 0],
            &[7, 1, 0, 0, 0],
            &[7, 3, 2, 1, 0, 0xff],
            &[&[7, 3, 2, 0xff, 0xff][..], &[b'a'; 0xffff]].concat(),
        ] {
            assert_eq!(CodeParts::decode(bytes), None, "{:?}", &bytes[..4]);
        }
        let many: Vec<u8> = (0..=MAX_CODE_PARTS as u8).flat_map(|of| [of, 2, 0, 0, 0]).collect();
        assert_eq!(CodeParts::decode(&many), None);

        assert_eq!(parts.text_of((7, 3)), Err(ReadingError::CodeParts { have: 2, count: 3 }));
        parts.insert((7, 3), 1, "b".to_owned());
        assert_eq!(parts.take_joined(), ["äbc"]);
        assert_eq!(parts.sets(), [(9, 2)].into());
    }
}
