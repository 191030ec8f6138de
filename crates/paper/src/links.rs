//! The portal's URL, and the links into the portal that QR codes carry.

use std::net::Ipv6Addr;

use latchkey_token::SeatId;

/// Maximum length of an address in a QR code, in bytes.
pub const MAX_ADDRESS: usize = 200;

/// The End User Portal's address, from which links are made.
///
/// Scheme and host are written in capitals, which doesn't change their meaning and makes the
/// picture a third smaller. The path is unchanged. `…/A/TOKEN` opens the portal with a token in
/// place, `…/S/SEAT` at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalUrl {
    without_scheme: String,
    base: String,
    path: String,
}

/// Why no links can be made from an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressFault {
    /// The address begins neither with `https://` nor with `http://`.
    Scheme,
    /// The address is longer than [`MAX_ADDRESS`] bytes.
    Length,
    /// The address contains a space, a line break or another invalid character.
    Character,
    /// The address contains letters beyond ASCII. Such a name has an ASCII form that begins with
    /// `xn--`.
    NotAscii,
    /// The address contains a user name or a password.
    User,
    /// The address has a query or a fragment, which would end up in the middle of a link.
    Query,
    /// The host or its port is invalid.
    Host,
    /// The path has an empty component, `.` or `..`, which browsers and proxies remove, or a stray
    /// `%`.
    Path,
}

impl AddressFault {
    /// The name of the fault in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Length => "length",
            Self::Character => "character",
            Self::NotAscii => "not_ascii",
            Self::User => "user",
            Self::Query => "query",
            Self::Host => "host",
            Self::Path => "path",
        }
    }
}

impl PortalUrl {
    /// Parses an address like `https://licence.acme.example`; `None` if no links can be made from
    /// it.
    ///
    /// A query and a fragment are dropped, because the configuration file may be older than
    /// [`PortalUrl::parse_strict`].
    ///
    /// ```
    /// use latchkey_paper::PortalUrl;
    /// assert!(PortalUrl::new("https://licence.acme.example/portal/").is_some());
    /// for wrong in ["", "acme.example", "ftp://acme.example", "https://", "https://a b/"] {
    ///     assert_eq!(PortalUrl::new(wrong), None);
    /// }
    /// ```
    #[must_use]
    pub fn new(address: &str) -> Option<Self> {
        let address = address.trim();
        let (scheme, rest) = address.split_once("://")?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let clean = rest.bytes().all(|byte| is_of_address(byte) && byte != b'@');
        if !is_scheme(scheme) || host.is_empty() || !clean || address.len() > MAX_ADDRESS {
            return None;
        }
        let without_scheme = format!("{host}{path}");
        let base = format!("{}://{}{path}", scheme.to_ascii_uppercase(), host.to_ascii_uppercase());
        Some(Self { without_scheme, base, path: path.to_owned() })
    }

    /// Parses a URL that a vendor is about to give to customers: nothing in it is dropped.
    ///
    /// # Errors
    /// - [`AddressFault::Scheme`] if the address begins neither with `https://` nor with `http://`.
    /// - [`AddressFault::Length`] if it is longer than [`MAX_ADDRESS`] bytes.
    /// - [`AddressFault::Character`] if it contains a space or another character that no URL may
    ///   contain.
    /// - [`AddressFault::NotAscii`] if it contains letters beyond ASCII.
    /// - [`AddressFault::Query`] if it has a query or a fragment.
    /// - [`AddressFault::User`] if it contains a user name or a password.
    /// - [`AddressFault::Host`] if its host or port is invalid.
    /// - [`AddressFault::Path`] if its path has an empty component, `.` or `..`, or a stray `%`.
    ///
    /// ```
    /// use latchkey_paper::{AddressFault, PortalUrl};
    /// let portal = PortalUrl::parse_strict("https://acme.example/licence/").unwrap();
    /// assert_eq!(portal.path(), "/licence");
    /// let portal = PortalUrl::parse_strict("https://acme.example/?shop=1");
    /// assert_eq!(portal, Err(AddressFault::Query));
    /// ```
    pub fn parse_strict(address: &str) -> Result<Self, AddressFault> {
        let (scheme, rest) = address.split_once("://").ok_or(AddressFault::Scheme)?;
        if !is_scheme(scheme) {
            return Err(AddressFault::Scheme);
        }
        if address.len() > MAX_ADDRESS {
            return Err(AddressFault::Length);
        }
        // The first non-ASCII character may be a space, or an invisible mark.
        let strange =
            |c: char| c.is_whitespace() || c.is_control() || !(c.is_ascii() || c.is_alphanumeric());
        if address.chars().any(strange) {
            return Err(AddressFault::Character);
        }
        if !address.is_ascii() {
            return Err(AddressFault::NotAscii);
        }
        if rest.contains(['?', '#']) {
            return Err(AddressFault::Query);
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if host.contains('@') {
            return Err(AddressFault::User);
        }
        if !rest.bytes().all(is_of_address) {
            return Err(AddressFault::Character);
        }
        if !is_host(host) {
            return Err(AddressFault::Host);
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() && !path[1..].split('/').all(is_part) {
            return Err(AddressFault::Path);
        }
        Self::new(address).ok_or(AddressFault::Character)
    }

    /// The address as users read and type it: without the scheme.
    #[must_use]
    pub fn without_scheme(&self) -> &str {
        &self.without_scheme
    }

    /// The base path of the portal: empty, or a path that begins with a slash and doesn't end with
    /// one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The link that opens the portal with a token, or one frame of it, in place.
    #[must_use]
    pub fn token_link(&self, text: &str) -> String {
        format!("{}/A/{text}", self.base)
    }

    /// The link that opens the portal at a seat. It contains only the seat's id, which isn't secret
    /// and grants nothing.
    #[must_use]
    pub fn seat_link(&self, seat: SeatId) -> String {
        format!("{}/S/{}", self.base, seat.to_string().to_ascii_uppercase())
    }
}

/// Whether the portal can have this scheme. Schemes are case-insensitive (RFC 3986, section 3.1).
fn is_scheme(scheme: &str) -> bool {
    ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Whether a character may be part of an address (RFC 3986, section 2) and isn't there by accident.
const fn is_of_address(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// Whether this is a host name or an IP address, with or without a port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else { return false };
            if address.parse::<Ipv6Addr>().is_err() {
                return false;
            }
            (None, if port.is_empty() { None } else { port.strip_prefix(':').or(Some("")) })
        }
        None => match host.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(host), None),
        },
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    };
    name.is_none_or(is_name) && port.is_none_or(is_port)
}

