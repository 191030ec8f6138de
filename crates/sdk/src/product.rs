//! The product definition that is compiled in: facts that are never read from a file.

use std::collections::BTreeMap;

use latchkey_device::{Profile, StorePolicy};
use latchkey_token::{PublicKeys, VendorId};

use crate::error::OpenLicenceError;

/// A product definition, usually the one from the vendor's kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product<'p> {
    /// The vendor's id.
    pub vendor_id: [u8; 8],
    /// The product's number.
    pub number: u32,
    /// The vendor's public keys, each an Ed25519 key followed by an X25519 key. The active one
    /// comes first.
    pub vendor_keys: &'p [[u8; 64]],
    /// The vendor's name, for display only.
    pub vendor_name: &'p str,
    /// The product's name, for display only.
    pub name: &'p str,
    /// The stores that a licence may be in. Others are ignored.
    pub store: StorePolicy,
}

impl<'p> Product<'p> {
    /// Creates a definition without names, for a licence per user in the keyring or in a file.
    #[must_use]
    pub const fn new(vendor_id: [u8; 8], number: u32, vendor_keys: &'p [[u8; 64]]) -> Self {
        let store = StorePolicy {
            scope: latchkey_device::Scope::User,
            default: latchkey_device::StoreKind::Keyring,
            file_allowed: true,
        };
        Self { vendor_id, number, vendor_keys, vendor_name: "", name: "", store }
    }

    pub(crate) fn profile(&self) -> Result<Profile, OpenLicenceError> {
        if self.vendor_keys.is_empty() {
            return Err(OpenLicenceError::NoKey);
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
