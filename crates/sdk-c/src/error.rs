//! Errors for C: a handle with a number, a name, a message for the user and their next step.

use std::ffi::{CString, c_char};
use std::ptr;

use latchkey_sdk::{Language, codes, explain_in};
use latchkey_token::HasErrorCode;
use thiserror::Error;

use crate::result::{LATCHKEY_OK, LatchkeyResult, c_string, catch_or};

/// Why a call failed. Free it with `latchkey_error_free`.
pub struct ErrorHandle {
    number: LatchkeyResult,
    name: CString,
    message: CString,
    action: CString,
}

impl ErrorHandle {
    pub(crate) fn new(error: &dyn HasErrorCode, language: Language) -> Self {
        let explained = explain_in(language, error);
        Self {
            number: explained.number,
            name: c_string(explained.code),
            message: c_string(&explained.message),
            action: c_string(&explained.action),
        }
    }

    pub(crate) fn number(&self) -> LatchkeyResult {
        self.number
    }
}

/// An argument that is NULL where that isn't allowed, isn't UTF-8, or has an invalid value.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::SDK_ARGUMENT)]
#[error("invalid argument: {name}")]
pub(crate) struct Argument {
    #[detail(name = "argument")]
    pub(crate) name: &'static str,
}

/// A panic was caught, or the system refused a resource.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::SDK_INTERNAL)]
#[error("{}", codes::SDK_INTERNAL)]
pub(crate) struct Internal;

/// There is no last verdict, because no check has run yet.
#[derive(Debug, Error, HasErrorCode)]
#[code(codes::SDK_NOT_CHECKED)]
#[error("{}", codes::SDK_NOT_CHECKED)]
pub(crate) struct NotChecked;

/// The number of an error.
///
/// # Parameters
///
/// - `error`: an error, or NULL.
///
/// # Returns
///
/// One of the `LATCHKEY_E_…` constants; `LATCHKEY_OK` for NULL.
///
/// # Ownership
///
/// The error remains the caller's.
///
/// # Safety
/// `error` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_number(error: *const ErrorHandle) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    catch_or(LATCHKEY_OK, || unsafe { error.as_ref() }.map_or(LATCHKEY_OK, ErrorHandle::number))
}

/// Returns one of an error's strings, or NULL for NULL.
///
/// # Safety
/// `error` is NULL or alive.
unsafe fn string_of(
    error: *const ErrorHandle,
    field: impl FnOnce(&ErrorHandle) -> &CString,
) -> *const c_char {
    catch_or(ptr::null(), || {
        // SAFETY: guaranteed by the caller.
        unsafe { error.as_ref() }.map_or(ptr::null(), |error| field(error).as_ptr())
    })
}

/// The stable name of an error, such as "store.locked".
///
/// # Parameters
///
/// - `error`: an error, or NULL.
///
/// # Returns
///
/// The name; NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the error and is valid as long as it is.
///
/// # Safety
/// `error` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_name(error: *const ErrorHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { string_of(error, |error| &error.name) }
}

/// What happened, as a sentence for the end user, in the licence's language.
///
/// # Parameters
///
/// - `error`: an error, or NULL.
///
/// # Returns
///
/// The message (UTF-8); NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the error and is valid as long as it is.
///
/// # Safety
/// `error` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_message(error: *const ErrorHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { string_of(error, |error| &error.message) }
}

/// What the end user can do next, in the licence's language.
///
/// # Parameters
///
/// - `error`: an error, or NULL.
///
/// # Returns
///
/// The advice (UTF-8); NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the error and is valid as long as it is.
///
/// # Safety
/// `error` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_action(error: *const ErrorHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { string_of(error, |error| &error.action) }
}

/// Frees an error and its strings.
///
/// # Parameters
///
/// - `error`: the error. NULL is a no-op.
///
/// # Ownership
///
/// Takes the error; neither it nor its strings may be used afterwards.
///
/// # Safety
/// `error` is NULL or alive, and not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_free(error: *mut ErrorHandle) {
    if !error.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `ffi_call`.
        drop(unsafe { Box::from_raw(error) });
    }
}
