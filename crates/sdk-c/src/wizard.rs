//! Opening the wizard from C.

use std::ffi::c_char;
use std::path::Path;

use latchkey_sdk::{Language, Reason, open_wizard, open_wizard_in};

use crate::boundary::{answer, optional_text};
use crate::error::{Argument, ErrorHandle};

/// The person wants to see the licence.
pub const LATCHKEY_REASON_ASKED: u32 = 0;
/// There is no licence, or it has to be requested anew.
pub const LATCHKEY_REASON_ACTIVATE: u32 = 1;
/// The lease is over or soon will be.
pub const LATCHKEY_REASON_REFRESH: u32 = 2;
/// The person wants to give the seat back.
pub const LATCHKEY_REASON_DEACTIVATE: u32 = 3;

const _: () = {
    assert!(LATCHKEY_REASON_ASKED == Reason::Asked as u32);
    assert!(LATCHKEY_REASON_ACTIVATE == Reason::Activate as u32);
    assert!(LATCHKEY_REASON_REFRESH == Reason::Refresh as u32);
    assert!(LATCHKEY_REASON_DEACTIVATE == Reason::Deactivate as u32);
};

/// Opens the wizard in a folder (UTF-8), or, for NULL, the one beside this program; else the one on the search path.
/// It begins where the reason (`LATCHKEY_REASON_…`) is put right; `latchkey_verdict_reason` says what a verdict needs.
/// Doesn't wait for it.
///
/// # Safety
/// `folder` is NULL or ends with a NUL, `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_open_wizard(
    folder: *const c_char,
    reason: u32,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, Language::of_process(), || {
            let reason = match reason {
                LATCHKEY_REASON_ASKED => Reason::Asked,
                LATCHKEY_REASON_ACTIVATE => Reason::Activate,
                LATCHKEY_REASON_REFRESH => Reason::Refresh,
                LATCHKEY_REASON_DEACTIVATE => Reason::Deactivate,
                _ => return Err(Argument { name: "reason" }.into()),
            };
            match optional_text(folder, "folder")? {
                Some(folder) => open_wizard_in(Path::new(folder), reason)?,
                None => open_wizard(reason)?,
            }
            Ok(())
        })
    }
}
