//! A token that is too long for one picture, cut into several: each frame has a header that says
//! which it is, and the reader puts frames together that it finds in a text. What a picture looks
//! like is `latchkey-paper`'s business.
//!
//! ```text
//! frame = header(14) part
//! header = "LKQRF" type(1) index(1) last(1) tag(3) check(3)        index from 0, last = number of frames − 1
//! ```

use std::collections::BTreeMap;

use crate::envelope::{Kind, Token};
use crate::error::ReadError;
use crate::limits::MAX_TOKENS;
use crate::reed_solomon::{CHECKSUM_LEN, checks};
use crate::symbols;
use crate::text::{Detection, FoundToken, Identity, TAG_LEN, tag};

/// How every frame begins. It differs from the beginnings of tokens in three symbols.
pub(crate) const PREFIX: &str = "LKQRF";
/// Symbols before the part.
const HEADER: usize = PREFIX.len() + 3 + TAG_LEN + CHECKSUM_LEN;
/// Most frames that a token is cut into: what one symbol counts.
pub const MAX_FRAMES: usize = 32;

/// What a header says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    tag: [u8; TAG_LEN],
    kind: u8,
    last: u8,
}

impl Set {
    fn header(self, index: u8) -> String {
        let said = [&[self.kind, index, self.last][..], &self.tag].concat();
        let covered: Vec<_> = PREFIX.chars().filter_map(symbols::value).chain(said).collect();
        let check = checks(covered.iter().copied());
        let written = covered.iter().skip(PREFIX.len()).chain(&check);
        PREFIX.chars().chain(written.map(|&value| symbols::symbol(value))).collect()
    }

    /// The header at the beginning of a text, with its index.
    fn read(text: &str) -> Option<(Self, u8)> {
        let header = text.get(..HEADER)?.to_ascii_uppercase();
        let said: Vec<_> = header.chars().skip(PREFIX.len()).filter_map(symbols::value).collect();
        let &[kind, index, last, a, b, c, ..] = said.as_slice() else { return None };
        let set = Self { tag: [a, b, c], kind, last };
        (set.header(index) == header && index <= last && set.kind().is_some())
            .then_some((set, index))
    }

    fn kind(self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|&kind| kind as u8 == self.kind)
    }
}

impl Token {
    /// Its text in so many frames for as many pictures, none longer than the first. One frame is
    /// the text itself, without a header; more than [`MAX_FRAMES`] there never are.
    ///
    /// ```
    /// # use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};
    /// # let keys = SecretKeys::from_seed(&Seed::random()?)?;
    /// # let given_back = Deactivation { seat: SeatId::random()?, counter: 7, created_at: 1_790_000_000 };
    /// let token = seal(&given_back, 1, &keys, keys.public())?;
    /// let mut frames = token.frames(3);
    /// frames.reverse();
    /// assert_eq!(scan(&frames.join("\n"))?[0].token, Ok(token));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn frames(&self, count: usize) -> Vec<String> {
        let text = self.to_string();
        let count = count.clamp(1, MAX_FRAMES);
        if count == 1 {
            return vec![text];
        }
        let parts: Vec<_> = text.as_bytes().chunks(text.len().div_ceil(count)).collect();
        let set = Set {
            tag: tag(self.as_bytes()),
            kind: self.kind() as u8,
            last: (parts.len() - 1) as u8,
        };
        let frames = parts.iter().zip(0_u8..).map(|(part, index)| {
            set.header(index) + &part.iter().copied().map(char::from).collect::<String>()
        });
        frames.collect()
    }
}

