//! Being told: callbacks into C, and the watch that calls them.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use latchkey_sdk::Verdict;

use crate::boundary::answer;
use crate::error::{Argument, ErrorHandle, Internal};
use crate::licence::{LicenceHandle, after_callback, language_of, opened};
use crate::verdict::VerdictHandle;

/// Is called when a check finds another verdict, or other terms, than the check before. The verdict is the library's:
/// it lives until the function returns.
pub type ChangeCallback =
    Option<unsafe extern "C" fn(user: *mut c_void, verdict: *const VerdictHandle)>;

/// What a C program wants to see again in its callback. It may come from any thread: the program says that it can.
#[derive(Clone, Copy)]
struct User(*mut c_void);

// SAFETY: `latchkey_on_change` asks its caller for a pointer that any thread may pass on; nothing here looks behind it.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    fn pointer(self) -> *mut c_void {
        self.0
    }
}

static LISTENERS: AtomicU64 = AtomicU64::new(0);

/// Has a function called whenever a check finds something else than the one before, until the licence is closed.
///
/// It is called on the thread that checks, and one call at a time for each licence: what is found while a call runs, by
/// another thread or by the callback itself, is told after that call, on its thread, and of several findings the last. A
/// callback may check and close its own licence and any other one.
///
/// # Safety
/// `error` is NULL or may be written; `callback` may be called with `user` on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_on_change(
    licence: *const LicenceHandle,
    callback: ChangeCallback,
    user: *mut c_void,
    error: *mut *mut ErrorHandle,
) -> u32 {
    let user = User(user);
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let opened = opened(licence)?;
            let callback = callback.ok_or(Argument { name: "callback" })?;
            let (gate, language) = (Arc::clone(&opened.gate), opened.language());
            let number = licence.addr();
            let listener = LISTENERS.fetch_add(1, Ordering::Relaxed);
            opened.licence.on_change(move |verdict: &Verdict| {
                let verdict = Arc::new(verdict.clone());
                let call = move || {
                    let verdict = VerdictHandle::lent(verdict, language);
                    callback(user.pointer(), &raw const verdict);
                };
                gate.through(listener, Box::new(call));
                after_callback(number);
            });
            Ok(())
        })
    }
}

/// Checks in the background every so many seconds, from now on until the licence is closed or this is called again; so
/// that callbacks come without the program asking. 0 ends it.
///
/// # Safety
/// `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_watch(
    licence: *const LicenceHandle,
    every: u32,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let opened = opened(licence)?;
            let watch = match every {
                0 => None,
                _ => {
                    let every = Duration::from_secs(every.into());
                    Some(opened.licence.watch(every).map_err(|_| Internal)?)
                }
            };
            opened.watch.store(watch.map(Arc::new));
            Ok(())
        })
    }
}
