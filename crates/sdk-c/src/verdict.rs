//! The verdict handle: the result of a check, as numbers and as strings that live as long as the
//! handle.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;

use latchkey_sdk::{Language, Reason, Terms, Timestamp, Verdict, VerdictKind};
use once_cell::race::OnceBox;

use crate::boundary::str_from_c;
use crate::result::{c_string, catch_or};

/// The lease is valid.
pub const LATCHKEY_ACTIVE: u32 = 1;
/// The lease has expired, but its grace period hasn't: the product may run.
pub const LATCHKEY_IN_GRACE: u32 = 2;
/// The lease and its grace period have expired.
pub const LATCHKEY_EXPIRED: u32 = 3;
/// There is no licence on this computer.
pub const LATCHKEY_NOT_ACTIVATED: u32 = 4;
/// The computer's clock contradicts what is known about the time. Whether the product may run is
/// decided by the later of the two times; see `latchkey_verdict_may_run`.
pub const LATCHKEY_CLOCK_SUSPECT: u32 = 5;
/// The computer's hardware has changed too much since the licence was granted.
pub const LATCHKEY_HARDWARE_CHANGED: u32 = 6;
/// The store that holds the licence can't be used.
pub const LATCHKEY_STORE_UNAVAILABLE: u32 = 7;
/// The stored licence is damaged, or wasn't issued by the vendor for this computer.
pub const LATCHKEY_TAMPERED: u32 = 8;

// They are literals because cbindgen doesn't evaluate expressions.
const _: () = {
    assert!(LATCHKEY_ACTIVE == VerdictKind::Active as u32);
    assert!(LATCHKEY_IN_GRACE == VerdictKind::InGrace as u32);
    assert!(LATCHKEY_EXPIRED == VerdictKind::Expired as u32);
    assert!(LATCHKEY_NOT_ACTIVATED == VerdictKind::NotActivated as u32);
    assert!(LATCHKEY_CLOCK_SUSPECT == VerdictKind::ClockSuspect as u32);
    assert!(LATCHKEY_HARDWARE_CHANGED == VerdictKind::HardwareChanged as u32);
    assert!(LATCHKEY_STORE_UNAVAILABLE == VerdictKind::StoreUnavailable as u32);
    assert!(LATCHKEY_TAMPERED == VerdictKind::Tampered as u32);
};

/// The result of a check. Free it with `latchkey_verdict_free`. Any number of threads may read it
/// at the same time.
pub struct VerdictHandle {
    verdict: Arc<Verdict>,
    language: Language,
    /// It was passed to a callback, which must not free it.
    borrowed: bool,
    messages: OnceBox<Messages>,
    terms: OnceBox<TermsText>,
}

struct Messages {
    name: CString,
    message: CString,
    action: CString,
}

struct TermsText {
    seat: CString,
    seat_name: CString,
    attributes: Vec<(CString, CString)>,
    changed: Vec<CString>,
}

impl VerdictHandle {
    /// A verdict that C owns and frees with `latchkey_verdict_free`.
    pub(crate) fn owned(verdict: Arc<Verdict>, language: Language) -> *mut Self {
        Box::into_raw(Box::new(Self { borrowed: false, ..Self::borrowed(verdict, language) }))
    }

    /// A verdict that remains the library's.
    pub(crate) fn borrowed(verdict: Arc<Verdict>, language: Language) -> Self {
        let (messages, terms) = (OnceBox::new(), OnceBox::new());
        Self { verdict, language, borrowed: true, messages, terms }
    }

    /// The verdict's sentences, formatted on first use.
    fn messages(&self) -> &Messages {
        self.messages.get_or_init(|| {
            let explained = self.verdict.explain_in(self.language);
            Box::new(Messages {
                name: c_string(explained.code),
                message: c_string(&explained.message),
                action: c_string(&explained.action),
            })
        })
    }

