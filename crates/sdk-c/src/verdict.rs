//! The verdict's handle: what a check said, in numbers and strings that live as long as the handle.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;

use latchkey_sdk::{Kind, Language, Reason, Terms, Timestamp, Verdict};
use once_cell::race::OnceBox;

use crate::boundary::{c_string, or, text};

/// The lease runs.
pub const LATCHKEY_ACTIVE: u32 = 1;
/// The lease is over and its grace isn't: the product runs.
pub const LATCHKEY_IN_GRACE: u32 = 2;
/// Lease and grace are over.
pub const LATCHKEY_EXPIRED: u32 = 3;
/// There is no licence on this computer.
pub const LATCHKEY_NOT_ACTIVATED: u32 = 4;
/// The computer's clock doesn't go with what is known of the time. The product runs as long as the lease does by the
/// later of both; ask `latchkey_verdict_may_run`.
pub const LATCHKEY_CLOCK_SUSPECT: u32 = 5;
/// The computer has changed too much since the licence was granted.
pub const LATCHKEY_HARDWARE_CHANGED: u32 = 6;
/// The place where the licence is kept can't be used.
pub const LATCHKEY_STORE_UNAVAILABLE: u32 = 7;
/// What is kept there isn't the vendor's word to this computer, or was damaged.
pub const LATCHKEY_TAMPERED: u32 = 8;

// They stand here as literals because the header's generator doesn't calculate.
const _: () = {
    assert!(LATCHKEY_ACTIVE == Kind::Active as u32);
    assert!(LATCHKEY_IN_GRACE == Kind::InGrace as u32);
    assert!(LATCHKEY_EXPIRED == Kind::Expired as u32);
    assert!(LATCHKEY_NOT_ACTIVATED == Kind::NotActivated as u32);
    assert!(LATCHKEY_CLOCK_SUSPECT == Kind::ClockSuspect as u32);
    assert!(LATCHKEY_HARDWARE_CHANGED == Kind::HardwareChanged as u32);
    assert!(LATCHKEY_STORE_UNAVAILABLE == Kind::StoreUnavailable as u32);
    assert!(LATCHKEY_TAMPERED == Kind::Tampered as u32);
};

/// What a check said. Give it back with `latchkey_verdict_free`. Any number of threads may read it.
pub struct VerdictHandle {
    verdict: Arc<Verdict>,
    language: Language,
    /// It is shown to a callback, and isn't the callback's to give back.
    lent: bool,
    words: OnceBox<Words>,
    terms: OnceBox<TermsText>,
}

struct Words {
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
    /// One that is given back with `latchkey_verdict_free`.
    pub(crate) fn kept(verdict: Arc<Verdict>, language: Language) -> *mut Self {
        Box::into_raw(Box::new(Self { lent: false, ..Self::lent(verdict, language) }))
    }

    /// One that stays the library's.
    pub(crate) fn lent(verdict: Arc<Verdict>, language: Language) -> Self {
        let (words, terms) = (OnceBox::new(), OnceBox::new());
        Self { verdict, language, lent: true, words, terms }
    }

    /// Put into words when somebody asks for them.
    fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let said = self.verdict.explain_in(self.language);
            Box::new(Words {
                name: c_string(said.code),
                message: c_string(&said.message),
                action: c_string(&said.action),
            })
        })
    }

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

/// A look at a verdict that may be NULL.
///
/// # Safety
/// `verdict` is NULL or live.
unsafe fn look<'v, T>(
    verdict: *const VerdictHandle,
    otherwise: T,
    at: impl FnOnce(&'v VerdictHandle) -> Option<T>,
) -> T
where
    T: Copy,
{
    // SAFETY: the caller says so.
    or(otherwise, || unsafe { verdict.as_ref() }.and_then(at).unwrap_or(otherwise))
}

/// The same for what was granted.
///
/// # Safety
/// `verdict` is NULL or live.
unsafe fn granted<T: Copy>(
    verdict: *const VerdictHandle,
    otherwise: T,
    at: impl FnOnce(&Terms) -> T,
) -> T {
    // SAFETY: the caller says so.
    unsafe { look(verdict, otherwise, |handle| handle.verdict.terms().map(at)) }
}

fn unix(time: Timestamp) -> i64 {
    time.timestamp()
}

/// Which verdict it is: `LATCHKEY_ACTIVE` and so on. 0 for NULL.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_kind(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: the caller says so.
    unsafe { look(verdict, 0, |handle| Some(handle.verdict.kind() as u32)) }
}

/// Whether the product may run. False for NULL.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_may_run(verdict: *const VerdictHandle) -> bool {
    // SAFETY: the caller says so.
    unsafe { look(verdict, false, |handle| Some(handle.verdict.may_run())) }
}

/// The number of the verdict's sentence: one of the `LATCHKEY_E_…` below; for `LATCHKEY_STORE_UNAVAILABLE` and
/// `LATCHKEY_TAMPERED` that of what is wrong with the store. 0 for NULL.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_number(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: the caller says so.
    unsafe { look(verdict, 0, |handle| Some(handle.verdict.code().number)) }
}

