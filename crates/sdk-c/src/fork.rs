//! Fork safety: the thread that forks holds the two locks that all licences share, so that the
//! child never inherits a lock that is held by a thread it doesn't have.

use crate::process::{PROCESS, ProcessState};
use crate::unload;

/// The state of this process, created on first use. Threads that race for it may each create one,
/// of which one is kept: no thread waits for another, which might not exist after a fork.
pub(crate) fn process() -> &'static ProcessState {
    PROCESS.get_or_init(|| {
        prepare();
        unload::prevent();
        ProcessState::new()
    })
}

/// Registers the fork handlers for the lifetime of the process. Registering them twice, as threads
/// that start at the same time do, does no harm.
#[cfg(unix)]
fn prepare() {
    // SAFETY: the functions live as long as this library: the shared one is never unloaded
    // (`nodelete`), and if the static one is part of a library that is unloaded, the C library
    // removes them with it. Without memory nothing is registered.
    unsafe {
        libc::pthread_atfork(
            Some(handlers::before),
            Some(handlers::in_parent),
            Some(handlers::in_child),
        );
    }
}

/// Other systems don't fork.
#[cfg(not(unix))]
const fn prepare() {}

#[cfg(unix)]
mod handlers {
    use std::cell::RefCell;

    use crate::process::{OpenLicence, ProcessState};
    use crate::result::catch_or;
    use crate::{callback_guard, handles};

    type Locks = (handles::Lock<'static, OpenLicence>, callback_guard::Lock<'static>);

    thread_local! {
        static LOCKS: RefCell<Option<Locks>> = const { RefCell::new(None) };
    }

    pub(super) extern "C" fn before() {
        catch_or((), || {
            if LOCKS.with_borrow(Option::is_some) {
                return;
            }
            // In the order in which closing takes them.
            let process = ProcessState::at_fork();
            let locks = (process.licences.lock(), process.callbacks.lock());
            LOCKS.set(Some(locks));
        });
    }

    pub(super) extern "C" fn in_parent() {
        catch_or((), || drop(LOCKS.take()));
    }

    pub(super) extern "C" fn in_child() {
        catch_or((), || {
            if let Some((_, mut callbacks)) = LOCKS.take() {
                callbacks.forget_other_threads();
            }
        });
    }
}