    /// The terms' strings, converted on first use.
    fn texts(&self) -> &TermsText {
        self.terms.get_or_init(|| {
            let terms = self.verdict.terms();
            let changed = match &*self.verdict {
                Verdict::HardwareChanged { changed, .. } => changed.as_slice(),
                _ => &[],
            };
            Box::new(TermsText {
                seat: c_string(&terms.map(|terms| terms.seat.to_string()).unwrap_or_default()),
                seat_name: c_string(terms.map_or("", |terms| &terms.seat_name)),
                attributes: terms
                    .map(|terms| {
                        let pair =
                            |(key, value): (&String, &String)| (c_string(key), c_string(value));
                        terms.attributes.iter().map(pair).collect()
                    })
                    .unwrap_or_default(),
                changed: changed.iter().map(|which| c_string(which.name())).collect(),
            })
        })
    }
}

/// Reads from a verdict that may be NULL.
///
/// # Safety
/// `verdict` is NULL or alive.
unsafe fn with_verdict<'v, T>(
    verdict: *const VerdictHandle,
    fallback: T,
    read: impl FnOnce(&'v VerdictHandle) -> Option<T>,
) -> T
where
    T: Copy,
{
    // SAFETY: guaranteed by the caller.
    catch_or(fallback, || unsafe { verdict.as_ref() }.and_then(read).unwrap_or(fallback))
}

/// Reads from the terms of a verdict that may be NULL.
///
/// # Safety
/// `verdict` is NULL or alive.
unsafe fn with_terms<T: Copy>(
    verdict: *const VerdictHandle,
    fallback: T,
    read: impl FnOnce(&Terms) -> T,
) -> T {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, fallback, |handle| handle.verdict.terms().map(read)) }
}

fn unix_seconds(time: Timestamp) -> i64 {
    time.timestamp()
}

/// Which verdict it is.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// `LATCHKEY_ACTIVE` or another one of those constants; 0 for NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_kind(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, 0, |handle| Some(handle.verdict.kind() as u32)) }
}

/// Whether the product may run. Decide by this function, not by the kind of verdict.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// Whether the product may run; false for NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_may_run(verdict: *const VerdictHandle) -> bool {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, false, |handle| Some(handle.verdict.may_run())) }
}

/// The number of the verdict's message.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// One of the `LATCHKEY_E_…` constants; for `LATCHKEY_STORE_UNAVAILABLE` and `LATCHKEY_TAMPERED`
/// that of the error that caused it; 0 for NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_number(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, 0, |handle| Some(handle.verdict.code().number)) }
}

/// The stable name of the number that `latchkey_verdict_number` returns.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The name, such as "verdict.expired"; NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_name(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, ptr::null(), |handle| Some(handle.messages().name.as_ptr())) }
}

/// The licence's status, as a sentence for the end user, in the licence's language.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The message (UTF-8); NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_message(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, ptr::null(), |handle| Some(handle.messages().message.as_ptr())) }
}

/// What the end user can do next, in the licence's language.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The advice (UTF-8); NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_action(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, ptr::null(), |handle| Some(handle.messages().action.as_ptr())) }
}

/// The reason to pass to `latchkey_open_wizard` after this verdict.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// One of `LATCHKEY_REASON_…`; `LATCHKEY_REASON_ASKED` for NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_reason(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, 0, |handle| Some(Reason::from(&*handle.verdict) as u32)) }
}

/// The id of the seat.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// 16 hex digits; an empty string without a licence; NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_seat(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, ptr::null(), |handle| Some(handle.texts().seat.as_ptr())) }
}

/// The name of the seat.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The name (UTF-8), which may be empty; NULL for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_seat_name(
    verdict: *const VerdictHandle,
) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, ptr::null(), |handle| Some(handle.texts().seat_name.as_ptr())) }
}

/// When the lease expires.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_lease_expiry(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, |terms| unix_seconds(terms.lease_expiry)) }
}

/// Until when the product may run, grace included.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_runs_until(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, |terms| unix_seconds(terms.runs_until)) }
}

/// When the subscription ends.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The time in seconds since 1970-01-01T00:00:00Z; 0 if the licence has no subscription end or
/// there is no licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_subscription_end(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, |terms| terms.subscription_end.map_or(0, unix_seconds)) }
}