/// Puts the frames in a text together. `None` where there are none; else the text with whole tokens
/// in their place, and the tokens of which frames are missing.
pub(crate) fn put_together(text: &str) -> Option<(String, Vec<Detection>)> {
    // Each set with its place among the others.
    let mut sets: BTreeMap<Set, (usize, BTreeMap<u8, &str>)> = BTreeMap::new();
    let mut rest = String::new();
    let (mut kept, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(found) = next_prefix(bytes, at) {
        at = found + PREFIX.len();
        let Some((set, index)) = Set::read(&text[found..]) else { continue };
        let part = &text[found + HEADER..];
        let end = part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len());
        rest.push_str(&text[kept..found]);
        rest.push('\n');
        kept = found + HEADER + end;
        at = kept;
        // A frame twice is the same frame.
        let place = sets.len();
        let (_, parts) = sets.entry(set).or_insert((place, BTreeMap::new()));
        parts.entry(index).or_insert(&part[..end]);
        // The reader refuses so many; no more work for them.
        if sets.len() > MAX_TOKENS {
            break;
        }
    }
    if sets.is_empty() {
        return None;
    }
    rest.push_str(&text[kept..]);
    let mut incomplete = Vec::new();
    let mut sets: Vec<_> = sets.into_iter().collect();
    sets.sort_by_key(|(_, (place, _))| *place);
    for (set, (_, parts)) in sets {
        let of = usize::from(set.last) + 1;
        let missing: Vec<_> =
            (0..of).filter(|&index| !parts.contains_key(&(index as u8))).map(|n| n + 1).collect();
        let Some(kind) = set.kind() else { continue };
        if missing.is_empty() {
            rest.push('\n');
            rest.extend(parts.into_values());
            rest.push('\n');
        } else {
            let token = Err(ReadError::FramesMissing { frames: missing, of });
            let found = FoundToken { kind, repaired: 0, token };
            incomplete.push(Detection::new(found, Identity::Frame(set.tag)));
        }
    }
    Some((rest, incomplete))
}

/// Where the next frame may begin.
fn next_prefix(bytes: &[u8], from: usize) -> Option<usize> {
    // Few letters are as rare as its third.
    const RARE: usize = 2;
    let mut at = from + RARE;
    loop {
        let found = memchr::memchr2(b'Q', b'q', bytes.get(at..)?)? + at - RARE;
        let window = bytes.get(found..found + PREFIX.len());
        if window.is_some_and(|window| window.eq_ignore_ascii_case(PREFIX.as_bytes())) {
            return Some(found);
        }
        at = found + RARE + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};

    fn token(counter: u64) -> Token {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        let payload = Deactivation { seat: SeatId::from_bytes([1; 8]), counter, created_at: 9 };
        seal(&payload, 1, &keys, keys.public()).unwrap()
    }

    #[test]
    fn a_token_comes_back_from_any_number_of_frames_in_any_order_and_from_links() {
        let token = token(1);
        for count in [1, 2, 3, 7, MAX_FRAMES, 1000] {
            let mut frames = token.frames(count);
            assert!(frames.len() <= count.min(MAX_FRAMES));
            assert!(frames.iter().all(|frame| frame.len() <= frames[0].len()));
            frames.reverse();
            let links: Vec<_> =
                frames.iter().map(|frame| format!("HTTPS://HOST/A/{frame}\n")).collect();
            let found = scan(&links.concat()).unwrap();
            assert_eq!(found.len(), 1, "{count}");
            assert_eq!(found[0].token.as_ref(), Ok(&token), "{count}");
            assert_eq!(scan(&links.concat().to_lowercase()).unwrap()[0].token.as_ref(), Ok(&token));
        }
    }

    #[test]
    fn frames_that_are_missing_are_named() {
        let frames = token(1).frames(4);
        let found = scan(&format!("{}\n{}\n{}", frames[2], frames[0], frames[2])).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, Kind::Deactivation);
        assert_eq!(found[0].token, Err(ReadError::FramesMissing { frames: vec![2, 4], of: 4 }));
    }

    #[test]
    fn frames_of_two_tokens_and_a_whole_token_in_one_text_are_kept_apart() {
        let (first, second, third) = (token(1), token(2), token(3));
        let (a, b) = (first.frames(2), second.frames(2));
        let text = format!("{}\n{}\n{third}\n{}\n{}", a[0], b[1], b[0], a[1]);
        let mut found: Vec<_> =
            scan(&text).unwrap().into_iter().filter_map(|found| found.token.ok()).collect();
        found.sort_by_key(ToString::to_string);
        let mut all = vec![first, second, third];
        all.sort_by_key(ToString::to_string);
        assert_eq!(found, all);
    }

    #[test]
    fn a_damaged_header_is_no_frame() {
        let frames = token(1).frames(2);
        for at in 0..HEADER {
            let mut damaged: Vec<_> = frames[0].chars().collect();
            damaged[at] = if damaged[at] == '7' { 'W' } else { '7' };
            let damaged: String = damaged.into_iter().collect();
            assert!(put_together(&damaged).is_none(), "symbol {at}");
        }
    }
}
