//! The boundary to C: arguments are checked here, and no panic unwinds out of it.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use latchkey_sdk::{HasErrorCode, Language};

use crate::error::{Argument, ErrorHandle, Internal};
use crate::result::{LATCHKEY_OK, LatchkeyResult, c_string};

/// Why a call failed: any error that has a code.
pub(crate) struct Failure(pub(crate) Box<dyn HasErrorCode>);

impl<E: HasErrorCode + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// Runs the body of a C function. Returns zero or the error's number; a panic becomes an error
/// like any other.
///
/// # Safety
/// `error` is NULL or writable.
pub(crate) unsafe fn ffi_call(
    error: *mut *mut ErrorHandle,
    language: Language,
    body: impl FnOnce() -> Result<(), Failure>,
) -> LatchkeyResult {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        body().map_err(|failure| ErrorHandle::new(&*failure.0, language))
    }));
    let failed = match outcome {
        Ok(result) => result.err(),
        Err(_) => Some(ErrorHandle::new(&Internal, language)),
    };
    let number = failed.as_ref().map_or(LATCHKEY_OK, ErrorHandle::number);
    if !error.is_null() {
        let handle = failed.map_or(std::ptr::null_mut(), |failed| Box::into_raw(Box::new(failed)));
        // SAFETY: the caller guarantees that it is writable.
        unsafe { error.write(handle) };
    }
    number
}

/// Turns a pointer from C into a reference. NULL is an error.
///
/// # Safety
/// `pointer` is NULL, or points to a `T` that is alive and not written to during this call.
pub(crate) unsafe fn deref<'a, T>(
    pointer: *const T,
    name: &'static str,
) -> Result<&'a T, Argument> {
    // SAFETY: guaranteed by the caller.
    unsafe { pointer.as_ref() }.ok_or(Argument { name })
}

/// Prepares an output parameter for a handle: sets it to NULL and returns a function that stores
/// the handle.
///
/// # Safety
/// `out` is NULL or writable.
pub(crate) unsafe fn out_ptr<T>(
    out: *mut *mut T,
    name: &'static str,
) -> Result<impl FnOnce(*mut T), Argument> {
    if out.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: the caller guarantees that it is writable.
    unsafe { out.write(std::ptr::null_mut()) };
    Ok(move |handle| {
        // SAFETY: as above; this is called before the call from C returns.
        unsafe { out.write(handle) };
    })
}

/// Prepares an output parameter for a string, which the caller frees with
/// [`latchkey_string_free`].
///
/// # Safety
/// `out` is NULL or writable.
pub(crate) unsafe fn out_string(
    out: *mut *mut c_char,
    name: &'static str,
) -> Result<impl FnOnce(&str), Argument> {
    if out.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: the caller guarantees that it is writable.
    unsafe { out.write(std::ptr::null_mut()) };
    Ok(move |text: &str| {
        let text = c_string(text).into_raw();
        // SAFETY: as above; this is called before the call from C returns.
        unsafe { out.write(text) };
    })
}

/// Reads a UTF-8 string from C.
///
/// # Safety
/// `text` is NULL, or ends with a NUL and is not written to during this call.
pub(crate) unsafe fn str_from_c<'a>(
    text: *const c_char,
    name: &'static str,
) -> Result<&'a str, Argument> {
    if text.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: guaranteed by the caller.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Argument { name })
}

/// Reads a UTF-8 string that may be NULL.
///
/// # Safety
/// As [`str_from_c`].
pub(crate) unsafe fn optional_str_from_c<'a>(
    text: *const c_char,
    name: &'static str,
) -> Result<Option<&'a str>, Argument> {
    match text.is_null() {
        true => Ok(None),
        // SAFETY: guaranteed by the caller.
        false => unsafe { str_from_c(text, name) }.map(Some),
    }
}

/// Frees a string that this library returned through a `char **` parameter.
///
/// # Parameters
///
/// - `string`: the string. NULL is a no-op.
///
/// # Ownership
///
/// Takes the string; it must not be used afterwards.
///
/// # Safety
/// `string` is NULL, or came from a function that hands out strings and has not been freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: it was made by `CString::into_raw` in `out_string`.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// The version of the library that is loaded. `LATCHKEY_VERSION` is that of the header.
///
/// # Returns
///
/// The version, such as "0.1.0".
///
/// # Ownership
///
/// The string is static. Don't free it.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
