//! The product as it is compiled into a C program. `latchkey_product.h` of the vendor's kit has one.

use std::ffi::c_char;

use latchkey_sdk::{Product, Scope, StoreKind, StorePolicy};

use crate::boundary::{given, optional_text};
use crate::error::Argument;

/// The licence is that of whoever is logged in.
pub const LATCHKEY_SCOPE_USER: u32 = 0;
/// The licence is everybody's on the computer.
pub const LATCHKEY_SCOPE_MACHINE: u32 = 1;
/// The licence is in the keyring, and a person without one may choose a file.
pub const LATCHKEY_STORE_KEYRING: u32 = 0;
/// The licence is in a file.
pub const LATCHKEY_STORE_FILE: u32 = 1;
/// The licence is in the keyring and nowhere else.
pub const LATCHKEY_STORE_KEYRING_ONLY: u32 = 2;

/// A product: what it believes, and never takes from a file.
#[repr(C)]
pub struct ProductDefinition {
    /// `sizeof(latchkey_product)`: later versions may add fields at the end.
    pub size: usize,
    /// The vendor's id.
    pub vendor_id: [u8; 8],
    /// The product's number.
    pub number: u32,
    /// `LATCHKEY_SCOPE_…`
    pub scope: u32,
    /// `LATCHKEY_STORE_…`
    pub store: u32,
    /// How many keys there are.
    pub vendor_key_count: u32,
    /// The vendor's public keys, 64 bytes each, the active one first.
    pub vendor_keys: *const [u8; 64],
    /// The vendor's name (UTF-8). Only shown; may be NULL.
    pub vendor_name: *const c_char,
    /// The product's name (UTF-8). Only shown; may be NULL.
    pub name: *const c_char,
}

/// Checks what a C program has compiled in.
///
/// # Safety
/// `product` is NULL or points to a definition whose pointers are as it says.
pub(crate) unsafe fn defined<'a>(
    product: *const ProductDefinition,
) -> Result<Product<'a>, Argument> {
    const ODD: Argument = Argument { name: "product" };
    // SAFETY: the caller says so. Only the size is looked at before it is known that the rest is there.
    let size = unsafe { given(product.cast::<usize>(), "product") }?;
    if *size < size_of::<ProductDefinition>() {
        return Err(ODD);
    }
    // SAFETY: it is there in its full size.
    let product = unsafe { given(product, "product") }?;
    let vendor_keys = match (product.vendor_keys.is_null(), product.vendor_key_count) {
        (_, 0) | (true, _) => &[],
        // SAFETY: the caller says that there are so many.
        (false, count) => unsafe {
            std::slice::from_raw_parts(
                product.vendor_keys,
                usize::try_from(count).map_err(|_| ODD)?,
            )
        },
    };
    let scope = match product.scope {
        LATCHKEY_SCOPE_USER => Scope::User,
        LATCHKEY_SCOPE_MACHINE => Scope::Machine,
        _ => return Err(ODD),
    };
    let (default, file_allowed) = match product.store {
        LATCHKEY_STORE_KEYRING => (StoreKind::Keyring, true),
        LATCHKEY_STORE_FILE => (StoreKind::File, true),
        LATCHKEY_STORE_KEYRING_ONLY => (StoreKind::Keyring, false),
        _ => return Err(ODD),
    };
    // SAFETY: the caller says that these are NULL or end with a NUL.
    let (vendor_name, name) = unsafe {
        (optional_text(product.vendor_name, "product")?, optional_text(product.name, "product")?)
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
