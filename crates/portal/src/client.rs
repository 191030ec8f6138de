//! The client that a request is counted for: its address or its network.

use std::fmt;
use std::net::IpAddr;

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Address(IpAddr),
    /// The proxy reported no valid address. All such clients count as one address, which isn't the
    /// proxy's.
    Unknown,
}

/// How much more the networks of 64 bits in one of 48 bits may do together than one of them alone:
/// a customer of a provider often has all 65,536 of them.
pub(crate) const WIDER: usize = 8;

/// What counts as one address: an address of version 4, or a network of version 6 of 64 bits.
/// Networks of version 6 are counted once more by their first 48 bits, with room for [`WIDER`] of
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientId([u8; 9]);

impl Origin {
    pub(crate) fn client_id(self) -> ClientId {
        let mut bytes = [0; 9];
        match self {
            Self::Unknown => {}
            Self::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => {
                    bytes[0] = 4;
                    bytes[1..5].copy_from_slice(&address.octets());
                }
                IpAddr::V6(address) => {
                    bytes[0] = 6;
                    bytes[1..].copy_from_slice(&address.octets()[..8]);
                }
            },
        }
        ClientId(bytes)
    }
}

impl ClientId {
    /// The network of 48 bits that a network of version 6 is in.
    pub(crate) fn enclosing_network(self) -> Option<Self> {
        let mut bytes = self.0;
        (bytes[0] == 6).then(|| {
            bytes[0] = 48;
            bytes[7..].fill(0);
            Self(bytes)
        })
    }

    /// The client itself and its network, each with the number of addresses whose quota it has.
    pub(crate) fn with_network(self) -> impl Iterator<Item = (Self, usize)> {
        std::iter::once((self, 1)).chain(self.enclosing_network().map(|wider| (wider, WIDER)))
    }

    /// The client ID as bytes, for callers that store only hashes of it.
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
