//! Features from C, without a verdict in hand.

use crate::boundary::{answer, or};
use crate::error::ErrorHandle;
use crate::licence::{LicenceHandle, language_of, opened};

/// Checks, and says whether the product may run and its licence includes a feature.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_has_feature(licence: *const LicenceHandle, feature: u32) -> bool {
    or(false, || opened(licence).is_ok_and(|opened| opened.licence.has_feature(feature)))
}

/// Checks, and says how many elements or uses the licence includes of a feature; 0 where the product may not run.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_limit(licence: *const LicenceHandle, feature: u32) -> u64 {
    or(0, || opened(licence).map_or(0, |opened| opened.licence.limit(feature)))
}

/// Would take elements out of a pool, or use up some of a usage count. Under an offline lease, and there is no other, it
/// fails with `LATCHKEY_E_FEATURE_OFFLINE`, whose message names the Local License Server.
///
/// # Safety
/// `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_checkout_feature(
    licence: *const LicenceHandle,
    feature: u32,
    count: u64,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            Ok(opened(licence)?.licence.checkout_feature(feature, count)?)
        })
    }
}

/// Would give elements of a pool back; fails like `latchkey_checkout_feature`.
///
/// # Safety
/// As `latchkey_checkout_feature`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_return_feature(
    licence: *const LicenceHandle,
    feature: u32,
    count: u64,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            Ok(opened(licence)?.licence.return_feature(feature, count)?)
        })
    }
}