/// Whether this is a domain name. Underscores are allowed, because private networks use them.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= 253 && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}

/// Whether browsers and proxies leave this component of a path unchanged.
fn is_part(part: &str) -> bool {
    let mut escapes = part.split('%').skip(1);
    !part.is_empty()
        && !matches!(part, "." | "..")
        && !part.to_ascii_lowercase().contains("%2e")
        && !part.contains(['[', ']', '@'])
        && escapes
            .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_upper_case_only_where_case_is_irrelevant() {
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
            let portal = PortalUrl::new(address).unwrap();
            assert_eq!(portal.without_scheme(), shown);
            assert_eq!(portal.token_link("X"), link);
            assert!(portal.seat_link(seat).ends_with("/S/ABABABABABABABAB"));
        }
        for wrong in ["https://a@b.example", "https://bücher.example", "https:///x", "javascript:1"]
        {
            assert_eq!(PortalUrl::new(wrong), None, "{wrong}");
        }
        assert_eq!(PortalUrl::new(&format!("https://{}", "a".repeat(200))), None);
    }

    #[test]
    fn an_unusable_address_is_refused_with_the_reason() {
        for (address, path) in [
            ("https://licence.acme.example", ""),
            ("https://licence.acme.example/", ""),
            ("http://localhost:8080", ""),
            ("HTTPS://Licence.acme.example/Licence", "/Licence"),
            ("Http://localhost:8080", ""),
            ("http://192.168.1.5:8080/licence/", "/licence"),
            ("https://[2001:db8::7]:8443/a-b/c_d~e", "/a-b/c_d~e"),
            ("https://xn--bcher-kva.example/l%C3%ADcence", "/l%C3%ADcence"),
            ("https://Licence_1.acme.example.", ""),
        ] {
            assert_eq!(
                PortalUrl::parse_strict(address).map(|portal| portal.path),
                Ok(path.to_owned())
            );
        }
        use AddressFault::{Character, Host, NotAscii, Path, Query, Scheme, User};
        for (address, fault) in [
            ("", Scheme),
            ("licence.acme.example", Scheme),
            ("ftp://acme.example", Scheme),
            ("javascript://acme.example", Scheme),
            (" https://acme.example", Scheme),
            ("https://acme.example/a b", Character),
            ("https://acme.example/\u{7}", Character),
            ("https://acme.example/\u{200b}", Character),
            ("https://acme.example/<b>", Character),
            ("https://acme.example\\licence", Character),
            ("https://bücher.example", NotAscii),
            ("https://acme.example/lizenz-für-alle", NotAscii),
            ("https://kim:secret@acme.example", User),
            ("https://acme.example/?product=1", Query),
            ("https://acme.example/#licence", Query),
            ("https://", Host),
            ("https:///licence", Host),
            ("https://acme..example", Host),
            ("https://acme.example:", Host),
            ("https://acme.example:0", Host),
            ("https://acme.example:99999", Host),
            ("https://acme.example:+1", Host),
            ("https://[2001:db8::7", Host),
            ("https://[2001:db8::7]8443", Host),
            ("https://[fe80::1%25eth0]", Host),
            ("https://acme.example//licence", Path),
            ("https://acme.example/licence//", Path),
            ("https://acme.example/x/../licence", Path),
            ("https://acme.example/x/%2E%2e/licence", Path),
            ("https://acme.example/100%", Path),
            ("https://acme.example/kim@home", Path),
        ] {
            assert_eq!(PortalUrl::parse_strict(address), Err(fault), "{address}");
        }
        let long = |length| format!("https://acme.example/{}", "a".repeat(length - 21));
        assert!(PortalUrl::parse_strict(&long(MAX_ADDRESS)).is_ok());
        assert_eq!(PortalUrl::parse_strict(&long(MAX_ADDRESS + 1)), Err(AddressFault::Length));
    }
}
