//! Activation, refresh and deactivation for C programs with dialogs of their own. They may wait for as long as a person
//! takes to answer the keyring's question.

use std::ffi::c_char;

use latchkey_sdk::{ActivationCode, SeatName};

use crate::boundary::{answer, optional_text, string_place, text};
use crate::error::ErrorHandle;
use crate::licence::{LicenceHandle, language_of, opened};

/// Says whether an activation code looks mistyped, so that the person can compare it before the way to the portal: the
/// code is like a generated one, and its check shows a slip. The error says where. A request can be made with the code all
/// the same, because a vendor's own code may look like that as well.
///
/// # Safety
/// `code` is NULL or ends with a NUL; `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_compare_activation_code(
    licence: *const LicenceHandle,
    code: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            opened(licence)?;
            let code: ActivationCode = text(code, "code")?.parse()?;
            match code.doubt() {
                Some(doubt) => Err(doubt.into()),
                None => Ok(()),
            }
        })
    }
}

/// Makes a request token, which the person takes to the licence portal. It can be made again any number of times until a
/// response has been applied. The seat name may be NULL. Give the token back with `latchkey_string_free`.
///
/// # Safety
/// `code` and `seat_name` are NULL or end with a NUL; `token` and `error` are NULL or may be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_generate_offline_activation_request_token(
    licence: *const LicenceHandle,
    code: *const c_char,
    seat_name: *const c_char,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = string_place(token, "token")?;
            let opened = opened(licence)?;
            let code: ActivationCode = text(code, "code")?.parse()?;
            let name = SeatName::new(optional_text(seat_name, "seat_name")?.unwrap_or_default())?;
            give(&opened.licence.generate_offline_activation_request_token(&code, &name)?);
            Ok(())
        })
    }
}

/// The newest request that waits for its response, to show it again; NULL when there is none. Give it back with
/// `latchkey_string_free`.
///
/// # Safety
/// `token` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_pending_request_token(
    licence: *const LicenceHandle,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = string_place(token, "token")?;
            if let Some(pending) = opened(licence)?.licence.pending_request_token()? {
                give(&pending);
            }
            Ok(())
        })
    }
}

/// Applies the response token in a text, whatever else the text holds. Success means that the stored licence was read
/// back and verified.
///
/// # Safety
/// `response` is NULL or ends with a NUL; `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_activate_offline(
    licence: *const LicenceHandle,
    response: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let opened = opened(licence)?;
            opened.licence.activate_offline(text(response, "response")?)?;
            Ok(())
        })
    }
}

/// Applies the refresh token in a text, which prolongs the lease.
///
/// # Safety
/// As `latchkey_activate_offline`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_refresh_lease_offline(
    licence: *const LicenceHandle,
    refresh: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let opened = opened(licence)?;
            opened.licence.refresh_lease_offline(text(refresh, "refresh")?)?;
            Ok(())
        })
    }
}

/// Gives the seat back: the licence is gone in the same instant. The token is to be taken to the licence portal; it stays
/// among the undelivered ones until `latchkey_confirm_delivered`. Give it back with `latchkey_string_free`.
///
/// # Safety
/// `token` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_deactivate_offline(
    licence: *const LicenceHandle,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = string_place(token, "token")?;
            give(&opened(licence)?.licence.deactivate_offline()?.token);
            Ok(())
        })
    }
}

/// A deactivation that hasn't been confirmed as delivered, the oldest first (0): its id and its token, both to be given
/// back with `latchkey_string_free`. Both are NULL from the first index on that there isn't.
///
/// # Safety
/// `id`, `token` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_undelivered_deactivation(
    licence: *const LicenceHandle,
    index: usize,
    id: *mut *mut c_char,
    token: *mut *mut c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let (give_id, give) = (string_place(id, "id")?, string_place(token, "token")?);
            let all = opened(licence)?.licence.undelivered_deactivations()?;
            if let Some(one) = all.get(index) {
                give_id(&one.id);
                give(&one.token);
            }
            Ok(())
        })
    }
}

/// The person says that the licence portal has this deactivation: it isn't kept any longer.
///
/// # Safety
/// `id` is NULL or ends with a NUL; `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_confirm_delivered(
    licence: *const LicenceHandle,
    id: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            Ok(opened(licence)?.licence.confirm_delivered(text(id, "id")?)?)
        })
    }
}
