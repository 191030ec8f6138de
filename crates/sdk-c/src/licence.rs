//! The licence's handle: opening, asking, closing.

use std::ffi::c_char;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use latchkey_sdk::{Language, Licence, Watch};

use crate::boundary::{answer, given, or, place, text};
use crate::change::Gate;
use crate::error::{ErrorHandle, NotChecked};
use crate::product::{ProductDefinition, defined};
use crate::verdict::VerdictHandle;

/// A product's view of its licence. Open one and keep it; any number of threads may use it at once.
pub struct LicenceHandle {
    pub(crate) licence: Licence,
    language: RwLock<Language>,
    pub(crate) gate: Gate,
    pub(crate) watch: Mutex<Option<Watch>>,
}

impl LicenceHandle {
    fn new(licence: Licence) -> Self {
        Self {
            licence,
            language: RwLock::new(Language::of_process()),
            gate: Gate::default(),
            watch: Mutex::default(),
        }
    }

    pub(crate) fn language(&self) -> Language {
        *self.language.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The language of a handle that may be NULL.
///
/// # Safety
/// `licence` is NULL or live.
pub(crate) unsafe fn language_of(licence: *const LicenceHandle) -> Language {
    or(Language::default(), || {
        // SAFETY: the caller says so.
        unsafe { licence.as_ref() }.map_or_else(Language::of_process, LicenceHandle::language)
    })
}

/// Knows where the product's licence is. Nothing is read yet.
///
/// # Safety
/// `product` is NULL or points to a definition whose pointers are as it says; `licence` and `error` are NULL or may be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open(
    product: *const ProductDefinition,
    licence: *mut *mut LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, Language::of_process(), || {
            let give = place(licence, "licence")?;
            give(LicenceHandle::new(Licence::open(&defined(product)?)?));
            Ok(())
        })
    }
}

/// The same with the licence in a file of its own (a path in UTF-8): for tests of the product. Where the product's store
/// policy forbids files it fails.
///
/// # Safety
/// As `latchkey_open`, and `file` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open_file(
    product: *const ProductDefinition,
    file: *const c_char,
    licence: *mut *mut LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, Language::of_process(), || {
            let give = place(licence, "licence")?;
            let file = text(file, "file")?;
            give(LicenceHandle::new(Licence::open_file(&defined(product)?, Path::new(file))?));
            Ok(())
        })
    }
}

/// Closes it. NULL is fine. When this returns, no callback of it runs any more on another thread.
///
/// # Safety
/// `licence` is NULL or live, and no other thread uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_close(licence: *mut LicenceHandle) {
    or((), || {
        if !licence.is_null() {
            // SAFETY: it was made by `Box::into_raw` in `place`.
            let licence = unsafe { Box::from_raw(licence) };
            licence.gate.close();
        }
    });
}

/// Chooses the language of its sentences by a tag like "de" or "de-AT"; without it the environment does. English where a
/// language isn't spoken.
///
/// # Safety
/// `licence` is NULL or live, `tag` is NULL or ends with a NUL, `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_set_language(
    licence: *const LicenceHandle,
    tag: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let (handle, tag) = (given(licence, "licence")?, text(tag, "tag")?);
            let language = Language::for_tag(tag).unwrap_or_default();
            *handle.language.write().unwrap_or_else(PoisonError::into_inner) = language;
            Ok(())
        })
    }
}

/// Says that a person without a keyring wants the licence to be kept in a file, from the next request on. Where the
/// product's store policy forbids files it fails.
///
/// # Safety
/// `licence` is NULL or live, `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_keep_in_file(
    licence: *const LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            Ok(given(licence, "licence")?.licence.keep_in_file()?)
        })
    }
}

/// Asks how it stands: verifies the vendor's signatures with the compiled-in keys. There is always a verdict, unless an
/// argument is wrong; a keyring is waited for at most ten seconds. Give the verdict back with `latchkey_verdict_free`.
///
/// # Safety
/// `licence` is NULL or live; `verdict` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_check(
    licence: *const LicenceHandle,
    verdict: *mut *mut VerdictHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = place(verdict, "verdict")?;
            let handle = given(licence, "licence")?;
            give(VerdictHandle::new(handle.licence.check(), handle.language()));
            Ok(())
        })
    }
}

/// What the last check said, without looking at anything, and how many nanoseconds ago that was. Fails with
/// `LATCHKEY_E_SDK_NOT_CHECKED` before the first check. Takes less than a microsecond.
///
/// # Safety
/// `licence` is NULL or live; `verdict`, `age` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_last_verdict(
    licence: *const LicenceHandle,
    verdict: *mut *mut VerdictHandle,
    age: *mut u64,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = place(verdict, "verdict")?;
            let handle = given(licence, "licence")?;
            let last = handle.licence.last_verdict().ok_or(NotChecked)?;
            if !age.is_null() {
                age.write(u64::try_from(last.age.as_nanos()).unwrap_or(u64::MAX));
            }
            give(VerdictHandle::new(last.verdict, handle.language()));
            Ok(())
        })
    }
}
