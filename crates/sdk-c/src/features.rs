//! Features from C, without a verdict in hand.

use latchkey_sdk::Licence;

use crate::boundary::{answer, given, or};
use crate::error::ErrorHandle;
use crate::licence::{LicenceHandle, language_of};

/// Checks, and says whether the product may run and its licence includes a feature.
///
/// # Safety
/// `licence` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_has_feature(licence: *const LicenceHandle, feature: u32) -> bool {
    or(false, || {
        // SAFETY: the caller says so.
        unsafe { licence.as_ref() }.is_some_and(|handle| handle.licence.has_feature(feature))
    })
}

/// Checks, and says how many elements or uses the licence includes of a feature; 0 where the product may not run.
///
/// # Safety
/// `licence` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_limit(licence: *const LicenceHandle, feature: u32) -> u64 {
    // SAFETY: the caller says so.
    or(0, || unsafe { licence.as_ref() }.map_or(0, |handle| handle.licence.limit(feature)))
}

/// Would take elements out of a pool, or use up some of a usage count. Under an offline lease, and there is no other, it
/// fails with `LATCHKEY_E_FEATURE_OFFLINE`, whose message names the Local License Server.
///
/// # Safety
/// `licence` is NULL or live, `error` is NULL or may be written.
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
            let licence: &Licence = &given(licence, "licence")?.licence;
            Ok(licence.checkout_feature(feature, count)?)
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
            let licence: &Licence = &given(licence, "licence")?.licence;
            Ok(licence.return_feature(feature, count)?)
        })
    }
}
