//! Splits a token that is too long for one QR code into several frames. Each frame has a header
//! with its index, and the scanner joins the frames that it finds in a text. The image of a QR code
//! is made by `latchkey-paper`.
//!
//! ```text
//! frame = header(14) part
//! header = "LKQRF" type(1) index(1) last(1) tag(3) check(3)
//!          index from 0, last = number of frames − 1
//! ```

use std::collections::BTreeMap;

use crate::text::layout::{TAG_LEN, tag};
use crate::text::reed_solomon::{CHECKSUM_LEN, checks};
use crate::wire::envelope::Token;
use crate::wire::kind::Kind;
use crate::wire::limits::MAX_TOKENS;
use crate::wire::symbols;

/// The prefix of every frame. It differs from the prefixes of tokens in three symbols.
pub(crate) const PREFIX: &str = "LKQRF";
/// The number of symbols before the part.
const HEADER: usize = PREFIX.len() + 3 + TAG_LEN + CHECKSUM_LEN;
/// The most frames of a token: as many as one symbol can count.
pub const MAX_FRAMES: usize = 32;

/// The contents of a header, except for the index.
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

    /// Parses the header at the beginning of a text, and returns it with its index.
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
    /// Splits the token's text into `count` frames for as many QR codes, none longer than the
    /// first. One frame is the text itself, without a header. There are never more than
    /// [`MAX_FRAMES`].
    ///
    /// ```
    /// # use latchkey_token::{Deactivation, SeatId, SecretKeys, Seed, scan, seal};
    /// # let keys = SecretKeys::from_seed(&Seed::random()?)?;
    /// # let seat = SeatId::random()?;
    /// # let given_back = Deactivation { seat, counter: 7, created_at: 1_790_000_000 };
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

/// A token of which frames are missing in a text.
pub(crate) struct IncompleteFrames {
    /// The kind that the frames' headers state.
    pub(crate) kind: Kind,
    pub(crate) tag: [u8; TAG_LEN],
    /// The numbers of the missing frames, from 1.
    pub(crate) missing: Vec<usize>,
    /// The number of frames that the token has.
    pub(crate) of: usize,
}

/// Joins the frames in a text. Returns `None` if there are none; otherwise the text with tokens in
/// place of their frames, and the tokens whose frames are incomplete.
pub(crate) fn put_together(text: &str) -> Option<(String, Vec<IncompleteFrames>)> {
    // Each set with its index among the others.
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
        // A repeated frame is the same frame.
        let place = sets.len();
        let (_, parts) = sets.entry(set).or_insert((place, BTreeMap::new()));
        parts.entry(index).or_insert(&part[..end]);
        // The scanner refuses more tokens, so that no further work is done.
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
            incomplete.push(IncompleteFrames { kind, tag: set.tag, missing, of });
        }
    }
    Some((rest, incomplete))
}

/// Returns the position at which the next frame may begin.
fn next_prefix(bytes: &[u8], from: usize) -> Option<usize> {
    // The third letter of the prefix is one of the rarest.
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
    use crate::{Deactivation, ReadError, SeatId, SecretKeys, Seed, scan, seal};

    fn token(counter: u64) -> Token {
        let keys = SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap();
        let payload = Deactivation { seat: SeatId::from_bytes([1; 8]), counter, created_at: 9 };
        seal(&payload, 1, &keys, keys.public()).unwrap()
    }

    #[test]
    fn a_token_is_read_from_any_number_of_frames_in_any_order_and_from_links() {
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
    fn missing_frames_are_reported() {
        let frames = token(1).frames(4);
        let found = scan(&format!("{}\n{}\n{}", frames[2], frames[0], frames[2])).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, Kind::Deactivation);
        assert_eq!(found[0].token, Err(ReadError::FramesMissing { frames: vec![2, 4], of: 4 }));
    }

    #[test]
    fn frames_of_two_tokens_and_an_intact_token_in_one_text_are_separated() {
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
    fn a_frame_with_a_damaged_header_is_not_a_frame() {
        let frames = token(1).frames(2);
        for at in 0..HEADER {
            let mut damaged: Vec<_> = frames[0].chars().collect();
            damaged[at] = if damaged[at] == '7' { 'W' } else { '7' };
            let damaged: String = damaged.into_iter().collect();
            assert!(put_together(&damaged).is_none(), "symbol {at}");
        }
    }
}
