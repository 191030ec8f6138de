//! What a product's process may fork with: the two locks that all licences share are held by the thread that forks, so
//! the child finds neither of them held by a thread that it doesn't have.

/// From now on, as long as the process lives. Registering twice, as threads do that begin at once, does no harm.
#[cfg(unix)]
pub(crate) fn prepare() {
    // SAFETY: the functions live as long as this library: the shared one is never unloaded (`nodelete`), and where the
    // static one is part of something that is, the C library forgets them with it. Without memory nothing is registered.
    unsafe {
        libc::pthread_atfork(Some(unix::before), Some(unix::in_parent), Some(unix::in_child));
    }
}

/// Other systems don't fork.
#[cfg(not(unix))]
pub(crate) const fn prepare() {}

#[cfg(unix)]
mod unix {
    use std::cell::RefCell;

    use crate::boundary::or;
    use crate::licence::{Opened, Process};
    use crate::{gate, handles};

    type Held = (handles::Held<'static, Opened>, gate::Held<'static>);

    thread_local! {
        static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
    }

    pub(super) extern "C" fn before() {
        or((), || {
            if HELD.with_borrow(Option::is_some) {
                return;
            }
            // In the order in which closing takes them.
            let process = Process::at_fork();
            let held = (process.licences.hold(), process.gates.hold());
            HELD.set(Some(held));
        });
    }

    pub(super) extern "C" fn in_parent() {
        or((), || drop(HELD.take()));
    }

    pub(super) extern "C" fn in_child() {
        or((), || {
            if let Some((_, mut gates)) = HELD.take() {
                gates.forget_other_threads();
            }
        });
    }
}
