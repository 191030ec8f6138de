//! The portal's address, and the links into it that a picture carries.

use latchkey_token::SeatId;

/// Longest address that is put into a picture, in bytes.
const MAX_ADDRESS: usize = 200;

/// The End User Portal's address as links are made from it.
///
/// Scheme and host are written in capitals: they mean the same, and a picture of capitals is a third smaller. A path
/// stays as it is. `…/A/TOKEN` opens the portal with a token in place, `…/S/SEAT` at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    shown: String,
    base: String,
}

impl Portal {
    /// Takes an address like `https://licence.acme.example`. None: no links can be made from it.
    ///
    /// ```
    /// use latchkey_paper::Portal;
    /// assert!(Portal::new("https://licence.acme.example/portal/").is_some());
    /// for wrong in ["", "licence.acme.example", "ftp://acme.example", "https://", "https://a b/"] {
    ///     assert_eq!(Portal::new(wrong), None);
    /// }
    /// ```
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let address = address.trim();
        let (scheme, rest) = address.split_once("://")?;
        let known = ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let rest = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let clean =
            rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"@\"<>\\^`{|}".contains(&byte));
        if !known || host.is_empty() || !clean || address.len() > MAX_ADDRESS {
            return None;
        }
        let shown = format!("{host}{path}");
        let base = format!("{}://{}{path}", scheme.to_ascii_uppercase(), host.to_ascii_uppercase());
        Some(Self { shown, base })
    }

    /// The address as people read and type it: without the scheme.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The link that opens the portal with a token, or one frame of it, in place.
    #[must_use]
    pub fn token_link(&self, text: &str) -> String {
        format!("{}/A/{text}", self.base)
    }

    /// The link that opens the portal at a seat: its id and nothing else, which is no secret and grants nothing.
    #[must_use]
    pub fn seat_link(&self, seat: SeatId) -> String {
        format!("{}/S/{}", self.base, seat.to_string().to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_written_where_they_mean_the_same_and_nowhere_else() {
        let seat = SeatId::from_bytes([0xab; 8]);
        for (address, shown, link) in [
            (
                "https://Licence.acme.example",
                "Licence.acme.example",
                "HTTPS://LICENCE.ACME.EXAMPLE/A/X",
            ),
            ("https://acme.example:8443/", "acme.example:8443", "HTTPS://ACME.EXAMPLE:8443/A/X"),
            (
                "http://acme.example/licence/?a=b#c",
                "acme.example/licence",
                "HTTP://ACME.EXAMPLE/licence/A/X",
            ),
        ] {
            let portal = Portal::new(address).unwrap();
            assert_eq!(portal.shown(), shown);
            assert_eq!(portal.token_link("X"), link);
            assert!(portal.seat_link(seat).ends_with("/S/ABABABABABABABAB"));
        }
        for wrong in ["https://a@b.example", "https://bücher.example", "https:///x", "javascript:1"]
        {
            assert_eq!(Portal::new(wrong), None, "{wrong}");
        }
        assert_eq!(Portal::new(&format!("https://{}", "a".repeat(200))), None);
    }
}
