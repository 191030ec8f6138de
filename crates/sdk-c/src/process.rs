//! What all licences of a process share: the table of the open ones, and the guards of their
//! callbacks.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use latchkey_sdk::{Language, Licence, Watch};
use once_cell::race::OnceBox;

use crate::callback_guard::{CallbackGuard, CallbackGuards};
use crate::handles::Handles;

/// The licence that a handle stands for. Every call shares it until the call returns, even if the
/// handle is closed meanwhile.
pub(crate) struct OpenLicence {
    pub(crate) licence: Licence,
    pub(crate) language: ArcSwap<Language>,
    pub(crate) callbacks: Arc<CallbackGuard>,
    pub(crate) watch: ArcSwapOption<Watch>,
}

impl OpenLicence {
    pub(crate) fn new(licence: Licence, callbacks: &Arc<CallbackGuards>) -> Self {
        Self {
            licence,
            language: ArcSwap::from_pointee(Language::of_process()),
            callbacks: Arc::new(CallbackGuard::new(callbacks)),
            watch: ArcSwapOption::empty(),
        }
    }

    pub(crate) fn language(&self) -> Language {
        **self.language.load()
    }
}

/// What all licences of a process share.
pub(crate) struct ProcessState {
    /// The open licences, by the numbers that C gets instead of pointers.
    ///
    /// The numbers start above the first page of memory: Go treats a pointer into it as invalid.
    pub(crate) licences: Handles<OpenLicence>,
    pub(crate) callbacks: Arc<CallbackGuards>,
}

pub(crate) static PROCESS: OnceBox<ProcessState> = OnceBox::new();

impl ProcessState {
    pub(crate) fn new() -> Box<Self> {
        Box::new(Self { licences: Handles::with_numbers_above(4096), callbacks: Arc::default() })
    }

    /// The state of this process while it forks: the fork handlers are running, so they must not
    /// be registered again.
    pub(crate) fn at_fork() -> &'static Self {
        PROCESS.get_or_init(Self::new)
    }
}
