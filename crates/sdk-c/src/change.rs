//! Being told: callbacks into C, and the watch that calls them.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_sdk::Verdict;

use crate::boundary::{answer, given};
use crate::error::{Argument, ErrorHandle, Internal};
use crate::licence::{LicenceHandle, language_of};
use crate::verdict::VerdictHandle;

/// Is called when a check finds another verdict, or other terms, than the check before. The verdict is the library's:
/// it lives until the function returns.
pub type ChangeCallback =
    Option<unsafe extern "C" fn(user: *mut c_void, verdict: *const VerdictHandle)>;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Lets callbacks through as long as the licence is open.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Passage>);

#[derive(Default)]
struct Passage {
    closed: AtomicBool,
    one_at_a_time: Mutex<()>,
}

impl Gate {
    fn through(&self, call: impl FnOnce()) {
        // A callback that checks would meet itself here.
        if INSIDE.get() {
            return;
        }
        let _alone = self.0.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.0.closed.load(Ordering::SeqCst) {
            INSIDE.set(true);
            call();
            INSIDE.set(false);
        }
    }

    /// From now on nothing gets through, and what was inside is out, unless it is this very call.
    pub(crate) fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
        if !INSIDE.get() {
            drop(self.0.one_at_a_time.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// What a C program wants to see again in its callback. It may come from any thread: the program says that it can.
struct User(*mut c_void);

// SAFETY: `latchkey_on_change` asks its caller for a pointer that any thread may pass on; nothing here looks behind it.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl User {
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

/// Has a function called whenever a check finds something else than the one before. It is called on the thread that
/// checks, one call at a time, until the licence is closed. Checks that it makes itself don't call it again.
///
/// # Safety
/// `licence` is NULL or live, `error` is NULL or may be written; `callback` may be called with `user` on any thread.
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
            let handle = given(licence, "licence")?;
            let callback = callback.ok_or(Argument { name: "callback" })?;
            let (gate, language) = (handle.gate.clone(), handle.language());
            handle.licence.on_change(move |verdict: &Verdict| {
                let verdict = VerdictHandle::new(Arc::new(verdict.clone()), language);
                gate.through(|| callback(user.pointer(), &raw const verdict));
            });
            Ok(())
        })
    }
}

/// Checks in the background every so many seconds, from now on until the licence is closed or this is called again; so
/// that callbacks come without the program asking. 0 ends it.
///
/// # Safety
/// `licence` is NULL or live, `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_watch(
    licence: *const LicenceHandle,
    every: u32,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let handle = given(licence, "licence")?;
            let watch = match every {
                0 => None,
                _ => {
                    let every = Duration::from_secs(every.into());
                    Some(handle.licence.watch(every).map_err(|_| Internal)?)
                }
            };
            *handle.watch.lock().unwrap_or_else(PoisonError::into_inner) = watch;
            Ok(())
        })
    }
}
