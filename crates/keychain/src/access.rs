//! The functions and constants of the Security framework that have no safe form. All unsafe code of
//! this crate is here.
#![allow(unsafe_code, reason = "the Security framework is reached through unsafe functions only")]

use std::ffi::c_void;
use std::ptr;

use core_foundation::array::{CFArray, CFArrayRef};
use core_foundation::base::{CFType, CFTypeRef, OSStatus, TCFType as _};
use core_foundation::dictionary::CFDictionary;
use core_foundation::string::{CFString, CFStringRef};
use security_framework::base::Error;
use security_framework::os::macos::access::SecAccess;
use security_framework_sys::base::{SecAccessRef, errSecDuplicateItem, errSecSuccess};
use security_framework_sys::item::{
    kSecAttrAccount, kSecAttrLabel, kSecAttrService, kSecClass, kSecClassGenericPassword,
    kSecUseKeychain, kSecValueData,
};
use security_framework_sys::keychain_item::SecItemAdd;

use crate::Added;

// Security/SecAccess.h, SecACL.h and SecItem.h.
#[link(name = "Security", kind = "framework")]
unsafe extern "C" {
    static kSecAttrAccess: CFStringRef;
    static kSecACLAuthorizationDecrypt: CFStringRef;
    fn SecAccessCreate(
        descriptor: CFStringRef,
        trusted: CFArrayRef,
        access: *mut SecAccessRef,
    ) -> OSStatus;
    fn SecAccessCopyMatchingACLList(access: SecAccessRef, authorization: CFTypeRef) -> CFArrayRef;
    fn SecACLSetContents(
        entry: *const c_void,
        applications: CFArrayRef,
        description: CFStringRef,
        prompt: u16,
    ) -> OSStatus;
}

/// The names of an item's attributes.
pub(crate) struct Keys {
    pub(crate) class: CFString,
    pub(crate) generic_password: CFString,
    pub(crate) service: CFString,
    pub(crate) account: CFString,
    pub(crate) label: CFString,
    pub(crate) value: CFString,
    pub(crate) access: CFString,
    pub(crate) keychain: CFString,
}

pub(crate) fn keys() -> Keys {
    // SAFETY: these are constant strings of the framework, which are never released.
    unsafe {
        let key = |key| CFString::wrap_under_get_rule(key);
        Keys {
            class: key(kSecClass),
            generic_password: key(kSecClassGenericPassword),
            service: key(kSecAttrService),
            account: key(kSecAttrAccount),
            label: key(kSecAttrLabel),
            value: key(kSecValueData),
            access: key(kSecAttrAccess),
            keychain: key(kSecUseKeychain),
        }
    }
}

/// Access rules under which every program may read an item, as far as the item's partition list
/// allows. `description` is shown if the system asks.
pub(crate) fn for_every_program(description: &str) -> Result<SecAccess, Error> {
    let description = CFString::new(description);
    let mut created: SecAccessRef = ptr::null_mut();
    // SAFETY: the string is valid during the call, and the result goes into a variable of its type.
    // No list means the default one.
    check(unsafe {
        SecAccessCreate(description.as_concrete_TypeRef(), ptr::null(), &raw mut created)
    })?;
    // SAFETY: the function succeeded, so this is an object that the caller has to release.
    let access = unsafe { SecAccess::wrap_under_create_rule(created) };
    // SAFETY: both are valid objects; the constant is never released.
    let entries = unsafe {
        SecAccessCopyMatchingACLList(
            access.as_concrete_TypeRef(),
            kSecACLAuthorizationDecrypt.cast(),
        )
    };
    if entries.is_null() {
        return Ok(access);
    }
    // SAFETY: this is an array of objects that the caller has to release.
    let entries = unsafe { CFArray::<CFType>::wrap_under_create_rule(entries) };
    for entry in &entries {
        // SAFETY: the entry is one of `access`, and the string is valid during the call. No list of
        // applications means every application, and an empty one none.
        check(unsafe {
            SecACLSetContents(
                entry.as_CFTypeRef(),
                ptr::null(),
                description.as_concrete_TypeRef(),
                0,
            )
        })?;
    }
    Ok(access)
}

/// Creates an item with these attributes.
pub(crate) fn add_item(attributes: &CFDictionary<CFString, CFType>) -> Result<Added, Error> {
    // SAFETY: the dictionary is valid during the call, and no result is asked for.
    match unsafe { SecItemAdd(attributes.as_concrete_TypeRef(), ptr::null_mut()) } {
        status if status == errSecDuplicateItem => Ok(Added::Existed),
        status => check(status).map(|()| Added::Created),
    }
}

fn check(status: OSStatus) -> Result<(), Error> {
    if status == errSecSuccess { Ok(()) } else { Err(Error::from_code(status)) }
}
