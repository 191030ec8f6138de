//! Parses the address that `serve` listens on.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::str::FromStr;

/// The port where none is named.
const PORT: u16 = 8080;

/// `--listen`: an address with a port, or one of the two, or a name of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listen {
    At(SocketAddr),
    /// A name, which the system knows the addresses of.
    Named {
        name: String,
        port: u16,
    },
    /// It is none of that.
    Unknown(String),
}

impl Listen {
    /// The resolved addresses, IPv4 first, because that is where a proxy connects for `localhost`.
    pub(crate) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let mut addresses: Vec<_> = match self {
            Self::At(address) => vec![*address],
            Self::Named { name, port } => (name.as_str(), *port).to_socket_addrs()?.collect(),
            Self::Unknown(_) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        addresses.sort_by_key(SocketAddr::is_ipv6);
        Ok(addresses)
    }

    /// What is wrong with this, for `serve.not_listening`.
    pub(crate) fn fault(&self) -> &'static str {
        let Self::Unknown(text) = self else { return "unknown" };
        let text = text.trim();
        let port = text.rsplit(':').next().unwrap_or(text);
        match text {
            "" => "empty",
            _ if text.contains("://") => "link",
            _ if port.is_empty() => "port",
            // With a valid port, something else is wrong.
            _ if port.bytes().all(|byte| byte.is_ascii_digit()) && parse_port(port).is_none() => {
                "port"
            }
            _ => "unknown",
        }
    }
}

impl FromStr for Listen {
    /// An invalid value is reported when it is used, with an error code and in the user's language.
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(read(text.trim()).unwrap_or_else(|| Self::Unknown(text.to_owned())))
    }
}

fn read(text: &str) -> Option<Listen> {
    let at = |address: IpAddr, port| Listen::At(SocketAddr::new(address, port));
    let itself = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if let Ok(address) = text.parse() {
        return Some(Listen::At(address));
    }
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(at(address, PORT));
    }
    let (name, port) = match text.rsplit_once(':') {
        _ if text.is_empty() => return None,
        Some((name, port)) => (name, parse_port(port)?),
        None => match parse_port(text) {
            Some(port) => ("", port),
            None => (text, PORT),
        },
    };
    match name {
        "" => Some(at(itself, port)),
        "*" => Some(at(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)),
        name if is_name(name) => Some(Listen::Named { name: name.to_owned(), port }),
        _ => None,
    }
}

/// Digits and nothing else.
fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a host has a name's characters: letters, digits, dashes and dots (RFC 1123, section
/// 2.1), with at least one letter, because a number would be an invalid address.
fn is_name(name: &str) -> bool {
    name.len() <= 253
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => write!(f, "{address}"),
            Self::Named { name, port } => write!(f, "{name}:{port}"),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Listen {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_listens_locally_and_an_address_gets_the_default_port() {
        for (text, address) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            (":9000", "127.0.0.1:9000"),
            ("9000", "127.0.0.1:9000"),
            (" 127.0.0.1:0 ", "127.0.0.1:0"),
            ("[::1]:81", "[::1]:81"),
            ("::1", "[::1]:8080"),
            ("[::]", "[::]:8080"),
            ("0.0.0.0", "0.0.0.0:8080"),
            ("*:80", "0.0.0.0:80"),
        ] {
            assert_eq!(read(text).addresses().unwrap(), [address.parse().unwrap()], "{text}");
        }
    }

    #[test]
    fn localhost_prefers_ipv4() {
        assert_eq!(read("localhost"), Listen::Named { name: "localhost".to_owned(), port: 8080 });
        let addresses = read("localhost:8443").addresses().unwrap();
        assert_eq!(addresses.first().unwrap().to_string(), "127.0.0.1:8443");
    }

    #[test]
    fn the_part_of_an_invalid_address_that_is_wrong_is_named() {
        for (text, fault) in [
            ("", "empty"),
            (" ", "empty"),
            ("http://127.0.0.1:8080", "link"),
            ("https://licence.acme.example/", "link"),
            ("127.0.0.1:99999", "port"),
            ("[::1]:65536", "port"),
            (":65536", "port"),
            ("99999", "port"),
            ("localhost:", "port"),
            ("localhost:http", "unknown"),
            ("256.0.0.1:8080", "unknown"),
            ("[::1:8080", "unknown"),
            ("localhost/x:80", "unknown"),
            ("a b", "unknown"),
        ] {
            assert_eq!(read(text).fault(), fault, "{text}");
        }
    }

    #[test]
    fn an_invalid_address_is_refused() {
        for text in [
            "",
            ":",
            "localhost:",
            "localhost:http",
            "http://127.0.0.1:8080",
            "127.0.0.1:99999",
            "127.0.0:80",
            "+80",
            "a b:80",
            "99999",
        ] {
            assert_eq!(read(text), Listen::Unknown(text.to_owned()));
            assert!(read(text).addresses().is_err(), "{text}");
        }
    }
}
