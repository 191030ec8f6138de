//! The synchronisation primitives of `callback_guard` and `handles`. Their test replaces this
//! module with a model.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub(crate) use std::thread;
