//! Codes that together contain one text (ISO/IEC 18004, section 8, structured append). Its parts
//! may be in one picture, in several pictures of one file, or in several files.

use std::collections::{BTreeMap, BTreeSet};

use crate::reading_error::ReadingError;

/// Maximum number of parts that are kept: those of two texts of the most parts possible.
pub(crate) const MAX_CODE_PARTS: usize = 32;
/// The most characters that one code has: 7,089 digits.
const MAX_PART_BYTES: usize = 7_089;
/// The most texts that the parts of one set are joined to, if parts of several texts are in it.
const MAX_TEXTS_PER_SET: usize = 16;
/// The bytes before the text of an encoded part: parity, count, number, and the text's length.
const HEADER: usize = 5;
/// Maximum number of bytes of encoded parts, which begin with whether there were more.
pub(crate) const MAX_ENCODED: usize = 1 + MAX_CODE_PARTS * (HEADER + MAX_PART_BYTES);

/// The codes that belong together: the parity that all of them share, and how many there are. One
/// of 256 other texts has the same parity, so that a set may have parts of several texts.
pub(crate) type CodeSet = (u8, u8);

/// The contents of codes that are parts of a text, by their set and their number in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CodeParts {
    /// Several contents with the same number are parts of different texts.
    parts: BTreeMap<(CodeSet, u8), Vec<String>>,
    /// Whether there were more parts than are kept.
    is_cut: bool,
}

/// What the parts of a set make up.
#[derive(Default)]
pub(crate) struct JoinedSet {
    pub(crate) texts: Vec<String>,
    /// Why there may be another text in this set.
    missing: Option<ReadingError>,
    /// The number and the content of each part that certainly belongs to one of the texts.
    used: BTreeSet<(u8, String)>,
}

impl JoinedSet {
    /// Why there may be another text of which a part is among these.
    pub(crate) fn missing_of(&self, parts: &CodeParts, set: CodeSet) -> Option<ReadingError> {
        let mut of_set = parts.parts.iter().filter(|((of, _), _)| *of == set);
        let is_other = of_set.any(|((_, number), texts)| {
            texts.iter().any(|text| !self.used.contains(&(*number, text.clone())))
        });
        self.missing.filter(|_| is_other)
    }
}

impl CodeParts {
    /// The length of all contents in bytes.
    pub(crate) fn text_len(&self) -> usize {
        self.parts.values().flatten().map(String::len).sum()
    }

    pub(crate) fn insert(&mut self, set: CodeSet, number: u8, text: String) {
        let is_full = self.parts.values().map(Vec::len).sum::<usize>() >= MAX_CODE_PARTS;
        if self.add(set, number, text, is_full) {
            self.is_cut = true;
        }
    }

    /// Adds a part that isn't there yet. Returns whether it is left out because there are too many.
    fn add(&mut self, set: CodeSet, number: u8, text: String, is_full: bool) -> bool {
        let known = self.parts.get(&(set, number));
        let is_new = known.is_none_or(|texts| !texts.contains(&text));
        if is_new && !is_full {
            self.parts.entry((set, number)).or_default().push(text);
        }
        is_new && is_full
    }

