//! The licence handle: opening, checking and closing a licence.

use std::ffi::c_char;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use latchkey_sdk::{Language, Licence, Watch};
use once_cell::race::OnceBox;

use crate::boundary::{LatchkeyResult, catch_or, ffi_call, out_ptr, str_from_c};
use crate::callback_guard::{CallbackGuard, CallbackGuards};
use crate::error::{Argument, ErrorHandle, Internal, NotChecked};
use crate::fork;
use crate::handles::Handles;
use crate::product::{ProductDefinition, product_from_c};
use crate::unload;
use crate::verdict::VerdictHandle;

/// A product's view of its licence. Open it once and keep it; any number of threads may use it at
/// the same time. Close it with `latchkey_close`.
///
/// It is a number in the guise of a pointer, and no number is used twice: every function that gets
/// a closed licence fails with `LATCHKEY_E_SDK_ARGUMENT`, and closing it again does nothing.
pub struct LicenceHandle {
    _private: (),
}

/// The licence that a handle stands for. Every call shares it until the call returns, even if the
/// handle is closed meanwhile.
pub(crate) struct OpenLicence {
    pub(crate) licence: Licence,
    language: ArcSwap<Language>,
    pub(crate) callbacks: Arc<CallbackGuard>,
    pub(crate) watch: ArcSwapOption<Watch>,
}

impl OpenLicence {
    fn new(licence: Licence) -> Self {
        Self {
            licence,
            language: ArcSwap::from_pointee(Language::of_process()),
            callbacks: Arc::new(CallbackGuard::new(&process().callbacks)),
            watch: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn language(&self) -> Language {
        **self.language.load()
    }
}

/// What all licences of a process share.
pub(crate) struct ProcessState {
    /// The open licences, by the numbers that C gets instead of pointers.
    ///
    /// The numbers start above the first page of memory: Go treats a pointer into it as invalid.
    pub(crate) licences: Handles<OpenLicence>,
    pub(crate) callbacks: Arc<CallbackGuards>,
}

/// The state of this process, created on first use. Threads that race for it may each create one,
/// of which one is kept: no thread waits for another, which might not exist after a fork.
pub(crate) fn process() -> &'static ProcessState {
    PROCESS.get_or_init(|| {
        fork::prepare();
        unload::prevent();
        ProcessState::new()
    })
}

static PROCESS: OnceBox<ProcessState> = OnceBox::new();

impl ProcessState {
    fn new() -> Box<Self> {
        Box::new(Self { licences: Handles::above(4096), callbacks: Arc::default() })
    }

    /// The state of this process while it forks: the fork handlers are running, so they must not
    /// be registered again.
    pub(crate) fn at_fork() -> &'static Self {
        PROCESS.get_or_init(Self::new)
    }
}

/// Issues a handle for a licence.
fn new_handle(open: OpenLicence) -> Result<*mut LicenceHandle, Internal> {
    process().licences.insert(open).map(ptr::without_provenance_mut).ok_or(Internal)
}

/// The licence of a handle. The pointer from C isn't dereferenced, so it may have any value.
pub(crate) fn open_licence(licence: *const LicenceHandle) -> Result<Arc<OpenLicence>, Argument> {
    process().licences.get(licence.addr()).ok_or(Argument { name: "licence" })
}

/// Completes [`latchkey_close`] after a callback that has closed its own licence.
pub(crate) fn finish_closing(licence: usize) {
    process().licences.forget_if_done(licence, |closed| closed.callbacks.is_idle());
}

/// The language of a licence, or that of the process if the handle is invalid.
pub(crate) fn language_of(licence: *const LicenceHandle) -> Language {
    catch_or(Language::default(), || {
        open_licence(licence).map_or_else(|_| Language::of_process(), |open| open.language())
    })
}

/// Opens a product's licence. Nothing is read until the first check.
///
/// # Parameters
///
/// - `product`: the product's definition, usually the one from the vendor's kit.
/// - `licence`: where to store the licence.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the definition is invalid;
/// `LATCHKEY_E_SDK_NO_KEY` or a `LATCHKEY_E_KEY_…` if its keys are; a `LATCHKEY_E_STORE_…` if
/// this computer has no place for a licence.
///
/// # Ownership
///
/// The caller owns `*licence` and closes it with `latchkey_close`. It is NULL if the call fails.
/// `product` remains the caller's and isn't used after the call.
///
/// # Safety
/// `product` is NULL, or points to a definition whose pointers are valid for the counts it states;
/// `licence` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open(
    product: *const ProductDefinition,
    licence: *mut *mut LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, Language::of_process(), || {
            let store = out_ptr(licence, "licence")?;
            let licence = Licence::open(&product_from_c(product)?)?;
            store(new_handle(OpenLicence::new(licence))?);
            Ok(())
        })
    }
}