/// The time that the verdict is based on: the later of the computer's clock and the latest time
/// that is known to have passed.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The time in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_effective_now(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, |terms| unix_seconds(terms.effective_now)) }
}

/// The days until the lease expires, as people count them.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// 30 on the first day of a lease of thirty days, 1 within its last 24 hours, 0 once it has
/// expired; 0 without a licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_days_left(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, Terms::days_left) }
}

/// The days until the product may no longer run, grace included.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
///
/// # Returns
///
/// The days, counted as by `latchkey_verdict_days_left`; 0 without a licence.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_days_until_stop(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_terms(verdict, 0, Terms::days_until_stop) }
}

/// Whether the product may run with a feature.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
/// - `feature`: the feature's number, a constant of the kit.
///
/// # Returns
///
/// Whether the product may run and its licence includes the feature; false for NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_has_feature(
    verdict: *const VerdictHandle,
    feature: u32,
) -> bool {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, false, |handle| Some(handle.verdict.has_feature(feature))) }
}

/// The limit of a feature.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
/// - `feature`: the feature's number, a constant of the kit.
///
/// # Returns
///
/// The number of elements or uses that the licence includes; 0 if the product may not run, and for
/// NULL.
///
/// # Ownership
///
/// The verdict remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_limit(
    verdict: *const VerdictHandle,
    feature: u32,
) -> u64 {
    // SAFETY: guaranteed by the caller.
    unsafe { with_verdict(verdict, 0, |handle| Some(handle.verdict.limit(feature))) }
}

/// The value of an attribute of the licence.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
/// - `key`: the attribute's key (UTF-8).
///
/// # Returns
///
/// The value (UTF-8); NULL if the licence has no such attribute, and for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is. `key` remains the caller's.
///
/// # Safety
/// `verdict` is NULL or alive; `key` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_attribute(
    verdict: *const VerdictHandle,
    key: *const c_char,
) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe {
        with_verdict(verdict, ptr::null(), |handle| {
            let key = str_from_c(key, "key").ok()?;
            let mut all = handle.texts().attributes.iter();
            let (_, value) = all.find(|(known, _)| known.to_bytes() == key.as_bytes())?;
            Some(value.as_ptr())
        })
    }
}

/// The key of one of the licence's attributes. To list them all, count the index up from 0.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
/// - `index`: the index of the attribute, counted from 0.
///
/// # Returns
///
/// The key (UTF-8); NULL if the index is out of range, and for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_attribute_key(
    verdict: *const VerdictHandle,
    index: usize,
) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe {
        with_verdict(verdict, ptr::null(), |handle| {
            handle.texts().attributes.get(index).map(|(key, _)| key.as_ptr())
        })
    }
}

/// The name of one of the hardware traits that have changed. To list them all, count the index up
/// from 0.
///
/// # Parameters
///
/// - `verdict`: a verdict, or NULL.
/// - `index`: the index of the trait, counted from 0.
///
/// # Returns
///
/// The name, such as "system-disk"; NULL if the index is out of range, and for NULL.
///
/// # Ownership
///
/// The string belongs to the verdict and is valid as long as it is.
///
/// # Safety
/// `verdict` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_changed_trait(
    verdict: *const VerdictHandle,
    index: usize,
) -> *const c_char {
    // SAFETY: guaranteed by the caller.
    unsafe {
        with_verdict(verdict, ptr::null(), |handle| {
            handle.texts().changed.get(index).map(|name| name.as_ptr())
        })
    }
}

/// Frees a verdict and its strings.
///
/// # Parameters
///
/// - `verdict`: the verdict. NULL is a no-op, and so is a verdict that was passed to a callback.
///
/// # Ownership
///
/// Takes the verdict; neither it nor its strings may be used afterwards.
///
/// # Safety
/// `verdict` is NULL or alive, and not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_free(verdict: *mut VerdictHandle) {
    // SAFETY: guaranteed by the caller.
    if unsafe { verdict.as_ref() }.is_some_and(|verdict| !verdict.borrowed) {
        // SAFETY: it was made by `Box::into_raw` in `VerdictHandle::owned`.
        catch_or((), || drop(unsafe { Box::from_raw(verdict) }));
    }
}