    /// Adds all parts of another file or picture, whose number is limited there.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (&(set, number), texts) in &other.parts {
            for text in texts {
                self.add(set, number, text.clone(), false);
            }
        }
        self.is_cut |= other.is_cut;
    }

    /// What is missing of a text.
    pub(crate) fn missing_parts(&self) -> Option<ReadingError> {
        let missing = self.sets().into_iter().find_map(|set| self.join(set).missing);
        self.is_cut.then_some(ReadingError::TooMuchWork).or(missing)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The sets of which there are parts.
    pub(crate) fn sets(&self) -> BTreeSet<CodeSet> {
        self.parts.keys().map(|(set, _)| *set).collect()
    }

    /// The texts of a set of which all parts are there, and what is missing of others.
    ///
    /// If there are parts of several texts, those whose parity is that of the set belong together.
    /// If no parts have this parity, their program has computed it in another way; then all ways to
    /// join them are returned, and the check of the token in them tells which one is right.
    pub(crate) fn join(&self, set: CodeSet) -> JoinedSet {
        let (parity, count) = set;
        let contents: Vec<&[String]> =
            (0..count).map_while(|number| Some(&**self.parts.get(&(set, number))?)).collect();
        if contents.len() < usize::from(count) {
            let have = self.parts.keys().filter(|(of, _)| *of == set).count();
            return JoinedSet {
                missing: Some(self.incomplete(have, count)),
                ..JoinedSet::default()
            };
        }
        let (ways, is_certain) = match ways_to_join(&contents, Some(parity)) {
            ways if ways.is_empty() => (ways_to_join(&contents, None), false),
            ways => (ways, true),
        };
        if ways.len() > MAX_TEXTS_PER_SET {
            return JoinedSet { missing: Some(ReadingError::TooMuchWork), ..JoinedSet::default() };
        }
        let texts = ways.iter().map(|way| way.concat()).collect();
        if !is_certain {
            return JoinedSet { texts, ..JoinedSet::default() };
        }
        let used: BTreeSet<_> = ways
            .iter()
            .flat_map(|way| (0..).zip(way).map(|(number, text)| (number, (*text).to_owned())))
            .collect();
        let other = (0_u8..).zip(contents).filter(|(number, texts)| {
            texts.iter().any(|text| !used.contains(&(*number, text.clone())))
        });
        let other = other.count();
        let missing = (other > 0).then(|| self.incomplete(other, count));
        JoinedSet { texts, missing, used }
    }

    /// The missing parts may be among those that weren't kept.
    fn incomplete(&self, have: usize, count: u8) -> ReadingError {
        match self.is_cut {
            true => ReadingError::TooMuchWork,
            false => ReadingError::CodeParts { have: u8::try_from(have).unwrap_or(count), count },
        }
    }

    /// Returns the texts of which all parts are there, and removes the parts that certainly belong
    /// to one of them. The rest of the others may be in other files.
    pub(crate) fn take_joined(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        for set in self.sets() {
            let JoinedSet { texts: joined, used, .. } = self.join(set);
            texts.extend(joined);
            for (number, text) in used {
                if let Some(contents) = self.parts.get_mut(&(set, number)) {
                    contents.retain(|content| *content != text);
                }
            }
        }
        self.parts.retain(|_, contents| !contents.is_empty());
        texts
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_cut)];
        for (((parity, count), number), texts) in &self.parts {
            for text in texts {
                let Ok(length) = u16::try_from(text.len()) else { continue };
                bytes.extend([*parity, *count, *number]);
                bytes.extend(length.to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        bytes
    }

    /// Decodes what [`CodeParts::encode`] returned. `None` for anything else.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (is_cut, mut bytes) = match bytes.split_first()? {
            (&is_cut @ (0 | 1), rest) => (is_cut == 1, rest),
            _ => return None,
        };
        let mut parts = Self::default();
        while !bytes.is_empty() {
            let (&[parity, count, number, low, high], rest) =
                bytes.split_first_chunk::<HEADER>()?;
            let length = usize::from(u16::from_le_bytes([low, high]));
            let (text, rest) = rest.split_at_checked(length)?;
            let is_part = count > 1 && number < count && length <= MAX_PART_BYTES;
            if !is_part || parts.is_cut {
                return None;
            }
            parts.insert((parity, count), number, String::from_utf8(text.to_vec()).ok()?);
            bytes = rest;
        }
        (!parts.is_cut).then_some(Self { is_cut, ..parts })
    }
}

/// The ways to choose one of the contents of each part so that the text has this parity, or all
/// ways: no more than [`MAX_TEXTS_PER_SET`] and one more that shows that there are too many.
fn ways_to_join<'p>(contents: &[&'p [String]], parity: Option<u8>) -> Vec<Vec<&'p str>> {
    let contents: Vec<Vec<(usize, &str)>> = contents
        .iter()
        .map(|texts| texts.iter().map(|text| (parity_of(text).into(), text.as_str())).collect())
        .collect();
    // The parities that the parts before each number may have together. A way that can't end with
    // the right one isn't followed.
    let mut possible = vec![[parity.is_none(); 256]; contents.len() + 1];
    if let (Some(parity), Some(last)) = (parity, possible.last_mut()) {
        last[usize::from(parity)] = true;
    }
    for number in (0..contents.len()).rev() {
        for (of_text, before) in contents[number]
            .iter()
            .flat_map(|(of_text, _)| (0..256).map(move |before| (*of_text, before)))
        {
            possible[number][before] |= possible[number + 1][before ^ of_text];
        }
    }
    let mut ways = vec![(Vec::new(), 0)];
    for (number, texts) in contents.iter().enumerate() {
        let longer = ways.iter().flat_map(|(way, before)| {
            let texts = texts.iter().map(move |(of_text, text)| (before ^ of_text, *text));
            let texts = texts.filter(|(parity, _)| possible[number + 1][*parity]);
            texts.map(|(parity, text)| (way.iter().copied().chain([text]).collect(), parity))
        });
        ways = longer.take(MAX_TEXTS_PER_SET + 1).collect();
    }
    ways.into_iter().map(|(way, _)| way).collect()
}

