//! Creates items of macOS's keychain (the one in a file) so that every program of the developer who
//! signed the first one may read them without a question. On other systems this crate is empty.
//!
//! An item has two lists. The access control list names the programs that are trusted with it; by
//! default that is only the one that created it, so that a product would ask the user for each
//! licence that the wizard has stored. Here it trusts every program. The partition list is checked
//! in addition, and the system fills it: with the developer's team from the signature of the
//! program that creates the item; for a program that no team has signed, with that program alone;
//! and for one that isn't signed at all, with every program that isn't. So only what a team signs
//! keeps others out.
//!
//! The other way to share items, an access group of the data protection keychain, needs an
//! entitlement that only a provisioning profile grants. Command lines and libraries can't have one.
//!
//! Sources: Apple's TN3137; `SecurityServerAcl::validate` and `createClientPartitionID` of
//! securityd.
#![cfg(target_os = "macos")]

mod access;

use core_foundation::base::{CFType, TCFType as _};
use core_foundation::data::CFData;
use core_foundation::dictionary::CFDictionary;
use core_foundation::string::CFString;
use security_framework::os::macos::keychain::{SecKeychain, SecPreferencesDomain};

pub use security_framework::base::Error;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It was created.
    Created,
    /// There was one already, which wasn't changed.
    Existed,
}

/// Creates a generic password in the user's default keychain, unless there is one of this service
/// and account.
///
/// # Errors
/// The status of the function of the Security framework that failed.
pub fn add_shared_password(
    service: &str,
    account: &str,
    label: &str,
    secret: &[u8],
) -> Result<Added, Error> {
    let keychain = SecKeychain::default_for_domain(SecPreferencesDomain::User)?;
    let text = |value: &str| CFString::new(value).into_CFType();
    let keys = access::keys();
    let attributes: Vec<(CFString, CFType)> = vec![
        (keys.class, keys.generic_password.into_CFType()),
        (keys.service, text(service)),
        (keys.account, text(account)),
        (keys.label, text(label)),
        (keys.value, CFData::from_buffer(secret).into_CFType()),
        (keys.access, access::for_every_program(label)?.into_CFType()),
        (keys.keychain, keychain.into_CFType()),
    ];
    access::add_item(&CFDictionary::from_CFType_pairs(&attributes))
}

/// Whether the user or the system refused access, as opposed to a failure.
#[must_use]
pub fn is_refusal(error: Error) -> bool {
    // errSecUserCanceled, errSecAuthFailed, errSecInteractionNotAllowed, errSecInteractionRequired
    // (Security/SecBase.h).
    matches!(error.code(), -128 | -25_293 | -25_308 | -25_315)
}
