//! Errors for C: a handle with a number, a name, and a sentence for the person.

use std::ffi::{CString, c_char};
use std::ptr;

use latchkey_sdk::{ErrorCode, HasErrorCode, Language, codes, explain_in};

use crate::boundary::{c_string, or};

/// Why a call failed. Give it back with `latchkey_error_free`.
pub struct ErrorHandle {
    number: u32,
    name: CString,
    message: CString,
    action: CString,
}

impl ErrorHandle {
    pub(crate) fn new(error: &dyn HasErrorCode, language: Language) -> Self {
        let said = explain_in(language, error);
        Self {
            number: said.number,
            name: c_string(said.code),
            message: c_string(&said.message),
            action: c_string(&said.action),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

/// An argument that is NULL where it mustn't be, that isn't UTF-8, or that has a value which means nothing.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) name: &'static str,
}

impl std::fmt::Display for Argument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the argument {} is of no use", self.name)
    }
}

impl std::error::Error for Argument {}

impl HasErrorCode for Argument {
    fn code(&self) -> ErrorCode {
        codes::SDK_ARGUMENT
    }

    fn details(&self) -> Vec<(&'static str, latchkey_sdk::ErrorArg)> {
        vec![("argument", self.name.into())]
    }
}

/// Something without details.
macro_rules! plain {
    ($(#[$doc:meta])* $name:ident, $code:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($code.name)
            }
        }

        impl std::error::Error for $name {}

        impl HasErrorCode for $name {
            fn code(&self) -> ErrorCode {
                $code
            }
        }
    };
}

plain!(
    /// A panic, which was caught.
    Internal,
    codes::SDK_INTERNAL
);
plain!(
    /// There is no last verdict before the first check.
    NotChecked,
    codes::SDK_NOT_CHECKED
);

/// The error's number, one of the `LATCHKEY_E_…` below. 0 for NULL.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_number(error: *const ErrorHandle) -> u32 {
    // SAFETY: the caller says so.
    or(0, || unsafe { error.as_ref() }.map_or(0, |error| error.number))
}

/// The error's stable name, such as "store.locked". Lives as long as the error.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_name(error: *const ErrorHandle) -> *const c_char {
    // SAFETY: the caller says so.
    or(ptr::null(), || unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.name.as_ptr()))
}

/// What happened, as a sentence for the person (UTF-8). Lives as long as the error.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_message(error: *const ErrorHandle) -> *const c_char {
    or(ptr::null(), || {
        // SAFETY: the caller says so.
        unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.message.as_ptr())
    })
}

/// What the person can do next (UTF-8). Lives as long as the error.
///
/// # Safety
/// `error` is NULL or a live error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_action(error: *const ErrorHandle) -> *const c_char {
    or(ptr::null(), || {
        // SAFETY: the caller says so.
        unsafe { error.as_ref() }.map_or(ptr::null(), |error| error.action.as_ptr())
    })
}

/// Gives an error back. NULL is fine.
///
/// # Safety
/// `error` is NULL or a live error, and isn't used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_error_free(error: *mut ErrorHandle) {
    if !error.is_null() {
        // SAFETY: it was made by `Box::into_raw` in `answer`.
        drop(unsafe { Box::from_raw(error) });
    }
}
