//! The product as it is compiled in: what it believes, and never takes from a file.

use std::collections::BTreeMap;

use latchkey_device::{Profile, StorePolicy};
use latchkey_token::{PublicKeys, VendorId};

use crate::error::OpenError;

/// A product, as its vendor's kit describes it for product code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product<'p> {
    /// The vendor.
    pub vendor_id: [u8; 8],
    /// The product's number.
    pub number: u32,
    /// The keys whose signatures count, each Ed25519 followed by X25519, the active one first.
    pub vendor_keys: &'p [[u8; 64]],
    /// The vendor's name. It is only shown.
    pub vendor_name: &'p str,
    /// The product's name. It is only shown.
    pub name: &'p str,
    /// Where a licence may be kept. A licence anywhere else doesn't count.
    pub store: StorePolicy,
}

impl<'p> Product<'p> {
    /// A product without names, with a licence for each user, in the keyring or in a file.
    #[must_use]
    pub const fn new(vendor_id: [u8; 8], number: u32, vendor_keys: &'p [[u8; 64]]) -> Self {
        let store = StorePolicy {
            scope: latchkey_device::Scope::User,
            default: latchkey_device::StoreKind::Keyring,
            file_allowed: true,
        };
        Self { vendor_id, number, vendor_keys, vendor_name: "", name: "", store }
    }

    pub(crate) fn profile(&self) -> Result<Profile, OpenError> {
        if self.vendor_keys.is_empty() {
            return Err(OpenError::NoKey);
        }
        let keys = self.vendor_keys.iter().map(|keys| PublicKeys::from_bytes(keys));
        Ok(Profile {
            vendor: VendorId::from_bytes(self.vendor_id),
            vendor_name: self.vendor_name.to_owned(),
            vendor_keys: keys.collect::<Result<_, _>>()?,
            product: self.number,
            product_name: self.name.to_owned(),
            features: BTreeMap::new(),
            store: self.store,
        })
    }
}
