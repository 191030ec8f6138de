//! QR codes (ISO/IEC 18004) as SVG: error correction level M, upper case in alphanumeric mode,
//! small enough for a phone.

use std::fmt::Write as _;

use latchkey_token::{MAX_FRAMES, SeatId, Token};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use crate::PortalUrl;

/// The largest version, with 89 modules on each side. A longer text becomes several pictures,
/// because a phone in front of a screen can't read much finer ones.
const LARGEST: u8 = 18;
/// The quiet zone that readers need, in modules (ISO/IEC 18004, section 6.3.8).
const QUIET: i32 = 4;

/// One QR picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    text: String,
    code: QrCode,
}

/// The pictures of a token, usually one. With a portal, each is a link into it; without one, it is
/// the bare text. A token that doesn't fit into one picture is cut into frames
/// (docs/token-format.md, section 6.3), one for each picture.
#[must_use]
pub fn pictures(token: &Token, portal: Option<&PortalUrl>) -> Vec<Picture> {
    let picture = |frame: &String| match portal {
        Some(portal) => Picture::new(&portal.token_link(frame)),
        None => Picture::new(frame),
    };
    // As few as possible. The longest token takes four.
    let cut = (1..=MAX_FRAMES).find_map(|count| token.frames(count).iter().map(picture).collect());
    cut.unwrap_or_default()
}

/// The picture that opens the portal at a seat.
#[must_use]
pub fn seat_picture(portal: &PortalUrl, seat: SeatId) -> Option<Picture> {
    Picture::new(&portal.seat_link(seat))
}

impl Picture {
    /// A picture of a text, or `None` if it would be too fine.
    fn new(text: &str) -> Option<Self> {
        let code = QrCode::encode_segments_advanced(
            &segments(text),
            QrCodeEcc::Medium,
            Version::MIN,
            Version::new(LARGEST),
            None,
            // The level isn't raised if there is room, because that would change the picture.
            false,
        );
        Some(Self { text: text.to_owned(), code: code.ok()? })
    }

    /// The text that a reader gets.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number of modules on each side, including the quiet zone. The picture is sharp if each
    /// module has a whole number of pixels.
    #[must_use]
    pub fn side(&self) -> usize {
        usize::try_from(self.code.size() + 2 * QUIET).unwrap_or_default()
    }

    /// Whether a module is dark; rows and columns count from 0, including the quiet zone.
    #[must_use]
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let module = |at: usize| i32::try_from(at).unwrap_or(i32::MAX).saturating_sub(QUIET);
        self.code.get_module(module(column), module(row))
    }

    /// The picture as an SVG element: black on white regardless of the page, including the quiet
    /// zone, with one unit for each module and no fixed size.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.side();
        let mut dark = String::new();
        for row in 0..side {
            let mut column = 0;
            while column < side {
                let run = (column..side).take_while(|&at| self.is_dark(at, row)).count();
                if run > 0 {
                    let _ = write!(dark, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{dark}\"/></svg>"
        )
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("side", &self.side()).finish_non_exhaustive()
    }
}

/// Splits a link whose path isn't in capitals into a byte segment for its beginning and an
/// alphanumeric one for the token.
fn segments(text: &str) -> Vec<QrSegment> {
    let is_capital = |character: char| QrSegment::is_alphanumeric(&character.to_string());
    let bytes = text.rfind(|character| !is_capital(character)).map_or(0, |at| at + 1);
    let (beginning, rest) =
        if text.is_char_boundary(bytes) { text.split_at(bytes) } else { (text, "") };
    let mut segments = QrSegment::make_segments(beginning);
    segments.extend(QrSegment::make_segments(rest));
    segments
}

#[cfg(test)]
mod tests {
    use latchkey_token::{Deactivation, Response, SecretKeys, Seed, scan, seal};

    use super::*;

    fn keys() -> SecretKeys {
        SecretKeys::from_seed(&Seed::from_bytes([7; 32])).unwrap()
    }

    fn short() -> Token {
        let payload = Deactivation {
            seat: SeatId::from_bytes([1; 8]),
            counter: 3,
            created_at: 1_790_000_000,
        };
        seal(&payload, 1, &keys(), keys().public()).unwrap()
    }

    fn long() -> Token {
        let payload = Response {
            request: latchkey_token::RequestId::from_bytes([3; 8]),
            activated_at: 1,
            seat: SeatId::from_bytes([1; 8]),
            lease_expiry: 2,
            grace: 0,
            sequence: 1,
            features: Default::default(),
            attributes: [("what".to_owned(), "x".repeat(490))].into(),
            subscription_end: None,
            traits_digest: [0; 10],
        };
        seal(&payload, 1, &keys(), keys().public()).unwrap()
    }

    #[test]
    fn a_short_token_is_one_picture_and_a_long_one_is_split() {
        let portal = PortalUrl::new("https://licence.acme.example");
        for portal in [None, portal.as_ref()] {
            assert_eq!(pictures(&short(), portal).len(), 1);
            let token = long();
            let several = pictures(&token, portal);
            assert_eq!(several.len(), 2);
            let medium =
                |picture: &Picture| picture.code.error_correction_level() == QrCodeEcc::Medium;
            assert!(several.iter().all(medium));
            assert!(several.iter().all(|picture| picture.side() <= 89 + 8));
            let texts: Vec<_> = several.iter().rev().map(Picture::text).collect();
            assert_eq!(scan(&texts.join("\n")).unwrap()[0].token, Ok(token));
        }
    }

    #[test]
    fn the_longest_accepted_address_leaves_room_for_the_longest_token() {
        let longest = format!("https://acme.example/{}", "a".repeat(crate::MAX_ADDRESS - 21));
        let portal = PortalUrl::parse_strict(&longest).unwrap();
        let token = long();
        let several = pictures(&token, Some(&portal));
        assert!((2..=6).contains(&several.len()), "{}", several.len());
        let texts: Vec<_> = several.iter().map(Picture::text).collect();
        assert_eq!(scan(&texts.join("\n")).unwrap()[0].token, Ok(token));
        assert!(seat_picture(&portal, SeatId::from_bytes([1; 8])).is_some());
    }

    #[test]
    fn upper_case_makes_a_smaller_picture_than_lower_case() {
        let small = Picture::new(&short().to_string().to_lowercase()).unwrap();
        assert!(pictures(&short(), None)[0].side() < small.side());
        // A path in small letters costs a little, not the whole saving.
        let portal = PortalUrl::new("https://acme.example/licence").unwrap();
        let link = portal.token_link(&short().to_string());
        let in_one = QrCode::encode_binary(link.as_bytes(), QrCodeEcc::Medium).unwrap();
        assert!((Picture::new(&link).unwrap().code.size()) < in_one.size());
    }

    #[test]
    fn the_picture_has_a_light_margin_and_its_three_corners() {
        let picture = &pictures(&short(), None)[0];
        let (side, margin) = (picture.side(), 4);
        for at in 0..side {
            for edge in 0..margin {
                for (column, row) in
                    [(at, edge), (edge, at), (at, side - 1 - edge), (side - 1 - edge, at)]
                {
                    assert!(!picture.is_dark(column, row));
                }
            }
        }
        for (column, row) in
            [(margin, margin), (side - 1 - margin, margin), (margin, side - 1 - margin)]
        {
            assert!(picture.is_dark(column, row));
        }
        assert!(!picture.is_dark(usize::MAX, 0));
        let svg = picture.svg();
        assert!(svg.contains(&format!("viewBox=\"0 0 {side} {side}\"")));
        assert!(!svg.contains("style") && !svg.contains("script"));
    }
}
