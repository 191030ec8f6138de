//! The boundary: what comes in from C is checked here, and nothing unwinds out of it.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use latchkey_sdk::{HasErrorCode, Language};

use crate::error::{Argument, ErrorHandle, Internal};

/// Success.
pub const LATCHKEY_OK: u32 = 0;

/// Why a call failed: anything with a code.
pub(crate) struct Failure(pub(crate) Box<dyn HasErrorCode>);

impl<E: HasErrorCode + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// Does what a C program asked for. Gives the error's number, or zero; a panic becomes an error like any other.
///
/// # Safety
/// `error` is NULL or may be written.
pub(crate) unsafe fn answer(
    error: *mut *mut ErrorHandle,
    language: Language,
    work: impl FnOnce() -> Result<(), Failure>,
) -> u32 {
    let done = catch_unwind(AssertUnwindSafe(|| {
        work().map_err(|failure| ErrorHandle::new(&*failure.0, language))
    }));
    let failed = match done {
        Ok(done) => done.err(),
        Err(_) => Some(ErrorHandle::new(&Internal, language)),
    };
    let number = failed.as_ref().map_or(LATCHKEY_OK, ErrorHandle::number);
    if !error.is_null() {
        let handle = failed.map_or(std::ptr::null_mut(), |failed| Box::into_raw(Box::new(failed)));
        // SAFETY: the caller says that it may be written.
        unsafe { error.write(handle) };
    }
    number
}

/// What a panicking accessor gives instead.
pub(crate) fn or<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(otherwise)
}

/// A pointer to something of the library's or the caller's.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that lives and isn't written during this call.
pub(crate) unsafe fn given<'a, T>(
    pointer: *const T,
    name: &'static str,
) -> Result<&'a T, Argument> {
    // SAFETY: the caller says so.
    unsafe { pointer.as_ref() }.ok_or(Argument { name })
}

/// A place for a handle that is given out. It is NULL until there is one.
///
/// # Safety
/// `place` is NULL or may be written.
pub(crate) unsafe fn place_for<T>(
    place: *mut *mut T,
    name: &'static str,
) -> Result<impl FnOnce(*mut T), Argument> {
    if place.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: the caller says that it may be written.
    unsafe { place.write(std::ptr::null_mut()) };
    Ok(move |handle| {
        // SAFETY: as above; this is called before the call from C returns.
        unsafe { place.write(handle) };
    })
}

/// The same for a string, which [`latchkey_string_free`] gives back.
///
/// # Safety
/// `place` is NULL or may be written.
pub(crate) unsafe fn string_place(
    place: *mut *mut c_char,
    name: &'static str,
) -> Result<impl FnOnce(&str), Argument> {
    if place.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: the caller says that it may be written.
    unsafe { place.write(std::ptr::null_mut()) };
    Ok(move |text: &str| {
        let text = c_string(text).into_raw();
        // SAFETY: as above; this is called before the call from C returns.
        unsafe { place.write(text) };
    })
}

/// UTF-8 from C.
///
/// # Safety
/// `text` is NULL or ends with a NUL, and isn't written during this call.
pub(crate) unsafe fn text<'a>(
    text: *const c_char,
    name: &'static str,
) -> Result<&'a str, Argument> {
    if text.is_null() {
        return Err(Argument { name });
    }
    // SAFETY: the caller says so.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Argument { name })
}

/// The same where NULL stands for nothing.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(
    pointer: *const c_char,
    name: &'static str,
) -> Result<Option<&'a str>, Argument> {
    match pointer.is_null() {
        true => Ok(None),
        // SAFETY: the caller says so.
        false => unsafe { text(pointer, name) }.map(Some),
    }
}

/// A string for C. A NUL inside, which nothing here has, would end it.
pub(crate) fn c_string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Gives back a string that the library gave for keeps. NULL is fine.
///
/// # Safety
/// `string` came from a function that says so, and hasn't been given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: it was made by `CString::into_raw` in `string_place`.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// The library's version, such as "0.1.0". The string lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