/// The parity of a text or a part of it: all its bytes together (ISO/IEC 18004, section 8.3).
fn parity_of(text: &str) -> u8 {
    text.bytes().fold(0, |parity, byte| parity ^ byte)
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
        parts.insert((9, 2), 1, "of another text".to_owned());
        for is_cut in [false, true] {
            parts.is_cut = is_cut;
            assert_eq!(CodeParts::decode(&parts.encode()), Some(parts.clone()));
        }
        assert_eq!(CodeParts::decode(b"\0"), Some(CodeParts::default()));
        for bytes in [
            &[][..],
            &[2],
            &[0, 7, 3, 2, 1],
            &[0, 7, 3, 2, 1, 0],
            &[0, 7, 3, 3, 0, 0],
            &[0, 7, 1, 0, 0, 0],
            &[0, 7, 3, 2, 1, 0, 0xff],
            &[&[0, 7, 3, 2, 0xff, 0xff][..], &[b'a'; 0xffff]].concat(),
        ] {
            assert_eq!(CodeParts::decode(bytes), None, "{:?}", bytes.get(..4));
        }
        let many: Vec<u8> = (0..=MAX_CODE_PARTS as u8).flat_map(|of| [of, 2, 0, 0, 0]).collect();
        assert_eq!(CodeParts::decode(&[&[0], &many[..]].concat()), None);
    }

    fn missing_parts(have: u8, count: u8) -> Option<ReadingError> {
        Some(ReadingError::CodeParts { have, count })
    }

    #[test]
    fn parts_are_joined_in_their_order_if_all_are_there() {
        let mut parts = CodeParts::default();
        let parity = parity_of("äbc");
        parts.insert((parity, 3), 2, "c".to_owned());
        parts.insert((parity, 3), 0, "ä".to_owned());
        parts.insert((9, 2), 1, String::new());
        assert_eq!(parts.join((parity, 3)).missing, missing_parts(2, 3));
        parts.insert((parity, 3), 1, "b".to_owned());
        assert_eq!(parts.take_joined(), ["äbc"]);
        assert_eq!(parts.sets(), [(9, 2)].into());
        // A program may compute the parity in another way. Then it isn't certain that the parts
        // belong together, so that they may also be those of texts with parts in other files.
        parts.insert((9, 2), 0, "a".to_owned());
        assert_ne!(parity_of("a"), 9);
        assert_eq!((parts.take_joined(), parts.missing_parts()), (vec!["a".to_owned()], None));
        assert_eq!(parts.sets(), [(9, 2)].into());
    }

    /// Texts in two parts that have the same parity: the sum of both bytes is that of the others.
    const SAME_PARITY: [[&str; 2]; 3] = [["a", "b"], ["e", "f"], ["i", "j"]];

    #[test]
    fn parts_of_several_texts_with_the_same_parity_are_not_mixed() {
        let set = (parity_of("ab"), 2);
        let mut parts = CodeParts::default();
        for number in [1, 0] {
            for text in SAME_PARITY {
                parts.insert(set, number, text[usize::from(number)].to_owned());
                parts.insert(set, number, text[usize::from(number)].to_owned());
            }
        }
        // One whose other part is somewhere else.
        let with_one_more = |number| {
            let mut parts = parts.clone();
            parts.insert(set, number, "xyz".to_owned());
            parts
        };
        assert_eq!(parts.join(set).texts, ["ab", "ef", "ij"]);
        assert_eq!(parts.missing_parts(), None);
        for number in 0..2 {
            let mut more = with_one_more(number);
            assert_eq!(more.missing_parts(), missing_parts(1, 2));
            assert_eq!(more.take_joined(), ["ab", "ef", "ij"]);
            assert_eq!(more.missing_parts(), missing_parts(1, 2));
            let mut rest = CodeParts::default();
            let last = char::from(set.0 ^ parity_of("xyz")).to_string();
            rest.insert(set, 1 - number, last.clone());
            rest.extend(&more);
            let texts = rest.take_joined();
            assert_eq!(texts, [if number == 0 { format!("xyz{last}") } else { last + "xyz" }]);
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn all_ways_are_tried_if_no_parts_have_their_parity_and_there_are_few() {
        let set = (0xff, 2);
        let mut parts = CodeParts::default();
        for (number, text) in (0..).zip(["a", "b"]).chain((0..).zip(["c", "d"])) {
            parts.insert(set, number, text.to_owned());
        }
        assert_eq!(
            (parts.join(set).texts.join(" "), parts.missing_parts()),
            ("ab ad cb cd".into(), None)
        );
        for text in ["e", "f", "g"] {
            parts.insert(set, 0, text.to_owned());
            parts.insert(set, 1, text.to_owned());
        }
        assert!(parts.join(set).texts.is_empty());
        assert_eq!(parts.missing_parts(), Some(ReadingError::TooMuchWork));
        // With all parts of many texts, the number of ways isn't counted.
        let mut many = CodeParts::default();
        for number in 0..16 {
            for text in 0..200 {
                let mut one = CodeParts::default();
                one.insert((0, 16), number, format!("{number} {text}"));
                many.extend(&one);
            }
        }
        assert!(many.take_joined().is_empty());
        assert_eq!(many.missing_parts(), Some(ReadingError::TooMuchWork));
    }

    #[test]
    fn a_text_may_be_incomplete_because_there_were_too_many_parts() {
        let mut parts = CodeParts::default();
        for set in 0..=MAX_CODE_PARTS as u8 {
            assert_eq!(parts.missing_parts(), (set > 0).then(|| missing_parts(1, 2)).flatten());
            parts.insert((set, 2), 0, String::new());
        }
        assert_eq!(parts.missing_parts(), Some(ReadingError::TooMuchWork));
        // Neither in one process nor in the next one, and in no other file with it, is this lost.
        let mut files = CodeParts::default();
        files.extend(&CodeParts::decode(&parts.encode()).unwrap());
        assert_eq!(files.join((0, 2)).missing, Some(ReadingError::TooMuchWork));
    }
}
