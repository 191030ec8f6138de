//! Activation, refresh and deactivation for C programs that have dialogs of their own. These
//! functions may block for as long as a user takes to unlock the keyring.

use std::ffi::c_char;

use latchkey_sdk::{ActivationCode, SeatName};

use crate::boundary::{ffi_call, optional_str_from_c, out_string, str_from_c};
use crate::error::ErrorHandle;
use crate::licence::{LicenceHandle, language_of, open_licence};
use crate::result::LatchkeyResult;

/// Checks an activation code for typing errors, so that the user can compare it before they go to
/// the portal. A request can be made with a doubtful code all the same, because a vendor may have
/// chosen a code that looks mistyped.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `code`: the activation code as the user typed it (UTF-8).
/// - `error`: where to store the error, or NULL. Its message names the doubtful part of the code.
///
/// # Returns
///
/// `LATCHKEY_OK`; a `LATCHKEY_E_ACTIVATION_CODE_…` if the code looks mistyped or isn't an
/// activation code; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
///
/// # Ownership
///
/// `code` remains the caller's.
///
/// # Safety
/// `code` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_compare_activation_code(
    licence: *const LicenceHandle,
    code: *const c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            open_licence(licence)?;
            let code: ActivationCode = str_from_c(code, "code")?.parse()?;
            match code.doubt() {
                Some(doubt) => Err(doubt.into()),
                None => Ok(()),
            }
        })
    }
}

/// Makes a request token, which the user takes to the licence portal. It can be made any number of
/// times until a response has been applied.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `code`: the activation code (UTF-8).
/// - `seat_name`: a name for the seat (UTF-8), or NULL.
/// - `token`: where to store the token.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_LEASE_ACTIVE` while the licence is active; a
/// `LATCHKEY_E_ACTIVATION_CODE_…` or `LATCHKEY_E_SEAT_NAME_…` if an argument isn't accepted; a
/// `LATCHKEY_E_STORE_…` if the request can't be stored.
///
/// # Ownership
///
/// The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if the call
/// fails.
///
/// # Safety
/// `code` and `seat_name` are NULL or end with a NUL; `token` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_generate_offline_activation_request_token(
    licence: *const LicenceHandle,
    code: *const c_char,
    seat_name: *const c_char,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let store = out_string(token, "token")?;
            let open = open_licence(licence)?;
            let code: ActivationCode = str_from_c(code, "code")?.parse()?;
            let name = optional_str_from_c(seat_name, "seat_name")?.unwrap_or_default();
            let name = SeatName::new(name)?;
            store(&open.licence.generate_offline_activation_request_token(&code, &name)?);
            Ok(())
        })
    }
}

/// Returns the newest request token that still waits for its response, to show it again.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `token`: where to store the token.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`, even if no request is pending; a `LATCHKEY_E_STORE_…` if the store can't be
/// read; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
///
/// # Ownership
///
/// The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if no request is
/// pending or the call fails.
///
/// # Safety
/// `token` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_pending_request_token(
    licence: *const LicenceHandle,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let store = out_string(token, "token")?;
            if let Some(pending) = open_licence(licence)?.licence.pending_request_token()? {
                store(&pending);
            }
            Ok(())
        })
    }
}

/// Applies a response token. Success means that the stored licence was read back and verified.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `response`: a text that contains the response token (UTF-8). Other text around it is ignored.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; a `LATCHKEY_E_TEXT_…`, `LATCHKEY_E_TOKEN_…` or `LATCHKEY_E_RESPONSE_…` if the
/// text has no token that can be applied; a `LATCHKEY_E_STORE_…` if the licence can't be stored.
/// Nothing has changed if the call fails.
///
/// # Ownership
///
/// `response` remains the caller's.
///
/// # Safety
/// `response` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_activate_offline(
    licence: *const LicenceHandle,
    response: *const c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let open = open_licence(licence)?;
            open.licence.activate_offline(str_from_c(response, "response")?)?;
            Ok(())
        })
    }
}

/// Applies a refresh token, which extends the lease.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `refresh`: a text that contains the refresh token (UTF-8). Other text around it is ignored.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; a `LATCHKEY_E_REFRESH_…` if the token is older or for another seat; otherwise
/// the errors of `latchkey_activate_offline`.
///
/// # Ownership
///
/// `refresh` remains the caller's.
///
/// # Safety
/// `refresh` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_refresh_lease_offline(
    licence: *const LicenceHandle,
    refresh: *const c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let open = open_licence(licence)?;
            open.licence.refresh_lease_offline(str_from_c(refresh, "refresh")?)?;
            Ok(())
        })
    }
}

/// Releases the seat. The licence is removed from this computer at once, and the user takes the
/// deactivation token to the licence portal. The token is kept as an undelivered deactivation until
/// `latchkey_confirm_delivered` is called.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `token`: where to store the deactivation token.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_LEASE_NOT_ACTIVATED` if there is no licence; a `LATCHKEY_E_STORE_…`
/// if the store can't be written.
///
/// # Ownership
///
/// The caller owns `*token` and frees it with `latchkey_string_free`. It is NULL if the call
/// fails.
///
/// # Safety
/// `token` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_deactivate_offline(
    licence: *const LicenceHandle,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let store = out_string(token, "token")?;
            store(&open_licence(licence)?.licence.deactivate_offline()?.token);
            Ok(())
        })
    }
}

/// Returns one of the deactivations that haven't been confirmed as delivered. To list them all,
/// count the index up from 0, the oldest one, until `*id` is NULL.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `index`: the index of the deactivation.
/// - `id`: where to store its id, which `latchkey_confirm_delivered` takes.
/// - `token`: where to store its token.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`, even if the index is out of range; a `LATCHKEY_E_STORE_…` if the store can't be
/// read; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
///
/// # Ownership
///
/// The caller owns `*id` and `*token` and frees both with `latchkey_string_free`. They are NULL if
/// the index is out of range or the call fails.
///
/// # Safety
/// `id`, `token` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_undelivered_deactivation(
    licence: *const LicenceHandle,
    index: usize,
    id: *mut *mut c_char,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let (store_id, store_token) = (out_string(id, "id")?, out_string(token, "token")?);
            let all = open_licence(licence)?.licence.undelivered_deactivations()?;
            if let Some(deactivation) = all.get(index) {
                store_id(&deactivation.id);
                store_token(&deactivation.token);
            }
            Ok(())
        })
    }
}

/// Records that the licence portal has received a deactivation, which isn't kept any longer. Call
/// it when the user confirms it.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `id`: the deactivation's id, from `latchkey_undelivered_deactivation`.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_OUTBOX_NO_SUCH_ENTRY` if no deactivation has this id; a
/// `LATCHKEY_E_STORE_…` if the store can't be written.
///
/// # Ownership
///
/// `id` remains the caller's.
///
/// # Safety
/// `id` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_confirm_delivered(
    licence: *const LicenceHandle,
    id: *const c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            Ok(open_licence(licence)?.licence.confirm_delivered(str_from_c(id, "id")?)?)
        })
    }
}
