//! Queries for features that need no verdict handle, and feature checkout.

use crate::boundary::ffi_call;
use crate::error::ErrorHandle;
use crate::licence::{LicenceHandle, language_of, open_licence};
use crate::result::{LatchkeyResult, catch_or};

/// Checks the licence and tells whether the product may run with a feature.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `feature`: the feature's number, a constant of the kit.
///
/// # Returns
///
/// Whether the product may run and its licence includes the feature. False if the licence isn't
/// open.
///
/// # Ownership
///
/// The licence remains the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_has_feature(licence: *const LicenceHandle, feature: u32) -> bool {
    catch_or(false, || open_licence(licence).is_ok_and(|open| open.licence.has_feature(feature)))
}

/// Checks the licence and returns the limit of a feature.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `feature`: the feature's number, a constant of the kit.
///
/// # Returns
///
/// The number of elements or uses that the licence includes. 0 if the product may not run or the
/// licence isn't open.
///
/// # Ownership
///
/// The licence remains the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_limit(licence: *const LicenceHandle, feature: u32) -> u64 {
    catch_or(0, || open_licence(licence).map_or(0, |open| open.licence.limit(feature)))
}

/// Checks elements out of a pool, or uses up part of a usage count. An offline lease, which is the
/// only kind of lease today, can't do that: it needs a Local License Server, as the error says.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `feature`: the feature's number, a constant of the kit.
/// - `count`: how many elements or uses to check out.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_E_FEATURE_OFFLINE`; before that `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open,
/// the verdict's number if the product may not run, and `LATCHKEY_E_FEATURE_NOT_INCLUDED`.
///
/// # Ownership
///
/// The licence remains the caller's.
///
/// # Safety
/// `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_checkout_feature(
    licence: *const LicenceHandle,
    feature: u32,
    count: u64,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            Ok(open_licence(licence)?.licence.checkout_feature(feature, count)?)
        })
    }
}

/// Returns elements to a pool. With an offline lease it fails like `latchkey_checkout_feature`.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `feature`: the feature's number, a constant of the kit.
/// - `count`: how many elements to return.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// The errors of `latchkey_checkout_feature`.
///
/// # Ownership
///
/// The licence remains the caller's.
///
/// # Safety
/// `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_return_feature(
    licence: *const LicenceHandle,
    feature: u32,
    count: u64,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            Ok(open_licence(licence)?.licence.return_feature(feature, count)?)
        })
    }
}