/// Opens a product's licence in a file of its own, which is useful in the product's tests.
///
/// # Parameters
///
/// - `product`: the product's definition.
/// - `file`: the path of the file (UTF-8). It doesn't have to exist.
/// - `licence`: where to store the licence.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_STORE_FILE_FORBIDDEN` if the product's store policy forbids files;
/// otherwise the errors of `latchkey_open`.
///
/// # Ownership
///
/// As for `latchkey_open`. `file` remains the caller's.
///
/// # Safety
/// As `latchkey_open`, and `file` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open_file(
    product: *const ProductDefinition,
    file: *const c_char,
    licence: *mut *mut LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, Language::of_process(), || {
            let store = out_ptr(licence, "licence")?;
            let file = str_from_c(file, "file")?;
            let licence = Licence::open_file(&product_from_c(product)?, Path::new(file))?;
            store(new_handle(OpenLicence::new(licence))?);
            Ok(())
        })
    }
}

/// Closes the licence handle and frees it. From now on none of its callbacks starts. When this
/// function returns, none of them is running on another thread any more, even if that thread is
/// closing the licence at the same moment. Calls that other threads are in the middle of complete
/// normally.
///
/// A callback may close any licence. It doesn't wait for itself. If two callbacks close each
/// other's licence (A's callback closes B while B's callback closes A), the second of the two
/// calls returns at once, and the data of the first one's callback must stay valid until that
/// callback returns.
///
/// # Parameters
///
/// - `licence`: the licence. NULL and a licence that is closed already are no-ops.
///
/// # Ownership
///
/// Takes the licence. Verdicts that were returned for it stay valid.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_close(licence: *mut LicenceHandle) {
    catch_or((), || {
        let close = |closed: &OpenLicence, first| {
            if first {
                drop(closed.watch.swap(None));
            }
            closed.callbacks.close();
        };
        process().licences.close(licence.addr(), close, |closed| closed.callbacks.is_idle());
    });
}

/// Sets the language of a licence's messages. By default the environment decides.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `tag`: a language tag such as "de" or "de-AT". An unsupported language means English.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or the tag isn't a string.
///
/// # Ownership
///
/// `tag` remains the caller's.
///
/// # Safety
/// `tag` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_set_language(
    licence: *const LicenceHandle,
    tag: *const c_char,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let (open, tag) = (open_licence(licence)?, str_from_c(tag, "tag")?);
            let language = Language::for_tag(tag).unwrap_or_default();
            open.language.store(Arc::new(language));
            Ok(())
        })
    }
}

/// Stores the licence in a file instead of the keyring, starting with the next request. Call it
/// when a user who has no keyring agrees to it.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_STORE_FILE_FORBIDDEN` if the product's store policy forbids files;
/// `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open.
///
/// # Ownership
///
/// The licence remains the caller's.
///
/// # Safety
/// `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_keep_in_file(
    licence: *const LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            Ok(open_licence(licence)?.licence.keep_in_file()?)
        })
    }
}

/// Checks the licence and returns a verdict. The vendor's signatures are verified with the keys
/// that are compiled in. There is always a verdict unless an argument is invalid. A keyring is
/// waited for at most ten seconds.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `verdict`: where to store the verdict.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`, whatever the verdict is; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or
/// `verdict` is NULL.
///
/// # Ownership
///
/// The caller owns `*verdict` and frees it with `latchkey_verdict_free`. It is NULL if the call
/// fails.
///
/// # Safety
/// `verdict` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_check(
    licence: *const LicenceHandle,
    verdict: *mut *mut VerdictHandle,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let store = out_ptr(verdict, "verdict")?;
            let open = open_licence(licence)?;
            store(VerdictHandle::owned(open.licence.check(), open.language()));
            Ok(())
        })
    }
}

/// Returns the verdict of the last check without checking again. It takes less than a
/// microsecond.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `verdict`: where to store the verdict.
/// - `age`: where to store the verdict's age in nanoseconds, or NULL.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_NOT_CHECKED` before the first check; `LATCHKEY_E_SDK_ARGUMENT`
/// if the licence isn't open or `verdict` is NULL.
///
/// # Ownership
///
/// The caller owns `*verdict` and frees it with `latchkey_verdict_free`. It is NULL if the call
/// fails.
///
/// # Safety
/// `verdict`, `age` and `error` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_last_verdict(
    licence: *const LicenceHandle,
    verdict: *mut *mut VerdictHandle,
    age: *mut u64,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let store = out_ptr(verdict, "verdict")?;
            let open = open_licence(licence)?;
            let last = open.licence.last_verdict().ok_or(NotChecked)?;
            if !age.is_null() {
                age.write(u64::try_from(last.age.as_nanos()).unwrap_or(u64::MAX));
            }
            store(VerdictHandle::owned(last.verdict, open.language()));
            Ok(())
        })
    }
}
