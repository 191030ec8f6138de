//! The licence's handle: opening, asking, closing.

use std::ffi::c_char;
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use latchkey_sdk::{Language, Licence, Watch};
use once_cell::race::OnceBox;

use crate::boundary::{answer, or, place_for, text};
use crate::error::{Argument, ErrorHandle, Internal, NotChecked};
use crate::fork;
use crate::gate::{Gate, Gates};
use crate::handles::Handles;
use crate::product::{ProductDefinition, defined};
use crate::verdict::VerdictHandle;

/// A product's view of its licence. Open one and keep it; any number of threads may use it at once.
///
/// It is a number that only looks like a pointer, and none is used twice: a licence that was closed is an error
/// (`LATCHKEY_E_SDK_ARGUMENT`) in every function, and closing it again does nothing.
pub struct LicenceHandle {
    _private: (),
}

/// What a handle stands for. Every call has a share in it until it returns, whoever closes the handle meanwhile.
pub(crate) struct Opened {
    pub(crate) licence: Licence,
    language: ArcSwap<Language>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) watch: ArcSwapOption<Watch>,
}

impl Opened {
    fn new(licence: Licence) -> Self {
        Self {
            licence,
            language: ArcSwap::from_pointee(Language::of_process()),
            gate: Arc::new(Gate::new(&process().gates)),
            watch: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn language(&self) -> Language {
        **self.language.load()
    }
}

/// What all licences of a process share.
pub(crate) struct Process {
    /// The licences that are open, by the number that C has instead of a pointer.
    ///
    /// They begin above the first page: Go takes a pointer into that for a broken one.
    pub(crate) licences: Handles<Opened>,
    pub(crate) gates: Arc<Gates>,
}

/// Made when it is first asked for. Threads that do so at once may each make one, of which one counts: no thread waits
/// for another, which a fork may leave behind.
pub(crate) fn process() -> &'static Process {
    PROCESS.get_or_init(|| {
        fork::prepare();
        Process::new()
    })
}

static PROCESS: OnceBox<Process> = OnceBox::new();

impl Process {
    fn new() -> Box<Self> {
        Box::new(Self { licences: Handles::above(4096), gates: Arc::default() })
    }

    /// The same while the process forks: what is to be done then is known already, and can't be registered again.
    pub(crate) fn at_fork() -> &'static Self {
        PROCESS.get_or_init(Self::new)
    }
}

/// Gives a licence a handle.
fn handed_out(opened: Opened) -> Result<*mut LicenceHandle, Internal> {
    process().licences.give(opened).map(ptr::without_provenance_mut).ok_or(Internal)
}

/// The licence of a handle. What C passes isn't followed, so it may be anything.
pub(crate) fn opened(licence: *const LicenceHandle) -> Result<Arc<Opened>, Argument> {
    process().licences.get(licence.addr()).ok_or(Argument { name: "licence" })
}

/// What [`latchkey_close`] has closed in a callback is over when that callback is.
pub(crate) fn after_callback(licence: usize) {
    process().licences.left(licence, |closed| closed.gate.is_empty());
}

/// The language of a handle that may be none.
pub(crate) fn language_of(licence: *const LicenceHandle) -> Language {
    or(Language::default(), || {
        opened(licence).map_or_else(|_| Language::of_process(), |opened| opened.language())
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
            let give = place_for(licence, "licence")?;
            give(handed_out(Opened::new(Licence::open(&defined(product)?)?))?);
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
            let give = place_for(licence, "licence")?;
            let file = text(file, "file")?;
            let licence = Licence::open_file(&defined(product)?, Path::new(file))?;
            give(handed_out(Opened::new(licence))?);
            Ok(())
        })
    }
}

/// Closes it. NULL is fine, and so is a licence that was closed before. No callback of it begins any more; when this
/// returns, none runs any more on another thread, also when it is another thread that closes it just now. Calls that
/// other threads are in the middle of are done as usual.
///
/// A callback may close any licence. It doesn't wait for itself; and if it closes another licence whose callback waits for
/// this one in turn (A's callback closes B while B's callback closes A), the second of the two returns at once, and what
/// the first one's callback uses has to live until that returns.
#[unsafe(no_mangle)]
pub extern "C" fn latchkey_close(licence: *mut LicenceHandle) {
    or((), || {
        let close = |closed: &Opened, first| {
            if first {
                drop(closed.watch.swap(None));
            }
            closed.gate.close();
        };
        process().licences.close(licence.addr(), close, |closed| closed.gate.is_empty());
    });
}

/// Chooses the language of its sentences by a tag like "de" or "de-AT"; without it the environment does. English where a
/// language isn't spoken.
///
/// # Safety
/// `tag` is NULL or ends with a NUL, `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_set_language(
    licence: *const LicenceHandle,
    tag: *const c_char,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let (opened, tag) = (opened(licence)?, text(tag, "tag")?);
            let language = Language::for_tag(tag).unwrap_or_default();
            opened.language.store(Arc::new(language));
            Ok(())
        })
    }
}

/// Says that a person without a keyring wants the licence to be kept in a file, from the next request on. Where the
/// product's store policy forbids files it fails.
///
/// # Safety
/// `error` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_keep_in_file(
    licence: *const LicenceHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe { answer(error, language_of(licence), || Ok(opened(licence)?.licence.keep_in_file()?)) }
}

/// Asks how it stands: verifies the vendor's signatures with the compiled-in keys. There is always a verdict, unless an
/// argument is wrong; a keyring is waited for at most ten seconds. Give the verdict back with `latchkey_verdict_free`.
///
/// # Safety
/// `verdict` and `error` are NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn latchkey_check(
    licence: *const LicenceHandle,
    verdict: *mut *mut VerdictHandle,
    error: *mut *mut ErrorHandle,
) -> u32 {
    // SAFETY: the caller says so.
    unsafe {
        answer(error, language_of(licence), || {
            let give = place_for(verdict, "verdict")?;
            let opened = opened(licence)?;
            give(VerdictHandle::kept(opened.licence.check(), opened.language()));
            Ok(())
        })
    }
}

/// What the last check said, without looking at anything, and how many nanoseconds ago that was. Fails with
/// `LATCHKEY_E_SDK_NOT_CHECKED` before the first check. Takes less than a microsecond.
///
/// # Safety
/// `verdict`, `age` and `error` are NULL or may be written.
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
            let give = place_for(verdict, "verdict")?;
            let opened = opened(licence)?;
            let last = opened.licence.last_verdict().ok_or(NotChecked)?;
            if !age.is_null() {
                age.write(u64::try_from(last.age.as_nanos()).unwrap_or(u64::MAX));
            }
            give(VerdictHandle::kept(last.verdict, opened.language()));
            Ok(())
        })
    }
}
