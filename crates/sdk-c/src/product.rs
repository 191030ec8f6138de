//! The product definition that is compiled into a C program. `latchkey_product.h` in the vendor's
//! kit contains one.

use std::ffi::c_char;

use latchkey_sdk::{Product, Scope, StoreKind, StorePolicy};

use crate::boundary::{deref, optional_str_from_c};
use crate::error::Argument;

/// Each user of the computer has a licence of their own.
pub const LATCHKEY_SCOPE_USER: u32 = 0;
/// All users of the computer share one licence.
pub const LATCHKEY_SCOPE_MACHINE: u32 = 1;
/// The licence is stored in the keyring. A user without a keyring may choose a file.
pub const LATCHKEY_STORE_KEYRING: u32 = 0;
/// The licence is stored in a file.
pub const LATCHKEY_STORE_FILE: u32 = 1;
/// The licence is stored in the keyring and nowhere else.
pub const LATCHKEY_STORE_KEYRING_ONLY: u32 = 2;

/// A product: the facts that are compiled in and never read from a file.
#[repr(C)]
pub struct ProductDefinition {
    /// `sizeof(latchkey_product)`. Later versions may add fields at the end.
    pub size: usize,
    /// The vendor's id.
    pub vendor_id: [u8; 8],
    /// The product's number.
    pub number: u32,
    /// One of `LATCHKEY_SCOPE_…`.
    pub scope: u32,
    /// One of `LATCHKEY_STORE_…`.
    pub store: u32,
    /// The number of keys in `vendor_keys`.
    pub vendor_key_count: u32,
    /// The vendor's public keys, 64 bytes each, the active one first.
    pub vendor_keys: *const [u8; 64],
    /// The vendor's name (UTF-8), for display only. May be NULL.
    pub vendor_name: *const c_char,
    /// The product's name (UTF-8), for display only. May be NULL.
    pub name: *const c_char,
}

/// Checks a definition from C and converts it.
///
/// # Safety
/// `product` is NULL, or points to a definition whose pointers are valid for the counts it states.
pub(crate) unsafe fn product_from_c<'a>(
    product: *const ProductDefinition,
) -> Result<Product<'a>, Argument> {
    const INVALID: Argument = Argument { name: "product" };
    // SAFETY: guaranteed by the caller. Only the size is read until it shows that the rest exists.
    let size = unsafe { deref(product.cast::<usize>(), "product") }?;
    if *size < size_of::<ProductDefinition>() {
        return Err(INVALID);
    }
    // SAFETY: it has its full size.
    let product = unsafe { deref(product, "product") }?;
    let vendor_keys = match (product.vendor_keys.is_null(), product.vendor_key_count) {
        (_, 0) | (true, _) => &[],
        // SAFETY: the caller guarantees that there are `count` keys.
        (false, count) => unsafe {
            std::slice::from_raw_parts(
                product.vendor_keys,
                usize::try_from(count).map_err(|_| INVALID)?,
            )
        },
    };
    let scope = match product.scope {
        LATCHKEY_SCOPE_USER => Scope::User,
        LATCHKEY_SCOPE_MACHINE => Scope::Machine,
        _ => return Err(INVALID),
    };
    let (default, file_allowed) = match product.store {
        LATCHKEY_STORE_KEYRING => (StoreKind::Keyring, true),
        LATCHKEY_STORE_FILE => (StoreKind::File, true),
        LATCHKEY_STORE_KEYRING_ONLY => (StoreKind::Keyring, false),
        _ => return Err(INVALID),
    };
    // SAFETY: the caller guarantees that these are NULL or end with a NUL.
    let (vendor_name, name) = unsafe {
        (
            optional_str_from_c(product.vendor_name, "product")?,
            optional_str_from_c(product.name, "product")?,
        )
    };
    Ok(Product {
        vendor_id: product.vendor_id,
        number: product.number,
        vendor_keys,
        vendor_name: vendor_name.unwrap_or_default(),
        name: name.unwrap_or_default(),
        store: StorePolicy { scope, default, file_allowed },
    })
}
