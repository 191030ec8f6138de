//! What every C function returns and how strings are handed out: the parts of the boundary that
//! the handles of errors need as well.

use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The result of a call that can fail: `LATCHKEY_OK`, or the number of an error
/// (`LATCHKEY_E_…`).
pub type LatchkeyResult = u32;

/// Success.
pub const LATCHKEY_OK: LatchkeyResult = 0;

/// Runs an accessor, which can't report an error; if it panics, the result is `fallback`.
pub(crate) fn catch_or<T>(fallback: T, accessor: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(accessor)).unwrap_or(fallback)
}

/// Makes a string for C. It ends at the first NUL, although no string of this library has one.
pub(crate) fn c_string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}
