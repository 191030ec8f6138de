//! Which reverse proxy is trusted, and what its forwarding headers state: the client's address and
//! whether the client used TLS. Only the last entry, which the trusted proxy itself wrote, counts;
//! earlier entries come from the client or from further away.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// RFC 7239. It counts where the proxy doesn't write the older headers.
const FORWARDED: &str = "forwarded";
/// What proxies add to a request that they pass on.
const FORWARDING: [&str; 8] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    FORWARDED,
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-real-ip",
    "via",
];

/// Who is believed about where requests come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BehindProxy {
    /// Nobody: the address of the connection counts.
    Nobody,
    /// Every client, because only a proxy can connect.
    Everybody,
    /// Who has this address.
    Only(IpAddr),
}

impl BehindProxy {
    /// Whether there may be a proxy in front.
    pub(crate) fn is_set(self) -> bool {
        self != Self::Nobody
    }

    pub(crate) fn is_proxy(self, peer: IpAddr) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Only(proxy) => proxy.to_canonical() == peer.to_canonical(),
        }
    }
}

/// The client's address, if the proxy reports a valid one.
pub(crate) fn address(headers: &HeaderMap) -> Option<IpAddr> {
    if headers.contains_key(FORWARDED_FOR) {
        return last_entry(headers, FORWARDED_FOR).and_then(parse_node);
    }
    last_entry(headers, FORWARDED).and_then(|entry| parse_node(parameter(entry, "for")?))
}

/// Whether the client uses TLS, if the proxy reports it.
pub(crate) fn is_tls(headers: &HeaderMap) -> Option<bool> {
    let proto = if headers.contains_key(FORWARDED_PROTO) {
        last_entry(headers, FORWARDED_PROTO)?
    } else {
        parameter(last_entry(headers, FORWARDED)?, "proto")?
    };
    match proto.trim_matches('"') {
        proto if proto.eq_ignore_ascii_case("https") => Some(true),
        proto if proto.eq_ignore_ascii_case("http") => Some(false),
        _ => None,
    }
}

/// Whether any proxy between the client and the portal has identified itself.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// The last entry of a list, which may span several header lines, even if it is empty: then the
/// proxy has reported nothing, and the entry before it comes from the client.
fn last_entry<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let line = headers.get_all(name).iter().next_back()?;
    let entry = line.as_bytes().rsplit(|byte| *byte == b',').next()?;
    // A non-ASCII value counts as an entry that can't be parsed.
    Some(std::str::from_utf8(entry).unwrap_or_default().trim())
}

/// The value of a parameter (`for=192.0.2.1;proto=https`).
fn parameter<'e>(entry: &'e str, name: &str) -> Option<&'e str> {
    entry.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// An address as proxies write it: alone, in brackets or in quotes, with the port of the client
/// (`192.0.2.1:5555`, `[2001:db8::1]:5555`), with the zone of a link (`fe80::1%eth0`).
fn parse_node(entry: &str) -> Option<IpAddr> {
    let entry = match entry.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => entry,
    };
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_node_port);
        return without_zone(address)?.parse().ok().map(IpAddr::V6).filter(|_| is_port);
    }
    if let Some((address, port)) = entry.split_once(':')
        && !port.contains(':')
    {
        return address.parse().ok().map(IpAddr::V4).filter(|_| is_node_port(port));
    }
    let address = without_zone(entry)?;
    if let Ok(with_port) = address.parse::<SocketAddr>() {
        return Some(with_port.ip());
    }
    address.parse().ok()
}

/// A port, which may be empty (RFC 3986, section 3.2.3), or an obfuscated port (RFC 7239, section
/// 6.2).
fn is_node_port(port: &str) -> bool {
    port.is_empty() || port.parse::<u16>().is_ok() || port.starts_with('_')
}