/// The stable name of that number, such as "verdict.expired".
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_name(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe { look(verdict, ptr::null(), |handle| Some(handle.words().name.as_ptr())) }
}

/// How it stands, as a sentence for the person (UTF-8).
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_message(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe { look(verdict, ptr::null(), |handle| Some(handle.words().message.as_ptr())) }
}

/// What the person can do next (UTF-8).
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_action(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe { look(verdict, ptr::null(), |handle| Some(handle.words().action.as_ptr())) }
}

/// Why to open the wizard after this verdict: `LATCHKEY_REASON_…`.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_reason(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: the caller says so.
    unsafe { look(verdict, 0, |handle| Some(Reason::from(&*handle.verdict) as u32)) }
}

/// The seat's id, 16 hex digits; empty without a licence.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_seat(verdict: *const VerdictHandle) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe { look(verdict, ptr::null(), |handle| Some(handle.texts().seat.as_ptr())) }
}

/// The seat's name (UTF-8); may be empty.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_seat_name(
    verdict: *const VerdictHandle,
) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe { look(verdict, ptr::null(), |handle| Some(handle.texts().seat_name.as_ptr())) }
}

/// When the lease ends, in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_lease_expiry(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, |terms| unix(terms.lease_expiry)) }
}

/// When the product stops, grace included, in seconds since 1970-01-01T00:00:00Z; 0 without a licence.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_runs_until(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, |terms| unix(terms.runs_until)) }
}

/// When the subscription ends, in seconds since 1970-01-01T00:00:00Z; 0 where there is none.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_subscription_end(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, |terms| terms.subscription_end.map_or(0, unix)) }
}

/// The time that all of this was judged by, in seconds since 1970-01-01T00:00:00Z: the later of the computer's clock
/// and of what is remembered of the time; 0 without a licence.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_effective_now(verdict: *const VerdictHandle) -> i64 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, |terms| unix(terms.effective_now)) }
}

/// Days until the lease ends, as a person counts them: 30 on the first day of a lease of thirty days, 1 within its last
/// 24 hours, 0 once it is over.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_days_left(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, Terms::days_left) }
}

/// Days until the product stops, grace included, counted in the same way.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_days_until_stop(verdict: *const VerdictHandle) -> u32 {
    // SAFETY: the caller says so.
    unsafe { granted(verdict, 0, Terms::days_until_stop) }
}

/// Whether the product may run and the licence includes this feature, by its constant in the kit.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_has_feature(
    verdict: *const VerdictHandle,
    feature: u32,
) -> bool {
    // SAFETY: the caller says so.
    unsafe { look(verdict, false, |handle| Some(handle.verdict.has_feature(feature))) }
}

/// How many elements or uses the licence includes of a feature, if the product may run; 0 otherwise.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_limit(
    verdict: *const VerdictHandle,
    feature: u32,
) -> u64 {
    // SAFETY: the caller says so.
    unsafe { look(verdict, 0, |handle| Some(handle.verdict.limit(feature))) }
}

/// The value of an attribute (UTF-8), or NULL.
///
/// # Safety
/// `verdict` is NULL or live; `key` is NULL or ends with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_attribute(
    verdict: *const VerdictHandle,
    key: *const c_char,
) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe {
        look(verdict, ptr::null(), |handle| {
            let key = text(key, "key").ok()?;
            let mut all = handle.texts().attributes.iter();
            let (_, value) = all.find(|(known, _)| known.to_bytes() == key.as_bytes())?;
            Some(value.as_ptr())
        })
    }
}

/// The key of an attribute by its index, or NULL from the first index on that there isn't.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_attribute_key(
    verdict: *const VerdictHandle,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe {
        look(verdict, ptr::null(), |handle| {
            handle.texts().attributes.get(index).map(|(key, _)| key.as_ptr())
        })
    }
}

/// The name of a hardware trait that has changed ("system-disk"), or NULL from the first index on that there isn't.
///
/// # Safety
/// `verdict` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_changed_trait(
    verdict: *const VerdictHandle,
    index: usize,
) -> *const c_char {
    // SAFETY: the caller says so.
    unsafe {
        look(verdict, ptr::null(), |handle| {
            handle.texts().changed.get(index).map(|name| name.as_ptr())
        })
    }
}

/// Gives a verdict back, and its strings with it. NULL is fine, and one that a callback was called with stays as it is.
///
/// # Safety
/// `verdict` is NULL or live, and isn't used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_verdict_free(verdict: *mut VerdictHandle) {
    // SAFETY: the caller says so.
    if unsafe { verdict.as_ref() }.is_some_and(|verdict| !verdict.lent) {
        // SAFETY: it was made by `Box::into_raw` in `VerdictHandle::kept`.
        or((), || drop(unsafe { Box::from_raw(verdict) }));
    }
}
