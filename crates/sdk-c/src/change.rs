//! Change notifications: callbacks into C, and the watch that triggers them.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use latchkey_sdk::Verdict;

use crate::boundary::ffi_call;
use crate::error::{Argument, ErrorHandle, Internal};
use crate::licence::{LicenceHandle, finish_closing, language_of, open_licence};
use crate::result::LatchkeyResult;
use crate::verdict::VerdictHandle;

/// A function that is called when a check finds a different verdict, or different terms, than the
/// check before it. The verdict belongs to the library and is valid until the function returns.
pub type ChangeCallback =
    Option<unsafe extern "C" fn(user: *mut c_void, verdict: *const VerdictHandle)>;

/// The caller's pointer, which is passed on to its callback.
#[derive(Clone, Copy)]
struct User(*mut c_void);

// SAFETY: `latchkey_on_change` requires a pointer that may be used on any thread; it is never
// dereferenced here.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    fn pointer(self) -> *mut c_void {
        self.0
    }
}

static LISTENERS: AtomicU64 = AtomicU64::new(0);

/// Registers a callback that runs when a check's verdict differs from the previous one. It stays
/// registered until the licence is closed.
///
/// The callback runs on the thread that checks, and at most one callback of a licence runs at a
/// time. Changes that are found meanwhile, by another thread or by the callback itself, are
/// reported after it returns, on its thread; of several changes only the last is reported. A
/// callback may check and close its own licence and any other one.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `callback`: the function to call.
/// - `user`: a pointer that is passed to the callback. May be NULL.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open or the callback is NULL.
///
/// # Ownership
///
/// `callback` and `user` remain the caller's and must stay valid until `latchkey_close` has
/// returned.
///
/// # Safety
/// `error` is NULL or writable; `callback` may be called with `user` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_on_change(
    licence: *const LicenceHandle,
    callback: ChangeCallback,
    user: *mut c_void,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    let user = User(user);
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let open = open_licence(licence)?;
            let callback = callback.ok_or(Argument { name: "callback" })?;
            let (guard, language) = (Arc::clone(&open.callbacks), open.language());
            let number = licence.addr();
            let listener = LISTENERS.fetch_add(1, Ordering::Relaxed);
            open.licence.on_change(move |verdict: &Verdict| {
                let verdict = Arc::new(verdict.clone());
                let call = move || {
                    let verdict = VerdictHandle::borrowed(verdict, language);
                    callback(user.pointer(), &raw const verdict);
                };
                guard.run(listener, Box::new(call));
                finish_closing(number);
            });
            Ok(())
        })
    }
}

/// Checks in the background at a regular interval, so that callbacks run without a call of
/// `latchkey_check`. It lasts until the licence is closed or this function is called again.
///
/// # Parameters
///
/// - `licence`: an open licence.
/// - `every`: the interval in seconds. 0 stops the background checks.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_ARGUMENT` if the licence isn't open; `LATCHKEY_E_SDK_INTERNAL`
/// if no thread can be started.
///
/// # Ownership
///
/// The licence remains the caller's.
///
/// # Safety
/// `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_watch(
    licence: *const LicenceHandle,
    every: u32,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, language_of(licence), || {
            let open = open_licence(licence)?;
            let watch = match every {
                0 => None,
                _ => {
                    let every = Duration::from_secs(every.into());
                    Some(open.licence.watch(every).map_err(|_| Internal)?)
                }
            };
            open.watch.store(watch.map(Arc::new));
            Ok(())
        })
    }
}