fn without_zone(address: &str) -> Option<&str> {
    match address.split_once('%') {
        None => Some(address),
        Some((address, zone)) => (!zone.is_empty() && address.contains(':')).then_some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, axum::http::HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_proxy_is_parsed_with_and_without_a_port() {
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (entry, expected) in [
            ("203.0.113.9", address("203.0.113.9")),
            ("203.0.113.9:5555", address("203.0.113.9")),
            ("2001:db8::7", address("2001:db8::7")),
            ("[2001:db8::7]", address("2001:db8::7")),
            ("[2001:db8::7]:443", address("2001:db8::7")),
            ("\"[2001:db8::7]:443\"", address("2001:db8::7")),
            ("::ffff:203.0.113.9", address("::ffff:203.0.113.9")),
            ("[::ffff:203.0.113.9]:80", address("::ffff:203.0.113.9")),
            ("fe80::1%eth0", address("fe80::1")),
            ("[fe80::1%25eth0]:80", address("fe80::1")),
            ("203.0.113.9:_hidden", address("203.0.113.9")),
            ("203.0.113.9:", address("203.0.113.9")),
            ("\"203.0.113.9:\"", address("203.0.113.9")),
            ("[2001:db8::7]:", address("2001:db8::7")),
            ("", None),
            ("unknown", None),
            ("_hidden", None),
            ("203.0.113.9:port", None),
            (":", None),
            ("unknown:", None),
            ("203.0.113:", None),
            ("2001:db8::7:", None),
            ("unix:", None),
            ("203.0.113.9:99999", None),
            ("[203.0.113.9", None),
            ("[203.0.113.9]", None),
            ("[2001:db8::7]443", None),
            ("203.0.113.9%eth0", None),
            ("203.0.113.009", None),
            ("203.0.113", None),
            ("\"203.0.113.9", None),
        ] {
            assert_eq!(parse_node(entry), expected, "{entry}");
        }
    }

    #[test]
    fn only_the_last_entry_of_all_header_lines_counts() {
        let address = |lines: &[&[u8]]| {
            let lines: Vec<_> = lines.iter().map(|line| (FORWARDED_FOR, *line)).collect();
            super::address(&headers(&lines)).map(|address| address.to_string())
        };
        let known = Some("203.0.113.9".to_owned());
        assert_eq!(address(&[b"10.0.0.1, 203.0.113.9"]), known);
        assert_eq!(address(&[b"unknown,203.0.113.9:5555 "]), known);
        assert_eq!(address(&[b"10.0.0.1", b"10.0.0.2,  203.0.113.9"]), known);
        assert_eq!(address(&[b", 203.0.113.9"]), known);
        // Where the proxy wrote nothing, the entry before it isn't the proxy's.
        assert_eq!(address(&[b"203.0.113.9, "]), None);
        assert_eq!(address(&[b"203.0.113.9,,"]), None);
        assert_eq!(address(&[b"203.0.113.9", b""]), None);
        let said = headers(&[(FORWARDED, b"for=203.0.113.9;proto=https, ")]);
        assert_eq!((super::address(&said), is_tls(&said)), (None, None));
        let said = headers(&[(FORWARDED_PROTO, b"https"), (FORWARDED_PROTO, b"")]);
        assert_eq!(is_tls(&said), None);
        assert_eq!(address(&[b"203.0.113.9, unknown"]), None);
        assert_eq!(address(&[b"203.0.113.9, \xe9"]), None);
        assert_eq!(address(&[b","]), None);
    }

    #[test]
    fn the_forwarded_header_counts_without_the_older_one() {
        let forwarded: &[u8] = b"for=10.0.0.1, For=\"[2001:db8::7]:4711\";Proto=https;by=10.0.0.9";
        let said = headers(&[(FORWARDED, forwarded)]);
        assert_eq!(address(&said), Some("2001:db8::7".parse().unwrap()));
        assert_eq!(is_tls(&said), Some(true));
        let both = headers(&[
            (FORWARDED, forwarded),
            (FORWARDED_FOR, b"203.0.113.9"),
            (FORWARDED_PROTO, b"https, http"),
        ]);
        assert_eq!(address(&both), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(is_tls(&both), Some(false));
        // The client's own header doesn't count if the proxy's can't be parsed.
        let unclear = headers(&[(FORWARDED, forwarded), (FORWARDED_FOR, b"unknown")]);
        assert_eq!(address(&unclear), None);
        assert_eq!(address(&headers(&[(FORWARDED, b"proto=ftp")])), None);
        assert_eq!(is_tls(&headers(&[(FORWARDED, b"proto=ftp")])), None);
        assert_eq!(is_tls(&headers(&[])), None);
    }
}
