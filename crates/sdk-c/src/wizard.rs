//! Opening the wizard from C.

use std::ffi::c_char;
use std::path::Path;

use latchkey_sdk::{Language, Reason, open_wizard, open_wizard_in};

use crate::boundary::{ffi_call, optional_str_from_c};
use crate::error::{Argument, ErrorHandle};
use crate::result::LatchkeyResult;
use crate::unload;

/// The user wants to see the licence.
pub const LATCHKEY_REASON_ASKED: u32 = 0;
/// There is no licence, or a new one has to be requested.
pub const LATCHKEY_REASON_ACTIVATE: u32 = 1;
/// The lease has expired or is about to.
pub const LATCHKEY_REASON_REFRESH: u32 = 2;
/// The user wants to release the seat.
pub const LATCHKEY_REASON_DEACTIVATE: u32 = 3;

const _: () = {
    assert!(LATCHKEY_REASON_ASKED == Reason::Manual as u32);
    assert!(LATCHKEY_REASON_ACTIVATE == Reason::Activate as u32);
    assert!(LATCHKEY_REASON_REFRESH == Reason::Refresh as u32);
    assert!(LATCHKEY_REASON_DEACTIVATE == Reason::Deactivate as u32);
};

/// Starts the wizard and returns without waiting for it.
///
/// # Parameters
///
/// - `folder`: the path of the wizard's program, or of the folder with `latchkey-wizard` in it
///   (UTF-8), or NULL for this program's own folder. The search path isn't used.
/// - `reason`: `LATCHKEY_REASON_…`, which decides the screen that the wizard starts with.
///   `latchkey_verdict_reason` returns the reason that fits a verdict.
/// - `error`: where to store the error, or NULL.
///
/// # Returns
///
/// `LATCHKEY_OK`; `LATCHKEY_E_SDK_NO_WIZARD` if the wizard isn't found;
/// `LATCHKEY_E_SDK_WIZARD_FAILED` if it can't be started; `LATCHKEY_E_SDK_ARGUMENT` if the reason
/// is unknown.
///
/// # Ownership
///
/// `folder` remains the caller's.
///
/// # Safety
/// `folder` is NULL or ends with a NUL; `error` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open_wizard(
    folder: *const c_char,
    reason: u32,
    error: *mut *mut ErrorHandle,
) -> LatchkeyResult {
    // SAFETY: guaranteed by the caller.
    unsafe {
        ffi_call(error, Language::of_process(), || {
            let reason = match reason {
                LATCHKEY_REASON_ASKED => Reason::Manual,
                LATCHKEY_REASON_ACTIVATE => Reason::Activate,
                LATCHKEY_REASON_REFRESH => Reason::Refresh,
                LATCHKEY_REASON_DEACTIVATE => Reason::Deactivate,
                _ => return Err(Argument { name: "reason" }.into()),
            };
            unload::prevent();
            match optional_str_from_c(folder, "folder")? {
                Some(folder) => open_wizard_in(Path::new(folder), reason)?,
                None => open_wizard(reason)?,
            }
            Ok(())
        })
    }
}
